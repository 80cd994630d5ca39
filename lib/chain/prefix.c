/* The cache of verified prefixes. */
#include "lib/chain/prefix.h"

#include <openssl/crypto.h>
#include <string.h>

/* Everything that a verified path above `path.v[1]` said, and what it rests on.  Immutable once it can be found. */
struct sp_prefix {
	struct sp_prefix *older;
	enum setpki_revocation revocation;
	enum setpki_suite asked;
	struct sp_window window; /* of everything but the leaf */
	struct sp_path path;	 /* v[0] is the leaf's place */
	struct sp_pbci *bci;
	struct sp_pcrl *crl; /* that speaks about what path.v[1] issues; NULL: none has to */
	struct sp_node *crl_signer;
	enum setpki_suite suite;
};

static void
forget_of(struct sp_node *n)
{
	struct sp_prefix *p = atomic_exchange(&n->prefix, NULL), *older;

	for (; p != NULL; p = older) {
		older = p->older;
		OPENSSL_free(p);
	}
}

void
sp_prefixes_forget(setpki_pool *pool)
{
	size_t i;

	if (atomic_exchange(&pool->nprefixes, 0) == 0)
		return;
	for (i = 0; i < pool->by_hash.n; i++)
		forget_of(pool->by_hash.v[i]);
}

static enum setpki_suite
asked(const struct sp_run *run)
{
	return run->ask->suite == SETPKI_SUITE_NONE ? SETPKI_SUITE_MODERN : run->ask->suite;
}

/* Below three certificates the lowest one decides the brand, and with it the BCI. */
static bool
worth_keeping(const struct sp_check *c)
{
	return c->path.n >= 3 && c->path.end == SP_END_TRUSTED && c->findings.n == 0 && c->path.v[1]->in_pool;
}

void
sp_prefix_keep(const struct sp_check *c)
{
	struct sp_node *ca;
	struct sp_prefix *p, *older;

	if (!worth_keeping(c) || atomic_fetch_add(&c->run->pool->nprefixes, 1) >= SP_CHAIN_PREFIXES_MAX ||
	    (p = OPENSSL_zalloc(sizeof(*p))) == NULL)
		return;
	ca = c->path.v[1];
	p->revocation = c->run->ask->revocation;
	p->asked = asked(c->run);
	p->window = c->window;
	p->path = c->path;
	p->path.v[0] = NULL;
	p->bci = c->bci;
	p->crl = c->crl[0];
	p->crl_signer = c->crl_signer[0];
	p->suite = c->suite;
	older = atomic_load(&ca->prefix);
	do
		p->older = older;
	while (!atomic_compare_exchange_weak(&ca->prefix, &older, p));
}

/* All that it rests on still holds: its time, no later choice since then, and the BCI is not below the highest seen. */
static bool
holds(const struct sp_run *run, const struct sp_prefix *p)
{
	const struct sp_brand *brand;
	int64_t at = run->ask->at;

	if (p->revocation != run->ask->revocation || p->asked != asked(run) || at < p->window.from ||
	    at >= p->window.until || at >= p->window.next)
		return false;
	if (p->bci == NULL)
		return true;
	brand = sp_pool_brand(run->pool, p->bci->brand);
	return brand != NULL && p->bci->bci.sequence >= atomic_load(&brand->highest);
}

static bool
use(struct sp_run *run, struct sp_node *leaf, const struct sp_prefix *p, struct sp_check *c)
{
	c->path = p->path;
	c->path.v[0] = leaf;
	c->suite = p->suite;
	c->window = p->window;
	c->bci = p->bci;
	c->crl[0] = p->crl;
	c->crl_signer[0] = p->crl_signer;
	sp_rules_lowest(c, true);
	sp_revocation_lowest(c);
	if (c->rc == SETPKI_E_OK && c->findings.n == 0)
		return true;
	sp_check_free(c);
	sp_check_init(c, run);
	return false;
}

bool
sp_prefix_use(struct sp_run *run, struct sp_node *leaf, struct sp_check *c)
{
	const struct sp_cert *cert = &leaf->c->cert;
	const struct sp_target t = {cert->aki_issuer, cert->aki_serial};
	const struct sp_prefix *p;
	struct sp_node *ca;
	size_t i, from, to;

	if (atomic_load(&run->pool->nprefixes) == 0 || t.issuer.p == NULL || t.serial.p == NULL)
		return false;
	sp_pool_by_target(run->pool, &t, &from, &to);
	for (i = from; i < to; i++) {
		ca = run->pool->by_target.v[i];
		for (p = atomic_load(&ca->prefix); p != NULL; p = p->older)
			if (holds(run, p) && use(run, leaf, p, c))
				return true;
	}
	return false;
}
