/* The engine's order of work: what is burnt, what is seen, and what a crash at any call leaves. */
#include "ca/issue/issue.h"
#include "lib/x509/lint.h"
#include "tests/support/check.h"
#include "tests/support/home.h"

#include <stdio.h>

/* --- faults ------------------------------------------------------------------------------------ */

enum fault { FAULT_NONE, FAULT_BEGIN, FAULT_COMMIT, FAULT_LINT, FAULT_SIGN, FAULT_VERIFY, FAULT_AUDIT, FAULT_N };

static struct {
	enum fault at;
	unsigned n; /* the n-th call of that kind fails */
	bool bend;  /* FAULT_SIGN: a wrong signature instead of none */
} fault;

static bool
strikes(enum fault f)
{
	return fault.at == f && fault.n > 0 && --fault.n == 0;
}

enum setpki_code __real_ca_txn_begin(ca_store *s, bool write, ca_txn **out, struct setpki_error *err);
enum setpki_code __wrap_ca_txn_begin(ca_store *s, bool write, ca_txn **out, struct setpki_error *err);
enum setpki_code __real_ca_txn_commit(ca_txn *t, struct setpki_error *err);
enum setpki_code __wrap_ca_txn_commit(ca_txn *t, struct setpki_error *err);
enum setpki_code __real_ca_key_sign(
    ca_key *key, enum setpki_suite suite, setpki_bytes tbs, struct sp_buf *sig, struct setpki_error *err);
enum setpki_code __wrap_ca_key_sign(
    ca_key *key, enum setpki_suite suite, setpki_bytes tbs, struct sp_buf *sig, struct setpki_error *err);
enum setpki_code __real_sp_lint_tbs(
    setpki_ctx *ctx, setpki_bytes tbs, enum setpki_suite suite, struct setpki_findings *f, struct setpki_error *err);
enum setpki_code __wrap_sp_lint_tbs(
    setpki_ctx *ctx, setpki_bytes tbs, enum setpki_suite suite, struct setpki_findings *f, struct setpki_error *err);
enum setpki_code
__real_ca_audit_append(struct ca_home *h, ca_txn *t, struct ca_audit_leaf *leaf, struct setpki_error *err);
enum setpki_code
__wrap_ca_audit_append(struct ca_home *h, ca_txn *t, struct ca_audit_leaf *leaf, struct setpki_error *err);

enum setpki_code
__wrap_ca_txn_begin(ca_store *s, bool write, ca_txn **out, struct setpki_error *err)
{
	if (write && strikes(FAULT_BEGIN))
		return sp_fail(err, SETPKI_E_STORE, NULL, "injected: begin");
	return __real_ca_txn_begin(s, write, out, err);
}

enum setpki_code
__wrap_ca_txn_commit(ca_txn *t, struct setpki_error *err)
{
	if (!strikes(FAULT_COMMIT))
		return __real_ca_txn_commit(t, err);
	ca_txn_abort(t);
	return sp_fail(err, SETPKI_E_STORE, NULL, "injected: commit");
}

enum setpki_code
__wrap_ca_key_sign(ca_key *key, enum setpki_suite suite, setpki_bytes tbs, struct sp_buf *sig, struct setpki_error *err)
{
	enum setpki_code rc;

	if (!strikes(FAULT_SIGN))
		return __real_ca_key_sign(key, suite, tbs, sig, err);
	if (!fault.bend)
		return sp_fail(err, SETPKI_E_CRYPTO, NULL, "injected: sign");
	rc = __real_ca_key_sign(key, suite, sp_bytes(tbs.p, tbs.n - 1), sig, err);
	return rc;
}

enum setpki_code
__wrap_sp_lint_tbs(
    setpki_ctx *ctx, setpki_bytes tbs, enum setpki_suite suite, struct setpki_findings *f, struct setpki_error *err)
{
	if (strikes(FAULT_LINT))
		return sp_finding_add(f, "cert.basic.ca", 0, NULL, "injected");
	return __real_sp_lint_tbs(ctx, tbs, suite, f, err);
}

enum setpki_code
__wrap_ca_audit_append(struct ca_home *h, ca_txn *t, struct ca_audit_leaf *leaf, struct setpki_error *err)
{
	if (strikes(FAULT_AUDIT))
		return sp_fail(err, SETPKI_E_STORE, NULL, "injected: audit");
	return __real_ca_audit_append(h, t, leaf, err);
}

