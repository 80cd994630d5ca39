/* Renewing and rolling CAs: plans, what becomes of generations, and interruptions. */
#include "ca/hierarchy/roll.h"

#include "ca/hierarchy/tree.h"
#include "ca/issue/generation.h"
#include "ca/revoke/revoke.h"
#include "lib/base/time.h"
#include "lib/x509/name.h"
#include "tests/support/check.h"
#include "tests/support/home.h"

#include <stdio.h>

#define DAY INT64_C(86400)

static struct ca_home *home;

static int
start(void **state)
{
	(void)state;
	home = t_demo_home("roll", T_NOW);
	return 0;
}

static int
stop(void **state)
{
	struct setpki_error err = {0};
	uint64_t size;
	uint8_t root[32];

	(void)state;
	t_ok(ca_audit_verify(home, &size, root, &err), &err);
	ca_home_close(home);
	return 0;
}

static void
check_text(const struct ca_plan *plan, const char *want)
{
	struct sp_buf text = {0};

	ca_plan_text(plan, &text);
	sp_buf_add_byte(&text, 0);
	assert_string_equal((char *)text.p, want);
	sp_buf_free(&text);
}

/* The certificate that a generation's key has now; sp_buf_free(der). */
static void
current(const char *ca, uint16_t generation, enum ca_purpose purpose, struct sp_buf *der, struct sp_cert *cert)
{
	struct setpki_error err = {0};
	struct ca_ca_record rec = {0};
	struct ca_cert_record c = {0};
	uint16_t i;
	ca_txn *t;

	t_ok(ca_txn_begin(home->store, false, &t, &err), &err);
	t_ok(ca_ca_find(t, ca, &rec, &err), &err);
	for (i = 0; i < rec.ngenerations && rec.generations[i].number != generation; i++)
		continue;
	assert_true(i < rec.ngenerations);
	t_ok(ca_cert_get(t, rec.parent ? rec.parent : rec.id, rec.generations[i].keys[purpose].seq, &c, &err), &err);
	sp_buf_reset(der);
	sp_buf_add_bytes(der, c.der);
	ca_txn_abort(t);
	ca_cert_record_free(&c);
	ca_ca_record_free(&rec);
	t_ok(sp_cert_parse(sp_buf_bytes(der), cert, &err), &err);
}

static void
run(struct ca_plan *plan)
{
	struct setpki_error err = {0};

	t_ok(ca_plan_run(home, plan, NULL, NULL, &err), &err);
	ca_plan_free(plan);
}

static void
check_state(const char *ca, size_t generation, enum ca_generation_state want)
{
	struct setpki_error err = {0};
	struct ca_tree tree;
	int i = ca_policy_find(home->policy, ca);

	t_ok(ca_tree_read(home, &tree, &err), &err);
	assert_true(generation <= tree.v[i].ngenerations);
	assert_int_equal(tree.v[i].generations[generation - 1].state, want);
	assert_true(
	    !tree.v[i].generations[generation - 1].keeps_crl || tree.v[i].generations[generation - 1].crl_number > 0);
	ca_tree_free(&tree);
}

/* When a generation became active: the one before it has a day left from then. */
static int64_t
active_at(const char *ca, uint16_t generation)
{
	struct setpki_error err = {0};
	int64_t at = 0;
	uint16_t number = t_ca(home, ca);
	ca_txn *t;

	t_ok(ca_txn_begin(home->store, false, &t, &err), &err);
	t_ok(ca_generation_active_at(t, number, generation, &at, &err), &err);
	ca_txn_abort(t);
	return at;
}

/* --- renew ------------------------------------------------------------------------------------- */

