/* Candidate paths: from the leaf upward, every issuer that may be meant, within limits; the best one is kept. */
#include "lib/chain/check.h"

#include <openssl/crypto.h>
#include <string.h>

/* A search: the path that grows, and the best one so far. */
struct search {
	struct sp_run *run;
	struct sp_path path;
	struct sp_check *best;
	bool leaf, revocation, have, done;
};

/* How far from valid: errors first, then what is undecided. */
static unsigned long
badness(const struct setpki_findings *f)
{
	unsigned long errors = 0, undecided = 0;
	size_t i;

	for (i = 0; i < f->n; i++) {
		errors += f->v[i].rule->severity == SETPKI_ERROR;
		undecided += f->v[i].rule->severity == SETPKI_UNDECIDED;
	}
	return errors * 65536 + undecided;
}

static bool
ends_well(const struct sp_path *p)
{
	return p->end == SP_END_TRUSTED || p->end == SP_END_SUCCEEDED;
}

/* Checks the path as it stands and keeps the result if it is the best so far. */
static void
consider(struct search *s, enum sp_path_end end)
{
	struct sp_check c;

	s->path.end = end;
	sp_check_init(&c, s->run);
	c.path = s->path;
	c.suite = sp_at(&c, c.path.n - 1)->suite;
	sp_rules_run(&c, s->leaf);
	if (s->revocation && ends_well(&c.path))
		sp_revocation(&c);
	s->run->paths++;
	if (s->have && (c.rc == SETPKI_E_OK) && badness(&c.findings) >= badness(&s->best->findings)) {
		sp_check_free(&c);
		return;
	}
	sp_check_free(s->best);
	*s->best = c;
	s->have = true;
	s->done = c.rc != SETPKI_E_OK || setpki_findings_worst(&c.findings) < SETPKI_UNDECIDED;
}

static bool
in_path(const struct sp_path *p, const struct sp_node *n)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		if (sp_bytes_eq(p->v[i]->c->cert.der, n->c->cert.der))
			return true;
	return false;
}

/* Which certificates may be meant as issuer, from the likeliest: named by authorityKeyIdentifier; of the issuer's name
 * and able to sign certificates (a CA has others of that name); named by the identifier alone.  Only the first of these
 * groups that has members is tried: a path through a later one breaks a rule for certain and serves only to say which.
 */
enum group { NAMED, ABLE, TARGET };

static bool
in_group(enum group g, const struct sp_cert *cert, const struct sp_cert *ca)
{
	bool subject = sp_bytes_eq(ca->subject, cert->issuer);
	bool target = sp_bytes_eq(ca->issuer, cert->aki_issuer) && sp_bytes_eq(ca->serial, cert->aki_serial);

	switch (g) {
	case NAMED:
		return subject && target;
	case ABLE:
		return subject && ca->ca && (ca->key_usage & SETPKI_KU_CERT_SIGN) != 0;
	default:
		return target;
	}
}

static void extend(struct search *s);

static void
try_issuer(struct search *s, struct sp_node *ca)
{
	if (s->run->paths >= SP_CHAIN_PATHS_MAX) {
		s->run->limited = true;
		s->done = true;
		return;
	}
	s->path.v[s->path.n++] = ca;
	extend(s);
	s->path.n--;
}

/* Tries the members of one group in a run of an index; first those whose key verifies the signature, so that a crowd of
 * namesakes cannot hide the right one.  Returns how many there were. */
static size_t
try_group(struct search *s, enum group g, const struct sp_index *x, size_t from, size_t to)
{
	struct sp_node *low = s->path.v[s->path.n - 1], *ca;
	size_t i, found = 0;
	int pass;

	for (i = from; i < to; i++)
		found += in_group(g, &low->c->cert, &((struct sp_node *)x->v[i])->c->cert);
	for (pass = 0; pass < 2; pass++) {
		for (i = from; i < to && !s->done; i++) {
			ca = x->v[i];
			if (!in_group(g, &low->c->cert, &ca->c->cert) || in_path(&s->path, ca))
				continue;
			if (found == 1 ? pass == 1 : sp_check_cert_sig(s->run, low->c, ca->c) != (pass == 0))
				continue;
			try_issuer(s, ca);
		}
	}
	return found;
}

static void
extend(struct search *s)
{
	const struct sp_cert *low = &s->path.v[s->path.n - 1]->c->cert;
	const setpki_pool *p = s->run->pool;
	const struct sp_target t = {low->aki_issuer, low->aki_serial};
	size_t from, to, found = 0;
	unsigned tried = s->run->paths;
	int g;

	if (sp_self_issued(low)) {
		consider(s, sp_root_end(s->run, s->path.v[s->path.n - 1]));
		return;
	}
	if (s->path.n == SP_CHAIN_DEPTH_MAX) {
		consider(s, SP_END_DEEP);
		return;
	}
	sp_pool_by_subject(p, low->issuer, &from, &to);
	for (g = NAMED; g < TARGET && found == 0; g++)
		found = try_group(s, (enum group)g, &p->by_subject, from, to);
	if (found == 0) {
		sp_pool_by_target(p, &t, &from, &to);
		found = try_group(s, TARGET, &p->by_target, from, to);
	}
	if (!s->done && s->run->paths == tried)
		consider(s, found == 0 ? SP_END_MISSING : SP_END_DEEP);
}

void
sp_path_best(struct sp_run *run, struct sp_node *leaf, bool revocation, struct sp_check *best)
{
	/* What was asked concerns the certificate that was asked about, not a CRL signer on the way. */
	struct search s = {.run = run, .best = best, .leaf = revocation, .revocation = revocation};

	s.path.v[0] = leaf;
	s.path.n = 1;
	extend(&s);
}
