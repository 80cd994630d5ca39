/* setca account list. */
#include "tools/common/fail.h"
#include "tools/setca/account.h"
#include "tools/setca/commands.h"
#include "tools/setca/list.h"

#include <stdlib.h>
#include <string.h>

struct list_args {
	const char *ca, *after;
	int64_t limit;
};

enum { CA, ROLE, ACCOUNT, FIRST_SIX, LAST_FOUR, BIN, ID, NAME, EXPIRES, STATE, IMPORTED, COLUMNS };

static const struct tc_column columns[] = {
    [CA] = {"ca", "CA", SETPKI_VALUE_TEXT, false},
    [ROLE] = {"role", "ROLE", SETPKI_VALUE_TEXT, false},
    [ACCOUNT] = {"", "ACCOUNT", SETPKI_VALUE_TEXT, false},
    [FIRST_SIX] = {"firstSix", NULL, SETPKI_VALUE_TEXT, false},
    [LAST_FOUR] = {"lastFour", NULL, SETPKI_VALUE_TEXT, false},
    [BIN] = {"bin", NULL, SETPKI_VALUE_TEXT, false},
    [ID] = {"id", NULL, SETPKI_VALUE_TEXT, false},
    [NAME] = {"name", "NAME", SETPKI_VALUE_TEXT, false},
    [EXPIRES] = {"expires", "EXPIRES", SETPKI_VALUE_TEXT, false},
    [STATE] = {"state", "STATE", SETPKI_VALUE_TEXT, false},
    [IMPORTED] = {"importedAt", "IMPORTED", SETPKI_VALUE_TEXT, false},
    [COLUMNS] = {0},
};

/* Where a list went on: behind a card (its hash), or behind a merchant or gateway. */
struct place {
	uint16_t ca;
	bool card;
	uint8_t hash[32];
	struct ca_holder_record holder;
};

/* "c4.HEX" or "h5.HEX": CA number, then the end of the record's key. */
_Static_assert(SETCA_PLACE_MAX >= 16 + SETPKI_HEX_TEXT(1 + SP_UB_BIN + CA_HOLDER_ID_MAX), "a place fits");

struct lister {
	struct setca_list list;
	const struct list_args *want;
	const char *ca; /* of the entries being walked */
	struct place after;
};

/* --- rows --------------------------------------------------------------------------------------- */

static enum setpki_code
put_card(void *arg, const struct ca_account_record *rec, struct setpki_error *err)
{
	char account[16], imported[SETPKI_TIME_TEXT], hex[SETPKI_HEX_TEXT(32)];
	const char *cell[COLUMNS] = {0};
	struct lister *l = arg;

	(void)err;
	if (!setca_list_room(&l->list))
		return SETPKI_E_STATE;
	snprintf(account, sizeof(account), "%s...%s", rec->first_six, rec->last_four);
	cell[CA] = l->ca;
	cell[ROLE] = ca_role_name(CA_ROLE_CARDHOLDER);
	cell[ACCOUNT] = account;
	cell[FIRST_SIX] = rec->first_six;
	cell[LAST_FOUR] = rec->last_four;
	cell[EXPIRES] = rec->expiry;
	cell[STATE] = setca_account_states[rec->state];
	cell[IMPORTED] = setca_day(l->list.s, rec->imported_at, imported);
	tc_row(l->list.s->out, cell);
	snprintf(l->list.last, sizeof(l->list.last), "c%u.%s", rec->ca, setpki_hex_text(SP_BYTES(rec->hash), hex));
	return SETPKI_E_OK;
}

static void
note_holder(struct lister *l, const struct ca_holder_record *rec)
{
	char hex[SETPKI_HEX_TEXT(1 + SP_UB_BIN + CA_HOLDER_ID_MAX)];
	uint8_t tail[1 + SP_UB_BIN + CA_HOLDER_ID_MAX];
	size_t n = strlen(rec->id);

	tail[0] = rec->role;
	memcpy(tail + 1, rec->bin, SP_UB_BIN);
	memcpy(tail + 1 + SP_UB_BIN, rec->id, n);
	snprintf(l->list.last, sizeof(l->list.last), "h%u.%s", rec->ca,
	    setpki_hex_text((setpki_bytes){tail, 1 + SP_UB_BIN + n}, hex));
}

