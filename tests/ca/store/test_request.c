/* What is kept of registrations: in, out, found by what is known of them, erased when it is time; damage named. */
#include "tests/support/check.h"
#include "tests/support/store.h"

#include <setpki/message.h>
#include <stdio.h>

static ca_store *store;
static ca_txn *t;
static struct setpki_error err;

static int
setup(void **state)
{
	(void)state;
	memset(&err, 0, sizeof(err));
	t_store_open(&store, &t);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	t_store_close(&store, &t);
	return 0;
}

/* --- requests ---------------------------------------------------------------------------------- */

static const uint8_t spki[] = {0x30, 0x03, 1, 2, 3}, sealed[] = {9, 8, 7};

static struct ca_request_record
request(uint8_t wrapper, uint8_t lid)
{
	struct ca_request_record r = {.ca = 4,
	    .wrapper = {wrapper},
	    .lid_ca = {lid},
	    .lid_ee = {1, 2, 3},
	    .nlid_ee = 3,
	    .type = SETPKI_CARD_INITIAL_SIG,
	    .state = CA_REQUEST_PENDED,
	    .status = SETPKI_STATUS_PENDED,
	    .received_at = 1000,
	    .changed_at = 1001,
	    .language = "de-CH",
	    .name = "blinded",
	    .account_hash = {5},
	    .first_six = "412345",
	    .last_four = "0008",
	    .expiry = "203012",
	    .decider = "manual",
	    .votes = {{"anna", 7}},
	    .nvotes = 1,
	    .message = "soon",
	    .writer = 3,
	    .writer_epoch = 9,
	    .old_seq = 11,
	    .old_enc_seq = 12,
	    .sig_key = SP_BYTES(spki),
	    .sealed = SP_BYTES(sealed)};

	return r;
}

static uint64_t
add(uint8_t wrapper, uint8_t lid)
{
	struct ca_request_record r = request(wrapper, lid);

	t_ok(ca_request_add(t, &r, &err), &err);
	return r.number;
}

/* Byte strings in their own places, all else byte for byte. */
static void
same(const struct ca_request_record *got, const struct ca_request_record *want)
{
	struct ca_request_record a = *got, b = *want;

	t_bytes(a.sig_key, b.sig_key);
	t_bytes(a.enc_key, b.enc_key);
	t_bytes(a.sealed, b.sealed);
	a.sig_key = a.enc_key = a.sealed = b.sig_key = b.enc_key = b.sealed = (setpki_bytes){NULL, 0};
	assert_memory_equal(&a, &b, sizeof(a));
}

static void
requests_come_back(void **state)
{
	struct ca_request_record want = request(1, 1), got;

	(void)state;
	t_ok(ca_request_add(t, &want, &err), &err);
	assert_int_equal(want.number, 1);
	t_ok(ca_request_get(t, 1, &got, &err), &err);
	same(&got, &want);
	ca_request_record_free(&got);
	t_ok(ca_request_by_wrapper(t, want.wrapper, &got, &err), &err);
	same(&got, &want);
	ca_request_record_free(&got);
	t_refused(ca_request_get(t, 2, &got, &err), SETPKI_E_NOTFOUND, "no request number 2", &err);
	t_refused(ca_request_by_wrapper(t, want.account_hash, &got, &err), SETPKI_E_NOTFOUND,
	    "no request of this wrapper", &err);
}

static void
a_wrapper_is_recorded_once(void **state)
{
	struct ca_request_record r = request(1, 2);

	(void)state;
	assert_int_equal(add(1, 1), 1);
	t_refused(ca_request_add(t, &r, &err), SETPKI_E_CONFLICT, "recorded before", &err);
	assert_int_equal(add(2, 1), 2);
}

