/* The plan of init, and the first transaction of a home. */
#include "ca/hierarchy/init.h"

#include "ca/hierarchy/missing.h"

#include <string.h>

static enum setpki_code
check_policy(const struct ca_home *h, const struct ca_policy *policy, struct setpki_error *err)
{
	if (h == NULL || h->policy == NULL || memcmp(h->policy->hash, policy->hash, sizeof(policy->hash)) == 0)
		return SETPKI_E_OK;
	return sp_fail(err, SETPKI_E_CONFLICT, NULL,
	    "another policy is in force in %s; change it with policy apply (policy diff shows what that changes)",
	    h->dir);
}

enum setpki_code
ca_init_plan(
    struct ca_home *h, const struct ca_policy *policy, const char *only, struct ca_plan *out, struct setpki_error *err)
{
	struct ca_state s = {0};
	const struct ca_generation *g;
	enum setpki_code rc;
	size_t i, k;

	memset(out, 0, sizeof(*out));
	out->policy = policy;
	if ((rc = check_policy(h, policy, err)) != SETPKI_E_OK ||
	    (rc = ca_state_read(h, policy, only, &s, err)) != SETPKI_E_OK)
		return rc;
	for (i = 0; i < policy->ncas && rc == SETPKI_E_OK; i++) {
		for (k = 0; s.v[i].here && k < s.v[i].ngenerations && rc == SETPKI_E_OK; k++) {
			g = &s.v[i].generations[k];
			if (g->state == CA_GEN_WAITING || g->state == CA_GEN_ACTIVE)
				rc = ca_plan_generation(out, &s, (int)i, g, err);
		}
	}
	if (rc == SETPKI_E_OK)
		rc = ca_plan_lists(out, h, &s, err);
	ca_state_free(&s);
	if (rc != SETPKI_E_OK)
		ca_plan_free(out);
	return rc;
}

/* --- the first transaction --------------------------------------------------------------------- */

/* Gives a CA its number, once its superior and brand have theirs. */
static enum setpki_code
add_ca(struct ca_home *h, ca_txn *t, struct ca_state *s, size_t i, struct setpki_error *err)
{
	const struct ca_policy_ca *c = &s->policy->cas[i];
	struct ca_ca_record *rec = &s->v[i];
	enum setpki_code rc;

	rec->parent = c->parent < 0 ? 0 : s->v[c->parent].id;
	rec->brand = c->brand < 0 ? 0 : s->v[c->brand].id;
	if ((rc = ca_ca_put(t, rec, err)) != SETPKI_E_OK)
		return rc;
	if (c->brand == (int)i) {
		rec->brand = rec->id;
		if ((rc = ca_ca_put(t, rec, err)) != SETPKI_E_OK)
			return rc;
	}
	return s->known[i] ? SETPKI_E_OK : ca_state_audit(h, t, CA_AUDIT_CA_ADDED, rec->id, err, "%s", c->name);
}

static enum setpki_code
add_cas(struct ca_home *h, ca_txn *t, const char *only, struct setpki_error *err)
{
	struct ca_state s = {0};
	enum setpki_code rc;
	size_t i;

	if ((rc = ca_state_read_in(t, h->policy, only, &s, err)) != SETPKI_E_OK)
		return rc;
	if (only != NULL)
		rc = ca_state_mark_only(t, only, err);
	for (i = 0; i < h->policy->ncas && rc == SETPKI_E_OK; i++)
		if (!s.known[i] || (only != NULL && strcmp(only, h->policy->cas[i].name) == 0))
			rc = add_ca(h, t, &s, i, err);
	ca_state_free(&s);
	return rc;
}

/* Two may open an empty home at once; one of them begins it. */
static enum setpki_code
check_empty(struct ca_home *h, ca_txn *t, struct setpki_error *err)
{
	uint8_t root[32];
	uint64_t size;
	enum setpki_code rc = ca_audit_head(h, t, &size, root, err);

	if (rc == SETPKI_E_OK && size != 0)
		rc = sp_fail(err, SETPKI_E_STATE, NULL, "another init began this home just now; run it again");
	return rc;
}

static enum setpki_code
begin_in(struct ca_home *h, ca_txn *t, struct ca_policy *policy, bool first, const char *only, struct setpki_error *err)
{
	enum setpki_code rc;

	if (first) {
		if ((rc = check_empty(h, t, err)) != SETPKI_E_OK ||
		    (rc = ca_home_policy_apply(h, t, policy, err)) != SETPKI_E_OK ||
		    (rc = ca_state_audit(h, t, CA_AUDIT_HOME_CREATED, 0, err, "%s", policy->name)) != SETPKI_E_OK ||
		    (rc = ca_state_audit(h, t, CA_AUDIT_POLICY_APPLIED, 0, err, "%s", policy->name)) != SETPKI_E_OK)
			return rc;
	}
	return add_cas(h, t, only, err);
}

enum setpki_code
ca_init_begin(struct ca_home *h, struct ca_policy *policy, const char *only, struct setpki_error *err)
{
	bool first = h->policy == NULL;
	enum setpki_code rc;
	ca_txn *t;

	if ((rc = check_policy(h, policy, err)) != SETPKI_E_OK ||
	    (rc = ca_txn_begin(h->store, true, &t, err)) != SETPKI_E_OK)
		return rc;
	if (first)
		h->policy = policy; /* the leaves of this transaction carry its hash */
	if ((rc = begin_in(h, t, policy, first, only, err)) == SETPKI_E_OK)
		rc = ca_txn_commit(t, err);
	else
		ca_txn_abort(t);
	if (rc != SETPKI_E_OK && first)
		h->policy = NULL;
	if (rc == SETPKI_E_OK && !first)
		ca_policy_free(policy);
	return rc;
}
