/* What is kept of registrations, and for how long: the same message gets the same answer, first contacts leave nothing,
 * secrets go when it is time, and card numbers are nowhere. */
#include "ca/issue/hold.h"
#include "ca/register/desk.h"
#include "ca/register/private.h"
#include "ca/store/private.h"
#include "lib/message/wire.h"
#include "tests/support/check.h"
#include "tests/support/enrollee.h"
#include "tests/support/home.h"
#include "tests/support/scratch.h"

#include <stdio.h>

#define ASK(...) (&(const struct setpki_enroll_ask){__VA_ARGS__})
#define DAY INT64_C(86400)
#define LISTED "4123450000000016"

static struct t_registry r;
static struct t_enrollee p;
static struct setpki_error err;

static int
start(void **state)
{
	(void)state;
	t_registry_start(&r, "kept", "policies/demo.yaml", NULL);
	t_list_card(r.home, LISTED, T_EXPIRY, false);
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	t_registry_end(&r);
	return 0;
}

static int
close_party(void **state)
{
	(void)state;
	t_enrollee_close(&p);
	memset(&err, 0, sizeof(err));
	return 0;
}

static void
tick(void)
{
	t_ok(ca_register_tick(r.reg, r.now, &err), &err);
}

/* Everything that the store holds. */
static void
dump(struct sp_buf *out)
{
	MDB_cursor *c;
	MDB_txn *txn;
	MDB_val k, v;

	sp_buf_reset(out);
	assert_int_equal(mdb_txn_begin(r.home->store->env, NULL, MDB_RDONLY, &txn), 0);
	for (size_t i = 0; i < CA_DB_N; i++) {
		assert_int_equal(mdb_cursor_open(txn, r.home->store->db[i], &c), 0);
		while (mdb_cursor_get(c, &k, &v, MDB_NEXT) == 0) {
			sp_buf_add(out, k.mv_data, k.mv_size);
			sp_buf_add(out, v.mv_data, v.mv_size);
		}
		mdb_cursor_close(c);
	}
	mdb_txn_abort(txn);
	assert_false(out->failed);
}

static void
post(setpki_bytes wrapper, struct setpki_der *answer)
{
	t_ok(ca_register_answer(r.reg, wrapper, r.now, answer, &r.note, &err), &err);
}

/* --- before trust ------------------------------------------------------------------------------- */

static void
first_contacts_store_nothing(void **state)
{
	struct sp_buf before = {0}, after = {0};

	(void)state;
	dump(&before);
	t_enrollee_open(&p, &r, ASK(.type = SETPKI_CARD_INITIAL_SIG));
	t_enrollee_until_cert_req(&p);
	assert_int_equal(p.posts, 2);
	t_enrollee_close(&p);
	t_enrollee_open(&p, &r, ASK(.type = SETPKI_MER_INITIAL_BOTH));
	t_enrollee_until_cert_req(&p);
	tick();
	dump(&after);
	t_bytes(sp_buf_bytes(&after), sp_buf_bytes(&before));
	sp_buf_free(&before);
	sp_buf_free(&after);
}

/* --- the same message, the same answer ---------------------------------------------------------- */

static void
repeated(setpki_bytes wrapper, const struct setpki_der *first)
{
	struct setpki_der again;

	post(wrapper, &again);
	assert_true(r.note.repeated);
	t_bytes(sp_bytes(again.p, again.n), sp_bytes(first->p, first->n));
	setpki_der_free(&again);
}

static void
the_same_message_gets_the_same_answer(void **state)
{
	struct setpki_der first, late;
	int64_t then = r.now;

	(void)state;
	t_enrollee_open(&p, &r, ASK(.type = SETPKI_CARD_INITIAL_SIG, .pan = LISTED));
	t_enrollee_until_cert_req(&p);
	post(setpki_enroll_request(p.e), &first);
	assert_false(r.note.repeated);
	assert_int_equal(r.note.status, SETPKI_STATUS_COMPLETE);
	repeated(setpki_enroll_request(p.e), &first);
	t_registry_restart(&r);
	repeated(setpki_enroll_request(p.e), &first);
	r.now = then + DAY; /* the last moment at which it can come again */
	tick();
	repeated(setpki_enroll_request(p.e), &first);
	r.now = then + DAY + 3600;
	tick();
	post(setpki_enroll_request(p.e), &late);
	assert_int_equal(r.note.error, SETPKI_ERR_MESSAGE_TOO_OLD);
	setpki_der_free(&late);
	setpki_der_free(&first);
}

