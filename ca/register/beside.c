/* What goes along with the answers of a CA: the certificates up to the root, CRLs, and the brand's BCI (set-protocol 8,
 * 12.14). */
#include "ca/register/private.h"

#include <openssl/crypto.h>
#include <string.h>

/* --- objects, each once ------------------------------------------------------------------------ */

static enum setpki_code
push(struct ca_reg_objects *o, setpki_bytes v, struct setpki_error *err)
{
	if (o->n == o->cap) {
		size_t cap = o->cap == 0 ? 16 : 2 * o->cap;
		setpki_bytes *p = OPENSSL_realloc(o->v, cap * sizeof(*p));

		if (p == NULL)
			return sp_fail_memory(err);
		o->v = p;
		o->cap = cap;
	}
	o->v[o->n++] = v;
	return SETPKI_E_OK;
}

enum setpki_code
ca_reg_keep(struct ca_reg_objects *o, setpki_bytes from, setpki_bytes *out, struct setpki_error *err)
{
	enum setpki_code rc;

	*out = sp_bytes_dup(from);
	if (out->p == NULL)
		return sp_fail_memory(err);
	if ((rc = push(o, *out, err)) != SETPKI_E_OK)
		OPENSSL_clear_free((void *)(uintptr_t)out->p, out->n);
	return rc;
}

enum setpki_code
ca_reg_object(struct ca_reg_objects *o, setpki_bytes der, setpki_bytes *out, struct setpki_error *err)
{
	for (size_t i = 0; i < o->n; i++)
		if (sp_bytes_eq(o->v[i], der)) {
			*out = o->v[i];
			return SETPKI_E_OK;
		}
	return ca_reg_keep(o, der, out, err);
}

void
ca_reg_objects_free(struct ca_reg_objects *o)
{
	for (size_t i = 0; i < o->n; i++)
		OPENSSL_clear_free((void *)(uintptr_t)o->v[i].p, o->v[i].n);
	OPENSSL_free(o->v);
	memset(o, 0, sizeof(*o));
}

/* --- collecting -------------------------------------------------------------------------------- */

struct collecting {
	struct ca_register *r;
	ca_txn *t;
	struct ca_reg_generation *g;
	struct ca_reg_objects certs, crls; /* lists alone: the objects are the register's */
	size_t room;			   /* what CRLs may take yet */
};

static enum setpki_code
add_to(struct collecting *c, struct ca_reg_objects *list, setpki_bytes der, struct setpki_error *err)
{
	setpki_bytes own;
	enum setpki_code rc = ca_reg_object(&c->r->objects, der, &own, err);

	for (size_t i = 0; rc == SETPKI_E_OK && i < list->n; i++)
		if (list->v[i].p == own.p)
			return SETPKI_E_OK;
	return rc == SETPKI_E_OK ? push(list, own, err) : rc;
}

static enum setpki_code
add_cert(struct collecting *c, const struct ca_ca_record *ca, uint64_t seq, struct setpki_error *err)
{
	struct ca_cert_record rec;
	enum setpki_code rc;

	if (seq == 0)
		return SETPKI_E_OK;
	if ((rc = ca_cert_get(c->t, ca->parent != 0 ? ca->parent : ca->id, seq, &rec, err)) != SETPKI_E_OK)
		return rc;
	if (rec.not_after >= c->r->h->now)
		rc = add_to(c, &c->certs, rec.der, err);
	ca_cert_record_free(&rec);
	return rc;
}

static enum setpki_code
add_crl(struct collecting *c, const struct ca_ca_record *ca, uint16_t generation, struct setpki_error *err)
{
	struct setpki_error absent = {0};
	struct ca_crl_record crl;
	size_t before = c->crls.n;
	enum setpki_code rc = ca_crl_look(c->t, ca->id, generation, &crl, &absent);

	if (rc == SETPKI_E_NOTFOUND || (rc == SETPKI_E_OK && crl.der.n == 0))
		return SETPKI_E_OK;
	if (rc != SETPKI_E_OK)
		return sp_fail(err, rc, absent.spec, "%s", absent.message);
	if (crl.der.n > c->room) {
		ca_reg_warn(c->r,
		    "the CRL of %s, generation %u, is too large (%zu bytes) to go along with the answers of %s: who "
		    "registers has to fetch it",
		    ca->name, generation, crl.der.n, c->g->name);
		return SETPKI_E_OK;
	}
	rc = add_to(c, &c->crls, crl.der, err);
	if (c->crls.n > before)
		c->room -= crl.der.n;
	return rc;
}

