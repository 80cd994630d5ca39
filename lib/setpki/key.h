/* Private keys of a cardholder, merchant or gateway: made as the suite wants them (set-protocol 12.1), and kept as
 * PKCS#8 in PEM (RFC 5958, RFC 7468), under a passphrase or without one. */
#ifndef SETPKI_KEY_H
#define SETPKI_KEY_H

#include <setpki/context.h>
#include <setpki/party.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Octets of a secret that is kept like a key. */
#define SETPKI_SEAL_LEN 32

/**
 * Make a key pair.
 * @param exchange  for key exchange; false: for signatures
 * @param type      "P-256", "P-384" or "RSA-2048" and the like; NULL: P-256 for signatures and RSA-2048 for key
 *                  exchange, in classic RSA-1024 for both
 * @param out       success: CALLER frees with EVP_PKEY_free(); failure: NULL
 * @return SETPKI_E_OK; SETPKI_E_ARGUMENT (no type of key); SETPKI_E_SUITE (the suite does not allow it);
 *         SETPKI_E_CRYPTO; SETPKI_E_MEMORY
 */
enum setpki_code setpki_key_new(setpki_ctx *ctx, enum setpki_suite suite, bool exchange, const char *type,
    struct evp_pkey_st **out, struct setpki_error *err);

/**
 * Write a private key in PEM.
 * @param passphrase  NULL: unprotected; else PBES2 with scrypt and AES-256
 * @param pem         secret; CALLER frees with setpki_der_free(); emptied on failure
 * @return SETPKI_E_OK; SETPKI_E_CRYPTO; SETPKI_E_MEMORY
 */
enum setpki_code setpki_key_write(setpki_ctx *ctx, struct evp_pkey_st *key, const setpki_bytes *passphrase,
    struct setpki_der *pem, struct setpki_error *err);

/** @return whether what is in this PEM needs a passphrase. */
bool setpki_key_protected(setpki_bytes pem);

/**
 * Read a private key.
 * @param passphrase  NULL: none is known; not looked at where none is needed
 * @return SETPKI_E_OK; SETPKI_E_PARSE; SETPKI_E_STATE (a passphrase is needed); SETPKI_E_DECRYPT (it is another one);
 *         SETPKI_E_MEMORY
 */
enum setpki_code setpki_key_read(setpki_ctx *ctx, setpki_bytes pem, const setpki_bytes *passphrase,
    struct evp_pkey_st **out, struct setpki_error *err);

/**
 * A symmetric secret in the same clothes, such as the one that a saved session is sealed under: privateKey holds its
 * octets, privateKeyAlgorithm is id-aes256-GCM.  Codes as above.
 */
enum setpki_code setpki_seal_write(setpki_ctx *ctx, const uint8_t secret[SETPKI_SEAL_LEN],
    const setpki_bytes *passphrase, struct setpki_der *pem, struct setpki_error *err);
/** @param secret  filled on success, zeros on failure; cleanse it after use */
enum setpki_code setpki_seal_read(setpki_ctx *ctx, setpki_bytes pem, const setpki_bytes *passphrase,
    uint8_t secret[SETPKI_SEAL_LEN], struct setpki_error *err);

#ifdef __cplusplus
}
#endif
#endif
