/* setca hold and release, as an operator meets them. */
#include "tests/support/check.h"
#include "tests/support/cli.h"

#include <stdlib.h>

#define HELD "issuing is held since 2026-11-23T12:00:00Z: a key may be lost; 'setca release' resumes it"

static int
make_home(void **state)
{
	(void)state;
	cli_enter("hold");
	cli_ok("setca init policies/demo.yaml && setca issue gateway --name gw1 --out gw1");
	return 0;
}

static void
prints(const char *golden, const char *line)
{
	char *text = cli_expect(0, "%s", line);

	cli_golden(golden, text);
	free(text);
}

static void
nothing_is_issued(void **state)
{
	(void)state;
	prints("hold", "setca hold --reason 'a key may be lost'");
	cli_refused(1, HELD, "setca hold");
	cli_refused(1, HELD, "setca issue gateway --name gw2 --out gw2");
	cli_refused(1, HELD, "setca ca roll card --yes");
	cli_refused(1, HELD, "setca ca renew card --yes");
	cli_ok("setca issue gateway --name gw1 --out gw1 && setca init policies/demo.yaml");
	prints("tree-held", "setca tree | tail -n 2");
	cli_ok("setca --json tree | grep -q '\"held\":true'");
}

static void
revoking_and_publishing_go_on(void **state)
{
	(void)state;
	cli_ok("setca revoke --file gw1/signature.cer --yes && setca publish");
}

static void
it_goes_on_after_release(void **state)
{
	(void)state;
	cli_clock("2026-11-23T13:00:00Z");
	prints("release", "setca release");
	cli_refused(1, "not held", "setca release");
	cli_ok("setca issue gateway --name gw2 --out gw2 && setca --json tree | grep -q '\"held\":false'");
	prints("hold-json", "setca --json hold; setca --json release");
	prints("hold-log", "setca audit log --limit 1000 | grep 'issuing' | sed 's/^ *[0-9]* *//'");
	cli_ok("setca audit verify");
}

/* A superior on its own machine is held there. */
static void
a_held_superior_does_not_sign(void **state)
{
	(void)state;
	cli_enter("hold-offline");
	cli_ok("sed '0,/  name: root/s//  name: root\\n  offline: true/' policies/demo.yaml >offline.yaml && "
	       "setca --home root-home init offline.yaml --only root && { setca init offline.yaml; test $? = 3; } && "
	       "setca ca request root --out for-root.pem && setca --home root-home hold");
	cli_refused(1, "held since", "setca --home root-home ca sign for-root.pem --out answer.p7b --yes");
	cli_ok("test ! -e answer.p7b && setca --home root-home release && "
	       "setca --home root-home ca sign for-root.pem --out answer.p7b --yes && setca --home root-home hold && "
	       "setca --home root-home ca sign for-root.pem --out again.p7b --yes");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(nothing_is_issued),
	    cmocka_unit_test(revoking_and_publishing_go_on),
	    cmocka_unit_test(it_goes_on_after_release),
	    cmocka_unit_test(a_held_superior_does_not_sign),
	};

	return cmocka_run_group_tests(tests, make_home, NULL);
}
