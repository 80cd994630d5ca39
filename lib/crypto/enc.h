/* The operators that sign and encrypt: Enc, EncB, EncK, EncX, EncBX (set-protocol section 4). */
#ifndef LIB_CRYPTO_ENC_H
#define LIB_CRYPTO_ENC_H

#include "lib/crypto/envelope.h"

/*
 *   Enc    E(r, S(s, t))
 *   EncB   { E(r, S(s, L(t, b))), b }
 *   EncX   E(r, { t, SO(s, { t, p }) }), p in the key block
 *   EncBX  { E(r, { L(t, b), SO(s, { L(t, b), p }) }), b }, p in the key block
 *   EncK   EK(k, S(s, t))
 */
struct sp_enc_form {
	enum sp_content tbs, tbe; /* of what is signed, of what is encrypted */
	enum sp_extra extra;	  /* SP_EXTRA_NONE: Enc and EncB */
	bool baggage;
	enum sp_content baggage_type; /* that DD(b) names */
};

struct sp_enc_ask {
	const struct setpki_party *to;
	const struct setpki_party *signers;
	size_t nsigners;
	setpki_bytes t, p, b; /* DER; p and b where the form has them */
	const setpki_bytes *certs, *crls;
	size_t ncerts, ncrls;
};

/* Appends the EnvelopedData, or SEQUENCE { EnvelopedData, b } with baggage. */
SP_MUST_CHECK enum setpki_code sp_enc_put(setpki_ctx *ctx, enum setpki_suite suite, const struct sp_enc_form *form,
    const struct sp_enc_ask *ask, struct sp_buf *out, struct setpki_error *err);

/* What was in it.  Zero-initialised; sp_enc_opened_free(). */
struct sp_enc_opened {
	setpki_bytes t, p, b;	/* DER; t without the linkage, b borrowed from the input */
	struct sp_sdata beside; /* the SignedData: signers, certificates and CRLs beside it */
	struct sp_opened envelope;
	void *signed_beside; /* the template that holds `beside` in EncX */
};

/**
 * Open and verify.  `keys` finds the signers' keys from the (not yet trusted) t; it must not judge anything else.
 * @return what sp_envelope_open() says of the outside; DECRYPT and SIGNATURE as 12.5 splits them: in modern SIGNATURE
 * for any SignerInfo, in classic only for a second one after the first has verified, DECRYPT for all the rest. `out`
 * holds what was read on SETPKI_E_OK, and on SIGNATURE too: the answer to that needs challenge and back key
 */
SP_MUST_CHECK enum setpki_code
sp_enc_open(setpki_ctx *ctx, enum setpki_suite suite, const struct sp_enc_form *form, const struct setpki_party *me,
    const struct sp_verify_ask *keys, setpki_bytes der, struct sp_enc_opened *out, struct setpki_error *err);
void sp_enc_opened_free(struct sp_enc_opened *o);

/* SEQUENCE { t, p }, or { L(t, b), p }: what SO of EncX covers.  In CertReqTBS p is an AcctInfo, and has the tag of its
 * arm (set-protocol 3). */
void sp_enc_signed_content(const struct sp_enc_form *form, setpki_bytes clear, setpki_bytes p, struct sp_buf *out);

/* EncK: appends EncryptedData under `key` (suite->key_len octets). */
SP_MUST_CHECK enum setpki_code sp_enck_put(setpki_ctx *ctx, enum setpki_suite suite, enum sp_content tbe,
    const uint8_t *key, const struct sp_sign_ask *sign, struct sp_buf *out, struct setpki_error *err);
/* PARSE or SUITE from outside; DECRYPT; SIGNATURE.  */
SP_MUST_CHECK enum setpki_code
sp_enck_open(setpki_ctx *ctx, enum setpki_suite suite, enum sp_content tbe, const uint8_t *key,
    const struct sp_verify_ask *keys, setpki_bytes der, struct sp_sdata *out, struct setpki_error *err);

#endif
