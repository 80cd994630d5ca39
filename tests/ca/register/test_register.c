/* Registrations from the first message to the last, at a real home: who decides, and what comes of it. */
#include "ca/register/accounts.h"
#include "ca/register/desk.h"
#include "lib/x509/cert.h"
#include "lib/x509/name.h"
#include "tests/support/check.h"
#include "tests/support/enrollee.h"
#include "tests/support/home.h"

#include <openssl/crypto.h>
#include <stdio.h>

static struct t_registry r;
static struct t_enrollee p;
static struct setpki_error err;

#define ASK(...) (&(const struct setpki_enroll_ask){__VA_ARGS__})

static int
start(void **state)
{
	(void)state;
	t_registry_start(&r, "register", "policies/demo.yaml", NULL);
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
	return 0;
}

/* The newest request; ca_request_record_free(). */
static enum setpki_code
note_last(void *arg, const struct ca_request_record *rec, struct setpki_error *e)
{
	(void)e;
	*(uint64_t *)arg = rec->number;
	return SETPKI_E_OK;
}

static struct ca_request_record
last_request(void)
{
	struct ca_request_record rec;
	uint64_t number = 0;
	ca_txn *t;

	t_ok(ca_txn_begin(r.home->store, false, &t, &err), &err);
	t_ok(ca_request_each(t, CA_REQUEST_STATES, 0, note_last, &number, &err), &err);
	t_ok(ca_request_get(t, number, &rec, &err), &err);
	ca_txn_abort(t);
	return rec;
}

/* --- those who are in the list ------------------------------------------------------------------ */

static void
a_listed_card_gets_its_certificate(void **state)
{
	struct ca_request_record rec;
	struct sp_cert cert;
	struct sp_buf cn = {0};
	uint8_t card_secret[20], pan_secret[20];

	(void)state;
	t_list_card(r.home, T_PAN, T_EXPIRY, false);
	t_enrollee_open(&p, &r, ASK(.type = SETPKI_CARD_INITIAL_SIG));
	assert_int_equal(t_enrollee_run(&p), SETPKI_ENROLL_DONE);
	assert_int_equal(p.posts, 3);
	t_ok(sp_cert_parse(setpki_enroll_cert(p.e, false), &cert, &err), &err);
	t_ok(setpki_enroll_secrets(p.e, card_secret, pan_secret, &err), &err);
	assert_true(sp_name_get(cert.subject, SP_ATTR_CN, 0, &cn));
	sp_buf_add_byte(&cn, '\0');
	t_ok(setpki_account_check(t_ctx(), SETPKI_SUITE_MODERN, T_PAN, T_EXPIRY, pan_secret, (const char *)cn.p, &err),
	    &err);
	rec = last_request();
	assert_int_equal(rec.state, CA_REQUEST_COMPLETE);
	assert_int_equal(rec.status, SETPKI_STATUS_COMPLETE);
	assert_string_equal(rec.decider, "accounts");
	assert_string_equal(rec.name, (const char *)cn.p);
	assert_string_equal(rec.first_six, "412345");
	assert_string_equal(rec.last_four, "0008");
	assert_string_equal(rec.language, "en");
	ca_request_record_free(&rec);
	sp_buf_free(&cn);
}

