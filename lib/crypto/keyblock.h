/* The key block (set-protocol section 4 "OAEP block", 12.4): content key, HD and the extra part X under one RSA
 * operation; and how X is packed. */
#ifndef LIB_CRYPTO_KEYBLOCK_H
#define LIB_CRYPTO_KEYBLOCK_H

#include "lib/base/limits.h"
#include "lib/crypto/content.h"
#include "lib/crypto/suite.h"

/* BC, the block-content code: what X is. */
enum sp_extra {
	SP_EXTRA_NONE,	    /* nothing */
	SP_EXTRA_PAN_DATA,  /* pan, cardExpiry, panSecret, exNonce */
	SP_EXTRA_PAN_DATA0, /* pan, cardExpiry, cardSecret, exNonce */
	SP_EXTRA_PAN_TOKEN, /* pan, cardExpiry, exNonce */
	SP_EXTRA_PAN_ONLY,  /* pan, exNonce */
	SP_EXTRA_ACCT_DATA, /* acctIdentification, exNonce */
	SP_EXTRA_N
};

#define SP_KEY_MAX 32
#define SP_X_MAX 94 /* AcctData: 74 and 20 */

struct sp_keyblock {
	enum sp_extra extra;
	bool has_hd;
	uint8_t key[SP_KEY_MAX], hd[SP_DIGEST_MAX], x[SP_X_MAX];
};

/* Octets of X. */
size_t sp_extra_len(enum sp_extra extra);
/* X from the DER of the extra part, and back: a PAN takes 19 octets, filled with 0xFF; the rest is as it stands. */
SP_MUST_CHECK enum setpki_code
sp_extra_pack(enum sp_extra extra, setpki_bytes der, uint8_t x[SP_X_MAX], struct setpki_error *err);
/* 1 if X is well formed.  DER is appended in any case (of what X would be), so that the work is the same. */
unsigned sp_extra_unpack(enum sp_extra extra, const uint8_t x[SP_X_MAX], struct sp_buf *der);

/* Appends the RSA ciphertext.  SUITE: not an RSA key of the suite, or a key too short for the block. */
SP_MUST_CHECK enum setpki_code sp_keyblock_seal(setpki_ctx *ctx, enum setpki_suite suite, EVP_PKEY *to,
    const struct sp_keyblock *b, struct sp_buf *out, struct setpki_error *err);
/* `extra` and `has_hd` say what must be in it.  1 if all is well.  If anything is not, the key is a random one and the
 * rest zero, and the same work was done: the caller goes on and fails at the end (12.5). */
unsigned
sp_keyblock_open(setpki_ctx *ctx, enum setpki_suite suite, EVP_PKEY *key, setpki_bytes sealed, struct sp_keyblock *b);
/* The AlgorithmIdentifier of it: rsaOAEPEncryptionSET, or id-RSAES-OAEP with its parameters (static). */
setpki_bytes sp_keyblock_alg(enum setpki_suite suite);

#endif
