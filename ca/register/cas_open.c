/* The keys of those that may answer. */
#include "ca/register/cas.h"

#include <openssl/crypto.h>
#include <string.h>

/* A key that is open already is taken over, so that nobody is asked again. */
static ca_key *
take_opened(struct ca_register *r, const struct ca_generation_key *key, enum ca_purpose purpose)
{
	for (size_t i = 0; i < r->ng; i++) {
		ca_key *opened = r->g[i].opened[purpose];

		if (opened == NULL || memcmp(r->g[i].keys[purpose].identity, key->identity, 32) != 0)
			continue;
		r->g[i].opened[purpose] = NULL;
		return opened;
	}
	return NULL;
}

static enum setpki_code
open_key(struct ca_register *r, struct ca_reg_generation *g, enum ca_purpose purpose, struct setpki_error *err)
{
	const struct ca_generation_key *key = &g->keys[purpose];
	uint8_t identity[32];
	char what[128];
	enum setpki_code rc;

	if ((g->opened[purpose] = take_opened(r, key, purpose)) != NULL)
		return SETPKI_E_OK;
	snprintf(what, sizeof(what), "%s, %s, generation %u", g->name, ca_purpose_name(purpose), g->generation);
	rc = ca_key_open(r->h->ctx, r->h->keys_dir, key->uri, &r->h->pass, what, &g->opened[purpose], err);
	if (rc == SETPKI_E_OK)
		rc = sp_spki_identity(r->h->ctx, ca_key_spki(g->opened[purpose]), identity, err);
	if (rc == SETPKI_E_OK && memcmp(identity, key->identity, sizeof(identity)) != 0)
		rc = sp_fail(err, SETPKI_E_STATE, NULL,
		    "the key in %s is not the one that was made for %s; put the right file back", key->uri, what);
	return rc;
}

/* The signer of certificates, whose key may be open too. */
static enum setpki_code
open_signer(struct ca_register *r, struct ca_reg_generation *g, struct setpki_error *err)
{
	struct ca_signer *s = &g->signer;
	enum setpki_code rc = ca_signer_load(r->h, g->ca, g->generation, CA_PURPOSE_CERTSIGN, s, err);

	if (rc == SETPKI_E_OK && s->retired_above[0] != '\0')
		rc = sp_fail(err, SETPKI_E_STATE, "set-protocol 7, step 10",
		    "above it stands %s, which is revoked: nobody would accept its certificates; roll that CA",
		    s->retired_above);
	for (size_t i = 0; rc == SETPKI_E_OK && i < r->ng; i++) {
		struct ca_signer *old = &r->g[i].signer;

		if (old->key == NULL || memcmp(old->key_record.identity, s->key_record.identity, 32) != 0)
			continue;
		s->key = old->key;
		s->public_key = old->public_key;
		old->key = NULL;
		old->public_key = NULL;
		return SETPKI_E_OK;
	}
	return rc == SETPKI_E_OK ? ca_signer_unlock(r->h, s, err) : rc;
}

static enum setpki_code
open_keys(struct ca_register *r, struct ca_reg_generation *g, struct setpki_error *err)
{
	enum setpki_code rc;

	if ((rc = open_key(r, g, CA_PURPOSE_SIGN, err)) == SETPKI_E_OK &&
	    (rc = open_key(r, g, CA_PURPOSE_EXCHANGE, err)) == SETPKI_E_OK && g->newest)
		rc = open_signer(r, g, err);
	return rc;
}

static enum setpki_code
fill_party(ca_key *key, setpki_bytes der, struct setpki_party *out, struct setpki_error *err)
{
	struct sp_cert cert;
	enum setpki_code rc = sp_cert_parse(der, &cert, err);

	if (rc != SETPKI_E_OK)
		return rc;
	ca_key_party(key, out);
	out->issuer = cert.issuer;
	out->serial = cert.serial;
	return SETPKI_E_OK;
}

/* What the session is given, one for each key-exchange certificate. */
static enum setpki_code
fill_answerers(struct ca_register *r, struct ca_reg_generation *g, struct setpki_error *err)
{
	struct setpki_responder_ca *v = OPENSSL_zalloc(g->n * sizeof(*v));
	enum setpki_code rc = SETPKI_E_OK;

	if (v == NULL)
		return sp_fail_memory(err);
	g->v = v;
	for (size_t i = 0; rc == SETPKI_E_OK && i < g->n; i++) {
		v[i] = (struct setpki_responder_ca){.number = g->ca,
		    .type = g->type,
		    .suite = r->h->policy->suite,
		    .sign_cert = g->sign_cert,
		    .exchange_cert = g->exchange_certs[i],
		    .certs = g->certs,
		    .crls = g->crls,
		    .ncerts = g->ncerts,
		    .ncrls = g->ncrls,
		    .bci = g->bci};
		if ((rc = fill_party(g->opened[CA_PURPOSE_SIGN], g->sign_cert, &v[i].sign, err)) == SETPKI_E_OK)
			rc = fill_party(g->opened[CA_PURPOSE_EXCHANGE], v[i].exchange_cert, &v[i].exchange, err);
	}
	return rc;
}

static bool
grave(enum setpki_code rc)
{
	return rc == SETPKI_E_STORE || rc == SETPKI_E_MEMORY;
}

/* Opens the keys of each; those that cannot be opened leave the list. */
enum setpki_code
ca_reading_open(struct ca_reading *w, struct setpki_error *err)
{
	struct setpki_error why;
	size_t kept = 0;
	enum setpki_code rc;

	for (size_t i = 0; i < w->n; i++) {
		memset(&why, 0, sizeof(why));
		if ((rc = open_keys(w->r, &w->v[i], &why)) == SETPKI_E_OK)
			rc = fill_answerers(w->r, &w->v[i], &why);
		if (grave(rc))
			return sp_fail(err, rc, why.spec, "%s", why.message);
		if (rc == SETPKI_E_OK) {
			if (kept != i) {
				w->v[kept] = w->v[i];
				memset(&w->v[i], 0, sizeof(w->v[i]));
			}
			kept++;
			continue;
		}
		ca_reg_warn(w->r, "%s, generation %u, answers no registrations: %s", w->v[i].name, w->v[i].generation,
		    why.message);
		ca_reading_drop(&w->v[i]);
	}
	w->n = kept;
	return SETPKI_E_OK;
}
