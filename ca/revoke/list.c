/* Where each CRL of a home stands. */
#include "ca/revoke/covered.h"
#include "ca/revoke/crl.h"

#include <openssl/crypto.h>
#include <string.h>

struct walk {
	struct ca_home *h;
	ca_txn *t;
	struct ca_crl_list *out;
};

static struct ca_crl_status *
append(struct ca_crl_list *l)
{
	if (l->n == l->cap) {
		size_t cap = l->cap == 0 ? 16 : 2 * l->cap;
		struct ca_crl_status *v = OPENSSL_realloc(l->v, cap * sizeof(*v));

		if (v == NULL)
			return NULL;
		l->v = v;
		l->cap = cap;
	}
	memset(&l->v[l->n], 0, sizeof(l->v[0]));
	return &l->v[l->n++];
}

/* Whether a generation's certificate-signing certificate is there, unrevoked and unexpired. */
static enum setpki_code
stands(const struct walk *w, const struct ca_ca_record *ca, const struct ca_generation *g, bool *out,
    struct setpki_error *err)
{
	struct ca_cert_record cert;
	uint64_t seq = g->keys[CA_PURPOSE_CERTSIGN].seq;
	bool revoked = false;
	enum setpki_code rc;

	*out = false;
	if (seq == 0 || (g->state != CA_GEN_ACTIVE && g->state != CA_GEN_CLOSING))
		return SETPKI_E_OK;
	rc = ca_cert_get(w->t, ca->parent != 0 ? ca->parent : ca->id, seq, &cert, err);
	if (rc != SETPKI_E_OK)
		return rc;
	if (cert.kind != SETPKI_KIND_ROOT)
		rc = ca_is_revoked(w->t, w->h->ctx, &cert, &revoked, NULL, NULL, err);
	*out = !revoked && cert.not_after >= w->h->now;
	ca_cert_record_free(&cert);
	return rc;
}

static enum setpki_code
fill_crl(const struct walk *w, struct ca_crl_status *s, struct setpki_error *err)
{
	struct ca_crl_record crl;
	enum setpki_code rc = ca_crl_look(w->t, s->ca, s->generation, &crl, NULL);

	if (rc == SETPKI_E_NOTFOUND)
		return SETPKI_E_OK;
	if (rc != SETPKI_E_OK)
		return sp_fail(err, rc, NULL, "the CRLs in the store cannot be read");
	s->number = crl.number;
	s->this_update = crl.this_update;
	s->next_update = crl.next_update;
	s->next_run = crl.next_run;
	s->size = crl.der.n;
	return SETPKI_E_OK;
}

static enum setpki_code
add_generation(const struct walk *w, const struct ca_ca_record *ca, const struct ca_generation *g, bool keeps,
    struct setpki_error *err)
{
	struct ca_crl_status s = {.ca = ca->id, .generation = g->number, .brand = ca->brand, .here = ca->here}, *at;
	uint64_t recorded, covered;
	enum setpki_code rc;

	memcpy(s.name, ca->name, sizeof(s.name));
	if ((rc = fill_crl(w, &s, err)) != SETPKI_E_OK)
		return rc;
	if (s.number == 0 && (!keeps || g->state == CA_GEN_WAITING || g->state == CA_GEN_RETIRED))
		return SETPKI_E_OK;
	if ((rc = stands(w, ca, g, &s.publishes, err)) != SETPKI_E_OK ||
	    (rc = ca_revocations_read(w->t, ca->id, g->number, &recorded, &covered, err)) != SETPKI_E_OK)
		return rc;
	s.publishes = s.publishes && keeps;
	s.pending = recorded > covered;
	s.due = s.here && s.publishes && (s.number == 0 || s.next_run <= w->h->now || s.pending);
	if ((at = append(w->out)) == NULL)
		return sp_fail_memory(err);
	*at = s;
	return SETPKI_E_OK;
}

static enum setpki_code
add_ca(void *arg, const struct ca_ca_record *ca, struct setpki_error *err)
{
	const struct walk *w = arg;
	int i = ca_policy_find(w->h->policy, ca->name);
	bool keeps = i >= 0 && w->h->policy->cas[i].crl.keeps;
	enum setpki_code rc = SETPKI_E_OK;

	for (uint16_t g = 0; rc == SETPKI_E_OK && g < ca->ngenerations; g++)
		rc = add_generation(w, ca, &ca->generations[g], keeps, err);
	return rc;
}

enum setpki_code
ca_crl_list_read(struct ca_home *h, struct ca_crl_list *out, struct setpki_error *err)
{
	struct walk w = {.h = h, .out = out};
	enum setpki_code rc = ca_txn_begin(h->store, false, &w.t, err);

	memset(out, 0, sizeof(*out));
	if (rc != SETPKI_E_OK)
		return rc;
	rc = ca_ca_each(w.t, add_ca, &w, err);
	ca_txn_abort(w.t);
	if (rc != SETPKI_E_OK)
		ca_crl_list_free(out);
	return rc;
}

void
ca_crl_list_free(struct ca_crl_list *l)
{
	OPENSSL_free(l->v);
	memset(l, 0, sizeof(*l));
}

/* The newest generation of `ca` that has a CRL; 0 if none has. */
static uint16_t
newest_with_crl(ca_txn *t, const struct ca_ca_record *ca)
{
	uint16_t best = 0;

	for (uint16_t i = 0; i < ca->ngenerations; i++) {
		struct ca_crl_record crl;
		uint16_t number = ca->generations[i].number;

		if (number <= best || ca_crl_get(t, ca->id, number, &crl, NULL) != SETPKI_E_OK)
			continue;
		ca_crl_record_free(&crl);
		best = number;
	}
	return best;
}

enum setpki_code
ca_crl_read(
    struct ca_home *h, const char *name, uint16_t generation, struct ca_crl_record *out, struct setpki_error *err)
{
	struct ca_ca_record ca;
	ca_txn *t;
	enum setpki_code rc = ca_txn_begin(h->store, false, &t, err);

	memset(out, 0, sizeof(*out));
	if (rc != SETPKI_E_OK)
		return rc;
	rc = ca_ca_find(t, name, &ca, NULL);
	if (rc != SETPKI_E_OK) {
		ca_txn_abort(t);
		return sp_fail(err, rc, NULL, "no CA is called '%s': 'setca ca list' shows them", name);
	}
	if (generation == 0)
		generation = newest_with_crl(t, &ca);
	rc = generation == 0 ? SETPKI_E_NOTFOUND : ca_crl_get(t, ca.id, generation, out, NULL);
	if (rc != SETPKI_E_OK)
		rc = sp_fail(err, rc, NULL, "%s has no CRL: by the policy it keeps none, or none was made yet", name);
	ca_ca_record_free(&ca);
	ca_txn_abort(t);
	return rc;
}
