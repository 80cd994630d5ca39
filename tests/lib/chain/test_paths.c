/* Paths, limits, time, state, and what is remembered between two checks. */
#include "lib/base/limits.h"
#include "tests/support/gen.h"
#include "tests/support/gen_edit.h"

#include <openssl/crypto.h>
#include <openssl/x509_vfy.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
/* after the headers that it needs */
#include <cmocka.h>

static void
free_bytes(setpki_bytes s)
{
	OPENSSL_free((void *)(uintptr_t)s.p);
}

static void
add(setpki_pool *pool, enum setpki_object_type type, setpki_bytes der)
{
	const struct setpki_object o = {type, der};

	assert_int_equal(setpki_pool_add(pool, &o, NULL, NULL), SETPKI_E_OK);
}

static void
verify(setpki_pool *pool, setpki_bytes leaf, int64_t at, struct setpki_chain_result *res)
{
	const struct setpki_chain_ask ask = {.at = at};
	struct setpki_error err = {0};

	assert_int_equal(setpki_chain_verify(pool, leaf, &ask, res, &err), SETPKI_E_OK);
}

/* The verdict, and the id of the first finding ("" if there is none). */
static void
expect(setpki_pool *pool, setpki_bytes leaf, int64_t at, enum setpki_verdict verdict, const char *id)
{
	struct setpki_chain_result res;

	verify(pool, leaf, at, &res);
	assert_string_equal(res.findings.n == 0 ? "" : res.findings.v[0].rule->id, id);
	assert_int_equal(res.verdict, verdict);
	setpki_chain_result_free(&res);
}

static void
the_path_is_told_from_leaf_to_root(void **state)
{
	static const enum gen_slot slots[] = {GEN_LEAF, GEN_PCA, GEN_GEO, GEN_BRAND, GEN_ROOT};
	struct gen_world w;
	struct setpki_chain_result res;
	setpki_pool *pool;
	size_t i;

	(void)state;
	gen_make(&w, SETPKI_SUITE_MODERN, NULL);
	pool = gen_pool(&w);
	verify(pool, w.c[GEN_LEAF].der, GEN_NOW, &res);
	assert_int_equal(res.npath, 5);
	for (i = 0; i < 5; i++)
		assert_true(sp_bytes_eq(res.path[i], w.c[slots[i]].der));
	setpki_chain_result_free(&res);
	setpki_pool_free(pool);
	gen_free(&w);
}

/* What an answer rests on, whatever ends first; with and without what is remembered. */
static struct until {
	const char *name;
	struct gen_edit edits[GEN_EDITS];
	int64_t until; /* relative to GEN_NOW */
	const char *object;
} untils[] = {
    {"until_the_bci_ends", .until = 2 * GEN_DAY, .object = "BCI 7 of Testcard"},
    {"until_a_crl_ends", {{.what = GEN_CRL_NEXT, .slot = GEN_GEO, .n = 100}}, 100,
	"CRL 5 of C=US, O=Testcard, OU=Europe"},
    {"until_the_leaf_ends", {{.what = GEN_NOT_AFTER, .slot = GEN_LEAF, .n = 50}}, 51, "gateway signature"},
    {"whatever_does_not_count_does_not_end_it", {{.what = GEN_NOT_AFTER, .slot = GEN_CCA, .n = 50}}, 2 * GEN_DAY,
	"BCI 7"},
};

static void
valid_until(void **state)
{
	const struct until *u = *state;
	struct gen_world w;
	struct setpki_chain_result res;
	setpki_pool *pool;
	int again;

	gen_make(&w, SETPKI_SUITE_MODERN, u->edits);
	pool = gen_pool(&w);
	for (again = 0; again < 2; again++) {
		verify(pool, w.c[GEN_LEAF].der, GEN_NOW, &res);
		assert_int_equal(res.verdict, SETPKI_VALID);
		assert_int_equal(res.valid_until, GEN_NOW + u->until);
		assert_memory_equal(res.until_object, u->object, strlen(u->object));
		setpki_chain_result_free(&res);
	}
	verify(pool, w.c[GEN_LEAF].der, GEN_NOW + u->until - 1, &res);
	assert_int_equal(res.verdict, SETPKI_VALID);
	setpki_chain_result_free(&res);
	verify(pool, w.c[GEN_LEAF].der, GEN_NOW + u->until, &res);
	assert_int_equal(res.verdict, SETPKI_REFUSED);
	setpki_chain_result_free(&res);
	setpki_pool_free(pool);
	gen_free(&w);
}

