/* Card numbers stay nowhere: a home is served, cards register in every way that there is, card numbers are typed where
 * they do not belong, and then everything that setcad has written, said or still has in memory is searched for them. */
#include "tests/support/check.h"
#include "tests/support/cli.h"
#include "tests/support/daemon.h"
#include "tests/support/enrollee.h"
#include "tests/support/http.h"
#include "tests/support/hunt.h"
#include "tests/support/pans.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* A sanitizer keeps what was freed for a while, and makes a search take long. */
#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED true
#else
#define SANITIZED false
#endif

static const struct pans_suite *suite; /* the one at work */
static struct t_daemon d;
static struct hunt *hunt, *home_hunt;  /* home_hunt: for a card number given as a merchant's id, too */
static struct hunt *phrases, *secrets; /* of keys and of a holder; the home's own */
static struct t_registry r;
static struct t_enrollee held;

/* --- the home ----------------------------------------------------------------------------------- */

static void
serve(void)
{
	char text[512];

	t_daemon_start(&d, "--rate 0 --passphrase-fd 3 3<" IN "passphrase");
	cli_ok("cp setca-home/public/brand/current/ca/root-1.cer root.cer");
	snprintf(text, sizeof(text), "--url http://%s/ --suite %s --no-passphrase --brand %s --root root.cer", d.http,
	    suite->name, suite->brand);
	setenv("E", text, 1);
}

static int64_t
now(void)
{
	int64_t t;

	assert_int_equal(setpki_time_parse(CLI_NOW, &t, NULL), SETPKI_E_OK);
	return t;
}

static void
look_for_secret(const char *name)
{
	char path[128], *octets;
	size_t n;

	snprintf(path, sizeof(path), "setca-home/keys/%s.secret", name);
	assert_non_null(octets = cli_slurp(path, &n));
	hunt_for(secrets, name, sp_bytes(octets, n));
	free(octets);
}

static int
setup(void **state)
{
	(void)state;
	hunt = hunt_new();
	home_hunt = hunt_new();
	for (size_t i = 0; i < PANS; i++) {
		hunt_for_pan(hunt, pans[i]);
		hunt_for_pan(home_hunt, pans[i]);
	}
	hunt_for_pan(home_hunt, TYPED_ID);
	phrases = hunt_new();
	hunt_for(phrases, "passphrase", sp_bytes_str(PASSPHRASE));
	hunt_for(phrases, "pass phrase in a form", sp_bytes_str(SESAME));
	pans_home(suite);
	serve();
	t_registry_remote(&r, suite->suite, suite->brand, "root.cer", now());
	r.http = d.http;
	secrets = hunt_new();
	look_for_secret("sealing");
	look_for_secret("pan-hash");
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	t_enrollee_close(&held);
	t_registry_stop(&r);
	hunt_free(hunt);
	hunt_free(home_hunt);
	hunt_free(phrases);
	hunt_free(secrets);
	return 0;
}

/* --- memory --------------------------------------------------------------------------------------- */

static const char *const processes[] = {"front", "spawner", "worker 1", "worker 2", "publisher", "main"};

#define KEYLESS 0x03u
#define WORKERS 0x0cu
#define PUBLISHER 0x10u
#define MAIN 0x20u
#define KEYED (WORKERS | PUBLISHER | MAIN)
#define ALL (KEYLESS | KEYED)

/* What is found in the memory of some of the processes.  Where it cannot be read the test is skipped. */
static size_t
look_once(const struct hunt *h, bool but_secure, unsigned of)
{
	size_t found, octets, all = 0;

	for (unsigned i = 0; i < NELEMS(processes); i++) {
		pid_t pid = i + 1 < NELEMS(processes) ? t_daemon_child(&d, i) : d.pid;

		if ((of >> i & 1) == 0)
			continue;
		if (!hunt_in_process(h, processes[i], pid, but_secure, &found, &octets)) {
			if (errno != EACCES && errno != EPERM)
				fail_msg("%s: %s", processes[i], strerror(errno));
			print_message(
			    "SKIPPED: the memory of setcad's processes is not searched: %s; they forbid it to "
			    "all but root\n",
			    strerror(errno));
			skip();
		}
		assert_true(octets > 65536);
		all += found;
	}
	return all;
}

/* An answer is on its way a moment before its process has done with it. */
static void
memory_has_none(struct hunt *h, bool but_secure, unsigned of)
{
	size_t n = 1;

	for (unsigned tries = 20; n != 0 && tries > 0; tries--) {
		hunt_quietly(h, tries > 1);
		if ((n = look_once(h, but_secure, of)) != 0)
			usleep(100000);
	}
	hunt_quietly(h, false);
	assert_int_equal(n, 0);
}

