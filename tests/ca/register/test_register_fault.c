/* A registration that is cut off at any call: nothing of it is there, or all of it, and asking again gives the answer.
 */
#include "ca/audit/audit.h"
#include "ca/register/desk.h"
#include "tests/ca/register/faults.h"
#include "tests/support/check.h"
#include "tests/support/enrollee.h"
#include "tests/support/fault.h"
#include "tests/support/home.h"

#include <stdio.h>

#define ASK(...) (&(const struct setpki_enroll_ask){__VA_ARGS__})

/* --- a home, and what it holds ------------------------------------------------------------------- */

static struct t_registry r;
static struct t_enrollee p;
static struct setpki_error err;
static unsigned cards;

static int
start(void **state)
{
	(void)state;
	t_registry_start(&r, "fault", "policies/demo.yaml", NULL);
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	t_registry_end(&r);
	return 0;
}

static enum setpki_code
count_request(void *arg, const struct ca_request_record *rec, struct setpki_error *e)
{
	(void)rec;
	(void)e;
	++*(size_t *)arg;
	return SETPKI_E_OK;
}

static enum setpki_code
count_intent(void *arg, const struct ca_intent_record *rec, struct setpki_error *e)
{
	(void)rec;
	(void)e;
	++*(size_t *)arg;
	return SETPKI_E_OK;
}

struct counts {
	size_t requests, certs, intents, kept;
};

static struct counts
count(const uint8_t wrapper[32])
{
	struct counts c = {.certs = t_certs(r.home, "card")};
	struct ca_kept_record kept;
	ca_txn *t;

	t_ok(ca_txn_begin(r.home->store, false, &t, &err), &err);
	t_ok(ca_request_each(t, CA_REQUEST_STATES, 0, count_request, &c.requests, &err), &err);
	t_ok(ca_intent_each(t, count_intent, &c.intents, &err), &err);
	c.kept = wrapper != NULL && ca_kept_look(t, wrapper, &kept, NULL) == SETPKI_E_OK;
	ca_txn_abort(t);
	return c;
}

static const char *
fresh_pan(void)
{
	static char pan[20];

	snprintf(pan, sizeof(pan), "41234500002%05u", cards++);
	return pan;
}

/* --- a CertReq ----------------------------------------------------------------------------------- */

static const struct row {
	const char *name;
	enum faults kind;
	bool listed, blocked;
	enum setpki_status status;
	size_t certs;
} rows[] = {
    {"accepted, no transaction begins", FAULT_BEGIN, true, false, SETPKI_STATUS_COMPLETE, 1},
    {"accepted, not committed", FAULT_COMMIT, true, false, SETPKI_STATUS_COMPLETE, 1},
    {"accepted, committed and not told", FAULT_AFTER_COMMIT, true, false, SETPKI_STATUS_COMPLETE, 1},
    {"accepted, not signed", FAULT_SIGN, true, false, SETPKI_STATUS_COMPLETE, 1},
    {"accepted, not logged", FAULT_AUDIT, true, false, SETPKI_STATUS_COMPLETE, 1},
    {"pended, no transaction begins", FAULT_BEGIN, false, false, SETPKI_STATUS_PENDED, 0},
    {"pended, not committed", FAULT_COMMIT, false, false, SETPKI_STATUS_PENDED, 0},
    {"pended, committed and not told", FAULT_AFTER_COMMIT, false, false, SETPKI_STATUS_PENDED, 0},
    {"pended, not signed", FAULT_SIGN, false, false, SETPKI_STATUS_PENDED, 0},
    {"pended, not logged", FAULT_AUDIT, false, false, SETPKI_STATUS_PENDED, 0},
    {"rejected, not committed", FAULT_COMMIT, true, true, SETPKI_STATUS_REJECTED_BY_ISSUER, 0},
    {"rejected, not signed", FAULT_SIGN, true, true, SETPKI_STATUS_REJECTED_BY_ISSUER, 0},
};

/* What was durable when the process ended counts: the request is there with all that belongs to it, or nothing is. */
static bool
whole(const struct row *row, const struct counts *before, const uint8_t wrapper[32])
{
	struct counts after = count(wrapper);

	assert_int_equal(after.intents, 0);
	if (after.kept == 0) {
		assert_int_equal(after.requests, before->requests);
		assert_int_equal(after.certs, before->certs);
		return false;
	}
	assert_int_equal(after.requests, before->requests + 1);
	assert_int_equal(after.certs, before->certs + row->certs);
	return true;
}

static enum setpki_code
post(setpki_bytes wrapper, struct setpki_der *answer)
{
	setpki_error_clear(&err);
	return ca_register_answer(r.reg, wrapper, r.now, answer, &r.note, &err);
}

static void
is_cut_off(void **state)
{
	const struct row *row = *state;
	const char *pan = fresh_pan();
	struct setpki_der answer, again;
	struct counts before;
	uint8_t wrapper[32];
	setpki_bytes request;
	bool there = false;
	enum setpki_code rc;
	unsigned n = 0;

	if (row->listed)
		t_list_card(r.home, pan, T_EXPIRY, row->blocked);
	t_enrollee_open(&p, &r, ASK(.type = SETPKI_CARD_INITIAL_SIG, .pan = pan));
	t_enrollee_until_cert_req(&p);
	request = setpki_enroll_request(p.e);
	t_ok(sp_sha256(t_ctx(), request, wrapper, &err), &err);
	before = count(wrapper);
	do {
		assert_true(n < 60);
		faults_kind = row->kind;
		fault_at(++n);
		rc = post(request, &answer);
		faults_kind = FAULT_NONE;
		fault_at(0);
		if (rc != SETPKI_E_OK)
			assert_int_equal(answer.n, 0);
		t_registry_restart(&r);
		there = whole(row, &before, wrapper);
		assert_true(there || rc != SETPKI_E_OK);
	} while (rc != SETPKI_E_OK);
	assert_true(n > 1);
	assert_int_equal(r.note.status, r.note.repeated ? SETPKI_STATUS_NONE : row->status);
	t_ok(post(request, &again), &err);
	assert_true(r.note.repeated);
	t_bytes(sp_bytes(again.p, again.n), sp_bytes(answer.p, answer.n));
	t_ok(setpki_enroll_response(p.e, sp_bytes(again.p, again.n), r.now, &err), &err);
	assert_int_equal(t_enrollee_status(&p), row->status);
	setpki_der_free(&answer);
	setpki_der_free(&again);
	t_enrollee_close(&p);
}

