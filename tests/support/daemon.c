#include "tests/support/daemon.h"

#include "tests/support/check.h"
#include "tests/support/cli.h"
#include "tests/support/http.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define READY_MS 60000
#define END_MS 60000

static void
nap(void)
{
	usleep(5000);
}

static void
show_log(const struct t_daemon *d)
{
	char *text = cli_slurp(d->log, NULL);

	print_error("--- %s\n%s---\n", d->log, text != NULL ? text : "");
	free(text);
}

static void
spawn(struct t_daemon *d, const char *line)
{
	static unsigned count;
	int fd;

	memset(d, 0, sizeof(*d));
	snprintf(d->log, sizeof(d->log), "setcad-%u.log", count++);
	unlink("ports");
	assert_true((d->pid = fork()) >= 0);
	if (d->pid != 0)
		return;
	fd = open(d->log, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (setsid() < 0 || fd < 0 || dup2(fd, 2) < 0 || dup2(fd, 1) < 0)
		_exit(126);
	execl("/bin/sh", "sh", "-c", line, (char *)NULL);
	_exit(127);
}

void
t_daemon_spawn(struct t_daemon *d, const char *fmt, ...)
{
	char line[4096];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	spawn(d, line);
}

/* The first line that begins so, without that. */
static bool
address_of(const char *ports, const char *begins, char out[128])
{
	size_t n = strlen(begins);

	for (const char *line = ports; *line != '\0'; line = strchr(line, '\n') + 1)
		if (strncmp(line, begins, n) == 0) {
			snprintf(out, 128, "%.*s", (int)(strcspn(line, "\n") - n), line + n);
			return true;
		}
	return false;
}

static void
wait_ready(struct t_daemon *d)
{
	char *ports = NULL;
	int st;

	for (int i = 0; ports == NULL && i < READY_MS / 5; i++) {
		ports = cli_slurp("ports", NULL);
		if (ports == NULL && waitpid(d->pid, &st, WNOHANG) == d->pid)
			break;
		nap();
	}
	if (ports == NULL) {
		show_log(d);
		fail_msg("setcad was not ready");
	}
	(void)address_of(ports, "admin ", d->admin);
	assert_true(address_of(ports, "", d->http));
	free(ports);
}

void
t_daemon_start(struct t_daemon *d, const char *fmt, ...)
{
	char line[4096], options[3072];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(options, sizeof(options), fmt, ap);
	va_end(ap);
	snprintf(
	    line, sizeof(line), "exec setcad --listen 127.0.0.1:0 --admin 127.0.0.1:0 --port-file ports %s", options);
	spawn(d, line);
	wait_ready(d);
}

int
t_daemon_end(struct t_daemon *d, int sig)
{
	int st = 0;
	pid_t pid = 0;

	if (sig != 0)
		kill(d->pid, sig);
	for (int i = 0; pid == 0 && i < END_MS / 5; i++) {
		if ((pid = waitpid(d->pid, &st, WNOHANG)) == 0)
			nap();
	}
	if (pid != d->pid) {
		kill(d->pid, SIGKILL);
		(void)waitpid(d->pid, &st, 0);
		show_log(d);
		fail_msg("setcad did not end");
	}
	return WIFEXITED(st) ? WEXITSTATUS(st) : 128 + WTERMSIG(st);
}

/* Its processes hold the lock, and end when the front has; who is gone may be a zombie for a while. */
void
t_daemon_kill(struct t_daemon *d)
{
	int fd = open("setca-home/run/setcad.lock", O_RDWR | O_CLOEXEC), r = -1;

	assert_true(fd >= 0);
	assert_int_equal(t_daemon_end(d, SIGKILL), 128 + SIGKILL);
	for (int i = 0; (r = flock(fd, LOCK_EX | LOCK_NB)) != 0 && i < END_MS / 5; i++)
		nap();
	assert_int_equal(r, 0);
	close(fd);
}

bool
t_daemon_logged(const struct t_daemon *d, const char *text)
{
	for (int i = 0; i < 2000; i++) {
		char *log = cli_slurp(d->log, NULL);
		bool found = log != NULL && strstr(log, text) != NULL;

		free(log);
		if (found)
			return true;
		nap();
	}
	show_log(d);
	return false;
}

pid_t
t_daemon_child(const struct t_daemon *d, unsigned i)
{
	char path[128], *text, *at;
	long pid = 0;

	snprintf(path, sizeof(path), "/proc/%ld/task/%ld/children", (long)d->pid, (long)d->pid);
	text = cli_slurp(path, NULL);
	if (text == NULL)
		return 0;
	at = text;
	for (unsigned k = 0; k <= i && *at != '\0'; k++)
		pid = strtol(at, &at, 10), at += strspn(at, " ");
	free(text);
	return (pid_t)pid;
}

double
t_daemon_figure(const struct t_daemon *d, const char *name)
{
	return http_figure(d->admin, name);
}

long
t_resident(pid_t pid)
{
	char path[64], *text;
	const char *at;
	long kb;

	snprintf(path, sizeof(path), "/proc/%ld/status", (long)pid);
	text = cli_slurp(path, NULL);
	assert_non_null(text);
	at = strstr(text, "VmRSS:");
	kb = at != NULL ? strtol(at + 6, NULL, 10) : 0;
	free(text);
	return kb;
}
