/* An authority process and a front that is its enemy: what is no request ends it, with the reason in its log; whatever
 * stands in a request is answered. */
#include "ca/service/authority.h"
#include "tests/support/home.h"
#include "tests/support/worker.h"
#include "tests/support/wrapper.h"

#include <openssl/crypto.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

static char home[512];

static int
make_home(void **state)
{
	(void)state;
	ca_home_close(t_demo_home("home", T_NOW));
	snprintf(home, sizeof(home), "%s", t_scratch("home"));
	return 0;
}

/* --- what is answered -------------------------------------------------------------------------- */

static void
hears(struct t_worker *w, uint32_t id, struct ca_answer_read *a)
{
	struct setpki_error err = {0};
	struct ca_frame f;

	assert_true(t_worker_hear(w, &f));
	assert_int_equal(f.id, id);
	t_ok(ca_answer_get(f.contents, a, &err), &err);
}

static const struct answered {
	const char *name;
	enum sp_arm_number arm;
	int64_t date;
	const char *message, *outcome;
	enum setpki_error_code code;
} answered[] = {
    {"a payment message", (enum sp_arm_number)2, T_NOW, "PReq", "messageNotSupported",
	SETPKI_ERR_MESSAGE_NOT_SUPPORTED},
    {"a message of tomorrow", SP_ARM_CERT_REQ, T_NOW + 86400, "CertReq", "messageTooNew", SETPKI_ERR_MESSAGE_TOO_NEW},
    {"a message of last week", SP_ARM_CERT_REQ, T_NOW - 7 * 86400, "CertReq", "messageTooOld",
	SETPKI_ERR_MESSAGE_TOO_OLD},
};

static void
is_answered(void **state)
{
	const struct answered *r = *state;
	struct ca_answer_read a;
	struct sp_buf b = {0};
	struct t_worker w;

	t_worker_start(&w, home, T_NOW);
	t_wrapper(r->arm, 1, r->date, 256, &b);
	t_worker_ask(&w, 7, sp_buf_bytes(&b));
	hears(&w, 7, &a);
	assert_int_equal(a.hint, CA_HINT_ANSWER);
	assert_string_equal(a.message, r->message);
	assert_string_equal(a.outcome, r->outcome);
	t_is_error(a.body, sp_buf_bytes(&b), T_NOW, r->code);
	assert_int_equal(t_worker_end(&w), 0);
	assert_true(t_worker_logged(&w, "rrpid=0100000000000000000000000000000000000000"));
	sp_buf_free(&b);
}

static void
an_error_is_never_answered(void **state)
{
	struct ca_answer_read a;
	struct sp_buf b = {0};
	struct t_worker w;

	(void)state;
	t_worker_start(&w, home, T_NOW);
	t_wrapper(SP_ARM_ERROR, 1, T_NOW, 256, &b);
	t_worker_ask(&w, 1, sp_buf_bytes(&b));
	hears(&w, 1, &a);
	assert_int_equal(a.hint, CA_HINT_SILENT);
	assert_int_equal(a.body.n, 0);
	assert_int_equal(t_worker_end(&w), 0);
	assert_true(t_worker_logged(&w, "event=\"message not answered\" message=Error"));
	assert_true(t_worker_logged(&w, "it says what cannot be read"));
	sp_buf_free(&b);
}

static void
what_is_no_wrapper_is_answered_too(void **state)
{
	static const char *const bad[] = {"00", "30800000", "3003020101", "ffffffffffffffff"};
	struct ca_answer_read a;
	struct t_worker w;

	(void)state;
	t_worker_start(&w, home, T_NOW);
	for (uint32_t i = 0; i < NELEMS(bad); i++) {
		t_worker_ask(&w, i, t_hex(bad[i]));
		hears(&w, i, &a);
		assert_string_equal(a.outcome, "decodingFailure");
		t_is_error(a.body, t_hex(bad[i]), T_NOW, SETPKI_ERR_DECODING_FAILURE);
	}
	assert_int_equal(t_worker_end(&w), 0);
}

/* --- a hostile front ---------------------------------------------------------------------------- */

static const struct hostile {
	const char *name, *hex, *logged;
} hostile[] = {
    {"a frame of no type", "00000002 00 00000007 aabb", "which has no place here"},
    {"an answer instead of a request", "00000002 02 00000007 aabb", "which has no place here"},
    {"a check program to run", "00000002 05 00000007 aabb", "which has no place here"},
    {"a frame that is too long", "00100001 01 00000007 aabb", "1 to 1048576 are allowed"},
    {"a frame of four gigabytes", "ffffffff 01 00000007 aabb", "1 to 1048576 are allowed"},
    {"an empty frame", "00000000 01 00000007", "1 to 1048576 are allowed"},
    {"noise", "30820102 30820102 30820102", "which has no place here"},
};

static void
ends_it(void **state)
{
	const struct hostile *r = *state;
	struct ca_answer_read a;
	struct sp_buf b = {0};
	struct ca_frame f;
	struct t_worker w;

	t_worker_start(&w, home, T_NOW);
	t_wrapper(SP_ARM_CERT_REQ, 1, T_NOW, 256, &b);
	t_worker_ask(&w, 1, sp_buf_bytes(&b));
	hears(&w, 1, &a);
	t_worker_say(&w, t_hex(r->hex));
	assert_false(t_worker_hear(&w, &f));
	assert_int_equal(t_worker_end(&w), 3);
	assert_true(t_worker_logged(&w, "level=error") && t_worker_logged(&w, r->logged));
	sp_buf_free(&b);
}

