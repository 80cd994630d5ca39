/* Another home's CRLs through the gate into the store. */
#include "ca/publish/gate.h"
#include "ca/publish/private.h"
#include "lib/x509/name.h"

#include <stdio.h>
#include <string.h>

/* Which generation of which CA of this home a CRL is of, by its issuer and the key that verifies it. */
struct search {
	struct ca_home *h;
	ca_txn *t;
	const struct sp_crl *crl;
	struct ca_cert_record cert; /* found: the certificate of its CRL-signing key */
	uint16_t ca, generation;
	bool here;
	bool older_too; /* an older CRL than the one that is here is left aside, not refused */
	char name[CA_NAME_MAX];
	struct ca_crl_record rec; /* what the store gets */
};

static enum setpki_code
look_at(struct search *s, const struct ca_ca_record *ca, const struct ca_generation *g, enum ca_purpose purpose,
    struct setpki_error *err)
{
	struct ca_cert_record rec;
	struct sp_cert cert;
	enum setpki_code rc;

	if (s->ca != 0 || g->keys[purpose].seq == 0)
		return SETPKI_E_OK;
	rc = ca_cert_get(s->t, ca->parent != 0 ? ca->parent : ca->id, g->keys[purpose].seq, &rec, err);
	if (rc != SETPKI_E_OK)
		return rc;
	rc = sp_cert_parse(rec.der, &cert, err);
	if (rc == SETPKI_E_OK && sp_bytes_eq(cert.subject, s->crl->issuer) &&
	    (cert.key_usage & SETPKI_KU_CRL_SIGN) != 0) {
		s->cert = rec;
		s->ca = ca->id;
		s->generation = g->number;
		s->here = ca->here;
		memcpy(s->name, ca->name, sizeof(s->name));
		return SETPKI_E_OK;
	}
	ca_cert_record_free(&rec);
	return rc;
}

static enum setpki_code
look_at_ca(void *arg, const struct ca_ca_record *ca, struct setpki_error *err)
{
	struct search *s = arg;
	enum setpki_code rc = SETPKI_E_OK;

	for (uint16_t i = 0; rc == SETPKI_E_OK && i < ca->ngenerations; i++) {
		rc = look_at(s, ca, &ca->generations[i], CA_PURPOSE_CRLSIGN, err);
		if (rc == SETPKI_E_OK)
			rc = look_at(s, ca, &ca->generations[i], CA_PURPOSE_CERTSIGN, err);
	}
	return rc;
}

static enum setpki_code
find_issuer(struct search *s, struct setpki_error *err)
{
	char name[256];
	enum setpki_code rc = ca_ca_each(s->t, look_at_ca, s, err);

	if (rc != SETPKI_E_OK)
		return rc;
	if (s->ca == 0)
		return sp_fail(err, SETPKI_E_NOTFOUND, NULL, "the CRL is of '%s', which is no CA of this home",
		    sp_name_text(s->crl->issuer, name, sizeof(name)));
	if (s->here)
		return sp_fail(err, SETPKI_E_STATE, NULL,
		    "the keys of %s live in this home: 'setca crl build' makes its CRLs", s->name);
	return SETPKI_E_OK;
}

/* A CA of this home that its superior, elsewhere, has revoked signs nothing any more. */
static enum setpki_code
retire_listed(void *arg, const struct ca_cert_record *cert, struct setpki_error *err)
{
	struct search *s = arg;
	char detail[128];
	bool retires;
	enum setpki_code rc;

	if (cert->generation != s->generation || !sp_crl_lookup(s->crl, cert->serial, NULL, NULL))
		return SETPKI_E_OK;
	rc = ca_retire_revoked(s->t, cert, &retires, err);
	if (rc != SETPKI_E_OK || !retires)
		return rc;
	snprintf(detail, sizeof(detail), "generation %u retired: revoked by %s", cert->subject_generation, s->name);
	return ca_publish_audit(s->h, s->t, CA_AUDIT_CA_CHANGED, cert->subject_ca, sp_bytes(NULL, 0), detail, err);
}

