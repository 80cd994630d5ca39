/* revoked: by CA, generation and serial number, so that a range is a CRL's entries in their order. */
#include "ca/store/private.h"

#include <openssl/crypto.h>
#include <string.h>

#define PREFIX 4 /* CA, generation */

static void
start(struct ca_dbkey *k, uint16_t ca, uint16_t generation)
{
	ca_key_start(k);
	ca_key_u16(k, ca);
	ca_key_u16(k, generation);
}

/* Under which generation a CA has revoked this serial: one look for each generation that has any. */
static enum setpki_code
find(ca_txn *t, uint16_t ca, setpki_bytes serial, struct ca_dbkey *k, setpki_bytes *value, struct setpki_error *err)
{
	struct ca_scan scan;
	setpki_bytes key, v;
	uint32_t generation;
	enum setpki_code rc;

	for (generation = 0; generation <= UINT16_MAX; generation++) {
		start(k, ca, (uint16_t)generation);
		if ((rc = ca_scan_open(t, CA_DB_REVOKED, k, 2, &scan, err)) != SETPKI_E_OK)
			return rc;
		rc = ca_scan_next(&scan, &key, &v, err);
		if (rc == SETPKI_E_OK && key.n < PREFIX)
			rc = key.n == 0 ? SETPKI_E_NOTFOUND
					: ca_db_damaged(t, CA_DB_REVOKED, key, "not a key of this database", err);
		if (rc == SETPKI_E_OK)
			generation = (uint32_t)key.p[2] << 8 | key.p[3];
		ca_scan_close(&scan);
		if (rc != SETPKI_E_OK)
			return rc;
		start(k, ca, (uint16_t)generation);
		if ((rc = ca_key_serial(k, serial, err)) != SETPKI_E_OK ||
		    (rc = ca_db_get(t, CA_DB_REVOKED, k, value, err)) != SETPKI_E_NOTFOUND)
			return rc;
	}
	return SETPKI_E_NOTFOUND;
}

static enum setpki_code
write_record(ca_txn *t, const struct ca_revoked_record *rec, const struct ca_dbkey *k, struct setpki_error *err)
{
	struct sp_buf b = {0};
	enum setpki_code rc;

	ca_revoked_encode(rec, &b);
	rc = ca_db_put_buf(t, CA_DB_REVOKED, k, &b, 0, err);
	sp_buf_free(&b);
	return rc;
}

static enum setpki_code
check_reason(const struct ca_revoked_record *rec, struct setpki_error *err)
{
	if (rec->reason < -1 || rec->reason > CA_REASON_MAX)
		return sp_fail(
		    err, SETPKI_E_ARGUMENT, "RFC 5280 5.3.1", "%d is no reason for a revocation", rec->reason);
	return SETPKI_E_OK;
}

enum setpki_code
ca_revoked_put(ca_txn *t, const struct ca_revoked_record *rec, struct setpki_error *err)
{
	struct ca_dbkey k;
	setpki_bytes v;
	enum setpki_code rc;

	if ((rc = check_reason(rec, err)) != SETPKI_E_OK)
		return rc;
	if ((rc = find(t, rec->ca, rec->serial, &k, &v, err)) == SETPKI_E_OK)
		return sp_fail(err, SETPKI_E_CONFLICT, NULL, "this certificate is revoked already");
	if (rc != SETPKI_E_NOTFOUND)
		return rc;
	start(&k, rec->ca, rec->generation);
	if ((rc = ca_key_serial(&k, rec->serial, err)) != SETPKI_E_OK)
		return rc;
	return write_record(t, rec, &k, err);
}

