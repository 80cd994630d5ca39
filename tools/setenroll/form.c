/* The step FORM: terms, questions, the account. */
#include "tools/setenroll/form.h"

#include "tools/common/clock.h"
#include "tools/common/fail.h"
#include "tools/common/secret.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#define TRIES 3

const char *
en_field_label(const struct setpki_field *field)
{
	return field->nlabels > 0 ? field->labels[0] : "(no label)";
}

/* --- answers ----------------------------------------------------------------------------------- */

enum setpki_code
en_filled_make(struct en *en, struct en_filled *f)
{
	*f = (struct en_filled){.form = setpki_enroll_form(en->e), .account_field = setpki_enroll_account_field(en->e)};
	f->n = f->form->nfields;
	f->texts = calloc(f->n + 1, sizeof(*f->texts));
	return f->texts != NULL ? SETPKI_E_OK : tc_fail_memory(EN_ERR(en));
}

void
en_filled_free(struct en_filled *f)
{
	for (size_t i = 0; f->texts != NULL && i < f->n; i++)
		OPENSSL_clear_free(f->texts[i], EN_TEXT_MAX);
	free(f->texts);
	OPENSSL_clear_free(f->account, EN_TEXT_MAX);
	memset(f, 0, sizeof(*f));
}

enum setpki_code
en_filled_set(char **to, const char *text, struct setpki_error *err)
{
	if (strlen(text) >= EN_TEXT_MAX)
		return tc_fail(err, SETPKI_E_LIMIT, "an answer has at most %d octets", EN_TEXT_MAX - 1);
	OPENSSL_clear_free(*to, EN_TEXT_MAX);
	if ((*to = OPENSSL_zalloc(EN_TEXT_MAX)) == NULL)
		return tc_fail_memory(err);
	memcpy(*to, text, strlen(text));
	return SETPKI_E_OK;
}

/* --- at the terminal --------------------------------------------------------------------------- */

/* Line by line, whatever is in it. */
static void
show_text(const char *text)
{
	char line[1024], safe[4 * sizeof(line)];

	while (*text != '\0') {
		size_t n = strcspn(text, "\n");

		snprintf(line, sizeof(line), "%.*s", (int)(n < sizeof(line) ? n : sizeof(line) - 1), text);
		fprintf(stderr, "  %s\n", tc_printable(line, safe, sizeof(safe)));
		text += n < sizeof(line) ? n : sizeof(line) - 1;
		text += *text == '\n';
	}
}

static enum setpki_code
ask_terms(struct en *en, const struct setpki_form *form)
{
	if (form->terms == NULL || form->terms[0] == '\0')
		return SETPKI_E_OK;
	fprintf(stderr, "The terms of the CA:\n\n");
	show_text(form->terms);
	fprintf(stderr, "\n");
	return tc_confirm(false, "Do you agree to them?", EN_ERR(en));
}

/* What is left empty is no answer. */
static enum setpki_code
ask_field(struct en *en, const struct setpki_field *field, char **to)
{
	const char *about = field->description != NULL ? field->description : "";
	char label[256], hint[512], prompt[1024], *text = OPENSSL_zalloc(EN_TEXT_MAX);
	enum setpki_code rc;
	size_t n;

	if (text == NULL)
		return tc_fail_memory(EN_ERR(en));
	snprintf(prompt, sizeof(prompt), "%s%s%s%s%s: ", tc_printable(en_field_label(field), label, sizeof(label)),
	    about[0] != '\0' ? " (" : "", tc_printable(about, hint, sizeof(hint)), about[0] != '\0' ? ")" : "",
	    field->required ? "" : " [optional]");
	rc = field->invisible ? tc_ask_secret(prompt, text, EN_TEXT_MAX, &n, EN_ERR(en))
			      : tc_ask_line(prompt, text, EN_TEXT_MAX, EN_ERR(en));
	if (rc == SETPKI_E_OK && text[0] != '\0')
		rc = en_filled_set(to, text, EN_ERR(en));
	OPENSSL_clear_free(text, EN_TEXT_MAX);
	return rc;
}

