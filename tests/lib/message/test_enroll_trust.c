/* Whom an end entity believes, and when: a CA whose certificates have ended, a clock that runs ahead, Errors about
 * everything, a cipher that we do not have. */
#include "lib/crypto/sign.h"
#include "lib/message/wire.h"
#include "tests/support/check.h"
#include "tests/support/wallet.h"

#include <openssl/crypto.h>

#define CARD SETPKI_CARD_INITIAL_SIG

static setpki_ctx *ctx;
static struct registry regs[2];

/* --- time ------------------------------------------------------------------------------------------ */

/* What was begun at another time than the wallet's support does it. */
static void
begin_at(struct wallet *w, int64_t now)
{
	struct setpki_error err = {0};

	setpki_enroll_free(w->e);
	w->now = now;
	t_ok(setpki_enroll_new(ctx, &w->ask, now, &w->e, &err), &err);
}

static void
an_expired_ca_is_called_expired(void **state)
{
	(void)state;
	for (size_t i = 0; i < NELEMS(regs); i++) {
		struct desk d;
		struct wallet w;
		struct setpki_der answer;
		struct setpki_error err = {0};

		desk_open(&d, &regs[i]);
		wallet_open(&w, &d, CARD);
		begin_at(&w, REG_NOW + 1001 * REG_DAY); /* message signature and key exchange end after 1000 */
		wallet_fetch(&w, &answer);
		t_code(setpki_enroll_response(w.e, sp_bytes(answer.p, answer.n), w.now, &err), SETPKI_E_POLICY, &err);
		assert_string_equal(setpki_error_code_name(setpki_enroll_error(w.e)), "expiredCertificate");
		assert_int_equal(setpki_enroll_step(w.e), SETPKI_ENROLL_SEND);
		setpki_der_free(&answer);
		wallet_close(&w);
		desk_close(&d);
	}
}

/* The CA's clock is ahead of ours by as much as a message may be: its certificate begins in our future, and is good. */
static enum setpki_enroll_step
run_behind(struct wallet *w, int64_t behind)
{
	for (;;) {
		enum setpki_enroll_step step = setpki_enroll_step(w->e);
		struct setpki_responder_note note;
		struct setpki_error err = {0};
		struct setpki_der answer;

		if (step == SETPKI_ENROLL_FORM) {
			wallet_fill(w);
			continue;
		}
		if (step != SETPKI_ENROLL_SEND)
			return step;
		t_ok(desk_answer(w->desk, setpki_enroll_request(w->e), w->now + behind, &answer, &note, &err), &err);
		t_ok(setpki_enroll_response(w->e, sp_bytes(answer.p, answer.n), w->now, &err), &err);
		setpki_der_free(&answer);
	}
}

static void
a_clock_that_is_behind_does_no_harm(void **state)
{
	(void)state;
	for (size_t i = 0; i < NELEMS(regs); i++) {
		struct desk d;
		struct wallet w;

		desk_open(&d, &regs[i]);
		wallet_open(&w, &d, CARD);
		begin_at(&w, REG_NOW - SP_DATE_FUTURE_S); /* the desk's certificates begin at REG_NOW */
		assert_int_equal(run_behind(&w, SP_DATE_FUTURE_S), SETPKI_ENROLL_DONE);
		wallet_close(&w);
		desk_close(&d);
	}
}

/* --- Errors ---------------------------------------------------------------------------------------- */

/* An Error of the cardholder CA about the first `n` octets of what the wallet sent. */
static void
error_about_start(struct wallet *w, size_t n, struct sp_buf *out)
{
	const struct registry *reg = w->desk->reg;
	struct setpki_party signer = reg_party(reg, REG_CCA_SIG);
	setpki_bytes certs[REG_CHAIN_MAX], sent = setpki_enroll_request(w->e);
	struct sp_incoming in = {.wrapper = sp_bytes(sent.p, n)};
	struct sp_fault fault = {.code = SETPKI_ERR_DECODING_FAILURE};
	const struct sp_error_ask ask = {reg->suite, &signer, certs, reg_chain(reg, REG_CCA, certs), w->now, "test"};
	struct setpki_error err = {0};

	t_ok(sp_error_put(reg->ctx, &ask, &in, &fault, out, &err), &err);
}

