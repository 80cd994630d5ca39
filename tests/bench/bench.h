/* Side-by-side measurement: each row runs ours and a reference in turn, in one process, and prints the median of the
 * pairwise ratios.  Never part of `make test`. */
#ifndef TESTS_BENCH_BENCH_H
#define TESTS_BENCH_BENCH_H

#include <setpki/context.h>
#include <stddef.h>

struct bench_row {
	const char *name;      /* "P-256 certificate, issued" */
	const char *ours;      /* what the numerator does, in a few words */
	const char *reference; /* and the denominator */
	const char *mark;      /* what we aim at, "speed >= 0.60" */
	/* may be NULL; its result goes to the runs; NULL: what it takes is not on this machine */
	void *(*setup)(setpki_ctx *ctx);
	void (*run_ours)(void *arg, size_t n); /* n times */
	void (*run_reference)(void *arg, size_t n);
	void (*teardown)(void *arg);
};

/* Each family of rows in a file of its own: an array that ends with a row without name. */
extern const struct bench_row bench_chain[], bench_crypto[], bench_crl[], bench_http[], bench_issue[], bench_register[];

/* What a run does between the two is not counted. */
void bench_stop(void);
void bench_go(void);

/* A folder that is there while the program runs, its whole path; static. */
const char *bench_scratch(void);

/* Ends the program: a benchmark whose operation fails measures nothing. */
#define BENCH_MUST(ok)                                                                                                 \
	do {                                                                                                           \
		if (!(ok))                                                                                             \
			bench_die(__FILE__, __LINE__, #ok);                                                            \
	} while (0)
__attribute__((noreturn)) void bench_die(const char *file, int line, const char *what);

#endif
