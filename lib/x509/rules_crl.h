/* Findings of linting CRLs: X(id, severity, what must be, specification, applied to, what to do about it).
 * Sorted by id. */
#ifndef LIB_X509_RULES_CRL_H
#define LIB_X509_RULES_CRL_H

#define SP_RULES_CRL(X)                                                                                                \
	X("crl.aki", SETPKI_ERROR,                                                                                     \
	    "authorityKeyIdentifier stands in the form of the suite: issuer and serial number, in modern a "           \
	    "keyIdentifier too",                                                                                       \
	    "set-protocol 12.1, 12.14", "crl", "have its CA make the CRL anew")                                        \
	X("crl.algorithm.match", SETPKI_ERROR,                                                                         \
	    "the AlgorithmIdentifiers inside and outside the signed part are the same", "RFC 5280 5.1.1.2", "crl",     \
	    "refuse the CRL: it was put together from two")                                                            \
	X("crl.algorithm.suite", SETPKI_ERROR, "the signature algorithm is that of the suite", "set-protocol 12.1",    \
	    "crl", "check that the CRL belongs to this hierarchy")                                                     \
	X("crl.critical", SETPKI_ERROR,                                                                                \
	    "no extension but those of SET is critical, and cRLNumber and authorityKeyIdentifier are not",             \
	    "set-protocol 6, 12.14", "crl", "have its CA make the CRL anew")                                           \
	X("crl.der", SETPKI_ERROR, "the CRL is well-formed DER", "set-protocol 12.2", "crl",                           \
	    "get the file again; it is damaged or no CRL")                                                             \
	X("crl.entries.double", SETPKI_WARNING, "each serial number is listed once", "RFC 5280 5.1.2.6", "crl",        \
	    "tell its CA; the certificate counts as revoked")                                                          \
	X("crl.entries.empty", SETPKI_ERROR, "revokedCertificates is absent where nothing is revoked",                 \
	    "RFC 5280 5.1.2.6", "crl", "have its CA make the CRL anew")                                                \
	X("crl.nextupdate", SETPKI_ERROR, "nextUpdate stands there, after thisUpdate",                                 \
	    "RFC 5280 5.1.2.5; set-protocol 6", "crl", "have its CA make the CRL anew")                                \
	X("crl.number", SETPKI_ERROR, "cRLNumber stands there, positive and below 2^63",                               \
	    "RFC 5280 5.2.3; set-protocol 6", "crl", "have its CA make the CRL anew")                                  \
	X("crl.reason", SETPKI_ERROR, "a CRL of the classic suite carries no reasons", "set-protocol 12.14", "crl",    \
	    "have its CA make the CRL anew")                                                                           \
	X("crl.time.form", SETPKI_ERROR, "times are UTCTime to 2049, then GeneralizedTime; in classic UTCTime only",   \
	    "RFC 5280 5.1.2.4; set-protocol 12.1", "crl", "have its CA make the CRL anew")                             \
	X("crl.unknown", SETPKI_WARNING, "no extension stands there that SET does not know", "set-protocol 6", "crl",  \
	    "ask its CA what the extension is for")

#endif
