/* request: registrations, their indexes by wrapper, lid-CA and state. */
#include "ca/store/private.h"

#include <string.h>

/* --- keys -------------------------------------------------------------------------------------- */

static void
number_key(struct ca_dbkey *k, uint64_t number)
{
	ca_key_start(k);
	ca_key_u64(k, number);
}

static void
wrapper_key(struct ca_dbkey *k, const uint8_t wrapper[32])
{
	ca_key_start(k);
	ca_key_raw(k, wrapper, 32);
}

static void
lid_key(struct ca_dbkey *k, const uint8_t lid_ca[CA_LID_CA], uint64_t number)
{
	ca_key_start(k);
	ca_key_raw(k, lid_ca, CA_LID_CA);
	ca_key_u64(k, number);
}

static void
state_key(struct ca_dbkey *k, enum ca_request_state state, uint64_t number)
{
	ca_key_start(k);
	ca_key_u8(k, (uint8_t)state);
	ca_key_u64(k, number);
}

static struct ca_due
due_of(const struct ca_request_record *rec)
{
	return (struct ca_due){.at = rec->erase_at, .number = rec->number};
}

/* --- putting ----------------------------------------------------------------------------------- */

static enum setpki_code
next_number(ca_txn *t, uint64_t *out, struct setpki_error *err)
{
	MDB_val k, v;
	MDB_cursor *c;
	struct ca_reader r;
	int rc;

	*out = 1;
	if ((rc = mdb_cursor_open(t->txn, t->s->db[CA_DB_REQUEST], &c)) != 0)
		return ca_db_fail(t, CA_DB_REQUEST, rc, "reading", err);
	rc = mdb_cursor_get(c, &k, &v, MDB_LAST);
	mdb_cursor_close(c);
	if (rc == MDB_NOTFOUND)
		return SETPKI_E_OK;
	if (rc != 0)
		return ca_db_fail(t, CA_DB_REQUEST, rc, "reading", err);
	r = ca_reader(sp_bytes(k.mv_data, k.mv_size));
	*out = ca_get_u64(&r) + 1;
	return ca_get_end(&r) ? SETPKI_E_OK
			      : ca_db_damaged(t, CA_DB_REQUEST, sp_bytes(k.mv_data, k.mv_size), "not a number", err);
}

static enum setpki_code
check_fields(const struct ca_request_record *rec, struct setpki_error *err)
{
	if (rec->ca == 0 || rec->state >= CA_REQUEST_STATES || rec->nvotes > CA_REQUEST_VOTES || rec->nlid_ee == 0 ||
	    rec->nlid_ee > sizeof(rec->lid_ee))
		return sp_fail(
		    err, SETPKI_E_ARGUMENT, NULL, "a request's record needs its CA, its state and the lid-EE");
	if (rec->sealed.n > SP_MESSAGE_MAX || rec->sig_key.n > SP_SPKI_MAX || rec->enc_key.n > SP_SPKI_MAX)
		return sp_fail(err, SETPKI_E_LIMIT, NULL, "a request of %zu, %zu and %zu bytes cannot be stored",
		    rec->sealed.n, rec->sig_key.n, rec->enc_key.n);
	return SETPKI_E_OK;
}

/* The record itself, its state and when it is to be erased: what changes. */
static enum setpki_code
put_record(ca_txn *t, const struct ca_request_record *rec, struct setpki_error *err)
{
	struct ca_due due = due_of(rec);
	struct sp_buf b = {0};
	struct ca_dbkey k;
	enum setpki_code rc;

	number_key(&k, rec->number);
	ca_request_encode(rec, &b);
	rc = ca_db_put_buf(t, CA_DB_REQUEST, &k, &b, 0, err);
	sp_buf_free(&b);
	if (rc != SETPKI_E_OK)
		return rc;
	state_key(&k, rec->state, rec->number);
	rc = ca_db_put(t, CA_DB_REQUEST_BY_STATE, &k, (setpki_bytes){NULL, 0}, 0, err);
	return rc == SETPKI_E_OK && rec->erase_at != 0 ? ca_due_put(t, &due, err) : rc;
}

