/* Reading extensions: the list, and the contents of each row of the table.  Certificates, CRLs, BCIs and requests use
 * the same readers. */
#ifndef LIB_X509_CERT_EXT_H
#define LIB_X509_CERT_EXT_H

#include "lib/der/reader.h"
#include "lib/x509/cert.h"

struct sp_ext_item {
	setpki_bytes oid, value; /* contents of the OID and of extnValue */
	bool critical;
	const struct sp_ext_row *row; /* NULL: not in the table */
};
/* The next Extension of a SEQUENCE OF; false at the end, and when malformed (then `list` is bad). */
bool sp_ext_next(struct sp_der *list, struct sp_ext_item *item);
/* Reads the contents of an extension strictly; fills the fields of `out` that belong to it.  False: malformed. */
bool sp_ext_read(enum sp_ext ext, setpki_bytes value, struct sp_cert *out);
/* AuthorityKeyIdentifier.  `issuer` is { NULL, 0 } unless authorityCertIssuer is exactly one directoryName. */
bool sp_aki_read(setpki_bytes value, setpki_bytes *issuer, setpki_bytes *serial, setpki_bytes *keyid);
/* GeneralNames (1..), each well formed; `sole` (may be NULL) is the only one, zeroed if there are several. */
bool sp_general_names_read(struct sp_der *names, struct sp_tlv *sole);
/* SetPolicyQualifier, whole element (set-protocol 5). */
bool sp_set_qualifier_ok(setpki_bytes whole);
/* DigestedData without content (set-protocol 4, DD): content type, whole AlgorithmIdentifier, digest of 1..32 octets.
 */
bool sp_detached_digest(struct sp_der *d, setpki_bytes *type, setpki_bytes *alg, setpki_bytes *digest);

#endif
