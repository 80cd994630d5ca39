/* Walks of SET messages: every message of whole registrations, opened with the keys, and closed; no secret is told. */
#include "tests/support/check.h"
#include "tests/support/lines.h"
#include "tests/support/wallet.h"

#include <openssl/crypto.h>
#include <stdio.h>

static setpki_ctx *ctx;
static struct registry regs[2];

#define MESSAGES_MAX 12

/* What went to and fro. */
struct transcript {
	struct sp_buf v[MESSAGES_MAX];
	size_t n;
	struct desk desk;
	struct wallet wallet;
};

static void
record(struct transcript *t, setpki_bytes der)
{
	assert_true(t->n < MESSAGES_MAX);
	sp_buf_add_bytes(&t->v[t->n++], der);
}

static void
post(struct transcript *t)
{
	struct setpki_der answer;

	record(t, setpki_enroll_request(t->wallet.e));
	wallet_fetch(&t->wallet, &answer);
	record(t, sp_bytes(answer.p, answer.n));
	t_ok(setpki_enroll_response(t->wallet.e, sp_bytes(answer.p, answer.n), t->wallet.now, NULL), NULL);
	setpki_der_free(&answer);
}

static void
run(struct transcript *t)
{
	for (;;) {
		enum setpki_enroll_step step = setpki_enroll_step(t->wallet.e);

		if (step == SETPKI_ENROLL_SEND)
			post(t);
		else if (step == SETPKI_ENROLL_FORM)
			wallet_fill(&t->wallet);
		else
			return;
	}
}

/* A registration with its inquiry, and an Error about rubbish. */
static void
make(struct transcript *t, struct registry *reg, enum setpki_request_type type)
{
	struct setpki_responder_note note;
	struct setpki_der answer;

	memset(t, 0, sizeof(*t));
	desk_open(&t->desk, reg);
	t->desk.status = SETPKI_STATUS_PENDED;
	t->desk.message = "please wait, 4123450000000008";
	wallet_open(&t->wallet, &t->desk, type);
	run(t);
	desk_decide(&t->desk, SETPKI_STATUS_COMPLETE);
	t_ok(setpki_enroll_inquire(t->wallet.e, t->wallet.now, NULL), NULL);
	run(t);
	t_ok(desk_answer(&t->desk, t_hex("3003020100"), t->wallet.now, &answer, &note, NULL), NULL);
	record(t, sp_bytes(answer.p, answer.n));
	setpki_der_free(&answer);
}

static void
drop(struct transcript *t)
{
	for (size_t i = 0; i < t->n; i++)
		sp_buf_free(&t->v[i]);
	wallet_close(&t->wallet);
	desk_close(&t->desk);
}

/* All of it as lines. */
static void
tell(const struct transcript *t, bool keys, struct lines *l)
{
	struct setpki_party recipients[DESK_CAS];
	struct setpki_walk_keys k = {.recipients = recipients, .nrecipients = DESK_CAS};
	struct setpki_visitor v = lines_visitor(l);
	struct setpki_error err = {0};

	for (size_t i = 0; i < DESK_CAS; i++)
		recipients[i] = t->desk.cas[i].exchange;
	if (t->desk.requests[0].has_back_key)
		k.back_key = sp_bytes(t->desk.requests[0].back_key, t->desk.reg->suite == SETPKI_SUITE_MODERN ? 32 : 8);
	l->loose = true;
	for (size_t i = 0; i < t->n; i++) {
		const struct setpki_object o = {SETPKI_OBJECT_MESSAGE, sp_buf_bytes(&t->v[i])};

		t_ok(setpki_walk_with_keys(ctx, &o, SETPKI_SUITE_NONE, keys ? &k : NULL, &v, &err), &err);
		assert_int_equal(l->depth, 0);
	}
}

/* --- rows ---------------------------------------------------------------------------------------- */

static struct row {
	const char *name;
	enum setpki_request_type type;
} rows[] = {
    {"card", SETPKI_CARD_INITIAL_SIG},
    {"merchant", SETPKI_MER_RENEWAL_BOTH},
    {"gateway", SETPKI_PGWY_INITIAL_ENC},
};

static void
not_told(const struct sp_buf *text, setpki_bytes secret, const char *what)
{
	char hex[128];

	setpki_hex_text(secret, hex);
	if (memmem(text->p, text->n, hex, strlen(hex)) != NULL || memmem(text->p, text->n, secret.p, secret.n) != NULL)
		fail_msg("%s is told", what);
}

static void
no_secret(const struct transcript *t, const struct sp_buf *text)
{
	const struct desk_request *q = &t->desk.requests[0];

	not_told(text, sp_bytes_str(WALLET_PAN), "the PAN");
	not_told(text, sp_bytes_str("Alice"), "an answer of the form");
	if (!q->has_back_key)
		return;
	not_told(text, SP_BYTES(t->desk.card_secret), "CardSecret");
	not_told(text, sp_bytes(q->back_key, 8), "the back key");
	not_told(text, SP_BYTES(q->nonce_cca), "Nonce-CCA");
}

