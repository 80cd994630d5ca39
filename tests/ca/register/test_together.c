/* Several messages at once: decided and recorded together, each answered as it would have been alone; and cut off at
 * any call. */
#include "ca/audit/audit.h"
#include "lib/message/enroll.h"
#include "tests/ca/register/faults.h"
#include "tests/support/check.h"
#include "tests/support/enrollee.h"
#include "tests/support/fault.h"
#include "tests/support/home.h"

#include <openssl/crypto.h>
#include <stdio.h>

#define MOST (SP_DESK_TOGETHER_MAX + 4)

/* --- wallets ------------------------------------------------------------------------------------- */

/* A wallet whose RRPIDs are not new. */
static const uint8_t *rrpid;

enum setpki_code __real_sp_part_random(
    setpki_ctx *ctx, struct sp_enroll_state *s, enum sp_part part, size_t n, struct setpki_error *err);
enum setpki_code __wrap_sp_part_random(
    setpki_ctx *ctx, struct sp_enroll_state *s, enum sp_part part, size_t n, struct setpki_error *err);

enum setpki_code
__wrap_sp_part_random(setpki_ctx *ctx, struct sp_enroll_state *s, enum sp_part part, size_t n, struct setpki_error *err)
{
	if (part == SP_PART_RRPID && rrpid != NULL)
		return sp_part_set(s, part, sp_bytes(rrpid, n), err);
	return __real_sp_part_random(ctx, s, part, n, err);
}

static struct t_registry r;
static struct setpki_error err;

/* What the letters of a row stand for. */
static const struct letter {
	char letter;
	bool listed, blocked;
	enum setpki_status status; /* NONE: no CertReq, or one that was answered already */
} letters[] = {
    {'a', true, false, SETPKI_STATUS_COMPLETE}, {'b', true, true, SETPKI_STATUS_REJECTED_BY_ISSUER},
    {'p', false, false, SETPKI_STATUS_PENDED},
    {'k', true, false, SETPKI_STATUS_REJECTED_BY_CA}, /* with the key of the one before */
    {'r', false, false, SETPKI_STATUS_NONE},	      /* with the key and the RRPID of the one before */
    {'R', true, false, SETPKI_STATUS_NONE},	      /* likewise, of one that is accepted */
    {'s', false, false, SETPKI_STATUS_NONE},	      /* the message before, again */
    {'i', false, false, SETPKI_STATUS_NONE},	      /* a first contact */
    {'n', false, false, SETPKI_STATUS_NONE},	      /* noise */
};

struct cast {
	const char *row;
	size_t n;
	struct t_enrollee p[MOST];
	bool there[MOST];
	struct ca_register_message m[MOST];
	unsigned heard[MOST];
};

static const struct letter *
letter_of(const struct cast *c, size_t i)
{
	size_t k = 0;

	while (letters[k].letter != c->row[i])
		k++;
	return &letters[k];
}

static setpki_bytes
wrapper_of(const struct cast *c, size_t i)
{
	if (c->row[i] == 'n')
		return t_hex("30820001");
	return setpki_enroll_request(c->p[c->row[i] == 's' ? i - 1 : i].e);
}

static void
enter(struct cast *c, size_t i)
{
	static unsigned cards;
	const struct letter *l = letter_of(c, i);
	struct setpki_enroll_ask ask = {.type = SETPKI_CARD_INITIAL_SIG};
	char pan[20];

	if (c->row[i] == 's' || c->row[i] == 'n')
		return;
	snprintf(pan, sizeof(pan), "41234500004%05u", cards++);
	if (l->listed)
		t_list_card(r.home, pan, T_EXPIRY, l->blocked);
	ask.pan = pan;
	if (c->row[i] == 'r' || c->row[i] == 'R')
		rrpid = sp_part(&c->p[i - 1].e->s, SP_PART_RRPID).p;
	if (c->row[i] == 'k' || rrpid != NULL) {
		ask.sig_key = c->p[i - 1].ask.sig_key;
		EVP_PKEY_up_ref(ask.sig_key);
	}
	t_enrollee_open(&c->p[i], &r, &ask);
	c->there[i] = true;
	if (c->row[i] != 'i')
		t_enrollee_until_cert_req(&c->p[i]);
	rrpid = NULL;
}

