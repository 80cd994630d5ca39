/* Renewing and rolling CAs. */
#include "ca/hierarchy/roll.h"

#include "ca/hierarchy/missing.h"
#include "ca/hierarchy/run.h"
#include "ca/issue/spec.h"

#include <setpki/text.h>
#include <string.h>

/* Policy and records, and the CA in question, whose keys must be here. */
static enum setpki_code
open_state(struct ca_home *h, const char *name, struct ca_state *s, int *ca, struct setpki_error *err)
{
	enum setpki_code rc;

	memset(s, 0, sizeof(*s));
	if (h->policy == NULL)
		return sp_fail(err, SETPKI_E_STATE, NULL, "no policy is in force here; run init first");
	if ((*ca = ca_spec_find(h->policy, name, err)) < 0)
		return SETPKI_E_NOTFOUND;
	if ((rc = ca_state_read(h, h->policy, NULL, s, err)) != SETPKI_E_OK)
		return rc;
	if (!s->known[*ca])
		rc = sp_fail(err, SETPKI_E_STATE, NULL, "%s is not made yet; run init", name);
	else if (!s->v[*ca].here)
		rc = sp_fail(err, SETPKI_E_STATE, NULL, "the keys of %s live in another home; do it there", name);
	if (rc != SETPKI_E_OK)
		ca_state_free(s);
	return rc;
}

/* --- renew ------------------------------------------------------------------------------------- */

/* Same superior generation, and it still signs (set-protocol 12.11). */
static enum setpki_code
check_superior(const struct ca_state *s, int ca, const struct ca_generation *g, struct setpki_error *err)
{
	int parent = s->policy->cas[ca].parent;
	const struct ca_generation *up;

	if (parent < 0)
		return SETPKI_E_OK;
	up = ca_state_generation(&s->v[parent], g->superior_generation);
	if (up == NULL || up->state != CA_GEN_ACTIVE)
		return sp_fail(err, SETPKI_E_STATE, "set-protocol 12.11",
		    "generation %u of %s, which certified %s, signs no more; roll %s instead (ca roll)",
		    g->superior_generation, s->policy->cas[parent].name, s->policy->cas[ca].name,
		    s->policy->cas[ca].name);
	return SETPKI_E_OK;
}

static enum setpki_code
plan_renewal(struct ca_plan *plan, const struct ca_state *s, int ca, const struct ca_generation *g,
    enum ca_purpose only, struct setpki_error *err)
{
	const struct ca_policy_ca *c = &s->policy->cas[ca];
	enum ca_step_type type = c->parent < 0 || s->v[c->parent].here ? CA_STEP_RENEW : CA_STEP_REQUEST;
	enum setpki_code rc = SETPKI_E_OK;
	int p;

	for (p = 0; p < CA_PURPOSE_N && rc == SETPKI_E_OK; p++)
		if (c->keys[p].present && g->keys[p].seq != 0 && (only == CA_PURPOSE_N || only == (enum ca_purpose)p))
			rc = ca_plan_add(plan, s, type, ca, g->number, (enum ca_purpose)p, err);
	if (rc == SETPKI_E_OK && plan->n == 0)
		rc = sp_fail(err, SETPKI_E_STATE, NULL, "%s has no %s certificate to renew", c->name,
		    only == CA_PURPOSE_N ? "such" : ca_purpose_name(only));
	return rc;
}

enum setpki_code
ca_renew_plan(struct ca_home *h, const char *ca, enum ca_purpose purpose, struct ca_plan *out, struct setpki_error *err)
{
	const struct ca_generation *g;
	struct ca_state s;
	enum setpki_code rc;
	int i;

	memset(out, 0, sizeof(*out));
	if ((rc = open_state(h, ca, &s, &i, err)) != SETPKI_E_OK)
		return rc;
	out->policy = h->policy;
	g = ca_state_newest(&s.v[i]);
	if (g == NULL || g->state != CA_GEN_ACTIVE)
		rc = sp_fail(err, SETPKI_E_STATE, NULL,
		    "%s has no active generation: finish its init, or roll it if it was revoked", ca);
	else if ((rc = check_superior(&s, i, g, err)) == SETPKI_E_OK &&
	    (rc = plan_renewal(out, &s, i, g, purpose, err)) == SETPKI_E_OK)
		rc = ca_plan_lists(out, h, &s, err);
	ca_state_free(&s);
	if (rc != SETPKI_E_OK)
		ca_plan_free(out);
	return rc;
}

/* --- roll -------------------------------------------------------------------------------------- */

static const struct ca_generation *
highest(const struct ca_ca_record *rec)
{
	const struct ca_generation *best = NULL;
	size_t i;

	for (i = 0; i < rec->ngenerations; i++)
		if (best == NULL || rec->generations[i].number > best->number)
			best = &rec->generations[i];
	return best;
}

