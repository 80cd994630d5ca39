/* Carrying a plan out, step by step. */
#include "ca/hierarchy/run.h"

#include "ca/hierarchy/certify.h"
#include "ca/issue/hold.h"

#include <string.h>
#include <unistd.h>

static ca_step_fn *const steps[] = {
    [CA_STEP_GENERATION] = ca_step_generation,
    [CA_STEP_KEY] = ca_step_key,
    [CA_STEP_NEXT_KEY] = ca_step_next_key,
    [CA_STEP_CERT] = ca_step_cert,
    [CA_STEP_RENEW] = ca_step_renew,
    [CA_STEP_REQUEST] = ca_step_request,
    [CA_STEP_CRL] = ca_step_crl,
    [CA_STEP_BCI] = ca_step_bci,
    [CA_STEP_PUBLISH] = ca_step_publish,
};

/* --- steps that are short ---------------------------------------------------------------------- */

/* The purposes that the plan certifies for the same generation as `step`: they are issued together. */
static unsigned
purposes_together(const struct ca_run *r, const struct ca_step *step)
{
	unsigned mask = 0;
	size_t i;

	for (i = 0; i < r->plan->n; i++)
		if (r->plan->v[i].type == step->type && r->plan->v[i].ca == step->ca &&
		    r->plan->v[i].generation == step->generation)
			mask |= 1u << r->plan->v[i].purpose;
	return mask;
}

static bool
first_of_its_generation(const struct ca_run *r, const struct ca_step *step)
{
	const struct ca_step *s = r->plan->v;

	while (s->type != step->type || s->ca != step->ca || s->generation != step->generation)
		s++;
	return s == step;
}

static enum setpki_code
certify(struct ca_run *r, const struct ca_step *step, bool renew, struct setpki_error *err)
{
	bool blocked;
	enum setpki_code rc;

	if (!first_of_its_generation(r, step))
		return SETPKI_E_OK;
	rc = ca_certify_generation(r->h, step->ca, step->generation, purposes_together(r, step), renew, &blocked, err);
	r->blocked = r->blocked || blocked;
	return rc;
}

enum setpki_code
ca_step_cert(struct ca_run *r, const struct ca_step *step, struct setpki_error *err)
{
	return certify(r, step, false, err);
}

enum setpki_code
ca_step_renew(struct ca_run *r, const struct ca_step *step, struct setpki_error *err)
{
	return certify(r, step, true, err);
}

/* A key that has a certificate is asked for again only while its renewal is noted. */
static enum setpki_code
note_renewal(ca_txn *t, const char *name, const struct ca_step *step, struct setpki_error *err)
{
	struct ca_ca_record rec = {0};
	const struct ca_generation *g;
	enum setpki_code rc;

	if ((rc = ca_ca_find(t, name, &rec, err)) != SETPKI_E_OK)
		return rc;
	g = ca_state_generation(&rec, step->generation);
	if (g != NULL && g->keys[step->purpose].seq != 0)
		rc = ca_state_renewal_put(t, rec.id, step->generation, step->purpose, true, err);
	ca_ca_record_free(&rec);
	return rc;
}

enum setpki_code
ca_step_request(struct ca_run *r, const struct ca_step *step, struct setpki_error *err)
{
	const struct ca_policy_ca *c = &r->plan->policy->cas[step->ca];
	enum setpki_code rc;
	ca_txn *t;

	if ((size_t)c->parent >= sizeof(r->awaited) / sizeof(r->awaited[0]))
		return sp_fail(err, SETPKI_E_LIMIT, NULL, "more than %zu CAs in one policy",
		    sizeof(r->awaited) / sizeof(r->awaited[0]));
	r->awaited[c->parent] = true;
	if ((rc = ca_txn_begin(r->h->store, true, &t, err)) != SETPKI_E_OK)
		return rc;
	if ((rc = note_renewal(t, c->name, step, err)) == SETPKI_E_OK)
		return ca_txn_commit(t, err);
	ca_txn_abort(t);
	return rc;
}

/* --- the run ----------------------------------------------------------------------------------- */

static void
tell(const struct ca_progress *p, const struct ca_step *step, size_t done, size_t total)
{
	if (p != NULL && p->fn != NULL)
		p->fn(p->arg, step, done, total);
}

static enum setpki_code
run_steps(struct ca_run *r, const struct ca_progress *progress, struct setpki_error *err)
{
	const struct ca_plan *plan = r->plan;
	const struct ca_step *s;
	enum setpki_code rc;
	size_t i;

	for (i = 0; i < plan->n; i++) {
		s = &plan->v[i];
		tell(progress, s, i, plan->n);
		if ((rc = steps[s->type](r, s, err)) != SETPKI_E_OK)
			return sp_error_in(
			    err, rc, "%s, generation %u: %s", plan->policy->cas[s->ca].name, s->generation, s->text);
	}
	tell(progress, NULL, plan->n, plan->n);
	return SETPKI_E_OK;
}

static enum setpki_code
run(struct ca_run *r, const struct ca_progress *progress, struct setpki_error *err)
{
	enum setpki_code rc;

	if ((rc = ca_folder_sweep(r->h->keys_dir, err)) != SETPKI_E_OK ||
	    (rc = ca_pass_cache_open(r->h, &r->pass, err)) != SETPKI_E_OK)
		return rc;
	if ((rc = ca_run_open_first(r, err)) == SETPKI_E_OK && (rc = run_steps(r, progress, err)) == SETPKI_E_OK)
		rc = ca_run_bundles(r, err);
	ca_pass_cache_close(r->h, r->pass);
	if (rc == SETPKI_E_OK && (r->waiting->n != 0 || r->blocked))
		rc = sp_fail(err, SETPKI_E_PENDING, "set-protocol 12.16",
		    "all that can be made here is made; the rest waits for %s: take the requests there (ca sign), and "
		    "the "
		    "answer back (ca install)",
		    r->waiting->n != 0 ? r->waiting->v[0].superior : "a superior");
	return rc == SETPKI_E_OK ? ca_roll_done(r->h, r->plan, err) : rc;
}

/* While the home is held, what issues nothing goes on. */
static enum setpki_code
check_hold(struct ca_home *h, const struct ca_plan *plan, struct setpki_error *err)
{
	for (size_t i = 0; i < plan->n; i++)
		if (plan->v[i].type == CA_STEP_CERT || plan->v[i].type == CA_STEP_RENEW)
			return ca_hold_check_now(h, err);
	return SETPKI_E_OK;
}

enum setpki_code
ca_plan_run(struct ca_home *h, const struct ca_plan *plan, const struct ca_progress *progress,
    struct ca_waiting *waiting, struct setpki_error *err)
{
	struct ca_waiting local;
	struct ca_run r = {.h = h, .plan = plan, .waiting = waiting != NULL ? waiting : &local};
	enum setpki_code rc;
	int lock;

	memset(r.waiting, 0, sizeof(*r.waiting));
	if (plan->n == 0)
		return SETPKI_E_OK;
	if (h->policy == NULL || h->policy != plan->policy)
		return sp_fail(
		    err, SETPKI_E_STATE, NULL, "the plan is for another policy than the one in force; plan again");
	if ((rc = check_hold(h, plan, err)) != SETPKI_E_OK ||
	    (rc = ca_plan_check_pass(plan, &h->pass, err)) != SETPKI_E_OK ||
	    (rc = ca_home_lock(h, "hierarchy", false, &lock, err)) != SETPKI_E_OK)
		return rc;
	rc = run(&r, progress, err);
	close(lock);
	return rc;
}
