/* Runs every kept input through its fuzz target, so that what fuzzing once found stays mended. */
#include "tests/fuzz/fuzz.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define INPUT_MAX 65536u

static const struct target {
	const char *name;
	void (*run)(const uint8_t *data, size_t size);
} targets[] = {
#define X(name) {#name, fuzz_##name},
    FUZZ_TARGETS(X)
#undef X
};

static void
run_file(const struct target *t, const char *path)
{
	uint8_t *data = malloc(INPUT_MAX);
	FILE *f = fopen(path, "rb");
	size_t n;

	assert_non_null(data);
	assert_non_null(f);
	n = fread(data, 1, INPUT_MAX, f);
	fclose(f);
	t->run(data, n);
	free(data);
}

static void
run_corpus(void **state)
{
	const struct target *t = *state;
	char dir[512], path[1024];
	struct dirent *e;
	unsigned inputs = 0;
	DIR *d;

	snprintf(dir, sizeof(dir), "%s/tests/fuzz/corpus/%s", getenv("TEST_TOP") != NULL ? getenv("TEST_TOP") : ".",
	    t->name);
	d = opendir(dir);
	assert_non_null(d);
	while ((e = readdir(d)) != NULL) {
		if (e->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		run_file(t, path);
		inputs++;
	}
	closedir(d);
	assert_true(inputs > 0);
}

int
main(void)
{
	struct CMUnitTest tests[sizeof(targets) / sizeof(targets[0])];

	for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
		const void *p = &targets[i];
		void *state;

		memcpy(&state, &p, sizeof(state));
		tests[i] = (struct CMUnitTest){targets[i].name, run_corpus, NULL, NULL, state};
	}
	return _cmocka_run_group_tests("fuzz corpus", tests, sizeof(tests) / sizeof(tests[0]), NULL, NULL);
}
