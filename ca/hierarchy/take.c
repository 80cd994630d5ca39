/* ca install, second half: one transaction for everything that was accepted. */
#include "ca/hierarchy/install.h"
#include "lib/x509/name.h"

#include <string.h>

static enum setpki_code
audit(struct ca_home *h, ca_txn *t, const struct ca_cert_record *rec, const struct sp_cert *cert,
    struct setpki_error *err)
{
	struct ca_audit_leaf leaf = {
	    .at = h->now, .event = CA_AUDIT_CERT_IMPORTED, .ca = rec->ca, .serial = rec->serial};
	char detail[320], subject[256];
	enum setpki_code rc;

	if ((rc = sp_sha256(h->ctx, cert->der, leaf.object, err)) != SETPKI_E_OK)
		return rc;
	snprintf(detail, sizeof(detail), "%s: %s", setpki_kind_name((enum setpki_kind)rec->kind),
	    sp_name_text(cert->subject, subject, sizeof(subject)));
	leaf.detail = detail;
	memcpy(leaf.policy_hash, h->policy->hash, sizeof(leaf.policy_hash));
	return ca_audit_append(h, t, &leaf, err);
}

static enum setpki_code
take_one(struct ca_installing *in, ca_txn *t, const struct ca_incoming *c, struct setpki_error *err)
{
	const struct ca_policy_ca *pc = &in->h->policy->cas[c->ca];
	uint16_t id = in->s.v[c->ca].id;
	struct ca_cert_record rec = {.ca = pc->parent < 0 ? id : in->s.v[pc->parent].id,
	    .generation = c->issuer_generation,
	    .kind = (uint8_t)sp_cert_kind(&c->cert),
	    .purpose = (uint8_t)c->purpose,
	    .subject_ca = id,
	    .subject_generation = c->generation,
	    .renews_key = c->replaces != 0,
	    .issued_at = c->cert.not_before,
	    .not_before = c->cert.not_before,
	    .not_after = c->cert.not_after,
	    .serial = c->cert.serial,
	    .der = c->cert.der,
	    .holder = pc->name};
	enum setpki_code rc;

	memcpy(rec.key_identity, c->identity, sizeof(rec.key_identity));
	memcpy(rec.policy_hash, in->h->policy->hash, sizeof(rec.policy_hash));
	if ((rc = sp_sha256(in->h->ctx, c->cert.der, rec.request, err)) != SETPKI_E_OK ||
	    (rc = ca_cert_put(t, &rec, err)) != SETPKI_E_OK ||
	    (rc = audit(in->h, t, &rec, &c->cert, err)) != SETPKI_E_OK ||
	    (rc = ca_certify_note(in->h, t, &rec, err)) != SETPKI_E_OK)
		return rc;
	if (c->replaces != 0)
		rc = ca_state_renewal_put(t, id, c->generation, c->purpose, false, err);
	return rc;
}

static enum setpki_code
take_all(struct ca_installing *in, ca_txn *t, struct ca_install_result *out, struct setpki_error *err)
{
	enum setpki_code rc = SETPKI_E_OK;
	size_t ca, i;

	for (ca = 0; ca < in->h->policy->ncas; ca++)
		for (i = 0; i < in->n && rc == SETPKI_E_OK; i++) {
			if (in->v[i].ca != (int)ca || in->v[i].known)
				continue;
			rc = take_one(in, t, &in->v[i], err);
			++*(in->s.v[ca].here ? &out->certificates : &out->superiors);
		}
	return rc;
}

enum setpki_code
ca_installing_take(struct ca_installing *in, struct ca_install_result *out, struct setpki_error *err)
{
	ca_txn *t;
	enum setpki_code rc;

	if ((rc = ca_txn_begin(in->h->store, true, &t, err)) != SETPKI_E_OK)
		return rc;
	if ((rc = take_all(in, t, out, err)) == SETPKI_E_OK)
		return ca_txn_commit(t, err);
	ca_txn_abort(t);
	return rc;
}
