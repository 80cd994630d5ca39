#include "lib/crypto/party.h"

#include <openssl/crypto.h>
#include <string.h>

void
setpki_der_free(struct setpki_der *der)
{
	if (der == NULL)
		return;
	OPENSSL_clear_free(der->p, der->n);
	der->p = NULL;
	der->n = 0;
}

enum setpki_code
sp_party_sign(setpki_ctx *ctx, enum setpki_suite suite, const struct setpki_party *p, setpki_bytes attributes,
    struct sp_buf *sig, struct setpki_error *err)
{
	struct setpki_der out = {NULL, 0};
	enum setpki_code rc;

	if (p->ops == NULL)
		return sp_sign(ctx, suite, p->key, attributes, sig, err);
	rc = p->ops->sign(p->ops->arg, suite, attributes, &out, err);
	if (rc == SETPKI_E_OK)
		sp_buf_add(sig, out.p, out.n);
	setpki_der_free(&out);
	return rc != SETPKI_E_OK || !sig->failed ? rc : sp_fail_memory(err);
}

unsigned
sp_party_open(
    setpki_ctx *ctx, enum setpki_suite suite, const struct setpki_party *p, setpki_bytes sealed, struct sp_keyblock *b)
{
	struct setpki_key_block block = {.content = (int)b->extra, .has_digest = b->has_hd};
	unsigned ok;

	if (p->ops == NULL)
		return sp_keyblock_open(ctx, suite, p->key, sealed, b);
	ok = p->ops->open(p->ops->arg, suite, sealed, &block);
	memcpy(b->key, block.key, sizeof(b->key));
	memcpy(b->hd, block.digest, sizeof(b->hd));
	memcpy(b->x, block.extra, sizeof(b->x));
	OPENSSL_cleanse(&block, sizeof(block));
	return ok;
}
