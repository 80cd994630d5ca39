/* docs/examples/enroll.c, the wallet that docs/library.md explains, registers with a setcad; both on the real clock. */
#include "tests/support/check.h"
#include "tests/support/cli.h"
#include "tests/support/daemon.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

static struct t_daemon d;
static const char *port;

static int
start(void **state)
{
	(void)state;
	cli_enter("library");
	unsetenv("TEST_CLOCK");
	cli_ok("setca init policies/demo.yaml && echo 4123450000000008,203012 >cards.txt && "
	       "setca account import cards.txt --ca card && cp setca-home/public/brand/current/ca/root-1.cer root.cer");
	t_daemon_start(&d, "%s", "");
	assert_non_null(port = strrchr(d.http, ':'));
	port++;
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	return d.pid > 0 ? t_daemon_end(&d, SIGTERM) : 0;
}

/* Runs the example with these lines on its standard input. */
static char *
enroll(int status, const char *lines)
{
	return cli_expect(status,
	    "printf '%s' | $(dirname $(command -v setca))/../examples/enroll root.cer 127.0.0.1 %s card.der", lines,
	    port);
}

static void
says(char *text, const char *what)
{
	if (strstr(text, what) == NULL)
		fail_msg("\"%s\" is not in: %s", what, text);
	assert_null(strstr(text, "4123450000000008"));
	free(text);
}

static void
a_listed_card_is_certified(void **state)
{
	(void)state;
	says(
	    enroll(0, "4123450000000008\\n203012\\nAlice\\n1970-01-31\\nsecret\\n"), "certified: cardholder signature");
	cli_ok("setca verify card.der && setca audit verify");
}

static void
a_card_that_is_not_listed_waits_for_a_person(void **state)
{
	(void)state;
	says(enroll(1, "4123450000000016\\n203012\\nBert\\n1970-01-31\\nsecret\\n"), "no certificate: requestPended");
}

static void
a_card_that_registers_elsewhere_is_told_so(void **state)
{
	(void)state;
	says(enroll(1, "4123460000000005\\n203012\\n"), "no certificate");
}

static void
an_answer_that_is_no_date_is_named(void **state)
{
	char *text =
	    enroll(0, "4123450000000008\\n203012\\nAlice\\nyesterday\\nsecret\\nAlice\\n1970-01-31\\nsecret\\n");

	(void)state;
	assert_non_null(strstr(text, "answer 2: not in the form that is asked for"));
	says(text, "certified: cardholder signature");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_listed_card_is_certified),
	    cmocka_unit_test(a_card_that_is_not_listed_waits_for_a_person),
	    cmocka_unit_test(a_card_that_registers_elsewhere_is_told_so),
	    cmocka_unit_test(an_answer_that_is_no_date_is_named),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