enum setpki_code
ca_request_add(ca_txn *t, struct ca_request_record *rec, struct setpki_error *err)
{
	struct ca_dbkey wrapper, number, lid;
	setpki_bytes v;
	enum setpki_code rc;

	wrapper_key(&wrapper, rec->wrapper);
	if ((rc = ca_txn_writable(t, err)) != SETPKI_E_OK || (rc = check_fields(rec, err)) != SETPKI_E_OK)
		return rc;
	if ((rc = ca_db_get(t, CA_DB_REQUEST_BY_WRAPPER, &wrapper, &v, err)) == SETPKI_E_OK)
		return sp_fail(err, SETPKI_E_CONFLICT, "set-protocol 12.7", "this request has been recorded before");
	if (rc != SETPKI_E_NOTFOUND || (rc = next_number(t, &rec->number, err)) != SETPKI_E_OK)
		return rc;
	number_key(&number, rec->number);
	lid_key(&lid, rec->lid_ca, rec->number);
	if ((rc = put_record(t, rec, err)) == SETPKI_E_OK &&
	    (rc = ca_db_put(t, CA_DB_REQUEST_BY_WRAPPER, &wrapper, ca_key_bytes(&number), 0, err)) == SETPKI_E_OK)
		rc = ca_db_put(t, CA_DB_REQUEST_BY_LID, &lid, (setpki_bytes){NULL, 0}, 0, err);
	return rc;
}

/* NOTFOUND without a word in `err`.  The record is borrowed from the map. */
static enum setpki_code
look(ca_txn *t, uint64_t number, struct ca_request_record *out, struct setpki_error *err)
{
	struct ca_dbkey k;
	setpki_bytes v;
	enum setpki_code rc;

	memset(out, 0, sizeof(*out));
	number_key(&k, number);
	if ((rc = ca_db_get(t, CA_DB_REQUEST, &k, &v, err)) != SETPKI_E_OK)
		return rc;
	if (ca_request_decode(ca_key_bytes(&k), v, out))
		return SETPKI_E_OK;
	memset(out, 0, sizeof(*out));
	return ca_db_damaged(t, CA_DB_REQUEST, ca_key_bytes(&k), "not a record of a request", err);
}

static enum setpki_code
no_such(enum setpki_code rc, uint64_t number, struct setpki_error *err)
{
	if (rc != SETPKI_E_NOTFOUND)
		return rc;
	return sp_fail(err, rc, NULL, "there is no request number %llu", (unsigned long long)number);
}

enum setpki_code
ca_request_put(ca_txn *t, const struct ca_request_record *rec, struct setpki_error *err)
{
	struct ca_request_record old;
	struct ca_due due;
	struct ca_dbkey k;
	enum setpki_code rc;

	if ((rc = ca_txn_writable(t, err)) != SETPKI_E_OK || (rc = check_fields(rec, err)) != SETPKI_E_OK)
		return rc;
	if ((rc = look(t, rec->number, &old, err)) != SETPKI_E_OK)
		return no_such(rc, rec->number, err);
	if (memcmp(old.wrapper, rec->wrapper, sizeof(old.wrapper)) != 0 ||
	    memcmp(old.lid_ca, rec->lid_ca, sizeof(old.lid_ca)) != 0)
		return sp_fail(err, SETPKI_E_ARGUMENT, NULL, "a request keeps its wrapper and lid-CA");
	if (!ca_request_may_become(old.state, rec->state, false))
		return sp_fail(err, SETPKI_E_STATE, "set-protocol 12.8", "request %llu is %s, and stays so",
		    (unsigned long long)rec->number, ca_request_state_name(old.state));
	due = due_of(&old);
	state_key(&k, old.state, old.number);
	if ((rc = ca_db_del(t, CA_DB_REQUEST_BY_STATE, &k, err)) == SETPKI_E_NOTFOUND)
		return ca_db_damaged(t, CA_DB_REQUEST_BY_STATE, ca_key_bytes(&k), "it is missing", err);
	if (rc == SETPKI_E_OK && due.at != 0)
		rc = ca_due_del(t, &due, err);
	return rc == SETPKI_E_OK ? put_record(t, rec, err) : rc;
}

