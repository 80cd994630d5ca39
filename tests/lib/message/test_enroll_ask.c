/* What merchants and gateways may not ask for, and accounts that the CA does not take: each is refused before anything
 * is sent, and says what is wrong. */
#include "tests/support/check.h"
#include "tests/support/wallet.h"

static setpki_ctx *ctx;
static struct registry regs[2];
static struct setpki_error err;

/* --- asking --------------------------------------------------------------------------------------------- */

#define RUBBISH ((setpki_bytes){(const uint8_t *)"\x30\x00", 2})
#define LONGEST "01234567890123456789012345678901234567890123456789012345678901234567890123"

static void
one_key_for_both(struct setpki_enroll_ask *ask)
{
	ask->sig_key = ask->enc_key;
}

static void
rubbish_as_old_cert(struct setpki_enroll_ask *ask)
{
	ask->old_cert = RUBBISH;
}

static void
rubbish_as_old_enc_cert(struct setpki_enroll_ask *ask)
{
	ask->old_enc_cert = RUBBISH;
}

static void
letters_as_business_id(struct setpki_enroll_ask *ask)
{
	ask->id = "12a";
}

static void
long_business_id(struct setpki_enroll_ask *ask)
{
	ask->id = "123456789012345678901234567890123";
}

static void
long_account(struct setpki_enroll_ask *ask)
{
	ask->account = LONGEST "4";
}

static void
long_brand(struct setpki_enroll_ask *ask)
{
	ask->brand = "a brand whose name is longer than forty c";
}

static void
exchange_key_on_a_curve(struct setpki_enroll_ask *ask)
{
	ask->enc_key = ask->old_key;
}

static const struct row {
	const char *name;
	enum setpki_request_type type;
	void (*alter)(struct setpki_enroll_ask *ask);
	enum setpki_code rc;
	const char *says; /* in the message or the object */
} rows[] = {
    {"one key for both certificates", SETPKI_MER_INITIAL_BOTH, one_key_for_both, SETPKI_E_ARGUMENT, "two keys"},
    {"an existing certificate that is none", SETPKI_MER_RENEWAL_SIG, rubbish_as_old_cert, SETPKI_E_PARSE,
	"existing certificate"},
    {"an existing key-exchange certificate that is none", SETPKI_PGWY_RENEWAL_ENC, rubbish_as_old_enc_cert,
	SETPKI_E_PARSE, "existing key-exchange certificate"},
    {"a business id with a letter", SETPKI_PGWY_INITIAL_SIG, letters_as_business_id, SETPKI_E_ARGUMENT,
	"at most 32 digits"},
    {"a business id of 33 digits", SETPKI_PGWY_INITIAL_SIG, long_business_id, SETPKI_E_ARGUMENT, "at most 32 digits"},
    {"an account of 75 characters", SETPKI_MER_INITIAL_SIG, long_account, SETPKI_E_ARGUMENT, "account"},
    {"a brand of 41 characters", SETPKI_MER_INITIAL_SIG, long_brand, SETPKI_E_ARGUMENT, "brand"},
    {"a key on a curve for key exchange", SETPKI_MER_RENEWAL_ENC, exchange_key_on_a_curve, SETPKI_E_SUITE, NULL},
};

static void
is_refused(void **state)
{
	const struct row *row = *state;
	struct setpki_enroll_ask ask;
	struct wallet w;
	struct desk d;
	setpki_enroll *e;

	desk_open(&d, &regs[1]);
	wallet_open(&w, &d, row->type);
	ask = w.ask;
	row->alter(&ask);
	t_code(setpki_enroll_new(ctx, &ask, w.now, &e, &err), row->rc, &err);
	assert_null(e);
	if (row->says != NULL && strstr(err.message, row->says) == NULL && strstr(err.object, row->says) == NULL)
		fail_msg("\"%s\" (%s) does not say \"%s\"", err.message, err.object, row->says);
	setpki_error_clear(&err);
	wallet_close(&w);
	desk_close(&d);
}

/* --- the account ----------------------------------------------------------------------------------------- */

/* acctDataField of the desk takes 60 characters and has to be answered. */
static void
an_account_is_held_against_its_field(void **state)
{
	static const char *const answers[2] = {WALLET_ANSWER, NULL};
	struct wallet w;
	struct desk d;

	(void)state;
	desk_open(&d, &regs[1]);
	d.asks_account = true;
	wallet_open(&w, &d, SETPKI_MER_INITIAL_SIG);
	wallet_post(&w);
	t_code(setpki_enroll_answer(w.e, answers, 2, w.now, &err), SETPKI_E_ARGUMENT, &err);
	assert_non_null(strstr(err.message, "setpki_enroll_account()"));
	setpki_error_clear(&err);
	t_code(setpki_enroll_account(w.e, LONGEST "4", &err), SETPKI_E_ARGUMENT, &err);
	setpki_error_clear(&err);
	t_ok(setpki_enroll_account(w.e, LONGEST, &err), &err);
	t_code(setpki_enroll_answer(w.e, answers, 2, w.now, &err), SETPKI_E_ARGUMENT, &err);
	assert_non_null(strstr(err.message, "74 characters; the CA takes 60"));
	assert_null(strstr(err.message, LONGEST));
	setpki_error_clear(&err);
	t_ok(setpki_enroll_account(w.e, NULL, &err), &err);
	t_code(setpki_enroll_answer(w.e, answers, 2, w.now, &err), SETPKI_E_ARGUMENT, &err);
	setpki_error_clear(&err);
	t_ok(setpki_enroll_account(w.e, "4711", &err), &err);
	t_ok(setpki_enroll_answer(w.e, answers, 2, w.now, &err), &err);
	assert_int_equal(wallet_run(&w), SETPKI_ENROLL_DONE);
	assert_string_equal(d.account, "4711");
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
	struct CMUnitTest tests[NELEMS(rows) + 1] = {cmocka_unit_test(an_account_is_held_against_its_field)};

	for (size_t i = 0; i < NELEMS(rows); i++)
		tests[i + 1] = (struct CMUnitTest){rows[i].name, is_refused, NULL, NULL, (void *)(uintptr_t)&rows[i]};
	return _cmocka_run_group_tests("enroll_ask", tests, NELEMS(tests), start, stop);
}
