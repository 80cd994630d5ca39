/* EnvelopedData and EncryptedData; their contents where a key is given. */
#include "lib/crypto/cipher.h"
#include "lib/crypto/enc.h"
#include "lib/walk/type.h"

#include <string.h>

/* What an envelope of each content type is.  A type that has two rows is tried as either. */
static const struct sealed {
	struct sp_seal seal;
	const char *t_name; /* of the clear part */
	const struct sp_type *t;
	const char *p_name; /* of what is in the key block; NULL: nothing */
	const struct sp_type *p;
	bool beside; /* EncX: the body is { t, SO(s, { t, p }) } */
} sealed[] = {
    {{SP_CT_REG_FORM_REQ_TBE, SP_EXTRA_PAN_ONLY, true, true}, "regFormReqData", &sp_type_reg_form_req_data, "panOnly",
	&sp_type_pan_only, false},
    {{SP_CT_CERT_REQ_TBE, SP_EXTRA_NONE, false, false}, "signedData", &sp_type_signed_data, NULL, NULL, false},
    {{SP_CT_CERT_REQ_TBEX, SP_EXTRA_PAN_DATA0, false, false}, "certReqData", &sp_type_cert_req_data, "panData0",
	&sp_type_pan_data0, true},
    {{SP_CT_CERT_REQ_TBEX, SP_EXTRA_ACCT_DATA, false, false}, "certReqData", &sp_type_cert_req_data, "acctData",
	&sp_type_acct_data, true},
    {{SP_CT_PI_DUAL_SIGNED_TBE, SP_EXTRA_PAN_DATA, true, false}, "piOILink", &sp_type_linkage, "panData",
	&sp_type_pan_data, false},
};
#define NSEALED (sizeof(sealed) / sizeof(sealed[0]))

static void
walk_beside(struct sp_walk *w, const struct sealed *row, setpki_bytes body, setpki_bytes p)
{
	struct sp_buf covered = {.secret = true}, fresh = {0};
	struct setpki_error why = {0};
	const struct sp_enc_form form = {
	    .tbs = row->seal.type == SP_CT_CERT_REQ_TBEX ? SP_CT_CERT_REQ_TBS : SP_CT_PI_TBS, .extra = row->seal.extra};
	SP_SIGNED_BESIDE *beside;
	void *object = NULL;
	enum setpki_code rc = sp_type_decode(&sp_type_signed_beside, body, &object, &why);

	if (rc != SETPKI_E_OK) {
		sp_w_fault(w, row->t_name, body.n, rc, &why);
		return;
	}
	beside = object;
	sp_walk_der(w, row->t_name, row->t, sp_str(beside->t), &fresh);
	sp_enc_signed_content(&form, sp_str(beside->t), p, &covered);
	sp_walk_signed(w, "signature", beside->so, sp_buf_bytes(&covered), sp_buf_bytes(&fresh));
	sp_buf_free(&covered);
	sp_buf_free(&fresh);
	sp_type_free(&sp_type_signed_beside, object);
}

static void
walk_opened(struct sp_walk *w, const struct sealed *row, const struct sp_opened *o)
{
	sp_w_enter(w, "decrypted", sp_content_name((int)row->seal.type));
	if (row->beside)
		walk_beside(w, row, o->t, sp_buf_bytes(&o->p));
	else
		sp_walk_der(w, row->t_name, row->t, o->t, NULL);
	if (row->p != NULL)
		sp_walk_der(w, row->p_name, row->p, sp_buf_bytes(&o->p), NULL);
	sp_w_leave(w);
}

/* With each key; issuer and serial are the envelope's own. */
static enum setpki_code
open_as(struct sp_walk *w, const struct sealed *row, const struct sp_signer *to, setpki_bytes der, struct sp_opened *o,
    struct setpki_error *why)
{
	enum setpki_code rc = SETPKI_E_DECRYPT;

	for (size_t i = 0; i < w->keys->nrecipients && rc == SETPKI_E_DECRYPT; i++) {
		struct setpki_party me = w->keys->recipients[i];

		me.issuer = to->issuer;
		me.serial = sp_signer_serial(to);
		setpki_error_clear(why);
		rc = sp_envelope_open(w->ctx, w->suite, &me, &row->seal, der, o, why);
	}
	return rc;
}

