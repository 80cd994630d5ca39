/* What writers that were killed left beside the files they were about to replace. */
#include "ca/file/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

/* "NAME.new-PID", as ca_file_write() calls what it has not renamed yet, of a process that is gone. */
static bool
is_left_over(const char *name)
{
	const char *at = strstr(name, ".new-");
	char *end;
	long pid;

	if (at == NULL || at == name)
		return false;
	pid = strtol(at + 5, &end, 10);
	return end != at + 5 && *end == '\0' && pid > 0 && kill((pid_t)pid, 0) != 0 && errno == ESRCH;
}

enum setpki_code
ca_folder_sweep(const char *path, struct setpki_error *err)
{
	DIR *d = opendir(path);
	enum setpki_code rc = SETPKI_E_OK;
	struct dirent *e;
	bool swept = false;

	if (d == NULL)
		return sp_fail(err, SETPKI_E_IO, NULL, "open %s: %s", path, strerror(errno));
	while (rc == SETPKI_E_OK && (e = readdir(d)) != NULL) {
		if (!is_left_over(e->d_name))
			continue;
		swept = true;
		if (unlinkat(dirfd(d), e->d_name, 0) != 0 && errno != ENOENT)
			rc = sp_fail(err, SETPKI_E_IO, NULL, "remove %s/%s: %s", path, e->d_name, strerror(errno));
	}
	closedir(d);
	return rc == SETPKI_E_OK && swept ? ca_folder_sync(path, err) : rc;
}
