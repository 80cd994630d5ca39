/* The entry point of walks, and the parts that several objects have. */
#include "lib/walk/inner.h"

#include <setpki/object.h>

void
sp_walk_key(struct sp_walk *w, const char *name, const struct sp_spki *key)
{
	char type[16];
	uint8_t keyid[20];

	sp_w_enter(w, name, "SubjectPublicKeyInfo");
	sp_w_text(w, "algorithm", sp_keytype_text(key->alg, key->bits, type), NULL);
	if (key->alg == SP_KEY_RSA) {
		sp_w_hex(w, "modulus", key->n, NULL);
		sp_w_hex(w, "publicExponent", key->e, NULL);
	} else {
		sp_w_hex(w, "point", key->point, NULL);
	}
	if (w->rc == SETPKI_E_OK && (w->rc = sp_spki_keyid(w->ctx, key, keyid, w->err)) == SETPKI_E_OK)
		sp_w_hex(w, "keyIdentifier", SP_BYTES(keyid), "RFC 7093 method 1");
	sp_w_leave(w);
}

void
sp_walk_head(struct sp_walk *w, setpki_bytes der, setpki_bytes tbs, enum setpki_suite suite)
{
	uint8_t hash[32];

	if (w->suite == SETPKI_SUITE_NONE)
		w->suite = suite;
	sp_w_text(w, "suite", setpki_suite_name(suite), NULL);
	if (w->rc == SETPKI_E_OK && (w->rc = sp_sha256(w->ctx, der, hash, w->err)) == SETPKI_E_OK)
		sp_w_hex(w, "sha256", SP_BYTES(hash), NULL);
	if (w->suite == SETPKI_SUITE_NONE || w->rc != SETPKI_E_OK)
		return;
	if ((w->rc = sp_hash(w->ctx, w->suite, tbs, hash, w->err)) == SETPKI_E_OK)
		sp_w_hex(w, "thumb", sp_bytes(hash, sp_suite(w->suite)->digest_len), "of the signed part");
}

void
sp_walk_signature(struct sp_walk *w, setpki_bytes alg, setpki_bytes sig)
{
	sp_w_algorithm(w, "signatureAlgorithm", alg);
	sp_w_hex(w, "signature", sig, NULL);
}

static void
walk_pubkey(struct sp_walk *w, setpki_bytes der)
{
	struct sp_spki key;

	if ((w->rc = sp_spki_parse(der, &key, w->err)) == SETPKI_E_OK)
		sp_walk_key(w, "publicKey", &key);
}

static void
walk_nothing(struct sp_walk *w, setpki_bytes der)
{
	(void)der;
	w->rc = sp_fail(w->err, SETPKI_E_ARGUMENT, NULL, "a private key is never shown; show its certificate");
}

static void (*const walks[])(struct sp_walk *, setpki_bytes) = {
    [SETPKI_OBJECT_CERT] = sp_walk_cert,
    [SETPKI_OBJECT_CRL] = sp_walk_crl,
    [SETPKI_OBJECT_BCI] = sp_walk_bci,
    [SETPKI_OBJECT_CSR] = sp_walk_csr,
    [SETPKI_OBJECT_PUBKEY] = walk_pubkey,
    [SETPKI_OBJECT_MESSAGE] = sp_walk_message,
    [SETPKI_OBJECT_PRIVKEY] = walk_nothing,
};

enum setpki_code
setpki_walk_with_keys(setpki_ctx *ctx, const struct setpki_object *object, enum setpki_suite suite,
    const struct setpki_walk_keys *keys, const struct setpki_visitor *visitor, struct setpki_error *err)
{
	struct sp_walk w = {.v = visitor, .ctx = ctx, .suite = suite, .err = err, .keys = keys};

	if ((size_t)object->type >= sizeof(walks) / sizeof(walks[0]) || walks[object->type] == NULL)
		return sp_fail(err, SETPKI_E_ARGUMENT, NULL, "there is no way to show an object of an unknown type");
	walks[object->type](&w, object->der);
	if (w.rc == SETPKI_E_OK)
		w.rc = w.fault;
	return w.rc == SETPKI_E_OK ? w.rc : sp_error_in(err, w.rc, "%s", setpki_object_name(object->type));
}

enum setpki_code
setpki_walk(setpki_ctx *ctx, const struct setpki_object *object, enum setpki_suite suite,
    const struct setpki_visitor *visitor, struct setpki_error *err)
{
	return setpki_walk_with_keys(ctx, object, suite, NULL, visitor, err);
}
