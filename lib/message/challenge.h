/* lid-CA and chall-CA: what lets a CA store nothing before it trusts (set-protocol 12.6). */
#ifndef LIB_MESSAGE_CHALLENGE_H
#define LIB_MESSAGE_CHALLENGE_H

#include "lib/base/limits.h"
#include "lib/crypto/suite.h"

#include <setpki/message.h>

#define SP_LID_CA_LEN 20

/* What a lid-CA says of itself; nothing of it is trusted before chall-CA has been checked. */
struct sp_lid_ca {
	uint16_t ca;
	uint8_t key_id;
	int64_t made_at; /* seconds, a whole minute */
};

SP_MUST_CHECK enum setpki_code sp_lid_ca_make(
    setpki_ctx *ctx, uint16_t ca, uint8_t key_id, int64_t now, uint8_t out[SP_LID_CA_LEN], struct setpki_error *err);
/* False unless it has 20 octets. */
bool sp_lid_ca_read(setpki_bytes lid_ca, struct sp_lid_ca *out);
/* Whether it is within SP_CHALLENGE_S of `now`, and not in the future (by more than the minute that it is rounded to).
 */
bool sp_lid_ca_fresh(const struct sp_lid_ca *l, int64_t now);
/* chall-CA under the challenge key of that id. */
SP_MUST_CHECK enum setpki_code sp_chall_ca(setpki_ctx *ctx, const uint8_t key[32], uint16_t ca, setpki_bytes lid_ee,
    setpki_bytes lid_ca, enum setpki_request_type type, uint8_t out[SETPKI_NONCE_LEN], struct setpki_error *err);

#endif
