/* CertReq, as EncX or Enc, and CertInqReq (set-protocol 3, 8, 12.9, 12.10, 12.19). */
#include "lib/message/enroll.h"

#include "lib/crypto/cipher.h"
#include "lib/der/writer.h"

#include <openssl/crypto.h>
#include <setpki/text.h>
#include <string.h>

enum setpki_code
sp_enroll_signers(const setpki_enroll *e, const struct sp_enroll_state *s, struct setpki_party signers[SP_SIGNERS_MAX],
    size_t *n, struct setpki_error *err)
{
	struct sp_cert old;
	enum setpki_code rc;

	*n = 0;
	if (e->row->sig)
		signers[(*n)++] = (struct setpki_party){.key = e->sig_key};
	if (!e->row->by_certificate)
		return SETPKI_E_OK;
	if ((rc = sp_cert_parse(sp_part(s, SP_PART_OLD_CERT), &old, err)) != SETPKI_E_OK)
		return rc;
	signers[(*n)++] = (struct setpki_party){.issuer = old.issuer, .serial = old.serial, .key = e->old_key};
	return SETPKI_E_OK;
}

/* --- the form --------------------------------------------------------------------------------------- */

static enum setpki_code
fill_item(const struct setpki_field *f, const char *answer, SP_FORM_ITEM *item, struct setpki_error *err)
{
	enum setpki_code rc = SETPKI_E_OK;

	for (size_t i = 0; i < f->nlabels && rc == SETPKI_E_OK; i++) {
		ASN1_STRING *label = NULL;

		rc = sp_text_set(&label, f->labels[i], SP_UB_FIELD_NAME, "fieldName", err);
		if (rc == SETPKI_E_OK && sk_SP_ELEMENT_push(item->name, label) <= 0) {
			ASN1_STRING_free(label);
			rc = sp_fail_memory(err);
		}
	}
	return rc == SETPKI_E_OK ? sp_text_set(&item->value, answer, SP_UB_FIELD_VALUE, f->labels[0], err) : rc;
}

static enum setpki_code
push_item(SP_CERT_REQ_DATA *q, const struct setpki_field *f, const char *answer, struct setpki_error *err)
{
	SP_FORM_ITEM *item = (SP_FORM_ITEM *)ASN1_item_new(ASN1_ITEM_rptr(SP_FORM_ITEM));
	enum setpki_code rc;

	if (q->form == NULL)
		q->form = sk_SP_FORM_ITEM_new_null();
	rc = item != NULL && q->form != NULL ? fill_item(f, answer, item, err) : sp_fail_memory(err);
	if (rc == SETPKI_E_OK && sk_SP_FORM_ITEM_push(q->form, item) > 0)
		return rc;
	ASN1_item_free((ASN1_VALUE *)item, ASN1_ITEM_rptr(SP_FORM_ITEM));
	return rc != SETPKI_E_OK ? rc : sp_fail_memory(err);
}

static enum setpki_code
put_form(const setpki_enroll *e, SP_CERT_REQ_DATA *q, const char *const *answers, struct setpki_error *err)
{
	const struct setpki_form *form = &e->view.form;
	enum setpki_code rc = SETPKI_E_OK;

	for (size_t i = 0; i < form->nfields && rc == SETPKI_E_OK; i++) {
		rc = setpki_field_check(&form->fields[i], answers[i], err);
		if (rc == SETPKI_E_OK && answers[i] != NULL && answers[i][0] != '\0')
			rc = push_item(q, &form->fields[i], answers[i], err);
	}
	if (rc == SETPKI_E_OK && !sp_int_set(&q->form_id, form->has_template ? form->id : 0))
		rc = sp_fail_memory(err);
	return rc;
}

/* --- CertReqData ------------------------------------------------------------------------------------- */

/* A fresh back key; its algorithm's parameter is not looked at (set-protocol 12.9). */
static enum setpki_code
put_back_key(const setpki_enroll *e, struct sp_enroll_state *s, SP_CERT_REQ_DATA *q, struct setpki_error *err)
{
	static const uint8_t iv[12];
	struct sp_buf alg = {0};
	enum setpki_code rc = sp_part_random(e->ctx, s, SP_PART_BACK_KEY, sp_suite(e->suite)->key_len, err);

	sp_cipher_alg(e->suite, iv, &alg);
	q->back_key = (SP_BACK_KEY *)ASN1_item_new(ASN1_ITEM_rptr(SP_BACK_KEY));
	if (rc == SETPKI_E_OK &&
	    (q->back_key == NULL || alg.failed || !sp_str_set(&q->back_key->alg, V_ASN1_SEQUENCE, sp_buf_bytes(&alg)) ||
		!sp_str_set(&q->back_key->key, V_ASN1_OCTET_STRING, sp_part(s, SP_PART_BACK_KEY))))
		rc = sp_fail_memory(err);
	sp_buf_free(&alg);
	return rc;
}