static void
renew_keeps_the_key(void **state)
{
	struct setpki_error err = {0};
	struct sp_buf a = {0}, b = {0};
	struct sp_cert before, after;
	struct ca_plan plan;

	(void)state;
	current("gateway", 1, CA_PURPOSE_SIGN, &a, &before);
	home->now = T_NOW + DAY;
	t_ok(ca_renew_plan(home, "gateway", CA_PURPOSE_SIGN, &plan, &err), &err);
	check_text(&plan,
	    "gateway, generation 1\n"
	    "  certify again its message-signature key, by geo, for 3y\n"
	    "\n"
	    "brand, generation 1\n"
	    "  sign the brand's list of CRLs (BCI), good for 2d\n"
	    "  publish the set of Demo\n");
	run(&plan);
	current("gateway", 1, CA_PURPOSE_SIGN, &b, &after);
	assert_true(sp_bytes_eq(before.key.whole, after.key.whole));
	assert_true(sp_bytes_eq(before.subject, after.subject));
	assert_false(sp_bytes_eq(before.serial, after.serial));
	assert_int_equal(after.not_after, before.not_after + DAY);
	sp_buf_free(&a);
	sp_buf_free(&b);
}

static void
renew_all_purposes(void **state)
{
	struct setpki_error err = {0};
	struct ca_plan plan;

	(void)state;
	t_ok(ca_renew_plan(home, "card", CA_PURPOSE_N, &plan, &err), &err);
	check_text(&plan,
	    "card, generation 1\n"
	    "  certify again its certificate-signing key, by geo, for 6y\n"
	    "  certify again its message-signature key, by geo, for 3y\n"
	    "  certify again its key-exchange key, by geo, for 3y\n"
	    "\n"
	    "brand, generation 1\n"
	    "  sign the brand's list of CRLs (BCI), good for 2d\n"
	    "  publish the set of Demo\n");
	run(&plan);
	check_state("card", 1, CA_GEN_ACTIVE);
}

static void
renew_root(void **state)
{
	struct setpki_error err = {0};
	struct sp_buf a = {0}, b = {0};
	struct sp_cert before, after;
	struct ca_plan plan;

	(void)state;
	current("root", 1, CA_PURPOSE_CERTSIGN, &a, &before);
	t_ok(ca_renew_plan(home, "root", CA_PURPOSE_N, &plan, &err), &err);
	run(&plan);
	current("root", 1, CA_PURPOSE_CERTSIGN, &b, &after);
	assert_true(sp_bytes_eq(before.key.whole, after.key.whole));
	assert_true(sp_bytes_eq(before.hashed_root, after.hashed_root));
	sp_buf_free(&a);
	sp_buf_free(&b);
}

static void
renew_refusals(void **state)
{
	struct setpki_error err = {0};
	struct ca_plan plan;

	(void)state;
	t_code(ca_renew_plan(home, "gatewy", CA_PURPOSE_N, &plan, &err), SETPKI_E_NOTFOUND, &err);
	assert_non_null(strstr(err.message, "did you mean gateway?"));
	setpki_error_clear(&err);
	t_code(ca_renew_plan(home, "geo", CA_PURPOSE_SIGN, &plan, &err), SETPKI_E_STATE, &err);
	assert_non_null(strstr(err.message, "no message-signature certificate"));
	assert_int_equal(plan.n, 0);
}

/* --- roll -------------------------------------------------------------------------------------- */

static void
roll_issuing_ca(void **state)
{
	struct setpki_error err = {0};
	struct sp_buf a = {0}, b = {0};
	struct sp_cert before, after;
	struct ca_plan plan;
	unsigned g1, g2;

	(void)state;
	t_ok(ca_roll_plan(home, "gateway", &plan, &err), &err);
	check_text(&plan,
	    "gateway, generation 2\n"
	    "  begin generation 2, under a name of its own\n"
	    "  make the certificate-signing key (P-256)\n"
	    "  make the message-signature key (P-256)\n"
	    "  make the key-exchange key (RSA-2048)\n"
	    "  certify its certificate-signing key, by geo, for 6y\n"
	    "  certify its message-signature key, by geo, for 3y\n"
	    "  certify its key-exchange key, by geo, for 3y\n"
	    "  sign its first CRL, good for 2d\n"
	    "\n"
	    "brand, generation 1\n"
	    "  sign the brand's list of CRLs (BCI), good for 2d\n"
	    "  publish the set of Demo\n");
	run(&plan);
	check_state("gateway", 1, CA_GEN_CLOSING);
	check_state("gateway", 2, CA_GEN_ACTIVE);
	assert_int_equal(active_at("gateway", 2), home->now);
	assert_true(active_at("gateway", 3) == INT64_MIN);
	current("gateway", 1, CA_PURPOSE_CERTSIGN, &a, &before);
	current("gateway", 2, CA_PURPOSE_CERTSIGN, &b, &after);
	assert_false(sp_bytes_eq(before.key.whole, after.key.whole));
	assert_true(sp_name_same_ca(before.subject, after.subject, &g1, &g2));
	assert_int_equal(g1, 1);
	assert_int_equal(g2, 2);
	sp_buf_free(&a);
	sp_buf_free(&b);
}

