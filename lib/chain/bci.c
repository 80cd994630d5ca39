/* Finding the brand's BCI that counts (set-protocol 12.14 a to c). */
#include "lib/chain/revoke.h"

#include "lib/base/time.h"

#include <inttypes.h>
#include <setpki/text.h>
#include <stdio.h>
#include <string.h>

struct problem {
	const char *id, *text;
	const struct sp_pbci *bci;
};

static bool
problem(struct problem *pr, const char *id, const struct sp_pbci *bci, const char *text)
{
	if (pr->id == NULL)
		*pr = (struct problem){id, text, bci};
	return false;
}

/* What can be said of the signer before its chain is looked at (12.14 b). */
static bool
signer_fits(const struct sp_pbci *b, const struct sp_node *signer, struct problem *pr)
{
	const struct sp_cert *s = &signer->c->cert;

	if ((s->type & SETPKI_TYPE_BCA) == 0)
		return problem(pr, "chain.bci.signer", b, "its signer is no brand CA");
	if (strcmp(signer->c->brand, b->brand) != 0)
		return problem(pr, "chain.bci.signer", b, "its signer is the brand CA of another brand");
	if ((s->key_usage & SETPKI_KU_CRL_SIGN) == 0)
		return problem(pr, "chain.bci.signer", b, "its signer's keyUsage has no cRLSign");
	return true;
}

static struct sp_node *
find_signer(struct sp_check *c, struct sp_pbci *b, struct problem *pr)
{
	const struct sp_target t = {b->bci.aki_issuer, b->bci.aki_serial};
	const setpki_pool *p = c->run->pool;
	size_t i, from, to;

	if (t.issuer.p == NULL || t.serial.p == NULL) {
		(void)problem(pr, "chain.bci.signer", b, "authorityKeyIdentifier does not name its signer");
		return NULL;
	}
	sp_pool_by_target(p, &t, &from, &to);
	if (from == to)
		(void)problem(pr, "chain.bci.signer.missing", b, "the certificate that signed it is not at hand");
	for (i = from; i < to; i++) {
		struct sp_node *n = p->by_target.v[i];

		if (!signer_fits(b, n, pr))
			continue;
		if (sp_check_bci_sig(c->run, b, n->c))
			return n;
		(void)problem(pr, "chain.bci.signature", b, "its signature does not verify with its signer's key");
	}
	return NULL;
}

/* 12.14 (a): the CRL of the root above the signer, whatever the BCI says; and (b): the signer is not on it. */
static void
check_root_crl(struct sp_check *c, struct sp_pbci *b, struct sp_node *signer, const struct sp_path *roots, int depth,
    struct sp_crl_found *root)
{
	struct sp_crl_need need = {.issuer = roots->v[roots->n - 1],
	    .depth = depth,
	    .superior = sp_path_from(roots, roots->n - 1),
	    .number = -1,
	    .required = c->run->ask->revocation == SETPKI_REQUIRE_BCI};

	sp_crl_find(c, &need, root);
	if (root->crl != NULL && sp_crl_lookup(&root->crl->crl, signer->c->cert.serial, NULL, NULL))
		sp_found_bci(c, "chain.bci.signer.revoked", b, "its signer is on the root's CRL %" PRId64,
		    root->crl->crl.number_value);
}

static bool
in_path(const struct sp_check *c, const struct sp_node *n)
{
	return c->path.n >= 2 && sp_bytes_eq(sp_at(c, c->path.n - 2)->der, n->c->cert.der);
}

static bool
same_root(const struct sp_check *c, const struct sp_path *p)
{
	return sp_bytes_eq(sp_at(c, c->path.n - 1)->der, p->v[p->n - 1]->c->cert.der);
}

/* 12.14 (a) and (b).  The signer is the path's own brand CA, whose rules were run, or has a chain of its own. */
static void
check_signer(struct sp_check *c, struct sp_pbci *b, struct sp_node *signer, struct sp_crl_found *root, bool *root_done)
{
	struct sp_crl_found other;
	struct sp_check sub;
	size_t i;

	sp_check_init(&sub, c->run);
	if (in_path(c, signer))
		sub.path = c->path;
	else
		sp_path_best(c->run, signer, false, &sub);
	if (sub.rc != SETPKI_E_OK)
		c->rc = sub.rc;
	if (setpki_findings_worst(&sub.findings) >= SETPKI_UNDECIDED) {
		sp_found_bci(c, "chain.bci.signer.chain", b, "%.25s: %.220s", sub.findings.v[0].rule->id,
		    sub.findings.v[0].text);
	} else {
		*root_done = same_root(c, &sub.path);
		check_root_crl(
		    c, b, signer, &sub.path, *root_done ? (int)c->path.n - 1 : -1, *root_done ? root : &other);
		for (i = 0; i < sub.path.n && !in_path(c, signer); i++)
			sp_hold_cert(&c->window, &sub.path.v[i]->c->cert);
	}
	sp_check_free(&sub);
}

