/* The primitives below everything: how near the library's own calls stay to libcrypto's. */
#include "tests/bench/bench.h"

#include "lib/crypto/sign.h"

#include <openssl/x509.h>
#include <stdlib.h>

static const uint8_t tbs[1200] = {0x30};

struct keys {
	setpki_ctx *ctx;
	EVP_PKEY *key;
	struct sp_buf spki, sig;
};

static void *
setup(setpki_ctx *ctx, enum sp_keyalg alg, unsigned bits)
{
	struct keys *k = calloc(1, sizeof(*k));

	BENCH_MUST(k != NULL);
	k->ctx = ctx;
	BENCH_MUST(sp_keygen(ctx, alg, bits, &k->key, NULL) == SETPKI_E_OK);
	BENCH_MUST(sp_spki_from_pkey(k->key, &k->spki, NULL) == SETPKI_E_OK);
	BENCH_MUST(sp_sign(ctx, SETPKI_SUITE_MODERN, k->key, SP_BYTES(tbs), &k->sig, NULL) == SETPKI_E_OK);
	return k;
}

static void *
setup_p256(setpki_ctx *ctx)
{
	return setup(ctx, SP_KEY_P256, 256);
}

static void *
setup_rsa(setpki_ctx *ctx)
{
	return setup(ctx, SP_KEY_RSA, 2048);
}

static void
teardown(void *arg)
{
	struct keys *k = arg;

	EVP_PKEY_free(k->key);
	sp_buf_free(&k->spki);
	sp_buf_free(&k->sig);
	free(k);
}

static void
sign_ours(void *arg, size_t n)
{
	struct keys *k = arg;

	while (n-- > 0) {
		sp_buf_reset(&k->sig);
		BENCH_MUST(sp_sign(k->ctx, SETPKI_SUITE_MODERN, k->key, SP_BYTES(tbs), &k->sig, NULL) == SETPKI_E_OK);
	}
}

static void
sign_raw(void *arg, size_t n)
{
	struct keys *k = arg;
	uint8_t out[512];

	while (n-- > 0) {
		EVP_MD_CTX *c = EVP_MD_CTX_new();
		size_t len = sizeof(out);

		BENCH_MUST(EVP_DigestSignInit(c, NULL, EVP_sha256(), NULL, k->key) == 1);
		BENCH_MUST(EVP_DigestSign(c, out, &len, tbs, sizeof(tbs)) == 1);
		EVP_MD_CTX_free(c);
	}
}

static void
verify_ours(void *arg, size_t n)
{
	struct keys *k = arg;

	while (n-- > 0)
		BENCH_MUST(sp_verify(k->ctx, SETPKI_SUITE_MODERN, k->key, SP_BYTES(tbs), sp_buf_bytes(&k->sig), NULL) ==
		    SETPKI_E_OK);
}

static void
verify_raw(void *arg, size_t n)
{
	struct keys *k = arg;

	while (n-- > 0) {
		EVP_MD_CTX *c = EVP_MD_CTX_new();

		BENCH_MUST(EVP_DigestVerifyInit(c, NULL, EVP_sha256(), NULL, k->key) == 1);
		BENCH_MUST(EVP_DigestVerify(c, k->sig.p, k->sig.n, tbs, sizeof(tbs)) == 1);
		EVP_MD_CTX_free(c);
	}
}

static void
key_ours(void *arg, size_t n)
{
	struct keys *k = arg;

	while (n-- > 0) {
		struct sp_spki spki;
		EVP_PKEY *key = NULL;

		BENCH_MUST(sp_spki_parse(sp_buf_bytes(&k->spki), &spki, NULL) == SETPKI_E_OK);
		BENCH_MUST(sp_spki_pkey(k->ctx, &spki, &key, NULL) == SETPKI_E_OK);
		EVP_PKEY_free(key);
	}
}

static void
key_openssl(void *arg, size_t n)
{
	struct keys *k = arg;

	while (n-- > 0) {
		const unsigned char *p = k->spki.p;
		EVP_PKEY *key = d2i_PUBKEY(NULL, &p, (long)k->spki.n);

		BENCH_MUST(key != NULL);
		EVP_PKEY_free(key);
	}
}

const struct bench_row bench_crypto[] = {
    {"P-256 signature", "sp_sign", "EVP_DigestSign", "near 1", setup_p256, sign_ours, sign_raw, teardown},
    {"P-256 verification", "sp_verify", "EVP_DigestVerify", "near 1", setup_p256, verify_ours, verify_raw, teardown},
    {"RSA-2048 signature", "sp_sign", "EVP_DigestSign", "near 1", setup_rsa, sign_ours, sign_raw, teardown},
    {"RSA-2048 verification", "sp_verify", "EVP_DigestVerify", "near 1", setup_rsa, verify_ours, verify_raw, teardown},
    {"RSA-2048 public key, read", "sp_spki_pkey", "d2i_PUBKEY", "20 or more", setup_rsa, key_ours, key_openssl,
	teardown},
    {"P-256 public key, read", "sp_spki_pkey", "d2i_PUBKEY", "more than 1", setup_p256, key_ours, key_openssl,
	teardown},
    {0}};
