/* The operators H, HMAC, DD and L (set-protocol section 4): all of them over DER. */
#ifndef LIB_CRYPTO_DIGEST_H
#define LIB_CRYPTO_DIGEST_H

#include "lib/asn1/pkcs7.h"
#include "lib/crypto/content.h"
#include "lib/crypto/suite.h"

/* H(t) is sp_hash() of suite.h. */

/* HMAC(t, k); `out` has suite->digest_len (32) octets. */
SP_MUST_CHECK enum setpki_code sp_hmac(setpki_ctx *ctx, enum setpki_suite suite, setpki_bytes key, setpki_bytes der,
    uint8_t *out, struct setpki_error *err);

/* DD(t): appends DigestedData with the content left out. */
SP_MUST_CHECK enum setpki_code sp_dd_put(setpki_ctx *ctx, enum setpki_suite suite, enum sp_content content,
    setpki_bytes der, struct sp_buf *out, struct setpki_error *err);
/* DD of a digest that the caller has (the other half of a dual signature). */
void sp_dd_put_digest(const struct sp_suite *suite, enum sp_content content, const uint8_t *digest, struct sp_buf *out);
/* Whether `dd` is DD(der): SIGNATURE when the digest is another one, SUITE or PARSE when the form is. */
SP_MUST_CHECK enum setpki_code sp_dd_check(setpki_ctx *ctx, enum setpki_suite suite, enum sp_content content,
    setpki_bytes der, const SP_DIGESTED_DATA *dd, struct setpki_error *err);

/* L(t1, t2) ::= SEQUENCE { t1, DD(t2) } */
SP_MUST_CHECK enum setpki_code sp_linkage_put(setpki_ctx *ctx, enum setpki_suite suite, setpki_bytes t1,
    enum sp_content content2, setpki_bytes t2, struct sp_buf *out, struct setpki_error *err);

#endif
