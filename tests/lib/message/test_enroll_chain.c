/* Whom an end entity believes: Errors, and the chain of the CA that answers (set-protocol 7, 12.5, 12.12, 12.18). */
#include "lib/message/wire.h"
#include "tests/support/check.h"
#include "tests/support/wallet.h"

static setpki_ctx *ctx;
static struct registry regs[2];

/* --- Errors ---------------------------------------------------------------------------------------- */

static void
errors_are_believed_when_signed(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct desk d;
		struct wallet w, another;
		struct setpki_der answer, theirs;
		struct setpki_responder_note note;

		desk_open(&d, &regs[i]);
		wallet_open(&w, &d, SETPKI_CARD_INITIAL_SIG);
		wallet_open(&another, &d, SETPKI_CARD_INITIAL_SIG);
		/* unsigned: a transport fault */
		t_ok(desk_answer(&d, t_hex("3000"), w.now, &answer, &note, NULL), NULL);
		t_code(setpki_enroll_response(w.e, sp_bytes(answer.p, answer.n), w.now, NULL), SETPKI_E_NOTFOUND, NULL);
		assert_int_equal(setpki_enroll_step(w.e), SETPKI_ENROLL_SEND);
		t_code(setpki_enroll_complain(w.e, w.now, &theirs, NULL), SETPKI_E_STATE, NULL);
		setpki_der_free(&answer);
		/* signed, about ours: the end; about another's: nothing */
		wallet_post(&w);
		wallet_post(&another);
		t_ok(desk_answer(&d, setpki_enroll_request(another.e), w.now + 2 * 24 * 3600, &theirs, &note, NULL),
		    NULL);
		assert_int_equal(note.error, SETPKI_ERR_MESSAGE_TOO_OLD);
		t_code(setpki_enroll_response(w.e, sp_bytes(theirs.p, theirs.n), w.now + 2 * 24 * 3600, NULL),
		    SETPKI_E_RULE, NULL);
		assert_int_equal(setpki_enroll_step(w.e), SETPKI_ENROLL_SEND);
		t_ok(
		    setpki_enroll_response(another.e, sp_bytes(theirs.p, theirs.n), w.now + 2 * 24 * 3600, NULL), NULL);
		assert_int_equal(setpki_enroll_step(another.e), SETPKI_ENROLL_FAILED);
		assert_int_equal(setpki_enroll_error(another.e), SETPKI_ERR_MESSAGE_TOO_OLD);
		setpki_der_free(&theirs);
		wallet_close(&another);
		wallet_close(&w);
		desk_close(&d);
	}
}

/* An Error about the request of `w`, signed by the CA of `slot`, its chain beside. */
static void
signed_error(struct wallet *w, enum reg_slot slot, struct sp_buf *out)
{
	const struct registry *reg = w->desk->reg;
	const struct setpki_party who = reg_party(reg, slot + REG_SIG);
	const struct sp_fault fault = {.code = SETPKI_ERR_MESSAGE_TOO_OLD};
	setpki_bytes certs[REG_CHAIN_MAX];
	struct sp_error_ask ask = {
	    .suite = reg->suite, .signer = &who, .certs = certs, .now = w->now, .software = "a CA"};
	struct sp_incoming in;

	ask.ncerts = reg_chain(reg, slot, certs);
	t_ok(sp_wire_read(setpki_enroll_request(w->e), w->now, &in, &(struct sp_fault){0}), NULL);
	t_ok(sp_error_put(ctx, &ask, &in, &fault, out, NULL), NULL);
	sp_incoming_free(&in);
}

/* Nobody but the CA that answered first can end a registration. */
static void
errors_of_another_ca_are_not_believed(void **state)
{
	static const struct {
		enum reg_slot ca;
		enum setpki_code code;
		enum setpki_error_code error;
		enum setpki_enroll_step step;
	} rows[] = {
	    {REG_CCB, SETPKI_E_RULE, SETPKI_ERR_SIGNATURE_FAILURE, SETPKI_ENROLL_SEND},
	    {REG_MCA, SETPKI_E_POLICY, SETPKI_ERR_INVALID_CERTIFICATE, SETPKI_ENROLL_SEND},
	    {REG_CCA2, SETPKI_E_OK, SETPKI_ERR_MESSAGE_TOO_OLD, SETPKI_ENROLL_FAILED},
	    {REG_CCA, SETPKI_E_OK, SETPKI_ERR_MESSAGE_TOO_OLD, SETPKI_ENROLL_FAILED},
	};

	(void)state;
	for (size_t i = 0; i < 2; i++)
		for (size_t k = 0; k < NELEMS(rows); k++) {
			struct desk d;
			struct wallet w;
			struct sp_buf error = {0};

			desk_open(&d, &regs[i]);
			wallet_open(&w, &d, SETPKI_CARD_INITIAL_SIG);
			wallet_post(&w);
			signed_error(&w, rows[k].ca, &error);
			t_code(setpki_enroll_response(w.e, sp_buf_bytes(&error), w.now, NULL), rows[k].code, NULL);
			assert_string_equal(
			    setpki_error_code_name(setpki_enroll_error(w.e)), setpki_error_code_name(rows[k].error));
			assert_int_equal(setpki_enroll_step(w.e), rows[k].step);
			if (rows[k].step == SETPKI_ENROLL_SEND)
				assert_int_equal(wallet_run(&w), SETPKI_ENROLL_DONE);
			sp_buf_free(&error);
			wallet_close(&w);
			desk_close(&d);
		}
}

