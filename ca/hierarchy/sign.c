/* ca sign: requests of CAs whose superior's key is in this home, judged by this home's policy. */
#include "ca/hierarchy/sign.h"
#include "lib/der/writer.h"
#include "lib/x509/lint.h"
#include "lib/x509/name.h"

#include <openssl/crypto.h>
#include <setpki/text.h>
#include <string.h>

/* --- reading the bundle ------------------------------------------------------------------------ */

void
ca_signing_close(struct ca_signing *sg)
{
	size_t i;

	for (i = 0; i < sg->n; i++)
		ca_certify_free(&sg->v[i].c);
	OPENSSL_free(sg->v);
	ca_signer_close(&sg->signer);
	setpki_objects_free(&sg->objects);
	ca_state_free(&sg->s);
	memset(sg, 0, sizeof(*sg));
}

enum setpki_code
ca_signing_open(struct ca_home *h, setpki_bytes bundle, struct ca_signing *sg, struct setpki_error *err)
{
	enum setpki_code rc;
	size_t i;

	memset(sg, 0, sizeof(*sg));
	sg->h = h;
	if (h->policy == NULL)
		return sp_fail(err, SETPKI_E_STATE, NULL, "no policy is in force here; run init first");
	if ((rc = ca_state_read(h, h->policy, NULL, &sg->s, err)) != SETPKI_E_OK ||
	    (rc = setpki_objects_read(bundle, &sg->objects, err)) != SETPKI_E_OK)
		return rc;
	if (sg->objects.n > CA_SIGN_REQUESTS_MAX)
		return sp_fail(err, SETPKI_E_LIMIT, NULL, "%zu requests; %d at once are the most", sg->objects.n,
		    CA_SIGN_REQUESTS_MAX);
	if ((sg->v = OPENSSL_zalloc((sg->objects.n + 1) * sizeof(*sg->v))) == NULL)
		return sp_fail_memory(err);
	for (i = 0; i < sg->objects.n; i++, sg->n++) {
		if (sg->objects.v[i].type != SETPKI_OBJECT_CSR)
			return sp_fail(err, SETPKI_E_PARSE, "set-protocol 12.16", "object %zu is a %s, not a request",
			    i + 1, setpki_object_name(sg->objects.v[i].type));
		if ((rc = sp_csr_parse(sg->objects.v[i].der, &sg->v[i].csr, err)) != SETPKI_E_OK)
			return sp_error_in(err, rc, "request %zu", i + 1);
	}
	return SETPKI_E_OK;
}

/* --- whose request it is ----------------------------------------------------------------------- */

/* The CA and generation whose name the request carries, byte for byte. */
static enum setpki_code
find_subject(struct ca_signing *sg, struct ca_judged *j, struct setpki_error *err)
{
	const struct ca_policy *p = sg->h->policy;
	enum setpki_code rc;

	j->item.superior = -1;
	if ((rc = ca_spec_by_subject(p, j->csr.subject, &j->item.ca, &j->item.generation, err)) != SETPKI_E_OK)
		return rc;
	if (j->item.ca < 0)
		return sp_fail(
		    err, SETPKI_E_POLICY, "set-protocol 12.12", "no CA of the policy in force here has this name");
	j->item.superior = p->cas[j->item.ca].parent;
	return SETPKI_E_OK;
}

static enum setpki_code
check_generation(struct ca_signing *sg, struct ca_judged *j, struct setpki_error *err)
{
	const struct ca_ca_record *rec = &sg->s.v[j->item.ca];
	const struct ca_generation *g = ca_state_generation(rec, j->item.generation);

	if (!sg->s.known[j->item.ca])
		return sp_fail(err, SETPKI_E_STATE, NULL, "the CA is new in the policy; run init here first");
	if (g == NULL && j->item.generation != rec->generation + 1)
		return sp_fail(err, SETPKI_E_POLICY, "set-protocol 12.12",
		    "generation %u does not follow generation %u", j->item.generation, rec->generation);
	if (g != NULL && g->state == CA_GEN_RETIRED)
		return sp_fail(err, SETPKI_E_STATE, "set-protocol 12.12",
		    "generation %u was revoked, or has ended: make the next one with 'setca ca roll' where its keys "
		    "are",
		    j->item.generation);
	if (g != NULL && g->state == CA_GEN_CLOSING)
		return sp_fail(err, SETPKI_E_STATE, "set-protocol 12.12", "generation %u is followed by a newer one",
		    j->item.generation);
	return SETPKI_E_OK;
}

