/* CRLs through the gate into the store. */
#include "ca/publish/gate.h"
#include "ca/publish/private.h"

#include <setpki/text.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum setpki_code
ca_publish_audit(struct ca_home *h, ca_txn *t, enum ca_audit_event event, uint16_t ca, setpki_bytes object,
    const char *detail, struct setpki_error *err)
{
	struct ca_audit_leaf leaf = {.at = h->now, .event = event, .ca = ca, .detail = detail};
	enum setpki_code rc = object.n == 0 ? SETPKI_E_OK : sp_sha256(h->ctx, object, leaf.object, err);

	memcpy(leaf.policy_hash, h->policy->hash, sizeof(leaf.policy_hash));
	return rc == SETPKI_E_OK ? ca_audit_append(h, t, &leaf, err) : rc;
}

enum setpki_code
ca_generation_cert(ca_txn *t, uint16_t ca_id, uint16_t generation, enum ca_purpose purpose, struct ca_cert_record *out,
    struct setpki_error *err)
{
	struct ca_ca_record ca;
	uint64_t seq = 0;
	enum setpki_code rc = ca_ca_get(t, ca_id, &ca, err);

	memset(out, 0, sizeof(*out));
	if (rc != SETPKI_E_OK)
		return rc;
	for (uint16_t i = 0; i < ca.ngenerations; i++)
		if (ca.generations[i].number == generation)
			seq = ca.generations[i].keys[purpose].seq;
	if (seq == 0)
		rc = sp_fail(err, SETPKI_E_NOTFOUND, NULL, "%s, generation %u, has no %s certificate", ca.name,
		    generation, ca_purpose_name(purpose));
	else
		rc = ca_cert_get(t, ca.parent != 0 ? ca.parent : ca.id, seq, out, err);
	ca_ca_record_free(&ca);
	return rc;
}

enum setpki_code
ca_crl_before(ca_txn *t, uint16_t ca, uint16_t generation, struct ca_crl_record *out, struct setpki_error *err)
{
	enum setpki_code rc = ca_crl_get(t, ca, generation, out, NULL);

	if (rc == SETPKI_E_OK)
		return rc;
	memset(out, 0, sizeof(*out));
	return rc == SETPKI_E_NOTFOUND ? SETPKI_E_OK : sp_fail(err, rc, NULL, "the CRLs in the store cannot be read");
}

/* Gate and store, in one transaction. */
static enum setpki_code
admit(struct ca_home *h, ca_txn *t, const struct ca_signer *signer, const struct ca_crl_built *built,
    const struct sp_crl *crl, struct setpki_error *err)
{
	struct ca_crl_record before;
	struct ca_gate gate = {.h = h,
	    .t = t,
	    .signer = &signer->cert,
	    .policy = &h->policy->cas[signer->policy_index],
	    .ca = signer->ca.id,
	    .generation = signer->generation,
	    .ours = true,
	    .before = &before};
	char detail[128];
	enum setpki_code rc = ca_crl_before(t, signer->ca.id, signer->generation, &before, err);

	if (rc != SETPKI_E_OK)
		return rc;
	snprintf(detail, sizeof(detail), "%s, generation %u, number %llu, %zu entries", signer->ca.name,
	    signer->generation, (unsigned long long)built->record.number, built->entries);
	rc = ca_gate_crl(&gate, crl, err);
	if (rc == SETPKI_E_OK)
		rc = ca_crl_put(t, &built->record, err);
	if (rc == SETPKI_E_OK)
		rc = ca_crl_covered(t, built, crl, err);
	if (rc == SETPKI_E_OK)
		rc = ca_publish_audit(h, t, CA_AUDIT_CRL_ISSUED, signer->ca.id, built->record.der, detail, err);
	ca_crl_record_free(&before);
	return rc;
}

static enum setpki_code
check_unrevoked(const struct ca_home *h, const struct ca_signer *signer, struct setpki_error *err)
{
	bool revoked = false;
	ca_txn *t;
	enum setpki_code rc;

	if (signer->cert_record.kind == SETPKI_KIND_ROOT)
		return SETPKI_E_OK;
	if ((rc = ca_txn_begin(h->store, false, &t, err)) != SETPKI_E_OK)
		return rc;
	rc = ca_is_revoked(t, h->ctx, &signer->cert_record, &revoked, NULL, NULL, err);
	ca_txn_abort(t);
	if (rc == SETPKI_E_OK && revoked)
		rc = sp_fail(err, SETPKI_E_STATE, "set-protocol 12.14",
		    "the certificate of %s for CRL signing is revoked: 'setca ca roll' begins a new generation",
		    signer->ca.name);
	return rc;
}

static enum setpki_code
may_sign(const struct ca_home *h, const struct ca_signer *signer, struct setpki_error *err)
{
	if (!h->policy->cas[signer->policy_index].crl.keeps)
		return sp_fail(
		    err, SETPKI_E_STATE, "set-protocol 6", "%s keeps no CRLs by the policy in force", signer->ca.name);
	if (signer->cert.der.n == 0 || signer->cert.not_after < h->now)
		return sp_fail(err, SETPKI_E_STATE, "set-protocol 12.13",
		    "the CRL-signing certificate of %s has expired", signer->ca.name);
	return check_unrevoked(h, signer, err);
}

static enum setpki_code
commit_built(struct ca_home *h, struct ca_signer *signer, const struct ca_crl_built *built, struct setpki_error *err)
{
	struct sp_crl crl;
	ca_txn *t = NULL;
	enum setpki_code rc = sp_crl_parse(h->ctx, built->record.der, &crl, err);

	if (rc != SETPKI_E_OK)
		return rc;
	rc = ca_txn_begin(h->store, true, &t, err);
	if (rc == SETPKI_E_OK && (rc = admit(h, t, signer, built, &crl, err)) == SETPKI_E_OK)
		rc = ca_txn_commit(t, err);
	else
		ca_txn_abort(t);
	sp_crl_free(&crl);
	return rc;
}

enum setpki_code
ca_crl_issue_locked(
    struct ca_home *h, uint16_t ca, uint16_t generation, struct ca_crl_record *out, struct setpki_error *err)
{
	struct ca_signer signer;
	struct ca_crl_built built = {0};
	enum setpki_code rc = ca_signer_load(h, ca, generation, CA_PURPOSE_CRLSIGN, &signer, err);

	if (rc != SETPKI_E_OK)
		return rc;
	rc = may_sign(h, &signer, err);
	if (rc == SETPKI_E_OK)
		rc = ca_signer_unlock(h, &signer, err);
	if (rc == SETPKI_E_OK)
		rc = ca_crl_build(h, &signer, &built, err);
	if (rc == SETPKI_E_OK)
		rc = commit_built(h, &signer, &built, err);
	if (rc == SETPKI_E_OK && out != NULL) {
		*out = built.record;
		out->der = sp_bytes(NULL, 0);
	}
	ca_crl_built_free(&built);
	ca_signer_close(&signer);
	return rc;
}

enum setpki_code
ca_crl_issue(struct ca_home *h, uint16_t ca, uint16_t generation, struct ca_crl_record *out, struct setpki_error *err)
{
	int lock;
	enum setpki_code rc = ca_home_lock(h, CA_PUBLISH_LOCK, true, &lock, err);

	if (rc != SETPKI_E_OK)
		return rc;
	rc = ca_crl_issue_locked(h, ca, generation, out, err);
	close(lock);
	return rc;
}
