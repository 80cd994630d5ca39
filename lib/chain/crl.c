/* Finding the CRL of one CA that counts (set-protocol 12.14 a and d). */
#include "lib/chain/revoke.h"

#include "lib/base/time.h"

#include <inttypes.h>
#include <setpki/text.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Why a candidate was passed over. */
struct problem {
	const char *id;
	const struct sp_pcrl *crl;
	char text[SP_FINDING_TEXT];
};

__attribute__((format(printf, 4, 5))) static bool
problem(struct problem *pr, const char *id, const struct sp_pcrl *crl, const char *fmt, ...)
{
	va_list ap;

	if (pr->id != NULL)
		return false; /* the first candidate is the newest: its reason is the one to tell */
	pr->id = id;
	pr->crl = crl;
	va_start(ap, fmt);
	vsnprintf(pr->text, sizeof(pr->text), fmt, ap);
	va_end(ap);
	return false;
}

static bool
same_key(const struct sp_node *a, const struct sp_node *b)
{
	return memcmp(a->c->key_hash, b->c->key_hash, SP_HASH_LEN) == 0;
}

/* A CRL signer of its own: the CA's name, type bits and superior, and every rule of a certificate kept. */
static bool
separate_signer(struct sp_check *c, const struct sp_crl_need *need, const struct sp_pcrl *crl, struct sp_node *signer,
    struct problem *pr)
{
	char type[SP_TYPE_TEXT], ca_type[SP_TYPE_TEXT];
	struct sp_check sub;
	bool good;

	if (signer->c->cert.type != need->issuer->c->cert.type)
		return problem(pr, "chain.crl.signer", crl, "its signer's certificateType is %s, the CA's %s",
		    sp_type_text(signer->c->cert.type, type), sp_type_text(need->issuer->c->cert.type, ca_type));
	sp_check_init(&sub, c->run);
	sub.suite = c->suite;
	sub.path = need->superior;
	memmove(sub.path.v + 1, need->superior.v, need->superior.n * sizeof(sub.path.v[0]));
	sub.path.v[0] = signer;
	sub.path.n++;
	sp_rules_lowest(&sub, false);
	good = setpki_findings_worst(&sub.findings) < SETPKI_UNDECIDED;
	if (!good)
		(void)problem(pr, "chain.crl.signer", crl, "its signer: %.20s: %.200s", sub.findings.v[0].rule->id,
		    sub.findings.v[0].text);
	sp_check_free(&sub);
	return good;
}

static bool
signer_fits(struct sp_check *c, const struct sp_crl_need *need, const struct sp_pcrl *crl, struct sp_node *signer,
    struct problem *pr)
{
	if (!sp_bytes_eq(signer->c->cert.subject, need->issuer->c->cert.subject))
		return problem(pr, "chain.crl.signer", crl, "its signer has another name than the CA");
	if ((signer->c->cert.key_usage & SETPKI_KU_CRL_SIGN) == 0)
		return problem(pr, "chain.crl.signer", crl, "its signer's keyUsage has no cRLSign");
	return same_key(signer, need->issuer) || separate_signer(c, need, crl, signer, pr);
}

/* The certificate that the CRL's authorityKeyIdentifier names; NULL with a problem. */
static struct sp_node *
find_signer(struct sp_check *c, const struct sp_crl_need *need, struct sp_pcrl *crl, struct problem *pr)
{
	const struct sp_target t = {crl->crl.aki_issuer, crl->crl.aki_serial};
	const struct sp_cert *ca = &need->issuer->c->cert;
	struct sp_node *n;
	size_t i, from, to;

	if (t.issuer.p == NULL || t.serial.p == NULL) {
		(void)problem(pr, "chain.crl.signer", crl, "authorityKeyIdentifier does not name its signer");
		return NULL;
	}
	if (sp_bytes_eq(t.issuer, ca->issuer) && sp_bytes_eq(t.serial, ca->serial))
		return signer_fits(c, need, crl, need->issuer, pr) ? need->issuer : NULL;
	sp_pool_by_target(c->run->pool, &t, &from, &to);
	for (i = from; i < to; i++) {
		n = c->run->pool->by_target.v[i];
		if (signer_fits(c, need, crl, n, pr))
			return n;
	}
	if (from == to)
		(void)problem(pr, "chain.crl.signer.missing", crl, "the certificate that signed it is not at hand");
	return NULL;
}

