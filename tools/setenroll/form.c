/* The step FORM: answers, from a file or the terminal (form_ask.c), handed over. */
#include "tools/setenroll/form.h"

#include "tools/common/clock.h"
#include "tools/common/fail.h"
#include "tools/common/secret.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

const char *
en_field_label(const struct setpki_field *field)
{
	return field->nlabels > 0 ? field->labels[0] : "(no label)";
}

/* --- answers ----------------------------------------------------------------------------------- */

void
en_filled_bind(struct en *en, struct en_filled *f)
{
	f->form = setpki_enroll_form(en->e);
	f->account_field = setpki_enroll_account_field(en->e);
}

enum setpki_code
en_filled_make(struct en *en, struct en_filled *f)
{
	*f = (struct en_filled){.form = NULL};
	en_filled_bind(en, f);
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
	*to = NULL;
	if (text[0] == '\0')
		return SETPKI_E_OK;
	if ((*to = OPENSSL_zalloc(EN_TEXT_MAX)) == NULL)
		return tc_fail_memory(err);
	memcpy(*to, text, strlen(text));
	return SETPKI_E_OK;
}

/* --- handing over ------------------------------------------------------------------------------ */

enum setpki_code
en_account_from_fd(struct en *en, struct en_filled *f)
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

enum setpki_code
en_hand_over(struct en *en, struct en_filled *f)
{
	enum setpki_code rc = SETPKI_E_OK;

	if (f->account_field != NULL && f->account_field->required && f->account == NULL)
		return tc_fail(EN_ERR(en), SETPKI_E_ARGUMENT, "account: \"%.100s\" has to be answered",
		    en_field_label(f->account_field));
	if (f->account_field != NULL) /* NULL too: one that was refused does not go along again */
		rc = setpki_enroll_account(en->e, f->account, EN_ERR(en));
	if (rc == SETPKI_E_OK && (rc = keep_labels(en, f->form)) == SETPKI_E_OK)
		rc = setpki_enroll_answer(
		    en->e, (const char *const *)(uintptr_t)f->texts, f->n, tc_clock_now(), EN_ERR(en));
	return rc;
}

static enum setpki_code
from_file(struct en *en)
{
	struct en_filled f;
	enum setpki_code rc = en_filled_make(en, &f);

	if (rc == SETPKI_E_OK && (rc = en_account_from_fd(en, &f)) == SETPKI_E_OK &&
	    (en->a->answers == NULL || (rc = en_answers_read(en, &f)) == SETPKI_E_OK))
		rc = en_hand_over(en, &f);
	en_filled_free(&f);
	return rc;
}

enum setpki_code
en_form(struct en *en)
{
	const struct setpki_form *form = setpki_enroll_form(en->e);
	bool nothing_asked = form->nfields == 0 && setpki_enroll_account_field(en->e) == NULL &&
	    (form->terms == NULL || form->terms[0] == '\0');

	if (en->a->answers != NULL || nothing_asked)
		return from_file(en);
	if (tc_can_ask())
		return en_form_ask(en);
	en->pended = true;
	return SETPKI_E_OK;
}
