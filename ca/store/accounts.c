/* account: an issuer's cards, by keyed hash of their numbers. */
#include "ca/store/private.h"

#include <string.h>

static void
account_key(struct ca_dbkey *k, uint16_t ca, const uint8_t hash[32])
{
	ca_key_start(k);
	ca_key_u16(k, ca);
	ca_key_raw(k, hash, 32);
}

static bool
is_digits(const char *text, size_t n)
{
	return strlen(text) == n && strspn(text, "0123456789") == n;
}

enum setpki_code
ca_account_put(ca_txn *t, const struct ca_account_record *rec, struct setpki_error *err)
{
	struct sp_buf b = {0};
	struct ca_dbkey k;
	enum setpki_code rc;

	if (!is_digits(rec->first_six, 6) || !is_digits(rec->last_four, 4) || !is_digits(rec->expiry, 6))
		return sp_fail(err, SETPKI_E_ARGUMENT, NULL,
		    "an account's record needs the first six and last four digits of the card and its expiry, YYYYMM");
	account_key(&k, rec->ca, rec->hash);
	ca_account_encode(rec, &b);
	rc = ca_db_put_buf(t, CA_DB_ACCOUNT, &k, &b, 0, err);
	sp_buf_free(&b);
	return rc;
}

static enum setpki_code
decode(ca_txn *t, setpki_bytes key, setpki_bytes value, struct ca_account_record *out, struct setpki_error *err)
{
	if (ca_account_decode(key, value, out))
		return SETPKI_E_OK;
	memset(out, 0, sizeof(*out));
	return ca_db_damaged(t, CA_DB_ACCOUNT, key, "not a record of an account", err);
}

enum setpki_code
ca_account_get(ca_txn *t, uint16_t ca, const uint8_t hash[32], struct ca_account_record *out, struct setpki_error *err)
{
	struct ca_dbkey k;
	setpki_bytes v;
	enum setpki_code rc;

	memset(out, 0, sizeof(*out));
	account_key(&k, ca, hash);
	if ((rc = ca_db_get(t, CA_DB_ACCOUNT, &k, &v, err)) == SETPKI_E_NOTFOUND)
		return sp_fail(err, rc, NULL, "this card is not in the account list");
	return rc == SETPKI_E_OK ? decode(t, ca_key_bytes(&k), v, out, err) : rc;
}

enum setpki_code
ca_account_del(ca_txn *t, uint16_t ca, const uint8_t hash[32], struct setpki_error *err)
{
	struct ca_dbkey k;
	enum setpki_code rc;

	account_key(&k, ca, hash);
	if ((rc = ca_db_del(t, CA_DB_ACCOUNT, &k, err)) == SETPKI_E_NOTFOUND)
		return sp_fail(err, rc, NULL, "this card is not in the account list");
	return rc;
}

enum setpki_code
ca_account_each(ca_txn *t, uint16_t ca, const uint8_t *after, ca_account_fn *fn, void *arg, struct setpki_error *err)
{
	static const uint8_t first[32];
	struct ca_dbkey k;
	struct ca_scan scan;
	struct ca_account_record rec;
	setpki_bytes key, value;
	enum setpki_code rc;

	account_key(&k, ca, after != NULL ? after : first);
	if ((rc = ca_scan_open(t, CA_DB_ACCOUNT, &k, 2, &scan, err)) != SETPKI_E_OK)
		return rc;
	while ((rc = ca_scan_next(&scan, &key, &value, err)) == SETPKI_E_OK && key.n != 0) {
		if (after != NULL && sp_bytes_eq(key, ca_key_bytes(&k)))
			continue;
		if ((rc = decode(t, key, value, &rec, err)) != SETPKI_E_OK || (rc = fn(arg, &rec, err)) != SETPKI_E_OK)
			break;
	}
	ca_scan_close(&scan);
	return rc == SETPKI_E_STATE ? SETPKI_E_OK : rc;
}
