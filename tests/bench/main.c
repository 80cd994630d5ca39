#include "tests/bench/bench.h"

#include <ftw.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define PAIRS 7
#define RUN_SECONDS 0.1

static const struct bench_row *const families[] = {
    bench_crypto, bench_crl, bench_issue, bench_chain, bench_http, bench_register};

static char scratch[4096];
static double stopped, not_counted;

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static void
remove_scratch(void)
{
	nftw(scratch, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

const char *
bench_scratch(void)
{
	char made[] = "build/bench-XXXXXX";

	if (scratch[0] == '\0') {
		BENCH_MUST(mkdtemp(made) != NULL && realpath(made, scratch) != NULL);
		atexit(remove_scratch);
		setenv("TEST_SCRATCH", scratch, 1);
	}
	return scratch;
}

void
bench_die(const char *file, int line, const char *what)
{
	fprintf(stderr, "%s:%d: %s does not hold\n", file, line, what);
	exit(1);
}

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

void
bench_stop(void)
{
	stopped = now();
}

void
bench_go(void)
{
	not_counted += now() - stopped;
}

/* Seconds for one operation, over n of them. */
static double
timed(void (*run)(void *, size_t), void *arg, size_t n)
{
	double start = now();

	not_counted = 0;
	run(arg, n);
	return (now() - start - not_counted) / (double)n;
}

/* How many operations last about RUN_SECONDS. */
static size_t
calibrate(void (*run)(void *, size_t), void *arg)
{
	size_t n = 1;
	double each;

	for (;;) {
		each = timed(run, arg, n);
		if (each * (double)n > RUN_SECONDS / 10)
			break;
		n *= 4;
	}
	n = (size_t)(RUN_SECONDS / each);
	return n == 0 ? 1 : n;
}

static int
compare(const void *a, const void *b)
{
	double x, y;

	memcpy(&x, a, sizeof(x));
	memcpy(&y, b, sizeof(y));
	return (x > y) - (x < y);
}

static double
median(double *v, size_t n)
{
	qsort(v, n, sizeof(*v), compare);
	return v[n / 2];
}

static void
run_row(const struct bench_row *r, setpki_ctx *ctx)
{
	double ours[PAIRS], reference[PAIRS], ratio[PAIRS];
	void *arg = r->setup != NULL ? r->setup(ctx) : NULL;
	size_t n_ours, n_reference;

	if (r->setup != NULL && arg == NULL) {
		printf("%-44s not measured: %s is not installed\n", r->name, r->reference);
		return;
	}
	n_ours = calibrate(r->run_ours, arg);
	n_reference = calibrate(r->run_reference, arg);
	for (size_t i = 0; i < PAIRS; i++) {
		ours[i] = timed(r->run_ours, arg, n_ours);
		reference[i] = timed(r->run_reference, arg, n_reference);
		ratio[i] = reference[i] / ours[i];
	}
	printf("%-44s %12.2f %12.2f   speed x %-9.3f %s\n", r->name, median(ours, PAIRS) * 1e6,
	    median(reference, PAIRS) * 1e6, median(ratio, PAIRS), r->mark);
	printf("    %s / %s\n", r->ours, r->reference);
	fflush(stdout);
	if (r->teardown != NULL)
		r->teardown(arg);
}

int
main(int argc, char **argv)
{
	struct setpki_error err = {0};
	setpki_ctx *ctx;

	if (setpki_ctx_new(NULL, &ctx, &err) != SETPKI_E_OK) {
		fprintf(stderr, "%s\n", err.message);
		return 3;
	}
	printf("medians of %d interleaved pairs; microseconds an operation\n", PAIRS);
	printf("%-44s %12s %12s   %-17s %s\n", "", "ours", "reference", "ratio", "mark");
	for (size_t f = 0; f < sizeof(families) / sizeof(families[0]); f++)
		for (const struct bench_row *r = families[f]; r->name != NULL; r++)
			if (argc < 2 || strstr(r->name, argv[1]) != NULL)
				run_row(r, ctx);
	setpki_ctx_free(ctx);
	return 0;
}
