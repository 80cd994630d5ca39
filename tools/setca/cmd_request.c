/* setca request list, show. */
#include "tools/common/fail.h"
#include "tools/setca/commands.h"
#include "tools/setca/list.h"
#include "tools/setca/request.h"

#include <string.h>

struct list_args {
	const char *ca, *state, *after;
	int64_t limit;
};

enum { NUMBER, STATE, STATUS, RECEIVED, CA, TYPE, WHO, FIRST_SIX, LAST_FOUR, EXPIRY, BIN, ID, BY, COLUMNS };

static const struct tc_column columns[] = {
    [NUMBER] = {"number", "NUMBER", SETPKI_VALUE_NUMBER, true},
    [STATE] = {"state", "STATE", SETPKI_VALUE_TEXT, false},
    [STATUS] = {"status", "STATUS", SETPKI_VALUE_TEXT, false},
    [RECEIVED] = {"receivedAt", "RECEIVED", SETPKI_VALUE_TEXT, false},
    [CA] = {"ca", "CA", SETPKI_VALUE_TEXT, false},
    [TYPE] = {"type", "TYPE", SETPKI_VALUE_TEXT, false},
    [WHO] = {"", "WHO", SETPKI_VALUE_TEXT, false},
    [FIRST_SIX] = {"firstSix", NULL, SETPKI_VALUE_TEXT, false},
    [LAST_FOUR] = {"lastFour", NULL, SETPKI_VALUE_TEXT, false},
    [EXPIRY] = {"expiry", NULL, SETPKI_VALUE_TEXT, false},
    [BIN] = {"bin", NULL, SETPKI_VALUE_TEXT, false},
    [ID] = {"id", NULL, SETPKI_VALUE_TEXT, false},
    [BY] = {"decidedBy", "DECIDED BY", SETPKI_VALUE_TEXT, false},
    [COLUMNS] = {0},
};

static const char *const states[] = {
    "in progress", "pended", "approved", "complete", "rejected", "refused", "all", NULL};

struct lister {
	struct setca_list list;
	const struct list_args *want;
	uint16_t ca; /* 0: any */
};

static const char *
or_null(const char *text)
{
	return text[0] != '\0' ? text : NULL;
}

static enum setpki_code
put_row(void *arg, const struct ca_request_record *rec, struct setpki_error *err)
{
	const struct setpki_request_row *row = setpki_request_row((enum setpki_request_type)rec->type);
	char number[24], ca[CA_NAME_MAX], received[SETPKI_TIME_TEXT], who[SETCA_REQUEST_WHO];
	const char *cell[COLUMNS] = {0};
	struct lister *l = arg;
	enum setpki_code rc;

	(void)err;
	if (l->ca != 0 && rec->ca != l->ca)
		return SETPKI_E_OK;
	if (!setca_list_room(&l->list))
		return SETPKI_E_STATE;
	if ((rc = setca_ca_name(l->list.s, l->list.t, rec->ca, ca)) != SETPKI_E_OK)
		return rc;
	snprintf(number, sizeof(number), "%llu", (unsigned long long)rec->number);
	cell[NUMBER] = number;
	cell[STATE] = ca_request_state_name(rec->state);
	cell[STATUS] = setpki_status_name((enum setpki_status)rec->status);
	cell[RECEIVED] = setca_day(l->list.s, rec->received_at, received);
	cell[CA] = ca;
	cell[TYPE] = row != NULL ? row->name : NULL;
	cell[WHO] = setca_request_who(rec, who);
	cell[FIRST_SIX] = or_null(rec->first_six);
	cell[LAST_FOUR] = or_null(rec->last_four);
	cell[EXPIRY] = or_null(rec->expiry);
	cell[BIN] = or_null(rec->bin);
	cell[ID] = or_null(rec->id);
	cell[BY] = or_null(rec->decider);
	tc_row(l->list.s->out, cell);
	snprintf(l->list.last, sizeof(l->list.last), "%s", number);
	return SETPKI_E_OK;
}