/* The same card as the list has it, and as it does not. */
static void
the_list_decides(void **state)
{
	static const struct {
		const char *pan, *expiry, *listed;
		bool blocked;
		enum setpki_status status;
		enum ca_request_state becomes;
	} rows[] = {
	    {"4123450000000016", "203012", "203012", true, SETPKI_STATUS_REJECTED_BY_ISSUER, CA_REQUEST_REJECTED},
	    {"4123450000000024", "203012", "203011", false, SETPKI_STATUS_REJECTED_BY_ISSUER, CA_REQUEST_REJECTED},
	    {"4123450000000032", "202612", "202612", false, SETPKI_STATUS_REJECTED_BY_ISSUER, CA_REQUEST_REFUSED},
	    {"4123450000000040", "203012", NULL, false, SETPKI_STATUS_PENDED, CA_REQUEST_PENDED},
	    {"4123450000000057", "202701", "202701", false, SETPKI_STATUS_COMPLETE, CA_REQUEST_COMPLETE},
	    {"412345000008", "203012", "203012", false, SETPKI_STATUS_COMPLETE, CA_REQUEST_COMPLETE},
	};
	struct ca_request_record rec;

	(void)state;
	for (size_t i = 0; i < NELEMS(rows); i++) {
		if (rows[i].listed != NULL)
			t_list_card(r.home, rows[i].pan, rows[i].listed, rows[i].blocked);
		t_enrollee_open(
		    &p, &r, ASK(.type = SETPKI_CARD_INITIAL_SIG, .pan = rows[i].pan, .expiry = rows[i].expiry));
		(void)t_enrollee_run(&p);
		assert_int_equal(t_enrollee_status(&p), rows[i].status);
		assert_int_equal(r.note.status, rows[i].status);
		rec = last_request();
		assert_int_equal(rec.state, rows[i].becomes);
		/* of a number this short more would give it away */
		assert_string_equal(rec.last_four, strlen(rows[i].pan) < 13 ? "" : rows[i].pan + 12);
		ca_request_record_free(&rec);
		t_enrollee_close(&p);
	}
}

/* Names and data of merchants and gateways come from the list, never from what they typed. */
static void
a_listed_merchant_is_named_by_its_acquirer(void **state)
{
	struct sp_cert sig, enc;
	char name[128];

	(void)state;
	t_list_merchant(r.home, "4711", "Corner Books", false);
	t_enrollee_open(&p, &r, ASK(.type = SETPKI_MER_INITIAL_BOTH));
	p.answers[0] = "I call myself Harrods";
	assert_int_equal(t_enrollee_run(&p), SETPKI_ENROLL_DONE);
	assert_int_equal(p.posts, 2);
	t_ok(sp_cert_parse(setpki_enroll_cert(p.e, false), &sig, &err), &err);
	t_ok(sp_cert_parse(setpki_enroll_cert(p.e, true), &enc, &err), &err);
	assert_string_equal(
	    sp_name_text(sig.subject, name, sizeof(name)), "C=US, O=Demo, OU=Demo Acquirer, CN=Corner Books");
	t_bytes(sig.subject, enc.subject);
	t_bytes(sig.ext[SP_EXT_MERCHANT_DATA], enc.ext[SP_EXT_MERCHANT_DATA]);
}

static void
a_blocked_merchant_is_rejected(void **state)
{
	(void)state;
	t_list_merchant(r.home, "blocked", "Corner Crooks", true);
	t_enrollee_open(&p, &r, ASK(.type = SETPKI_MER_INITIAL_SIG, .id = "blocked"));
	assert_int_equal(t_enrollee_run(&p), SETPKI_ENROLL_REFUSED);
	assert_int_equal(t_enrollee_status(&p), SETPKI_STATUS_REJECTED_BY_ACQUIRER);
}

/* --- persons ------------------------------------------------------------------------------------ */

static void
tick(void)
{
	t_ok(ca_register_tick(r.reg, r.now, &err), &err);
}

static void
becomes(enum ca_request_state state)
{
	struct ca_request_record rec = last_request();

	assert_int_equal(rec.state, state);
	ca_request_record_free(&rec);
}

static uint64_t
last_number(void)
{
	struct ca_request_record rec = last_request();
	uint64_t number = rec.number;

	ca_request_record_free(&rec);
	return number;
}

