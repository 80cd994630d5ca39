/* Registration end to end, in both suites: setenroll and setcad, two programs, over HTTP on a loopback address. */
#include "tests/support/check.h"
#include "tests/support/cli.h"
#include "tests/support/daemon.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#define PAN "4123450000000008"

static const struct suite {
	const char *name, *policy, *brand;
} suites[] = {
    {"modern", "policies/demo.yaml", "Demo"},
    {"classic", "policies/classic-1997.yaml", "Classic"},
};

/* What is run, in order; E is setenroll's common options. */
static const struct row {
	const char *name, *line;
	int status;
	const char *says;
} rows[] = {
    {"a listed card", "setenroll cardholder $E --expiry 203012 --pan-fd 3 --answers card.json --dir alice 3<pan.txt", 0,
	"cardholder signature"},
    {"a listed merchant", "setenroll merchant $E --bin 412399 --merchant-id 4711 --answers books.json --dir books", 0,
	"merchant key exchange"},
    {"the name is the acquirer's", "setenroll show --dir books", 0, "CN=Corner Books"},
    {"a renewal", "setenroll renew --dir books --answers books.json", 0, "merRenewalBoth"},
    {"of a card", "setenroll renew --dir alice --expiry 203012 --pan-fd 3 --answers card.json 3<pan.txt", 0,
	"cardRenewalSig"},
    {"a gateway waits", "setenroll gateway $E --bin 412399 --answers gw.json --dir gw", 3, "requestPended"},
    {"and waits", "setenroll status --dir gw", 3, "requestPended"},
    {"one person is not enough",
	"n=$(setca request list | sed -n 's/^ *\\([0-9]*\\) .*/\\1/p'); setca request approve $n --by anna && "
	"setenroll status --dir gw",
	3, "requestPended"},
    {"two are",
	"n=$(setca request list | sed -n 's/^ *\\([0-9]*\\) .*/\\1/p'); setca request approve $n --by bert && "
	"for i in $(seq 100); do setenroll status --dir gw && exit 0; sleep 0.1; done; exit 1",
	0, "gateway key exchange"},
    {"a card that nobody knows waits",
	"setenroll cardholder $E --expiry 203012 --pan-fd 3 --answers card.json --dir bert 3<other.txt", 3,
	"requestPended"},
    {"and is turned down",
	"n=$(setca request list | sed -n 's/^ *\\([0-9]*\\) .*/\\1/p'); setca request reject $n --by anna "
	"--message 'Ask your bank' && setenroll status --dir bert",
	1, "Ask your bank"},
    {"a blocked card is refused",
	"setenroll cardholder $E --expiry 203012 --pan-fd 3 --answers card.json --dir carl 3<blocked.txt", 1,
	"rejectedByIssuer"},
    {"a card that registers elsewhere is told where",
	"setenroll cardholder $E --expiry 203012 --pan-fd 3 --answers card.json --dir silver 3<silver.txt", 1,
	"://silver.example/register"},
    {"an answer that is no date is refused",
	"setenroll cardholder $E --expiry 203012 --pan-fd 3 --answers baddate.json --dir dora 3<pan.txt", 1,
	"regFormAnswerMalformed"},
    {"another root than the brand's",
	"setenroll merchant $WRONG --bin 412399 --merchant-id 4711 --answers books.json --dir never", 1, "root"},
    {"what was got is good", "setca verify alice/signature.cer books/signature.cer books/key-exchange.cer gw/*.cer", 0,
	"valid"},
    {"the log is whole", "setca audit verify", 0, "whole"},
};

/* Every CA gets new keys under a new root; wallets know the old one alone, whose certificate has the hash of the next
 * root's key. */
static const struct row rolled[] = {
    {"a merchant registers before",
	"setenroll merchant $E --bin 412399 --merchant-id 4711 --answers books.json --dir books", 0, "Merchant CA G1"},
    {"a gateway waits", "setenroll gateway $E --bin 412399 --answers gw.json --dir gw", 3, "requestPended"},
    {"all of them roll", "for ca in root brand geo card merchant gateway; do setca ca roll $ca --yes || exit 1; done",
	0, NULL},
    {"who has the old root follows",
	"setenroll cardholder $E --expiry 203012 --pan-fd 3 --answers card.json --dir alice 3<pan.txt", 0,
	"Cardholder CA G2"},
    {"who has its thumb follows",
	"setenroll merchant $COMMON --root-thumb $THUMB --bin 412399 --merchant-id 4711 "
	"--answers books.json --dir shop",
	0, "Merchant CA G2"},
    {"who registered before renews", "setenroll renew --dir books --answers books.json", 0, "Merchant CA G2"},
    {"who waited is answered",
	"setca request approve 2 --by anna && setca request approve 2 --by bert && "
	"for i in $(seq 100); do setenroll status --dir gw && exit 0; sleep 0.1; done; exit 1",
	0, "gateway key exchange"},
    {"another root is not followed",
	"setenroll merchant $WRONG --bin 412399 --merchant-id 4711 --answers books.json --dir never", 1, "root"},
    {"what was got is good",
	"setca publish && setverify --suite $SUITE --root root.cer --untrusted "
	"setca-home/public/brand/current/set/brand.p7c "
	"--bci setca-home/public/brand/current/set/brand.p7c --crl setca-home/public/brand/current/set/brand.p7c "
	"alice/signature.cer books/signature.cer shop/key-exchange.cer gw/*.cer",
	0, "valid"},
};