/* --- a home, and what it holds ------------------------------------------------------------------ */

static char dir[1024];
static struct ca_home *home;

static int
start(void **state)
{
	(void)state;
	home = t_demo_home("engine", T_NOW);
	snprintf(dir, sizeof(dir), "%s", home->dir);
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	ca_home_close(home);
	return 0;
}

/* The process ended and another one starts: what it left open is settled. */
static size_t
restart(void)
{
	struct setpki_error err = {0};
	const struct ca_passphrase pass = home->pass;
	size_t settled = 0;

	ca_home_close(home);
	t_ok(ca_home_open(t_ctx(), dir, CA_HOME_WRITE, &pass, T_NOW, &home, &err), &err);
	t_ok(ca_issue_settle(home, &settled, &err), &err);
	return settled;
}

static enum setpki_code
count_intent(void *arg, const struct ca_intent_record *rec, struct setpki_error *err)
{
	(void)rec;
	(void)err;
	++*(size_t *)arg;
	return SETPKI_E_OK;
}

static enum setpki_code
count_cert(void *arg, const struct ca_cert_record *rec, struct setpki_error *err)
{
	(void)rec;
	(void)err;
	++*(size_t *)arg;
	return SETPKI_E_OK;
}

static enum setpki_code
count_burnt(void *arg, const struct ca_audit_leaf *leaf, struct setpki_error *err)
{
	(void)err;
	*(size_t *)arg += leaf->event == CA_AUDIT_SERIAL_BURNT;
	return SETPKI_E_OK;
}

struct counts {
	size_t intents, certs, burnt;
};

static struct counts
count(void)
{
	struct setpki_error err = {0};
	struct counts c = {0, 0, 0};
	uint16_t gateway = t_ca(home, "gateway");
	ca_txn *t;

	t_ok(ca_txn_begin(home->store, false, &t, &err), &err);
	t_ok(ca_intent_each(t, count_intent, &c.intents, &err), &err);
	t_ok(ca_cert_each(t, gateway, 0, count_cert, &c.certs, &err), &err);
	t_ok(ca_audit_each(home, t, 0, count_burnt, &c.burnt, &err), &err);
	ca_txn_abort(t);
	return c;
}

/* One gateway with both keys: two certificates, or none. */
struct request {
	struct sp_buf sig, exch;
	struct ca_ee_request r;
};

static void
request_new(struct request *q)
{
	memset(q, 0, sizeof(*q));
	t_spki(SP_KEY_P256, 256, &q->sig);
	t_spki(SP_KEY_RSA, 2048, &q->exch);
	q->r = (struct ca_ee_request){.role = CA_ROLE_GATEWAY,
	    .sig_spki = sp_buf_bytes(&q->sig),
	    .exch_spki = sp_buf_bytes(&q->exch),
	    .common_name = "G-1"};
}

static enum setpki_code
issue(struct request *q, bool *repeated, struct setpki_error *err)
{
	struct ca_issue_job out[2];
	enum setpki_code rc;
	size_t n, i;

	if ((rc = ca_issue_ee(home, &q->r, 1, false, NULL, out, &n, err)) != SETPKI_E_OK)
		return rc;
	assert_int_equal(n, 2);
	*repeated = out[0].repeated && out[1].repeated;
	for (i = 0; i < n; i++)
		ca_cert_record_free(&out[i].out);
	return rc;
}

static void
request_free(struct request *q)
{
	sp_buf_free(&q->sig);
	sp_buf_free(&q->exch);
}

/* --- what is burnt at once --------------------------------------------------------------------- */

struct row {
	const char *name;
	enum fault at;
	bool bend;
	enum setpki_code want;
	const char *says;
};

static struct row rows[] = {
    {"lint_refuses", FAULT_LINT, false, SETPKI_E_RULE, "cert.basic.ca"},
    {"signing_fails", FAULT_SIGN, false, SETPKI_E_CRYPTO, "injected: sign"},
    {"signature_of_other_bytes", FAULT_SIGN, true, SETPKI_E_SIGNATURE, ""},
};

