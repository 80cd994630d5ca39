/* PKCS#10 (RFC 2986) as set-protocol 12.16 uses it: the wanted extensions in an extensionRequest. */
#ifndef LIB_X509_CSR_H
#define LIB_X509_CSR_H

#include "lib/x509/cert.h"

extern const setpki_bytes sp_oid_extension_request; /* PKCS#9, contents octets */

struct sp_csr {
	setpki_bytes der, info, subject, sigalg, sig;
	struct sp_spki key;
	enum setpki_suite suite; /* from the signature algorithm; NONE if it is in no suite */
	enum sp_keyalg sig_keyalg;
	setpki_bytes attributes;     /* contents of the SET OF Attribute; { NULL, 0 } when absent */
	unsigned unknown_attributes; /* attributes other than extensionRequest */
	setpki_bytes extensions;     /* contents of the requested Extensions; { NULL, 0 } */
	uint32_t present, critical;  /* SP_EXT_BIT()s of those in the table */
	unsigned unknown;	     /* requested extensions outside the table */
	uint32_t key_usage, type;    /* decoded where present */
	bool ca;
	int pathlen;
	int64_t pkup_from, pkup_to;
};

/* Strict: DER at every depth, version 0, each attribute and extension once.  PARSE, LIMIT; SUITE for a kind of key that
 * no suite has. */
SP_MUST_CHECK enum setpki_code sp_csr_parse(setpki_bytes der, struct sp_csr *out, struct setpki_error *err);
/* Proof of possession: the request's own signature, any algorithm of either suite.  SIGNATURE or SUITE. */
SP_MUST_CHECK enum setpki_code sp_csr_verify(setpki_ctx *ctx, const struct sp_csr *csr, struct setpki_error *err);

/* What a request asks for: keyUsage, basicConstraints, certificateType, and privateKeyUsagePeriod where the kind has
 * one. */
struct sp_csr_spec {
	enum setpki_suite suite;
	enum setpki_kind kind;
	uint32_t type;
	setpki_bytes subject;
	EVP_PKEY *key;	   /* signs; not looked at by sp_csr_info() */
	setpki_bytes spki; /* sp_csr_info(): the public key */
	int pathlen;
	int64_t pkup_from, pkup_to;
};
SP_MUST_CHECK enum setpki_code
sp_csr_build(setpki_ctx *ctx, const struct sp_csr_spec *spec, struct sp_buf *der, struct setpki_error *err);
/* The CertificationRequestInfo alone, for keys that only sign bytes (ca/keys): sp_signed_put() makes it a request. */
SP_MUST_CHECK enum setpki_code
sp_csr_info(setpki_ctx *ctx, const struct sp_csr_spec *spec, struct sp_buf *info, struct setpki_error *err);

#endif
