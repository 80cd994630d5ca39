/* The brand's signed list of its current CRLs: who belongs on it, and building the next one (set-protocol 12.14).
 * Building stores nothing: see ca_bci_issue() of ca/publish. */
#ifndef CA_REVOKE_BCI_H
#define CA_REVOKE_BCI_H

#include "ca/revoke/crl.h"
#include "lib/x509/bci.h"

/* One CRL that the BCI names. */
struct ca_bci_member {
	uint16_t ca, generation;
	char name[CA_NAME_MAX];
	uint64_t number;
	setpki_bytes issuer; /* whole Name: subject of the generation's certificate; owned by the list */
};

struct ca_bci_members {
	struct ca_bci_member *v;
	size_t n, cap;
};

/* The CRLs that a brand's BCI has to name now: of every generation of the roots, of the brand and of each CA below it
 * that still publishes, never of one that is revoked or expired.  STATE: one of them has no CRL in the store yet (build
 * or import it first).  `brand`: the number of a brand CA. */
SP_MUST_CHECK enum setpki_code
ca_bci_members_read(struct ca_home *h, uint16_t brand, struct ca_bci_members *out, struct setpki_error *err);
void ca_bci_members_free(struct ca_bci_members *m); /* and empties it */
/* Whether a BCI names exactly these, with these numbers. */
bool ca_bci_members_match(const struct ca_bci_members *m, const struct sp_bci *bci);

/* The current BCI of a brand CA by name; NULL: the only brand.  ca_bci_record_free().  NOTFOUND. */
SP_MUST_CHECK enum setpki_code
ca_bci_read(struct ca_home *h, const char *brand, struct ca_bci_record *out, struct setpki_error *err);

/* Builds and signs the brand's next BCI over these members: sequenceNum one up, notBefore = now, the schedule of the
 * policy.  `signer`: the newest brand generation, opened for CA_PURPOSE_CRLSIGN.  `out->der` is the caller's
 * (ca_bci_record_free()).  STATE: the clock is behind the BCI before. */
SP_MUST_CHECK enum setpki_code ca_bci_build(struct ca_home *h, struct ca_signer *signer,
    const struct ca_bci_members *members, struct ca_bci_record *out, struct setpki_error *err);

#endif
