/* Keys that live elsewhere (setpki_key_ops): a CA whose private keys are behind callbacks answers every message as one
 * that holds them, and fails as they fail. */
#include "lib/crypto/keyblock.h"
#include "lib/crypto/sign.h"
#include "tests/support/ask.h"
#include "tests/support/check.h"
#include "tests/support/wallet.h"

#include <openssl/crypto.h>

static setpki_ctx *ctx;
static struct registry regs[2];

/* Where the keys are. */
struct elsewhere {
	EVP_PKEY *key;
	struct setpki_key_ops ops;
	unsigned signed_, opened;
	enum setpki_code fails; /* of sign(); OK: it does not */
	bool opens_nothing;
};

static enum setpki_code
sign(void *arg, enum setpki_suite suite, setpki_bytes attributes, struct setpki_der *sig, struct setpki_error *err)
{
	struct elsewhere *e = arg;
	struct sp_buf out = {0};
	enum setpki_code rc = SETPKI_E_OK;

	e->signed_++;
	if (e->fails != SETPKI_E_OK)
		return sp_fail(err, e->fails, NULL, "told to");
	rc = sp_sign(ctx, suite, e->key, attributes, &out, err);
	sig->p = sp_buf_take(&out, &sig->n);
	return rc;
}

static unsigned
open_block(void *arg, enum setpki_suite suite, setpki_bytes sealed, struct setpki_key_block *block)
{
	struct elsewhere *e = arg;
	struct sp_keyblock b = {.extra = (enum sp_extra)block->content, .has_hd = block->has_digest};
	unsigned ok = sp_keyblock_open(ctx, suite, e->key, sealed, &b);

	e->opened++;
	memcpy(block->key, b.key, sizeof(block->key));
	memcpy(block->digest, b.hd, sizeof(block->digest));
	memcpy(block->extra, b.x, sizeof(block->extra));
	OPENSSL_cleanse(&b, sizeof(b));
	return e->opens_nothing ? 0 : ok;
}

/* Both keys of every CA go elsewhere; their public halves stay. */
static void
take_away(struct desk *d, struct elsewhere keys[DESK_CAS][2])
{
	memset(keys, 0, DESK_CAS * sizeof(keys[0]));
	for (size_t i = 0; i < DESK_CAS; i++) {
		struct setpki_party *parties[2] = {&d->cas[i].sign, &d->cas[i].exchange};

		for (size_t k = 0; k < 2; k++) {
			keys[i][k].key = parties[k]->key;
			keys[i][k].ops = (struct setpki_key_ops){sign, open_block, &keys[i][k]};
			parties[k]->ops = &keys[i][k].ops;
			parties[k]->key = d->reg->c[REG_ROOT].key; /* of no use here */
		}
	}
}

static const enum setpki_request_type types[] = {SETPKI_CARD_INITIAL_SIG, SETPKI_CARD_RENEWAL_SIG,
    SETPKI_MER_INITIAL_BOTH, SETPKI_MER_RENEWAL_ENC, SETPKI_PGWY_INITIAL_ENC};

static void
they_register_everybody(void **state)
{
	struct elsewhere keys[DESK_CAS][2];

	(void)state;
	for (size_t i = 0; i < 2; i++)
		for (size_t t = 0; t < NELEMS(types); t++) {
			unsigned signed_ = 0, opened = 0;
			struct wallet w;
			struct desk d;

			desk_open(&d, &regs[i]);
			take_away(&d, keys);
			wallet_open(&w, &d, types[t]);
			assert_int_equal(wallet_run(&w), SETPKI_ENROLL_DONE);
			for (size_t k = 0; k < DESK_CAS; k++) {
				signed_ += keys[k][0].signed_;
				opened += keys[k][1].opened;
				assert_int_equal(keys[k][0].opened + keys[k][1].signed_, 0);
			}
			assert_int_equal(signed_, w.posts);
			assert_int_equal(opened, w.posts - 1);
			wallet_close(&w);
			desk_close(&d);
		}
}

/* What the key cannot open is what nobody can. */
static void
what_they_do_not_open_is_a_decryption_error(void **state)
{
	struct elsewhere keys[DESK_CAS][2];

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct setpki_responder_note note;
		struct sp_buf out = {0};
		struct ask_got got;
		struct desk d;
		struct ask a;

		desk_open(&d, &regs[i]);
		ask_open(&a, &d, SETPKI_MER_INITIAL_SIG);
		ask_challenge(&a);
		ask_cert(&a, &out);
		take_away(&d, keys);
		for (size_t k = 0; k < DESK_CAS; k++) {
			keys[k][1].opens_nothing = true;
			d.cas[k].sign.key = keys[k][0].key; /* the test verifies with it */
		}
		ask_post(&a, &out, &got, &note);
		assert_int_equal(note.status, SETPKI_STATUS_DECRYPTION_ERROR);
		assert_int_equal(d.decided, 0);
		ask_got_free(&got);
		sp_buf_free(&out);
		ask_close(&a);
		desk_close(&d);
	}
}

static void
what_they_do_not_sign_is_not_answered(void **state)
{
	static const enum setpki_code codes[] = {SETPKI_E_IO, SETPKI_E_CRYPTO, SETPKI_E_MEMORY};
	struct elsewhere keys[DESK_CAS][2];

	(void)state;
	for (size_t m = 0; m < ASK_MESSAGES; m++)
		for (size_t i = 0; i < NELEMS(codes); i++) {
			struct setpki_responder_note note;
			struct setpki_der answer;
			struct sp_buf out = {0};
			struct desk d;
			struct ask a;

			desk_open(&d, &regs[1]);
			ask_open(&a, &d, SETPKI_CARD_INITIAL_SIG);
			ask_challenge(&a);
			if (m == ASK_INQUIRY)
				ask_first(&a);
			ask_make(&a, (enum ask_message)m, &out);
			take_away(&d, keys);
			for (size_t k = 0; k < DESK_CAS; k++)
				keys[k][0].fails = codes[i];
			t_code(desk_answer(&d, sp_buf_bytes(&out), a.now, &answer, &note, NULL), codes[i], NULL);
			assert_int_equal(answer.n, 0);
			sp_buf_free(&out);
			ask_close(&a);
			desk_close(&d);
		}
}

static int
start(void **state)
{
	(void)state;
	return reg_open_both(&ctx, regs);
}

static int
stop(void **state)
{
	(void)state;
	return reg_close_both(ctx, regs);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(they_register_everybody),
	    cmocka_unit_test(what_they_do_not_open_is_a_decryption_error),
	    cmocka_unit_test(what_they_do_not_sign_is_not_answered),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