static void
cast_open(struct cast *c, const char *row)
{
	memset(c, 0, sizeof(*c));
	c->row = row;
	c->n = strlen(row);
	assert_true(c->n <= MOST);
	for (size_t i = 0; i < c->n; i++)
		enter(c, i);
}

static void
cast_close(struct cast *c)
{
	for (size_t i = 0; i < c->n; i++) {
		setpki_der_free(&c->m[i].out);
		if (c->there[i])
			t_enrollee_close(&c->p[i]);
	}
}

static void
heard(void *arg, struct ca_register_message *m)
{
	struct cast *c = arg;

	assert_ptr_equal(m, &c->m[m->id]);
	c->heard[m->id]++;
}

static void
post_all(struct cast *c)
{
	for (size_t i = 0; i < c->n; i++) {
		setpki_der_free(&c->m[i].out);
		c->m[i] = (struct ca_register_message){.wrapper = wrapper_of(c, i), .id = (uint32_t)i};
		c->heard[i] = 0;
	}
	ca_register_answer_all(r.reg, c->m, c->n, r.now, heard, c);
	for (size_t i = 0; i < c->n; i++)
		assert_int_equal(c->heard[i], 1);
}

/* --- what the store has -------------------------------------------------------------------------- */

static enum setpki_code
no_intent(void *arg, const struct ca_intent_record *rec, struct setpki_error *e)
{
	(void)arg;
	(void)rec;
	(void)e;
	fail_msg("an intent is open");
	return SETPKI_E_OK;
}

static size_t
certs(void)
{
	ca_txn *t;

	t_ok(ca_txn_begin(r.home->store, false, &t, &err), &err);
	t_ok(ca_intent_each(t, no_intent, NULL, &err), &err);
	ca_txn_abort(t);
	return t_certs(r.home, "card");
}

static bool
is_kept(setpki_bytes wrapper)
{
	struct ca_kept_record kept;
	uint8_t id[32];
	bool there;
	ca_txn *t;

	t_ok(sp_sha256(t_ctx(), wrapper, id, &err), &err);
	t_ok(ca_txn_begin(r.home->store, false, &t, &err), &err);
	there = ca_kept_look(t, id, &kept, NULL) == SETPKI_E_OK;
	ca_txn_abort(t);
	return there;
}

/* --- answers ------------------------------------------------------------------------------------- */

static void
check_answer(struct cast *c, size_t i)
{
	const struct letter *l = letter_of(c, i);
	struct ca_register_message *m = &c->m[i];
	setpki_bytes out = sp_bytes(m->out.p, m->out.n);

	t_ok(m->rc, &m->err);
	assert_true(out.n != 0);
	if (l->letter == 'n') {
		assert_int_equal(m->note.error, SETPKI_ERR_DECODING_FAILURE);
	} else if (l->letter == 'r' || l->letter == 'R') {
		assert_int_equal(m->note.error, SETPKI_ERR_UNKNOWN_RRPID);
	} else if (l->letter == 's') {
		assert_true(m->note.repeated);
		t_bytes(out, sp_bytes(c->m[i - 1].out.p, c->m[i - 1].out.n));
	} else {
		assert_int_equal(m->note.status, l->status);
		t_ok(setpki_enroll_response(c->p[i].e, out, r.now, &err), &err);
		if (l->status != SETPKI_STATUS_NONE)
			assert_int_equal(t_enrollee_status(&c->p[i]), l->status);
	}
}

