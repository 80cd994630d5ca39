/* cert: bodies appended under the CA's number and a sequence number; small indexes beside them. */
#include "ca/store/private.h"

#include <openssl/crypto.h>
#include <string.h>

static const uint8_t none[32];

/* --- keys and values --------------------------------------------------------------------------- */

static void
cert_key(struct ca_dbkey *k, uint16_t ca, uint64_t seq)
{
	ca_key_start(k);
	ca_key_u16(k, ca);
	ca_key_u64(k, seq);
}

/* Value of by-key, and the end of the keys of by-holder and by-request. */
#define PLACE_LEN 10

static bool
place(setpki_bytes s, uint16_t *ca, uint64_t *seq)
{
	struct ca_reader r = ca_reader(s);

	*ca = ca_get_u16(&r);
	*seq = ca_get_u64(&r);
	return ca_get_end(&r);
}

static void
identity_key(struct ca_dbkey *k, const uint8_t identity[32])
{
	ca_key_start(k);
	ca_key_raw(k, identity, 32);
}

static enum setpki_code
holder_key(struct ca_dbkey *k, const char *holder, struct setpki_error *err)
{
	size_t n = strlen(holder);

	ca_key_start(k);
	if (n == 0 || n > CA_HOLDER_MAX)
		return sp_fail(err, SETPKI_E_ARGUMENT, NULL, "a holder's name of %zu octets; 1 to %d can be looked up",
		    n, CA_HOLDER_MAX);
	ca_key_raw(k, holder, n + 1);
	return SETPKI_E_OK;
}

/* --- putting ----------------------------------------------------------------------------------- */

/* The next sequence number of a CA; `last`: its key will be the last of the database, and can be appended. */
static enum setpki_code
next_seq(ca_txn *t, uint16_t ca, uint64_t *seq, bool *last, struct setpki_error *err)
{
	struct ca_dbkey end;
	MDB_val k, v;
	MDB_cursor *c;
	setpki_bytes found;
	uint16_t of = 0;
	int rc;

	*seq = 1;
	*last = false;
	cert_key(&end, ca, UINT64_MAX);
	k = (MDB_val){end.n, end.p};
	if ((rc = mdb_cursor_open(t->txn, t->s->db[CA_DB_CERT], &c)) != 0)
		return ca_db_fail(t, CA_DB_CERT, rc, "reading", err);
	rc = mdb_cursor_get(c, &k, &v, MDB_SET_RANGE);
	*last = rc == MDB_NOTFOUND;
	if (rc == 0 || rc == MDB_NOTFOUND)
		rc = mdb_cursor_get(c, &k, &v, *last ? MDB_LAST : MDB_PREV);
	mdb_cursor_close(c);
	if (rc == MDB_NOTFOUND)
		return SETPKI_E_OK;
	if (rc != 0)
		return ca_db_fail(t, CA_DB_CERT, rc, "reading", err);
	found = sp_bytes(k.mv_data, k.mv_size);
	if (!place(found, &of, seq) || of > ca)
		return ca_db_damaged(t, CA_DB_CERT, found, "not a CA and a sequence number", err);
	*seq = of == ca ? *seq + 1 : 1;
	return SETPKI_E_OK;
}

enum setpki_code
ca_cert_count(ca_txn *t, uint16_t ca, uint64_t *n, struct setpki_error *err)
{
	bool last;
	enum setpki_code rc = next_seq(t, ca, n, &last, err);

	*n -= 1;
	return rc;
}

static enum setpki_code
check_fields(const struct ca_cert_record *rec, struct setpki_error *err)
{
	if (rec->ca == 0 || rec->kind >= SETPKI_KIND_N || rec->purpose >= CA_RECORD_PURPOSES)
		return sp_fail(err, SETPKI_E_ARGUMENT, NULL,
		    "a certificate record needs its CA, kind and purpose (%u, %u, %u)", rec->ca, rec->kind,
		    rec->purpose);
	if (rec->der.n == 0 || rec->der.n > SP_CERT_MAX)
		return sp_fail(err, SETPKI_E_LIMIT, NULL, "a certificate of %zu bytes; 1 to %u can be stored",
		    rec->der.n, SP_CERT_MAX);
	return SETPKI_E_OK;
}

