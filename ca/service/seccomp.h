/* Filters of system calls, written by hand from rows (seccomp(2)). */
#ifndef CA_SERVICE_SECCOMP_H
#define CA_SERVICE_SECCOMP_H

#include <stdbool.h>

/* What watches memory in test builds attaches to the process when it ends, reads /proc and starts threads. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define CA_WATCHED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define CA_WATCHED 1
#endif
#endif
#ifndef CA_WATCHED
#define CA_WATCHED 0
#endif

/* From now on only what the front needs to talk over the descriptors it has; all else fails with EPERM.  False, with
 * errno: the kernel has no such filters. */
bool ca_seccomp_front(void);
/* From now on no process can be started or looked into, or (unless `may_signal`) signalled, no program run, no socket
 * opened; all else as before. */
bool ca_seccomp_inner(bool may_signal);

#endif
