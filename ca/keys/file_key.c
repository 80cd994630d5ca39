/* Private keys in PEM, and the question for the passphrase of those that are protected. */
#include "ca/keys/file_key.h"

#include "lib/crypto/pkcs8.h"

#include <openssl/crypto.h>

#define PASSPHRASE_MAX 1024
#define TRIES 3

/* A passphrase as typed; cleansed by its user. */
struct typed {
	char text[PASSPHRASE_MAX];
	setpki_bytes bytes;
};

static enum setpki_code
ask(const struct ca_passphrase *pass, const char *what, bool confirm, struct typed *out, struct setpki_error *err)
{
	enum setpki_code rc;
	size_t n = 0;

	if (pass == NULL || pass->ask == NULL)
		return sp_fail(err, SETPKI_E_STATE, NULL,
		    "the key of %s is protected and nobody can be asked its passphrase", what);
	if ((rc = pass->ask(pass->arg, what, confirm, out->text, PASSPHRASE_MAX, &n, err)) == SETPKI_E_OK)
		out->bytes = sp_bytes(out->text, n);
	return rc;
}

enum setpki_code
ca_pkcs8_write(setpki_ctx *ctx, EVP_PKEY *pkey, const struct ca_passphrase *pass, const char *what, struct sp_buf *out,
    struct setpki_error *err)
{
	enum setpki_code rc = SETPKI_E_OK;
	struct typed t;

	if (pass == NULL || (rc = ask(pass, what, true, &t, err)) == SETPKI_E_OK)
		rc = sp_pkcs8_write_key(ctx, pkey, pass != NULL ? &t.bytes : NULL, out, err);
	OPENSSL_cleanse(&t, sizeof(t));
	return rc;
}

static enum setpki_code
unlock_once(setpki_ctx *ctx, setpki_bytes pem, const struct ca_passphrase *pass, const char *what, EVP_PKEY **out,
    struct setpki_error *err)
{
	struct setpki_error why = {0};
	enum setpki_code rc;
	struct typed t;

	if ((rc = ask(pass, what, false, &t, err)) == SETPKI_E_OK &&
	    (rc = sp_pkcs8_read_key(ctx, pem, &t.bytes, out, &why)) != SETPKI_E_OK)
		rc = sp_fail(err, rc, why.spec, "%s for the key of %s", why.message, what);
	OPENSSL_cleanse(&t, sizeof(t));
	return rc;
}

/* Asks again for what was wrong, if whoever is asked may give another one. */
static enum setpki_code
unlock(setpki_ctx *ctx, setpki_bytes pem, const struct ca_passphrase *pass, const char *what, EVP_PKEY **out,
    struct setpki_error *err)
{
	enum setpki_code rc;

	for (int tries = 1;; tries++) {
		rc = unlock_once(ctx, pem, pass, what, out, err);
		if (rc != SETPKI_E_DECRYPT || tries == TRIES || pass->wrong == NULL || !pass->wrong(pass->arg))
			return rc;
		setpki_error_clear(err);
	}
}

enum setpki_code
ca_pkcs8_read(setpki_ctx *ctx, setpki_bytes pem, const struct ca_passphrase *pass, const char *what, EVP_PKEY **out,
    struct setpki_error *err)
{
	struct setpki_error why = {0};
	enum setpki_code rc = sp_pkcs8_read_key(ctx, pem, NULL, out, &why);

	if (rc == SETPKI_E_STATE)
		return unlock(ctx, pem, pass, what, out, err);
	return rc == SETPKI_E_OK ? rc : sp_fail(err, rc, why.spec, "%s", why.message);
}
