#include "lib/crypto/suite.h"

#include "lib/crypto/context.h"

#include <openssl/rand.h>
#include <string.h>

/* SEQUENCE { OID, NULL } */
static const uint8_t alg_sha1[] = {0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a, 0x05, 0x00};
static const uint8_t alg_sha256[] = {
    0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00};

static const struct sp_suite suites[] = {
    {SETPKI_SUITE_CLASSIC, "classic", "SHA1", "DES-CBC", "SHA1", 20, 8, {alg_sha1, sizeof(alg_sha1)}, false},
    {SETPKI_SUITE_MODERN, "modern", "SHA256", "AES-256-GCM", "SHA256", 32, 32, {alg_sha256, sizeof(alg_sha256)}, true},
};

const struct sp_suite *
sp_suite(enum setpki_suite id)
{
	for (size_t i = 0; i < sizeof(suites) / sizeof(suites[0]); i++)
		if (suites[i].id == id)
			return &suites[i];
	return NULL;
}

const char *
setpki_suite_name(enum setpki_suite suite)
{
	const struct sp_suite *s = sp_suite(suite);

	return s != NULL ? s->name : "unknown";
}

enum setpki_suite
setpki_suite_by_name(const char *name)
{
	for (size_t i = 0; i < sizeof(suites) / sizeof(suites[0]); i++)
		if (strcmp(suites[i].name, name) == 0)
			return suites[i].id;
	return SETPKI_SUITE_NONE;
}

const EVP_MD *
sp_ctx_md(const setpki_ctx *ctx, enum setpki_suite suite)
{
	return suite == SETPKI_SUITE_CLASSIC ? ctx->sha1 : ctx->sha256;
}

OSSL_LIB_CTX *
sp_ctx_lib(const setpki_ctx *ctx)
{
	return ctx->lib;
}

enum setpki_code
sp_hash(setpki_ctx *ctx, enum setpki_suite suite, setpki_bytes in, uint8_t *out, struct setpki_error *err)
{
	if (EVP_Digest(in.p, in.n, out, NULL, sp_ctx_md(ctx, suite), NULL) != 1)
		return sp_fail_crypto(err, "hash");
	return SETPKI_E_OK;
}

enum setpki_code
sp_sha256(setpki_ctx *ctx, setpki_bytes in, uint8_t out[32], struct setpki_error *err)
{
	return sp_hash(ctx, SETPKI_SUITE_MODERN, in, out, err);
}

enum setpki_code
sp_random(setpki_ctx *ctx, uint8_t *out, size_t n, struct setpki_error *err)
{
	if (RAND_bytes_ex(ctx->lib, out, n, 0) != 1)
		return sp_fail_crypto(err, "random numbers");
	return SETPKI_E_OK;
}
