/* The main process once all are started: it waits for signals and for the end of what it started, and does no other
 * work. */
#include "ca/file/file.h"
#include "ca/service/daemon_inner.h"
#include "ca/service/notify.h"
#include "ca/service/sandbox.h"
#include "ca/service/stream.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#define BEGIN_MS 300000 /* for all to be ready: passphrases take their time */
#define SLACK_MS 10000	/* beyond the front's drain, for the others to end */
#define ABRUPT_MS 5000	/* when something has failed anyway */

enum setpki_code
ca_daemon_signals(struct ca_daemon *d, struct setpki_error *err)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGCHLD);
	if (sigprocmask(SIG_BLOCK, &set, NULL) == 0 &&
	    (d->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK)) >= 0)
		return SETPKI_E_OK;
	return sp_fail(err, SETPKI_E_IO, NULL, "signalfd: %s", strerror(errno));
}

/* --- processes --------------------------------------------------------------------------------- */

static size_t
alive(const struct ca_daemon *d)
{
	size_t n = 0;

	for (size_t i = 0; i < d->n; i++)
		n += d->v[i].pid != 0;
	return n;
}

static void
signal_all(const struct ca_daemon *d, int sig)
{
	for (size_t i = 0; i < d->n; i++)
		if (d->v[i].pid != 0)
			kill(d->v[i].pid, sig);
}

static void
log_end(const struct ca_daemon *d, const struct ca_process *p, int st)
{
	struct ca_log_line l;

	ca_log_begin(&l, &d->log, CA_LOG_ERROR, "process ended");
	ca_log_text(&l, "name", p->name);
	ca_log_number(&l, "pid", p->pid);
	if (WIFEXITED(st))
		ca_log_number(&l, "status", WEXITSTATUS(st));
	else
		ca_log_text(&l, "signal", sigabbrev_np(WTERMSIG(st)));
	ca_log_end(&l);
}

/* The front first: the others hear from it, by the end of their streams, that nothing comes any more. */
static void
stop(struct ca_daemon *d)
{
	if (d->stopping)
		return;
	d->stopping = true;
	ca_notify(d->notify, "STOPPING=1");
	ca_log_event(&d->log, CA_LOG_INFO, "ending");
	for (size_t i = 0; i < d->n; i++)
		if (d->v[i].pid != 0 && strcmp(d->v[i].name, "front") == 0)
			kill(d->v[i].pid, SIGTERM);
}

static void
reap(struct ca_daemon *d)
{
	pid_t pid;
	int st;

	while ((pid = waitpid(-1, &st, WNOHANG)) > 0)
		for (size_t i = 0; i < d->n; i++) {
			if (d->v[i].pid != pid)
				continue;
			if (!d->stopping || !WIFEXITED(st) || WEXITSTATUS(st) != 0) {
				log_end(d, &d->v[i], st);
				d->status = 3;
			}
			d->v[i].pid = 0;
		}
	if (d->status != 0)
		stop(d);
}

/* --- the policy -------------------------------------------------------------------------------- */

/* The spawner first: whoever takes the policy may ask for its programs at once. */
static void
take_policy(struct ca_daemon *d)
{
	const struct ca_daemon_ask *a = d->ask;
	struct setpki_error err = {0};
	struct ca_home *h = NULL;
	enum setpki_code rc = ca_home_open(a->ctx, a->home, CA_HOME_READ, NULL, a->clock(), &h, &err);

	ca_log_event(&d->log, CA_LOG_INFO, "the policy in force is taken anew");
	if (rc == SETPKI_E_OK && h->policy != NULL)
		rc = ca_daemon_name_programs(d, h->policy, &err);
	if (rc != SETPKI_E_OK)
		ca_log_error(&d->log, CA_LOG_ERROR, "programs not taken", &err);
	ca_home_close(h);
	signal_all(d, SIGHUP);
}

/* --- waiting ----------------------------------------------------------------------------------- */

