/* Signatures over certificates, CRLs, BCIs and requests: what X.509 calls SIGNED{}. */
#ifndef LIB_CRYPTO_SIGN_H
#define LIB_CRYPTO_SIGN_H

#include "lib/crypto/pubkey.h"

/* The AlgorithmIdentifier (whole DER, static) with which a key of this algorithm signs in this suite; { NULL, 0 } if it
 * may not. */
setpki_bytes sp_sigalg(enum setpki_suite suite, enum sp_keyalg alg);
/* The suite and key algorithm of a signature AlgorithmIdentifier; false for every one outside the table of 12.1. */
bool sp_sigalg_find(setpki_bytes whole_alg, enum setpki_suite *suite, enum sp_keyalg *alg);

/* Appends the signature value (ECDSA-Sig-Value is DER) to `sig`. */
SP_MUST_CHECK enum setpki_code sp_sign(setpki_ctx *ctx, enum setpki_suite suite, EVP_PKEY *key, setpki_bytes tbs,
    struct sp_buf *sig, struct setpki_error *err);
/* SIGNATURE when it does not verify, or when the value is not strict DER. */
SP_MUST_CHECK enum setpki_code sp_verify(setpki_ctx *ctx, enum setpki_suite suite, EVP_PKEY *key, setpki_bytes tbs,
    setpki_bytes sig, struct setpki_error *err);
/* The same over a digest that was computed already (streamed CRLs, thumbs). */
SP_MUST_CHECK enum setpki_code sp_sign_digest(setpki_ctx *ctx, enum setpki_suite suite, EVP_PKEY *key,
    const uint8_t *digest, struct sp_buf *sig, struct setpki_error *err);
SP_MUST_CHECK enum setpki_code sp_verify_digest(setpki_ctx *ctx, enum setpki_suite suite, EVP_PKEY *key,
    const uint8_t *digest, setpki_bytes sig, struct setpki_error *err);

/* SEQUENCE { tbs, algorithm, BIT STRING signature }. */
void sp_signed_put(struct sp_buf *out, setpki_bytes tbs, setpki_bytes alg, setpki_bytes sig);

#endif