enum setpki_code
ca_revoked_update(ca_txn *t, const struct ca_revoked_record *rec, struct setpki_error *err)
{
	struct ca_dbkey k;
	setpki_bytes v;
	enum setpki_code rc;

	start(&k, rec->ca, rec->generation);
	if ((rc = check_reason(rec, err)) != SETPKI_E_OK || (rc = ca_key_serial(&k, rec->serial, err)) != SETPKI_E_OK)
		return rc;
	if ((rc = ca_db_get(t, CA_DB_REVOKED, &k, &v, err)) == SETPKI_E_NOTFOUND)
		return sp_fail(err, rc, NULL, "this certificate is not revoked");
	return rc == SETPKI_E_OK ? write_record(t, rec, &k, err) : rc;
}

enum setpki_code
ca_revoked_get(ca_txn *t, uint16_t ca, setpki_bytes serial, struct ca_revoked_record *out, struct setpki_error *err)
{
	struct ca_dbkey k;
	setpki_bytes v;
	enum setpki_code rc;

	memset(out, 0, sizeof(*out));
	if ((rc = find(t, ca, serial, &k, &v, err)) == SETPKI_E_NOTFOUND)
		return sp_fail(err, rc, NULL, "this certificate is not revoked");
	if (rc != SETPKI_E_OK)
		return rc;
	if (!ca_revoked_decode(ca_key_bytes(&k), v, out)) {
		memset(out, 0, sizeof(*out));
		return ca_db_damaged(t, CA_DB_REVOKED, ca_key_bytes(&k), "not a record of a revocation", err);
	}
	out->serial = serial; /* the decoded one lies in k */
	return SETPKI_E_OK;
}

enum setpki_code
ca_revoked_del(ca_txn *t, uint16_t ca, setpki_bytes serial, struct setpki_error *err)
{
	struct ca_dbkey k;
	setpki_bytes v;
	enum setpki_code rc;

	if ((rc = find(t, ca, serial, &k, &v, err)) == SETPKI_E_OK)
		return ca_db_del(t, CA_DB_REVOKED, &k, err);
	return rc == SETPKI_E_NOTFOUND ? sp_fail(err, rc, NULL, "this certificate is not revoked") : rc;
}

/* --- a CRL's entries --------------------------------------------------------------------------- */

struct ca_revoked_cursor {
	struct ca_scan scan;
	enum setpki_code status;
	struct setpki_error error;
};

enum setpki_code
ca_revoked_open(ca_txn *t, uint16_t ca, uint16_t generation, ca_revoked_cursor **out, struct setpki_error *err)
{
	struct ca_dbkey k;
	ca_revoked_cursor *c;
	enum setpki_code rc;

	*out = NULL;
	if ((c = OPENSSL_zalloc(sizeof(*c))) == NULL)
		return sp_fail_memory(err);
	start(&k, ca, generation);
	if ((rc = ca_scan_open(t, CA_DB_REVOKED, &k, PREFIX, &c->scan, err)) != SETPKI_E_OK) {
		OPENSSL_free(c);
		return rc;
	}
	*out = c;
	return SETPKI_E_OK;
}

bool
ca_revoked_next(ca_revoked_cursor *c, struct ca_revoked_record *rec)
{
	setpki_bytes key, value;

	memset(rec, 0, sizeof(*rec));
	if (c->status != SETPKI_E_OK || (c->status = ca_scan_next(&c->scan, &key, &value, &c->error)) != SETPKI_E_OK ||
	    key.n == 0)
		return false;
	if (ca_revoked_decode(key, value, rec))
		return true;
	c->status = ca_db_damaged(c->scan.t, CA_DB_REVOKED, key, "not a record of a revocation", &c->error);
	memset(rec, 0, sizeof(*rec));
	return false;
}

enum setpki_code
ca_revoked_status(const ca_revoked_cursor *c, struct setpki_error *err)
{
	if (c->status != SETPKI_E_OK && err != NULL && err->code == SETPKI_E_OK)
		*err = c->error;
	return c->status;
}

void
ca_revoked_rewind(ca_revoked_cursor *c)
{
	c->scan.started = false;
}

void
ca_revoked_close(ca_revoked_cursor *c)
{
	if (c == NULL)
		return;
	ca_scan_close(&c->scan);
	OPENSSL_free(c);
}