/* --- what is remembered does not outlive what it rests on -------------------------------------------------- */

static void
remembered_prefix_does_not_vouch_for_a_forged_leaf(void **state)
{
	struct gen_edit edits[GEN_EDITS] = {{.what = GEN_SIG_BIT, .slot = GEN_LEAF}};
	struct gen_world good, forged;
	setpki_pool *pool;

	(void)state;
	gen_make(&good, SETPKI_SUITE_MODERN, NULL);
	gen_make(&forged, SETPKI_SUITE_MODERN, edits);
	pool = gen_pool(&good);
	expect(pool, good.c[GEN_LEAF].der, GEN_NOW, SETPKI_VALID, "");
	expect(pool, forged.c[GEN_LEAF].der, GEN_NOW, SETPKI_REFUSED, "chain.signature");
	expect(pool, good.c[GEN_LEAF].der, GEN_NOW, SETPKI_VALID, "");
	setpki_pool_free(pool);
	gen_free(&good);
	gen_free(&forged);
}

static void
remembered_prefix_ends_with_a_newer_crl(void **state)
{
	struct gen_edit edits[GEN_EDITS] = {{.what = GEN_CRL_REVOKE, .slot = GEN_PCA, .other = GEN_LEAF},
	    {.what = GEN_CRL_NUMBER, .slot = GEN_PCA, .n = 6}};
	struct gen_world w, next;
	setpki_pool *pool;

	(void)state;
	gen_make(&w, SETPKI_SUITE_MODERN, NULL);
	gen_make(&next, SETPKI_SUITE_MODERN, edits);
	pool = gen_pool(&w);
	expect(pool, w.c[GEN_LEAF].der, GEN_NOW, SETPKI_VALID, "");
	add(pool, SETPKI_OBJECT_CRL, next.crl[GEN_PCA]);
	expect(pool, w.c[GEN_LEAF].der, GEN_NOW, SETPKI_REFUSED, "chain.revoked");
	setpki_pool_free(pool);
	gen_free(&w);
	gen_free(&next);
}

/* The newer CRL is in the pool from the beginning, and counts from its thisUpdate on. */
static void
remembered_prefix_ends_when_a_newer_crl_comes_into_force(void **state)
{
	struct gen_edit edits[GEN_EDITS] = {{.what = GEN_CRL_REVOKE, .slot = GEN_PCA, .other = GEN_LEAF},
	    {.what = GEN_CRL_NUMBER, .slot = GEN_PCA, .n = 6}, {.what = GEN_CRL_THIS, .slot = GEN_PCA, .n = 100}};
	struct gen_world w, next;
	setpki_pool *pool;

	(void)state;
	gen_make(&w, SETPKI_SUITE_MODERN, NULL);
	gen_make(&next, SETPKI_SUITE_MODERN, edits);
	pool = gen_pool(&w);
	add(pool, SETPKI_OBJECT_CRL, next.crl[GEN_PCA]);
	expect(pool, w.c[GEN_LEAF].der, GEN_NOW, SETPKI_VALID, "");
	expect(pool, w.c[GEN_LEAF].der, GEN_NOW + 99, SETPKI_VALID, "");
	expect(pool, w.c[GEN_LEAF].der, GEN_NOW + 100, SETPKI_REFUSED, "chain.revoked");
	setpki_pool_free(pool);
	gen_free(&w);
	gen_free(&next);
}

static void
remembered_prefix_ends_with_a_higher_sequence(void **state)
{
	struct gen_world w;
	setpki_pool *pool;

	(void)state;
	gen_make(&w, SETPKI_SUITE_MODERN, NULL);
	pool = gen_pool(&w);
	assert_int_equal(setpki_pool_sequence(pool, "Testcard"), 0);
	expect(pool, w.c[GEN_LEAF].der, GEN_NOW, SETPKI_VALID, "");
	assert_int_equal(setpki_pool_sequence(pool, "Testcard:Gold"), 7);
	assert_int_equal(setpki_pool_set_sequence(pool, "Testcard", 8, NULL), SETPKI_E_OK);
	expect(pool, w.c[GEN_LEAF].der, GEN_NOW, SETPKI_REFUSED, "chain.bci.sequence");
	assert_int_equal(setpki_pool_sequence(pool, "Testcard"), 8);
	setpki_pool_free(pool);
	gen_free(&w);
}

