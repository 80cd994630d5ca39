/* What a setpki_ctx holds. */
#ifndef LIB_CRYPTO_CONTEXT_H
#define LIB_CRYPTO_CONTEXT_H

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/provider.h>
#include <setpki/context.h>

struct setpki_ctx {
	OSSL_LIB_CTX *lib; /* borrowed; NULL: OpenSSL's default one */
	EVP_MD *sha1, *sha256;
	EVP_CIPHER *aes_gcm;
	/* DES lives in OpenSSL's legacy provider: loaded when a classic message first needs it, into a library context
	 * of its own, so that nothing else finds weak algorithms there.  The lock covers the loading. */
	CRYPTO_RWLOCK *des_lock;
	OSSL_LIB_CTX *des_lib;
	OSSL_PROVIDER *des_provider;
	EVP_CIPHER *des;
};

/* DES-CBC, borrowed; NULL when the legacy provider cannot be loaded. */
const EVP_CIPHER *sp_ctx_des(setpki_ctx *ctx);

#endif
