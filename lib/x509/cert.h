/* Reading a certificate: borrowed views, no allocation (architecture, "Two ways to read ASN.1"). */
#ifndef LIB_X509_CERT_H
#define LIB_X509_CERT_H

#include "lib/crypto/pubkey.h"
#include "lib/x509/ext.h"

#define SP_EXT_BIT(e) (1u << (e))

struct sp_cert {
	setpki_bytes der, tbs;
	setpki_bytes serial;		   /* contents octets of the INTEGER */
	setpki_bytes sigalg, inner_sigalg; /* whole AlgorithmIdentifiers */
	setpki_bytes issuer, subject;	   /* whole Names */
	setpki_bytes sig;		   /* octets of the BIT STRING */
	setpki_bytes extensions;	   /* contents of the SEQUENCE OF Extension */
	int version;			   /* 3 */
	int64_t not_before, not_after;
	uint8_t not_before_tag, not_after_tag;
	bool unique_ids; /* issuerUniqueID or subjectUniqueID present */
	struct sp_spki key;
	enum setpki_suite suite; /* from the signature algorithm; NONE if it is in no suite */
	enum sp_keyalg sig_keyalg;

	uint32_t present, critical;    /* SP_EXT_BIT()s */
	setpki_bytes ext[SP_EXT_N];    /* extnValue contents */
	unsigned unknown;	       /* extensions outside the table */
	setpki_bytes unknown_critical; /* OID contents of the first critical one; { NULL, 0 } */

	/* decoded; meaningful where `present` has the bit */
	uint32_t key_usage, type;
	bool ca;
	int pathlen;					     /* -1: none */
	int64_t pkup_from, pkup_to;			     /* INT64_MIN / INT64_MAX where absent */
	setpki_bytes aki_issuer, aki_serial, aki_keyid, ski; /* aki_issuer is a whole Name */
	setpki_bytes hashed_root;			     /* digest */
	setpki_bytes hashed_root_alg;			     /* whole AlgorithmIdentifier */
};

/* Strict: DER at every depth, version 3, extensions once each, every extension of the table well formed.  What is well
 * formed but against the rules is for lint and chain.  PARSE or LIMIT; the object names the field. */
SP_MUST_CHECK enum setpki_code sp_cert_parse(setpki_bytes der, struct sp_cert *out, struct setpki_error *err);
/* The same for a TBSCertificate alone: der, sigalg and sig stay empty. */
SP_MUST_CHECK enum setpki_code sp_cert_parse_tbs(setpki_bytes tbs, struct sp_cert *out, struct setpki_error *err);
/* Which row of the kinds table a certificate belongs to, from certificateType, keyUsage and basicConstraints; NONE if
 * to none. */
enum setpki_kind sp_cert_kind(const struct sp_cert *c);
bool sp_cert_has(const struct sp_cert *c, enum sp_ext ext);
/* Signature over the TBS with this public key.  SIGNATURE. */
SP_MUST_CHECK enum setpki_code
sp_cert_verify(setpki_ctx *ctx, const struct sp_cert *c, EVP_PKEY *issuer_key, struct setpki_error *err);
/* SET thumb: the suite's hash of the TBS.  `n` is 20 or 32. */
SP_MUST_CHECK enum setpki_code
sp_cert_thumb(setpki_ctx *ctx, const struct sp_cert *c, uint8_t out[32], size_t *n, struct setpki_error *err);
/* One line for messages: "gateway signature C=US, O=..., serial 01ab..". */
const char *sp_cert_text(const struct sp_cert *c, char *out, size_t cap);

#endif
