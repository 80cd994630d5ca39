/* setcad and what it runs on: systemd, Unix sockets, descriptors, passphrases, the form of its log. */
#include "tests/support/check.h"
#include "tests/support/cli.h"
#include "tests/support/daemon.h"
#include "tests/support/http.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
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

/* --- with systemd ------------------------------------------------------------------------------ */

static void
sd_notify_is_spoken(void **state)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX, .sun_path = "notify"};
	struct timeval patience = {60, 0};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	char text[64] = "";
	struct t_daemon d;

	(void)state;
	enter("notify");
	assert_int_equal(bind(fd, (const struct sockaddr *)&a, sizeof(a)), 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	t_daemon_spawn(&d, "NOTIFY_SOCKET=$PWD/notify exec setcad --listen 127.0.0.1:0");
	assert_true(recv(fd, text, sizeof(text) - 1, 0) > 0);
	assert_string_equal(text, "READY=1");
	memset(text, 0, sizeof(text));
	kill(d.pid, SIGTERM);
	assert_true(recv(fd, text, sizeof(text) - 1, 0) > 0);
	assert_string_equal(text, "STOPPING=1");
	assert_int_equal(t_daemon_end(&d, 0), 0);
	close(fd);
}

/* Sockets that were listened on before it began, in descriptors 3 and 4. */
static void
sockets_are_taken_over(void **state)
{
	struct http_answer a;
	struct t_daemon d;

	(void)state;
	if (!cli_have("python3"))
		skip();
	enter("activated");
	t_daemon_spawn(&d, "%s",
	    "exec python3 -c '\n"
	    "import os, socket\n"
	    "fds = []\n"
	    "for name in (\"http.sock\", \"admin.sock\"):\n"
	    "    s = socket.socket(socket.AF_UNIX); s.bind(name); s.listen(5); fds.append(os.dup(s.fileno())); "
	    "s.detach()\n"
	    "fds = [os.dup2(os.dup(fd) if fd in (3, 4) else fd, 10 + i) for i, fd in enumerate(fds)]\n"
	    "for i, fd in enumerate(fds): os.dup2(fd, 3 + i)\n"
	    "os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS=\"2\", LISTEN_FDNAMES=\"http:admin\")\n"
	    "os.execvp(\"setcad\", [\"setcad\"])'");
	assert_true(t_daemon_logged(&d, "event=ready"));
	assert_true(t_daemon_logged(&d, "address=unix:http.sock for=public"));
	http_get("unix:http.sock", "/crl/geo.crl", &a);
	assert_int_equal(a.status, 200);
	http_answer_free(&a);
	http_get("unix:admin.sock", "/readyz", &a);
	assert_int_equal(a.status, 200);
	http_answer_free(&a);
	assert_int_equal(t_daemon_end(&d, SIGTERM), 0);
	assert_int_equal(access("http.sock", F_OK), 0); /* not ours to remove */
}

static void
unix_sockets_of_its_own(void **state)
{
	struct http_answer a;
	struct t_daemon d;

	(void)state;
	enter("unix");
	t_daemon_spawn(&d, "umask 077; exec setcad --listen unix:h --admin unix:a --port-file ports");
	assert_true(t_daemon_logged(&d, "event=ready"));
	/* a proxy is another user; figures are not for everybody */
	cli_ok("test $(stat -c %%a h) = 666 && test $(stat -c %%a a) = 700");
	http_get("unix:h", "/crl/geo.crl", &a);
	assert_int_equal(a.status, 200);
	http_answer_free(&a);
	t_daemon_kill(&d);
	assert_int_equal(access("h", F_OK), 0);
	/* what the killed one left is replaced */
	t_daemon_spawn(&d, "exec setcad --listen unix:h --admin unix:a --port-file ports");
	assert_true(t_daemon_logged(&d, "event=ready"));
	http_get("unix:a", "/healthz", &a);
	assert_int_equal(a.status, 200);
	http_answer_free(&a);
	assert_int_equal(t_daemon_end(&d, SIGTERM), 0);
	assert_int_equal(access("h", F_OK), -1);
}

/* Whoever reads its log may go away. */
static void
the_log_is_read_no_more(void **state)
{
	struct http_answer a;
	struct t_daemon d;

	(void)state;
	enter("unread");
	t_daemon_spawn(&d,
	    "mkfifo log; (head -n 1 log >first; touch gone) & "
	    "exec setcad --listen unix:h --port-file ports 2>log");
	cli_ok("for i in $(seq 600); do test -e gone -a -s ports && exit 0; sleep 0.1; done; exit 1");
	for (int i = 0; i < 3; i++, usleep(300000))
		kill(d.pid, SIGHUP);
	http_get("unix:h", "/crl/geo.crl", &a);
	assert_int_equal(a.status, 200);
	http_answer_free(&a);
	assert_int_equal(t_daemon_end(&d, SIGTERM), 0);
}

