/* One entry for every kind of object. */
#include "lib/x509/lint.h"

#include <setpki/lint.h>

enum setpki_code
setpki_lint(setpki_ctx *ctx, const struct setpki_object *object, enum setpki_suite suite,
    struct setpki_findings *findings, struct setpki_error *err)
{
	switch (object->type) {
	case SETPKI_OBJECT_CERT:
		return sp_lint_cert(ctx, object->der, suite, findings, err);
	case SETPKI_OBJECT_CRL:
		return sp_lint_crl(ctx, object->der, suite, findings, err);
	case SETPKI_OBJECT_BCI:
		return sp_lint_bci(ctx, object->der, suite, findings, err);
	case SETPKI_OBJECT_CSR:
		return sp_lint_csr(ctx, object->der, suite, findings, err);
	default:
		return sp_fail(err, SETPKI_E_ARGUMENT, NULL,
		    "a %s has no lints: they are for certificates, CRLs, BCIs and requests",
		    setpki_object_name(object->type));
	}
}
