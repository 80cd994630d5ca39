/* Making a hierarchy from its policy: the plan, and the first transaction of a home. */
#ifndef CA_HIERARCHY_INIT_H
#define CA_HIERARCHY_INIT_H

#include "ca/hierarchy/plan.h"

/* What is missing.  `h` NULL: there is no home yet.  `only` (NULL: all that are not offline): the one CA whose keys are
 * to live in this home, for the offline machine.  Writes nothing.  CONFLICT when another policy is in force in this
 * home; NOTFOUND, with a suggestion, when `only` is no CA of the policy. */
SP_MUST_CHECK enum setpki_code ca_init_plan(
    struct ca_home *h, const struct ca_policy *policy, const char *only, struct ca_plan *out, struct setpki_error *err);

/* Puts the policy in force and records its CAs, in one audited transaction; adds the CAs that the store does not know
 * yet if the policy is in force already.  Call it between ca_home_open(CREATE) and ca_plan_run().  On success the home
 * owns `policy` (h->policy; if the same policy was in force, `policy` is freed and h->policy stays): plans made from
 * it before are void, compute them again.  On failure `policy` stays the caller's. */
SP_MUST_CHECK enum setpki_code
ca_init_begin(struct ca_home *h, struct ca_policy *policy, const char *only, struct setpki_error *err);

#endif
