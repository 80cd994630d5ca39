/* --answers FILE. */
#include "tools/common/fail.h"
#include "tools/common/files.h"
#include "tools/setenroll/form.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

/* --- what it parses is secret ------------------------------------------------------------------- */

/* Before each piece of memory stands how long it is; the union keeps the alignment. */
union head {
	size_t n;
	max_align_t align;
};

static void *
cleansed_alloc(size_t n)
{
	union head *h = n <= SIZE_MAX - sizeof(*h) ? malloc(sizeof(*h) + n) : NULL;

	if (h == NULL)
		return NULL;
	h->n = n;
	return h + 1;
}

void
en_json_free(void *p)
{
	union head *h = p;

	if (h == NULL)
		return;
	h--;
	OPENSSL_cleanse(h + 1, h->n);
	free(h);
}

void
en_json_cleanses(void)
{
	json_set_alloc_funcs(cleansed_alloc, en_json_free);
}

/* --- one answer --------------------------------------------------------------------------------- */

static bool
means(const struct setpki_field *f, const char *key)
{
	const char *name = setpki_field_name(f->id);

	if (name != NULL && strcmp(name, key) == 0)
		return true;
	for (size_t i = 0; i < f->nlabels; i++)
		if (strcmp(f->labels[i], key) == 0)
			return true;
	return false;
}

static enum setpki_code
take_field(struct en_filled *f, const char *key, const json_t *value, struct setpki_error *err)
{
	size_t i = 0;

	while (i < f->form->nfields && !means(&f->form->fields[i], key))
		i++;
	if (i == f->form->nfields)
		return tc_fail(err, SETPKI_E_ARGUMENT, "the CA's form has no such question");
	if (!json_is_string(value))
		return tc_fail(err, SETPKI_E_ARGUMENT, "a text is wanted");
	if (f->texts[i] != NULL)
		return tc_fail(err, SETPKI_E_ARGUMENT, "the same question is answered a second time");
	return en_filled_set(&f->texts[i], json_string_value(value), err);
}

static enum setpki_code
take_fields(struct en_filled *f, const json_t *fields, struct setpki_error *err)
{
	enum setpki_code rc = SETPKI_E_OK;
	const json_t *value;
	const char *key;

	json_object_foreach((json_t *)(uintptr_t)fields, key, value) if (rc == SETPKI_E_OK &&
	    (rc = take_field(f, key, value, err)) != SETPKI_E_OK) rc = tc_error_in(err, rc, "fields.%.60s", key);
	for (size_t i = 0; i < f->form->nfields && rc == SETPKI_E_OK; i++)
		if (f->form->fields[i].required && f->texts[i] == NULL)
			rc = tc_fail(err, SETPKI_E_ARGUMENT, "fields: \"%.100s\" has to be answered",
			    en_field_label(&f->form->fields[i]));
	return rc;
}

/* --- the whole ---------------------------------------------------------------------------------- */

static enum setpki_code
check_members(const json_t *all, struct setpki_error *err)
{
	static const struct {
		const char *name;
		bool flag, object;
	} known[] = {{"agree", true, false}, {"account", false, false}, {"fields", false, true}};
	const size_t n = sizeof(known) / sizeof(known[0]);
	const json_t *value;
	const char *key;
	size_t i;

	if (!json_is_object(all))
		return tc_fail(err, SETPKI_E_ARGUMENT, "one object is wanted, {\"agree\": true, \"fields\": {...}}");
	json_object_foreach((json_t *)(uintptr_t)all, key, value)
	{
		for (i = 0; i < n && strcmp(key, known[i].name) != 0; i++)
			;
		if (i == n)
			return tc_fail(
			    err, SETPKI_E_ARGUMENT, "%.60s: unknown; agree, account and fields may be there", key);
		if (known[i].flag	  ? !json_is_boolean(value)
			: known[i].object ? !json_is_object(value)
					  : !json_is_string(value))
			return tc_fail(err, SETPKI_E_ARGUMENT, "%s: %s is wanted", key,
			    known[i].flag	  ? "true or false"
				: known[i].object ? "an object"
						  : "a text");
	}
	return SETPKI_E_OK;
}

static enum setpki_code
take_account(struct en_filled *f, const char *account, struct setpki_error *err)
{
	if (account == NULL)
		return SETPKI_E_OK;
	if (f->account_field == NULL)
		return tc_fail(err, SETPKI_E_ARGUMENT, "account: the CA does not ask for one");
	return en_filled_set(&f->account, account, err);
}

static enum setpki_code
take_all(struct en_filled *f, const json_t *all, struct setpki_error *err)
{
	bool terms = f->form->terms != NULL && f->form->terms[0] != '\0';
	enum setpki_code rc = check_members(all, err);

	if (rc == SETPKI_E_OK && terms && !json_is_true(json_object_get(all, "agree")))
		rc = tc_fail(err, SETPKI_E_ARGUMENT,
		    "agree: the CA's terms have to be agreed to; without --answers they are shown");
	if (rc == SETPKI_E_OK)
		rc = take_account(f, json_string_value(json_object_get(all, "account")), err);
	return rc == SETPKI_E_OK ? take_fields(f, json_object_get(all, "fields"), err) : rc;
}

enum setpki_code
en_answers_read(struct en *en, struct en_filled *f)
{
	struct tc_file file = {0};
	enum setpki_code rc = tc_file_read(en->a->answers, &file, EN_ERR(en));
	json_error_t why;
	json_t *all;

	if (rc != SETPKI_E_OK)
		return rc;
	if ((all = json_loadb((const char *)file.bytes.p, file.bytes.n, JSON_REJECT_DUPLICATES, &why)) == NULL)
		rc = tc_fail(EN_ERR(en), SETPKI_E_PARSE,
		    "line %d, column %d: this is not JSON, or says one thing twice", why.line, why.column);
	else
		rc = take_all(f, all, EN_ERR(en));
	json_decref(all);
	tc_file_close(&file);
	return rc == SETPKI_E_OK ? rc : tc_error_in(EN_ERR(en), rc, "%s", en->a->answers);
}
