/* setca request: what waits, what was asked, and deciding it; nothing that looks like a card number is printed. */
#include "tests/support/check.h"
#include "tests/support/cli.h"
#include "tests/support/enrollee.h"

#include <stdio.h>
#include <stdlib.h>

#define OTHER_PAN "4123450000000016"

static struct t_registry r;
static struct t_enrollee alice, bert, shop, gateway, late;

static int64_t
now(void)
{
	int64_t t;

	assert_int_equal(setpki_time_parse(CLI_NOW, &t, NULL), SETPKI_E_OK);
	return t;
}

static void
pend(struct t_enrollee *p, const struct setpki_enroll_ask *ask, const char *answer)
{
	t_enrollee_open(p, &r, ask);
	if (answer != NULL)
		p->answers[0] = answer;
	assert_int_equal(t_enrollee_run(p), SETPKI_ENROLL_WAIT);
}

#define ASK(...) (&(const struct setpki_enroll_ask){__VA_ARGS__})

/* Four that wait: two cards, a merchant that nobody knows, a gateway.  One types card numbers where they do not belong.
 */
static int
make_home(void **state)
{
	(void)state;
	cli_enter("request");
	cli_ok("setca init policies/demo.yaml");
	t_registry_open(&r, "setca-home", now());
	pend(&alice, ASK(.type = SETPKI_CARD_INITIAL_SIG, .language = "de"), "My card " OTHER_PAN);
	pend(&bert, ASK(.type = SETPKI_CARD_INITIAL_SIG, .pan = OTHER_PAN), NULL);
	pend(&shop, ASK(.type = SETPKI_MER_INITIAL_BOTH, .id = OTHER_PAN), NULL);
	t_list_gateway(r.home, "17", "gw1", false);
	pend(&gateway, ASK(.type = SETPKI_PGWY_INITIAL_BOTH, .id = "17"), NULL);
	t_registry_stop(&r);
	return 0;
}

static int
close_all(void **state)
{
	(void)state;
	t_enrollee_close(&alice);
	t_enrollee_close(&bert);
	t_enrollee_close(&shop);
	t_enrollee_close(&gateway);
	t_enrollee_close(&late);
	return 0;
}

/* --- in order: what is printed ------------------------------------------------------------------- */

static const struct row {
	const char *name, *line;
} rows[] = {
    {"request-list", "setca request list"},
    {"request-list-json", "setca --json request list --limit 1 --ca card"},
    {"request-list-next", "setca request list --limit 2 --after 2"},
    {"request-list-none", "setca request list --state complete"},
    {"request-show", "setca request show 1"},
    {"request-show-merchant", "setca --json request show 3"},
    {"request-approve", "setca request approve 1 --by anna"},
    {"request-approve-one", "setca request approve 4 --by anna"},
    {"request-show-vote", "setca request show 4"},
    {"request-approve-two", "setca --json request approve 4 --by bert"},
    {"request-reject", "setca request reject 2 3 --by anna --message 'Ask about " OTHER_PAN "'"},
    {"request-show-rejected", "setca request show 2"},
    {"request-list-all", "setca request list --state all"},
    {"request-log", "setca audit log --limit 1000 | grep 'request [0-9]' | sed 's/^ *[0-9]* *//'"},
};

static void
row_prints(void **state)
{
	const struct row *row = *state;
	char *text = cli_expect(0, "%s", row->line);

	assert_null(strstr(text, T_PAN));
	assert_null(strstr(text, OTHER_PAN));
	cli_golden(row->name, text);
	free(text);
}

/* --- refusals ------------------------------------------------------------------------------------ */

static const struct bad {
	const char *line, *says;
	int status;
} bad[] = {
    {"setca request show 99", "there is no request number 99", 3},
    {"setca request show x", "'x' is not the number of a request", 2},
    {"setca request show 0", "'0' is not the number of a request", 2},
    {"setca request approve 1 --by anna", "request 1 is complete", 1},
    {"setca request approve 5 --by 01234567890123456789012345678901234567890123456789012345678901234", "64 octets", 2},
    {"setca request reject 1", "request 1 is complete", 1},
    {"setca request reject 5 --message \"$(printf %129s x)\"", "1 to 128 characters", 2},
    {"setca request list --limit 0", "would show nothing", 2},
    {"setca request list --ca nobody", "there is no CA 'nobody'", 3},
    {"setca request list --after x", "not the number", 2},
};

static void
what_cannot_be_is_refused(void **state)
{
	(void)state;
	t_registry_open(&r, "setca-home", now());
	pend(&late, ASK(.type = SETPKI_MER_INITIAL_SIG, .id = "4712"), NULL);
	t_registry_stop(&r);
	for (size_t i = 0; i < NELEMS(bad); i++)
		cli_refused(bad[i].status, bad[i].says, "%s", bad[i].line);
	cli_refused(3, "the account list has no '4712'", "setca request approve 5 --by anna");
	cli_ok("setca request reject 5");
	cli_ok("setca audit verify");
}

/* The numbers that were given stand nowhere: not in the store, the log or the public folder. */
static void
no_number_is_kept(void **state)
{
	(void)state;
	free(cli_expect(1, "grep -rlae '" T_PAN "' -e '" OTHER_PAN "' setca-home"));
}

/* What persons decided reaches the holders. */
static void
holders_are_told(void **state)
{
	(void)state;
	t_registry_open(&r, "setca-home", now());
	assert_int_equal(t_enrollee_inquire(&alice), SETPKI_ENROLL_DONE);
	assert_int_equal(t_enrollee_inquire(&bert), SETPKI_ENROLL_REFUSED);
	assert_int_equal(t_enrollee_inquire(&shop), SETPKI_ENROLL_REFUSED);
	assert_int_equal(t_enrollee_status(&shop), SETPKI_STATUS_REJECTED_BY_ACQUIRER);
	assert_int_equal(t_enrollee_inquire(&gateway), SETPKI_ENROLL_DONE);
	t_registry_stop(&r);
}

int
main(void)
{
	struct CMUnitTest all[NELEMS(rows) + 3];
	size_t n = 0;

	for (size_t i = 0; i < NELEMS(rows); i++)
		all[n++] = (struct CMUnitTest){rows[i].name, row_prints, NULL, NULL, (void *)(uintptr_t)&rows[i]};
	all[n++] = (struct CMUnitTest)cmocka_unit_test(what_cannot_be_is_refused);
	all[n++] = (struct CMUnitTest)cmocka_unit_test(no_number_is_kept);
	all[n++] = (struct CMUnitTest)cmocka_unit_test(holders_are_told);
	return _cmocka_run_group_tests("cli/request", all, n, make_home, close_all);
}
