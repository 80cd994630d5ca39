/* What each process is made of: which descriptors it keeps, what it gives up, what it runs. */
#include "ca/service/daemon_inner.h"
#include "ca/service/memory.h"
#include "ca/service/programs.h"
#include "ca/service/publisher.h"
#include "ca/service/sandbox.h"
#include "ca/service/spawn.h"
#include "ca/service/worker.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#define FRONT_FILES 64u /* standard ones, listeners, the loop's, what comes from the publisher */
#define ADMIN_FILES 16u

void
ca_pair_close(struct ca_pair *p)
{
	for (int i = 0; i < 2; i++) {
		if (p->v[i] >= 0)
			close(p->v[i]);
		p->v[i] = -1;
	}
}

unsigned
ca_daemon_front_files(const struct ca_daemon_ask *ask)
{
	return FRONT_FILES + ADMIN_FILES + ask->workers;
}

/* --- forking ----------------------------------------------------------------------------------- */

/* A session of its own: what is typed at the terminal goes to the main process alone, and nothing here can ask there.
 * SIGTERM is the front's; the others end when those before them have.  SIGHUP waits until whoever wants it reads it. */
static void
detach(int sigterm)
{
	static const int ignored[] = {SIGINT, SIGQUIT, SIGTERM, SIGPIPE};
	sigset_t hup;

	for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		signal(ignored[i], SIG_IGN);
	if (sigterm != 0) {
		signal(SIGTERM, SIG_DFL);
		prctl(PR_SET_PDEATHSIG, SIGTERM);
	}
	signal(SIGHUP, SIG_DFL);
	sigemptyset(&hup);
	sigaddset(&hup, SIGHUP);
	sigprocmask(SIG_SETMASK, &hup, NULL);
	setsid();
}

/* True in the child. */
static bool
start(struct ca_daemon *d, const char *name, bool front, enum setpki_code *rc, struct setpki_error *err)
{
	struct ca_process *p = &d->v[d->n];
	pid_t parent = getpid();

	*rc = SETPKI_E_OK;
	fflush(NULL);
	snprintf(p->name, sizeof(p->name), "%s", name);
	p->pid = fork();
	if (p->pid < 0) {
		p->pid = 0;
		*rc = sp_fail(err, SETPKI_E_IO, NULL, "fork: %s", strerror(errno));
		return false;
	}
	if (p->pid > 0) {
		d->n++;
		return false;
	}
	detach(front ? SIGTERM : 0);
	if (front && getppid() != parent)
		exit(3);
	d->log.process = p->name;
	return true;
}

static _Noreturn void
cannot_begin(const struct ca_daemon *d, const struct setpki_error *err)
{
	ca_log_error(&d->log, CA_LOG_ERROR, "process cannot begin", err);
	exit(3);
}

static void
keep_only(const struct ca_daemon *d, const int *keep, size_t n)
{
	struct setpki_error err = {0};

	if (ca_sandbox_descriptors(keep, n, &err) != SETPKI_E_OK)
		cannot_begin(d, &err);
}

static void
give_up(const struct ca_daemon *d, enum ca_sandbox kind)
{
	struct setpki_error err = {0};

	if (ca_sandbox_enter(kind, 0, &d->log, &err) != SETPKI_E_OK)
		cannot_begin(d, &err);
}

/* Passphrases came with the fork. */
static void
lock_secrets(const struct ca_daemon *d)
{
	struct ca_log_line l;

	if (ca_memory_lock())
		return;
	ca_log_begin(&l, &d->log, CA_LOG_WARNING, "secrets may go to swap");
	ca_log_text(&l, "cause", strerror(errno));
	ca_log_end(&l);
}

/* Once, then the descriptor is of no more use. */
static void
tell_ready(void *arg)
{
	struct ca_daemon *d = arg;

	(void)!write(d->ready.v[1], "R", 1);
	close(d->ready.v[1]);
}

/* --- those that must not know the home ----------------------------------------------------------- */

/* Its loop is open then: it opens nothing any more. */
static enum setpki_code
shut_front(void *arg, struct setpki_error *err)
{
	const struct ca_daemon *d = arg;
	unsigned files = d->ask->limits.connections + ca_daemon_front_files(d->ask);

	return ca_sandbox_enter(CA_SANDBOX_FRONT, files, &d->log, err);
}

