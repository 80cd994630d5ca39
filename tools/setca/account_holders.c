/* Merchants and gateways from a JSON file: an array of objects, each member a row. */
#include "lib/base/limits.h"
#include "tools/common/fail.h"
#include "tools/setca/account.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* --- objects by tables ------------------------------------------------------------------------- */

enum member_type { M_TEXT, M_NUMBER, M_BOOL, M_LIST };

struct member {
	const char *name;
	enum member_type type;
	bool required;
	size_t at; /* const char *, int64_t, int (0, 1), const json_t * in the struct that is filled */
};

#define MEMBERS_MAX 16

static const char *const type_names[] = {
    [M_TEXT] = "a text", [M_NUMBER] = "a number", [M_BOOL] = "true or false", [M_LIST] = "a list"};

static bool
take_value(const struct member *m, const json_t *v, void *out)
{
	void *to = (uint8_t *)out + m->at;

	if (m->type == M_TEXT && json_is_string(v))
		*(const char **)to = json_string_value(v);
	else if (m->type == M_NUMBER && json_is_integer(v))
		*(int64_t *)to = json_integer_value(v);
	else if (m->type == M_BOOL && json_is_boolean(v))
		*(int *)to = json_is_true(v);
	else if (m->type == M_LIST && json_is_array(v))
		*(const json_t **)to = v;
	else
		return false;
	return true;
}

static const struct member *
find_member(const struct member *rows, const char *name)
{
	for (; rows->name != NULL; rows++)
		if (strcmp(rows->name, name) == 0)
			return rows;
	return NULL;
}

static enum setpki_code
unknown_member(const struct member *rows, const char *name, struct setpki_error *err)
{
	const char *known[MEMBERS_MAX] = {NULL}, *near;

	for (size_t i = 0; rows[i].name != NULL && i < MEMBERS_MAX; i++)
		known[i] = rows[i].name;
	if ((near = setpki_closest(name, known, MEMBERS_MAX)) != NULL)
		return tc_fail(err, SETPKI_E_PARSE, "unknown member; did you mean '%s'?", near);
	return tc_fail(err, SETPKI_E_PARSE, "unknown member");
}

static enum setpki_code
read_members(const json_t *object, const struct member *rows, void *out, struct setpki_error *err)
{
	const struct member *m;
	const char *name;
	json_t *v;

	if (!json_is_object(object))
		return tc_fail(err, SETPKI_E_PARSE, "not an object");
	json_object_foreach((json_t *)(uintptr_t)object, name, v)
	{
		if ((m = find_member(rows, name)) == NULL)
			return tc_error_in(err, unknown_member(rows, name, err), "%.60s", name);
		if (!take_value(m, v, out))
			return tc_error_in(
			    err, tc_fail(err, SETPKI_E_PARSE, "%s is wanted", type_names[m->type]), "%s", name);
	}
	for (m = rows; m->name != NULL; m++)
		if (m->required && json_object_get(object, m->name) == NULL)
			return tc_fail(err, SETPKI_E_PARSE, "'%s' is missing", m->name);
	return SETPKI_E_OK;
}

/* --- one merchant or gateway ------------------------------------------------------------------- */

struct holder {
	const char *bin, *id, *name, *state;
	const json_t *names;
	int64_t country;
	int authorization;
};

#define HOLDER(member) offsetof(struct holder, member)
#define NAMES(member) offsetof(struct sp_mer_names, member)

static const struct member merchant_rows[] = {
    {"bin", M_TEXT, true, HOLDER(bin)},
    {"merchant-id", M_TEXT, true, HOLDER(id)},
    {"names", M_LIST, true, HOLDER(names)},
    {"country", M_NUMBER, false, HOLDER(country)},
    {"authorization", M_BOOL, false, HOLDER(authorization)},
    {"state", M_TEXT, false, HOLDER(state)},
    {0},
};
static const struct member gateway_rows[] = {
    {"bin", M_TEXT, true, HOLDER(bin)},
    {"id", M_TEXT, false, HOLDER(id)},
    {"name", M_TEXT, true, HOLDER(name)},
    {"state", M_TEXT, false, HOLDER(state)},
    {0},
};
static const struct member names_rows[] = {
    {"language", M_TEXT, false, NAMES(language)},
    {"name", M_TEXT, true, NAMES(name)},
    {"city", M_TEXT, true, NAMES(city)},
    {"state", M_TEXT, false, NAMES(state_province)},
    {"postal-code", M_TEXT, false, NAMES(postal_code)},
    {"country-name", M_TEXT, true, NAMES(country_name)},
    {0},
};

