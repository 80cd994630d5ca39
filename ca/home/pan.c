#include "ca/home/pan.h"

#include "lib/crypto/digest.h"

#include <openssl/crypto.h>
#include <unistd.h>

/* meta: what tells the secret from another one: its HMAC over this name. */
static const char meta_pan_key[] = "pan-key";

#define SECRET "pan-hash"

enum setpki_code
ca_pan_hash(setpki_ctx *ctx, const uint8_t key[32], const char *pan, uint8_t hash[32], struct setpki_error *err)
{
	return sp_hmac(ctx, SETPKI_SUITE_MODERN, sp_bytes(key, 32), sp_bytes_str(pan), hash, err);
}

static enum setpki_code
another_secret(struct setpki_error *err)
{
	return sp_fail(err, SETPKI_E_STATE, NULL,
	    "keys/" SECRET ".secret is not the one that the card numbers in this store were hashed with: none would "
	    "be found; put the file back from where keys/ is kept");
}

/* What was noted down; NOTFOUND without a word in `err`. */
static enum setpki_code
read_mark(ca_txn *t, setpki_bytes *noted, struct setpki_error *err)
{
	struct setpki_error absent = {0};
	enum setpki_code rc = ca_meta_get(t, meta_pan_key, noted, &absent);

	if (rc != SETPKI_E_OK && rc != SETPKI_E_NOTFOUND)
		return sp_fail(err, rc, absent.spec, "%s", absent.message);
	return rc;
}

static bool
secret_is_there(const struct ca_home *h)
{
	char *path = ca_path(h->keys_dir, SECRET ".secret");
	bool there = path == NULL || access(path, F_OK) == 0;

	OPENSSL_free(path);
	return there;
}

enum setpki_code
ca_pan_key(struct ca_home *h, ca_txn *t, uint8_t key[32], struct setpki_error *err)
{
	setpki_bytes noted;
	uint8_t mark[32];
	enum setpki_code rc = read_mark(t, &noted, err);
	bool first = rc == SETPKI_E_NOTFOUND;

	if (rc != SETPKI_E_OK && !first)
		return rc;
	/* a new one in its place would be taken for the one that is missing, by backups of keys/ too */
	if (!first && !secret_is_there(h))
		return another_secret(err);
	if ((rc = ca_secret_open(h->ctx, h->keys_dir, SECRET, key, err)) != SETPKI_E_OK ||
	    (rc = ca_pan_hash(h->ctx, key, meta_pan_key, mark, err)) != SETPKI_E_OK)
		return rc;
	if (first)
		return ca_txn_may_write(t) ? ca_meta_put(t, meta_pan_key, SP_BYTES(mark), err) : SETPKI_E_OK;
	return sp_bytes_eq(noted, SP_BYTES(mark)) ? SETPKI_E_OK : another_secret(err);
}

enum setpki_code
ca_pan_key_check(struct ca_home *h, ca_txn *t, struct setpki_error *err)
{
	setpki_bytes noted;
	uint8_t key[32];
	enum setpki_code rc = read_mark(t, &noted, err);

	if (rc != SETPKI_E_OK)
		return rc == SETPKI_E_NOTFOUND ? SETPKI_E_OK : rc;
	rc = ca_pan_key(h, t, key, err);
	OPENSSL_cleanse(key, sizeof(key));
	return rc;
}
