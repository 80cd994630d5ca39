/* What the signed answers have in common: certificates and lists beside, caeThumb, BCI and thumbs, the form. */
#include "lib/message/respond.h"

#include <openssl/crypto.h>

/* --- beside ------------------------------------------------------------------------------------- */

void
sp_beside_free(struct sp_beside *b)
{
	OPENSSL_free(b->certs);
	OPENSSL_free(b->crls);
	*b = (struct sp_beside){0};
}

static bool
listed(struct setpki_responder *r, enum sp_thumb_list list, setpki_bytes der)
{
	return sp_thumbs_have(r->ctx, r->suite, r->thumbs, list, der);
}

static size_t
total(const setpki_bytes *v, size_t n)
{
	size_t sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += v[i].n;
	return sum;
}

/* CRLs go along as far as they fit: a message has an upper bound, a CRL hardly.  Who misses one finds it where the
 * brand publishes its set. */
static void
add_crls(struct setpki_responder *r, struct sp_beside *b)
{
	size_t taken = total(b->certs, b->ncerts) + r->ca->bci.n + SP_ANSWER_BODY_MAX;

	for (size_t i = 0; i < r->ca->ncrls; i++) {
		setpki_bytes crl = r->ca->crls[i];

		if (taken + crl.n > SP_MESSAGE_MAX || listed(r, SP_THUMB_CRLS, crl))
			continue;
		b->crls[b->ncrls++] = crl;
		taken += crl.n;
	}
}

enum setpki_code
sp_beside_make(
    struct setpki_responder *r, const setpki_bytes *certs, size_t n, struct sp_beside *b, struct setpki_error *err)
{
	const struct setpki_responder_ca *ca = r->ca;

	*b = (struct sp_beside){0};
	b->certs = OPENSSL_zalloc((n + ca->ncerts + 1) * sizeof(*b->certs));
	b->crls = OPENSSL_zalloc((ca->ncrls + 1) * sizeof(*b->crls));
	if (b->certs == NULL || b->crls == NULL) {
		sp_beside_free(b);
		return sp_fail_memory(err);
	}
	for (size_t i = 0; i < n; i++)
		b->certs[b->ncerts++] = certs[i];
	for (size_t i = 0; i < ca->ncerts; i++)
		if (!listed(r, SP_THUMB_CERTS, ca->certs[i]))
			b->certs[b->ncerts++] = ca->certs[i];
	add_crls(r, b);
	return SETPKI_E_OK;
}

/* --- the answer --------------------------------------------------------------------------------- */

enum setpki_code
sp_respond_tail(
    struct setpki_responder *r, SP_CERT_THUMB **cae, ASN1_STRING **bci, SP_THUMBS **thumbs, struct setpki_error *err)
{
	enum setpki_code rc = SETPKI_E_OK;

	if (cae != NULL)
		rc = sp_cert_thumb_set(r->ctx, r->suite, cae, r->ca->exchange_cert, err);
	if (rc == SETPKI_E_OK && r->ca->bci.n != 0 && !listed(r, SP_THUMB_BCIS, r->ca->bci) &&
	    !sp_str_set(bci, V_ASN1_SEQUENCE, r->ca->bci))
		rc = sp_fail_memory(err);
	return rc == SETPKI_E_OK ? sp_thumbs_dup(r->thumbs, thumbs, err) : rc;
}

enum setpki_code
sp_respond_wrap(struct setpki_responder *r, enum sp_arm_number arm, setpki_bytes pdu, struct setpki_error *err)
{
	struct sp_outgoing o = {.now = r->now,
	    .rrpid = r->in.rrpid,
	    .lid_c = r->in.lid_c,
	    .lid_m = r->in.lid_m,
	    .software = r->software,
	    .arm = arm};

	sp_buf_reset(&r->out);
	return sp_wire_put(&o, pdu, &r->out, err);
}

enum setpki_code
sp_respond_signed(struct setpki_responder *r, enum sp_content content, const struct sp_type *type, const void *tbs,
    enum sp_arm_number arm, struct setpki_error *err)
{
	struct sp_sign_ask sign = {.type = content, .signers = &r->ca->sign, .nsigners = 1};
	struct sp_beside beside = {0};
	struct sp_buf der = {0}, pdu = {0};
	enum setpki_code rc = sp_type_encode(type, tbs, &der, err);

	if (rc == SETPKI_E_OK)
		rc = sp_beside_make(r, NULL, 0, &beside, err);
	if (rc == SETPKI_E_OK) {
		sign.content = sp_buf_bytes(&der);
		sign.certs = beside.certs;
		sign.ncerts = beside.ncerts;
		sign.crls = beside.crls;
		sign.ncrls = beside.ncrls;
		rc = sp_sdata_put(r->ctx, r->suite, &sign, &pdu, err);
	}
	if (rc == SETPKI_E_OK)
		rc = sp_respond_wrap(r, arm, sp_buf_bytes(&pdu), err);
	sp_beside_free(&beside);
	sp_buf_free(&der);
	sp_buf_free(&pdu);
	return rc;
}

/* --- the form ----------------------------------------------------------------------------------- */

static enum setpki_code
set_account(SP_REG_FIELD **to, const struct setpki_field *field, struct setpki_error *err)
{
	*to = (SP_REG_FIELD *)ASN1_item_new(ASN1_ITEM_rptr(SP_REG_FIELD));
	return *to != NULL ? sp_field_set(*to, field, err) : sp_fail_memory(err);
}

enum setpki_code
sp_respond_form(struct setpki_responder *r, const struct setpki_form_ask *ask, SP_FORM_OR_REFERRAL **form,
    SP_REG_FIELD **account, struct setpki_error *err)
{
	struct setpki_form_reply reply = {0};
	enum setpki_code rc = r->ops->form(r->ops->arg, r->ca, ask, &reply, err);

	if (rc == SETPKI_E_OK && reply.refer)
		rc = sp_referral_set(form, &reply.referral, err);
	else if (rc == SETPKI_E_OK)
		rc = sp_form_set(form, &reply.form, err);
	if (rc == SETPKI_E_OK && account != NULL && reply.asks_account)
		rc = set_account(account, &reply.account, err);
	setpki_form_free(&reply.form);
	setpki_referral_free(&reply.referral);
	sp_field_free(&reply.account);
	return rc;
}