static void
open_enveloped(struct sp_walk *w, const SP_ENVELOPED_DATA *e, const struct sp_signer *to)
{
	int type = sp_content_number(sp_obj(e->content->type));
	enum setpki_code rc = SETPKI_E_DECRYPT;
	struct setpki_error why = {0};
	const struct sealed *row = NULL;
	struct sp_buf der = {0};
	struct sp_opened o = {0};

	for (size_t i = 0; i < NSEALED && rc == SETPKI_E_DECRYPT; i++) {
		if (type != (int)sealed[i].seal.type)
			continue;
		row = &sealed[i];
		sp_buf_reset(&der);
		rc = sp_type_encode(&sp_type_enveloped_data, e, &der, &why);
		if (rc == SETPKI_E_OK)
			rc = open_as(w, row, to, sp_buf_bytes(&der), &o, &why);
	}
	if (row != NULL && rc == SETPKI_E_OK)
		walk_opened(w, row, &o);
	else if (row != NULL)
		sp_w_fault(w, "decrypted", sp_str(e->content->content).n, rc, &why);
	sp_opened_free(&o);
	sp_buf_free(&der);
}

void
sp_walk_enveloped(struct sp_walk *w, const char *name, void *object)
{
	const SP_ENVELOPED_DATA *e = object;
	struct sp_signer to;

	sp_w_enter(w, name, "EnvelopedData");
	sp_walk_rows(w, &sp_type_enveloped_data, object);
	if (w->rc == SETPKI_E_OK && w->keys != NULL && w->keys->nrecipients != 0 &&
	    sp_signer_from(sk_SP_RECIPIENT_INFO_value(e->recipients, 0)->recipient, &to))
		open_enveloped(w, e, &to);
	sp_w_leave(w);
}

/* EncK: the one EncryptedData of the messages. */
static enum setpki_code
open_encrypted(struct sp_walk *w, const SP_ENCRYPTED_DATA *e, struct sp_buf *t, struct setpki_error *why)
{
	const struct sp_suite *suite = sp_suite(w->suite);
	struct sp_buf der = {0};
	enum setpki_code rc;

	if (suite != NULL && w->keys->back_key.n != suite->key_len)
		return sp_fail(why, SETPKI_E_ARGUMENT, "set-protocol 12.1",
		    "the back key has %zu octets; those of the %s suite have %zu", w->keys->back_key.n, suite->name,
		    suite->key_len);
	rc = suite == NULL ? sp_fail(why, SETPKI_E_SUITE, "set-protocol 12.1", "its algorithms are of no suite")
			   : sp_type_encode(&sp_type_encrypted_data, e, &der, why);
	if (rc == SETPKI_E_OK)
		rc = sp_ek_open(w->ctx, w->suite, SP_CT_CERT_RES_TBE, w->keys->back_key.p, sp_buf_bytes(&der), t, why);
	sp_buf_free(&der);
	return rc;
}

void
sp_walk_encrypted(struct sp_walk *w, const char *name, void *object)
{
	const SP_ENCRYPTED_DATA *e = object;
	struct sp_buf t = {.secret = true};
	struct setpki_error why = {0};
	enum setpki_code rc;

	sp_w_enter(w, name, "EncryptedData");
	sp_walk_rows(w, &sp_type_encrypted_data, object);
	if (w->rc == SETPKI_E_OK && w->keys != NULL && w->keys->back_key.n != 0) {
		rc = open_encrypted(w, e, &t, &why);
		if (rc == SETPKI_E_OK) {
			sp_w_enter(w, "decrypted", sp_content_name(SP_CT_CERT_RES_TBE));
			sp_walk_der(w, "signedData", &sp_type_signed_data, sp_buf_bytes(&t), NULL);
			sp_w_leave(w);
		} else {
			sp_w_fault(w, "decrypted", sp_str(e->content->content).n, rc, &why);
		}
	}
	sp_w_leave(w);
	sp_buf_free(&t);
}
