/* Which generations may answer, by what the store has, and with what. */
#include "ca/register/cas.h"

#include "ca/issue/generation.h"
#include "ca/revoke/revoke.h"
#include "lib/base/time.h"

#include <openssl/crypto.h>
#include <string.h>

static void
ends(struct ca_reg_generation *g, int64_t at)
{
	if (at < g->good_until)
		g->good_until = at;
}

/* Whether a certificate is valid now and not revoked; notes when that ends. */
static enum setpki_code
stands(const struct ca_reading *w, struct ca_reg_generation *g, const struct ca_cert_record *rec, bool *out,
    struct setpki_error *err)
{
	int64_t now = w->r->h->now;
	bool revoked = false;
	enum setpki_code rc = ca_is_revoked(w->t, w->r->h->ctx, rec, &revoked, NULL, NULL, err);

	*out = rc == SETPKI_E_OK && !revoked && sp_time_within(now, rec->not_before, rec->not_after);
	if (*out)
		ends(g, rec->not_after);
	return rc;
}

/* The certificate that answers are signed under; empty: there is none now. */
static enum setpki_code
read_sign_cert(const struct ca_reading *w, struct ca_reg_generation *g, struct setpki_error *err)
{
	struct ca_cert_record rec;
	struct sp_cert cert;
	bool good;
	enum setpki_code rc;

	if ((rc = ca_cert_get(w->t, g->parent, g->keys[CA_PURPOSE_SIGN].seq, &rec, err)) != SETPKI_E_OK)
		return rc;
	if ((rc = stands(w, g, &rec, &good, err)) == SETPKI_E_OK && good &&
	    (rc = sp_cert_parse(rec.der, &cert, err)) == SETPKI_E_OK &&
	    sp_time_within(w->r->h->now, cert.pkup_from, cert.pkup_to)) {
		ends(g, cert.pkup_to);
		rc = ca_reg_object(&w->r->objects, rec.der, &g->sign_cert, err);
	}
	ca_cert_record_free(&rec);
	return rc;
}

struct exchange {
	const struct ca_reading *w;
	struct ca_reg_generation *g;
};

static enum setpki_code
add_exchange_cert(const struct exchange *x, const struct ca_cert_record *rec, struct setpki_error *err)
{
	struct ca_reg_generation *g = x->g;
	setpki_bytes *v = OPENSSL_realloc(g->exchange_certs, (g->n + 1) * sizeof(*v)), first;
	enum setpki_code rc;

	if (v == NULL)
		return sp_fail_memory(err);
	g->exchange_certs = v;
	if ((rc = ca_reg_object(&x->w->r->objects, rec->der, &v[g->n], err)) != SETPKI_E_OK)
		return rc;
	if (rec->seq == g->keys[CA_PURPOSE_EXCHANGE].seq) {
		first = v[0];
		v[0] = v[g->n];
		v[g->n] = first;
	}
	g->n++;
	return SETPKI_E_OK;
}

/* The present one, and those before it for the same key: envelopes may still be for them. */
static enum setpki_code
take_exchange_cert(void *arg, const struct ca_cert_record *rec, struct setpki_error *err)
{
	const struct exchange *x = arg;
	const struct ca_generation_key *key = &x->g->keys[CA_PURPOSE_EXCHANGE];
	bool good;
	enum setpki_code rc;

	if (rec->subject_ca != x->g->ca || rec->subject_generation != x->g->generation ||
	    rec->purpose != CA_PURPOSE_EXCHANGE || memcmp(rec->key_identity, key->identity, sizeof(key->identity)) != 0)
		return SETPKI_E_OK;
	rc = stands(x->w, x->g, rec, &good, err);
	return rc == SETPKI_E_OK && good ? add_exchange_cert(x, rec, err) : rc;
}

/* Appends a generation if it can answer by what the store has; its keys come later. */
static enum setpki_code
read_generation(struct ca_reading *w, const struct ca_ca_record *ca, const struct ca_generation *gen, int64_t until,
    struct setpki_error *err)
{
	struct ca_reg_generation *v = OPENSSL_realloc(w->v, (w->n + 1) * sizeof(*v)), *g;
	struct exchange x = {.w = w};
	enum setpki_code rc;

