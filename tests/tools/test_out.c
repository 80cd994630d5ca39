/* tools/common/out*.c: one set of calls, text and JSON. */
#include "tools/common/out.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

typedef void write_fn(struct tc_out *o);

static char *
render(bool json, write_fn *fn)
{
	char *text = NULL;
	size_t n;
	FILE *f = open_memstream(&text, &n);
	struct tc_out *o = tc_out_new(f, json);

	fn(o);
	assert_int_equal(tc_out_close(o, NULL), SETPKI_E_OK);
	fclose(f);
	return text;
}

static void
assert_renders(bool json, write_fn *fn, const char *want)
{
	char *text = render(json, fn);

	assert_string_equal(text, want);
	free(text);
}

static void
write_record(struct tc_out *o)
{
	static const uint8_t bytes[] = {0x01, 0xab};

	tc_object(o, "test.record/1", "A record");
	tc_text(o, "name", "gw1");
	tc_text(o, "absent", NULL);
	tc_textf(o, "made", "%d of %d", 1, 2);
	tc_number(o, "count", 12);
	tc_number(o, "huge", UINT64_MAX);
	tc_bool(o, "ready", true);
	tc_time(o, "at", 0);
	tc_hex(o, "serial", (setpki_bytes){bytes, 2});
	tc_enter(o, "entries", true);
	tc_enter(o, "keyUsage", false);
	tc_bool(o, "critical", true);
	tc_leave(o);
	tc_text(o, "word", "x");
	tc_leave(o);
	tc_enter(o, "generations", true);
	tc_enter(o, "generation", false);
	tc_number(o, "number", 1);
	tc_leave(o);
	tc_leave(o);
	tc_object_end(o);
}

static void
record(void **state)
{
	(void)state;
	assert_renders(false, write_record,
	    "A record\n"
	    "  name                    gw1\n"
	    "  made                    1 of 2\n"
	    "  count                   12\n"
	    "  huge                    18446744073709551615\n"
	    "  ready                   true\n"
	    "  at                      1970-01-01T00:00:00Z\n"
	    "  serial                  01ab\n"
	    "  entries\n"
	    "    keyUsage\n"
	    "      critical                true\n"
	    "    word                    x\n"
	    "  generations\n"
	    "    generation\n"
	    "      number                  1\n");
	assert_renders(true, write_record,
	    "{\"schema\":\"test.record/1\",\"name\":\"gw1\",\"absent\":null,\"made\":\"1 of 2\",\"count\":12,"
	    "\"huge\":\"18446744073709551615\",\"ready\":true,\"at\":\"1970-01-01T00:00:00Z\",\"serial\":\"01ab\","
	    "\"entries\":[{\"keyUsage\":{\"critical\":true}},{\"word\":\"x\"}],\"generations\":[{\"number\":1}]}\n");
}

static void
write_twice(struct tc_out *o)
{
	tc_object(o, "test.twice/1", NULL);
	tc_text(o, "OU", "a");
	tc_text(o, "OU", "b");
	tc_text(o, "OU", "c");
	tc_object_end(o);
	tc_object(o, "test.second/1", NULL);
	tc_object_end(o);
}

static void
a_name_that_comes_again_is_an_array(void **state)
{
	(void)state;
	assert_renders(true, write_twice,
	    "{\"schema\":\"test.twice/1\",\"OU\":[\"a\",\"b\",\"c\"]}\n{\"schema\":\"test.second/1\"}\n");
}

static void
write_hostile(struct tc_out *o)
{
	tc_object(o, "test.hostile/1", NULL);
	tc_text(o, "escape", "a\033[2Jb");
	tc_text(o, "octets", "\xff\xfe");
	tc_object_end(o);
}

static void
escapes_and_wrong_utf8_do_not_reach_the_terminal(void **state)
{
	json_t *j;
	char *text;

	(void)state;
	text = render(false, write_hostile);
	assert_non_null(strstr(text, "a\\x1b[2Jb"));
	assert_non_null(strstr(text, "\\xff\\xfe"));
	free(text);
	text = render(true, write_hostile);
	assert_non_null(j = json_loads(text, 0, NULL));
	assert_string_equal(json_string_value(json_object_get(j, "escape")), "a\033[2Jb");
	json_decref(j);
	free(text);
}

