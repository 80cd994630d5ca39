/* The CA of tests/support/desk.h behind HTTP, in a process of its own, and what may go wrong on the way to it. */
#ifndef TESTS_SUPPORT_COUNTER_H
#define TESTS_SUPPORT_COUNTER_H

#include "tests/support/desk.h"

#include <sys/types.h>

/* What is done with one POST. */
enum counter_act {
	COUNTER_ANSWER,	  /* as the desk answers */
	COUNTER_CHARSET,  /* the same, with a parameter behind the content type */
	COUNTER_DECIDE,	  /* the last request, which was pended, is decided first */
	COUNTER_DROP,	  /* the connection ends */
	COUNTER_LOSE,	  /* it ends after the desk has answered */
	COUNTER_BUSY,	  /* 503 */
	COUNTER_NONE,	  /* 404 */
	COUNTER_MOVED,	  /* 307 */
	COUNTER_EMPTY,	  /* 204 */
	COUNTER_HTML,	  /* the right answer, called text/html */
	COUNTER_NOISE,	  /* 200 octets that are no DER */
	COUNTER_HUGE,	  /* more than a message can be */
	COUNTER_UNSIGNED, /* an Error that nobody signed */
	COUNTER_FORGET	  /* first the CA loses the keys of its challenges: a signed Error */
};

struct counter {
	pid_t pid;
	char url[64];
};

/* Serves the desk at `now`.  The first POSTs are dealt with by the words of `acts`, which end with COUNTER_ANSWER, like
 * all that come after.  The body of each is kept in the current folder: post-1, post-2 ... */
void counter_open(struct counter *c, struct desk *desk, int64_t now, const enum counter_act *acts);
void counter_close(struct counter *c);

#endif