/* The search at the end is the one that counts; this one tells which way of registering left something. */
static void
memory_has_none_yet(void)
{
	size_t found, octets;

	if (!SANITIZED && hunt_in_process(home_hunt, "main", d.pid, false, &found, &octets))
		memory_has_none(home_hunt, false, ALL);
}

/* --- registrations ------------------------------------------------------------------------------ */

#define CARDHOLDER(pan, answers, dir)                                                                                  \
	"setenroll cardholder $E --expiry 203012 $WAIT --pan-fd 3 --answers " IN answers " --dir " dir " 3<" IN pan
#define MERCHANT(id, answers, dir)                                                                                     \
	"setenroll merchant $E --bin 412399 --merchant-id " id " --answers " IN answers " --dir " dir

static const struct row {
	const char *name, *line;
	int status;
	const char *says;
	bool modern; /* asked by the modern policy's forms alone */
} rows[] = {
    {"a listed card", CARDHOLDER(LISTED, "card.json", "listed"), 0, "cardholder signature", false},
    {"a card that waits for persons", CARDHOLDER(PENDED, "card.json", "pended"), 3, "requestPended", false},
    {"approved, and asked after",
	"n=$(setca request list | sed -n 's/^ *\\([0-9]*\\) .*/\\1/p'); setca request approve $n --by anna && "
	"for i in $(seq 100); do setenroll status --dir pended && exit 0; sleep 0.1; done; exit 1",
	0, "cardholder signature", false},
    {"accepted by the program", CARDHOLDER(ACCEPTED, "card.json", "accepted"), 0, "cardholder signature", false},
    {"accepted late", "WAIT='--wait 30s'; " CARDHOLDER(LATE, "card.json", "late"), 0, "cardholder signature", false},
    {"rejected by the program", CARDHOLDER(REJECTED, "card.json", "rejected"), 1, "not this one", false},
    {"typed into the form", CARDHOLDER(TYPED, "typed.json", "typed"), 3, "requestPended", false},
    {"typed by a merchant", MERCHANT("4711", "shop.json", "shop"), 0, "merchant key exchange", false},
    {"typed by one who is not known", MERCHANT("4712", "shop.json", "unknown"), 3, "requestPended", false},
    {"typed as the merchant's id", MERCHANT(TYPED_ID, "shop.json", "id"), 3, "requestPended", false},
    {"typed where a telephone number is asked for", MERCHANT("4711", "malformed.json", "malformed"), 1,
	"regFormAnswerMalformed", true},
    {"renewed", "setenroll renew --dir listed --expiry 203012 --pan-fd 3 --answers " IN "card.json 3<" IN LISTED, 0,
	"cardRenewalSig", false},
};

static void
registers(void **state)
{
	const struct row *row = *state;
	char *text = cli_expect(row->status, "(%s) 2>&1", row->line);

	if (strstr(text, row->says) == NULL)
		fail_msg("\"%s\" is not in: %s", row->says, text);
	assert_int_equal(hunt_in(hunt, row->name, text, strlen(text)), 0);
	free(text);
#if !defined(                                                                                                          \
    __SANITIZE_ADDRESS__) /* it takes a while there, and nothing that was freed is overwritten before the end */
	memory_has_none_yet();
#endif
}

#define ASK(...) (&(const struct setpki_enroll_ask){__VA_ARGS__})

/* The request with one octet changed, at many places of it: whatever it is then, it is not what was asked for. */
static void
post_damaged(const struct t_enrollee *p)
{
	setpki_bytes request = setpki_enroll_request(p->e), copy = sp_bytes_dup(request);
	uint8_t *octets = (uint8_t *)(uintptr_t)copy.p;
	struct http_answer a;

	for (size_t i = 1; i <= 24; i++) {
		size_t at = request.n * i / 24 - 1;

		octets[at] ^= 1;
		http_post(d.http, "application/set-registration", copy.p, copy.n, &a);
		assert_true(a.status == 200 || a.status == 400);
		http_answer_free(&a);
		octets[at] ^= 1;
	}
	OPENSSL_free(octets);
}

static void
envelopes_that_are_damaged(void **state)
{
	struct t_enrollee p;

	(void)state;
	t_enrollee_open(&p, &r, ASK(.type = SETPKI_CARD_INITIAL_SIG, .pan = BAD));
	t_enrollee_post(&p);
	post_damaged(&p);
	t_enrollee_until_cert_req(&p);
	post_damaged(&p);
	assert_true(t_daemon_logged(&d, "outcome=decodingFailure"));
	assert_true(t_daemon_logged(&d, "outcome=decryptionError"));
	free(cli_expect(1, "setca --json request list --state all | grep '\"lastFour\":\"3844\"'"));
	t_enrollee_close(&p);
	memory_has_none_yet();
}

