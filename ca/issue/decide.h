/* What the policy says to one end entity's request. */
#ifndef CA_ISSUE_DECIDE_H
#define CA_ISSUE_DECIDE_H

#include "ca/issue/spec.h"

/* A request under decision; afterwards everything that its certificates need.  ca_decision_free(). */
struct ca_decision {
	struct ca_home *h;
	const struct ca_ee_request *req;
	const struct ca_signer *signer;
	const struct ca_policy_ca *ca;
	const struct ca_profile *profile;
	const struct sp_buf *ca_names; /* subject of each CA of the policy, generation 1: ca_decide_names() */
	struct sp_spki sig, exch;      /* `whole` empty: not asked for */
	int64_t not_before, not_after, usage_to;
	struct sp_buf subject, merchant; /* Name; MerchantDataSyntax or empty */
	struct ca_spec_urls urls;
	uint8_t request[32];
};

/* Which CA of the policy answers for a role: index, or -1 with POLICY, NOTFOUND or ARGUMENT. */
int ca_decide_ca(const struct ca_policy *p, const char *name, enum ca_role role, struct setpki_error *err);
/* The names that no end entity may have (set-protocol 12.12), built once for all decisions of a call: one buffer a CA.
 * ca_decide_names_free(). */
SP_MUST_CHECK enum setpki_code
ca_decide_names(const struct ca_policy *p, struct sp_buf **out, struct setpki_error *err);
void ca_decide_names_free(const struct ca_policy *p, struct sp_buf *names);
/* Goes through the table of checks; the first refusal names its rule and policy line.  d->h, req and signer are given.
 */
SP_MUST_CHECK enum setpki_code ca_decide(struct ca_decision *d, struct setpki_error *err);
void ca_decision_free(struct ca_decision *d);

/* "policy line 31, merchant.issues.merchant.longest", or that it is a default: where a key of the CA's profile stands.
 * The text lives in `out`. */
const char *ca_decide_where(const struct ca_decision *d, const char *key, char out[160]);
/* Fills the rows of --explain from a decision. */
void ca_decide_explain(const struct ca_decision *d, struct ca_explain *out);

#endif