static bool
put_keys(const struct sp_enroll_state *s, SP_PUBLIC_KEYS *k)
{
	setpki_bytes sig = sp_part(s, SP_PART_SIG_SPKI), enc = sp_part(s, SP_PART_ENC_SPKI);

	return (sig.n == 0 || sp_str_set(&k->sig, V_ASN1_SEQUENCE, sig)) &&
	    (enc.n == 0 || sp_str_set(&k->enc, V_ASN1_SEQUENCE, enc));
}

static enum setpki_code
fill_data(const setpki_enroll *e, struct sp_enroll_state *s, const char *const *answers, int64_t now,
    SP_CERT_REQ_DATA *q, struct setpki_error *err)
{
	bool card = e->row->holder == SETPKI_TYPE_CARD;
	enum setpki_code rc;

	if (!sp_pair_put(s, &q->rrpid, &q->lid_ee, &q->chall_ee3) || !sp_pair_lid_ca(s, &q->lid_ca) ||
	    !sp_str_set(&q->chall_ca, V_ASN1_OCTET_STRING, sp_part(s, SP_PART_CHALL_CA)) ||
	    !sp_enum_set(&q->request_type, e->row->type) || !sp_time_set(&q->request_date, now) ||
	    !put_keys(s, q->keys))
		return sp_fail_memory(err);
	if ((rc = put_form(e, q, answers, err)) != SETPKI_E_OK ||
	    (rc = sp_pair_thumbs(s, &q->thumbs, err)) != SETPKI_E_OK)
		return rc;
	rc = card ? put_back_key(e, s, q, err) : sp_enroll_id(e, s, &q->id_data, err);
	if (rc == SETPKI_E_OK && sp_part(s, SP_PART_OLD_ENC).n != 0)
		rc = sp_cert_thumb_set(e->ctx, e->suite, &q->ee_thumb, sp_part(s, SP_PART_OLD_ENC), err);
	return rc;
}

static enum setpki_code
put_data(const setpki_enroll *e, struct sp_enroll_state *s, const char *const *answers, int64_t now, struct sp_buf *out,
    struct setpki_error *err)
{
	SP_CERT_REQ_DATA *q = sp_type_new(&sp_type_cert_req_data);
	enum setpki_code rc;

	if (q == NULL)
		return sp_fail_memory(err);
	if ((rc = fill_data(e, s, answers, now, q, err)) == SETPKI_E_OK)
		rc = sp_type_encode(&sp_type_cert_req_data, q, out, err);
	sp_type_free(&sp_type_cert_req_data, q);
	return rc;
}

/* --- the account ------------------------------------------------------------------------------------- */

/* PANData0 with a fresh CardSecret, or AcctData; exNonce is fresh in both. */
static enum setpki_code
put_account(const setpki_enroll *e, struct sp_enroll_state *s, struct sp_buf *out, struct setpki_error *err)
{
	uint8_t nonce[SP_NONCE_LEN], account[SP_ACCT_ID_LEN];
	setpki_bytes text = sp_part(s, SP_PART_ACCOUNT);
	enum setpki_code rc = sp_random(e->ctx, nonce, sizeof(nonce), err);
	size_t seq = sp_der_open(out, SP_SEQUENCE);

	if (e->row->holder == SETPKI_TYPE_CARD) {
		if (rc == SETPKI_E_OK)
			rc = sp_part_random(e->ctx, s, SP_PART_CARD_SECRET, SP_NONCE_LEN, err);
		sp_der_put(out, SP_NUMERIC, sp_part(s, SP_PART_PAN));
		sp_der_put(out, SP_NUMERIC, sp_part(s, SP_PART_EXPIRY));
		sp_der_put_octets(out, sp_part(s, SP_PART_CARD_SECRET));
	} else {
		memset(account, ' ', sizeof(account));
		memcpy(account, text.p, text.n);
		sp_der_put(out, SP_VISIBLE, SP_BYTES(account));
	}
	sp_der_put_octets(out, SP_BYTES(nonce));
	sp_der_close(out, seq);
	OPENSSL_cleanse(nonce, sizeof(nonce));
	OPENSSL_cleanse(account, sizeof(account));
	return rc != SETPKI_E_OK || !out->failed ? rc : sp_fail_memory(err);
}

