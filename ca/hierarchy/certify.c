/* Certifying the keys of CAs. */
#include "ca/hierarchy/certify.h"

#include "ca/issue/generation.h"
#include "lib/base/time.h"
#include "lib/der/writer.h"

#include <setpki/text.h>
#include <string.h>

/* --- one certificate as the policy has it ------------------------------------------------------ */

/* A CA certificate is the same request when CA, generation, purpose and key are, and it replaces the same one. */
static enum setpki_code
identity(struct ca_home *h, const struct ca_certify *c, uint64_t replaces, uint8_t out[32], struct setpki_error *err)
{
	struct sp_buf b = {0};
	size_t mark = sp_der_open(&b, SP_SEQUENCE);
	enum setpki_code rc;

	sp_der_put_octets(&b, sp_bytes_str("ca certificate"));
	sp_der_put_octets(&b, sp_bytes_str(h->policy->cas[c->ca].name));
	sp_der_put_int(&b, c->generation);
	sp_der_put_int(&b, c->purpose);
	sp_der_put_int(&b, (int64_t)replaces);
	sp_der_put_octets(&b, sp_buf_bytes(&c->spki));
	sp_der_close(&b, mark);
	rc = b.failed ? sp_fail_memory(err) : sp_sha256(h->ctx, sp_buf_bytes(&b), out, err);
	sp_buf_free(&b);
	return rc;
}

static enum setpki_code
check_signer(const struct ca_home *h, const struct ca_signer *s, struct setpki_error *err)
{
	char a[SETPKI_TIME_TEXT], b[SETPKI_TIME_TEXT];

	if (s->retired_above[0] != '\0')
		return sp_fail(err, SETPKI_E_STATE, "set-protocol 7, step 10",
		    "above %s, generation %u, stands %s, which is revoked; roll that CA, then %s (ca roll)", s->ca.name,
		    s->generation, s->retired_above, s->ca.name);
	if (!sp_time_within(h->now, s->cert.not_before, s->cert.not_after))
		return sp_fail(err, SETPKI_E_STATE, "set-protocol 7, step 4",
		    "the certificate of %s, generation %u, is valid from %s to %s, not now", s->ca.name, s->generation,
		    setpki_time_text(s->cert.not_before, a), setpki_time_text(s->cert.not_after, b));
	if (!sp_time_within(h->now, s->cert.pkup_from, s->cert.pkup_to))
		return sp_fail(err, SETPKI_E_STATE, "set-protocol 12.13",
		    "the private key of %s, generation %u, may sign certificates until %s; roll it (ca roll)",
		    s->ca.name, s->generation, setpki_time_text(s->cert.pkup_to, b));
	return SETPKI_E_OK;
}

static void
fill_times(
    const struct ca_home *h, const struct ca_signer *signer, const struct ca_keyspec *key, struct sp_cert_spec *s)
{
	s->not_before = s->pkup_from = h->now;
	s->not_after = sp_time_last(h->now, key->lifetime);
	if (s->kind != SETPKI_KIND_ROOT && s->not_after > signer->covers_to)
		s->not_after = signer->covers_to;
	s->pkup_to = sp_time_last(h->now, key->usage);
	if (s->pkup_to > s->not_after)
		s->pkup_to = s->not_after;
}

static void
fill_job(struct ca_certify *c, const struct ca_policy_ca *pc, uint16_t id, bool renews)
{
	struct ca_issue_job *job = &c->job;

	job->purpose = (uint8_t)c->purpose;
	job->subject_ca = id;
	job->subject_generation = c->generation;
	job->renews_key = renews;
	job->holder = pc->name;
	job->spec.type = pc->type;
	job->spec.subject = sp_buf_bytes(&c->subject);
	job->spec.spki = sp_buf_bytes(&c->spki);
	job->spec.pathlen = pc->pathlen;
	job->spec.policy = ca_spec_policy_text(pc);
	job->spec.next_root_spki = sp_buf_bytes(&c->next_root);
}

enum setpki_code
ca_certify_fill(struct ca_home *h, const struct ca_signer *signer, struct ca_certify *c, bool renews, uint64_t replaces,
    struct setpki_error *err)
{
	const struct ca_policy_ca *pc = &h->policy->cas[c->ca];
	uint16_t id = c->job.subject_ca;
	enum setpki_kind kind = ca_policy_kind(pc, c->purpose);
	struct sp_cert_spec *s = &c->job.spec;
	enum setpki_code rc;

	if (kind == SETPKI_KIND_NONE)
		return sp_fail(err, SETPKI_E_POLICY, NULL, "%s has no %s certificate by the policy", pc->name,
		    ca_purpose_name(c->purpose));
	if (kind != SETPKI_KIND_ROOT && (rc = check_signer(h, signer, err)) != SETPKI_E_OK)
		return rc;
	sp_buf_reset(&c->subject);
	if ((rc = ca_spec_ca_subject(h->policy, c->ca, c->generation, &c->subject, err)) != SETPKI_E_OK ||
	    (rc = ca_spec_begin(h->policy, signer->policy_index, signer->generation, &c->urls, s, err)) !=
		SETPKI_E_OK ||
	    (rc = identity(h, c, replaces, c->job.request, err)) != SETPKI_E_OK)
		return rc;
	s->kind = kind;
	if (kind == SETPKI_KIND_ROOT)
		s->crl_url = s->aia_url = NULL; /* both would point at itself */
	fill_job(c, pc, id, renews);
	fill_times(h, signer, &pc->keys[c->purpose], s);
	return SETPKI_E_OK;
}

