#include "tools/setenroll/folder.h"

#include "tools/common/fail.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define ASIDE ".new" /* behind a name: not whole yet.  The folder is locked, so one is enough */

static const char *const names[EN_ALL_FILES] = {"signature.key", "key-exchange.key", "signature.cer",
    "key-exchange.cer", "chain.pem", "pan-secret", "root.pem", "state.json", "seal.key", "sealed"};

const char *
en_file_name(enum en_file file)
{
	return names[file];
}

static enum setpki_code
fail_io(struct setpki_error *err, const char *what, const char *name)
{
	return tc_fail(
	    err, errno == ENOENT ? SETPKI_E_NOTFOUND : SETPKI_E_IO, "cannot %s %s: %s", what, name, strerror(errno));
}

/* --- folders ----------------------------------------------------------------------------------- */

static enum setpki_code
check_folder(int fd, const char *path, struct setpki_error *err)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return fail_io(err, "look at", path);
	if (st.st_uid != geteuid())
		return tc_fail(err, SETPKI_E_RULE, "%s belongs to another user", path);
	if ((st.st_mode & 077) != 0)
		return tc_fail(err, SETPKI_E_RULE,
		    "%s can be used by others (mode %04o), and keys are kept in it: chmod 700 %s", path,
		    (unsigned)st.st_mode & 07777, path);
	if (flock(fd, LOCK_EX | LOCK_NB) != 0)
		return tc_fail(err, SETPKI_E_STATE, "another setenroll is at work in %s", path);
	return SETPKI_E_OK;
}

