/* Filling plans: what files of ca/hierarchy share. */
#ifndef CA_HIERARCHY_MISSING_H
#define CA_HIERARCHY_MISSING_H

#include "ca/hierarchy/state.h"

/* Adds one step; its text says what will be made and how it is protected. */
SP_MUST_CHECK enum setpki_code ca_plan_add(struct ca_plan *plan, const struct ca_state *s, enum ca_step_type type,
    int ca, uint16_t generation, enum ca_purpose purpose, struct setpki_error *err);
/* Adds what one generation lacks: keys, the next root's key, certificates or requests for them. */
SP_MUST_CHECK enum setpki_code ca_plan_generation(
    struct ca_plan *plan, const struct ca_state *s, int ca, const struct ca_generation *g, struct setpki_error *err);
/* Adds the first CRLs that are missing, then BCI and publication of each brand that lacks them or whose set the steps
 * before change. */
SP_MUST_CHECK enum setpki_code
ca_plan_lists(struct ca_plan *plan, struct ca_home *h, const struct ca_state *s, struct setpki_error *err);

#endif
