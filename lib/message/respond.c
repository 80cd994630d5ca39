/* Registration from the side of a CA: from a wrapper to the finished answer (set-protocol 8, 12.5 to 12.10, 12.18). */
#include "lib/message/respond.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>

static const struct sp_respond_row rows[] = {
    {SP_ARM_CARD_C_INIT_REQ, sp_find_card_init, sp_answer_card_init},
    {SP_ARM_ME_AQ_C_INIT_REQ, sp_find_me_aq_init, sp_answer_me_aq_init},
    {SP_ARM_REG_FORM_REQ, sp_find_form, sp_answer_form},
    {SP_ARM_CERT_REQ, sp_find_cert_req, sp_answer_cert_req},
    {SP_ARM_CERT_INQ_REQ, sp_find_inquiry, sp_answer_inquiry},
};

static const struct sp_respond_row *
row_of(const struct sp_arm *arm)
{
	for (size_t i = 0; arm != NULL && i < sizeof(rows) / sizeof(rows[0]); i++)
		if ((unsigned)rows[i].arm == arm->number)
			return &rows[i];
	return NULL;
}

/* --- the note ---------------------------------------------------------------------------------- */

static void
note_message(struct setpki_responder *r)
{
	struct setpki_responder_note *n = r->note;

	n->message = r->in.m.arm != NULL ? r->in.m.arm->name : "?";
	if (r->in.rrpid.n == sizeof(n->rrpid))
		memcpy(n->rrpid, r->in.rrpid.p, sizeof(n->rrpid));
}

static void
note_fault(struct setpki_responder *r)
{
	const struct setpki_error *why = &r->fault.why;

	r->note->error = r->fault.code;
	snprintf(r->note->detail, sizeof(r->note->detail), "%.120s%s%.190s", why->object,
	    why->object[0] != '\0' ? ": " : "", why->message);
}

/* What an Error says is for the log alone: nobody vouches for it. */
static void
note_silent(struct setpki_responder *r)
{
	struct sp_error_got e = {0};
	const char *says = "what cannot be read";

	if (sp_error_read(&r->in, &e, NULL) == SETPKI_E_OK)
		says = setpki_error_code_name(e.code);
	snprintf(r->note->detail, sizeof(r->note->detail), "it says %s", says);
	r->note->silent = true;
	sp_error_got_free(&e);
}

/* --- the way of a message ------------------------------------------------------------------------ */

/* Whether a code is a refusal that an Error answers. */
static bool
refused(const struct setpki_responder *r, enum setpki_code rc)
{
	return rc == SETPKI_E_RULE && r->fault.code != SETPKI_ERR_NONE;
}

/* Reads the PDU and tells which CA answers, as far as it can: an Error about it is signed then. */
static enum setpki_code
find(struct setpki_responder *r, const struct sp_respond_row *row, struct setpki_error *err)
{
	enum setpki_code rc = sp_respond_decode(r, r->in.m.arm->type, r->in.m.pdu, &r->pdu);

	if (rc == SETPKI_E_OK)
		rc = row->find(r, err);
	if (r->ca == NULL)
		return rc;
	r->note->ca = r->ca->number;
	if (rc == SETPKI_E_OK && r->ca->suite != r->suite)
		rc = sp_fault(&r->fault, SETPKI_ERR_MESSAGE_NOT_SUPPORTED, "the CA is of the %s suite",
		    setpki_suite_name(r->ca->suite));
	return rc;
}

static enum setpki_code
process(struct setpki_responder *r, struct setpki_error *err)
{
	enum setpki_code rc = sp_wire_read(r->in.wrapper, r->now, &r->in, &r->fault), found;
	const struct sp_respond_row *row = row_of(r->in.m.arm);

	note_message(r);
	if (rc != SETPKI_E_OK && !refused(r, rc))
		return rc;
	if (r->in.m.arm != NULL && r->in.m.arm->number == SP_ARM_ERROR) {
		note_silent(r);
		return SETPKI_E_OK;
	}
	if (row == NULL)
		return sp_fault(&r->fault, SETPKI_ERR_MESSAGE_NOT_SUPPORTED, "%s is not a request", r->note->message);
	found = find(r, row, err);
	if (rc != SETPKI_E_OK)
		return found == SETPKI_E_OK || refused(r, found) ? rc : found;
	return found == SETPKI_E_OK ? row->answer(r, err) : found;
}