enum setpki_code
en_folder_open(int at, const char *path, bool make, int *fd, struct setpki_error *err)
{
	enum setpki_code rc;

	*fd = -1;
	if (make && mkdirat(at, path, 0700) != 0 && errno != EEXIST)
		return fail_io(err, "make the folder", path);
	if ((*fd = openat(at, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0)
		return fail_io(err, "open the folder", path);
	if ((rc = check_folder(*fd, path, err)) != SETPKI_E_OK) {
		close(*fd);
		*fd = -1;
	}
	return rc;
}

static void
remove_file(int folder, enum en_file file)
{
	char aside[64];

	snprintf(aside, sizeof(aside), "%s" ASIDE, names[file]);
	unlinkat(folder, aside, 0);
	unlinkat(folder, names[file], 0);
}

enum setpki_code
en_folder_remove(int at, const char *path, struct setpki_error *err)
{
	int fd = openat(at, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return errno == ENOENT ? SETPKI_E_OK : fail_io(err, "open the folder", path);
	/* the state goes first: without it the rest is known to be left over */
	for (int i = 0; i < EN_ALL_FILES; i++)
		remove_file(fd, (enum en_file)((i + EN_STATE) % EN_ALL_FILES));
	close(fd);
	return unlinkat(at, path, AT_REMOVEDIR) == 0 ? SETPKI_E_OK : fail_io(err, "remove the folder", path);
}

/* --- reading ----------------------------------------------------------------------------------- */

bool
en_file_there(int folder, enum en_file file)
{
	struct stat st;

	return fstatat(folder, names[file], &st, AT_SYMLINK_NOFOLLOW) == 0;
}

static enum setpki_code
check_file(int fd, const char *name, struct stat *st, struct setpki_error *err)
{
	if (fstat(fd, st) != 0)
		return fail_io(err, "look at", name);
	if (!S_ISREG(st->st_mode) || st->st_uid != geteuid())
		return tc_fail(err, SETPKI_E_RULE, "%s is not a file of the user who runs this", name);
	if ((st->st_mode & 077) != 0)
		return tc_fail(err, SETPKI_E_RULE, "%s can be read or written by others (mode %04o): chmod 600 %s",
		    name, (unsigned)st->st_mode & 07777, name);
	if ((uint64_t)st->st_size > EN_FILE_MAX)
		return tc_fail(err, SETPKI_E_LIMIT, "%s is larger than %zu octets", name, EN_FILE_MAX);
	return SETPKI_E_OK;
}

static enum setpki_code
read_whole(int fd, const char *name, size_t size, struct setpki_der *out, struct setpki_error *err)
{
	ssize_t got = 1;

	if ((out->p = OPENSSL_zalloc(size + 1)) == NULL)
		return tc_fail_memory(err);
	while (out->n < size && got != 0) {
		if ((got = read(fd, out->p + out->n, size - out->n)) < 0 && errno != EINTR)
			return fail_io(err, "read", name);
		out->n += got > 0 ? (size_t)got : 0;
	}
	return SETPKI_E_OK;
}

enum setpki_code
en_file_read(int folder, enum en_file file, struct setpki_der *out, struct setpki_error *err)
{
	const char *name = names[file];
	int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	enum setpki_code rc;
	struct stat st;

	*out = (struct setpki_der){NULL, 0};
	if (fd < 0 && errno == ELOOP)
		return tc_fail(err, SETPKI_E_RULE, "%s is a link: put the file itself there", name);
	if (fd < 0)
		return fail_io(err, "open", name);
	if ((rc = check_file(fd, name, &st, err)) == SETPKI_E_OK &&
	    (rc = read_whole(fd, name, (size_t)st.st_size, out, err)) != SETPKI_E_OK)
		setpki_der_free(out);
	close(fd);
	return rc;
}

/* --- writing ----------------------------------------------------------------------------------- */

static bool
write_all(int fd, setpki_bytes s)
{
	ssize_t n;

	for (size_t at = 0; at<s.n; at += n> 0 ? (size_t)n : 0)
		if ((n = write(fd, s.p + at, s.n - at)) <= 0 && errno != EINTR)
			return false;
	return true;
}

static enum setpki_code
write_aside(int folder, const char *aside, setpki_bytes contents, struct setpki_error *err)
{
	enum setpki_code rc = SETPKI_E_OK;
	int fd;

	unlinkat(folder, aside, 0); /* of a process that was killed */
	fd = openat(folder, aside, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0 || !write_all(fd, contents) || fsync(fd) != 0)
		rc = fail_io(err, "write", aside);
	if (fd >= 0 && close(fd) != 0 && rc == SETPKI_E_OK)
		rc = fail_io(err, "close", aside);
	return rc;
}

/* A link, unlike a rename, never replaces. */
static enum setpki_code
link_new(int from, const char *name, int to, const char *as, struct setpki_error *err)
{
	if (linkat(from, name, to, as, 0) == 0)
		return SETPKI_E_OK;
	if (errno == EEXIST)
		return tc_fail(err, SETPKI_E_CONFLICT, "%s is there already and is left alone", as);
	return fail_io(err, "make", as);
}

static enum setpki_code
sync_folder(int folder, enum setpki_code rc, struct setpki_error *err)
{
	return rc == SETPKI_E_OK && fsync(folder) != 0 ? fail_io(err, "flush", "the folder") : rc;
}

enum setpki_code
en_file_create(int folder, enum en_file file, setpki_bytes contents, struct setpki_error *err)
{
	enum setpki_code rc;
	char aside[64];

	snprintf(aside, sizeof(aside), "%s" ASIDE, names[file]);
	if ((rc = write_aside(folder, aside, contents, err)) == SETPKI_E_OK)
		rc = link_new(folder, aside, folder, names[file], err);
	unlinkat(folder, aside, 0);
	return sync_folder(folder, rc, err);
}

enum setpki_code
en_file_update(int folder, enum en_file file, setpki_bytes contents, struct setpki_error *err)
{
	enum setpki_code rc;
	char aside[64];

	snprintf(aside, sizeof(aside), "%s" ASIDE, names[file]);
	if ((rc = write_aside(folder, aside, contents, err)) == SETPKI_E_OK &&
	    renameat(folder, aside, folder, names[file]) != 0)
		rc = fail_io(err, "make", names[file]);
	if (rc != SETPKI_E_OK)
		unlinkat(folder, aside, 0);
	return sync_folder(folder, rc, err);
}

enum setpki_code
en_file_remove(int folder, enum en_file file, struct setpki_error *err)
{
	if (unlinkat(folder, names[file], 0) != 0)
		return errno == ENOENT ? SETPKI_E_OK : fail_io(err, "remove", names[file]);
	return sync_folder(folder, SETPKI_E_OK, err);
}

/* --- moving up --------------------------------------------------------------------------------- */

static enum setpki_code
make_way(int to, const char *old, const char *name, struct setpki_error *err)
{
	enum setpki_code rc;
	int fd;

	if (old == NULL)
		return tc_fail(err, SETPKI_E_CONFLICT, "%s is there already and is left alone", name);
	if ((rc = en_folder_open(to, old, true, &fd, err)) != SETPKI_E_OK)
		return rc;
	if (renameat2(to, name, fd, name, RENAME_NOREPLACE) != 0)
		rc = fail_io(err, "move away", name);
	rc = sync_folder(fd, rc, err);
	close(fd);
	return rc;
}

enum setpki_code
en_file_move(int from, int to, const char *old, enum en_file file, struct setpki_error *err)
{
	const char *name = names[file];
	enum setpki_code rc = SETPKI_E_OK;
	struct stat a, b;
	bool moved;

	if (fstatat(from, name, &a, AT_SYMLINK_NOFOLLOW) != 0)
		return errno == ENOENT ? SETPKI_E_OK : fail_io(err, "look at", name);
	moved = fstatat(to, name, &b, AT_SYMLINK_NOFOLLOW) == 0;
	if (moved && (a.st_ino != b.st_ino || a.st_dev != b.st_dev)) {
		rc = make_way(to, old, name, err);
		moved = false;
	}
	if (rc == SETPKI_E_OK && !moved)
		rc = link_new(from, name, to, name, err);
	rc = sync_folder(to, rc, err);
	if (rc == SETPKI_E_OK && unlinkat(from, name, 0) != 0)
		rc = fail_io(err, "remove", name);
	return rc;
}
