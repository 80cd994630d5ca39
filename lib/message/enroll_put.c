/* Requests: what all have in common, and those that come before the CertReq. */
#include "lib/message/enroll.h"

#include "lib/der/writer.h"

#include <openssl/crypto.h>
#include <string.h>

/* --- a pair of request and answer ----------------------------------------------------------------- */

static enum setpki_code
put_thumbs(const setpki_enroll *e, struct sp_enroll_state *s, struct setpki_error *err)
{
	static const enum sp_thumb_list lists[] = {[SETPKI_OBJECT_CERT] = SP_THUMB_CERTS,
	    [SETPKI_OBJECT_CRL] = SP_THUMB_CRLS,
	    [SETPKI_OBJECT_BCI] = SP_THUMB_BCIS};
	struct sp_der d = sp_der(sp_part(s, SP_PART_OBJECTS));
	struct setpki_object o;
	struct sp_buf der = {0};
	SP_THUMBS *t = NULL;
	enum setpki_code rc = SETPKI_E_OK;

	/* first the one that a CertReq has to list (set-protocol 12.19) */
	if (sp_part(s, SP_PART_CA_ENC).n != 0)
		rc = sp_thumbs_add(e->ctx, e->suite, &t, SP_THUMB_CERTS, sp_part(s, SP_PART_CA_ENC), err);
	while (rc == SETPKI_E_OK && sp_object_next(&d, &o))
		if (!sp_bytes_eq(o.der, sp_part(s, SP_PART_CA_ENC)))
			rc = sp_thumbs_add(e->ctx, e->suite, &t, lists[o.type], o.der, err);
	if (rc == SETPKI_E_OK && t != NULL && (rc = sp_type_encode(&sp_type_thumbs, t, &der, err)) == SETPKI_E_OK)
		rc = sp_part_set(s, SP_PART_THUMBS, sp_buf_bytes(&der), err);
	sp_buf_free(&der);
	sp_type_free(&sp_type_thumbs, t);
	return rc;
}

enum setpki_code
sp_pair_begin(const setpki_enroll *e, struct sp_enroll_state *s, bool thumbs, struct setpki_error *err)
{
	enum setpki_code rc;

	sp_part_drop(s, SP_PART_THUMBS);
	if ((rc = sp_part_random(e->ctx, s, SP_PART_RRPID, SP_NONCE_LEN, err)) != SETPKI_E_OK ||
	    (rc = sp_part_random(e->ctx, s, SP_PART_CHALL, SP_NONCE_LEN, err)) != SETPKI_E_OK)
		return rc;
	return thumbs ? put_thumbs(e, s, err) : SETPKI_E_OK;
}

bool
sp_pair_put(const struct sp_enroll_state *s, ASN1_OCTET_STRING **rrpid, ASN1_OCTET_STRING **lid_ee,
    ASN1_OCTET_STRING **challenge)
{
	return sp_octets(rrpid, sp_part(s, SP_PART_RRPID)) && sp_octets(lid_ee, sp_part(s, SP_PART_LID_EE)) &&
	    sp_octets(challenge, sp_part(s, SP_PART_CHALL));
}

enum setpki_code
sp_pair_thumbs(const struct sp_enroll_state *s, SP_THUMBS **field, struct setpki_error *err)
{
	void *t = NULL;
	enum setpki_code rc;

	if (sp_part(s, SP_PART_THUMBS).n == 0)
		return SETPKI_E_OK;
	rc = sp_type_decode(&sp_type_thumbs, sp_part(s, SP_PART_THUMBS), &t, err);
	*field = t;
	return rc;
}

bool
sp_pair_lid_ca(const struct sp_enroll_state *s, ASN1_OCTET_STRING **field)
{
	return sp_part(s, SP_PART_LID_CA).n == 0 || sp_octets(field, sp_part(s, SP_PART_LID_CA));
}

enum setpki_code
sp_pair_end(const setpki_enroll *e, struct sp_enroll_state *s, enum sp_arm_number arm, setpki_bytes pdu, int64_t now,
    struct setpki_error *err)
{
	bool card = e->row->holder == SETPKI_TYPE_CARD;
	setpki_bytes lid = sp_part(s, SP_PART_LID_EE), none = sp_bytes(NULL, 0);
	struct sp_outgoing o = {.now = now,
	    .rrpid = sp_part(s, SP_PART_RRPID),
	    .lid_c = card ? lid : none,
	    .lid_m = card ? none : lid,
	    .software = sp_part_text(s, SP_PART_SOFTWARE),
	    .arm = arm};
	struct sp_buf wrapper = {0};
	enum setpki_code rc = sp_wire_put(&o, pdu, &wrapper, err);

