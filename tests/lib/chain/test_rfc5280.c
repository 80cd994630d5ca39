/* A pool that OpenSSL's verifier works for: what it takes, what it refuses, how roots are trusted in it, and that
 * policies are asked for as RFC 5280 6.1.1 has them.  (tests/pkits has the paths themselves.) */
#include "lib/base/limits.h"
#include "tests/support/check.h"
#include "tests/support/gen.h"

static struct gen_world w;
static struct setpki_error err;

/* SET's own critical extensions mean nothing to OpenSSL. */
static const struct gen_edit relaxed[] = {{.what = GEN_RELAX}, {.what = GEN_END}};

static int
start(void **state)
{
	(void)state;
	gen_start();
	gen_make(&w, SETPKI_SUITE_MODERN, relaxed);
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	gen_free(&w);
	gen_stop();
	return 0;
}

static int
forget(void **state)
{
	(void)state;
	setpki_error_clear(&err);
	return 0;
}

static void
add(setpki_pool *pool, enum setpki_object_type type, setpki_bytes der)
{
	t_ok(setpki_pool_add(pool, &(struct setpki_object){type, der}, NULL, &err), &err);
}

/* The chain of the gateway's certificate, with its CRLs; no root is trusted. */
static setpki_pool *
pool_of_all(void)
{
	static const enum gen_slot slots[] = {GEN_ROOT, GEN_BRAND, GEN_BRAND_CRL, GEN_GEO, GEN_PCA, GEN_PCA_CRL};
	setpki_pool *pool;

	t_ok(setpki_pool_new_rfc5280(w.ctx, &pool, &err), &err);
	for (size_t i = 0; i < NELEMS(slots); i++) {
		add(pool, SETPKI_OBJECT_CERT, w.c[slots[i]].der);
		if (w.crl[slots[i]].n != 0)
			t_ok(setpki_pool_add_crl_borrowed(pool, w.crl[slots[i]], NULL, &err), &err);
	}
	add(pool, SETPKI_OBJECT_BCI, w.bci); /* passed over */
	return pool;
}

static void
trust_thumb(setpki_pool *pool, enum gen_slot slot)
{
	uint8_t thumb[32];
	size_t n;

	t_ok(sp_cert_thumb(w.ctx, &w.c[slot].cert, thumb, &n, &err), &err);
	t_ok(setpki_pool_trust_thumb(pool, sp_bytes(thumb, n), &err), &err);
}

static void
verify(setpki_pool *pool, setpki_bytes leaf, const struct setpki_x509_ask *x509, enum setpki_revocation revocation,
    struct setpki_chain_result *out)
{
	const struct setpki_chain_ask ask = {.at = GEN_NOW, .revocation = revocation, .x509 = x509};

	memset(out, 0, sizeof(*out));
	t_ok(setpki_chain_verify(pool, leaf, &ask, out, &err), &err);
}

static bool
is_found(const struct setpki_findings *f, const char *id)
{
	for (size_t i = 0; i < f->n; i++)
		if (strcmp(f->v[i].rule->id, id) == 0)
			return true;
	return false;
}

static void
comes_to(setpki_pool *pool, const struct setpki_x509_ask *x509, enum setpki_revocation revocation,
    enum setpki_verdict verdict, const char *id)
{
	struct setpki_chain_result result;

	verify(pool, w.c[GEN_LEAF].der, x509, revocation, &result);
	assert_int_equal(result.verdict, verdict);
	if (id != NULL && !is_found(&result.findings, id))
		fail_msg("%s is not found", id);
	setpki_chain_result_free(&result);
}

/* --- trust --------------------------------------------------------------------------------------------- */

static const struct trust {
	const char *name;
	enum gen_slot thumb; /* whose is trusted */
	enum setpki_verdict verdict;
	const char *id;
} trusts[] = {
    {"the root by its thumb", GEN_ROOT, SETPKI_VALID, NULL},
    {"another root by its thumb", GEN_FIRST, SETPKI_REFUSED, "chain.root.untrusted"},
    {"a CA that is no root", GEN_BRAND, SETPKI_REFUSED, "chain.issuer.missing"},
};

static void
thumb_is_trusted(void **state)
{
	const struct trust *row = *state;
	setpki_pool *pool = pool_of_all(), *copy;

	trust_thumb(pool, row->thumb);
	comes_to(pool, NULL, SETPKI_REQUIRE_CRL, row->verdict, row->id);
	comes_to(pool, NULL, SETPKI_REQUIRE_CRL, row->verdict, row->id); /* and once more */
	t_ok(setpki_pool_copy(pool, &copy, &err), &err);
	setpki_pool_free(pool);
	comes_to(copy, NULL, SETPKI_REQUIRE_CRL, row->verdict, row->id);
	setpki_pool_free(copy);
}

