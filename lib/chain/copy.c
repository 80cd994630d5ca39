/* Snapshots: a pool that shares another one's objects. */
#include "lib/chain/pool.h"
#include "lib/chain/rfc5280.h"

static enum setpki_code
copy_certs(const setpki_pool *from, setpki_pool *to, struct setpki_error *err)
{
	struct sp_node *n, *copy;
	enum setpki_code rc;
	size_t i;

	for (i = 0; i < from->by_hash.n; i++) {
		n = from->by_hash.v[i];
		atomic_fetch_add(&n->c->refs, 1);
		if ((rc = sp_pool_put_cert(to, n->c, &copy, err)) != SETPKI_E_OK)
			return rc;
		copy->trusted = n->trusted;
	}
	return SETPKI_E_OK;
}

static enum setpki_code
copy_lists(const setpki_pool *from, setpki_pool *to, struct setpki_error *err)
{
	enum setpki_code rc = SETPKI_E_OK;
	struct sp_pcrl *crl;
	struct sp_pbci *bci;
	size_t i;

	for (i = 0; rc == SETPKI_E_OK && i < from->crls.n; i++) {
		crl = from->crls.v[i];
		atomic_fetch_add(&crl->refs, 1);
		rc = sp_pool_put_crl(to, crl, err);
	}
	for (i = 0; rc == SETPKI_E_OK && i < from->bcis.n; i++) {
		bci = from->bcis.v[i];
		atomic_fetch_add(&bci->refs, 1);
		rc = sp_pool_put_bci(to, bci, err);
	}
	return rc;
}

static enum setpki_code
copy_state(const setpki_pool *from, setpki_pool *to, struct setpki_error *err)
{
	enum setpki_code rc = SETPKI_E_OK;
	struct sp_brand *b;
	size_t i;

	for (i = 0; rc == SETPKI_E_OK && i < from->brands.n; i++) {
		b = from->brands.v[i];
		rc = setpki_pool_set_sequence(to, b->name, atomic_load(&b->highest), err);
	}
	for (i = 0; rc == SETPKI_E_OK && i < from->nthumbs; i++)
		rc = setpki_pool_trust_thumb(to, sp_bytes(from->thumbs[i].hash, from->thumbs[i].n), err);
	return rc;
}

enum setpki_code
setpki_pool_copy(const setpki_pool *from, setpki_pool **out, struct setpki_error *err)
{
	enum setpki_code rc = setpki_pool_new(from->ctx, out, err);

	if (rc != SETPKI_E_OK)
		return rc;
	(*out)->ntrusted = from->ntrusted;
	if (from->rfc5280 != NULL)
		rc = sp_rfc5280_copy(from->rfc5280, &(*out)->rfc5280, err);
	if (rc != SETPKI_E_OK || (rc = copy_certs(from, *out, err)) != SETPKI_E_OK ||
	    (rc = copy_lists(from, *out, err)) != SETPKI_E_OK || (rc = copy_state(from, *out, err)) != SETPKI_E_OK) {
		setpki_pool_free(*out);
		*out = NULL;
	}
	return rc;
}
