#include "ca/audit/leaf.h"

#include <setpki/text.h>
#include <stdio.h>
#include <string.h>

/* meta: the right edge of the tree, so that appending reads nothing else. */
#define META_EDGE "audit-edge"

/* size, then the subtree roots of its set bits from bit 0 upward */
static enum setpki_code
edge_put(ca_txn *t, const struct sp_merkle *m, struct setpki_error *err)
{
	uint8_t out[8 + SP_MERKLE_LEVELS * SP_MERKLE_LEN];
	size_t n = 8;

	for (int i = 0; i < 8; i++)
		out[i] = (uint8_t)(m->size >> (56 - 8 * i));
	for (unsigned level = 0; level < SP_MERKLE_LEVELS; level++)
		if ((m->size >> level & 1) != 0) {
			memcpy(out + n, m->edge[level], SP_MERKLE_LEN);
			n += SP_MERKLE_LEN;
		}
	return ca_meta_put(t, META_EDGE, sp_bytes(out, n), err);
}

enum setpki_code
ca_audit_edge(ca_txn *t, struct sp_merkle *m, struct setpki_error *err)
{
	struct setpki_error absent = {0};
	setpki_bytes s;
	size_t at = 8;
	enum setpki_code rc = ca_meta_get(t, META_EDGE, &s, &absent);

	memset(m, 0, sizeof(*m));
	if (rc == SETPKI_E_NOTFOUND)
		return SETPKI_E_OK;
	if (rc != SETPKI_E_OK)
		return sp_fail(err, rc, absent.spec, "%s", absent.message);
	for (size_t i = 0; i < 8 && i < s.n; i++)
		m->size = m->size << 8 | s.p[i];
	for (unsigned level = 0; level < SP_MERKLE_LEVELS; level++)
		if ((m->size >> level & 1) != 0) {
			if (s.n < at + SP_MERKLE_LEN)
				break;
			memcpy(m->edge[level], s.p + at, SP_MERKLE_LEN);
			at += SP_MERKLE_LEN;
		}
	if (s.n < 8 || at != s.n)
		return sp_fail(
		    err, SETPKI_E_STORE, NULL, "the edge of the audit log is damaged: restore from a backup");
	return SETPKI_E_OK;
}

static enum setpki_code
put_node(void *arg, unsigned level, uint64_t index, const uint8_t hash[SP_MERKLE_LEN], struct setpki_error *err)
{
	return ca_audit_node_put(arg, level, index, hash, err);
}

/* The detail as it is stored: one line, PANs masked, and short enough to be read back. */
static const char *
clean_detail(const char *detail, char out[CA_LEAF_DETAIL])
{
	size_t n;

	if (detail == NULL)
		return NULL;
	snprintf(out, CA_LEAF_DETAIL, "%s", detail);
	setpki_mask_pans(out);
	for (n = 0; out[n] != '\0'; n++)
		if ((unsigned char)out[n] < ' ' || out[n] == 0x7f)
			out[n] = ' ';
	for (; n > 0 && !setpki_utf8_printable(sp_bytes_str(out)); n--)
		out[n - 1] = '\0'; /* a character cut in the middle */
	return out;
}

enum setpki_code
ca_audit_append(struct ca_home *h, ca_txn *t, struct ca_audit_leaf *leaf, struct setpki_error *err)
{
	struct ca_audit_leaf stored;
	struct sp_buf der = {0};
	struct sp_merkle m;
	uint8_t hash[SP_MERKLE_LEN];
	char detail[CA_LEAF_DETAIL];
	enum setpki_code rc = ca_audit_edge(t, &m, err);

	if (rc != SETPKI_E_OK)
		return rc;
	leaf->index = m.size;
	stored = *leaf;
	stored.detail = clean_detail(leaf->detail, detail);
	ca_leaf_put(&stored, &der);
	rc = der.failed ? sp_fail_memory(err) : ca_audit_put(t, leaf->index, sp_buf_bytes(&der), err);
	if (rc == SETPKI_E_OK)
		rc = sp_merkle_leaf(h->ctx, sp_buf_bytes(&der), hash, err);
	if (rc == SETPKI_E_OK)
		rc = sp_merkle_append(h->ctx, &m, hash, put_node, t, err);
	if (rc == SETPKI_E_OK)
		rc = edge_put(t, &m, err);
	sp_buf_free(&der);
	return rc;
}

enum setpki_code
ca_audit_head(struct ca_home *h, ca_txn *t, uint64_t *size, uint8_t root[32], struct setpki_error *err)
{
	struct sp_merkle m;
	enum setpki_code rc = ca_audit_edge(t, &m, err);

	if (rc != SETPKI_E_OK)
		return rc;
	*size = m.size;
	return sp_merkle_root(h->ctx, &m, root, err);
}

enum setpki_code
ca_audit_each(struct ca_home *h, ca_txn *t, uint64_t from, ca_audit_fn *fn, void *arg, struct setpki_error *err)
{
	struct ca_audit_leaf leaf;
	char detail[CA_LEAF_DETAIL];
	struct sp_merkle m;
	setpki_bytes der;
	enum setpki_code rc = ca_audit_edge(t, &m, err);

	(void)h;
	for (uint64_t i = from; rc == SETPKI_E_OK && i < m.size; i++) {
		rc = ca_audit_get(t, i, &der, err);
		if (rc == SETPKI_E_OK)
			rc = ca_leaf_get(der, &leaf, detail, err);
		if (rc == SETPKI_E_OK)
			rc = fn(arg, &leaf, err);
	}
	return rc == SETPKI_E_STATE ? SETPKI_E_OK : rc;
}
