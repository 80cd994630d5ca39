/* setenroll and what is wrong: answers to the form, what answers instead of a CA, command lines and folders. */
#include "tests/support/applicant.h"
#include "tests/support/check.h"
#include "tests/support/cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* --- the form ------------------------------------------------------------------------------------ */

static void
form_is_shown(void **state)
{
	struct applicant a;
	char *out;

	(void)state;
	applicant_begin(&a, "form", &applicant_regs[1]);
	a.desk.asks_account = true;
	applicant_serve(&a, NULL);
	out = cli_expect(
	    3, "setenroll --json %s --language de " COMMON "--root root.cer", applicant_roles[MERCHANT].line);
	assert_non_null(strstr(out, "\"state\":\"form\""));
	assert_non_null(strstr(out, "\"terms\":\"Es gelten die Regeln.\""));
	assert_non_null(strstr(out, "\"label\":\"Name auf der Karte\",\"name\":\"fullName\""));
	assert_non_null(strstr(out, "\"account\":{\"label\":\"Account\""));
	free(out);
	out = cli_expect(0, "setenroll --json show --dir d");
	assert_non_null(strstr(out, "\"waitsFor\":\"form\",\"next\":\"setenroll status --dir d --answers FILE\""));
	free(out);
	write_text("a.json", "{\"agree\": true, \"fields\": {\"Name auf der Karte\": \"Alice\"}}");
	cli_refused(2, "account: \"Account\" has to be answered", "setenroll status --dir d --answers a.json");
	cli_ok("echo 12-34 | setenroll status --dir d --answers a.json --account-fd 0");
	cli_ok("! grep -rq 12-34 d");
	applicant_end(&a);
}

static const struct row {
	const char *name, *line;
	int status;
	const char *text;
} answer_rows[] = {
    {"not JSON", "{", 1, "a.json: line 1"},
    {"a list", "[]", 2, "one object is wanted"},
    {"twice", "{\"agree\": true, \"agree\": true}", 1, "twice"},
    {"unknown member", "{\"agre\": true}", 2, "agre: unknown"},
    {"agrees in words", "{\"agree\": \"yes\"}", 2, "agree: true or false is wanted"},
    {"disagrees", "{\"agree\": false, \"fields\": {\"fullName\": \"A\"}}", 2, "agree: the CA's terms"},
    {"says nothing of the terms", "{\"fields\": {\"fullName\": \"A\"}}", 2, "agree: the CA's terms"},
    {"fields in a list", "{\"agree\": true, \"fields\": []}", 2, "fields: an object is wanted"},
    {"a question that is not there", "{\"agree\": true, \"fields\": {\"fullName\": \"A\", \"Nick\": \"B\"}}", 2,
	"fields.Nick: the CA's form has no such question"},
    {"a number", "{\"agree\": true, \"fields\": {\"fullName\": 1}}", 2, "fields.fullName: a text is wanted"},
    {"one question twice", "{\"agree\": true, \"fields\": {\"fullName\": \"A\", \"Name on the card\": \"A\"}}", 2,
	"a second time"},
    {"a required one missing", "{\"agree\": true, \"fields\": {}}", 2, "\"Name on the card\" has to be answered"},
    {"no fields at all", "{\"agree\": true}", 2, "\"Name on the card\" has to be answered"},
    {"too long",
	"{\"agree\": true, \"fields\": {\"fullName\": "
	"\"0123456789012345678901234567890123456789012345678901234567890\"}}",
	2, "at most 60 characters"},
    {"an account that nobody wants", "{\"agree\": true, \"account\": \"1\", \"fields\": {\"fullName\": \"A\"}}", 2,
	"account: the CA does not ask for one"},
};

/* All of them at one form, which stays open; then it is answered. */
static void
answers(void **state)
{
	struct applicant a;

	(void)state;
	applicant_begin(&a, "answers", &applicant_regs[1]);
	applicant_serve(&a, NULL);
	free(cli_expect(3, "setenroll " CARD_LINE COMMON "--root root.cer"));
	for (size_t i = 0; i < NELEMS(answer_rows); i++) {
		print_message("  %s\n", answer_rows[i].name);
		unlink("a.json");
		write_text("a.json", answer_rows[i].line);
		cli_refused(answer_rows[i].status, answer_rows[i].text, "setenroll status --dir d --answers a.json");
	}
	has_posts(2);
	cli_refused(3, "nowhere.json", "setenroll status --dir d --answers nowhere.json");
	cli_ok("setenroll status --dir d --answers answers.json");
	applicant_end(&a);
}

