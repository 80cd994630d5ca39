/* Findings of linting BrandCRLIdentifiers: X(id, severity, what must be, specification, applied to, what to do about
 * it). Sorted by id. */
#ifndef LIB_X509_RULES_BCI_H
#define LIB_X509_RULES_BCI_H

#define SP_RULES_BCI(X)                                                                                                \
	X("bci.aki", SETPKI_ERROR,                                                                                     \
	    "authorityKeyIdentifier stands in the form of the suite: issuer and serial number, in modern a "           \
	    "keyIdentifier too",                                                                                       \
	    "set-protocol 2, 12.1", "bci", "have the brand make the BCI anew")                                         \
	X("bci.algorithm.suite", SETPKI_ERROR, "the signature algorithm is that of the suite", "set-protocol 12.1",    \
	    "bci", "check that the BCI belongs to this hierarchy")                                                     \
	X("bci.brand", SETPKI_ERROR, "brandID is a name of 1 to 40 characters, without a blank at its ends",           \
	    "set-protocol 2 (BrandID)", "bci", "have the brand make the BCI anew")                                     \
	X("bci.critical", SETPKI_ERROR, "no extension is critical", "set-protocol 12.14", "bci",                       \
	    "have the brand make the BCI anew")                                                                        \
	X("bci.der", SETPKI_ERROR, "the BCI is well-formed DER", "set-protocol 12.2", "bci",                           \
	    "get the file again; it is damaged or no BCI")                                                             \
	X("bci.empty", SETPKI_ERROR, "it names at least one CRL: that of the root", "set-protocol 12.14", "bci",       \
	    "have the brand make the BCI anew")                                                                        \
	X("bci.entry.double", SETPKI_ERROR, "it names the CRL of each issuer once", "set-protocol 12.14", "bci",       \
	    "have the brand make the BCI anew")                                                                        \
	X("bci.time.order", SETPKI_ERROR, "notBefore is not after notAfter", "set-protocol 12.14", "bci",              \
	    "have the brand make the BCI anew")                                                                        \
	X("bci.unknown", SETPKI_WARNING, "no extension but authorityKeyIdentifier stands there", "set-protocol 2",     \
	    "bci", "ask the brand what the extension is for")

#endif