static void
an_approved_card_is_issued_by_whoever_holds_the_key(void **state)
{
	(void)state;
	t_enrollee_open(&p, &r, ASK(.type = SETPKI_CARD_INITIAL_SIG, .pan = "4123450000000065"));
	assert_int_equal(t_enrollee_run(&p), SETPKI_ENROLL_WAIT);
	assert_int_equal(t_enrollee_status(&p), SETPKI_STATUS_PENDED);
	assert_int_equal(t_enrollee_inquire(&p), SETPKI_ENROLL_WAIT);
	tick();
	becomes(CA_REQUEST_PENDED);
	t_ok(ca_desk_approve(r.home, last_number(), "anna", NULL, &err), &err);
	becomes(CA_REQUEST_APPROVED);
	assert_int_equal(t_enrollee_inquire(&p), SETPKI_ENROLL_WAIT);
	assert_int_equal(t_enrollee_status(&p), SETPKI_STATUS_IN_PROGRESS);
	tick();
	becomes(CA_REQUEST_COMPLETE);
	assert_int_equal(t_enrollee_inquire(&p), SETPKI_ENROLL_DONE);
	assert_true(setpki_enroll_cert(p.e, false).n != 0);
	t_refused(ca_desk_approve(r.home, last_number(), "bert", NULL, &err), SETPKI_E_STATE, "is complete", &err);
	t_refused(ca_desk_reject(r.home, last_number(), "bert", SETPKI_STATUS_NONE, NULL, NULL, &err), SETPKI_E_STATE,
	    "is complete", &err);
}

/* Without a daemon: the key opens here. */
static void
an_approved_card_is_issued_without_a_daemon(void **state)
{
	struct ca_request_record rec;
	size_t issued;

	(void)state;
	t_enrollee_open(&p, &r, ASK(.type = SETPKI_CARD_INITIAL_SIG, .pan = "4123450000000073"));
	assert_int_equal(t_enrollee_run(&p), SETPKI_ENROLL_WAIT);
	t_refused(ca_desk_issue(r.home, last_number(), NULL, NULL, NULL, &err), SETPKI_E_STATE,
	    "is pended, not approved", &err);
	t_ok(ca_desk_approve(r.home, last_number(), "anna", NULL, &err), &err);
	t_ok(ca_desk_issue(r.home, last_number(), NULL, &issued, &rec, &err), &err);
	assert_int_equal(issued, 1);
	assert_int_equal(rec.state, CA_REQUEST_COMPLETE);
	assert_string_equal(rec.decider, "anna");
	ca_request_record_free(&rec);
	/* somebody else has done it meanwhile: that is fine */
	t_ok(ca_desk_issue(r.home, last_number(), NULL, &issued, NULL, &err), &err);
	assert_int_equal(issued, 0);
	assert_int_equal(t_enrollee_inquire(&p), SETPKI_ENROLL_DONE);
}

static void
a_person_says_why(void **state)
{
	static const char long_text[] = "0123456789012345678901234567890123456789012345678901234567890123456789"
					"01234567890123456789012345678901234567890123456789012345678";
	struct setpki_enroll_result result;
	struct ca_request_record rec;
	uint64_t n;

	(void)state;
	t_enrollee_open(&p, &r, ASK(.type = SETPKI_CARD_INITIAL_SIG, .pan = "4123450000000081"));
	assert_int_equal(t_enrollee_run(&p), SETPKI_ENROLL_WAIT);
	n = last_number();
	t_refused(ca_desk_reject(r.home, n, "", SETPKI_STATUS_NONE, NULL, NULL, &err), SETPKI_E_ARGUMENT, "name", &err);
	t_refused(ca_desk_reject(r.home, n, "anna", SETPKI_STATUS_PENDED, NULL, NULL, &err), SETPKI_E_ARGUMENT,
	    "no way to reject", &err);
	t_refused(ca_desk_reject(r.home, n, "anna", SETPKI_STATUS_NONE, long_text, NULL, &err), SETPKI_E_ARGUMENT,
	    "128 characters", &err);
	t_refused(ca_desk_reject(r.home, 9999, "anna", SETPKI_STATUS_NONE, NULL, NULL, &err), SETPKI_E_NOTFOUND, "9999",
	    &err);
	t_ok(ca_desk_reject(r.home, n, "anna", SETPKI_STATUS_NONE, "Ask us about 4123450000000081", &rec, &err), &err);
	assert_int_equal(rec.status, SETPKI_STATUS_REJECTED_BY_ISSUER);
	assert_string_equal(rec.decider, "anna");
	ca_request_record_free(&rec);
	assert_int_equal(t_enrollee_inquire(&p), SETPKI_ENROLL_REFUSED);
	setpki_enroll_result(p.e, &result);
	assert_int_equal(result.status, SETPKI_STATUS_REJECTED_BY_ISSUER);
	assert_string_equal(result.message, "Ask us about 412345******0081");
}

