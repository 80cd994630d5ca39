/* How the daemon begins, in this order: the lock, the sockets, the processes that must not know the home, the home, the
 * processes that work in it. */
#include "ca/issue/issue.h"
#include "ca/service/daemon_inner.h"
#include "ca/service/notify.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

static int64_t
log_now(void *arg)
{
	const struct ca_daemon *d = arg;

	return d->ask->clock();
}

static void
close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* --- sockets ----------------------------------------------------------------------------------- */

static enum setpki_code
open_listeners(struct ca_daemon *d, struct setpki_error *err)
{
	const struct ca_daemon_ask *a = d->ask;
	enum setpki_code rc = ca_listen_activated(&d->listeners, err);

	for (size_t i = 0; rc == SETPKI_E_OK && i < a->nlisten; i++)
		rc = ca_listen_add(&d->listeners, a->listen[i], false, err);
	if (rc == SETPKI_E_OK && !ca_listen_has(&d->listeners, false))
		rc = ca_listen_add(&d->listeners, a->listen_default, false, err);
	if (rc == SETPKI_E_OK && a->admin != NULL)
		rc = ca_listen_add(&d->listeners, a->admin, true, err);
	return rc;
}

static enum setpki_code
open_pair(struct ca_pair *p, int type, struct setpki_error *err)
{
	if (socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, p->v) == 0)
		return SETPKI_E_OK;
	return sp_fail(err, SETPKI_E_IO, NULL, "socketpair: %s", strerror(errno));
}

static enum setpki_code
open_pairs(struct ca_daemon *d, struct setpki_error *err)
{
	enum setpki_code rc = open_pair(&d->feed, SOCK_SEQPACKET, err);

	for (unsigned i = 0; rc == SETPKI_E_OK && i < d->ask->workers; i++)
		if ((rc = open_pair(&d->streams[i], SOCK_STREAM, err)) == SETPKI_E_OK)
			rc = open_pair(&d->checks[i], SOCK_STREAM, err);
	if (rc == SETPKI_E_OK)
		rc = open_pair(&d->names, SOCK_STREAM, err);
	if (rc == SETPKI_E_OK && pipe2(d->ready.v, O_CLOEXEC) != 0)
		rc = sp_fail(err, SETPKI_E_IO, NULL, "pipe: %s", strerror(errno));
	return rc;
}

/* The main process keeps none of them but its own: who closes an end is heard at the other. */
static void
close_pairs(struct ca_daemon *d)
{
	ca_pair_close(&d->feed);
	for (unsigned i = 0; i < SP_SERVICE_WORKERS_MAX; i++) {
		ca_pair_close(&d->streams[i]);
		ca_pair_close(&d->checks[i]);
	}
	close_fd(&d->names.v[1]);
}

static enum setpki_code
check_limits(const struct ca_daemon_ask *a, struct setpki_error *err)
{
	unsigned need = a->limits.connections + ca_daemon_front_files(a);
	struct rlimit l;

	if (getrlimit(RLIMIT_NOFILE, &l) == 0 && l.rlim_max < need)
		return sp_fail(err, SETPKI_E_ARGUMENT, NULL,
		    "%u connections need %u descriptors, and this process may have %llu: lower --connections or raise "
		    "LimitNOFILE",
		    a->limits.connections, need, (unsigned long long)l.rlim_max);
	return SETPKI_E_OK;
}

/* --- the home ---------------------------------------------------------------------------------- */

static enum setpki_code
look_at_home(struct ca_daemon *d, struct ca_home *h, struct setpki_error *err)
{
	struct ca_log_line l;
	size_t settled = 0;
	enum setpki_code rc;

	if (h->policy == NULL)
		return sp_fail(
		    err, SETPKI_E_STATE, NULL, "no policy is in force in %s: run 'setca init POLICY'", h->dir);
	if (h->policy->suite == SETPKI_SUITE_CLASSIC)
		ca_log_event(&d->log, CA_LOG_WARNING,
		    "the classic suite uses SHA-1, DES and short RSA keys, which are too weak to protect anything "
		    "today");
	if ((rc = ca_issue_settle(h, &settled, err)) != SETPKI_E_OK)
		return rc;
	if (settled != 0) {
		ca_log_begin(&l, &d->log, CA_LOG_WARNING, "settled what an interrupted run left");
		ca_log_number(&l, "serials_burnt", (int64_t)settled);
		ca_log_end(&l);
	}
	if ((rc = ca_daemon_name_programs(d, h->policy, err)) != SETPKI_E_OK)
		return rc;
	return ca_keyring_try(d->keys, h, &d->log, err);
}

