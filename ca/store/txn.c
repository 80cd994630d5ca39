/* Transactions; getting, putting and scanning within one. */
#include "ca/store/private.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <setpki/text.h>
#include <string.h>
#include <unistd.h>

/* --- transactions ------------------------------------------------------------------------------ */

/* Begins, after mending what can be mended: a map that another process enlarged, a reader table full of the dead. */
static enum setpki_code
begin(ca_store *s, bool write, MDB_txn **txn, struct setpki_error *err)
{
	enum setpki_code code;
	int tries, dead, rc = 0;

	for (tries = 0; tries < 3; tries++) {
		rc = mdb_txn_begin(s->env, NULL, write ? 0 : MDB_RDONLY, txn);
		if (rc == MDB_MAP_RESIZED) {
			if ((code = ca_store_remap(s, err)) != SETPKI_E_OK)
				return code;
		} else if (rc != MDB_READERS_FULL || mdb_reader_check(s->env, &dead) != 0 || dead == 0) {
			break;
		}
	}
	return rc == 0 ? SETPKI_E_OK : ca_store_fail(s, rc, "beginning a transaction", err);
}

enum setpki_code
ca_txn_begin(ca_store *s, bool write, ca_txn **out, struct setpki_error *err)
{
	enum setpki_code rc;
	ca_txn *t;

	*out = NULL;
	if (s->pid != (long)getpid())
		return sp_fail(err, SETPKI_E_STATE, NULL,
		    "%s: opened by process %ld, used by its child; each process opens the store for itself", s->dir,
		    s->pid);
	if (write && (rc = ca_store_make_room(s, err)) != SETPKI_E_OK)
		return rc;
	if ((t = OPENSSL_zalloc(sizeof(*t))) == NULL)
		return sp_fail_memory(err);
	if ((rc = begin(s, write, &t->txn, err)) != SETPKI_E_OK) {
		OPENSSL_free(t);
		return rc;
	}
	t->s = s;
	t->write = write;
	s->active++;
	*out = t;
	return SETPKI_E_OK;
}

static void
end(ca_txn *t)
{
	t->s->active--;
	OPENSSL_free(t);
}

enum setpki_code
ca_txn_commit(ca_txn *t, struct setpki_error *err)
{
	enum setpki_code code = SETPKI_E_OK;
	int rc;

	if (t->failed) {
		code = sp_fail(err, SETPKI_E_STORE, NULL,
		    "%s: something failed in this transaction; nothing was changed", t->s->dir);
		ca_txn_abort(t);
		return code;
	}
	if ((rc = mdb_txn_commit(t->txn)) != 0) {
		t->s->grow |= rc == MDB_MAP_FULL;
		code = ca_store_fail(t->s, rc, "writing a transaction to disk", err);
	}
	end(t);
	return code;
}

void
ca_txn_abort(ca_txn *t)
{
	if (t == NULL)
		return;
	mdb_txn_abort(t->txn);
	end(t);
}

bool
ca_txn_may_write(const ca_txn *t)
{
	return t->write;
}

enum setpki_code
ca_txn_writable(const ca_txn *t, struct setpki_error *err)
{
	if (!t->write)
		return sp_fail(err, SETPKI_E_STATE, NULL, "%s: a change in a transaction that only reads", t->s->dir);
	return SETPKI_E_OK;
}

/* --- keys -------------------------------------------------------------------------------------- */

void
ca_key_start(struct ca_dbkey *k)
{
	k->n = 0;
}

void
ca_key_raw(struct ca_dbkey *k, const void *p, size_t n)
{
	memcpy(k->p + k->n, p, n);
	k->n += n;
}

static void
key_be(struct ca_dbkey *k, uint64_t v, size_t n)
{
	size_t i;

	for (i = k->n + n; i > k->n; v >>= 8)
		k->p[--i] = (uint8_t)v;
	k->n += n;
}

void
ca_key_u8(struct ca_dbkey *k, uint8_t v)
{
	key_be(k, v, 1);
}

void
ca_key_u16(struct ca_dbkey *k, uint16_t v)
{
	key_be(k, v, 2);
}

void
ca_key_u64(struct ca_dbkey *k, uint64_t v)
{
	key_be(k, v, 8);
}

enum setpki_code
ca_key_serial(struct ca_dbkey *k, setpki_bytes serial, struct setpki_error *err)
{
	if (serial.n == 0 || serial.n > SP_SERIAL_MAX)
		return sp_fail(err, SETPKI_E_ARGUMENT, "RFC 5280 4.1.2.2",
		    "a serial number of %zu octets; it has 1 to %u", serial.n, SP_SERIAL_MAX);
	ca_key_u8(k, (uint8_t)serial.n);
	ca_key_raw(k, serial.p, serial.n);
	memset(k->p + k->n, 0, SP_SERIAL_MAX - serial.n);
	k->n += SP_SERIAL_MAX - serial.n;
	return SETPKI_E_OK;
}

setpki_bytes
ca_key_bytes(const struct ca_dbkey *k)
{
	return (setpki_bytes){k->p, k->n};
}

/* --- one database ------------------------------------------------------------------------------ */

