/* What making and opening of Enc and its kin share. */
#ifndef LIB_CRYPTO_ENC_INNER_H
#define LIB_CRYPTO_ENC_INNER_H

#include "lib/crypto/enc.h"

/* The envelope below an operator. */
void sp_enc_seal_of(const struct sp_enc_form *form, struct sp_seal *out);

#endif
