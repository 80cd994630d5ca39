/* The audit log: every state change is a leaf, appended in the transaction of the change. */
#ifndef CA_AUDIT_AUDIT_H
#define CA_AUDIT_AUDIT_H

#include "ca/home/home.h"

/* X(name, text): what happened. */
#define CA_AUDIT_EVENTS(X)                                                                                             \
	X(HOME_CREATED, "home created")                                                                                \
	X(POLICY_APPLIED, "policy put in force")                                                                       \
	X(KEY_MADE, "key made")                                                                                        \
	X(CA_ADDED, "CA added")                                                                                        \
	X(CA_CHANGED, "CA changed")                                                                                    \
	X(CERT_ISSUED, "certificate issued")                                                                           \
	X(CERT_IMPORTED, "certificate installed")                                                                      \
	X(SERIAL_BURNT, "serial burnt")                                                                                \
	X(REVOKED, "certificate revoked")                                                                              \
	X(CRL_ISSUED, "CRL issued")                                                                                    \
	X(CRL_IMPORTED, "CRL imported")                                                                                \
	X(BCI_ISSUED, "BCI issued")                                                                                    \
	X(PUBLISHED, "set published")                                                                                  \
	X(REQUEST_IN_PROGRESS, "request being checked")                                                                \
	X(REQUEST_PENDED, "request pended")                                                                            \
	X(REQUEST_APPROVED, "request approved")                                                                        \
	X(REQUEST_COMPLETE, "request complete")                                                                        \
	X(REQUEST_REJECTED, "request rejected")                                                                        \
	X(REQUEST_REFUSED, "request refused")                                                                          \
	X(REQUEST_VOTE, "request approved by one of several")                                                          \
	X(REQUEST_ERASED, "request's secrets erased")                                                                  \
	X(ACCOUNTS_IMPORTED, "accounts imported")                                                                      \
	X(ACCOUNTS_REMOVED, "accounts removed")                                                                        \
	X(HELD, "issuing held")                                                                                        \
	X(RELEASED, "issuing released")

enum ca_audit_event {
#define X(name, text) CA_AUDIT_##name,
	CA_AUDIT_EVENTS(X)
#undef X
	    CA_AUDIT_N
};

/* The event of a registration that gets into a state; a leaf of these has its wrapper's SHA-256 for object. */
enum ca_audit_event ca_audit_request_event(enum ca_request_state state);

/* One leaf.  Encoded as DER: SEQUENCE { version, index, time, event, policy hash, ca, serial?, object hash?, detail? }.
 */
struct ca_audit_leaf {
	uint64_t index;
	int64_t at;
	enum ca_audit_event event;
	uint8_t policy_hash[32];
	uint16_t ca;	     /* 0: none */
	setpki_bytes serial; /* of the certificate concerned; may be empty */
	uint8_t object[32];  /* SHA-256 of the DER of the object concerned; zeros: none */
	const char *detail;  /* one line for people, masked; may be NULL */
};

const char *ca_audit_event_text(enum ca_audit_event e); /* "certificate issued" */
const char *ca_audit_event_name(enum ca_audit_event e); /* "cert-issued" */
/* Appends; fills leaf->index.  Updates nodes and the stored edge in the same transaction. */
SP_MUST_CHECK enum setpki_code
ca_audit_append(struct ca_home *h, ca_txn *t, struct ca_audit_leaf *leaf, struct setpki_error *err);
/* Size and root of the log as the store has it. */
SP_MUST_CHECK enum setpki_code
ca_audit_head(struct ca_home *h, ca_txn *t, uint64_t *size, uint8_t root[32], struct setpki_error *err);
/* From leaf `from` on; fn may stop the walk by returning SETPKI_E_STATE, which is then returned as OK. */
typedef enum setpki_code ca_audit_fn(void *arg, const struct ca_audit_leaf *leaf, struct setpki_error *err);
SP_MUST_CHECK enum setpki_code
ca_audit_each(struct ca_home *h, ca_txn *t, uint64_t from, ca_audit_fn *fn, void *arg, struct setpki_error *err);
/* Recomputes every leaf hash, node, edge and root, checks order of indexes and times, and that each issued certificate,
 * revocation, CRL and registration of the store has its leaf and each leaf its object.  RULE with the first
 * disagreement. */
SP_MUST_CHECK enum setpki_code
ca_audit_verify(struct ca_home *h, uint64_t *size, uint8_t root[32], struct setpki_error *err);

#endif
