/* The steps that make CRLs, BCIs and public sets. */
#include "ca/hierarchy/run.h"
#include "ca/publish/publish.h"

/* The record of the step's CA, whether its generation has its certificates, and whether it has a CRL. */
static enum setpki_code
look(struct ca_run *r, const struct ca_step *step, uint16_t *id, bool *active, bool *has_crl, struct setpki_error *err)
{
	struct ca_ca_record rec = {0};
	struct ca_crl_record crl = {0};
	const struct ca_generation *g;
	ca_txn *t;
	enum setpki_code rc;

	*active = *has_crl = false;
	if ((rc = ca_txn_begin(r->h->store, false, &t, err)) != SETPKI_E_OK)
		return rc;
	if ((rc = ca_ca_find(t, r->plan->policy->cas[step->ca].name, &rec, err)) != SETPKI_E_OK)
		goto out;
	*id = rec.id;
	g = ca_state_generation(&rec, step->generation);
	*active = g != NULL && (g->state == CA_GEN_ACTIVE || g->state == CA_GEN_CLOSING);
	rc = ca_crl_get(t, rec.id, step->generation, &crl, err);
	*has_crl = rc == SETPKI_E_OK && crl.der.n != 0;
	if (rc == SETPKI_E_NOTFOUND) {
		setpki_error_clear(err);
		rc = SETPKI_E_OK;
	}
out:
	ca_crl_record_free(&crl);
	ca_ca_record_free(&rec);
	ca_txn_abort(t);
	return rc;
}

enum setpki_code
ca_step_crl(struct ca_run *r, const struct ca_step *step, struct setpki_error *err)
{
	bool active, has_crl;
	uint16_t id = 0;
	enum setpki_code rc = look(r, step, &id, &active, &has_crl, err);

	if (rc != SETPKI_E_OK || has_crl)
		return rc;
	if (!active) {
		r->blocked = true;
		return SETPKI_E_OK;
	}
	return ca_crl_issue(r->h, id, step->generation, NULL, err);
}

/* Lists and sets wait until nothing that belongs on them is still awaited. */
static bool
awaits(const struct ca_run *r)
{
	size_t i;

	for (i = 0; i < sizeof(r->awaited) / sizeof(r->awaited[0]); i++)
		if (r->awaited[i])
			return true;
	return r->blocked;
}

enum setpki_code
ca_step_bci(struct ca_run *r, const struct ca_step *step, struct setpki_error *err)
{
	bool active, has_crl;
	uint16_t id = 0;
	enum setpki_code rc = look(r, step, &id, &active, &has_crl, err);

	if (rc != SETPKI_E_OK)
		return rc;
	if (!active || awaits(r)) {
		r->blocked = true;
		return SETPKI_E_OK;
	}
	return ca_bci_issue(r->h, id, NULL, err);
}

enum setpki_code
ca_step_publish(struct ca_run *r, const struct ca_step *step, struct setpki_error *err)
{
	struct ca_publish_ask ask = {.brand = r->plan->policy->cas[step->ca].name, .due = true};

	if (awaits(r)) {
		r->blocked = true;
		return SETPKI_E_OK;
	}
	return ca_publish(r->h, &ask, err);
}