static void
records_that_are_none_are_refused(void **state)
{
	struct ca_request_record r = request(1, 1);

	(void)state;
	r.nlid_ee = 0;
	t_refused(ca_request_add(t, &r, &err), SETPKI_E_ARGUMENT, "lid-EE", &err);
	r = request(1, 1);
	r.nvotes = CA_REQUEST_VOTES + 1;
	t_refused(ca_request_add(t, &r, &err), SETPKI_E_ARGUMENT, "record", &err);
	r = request(1, 1);
	r.sig_key.n = SP_SPKI_MAX + 1;
	t_refused(ca_request_add(t, &r, &err), SETPKI_E_LIMIT, "cannot be stored", &err);
	r = request(1, 1);
	r.number = 5;
	t_refused(ca_request_put(t, &r, &err), SETPKI_E_NOTFOUND, "number 5", &err);
	t_ok(ca_request_add(t, &r, &err), &err);
	r.lid_ca[0] = 2;
	t_refused(ca_request_put(t, &r, &err), SETPKI_E_ARGUMENT, "keeps its wrapper and lid-CA", &err);
}

static enum setpki_code
list(void *arg, const struct ca_request_record *rec, struct setpki_error *e)
{
	struct sp_buf *out = arg;

	(void)e;
	sp_buf_printf(out, "%llu ", (unsigned long long)rec->number);
	return out->n >= 10 ? SETPKI_E_STATE : SETPKI_E_OK;
}

static void
in_state(enum ca_request_state state, uint64_t from, const char *want)
{
	struct sp_buf b = {0};

	t_ok(ca_request_each(t, state, from, list, &b, &err), &err);
	t_bytes(sp_buf_bytes(&b), sp_bytes_str(want));
	sp_buf_free(&b);
}

static void
by_lid(uint8_t lid, const char *want)
{
	uint8_t lid_ca[CA_LID_CA] = {lid};
	struct sp_buf b = {0};

	t_ok(ca_request_by_lid(t, lid_ca, list, &b, &err), &err);
	t_bytes(sp_buf_bytes(&b), sp_bytes_str(want));
	sp_buf_free(&b);
}

static void
requests_are_found_by_what_they_are(void **state)
{
	struct ca_request_record r;
	uint64_t n;

	(void)state;
	by_lid(1, "");
	for (uint8_t i = 1; i <= 6; i++)
		(void)add(i, i % 2);
	by_lid(1, "5 3 1 ");
	by_lid(0, "6 4 2 ");
	by_lid(2, "");
	in_state(CA_REQUEST_STATES, 0, "1 2 3 4 5 ");
	in_state(CA_REQUEST_STATES, 4, "4 5 6 ");
	in_state(CA_REQUEST_PENDED, 5, "5 6 ");
	in_state(CA_REQUEST_APPROVED, 0, "");
	t_ok(ca_request_get(t, 5, &r, &err), &err);
	r.state = CA_REQUEST_APPROVED;
	t_ok(ca_request_put(t, &r, &err), &err);
	ca_request_record_free(&r);
	in_state(CA_REQUEST_PENDED, 4, "4 6 ");
	in_state(CA_REQUEST_APPROVED, 0, "5 ");
	t_ok(ca_request_count(t, CA_REQUEST_PENDED, &n, &err), &err);
	assert_int_equal(n, 5);
	t_ok(ca_txn_commit(t, &err), &err);
	t_ok(ca_txn_begin(store, false, &t, &err), &err);
	in_state(CA_REQUEST_APPROVED, 0, "5 ");
	by_lid(1, "5 3 1 ");
}

/* From row to column: '1' in one step, 'l' only by way of another state, '.' never. */
static void
requests_go_on_and_never_back(void **state)
{
	static const char *const table[CA_REQUEST_STATES] = {
	    "111111", ".11l1l", "..1111", "...1..", "....1.", ".....1"};
	struct ca_request_record r;
	uint8_t wrapper = 0;

	(void)state;
	for (int from = 0; from < CA_REQUEST_STATES; from++)
		for (int to = 0; to < CA_REQUEST_STATES; to++) {
			r = request(++wrapper, 1);
			r.state = (enum ca_request_state)from;
			t_ok(ca_request_add(t, &r, &err), &err);
			r.state = (enum ca_request_state)to;
			if (table[from][to] == '1')
				t_ok(ca_request_put(t, &r, &err), &err);
			else
				t_refused(ca_request_put(t, &r, &err), SETPKI_E_STATE, "and stays so", &err);
			assert_int_equal(
			    ca_request_may_become((enum ca_request_state)from, r.state, true), table[from][to] != '.');
		}
}

