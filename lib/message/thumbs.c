/* Thumbs and CertThumb (set-protocol 2): what a party holds already, by the hash of its unsigned part. */
#include "lib/message/parts.h"

#include "lib/der/reader.h"

#include <string.h>

enum setpki_code
sp_thumb_of(
    setpki_ctx *ctx, enum setpki_suite suite, setpki_bytes der, uint8_t out[SP_DIGEST_MAX], struct setpki_error *err)
{
	struct sp_der d = sp_der(der), seq;
	setpki_bytes tbs;

	if (!sp_der_enter(&d, SP_SEQUENCE, &seq) || !sp_der_take_whole(&seq, SP_SEQUENCE, &tbs))
		return sp_fail(err, SETPKI_E_PARSE, "set-protocol 2", "neither certificate nor CRL nor BCI: no thumb");
	return sp_hash(ctx, suite, tbs, out, err);
}

enum setpki_code
sp_cert_thumb_set(
    setpki_ctx *ctx, enum setpki_suite suite, SP_CERT_THUMB **field, setpki_bytes der, struct setpki_error *err)
{
	const struct sp_suite *s = sp_suite(suite);
	uint8_t thumb[SP_DIGEST_MAX];
	enum setpki_code rc = sp_thumb_of(ctx, suite, der, thumb, err);

	if (rc != SETPKI_E_OK)
		return rc;
	if (*field == NULL && (*field = (SP_CERT_THUMB *)ASN1_item_new(ASN1_ITEM_rptr(SP_CERT_THUMB))) == NULL)
		return sp_fail_memory(err);
	return sp_str_set(&(*field)->alg, V_ASN1_SEQUENCE, s->digest_alg) &&
		sp_str_set(&(*field)->digest, V_ASN1_OCTET_STRING, sp_bytes(thumb, s->digest_len))
	    ? SETPKI_E_OK
	    : sp_fail_memory(err);
}

static bool
of_suite(enum setpki_suite suite, const ASN1_STRING *alg)
{
	return sp_bytes_eq(sp_str(alg), sp_suite(suite)->digest_alg);
}

bool
sp_cert_thumb_is(setpki_ctx *ctx, enum setpki_suite suite, const SP_CERT_THUMB *t, setpki_bytes der)
{
	uint8_t thumb[SP_DIGEST_MAX];

	return t != NULL && of_suite(suite, t->alg) && sp_thumb_of(ctx, suite, der, thumb, NULL) == SETPKI_E_OK &&
	    sp_bytes_eq(sp_str(t->digest), sp_bytes(thumb, sp_suite(suite)->digest_len));
}

static STACK_OF(SP_ELEMENT) * *list_of(SP_THUMBS *t, enum sp_thumb_list list)
{
	return list == SP_THUMB_CERTS ? &t->certs : list == SP_THUMB_CRLS ? &t->crls : &t->bcis;
}

static bool
push(STACK_OF(SP_ELEMENT) * *sk, setpki_bytes thumb)
{
	ASN1_STRING *s = NULL;

	if (*sk == NULL && (*sk = sk_SP_ELEMENT_new_null()) == NULL)
		return false;
	if (sk_SP_ELEMENT_num(*sk) >= (int)SP_THUMBS_MAX)
		return true;
	if (sp_str_set(&s, V_ASN1_OCTET_STRING, thumb) && sk_SP_ELEMENT_push(*sk, s) > 0)
		return true;
	ASN1_STRING_free(s);
	return false;
}

enum setpki_code
sp_thumbs_add(setpki_ctx *ctx, enum setpki_suite suite, SP_THUMBS **field, enum sp_thumb_list list, setpki_bytes der,
    struct setpki_error *err)
{
	const struct sp_suite *s = sp_suite(suite);
	uint8_t thumb[SP_DIGEST_MAX];
	enum setpki_code rc = sp_thumb_of(ctx, suite, der, thumb, err);

	if (rc != SETPKI_E_OK)
		return rc;
	if (*field == NULL &&
	    ((*field = sp_type_new(&sp_type_thumbs)) == NULL ||
		!sp_str_set(&(*field)->alg, V_ASN1_SEQUENCE, s->digest_alg)))
		return sp_fail_memory(err);
	return push(list_of(*field, list), sp_bytes(thumb, s->digest_len)) ? SETPKI_E_OK : sp_fail_memory(err);
}

bool
sp_thumbs_have(setpki_ctx *ctx, enum setpki_suite suite, const SP_THUMBS *t, enum sp_thumb_list list, setpki_bytes der)
{
	const STACK_OF(SP_ELEMENT) * sk;
	uint8_t thumb[SP_DIGEST_MAX];

	if (t == NULL || !of_suite(suite, t->alg))
		return false;
	sk = list == SP_THUMB_CERTS ? t->certs : list == SP_THUMB_CRLS ? t->crls : t->bcis;
	if (sk == NULL || sp_thumb_of(ctx, suite, der, thumb, NULL) != SETPKI_E_OK)
		return false;
	for (int i = 0; i < sk_SP_ELEMENT_num(sk); i++)
		if (sp_bytes_eq(sp_str(sk_SP_ELEMENT_value(sk, i)), sp_bytes(thumb, sp_suite(suite)->digest_len)))
			return true;
	return false;
}

enum setpki_code
sp_thumbs_dup(const SP_THUMBS *from, SP_THUMBS **out, struct setpki_error *err)
{
	*out = NULL;
	if (from == NULL)
		return SETPKI_E_OK;
	*out = ASN1_item_dup(ASN1_ITEM_rptr(SP_THUMBS), from);
	return *out != NULL ? SETPKI_E_OK : sp_fail_memory(err);
}

bool
sp_thumbs_same(const SP_THUMBS *a, const SP_THUMBS *b)
{
	struct sp_buf x = {0}, y = {0};
	bool same;

	if (a == NULL || b == NULL)
		return a == b;
	same = sp_type_encode(&sp_type_thumbs, a, &x, NULL) == SETPKI_E_OK &&
	    sp_type_encode(&sp_type_thumbs, b, &y, NULL) == SETPKI_E_OK &&
	    sp_bytes_eq(sp_buf_bytes(&x), sp_buf_bytes(&y));
	sp_buf_free(&x);
	sp_buf_free(&y);
	return same;
}
