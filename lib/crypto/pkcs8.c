#include "lib/crypto/pkcs8.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <string.h>

/* scrypt (RFC 7914): 16 MiB, about a quarter of a second; N, r, p stand in the file, so they may rise later */
#define SCRYPT_N 16384
#define SCRYPT_R 8
#define SCRYPT_P 4

/* Salt and IV are drawn here, so that they come from the context's randomness. */
static X509_SIG *
encrypt(setpki_ctx *ctx, PKCS8_PRIV_KEY_INFO *p8, setpki_bytes pass)
{
	OSSL_LIB_CTX *lib = sp_ctx_lib(ctx);
	EVP_CIPHER *cipher = EVP_CIPHER_fetch(lib, "AES-256-CBC", NULL);
	uint8_t salt[16], iv[16];
	X509_ALGOR *pbe = NULL;
	X509_SIG *sig = NULL;

	if (cipher != NULL && sp_random(ctx, salt, sizeof(salt), NULL) == SETPKI_E_OK &&
	    sp_random(ctx, iv, sizeof(iv), NULL) == SETPKI_E_OK &&
	    (pbe = PKCS5_pbe2_set_scrypt(cipher, salt, sizeof(salt), iv, SCRYPT_N, SCRYPT_R, SCRYPT_P)) != NULL)
		sig = PKCS8_set0_pbe_ex((const char *)pass.p, (int)pass.n, p8, pbe, lib, NULL);
	if (sig == NULL)
		X509_ALGOR_free(pbe);
	EVP_CIPHER_free(cipher);
	return sig;
}

static bool
write_pem(setpki_ctx *ctx, BIO *bio, PKCS8_PRIV_KEY_INFO *p8, const setpki_bytes *pass)
{
	X509_SIG *sig;
	bool ok;

	if (pass == NULL)
		return PEM_write_bio_PKCS8_PRIV_KEY_INFO(bio, p8) == 1;
	sig = encrypt(ctx, p8, *pass);
	ok = sig != NULL && PEM_write_bio_PKCS8(bio, sig) == 1;
	X509_SIG_free(sig);
	return ok;
}

enum setpki_code
sp_pkcs8_write(
    setpki_ctx *ctx, PKCS8_PRIV_KEY_INFO *p8, const setpki_bytes *pass, struct sp_buf *pem, struct setpki_error *err)
{
	BIO *bio = BIO_new(BIO_s_secmem());
	enum setpki_code rc = SETPKI_E_OK;
	char *p;
	long n;

	pem->secret = true;
	if (bio == NULL || !write_pem(ctx, bio, p8, pass)) {
		rc = sp_fail_crypto(err, "writing a private key");
	} else {
		n = BIO_get_mem_data(bio, &p);
		sp_buf_add(pem, p, (size_t)n);
		if (pem->failed)
			rc = sp_fail_memory(err);
	}
	BIO_free(bio);
	return rc;
}

enum setpki_code
sp_pkcs8_write_key(
    setpki_ctx *ctx, EVP_PKEY *pkey, const setpki_bytes *pass, struct sp_buf *pem, struct setpki_error *err)
{
	PKCS8_PRIV_KEY_INFO *p8 = EVP_PKEY2PKCS8(pkey);
	enum setpki_code rc;

	if (p8 == NULL)
		return sp_fail_crypto(err, "writing a private key");
	rc = sp_pkcs8_write(ctx, p8, pass, pem, err);
	PKCS8_PRIV_KEY_INFO_free(p8);
	return rc;
}

/* --- reading --- */

/* The first PEM block. */
struct block {
	char *name, *header;
	unsigned char *der;
	long n;
};

static bool
read_block(setpki_bytes pem, struct block *b)
{
	BIO *bio = BIO_new_mem_buf(pem.p, (int)pem.n);
	bool ok = bio != NULL && PEM_read_bio(bio, &b->name, &b->header, &b->der, &b->n) == 1;

	ERR_clear_error();
	BIO_free(bio);
	return ok;
}

static void
free_block(struct block *b)
{
	OPENSSL_free(b->name);
	OPENSSL_free(b->header);
	OPENSSL_clear_free(b->der, (size_t)b->n);
}

bool
sp_pkcs8_protected(setpki_bytes pem)
{
	struct block b = {NULL, NULL, NULL, 0};
	bool yes = read_block(pem, &b) && strcmp(b.name, PEM_STRING_PKCS8) == 0;

	free_block(&b);
	return yes;
}

static enum setpki_code
decrypt(setpki_ctx *ctx, const struct block *b, const setpki_bytes *pass, PKCS8_PRIV_KEY_INFO **out,
    struct setpki_error *err)
{
	const unsigned char *p = b->der;
	X509_SIG *sig = d2i_X509_SIG(NULL, &p, b->n);
	enum setpki_code rc = SETPKI_E_OK;

	if (sig == NULL)
		rc = sp_fail(err, SETPKI_E_PARSE, "RFC 5208", "damaged encrypted private key");
	else if (pass == NULL)
		rc = sp_fail(err, SETPKI_E_STATE, NULL, "the private key is protected by a passphrase");
	else if ((*out = PKCS8_decrypt_ex(sig, (const char *)pass->p, (int)pass->n, sp_ctx_lib(ctx), NULL)) == NULL)
		rc = sp_fail(err, SETPKI_E_DECRYPT, NULL, "wrong passphrase");
	X509_SIG_free(sig);
	return rc;
}

enum setpki_code
sp_pkcs8_read(
    setpki_ctx *ctx, setpki_bytes pem, const setpki_bytes *pass, PKCS8_PRIV_KEY_INFO **out, struct setpki_error *err)
{
	struct block b = {NULL, NULL, NULL, 0};
	enum setpki_code rc = SETPKI_E_OK;
	const unsigned char *p;

	*out = NULL;
	if (!read_block(pem, &b)) {
		rc = sp_fail(err, SETPKI_E_PARSE, "RFC 7468", "no PEM block of a private key");
	} else if (strcmp(b.name, PEM_STRING_PKCS8) == 0) {
		rc = decrypt(ctx, &b, pass, out, err);
	} else if (strcmp(b.name, PEM_STRING_PKCS8INF) == 0) {
		p = b.der;
		if ((*out = d2i_PKCS8_PRIV_KEY_INFO(NULL, &p, b.n)) == NULL)
			rc = sp_fail(err, SETPKI_E_PARSE, "RFC 5208", "damaged private key");
	} else {
		rc = sp_fail(err, SETPKI_E_PARSE, "RFC 5208", "not a PKCS#8 private key but '%.40s'", b.name);
	}
	ERR_clear_error();
	free_block(&b);
	return rc;
}

enum setpki_code
sp_pkcs8_read_key(setpki_ctx *ctx, setpki_bytes pem, const setpki_bytes *pass, EVP_PKEY **out, struct setpki_error *err)
{
	PKCS8_PRIV_KEY_INFO *p8;
	enum setpki_code rc;

	*out = NULL;
	if ((rc = sp_pkcs8_read(ctx, pem, pass, &p8, err)) != SETPKI_E_OK)
		return rc;
	if ((*out = EVP_PKCS82PKEY_ex(p8, sp_ctx_lib(ctx), NULL)) == NULL)
		rc = sp_fail(err, SETPKI_E_PARSE, "RFC 5208", "the private key inside cannot be used");
	ERR_clear_error();
	PKCS8_PRIV_KEY_INFO_free(p8);
	return rc;
}
