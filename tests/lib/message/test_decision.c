/* What a desk decides, on its way into CertRes and out of it at the other end: what cannot be composed, what is said
 * beside the status; and what an end entity answers to a CertRes that is none. */
#include "lib/message/wire.h"
#include "tests/support/ask.h"
#include "tests/support/check.h"
#include "tests/support/wallet.h"

static setpki_ctx *ctx;
static struct registry regs[2];
static struct setpki_error err;

/* --- decisions that cannot be ---------------------------------------------------------------------------- */

#define MER SETPKI_MER_INITIAL_BOTH
#define CARD SETPKI_CARD_INITIAL_SIG
#define STATUS(s) SETPKI_STATUS_##s
static uint8_t nonce[SETPKI_NONCE_LEN];
static char reason[] = "no", long_reason[SP_UB_REASON + 2], long_text[SP_UB_MESSAGE_TEXT + 2];
static const struct setpki_failed_item item_1[] = {{1, reason}}, item_0[] = {{0, reason}}, item_51[] = {{51, reason}},
				       long_item[] = {{1, reason}, {2, long_reason}};
static const struct setpki_ca_msg long_msg = {.text = long_text}, no_currency = {.currency = 1000};

static const struct row {
	const char *name;
	enum setpki_request_type type;
	struct setpki_decision d; /* its certificates: `ncerts` times the same */
	enum setpki_code rc;
	const char *says;
} rows[] = {
    {"no status", MER, {.status = STATUS(NONE)}, SETPKI_E_STATE, "no status"},
    {"a status beyond the last", MER, {.status = STATUS(N)}, SETPKI_E_STATE, "no status"},
    {"certificates while it is pended", MER, {.status = STATUS(PENDED), .ncerts = 1}, SETPKI_E_STATE,
	"without requestComplete"},
    {"Nonce-CCA while it is pended", CARD, {.status = STATUS(PENDED), .nonce_cca = nonce}, SETPKI_E_STATE,
	"without requestComplete"},
    {"complete without a certificate", MER, {.status = STATUS(COMPLETE)}, SETPKI_E_STATE, "fewer or more"},
    {"with one of two", MER, {.status = STATUS(COMPLETE), .ncerts = 1}, SETPKI_E_STATE, "fewer or more"},
    {"with three of two", MER, {.status = STATUS(COMPLETE), .ncerts = 3}, SETPKI_E_STATE, "fewer or more"},
    {"a card without Nonce-CCA", CARD, {.status = STATUS(COMPLETE), .ncerts = 1}, SETPKI_E_STATE,
	"Nonce-CCA is for cardholders"},
    {"a merchant with one", MER, {.status = STATUS(COMPLETE), .ncerts = 2, .nonce_cca = nonce}, SETPKI_E_STATE,
	"Nonce-CCA is for cardholders"},
    {"failed items of a form that was well filled in", MER,
	{.status = STATUS(REJECTED_BY_CA), .failed = item_1, .nfailed = 1}, SETPKI_E_STATE,
	"failed items without regFormAnswerMalformed"},
    {"item 0", MER, {.status = STATUS(FORM_MALFORMED), .failed = item_0, .nfailed = 1}, SETPKI_E_ARGUMENT, NULL},
    {"item 51", MER, {.status = STATUS(FORM_MALFORMED), .failed = item_51, .nfailed = 1}, SETPKI_E_ARGUMENT, NULL},
    {"a reason of 513 characters", MER, {.status = STATUS(FORM_MALFORMED), .failed = long_item, .nfailed = 2},
	SETPKI_E_ARGUMENT, NULL},
    {"eeMessage of 129 characters", MER, {.status = STATUS(PENDED), .message = long_text}, SETPKI_E_ARGUMENT, NULL},
    {"eeMessage of none", MER, {.status = STATUS(PENDED), .message = ""}, SETPKI_E_ARGUMENT, NULL},
    {"cardholderMsg of 129 characters", CARD, {.status = STATUS(PENDED), .ca_msg = &long_msg}, SETPKI_E_ARGUMENT, NULL},
    {"currency 1000", CARD, {.status = STATUS(PENDED), .ca_msg = &no_currency}, SETPKI_E_ARGUMENT, NULL},
    {"as it should be", MER, {.status = STATUS(FORM_MALFORMED), .failed = item_1, .nfailed = 1}, SETPKI_E_OK, NULL},
};

