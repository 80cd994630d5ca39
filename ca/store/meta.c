/* meta: small named values. */
#include "ca/store/private.h"

#include <string.h>

static enum setpki_code
meta_key(struct ca_dbkey *k, const char *name, struct setpki_error *err)
{
	size_t n = strlen(name);

	ca_key_start(k);
	if (n == 0 || n > CA_KEY_MAX)
		return sp_fail(
		    err, SETPKI_E_ARGUMENT, NULL, "a name of %zu octets in meta; 1 to %d fit", n, CA_KEY_MAX);
	ca_key_raw(k, name, n);
	return SETPKI_E_OK;
}

enum setpki_code
ca_meta_get(ca_txn *t, const char *name, setpki_bytes *out, struct setpki_error *err)
{
	struct ca_dbkey k;
	enum setpki_code rc;

	*out = (setpki_bytes){NULL, 0};
	if ((rc = meta_key(&k, name, err)) != SETPKI_E_OK)
		return rc;
	if ((rc = ca_db_get(t, CA_DB_META, &k, out, err)) == SETPKI_E_NOTFOUND)
		return sp_fail(err, rc, NULL, "the store has no \"%s\"", name);
	return rc;
}

enum setpki_code
ca_meta_put(ca_txn *t, const char *name, setpki_bytes value, struct setpki_error *err)
{
	struct ca_dbkey k;
	enum setpki_code rc;

	if ((rc = meta_key(&k, name, err)) != SETPKI_E_OK)
		return rc;
	return ca_db_put(t, CA_DB_META, &k, value, 0, err);
}

enum setpki_code
ca_meta_del(ca_txn *t, const char *name, struct setpki_error *err)
{
	struct ca_dbkey k;
	enum setpki_code rc;

	if ((rc = meta_key(&k, name, err)) != SETPKI_E_OK)
		return rc;
	if ((rc = ca_db_del(t, CA_DB_META, &k, err)) == SETPKI_E_NOTFOUND)
		return sp_fail(err, rc, NULL, "the store has no \"%s\"", name);
	return rc;
}

enum setpki_code
ca_meta_each(ca_txn *t, const char *prefix, ca_meta_fn *fn, void *arg, struct setpki_error *err)
{
	struct ca_dbkey k;
	struct ca_scan scan;
	setpki_bytes key, value;
	enum setpki_code rc;

	if ((rc = meta_key(&k, prefix, err)) != SETPKI_E_OK ||
	    (rc = ca_scan_open(t, CA_DB_META, &k, k.n, &scan, err)) != SETPKI_E_OK)
		return rc;
	while ((rc = ca_scan_next(&scan, &key, &value, err)) == SETPKI_E_OK && key.n != 0)
		if ((rc = fn(arg, key, value, err)) != SETPKI_E_OK)
			break;
	ca_scan_close(&scan);
	return rc;
}
