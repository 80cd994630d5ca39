/* The store: LMDB, one environment, the databases of docs/architecture.md.  Values handed out are copies unless said
 * otherwise.  A storage error ends the process that meets it (SETPKI_E_STORE all the way up): a transaction that met
 * one cannot be committed.  A store is for one thread; a process opens the same folder once; a child of fork() opens it
 * for itself.  One transaction may write at a time, over all processes: begin waits for it. */
#ifndef CA_STORE_STORE_H
#define CA_STORE_STORE_H

#include "ca/store/record.h"
#include "lib/base/error.h"

typedef struct ca_store ca_store;
typedef struct ca_txn ca_txn;

/* Opens (`create`: makes) the environment in `dir`.  STATE for a schema version that this program does not know. */
SP_MUST_CHECK enum setpki_code ca_store_open(const char *dir, bool create, ca_store **out, struct setpki_error *err);
void ca_store_close(ca_store *s); /* NULL is fine; no transaction may be open */
/* Bytes that fit in yet, in the map and on the disk.  STATE, with *left set, below the low-water mark: nothing is to be
 * issued then; revocation and publication go on. */
SP_MUST_CHECK enum setpki_code ca_store_headroom(ca_store *s, uint64_t *left, struct setpki_error *err);

/* How the store stands. */
struct ca_store_stat {
	uint64_t used, mapped; /* bytes: taken of the map, and its size now */
	uint64_t left;	       /* as ca_store_headroom() */
	bool low;	       /* below the low-water mark */
	uint64_t changes;      /* transactions that wrote, ever: another number, another state */
	uint64_t readers;      /* open read transactions, over all processes */
	uint64_t oldest;       /* how many writes the oldest of them is behind; it keeps that many versions alive */
	uint64_t intents;      /* open */
};
SP_MUST_CHECK enum setpki_code ca_store_stat(ca_store *s, struct ca_store_stat *out, struct setpki_error *err);
/* ca_store_stat.changes alone, which costs next to nothing. */
SP_MUST_CHECK enum setpki_code ca_store_changes(ca_store *s, uint64_t *out, struct setpki_error *err);

/* Between begin and commit or abort, keep it short: a reader keeps old pages alive, a writer keeps others waiting.  In
 * one thread several may read beside one that writes. */
SP_MUST_CHECK enum setpki_code ca_txn_begin(ca_store *s, bool write, ca_txn **out, struct setpki_error *err);
/* Durable when it returns OK.  The transaction is gone either way. */
SP_MUST_CHECK enum setpki_code ca_txn_commit(ca_txn *t, struct setpki_error *err);
void ca_txn_abort(ca_txn *t); /* NULL is fine */
bool ca_txn_may_write(const ca_txn *t);

/* meta: small named values.  NOTFOUND when absent; the value is borrowed until the transaction ends or writes. */
SP_MUST_CHECK enum setpki_code ca_meta_get(ca_txn *t, const char *name, setpki_bytes *out, struct setpki_error *err);
SP_MUST_CHECK enum setpki_code ca_meta_put(ca_txn *t, const char *name, setpki_bytes value, struct setpki_error *err);
SP_MUST_CHECK enum setpki_code ca_meta_del(ca_txn *t, const char *name, struct setpki_error *err);
/* Those whose names begin with `prefix`, in order; name and value are borrowed for the call. */
typedef enum setpki_code ca_meta_fn(void *arg, setpki_bytes name, setpki_bytes value, struct setpki_error *err);
SP_MUST_CHECK enum setpki_code
ca_meta_each(ca_txn *t, const char *prefix, ca_meta_fn *fn, void *arg, struct setpki_error *err);

/* ca: by number.  A CA has one number over all its generations, given at its first put (out: ca->id); a later one
 * replaces the record.  CONFLICT: another CA has that name.  Records that were read: ca_ca_record_free(). */
SP_MUST_CHECK enum setpki_code ca_ca_put(ca_txn *t, struct ca_ca_record *ca, struct setpki_error *err);
SP_MUST_CHECK enum setpki_code ca_ca_get(ca_txn *t, uint16_t id, struct ca_ca_record *out, struct setpki_error *err);
SP_MUST_CHECK enum setpki_code
ca_ca_find(ca_txn *t, const char *name, struct ca_ca_record *out, struct setpki_error *err);
typedef enum setpki_code ca_ca_fn(void *arg, const struct ca_ca_record *ca, struct setpki_error *err);
SP_MUST_CHECK enum setpki_code ca_ca_each(ca_txn *t, ca_ca_fn *fn, void *arg, struct setpki_error *err);

