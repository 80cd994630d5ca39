/* The audit log's leaves and Merkle nodes.  Both are only ever appended: a node's key is the leaf that completes it,
 * then its level, which is the order in which nodes come to be. */
#include "ca/store/private.h"

#include <string.h>

static void
leaf_key(struct ca_dbkey *k, uint64_t index)
{
	ca_key_start(k);
	ca_key_u64(k, index);
}

/* ARGUMENT for a place that no tree has. */
static enum setpki_code
node_key(struct ca_dbkey *k, unsigned level, uint64_t index, struct setpki_error *err)
{
	if (level > 63 || index >= UINT64_MAX >> level)
		return sp_fail(err, SETPKI_E_ARGUMENT, NULL, "no Merkle tree has a node %llu on level %u",
		    (unsigned long long)index, level);
	ca_key_start(k);
	ca_key_u64(k, ((index + 1) << level) - 1);
	ca_key_u8(k, (uint8_t)level);
	return SETPKI_E_OK;
}

/* What is there already is not written again: neither a leaf nor a node ever changes. */
static enum setpki_code
append(ca_txn *t, enum ca_db db, const struct ca_dbkey *k, setpki_bytes value, struct setpki_error *err)
{
	setpki_bytes v;
	enum setpki_code rc = ca_db_get(t, db, k, &v, err);

	if (rc == SETPKI_E_OK)
		return sp_fail(err, SETPKI_E_CONFLICT, NULL, "the audit log has an entry there already");
	return rc == SETPKI_E_NOTFOUND ? ca_db_put(t, db, k, value, MDB_APPEND, err) : rc;
}

enum setpki_code
ca_audit_put(ca_txn *t, uint64_t index, setpki_bytes leaf, struct setpki_error *err)
{
	struct ca_dbkey k;

	leaf_key(&k, index);
	return append(t, CA_DB_AUDIT, &k, leaf, err);
}

enum setpki_code
ca_audit_get(ca_txn *t, uint64_t index, setpki_bytes *leaf, struct setpki_error *err)
{
	struct ca_dbkey k;
	enum setpki_code rc;

	leaf_key(&k, index);
	if ((rc = ca_db_get(t, CA_DB_AUDIT, &k, leaf, err)) == SETPKI_E_NOTFOUND)
		return sp_fail(err, rc, NULL, "the audit log has no leaf %llu", (unsigned long long)index);
	return rc;
}

enum setpki_code
ca_audit_each_leaf(ca_txn *t, uint64_t from, ca_audit_leaf_fn *fn, void *arg, struct setpki_error *err)
{
	struct ca_dbkey k;
	struct ca_scan scan;
	struct ca_reader r;
	setpki_bytes key, value;
	enum setpki_code rc;
	uint64_t index;

	leaf_key(&k, from);
	if ((rc = ca_scan_open(t, CA_DB_AUDIT, &k, 0, &scan, err)) != SETPKI_E_OK)
		return rc;
	while ((rc = ca_scan_next(&scan, &key, &value, err)) == SETPKI_E_OK && key.n != 0) {
		r = ca_reader(key);
		index = ca_get_u64(&r);
		rc = ca_get_end(&r) ? fn(arg, index, value, err)
				    : ca_db_damaged(t, CA_DB_AUDIT, key, "not the number of a leaf", err);
		if (rc != SETPKI_E_OK)
			break;
	}
	ca_scan_close(&scan);
	return rc;
}

enum setpki_code
ca_audit_node_put(ca_txn *t, unsigned level, uint64_t index, const uint8_t hash[32], struct setpki_error *err)
{
	struct ca_dbkey k;
	enum setpki_code rc;

	if ((rc = node_key(&k, level, index, err)) != SETPKI_E_OK)
		return rc;
	return append(t, CA_DB_AUDIT_NODE, &k, sp_bytes(hash, 32), err);
}

enum setpki_code
ca_audit_node_get(ca_txn *t, unsigned level, uint64_t index, uint8_t hash[32], struct setpki_error *err)
{
	struct ca_dbkey k;
	setpki_bytes v;
	enum setpki_code rc;

	if ((rc = node_key(&k, level, index, err)) != SETPKI_E_OK)
		return rc;
	if ((rc = ca_db_get(t, CA_DB_AUDIT_NODE, &k, &v, err)) == SETPKI_E_NOTFOUND)
		return sp_fail(
		    err, rc, NULL, "the audit log has no node %llu on level %u", (unsigned long long)index, level);
	if (rc == SETPKI_E_OK && v.n != 32)
		return ca_db_damaged(t, CA_DB_AUDIT_NODE, ca_key_bytes(&k), "not a hash", err);
	if (rc == SETPKI_E_OK)
		memcpy(hash, v.p, 32);
	return rc;
}
