/* setca account import, account remove. */
#include "lib/crypto/account.h"
#include "tools/common/fail.h"
#include "tools/common/secret.h"
#include "tools/setca/account.h"
#include "tools/setca/commands.h"

#include <openssl/crypto.h>
#include <string.h>

/* --- import --- */

struct import_args {
	const char *ca;
};

static void
report(struct setca *s, const char *ca, const struct ca_accounts_result *r)
{
	if (!s->json) {
		printf("%s: %zu added, %zu changed, %zu as before\n", ca, r->added, r->changed, r->same);
		return;
	}
	tc_object(s->out, "setca.account-import/1", NULL);
	tc_text(s->out, "ca", ca);
	tc_number(s->out, "added", r->added);
	tc_number(s->out, "changed", r->changed);
	tc_number(s->out, "same", r->same);
	tc_object_end(s->out);
}

static enum setpki_code
import(struct setca *s, const char *path, const char *ca)
{
	struct ca_accounts_result r = {0};
	char name[CA_NAME_MAX], first;
	struct tc_input in;
	enum setpki_code rc;

	if ((rc = tc_input_open(path, &in, SETCA_ERR(s))) != SETPKI_E_OK)
		return rc;
	if ((rc = tc_input_peek(&in, &first, SETCA_ERR(s))) == SETPKI_E_OK)
		rc = first == '[' || first == '{' ? setca_import_holders(s, &in, ca, name, &r)
						  : setca_import_cards(s, &in, ca, name, &r);
	tc_input_close(&in);
	if (rc == SETPKI_E_OK)
		report(s, name, &r);
	return rc;
}

static enum setpki_code
run_import(struct tc_run *run)
{
	const struct import_args *a = run->args;
	enum setpki_code rc;
	struct setca s;

	if ((rc = setca_open(run, CA_HOME_WRITE, -1, &s)) == SETPKI_E_OK)
		rc = import(&s, run->operands[0], a->ca);
	return setca_end(&s, rc);
}

const struct tc_command setca_account_import = {
    .name = "account import",
    .operands = "FILE",
    .min = 1,
    .max = 1,
    .summary = "add to the list that registrations are decided by, or change what it says",
    .about =
	"Cards stand in a text file, a line each: PAN,YYYYMM or PAN,YYYYMM,blocked; '#' begins a comment, and \"-\" is "
	"standard input.  The numbers are not kept: what stays is a keyed hash, the first six and last four digits, "
	"the "
	"expiry and the state.\n\n"
	"Merchants and gateways stand in a JSON file, a list of objects.  A merchant has bin, merchant-id, names (a "
	"list of name, city, country-name and, if wanted, language, state, postal-code) and, if not as in the policy, "
	"country (a number) and authorization (true or false); a gateway has bin, name and, if it has one, id; both "
	"may "
	"have state (active or blocked).  What stands here goes into their certificates, whatever they type.\n\n"
	"Of a file with a mistake nothing is taken.  What the file does not name stays as it was; to block a card or a "
	"merchant, or to take it back, import it again with its new state.",
    .opts =
	(const struct tc_opt[]){
	    {"ca", TC_TEXT, TC_AT(struct import_args, ca), "CA",
		"whose list; needed where the policy has several CAs for these", NULL},
	    {0},
	},
    .args_size = sizeof(struct import_args),
    .examples =
	(const struct tc_example[]){
	    {"setca account import cards.txt --ca card", "an issuer's cards"},
	    {"setca account import merchants.json --ca merchant", "an acquirer's merchants"},
	    {0},
	},
    .run = run_import,
};

/* --- remove --- */

struct remove_args {
	const char *ca, *role, *bin, *id;
	int64_t pan_fd;
	bool all, yes;
};

static void
report_removed(struct setca *s, size_t n, const char *what)
{
	if (!s->json) {
		printf("removed: %s (%zu %s)\n", what, n, n == 1 ? "entry" : "entries");
		return;
	}
	tc_object(s->out, "setca.account-remove/1", NULL);
	tc_number(s->out, "removed", n);
	tc_text(s->out, "what", what);
	tc_object_end(s->out);
}