/* What only merchants have. */
static bool
is_merchant(const json_t *object)
{
	for (const struct member *m = merchant_rows; m->name != NULL; m++)
		if (find_member(gateway_rows, m->name) == NULL && json_object_get(object, m->name) != NULL)
			return true;
	return false;
}

static enum setpki_code
read_names(const json_t *list, struct ca_holder_record *rec, struct setpki_error *err)
{
	size_t n = json_array_size(list);
	enum setpki_code rc;

	if (n == 0 || n > SP_MER_NAMES_MAX)
		return tc_fail(err, SETPKI_E_LIMIT, "%zu entries; 1 to %d fit", n, SP_MER_NAMES_MAX);
	if ((rec->names = calloc(n, sizeof(*rec->names))) == NULL)
		return tc_fail_memory(err);
	for (rec->nnames = 0; rec->nnames < n; rec->nnames++)
		if ((rc = read_members(json_array_get(list, rec->nnames), names_rows, &rec->names[rec->nnames], err)) !=
		    SETPKI_E_OK)
			return tc_error_in(err, rc, "[%zu]", rec->nnames);
	return SETPKI_E_OK;
}

/* A text into an array of `cap` octets. */
static enum setpki_code
copy_text(char *to, size_t cap, const char *text, const char *what, struct setpki_error *err)
{
	if (text != NULL && strlen(text) >= cap)
		return tc_fail(err, SETPKI_E_LIMIT, "%s: at most %zu octets fit", what, cap - 1);
	snprintf(to, cap, "%s", text != NULL ? text : "");
	return SETPKI_E_OK;
}

static enum setpki_code
fill_record(const struct holder *in, struct ca_holder_record *rec, struct setpki_error *err)
{
	enum setpki_code rc;

	if (in->country < 0 || in->country > 999)
		return tc_fail(err, SETPKI_E_PARSE, "country: ISO 3166 numeric, 1 to 999");
	rec->country = (uint16_t)in->country;
	rec->auth_flag = in->authorization == 1;
	rec->name = in->name;
	if (in->state != NULL && !setca_account_state(in->state, &rec->state))
		return tc_fail(err, SETPKI_E_PARSE, "state: active or blocked");
	if ((rc = copy_text(rec->bin, sizeof(rec->bin), in->bin, "bin", err)) != SETPKI_E_OK ||
	    (rc = copy_text(rec->id, sizeof(rec->id), in->id, "identifier", err)) != SETPKI_E_OK || in->names == NULL)
		return rc;
	return (rc = read_names(in->names, rec, err)) == SETPKI_E_OK ? rc : tc_error_in(err, rc, "names");
}

/* What the file leaves out of MerchantData is the policy's. */
static enum setpki_code
read_holder(
    const json_t *object, const struct ca_profile *merchants, struct ca_holder_record *rec, struct setpki_error *err)
{
	struct holder in = {.country = merchants->mer_country, .authorization = merchants->auth_flag};
	bool merchant = is_merchant(object);
	enum setpki_code rc;

	rec->role = merchant ? CA_ROLE_MERCHANT : CA_ROLE_GATEWAY;
	if ((rc = read_members(object, merchant ? merchant_rows : gateway_rows, &in, err)) != SETPKI_E_OK)
		return rc;
	return fill_record(&in, rec, err);
}

/* --- the file ---------------------------------------------------------------------------------- */

struct source {
	struct tc_input *in;
	struct setpki_error *err;
	size_t total;
};

