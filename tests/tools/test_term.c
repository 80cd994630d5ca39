/* tools/common/term.c, passphrase.c, files.c: what is asked, read and kept from the screen. */
#include "tests/support/check.h"
#include "tools/common/files.h"
#include "tools/common/term.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <pty.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

/* A descriptor that gives this text. */
static int
gives(const char *text)
{
	int p[2];

	assert_int_equal(pipe2(p, O_CLOEXEC), 0);
	assert_int_equal(write(p[1], text, strlen(text)), (ssize_t)strlen(text));
	close(p[1]);
	return p[0];
}

/* --- passphrases --- */

static void
passphrase_from_a_descriptor(void **state)
{
	struct setpki_error err = {0};
	struct tc_pass *p;
	char out[TC_PASS_MAX];
	int fd = gives("secret words\nanother\nmore");
	size_t n;

	(void)state;
	t_ok(tc_pass_new(fd, &p, &err), &err);
	assert_true(tc_pass_available(p));
	t_ok(tc_pass_ask(p, "root", true, out, sizeof(out), &n, &err), &err);
	assert_string_equal(out, "secret words");
	assert_int_equal(n, 12);
	t_ok(tc_pass_ask(p, "root, generation 2 (" TC_PASS_SECOND ")", true, out, sizeof(out), &n, &err), &err);
	assert_string_equal(out, "another");
	t_code(tc_pass_ask(p, "root", false, out, 5, &n, NULL), SETPKI_E_LIMIT, NULL);
	tc_pass_free(p);
	/* nothing behind the second line was taken */
	assert_int_equal(read(fd, out, 4), 4);
	assert_memory_equal(out, "more", 4);
	close(fd);
}

static void
one_line_is_for_every_key(void **state)
{
	struct setpki_error err = {0};
	struct tc_pass *p;
	char out[TC_PASS_MAX];
	int fd = gives("secret words");
	size_t n;

	(void)state;
	t_ok(tc_pass_new(fd, &p, &err), &err);
	t_ok(tc_pass_ask(p, "root, generation 2 (" TC_PASS_SECOND ")", true, out, sizeof(out), &n, &err), &err);
	assert_string_equal(out, "secret words");
	tc_pass_free(p);
	close(fd);
}

static void
passphrase_refusals(void **state)
{
	char longer[TC_PASS_MAX + 10];
	struct tc_pass *p;
	int fd;

	(void)state;
	fd = gives("\n");
	t_code(tc_pass_new(fd, &p, NULL), SETPKI_E_ARGUMENT, NULL);
	assert_null(p);
	close(fd);
	fd = gives("");
	t_code(tc_pass_new(fd, &p, NULL), SETPKI_E_NOTFOUND, NULL);
	close(fd);
	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	fd = gives(longer);
	t_code(tc_pass_new(fd, &p, NULL), SETPKI_E_LIMIT, NULL);
	close(fd);
	t_code(tc_pass_new(999, &p, NULL), SETPKI_E_IO, NULL);
	t_code(tc_pass_new((int64_t)INT32_MAX + 1, &p, NULL), SETPKI_E_ARGUMENT, NULL);
}

static void
passphrase_from_a_systemd_credential(void **state)
{
	struct setpki_error err = {0};
	struct tc_pass *p;
	char path[4096], out[TC_PASS_MAX];
	size_t n;
	FILE *f;

	(void)state;
	snprintf(path, sizeof(path), "%s/passphrase", getenv("TEST_SCRATCH"));
	assert_non_null(f = fopen(path, "w"));
	fputs("from systemd", f);
	fclose(f);
	setenv("CREDENTIALS_DIRECTORY", getenv("TEST_SCRATCH"), 1);
	t_ok(tc_pass_new(-1, &p, &err), &err);
	t_ok(tc_pass_ask(p, "root", false, out, sizeof(out), &n, &err), &err);
	assert_string_equal(out, "from systemd");
	tc_pass_free(p);
	unlink(path);
	/* there is none, or something that cannot be one */
	t_ok(tc_pass_new(-1, &p, &err), &err);
	tc_pass_free(p);
	assert_int_equal(symlink("passphrase", path), 0);
	t_code(tc_pass_new(-1, &p, NULL), SETPKI_E_IO, NULL);
	unsetenv("CREDENTIALS_DIRECTORY");
	unlink(path);
}