/* Neither the serial under this CA nor the key is there, unless the key is renewed. */
static enum setpki_code
check_free(ca_txn *t, const struct ca_cert_record *rec, const struct ca_dbkey *serial, const struct ca_dbkey *identity,
    struct setpki_error *err)
{
	setpki_bytes v;
	enum setpki_code rc;

	if ((rc = ca_db_get(t, CA_DB_BY_SERIAL, serial, &v, err)) == SETPKI_E_OK)
		return sp_fail(err, SETPKI_E_CONFLICT, NULL, "a certificate of this CA has that serial number already");
	if (rc == SETPKI_E_NOTFOUND && (rc = ca_db_get(t, CA_DB_BY_KEY, identity, &v, err)) == SETPKI_E_OK) {
		if (!rec->renews_key)
			return sp_fail(err, SETPKI_E_CONFLICT, "set-protocol 12.11",
			    "this public key is in a certificate already; make a new key");
		return SETPKI_E_OK;
	}
	return rc == SETPKI_E_NOTFOUND ? SETPKI_E_OK : rc;
}

static enum setpki_code
put_body(ca_txn *t, const struct ca_cert_record *rec, bool last, struct setpki_error *err)
{
	struct sp_buf b = {0};
	struct ca_dbkey k;
	enum setpki_code rc;

	cert_key(&k, rec->ca, rec->seq);
	ca_cert_encode(rec, &b);
	rc = ca_db_put_buf(t, CA_DB_CERT, &k, &b, last ? MDB_APPEND : MDB_NOOVERWRITE, err);
	sp_buf_free(&b);
	return rc;
}

/* by-holder and by-request: everything is in the key. */
static enum setpki_code
put_index(ca_txn *t, enum ca_db db, struct ca_dbkey *k, const struct ca_cert_record *rec, struct setpki_error *err)
{
	ca_key_u16(k, rec->ca);
	ca_key_u64(k, rec->seq);
	return ca_db_put(t, db, k, (setpki_bytes){NULL, 0}, 0, err);
}

static enum setpki_code
put_indexes(ca_txn *t, const struct ca_cert_record *rec, const struct ca_dbkey *serial, const struct ca_dbkey *identity,
    struct setpki_error *err)
{
	struct ca_dbkey place_value, k;
	setpki_bytes p;
	enum setpki_code rc;

	cert_key(&place_value, rec->ca, rec->seq);
	p = ca_key_bytes(&place_value);
	if ((rc = ca_db_put(t, CA_DB_BY_SERIAL, serial, sp_bytes(p.p + 2, p.n - 2), 0, err)) != SETPKI_E_OK ||
	    (rc = ca_db_put(t, CA_DB_BY_KEY, identity, p, 0, err)) != SETPKI_E_OK)
		return rc;
	if (rec->holder != NULL &&
	    ((rc = holder_key(&k, rec->holder, err)) != SETPKI_E_OK ||
		(rc = put_index(t, CA_DB_BY_HOLDER, &k, rec, err)) != SETPKI_E_OK))
		return rc;
	if (memcmp(rec->request, none, sizeof(none)) == 0)
		return SETPKI_E_OK;
	identity_key(&k, rec->request);
	return put_index(t, CA_DB_BY_REQUEST, &k, rec, err);
}

