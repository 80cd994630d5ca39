/* state.json: what was asked for, and what has to be known the next time. */
#include "tools/common/fail.h"
#include "tools/setenroll/http.h"
#include "tools/setenroll/setenroll.h"

#include <setpki/text.h>
#include <string.h>
#include <sys/stat.h>

#define SCHEMA "setenroll.state/1"

static const struct en_role roles[] = {{"cardholder", "card", SETPKI_TYPE_CARD}, {"merchant", "mer", SETPKI_TYPE_MER},
    {"gateway", "pgwy", SETPKI_TYPE_PGWY}};

/* Members, and the options that have to say the same when a registration goes on. */
static const struct member {
	const char *name;
	json_type type;
	bool required;
	const char *option;
} members[] = {
    {"schema", JSON_STRING, true, NULL},
    {"url", JSON_STRING, true, NULL},
    {"brand", JSON_STRING, true, "--brand"},
    {"role", JSON_STRING, true, "the role"},
    {"request", JSON_STRING, true, "which certificates"},
    {"suite", JSON_STRING, true, "--suite"},
    {"language", JSON_STRING, true, "--language"},
    {"revocation", JSON_STRING, true, NULL},
    {"bin", JSON_STRING, false, "--bin"},
    {"id", JSON_STRING, false, "the merchant's or business id"},
    {"rootThumb", JSON_STRING, false, NULL},
    {"keyType", JSON_STRING, false, NULL},
    {"bciSequence", JSON_INTEGER, false, NULL},
    {"old", JSON_INTEGER, false, NULL},
    {"waitsFor", JSON_STRING, false, NULL}, /* when it was left waiting: "form", "decision" */
    {"labels", JSON_ARRAY, false, NULL},    /* of the form that was answered */
    {"complete", JSON_TRUE, false, NULL},
};
#define NMEMBERS (sizeof(members) / sizeof(members[0]))

const struct en_role *
en_role_of(uint32_t holder)
{
	size_t i = 0;

	while (i + 1 < sizeof(roles) / sizeof(roles[0]) && roles[i].holder != holder)
		i++;
	return &roles[i];
}

const struct en_role *
en_role_by_name(const char *name)
{
	size_t i = 0;

	while (i + 1 < sizeof(roles) / sizeof(roles[0]) && strcmp(roles[i].name, name) != 0)
		i++;
	return &roles[i];
}

const char *
en_state_text(const json_t *state, const char *member)
{
	return json_string_value(json_object_get(state, member));
}

uint64_t
en_state_number(const json_t *state, const char *member)
{
	json_int_t v = json_integer_value(json_object_get(state, member));

	return v > 0 ? (uint64_t)v : 0;
}

const struct setpki_request_row *
en_state_row(const json_t *state)
{
	return setpki_request_row(setpki_request_by_name(en_state_text(state, "request")));
}

/* --- making ------------------------------------------------------------------------------------ */

/* "merInitialBoth" */
static enum setpki_code
set_request(json_t *state, const struct en_role *role, bool renewal, bool sig, bool enc, struct setpki_error *err)
{
	char name[32];

	snprintf(name, sizeof(name), "%s%s%s", role->set, renewal ? "Renewal" : "Initial",
	    sig && enc ? "Both"
		: sig  ? "Sig"
		       : "Enc");
	if (setpki_request_by_name(name) == SETPKI_REQUEST_NONE)
		return tc_fail(err, SETPKI_E_ARGUMENT, "a %s has no key-exchange certificate", role->name);
	return json_object_set_new(state, "request", json_string(name)) == 0 ? SETPKI_E_OK : tc_fail_memory(err);
}

