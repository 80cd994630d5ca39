/* Linting: checks an encoded object against the rule table, with code that shares nothing with the builder but the
 * rows.  Adds findings; the return value is for failures of the check itself (memory, libcrypto). */
#ifndef LIB_X509_LINT_H
#define LIB_X509_LINT_H

#include "lib/x509/cert.h"

#include <setpki/finding.h>

/* Adds one finding of the rule `id` (which must be in the table).  `object` NULL: empty. */
__attribute__((format(printf, 5, 6))) SP_MUST_CHECK enum setpki_code
sp_finding_add(struct setpki_findings *f, const char *id, int depth, const char *object, const char *fmt, ...);

/* A whole certificate, or a TBSCertificate alone before it is signed.  Something that cannot be parsed is a finding
 * (cert.der ...), not a failure.  `suite` NONE: read from the object. */
SP_MUST_CHECK enum setpki_code sp_lint_cert(
    setpki_ctx *ctx, setpki_bytes der, enum setpki_suite suite, struct setpki_findings *f, struct setpki_error *err);
SP_MUST_CHECK enum setpki_code sp_lint_tbs(
    setpki_ctx *ctx, setpki_bytes tbs, enum setpki_suite suite, struct setpki_findings *f, struct setpki_error *err);
SP_MUST_CHECK enum setpki_code sp_lint_crl(
    setpki_ctx *ctx, setpki_bytes der, enum setpki_suite suite, struct setpki_findings *f, struct setpki_error *err);
SP_MUST_CHECK enum setpki_code sp_lint_bci(
    setpki_ctx *ctx, setpki_bytes der, enum setpki_suite suite, struct setpki_findings *f, struct setpki_error *err);
SP_MUST_CHECK enum setpki_code sp_lint_csr(
    setpki_ctx *ctx, setpki_bytes der, enum setpki_suite suite, struct setpki_findings *f, struct setpki_error *err);

#endif