/* --- a terminal --- */

/* Runs fn in a child at a terminal of its own, types `typed` into it, and gives back what the screen showed. */
static int
at_terminal(int (*fn)(void), const char *typed, char *screen, size_t cap)
{
	size_t n = 0;
	ssize_t got;
	int fd, st;
	pid_t pid = forkpty(&fd, NULL, NULL, NULL);

	if (pid < 0) { /* a bare chroot has no /dev/pts: shown as skipped */
		print_message("no terminal to be had here: %s\n", strerror(errno));
		skip();
	}
	if (pid == 0)
		_exit(fn());
	/* typed when the question is there: echo is off by then */
	while (n < cap - 1 && (got = read(fd, screen + n, cap - 1 - n)) > 0) {
		n += (size_t)got;
		screen[n] = '\0';
		if (*typed != '\0' && n >= 2 && screen[n - 2] == ':' && screen[n - 1] == ' ') {
			size_t line = strcspn(typed, "\n") + 1;

			assert_int_equal(write(fd, typed, line), (ssize_t)line);
			typed += line;
		}
	}
	screen[n] = '\0';
	assert_int_equal(waitpid(pid, &st, 0), pid);
	close(fd);
	return WIFEXITED(st) ? WEXITSTATUS(st) : -1;
}

static int
ask_one(void)
{
	struct tc_pass *p;
	char out[TC_PASS_MAX];
	size_t n;

	return tc_pass_new(-1, &p, NULL) != SETPKI_E_OK ||
	    tc_pass_ask(p, "the root", false, out, sizeof(out), &n, NULL) != SETPKI_E_OK || strcmp(out, "hidden") != 0;
}

static int
ask_new(void)
{
	struct tc_pass *p;
	char out[TC_PASS_MAX];
	size_t n;

	return tc_pass_new(-1, &p, NULL) != SETPKI_E_OK ||
	    tc_pass_ask(p, "the root", true, out, sizeof(out), &n, NULL) != SETPKI_E_OK || strcmp(out, "hidden") != 0;
}

static void
a_typed_passphrase_is_not_shown(void **state)
{
	char screen[4096];

	(void)state;
	assert_int_equal(at_terminal(ask_one, "hidden\n", screen, sizeof(screen)), 0);
	assert_non_null(strstr(screen, "Passphrase for the root: "));
	assert_null(strstr(screen, "hidden"));
}

static void
a_new_passphrase_is_typed_twice(void **state)
{
	char screen[4096];

	(void)state;
	assert_int_equal(at_terminal(ask_new, "hidden\nhidden\n", screen, sizeof(screen)), 0);
	assert_int_equal(at_terminal(ask_new, "hidden\nhiden\n\nhidden\nhidden\n", screen, sizeof(screen)), 0);
	assert_non_null(strstr(screen, "The two differ."));
	assert_non_null(strstr(screen, "cannot be empty"));
	assert_int_equal(at_terminal(ask_new, "a\nb\nc\nd\ne\nf\n", screen, sizeof(screen)), 1);
}