static enum setpki_code
check_superior(struct ca_signing *sg, struct ca_judged *j, struct setpki_error *err)
{
	enum setpki_code rc;

	if (j->item.superior < 0)
		return sp_fail(err, SETPKI_E_POLICY, NULL, "a root certifies itself");
	if (!sg->s.v[j->item.superior].here)
		return sp_fail(err, SETPKI_E_STATE, NULL, "its superior %s has its keys in another home",
		    sg->h->policy->cas[j->item.superior].name);
	if (!sg->have_signer) {
		rc = ca_signer_load(sg->h, sg->s.v[j->item.superior].id, 0, CA_PURPOSE_CERTSIGN, &sg->signer, err);
		if (rc != SETPKI_E_OK)
			return rc;
		sg->have_signer = true;
	}
	if (sg->signer.policy_index != j->item.superior)
		return sp_fail(err, SETPKI_E_POLICY, "set-protocol 12.16",
		    "it is for %s, the requests before it for %s; one bundle goes to one superior",
		    sg->h->policy->cas[j->item.superior].name, sg->signer.ca.name);
	return SETPKI_E_OK;
}

/* --- what it asks for -------------------------------------------------------------------------- */

static enum setpki_code
find_purpose(struct ca_signing *sg, struct ca_judged *j, struct setpki_error *err)
{
	const struct ca_policy_ca *c = &sg->h->policy->cas[j->item.ca];
	const struct sp_kind_row *row;
	int p;

	for (p = 0; p < CA_PURPOSE_N; p++) {
		row = c->keys[p].present ? sp_kind_row(ca_policy_kind(c, (enum ca_purpose)p)) : NULL;
		if (row == NULL || row->key_usage != j->csr.key_usage || row->ca != j->csr.ca)
			continue;
		j->item.purpose = (enum ca_purpose)p;
		j->item.kind = row->kind;
		return SETPKI_E_OK;
	}
	return sp_fail(err, SETPKI_E_POLICY, "set-protocol 12.12",
	    "%s has no certificate with this keyUsage and basicConstraints by the policy", c->name);
}

static enum setpki_code
check_fields(struct ca_signing *sg, struct ca_judged *j, struct setpki_error *err)
{
	const struct ca_policy_ca *c = &sg->h->policy->cas[j->item.ca];
	const struct ca_keyspec *k = &c->keys[j->item.purpose];
	char want[16];
	enum setpki_code rc;

	if (j->csr.type != c->type)
		return sp_fail(err, SETPKI_E_POLICY, "set-protocol 5, certificateType",
		    "it asks for another certificateType than the policy gives %s", c->name);
	if (j->csr.ca && j->csr.pathlen != c->pathlen)
		return sp_fail(err, SETPKI_E_POLICY, "set-protocol 12.12",
		    "it asks for pathLen %d; the policy gives %s %d", j->csr.pathlen, c->name, c->pathlen);
	if (j->csr.key.alg != k->alg || j->csr.key.bits != k->bits)
		return sp_fail(err, SETPKI_E_POLICY, NULL, "its key is %s; the policy asks for %s", j->item.key_type,
		    sp_keytype_text(k->alg, k->bits, want));
	if ((rc = sp_spki_check(&j->csr.key, sg->h->policy->suite, j->item.purpose == CA_PURPOSE_EXCHANGE, err)) !=
	    SETPKI_E_OK)
		return rc;
	return sp_csr_verify(sg->h->ctx, &j->csr, err);
}

static enum setpki_code
check_lint(struct ca_signing *sg, struct ca_judged *j, struct setpki_error *err)
{
	struct setpki_findings f = {0};
	enum setpki_code rc;

	rc = sp_lint_csr(sg->h->ctx, j->csr.der, sg->h->policy->suite, &f, err);
	if (rc == SETPKI_E_OK)
		rc = ca_spec_refuse(&f, err);
	setpki_findings_free(&f);
	return rc;
}