/* --- the daemon, always at the same address ------------------------------------------------------------- */

static struct t_daemon d;
static char again[128];

static void
start_again(void)
{
	t_daemon_start(&d, "--listen %s", again);
}

static void
enter(const struct suite *s, const char *what)
{
	char name[64], text[512];

	snprintf(name, sizeof(name), "enroll-%s-%s", s->name, what);
	cli_enter(name);
	cli_ok("setca init %s", s->policy);
	cli_ok("printf '" PAN "\\n' >pan.txt; echo 4123450000000016 >other.txt; echo 4123450000000024 >blocked.txt; "
	       "echo 4123460000000007 >silver.txt; printf '" PAN ",203012\\n4123450000000024,203012,blocked\\n' | "
	       "setca account import - --ca card");
	cli_ok("echo '[{\"bin\":\"412399\",\"merchant-id\":\"4711\",\"names\":[{\"name\":\"Corner Books\","
	       "\"city\":\"Springfield\",\"country-name\":\"USA\"}]}]' | setca account import - --ca merchant");
	cli_ok("echo '[{\"bin\":\"412399\",\"name\":\"gw1\"}]' | setca account import - --ca gateway");
	cli_ok("echo '{\"agree\":true,\"fields\":{\"fullName\":\"Alice\",\"date\":\"1970-01-31\"}}' >card.json; "
	       "echo '{\"agree\":true,\"fields\":{\"fullName\":\"Alice\",\"date\":\"yesterday\"}}' >baddate.json; "
	       "echo '{\"agree\":true,\"fields\":{\"fullName\":\"Typed Otherwise\"}}' >books.json; "
	       "echo '{\"agree\":true,\"fields\":{\"Operator on duty\":\"Carol\"}}' >gw.json");
	t_daemon_start(&d, "%s", "");
	snprintf(again, sizeof(again), "%s", d.http);
	snprintf(
	    text, sizeof(text), "--url http://%s/ --suite %s --no-passphrase --brand %s", d.http, s->name, s->brand);
	setenv("COMMON", text, 1);
	cli_ok("cp setca-home/public/brand/current/ca/root-1.cer root.cer");
	snprintf(text, sizeof(text), "%s --root root.cer", getenv("COMMON"));
	setenv("E", text, 1);
	snprintf(text, sizeof(text), "%s --root-thumb %s", getenv("COMMON"),
	    strcmp(s->name, "modern") == 0 ? "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
					   : "00112233445566778899aabbccddeeff00112233");
	setenv("WRONG", text, 1);
	setenv("SUITE", s->name, 1);
}

/* --- tests ---------------------------------------------------------------------------------------------- */

static void
in_order(const struct row *r, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char *text = cli_expect(r[i].status, "(%s) 2>&1", r[i].line);

		if (r[i].says != NULL && strstr(text, r[i].says) == NULL)
			fail_msg("%s: \"%s\" is not in: %s", r[i].name, r[i].says, text);
		free(text);
	}
	assert_int_equal(t_daemon_end(&d, SIGTERM), 0);
}

static void
everything_in_order(void **state)
{
	enter(*state, "order");
	in_order(rows, NELEMS(rows));
}

/* set-protocol 12.15: hashedRootKey. */
static void
the_root_rolls(void **state)
{
	char *thumb;

	enter(*state, "rolls");
	thumb = cli_expect(0, "setca --json tree | grep -o '\"thumb\":\"[0-9a-f]*' | head -n 1 | cut -d '\"' -f 4");
	thumb[strcspn(thumb, "\n")] = '\0';
	setenv("THUMB", thumb, 1);
	free(thumb);
	in_order(rolled, NELEMS(rolled));
}

/* The form is open, the daemon is killed; then a request waits, and it is killed again. */
static void
goes_on_when_the_daemon_was_killed(void **state)
{
	enter(*state, "killed");
	free(cli_expect(3, "setenroll gateway $E --bin 412399 --dir gw"));
	t_daemon_kill(&d);
	free(cli_expect(3, "setenroll status --dir gw --answers gw.json --timeout 1s"));
	start_again();
	free(cli_expect(3, "setenroll status --dir gw"));
	cli_ok("setca request list | grep requestPended");
	t_daemon_kill(&d);
	start_again();
	cli_ok("setca request approve 1 --by anna && setca request approve 1 --by bert");
	cli_ok("for i in $(seq 100); do setenroll status --dir gw && exit 0; sleep 0.1; done; exit 1");
	assert_int_equal(t_daemon_end(&d, SIGTERM), 0);
	start_again();
	cli_ok("setenroll renew --dir gw --answers gw.json || true; setca request list");
	cli_ok("setca audit verify && setca verify gw/signature.cer");
	assert_int_equal(t_daemon_end(&d, SIGTERM), 0);
}

int
main(void)
{
	static void *const modern = (void *)(uintptr_t)&suites[0], *const classic = (void *)(uintptr_t)&suites[1];
	const struct CMUnitTest tests[] = {
	    {"modern: every role and every answer", everything_in_order, NULL, NULL, modern},
	    {"classic: every role and every answer", everything_in_order, NULL, NULL, classic},
	    {"modern: the root rolls", the_root_rolls, NULL, NULL, modern},
	    {"classic: the root rolls", the_root_rolls, NULL, NULL, classic},
	    {"a registration goes on when the daemon was killed", goes_on_when_the_daemon_was_killed, NULL, NULL,
		modern},
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
