/* The daemon: a main process that supervises, and those that work.
 *
 *   front      faces the network; forked before the home is opened
 *   spawner    runs check programs; forked before the home is opened
 *   worker N   an authority, which opens the home for itself
 *   publisher  makes what is due, and gives the published sets to the front
 *
 * They know one another by socket pairs alone.  When one of them ends that should not, the others end too, with status
 * 3: whoever started the daemon starts it again, and finds in the store whatever was acknowledged. */
#ifndef CA_SERVICE_DAEMON_H
#define CA_SERVICE_DAEMON_H

#include "ca/home/home.h"
#include "ca/service/front.h"

struct ca_daemon_ask {
	setpki_ctx *ctx;
	const char *home;
	int64_t (*clock)(void);
	/* Where passphrases come from; called once, after the front was forked, so that it has none of it. */
	enum setpki_code (*passphrase)(void *arg, struct ca_passphrase *out, struct setpki_error *err);
	void *arg;
	const char *const *listen; /* ca_listen_add(); beside what systemd hands over */
	size_t nlisten;
	const char *listen_default; /* where neither gives a public address */
	const char *admin;	    /* NULL: none */
	const char *port_file; /* the addresses, one a line, once it is ready ("admin " before the admin ones); NULL */
	bool json;
	unsigned workers;
	struct ca_front_limits limits;
};

/* Runs until SIGTERM or SIGINT (*status 0), or until one of its processes fails (*status 3).  SIGHUP takes the policy
 * in force anew.  Not OK: it did not begin, and `err` says why: STATE when another one has this home (with its pid) or
 * no policy is in force, ARGUMENT, NOTFOUND, IO, STORE. */
SP_MUST_CHECK enum setpki_code ca_daemon_run(const struct ca_daemon_ask *ask, int *status, struct setpki_error *err);

#endif
