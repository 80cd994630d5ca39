/* Every key of every shipped policy changed, one at a time: misspelt, set twice, given another type, left out.  The
 * complaint is about that key, at its line and column, under its path, with the right word suggested. */
#include "ca/policy/schema.h"
#include "tests/support/policy.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

/* One key of a file, as it stands in the text. */
struct place {
	const char *at; /* the key's first letter */
	size_t len;
	int line, column;
	bool entry;	     /* behind the dash of a list */
	const char *value;   /* behind the colon and blank; at the end of the line for mappings and lists */
	const char *line_at; /* the line */
	size_t line_len;
};

static bool
read_place(const char *line, size_t n, int number, struct place *p)
{
	size_t i = strspn(line, " ");

	p->entry = n > i + 2 && line[i] == '-' && line[i + 1] == ' ';
	i += p->entry ? 2 : 0;
	p->at = line + i;
	p->len = strspn(p->at, "abcdefghijklmnopqrstuvwxyz-");
	p->line = number;
	p->column = (int)i + 1;
	p->line_at = line;
	p->line_len = n;
	if (i >= n || p->len == 0 || p->at[p->len] != ':')
		return false;
	p->value = p->at + p->len + 1 + (p->at[p->len + 1] == ' ');
	return true;
}

typedef void change_fn(const char *text, const struct place *p);

static size_t
for_each_key(const char *text, change_fn *fn)
{
	struct place p;
	size_t count = 0;
	int number = 1;

	for (const char *line = text; *line != '\0'; number++) {
		size_t n = strcspn(line, "\n");

		if (read_place(line, n, number, &p)) {
			fn(text, &p);
			count++;
		}
		line += n + (line[n] == '\n');
	}
	return count;
}

static void
for_each_policy(change_fn *fn)
{
	char path[64], *text;

	for (size_t i = 0; t_shipped[i] != NULL; i++) {
		snprintf(path, sizeof(path), "policies/%s", t_shipped[i]);
		text = t_file(path);
		assert_true(for_each_key(text, fn) > 80);
		free(text);
	}
	text = t_file("tests/vectors/policy/whole.yaml");
	assert_true(for_each_key(text, fn) > 120);
	free(text);
}

/* The text with `len` bytes at `at` replaced; refused, and the refusal handed back. */
static void
refuse(const char *text, const char *at, size_t len, const char *with, struct setpki_error *err)
{
	size_t head = (size_t)(at - text), size = strlen(text) + strlen(with) + 1;
	struct ca_policy *p = NULL;
	char *changed = malloc(size);

	assert_non_null(changed);
	snprintf(changed, size, "%.*s%s%s", (int)head, text, with, at + len);
	memset(err, 0, sizeof(*err));
	if (t_policy_text(changed, strlen(changed), &p, err) == SETPKI_E_OK) {
		ca_policy_free(p);
		free(changed);
		fail_msg("'%.*s' changed to '%s' is accepted", (int)len, at, with);
	}
	free(changed);
	assert_null(p);
}

/* Whether the object of the error is "p.yaml:LINE:COLUMN: ...KEY". */
static void
check_place(const struct setpki_error *err, int line, int column, const char *key)
{
	size_t n = strlen(err->object), k = strlen(key);
	char place[64];

	snprintf(place, sizeof(place), "p.yaml:%d:%d: ", line, column);
	if (strncmp(err->object, place, strlen(place)) != 0)
		fail_msg("'%s' (%s) is not at %s", err->object, err->message, place);
	if (n < k || strcmp(err->object + n - k, key) != 0)
		fail_msg("'%s' (%s) is not about '%s'", err->object, err->message, key);
}

/* --- misspelt --------------------------------------------------------------------------------------------- */

static void
check_misspelt(const char *text, const struct place *p, const char *word)
{
	struct setpki_error err;
	char hint[160];

	refuse(text, p->at, p->len, word, &err);
	check_place(&err, p->line, p->column, word);
	assert_int_equal(err.code, SETPKI_E_POLICY);
	snprintf(hint, sizeof(hint), "unknown key '%s': did you mean '%.*s'?", word, (int)p->len, p->at);
	assert_string_equal(err.message, hint);
}

static void
drop_last(const char *text, const struct place *p)
{
	char word[64];

	snprintf(word, sizeof(word), "%.*s", (int)p->len - 1, p->at);
	check_misspelt(text, p, word);
}

static void
double_first(const char *text, const struct place *p)
{
	char word[64];

	snprintf(word, sizeof(word), "%c%.*s", p->at[0], (int)p->len, p->at);
	check_misspelt(text, p, word);
}

