/* Who signs, or for whom something is encrypted. */
#ifndef SETPKI_PARTY_H
#define SETPKI_PARTY_H

#include <setpki/bytes.h>

/**
 * A key with the name that PKCS#7 gives it: issuer and serial number of its certificate.  The library's operators take
 * this, never a certificate; whether the certificate is good is the validator's business (setpki/chain.h).
 */
struct setpki_party {
	setpki_bytes issuer; /* Name of the certificate's issuer, whole DER; empty: a key not certified yet */
	setpki_bytes serial; /* contents octets of the serial number's INTEGER */
	struct evp_pkey_st
	    *key; /* OpenSSL's EVP_PKEY, borrowed; private to sign and open, public is enough otherwise */
};

#endif