/* --- what may answer instead of a CA ------------------------------------------------------------- */

static const struct way {
	const char *name;
	enum counter_act act;
	unsigned from; /* messages that go well before */
	int status;
	const char *text;
	unsigned posts;
} ways[] = {
    {"nothing there", COUNTER_NONE, 0, 3, "HTTP 404; is the URL right?", 1},
    {"sent elsewhere", COUNTER_MOVED, 0, 3, "not followed", 1},
    {"no answer", COUNTER_EMPTY, 0, 3, "no answer", 1},
    {"a web page", COUNTER_HTML, 0, 3, "'text/html'", 1},
    {"too long", COUNTER_HUGE, 1, 3, "longer than a message can be", 2},
    /* the last one tells the CA what was wrong */
    {"noise", COUNTER_NOISE, 0, 1, "the CA's answer", 2},
    {"noise later", COUNTER_NOISE, 2, 1, "the CA's answer", 4},
    {"a signed Error", COUNTER_FORGET, 2, 1, "the keys of this request are kept in d/old-1", 3},
    {"an Error that nobody signed", COUNTER_UNSIGNED, 0, 3, "does this CA know the brand", 3},
};

static void
instead_of_a_ca(void **state)
{
	struct applicant a;
	char name[32];

	(void)state;
	for (size_t i = 0; i < NELEMS(ways); i++) {
		enum counter_act acts[8] = {0};

		for (unsigned k = 0; k < ways[i].posts; k++)
			acts[k] = k < ways[i].from ? COUNTER_CHARSET : ways[i].act;
		print_message("  %s\n", ways[i].name);
		snprintf(name, sizeof(name), "instead-%zu", i);
		applicant_begin(&a, name, &applicant_regs[1]);
		applicant_serve(&a, acts);
		cli_refused(ways[i].status, ways[i].text, "setenroll " CARD_LINE NEW);
		has_posts(ways[i].posts);
		/* a signed Error ends it, and its keys are kept; else it goes on */
		assert_int_equal(access("d/session/state.json", F_OK) == 0, ways[i].act != COUNTER_FORGET);
		assert_int_equal(access("d/old-1/signature.key", F_OK) == 0, ways[i].act == COUNTER_FORGET);
		if (ways[i].act == COUNTER_FORGET)
			cli_refused(3, "came to nothing (cardInitialSig)", "setenroll show --dir d/old-1");
		applicant_end(&a);
	}
}

static void
nobody_there(void **state)
{
	static const char *const files[] = {"state.json", "sealed", "seal.key", "signature.key"};

	(void)state;
	applicant_enter("nobody", &applicant_regs[1]);
	cli_refused(3, "127.0.0.1:1/", "URL=http://127.0.0.1:1/; T=1s; setenroll " CARD_LINE NEW);
	is_tidy("d/session", "root.pem seal.key sealed signature.key state.json");
	for (size_t i = 0; i < NELEMS(files); i++)
		cli_refused(1, "removing e/session gives the registration up",
		    "rm -rf e; cp -r d e; : >e/session/%s; setenroll status --dir e", files[i]);
}

/* --- command lines -------------------------------------------------------------------------------- */

static const struct row usage_rows[] = {
    {"no command", "setenroll", 2, "no command given"},
    {"no dir", "setenroll show", 2, "--dir DIR"},
    {"no dir to register in", "setenroll gateway", 2, "--dir says where"},
    {"no url", "setenroll gateway --dir x", 2, "--url"},
    {"no brand", "setenroll gateway --dir x --url http://h/", 2, "--brand"},
    {"no root", "setenroll gateway --dir x --url http://h/ --brand b", 2, "--root-thumb"},
    {"two roots", "setenroll gateway --dir x --url http://h/ --brand b --root root.cer --root-thumb 00", 2, "one of"},
    {"no BIN", "setenroll gateway --dir x --url http://h/ --brand b --root root.cer", 2, "--bin"},
    {"no merchant id", "setenroll merchant --dir x --url http://h/ --brand b --root root.cer --bin 412345", 2,
	"--merchant-id"},
    {"no expiry", "setenroll cardholder --dir x --url http://h/ --brand b --root root.cer", 2, "--expiry"},
    {"no month", "setenroll cardholder --dir x --url http://h/ --brand b --root root.cer --expiry 203013", 2,
	"a month as YYYYMM"},
    {"a month that is over", "setenroll cardholder --dir x --url http://h/ --brand b --root root.cer --expiry 202605",
	2, "has expired"},
    {"a month of another form", "setenroll cardholder --dir x --url http://h/ --brand b --root root.cer --expiry 12/30",
	2, "a month as YYYYMM"},
    {"neither key",
	"setenroll gateway --dir x --url http://h/ --brand b --root root.cer --bin 412345 --signature-only "
	"--exchange-only",
	2, "exclude each other"},
    {"a file's URL", "setenroll gateway --dir x --url file:///etc/passwd --brand b --root root.cer --bin 412345", 2,
	"--url takes http"},
    {"a password in the URL", "setenroll gateway --dir x --url http://a:b@h/ --brand b --root root.cer --bin 412345", 2,
	"--url takes http"},
    {"the PAN as an argument", "setenroll cardholder --pan 4123450000000008", 2, "--pan"},
    {"nothing to renew", "setenroll renew --dir x", 3, "x"},
};

