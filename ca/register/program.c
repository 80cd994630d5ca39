/* A program as one of those who decide: one JSON object in, one out (docs/policy.md, "Who decides"). */
#include "ca/register/decide.h"
#include "ca/register/json.h"

#include "lib/x509/string.h"

#include <setpki/text.h>
#include <stdio.h>
#include <string.h>

/* --- the question ------------------------------------------------------------------------------ */

static const struct ca_form_field *
field_of(const struct ca_form *form, const char *language, const char *label)
{
	for (size_t i = 0; form != NULL && i < form->nfields; i++)
		if (strcmp(ca_form_text_in(form->fields[i].labels, form->fields[i].nlabels, language), label) == 0)
			return &form->fields[i];
	return NULL;
}

/* What was typed may be a card number: the program is told it only where it is told the card's own. */
static void
put_typed(struct ca_json *j, const struct ca_deciding *d, const char *name, const char *value)
{
	size_t at = j->out->n;

	ca_json_text(j, name, value);
	sp_buf_add_byte(j->out, '\0');
	if (j->out->failed)
		return;
	if (!d->profile->desk.program.pan)
		setpki_mask_pans((char *)j->out->p + at);
	j->out->n--;
}

static void
put_answers(struct ca_json *j, const struct ca_deciding *d)
{
	const struct ca_form *form = ca_deciding_form_of(d);

	ca_json_open(j, "answers", '[');
	for (size_t i = 0; i < d->q->nanswers; i++) {
		const struct setpki_form_answer *a = &d->q->answers[i];
		const struct ca_form_field *f = field_of(form, d->rec.language, a->label);

		ca_json_open(j, NULL, '{');
		ca_json_text(j, "field", f != NULL ? f->name : NULL);
		put_typed(j, d, "label", a->label);
		put_typed(j, d, "value", a->value);
		ca_json_close(j, '}');
	}
	ca_json_close(j, ']');
}

static void
put_card(struct ca_json *j, const struct ca_deciding *d)
{
	if (d->q->pan == NULL)
		return;
	ca_json_open(j, "card", '{');
	ca_json_text(j, "firstSix", d->rec.first_six);
	ca_json_text(j, "lastFour", d->rec.last_four[0] != '\0' ? d->rec.last_four : NULL);
	ca_json_text(j, "expiry", d->rec.expiry);
	ca_json_text(j, "pan", d->profile->desk.program.pan ? d->q->pan : NULL);
	ca_json_close(j, '}');
}

static void
put_question(struct sp_buf *out, const struct ca_deciding *d)
{
	const struct ca_policy_ca *ca = &d->r->h->policy->cas[d->g->policy_index];
	struct ca_json j = {out, true};
	char request[SETPKI_HEX_TEXT(32)];

	ca_json_open(&j, NULL, '{');
	ca_json_text(&j, "schema", "setca.check/1");
	ca_json_text(&j, "request", setpki_hex_text(SP_BYTES(d->rec.wrapper), request));
	ca_json_text(&j, "ca", ca->name);
	ca_json_text(&j, "brand", ca->brand_id);
	ca_json_text(&j, "role", ca_role_name(d->role));
	ca_json_text(&j, "type", d->q->row->name);
	ca_json_bool(&j, "renewal", d->q->row->renewal);
	ca_json_number(&j, "received", d->rec.received_at);
	ca_json_text(&j, "language", d->rec.language);
	ca_json_text(&j, "bin", d->q->id.holder != 0 ? d->q->id.bin : NULL);
	ca_json_text(&j, "id", d->q->id.holder != 0 ? d->q->id.id : NULL);
	ca_json_text(&j, "account", d->parts.account);
	put_card(&j, d);
	put_answers(&j, d);
	ca_json_close(&j, '}');
	sp_buf_add_byte(out, '\n');
}

/* --- the answer -------------------------------------------------------------------------------- */

bool
ca_reg_message_fits(const char *text)
{
	struct sp_buf b = {.secret = true}; /* it is not masked yet */
	bool fits = sp_setstring_put(&b, text, SP_UB_MESSAGE_TEXT, "eeMessage", NULL) == SETPKI_E_OK;

	sp_buf_free(&b);
	return fits;
}

static const struct {
	const char *word;
	enum ca_verdict verdict;
} verdicts[] = {{"accept", CA_VERDICT_ACCEPT}, {"reject", CA_VERDICT_REJECT}, {"pend", CA_VERDICT_PEND}};

static const enum setpki_status rejections[] = {
    SETPKI_STATUS_REJECTED_BY_ISSUER, SETPKI_STATUS_REJECTED_BY_ACQUIRER, SETPKI_STATUS_REJECTED_BY_CA};