/* --- its key, and what was signed before ------------------------------------------------------- */

static enum setpki_code
seen_before(void *arg, const struct ca_cert_record *rec, struct setpki_error *err)
{
	(void)rec;
	(void)err;
	*(bool *)arg = true;
	return SETPKI_E_OK;
}

/* A key that this superior certified for the same generation and purpose is renewed; any other is refused. */
static enum setpki_code
check_old(const struct ca_signing *sg, struct ca_judged *j, const struct ca_cert_record *old, struct setpki_error *err)
{
	char hex[SETPKI_HEX_TEXT(SP_SERIAL_MAX)];

	j->item.renews = old->subject_ca == sg->s.v[j->item.ca].id && old->subject_generation == j->item.generation &&
	    old->purpose == j->item.purpose && old->ca == sg->signer.ca.id && old->generation == sg->signer.generation;
	if (j->item.renews)
		return SETPKI_E_OK;
	return sp_fail(err, SETPKI_E_CONFLICT, "set-protocol 12.11",
	    "its key is certified already, in the certificate with serial %s; make a new key (ca roll)",
	    old->serial.n <= SP_SERIAL_MAX ? setpki_hex_text(old->serial, hex) : "?");
}

static enum setpki_code
check_key(struct ca_signing *sg, struct ca_judged *j, struct setpki_error *err)
{
	const struct ca_generation *g = ca_state_generation(&sg->s.v[j->item.ca], j->item.generation);
	struct ca_cert_record old = {0};
	uint8_t identity[32];
	ca_txn *t;
	enum setpki_code rc;

	if ((rc = sp_spki_identity(sg->h->ctx, &j->csr.key, identity, err)) != SETPKI_E_OK ||
	    (rc = ca_txn_begin(sg->h->store, false, &t, err)) != SETPKI_E_OK)
		return rc;
	setpki_hex_text(SP_BYTES(identity), j->item.key_identity);
	if ((rc = ca_cert_by_request(t, j->c.job.request, seen_before, &j->item.repeated, err)) == SETPKI_E_NOTFOUND) {
		setpki_error_clear(err);
		rc = SETPKI_E_OK;
	}
	if (rc != SETPKI_E_OK || j->item.repeated)
		goto out;
	if ((rc = ca_cert_by_key(t, identity, &old, err)) == SETPKI_E_OK) {
		rc = check_old(sg, j, &old, err);
		goto out;
	}
	if (rc == SETPKI_E_NOTFOUND) {
		setpki_error_clear(err);
		rc = SETPKI_E_OK;
	}
	if (rc == SETPKI_E_OK && g != NULL && j->item.purpose == CA_PURPOSE_CERTSIGN &&
	    g->keys[CA_PURPOSE_CERTSIGN].seq != 0)
		rc = sp_fail(err, SETPKI_E_CONFLICT, "set-protocol 12.12",
		    "generation %u has its certificate-signing key; another key is another generation", g->number);
out:
	ca_cert_record_free(&old);
	ca_txn_abort(t);
	return rc;
}

/* The identity of a request: of the CA that signs, and the request's own bytes. */
static enum setpki_code
request_identity(const struct ca_signing *sg, const struct ca_judged *j, uint8_t out[32], struct setpki_error *err)
{
	struct sp_buf b = {0};
	size_t mark = sp_der_open(&b, SP_SEQUENCE);
	enum setpki_code rc;

	sp_der_put_octets(&b, sp_bytes_str(sg->signer.ca.name));
	sp_der_put_octets(&b, sp_bytes_str(ca_purpose_name(j->item.purpose)));
	sp_der_put_octets(&b, j->csr.der);
	sp_der_close(&b, mark);
	rc = b.failed ? sp_fail_memory(err) : sp_sha256(sg->h->ctx, sp_buf_bytes(&b), out, err);
	sp_buf_free(&b);
	return rc;
}

/* --- the judgement ----------------------------------------------------------------------------- */