static void
a_frame_that_is_never_finished(void **state)
{
	struct ca_frame f;
	struct t_worker w;
	int64_t began = ca_ticks();

	(void)state;
	t_worker_start(&w, home, T_NOW);
	t_worker_say(&w, t_hex("00000100 01 00000001 00"));
	assert_false(t_worker_hear(&w, &f));
	assert_in_range(ca_ticks() - began, CA_FRAME_STALL_MS - 100, CA_FRAME_STALL_MS + 5000);
	assert_int_equal(t_worker_end(&w), 3);
	assert_true(t_worker_logged(&w, "did not come within 5 s"));
}

static void
a_front_that_dies_in_a_frame(void **state)
{
	struct t_worker w;

	(void)state;
	t_worker_start(&w, home, T_NOW);
	t_worker_say(&w, t_hex("00000100 01 00000001 00"));
	assert_int_equal(t_worker_end(&w), 3);
	assert_true(t_worker_logged(&w, "it ended in the middle of a frame"));
}

static void
the_front_ends_and_so_does_it(void **state)
{
	struct t_worker w;

	(void)state;
	t_worker_start(&w, home, T_NOW);
	assert_int_equal(t_worker_end(&w), 0);
}

/* Cut off while it drains: the front has gone before the answer was ready. */
static void
the_front_ends_without_the_answer(void **state)
{
	struct sp_buf b = {0};
	struct t_worker w;

	(void)state;
	t_worker_start(&w, home, T_NOW);
	t_wrapper(SP_ARM_CERT_REQ, 1, T_NOW, 256, &b);
	kill(w.pid, SIGSTOP);
	for (uint32_t i = 1; i < 10; i++)
		t_worker_ask(&w, i, sp_buf_bytes(&b));
	close(w.to.fd);
	w.to.fd = -1;
	kill(w.pid, SIGCONT);
	assert_int_equal(t_worker_end(&w), 0);
	assert_false(t_worker_logged(&w, "level=error"));
	sp_buf_free(&b);
}

static void
hup_takes_the_policy(void **state)
{
	struct ca_answer_read a;
	struct sp_buf b = {0};
	struct t_worker w;

	(void)state;
	t_worker_start(&w, home, T_NOW);
	kill(w.pid, SIGHUP);
	t_wrapper(SP_ARM_CERT_REQ, 1, T_NOW, 256, &b);
	t_worker_ask(&w, 1, sp_buf_bytes(&b));
	hears(&w, 1, &a);
	assert_int_equal(t_worker_end(&w), 0);
	assert_true(t_worker_logged(&w, "event=\"policy taken\""));
	sp_buf_free(&b);
}

/* --- answers in frames -------------------------------------------------------------------------- */

static void
answers_that_cannot_be_read(void **state)
{
	static const char *const bad[] = {
	    "",
	    "05 00000002 6100 00000002 6200 00000001 00", /* no such hint */
	    "00 00000002 6100 00000002 6200 00000000",	  /* an answer without a body */
	    "01 00000002 6100 00000002 6200 00000001 00", /* a body beside silence */
	    "01 00000001 61 00000002 6200 00000000",	  /* no end to the word */
	    "01 00000002 2200 00000002 6200 00000000",	  /* a word that would end a label */
	    "01 00000000 00000002 6200 00000000",
	    "01 00000002 6100 00000002 6200 00000000 00",
	};
	struct ca_answer_read a;

	(void)state;
	for (size_t i = 0; i < NELEMS(bad); i++)
		t_code(ca_answer_get(t_hex(bad[i]), &a, NULL), SETPKI_E_PARSE, NULL);
	t_ok(ca_answer_get(t_hex("01 00000002 6100 00000002 6200 00000000"), &a, NULL), NULL);
}

int
main(void)
{
	struct CMUnitTest all[NELEMS(answered) + NELEMS(hostile) + 8];
	size_t n = 0, i;
	int rc;

	for (i = 0; i < NELEMS(answered); i++)
		all[n++] =
		    (struct CMUnitTest){answered[i].name, is_answered, NULL, NULL, (void *)(uintptr_t)&answered[i]};
	for (i = 0; i < NELEMS(hostile); i++)
		all[n++] = (struct CMUnitTest){hostile[i].name, ends_it, NULL, NULL, (void *)(uintptr_t)&hostile[i]};
	all[n++] = (struct CMUnitTest)cmocka_unit_test(an_error_is_never_answered);
	all[n++] = (struct CMUnitTest)cmocka_unit_test(what_is_no_wrapper_is_answered_too);
	all[n++] = (struct CMUnitTest)cmocka_unit_test(a_frame_that_is_never_finished);
	all[n++] = (struct CMUnitTest)cmocka_unit_test(a_front_that_dies_in_a_frame);
	all[n++] = (struct CMUnitTest)cmocka_unit_test(the_front_ends_and_so_does_it);
	all[n++] = (struct CMUnitTest)cmocka_unit_test(the_front_ends_without_the_answer);
	all[n++] = (struct CMUnitTest)cmocka_unit_test(hup_takes_the_policy);
	all[n++] = (struct CMUnitTest)cmocka_unit_test(answers_that_cannot_be_read);
	rc = _cmocka_run_group_tests("ca/service/worker", all, n, make_home, NULL);
	t_hex_free();
	return rc;
}
