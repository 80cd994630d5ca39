#include "ca/file/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <openssl/crypto.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ASIDE ".new-" /* and the writer's process number: how files are called until they are whole */

static enum setpki_code
fail_io(struct setpki_error *err, const char *what, const char *path)
{
	enum setpki_code code = errno == ENOENT ? SETPKI_E_NOTFOUND : SETPKI_E_IO;

	return sp_fail(err, code, NULL, "%s %s: %s", what, path, strerror(errno));
}

char *
ca_path(const char *folder, const char *name)
{
	struct sp_buf b = {0};
	size_t n;

	sp_buf_printf(&b, "%s/%s", folder, name);
	sp_buf_add_byte(&b, '\0');
	return (char *)sp_buf_take(&b, &n);
}

enum setpki_code
ca_folder_sync(const char *path, struct setpki_error *err)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc = fd < 0 ? -1 : fsync(fd);
	enum setpki_code code = rc == 0 ? SETPKI_E_OK : fail_io(err, "flush", path);

	if (fd >= 0)
		close(fd);
	return code;
}

/* The folder a path lies in, flushed. */
static enum setpki_code
parent_sync(const char *path, struct setpki_error *err)
{
	const char *slash = strrchr(path, '/');
	char *folder =
	    slash == NULL ? OPENSSL_strdup(".") : OPENSSL_strndup(path, (size_t)(slash - path) + (slash == path));
	enum setpki_code rc = folder == NULL ? sp_fail_memory(err) : ca_folder_sync(folder, err);

	OPENSSL_free(folder);
	return rc;
}

enum setpki_code
ca_folder_make(const char *path, struct setpki_error *err)
{
	struct stat st;

	if (mkdir(path, 0700) == 0)
		return parent_sync(path, err);
	if (errno != EEXIST)
		return fail_io(err, "make the folder", path);
	if (stat(path, &st) != 0 || !S_ISDIR(st.st_mode))
		return sp_fail(err, SETPKI_E_IO, NULL, "%s is there but is not a folder", path);
	return SETPKI_E_OK;
}

static bool
write_all(int fd, setpki_bytes s)
{
	while (s.n > 0) {
		ssize_t n = write(fd, s.p, s.n);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		s = sp_bytes(s.p + n, s.n - (size_t)n);
	}
	return true;
}

/* A flushed file beside `path`; its name is the caller's (OPENSSL_free). */
static enum setpki_code
write_aside(const char *path, setpki_bytes contents, unsigned mode, char **name, struct setpki_error *err)
{
	struct sp_buf b = {0};
	enum setpki_code rc = SETPKI_E_OK;
	size_t n;
	int fd;

	sp_buf_printf(&b, "%s" ASIDE "%ld", path, (long)getpid());
	sp_buf_add_byte(&b, '\0');
	*name = (char *)sp_buf_take(&b, &n);
	if (*name == NULL)
		return sp_fail_memory(err);
	unlink(*name); /* left by a process of the same number that was killed */
	fd = open(*name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, (mode_t)mode);
	if (fd < 0 || fchmod(fd, (mode_t)mode) != 0 || !write_all(fd, contents) || fsync(fd) != 0)
		rc = fail_io(err, "write", *name);
	if (fd >= 0 && close(fd) != 0 && rc == SETPKI_E_OK)
		rc = fail_io(err, "close", *name);
	if (rc != SETPKI_E_OK)
		unlink(*name);
	return rc;
}

enum setpki_code
ca_file_write(const char *path, setpki_bytes contents, unsigned mode, struct setpki_error *err)
{
	char *aside;
	enum setpki_code rc = write_aside(path, contents, mode, &aside, err);

	if (rc == SETPKI_E_OK && rename(aside, path) != 0) {
		rc = fail_io(err, "rename to", path);
		unlink(aside);
	}
	OPENSSL_free(aside);
	return rc == SETPKI_E_OK ? parent_sync(path, err) : rc;
}

enum setpki_code
ca_file_create(const char *path, setpki_bytes contents, unsigned mode, struct setpki_error *err)
{
	char *aside;
	enum setpki_code rc = write_aside(path, contents, mode, &aside, err);

	/* A link, unlike a rename, never replaces. */
	if (rc == SETPKI_E_OK && link(aside, path) != 0) {
		if (errno == EEXIST)
			rc = sp_fail(err, SETPKI_E_CONFLICT, NULL, "%s is there already and is left alone", path);
		else
			rc = fail_io(err, "make", path);
	}
	if (aside != NULL)
		unlink(aside);
	OPENSSL_free(aside);
	return rc == SETPKI_E_OK ? parent_sync(path, err) : rc;
}

/* Whether a name is that of a file under way whose writer is gone. */
static bool
left_behind(const char *name)
{
	const char *at = strstr(name, ASIDE), *digits;
	long pid;
	char *end;

	if (at == NULL)
		return false;
	digits = at + sizeof(ASIDE) - 1;
	errno = 0;
	pid = strtol(digits, &end, 10);
	if (end == digits || *end != '\0' || pid <= 0 || pid > INT_MAX || errno != 0)
		return false;
	return kill((pid_t)pid, 0) != 0 && errno == ESRCH;
}

void
ca_folder_tidy(const char *path)
{
	DIR *d = opendir(path);
	const struct dirent *e;

	if (d == NULL)
		return;
	while ((e = readdir(d)) != NULL)
		if (left_behind(e->d_name))
			unlinkat(dirfd(d), e->d_name, 0);
	closedir(d);
}

static enum setpki_code
read_fd(int fd, const char *path, size_t max, struct sp_buf *out, struct setpki_error *err)
{
	uint8_t *to;
	ssize_t n;

	for (;;) {
		if ((to = sp_buf_extend(out, 16384)) == NULL)
			return sp_fail_memory(err);
		do {
			n = read(fd, to, 16384);
		} while (n < 0 && errno == EINTR);
		out->n -= 16384 - (n > 0 ? (size_t)n : 0);
		if (n < 0)
			return fail_io(err, "read", path);
		if (n == 0)
			return SETPKI_E_OK;
		if (out->n > max)
			return sp_fail(err, SETPKI_E_LIMIT, NULL, "%s is larger than %zu bytes", path, max);
	}
}

enum setpki_code
ca_file_read(const char *path, size_t max, struct sp_buf *out, struct setpki_error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	enum setpki_code rc;

	if (fd < 0)
		return fail_io(err, "open", path);
	rc = read_fd(fd, path, max, out, err);
	close(fd);
	return rc;
}

enum setpki_code
ca_file_read_secret(const char *path, size_t max, struct sp_buf *out, struct setpki_error *err)
{
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC); /* a FIFO must not hold us up */
	enum setpki_code rc;
	struct stat st;

	if (fd < 0)
		return errno == ELOOP
		    ? sp_fail(err, SETPKI_E_RULE, NULL, "%s is a link: put the file itself there", path)
		    : fail_io(err, "open", path);
	if (fstat(fd, &st) != 0)
		rc = fail_io(err, "look at", path);
	else if (!S_ISREG(st.st_mode) || st.st_uid != geteuid())
		rc = sp_fail(err, SETPKI_E_RULE, NULL, "%s is not a file of the user who runs this", path);
	else if ((st.st_mode & 077) != 0)
		rc = sp_fail(err, SETPKI_E_RULE, NULL, "%s can be read or written by others (mode %04o): chmod 600 %s",
		    path, (unsigned)st.st_mode & 07777, path);
	else
		rc = read_fd(fd, path, max, out, err);
	close(fd);
	return rc;
}
