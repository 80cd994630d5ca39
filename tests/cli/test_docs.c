/* Every command that README.md and docs/ show in a block marked "sh run" is run, the blocks of a file in their order,
 * in one folder and one shell. */
#include "tests/support/check.h"
#include "tests/support/cli.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>

#define MARK "```sh run\n"
#define FILES_MAX 64

static char *files[FILES_MAX];
static size_t nfiles;

/* Writes the blocks of a document as one script; how many there were. */
static size_t
write_script(const char *document, const char *script)
{
	char *text = cli_slurp(document, NULL), *at = text, *end;
	FILE *f = fopen(script, "w");
	size_t n = 0;

	assert_non_null(text);
	assert_non_null(f);
	fputs("set -e\n", f);
	while ((at = strstr(at, MARK)) != NULL) {
		at += strlen(MARK);
		assert_non_null(end = strstr(at, "```"));
		fwrite(at, 1, (size_t)(end - at), f);
		at = end + 3;
		n++;
	}
	assert_int_equal(fclose(f), 0);
	free(text);
	return n;
}

static void
document_works(void **state)
{
	const char *document = *state, *name = strrchr(document, '/') + 1;

	cli_enter(name);
	if (write_script(document, "script.sh") == 0)
		return;
	cli_ok("sh -x ./script.sh");
}

/* A command that is shown in the README is a command that is run. */
static void
readme_marks_every_block(void **state)
{
	char path[4096], *text, *at;

	(void)state;
	snprintf(path, sizeof(path), "%s/README.md", getenv("TEST_TOP"));
	assert_non_null(text = cli_slurp(path, NULL));
	for (at = text; (at = strstr(at, "```sh")) != NULL; at += 5)
		assert_memory_equal(at, MARK, strlen(MARK));
	cli_enter("marks");
	assert_true(write_script(path, "script.sh") >= 5);
	free(text);
}

/* docs/json.md names each schema of the programs, and each member that a table has. */
static void
json_is_documented(void **state)
{
	(void)state;
	cli_enter("json");
	cli_ok(
	    "cd $TEST_TOP; for s in $(grep -oh '\"set[a-z]*\\.[a-z-]*/1\"' tools/setca/*.c tools/setenroll/report.c | "
	    "tr -d '\"' | sort -u); do "
	    "grep -q \"^| .$s. |\" docs/json.md || { echo $s >&2; exit 1; }; done");
	cli_ok("cd $TEST_TOP; for m in $(sed -n 's/^    \\[\\?[A-Z_ =]*\\]\\?[ =]*{\"\\([a-zA-Z]*\\)\", "
	       ".*SETPKI_VALUE_.*/\\1/p' "
	       "tools/setca/*.c | sort -u); do grep -q \"\\`$m\\`\" docs/json.md || { echo $m >&2; exit 1; }; done");
	cli_ok("cd $TEST_TOP; for m in $(grep -oE "
	       "'(tc_text|tc_textf|tc_number|tc_bool|tc_enter|put_list)\\([a-z>-]*o(ut)?, \"[a-zA-Z]*\"' "
	       "tools/setenroll/report.c | cut -d '\"' -f 2 | sort -u); do test $m = item || test $m = field || "
	       "grep -q \"\\`$m\\`\" docs/json.md || { echo $m >&2; exit 1; }; done");
}

int
main(void)
{
	struct CMUnitTest all[FILES_MAX + 2];
	char pattern[4096];
	glob_t g;
	size_t i;

	snprintf(pattern, sizeof(pattern), "%s/README.md", getenv("TEST_TOP"));
	glob(pattern, 0, NULL, &g);
	snprintf(pattern, sizeof(pattern), "%s/docs/*.md", getenv("TEST_TOP"));
	glob(pattern, GLOB_APPEND, NULL, &g);
	for (i = 0; i < g.gl_pathc && nfiles < FILES_MAX; i++)
		files[nfiles++] = g.gl_pathv[i];
	for (i = 0; i < nfiles; i++)
		all[i] = (struct CMUnitTest){strrchr(files[i], '/') + 1, document_works, NULL, NULL, files[i]};
	all[nfiles] = (struct CMUnitTest){"readme_marks_every_block", readme_marks_every_block, NULL, NULL, NULL};
	all[nfiles + 1] = (struct CMUnitTest){"json_is_documented", json_is_documented, NULL, NULL, NULL};
	i = (size_t)_cmocka_run_group_tests("docs", all, nfiles + 2, NULL, NULL);
	globfree(&g);
	return (int)i;
}
