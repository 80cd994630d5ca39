/* Before a run makes keys: those that are there already and will sign are opened, so that a wrong passphrase is told of
 * while nothing is kept under it. */
#include "ca/hierarchy/run.h"

/* Whose key signs in a step; its generation 0: the one that is active. */
struct signing {
	int ca;
	uint16_t generation;
	enum ca_purpose purpose;
};

static bool
signing_of(const struct ca_policy *p, const struct ca_step *step, struct signing *out)
{
	int parent = p->cas[step->ca].parent;

	switch (step->type) {
	case CA_STEP_CERT:
	case CA_STEP_RENEW:
		*out = (struct signing){step->ca, step->generation, CA_PURPOSE_CERTSIGN};
		if (parent >= 0)
			*out = (struct signing){parent, 0, CA_PURPOSE_CERTSIGN};
		return true;
	case CA_STEP_REQUEST:
		*out = (struct signing){step->ca, step->generation, step->purpose};
		return true;
	default:
		return false;
	}
}

static bool
opened_before(const struct ca_plan *plan, size_t i, const struct signing *s)
{
	struct signing before;

	while (i-- > 0)
		if (signing_of(plan->policy, &plan->v[i], &before) && before.ca == s->ca &&
		    before.generation == s->generation && before.purpose == s->purpose)
			return true;
	return false;
}

static enum setpki_code
open_key(struct ca_run *r, const struct ca_ca_record *rec, const struct signing *s, struct setpki_error *err)
{
	const struct ca_generation *g =
	    s->generation != 0 ? ca_state_generation(rec, s->generation) : ca_state_newest(rec);
	ca_key *key = NULL;
	char what[128];
	enum setpki_code rc;

	if (!rec->here || g == NULL || g->keys[s->purpose].uri[0] == '\0' ||
	    (s->generation == 0 && g->state != CA_GEN_ACTIVE))
		return SETPKI_E_OK;
	snprintf(what, sizeof(what), "%s, %s, generation %u", rec->name, ca_purpose_name(s->purpose), g->number);
	rc = ca_key_open(r->h->ctx, r->h->keys_dir, g->keys[s->purpose].uri, &r->h->pass, what, &key, err);
	ca_key_free(key);
	return rc == SETPKI_E_OK ? rc : sp_error_in(err, rc, "nothing was made: %s", what);
}

static bool
makes_keys(const struct ca_plan *plan)
{
	for (size_t i = 0; i < plan->n; i++)
		if (plan->v[i].type == CA_STEP_KEY || plan->v[i].type == CA_STEP_NEXT_KEY)
			return true;
	return false;
}

enum setpki_code
ca_run_open_first(struct ca_run *r, struct setpki_error *err)
{
	const struct ca_plan *plan = r->plan;
	struct ca_state state = {0};
	struct signing s;
	enum setpki_code rc;

	if (!makes_keys(plan))
		return SETPKI_E_OK;
	rc = ca_state_read(r->h, plan->policy, NULL, &state, err);
	for (size_t i = 0; i < plan->n && rc == SETPKI_E_OK; i++)
		if (signing_of(plan->policy, &plan->v[i], &s) && !opened_before(plan, i, &s))
			rc = open_key(r, &state.v[s.ca], &s, err);
	ca_state_free(&state);
	return rc;
}