static enum setpki_code
put_error(struct setpki_responder *r, struct setpki_error *err)
{
	struct sp_error_ask ask = {.suite = r->suite, .now = r->now, .software = r->software};
	struct sp_beside beside = {0};
	enum setpki_code rc = SETPKI_E_OK;

	sp_buf_reset(&r->out);
	if (r->ops->may_err != NULL && !r->ops->may_err(r->ops->arg)) {
		r->note->too_many = true;
		return SETPKI_E_OK;
	}
	if (r->ca != NULL && r->ca->suite == r->suite) {
		rc = sp_beside_make(r, NULL, 0, &beside, err);
		ask.signer = &r->ca->sign;
		ask.certs = beside.certs;
		ask.ncerts = beside.ncerts;
	}
	if (rc == SETPKI_E_OK)
		rc = sp_error_put(r->ctx, &ask, &r->in, &r->fault, &r->out, err);
	sp_beside_free(&beside);
	return rc;
}

static enum setpki_code
hand_over(struct setpki_responder *r, struct setpki_der *out, struct setpki_error *err)
{
	if (r->note->silent || r->note->too_many)
		return SETPKI_E_OK;
	if (r->out.n > SP_MESSAGE_MAX)
		return sp_fail(err, SETPKI_E_LIMIT, "set-protocol 12.19",
		    "the answer to %s would have %zu bytes; a message has at most %u", r->note->message, r->out.n,
		    SP_MESSAGE_MAX);
	out->p = sp_buf_take(&r->out, &out->n);
	return out->p != NULL ? SETPKI_E_OK : sp_fail_memory(err);
}

static void
responder_free(struct setpki_responder *r)
{
	const struct sp_arm *arm = r->in.m.arm;

	sp_asked_end(r);
	if (arm != NULL && arm->type != NULL)
		sp_type_free(arm->type, r->pdu);
	sp_incoming_free(&r->in);
	sp_buf_free(&r->out);
	OPENSSL_clear_free(r, sizeof(*r));
}

/* PENDING: the desk will compose later. */
static enum setpki_code
answer(struct setpki_responder *r, struct setpki_der *out, struct setpki_error *err)
{
	enum setpki_code rc = process(r, err);

	if (refused(r, rc)) {
		note_fault(r);
		rc = put_error(r, err);
	}
	return rc == SETPKI_E_OK ? hand_over(r, out, err) : rc;
}

enum setpki_code
setpki_responder_begin(setpki_ctx *ctx, enum setpki_suite suite, const struct setpki_responder_ops *ops,
    setpki_bytes wrapper, int64_t now, const char *software, struct setpki_der *out, struct setpki_responder_note *note,
    setpki_responder **later, struct setpki_error *err)
{
	struct setpki_responder *r;
	enum setpki_code rc;

	*later = NULL;
	memset(out, 0, sizeof(*out));
	memset(note, 0, sizeof(*note));
	if (sp_suite(suite) == NULL)
		return sp_fail(err, SETPKI_E_ARGUMENT, NULL, "a responder needs a suite");
	if ((r = OPENSSL_malloc(sizeof(*r))) == NULL)
		return sp_fail_memory(err);
	*r = (struct setpki_responder){.ctx = ctx,
	    .suite = suite,
	    .ops = ops,
	    .now = now,
	    .software = software,
	    .note = note,
	    .in = {.wrapper = wrapper}};
	rc = answer(r, out, err);
	if (rc == SETPKI_E_PENDING && r->asked != NULL)
		*later = r;
	else
		responder_free(r);
	return rc;
}

enum setpki_code
setpki_responder_end(setpki_responder *r, struct setpki_der *out, struct setpki_error *err)
{
	enum setpki_code rc = SETPKI_E_OK;

	memset(out, 0, sizeof(*out));
	if (!r->asked->composed)
		rc = sp_fail(err, SETPKI_E_STATE, "set-protocol 12.7", "the desk ends without composing the answer");
	else
		rc = hand_over(r, out, err);
	responder_free(r);
	return rc;
}

enum setpki_code
setpki_responder_answer(setpki_ctx *ctx, enum setpki_suite suite, const struct setpki_responder_ops *ops,
    setpki_bytes wrapper, int64_t now, const char *software, struct setpki_der *out, struct setpki_responder_note *note,
    struct setpki_error *err)
{
	struct setpki_responder *later;
	enum setpki_code rc = setpki_responder_begin(ctx, suite, ops, wrapper, now, software, out, note, &later, err);

	if (later == NULL)
		return rc;
	setpki_error_clear(err);
	return setpki_responder_end(later, out, err);
}
