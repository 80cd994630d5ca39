/* setcad as a process: how it begins and ends, what it serves and when that changes, who may start it. */
#include "tests/support/check.h"
#include "tests/support/cli.h"
#include "tests/support/daemon.h"
#include "tests/support/http.h"
#include "tests/support/wrapper.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* A home made once, and copied by every test that changes it. */
static int
make_template(void **state)
{
	(void)state;
	cli_enter("template");
	cli_ok("setca init policies/demo.yaml && setca issue gateway --name gw1 --out gw1");
	return 0;
}

static void
enter(const char *name)
{
	cli_enter(name);
	cli_ok("cp -r ../template/setca-home ../template/gw1 .");
}

static void
is_served(const struct t_daemon *d, const char *target, const char *file)
{
	struct http_answer a;
	size_t n;
	char *want = cli_slurp(file, &n);

	http_get(d->http, target, &a);
	if (a.status != 200 || want == NULL || a.nbody != n || memcmp(a.body, want, n) != 0)
		fail_msg("%s is not %s (status %u)", target, file, a.status);
	http_answer_free(&a);
	free(want);
}

/* --- sets -------------------------------------------------------------------------------------- */

static void
serves_the_published_set(void **state)
{
	struct t_daemon d;

	(void)state;
	enter("serves");
	t_daemon_start(&d, "%s", "");
#define SET "setca-home/public/brand/current/"
	is_served(&d, "/crl/gateway-1.crl", SET "crl/gateway-1.crl");
	is_served(&d, "/crl/gateway.crl", SET "crl/gateway.crl");
	is_served(&d, "/bci/brand.bci", SET "bci/brand.bci");
	is_served(&d, "/ca/root-1.cer", SET "ca/root-1.cer");
	is_served(&d, "/set/brand.p7c", SET "set/brand.p7c");
	assert_int_equal(t_daemon_end(&d, SIGTERM), 0);
	assert_true(t_daemon_logged(&d, "event=ended"));
}

static void
get(struct http *h, const char *method, const char *target, const char *fields, struct http_answer *a)
{
	assert_true(http_say(h, "%s %s HTTP/1.1\r\nHost: x\r\n%s\r\n", method, target, fields));
	assert_true(http_hear(h, strcmp(method, "HEAD") == 0, a));
}

static void
etags_and_ages(void **state)
{
	struct http_answer a;
	struct t_daemon d;
	struct http h;
	char fields[600], etag[128];

	(void)state;
	enter("etags");
	t_daemon_start(&d, "%s", "");
	http_open(&h, d.http, NULL);
	get(&h, "GET", "/crl/gateway.crl", "", &a);
	assert_int_equal(a.status, 200);
	assert_string_equal(http_field(&a, "Content-Type"), "application/pkix-crl");
	/* it is the moment of its making, and it is good for two days */
	assert_string_equal(http_field(&a, "Cache-Control"), "public, max-age=172800");
	assert_string_equal(http_field(&a, "Date"), "Mon, 23 Nov 2026 12:00:00 GMT");
	snprintf(etag, sizeof(etag), "%s", http_field(&a, "ETag"));
	http_answer_free(&a);

	snprintf(fields, sizeof(fields), "If-None-Match: \"other\", %s\r\n", etag);
	get(&h, "GET", "/crl/gateway.crl", fields, &a);
	assert_int_equal(a.status, 304);
	assert_string_equal(http_field(&a, "ETag"), etag);
	assert_int_equal(a.nbody, 0);
	http_answer_free(&a);
	get(&h, "GET", "/crl/geo.crl", fields, &a);
	assert_int_equal(a.status, 200);
	http_answer_free(&a);

	get(&h, "HEAD", "/crl/gateway.crl", "", &a);
	assert_int_equal(a.status, 200);
	assert_string_not_equal(http_field(&a, "Content-Length"), "0");
	http_answer_free(&a);
	get(&h, "GET", "/bci/brand.bci", "", &a);
	assert_string_equal(http_field(&a, "Cache-Control"), "public, max-age=172799");
	http_answer_free(&a);
	http_close(&h);
	assert_int_equal(t_daemon_end(&d, SIGTERM), 0);
}

