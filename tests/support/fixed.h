/* A library context whose random numbers are OpenSSL's TEST-RAND over a fixed stream: nonces, salts, RSA padding and
 * ECDSA values come out the same each time. */
#ifndef TESTS_SUPPORT_FIXED_H
#define TESTS_SUPPORT_FIXED_H

#include <openssl/evp.h>
#include <setpki/context.h>

/* Made on first use; fixed_stop() frees it. */
setpki_ctx *fixed_ctx(void);
/* From here on the stream begins anew, whatever was made before. */
void fixed_rewind(void);
/* The same private key in this context, so that its signatures draw from the stream.  EVP_PKEY_free(). */
EVP_PKEY *fixed_key(const EVP_PKEY *key);
void fixed_stop(void);

#endif
