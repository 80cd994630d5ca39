/* What checking finds: one record for chains (setpki/chain.h) and single objects (setpki/lint.h). */
#ifndef SETPKI_FINDING_H
#define SETPKI_FINDING_H

#include <setpki/error.h>
#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/** NOTE: worth knowing.  WARNING: allowed, but not as it should be.  ERROR: refuses the object.  UNDECIDED: something
 * is missing (a CRL, an issuer) and no yes or no can be given. */
enum setpki_severity { SETPKI_NOTE, SETPKI_WARNING, SETPKI_UNDECIDED, SETPKI_ERROR };

/** One row of the table of findings; all strings static. */
struct setpki_rule {
	const char *id; /* stable: "chain.validity.expired", "cert.keyusage.value" */
	enum setpki_severity severity;
	const char *text;    /* the rule in one sentence: what must be */
	const char *spec;    /* document and section */
	const char *applies; /* what it is applied to: "certificate", "crl", "bci", "request", "chain" */
	const char *advice;  /* what to do about it */
};

/** Every rule that the library checks, sorted by id. @param n how many. @return static array */
const struct setpki_rule *setpki_rules(size_t *n);
/** @return the rule with that id, NULL if there is none. */
const struct setpki_rule *setpki_rule_by_id(const char *id);

/** One finding. */
struct setpki_finding {
	const struct setpki_rule *rule;
	int depth;	  /* 0: the leaf, then upward; -1 where depth says nothing */
	char object[256]; /* which object: kind, subject, serial, or file */
	char text[320];	  /* what was found, with the values that disagree */
};

/** A list of findings, zero-initialised by the caller, emptied with setpki_findings_free(). */
struct setpki_findings {
	struct setpki_finding *v;
	size_t n, cap;
};

/** @return the worst severity in the list; SETPKI_NOTE if it is empty. */
enum setpki_severity setpki_findings_worst(const struct setpki_findings *f);
void setpki_findings_free(struct setpki_findings *f);

#ifdef __cplusplus
}
#endif
#endif