static void
send_and_close(setpki_bytes request, size_t octets)
{
	struct http h;

	http_open(&h, d.http, NULL);
	http_say(&h,
	    "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/set-registration\r\nContent-Length: %zu\r\n\r\n",
	    request.n);
	http_send(&h, request.p, octets);
	http_close(&h);
}

static void
connections_that_break(void **state)
{
	struct t_enrollee p;

	(void)state;
	t_enrollee_open(&p, &r, ASK(.type = SETPKI_CARD_INITIAL_SIG, .pan = BROKEN));
	t_enrollee_until_cert_req(&p);
	send_and_close(setpki_enroll_request(p.e), setpki_enroll_request(p.e).n / 2);
	send_and_close(setpki_enroll_request(p.e), setpki_enroll_request(p.e).n);
	assert_int_equal(t_enrollee_run(&p), SETPKI_ENROLL_WAIT);
	t_enrollee_close(&p);
	memory_has_none_yet();
}

/* A wallet whose secrets are known here. */
static void
a_wallet_whose_secrets_are_known(void **state)
{
	uint8_t card[SETPKI_SECRET_LEN], pan[SETPKI_SECRET_LEN], nonce[SETPKI_SECRET_LEN];

	(void)state;
	cli_ok("echo " HELD ",203012 >" IN "list && setca account import " IN "list --ca card");
	t_enrollee_open(&held, &r, ASK(.type = SETPKI_CARD_INITIAL_SIG, .pan = HELD));
	assert_int_equal(t_enrollee_run(&held), SETPKI_ENROLL_DONE);
	t_ok(setpki_enroll_secrets(held.e, card, pan, NULL), NULL);
	for (size_t i = 0; i < sizeof(card); i++)
		nonce[i] = card[i] ^ pan[i];
	hunt_for(home_hunt, "CardSecret", SP_BYTES(card));
	hunt_for(home_hunt, "PANSecret", SP_BYTES(pan));
	hunt_for(home_hunt, "Nonce-CCA", SP_BYTES(nonce));
	memory_has_none_yet();
}

/* What never was a message, but has a card number in it. */
static void
card_numbers_in_http(void **state)
{
	struct http_answer a;

	(void)state;
	http_get(d.http, "/crl/" TYPED ".crl", &a);
	assert_int_equal(a.status, 404);
	assert_int_equal(hunt_in(hunt, "404", a.body, a.nbody), 0);
	http_answer_free(&a);
	http_post(d.http, "text/" TYPED, "card=" TYPED, 5 + strlen(TYPED), &a);
	assert_int_equal(a.status, 415);
	http_answer_free(&a);
	http_post(d.http, "application/set-registration", "card=" TYPED, 5 + strlen(TYPED), &a);
	assert_int_equal(a.status, 400);
	http_answer_free(&a);
	memory_has_none_yet();
}

/* Only now may a program be told the number; the search finds it there. */
static void
a_program_that_the_policy_tells_the_number(void **state)
{
	size_t files;

	(void)state;
	assert_int_equal(hunt_in_tree(hunt, IN "checks", &files), 0);
	cli_ok("sed '0,/program: {path.*}/s|program: {path.*}|program: {path: '$(realpath " IN
	       ")'/check, timeout: 20s, pan: true}|' policy.yaml >told.yaml && setca policy apply told.yaml --yes");
	kill(d.pid, SIGHUP);
	assert_true(t_daemon_logged(&d, "process=\"worker 1\" event=\"policy taken\""));
	assert_true(t_daemon_logged(&d, "process=\"worker 2\" event=\"policy taken\""));
	cli_ok("(" CARDHOLDER(TOLD, "card.json", "told") ") | grep '412345\\*\\*\\*\\*\\*\\*8496'");
	cli_ok("grep -l '\"pan\":\"" TOLD "\"' " IN "checks/*.input");
	free(cli_expect(1, "grep -l " TOLD " " IN "checks/*.arguments " IN "checks/*.environment"));
}

/* --- the search --------------------------------------------------------------------------------- */

static void
says_none(const char *line)
{
	char *text = cli_expect(0, "%s", line);

	assert_true(strlen(text) > 40);
	assert_int_equal(hunt_in(hunt, line, text, strlen(text)), 0);
	assert_int_equal(hunt_in(home_hunt, line, text, strlen(text)), 0);
	free(text);
}

static void
nothing_tells_them(void **state)
{
	struct http_answer a;

	(void)state;
	says_none("setca audit log --limit 1000");
	says_none("setca --json audit log --limit 1000");
	says_none("setca request list --state all");
	says_none("setca --json request list --state all");
	says_none("n=1; while setca request show $n 2>&1; do n=$((n + 1)); done; test $n -gt 10");
	says_none("n=1; while setca --json request show $n 2>&1; do n=$((n + 1)); done; test $n -gt 10");
	says_none("setca account list --ca card");
	says_none("setca --json cert list");
	says_none("setca doctor || true");
	http_get(d.admin, "/metrics", &a);
	assert_int_equal(a.status, 200);
	assert_int_equal(hunt_in(hunt, "metrics", a.body, a.nbody), 0);
	http_answer_free(&a);
}