/* What was approved and not issued yet can be stopped. */
static void
an_approval_can_be_taken_back(void **state)
{
	(void)state;
	t_enrollee_open(&p, &r, ASK(.type = SETPKI_CARD_INITIAL_SIG, .pan = "4123450000000099"));
	assert_int_equal(t_enrollee_run(&p), SETPKI_ENROLL_WAIT);
	t_ok(ca_desk_approve(r.home, last_number(), "anna", NULL, &err), &err);
	t_ok(ca_desk_reject(r.home, last_number(), "bert", SETPKI_STATUS_REJECTED_BY_CA, NULL, NULL, &err), &err);
	tick();
	becomes(CA_REQUEST_REJECTED);
	assert_int_equal(t_enrollee_inquire(&p), SETPKI_ENROLL_REFUSED);
	assert_int_equal(t_enrollee_status(&p), SETPKI_STATUS_REJECTED_BY_CA);
}

/* The list has the last word on who is blocked, also while somebody waits. */
static void
a_card_is_blocked_while_it_waits(void **state)
{
	(void)state;
	t_enrollee_open(&p, &r, ASK(.type = SETPKI_CARD_INITIAL_SIG, .pan = "4123450000000172"));
	assert_int_equal(t_enrollee_run(&p), SETPKI_ENROLL_WAIT);
	t_list_card(r.home, "4123450000000172", T_EXPIRY, true);
	t_refused(ca_desk_approve(r.home, last_number(), "anna", NULL, &err), SETPKI_E_POLICY,
	    "412345...0172 is blocked in the account list", &err);
	t_list_card(r.home, "4123450000000172", T_EXPIRY, false);
	t_ok(ca_desk_approve(r.home, last_number(), "anna", NULL, &err), &err);
	t_list_card(r.home, "4123450000000172", T_EXPIRY, true);
	tick();
	becomes(CA_REQUEST_REFUSED);
	assert_int_equal(t_enrollee_inquire(&p), SETPKI_ENROLL_REFUSED);
	assert_int_equal(t_enrollee_status(&p), SETPKI_STATUS_REJECTED_BY_CA);
}

/* Whoever types a card number for an id does not get it printed. */
static void
an_id_that_looks_like_a_card_is_masked(void **state)
{
	(void)state;
	t_enrollee_open(&p, &r, ASK(.type = SETPKI_MER_INITIAL_SIG, .id = "4123450000000180"));
	assert_int_equal(t_enrollee_run(&p), SETPKI_ENROLL_WAIT);
	t_refused(ca_desk_approve(r.home, last_number(), "anna", NULL, &err), SETPKI_E_NOTFOUND,
	    "no '412345******0180'", &err);
}

