/* Whole registrations: the session of an end entity (lib/message/enroll*.c) and that of a CA, in both suites. */
#include "lib/x509/name.h"
#include "tests/support/check.h"
#include "tests/support/wallet.h"

#include <openssl/crypto.h>

static setpki_ctx *ctx;
static struct registry regs[2];

static struct row {
	enum setpki_request_type type;
	size_t posts;
} rows[] = {
    {SETPKI_CARD_INITIAL_SIG, 3},
    {SETPKI_MER_INITIAL_SIG, 2},
    {SETPKI_MER_INITIAL_ENC, 2},
    {SETPKI_MER_INITIAL_BOTH, 2},
    {SETPKI_PGWY_INITIAL_SIG, 2},
    {SETPKI_PGWY_INITIAL_ENC, 2},
    {SETPKI_PGWY_INITIAL_BOTH, 2},
    {SETPKI_CARD_RENEWAL_SIG, 3},
    {SETPKI_MER_RENEWAL_SIG, 2},
    {SETPKI_MER_RENEWAL_ENC, 2},
    {SETPKI_MER_RENEWAL_BOTH, 2},
    {SETPKI_PGWY_RENEWAL_SIG, 2},
    {SETPKI_PGWY_RENEWAL_ENC, 2},
    {SETPKI_PGWY_RENEWAL_BOTH, 2},
};

/* What comes out: certificates for our keys, and a cardholder's secrets that give its name. */
static void
check_done(struct wallet *w)
{
	const struct setpki_request_row *row = setpki_request_row(w->ask.type);
	uint8_t card[SETPKI_SECRET_LEN], pan[SETPKI_SECRET_LEN];
	struct setpki_enroll_result result;
	struct sp_buf cn = {0};
	struct sp_cert c;

	assert_int_equal(setpki_enroll_cert(w->e, false).n != 0, row->sig);
	assert_int_equal(setpki_enroll_cert(w->e, true).n != 0, row->enc);
	setpki_enroll_result(w->e, &result);
	assert_int_equal(result.status, SETPKI_STATUS_COMPLETE);
	assert_true(setpki_enroll_objects(w->e, NULL, 0) >= 8);
	if (row->holder != SETPKI_TYPE_CARD) {
		t_code(setpki_enroll_secrets(w->e, card, pan, NULL), SETPKI_E_STATE, NULL);
		return;
	}
	t_ok(setpki_enroll_secrets(w->e, card, pan, NULL), NULL);
	t_ok(sp_cert_parse(setpki_enroll_cert(w->e, false), &c, NULL), NULL);
	assert_true(sp_name_get(c.subject, SP_ATTR_CN, 0, &cn));
	sp_buf_add_byte(&cn, '\0');
	t_ok(setpki_account_check(ctx, w->ask.suite, WALLET_PAN, WALLET_EXPIRY, pan, (const char *)cn.p, NULL), NULL);
	assert_memory_equal(card, w->desk->card_secret, sizeof(card));
	sp_buf_free(&cn);
}

static void
register_row(void **state)
{
	const struct row *r = *state;

	for (size_t i = 0; i < 2; i++)
		for (int again = 0; again < 2; again++) {
			struct desk d;
			struct wallet w;

			desk_open(&d, &regs[i]);
			wallet_open(&w, &d, r->type);
			w.save_always = again != 0;
			assert_int_equal(wallet_run(&w), SETPKI_ENROLL_DONE);
			assert_int_equal(w.posts, r->posts);
			if (again)
				wallet_again(&w);
			check_done(&w);
			wallet_close(&w);
			desk_close(&d);
		}
}

/* --- other ends ---------------------------------------------------------------------------------- */

