/* setcad is killed while it answers a CertReq, and while it issues what persons approved, at moments drawn by lot: the
 * same request gets one certificate, and who had heard an answer hears it again (set-protocol 12.7). */
#include "tests/support/check.h"
#include "tests/support/cli.h"
#include "tests/support/http.h"
#include "tests/support/struck.h"

#include <openssl/crypto.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS 12 /* requests of each role; */
#define KILLS 4	  /* how often the daemon is killed at most before one is answered in peace */

struct row {
	const struct struck_suite *suite;
	const struct struck_role *role;
	char name[96];
};

static unsigned certs;			  /* that end entities have got, or will */
static struct t_enrollee waiting[ROUNDS]; /* gateways, for persons */
static uint64_t seed;

/* --- chance ------------------------------------------------------------------------------------- */

static void
seed_from(const char *text)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	seed = text != NULL ? strtoull(text, NULL, 10) : (uint64_t)t.tv_nsec << 20 ^ (uint64_t)t.tv_sec;
	seed += seed == 0;
}

static unsigned
below(unsigned n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (unsigned)(seed % n);
}

static unsigned
microseconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (unsigned)(t.tv_sec * 1000000 + t.tv_nsec / 1000);
}

/* --- while a message is answered ---------------------------------------------------------------- */

/* Sends, strikes a while later, and takes what still comes; nothing may. */
static bool
ask_and_strike(setpki_bytes request, const struct struck_way *way, unsigned us, struct setpki_der *out)
{
	struct http_answer a;
	struct http h;
	bool heard;

	*out = (struct setpki_der){NULL, 0};
	http_open(&h, struck_daemon.http, NULL);
	h.breaks = true;
	http_say_post(&h, "application/set-registration", request.p, request.n);
	usleep(us);
	struck_strike(way);
	heard = http_hear(&h, false, &a);
	if (heard && a.status == 200)
		*out = (struct setpki_der){OPENSSL_memdup(a.body, a.nbody), a.nbody};
	if (heard)
		http_answer_free(&a);
	http_close(&h);
	struck_start_after(way);
	return out->p != NULL;
}

/* Takes the place of what was heard before, which has to be the same. */
static void
hear(struct setpki_der *before, const struct setpki_der *answer)
{
	if (before->p != NULL)
		t_bytes(sp_bytes(answer->p, answer->n), sp_bytes(before->p, before->n));
	setpki_der_free(before);
	*before = *answer;
}

static unsigned
requests(const char *which)
{
	char *text = cli_expect(0, "setca request list --state %s --limit 1000 | grep -c '^ *[0-9]' || true", which);
	unsigned k = (unsigned)strtoul(text, NULL, 10);

	free(text);
	return k;
}

/* What the kills of one role came to. */
struct tally {
	unsigned within; /* microseconds */
	unsigned kills;
	unsigned heard;	   /* answered nevertheless */
	unsigned recorded; /* not heard, and decided all the same */
};

/* One CertReq, asked again after each kill until it is decided.  If it was heard the next kill comes sooner, else
 * later. */
static void
ask_until_answered(struct t_enrollee *p, struct tally *t)
{
	setpki_bytes request = setpki_enroll_request(p->e);
	struct setpki_der heard = {NULL, 0}, answer;
	unsigned before = requests("all");
	bool recorded = false;

	for (int i = 0; i < KILLS && heard.p == NULL && !recorded; i++) {
		t->kills++;
		if (ask_and_strike(request, &struck_ways[below(STRUCK_ABRUPT)], below(t->within), &answer)) {
			hear(&heard, &answer);
			t->heard++;
			t->within -= t->within / 6;
		} else {
			recorded = requests("all") != before;
			t->recorded += recorded;
			t->within += t->within / 4;
		}
	}
	t_enrollee_fetch(p, &answer);
	hear(&heard, &answer);
	t_enrollee_take(p, &heard);
	assert_int_equal(requests("all"), before + 1);
}

/* How long an answer takes when nobody disturbs. */
static unsigned
usual_time(const struct struck_role *role)
{
	struct t_enrollee p;
	unsigned began;

	struck_open(&p, role);
	t_enrollee_until_cert_req(&p);
	began = microseconds();
	t_enrollee_post(&p);
	began = microseconds() - began;
	certs += role->certs;
	t_enrollee_close(&p);
	return began;
}

