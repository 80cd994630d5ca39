/* A hierarchy to register in: root, brand and geopolitical CA, and below it CAs for cardholders, merchants and gateways
 * with certificates for certificate signing, message signature and key exchange; their CRLs and the brand's BCI; in
 * both suites.  Whoever tests an end of registration takes it from here. */
#ifndef TESTS_SUPPORT_REGISTRY_H
#define TESTS_SUPPORT_REGISTRY_H

#include "lib/x509/cert.h"

#include <setpki/chain.h>
#include <setpki/party.h>

/* The CA certificates, superiors first.  Of an issuing CA three follow one another: certificate signing (a gateway CA's
 * signs CRLs too), message signature, key exchange: +REG_SIG and +REG_ENC lead from the first to the others. */
enum reg_slot {
	REG_NONE,
	REG_FIRST, /* the root before REG_ROOT, which it names as its successor */
	REG_ROOT,
	REG_BRAND,
	REG_GEO,
	REG_CCA,
	REG_CCA_SIG,
	REG_CCA_ENC,
	REG_MCA,
	REG_MCA_SIG,
	REG_MCA_ENC,
	REG_PCA,
	REG_PCA_SIG,
	REG_PCA_ENC,
	REG_CCA2, /* generation 2 of REG_CCA */
	REG_CCA2_SIG,
	REG_CCA2_ENC,
	REG_CCB, /* another bank's cardholder CA */
	REG_CCB_SIG,
	REG_CCB_ENC,
	REG_SLOTS
};
#define REG_SIG 1
#define REG_ENC 2

#define REG_NOW INT64_C(1780315200) /* 2026-06-01T12:00:00Z */
#define REG_DAY INT64_C(86400)
#define REG_BRAND_ID "Testcard"
#define REG_BIN "412345" /* of the bank and of the acquirer */
#define REG_MERCHANT_ID "SHOP-1"

struct reg_cert {
	EVP_PKEY *key; /* borrowed from the program's keys */
	setpki_bytes der;
	struct sp_cert cert;
};

struct registry {
	setpki_ctx *ctx;
	enum setpki_suite suite;
	struct reg_cert c[REG_SLOTS];
	setpki_bytes crl[REG_SLOTS], bci; /* CRLs of REG_ROOT, REG_BRAND, REG_GEO and REG_PCA; empty otherwise */
	uint64_t number[REG_SLOTS], sequence;
	uint32_t serial;		  /* of the next certificate of an end entity */
	enum reg_slot revoked[REG_SLOTS]; /* by slot of the certificate: the CA whose CRL lists it */
};

/* Keys are made once for a program and suite; reg_stop() frees them.  reg_key_set() before the first world gives a
 * fixed one (held), for vectors. */
void reg_key_set(enum setpki_suite suite, enum reg_slot slot, EVP_PKEY *key);
void reg_stop(void);

/* A context and a registry in each suite, classic first, for a group of tests; and the end of it.  Both return 0. */
int reg_open_both(setpki_ctx **ctx, struct registry regs[2]);
int reg_close_both(setpki_ctx *ctx, struct registry regs[2]);
/* Builds everything; fails the test if it cannot. */
void reg_make(struct registry *r, setpki_ctx *ctx, enum setpki_suite suite);
void reg_free(struct registry *r);
/* A new CRL of `issuer` that lists the certificate `revoked`, and the next BCI, in the places of the old ones. */
void reg_revoke(struct registry *r, enum reg_slot issuer, enum reg_slot revoked);

/* A new pool in which `root` is trusted, with nothing else; setpki_pool_free(). */
setpki_pool *reg_pool(const struct registry *r, enum reg_slot root);
/* The same with all certificates, CRLs and the BCI. */
setpki_pool *reg_pool_full(const struct registry *r, enum reg_slot root);

/* What an issuing CA sends along (borrowed): its message signer, key exchange and certificate-signing certificates,
 * then its superiors up to the root; and all CRLs.  Both return how many. */
#define REG_CHAIN_MAX 6
#define REG_CRLS 4
size_t reg_chain(const struct registry *r, enum reg_slot ca, setpki_bytes out[REG_CHAIN_MAX]);
size_t reg_crls(const struct registry *r, setpki_bytes out[REG_CRLS]);
/* A slot as a party: issuer and serial of its certificate, its private key. */
struct setpki_party reg_party(const struct registry *r, enum reg_slot slot);

/* A certificate of an end entity. */
struct reg_issue {
	enum setpki_kind kind;
	enum reg_slot ca;  /* the certificate-signing slot: REG_CCA, REG_MCA, REG_PCA ... */
	setpki_bytes spki; /* SubjectPublicKeyInfo; or empty, and then `key` */
	EVP_PKEY *key;
	const char *common;	    /* CN */
	const char *brand;	    /* O; NULL: REG_BRAND_ID */
	const char *merchant, *bin; /* merchantData; NULL: REG_MERCHANT_ID and REG_BIN */
	int64_t from, to;	    /* seconds; 0: from REG_NOW for 300 days */
	int64_t usage_to;	    /* of the private key; 0: `to` */
};
/* Its DER, for OPENSSL_free(); `parsed` (may be NULL) points into it.  Fails the test if it cannot. */
setpki_bytes reg_issue(struct registry *r, const struct reg_issue *ask, struct sp_cert *parsed);
void reg_bytes_free(setpki_bytes der);
/* A fresh key of an end entity in this suite: for signatures (RSA-1024; P-256) or key exchange (RSA-1024; RSA-2048).
 * EVP_PKEY_free(). */
/* For vectors: the next calls give these instead, in their order (held). */
void reg_new_key_give(EVP_PKEY *key);
EVP_PKEY *reg_new_key(setpki_ctx *ctx, enum setpki_suite suite, bool exchange);

#endif