/* A CA that could not open the request says so with a zero challenge. */
static void
a_decryption_error_is_believed(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct desk d;
		struct wallet w;
		struct setpki_enroll_result result;
		struct sp_buf broken = {0};
		struct setpki_der answer;
		struct setpki_responder_note note;

		desk_open(&d, &regs[i]);
		wallet_open(&w, &d, SETPKI_CARD_INITIAL_SIG);
		wallet_post(&w);
		wallet_post(&w);
		wallet_fill(&w);
		sp_buf_add_bytes(&broken, setpki_enroll_request(w.e));
		broken.p[broken.n - 9] ^= 1;
		t_ok(desk_answer(&d, sp_buf_bytes(&broken), w.now, &answer, &note, NULL), NULL);
		assert_int_equal(note.status, SETPKI_STATUS_DECRYPTION_ERROR);
		t_ok(setpki_enroll_response(w.e, sp_bytes(answer.p, answer.n), w.now, NULL), NULL);
		assert_int_equal(setpki_enroll_step(w.e), SETPKI_ENROLL_REFUSED);
		setpki_enroll_result(w.e, &result);
		assert_int_equal(result.status, SETPKI_STATUS_DECRYPTION_ERROR);
		setpki_der_free(&answer);
		sp_buf_free(&broken);
		wallet_close(&w);
		desk_close(&d);
	}
}

/* A CA that does not know the certificate which signs a renewal says so, to whoever the envelope was from. */
static void
a_signature_that_cannot_be_validated_is_believed(void **state)
{
	static const enum setpki_request_type types[] = {SETPKI_CARD_RENEWAL_SIG, SETPKI_MER_RENEWAL_BOTH};

	(void)state;
	for (size_t i = 0; i < 2 * NELEMS(types); i++) {
		struct desk d, knows_nobody;
		struct wallet w;
		struct setpki_enroll_result result;

		desk_open(&d, &regs[i % 2]);
		desk_open(&knows_nobody, &regs[i % 2]);
		wallet_open(&w, &d, types[i / 2]);
		w.desk = &knows_nobody;
		assert_int_equal(wallet_run(&w), SETPKI_ENROLL_REFUSED);
		setpki_enroll_result(w.e, &result);
		assert_int_equal(result.status, SETPKI_STATUS_SIG_VALIDATION_FAIL);
		wallet_close(&w);
		desk_close(&knows_nobody);
		desk_close(&d);
	}
}

/* --- the CA's chain ---------------------------------------------------------------------------------- */

static void
a_ca_that_is_revoked_is_refused(void **state)
{
	struct desk d;
	struct wallet w;
	struct setpki_der answer;
	struct registry reg;

	(void)state;
	reg_make(&reg, ctx, SETPKI_SUITE_MODERN);
	reg_revoke(&reg, REG_GEO, REG_CCA_SIG);
	desk_open(&d, &reg);
	wallet_open(&w, &d, SETPKI_CARD_INITIAL_SIG);
	wallet_fetch(&w, &answer);
	t_code(setpki_enroll_response(w.e, sp_bytes(answer.p, answer.n), w.now, NULL), SETPKI_E_POLICY, NULL);
	assert_int_equal(setpki_enroll_error(w.e), SETPKI_ERR_REVOKED_CERTIFICATE);
	setpki_der_free(&answer);
	wallet_close(&w);
	desk_close(&d);
	reg_free(&reg);
}

static void
without_crls_nothing_is_decided(void **state)
{
	struct desk d;
	struct wallet w;
	struct setpki_der answer;

	(void)state;
	desk_open(&d, &regs[1]);
	d.cas[0].ncrls = 0;
	wallet_open(&w, &d, SETPKI_CARD_INITIAL_SIG);
	wallet_fetch(&w, &answer);
	t_code(setpki_enroll_response(w.e, sp_bytes(answer.p, answer.n), w.now, NULL), SETPKI_E_PENDING, NULL);
	assert_int_equal(setpki_enroll_error(w.e), SETPKI_ERR_MISSING_CERTIFICATE);
	desk_refresh(&d);
	assert_int_equal(wallet_run(&w), SETPKI_ENROLL_DONE);
	setpki_der_free(&answer);
	wallet_close(&w);
	desk_close(&d);
}

/* A good chain, and it answers what it was asked; but its brand is not the one that the card is of. */
static void
a_ca_of_another_brand_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct desk d;
		struct wallet w;
		struct setpki_der answer;

		desk_open(&d, &regs[i]);
		d.any_brand = true;
		wallet_open(&w, &d, SETPKI_CARD_INITIAL_SIG);
		setpki_enroll_free(w.e);
		w.ask.brand = "Othercard";
		t_ok(setpki_enroll_new(ctx, &w.ask, w.now, &w.e, NULL), NULL);
		wallet_fetch(&w, &answer);
		t_code(setpki_enroll_response(w.e, sp_bytes(answer.p, answer.n), w.now, NULL), SETPKI_E_POLICY, NULL);
		assert_int_equal(setpki_enroll_error(w.e), SETPKI_ERR_INVALID_CERTIFICATE);
		assert_int_equal(setpki_enroll_step(w.e), SETPKI_ENROLL_SEND);
		setpki_der_free(&answer);
		wallet_close(&w);
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
	    cmocka_unit_test(errors_are_believed_when_signed),
	    cmocka_unit_test(errors_of_another_ca_are_not_believed),
	    cmocka_unit_test(a_decryption_error_is_believed),
	    cmocka_unit_test(a_signature_that_cannot_be_validated_is_believed),
	    cmocka_unit_test(a_ca_that_is_revoked_is_refused),
	    cmocka_unit_test(without_crls_nothing_is_decided),
	    cmocka_unit_test(a_ca_of_another_brand_is_refused),
	};

	return cmocka_run_group_tests_name("whom an end entity believes", tests, start, stop);
}
