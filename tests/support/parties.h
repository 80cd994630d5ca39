/* Parties of a test: fresh keys of each suite with made-up issuers and serials. */
#ifndef TESTS_SUPPORT_PARTIES_H
#define TESTS_SUPPORT_PARTIES_H

#include "lib/crypto/signed.h"

struct t_suite {
	enum setpki_suite suite;
	struct setpki_party alice, bob;	 /* signers: RSA in classic, ECDSA and RSA in modern */
	struct setpki_party fresh;	 /* not certified yet */
	struct setpki_party carol, dave; /* recipients: RSA */
};

#define T_SUITES 2
/* Makes the keys once; NULL on failure. */
const struct t_suite *t_suites(setpki_ctx *ctx);
void t_suites_free(void);

/* sp_verify_ask.key: `arg` is a struct t_suite; knows alice, bob and the fresh key. */
EVP_PKEY *t_key_of(void *arg, size_t i, const struct sp_signer *who, setpki_bytes content);

#endif
