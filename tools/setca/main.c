/* setca: the operator's program. */
#include "tools/setca/commands.h"
#include "tools/setca/setca.h"

static const struct tc_opt globals[] = {
    {"home", TC_TEXT, TC_AT(struct setca_globals, home), "DIR",
	"the folder of the installation; else $SETCA_HOME, else ./setca-home", NULL},
    {"json", TC_FLAG, TC_AT(struct setca_globals, json), NULL, "results as JSON, each object with its schema", NULL},
    {0},
};

static const struct tc_command *const commands[] = {
#define X(name) &setca_##name,
    SETCA_COMMANDS(X)
#undef X
	NULL,
};

static const struct tc_group groups[] = {
    {"ca", "the CAs: list, renew, roll, and work with an offline superior"},
    {"issue", "certify a cardholder, merchant or gateway"},
    {"cert", "certificates that were issued"},
    {"account", "the cards, merchants and gateways that registrations are decided by"},
    {"request", "the registration desk: what waits, and deciding it"},
    {"crl", "revocation lists"},
    {"bci", "a brand's signed list of its CRLs"},
    {"policy", "check, explain and apply policies"},
    {"audit", "the log of every change, and its proof"},
    {0},
};

static const struct tc_program program = {
    .name = "setca",
    .summary = "a certificate authority for SET 1.0",
    .about =
	"Makes and runs a payment-card certificate hierarchy - root, brand, cardholder, merchant and gateway CAs - "
	"from one policy file.  A home is a folder with the store, the keys and the published files of one "
	"installation.",
    .globals = globals,
    .globals_size = sizeof(struct setca_globals),
    .commands = commands,
    .groups = groups,
    .exit_status = "0 done; 1 refused or invalid; 2 wrong usage; 3 could not be decided or done (something is missing, "
		   "the store failed).",
};

int
main(int argc, char **argv)
{
	return tc_main(&program, argc, argv);
}
