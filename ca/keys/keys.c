#include "ca/keys/keys.h"

#include "ca/file/file.h"
#include "ca/keys/file_key.h"
#include "ca/keys/mandate.h"
#include "lib/base/limits.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>

#define KEY_FILE_MAX 16384u

struct ca_key {
	setpki_ctx *ctx;
	EVP_PKEY *pkey;
	EVP_PKEY *public_half;
	struct sp_buf der; /* SubjectPublicKeyInfo, what `spki` borrows from */
	struct sp_spki spki;
	struct setpki_key_ops ops; /* of ca_key_party() */
};

void
ca_key_free(ca_key *key)
{
	if (key == NULL)
		return;
	EVP_PKEY_free(key->pkey);
	EVP_PKEY_free(key->public_half);
	sp_buf_free(&key->der);
	OPENSSL_free(key);
}

/* Takes the key pair, also on failure. */
static enum setpki_code
wrap(setpki_ctx *ctx, EVP_PKEY *pkey, ca_key **out, struct setpki_error *err)
{
	ca_key *key = OPENSSL_zalloc(sizeof(*key));
	enum setpki_code rc;

	if (key == NULL) {
		EVP_PKEY_free(pkey);
		return sp_fail_memory(err);
	}
	key->ctx = ctx;
	key->pkey = pkey;
	rc = sp_spki_from_pkey(pkey, &key->der, err);
	if (rc == SETPKI_E_OK)
		rc = sp_spki_parse(sp_buf_bytes(&key->der), &key->spki, err);
	if (rc == SETPKI_E_OK)
		rc = sp_spki_pkey(ctx, &key->spki, &key->public_half, err);
	if (rc != SETPKI_E_OK) {
		ca_key_free(key);
		return rc;
	}
	*out = key;
	return SETPKI_E_OK;
}

static enum setpki_code
write_key(setpki_ctx *ctx, const char *path, EVP_PKEY *pkey, const struct ca_passphrase *pass, const char *what,
    struct setpki_error *err)
{
	struct sp_buf pem = {.secret = true};
	enum setpki_code rc = ca_pkcs8_write(ctx, pkey, pass, what, &pem, err);

	if (rc == SETPKI_E_OK)
		rc = ca_file_create(path, sp_buf_bytes(&pem), 0600, err);
	sp_buf_free(&pem);
	return rc;
}

enum setpki_code
ca_key_write_new(
    setpki_ctx *ctx, const char *path, EVP_PKEY *pkey, const struct ca_passphrase *pass, struct setpki_error *err)
{
	return write_key(ctx, path, pkey, pass, path, err);
}

enum setpki_code
ca_key_make(setpki_ctx *ctx, const char *dir, const char *name, enum sp_keyalg alg, unsigned bits,
    const struct ca_passphrase *pass, const char *what, ca_key **out, char **uri, struct setpki_error *err)
{
	struct sp_buf u = {0}, path = {0};
	EVP_PKEY *pkey = NULL;
	enum setpki_code rc;
	size_t n;

	*out = NULL;
	*uri = NULL;
	sp_buf_printf(&path, "%s/%s.key", dir, name);
	sp_buf_add_byte(&path, '\0');
	sp_buf_printf(&u, "file:%s.key", name);
	sp_buf_add_byte(&u, '\0');
	rc = path.failed || u.failed ? sp_fail_memory(err) : sp_keygen(ctx, alg, bits, &pkey, err);
	if (rc == SETPKI_E_OK)
		rc = write_key(ctx, (const char *)path.p, pkey, pass, what, err);
	if (rc == SETPKI_E_OK) {
		rc = wrap(ctx, pkey, out, err);
		pkey = NULL;
	}
	if (rc == SETPKI_E_OK)
		*uri = (char *)sp_buf_take(&u, &n);
	EVP_PKEY_free(pkey);
	sp_buf_free(&path);
	sp_buf_free(&u);
	return rc;
}

enum setpki_code
ca_key_open_file(setpki_ctx *ctx, const char *path, const struct ca_passphrase *pass, const char *what, ca_key **out,
    struct setpki_error *err)
{
	struct sp_buf pem = {.secret = true};
	EVP_PKEY *pkey = NULL;
	enum setpki_code rc;

	*out = NULL;
	rc = ca_file_read_secret(path, KEY_FILE_MAX, &pem, err);
	if (rc == SETPKI_E_OK)
		rc = ca_pkcs8_read(ctx, sp_buf_bytes(&pem), pass, what, &pkey, err);
	if (rc == SETPKI_E_OK)
		rc = wrap(ctx, pkey, out, err);
	sp_buf_free(&pem);
	return rc == SETPKI_E_OK ? rc : sp_error_in(err, rc, "%s", path);
}

enum setpki_code
ca_key_open(setpki_ctx *ctx, const char *dir, const char *uri, const struct ca_passphrase *pass, const char *what,
    ca_key **out, struct setpki_error *err)
{
	enum setpki_code rc;
	char *path;

	*out = NULL;
	if (strncmp(uri, "file:", 5) != 0 || strchr(uri + 5, '/') != NULL)
		return sp_fail(err, SETPKI_E_ARGUMENT, NULL, "'%s' is not file:NAME.key", uri);
	if ((path = ca_path(dir, uri + 5)) == NULL)
		return sp_fail_memory(err);
	rc = ca_key_open_file(ctx, path, pass, what, out, err);
	OPENSSL_free(path);
	return rc;
}

const struct sp_spki *
ca_key_spki(const ca_key *key)
{
	return &key->spki;
}

enum setpki_code
ca_key_sign(ca_key *key, enum setpki_suite suite, setpki_bytes tbs, struct sp_buf *sig, struct setpki_error *err)
{
	return sp_sign(key->ctx, suite, key->pkey, tbs, sig, err);
}

enum setpki_code
ca_key_sign_digest(
    ca_key *key, enum setpki_suite suite, const uint8_t *digest, struct sp_buf *sig, struct setpki_error *err)
{
	return sp_sign_digest(key->ctx, suite, key->pkey, digest, sig, err);
}

unsigned
ca_key_open_block(ca_key *key, enum setpki_suite suite, setpki_bytes sealed, struct setpki_key_block *block)
{
	struct setpki_party self = {.key = key->pkey};
	struct sp_keyblock b = {.extra = (enum sp_extra)block->content, .has_hd = block->has_digest};
	unsigned ok = sp_party_open(key->ctx, suite, &self, sealed, &b);

	memcpy(block->key, b.key, sizeof(block->key));
	memcpy(block->digest, b.hd, sizeof(block->digest));
	memcpy(block->extra, b.x, sizeof(block->extra));
	OPENSSL_cleanse(&b, sizeof(b));
	return ok;
}

static enum setpki_code
party_sign(
    void *arg, enum setpki_suite suite, setpki_bytes attributes, struct setpki_der *sig, struct setpki_error *err)
{
	struct sp_buf b = {0};
	enum setpki_code rc = ca_key_sign_message(arg, suite, attributes, &b, err);

	sig->p = sp_buf_take(&b, &sig->n);
	sp_buf_free(&b);
	return rc != SETPKI_E_OK || sig->p != NULL ? rc : sp_fail_memory(err);
}

static unsigned
party_open(void *arg, enum setpki_suite suite, setpki_bytes sealed, struct setpki_key_block *block)
{
	return ca_key_open_block(arg, suite, sealed, block);
}

void
ca_key_party(ca_key *key, struct setpki_party *out)
{
	key->ops = (struct setpki_key_ops){.sign = party_sign, .open = party_open, .arg = key};
	*out = (struct setpki_party){.key = key->public_half, .ops = &key->ops};
}
