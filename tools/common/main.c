/* The frame of every program. */
#include "tools/common/main.h"

#include "tools/common/clock.h"
#include "tools/common/fail.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* Bytes of the arena for secrets, and its smallest piece. */
#define SECURE_ARENA 65536
#define SECURE_PIECE 32

/* Leak checking attaches to the process, which a non-dumpable one forbids. */
#if defined(__SANITIZE_ADDRESS__)
#define DUMPABLE 1
#else
#define DUMPABLE 0
#endif

/* Where a standard descriptor is closed, the next file or socket would get its number, and what is printed with it.
 * /dev/null stands there instead, opened the wrong way round, so that reading and writing fail as before. */
static bool
keep_standard(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd)
			return false;
	return true;
}

/* Nothing that this process writes or holds is for other users: no core files, no ptrace, files of mode 0600. */
static enum setpki_code
harden(struct setpki_error *err)
{
	struct rlimit none = {0, 0};

	umask(077);
	if (!keep_standard())
		return tc_fail(err, SETPKI_E_IO, "/dev/null cannot be opened: %s", strerror(errno));
	if (setrlimit(RLIMIT_CORE, &none) != 0 || prctl(PR_SET_DUMPABLE, DUMPABLE, 0, 0, 0) != 0)
		return tc_fail(err, SETPKI_E_IO, "cannot forbid core files: %s", strerror(errno));
	return SETPKI_E_OK;
}

/* `help [COMMAND...] [--man | --completion]`. */
static int
run_help(const struct tc_program *program, int argc, char **argv)
{
	const struct tc_command *c;
	struct setpki_error err = {0};
	size_t used;

	if (argc == 0)
		tc_help_program(program, stdout);
	else if (strcmp(argv[0], "--man") == 0)
		tc_man(program, stdout);
	else if (strcmp(argv[0], "--completion") == 0)
		tc_completion(program, stdout);
	else if ((c = tc_find_command(program, argv, (size_t)argc, &used)) != NULL && used == (size_t)argc)
		tc_help_command(program, c, stdout);
	else if (argc == 1 && tc_is_group(program, argv[0]))
		tc_help_group(program, argv[0], stdout);
	else {
		(void)tc_unknown_command(program, argv, (size_t)argc, &err);
		return tc_error_print(program->name, &err, stderr);
	}
	return 0;
}

static int
show_help(const struct tc_run *run)
{
	if (run->command == NULL && run->noperands > 0)
		tc_help_group(run->program, run->operands[0], stdout);
	else if (run->command == NULL || run->command == run->program->fallback)
		tc_help_program(run->program, stdout);
	else
		tc_help_command(run->program, run->command, stdout);
	return 0;
}

/* Runs the command between making and freeing what it needs of OpenSSL. */
static enum setpki_code
run_command(struct tc_run *run)
{
	enum setpki_code rc;

	if (CRYPTO_secure_malloc_init(SECURE_ARENA, SECURE_PIECE) == 0)
		return tc_fail(&run->err, SETPKI_E_MEMORY, "no memory for secrets can be locked; see 'ulimit -l'");
	if ((rc = setpki_ctx_new(NULL, &run->ctx, &run->err)) != SETPKI_E_OK)
		return rc;
	run->now = tc_clock_now();
	rc = run->command->run(run);
	setpki_ctx_free(run->ctx);
	run->ctx = NULL;
	return rc;
}

/* Output that did not reach its file (a full disk, a closed pipe) is a failure, not a success. */
static int
close_output(const char *program, int status)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	fprintf(stderr, "%s: standard output cannot be written: %s\n", program, strerror(errno));
	return status == 0 ? 3 : status;
}

static int
dispatch(const struct tc_program *program, int argc, char **argv, struct tc_run *run)
{
	int status;

	if (tc_parse(program, argc, argv, run) != SETPKI_E_OK) {
		status = tc_error_print(program->name, &run->err, stderr);
		if (status == 2 && run->command != NULL)
			tc_usage(program, run->command, stderr);
		return status;
	}
	if (run->help_at > 0)
		return run_help(program, argc - run->help_at - 1, argv + run->help_at + 1);
	if (run->help)
		return show_help(run);
	if (run->version) {
		printf("%s %s\n", program->name, SETPKI_VERSION);
		return 0;
	}
	if (run_command(run) != SETPKI_E_OK)
		return tc_error_print(program->name, &run->err, stderr);
	return run->status;
}

int
tc_main(const struct tc_program *program, int argc, char **argv)
{
	struct tc_run run = {0};
	int status;

	if (harden(&run.err) != SETPKI_E_OK)
		return tc_error_print(program->name, &run.err, stderr);
	status = dispatch(program, argc, argv, &run);
	tc_run_free(&run);
	return close_output(program->name, status);
}
