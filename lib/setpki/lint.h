/* Linting single objects. */
#ifndef SETPKI_LINT_H
#define SETPKI_LINT_H

#include <setpki/finding.h>
#include <setpki/object.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Check one certificate, CRL, BCI or request by itself: form, suite, and the table of kinds and extensions.
 * @param suite     SETPKI_SUITE_NONE: read from the object's algorithms
 * @param findings  added to; empty means that nothing is wrong.  An object that cannot be read is a finding too
 * @return SETPKI_E_OK (also with findings); SETPKI_E_ARGUMENT (an object of a type that has no lints); MEMORY; CRYPTO
 */
enum setpki_code setpki_lint(setpki_ctx *ctx, const struct setpki_object *object, enum setpki_suite suite,
    struct setpki_findings *findings, struct setpki_error *err);

#ifdef __cplusplus
}
#endif
#endif
