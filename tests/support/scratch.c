#include "tests/support/scratch.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

const char *
scratch_path(const char *fmt, ...)
{
	static char ring[16][512];
	static unsigned next;
	char *out = ring[next++ % NELEMS(ring)];
	const char *top = getenv("TEST_SCRATCH");
	va_list ap;
	int n;

	if (top == NULL)
		fail_msg("TEST_SCRATCH is not set: start it through make test");
	n = snprintf(out, sizeof(ring[0]), "%s/", top);
	va_start(ap, fmt);
	vsnprintf(out + n, sizeof(ring[0]) - (size_t)n, fmt, ap);
	va_end(ap);
	return out;
}

const char *
scratch_dir(void)
{
	static char paths[64][512];
	static unsigned count;
	char *path = paths[count];

	if (count == NELEMS(paths))
		fail_msg("a test program has at most %zu scratch folders", NELEMS(paths));
	snprintf(path, sizeof(paths[0]), "%s", scratch_path("d%u", count++));
	if (mkdir(path, 0700) != 0)
		fail_msg("%s: %s", path, strerror(errno));
	return path;
}

void
scratch_write(const char *path, setpki_bytes contents, unsigned mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, (mode_t)mode);
	ssize_t n = 0;

	for (; fd >= 0 && n >= 0 && contents.n != 0; contents = sp_bytes(contents.p + n, contents.n - (size_t)n))
		if ((n = write(fd, contents.p, contents.n)) < 0)
			break;
	if (fd < 0 || n < 0 || fchmod(fd, (mode_t)mode) != 0 || close(fd) != 0)
		fail_msg("%s: %s", path, strerror(errno));
}

setpki_bytes
scratch_read(const char *path)
{
	static uint8_t *contents;
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &st) != 0)
		fail_msg("%s: %s", path, strerror(errno));
	free(contents);
	contents = malloc((size_t)st.st_size + 1);
	if (contents == NULL || read(fd, contents, (size_t)st.st_size) != st.st_size || close(fd) != 0)
		fail_msg("%s: cannot read it", path);
	return sp_bytes(contents, (size_t)st.st_size);
}

bool
scratch_exists(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

size_t
scratch_count(const char *dir)
{
	const struct dirent *e;
	DIR *d = opendir(dir);
	size_t n = 0;

	if (d == NULL)
		fail_msg("%s: %s", dir, strerror(errno));
	while ((e = readdir(d)) != NULL)
		n += strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
	closedir(d);
	return n;
}
