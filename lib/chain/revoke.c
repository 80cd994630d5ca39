/* Revocation of a path in the order of set-protocol 12.14. */
#include "lib/chain/revoke.h"

#include <inttypes.h>
#include <setpki/text.h>
#include <string.h>

/* Who keeps a CRL always (section 6, 12.14 e); cardholder and merchant CAs only if the BCI lists them. */
#define KEEPS_CRL (SETPKI_TYPE_RCA | SETPKI_TYPE_BCA | SETPKI_TYPE_GCA | SETPKI_TYPE_PCA)

struct sp_path
sp_path_from(const struct sp_path *p, size_t depth)
{
	struct sp_path out = {.n = p->n - depth, .end = p->end};

	memcpy(out.v, p->v + depth, out.n * sizeof(out.v[0]));
	return out;
}

/* The certificate at depth `d` against a CRL. */
static void
look_up(struct sp_check *c, size_t d, const struct sp_pcrl *crl)
{
	char when[SETPKI_TIME_TEXT];
	int64_t at;
	int reason;

	if (!sp_crl_lookup(&crl->crl, sp_at(c, d)->serial, &at, &reason))
		return;
	sp_found(c, "chain.revoked", d, "revoked on %s%s%s, says CRL %" PRId64 " of its issuer",
	    setpki_time_text(at, when), reason < 0 || sp_reason_name(reason) == NULL ? "" : ", ",
	    reason < 0 || sp_reason_name(reason) == NULL ? "" : sp_reason_name(reason), crl->crl.number_value);
}

/* 12.13, where certificates and CRLs are signed with two keys: chain.outlives of the rules covers the common one. */
static void
check_outlives(struct sp_check *c, size_t d, const struct sp_node *signer)
{
	char end[SETPKI_TIME_TEXT], signer_end[SETPKI_TIME_TEXT];

	if (d + 1 >= c->path.n || signer == c->path.v[d + 1] || sp_at(c, d)->not_after <= signer->c->cert.not_after)
		return;
	sp_found(c, "chain.outlives", d, "valid until %s, the signer of its CA's CRL only until %s",
	    setpki_time_text(sp_at(c, d)->not_after, end), setpki_time_text(signer->c->cert.not_after, signer_end));
}

void
sp_revocation_lowest(struct sp_check *c)
{
	if (c->crl[0] == NULL)
		return;
	look_up(c, 0, c->crl[0]);
	check_outlives(c, 0, c->crl_signer[0]);
}

/* Whether the certificate at depth `d` needs its issuer's CRL, and with which number (12.14 e). */
static bool
wanted(struct sp_check *c, size_t d, struct sp_crl_need *need)
{
	bool keeps = (sp_at(c, d + 1)->type & KEEPS_CRL) != 0;

	need->number = -1;
	need->required = keeps && c->run->ask->revocation == SETPKI_REQUIRE_CRL;
	if (c->bci == NULL)
		return true;
	need->number = sp_bci_number(c->bci, sp_at(c, d + 1)->subject);
	need->required = need->number >= 0 && c->run->ask->revocation == SETPKI_REQUIRE_BCI;
	if (need->number < 0 && keeps)
		sp_found(c, "chain.bci.unlisted", d + 1, "BCI %" PRIu64 " does not list its CRL", c->bci->bci.sequence);
	return need->number >= 0;
}

/* The CRL for the certificate at depth `d`. */
static void
find_crl(struct sp_check *c, size_t d)
{
	struct sp_crl_need need = {.issuer = c->path.v[d + 1],
	    .depth = (int)d + 1,
	    .superior = sp_path_from(&c->path, d + 2 < c->path.n ? d + 2 : d + 1),
	    .above = c->crl[d + 1]};
	struct sp_crl_found found;

	if (!wanted(c, d, &need))
		return;
	sp_crl_find(c, &need, &found);
	c->crl[d] = found.crl;
	c->crl_signer[d] = found.signer;
}

/* The root's CRL was found on the way to the BCI: what is left is its number. */
static void
recheck_root(struct sp_check *c, size_t d, const struct sp_crl_found *root)
{
	struct sp_crl_need need;

	c->crl[d] = root->crl;
	c->crl_signer[d] = root->signer;
	if (wanted(c, d, &need) && root->crl != NULL)
		sp_crl_number(c, (int)d + 1, root->crl, need.number);
}

/* A root by itself: only its own CRL, if there is one, can speak against it. */
static void
root_alone(struct sp_check *c)
{
	struct sp_crl_need need = {.issuer = c->path.v[0], .superior = c->path, .number = -1};
	struct sp_crl_found found;

	sp_crl_find(c, &need, &found);
	if (found.crl != NULL)
		look_up(c, 0, found.crl);
}

void
sp_revocation(struct sp_check *c)
{
	struct sp_crl_found root = {0};
	bool root_done = false;
	size_t d, top = c->path.n - 1;

	if (top == 0) {
		root_alone(c);
		return;
	}
	if (c->run->ask->revocation != SETPKI_REQUIRE_CRL)
		sp_bci_find(c, c->path.v[top - 1]->c->brand, &root, &root_done);
	for (d = top; d-- > 0;) {
		if (d == top - 1 && root_done)
			recheck_root(c, d, &root);
		else
			find_crl(c, d);
		if (c->crl[d] == NULL)
			continue;
		look_up(c, d, c->crl[d]);
		check_outlives(c, d, c->crl_signer[d]);
		if (d == top - 1)
			look_up(c, top, c->crl[d]);
	}
}
