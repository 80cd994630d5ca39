/* Revoking certificates: one small write.  Needs no key: the record is made here, the next CRL lists it. */
#ifndef CA_REVOKE_REVOKE_H
#define CA_REVOKE_REVOKE_H

#include "ca/issue/issue.h"

#define CA_REVOKE_MAX 4096 /* certificates that one call (one transaction) takes */

/* One certificate to be revoked, and what became of it. */
struct ca_revocation {
	setpki_bytes serial; /* in: contents octets, borrowed */
	int reason;	     /* in: RFC 5280 5.3.1 (sp_reason_by_name()), -1: none.  out: that of the record */
	/* out */
	uint16_t ca, generation; /* who issued it: whose CRL lists it */
	char ca_name[CA_NAME_MAX];
	bool before;	   /* it was revoked already: at and reason are those of then, nothing was written */
	bool listed;	   /* its CA keeps CRLs; else it is recorded, and relying parties learn it another way */
	bool expired;	   /* it had expired already */
	bool retires;	   /* it was the certificate-signing certificate of a CA generation, which is retired by this */
	int64_t at;	   /* when it was revoked */
	uint64_t seq;	   /* its number under the issuing CA in the store */
	int64_t not_after; /* its own end */
};

/* Revokes all of them in one audited transaction, or none.
 * NOTFOUND: this home issued no such certificate; STATE: its issuer's keys (and so its CRL) live in another home;
 * RULE: a root's own certificate, which no CRL can revoke; ARGUMENT: an unknown reason, or more than CA_REVOKE_MAX.
 * Revoking what is revoked is no error: see `before`. */
SP_MUST_CHECK enum setpki_code
ca_revoke(struct ca_home *h, struct ca_revocation *v, size_t n, struct setpki_error *err);

/* Whether a certificate (by its issuing CA's number and its serial) is revoked: in this home's records, or, where the
 * CA lives in another home, on its current CRL here.  `at` and `reason` may be NULL. */
SP_MUST_CHECK enum setpki_code ca_is_revoked(ca_txn *t, setpki_ctx *ctx, const struct ca_cert_record *cert,
    bool *revoked, int64_t *at, int *reason, struct setpki_error *err);

/* A CA generation whose present certificate-signing certificate is `cert`, which is revoked, signs nothing any more:
 * retires it in the store.  `retires`: there was one to retire. */
SP_MUST_CHECK enum setpki_code
ca_retire_revoked(ca_txn *t, const struct ca_cert_record *cert, bool *retires, struct setpki_error *err);

#endif
