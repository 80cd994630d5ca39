/* The CAs that answer: each generation that may, with its message keys opened and everything at hand that goes into an
 * answer.  Made anew only when the store has changed. */
#include "ca/register/cas.h"

#include "ca/audit/audit.h"

#include <openssl/crypto.h>
#include <string.h>

/* --- finding them ------------------------------------------------------------------------------ */

struct ca_reg_generation *
ca_reg_of(struct ca_register *r, const struct setpki_responder_ca *ca)
{
	for (size_t i = 0; i < r->ng; i++)
		if (ca >= r->g[i].v && ca < r->g[i].v + r->g[i].n)
			return &r->g[i];
	return NULL;
}

struct ca_reg_generation *
ca_reg_newest(struct ca_register *r, uint16_t ca)
{
	for (size_t i = 0; i < r->ng; i++)
		if (r->g[i].ca == ca && r->g[i].newest)
			return &r->g[i];
	return NULL;
}

/* --- freeing ----------------------------------------------------------------------------------- */

void
ca_reading_drop(struct ca_reg_generation *g)
{
	ca_key_free(g->opened[CA_PURPOSE_SIGN]);
	ca_key_free(g->opened[CA_PURPOSE_EXCHANGE]);
	ca_signer_close(&g->signer);
	OPENSSL_free(g->v);
	OPENSSL_free(g->exchange_certs);
	OPENSSL_free(g->certs);
	OPENSSL_free(g->crls);
	memset(g, 0, sizeof(*g));
}

static void
list_free(struct ca_reg_generation *g, size_t n)
{
	for (size_t i = 0; i < n; i++)
		ca_reading_drop(&g[i]);
	OPENSSL_free(g);
}

void
ca_reg_generations_free(struct ca_register *r)
{
	list_free(r->g, r->ng);
	OPENSSL_free(r->here);
	r->g = NULL;
	r->ng = 0;
	r->here = NULL;
	ca_reg_objects_free(&r->objects);
}

/* --- anew, when something changed -------------------------------------------------------------- */

/* Events after which everything is as it was. */
static const bool harmless[CA_AUDIT_N] = {
    [CA_AUDIT_SERIAL_BURNT] = true,
    [CA_AUDIT_PUBLISHED] = true,
    [CA_AUDIT_REQUEST_IN_PROGRESS] = true,
    [CA_AUDIT_REQUEST_PENDED] = true,
    [CA_AUDIT_REQUEST_APPROVED] = true,
    [CA_AUDIT_REQUEST_COMPLETE] = true,
    [CA_AUDIT_REQUEST_REJECTED] = true,
    [CA_AUDIT_REQUEST_REFUSED] = true,
    [CA_AUDIT_REQUEST_VOTE] = true,
    [CA_AUDIT_REQUEST_ERASED] = true,
    [CA_AUDIT_ACCOUNTS_IMPORTED] = true,
    [CA_AUDIT_ACCOUNTS_REMOVED] = true,
    [CA_AUDIT_HELD] = true,
    [CA_AUDIT_RELEASED] = true,
};

struct changes {
	struct ca_register *r;
	bool any;
};

/* What issuing CAs certify and revoke are no CAs. */
static bool
of_end_entity(const struct ca_register *r, const struct ca_audit_leaf *leaf)
{
	if (leaf->event != CA_AUDIT_CERT_ISSUED && leaf->event != CA_AUDIT_REVOKED)
		return false;
	for (size_t i = 0; i < r->ng; i++)
		if (r->g[i].ca == leaf->ca)
			return true;
	return false;
}

static enum setpki_code
look_at(void *arg, const struct ca_audit_leaf *leaf, struct setpki_error *err)
{
	struct changes *c = arg;

	(void)err;
	c->any = !harmless[leaf->event] && !of_end_entity(c->r, leaf);
	return c->any ? SETPKI_E_STATE : SETPKI_E_OK;
}

static enum setpki_code
changed(struct ca_register *r, ca_txn *t, uint64_t size, bool *out, struct setpki_error *err)
{
	struct changes c = {r, false};
	enum setpki_code rc = SETPKI_E_OK;

	*out = r->log_size == 0 || r->h->now > r->good_until;
	if (*out || size == r->log_size)
		return SETPKI_E_OK;
	rc = ca_audit_each(r->h, t, r->log_size, look_at, &c, err);
	*out = c.any;
	return rc;
}

/* Takes over what was read; the old list goes with the objects that it alone used. */
static void
replace(struct ca_register *r, struct ca_reading *w, struct ca_reg_objects *old_objects, uint64_t size)
{
	list_free(r->g, r->ng);
	OPENSSL_free(r->here);
	ca_reg_objects_free(old_objects);
	r->g = w->v;
	r->ng = w->n;
	r->here = w->here;
	r->log_size = size;
	r->good_until = INT64_MAX;
	for (size_t i = 0; i < r->ng; i++)
		if (r->g[i].good_until < r->good_until)
			r->good_until = r->g[i].good_until;
}

enum setpki_code
ca_reg_refresh(struct ca_register *r, struct setpki_error *err)
{
	struct ca_reading w = {.r = r};
	struct ca_reg_objects old = r->objects;
	uint8_t root[32];
	uint64_t size;
	bool anew = false;
	enum setpki_code rc;

	if ((rc = ca_txn_begin(r->h->store, false, &w.t, err)) != SETPKI_E_OK)
		return rc;
	if ((rc = ca_audit_head(r->h, w.t, &size, root, err)) == SETPKI_E_OK)
		rc = changed(r, w.t, size, &anew, err);
	if (rc == SETPKI_E_OK && anew) {
		memset(&r->objects, 0, sizeof(r->objects));
		rc = ca_reading_store(&w, err);
	}
	ca_txn_abort(w.t);
	if (!anew) {
		if (rc == SETPKI_E_OK)
			r->log_size = size;
		return rc;
	}
	if (rc == SETPKI_E_OK)
		rc = ca_reading_open(&w, err);
	if (rc == SETPKI_E_OK) {
		replace(r, &w, &old, size);
		return rc;
	}
	/* keys may have gone over to the new list: neither is whole any more */
	list_free(w.v, w.n);
	OPENSSL_free(w.here);
	ca_reg_generations_free(r);
	ca_reg_objects_free(&old);
	r->log_size = 0;
	return rc;
}
