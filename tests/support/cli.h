/* Running the real programs from build/<variant>/test-bin/, with a clock that the test sets, in a folder of its own. */
#ifndef TESTS_SUPPORT_CLI_H
#define TESTS_SUPPORT_CLI_H

#include <stddef.h>

/* What a command line did. */
struct cli_result {
	int status; /* exit status; 128 + N when signal N ended it */
	char *out, *err;
	size_t nout, nerr;
};

/* Makes and enters TEST_SCRATCH/<name>, with a link `policies` to the shipped ones, and sets the clock to CLI_NOW.
 * Aborts the test on failure, as all of these do. */
void cli_enter(const char *name);
#define CLI_NOW "2026-11-23T12:00:00Z"
void cli_clock(const char *time);

/* Runs a line of /bin/sh, without a terminal, the programs first in PATH.  cli_free() the result. */
__attribute__((format(printf, 2, 3))) void cli_run(struct cli_result *r, const char *fmt, ...);
void cli_free(struct cli_result *r);
/* The same, and the exit status must be this one; else everything is shown and the test fails.  Returns what went to
 * standard output (free() it). */
__attribute__((format(printf, 2, 3))) char *cli_expect(int status, const char *fmt, ...);
/* The same with status 0 for whoever does not want the output. */
__attribute__((format(printf, 1, 2))) void cli_ok(const char *fmt, ...);
/* Exit status and a piece of standard error. */
__attribute__((format(printf, 3, 4))) void cli_refused(int status, const char *text, const char *fmt, ...);

/* Compares with tests/vectors/cli/<name>.txt after serials, hashes and the like are put out; UPDATE_GOLDEN=1 in the
 * environment writes the file instead. */
void cli_golden(const char *name, const char *text);
/* The contents of a file (free() them); NULL if it cannot be read. */
char *cli_slurp(const char *path, size_t *n);
/* Whether a program is in PATH; prints a notice if it is not. */
int cli_have(const char *program);

#endif