void
ca_certify_free(struct ca_certify *c)
{
	sp_buf_free(&c->subject);
	sp_buf_free(&c->spki);
	sp_buf_free(&c->next_root);
	ca_cert_record_free(&c->job.out);
	memset(c, 0, sizeof(*c));
}

/* --- noting them in the records ---------------------------------------------------------------- */

/* The set of a brand holds every CA certificate: with a new one its next BCI, whose number a set has, is due. */
static enum setpki_code
brand_is_due(struct ca_home *h, ca_txn *t, uint16_t brand, struct setpki_error *err)
{
	struct ca_bci_record bci = {0};
	enum setpki_code rc = ca_bci_get(t, brand, &bci, err);

	if (rc == SETPKI_E_NOTFOUND) {
		setpki_error_clear(err);
		return SETPKI_E_OK; /* none yet: the first one is planned */
	}
	if (rc == SETPKI_E_OK && bci.next_run > h->now) {
		bci.next_run = h->now;
		rc = ca_bci_put(t, &bci, err);
	}
	ca_bci_record_free(&bci);
	return rc;
}

/* A root is above every brand. */
static enum setpki_code
sets_are_due(struct ca_home *h, ca_txn *t, const struct ca_ca_record *ca, struct setpki_error *err)
{
	struct ca_ca_record brand = {0};
	enum setpki_code rc = SETPKI_E_OK;
	size_t i;

	for (i = 0; i < h->policy->ncas && rc == SETPKI_E_OK; i++) {
		if (h->policy->cas[i].level != CA_LEVEL_BRAND ||
		    (rc = ca_ca_find(t, h->policy->cas[i].name, &brand, err)) != SETPKI_E_OK)
			continue;
		if (brand.here && (ca->brand == 0 || ca->brand == brand.id))
			rc = brand_is_due(h, t, brand.id, err);
		ca_ca_record_free(&brand);
		memset(&brand, 0, sizeof(brand));
	}
	return rc;
}

enum setpki_code
ca_certify_note(struct ca_home *h, ca_txn *t, const struct ca_cert_record *cert, struct setpki_error *err)
{
	struct ca_ca_record rec = {0};
	struct ca_generation *g;
	enum setpki_code rc;
	bool waited;
	int index;

	if ((rc = ca_ca_get(t, cert->subject_ca, &rec, err)) != SETPKI_E_OK)
		return rc;
	index = ca_policy_find(h->policy, rec.name);
	g = ca_state_generation(&rec, cert->subject_generation);
	if (index < 0 ||
	    (g == NULL &&
		((rc = ca_state_add_generation(&rec, cert->subject_generation, cert->generation, err)) != SETPKI_E_OK ||
		    (g = ca_state_generation(&rec, cert->subject_generation)) == NULL))) {
		rc = rc != SETPKI_E_OK ? rc : sp_fail(err, SETPKI_E_STATE, NULL, "%s is not in the policy", rec.name);
		goto out;
	}
	g->keys[cert->purpose].seq = cert->seq;
	memcpy(g->keys[cert->purpose].identity, cert->key_identity, sizeof(cert->key_identity));
	g->superior_generation = rec.parent != 0 ? cert->generation : 0;
	waited = g->state == CA_GEN_WAITING;
	ca_state_activate(&h->policy->cas[index], &rec, cert->subject_generation);
	if (waited && g->state == CA_GEN_ACTIVE)
		rc = ca_generation_active_put(t, rec.id, g->number, h->now, err);
	if (rc == SETPKI_E_OK && (rc = ca_ca_put(t, &rec, err)) == SETPKI_E_OK &&
	    (rc = sets_are_due(h, t, &rec, err)) == SETPKI_E_OK)
		rc = ca_state_audit(h, t, CA_AUDIT_CA_CHANGED, rec.id, err, "%s, generation %u: %s certificate",
		    rec.name, cert->subject_generation, ca_purpose_name((enum ca_purpose)cert->purpose));
out:
	ca_ca_record_free(&rec);
	return rc;
}

enum setpki_code
ca_certify_commit(void *arg, ca_txn *t, struct ca_issue_job *jobs, size_t n, struct setpki_error *err)
{
	enum setpki_code rc = SETPKI_E_OK;
	size_t i;

	for (i = 0; i < n && rc == SETPKI_E_OK; i++)
		if (!jobs[i].repeated)
			rc = ca_certify_note(arg, t, &jobs[i].out, err);
	return rc;
}

/* --- a generation whose superior is here ------------------------------------------------------- */

struct batch {
	struct ca_home *h;
	int ca;
	struct ca_ca_record rec;
	const struct ca_generation *g;
	struct ca_certify v[CA_PURPOSE_N];
	size_t n;
	bool renew;
};

