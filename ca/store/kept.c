/* kept, rrpid, due: what was answered, and what is to be erased. */
#include "ca/store/private.h"

#include <string.h>

/* --- due --------------------------------------------------------------------------------------- */

static void
due_key(struct ca_dbkey *k, const struct ca_due *d)
{
	ca_key_start(k);
	ca_key_u64(k, (uint64_t)d->at);
	ca_key_u64(k, d->number);
	ca_key_raw(k, d->wrapper, sizeof(d->wrapper));
}

enum setpki_code
ca_due_put(ca_txn *t, const struct ca_due *d, struct setpki_error *err)
{
	struct ca_dbkey k;

	due_key(&k, d);
	return ca_db_put(t, CA_DB_DUE, &k, (setpki_bytes){NULL, 0}, 0, err);
}

enum setpki_code
ca_due_del(ca_txn *t, const struct ca_due *d, struct setpki_error *err)
{
	struct ca_dbkey k;
	enum setpki_code rc;

	due_key(&k, d);
	rc = ca_db_del(t, CA_DB_DUE, &k, err);
	return rc == SETPKI_E_NOTFOUND ? ca_db_damaged(t, CA_DB_DUE, ca_key_bytes(&k), "it is missing", err) : rc;
}

enum setpki_code
ca_due_first(ca_txn *t, int64_t until, struct ca_due *out, struct setpki_error *err)
{
	struct ca_dbkey k;
	struct ca_scan scan;
	struct ca_reader r;
	setpki_bytes key, value;
	enum setpki_code rc;

	memset(out, 0, sizeof(*out));
	ca_key_start(&k);
	if ((rc = ca_scan_open(t, CA_DB_DUE, &k, 0, &scan, err)) != SETPKI_E_OK)
		return rc;
	rc = ca_scan_next(&scan, &key, &value, err);
	r = ca_reader(key);
	if (rc == SETPKI_E_OK && key.n != 0) {
		out->at = ca_get_i64(&r);
		out->number = ca_get_u64(&r);
		ca_get_raw(&r, out->wrapper, sizeof(out->wrapper));
		if (!ca_get_end(&r))
			rc = ca_db_damaged(t, CA_DB_DUE, key, "not an entry of this index", err);
	}
	ca_scan_close(&scan);
	if (rc == SETPKI_E_OK && (key.n == 0 || out->at > until))
		return sp_fail(err, SETPKI_E_NOTFOUND, NULL, "nothing is to be erased");
	return rc;
}

enum setpki_code
ca_due_dangles(ca_txn *t, const struct ca_due *d, struct setpki_error *err)
{
	struct ca_dbkey k;

	due_key(&k, d);
	return ca_db_damaged(t, CA_DB_DUE, ca_key_bytes(&k), "what it points to is not there", err);
}

/* --- kept ------------------------------------------------------------------------------------ */

static void
kept_key(struct ca_dbkey *k, const uint8_t wrapper[32])
{
	ca_key_start(k);
	ca_key_raw(k, wrapper, 32);
}

static void
rrpid_key(struct ca_dbkey *k, const uint8_t rrpid[SP_NONCE_LEN], const uint8_t key[32])
{
	ca_key_start(k);
	ca_key_raw(k, rrpid, SP_NONCE_LEN);
	ca_key_raw(k, key, 32);
}

static struct ca_due
due_of(const struct ca_kept_record *rec)
{
	struct ca_due d = {.at = rec->expires};

	memcpy(d.wrapper, rec->wrapper, sizeof(d.wrapper));
	return d;
}

enum setpki_code
ca_rrpid_get(
    ca_txn *t, const uint8_t rrpid[SP_NONCE_LEN], const uint8_t key[32], uint8_t wrapper[32], struct setpki_error *err)
{
	struct ca_dbkey k;
	setpki_bytes v;
	enum setpki_code rc;

	rrpid_key(&k, rrpid, key);
	if ((rc = ca_db_get(t, CA_DB_RRPID, &k, &v, err)) == SETPKI_E_NOTFOUND)
		return sp_fail(err, rc, NULL, "this RRPID was not used with this key");
	if (rc != SETPKI_E_OK)
		return rc;
	if (v.n != 32)
		return ca_db_damaged(t, CA_DB_RRPID, ca_key_bytes(&k), "not an entry of this index", err);
	memcpy(wrapper, v.p, 32);
	return SETPKI_E_OK;
}