	if (rc == SETPKI_E_OK)
		rc = sp_part_set(s, SP_PART_REQUEST, sp_buf_bytes(&wrapper), err);
	s->arm = arm;
	s->step = SETPKI_ENROLL_SEND;
	sp_buf_free(&wrapper);
	return rc;
}

enum setpki_code
sp_party_of(const setpki_enroll *e, const struct sp_enroll_state *s, enum sp_part cert, struct setpki_party *out,
    struct sp_cert *parsed, EVP_PKEY **own, struct setpki_error *err)
{
	enum setpki_code rc = sp_cert_parse(sp_part(s, cert), parsed, err);

	*own = NULL;
	if (rc != SETPKI_E_OK || (rc = sp_spki_pkey(e->ctx, &parsed->key, own, err)) != SETPKI_E_OK)
		return sp_error_in(err, rc, "%s", sp_part_rows[cert].name);
	*out = (struct setpki_party){.issuer = parsed->issuer, .serial = parsed->serial, .key = *own};
	return SETPKI_E_OK;
}

enum setpki_code
sp_enroll_id(const setpki_enroll *e, const struct sp_enroll_state *s, SP_ID_DATA **field, struct setpki_error *err)
{
	struct setpki_id_data id = {.holder = e->row->holder};

	memcpy(id.bin, sp_part_text(s, SP_PART_BIN), strlen(sp_part_text(s, SP_PART_BIN)) + 1);
	memcpy(id.id, sp_part_text(s, SP_PART_ID), strlen(sp_part_text(s, SP_PART_ID)) + 1);
	return sp_id_data_set(field, &id, err);
}

/* --- the first request ---------------------------------------------------------------------------- */

/* Encodes what was filled, and ends the pair with it. */
static enum setpki_code
finish(const setpki_enroll *e, struct sp_enroll_state *s, const struct sp_type *type, const void *q,
    enum sp_arm_number arm, int64_t now, struct setpki_error *err)
{
	struct sp_buf pdu = {0};
	enum setpki_code rc = sp_type_encode(type, q, &pdu, err);

	if (rc == SETPKI_E_OK)
		rc = sp_pair_end(e, s, arm, sp_buf_bytes(&pdu), now, err);
	sp_buf_free(&pdu);
	return rc;
}

static enum setpki_code
card_init(const setpki_enroll *e, struct sp_enroll_state *s, int64_t now, struct setpki_error *err)
{
	SP_CARD_C_INIT_REQ *q = sp_type_new(&sp_type_card_c_init_req);
	enum setpki_code rc;

	if (q == NULL || !sp_pair_put(s, &q->rrpid, &q->lid_ee, &q->chall_ee))
		rc = sp_fail_memory(err);
	else if ((rc = sp_text_set(&q->brand, sp_part_text(s, SP_PART_BRAND), SP_UB_BRAND_ID, "brandID", err)) ==
		SETPKI_E_OK &&
	    (rc = sp_pair_thumbs(s, &q->thumbs, err)) == SETPKI_E_OK)
		rc = finish(e, s, &sp_type_card_c_init_req, q, SP_ARM_CARD_C_INIT_REQ, now, err);
	sp_type_free(&sp_type_card_c_init_req, q);
	return rc;
}