static enum setpki_code
put_holder(void *arg, const struct ca_holder_record *rec, struct setpki_error *err)
{
	char account[SP_UB_BIN + CA_HOLDER_ID_MAX + 2], imported[SETPKI_TIME_TEXT];
	const char *cell[COLUMNS] = {0};
	struct lister *l = arg;

	(void)err;
	if (!setca_list_room(&l->list))
		return SETPKI_E_STATE;
	snprintf(account, sizeof(account), "%s%s%s", rec->bin, rec->id[0] != '\0' ? " " : "", rec->id);
	cell[CA] = l->ca;
	cell[ROLE] = ca_role_name((enum ca_role)rec->role);
	cell[ACCOUNT] = account;
	cell[BIN] = rec->bin;
	cell[ID] = rec->id[0] != '\0' ? rec->id : NULL;
	cell[NAME] = rec->nnames > 0 ? rec->names[0].name : rec->name;
	cell[STATE] = setca_account_states[rec->state];
	cell[IMPORTED] = setca_day(l->list.s, rec->imported_at, imported);
	tc_row(l->list.s->out, cell);
	note_holder(l, rec);
	return SETPKI_E_OK;
}

/* --- the walk ------------------------------------------------------------------------------------ */

static enum setpki_code
parse_after(const char *text, struct place *out, struct setpki_error *err)
{
	uint8_t tail[1 + SP_UB_BIN + CA_HOLDER_ID_MAX + 1] = {0};
	unsigned long ca;
	char *end;
	size_t n;

	memset(out, 0, sizeof(*out));
	if (text == NULL)
		return SETPKI_E_OK;
	if ((text[0] != 'c' && text[0] != 'h') || text[1] < '1' || text[1] > '9')
		return setca_list_bad_place(text, err);
	ca = strtoul(text + 1, &end, 10);
	if (ca > UINT16_MAX || *end != '.' ||
	    setpki_hex_parse(end + 1, tail, sizeof(tail) - 1, &n, NULL) != SETPKI_E_OK)
		return setca_list_bad_place(text, err);
	out->ca = (uint16_t)ca;
	out->card = text[0] == 'c';
	if (out->card ? n != sizeof(out->hash) : n < 1 + SP_UB_BIN)
		return setca_list_bad_place(text, err);
	memcpy(out->hash, tail, sizeof(out->hash));
	out->holder.role = tail[0];
	memcpy(out->holder.bin, tail + 1, SP_UB_BIN);
	memcpy(out->holder.id, tail + 1 + SP_UB_BIN, CA_HOLDER_ID_MAX);
	return SETPKI_E_OK;
}

/* Cards first, then merchants and gateways. */
static enum setpki_code
walk_ca(void *arg, const struct ca_ca_record *ca, struct setpki_error *err)
{
	struct lister *l = arg;
	bool here = ca->id == l->after.ca, holders = here && !l->after.card;
	enum setpki_code rc = SETPKI_E_OK;

	if (l->list.more || ca->id < l->after.ca || (l->want->ca != NULL && strcmp(l->want->ca, ca->name) != 0))
		return SETPKI_E_OK;
	l->ca = ca->name;
	if (!holders)
		rc = ca_account_each(l->list.t, ca->id, here ? l->after.hash : NULL, put_card, l, err);
	if (rc == SETPKI_E_OK && !l->list.more)
		rc = ca_holder_each(l->list.t, ca->id, holders ? &l->after.holder : NULL, put_holder, l, err);
	return rc;
}

static enum setpki_code
walk(void *arg)
{
	struct lister *l = arg;
	struct ca_ca_record ca = {0};
	enum setpki_code rc;

	if ((rc = parse_after(l->want->after, &l->after, SETCA_ERR(l->list.s))) != SETPKI_E_OK)
		return rc;
	if (l->want->ca != NULL) {
		rc = setca_find_ca(l->list.s, l->list.t, l->want->ca, &ca);
		ca_ca_record_free(&ca);
	}
	return rc == SETPKI_E_OK ? ca_ca_each(l->list.t, walk_ca, l, SETCA_ERR(l->list.s)) : rc;
}

static enum setpki_code
run_list(struct tc_run *run)
{
	static const struct setca_list_table table = {"setca.accounts/1", columns, "No card, merchant or gateway."};
	struct lister l = {.want = run->args};

	return setca_list(run, l.want->limit, &table, &l.list, walk, &l);
}

const struct tc_command setca_account_list = {
    .name = "account list",
    .summary = "the cards, merchants and gateways that registrations are decided by",
    .about =
	"One line for each, CA by CA, a hundred at a time; where there are more, the last line says what to give as "
	"--after for the next hundred.  Of a card's number only the first six and last four digits are known.",
    .opts =
	(const struct tc_opt[]){
	    {"ca", TC_TEXT, TC_AT(struct list_args, ca), "CA", "only the list of this CA", NULL},
	    {"limit", TC_NUMBER, TC_AT(struct list_args, limit), "N", "at most so many (100)", NULL},
	    {"after", TC_TEXT, TC_AT(struct list_args, after), "PLACE", "go on behind this place", NULL},
	    {0},
	},
    .args_size = sizeof(struct list_args),
    .examples =
	(const struct tc_example[]){
	    {"setca account list --ca card", "the first hundred cards"},
	    {0},
	},
    .run = run_list,
};
