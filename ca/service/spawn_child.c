/* One program: starting it with nothing of ours, and what is between us and it. */
#include "ca/service/spawn_inner.h"
#include "lib/base/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* In the child: three descriptors, one word of environment, a group of its own; it ends with whoever started it. */
static _Noreturn void
become(const char *path, int in, int out, pid_t parent)
{
	char *const argv[] = {(char *)(uintptr_t)path, NULL};
	char *const env[] = {(char *)(uintptr_t) "PATH=/usr/bin:/bin", NULL};
	struct rlimit none = {0, 0};
	sigset_t blocked;
	int null = open("/dev/null", O_WRONLY);

	for (int sig = 1; sig < NSIG; sig++)
		signal(sig, SIG_DFL);
	sigemptyset(&blocked);
	(void)sigprocmask(SIG_SETMASK, &blocked, NULL);
	prctl(PR_SET_PDEATHSIG, SIGKILL); /* nobody would wait for it */
	if (getppid() != parent)
		_exit(126);
	if (null < 0 || setpgid(0, 0) != 0 || setrlimit(RLIMIT_CORE, &none) != 0 || chdir("/") != 0 ||
	    dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(null, 2) < 0 || close_range(3, ~0u, 0) != 0)
		_exit(126);
	execve(path, argv, env);
	_exit(127);
}

static bool
start(struct ca_child *c, const char *path, int in, int out)
{
	pid_t parent = getpid();

	c->pid = fork();
	if (c->pid == 0)
		become(path, in, out, parent);
	if (c->pid < 0)
		return false;
	(void)setpgid(c->pid, c->pid); /* both sides: whoever is first */
	c->pidfd = pidfd_open(c->pid, 0);
	return c->pidfd >= 0;
}

static void
close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

bool
ca_child_start(struct ca_child *c, const struct ca_check *check)
{
	int in[2] = {-1, -1}, out[2] = {-1, -1};
	bool ok;

	*c = (struct ca_child){
	    .pidfd = -1, .in = -1, .out = -1, .input = {.secret = true}, .verdict = {.output = {.secret = true}}};
	memcpy(c->verdict.tag, check->tag, CA_CHECK_TAG);
	sp_buf_add_bytes(&c->input, check->input);
	c->deadline = ca_ticks() + check->seconds * 1000;
	ok = !c->input.failed && access(check->path, X_OK) == 0 && pipe2(in, O_CLOEXEC) == 0 &&
	    pipe2(out, O_CLOEXEC) == 0 && start(c, check->path, in[0], out[1]);
	c->in = in[1];
	c->out = out[0];
	close_fd(&in[0]);
	close_fd(&out[1]);
	if (ok && fcntl(c->in, F_SETFL, O_NONBLOCK) == 0 && fcntl(c->out, F_SETFL, O_NONBLOCK) == 0)
		return true;
	ca_child_end(c, CA_CHECK_FAILED);
	return false;
}

static void
give(struct ca_child *c)
{
	ssize_t n = write(c->in, c->input.p + c->given, c->input.n - c->given);

	if (n > 0)
		c->given += (size_t)n;
	/* A program need not read what it does not want. */
	if (c->given == c->input.n || (n < 0 && errno != EAGAIN && errno != EINTR)) {
		close_fd(&c->in);
		sp_buf_free(&c->input);
	}
}

static bool
hear(struct ca_child *c)
{
	uint8_t piece[2048];
	ssize_t n = read(c->out, piece, sizeof(piece));

	if (n == 0)
		close_fd(&c->out);
	if (n > 0)
		sp_buf_add(&c->verdict.output, piece, (size_t)n);
	OPENSSL_cleanse(piece, sizeof(piece));
	return !c->verdict.output.failed && c->verdict.output.n <= SP_CHECK_OUTPUT_MAX;
}

bool
ca_child_serve(struct ca_child *c, bool writable, bool readable)
{
	if (writable && c->in >= 0)
		give(c);
	return !readable || c->out < 0 || hear(c);
}

void
ca_child_end(struct ca_child *c, enum ca_check_end end)
{
	int st = 0;

	if (c->pid > 0) {
		kill(-c->pid, SIGKILL);
		if (end != CA_CHECK_DONE)
			kill(c->pid, SIGKILL);
		while (waitpid(c->pid, &st, 0) < 0 && errno == EINTR)
			;
	}
	c->pid = 0;
	while (end == CA_CHECK_DONE && c->out >= 0) {
		size_t before = c->verdict.output.n;

		if (!hear(c))
			end = CA_CHECK_FAILED;
		else if (c->verdict.output.n == before)
			close_fd(&c->out); /* a grandchild may hold the other end */
	}
	if (end == CA_CHECK_DONE && !WIFEXITED(st))
		end = CA_CHECK_FAILED;
	c->verdict.end = end;
	c->verdict.status = end == CA_CHECK_DONE ? WEXITSTATUS(st) : 0;
	if (end != CA_CHECK_DONE)
		sp_buf_free(&c->verdict.output);
}

void
ca_child_free(struct ca_child *c)
{
	close_fd(&c->pidfd);
	close_fd(&c->in);
	close_fd(&c->out);
	sp_buf_free(&c->input);
	ca_verdict_free(&c->verdict);
	*c = (struct ca_child){.pidfd = -1, .in = -1, .out = -1};
}