static void
a_gateway_takes_two_persons(void **state)
{
	struct ca_request_record rec;

	(void)state;
	t_enrollee_open(&p, &r, ASK(.type = SETPKI_PGWY_INITIAL_BOTH, .id = "77"));
	assert_int_equal(t_enrollee_run(&p), SETPKI_ENROLL_WAIT);
	t_refused(
	    ca_desk_approve(r.home, last_number(), "anna", NULL, &err), SETPKI_E_NOTFOUND, "import it first", &err);
	t_list_gateway(r.home, "77", "gw77", false);
	t_ok(ca_desk_approve(r.home, last_number(), "anna", &rec, &err), &err);
	assert_int_equal(rec.state, CA_REQUEST_PENDED);
	assert_int_equal(rec.nvotes, 1);
	ca_request_record_free(&rec);
	tick();
	becomes(CA_REQUEST_PENDED);
	t_refused(
	    ca_desk_approve(r.home, last_number(), "anna", NULL, &err), SETPKI_E_CONFLICT, "another person", &err);
	t_refused(
	    ca_desk_approve(r.home, last_number(), "Anna", NULL, &err), SETPKI_E_CONFLICT, "another person", &err);
	t_ok(ca_desk_approve(r.home, last_number(), "bert", NULL, &err), &err);
	tick();
	assert_int_equal(t_enrollee_inquire(&p), SETPKI_ENROLL_DONE);
	rec = last_request();
	assert_string_equal(rec.votes[0].by, "anna");
	assert_string_equal(rec.votes[1].by, "bert");
	ca_request_record_free(&rec);
}

/* The policy asked for two persons when the first of them approved, and asks for one now. */
static void
one_person_is_enough_now(void **state)
{
	struct ca_desk *desk =
	    &r.home->policy->cas[ca_policy_find(r.home->policy, "gateway")].profiles[CA_ROLE_GATEWAY].desk;

	(void)state;
	t_list_gateway(r.home, "78", "gw78", false);
	t_enrollee_open(&p, &r, ASK(.type = SETPKI_PGWY_INITIAL_BOTH, .id = "78"));
	assert_int_equal(t_enrollee_run(&p), SETPKI_ENROLL_WAIT);
	t_ok(ca_desk_approve(r.home, last_number(), "anna", NULL, &err), &err);
	becomes(CA_REQUEST_PENDED);
	desk->approvals = 1;
	t_ok(ca_desk_approve(r.home, last_number(), "anna", NULL, &err), &err);
	becomes(CA_REQUEST_APPROVED);
	desk->approvals = 2;
	tick();
	assert_int_equal(t_enrollee_inquire(&p), SETPKI_ENROLL_DONE);
}

/* The policy has no desk for it any more, which may have asked for two persons: nobody approves. */
static void
without_a_desk_nobody_approves(void **state)
{
	struct ca_desk *desk =
	    &r.home->policy->cas[ca_policy_find(r.home->policy, "card")].profiles[CA_ROLE_CARDHOLDER].desk;

	(void)state;
	t_enrollee_open(&p, &r, ASK(.type = SETPKI_CARD_INITIAL_SIG, .pan = "4123450000000198"));
	assert_int_equal(t_enrollee_run(&p), SETPKI_ENROLL_WAIT);
	desk->present = false;
	t_refused(ca_desk_approve(r.home, last_number(), "anna", NULL, &err), SETPKI_E_POLICY,
	    "does not register in this role", &err);
	becomes(CA_REQUEST_PENDED);
	t_ok(ca_desk_reject(r.home, last_number(), "anna", SETPKI_STATUS_NONE, NULL, NULL, &err), &err);
	desk->present = true;
	assert_int_equal(t_enrollee_inquire(&p), SETPKI_ENROLL_REFUSED);
}