/* --- answers ----------------------------------------------------------------------------------- */

static const uint8_t body[] = "the answer";

static struct ca_kept_record
answer(uint8_t wrapper, uint8_t rrpid, uint8_t key, int64_t expires)
{
	return (struct ca_kept_record){
	    .wrapper = {wrapper}, .rrpid = {rrpid}, .key = {key}, .expires = expires, .answer = SP_BYTES(body)};
}

static void
answers_come_back(void **state)
{
	struct ca_kept_record want = answer(1, 2, 3, 5000), got;
	uint8_t wrapper[32];

	(void)state;
	t_refused(ca_kept_look(t, want.wrapper, &got, &err), SETPKI_E_NOTFOUND, "no answer is kept", &err);
	t_refused(ca_rrpid_get(t, want.rrpid, want.key, wrapper, &err), SETPKI_E_NOTFOUND, "not used", &err);
	t_ok(ca_kept_put(t, &want, &err), &err);
	t_ok(ca_kept_look(t, want.wrapper, &got, &err), &err);
	t_bytes(got.answer, want.answer);
	assert_int_equal(got.expires, 5000);
	t_ok(ca_rrpid_get(t, want.rrpid, want.key, wrapper, &err), &err);
	assert_memory_equal(wrapper, want.wrapper, sizeof(wrapper));
}

static void
an_rrpid_is_used_once_with_a_key(void **state)
{
	struct ca_kept_record r = answer(1, 2, 3, 5000);

	(void)state;
	t_ok(ca_kept_put(t, &r, &err), &err);
	r = answer(2, 2, 3, 5000);
	t_refused(ca_kept_put(t, &r, &err), SETPKI_E_CONFLICT, "used with this key", &err);
	r = answer(1, 4, 3, 5000);
	t_refused(ca_kept_put(t, &r, &err), SETPKI_E_CONFLICT, "answered before", &err);
	r = answer(2, 2, 4, 5000); /* another key may */
	t_ok(ca_kept_put(t, &r, &err), &err);
	r.answer.n = SP_MESSAGE_MAX + 1;
	t_refused(ca_kept_put(t, &r, &err), SETPKI_E_LIMIT, "can be kept", &err);
}

static void
what_is_due_comes_earliest_first(void **state)
{
	struct ca_kept_record a = answer(1, 1, 1, 300), gone;
	struct ca_request_record r = request(1, 1);
	struct ca_due due;
	uint8_t wrapper[32];

	(void)state;
	t_refused(ca_due_first(t, 1000, &due, &err), SETPKI_E_NOTFOUND, "nothing", &err);
	t_ok(ca_kept_put(t, &a, &err), &err);
	t_ok(ca_request_add(t, &r, &err), &err); /* not decided: nothing of it goes */
	r.erase_at = 200;
	t_ok(ca_request_put(t, &r, &err), &err);
	t_refused(ca_due_first(t, 199, &due, &err), SETPKI_E_NOTFOUND, "nothing", &err);
	t_ok(ca_due_first(t, 200, &due, &err), &err);
	assert_int_equal(due.number, r.number);
	assert_int_equal(due.at, 200);
	r.erase_at = 0;
	r.sealed = (setpki_bytes){NULL, 0};
	t_ok(ca_request_put(t, &r, &err), &err);
	t_ok(ca_due_first(t, 1000, &due, &err), &err);
	assert_int_equal(due.number, 0);
	assert_memory_equal(due.wrapper, a.wrapper, sizeof(due.wrapper));
	t_ok(ca_kept_del(t, due.wrapper, &err), &err);
	t_refused(ca_kept_look(t, a.wrapper, &gone, &err), SETPKI_E_NOTFOUND, "no answer", &err);
	t_refused(ca_kept_del(t, a.wrapper, &err), SETPKI_E_NOTFOUND, "no answer", &err);
	t_refused(ca_rrpid_get(t, a.rrpid, a.key, wrapper, &err), SETPKI_E_NOTFOUND, "not used", &err);
	t_refused(ca_due_first(t, INT64_MAX, &due, &err), SETPKI_E_NOTFOUND, "nothing", &err);
}

