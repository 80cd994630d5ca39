/* A hostile client of setcad: messages that were recorded from honest registrations, replayed and made wrong in every
 * way, over HTTP spoken well and badly.  Nothing grows, nothing is stored, and the honest are served beside it. */
#include "tests/support/check.h"
#include "tests/support/cli.h"
#include "tests/support/daemon.h"
#include "tests/support/dump.h"
#include "tests/support/hostile.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* How many messages, and after how many of them the processes' size is looked at first. */
#define MESSAGES 20000
#define EARLY 2000
/* What watches memory keeps what was freed for a while: there sizes say nothing. */
#ifdef __SANITIZE_ADDRESS__
#define SIZE_COUNTS 0
#else
#define SIZE_COUNTS 1
#endif
/* How long an honest registration may take; where one alone takes more than a second, as on a machine that is at work
 * for others, so many times as long as that. */
#define HONEST_MS 5000
#define HONEST_TIMES 5

#define PROCESSES 6 /* front, spawner, two workers, publisher, main */
#define SEED 1997
#define STORE "setca-home/store"
#define PAN(last) "4123450000000" last

static int64_t now; /* CLI_NOW */
static struct t_daemon d;
static struct t_said said; /* in the home that every test has a copy of */

/* A home whose lists have whom the tests register: ten of each role. */
static void
make_lists(void)
{
	cli_ok("for i in $(seq 100 109); do echo 4123450000000$i,203012; echo 4123450000000$i >pan$i; done | "
	       "setca account import - --ca card");
	cli_ok("for i in $(seq 100 109); do echo "
	       "'{\"bin\":\"412399\",\"merchant-id\":\"'$i'\",\"names\":[{\"name\":\"Shop "
	       "'$i'\",\"city\":\"Springfield\",\"country-name\":\"USA\"}]}'; done | paste -sd, | sed 's/.*/[&]/' | "
	       "setca account import - --ca merchant");
	cli_ok("for i in $(seq 100 109); do echo '{\"bin\":\"412399\",\"id\":\"'$i'\",\"name\":\"gw '$i'\"}'; done | "
	       "paste -sd, | sed 's/.*/[&]/' | setca account import - --ca gateway");
	cli_ok("echo '{\"agree\":true,\"fields\":{\"fullName\":\"Alice\",\"date\":\"1970-01-31\"}}' >card.json; "
	       "echo '{\"agree\":true,\"fields\":{\"fullName\":\"Bert\"}}' >merchant.json; "
	       "echo '{\"agree\":true,\"fields\":{\"Operator on duty\":\"Carol\"}}' >gateway.json; "
	       "cp setca-home/public/brand/current/ca/root-1.cer root.cer");
}

/* Limits of addresses and of Errors are those that it has by itself; who is slow is told so sooner. */
static void
start(const char *name)
{
	cli_enter(name);
	cli_ok("cp -r ../template/* .");
	t_daemon_start(&d, "--header-timeout 2s --body-timeout 2s");
}

/* Whatever clients did, it ends as ever, and to nobody's alarm. */
static void
end(void)
{
	char *log;
	int status = t_daemon_end(&d, SIGTERM);

	d.pid = 0;
	assert_non_null(log = cli_slurp(d.log, NULL));
	if (status != 0 || strstr(log, "level=error") != NULL)
		fail_msg("status %d: %.1000s", status, strstr(log, "level=error"));
	assert_null(strstr(log, "level=warning process=\"worker"));
	free(log);
}

/* After a test that failed. */
static int
end_at_last(void **state)
{
	(void)state;
	if (d.pid != 0)
		kill(-d.pid, SIGKILL);
	d.pid = 0;
	return 0;
}

/* --- what is recorded ---------------------------------------------------------------------------- */

static void
record_role(const struct setpki_enroll_ask *ask, enum setpki_request_type renewal)
{
	struct t_caller first, renewed;

	t_caller_open(&first, d.http, ask, now, &said);
	assert_int_equal(t_caller_run(&first, false), SETPKI_ENROLL_DONE);
	t_caller_renew(&renewed, &first, renewal);
	assert_int_equal(t_caller_run(&renewed, false), SETPKI_ENROLL_DONE);
	t_caller_close(&renewed);
	t_caller_close(&first);
}

/* Every message of every role: registration, renewal, a request that waits with its inquiry, and an Error. */
static void
record(void)
{
	const struct setpki_enroll_ask card = {.type = SETPKI_CARD_INITIAL_SIG, .pan = PAN("100")},
				       merchant = {.type = SETPKI_MER_INITIAL_BOTH, .id = "100"},
				       gateway = {.type = SETPKI_PGWY_INITIAL_BOTH, .id = "100"},
				       unlisted = {.type = SETPKI_CARD_INITIAL_SIG, .pan = PAN("999")};
	struct t_caller c;

