/* Files that are never seen half written: what is refused, and what a fault at each system call leaves. */
#include "ca/file/file.h"
#include "tests/support/fault.h"
#include "tests/support/scratch.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

static struct setpki_error err;

ssize_t __real_write(int fd, const void *p, size_t n);
ssize_t __wrap_write(int fd, const void *p, size_t n);
ssize_t
__wrap_write(int fd, const void *p, size_t n)
{
	if (fault_now()) {
		errno = ENOSPC;
		return -1;
	}
	return __real_write(fd, p, n > 3 ? 3 : n); /* and always in pieces */
}

int __real_fsync(int fd);
int __wrap_fsync(int fd);
int
__wrap_fsync(int fd)
{
	if (!fault_now())
		return __real_fsync(fd);
	errno = EIO;
	return -1;
}

int __real_rename(const char *from, const char *to);
int __wrap_rename(const char *from, const char *to);
int
__wrap_rename(const char *from, const char *to)
{
	if (!fault_now())
		return __real_rename(from, to);
	errno = EIO;
	return -1;
}

int __real_link(const char *from, const char *to);
int __wrap_link(const char *from, const char *to);
int
__wrap_link(const char *from, const char *to)
{
	if (!fault_now())
		return __real_link(from, to);
	errno = EMLINK;
	return -1;
}

int __real_fchmod(int fd, mode_t mode);
int __wrap_fchmod(int fd, mode_t mode);
int
__wrap_fchmod(int fd, mode_t mode)
{
	if (!fault_now())
		return __real_fchmod(fd, mode);
	errno = EPERM;
	return -1;
}

static int
clear(void **state)
{
	(void)state;
	fault_at(0);
	memset(&err, 0, sizeof(err));
	return 0;
}

static const char *
in(const char *dir, const char *name)
{
	return scratch_path("%s/%s", strrchr(dir, '/') + 1, name);
}

static void
writing_and_reading(void **state)
{
	const char *path = in(scratch_dir(), "f");
	struct sp_buf got = {0};
	struct stat st;

	(void)state;
	t_ok(ca_file_write(path, sp_bytes_str("old"), 0640, &err), &err);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	t_ok(ca_file_write(path, sp_bytes_str("new contents"), 0600, &err), &err);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	t_ok(ca_file_read(path, 12, &got, &err), &err);
	t_bytes(sp_buf_bytes(&got), sp_bytes_str("new contents"));
	sp_buf_reset(&got);
	t_refused(ca_file_read(path, 11, &got, &err), SETPKI_E_LIMIT, "larger than 11", &err);
	t_refused(ca_file_read(in(scratch_dir(), "none"), 11, &got, &err), SETPKI_E_NOTFOUND, "none", &err);
	t_refused(ca_file_write(scratch_path("no/such/folder"), sp_bytes_str("x"), 0600, &err), SETPKI_E_NOTFOUND,
	    "no/such/folder", &err);
	sp_buf_free(&got);
}

static void
creating_never_replaces(void **state)
{
	const char *dir = scratch_dir(), *path = in(dir, "f"), *dangling = in(dir, "link");

	(void)state;
	t_ok(ca_file_create(path, sp_bytes_str("first"), 0600, &err), &err);
	t_refused(ca_file_create(path, sp_bytes_str("second"), 0600, &err), SETPKI_E_CONFLICT, "left alone", &err);
	t_bytes(scratch_read(path), sp_bytes_str("first"));
	assert_int_equal(symlink("/nonexistent/target", dangling), 0);
	t_refused(ca_file_create(dangling, sp_bytes_str("x"), 0600, &err), SETPKI_E_CONFLICT, "link", &err);
	assert_int_equal(scratch_count(dir), 2); /* nothing left beside them */
}

static void
secrets_are_read_only_from_safe_files(void **state)
{
	static const struct {
		unsigned mode;
		bool ok;
	} modes[] = {{0600, true}, {0400, true}, {0640, false}, {0604, false}, {0620, false}, {0602, false},
	    {0610, false}, {0777, false}};
	const char *dir = scratch_dir(), *path = in(dir, "secret"), *link_path = in(dir, "link"),
		   *fifo = in(dir, "fifo");
	struct sp_buf got = {.secret = true};

	(void)state;
	for (size_t i = 0; i < NELEMS(modes); i++) {
		scratch_write(path, sp_bytes_str("secret"), modes[i].mode);
		if (modes[i].ok)
			t_ok(ca_file_read_secret(path, 100, &got, &err), &err);
		else
			t_refused(ca_file_read_secret(path, 100, &got, &err), SETPKI_E_RULE, "chmod 600", &err);
		unlink(path);
	}
	t_refused(ca_file_read_secret(path, 100, &got, &err), SETPKI_E_NOTFOUND, "secret", &err);
	scratch_write(path, sp_bytes_str("secret"), 0600);
	assert_int_equal(symlink(path, link_path), 0);
	t_refused(ca_file_read_secret(link_path, 100, &got, &err), SETPKI_E_RULE, "is a link", &err);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	t_refused(ca_file_read_secret(fifo, 100, &got, &err), SETPKI_E_RULE, "not a file", &err);
	t_refused(ca_file_read_secret(dir, 100, &got, &err), SETPKI_E_RULE, "not a file", &err);
	sp_buf_free(&got);
}

