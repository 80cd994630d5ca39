/* Findings of linting certificates: X(id, severity, what must be, specification, applied to, what to do about it).
 * Sorted by id. */
#ifndef LIB_X509_RULES_CERT_H
#define LIB_X509_RULES_CERT_H

#define SP_RULES_CERT(X)                                                                                               \
	X("cert.aki.form", SETPKI_ERROR,                                                                               \
	    "authorityKeyIdentifier has issuer (one directoryName) and serial; keyIdentifier in modern only",          \
	    "set-protocol 5, 12.1", "certificate", "issue the certificate again with the suite's form")                \
	X("cert.algorithm.match", SETPKI_ERROR, "the signature algorithm inside and outside the TBS is the same",      \
	    "RFC 5280 4.1.1.2; set-protocol 7 step 2", "certificate", "the certificate was altered: fetch it again")   \
	X("cert.algorithm.suite", SETPKI_ERROR, "the signature algorithm is one of the suite's", "set-protocol 12.1",  \
	    "certificate", "issue the certificate again, with a key and algorithm of the suite")                       \
	X("cert.basic.ca", SETPKI_ERROR,                                                                               \
	    "cA is TRUE where keyUsage has keyCertSign; elsewhere basicConstraints is empty", "set-protocol 5, 12.12", \
	    "certificate", "issue the certificate again with the kind's basicConstraints")                             \
	X("cert.basic.pathlen", SETPKI_ERROR,                                                                          \
	    "pathLen is 3 for a root, 2 or 1 for a brand CA, 1 for a geopolitical CA, 0 for an issuing CA",            \
	    "set-protocol 12.12", "certificate", "issue the certificate again with the level's pathLen")               \
	X("cert.critical", SETPKI_ERROR, "an extension is critical exactly where the table says so",                   \
	    "set-protocol 5, 12.19", "certificate", "issue the certificate again with the right criticality")          \
	X("cert.der", SETPKI_ERROR, "a certificate is DER at every depth, version 3, its extensions well formed",      \
	    "set-protocol 12.2; RFC 5280 4.1", "certificate", "check that the file is whole; else ask its issuer")     \
	X("cert.extension.critical", SETPKI_ERROR, "no critical extension is unknown",                                 \
	    "set-protocol 7 step 2; RFC 5280 4.2", "certificate", "SET has no use for it: issue without it")           \
	X("cert.extension.forbidden", SETPKI_ERROR, "no extension stands where the table of the kind has none",        \
	    "set-protocol 5, 12.1", "certificate", "issue the certificate again without the extension")                \
	X("cert.extension.missing", SETPKI_ERROR, "every extension that the kind must have is there",                  \
	    "set-protocol 5, 12.1", "certificate", "issue the certificate again with the extension")                   \
	X("cert.extension.unknown", SETPKI_WARNING, "extensions are those of SET's table", "set-protocol 5",           \
	    "certificate", "it is ignored; leave it out of the next certificate")                                      \
	X("cert.hashedroot.digest", SETPKI_ERROR, "hashedRootKey has a digest of the suite, at its full length",       \
	    "set-protocol 5, 12.15", "certificate", "make the root certificate again for its suite")                   \
	X("cert.hashedroot.self", SETPKI_ERROR, "hashedRootKey names the next root's key, never the root's own",       \
	    "set-protocol 5, 12.15", "certificate", "make a key for the next root, and the certificate again")         \
	X("cert.key.suite", SETPKI_ERROR, "the public key is one that the suite allows for its purpose",               \
	    "set-protocol 12.1", "certificate", "make a key of a type and length that the suite allows")               \
	X("cert.keyusage", SETPKI_ERROR, "keyUsage is exactly that of a kind which certificateType allows",            \
	    "set-protocol 5, 12.12", "certificate", "issue the certificate again: one purpose, one key")               \
	X("cert.name.form", SETPKI_ERROR,                                                                              \
	    "names are C, O, OU and CN in this order, one attribute an RDN, C two capital letters", "set-protocol 5",  \
	    "certificate", "issue the certificate again with a name in SET's form")                                    \
	X("cert.name.generation", SETPKI_WARNING, "a CA's common name ends in \" G\" and its generation's number",     \
	    "set-protocol 12.12", "certificate", "number the generations of this CA")                                  \
	X("cert.name.self", SETPKI_ERROR, "a root is its own issuer, and nothing else is",                             \
	    "set-protocol 12.12; RFC 5280 3.2", "certificate", "give subject and issuer names of their own")           \
	X("cert.name.string", SETPKI_ERROR,                                                                            \
	    "names are PrintableString where that can hold them, else UTF8String (modern) or BMPString (classic)",     \
	    "set-protocol 12.12", "certificate", "issue the certificate again with the string type of its suite")      \
	X("cert.pkup.crlsigner", SETPKI_ERROR,                                                                         \
	    "the privateKeyUsagePeriod of a certificate for CRL signing alone equals its validity",                    \
	    "set-protocol 12.13", "certificate", "issue the CRL-signing certificate again with equal periods")         \
	X("cert.pkup.period", SETPKI_ERROR, "privateKeyUsagePeriod has both ends, in order, within the validity",      \
	    "set-protocol 5; RFC 3280 4.2.1.4", "certificate",                                                         \
	    "issue the certificate again with a period inside its validity")                                           \
	X("cert.policy.qualifier", SETPKI_ERROR,                                                                       \
	    "the SET policy has at most one qualifier, a well-formed SetPolicyQualifier under id-set-setQualifier",    \
	    "set-protocol 5", "certificate", "issue the certificate again with a SET qualifier, or none")              \
	X("cert.policy.root", SETPKI_ERROR, "certificatePolicies has id-set-policy-root, once, and no other",          \
	    "set-protocol 5, 7 step 9", "certificate", "issue the certificate again under the SET policy")             \
	X("cert.serial", SETPKI_ERROR, "the serial number is 17 octets, the first of them 01",                         \
	    "set-protocol 12.1; RFC 5280 4.1.2.2", "certificate", "draw 16 random octets for each serial number")      \
	X("cert.signature", SETPKI_ERROR, "a root's signature verifies with its own key", "set-protocol 7 step 2",     \
	    "certificate", "the certificate was altered: fetch it again")                                              \
	X("cert.ski", SETPKI_ERROR, "subjectKeyIdentifier is the leftmost 160 bits of SHA-256 of the key bits",        \
	    "set-protocol 12.1; RFC 7093 2", "certificate", "issue the certificate again with the key's identifier")   \
	X("cert.time.form", SETPKI_ERROR,                                                                              \
	    "validity is UTCTime to 2049; then GeneralizedTime in modern, and not allowed in classic",                 \
	    "set-protocol 12.1; RFC 5280 4.1.2.5", "certificate", "issue the certificate again with the right form")   \
	X("cert.time.order", SETPKI_ERROR, "notBefore is not after notAfter", "RFC 5280 4.1.2.5", "certificate",       \
	    "issue the certificate again with a validity that exists")                                                 \
	X("cert.tunneling", SETPKI_ERROR, "tunneling is TRUE and names the suite's content cipher, nothing else",      \
	    "set-protocol 12.1", "certificate", "issue the certificate again with the suite's cipher")                 \
	X("cert.type", SETPKI_ERROR,                                                                                   \
	    "certificateType is one end entity, one of root, brand and geopolitical CA, or some of cca, mca and pca",  \
	    "set-protocol 5, 12.12", "certificate", "issue the certificate again with the type of its holder")         \
	X("cert.uniqueid", SETPKI_ERROR, "issuerUniqueID and subjectUniqueID are not used", "set-protocol 5",          \
	    "certificate", "issue the certificate again without them")                                                 \
	X("cert.url", SETPKI_ERROR, "cRLDistributionPoints and authorityInfoAccess hold one http or https URL each",   \
	    "set-protocol 12.1", "certificate", "issue the certificate again with one URL, or without")

#endif
