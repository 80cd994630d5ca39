#include "tests/fuzz/fuzz.h"

setpki_ctx *
fuzz_ctx(void)
{
	static setpki_ctx *ctx;

	if (ctx == NULL)
		FUZZ_MUST(setpki_ctx_new(NULL, &ctx, NULL) == SETPKI_E_OK);
	return ctx;
}
