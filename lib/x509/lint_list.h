/* What the lints of CRLs, BCIs and requests share. */
#ifndef LIB_X509_LINT_LIST_H
#define LIB_X509_LINT_LIST_H

#include "lib/x509/lint.h"

struct sp_list_lint {
	const char *der_rule; /* the finding for what cannot be read: "crl.der" */
	enum setpki_suite suite;
	char object[256];
	struct setpki_findings *findings;
	enum setpki_code rc; /* of the check itself */
	struct setpki_error *err;
};

/* Adds a finding on the object. */
__attribute__((format(printf, 3, 4))) void
sp_list_lint_add(struct sp_list_lint *l, const char *id, const char *fmt, ...);
/* What cannot be read is a finding; a failure of the reader itself is not. */
void sp_list_lint_unreadable(struct sp_list_lint *l, enum setpki_code rc, const struct setpki_error *why);
/* The signature algorithm against the suite asked for; without one, the object's own becomes l->suite. */
void sp_list_lint_suite(struct sp_list_lint *l, const char *id, enum setpki_suite found);
/* The AKI's form in this suite (set-protocol 12.1). */
void
sp_list_lint_aki(struct sp_list_lint *l, const char *id, setpki_bytes issuer, setpki_bytes serial, setpki_bytes keyid);

#endif
