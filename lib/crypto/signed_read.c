/* S and SO: reading and verifying. */
#include "lib/crypto/signed_inner.h"

#include <openssl/crypto.h>
#include <string.h>

#define SPEC "set-protocol 12.3"

void
sp_sdata_view(SP_SIGNED_DATA *data, struct sp_sdata *out)
{
	memset(out, 0, sizeof(*out));
	out->data = data;
	out->content = sp_str(data->content->content);
	out->nsigners = (size_t)sk_SP_SIGNER_INFO_num(data->signers);
	out->ncerts = data->certs != NULL ? (size_t)sk_SP_ELEMENT_num(data->certs) : 0;
	out->ncrls = data->crls != NULL ? (size_t)sk_SP_ELEMENT_num(data->crls) : 0;
}

enum setpki_code
sp_sdata_read(setpki_bytes der, struct sp_sdata *out, struct setpki_error *err)
{
	void *data = NULL;
	enum setpki_code rc;

	memset(out, 0, sizeof(*out));
	if ((rc = sp_type_decode(&sp_type_signed_data, der, &data, err)) != SETPKI_E_OK)
		return rc;
	sp_sdata_view(data, out);
	out->owned = true;
	return SETPKI_E_OK;
}

void
sp_sdata_free(struct sp_sdata *s)
{
	if (s->owned)
		sp_type_free(&sp_type_signed_data, s->data);
	memset(s, 0, sizeof(*s));
}

setpki_bytes
sp_sdata_cert(const struct sp_sdata *s, size_t i)
{
	return i < s->ncerts ? sp_str(sk_SP_ELEMENT_value(s->data->certs, (int)i)) : sp_bytes(NULL, 0);
}

setpki_bytes
sp_sdata_crl(const struct sp_sdata *s, size_t i)
{
	return i < s->ncrls ? sp_str(sk_SP_ELEMENT_value(s->data->crls, (int)i)) : sp_bytes(NULL, 0);
}

bool
sp_signer_from(const SP_ISSUER_SERIAL *is, struct sp_signer *out)
{
	setpki_bytes magnitude = sp_str(is->serial);
	bool pad = magnitude.n != 0 && magnitude.p[0] >= 0x80;

	memset(out, 0, sizeof(*out));
	out->issuer = sp_str(is->issuer);
	if (is->serial->type == V_ASN1_NEG_INTEGER || magnitude.n == 0 || magnitude.n + pad > SP_SERIAL_MAX)
		return false;
	memcpy(out->octets + pad, magnitude.p, magnitude.n);
	out->nserial = magnitude.n + pad;
	out->uncertified = out->issuer.n == 2 && out->nserial == 1 && out->octets[0] == 0;
	return true;
}

void
sp_sdata_signer(const struct sp_sdata *s, size_t i, struct sp_signer *out)
{
	if (!sp_signer_from(sk_SP_SIGNER_INFO_value(s->data->signers, (int)i)->signer, out))
		memset(out, 0, sizeof(*out)); /* nobody's */
}

setpki_bytes
sp_signer_serial(const struct sp_signer *signer)
{
	return sp_bytes(signer->octets, signer->nserial);
}

/* The one attributes that may stand there: written anew and compared, so that order, doubles and further ones show. */
static bool
attributes_ok(const SP_SIGNER_INFO *si, setpki_bytes mine)
{
	const STACK_OF(SP_ATTRIBUTE) *sk = si->attributes;
	struct sp_buf got = {0};
	bool same;

	if (sk == NULL || si->unauthenticated != NULL)
		return false;
	for (int i = 0; i < sk_SP_ATTRIBUTE_num(sk); i++) {
		unsigned char *der = NULL;
		int n =
		    ASN1_item_i2d((const ASN1_VALUE *)sk_SP_ATTRIBUTE_value(sk, i), &der, ASN1_ITEM_rptr(SP_ATTRIBUTE));

		if (n > 0)
			sp_buf_add(&got, der, (size_t)n);
		OPENSSL_free(der);
	}
	/* `mine` has the header of the SEQUENCE before the attributes: two octets in both suites */
	same = mine.n > 2 && sp_bytes_eq(sp_buf_bytes(&got), sp_bytes(mine.p + 2, mine.n - 2));
	sp_buf_free(&got);
	return same;
}

