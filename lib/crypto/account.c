#include "lib/crypto/account.h"

#include "lib/base/limits.h"
#include "lib/crypto/digest.h"
#include "lib/der/writer.h"

#include <openssl/crypto.h>
#include <string.h>

static int
two_digits(const char *p)
{
	return (p[0] - '0') * 10 + (p[1] - '0');
}

enum setpki_code
sp_account_parse(const char *pan, const char *expiry, struct sp_account *out, struct setpki_error *err)
{
	size_t n = strlen(pan);

	memset(out, 0, sizeof(*out));
	if (n < 1 || n > SP_UB_PAN || strspn(pan, "0123456789") != n)
		return sp_fail(err, SETPKI_E_PARSE, "SET Book 3, PAN", "the PAN is not 1 to %u digits", SP_UB_PAN);
	if (strlen(expiry) != 6 || strspn(expiry, "0123456789") != 6 || two_digits(expiry + 4) < 1 ||
	    two_digits(expiry + 4) > 12)
		return sp_fail(err, SETPKI_E_PARSE, "SET Book 3, CardExpiry", "the card expiry is not YYYYMM");
	memcpy(out->pan, pan, n);
	memcpy(out->expiry, expiry, 6);
	return SETPKI_E_OK;
}

void
sp_pan_secret(
    const uint8_t card_secret[SP_SECRET_LEN], const uint8_t nonce_cca[SP_SECRET_LEN], uint8_t pan_secret[SP_SECRET_LEN])
{
	for (size_t i = 0; i < SP_SECRET_LEN; i++)
		pan_secret[i] = card_secret[i] ^ nonce_cca[i];
}

enum setpki_code
sp_account_blind(setpki_ctx *ctx, enum setpki_suite suite, const struct sp_account *a,
    const uint8_t pan_secret[SP_SECRET_LEN], char out[SP_BLINDED_TEXT], struct setpki_error *err)
{
	const struct sp_suite *s = sp_suite(suite);
	struct sp_buf der = {.secret = true};
	uint8_t mac[SP_DIGEST_MAX];
	size_t seq = sp_der_open(&der, SP_SEQUENCE);
	enum setpki_code rc;

	sp_der_put_str(&der, SP_NUMERIC, a->pan);
	sp_der_put_str(&der, SP_NUMERIC, a->expiry);
	sp_der_close(&der, seq);
	rc = der.failed ? sp_fail_memory(err)
			: sp_hmac(ctx, suite, sp_bytes(pan_secret, SP_SECRET_LEN), sp_buf_bytes(&der), mac, err);
	sp_buf_free(&der);
	if (rc == SETPKI_E_OK)
		EVP_EncodeBlock((unsigned char *)out, mac, (int)s->digest_len);
	OPENSSL_cleanse(mac, sizeof(mac));
	return rc;
}

enum setpki_code
sp_account_check(setpki_ctx *ctx, enum setpki_suite suite, const struct sp_account *a,
    const uint8_t pan_secret[SP_SECRET_LEN], const char *name, struct setpki_error *err)
{
	char mine[SP_BLINDED_TEXT] = {0}, other[SP_BLINDED_TEXT] = {0};
	enum setpki_code rc = sp_account_blind(ctx, suite, a, pan_secret, mine, err);
	bool same;

	if (rc != SETPKI_E_OK)
		return rc;
	if (strlen(name) < sizeof(other))
		memcpy(other, name, strlen(name));
	same = CRYPTO_memcmp(mine, other, sizeof(mine)) == 0;
	OPENSSL_cleanse(mine, sizeof(mine));
	return same ? SETPKI_E_OK
		    : sp_fail(err, SETPKI_E_SIGNATURE, "set-protocol 5", "the certificate is not that of this account");
}