/* These come to look at the folder and into the files; nothing of a session stays. */
static const struct row late_rows[] = {
    {"a short BIN", "setenroll gateway --url http://h/ --brand b --root root.cer --bin 41 --no-passphrase --dir y", 2,
	"six digits"},
    {"no such root", "setenroll gateway --url http://h/ --brand b --root no.cer --bin 412345 --no-passphrase --dir y",
	3, "no.cer"},
    {"a root that is none",
	"setenroll gateway --url http://h/ --brand b --root pan.txt --bin 412345 --no-passphrase --dir y", 1,
	"pan.txt"},
    {"a thumb that is none",
	"setenroll gateway --url http://h/ --brand b --root-thumb 0g --bin 412345 --no-passphrase --dir y", 2,
	"--root-thumb"},
    {"a key of another suite",
	"setenroll gateway --url http://h/ --brand b --root root.cer --bin 412345 --no-passphrase --dir y --key-type "
	"RSA-1024",
	1, "1024 bits"},
    {"nobody to ask for the card",
	"setenroll cardholder --url http://h/ --brand b --root root.cer --expiry 203012 --no-passphrase --dir y", 2,
	"--pan-fd"},
    {"letters on the card",
	"echo 4123x | setenroll cardholder --url http://h/ --brand b --root root.cer --expiry 203012 --no-passphrase "
	"--dir y --pan-fd 0",
	1, "digits"},
    {"a signature to sign with",
	"setenroll gateway --url http://h/ --brand b --root root.cer --bin 412345 --no-passphrase --dir y "
	"--exchange-only",
	1, "no signature certificate"},
    {"nothing to show", "setenroll show --dir y", 3, "nothing is registered"},
    {"nothing under way", "setenroll status --dir y", 3, "nothing is registered"},
    {"nothing to renew yet", "setenroll renew --dir y", 3, "can be renewed"},
    {"a file in the way",
	"mkdir -m 700 v; touch v/pan-secret; setenroll gateway --url http://h/ --brand b --root root.cer --bin 412345 "
	"--no-passphrase --dir v",
	1, "v/pan-secret is there already"},
    {"a folder for all", "mkdir -m 755 z; setenroll show --dir z", 1, "chmod 700"},
    {"somebody at work", "flock y setenroll show --dir y", 1, "another setenroll"},
    {"a file for all", "cp -r y w; echo {} >w/state.json; chmod 644 w/state.json; setenroll show --dir w", 1,
	"chmod 600"},
    {"another's state", "chmod 600 w/state.json; setenroll show --dir w", 1, "state.json: schema"},
    {"a link", "rm w/state.json; ln -s ../pan.txt w/state.json; setenroll show --dir w", 1, "is a link"},
};

static void
usage(void **state)
{
	(void)state;
	applicant_enter("usage", &applicant_regs[1]);
	for (size_t i = 0; i < NELEMS(usage_rows); i++) {
		print_message("  %s\n", usage_rows[i].name);
		cli_refused(usage_rows[i].status, usage_rows[i].text, "%s", usage_rows[i].line);
	}
	assert_int_not_equal(access("x", F_OK), 0);
	for (size_t i = 0; i < NELEMS(late_rows); i++) {
		print_message("  %s\n", late_rows[i].name);
		cli_refused(late_rows[i].status, late_rows[i].text, "%s", late_rows[i].line);
	}
	is_tidy("y", "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(usage),
	    cmocka_unit_test(form_is_shown),
	    cmocka_unit_test(answers),
	    cmocka_unit_test(instead_of_a_ca),
	    cmocka_unit_test(nobody_there),
	};

	return cmocka_run_group_tests_name("cli/enroll_refuse", tests, applicant_setup, applicant_teardown);
}