/* Where standard ones are closed, no file or socket takes their numbers: what is printed would go there. */
static void
no_standard_descriptors(void **state)
{
	struct t_daemon d;

	(void)state;
	enter("closed");
	t_daemon_spawn(&d, "exec setcad --listen unix:h --port-file ports <&- >&- 2>&-");
	cli_ok("for i in $(seq 600); do test -s ports && exit 0; sleep 0.1; done; exit 1");
	for (unsigned i = 0; i < 6; i++)
		for (int fd = 0; fd < 3; fd++)
			cli_ok("test $(readlink /proc/%ld/fd/%d) = /dev/null",
			    (long)(i < 5 ? t_daemon_child(&d, i) : d.pid), fd);
	assert_int_equal(t_daemon_end(&d, SIGTERM), 0);
	cli_refused(3, "standard output cannot be written", "setca audit log >&-");
	cli_ok("! grep -aq 'home created' setca-home/store/lock.mdb");
	cli_refused(3, "", "setca --home nowhere tree 2>&-");
}

/* --- what each process has ----------------------------------------------------------------------- */

/* A line of /proc/PID/status. */
static long
status_of(pid_t pid, const char *name)
{
	char path[64], key[32], *text;
	const char *at;
	long v;

	snprintf(path, sizeof(path), "/proc/%ld/status", (long)pid);
	snprintf(key, sizeof(key), "\n%s:", name);
	text = cli_slurp(path, NULL);
	assert_non_null(text);
	at = strstr(text, key);
	v = at != NULL ? strtol(at + strlen(key), NULL, 10) : -1;
	free(text);
	return v;
}

static void
processes_give_up_what_they_do_not_need(void **state)
{
	struct t_daemon d;
	char path[64];

	(void)state;
	enter("sandbox");
	t_daemon_start(&d, "%s", "");
	for (unsigned i = 0; i < 5; i++) {
		pid_t pid = t_daemon_child(&d, i);

		assert_int_equal(status_of(pid, "NoNewPrivs"), 1);
		if (i != 1 && status_of(pid, "Seccomp") != 2)
			assert_true(t_daemon_logged(&d, "no filter of system calls"));
	}
	/* the front has nothing of the home open, and no memory of it mapped */
	snprintf(path, sizeof(path), "/proc/%ld", (long)t_daemon_child(&d, 0));
	cli_ok("! ls -l %s/fd %s/map_files 2>/dev/null | grep setca-home", path, path);
	cli_ok("! grep setca-home %s/maps", path);
	snprintf(path, sizeof(path), "/proc/%ld", (long)t_daemon_child(&d, 1));
	cli_ok("! grep setca-home %s/maps", path);
	snprintf(path, sizeof(path), "/proc/%ld", (long)t_daemon_child(&d, 2));
	cli_ok("grep -q setca-home/store %s/maps", path);
	assert_int_equal(t_daemon_end(&d, SIGTERM), 0);
}

static void
protected_keys(void **state)
{
	struct http_answer a;
	struct t_daemon d;

	(void)state;
	cli_enter("protected");
	cli_ok("sed 's/protection: none/protection: passphrase/' policies/demo.yaml >p.yaml && echo secret >pass && "
	       "setca init p.yaml --passphrase-fd 3 3<pass");
	cli_clock("2026-11-26T12:00:00Z");
	t_daemon_start(&d, "--passphrase-fd 3 3<pass");
	assert_true(t_daemon_logged(&d, "event=\"CRL made\" ca=gateway"));
	assert_int_equal(t_daemon_end(&d, SIGTERM), 0);
	/* with a wrong one nothing is answered: it should be sent no work */
	t_daemon_start(&d, "--passphrase-fd 3 3<p.yaml");
	assert_true(t_daemon_logged(&d, "wrong passphrase"));
	http_get(d.admin, "/readyz", &a);
	assert_int_equal(a.status, 503);
	assert_non_null(strstr(a.body, "no key could be opened"));
	http_answer_free(&a);
	assert_int_equal(t_daemon_end(&d, SIGTERM), 0);
	/* without it the rest goes on, and it says what does not */
	cli_clock("2026-11-29T12:00:00Z");
	t_daemon_start(&d, "%s", "");
	assert_true(t_daemon_logged(&d, "event=\"key not opened\""));
	assert_true(t_daemon_logged(&d, "no new CRL of gateway"));
	http_get(d.admin, "/readyz", &a);
	assert_int_equal(a.status, 503);
	assert_non_null(strstr(a.body, "no key could be opened"));
	http_answer_free(&a);
	assert_int_equal(t_daemon_end(&d, SIGTERM), 0);
}

static void
json_log(void **state)
{
	struct t_daemon d;

	(void)state;
	enter("json");
	t_daemon_start(&d, "--log json");
	assert_int_equal(t_daemon_end(&d, SIGTERM), 0);
	assert_true(t_daemon_logged(&d,
	    "{\"time\":\"2026-11-23T12:00:00Z\",\"level\":\"info\",\"process\":\"main\","
	    "\"event\":\"ready\","));
	if (cli_have("python3"))
		cli_ok("python3 -c 'import json; [json.loads(l) for l in open(\"%s\")]'", d.log);
}

int
main(void)
{
	const struct CMUnitTest all[] = {
	    cmocka_unit_test(sd_notify_is_spoken),
	    cmocka_unit_test(sockets_are_taken_over),
	    cmocka_unit_test(unix_sockets_of_its_own),
	    cmocka_unit_test(the_log_is_read_no_more),
	    cmocka_unit_test(no_standard_descriptors),
	    cmocka_unit_test(processes_give_up_what_they_do_not_need),
	    cmocka_unit_test(protected_keys),
	    cmocka_unit_test(json_log),
	};

	return cmocka_run_group_tests(all, make_template, NULL);
}
