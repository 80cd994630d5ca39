/* What the memory of setcad's processes keeps: nothing that was given back, and no secret where it may be written to a
 * disk. */
#ifndef CA_SERVICE_MEMORY_H
#define CA_SERVICE_MEMORY_H

#include <stdbool.h>

/* From now on whatever libcrypto and libevent give back is cleansed, and with it all that is allocated through them
 * here: messages as they come and go may hold card numbers, in places that nobody counts on.  Before either of them
 * allocates anything: first in main().  False: it was too late. */
bool ca_memory_cleanse(void);

/* Locks OpenSSL's memory for secrets in a process that was forked: a lock is not inherited.  False, with the reason in
 * errno: it may go to swap. */
bool ca_memory_lock(void);

#endif