/* A key for people: text where it is text (names), else hex; long ones are cut. */
static const char *
key_text(enum ca_db db, setpki_bytes key, char *out, size_t cap)
{
	size_t n = key.n < (cap - 1) / 2 ? key.n : (cap - 1) / 2;

	if (db == CA_DB_META && setpki_utf8_printable(sp_bytes(key.p, n)))
		snprintf(out, cap, "%.*s", (int)n, (const char *)key.p);
	else
		setpki_hex_text(sp_bytes(key.p, n), out);
	return out;
}

enum setpki_code
ca_db_damaged(ca_txn *t, enum ca_db db, setpki_bytes key, const char *why, struct setpki_error *err)
{
	char text[160];

	t->failed = true;
	return sp_fail(err, SETPKI_E_STORE, NULL,
	    "%s: database \"%s\", key %s: %s; the store is damaged, put a backup in its place", t->s->dir,
	    ca_db_names[db], key_text(db, key, text, sizeof(text)), why);
}

enum setpki_code
ca_db_fail(ca_txn *t, enum ca_db db, int rc, const char *verb, struct setpki_error *err)
{
	char doing[64];

	t->failed = true;
	t->s->grow |= rc == MDB_MAP_FULL;
	snprintf(doing, sizeof(doing), "%s database \"%s\"", verb, ca_db_names[db]);
	return ca_store_fail(t->s, rc, doing, err);
}

/* LMDB takes pointers to what it will not change. */
static MDB_val
val(setpki_bytes b)
{
	return (MDB_val){b.n, (void *)(uintptr_t)b.p};
}

enum setpki_code
ca_db_get(ca_txn *t, enum ca_db db, const struct ca_dbkey *k, setpki_bytes *out, struct setpki_error *err)
{
	MDB_val key = val(ca_key_bytes(k)), value;
	int rc = mdb_get(t->txn, t->s->db[db], &key, &value);

	*out = (setpki_bytes){NULL, 0};
	if (rc == MDB_NOTFOUND)
		return SETPKI_E_NOTFOUND;
	if (rc != 0)
		return ca_db_fail(t, db, rc, "reading", err);
	*out = sp_bytes(value.mv_data, value.mv_size);
	return SETPKI_E_OK;
}

enum setpki_code
ca_db_put(
    ca_txn *t, enum ca_db db, const struct ca_dbkey *k, setpki_bytes value, unsigned flags, struct setpki_error *err)
{
	MDB_val key = val(ca_key_bytes(k)), v = val(value);
	enum setpki_code code;
	int rc;

	if ((code = ca_txn_writable(t, err)) != SETPKI_E_OK)
		return code;
	if ((rc = mdb_put(t->txn, t->s->db[db], &key, &v, flags)) != 0)
		return ca_db_fail(t, db, rc, "writing", err);
	return SETPKI_E_OK;
}

enum setpki_code
ca_db_put_buf(ca_txn *t, enum ca_db db, const struct ca_dbkey *k, const struct sp_buf *value, unsigned flags,
    struct setpki_error *err)
{
	if (value->failed) {
		t->failed = true;
		return sp_fail_memory(err);
	}
	return ca_db_put(t, db, k, sp_buf_bytes(value), flags, err);
}

enum setpki_code
ca_db_del(ca_txn *t, enum ca_db db, const struct ca_dbkey *k, struct setpki_error *err)
{
	MDB_val key = val(ca_key_bytes(k));
	enum setpki_code code;
	int rc;

	if ((code = ca_txn_writable(t, err)) != SETPKI_E_OK)
		return code;
	if ((rc = mdb_del(t->txn, t->s->db[db], &key, NULL)) == MDB_NOTFOUND)
		return SETPKI_E_NOTFOUND;
	return rc == 0 ? SETPKI_E_OK : ca_db_fail(t, db, rc, "deleting from", err);
}

/* --- scans ------------------------------------------------------------------------------------- */

enum setpki_code
ca_scan_open(
    ca_txn *t, enum ca_db db, const struct ca_dbkey *from, size_t prefix, struct ca_scan *out, struct setpki_error *err)
{
	int rc;

	*out = (struct ca_scan){.t = t, .db = db, .prefix = prefix};
	ca_key_raw(&out->from, from->p, from->n);
	if ((rc = mdb_cursor_open(t->txn, t->s->db[db], &out->cursor)) != 0)
		return ca_db_fail(t, db, rc, "reading", err);
	return SETPKI_E_OK;
}

enum setpki_code
ca_scan_next(struct ca_scan *s, setpki_bytes *key, setpki_bytes *value, struct setpki_error *err)
{
	MDB_val k = val(ca_key_bytes(&s->from)), v;
	int rc = mdb_cursor_get(s->cursor, &k, &v, s->started ? MDB_NEXT : k.mv_size ? MDB_SET_RANGE : MDB_FIRST);

	s->started = true;
	*key = *value = (setpki_bytes){NULL, 0};
	if (rc != 0 && rc != MDB_NOTFOUND)
		return ca_db_fail(s->t, s->db, rc, "reading", err);
	if (rc == 0 && k.mv_size >= s->prefix && memcmp(k.mv_data, s->from.p, s->prefix) == 0) {
		*key = sp_bytes(k.mv_data, k.mv_size);
		*value = sp_bytes(v.mv_data, v.mv_size);
	}
	return SETPKI_E_OK;
}

void
ca_scan_close(struct ca_scan *s)
{
	if (s->cursor != NULL)
		mdb_cursor_close(s->cursor);
	s->cursor = NULL;
}
