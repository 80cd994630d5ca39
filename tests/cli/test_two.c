/* Several programs on one home, and programs that are killed: nothing is lost, nothing is there twice. */
#include "tests/support/check.h"
#include "tests/support/cli.h"

#include <stdlib.h>

#define EACH 12

static void
two_issue_at_once(void **state)
{
	char *text;

	(void)state;
	cli_enter("two");
	cli_ok("setca init policies/demo.yaml");
	cli_ok("for p in a b; do ( for i in $(seq %d); do setca issue gateway --kind signature --name $p$i --out $p$i "
	       ">$p$i.log "
	       "2>&1 || exit 1; done; : >$p.done ) & done; wait; test -e a.done && test -e b.done || { cat *.log; exit "
	       "1; }",
	    EACH);
	/* each certificate is in the store once, and there are as many serial numbers as certificates */
	text = cli_expect(0,
	    "setca --json cert list --ca gateway --limit 1000 | grep -o '\"serial\":\"[0-9a-f]*\"' | sort -u | wc -l");
	assert_int_equal(strtol(text, NULL, 10), 2 * EACH);
	free(text);
	cli_ok("for i in $(seq %d); do for p in a b; do setca cert find --file $p$i/signature.cer >/dev/null || exit "
	       "1; done; done",
	    EACH);
	cli_ok("setca audit verify");
}

/* Starts a line, kills it after ever longer times, and then lets it come through. */
static void
kill_and_repeat(const char *line)
{
	cli_ok("for t in 0.002 0.005 0.01 0.02 0.04 0.08 0.15 0.3; do timeout -s KILL $t %s >/dev/null 2>&1; done; "
	       "exec %s",
	    line, line);
	cli_ok("setca audit verify");
}

static void
init_killed(void **state)
{
	char *text;

	(void)state;
	cli_enter("killed");
	kill_and_repeat("setca init policies/demo.yaml");
	text = cli_expect(0, "setca --json ca list | grep -o '\"state\":\"active\"' | wc -l");
	assert_int_equal(strtol(text, NULL, 10), 6);
	free(text);
	/* each CA has one certificate for each of its keys, however often it was interrupted */
	text = cli_expect(0, "setca --json cert list --limit 1000 | grep -o '\"serial\"' | wc -l");
	assert_int_equal(strtol(text, NULL, 10), 12);
	free(text);
}

static void
issue_killed(void **state)
{
	char *text;

	(void)state;
	cli_enter("killed");
	kill_and_repeat("setca issue gateway --name gw1 --out gw1");
	text = cli_expect(0, "setca --json cert find --holder gw1 | grep -o '\"serial\"' | wc -l");
	assert_int_equal(strtol(text, NULL, 10), 2);
	free(text);
}

static void
revoke_killed(void **state)
{
	(void)state;
	cli_enter("killed");
	kill_and_repeat("setca revoke --file gw1/signature.cer --reason superseded --yes");
	cli_ok("setca cert find --file gw1/signature.cer | grep revoked");
}

static void
publish_killed(void **state)
{
	(void)state;
	cli_enter("killed");
	kill_and_repeat("setca publish");
	/* whatever was cut short, what is public is whole: the BCI names CRLs that are there, with their numbers */
	cli_ok("setca verify gw1/exchange.cer");
	free(cli_expect(1, "setca verify gw1/signature.cer"));
	cli_ok("openssl pkcs7 -inform DER -in setca-home/public/brand/current/set/brand.p7c -print_certs -noout");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(two_issue_at_once),
	    cmocka_unit_test(init_killed),
	    cmocka_unit_test(issue_killed),
	    cmocka_unit_test(revoke_killed),
	    cmocka_unit_test(publish_killed),
	};

	return cmocka_run_group_tests_name("two", tests, NULL, NULL);
}