static void
a_path_ends_at_the_trusted_root(void **state)
{
	struct setpki_chain_result result;
	setpki_pool *pool = pool_of_all(), *copy;

	(void)state;
	t_ok(setpki_pool_trust(pool, w.c[GEN_ROOT].der, NULL, &err), &err);
	t_ok(setpki_pool_copy(pool, &copy, &err), &err);
	verify(copy, w.c[GEN_LEAF].der, NULL, SETPKI_REQUIRE_CRL, &result);
	assert_int_equal(result.verdict, SETPKI_VALID);
	assert_int_equal(result.npath, 5);
	t_bytes(result.path[0], w.c[GEN_LEAF].der);
	t_bytes(result.path[4], w.c[GEN_ROOT].der);
	assert_true(result.valid_until > GEN_NOW);
	setpki_chain_result_free(&result);
	setpki_pool_free(copy);
	setpki_pool_free(pool);
}

static void
thumbs_have_a_limit(void **state)
{
	static const uint8_t thumb[32];
	setpki_pool *pool;

	(void)state;
	t_ok(setpki_pool_new(w.ctx, &pool, &err), &err);
	for (unsigned i = 0; i < SP_POOL_THUMBS_MAX; i++)
		t_ok(setpki_pool_trust_thumb(pool, SP_BYTES(thumb), &err), &err);
	t_code(setpki_pool_trust_thumb(pool, SP_BYTES(thumb), &err), SETPKI_E_LIMIT, &err);
	setpki_error_clear(&err);
	t_code(setpki_pool_trust_thumb(pool, sp_bytes(thumb, 19), &err), SETPKI_E_ARGUMENT, &err);
	setpki_pool_free(pool);
}

/* --- what is refused ------------------------------------------------------------------------------------ */

static void
what_is_no_root_is_not_trusted(void **state)
{
	setpki_pool *pool = pool_of_all();
	struct setpki_chain_result result = {0};
	const struct setpki_chain_ask ask = {.at = GEN_NOW};

	(void)state;
	t_code(setpki_pool_trust(pool, w.c[GEN_BRAND].der, NULL, &err), SETPKI_E_RULE, &err);
	setpki_error_clear(&err);
	t_code(setpki_pool_trust(pool, w.crl[GEN_ROOT], NULL, &err), SETPKI_E_PARSE, &err);
	setpki_error_clear(&err);
	t_code(setpki_chain_verify(pool, w.c[GEN_LEAF].der, &ask, &result, &err), SETPKI_E_STATE, &err);
	setpki_chain_result_free(&result);
	setpki_pool_free(pool);
}

static void
what_cannot_be_read_is_not_added(void **state)
{
	const struct {
		enum setpki_object_type type;
		setpki_bytes der;
		enum setpki_code rc;
	} rows[] = {
	    {SETPKI_OBJECT_CERT, t_hex("3000"), SETPKI_E_PARSE},
	    {SETPKI_OBJECT_CERT, {w.c[GEN_LEAF].der.p, w.c[GEN_LEAF].der.n - 1}, SETPKI_E_PARSE},
	    {SETPKI_OBJECT_CERT, w.crl[GEN_ROOT], SETPKI_E_PARSE},
	    {SETPKI_OBJECT_CRL, w.c[GEN_LEAF].der, SETPKI_E_PARSE},
	    {SETPKI_OBJECT_CRL, {w.crl[GEN_ROOT].p, w.crl[GEN_ROOT].n - 1}, SETPKI_E_PARSE},
	    {SETPKI_OBJECT_CSR, w.c[GEN_LEAF].der, SETPKI_E_ARGUMENT},
	    {SETPKI_OBJECT_UNKNOWN, w.c[GEN_LEAF].der, SETPKI_E_ARGUMENT},
	};
	struct setpki_chain_result result = {0};
	const struct setpki_chain_ask ask = {.at = GEN_NOW};
	setpki_pool *pool = pool_of_all();

	(void)state;
	for (size_t i = 0; i < NELEMS(rows); i++) {
		t_code(setpki_pool_add(pool, &(struct setpki_object){rows[i].type, rows[i].der}, NULL, &err),
		    rows[i].rc, &err);
		setpki_error_clear(&err);
	}
	t_code(setpki_pool_add_crl_borrowed(pool, t_hex("3000"), NULL, &err), SETPKI_E_PARSE, &err);
	setpki_error_clear(&err);
	trust_thumb(pool, GEN_ROOT);
	t_code(setpki_chain_verify(pool, t_hex("3000"), &ask, &result, &err), SETPKI_E_PARSE, &err);
	setpki_chain_result_free(&result);
	setpki_pool_free(pool);
}