static const char *
form_fault(const struct sp_suite *suite, const struct sp_sdata *s, const SP_SIGNER_INFO *si, enum sp_content type,
    const EVP_PKEY *key, setpki_bytes attributes)
{
	if (!sp_bytes_eq(sp_str(sk_SP_ELEMENT_value(s->data->digest_algs, 0)), suite->digest_alg) ||
	    !sp_bytes_eq(sp_str(si->digest_alg), suite->digest_alg))
		return "the digest algorithm is not the suite's";
	if (!sp_bytes_eq(sp_str(si->signature_alg), sp_signer_alg(key)))
		return "the signature algorithm is not that of the signer's key";
	if (!sp_bytes_eq(sp_obj(s->data->content->type), SP_CONTENT_OID(type)))
		return "the content is of another type";
	if (!attributes_ok(si, attributes))
		return "the attributes are not contentType and messageDigest of this content, and nothing else";
	return NULL;
}

enum setpki_code
sp_sdata_verify(setpki_ctx *ctx, enum setpki_suite suite, const struct sp_sdata *s, size_t i, enum sp_content type,
    setpki_bytes content, EVP_PKEY *key, struct setpki_error *err)
{
	const struct sp_suite *row = sp_suite(suite);
	const SP_SIGNER_INFO *si;
	struct sp_buf attributes = {0};
	uint8_t digest[SP_DIGEST_MAX];
	const char *fault;
	enum setpki_code rc;

	if (row == NULL || i >= s->nsigners || key == NULL)
		return sp_fail(
		    err, SETPKI_E_SIGNATURE, SPEC, "SignerInfo %zu is missing, or its signer is not known", i + 1);
	if ((rc = sp_hash(ctx, suite, content, digest, err)) != SETPKI_E_OK)
		return rc;
	si = sk_SP_SIGNER_INFO_value(s->data->signers, (int)i);
	sp_signed_attributes(&attributes, type, sp_bytes(digest, row->digest_len));
	fault = form_fault(row, s, si, type, key, sp_buf_bytes(&attributes));
	if (attributes.failed)
		rc = sp_fail_memory(err);
	else if (fault != NULL)
		rc = sp_fail(err, SETPKI_E_SIGNATURE, SPEC, "SignerInfo %zu: %s", i + 1, fault);
	else
		rc = sp_verify(ctx, suite, key, sp_buf_bytes(&attributes), sp_str(si->signature), err);
	sp_buf_free(&attributes);
	return rc == SETPKI_E_SUITE ? SETPKI_E_SIGNATURE : rc;
}

enum setpki_code
sp_sdata_verify_all(setpki_ctx *ctx, enum setpki_suite suite, const struct sp_sdata *s, setpki_bytes content,
    setpki_bytes clear, const struct sp_verify_ask *ask, bool *first_ok, struct setpki_error *err)
{
	size_t want = ask->count != NULL ? ask->count(ask->arg, clear) : 1;
	enum setpki_code all = SETPKI_E_OK;

	*first_ok = false;
	for (size_t i = 0; i < s->nsigners; i++) {
		struct sp_signer who;
		EVP_PKEY *key;
		enum setpki_code rc;

		sp_sdata_signer(s, i, &who);
		key = ask->key(ask->arg, i, &who, clear);
		rc = sp_sdata_verify(ctx, suite, s, i, ask->type, content, key, err);
		if (i == 0)
			*first_ok = rc == SETPKI_E_OK;
		all = all == SETPKI_E_OK ? rc : all;
	}
	if (s->nsigners != want)
		return sp_fail(
		    err, SETPKI_E_SIGNATURE, SPEC, "%zu SignerInfos where %zu are called for", s->nsigners, want);
	return all;
}