static void
swap_letters(const char *text, const struct place *p)
{
	char word[64];

	snprintf(word, sizeof(word), "%.*s", (int)p->len, p->at);
	if (word[0] == word[1])
		return;
	word[0] = p->at[1];
	word[1] = p->at[0];
	check_misspelt(text, p, word);
}

static void
misspelt_by_a_letter_too_few(void **state)
{
	(void)state;
	for_each_policy(drop_last);
}

static void
misspelt_by_a_letter_too_many(void **state)
{
	(void)state;
	for_each_policy(double_first);
}

static void
misspelt_by_two_letters_swapped(void **state)
{
	(void)state;
	for_each_policy(swap_letters);
}

/* --- twice ------------------------------------------------------------------------------------------------- */

static bool
is_scalar(const struct place *p)
{
	return p->value < p->line_at + p->line_len;
}

static void
twice(const char *text, const struct place *p)
{
	char again[256], hint[128], key[64];
	struct setpki_error err;

	if (!is_scalar(p))
		return;
	snprintf(key, sizeof(key), "%.*s", (int)p->len, p->at);
	snprintf(again, sizeof(again), "%.*s\n%*s%s: again", (int)p->line_len, p->line_at, p->column - 1, "", key);
	refuse(text, p->line_at, p->line_len, again, &err);
	check_place(&err, p->line + 1, p->column, key);
	snprintf(hint, sizeof(hint), "'%s' is already set at line %d: remove one of the two", key, p->line);
	assert_string_equal(err.message, hint);
}

static void
set_twice(void **state)
{
	(void)state;
	for_each_policy(twice);
}

/* --- another type -------------------------------------------------------------------------------------------- */

static void
check_type(const char *text, const struct place *p, const char *value)
{
	struct setpki_error err;
	char key[64];

	snprintf(key, sizeof(key), "%.*s", (int)p->len, p->at);
	refuse(text, p->value, (size_t)(p->line_at + p->line_len - p->value), value, &err);
	check_place(&err, p->line, (int)(p->value - p->line_at) + 1, key);
	assert_int_equal(err.code, SETPKI_E_POLICY);
	assert_non_null(strstr(err.message, " stands where "));
}

static void
as_mapping(const char *text, const struct place *p)
{
	if (is_scalar(p))
		check_type(text, p, "{}");
}

static void
as_nothing(const char *text, const struct place *p)
{
	struct setpki_error err;
	char key[64];

	if (!is_scalar(p))
		return;
	snprintf(key, sizeof(key), "%.*s", (int)p->len, p->at);
	refuse(text, p->value, (size_t)(p->line_at + p->line_len - p->value), "", &err);
	check_place(&err, p->line, p->column, key);
	assert_non_null(strstr(err.message, "nothing stands where "));
}

static void
as_list(const char *text, const struct place *p)
{
	if (is_scalar(p) && p->value[0] != '[')
		check_type(text, p, "[]");
}

static void
given_a_mapping(void **state)
{
	(void)state;
	for_each_policy(as_mapping);
}

static void
given_a_list(void **state)
{
	(void)state;
	for_each_policy(as_list);
}

static void
given_nothing(void **state)
{
	(void)state;
	for_each_policy(as_nothing);
}

/* --- left out ------------------------------------------------------------------------------------------------- */

/* A whole line, without what follows further in: for scalars that the tables require wherever they stand. */
static void
without(const char *text, const struct place *p)
{
	static const char *const required[] = {
	    "policy", "country", "common-name", "type", "every", "valid", "brand-id", "unit"};
	struct setpki_error err;
	bool needed = false;
	char key[64];

	snprintf(key, sizeof(key), "%.*s", (int)p->len, p->at);
	for (size_t i = 0; i < NELEMS(required); i++)
		needed = needed || strcmp(key, required[i]) == 0;
	/* countries and brand-ids stand in optional places too: where they can be left out, nothing is to be seen */
	if (!needed || p->entry || !is_scalar(p) || p->value[0] == '8' ||
	    (strcmp(key, "brand-id") == 0 && p->column > 7))
		return;
	refuse(text, p->line_at, p->line_len + 1, "", &err);
	assert_int_equal(err.code, SETPKI_E_POLICY);
	assert_true(strlen(err.object) > strlen(key));
	assert_string_equal(err.object + strlen(err.object) - strlen(key), key);
	assert_non_null(strstr(err.message, "is missing"));
}

static void
left_out(void **state)
{
	(void)state;
	for_each_policy(without);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(misspelt_by_a_letter_too_few),
	    cmocka_unit_test(misspelt_by_a_letter_too_many),
	    cmocka_unit_test(misspelt_by_two_letters_swapped),
	    cmocka_unit_test(set_twice),
	    cmocka_unit_test(given_a_mapping),
	    cmocka_unit_test(given_a_list),
	    cmocka_unit_test(given_nothing),
	    cmocka_unit_test(left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
