/* The CAs as policy and store see them together: what plans are computed from and steps look at. */
#ifndef CA_HIERARCHY_STATE_H
#define CA_HIERARCHY_STATE_H

#include "ca/hierarchy/plan.h"

/* One record for each CA of the policy, at the policy's index.  A CA that the store does not know (or all, without a
 * home) is shown as ca_init_begin() will record it: one waiting generation. */
struct ca_state {
	const struct ca_policy *policy; /* borrowed */
	struct ca_ca_record *v;
	bool *known;
};

SP_MUST_CHECK enum setpki_code ca_state_read(struct ca_home *h, const struct ca_policy *policy, const char *only,
    struct ca_state *out, struct setpki_error *err);
/* The same inside a transaction. */
SP_MUST_CHECK enum setpki_code ca_state_read_in(
    ca_txn *t, const struct ca_policy *policy, const char *only, struct ca_state *out, struct setpki_error *err);
void ca_state_free(struct ca_state *s);
/* Notes that this home was made for one CA, so that CAs added to the policy later are not taken to live here. */
SP_MUST_CHECK enum setpki_code ca_state_mark_only(ca_txn *t, const char *only, struct setpki_error *err);

/* A generation of a record; NULL if it has none of that number. */
struct ca_generation *ca_state_generation(const struct ca_ca_record *rec, uint16_t number);
/* The newest active generation, else the newest waiting one: what certifies CAs below it.  NULL if there is none. */
struct ca_generation *ca_state_newest(const struct ca_ca_record *rec);
/* The index of the CA whose record has this number; -1. */
int ca_state_index(const struct ca_state *s, uint16_t id);
/* Appends a waiting generation to a record. */
SP_MUST_CHECK enum setpki_code ca_state_add_generation(
    struct ca_ca_record *rec, uint16_t number, uint16_t superior_generation, struct setpki_error *err);
/* Whether every key that the policy gives this CA has its certificate. */
bool ca_state_complete(const struct ca_policy_ca *ca, const struct ca_generation *g);
/* After a certificate of generation `number` was recorded: a complete one becomes active, and the one before closes
 * (set-protocol 12.12). */
void ca_state_activate(const struct ca_policy_ca *ca, struct ca_ca_record *rec, uint16_t number);

/* The SubjectPublicKeyInfo of a generation's key, kept beside the record so that certifying a key does not take its
 * passphrase; `slot` is an enum ca_purpose, or CA_SLOT_NEXT_ROOT for the key of the root after this one.  NOTFOUND. */
#define CA_SLOT_NEXT_ROOT CA_PURPOSE_N
SP_MUST_CHECK enum setpki_code
ca_state_spki(ca_txn *t, uint16_t ca, uint16_t generation, unsigned slot, struct sp_buf *out, struct setpki_error *err);
SP_MUST_CHECK enum setpki_code ca_state_spki_put(
    ca_txn *t, uint16_t ca, uint16_t generation, unsigned slot, setpki_bytes spki, struct setpki_error *err);

/* Renewals that wait for a superior in another home: asked for by a plan, done by ca install. */
SP_MUST_CHECK enum setpki_code ca_state_renewal(struct ca_home *h, uint16_t ca, uint16_t generation,
    enum ca_purpose purpose, bool *wanted, struct setpki_error *err);
SP_MUST_CHECK enum setpki_code ca_state_renewal_put(
    ca_txn *t, uint16_t ca, uint16_t generation, enum ca_purpose purpose, bool wanted, struct setpki_error *err);

/* The generation that a roll of this CA has begun and not seen through to publication; 0: none. */
SP_MUST_CHECK enum setpki_code ca_state_rolling(ca_txn *t, uint16_t ca, uint16_t *generation, struct setpki_error *err);
SP_MUST_CHECK enum setpki_code
ca_state_rolling_put(ca_txn *t, uint16_t ca, uint16_t generation, struct setpki_error *err);

/* One leaf about a CA, under the policy in force; `detail` may be NULL. */
__attribute__((format(printf, 6, 7))) SP_MUST_CHECK enum setpki_code ca_state_audit(struct ca_home *h, ca_txn *t,
    enum ca_audit_event event, uint16_t ca, struct setpki_error *err, const char *fmt, ...);

#endif
