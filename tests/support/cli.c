/* Running the real programs. */
#include "tests/support/cli.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* what cmocka.h wants before it */
#include <setjmp.h>
#include <stddef.h>

#include <cmocka.h>

/* The top of the tree, absolute, whatever folder a test has entered. */
static const char *
top(void)
{
	const char *t = getenv("TEST_TOP");

	if (t == NULL)
		fail_msg("TEST_TOP is not set: run by 'make test'");
	return t;
}

static void
write_text(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	if (f == NULL || fputs(text, f) < 0 || fclose(f) != 0)
		fail_msg("cannot write %s: %s", path, strerror(errno));
}

void
cli_clock(const char *time)
{
	char line[64];

	snprintf(line, sizeof(line), "%s\n", time);
	write_text(getenv("TEST_CLOCK"), line);
}

/* PATH with test-bin in front, once. */
static void
set_path(void)
{
	const char *build = getenv("BUILD"), *path = getenv("PATH");
	char bin[4096], all[16384];

	snprintf(bin, sizeof(bin), "%s%s%s/test-bin", build[0] == '/' ? "" : top(), build[0] == '/' ? "" : "/", build);
	if (strncmp(path, bin, strlen(bin)) == 0)
		return;
	snprintf(all, sizeof(all), "%s:%s", bin, path);
	setenv("PATH", all, 1);
}

void
cli_enter(const char *name)
{
	char path[4096], target[4096];

	set_path();
	snprintf(path, sizeof(path), "%s/%s", getenv("TEST_SCRATCH"), name);
	if ((mkdir(path, 0755) != 0 && errno != EEXIST) || chdir(path) != 0)
		fail_msg("cannot enter %s: %s", path, strerror(errno));
	snprintf(target, sizeof(target), "%s/policies", top());
	if (symlink(target, "policies") != 0 && errno != EEXIST)
		fail_msg("cannot link policies: %s", strerror(errno));
	strncat(path, "/clock", sizeof(path) - strlen(path) - 1);
	setenv("TEST_CLOCK", path, 1);
	unsetenv("SETCA_HOME");
	unsetenv("CREDENTIALS_DIRECTORY");
	cli_clock(CLI_NOW);
}

/* --- running --- */

/* What comes out of one pipe. */
struct stream {
	int fd;
	char *p;
	size_t n, cap;
};

static bool
drain(struct stream *s)
{
	ssize_t got;

	if (s->n + 4096 > s->cap) {
		s->cap = s->cap == 0 ? 16384 : 2 * s->cap;
		if ((s->p = realloc(s->p, s->cap + 1)) == NULL)
			abort();
	}
	if ((got = read(s->fd, s->p + s->n, s->cap - s->n)) <= 0) {
		close(s->fd);
		s->fd = -1;
		return false;
	}
	s->n += (size_t)got;
	return true;
}

static void
drain_both(struct stream *out, struct stream *err)
{
	struct pollfd p[2];

	while (out->fd >= 0 || err->fd >= 0) {
		p[0] = (struct pollfd){out->fd, POLLIN, 0};
		p[1] = (struct pollfd){err->fd, POLLIN, 0};
		if (poll(p, 2, -1) < 0 && errno != EINTR)
			abort();
		if (out->fd >= 0 && p[0].revents != 0)
			drain(out);
		if (err->fd >= 0 && p[1].revents != 0)
			drain(err);
	}
	if (out->p != NULL)
		out->p[out->n] = '\0';
	if (err->p != NULL)
		err->p[err->n] = '\0';
}

/* A session of its own has no terminal to ask at. */
static void
child(const char *line, int out, int err)
{
	int null = open("/dev/null", O_RDONLY);

	if (setsid() < 0 || null < 0 || dup2(null, 0) < 0 || dup2(out, 1) < 0 || dup2(err, 2) < 0)
		_exit(126);
	execl("/bin/sh", "sh", "-c", line, (char *)NULL);
	_exit(127);
}

