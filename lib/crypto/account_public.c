/* setpki/account.h: the same for callers outside, who have texts. */
#include "lib/crypto/account.h"

#include <openssl/crypto.h>
#include <setpki/account.h>

void
setpki_pan_secret(const uint8_t card_secret[SETPKI_SECRET_LEN], const uint8_t nonce_cca[SETPKI_SECRET_LEN],
    uint8_t out[SETPKI_SECRET_LEN])
{
	sp_pan_secret(card_secret, nonce_cca, out);
}

enum setpki_code
setpki_account_name(setpki_ctx *ctx, enum setpki_suite suite, const char *pan, const char *expiry,
    const uint8_t pan_secret[SETPKI_SECRET_LEN], char *out, struct setpki_error *err)
{
	struct sp_account a;
	enum setpki_code rc = sp_account_parse(pan, expiry, &a, err);

	out[0] = '\0';
	if (rc == SETPKI_E_OK)
		rc = sp_account_blind(ctx, suite, &a, pan_secret, out, err);
	OPENSSL_cleanse(&a, sizeof(a));
	return rc;
}

enum setpki_code
setpki_account_check(setpki_ctx *ctx, enum setpki_suite suite, const char *pan, const char *expiry,
    const uint8_t pan_secret[SETPKI_SECRET_LEN], const char *name, struct setpki_error *err)
{
	struct sp_account a;
	enum setpki_code rc = sp_account_parse(pan, expiry, &a, err);

	if (rc == SETPKI_E_OK)
		rc = sp_account_check(ctx, suite, &a, pan_secret, name, err);
	OPENSSL_cleanse(&a, sizeof(a));
	return rc;
}