static void
take_signals(struct ca_daemon *d)
{
	struct signalfd_siginfo info;

	while (read(d->signals, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		if (info.ssi_signo == SIGHUP)
			take_policy(d);
		else if (info.ssi_signo != SIGCHLD)
			stop(d);
	}
	reap(d);
}

/* Waits for a signal, or an octet from a process that is ready; false after `until`. */
static bool
wait_one(struct ca_daemon *d, int64_t until, size_t *ready)
{
	struct pollfd p[] = {{d->signals, POLLIN, 0}, {ready != NULL ? d->ready.v[0] : -1, POLLIN, 0}};
	int64_t left = until - ca_ticks();
	char octets[SP_SERVICE_WORKERS_MAX + 3];
	ssize_t n;

	if (until != INT64_MAX && left <= 0)
		return false;
	(void)poll(p, 2, until == INT64_MAX ? -1 : (int)left);
	take_signals(d);
	if (ready != NULL && p[1].revents != 0 && (n = read(d->ready.v[0], octets, sizeof(octets))) > 0)
		*ready += (size_t)n;
	return true;
}

static void
write_addresses(const struct ca_daemon *d)
{
	struct setpki_error err = {0};
	struct sp_buf text = {0};

	for (int admin = 0; admin < 2; admin++)
		for (size_t i = 0; i < d->listeners.n; i++)
			if (d->listeners.v[i].admin == (admin == 1))
				sp_buf_printf(&text, "%s%s\n", admin == 1 ? "admin " : "", d->listeners.v[i].text);
	if (ca_file_write(d->ask->port_file, sp_buf_bytes(&text), 0644, &err) != SETPKI_E_OK)
		ca_log_error(&d->log, CA_LOG_ERROR, "addresses not written", &err);
	sp_buf_free(&text);
}

static void
announce(const struct ca_daemon *d)
{
	struct ca_log_line l;

	for (size_t i = 0; i < d->listeners.n; i++) {
		ca_log_begin(&l, &d->log, CA_LOG_INFO, "listening");
		ca_log_text(&l, "address", d->listeners.v[i].text);
		ca_log_text(&l, "for", d->listeners.v[i].admin ? "admin" : "public");
		ca_log_end(&l);
	}
	if (d->ask->port_file != NULL)
		write_addresses(d);
	ca_log_begin(&l, &d->log, CA_LOG_INFO, "ready");
	ca_log_text(&l, "version", SETPKI_VERSION);
	ca_log_text(&l, "home", d->ask->home);
	ca_log_number(&l, "workers", d->ask->workers);
	ca_log_end(&l);
	ca_notify(d->notify, "READY=1");
}

/* All but the spawner say when they are ready. */
static void
wait_ready(struct ca_daemon *d)
{
	int64_t until = ca_ticks() + BEGIN_MS;
	size_t ready = 0;

	reap(d); /* who ended before its end could be heard */
	while (!d->stopping && ready < d->n - 1)
		if (!wait_one(d, until, &ready)) {
			ca_log_event(&d->log, CA_LOG_ERROR, "not every process was ready in time");
			d->status = 3;
			stop(d);
		}
	if (!d->stopping)
		announce(d);
}

static void
wait_end(struct ca_daemon *d)
{
	int64_t patience = d->status != 0 ? ABRUPT_MS : (int64_t)d->ask->limits.drain_s * 1000 + SLACK_MS;
	int64_t until = ca_ticks() + patience;

	while (alive(d) != 0)
		if (!wait_one(d, until, NULL)) {
			ca_log_event(&d->log, CA_LOG_ERROR, "processes that did not end were killed");
			d->status = 3;
			signal_all(d, SIGKILL);
			until = INT64_MAX;
		}
}

int
ca_daemon_supervise(struct ca_daemon *d)
{
	struct setpki_error err = {0};

	if (ca_sandbox_enter(CA_SANDBOX_MAIN, 0, &d->log, &err) != SETPKI_E_OK)
		ca_log_error(&d->log, CA_LOG_WARNING, "main gives up nothing", &err);
	wait_ready(d);
	while (!d->stopping)
		(void)wait_one(d, INT64_MAX, NULL);
	wait_end(d);
	ca_log_event(&d->log, CA_LOG_INFO, "ended");
	return d->status;
}

void
ca_daemon_abandon(struct ca_daemon *d)
{
	signal_all(d, SIGKILL);
	for (size_t i = 0; i < d->n; i++)
		while (d->v[i].pid > 0 && waitpid(d->v[i].pid, NULL, 0) < 0 && errno == EINTR)
			;
}