/* What must hold of a CRL whose signature verifies. */
static void
check_body(struct sp_check *c, const struct sp_crl_need *need, const struct sp_pcrl *crl)
{
	const struct sp_crl *l = &crl->crl;
	char end[SETPKI_TIME_TEXT], now[SETPKI_TIME_TEXT];
	int d = need->depth;

	if (l->suite != c->suite || !sp_bytes_eq(l->sigalg, l->inner_sigalg))
		sp_found_crl(c, "chain.crl.suite", d, crl, "its suite is %s, the root's %s",
		    setpki_suite_name(l->suite), setpki_suite_name(c->suite));
	if (l->unknown_critical.p != NULL)
		sp_found_crl(c, "chain.crl.critical", d, crl, "a critical extension is unknown");
	if (l->next_update == INT64_MIN || l->number.p == NULL)
		sp_found_crl(c, "chain.crl.form", d, crl, "%s is absent",
		    l->next_update == INT64_MIN ? "nextUpdate" : "CRLNumber");
	else if (c->run->ask->at >= l->next_update)
		sp_found_crl(c, "chain.crl.expired", d, crl, "nextUpdate was %s; checked for %s",
		    setpki_time_text(l->next_update, end), setpki_time_text(c->run->ask->at, now));
	sp_crl_number(c, need->depth, crl, need->number);
}

void
sp_crl_number(struct sp_check *c, int depth, const struct sp_pcrl *crl, int64_t least)
{
	if (least >= 0 && crl->crl.number.p != NULL && crl->crl.number_value < least)
		sp_found_crl(c, "chain.crl.number", depth, crl,
		    "CRLNumber is %" PRId64 "; the BCI asks for %" PRId64 " or later", crl->crl.number_value, least);
}

/* 12.13 and 12.14 (d): a signer that signs no certificates keeps to its period, and is not revoked. */
static void
check_signer(
    struct sp_check *c, const struct sp_crl_need *need, const struct sp_pcrl *crl, const struct sp_node *signer)
{
	const struct sp_cert *s = &signer->c->cert;
	char at[SETPKI_TIME_TEXT];

	if ((s->key_usage & SETPKI_KU_CERT_SIGN) == 0 && sp_cert_has(s, SP_EXT_PKUP) &&
	    !sp_time_within(crl->crl.this_update, s->pkup_from, s->pkup_to))
		sp_found_crl(c, "chain.crl.period", need->depth, crl,
		    "signed on %s, outside its signer's privateKeyUsagePeriod",
		    setpki_time_text(crl->crl.this_update, at));
	if (need->above != NULL && !same_key(signer, need->issuer) &&
	    sp_crl_lookup(&need->above->crl, s->serial, NULL, NULL))
		sp_found_crl(c, "chain.crl.signer.revoked", need->depth, crl,
		    "its signer is on the superior's CRL %" PRId64, need->above->crl.number_value);
}

static bool
candidate(struct sp_check *c, const struct sp_crl_need *need, struct sp_pcrl *crl, struct sp_crl_found *out,
    struct problem *pr)
{
	struct sp_node *signer;
	char at[SETPKI_TIME_TEXT];

	if (crl->crl.this_update > c->run->ask->at) {
		sp_hold_next(&c->window, crl->crl.this_update);
		return problem(
		    pr, "chain.crl.notyet", crl, "thisUpdate is only %s", setpki_time_text(crl->crl.this_update, at));
	}
	if ((signer = find_signer(c, need, crl, pr)) == NULL)
		return false;
	if (!sp_check_crl_sig(c->run, crl, signer->c))
		return problem(pr, "chain.crl.signature", crl, "its signature does not verify");
	*out = (struct sp_crl_found){crl, signer};
	check_body(c, need, crl);
	check_signer(c, need, crl, signer);
	sp_hold_crl(&c->window, &crl->crl);
	sp_hold_cert(&c->window, &signer->c->cert);
	return true;
}

void
sp_crl_find(struct sp_check *c, const struct sp_crl_need *need, struct sp_crl_found *out)
{
	const setpki_pool *p = c->run->pool;
	struct problem pr = {0};
	size_t i, from, to;

	*out = (struct sp_crl_found){0};
	sp_pool_crls_of(p, need->issuer->c->cert.subject, &from, &to);
	for (i = from; i < to; i++) /* newest first */
		if (candidate(c, need, p->crls.v[i], out, &pr))
			return;
	if (pr.id != NULL)
		sp_found_crl(c, pr.id, need->depth, pr.crl, "%s", pr.text);
	else if (need->required)
		sp_found_node(c, "chain.crl.missing", need->depth, need->issuer, "no CRL of this CA is at hand");
}
