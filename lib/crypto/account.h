/* The blinded account (set-protocol section 5, 12.1): a cardholder's commonName. */
#ifndef LIB_CRYPTO_ACCOUNT_H
#define LIB_CRYPTO_ACCOUNT_H

#include "lib/crypto/suite.h"

#define SP_SECRET_LEN 20
/* base64 of 20 or 32 octets, and NUL */
#define SP_BLINDED_TEXT 48

struct sp_account {
	char pan[20];	/* 13 to 19 digits in practice, 1 to 19 by SET; NUL-terminated; secret */
	char expiry[7]; /* YYYYMM */
};

/* Digits only, 1..19, and a month that exists.  PARSE; the message never repeats the PAN. */
SP_MUST_CHECK enum setpki_code
sp_account_parse(const char *pan, const char *expiry, struct sp_account *out, struct setpki_error *err);
/* PANSecret = CardSecret XOR Nonce-CCA. */
void sp_pan_secret(const uint8_t card_secret[SP_SECRET_LEN], const uint8_t nonce_cca[SP_SECRET_LEN],
    uint8_t pan_secret[SP_SECRET_LEN]);
/* base64( HMAC keyed with PANSecret over DER SEQUENCE { pan NumericString, cardExpiry NumericString } ). */
SP_MUST_CHECK enum setpki_code sp_account_blind(setpki_ctx *ctx, enum setpki_suite suite, const struct sp_account *a,
    const uint8_t pan_secret[SP_SECRET_LEN], char out[SP_BLINDED_TEXT], struct setpki_error *err);
/* The check that an issuer or gateway makes when it later sees PAN and PANSecret: SIGNATURE if `name` is another one.
 */
SP_MUST_CHECK enum setpki_code sp_account_check(setpki_ctx *ctx, enum setpki_suite suite, const struct sp_account *a,
    const uint8_t pan_secret[SP_SECRET_LEN], const char *name, struct setpki_error *err);

#endif