/* What cannot be issued, and may be later, is told once in a while and not with every tick. */
static void
what_cannot_be_issued_is_not_told_every_second(void **state)
{
	struct ca_holder_record listed;
	unsigned before = r.warnings;
	int64_t then = r.now;

	(void)state;
	t_enrollee_open(&p, &r, ASK(.type = SETPKI_MER_INITIAL_SIG, .id = "gone"));
	assert_int_equal(t_enrollee_run(&p), SETPKI_ENROLL_WAIT);
	t_list_merchant(r.home, "gone", "Corner Gone", false);
	t_ok(ca_desk_approve(r.home, last_number(), "anna", NULL, &err), &err);
	t_ok(ca_accounts_find_holder(r.home, "merchant", CA_ROLE_MERCHANT, "412399", "gone", &listed, &err), &err);
	t_ok(ca_accounts_remove_holder(r.home, &listed, &err), &err);
	ca_holder_record_free(&listed);
	for (int i = 0; i < 5; i++) {
		tick();
		r.now++;
	}
	becomes(CA_REQUEST_APPROVED);
	assert_int_equal(r.warnings, before + 1);
	assert_non_null(strstr(r.warning, "cannot be issued"));
	r.now = then + 3600;
	tick();
	assert_int_equal(r.warnings, before + 2);
	t_list_merchant(r.home, "gone", "Corner Gone", false);
	tick();
	assert_int_equal(t_enrollee_inquire(&p), SETPKI_ENROLL_DONE);
}

/* --- the request itself ------------------------------------------------------------------------- */

static void
wrong_answers_are_told_by_item(void **state)
{
	struct setpki_enroll_result result;

	(void)state;
	t_enrollee_open(&p, &r, ASK(.type = SETPKI_CARD_INITIAL_SIG, .pan = "4123450000000107"));
	p.answers[1] = "yesterday";
	assert_int_equal(t_enrollee_run(&p), SETPKI_ENROLL_REFUSED);
	setpki_enroll_result(p.e, &result);
	assert_int_equal(result.status, SETPKI_STATUS_FORM_MALFORMED);
	assert_int_equal(result.nfailed, 1);
	assert_int_equal(result.failed[0].item, 2);
	assert_string_equal(result.failed[0].reason, "not in the form that is asked for");
	becomes(CA_REQUEST_REFUSED);
	assert_non_null(strstr(r.note.detail, "item 2"));
}

static void
languages_fall_back(void **state)
{
	static const struct {
		const char *asked, *got;
	} rows[] = {{"de-AT", "de"}, {"DE", "de"}, {"fr", "en"}, {"de-x-y", "de"}, {"en", "en"}};
	struct ca_request_record rec;
	char pan[20];

	(void)state;
	for (size_t i = 0; i < NELEMS(rows); i++) {
		snprintf(pan, sizeof(pan), "41234500000012%02zu", i);
		t_enrollee_open(&p, &r, ASK(.type = SETPKI_CARD_INITIAL_SIG, .pan = pan, .language = rows[i].asked));
		assert_int_equal(t_enrollee_run(&p), SETPKI_ENROLL_WAIT);
		rec = last_request();
		assert_string_equal(rec.language, rows[i].got);
		ca_request_record_free(&rec);
		t_enrollee_close(&p);
	}
}

static void
cards_of_others_are_referred(void **state)
{
	static const struct {
		const char *pan, *language, *reason, *url;
	} rows[] = {
	    {"4123460000000007", "de", "Demo-Silber-Karten melden sich bei ihrer eigenen Bank an.",
		"https://silver.example/register"},
	    {"4999990000000006", "en", "This certificate authority does not register these accounts.", NULL},
	    {"41234", "en", "This certificate authority does not register these accounts.", NULL},
	};
	const struct setpki_referral *referral;

	(void)state;
	for (size_t i = 0; i < NELEMS(rows); i++) {
		t_enrollee_open(
		    &p, &r, ASK(.type = SETPKI_CARD_INITIAL_SIG, .pan = rows[i].pan, .language = rows[i].language));
		assert_int_equal(t_enrollee_run(&p), SETPKI_ENROLL_REFERRED);
		referral = setpki_enroll_referral(p.e);
		assert_string_equal(referral->reason, rows[i].reason);
		assert_int_equal(referral->nurls, rows[i].url != NULL);
		if (rows[i].url != NULL)
			assert_string_equal(referral->urls[0], rows[i].url);
		t_enrollee_close(&p);
	}
}

