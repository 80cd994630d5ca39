/* A program that decides: what it is told, what it may say, and what happens when it says nothing. */
#include "ca/register/desk.h"
#include "ca/revoke/revoke.h"
#include "lib/x509/cert.h"
#include "tests/support/check.h"
#include "tests/support/enrollee.h"
#include "tests/support/home.h"

#include <stdio.h>

#define ASK(...) (&(const struct setpki_enroll_ask){__VA_ARGS__})

static struct t_registry r;
static struct t_enrollee p;
static struct setpki_error err;

static int
start(void **state)
{
	/* the cardholder CA asks the list, then a program that is told the number; the merchant CA one that is not */
	static const char *const edits[] = {"decide: [accounts, manual]",
	    "decide: [accounts, program]\n                    program:\n                      path: /bin/card-check\n"
	    "                      pan: true",
	    "decide: [accounts, manual]",
	    "decide: [program]\n                    program:\n                      path: /bin/merchant-check", NULL};

	(void)state;
	t_registry_start(&r, "program", "policies/demo.yaml", edits);
	t_list_merchant(
	    r.home, "4711", "Corner Books", true); /* the program is asked all the same, and it is blocked */
	t_list_merchant(r.home, "4712", "Corner Cakes", false);
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	t_registry_end(&r);
	return 0;
}

static int
close_party(void **state)
{
	(void)state;
	t_enrollee_close(&p);
	memset(&err, 0, sizeof(err));
	r.verdict_rc = SETPKI_E_OK;
	return 0;
}

/* A card that nobody asked for before. */
static const char *
fresh_pan(void)
{
	static char pan[20];
	static unsigned n;

	snprintf(pan, sizeof(pan), "41234500001%05u", n++);
	return pan;
}

static enum setpki_status
asks(const char *verdict)
{
	r.verdict = verdict;
	t_enrollee_open(&p, &r, ASK(.type = SETPKI_CARD_INITIAL_SIG, .pan = fresh_pan()));
	(void)t_enrollee_run(&p);
	return t_enrollee_status(&p);
}

/* What persons of the CA read about what the program was asked last. */
static void
check_cause(const char *want)
{
	struct ca_request_record rec;
	struct ca_desk_parts parts;
	uint8_t key[32];
	ca_txn *t;

	t_ok(ca_txn_begin(r.home->store, false, &t, &err), &err);
	t_ok(ca_request_by_wrapper(t, r.asked, &rec, &err), &err);
	ca_txn_abort(t);
	t_ok(ca_desk_key(r.home, key, &err), &err);
	t_ok(ca_desk_unseal(r.home->ctx, key, &rec, &parts, &err), &err);
	assert_string_equal(parts.cause, want);
	ca_desk_parts_free(&parts);
	ca_request_record_free(&rec);
}

static const struct row {
	const char *name, *verdict;
	enum setpki_status status;
	const char *message; /* that the holder gets */
} rows[] = {
    {"accepted", "{\"answer\":\"accept\"}", SETPKI_STATUS_COMPLETE, NULL},
    {"accepted with blanks", " \n{ \"answer\" : \"accept\" }\r\n", SETPKI_STATUS_COMPLETE, NULL},
    {"pended", "{\"answer\":\"pend\",\"message\":\"Soon.\"}", SETPKI_STATUS_PENDED, "Soon."},
    {"rejected", "{\"answer\":\"reject\"}", SETPKI_STATUS_REJECTED_BY_ISSUER, NULL},
    {"rejected with a code", "{\"answer\":\"reject\",\"code\":\"rejectedByCA\",\"message\":\"No: \\u00fc\"}",
	SETPKI_STATUS_REJECTED_BY_CA, "No: \xc3\xbc"},
    {"rejected, with a card number in it", "{\"answer\":\"reject\",\"message\":\"not 4123450000000008\"}",
	SETPKI_STATUS_REJECTED_BY_ISSUER, "not 412345******0008"},
    {"nothing", "", SETPKI_STATUS_PENDED, NULL},
    {"no json", "accept", SETPKI_STATUS_PENDED, NULL},
    {"no answer", "{}", SETPKI_STATUS_PENDED, NULL},
    {"another answer", "{\"answer\":\"perhaps\"}", SETPKI_STATUS_PENDED, NULL},
    {"an answer in capitals", "{\"answer\":\"Accept\"}", SETPKI_STATUS_PENDED, NULL},
    {"accepted, with a code", "{\"answer\":\"accept\",\"code\":\"rejectedByCA\"}", SETPKI_STATUS_PENDED, NULL},
    {"a code that is none", "{\"answer\":\"reject\",\"code\":\"requestPended\"}", SETPKI_STATUS_PENDED, NULL},
    {"a member too many", "{\"answer\":\"accept\",\"pan\":\"1\"}", SETPKI_STATUS_PENDED, NULL},
    {"a member twice", "{\"answer\":\"reject\",\"answer\":\"accept\"}", SETPKI_STATUS_PENDED, NULL},
    {"text behind it", "{\"answer\":\"accept\"} {}", SETPKI_STATUS_PENDED, NULL},
    {"cut off", "{\"answer\":\"accept\"", SETPKI_STATUS_PENDED, NULL},
    {"a message of two lines", "{\"answer\":\"accept\",\"message\":\"a\\nb\"}", SETPKI_STATUS_PENDED, NULL},
};