/* The served file is another one than `etag`, within the time that a change beside the daemon may take. */
static void
changes_soon(const struct t_daemon *d, const char *target, const char *etag)
{
	struct http_answer a;
	bool changed = false;

	for (int i = 0; !changed && i < 500; i++) {
		http_get(d->http, target, &a);
		changed = a.status == 200 && strcmp(http_field(&a, "ETag"), etag) != 0;
		http_answer_free(&a);
		usleep(10000);
	}
	assert_true(changed);
}

static void
etag_of(const struct t_daemon *d, const char *target, char out[128])
{
	struct http_answer a;

	http_get(d->http, target, &a);
	assert_int_equal(a.status, 200);
	snprintf(out, 128, "%s", http_field(&a, "ETag"));
	http_answer_free(&a);
}

static void
a_revocation_beside_it_is_published(void **state)
{
	char etag[128], bci[128];
	struct t_daemon d;

	(void)state;
	enter("revokes");
	t_daemon_start(&d, "%s", "");
	etag_of(&d, "/crl/gateway.crl", etag);
	etag_of(&d, "/bci/brand.bci", bci);
	cli_ok("setca revoke --file gw1/signature.cer --reason keyCompromise --yes");
	changes_soon(&d, "/crl/gateway.crl", etag);
	changes_soon(&d, "/bci/brand.bci", bci);
	is_served(&d, "/crl/gateway.crl", SET "crl/gateway.crl");
	cli_refused(1, "revoked", "setca verify gw1/signature.cer >&2");
	assert_true(t_daemon_figure(&d, "setcad_certificates_revoked_total{ca=\"gateway\"}") == 1);
	assert_true(t_daemon_logged(&d, "event=\"CRL made\" ca=gateway generation=1 number=2"));
	assert_int_equal(t_daemon_end(&d, SIGTERM), 0);
}

static void
a_publication_beside_it_is_served(void **state)
{
	char etag[128];
	struct t_daemon d;

	(void)state;
	enter("beside");
	t_daemon_start(&d, "%s", "");
	etag_of(&d, "/bci/brand.bci", etag);
	cli_ok("setca publish");
	changes_soon(&d, "/bci/brand.bci", etag);
	assert_int_equal(t_daemon_end(&d, SIGTERM), 0);
}

/* What fell due while nobody was there is made when it begins; what falls due later, when it does. */
static void
the_schedule_is_kept(void **state)
{
	char etag[128];
	struct t_daemon d;

	(void)state;
	enter("schedule");
	cli_clock("2026-11-26T12:00:00Z");
	t_daemon_start(&d, "%s", "");
	assert_true(t_daemon_logged(&d, "event=\"CRL made\" ca=gateway"));
	assert_true(t_daemon_logged(&d, "event=\"set published\" brand=brand"));
	cli_ok("setca verify gw1/signature.cer");
	etag_of(&d, "/crl/geo.crl", etag);
	cli_clock("2026-12-01T12:00:00Z");
	changes_soon(&d, "/crl/geo.crl", etag);
	assert_int_equal(t_daemon_end(&d, SIGTERM), 0);
}

/* A clock that went ahead has dated CRLs that nobody takes once it is right again. */
static void
lists_of_the_future_are_trouble(void **state)
{
	struct http_answer a;
	struct t_daemon d;
	bool troubled = false;

	(void)state;
	enter("future");
	cli_clock("2027-01-10T12:00:00Z");
	t_daemon_start(&d, "%s", "");
	assert_true(t_daemon_logged(&d, "event=\"CRL made\" ca=gateway"));
	http_get(d.admin, "/readyz", &a);
	assert_int_equal(a.status, 200);
	http_answer_free(&a);
	cli_clock("2026-11-24T12:00:00Z");
	for (int i = 0; !troubled && i < 1000; i++, usleep(10000)) {
		http_get(d.admin, "/readyz", &a);
		troubled = a.status == 503;
		if (troubled && strstr(a.body, "of 2027-01-10T12:00:00Z, and now it is earlier") == NULL)
			fail_msg("it says %s", a.body);
		http_answer_free(&a);
	}
	assert_true(troubled);
	cli_refused(1, "clock-behind", "setca doctor >&2");
	assert_int_equal(t_daemon_end(&d, SIGTERM), 0);
}

/* --- beginning and ending ------------------------------------------------------------------------ */

