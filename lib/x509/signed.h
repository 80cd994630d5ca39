/* What certificates, CRLs, BCIs and requests have in common on the outside: X.509's SIGNED{}; and the extensions of the
 * lists among them. */
#ifndef LIB_X509_SIGNED_H
#define LIB_X509_SIGNED_H

#include "lib/x509/cert_ext.h"

/* SEQUENCE { tbs SEQUENCE, AlgorithmIdentifier, BIT STRING of whole octets }, nothing after it.  Looks at the outside
 * alone.  PARSE, with the field. */
SP_MUST_CHECK enum setpki_code
sp_signed_read(setpki_bytes der, setpki_bytes *tbs, setpki_bytes *sigalg, setpki_bytes *sig, struct setpki_error *err);
/* An AlgorithmIdentifier, DER at every depth; whole.  False: malformed. */
bool sp_sigalg_take(struct sp_der *d, setpki_bytes *whole);

/* The extensions of a CRL or BCI. */
struct sp_list_ext {
	setpki_bytes list;	       /* contents of the SEQUENCE OF Extension; { NULL, 0 }: none */
	uint32_t present, critical;    /* SP_EXT_BIT()s of AKI and CRL_NUMBER */
	unsigned unknown;	       /* extensions that have no place in such a list */
	setpki_bytes unknown_critical; /* OID contents of the first critical one */
	setpki_bytes number;	       /* CRLNumber, magnitude */
	setpki_bytes aki_issuer, aki_serial, aki_keyid;
};
/* Reads them strictly: well formed, each once, at most SP_EXT_MAX.  PARSE or LIMIT. */
SP_MUST_CHECK enum setpki_code sp_list_ext_read(setpki_bytes list, struct sp_list_ext *out, struct setpki_error *err);
/* Appends the AuthorityKeyIdentifier extension for what `signer` signs: its own issuer and serial (set-protocol 5), in
 * modern its key identifier too. */
void sp_list_aki_put(struct sp_buf *out, const struct sp_cert *signer, enum setpki_suite suite);
/* Whether `signer` can sign a list of this suite: it has cRLSign, and a key of the suite.  `alg`: the whole
 * AlgorithmIdentifier.  RULE or SUITE. */
SP_MUST_CHECK enum setpki_code sp_list_signer_check(
    const struct sp_cert *signer, enum setpki_suite suite, setpki_bytes *alg, struct setpki_error *err);

#endif
