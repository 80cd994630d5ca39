/* Answers before the CertRes, and Errors (set-protocol 3, 8, 12.6, 12.18). */
#include "lib/message/enroll.h"

#include <openssl/crypto.h>

/* --- what answers repeat ------------------------------------------------------------------------------- */

static bool
is(const ASN1_OCTET_STRING *field, setpki_bytes want)
{
	return field != NULL && sp_bytes_eq(sp_str(field), want);
}

enum setpki_code
sp_answer_rrpid(struct sp_answer *a, const ASN1_OCTET_STRING *body)
{
	setpki_bytes sent = sp_part(&a->e->s, SP_PART_RRPID);

	if (!sp_bytes_eq(a->in.rrpid, sent) || !is(body, sent))
		return sp_refuse(
		    a->fault, SETPKI_E_RULE, SETPKI_ERR_UNKNOWN_RRPID, "the rrpid is not the one that we sent");
	return SETPKI_E_OK;
}

static enum setpki_code
check_thumbs(struct sp_answer *a, const SP_THUMBS *got)
{
	SP_THUMBS *sent = NULL;
	enum setpki_code rc = sp_pair_thumbs(&a->e->s, &sent, &a->fault->why);

	if (rc == SETPKI_E_OK && !sp_thumbs_same(got, sent))
		rc = sp_refuse(
		    a->fault, SETPKI_E_RULE, SETPKI_ERR_THUMBS_MISMATCH, "the thumbs are not the ones that we sent");
	sp_type_free(&sp_type_thumbs, sent);
	return rc;
}

enum setpki_code
sp_answer_echo(struct sp_answer *a, const struct sp_echo *echo)
{
	const struct sp_enroll_state *s = &a->e->s;
	setpki_bytes lid = sp_part(s, SP_PART_LID_EE);
	bool card = a->e->row->holder == SETPKI_TYPE_CARD;
	enum setpki_code rc = sp_answer_rrpid(a, echo->rrpid);

	if (rc != SETPKI_E_OK)
		return rc;
	if (!is(echo->lid_ee, lid))
		return sp_refuse(a->fault, SETPKI_E_RULE, SETPKI_ERR_UNKNOWN_LID, "lid-EE is not the one that we sent");
	if (!sp_bytes_eq(card ? a->in.lid_c : a->in.lid_m, lid))
		return sp_refuse(a->fault, SETPKI_E_RULE, SETPKI_ERR_WRAPPER_MSG_MISMATCH,
		    "%s of the wrapper is not the lid-EE of the message (set-protocol 12.6)", card ? "lid-C" : "lid-M");
	if (!is(echo->challenge, sp_part(s, SP_PART_CHALL)))
		return sp_refuse(a->fault, SETPKI_E_RULE, SETPKI_ERR_CHALLENGE_MISMATCH,
		    "the challenge is not the one that we sent");
	if (echo->type != NULL && sp_int((const ASN1_INTEGER *)echo->type) != a->e->row->type)
		return sp_refuse(
		    a->fault, SETPKI_E_RULE, SETPKI_ERR_WRAPPER_MSG_MISMATCH, "the answer is for another request type");
	return check_thumbs(a, echo->thumbs);
}

/* What is done with every answer that a CA signed over our challenge. */
static enum setpki_code
take_common(struct sp_answer *a, const struct sp_echo *echo, const ASN1_STRING *bci, const SP_CERT_THUMB *cae)
{
	enum setpki_code rc;

	a->bci = sp_str(bci);
	if ((rc = sp_answer_pool(a)) != SETPKI_E_OK || (rc = sp_answer_signer(a)) != SETPKI_E_OK ||
	    (rc = sp_answer_echo(a, echo)) != SETPKI_E_OK || (rc = sp_answer_exchange(a, cae)) != SETPKI_E_OK)
		return rc;
	return sp_answer_keep(a);
}

/* --- CardCInitRes -------------------------------------------------------------------------------------- */

enum setpki_code
sp_take_card_init(struct sp_answer *a)
{
	const SP_CARD_C_INIT_RES_TBS *t = a->tbs;
	const struct sp_echo echo = {t->rrpid, t->lid_ee, t->chall_ee, t->thumbs, NULL};
	struct setpki_error *err = &a->fault->why;
	enum setpki_code rc = take_common(a, &echo, t->bci, t->cae_thumb);

	if (rc == SETPKI_E_OK)
		rc = sp_part_set(&a->next, SP_PART_LID_CA, sp_str(t->lid_ca), err);
	return rc == SETPKI_E_OK ? sp_ask_form(a->e, &a->next, a->now, err) : rc;
}

