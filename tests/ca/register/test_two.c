/* Several processes of an authority at one home: the same message gets one answer, whoever is asked, and what was
 * approved is issued once. */
#include "ca/issue/hold.h"
#include "ca/register/desk.h"
#include "tests/support/check.h"
#include "tests/support/enrollee.h"
#include "tests/support/home.h"
#include "tests/support/scratch.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROCESSES 3
#define CARDS 8 /* half of them are in the list */

static struct t_registry r;
static struct t_enrollee p[CARDS];
static char dir[1024];
static struct setpki_error err;

static int
start(void **state)
{
	char pan[20];

	(void)state;
	t_registry_start(&r, "two", "policies/demo.yaml", NULL);
	snprintf(dir, sizeof(dir), "%s", r.home->dir);
	for (size_t i = 0; i < CARDS; i++) {
		snprintf(pan, sizeof(pan), "41234500003%05zu", i);
		if (i % 2 == 0)
			t_list_card(r.home, pan, T_EXPIRY, false);
		t_enrollee_open(
		    &p[i], &r, &(const struct setpki_enroll_ask){.type = SETPKI_CARD_INITIAL_SIG, .pan = pan});
		t_enrollee_until_cert_req(&p[i]);
	}
	t_registry_stop(&r);
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	for (size_t i = 0; i < CARDS; i++)
		t_enrollee_close(&p[i]);
	return 0;
}

/* Runs `work` in several processes at once; all of them end well.  In a child no assertion may return. */
static void
at_once(int (*work)(int who))
{
	int status, ended = 0;

	for (int who = 0; who < PROCESSES; who++) {
		pid_t pid = fork();

		assert_true(pid >= 0);
		if (pid == 0)
			_exit(work(who));
	}
	while (ended < PROCESSES && wait(&status) > 0) {
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), 0);
		ended++;
	}
	assert_int_equal(ended, PROCESSES);
}

static bool
open_register(struct ca_home **h, struct ca_register **reg)
{
	static const struct ca_register_ask ask = {.software = "test CA"};
	struct setpki_error e = {0};

	if (ca_home_open(t_ctx(), dir, CA_HOME_WRITE, NULL, T_NOW, h, &e) == SETPKI_E_OK &&
	    ca_register_open(*h, &ask, reg, &e) == SETPKI_E_OK)
		return true;
	fprintf(stderr, "%s\n", e.message);
	return false;
}

/* --- answers ------------------------------------------------------------------------------------ */

static int
answer_all(int who)
{
	struct setpki_responder_note note;
	struct setpki_error e = {0};
	struct setpki_der answer;
	struct ca_register *reg = NULL;
	struct ca_home *h = NULL;
	bool ok = open_register(&h, &reg);

	for (size_t k = 0; ok && k < CARDS; k++) {
		size_t i = who == 1 ? CARDS - 1 - k : k;

		ok = ca_register_answer(reg, setpki_enroll_request(p[i].e), T_NOW, &answer, &note, &e) == SETPKI_E_OK;
		if (ok)
			scratch_write(scratch_path("answer-%d-%zu", who, i), sp_bytes(answer.p, answer.n), 0600);
		else
			fprintf(stderr, "%s\n", e.message);
		setpki_der_free(&answer);
	}
	ca_register_close(reg);
	ca_home_close(h);
	return ok ? 0 : 1;
}

static void
all_give_one_answer(void **state)
{
	setpki_bytes first, other;

	(void)state;
	at_once(answer_all);
	for (size_t i = 0; i < CARDS; i++) {
		first = sp_bytes_dup(scratch_read(scratch_path("answer-0-%zu", i)));
		for (int who = 1; who < PROCESSES; who++) {
			other = scratch_read(scratch_path("answer-%d-%zu", who, i));
			t_bytes(other, first);
		}
		t_ok(setpki_enroll_response(p[i].e, first, T_NOW, &err), &err);
		assert_int_equal(setpki_enroll_step(p[i].e), i % 2 == 0 ? SETPKI_ENROLL_DONE : SETPKI_ENROLL_WAIT);
		OPENSSL_free((void *)(uintptr_t)first.p);
	}
}

/* --- approvals ---------------------------------------------------------------------------------- */

static int
tick(int who)
{
	struct setpki_error e = {0};
	struct ca_register *reg = NULL;
	struct ca_home *h = NULL;
	bool ok = open_register(&h, &reg);

	(void)who;
	for (int i = 0; ok && i < 20; i++) {
		ok = ca_register_tick(reg, T_NOW, &e) == SETPKI_E_OK;
		usleep(5000);
	}
	if (!ok)
		fprintf(stderr, "%s\n", e.message);
	ca_register_close(reg);
	ca_home_close(h);
	return ok ? 0 : 1;
}

static enum setpki_code
count_cert(void *arg, const struct ca_cert_record *rec, struct setpki_error *e)
{
	(void)rec;
	(void)e;
	++*(size_t *)arg;
	return SETPKI_E_OK;
}

