/* The log against itself: leaves, nodes, edge, order. */
#include "ca/audit/check.h"

#include <string.h>

/* Each command reads the clock once, when it starts, and may commit after one that started later: a leaf may be this
 * much older than one before it, and no more. */
#define CLOCK_STEP_S (24 * 3600)

static enum setpki_code
disagree(struct setpki_error *err, uint64_t index, const char *what)
{
	return sp_fail(err, SETPKI_E_RULE, "RFC 9162 2.1", "audit log, leaf %llu: %s", (unsigned long long)index, what);
}

static enum setpki_code
same_node(void *arg, unsigned level, uint64_t index, const uint8_t hash[SP_MERKLE_LEN], struct setpki_error *err)
{
	struct ca_check *c = arg;
	uint8_t stored[SP_MERKLE_LEN];
	struct setpki_error e = {0};
	enum setpki_code rc = ca_audit_node_get(c->t, level, index, stored, &e);

	if (rc == SETPKI_E_NOTFOUND)
		return sp_fail(err, SETPKI_E_RULE, "RFC 9162 2.1", "audit log: node %llu of level %u is missing",
		    (unsigned long long)index, level);
	if (rc != SETPKI_E_OK)
		return sp_fail(err, rc, e.spec, "%s", e.message);
	if (memcmp(stored, hash, sizeof(stored)) != 0)
		return sp_fail(err, SETPKI_E_RULE, "RFC 9162 2.1",
		    "audit log: node %llu of level %u is not the hash of what is below it: a leaf or the node was "
		    "changed",
		    (unsigned long long)index, level);
	return SETPKI_E_OK;
}

static enum setpki_code
check_order(struct ca_check *c, uint64_t index, const struct ca_audit_leaf *leaf, struct setpki_error *err)
{
	if (leaf->index != index)
		return disagree(err, index, "it carries another number");
	if (leaf->at < c->last_at - CLOCK_STEP_S)
		return disagree(err, index, "it is more than a day older than one before it");
	if (leaf->at > c->last_at)
		c->last_at = leaf->at;
	return SETPKI_E_OK;
}

static enum setpki_code
check_one(void *arg, uint64_t index, setpki_bytes der, struct setpki_error *err)
{
	struct ca_check *c = arg;
	struct ca_audit_leaf leaf;
	uint8_t hash[SP_MERKLE_LEN];
	char detail[CA_LEAF_DETAIL];
	enum setpki_code rc;

	if (index != c->tree.size)
		return disagree(err, c->tree.size, "it is missing");
	if ((rc = sp_merkle_leaf(c->h->ctx, der, hash, err)) != SETPKI_E_OK ||
	    (rc = sp_merkle_append(c->h->ctx, &c->tree, hash, same_node, c, err)) != SETPKI_E_OK)
		return rc;
	if (ca_leaf_get(der, &leaf, detail, NULL) != SETPKI_E_OK)
		return disagree(err, index, "it cannot be read");
	if ((rc = check_order(c, index, &leaf, err)) != SETPKI_E_OK)
		return rc;
	return ca_check_leaf(c, &leaf, err);
}

static enum setpki_code
check_edge(struct ca_check *c, struct setpki_error *err)
{
	struct sp_merkle edge;
	enum setpki_code rc = ca_audit_edge(c->t, &edge, err);

	if (rc != SETPKI_E_OK)
		return rc;
	if (edge.size != c->tree.size)
		return sp_fail(err, SETPKI_E_RULE, "RFC 9162 2.1",
		    "audit log: it has %llu leaves, its stored edge is that of %llu", (unsigned long long)c->tree.size,
		    (unsigned long long)edge.size);
	for (unsigned level = 0; level < SP_MERKLE_LEVELS; level++)
		if ((edge.size >> level & 1) != 0 && memcmp(edge.edge[level], c->tree.edge[level], SP_MERKLE_LEN) != 0)
			return sp_fail(err, SETPKI_E_RULE, "RFC 9162 2.1",
			    "audit log: level %u of its stored edge is not that of the leaves", level);
	return SETPKI_E_OK;
}

enum setpki_code
ca_audit_verify(struct ca_home *h, uint64_t *size, uint8_t root[32], struct setpki_error *err)
{
	struct ca_check c = {.h = h, .last_at = INT64_MIN + CLOCK_STEP_S};
	enum setpki_code rc = ca_txn_begin(h->store, false, &c.t, err);

	*size = 0;
	if (rc != SETPKI_E_OK)
		return rc;
	if ((rc = ca_audit_each_leaf(c.t, 0, check_one, &c, err)) == SETPKI_E_OK &&
	    (rc = check_edge(&c, err)) == SETPKI_E_OK && (rc = ca_check_store(&c, err)) == SETPKI_E_OK)
		rc = sp_merkle_root(h->ctx, &c.tree, root, err);
	if (rc == SETPKI_E_OK)
		*size = c.tree.size;
	ca_txn_abort(c.t);
	ca_seen_free(&c.named);
	ca_digests_free(&c.revoked);
	ca_digests_free(&c.lists);
	ca_digests_free(&c.requests);
	return rc;
}
