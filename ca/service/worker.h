/* An authority process at work: one frame of the front after the other. */
#ifndef CA_SERVICE_WORKER_H
#define CA_SERVICE_WORKER_H

#include "ca/service/authority.h"

struct ca_worker_ask {
	struct ca_authority_ask authority;
	int front; /* the stream to the front; taken */
	int64_t (*clock)(void);
	void (*ready)(void *arg); /* once it can answer */
	void *arg;
};

/* Answers until the front closes the stream: 0.  3: the home cannot be opened, the store failed, or the front sent what
 * is no request frame (malformed, too long, of another type, or never finished) or takes no answers; the log says what.
 * SIGHUP takes the policy in force anew.  Returns the exit status of the process. */
int ca_worker_run(const struct ca_worker_ask *ask);

#endif
