/* The programs under docs/examples/ are built with the public headers and run; what they print is what they promise. */
#include "tests/support/check.h"

#include <stdio.h>
#include <stdlib.h>

static const struct row {
	const char *name, *output;
} rows[] = {
    {"dual-signature",
	"merchant: signed order for brand Demo, card 400000...; no account number in sight\n"
	"gateway: pay 2450 cents to M-4711 from card 400000...; what was bought stays unknown\n"},
};

static void
examples_print_what_they_promise(void **state)
{
	const char *build = getenv("BUILD");

	(void)state;
	for (size_t i = 0; i < NELEMS(rows); i++) {
		char command[512], got[2048];
		size_t n;
		FILE *p;

		snprintf(
		    command, sizeof(command), "%s/examples/%s", build != NULL ? build : "build/release", rows[i].name);
		assert_non_null(p = popen(command, "r"));
		n = fread(got, 1, sizeof(got) - 1, p);
		got[n] = '\0';
		assert_int_equal(pclose(p), 0);
		assert_string_equal(got, rows[i].output);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(examples_print_what_they_promise)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
