/* Plans: what is missing between the policy and the store, as a list of steps that is shown and then carried out.  A
 * plan is computed from what is there, so that it can be computed again after an interruption at any point. */
#ifndef CA_HIERARCHY_PLAN_H
#define CA_HIERARCHY_PLAN_H

#include "ca/issue/issue.h"

enum ca_step_type {
	CA_STEP_GENERATION, /* begin a new generation of the CA (roll) */
	CA_STEP_KEY,	    /* make its key for `purpose` */
	CA_STEP_NEXT_KEY,   /* make the key of the root's next generation, in a file of its own */
	CA_STEP_CERT,	    /* certify its key for `purpose`: by its superior, a root by itself */
	CA_STEP_RENEW,	    /* certify the same key again */
	CA_STEP_REQUEST,    /* its superior's keys live elsewhere: write the request, wait */
	CA_STEP_CRL,	    /* the first CRL of a generation */
	CA_STEP_BCI,	    /* the brand's list of CRLs */
	CA_STEP_PUBLISH	    /* the brand's public set */
};

struct ca_step {
	enum ca_step_type type;
	int ca; /* index into policy->cas */
	uint16_t generation;
	enum ca_purpose purpose; /* KEY, CERT, RENEW, REQUEST */
	char text[160];		 /* "make the certificate-signing key (P-384)" */
};

struct ca_plan {
	const struct ca_policy *policy; /* borrowed */
	struct ca_step *v;
	size_t n, cap;
	bool asks; /* carrying it out asks for a passphrase */
};

void ca_plan_free(struct ca_plan *plan); /* and empties it; the struct is the caller's */
/* The plan for people: one paragraph a CA, one line a step; "Nothing to do.\n" for an empty one. */
void ca_plan_text(const struct ca_plan *plan, struct sp_buf *out);
/* ARGUMENT when carrying out the plan needs a passphrase and nobody can be asked (`pass` NULL, or its `ask` NULL): to
 * be called before anything is made. */
SP_MUST_CHECK enum setpki_code
ca_plan_check_pass(const struct ca_plan *plan, const struct ca_passphrase *pass, struct setpki_error *err);

/* Told when a step begins (`done` steps of `total` are finished), and once at the end with `step` NULL. */
struct ca_progress {
	void (*fn)(void *arg, const struct ca_step *step, size_t done, size_t total);
	void *arg;
};

/* What a run that ends with PENDING waits for. */
struct ca_waiting {
	struct {
		char superior[CA_NAME_MAX];
		char path[512]; /* the bundle that was written for it (set-protocol 12.16) */
		size_t requests;
	} v[16];
	size_t n;
};

/* Carries a plan out in this home, whose policy must be the plan's.  Each step is durable when it is reported done, and
 * skipped when its result is there already.  Holds run/hierarchy.lock meanwhile: STATE with the pid of another run.
 * PENDING: everything that can be done here is done; `waiting` (may be
 * NULL) says what an offline superior has to answer. */
SP_MUST_CHECK enum setpki_code ca_plan_run(struct ca_home *h, const struct ca_plan *plan,
    const struct ca_progress *progress, struct ca_waiting *waiting, struct setpki_error *err);

#endif
