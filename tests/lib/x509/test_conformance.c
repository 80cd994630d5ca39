/* docs/conformance.md and docs/extensions.md name files that exist, and every row says how sure we are. */
#include "tests/support/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char page[262144];

static void
read_page(const char *name)
{
	const char *top = getenv("TEST_TOP");
	char path[1024];
	size_t n;
	FILE *f;

	snprintf(path, sizeof(path), "%s/docs/%s", top != NULL ? top : ".", name);
	f = fopen(path, "rb");
	assert_non_null(f);
	n = fread(page, 1, sizeof(page) - 1, f);
	assert_int_equal(fclose(f), 0);
	assert_true(n > 1000 && n < sizeof(page) - 1);
	page[n] = '\0';
}

static bool
exists(const char *name, size_t n)
{
	const char *top = getenv("TEST_TOP");
	char path[1024];

	snprintf(path, sizeof(path), "%s/%.*s", top != NULL ? top : ".", (int)n, name);
	return access(path, R_OK) == 0;
}

/* A word in backquotes is a file if it has a folder and a suffix of source or prose. */
static bool
is_file(const char *word, size_t n)
{
	bool folder = memchr(word, '/', n) != NULL && memchr(word, ' ', n) == NULL;

	return folder && n > 3 && word[0] != '/' &&
	    (memcmp(word + n - 2, ".c", 2) == 0 || memcmp(word + n - 2, ".h", 2) == 0 ||
		memcmp(word + n - 3, ".md", 3) == 0 || memcmp(word + n - 3, "aml", 3) == 0) &&
	    memchr(word, '*', n) == NULL;
}

static size_t
check_files(const char *name)
{
	size_t files = 0;

	read_page(name);
	for (char *p = strchr(page, '`'); p != NULL; p = strchr(p, '`')) {
		char *end = strchr(p + 1, '`');
		size_t n;

		if (end == NULL)
			fail_msg("%s: a backquote is not closed", name);
		n = (size_t)(end - p) - 1;
		if (is_file(p + 1, n)) {
			files++;
			if (!exists(p + 1, n))
				fail_msg("%s names %.*s, which does not exist", name, (int)n, p + 1);
		}
		p = end + 1;
	}
	return files;
}

static void
files_that_are_named_exist(void **state)
{
	(void)state;
	assert_true(check_files("conformance.md") > 100);
	assert_true(check_files("extensions.md") >= 2);
}

/* "| item | how sure | built in | tested in |" */
static void
check_row(char *line)
{
	static const char *const sure[] = {"confirmed", "in part", "our reading"};
	char *cells[4], *rest = line + 1, *cell;
	size_t n = 0;
	bool known = false;

	while (n < 4 && (cell = strsep(&rest, "|")) != NULL)
		cells[n++] = cell;
	if (n != 4 || rest == NULL || rest[0] != '\0')
		fail_msg("not four cells: %s", line);
	for (size_t i = 0; i < NELEMS(sure); i++)
		known |= strncmp(cells[1] + 1, sure[i], strlen(sure[i])) == 0;
	if (!known)
		fail_msg("\"%s\" does not say how sure: %s", cells[0], cells[1]);
	if (strchr(cells[2], '`') == NULL || strstr(cells[3], "`tests/") == NULL)
		fail_msg("\"%s\" names no file, or no test", cells[0]);
}

static void
every_row_says_how_sure_where_and_which_test(void **state)
{
	size_t rows = 0;
	char *rest = page, *line;

	(void)state;
	read_page("conformance.md");
	while ((line = strsep(&rest, "\n")) != NULL) {
		if (line[0] != '|' || strncmp(line, "| item", 6) == 0 || strncmp(line, "|---", 4) == 0)
			continue;
		check_row(line);
		rows++;
	}
	assert_true(rows > 50);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(files_that_are_named_exist),
	    cmocka_unit_test(every_row_says_how_sure_where_and_which_test),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