/* --- getting ----------------------------------------------------------------------------------- */

static enum setpki_code
own(struct ca_request_record *rec, struct setpki_error *err)
{
	setpki_bytes *parts[] = {&rec->sig_key, &rec->enc_key, &rec->sealed};
	bool whole = true;

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (!ca_bytes_own(parts[i]))
			whole = false;
	if (whole)
		return SETPKI_E_OK;
	ca_request_record_free(rec);
	return sp_fail_memory(err);
}

enum setpki_code
ca_request_get(ca_txn *t, uint64_t number, struct ca_request_record *out, struct setpki_error *err)
{
	enum setpki_code rc = look(t, number, out, err);

	return rc == SETPKI_E_OK ? own(out, err) : no_such(rc, number, err);
}

/* What an index entry points to. */
static enum setpki_code
follow(ca_txn *t, enum ca_db index, setpki_bytes key, uint64_t number, struct ca_request_record *out,
    struct setpki_error *err)
{
	enum setpki_code rc = look(t, number, out, err);

	if (rc == SETPKI_E_NOTFOUND)
		return ca_db_damaged(t, index, key, "it points to a request that is not there", err);
	return rc;
}

enum setpki_code
ca_request_by_wrapper(ca_txn *t, const uint8_t wrapper[32], struct ca_request_record *out, struct setpki_error *err)
{
	struct ca_dbkey k;
	struct ca_reader r;
	setpki_bytes v;
	uint64_t number;
	enum setpki_code rc;

	memset(out, 0, sizeof(*out));
	wrapper_key(&k, wrapper);
	if ((rc = ca_db_get(t, CA_DB_REQUEST_BY_WRAPPER, &k, &v, err)) == SETPKI_E_NOTFOUND)
		return sp_fail(err, rc, NULL, "there is no request of this wrapper");
	if (rc != SETPKI_E_OK)
		return rc;
	r = ca_reader(v);
	number = ca_get_u64(&r);
	if (!ca_get_end(&r))
		return ca_db_damaged(t, CA_DB_REQUEST_BY_WRAPPER, ca_key_bytes(&k), "not an entry of this index", err);
	rc = follow(t, CA_DB_REQUEST_BY_WRAPPER, ca_key_bytes(&k), number, out, err);
	return rc == SETPKI_E_OK ? own(out, err) : rc;
}

/* --- walks ------------------------------------------------------------------------------------- */

/* Shows one record; in a writing transaction a copy, since whatever `fn` writes may move the page. */
static enum setpki_code
show(ca_txn *t, struct ca_request_record *rec, ca_request_fn *fn, void *arg, struct setpki_error *err)
{
	enum setpki_code rc;

	if (!t->write)
		return fn(arg, rec, err);
	if ((rc = own(rec, err)) != SETPKI_E_OK)
		return rc;
	rc = fn(arg, rec, err);
	ca_request_record_free(rec);
	return rc;
}

/* The request whose number ends the key of an index entry. */
static enum setpki_code
show_entry(ca_txn *t, enum ca_db index, setpki_bytes key, size_t prefix, ca_request_fn *fn, void *arg,
    struct setpki_error *err)
{
	struct ca_reader r = ca_reader(sp_bytes(key.p + prefix, key.n - prefix));
	uint64_t number = ca_get_u64(&r);
	struct ca_request_record rec;
	enum setpki_code rc;