	if (v == NULL)
		return sp_fail_memory(err);
	w->v = v;
	g = x.g = &v[w->n++];
	*g = (struct ca_reg_generation){.ca = ca->id,
	    .generation = gen->number,
	    .parent = ca->parent,
	    .type = ca->type,
	    .policy_index = ca_policy_find(w->r->h->policy, ca->name),
	    .newest = gen->state == CA_GEN_ACTIVE,
	    .good_until = until};
	memcpy(g->name, ca->name, sizeof(g->name));
	memcpy(g->keys, gen->keys, sizeof(g->keys));
	if ((rc = read_sign_cert(w, g, err)) == SETPKI_E_OK &&
	    (rc = ca_cert_each(w->t, ca->parent, 0, take_exchange_cert, &x, err)) == SETPKI_E_OK &&
	    g->sign_cert.n != 0 && g->n != 0)
		return ca_reg_beside(w->r, w->t, g, err);
	if (rc != SETPKI_E_OK)
		return rc;
	ca_reg_warn(w->r,
	    "%s, generation %u, answers no registrations: its message-signature or key-exchange certificate is "
	    "expired, revoked or past its use; renew it (ca renew) or roll the CA (ca roll)",
	    g->name, g->generation);
	ca_reading_drop(&v[--w->n]);
	return SETPKI_E_OK;
}

/* The last second in which a generation answers; INT64_MIN: not any more, or not yet (set-protocol 12.12). */
static enum setpki_code
answers_until(const struct ca_reading *w, const struct ca_ca_record *ca, const struct ca_generation *gen, int64_t *out,
    struct setpki_error *err)
{
	int64_t next;
	enum setpki_code rc;

	*out = gen->state == CA_GEN_ACTIVE ? INT64_MAX : INT64_MIN;
	if (gen->state != CA_GEN_CLOSING)
		return SETPKI_E_OK;
	rc = ca_generation_active_at(w->t, ca->id, (uint16_t)(gen->number + 1), &next, err);
	if (rc == SETPKI_E_OK && next != INT64_MIN && next + SP_CHALLENGE_S > w->r->h->now)
		*out = next + SP_CHALLENGE_S - 1;
	return rc;
}

static bool
has_desk(const struct ca_policy *p, const char *name)
{
	int i = ca_policy_find(p, name);

	for (int role = 0; i >= 0 && role < CA_ROLE_N; role++)
		if (p->cas[i].profiles[role].desk.present)
			return true;
	return false;
}

static enum setpki_code
read_ca(void *arg, const struct ca_ca_record *ca, struct setpki_error *err)
{
	struct ca_reading *w = arg;
	const struct ca_generation *gen;
	int64_t until;
	enum setpki_code rc = SETPKI_E_OK;

	if ((ca->type & SETPKI_TYPE_ISSUING) == 0 || !has_desk(w->r->h->policy, ca->name))
		return SETPKI_E_OK;
	w->here[ca_policy_find(w->r->h->policy, ca->name)] = ca->here;
	if (!ca->here)
		ca_reg_warn(w->r, "%s answers no registrations here: its keys live in another home", ca->name);
	for (size_t i = 0; ca->here && rc == SETPKI_E_OK && i < ca->ngenerations; i++) {
		gen = &ca->generations[i];
		if (gen->keys[CA_PURPOSE_SIGN].seq == 0 || gen->keys[CA_PURPOSE_EXCHANGE].seq == 0)
			continue;
		if ((rc = answers_until(w, ca, gen, &until, err)) == SETPKI_E_OK && until != INT64_MIN)
			rc = read_generation(w, ca, gen, until, err);
	}
	return rc;
}

enum setpki_code
ca_reading_store(struct ca_reading *w, struct setpki_error *err)
{
	if ((w->here = OPENSSL_zalloc(w->r->h->policy->ncas * sizeof(*w->here))) == NULL)
		return sp_fail_memory(err);
	return ca_ca_each(w->t, read_ca, w, err);
}