static void
says(void **state)
{
	const struct row *row = *state;
	struct setpki_enroll_result result;

	assert_int_equal(asks(row->verdict), row->status);
	setpki_enroll_result(p.e, &result);
	if (row->message != NULL)
		assert_string_equal(result.message, row->message);
	else
		assert_null(result.message);
}

/* What it said of a request that it left to persons is not what they say. */
static void
words_of_waiting_do_not_outlive_it(void **state)
{
	struct setpki_enroll_result result;
	struct ca_request_record rec;

	(void)state;
	for (int approved = 0; approved < 2; approved++) {
		assert_int_equal(asks("{\"answer\":\"pend\",\"message\":\"We will call you.\"}"), SETPKI_STATUS_PENDED);
		rec = t_enrollee_request(&p);
		setpki_enroll_result(p.e, &result);
		assert_string_equal(result.message, "We will call you.");
		if (approved)
			t_ok(ca_desk_approve(r.home, rec.number, "anna", NULL, &err), &err);
		else
			t_ok(ca_desk_reject(r.home, rec.number, "anna", SETPKI_STATUS_NONE, NULL, NULL, &err), &err);
		ca_request_record_free(&rec);
		t_ok(ca_register_tick(r.reg, r.now, &err), &err);
		(void)t_enrollee_inquire(&p);
		setpki_enroll_result(p.e, &result);
		assert_int_equal(result.status, approved ? SETPKI_STATUS_COMPLETE : SETPKI_STATUS_REJECTED_BY_ISSUER);
		assert_null(result.message);
		t_enrollee_close(&p);
	}
}

/* --- what it is told ---------------------------------------------------------------------------- */

static void
told(const char *text)
{
	if (strstr(r.question, text) == NULL)
		fail_msg("\"%s\" does not say %s", r.question, text);
}

static void
it_is_told_what_was_asked(void **state)
{
	(void)state;
	r.verdict = "{\"answer\":\"pend\"}";
	t_enrollee_open(&p, &r, ASK(.type = SETPKI_CARD_INITIAL_SIG, .pan = "4123450000099991", .language = "de"));
	p.answers[0] = "\"Alice\" \\ \xc3\xbc";
	assert_int_equal(t_enrollee_run(&p), SETPKI_ENROLL_WAIT);
	told("{\"schema\":\"setca.check/1\",\"request\":\"");
	told(
	    "\",\"ca\":\"card\",\"brand\":\"Demo\",\"role\":\"cardholder\",\"type\":\"cardInitialSig\",\"renewal\":"
	    "false,"
	    "\"received\":1798761600,\"language\":\"de\",\"card\":{\"firstSix\":\"412345\",\"lastFour\":\"9991\","
	    "\"expiry\":\"203012\",\"pan\":\"4123450000099991\"},\"answers\":[{\"field\":\"name\",\"label\":\"Name wie "
	    "auf der Karte\",\"value\":\"\\\"Alice\\\" \\\\ \xc3\xbc\"},{\"field\":\"birthday\"");
	told("]}\n");
}

/* Card numbers that were typed where they do not belong: only who is told the card's own gets to see them. */
static void
typed_numbers_are_told_like_the_cards_own(void **state)
{
	(void)state;
	r.verdict = "{\"answer\":\"pend\"}";
	t_enrollee_open(&p, &r, ASK(.type = SETPKI_CARD_INITIAL_SIG, .pan = fresh_pan()));
	p.answers[0] = "5500 0055 5555 5559";
	assert_int_equal(t_enrollee_run(&p), SETPKI_ENROLL_WAIT);
	told("\"value\":\"5500 0055 5555 5559\"");
	t_enrollee_close(&p);
	t_enrollee_open(&p, &r, ASK(.type = SETPKI_MER_INITIAL_SIG, .id = "4713"));
	p.answers[0] = "Bert 5500005555555559 5500-0055-5555-5559";
	p.answers[1] = "5500 0055 5555 5559";
	assert_int_equal(t_enrollee_run(&p), SETPKI_ENROLL_WAIT);
	told("\"value\":\"Bert 550000******5559 5500-00**-****-5559\"}");
	told("\"value\":\"5500 00** **** 5559\"}]}\n");
	assert_null(strstr(r.question, "0055555"));
}

