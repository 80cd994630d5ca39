/* Initiation: CardCInitReq and Me-AqCInitReq (set-protocol 3, 8).  Nothing of them is kept (12.6). */
#include "lib/message/respond.h"

#define LANGUAGE_MAX (SP_UB_LANGUAGE + 1)

/* The CA of a first contact.  Brands that nobody here is of are not answered by a CA. */
static enum setpki_code
first_ca(struct setpki_responder *r, const ASN1_STRING *brand, uint32_t type, const char *bin, struct setpki_error *err)
{
	char text[4 * SP_UB_BRAND_ID + 1];

	(void)sp_text_copy(brand, text, sizeof(text));
	return sp_respond_found(
	    r, r->ops->ca_first(r->ops->arg, text, type, bin, &r->ca, err), SETPKI_ERR_UNSPECIFIED_FAILURE, err);
}

/* --- cardholders -------------------------------------------------------------------------------- */

enum setpki_code
sp_find_card_init(struct setpki_responder *r, struct setpki_error *err)
{
	const SP_CARD_C_INIT_REQ *req = r->pdu;

	return first_ca(r, req->brand, SETPKI_TYPE_CCA, NULL, err);
}

static enum setpki_code
card_init_tbs(struct setpki_responder *r, SP_CARD_C_INIT_RES_TBS *tbs, struct setpki_error *err)
{
	const SP_CARD_C_INIT_REQ *req = r->pdu;
	uint8_t lid_ca[SP_LID_CA_LEN];
	enum setpki_code rc = sp_respond_lid_ca(r, sp_bytes(NULL, 0), lid_ca, err);

	if (rc != SETPKI_E_OK)
		return rc;
	if (!sp_octets(&tbs->rrpid, sp_str(req->rrpid)) || !sp_octets(&tbs->lid_ee, sp_str(req->lid_ee)) ||
	    !sp_octets(&tbs->chall_ee, sp_str(req->chall_ee)) || !sp_octets(&tbs->lid_ca, SP_BYTES(lid_ca)))
		return sp_fail_memory(err);
	return sp_respond_tail(r, &tbs->cae_thumb, &tbs->bci, &tbs->thumbs, err);
}

enum setpki_code
sp_answer_card_init(struct setpki_responder *r, struct setpki_error *err)
{
	const SP_CARD_C_INIT_REQ *req = r->pdu;
	SP_CARD_C_INIT_RES_TBS *tbs;
	enum setpki_code rc;

	if ((rc = sp_respond_ids(r, req->rrpid, SETPKI_ERR_UNKNOWN_RRPID, req->lid_ee, SETPKI_TYPE_CARD)) !=
		SETPKI_E_OK ||
	    (rc = sp_respond_thumbs(r, req->thumbs)) != SETPKI_E_OK)
		return rc;
	if ((tbs = sp_type_new(&sp_type_card_c_init_res_tbs)) == NULL)
		return sp_fail_memory(err);
	if ((rc = card_init_tbs(r, tbs, err)) == SETPKI_E_OK)
		rc = sp_respond_signed(
		    r, SP_CT_CARD_C_INIT_RES_TBS, &sp_type_card_c_init_res_tbs, tbs, SP_ARM_CARD_C_INIT_RES, err);
	sp_type_free(&sp_type_card_c_init_res_tbs, tbs);
	return rc;
}

/* --- merchants and gateways --------------------------------------------------------------------- */

/* The row of a request that this message may begin, with the idData that its holder has. */
static enum setpki_code
me_aq_row(struct setpki_responder *r, const struct setpki_request_row **row, struct setpki_id_data *id)
{
	const SP_ME_AQ_C_INIT_REQ *req = r->pdu;
	enum setpki_code rc = sp_respond_type(r, req->request_type, row);

	if (rc != SETPKI_E_OK)
		return rc;
	sp_id_data_get(req->id_data, id);
	if ((*row)->holder == id->holder)
		return SETPKI_E_OK;
	return sp_fault(&r->fault, SETPKI_ERR_DECODING_FAILURE, "idData is not that of a %s", (*row)->name);
}