static void
what_is_approved_is_issued_once(void **state)
{
	uint64_t n;
	size_t certs = 0;
	uint16_t card;
	ca_txn *t;

	(void)state;
	t_registry_open(&r, dir, T_NOW);
	for (uint64_t number = 1; number <= CARDS; number++)
		if (ca_desk_approve(r.home, number, "anna", NULL, NULL) != SETPKI_E_OK)
			certs++; /* was complete */
	assert_int_equal(certs, CARDS / 2);
	t_registry_stop(&r);
	at_once(tick);
	t_registry_open(&r, dir, T_NOW);
	card = t_ca(r.home, "card");
	certs = 0;
	t_ok(ca_txn_begin(r.home->store, false, &t, &err), &err);
	t_ok(ca_cert_each(t, card, 0, count_cert, &certs, &err), &err);
	t_ok(ca_request_count(t, CA_REQUEST_COMPLETE, &n, &err), &err);
	ca_txn_abort(t);
	assert_int_equal(certs, CARDS);
	assert_int_equal(n, CARDS);
	for (size_t i = 1; i < CARDS; i += 2)
		assert_int_equal(t_enrollee_inquire(&p[i]), SETPKI_ENROLL_DONE);
	t_registry_end(&r);
}

/* --- persons against each other, and a hold ------------------------------------------------------- */

#define RACES 12

static uint64_t first_race; /* the number of the first of them */

static bool
may_fail(enum setpki_code rc, struct setpki_error *e)
{
	bool ok = rc == SETPKI_E_OK || rc == SETPKI_E_STATE; /* somebody was faster, or it is held */

	if (!ok)
		fprintf(stderr, "%s\n", e->message);
	setpki_error_clear(e);
	return ok;
}

/* One issues what is approved; one approves, and holds the home now and then; one rejects. */
static int
race(int who)
{
	struct setpki_error e = {0};
	struct ca_register *reg = NULL;
	struct ca_home *h = NULL;
	struct ca_hold hold;
	bool ok = open_register(&h, &reg);

	for (unsigned i = 0; ok && i < 4 * RACES; i++) {
		uint64_t number = first_race + i % RACES, last = first_race + RACES - 1 - i % RACES;

		if (who == 0)
			ok = may_fail(ca_register_tick(reg, T_NOW, &e), &e);
		else if (who == 1)
			ok = may_fail(ca_desk_approve(h, number, "anna", NULL, &e), &e) &&
			    (i % 5 != 0 ||
				(may_fail(ca_hold(h, "race", NULL, &e), &e) && may_fail(ca_release(h, &hold, &e), &e)));
		else if (i % 4 == 0)
			ok = may_fail(ca_desk_reject(h, last, "bert", SETPKI_STATUS_NONE, NULL, NULL, &e), &e);
		usleep(2000);
	}
	ca_register_close(reg);
	ca_home_close(h);
	return ok ? 0 : 1;
}

/* How many certificates a request has; and whether it is decided. */
static void
check_race(uint64_t number, size_t decided[2])
{
	struct ca_request_record rec;
	size_t certs = 0;
	enum setpki_code rc;
	ca_txn *t;

	t_ok(ca_txn_begin(r.home->store, false, &t, &err), &err);
	t_ok(ca_request_get(t, number, &rec, &err), &err);
	rc = ca_cert_by_request(t, rec.wrapper, count_cert, &certs, NULL);
	ca_txn_abort(t);
	assert_true(rec.state == CA_REQUEST_COMPLETE || rec.state == CA_REQUEST_REJECTED);
	assert_int_equal(rc, rec.state == CA_REQUEST_COMPLETE ? SETPKI_E_OK : SETPKI_E_NOTFOUND);
	assert_int_equal(certs, rec.state == CA_REQUEST_COMPLETE);
	assert_string_equal(rec.decider, rec.state == CA_REQUEST_COMPLETE ? "anna" : "bert");
	decided[rec.state == CA_REQUEST_COMPLETE]++;
	ca_request_record_free(&rec);
}

static enum setpki_code
note_number(void *arg, const struct ca_request_record *rec, struct setpki_error *e)
{
	(void)e;
	*(uint64_t *)arg = rec->number;
	return SETPKI_E_OK;
}

static void
whoever_decides_first_has_decided(void **state)
{
	struct t_enrollee q[RACES];
	size_t decided[2] = {0};
	uint64_t n = 0;
	char pan[20];
	ca_txn *t;

	(void)state;
	t_registry_open(&r, dir, T_NOW);
	for (size_t i = 0; i < RACES; i++) {
		snprintf(pan, sizeof(pan), "41234500004%05zu", i);
		t_enrollee_open(
		    &q[i], &r, &(const struct setpki_enroll_ask){.type = SETPKI_CARD_INITIAL_SIG, .pan = pan});
		assert_int_equal(t_enrollee_run(&q[i]), SETPKI_ENROLL_WAIT);
	}
	t_ok(ca_txn_begin(r.home->store, false, &t, &err), &err);
	t_ok(ca_request_each(t, CA_REQUEST_PENDED, 0, note_number, &n, &err), &err);
	ca_txn_abort(t);
	first_race = n - RACES + 1;
	t_registry_stop(&r);
	at_once(race);
	t_registry_open(&r, dir, T_NOW);
	t_ok(ca_register_tick(r.reg, T_NOW, &err), &err);
	for (size_t i = 0; i < RACES; i++) {
		check_race(first_race + i, decided);
		assert_true(t_enrollee_inquire(&q[i]) != SETPKI_ENROLL_WAIT);
		t_enrollee_close(&q[i]);
	}
	print_message("%zu rejected, %zu issued\n", decided[0], decided[1]);
	t_registry_end(&r);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(all_give_one_answer),
	    cmocka_unit_test(what_is_approved_is_issued_once),
	    cmocka_unit_test(whoever_decides_first_has_decided),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