static void
a_pended_request_is_inquired_after(void **state)
{
	static const enum setpki_request_type types[] = {
	    SETPKI_CARD_INITIAL_SIG, SETPKI_MER_RENEWAL_ENC, SETPKI_PGWY_RENEWAL_BOTH};

	(void)state;
	for (size_t i = 0; i < 2; i++)
		for (size_t t = 0; t < NELEMS(types); t++) {
			struct desk d;
			struct wallet w;
			struct setpki_enroll_result result;

			desk_open(&d, &regs[i]);
			d.status = SETPKI_STATUS_PENDED;
			d.message = "call us";
			wallet_open(&w, &d, types[t]);
			assert_int_equal(wallet_run(&w), SETPKI_ENROLL_WAIT);
			for (int k = 0; k < 2; k++) {
				w.now += 60;
				t_ok(setpki_enroll_inquire(w.e, w.now, NULL), NULL);
				assert_int_equal(wallet_run(&w), SETPKI_ENROLL_WAIT);
				setpki_enroll_result(w.e, &result);
				assert_int_equal(result.status, SETPKI_STATUS_PENDED);
				assert_string_equal(result.message, "call us");
				wallet_again(&w);
			}
			desk_decide(&d, SETPKI_STATUS_COMPLETE);
			t_ok(setpki_enroll_inquire(w.e, w.now, NULL), NULL);
			assert_int_equal(wallet_run(&w), SETPKI_ENROLL_DONE);
			check_done(&w);
			wallet_close(&w);
			desk_close(&d);
		}
}

static void
a_refusal_says_why(void **state)
{
	static const struct setpki_failed_item failed[] = {{1, (char *)(uintptr_t) "no such name"}};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct desk d;
		struct wallet w;
		struct setpki_enroll_result result;

		desk_open(&d, &regs[i]);
		d.status = SETPKI_STATUS_FORM_MALFORMED;
		d.failed = failed;
		d.nfailed = 1;
		wallet_open(&w, &d, SETPKI_CARD_INITIAL_SIG);
		assert_int_equal(wallet_run(&w), SETPKI_ENROLL_REFUSED);
		wallet_again(&w);
		setpki_enroll_result(w.e, &result);
		assert_int_equal(result.status, SETPKI_STATUS_FORM_MALFORMED);
		assert_int_equal(result.nfailed, 1);
		assert_string_equal(result.failed[0].reason, "no such name");
		assert_int_equal(setpki_enroll_request(w.e).n, 0);
		wallet_close(&w);
		desk_close(&d);
	}
}

/* The same form again, with everything that goes along, in every type of request. */
static void
a_refused_form_is_corrected(void **state)
{
	static const struct setpki_failed_item failed[] = {{1, (char *)(uintptr_t) "no such name"}};

	(void)state;
	for (int type = 1; type < SETPKI_REQUEST_N; type++) {
		struct desk d;
		struct wallet w;
		struct setpki_enroll_result result;
		char label[128];

		if (setpki_request_row((enum setpki_request_type)type) == NULL)
			continue;
		desk_open(&d, &regs[type % 2]);
		wallet_open(&w, &d, (enum setpki_request_type)type);
		t_code(setpki_enroll_correct(w.e, NULL), SETPKI_E_STATE, NULL);
		d.status = SETPKI_STATUS_FORM_MALFORMED;
		d.failed = failed;
		d.nfailed = 1;
		while (setpki_enroll_step(w.e) != SETPKI_ENROLL_FORM)
			wallet_post(&w);
		snprintf(label, sizeof(label), "%s", setpki_enroll_form(w.e)->fields[0].labels[0]);
		for (int i = 0; i < 2; i++) {
			assert_int_equal(wallet_run(&w), SETPKI_ENROLL_REFUSED);
			wallet_again(&w);
			t_ok(setpki_enroll_correct(w.e, NULL), NULL);
			wallet_again(&w);
			assert_int_equal(setpki_enroll_step(w.e), SETPKI_ENROLL_FORM);
			assert_string_equal(setpki_enroll_form(w.e)->fields[0].labels[0], label);
			setpki_enroll_result(w.e, &result);
			assert_string_equal(result.failed[0].reason, "no such name");
		}
		d.status = SETPKI_STATUS_COMPLETE;
		assert_int_equal(wallet_run(&w), SETPKI_ENROLL_DONE);
		check_done(&w);
		wallet_close(&w);
		desk_close(&d);
	}
}

static void
other_refusals_are_final(void **state)
{
	(void)state;
	for (int status = 1; status < SETPKI_STATUS_N; status++) {
		struct desk d;
		struct wallet w;

		desk_open(&d, &regs[1]);
		wallet_open(&w, &d, SETPKI_CARD_INITIAL_SIG);
		d.status = (enum setpki_status)status;
		if (status != SETPKI_STATUS_FORM_MALFORMED) {
			wallet_run(&w);
			t_code(setpki_enroll_correct(w.e, NULL), SETPKI_E_STATE, NULL);
		}
		wallet_close(&w);
		desk_close(&d);
	}
}

