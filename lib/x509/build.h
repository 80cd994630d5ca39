/* Building TBSCertificates.  Writes what the rule table asks of a kind; refuses a spec that cannot satisfy it. */
#ifndef LIB_X509_BUILD_H
#define LIB_X509_BUILD_H

#include "lib/x509/cert.h"

/* One SET policy statement (set-protocol section 5, CertificatePolicies).  All NULL: no qualifier at all. */
struct sp_policy_text {
	const char *statement, *url, *email; /* terseStatement, policyURL, policyEmail; UTF-8 / ASCII */
};

/* Everything a certificate says.  Everything is borrowed. */
struct sp_cert_spec {
	enum setpki_suite suite;
	enum setpki_kind kind;
	uint32_t type;		      /* certificateType bits */
	setpki_bytes serial;	      /* contents octets, SP_SERIAL_LEN */
	enum sp_keyalg signer_alg;    /* algorithm of the key that will sign */
	const struct sp_cert *issuer; /* the issuing CA's certificate-signing certificate; NULL for a root */
	setpki_bytes subject;	      /* whole Name */
	int64_t not_before, not_after;
	int64_t pkup_from, pkup_to; /* written where the kind carries privateKeyUsagePeriod */
	setpki_bytes spki;	    /* whole SubjectPublicKeyInfo */
	int pathlen;		    /* where the kind signs certificates; else ignored */
	bool relax_critical;	    /* certificateType and hashedRootKey not critical (12.19, modern only) */
	struct sp_policy_text policy;
	setpki_bytes next_root_spki;	    /* root: SubjectPublicKeyInfo of the next root key */
	setpki_bytes merchant_data;	    /* MerchantDataSyntax contents, from sp_merchant_build() */
	bool card_cert_required;	    /* gateway key exchange */
	const setpki_bytes *set_extensions; /* OID contents; gateway key exchange, may be none */
	size_t nset_extensions;
	const char *crl_url, *aia_url; /* modern; NULL: absent */
};

/* Appends the TBSCertificate.  RULE, SUITE or ARGUMENT with the field; nothing is appended then. */
SP_MUST_CHECK enum setpki_code
sp_cert_build(setpki_ctx *ctx, const struct sp_cert_spec *spec, struct sp_buf *tbs, struct setpki_error *err);

#endif
