/* A client that means harm: it sends what others said, whole and made wrong, by HTTP well spoken and badly, over
 * several connections at once, and never waits for its own sake. */
#ifndef TESTS_SUPPORT_HOSTILE_H
#define TESTS_SUPPORT_HOSTILE_H

#include "tests/support/caller.h"
#include "tests/support/http.h"
#include "tests/support/mutate.h"

#define T_HOSTILE_CONNECTIONS 8
#define T_HOSTILE_SLEEPERS 4
#define T_HOSTILE_STATUSES 600

struct t_hostile_conn {
	struct http h; /* fd -1: none */
	unsigned uses;
	unsigned answers, at; /* how many are expected to what was said, and which of them is to the message */
	bool last;	      /* nothing can be said on it after that */
	size_t whole;	      /* which message of `said` went out as it is; SIZE_MAX: none */
};

struct t_hostile {
	struct t_random random;
	const char *address; /* of setcad */
	const char *from;    /* it comes from there alone; NULL: from ever other addresses of 127.0.0.0/8 */
	const struct t_said *said;
	struct t_hostile_conn conn[T_HOSTILE_CONNECTIONS];
	struct http sleeper[T_HOSTILE_SLEEPERS]; /* an octet now and then, and never an end */
	unsigned addresses;
	/* what became of it */
	unsigned messages, unanswered, repeated;
	unsigned statuses[T_HOSTILE_STATUSES];
};

void
t_hostile_open(struct t_hostile *h, const char *address, const char *from, const struct t_said *said, uint64_t seed);
void t_hostile_close(struct t_hostile *h);
/* One message on each connection, and what is answered to it: a status below 500, with 200 a MessageWrapper, to a whole
 * CertReq the very answer that it had the first time.  Anything else fails the test. */
void t_hostile_round(struct t_hostile *h);

#endif