/* Which generation of the superior signs: the one that signed before; for a new generation its newest. */
static uint16_t
superior_generation(const struct batch *b, const struct ca_ca_record *superior)
{
	const struct ca_generation *newest = ca_state_newest(superior);
	int p;

	if (b->rec.parent == 0)
		return b->g->number;
	for (p = 0; p < CA_PURPOSE_N; p++)
		if (b->g->keys[p].seq != 0)
			return b->g->superior_generation;
	return newest != NULL && newest->state == CA_GEN_ACTIVE ? newest->number : 0;
}

static enum setpki_code
pick_keys(struct batch *b, ca_txn *t, unsigned purposes, struct setpki_error *err)
{
	struct ca_certify *c;
	enum setpki_code rc = SETPKI_E_OK;
	unsigned p;

	for (p = 0; p < CA_PURPOSE_N && rc == SETPKI_E_OK; p++) {
		if ((purposes & 1u << p) == 0 || (b->g->keys[p].seq != 0) != b->renew)
			continue;
		c = &b->v[b->n++];
		c->ca = b->ca;
		c->generation = b->g->number;
		c->purpose = (enum ca_purpose)p;
		c->job.subject_ca = b->rec.id;
		rc = ca_state_spki(t, b->rec.id, b->g->number, p, &c->spki, err);
		if (rc == SETPKI_E_OK && b->rec.parent == 0)
			rc = ca_state_spki(t, b->rec.id, b->g->number, CA_SLOT_NEXT_ROOT, &c->next_root, err);
	}
	return rc;
}

static enum setpki_code
batch_read(struct batch *b, uint16_t generation, unsigned purposes, uint16_t *superior, uint16_t *signs,
    struct setpki_error *err)
{
	struct ca_ca_record up = {0};
	ca_txn *t;
	enum setpki_code rc;

	if ((rc = ca_txn_begin(b->h->store, false, &t, err)) != SETPKI_E_OK)
		return rc;
	if ((rc = ca_ca_find(t, b->h->policy->cas[b->ca].name, &b->rec, err)) != SETPKI_E_OK)
		goto out;
	*superior = b->rec.parent != 0 ? b->rec.parent : b->rec.id;
	if ((b->g = ca_state_generation(&b->rec, generation)) == NULL) {
		rc = sp_fail(err, SETPKI_E_STATE, NULL, "%s has no generation %u", b->rec.name, generation);
		goto out;
	}
	if ((rc = ca_ca_get(t, *superior, &up, err)) == SETPKI_E_OK) {
		*signs = superior_generation(b, &up);
		rc = pick_keys(b, t, purposes, err);
	}
out:
	ca_ca_record_free(&up);
	ca_txn_abort(t);
	return rc;
}

static enum setpki_code
batch_issue(struct batch *b, struct ca_signer *signer, struct setpki_error *err)
{
	struct ca_issue_job jobs[CA_PURPOSE_N];
	enum setpki_code rc = SETPKI_E_OK;
	size_t i;

	for (i = 0; i < b->n && rc == SETPKI_E_OK; i++) {
		rc = ca_certify_fill(b->h, signer, &b->v[i], b->renew, b->g->keys[b->v[i].purpose].seq, err);
		jobs[i] = b->v[i].job;
	}
	if (rc != SETPKI_E_OK || (rc = ca_signer_unlock(b->h, signer, err)) != SETPKI_E_OK)
		return rc;
	rc = ca_issue_jobs(b->h, signer, jobs, b->n, ca_certify_commit, b->h, err);
	for (i = 0; i < b->n && rc == SETPKI_E_OK; i++)
		ca_cert_record_free(&jobs[i].out);
	return rc;
}

enum setpki_code
ca_certify_generation(struct ca_home *h, int ca, uint16_t generation, unsigned purposes, bool renew, bool *blocked,
    struct setpki_error *err)
{
	struct batch b = {.h = h, .ca = ca, .renew = renew};
	struct ca_signer signer = {0};
	uint16_t superior = 0, signs = 0;
	enum setpki_code rc;
	size_t i;

	*blocked = false;
	if ((rc = batch_read(&b, generation, purposes, &superior, &signs, err)) != SETPKI_E_OK || b.n == 0)
		goto out;
	if (signs == 0) {
		*blocked = true;
		goto out;
	}
	if ((rc = ca_signer_load(h, superior, signs, CA_PURPOSE_CERTSIGN, &signer, err)) != SETPKI_E_OK)
		goto out;
	if (signer.state == CA_GEN_CLOSING || signer.state == CA_GEN_RETIRED)
		rc = sp_fail(err, SETPKI_E_STATE, "set-protocol 12.11",
		    "generation %u of %s, which certified %s, signs no more; roll %s to a new generation", signs,
		    signer.ca.name, b.rec.name, b.rec.name);
	else
		rc = batch_issue(&b, &signer, err);
out:
	for (i = 0; i < b.n; i++)
		ca_certify_free(&b.v[i]);
	ca_signer_close(&signer);
	ca_ca_record_free(&b.rec);
	return rc;
}
