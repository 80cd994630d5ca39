/* The CA certificates that a brand's public set holds: every unexpired one (set-protocol 12.11). */
#include "ca/publish/private.h"

#include <string.h>

struct walk {
	struct ca_home *h;
	ca_txn *t;
	uint16_t brand;
	ca_set_cert_fn *fn;
	void *arg;
};

static enum setpki_code
take_cert(void *arg, const struct ca_cert_record *rec, struct setpki_error *err)
{
	const struct walk *w = arg;
	struct ca_ca_record ca;
	enum setpki_code rc;

	if (rec->subject_ca == 0 || rec->not_after < w->h->now)
		return SETPKI_E_OK;
	if ((rc = ca_ca_get(w->t, rec->subject_ca, &ca, err)) != SETPKI_E_OK)
		return rc;
	if (ca.brand == 0 || ca.brand == w->brand)
		rc = w->fn(w->arg, rec, ca.name, err);
	ca_ca_record_free(&ca);
	return rc;
}

static enum setpki_code
take_ca(void *arg, const struct ca_ca_record *ca, struct setpki_error *err)
{
	const struct walk *w = arg;

	/* issuing CAs certify no CAs, and may have certified millions of others */
	if ((ca->type & (SETPKI_TYPE_RCA | SETPKI_TYPE_BCA | SETPKI_TYPE_GCA)) == 0 ||
	    (ca->brand != 0 && ca->brand != w->brand))
		return SETPKI_E_OK;
	return ca_cert_each(w->t, ca->id, 0, take_cert, arg, err);
}

enum setpki_code
ca_set_each_cert(struct ca_home *h, ca_txn *t, uint16_t brand, ca_set_cert_fn *fn, void *arg, struct setpki_error *err)
{
	struct walk w = {h, t, brand, fn, arg};

	return ca_ca_each(t, take_ca, &w, err);
}

struct chain {
	setpki_ctx *ctx;
	uint8_t hash[64]; /* of all before; of this one */
};

static enum setpki_code
hash_cert(void *arg, const struct ca_cert_record *rec, const char *ca, struct setpki_error *err)
{
	struct chain *c = arg;
	uint8_t next[32];
	enum setpki_code rc = sp_sha256(c->ctx, rec->der, c->hash + 32, err);

	(void)ca;
	if (rc == SETPKI_E_OK)
		rc = sp_sha256(c->ctx, SP_BYTES(c->hash), next, err);
	memcpy(c->hash, next, sizeof(next));
	return rc;
}

enum setpki_code
ca_set_certificates(struct ca_home *h, uint16_t brand, uint8_t out[32], struct setpki_error *err)
{
	struct chain c = {.ctx = h->ctx};
	ca_txn *t;
	enum setpki_code rc = ca_txn_begin(h->store, false, &t, err);

	if (rc != SETPKI_E_OK)
		return rc;
	rc = ca_set_each_cert(h, t, brand, hash_cert, &c, err);
	ca_txn_abort(t);
	memcpy(out, c.hash, 32);
	return rc;
}