	record_role(&card, SETPKI_CARD_RENEWAL_SIG);
	record_role(&merchant, SETPKI_MER_RENEWAL_BOTH);
	record_role(&gateway, SETPKI_PGWY_RENEWAL_BOTH);
	t_caller_open(&c, d.http, &unlisted, now, &said);
	assert_int_equal(t_caller_run(&c, false), SETPKI_ENROLL_WAIT);
	assert_int_equal(t_caller_inquire(&c), SETPKI_ENROLL_WAIT);
	t_caller_close(&c);
	t_caller_open(&c, d.http, &card, now, &said);
	t_caller_complain(&c);
	t_caller_close(&c);
}

static int
make_template(void **state)
{
	(void)state;
	assert_int_equal(setpki_time_parse(CLI_NOW, &now, NULL), SETPKI_E_OK);
	cli_enter("template");
	cli_ok("sed 's/decide: .manual./decide: [accounts, manual]/' policies/demo.yaml >policy.yaml && "
	       "setca init policy.yaml");
	make_lists();
	t_daemon_start(&d, "%s", "");
	record();
	end();
	return 0;
}

static int
forget(void **state)
{
	(void)state;
	t_said_free(&said);
	return 0;
}

/* --- alone --------------------------------------------------------------------------------------- */

static void
sizes(long kb[PROCESSES])
{
	for (unsigned i = 0; i < PROCESSES; i++)
		kb[i] = t_resident(i + 1 < PROCESSES ? t_daemon_child(&d, i) : d.pid);
}

static void
tell(const struct t_hostile *h, int64_t ms)
{
	print_message("%u messages in %lld ms, %u without an answer, %u CertReqs repeated; answers:", h->messages,
	    (long long)ms, h->unanswered, h->repeated);
	for (unsigned i = 0; i < T_HOSTILE_STATUSES; i++)
		if (h->statuses[i] != 0)
			print_message(" %u x %u", h->statuses[i], i);
	print_message("\n");
}

