/* Keys: made in memory, kept as PKCS#8 under one passphrase for the whole folder, or openly where that was asked for.
 */
#include "tools/common/fail.h"
#include "tools/setenroll/setenroll.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <setpki/key.h>
#include <string.h>

#define TRIES 3

/* --- the passphrase ---------------------------------------------------------------------------- */

/* Asked for once; `fresh`: nothing is kept under it yet. */
static enum setpki_code
need_passphrase(struct en *en, bool fresh)
{
	struct setpki_error *err = EN_ERR(en);
	enum setpki_code rc;
	char what[300];

	if (en->passphrase != NULL)
		return SETPKI_E_OK;
	if (en->pass == NULL && (rc = tc_pass_new(en->a->passphrase_fd, &en->pass, err)) != SETPKI_E_OK)
		return rc;
	if (!tc_pass_available(en->pass))
		return tc_fail(err, SETPKI_E_ARGUMENT,
		    "the keys in %s are kept under a passphrase, and there is no terminal to ask for it: give it with "
		    "--passphrase-fd N%s",
		    en->a->dir, fresh ? ", or say --no-passphrase" : "");
	if ((en->passphrase = OPENSSL_secure_zalloc(TC_PASS_MAX)) == NULL)
		return tc_fail_memory(err);
	snprintf(what, sizeof(what), "the keys in %.200s", en->a->dir);
	return tc_pass_ask(en->pass, what, fresh, en->passphrase, TC_PASS_MAX, &en->npassphrase, err);
}

static setpki_bytes
passphrase(const struct en *en)
{
	return (setpki_bytes){(const uint8_t *)en->passphrase, en->npassphrase};
}

/* --- reading ----------------------------------------------------------------------------------- */

/* A file of a key with what it takes to open it. */
static enum setpki_code
read_pem(struct en *en, int folder, enum en_file file, struct setpki_der *pem)
{
	enum setpki_code rc = en_file_read(folder, file, pem, EN_ERR(en));

	if (rc != SETPKI_E_OK)
		return rc;
	en->open_keys = !setpki_key_protected(EN_BYTES(*pem));
	if (!en->open_keys && (rc = need_passphrase(en, false)) != SETPKI_E_OK)
		setpki_der_free(pem);
	return rc;
}

/* What was typed wrong may be typed again. */
static bool
may_type_again(struct en *en, enum setpki_code rc)
{
	if (rc != SETPKI_E_DECRYPT || !tc_pass_wrong(en->pass))
		return false;
	setpki_error_clear(EN_ERR(en));
	OPENSSL_secure_clear_free(en->passphrase, TC_PASS_MAX);
	en->passphrase = NULL;
	return true;
}

/* Opens a file: a key, or the seal where `key` is NULL. */
static enum setpki_code
read_file(struct en *en, int folder, enum en_file file, EVP_PKEY **key)
{
	enum setpki_code rc;
	struct setpki_der pem;
	setpki_bytes pass;
	int tries = 0;

	do {
		if ((rc = read_pem(en, folder, file, &pem)) != SETPKI_E_OK)
			return rc;
		pass = passphrase(en);
		rc = key != NULL ? setpki_key_read(en->run->ctx, EN_BYTES(pem), &pass, key, EN_ERR(en))
				 : setpki_seal_read(en->run->ctx, EN_BYTES(pem), &pass, en->seal, EN_ERR(en));
		setpki_der_free(&pem);
	} while (++tries < TRIES && may_type_again(en, rc));
	return rc == SETPKI_E_OK ? rc : tc_error_in(EN_ERR(en), rc, "%s", en_file_name(file));
}

enum setpki_code
en_keys_read(struct en *en)
{
	enum setpki_code rc = read_file(en, en->session, EN_SEAL, NULL);

	if (rc == SETPKI_E_OK && en->row->sig)
		rc = read_file(en, en->session, EN_SIG_KEY, &en->sig_key);
	if (rc == SETPKI_E_OK && en->row->enc)
		rc = read_file(en, en->session, EN_ENC_KEY, &en->enc_key);
	return rc;
}

