/* The operators E, EH, EX and EXH (set-protocol 4, 12.4, 12.5): EnvelopedData for one recipient. */
#ifndef LIB_CRYPTO_ENVELOPE_H
#define LIB_CRYPTO_ENVELOPE_H

#include "lib/crypto/keyblock.h"
#include "lib/crypto/signed.h"

/* Which operator, over what.
 *   E    no extra, no hd         body t              EX   extra, linked       body L(t, p)
 *   EH   hd                      body t              EXH  extra, linked, hd   body L(t, p)
 * EncX puts p into the key block and binds it by the signature: extra, not linked. */
struct sp_seal {
	enum sp_content type; /* of the encrypted body: a TBE or TBEX number */
	enum sp_extra extra;
	bool linked, hd;
};

/* `p`: DER of the extra part, empty for SP_EXTRA_NONE.  Linking needs a part that has a content type: not PANData0 and
 * AcctData.  Appends the EnvelopedData. */
SP_MUST_CHECK enum setpki_code sp_envelope_put(setpki_ctx *ctx, enum setpki_suite suite, const struct setpki_party *to,
    const struct sp_seal *seal, setpki_bytes t, setpki_bytes p, struct sp_buf *out, struct setpki_error *err);

/* What was in it.  Zero-initialised; sp_opened_free(). */
struct sp_opened {
	setpki_bytes t;	    /* DER, points into `body` */
	struct sp_buf body; /* secret */
	struct sp_buf p;    /* DER of the extra part, secret */
};

/**
 * What can be seen from outside is judged first: PARSE (not an EnvelopedData with this content), SUITE (its
 * algorithms), NOTFOUND (for another recipient).  Everything else fails with DECRYPT, one text, on one path: RSA, key
 * block, padding or tag, form of what was inside, HD and DD.
 */
SP_MUST_CHECK enum setpki_code sp_envelope_open(setpki_ctx *ctx, enum setpki_suite suite, const struct setpki_party *me,
    const struct sp_seal *seal, setpki_bytes der, struct sp_opened *out, struct setpki_error *err);
void sp_opened_free(struct sp_opened *o);
/* For whom it is, without opening it. */
SP_MUST_CHECK enum setpki_code
sp_envelope_recipient(setpki_bytes der, struct sp_signer *out, struct sp_buf *issuer, struct setpki_error *err);

#endif
