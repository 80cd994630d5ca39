/* The keys of an end entity: from a file, or made on the spot. */
#include "tools/setca/issue.h"

#include "lib/x509/csr.h"
#include "tools/common/fail.h"

#include <string.h>
#include <sys/stat.h>

enum { SIGNATURE, EXCHANGE };

const char *
issue_word(size_t which)
{
	return which == SIGNATURE ? "signature" : "exchange";
}

/* --- from a file --- */

struct key_file {
	struct issue *i;
	struct sp_buf *spki;
};

/* A request has to prove that who asks holds the key. */
static enum setpki_code
take_object(void *arg, const struct setpki_object *o, struct setpki_error *err)
{
	struct key_file *k = arg;
	enum setpki_code rc;
	struct sp_csr csr;

	if (k->spki->n != 0)
		return tc_fail(
		    err, SETPKI_E_ARGUMENT, "holds more than one object; one request or public key is wanted");
	switch (o->type) {
	case SETPKI_OBJECT_CSR:
		if ((rc = sp_csr_parse(o->der, &csr, err)) != SETPKI_E_OK ||
		    (rc = sp_csr_verify(k->i->s->run->ctx, &csr, err)) != SETPKI_E_OK)
			return rc;
		sp_buf_add_bytes(k->spki, csr.key.whole);
		break;
	case SETPKI_OBJECT_PUBKEY:
		sp_buf_add_bytes(k->spki, o->der);
		break;
	case SETPKI_OBJECT_PRIVKEY:
		return tc_fail(err, SETPKI_E_ARGUMENT,
		    "holds a private key, which stays with its owner; give its public key ('openssl pkey -pubout') or "
		    "a "
		    "PKCS#10 request");
	default:
		return tc_fail(err, SETPKI_E_ARGUMENT, "holds a %s; a PKCS#10 request or public key is wanted",
		    setpki_object_name(o->type));
	}
	return k->spki->failed ? tc_fail_memory(err) : SETPKI_E_OK;
}

static enum setpki_code
from_file(struct issue *i, size_t which, const char *path)
{
	struct key_file k = {i, &i->spki[which]};

	return setca_each_object(path, take_object, &k, SETCA_ERR(i->s));
}

/* --- made here --- */

/* A key of an earlier run is taken again: the same key asks for the same certificate. */
static enum setpki_code
from_folder(struct issue *i, size_t which, const char *name)
{
	const struct sp_spki *spki;
	ca_key *key = NULL;
	char uri[64];
	enum setpki_code rc;

	snprintf(uri, sizeof(uri), "file:%s", name);
	rc = ca_key_open(i->s->run->ctx, i->a->out, uri, &i->s->home->pass, name, &key, SETCA_ERR(i->s));
	if (rc == SETPKI_E_OK && (spki = ca_key_spki(key)) != NULL)
		sp_buf_add_bytes(&i->spki[which], spki->whole);
	ca_key_free(key);
	return rc;
}

static enum setpki_code
make_key(struct issue *i, size_t which, const char *path)
{
	const struct ca_keytype *type = which == SIGNATURE ? &i->profile->sig_keys[0] : &i->profile->exch_keys[0];
	struct setpki_error *err = SETCA_ERR(i->s);
	EVP_PKEY *pkey = NULL;
	enum setpki_code rc;

	if ((rc = sp_keygen(i->s->run->ctx, type->alg, type->bits, &pkey, err)) == SETPKI_E_OK &&
	    (i->a->dry_run || (rc = ca_key_write_new(i->s->run->ctx, path, pkey, NULL, err)) == SETPKI_E_OK))
		rc = sp_spki_from_pkey(pkey, &i->spki[which], err);
	EVP_PKEY_free(pkey);
	return rc;
}

static enum setpki_code
made_key(struct issue *i, size_t which)
{
	char name[32], path[4096];
	struct stat st;

	snprintf(name, sizeof(name), "%s.key", issue_word(which));
	if ((size_t)snprintf(path, sizeof(path), "%s/%s", i->a->out, name) >= sizeof(path))
		return tc_fail(SETCA_ERR(i->s), SETPKI_E_ARGUMENT, "--out: the path is too long");
	i->made[which] = true;
	return stat(path, &st) == 0 ? from_folder(i, which, name) : make_key(i, which, path);
}

/* Which keys are to be made, by --kind and by what the profile certifies. */
static enum setpki_code
make_keys(struct issue *i)
{
	const char *kind = i->a->kind;
	bool want[2] = {i->profile->signature, i->profile->exchange};
	enum setpki_code rc = SETPKI_E_OK;
	size_t which;

	if (i->a->out == NULL)
		return tc_fail(SETCA_ERR(i->s), SETPKI_E_ARGUMENT,
		    "say which key: --signature FILE%s with a request or public key, or --out DIR to have keys made "
		    "there",
		    i->profile->exchange ? " or --exchange FILE" : "");
	if (kind != NULL && strcmp(kind, "both") != 0) {
		want[SIGNATURE] = strcmp(kind, "signature") == 0;
		want[EXCHANGE] = !want[SIGNATURE];
	}
	if ((want[SIGNATURE] && !i->profile->signature) || (want[EXCHANGE] && !i->profile->exchange))
		return tc_fail(SETCA_ERR(i->s), SETPKI_E_POLICY, "%s certifies no %s keys of %ss", i->ca->name,
		    want[EXCHANGE] ? "key-exchange" : "signature", ca_role_name(i->profile->role));
	for (which = 0; which < 2 && rc == SETPKI_E_OK; which++)
		if (want[which])
			rc = made_key(i, which);
	return rc;
}

enum setpki_code
issue_keys(struct issue *i)
{
	const char *given[2] = {i->a->signature, i->a->exchange};
	enum setpki_code rc = SETPKI_E_OK;
	size_t which;

	if (given[SIGNATURE] == NULL && given[EXCHANGE] == NULL)
		rc = make_keys(i);
	else if (i->a->kind != NULL)
		return tc_fail(SETCA_ERR(i->s), SETPKI_E_ARGUMENT,
		    "--kind is for keys that are made here; --signature and --exchange say themselves what is wanted");
	for (which = 0; which < 2 && rc == SETPKI_E_OK; which++)
		if (given[which] != NULL)
			rc = from_file(i, which, given[which]);
	i->req.sig_spki = sp_buf_bytes(&i->spki[SIGNATURE]);
	i->req.exch_spki = sp_buf_bytes(&i->spki[EXCHANGE]);
	return rc;
}
