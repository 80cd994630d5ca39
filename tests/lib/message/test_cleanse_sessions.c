/* Both ends of a registration leave no secret in memory that is given back: PAN, CardSecret, Nonce-CCA, PANSecret, back
 * key. A registration is made twice with the same random numbers: once to learn the secrets, once to look for them. */
#include "tests/support/check.h"
#include "tests/support/fixed.h"
#include "tests/support/wallet.h"
#include "tests/support/watch.h"

#include <openssl/crypto.h>

static setpki_ctx *ctx;
static struct registry regs[2];
static EVP_PKEY *keys[2];

struct secrets {
	uint8_t card[SETPKI_SECRET_LEN], nonce[SETPKI_NONCE_LEN], pan[SETPKI_SECRET_LEN], back[32];
};

static void
run(struct registry *reg, EVP_PKEY *key, enum setpki_status end, struct secrets *out)
{
	struct desk d;
	struct wallet w;

	reg_new_key_give(key);
	desk_open(&d, reg);
	d.status = SETPKI_STATUS_PENDED;
	wallet_open(&w, &d, SETPKI_CARD_INITIAL_SIG);
	w.save_always = true;
	assert_int_equal(wallet_run(&w), SETPKI_ENROLL_WAIT);
	desk_decide(&d, end);
	t_ok(setpki_enroll_inquire(w.e, w.now, NULL), NULL);
	(void)wallet_run(&w);
	memcpy(out->card, d.card_secret, sizeof(out->card));
	memcpy(out->nonce, d.requests[0].nonce_cca, sizeof(out->nonce));
	memcpy(out->back, d.requests[0].back_key, sizeof(out->back));
	setpki_pan_secret(out->card, out->nonce, out->pan);
	wallet_close(&w);
	desk_close(&d);
}

static void
sessions_leave_nothing(enum setpki_status end)
{
	for (size_t i = 0; i < 2; i++) {
		static struct secrets s, again;
		size_t n;

		fixed_rewind();
		run(&regs[i], keys[i], end, &s);
		fixed_rewind(); /* the stream holds the secrets too: it is given back before anybody looks */
		watch_for(sp_bytes_str(WALLET_PAN));
		watch_for(SP_BYTES(s.card));
		watch_for(SP_BYTES(s.nonce));
		watch_for(SP_BYTES(s.pan));
		watch_for(sp_bytes(s.back, 8));
		watch_for(sp_bytes_str(WALLET_ANSWER));
		(void)watch_leaks();
		run(&regs[i], keys[i], end, &again);
		n = watch_leaks();
		watch_none();
		assert_memory_equal(&again, &s, sizeof(s));
		if (n != 0)
			fail_msg("%s: %zu freed blocks held a secret", setpki_suite_name(regs[i].suite), n);
	}
}

static void
a_registration_leaves_nothing(void **state)
{
	(void)state;
	sessions_leave_nothing(SETPKI_STATUS_COMPLETE);
}

static void
a_refusal_leaves_nothing(void **state)
{
	(void)state;
	sessions_leave_nothing(SETPKI_STATUS_REJECTED_BY_ISSUER);
}

static int
start(void **state)
{
	(void)state;
	if (setpki_ctx_new(NULL, &ctx, NULL) != SETPKI_E_OK)
		return -1;
	for (size_t i = 0; i < 2; i++) {
		enum setpki_suite suite = i == 0 ? SETPKI_SUITE_CLASSIC : SETPKI_SUITE_MODERN;

		reg_make(&regs[i], ctx, suite);
		keys[i] = reg_new_key(ctx, suite, false);
		regs[i].ctx = fixed_ctx(); /* what is drawn from here on is drawn again */
	}
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		EVP_PKEY_free(keys[i]);
		reg_free(&regs[i]);
	}
	reg_stop();
	fixed_stop();
	setpki_ctx_free(ctx);
	return 0;
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_registration_leaves_nothing),
	    cmocka_unit_test(a_refusal_leaves_nothing),
	};

	if (!watch_start())
		return 1;
	return cmocka_run_group_tests(tests, start, stop);
}