/* --- CertReq ----------------------------------------------------------------------------------------- */

static enum setpki_code
seal(const setpki_enroll *e, const struct sp_enroll_state *s, setpki_bytes t, setpki_bytes p, struct sp_buf *pdu,
    struct setpki_error *err)
{
	bool encx = p.n != 0;
	const struct sp_enc_form *form = sp_cert_req_form(encx, e->row->holder);
	struct setpki_party to, signers[SP_SIGNERS_MAX];
	struct sp_enc_ask ask = {.to = &to, .signers = signers, .t = t, .p = p};
	struct sp_cert cert;
	EVP_PKEY *own = NULL;
	size_t tagged = sp_der_open(pdu, encx ? SP_CTXC(0) : SP_CTXC(1));
	enum setpki_code rc;

	if ((rc = sp_enroll_signers(e, s, signers, &ask.nsigners, err)) == SETPKI_E_OK &&
	    (rc = sp_party_of(e, s, SP_PART_CA_ENC, &to, &cert, &own, err)) == SETPKI_E_OK)
		rc = sp_enc_put(e->ctx, e->suite, form, &ask, pdu, err);
	sp_der_close(pdu, tagged);
	EVP_PKEY_free(own);
	return rc != SETPKI_E_OK || !pdu->failed ? rc : sp_fail_memory(err);
}

enum setpki_code
sp_ask_cert(const setpki_enroll *e, struct sp_enroll_state *s, const char *const *answers, int64_t now,
    struct setpki_error *err)
{
	bool encx = e->row->holder == SETPKI_TYPE_CARD || sp_part(s, SP_PART_ACCOUNT).n != 0;
	struct sp_buf t = {.secret = true}, p = {.secret = true}, pdu = {0};
	enum setpki_code rc;

	if ((rc = sp_pair_begin(e, s, true, err)) == SETPKI_E_OK &&
	    (rc = put_data(e, s, answers, now, &t, err)) == SETPKI_E_OK && encx)
		rc = put_account(e, s, &p, err);
	if (rc == SETPKI_E_OK)
		rc = seal(e, s, sp_buf_bytes(&t), sp_buf_bytes(&p), &pdu, err);
	if (rc == SETPKI_E_OK)
		rc = sp_pair_end(e, s, SP_ARM_CERT_REQ, sp_buf_bytes(&pdu), now, err);
	sp_buf_free(&t);
	sp_buf_free(&p);
	sp_buf_free(&pdu);
	return rc;
}

/* --- CertInqReq -------------------------------------------------------------------------------------- */

static enum setpki_code
inquiry_tbs(const struct sp_enroll_state *s, struct sp_buf *out, struct setpki_error *err)
{
	SP_CERT_INQ_REQ_TBS *q = sp_type_new(&sp_type_cert_inq_req_tbs);
	enum setpki_code rc;

	if (q == NULL || !sp_pair_put(s, &q->rrpid, &q->lid_ee, &q->chall_ee3) || !sp_pair_lid_ca(s, &q->lid_ca))
		rc = sp_fail_memory(err);
	else
		rc = sp_type_encode(&sp_type_cert_inq_req_tbs, q, out, err);
	sp_type_free(&sp_type_cert_inq_req_tbs, q);
	return rc;
}

enum setpki_code
sp_ask_inquiry(const setpki_enroll *e, struct sp_enroll_state *s, int64_t now, struct setpki_error *err)
{
	struct setpki_party signers[SP_SIGNERS_MAX];
	struct sp_sign_ask sign = {.type = SP_CT_CERT_INQ_REQ_TBS, .signers = signers};
	struct sp_buf tbs = {0}, pdu = {0};
	enum setpki_code rc;

	if ((rc = sp_pair_begin(e, s, false, err)) == SETPKI_E_OK && (rc = inquiry_tbs(s, &tbs, err)) == SETPKI_E_OK &&
	    (rc = sp_enroll_signers(e, s, signers, &sign.nsigners, err)) == SETPKI_E_OK) {
		sign.content = sp_buf_bytes(&tbs);
		rc = sp_sdata_put(e->ctx, e->suite, &sign, &pdu, err);
	}
	if (rc == SETPKI_E_OK)
		rc = sp_pair_end(e, s, SP_ARM_CERT_INQ_REQ, sp_buf_bytes(&pdu), now, err);
	sp_buf_free(&tbs);
	sp_buf_free(&pdu);
	return rc;
}