enum setpki_code
sp_find_me_aq_init(struct setpki_responder *r, struct setpki_error *err)
{
	const SP_ME_AQ_C_INIT_REQ *req = r->pdu;
	const struct setpki_request_row *row;
	struct setpki_id_data id;
	enum setpki_code rc = me_aq_row(r, &row, &id);

	return rc == SETPKI_E_OK ? first_ca(r, req->brand, row->ca, id.bin, err) : rc;
}

static enum setpki_code
me_aq_form(struct setpki_responder *r, const struct setpki_request_row *row, const struct setpki_id_data *id,
    SP_ME_AQ_C_INIT_RES_TBS *tbs, struct setpki_error *err)
{
	const SP_ME_AQ_C_INIT_REQ *req = r->pdu;
	char language[LANGUAGE_MAX];
	struct setpki_form_ask ask = {row->type, language, NULL, id};

	(void)sp_text_copy(req->language, language, sizeof(language));
	return sp_respond_form(r, &ask, &tbs->form, &tbs->acct_field, err);
}

static enum setpki_code
me_aq_tbs(
    struct setpki_responder *r, enum setpki_request_type type, SP_ME_AQ_C_INIT_RES_TBS *tbs, struct setpki_error *err)
{
	const SP_ME_AQ_C_INIT_REQ *req = r->pdu;
	setpki_bytes lid_ee = sp_str(req->lid_ee);
	uint8_t lid_ca[SP_LID_CA_LEN], chall_ca[SETPKI_NONCE_LEN];
	enum setpki_code rc = sp_respond_lid_ca(r, sp_bytes(NULL, 0), lid_ca, err);

	if (rc == SETPKI_E_OK)
		rc = sp_respond_chall_ca(r, SP_BYTES(lid_ca), lid_ee, type, chall_ca, err);
	if (rc != SETPKI_E_OK)
		return rc;
	if (!sp_octets(&tbs->rrpid, sp_str(req->rrpid)) || !sp_octets(&tbs->lid_ee, lid_ee) ||
	    !sp_octets(&tbs->chall_ee, sp_str(req->chall_ee)) || !sp_octets(&tbs->lid_ca, SP_BYTES(lid_ca)) ||
	    !sp_octets(&tbs->chall_ca, SP_BYTES(chall_ca)) || !sp_enum_set(&tbs->request_type, type))
		return sp_fail_memory(err);
	return sp_respond_tail(r, &tbs->cae_thumb, &tbs->bci, &tbs->thumbs, err);
}

enum setpki_code
sp_answer_me_aq_init(struct setpki_responder *r, struct setpki_error *err)
{
	const SP_ME_AQ_C_INIT_REQ *req = r->pdu;
	const struct setpki_request_row *row;
	struct setpki_id_data id;
	SP_ME_AQ_C_INIT_RES_TBS *tbs;
	enum setpki_code rc;

	if ((rc = me_aq_row(r, &row, &id)) != SETPKI_E_OK ||
	    (rc = sp_respond_ids(r, req->rrpid, SETPKI_ERR_WRAPPER_MSG_MISMATCH, req->lid_ee, row->holder)) !=
		SETPKI_E_OK ||
	    (rc = sp_respond_thumbs(r, req->thumbs)) != SETPKI_E_OK)
		return rc;
	if ((tbs = sp_type_new(&sp_type_me_aq_c_init_res_tbs)) == NULL)
		return sp_fail_memory(err);
	if ((rc = me_aq_tbs(r, row->type, tbs, err)) == SETPKI_E_OK &&
	    (rc = me_aq_form(r, row, &id, tbs, err)) == SETPKI_E_OK)
		rc = sp_respond_signed(
		    r, SP_CT_ME_AQ_C_INIT_RES_TBS, &sp_type_me_aq_c_init_res_tbs, tbs, SP_ARM_ME_AQ_C_INIT_RES, err);
	sp_type_free(&sp_type_me_aq_c_init_res_tbs, tbs);
	return rc;
}
