#include "tests/support/pans.h"

#include "tests/support/check.h"
#include "tests/support/cli.h"

#include <stdio.h>

const char *const pans[PANS] = {
    LISTED, PENDED, ACCEPTED, REJECTED, LATE, BAD, BROKEN, HELD, TYPED, TYPED_PLAIN, TYPED_SHOP, TOLD};

const struct pans_suite pans_modern = {"modern", "policies/demo.yaml", "Demo", SETPKI_SUITE_MODERN};
const struct pans_suite pans_classic = {"classic", "policies/classic-1997.yaml", "Classic", SETPKI_SUITE_CLASSIC};

/* A program that decides, and notes down what it was given: all of it goes to the folder that it stands in. */
static const char program[] =
    "#!/bin/sh\n"
    "d=${0%/*}/checks; n=$$\n"
    "tr '\\0' '\\n' </proc/$$/cmdline >$d/$n.arguments\n"
    "tr '\\0' '\\n' </proc/$$/environ >$d/$n.environment\n"
    "cat >$d/$n.input\n"
    "case $(cat $d/$n.input) in\n"
    "*'\"lastFour\":\"0291\"'*) echo '{\"answer\":\"reject\",\"message\":\"not this one\"}';;\n"
    "*'\"lastFour\":\"4652\"'*) echo '{\"answer\":\"accept\"}';;\n"
    "*'\"lastFour\":\"2950\"'*) sleep 3; echo '{\"answer\":\"accept\"}';;\n"
    "*) echo '{\"answer\":\"pend\"}';;\n"
    "esac\n";

/* One that is told the number, and repeats it. */
static const char telling[] =
    "#!/bin/sh\n"
    "d=${0%/*}/checks; n=$$\n"
    "tr '\\0' '\\n' </proc/$$/cmdline >$d/$n.arguments\n"
    "tr '\\0' '\\n' </proc/$$/environ >$d/$n.environment\n"
    "cat >$d/$n.input\n"
    "echo '{\"answer\":\"reject\",\"message\":\"'$(sed 's/.*\"pan\":\"\\([0-9]*\\)\".*/\\1/' $d/$n.input)'\"}'\n";

static void
write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "we");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0 && fclose(f) == 0);
}

static void
write_inputs(void)
{
	cli_ok("rm -rf " IN " && mkdir -p " IN "checks checks");
	for (size_t i = 0; i < PANS; i++)
		cli_ok("echo %s >" IN "%s", pans[i], pans[i]);
	write_file(IN "passphrase", PASSPHRASE "\n");
	write_file("check", program);
	write_file(IN "check", telling);
	cli_ok("chmod 755 check " IN "check");
}

static void
write_answers(const char *file, const char *name, const char *more)
{
	char text[512];

	snprintf(text, sizeof(text), "{\"agree\":true,\"fields\":{\"fullName\":\"%s\"%s}}\n", name, more);
	write_file(file, text);
}

#define BORN ",\"date\":\"1970-01-31\""
#define SECRET(text) ",\"Your telephone banking pass phrase\":\"" text "\""
#define TELEPHONE(text) ",\"telephone\":\"" text "\""

/* What the forms of the two policies ask differs. */
static void
write_forms(bool all)
{
	write_answers(IN "card.json", "Alice", all ? BORN SECRET(SESAME) : BORN);
	write_answers(IN "typed.json", "Alice, card " TYPED_GROUPS " or " TYPED_PLAIN,
	    all ? BORN SECRET("my card " TYPED_PLAIN) : BORN);
	write_answers(IN "shop.json", "Books " TYPED_SHOP_GROUPS, all ? TELEPHONE("4123 4549 3817 2650") : "");
	write_answers(IN "malformed.json", "Books", TELEPHONE(TYPED_SHOP_GROUPS));
}

/* The cardholder and the merchant CA ask a program, after the list and before persons; the former's keys are protected.
 */
static void
make_home(const char *policy)
{
	cli_ok("sed \"s|decide: .accounts, manual.|decide: [accounts, program, manual]\\n"
	       "                    program: {path: $PWD/check, timeout: 20s}|; "
	       "/Cardholder CA/,/protection/s/protection: none/protection: passphrase/\" "
	       "%s >policy.yaml",
	    policy);
	cli_ok("setca init --passphrase-fd 3 policy.yaml 3<" IN "passphrase");
	cli_ok("echo " LISTED ",203012 >" IN "list && setca account import " IN "list --ca card");
	cli_ok("echo '[{\"bin\":\"412399\",\"merchant-id\":\"4711\",\"names\":[{\"name\":\"Corner Books\","
	       "\"city\":\"Springfield\",\"country-name\":\"USA\"}]}]' | setca account import - --ca merchant");
}

void
pans_home(const struct pans_suite *s)
{
	cli_enter(s->name);
	write_inputs();
	write_forms(s->suite == SETPKI_SUITE_MODERN);
	make_home(s->policy);
}