static int64_t
ticks(void)
{
	struct timespec t;

	assert_int_equal(clock_gettime(CLOCK_MONOTONIC, &t), 0);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* The test means something only as long as its messages get to where they could do harm. */
static void
has_reached_everything(const struct t_hostile *h)
{
	assert_true(h->statuses[200] > MESSAGES / 20); /* read by the authority, and answered */
	assert_true(h->statuses[204] > 0);	       /* Errors, which nobody answers */
	assert_true(h->statuses[400] > MESSAGES / 20); /* not DER, not a wrapper, not HTTP */
	assert_true(h->statuses[415] > 0);
	assert_true(h->statuses[429] > 0); /* more Errors than are signed */
	assert_true(h->repeated > MESSAGES / 200);
	/* first contacts about one merchant, of which so many are answered and no more */
	assert_true(t_daemon_figure(&d, "setcad_requests_total{message=\"Me-AqCInitReq\",outcome=\"tooOften\"}") > 0);
}

static void
does_not_grow(struct t_hostile *h)
{
	long early[PROCESSES] = {0}, late[PROCESSES];
	int64_t began = ticks();

	while (h->messages < MESSAGES) {
		t_hostile_round(h);
		if (h->messages >= EARLY && early[0] == 0)
			sizes(early);
	}
	sizes(late);
	tell(h, ticks() - began);
	for (unsigned i = 0; i < PROCESSES; i++) {
		print_message("process %u: %ld kB, then %ld kB\n", i, early[i], late[i]);
		if (SIZE_COUNTS && late[i] > early[i] + early[i] / 10)
			fail_msg("process %u grew from %ld to %ld kB", i, early[i], late[i]);
	}
}

/* All that was recorded has been decided before the first dump, so that not even a whole CertReq has anything left to
 * do: its answer is kept (set-protocol 12.7).  The clock stands still: nothing falls due, and no secret is replaced.
 * So the store, and all else in the home but its locks, is to be what it was, without one transaction that wrote. */
static void
many_messages(void **state)
{
	static const char files[] =
	    "find setca-home -type f ! -path '*/run/*' ! -name lock.mdb | sort | xargs sha256sum";
	struct t_dump before = {0}, after = {0};
	struct t_hostile h;
	char *had, *has;

	(void)state;
	start("many");
	t_dump_take(STORE, &before);
	had = cli_expect(0, "%s", files);
	t_hostile_open(&h, d.http, NULL, &said, SEED);
	does_not_grow(&h);
	t_hostile_close(&h);
	has_reached_everything(&h);
	t_dump_take(STORE, &after);
	t_dump_same(&before, &after);
	has = cli_expect(0, "%s", files);
	assert_string_equal(has, had);
	end();
	free(had);
	free(has);
	t_dump_free(&before);
	t_dump_free(&after);
}

#define CONTACTS 40

/* Honest as far as they go, and each another one: until the form is there nothing is stored (set-protocol 12.6). */
static void
first_contacts(void **state)
{
	static const enum setpki_request_type types[] = {
	    SETPKI_CARD_INITIAL_SIG, SETPKI_MER_INITIAL_SIG, SETPKI_PGWY_INITIAL_SIG};
	struct t_dump before = {0}, after = {0};
	struct t_caller c;
	char pan[20], id[20];

	(void)state;
	start("contacts");
	t_dump_take(STORE, &before);
	for (unsigned i = 0; i < CONTACTS; i++) {
		bool card = i % 3 == 0;
		const struct setpki_enroll_ask ask = {
		    .type = types[i % 3], .pan = card ? pan : NULL, .id = card ? NULL : id};

		snprintf(pan, sizeof(pan), PAN("%03u"), i);
		snprintf(id, sizeof(id), "%u", i);
		t_caller_open(&c, d.http, &ask, now, NULL);
		assert_int_equal(t_caller_run(&c, true), SETPKI_ENROLL_FORM);
		t_caller_close(&c);
	}
	t_dump_take(STORE, &after);
	t_dump_same(&before, &after);
	end();
	t_dump_free(&before);
	t_dump_free(&after);
}

/* --- beside the honest --------------------------------------------------------------------------- */

static const struct honest {
	const char *role, *options;
	unsigned n;
} honest[] = {
    {"cardholder", "--expiry 203012 --answers card.json --pan-fd 3 3<pan", 101},
    {"merchant", "--bin 412399 --answers merchant.json --merchant-id ", 101},
    {"gateway", "--bin 412399 --answers gateway.json --business-id ", 101},
    {"cardholder", "--expiry 203012 --answers card.json --pan-fd 3 3<pan", 102},
    {"merchant", "--bin 412399 --answers merchant.json --merchant-id ", 102},
    {"gateway", "--bin 412399 --answers gateway.json --business-id ", 102},
    {"cardholder", "--expiry 203012 --answers card.json --pan-fd 3 3<pan", 103},
    {"merchant", "--bin 412399 --answers merchant.json --merchant-id ", 103},
    {"gateway", "--bin 412399 --answers gateway.json --business-id ", 103},
    {"cardholder", "--expiry 203012 --answers card.json --pan-fd 3 3<pan", 104},
};

static pid_t
begin_honest(const struct honest *o)
{
	char line[1024];
	pid_t pid;

	snprintf(line, sizeof(line),
	    "exec setenroll %s --url http://%s/ --no-passphrase --brand Demo --root root.cer --dir %s-%u %s%u "
	    ">honest.log 2>&1 </dev/null",
	    o->role, d.http, o->role, o->n, o->options, o->n);
	assert_true((pid = fork()) >= 0);
	if (pid != 0)
		return pid;
	execl("/bin/sh", "sh", "-c", line, (char *)NULL);
	_exit(127);
}

/* One registration, keys included; `h` (NULL: nobody) goes on beside it.  Returns how long it took. */
static int64_t
register_beside(struct t_hostile *h, const struct honest *o)
{
	int64_t began = ticks(), took;
	pid_t pid = begin_honest(o);
	char *log;
	int st;

	while (h != NULL && waitpid(pid, &st, WNOHANG) == 0)
		t_hostile_round(h);
	if (h == NULL)
		assert_int_equal(waitpid(pid, &st, 0), pid);
	took = ticks() - began;
	log = cli_slurp("honest.log", NULL);
	if (st != 0)
		fail_msg("%s %u: status %d: %s", o->role, o->n, WEXITSTATUS(st), log);
	free(log);
	return took;
}

static void
ten_beside(const char *from)
{
	static const struct honest alone = {"merchant", "--bin 412399 --answers merchant.json --merchant-id ", 104};
	int64_t most = HONEST_TIMES * register_beside(NULL, &alone), began = ticks(), took, longest = 0;
	struct t_hostile h;

	most = most > HONEST_MS ? most : HONEST_MS;
	t_hostile_open(&h, d.http, from, &said, SEED);
	for (size_t i = 0; i < NELEMS(honest); i++) {
		took = register_beside(&h, &honest[i]);
		longest = took > longest ? took : longest;
		if (took > most)
			fail_msg("%s %u took %lld ms", honest[i].role, honest[i].n, (long long)took);
	}
	tell(&h, ticks() - began);
	print_message("the slowest honest registration took %lld ms, of %lld\n", (long long)longest, (long long)most);
	assert_true(h.messages > 100);
	t_hostile_close(&h);
	cli_ok("setca verify cardholder-*/signature.cer merchant-*/*.cer gateway-*/*.cer");
	end();
}

static void
honest_beside_it(void **state)
{
	(void)state;
	start("beside");
	ten_beside(NULL);
}

static void
honest_beside_a_flood(void **state)
{
	(void)state;
	start("flood");
	ten_beside("127.0.0.9");
}

int
main(void)
{
	const struct CMUnitTest all[] = {
	    cmocka_unit_test_teardown(many_messages, end_at_last),
	    cmocka_unit_test_teardown(first_contacts, end_at_last),
	    cmocka_unit_test_teardown(honest_beside_it, end_at_last),
	    cmocka_unit_test_teardown(honest_beside_a_flood, end_at_last),
	};

	return cmocka_run_group_tests(all, make_template, forget);
}