/* Whoever got an Error about one octet out of a CA could end every registration with it. */
static void
an_error_about_what_all_messages_begin_with_says_nothing(void **state)
{
	static const struct {
		size_t n; /* 0: all of it */
		enum setpki_code code;
		enum setpki_enroll_step step;
	} rows[] = {
	    {1, SETPKI_E_RULE, SETPKI_ENROLL_SEND},
	    {30, SETPKI_E_RULE, SETPKI_ENROLL_SEND},
	    {0, SETPKI_E_OK, SETPKI_ENROLL_FAILED},
	};

	(void)state;
	for (size_t i = 0; i < NELEMS(rows); i++) {
		struct desk d;
		struct wallet w;
		struct sp_buf error = {0};
		size_t all;

		desk_open(&d, &regs[1]);
		wallet_open(&w, &d, CARD);
		w.ask.revocation = SETPKI_IF_PRESENT; /* no CRLs go with an Error */
		begin_at(&w, REG_NOW);
		all = setpki_enroll_request(w.e).n;
		error_about_start(&w, rows[i].n != 0 ? rows[i].n : all, &error);
		t_code(setpki_enroll_response(w.e, sp_buf_bytes(&error), w.now, NULL), rows[i].code, NULL);
		assert_int_equal(setpki_enroll_step(w.e), rows[i].step);
		if (rows[i].code != SETPKI_E_OK)
			assert_int_equal(setpki_enroll_error(w.e), SETPKI_ERR_UNKNOWN_RRPID);
		sp_buf_free(&error);
		wallet_close(&w);
		desk_close(&d);
	}
}

/* --- tunneling ------------------------------------------------------------------------------------- */

/* The CA's key-exchange certificate names another cipher: its last octet differs, its superior signed that. */
static void
retunnel(struct registry *r)
{
	struct reg_cert *c = &r->c[REG_CCA_ENC];
	setpki_bytes oid = sp_tunnel_oid(r->suite);
	struct sp_buf tbs = {0}, sig = {0}, der = {0};
	struct setpki_error err = {0};
	uint8_t *at;

	sp_buf_add_bytes(&tbs, c->cert.tbs);
	assert_non_null(at = memmem(tbs.p, tbs.n, oid.p, oid.n));
	at[oid.n - 1] ^= 1;
	t_ok(sp_sign(r->ctx, r->suite, r->c[REG_GEO].key, sp_buf_bytes(&tbs), &sig, &err), &err);
	sp_signed_put(&der, sp_buf_bytes(&tbs), c->cert.sigalg, sp_buf_bytes(&sig));
	reg_bytes_free(c->der);
	c->der = sp_bytes_dup(sp_buf_bytes(&der));
	t_ok(sp_cert_parse(c->der, &c->cert, &err), &err);
	sp_buf_free(&tbs);
	sp_buf_free(&sig);
	sp_buf_free(&der);
}

static void
a_ca_that_tunnels_another_cipher_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < NELEMS(regs); i++) {
		struct registry reg;
		struct desk d;
		struct wallet w;
		struct setpki_der answer;
		struct setpki_error err = {0};

		reg_make(&reg, ctx, regs[i].suite);
		retunnel(&reg);
		desk_open(&d, &reg);
		wallet_open(&w, &d, CARD);
		wallet_fetch(&w, &answer);
		t_code(setpki_enroll_response(w.e, sp_bytes(answer.p, answer.n), w.now, &err), SETPKI_E_RULE, &err);
		assert_string_equal(setpki_error_code_name(setpki_enroll_error(w.e)), "invalidCertificate");
		setpki_der_free(&answer);
		wallet_close(&w);
		desk_close(&d);
		reg_free(&reg);
	}
}

/* --- accounts -------------------------------------------------------------------------------------- */

static void
an_account_that_is_required_is_asked_for_again(void **state)
{
	const char *answers[2] = {"Alice", NULL};
	struct desk d;
	struct wallet w;
	struct setpki_error err = {0};

	(void)state;
	desk_open(&d, &regs[1]);
	d.asks_account = true;
	wallet_open(&w, &d, SETPKI_MER_INITIAL_SIG);
	wallet_post(&w);
	assert_true(setpki_enroll_account_field(w.e)->required);
	t_code(setpki_enroll_answer(w.e, answers, 2, w.now, &err), SETPKI_E_ARGUMENT, &err);
	assert_int_equal(setpki_enroll_step(w.e), SETPKI_ENROLL_FORM);
	t_ok(setpki_enroll_account(w.e, "DE02 1203 0000 0000 2020 51", NULL), NULL);
	t_ok(setpki_enroll_answer(w.e, answers, 2, w.now, NULL), NULL);
	assert_int_equal(wallet_run(&w), SETPKI_ENROLL_DONE);
	wallet_close(&w);
	desk_close(&d);
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
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_expired_ca_is_called_expired),
	    cmocka_unit_test(a_clock_that_is_behind_does_no_harm),
	    cmocka_unit_test(an_error_about_what_all_messages_begin_with_says_nothing),
	    cmocka_unit_test(a_ca_that_tunnels_another_cipher_is_refused),
	    cmocka_unit_test(an_account_that_is_required_is_asked_for_again),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