enum setpki_code
ca_cert_put(ca_txn *t, struct ca_cert_record *rec, struct setpki_error *err)
{
	struct ca_dbkey serial, identity, holder;
	enum setpki_code rc;
	bool last;

	ca_key_start(&serial);
	identity_key(&identity, rec->key_identity);
	if ((rc = ca_txn_writable(t, err)) != SETPKI_E_OK || (rc = check_fields(rec, err)) != SETPKI_E_OK ||
	    (rc = ca_key_serial(&serial, rec->serial, err)) != SETPKI_E_OK ||
	    (rec->holder != NULL && (rc = holder_key(&holder, rec->holder, err)) != SETPKI_E_OK))
		return rc;
	ca_key_u16(&serial, rec->ca);
	if ((rc = check_free(t, rec, &serial, &identity, err)) != SETPKI_E_OK ||
	    (rc = next_seq(t, rec->ca, &rec->seq, &last, err)) != SETPKI_E_OK)
		return rc;
	/* From here on a failure leaves the transaction half done; it cannot be committed any more. */
	if ((rc = put_body(t, rec, last, err)) == SETPKI_E_OK)
		rc = put_indexes(t, rec, &serial, &identity, err);
	return rc;
}

/* --- getting ----------------------------------------------------------------------------------- */

/* NOTFOUND without a word in `err`.  The record's strings are borrowed from the map. */
static enum setpki_code
look(ca_txn *t, uint16_t ca, uint64_t seq, struct ca_cert_record *out, struct setpki_error *err)
{
	struct ca_dbkey k;
	setpki_bytes v;
	enum setpki_code rc;

	memset(out, 0, sizeof(*out));
	cert_key(&k, ca, seq);
	if ((rc = ca_db_get(t, CA_DB_CERT, &k, &v, err)) != SETPKI_E_OK)
		return rc;
	if (!ca_cert_decode(ca_key_bytes(&k), v, out)) {
		memset(out, 0, sizeof(*out));
		return ca_db_damaged(t, CA_DB_CERT, ca_key_bytes(&k), "not a record of a certificate", err);
	}
	return SETPKI_E_OK;
}

/* What an index entry points to. */
static enum setpki_code
follow(ca_txn *t, enum ca_db index, setpki_bytes key, uint16_t ca, uint64_t seq, struct ca_cert_record *out,
    struct setpki_error *err)
{
	enum setpki_code rc = look(t, ca, seq, out, err);

	if (rc == SETPKI_E_NOTFOUND)
		return ca_db_damaged(t, index, key, "it points to a certificate that is not there", err);
	return rc;
}

static enum setpki_code
own(struct ca_cert_record *rec, struct setpki_error *err)
{
	bool serial = ca_bytes_own(&rec->serial), der = ca_bytes_own(&rec->der); /* both, whatever comes of the first */
	bool named = rec->holder != NULL;

	if (named)
		rec->holder = OPENSSL_strdup(rec->holder);
	if (serial && der && (rec->holder != NULL) == named)
		return SETPKI_E_OK;
	ca_cert_record_free(rec);
	return sp_fail_memory(err);
}

enum setpki_code
ca_cert_get(ca_txn *t, uint16_t ca, uint64_t seq, struct ca_cert_record *out, struct setpki_error *err)
{
	enum setpki_code rc = look(t, ca, seq, out, err);

	if (rc == SETPKI_E_NOTFOUND)
		return sp_fail(err, rc, NULL, "the store has no certificate number %llu under CA number %u",
		    (unsigned long long)seq, ca);
	return rc == SETPKI_E_OK ? own(out, err) : rc;
}

