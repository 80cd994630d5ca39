/* CertRes, and CertInqRes, which is the same (set-protocol 3, 12.9). */
#include "lib/message/respond.h"

#include "lib/der/writer.h"

#define SPEC "set-protocol 12.9"

/* --- CertResData --------------------------------------------------------------------------------- */

/* What no desk may have decided; NULL if all is well. */
static const char *
wrong_complete(const struct sp_cert_res_to *to, const struct setpki_decision *d)
{
	bool card = to->row != NULL && to->row->holder == SETPKI_TYPE_CARD;

	if (d->status != SETPKI_STATUS_COMPLETE)
		return d->ncerts != 0 || d->nonce_cca != NULL ? "certificates or Nonce-CCA without requestComplete"
							      : NULL;
	if (to->row == NULL || d->ncerts != (size_t)to->row->sig + (size_t)to->row->enc)
		return "requestComplete with fewer or more certificates than were asked for";
	if (card != (d->nonce_cca != NULL))
		return "Nonce-CCA is for cardholders, and they need it";
	return card && to->back_key == NULL ? "requestComplete for a cardholder without a back key" : NULL;
}

static const char *
wrong(const struct sp_cert_res_to *to, const struct setpki_decision *d)
{
	if (d->status <= SETPKI_STATUS_NONE || d->status >= SETPKI_STATUS_N)
		return "no status";
	if (d->nfailed != 0 && d->status != SETPKI_STATUS_FORM_MALFORMED)
		return "failed items without regFormAnswerMalformed";
	return wrong_complete(to, d);
}

static enum setpki_code
set_ca_msg(SP_CERT_STATUS *s, const struct setpki_ca_msg *m, struct setpki_error *err)
{
	SP_CA_MSG *to = (SP_CA_MSG *)ASN1_item_new(ASN1_ITEM_rptr(SP_CA_MSG));

	s->ca_msg = to;
	if (to == NULL || (m->card_logo != NULL && !sp_ascii_set(&to->card_logo, V_ASN1_VISIBLESTRING, m->card_logo)) ||
	    (m->brand_logo != NULL && !sp_ascii_set(&to->brand_logo, V_ASN1_VISIBLESTRING, m->brand_logo)) ||
	    (m->currency != 0 && !sp_int_set(&to->currency, m->currency)))
		return sp_fail_memory(err);
	return m->text != NULL ? sp_text_set(&to->msg, m->text, SP_UB_MESSAGE_TEXT, "cardholderMsg", err) : SETPKI_E_OK;
}

static enum setpki_code
push_failed(SP_CERT_STATUS *s, const struct setpki_failed_item *item, struct setpki_error *err)
{
	SP_FAILED_ITEM *to = (SP_FAILED_ITEM *)ASN1_item_new(ASN1_ITEM_rptr(SP_FAILED_ITEM));
	enum setpki_code rc;

	if (s->failed == NULL)
		s->failed = sk_SP_FAILED_ITEM_new_null();
	if (to == NULL || s->failed == NULL || !sp_int_set(&to->number, item->item))
		rc = sp_fail_memory(err);
	else
		rc = sp_text_set(&to->reason, item->reason, SP_UB_REASON, "itemReason", err);
	if (rc == SETPKI_E_OK && sk_SP_FAILED_ITEM_push(s->failed, to) > 0)
		return rc;
	ASN1_item_free((ASN1_VALUE *)to, ASN1_ITEM_rptr(SP_FAILED_ITEM));
	return rc != SETPKI_E_OK ? rc : sp_fail_memory(err);
}

static enum setpki_code
set_status(SP_CERT_STATUS *s, const struct setpki_decision *d, struct setpki_error *err)
{
	enum setpki_code rc = SETPKI_E_OK;

	if (!sp_enum_set(&s->code, d->status) ||
	    (d->nonce_cca != NULL && !sp_octets(&s->nonce_cca, sp_bytes(d->nonce_cca, SP_NONCE_LEN))))
		return sp_fail_memory(err);
	if (d->message != NULL)
		rc = sp_text_set(&s->ee_message, d->message, SP_UB_MESSAGE_TEXT, "eeMessage", err);
	if (rc == SETPKI_E_OK && d->ca_msg != NULL)
		rc = set_ca_msg(s, d->ca_msg, err);
	for (size_t i = 0; i < d->nfailed && rc == SETPKI_E_OK; i++)
		rc = push_failed(s, &d->failed[i], err);
	return rc;
}

