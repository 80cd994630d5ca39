/* The CRLs of this home: where each stands, and building the next one.  Building stores nothing: ca/publish passes what
 * was built through its gate and commits it (ca_crl_issue()). */
#ifndef CA_REVOKE_CRL_H
#define CA_REVOKE_CRL_H

#include "ca/revoke/revoke.h"
#include "lib/x509/crl.h"

/* One generation whose CRLs this home makes or holds. */
struct ca_crl_status {
	uint16_t ca, generation, brand; /* brand: number of its brand CA; 0 for a root */
	char name[CA_NAME_MAX];
	bool here;	 /* its CRLs are made in this home; else they come by import */
	bool publishes;	 /* keeps CRLs, and is neither revoked, expired nor retired: its CRL belongs on the BCI */
	bool pending;	 /* revocations are recorded that its CRL does not list yet */
	bool due;	 /* to be made now: never made, scheduled for now or before, or pending */
	uint64_t number; /* of its CRL; 0: none yet */
	int64_t this_update, next_update, next_run;
	size_t size; /* bytes */
};

struct ca_crl_list {
	struct ca_crl_status *v;
	size_t n, cap;
};

/* Every generation that keeps CRLs or has one in the store, in the order of the CAs' numbers, then of generations. */
SP_MUST_CHECK enum setpki_code ca_crl_list_read(struct ca_home *h, struct ca_crl_list *out, struct setpki_error *err);
void ca_crl_list_free(struct ca_crl_list *l); /* and empties it */

/* The current CRL of a CA by name; `generation` 0: the newest that has one.  ca_crl_record_free().  NOTFOUND. */
SP_MUST_CHECK enum setpki_code ca_crl_read(
    struct ca_home *h, const char *ca, uint16_t generation, struct ca_crl_record *out, struct setpki_error *err);

/* A CRL that was built: its bytes stand in a file under run/ that nobody else sees, mapped.  ca_crl_built_free(). */
struct ca_crl_built {
	struct ca_crl_record record; /* der borrows from the map */
	uint64_t revocations;	     /* of the generation, counted when the entries were read */
	size_t entries;
	void *map;
	size_t map_len;
};

/* Builds the next CRL of a generation from the store, streaming in constant memory: number one up, thisUpdate = now,
 * the schedule of the policy; every revocation but those that stood on a CRL past the certificate's expiry (12.14).
 * `signer` was opened for CA_PURPOSE_CRLSIGN.  STATE: the clock is behind the CRL before. */
SP_MUST_CHECK enum setpki_code
ca_crl_build(struct ca_home *h, struct ca_signer *signer, struct ca_crl_built *out, struct setpki_error *err);
void ca_crl_built_free(struct ca_crl_built *b);
/* Inside the transaction that stores the CRL (`crl`: the same bytes, parsed): remembers which revocations it covers,
 * and which of its entries stood on it past their certificate's expiry. */
SP_MUST_CHECK enum setpki_code
ca_crl_covered(ca_txn *t, const struct ca_crl_built *b, const struct sp_crl *crl, struct setpki_error *err);

#endif