/* --- revocation and policies ---------------------------------------------------------------------------- */

static void
a_missing_crl_leaves_it_open(void **state)
{
	setpki_pool *pool;

	(void)state;
	t_ok(setpki_pool_new_rfc5280(w.ctx, &pool, &err), &err);
	for (int i = GEN_ROOT; i < GEN_LEAF; i++)
		add(pool, SETPKI_OBJECT_CERT, w.c[i].der);
	trust_thumb(pool, GEN_ROOT);
	comes_to(pool, NULL, SETPKI_REQUIRE_CRL, SETPKI_UNDECIDABLE, "chain.crl.missing");
	comes_to(pool, NULL, SETPKI_IF_PRESENT, SETPKI_VALID, NULL);
	setpki_pool_free(pool);
}

static const char *const set_policy[] = {"2.23.42.5.0"}, *const other_policy[] = {"1.2.3.4"},
			 *const no_policy[] = {"2.23.42.5.0", "policy"};
static const struct policy {
	const char *name;
	struct setpki_x509_ask ask;
	enum setpki_verdict verdict;
} policies[] = {
    {"any policy will do", {NULL, 0, false, false, false}, SETPKI_VALID},
    {"some policy is wanted", {NULL, 0, true, true, true}, SETPKI_VALID},
    {"SET's is", {set_policy, 1, true, true, true}, SETPKI_VALID},
    {"another one is", {other_policy, 1, true, false, false}, SETPKI_REFUSED},
    {"another one would be welcome", {other_policy, 1, false, false, false}, SETPKI_VALID},
};

static void
policy_is_asked_for(void **state)
{
	const struct policy *row = *state;
	setpki_pool *pool = pool_of_all();

	trust_thumb(pool, GEN_ROOT);
	comes_to(pool, &row->ask, SETPKI_REQUIRE_CRL, row->verdict,
	    row->verdict == SETPKI_REFUSED ? "chain.rfc5280.policy" : NULL);
	setpki_pool_free(pool);
}

static void
a_policy_that_is_no_oid_is_refused(void **state)
{
	const struct setpki_x509_ask x509 = {.policies = no_policy, .npolicies = 2};
	const struct setpki_chain_ask ask = {.at = GEN_NOW, .revocation = SETPKI_REQUIRE_CRL, .x509 = &x509};
	struct setpki_chain_result result = {0};
	setpki_pool *pool = pool_of_all();

	(void)state;
	trust_thumb(pool, GEN_ROOT);
	t_code(setpki_chain_verify(pool, w.c[GEN_LEAF].der, &ask, &result, &err), SETPKI_E_ARGUMENT, &err);
	assert_non_null(strstr(err.message, "\"policy\" is no object identifier"));
	setpki_chain_result_free(&result);
	setpki_pool_free(pool);
}

#define TEST(f) cmocka_unit_test_teardown(f, forget)

int
main(void)
{
	static const struct CMUnitTest others[] = {
	    TEST(a_path_ends_at_the_trusted_root),
	    TEST(thumbs_have_a_limit),
	    TEST(what_is_no_root_is_not_trusted),
	    TEST(what_cannot_be_read_is_not_added),
	    TEST(a_missing_crl_leaves_it_open),
	    TEST(a_policy_that_is_no_oid_is_refused),
	};
	struct CMUnitTest tests[NELEMS(trusts) + NELEMS(policies) + NELEMS(others)];
	size_t n = 0;

	for (size_t i = 0; i < NELEMS(trusts); i++)
		tests[n++] =
		    (struct CMUnitTest){trusts[i].name, thumb_is_trusted, NULL, forget, (void *)(uintptr_t)&trusts[i]};
	for (size_t i = 0; i < NELEMS(policies); i++)
		tests[n++] = (struct CMUnitTest){
		    policies[i].name, policy_is_asked_for, NULL, forget, (void *)(uintptr_t)&policies[i]};
	for (size_t i = 0; i < NELEMS(others); i++)
		tests[n++] = others[i];
	return _cmocka_run_group_tests("chain/rfc5280", tests, n, start, stop);
}
