/* The log against itself, and the log against the store, both ways. */
#include "ca/audit/leaf.h"

#include <setpki/text.h>
#include <stdlib.h>
#include <string.h>

/* A set of digests: filled, sorted once, then asked. */
struct set {
	struct sp_buf b;
};

static int
compare(const void *a, const void *b)
{
	return memcmp(a, b, 32);
}

static void
set_sort(struct set *s)
{
	if (s->b.n != 0)
		qsort(s->b.p, s->b.n / 32, 32, compare);
}

static bool
set_has(const struct set *s, const uint8_t key[32])
{
	return s->b.n != 0 && bsearch(key, s->b.p, s->b.n / 32, 32, compare) != NULL;
}

struct check {
	struct ca_home *h;
	ca_txn *t;
	struct sp_merkle tree; /* rebuilt from the leaves */
	uint64_t next, issued, certificates;
	int64_t last_at;
	struct set revoked, lists; /* serials that REVOKED leaves name (hashed); CRLs and BCIs that leaves name */
};

static enum setpki_code
disagree(struct setpki_error *err, uint64_t index, const char *what)
{
	return sp_fail(err, SETPKI_E_RULE, "RFC 9162 2.1", "audit log, leaf %llu: %s", (unsigned long long)index, what);
}

static enum setpki_code
same_node(void *arg, unsigned level, uint64_t index, const uint8_t hash[SP_MERKLE_LEN], struct setpki_error *err)
{
	struct check *c = arg;
	uint8_t stored[SP_MERKLE_LEN];
	enum setpki_code rc = ca_audit_node_get(c->t, level, index, stored, err);

	if (rc == SETPKI_E_OK && memcmp(stored, hash, sizeof(stored)) != 0)
		return sp_fail(err, SETPKI_E_RULE, "RFC 9162 2.1",
		    "audit log: node %llu of level %u is not the hash of what is below it", (unsigned long long)index,
		    level);
	return rc;
}

static enum setpki_code
check_issued(struct check *c, const struct ca_audit_leaf *leaf, struct setpki_error *err)
{
	struct ca_cert_record rec;
	uint8_t hash[32];
	enum setpki_code rc = ca_cert_by_serial(c->t, leaf->serial, &rec, NULL);

	if (rc == SETPKI_E_NOTFOUND)
		return disagree(err, leaf->index, "the certificate it names is not in the store");
	if (rc != SETPKI_E_OK)
		return sp_fail(err, rc, NULL, "the store cannot be read");
	rc = sp_sha256(c->h->ctx, rec.der, hash, err);
	if (rc == SETPKI_E_OK && memcmp(hash, leaf->object, 32) != 0)
		rc = disagree(err, leaf->index, "the certificate in the store is another one than was issued");
	if (rc == SETPKI_E_OK && memcmp(rec.policy_hash, leaf->policy_hash, 32) != 0)
		rc = disagree(err, leaf->index, "the certificate's record names another policy");
	c->issued++;
	ca_cert_record_free(&rec);
	return rc;
}

static enum setpki_code
check_leaf(void *arg, const struct ca_audit_leaf *leaf, struct setpki_error *err)
{
	struct check *c = arg;
	uint8_t hash[32];
	enum setpki_code rc = SETPKI_E_OK;

	if (leaf->index != c->next)
		return disagree(err, c->next, "it carries another number");
	if (leaf->at < c->last_at)
		return disagree(err, leaf->index, "it is older than the leaf before it");
	c->next++;
	c->last_at = leaf->at;
	switch (leaf->event) {
	case CA_AUDIT_CERT_ISSUED:
	case CA_AUDIT_CERT_IMPORTED:
		return check_issued(c, leaf, err);
	case CA_AUDIT_REVOKED:
		rc = sp_sha256(c->h->ctx, leaf->serial, hash, err);
		sp_buf_add(&c->revoked.b, hash, sizeof(hash));
		break;
	case CA_AUDIT_CRL_ISSUED:
	case CA_AUDIT_CRL_IMPORTED:
	case CA_AUDIT_BCI_ISSUED:
		sp_buf_add(&c->lists.b, leaf->object, sizeof(leaf->object));
		break;
	default:
		break;
	}
	return rc;
}

/* Leaves as bytes: hashes and nodes. */
static enum setpki_code
check_tree(struct check *c, struct setpki_error *err)
{
	struct sp_merkle edge;
	uint8_t hash[SP_MERKLE_LEN], mine[SP_MERKLE_LEN], stored[SP_MERKLE_LEN];
	setpki_bytes der;
	enum setpki_code rc = ca_audit_edge(c->t, &edge, err);

	for (uint64_t i = 0; rc == SETPKI_E_OK && i < edge.size; i++) {
		rc = ca_audit_get(c->t, i, &der, err);
		if (rc == SETPKI_E_OK)
			rc = sp_merkle_leaf(c->h->ctx, der, hash, err);
		if (rc == SETPKI_E_OK)
			rc = sp_merkle_append(c->h->ctx, &c->tree, hash, same_node, c, err);
	}
	if (rc == SETPKI_E_OK)
		rc = sp_merkle_root(c->h->ctx, &c->tree, mine, err);
	if (rc == SETPKI_E_OK)
		rc = sp_merkle_root(c->h->ctx, &edge, stored, err);
	if (rc == SETPKI_E_OK && memcmp(mine, stored, sizeof(mine)) != 0)
		rc = sp_fail(
		    err, SETPKI_E_RULE, "RFC 9162 2.1", "audit log: the stored root is not the root of the leaves");
	return rc;
}