static enum setpki_code
find_card(struct setca *s, const struct remove_args *a, struct ca_account_record *rec)
{
	char pan[TC_PAN_MAX];
	enum setpki_code rc;
	size_t n;

	if ((rc = tc_card_number(a->pan_fd, "pan-fd", pan, sizeof(pan), &n, SETCA_ERR(s))) == SETPKI_E_OK)
		rc = ca_accounts_find_card(s->home, a->ca, pan, rec, SETCA_ERR(s));
	OPENSSL_cleanse(pan, sizeof(pan));
	return rc;
}

static enum setpki_code
remove_card(struct setca *s, const struct remove_args *a)
{
	struct ca_account_record rec;
	char question[160], what[64];
	enum setpki_code rc;

	if ((rc = find_card(s, a, &rec)) != SETPKI_E_OK)
		return rc;
	snprintf(question, sizeof(question), "Remove card %s...%s, which expires %s?", rec.first_six, rec.last_four,
	    rec.expiry);
	if ((rc = tc_confirm(a->yes, question, SETCA_ERR(s))) != SETPKI_E_OK ||
	    (rc = ca_accounts_remove_card(s->home, &rec, SETCA_ERR(s))) != SETPKI_E_OK)
		return rc;
	snprintf(what, sizeof(what), "card %s...%s", rec.first_six, rec.last_four);
	report_removed(s, 1, what);
	return SETPKI_E_OK;
}

/* --- merchants, gateways, everything --- */

/* The one of the two roles that the CA has, if --role does not say. */
static enum setpki_code
choose_role(struct setca *s, const struct remove_args *a, enum ca_role *role)
{
	const struct ca_policy *p = s->home->policy;
	int i = p != NULL && a->ca != NULL ? ca_policy_find(p, a->ca) : -1;
	bool merchant = i >= 0 && p->cas[i].profiles[CA_ROLE_MERCHANT].present;
	bool gateway = i >= 0 && p->cas[i].profiles[CA_ROLE_GATEWAY].present;

	if (a->role != NULL)
		merchant = !(gateway = strcmp(a->role, "gateway") == 0);
	if (merchant == gateway)
		return tc_fail(SETCA_ERR(s), SETPKI_E_ARGUMENT, "say which it is: --role merchant or --role gateway");
	*role = merchant ? CA_ROLE_MERCHANT : CA_ROLE_GATEWAY;
	return SETPKI_E_OK;
}

static enum setpki_code
confirm_and_remove(struct setca *s, const struct ca_holder_record *rec, bool yes)
{
	char what[CA_HOLDER_TEXT], question[CA_HOLDER_TEXT + 16];
	enum setpki_code rc;

	snprintf(question, sizeof(question), "Remove %s?", ca_holder_text(rec, what));
	if ((rc = tc_confirm(yes, question, SETCA_ERR(s))) != SETPKI_E_OK ||
	    (rc = ca_accounts_remove_holder(s->home, rec, SETCA_ERR(s))) != SETPKI_E_OK)
		return rc;
	report_removed(s, 1, what);
	return SETPKI_E_OK;
}

static enum setpki_code
remove_holder(struct setca *s, const struct remove_args *a)
{
	struct ca_holder_record rec = {0};
	enum ca_role role = CA_ROLE_MERCHANT;
	enum setpki_code rc;

	if (a->bin == NULL)
		return tc_fail(SETCA_ERR(s), SETPKI_E_ARGUMENT, "--id names a merchant or gateway together with --bin");
	if ((rc = choose_role(s, a, &role)) != SETPKI_E_OK)
		return rc;
	rc = ca_accounts_find_holder(s->home, a->ca, role, a->bin, a->id != NULL ? a->id : "", &rec, SETCA_ERR(s));
	if (rc == SETPKI_E_OK)
		rc = confirm_and_remove(s, &rec, a->yes);
	ca_holder_record_free(&rec);
	return rc;
}

