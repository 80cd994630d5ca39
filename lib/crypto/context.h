/* What a setpki_ctx holds. */
#ifndef LIB_CRYPTO_CONTEXT_H
#define LIB_CRYPTO_CONTEXT_H

#include <openssl/evp.h>
#include <setpki/context.h>

struct setpki_ctx {
	OSSL_LIB_CTX *lib; /* borrowed; NULL: OpenSSL's default one */
	EVP_MD *sha1, *sha256;
};

#endif