static void
what_keeps_it_from_beginning(void **state)
{
	(void)state;
	enter("begin");
	cli_refused(3, "no home at nowhere", "setcad --home nowhere");
	cli_refused(2, "is not an address", "setcad --listen somewhere");
	cli_refused(2, "must be a loopback address", "setcad --listen 127.0.0.1:0 --admin 0.0.0.0:0");
	cli_refused(2, "must be a loopback address", "setcad --listen 127.0.0.1:0 --admin '[::]:0'");
	cli_refused(2, "--workers: 0 is not within 1 and 32", "setcad --workers 0");
	cli_refused(2, "--queue: 5000 is not within", "setcad --queue 5000");
	cli_refused(2, "--max-message: 10 is not within", "setcad --max-message 10");
	for (int fd = 3; fd < 10; fd++) /* those that setcad opens for itself give no passphrase */
		cli_refused(2, "is not open", "exec %d<&-; setcad --passphrase-fd %d", fd, fd);
	cli_refused(2, "60000 connections need", "ulimit -n 2000; setcad --connections 60000");
	cli_refused(3, "cannot listen on unix:/nowhere/at/all", "setcad --listen unix:/nowhere/at/all");
}

static void
a_second_one_is_refused(void **state)
{
	char text[128];
	struct t_daemon d;

	(void)state;
	enter("second");
	t_daemon_start(&d, "%s", "");
	snprintf(text, sizeof(text), "process %ld holds", (long)d.pid);
	cli_refused(1, text, "setcad --listen %s", d.http);
	cli_refused(2, "is not an address", "setcad --listen 127.0.0.1");
	cli_refused(2, "must be a loopback address", "setcad --admin 0.0.0.0:0");
	is_served(&d, "/crl/geo.crl", SET "crl/geo.crl");
	assert_int_equal(t_daemon_end(&d, SIGINT), 0);
	t_daemon_start(&d, "%s", "");
	assert_int_equal(t_daemon_end(&d, SIGTERM), 0);
}

/* A message that is on its way is answered; one that begins then is not. */
static void
sigterm_drains(void **state)
{
	struct http_answer a;
	struct http idle, busy;
	struct t_daemon d;

	(void)state;
	enter("drains");
	t_daemon_start(&d, "--drain 20s");
	http_open(&idle, d.http, NULL);
	http_open(&busy, d.http, NULL);
	get(&idle, "GET", "/crl/geo.crl", "", &a);
	http_answer_free(&a);
	assert_true(http_say(&busy,
	    "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/set-registration\r\n"
	    "Content-Length: 4\r\n\r\nab"));
	get(&idle, "GET", "/crl/geo.crl", "", &a); /* the other one has been read by then */
	http_answer_free(&a);
	kill(d.pid, SIGTERM);
	assert_true(http_ends(&idle));
	assert_true(http_say(&busy, "cd"));
	assert_true(http_hear(&busy, false, &a));
	assert_int_equal(a.status, 400);
	assert_string_equal(http_field(&a, "Connection"), "close");
	http_answer_free(&a);
	http_close(&busy);
	http_close(&idle);
	assert_int_equal(t_daemon_end(&d, 0), 0);
}

