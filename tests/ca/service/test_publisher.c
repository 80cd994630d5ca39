/* The publisher by itself: the test is the front to it. */
#include "ca/service/publisher.h"
#include "tests/support/publish.h"
#include "tests/support/scratch.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum setpki_code __real_ca_publish_next(struct ca_home *h, int64_t *at, struct setpki_error *err);
enum setpki_code __wrap_ca_publish_next(struct ca_home *h, int64_t *at, struct setpki_error *err);

static uint8_t serial[17];
static bool revoke_then; /* once the publisher has looked when something is due next */

enum setpki_code
__wrap_ca_publish_next(struct ca_home *h, int64_t *at, struct setpki_error *err)
{
	enum setpki_code rc = __real_ca_publish_next(h, at, err);

	if (revoke_then)
		(void)t_revoke(h, serial, 1);
	revoke_then = false;
	return rc;
}

static char home[1024], log_file[512];

static int
make_home(void **state)
{
	struct ca_home *h = t_demo_home("home", T_NOW);

	(void)state;
	t_gateway(h, 0, serial);
	snprintf(home, sizeof(home), "%s", h->dir);
	ca_home_close(h);
	return 0;
}

static int64_t
clock_now(void)
{
	return T_NOW;
}

static int64_t
log_now(void *arg)
{
	(void)arg;
	return T_NOW;
}

static pid_t
start(int front, int other)
{
	static unsigned count;
	pid_t pid;

	(void)t_ctx();
	snprintf(log_file, sizeof(log_file), "%s", scratch_path("log-%u", count++));
	assert_true((pid = fork()) >= 0);
	if (pid == 0) {
		struct ca_log log = {.fd = open(log_file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600),
		    .process = "publisher",
		    .now = log_now};
		struct ca_publisher_ask ask = {
		    .ctx = t_ctx(), .home = home, .log = &log, .clock = clock_now, .front = front};

		if (other >= 0)
			close(other);
		_exit(ca_publisher_run(&ask));
	}
	close(front);
	return pid;
}

static bool
logged(const char *text)
{
	setpki_bytes log = scratch_read(log_file);

	return memmem(log.p, log.n, text, strlen(text)) != NULL;
}

static int
end(pid_t pid)
{
	int st;

	assert_int_equal(waitpid(pid, &st, 0), pid);
	assert_true(WIFEXITED(st));
	return WEXITSTATUS(st);
}

static void
a_front_that_is_gone_is_the_end(void **state)
{
	int pair[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	close(pair[1]);
	assert_int_equal(end(start(pair[0], -1)), 0);
	assert_false(logged("level=error"));
}

/* What changes in the store while it publishes is looked at next, and not taken for seen. */
static void
what_changes_meanwhile_is_seen(void **state)
{
	int pair[2];
	pid_t pid;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	revoke_then = true;
	pid = start(pair[0], pair[1]);
	for (int i = 0; i < 2000 && (!scratch_exists(log_file) || !logged("event=\"CRL made\" ca=gateway")); i++)
		usleep(5000);
	assert_true(logged("event=\"CRL made\" ca=gateway generation=1 number=2"));
	close(pair[1]);
	assert_int_equal(end(pid), 0);
}

int
main(void)
{
	const struct CMUnitTest all[] = {
	    cmocka_unit_test(a_front_that_is_gone_is_the_end),
	    cmocka_unit_test(what_changes_meanwhile_is_seen),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(all, make_home, NULL);
}