static void
burns(void **state)
{
	const struct row *row = *state;
	struct setpki_error err = {0};
	struct counts before = count(), after;
	struct request q;
	bool repeated;

	request_new(&q);
	fault.at = row->at;
	fault.n = 2; /* the second certificate of the two: the first one must not be seen either */
	fault.bend = row->bend;
	t_code(issue(&q, &repeated, &err), row->want, &err);
	fault.at = FAULT_NONE;
	if (strstr(err.message, row->says) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", err.message, row->says);
	after = count();
	assert_int_equal(after.intents, 0);
	assert_int_equal(after.certs, before.certs);
	assert_int_equal(after.burnt, before.burnt + 2);
	setpki_error_clear(&err);
	t_ok(issue(&q, &repeated, &err), &err);
	assert_false(repeated);
	request_free(&q);
}

/* --- a crash at each call ---------------------------------------------------------------------- */

/* Fails the first, second, ... call of one kind, each time as if the process had ended there, until the request goes
 * through: nothing is seen before that, nothing is left open after a restart, and the answer stays the same. */
static void
crash(enum fault at)
{
	struct setpki_error err = {0};
	struct counts before, after;
	struct request q;
	bool repeated = false, done = false;
	unsigned n;

	request_new(&q);
	before = count();
	for (n = 1; !done; n++) {
		assert_true(n < 20);
		fault.at = at;
		fault.n = n;
		setpki_error_clear(&err);
		done = issue(&q, &repeated, &err) == SETPKI_E_OK;
		fault.at = FAULT_NONE;
		(void)restart();
		after = count();
		assert_int_equal(after.intents, 0);
		assert_int_equal(after.certs, before.certs + (done ? 2 : 0));
	}
	assert_true(n > 2);
	setpki_error_clear(&err);
	t_ok(issue(&q, &repeated, &err), &err);
	assert_true(repeated);
	request_free(&q);
}

static void
crash_at_begin(void **state)
{
	(void)state;
	crash(FAULT_BEGIN);
}

static void
crash_at_commit(void **state)
{
	(void)state;
	crash(FAULT_COMMIT);
}

static void
crash_at_audit(void **state)
{
	(void)state;
	crash(FAULT_AUDIT);
}

/* Intents of a writer that is gone are burnt, and only those. */
static void
settles_the_dead_alone(void **state)
{
	struct setpki_error err = {0};
	struct counts before = count();
	uint8_t dead[17] = {1, 0xde, 0xad}, alive[17] = {1, 0xa1};
	struct ca_intent_record rec = {.serial = SP_BYTES(dead), .tbs = SP_BYTES(dead), .ca = 1, .generation = 1};
	size_t settled;
	ca_txn *t;

	(void)state;
	rec.writer = (uint16_t)(home->slot + 1);
	rec.writer_epoch = home->epoch + 1;
	t_ok(ca_txn_begin(home->store, true, &t, &err), &err);
	t_ok(ca_intent_put(t, &rec, &err), &err);
	rec.serial = SP_BYTES(alive);
	rec.writer = home->slot;
	rec.writer_epoch = home->epoch;
	t_ok(ca_intent_put(t, &rec, &err), &err);
	t_ok(ca_txn_commit(t, &err), &err);
	t_ok(ca_issue_settle(home, &settled, &err), &err);
	assert_int_equal(settled, 1);
	assert_int_equal(count().intents, 1);
	assert_int_equal(count().burnt, before.burnt + 1);
	assert_int_equal(restart(), 1);
	assert_int_equal(count().intents, 0);
}

static void
log_is_whole(void **state)
{
	struct setpki_error err = {0};
	uint64_t size;
	uint8_t root[32];

	(void)state;
	t_ok(ca_audit_verify(home, &size, root, &err), &err);
}

int
main(void)
{
	struct CMUnitTest tests[NELEMS(rows) + 5];
	size_t n = 0, i;

	for (i = 0; i < NELEMS(rows); i++)
		tests[n++] = (struct CMUnitTest){rows[i].name, burns, NULL, NULL, &rows[i]};
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(crash_at_begin);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(crash_at_commit);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(crash_at_audit);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(settles_the_dead_alone);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(log_is_whole);
	return _cmocka_run_group_tests("issue/engine", tests, n, start, stop);
}