/* Neither the wrapper nor its RRPID with this key is there. */
static enum setpki_code
check_free(ca_txn *t, const struct ca_kept_record *rec, struct setpki_error *err)
{
	struct setpki_error absent = {0};
	struct ca_dbkey k;
	uint8_t wrapper[32];
	setpki_bytes v;
	enum setpki_code rc = ca_rrpid_get(t, rec->rrpid, rec->key, wrapper, &absent);

	if (rc == SETPKI_E_OK)
		return sp_fail(err, SETPKI_E_CONFLICT, "set-protocol 12.7", "this RRPID was used with this key before");
	if (rc != SETPKI_E_NOTFOUND)
		return sp_fail(err, rc, absent.spec, "%s", absent.message);
	kept_key(&k, rec->wrapper);
	if ((rc = ca_db_get(t, CA_DB_KEPT, &k, &v, err)) == SETPKI_E_OK)
		return sp_fail(err, SETPKI_E_CONFLICT, "set-protocol 12.7", "this message has been answered before");
	return rc == SETPKI_E_NOTFOUND ? SETPKI_E_OK : rc;
}

enum setpki_code
ca_kept_put(ca_txn *t, const struct ca_kept_record *rec, struct setpki_error *err)
{
	struct ca_due due = due_of(rec);
	struct sp_buf b = {0};
	struct ca_dbkey k, r;
	enum setpki_code rc;

	if (rec->answer.n > SP_MESSAGE_MAX)
		return sp_fail(err, SETPKI_E_LIMIT, NULL, "an answer of %zu bytes; at most %u can be kept",
		    rec->answer.n, SP_MESSAGE_MAX);
	if ((rc = check_free(t, rec, err)) != SETPKI_E_OK)
		return rc;
	kept_key(&k, rec->wrapper);
	rrpid_key(&r, rec->rrpid, rec->key);
	ca_kept_encode(rec, &b);
	if ((rc = ca_db_put_buf(t, CA_DB_KEPT, &k, &b, 0, err)) == SETPKI_E_OK &&
	    (rc = ca_db_put(t, CA_DB_RRPID, &r, SP_BYTES(rec->wrapper), 0, err)) == SETPKI_E_OK)
		rc = ca_due_put(t, &due, err);
	sp_buf_free(&b);
	return rc;
}

enum setpki_code
ca_kept_look(ca_txn *t, const uint8_t wrapper[32], struct ca_kept_record *out, struct setpki_error *err)
{
	struct ca_dbkey k;
	setpki_bytes v;
	enum setpki_code rc;

	memset(out, 0, sizeof(*out));
	kept_key(&k, wrapper);
	if ((rc = ca_db_get(t, CA_DB_KEPT, &k, &v, err)) == SETPKI_E_NOTFOUND)
		return sp_fail(err, rc, NULL, "no answer is kept for this message");
	if (rc != SETPKI_E_OK)
		return rc;
	if (ca_kept_decode(ca_key_bytes(&k), v, out))
		return SETPKI_E_OK;
	memset(out, 0, sizeof(*out));
	return ca_db_damaged(t, CA_DB_KEPT, ca_key_bytes(&k), "not a record of an answer", err);
}

enum setpki_code
ca_kept_del(ca_txn *t, const uint8_t wrapper[32], struct setpki_error *err)
{
	struct ca_kept_record rec;
	struct ca_due due;
	struct ca_dbkey k;
	enum setpki_code rc;

	if ((rc = ca_kept_look(t, wrapper, &rec, err)) != SETPKI_E_OK)
		return rc;
	due = due_of(&rec);
	rrpid_key(&k, rec.rrpid, rec.key);
	if ((rc = ca_db_del(t, CA_DB_RRPID, &k, err)) == SETPKI_E_NOTFOUND)
		return ca_db_damaged(t, CA_DB_RRPID, ca_key_bytes(&k), "it is missing", err);
	kept_key(&k, wrapper);
	if (rc == SETPKI_E_OK && (rc = ca_db_del(t, CA_DB_KEPT, &k, err)) == SETPKI_E_OK)
		rc = ca_due_del(t, &due, err);
	return rc;
}