/* What a generation signs certificates and CRLs with, and its CRL. */
static enum setpki_code
add_signers(
    struct collecting *c, const struct ca_ca_record *ca, const struct ca_generation *gen, struct setpki_error *err)
{
	enum setpki_code rc;

	if ((rc = add_cert(c, ca, gen->keys[CA_PURPOSE_CERTSIGN].seq, err)) == SETPKI_E_OK &&
	    (rc = add_cert(c, ca, gen->keys[CA_PURPOSE_CRLSIGN].seq, err)) == SETPKI_E_OK)
		rc = add_crl(c, ca, gen->number, err);
	return rc;
}

/* Of a root every generation: who trusts an old one gets to the new one by it (set-protocol 12.15). */
static bool
wanted(const struct ca_ca_record *ca, const struct ca_generation *gen, uint16_t generation)
{
	return gen->number == generation || ca->parent == 0;
}

/* A generation, and those above it up to the root. */
static enum setpki_code
add_chain(struct collecting *c, uint16_t number, uint16_t generation, struct setpki_error *err)
{
	struct ca_ca_record ca;
	uint16_t above = 0;
	enum setpki_code rc = SETPKI_E_OK;

	while (rc == SETPKI_E_OK && number != 0) {
		if ((rc = ca_ca_get(c->t, number, &ca, err)) != SETPKI_E_OK)
			return rc;
		for (size_t i = 0; rc == SETPKI_E_OK && i < ca.ngenerations; i++) {
			if (!wanted(&ca, &ca.generations[i], generation))
				continue;
			above = ca.generations[i].superior_generation;
			rc = add_signers(c, &ca, &ca.generations[i], err);
		}
		number = ca.parent;
		generation = above;
		ca_ca_record_free(&ca);
	}
	return rc;
}

/* The same of the newest generation. */
static enum setpki_code
add_newest(struct collecting *c, uint16_t number, struct setpki_error *err)
{
	struct ca_ca_record ca;
	uint16_t newest = 0;
	enum setpki_code rc = ca_ca_get(c->t, number, &ca, err);

	if (rc != SETPKI_E_OK)
		return rc;
	for (size_t i = 0; i < ca.ngenerations; i++)
		if (ca.generations[i].state == CA_GEN_ACTIVE && ca.generations[i].number > newest)
			newest = ca.generations[i].number;
	ca_ca_record_free(&ca);
	return newest != 0 ? add_chain(c, number, newest, err) : SETPKI_E_OK;
}

/* The BCI and its signer, the newest generation of the brand. */
static enum setpki_code
add_bci(struct collecting *c, uint16_t brand, struct setpki_error *err)
{
	struct setpki_error absent = {0};
	struct ca_bci_record bci;
	enum setpki_code rc = ca_bci_get(c->t, brand, &bci, &absent);

	if (rc == SETPKI_E_NOTFOUND)
		return SETPKI_E_OK;
	if (rc != SETPKI_E_OK)
		return sp_fail(err, rc, absent.spec, "%s", absent.message);
	rc = ca_reg_object(&c->r->objects, bci.der, &c->g->bci, err);
	ca_bci_record_free(&bci);
	return rc == SETPKI_E_OK ? add_newest(c, brand, err) : rc;
}

enum setpki_code
ca_reg_beside(struct ca_register *r, ca_txn *t, struct ca_reg_generation *g, struct setpki_error *err)
{
	struct collecting c = {.r = r, .t = t, .g = g, .room = SP_MESSAGE_MAX};
	struct ca_ca_record ca;
	uint16_t brand;
	enum setpki_code rc;

	if ((rc = ca_ca_get(t, g->ca, &ca, err)) != SETPKI_E_OK)
		return rc;
	brand = ca.brand;
	if ((rc = add_cert(&c, &ca, g->keys[CA_PURPOSE_SIGN].seq, err)) == SETPKI_E_OK &&
	    (rc = add_cert(&c, &ca, g->keys[CA_PURPOSE_EXCHANGE].seq, err)) == SETPKI_E_OK &&
	    (rc = add_chain(&c, g->ca, g->generation, err)) == SETPKI_E_OK &&
	    (rc = add_newest(&c, g->ca, err)) == SETPKI_E_OK && /* which issues, whoever answers */
	    brand != 0)
		rc = add_bci(&c, brand, err);
	ca_ca_record_free(&ca);
	g->certs = c.certs.v;
	g->ncerts = c.certs.n;
	g->crls = c.crls.v;
	g->ncrls = c.crls.n;
	return rc;
}
