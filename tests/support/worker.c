#include "tests/support/worker.h"

#include "ca/service/worker.h"
#include "tests/support/home.h"
#include "tests/support/scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static int64_t the_time;

static int64_t
clock_now(void)
{
	return the_time;
}

static int64_t
log_now(void *arg)
{
	(void)arg;
	return the_time;
}

static void
tell_ready(void *arg)
{
	const int *fd = arg;

	if (write(*fd, "R", 1) != 1)
		_exit(99);
}

static _Noreturn void
child(const char *home, int front, int ready, const char *path)
{
	struct ca_log log = {
	    .fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600), .process = "worker 1", .now = log_now};
	struct ca_worker_ask ask = {
	    .authority = {.ctx = t_ctx(), .home = home, .log = &log, .spawner = -1, .now = the_time},
	    .front = front,
	    .clock = clock_now,
	    .ready = tell_ready,
	    .arg = &ready};

	_exit(ca_worker_run(&ask));
}

void
t_worker_start(struct t_worker *w, const char *home, int64_t now)
{
	static unsigned count;
	int fds[2], ready[2];
	char c;

	the_time = now;
	(void)t_ctx();
	snprintf(w->log, sizeof(w->log), "%s", scratch_path("worker-%u.log", count++));
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	w->to = (struct ca_stream){.fd = fds[0]};
	assert_true((w->pid = fork()) >= 0);
	if (w->pid == 0) {
		close(fds[0]);
		close(ready[0]);
		child(home, fds[1], ready[1], w->log);
	}
	close(fds[1]);
	close(ready[1]);
	assert_int_equal(read(ready[0], &c, 1), 1);
	close(ready[0]);
}

void
t_worker_say(struct t_worker *w, setpki_bytes octets)
{
	(void)!send(w->to.fd, octets.p, octets.n, MSG_NOSIGNAL);
}

void
t_worker_ask(struct t_worker *w, uint32_t id, setpki_bytes wrapper)
{
	struct sp_buf b = {0};

	ca_frame_put(&b, CA_FRAME_REQUEST, id, wrapper);
	assert_false(b.failed);
	t_worker_say(w, sp_buf_bytes(&b));
	sp_buf_free(&b);
}

bool
t_worker_hear(struct t_worker *w, struct ca_frame *f)
{
	struct setpki_error err = {0};
	bool got = false, end = false;

	for (;;) {
		t_ok(ca_stream_take(&w->to, CA_FRAME_BIT(CA_FRAME_ANSWER), f, &got, &err), &err);
		if (got)
			return true;
		t_ok(ca_stream_fill(&w->to, &end, &err), &err);
		if (end)
			return false;
	}
}

int
t_worker_end(struct t_worker *w)
{
	int st;

	ca_stream_free(&w->to);
	while (waitpid(w->pid, &st, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(st) ? WEXITSTATUS(st) : 128 + WTERMSIG(st);
}

bool
t_worker_logged(const struct t_worker *w, const char *text)
{
	setpki_bytes log = scratch_read(w->log);
	char *copy = strndup((const char *)log.p, log.n);
	bool found = copy != NULL && strstr(copy, text) != NULL;

	if (!found)
		print_message("log: %s\n", copy);
	free(copy);
	return found;
}