static enum setpki_code
by_serial_entry(ca_txn *t, setpki_bytes key, setpki_bytes value, struct ca_cert_record *out, struct setpki_error *err)
{
	struct ca_reader k = ca_reader(sp_bytes(key.p + CA_SERIAL_KEY, key.n - CA_SERIAL_KEY)), v = ca_reader(value);
	uint16_t ca = ca_get_u16(&k);
	uint64_t seq = ca_get_u64(&v);
	enum setpki_code rc;

	if (!ca_get_end(&k) || !ca_get_end(&v))
		return ca_db_damaged(t, CA_DB_BY_SERIAL, key, "not an entry of this index", err);
	if ((rc = follow(t, CA_DB_BY_SERIAL, key, ca, seq, out, err)) != SETPKI_E_OK)
		return rc;
	if (out->serial.n != key.p[0] || memcmp(out->serial.p, key.p + 1, out->serial.n) != 0) {
		memset(out, 0, sizeof(*out));
		return ca_db_damaged(t, CA_DB_BY_SERIAL, key, "it points to a certificate with another serial", err);
	}
	return own(out, err);
}

enum setpki_code
ca_cert_by_serial(ca_txn *t, setpki_bytes serial, struct ca_cert_record *out, struct setpki_error *err)
{
	struct ca_dbkey k;
	struct ca_scan scan;
	setpki_bytes key, value;
	enum setpki_code rc;

	memset(out, 0, sizeof(*out));
	ca_key_start(&k);
	if ((rc = ca_key_serial(&k, serial, err)) != SETPKI_E_OK ||
	    (rc = ca_scan_open(t, CA_DB_BY_SERIAL, &k, k.n, &scan, err)) != SETPKI_E_OK)
		return rc;
	rc = ca_scan_next(&scan, &key, &value, err);
	if (rc == SETPKI_E_OK && key.n == 0)
		rc = sp_fail(err, SETPKI_E_NOTFOUND, NULL, "the store has no certificate with this serial number");
	else if (rc == SETPKI_E_OK)
		rc = by_serial_entry(t, key, value, out, err);
	ca_scan_close(&scan);
	return rc;
}

enum setpki_code
ca_cert_by_ca_serial(ca_txn *t, uint16_t ca, setpki_bytes serial, struct ca_cert_record *out, struct setpki_error *err)
{
	struct ca_dbkey k;
	setpki_bytes value;
	enum setpki_code rc;

	memset(out, 0, sizeof(*out));
	ca_key_start(&k);
	if ((rc = ca_key_serial(&k, serial, err)) != SETPKI_E_OK)
		return rc;
	ca_key_u16(&k, ca);
	if ((rc = ca_db_get(t, CA_DB_BY_SERIAL, &k, &value, err)) == SETPKI_E_NOTFOUND)
		return sp_fail(
		    err, rc, NULL, "the store has no certificate with this serial number from CA number %u", ca);
	return rc == SETPKI_E_OK ? by_serial_entry(t, ca_key_bytes(&k), value, out, err) : rc;
}

enum setpki_code
ca_cert_by_key(ca_txn *t, const uint8_t identity[32], struct ca_cert_record *out, struct setpki_error *err)
{
	struct ca_dbkey k;
	setpki_bytes value;
	enum setpki_code rc;
	uint16_t ca;
	uint64_t seq;

	memset(out, 0, sizeof(*out));
	identity_key(&k, identity);
	if ((rc = ca_db_get(t, CA_DB_BY_KEY, &k, &value, err)) == SETPKI_E_NOTFOUND)
		return sp_fail(err, rc, NULL, "the store has no certificate for this key");
	if (rc != SETPKI_E_OK)
		return rc;
	if (!place(value, &ca, &seq))
		return ca_db_damaged(t, CA_DB_BY_KEY, ca_key_bytes(&k), "not an entry of this index", err);
	if ((rc = follow(t, CA_DB_BY_KEY, ca_key_bytes(&k), ca, seq, out, err)) != SETPKI_E_OK)
		return rc;
	if (memcmp(out->key_identity, identity, sizeof(out->key_identity)) != 0) {
		memset(out, 0, sizeof(*out));
		return ca_db_damaged(
		    t, CA_DB_BY_KEY, ca_key_bytes(&k), "it points to a certificate for another key", err);
	}
	return own(out, err);
}

/* --- walks ------------------------------------------------------------------------------------- */

