/* What the files of the generator share among themselves. */
#ifndef TESTS_SUPPORT_GEN_INNER_H
#define TESTS_SUPPORT_GEN_INNER_H

#include "tests/support/gen.h"

/* The edit of this kind and slot; NULL if there is none. */
const struct gen_edit *gen_edit_of(const struct gen_world *w, enum gen_what what, enum gen_slot slot);
enum setpki_suite gen_other_suite(const struct gen_world *w);
/* The algorithm of a suite's keys. */
enum sp_keyalg gen_key_alg(enum setpki_suite suite);
/* Ends the test with the error. */
void gen_fails(const char *what, const struct setpki_error *err);
/* Takes the contents of a buffer; gen_free_bytes(). */
setpki_bytes gen_finish(struct sp_buf *b);
void gen_free_bytes(setpki_bytes s);
/* SEQUENCE { tbs, algorithm, signature }, the last bit of the signature turned if asked for. */
setpki_bytes gen_seal(setpki_bytes tbs, setpki_bytes alg, EVP_PKEY *k, enum setpki_suite suite, bool turn_bit);

/* Appends the signature over a digest: sp_sign_digest(), once for each digest, suite and key. */
enum setpki_code gen_sign_digest(
    enum setpki_suite suite, EVP_PKEY *key, const uint8_t *digest, struct sp_buf *sig, struct setpki_error *err);
void gen_sign_forget(void);
/* The root that is trusted. */
enum gen_slot gen_trusted(const struct gen_world *w);

/* Who has a CRL in every world, and who is on the BCI. */
#define GEN_CRLS 4
extern const enum gen_slot gen_crl_issuers[GEN_CRLS];
void gen_make_crl(struct gen_world *w, enum gen_slot slot);
void gen_make_bci(struct gen_world *w);

#endif