/* 12.13: a signer that signs no certificates keeps to its period. */
static bool
in_period(const struct sp_bci *b, const struct sp_cert *signer)
{
	return (signer->key_usage & SETPKI_KU_CERT_SIGN) != 0 || !sp_cert_has(signer, SP_EXT_PKUP) ||
	    sp_time_within(b->not_before, signer->pkup_from, signer->pkup_to);
}

static void
raise_sequence(struct sp_brand *brand, uint64_t sequence)
{
	uint64_t seen = atomic_load(&brand->highest);

	while (seen < sequence && !atomic_compare_exchange_weak(&brand->highest, &seen, sequence))
		;
}

/* 12.14 (c). */
static void
check_body(struct sp_check *c, struct sp_pbci *b, const struct sp_node *signer)
{
	struct sp_brand *brand = sp_pool_brand(c->run->pool, b->brand);
	const struct sp_bci *l = &b->bci;
	char end[SETPKI_TIME_TEXT], now[SETPKI_TIME_TEXT];
	uint64_t seen = atomic_load(&brand->highest);

	if (l->suite != c->suite)
		sp_found_bci(c, "chain.bci.suite", b, "its suite is %s, the root's %s", setpki_suite_name(l->suite),
		    setpki_suite_name(c->suite));
	if (l->unknown_critical.p != NULL)
		sp_found_bci(c, "chain.bci.critical", b, "a critical extension is unknown");
	if (!in_period(l, &signer->c->cert))
		sp_found_bci(c, "chain.bci.period", b, "it begins outside its signer's privateKeyUsagePeriod");
	if (c->run->ask->at > l->not_after)
		sp_found_bci(c, "chain.bci.expired", b, "notAfter was %s; checked for %s",
		    setpki_time_text(l->not_after, end), setpki_time_text(c->run->ask->at, now));
	if (l->sequence < seen)
		sp_found_bci(c, "chain.bci.sequence", b, "sequenceNum is %" PRIu64 "; %" PRIu64 " was seen before",
		    l->sequence, seen);
	raise_sequence(brand, l->sequence);
}

static bool
candidate(struct sp_check *c, struct sp_pbci *b, struct sp_crl_found *root, bool *root_done, struct problem *pr)
{
	struct sp_node *signer;

	if (b->bci.not_before > c->run->ask->at) {
		sp_hold_next(&c->window, b->bci.not_before);
		return problem(pr, "chain.bci.notyet", b, "its notBefore lies ahead of the moment of the check");
	}
	if ((signer = find_signer(c, b, pr)) == NULL)
		return false;
	c->bci = b;
	check_signer(c, b, signer, root, root_done);
	check_body(c, b, signer);
	sp_hold_bci(&c->window, &b->bci);
	return true;
}

void
sp_bci_find(struct sp_check *c, const char *brand, struct sp_crl_found *root, bool *root_done)
{
	const setpki_pool *p = c->run->pool;
	struct problem pr = {0};
	size_t i, from, to;

	*root_done = false;
	sp_pool_bcis_of(p, brand, &from, &to);
	for (i = from; i < to; i++) /* newest first */
		if (candidate(c, p->bcis.v[i], root, root_done, &pr))
			return;
	if (pr.id != NULL)
		sp_found_bci(c, pr.id, pr.bci, "%s", pr.text);
	else if (c->run->ask->revocation == SETPKI_REQUIRE_BCI)
		sp_found(c, "chain.bci.missing", c->path.n - 2, "no BCI of brand \"%.100s\" is at hand%s", brand,
		    p->bcis.n > 0 ? "; those given are of other brands" : "");
}

int64_t
sp_bci_number(const struct sp_pbci *b, setpki_bytes issuer)
{
	size_t i;

	for (i = 0; i < b->bci.n; i++)
		if (sp_bytes_eq(b->bci.entries[i].issuer, issuer))
			return b->bci.entries[i].number > INT64_MAX ? INT64_MAX : (int64_t)b->bci.entries[i].number;
	return -1;
}