/* The certificate as it will be, from the policy alone. */
static enum setpki_code
fill(struct ca_signing *sg, struct ca_judged *j, struct setpki_error *err)
{
	const struct sp_cert_spec *s = &j->c.job.spec;
	uint8_t request[32];
	enum setpki_code rc;

	j->c.ca = j->item.ca;
	j->c.generation = j->item.generation;
	j->c.purpose = j->item.purpose;
	j->c.job.subject_ca = sg->s.v[j->item.ca].id;
	sp_buf_reset(&j->c.spki);
	sp_buf_add_bytes(&j->c.spki, j->csr.key.whole);
	memcpy(request, j->c.job.request, sizeof(request));
	if ((rc = ca_certify_fill(sg->h, &sg->signer, &j->c, j->item.renews, 0, err)) != SETPKI_E_OK)
		return rc;
	memcpy(j->c.job.request, request, sizeof(request));
	j->item.not_before = s->not_before;
	j->item.not_after = s->not_after;
	j->item.pkup_from = s->pkup_from;
	j->item.pkup_to = s->pkup_to;
	j->item.pathlen = j->csr.ca ? s->pathlen : -1;
	return SETPKI_E_OK;
}

static enum setpki_code
judge(struct ca_signing *sg, struct ca_judged *j, struct setpki_error *err)
{
	static enum setpki_code (*const checks[])(struct ca_signing *, struct ca_judged *, struct setpki_error *) = {
	    find_subject, check_superior, check_generation, find_purpose, check_fields, check_lint};
	enum setpki_code rc = SETPKI_E_OK;
	size_t i;

	sp_name_text(j->csr.subject, j->item.subject, sizeof(j->item.subject));
	sp_keytype_text(j->csr.key.alg, j->csr.key.bits, j->item.key_type);
	j->item.pathlen = -1;
	for (i = 0; i < sizeof(checks) / sizeof(checks[0]) && rc == SETPKI_E_OK; i++)
		rc = checks[i](sg, j, err);
	if (rc != SETPKI_E_OK || (rc = request_identity(sg, j, j->c.job.request, err)) != SETPKI_E_OK ||
	    (rc = check_key(sg, j, err)) != SETPKI_E_OK)
		return rc;
	return fill(sg, j, err);
}

enum setpki_code
ca_signing_judge(struct ca_signing *sg, size_t *refused, struct setpki_error *err)
{
	struct setpki_error why;
	struct ca_judged *j;
	size_t i;

	*refused = 0;
	for (i = 0; i < sg->n; i++) {
		j = &sg->v[i];
		memset(&why, 0, sizeof(why));
		if ((j->item.verdict = judge(sg, j, &why)) == SETPKI_E_OK)
			continue;
		if (setpki_code_exit(j->item.verdict) == 3 && j->item.verdict != SETPKI_E_NOTFOUND)
			return sp_fail(err, why.code, why.spec, "request %zu: %s", i + 1, why.message);
		snprintf(j->item.reason, sizeof(j->item.reason), "%.500s", why.message);
		++*refused;
	}
	return SETPKI_E_OK;
}

enum setpki_code
ca_sign_preview(struct ca_home *h, setpki_bytes bundle, struct ca_sign_preview *out, struct setpki_error *err)
{
	struct ca_signing sg;
	enum setpki_code rc;
	size_t i;

	memset(out, 0, sizeof(*out));
	if ((rc = ca_signing_open(h, bundle, &sg, err)) != SETPKI_E_OK ||
	    (rc = ca_signing_judge(&sg, &out->refused, err)) != SETPKI_E_OK)
		goto out;
	if ((out->v = OPENSSL_zalloc((sg.n + 1) * sizeof(*out->v))) == NULL) {
		rc = sp_fail_memory(err);
		goto out;
	}
	for (i = 0; i < sg.n; i++)
		out->v[out->n++] = sg.v[i].item;
out:
	ca_signing_close(&sg);
	return rc;
}

void
ca_sign_preview_free(struct ca_sign_preview *p)
{
	OPENSSL_free(p->v);
	memset(p, 0, sizeof(*p));
}