/* Everything below the folder that all of it ran in: the home with store, logs and public sets, setcad's log, what the
 * program was given, the folders of those who registered. */
static void
no_file_has_them(void **state)
{
	size_t files;

	(void)state;
	assert_int_equal(hunt_in_tree(hunt, ".", &files), 0);
	assert_true(files > 60);
	assert_int_equal(hunt_in_tree(home_hunt, "setca-home", &files), 0);
	assert_true(files > 10);
	assert_int_equal(hunt_in_file(home_hunt, d.log), 0);
	cli_ok("test $(ls checks/*.input | wc -l) -ge 8");
	cli_ok("test -z \"$(find . / -maxdepth 1 -name 'core*' -newer policy.yaml)\"");
	assert_int_equal(hunt_in_tree(phrases, "setca-home", &files), 0);
	assert_int_equal(hunt_in_file(phrases, d.log), 0);
}

static void
no_idle_process_has_them_in_memory(void **state)
{
	(void)state;
	for (int i = 0; i < 100 && t_daemon_figure(&d, "setcad_queue") > 0; i++)
		usleep(50000);
	usleep(1500000); /* a tick and more */
	memory_has_none(home_hunt, false, ALL);
}

/* kB that a process has locked. */
static long
locked(pid_t pid)
{
	char path[64], *text;
	const char *at;
	long kb;

	snprintf(path, sizeof(path), "/proc/%ld/status", (long)pid);
	assert_non_null(text = cli_slurp(path, NULL));
	at = strstr(text, "VmLck:");
	kb = at != NULL ? strtol(at + 6, NULL, 10) : 0;
	free(text);
	return kb;
}

/* Those who work with keys hold the passphrase, in memory for secrets alone, which is never swapped; the front and the
 * spawner never had it.  What holders typed is nowhere. */
static void
pass_phrases_are_where_they_must_be(void **state)
{
	(void)state;
	memory_has_none(phrases, false, KEYLESS);
	memory_has_none(phrases, true, KEYED);
	assert_true(locked(d.pid) >= 64);
	for (unsigned i = 2; i < 5; i++)
		assert_true(locked(t_daemon_child(&d, i)) >= 64);
}

/* Only workers seal and hash. */
static void
secrets_are_with_the_workers(void **state)
{
	(void)state;
	memory_has_none(secrets, false, KEYLESS | PUBLISHER | MAIN);
	hunt_quietly(secrets, true);
	assert_true(look_once(secrets, false, WORKERS) != 0);
}

/* A worker that crashes leaves no core file, and ends the rest. */
static void
crashes(void **state)
{
	(void)state;
	cli_ok("setca audit verify");
	kill(t_daemon_child(&d, 2), SIGSEGV);
	assert_int_equal(t_daemon_end(&d, 0), 3);
	no_file_has_them(state);
}

static int
run(const char *name, const struct pans_suite *s)
{
	static const struct CMUnitTest others[] = {
	    cmocka_unit_test(envelopes_that_are_damaged),
	    cmocka_unit_test(connections_that_break),
	    cmocka_unit_test(a_wallet_whose_secrets_are_known),
	    cmocka_unit_test(card_numbers_in_http),
	    cmocka_unit_test(a_program_that_the_policy_tells_the_number),
	    cmocka_unit_test(nothing_tells_them),
	    cmocka_unit_test(no_file_has_them),
	    cmocka_unit_test(no_idle_process_has_them_in_memory),
	    cmocka_unit_test(pass_phrases_are_where_they_must_be),
	    cmocka_unit_test(secrets_are_with_the_workers),
	    cmocka_unit_test(crashes),
	};
	struct CMUnitTest tests[NELEMS(rows) + NELEMS(others)];
	size_t n = 0;

	suite = s;
	for (size_t i = 0; i < NELEMS(rows); i++)
		if (!rows[i].modern || s->suite == SETPKI_SUITE_MODERN)
			tests[n++] =
			    (struct CMUnitTest){rows[i].name, registers, NULL, NULL, (void *)(uintptr_t)&rows[i]};
	for (size_t i = 0; i < NELEMS(others); i++)
		tests[n++] = others[i];
	return _cmocka_run_group_tests(name, tests, n, setup, teardown);
}

int
main(void)
{
	return run("cli/pan, modern", &pans_modern) + run("cli/pan, classic", &pans_classic);
}
