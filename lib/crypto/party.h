/* Using the private key of a party, here or elsewhere (setpki/party.h). */
#ifndef LIB_CRYPTO_PARTY_H
#define LIB_CRYPTO_PARTY_H

#include "lib/crypto/keyblock.h"
#include "lib/crypto/sign.h"

#include <setpki/party.h>

/* Appends the party's signature over the DER of authenticated attributes. */
SP_MUST_CHECK enum setpki_code sp_party_sign(setpki_ctx *ctx, enum setpki_suite suite, const struct setpki_party *p,
    setpki_bytes attributes, struct sp_buf *sig, struct setpki_error *err);
/* As sp_keyblock_open(). */
unsigned sp_party_open(
    setpki_ctx *ctx, enum setpki_suite suite, const struct setpki_party *p, setpki_bytes sealed, struct sp_keyblock *b);

#endif
