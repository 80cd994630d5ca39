#include "lib/crypto/sign.h"

#include "lib/base/limits.h"
#include "lib/der/writer.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

/* sha1WithRSA NULL; sha256WithRSA NULL; ecdsa-with-SHA256, for P-384 too (12.1) */
static const uint8_t alg_rsa_sha1[] = {
    0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x05, 0x05, 0x00};
static const uint8_t alg_rsa_sha256[] = {
    0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b, 0x05, 0x00};
static const uint8_t alg_ecdsa_sha256[] = {0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02};

static const struct sigalg {
	enum setpki_suite suite;
	bool rsa;
	setpki_bytes der;
} sigalgs[] = {
    {SETPKI_SUITE_CLASSIC, true, {alg_rsa_sha1, sizeof(alg_rsa_sha1)}},
    {SETPKI_SUITE_MODERN, true, {alg_rsa_sha256, sizeof(alg_rsa_sha256)}},
    {SETPKI_SUITE_MODERN, false, {alg_ecdsa_sha256, sizeof(alg_ecdsa_sha256)}},
};
#define NSIGALGS (sizeof(sigalgs) / sizeof(sigalgs[0]))

setpki_bytes
sp_sigalg(enum setpki_suite suite, enum sp_keyalg alg)
{
	for (size_t i = 0; i < NSIGALGS && alg != SP_KEY_NONE; i++)
		if (sigalgs[i].suite == suite && sigalgs[i].rsa == (alg == SP_KEY_RSA))
			return sigalgs[i].der;
	return (setpki_bytes){NULL, 0};
}

bool
sp_sigalg_find(setpki_bytes whole_alg, enum setpki_suite *suite, enum sp_keyalg *alg)
{
	for (size_t i = 0; i < NSIGALGS; i++)
		if (sp_bytes_eq(whole_alg, sigalgs[i].der)) {
			*suite = sigalgs[i].suite;
			*alg = sigalgs[i].rsa ? SP_KEY_RSA : SP_KEY_P256;
			return true;
		}
	*suite = SETPKI_SUITE_NONE;
	*alg = SP_KEY_NONE;
	return false;
}

static enum setpki_code
key_fits(enum setpki_suite suite, const EVP_PKEY *key, struct setpki_error *err)
{
	bool fits = EVP_PKEY_is_a(key, "RSA") || (suite == SETPKI_SUITE_MODERN && EVP_PKEY_is_a(key, "EC"));

	if (sp_suite(suite) == NULL || !fits)
		return sp_fail(err, SETPKI_E_SUITE, "set-protocol 12.1", "this key does not sign in the %s suite",
		    setpki_suite_name(suite));
	return SETPKI_E_OK;
}

/* A context for signing or verifying a digest of the suite; RSA is PKCS#1 v1.5 in both. */
static EVP_PKEY_CTX *
digest_ctx(setpki_ctx *ctx, enum setpki_suite suite, EVP_PKEY *key, int (*init)(EVP_PKEY_CTX *))
{
	EVP_PKEY_CTX *c = EVP_PKEY_CTX_new_from_pkey(sp_ctx_lib(ctx), key, NULL);

	if (c == NULL || init(c) != 1 || EVP_PKEY_CTX_set_signature_md(c, sp_ctx_md(ctx, suite)) != 1 ||
	    (EVP_PKEY_is_a(key, "RSA") && EVP_PKEY_CTX_set_rsa_padding(c, RSA_PKCS1_PADDING) != 1)) {
		EVP_PKEY_CTX_free(c);
		return NULL;
	}
	return c;
}

enum setpki_code
sp_sign_digest(setpki_ctx *ctx, enum setpki_suite suite, EVP_PKEY *key, const uint8_t *digest, struct sp_buf *sig,
    struct setpki_error *err)
{
	uint8_t value[SP_SIG_MAX];
	size_t n = sizeof(value);
	EVP_PKEY_CTX *c;
	enum setpki_code rc = key_fits(suite, key, err);
	bool ok;

	if (rc != SETPKI_E_OK)
		return rc;
	c = digest_ctx(ctx, suite, key, EVP_PKEY_sign_init);
	ok = c != NULL && EVP_PKEY_sign(c, value, &n, digest, sp_suite(suite)->digest_len) == 1;
	EVP_PKEY_CTX_free(c);
	if (!ok)
		return sp_fail_crypto(err, "signing");
	sp_buf_add(sig, value, n);
	return sig->failed ? sp_fail_memory(err) : SETPKI_E_OK;
}

/* ECDSA-Sig-Value in strict DER, so that a signature has one encoding. */
static bool
ecdsa_value_ok(setpki_bytes sig)
{
	struct sp_der d = sp_der(sig), seq;
	setpki_bytes r, s;

	return sp_der_enter(&d, SP_SEQUENCE, &seq) && sp_der_uint(&seq, &r) && sp_der_uint(&seq, &s) &&
	    sp_der_end(&seq) && sp_der_end(&d);
}

enum setpki_code
sp_verify_digest(setpki_ctx *ctx, enum setpki_suite suite, EVP_PKEY *key, const uint8_t *digest, setpki_bytes sig,
    struct setpki_error *err)
{
	EVP_PKEY_CTX *c;
	enum setpki_code rc = key_fits(suite, key, err);
	bool ok;

	if (rc != SETPKI_E_OK)
		return rc;
	if (!EVP_PKEY_is_a(key, "RSA") && !ecdsa_value_ok(sig))
		return sp_fail(err, SETPKI_E_SIGNATURE, "set-protocol 12.1", "ECDSA-Sig-Value is not DER");
	c = digest_ctx(ctx, suite, key, EVP_PKEY_verify_init);
	if (c == NULL)
		return sp_fail_crypto(err, "verifying");
	ok = EVP_PKEY_verify(c, sig.p, sig.n, digest, sp_suite(suite)->digest_len) == 1;
	EVP_PKEY_CTX_free(c);
	if (ok)
		return SETPKI_E_OK;
	ERR_clear_error();
	return sp_fail(err, SETPKI_E_SIGNATURE, "RFC 5280 4.1.1.3", "the signature does not verify with this key");
}

enum setpki_code
sp_sign(setpki_ctx *ctx, enum setpki_suite suite, EVP_PKEY *key, setpki_bytes tbs, struct sp_buf *sig,
    struct setpki_error *err)
{
	uint8_t digest[SP_DIGEST_MAX];
	enum setpki_code rc = sp_hash(ctx, suite, tbs, digest, err);

	return rc != SETPKI_E_OK ? rc : sp_sign_digest(ctx, suite, key, digest, sig, err);
}

enum setpki_code
sp_verify(setpki_ctx *ctx, enum setpki_suite suite, EVP_PKEY *key, setpki_bytes tbs, setpki_bytes sig,
    struct setpki_error *err)
{
	uint8_t digest[SP_DIGEST_MAX];
	enum setpki_code rc = sp_hash(ctx, suite, tbs, digest, err);

	return rc != SETPKI_E_OK ? rc : sp_verify_digest(ctx, suite, key, digest, sig, err);
}

void
sp_signed_put(struct sp_buf *out, setpki_bytes tbs, setpki_bytes alg, setpki_bytes sig)
{
	size_t seq = sp_der_open(out, SP_SEQUENCE);

	sp_buf_add_bytes(out, tbs);
	sp_buf_add_bytes(out, alg);
	sp_der_put_bits(out, sig);
	sp_der_close(out, seq);
}
