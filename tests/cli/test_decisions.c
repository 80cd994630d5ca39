/* Who decides, over HTTP: the account list, a program in every way that programs end, persons; and what the holder is
 * told by setenroll, with which exit status. */
#include "tests/support/check.h"
#include "tests/support/cli.h"
#include "tests/support/daemon.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

static struct t_daemon d;

/* One step of the story: a line of the shell, its exit status, and two things that it says ("" for none). */
struct row {
	const char *name, *line;
	int status;
	const char *says, *too;
};

/* Cards by the end of their number, each in a folder of that name. */
#define CARD(n)                                                                                                        \
	"echo 412345000000" n " | setenroll cardholder $E --expiry 203012 --pan-fd 0 --answers card.json --dir " n
#define SHOP(n) "setenroll merchant $E --bin 412399 --merchant-id " n " --answers shop.json --dir " n
#define GATE(n) "setenroll gateway $E --bin 412399 --answers gate.json --dir " n
#define STATUS(n) "setenroll status --dir " n
/* What was approved is issued within a second or so. */
#define UNTIL_DONE(n) "for i in $(seq 200); do " STATUS(n) " && exit 0; sleep 0.05; done; exit 1"
/* The request that came last of those that wait for persons. */
#define LAST "$(setca request list --limit 1000 | sed -n 's/^ *\\([0-9]*\\) .*/\\1/p' | tail -n 1)"

/* --- the account list --------------------------------------------------------------------------- */

static const struct row list_rows[] = {
    {"an active card", CARD("0008"), 0, "state                   done", "CN="},
    {"a blocked card", CARD("0024"), 1, "rejectedByIssuer", "state                   refused"},
    {"a card listed with another expiry", CARD("0032"), 1, "rejectedByIssuer", ""},
    {"an active merchant", SHOP("4711"), 0, "CN=Corner Books", ""},
    {"a blocked merchant", SHOP("4713"), 1, "rejectedByAquirer", ""},
    {"a blocked card, taken back", "echo 4123450000000024,203012 | setca account import - --ca card && " CARD("0024"),
	0, "done", ""},
    {"an active card, blocked meanwhile, renews",
	"echo 4123450000000024,203012,blocked | setca account import - --ca card && echo 4123450000000024 | "
	"setenroll renew --dir 0024 --expiry 203012 --pan-fd 0 --answers card.json",
	1, "rejectedByIssuer", ""},
    {"another card renews it",
	"echo 4123450000000008 | setenroll renew --dir 0024 --expiry 203012 --pan-fd 0 --answers card.json", 1,
	"rejectedByIssuer", ""},
};

/* --- programs ----------------------------------------------------------------------------------- */

/* Reads the question and answers as the card or merchant asks for. */
static const char program[] =
    "#!/bin/sh\n"
    "read -r q\n"
    "case $q in\n"
    "*'\"lastFour\":\"1001\"'*) echo '{\"answer\":\"accept\"}' ;;\n"
    "*'\"lastFour\":\"1002\"'*) echo '{\"answer\":\"reject\"}' ;;\n"
    "*'\"lastFour\":\"1003\"'*) echo '{\"answer\":\"reject\",\"code\":\"rejectedByCA\",\"message\":\"Not now\"}' ;;\n"
    "*'\"lastFour\":\"1004\"'*) echo '{\"answer\":\"pend\",\"message\":\"We look at it\"}' ;;\n"
    "*'\"lastFour\":\"1005\"'*) echo accepted ;;\n"
    "*'\"lastFour\":\"1006\"'*) echo '{\"answer\":\"accept\"}'; exit 1 ;;\n"
    "*'\"lastFour\":\"1007\"'*) echo '{\"answer\":\"accept\"}'; kill -9 $$ ;;\n"
    "*'\"lastFour\":\"1008\"'*) echo '{\"answer\":\"accept\"}'; sleep 60 ;;\n"
    "*'\"lastFour\":\"1009\"'*) sleep 2.5; echo '{\"answer\":\"accept\"}' ;;\n"
    "*'\"lastFour\":\"1010\"'*) sleep 2.5; echo '{\"answer\":\"reject\",\"message\":\"Too late\"}' ;;\n"
    "*'\"lastFour\":\"1011\"'*) echo '{\"answer\":\"accept\"}'; yes | head -c 300000 ;;\n"
    "*'\"lastFour\":\"1012\"'*) ;;\n"
    "*'\"lastFour\":\"1013\"'*) echo '{\"answer\":\"reject\",\"code\":\"requestComplete\"}' ;;\n"
    "*'\"id\":\"4801\"'*) echo '{\"answer\":\"accept\"}' ;;\n"
    "*'\"id\":\"4802\"'*) echo '{\"answer\":\"reject\"}' ;;\n"
    "esac\n";