/* cert: appended under (issuing CA's number, next sequence number, from 1); fills rec->seq.  Writes the indexes by
 * serial, key, holder (if there is one) and request (unless it is zeros).  CONFLICT, with nothing written: the CA has a
 * certificate with that serial, or the key identity is indexed already, unless rec->renews_key (12.11): then the newest
 * certificate is the one that ca_cert_by_key() gives. */
SP_MUST_CHECK enum setpki_code ca_cert_put(ca_txn *t, struct ca_cert_record *rec, struct setpki_error *err);
/* How many certificates a CA has issued, without walking them. */
SP_MUST_CHECK enum setpki_code ca_cert_count(ca_txn *t, uint16_t ca, uint64_t *n, struct setpki_error *err);
/* Lookups; records own their memory: ca_cert_record_free().  NOTFOUND. */
SP_MUST_CHECK enum setpki_code
ca_cert_get(ca_txn *t, uint16_t ca, uint64_t seq, struct ca_cert_record *out, struct setpki_error *err);
SP_MUST_CHECK enum setpki_code
ca_cert_by_serial(ca_txn *t, setpki_bytes serial, struct ca_cert_record *out, struct setpki_error *err);
/* The same for one issuing CA; serials that we did not draw may be some other CA's too. */
SP_MUST_CHECK enum setpki_code
ca_cert_by_ca_serial(ca_txn *t, uint16_t ca, setpki_bytes serial, struct ca_cert_record *out, struct setpki_error *err);
SP_MUST_CHECK enum setpki_code
ca_cert_by_key(ca_txn *t, const uint8_t identity[32], struct ca_cert_record *out, struct setpki_error *err);
/* By request identity (architecture: "the same request gets the same answer"): the records it produced, in order.
 * NOTFOUND if there are none.  Walks show borrowed records: what is to outlive the call is copied. */
typedef enum setpki_code ca_cert_fn(void *arg, const struct ca_cert_record *rec, struct setpki_error *err);
SP_MUST_CHECK enum setpki_code
ca_cert_by_request(ca_txn *t, const uint8_t request[32], ca_cert_fn *fn, void *arg, struct setpki_error *err);
/* By holder name (exact), and in order of issue from sequence number `from` on; fn may stop the walk by returning
 * SETPKI_E_STATE, which is then returned as OK. */
SP_MUST_CHECK enum setpki_code
ca_cert_by_holder(ca_txn *t, const char *holder, ca_cert_fn *fn, void *arg, struct setpki_error *err);
SP_MUST_CHECK enum setpki_code
ca_cert_each(ca_txn *t, uint16_t ca, uint64_t from, ca_cert_fn *fn, void *arg, struct setpki_error *err);

/* intent: reserved serial and exact TBS, by serial.  CONFLICT if there is one for it.  ca_intent_record_free(). */
SP_MUST_CHECK enum setpki_code ca_intent_put(ca_txn *t, const struct ca_intent_record *rec, struct setpki_error *err);
SP_MUST_CHECK enum setpki_code
ca_intent_get(ca_txn *t, setpki_bytes serial, struct ca_intent_record *out, struct setpki_error *err);
SP_MUST_CHECK enum setpki_code ca_intent_del(ca_txn *t, setpki_bytes serial, struct setpki_error *err);
typedef enum setpki_code ca_intent_fn(void *arg, const struct ca_intent_record *rec, struct setpki_error *err);
SP_MUST_CHECK enum setpki_code ca_intent_each(ca_txn *t, ca_intent_fn *fn, void *arg, struct setpki_error *err);

/* revoked: by the CA whose CRL (generation) lists it, and serial: range scans are in CRL order.  CONFLICT if this CA
 * has it revoked, under whatever generation. */
SP_MUST_CHECK enum setpki_code ca_revoked_put(ca_txn *t, const struct ca_revoked_record *rec, struct setpki_error *err);
/* Replaces a record that is there (NOTFOUND else). */
SP_MUST_CHECK enum setpki_code
ca_revoked_update(ca_txn *t, const struct ca_revoked_record *rec, struct setpki_error *err);
/* out->serial is the caller's `serial`. */
SP_MUST_CHECK enum setpki_code
ca_revoked_get(ca_txn *t, uint16_t ca, setpki_bytes serial, struct ca_revoked_record *out, struct setpki_error *err);
SP_MUST_CHECK enum setpki_code ca_revoked_del(ca_txn *t, uint16_t ca, setpki_bytes serial, struct setpki_error *err);
/* A cursor over one CA generation's revocations; records borrow from the map.  ca_revoked_next: false at the end, and
 * at a record that cannot be read: ca_revoked_status() tells the two apart, and has to be asked before what was read is
 * trusted to be all. */
