/* The CA's session and its desk: what is handed on, what is kept, what is sent along, and callbacks that fail. */
#include "lib/message/parts.h"
#include "tests/support/ask.h"
#include "tests/support/check.h"

static setpki_ctx *ctx;
static struct registry regs[2];

/* --- what the session hands on ------------------------------------------------------------------ */

static void
the_desk_sees_what_was_sent(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct desk d;
		struct ask a;
		struct ask_got got;
		struct setpki_responder_note note;
		struct sp_buf out = {0};

		desk_open(&d, &regs[i]);
		ask_open(&a, &d, SETPKI_CARD_INITIAL_SIG);
		ask_challenge(&a);
		ask_cert(&a, &out);
		ask_post(&a, &out, &got, &note);
		assert_string_equal(d.pan, ASK_PAN);
		assert_string_equal(d.answers, "Name on the card=Alice");
		assert_memory_equal(d.card_secret, a.card_secret, 20);
		ask_got_free(&got);
		sp_buf_reset(&out);
		ask_close(&a);

		ask_open(&a, &d, SETPKI_MER_INITIAL_SIG);
		ask_challenge(&a);
		ask_cert(&a, &out);
		ask_post(&a, &out, &got, &note);
		assert_string_equal(d.account, "account 0815");
		assert_string_equal(d.pan, "");
		ask_got_free(&got);
		sp_buf_free(&out);
		ask_close(&a);
		desk_close(&d);
	}
}

/* 12.7 */
static void
the_same_request_gets_the_same_answer(void **state)
{
	struct desk d;
	struct ask a;
	struct sp_buf out = {0}, again = {0};
	struct setpki_der first, second;
	struct setpki_responder_note note;
	struct ask_got got;

	(void)state;
	desk_open(&d, &regs[1]);
	ask_open(&a, &d, SETPKI_CARD_INITIAL_SIG);
	ask_challenge(&a);
	ask_cert(&a, &out);
	t_ok(desk_answer(&d, sp_buf_bytes(&out), a.now, &first, &note, NULL), NULL);
	assert_false(note.repeated);
	t_ok(desk_answer(&d, sp_buf_bytes(&out), a.now + 60, &second, &note, NULL), NULL);
	assert_true(note.repeated);
	t_bytes(sp_bytes(second.p, second.n), sp_bytes(first.p, first.n));
	assert_int_equal(d.decided, 1);
	/* another wrapper under the same rrpid and key */
	ask_cert(&a, &again);
	ask_post(&a, &again, &got, &note);
	assert_int_equal(note.error, SETPKI_ERR_UNKNOWN_RRPID);
	assert_int_equal(d.decided, 1);
	ask_got_free(&got);
	setpki_der_free(&first);
	setpki_der_free(&second);
	sp_buf_free(&out);
	sp_buf_free(&again);
	ask_close(&a);
	desk_close(&d);
}

static void
an_error_is_not_answered(void **state)
{
	struct desk d;
	struct setpki_der answer, none;
	struct setpki_responder_note note;

	(void)state;
	desk_open(&d, &regs[1]);
	t_ok(desk_answer(&d, t_hex("3000"), REG_NOW, &answer, &note, NULL), NULL);
	assert_int_equal(note.error, SETPKI_ERR_DECODING_FAILURE);
	t_ok(desk_answer(&d, sp_bytes(answer.p, answer.n), REG_NOW, &none, &note, NULL), NULL);
	assert_true(note.silent);
	assert_string_equal(note.detail, "it says decodingFailure");
	assert_int_equal(none.n, 0);
	setpki_der_free(&answer);
	desk_close(&d);
}

static void
no_more_errors_than_may_be(void **state)
{
	struct desk d;
	struct setpki_der answer;
	struct setpki_responder_note note;

	(void)state;
	desk_open(&d, &regs[1]);
	d.no_errors = true;
	t_ok(desk_answer(&d, t_hex("3000"), REG_NOW, &answer, &note, NULL), NULL);
	assert_int_equal(note.error, SETPKI_ERR_DECODING_FAILURE);
	assert_true(note.too_many);
	assert_int_equal(answer.n, 0);
	desk_close(&d);
}

/* Somebody who saw the identifiers of a registration pass asks for himself under them: the inquiry of whoever they
 * belong to finds its own request all the same, and his finds his. */