static void
remembered_prefix_answers_only_what_was_asked(void **state)
{
	const struct setpki_chain_ask classic = {.at = GEN_NOW, .suite = SETPKI_SUITE_CLASSIC},
				      brand = {.at = GEN_NOW, .brand = "Othercard"};
	struct gen_world w;
	struct setpki_chain_result res;
	setpki_pool *pool;

	(void)state;
	gen_make(&w, SETPKI_SUITE_MODERN, NULL);
	pool = gen_pool(&w);
	expect(pool, w.c[GEN_LEAF].der, GEN_NOW, SETPKI_VALID, "");
	assert_int_equal(setpki_chain_verify(pool, w.c[GEN_LEAF].der, &classic, &res, NULL), SETPKI_E_OK);
	assert_string_equal(res.findings.v[0].rule->id, "chain.suite.asked");
	setpki_chain_result_free(&res);
	assert_int_equal(setpki_chain_verify(pool, w.c[GEN_LEAF].der, &brand, &res, NULL), SETPKI_E_OK);
	assert_string_equal(res.findings.v[0].rule->id, "chain.ask.brand");
	setpki_chain_result_free(&res);
	setpki_pool_free(pool);
	gen_free(&w);
}

/* --- several candidates ------------------------------------------------------------------------------------ */

/* The gateway CA's certificate again, with an extension of its own each time: same name, key and serial number. */
static setpki_bytes
namesake(const struct gen_world *w, int i)
{
	char hex[] = "3007300506032a0300";
	struct gen_edit e = {.what = GEN_EXT_SET, .slot = GEN_PCA, .ext = SP_EXT_POLICIES, .hex = hex};
	struct sp_buf tbs = {0};
	setpki_bytes der;

	snprintf(hex + sizeof(hex) - 3, 3, "%02x", i & 0x7f);
	gen_edit_tbs(w, w->c[GEN_PCA].cert.tbs, &e, &tbs);
	der = gen_sign(w, GEN_GEO, w->suite, sp_buf_bytes(&tbs));
	sp_buf_free(&tbs);
	return der;
}

static void
add_namesakes(const struct gen_world *w, setpki_pool *pool, int n)
{
	setpki_bytes der;
	int i;

	for (i = 0; i < n; i++) {
		der = namesake(w, i);
		add(pool, SETPKI_OBJECT_CERT, der);
		free_bytes(der);
	}
}

static void
the_good_one_of_many_candidates_is_found(void **state)
{
	struct gen_edit edits[GEN_EDITS] = {{.what = GEN_OMIT, .slot = GEN_PCA}};
	struct gen_world w;
	setpki_pool *pool;

	(void)state;
	gen_make(&w, SETPKI_SUITE_MODERN, edits);
	pool = gen_pool(&w);
	add_namesakes(&w, pool, 20);
	expect(pool, w.c[GEN_LEAF].der, GEN_NOW, SETPKI_REFUSED, "chain.policy");
	add(pool, SETPKI_OBJECT_CERT, w.c[GEN_PCA].der);
	expect(pool, w.c[GEN_LEAF].der, GEN_NOW, SETPKI_VALID, "");
	setpki_pool_free(pool);
	gen_free(&w);
}

static void
too_many_candidates_are_said(void **state)
{
	struct gen_edit edits[GEN_EDITS] = {{.what = GEN_OMIT, .slot = GEN_PCA}};
	struct setpki_chain_result res;
	struct gen_world w;
	setpki_pool *pool;

	(void)state;
	gen_make(&w, SETPKI_SUITE_MODERN, edits);
	pool = gen_pool(&w);
	add_namesakes(&w, pool, SP_CHAIN_PATHS_MAX + 4);
	verify(pool, w.c[GEN_LEAF].der, GEN_NOW, &res);
	assert_int_equal(res.verdict, SETPKI_REFUSED);
	assert_string_equal(res.findings.v[res.findings.n - 1].rule->id, "chain.limit");
	setpki_chain_result_free(&res);
	setpki_pool_free(pool);
	gen_free(&w);
}

