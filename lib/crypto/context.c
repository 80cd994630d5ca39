#include "lib/crypto/context.h"

#include "lib/base/error.h"

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
	ctx->aes_gcm = EVP_CIPHER_fetch(ctx->lib, "AES-256-GCM", NULL);
	ctx->des_lock = CRYPTO_THREAD_lock_new();
	if (ctx->sha1 == NULL || ctx->sha256 == NULL || ctx->aes_gcm == NULL || ctx->des_lock == NULL) {
		setpki_ctx_free(ctx);
		return sp_fail_crypto(err, "cannot fetch SHA-1, SHA-256 and AES-256-GCM");
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
	EVP_CIPHER_free(ctx->aes_gcm);
	EVP_CIPHER_free(ctx->des);
	if (ctx->des_provider != NULL)
		OSSL_PROVIDER_unload(ctx->des_provider);
	OSSL_LIB_CTX_free(ctx->des_lib);
	CRYPTO_THREAD_lock_free(ctx->des_lock);
	OPENSSL_free(ctx);
}

static void
load_des(setpki_ctx *ctx)
{
	if (ctx->des_lib == NULL)
		ctx->des_lib = OSSL_LIB_CTX_new();
	if (ctx->des_lib != NULL && ctx->des_provider == NULL)
		ctx->des_provider = OSSL_PROVIDER_load(ctx->des_lib, "legacy");
	if (ctx->des_provider != NULL)
		ctx->des = EVP_CIPHER_fetch(ctx->des_lib, "DES-CBC", NULL);
}

const EVP_CIPHER *
sp_ctx_des(setpki_ctx *ctx)
{
	const EVP_CIPHER *des;

	if (CRYPTO_THREAD_write_lock(ctx->des_lock) != 1)
		return NULL;
	if (ctx->des == NULL)
		load_des(ctx);
	des = ctx->des;
	CRYPTO_THREAD_unlock(ctx->des_lock);
	return des;
}