static size_t
read_some(void *buffer, size_t n, void *arg)
{
	struct source *src = arg;
	size_t got;

	if (tc_input_read(src->in, buffer, n, &got, src->err) != SETPKI_E_OK)
		return (size_t)-1;
	if ((src->total += got) <= SP_HOLDERS_FILE_MAX)
		return got;
	tc_fail(src->err, SETPKI_E_LIMIT, "%s: more than %u MiB", src->in->name, SP_HOLDERS_FILE_MAX >> 20);
	return (size_t)-1;
}

static enum setpki_code
parse(struct setca *s, struct tc_input *in, json_t **out)
{
	struct source src = {in, SETCA_ERR(s), 0};
	json_error_t e;

	*out = json_load_callback(read_some, &src, JSON_REJECT_DUPLICATES, &e);
	if (*out == NULL)
		return tc_fail(SETCA_ERR(s), SETPKI_E_PARSE, "%s:%d:%d: not JSON: %s", in->name, e.line, e.column,
		    e.text); /* unless reading failed, which has its error already */
	if (!json_is_array(*out) || json_array_size(*out) > SP_HOLDERS_MAX)
		return tc_fail(SETCA_ERR(s), SETPKI_E_LIMIT, "%s: a list of at most %u merchants or gateways is wanted",
		    in->name, SP_HOLDERS_MAX);
	return SETPKI_E_OK;
}

/* Where there are no gateways, what came as one is a merchant without a merchant-id. */
static enum setpki_code
no_such_role(struct setca *s, enum ca_role role, enum setpki_code rc)
{
	return role == CA_ROLE_GATEWAY && rc == SETPKI_E_POLICY
	    ? tc_error_hint(SETCA_ERR(s), rc, "what has no merchant-id is taken for a gateway")
	    : rc;
}

static enum setpki_code
take_all(struct setca *s, const json_t *list, const char *ca, char *name, struct ca_holder_record *records,
    struct ca_accounts_result *out)
{
	enum ca_role role = is_merchant(json_array_get(list, 0)) ? CA_ROLE_MERCHANT : CA_ROLE_GATEWAY;
	struct ca_accounts *a = NULL;
	const struct ca_profile *merchants;
	enum setpki_code rc;
	uint32_t i;

	if ((rc = ca_accounts_begin(s->home, ca, role, &a, SETCA_ERR(s))) != SETPKI_E_OK)
		return no_such_role(s, role, rc);
	snprintf(name, CA_NAME_MAX, "%s", ca_accounts_ca(a));
	merchants = &s->home->policy->cas[ca_policy_find(s->home->policy, name)].profiles[CA_ROLE_MERCHANT];
	for (i = 0; i < json_array_size(list) && rc == SETPKI_E_OK; i++)
		if ((rc = read_holder(json_array_get(list, i), merchants, &records[i], SETCA_ERR(s))) != SETPKI_E_OK ||
		    (rc = ca_accounts_holder(a, &records[i], i, SETCA_ERR(s))) != SETPKI_E_OK)
			rc = no_such_role(s, (enum ca_role)records[i].role, tc_error_in(SETCA_ERR(s), rc, "[%u]", i));
	if (rc == SETPKI_E_OK)
		rc = ca_accounts_commit(a, out, SETCA_ERR(s));
	ca_accounts_free(a);
	return rc;
}

enum setpki_code
setca_import_holders(struct setca *s, struct tc_input *in, const char *ca, char *name, struct ca_accounts_result *out)
{
	struct ca_holder_record *records;
	json_t *list = NULL;
	enum setpki_code rc;

	if ((rc = parse(s, in, &list)) != SETPKI_E_OK) {
		json_decref(list);
		return rc;
	}
	if ((records = calloc(json_array_size(list) + 1, sizeof(*records))) == NULL)
		rc = tc_fail_memory(SETCA_ERR(s));
	else if ((rc = take_all(s, list, ca, name, records, out)) != SETPKI_E_OK)
		rc = tc_error_in(SETCA_ERR(s), rc, "%s", in->name);
	for (size_t i = 0; records != NULL && i < json_array_size(list); i++)
		free(records[i].names);
	free(records);
	json_decref(list);
	return rc;
}
