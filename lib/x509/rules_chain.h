/* Findings of chain validation: X(id, severity, what must be, specification, applied to, what to do about it).
 * Sorted by id.  UNDECIDED is for what is not there; what is there and breaks a rule is an ERROR. */
#ifndef LIB_X509_RULES_CHAIN_H
#define LIB_X509_RULES_CHAIN_H

#define SP_RULES_CHAIN(X)                                                                                              \
	X("chain.aki", SETPKI_ERROR,                                                                                   \
	    "authorityKeyIdentifier names issuer and serial number of the CA certificate used",                        \
	    "set-protocol 5, 7 step 3; 12.1", "chain",                                                                 \
	    "give the CA certificate that the identifier names, or have the certificate issued again")                 \
	X("chain.aki.keyid", SETPKI_ERROR, "authorityKeyIdentifier.keyIdentifier is that of the issuer's key",         \
	    "set-protocol 12.1; RFC 7093 2", "chain", "have the certificate issued again by the CA that it names")     \
	X("chain.algorithm", SETPKI_ERROR, "inner and outer signature algorithm are equal", "set-protocol 7 step 2",   \
	    "chain", "the certificate was altered or made by a faulty CA: fetch it again")                             \
	X("chain.ask.brand", SETPKI_ERROR, "the chain is of the brand that was asked for", "set-protocol 7 step 8",    \
	    "chain", "check which brand the message or the command names")                                             \
	X("chain.ask.kind", SETPKI_ERROR, "the certificate is of the kind that was asked for",                         \
	    "set-protocol 7 step 5", "chain", "use the holder's certificate of the other purpose")                     \
	X("chain.ask.type", SETPKI_ERROR, "certificateType is the one that was asked for", "set-protocol 7 step 7",    \
	    "chain", "check which party this certificate belongs to")                                                  \
	X("chain.basic.ca", SETPKI_ERROR, "an issuer's basicConstraints has cA TRUE",                                  \
	    "set-protocol 7 step 6; RFC 5280 6.1.4 (k)", "chain",                                                      \
	    "the issuer is no CA certificate for signing certificates: do not trust what it signed")                   \
	X("chain.bci.critical", SETPKI_ERROR, "a BCI carries no critical extension that is not known",                 \
	    "set-protocol 2; RFC 5280 4.2", "bci", "fetch a BCI that this version understands")                        \
	X("chain.bci.expired", SETPKI_ERROR, "now <= notAfter of the BCI", "set-protocol 12.14 (c)", "bci",            \
	    "fetch the brand's newest BCI")                                                                            \
	X("chain.bci.missing", SETPKI_UNDECIDED, "the brand's BCI is at hand", "set-protocol 7 step 10, 12.14", "bci", \
	    "give the brand's BCI (--bci FILE), or ask for another --revocation")                                      \
	X("chain.bci.notyet", SETPKI_ERROR, "notBefore of the BCI <= now", "set-protocol 12.14 (c)", "bci",            \
	    "check the clock, or give the BCI of that time")                                                           \
	X("chain.bci.period", SETPKI_ERROR,                                                                            \
	    "a BCI is signed within its signer's privateKeyUsagePeriod, where that signs no certificates",             \
	    "set-protocol 12.13", "bci", "the brand has to sign its BCI with a CRL-signing key that is still in use")  \
	X("chain.bci.sequence", SETPKI_ERROR, "sequenceNum is never below the highest seen", "set-protocol 12.14 (c)", \
	    "bci", "an older BCI was given: fetch the brand's newest one")                                             \
	X("chain.bci.signature", SETPKI_ERROR, "the BCI's signature verifies", "set-protocol 12.14 (c)", "bci",        \
	    "fetch the BCI again; if it stays so, tell the brand")                                                     \
	X("chain.bci.signer", SETPKI_ERROR, "a brand CA of this brand, with cRLSign, signs the BCI",                   \
	    "set-protocol 12.14 (b)", "bci", "fetch the BCI from the brand itself")                                    \
	X("chain.bci.signer.chain", SETPKI_ERROR,                                                                      \
	    "the BCI's signer is issued by a trusted or succeeded root and keeps every rule",                          \
	    "set-protocol 12.14 (b)", "bci", "see the findings of the signer named here")                              \
	X("chain.bci.signer.missing", SETPKI_UNDECIDED, "the certificate of the BCI's signer is at hand",              \
	    "set-protocol 12.14 (b)", "bci", "give the brand CA's certificate (--untrusted FILE)")                     \
	X("chain.bci.signer.revoked", SETPKI_ERROR, "the BCI's signer is not on its root's CRL",                       \
	    "set-protocol 12.14 (b)", "bci", "fetch the BCI that the brand's next generation signs")                   \
	X("chain.bci.suite", SETPKI_ERROR, "the BCI is of the root's suite", "set-protocol 12.1", "bci",               \
	    "fetch the BCI of this hierarchy")                                                                         \
	X("chain.bci.unlisted", SETPKI_ERROR,                                                                          \
	    "every root, brand, geopolitical and gateway CA of the chain has a CRL on the BCI",                        \
	    "set-protocol 12.14 (e)", "bci",                                                                           \
	    "the BCI is not of this hierarchy or the CA no longer counts: fetch the newest one")                       \
	X("chain.brand", SETPKI_ERROR, "O, up to \":\", is equal from the brand CA down", "set-protocol 7 step 8",     \
	    "chain", "the chain mixes brands: do not trust it")                                                        \
	X("chain.crl.critical", SETPKI_ERROR, "a CRL carries no critical extension that is not known",                 \
	    "set-protocol 12.14 (d); RFC 5280 5.2", "crl", "fetch a CRL that this version understands")                \
	X("chain.crl.expired", SETPKI_ERROR, "now < nextUpdate of the CRL", "set-protocol 12.14 (a), (d)", "crl",      \
	    "fetch the CA's newest CRL")                                                                               \
	X("chain.crl.form", SETPKI_ERROR, "a CRL has nextUpdate and CRLNumber", "set-protocol 6, 12.14 (d)", "crl",    \
	    "the CA has to publish a CRL of SET's form")                                                               \
	X("chain.crl.missing", SETPKI_UNDECIDED, "the CRL of each CA that keeps one is at hand",                       \
	    "set-protocol 12.14 (a), (d)", "crl", "give the CA's CRL (--crl FILE|DIR)")                                \
	X("chain.crl.notyet", SETPKI_ERROR, "thisUpdate of the CRL <= now", "set-protocol 12.14 (a), (d)", "crl",      \
	    "check the clock, or give the CRL of that time")                                                           \
	X("chain.crl.number", SETPKI_ERROR, "CRLNumber is at least the one on the BCI", "set-protocol 12.14 (d)",      \
	    "crl", "fetch the CA's newest CRL")                                                                        \
	X("chain.crl.period", SETPKI_ERROR,                                                                            \
	    "a CRL is signed within its signer's privateKeyUsagePeriod, where that signs no certificates",             \
	    "set-protocol 12.13", "crl", "the CA has to sign its CRLs with a key that is still in use")                \
	X("chain.crl.signature", SETPKI_ERROR, "the CRL's signature verifies", "set-protocol 12.14 (a), (d)", "crl",   \
	    "fetch the CRL again; if it stays so, tell the CA")                                                        \
	X("chain.crl.signer", SETPKI_ERROR,                                                                            \
	    "a CRL is signed with the issuer's own key, or by a CRL signer of the same name, type and superior",       \
	    "set-protocol 12.14 (d), 12.12", "crl", "fetch the CRL from the CA itself")                                \
	X("chain.crl.signer.missing", SETPKI_UNDECIDED, "the certificate of the CRL's signer is at hand",              \
	    "set-protocol 12.14 (d)", "crl", "give the CA's CRL-signing certificate (--untrusted FILE)")               \
	X("chain.crl.signer.revoked", SETPKI_ERROR, "the CRL's signer is not revoked", "set-protocol 12.14 (d)",       \
	    "crl", "fetch the CRL that the CA's new CRL-signing key signs")                                            \
	X("chain.crl.suite", SETPKI_ERROR, "each CRL is of the root's suite", "set-protocol 12.1", "crl",              \
	    "fetch the CRL of this hierarchy")                                                                         \
	X("chain.depth", SETPKI_ERROR, "a path has no more certificates than a hierarchy can have",                    \
	    "set-protocol 5, 12.12", "chain", "remove foreign certificates from what is given")                        \
	X("chain.ext.critical", SETPKI_ERROR, "each extension is critical as its row in the table says",               \
	    "set-protocol 5, 12.19", "chain", "have the certificate issued again")                                     \
	X("chain.ext.forbidden", SETPKI_ERROR, "a certificate carries no extension that its kind must not have",       \
	    "set-protocol 5, 12.1", "chain", "have the certificate issued again")                                      \
	X("chain.ext.missing", SETPKI_ERROR, "a certificate carries every extension that its kind needs",              \
	    "set-protocol 5, 12.1", "chain", "have the certificate issued again")                                      \
	X("chain.ext.unknown", SETPKI_ERROR, "no critical extension is unknown",                                       \
	    "set-protocol 7 step 2; RFC 5280 4.2", "chain",                                                            \
	    "this version cannot judge the certificate: do not use it for SET")                                        \
	X("chain.issuer.missing", SETPKI_UNDECIDED, "the issuer's certificate is at hand", "set-protocol 7 step 1",    \
	    "chain", "give the CA certificates between it and the root (--untrusted FILE|DIR)")                        \
	X("chain.key", SETPKI_ERROR, "the public key is one that the suite allows for its purpose",                    \
	    "set-protocol 12.1", "chain", "have a certificate issued for a key of the suite")                          \
	X("chain.keyusage.certsign", SETPKI_ERROR, "every issuer has keyCertSign", "set-protocol 7 step 5", "chain",   \
	    "the issuer's certificate is not for signing certificates: do not trust what it signed")                   \
	X("chain.keyusage.message", SETPKI_ERROR, "who signs messages has digitalSignature", "set-protocol 7 step 5",  \
	    "chain", "the message must be signed with the holder's signature key")                                     \
	X("chain.kind", SETPKI_ERROR,                                                                                  \
	    "certificateType, keyUsage and basicConstraints together make one kind of SET certificate",                \
	    "set-protocol 5, 12.12", "chain", "this is no SET certificate, or it was made by a faulty CA")             \
	X("chain.limit", SETPKI_UNDECIDED, "the search for a path ends within its limits", "lib/base/limits.h",        \
	    "chain", "give fewer certificates of the same name")                                                       \
	X("chain.name", SETPKI_ERROR, "the issuer's name is the subject of the CA certificate used, byte for byte",    \
	    "set-protocol 7 step 3, 12.12", "chain", "have the certificate issued again by the CA that it names")      \
	X("chain.outlives", SETPKI_ERROR,                                                                              \
	    "who signs CRLs is valid at least as long as the certificates whose revocation it signs",                  \
	    "set-protocol 12.13", "chain", "have the certificate issued with an end within its CA's")                  \
	X("chain.pathlen", SETPKI_ERROR, "no more CA certificates follow than pathLenConstraint allows",               \
	    "set-protocol 7 step 6; RFC 5280 6.1.4 (l)", "chain", "do not trust the CAs below the limit")              \
	X("chain.pathlen.level", SETPKI_ERROR, "pathLenConstraint is that of the CA's level", "set-protocol 12.12",    \
	    "chain", "have the CA certificate issued again")                                                           \
	X("chain.period.issued", SETPKI_ERROR,                                                                         \
	    "a certificate's notBefore lies within its issuer's privateKeyUsagePeriod",                                \
	    "set-protocol 7 step 4, 12.13", "chain", "the CA signed with a key that was out of use: do not trust it")  \
	X("chain.period.signed", SETPKI_ERROR, "a message is signed within its signer's privateKeyUsagePeriod",        \
	    "set-protocol 7 step 4, 12.13", "chain", "the holder needs a new signature certificate")                   \
	X("chain.policy", SETPKI_ERROR, "certificatePolicies has id-set-policy-root all along",                        \
	    "set-protocol 7 step 9", "chain", "the certificate was not issued for SET")                                \
	X("chain.revoked", SETPKI_ERROR, "no certificate of the chain is on its issuer's CRL",                         \
	    "set-protocol 7 step 10", "chain", "the certificate was revoked: do not use it")                           \
	X("chain.rfc5280.names", SETPKI_ERROR, "names keep to the CAs' name constraints", "RFC 5280 4.2.1.10",         \
	    "chain", "the CA issued outside its constraints: do not trust the certificate")                            \
	X("chain.rfc5280.other", SETPKI_ERROR, "OpenSSL's verifier accepts the chain", "RFC 5280 6.1", "chain",        \
	    "see the verifier's own words")                                                                            \
	X("chain.rfc5280.policy", SETPKI_ERROR, "a certificate policy that is wanted holds all along",                 \
	    "RFC 5280 6.1.5 (g)", "chain", "use a chain whose CAs follow the wanted policy")                           \
	X("chain.rfc5280.scope", SETPKI_ERROR, "the CRL's scope covers the certificate", "RFC 5280 6.3.3", "crl",      \
	    "give the CRL for this kind of certificate and these reasons")                                             \
	X("chain.root.kind", SETPKI_ERROR, "a chain ends at a self-signed root CA certificate (rca)",                  \
	    "set-protocol 7 step 7", "chain", "give the hierarchy's own root")                                         \
	X("chain.root.succeeded", SETPKI_NOTE,                                                                         \
	    "a root may be accepted because a trusted root carries the hash of its key",                               \
	    "set-protocol 7 step 11, 12.15", "chain", "add the new root to the trusted ones")                          \
	X("chain.root.untrusted", SETPKI_ERROR, "the root is trusted, or a trusted root carries the hash of its key",  \
	    "set-protocol 7 step 11, 12.15", "chain",                                                                  \
	    "compare the root's thumb with the published one, then trust it (--root)")                                 \
	X("chain.signature", SETPKI_ERROR, "each signature verifies with the issuer's key", "set-protocol 7 step 2",   \
	    "chain", "the certificate was altered, or its issuer is another key of that name")                         \
	X("chain.signer.ca", SETPKI_ERROR, "who signs for a CA has its name, its certificateType and its superior",    \
	    "set-protocol 12.12", "chain", "the message does not come from that CA")                                   \
	X("chain.subject.ca", SETPKI_ERROR, "an end entity's subject is never equal to a CA's", "set-protocol 12.12",  \
	    "chain", "the issuing CA gave out a CA's name: do not trust it")                                           \
	X("chain.suite", SETPKI_ERROR, "every certificate of a chain is of its root's suite", "set-protocol 12.1",     \
	    "chain", "a chain never mixes suites: have the certificate issued again")                                  \
	X("chain.suite.asked", SETPKI_ERROR, "the root's suite is the one asked for; classic only by name",            \
	    "set-protocol 12.1", "chain",                                                                              \
	    "ask for the root's own suite (--suite); classic is taken only by name, for SHA-1, DES and RSA-1024 are "  \
	    "too weak")                                                                                                \
	X("chain.type", SETPKI_ERROR,                                                                                  \
	    "certificateType follows the hierarchy: rca, bca, gca or an issuing CA, then card, mer or pgwy by cca, "   \
	    "mca or pca",                                                                                              \
	    "set-protocol 7 step 7", "chain", "the issuer must not issue such certificates: do not trust it")          \
	X("chain.uniqueid", SETPKI_ERROR, "issuerUniqueID and subjectUniqueID are not used", "set-protocol 5",         \
	    "chain", "have the certificate issued again")                                                              \
	X("chain.validity.expired", SETPKI_ERROR, "now <= notAfter", "set-protocol 7 step 4", "chain",                 \
	    "renew the certificate")                                                                                   \
	X("chain.validity.notyet", SETPKI_ERROR, "notBefore <= now", "set-protocol 7 step 4", "chain",                 \
	    "check the clock; else wait")

#endif
