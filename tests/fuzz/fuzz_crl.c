/* A CRL that the reader accepts is DER at every depth, and linting and printing it ends. */
#include "tests/fuzz/fuzz.h"

#include "lib/der/walk.h"
#include "lib/x509/crl.h"
#include "lib/x509/lint.h"

static enum setpki_code
found(void *arg, setpki_bytes serial, int64_t at, int reason, struct setpki_error *err)
{
	void *const *pair = arg;

	(void)at;
	(void)reason;
	(void)err;
	FUZZ_MUST(sp_crl_lookup(pair[0], serial, NULL, NULL));
	++*(size_t *)pair[1];
	return SETPKI_E_OK;
}

/* Each entry is found by the index that the same reading made. */
static size_t
count(struct sp_crl *crl)
{
	size_t n = 0;
	void *pair[2] = {crl, &n};

	FUZZ_MUST(sp_crl_each(crl, found, pair, NULL) == SETPKI_E_OK);
	return n;
}

void
fuzz_crl(const uint8_t *data, size_t size)
{
	setpki_bytes in = {data, size};
	struct setpki_findings findings = {0};
	struct sp_crl v;

	FUZZ_MUST(sp_lint_crl(fuzz_ctx(), in, SETPKI_SUITE_NONE, &findings, NULL) == SETPKI_E_OK);
	setpki_findings_free(&findings);
	if (sp_crl_parse(fuzz_ctx(), in, &v, NULL) != SETPKI_E_OK)
		return;
	FUZZ_MUST(sp_der_walk(in, NULL) == SETPKI_E_OK);
	FUZZ_MUST(v.count == count(&v));
	sp_crl_free(&v);
}