static void
write_long_hex(struct tc_out *o)
{
	uint8_t bytes[80] = {0};

	tc_object(o, "test.hex/1", NULL);
	tc_hex(o, "key", (setpki_bytes){bytes, sizeof(bytes)});
	tc_object_end(o);
}

static void
long_values_are_broken_for_people(void **state)
{
	char *text = render(false, write_long_hex);

	(void)state;
	assert_in_range(strcspn(text, "\n"), 1, 100);
	free(text);
}

static const struct tc_column columns[] = {
    {"", "", SETPKI_VALUE_TEXT, false},
    {"name", "NAME", SETPKI_VALUE_TEXT, false},
    {"count", "COUNT", SETPKI_VALUE_NUMBER, true},
    {"hash", NULL, SETPKI_VALUE_TEXT, false},
    {"note", "NOTE", SETPKI_VALUE_TEXT, false},
    {0},
};

static void
write_table(struct tc_out *o)
{
	tc_table(o, "test.table/1", columns);
	tc_row(o, (const char *const[]){"*", "Z\xc3\xbcrich", "7", "ff", NULL});
	tc_row(o, (const char *const[]){NULL, "Bern", "12", NULL, "x"});
	tc_table_end(o, "2.9", "Nothing.");
}

static void
write_empty_table(struct tc_out *o)
{
	tc_table(o, "test.table/1", columns);
	tc_table_end(o, NULL, "Nothing.");
}

static void
table(void **state)
{
	(void)state;
	assert_renders(false, write_table,
	    "   NAME    COUNT  NOTE\n"
	    "*  Z\xc3\xbcrich      7\n"
	    "   Bern       12  x\n"
	    "more: --after 2.9\n");
	assert_renders(true, write_table,
	    "{\"schema\":\"test.table/"
	    "1\",\"items\":[{\"name\":\"Z\xc3\xbcrich\",\"count\":7,\"hash\":\"ff\",\"note\":null},"
	    "{\"name\":\"Bern\",\"count\":12,\"hash\":null,\"note\":\"x\"}],\"next\":\"2.9\"}\n");
	assert_renders(false, write_empty_table, "Nothing.\n");
	assert_renders(true, write_empty_table, "{\"schema\":\"test.table/1\",\"items\":[],\"next\":null}\n");
}

static void
write_deep(struct tc_out *o)
{
	int i;

	tc_object(o, "test.deep/1", NULL);
	for (i = 0; i < 100; i++)
		tc_enter(o, "deeper", false);
	for (i = 0; i < 100; i++)
		tc_leave(o);
	tc_object_end(o);
}

static void
too_deep_a_structure_fails(void **state)
{
	char *text = NULL;
	size_t n;
	FILE *f = open_memstream(&text, &n);
	struct tc_out *o = tc_out_new(f, true);

	(void)state;
	write_deep(o);
	assert_int_not_equal(tc_out_close(o, NULL), SETPKI_E_OK);
	fclose(f);
	free(text);
}

static void
unfinished_output_is_dropped(void **state)
{
	struct tc_out *o = tc_out_new(stdout, true);

	(void)state;
	tc_object(o, "test.open/1", NULL);
	tc_enter(o, "inner", true);
	tc_out_free(o);
	o = tc_out_new(stdout, true);
	tc_table(o, "test.table/1", columns);
	tc_row(o, (const char *const[]){"*", "a", "1", NULL, NULL});
	tc_out_free(o);
	tc_out_free(NULL);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(record),
	    cmocka_unit_test(a_name_that_comes_again_is_an_array),
	    cmocka_unit_test(escapes_and_wrong_utf8_do_not_reach_the_terminal),
	    cmocka_unit_test(long_values_are_broken_for_people),
	    cmocka_unit_test(table),
	    cmocka_unit_test(too_deep_a_structure_fails),
	    cmocka_unit_test(unfinished_output_is_dropped),
	};

	return cmocka_run_group_tests_name("out", tests, NULL, NULL);
}
