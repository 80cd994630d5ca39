/* Findings of linting PKCS#10 requests: X(id, severity, what must be, specification, applied to, what to do about it).
 * Sorted by id. */
#ifndef LIB_X509_RULES_CSR_H
#define LIB_X509_RULES_CSR_H

#define SP_RULES_CSR(X)                                                                                                \
	X("csr.algorithm.suite", SETPKI_ERROR, "the signature algorithm is that of the suite", "set-protocol 12.1",    \
	    "request", "make the request with a key of this suite")                                                    \
	X("csr.attribute", SETPKI_WARNING, "no attribute but extensionRequest stands there", "set-protocol 12.16",     \
	    "request", "leave the attribute out; it is not looked at")                                                 \
	X("csr.der", SETPKI_ERROR, "the request is well-formed DER", "RFC 2986; set-protocol 12.2", "request",         \
	    "make the request anew")                                                                                   \
	X("csr.key", SETPKI_ERROR, "the key is one that the suite allows", "set-protocol 12.1", "request",             \
	    "make another key")                                                                                        \
	X("csr.kind", SETPKI_ERROR,                                                                                    \
	    "keyUsage, certificateType and basicConstraints, where asked for, are those of one kind of certificate",   \
	    "set-protocol 5, 12.12, 12.16", "request", "ask for one purpose, one kind of holder")                      \
	X("csr.signature", SETPKI_ERROR, "the request is signed with its own key", "RFC 2986 4.2", "request",          \
	    "refuse it: whoever made it does not hold the key")                                                        \
	X("csr.unknown", SETPKI_WARNING, "no extension is asked for that SET does not know", "set-protocol 12.16",     \
	    "request", "leave the extension out; it is not certified")

#endif
