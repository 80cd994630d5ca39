/* setenroll: a cardholder, merchant or gateway registers at a CA over HTTP. */
#include "tools/common/fail.h"
#include "tools/setenroll/form.h"

/* --- commands ---------------------------------------------------------------------------------- */

/* Files that are no registration's would be in the way of its results. */
static enum setpki_code
check_empty(struct en *en)
{
	for (int i = 0; i < EN_FILES; i++)
		if (en_file_there(en->dir, (enum en_file)i))
			return tc_fail(EN_ERR(en), SETPKI_E_CONFLICT,
			    "%s/%s is there already, and is of no registration: move it away, or take another folder",
			    en->a->dir, en_file_name((enum en_file)i));
	return SETPKI_E_OK;
}

/* A second registration in a folder is one for the certificate that is missing there. */
static enum setpki_code
begin_new(struct en *en, json_t *asked)
{
	const struct setpki_request_row *row = en_state_row(asked);

	if (en->state == NULL && check_empty(en) != SETPKI_E_OK) {
		json_decref(asked);
		return EN_ERR(en)->code;
	}
	if (en->state == NULL || (row->enc && !row->sig && !en_file_there(en->dir, EN_ENC_CERT)))
		return en_begin(en, asked);
	json_decref(asked);
	return tc_fail(EN_ERR(en), SETPKI_E_CONFLICT,
	    "%s holds certificates already; 'setenroll renew --dir %s' renews them, and another registration takes "
	    "another folder",
	    en->a->dir, en->a->dir);
}

static enum setpki_code
go_on(struct en *en, json_t *asked)
{
	enum setpki_code rc = en_state_same(en, asked);

	if (rc == SETPKI_E_OK)
		rc = en_state_take(en, asked);
	json_decref(asked);
	if (rc == SETPKI_E_OK && (rc = en_resume(en)) == SETPKI_E_OK && (rc = en_trust_write(en)) == SETPKI_E_OK)
		rc = en_state_write(en, true);
	return rc;
}

static enum setpki_code
run_new(struct tc_run *run)
{
	const struct en_role *role = en_role_by_name(run->command->name);
	enum setpki_code rc = en_args_check(run, role);
	json_t *asked = NULL;
	struct en en;

	if (rc != SETPKI_E_OK)
		return rc;
	if ((rc = en_open(run, &en, true)) == SETPKI_E_OK && (rc = en_state_new(&en, role, &asked)) == SETPKI_E_OK &&
	    (rc = en_under_way(&en) ? go_on(&en, asked) : begin_new(&en, asked)) == SETPKI_E_OK)
		rc = en_drive(&en);
	return en_close(&en, rc);
}

/* What is under way has to be the renewal that is asked for. */
static enum setpki_code
go_on_renewing(struct en *en)
{
	const struct setpki_request_row *row = en->row;
	const char *dir = en->a->dir;

	if (!row->renewal)
		return tc_fail(EN_ERR(en), SETPKI_E_CONFLICT,
		    "a registration (%s) is under way in %s, and a renewal comes after it: 'setenroll status --dir %s' "
		    "goes on with it, and removing %s/" EN_SESSION " gives it up",
		    row->name, dir, dir, dir);
	if ((en->a->signature_only && row->enc) || (en->a->exchange_only && row->sig))
		return tc_fail(EN_ERR(en), SETPKI_E_CONFLICT,
		    "a renewal of other certificates (%s) is under way in %s: 'setenroll status --dir %s' goes on with "
		    "it, and removing %s/" EN_SESSION " gives it up",
		    row->name, dir, dir, dir);
	return en_resume(en);
}

static enum setpki_code
renew(struct en *en)
{
	json_t *asked;
	enum setpki_code rc;

	if (en_under_way(en))
		return go_on_renewing(en);
	if (en->state == NULL)
		return tc_fail(EN_ERR(en), SETPKI_E_NOTFOUND, "nothing in %s can be renewed", en->a->dir);
	rc = en_state_renewal(en, &asked);
	return rc == SETPKI_E_OK ? en_begin(en, asked) : rc;
}