static void
a_referral_says_where_to_go(void **state)
{
	static const enum setpki_request_type types[] = {SETPKI_CARD_INITIAL_SIG, SETPKI_MER_INITIAL_SIG};

	(void)state;
	for (size_t t = 0; t < NELEMS(types); t++) {
		struct desk d;
		struct wallet w;

		desk_open(&d, &regs[1]);
		d.refer = true;
		wallet_open(&w, &d, types[t]);
		assert_int_equal(wallet_run(&w), SETPKI_ENROLL_REFERRED);
		wallet_again(&w);
		assert_int_equal(setpki_enroll_referral(w.e)->nurls, 1);
		assert_string_equal(setpki_enroll_referral(w.e)->urls[0], "http://other.example/");
		wallet_close(&w);
		desk_close(&d);
	}
}

/* --- forms --------------------------------------------------------------------------------------- */

static void
forms_are_handed_out_and_checked(void **state)
{
	static const char long_text[] = "0123456789012345678901234567890123456789012345678901234567890";
	const char *answers[2] = {NULL, NULL};
	const struct setpki_form *f;
	struct desk d;
	struct wallet w;

	(void)state;
	desk_open(&d, &regs[1]);
	wallet_open(&w, &d, SETPKI_CARD_INITIAL_SIG);
	wallet_post(&w);
	assert_null(setpki_enroll_form(w.e));
	wallet_post(&w);
	assert_non_null(f = setpki_enroll_form(w.e));
	assert_int_equal(f->nfields, 2);
	assert_string_equal(f->terms, "The rules apply.");
	assert_string_equal(f->fields[0].labels[0], "Name on the card");
	assert_true(f->fields[0].required && f->fields[1].invisible);
	t_code(setpki_enroll_answer(w.e, answers, 1, w.now, NULL), SETPKI_E_ARGUMENT, NULL);
	t_code(setpki_enroll_answer(w.e, answers, 2, w.now, NULL), SETPKI_E_ARGUMENT, NULL);
	answers[0] = long_text;
	t_code(setpki_enroll_answer(w.e, answers, 2, w.now, NULL), SETPKI_E_ARGUMENT, NULL);
	answers[0] = "two\nlines";
	t_code(setpki_enroll_answer(w.e, answers, 2, w.now, NULL), SETPKI_E_ARGUMENT, NULL);
	assert_int_equal(setpki_enroll_step(w.e), SETPKI_ENROLL_FORM);
	answers[0] = "Alice M\xc3\xbcller";
	answers[1] = "open sesame";
	t_ok(setpki_enroll_answer(w.e, answers, 2, w.now, NULL), NULL);
	assert_int_equal(wallet_run(&w), SETPKI_ENROLL_DONE);
	assert_string_equal(d.answers, "Name on the card=Alice M\xc3\xbcller; Pass phrase=open sesame");
	wallet_close(&w);
	desk_close(&d);
}

static void
terms_alone_are_a_form_too(void **state)
{
	struct desk d;
	struct wallet w;

	(void)state;
	desk_open(&d, &regs[1]);
	d.terms_alone = true;
	wallet_open(&w, &d, SETPKI_CARD_INITIAL_SIG);
	assert_int_equal(wallet_run(&w), SETPKI_ENROLL_DONE);
	wallet_close(&w);
	desk_close(&d);
}

static void
an_account_goes_along_when_asked_for(void **state)
{
	struct desk d;
	struct wallet w;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		desk_open(&d, &regs[i]);
		d.asks_account = true;
		wallet_open(&w, &d, SETPKI_MER_INITIAL_BOTH);
		wallet_post(&w);
		assert_non_null(setpki_enroll_account_field(w.e));
		t_ok(setpki_enroll_account(w.e, "DE02 1203 0000 0000 2020 51", NULL), NULL);
		assert_int_equal(wallet_run(&w), SETPKI_ENROLL_DONE);
		assert_string_equal(d.account, "DE02 1203 0000 0000 2020 51");
		wallet_close(&w);
		desk_close(&d);
	}
}