static const struct row program_rows[] = {
    {"accepts", CARD("1001"), 0, "done", ""},
    {"rejects", CARD("1002"), 1, "rejectedByIssuer", ""},
    {"rejects with a code and a message", CARD("1003"), 1, "rejectedByCA", "Not now"},
    {"pends with a message", CARD("1004"), 3, "requestPended", "We look at it"},
    {"writes what is no JSON", CARD("1005"), 3, "requestPended", ""},
    {"accepts and fails", CARD("1006"), 3, "requestPended", ""},
    {"accepts and is killed", CARD("1007"), 3, "requestPended", ""},
    {"writes without end", CARD("1011"), 3, "requestPended", ""},
    {"says nothing", CARD("1012"), 3, "requestPended", ""},
    {"rejects with a status that is no rejection", CARD("1013"), 3, "requestPended", ""},
    {"accepts late", CARD("1009"), 3, "requestInProgress", ""},
    {"and has accepted", UNTIL_DONE("1009"), 0, "done", ""},
    {"rejects late, waited for", CARD("1010") " --wait 30s", 1, "rejectedByIssuer", "Too late"},
    {"never ends", CARD("1008"), 3, "requestInProgress", ""},
    {"and is given up",
	"for i in $(seq 200); do " STATUS("1008") " | grep requestPended && exit 0; sleep 0.05; done; exit 1", 0, "",
	""},
    {"rejects a merchant", SHOP("4802"), 1, "rejectedByAquirer", ""},
    {"accepts a merchant that has no name here", SHOP("4801"), 3, "requestPended", ""},
    {"who cannot be approved yet", "setca request approve " LAST " --by anna", 3, "the account list has no '4801'", ""},
    {"and is, with a name",
	"echo '[{\"bin\":\"412399\",\"merchant-id\":\"4801\",\"names\":[{\"name\":\"Late "
	"Cakes\",\"city\":\"Springfield\","
	"\"country-name\":\"USA\"}]}]' | setca account import - --ca merchant && setca request approve " LAST
	" --by anna && " UNTIL_DONE("4801"),
	0, "CN=Late Cakes", ""},
    {"is gone", "chmod a-x decide; " CARD("1014"), 3, "requestPended", ""},
    {"is back", "chmod a+x decide; " CARD("1001") "b", 0, "done", ""},
};

/* --- persons ------------------------------------------------------------------------------------ */

static const struct row person_rows[] = {
    {"a card waits", CARD("1004") "b", 3, "requestPended", ""},
    {"and waits", STATUS("1004b"), 3, "requestPended", "setenroll status --dir 1004b"},
    {"is approved", "setca request approve " LAST " --by anna && " UNTIL_DONE("1004b"), 0, "done", "CN="},
    {"another is rejected",
	CARD("1004") "c || setca request reject " LAST " --by anna --message 'Ask your bank' && " STATUS("1004c"), 1,
	"rejectedByIssuer", "Ask your bank"},
    {"what is rejected is not approved",
	CARD("1004") "e; n=" LAST "; setca request reject $n --by anna; setca request approve $n --by bert", 1,
	"is rejected", ""},
    {"a gateway waits for two", GATE("gw"), 3, "requestPended", ""},
    {"one person", "setca request approve " LAST " --by anna && " STATUS("gw"), 3, "requestPended", ""},
    {"the same one again", "setca request approve " LAST " --by anna", 1, "anna", ""},
    {"another one", "setca request approve " LAST " --by bert && " UNTIL_DONE("gw"), 0, "gateway key exchange", ""},
    {"a second gateway, which one approves and one rejects",
	GATE("gw2") " || setca request approve " LAST " --by anna && setca request reject " LAST
		    " --by bert --message 'Not this one' && " STATUS("gw2"),
	1, "rejectedByAquirer", "Not this one"},
};

/* --- held ---------------------------------------------------------------------------------------- */

static const struct row held_rows[] = {
    {"accepted while nothing is issued", "setca hold --reason drill && " CARD("1001") "h", 3, "requestInProgress", ""},
    {"asked about", STATUS("1001h"), 3, "requestInProgress", ""},
    {"rejected all the same", CARD("1002") "h", 1, "rejectedByIssuer", ""},
    {"issued afterwards", "setca release && " UNTIL_DONE("1001h"), 0, "done", "CN="},
};

/* --- forms, and what changed since they were handed out ------------------------------------------ */

static const struct row form_rows[] = {
    {"an answer that is no date",
	"echo 4123450000000008 | setenroll --json cardholder $E --expiry 203012 --pan-fd 0 --answers nodate.json --dir "
	"nodate",
	1, "regFormAnswerMalformed",
	"\"number\":2,\"label\":\"Date of birth\",\"reason\":\"not in the form that is asked for\""},
    {"answered anew",
	"echo 4123450000000008 | setenroll cardholder $E --expiry 203012 --pan-fd 0 --answers card.json "
	"--dir nodate",
	0, "done", ""},
    {"a form is open", "setenroll cardholder $E --language de --expiry 203012 --pan-fd 3 --dir german 3<pan.txt", 3,
	"form", "Geburtsdatum"},
    {"a second one", "setenroll merchant $E --bin 412399 --merchant-id 4711 --dir moved", 3, "form", ""},
    {"a third one", "setenroll gateway $E --bin 412399 --dir short", 3, "form", ""},
};

