#include "lib/crypto/digest.h"

#include "lib/base/limits.h"
#include "lib/der/writer.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>

enum setpki_code
sp_hmac(setpki_ctx *ctx, enum setpki_suite suite, setpki_bytes key, setpki_bytes der, uint8_t *out,
    struct setpki_error *err)
{
	const struct sp_suite *s = sp_suite(suite);
	size_t n = 0;

	if (s == NULL)
		return sp_fail(err, SETPKI_E_SUITE, "set-protocol 12.1", "HMAC without a suite");
	if (EVP_Q_mac(sp_ctx_lib(ctx), "HMAC", NULL, s->hmac_name, NULL, key.p, key.n, der.p, der.n, out, s->digest_len,
		&n) == NULL)
		return sp_fail_crypto(err, "HMAC");
	return SETPKI_E_OK;
}

void
sp_dd_put_digest(const struct sp_suite *suite, enum sp_content content, const uint8_t *digest, struct sp_buf *out)
{
	size_t seq = sp_der_open(out, SP_SEQUENCE), info;

	sp_der_put_int(out, 0);
	sp_buf_add_bytes(out, suite->digest_alg);
	info = sp_der_open(out, SP_SEQUENCE);
	sp_der_put_oid(out, SP_CONTENT_OID(content));
	sp_der_close(out, info);
	sp_der_put_octets(out, sp_bytes(digest, suite->digest_len));
	sp_der_close(out, seq);
}

enum setpki_code
sp_dd_put(setpki_ctx *ctx, enum setpki_suite suite, enum sp_content content, setpki_bytes der, struct sp_buf *out,
    struct setpki_error *err)
{
	uint8_t digest[SP_DIGEST_MAX];
	enum setpki_code rc;

	if (sp_suite(suite) == NULL)
		return sp_fail(err, SETPKI_E_SUITE, "set-protocol 12.1", "digest without a suite");
	if ((rc = sp_hash(ctx, suite, der, digest, err)) != SETPKI_E_OK)
		return rc;
	sp_dd_put_digest(sp_suite(suite), content, digest, out);
	return out->failed ? sp_fail_memory(err) : SETPKI_E_OK;
}

enum setpki_code
sp_dd_check(setpki_ctx *ctx, enum setpki_suite suite, enum sp_content content, setpki_bytes der,
    const SP_DIGESTED_DATA *dd, struct setpki_error *err)
{
	const struct sp_suite *s = sp_suite(suite);
	uint8_t digest[SP_DIGEST_MAX];
	setpki_bytes got = sp_str(dd->digest);
	enum setpki_code rc;

	if (s == NULL || !sp_bytes_eq(sp_str(dd->digest_alg), s->digest_alg) || got.n != s->digest_len)
		return sp_fail(err, SETPKI_E_SUITE, "set-protocol 12.1", "digest is not that of the %s suite",
		    setpki_suite_name(suite));
	if (!sp_bytes_eq(sp_obj(dd->content->type), SP_CONTENT_OID(content)) || dd->content->content != NULL)
		return sp_fail(err, SETPKI_E_PARSE, "set-protocol 4",
		    "DigestedData must name content type 2.23.42.0.%d and leave the content out", (int)content);
	if ((rc = sp_hash(ctx, suite, der, digest, err)) != SETPKI_E_OK)
		return rc;
	return CRYPTO_memcmp(got.p, digest, got.n) == 0
	    ? SETPKI_E_OK
	    : sp_fail(err, SETPKI_E_SIGNATURE, "set-protocol 4", "the digest is that of something else");
}

enum setpki_code
sp_linkage_put(setpki_ctx *ctx, enum setpki_suite suite, setpki_bytes t1, enum sp_content content2, setpki_bytes t2,
    struct sp_buf *out, struct setpki_error *err)
{
	size_t seq = sp_der_open(out, SP_SEQUENCE);
	enum setpki_code rc;

	sp_buf_add_bytes(out, t1);
	rc = sp_dd_put(ctx, suite, content2, t2, out, err);
	sp_der_close(out, seq);
	return rc != SETPKI_E_OK || !out->failed ? rc : sp_fail_memory(err);
}
