/* What is asked of the engine for a request: from its record and from what the operator knows of its holder, never from
 * what the holder typed (set-protocol 12.10). */
#ifndef CA_REGISTER_ASKING_H
#define CA_REGISTER_ASKING_H

#include "ca/issue/issue.h"

struct ca_asking {
	struct ca_ee_request req;
	/* what it points into */
	struct ca_holder_record holder;
	struct sp_merchant_data merchant;
	struct ca_cert_record old;
	struct sp_buf common;
};

/* `rec` is borrowed, as long as `out` is used; `id`: idData as it came.  ca_asking_free() in any case.
 * NOTFOUND: the account list does not have this merchant or gateway. */
SP_MUST_CHECK enum setpki_code ca_asking_make(
    ca_txn *t, const struct ca_request_record *rec, const char *id, struct ca_asking *out, struct setpki_error *err);
void ca_asking_free(struct ca_asking *a);

/* Whether what a request rests on holds still: the certificates that a renewal names are unrevoked
 * (set-protocol 12.10), and the account list does not have its holder as blocked.  POLICY if not.  Asked again in the
 * transaction that issues, as both may change while a request waits. */
SP_MUST_CHECK enum setpki_code ca_asking_stands(
    struct ca_home *h, ca_txn *t, const struct ca_request_record *rec, const char *id, struct setpki_error *err);

/* The last second of a card's month, YYYYMM (set-protocol 12.12); 0: there is no such month. */
int64_t ca_card_ends(const char *expiry);

/* Whether a failure of the engine is for good: policy or key refuse it.  What is not may pass. */
bool ca_asking_refused(enum setpki_code rc);

#endif