/* One that was revoked, and so retired, is followed by another like one that grew old. */
static enum setpki_code
check_follows(const struct ca_state *s, int ca, const struct ca_generation *old, struct setpki_error *err)
{
	const struct ca_policy_ca *c = &s->policy->cas[ca];

	if (old == NULL || old->state == CA_GEN_WAITING)
		return sp_fail(err, SETPKI_E_STATE, NULL,
		    "generation %u of %s waits for its certificate; finish that first (init)",
		    old != NULL ? old->number : 1u, c->name);
	if (c->parent >= 0 && ca_state_newest(&s->v[c->parent]) == NULL)
		return sp_fail(err, SETPKI_E_STATE, NULL,
		    "no generation of its superior %s signs any more; roll that one first",
		    s->policy->cas[c->parent].name);
	if (c->parent < 0 && old->next_root_uri[0] == '\0')
		return sp_fail(err, SETPKI_E_STATE, "set-protocol 12.15",
		    "the key of the next root, which hashedRootKey announces, is not here");
	return SETPKI_E_OK;
}

/* The generation after the newest, as it will be recorded; the root's has its key already. */
static enum setpki_code
next_generation(const struct ca_state *s, int ca, struct ca_ca_record *rec, struct setpki_error *err)
{
	int parent = s->policy->cas[ca].parent;
	const struct ca_generation *old = highest(rec);
	char key[sizeof(old->next_root_uri)];
	uint16_t superior;
	enum setpki_code rc;

	if ((rc = check_follows(s, ca, old, err)) != SETPKI_E_OK)
		return rc;
	superior = parent < 0 ? 0 : ca_state_newest(&s->v[parent])->number;
	memcpy(key, old->next_root_uri, sizeof(key));
	if ((rc = ca_state_add_generation(rec, (uint16_t)(old->number + 1), superior, err)) != SETPKI_E_OK)
		return rc;
	if (parent < 0)
		memcpy(rec->generations[rec->ngenerations - 1].keys[CA_PURPOSE_CERTSIGN].uri, key, sizeof(key));
	return SETPKI_E_OK;
}

/* The generation that a roll before this one began and did not see through. */
static enum setpki_code
begun(struct ca_home *h, const struct ca_ca_record *rec, const struct ca_generation **g, struct setpki_error *err)
{
	uint16_t number = 0;
	ca_txn *t;
	enum setpki_code rc;

	*g = NULL;
	if ((rc = ca_txn_begin(h->store, false, &t, err)) != SETPKI_E_OK)
		return rc;
	if ((rc = ca_state_rolling(t, rec->id, &number, err)) == SETPKI_E_OK && number != 0)
		*g = ca_state_generation(rec, number);
	ca_txn_abort(t);
	return rc;
}

static enum setpki_code
plan_rest(struct ca_plan *plan, struct ca_home *h, const struct ca_state *s, int ca, const struct ca_generation *g,
    struct setpki_error *err)
{
	enum setpki_code rc = ca_plan_generation(plan, s, ca, g, err);

	return rc == SETPKI_E_OK ? ca_plan_lists(plan, h, s, err) : rc;
}

static enum setpki_code
plan_next(struct ca_plan *plan, struct ca_home *h, struct ca_state *s, int ca, struct setpki_error *err)
{
	const struct ca_generation *g;
	enum setpki_code rc;

	if ((rc = next_generation(s, ca, &s->v[ca], err)) != SETPKI_E_OK)
		return rc;
	g = &s->v[ca].generations[s->v[ca].ngenerations - 1];
	rc = ca_plan_add(plan, s, CA_STEP_GENERATION, ca, g->number, CA_PURPOSE_CERTSIGN, err);
	return rc == SETPKI_E_OK ? plan_rest(plan, h, s, ca, g, err) : rc;
}

enum setpki_code
ca_roll_plan(struct ca_home *h, const char *ca, struct ca_plan *out, struct setpki_error *err)
{
	const struct ca_generation *g;
	struct ca_state s;
	enum setpki_code rc;
	int i;

	memset(out, 0, sizeof(*out));
	if ((rc = open_state(h, ca, &s, &i, err)) != SETPKI_E_OK)
		return rc;
	out->policy = h->policy;
	if ((rc = begun(h, &s.v[i], &g, err)) == SETPKI_E_OK && g != NULL)
		rc = plan_rest(out, h, &s, i, g, err);
	if (rc == SETPKI_E_OK && out->n == 0)
		rc = plan_next(out, h, &s, i, err);
	ca_state_free(&s);
	if (rc != SETPKI_E_OK)
		ca_plan_free(out);
	return rc;
}

/* --- seeing it through ------------------------------------------------------------------------- */