/* A message whose client has gone is answered yet: nobody ends in the middle of it, or for the answer's sake. */
static void
sigterm_waits_for_a_message_without_a_client(void **state)
{
	static const struct linger reset = {1, 0};
	struct sp_buf b = {0};
	struct t_daemon d;
	struct http h;
	pid_t worker;
	int64_t now;

	(void)state;
	enter("gone");
	assert_int_equal(setpki_time_parse(CLI_NOW, &now, NULL), SETPKI_E_OK);
	t_daemon_start(&d, "--workers 1");
	t_wrapper(2, 1, now, 256, &b);
	worker = t_daemon_child(&d, 2);
	kill(worker, SIGSTOP);
	http_open(&h, d.http, NULL);
	http_say(&h,
	    "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/set-registration\r\nContent-Length: %zu\r\n\r\n",
	    b.n);
	http_send(&h, b.p, b.n);
	for (int i = 0; i < 2000 && t_daemon_figure(&d, "setcad_queue") != 1; i++)
		usleep(5000);
	setsockopt(h.fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	http_close(&h);
	for (int i = 0; i < 2000 && t_daemon_figure(&d, "setcad_connections") != 0; i++)
		usleep(5000);
	kill(d.pid, SIGTERM);
	assert_true(t_daemon_logged(&d, "event=ending"));
	usleep(300000);
	kill(worker, SIGCONT);
	assert_int_equal(t_daemon_end(&d, 0), 0);
	assert_true(t_daemon_logged(&d, "event=\"message refused\" message=PReq"));
	sp_buf_free(&b);
}

static void
draining_has_an_end(void **state)
{
	struct t_daemon d;
	struct http h;
	long began = time(NULL);

	(void)state;
	enter("undrained");
	t_daemon_start(&d, "--drain 1s");
	http_open(&h, d.http, NULL);
	assert_true(http_say(&h, "GET / HT"));
	usleep(200000);
	assert_int_equal(t_daemon_end(&d, SIGTERM), 0);
	assert_true(time(NULL) - began < 10);
	assert_true(t_daemon_logged(&d, "connections cut off at the end"));
	http_close(&h);
}

/* Whichever process is killed, the daemon ends, with status 3 and the name in the log. */
static void
a_killed_process_ends_it(void **state)
{
	static const char *const names[] = {
	    "name=front", "name=spawner", "name=\"worker 1\"", "name=\"worker 2\"", "name=publisher"};
	struct t_daemon d;

	(void)state;
	enter("killed");
	for (unsigned i = 0; i < NELEMS(names); i++) {
		t_daemon_start(&d, "%s", "");
		assert_true(t_daemon_child(&d, i) > 0);
		kill(t_daemon_child(&d, i), SIGKILL);
		assert_int_equal(t_daemon_end(&d, 0), 3);
		assert_true(t_daemon_logged(&d, names[i]));
		assert_true(t_daemon_logged(&d, "signal=KILL"));
	}
}

/* When the main process is killed the others end by themselves, and the next one can begin. */
static void
the_main_process_is_killed(void **state)
{
	struct t_daemon d;
	pid_t front;

	(void)state;
	enter("main-killed");
	t_daemon_start(&d, "%s", "");
	front = t_daemon_child(&d, 0);
	assert_int_equal(t_daemon_end(&d, SIGKILL), 128 + SIGKILL);
	for (int i = 0; i < 2000 && kill(front, 0) == 0; i++)
		usleep(5000);
	assert_int_equal(kill(front, 0), -1);
	cli_ok("for i in $(seq 100); do flock -n setca-home/run/setcad.lock true && exit 0; sleep 0.1; done; exit 1");
	t_daemon_start(&d, "%s", "");
	assert_int_equal(t_daemon_end(&d, SIGTERM), 0);
}

static void
sighup_takes_the_policy(void **state)
{
	struct t_daemon d;

	(void)state;
	enter("hup");
	t_daemon_start(&d, "%s", "");
	cli_ok("sed 's/promotion: Demo Gold Card/promotion: Demo Silver Card/' policies/demo.yaml >p.yaml && "
	       "setca policy apply p.yaml --yes");
	kill(d.pid, SIGHUP);
	assert_true(t_daemon_logged(&d, "process=\"worker 1\" event=\"policy taken\""));
	assert_true(t_daemon_logged(&d, "process=\"worker 2\" event=\"policy taken\""));
	assert_int_equal(t_daemon_end(&d, SIGTERM), 0);
}

int
main(void)
{
	const struct CMUnitTest all[] = {
	    cmocka_unit_test(serves_the_published_set),
	    cmocka_unit_test(etags_and_ages),
	    cmocka_unit_test(a_revocation_beside_it_is_published),
	    cmocka_unit_test(a_publication_beside_it_is_served),
	    cmocka_unit_test(the_schedule_is_kept),
	    cmocka_unit_test(lists_of_the_future_are_trouble),
	    cmocka_unit_test(what_keeps_it_from_beginning),
	    cmocka_unit_test(a_second_one_is_refused),
	    cmocka_unit_test(sigterm_drains),
	    cmocka_unit_test(sigterm_waits_for_a_message_without_a_client),
	    cmocka_unit_test(draining_has_an_end),
	    cmocka_unit_test(a_killed_process_ends_it),
	    cmocka_unit_test(the_main_process_is_killed),
	    cmocka_unit_test(sighup_takes_the_policy),
	};

	return cmocka_run_group_tests(all, make_template, NULL);
}
