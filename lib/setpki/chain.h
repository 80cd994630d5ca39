/* Chain validation (set-protocol section 7 and 12.12 to 12.15). */
#ifndef SETPKI_CHAIN_H
#define SETPKI_CHAIN_H

#include <setpki/finding.h>
#include <setpki/object.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Certificates, CRLs, BCIs and trusted roots.  Opaque.  One thread adds; once adding is over any number may verify,
 * and none of them takes a lock.  A process that goes on adding works on a copy and lets its threads go over to that.
 */
typedef struct setpki_pool setpki_pool;

enum setpki_code setpki_pool_new(setpki_ctx *ctx, setpki_pool **out, struct setpki_error *err);
/** A pool for chains of any X.509 kind, checked after RFC 5280 by OpenSSL's verifier.  The same functions take it; BCIs
 * are passed over; of what is asked only `at`, `revocation` (not REQUIRE_BCI) and `x509` count. */
enum setpki_code setpki_pool_new_rfc5280(setpki_ctx *ctx, setpki_pool **out, struct setpki_error *err);
/**
 * A new pool with all that `from` holds and trusts, and the sequence numbers that it has seen.  The objects, and what
 * is known of their signatures, are shared and not read again; adding to one pool does not change the other.  Others
 * may verify with `from` meanwhile.  Bytes that were borrowed have to outlive both.
 */
enum setpki_code setpki_pool_copy(const setpki_pool *from, setpki_pool **out, struct setpki_error *err);
/** One more owner, who calls setpki_pool_free() too. @return pool */
setpki_pool *setpki_pool_hold(setpki_pool *pool);
/** Gives up one ownership; with the last one the pool goes.  NULL is fine. */
void setpki_pool_free(setpki_pool *pool);

/** Add one object, by copy: a certificate (as a candidate for paths), CRL or BCI.  @param origin its name in findings
 * ("crls/root.crl"), copied, or NULL. @return PARSE for one that cannot be read, ARGUMENT for another type */
enum setpki_code
setpki_pool_add(setpki_pool *pool, const struct setpki_object *object, const char *origin, struct setpki_error *err);
/** The same, but the CRL's bytes (a mapped file) stay the caller's and outlive the pool. */
enum setpki_code
setpki_pool_add_crl_borrowed(setpki_pool *pool, setpki_bytes der, const char *origin, struct setpki_error *err);
/** Trust a root certificate byte for byte.  Its suite becomes the suite of chains that end there. */
enum setpki_code
setpki_pool_trust(setpki_pool *pool, setpki_bytes cert_der, const char *origin, struct setpki_error *err);
/** Trust whatever root has this thumb (20 octets: classic; 32: modern); the certificate comes from elsewhere. */
enum setpki_code setpki_pool_trust_thumb(setpki_pool *pool, setpki_bytes thumb, struct setpki_error *err);
/** The highest BCI sequence number seen for a brand: state to save between runs (12.14 c).  0: none. */
uint64_t setpki_pool_sequence(const setpki_pool *pool, const char *brand);
enum setpki_code
setpki_pool_set_sequence(setpki_pool *pool, const char *brand, uint64_t sequence, struct setpki_error *err);

enum setpki_revocation { SETPKI_REQUIRE_BCI, SETPKI_REQUIRE_CRL, SETPKI_IF_PRESENT };

/** Inputs of RFC 5280 6.1.1 (c), (e), (f), (g). */
struct setpki_x509_ask {
	const char *const *policies; /* dotted; none: any */
	size_t npolicies;
	bool explicit_policy, inhibit_mapping, inhibit_any;
};

/** What is asked.  Zeroed fields: no wish. */
struct setpki_chain_ask {
	int64_t at;		 /* the moment of the check */
	int64_t signed_at;	 /* when a message was signed with the leaf's key; 0: no message */
	setpki_bytes signer_for; /* certificate-signing certificate of the CA for which the leaf signs messages */
	uint32_t type;		 /* one SETPKI_TYPE_ bit that the leaf must have */
	enum setpki_kind kind;	 /* the kind that the leaf must be */
	const char *brand;	 /* BrandID that the chain must be of */
	enum setpki_suite suite; /* modern unless classic is asked for by name */
	enum setpki_revocation revocation;
	const struct setpki_x509_ask *x509; /* for a pool of setpki_pool_new_rfc5280(); may be NULL */
};

enum setpki_verdict { SETPKI_VALID, SETPKI_REFUSED, SETPKI_UNDECIDABLE };

/** The answer.  Zero-initialised; setpki_chain_result_free(). */
struct setpki_chain_result {
	enum setpki_verdict verdict;
	struct setpki_findings findings; /* of the best path */
	setpki_bytes *path;		 /* leaf first, root last; borrowed from the pool and the leaf */
	size_t npath;
	int64_t valid_until;	/* the first moment at which some part of this answer stops to hold */
	char until_object[256]; /* which part that is */
};

/**
 * Check one certificate.
 * @return SETPKI_E_OK with a verdict (also when it is refused); PARSE (the leaf cannot be read); STATE (no trusted root
 *         in the pool); MEMORY; CRYPTO
 */
enum setpki_code setpki_chain_verify(setpki_pool *pool, setpki_bytes leaf, const struct setpki_chain_ask *ask,
    struct setpki_chain_result *out, struct setpki_error *err);
void setpki_chain_result_free(struct setpki_chain_result *r);
/** @return the first finding that decided a verdict other than valid, borrowed from `r`; NULL if it has none. */
const struct setpki_finding *setpki_chain_reason(const struct setpki_chain_result *r);

#ifdef __cplusplus
}
#endif
#endif