static enum setpki_code
run_renew(struct tc_run *run)
{
	enum setpki_code rc;
	struct en en;

	if ((rc = en_open(run, &en, false)) == SETPKI_E_OK && (rc = renew(&en)) == SETPKI_E_OK)
		rc = en_drive(&en);
	return en_close(&en, rc);
}

static enum setpki_code
show(struct en *en)
{
	if (en_under_way(en))
		en_report_under_way(en);
	if (en_file_there(en->dir, EN_STATE))
		return en_report_done(en);
	if (en_under_way(en))
		return SETPKI_E_OK;
	return tc_fail(EN_ERR(en), SETPKI_E_NOTFOUND, "nothing is registered in %s", en->a->dir);
}

static enum setpki_code
run_show(struct tc_run *run)
{
	struct en en;
	enum setpki_code rc = en_open(run, &en, false);

	return en_close(&en, rc == SETPKI_E_OK ? show(&en) : rc);
}

static enum setpki_code
run_status(struct tc_run *run)
{
	enum setpki_code rc;
	struct en en;

	if ((rc = en_open(run, &en, false)) == SETPKI_E_OK) {
		if (!en_under_way(&en))
			rc = show(&en);
		else if ((rc = en_resume(&en)) == SETPKI_E_OK)
			rc = en_drive(&en);
	}
	return en_close(&en, rc);
}

/* --- options ----------------------------------------------------------------------------------- */

static const char *const suites[] = {"modern", "classic", NULL};
static const char *const revocations[] = {"require-bci", "require-crl", "if-present", NULL};

#define OPTION(name, type, member, value, help)                                                                        \
	{                                                                                                              \
		name, type, TC_AT(struct en_args, member), value, help, NULL                                           \
	}
#define DIR_OPTION                                                                                                     \
	OPTION("dir", TC_TEXT, dir, "DIR", "where keys, certificates and what is under way are kept; required")

/* of every command that talks to the CA */
#define TALK_OPTIONS                                                                                                   \
	DIR_OPTION,                                                                                                    \
	    OPTION("answers", TC_TEXT, answers, "FILE",                                                                \
		"answers to the CA's form in JSON, {\"agree\": true, \"fields\": {LABEL: TEXT}}; else they are asked " \
		"for at the terminal"),                                                                                \
	    OPTION("passphrase-fd", TC_NUMBER, passphrase_fd, "N",                                                     \
		"read the passphrase of the keys from descriptor N instead of the terminal"),                          \
	    OPTION("wait", TC_SPAN, wait, "SPAN",                                                                      \
		"how long to ask again for a decision that takes time; without it not at all"),                        \
	    OPTION("timeout", TC_SPAN, timeout, "SPAN",                                                                \
		"how long one message may take, with everything that is tried again (60s)")
#define NEW_OPTIONS                                                                                                    \
	OPTION("url", TC_TEXT, url, "URL", "of the CA: http://HOST:PORT/; required"),                                  \
	    OPTION("brand", TC_TEXT, brand, "ID", "the brand, as its certificates name it; required"),                 \
	    OPTION("root", TC_TEXT, root, "FILE",                                                                      \
		"trust the root certificates in FILE, byte for byte; this or --root-thumb is required"),               \
	    OPTION("root-thumb", TC_TEXT, root_thumb, "HEX", "trust the root with this SET thumb (40 or 64 digits)"),  \
	    OPTION("language", TC_TEXT, language, "TAG", "of the form and of messages; en without this option"),       \
	    {"suite", TC_CHOICE, TC_AT(struct en_args, suite), "SUITE",                                                \
		"the suite of the hierarchy; modern without this option", suites},                                     \
	    {"revocation", TC_CHOICE, TC_AT(struct en_args, revocation), "MODE",                                       \
		"what must be at hand for the CA's chain; require-bci without this option", revocations},              \
	    OPTION("key-type", TC_TEXT, key_type, "TYPE",                                                              \
		"P-256, P-384 or RSA-2048 and the like; what the suite likes best without this option"),               \
	    OPTION("no-passphrase", TC_FLAG, no_passphrase, NULL, "keep the keys without a passphrase"), TALK_OPTIONS
