#include "tests/support/fixed.h"

#include "tests/support/check.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/provider.h>
#include <openssl/rand.h>

static OSSL_LIB_CTX *lib;
static OSSL_PROVIDER *provider;
static setpki_ctx *ctx;

void
fixed_rewind(void)
{
	static uint8_t stream[1 << 16];
	unsigned strength = 256;
	OSSL_PARAM params[] = {OSSL_PARAM_construct_octet_string(OSSL_RAND_PARAM_TEST_ENTROPY, stream, sizeof(stream)),
	    OSSL_PARAM_construct_uint(OSSL_RAND_PARAM_STRENGTH, &strength), OSSL_PARAM_construct_end()};
	uint32_t x = 0x5e75eed;

	assert_non_null(fixed_ctx());
	for (size_t i = 0; i < sizeof(stream); i++) {
		x ^= x << 13;
		x ^= x >> 17;
		x ^= x << 5;
		stream[i] = (uint8_t)(x >> 11);
	}
	assert_int_equal(EVP_RAND_CTX_set_params(RAND_get0_public(lib), params), 1);
	assert_int_equal(EVP_RAND_CTX_set_params(RAND_get0_private(lib), params), 1);
}

setpki_ctx *
fixed_ctx(void)
{
	if (ctx != NULL)
		return ctx;
	lib = OSSL_LIB_CTX_new();
	provider = OSSL_PROVIDER_load(lib, "default");
	assert_int_equal(RAND_set_DRBG_type(lib, "TEST-RAND", NULL, NULL, NULL), 1);
	t_ok(setpki_ctx_new(lib, &ctx, NULL), NULL);
	fixed_rewind();
	return ctx;
}

EVP_PKEY *
fixed_key(const EVP_PKEY *key)
{
	unsigned char *der = NULL;
	const unsigned char *p;
	EVP_PKEY *out;
	int n = i2d_PrivateKey(key, &der);

	assert_true(n > 0 && fixed_ctx() != NULL);
	p = der;
	out = d2i_AutoPrivateKey_ex(NULL, &p, n, lib, NULL);
	assert_non_null(out);
	OPENSSL_clear_free(der, (size_t)n);
	return out;
}

void
fixed_stop(void)
{
	setpki_ctx_free(ctx);
	OSSL_PROVIDER_unload(provider);
	OSSL_LIB_CTX_free(lib);
	ctx = NULL;
	provider = NULL;
	lib = NULL;
}
