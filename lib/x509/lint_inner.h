/* What the files lint_*.c for certificates share. */
#ifndef LIB_X509_LINT_INNER_H
#define LIB_X509_LINT_INNER_H

#include "lib/x509/lint.h"

struct sp_lint {
	setpki_ctx *ctx;
	struct sp_cert cert;
	enum setpki_suite asked, suite; /* `suite`: asked for, else the object's */
	const struct sp_kind_row *kind; /* NULL: of no kind, what depends on it is not checked */
	char object[256];
	struct setpki_findings *findings;
	enum setpki_code rc; /* of the check itself */
	struct setpki_error *err;
};

/* Adds a finding on the certificate. */
__attribute__((format(printf, 3, 4))) void sp_lint_add(struct sp_lint *l, const char *id, const char *fmt, ...);
/* Form: algorithms, serial, validity, names, key (lint_cert_form.c). */
void sp_lint_form(struct sp_lint *l);
/* Kind: certificateType, keyUsage, basicConstraints, and which extensions stand there (lint_cert_kind.c). */
void sp_lint_kind(struct sp_lint *l);
/* What the extensions say (lint_cert_ext.c). */
void sp_lint_values(struct sp_lint *l);

#endif