/* --- what may not be asked ------------------------------------------------------------------------ */

static void
a_bad_ask_is_refused(void **state)
{
	struct desk d;
	struct wallet w;
	setpki_enroll *e;

	(void)state;
	desk_open(&d, &regs[1]);
	wallet_open(&w, &d, SETPKI_CARD_INITIAL_SIG);
#define REFUSED(code, field, value)                                                                                    \
	do {                                                                                                           \
		struct setpki_enroll_ask ask = w.ask;                                                                  \
		ask.field = (value);                                                                                   \
		t_code(setpki_enroll_new(ctx, &ask, w.now, &e, NULL), SETPKI_E_##code, NULL);                          \
		assert_null(e);                                                                                        \
	} while (0)
	REFUSED(ARGUMENT, suite, SETPKI_SUITE_NONE);
	REFUSED(ARGUMENT, type, (enum setpki_request_type)2);
	REFUSED(ARGUMENT, brand, NULL);
	REFUSED(ARGUMENT, brand, "");
	REFUSED(ARGUMENT, language, NULL);
	REFUSED(ARGUMENT, language, "a language tag that is much longer than one may be");
	REFUSED(ARGUMENT, software, NULL);
	REFUSED(ARGUMENT, pan, NULL);
	REFUSED(PARSE, pan, "4123x");
	REFUSED(PARSE, expiry, "203013");
	REFUSED(ARGUMENT, sig_key, NULL);
	REFUSED(SUITE, suite, SETPKI_SUITE_CLASSIC);
	REFUSED(ARGUMENT, pool, NULL);
	REFUSED(ARGUMENT, type, SETPKI_CARD_RENEWAL_SIG);
	wallet_close(&w);
	wallet_open(&w, &d, SETPKI_MER_RENEWAL_ENC);
	REFUSED(ARGUMENT, bin, "12345");
	REFUSED(ARGUMENT, id, NULL);
	REFUSED(ARGUMENT, id, "a MerchantID that is far too long");
	REFUSED(ARGUMENT, account, "caf\xc3\xa9");
	REFUSED(ARGUMENT, old_cert, w.old_enc);
	REFUSED(ARGUMENT, old_key, w.ask.enc_key);
	REFUSED(ARGUMENT, old_enc_cert, sp_bytes(NULL, 0));
	wallet_close(&w);
	desk_close(&d);
}

/* --- saved sessions ------------------------------------------------------------------------------- */

static void
only_the_right_key_opens_a_saved_session(void **state)
{
	uint8_t key[32] = {1}, other[32] = {2};
	struct setpki_der saved;
	struct wallet w, stranger;
	struct desk d;
	setpki_enroll *e;

	(void)state;
	desk_open(&d, &regs[1]);
	wallet_open(&w, &d, SETPKI_CARD_INITIAL_SIG);
	wallet_open(&stranger, &d, SETPKI_CARD_INITIAL_SIG);
	wallet_post(&w);
	t_ok(setpki_enroll_save(w.e, key, &saved, NULL), NULL);
	assert_null(memmem(saved.p, saved.n, WALLET_PAN, sizeof(WALLET_PAN) - 1));
	t_code(setpki_enroll_restore(ctx, sp_bytes(saved.p, saved.n), other, &w.ask, &e, NULL), SETPKI_E_DECRYPT, NULL);
	t_code(setpki_enroll_restore(ctx, sp_bytes(saved.p, saved.n), key, &stranger.ask, &e, NULL), SETPKI_E_ARGUMENT,
	    NULL);
	t_code(setpki_enroll_restore(ctx, sp_bytes(saved.p, saved.n - 1), key, &w.ask, &e, NULL), SETPKI_E_PARSE, NULL);
	for (size_t at = 0; at < saved.n; at += 7) {
		saved.p[at] ^= 1;
		assert_int_not_equal(
		    setpki_enroll_restore(ctx, sp_bytes(saved.p, saved.n), key, &w.ask, &e, NULL), SETPKI_E_OK);
		assert_null(e);
		saved.p[at] ^= 1;
	}
	setpki_der_free(&saved);
	wallet_close(&stranger);
	wallet_close(&w);
	desk_close(&d);
}

/* --- the CA changes meanwhile --------------------------------------------------------------------- */

/* Newest generation answers what an older one began (set-protocol 12.12). */
static void
a_roll_in_between_does_no_harm(void **state)
{
	struct desk d;
	struct wallet w;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		desk_open(&d, &regs[i]);
		d.status = SETPKI_STATUS_PENDED;
		wallet_open(&w, &d, SETPKI_CARD_INITIAL_SIG);
		assert_int_equal(wallet_run(&w), SETPKI_ENROLL_WAIT);
		desk_decide(&d, SETPKI_STATUS_COMPLETE);
		t_ok(setpki_enroll_inquire(w.e, w.now, NULL), NULL);
		/* the desk answers inquiries with generation 2 */
		assert_int_equal(wallet_run(&w), SETPKI_ENROLL_DONE);
		wallet_close(&w);
		desk_close(&d);
	}
}

