/* Reading files and folders. */
#include "tools/common/files.h"

#include "tools/common/fail.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* From this size on a regular file is mapped, not copied. */
#define MAP_FROM (1u << 20)
#define FOLDER_MAX 65536

/* Reads to the end of a descriptor whose size is not known beforehand. */
static enum setpki_code
read_stream(int fd, const char *name, struct tc_file *out, struct setpki_error *err)
{
	size_t n = 0, cap = 0;
	unsigned char *p = NULL, *more;
	ssize_t got;

	for (;;) {
		if (n == cap) {
			cap = cap == 0 ? 16384 : cap * 2;
			if (cap > 2 * TC_FILE_MAX || (more = OPENSSL_clear_realloc(p, n, cap)) == NULL)
				break;
			p = more;
		}
		if ((got = read(fd, p + n, cap - n)) == 0) {
			out->bytes = (setpki_bytes){p, n};
			return SETPKI_E_OK;
		}
		if (got < 0 && errno != EINTR) {
			OPENSSL_clear_free(p, n);
			return tc_fail(err, SETPKI_E_IO, "%s: cannot be read: %s", name, strerror(errno));
		}
		n += got > 0 ? (size_t)got : 0;
	}
	OPENSSL_clear_free(p, n);
	return tc_fail(err, SETPKI_E_LIMIT, "%s: more than %zu MiB", name, TC_FILE_MAX >> 20);
}

static enum setpki_code
map_file(int fd, const char *name, size_t n, struct tc_file *out, struct setpki_error *err)
{
	void *p;

	if (n > TC_FILE_MAX)
		return tc_fail(err, SETPKI_E_LIMIT, "%s: more than %zu MiB", name, TC_FILE_MAX >> 20);
	if ((p = mmap(NULL, n, PROT_READ, MAP_PRIVATE, fd, 0)) == MAP_FAILED)
		return tc_fail(err, SETPKI_E_IO, "%s: cannot be mapped: %s", name, strerror(errno));
	out->mapped = p;
	out->mapped_n = n;
	out->bytes = (setpki_bytes){p, n};
	return SETPKI_E_OK;
}

static enum setpki_code
fail_open(const char *path, struct setpki_error *err)
{
	return tc_fail(err, errno == ENOENT ? SETPKI_E_NOTFOUND : SETPKI_E_IO, "%s: %s", path,
	    errno == ENOENT ? "there is no such file" : strerror(errno));
}

enum setpki_code
tc_file_read(const char *path, struct tc_file *out, struct setpki_error *err)
{
	bool standard_input = strcmp(path, "-") == 0;
	const char *name = standard_input ? "standard input" : path;
	enum setpki_code rc;
	struct stat st;
	int fd;

	memset(out, 0, sizeof(*out));
	fd = standard_input ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) != 0)
		return fail_open(path, err);
	if (S_ISDIR(st.st_mode))
		rc = tc_fail(err, SETPKI_E_ARGUMENT, "%s: is a folder; a file is wanted here", name);
	else if (S_ISREG(st.st_mode) && !standard_input && st.st_size >= MAP_FROM)
		rc = map_file(fd, name, (size_t)st.st_size, out, err);
	else
		rc = read_stream(fd, name, out, err);
	if (!standard_input)
		close(fd);
	if (rc == SETPKI_E_OK && out->bytes.n == 0) {
		tc_file_close(out);
		rc = tc_fail(err, SETPKI_E_PARSE, "%s: is empty", name);
	}
	return rc;
}

void
tc_file_close(struct tc_file *f)
{
	if (f->mapped != NULL)
		munmap(f->mapped, f->mapped_n);
	else
		OPENSSL_clear_free((void *)(uintptr_t)f->bytes.p, f->bytes.n);
	memset(f, 0, sizeof(*f));
}

static int
visible(const struct dirent *d)
{
	return d->d_name[0] != '.';
}

static enum setpki_code
each_in_folder(const char *path, tc_path_fn *fn, void *arg, struct setpki_error *err)
{
	enum setpki_code rc = SETPKI_E_OK;
	struct dirent **names = NULL;
	char full[4096];
	struct stat st;
	int i, n, len = (int)strlen(path);

	if (len > 1 && path[len - 1] == '/')
		len--;
	if ((n = scandir(path, &names, visible, alphasort)) < 0)
		return fail_open(path, err);
	if (n > FOLDER_MAX)
		rc = tc_fail(err, SETPKI_E_LIMIT, "%s: more than %d files", path, FOLDER_MAX);
	for (i = 0; i < n; i++) {
		if (rc == SETPKI_E_OK &&
		    (size_t)snprintf(full, sizeof(full), "%.*s/%s", len, path, names[i]->d_name) < sizeof(full) &&
		    stat(full, &st) == 0 && S_ISREG(st.st_mode))
			rc = fn(arg, full, err);
		free(names[i]);
	}
	free(names);
	return rc;
}

enum setpki_code
tc_path_each(const char *path, tc_path_fn *fn, void *arg, struct setpki_error *err)
{
	struct stat st;

	if (strcmp(path, "-") == 0)
		return fn(arg, path, err);
	if (stat(path, &st) != 0)
		return fail_open(path, err);
	return S_ISDIR(st.st_mode) ? each_in_folder(path, fn, arg, err) : fn(arg, path, err);
}

enum setpki_code
tc_fd_line(int fd, char *out, size_t cap, size_t *n, struct setpki_error *err)
{
	ssize_t got;
	char c;

	*n = 0;
	for (;;) {
		if ((got = read(fd, &c, 1)) < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return tc_fail(err, SETPKI_E_IO, "descriptor %d cannot be read: %s", fd, strerror(errno));
		if (got == 0 && *n == 0)
			return tc_fail(err, SETPKI_E_NOTFOUND, "descriptor %d gave nothing", fd);
		if (got == 0 || c == '\n')
			break;
		if (*n + 1 >= cap)
			return tc_fail(
			    err, SETPKI_E_LIMIT, "the line from descriptor %d is longer than %zu octets", fd, cap - 1);
		out[(*n)++] = c;
	}
	out[*n] = '\0';
	return SETPKI_E_OK;
}