static enum setpki_code
store_import(struct search *s, struct ca_crl_record *rec, struct setpki_error *err)
{
	char detail[128];
	enum setpki_code rc = ca_crl_put(s->t, rec, err);

	snprintf(detail, sizeof(detail), "%s, generation %u, number %llu, %zu entries", s->name, s->generation,
	    (unsigned long long)rec->number, s->crl->count);
	if (rc == SETPKI_E_OK)
		rc = ca_publish_audit(s->h, s->t, CA_AUDIT_CRL_IMPORTED, s->ca, rec->der, detail, err);
	return rc == SETPKI_E_OK ? ca_cert_each(s->t, s->ca, 0, retire_listed, s, err) : rc;
}

static enum setpki_code
import_in(struct search *s, bool *same, struct setpki_error *err)
{
	struct ca_crl_record before;
	struct sp_cert cert;
	struct ca_gate gate = {.h = s->h, .t = s->t, .signer = &cert, .before = &before};
	enum setpki_code rc = find_issuer(s, err);
	int i;

	if (rc != SETPKI_E_OK)
		return rc;
	if ((i = ca_policy_find(s->h->policy, s->name)) < 0)
		return sp_fail(err, SETPKI_E_STATE, NULL, "%s is not in the policy in force any more", s->name);
	gate.policy = &s->h->policy->cas[i];
	gate.ca = s->rec.ca = s->ca;
	gate.generation = s->rec.generation = s->generation;
	rc = ca_crl_before(s->t, s->ca, s->generation, &before, err);
	if (rc != SETPKI_E_OK)
		return rc;
	*same = sp_bytes_eq(before.der, s->crl->der) ||
	    (s->older_too && before.der.n != 0 && s->rec.number < before.number);
	if (!*same) {
		rc = sp_cert_parse(s->cert.der, &cert, err);
		if (rc == SETPKI_E_OK)
			rc = ca_gate_crl(&gate, s->crl, err);
		if (rc == SETPKI_E_OK)
			rc = store_import(s, &s->rec, err);
	}
	ca_crl_record_free(&before);
	return rc;
}

static enum setpki_code
import(void *arg, ca_txn *t, bool *same, struct setpki_error *err)
{
	struct search *s = arg;
	enum setpki_code rc;

	s->t = t;
	rc = import_in(s, same, err);
	ca_cert_record_free(&s->cert);
	return rc;
}

static enum setpki_code
import_crl(struct ca_home *h, setpki_bytes der, bool older_too, struct ca_crl_record *out, bool *same,
    struct setpki_error *err)
{
	struct search s = {.h = h, .older_too = older_too};
	struct sp_crl crl;
	enum setpki_code rc = sp_crl_parse(h->ctx, der, &crl, err);

	if (rc != SETPKI_E_OK)
		return rc;
	s.crl = &crl;
	s.rec.number = crl.number_value < 0 ? 0 : (uint64_t)crl.number_value;
	s.rec.this_update = crl.this_update;
	s.rec.next_update = crl.next_update;
	s.rec.next_run = INT64_MAX; /* its own home makes the next one */
	s.rec.der = der;
	rc = ca_import_run(h, import, &s, same, err);
	sp_crl_free(&crl);
	s.rec.der = sp_bytes(NULL, 0);
	if (rc == SETPKI_E_OK && out != NULL)
		*out = s.rec;
	return rc;
}

enum setpki_code
ca_crl_import(struct ca_home *h, setpki_bytes der, struct ca_crl_record *out, bool *same, struct setpki_error *err)
{
	return import_crl(h, der, false, out, same, err);
}

enum setpki_code
ca_crl_import_newer(struct ca_home *h, setpki_bytes der, bool *taken, struct setpki_error *err)
{
	bool same = true;
	enum setpki_code rc = import_crl(h, der, true, NULL, &same, err);

	*taken = rc == SETPKI_E_OK && !same;
	return rc;
}