static void
who_is_listed_is_not_asked_about(void **state)
{
	unsigned before = r.checks;

	(void)state;
	t_list_card(r.home, "4123450000099983", T_EXPIRY, false);
	t_enrollee_open(&p, &r, ASK(.type = SETPKI_CARD_INITIAL_SIG, .pan = "4123450000099983"));
	assert_int_equal(t_enrollee_run(&p), SETPKI_ENROLL_DONE);
	assert_int_equal(r.checks, before);
}

static void
merchants_are_told_of_by_their_ids(void **state)
{
	(void)state;
	r.verdict = "{\"answer\":\"accept\"}";
	t_enrollee_open(&p, &r, ASK(.type = SETPKI_MER_INITIAL_SIG, .id = "4712"));
	assert_int_equal(t_enrollee_run(&p), SETPKI_ENROLL_DONE);
	told("\"role\":\"merchant\",\"type\":\"merInitialSig\",\"renewal\":false");
	told("\"bin\":\"412399\",\"id\":\"4712\",\"answers\"");
	assert_null(strstr(r.question, "card\":{"));
}

/* The list has the last word on who is blocked, and the only one on names. */
static void
what_it_accepts_has_to_be_listed(void **state)
{
	(void)state;
	r.verdict = "{\"answer\":\"accept\"}";
	t_enrollee_open(&p, &r, ASK(.type = SETPKI_MER_INITIAL_SIG, .id = "4711"));
	assert_int_equal(t_enrollee_run(&p), SETPKI_ENROLL_REFUSED);
	assert_int_equal(t_enrollee_status(&p), SETPKI_STATUS_REJECTED_BY_ACQUIRER);
	t_enrollee_close(&p);
	t_enrollee_open(&p, &r, ASK(.type = SETPKI_MER_INITIAL_SIG, .id = "nobody"));
	assert_int_equal(t_enrollee_run(&p), SETPKI_ENROLL_WAIT);
	assert_int_equal(t_enrollee_status(&p), SETPKI_STATUS_PENDED);
	assert_non_null(strstr(r.warning, "the account list has no 'nobody'"));
}

/* --- one after the other ------------------------------------------------------------------------ */

static unsigned checks_at[3]; /* how many had been asked about when each was answered */

static void
note_checks(void *arg, struct ca_register_message *m)
{
	struct t_registry *at = arg;

	t_ok(m->rc, &m->err);
	checks_at[m->id] = at->checks;
	setpki_der_free(&m->out);
}

/* Each may take its time, and nobody waits for the programs of those behind him. */
static void
nobody_waits_for_what_is_asked_about_others(void **state)
{
	struct ca_register_message m[NELEMS(checks_at)];
	struct t_enrollee q[NELEMS(checks_at)];
	unsigned before = r.checks;

	(void)state;
	r.verdict = "{\"answer\":\"pend\"}";
	for (size_t i = 0; i < NELEMS(m); i++) {
		t_enrollee_open(&q[i], &r, ASK(.type = SETPKI_CARD_INITIAL_SIG, .pan = fresh_pan()));
		t_enrollee_until_cert_req(&q[i]);
		m[i] = (struct ca_register_message){.wrapper = setpki_enroll_request(q[i].e), .id = (uint32_t)i};
	}
	ca_register_answer_all(r.reg, m, NELEMS(m), r.now, note_checks, &r);
	for (size_t i = 0; i < NELEMS(m); i++) {
		assert_int_equal(checks_at[i], before + i + 1);
		t_enrollee_close(&q[i]);
	}
}

/* --- what changes while it is at work ---------------------------------------------------------- */

static struct t_enrollee first;

/* An import beside it blocks the card that it is asked about. */
static const char *asked_about;

static void
block(struct t_registry *at)
{
	t_list_card(at->home, asked_about, T_EXPIRY, true);
}

static void
a_card_is_blocked_meanwhile(void **state)
{
	(void)state;
	asked_about = fresh_pan();
	r.verdict = "{\"answer\":\"accept\"}";
	r.during = block;
	t_enrollee_open(&p, &r, ASK(.type = SETPKI_CARD_INITIAL_SIG, .pan = asked_about));
	assert_int_equal(t_enrollee_run(&p), SETPKI_ENROLL_REFUSED);
	r.during = NULL;
	assert_int_equal(t_enrollee_status(&p), SETPKI_STATUS_REJECTED_BY_CA);
	assert_non_null(strstr(r.note.detail, "is blocked"));
	check_cause(r.note.detail);
}