static enum setpki_code
find_ca(struct setca *s, const char *name, uint16_t *id)
{
	struct ca_ca_record ca = {0};
	enum setpki_code rc;
	ca_txn *t;

	if ((rc = ca_txn_begin(s->home->store, false, &t, SETCA_ERR(s))) != SETPKI_E_OK)
		return rc;
	if ((rc = setca_find_ca(s, t, name, &ca)) == SETPKI_E_OK)
		*id = ca.id;
	ca_ca_record_free(&ca);
	ca_txn_abort(t);
	return rc;
}

static enum setpki_code
remove_all(struct setca *s, const struct remove_args *a)
{
	char question[CA_NAME_MAX + 64];
	enum setpki_code rc;
	uint16_t id;
	size_t n;

	if (a->ca == NULL)
		return tc_fail(SETCA_ERR(s), SETPKI_E_ARGUMENT, "--all empties one CA's list: say which with --ca");
	if ((rc = find_ca(s, a->ca, &id)) != SETPKI_E_OK)
		return rc;
	snprintf(question, sizeof(question), "Remove everything from the list of %.*s?", CA_NAME_MAX, a->ca);
	if ((rc = tc_confirm(a->yes, question, SETCA_ERR(s))) != SETPKI_E_OK ||
	    (rc = ca_accounts_clear(s->home, id, &n, SETCA_ERR(s))) != SETPKI_E_OK)
		return rc;
	report_removed(s, n, "everything");
	return SETPKI_E_OK;
}

static enum setpki_code
run_remove(struct tc_run *run)
{
	const struct remove_args *a = run->args;
	bool holder = a->bin != NULL || a->id != NULL || a->role != NULL;
	enum setpki_code rc;
	struct setca s = {0};

	if (holder + a->all + (a->pan_fd >= 0) > 1)
		return tc_fail(&run->err, SETPKI_E_ARGUMENT,
		    "a card (--pan-fd), a merchant or gateway (--bin, --id), or --all: one of them");
	if ((rc = setca_open(run, CA_HOME_WRITE, -1, &s)) == SETPKI_E_OK)
		rc = a->all ? remove_all(&s, a) : holder ? remove_holder(&s, a) : remove_card(&s, a);
	return setca_end(&s, rc);
}

static const char *const holder_roles[] = {"merchant", "gateway", NULL};

const struct tc_command setca_account_remove = {
    .name = "account remove",
    .summary = "take a card, merchant or gateway out of the list",
    .about =
	"A card by its number, which is asked for at the terminal or read from --pan-fd; a merchant or gateway by the "
	"acquirer's BIN and its identifier.  Asks first.  What is not in the list is decided by whoever comes next in "
	"the policy; to have it refused, import it as blocked.  Certificates stay as they are: see 'setca revoke'.",
    .opts =
	(const struct tc_opt[]){
	    {"ca", TC_TEXT, TC_AT(struct remove_args, ca), "CA",
		"whose list; needed where the policy has several CAs for these", NULL},
	    {"pan-fd", TC_NUMBER, TC_AT(struct remove_args, pan_fd), "N",
		"read the card number from descriptor N instead of the terminal", NULL},
	    {"bin", TC_TEXT, TC_AT(struct remove_args, bin), "BIN", "the acquirer's BIN", NULL},
	    {"id", TC_TEXT, TC_AT(struct remove_args, id), "ID", "the merchant's or gateway's identifier", NULL},
	    {"role", TC_CHOICE, TC_AT(struct remove_args, role), "ROLE", "which it is, where --ca does not tell",
		holder_roles},
	    {"all", TC_FLAG, TC_AT(struct remove_args, all), NULL, "everything in the list of --ca", NULL},
	    {"yes", TC_FLAG, TC_AT(struct remove_args, yes), NULL, "do not ask", NULL},
	    {0},
	},
    .args_size = sizeof(struct remove_args),
    .examples =
	(const struct tc_example[]){
	    {"setca account remove --pan-fd 3 --yes 3<pan.txt", "a card"},
	    {"setca account remove --ca merchant --bin 412399 --id 4711 --yes", "a merchant"},
	    {0},
	},
    .run = run_remove,
};