static void
the_same_request_is_repeated(void **state)
{
	struct desk d;
	struct wallet w;
	struct sp_buf before = {0};
	struct setpki_der first, second;

	(void)state;
	desk_open(&d, &regs[1]);
	wallet_open(&w, &d, SETPKI_CARD_INITIAL_SIG);
	wallet_post(&w);
	wallet_post(&w);
	wallet_fill(&w);
	sp_buf_add_bytes(&before, setpki_enroll_request(w.e));
	wallet_fetch(&w, &first);
	wallet_again(&w);
	t_bytes(setpki_enroll_request(w.e), sp_buf_bytes(&before));
	wallet_fetch(&w, &second);
	t_bytes(sp_bytes(second.p, second.n), sp_bytes(first.p, first.n));
	assert_int_equal(d.decided, 1);
	assert_int_equal(wallet_run(&w), SETPKI_ENROLL_DONE);
	setpki_der_free(&first);
	setpki_der_free(&second);
	sp_buf_free(&before);
	wallet_close(&w);
	desk_close(&d);
}

static void
calls_in_the_wrong_step_are_refused(void **state)
{
	struct desk d;
	struct wallet w;
	struct setpki_der out;

	(void)state;
	desk_open(&d, &regs[1]);
	wallet_open(&w, &d, SETPKI_CARD_INITIAL_SIG);
	t_code(setpki_enroll_answer(w.e, NULL, 0, w.now, NULL), SETPKI_E_STATE, NULL);
	t_code(setpki_enroll_inquire(w.e, w.now, NULL), SETPKI_E_STATE, NULL);
	t_code(setpki_enroll_account(w.e, "x", NULL), SETPKI_E_STATE, NULL);
	t_code(setpki_enroll_complain(w.e, w.now, &out, NULL), SETPKI_E_STATE, NULL);
	assert_int_equal(wallet_run(&w), SETPKI_ENROLL_DONE);
	t_code(setpki_enroll_response(w.e, t_hex("3000"), w.now, NULL), SETPKI_E_STATE, NULL);
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
	static const struct CMUnitTest rest[] = {
	    cmocka_unit_test(a_pended_request_is_inquired_after),
	    cmocka_unit_test(a_refusal_says_why),
	    cmocka_unit_test(a_refused_form_is_corrected),
	    cmocka_unit_test(other_refusals_are_final),
	    cmocka_unit_test(a_referral_says_where_to_go),
	    cmocka_unit_test(forms_are_handed_out_and_checked),
	    cmocka_unit_test(terms_alone_are_a_form_too),
	    cmocka_unit_test(an_account_goes_along_when_asked_for),
	    cmocka_unit_test(a_bad_ask_is_refused),
	    cmocka_unit_test(only_the_right_key_opens_a_saved_session),
	    cmocka_unit_test(a_roll_in_between_does_no_harm),
	    cmocka_unit_test(the_same_request_is_repeated),
	    cmocka_unit_test(calls_in_the_wrong_step_are_refused),
	};
	struct CMUnitTest tests[NELEMS(rows) + NELEMS(rest)];
	size_t n;

	for (n = 0; n < NELEMS(rows); n++)
		tests[n] =
		    (struct CMUnitTest){setpki_request_row(rows[n].type)->name, register_row, NULL, NULL, &rows[n]};
	memcpy(&tests[n], rest, sizeof(rest));
	return _cmocka_run_group_tests("enroll", tests, n + NELEMS(rest), start, stop);
}