static void
while_it_is_answered(void **state)
{
	const struct struck_role *role = ((const struct row *)*state)->role;
	struct tally t = {0};
	struct t_enrollee p;

	print_message("  TEST_SEED=%llu\n", (unsigned long long)seed);
	t.within = usual_time(role);
	for (size_t i = 0; i < ROUNDS; i++) {
		struck_open(&p, role);
		t_enrollee_until_cert_req(&p);
		ask_until_answered(&p, &t);
		assert_int_equal(setpki_enroll_step(p.e), role->by_persons ? SETPKI_ENROLL_WAIT : SETPKI_ENROLL_DONE);
		certs += role->certs;
		if (role->by_persons)
			waiting[i] = p;
		else
			t_enrollee_close(&p);
	}
	print_message("  killed %u times, at last within %u us: answered nevertheless %u, decided and not heard %u\n",
	    t.kills, t.within, t.heard, t.recorded);
}

/* --- while it issues what persons approved ------------------------------------------------------ */

static void
is_issued(struct t_enrollee *p)
{
	for (unsigned i = 0; setpki_enroll_step(p->e) == SETPKI_ENROLL_WAIT && i < 500; i++) {
		if (i != 0)
			usleep(20000);
		(void)t_enrollee_inquire(p);
	}
	assert_int_equal(setpki_enroll_step(p->e), SETPKI_ENROLL_DONE);
}

#define FIRST "n=$(setca request list | sed -n 's/^ *\\([0-9]*\\) .*/\\1/p' | head -n 1); "

/* It begins with them as soon as it is there: one more each time, and what the last time left.  (setca would issue them
 * itself, were it not held.) */
static void
while_it_issues_what_was_approved(void **state)
{
	unsigned within = microseconds(), issued = 0;

	(void)state;
	print_message("  TEST_SEED=%llu\n", (unsigned long long)seed);
	struck_start_after(&struck_ways[0]);
	within = microseconds() - within;
	t_daemon_kill(&struck_daemon);
	for (unsigned i = 0; i <= ROUNDS; i++) { /* one is usual_time()'s */
		cli_ok(
		    FIRST "setca hold && setca request approve $n --by anna && setca request approve $n --by bert && "
			  "setca release");
		assert_true(requests("approved") != 0);
		t_daemon_spawn(&struck_daemon, "exec setcad --listen 127.0.0.1:0");
		usleep(within / 2 + below(within));
		struck_strike(&struck_ways[0]);
		t_daemon_kill(&struck_daemon);
		issued += requests("approved") == 0;
		within = requests("approved") == 0 ? within - within / 6 : within + within / 4;
	}
	print_message("  %u of %u times nothing was left to issue\n", issued, ROUNDS + 1);
	struck_start();
	for (size_t i = 0; i < ROUNDS; i++) {
		is_issued(&waiting[i]);
		t_enrollee_close(&waiting[i]);
	}
}

/* --- all of them -------------------------------------------------------------------------------- */

static void
a_home(void **state)
{
	certs = 0;
	struck_home(((const struct row *)*state)->suite);
}

static void
nothing_is_lost_or_there_twice(void **state)
{
	(void)state;
	struck_end(certs);
}

#define ROWS (STRUCK_SUITES * (STRUCK_ROLES + 3))

static struct row rows[ROWS];
static struct CMUnitTest tests[ROWS];
static size_t n;

static void
add(CMUnitTestFunction run, const struct struck_suite *s, const struct struck_role *role, const char *what)
{
	struct row *row = &rows[n];

	*row = (struct row){s, role, ""};
	snprintf(row->name, sizeof(row->name), "%s: %s", s->name, what);
	tests[n++] = (struct CMUnitTest){row->name, run, NULL, NULL, row};
}

int
main(void)
{
	seed_from(getenv("TEST_SEED"));
	for (size_t i = 0; i < STRUCK_SUITES; i++) {
		const struct struck_suite *s = &struck_suites[i];

		add(a_home, s, NULL, "a home and its lists");
		for (size_t k = 0; k < STRUCK_ROLES; k++)
			add(while_it_is_answered, s, &struck_roles[k], struck_roles[k].name);
		add(while_it_issues_what_was_approved, s, NULL, "what was approved is issued");
		add(nothing_is_lost_or_there_twice, s, NULL, "nothing is lost, nothing is there twice");
	}
	return _cmocka_run_group_tests("cli/killed", tests, n, NULL, NULL);
}
