/* setpki/key.h: keys and their files for callers outside. */
#include "lib/crypto/pkcs8.h"
#include "lib/crypto/pubkey.h"

#include <openssl/objects.h>
#include <setpki/key.h>
#include <string.h>

/* What is made where no type is named. */
static const char *
default_type(enum setpki_suite suite, bool exchange)
{
	if (suite == SETPKI_SUITE_CLASSIC)
		return "RSA-1024";
	return exchange ? "RSA-2048" : "P-256";
}

static enum setpki_code
check(const EVP_PKEY *key, enum setpki_suite suite, bool exchange, struct setpki_error *err)
{
	struct sp_buf der = {0};
	struct sp_spki spki;
	enum setpki_code rc;

	if ((rc = sp_spki_from_pkey(key, &der, err)) == SETPKI_E_OK &&
	    (rc = sp_spki_parse(sp_buf_bytes(&der), &spki, err)) == SETPKI_E_OK)
		rc = sp_spki_check(&spki, suite, exchange, err);
	sp_buf_free(&der);
	return rc;
}

enum setpki_code
setpki_key_new(
    setpki_ctx *ctx, enum setpki_suite suite, bool exchange, const char *type, EVP_PKEY **out, struct setpki_error *err)
{
	enum sp_keyalg alg;
	enum setpki_code rc;
	unsigned bits;

	*out = NULL;
	if (type == NULL)
		type = default_type(suite, exchange);
	if (!sp_keytype_parse(type, &alg, &bits))
		return sp_fail(err, SETPKI_E_ARGUMENT, NULL,
		    "'%.40s' is not a key type: P-256, P-384 or RSA-BITS, such as RSA-2048", type);
	if ((rc = sp_keygen(ctx, alg, bits, out, err)) == SETPKI_E_OK &&
	    (rc = check(*out, suite, exchange, err)) != SETPKI_E_OK) {
		EVP_PKEY_free(*out);
		*out = NULL;
	}
	return rc;
}

/* Ends a write: hands the buffer over, or empties both. */
static enum setpki_code
give(struct sp_buf *b, enum setpki_code rc, struct setpki_der *pem)
{
	*pem = (struct setpki_der){NULL, 0};
	if (rc == SETPKI_E_OK)
		pem->p = sp_buf_take(b, &pem->n);
	sp_buf_free(b);
	return rc;
}

enum setpki_code
setpki_key_write(
    setpki_ctx *ctx, EVP_PKEY *key, const setpki_bytes *passphrase, struct setpki_der *pem, struct setpki_error *err)
{
	struct sp_buf b = {.secret = true};

	return give(&b, sp_pkcs8_write_key(ctx, key, passphrase, &b, err), pem);
}

bool
setpki_key_protected(setpki_bytes pem)
{
	return sp_pkcs8_protected(pem);
}

enum setpki_code
setpki_key_read(
    setpki_ctx *ctx, setpki_bytes pem, const setpki_bytes *passphrase, EVP_PKEY **out, struct setpki_error *err)
{
	return sp_pkcs8_read_key(ctx, pem, passphrase, out, err);
}

enum setpki_code
setpki_seal_write(setpki_ctx *ctx, const uint8_t secret[SETPKI_SEAL_LEN], const setpki_bytes *passphrase,
    struct setpki_der *pem, struct setpki_error *err)
{
	PKCS8_PRIV_KEY_INFO *p8 = PKCS8_PRIV_KEY_INFO_new();
	uint8_t *copy = OPENSSL_memdup(secret, SETPKI_SEAL_LEN);
	struct sp_buf b = {.secret = true};
	enum setpki_code rc;

	if (p8 != NULL && copy != NULL &&
	    PKCS8_pkey_set0(p8, OBJ_nid2obj(NID_aes_256_gcm), 0, V_ASN1_UNDEF, NULL, copy, SETPKI_SEAL_LEN) == 1) {
		copy = NULL; /* p8 has it, and cleanses it */
		rc = sp_pkcs8_write(ctx, p8, passphrase, &b, err);
	} else {
		rc = sp_fail_memory(err);
	}
	OPENSSL_clear_free(copy, SETPKI_SEAL_LEN);
	PKCS8_PRIV_KEY_INFO_free(p8);
	return give(&b, rc, pem);
}

enum setpki_code
setpki_seal_read(setpki_ctx *ctx, setpki_bytes pem, const setpki_bytes *passphrase, uint8_t secret[SETPKI_SEAL_LEN],
    struct setpki_error *err)
{
	PKCS8_PRIV_KEY_INFO *p8;
	const ASN1_OBJECT *alg;
	const unsigned char *p;
	enum setpki_code rc;
	int n;

	memset(secret, 0, SETPKI_SEAL_LEN);
	if ((rc = sp_pkcs8_read(ctx, pem, passphrase, &p8, err)) != SETPKI_E_OK)
		return rc;
	if (PKCS8_pkey_get0(&alg, &p, &n, NULL, p8) == 1 && OBJ_obj2nid(alg) == NID_aes_256_gcm && n == SETPKI_SEAL_LEN)
		memcpy(secret, p, SETPKI_SEAL_LEN);
	else
		rc = sp_fail(err, SETPKI_E_PARSE, NULL, "holds no secret of %d octets", SETPKI_SEAL_LEN);
	PKCS8_PRIV_KEY_INFO_free(p8);
	return rc;
}
