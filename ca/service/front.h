/* The front: the process that faces the network.  It speaks HTTP, keeps the limits, hands whole MessageWrappers to the
 * authority and returns finished bytes, and serves the published sets from memory.  It is forked before the home is
 * opened: no key, store, PAN or secret is ever in it. */
#ifndef CA_SERVICE_FRONT_H
#define CA_SERVICE_FRONT_H

#include "ca/service/listen.h"
#include "ca/service/log.h"

#include <setpki/context.h>

/* Seconds unless said otherwise. */
struct ca_front_limits {
	unsigned connections; /* at once */
	unsigned per_address; /* of them from one address */
	unsigned rate, burst; /* registration messages of one address: per second, at once; rate 0: no such limit */
	unsigned queue;	      /* messages that wait for the authority */
	size_t body;	      /* octets of one message */
	unsigned head_s;      /* from the first octet of a request to the end of its headers */
	unsigned body_s;      /* to the end of its body */
	unsigned idle_s;      /* between requests */
	unsigned answer_s;    /* that the authority may take */
	unsigned drain_s;     /* after SIGTERM, for what is in flight */
};

struct ca_front_ask {
	setpki_ctx *ctx;
	int log_fd;
	bool json;
	const struct ca_listeners *listeners;
	const int *workers; /* streams to the authority processes; taken */
	unsigned nworkers;
	int feed; /* SOCK_SEQPACKET from the publisher; taken */
	struct ca_front_limits limits;
	int64_t now; /* the clock, until the publisher tells more */
	/* Gives up what is not needed any more, once everything is open; may be NULL. */
	enum setpki_code (*shut)(void *arg, struct setpki_error *err);
	void (*ready)(void *arg); /* once the sets are there */
	void *arg;
};

/* Serves until SIGTERM, then finishes what is in flight: 0.  3: it cannot begin, or another process of the daemon is
 * gone.  Returns the exit status of the process. */
int ca_front_run(const struct ca_front_ask *ask);

#endif
