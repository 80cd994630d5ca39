/* What the policy puts into every certificate of an issuer, for end entities (ee.c) and CAs (ca/hierarchy) alike. */
#ifndef CA_ISSUE_SPEC_H
#define CA_ISSUE_SPEC_H

#include "ca/issue/issue.h"
#include "lib/base/limits.h"

#include <setpki/finding.h>

struct ca_spec_urls {
	char crl[SP_UB_URL + 1], aia[SP_UB_URL + 1];
};

/* What the certificates of a role are; `exch` NONE: it has no key exchange. */
struct ca_role_kinds {
	enum setpki_kind sig, exch;
	uint32_t type;
};
extern const struct ca_role_kinds ca_role_kinds[CA_ROLE_N];

/* Appends the subject of one generation of a CA: CN = identifier, " G", number (set-protocol 12.12). */
SP_MUST_CHECK enum setpki_code ca_spec_ca_subject(
    const struct ca_policy *p, int ca, uint16_t generation, struct sp_buf *out, struct setpki_error *err);
/* Zeroes `spec` and fills suite, criticality and the URLs of the issuing generation (its CRL and its certificate; none
 * for a root's own certificate), which live in `urls`.  LIMIT when one gets too long. */
SP_MUST_CHECK enum setpki_code ca_spec_begin(const struct ca_policy *p, int issuer, uint16_t generation,
    struct ca_spec_urls *urls, struct sp_cert_spec *spec, struct setpki_error *err);
/* The policy statement that `ca` puts into what it issues, and into its own certificates. */
struct sp_policy_text ca_spec_policy_text(const struct ca_policy_ca *ca);

/* The CA of that name: its index, or -1 with NOTFOUND and a suggestion. */
int ca_spec_find(const struct ca_policy *p, const char *name, struct setpki_error *err);
/* The CA and generation that a subject is the name of, byte for byte; *ca is -1 if it is none of the policy's. */
SP_MUST_CHECK enum setpki_code ca_spec_by_subject(
    const struct ca_policy *p, setpki_bytes subject, int *ca, uint16_t *generation, struct setpki_error *err);
/* RULE for the first finding that is an error; OK if none is. */
SP_MUST_CHECK enum setpki_code ca_spec_refuse(const struct setpki_findings *f, struct setpki_error *err);

#endif
