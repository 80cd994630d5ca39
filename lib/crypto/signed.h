/* The operators S and SO: PKCS#7 1.6 SignedData with one or two SignerInfos (set-protocol 4, 12.3). */
#ifndef LIB_CRYPTO_SIGNED_H
#define LIB_CRYPTO_SIGNED_H

#include "lib/asn1/pkcs7.h"
#include "lib/base/limits.h"
#include "lib/crypto/content.h"
#include "lib/crypto/sign.h"

#include <setpki/party.h>

/* S(s, t), or SO(s, t) when `detached`. */
struct sp_sign_ask {
	enum sp_content type;
	setpki_bytes content; /* DER of t */
	bool detached;
	const struct setpki_party *signers;
	size_t nsigners;		  /* 0: nobody (only what travels beside); SP_SIGNERS_MAX at most */
	const setpki_bytes *certs, *crls; /* travel beside, not covered by the signature */
	size_t ncerts, ncrls;
};

/* Appends the SignedData.  SUITE (a key that does not sign in this suite), ARGUMENT, CRYPTO, MEMORY. */
SP_MUST_CHECK enum setpki_code sp_sdata_put(setpki_ctx *ctx, enum setpki_suite suite, const struct sp_sign_ask *ask,
    struct sp_buf *out, struct setpki_error *err);

/* SignedData that was read. */
struct sp_sdata {
	SP_SIGNED_DATA *data;
	bool owned;
	setpki_bytes content; /* of S; empty in SO */
	size_t nsigners, ncerts, ncrls;
};

struct sp_signer {
	setpki_bytes issuer; /* Name */
	uint8_t octets[SP_SERIAL_MAX + 1];
	size_t nserial;	  /* contents octets of the serial are octets[0..nserial) */
	bool uncertified; /* empty Name, serial 0 */
};

/* Form alone, strictly; nothing is verified.  PARSE or LIMIT. */
SP_MUST_CHECK enum setpki_code sp_sdata_read(setpki_bytes der, struct sp_sdata *out, struct setpki_error *err);
/* The same around a template that a larger one holds; borrowed. */
void sp_sdata_view(SP_SIGNED_DATA *data, struct sp_sdata *out);
void sp_sdata_free(struct sp_sdata *s);
setpki_bytes sp_sdata_cert(const struct sp_sdata *s, size_t i);
setpki_bytes sp_sdata_crl(const struct sp_sdata *s, size_t i);
/* Who made SignerInfo `i`; its serial as contents octets with sp_signer_serial(). */
void sp_sdata_signer(const struct sp_sdata *s, size_t i, struct sp_signer *out);
/* The same from IssuerAndSerialNumber alone; false for a negative or overlong serial. */
bool sp_signer_from(const SP_ISSUER_SERIAL *is, struct sp_signer *out);
setpki_bytes sp_signer_serial(const struct sp_signer *signer);

/* SignerInfo `i` with `key`: content type, algorithms of the suite, exactly the two attributes in their order, message
 * digest over `content` (for SO the caller gives what was signed; for S, s->content) and the signature.  SIGNATURE. */
SP_MUST_CHECK enum setpki_code sp_sdata_verify(setpki_ctx *ctx, enum setpki_suite suite, const struct sp_sdata *s,
    size_t i, enum sp_content type, setpki_bytes content, EVP_PKEY *key, struct setpki_error *err);

/* The whole of it, as messages need it. */
struct sp_verify_ask {
	enum sp_content type;
	/* How many SignerInfos the (not yet trusted) content calls for; NULL: one. */
	size_t (*count)(void *arg, setpki_bytes content);
	/* The key of a signer, borrowed until the check ends; NULL when there is none. */
	EVP_PKEY *(*key)(void *arg, size_t i, const struct sp_signer *signer, setpki_bytes content);
	void *arg;
};
/* Every SignerInfo, whatever became of the ones before; *first_ok says whether the first one verified (12.5). */
SP_MUST_CHECK enum setpki_code
sp_sdata_verify_all(setpki_ctx *ctx, enum setpki_suite suite, const struct sp_sdata *s, setpki_bytes content,
    setpki_bytes clear, const struct sp_verify_ask *ask, bool *first_ok, struct setpki_error *err);

#endif
