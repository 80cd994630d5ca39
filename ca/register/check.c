/* Whether a form was filled in as it asks for, and the account beside it (set-protocol 8, regFormAnswerMalformed). */
#include "ca/register/decide.h"

#include "lib/x509/string.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>

/* --- one answer -------------------------------------------------------------------------------- */

/* Why an answer is refused, or NULL. */
static const char *
fault_of(const struct ca_form_field *f, const char *value, char room[CA_REG_FAULT])
{
	if (value == NULL)
		return "not a text";
	if (value[0] == '\0')
		return f->required ? "has to be filled in" : NULL;
	if (sp_string_chars(SP_UTF8, sp_bytes_str(value)) > (size_t)f->length) {
		snprintf(room, CA_REG_FAULT, "longer than %d characters", f->length);
		return room;
	}
	if (f->pattern != NULL && !ca_pattern_matches(f->pattern, value))
		return "not in the form that is asked for";
	return NULL;
}

const char *
ca_reg_check_account(const struct ca_form *form, const char *account, char room[CA_REG_FAULT])
{
	return form->account.present ? fault_of(&form->account, account != NULL ? account : "", room) : NULL;
}

/* --- the whole form ---------------------------------------------------------------------------- */

static const char *
label_of(const struct ca_form_field *f, const char *language)
{
	return ca_form_text_in(f->labels, f->nlabels, language);
}

/* The answers to one field: *first, and how many there are. */
static size_t
answers_to(const struct setpki_cert_request *q, const char *label, const struct setpki_form_answer **first)
{
	size_t n = 0;

	*first = NULL;
	for (size_t i = 0; i < q->nanswers; i++) {
		if (strcmp(q->answers[i].label, label) != 0)
			continue;
		if (n++ == 0)
			*first = &q->answers[i];
	}
	return n;
}

static enum setpki_code
add_failed(struct ca_desk_parts *p, size_t item, const char *reason, struct setpki_error *err)
{
	struct setpki_failed_item *f = &p->failed[p->nfailed];

	if (p->nfailed == CA_DESK_ANSWERS_MAX || item > SP_UB_FORM_FIELDS)
		return SETPKI_E_OK;
	f->item = (unsigned)item;
	if ((f->reason = OPENSSL_strdup(reason)) == NULL)
		return sp_fail_memory(err);
	p->nfailed++;
	return SETPKI_E_OK;
}

static enum setpki_code
check_field(const struct ca_form_field *f, size_t item, const char *language, const struct setpki_cert_request *q,
    struct ca_desk_parts *p, struct setpki_error *err)
{
	const struct setpki_form_answer *a;
	size_t n = answers_to(q, label_of(f, language), &a);
	const char *why = NULL;
	char room[CA_REG_FAULT];

	if (n > 1)
		why = "answered more than once";
	else if (n == 1)
		why = fault_of(f, a->value, room);
	else if (f->required)
		why = "has to be filled in";
	return why != NULL ? add_failed(p, item, why, err) : SETPKI_E_OK;
}

static bool
asked(const struct ca_form *form, const char *language, const char *label)
{
	for (size_t i = 0; i < form->nfields; i++)
		if (strcmp(label_of(&form->fields[i], language), label) == 0)
			return true;
	return false;
}

enum setpki_code
ca_reg_check_form(const struct ca_form *form, const char *language, const struct setpki_cert_request *q,
    struct ca_desk_parts *p, struct setpki_error *err)
{
	enum setpki_code rc = SETPKI_E_OK;

	for (size_t i = 0; rc == SETPKI_E_OK && i < form->nfields; i++)
		rc = check_field(&form->fields[i], i + 1, language, q, p, err);
	for (size_t i = 0; rc == SETPKI_E_OK && i < q->nanswers; i++)
		if (!asked(form, language, q->answers[i].label))
			rc = add_failed(p, i + 1, "not a question of this form", err);
	return rc;
}