/* A wrapper's RRPID. */
static void
rrpid_of(setpki_bytes wrapper, uint8_t out[SETPKI_NONCE_LEN])
{
	struct sp_fault fault = {0};
	struct sp_incoming in;

	assert_int_equal(sp_wire_read(wrapper, r.now, &in, &fault), SETPKI_E_OK);
	memcpy(out, in.rrpid.p, SETPKI_NONCE_LEN);
	sp_incoming_free(&in);
}

static void
an_rrpid_is_used_once_with_a_key(void **state)
{
	uint8_t rrpid[SETPKI_NONCE_LEN], wrapper[32], key[32], other[32] = {1};
	struct sp_buf spki = {0};

	(void)state;
	t_enrollee_open(&p, &r, ASK(.type = SETPKI_CARD_INITIAL_SIG));
	t_enrollee_until_cert_req(&p);
	t_enrollee_post(&p);
	rrpid_of(p.sent, rrpid);
	t_ok(sp_spki_from_pkey(p.ask.sig_key, &spki, &err), &err);
	t_ok(sp_sha256(t_ctx(), sp_buf_bytes(&spki), key, &err), &err);
	t_ok(sp_sha256(t_ctx(), p.sent, wrapper, &err), &err);
	t_ok(ca_reg_rrpid(r.reg, rrpid, key, wrapper, &err), &err);
	t_code(ca_reg_rrpid(r.reg, rrpid, key, other, &err), SETPKI_E_CONFLICT, &err);
	setpki_error_clear(&err);
	t_ok(ca_reg_rrpid(r.reg, rrpid, other, other, &err), &err);
	sp_buf_free(&spki);
}

/* --- erasing ------------------------------------------------------------------------------------ */

/* An inquiry, as if the session had not heard the answer yet. */
static void
inquiry_is_unknown(struct t_enrollee *e)
{
	struct setpki_der answer;

	t_ok(setpki_enroll_inquire(e->e, r.now, &err), &err);
	post(setpki_enroll_request(e->e), &answer);
	assert_int_equal(r.note.error, SETPKI_ERR_UNKNOWN_LID);
	setpki_der_free(&answer);
}

static void
secrets_go_after_the_final_state(void **state)
{
	struct ca_desk_parts parts;
	struct ca_request_record rec;
	uint8_t key[32];
	int64_t then = r.now;

	(void)state;
	t_enrollee_open(&p, &r, ASK(.type = SETPKI_CARD_INITIAL_SIG));
	p.answers[0] = "Alice 4123 4500 0000 0008"; /* which is not kept, sealed or not */
	t_enrollee_until_cert_req(&p);
	t_enrollee_post(&p);
	rec = t_enrollee_request(&p);
	r.now = then + 20 * DAY; /* it waits as long as it takes */
	tick();
	t_ok(ca_desk_reject(r.home, rec.number, "anna", SETPKI_STATUS_NONE, NULL, NULL, &err), &err);
	ca_request_record_free(&rec);
	r.now = then + 50 * DAY - 1; /* 30 days from then: desk.keep */
	tick();
	rec = t_enrollee_request(&p);
	t_ok(ca_desk_key(r.home, key, &err), &err);
	t_ok(ca_desk_unseal(t_ctx(), key, &rec, &parts, &err), &err);
	assert_int_equal(parts.nanswers, 2);
	assert_string_equal(parts.answers[0].value, "Alice 4123 45** **** 0008");
	assert_int_equal(parts.back_key.n, 32);
	ca_desk_parts_free(&parts);
	ca_request_record_free(&rec);
	r.now = then + 50 * DAY;
	tick();
	rec = t_enrollee_request(&p);
	assert_int_equal(rec.sealed.n, 0);
	assert_int_equal(rec.erase_at, 0);
	assert_int_equal(rec.state, CA_REQUEST_REJECTED);
	assert_string_equal(rec.first_six, "412345");
	t_code(ca_desk_unseal(t_ctx(), key, &rec, &parts, &err), SETPKI_E_NOTFOUND, &err);
	setpki_error_clear(&err);
	ca_request_record_free(&rec);
	inquiry_is_unknown(&p);
}

