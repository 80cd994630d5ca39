/* RegFormReq: a cardholder's PAN under EXH, answered with a form or a referral (set-protocol 3, 8). */
#include "lib/message/respond.h"

#include <openssl/crypto.h>

enum setpki_code
sp_find_form(struct setpki_responder *r, struct setpki_error *err)
{
	return sp_respond_recipient(r, r->in.m.pdu, err);
}

static enum setpki_code
one_failure(struct setpki_responder *r)
{
	return sp_fault(&r->fault, SETPKI_ERR_DECODING_FAILURE, "the envelope cannot be opened");
}

/* RegFormReqData; whatever is wrong within the envelope has one answer (set-protocol 12.5). */
static enum setpki_code
open_form(struct setpki_responder *r, struct sp_opened *opened, SP_REG_FORM_REQ_DATA **out, struct setpki_error *err)
{
	struct setpki_error why = {0};
	void *data = NULL;
	enum setpki_code rc =
	    sp_envelope_open(r->ctx, r->suite, &r->ca->exchange, &sp_form_req_seal, r->in.m.pdu, opened, &why);

	if (rc == SETPKI_E_SUITE)
		return sp_fault(&r->fault, SETPKI_ERR_MESSAGE_NOT_SUPPORTED, "%s", why.message);
	if (rc == SETPKI_E_PARSE || rc == SETPKI_E_LIMIT)
		return sp_fault(&r->fault, SETPKI_ERR_DECODING_FAILURE, "%s", why.message);
	if (rc == SETPKI_E_OK)
		rc = sp_type_decode(&sp_type_reg_form_req_data, opened->t, &data, NULL);
	if (rc == SETPKI_E_PARSE || rc == SETPKI_E_LIMIT || rc == SETPKI_E_DECRYPT)
		return one_failure(r);
	if (rc != SETPKI_E_OK)
		return sp_fail(err, rc, why.spec, "%s", why.message);
	*out = data;
	return SETPKI_E_OK;
}

static enum setpki_code
check(struct setpki_responder *r, const SP_REG_FORM_REQ_DATA *data, const struct setpki_request_row **row)
{
	enum setpki_code rc;

	if ((rc = sp_respond_ids(r, data->rrpid, SETPKI_ERR_WRAPPER_MSG_MISMATCH, data->lid_ee, SETPKI_TYPE_CARD)) !=
		SETPKI_E_OK ||
	    (rc = sp_respond_type(r, data->request_type, row)) != SETPKI_E_OK)
		return rc;
	if ((*row)->holder != SETPKI_TYPE_CARD)
		return sp_fault(
		    &r->fault, SETPKI_ERR_DECODING_FAILURE, "%s is asked for with Me-AqCInitReq", (*row)->name);
	return sp_respond_thumbs(r, data->thumbs);
}

static enum setpki_code
card_form(struct setpki_responder *r, const struct setpki_request_row *row, const SP_REG_FORM_REQ_DATA *data,
    setpki_bytes pan_only, SP_REG_FORM_RES_TBS *tbs, struct setpki_error *err)
{
	char language[SP_UB_LANGUAGE + 1], pan[SP_UB_PAN + 1];
	struct setpki_form_ask ask = {row->type, language, pan, NULL};
	void *account = NULL;
	enum setpki_code rc = sp_type_decode(&sp_type_pan_only, pan_only, &account, err);

	if (rc == SETPKI_E_OK) {
		(void)sp_text_copy(data->language, language, sizeof(language));
		(void)sp_text_copy(((SP_PAN_ONLY *)account)->pan, pan, sizeof(pan));
		rc = sp_respond_form(r, &ask, &tbs->form, NULL, err);
	}
	OPENSSL_cleanse(pan, sizeof(pan));
	sp_type_free(&sp_type_pan_only, account);
	return rc;
}

static enum setpki_code
form_tbs(struct setpki_responder *r, const struct setpki_request_row *row, const SP_REG_FORM_REQ_DATA *data,
    SP_REG_FORM_RES_TBS *tbs, struct setpki_error *err)
{
	setpki_bytes lid_ee = sp_str(data->lid_ee);
	uint8_t lid_ca[SP_LID_CA_LEN], chall_ca[SETPKI_NONCE_LEN];
	enum setpki_code rc = sp_respond_lid_ca(r, sp_str(data->lid_ca), lid_ca, err);

	if (rc == SETPKI_E_OK)
		rc = sp_respond_chall_ca(r, SP_BYTES(lid_ca), lid_ee, row->type, chall_ca, err);
	if (rc != SETPKI_E_OK)
		return rc;
	if (!sp_octets(&tbs->rrpid, sp_str(data->rrpid)) || !sp_octets(&tbs->lid_ee, lid_ee) ||
	    !sp_octets(&tbs->chall_ee2, sp_str(data->chall_ee2)) || !sp_octets(&tbs->lid_ca, SP_BYTES(lid_ca)) ||
	    !sp_octets(&tbs->chall_ca, SP_BYTES(chall_ca)) || !sp_enum_set(&tbs->request_type, row->type))
		return sp_fail_memory(err);
	return sp_respond_tail(r, &tbs->cae_thumb, &tbs->bci, &tbs->thumbs, err);
}

static enum setpki_code
answer(struct setpki_responder *r, const SP_REG_FORM_REQ_DATA *data, setpki_bytes pan_only, struct setpki_error *err)
{
	const struct setpki_request_row *row;
	SP_REG_FORM_RES_TBS *tbs;
	enum setpki_code rc = check(r, data, &row);

	if (rc != SETPKI_E_OK)
		return rc;
	if ((tbs = sp_type_new(&sp_type_reg_form_res_tbs)) == NULL)
		return sp_fail_memory(err);
	if ((rc = form_tbs(r, row, data, tbs, err)) == SETPKI_E_OK &&
	    (rc = card_form(r, row, data, pan_only, tbs, err)) == SETPKI_E_OK)
		rc = sp_respond_signed(
		    r, SP_CT_REG_FORM_RES_TBS, &sp_type_reg_form_res_tbs, tbs, SP_ARM_REG_FORM_RES, err);
	sp_type_free(&sp_type_reg_form_res_tbs, tbs);
	return rc;
}

enum setpki_code
sp_answer_form(struct setpki_responder *r, struct setpki_error *err)
{
	struct sp_opened opened = {0};
	SP_REG_FORM_REQ_DATA *data = NULL;
	enum setpki_code rc = open_form(r, &opened, &data, err);

	if (rc == SETPKI_E_OK)
		rc = answer(r, data, sp_buf_bytes(&opened.p), err);
	r->thumbs = NULL; /* they go with `data` */
	sp_type_free(&sp_type_reg_form_req_data, data);
	sp_opened_free(&opened);
	return rc;
}
