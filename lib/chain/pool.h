/* The inside of a setpki_pool. */
#ifndef LIB_CHAIN_POOL_H
#define LIB_CHAIN_POOL_H

#include "lib/chain/index.h"
#include "lib/chain/object.h"

#include <setpki/chain.h>

/* One certificate in one pool. */
struct sp_node {
	struct sp_pcert *c;
	bool trusted;			    /* byte for byte */
	bool in_pool;			    /* false: a leaf that lives for one call */
	_Atomic(struct sp_prefix *) prefix; /* verified paths that begin here: prefix.h */
};

struct sp_thumb {
	uint8_t hash[SP_DIGEST_MAX];
	size_t n;
};

/* What is known of one brand: the highest sequenceNum seen, which verifying raises (12.14 c). */
struct sp_brand {
	char name[SP_BRAND_TEXT];
	_Atomic uint64_t highest;
};

struct sp_rfc5280;

struct setpki_pool {
	setpki_ctx *ctx;
	atomic_uint refs;
	struct sp_index by_hash, by_subject, by_target; /* struct sp_node; target: what an AKI names */
	struct sp_index roots;				/* struct sp_node, self-issued */
	struct sp_index crls;				/* struct sp_pcrl by issuer, newest first */
	struct sp_index bcis;				/* struct sp_pbci by brand, newest first */
	struct sp_index brands;				/* struct sp_brand by name */
	struct sp_thumb *thumbs;
	size_t nthumbs, ntrusted;
	atomic_uint nprefixes;
	struct sp_rfc5280 *rfc5280; /* set: chains of any X.509 kind, by OpenSSL's verifier */
};

/* What an authorityKeyIdentifier points to. */
struct sp_target {
	setpki_bytes issuer, serial;
};

/* Runs of an index, for `for (i = from; i < to; i++)`. */
void sp_pool_by_subject(const setpki_pool *p, setpki_bytes subject, size_t *from, size_t *to);
void sp_pool_by_target(const setpki_pool *p, const struct sp_target *t, size_t *from, size_t *to);
void sp_pool_crls_of(const setpki_pool *p, setpki_bytes issuer, size_t *from, size_t *to);
void sp_pool_bcis_of(const setpki_pool *p, const char *brand, size_t *from, size_t *to);
/* The certificate with exactly these bytes; NULL if it is not in the pool. */
struct sp_node *sp_pool_find(const setpki_pool *p, setpki_bytes der);
/* The record of a brand; NULL if no BCI and no sequence number of it was ever added. */
struct sp_brand *sp_pool_brand(const setpki_pool *p, const char *brand);
/* Trusted byte for byte or by thumb. */
bool sp_pool_trusts(const setpki_pool *p, const struct sp_node *n);
/* `n` roots are trusted in one way or the other. */
bool sp_pool_has_trust(const setpki_pool *p);

/* Takes a reference of the caller's; dropped on failure. */
SP_MUST_CHECK enum setpki_code
sp_pool_put_cert(setpki_pool *p, struct sp_pcert *c, struct sp_node **out, struct setpki_error *err);
SP_MUST_CHECK enum setpki_code sp_pool_put_crl(setpki_pool *p, struct sp_pcrl *c, struct setpki_error *err);
SP_MUST_CHECK enum setpki_code sp_pool_put_bci(setpki_pool *p, struct sp_pbci *b, struct setpki_error *err);

#endif
