/* The publisher: the process that makes what is due.  Each second it looks whether a CRL or BCI is due by its schedule,
 * or whether somebody beside it (setca, a worker) changed the store; it publishes, gives new sets to the front, and
 * reports how things stand.  What was missed while the daemon was down is due at once. */
#ifndef CA_SERVICE_PUBLISHER_H
#define CA_SERVICE_PUBLISHER_H

#include "ca/home/home.h"
#include "ca/service/log.h"

struct ca_publisher_ask {
	setpki_ctx *ctx;
	const char *home;
	struct ca_passphrase pass;
	bool no_key; /* not one could be opened: that is reported */
	const struct ca_log *log;
	int64_t (*clock)(void);
	int front;		  /* SOCK_SEQPACKET; taken */
	void (*ready)(void *arg); /* once the home is open */
	void *arg;
};

/* Works until the front closes the socket: 0.  3: the home cannot be opened, or the store or the audit log failed; what
 * else cannot be done (a key without its passphrase) is logged and tried again.  SIGHUP takes the policy in force anew.
 * Returns the exit status of the process. */
int ca_publisher_run(const struct ca_publisher_ask *ask);

#endif
