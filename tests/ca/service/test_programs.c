/* Which programs a policy names, as the spawner is told. */
#include "ca/service/programs.h"
#include "ca/store/codec.h"
#include "tests/support/check.h"
#include "tests/support/home.h"

static size_t
count(setpki_bytes contents)
{
	struct ca_reader r = ca_reader(contents);
	size_t n = 0;

	for (n = 0, (void)ca_get_u8(&r); r.p < r.end; n++)
		assert_non_null(ca_get_str(&r));
	assert_true(ca_get_end(&r));
	return n;
}

static void
of_a_policy(void **state)
{
	/* cardholders, merchants and gateways: two of the three have the same one */
	static const char *const edits[] = {"decide: [accounts, manual]",
	    "decide: [accounts, program]\n                    program: {path: /bin/card-check}",
	    "decide: [accounts, manual]", "decide: [program]\n                    program: {path: /bin/shop-check}",
	    "decide: [manual]", "decide: [program, manual]\n                    program: {path: /bin/shop-check}",
	    NULL};
	struct ca_policy *p = t_policy("policies/demo.yaml", edits);
	struct sp_buf b = {0};

	(void)state;
	ca_programs_put(p, &b);
	assert_true(ca_programs_check(sp_buf_bytes(&b)));
	assert_int_equal(count(sp_buf_bytes(&b)), 2);
	assert_true(ca_programs_have(sp_buf_bytes(&b), "/bin/card-check"));
	assert_true(ca_programs_have(sp_buf_bytes(&b), "/bin/shop-check"));
	assert_false(ca_programs_have(sp_buf_bytes(&b), "/bin/sh"));
	assert_false(ca_programs_have(sp_buf_bytes(&b), ""));
	sp_buf_free(&b);
	ca_policy_free(p);
}

static void
of_a_policy_without_any(void **state)
{
	struct ca_policy *p = t_policy("policies/demo.yaml", NULL);
	struct sp_buf b = {0};

	(void)state;
	ca_programs_put(p, &b);
	assert_true(b.n != 0 && ca_programs_check(sp_buf_bytes(&b)));
	assert_int_equal(count(sp_buf_bytes(&b)), 0);
	sp_buf_free(&b);
	ca_policy_free(p);
}

static void
what_cannot_be_read(void **state)
{
	static const char *const bad[] = {"", "00 00000002 2f", "00 000000", "00 00000001 2f", "00 00000000"};

	(void)state;
	for (size_t i = 0; i < NELEMS(bad); i++) {
		assert_false(ca_programs_check(t_hex(bad[i])));
		assert_false(ca_programs_have(t_hex(bad[i]), "/"));
	}
	assert_true(ca_programs_check(t_hex("00 00000002 2f00")));
	assert_true(ca_programs_have(t_hex("00 00000002 2f00"), "/"));
	t_hex_free();
}

int
main(void)
{
	const struct CMUnitTest all[] = {
	    cmocka_unit_test(of_a_policy),
	    cmocka_unit_test(of_a_policy_without_any),
	    cmocka_unit_test(what_cannot_be_read),
	};

	return cmocka_run_group_tests(all, NULL, NULL);
}
