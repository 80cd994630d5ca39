/* PKCS#8 in PEM, to and from memory (RFC 5958, RFC 7468).  `pass` NULL: unprotected, or no passphrase known. */
#ifndef LIB_CRYPTO_PKCS8_H
#define LIB_CRYPTO_PKCS8_H

#include "lib/crypto/suite.h"

#include <openssl/x509.h>

/* Appends it in PEM and makes the buffer secret; with a passphrase under PBES2 (scrypt, AES-256-CBC). */
SP_MUST_CHECK enum setpki_code sp_pkcs8_write(
    setpki_ctx *ctx, PKCS8_PRIV_KEY_INFO *p8, const setpki_bytes *pass, struct sp_buf *pem, struct setpki_error *err);
/* The same from a key pair. */
SP_MUST_CHECK enum setpki_code sp_pkcs8_write_key(
    setpki_ctx *ctx, EVP_PKEY *pkey, const setpki_bytes *pass, struct sp_buf *pem, struct setpki_error *err);
/* Whether the first PEM block is an encrypted private key. */
bool sp_pkcs8_protected(setpki_bytes pem);
/* Opens the first PEM block; PKCS8_PRIV_KEY_INFO_free().  PARSE, STATE (a passphrase is needed), DECRYPT. */
SP_MUST_CHECK enum setpki_code sp_pkcs8_read(
    setpki_ctx *ctx, setpki_bytes pem, const setpki_bytes *pass, PKCS8_PRIV_KEY_INFO **out, struct setpki_error *err);
/* The same to a key pair; EVP_PKEY_free(). */
SP_MUST_CHECK enum setpki_code sp_pkcs8_read_key(
    setpki_ctx *ctx, setpki_bytes pem, const setpki_bytes *pass, EVP_PKEY **out, struct setpki_error *err);

#endif
