/* What the files of the main process share. */
#ifndef CA_SERVICE_DAEMON_INNER_H
#define CA_SERVICE_DAEMON_INNER_H

#include "ca/service/daemon.h"
#include "ca/service/keyring.h"
#include "lib/base/limits.h"

#include <sys/types.h>

#define CA_LOCK_NAME "setcad"

/* Two ends of a socket pair; -1: closed here. */
struct ca_pair {
	int v[2];
};

struct ca_process {
	pid_t pid; /* 0: it has ended */
	char name[16];
};

struct ca_daemon {
	const struct ca_daemon_ask *ask;
	struct ca_log log;
	struct ca_listeners listeners;
	struct ca_keyring *keys;
	int lock;					/* run/setcad.lock */
	int notify;					/* -1: nobody wants to know */
	int signals;					/* signalfd */
	struct ca_pair ready;				/* a pipe: an octet from each process that can work */
	struct ca_pair feed;				/* publisher [0], front [1] */
	struct ca_pair streams[SP_SERVICE_WORKERS_MAX]; /* front [0], worker [1] */
	struct ca_pair checks[SP_SERVICE_WORKERS_MAX];	/* worker [0], spawner [1] */
	struct ca_pair names;				/* main [0], spawner [1]: programs that may be run */
	struct ca_process v[SP_SERVICE_WORKERS_MAX + 3];
	size_t n;
	bool stopping;
	int status;
};

/* --- starting processes (processes.c) ------------------------------------------------------------ */

/* Each forks one; in the child it does not return.  IO. */
SP_MUST_CHECK enum setpki_code ca_daemon_front(struct ca_daemon *d, struct setpki_error *err);
SP_MUST_CHECK enum setpki_code ca_daemon_spawner(struct ca_daemon *d, struct setpki_error *err);
SP_MUST_CHECK enum setpki_code ca_daemon_worker(struct ca_daemon *d, unsigned i, struct setpki_error *err);
SP_MUST_CHECK enum setpki_code ca_daemon_publisher(struct ca_daemon *d, struct setpki_error *err);
/* Tells the spawner which programs a policy names.  IO. */
SP_MUST_CHECK enum setpki_code
ca_daemon_name_programs(struct ca_daemon *d, const struct ca_policy *policy, struct setpki_error *err);
/* Descriptors that a front needs for itself, beside its connections. */
unsigned ca_daemon_front_files(const struct ca_daemon_ask *ask);
void ca_pair_close(struct ca_pair *p);

/* --- watching them (supervise.c) ----------------------------------------------------------------- */

/* Blocks the signals that are waited for. */
SP_MUST_CHECK enum setpki_code ca_daemon_signals(struct ca_daemon *d, struct setpki_error *err);
/* Waits until all of them can work, then until the end.  The daemon's exit status. */
int ca_daemon_supervise(struct ca_daemon *d);
/* Ends those that there are, at once: what was to begin does not. */
void ca_daemon_abandon(struct ca_daemon *d);

#endif
