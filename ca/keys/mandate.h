/* What a key signs, whoever asks: for certificates one table of kind, role, brand, lifetime and path length, for
 * messages one of contents.  It looks at the very bytes that are to be signed and at the signer's own certificate, and
 * knows nothing of how it came about that they should be: what got past everything else does not get past this. */
#ifndef CA_KEYS_MANDATE_H
#define CA_KEYS_MANDATE_H

#include "ca/keys/keys.h"
#include "lib/x509/cert.h"

/* What is signed now may have been decided so many seconds ago. */
#define CA_MANDATE_SLACK_S 300

struct ca_mandate {
	enum setpki_suite suite;
	const struct sp_cert *self;	/* the certificate of the key that signs; NULL: a root that has none yet */
	uint32_t kinds;			/* 1 << enum setpki_kind of what it may certify */
	int64_t longest[SETPKI_KIND_N]; /* seconds that one may be valid; 0: until `until` */
	int64_t until;			/* the last second of anything that it certifies */
	int64_t now;			/* the first, but for CA_MANDATE_SLACK_S */
};

/* Signs a TBSCertificate that is within the mandate, with the key that `self` certifies.  RULE: it is not, and why;
 * else as ca_key_sign(). */
SP_MUST_CHECK enum setpki_code ca_key_sign_cert(
    ca_key *key, const struct ca_mandate *m, setpki_bytes tbs, struct sp_buf *sig, struct setpki_error *err);
/* Signs the authenticated attributes of what a CA answers registrations with.  RULE: they are of something else. */
SP_MUST_CHECK enum setpki_code ca_key_sign_message(
    ca_key *key, enum setpki_suite suite, setpki_bytes attributes, struct sp_buf *sig, struct setpki_error *err);

#endif
