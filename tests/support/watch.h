/* libcrypto's allocator, replaced by one that looks for secrets in whatever is given back. */
#ifndef TESTS_SUPPORT_WATCH_H
#define TESTS_SUPPORT_WATCH_H

#include <setpki/bytes.h>
#include <stdbool.h>

/* Before libcrypto allocates anything: first in main(). */
bool watch_start(void);
/* Looks for these octets from now on (borrowed); watch_none() for nothing any more. */
void watch_for(setpki_bytes secret);
void watch_none(void);
/* Freed blocks that held one of them since it was last asked. */
size_t watch_leaks(void);

#endif