/* --- damage ------------------------------------------------------------------------------------ */

/* Writes an entry as no code of ours would. */
static void
spoil(enum ca_db db, const void *key, size_t nkey, const void *value, size_t n)
{
	struct ca_dbkey k;

	ca_key_start(&k);
	ca_key_raw(&k, key, nkey);
	t_ok(ca_db_put(t, db, &k, sp_bytes(value, n), 0, &err), &err);
}

static void
damage_is_named(void **state)
{
	static const uint8_t one[8] = {0, 0, 0, 0, 0, 0, 0, 1}, two[8] = {0, 0, 0, 0, 0, 0, 0, 2};
	uint8_t wrapper[32] = {1}, other[32] = {7}, pair[52] = {8}, state_two[9] = {CA_REQUEST_PENDED};
	struct ca_kept_record a;
	struct ca_request_record r;
	struct ca_due due;
	struct sp_buf b = {0};

	(void)state;
	(void)add(1, 1);
	spoil(CA_DB_REQUEST_BY_WRAPPER, other, sizeof(other), two, sizeof(two));
	t_refused(
	    ca_request_by_wrapper(t, other, &r, &err), SETPKI_E_STORE, "points to a request that is not there", &err);
	spoil(CA_DB_REQUEST_BY_WRAPPER, other, sizeof(other), two, 3);
	t_refused(ca_request_by_wrapper(t, other, &r, &err), SETPKI_E_STORE, "not an entry of this index", &err);
	memcpy(state_two + 1, two, sizeof(two));
	spoil(CA_DB_REQUEST_BY_STATE, state_two, sizeof(state_two), NULL, 0);
	t_refused(ca_request_each(t, CA_REQUEST_PENDED, 0, list, &b, &err), SETPKI_E_STORE, "not there", &err);
	spoil(CA_DB_REQUEST, one, sizeof(one), "x", 1);
	t_refused(ca_request_get(t, 1, &r, &err), SETPKI_E_STORE, "not a record of a request", &err);
	t_refused(ca_request_by_wrapper(t, wrapper, &r, &err), SETPKI_E_STORE, "not a record of a request", &err);
	spoil(CA_DB_KEPT, wrapper, sizeof(wrapper), "x", 1);
	t_refused(ca_kept_look(t, wrapper, &a, &err), SETPKI_E_STORE, "not a record of an answer", &err);
	spoil(CA_DB_RRPID, pair, sizeof(pair), "x", 1);
	t_refused(ca_rrpid_get(t, pair, pair + SP_NONCE_LEN, other, &err), SETPKI_E_STORE, "not an entry", &err);
	spoil(CA_DB_DUE, "x", 1, NULL, 0);
	t_refused(ca_due_first(t, 0, &due, &err), SETPKI_E_STORE, "not an entry", &err);
	t_refused(ca_txn_commit(t, &err), SETPKI_E_STORE, "nothing was changed", &err);
	t = NULL;
	sp_buf_free(&b);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    TEST(requests_come_back),
	    TEST(a_wrapper_is_recorded_once),
	    TEST(records_that_are_none_are_refused),
	    TEST(requests_are_found_by_what_they_are),
	    TEST(requests_go_on_and_never_back),
	    TEST(answers_come_back),
	    TEST(an_rrpid_is_used_once_with_a_key),
	    TEST(what_is_due_comes_earliest_first),
	    TEST(damage_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