static _Noreturn void
run_front(struct ca_daemon *d)
{
	int keep[2 + SP_SERVICE_WORKERS_MAX + CA_LISTENERS_MAX], streams[SP_SERVICE_WORKERS_MAX];
	struct ca_front_ask ask = {.ctx = d->ask->ctx,
	    .log_fd = d->log.fd,
	    .json = d->log.json,
	    .listeners = &d->listeners,
	    .workers = streams,
	    .nworkers = d->ask->workers,
	    .feed = d->feed.v[1],
	    .limits = d->ask->limits,
	    .now = d->ask->clock(),
	    .shut = shut_front,
	    .ready = tell_ready,
	    .arg = d};
	size_t n = 0;

	keep[n++] = d->feed.v[1];
	keep[n++] = d->ready.v[1];
	for (unsigned i = 0; i < d->ask->workers; i++)
		keep[n++] = streams[i] = d->streams[i].v[0];
	for (size_t i = 0; i < d->listeners.n; i++)
		keep[n++] = d->listeners.v[i].fd;
	keep_only(d, keep, n);
	exit(ca_front_run(&ask));
}

enum setpki_code
ca_daemon_front(struct ca_daemon *d, struct setpki_error *err)
{
	enum setpki_code rc;

	if (start(d, "front", true, &rc, err))
		run_front(d);
	return rc;
}

static _Noreturn void
run_spawner(struct ca_daemon *d)
{
	int keep[SP_SERVICE_WORKERS_MAX + 1];
	unsigned n = d->ask->workers;

	for (unsigned i = 0; i < n; i++)
		keep[i] = d->checks[i].v[1];
	keep[n] = d->names.v[1];
	keep_only(d, keep, n + 1);
	give_up(d, CA_SANDBOX_SPAWNER);
	exit(ca_spawner_run(keep, n, d->names.v[1], &d->log));
}

enum setpki_code
ca_daemon_spawner(struct ca_daemon *d, struct setpki_error *err)
{
	enum setpki_code rc;

	if (start(d, "spawner", false, &rc, err))
		run_spawner(d);
	return rc;
}

enum setpki_code
ca_daemon_name_programs(struct ca_daemon *d, const struct ca_policy *policy, struct setpki_error *err)
{
	struct sp_buf contents = {0}, frame = {0};
	enum setpki_code rc;

	ca_programs_put(policy, &contents);
	ca_frame_put(&frame, CA_FRAME_PROGRAMS, 0, sp_buf_bytes(&contents));
	rc = frame.failed ? sp_fail_memory(err) : ca_frame_send(d->names.v[0], sp_buf_bytes(&frame), err);
	sp_buf_free(&contents);
	sp_buf_free(&frame);
	return rc;
}

/* --- those that work in it ----------------------------------------------------------------------- */

static _Noreturn void
run_worker(struct ca_daemon *d, unsigned i)
{
	const int keep[] = {d->streams[i].v[1], d->checks[i].v[0], d->ready.v[1], d->lock};
	struct ca_worker_ask ask = {.authority = {.ctx = d->ask->ctx,
					.home = d->ask->home,
					.pass = ca_keyring_passphrase(d->keys),
					.log = &d->log,
					.spawner = d->checks[i].v[0],
					.now = d->ask->clock()},
	    .front = d->streams[i].v[1],
	    .clock = d->ask->clock,
	    .ready = tell_ready,
	    .arg = d};

	keep_only(d, keep, sizeof(keep) / sizeof(keep[0]));
	lock_secrets(d);
	give_up(d, CA_SANDBOX_AUTHORITY);
	exit(ca_worker_run(&ask));
}

enum setpki_code
ca_daemon_worker(struct ca_daemon *d, unsigned i, struct setpki_error *err)
{
	char name[16];
	enum setpki_code rc;

	snprintf(name, sizeof(name), "worker %u", i % SP_SERVICE_WORKERS_MAX + 1);
	if (start(d, name, false, &rc, err))
		run_worker(d, i);
	return rc;
}

static _Noreturn void
run_publisher(struct ca_daemon *d)
{
	const int keep[] = {d->feed.v[0], d->ready.v[1], d->lock};
	struct ca_publisher_ask ask = {.ctx = d->ask->ctx,
	    .home = d->ask->home,
	    .pass = ca_keyring_passphrase(d->keys),
	    .no_key = ca_keyring_is_useless(d->keys),
	    .log = &d->log,
	    .clock = d->ask->clock,
	    .front = d->feed.v[0],
	    .ready = tell_ready,
	    .arg = d};

	keep_only(d, keep, sizeof(keep) / sizeof(keep[0]));
	lock_secrets(d);
	give_up(d, CA_SANDBOX_AUTHORITY);
	exit(ca_publisher_run(&ask));
}

enum setpki_code
ca_daemon_publisher(struct ca_daemon *d, struct setpki_error *err)
{
	enum setpki_code rc;

	if (start(d, "publisher", false, &rc, err))
		run_publisher(d);
	return rc;
}
