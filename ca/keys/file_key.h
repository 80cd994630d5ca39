/* PKCS#8 in PEM, to and from memory.  Buffers that hold private keys are `secret`. */
#ifndef CA_KEYS_FILE_KEY_H
#define CA_KEYS_FILE_KEY_H

#include "ca/keys/keys.h"

/* Appends the key in PEM; encrypted under PBES2 (scrypt, AES-256-CBC) with a passphrase asked for when `pass` is given.
 */
SP_MUST_CHECK enum setpki_code ca_pkcs8_write(setpki_ctx *ctx, EVP_PKEY *pkey, const struct ca_passphrase *pass,
    const char *what, struct sp_buf *out, struct setpki_error *err);
/* Asks for a passphrase if the key is encrypted.  PARSE, STATE, DECRYPT. */
SP_MUST_CHECK enum setpki_code ca_pkcs8_read(setpki_ctx *ctx, setpki_bytes pem, const struct ca_passphrase *pass,
    const char *what, EVP_PKEY **out, struct setpki_error *err);

#endif