typedef struct ca_revoked_cursor ca_revoked_cursor;
SP_MUST_CHECK enum setpki_code
ca_revoked_open(ca_txn *t, uint16_t ca, uint16_t generation, ca_revoked_cursor **out, struct setpki_error *err);
bool ca_revoked_next(ca_revoked_cursor *c, struct ca_revoked_record *rec);
SP_MUST_CHECK enum setpki_code ca_revoked_status(const ca_revoked_cursor *c, struct setpki_error *err);
void ca_revoked_rewind(ca_revoked_cursor *c);
void ca_revoked_close(ca_revoked_cursor *c);

/* crl and bci: the current object and state of each CA generation / brand (record.h). */
SP_MUST_CHECK enum setpki_code ca_crl_put(ca_txn *t, const struct ca_crl_record *rec, struct setpki_error *err);
SP_MUST_CHECK enum setpki_code
ca_crl_get(ca_txn *t, uint16_t ca, uint16_t generation, struct ca_crl_record *out, struct setpki_error *err);
/* The same, with the DER borrowed from the map until the transaction ends or writes: not to be freed. */
SP_MUST_CHECK enum setpki_code
ca_crl_look(ca_txn *t, uint16_t ca, uint16_t generation, struct ca_crl_record *out, struct setpki_error *err);
SP_MUST_CHECK enum setpki_code ca_bci_put(ca_txn *t, const struct ca_bci_record *rec, struct setpki_error *err);
SP_MUST_CHECK enum setpki_code
ca_bci_get(ca_txn *t, uint16_t brand, struct ca_bci_record *out, struct setpki_error *err);

/* account: an issuer's cards, by CA and keyed hash of the PAN.  put replaces; ARGUMENT: digits that are none. */
SP_MUST_CHECK enum setpki_code ca_account_put(ca_txn *t, const struct ca_account_record *rec, struct setpki_error *err);
SP_MUST_CHECK enum setpki_code
ca_account_get(ca_txn *t, uint16_t ca, const uint8_t hash[32], struct ca_account_record *out, struct setpki_error *err);
SP_MUST_CHECK enum setpki_code ca_account_del(ca_txn *t, uint16_t ca, const uint8_t hash[32], struct setpki_error *err);
/* Those of a CA in the order of their hashes, from the one behind `after` on (NULL: all); fn may stop the walk by
 * returning SETPKI_E_STATE, which is then returned as OK. */
typedef enum setpki_code ca_account_fn(void *arg, const struct ca_account_record *rec, struct setpki_error *err);
SP_MUST_CHECK enum setpki_code
ca_account_each(ca_txn *t, uint16_t ca, const uint8_t *after, ca_account_fn *fn, void *arg, struct setpki_error *err);

/* holder: an acquirer's merchants and gateways, by CA, role, BIN and identifier.  put replaces; ARGUMENT: a BIN or
 * identifier that is none (merchants have one), too many names.  ca_holder_record_free(). */
SP_MUST_CHECK enum setpki_code ca_holder_put(ca_txn *t, const struct ca_holder_record *rec, struct setpki_error *err);
SP_MUST_CHECK enum setpki_code ca_holder_get(ca_txn *t, uint16_t ca, uint8_t role, const char *bin, const char *id,
    struct ca_holder_record *out, struct setpki_error *err);
SP_MUST_CHECK enum setpki_code
ca_holder_del(ca_txn *t, uint16_t ca, uint8_t role, const char *bin, const char *id, struct setpki_error *err);
/* Those of a CA in the order of their keys, from the one behind `after` on (its role, bin and id count; NULL: all);
 * fn may stop the walk as above.  Records are borrowed for the call. */
typedef enum setpki_code ca_holder_fn(void *arg, const struct ca_holder_record *rec, struct setpki_error *err);
SP_MUST_CHECK enum setpki_code ca_holder_each(ca_txn *t, uint16_t ca, const struct ca_holder_record *after,
    ca_holder_fn *fn, void *arg, struct setpki_error *err);

