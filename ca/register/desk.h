/* What persons do at the desk, and what is needed without a session: approve, reject, issue, look at what is sealed. */
#ifndef CA_REGISTER_DESK_H
#define CA_REGISTER_DESK_H

#include "ca/issue/issue.h"

#include <setpki/message.h>

#define CA_DESK_ANSWERS_MAX SP_UB_FORM_FIELDS

/* The parts of a request that are sealed (set-protocol 12.8).  Secret: ca_desk_parts_free(). */
struct ca_desk_parts {
	uint8_t nonce_cca[SP_NONCE_LEN]; /* cardholders */
	setpki_bytes back_key;		 /* empty: none */
	char *id;			 /* idData as it came; the record masks what looks like a card number */
	struct ca_desk_answer {
		char *label, *value; /* value NULL: it came as octets, and is not kept */
	} answers[CA_DESK_ANSWERS_MAX];
	size_t nanswers;
	/* AcctIdentification, if acctDataField asks for it; NULL.  12.8 does not name it: it is the answer to a
	 * question of the desk as those of the form are, and persons decide by it; so it is sealed, erased and masked
	 * as they are, and never in the clear. */
	char *account;
	/* What the checks said, for persons of the CA: why it is refused, or why nobody but persons decides it; NULL.
	 */
	char *cause;
	struct setpki_failed_item failed[CA_DESK_ANSWERS_MAX];
	size_t nfailed;
};
void ca_desk_parts_free(struct ca_desk_parts *p);

/* Seals parts for the request with this wrapper, under the home's secret; opens them.  NOTFOUND: they are erased;
 * STATE: they were sealed under another secret, or for another request.  `out` of sealing: OPENSSL_free(). */
SP_MUST_CHECK enum setpki_code ca_desk_seal(setpki_ctx *ctx, const uint8_t key[32], const uint8_t wrapper[32],
    const struct ca_desk_parts *p, setpki_bytes *out, struct setpki_error *err);
SP_MUST_CHECK enum setpki_code ca_desk_unseal(setpki_ctx *ctx, const uint8_t key[32],
    const struct ca_request_record *rec, struct ca_desk_parts *out, struct setpki_error *err);
/* Puts another cause into the sealed parts, masked.  As unsealing and sealing; on failure they are as they were. */
SP_MUST_CHECK enum setpki_code ca_desk_cause(
    setpki_ctx *ctx, const uint8_t key[32], struct ca_request_record *rec, const char *cause, struct setpki_error *err);
/* The secret that parts are sealed under.  The caller cleanses it. */
SP_MUST_CHECK enum setpki_code ca_desk_key(struct ca_home *h, uint8_t key[32], struct setpki_error *err);

/* Whether a request could be issued now, without issuing it; `name` (may be NULL): the commonName it would get.
 * NOTFOUND, POLICY, RULE ...: why it could not; what only stands in the way at present (a hold, keys that are
 * elsewhere) is OK. */
#define CA_DESK_NAME (4 * SP_UB_NAME_PART + 1)
SP_MUST_CHECK enum setpki_code
ca_desk_try(struct ca_home *h, uint64_t number, char name[CA_DESK_NAME], struct setpki_error *err);
/* How many persons have to approve it by the policy in force. */
SP_MUST_CHECK enum setpki_code
ca_desk_approvals(struct ca_home *h, const struct ca_request_record *rec, int *out, struct setpki_error *err);

/* Approves a pended request in the name of `by` (who may be anybody: setca trusts its operator, docs/security.md).
 * Where the policy asks for two persons, the second approval counts.  `out` (may be NULL): what it is now. NOTFOUND;
 * STATE: it is not pended; CONFLICT: `by` approved it before; ARGUMENT: a name that is none; POLICY, RULE ...: it could
 * not be issued, and why. */
SP_MUST_CHECK enum setpki_code ca_desk_approve(
    struct ca_home *h, uint64_t number, const char *by, struct ca_request_record *out, struct setpki_error *err);
/* The status of that name, if it is one of the three that follow; NONE else. */
enum setpki_status ca_desk_rejection(const char *name);
/* Rejects a request that is pended, or approved and not issued yet.  `status`: rejectedByIssuer, rejectedByAquirer or
 * rejectedByCA; NONE: what the kind of its holder calls for.  `message`: what its holder is told, at most 128
 * characters; NULL: nothing more. */
SP_MUST_CHECK enum setpki_code ca_desk_reject(struct ca_home *h, uint64_t number, const char *by,
    enum setpki_status status, const char *message, struct ca_request_record *out, struct setpki_error *err);
/* Issues what was approved; `signer` is the newest generation of its CA, opened for certificates (NULL: it is opened,
 * and its passphrase asked for).  A request that somebody else has issued meanwhile is fine.  `issued` and `out` (may
 * be NULL; ca_request_record_free()): how many certificates that made, and what the request is now, also on failure.
 * NOTFOUND; STATE: it is not approved, or nothing can be issued at present: it stays as it is; POLICY, RULE, CONFLICT
 * and the like: it is refused for good, and rejectedByCA now. */
SP_MUST_CHECK enum setpki_code ca_desk_issue(struct ca_home *h, uint64_t number, struct ca_signer *signer,
    size_t *issued, struct ca_request_record *out, struct setpki_error *err);

#endif
