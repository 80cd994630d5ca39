/* A bundle that was read and is built again from its parts is read again with the same parts. */
#include "tests/fuzz/fuzz.h"

#include "lib/x509/p7.h"

void
fuzz_p7(const uint8_t *data, size_t size)
{
	setpki_bytes in = {data, size};
	struct sp_buf der = {0};
	struct sp_p7 first, second;

	if (sp_p7_parse(in, &first, NULL) != SETPKI_E_OK)
		return;
	if (first.content.n == 0 &&
	    sp_p7_build(first.certs, first.ncerts, first.crls, first.ncrls, first.content, 0, &der, NULL) ==
		SETPKI_E_OK) {
		FUZZ_MUST(sp_p7_parse(sp_buf_bytes(&der), &second, NULL) == SETPKI_E_OK);
		FUZZ_MUST(second.ncerts <= first.ncerts && second.ncrls <= first.ncrls);
		sp_p7_free(&second);
	}
	sp_buf_free(&der);
	sp_p7_free(&first);
}