/* Opened and closed again: each process opens it for itself. */
static enum setpki_code
visit_home(struct ca_daemon *d, struct setpki_error *err)
{
	const struct ca_daemon_ask *a = d->ask;
	struct ca_passphrase source = {.ask = NULL}, pass;
	struct ca_home *h = NULL;
	enum setpki_code rc = a->passphrase(a->arg, &source, err);

	if (rc != SETPKI_E_OK)
		return rc;
	if ((d->keys = ca_keyring_new(&source)) == NULL)
		return sp_fail_memory(err);
	pass = ca_keyring_passphrase(d->keys);
	if ((rc = ca_home_open(a->ctx, a->home, CA_HOME_WRITE, &pass, a->clock(), &h, err)) == SETPKI_E_OK)
		rc = look_at_home(d, h, err);
	ca_home_close(h);
	return rc;
}

/* --- beginning --------------------------------------------------------------------------------- */

static enum setpki_code
begin(struct ca_daemon *d, struct setpki_error *err)
{
	enum setpki_code rc;

	if ((rc = check_limits(d->ask, err)) != SETPKI_E_OK ||
	    (rc = ca_home_lock_unopened(d->ask->home, CA_LOCK_NAME, &d->lock, err)) != SETPKI_E_OK ||
	    (rc = open_listeners(d, err)) != SETPKI_E_OK || (rc = open_pairs(d, err)) != SETPKI_E_OK ||
	    (rc = ca_daemon_front(d, err)) != SETPKI_E_OK)
		return rc;
	ca_listen_close(&d->listeners);
	if ((rc = ca_daemon_spawner(d, err)) != SETPKI_E_OK || (rc = visit_home(d, err)) != SETPKI_E_OK ||
	    (rc = ca_daemon_signals(d, err)) != SETPKI_E_OK)
		return rc;
	for (unsigned i = 0; rc == SETPKI_E_OK && i < d->ask->workers; i++)
		rc = ca_daemon_worker(d, i, err);
	return rc == SETPKI_E_OK ? ca_daemon_publisher(d, err) : rc;
}

enum setpki_code
ca_daemon_run(const struct ca_daemon_ask *ask, int *status, struct setpki_error *err)
{
	struct ca_daemon *d = OPENSSL_zalloc(sizeof(*d));
	enum setpki_code rc;

	*status = 3;
	if (d == NULL)
		return sp_fail_memory(err);
	signal(SIGPIPE, SIG_IGN); /* whoever reads the log may go away */
	d->ask = ask;
	d->log = (struct ca_log){.fd = STDERR_FILENO, .json = ask->json, .process = "main", .now = log_now, .arg = d};
	d->lock = d->signals = -1;
	memset(&d->ready, 0xff, sizeof(d->ready));
	memset(&d->feed, 0xff, sizeof(d->feed));
	memset(d->streams, 0xff, sizeof(d->streams));
	memset(d->checks, 0xff, sizeof(d->checks));
	memset(&d->names, 0xff, sizeof(d->names));
	d->notify = ca_notify_open();
	rc = begin(d, err);
	close_pairs(d);
	ca_keyring_free(d->keys);
	if (rc == SETPKI_E_OK)
		*status = ca_daemon_supervise(d);
	else
		ca_daemon_abandon(d);
	ca_listen_close(&d->listeners);
	ca_listen_remove(&d->listeners);
	ca_pair_close(&d->ready);
	ca_pair_close(&d->names);
	close_fd(&d->notify);
	close_fd(&d->signals);
	close_fd(&d->lock);
	OPENSSL_free(d);
	return rc;
}