#define CARD_OPTIONS                                                                                                   \
	OPTION("expiry", TC_TEXT, expiry, "YYYYMM", "until when the card is good; required for a card"),               \
	    OPTION("pan-fd", TC_NUMBER, pan_fd, "N", "read the card number from descriptor N instead of the terminal")
#define PART_OPTIONS                                                                                                   \
	OPTION("signature-only", TC_FLAG, signature_only, NULL, "only the signature certificate"),                     \
	    OPTION("exchange-only", TC_FLAG, exchange_only, NULL,                                                      \
		"only the key-exchange certificate; an existing signature certificate signs for it"),                  \
	    OPTION(                                                                                                    \
		"account-fd", TC_NUMBER, account_fd, "N", "read the account that the CA asks for from descriptor N")

static const struct tc_opt globals[] = {
    {"json", TC_FLAG, TC_AT(struct en_globals, json), NULL, "write results as JSON", NULL},
    {0},
};
static const struct tc_opt cardholder_opts[] = {NEW_OPTIONS, CARD_OPTIONS, {0}};
static const struct tc_opt merchant_opts[] = {NEW_OPTIONS,
    OPTION("bin", TC_TEXT, bin, "DIGITS", "the acquirer's BIN, six digits; required"),
    OPTION("merchant-id", TC_TEXT, merchant_id, "ID", "what the acquirer calls the merchant; required"), PART_OPTIONS,
    {0}};
static const struct tc_opt gateway_opts[] = {NEW_OPTIONS,
    OPTION("bin", TC_TEXT, bin, "DIGITS", "the acquirer's BIN, six digits; required"),
    OPTION("business-id", TC_TEXT, business_id, "DIGITS", "the acquirer's business id, if it has one"), PART_OPTIONS,
    {0}};
static const struct tc_opt renew_opts[] = {TALK_OPTIONS, CARD_OPTIONS, PART_OPTIONS, {0}};
static const struct tc_opt status_opts[] = {TALK_OPTIONS,
    OPTION("account-fd", TC_NUMBER, account_fd, "N", "read the account that the CA asks for from descriptor N"), {0}};
static const struct tc_opt show_opts[] = {DIR_OPTION, {0}};

/* --- tables ------------------------------------------------------------------------------------ */

#define NEW_ABOUT                                                                                                      \
	"DIR gets signature.cer and key-exchange.cer with their keys, chain.pem with everything that came along, and " \
	"root.pem.  The CA's terms and questions are put at the terminal, or answered from --answers; without "        \
	"either they are printed.  Answers that the CA finds wrong are asked for again at the terminal; a corrected "  \
	"file goes to 'setenroll status'.\n\n"                                                                         \
	"What is under way is saved, sealed, before anything is sent: the same command, or 'setenroll status', goes "  \
	"on after an interruption, and inquires where the CA takes time to decide; the same command may name another " \
	"URL or root, where that was the mistake.  If the CA answers with an Error, DIR/old-1, old-2 and so on keep "  \
	"the keys that it was asked to certify."

#define AT_CA "--url http://127.0.0.1:8257/ --brand Demo --root root.pem "