static const struct row {
	const char *name, *row;
	size_t certs;
	unsigned commits;
} rows[] = {
    {"one is accepted", "a", 1, 2},
    {"eight are accepted, in two commits", "aaaaaaaa", 8, 2},
    {"as many as go together", "aaaaaaaaaaaaaaaa", 16, 2},
    {"more than go together", "aaaaaaaaaaaaaaaaaaaa", 20, 4},
    {"four are pended, in one commit", "pppp", 0, 1},
    {"some of each", "apbapb", 2, 3},
    {"with what is answered at once", "iapni", 1, 3},
    {"a message that comes twice", "aas", 2, 2},
    {"a message that comes twice, and is pended", "pps", 0, 1},
    {"one key in two messages", "aak", 2, 0},
    {"one RRPID in two messages, and others", "aprpa", 2, 3},
    {"one RRPID in two messages that are accepted", "aaRa", 3, 2},
    {"one key in two messages, and one that is pended", "akp", 1, 0},
};

static void
are_answered(void **state)
{
	const struct row *row = *state;
	size_t before = certs();
	struct cast c;

	cast_open(&c, row->row);
	faults_commits = 0;
	post_all(&c);
	if (row->commits != 0)
		assert_int_equal(faults_commits, row->commits);
	for (size_t i = 0; i < c.n; i++)
		check_answer(&c, i);
	assert_int_equal(certs(), before + row->certs);
	cast_close(&c);
}

/* --- cut off ------------------------------------------------------------------------------------- */

static const struct cut {
	const char *name, *row;
	enum faults kind;
	size_t certs;
} cuts[] = {
    {"not committed", "aapb", FAULT_COMMIT, 2},
    {"committed and not told", "aapb", FAULT_AFTER_COMMIT, 2},
    {"not signed", "aaap", FAULT_SIGN, 3},
    {"not logged", "aapp", FAULT_AUDIT, 2},
};

/* What is not signed once is tried again, each message by itself.  Nobody is told what is not durable, and nothing is
 * durable by halves. */
static void
check_whole(const struct cast *c, const struct cut *cut, size_t before)
{
	size_t there = 0;

	for (size_t i = 0; i < c->n; i++) {
		bool kept = is_kept(c->m[i].wrapper);

		assert_true(kept || c->m[i].rc != SETPKI_E_OK);
		assert_int_equal(c->m[i].out.n != 0, c->m[i].rc == SETPKI_E_OK);
		there += kept && c->row[i] == 'a';
	}
	assert_int_equal(certs(), before + there);
	assert_true(there <= cut->certs);
}

static bool
all_answered(const struct cast *c)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->m[i].rc != SETPKI_E_OK)
			return false;
	return true;
}

static void
are_cut_off(void **state)
{
	const struct cut *cut = *state;
	size_t before = certs();
	struct cast c;
	unsigned n = 0;
	bool fired;

	cast_open(&c, cut->row);
	do {
		assert_true(n < 60);
		faults_kind = cut->kind;
		fault_at(++n);
		post_all(&c);
		fired = fault_fired();
		faults_kind = FAULT_NONE;
		fault_at(0);
		t_registry_restart(&r);
		check_whole(&c, cut, before);
	} while (fired);
	assert_true(n > 1 && all_answered(&c));
	assert_int_equal(certs(), before + cut->certs);
	for (size_t i = 0; i < c.n; i++)
		t_ok(setpki_enroll_response(c.p[i].e, sp_bytes(c.m[i].out.p, c.m[i].out.n), r.now, &err), &err);
	cast_close(&c);
}

/* --- the program --------------------------------------------------------------------------------- */

static int
start(void **state)
{
	(void)state;
	t_registry_start(&r, "together", "policies/demo.yaml", NULL);
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	t_registry_end(&r);
	t_hex_free();
	return 0;
}

int
main(void)
{
	struct CMUnitTest all[NELEMS(rows) + NELEMS(cuts)];
	size_t n = 0;

	for (size_t i = 0; i < NELEMS(rows); i++)
		all[n++] = (struct CMUnitTest){rows[i].name, are_answered, NULL, NULL, (void *)(uintptr_t)&rows[i]};
	for (size_t i = 0; i < NELEMS(cuts); i++)
		all[n++] = (struct CMUnitTest){cuts[i].name, are_cut_off, NULL, NULL, (void *)(uintptr_t)&cuts[i]};
	return _cmocka_run_group_tests("ca/register/together", all, n, start, stop);
}
