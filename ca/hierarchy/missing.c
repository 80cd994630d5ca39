/* What is missing between policy and store. */
#include "ca/hierarchy/missing.h"

#include "ca/publish/publish.h"

#include <string.h>

static enum setpki_code
plan_keys(
    struct ca_plan *plan, const struct ca_state *s, int ca, const struct ca_generation *g, struct setpki_error *err)
{
	const struct ca_policy_ca *c = &s->policy->cas[ca];
	enum setpki_code rc = SETPKI_E_OK;
	int p;

	for (p = 0; p < CA_PURPOSE_N && rc == SETPKI_E_OK; p++)
		if (c->keys[p].present && g->keys[p].uri[0] == '\0')
			rc = ca_plan_add(plan, s, CA_STEP_KEY, ca, g->number, (enum ca_purpose)p, err);
	if (rc == SETPKI_E_OK && c->parent < 0 && g->next_root_uri[0] == '\0')
		rc = ca_plan_add(plan, s, CA_STEP_NEXT_KEY, ca, g->number, CA_PURPOSE_CERTSIGN, err);
	return rc;
}

enum setpki_code
ca_plan_generation(
    struct ca_plan *plan, const struct ca_state *s, int ca, const struct ca_generation *g, struct setpki_error *err)
{
	const struct ca_policy_ca *c = &s->policy->cas[ca];
	enum ca_step_type type = c->parent < 0 || s->v[c->parent].here ? CA_STEP_CERT : CA_STEP_REQUEST;
	enum setpki_code rc;
	int p;

	rc = plan_keys(plan, s, ca, g, err);
	for (p = 0; p < CA_PURPOSE_N && rc == SETPKI_E_OK; p++)
		if (c->keys[p].present && g->keys[p].seq == 0)
			rc = ca_plan_add(plan, s, type, ca, g->number, (enum ca_purpose)p, err);
	return rc;
}

/* --- CRLs, BCI, publication -------------------------------------------------------------------- */

static enum setpki_code
has_crl(ca_txn *t, uint16_t ca, uint16_t generation, bool *has, struct setpki_error *err)
{
	struct ca_crl_record rec = {0};
	enum setpki_code rc = t != NULL ? ca_crl_get(t, ca, generation, &rec, err) : SETPKI_E_NOTFOUND;

	*has = rc == SETPKI_E_OK && rec.der.n != 0;
	ca_crl_record_free(&rec);
	if (rc == SETPKI_E_NOTFOUND) {
		setpki_error_clear(err);
		rc = SETPKI_E_OK;
	}
	return rc;
}

static enum setpki_code
plan_crls(struct ca_plan *plan, ca_txn *t, const struct ca_state *s, int ca, struct setpki_error *err)
{
	const struct ca_ca_record *rec = &s->v[ca];
	enum setpki_code rc = SETPKI_E_OK;
	bool has = false;
	size_t i;

	if (!rec->here || !s->policy->cas[ca].crl.keeps)
		return SETPKI_E_OK;
	for (i = 0; i < rec->ngenerations && rc == SETPKI_E_OK; i++) {
		if (rec->generations[i].state == CA_GEN_RETIRED)
			continue;
		rc = has_crl(s->known[ca] ? t : NULL, rec->id, rec->generations[i].number, &has, err);
		if (rc == SETPKI_E_OK && !has)
			rc = ca_plan_add(plan, s, CA_STEP_CRL, ca, rec->generations[i].number, CA_PURPOSE_CRLSIGN, err);
	}
	return rc;
}

/* Whether a step of the plan changes what the set of a brand holds: a certificate or CRL of the root or of the brand.
 */
static bool
touches(const struct ca_plan *plan, int brand)
{
	const struct ca_step *st;
	size_t i;

	for (i = 0; i < plan->n; i++) {
		st = &plan->v[i];
		if (st->type != CA_STEP_CRL && st->type != CA_STEP_CERT && st->type != CA_STEP_RENEW)
			continue;
		if (plan->policy->cas[st->ca].brand == brand || plan->policy->cas[st->ca].brand < 0)
			return true;
	}
	return false;
}

/* Whether the brand's BCI names the CRLs that there are, and is not due. */
static enum setpki_code
stands(struct ca_home *h, uint16_t brand, const struct ca_bci_record *rec, bool *yes, struct setpki_error *err)
{
	struct ca_bci_members m = {0};
	struct sp_bci bci = {0};
	enum setpki_code rc;

	*yes = false;
	if (rec->der.n == 0 || rec->next_run <= h->now)
		return SETPKI_E_OK;
	if ((rc = ca_bci_members_read(h, brand, &m, err)) == SETPKI_E_STATE) {
		setpki_error_clear(err); /* a CRL is missing: the step itself will say which */
		return SETPKI_E_OK;
	}
	if (rc == SETPKI_E_OK && (rc = sp_bci_parse(rec->der, &bci, err)) == SETPKI_E_OK)
		*yes = ca_bci_members_match(&m, &bci);
	sp_bci_free(&bci);
	ca_bci_members_free(&m);
	return rc;
}

static enum setpki_code
read_bci(struct ca_home *h, uint16_t brand, struct ca_bci_record *rec, struct setpki_error *err)
{
	ca_txn *t;
	enum setpki_code rc;

	if ((rc = ca_txn_begin(h->store, false, &t, err)) != SETPKI_E_OK)
		return rc;
	rc = ca_bci_get(t, brand, rec, err);
	ca_txn_abort(t);
	if (rc == SETPKI_E_NOTFOUND) {
		setpki_error_clear(err);
		rc = SETPKI_E_OK;
	}
	return rc;
}

static enum setpki_code
plan_brand(struct ca_plan *plan, struct ca_home *h, const struct ca_state *s, int ca, struct setpki_error *err)
{
	struct ca_bci_record rec = {0};
	bool fine = false;
	uint16_t generation = s->v[ca].generation;
	enum setpki_code rc = SETPKI_E_OK;

	if (h != NULL && s->known[ca] && (rc = read_bci(h, s->v[ca].id, &rec, err)) == SETPKI_E_OK)
		rc = stands(h, s->v[ca].id, &rec, &fine, err);
	fine = fine && !touches(plan, ca);
	if (rc == SETPKI_E_OK && !fine)
		rc = ca_plan_add(plan, s, CA_STEP_BCI, ca, generation, CA_PURPOSE_CRLSIGN, err);
	if (rc == SETPKI_E_OK && (!fine || rec.published != rec.sequence))
		rc = ca_plan_add(plan, s, CA_STEP_PUBLISH, ca, generation, CA_PURPOSE_CRLSIGN, err);
	ca_bci_record_free(&rec);
	return rc;
}

enum setpki_code
ca_plan_lists(struct ca_plan *plan, struct ca_home *h, const struct ca_state *s, struct setpki_error *err)
{
	enum setpki_code rc = SETPKI_E_OK;
	ca_txn *t = NULL;
	size_t i;

	if (h != NULL && (rc = ca_txn_begin(h->store, false, &t, err)) != SETPKI_E_OK)
		return rc;
	for (i = 0; i < s->policy->ncas && rc == SETPKI_E_OK; i++)
		rc = plan_crls(plan, t, s, (int)i, err);
	ca_txn_abort(t);
	for (i = 0; i < s->policy->ncas && rc == SETPKI_E_OK; i++)
		if (s->v[i].here && s->policy->cas[i].brand == (int)i)
			rc = plan_brand(plan, h, s, (int)i, err);
	return rc;
}