/* As much is erased as a busy second may have brought. */
static void
erasing_keeps_up(void **state)
{
	struct ca_kept_record kept = {.expires = r.now, .answer = sp_bytes_str("answer")};
	struct ca_due due;
	ca_txn *t;

	(void)state;
	t_ok(ca_txn_begin(r.home->store, true, &t, &err), &err);
	for (unsigned i = 0; i < 1000; i++) {
		memcpy(kept.wrapper, &i, sizeof(i));
		memcpy(kept.rrpid, &i, sizeof(i));
		t_ok(ca_kept_put(t, &kept, &err), &err);
	}
	t_ok(ca_txn_commit(t, &err), &err);
	tick();
	t_ok(ca_txn_begin(r.home->store, false, &t, &err), &err);
	t_code(ca_due_first(t, r.now, &due, &err), SETPKI_E_NOTFOUND, &err);
	ca_txn_abort(t);
}

/* An entry for what is not there keeps what stands behind it from being erased: the process ends, and says why. */
static void
a_damaged_index_is_no_small_matter(void **state)
{
	struct ca_due due = {.at = r.now, .wrapper = {0xda}};
	ca_txn *t;

	(void)state;
	for (int answers = 0; answers < 2; answers++) {
		due.number = answers ? 0 : 4711;
		t_ok(ca_txn_begin(r.home->store, true, &t, &err), &err);
		t_ok(ca_due_put(t, &due, &err), &err);
		t_ok(ca_txn_commit(t, &err), &err);
		t_refused(ca_register_tick(r.reg, r.now, &err), SETPKI_E_STORE, "what it points to is not there", &err);
		t_ok(ca_txn_begin(r.home->store, true, &t, &err), &err);
		t_ok(ca_due_del(t, &due, &err), &err);
		t_ok(ca_txn_commit(t, &err), &err);
	}
}

/* Parts of one request are not another one's, and need the secret that they were sealed under. */
static void
seals_are_of_one_request_and_one_home(void **state)
{
	struct ca_desk_parts parts;
	struct ca_request_record rec;
	uint8_t key[32];

	(void)state;
	t_enrollee_open(&p, &r, ASK(.type = SETPKI_CARD_INITIAL_SIG));
	t_enrollee_until_cert_req(&p);
	t_enrollee_post(&p);
	rec = t_enrollee_request(&p);
	t_ok(ca_desk_key(r.home, key, &err), &err);
	rec.wrapper[0] ^= 1;
	t_code(ca_desk_unseal(t_ctx(), key, &rec, &parts, &err), SETPKI_E_STATE, &err);
	setpki_error_clear(&err);
	rec.wrapper[0] ^= 1;
	key[0] ^= 1;
	t_code(ca_desk_unseal(t_ctx(), key, &rec, &parts, &err), SETPKI_E_STATE, &err);
	assert_non_null(strstr(err.message, "sealing.secret"));
	setpki_error_clear(&err);
	key[0] ^= 1;
	for (size_t n = 0; n < rec.sealed.n; n += 1 + rec.sealed.n / 50) {
		struct ca_request_record cut = rec;

		cut.sealed.n = n;
		t_code(ca_desk_unseal(t_ctx(), key, &cut, &parts, &err), n == 0 ? SETPKI_E_NOTFOUND : SETPKI_E_STATE,
		    &err);
		setpki_error_clear(&err);
	}
	t_ok(ca_desk_unseal(t_ctx(), key, &rec, &parts, &err), &err);
	ca_desk_parts_free(&parts);
	ca_request_record_free(&rec);
}

