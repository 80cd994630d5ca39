#include "lib/message/challenge.h"

#include "lib/crypto/digest.h"
#include "lib/der/writer.h"

#include <openssl/crypto.h>
#include <string.h>

#define HEAD_LEN 7 /* CA number 2, key id 1, minutes 4 */
#define MINUTE 60

enum setpki_code
sp_lid_ca_make(
    setpki_ctx *ctx, uint16_t ca, uint8_t key_id, int64_t now, uint8_t out[SP_LID_CA_LEN], struct setpki_error *err)
{
	uint32_t minutes = (uint32_t)(now / MINUTE);

	out[0] = (uint8_t)(ca >> 8);
	out[1] = (uint8_t)ca;
	out[2] = key_id;
	for (unsigned i = 0; i < 4; i++)
		out[3 + i] = (uint8_t)(minutes >> (24 - 8 * i));
	return sp_random(ctx, out + HEAD_LEN, SP_LID_CA_LEN - HEAD_LEN, err);
}

bool
sp_lid_ca_read(setpki_bytes lid_ca, struct sp_lid_ca *out)
{
	uint32_t minutes = 0;

	memset(out, 0, sizeof(*out));
	if (lid_ca.n != SP_LID_CA_LEN)
		return false;
	out->ca = (uint16_t)(lid_ca.p[0] << 8 | lid_ca.p[1]);
	out->key_id = lid_ca.p[2];
	for (unsigned i = 0; i < 4; i++)
		minutes = minutes << 8 | lid_ca.p[3 + i];
	out->made_at = (int64_t)minutes * MINUTE;
	return true;
}

bool
sp_lid_ca_fresh(const struct sp_lid_ca *l, int64_t now)
{
	return l->made_at <= now && now - l->made_at <= SP_CHALLENGE_S;
}

enum setpki_code
sp_chall_ca(setpki_ctx *ctx, const uint8_t key[32], uint16_t ca, setpki_bytes lid_ee, setpki_bytes lid_ca,
    enum setpki_request_type type, uint8_t out[SETPKI_NONCE_LEN], struct setpki_error *err)
{
	struct sp_buf b = {0};
	uint8_t mac[32];
	size_t seq = sp_der_open(&b, SP_SEQUENCE);
	enum setpki_code rc;

	sp_der_put_str(&b, SP_VISIBLE, "chall-CA");
	sp_der_put_int(&b, ca);
	sp_der_put_octets(&b, lid_ee);
	sp_der_put_octets(&b, lid_ca);
	sp_der_put_enum(&b, type);
	sp_der_close(&b, seq);
	/* HMAC-SHA256 in both suites (set-protocol 12.6): it never leaves this CA */
	rc = b.failed ? sp_fail_memory(err)
		      : sp_hmac(ctx, SETPKI_SUITE_MODERN, sp_bytes(key, 32), sp_buf_bytes(&b), mac, err);
	if (rc == SETPKI_E_OK)
		memcpy(out, mac, SETPKI_NONCE_LEN);
	OPENSSL_cleanse(mac, sizeof(mac));
	sp_buf_free(&b);
	return rc;
}
