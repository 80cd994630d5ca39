/* holder: an acquirer's merchants and gateways. */
#include "ca/store/private.h"

#include <string.h>

static enum setpki_code
holder_key(struct ca_dbkey *k, uint16_t ca, uint8_t role, const char *bin, const char *id, struct setpki_error *err)
{
	size_t n = strlen(id);

	if (strlen(bin) != SP_UB_BIN || strspn(bin, "0123456789") != SP_UB_BIN)
		return sp_fail(err, SETPKI_E_ARGUMENT, NULL, "a BIN has %u digits", SP_UB_BIN);
	if (n > CA_HOLDER_ID_MAX)
		return sp_fail(
		    err, SETPKI_E_ARGUMENT, NULL, "an identifier of %zu octets; %u fit", n, CA_HOLDER_ID_MAX);
	ca_key_start(k);
	ca_key_u16(k, ca);
	ca_key_u8(k, role);
	ca_key_raw(k, bin, SP_UB_BIN);
	ca_key_raw(k, id, n);
	return SETPKI_E_OK;
}

enum setpki_code
ca_holder_put(ca_txn *t, const struct ca_holder_record *rec, struct setpki_error *err)
{
	struct sp_buf b = {0};
	struct ca_dbkey k;
	enum setpki_code rc;

	if (rec->nnames > SP_MER_NAMES_MAX)
		return sp_fail(err, SETPKI_E_ARGUMENT, NULL, "%zu names; a merchant has at most %d", rec->nnames,
		    SP_MER_NAMES_MAX);
	if ((rc = holder_key(&k, rec->ca, rec->role, rec->bin, rec->id, err)) != SETPKI_E_OK)
		return rc;
	ca_holder_encode(rec, &b);
	rc = ca_db_put_buf(t, CA_DB_HOLDER, &k, &b, 0, err);
	sp_buf_free(&b);
	return rc;
}

/* The record lies in a copy of its value, so that it stays when the map moves. */
static enum setpki_code
decode(ca_txn *t, setpki_bytes key, setpki_bytes value, struct ca_holder_record *out, struct setpki_error *err)
{
	setpki_bytes memory = value;

	memset(out, 0, sizeof(*out));
	if (!ca_bytes_own(&memory))
		return sp_fail_memory(err);
	if (ca_holder_decode(key, memory, out)) {
		out->memory = memory;
		return SETPKI_E_OK;
	}
	ca_bytes_free(&memory);
	return ca_db_damaged(t, CA_DB_HOLDER, key, "not a record of a merchant or gateway", err);
}

static enum setpki_code
not_listed(enum setpki_code rc, const char *bin, const char *id, struct setpki_error *err)
{
	if (rc != SETPKI_E_NOTFOUND)
		return rc;
	return sp_fail(err, rc, NULL, "the account list has no '%.40s' of the acquirer with BIN %s", id, bin);
}

enum setpki_code
ca_holder_get(ca_txn *t, uint16_t ca, uint8_t role, const char *bin, const char *id, struct ca_holder_record *out,
    struct setpki_error *err)
{
	struct ca_dbkey k;
	setpki_bytes v;
	enum setpki_code rc;

	memset(out, 0, sizeof(*out));
	if ((rc = holder_key(&k, ca, role, bin, id, err)) != SETPKI_E_OK)
		return rc;
	if ((rc = ca_db_get(t, CA_DB_HOLDER, &k, &v, err)) != SETPKI_E_OK)
		return not_listed(rc, bin, id, err);
	return decode(t, ca_key_bytes(&k), v, out, err);
}

enum setpki_code
ca_holder_del(ca_txn *t, uint16_t ca, uint8_t role, const char *bin, const char *id, struct setpki_error *err)
{
	struct ca_dbkey k;
	enum setpki_code rc = holder_key(&k, ca, role, bin, id, err);

	return rc == SETPKI_E_OK ? not_listed(ca_db_del(t, CA_DB_HOLDER, &k, err), bin, id, err) : rc;
}

enum setpki_code
ca_holder_each(
    ca_txn *t, uint16_t ca, const struct ca_holder_record *after, ca_holder_fn *fn, void *arg, struct setpki_error *err)
{
	struct ca_dbkey k;
	struct ca_scan scan;
	struct ca_holder_record rec;
	setpki_bytes key, value;
	enum setpki_code rc = SETPKI_E_OK;

	ca_key_start(&k);
	ca_key_u16(&k, ca);
	if (after != NULL)
		rc = holder_key(&k, ca, after->role, after->bin, after->id, err);
	if (rc != SETPKI_E_OK || (rc = ca_scan_open(t, CA_DB_HOLDER, &k, 2, &scan, err)) != SETPKI_E_OK)
		return rc;
	while ((rc = ca_scan_next(&scan, &key, &value, err)) == SETPKI_E_OK && key.n != 0) {
		if (after != NULL && sp_bytes_eq(key, ca_key_bytes(&k)))
			continue;
		if ((rc = decode(t, key, value, &rec, err)) != SETPKI_E_OK)
			break;
		rc = fn(arg, &rec, err);
		ca_holder_record_free(&rec);
		if (rc != SETPKI_E_OK)
			break;
	}
	ca_scan_close(&scan);
	return rc == SETPKI_E_STATE ? SETPKI_E_OK : rc;
}
