/* What the files of ca/publish share.  Everything here is called with run/publish.lock held. */
#ifndef CA_PUBLISH_PRIVATE_H
#define CA_PUBLISH_PRIVATE_H

#include "ca/publish/publish.h"

#define CA_PUBLISH_LOCK "publish"

SP_MUST_CHECK enum setpki_code ca_crl_issue_locked(
    struct ca_home *h, uint16_t ca, uint16_t generation, struct ca_crl_record *out, struct setpki_error *err);
SP_MUST_CHECK enum setpki_code ca_bci_issue_locked(struct ca_home *h, uint16_t brand,
    const struct ca_bci_members *members, struct ca_bci_record *out, struct setpki_error *err);
/* One audit leaf for an object. */
SP_MUST_CHECK enum setpki_code ca_publish_audit(struct ca_home *h, ca_txn *t, enum ca_audit_event event, uint16_t ca,
    setpki_bytes object, const char *detail, struct setpki_error *err);
/* The CRL in the store; zeroed if there is none.  ca_crl_record_free(). */
SP_MUST_CHECK enum setpki_code
ca_crl_before(ca_txn *t, uint16_t ca, uint16_t generation, struct ca_crl_record *out, struct setpki_error *err);

/* Writes the set of a brand's BCI to public/<brand>/<number>/, if it is not there, and makes it the current one. */
SP_MUST_CHECK enum setpki_code ca_set_publish(struct ca_home *h, const char *brand, const struct ca_bci_record *bci,
    const struct ca_bci_members *members, struct setpki_error *err);
/* The number of the current public set of a brand; 0: none. */
uint64_t ca_set_current(const struct ca_home *h, const char *brand);

/* A certificate by CA, generation and purpose.  ca_cert_record_free(). */
SP_MUST_CHECK enum setpki_code ca_generation_cert(ca_txn *t, uint16_t ca, uint16_t generation, enum ca_purpose purpose,
    struct ca_cert_record *out, struct setpki_error *err);

#endif
