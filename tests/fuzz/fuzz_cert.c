/* A certificate that the reader accepts is DER at every depth, and linting and printing it ends. */
#include "tests/fuzz/fuzz.h"

#include "lib/der/walk.h"
#include "lib/x509/cert.h"
#include "lib/x509/lint.h"

void
fuzz_cert(const uint8_t *data, size_t size)
{
	setpki_bytes in = {data, size};
	struct setpki_findings findings = {0};
	struct sp_cert v;

	FUZZ_MUST(sp_lint_cert(fuzz_ctx(), in, SETPKI_SUITE_NONE, &findings, NULL) == SETPKI_E_OK);
	setpki_findings_free(&findings);
	if (sp_cert_parse(in, &v, NULL) != SETPKI_E_OK)
		return;
	FUZZ_MUST(sp_der_walk(in, NULL) == SETPKI_E_OK);
	FUZZ_MUST(v.tbs.p > in.p && v.tbs.p + v.tbs.n < in.p + in.n);
	(void)sp_cert_kind(&v);
}
