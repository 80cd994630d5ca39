/* What making and reading of SignedData share. */
#ifndef LIB_CRYPTO_SIGNED_INNER_H
#define LIB_CRYPTO_SIGNED_INNER_H

#include "lib/crypto/signed.h"

/* The SEQUENCE of the two attributes: what the signature covers. */
void sp_signed_attributes(struct sp_buf *out, enum sp_content type, setpki_bytes digest);
/* digestEncryptionAlgorithm for this key (12.1). */
setpki_bytes sp_signer_alg(const EVP_PKEY *key);
/* IssuerAndSerialNumber. */
void sp_party_put(struct sp_buf *out, const struct setpki_party *p);

#endif
