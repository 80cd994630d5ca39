/* Children that are killed at a random moment. */
#ifndef TESTS_SUPPORT_KILL_H
#define TESTS_SUPPORT_KILL_H

#include "tests/support/check.h"

/* Memory that parent and children share: what a child writes there outlives it. */
struct kill_page {
	volatile uint64_t value[8];
	struct setpki_error error; /* of a child that failed before it was killed */
	volatile bool failed;
	volatile bool ready; /* set by a child from which moment on it is to be killed */
};

/* One page, zeroed, for the life of the program. */
struct kill_page *kill_page(void);
/* In a child: something failed that should not have.  Ends it. */
__attribute__((noreturn)) void kill_report(struct kill_page *page, const struct setpki_error *err);
/* Runs part(arg) in a child and kills it `us` microseconds after it was ready, or waits for its end if that comes
 * first. A child that failed fails the test.  Returns whether it ended by itself. */
bool kill_after(void (*part)(void *arg), void *arg, unsigned us, struct kill_page *page);

#endif
