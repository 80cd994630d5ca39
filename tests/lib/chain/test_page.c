/* docs/findings.md says what the table of findings says. */
#include "tests/support/check.h"

#include <setpki/finding.h>
#include <stdio.h>
#include <stdlib.h>

static const char head[] =
    "# Findings\n\n"
    "What `setverify`, `setca verify` and `setca lint` can find. This page is written from the table of findings\n"
    "(`lib/x509/rules_*.h`) by `test_page --write`; `tests/lib/chain/test_page.c` fails when the two differ.\n\n"
    "An **error** refuses; **undecided** means that something is missing and neither yes nor no can be said; a\n"
    "**warning** is allowed, but not as it should be; a **note** is worth knowing.\n\n"
    "| id | severity | about a | what must be | specification | what to do |\n|---|---|---|---|---|---|\n";

static const char *
severity(enum setpki_severity s)
{
	static const char *const words[] = {[SETPKI_NOTE] = "note",
	    [SETPKI_WARNING] = "warning",
	    [SETPKI_UNDECIDED] = "undecided",
	    [SETPKI_ERROR] = "error"};

	return words[s];
}

static void
render(struct sp_buf *out)
{
	size_t i, n;
	const struct setpki_rule *r = setpki_rules(&n);

	sp_buf_add_str(out, head);
	for (i = 0; i < n; i++)
		sp_buf_printf(out, "| `%s` | %s | %s | %s | %s | %s |\n", r[i].id, severity(r[i].severity),
		    r[i].applies, r[i].text, r[i].spec, r[i].advice);
}

static FILE *
open_page(const char *mode)
{
	const char *top = getenv("TEST_TOP");
	char path[4096];

	snprintf(path, sizeof(path), "%s/docs/findings.md", top != NULL ? top : ".");
	return fopen(path, mode);
}

static void
the_page_says_what_the_rows_say(void **state)
{
	static char page[131072];
	struct sp_buf want = {0};
	FILE *f = open_page("rb");
	size_t n;

	(void)state;
	assert_non_null(f);
	n = fread(page, 1, sizeof(page), f);
	fclose(f);
	render(&want);
	assert_false(want.failed);
	if (!sp_bytes_eq(sp_bytes(page, n), sp_buf_bytes(&want)))
		fail_msg("docs/findings.md is not what the table says; write it anew with test_page --write");
	sp_buf_free(&want);
}

/* What a reader of a report relies on. */
static void
rows_are_sorted_and_complete(void **state)
{
	size_t i, n;
	const struct setpki_rule *r = setpki_rules(&n);

	(void)state;
	for (i = 0; i < n; i++) {
		assert_true(i == 0 || strcmp(r[i - 1].id, r[i].id) < 0);
		assert_ptr_equal(setpki_rule_by_id(r[i].id), &r[i]);
		assert_true(
		    r[i].text[0] != '\0' && r[i].spec[0] != '\0' && r[i].applies[0] != '\0' && r[i].advice[0] != '\0');
	}
}

static int
write_page(void)
{
	struct sp_buf page = {0};
	FILE *f = open_page("wb");
	bool ok;

	render(&page);
	ok = f != NULL && !page.failed && fwrite(page.p, 1, page.n, f) == page.n;
	if (f != NULL && fclose(f) != 0)
		ok = false;
	sp_buf_free(&page);
	return ok ? 0 : 1;
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest t[] = {
	    cmocka_unit_test(the_page_says_what_the_rows_say),
	    cmocka_unit_test(rows_are_sorted_and_complete),
	};

	if (argc == 2 && strcmp(argv[1], "--write") == 0)
		return write_page();
	return cmocka_run_group_tests_name("findings page", t, NULL, NULL);
}