static enum setpki_code
count_cert(void *arg, const struct ca_cert_record *rec, struct setpki_error *err)
{
	(void)rec;
	(void)err;
	((struct check *)arg)->certificates++;
	return SETPKI_E_OK;
}

static enum setpki_code
check_list(struct check *c, const char *ca, setpki_bytes der, const char *what, struct setpki_error *err)
{
	uint8_t hash[32];
	enum setpki_code rc = der.n == 0 ? SETPKI_E_OK : sp_sha256(c->h->ctx, der, hash, err);

	if (rc != SETPKI_E_OK || der.n == 0 || set_has(&c->lists, hash))
		return rc;
	return sp_fail(err, SETPKI_E_RULE, NULL, "the %s of %s in the store has no leaf in the audit log", what, ca);
}

static enum setpki_code
check_revoked(struct check *c, const struct ca_ca_record *ca, uint16_t generation, struct setpki_error *err)
{
	struct ca_revoked_record rec;
	ca_revoked_cursor *cursor;
	uint8_t hash[32];
	char hex[SETPKI_HEX_TEXT(32)];
	enum setpki_code rc = ca_revoked_open(c->t, ca->id, generation, &cursor, err);

	if (rc != SETPKI_E_OK)
		return rc;
	while (rc == SETPKI_E_OK && ca_revoked_next(cursor, &rec)) {
		rc = sp_sha256(c->h->ctx, rec.serial, hash, err);
		if (rc == SETPKI_E_OK && !set_has(&c->revoked, hash))
			rc = sp_fail(err, SETPKI_E_RULE, NULL,
			    "the revocation of serial %s by %s has no leaf in the audit log",
			    rec.serial.n <= 32 ? setpki_hex_text(rec.serial, hex) : "(too long)", ca->name);
	}
	ca_revoked_close(cursor);
	return rc;
}

/* What the store has of one CA must have its leaves. */
static enum setpki_code
check_ca(void *arg, const struct ca_ca_record *ca, struct setpki_error *err)
{
	struct check *c = arg;
	struct ca_crl_record crl;
	struct ca_bci_record bci;
	enum setpki_code rc = ca_cert_each(c->t, ca->id, 0, count_cert, c, err);

	for (uint16_t i = 0; rc == SETPKI_E_OK && i < ca->ngenerations; i++) {
		uint16_t generation = ca->generations[i].number;

		rc = check_revoked(c, ca, generation, err);
		if (rc == SETPKI_E_OK && ca_crl_get(c->t, ca->id, generation, &crl, NULL) == SETPKI_E_OK) {
			rc = check_list(c, ca->name, crl.der, "CRL", err);
			ca_crl_record_free(&crl);
		}
	}
	if (rc == SETPKI_E_OK && ca_bci_get(c->t, ca->id, &bci, NULL) == SETPKI_E_OK) {
		rc = check_list(c, ca->name, bci.der, "BCI", err);
		ca_bci_record_free(&bci);
	}
	return rc;
}

enum setpki_code
ca_audit_verify(struct ca_home *h, uint64_t *size, uint8_t root[32], struct setpki_error *err)
{
	struct check c = {.h = h, .last_at = INT64_MIN};
	enum setpki_code rc = ca_txn_begin(h->store, false, &c.t, err);

	*size = 0;
	if (rc != SETPKI_E_OK)
		return rc;
	rc = check_tree(&c, err);
	if (rc == SETPKI_E_OK)
		rc = ca_audit_each(h, c.t, 0, check_leaf, &c, err);
	if (rc == SETPKI_E_OK && (c.revoked.b.failed || c.lists.b.failed))
		rc = sp_fail_memory(err);
	set_sort(&c.revoked);
	set_sort(&c.lists);
	if (rc == SETPKI_E_OK)
		rc = ca_ca_each(c.t, check_ca, &c, err);
	if (rc == SETPKI_E_OK && c.issued != c.certificates)
		rc = sp_fail(err, SETPKI_E_RULE, NULL, "the store has %llu certificates, the audit log names %llu",
		    (unsigned long long)c.certificates, (unsigned long long)c.issued);
	if (rc == SETPKI_E_OK)
		rc = ca_audit_head(h, c.t, size, root, err);
	ca_txn_abort(c.t);
	sp_buf_free(&c.revoked.b);
	sp_buf_free(&c.lists.b);
	return rc;
}
