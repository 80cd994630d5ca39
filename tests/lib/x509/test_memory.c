/* Memory that runs out: each allocation fails once; the call says so, hands out nothing, and works the next time. */
#include "lib/x509/lint.h"
#include "lib/x509/merchant.h"
#include "tests/support/certs.h"
#include "tests/support/check.h"

#include <openssl/crypto.h>
#include <stdlib.h>

static long countdown; /* 0: no failure wanted */
static bool has_failed;

static bool
fails_now(void)
{
	bool now = countdown > 0 && --countdown == 0;

	has_failed |= now;
	return now;
}

static void *
counted_malloc(size_t n, const char *file, int line)
{
	(void)file;
	(void)line;
	return fails_now() ? NULL : malloc(n);
}

static void *
counted_realloc(void *p, size_t n, const char *file, int line)
{
	(void)file;
	(void)line;
	return fails_now() ? NULL : realloc(p, n);
}

static void
counted_free(void *p, const char *file, int line)
{
	(void)file;
	(void)line;
	free(p);
}

typedef enum setpki_code work_fn(struct certs_case *c, struct sp_buf *out, struct setpki_error *err);

/* Lets the 1st, 2nd, 3rd ... allocation of `work` fail until none is left to fail.  What succeeds in spite of it gives
 * the same result. */
static void
each_allocation_fails(work_fn *work, enum setpki_kind kind)
{
	struct setpki_error none = {0};
	struct sp_buf want = {0};
	struct certs_case c;
	bool failed = true;

	certs_case(&c, SETPKI_SUITE_CLASSIC, kind);
	t_ok(work(&c, &want, &none), &none);
	for (long n = 1; failed && n < 1000; n++) {
		struct setpki_error err = {0};
		struct sp_buf out = {0};
		enum setpki_code rc;

		countdown = n;
		has_failed = false;
		rc = work(&c, &out, &err);
		failed = has_failed;
		countdown = 0;
		if (rc == SETPKI_E_OK) {
			t_bytes(sp_buf_bytes(&out), sp_buf_bytes(&want));
		} else {
			assert_true(rc == SETPKI_E_MEMORY || rc == SETPKI_E_CRYPTO);
			assert_int_equal(sp_buf_bytes(&out).n, 0);
			assert_int_equal(err.code, rc);
		}
		sp_buf_free(&out);
	}
	assert_false(failed);
	sp_buf_free(&want);
	certs_case_free(&c);
}

static enum setpki_code
build(struct certs_case *c, struct sp_buf *out, struct setpki_error *err)
{
	c->spec.policy.statement = "Caf\xc3\xa9"; /* a BMPString has memory of its own */
	return sp_cert_build(certs_ctx(), &c->spec, out, err);
}

static enum setpki_code
build_name(struct certs_case *c, struct sp_buf *out, struct setpki_error *err)
{
	const struct sp_name_parts parts = {"US", "Caf\xc3\xa9", "A", "B", "Number G1"};

	return sp_name_build(c->spec.suite, &parts, out, err);
}

static enum setpki_code
build_merchant(struct certs_case *c, struct sp_buf *out, struct setpki_error *err)
{
	static const struct sp_mer_names names = {"en", "Caf\xc3\xa9", "City", "State", "Code", "Country"};
	const struct sp_merchant_data m = {"SHOP", "412345", &names, 1, 840, false};

	(void)c;
	return sp_merchant_build(&m, out, err);
}

/* Findings of a certificate of the wrong suite, and one that cannot be read. */
static enum setpki_code
lint(struct certs_case *c, struct sp_buf *out, struct setpki_error *err)
{
	struct setpki_findings f = {0};
	enum setpki_code rc;

	rc = sp_lint_cert(certs_ctx(), c->spec.issuer->der, SETPKI_SUITE_MODERN, &f, err);
	if (rc == SETPKI_E_OK)
		rc = sp_lint_tbs(certs_ctx(), sp_bytes("", 1), SETPKI_SUITE_NONE, &f, err);
	for (size_t i = 0; rc == SETPKI_E_OK && i < f.n; i++) {
		countdown = 0; /* what follows is the test's own memory */
		sp_buf_printf(out, "%s: %s\n", f.v[i].rule->id, f.v[i].text);
	}
	setpki_findings_free(&f);
	return rc;
}

static void
building_a_certificate(void **state)
{
	(void)state;
	each_allocation_fails(build, SETPKI_KIND_MER_SIG);
	each_allocation_fails(build, SETPKI_KIND_ROOT);
}

static void
building_a_name(void **state)
{
	(void)state;
	each_allocation_fails(build_name, SETPKI_KIND_CARD_SIG);
}

static void
building_merchant_data(void **state)
{
	(void)state;
	each_allocation_fails(build_merchant, SETPKI_KIND_MER_SIG);
}

static void
linting(void **state)
{
	(void)state;
	each_allocation_fails(lint, SETPKI_KIND_CARD_SIG);
}

/* Names whose comparison ran out of memory are not the same. */
static void
comparing_names(void **state)
{
	const struct sp_name_parts one = {NULL, "Brand", NULL, NULL, "Card CA G1"},
				   two = {NULL, "Brand", NULL, NULL, "Next CA G2"};
	struct setpki_error err = {0};
	struct sp_buf a = {0}, b = {0};

	(void)state;
	t_ok(sp_name_build(SETPKI_SUITE_MODERN, &one, &a, &err), &err);
	t_ok(sp_name_build(SETPKI_SUITE_MODERN, &two, &b, &err), &err);
	for (long n = 1; n < 20; n++) {
		countdown = n;
		assert_false(sp_name_same_ca(sp_buf_bytes(&a), sp_buf_bytes(&b), NULL, NULL));
		countdown = 0;
	}
	for (long n = 1; n < 20; n++) {
		countdown = n;
		has_failed = false;
		assert_true(sp_name_same_brand(sp_buf_bytes(&a), sp_buf_bytes(&b)) || has_failed);
		countdown = 0;
	}
	sp_buf_free(&a);
	sp_buf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(building_a_certificate),
	    cmocka_unit_test(building_a_name),
	    cmocka_unit_test(building_merchant_data),
	    cmocka_unit_test(linting),
	    cmocka_unit_test(comparing_names),
	};

	if (CRYPTO_set_mem_functions(counted_malloc, counted_realloc, counted_free) != 1)
		return 1;
	return cmocka_run_group_tests(tests, certs_start, certs_stop);
}
