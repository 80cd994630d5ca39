/* The BrandCRLIdentifier (set-protocol section 2, 6, 12.14): a brand's signed list of its current CRLs. */
#ifndef LIB_X509_BCI_H
#define LIB_X509_BCI_H

#include "lib/x509/cert.h"

struct sp_bci_entry {
	setpki_bytes issuer; /* whole Name */
	uint64_t number;     /* CRLNumber */
};

struct sp_bci {
	setpki_bytes der, tbs, sigalg, sig;
	uint64_t sequence;
	setpki_bytes brand_id; /* characters of the SETString */
	uint8_t brand_id_tag;  /* SP_VISIBLE or SP_BMP */
	int64_t not_before, not_after;
	enum setpki_suite suite;
	enum sp_keyalg sig_keyalg;
	struct sp_bci_entry *entries; /* owned: sp_bci_free() */
	size_t n;
	setpki_bytes extensions;    /* contents of bCRLExtensions; { NULL, 0 } when absent */
	uint32_t present, critical; /* SP_EXT_BIT() of AKI */
	unsigned unknown;	    /* other extensions */
	setpki_bytes aki_issuer, aki_serial, aki_keyid;
	setpki_bytes unknown_critical; /* OID contents of the first */
};

/* Strict: DER at every depth.  PARSE or LIMIT.  A signature algorithm of no suite is not refused here (suite NONE). */
SP_MUST_CHECK enum setpki_code sp_bci_parse(setpki_bytes der, struct sp_bci *out, struct setpki_error *err);
void sp_bci_free(struct sp_bci *bci);
SP_MUST_CHECK enum setpki_code
sp_bci_verify(setpki_ctx *ctx, const struct sp_bci *bci, EVP_PKEY *key, struct setpki_error *err);
/* BrandID as UTF-8, appended. */
void sp_bci_brand(const struct sp_bci *bci, struct sp_buf *out);

struct sp_bci_spec {
	enum setpki_suite suite;
	const struct sp_cert *signer; /* the brand CA's CRL-signing certificate: gives AKI and signature algorithm */
	uint64_t sequence;
	const char *brand_id;
	int64_t not_before, not_after;
	const struct sp_bci_entry *entries;
	size_t n;
};
/* Appends the UnsignedBrandCRLIdentifier.  ARGUMENT, RULE, SUITE or LIMIT; nothing is appended then. */
SP_MUST_CHECK enum setpki_code
sp_bci_build(const struct sp_bci_spec *spec, struct sp_buf *tbs, struct setpki_error *err);

#endif
