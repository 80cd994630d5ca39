/* Where a path may end: trusted roots, and their successors by hashedRootKey (set-protocol 12.15). */
#include "lib/chain/check.h"

#include "lib/base/time.h"

#include <string.h>

/* hashedRootKey of `root` is the digest, by the suite, of `key` (SubjectPublicKeyInfo). */
static bool
announces(const struct sp_node *root, enum setpki_suite suite, const uint8_t *digest)
{
	const struct sp_suite *row = sp_suite(suite);
	const struct sp_cert *c = &root->c->cert;

	return row != NULL && c->suite == suite && sp_cert_has(c, SP_EXT_HASHED_ROOT) &&
	    sp_bytes_eq(c->hashed_root_alg, row->digest_alg) &&
	    sp_bytes_eq(c->hashed_root, sp_bytes(digest, row->digest_len));
}

/* What 12.15 asks of a successor besides the announcement. */
static bool
fit_to_succeed(struct sp_run *run, struct sp_node *root)
{
	const struct sp_cert *c = &root->c->cert;

	return root->c->kind == SETPKI_KIND_ROOT && sp_time_within(run->ask->at, c->not_before, c->not_after) &&
	    sp_check_cert_sig(run, root->c, root->c);
}

static const struct sp_node *predecessor(struct sp_run *run, const struct sp_node *root, unsigned depth);

/* Trusted, or itself succeeded: then the answer rests on its validity too. */
static bool
acceptable(struct sp_run *run, struct sp_node *root, unsigned depth)
{
	if (sp_pool_trusts(run->pool, root))
		return true;
	if (depth >= SP_CHAIN_SUCCESSION_MAX || !fit_to_succeed(run, root) || predecessor(run, root, depth + 1) == NULL)
		return false;
	sp_hold_cert(&run->roots, &root->c->cert);
	return true;
}

static const struct sp_node *
predecessor(struct sp_run *run, const struct sp_node *root, unsigned depth)
{
	const struct sp_cert *c = &root->c->cert;
	const setpki_pool *p = run->pool;
	uint8_t digest[SP_DIGEST_MAX];
	struct sp_node *before;
	size_t i;

	if (c->suite == SETPKI_SUITE_NONE || sp_hash(p->ctx, c->suite, c->key.whole, digest, NULL) != SETPKI_E_OK)
		return NULL;
	for (i = 0; i < p->roots.n; i++) {
		before = p->roots.v[i];
		if (!sp_bytes_eq(before->c->cert.der, c->der) && announces(before, c->suite, digest) &&
		    acceptable(run, before, depth))
			return before;
	}
	return NULL;
}

const struct sp_node *
sp_root_predecessor(struct sp_run *run, const struct sp_node *root)
{
	return predecessor(run, root, 0);
}

enum sp_path_end
sp_root_end(struct sp_run *run, struct sp_node *root)
{
	if (sp_pool_trusts(run->pool, root))
		return SP_END_TRUSTED;
	/* Whether it is fit in all other ways is for the rules to say. */
	return predecessor(run, root, 0) != NULL ? SP_END_SUCCEEDED : SP_END_UNTRUSTED;
}
