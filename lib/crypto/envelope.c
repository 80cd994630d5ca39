#include "lib/crypto/envelope.h"

#include "lib/crypto/cipher.h"
#include "lib/crypto/digest.h"
#include "lib/crypto/party.h"
#include "lib/crypto/signed_inner.h"
#include "lib/der/walk.h"
#include "lib/der/writer.h"

#include <openssl/crypto.h>
#include <string.h>

/* The content type that DD(p) names; PANData0 and AcctData have none (set-protocol section 1). */
static bool
extra_content(enum sp_extra extra, enum sp_content *content)
{
	switch (extra) {
	case SP_EXTRA_PAN_DATA:
		*content = SP_CT_PAN_DATA;
		return true;
	case SP_EXTRA_PAN_TOKEN:
		*content = SP_CT_PAN_TOKEN;
		return true;
	case SP_EXTRA_PAN_ONLY:
		*content = SP_CT_PAN_ONLY;
		return true;
	default:
		return false;
	}
}

static enum setpki_code
make_block(setpki_ctx *ctx, const struct sp_suite *s, const struct sp_seal *seal, setpki_bytes t, setpki_bytes p,
    struct sp_keyblock *b, struct setpki_error *err)
{
	enum setpki_code rc;

	b->extra = seal->extra;
	b->has_hd = seal->hd;
	rc = sp_random(ctx, b->key, s->key_len, err);
	if (rc == SETPKI_E_OK && seal->hd)
		rc = sp_hash(ctx, s->id, t, b->hd, err);
	return rc == SETPKI_E_OK ? sp_extra_pack(seal->extra, p, b->x, err) : rc;
}

static enum setpki_code
put_body(setpki_ctx *ctx, enum setpki_suite suite, const struct sp_seal *seal, setpki_bytes t, setpki_bytes p,
    struct sp_buf *body, struct setpki_error *err)
{
	enum sp_content content;

	if (!seal->linked) {
		sp_buf_add_bytes(body, t);
		return body->failed ? sp_fail_memory(err) : SETPKI_E_OK;
	}
	if (!extra_content(seal->extra, &content))
		return sp_fail(err, SETPKI_E_ARGUMENT, "set-protocol 1",
		    "block content %d has no content type to link with", (int)seal->extra);
	return sp_linkage_put(ctx, suite, t, content, p, body, err);
}

static void
put_recipient(struct sp_buf *out, enum setpki_suite suite, const struct setpki_party *to, setpki_bytes sealed)
{
	size_t list = sp_der_open(out, SP_SEQUENCE), seq = sp_der_open(out, SP_SEQUENCE);

	sp_der_put_int(out, 0);
	sp_party_put(out, to);
	sp_buf_add_bytes(out, sp_keyblock_alg(suite));
	sp_der_put_octets(out, sealed);
	sp_der_close(out, seq);
	sp_der_close(out, list);
}

enum setpki_code
sp_envelope_put(setpki_ctx *ctx, enum setpki_suite suite, const struct setpki_party *to, const struct sp_seal *seal,
    setpki_bytes t, setpki_bytes p, struct sp_buf *out, struct setpki_error *err)
{
	const struct sp_suite *s = sp_suite(suite);
	struct sp_buf body = {.secret = true}, sealed = {0};
	struct sp_keyblock b = {0};
	enum setpki_code rc;
	size_t seq;

	if (s == NULL)
		return sp_fail(err, SETPKI_E_SUITE, "set-protocol 12.1", "envelope without a suite");
	rc = make_block(ctx, s, seal, t, p, &b, err);
	if (rc == SETPKI_E_OK)
		rc = put_body(ctx, suite, seal, t, p, &body, err);
	if (rc == SETPKI_E_OK)
		rc = sp_keyblock_seal(ctx, suite, to->key, &b, &sealed, err);
	if (rc == SETPKI_E_OK) {
		seq = sp_der_open(out, SP_SEQUENCE);
		sp_der_put_int(out, 1);
		put_recipient(out, suite, to, sp_buf_bytes(&sealed));
		rc = sp_encrypted_put(ctx, suite, seal->type, b.key, sp_buf_bytes(&body), out, err);
		sp_der_close(out, seq);
	}
	OPENSSL_cleanse(&b, sizeof(b));
	sp_buf_free(&body);
	sp_buf_free(&sealed);
	return rc != SETPKI_E_OK || !out->failed ? rc : sp_fail_memory(err);
}

void
sp_opened_free(struct sp_opened *o)
{
	o->body.secret = o->p.secret = true;
	sp_buf_free(&o->body);
	sp_buf_free(&o->p);
	o->t = sp_bytes(NULL, 0);
}

enum setpki_code
sp_envelope_recipient(setpki_bytes der, struct sp_signer *out, struct sp_buf *issuer, struct setpki_error *err)
{
	SP_ENVELOPED_DATA *e;
	void *object = NULL;
	enum setpki_code rc = sp_type_decode(&sp_type_enveloped_data, der, &object, err);

	memset(out, 0, sizeof(*out));
	if (rc != SETPKI_E_OK)
		return rc;
	e = object;
	if (!sp_signer_from(sk_SP_RECIPIENT_INFO_value(e->recipients, 0)->recipient, out))
		rc = sp_fail(err, SETPKI_E_PARSE, "RFC 5280 4.1.2.2", "the recipient's serial is not one");
	sp_buf_add_bytes(issuer, out->issuer);
	out->issuer = sp_buf_bytes(issuer);
	sp_type_free(&sp_type_enveloped_data, object);
	return rc != SETPKI_E_OK || !issuer->failed ? rc : sp_fail_memory(err);
}

