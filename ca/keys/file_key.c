#include "ca/keys/file_key.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <string.h>

#define PASSPHRASE_MAX 1024
/* scrypt (RFC 7914): 16 MiB, about a quarter of a second; N, r, p stand in the file, so they may rise later */
#define SCRYPT_N 16384
#define SCRYPT_R 8
#define SCRYPT_P 4

static enum setpki_code
ask(const struct ca_passphrase *pass, const char *what, bool confirm, char *out, size_t *n, struct setpki_error *err)
{
	if (pass == NULL || pass->ask == NULL)
		return sp_fail(err, SETPKI_E_STATE, NULL,
		    "the key of %s is protected and nobody can be asked its passphrase", what);
	return pass->ask(pass->arg, what, confirm, out, PASSPHRASE_MAX, n, err);
}

/* Salt and IV are drawn here, so that they come from the context's randomness. */
static X509_SIG *
encrypt(setpki_ctx *ctx, PKCS8_PRIV_KEY_INFO *p8, const char *passphrase, size_t n)
{
	OSSL_LIB_CTX *lib = sp_ctx_lib(ctx);
	EVP_CIPHER *cipher = EVP_CIPHER_fetch(lib, "AES-256-CBC", NULL);
	uint8_t salt[16], iv[16];
	X509_ALGOR *pbe = NULL;
	X509_SIG *sig = NULL;

	if (cipher != NULL && sp_random(ctx, salt, sizeof(salt), NULL) == SETPKI_E_OK &&
	    sp_random(ctx, iv, sizeof(iv), NULL) == SETPKI_E_OK &&
	    (pbe = PKCS5_pbe2_set_scrypt(cipher, salt, sizeof(salt), iv, SCRYPT_N, SCRYPT_R, SCRYPT_P)) != NULL)
		sig = PKCS8_set0_pbe_ex(passphrase, (int)n, p8, pbe, lib, NULL);
	if (sig == NULL)
		X509_ALGOR_free(pbe);
	EVP_CIPHER_free(cipher);
	return sig;
}

static bool
write_pem(setpki_ctx *ctx, BIO *bio, PKCS8_PRIV_KEY_INFO *p8, const char *passphrase, size_t n)
{
	X509_SIG *sig;
	bool ok;

	if (passphrase == NULL)
		return PEM_write_bio_PKCS8_PRIV_KEY_INFO(bio, p8) == 1;
	sig = encrypt(ctx, p8, passphrase, n);
	ok = sig != NULL && PEM_write_bio_PKCS8(bio, sig) == 1;
	X509_SIG_free(sig);
	return ok;
}

enum setpki_code
ca_pkcs8_write(setpki_ctx *ctx, EVP_PKEY *pkey, const struct ca_passphrase *pass, const char *what, struct sp_buf *out,
    struct setpki_error *err)
{
	char passphrase[PASSPHRASE_MAX];
	PKCS8_PRIV_KEY_INFO *p8 = NULL;
	BIO *bio = NULL;
	char *p;
	long len;
	size_t n = 0;
	enum setpki_code rc = SETPKI_E_OK;

	if (pass != NULL && (rc = ask(pass, what, true, passphrase, &n, err)) != SETPKI_E_OK)
		goto out;
	out->secret = true;
	p8 = EVP_PKEY2PKCS8(pkey);
	bio = BIO_new(BIO_s_secmem());
	if (p8 == NULL || bio == NULL || !write_pem(ctx, bio, p8, pass != NULL ? passphrase : NULL, n)) {
		rc = sp_fail_crypto(err, "writing a private key");
		goto out;
	}
	len = BIO_get_mem_data(bio, &p);
	sp_buf_add(out, p, (size_t)len);
	if (out->failed)
		rc = sp_fail_memory(err);
out:
	OPENSSL_cleanse(passphrase, sizeof(passphrase));
	PKCS8_PRIV_KEY_INFO_free(p8);
	BIO_free(bio);
	return rc;
}

static enum setpki_code
decrypt(setpki_ctx *ctx, const X509_SIG *sig, const struct ca_passphrase *pass, const char *what,
    PKCS8_PRIV_KEY_INFO **out, struct setpki_error *err)
{
	char passphrase[PASSPHRASE_MAX];
	size_t n = 0;
	enum setpki_code rc = ask(pass, what, false, passphrase, &n, err);

	if (rc == SETPKI_E_OK && (*out = PKCS8_decrypt_ex(sig, passphrase, (int)n, sp_ctx_lib(ctx), NULL)) == NULL) {
		ERR_clear_error();
		rc = sp_fail(err, SETPKI_E_DECRYPT, NULL, "wrong passphrase for the key of %s", what);
	}
	OPENSSL_cleanse(passphrase, sizeof(passphrase));
	return rc;
}

static enum setpki_code
open_pkcs8(setpki_ctx *ctx, const char *name, setpki_bytes der, const struct ca_passphrase *pass, const char *what,
    PKCS8_PRIV_KEY_INFO **out, struct setpki_error *err)
{
	const unsigned char *p = der.p;
	enum setpki_code rc;
	X509_SIG *sig;

	*out = NULL;
	if (strcmp(name, PEM_STRING_PKCS8INF) == 0) {
		*out = d2i_PKCS8_PRIV_KEY_INFO(NULL, &p, (long)der.n);
		return *out != NULL ? SETPKI_E_OK : sp_fail(err, SETPKI_E_PARSE, "RFC 5208", "damaged private key");
	}
	if (strcmp(name, PEM_STRING_PKCS8) != 0)
		return sp_fail(err, SETPKI_E_PARSE, "RFC 5208", "not a PKCS#8 private key but '%.40s'", name);
	sig = d2i_X509_SIG(NULL, &p, (long)der.n);
	rc = sig == NULL ? sp_fail(err, SETPKI_E_PARSE, "RFC 5208", "damaged encrypted private key")
			 : decrypt(ctx, sig, pass, what, out, err);
	X509_SIG_free(sig);
	return rc;
}

enum setpki_code
ca_pkcs8_read(setpki_ctx *ctx, setpki_bytes pem, const struct ca_passphrase *pass, const char *what, EVP_PKEY **out,
    struct setpki_error *err)
{
	BIO *bio = BIO_new_mem_buf(pem.p, (int)pem.n);
	char *name = NULL, *header = NULL;
	unsigned char *der = NULL;
	long len = 0;
	PKCS8_PRIV_KEY_INFO *p8 = NULL;
	enum setpki_code rc;

	*out = NULL;
	if (bio == NULL || PEM_read_bio(bio, &name, &header, &der, &len) != 1)
		rc = sp_fail(err, SETPKI_E_PARSE, "RFC 7468", "no PEM block of a private key");
	else
		rc = open_pkcs8(ctx, name, sp_bytes(der, (size_t)len), pass, what, &p8, err);
	if (rc == SETPKI_E_OK && (*out = EVP_PKCS82PKEY_ex(p8, sp_ctx_lib(ctx), NULL)) == NULL)
		rc = sp_fail(err, SETPKI_E_PARSE, "RFC 5208", "the private key inside cannot be used");
	ERR_clear_error();
	PKCS8_PRIV_KEY_INFO_free(p8);
	OPENSSL_free(name);
	OPENSSL_free(header);
	OPENSSL_clear_free(der, (size_t)len);
	BIO_free(bio);
	return rc;
}
