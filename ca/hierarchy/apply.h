/* Putting a changed policy in force in a home that has one. */
#ifndef CA_HIERARCHY_APPLY_H
#define CA_HIERARCHY_APPLY_H

#include "ca/audit/audit.h"

/* Whether the policy can follow the one in force: a hierarchy keeps its suite, and each of its CAs its place, roles and
 * name, for certificates and CRLs say them already (set-protocol 12.12).  New CAs may be added; `ca_init_plan()` makes
 * them.  STATE: no policy is in force; POLICY with the first CA and field that would change. */
SP_MUST_CHECK enum setpki_code
ca_apply_check(const struct ca_home *h, const struct ca_policy *policy, struct setpki_error *err);

/* Checks that, and puts it in force in one audited transaction.  On success the home owns `policy` and has freed the
 * one before; the same policy again is freed, and nothing is written.  On failure `policy` stays the caller's. */
SP_MUST_CHECK enum setpki_code ca_apply(struct ca_home *h, struct ca_policy *policy, struct setpki_error *err);

#endif