/* What is in the clear: form, algorithms, recipient. */
static enum setpki_code
outside_ok(enum setpki_suite suite, const SP_ENVELOPED_DATA *e, const struct sp_seal *seal,
    const struct setpki_party *me, struct setpki_error *err)
{
	const SP_RECIPIENT_INFO *r = sk_SP_RECIPIENT_INFO_value(e->recipients, 0);
	struct sp_signer to;

	if (!sp_bytes_eq(sp_obj(e->content->type), SP_CONTENT_OID(seal->type)) || e->content->content == NULL)
		return sp_fail(err, SETPKI_E_PARSE, "set-protocol 1",
		    "EnvelopedData must hold content type 2.23.42.0.%d", (int)seal->type);
	if (!sp_bytes_eq(sp_str(r->key_alg), sp_keyblock_alg(suite)) ||
	    !sp_cipher_is(suite, sp_str(e->content->cipher)))
		return sp_fail(err, SETPKI_E_SUITE, "set-protocol 12.1",
		    "the algorithms of the envelope are not those of the %s suite", setpki_suite_name(suite));
	if (!sp_signer_from(r->recipient, &to) || !sp_bytes_eq(to.issuer, me->issuer) ||
	    !sp_bytes_eq(sp_signer_serial(&to), me->serial))
		return sp_fail(err, SETPKI_E_NOTFOUND, "set-protocol 4", "the envelope is for another recipient");
	return SETPKI_E_OK;
}

/* t of a body, and whether DD(p) is right. */
static unsigned
take_t(setpki_ctx *ctx, enum setpki_suite suite, const struct sp_seal *seal, struct sp_opened *o)
{
	setpki_bytes body = sp_buf_bytes(&o->body);
	struct sp_der d = sp_der(body), seq;
	enum sp_content content = SP_CT_PAN_DATA;
	struct sp_tlv t;
	void *linkage = NULL;
	unsigned ok = sp_der_walk(body, NULL) == SETPKI_E_OK;

	o->t = body;
	if (!seal->linked)
		return ok;
	ok &= extra_content(seal->extra, &content) && sp_der_enter(&d, SP_SEQUENCE, &seq) && sp_der_any(&seq, &t);
	ok &= sp_type_decode(&sp_type_linkage, body, &linkage, NULL) == SETPKI_E_OK;
	if (ok) {
		o->t = t.whole;
		ok &= sp_dd_check(ctx, suite, content, sp_buf_bytes(&o->p), ((SP_LINKAGE *)linkage)->dd, NULL) ==
		    SETPKI_E_OK;
	}
	sp_type_free(&sp_type_linkage, linkage);
	return ok;
}

enum setpki_code
sp_envelope_open(setpki_ctx *ctx, enum setpki_suite suite, const struct setpki_party *me, const struct sp_seal *seal,
    setpki_bytes der, struct sp_opened *out, struct setpki_error *err)
{
	struct sp_keyblock b = {.extra = seal->extra, .has_hd = seal->hd};
	const struct sp_suite *s = sp_suite(suite);
	uint8_t hd[SP_DIGEST_MAX] = {0};
	SP_ENVELOPED_DATA *e;
	void *object = NULL;
	enum setpki_code rc;
	unsigned ok;

	out->body.secret = out->p.secret = true;
	if (s == NULL)
		return sp_fail(err, SETPKI_E_SUITE, "set-protocol 12.1", "envelope without a suite");
	if ((rc = sp_type_decode(&sp_type_enveloped_data, der, &object, err)) != SETPKI_E_OK)
		return rc;
	e = object;
	if ((rc = outside_ok(suite, e, seal, me, err)) != SETPKI_E_OK)
		goto out;
	if ((rc = sp_cipher_ready(ctx, suite, err)) != SETPKI_E_OK)
		goto out;
	/* From here on nothing returns early (12.5). */
	ok = sp_party_open(ctx, suite, me, sp_str(sk_SP_RECIPIENT_INFO_value(e->recipients, 0)->key), &b);
	ok &= sp_extra_unpack(seal->extra, b.x, &out->p);
	ok &= sp_cipher_open(ctx, suite, b.key, sp_str(e->content->cipher), sp_str(e->content->content), &out->body,
		  NULL) == SETPKI_E_OK;
	ok &= take_t(ctx, suite, seal, out);
	ok &= sp_hash(ctx, suite, out->t, hd, NULL) == SETPKI_E_OK;
	ok &= !seal->hd | (CRYPTO_memcmp(hd, b.hd, s->digest_len) == 0);
	if (!ok) {
		sp_opened_free(out);
		rc = sp_fail(err, SETPKI_E_DECRYPT, "set-protocol 12.5", "the envelope cannot be opened");
	}
out:
	OPENSSL_cleanse(&b, sizeof(b));
	OPENSSL_cleanse(hd, sizeof(hd));
	sp_type_free(&sp_type_enveloped_data, object);
	return rc;
}