static void
tells_whole_registrations(void **state)
{
	const struct row *r = *state;

	for (size_t i = 0; i < 2; i++) {
		struct transcript t;
		struct lines open = {0}, closed = {0};
		char name[64];

		make(&t, &regs[i], r->type);
		tell(&t, true, &open);
		tell(&t, false, &closed);
		no_secret(&t, &open.text);
		no_secret(&t, &closed.text);
		assert_non_null(memmem(open.text.p, open.text.n, "decrypted", 9));
		assert_null(memmem(closed.text.p, closed.text.n, "decrypted", 9));
		snprintf(name, sizeof(name), "message_%s_%s", r->name, setpki_suite_name(regs[i].suite));
		lines_golden(name, &open);
		sp_buf_free(&open.text);
		sp_buf_free(&closed.text);
		drop(&t);
	}
}

/* Cut short or altered, a message is told as far as it goes, and then refused; what was entered is left. */
static void
what_cannot_be_read_is_told_of(void **state)
{
	struct transcript t;
	struct lines l = {0};
	struct setpki_visitor v = lines_visitor(&l);

	(void)state;
	make(&t, &regs[1], SETPKI_CARD_INITIAL_SIG);
	for (size_t i = 0; i < t.n; i++)
		for (size_t at = 1; at < t.v[i].n; at += 97) {
			struct setpki_object o = {SETPKI_OBJECT_MESSAGE, sp_bytes(t.v[i].p, at)};

			assert_int_not_equal(setpki_walk(ctx, &o, SETPKI_SUITE_NONE, &v, NULL), SETPKI_E_OK);
			assert_int_equal(l.depth, 0);
			t.v[i].p[at] ^= 0x10;
			o.der = sp_buf_bytes(&t.v[i]);
			if (setpki_walk(ctx, &o, SETPKI_SUITE_NONE, &v, NULL) == SETPKI_E_OK)
				assert_true(l.text.n != 0);
			assert_int_equal(l.depth, 0);
			t.v[i].p[at] ^= 0x10;
			sp_buf_reset(&l.text);
		}
	sp_buf_free(&l.text);
	drop(&t);
}

/* Keys of somebody else, and back keys that are none: what they do not open is told of as it came. */
static void
keys_that_do_not_fit(void **state)
{
	static const uint8_t zeros[40];
	static const struct {
		size_t nrecipients, nback; /* octets: 0 none, 1 as many as the suite's have */
		enum setpki_code rc;
		unsigned times; /* of the messages of a cardholder's registration */
	} keys[] = {
	    {1, 0, SETPKI_E_DECRYPT, 2}, /* RegFormReq, CertReq */
	    {0, 1, SETPKI_E_DECRYPT, 2}, /* CertRes, CertInqRes */
	    {0, 7, SETPKI_E_ARGUMENT, 2},
	    {0, 33, SETPKI_E_ARGUMENT, 2},
	    {0, 0, SETPKI_E_DECRYPT, 0},
	};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		size_t len = regs[i].suite == SETPKI_SUITE_MODERN ? 32 : 8;
		struct transcript t;

		make(&t, &regs[i], SETPKI_CARD_INITIAL_SIG);
		for (size_t k = 0; k < NELEMS(keys); k++) {
			const struct setpki_walk_keys given = {&t.desk.cas[DESK_CAS - 1].exchange, keys[k].nrecipients,
			    sp_bytes(zeros, keys[k].nback == 1 ? len : keys[k].nback)};
			struct lines l = {0};
			struct setpki_visitor v = lines_visitor(&l);
			unsigned times = 0;

			l.loose = true;
			for (size_t m = 0; m < t.n; m++) {
				const struct setpki_object o = {SETPKI_OBJECT_MESSAGE, sp_buf_bytes(&t.v[m])};
				enum setpki_code rc =
				    setpki_walk_with_keys(ctx, &o, SETPKI_SUITE_NONE, &given, &v, NULL);

				if (rc != SETPKI_E_OK)
					assert_int_equal(rc, keys[k].rc);
				times += rc != SETPKI_E_OK;
				assert_int_equal(l.depth, 0);
			}
			assert_int_equal(times, keys[k].times);
			no_secret(&t, &l.text);
			sp_buf_free(&l.text);
		}
		drop(&t);
	}
}

static void
messages_are_known_by_their_contents(void **state)
{
	struct transcript t;
	char text[256];

	(void)state;
	make(&t, &regs[1], SETPKI_CARD_INITIAL_SIG);
	for (size_t i = 0; i < t.n; i++) {
		struct setpki_objects o = {0};

		t_ok(setpki_objects_read(sp_buf_bytes(&t.v[i]), &o, NULL), NULL);
		assert_int_equal(o.n, 1);
		assert_int_equal(o.v[0].type, SETPKI_OBJECT_MESSAGE);
		setpki_object_text(ctx, &o.v[0], text, sizeof(text));
		if (i == 0)
			assert_non_null(strstr(text, "CardCInitReq"));
		setpki_objects_free(&o);
	}
	drop(&t);
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
	    cmocka_unit_test(what_cannot_be_read_is_told_of),
	    cmocka_unit_test(keys_that_do_not_fit),
	    cmocka_unit_test(messages_are_known_by_their_contents),
	};
	struct CMUnitTest tests[NELEMS(rows) + NELEMS(rest)];
	size_t n;

	for (n = 0; n < NELEMS(rows); n++)
		tests[n] = (struct CMUnitTest){rows[n].name, tells_whole_registrations, NULL, NULL, &rows[n]};
	memcpy(&tests[n], rest, sizeof(rest));
	return _cmocka_run_group_tests("walk/message", tests, n + NELEMS(rest), start, stop);
}
