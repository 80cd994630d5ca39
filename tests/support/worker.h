/* An authority process of a test, and the front's end of its stream in the test's hands. */
#ifndef TESTS_SUPPORT_WORKER_H
#define TESTS_SUPPORT_WORKER_H

#include "ca/service/stream.h"
#include "tests/support/check.h"

#include <sys/types.h>

struct t_worker {
	pid_t pid;
	struct ca_stream to; /* what the front would have */
	char log[512];	     /* file that its log goes to */
};

/* Starts one on a home that nobody has open in this process; returns once it can answer. */
void t_worker_start(struct t_worker *w, const char *home, int64_t now);
/* Sends octets as they are; a worker that is gone does not matter. */
void t_worker_say(struct t_worker *w, setpki_bytes octets);
/* A REQUEST frame. */
void t_worker_ask(struct t_worker *w, uint32_t id, setpki_bytes wrapper);
/* Waits for the next frame; false when the worker has closed. */
bool t_worker_hear(struct t_worker *w, struct ca_frame *f);
/* Closes the stream and waits for its end.  Returns the exit status, 128 + N when a signal ended it. */
int t_worker_end(struct t_worker *w);
/* Whether its log has this text. */
bool t_worker_logged(const struct t_worker *w, const char *text);

#endif