static void
row_is_composed(void **state)
{
	const struct row *row = *state;
	struct setpki_decision d = row->d;
	struct setpki_responder_note note;
	struct setpki_der answer = {0};
	setpki_responder *later;
	setpki_bytes certs[3], kept;
	struct sp_buf out = {0};
	struct desk desk;
	struct ask a;

	desk_open(&desk, &regs[1]);
	desk.later = true;
	ask_open(&a, &desk, row->type);
	ask_challenge(&a);
	ask_cert(&a, &out);
	t_code(setpki_responder_begin(
		   ctx, desk.reg->suite, &desk.ops, sp_buf_bytes(&out), a.now, "x", &answer, &note, &later, &err),
	    SETPKI_E_PENDING, &err);
	for (size_t i = 0; i < 3; i++)
		certs[i] = desk.reg->c[REG_MCA].der;
	d.certs = certs;
	t_code(setpki_responder_compose(later, &d, &kept, &err), row->rc, &err);
	if (row->says != NULL && strstr(err.message, row->says) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", err.message, row->says);
	setpki_error_clear(&err);
	t_code(setpki_responder_end(later, &answer, &err), row->rc == SETPKI_E_OK ? SETPKI_E_OK : SETPKI_E_STATE, &err);
	assert_int_equal(answer.n != 0, row->rc == SETPKI_E_OK);
	setpki_der_free(&answer);
	sp_buf_free(&out);
	ask_close(&a);
	desk_close(&desk);
}

static void
a_responder_is_of_a_suite(void **state)
{
	struct setpki_responder_note note;
	struct setpki_der answer;
	struct desk d;

	(void)state;
	desk_open(&d, &regs[1]);
	t_code(
	    setpki_responder_answer(ctx, SETPKI_SUITE_NONE, &d.ops, t_hex("3000"), REG_NOW, "x", &answer, &note, &err),
	    SETPKI_E_ARGUMENT, &err);
	assert_int_equal(answer.n, 0);
	setpki_error_clear(&err);
	desk_close(&d);
}

/* --- what is said beside the status ------------------------------------------------------------------------ */

/* CAMsg: encrypted for a cardholder, kept with the session. */
static void
a_greeting_arrives(void **state)
{
	static char card_logo[] = "http://bank.example/card.png", brand_logo[] = "http://brand.example/b.png",
		    text[] = "Gr\xc3\xbc\xc3\x9f"
			     "e";
	static const struct setpki_ca_msg all = {card_logo, brand_logo, text, 978}, none = {0};
	static const struct setpki_ca_msg *const msgs[] = {&all, &none};

	(void)state;
	for (size_t i = 0; i < 2; i++)
		for (size_t k = 0; k < NELEMS(msgs); k++) {
			struct setpki_enroll_result result;
			struct wallet w;
			struct desk d;

			desk_open(&d, &regs[i]);
			d.ca_msg = msgs[k];
			wallet_open(&w, &d, CARD);
			assert_int_equal(wallet_run(&w), SETPKI_ENROLL_DONE);
			wallet_again(&w);
			setpki_enroll_result(w.e, &result);
			assert_int_equal(result.ca_msg.currency, msgs[k]->currency);
			assert_int_equal(result.ca_msg.text != NULL, msgs[k]->text != NULL);
			if (msgs[k]->text != NULL) {
				assert_string_equal(result.ca_msg.card_logo, card_logo);
				assert_string_equal(result.ca_msg.brand_logo, brand_logo);
				assert_string_equal(result.ca_msg.text, text);
			}
			wallet_close(&w);
			desk_close(&d);
		}
}

/* --- complaints --------------------------------------------------------------------------------------------- */

/* The one SignerInfo's key: that of the existing certificate. */
static EVP_PKEY *
old_key(void *arg, size_t i, const struct sp_signer *who, setpki_bytes content)
{
	const struct wallet *w = arg;

	(void)content;
	(void)who;
	assert_int_equal(i, 0);
	return w->ask.old_key;
}

/* What was wrong with an answer is told in an Error, signed by whoever has a certificate. */
static void
a_complaint_is_signed_if_it_can_be(void **state)
{
	static const struct {
		enum setpki_request_type type;
		bool is_signed;
	} types[] = {{SETPKI_MER_RENEWAL_SIG, true}, {SETPKI_PGWY_INITIAL_ENC, true}, {MER, false}};

	(void)state;
	for (size_t i = 0; i < 2; i++)
		for (size_t k = 0; k < NELEMS(types); k++) {
			struct setpki_der answer, complaint;
			struct sp_error_got got = {0};
			struct sp_fault fault = {0};
			struct sp_incoming in;
			struct wallet w;
			struct desk d;
			bool first;

			desk_open(&d, &regs[i]);
			wallet_open(&w, &d, types[k].type);
			wallet_fetch(&w, &answer);
			answer.p[answer.n - 1] ^= 1; /* of the signature */
			t_code(setpki_enroll_response(w.e, sp_bytes(answer.p, answer.n), w.now, &err),
			    SETPKI_E_SIGNATURE, &err);
			setpki_error_clear(&err);
			t_ok(setpki_enroll_complain(w.e, w.now, &complaint, &err), &err);
			t_ok(sp_wire_read(sp_bytes(complaint.p, complaint.n), w.now, &in, &fault), &fault.why);
			t_ok(sp_error_read(&in, &got, &err), &err);
			assert_int_equal(got.code, SETPKI_ERR_SIGNATURE_FAILURE);
			assert_int_equal(got.is_signed, types[k].is_signed);
			if (got.is_signed)
				t_ok(
				    sp_sdata_verify_all(ctx, w.ask.suite, &got.data, got.data.content, got.data.content,
					&(struct sp_verify_ask){SP_CT_ERROR_TBS, NULL, old_key, &w}, &first, &err),
				    &err);
			sp_error_got_free(&got);
			sp_incoming_free(&in);
			setpki_der_free(&complaint);
			setpki_der_free(&answer);
			wallet_close(&w);
			desk_close(&d);
		}
}

static int
start(void **state)
{
	(void)state;
	memset(long_reason, 'x', sizeof(long_reason) - 1);
	memset(long_text, 'x', sizeof(long_text) - 1);
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
	struct CMUnitTest tests[NELEMS(rows) + 3] = {
	    cmocka_unit_test(a_greeting_arrives),
	    cmocka_unit_test(a_complaint_is_signed_if_it_can_be),
	    cmocka_unit_test(a_responder_is_of_a_suite),
	};

	for (size_t i = 0; i < NELEMS(rows); i++)
		tests[i + 3] =
		    (struct CMUnitTest){rows[i].name, row_is_composed, NULL, NULL, (void *)(uintptr_t)&rows[i]};
	return _cmocka_run_group_tests("decision", tests, NELEMS(tests), start, stop);
}