static void
revoke_first(struct t_registry *at)
{
	struct ca_revocation revocation = {.reason = -1};
	struct sp_cert c;

	t_ok(sp_cert_parse(setpki_enroll_cert(first.e, false), &c, &err), &err);
	revocation.serial = c.serial;
	t_ok(ca_revoke(at->home, &revocation, 1, &err), &err);
}

/* It signed the request when it was good, and is not when the request is decided. */
static void
a_certificate_is_revoked_while_it_renews(void **state)
{
	(void)state;
	r.verdict = "{\"answer\":\"accept\"}";
	t_enrollee_open(&first, &r, ASK(.type = SETPKI_MER_INITIAL_SIG, .id = "4712"));
	assert_int_equal(t_enrollee_run(&first), SETPKI_ENROLL_DONE);
	t_enrollee_renew(&p, &first, SETPKI_MER_RENEWAL_SIG, ASK(.id = "4712"));
	r.during = revoke_first;
	assert_int_equal(t_enrollee_run(&p), SETPKI_ENROLL_REFUSED);
	r.during = NULL;
	assert_int_equal(t_enrollee_status(&p), SETPKI_STATUS_REJECTED_BY_CA);
	assert_non_null(strstr(r.note.detail, "is revoked"));
	t_enrollee_close(&first);
}

/* --- when it is late, or never answers ---------------------------------------------------------- */

static void
tick(void)
{
	t_ok(ca_register_tick(r.reg, r.now, &err), &err);
}

static const struct late {
	const char *name, *answer;
	enum setpki_enroll_step step;
	enum setpki_status status;
	const char *cause;
} late[] = {
    {"accepted late", "{\"answer\":\"accept\"}", SETPKI_ENROLL_DONE, SETPKI_STATUS_COMPLETE, "program: accepts it"},
    {"rejected late", "{\"answer\":\"reject\",\"message\":\"x\"}", SETPKI_ENROLL_REFUSED,
	SETPKI_STATUS_REJECTED_BY_ISSUER, "program: rejects it"},
    {"pended late", "{\"answer\":\"pend\"}", SETPKI_ENROLL_WAIT, SETPKI_STATUS_PENDED, "program: left to persons"},
    {"never answered", "", SETPKI_ENROLL_WAIT, SETPKI_STATUS_PENDED, "program: says nothing"},
};

static void
answers_late(void **state)
{
	const struct late *l = *state;
	static const uint8_t unknown[32] = {1};

	r.verdict_rc = SETPKI_E_PENDING;
	assert_int_equal(asks(NULL), SETPKI_STATUS_IN_PROGRESS);
	check_cause("accounts: not in the list; program: was asked, and has not answered yet");
	assert_int_equal(t_enrollee_inquire(&p), SETPKI_ENROLL_WAIT);
	tick();
	assert_int_equal(t_enrollee_inquire(&p), SETPKI_ENROLL_WAIT);
	assert_int_equal(t_enrollee_status(&p), SETPKI_STATUS_IN_PROGRESS);
	t_ok(ca_register_checked(r.reg, unknown, sp_bytes_str(l->answer), r.now, &err), &err);
	t_ok(ca_register_checked(r.reg, r.asked, sp_bytes_str(l->answer), r.now, &err), &err);
	check_cause(l->cause);
	assert_int_equal(t_enrollee_inquire(&p), l->step);
	assert_int_equal(t_enrollee_status(&p), l->status);
	/* what comes after that is nobody's business */
	t_ok(ca_register_checked(r.reg, r.asked, sp_bytes_str("{\"answer\":\"reject\"}"), r.now, &err), &err);
	if (l->step == SETPKI_ENROLL_WAIT)
		assert_int_equal(t_enrollee_inquire(&p), SETPKI_ENROLL_WAIT);
}

static void
who_is_accepted_late_may_be_blocked_too(void **state)
{
	char cause[64];

	(void)state;
	asked_about = fresh_pan();
	r.verdict_rc = SETPKI_E_PENDING;
	t_enrollee_open(&p, &r, ASK(.type = SETPKI_CARD_INITIAL_SIG, .pan = asked_about));
	assert_int_equal(t_enrollee_run(&p), SETPKI_ENROLL_WAIT);
	block(&r);
	t_ok(ca_register_checked(r.reg, r.asked, sp_bytes_str("{\"answer\":\"accept\"}"), r.now, &err), &err);
	assert_int_equal(t_enrollee_inquire(&p), SETPKI_ENROLL_REFUSED);
	assert_int_equal(t_enrollee_status(&p), SETPKI_STATUS_REJECTED_BY_CA);
	snprintf(cause, sizeof(cause), "%.6s...%s is blocked in the account list", asked_about, asked_about + 12);
	check_cause(cause);
}