static enum ca_request_state
state_of(const char *word)
{
	unsigned i = CA_REQUEST_PENDED;

	if (word != NULL)
		for (i = 0; i < CA_REQUEST_STATES && strcmp(states[i], word) != 0;)
			i++;
	return (enum ca_request_state)i; /* "all": CA_REQUEST_STATES */
}

static enum setpki_code
walk(void *arg)
{
	struct lister *l = arg;
	const struct list_args *a = l->want;
	struct ca_ca_record ca = {0};
	uint64_t after = 0;
	enum setpki_code rc = SETPKI_E_OK;

	if (a->after != NULL)
		rc = setca_request_number(a->after, &after, SETCA_ERR(l->list.s));
	if (rc == SETPKI_E_OK && a->ca != NULL) {
		rc = setca_find_ca(l->list.s, l->list.t, a->ca, &ca);
		l->ca = ca.id;
		ca_ca_record_free(&ca);
	}
	return rc == SETPKI_E_OK
	    ? ca_request_each(l->list.t, state_of(a->state), after + 1, put_row, l, SETCA_ERR(l->list.s))
	    : rc;
}

static enum setpki_code
run_list(struct tc_run *run)
{
	static const struct setca_list_table table = {"setca.requests/1", columns, "No such request."};
	struct lister l = {.want = run->args};

	return setca_list(run, l.want->limit, &table, &l.list, walk, &l);
}

const struct tc_command setca_request_list = {
    .name = "request list",
    .summary = "the registrations that wait, or others",
    .about =
	"One line a request, oldest first, a hundred at a time; where there are more, the last line says what to give "
	"as --after for the next hundred.  Without --state those that wait for persons (pended).  Card numbers are not "
	"kept: the first six and last four digits are all there is.",
    .opts =
	(const struct tc_opt[]){
	    {"state", TC_CHOICE, TC_AT(struct list_args, state), "STATE", "those in this state, or all (pended)",
		states},
	    {"ca", TC_TEXT, TC_AT(struct list_args, ca), "CA", "only those that this CA answers", NULL},
	    {"limit", TC_NUMBER, TC_AT(struct list_args, limit), "N", "at most so many (100)", NULL},
	    {"after", TC_TEXT, TC_AT(struct list_args, after), "NUMBER", "go on behind this request", NULL},
	    {0},
	},
    .args_size = sizeof(struct list_args),
    .examples =
	(const struct tc_example[]){
	    {"setca request list", "what waits to be approved"},
	    {"setca request list --state all --limit 20", "twenty of all there are"},
	    {0},
	},
    .run = run_list,
};

/* --- show --- */

static enum setpki_code
show(struct setca *s, const char *text)
{
	struct ca_request_record rec = {0};
	uint64_t number;
	ca_txn *t;
	enum setpki_code rc;

	if ((rc = setca_request_number(text, &number, SETCA_ERR(s))) != SETPKI_E_OK ||
	    (rc = ca_txn_begin(s->home->store, false, &t, SETCA_ERR(s))) != SETPKI_E_OK)
		return rc;
	rc = ca_request_get(t, number, &rec, SETCA_ERR(s));
	ca_txn_abort(t);
	if (rc == SETPKI_E_OK)
		rc = setca_request_put(s, &rec);
	ca_request_record_free(&rec);
	return rc;
}

static enum setpki_code
run_show(struct tc_run *run)
{
	enum setpki_code rc;
	struct setca s = {0};

	if ((rc = setca_open(run, CA_HOME_READ, -1, &s)) == SETPKI_E_OK)
		rc = show(&s, run->operands[0]);
	return setca_end(&s, rc);
}

const struct tc_command setca_request_show = {
    .name = "request show",
    .operands = "NUMBER",
    .min = 1,
    .max = 1,
    .summary = "one registration: what was asked, and what the checks said",
    .about =
	"Everything that is known of a request: who asks for what, the answers to the form, who has decided; why it "
	"was refused, or what those said who were asked before persons; and, while it waits, whether it could be "
	"issued and under which name.  Runs of digits that look like card numbers are masked.",
    .examples =
	(const struct tc_example[]){
	    {"setca request show 1", "the first one"},
	    {0},
	},
    .run = run_show,
};
