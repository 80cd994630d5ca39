/* Who signs, or for whom something is encrypted. */
#ifndef SETPKI_PARTY_H
#define SETPKI_PARTY_H

#include <setpki/bytes.h>
#include <setpki/types.h>

/** DER in OPENSSL_malloc memory; setpki_der_free() cleanses and empties it. */
struct setpki_der {
	uint8_t *p;
	size_t n;
};

/** The opened block of an envelope (set-protocol 12.4): content key, digest HD, extra part X.  Secret. */
struct setpki_key_block {
	int content;	 /* in: BC, what X is: 0 nothing, 2 PANData0, 4 PANOnly, 5 AcctData (1, 3: payment) */
	bool has_digest; /* in: whether the operator puts HD there (EH, EXH) */
	uint8_t key[32], digest[32], extra[94];
};

void setpki_der_free(struct setpki_der *der); /* NULL is fine */

/**
 * The private operations of a key that lives elsewhere (another process, a module).  A party with these needs only
 * the public half in `key`.
 */
struct setpki_key_ops {
	/** Sign the DER of authenticated attributes (or of a TBS); `sig` is the caller's, setpki_der_free(). */
	enum setpki_code (*sign)(void *arg, enum setpki_suite suite, setpki_bytes attributes, struct setpki_der *sig,
	    struct setpki_error *err);
	/** Open a key block. @return 1; 0 for every failure alike, then `block` is filled with what cannot be told from
	 * an opened one (set-protocol 12.5). */
	unsigned (*open)(void *arg, enum setpki_suite suite, setpki_bytes sealed, struct setpki_key_block *block);
	void *arg;
};

/**
 * A key with the name that PKCS#7 gives it: issuer and serial number of its certificate.  The library's operators take
 * this, never a certificate; whether the certificate is good is the validator's business (setpki/chain.h).
 */
struct setpki_party {
	setpki_bytes issuer; /* Name of the certificate's issuer, whole DER; empty: a key not certified yet */
	setpki_bytes serial; /* contents octets of the serial number's INTEGER */
	struct evp_pkey_st
	    *key; /* OpenSSL's EVP_PKEY, borrowed; private to sign and open, public is enough otherwise */
	const struct setpki_key_ops *ops; /* NULL: `key` holds the private half */
};

#endif