static void
who_is_accepted_late_has_to_be_listed_too(void **state)
{
	(void)state;
	r.verdict_rc = SETPKI_E_PENDING;
	t_enrollee_open(&p, &r, ASK(.type = SETPKI_MER_INITIAL_SIG, .id = "nobody at all"));
	assert_int_equal(t_enrollee_run(&p), SETPKI_ENROLL_WAIT);
	assert_int_equal(t_enrollee_status(&p), SETPKI_STATUS_IN_PROGRESS);
	t_ok(ca_register_checked(r.reg, r.asked, sp_bytes_str("{\"answer\":\"accept\"}"), r.now, &err), &err);
	assert_int_equal(t_enrollee_inquire(&p), SETPKI_ENROLL_WAIT);
	assert_int_equal(t_enrollee_status(&p), SETPKI_STATUS_PENDED);
	assert_non_null(strstr(r.warning, "the account list has no 'nobody at all'"));
	check_cause("program: accepts it");
}

static void
who_cannot_be_run_pends(void **state)
{
	(void)state;
	r.verdict_rc = SETPKI_E_IO;
	assert_int_equal(asks(NULL), SETPKI_STATUS_PENDED);
	assert_non_null(strstr(r.warning, "/bin/card-check: told to; a request is pended"));
	check_cause("accounts: not in the list; program: told to");
}

/* The process that waited for the program ends: persons decide then (set-protocol 12.8). */
static void
a_check_that_nobody_waits_for_pends(void **state)
{
	(void)state;
	r.verdict_rc = SETPKI_E_PENDING;
	assert_int_equal(asks(NULL), SETPKI_STATUS_IN_PROGRESS);
	t_registry_restart(&r);
	tick();
	assert_int_equal(t_enrollee_inquire(&p), SETPKI_ENROLL_WAIT);
	assert_int_equal(t_enrollee_status(&p), SETPKI_STATUS_PENDED);
}

static void
a_check_that_takes_forever_pends(void **state)
{
	(void)state;
	r.verdict_rc = SETPKI_E_PENDING;
	assert_int_equal(asks(NULL), SETPKI_STATUS_IN_PROGRESS);
	r.now += 2 * SP_DESK_PROGRAM_MAX_S;
	tick();
	assert_int_equal(t_enrollee_inquire(&p), SETPKI_ENROLL_WAIT);
	assert_int_equal(t_enrollee_status(&p), SETPKI_STATUS_PENDED);
}

#define TEST(f) cmocka_unit_test_teardown(f, close_party)

int
main(void)
{
	static const struct CMUnitTest others[] = {
	    TEST(words_of_waiting_do_not_outlive_it),
	    TEST(it_is_told_what_was_asked),
	    TEST(typed_numbers_are_told_like_the_cards_own),
	    TEST(who_is_listed_is_not_asked_about),
	    TEST(merchants_are_told_of_by_their_ids),
	    TEST(what_it_accepts_has_to_be_listed),
	    TEST(nobody_waits_for_what_is_asked_about_others),
	    TEST(a_card_is_blocked_meanwhile),
	    TEST(a_certificate_is_revoked_while_it_renews),
	    TEST(who_is_accepted_late_may_be_blocked_too),
	    TEST(who_is_accepted_late_has_to_be_listed_too),
	    TEST(who_cannot_be_run_pends),
	    TEST(a_check_that_nobody_waits_for_pends),
	    TEST(a_check_that_takes_forever_pends),
	};
	struct CMUnitTest tests[NELEMS(rows) + NELEMS(late) + NELEMS(others)];
	size_t n = 0;

	for (size_t i = 0; i < NELEMS(rows); i++)
		tests[n++] = (struct CMUnitTest){rows[i].name, says, NULL, close_party, (void *)(uintptr_t)&rows[i]};
	for (size_t i = 0; i < NELEMS(late); i++)
		tests[n++] =
		    (struct CMUnitTest){late[i].name, answers_late, NULL, close_party, (void *)(uintptr_t)&late[i]};
	for (size_t i = 0; i < NELEMS(others); i++)
		tests[n++] = others[i];
	return _cmocka_run_group_tests("register/program", tests, n, start, stop);
}