enum setpki_status
ca_desk_rejection(const char *name)
{
	for (size_t i = 0; i < sizeof(rejections) / sizeof(rejections[0]); i++)
		if (strcmp(setpki_status_name(rejections[i]), name) == 0)
			return rejections[i];
	return SETPKI_STATUS_NONE;
}

/* NONE: it makes no sense. */
static enum ca_verdict
understand(char *const values[3], enum ca_role role, struct ca_request_record *rec)
{
	const char *word = values[0], *code = values[1], *message = values[2];
	enum ca_verdict verdict = CA_VERDICT_NONE;
	enum setpki_status status = code != NULL ? ca_desk_rejection(code) : ca_reg_rejected(role);

	for (size_t i = 0; word != NULL && i < sizeof(verdicts) / sizeof(verdicts[0]); i++)
		if (strcmp(word, verdicts[i].word) == 0)
			verdict = verdicts[i].verdict;
	if ((code != NULL && verdict != CA_VERDICT_REJECT) || status == SETPKI_STATUS_NONE ||
	    (message != NULL && !ca_reg_message_fits(message)))
		return CA_VERDICT_NONE;
	if (verdict == CA_VERDICT_REJECT)
		rec->status = (uint8_t)status;
	if (verdict != CA_VERDICT_NONE && message != NULL) {
		snprintf(rec->message, sizeof(rec->message), "%s", message);
		setpki_mask_pans(rec->message);
	}
	return verdict;
}

enum ca_verdict
ca_reg_read_verdict(const struct ca_register *r, setpki_bytes answer, enum ca_role role, struct ca_request_record *rec)
{
	static const char *const names[3] = {"answer", "code", "message"};
	char *values[3];
	enum ca_verdict verdict = CA_VERDICT_NONE;

	if (answer.n != 0 && ca_json_read(answer, names, values, 3)) {
		verdict = understand(values, role, rec);
		ca_json_free(values, 3);
	}
	if (verdict != CA_VERDICT_NONE)
		return verdict;
	ca_reg_warn(r, "the program that decides gave no answer that can be understood; a request is pended");
	return CA_VERDICT_PEND;
}

const char *
ca_reg_program_says(enum ca_verdict verdict, bool answered)
{
	static const char *const words[] = {
	    [CA_VERDICT_NONE] = "program: says nothing",
	    [CA_VERDICT_ACCEPT] = "program: accepts it",
	    [CA_VERDICT_REJECT] = "program: rejects it",
	    [CA_VERDICT_PEND] = "program: left to persons",
	    [CA_VERDICT_WAIT] = "program: was asked, and has not answered yet",
	};

	return answered ? words[verdict] : words[CA_VERDICT_NONE];
}

static void
nobody(struct ca_deciding *d, const char *why)
{
	ca_reg_warn(d->r, "%s: %s; a request is pended", d->profile->desk.program.path, why);
	ca_deciding_says(d, "program: %s", why);
}

enum setpki_code
ca_reg_ask_program(struct ca_deciding *d, enum ca_verdict *out, struct setpki_error *err)
{
	const struct ca_desk_program *program = &d->profile->desk.program;
	struct sp_buf question = {.secret = true}, answer = {.secret = true};
	struct ca_register_check check = {program->path, program->timeout, {NULL, 0}, d->rec.wrapper};
	struct setpki_error why = {0};
	enum setpki_code rc = SETPKI_E_IO;

	ca_deciding_read_no_more(d); /* this may take a while */
	d->r->waited = true;
	put_question(&question, d);
	check.question = sp_buf_bytes(&question);
	*out = CA_VERDICT_PEND;
	if (question.failed)
		rc = sp_fail_memory(err);
	else if (d->r->ask.check == NULL)
		nobody(d, "nobody here can run it");
	else if ((rc = d->r->ask.check(d->r->ask.arg, &check, &answer, &why)) == SETPKI_E_OK)
		*out = ca_reg_read_verdict(d->r, sp_buf_bytes(&answer), d->role, &d->rec);
	else if (rc == SETPKI_E_PENDING)
		*out = CA_VERDICT_WAIT;
	else
		nobody(d, why.message);
	if (rc == SETPKI_E_OK || rc == SETPKI_E_PENDING)
		ca_deciding_says(d, "%s", ca_reg_program_says(*out, true));
	sp_buf_free(&question);
	sp_buf_free(&answer);
	return rc == SETPKI_E_MEMORY ? rc : SETPKI_E_OK;
}