/* The old one issues no more, the new one does. */
static void
new_generation_issues(void **state)
{
	struct setpki_error err = {0};
	struct ca_issue_job out[2];
	struct ca_signer s;
	struct sp_buf key = {0};
	struct ca_ee_request r = {.role = CA_ROLE_GATEWAY, .common_name = "G-9"};
	size_t n;

	(void)state;
	t_spki(SP_KEY_P256, 256, &key);
	r.sig_spki = sp_buf_bytes(&key);
	t_ok(ca_issue_ee(home, &r, 1, false, NULL, out, &n, &err), &err);
	assert_int_equal(out[0].out.generation, 2);
	ca_cert_record_free(&out[0].out);
	sp_buf_free(&key);
	t_ok(ca_signer_open(home, t_ca(home, "gateway"), 1, CA_PURPOSE_CRLSIGN, &s, &err), &err);
	assert_int_equal(s.state, CA_GEN_CLOSING);
	ca_signer_close(&s);
	t_code(ca_signer_open(home, t_ca(home, "gateway"), 3, CA_PURPOSE_CRLSIGN, &s, &err), SETPKI_E_NOTFOUND, &err);
}

static void
roll_superior_then_renew_below(void **state)
{
	struct setpki_error err = {0};
	struct ca_plan plan;

	(void)state;
	t_ok(ca_roll_plan(home, "geo", &plan, &err), &err);
	run(&plan);
	check_state("geo", 1, CA_GEN_CLOSING);
	t_code(ca_renew_plan(home, "merchant", CA_PURPOSE_N, &plan, &err), SETPKI_E_STATE, &err);
	assert_non_null(strstr(err.message, "roll merchant instead"));
	setpki_error_clear(&err);
	t_ok(ca_roll_plan(home, "merchant", &plan, &err), &err);
	run(&plan);
	check_state("merchant", 2, CA_GEN_ACTIVE);
}

/* The new root has the key that the old one's hashedRootKey announced, and announces another. */
static void
roll_root(void **state)
{
	struct setpki_error err = {0};
	struct sp_buf a = {0}, b = {0};
	struct sp_cert before, after;
	struct ca_plan plan;
	uint8_t digest[32];

	(void)state;
	current("root", 1, CA_PURPOSE_CERTSIGN, &a, &before);
	t_ok(ca_roll_plan(home, "root", &plan, &err), &err);
	check_text(&plan,
	    "root, generation 2\n"
	    "  begin generation 2, under a name of its own\n"
	    "  make the next root's key (P-384), in a file of its own\n"
	    "  certify its certificate-signing key, by itself, for 10y\n"
	    "  sign its first CRL, good for 60d\n"
	    "\n"
	    "brand, generation 1\n"
	    "  sign the brand's list of CRLs (BCI), good for 2d\n"
	    "  publish the set of Demo\n");
	run(&plan);
	check_state("root", 1, CA_GEN_CLOSING);
	check_state("root", 2, CA_GEN_ACTIVE);
	current("root", 2, CA_PURPOSE_CERTSIGN, &b, &after);
	t_ok(sp_sha256(home->ctx, after.key.whole, digest, &err), &err);
	assert_true(sp_bytes_eq(before.hashed_root, SP_BYTES(digest)));
	assert_false(sp_bytes_eq(after.hashed_root, before.hashed_root));
	sp_buf_free(&a);
	sp_buf_free(&b);
	t_code(ca_renew_plan(home, "brand", CA_PURPOSE_N, &plan, &err), SETPKI_E_STATE, &err);
	setpki_error_clear(&err);
	t_ok(ca_roll_plan(home, "brand", &plan, &err), &err);
	run(&plan);
	check_state("brand", 2, CA_GEN_ACTIVE);
}

