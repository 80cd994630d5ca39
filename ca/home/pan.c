#include "ca/home/pan.h"

#include "lib/crypto/digest.h"

#include <string.h>

/* meta: what tells the secret from another one: its HMAC over this name. */
static const char meta_pan_key[] = "pan-key";

#define SECRET "pan-hash"

enum setpki_code
ca_pan_hash(setpki_ctx *ctx, const uint8_t key[32], const char *pan, uint8_t hash[32], struct setpki_error *err)
{
	return sp_hmac(ctx, SETPKI_SUITE_MODERN, sp_bytes(key, 32), sp_bytes_str(pan), hash, err);
}

/* With what was noted down; now, if nothing was. */
static enum setpki_code
compare(ca_txn *t, const uint8_t mark[32], struct setpki_error *err)
{
	struct setpki_error absent = {0};
	setpki_bytes noted;
	enum setpki_code rc = ca_meta_get(t, meta_pan_key, &noted, &absent);

	if (rc == SETPKI_E_NOTFOUND)
		return ca_txn_may_write(t) ? ca_meta_put(t, meta_pan_key, sp_bytes(mark, 32), err) : SETPKI_E_OK;
	if (rc != SETPKI_E_OK)
		return sp_fail(err, rc, absent.spec, "%s", absent.message);
	if (sp_bytes_eq(noted, sp_bytes(mark, 32)))
		return SETPKI_E_OK;
	return sp_fail(err, SETPKI_E_STATE, NULL,
	    "keys/" SECRET ".secret is not the one that the card numbers in this store were hashed with: none would "
	    "be found; put the file back from where keys/ is kept");
}

enum setpki_code
ca_pan_key(struct ca_home *h, ca_txn *t, uint8_t key[32], struct setpki_error *err)
{
	uint8_t mark[32];
	enum setpki_code rc = ca_secret_open(h->ctx, h->keys_dir, SECRET, key, err);

	if (rc == SETPKI_E_OK)
		rc = ca_pan_hash(h->ctx, key, meta_pan_key, mark, err);
	return rc == SETPKI_E_OK ? compare(t, mark, err) : rc;
}
