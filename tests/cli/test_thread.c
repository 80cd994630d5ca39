/* The first thread, end to end through the programs: a hierarchy, a gateway certificate, the published set; setverify
 * says yes, and after a revocation no, with the reason. */
#include "tests/support/check.h"
#include "tests/support/cli.h"

#include <stdlib.h>

static void
assert_says(const char *text, const char *piece)
{
	if (strstr(text, piece) == NULL)
		fail_msg("'%s' is not in:\n%s", piece, text);
}

#define SET "setca-home/public/brand/current/set/brand.p7c"
#define TRUST "--root-thumb $(setca --json tree | grep -o '\"thumb\":\"[0-9a-f]*\"' | head -n 1 | cut -d '\"' -f 4)"
#define CLASSIC_SET "s=$(ls setca-home/public/*/current/set/*.p7c); "
#define GIVEN TRUST " --untrusted " SET " --bci " SET " --crl " SET

static void
yes_then_no_with_the_reason(void **state)
{
	char *text;

	(void)state;
	cli_enter("thread");
	text = cli_expect(0, "setca init policies/demo.yaml");
	assert_says(text, "Done: ");
	free(text);
	cli_ok("setca issue gateway --name gw1 --out gw1");
	text = cli_expect(0, "setverify " GIVEN " gw1/signature.cer gw1/exchange.cer");
	assert_says(text, "valid");
	free(text);

	cli_clock("2026-11-23T13:00:00Z");
	cli_ok("setca revoke --file gw1/signature.cer --reason keyCompromise --yes");
	/* until the next set is out nobody can know */
	cli_ok("setverify " GIVEN " gw1/signature.cer");
	cli_ok("setca publish");
	text = cli_expect(1, "setverify " GIVEN " gw1/signature.cer");
	assert_says(text, "chain.revoked");
	free(text);
	/* the other certificate of the same gateway was not revoked */
	cli_ok("setverify " GIVEN " gw1/exchange.cer");
}

static void
the_same_with_the_homes_own_defaults(void **state)
{
	char *text;

	(void)state;
	cli_enter("thread");
	cli_clock("2026-11-23T13:00:00Z");
	text = cli_expect(1, "setca verify gw1/signature.cer");
	assert_says(text, "chain.revoked");
	free(text);
	cli_ok("setca verify gw1/exchange.cer");
}

static void
a_set_that_ran_out_decides_nothing(void **state)
{
	(void)state;
	cli_enter("thread");
	cli_clock("2026-12-24T13:00:00Z");
	free(cli_expect(1, "setverify " GIVEN " gw1/exchange.cer"));
	cli_ok("setca publish --due");
	cli_ok("setverify " GIVEN " gw1/exchange.cer");
}

static void
the_log_is_whole(void **state)
{
	(void)state;
	cli_enter("thread");
	cli_ok("setca audit verify");
}

static void
the_classic_suite_says_that_it_is_weak(void **state)
{
	struct cli_result r;
	char *text;

	(void)state;
	cli_enter("classic");
	cli_run(&r, "printf 'a passphrase\\n' >pass; setca init policies/classic-1997.yaml --passphrase-fd 3 3<pass");
	if (r.status != 0)
		fail_msg("init: status %d: %s", r.status, r.err);
	assert_says(r.err, "too weak");
	cli_free(&r);
	cli_ok("setca issue gateway --name gw1 --out gw1 --passphrase-fd 3 3<pass");
	/* classic only where it is asked for by name */
	text = cli_expect(1, CLASSIC_SET "setverify " TRUST " --untrusted $s --bci $s --crl $s gw1/signature.cer");
	assert_says(text, "chain.suite.asked");
	free(text);
	cli_ok(CLASSIC_SET "setverify --suite classic " TRUST " --untrusted $s --bci $s --crl $s gw1/signature.cer "
			   "gw1/exchange.cer");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(yes_then_no_with_the_reason),
	    cmocka_unit_test(the_same_with_the_homes_own_defaults),
	    cmocka_unit_test(a_set_that_ran_out_decides_nothing),
	    cmocka_unit_test(the_log_is_whole),
	    cmocka_unit_test(the_classic_suite_says_that_it_is_weak),
	};

	return cmocka_run_group_tests_name("thread", tests, NULL, NULL);
}