static void
run_line(struct cli_result *r, const char *line)
{
	struct stream out = {.fd = -1}, err = {.fd = -1};
	int po[2], pe[2], st;
	pid_t pid = -1;

	if (pipe2(po, O_CLOEXEC) != 0 || pipe2(pe, O_CLOEXEC) != 0 || (pid = fork()) < 0)
		fail_msg("cannot run %s: %s", line, strerror(errno));
	if (pid == 0)
		child(line, po[1], pe[1]);
	close(po[1]);
	close(pe[1]);
	out.fd = po[0];
	err.fd = pe[0];
	drain_both(&out, &err);
	while (waitpid(pid, &st, 0) < 0 && errno == EINTR)
		;
	r->status = WIFEXITED(st) ? WEXITSTATUS(st) : 128 + WTERMSIG(st);
	r->out = out.p;
	r->nout = out.n;
	r->err = err.p;
	r->nerr = err.n;
}

void
cli_run(struct cli_result *r, const char *fmt, ...)
{
	char line[16384];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	run_line(r, line);
}

void
cli_free(struct cli_result *r)
{
	free(r->out);
	free(r->err);
	memset(r, 0, sizeof(*r));
}

static void
show_failure(const char *line, const struct cli_result *r, const char *wanted)
{
	fail_msg("%s\nwanted %s, got status %d\n--- standard output\n%s--- standard error\n%s", line, wanted, r->status,
	    r->out, r->err);
}

static char *
expect_line(int status, const char *line)
{
	struct cli_result r;
	char wanted[32], *out;

	run_line(&r, line);
	snprintf(wanted, sizeof(wanted), "status %d", status);
	if (r.status != status)
		show_failure(line, &r, wanted);
	out = r.out;
	r.out = NULL;
	cli_free(&r);
	return out;
}

char *
cli_expect(int status, const char *fmt, ...)
{
	char line[16384];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	return expect_line(status, line);
}

void
cli_ok(const char *fmt, ...)
{
	char line[16384];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	free(expect_line(0, line));
}

void
cli_refused(int status, const char *text, const char *fmt, ...)
{
	struct cli_result r;
	char line[16384], wanted[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	run_line(&r, line);
	snprintf(wanted, sizeof(wanted), "status %d and '%s' on standard error", status, text);
	if (r.status != status || strstr(r.err, text) == NULL)
		show_failure(line, &r, wanted);
	cli_free(&r);
}

/* --- golden output --- */

char *
cli_slurp(const char *path, size_t *n)
{
	struct stream s = {.fd = open(path, O_RDONLY | O_CLOEXEC)};

	if (s.fd < 0)
		return NULL;
	while (drain(&s))
		;
	s.p[s.n] = '\0';
	if (n != NULL)
		*n = s.n;
	return s.p;
}

int
cli_have(const char *program)
{
	char line[256];

	snprintf(line, sizeof(line), "command -v %s >/dev/null 2>&1", program);
	if (system(line) == 0)
		return 1;
	print_message("notice: %s is not installed; what it would read is not checked\n", program);
	return 0;
}

/* How many characters at `p` are one hex number, if it is long enough to be a serial, thumb or hash. */
static size_t
hex_run(const char *p)
{
	size_t n = 0;

	while (isxdigit((unsigned char)p[n]) && !isupper((unsigned char)p[n]))
		n++;
	return n >= 32 ? n : 0;
}

/* Serials and hashes become HEX; everything else is the same in each run. */
static char *
normalise(const char *text)
{
	char *out = malloc(strlen(text) + 1), *to = out;
	size_t n;

	if (out == NULL)
		abort();
	while (*text != '\0') {
		if ((n = hex_run(text)) == 0) {
			*to++ = *text++;
			continue;
		}
		memcpy(to, "HEX", 3);
		to += 3;
		text += n;
	}
	*to = '\0';
	return out;
}

void
cli_golden(const char *name, const char *text)
{
	char path[4096], *have, *want;

	snprintf(path, sizeof(path), "%s/tests/vectors/cli/%s.txt", top(), name);
	have = normalise(text);
	if (getenv("UPDATE_GOLDEN") != NULL)
		write_text(path, have);
	if ((want = cli_slurp(path, NULL)) == NULL)
		fail_msg("%s is missing; UPDATE_GOLDEN=1 writes it", path);
	if (strcmp(have, want) != 0)
		fail_msg(
		    "differs from %s (UPDATE_GOLDEN=1 writes it anew):\n--- wanted\n%s--- got\n%s", path, want, have);
	free(have);
	free(want);
}
