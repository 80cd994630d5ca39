/* Putting a changed policy in force. */
#include "ca/hierarchy/apply.h"

#include "ca/hierarchy/state.h"

#include <string.h>

/* The texts of a CA that its certificates and CRLs carry. */
static const struct {
	const char *name;
	size_t at;
} texts[] = {
    {"subject.country", offsetof(struct ca_policy_ca, country)},
    {"brand-id", offsetof(struct ca_policy_ca, organization)},
    {"subject.unit", offsetof(struct ca_policy_ca, unit)},
    {"subject.common-name", offsetof(struct ca_policy_ca, id)},
};

static bool
same_text(const struct ca_policy_ca *a, const struct ca_policy_ca *b, size_t at)
{
	const char *x, *y;

	memcpy(&x, (const char *)a + at, sizeof(x));
	memcpy(&y, (const char *)b + at, sizeof(y));
	return x == y || (x != NULL && y != NULL && strcmp(x, y) == 0);
}

static const char *
superior(const struct ca_policy *p, const struct ca_policy_ca *ca)
{
	return ca->parent < 0 ? "" : p->cas[ca->parent].name;
}

static enum setpki_code
fail_change(const struct ca_policy_ca *ca, const char *what, struct setpki_error *err)
{
	return sp_fail(err, SETPKI_E_POLICY, "set-protocol 12.12",
	    "%s of the CA '%s' cannot change: certificates and CRLs say it already; leave it, or begin a new CA beside "
	    "it",
	    what, ca->name);
}

static enum setpki_code
check_ca(
    const struct ca_policy *old, const struct ca_policy_ca *ca, const struct ca_policy *new, struct setpki_error *err)
{
	int at = ca_policy_find(new, ca->name);
	const struct ca_policy_ca *now;
	size_t i;

	if (at < 0)
		return sp_fail(err, SETPKI_E_POLICY, "set-protocol 12.12",
		    "the CA '%s' exists and would be gone; leave it in the policy", ca->name);
	now = &new->cas[at];
	if (now->level != ca->level || strcmp(superior(new, now), superior(old, ca)) != 0)
		return fail_change(ca, "the place", err);
	if (now->type != ca->type)
		return fail_change(ca, "the roles", err);
	if (now->offline != ca->offline)
		return sp_fail(err, SETPKI_E_POLICY, NULL,
		    "the keys of the CA '%s' are %s, which no policy changes; leave 'offline' as it is", ca->name,
		    ca->offline ? "in another home" : "in this home");
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (!same_text(ca, now, texts[i].at))
			return fail_change(ca, texts[i].name, err);
	return SETPKI_E_OK;
}

enum setpki_code
ca_apply_check(const struct ca_home *h, const struct ca_policy *policy, struct setpki_error *err)
{
	const struct ca_policy *old = h->policy;
	enum setpki_code rc = SETPKI_E_OK;
	size_t i;

	if (old == NULL)
		return sp_fail(
		    err, SETPKI_E_STATE, NULL, "no policy is in force here; 'setca init POLICY' puts one in force");
	if (old->suite != policy->suite)
		return sp_fail(err, SETPKI_E_POLICY, "set-protocol 12.1",
		    "the suite of a hierarchy cannot change, it is %s; make a new home for another one",
		    setpki_suite_name(old->suite));
	for (i = 0; i < old->ncas && rc == SETPKI_E_OK; i++)
		rc = check_ca(old, &old->cas[i], policy, err);
	return rc;
}

/* Nobody may have put another one in force since this home was opened and the differences were shown. */
static enum setpki_code
check_unchanged(ca_txn *t, const struct ca_policy *before, struct setpki_error *err)
{
	uint8_t hash[32];
	enum setpki_code rc = ca_home_policy_hash(t, hash, err);

	if (rc == SETPKI_E_OK && memcmp(hash, before->hash, sizeof(hash)) != 0)
		rc = sp_fail(err, SETPKI_E_STATE, NULL,
		    "another policy was put in force just now; look at the difference again");
	return rc;
}

enum setpki_code
ca_apply(struct ca_home *h, struct ca_policy *policy, struct setpki_error *err)
{
	struct ca_policy *before = h->policy;
	enum setpki_code rc;
	ca_txn *t;

	if ((rc = ca_apply_check(h, policy, err)) != SETPKI_E_OK)
		return rc;
	if (memcmp(policy->hash, before->hash, sizeof(policy->hash)) == 0) {
		ca_policy_free(policy);
		return SETPKI_E_OK;
	}
	if ((rc = ca_txn_begin(h->store, true, &t, err)) != SETPKI_E_OK)
		return rc;
	h->policy = policy; /* the entry in the log names it */
	if ((rc = check_unchanged(t, before, err)) != SETPKI_E_OK ||
	    (rc = ca_home_policy_apply(h, t, policy, err)) != SETPKI_E_OK ||
	    (rc = ca_state_audit(h, t, CA_AUDIT_POLICY_APPLIED, 0, err, "%s", policy->name)) != SETPKI_E_OK)
		ca_txn_abort(t);
	else
		rc = ca_txn_commit(t, err);
	if (rc == SETPKI_E_OK)
		ca_policy_free(before);
	else
		h->policy = before;
	return rc;
}
