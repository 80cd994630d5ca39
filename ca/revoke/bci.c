#include "ca/revoke/bci.h"

#include "lib/base/time.h"

#include <openssl/crypto.h>
#include <string.h>

void
ca_bci_members_free(struct ca_bci_members *m)
{
	for (size_t i = 0; i < m->n; i++) {
		void *p;

		memcpy(&p, &m->v[i].issuer.p, sizeof(p));
		OPENSSL_free(p);
	}
	OPENSSL_free(m->v);
	memset(m, 0, sizeof(*m));
}

static struct ca_bci_member *
append(struct ca_bci_members *m)
{
	if (m->n == m->cap) {
		size_t cap = m->cap == 0 ? 8 : 2 * m->cap;
		struct ca_bci_member *v = OPENSSL_realloc(m->v, cap * sizeof(*v));

		if (v == NULL)
			return NULL;
		m->v = v;
		m->cap = cap;
	}
	memset(&m->v[m->n], 0, sizeof(m->v[0]));
	return &m->v[m->n++];
}

/* The name of a generation, as its certificate-signing certificate has it. */
static enum setpki_code
generation_name(ca_txn *t, uint16_t ca_id, uint16_t generation, setpki_bytes *out, struct setpki_error *err)
{
	struct ca_cert_record rec = {0};
	struct ca_ca_record ca;
	struct sp_cert cert;
	uint64_t seq = 0;
	enum setpki_code rc = ca_ca_get(t, ca_id, &ca, err);

	if (rc != SETPKI_E_OK)
		return rc;
	for (uint16_t i = 0; i < ca.ngenerations; i++)
		if (ca.generations[i].number == generation)
			seq = ca.generations[i].keys[CA_PURPOSE_CERTSIGN].seq;
	rc = ca_cert_get(t, ca.parent != 0 ? ca.parent : ca.id, seq, &rec, err);
	if (rc == SETPKI_E_OK)
		rc = sp_cert_parse(rec.der, &cert, err);
	if (rc == SETPKI_E_OK) {
		*out = sp_bytes_dup(cert.subject);
		rc = out->p != NULL ? SETPKI_E_OK : sp_fail_memory(err);
	}
	ca_cert_record_free(&rec);
	ca_ca_record_free(&ca);
	return rc;
}

static enum setpki_code
add_member(ca_txn *t, const struct ca_crl_status *s, struct ca_bci_members *out, struct setpki_error *err)
{
	struct ca_bci_member *m;

	if (s->number == 0)
		return sp_fail(err, SETPKI_E_STATE, "set-protocol 12.14", "%s, generation %u, has no CRL yet: %s",
		    s->name, s->generation,
		    s->here ? "'setca crl build' makes it" : "bring it from its own home with 'setca crl import'");
	if ((m = append(out)) == NULL)
		return sp_fail_memory(err);
	m->ca = s->ca;
	m->generation = s->generation;
	m->number = s->number;
	memcpy(m->name, s->name, sizeof(m->name));
	return generation_name(t, s->ca, s->generation, &m->issuer, err);
}

enum setpki_code
ca_bci_members_read(struct ca_home *h, uint16_t brand, struct ca_bci_members *out, struct setpki_error *err)
{
	struct ca_crl_list list;
	ca_txn *t = NULL;
	enum setpki_code rc = ca_crl_list_read(h, &list, err);

	memset(out, 0, sizeof(*out));
	if (rc != SETPKI_E_OK)
		return rc;
	rc = ca_txn_begin(h->store, false, &t, err);
	for (size_t i = 0; rc == SETPKI_E_OK && i < list.n; i++)
		if (list.v[i].publishes && (list.v[i].brand == 0 || list.v[i].brand == brand))
			rc = add_member(t, &list.v[i], out, err);
	ca_txn_abort(t);
	ca_crl_list_free(&list);
	if (rc != SETPKI_E_OK)
		ca_bci_members_free(out);
	return rc;
}

static bool
named(const struct ca_bci_members *m, const struct sp_bci_entry *e)
{
	for (size_t i = 0; i < m->n; i++)
		if (m->v[i].number == e->number && sp_bytes_eq(m->v[i].issuer, e->issuer))
			return true;
	return false;
}

bool
ca_bci_members_match(const struct ca_bci_members *m, const struct sp_bci *bci)
{
	bool same = m->n == bci->n;

	for (size_t i = 0; same && i < bci->n; i++)
		same = named(m, &bci->entries[i]);
	return same;
}

static const char *
only_brand(const struct ca_policy *policy)
{
	const char *found = NULL;

	for (size_t i = 0; i < policy->ncas; i++) {
		if (policy->cas[i].level != CA_LEVEL_BRAND)
			continue;
		if (found != NULL)
			return NULL;
		found = policy->cas[i].name;
	}
	return found;
}

