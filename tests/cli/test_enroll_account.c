/* The account of merchants and gateways from end to end: setenroll answers acctDataField, setcad checks it, a program
 * or a person decides by it, and it lies nowhere in the clear. */
#include "tests/support/check.h"
#include "tests/support/cli.h"
#include "tests/support/daemon.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#define ACCOUNT "DE89-4711-0815"
#define LIKE_A_CARD "4123450000000016"

static const struct suite {
	const char *name, *policy, *brand;
} suites[] = {
    {"modern", "policies/demo.yaml", "Demo"},
    {"classic", "policies/classic-1997.yaml", "Classic"},
};

/* Persons decide about merchants, a program about gateways; E is setenroll's common options. */
#define MERCHANT "setenroll merchant $E --bin 412399 --merchant-id "
#define GATEWAY "setenroll gateway $E --bin 412399 --wait 20s --answers "
static const struct row {
	const char *name, *line;
	int status;
	const char *says;
} rows[] = {
    {"without answers it is printed", MERCHANT "4711 --dir shop", 3, "Account at your acquirer"},
    {"as something that has to be answered", "setenroll status --dir shop --answers none.json", 2,
	"account: \"Account at your acquirer\" has to be answered"},
    {"longer than the CA takes", "setenroll status --dir shop --answers long.json", 2, "the CA takes 20"},
    {"another form than the CA asks for", MERCHANT "4712 --dir other --answers lower.json", 1,
	"account: not in the form that is asked for"},
    {"as the CA asks for it", "setenroll status --dir shop --answers shop.json", 3, "requestPended"},
    {"the acquirer lists it",
	"echo '[{\"bin\":\"412399\",\"merchant-id\":\"4711\",\"names\":[{\"name\":\"Corner Books\","
	"\"city\":\"Springfield\",\"country-name\":\"USA\"}]}]' | setca account import - --ca merchant",
	0, NULL},
    {"who decides is shown it", "setca request show $(setca request list | sed -n 's/^ *\\([0-9]*\\) .*/\\1/p')", 0,
	ACCOUNT},
    {"and it decides",
	"setca request approve $(setca request list | sed -n 's/^ *\\([0-9]*\\) .*/\\1/p') --by anna && "
	"for i in $(seq 100); do setenroll status --dir shop && exit 0; sleep 0.1; done; exit 1",
	0, "merchant key exchange"},
    {"from a descriptor, in a renewal",
	"echo " ACCOUNT " | setenroll renew --dir shop --answers none.json --account-fd 0", 0, "merRenewalBoth"},
    {"one that looks like a card number", MERCHANT "4713 --dir cards --answers card.json", 3, "requestPended"},
    {"is shown in part",
	"setca --json request show $(setca request list | sed -n 's/^ *\\([0-9]*\\) .*/\\1/p') | grep -v " LIKE_A_CARD,
	0, "\"account\":\"412345******0016\""},
    {"a program is told", GATEWAY "gw.json --dir gw", 0, "gateway key exchange"},
    {"and says no to another", GATEWAY "gw-other.json --dir gw-other", 1, "No such account"},
    {"and to none", GATEWAY "gw-none.json --dir gw-none", 1, "No such account"},
    {"nor does it hear of one that was refused before", GATEWAY "gw-bad.json --dir gw-bad", 1,
	"account: not in the form that is asked for"},
    {"and that the corrected file has no more", "setenroll status --wait 20s --dir gw-bad --answers gw-none.json", 1,
	"No such account"},
    {"it lies nowhere", "grep -rlae " ACCOUNT " -e " LIKE_A_CARD " setca-home setcad-*.log shop cards gw", 1, NULL},
    {"the log is whole", "setca audit verify", 0, "whole"},
};

static struct t_daemon d;

static void
enter(const struct suite *s)
{
	char name[64], text[512];

	snprintf(name, sizeof(name), "enroll-account-%s", s->name);
	cli_enter(name);
	cli_ok(
	    "sed -e '/^  - name: merchant$/a\\    account: {labels: [{language: en, text: Account at your acquirer}], "
	    "required: true, length: 20, pattern: \"[-A-Z0-9]+\"}' "
	    "-e '/^  - name: gateway$/a\\    account: {labels: [{language: en, text: Account}], pattern: \"GW "
	    "[0-9]+\"}' "
	    "-e 's/decide: \\[manual\\]/decide: [program]/' "
	    "-e \"s|^\\( *\\)approvals: 2|\\1program: {path: $PWD/check}|\" %s >policy.yaml",
	    s->policy);
	cli_ok("printf '#!/bin/sh\\nread -r q\\ncase \"$q\" in *\\047\"account\":\"GW 17\"\\047*) echo "
	       "\\047{\"answer\":\"accept\"}\\047;; *) echo "
	       "\\047{\"answer\":\"reject\",\"message\":\"No such account\"}\\047;; esac\\n' >check; chmod 755 check");
	cli_ok("setca init policy.yaml");
	cli_ok("echo '[{\"bin\":\"412399\",\"name\":\"gw1\"}]' | setca account import - --ca gateway");
	cli_ok("for a in none: long:,'\"account\":\"012345678901234567890\"' lower:,'\"account\":\"de89\"' "
	       "shop:,'\"account\":\"" ACCOUNT "\"' card:,'\"account\":\"" LIKE_A_CARD "\"'; do "
	       "echo '{\"agree\":true,\"fields\":{\"fullName\":\"Bob\"}'${a#*:}'}' >${a%%%%:*}.json; done");
	cli_ok(
	    "for a in gw:,'\"account\":\"GW 17\"' gw-other:,'\"account\":\"GW 18\"' gw-bad:,'\"account\":\"18\"' "
	    "gw-none:; do "
	    "echo '{\"agree\":true,\"fields\":{\"Operator on duty\":\"Carol\"}'\"${a#*:}\"'}' >${a%%%%:*}.json; done");
	t_daemon_start(&d, "%s", "");
	cli_ok("cp setca-home/public/brand/current/ca/root-1.cer root.cer");
	snprintf(text, sizeof(text), "--url http://%s/ --suite %s --no-passphrase --brand %s --root root.cer", d.http,
	    s->name, s->brand);
	setenv("E", text, 1);
}

static void
everything_in_order(void **state)
{
	enter(*state);
	for (size_t i = 0; i < NELEMS(rows); i++) {
		char *text = cli_expect(rows[i].status, "(%s) 2>&1", rows[i].line);

		if (rows[i].says != NULL && strstr(text, rows[i].says) == NULL)
			fail_msg("%s: \"%s\" is not in: %s", rows[i].name, rows[i].says, text);
		free(text);
	}
	assert_int_equal(t_daemon_end(&d, SIGTERM), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    {"modern: the account", everything_in_order, NULL, NULL, (void *)(uintptr_t)&suites[0]},
	    {"classic: the account", everything_in_order, NULL, NULL, (void *)(uintptr_t)&suites[1]},
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