/* request: registrations, in the order they came.  add gives rec->number; CONFLICT: a request with this wrapper is
 * there. put replaces; its wrapper and lid-CA stay.  ca_request_record_free(). */
SP_MUST_CHECK enum setpki_code ca_request_add(ca_txn *t, struct ca_request_record *rec, struct setpki_error *err);
SP_MUST_CHECK enum setpki_code ca_request_put(ca_txn *t, const struct ca_request_record *rec, struct setpki_error *err);
SP_MUST_CHECK enum setpki_code
ca_request_get(ca_txn *t, uint64_t number, struct ca_request_record *out, struct setpki_error *err);
SP_MUST_CHECK enum setpki_code
ca_request_by_wrapper(ca_txn *t, const uint8_t wrapper[32], struct ca_request_record *out, struct setpki_error *err);
/* Walks show copies in transactions that write, else borrowed records; fn may stop them by returning SETPKI_E_STATE,
 * which is then returned as OK.  Those of a lid-CA, the newest first; those in a state (CA_REQUEST_STATES: in any), in
 * order, from `from` on. */
typedef enum setpki_code ca_request_fn(void *arg, const struct ca_request_record *rec, struct setpki_error *err);
SP_MUST_CHECK enum setpki_code
ca_request_by_lid(ca_txn *t, const uint8_t lid_ca[CA_LID_CA], ca_request_fn *fn, void *arg, struct setpki_error *err);
SP_MUST_CHECK enum setpki_code ca_request_each(
    ca_txn *t, enum ca_request_state state, uint64_t from, ca_request_fn *fn, void *arg, struct setpki_error *err);
/* How many are in a state. */
SP_MUST_CHECK enum setpki_code
ca_request_count(ca_txn *t, enum ca_request_state state, uint64_t *n, struct setpki_error *err);

/* kept: what CertReqs were answered, by wrapper; and which wrapper used an RRPID with a key.  put: CONFLICT, with
 * nothing written, if that pair was used by another wrapper.  The answer that look gives is borrowed until the
 * transaction ends or writes.  NOTFOUND. */
SP_MUST_CHECK enum setpki_code ca_kept_put(ca_txn *t, const struct ca_kept_record *rec, struct setpki_error *err);
SP_MUST_CHECK enum setpki_code
ca_kept_look(ca_txn *t, const uint8_t wrapper[32], struct ca_kept_record *out, struct setpki_error *err);
SP_MUST_CHECK enum setpki_code ca_kept_del(ca_txn *t, const uint8_t wrapper[32], struct setpki_error *err);
SP_MUST_CHECK enum setpki_code ca_rrpid_get(
    ca_txn *t, const uint8_t rrpid[SP_NONCE_LEN], const uint8_t key[32], uint8_t wrapper[32], struct setpki_error *err);

/* due: what is to be erased, the earliest first, at `until` or before; NOTFOUND when there is nothing. ca_request_put()
 * and the functions above keep it. */
SP_MUST_CHECK enum setpki_code ca_due_first(ca_txn *t, int64_t until, struct ca_due *out, struct setpki_error *err);
/* What an entry points to was NOTFOUND: STORE, as the index is damaged. */
SP_MUST_CHECK enum setpki_code ca_due_dangles(ca_txn *t, const struct ca_due *d, struct setpki_error *err);

/* audit leaves and Merkle nodes: written by ca/audit alone, in their order, and never again (CONFLICT).  Leaves are
 * borrowed until the transaction ends or writes. */
SP_MUST_CHECK enum setpki_code ca_audit_put(ca_txn *t, uint64_t index, setpki_bytes leaf, struct setpki_error *err);
SP_MUST_CHECK enum setpki_code ca_audit_get(ca_txn *t, uint64_t index, setpki_bytes *leaf, struct setpki_error *err);
typedef enum setpki_code ca_audit_leaf_fn(void *arg, uint64_t index, setpki_bytes leaf, struct setpki_error *err);
SP_MUST_CHECK enum setpki_code
ca_audit_each_leaf(ca_txn *t, uint64_t from, ca_audit_leaf_fn *fn, void *arg, struct setpki_error *err);
SP_MUST_CHECK enum setpki_code
ca_audit_node_put(ca_txn *t, unsigned level, uint64_t index, const uint8_t hash[32], struct setpki_error *err);
SP_MUST_CHECK enum setpki_code
ca_audit_node_get(ca_txn *t, unsigned level, uint64_t index, uint8_t hash[32], struct setpki_error *err);

#endif