static void
an_inquiry_finds_its_own(void **state)
{
	struct desk d;
	struct ask a, thief;
	struct ask_got got;
	struct sp_buf out = {0};
	struct setpki_responder_note note;

	(void)state;
	desk_open(&d, &regs[1]);
	d.status = SETPKI_STATUS_PENDED;
	ask_open(&a, &d, SETPKI_MER_INITIAL_SIG);
	ask_open(&thief, &d, SETPKI_MER_INITIAL_SIG);
	ask_challenge(&a);
	memcpy(thief.lid_ee, a.lid_ee, sizeof(a.lid_ee));
	memcpy(thief.lid_ca, a.lid_ca, sizeof(a.lid_ca));
	memcpy(thief.chall_ca, a.chall_ca, sizeof(a.chall_ca));
	ask_cert(&a, &out);
	ask_post(&a, &out, &got, &note);
	assert_int_equal(note.status, SETPKI_STATUS_PENDED);
	ask_got_free(&got);
	sp_buf_reset(&out);
	d.status = SETPKI_STATUS_REJECTED_BY_CA;
	ask_cert(&thief, &out);
	ask_post(&thief, &out, &got, &note);
	ask_got_free(&got);
	sp_buf_reset(&out);
	ask_inquiry(&a, &out);
	ask_post(&a, &out, &got, &note);
	assert_int_equal(note.status, SETPKI_STATUS_PENDED);
	ask_got_free(&got);
	sp_buf_reset(&out);
	ask_inquiry(&thief, &out);
	ask_post(&thief, &out, &got, &note);
	assert_int_equal(note.status, SETPKI_STATUS_REJECTED_BY_CA);
	ask_got_free(&got);
	sp_buf_free(&out);
	ask_close(&thief);
	ask_close(&a);
	desk_close(&d);
}

/* What the other side has is not sent again. */
static void
held(struct ask *a, void *tbs, void *arg)
{
	SP_CARD_C_INIT_REQ *q = tbs;
	const struct setpki_responder_ca *ca = &a->desk->cas[0];

	(void)arg;
	for (size_t i = 0; i < ca->ncerts; i++)
		t_ok(sp_thumbs_add(ctx, a->desk->reg->suite, &q->thumbs, SP_THUMB_CERTS, ca->certs[i], NULL), NULL);
	for (size_t i = 0; i < ca->ncrls; i++)
		t_ok(sp_thumbs_add(ctx, a->desk->reg->suite, &q->thumbs, SP_THUMB_CRLS, ca->crls[i], NULL), NULL);
	t_ok(sp_thumbs_add(ctx, a->desk->reg->suite, &q->thumbs, SP_THUMB_BCIS, ca->bci, NULL), NULL);
}

static void
thumbs_keep_things_at_home(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct desk d;
		struct ask a;
		struct ask_got got;
		struct setpki_responder_note note;
		struct sp_buf out = {0};

		desk_open(&d, &regs[i]);
		ask_open(&a, &d, SETPKI_CARD_INITIAL_SIG);
		ask_init(&a, &out);
		ask_post(&a, &out, &got, &note);
		assert_int_equal(got.data.ncerts, d.cas[0].ncerts);
		assert_int_equal(got.data.ncrls, d.cas[0].ncrls);
		assert_non_null(((SP_CARD_C_INIT_RES_TBS *)got.tbs)->bci);
		ask_got_free(&got);
		sp_buf_reset(&out);
		a.alter = held;
		ask_init(&a, &out);
		ask_post(&a, &out, &got, &note);
		assert_int_equal(got.data.ncerts, 0);
		assert_int_equal(got.data.ncrls, 0);
		assert_null(((SP_CARD_C_INIT_RES_TBS *)got.tbs)->bci);
		assert_non_null(((SP_CARD_C_INIT_RES_TBS *)got.tbs)->thumbs);
		ask_got_free(&got);
		sp_buf_free(&out);
		ask_close(&a);
		desk_close(&d);
	}
}

/* --- callbacks that fail ------------------------------------------------------------------------ */