/* A CA whose certificate was revoked is followed by a new generation. */
static void
roll_after_revocation(void **state)
{
	struct setpki_error err = {0};
	struct ca_revocation rev = {.reason = 2};
	struct sp_buf der = {0};
	struct sp_cert cert;
	struct ca_plan plan;

	(void)state;
	current("gateway", 2, CA_PURPOSE_CERTSIGN, &der, &cert);
	rev.serial = cert.serial;
	t_ok(ca_revoke(home, &rev, 1, &err), &err);
	assert_true(rev.retires);
	t_code(ca_renew_plan(home, "gateway", CA_PURPOSE_N, &plan, &err), SETPKI_E_STATE, &err);
	setpki_error_clear(&err);
	t_ok(ca_roll_plan(home, "gateway", &plan, &err), &err);
	assert_int_equal(plan.v[0].type, CA_STEP_GENERATION);
	assert_int_equal(plan.v[0].generation, 3);
	run(&plan);
	check_state("gateway", 2, CA_GEN_RETIRED);
	check_state("gateway", 3, CA_GEN_ACTIVE);
	sp_buf_free(&der);
}

/* --- interruptions ----------------------------------------------------------------------------- */

static unsigned fault_n;

enum setpki_code __real_ca_txn_commit(ca_txn *t, struct setpki_error *err);
enum setpki_code __wrap_ca_txn_commit(ca_txn *t, struct setpki_error *err);

enum setpki_code
__wrap_ca_txn_commit(ca_txn *t, struct setpki_error *err)
{
	if (fault_n == 0 || --fault_n > 0)
		return __real_ca_txn_commit(t, err);
	ca_txn_abort(t);
	return sp_fail(err, SETPKI_E_STORE, NULL, "injected: commit");
}

static void
restart(void)
{
	struct setpki_error err = {0};
	const struct ca_passphrase pass = home->pass;
	int64_t now = home->now;
	char dir[1024];

	snprintf(dir, sizeof(dir), "%s", home->dir);
	ca_home_close(home);
	t_ok(ca_home_open(t_ctx(), dir, CA_HOME_WRITE, &pass, now, &home, &err), &err);
	t_ok(ca_issue_settle(home, NULL, &err), &err);
}

static void
roll_interrupted(void **state)
{
	struct setpki_error err = {0};
	struct ca_plan plan;
	bool done = false;
	unsigned runs;

	(void)state;
	for (runs = 0; !done; runs++) {
		assert_true(runs < 60);
		t_ok(ca_roll_plan(home, "card", &plan, &err), &err);
		fault_n = 4; /* publishing and noting that take three */
		done = ca_plan_run(home, &plan, NULL, NULL, &err) == SETPKI_E_OK;
		fault_n = 0;
		ca_plan_free(&plan);
		setpki_error_clear(&err);
		restart();
	}
	assert_true(runs > 1);
	check_state("card", 1, CA_GEN_CLOSING);
	check_state("card", 2, CA_GEN_ACTIVE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(renew_keeps_the_key),
	    cmocka_unit_test(renew_all_purposes),
	    cmocka_unit_test(renew_root),
	    cmocka_unit_test(renew_refusals),
	    cmocka_unit_test(roll_issuing_ca),
	    cmocka_unit_test(new_generation_issues),
	    cmocka_unit_test(roll_superior_then_renew_below),
	    cmocka_unit_test(roll_root),
	    cmocka_unit_test(roll_after_revocation),
	    cmocka_unit_test(roll_interrupted),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