/* One certificate in PEM. */
static enum setpki_code
read_cert(struct en *en, enum en_file file, setpki_bytes *out)
{
	struct setpki_objects objects = {0};
	struct setpki_der pem;
	enum setpki_code rc = en_file_read(en->dir, file, &pem, EN_ERR(en));

	if (rc != SETPKI_E_OK)
		return rc;
	if ((rc = setpki_objects_read(EN_BYTES(pem), &objects, EN_ERR(en))) == SETPKI_E_OK) {
		*out = (setpki_bytes){OPENSSL_memdup(objects.v[0].der.p, objects.v[0].der.n), objects.v[0].der.n};
		if (out->p == NULL)
			rc = tc_fail_memory(EN_ERR(en));
	}
	setpki_objects_free(&objects);
	setpki_der_free(&pem);
	return rc == SETPKI_E_OK ? rc : tc_error_in(EN_ERR(en), rc, "%s", en_file_name(file));
}

enum setpki_code
en_old_read(struct en *en)
{
	enum setpki_code rc = SETPKI_E_OK;

	if (en->row->by_certificate && !en_file_there(en->dir, EN_SIG_CERT))
		return tc_fail(EN_ERR(en), SETPKI_E_STATE,
		    "%s has no signature certificate, which has to sign this request", en->a->dir);
	if (en->row->by_certificate && (rc = read_file(en, en->dir, EN_SIG_KEY, &en->old_key)) == SETPKI_E_OK)
		rc = read_cert(en, EN_SIG_CERT, &en->old_cert);
	if (rc == SETPKI_E_OK && en->row->renewal && en->row->enc)
		rc = read_cert(en, EN_ENC_CERT, &en->old_enc);
	return rc;
}

/* --- making ------------------------------------------------------------------------------------ */

enum setpki_code
en_keys_make(struct en *en)
{
	enum setpki_suite suite = setpki_suite_by_name(en_state_text(en->state, "suite"));
	const char *type = en_state_text(en->state, "keyType");
	/* curves are for signatures; RSA goes for both */
	const char *exchange = type != NULL && strncmp(type, "RSA", 3) == 0 ? type : NULL;
	setpki_ctx *ctx = en->run->ctx;
	enum setpki_code rc = SETPKI_E_OK;

	if (en->row->sig)
		rc = setpki_key_new(ctx, suite, false, type, &en->sig_key, EN_ERR(en));
	if (rc == SETPKI_E_OK && en->row->enc)
		rc = setpki_key_new(ctx, suite, true, exchange, &en->enc_key, EN_ERR(en));
	if (rc == SETPKI_E_OK && RAND_priv_bytes(en->seal, sizeof(en->seal)) != 1)
		rc = tc_fail(EN_ERR(en), SETPKI_E_CRYPTO, "no random octets");
	/* what there is already decides how it is kept */
	if (en->old_key == NULL)
		en->open_keys = en->a->no_passphrase;
	return rc == SETPKI_E_OK && !en->open_keys ? need_passphrase(en, true) : rc;
}

static enum setpki_code
write_pem(struct en *en, enum en_file file, EVP_PKEY *key)
{
	setpki_bytes pass = passphrase(en), *under = en->open_keys ? NULL : &pass;
	struct setpki_der pem = {NULL, 0};
	enum setpki_code rc;

	rc = key != NULL ? setpki_key_write(en->run->ctx, key, under, &pem, EN_ERR(en))
			 : setpki_seal_write(en->run->ctx, en->seal, under, &pem, EN_ERR(en));
	if (rc == SETPKI_E_OK)
		rc = en_file_create(en->session, file, EN_BYTES(pem), EN_ERR(en));
	setpki_der_free(&pem);
	return rc;
}

enum setpki_code
en_keys_write(struct en *en)
{
	enum setpki_code rc = write_pem(en, EN_SEAL, NULL);

	if (rc == SETPKI_E_OK && en->row->sig)
		rc = write_pem(en, EN_SIG_KEY, en->sig_key);
	if (rc == SETPKI_E_OK && en->row->enc)
		rc = write_pem(en, EN_ENC_KEY, en->enc_key);
	return rc;
}