static enum setpki_code
done_in(ca_txn *t, const struct ca_policy *policy, bool *changed, struct setpki_error *err)
{
	const struct ca_generation *g;
	struct ca_state s;
	uint16_t number = 0;
	enum setpki_code rc;
	size_t i;

	if ((rc = ca_state_read_in(t, policy, NULL, &s, err)) != SETPKI_E_OK)
		return rc;
	for (i = 0; i < policy->ncas && rc == SETPKI_E_OK; i++) {
		if (!s.known[i] || (rc = ca_state_rolling(t, s.v[i].id, &number, err)) != SETPKI_E_OK || number == 0)
			continue;
		g = ca_state_generation(&s.v[i], number);
		if (g != NULL && g->state == CA_GEN_WAITING)
			continue;
		*changed = true;
		rc = ca_state_rolling_put(t, s.v[i].id, 0, err);
	}
	ca_state_free(&s);
	return rc;
}

/* Every plan ends with the CRLs, BCIs and sets that are missing, so a generation that is active after one that was
 * carried out is public too. */
enum setpki_code
ca_roll_done(struct ca_home *h, const struct ca_plan *plan, struct setpki_error *err)
{
	bool changed = false;
	enum setpki_code rc;
	ca_txn *t;

	if ((rc = ca_txn_begin(h->store, true, &t, err)) != SETPKI_E_OK)
		return rc;
	rc = done_in(t, plan->policy, &changed, err);
	if (rc == SETPKI_E_OK && changed)
		return ca_txn_commit(t, err);
	ca_txn_abort(t);
	return rc;
}

/* --- beginning the generation ------------------------------------------------------------------ */

/* The new root's key is the one made for it: its record takes over the public key noted then. */
static enum setpki_code
take_next_root(struct ca_home *h, ca_txn *t, struct ca_ca_record *rec, uint16_t number, struct setpki_error *err)
{
	struct ca_generation *g = ca_state_generation(rec, number);
	struct sp_buf spki = {0};
	struct sp_spki key;
	enum setpki_code rc;

	if ((rc = ca_state_spki(t, rec->id, (uint16_t)(number - 1), CA_SLOT_NEXT_ROOT, &spki, err)) == SETPKI_E_OK &&
	    (rc = ca_state_spki_put(t, rec->id, number, CA_PURPOSE_CERTSIGN, sp_buf_bytes(&spki), err)) ==
		SETPKI_E_OK &&
	    (rc = ca_state_spki(t, rec->id, number, CA_PURPOSE_CERTSIGN, &spki, err)) == SETPKI_E_OK &&
	    (rc = sp_spki_parse(sp_buf_bytes(&spki), &key, err)) == SETPKI_E_OK)
		rc = sp_spki_identity(h->ctx, &key, g->keys[CA_PURPOSE_CERTSIGN].identity, err);
	sp_buf_free(&spki);
	return rc;
}

static enum setpki_code
begin_in(struct ca_home *h, ca_txn *t, const struct ca_step *step, struct setpki_error *err)
{
	struct ca_state s;
	struct ca_ca_record *rec;
	enum setpki_code rc;

	if ((rc = ca_state_read_in(t, h->policy, NULL, &s, err)) != SETPKI_E_OK)
		return rc;
	rec = &s.v[step->ca];
	if (ca_state_generation(rec, step->generation) != NULL)
		goto out; /* begun by the run before */
	if ((rc = next_generation(&s, step->ca, rec, err)) != SETPKI_E_OK)
		goto out;
	if (rec->generation != step->generation)
		rc = sp_fail(err, SETPKI_E_STATE, NULL, "%s went on to generation %u meanwhile; plan again", rec->name,
		    rec->generation);
	else if (rec->parent == 0)
		rc = take_next_root(h, t, rec, step->generation, err);
	if (rc == SETPKI_E_OK && (rc = ca_ca_put(t, rec, err)) == SETPKI_E_OK &&
	    (rc = ca_state_rolling_put(t, rec->id, step->generation, err)) == SETPKI_E_OK)
		rc = ca_state_audit(
		    h, t, CA_AUDIT_CA_CHANGED, rec->id, err, "%s: generation %u begun", rec->name, step->generation);
out:
	ca_state_free(&s);
	return rc;
}

enum setpki_code
ca_step_generation(struct ca_run *r, const struct ca_step *step, struct setpki_error *err)
{
	ca_txn *t;
	enum setpki_code rc;

	if ((rc = ca_txn_begin(r->h->store, true, &t, err)) != SETPKI_E_OK)
		return rc;
	if ((rc = begin_in(r->h, t, step, err)) == SETPKI_E_OK)
		return ca_txn_commit(t, err);
	ca_txn_abort(t);
	return rc;
}