static const struct row late_rows[] = {
    {"its language is worded anew", "setenroll status --answers card.json --dir german", 1, "invalidLanguage", ""},
    {"its BIN is another CA's", "setenroll status --answers shop.json --dir moved", 1, "invalidBIN", ""},
    {"its key is no longer good enough", "setenroll status --answers gate.json --dir short", 1, "rejectedByCA", ""},
};

static void
in_order(void **state)
{
	const struct row *row = *state;
	char *text = cli_expect(row->status, "(%s) 2>&1", row->line);

	if (strstr(text, row->says) == NULL || strstr(text, row->too) == NULL)
		fail_msg("%s: \"%s\" or \"%s\" is not in: %s", row->name, row->says, row->too, text);
	free(text);
}

/* --- the home ----------------------------------------------------------------------------------- */

static void
the_policy_changes(void **state)
{
	(void)state;
	cli_ok("sed -e 's/Geburtsdatum/Tag der Geburt/' "
	       "-e '/name: merchant/,/name: gateway/s/bins: .\"412399\"./bins: [\"412398\"]/' "
	       "-e '/name: gateway/,$s/signature: .P-256, P-384, RSA-2048./signature: [P-384]/' p.yaml >q.yaml && "
	       "setca policy apply q.yaml --yes");
	kill(d.pid, SIGHUP);
	assert_true(t_daemon_logged(&d, "process=\"worker 1\" event=\"policy taken\""));
	assert_true(t_daemon_logged(&d, "process=\"worker 2\" event=\"policy taken\""));
}

/* Why a request waits for persons whose program was to decide. */
static void
the_log_says_so(void **state)
{
	(void)state;
	assert_true(t_daemon_logged(&d, "gave no answer that can be understood; a request is pended"));
	assert_true(t_daemon_logged(&d, "decide: "));
}

static int
make_home(void **state)
{
	char text[256];
	FILE *f;

	(void)state;
	cli_enter("decisions");
	assert_non_null(f = fopen("decide", "w"));
	assert_true(fputs(program, f) >= 0 && fclose(f) == 0);
	cli_ok("chmod +x decide; awk -v path=\"$PWD/decide\" '/decide: .accounts, manual./ { sub(/manual/, "
	       "\"program\"); print; "
	       "print \"                    program:\"; print \"                      path: \" path; "
	       "print \"                      timeout: 4s\"; next } { print }' policies/demo.yaml >p.yaml && "
	       "setca init p.yaml");
	cli_ok("echo 4123450000000008 >pan.txt; "
	       "printf '4123450000000008,203012\n4123450000000024,203012,blocked\n4123450000000032,203011\n' | "
	       "setca account import - --ca card");
	cli_ok("echo '[{\"bin\":\"412399\",\"merchant-id\":\"4711\",\"names\":[{\"name\":\"Corner Books\","
	       "\"city\":\"Springfield\",\"country-name\":\"USA\"}]},{\"bin\":\"412399\",\"merchant-id\":\"4713\","
	       "\"state\":\"blocked\",\"names\":[{\"name\":\"Closed\",\"city\":\"Springfield\",\"country-name\":"
	       "\"USA\"}]}]' | setca account import - --ca merchant && "
	       "echo '[{\"bin\":\"412399\",\"name\":\"gw1\"}]' | setca account import - --ca gateway");
	cli_ok("echo '{\"agree\":true,\"fields\":{\"fullName\":\"Alice\",\"date\":\"1970-01-31\"}}' >card.json; "
	       "echo '{\"agree\":true,\"fields\":{\"fullName\":\"Alice\",\"date\":\"yesterday\"}}' >nodate.json; "
	       "echo '{\"agree\":true,\"fields\":{\"fullName\":\"Typed Otherwise\"}}' >shop.json; "
	       "echo '{\"agree\":true,\"fields\":{\"Operator on duty\":\"Carol\"}}' >gate.json");
	t_daemon_start(&d, "--rate 0");
	snprintf(text, sizeof(text), "--url http://%s/ --no-passphrase --brand Demo --root root.cer", d.http);
	setenv("E", text, 1);
	cli_ok("cp setca-home/public/brand/current/ca/root-1.cer root.cer");
	return 0;
}

static int
end(void **state)
{
	(void)state;
	assert_int_equal(t_daemon_end(&d, SIGTERM), 0);
	cli_ok("setca audit verify");
	return 0;
}

#define ROWS(t) (t), NELEMS(t)
#define MOST 128

static struct CMUnitTest tests[MOST];
static size_t ntests;

static void
add(const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		tests[ntests++] = (struct CMUnitTest){rows[i].name, in_order, NULL, NULL, (void *)(uintptr_t)&rows[i]};
}

int
main(void)
{
	add(ROWS(list_rows));
	add(ROWS(program_rows));
	tests[ntests++] = (struct CMUnitTest)cmocka_unit_test(the_log_says_so);
	add(ROWS(person_rows));
	add(ROWS(held_rows));
	add(ROWS(form_rows));
	tests[ntests++] = (struct CMUnitTest)cmocka_unit_test(the_policy_changes);
	add(ROWS(late_rows));
	return _cmocka_run_group_tests("cli/decisions", tests, ntests, make_home, end);
}