/* GEN_FIRST is trusted, GEN_ROOT succeeded it, and GEN_NEXT succeeded that: the last rests on the one between. */
static void
a_succession_of_two_ends_with_the_root_between(void **state)
{
	struct gen_edit edits[GEN_EDITS] = {
	    {.what = GEN_TRUST, .slot = GEN_FIRST}, {.what = GEN_NOT_AFTER, .slot = GEN_ROOT, .n = 100}};
	const struct setpki_chain_ask ask = {.at = GEN_NOW, .revocation = SETPKI_IF_PRESENT};
	struct setpki_chain_result res;
	struct gen_world w;
	setpki_pool *pool;

	(void)state;
	gen_make(&w, SETPKI_SUITE_MODERN, edits);
	pool = gen_pool(&w);
	assert_int_equal(setpki_chain_verify(pool, w.c[GEN_NEXT].der, &ask, &res, NULL), SETPKI_E_OK);
	assert_int_equal(res.verdict, SETPKI_VALID);
	assert_string_equal(res.findings.v[0].rule->id, "chain.root.succeeded");
	assert_int_equal(res.valid_until, GEN_NOW + 101);
	setpki_chain_result_free(&res);
	expect(pool, w.c[GEN_NEXT].der, GEN_NOW + 101, SETPKI_REFUSED, "chain.root.untrusted");
	setpki_pool_free(pool);
	gen_free(&w);
}

/* --- the pool ---------------------------------------------------------------------------------------------- */

static void
no_trusted_root_is_a_state(void **state)
{
	const struct setpki_chain_ask ask = {.at = GEN_NOW};
	struct setpki_chain_result res;
	struct gen_world w;
	setpki_pool *pool;

	(void)state;
	gen_make(&w, SETPKI_SUITE_MODERN, NULL);
	assert_int_equal(setpki_pool_new(gen_ctx(), &pool, NULL), SETPKI_E_OK);
	assert_int_equal(setpki_chain_verify(pool, w.c[GEN_LEAF].der, &ask, &res, NULL), SETPKI_E_STATE);
	assert_int_equal(setpki_pool_trust(pool, w.c[GEN_BRAND].der, NULL, NULL), SETPKI_E_RULE);
	assert_int_equal(setpki_pool_trust_thumb(pool, sp_bytes("thumb", 5), NULL), SETPKI_E_ARGUMENT);
	assert_int_equal(setpki_pool_trust(pool, sp_bytes("junk", 4), NULL, NULL), SETPKI_E_PARSE);
	assert_int_equal(setpki_pool_trust(pool, w.c[GEN_ROOT].der, NULL, NULL), SETPKI_E_OK);
	assert_int_equal(setpki_chain_verify(pool, sp_bytes("junk", 4), &ask, &res, NULL), SETPKI_E_PARSE);
	assert_null(res.path);
	setpki_pool_free(pool);
	gen_free(&w);
}

static void
foreign_objects_are_refused(void **state)
{
	const struct setpki_object key = {SETPKI_OBJECT_PUBKEY, SP_BYTES("\x30")},
				   junk = {SETPKI_OBJECT_BCI, SP_BYTES("\x30")};
	setpki_pool *pool;

	(void)state;
	assert_int_equal(setpki_pool_new(gen_ctx(), &pool, NULL), SETPKI_E_OK);
	assert_int_equal(setpki_pool_add(pool, &key, NULL, NULL), SETPKI_E_ARGUMENT);
	assert_int_equal(setpki_pool_add(pool, &junk, NULL, NULL), SETPKI_E_PARSE);
	setpki_pool_free(pool);
	setpki_pool_free(NULL);
}

static void
a_borrowed_crl_counts_like_a_copied_one(void **state)
{
	struct gen_edit edits[GEN_EDITS] = {{.what = GEN_CRL_OMIT, .slot = GEN_PCA}};
	struct gen_world w;
	setpki_pool *pool;

	(void)state;
	gen_make(&w, SETPKI_SUITE_MODERN, edits);
	pool = gen_pool(&w);
	expect(pool, w.c[GEN_LEAF].der, GEN_NOW, SETPKI_UNDECIDABLE, "chain.crl.missing");
	assert_int_equal(setpki_pool_add_crl_borrowed(pool, w.crl[GEN_PCA], "mapped.crl", NULL), SETPKI_E_OK);
	expect(pool, w.c[GEN_LEAF].der, GEN_NOW, SETPKI_VALID, "");
	setpki_pool_free(pool);
	gen_free(&w);
}

/* --- stock readers ----------------------------------------------------------------------------------------- */

static X509 *
x509(setpki_bytes der)
{
	const unsigned char *p = der.p;
	X509 *x = d2i_X509(NULL, &p, (long)der.n);

	assert_non_null(x);
	return x;
}

