/* What the files of ca/store share: the environment, its databases, transactions, keys, scans. */
#ifndef CA_STORE_PRIVATE_H
#define CA_STORE_PRIVATE_H

#include "ca/store/codec.h"
#include "ca/store/store.h"
#include "lib/base/limits.h"

#include <lmdb.h>

#define CA_SCHEMA 1u /* one more with each change of a database or record; see docs/architecture.md, "Store" */

#define CA_REASON_MAX 10 /* RFC 5280 5.3.1: aACompromise */

/* X(symbol, name): the databases.  Keys are fixed-width and big-endian (names and identifiers at their end apart), so
 * order is meaning. */
#define CA_DATABASES(X)                                                                                                \
	X(META, "meta")		    /* name -> value */                                                                \
	X(CA, "ca")		    /* CA -> record */                                                                 \
	X(CERT, "cert")		    /* CA, sequence number -> record with DER */                                       \
	X(BY_SERIAL, "by-serial")   /* serial, CA -> sequence number */                                                \
	X(BY_KEY, "by-key")	    /* key identity -> CA, sequence number */                                          \
	X(BY_HOLDER, "by-holder")   /* name, NUL, CA, sequence number -> nothing */                                    \
	X(BY_REQUEST, "by-request") /* request identity, CA, sequence number -> nothing */                             \
	X(INTENT, "intent")	    /* serial -> record with TBS */                                                    \
	X(REVOKED, "revoked")	    /* CA, generation, serial -> record */                                             \
	X(CRL, "crl")		    /* CA, generation -> schedule and number */                                        \
	X(CRL_BODY, "crl-body")	    /* CA, generation -> DER */                                                        \
	X(BCI, "bci")		    /* brand -> record with DER */                                                     \
	X(AUDIT, "audit")	    /* index -> leaf */                                                                \
	X(AUDIT_NODE, "audit-node") /* index of its last leaf, level -> hash: complete in this order */                \
	X(ACCOUNT, "account")	    /* CA, keyed hash of a PAN -> record */                                            \
	X(HOLDER, "holder")	    /* CA, role, BIN, identifier -> record */                                          \
	X(REQUEST, "request")	    /* number -> record */                                                             \
	X(REQUEST_BY_WRAPPER, "request-by-wrapper") /* wrapper -> number */                                            \
	X(REQUEST_BY_LID, "request-by-lid")	    /* lid-CA, number -> nothing */                                    \
	X(REQUEST_BY_STATE, "request-by-state")	    /* state, number -> nothing */                                     \
	X(KEPT, "kept")				    /* wrapper -> record */                                            \
	X(RRPID, "rrpid")			    /* RRPID, key -> wrapper */                                        \
	X(DUE, "due")				    /* time, number, wrapper -> nothing */

enum ca_db {
#define X(symbol, name) CA_DB_##symbol,
	CA_DATABASES(X)
#undef X
	    CA_DB_N
};
/* From here on databases came later: a store that lacks one gets it, empty, when it is next opened. */
#define CA_DB_LATER CA_DB_ACCOUNT
extern const char *const ca_db_names[CA_DB_N];

/* How the map grows and when issuing stops.  The product uses one (env.c); tests open with smaller ones. */
struct ca_store_plan {
	size_t initial;	    /* bytes of the map at first */
	size_t slack;	    /* kept free in the map for one transaction; less: the map doubles */
	size_t most;	    /* never larger than this */
	uint64_t low_water; /* less room than this, in the map or on the disk: no issuing */
};

struct ca_store {
	MDB_env *env;
	MDB_dbi db[CA_DB_N];
	struct ca_store_plan plan;
	size_t map_size;
	unsigned active; /* open transactions: the map may only change without any */
	bool grow;	 /* a transaction found it full */
	long pid;	 /* an environment must not cross a fork */
	char dir[512];
};

struct ca_txn {
	ca_store *s;
	MDB_txn *txn;
	bool write;
	bool failed; /* met a storage error: nothing of it may be committed */
};

SP_MUST_CHECK enum setpki_code ca_store_open_planned(
    const char *dir, bool create, const struct ca_store_plan *plan, ca_store **out, struct setpki_error *err);
/* Before a transaction: room in the map, as planned.  Nothing to do while others are open. */
SP_MUST_CHECK enum setpki_code ca_store_make_room(ca_store *s, struct setpki_error *err);
/* After another process made the map larger. */
SP_MUST_CHECK enum setpki_code ca_store_remap(ca_store *s, struct setpki_error *err);
/* STORE, in words, for what LMDB returned outside a database. */
enum setpki_code ca_store_fail(const ca_store *s, int mdb_rc, const char *doing, struct setpki_error *err);

/* --- keys ------------------------------------------------------------------------------------ */

#define CA_KEY_MAX 511 /* LMDB's own */
#define CA_SERIAL_KEY (1 + SP_SERIAL_MAX)

struct ca_dbkey {
	size_t n;
	uint8_t p[CA_KEY_MAX];
};

void ca_key_start(struct ca_dbkey *k);
void ca_key_u8(struct ca_dbkey *k, uint8_t v);
void ca_key_u16(struct ca_dbkey *k, uint16_t v);
void ca_key_u64(struct ca_dbkey *k, uint64_t v);
void ca_key_raw(struct ca_dbkey *k, const void *p, size_t n); /* the caller knows that it fits */
/* Length, then the octets, filled with zeros: numbers sort by value.  ARGUMENT: empty or longer than SP_SERIAL_MAX. */
SP_MUST_CHECK enum setpki_code ca_key_serial(struct ca_dbkey *k, setpki_bytes serial, struct setpki_error *err);
setpki_bytes ca_key_bytes(const struct ca_dbkey *k);

