/* A request's states, and the log of them. */
#ifndef CA_REGISTER_STATE_H
#define CA_REGISTER_STATE_H

#include "ca/audit/audit.h"
#include "ca/register/desk.h"

/* Puts the record into a state, with all that belongs to it: when it changed, who waits for it, when its sealed parts
 * go (`keep` seconds after a final state). */
void ca_desk_set(struct ca_home *h, struct ca_request_record *rec, enum ca_request_state state,
    enum setpki_status status, int64_t keep);
/* One leaf about a request. */
SP_MUST_CHECK enum setpki_code ca_desk_audit(struct ca_home *h, ca_txn *t, const struct ca_request_record *rec,
    enum ca_audit_event event, struct setpki_error *err);
/* Stores what ca_desk_set() made of it, with its leaf. */
SP_MUST_CHECK enum setpki_code
ca_desk_put(struct ca_home *h, ca_txn *t, const struct ca_request_record *rec, struct setpki_error *err);

/* The desk that a request stands before, by the policy in force; NULL: its CA does not register in this role. */
const struct ca_desk *ca_desk_of(struct ca_home *h, const char *ca, const struct ca_request_record *rec);

#endif