/* The number of the brand CA with that name, or of the only one. */
static enum setpki_code
brand_number(struct ca_home *h, ca_txn *t, const char *brand, uint16_t *out, struct setpki_error *err)
{
	struct ca_ca_record ca;
	enum setpki_code rc;

	if (brand == NULL && (brand = only_brand(h->policy)) == NULL)
		return sp_fail(err, SETPKI_E_ARGUMENT, NULL, "the policy has several brands: name the brand CA");
	rc = ca_ca_find(t, brand, &ca, NULL);
	if (rc != SETPKI_E_OK || (ca.type & SETPKI_TYPE_BCA) == 0) {
		if (rc == SETPKI_E_OK)
			ca_ca_record_free(&ca);
		return sp_fail(err, SETPKI_E_NOTFOUND, NULL, "'%s' is no brand CA of this home", brand);
	}
	*out = ca.id;
	ca_ca_record_free(&ca);
	return SETPKI_E_OK;
}

enum setpki_code
ca_bci_read(struct ca_home *h, const char *brand, struct ca_bci_record *out, struct setpki_error *err)
{
	uint16_t number = 0;
	ca_txn *t;
	enum setpki_code rc = ca_txn_begin(h->store, false, &t, err);

	memset(out, 0, sizeof(*out));
	if (rc != SETPKI_E_OK)
		return rc;
	rc = brand_number(h, t, brand, &number, err);
	if (rc == SETPKI_E_OK && (rc = ca_bci_get(t, number, out, NULL)) != SETPKI_E_OK)
		rc = sp_fail(err, rc, NULL, "the brand has no BCI yet: 'setca publish' makes it");
	ca_txn_abort(t);
	return rc;
}

static enum setpki_code
sign_bci(struct ca_signer *signer, const struct sp_bci_spec *spec, struct ca_bci_record *out, struct setpki_error *err)
{
	struct sp_buf tbs = {0}, sig = {0}, der = {0};
	enum setpki_code rc = sp_bci_build(spec, &tbs, err);
	size_t n;

	if (rc == SETPKI_E_OK)
		rc = ca_key_sign(signer->key, spec->suite, sp_buf_bytes(&tbs), &sig, err);
	if (rc == SETPKI_E_OK) {
		sp_signed_put(
		    &der, sp_buf_bytes(&tbs), sp_sigalg(spec->suite, signer->cert.key.alg), sp_buf_bytes(&sig));
		out->der.p = sp_buf_take(&der, &n);
		out->der.n = n;
		if (out->der.p == NULL)
			rc = sp_fail_memory(err);
	}
	sp_buf_free(&tbs);
	sp_buf_free(&sig);
	sp_buf_free(&der);
	return rc;
}

/* sequenceNum runs on over generations (set-protocol 12.14). */
static enum setpki_code
next_sequence(struct ca_home *h, const struct ca_signer *signer, struct ca_bci_record *out, struct setpki_error *err)
{
	struct ca_bci_record before = {0};
	ca_txn *t;
	enum setpki_code rc = ca_txn_begin(h->store, false, &t, err);

	if (rc != SETPKI_E_OK)
		return rc;
	rc = ca_bci_get(t, signer->ca.id, &before, NULL);
	ca_txn_abort(t);
	if (rc != SETPKI_E_OK && rc != SETPKI_E_NOTFOUND)
		return sp_fail(err, rc, NULL, "the BCIs in the store cannot be read");
	out->sequence = before.sequence + 1;
	out->published = before.published;
	rc = before.sequence != 0 && before.not_before > h->now
	    ? sp_fail(err, SETPKI_E_STATE, "set-protocol 12.14", "the clock is behind the BCI before: set it right")
	    : SETPKI_E_OK;
	ca_bci_record_free(&before);
	return rc;
}

enum setpki_code
ca_bci_build(struct ca_home *h, struct ca_signer *signer, const struct ca_bci_members *members,
    struct ca_bci_record *out, struct setpki_error *err)
{
	const struct ca_policy_ca *brand = &h->policy->cas[signer->policy_index];
	struct sp_bci_entry *entries = OPENSSL_zalloc((members->n + 1) * sizeof(*entries));
	struct sp_bci_spec spec = {.suite = h->policy->suite, .signer = &signer->cert, .brand_id = brand->brand_id};
	enum setpki_code rc;

	memset(out, 0, sizeof(*out));
	if (entries == NULL)
		return sp_fail_memory(err);
	for (size_t i = 0; i < members->n; i++)
		entries[i] = (struct sp_bci_entry){members->v[i].issuer, members->v[i].number};
	rc = next_sequence(h, signer, out, err);
	out->brand = signer->ca.id;
	out->not_before = h->now;
	out->not_after = sp_time_last(h->now, brand->bci_valid);
	out->next_run = h->now + brand->bci_every;
	spec.sequence = out->sequence;
	spec.not_before = out->not_before;
	spec.not_after = out->not_after;
	spec.entries = entries;
	spec.n = members->n;
	if (rc == SETPKI_E_OK)
		rc = sign_bci(signer, &spec, out, err);
	OPENSSL_free(entries);
	return rc == SETPKI_E_OK ? rc : sp_error_in(err, rc, "BCI of %s", signer->ca.name);
}
