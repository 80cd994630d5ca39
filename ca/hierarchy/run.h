/* Carrying steps out: what run.c hands to the files that do one type of step each. */
#ifndef CA_HIERARCHY_RUN_H
#define CA_HIERARCHY_RUN_H

#include "ca/hierarchy/pass.h"
#include "ca/hierarchy/state.h"

struct ca_run {
	struct ca_home *h;
	const struct ca_plan *plan;
	struct ca_pass_cache *pass;
	bool blocked;	  /* a step was passed over because a superior has not answered yet */
	bool awaited[64]; /* by policy index: superiors that requests are written for */
	struct ca_waiting *waiting;
};

/* One step of each type; done already is fine. */
typedef enum setpki_code ca_step_fn(struct ca_run *r, const struct ca_step *step, struct setpki_error *err);
ca_step_fn ca_step_generation, ca_step_key, ca_step_next_key, ca_step_cert, ca_step_renew, ca_step_request, ca_step_crl,
    ca_step_bci, ca_step_publish;

/* Opens the keys that are there already and that the plan signs with, if it makes others: DECRYPT before anything is
 * kept under a wrong passphrase. */
SP_MUST_CHECK enum setpki_code ca_run_open_first(struct ca_run *r, struct setpki_error *err);
/* Writes the bundles of the awaited superiors to requests/SUPERIOR.pem in the home. */
SP_MUST_CHECK enum setpki_code ca_run_bundles(struct ca_run *r, struct setpki_error *err);
/* After a plan was carried out whole: the rolls that it saw through are over. */
SP_MUST_CHECK enum setpki_code ca_roll_done(struct ca_home *h, const struct ca_plan *plan, struct setpki_error *err);

#endif
