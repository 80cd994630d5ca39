/* The lists of docs/architecture.md against the tree: every room, every error code with its exit status, every
 * database.
 */
#include "ca/store/private.h"
#include "tests/support/check.h"

#include <dirent.h>
#include <setpki/error.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

static char page[65536];

static const char *
top(void)
{
	const char *dir = getenv("TEST_TOP");

	return dir != NULL ? dir : ".";
}

static int
read_page(void **state)
{
	char path[1024];
	size_t n;
	FILE *f;

	(void)state;
	snprintf(path, sizeof(path), "%s/docs/architecture.md", top());
	if ((f = fopen(path, "rb")) == NULL)
		return -1;
	n = fread(page, 1, sizeof(page) - 1, f);
	page[n] = '\0';
	fclose(f);
	return 0;
}

static void
every_code_has_its_row(void **state)
{
	char row[128];

	(void)state;
	for (int c = 0; c < SETPKI_E_NCODES; c++) {
		enum setpki_code code = (enum setpki_code)c;

		snprintf(row, sizeof(row), "\n| `%s` | %s | %d |\n", setpki_code_name(code), setpki_code_text(code),
		    setpki_code_exit(code));
		if (strstr(page, row) == NULL)
			fail_msg("docs/architecture.md has no row '%.*s'", (int)strlen(row) - 2, row + 1);
	}
}

static bool
is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static void
every_room_is_named(void **state)
{
	static const char *const houses[] = {"lib", "ca", "tools"};
	char path[2048], line[300];
	size_t rooms = 0;

	(void)state;
	for (size_t i = 0; i < NELEMS(houses); i++) {
		struct dirent *e;
		DIR *d;

		snprintf(path, sizeof(path), "%s/%s", top(), houses[i]);
		assert_non_null(d = opendir(path));
		while ((e = readdir(d)) != NULL) {
			snprintf(path, sizeof(path), "%s/%s/%.255s", top(), houses[i], e->d_name);
			if (e->d_name[0] == '.' || !is_folder(path))
				continue;
			snprintf(line, sizeof(line), "\n      %.255s/ ", e->d_name);
			if (strstr(page, line) == NULL)
				fail_msg("docs/architecture.md does not say what %s/%s is", houses[i], e->d_name);
			rooms++;
		}
		closedir(d);
	}
	assert_true(rooms >= 15);
}

static void
every_database_is_named(void **state)
{
	const char *at = page;
	char row[64];

	(void)state;
	for (size_t i = 0; i < CA_DB_N; i++) {
		snprintf(row, sizeof(row), "\n| `%s` | ", ca_db_names[i]);
		if ((at = strstr(at, row)) == NULL)
			fail_msg(
			    "docs/architecture.md has no row for the database %s, or not in its place", ca_db_names[i]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_code_has_its_row),
	    cmocka_unit_test(every_room_is_named),
	    cmocka_unit_test(every_database_is_named),
	};

	return cmocka_run_group_tests(tests, read_page, NULL);
}