/* Many keys, one passphrase: typed once.  The next root's is always typed. */
static int
ask_many(void)
{
	static const struct {
		const char *what, *want;
		bool confirm;
	} rows[] = {{"card", "hidden", true}, {"geo", "hidden", true}, {"brand", "hidden", false},
	    {"root 2 (" TC_PASS_SECOND ")", "another", true}, {"merchant", "hidden", true}, {"gateway", "own", true}};
	struct tc_pass *p;
	char out[TC_PASS_MAX];
	size_t n;

	if (tc_pass_new(-1, &p, NULL) != SETPKI_E_OK)
		return 1;
	for (size_t i = 0; i < NELEMS(rows); i++)
		if (tc_pass_ask(p, rows[i].what, rows[i].confirm, out, sizeof(out), &n, NULL) != SETPKI_E_OK ||
		    n != strlen(rows[i].want) || strcmp(out, rows[i].want) != 0)
			return 2;
	tc_pass_free(p);
	return 0;
}

static void
a_passphrase_for_many_keys_is_typed_once(void **state)
{
	char screen[4096];

	(void)state;
	assert_int_equal(
	    at_terminal(ask_many, "hidden\nhidden\n\n\n\nanother\nanother\n\nown\nown\n", screen, sizeof(screen)), 0);
	assert_null(strstr(screen, "hidden"));
	assert_non_null(strstr(screen, "New passphrase for card: "));
	assert_non_null(strstr(screen, "New passphrase for geo (Enter: the one before): "));
	assert_non_null(strstr(screen, "New passphrase for root 2 (" TC_PASS_SECOND "): "));
}

/* The bar makes way, and the end of input is told in words of who types. */
static int
ask_in_progress(void)
{
	struct setpki_error err = {0};
	char out[8];

	tc_progress("half way", 1, 2);
	if (tc_ask_line("Well: ", out, sizeof(out), &err) != SETPKI_E_STATE)
		return 1;
	tc_tell("%s", err.message);
	setpki_error_clear(&err);
	return tc_ask_line("And now: ", out, sizeof(out), &err) != SETPKI_E_LIMIT;
}

static void
no_answer_at_a_terminal(void **state)
{
	char screen[4096];

	(void)state;
	assert_int_equal(at_terminal(ask_in_progress, "\004123456789\n", screen, sizeof(screen)), 0);
	assert_non_null(strstr(screen, "half way\r\033[KWell: "));
	assert_non_null(strstr(screen, "no answer was typed"));
}

/* A child that asks and is interrupted ends by the signal; a parent at the same terminal finds echo on again. */
static int
interrupted(void)
{
	struct termios t;
	int st;
	pid_t pid = fork();

	if (pid == 0)
		_exit(ask_one());
	if (waitpid(pid, &st, 0) != pid || !WIFSIGNALED(st) || WTERMSIG(st) != SIGINT)
		return 1;
	return tcgetattr(0, &t) != 0 || (t.c_lflag & ECHO) == 0 ? 2 : 0;
}

static int
interrupted_at_terminal(void)
{
	signal(SIGINT, SIG_IGN); /* the child takes the default again */
	return interrupted();
}

static void
an_interrupted_question_leaves_echo_on(void **state)
{
	char screen[4096];

	(void)state;
	assert_int_equal(at_terminal(interrupted_at_terminal, "\003\n", screen, sizeof(screen)), 0);
}

static int
colour_and_bar(void)
{
	printf("%shere%s\n", tc_colour(stdout, TC_RED), tc_colour(stdout, TC_PLAIN));
	tc_progress("half way", 1, 2);
	tc_progress_end();
	setenv("NO_COLOR", "1", 1);
	printf("%splain%s\n", tc_colour(stdout, TC_RED), tc_colour(stdout, TC_PLAIN));
	fflush(stdout);
	return 0;
}

static void
colour_and_progress_at_a_terminal(void **state)
{
	char screen[4096];

	(void)state;
	assert_int_equal(at_terminal(colour_and_bar, "", screen, sizeof(screen)), 0);
	assert_non_null(strstr(screen, "\033[31mhere\033[0m"));
	assert_non_null(strstr(screen, "1/2 half way"));
	assert_non_null(strstr(screen, "plain\r\n"));
	assert_null(strstr(screen, "\033[31mplain"));
}

