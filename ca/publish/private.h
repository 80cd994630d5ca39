/* What the files of ca/publish share.  Everything here is called with run/publish.lock held. */
#ifndef CA_PUBLISH_PRIVATE_H
#define CA_PUBLISH_PRIVATE_H

#include "ca/publish/publish.h"

#define CA_PUBLISH_LOCK "publish"

SP_MUST_CHECK enum setpki_code ca_crl_issue_locked(
    struct ca_home *h, uint16_t ca, uint16_t generation, struct ca_crl_record *out, struct setpki_error *err);
SP_MUST_CHECK enum setpki_code ca_bci_issue_locked(struct ca_home *h, uint16_t brand,
    const struct ca_bci_members *members, struct ca_bci_record *out, struct setpki_error *err);
/* Another home's object: under the publication lock and in one transaction, which commits unless `*same` says that this
 * very object was taken before.  `import` works inside `t` and sets *same. */
typedef enum setpki_code ca_import_fn(void *arg, ca_txn *t, bool *same, struct setpki_error *err);
SP_MUST_CHECK enum setpki_code
ca_import_run(struct ca_home *h, ca_import_fn *import, void *arg, bool *same, struct setpki_error *err);
/* One audit leaf for an object. */
SP_MUST_CHECK enum setpki_code ca_publish_audit(struct ca_home *h, ca_txn *t, enum ca_audit_event event, uint16_t ca,
    setpki_bytes object, const char *detail, struct setpki_error *err);
/* The CRL in the store; zeroed if there is none.  ca_crl_record_free(). */
SP_MUST_CHECK enum setpki_code
ca_crl_before(ca_txn *t, uint16_t ca, uint16_t generation, struct ca_crl_record *out, struct setpki_error *err);

/* Writes the set of a brand's BCI to public/<brand>/<number>/ and makes it the current one; one that is current already
 * is left alone (`written` false). */
SP_MUST_CHECK enum setpki_code ca_set_publish(struct ca_home *h, const char *brand, const struct ca_bci_record *bci,
    const struct ca_bci_members *members, bool *written, struct setpki_error *err);
/* Walks them: every unexpired CA certificate of the brand and of the roots above it; `ca`: the subject's name. */
typedef enum setpki_code
ca_set_cert_fn(void *arg, const struct ca_cert_record *rec, const char *ca, struct setpki_error *err);
SP_MUST_CHECK enum setpki_code
ca_set_each_cert(struct ca_home *h, ca_txn *t, uint16_t brand, ca_set_cert_fn *fn, void *arg, struct setpki_error *err);
/* Which CA certificates a brand's set has to hold now, as a hash over them (set-protocol 12.11). */
SP_MUST_CHECK enum setpki_code
ca_set_certificates(struct ca_home *h, uint16_t brand, uint8_t out[32], struct setpki_error *err);

/* A certificate by CA, generation and purpose.  ca_cert_record_free(). */
SP_MUST_CHECK enum setpki_code ca_generation_cert(ca_txn *t, uint16_t ca, uint16_t generation, enum ca_purpose purpose,
    struct ca_cert_record *out, struct setpki_error *err);

#endif
