/* The suites as a table (set-protocol 12.1), and the fetched algorithms of a context. */
#ifndef LIB_CRYPTO_SUITE_H
#define LIB_CRYPTO_SUITE_H

#include "lib/base/buf.h"
#include "lib/base/error.h"

#include <openssl/evp.h>
#include <setpki/context.h>
#include <setpki/types.h>

struct sp_suite {
	enum setpki_suite id;
	const char *name, *digest_name, *cipher_name, *hmac_name; /* OpenSSL's names */
	size_t digest_len, key_len; /* octets of digest, HD and thumb; of content key and back key */
	setpki_bytes digest_alg;    /* whole AlgorithmIdentifier DER of the digest */
	bool keyid;		    /* AKI carries a keyIdentifier, certificates a subjectKeyIdentifier */
};

/* NULL for SETPKI_SUITE_NONE. */
const struct sp_suite *sp_suite(enum setpki_suite id);

/* Digests; `out` has suite->digest_len (32) octets. */
SP_MUST_CHECK enum setpki_code
sp_hash(setpki_ctx *ctx, enum setpki_suite suite, setpki_bytes in, uint8_t *out, struct setpki_error *err);
SP_MUST_CHECK enum setpki_code sp_sha256(setpki_ctx *ctx, setpki_bytes in, uint8_t out[32], struct setpki_error *err);
/* The fetched digest of a suite, borrowed, for streaming. */
const EVP_MD *sp_ctx_md(const setpki_ctx *ctx, enum setpki_suite suite);
OSSL_LIB_CTX *sp_ctx_lib(const setpki_ctx *ctx);
SP_MUST_CHECK enum setpki_code sp_random(setpki_ctx *ctx, uint8_t *out, size_t n, struct setpki_error *err);
/* A thumb in the suite's form is the hash over the DER of the unsigned part. */

#endif