static void
no_colour_in_a_pipe(void **state)
{
	FILE *f = tmpfile();

	(void)state;
	assert_string_equal(tc_colour(f, TC_GREEN), "");
	fclose(f);
}

/* --- files --- */

static enum setpki_code
note_path(void *arg, const char *path, struct setpki_error *err)
{
	char *all = arg;

	(void)err;
	strncat(all, strrchr(path, '/') + 1, 200);
	strncat(all, " ", 2);
	return SETPKI_E_OK;
}

static void
put_file(const char *folder, const char *name, size_t size)
{
	char path[4096];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	assert_true((fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600)) >= 0);
	assert_int_equal(ftruncate(fd, (off_t)size), 0);
	close(fd);
}

static void
files_and_folders(void **state)
{
	struct setpki_error err = {0};
	struct tc_file file;
	char dir[4096], path[8192], all[256] = "";

	(void)state;
	snprintf(dir, sizeof(dir), "%s/files", getenv("TEST_SCRATCH"));
	assert_int_equal(mkdir(dir, 0700), 0);
	put_file(dir, "b", 10);
	put_file(dir, "a", 3 << 20);
	put_file(dir, ".hidden", 1);
	put_file(dir, "empty", 0);
	snprintf(path, sizeof(path), "%s/folder", dir);
	assert_int_equal(mkdir(path, 0700), 0);
	t_ok(tc_path_each(dir, note_path, all, &err), &err);
	assert_string_equal(all, "a b empty ");
	snprintf(path, sizeof(path), "%s/a", dir);
	t_ok(tc_file_read(path, &file, &err), &err);
	assert_int_equal(file.bytes.n, 3 << 20);
	assert_non_null(file.mapped);
	tc_file_close(&file);
	snprintf(path, sizeof(path), "%s/b", dir);
	t_ok(tc_file_read(path, &file, &err), &err);
	assert_int_equal(file.bytes.n, 10);
	assert_null(file.mapped);
	tc_file_close(&file);
	snprintf(path, sizeof(path), "%s/empty", dir);
	t_code(tc_file_read(path, &file, NULL), SETPKI_E_PARSE, NULL);
	t_code(tc_file_read(dir, &file, NULL), SETPKI_E_ARGUMENT, NULL);
	snprintf(path, sizeof(path), "%s/missing", dir);
	t_code(tc_file_read(path, &file, NULL), SETPKI_E_NOTFOUND, NULL);
	t_code(tc_path_each(path, note_path, all, NULL), SETPKI_E_NOTFOUND, NULL);
}

static void
too_large_a_file(void **state)
{
	struct tc_file file;
	char path[4096];

	(void)state;
	put_file(getenv("TEST_SCRATCH"), "huge", TC_FILE_MAX + 1);
	snprintf(path, sizeof(path), "%s/huge", getenv("TEST_SCRATCH"));
	t_code(tc_file_read(path, &file, NULL), SETPKI_E_LIMIT, NULL);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(passphrase_from_a_descriptor),
	    cmocka_unit_test(one_line_is_for_every_key),
	    cmocka_unit_test(passphrase_refusals),
	    cmocka_unit_test(passphrase_from_a_systemd_credential),
	    cmocka_unit_test(a_typed_passphrase_is_not_shown),
	    cmocka_unit_test(a_new_passphrase_is_typed_twice),
	    cmocka_unit_test(a_passphrase_for_many_keys_is_typed_once),
	    cmocka_unit_test(no_answer_at_a_terminal),
	    cmocka_unit_test(an_interrupted_question_leaves_echo_on),
	    cmocka_unit_test(colour_and_progress_at_a_terminal),
	    cmocka_unit_test(no_colour_in_a_pipe),
	    cmocka_unit_test(files_and_folders),
	    cmocka_unit_test(too_large_a_file),
	};

	CRYPTO_secure_malloc_init(65536, 32);
	return cmocka_run_group_tests_name("term", tests, NULL, NULL);
}