static enum setpki_code
ask_all(struct en *en, struct en_filled *f)
{
	enum setpki_code rc = SETPKI_E_OK;

	if (f->account_field != NULL && f->account == NULL)
		rc = ask_field(en, f->account_field, &f->account);
	for (size_t i = 0; i < f->form->nfields && rc == SETPKI_E_OK; i++)
		rc = ask_field(en, &f->form->fields[i], &f->texts[i]);
	return rc;
}

/* --- handing over ------------------------------------------------------------------------------ */

static enum setpki_code
account_from_fd(struct en *en, struct en_filled *f)
{
	char text[TC_PAN_MAX * 2];
	enum setpki_code rc;
	size_t n;

	if (en->a->account_fd < 0 || f->account_field == NULL)
		return SETPKI_E_OK;
	if ((rc = tc_secret_line(en->a->account_fd, "account-fd", "account", text, sizeof(text), &n, EN_ERR(en))) ==
	    SETPKI_E_OK)
		rc = en_filled_set(&f->account, text, EN_ERR(en));
	OPENSSL_cleanse(text, sizeof(text));
	return rc;
}

/* A refusal counts the answers; what they were asked by is kept for then. */
static enum setpki_code
keep_labels(struct en *en, const struct setpki_form *form)
{
	json_t *labels = json_array();

	for (size_t i = 0; labels != NULL && i < form->nfields; i++)
		json_array_append_new(labels, json_string(en_field_label(&form->fields[i])));
	if (json_object_set_new(en->state, "labels", labels) != 0)
		return tc_fail_memory(EN_ERR(en));
	return en_state_write(en, true);
}

static enum setpki_code
hand_over(struct en *en, struct en_filled *f)
{
	enum setpki_code rc = SETPKI_E_OK;

	if (f->account_field != NULL && f->account_field->required && f->account == NULL)
		return tc_fail(EN_ERR(en), SETPKI_E_ARGUMENT, "account: \"%.100s\" has to be answered",
		    en_field_label(f->account_field));
	if (f->account != NULL)
		rc = setpki_enroll_account(en->e, f->account, EN_ERR(en));
	if (rc == SETPKI_E_OK && (rc = keep_labels(en, f->form)) == SETPKI_E_OK)
		rc = setpki_enroll_answer(
		    en->e, (const char *const *)(uintptr_t)f->texts, f->n, tc_clock_now(), EN_ERR(en));
	return rc;
}

/* What the session does not take is asked for again. */
static enum setpki_code
at_terminal(struct en *en, struct en_filled *f)
{
	enum setpki_code rc = ask_terms(en, f->form);

	for (int i = 0; rc == SETPKI_E_OK && i < TRIES; i++) {
		if ((rc = ask_all(en, f)) != SETPKI_E_OK || (rc = hand_over(en, f)) != SETPKI_E_ARGUMENT ||
		    i + 1 == TRIES)
			return rc;
		fprintf(stderr, "%s\n", EN_ERR(en)->message);
		setpki_error_clear(EN_ERR(en));
		en_filled_free(f);
		rc = en_filled_make(en, f);
	}
	return rc;
}

enum setpki_code
en_form(struct en *en)
{
	struct en_filled f;
	enum setpki_code rc = en_filled_make(en, &f);
	bool nothing_asked;

	if (rc != SETPKI_E_OK || (rc = account_from_fd(en, &f)) != SETPKI_E_OK)
		goto out;
	nothing_asked =
	    f.form->nfields == 0 && f.account_field == NULL && (f.form->terms == NULL || f.form->terms[0] == '\0');
	if (en->a->answers != NULL) {
		if ((rc = en_answers_read(en, &f)) == SETPKI_E_OK)
			rc = hand_over(en, &f);
	} else if (nothing_asked) {
		rc = hand_over(en, &f);
	} else if (tc_can_ask()) {
		rc = at_terminal(en, &f);
	} else {
		en->pended = true;
	}
out:
	en_filled_free(&f);
	return rc;
}
