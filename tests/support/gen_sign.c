/* The same bytes signed with the same key have the same signature in every world of a program: what no edit touches is
 * byte for byte the same there, also with ECDSA. */
#include "lib/base/limits.h"
#include "lib/crypto/sign.h"
#include "tests/support/gen_inner.h"

#include <stdlib.h>
#include <string.h>

struct made {
	struct made *next;
	const EVP_PKEY *key;
	enum setpki_suite suite;
	uint8_t digest[SP_DIGEST_MAX];
	struct sp_buf sig;
};

static struct made *all;

enum setpki_code
gen_sign_digest(
    enum setpki_suite suite, EVP_PKEY *key, const uint8_t *digest, struct sp_buf *sig, struct setpki_error *err)
{
	size_t n = suite == SETPKI_SUITE_CLASSIC ? 20 : 32;
	enum setpki_code rc;
	struct made *m;

	for (m = all; m != NULL; m = m->next)
		if (m->key == key && m->suite == suite && memcmp(m->digest, digest, n) == 0)
			break;
	if (m == NULL) {
		if ((m = calloc(1, sizeof(*m))) == NULL)
			return SETPKI_E_MEMORY;
		if ((rc = sp_sign_digest(gen_ctx(), suite, key, digest, &m->sig, err)) != SETPKI_E_OK) {
			free(m);
			return rc;
		}
		m->key = key;
		m->suite = suite;
		memcpy(m->digest, digest, n);
		m->next = all;
		all = m;
	}
	sp_buf_add_bytes(sig, sp_buf_bytes(&m->sig));
	return SETPKI_E_OK;
}

void
gen_sign_forget(void)
{
	struct made *m;

	while ((m = all) != NULL) {
		all = m->next;
		sp_buf_free(&m->sig);
		free(m);
	}
}