/* Whichever callback fails, there is no answer, and the code is the callback's. */
static void
a_callback_that_fails_ends_it(void **state)
{
	static const enum setpki_request_type types[] = {
	    SETPKI_CARD_INITIAL_SIG, SETPKI_MER_RENEWAL_ENC, SETPKI_CARD_RENEWAL_SIG};

	(void)state;
	for (size_t m = 0; m < ASK_MESSAGES; m++)
		for (size_t t = 0; t < NELEMS(types); t++)
			for (size_t at = 1;; at++) {
				struct desk d;
				struct ask a;
				struct sp_buf out = {0};
				struct setpki_der answer;
				struct setpki_responder_note note;
				bool reached;
				enum setpki_code rc;

				desk_open(&d, &regs[1]);
				ask_open(&a, &d, m == ASK_FORM ? SETPKI_CARD_INITIAL_SIG : types[t]);
				ask_challenge(&a);
				if (m == ASK_INQUIRY)
					ask_first(&a);
				ask_make(&a, (enum ask_message)m, &out);
				d.fails = SETPKI_E_STORE;
				d.fails_at = at;
				rc = desk_answer(&d, sp_buf_bytes(&out), a.now, &answer, &note, NULL);
				reached = d.calls >= at;
				assert_int_equal(rc, reached ? SETPKI_E_STORE : SETPKI_E_OK);
				assert_int_equal(answer.n != 0, !reached);
				setpki_der_free(&answer);
				sp_buf_free(&out);
				ask_close(&a);
				desk_close(&d);
				if (!reached)
					break;
			}
}

static void
a_decision_has_to_be_composed(void **state)
{
	struct desk d;
	struct ask a;
	struct sp_buf out = {0};
	struct setpki_der answer;
	struct setpki_responder_note note;

	(void)state;
	desk_open(&d, &regs[1]);
	ask_open(&a, &d, SETPKI_CARD_INITIAL_SIG);
	ask_challenge(&a);
	ask_cert(&a, &out);
	d.forgets = true;
	for (int later = 0; later < 2; later++) {
		d.later = later != 0;
		t_code(desk_answer(&d, sp_buf_bytes(&out), a.now, &answer, &note, NULL), SETPKI_E_STATE, NULL);
		assert_int_equal(answer.n, 0);
	}
	/* who waits for the answer is not told that it comes later */
	t_code(setpki_responder_answer(ctx, d.reg->suite, &d.ops, sp_buf_bytes(&out), a.now, "x", &answer, &note, NULL),
	    SETPKI_E_STATE, NULL);
	assert_int_equal(answer.n, 0);
	sp_buf_free(&out);
	ask_close(&a);
	desk_close(&d);
}

/* Several requests are decided together: the sessions wait, and are answered as they would have been. */
static void
a_decision_may_be_composed_later(void **state)
{
	static const enum setpki_request_type types[] = {
	    SETPKI_CARD_INITIAL_SIG, SETPKI_MER_INITIAL_BOTH, SETPKI_PGWY_RENEWAL_SIG};
	setpki_responder *later[NELEMS(types)], *none;
	struct setpki_responder_note notes[NELEMS(types)];
	struct sp_buf out[NELEMS(types)] = {{0}};
	struct setpki_decision decision = {.status = SETPKI_STATUS_PENDED};
	struct ask a[NELEMS(types)];
	struct setpki_der answer;
	setpki_bytes kept;
	struct desk d;

	(void)state;
	desk_open(&d, &regs[1]);
	d.later = true;
	for (size_t i = 0; i < NELEMS(types); i++) {
		ask_open(&a[i], &d, types[i]);
		ask_challenge(&a[i]);
		ask_cert(&a[i], &out[i]);
		t_code(setpki_responder_begin(ctx, d.reg->suite, &d.ops, sp_buf_bytes(&out[i]), a[i].now, "x", &answer,
			   &notes[i], &later[i], NULL),
		    SETPKI_E_PENDING, NULL);
	}
	for (size_t i = NELEMS(types); i-- > 0;) {
		t_ok(setpki_responder_compose(later[i], &decision, &kept, NULL), NULL);
		t_code(setpki_responder_compose(later[i], &decision, &kept, NULL), SETPKI_E_STATE, NULL);
	}
	for (size_t i = 0; i < NELEMS(types); i++) {
		t_ok(setpki_responder_end(later[i], &answer, NULL), NULL);
		assert_true(answer.n != 0);
		assert_int_equal(notes[i].status, SETPKI_STATUS_PENDED);
		assert_memory_equal(notes[i].rrpid, a[i].rrpid, sizeof(a[i].rrpid));
		setpki_der_free(&answer);
	}
	/* what needs no decision is answered at once */
	t_ok(setpki_responder_begin(
		 ctx, d.reg->suite, &d.ops, t_hex("3000"), REG_NOW, "x", &answer, &notes[0], &none, NULL),
	    NULL);
	assert_null(none);
	assert_int_equal(notes[0].error, SETPKI_ERR_DECODING_FAILURE);
	setpki_der_free(&answer);
	for (size_t i = 0; i < NELEMS(types); i++) {
		sp_buf_free(&out[i]);
		ask_close(&a[i]);
	}
	desk_close(&d);
}