static void
a_key_is_certified_once(void **state)
{
	EVP_PKEY *key;

	(void)state;
	t_list_card(r.home, "4123450000000123", T_EXPIRY, false);
	t_list_card(r.home, "4123450000000131", T_EXPIRY, false);
	t_enrollee_open(&p, &r, ASK(.type = SETPKI_CARD_INITIAL_SIG, .pan = "4123450000000123"));
	assert_int_equal(t_enrollee_run(&p), SETPKI_ENROLL_DONE);
	key = p.ask.sig_key;
	assert_int_equal(EVP_PKEY_up_ref(key), 1);
	t_enrollee_close(&p);
	t_enrollee_open(&p, &r, ASK(.type = SETPKI_CARD_INITIAL_SIG, .pan = "4123450000000131", .sig_key = key));
	assert_int_equal(t_enrollee_run(&p), SETPKI_ENROLL_REFUSED);
	assert_int_equal(t_enrollee_status(&p), SETPKI_STATUS_REJECTED_BY_CA);
	assert_non_null(strstr(r.note.detail, "certified already"));
}

/* A key that somebody asked for while it waited: the second is refused when its turn comes. */
static void
two_wait_with_one_key(void **state)
{
	struct t_enrollee other;
	uint64_t first;
	EVP_PKEY *key;

	(void)state;
	t_enrollee_open(&p, &r, ASK(.type = SETPKI_CARD_INITIAL_SIG, .pan = "4123450000000149"));
	assert_int_equal(t_enrollee_run(&p), SETPKI_ENROLL_WAIT);
	first = last_number();
	key = p.ask.sig_key;
	assert_int_equal(EVP_PKEY_up_ref(key), 1);
	t_enrollee_open(&other, &r, ASK(.type = SETPKI_CARD_INITIAL_SIG, .pan = "4123450000000156", .sig_key = key));
	assert_int_equal(t_enrollee_run(&other), SETPKI_ENROLL_WAIT);
	t_ok(ca_desk_approve(r.home, first, "anna", NULL, &err), &err);
	t_ok(ca_desk_approve(r.home, last_number(), "anna", NULL, &err), &err);
	tick();
	assert_int_equal(t_enrollee_inquire(&p), SETPKI_ENROLL_DONE);
	assert_int_equal(t_enrollee_inquire(&other), SETPKI_ENROLL_REFUSED);
	assert_int_equal(t_enrollee_status(&other), SETPKI_STATUS_REJECTED_BY_CA);
	assert_non_null(strstr(r.warning, "cannot be issued"));
	t_enrollee_close(&other);
}

#define TEST(f) cmocka_unit_test_teardown(f, close_party)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    TEST(a_listed_card_gets_its_certificate),
	    TEST(the_list_decides),
	    TEST(a_listed_merchant_is_named_by_its_acquirer),
	    TEST(a_blocked_merchant_is_rejected),
	    TEST(an_approved_card_is_issued_by_whoever_holds_the_key),
	    TEST(an_approved_card_is_issued_without_a_daemon),
	    TEST(a_person_says_why),
	    TEST(an_approval_can_be_taken_back),
	    TEST(a_card_is_blocked_while_it_waits),
	    TEST(an_id_that_looks_like_a_card_is_masked),
	    TEST(a_gateway_takes_two_persons),
	    TEST(one_person_is_enough_now),
	    TEST(without_a_desk_nobody_approves),
	    TEST(wrong_answers_are_told_by_item),
	    TEST(languages_fall_back),
	    TEST(cards_of_others_are_referred),
	    TEST(a_key_is_certified_once),
	    TEST(two_wait_with_one_key),
	    TEST(what_cannot_be_issued_is_not_told_every_second),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