static void
folders(void **state)
{
	const char *dir = in(scratch_dir(), "sub"), *file = in(scratch_dir(), "file");
	struct stat st;

	(void)state;
	t_ok(ca_folder_make(dir, &err), &err);
	t_ok(ca_folder_make(dir, &err), &err);
	assert_int_equal(stat(dir, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	scratch_write(file, sp_bytes_str(""), 0600);
	t_refused(ca_folder_make(file, &err), SETPKI_E_IO, "not a folder", &err);
	t_refused(ca_folder_make(scratch_path("a/b/c"), &err), SETPKI_E_NOTFOUND, "a/b/c", &err);
}

static void
what_killed_writers_left_is_removed(void **state)
{
	static const struct {
		const char *name;
		bool stays;
	} files[] = {{"root.key", true}, {"root.key.new-999999999", false}, {"root.key.new-1", true},
	    {"root.key.new-", true}, {"root.key.new-12x", true}, {"x.new-99999999999999999999", true},
	    {"x.new--5", true}};
	const char *dir = scratch_dir();
	char self[64];

	(void)state;
	for (size_t i = 0; i < NELEMS(files); i++)
		scratch_write(in(dir, files[i].name), sp_bytes_str("x"), 0600);
	snprintf(self, sizeof(self), "mine.new-%ld", (long)getpid());
	scratch_write(in(dir, self), sp_bytes_str("x"), 0600);
	ca_folder_tidy(dir);
	for (size_t i = 0; i < NELEMS(files); i++)
		if (scratch_exists(in(dir, files[i].name)) != files[i].stays)
			fail_msg("%s %s", files[i].name, files[i].stays ? "is gone" : "is still there");
	assert_true(scratch_exists(in(dir, self)));
	ca_folder_tidy(scratch_path("nowhere"));
}

/* At each fault the file has the old or the new contents, and nothing lies beside it. */
static void
faults_leave_the_old_or_the_new(void **state)
{
	static const char old[] = "the old contents", new[] = "and the new ones";
	const char *dir = scratch_dir(), *path = in(dir, "f");
	setpki_bytes got;
	enum setpki_code rc;
	unsigned at = 0;

	(void)state;
	do {
		scratch_write(path, sp_bytes_str(old), 0600);
		memset(&err, 0, sizeof(err));
		fault_at(++at);
		rc = ca_file_write(path, sp_bytes_str(new), 0600, &err);
		if (!fault_fired())
			break;
		fault_at(0);
		t_code(rc, SETPKI_E_IO, &err);
		got = scratch_read(path);
		if (!sp_bytes_eq(got, sp_bytes_str(old)) && !sp_bytes_eq(got, sp_bytes_str(new)))
			fail_msg("fault %u leaves \"%.*s\"", at, (int)got.n, (const char *)got.p);
		assert_int_equal(scratch_count(dir), 1);
	} while (at < 100);
	fault_at(0);
	t_ok(rc, &err);
	assert_true(at > 5);
}

static void
faults_leave_no_half_created_file(void **state)
{
	static const char new[] = "contents";
	const char *dir = scratch_dir(), *path = in(dir, "f");
	enum setpki_code rc;
	unsigned at = 0;

	(void)state;
	do {
		unlink(path);
		memset(&err, 0, sizeof(err));
		fault_at(++at);
		rc = ca_file_create(path, sp_bytes_str(new), 0600, &err);
		if (!fault_fired())
			break;
		fault_at(0);
		t_code(rc, SETPKI_E_IO, &err);
		if (scratch_exists(path))
			t_bytes(scratch_read(path), sp_bytes_str(new));
		assert_int_equal(scratch_count(dir), scratch_exists(path) ? 1 : 0);
	} while (at < 100);
	fault_at(0);
	t_ok(rc, &err);
	assert_true(at > 5);
}

#define TEST(f) cmocka_unit_test_setup(f, clear)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    TEST(writing_and_reading),
	    TEST(creating_never_replaces),
	    TEST(secrets_are_read_only_from_safe_files),
	    TEST(folders),
	    TEST(what_killed_writers_left_is_removed),
	    TEST(faults_leave_the_old_or_the_new),
	    TEST(faults_leave_no_half_created_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
