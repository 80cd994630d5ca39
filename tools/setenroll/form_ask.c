/* The form at a terminal: terms, questions, and what the CA wants otherwise. */
#include "tools/common/fail.h"
#include "tools/setenroll/form.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#define TRIES 3

/* A line of what others wrote, whatever is in it. */
static void
tell(const char *indent, const char *text)
{
	char line[1024], safe[4 * sizeof(line)];

	snprintf(line, sizeof(line), "%s", text);
	tc_tell("%s%s", indent, tc_printable(line, safe, sizeof(safe)));
}

/* --- the terms --------------------------------------------------------------------------------- */

static void
show_terms(const char *text)
{
	char line[1000];

	tc_tell("The terms of the CA:\n");
	while (*text != '\0') {
		size_t n = strcspn(text, "\n");

		n = n < sizeof(line) ? n : sizeof(line) - 1;
		snprintf(line, sizeof(line), "%.*s", (int)n, text);
		tell("  ", line);
		text += n;
		text += *text == '\n';
	}
	tc_tell("%s", "");
}

static enum setpki_code
ask_terms(struct en *en, struct en_filled *f)
{
	const char *terms = f->form->terms;
	struct setpki_error why = {0};
	enum setpki_code rc;

	if (f->agreed || terms == NULL || terms[0] == '\0')
		return SETPKI_E_OK;
	show_terms(terms);
	rc = tc_confirm(false, "Do you agree to them?", &why);
	f->agreed = rc == SETPKI_E_OK;
	if (rc == SETPKI_E_STATE)
		return tc_fail(EN_ERR(en), rc, "the terms of the CA were not agreed to, and nothing was sent");
	return f->agreed ? rc : tc_fail(EN_ERR(en), rc, "%s", why.message);
}

/* --- a question -------------------------------------------------------------------------------- */

static enum setpki_code
type_text(const struct setpki_field *field, char *text, struct setpki_error *err)
{
	const char *about = field->description != NULL ? field->description : "";
	char label[256], hint[512], prompt[1024];
	size_t n;

	snprintf(prompt, sizeof(prompt), "%s%s%s%s%s: ", tc_printable(en_field_label(field), label, sizeof(label)),
	    about[0] != '\0' ? " (" : "", tc_printable(about, hint, sizeof(hint)), about[0] != '\0' ? ")" : "",
	    field->required ? "" : " [optional]");
	return field->invisible ? tc_ask_secret(prompt, text, EN_TEXT_MAX, &n, err)
				: tc_ask_line(prompt, text, EN_TEXT_MAX, err);
}

/* What cannot be an answer is told of at once. */
static enum setpki_code
ask_once(struct en *en, const struct en_filled *f, const struct setpki_field *field, char **to)
{
	char *text = OPENSSL_zalloc(EN_TEXT_MAX);
	enum setpki_code rc;

	if (text == NULL)
		return tc_fail_memory(EN_ERR(en));
	if ((rc = type_text(field, text, EN_ERR(en))) == SETPKI_E_OK &&
	    (rc = setpki_field_check(field, text, EN_ERR(en))) == SETPKI_E_OK && field == f->account_field)
		rc = setpki_enroll_account(en->e, text[0] != '\0' ? text : NULL, EN_ERR(en));
	if (rc == SETPKI_E_OK)
		rc = en_filled_set(to, text, EN_ERR(en));
	OPENSSL_clear_free(text, EN_TEXT_MAX);
	return rc;
}

static enum setpki_code
ask_field(struct en *en, const struct en_filled *f, const struct setpki_field *field, char **to)
{
	enum setpki_code rc;

	for (int i = 1; (rc = ask_once(en, f, field, to)) == SETPKI_E_ARGUMENT && i < TRIES; i++) {
		tell("", EN_ERR(en)->message);
		setpki_error_clear(EN_ERR(en));
	}
	return rc;
}

/* --- all of them, or those that the CA found wrong ---------------------------------------------- */

/* Whether the CA's complaints name questions of this form. */
static bool
names_questions(const struct setpki_enroll_result *r, size_t n)
{
	for (size_t i = 0; i < r->nfailed; i++)
		if (r->failed[i].item < 1 || r->failed[i].item > n)
			return false;
	return r->nfailed > 0;
}

static bool
is_wrong(const struct setpki_enroll_result *r, size_t item)
{
	size_t i = 0;

	while (i < r->nfailed && r->failed[i].item != item)
		i++;
	return i < r->nfailed;
}

static void
tell_wrong(const struct en_filled *f, const struct setpki_enroll_result *r)
{
	char line[900];

	if (r->status != SETPKI_STATUS_FORM_MALFORMED)
		return;
	tc_tell("The CA wants this otherwise:");
	if (r->message != NULL)
		tell("  ", r->message);
	for (size_t i = 0; i < r->nfailed; i++) {
		size_t item = r->failed[i].item;

		snprintf(line, sizeof(line), "\"%s\": %s",
		    item >= 1 && item <= f->n ? en_field_label(&f->form->fields[item - 1]) : "the form",
		    r->failed[i].reason);
		tell("  ", line);
	}
}

/* The account is no item of the form: what is wrong with it is told in eeMessage, if at all. */
static bool
asks_account(const struct en_filled *f, const struct setpki_enroll_result *r, bool first)
{
	if (f->account_field == NULL)
		return false;
	return first ? f->account == NULL : r->message != NULL || !names_questions(r, f->n);
}

static enum setpki_code
ask_fields(struct en *en, struct en_filled *f, bool first)
{
	struct setpki_enroll_result r;
	enum setpki_code rc = SETPKI_E_OK;
	bool all;

	setpki_enroll_result(en->e, &r);
	tell_wrong(f, &r);
	all = first || !names_questions(&r, f->n);
	if (asks_account(f, &r, first))
		rc = ask_field(en, f, f->account_field, &f->account);
	for (size_t i = 0; i < f->n && rc == SETPKI_E_OK; i++)
		if (all || is_wrong(&r, i + 1))
			rc = ask_field(en, f, &f->form->fields[i], &f->texts[i]);
	return rc;
}

/* --- the step ---------------------------------------------------------------------------------- */

static enum setpki_code
begin(struct en *en)
{
	enum setpki_code rc;

	if ((en->typed = calloc(1, sizeof(*en->typed))) == NULL)
		return tc_fail_memory(EN_ERR(en));
	rc = en_filled_make(en, en->typed);
	return rc == SETPKI_E_OK ? en_account_from_fd(en, en->typed) : rc;
}

enum setpki_code
en_form_ask(struct en *en)
{
	bool first = en->typed == NULL;
	enum setpki_code rc = SETPKI_E_OK;

	if (first)
		rc = begin(en);
	else
		en_filled_bind(en, en->typed);
	if (rc == SETPKI_E_OK && (rc = ask_terms(en, en->typed)) == SETPKI_E_OK &&
	    (rc = ask_fields(en, en->typed, first)) == SETPKI_E_OK)
		rc = en_hand_over(en, en->typed);
	return rc;
}

bool
en_form_malformed(const struct en *en)
{
	struct setpki_enroll_result r;

	setpki_enroll_result(en->e, &r);
	return setpki_enroll_step(en->e) == SETPKI_ENROLL_REFUSED && r.status == SETPKI_STATUS_FORM_MALFORMED;
}

bool
en_form_correctable(const struct en *en)
{
	return en_form_malformed(en) && en->a->answers == NULL && en->corrected < TRIES && tc_can_ask();
}

void
en_form_forget(struct en *en)
{
	if (en->typed != NULL)
		en_filled_free(en->typed);
	free(en->typed);
	en->typed = NULL;
}
