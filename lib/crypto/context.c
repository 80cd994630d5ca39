#include "lib/crypto/context.h"

#include "lib/base/error.h"

#include <openssl/crypto.h>

enum setpki_code
setpki_ctx_new(void *libctx, setpki_ctx **out, struct setpki_error *err)
{
	setpki_ctx *ctx = OPENSSL_zalloc(sizeof(*ctx));

	*out = NULL;
	if (ctx == NULL)
		return sp_fail_memory(err);
	ctx->lib = libctx;
	ctx->sha1 = EVP_MD_fetch(ctx->lib, "SHA1", NULL);
	ctx->sha256 = EVP_MD_fetch(ctx->lib, "SHA256", NULL);
	if (ctx->sha1 == NULL || ctx->sha256 == NULL) {
		setpki_ctx_free(ctx);
		return sp_fail_crypto(err, "cannot fetch SHA-1 and SHA-256");
	}
	*out = ctx;
	return SETPKI_E_OK;
}

void
setpki_ctx_free(setpki_ctx *ctx)
{
	if (ctx == NULL)
		return;
	EVP_MD_free(ctx->sha1);
	EVP_MD_free(ctx->sha256);
	OPENSSL_free(ctx);
}
