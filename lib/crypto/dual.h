/* What the three sides of a dual signature share. */
#ifndef LIB_CRYPTO_DUAL_H
#define LIB_CRYPTO_DUAL_H

#include "lib/asn1/payment.h"
#include "lib/crypto/envelope.h"

#include <setpki/dual.h>

struct sp_dual_amount {
	uint32_t currency;
	int64_t amount;
	int exponent;
};

/* EX to the gateway, PANData in the key block. */
extern const struct sp_seal sp_dual_seal;
void
sp_dual_tbs_put(const struct sp_suite *suite, const uint8_t *pi_digest, const uint8_t *oi_digest, struct sp_buf *out);
SP_MUST_CHECK enum setpki_code sp_dual_hod_put(setpki_ctx *ctx, enum setpki_suite suite, setpki_bytes order,
    const struct sp_dual_amount *a, setpki_bytes salt, struct sp_buf *out, struct setpki_error *err);

#endif