static void
no_back_key(struct ask *a, void *tbs, void *arg)
{
	SP_CERT_REQ_DATA *q = tbs;

	(void)a;
	(void)arg;
	sp_type_free(&sp_type_back_key, q->back_key);
	q->back_key = NULL;
}

/* A desk that composes twice, or decides what the request cannot come to. */
static void
a_decision_is_composed_once_and_as_it_has_to_be(void **state)
{
	static const struct {
		bool twice;
		enum setpki_status says;
	} rows[] = {{true, SETPKI_STATUS_NONE}, {false, SETPKI_STATUS_PENDED}};

	(void)state;
	for (size_t i = 0; i < NELEMS(rows); i++) {
		struct desk d;
		struct ask a;
		struct sp_buf out = {0};
		struct setpki_der answer;
		struct setpki_responder_note note;

		desk_open(&d, &regs[1]);
		ask_open(&a, &d, SETPKI_CARD_INITIAL_SIG);
		ask_challenge(&a);
		a.alter = rows[i].twice ? NULL : no_back_key; /* which comes to unableToEncryptCertRes */
		ask_cert(&a, &out);
		d.composes_twice = rows[i].twice;
		d.insists = rows[i].says;
		t_code(desk_answer(&d, sp_buf_bytes(&out), a.now, &answer, &note, NULL), SETPKI_E_STATE, NULL);
		assert_int_equal(answer.n, 0);
		sp_buf_free(&out);
		ask_close(&a);
		desk_close(&d);
	}
}

/* A CRL that does not fit into a message stays out; the others go along. */
static void
a_crl_that_does_not_fit_stays_out(void **state)
{
	static const uint8_t large[SP_MESSAGE_MAX];
	struct desk d;
	struct ask a;
	struct ask_got got;
	struct setpki_responder_note note;
	struct sp_buf out = {0};

	(void)state;
	desk_open(&d, &regs[1]);
	ask_open(&a, &d, SETPKI_CARD_INITIAL_SIG);
	ask_init(&a, &out);
	d.crls[0] = SP_BYTES(large);
	ask_post(&a, &out, &got, &note);
	assert_int_equal(note.error, SETPKI_ERR_NONE);
	assert_int_equal(got.data.ncrls, d.cas[0].ncrls - 1);
	ask_got_free(&got);
	sp_buf_free(&out);
	ask_close(&a);
	desk_close(&d);
}

/* A request in the other suite is no request of ours. */
static void
the_other_suite_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2; i++)
		for (size_t m = 0; m < ASK_MESSAGES; m++) {
			struct desk d, theirs;
			struct ask a;
			struct sp_buf out = {0};
			struct setpki_der answer;
			struct setpki_responder_note note;

			desk_open(&d, &regs[i]);
			desk_open(&theirs, &regs[1 - i]);
			ask_open(&a, &theirs, SETPKI_CARD_INITIAL_SIG);
			ask_challenge(&a);
			if (m == ASK_INQUIRY)
				ask_first(&a);
			ask_make(&a, (enum ask_message)m, &out);
			t_ok(desk_answer(&d, sp_buf_bytes(&out), a.now, &answer, &note, NULL), NULL);
			/* a CardCInitReq without thumbs says nothing of its suite */
			assert_int_equal(note.error != SETPKI_ERR_NONE, m != ASK_INIT);
			assert_int_equal(d.decided, 0);
			setpki_der_free(&answer);
			sp_buf_free(&out);
			ask_close(&a);
			desk_close(&theirs);
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
	    cmocka_unit_test(the_desk_sees_what_was_sent),
	    cmocka_unit_test(the_same_request_gets_the_same_answer),
	    cmocka_unit_test(an_error_is_not_answered),
	    cmocka_unit_test(no_more_errors_than_may_be),
	    cmocka_unit_test(an_inquiry_finds_its_own),
	    cmocka_unit_test(thumbs_keep_things_at_home),
	    cmocka_unit_test(a_callback_that_fails_ends_it),
	    cmocka_unit_test(a_decision_has_to_be_composed),
	    cmocka_unit_test(a_decision_may_be_composed_later),
	    cmocka_unit_test(a_decision_is_composed_once_and_as_it_has_to_be),
	    cmocka_unit_test(a_crl_that_does_not_fit_stays_out),
	    cmocka_unit_test(the_other_suite_is_refused),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