/* --- what persons do ----------------------------------------------------------------------------- */

static enum ca_request_state
state_of(const struct t_enrollee *e)
{
	struct ca_request_record rec = t_enrollee_request(e);
	enum ca_request_state state = rec.state;

	ca_request_record_free(&rec);
	return state;
}

static enum setpki_code
approve(uint64_t number)
{
	return ca_desk_approve(r.home, number, "anna", NULL, &err);
}

static enum setpki_code
reject(uint64_t number)
{
	return ca_desk_reject(r.home, number, "anna", SETPKI_STATUS_NONE, NULL, NULL, &err);
}

static enum setpki_code
issue(uint64_t number)
{
	return ca_desk_issue(r.home, number, NULL, NULL, NULL, &err);
}

static enum setpki_code
tick(uint64_t number)
{
	(void)number;
	return ca_register_tick(r.reg, r.now, &err);
}

static const struct step {
	const char *name;
	enum faults kind;
	enum setpki_code (*before)(uint64_t number), (*act)(uint64_t number);
	enum ca_request_state from, to;
} steps[] = {
    {"an approval, not committed", FAULT_COMMIT, NULL, approve, CA_REQUEST_PENDED, CA_REQUEST_APPROVED},
    {"an approval, not logged", FAULT_AUDIT, NULL, approve, CA_REQUEST_PENDED, CA_REQUEST_APPROVED},
    {"a rejection, not committed", FAULT_COMMIT, NULL, reject, CA_REQUEST_PENDED, CA_REQUEST_REJECTED},
    {"issuing, not committed", FAULT_COMMIT, approve, issue, CA_REQUEST_APPROVED, CA_REQUEST_COMPLETE},
    {"issuing, not begun", FAULT_BEGIN, approve, issue, CA_REQUEST_APPROVED, CA_REQUEST_COMPLETE},
    {"issuing, not signed", FAULT_SIGN, approve, issue, CA_REQUEST_APPROVED, CA_REQUEST_COMPLETE},
    {"issuing, not logged", FAULT_AUDIT, approve, issue, CA_REQUEST_APPROVED, CA_REQUEST_COMPLETE},
    {"a tick, not committed", FAULT_COMMIT, approve, tick, CA_REQUEST_APPROVED, CA_REQUEST_COMPLETE},
    {"a tick, not begun", FAULT_BEGIN, approve, tick, CA_REQUEST_APPROVED, CA_REQUEST_COMPLETE},
    {"a tick, committed and not told", FAULT_AFTER_COMMIT, approve, tick, CA_REQUEST_APPROVED, CA_REQUEST_COMPLETE},
};

static void
step_is_cut_off(void **state)
{
	const struct step *s = *state;
	struct counts before;
	uint64_t number;
	struct ca_request_record rec;
	enum ca_request_state now;
	unsigned n = 0;
	bool done;

	t_enrollee_open(&p, &r, ASK(.type = SETPKI_CARD_INITIAL_SIG, .pan = fresh_pan()));
	assert_int_equal(t_enrollee_run(&p), SETPKI_ENROLL_WAIT);
	rec = t_enrollee_request(&p);
	number = rec.number;
	ca_request_record_free(&rec);
	if (s->before != NULL)
		t_ok(s->before(number), &err);
	before = count(NULL);
	do {
		assert_true(n < 60);
		setpki_error_clear(&err);
		faults_kind = s->kind;
		fault_at(++n);
		done = s->act(number) == SETPKI_E_OK && !fault_fired();
		faults_kind = FAULT_NONE;
		fault_at(0);
		t_registry_restart(&r);
		now = state_of(&p);
		assert_true(now == s->from || now == s->to);
		assert_int_equal(count(NULL).certs, before.certs + (now == CA_REQUEST_COMPLETE));
		assert_int_equal(count(NULL).intents, 0);
	} while (!done && now != s->to);
	assert_true(n > 1 || s->kind == FAULT_AFTER_COMMIT);
	assert_int_equal(now, s->to);
	setpki_error_clear(&err);
	t_ok(ca_register_tick(r.reg, r.now, &err), &err);
	(void)t_enrollee_inquire(&p);
	t_enrollee_close(&p);
}

int
main(void)
{
	struct CMUnitTest tests[NELEMS(rows) + NELEMS(steps)];
	size_t n = 0;

	for (size_t i = 0; i < NELEMS(rows); i++)
		tests[n++] = (struct CMUnitTest){rows[i].name, is_cut_off, NULL, NULL, (void *)(uintptr_t)&rows[i]};
	for (size_t i = 0; i < NELEMS(steps); i++)
		tests[n++] =
		    (struct CMUnitTest){steps[i].name, step_is_cut_off, NULL, NULL, (void *)(uintptr_t)&steps[i]};
	return _cmocka_run_group_tests("register/fault", tests, n, start, stop);
}