static void
fill_store(const struct gen_world *w, X509_STORE *store, STACK_OF(X509) * untrusted)
{
	static const enum gen_slot cas[] = {GEN_BRAND, GEN_GEO, GEN_PCA, GEN_ROOT};
	X509 *root = x509(w->c[GEN_ROOT].der);
	const unsigned char *p;
	X509_CRL *crl;
	size_t i;

	assert_int_equal(X509_STORE_add_cert(store, root), 1);
	X509_free(root);
	for (i = 0; i < 4; i++) {
		if (cas[i] != GEN_ROOT)
			assert_true(sk_X509_push(untrusted, x509(w->c[cas[i]].der)) > 0);
		p = w->crl[cas[i]].p;
		crl = d2i_X509_CRL(NULL, &p, (long)w->crl[cas[i]].n);
		assert_int_equal(X509_STORE_add_crl(store, crl), 1);
		X509_CRL_free(crl);
	}
}

static int
openssl_says(const struct gen_world *w)
{
	X509_STORE *store = X509_STORE_new();
	STACK_OF(X509) *untrusted = sk_X509_new_null();
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	X509 *leaf = x509(w->c[GEN_LEAF].der);
	int error;

	fill_store(w, store, untrusted);
	assert_int_equal(X509_STORE_CTX_init(ctx, store, leaf, untrusted), 1);
	X509_STORE_CTX_set_flags(ctx,
	    X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL | X509_V_FLAG_X509_STRICT | X509_V_FLAG_POLICY_CHECK);
	X509_STORE_CTX_set_time(ctx, 0, (time_t)GEN_NOW);
	X509_verify_cert(ctx);
	error = X509_STORE_CTX_get_error(ctx);
	X509_STORE_CTX_free(ctx);
	X509_free(leaf);
	sk_X509_pop_free(untrusted, X509_free);
	X509_STORE_free(store);
	return error;
}

static void
openssl_accepts_the_relaxed_gateway_chain(void **state)
{
	struct gen_edit relaxed[GEN_EDITS] = {{.what = GEN_RELAX}},
			revoked[GEN_EDITS] = {
			    {.what = GEN_RELAX}, {.what = GEN_CRL_REVOKE, .slot = GEN_GEO, .other = GEN_PCA}};
	struct gen_world w;

	(void)state;
	gen_make(&w, SETPKI_SUITE_MODERN, relaxed);
	assert_int_equal(openssl_says(&w), X509_V_OK);
	gen_free(&w);
	gen_make(&w, SETPKI_SUITE_MODERN, revoked);
	assert_int_equal(openssl_says(&w), X509_V_ERR_CERT_REVOKED);
	gen_free(&w);
	gen_make(&w, SETPKI_SUITE_MODERN, NULL);
	assert_int_equal(openssl_says(&w), X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION);
	gen_free(&w);
}

static int
start(void **state)
{
	(void)state;
	gen_start();
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	gen_stop();
	return 0;
}

int
main(void)
{
	struct CMUnitTest t[] = {
	    {untils[0].name, valid_until, NULL, NULL, &untils[0]},
	    {untils[1].name, valid_until, NULL, NULL, &untils[1]},
	    {untils[2].name, valid_until, NULL, NULL, &untils[2]},
	    {untils[3].name, valid_until, NULL, NULL, &untils[3]},
	    cmocka_unit_test(the_path_is_told_from_leaf_to_root),
	    cmocka_unit_test(remembered_prefix_does_not_vouch_for_a_forged_leaf),
	    cmocka_unit_test(remembered_prefix_ends_with_a_newer_crl),
	    cmocka_unit_test(remembered_prefix_ends_when_a_newer_crl_comes_into_force),
	    cmocka_unit_test(remembered_prefix_ends_with_a_higher_sequence),
	    cmocka_unit_test(remembered_prefix_answers_only_what_was_asked),
	    cmocka_unit_test(the_good_one_of_many_candidates_is_found),
	    cmocka_unit_test(too_many_candidates_are_said),
	    cmocka_unit_test(a_succession_of_two_ends_with_the_root_between),
	    cmocka_unit_test(no_trusted_root_is_a_state),
	    cmocka_unit_test(foreign_objects_are_refused),
	    cmocka_unit_test(a_borrowed_crl_counts_like_a_copied_one),
	    cmocka_unit_test(openssl_accepts_the_relaxed_gateway_chain),
	};

	return _cmocka_run_group_tests("chain_paths", t, sizeof(t) / sizeof(t[0]), start, stop);
}