static enum setpki_code
me_aq_init(const setpki_enroll *e, struct sp_enroll_state *s, int64_t now, struct setpki_error *err)
{
	SP_ME_AQ_C_INIT_REQ *q = sp_type_new(&sp_type_me_aq_c_init_req);
	enum setpki_code rc;

	if (q == NULL || !sp_pair_put(s, &q->rrpid, &q->lid_ee, &q->chall_ee) ||
	    !sp_enum_set(&q->request_type, e->row->type) ||
	    !sp_ascii_set(&q->language, V_ASN1_VISIBLESTRING, sp_part_text(s, SP_PART_LANGUAGE)))
		rc = sp_fail_memory(err);
	else if ((rc = sp_enroll_id(e, s, &q->id_data, err)) == SETPKI_E_OK &&
	    (rc = sp_text_set(&q->brand, sp_part_text(s, SP_PART_BRAND), SP_UB_BRAND_ID, "brandID", err)) ==
		SETPKI_E_OK &&
	    (rc = sp_pair_thumbs(s, &q->thumbs, err)) == SETPKI_E_OK)
		rc = finish(e, s, &sp_type_me_aq_c_init_req, q, SP_ARM_ME_AQ_C_INIT_REQ, now, err);
	sp_type_free(&sp_type_me_aq_c_init_req, q);
	return rc;
}

enum setpki_code
sp_ask_first(const setpki_enroll *e, struct sp_enroll_state *s, int64_t now, struct setpki_error *err)
{
	enum setpki_code rc = sp_pair_begin(e, s, true, err);

	if (rc != SETPKI_E_OK)
		return rc;
	return e->row->holder == SETPKI_TYPE_CARD ? card_init(e, s, now, err) : me_aq_init(e, s, now, err);
}

/* --- RegFormReq: EXH(CA, RegFormReqData, PANOnly) -------------------------------------------------- */

static enum setpki_code
form_data(const setpki_enroll *e, const struct sp_enroll_state *s, struct sp_buf *out, struct setpki_error *err)
{
	SP_REG_FORM_REQ_DATA *q = sp_type_new(&sp_type_reg_form_req_data);
	enum setpki_code rc;

	if (q == NULL || !sp_pair_put(s, &q->rrpid, &q->lid_ee, &q->chall_ee2) || !sp_pair_lid_ca(s, &q->lid_ca) ||
	    !sp_enum_set(&q->request_type, e->row->type) ||
	    !sp_ascii_set(&q->language, V_ASN1_VISIBLESTRING, sp_part_text(s, SP_PART_LANGUAGE)))
		rc = sp_fail_memory(err);
	else if ((rc = sp_pair_thumbs(s, &q->thumbs, err)) == SETPKI_E_OK)
		rc = sp_type_encode(&sp_type_reg_form_req_data, q, out, err);
	sp_type_free(&sp_type_reg_form_req_data, q);
	return rc;
}

static enum setpki_code
pan_only(const setpki_enroll *e, const struct sp_enroll_state *s, struct sp_buf *out, struct setpki_error *err)
{
	uint8_t nonce[SP_NONCE_LEN];
	enum setpki_code rc = sp_random(e->ctx, nonce, sizeof(nonce), err);
	size_t seq = sp_der_open(out, SP_SEQUENCE);

	sp_der_put(out, SP_NUMERIC, sp_part(s, SP_PART_PAN));
	sp_der_put_octets(out, SP_BYTES(nonce));
	sp_der_close(out, seq);
	OPENSSL_cleanse(nonce, sizeof(nonce));
	return rc != SETPKI_E_OK || !out->failed ? rc : sp_fail_memory(err);
}

enum setpki_code
sp_ask_form(const setpki_enroll *e, struct sp_enroll_state *s, int64_t now, struct setpki_error *err)
{
	struct sp_buf t = {0}, p = {.secret = true}, pdu = {0};
	struct setpki_party to;
	struct sp_cert cert;
	EVP_PKEY *own = NULL;
	enum setpki_code rc;

	if ((rc = sp_pair_begin(e, s, true, err)) == SETPKI_E_OK && (rc = form_data(e, s, &t, err)) == SETPKI_E_OK &&
	    (rc = pan_only(e, s, &p, err)) == SETPKI_E_OK &&
	    (rc = sp_party_of(e, s, SP_PART_CA_ENC, &to, &cert, &own, err)) == SETPKI_E_OK &&
	    (rc = sp_envelope_put(e->ctx, e->suite, &to, &sp_form_req_seal, sp_buf_bytes(&t), sp_buf_bytes(&p), &pdu,
		 err)) == SETPKI_E_OK)
		rc = sp_pair_end(e, s, SP_ARM_REG_FORM_REQ, sp_buf_bytes(&pdu), now, err);
	EVP_PKEY_free(own);
	sp_buf_free(&t);
	sp_buf_free(&p);
	sp_buf_free(&pdu);
	return rc;
}
