/* What the processes of setcad give up once they have what they need. */
#ifndef CA_SERVICE_SANDBOX_H
#define CA_SERVICE_SANDBOX_H

#include "ca/service/log.h"
#include "lib/base/error.h"

enum ca_sandbox {
	CA_SANDBOX_FRONT, /* talks over the descriptors it has, and nothing else: opens, connects, starts, asks nothing
			   */
	CA_SANDBOX_AUTHORITY, /* works in its home; starts no process, signals and looks into none, opens no socket */
	CA_SANDBOX_MAIN,      /* the same, and signals the others */
	CA_SANDBOX_SPAWNER    /* runs programs, which cannot win privileges by that */
};

/* Closes every descriptor from 3 on but these; 0 and 1 become /dev/null.  IO. */
SP_MUST_CHECK enum setpki_code ca_sandbox_descriptors(const int *keep, size_t n, struct setpki_error *err);
/* No new privileges, no core file, no ptrace, at most `files` descriptors (0: as many as before), and for all but the
 * spawner a filter of system calls.  What the kernel does not have is logged and done without.  IO: what every kernel
 * has could not be had. */
SP_MUST_CHECK enum setpki_code
ca_sandbox_enter(enum ca_sandbox kind, unsigned files, const struct ca_log *log, struct setpki_error *err);

#endif