static enum setpki_code
fill(struct setpki_responder *r, const struct sp_cert_res_to *to, const struct setpki_decision *d,
    SP_CERT_RES_DATA *data, struct setpki_error *err)
{
	enum setpki_code rc;

	if (!sp_octets(&data->rrpid, r->in.rrpid) || !sp_octets(&data->lid_ee, to->lid_ee) ||
	    !sp_octets(&data->chall_ee3, to->chall_ee3) || !sp_octets(&data->lid_ca, to->lid_ca))
		return sp_fail_memory(err);
	rc = set_status(data->status, d, err);
	for (size_t i = 0; i < d->ncerts && rc == SETPKI_E_OK; i++)
		rc = sp_thumbs_add(r->ctx, r->suite, &data->certs, SP_THUMB_CERTS, d->certs[i], err);
	return rc == SETPKI_E_OK ? sp_respond_tail(r, NULL, &data->bci, &data->thumbs, err) : rc;
}

/* --- CertRes ------------------------------------------------------------------------------------- */

/* [0] EncK where there is a back key, else [1] S. */
static enum setpki_code
seal(struct setpki_responder *r, const struct sp_cert_res_to *to, const struct sp_sign_ask *sign, struct sp_buf *pdu,
    struct setpki_error *err)
{
	size_t tagged = sp_der_open(pdu, to->back_key != NULL ? SP_CTXC(0) : SP_CTXC(1));
	enum setpki_code rc;

	if (to->back_key != NULL)
		rc = sp_enck_put(r->ctx, r->suite, SP_CT_CERT_RES_TBE, to->back_key, sign, pdu, err);
	else
		rc = sp_sdata_put(r->ctx, r->suite, sign, pdu, err);
	sp_der_close(pdu, tagged);
	return rc != SETPKI_E_OK || !pdu->failed ? rc : sp_fail_memory(err);
}

static enum setpki_code
put(struct setpki_responder *r, const struct sp_cert_res_to *to, const struct setpki_decision *d,
    const SP_CERT_RES_DATA *data, struct setpki_error *err)
{
	struct sp_sign_ask sign = {.type = SP_CT_CERT_RES_DATA, .signers = &r->ca->sign, .nsigners = 1};
	struct sp_beside beside = {0};
	struct sp_buf der = {.secret = true}, pdu = {0};
	enum setpki_code rc = sp_type_encode(&sp_type_cert_res_data, data, &der, err);

	if (rc == SETPKI_E_OK)
		rc = sp_beside_make(r, d->certs, d->ncerts, &beside, err);
	if (rc == SETPKI_E_OK) {
		sign.content = sp_buf_bytes(&der);
		sign.certs = beside.certs;
		sign.ncerts = beside.ncerts;
		sign.crls = beside.crls;
		sign.ncrls = beside.ncrls;
		rc = seal(r, to, &sign, &pdu, err);
	}
	if (rc == SETPKI_E_OK)
		rc = sp_respond_wrap(r, to->arm, sp_buf_bytes(&pdu), err);
	sp_beside_free(&beside);
	sp_buf_free(&der);
	sp_buf_free(&pdu);
	return rc;
}

enum setpki_code
sp_cert_res_put(struct setpki_responder *r, const struct sp_cert_res_to *to, const struct setpki_decision *d,
    struct setpki_error *err)
{
	const char *fault = wrong(to, d);
	SP_CERT_RES_DATA *data;
	enum setpki_code rc;

	if (fault != NULL)
		return sp_fail(err, SETPKI_E_STATE, SPEC, "decision %s: %s", setpki_status_name(d->status), fault);
	if ((data = sp_type_new(&sp_type_cert_res_data)) == NULL)
		return sp_fail_memory(err);
	if ((rc = fill(r, to, d, data, err)) == SETPKI_E_OK && (rc = put(r, to, d, data, err)) == SETPKI_E_OK)
		r->note->status = d->status;
	sp_type_free(&sp_type_cert_res_data, data);
	return rc;
}

enum setpki_code
setpki_responder_compose(
    setpki_responder *r, const struct setpki_decision *decision, setpki_bytes *answer, struct setpki_error *err)
{
	struct sp_asked *a = r->asked;
	enum setpki_code rc;

	*answer = sp_bytes(NULL, 0);
	if (a == NULL || !a->deciding || a->composed)
		return sp_fail(
		    err, SETPKI_E_STATE, SPEC, "one decision is composed once, and not before it is asked for");
	if (a->request.status != SETPKI_STATUS_NONE && decision->status != a->request.status)
		return sp_fail(err, SETPKI_E_STATE, SPEC, "decision %s where the request comes to %s",
		    setpki_status_name(decision->status), setpki_status_name(a->request.status));
	if ((rc = sp_cert_res_put(r, &a->to, decision, err)) != SETPKI_E_OK)
		return rc;
	a->composed = true;
	*answer = sp_buf_bytes(&r->out);
	return SETPKI_E_OK;
}
