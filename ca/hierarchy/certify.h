/* Certificates of CAs: what the policy says of each, and their issue by a superior whose key is here. */
#ifndef CA_HIERARCHY_CERTIFY_H
#define CA_HIERARCHY_CERTIFY_H

#include "ca/hierarchy/state.h"
#include "ca/issue/spec.h"

/* One CA certificate, as the policy has it.  `job` borrows from the rest.  ca_certify_free(). */
struct ca_certify {
	int ca; /* index into the policy */
	uint16_t generation;
	enum ca_purpose purpose;
	struct sp_buf subject, spki, next_root;
	struct ca_spec_urls urls;
	struct ca_issue_job job;
};

/* Fills everything from policy, signer (loaded; the CA itself for a root) and public key; `c->spki`, and `c->next_root`
 * for a root, are given.  Validity begins now and is cut to the signer's.  STATE when the signer may not sign now, or
 * (`renews`) is another generation than the one that signed before. */
SP_MUST_CHECK enum setpki_code ca_certify_fill(struct ca_home *h, const struct ca_signer *signer, struct ca_certify *c,
    bool renews, uint64_t replaces, struct setpki_error *err);
void ca_certify_free(struct ca_certify *c);

/* Notes a certificate that was just stored in the record of the CA it is for, makes a complete generation active,
 * makes the sets that it belongs in due, and audits. */
SP_MUST_CHECK enum setpki_code
ca_certify_note(struct ca_home *h, ca_txn *t, const struct ca_cert_record *cert, struct setpki_error *err);

/* For ca_issue_jobs(): the same for all new certificates.  `arg` is the struct ca_home. */
ca_issue_commit_fn ca_certify_commit;

/* Certifies the keys of one generation that `purposes` (1 << enum ca_purpose) names: those without a certificate, or
 * with `renew` those with one.  *blocked: its superior has no certificate itself yet. */
SP_MUST_CHECK enum setpki_code ca_certify_generation(struct ca_home *h, int ca, uint16_t generation, unsigned purposes,
    bool renew, bool *blocked, struct setpki_error *err);

#endif
