/* What the files of ca/issue share: jobs under way, and their intents. */
#ifndef CA_ISSUE_INTENT_H
#define CA_ISSUE_INTENT_H

#include "ca/issue/issue.h"
#include "lib/base/limits.h"

/* One job on its way from intent to commit. */
struct ca_work {
	struct ca_issue_job *job;
	uint8_t serial[SP_SERIAL_LEN];
	uint8_t identity[32]; /* of the key to be certified */
	struct sp_buf tbs;    /* exactly what the intent holds */
	struct sp_buf der;    /* the signed certificate, */
	struct sp_cert cert;  /* and what is in it: borrowed from `der` */
};

/* Reserves serials and makes the exact TBS durable, before anything is signed: one transaction for all. */
SP_MUST_CHECK enum setpki_code ca_intents_open(
    struct ca_home *h, const struct ca_signer *signer, const struct ca_work *work, size_t n, struct setpki_error *err);
/* Gives up the intents of `work` that are still open, and says in the log why.  Best effort: what cannot be burnt now
 * is settled at the next start. */
void ca_intents_burn(struct ca_home *h, const struct ca_work *work, size_t n, const struct setpki_error *why);
/* The intent of this job is open, ours, and holds exactly the bytes that were signed; ends it.  STATE if not. */
SP_MUST_CHECK enum setpki_code ca_intent_close(
    struct ca_home *h, ca_txn *t, const struct ca_work *w, setpki_bytes signed_tbs, struct setpki_error *err);
/* The key of this job may be certified (set-protocol 12.11).  CONFLICT with the certificate that holds it already. */
SP_MUST_CHECK enum setpki_code
ca_key_uncertified(ca_txn *t, const struct ca_signer *signer, const struct ca_work *w, struct setpki_error *err);

/* A deep copy of what a walk of the store shows: ca_cert_record_free(). */
SP_MUST_CHECK enum setpki_code
ca_record_copy(const struct ca_cert_record *from, struct ca_cert_record *to, struct setpki_error *err);

#endif