/* Shows one record; in a writing transaction a copy, since whatever `fn` writes may move the page. */
static enum setpki_code
show(ca_txn *t, struct ca_cert_record *rec, ca_cert_fn *fn, void *arg, struct setpki_error *err)
{
	enum setpki_code rc;

	if (!t->write)
		return fn(arg, rec, err);
	if ((rc = own(rec, err)) != SETPKI_E_OK)
		return rc;
	rc = fn(arg, rec, err);
	ca_cert_record_free(rec);
	return rc;
}

static enum setpki_code
walk_index(ca_txn *t, enum ca_db db, const struct ca_dbkey *prefix, ca_cert_fn *fn, void *arg, size_t *shown,
    struct setpki_error *err)
{
	struct ca_scan scan;
	struct ca_cert_record rec;
	setpki_bytes key, value;
	enum setpki_code rc;
	uint16_t ca;
	uint64_t seq;

	if ((rc = ca_scan_open(t, db, prefix, prefix->n, &scan, err)) != SETPKI_E_OK)
		return rc;
	while ((rc = ca_scan_next(&scan, &key, &value, err)) == SETPKI_E_OK && key.n != 0) {
		if (!place(sp_bytes(key.p + prefix->n, key.n - prefix->n), &ca, &seq)) {
			rc = ca_db_damaged(t, db, key, "not an entry of this index", err);
			break;
		}
		++*shown;
		if ((rc = follow(t, db, key, ca, seq, &rec, err)) != SETPKI_E_OK ||
		    (rc = show(t, &rec, fn, arg, err)) != SETPKI_E_OK)
			break;
	}
	ca_scan_close(&scan);
	return rc;
}

enum setpki_code
ca_cert_by_request(ca_txn *t, const uint8_t request[32], ca_cert_fn *fn, void *arg, struct setpki_error *err)
{
	struct ca_dbkey k;
	enum setpki_code rc;
	size_t shown = 0;

	identity_key(&k, request);
	rc = walk_index(t, CA_DB_BY_REQUEST, &k, fn, arg, &shown, err);
	if (rc == SETPKI_E_OK && shown == 0)
		return sp_fail(err, SETPKI_E_NOTFOUND, NULL, "the store has no certificate for this request");
	return rc;
}

enum setpki_code
ca_cert_by_holder(ca_txn *t, const char *holder, ca_cert_fn *fn, void *arg, struct setpki_error *err)
{
	struct ca_dbkey k;
	enum setpki_code rc;
	size_t shown = 0;

	if ((rc = holder_key(&k, holder, err)) != SETPKI_E_OK)
		return rc;
	rc = walk_index(t, CA_DB_BY_HOLDER, &k, fn, arg, &shown, err);
	return rc == SETPKI_E_STATE ? SETPKI_E_OK : rc;
}

enum setpki_code
ca_cert_each(ca_txn *t, uint16_t ca, uint64_t from, ca_cert_fn *fn, void *arg, struct setpki_error *err)
{
	struct ca_dbkey k;
	struct ca_scan scan;
	struct ca_cert_record rec;
	setpki_bytes key, value;
	enum setpki_code rc;

	cert_key(&k, ca, from);
	if ((rc = ca_scan_open(t, CA_DB_CERT, &k, 2, &scan, err)) != SETPKI_E_OK)
		return rc;
	while ((rc = ca_scan_next(&scan, &key, &value, err)) == SETPKI_E_OK && key.n != 0) {
		if (!ca_cert_decode(key, value, &rec)) {
			rc = ca_db_damaged(t, CA_DB_CERT, key, "not a record of a certificate", err);
			break;
		}
		if ((rc = show(t, &rec, fn, arg, err)) != SETPKI_E_OK)
			break;
	}
	ca_scan_close(&scan);
	return rc == SETPKI_E_STATE ? SETPKI_E_OK : rc;
}