int
en_next_old(const struct en *en)
{
	struct stat st;
	char name[32];
	int n = 0;

	do
		snprintf(name, sizeof(name), "old-%d", ++n);
	while (fstatat(en->dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0);
	return n;
}

static enum setpki_code
set_old(struct en *en, json_t *state)
{
	return json_object_set_new(state, "old", json_integer(en_next_old(en))) == 0 ? SETPKI_E_OK
										     : tc_fail_memory(EN_ERR(en));
}

static enum setpki_code
put_texts(struct en *en, const struct en_role *role, json_t *state)
{
	const struct en_args *a = en->a;
	const struct {
		const char *name, *value;
	} texts[] = {{"schema", SCHEMA}, {"url", a->url}, {"brand", a->brand}, {"role", role->name},
	    {"suite", a->suite != NULL ? a->suite : "modern"}, {"language", a->language != NULL ? a->language : "en"},
	    {"revocation", a->revocation != NULL ? a->revocation : "require-bci"}, {"bin", a->bin},
	    {"id", role->holder == SETPKI_TYPE_MER ? a->merchant_id : a->business_id}, {"rootThumb", a->root_thumb},
	    {"keyType", a->key_type}};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (texts[i].value != NULL &&
		    json_object_set_new(state, texts[i].name, json_string(texts[i].value)) != 0)
			return tc_fail(EN_ERR(en), SETPKI_E_ARGUMENT, "%s: not text in UTF-8", texts[i].name);
	return SETPKI_E_OK;
}

enum setpki_code
en_expiry_check(const struct en_args *a, int64_t now, struct setpki_error *err)
{
	char today[SETPKI_TIME_TEXT];
	const char *e = a->expiry;

	if (e == NULL)
		return tc_fail(err, SETPKI_E_ARGUMENT, "--expiry YYYYMM says until when the card is good");
	if (strlen(e) != 6 || strspn(e, "0123456789") != 6 || strcmp(e + 4, "01") < 0 || strcmp(e + 4, "12") > 0)
		return tc_fail(err, SETPKI_E_ARGUMENT, "--expiry takes a month as YYYYMM, not '%.20s'", e);
	setpki_time_text(now, today); /* YYYY-MM-DD */
	if (strncmp(e, today, 4) < 0 || (strncmp(e, today, 4) == 0 && strncmp(e + 4, today + 5, 2) < 0))
		return tc_fail(err, SETPKI_E_ARGUMENT, "--expiry %s: a card that has expired is not registered", e);
	return SETPKI_E_OK;
}

enum setpki_code
en_args_check(struct tc_run *run, const struct en_role *role)
{
	const struct en_args *a = run->args;
	bool card = role->holder == SETPKI_TYPE_CARD, mer = role->holder == SETPKI_TYPE_MER;
	const struct {
		bool wrong;
		const char *text;
	} rows[] = {
	    {a->dir == NULL, "--dir says where keys and certificates are kept"},
	    {a->url == NULL, "--url says where the CA is"},
	    {a->brand == NULL, "--brand says which brand's certificate"},
	    {(a->root == NULL) == (a->root_thumb == NULL),
		"one of --root FILE and --root-thumb HEX says whom to trust"},
	    {!card && a->bin == NULL, "--bin is the acquirer's BIN, six digits"},
	    {mer && a->merchant_id == NULL, "--merchant-id is what the acquirer calls the merchant"},
	    {a->signature_only && a->exchange_only, "--signature-only and --exchange-only exclude each other"},
	    {a->no_passphrase && a->passphrase_fd >= 0, "--no-passphrase and --passphrase-fd exclude each other"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].wrong)
			return tc_fail(&run->err, SETPKI_E_ARGUMENT, "%s: %s", role->name, rows[i].text);
	if (card && en_expiry_check(a, run->now, &run->err) != SETPKI_E_OK)
		return run->err.code;
	return en_http_check(a->url, &run->err);
}

enum setpki_code
en_state_new(struct en *en, const struct en_role *role, json_t **out)
{
	json_t *state = json_object();
	bool enc = role->holder != SETPKI_TYPE_CARD && !en->a->signature_only;
	enum setpki_code rc;

	*out = NULL;
	if (state == NULL)
		return tc_fail_memory(EN_ERR(en));
	if ((rc = put_texts(en, role, state)) == SETPKI_E_OK)
		rc = set_request(state, role, false, !en->a->exchange_only, enc, EN_ERR(en));
	/* what is there makes way, when this is a second registration in the folder */
	if (rc == SETPKI_E_OK && en->state != NULL && !en_under_way(en))
		rc = set_old(en, state);
	if (rc == SETPKI_E_OK)
		*out = state;
	else
		json_decref(state);
	return rc;
}

enum setpki_code
en_state_renewal(struct en *en, json_t **out)
{
	json_t *state = json_deep_copy(en->state);
	const struct en_role *role = en_role_of(en_state_row(en->state)->holder);
	bool sig = en_file_there(en->dir, EN_SIG_CERT) && !en->a->exchange_only;
	bool enc = en_file_there(en->dir, EN_ENC_CERT) && !en->a->signature_only;
	enum setpki_code rc;

	*out = NULL;
	if (state == NULL)
		return tc_fail_memory(EN_ERR(en));
	json_object_del(state, "complete");
	if (!sig && !enc)
		rc = tc_fail(EN_ERR(en), SETPKI_E_STATE, "there is no certificate of that kind to renew");
	else
		rc = role->holder == SETPKI_TYPE_CARD ? en_expiry_check(en->a, en->run->now, EN_ERR(en)) : SETPKI_E_OK;
	if (rc == SETPKI_E_OK && (rc = set_request(state, role, true, sig, enc, EN_ERR(en))) == SETPKI_E_OK)
		rc = set_old(en, state);
	if (rc == SETPKI_E_OK)
		*out = state;
	else
		json_decref(state);
	return rc;
}

/* --- reading and writing ----------------------------------------------------------------------- */

static enum setpki_code
check_member(const json_t *state, const struct member *m, struct setpki_error *err)
{
	const json_t *v = json_object_get(state, m->name);

	if (v == NULL ? !m->required : json_typeof(v) == m->type)
		return SETPKI_E_OK;
	return tc_fail(err, SETPKI_E_PARSE, "%s: is not what setenroll wrote there", m->name);
}

enum setpki_code
en_state_read(int folder, json_t **out, struct setpki_error *err)
{
	struct setpki_der text;
	enum setpki_code rc = en_file_read(folder, EN_STATE, &text, err);
	json_error_t why;

	*out = NULL;
	if (rc != SETPKI_E_OK)
		return rc;
	if ((*out = json_loadb((const char *)text.p, text.n, JSON_REJECT_DUPLICATES, &why)) == NULL)
		rc = tc_fail(err, SETPKI_E_PARSE, "line %d: %s", why.line, why.text);
	for (size_t i = 0; rc == SETPKI_E_OK && i < NMEMBERS; i++)
		rc = check_member(*out, &members[i], err);
	if (rc == SETPKI_E_OK &&
	    (strcmp(en_state_text(*out, "schema"), SCHEMA) != 0 || en_state_row(*out) == NULL ||
		setpki_suite_by_name(en_state_text(*out, "suite")) == SETPKI_SUITE_NONE))
		rc = tc_fail(err, SETPKI_E_PARSE, "is of another version of setenroll");
	setpki_der_free(&text);
	if (rc != SETPKI_E_OK) {
		json_decref(*out);
		*out = NULL;
		return tc_error_in(err, rc, "state.json");
	}
	return rc;
}

enum setpki_code
en_state_write(struct en *en, bool update)
{
	char *text = json_dumps(en->state, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
	enum setpki_code rc;

	if (text == NULL)
		return tc_fail_memory(EN_ERR(en));
	rc = (update ? en_file_update : en_file_create)(
	    en->session, EN_STATE, (setpki_bytes){(const uint8_t *)text, strlen(text)}, EN_ERR(en));
	en_json_free(text);
	return rc;
}

enum setpki_code
en_state_same(struct en *en, const json_t *asked)
{
	for (size_t i = 0; i < NMEMBERS; i++) {
		const struct member *m = &members[i];
		const char *is = en_state_text(en->state, m->name), *want = en_state_text(asked, m->name);

		if (m->option != NULL && strcmp(is != NULL ? is : "", want != NULL ? want : "") != 0)
			return tc_fail(EN_ERR(en), SETPKI_E_CONFLICT,
			    "a registration is under way in %s that differs in %s ('%.60s'); 'setenroll status' goes "
			    "on "
			    "with it, and removing %s/" EN_SESSION " gives it up",
			    en->a->dir, m->option, is != NULL ? is : "", en->a->dir);
	}
	return SETPKI_E_OK;
}

enum setpki_code
en_state_take(struct en *en, const json_t *asked)
{
	static const char *const names[] = {"url", "rootThumb"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		json_t *value = json_object_get(asked, names[i]);

		if (value == NULL)
			json_object_del(en->state, names[i]);
		else if (json_object_set(en->state, names[i], value) != 0)
			return tc_fail_memory(EN_ERR(en));
	}
	return SETPKI_E_OK;
}
