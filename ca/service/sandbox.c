#include "ca/service/sandbox.h"

#include "ca/service/seccomp.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#define FRONT_DATA_MAX ((rlim_t)1 << 30) /* octets of memory that it may write to */
#define KEPT_MAX 128

static int
by_number(const void *a, const void *b)
{
	int x = *(const int *)a, y = *(const int *)b;

	return (x > y) - (x < y);
}

static bool
to_null(void)
{
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	bool ok = fd >= 0 && dup2(fd, 0) == 0 && dup2(fd, 1) == 1;

	if (fd > 2)
		close(fd);
	return ok;
}

enum setpki_code
ca_sandbox_descriptors(const int *keep, size_t n, struct setpki_error *err)
{
	int sorted[KEPT_MAX];
	unsigned from = 3;
	bool ok = n <= KEPT_MAX && to_null();

	if (ok && n != 0) {
		memcpy(sorted, keep, n * sizeof(*keep));
		qsort(sorted, n, sizeof(*sorted), by_number);
	}
	for (size_t i = 0; ok && i < n; i++) {
		unsigned fd = (unsigned)sorted[i];

		if (sorted[i] < 3)
			continue;
		if (fd > from)
			ok = close_range(from, fd - 1, 0) == 0;
		from = fd + 1;
	}
	if (ok && close_range(from, ~0u, 0) == 0)
		return SETPKI_E_OK;
	return sp_fail(err, SETPKI_E_IO, NULL, "closing what was inherited: %s", strerror(errno));
}

static bool
limit(int what, rlim_t n)
{
	struct rlimit l = {n, n};

	return setrlimit((__rlimit_resource_t)what, &l) == 0;
}

static void
filter(enum ca_sandbox kind, const struct ca_log *log)
{
	bool ok = kind == CA_SANDBOX_FRONT ? ca_seccomp_front() : ca_seccomp_inner(kind == CA_SANDBOX_MAIN);
	struct ca_log_line l;

	if (ok)
		return;
	ca_log_begin(&l, log, CA_LOG_WARNING, "no filter of system calls");
	ca_log_text(&l, "cause", strerror(errno));
	ca_log_end(&l);
}

enum setpki_code
ca_sandbox_enter(enum ca_sandbox kind, unsigned files, const struct ca_log *log, struct setpki_error *err)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_DUMPABLE, CA_WATCHED, 0, 0, 0) != 0 ||
	    !limit(RLIMIT_CORE, 0) || (files != 0 && !limit(RLIMIT_NOFILE, files)))
		return sp_fail(err, SETPKI_E_IO, NULL, "giving up privileges: %s", strerror(errno));
	if (kind == CA_SANDBOX_FRONT && !CA_WATCHED && !limit(RLIMIT_DATA, FRONT_DATA_MAX))
		return sp_fail(err, SETPKI_E_IO, NULL, "giving up memory: %s", strerror(errno));
	if (kind != CA_SANDBOX_SPAWNER)
		filter(kind, log);
	return SETPKI_E_OK;
}