/* --- one database, one transaction ------------------------------------------------------------- */

/* NOTFOUND without a word in `err`: the caller knows what was looked for.  The value is borrowed from the map. */
SP_MUST_CHECK enum setpki_code
ca_db_get(ca_txn *t, enum ca_db db, const struct ca_dbkey *k, setpki_bytes *out, struct setpki_error *err);
SP_MUST_CHECK enum setpki_code ca_db_put(
    ca_txn *t, enum ca_db db, const struct ca_dbkey *k, setpki_bytes value, unsigned flags, struct setpki_error *err);
/* The contents of a buffer that may have run out of memory. */
SP_MUST_CHECK enum setpki_code ca_db_put_buf(ca_txn *t, enum ca_db db, const struct ca_dbkey *k,
    const struct sp_buf *value, unsigned flags, struct setpki_error *err);
/* NOTFOUND without a word in `err`. */
SP_MUST_CHECK enum setpki_code ca_db_del(ca_txn *t, enum ca_db db, const struct ca_dbkey *k, struct setpki_error *err);
/* STORE: names the database and the key of what cannot be read. */
enum setpki_code ca_db_damaged(ca_txn *t, enum ca_db db, setpki_bytes key, const char *why, struct setpki_error *err);
/* STORE, in words, for what LMDB returned about a database; `verb` is "reading" or the like. */
enum setpki_code ca_db_fail(ca_txn *t, enum ca_db db, int mdb_rc, const char *verb, struct setpki_error *err);
/* STATE unless `t` may write. */
SP_MUST_CHECK enum setpki_code ca_txn_writable(const ca_txn *t, struct setpki_error *err);

/* Keys in order, from `from` on, as long as they begin with its first `prefix` octets. */
struct ca_scan {
	ca_txn *t;
	enum ca_db db;
	MDB_cursor *cursor;
	struct ca_dbkey from;
	size_t prefix;
	bool started;
};

SP_MUST_CHECK enum setpki_code ca_scan_open(ca_txn *t, enum ca_db db, const struct ca_dbkey *from, size_t prefix,
    struct ca_scan *out, struct setpki_error *err);
/* `key` empty at the end. */
SP_MUST_CHECK enum setpki_code
ca_scan_next(struct ca_scan *s, setpki_bytes *key, setpki_bytes *value, struct setpki_error *err);
void ca_scan_close(struct ca_scan *s);

/* --- records <-> octets ------------------------------------------------------------------------ */

/* Encoding appends; decoding says false for what no encoder writes.  Decoded strings are borrowed from `value`, except
 * a CA's generations, which are the record's own. */
void ca_ca_encode(const struct ca_ca_record *r, struct sp_buf *out);
bool ca_ca_decode(setpki_bytes key, setpki_bytes value, struct ca_ca_record *out);
void ca_cert_encode(const struct ca_cert_record *r, struct sp_buf *out);
bool ca_cert_decode(setpki_bytes key, setpki_bytes value, struct ca_cert_record *out);
void ca_intent_encode(const struct ca_intent_record *r, struct sp_buf *out);
bool ca_intent_decode(setpki_bytes key, setpki_bytes value, struct ca_intent_record *out);
void ca_revoked_encode(const struct ca_revoked_record *r, struct sp_buf *out);
bool ca_revoked_decode(setpki_bytes key, setpki_bytes value, struct ca_revoked_record *out);
void ca_crl_encode(const struct ca_crl_record *r, struct sp_buf *out); /* all but the DER */
bool ca_crl_decode(setpki_bytes key, setpki_bytes value, struct ca_crl_record *out);
void ca_bci_encode(const struct ca_bci_record *r, struct sp_buf *out);
bool ca_bci_decode(setpki_bytes key, setpki_bytes value, struct ca_bci_record *out);

void ca_account_encode(const struct ca_account_record *r, struct sp_buf *out);
bool ca_account_decode(setpki_bytes key, setpki_bytes value, struct ca_account_record *out);
void ca_holder_encode(const struct ca_holder_record *r, struct sp_buf *out);
/* out->names is the record's own, too; false also when out of memory. */
bool ca_holder_decode(setpki_bytes key, setpki_bytes value, struct ca_holder_record *out);

void ca_request_encode(const struct ca_request_record *r, struct sp_buf *out);
bool ca_request_decode(setpki_bytes key, setpki_bytes value, struct ca_request_record *out);
void ca_kept_encode(const struct ca_kept_record *r, struct sp_buf *out);
bool ca_kept_decode(setpki_bytes key, setpki_bytes value, struct ca_kept_record *out);

/* due (kept.c): notes, or forgets, that something is to be erased. */
SP_MUST_CHECK enum setpki_code ca_due_put(ca_txn *t, const struct ca_due *d, struct setpki_error *err);
SP_MUST_CHECK enum setpki_code ca_due_del(ca_txn *t, const struct ca_due *d, struct setpki_error *err);

/* Turns a borrowed byte string into one of its own; false when out of memory (then empty). */
bool ca_bytes_own(setpki_bytes *b);
void ca_bytes_free(setpki_bytes *b);

#endif
