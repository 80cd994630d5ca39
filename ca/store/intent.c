/* intent: what is about to be signed, by serial number. */
#include "ca/store/private.h"

#include <string.h>

static enum setpki_code
intent_key(struct ca_dbkey *k, setpki_bytes serial, struct setpki_error *err)
{
	ca_key_start(k);
	return ca_key_serial(k, serial, err);
}

enum setpki_code
ca_intent_put(ca_txn *t, const struct ca_intent_record *rec, struct setpki_error *err)
{
	struct sp_buf b = {0};
	struct ca_dbkey k;
	setpki_bytes v;
	enum setpki_code rc;

	if ((rc = intent_key(&k, rec->serial, err)) != SETPKI_E_OK)
		return rc;
	if ((rc = ca_db_get(t, CA_DB_INTENT, &k, &v, err)) == SETPKI_E_OK)
		return sp_fail(err, SETPKI_E_CONFLICT, NULL, "an intent for this serial number is there already");
	if (rc != SETPKI_E_NOTFOUND)
		return rc;
	ca_intent_encode(rec, &b);
	rc = ca_db_put_buf(t, CA_DB_INTENT, &k, &b, 0, err);
	sp_buf_free(&b);
	return rc;
}

static enum setpki_code
decode(ca_txn *t, setpki_bytes key, setpki_bytes value, struct ca_intent_record *out, struct setpki_error *err)
{
	bool serial, tbs;

	if (!ca_intent_decode(key, value, out)) {
		memset(out, 0, sizeof(*out));
		return ca_db_damaged(t, CA_DB_INTENT, key, "not a record of an intent", err);
	}
	serial = ca_bytes_own(&out->serial);
	tbs = ca_bytes_own(&out->tbs);
	if (serial && tbs)
		return SETPKI_E_OK;
	ca_intent_record_free(out);
	return sp_fail_memory(err);
}

enum setpki_code
ca_intent_get(ca_txn *t, setpki_bytes serial, struct ca_intent_record *out, struct setpki_error *err)
{
	struct ca_dbkey k;
	setpki_bytes v;
	enum setpki_code rc;

	memset(out, 0, sizeof(*out));
	if ((rc = intent_key(&k, serial, err)) != SETPKI_E_OK)
		return rc;
	if ((rc = ca_db_get(t, CA_DB_INTENT, &k, &v, err)) == SETPKI_E_NOTFOUND)
		return sp_fail(err, rc, NULL, "the store has no intent for this serial number");
	return rc == SETPKI_E_OK ? decode(t, ca_key_bytes(&k), v, out, err) : rc;
}

enum setpki_code
ca_intent_del(ca_txn *t, setpki_bytes serial, struct setpki_error *err)
{
	struct ca_dbkey k;
	enum setpki_code rc;

	if ((rc = intent_key(&k, serial, err)) != SETPKI_E_OK)
		return rc;
	if ((rc = ca_db_del(t, CA_DB_INTENT, &k, err)) == SETPKI_E_NOTFOUND)
		return sp_fail(err, rc, NULL, "the store has no intent for this serial number");
	return rc;
}

enum setpki_code
ca_intent_each(ca_txn *t, ca_intent_fn *fn, void *arg, struct setpki_error *err)
{
	struct ca_dbkey k;
	struct ca_scan scan;
	struct ca_intent_record rec;
	setpki_bytes key, value;
	enum setpki_code rc;

	ca_key_start(&k);
	if ((rc = ca_scan_open(t, CA_DB_INTENT, &k, 0, &scan, err)) != SETPKI_E_OK)
		return rc;
	while ((rc = ca_scan_next(&scan, &key, &value, err)) == SETPKI_E_OK && key.n != 0) {
		if ((rc = decode(t, key, value, &rec, err)) != SETPKI_E_OK)
			break;
		rc = fn(arg, &rec, err);
		ca_intent_record_free(&rec);
		if (rc != SETPKI_E_OK)
			break;
	}
	ca_scan_close(&scan);
	return rc;
}