static const struct tc_example cardholder_examples[] = {
    {"setenroll cardholder " AT_CA "--dir card --expiry 203012 --pan-fd 3 --answers card.json --no-passphrase "
     "3<pan.txt",
	"the card's number from a file, the keys unprotected"},
    {0},
};
static const struct tc_example merchant_examples[] = {
    {"setenroll merchant " AT_CA "--dir shop --bin 412399 --merchant-id 4711 --answers shop.json --no-passphrase",
	"a signature and a key-exchange certificate"},
    {0},
};
static const struct tc_example gateway_examples[] = {
    {"setenroll gateway " AT_CA "--dir gw --bin 412399 --answers gw.json --passphrase-fd 3 3<passphrase.txt",
	"where somebody has to decide, it ends with 3 for the time being"},
    {0},
};
static const struct tc_example renew_examples[] = {
    {"setenroll renew --dir shop --answers shop.json", "both certificates of a merchant"},
    {0},
};
static const struct tc_example status_examples[] = {
    {"setenroll status --dir gw --passphrase-fd 3 --wait 1s 3<passphrase.txt", "is it decided?"},
    {0},
};
static const struct tc_example show_examples[] = {
    {"setenroll show --dir shop", "what a merchant has"},
    {0},
};

static const struct tc_command cardholder = {
    .name = "cardholder",
    .summary = "register a card",
    .about =
	NEW_ABOUT "\n\nThe card number comes from the terminal or a descriptor.  pan-secret is what payments prove "
		  "the card with: it is the cardholder's alone.",
    .opts = cardholder_opts,
    .args_size = sizeof(struct en_args),
    .examples = cardholder_examples,
    .run = run_new,
};
static const struct tc_command merchant = {
    .name = "merchant",
    .summary = "register a merchant",
    .about = NEW_ABOUT,
    .opts = merchant_opts,
    .args_size = sizeof(struct en_args),
    .examples = merchant_examples,
    .run = run_new,
};
static const struct tc_command gateway = {
    .name = "gateway",
    .summary = "register a payment gateway",
    .about = NEW_ABOUT,
    .opts = gateway_opts,
    .args_size = sizeof(struct en_args),
    .examples = gateway_examples,
    .run = run_new,
};
static const struct tc_command renew_command = {
    .name = "renew",
    .summary = "renew the certificates of a folder",
    .about = "New keys are made, and the present signature certificate signs for them.  What was there moves to "
	     "DIR/old-1, old-2 and so on.",
    .opts = renew_opts,
    .args_size = sizeof(struct en_args),
    .examples = renew_examples,
    .run = run_renew,
};
static const struct tc_command status = {
    .name = "status",
    .summary = "go on with what is under way; inquire what was decided",
    .about = "Goes on with a registration or renewal where it was interrupted, and inquires where the CA has not "
	     "decided yet.  Without one under way it shows what is there.",
    .opts = status_opts,
    .args_size = sizeof(struct en_args),
    .examples = status_examples,
    .run = run_status,
};
static const struct tc_command show_command = {
    .name = "show",
    .summary = "show what is in a folder; asks nobody",
    .about = "Certificates, and until when they are good; whether something is under way.",
    .opts = show_opts,
    .args_size = sizeof(struct en_args),
    .examples = show_examples,
    .run = run_show,
};

static const struct tc_command *const commands[] = {
    &cardholder, &merchant, &gateway, &renew_command, &status, &show_command, NULL};

static const struct tc_program program = {
    .name = "setenroll",
    .summary = "register cardholders, merchants and gateways at a SET certificate authority",
    .about = "The reference client of registration: it speaks SET's messages over HTTP, keeps keys and certificates in "
	     "a folder, and believes nothing that the library has not checked.",
    .globals = globals,
    .globals_size = sizeof(struct en_globals),
    .commands = commands,
    .exit_status = "0: done.  1: refused, by the CA or because its answer cannot be believed.  2: wrong usage.  3: not "
		   "decided yet, or the CA cannot be reached, or an answer to its form is missing.",
};

int
main(int argc, char **argv)
{
	en_json_cleanses();
	return tc_main(&program, argc, argv);
}