	if (!ca_get_end(&r))
		return ca_db_damaged(t, index, key, "not an entry of this index", err);
	rc = follow(t, index, key, number, &rec, err);
	return rc == SETPKI_E_OK ? show(t, &rec, fn, arg, err) : rc;
}

/* Backwards: a scan only goes forwards, and a lid-CA has few requests. */
enum setpki_code
ca_request_by_lid(ca_txn *t, const uint8_t lid_ca[CA_LID_CA], ca_request_fn *fn, void *arg, struct setpki_error *err)
{
	struct ca_dbkey end;
	MDB_val k, v;
	MDB_cursor *c;
	enum setpki_code code = SETPKI_E_OK;
	int rc;

	lid_key(&end, lid_ca, UINT64_MAX);
	k = (MDB_val){end.n, end.p};
	if ((rc = mdb_cursor_open(t->txn, t->s->db[CA_DB_REQUEST_BY_LID], &c)) != 0)
		return ca_db_fail(t, CA_DB_REQUEST_BY_LID, rc, "reading", err);
	rc = mdb_cursor_get(c, &k, &v, MDB_SET_RANGE);
	if (rc == 0 || rc == MDB_NOTFOUND)
		rc = mdb_cursor_get(c, &k, &v, rc == 0 ? MDB_PREV : MDB_LAST);
	while (rc == 0 && code == SETPKI_E_OK && k.mv_size >= CA_LID_CA && memcmp(k.mv_data, lid_ca, CA_LID_CA) == 0) {
		code = show_entry(t, CA_DB_REQUEST_BY_LID, sp_bytes(k.mv_data, k.mv_size), CA_LID_CA, fn, arg, err);
		if (code == SETPKI_E_OK)
			rc = mdb_cursor_get(c, &k, &v, MDB_PREV);
	}
	mdb_cursor_close(c);
	if (rc != 0 && rc != MDB_NOTFOUND)
		return ca_db_fail(t, CA_DB_REQUEST_BY_LID, rc, "reading", err);
	return code == SETPKI_E_STATE ? SETPKI_E_OK : code;
}

/* Walks all requests, or the entries of one state. */
enum setpki_code
ca_request_each(
    ca_txn *t, enum ca_request_state state, uint64_t from, ca_request_fn *fn, void *arg, struct setpki_error *err)
{
	enum ca_db db = state == CA_REQUEST_STATES ? CA_DB_REQUEST : CA_DB_REQUEST_BY_STATE;
	size_t prefix = state == CA_REQUEST_STATES ? 0 : 1;
	struct ca_dbkey k;
	struct ca_scan scan;
	setpki_bytes key, value;
	enum setpki_code rc;

	if (prefix == 0)
		number_key(&k, from);
	else
		state_key(&k, state, from);
	if ((rc = ca_scan_open(t, db, &k, prefix, &scan, err)) != SETPKI_E_OK)
		return rc;
	while ((rc = ca_scan_next(&scan, &key, &value, err)) == SETPKI_E_OK && key.n != 0)
		if ((rc = show_entry(t, db, key, prefix, fn, arg, err)) != SETPKI_E_OK)
			break;
	ca_scan_close(&scan);
	return rc == SETPKI_E_STATE ? SETPKI_E_OK : rc;
}

enum setpki_code
ca_request_count(ca_txn *t, enum ca_request_state state, uint64_t *n, struct setpki_error *err)
{
	struct ca_dbkey k;
	struct ca_scan scan;
	setpki_bytes key, value;
	enum setpki_code rc;

	*n = 0;
	state_key(&k, state, 0);
	if ((rc = ca_scan_open(t, CA_DB_REQUEST_BY_STATE, &k, 1, &scan, err)) != SETPKI_E_OK)
		return rc;
	while ((rc = ca_scan_next(&scan, &key, &value, err)) == SETPKI_E_OK && key.n != 0)
		++*n;
	ca_scan_close(&scan);
	return rc;
}
