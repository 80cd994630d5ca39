/* The tables of a policy's keys themselves: whole, in bounds, and of use to their readers. */
#include "ca/policy/schema.h"
#include "tests/support/policy.h"

#include <stdio.h>

static const struct ca_table *tables[CA_TABLES_MAX];
static size_t ntables;

static void
take(void *arg, const struct ca_table *t)
{
	(void)arg;
	assert_true(ntables < CA_TABLES_MAX);
	tables[ntables++] = t;
}

static void
check_row(const struct ca_table *t, const struct ca_row *row)
{
	bool mapping = row->type == CA_V_MAP || row->type == CA_V_MAPS, list = row->type == CA_V_LIST;
	size_t n = strlen(row->help);

	if (strspn(row->key, "abcdefghijklmnopqrstuvwxyz-") != strlen(row->key) || strlen(row->key) < 3)
		fail_msg("%s: '%s' is no key", t->name, row->key);
	if (n < 8 || row->help[n - 1] != '.' || strchr(row->help, '|') != NULL)
		fail_msg("%s.%s: '%s' is no help", t->name, row->key, row->help);
	assert_int_equal(mapping, row->sub != NULL);
	assert_int_equal(row->type == CA_V_WORD || (list && row->of == CA_V_WORD), row->words != NULL);
	assert_true(row->min <= row->max || row->type == CA_V_MAP);
	assert_false(row->required && (row->dflt != NULL || row->derive != NULL || row->inherits));
	assert_int_equal(row->derive != NULL, row->dflt_note != NULL);
	/* somewhere to go */
	assert_true(row->at != CA_NOWHERE || mapping);
	if (list) {
		assert_true(ca_value_size(row->of) > 0);
		assert_true(row->max >= 1 && row->count_at != 0);
	} else if (!mapping) {
		assert_true(ca_value_size(row->type) > 0);
	}
	if (row->type == CA_V_MAPS)
		assert_true((row->size != 0) != (row->element != NULL));
}

static void
rows_are_whole(void **state)
{
	(void)state;
	for (size_t i = 0; i < ntables; i++) {
		assert_true(tables[i]->n > 0 && tables[i]->n <= CA_TABLE_ROWS_MAX);
		for (size_t k = 0; k < tables[i]->n; k++)
			check_row(tables[i], &tables[i]->rows[k]);
	}
}

static void
defaults_are_values(void **state)
{
	(void)state;
	for (size_t i = 0; i < ntables; i++)
		for (size_t k = 0; k < tables[i]->n; k++) {
			const struct ca_row *row = &tables[i]->rows[k];
			struct ca_node n = {.type = CA_NODE_SCALAR};
			struct setpki_error err = {0};
			char text[64];

			if (row->dflt == NULL)
				continue;
			snprintf(text, sizeof(text), "%s", row->dflt);
			n.text = text;
			t_ok(ca_value_check(row, &n, &err), &err);
		}
}

static void
names_and_keys_are_unique(void **state)
{
	(void)state;
	for (size_t i = 0; i < ntables; i++) {
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(tables[i]->name, tables[k]->name);
		for (size_t k = 0; k < tables[i]->n; k++)
			assert_ptr_equal(ca_row_find(tables[i], tables[i]->rows[k].key), &tables[i]->rows[k]);
		assert_null(ca_row_find(tables[i], "no-such-key"));
	}
}

/* What names an entry stands first, so that it can stand behind the dash, and is required. */
static void
labels_stand_first(void **state)
{
	(void)state;
	for (size_t i = 0; i < ntables; i++)
		if (tables[i]->label != NULL) {
			assert_string_equal(tables[i]->rows[0].key, tables[i]->label);
			assert_true(tables[i]->rows[0].required);
		}
}

/* What YAML takes for something else than a text. */
static void
typed_words_are_known(void **state)
{
	static const char *const typed[] = {"yes", "No", "ON", "off", "true", "False", "null", "~", "y", "N", "0", "12",
	    "-1", "+1", "1.5", ".5", "1e5", "0x1F", "12:30:45", "1_000", "412345", "8e8"};
	static const char *const texts[] = {
	    "", "none", "yesterday", "a", "ee", "abc", "-", "x1", "P-256", "Demo", "face", "1st", "--", "e5", "3 x"};

	(void)state;
	for (size_t i = 0; i < NELEMS(typed); i++)
		if (!ca_value_is_typed(typed[i]))
			fail_msg("'%s' is typed", typed[i]);
	for (size_t i = 0; i < NELEMS(texts); i++)
		if (ca_value_is_typed(texts[i]))
			fail_msg("'%s' is a text", texts[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rows_are_whole),
	    cmocka_unit_test(defaults_are_values),
	    cmocka_unit_test(names_and_keys_are_unique),
	    cmocka_unit_test(labels_stand_first),
	    cmocka_unit_test(typed_words_are_known),
	};

	ca_table_each(&ca_table_policy, take, NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
