/* Content encryption of the suites (set-protocol 12.1) and the operator EK: DES-CBC with PKCS padding from OpenSSL's
 * legacy provider, or AES-256-GCM with its tag appended. */
#ifndef LIB_CRYPTO_CIPHER_H
#define LIB_CRYPTO_CIPHER_H

#include "lib/crypto/content.h"
#include "lib/crypto/suite.h"

/* Draws a fresh IV or nonce; appends the whole AlgorithmIdentifier to `alg` and the ciphertext to `out`.  `key` has
 * suite->key_len octets. */
SP_MUST_CHECK enum setpki_code sp_cipher_seal(setpki_ctx *ctx, enum setpki_suite suite, const uint8_t *key,
    setpki_bytes plain, struct sp_buf *alg, struct sp_buf *out, struct setpki_error *err);
/* Whether this is the suite's content cipher, whatever its IV. */
bool sp_cipher_is(enum setpki_suite suite, setpki_bytes alg);
/* Appends an AlgorithmIdentifier of the cipher with this IV (8 or 12 octets). */
void sp_cipher_alg(enum setpki_suite suite, const uint8_t *iv, struct sp_buf *out);
/* CRYPTO if the suite's cipher cannot be had (no legacy provider): told apart from what a stranger sent. */
SP_MUST_CHECK enum setpki_code sp_cipher_ready(setpki_ctx *ctx, enum setpki_suite suite, struct setpki_error *err);
/* The plaintext goes to `plain` (make it secret).  DECRYPT: another key, padding or tag; the same work is done and
 * `plain` has the same length as far as the ciphertext allows. */
SP_MUST_CHECK enum setpki_code sp_cipher_open(setpki_ctx *ctx, enum setpki_suite suite, const uint8_t *key,
    setpki_bytes alg, setpki_bytes cipher, struct sp_buf *plain, struct setpki_error *err);

/* PKCS padding of whole DES blocks: 1 when the last octets are n times n, 1 <= n <= 8; *n is then n, else 0.  Looks at
 * the same octets in any case, without a branch on any (tests/valgrind). */
unsigned sp_des_unpad(const uint8_t *plain, size_t len, size_t *n);

/* EncryptedContentInfo: the part that EnvelopedData and EncryptedData share. */
SP_MUST_CHECK enum setpki_code sp_encrypted_put(setpki_ctx *ctx, enum setpki_suite suite, enum sp_content type,
    const uint8_t *key, setpki_bytes plain, struct sp_buf *out, struct setpki_error *err);

/* EK(k, t): appends EncryptedData. */
SP_MUST_CHECK enum setpki_code sp_ek_put(setpki_ctx *ctx, enum setpki_suite suite, enum sp_content type,
    const uint8_t *key, setpki_bytes t, struct sp_buf *out, struct setpki_error *err);
/* PARSE or SUITE for what can be seen from outside; DECRYPT, with one text, for everything else: another key, an
 * altered ciphertext, and contents that are not one element of DER. */
SP_MUST_CHECK enum setpki_code sp_ek_open(setpki_ctx *ctx, enum setpki_suite suite, enum sp_content type,
    const uint8_t *key, setpki_bytes der, struct sp_buf *t, struct setpki_error *err);

#endif
