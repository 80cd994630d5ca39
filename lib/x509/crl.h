/* CRLs (RFC 5280 5; set-protocol section 6, 12.14): read in one pass into a sorted serial index, built as a stream. */
#ifndef LIB_X509_CRL_H
#define LIB_X509_CRL_H

#include "lib/der/reader.h"
#include "lib/x509/cert.h"

/* Head and tail of a CRL, borrowed from its bytes (which may be a mapped file), and the index of its entries. */
struct sp_crl {
	setpki_bytes der, tbs, sigalg, inner_sigalg, issuer, sig,
	    entries;			  /* contents of revokedCertificates; { NULL, 0 } when absent */
	int64_t this_update, next_update; /* next_update INT64_MIN when absent */
	uint8_t this_update_tag, next_update_tag;
	setpki_bytes extensions;    /* contents of the SEQUENCE OF Extension; { NULL, 0 } when absent */
	uint32_t present, critical; /* SP_EXT_BIT()s of AKI and CRL_NUMBER */
	unsigned unknown;	    /* other extensions, of the list and of entries; reasonCode is none of them */
	enum setpki_suite suite;
	enum sp_keyalg sig_keyalg;
	setpki_bytes number;  /* CRLNumber magnitude; { NULL, 0 } when absent */
	int64_t number_value; /* the same as a number; -1 when absent or too large */
	setpki_bytes aki_issuer, aki_serial, aki_keyid;
	setpki_bytes unknown_critical; /* OID contents of the first, in the list or in an entry */
	size_t count;		       /* entries */
	size_t reasons;		       /* of them with a reasonCode */
	size_t doubles;		       /* of them with a serial that stands there already */
	struct sp_crl_index *index;    /* owned */
	uint8_t digest[32];	       /* of the TBS, by the suite's hash; zeros if the algorithm is of no suite */
};

/* Head and tail alone: everything but the entries, which are not looked at (no count, index or digest). */
SP_MUST_CHECK enum setpki_code sp_crl_frame(setpki_bytes der, struct sp_crl *out, struct setpki_error *err);
/* Strict, one pass.  PARSE, LIMIT.  The bytes must outlive `out`; sp_crl_free() frees the index.  A signature algorithm
 * of no suite is not refused here (suite NONE): verifying does that. */
SP_MUST_CHECK enum setpki_code
sp_crl_parse(setpki_ctx *ctx, setpki_bytes der, struct sp_crl *out, struct setpki_error *err);
void sp_crl_free(struct sp_crl *crl);
/* Whether the serial (contents octets) is listed, and when and why (reason -1: none given); out pointers may be NULL.
 */
bool sp_crl_lookup(const struct sp_crl *crl, setpki_bytes serial, int64_t *revoked_at, int *reason);
SP_MUST_CHECK enum setpki_code
sp_crl_verify(setpki_ctx *ctx, const struct sp_crl *crl, EVP_PKEY *key, struct setpki_error *err);
struct sp_crl_entry {
	setpki_bytes serial; /* contents octets */
	int64_t revoked_at;
	int reason; /* RFC 5280 5.3.1; -1: none; written only in modern (12.14) */
};
/* A cursor over the entries, in their order, in constant memory. */
struct sp_crl_cursor {
	struct sp_der entries;
};
void sp_crl_cursor(const struct sp_crl *crl, struct sp_crl_cursor *c);
/* False at the end, and at a malformed entry (then c->entries is bad). */
bool sp_crl_next(struct sp_crl_cursor *c, struct sp_crl_entry *e);
/* The order of (positive) serials by value, by their contents octets: shorter first, then by octets. */
int sp_serial_cmp(setpki_bytes a, setpki_bytes b);
/* Walks the entries in their order; stops at the first failure. */
typedef enum setpki_code
sp_crl_entry_fn(void *arg, setpki_bytes serial, int64_t revoked_at, int reason, struct setpki_error *err);
SP_MUST_CHECK enum setpki_code
sp_crl_each(const struct sp_crl *crl, sp_crl_entry_fn *fn, void *arg, struct setpki_error *err);

struct sp_crl_spec {
	enum setpki_suite suite;
	const struct sp_cert
	    *signer; /* certificate whose key signs: gives issuer name and AKI (12.14: of its own superior) */
	int64_t this_update, next_update;
	uint64_t number;
};

/* Streaming, in constant memory: the caller gives the entries several times, in the same order - once to be measured,
 * once to be hashed and once to be written (with an RSA key, whose signatures have one length, the last two are one).
 * `next` returns true with an entry, false at the end; `rewind` is called before each time.  `write` gets the finished
 * DER in pieces. `sign` signs the digest of the TBS.  RULE, SUITE or ARGUMENT for what cannot be in a CRL; STATE if the
 * entries changed between the times. */
struct sp_crl_source {
	bool (*next)(void *arg, struct sp_crl_entry *e);
	void (*rewind)(void *arg);
	void *arg;
};
typedef enum setpki_code sp_write_fn(void *arg, setpki_bytes piece, struct setpki_error *err);
typedef enum setpki_code
sp_sign_digest_fn(void *arg, const uint8_t *digest, struct sp_buf *sig, struct setpki_error *err);
SP_MUST_CHECK enum setpki_code
sp_crl_build(setpki_ctx *ctx, const struct sp_crl_spec *spec, const struct sp_crl_source *source,
    sp_sign_digest_fn *sign, void *sign_arg, sp_write_fn *write, void *write_arg, struct setpki_error *err);

/* "keyCompromise" and the like (RFC 5280 5.3.1); the one text form of reasons. */
const char *sp_reason_name(int reason);	 /* NULL if unknown */
int sp_reason_by_name(const char *name); /* -1 if unknown */

#endif
