/* The account of a cardholder: what stands in the certificate instead of the PAN (set-protocol section 5, 12.1). */
#ifndef SETPKI_ACCOUNT_H
#define SETPKI_ACCOUNT_H

#include <setpki/context.h>
#include <setpki/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Octets of CardSecret, Nonce-CCA and PANSecret. */
#define SETPKI_SECRET_LEN 20
/** Room for the longest blinded name, NUL included. */
#define SETPKI_ACCOUNT_NAME 48

/**
 * PANSecret = CardSecret XOR Nonce-CCA.  The cardholder draws the first, its CA the second; neither alone determines
 * it.
 * @param out  secret: cleanse it after use
 */
void setpki_pan_secret(const uint8_t card_secret[SETPKI_SECRET_LEN], const uint8_t nonce_cca[SETPKI_SECRET_LEN],
    uint8_t out[SETPKI_SECRET_LEN]);

/**
 * The unique cardholder id, the certificate's commonName: base64 of the suite's HMAC, keyed with PANSecret, over DER
 * SEQUENCE { pan NumericString, cardExpiry NumericString }.
 * @param pan     1 to 19 digits
 * @param expiry  YYYYMM
 * @param out     at least SETPKI_ACCOUNT_NAME bytes; empty on failure
 * @return SETPKI_E_OK; SETPKI_E_PARSE (pan or expiry; the text never repeats them); SETPKI_E_SUITE; SETPKI_E_CRYPTO
 */
enum setpki_code setpki_account_name(setpki_ctx *ctx, enum setpki_suite suite, const char *pan, const char *expiry,
    const uint8_t pan_secret[SETPKI_SECRET_LEN], char *out, struct setpki_error *err);

/**
 * The check that an issuer or a gateway makes when it sees PAN and PANSecret in a payment: is this the account of the
 * certificate whose commonName is `name`?  Compares in constant time.
 * @return SETPKI_E_OK: it is; SETPKI_E_SIGNATURE: it is another one; as above otherwise
 */
enum setpki_code setpki_account_check(setpki_ctx *ctx, enum setpki_suite suite, const char *pan, const char *expiry,
    const uint8_t pan_secret[SETPKI_SECRET_LEN], const char *name, struct setpki_error *err);

#ifdef __cplusplus
}
#endif
#endif