/* --- a hold ------------------------------------------------------------------------------------- */

static void
on_hold_what_is_accepted_waits(void **state)
{
	struct ca_request_record rec;

	(void)state;
	t_ok(ca_hold(r.home, "test", NULL, &err), &err);
	t_enrollee_open(&p, &r, ASK(.type = SETPKI_CARD_INITIAL_SIG, .pan = LISTED));
	assert_int_equal(t_enrollee_run(&p), SETPKI_ENROLL_WAIT);
	assert_int_equal(t_enrollee_status(&p), SETPKI_STATUS_IN_PROGRESS);
	tick();
	rec = t_enrollee_request(&p);
	assert_int_equal(rec.state, CA_REQUEST_APPROVED);
	assert_string_equal(rec.decider, "accounts");
	ca_request_record_free(&rec);
	t_ok(ca_release(r.home, &(struct ca_hold){0}, &err), &err);
	tick();
	assert_int_equal(t_enrollee_inquire(&p), SETPKI_ENROLL_DONE);
}

/* --- room ----------------------------------------------------------------------------------------- */

/* Below the low-water mark what room is left is for revocation and publication: nothing new is taken in, and what was
 * is answered still. */
static void
without_room_nothing_new_is_kept(void **state)
{
	struct sp_buf before = {0}, after = {0};
	struct setpki_der first, answer;
	struct t_enrollee late;
	uint64_t mark = r.home->store->plan.low_water;

	(void)state;
	t_enrollee_open(&p, &r, ASK(.type = SETPKI_CARD_INITIAL_SIG));
	t_enrollee_until_cert_req(&p);
	post(setpki_enroll_request(p.e), &first);
	t_enrollee_open(&late, &r, ASK(.type = SETPKI_CARD_INITIAL_SIG));
	t_enrollee_until_cert_req(&late);
	r.home->store->plan.low_water = (size_t)1 << 60;
	dump(&before);
	t_code(ca_register_answer(r.reg, setpki_enroll_request(late.e), r.now, &answer, &r.note, &err), SETPKI_E_STATE,
	    &err);
	assert_non_null(strstr(err.message, "make room"));
	setpki_error_clear(&err);
	repeated(setpki_enroll_request(p.e), &first);
	dump(&after);
	t_bytes(sp_buf_bytes(&after), sp_buf_bytes(&before));
	r.home->store->plan.low_water = mark;
	post(setpki_enroll_request(late.e), &answer);
	assert_int_equal(r.note.status, SETPKI_STATUS_PENDED);
	setpki_der_free(&answer);
	setpki_der_free(&first);
	t_enrollee_close(&late);
	sp_buf_free(&before);
	sp_buf_free(&after);
}

/* --- several at one home ------------------------------------------------------------------------ */

/* Another process of the authority is there: what the first one pended the second one tells of. */
static void
processes_see_what_others_did(void **state)
{
	struct ca_request_record rec;

	(void)state;
	t_enrollee_open(&p, &r, ASK(.type = SETPKI_CARD_INITIAL_SIG));
	assert_int_equal(t_enrollee_run(&p), SETPKI_ENROLL_WAIT);
	rec = t_enrollee_request(&p);
	t_ok(ca_desk_approve(r.home, rec.number, "anna", NULL, &err), &err);
	t_ok(ca_desk_issue(r.home, rec.number, NULL, NULL, NULL, &err), &err);
	ca_request_record_free(&rec);
	assert_int_equal(t_enrollee_inquire(&p), SETPKI_ENROLL_DONE);
}

/* --- card numbers ------------------------------------------------------------------------------- */

