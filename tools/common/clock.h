/* The clock.  clock.c is its only reader in the product; the tests link tests/support/clock.c in its place. */
#ifndef TOOLS_COMMON_CLOCK_H
#define TOOLS_COMMON_CLOCK_H

#include <stdint.h>

/* Seconds since 1970-01-01T00:00:00Z. */
int64_t tc_clock_now(void);

#endif