/* --- forms --------------------------------------------------------------------------------------------- */

/* lid-CA and chall-CA that count, and the form or referral. */
static enum setpki_code
take_form(struct sp_answer *a, const ASN1_OCTET_STRING *lid_ca, const ASN1_OCTET_STRING *chall_ca,
    const SP_FORM_OR_REFERRAL *form)
{
	struct setpki_error *err = &a->fault->why;
	enum setpki_code rc;

	if (lid_ca == NULL)
		return sp_refuse(
		    a->fault, SETPKI_E_RULE, SETPKI_ERR_UNKNOWN_LID, "the answer has no lid-CA (set-protocol 12.6)");
	if ((rc = sp_part_set(&a->next, SP_PART_LID_CA, sp_str(lid_ca), err)) != SETPKI_E_OK ||
	    (rc = sp_part_set(&a->next, SP_PART_CHALL_CA, sp_str(chall_ca), err)) != SETPKI_E_OK ||
	    (rc = sp_part_set(&a->next, SP_PART_FORM, a->data.content, err)) != SETPKI_E_OK)
		return rc;
	if (form->type == 0)
		a->next.step = SETPKI_ENROLL_FORM;
	else
		sp_state_end(&a->next, SETPKI_ENROLL_REFERRED);
	return SETPKI_E_OK;
}

enum setpki_code
sp_take_form(struct sp_answer *a)
{
	const SP_REG_FORM_RES_TBS *t = a->tbs;
	const struct sp_echo echo = {t->rrpid, t->lid_ee, t->chall_ee2, t->thumbs, t->request_type};
	enum setpki_code rc = take_common(a, &echo, t->bci, t->cae_thumb);

	return rc == SETPKI_E_OK ? take_form(a, t->lid_ca, t->chall_ca, t->form) : rc;
}

enum setpki_code
sp_take_me_aq_init(struct sp_answer *a)
{
	const SP_ME_AQ_C_INIT_RES_TBS *t = a->tbs;
	const struct sp_echo echo = {t->rrpid, t->lid_ee, t->chall_ee, t->thumbs, t->request_type};
	enum setpki_code rc = take_common(a, &echo, t->bci, t->cae_thumb);

	return rc == SETPKI_E_OK ? take_form(a, t->lid_ca, t->chall_ca, t->form) : rc;
}

/* --- Error --------------------------------------------------------------------------------------------- */

/* Whoever signed is a CA of the kind that we asked, and no other than the one that answered before. */
static enum setpki_code
check_signed(struct sp_answer *a, const struct sp_error_got *got)
{
	enum setpki_code rc;

	if (!sp_error_about(got, sp_part(&a->e->s, SP_PART_REQUEST), sp_part(&a->e->s, SP_PART_RRPID)))
		return sp_refuse(
		    a->fault, SETPKI_E_RULE, SETPKI_ERR_UNKNOWN_RRPID, "an Error about another message than ours");
	if ((rc = sp_answer_open(a, sp_str(((const SP_ERROR *)got->pdu)->value.signed_error), false, SP_CT_ERROR_TBS,
		 &sp_type_error_tbs)) == SETPKI_E_OK &&
	    (rc = sp_answer_pool(a)) == SETPKI_E_OK)
		rc = sp_answer_signer(a);
	sp_type_free(&sp_type_error_tbs, a->tbs);
	return rc;
}

enum setpki_code
sp_take_error(struct sp_answer *a)
{
	struct sp_error_got got;
	enum setpki_code rc = sp_error_read(&a->in, &got, &a->fault->why);

	if (rc != SETPKI_E_OK)
		return sp_refused(a->fault, rc, SETPKI_ERR_DECODING_FAILURE);
	if (got.is_signed && (rc = check_signed(a, &got)) == SETPKI_E_OK) {
		a->fault->code = got.code;
		sp_state_end(&a->next, SETPKI_ENROLL_FAILED);
	} else if (!got.is_signed) {
		rc = sp_refuse(a->fault, SETPKI_E_NOTFOUND, got.code,
		    "an unsigned Error (%s): nobody vouches for it; send the request again",
		    setpki_error_code_name(got.code));
	}
	sp_error_got_free(&got);
	return rc;
}