/* Typed where they belong and where they do not. */
static void
no_card_number_is_kept(void **state)
{
	static const char typed[] = "4123450000099975";
	setpki_bytes data;

	(void)state;
	t_enrollee_open(&p, &r, ASK(.type = SETPKI_CARD_INITIAL_SIG));
	p.answers[0] = typed;
	assert_int_equal(t_enrollee_run(&p), SETPKI_ENROLL_WAIT);
	t_enrollee_close(&p);
	t_enrollee_open(&p, &r, ASK(.type = SETPKI_MER_INITIAL_SIG, .id = typed));
	assert_int_equal(t_enrollee_run(&p), SETPKI_ENROLL_WAIT);
	data = scratch_read(scratch_path("kept/store/data.mdb"));
	assert_null(memmem(data.p, data.n, T_PAN, strlen(T_PAN)));
	assert_null(memmem(data.p, data.n, LISTED, strlen(LISTED)));
	assert_null(memmem(data.p, data.n, typed, strlen(typed)));
}

/* --- challenges --------------------------------------------------------------------------------- */

/* A key lives a week, and another one in which what was given out with it still counts. */
static void
challenge_keys_rotate(void **state)
{
	uint8_t first[32], second[32], key[32], id = 0, first_id, second_id;
	struct t_registry whole = r;
	int64_t then = T_NOW;

	(void)state;
	t_registry_start(&r, "challenges", "policies/demo.yaml", NULL);
	t_ok(ca_reg_challenge_key(r.reg, &id, first, &err), &err);
	first_id = id;
	assert_true(id != 0);
	t_registry_restart(&r);
	t_ok(ca_reg_challenge_key(r.reg, &id, key, &err), &err);
	assert_memory_equal(key, first, sizeof(key));
	r.home->now = then + SP_CHALLENGE_KEY_S;
	t_ok(ca_reg_challenge_key(r.reg, &id, key, &err), &err);
	assert_memory_equal(key, first, sizeof(key));
	id = 0;
	t_ok(ca_reg_challenge_key(r.reg, &id, second, &err), &err);
	second_id = id;
	assert_int_not_equal(second_id, first_id);
	assert_memory_not_equal(second, first, sizeof(key));
	r.home->now = then + 2 * SP_CHALLENGE_KEY_S;
	t_code(ca_reg_challenge_key(r.reg, &first_id, key, &err), SETPKI_E_NOTFOUND, &err);
	setpki_error_clear(&err);
	t_ok(ca_reg_challenge_key(r.reg, &second_id, key, &err), &err);
	assert_memory_equal(key, second, sizeof(key));
	/* one that was never made is not made for whoever asks */
	r.home->now = then + 20 * SP_CHALLENGE_KEY_S;
	id = (uint8_t)(1 + (r.home->now / SP_CHALLENGE_KEY_S - 1) % 255);
	t_code(ca_reg_challenge_key(r.reg, &id, key, &err), SETPKI_E_NOTFOUND, &err);
	setpki_error_clear(&err);
	/* and what is too old is removed */
	r.now = r.home->now;
	tick();
	assert_false(scratch_exists(
	    scratch_path("challenges/keys/challenge-%lld.secret", (long long)(then / SP_CHALLENGE_KEY_S))));
	t_registry_stop(&r);
	r = whole;
}

#define TEST(f) cmocka_unit_test_teardown(f, close_party)

int
main(void)
{
	/* in the order of their times: the log knows no way back */
	static const struct CMUnitTest tests[] = {
	    TEST(first_contacts_store_nothing),
	    TEST(an_rrpid_is_used_once_with_a_key),
	    TEST(erasing_keeps_up),
	    TEST(a_damaged_index_is_no_small_matter),
	    TEST(seals_are_of_one_request_and_one_home),
	    TEST(on_hold_what_is_accepted_waits),
	    TEST(without_room_nothing_new_is_kept),
	    TEST(processes_see_what_others_did),
	    TEST(no_card_number_is_kept),
	    TEST(the_same_message_gets_the_same_answer),
	    TEST(secrets_go_after_the_final_state),
	    TEST(challenge_keys_rotate),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
