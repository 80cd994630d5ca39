/* What is refused, in the words of tests/vectors/policy/refusals.txt, and that no key of a policy is left out there.
 * "test_refusals --write" writes the expected words anew. */
#include "ca/policy/schema.h"
#include "tests/support/policy.h"

#include <stdio.h>
#include <stdlib.h>

#define VECTORS "tests/vectors/policy/refusals.txt"

struct refusal {
	char name[120], base[64], want[1024];
	struct sp_buf old, new; /* lines, each with its end */
};

static struct refusal *cases;
static size_t ncases;

/* --- the file ------------------------------------------------------------------------------------------ */

static void
take_line(const char *line, size_t n)
{
	struct refusal *r = ncases > 0 ? &cases[ncases - 1] : NULL;

	if (n > 3 && strncmp(line, "== ", 3) == 0) {
		assert_non_null(cases = realloc(cases, ++ncases * sizeof(*cases)));
		r = memset(&cases[ncases - 1], 0, sizeof(*cases));
		snprintf(r->name, sizeof(r->name), "%.*s", (int)n - 3, line + 3);
		snprintf(r->base, sizeof(r->base), "tests/vectors/policy/whole.yaml");
	} else if (n > 0 && r != NULL && (line[0] == '-' || line[0] == '+')) {
		sp_buf_add(line[0] == '-' ? &r->old : &r->new, line + 1, n - 1);
		sp_buf_add_byte(line[0] == '-' ? &r->old : &r->new, '\n');
	} else if (n > 0 && r != NULL && line[0] == '@') {
		snprintf(r->base, sizeof(r->base), "policies/%.*s", (int)n - 1, line + 1);
	} else if (n > 2 && r != NULL && line[0] == '!') {
		snprintf(r->want, sizeof(r->want), "%.*s", (int)n - 2, line + 2);
	} else if (n > 0 && (r != NULL || line[0] != '#')) {
		fail_msg(VECTORS ": what is this: %.*s", (int)n, line);
	}
}

static void
read_cases(void)
{
	char *text = t_file(VECTORS);

	for (char *line = text; *line != '\0';) {
		size_t n = strcspn(line, "\n");

		take_line(line, n);
		line += n + (line[n] == '\n');
	}
	free(text);
}

static char *
as_text(const struct sp_buf *b)
{
	char *text = malloc(b->n + 1);

	assert_non_null(text);
	if (b->n > 0)
		memcpy(text, b->p, b->n);
	text[b->n] = '\0';
	return text;
}

/* The policy of a case; free(). */
static char *
policy_of(const struct refusal *r)
{
	char *old = as_text(&r->old), *new = as_text(&r->new), *base, *text;

	if (r->old.n == 0) {
		free(old);
		return new;
	}
	base = t_file(r->base);
	text = t_replaced(base, old, new);
	free(base);
	free(old);
	free(new);
	return text;
}

static void
refusal_of(const struct refusal *r, struct setpki_error *err)
{
	char *text = policy_of(r);
	struct ca_policy *p = NULL;
	enum setpki_code rc = t_policy_text(text, strlen(text), &p, err);

	free(text);
	assert_int_equal(rc, err->code);
	if (rc == SETPKI_E_OK)
		ca_policy_free(p);
	else
		assert_null(p);
}

static void
is_refused(void **state)
{
	struct refusal *r = *state;
	struct setpki_error err = {0};
	char got[1024];

	refusal_of(r, &err);
	assert_string_equal(t_policy_refusal(&err, got, sizeof(got)), r->want);
}

/* --- every key is in there ------------------------------------------------------------------------------ */

#define COVERED_MAX 400

static const struct ca_row *covered[COVERED_MAX];
static size_t ncovered;

/* The row that "root.brands[wide].crl.every" names: the last word of the path. */
static const struct ca_row *
row_of(const char *path)
{
	const struct ca_table *t = &ca_table_policy;
	const struct ca_row *row = NULL;
	char word[64];

	while (t != NULL && *path != '\0') {
		size_t n = strcspn(path, ".[");

		snprintf(word, sizeof(word), "%.*s", (int)n, path);
		if ((row = ca_row_find(t, word)) == NULL)
			return NULL;
		t = row->sub;
		path += n;
		if (*path == '[')
			path += strcspn(path, "]") + 1;
		path += *path == '.';
	}
	return row;
}

static void
note_covered(const struct setpki_error *err)
{
	const char *path = strrchr(err->object, ' ');
	const struct ca_row *row = path != NULL ? row_of(path + 1) : NULL;

	if (row != NULL && ncovered < COVERED_MAX)
		covered[ncovered++] = row;
}

static void
find_uncovered(void *arg, const struct ca_table *t)
{
	for (size_t i = 0; i < t->n; i++) {
		bool found = false;

		for (size_t k = 0; k < ncovered; k++)
			found = found || covered[k] == &t->rows[i];
		if (!found) {
			print_error("no refusal of '%s' in a %s\n", t->rows[i].key, t->name);
			++*(int *)arg;
		}
	}
}

static void
every_key_is_refused_once(void **state)
{
	int missing = 0;

	(void)state;
	for (size_t i = 0; i < ncases; i++) {
		struct setpki_error err = {0};

		refusal_of(&cases[i], &err);
		note_covered(&err);
	}
	ca_table_each(&ca_table_policy, find_uncovered, &missing);
	assert_int_equal(missing, 0);
}

/* --- writing ---------------------------------------------------------------------------------------------- */

static int
write_cases(void)
{
	char *text = t_file(VECTORS), got[1024];
	FILE *f = fopen(VECTORS, "wb");
	size_t i = 0;

	if (f == NULL)
		return 1;
	for (char *line = text; *line != '\0';) {
		size_t n = strcspn(line, "\n");
		struct setpki_error err = {0};

		if (line[0] == '!') {
			refusal_of(&cases[i++], &err);
			fprintf(f, "! %s\n", t_policy_refusal(&err, got, sizeof(got)));
		} else {
			fprintf(f, "%.*s\n", (int)n, line);
		}
		line += n + (line[n] == '\n');
	}
	free(text);
	return fclose(f);
}

static int
run(void)
{
	struct CMUnitTest *tests = calloc(ncases + 1, sizeof(*tests));
	int failed;

	if (tests == NULL)
		return 1;
	tests[0] = (struct CMUnitTest)cmocka_unit_test(every_key_is_refused_once);
	for (size_t i = 0; i < ncases; i++)
		tests[i + 1] = (struct CMUnitTest){cases[i].name, is_refused, NULL, NULL, &cases[i]};
	failed = _cmocka_run_group_tests("refusals", tests, ncases + 1, NULL, NULL);
	free(tests);
	return failed;
}

int
main(int argc, char **argv)
{
	int failed;

	read_cases();
	failed = argc == 2 && strcmp(argv[1], "--write") == 0 ? write_cases() : run();
	for (size_t i = 0; i < ncases; i++) {
		sp_buf_free(&cases[i].old);
		sp_buf_free(&cases[i].new);
	}
	free(cases);
	return failed;
}
