/* What the requests have in common: who answers, the ids, thumbs, lid-CA and chall-CA (set-protocol 8, 12.6). */
#include "lib/message/respond.h"

#include <openssl/crypto.h>
#include <string.h>

enum setpki_code
sp_respond_decode(struct setpki_responder *r, const struct sp_type *type, setpki_bytes der, void **out)
{
	struct setpki_error why = {0};
	enum setpki_code rc = sp_type_decode(type, der, out, &why);

	if (rc == SETPKI_E_OK || rc == SETPKI_E_MEMORY)
		return rc;
	return sp_fault(&r->fault, SETPKI_ERR_DECODING_FAILURE, "%s%s%s", why.object, why.object[0] != '\0' ? ": " : "",
	    why.message);
}

enum setpki_code
sp_respond_found(struct setpki_responder *r, enum setpki_code rc, enum setpki_error_code code, struct setpki_error *err)
{
	if (rc != SETPKI_E_NOTFOUND)
		return rc;
	r->ca = NULL;
	setpki_error_clear(err);
	return sp_fault(&r->fault, code, "no CA here answers this");
}

enum setpki_code
sp_respond_recipient(struct setpki_responder *r, setpki_bytes enveloped, struct setpki_error *err)
{
	struct sp_buf issuer = {0};
	struct setpki_error why = {0};
	struct sp_signer who;
	enum setpki_code rc = sp_envelope_recipient(enveloped, &who, &issuer, &why);

	if (rc == SETPKI_E_OK)
		rc = sp_respond_found(r,
		    r->ops->ca_recipient(r->ops->arg, who.issuer, sp_signer_serial(&who), &r->ca, err),
		    SETPKI_ERR_UNSPECIFIED_FAILURE, err);
	else if (rc != SETPKI_E_MEMORY)
		rc = sp_fault(&r->fault, SETPKI_ERR_DECODING_FAILURE, "%s", why.message);
	sp_buf_free(&issuer);
	return rc;
}

enum setpki_code
sp_respond_ids(struct setpki_responder *r, const ASN1_STRING *rrpid, enum setpki_error_code code,
    const ASN1_STRING *lid_ee, uint32_t holder)
{
	bool card = holder == SETPKI_TYPE_CARD;
	setpki_bytes mine = card ? r->in.lid_c : r->in.lid_m, other = card ? r->in.lid_m : r->in.lid_c;

	if (!sp_bytes_eq(sp_str(rrpid), r->in.rrpid))
		return sp_fault(&r->fault, code, "the rrpid is not the wrapper's");
	if (!sp_bytes_eq(sp_str(lid_ee), mine) || other.n != 0)
		return sp_fault(&r->fault, SETPKI_ERR_WRAPPER_MSG_MISMATCH,
		    "lid-EE is not the %s of the wrapper, or not the only lid there", card ? "lid-C" : "lid-M");
	return SETPKI_E_OK;
}

static bool
all_of_length(const STACK_OF(SP_ELEMENT) * sk, size_t n)
{
	for (int i = 0; sk != NULL && i < sk_SP_ELEMENT_num(sk); i++)
		if (sp_str(sk_SP_ELEMENT_value(sk, i)).n != n)
			return false;
	return true;
}

enum setpki_code
sp_respond_thumbs(struct setpki_responder *r, const SP_THUMBS *t)
{
	const struct sp_suite *s = sp_suite(r->suite);

	if (t == NULL)
		return SETPKI_E_OK;
	if (!sp_bytes_eq(sp_str(t->alg), s->digest_alg))
		return sp_fault(
		    &r->fault, SETPKI_ERR_MESSAGE_NOT_SUPPORTED, "thumbs that are not of the %s suite", s->name);
	if (!all_of_length(t->certs, s->digest_len) || !all_of_length(t->crls, s->digest_len) ||
	    !all_of_length(t->bcis, s->digest_len))
		return sp_fault(
		    &r->fault, SETPKI_ERR_DECODING_FAILURE, "thumbs of %s have %zu octets", s->name, s->digest_len);
	r->thumbs = t;
	return SETPKI_E_OK;
}

enum setpki_code
sp_respond_type(struct setpki_responder *r, const ASN1_ENUMERATED *type, const struct setpki_request_row **row)
{
	*row = setpki_request_row((enum setpki_request_type)sp_int(type));
	if (*row == NULL || (r->ca != NULL && ((*row)->ca & r->ca->type) == 0))
		return sp_fault(
		    &r->fault, SETPKI_ERR_DECODING_FAILURE, "the request type is none that this CA answers");
	return SETPKI_E_OK;
}

/* --- lid-CA and chall-CA ------------------------------------------------------------------------ */

/* Whether it is one of this CA's that counts still; a key that is gone is NOTFOUND. */
static enum setpki_code
still_counts(struct setpki_responder *r, setpki_bytes lid_ca, struct setpki_error *err)
{
	uint8_t key[32];
	struct sp_lid_ca l;
	enum setpki_code rc;

	if (!sp_lid_ca_read(lid_ca, &l) || l.ca != r->ca->number || l.key_id == 0 || !sp_lid_ca_fresh(&l, r->now))
		return SETPKI_E_NOTFOUND;
	rc = r->ops->challenge_key(r->ops->arg, &l.key_id, key, err);
	OPENSSL_cleanse(key, sizeof(key));
	if (rc == SETPKI_E_NOTFOUND)
		setpki_error_clear(err);
	return rc;
}

enum setpki_code
sp_respond_lid_ca(
    struct setpki_responder *r, setpki_bytes echoed, uint8_t lid_ca[SP_LID_CA_LEN], struct setpki_error *err)
{
	uint8_t key[32], id = 0;
	enum setpki_code rc = still_counts(r, echoed, err);

	if (rc == SETPKI_E_OK)
		memcpy(lid_ca, echoed.p, SP_LID_CA_LEN);
	if (rc != SETPKI_E_NOTFOUND)
		return rc;
	rc = r->ops->challenge_key(r->ops->arg, &id, key, err);
	OPENSSL_cleanse(key, sizeof(key));
	return rc == SETPKI_E_OK ? sp_lid_ca_make(r->ctx, r->ca->number, id, r->now, lid_ca, err) : rc;
}

enum setpki_code
sp_respond_chall_ca(struct setpki_responder *r, setpki_bytes lid_ca, setpki_bytes lid_ee, enum setpki_request_type type,
    uint8_t chall_ca[SETPKI_NONCE_LEN], struct setpki_error *err)
{
	uint8_t key[32], id = lid_ca.p[2];
	enum setpki_code rc = r->ops->challenge_key(r->ops->arg, &id, key, err);

	if (rc == SETPKI_E_OK)
		rc = sp_chall_ca(r->ctx, key, r->ca->number, lid_ee, lid_ca, type, chall_ca, err);
	OPENSSL_cleanse(key, sizeof(key));
	return rc;
}
