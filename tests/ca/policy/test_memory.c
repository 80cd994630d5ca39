/* Reading, showing, explaining and comparing with each allocation failing in turn: told as such, nothing leaks (asan),
 * nothing half made is handed out. */
#include "ca/policy/show.h"
#include "tests/support/policy.h"

#include <openssl/crypto.h>
#include <stdlib.h>

static long countdown = -1; /* allocations until one fails; negative: none does */

static bool
fails(void)
{
	return countdown >= 0 && countdown-- == 0;
}

static void *
take(size_t n, const char *file, int line)
{
	(void)file;
	(void)line;
	return fails() ? NULL : malloc(n);
}

static void *
grow(void *p, size_t n, const char *file, int line)
{
	(void)file;
	(void)line;
	if (n == 0) {
		free(p);
		return NULL;
	}
	return fails() ? NULL : realloc(p, n);
}

static void
give(void *p, const char *file, int line)
{
	(void)file;
	(void)line;
	free(p);
}

typedef enum setpki_code work_fn(const char *text, struct setpki_error *err);

static enum setpki_code
read_it(const char *text, struct setpki_error *err)
{
	struct ca_policy *p;
	enum setpki_code rc = t_policy_text(text, strlen(text), &p, err);

	assert_int_equal(rc == SETPKI_E_OK, p != NULL);
	ca_policy_free(p);
	return rc;
}

static struct ca_policy *whole, *demo;

static enum setpki_code
show_it(const char *text, struct setpki_error *err)
{
	struct sp_buf b = {0};
	enum setpki_code rc = ca_policy_show(whole, &b, err);

	(void)text;
	sp_buf_free(&b);
	return rc;
}

static enum setpki_code
explain_it(const char *text, struct setpki_error *err)
{
	struct ca_policy_fields f;
	enum setpki_code rc = ca_policy_explain(whole, "desk", CA_ROLE_N, &f, err);

	(void)text;
	ca_policy_fields_free(&f);
	return rc;
}

static enum setpki_code
diff_it(const char *text, struct setpki_error *err)
{
	struct ca_policy_changes c;
	enum setpki_code rc = ca_policy_diff(demo, whole, &c, err);

	(void)text;
	ca_policy_changes_free(&c);
	return rc;
}

/* Fails the 1st, the (1 + step)th, ... allocation until all goes well. */
static void
with_each_failure(work_fn *work, const char *text, long step, long at_least)
{
	enum setpki_code rc = SETPKI_E_MEMORY;
	long n;

	for (n = 0; rc != SETPKI_E_OK; n += step) {
		struct setpki_error err = {0};

		countdown = n;
		rc = work(text, &err);
		if (countdown >= 0)
			assert_int_equal(rc, SETPKI_E_OK);
		countdown = -1;
		if (rc != SETPKI_E_OK && rc != SETPKI_E_MEMORY && rc != SETPKI_E_CRYPTO)
			fail_msg("allocation %ld: %s", n, err.message);
		assert_int_equal(err.code, rc);
	}
	if (n <= at_least)
		fail_msg("only %ld allocations", n);
}

static void
reading(void **state)
{
	char *text = t_file("tests/vectors/policy/whole.yaml");

	(void)state;
	with_each_failure(read_it, text, 7, 700);
	free(text);
}

static void
showing(void **state)
{
	(void)state;
	with_each_failure(show_it, NULL, 1, 4);
}

static void
explaining(void **state)
{
	(void)state;
	with_each_failure(explain_it, NULL, 1, 2);
}

static void
comparing(void **state)
{
	(void)state;
	with_each_failure(diff_it, NULL, 1, 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reading),
	    cmocka_unit_test(showing),
	    cmocka_unit_test(explaining),
	    cmocka_unit_test(comparing),
	};
	char *text;
	int failed;

	if (CRYPTO_set_mem_functions(take, grow, give) != 1)
		return 1;
	text = t_file("tests/vectors/policy/whole.yaml");
	whole = t_policy_good(text);
	free(text);
	text = t_file("policies/demo.yaml");
	demo = t_policy_good(text);
	free(text);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	ca_policy_free(whole);
	ca_policy_free(demo);
	return failed;
}
