/* The JSON that deciding programs are spoken to in. */
#include "ca/register/json.h"
#include "tests/support/check.h"

#include <jansson.h>
#include <openssl/crypto.h>

static const char *const names[] = {"answer", "code"};

/* NULL for a value: not there; NULL for the first: refused. */
static const struct row {
	const char *in, *answer, *code;
} rows[] = {
    {"{\"answer\":\"a\",\"code\":\"b\"}", "a", "b"},
    {"{\"code\":\"b\",\"answer\":\"a\"}", "a", "b"},
    {"  {\t\"answer\" : \"a\"\r\n} \n", "a", NULL},
    {"{\"answer\":\"\"}", "", NULL},
    {"{\"answer\":\"\\\"\\\\\\/\"}", "\"\\/", NULL},
    {"{\"answer\":\"\\u0041\\u00e4\\u20AC\\uD83D\\uDE00\"}", "A\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", NULL},
    {"{\"\\u0061nswer\":\"a\"}", "a", NULL},
    {"", NULL, NULL},
    {"{", NULL, NULL},
    {"{\"answer\"}", NULL, NULL},
    {"{\"answer\":}", NULL, NULL},
    {"{\"answer\":\"a\",}", NULL, NULL},
    {"{\"answer\":\"a\"", NULL, NULL},
    {"{\"answer\":\"a}", NULL, NULL},
    {"{answer:\"a\"}", NULL, NULL},
    {"{'answer':'a'}", NULL, NULL},
    {"{\"answer\":1}", NULL, NULL},
    {"{\"answer\":null}", NULL, NULL},
    {"{\"answer\":[\"a\"]}", NULL, NULL},
    {"{\"answer\":{\"answer\":\"a\"}}", NULL, NULL},
    {"[\"answer\"]", NULL, NULL},
    {"{\"answer\":\"a\"} x", NULL, NULL},
    {"{\"answer\":\"a\",\"answer\":\"a\"}", NULL, NULL},
    {"{\"other\":\"a\"}", NULL, NULL},
    {"{\"answer\":\"\\x41\"}", NULL, NULL},
    {"{\"answer\":\"\\u004\"}", NULL, NULL},
    {"{\"answer\":\"\\u0000\"}", NULL, NULL},
    {"{\"answer\":\"\\ud83d\"}", NULL, NULL},
    {"{\"answer\":\"\\ude00\"}", NULL, NULL},
    {"{\"answer\":\"\\ud83d\\u0041\"}", NULL, NULL},
    {"{\"answer\":\"a\nb\"}", NULL, NULL},
    {"{\"answer\":\"a\\nb\"}", NULL, NULL},
    {"{\"answer\":\"\xff\"}", NULL, NULL},
    {"\xef\xbb\xbf{\"answer\":\"a\"}", NULL, NULL},
};

static void
objects_are_read(void **state)
{
	char *values[2];

	(void)state;
	for (size_t i = 0; i < NELEMS(rows); i++) {
		bool ok = ca_json_read(sp_bytes_str(rows[i].in), names, values, 2);

		if (ok != (rows[i].answer != NULL))
			fail_msg("%s: %s", rows[i].in, ok ? "read" : "refused");
		if (ok)
			assert_string_equal(values[0], rows[i].answer);
		else
			assert_null(values[0]);
		if (rows[i].code != NULL)
			assert_string_equal(values[1], rows[i].code);
		else
			assert_null(values[1]);
		OPENSSL_free(values[0]);
		OPENSSL_free(values[1]);
	}
}

/* A NUL in the middle is no end. */
static void
nothing_hides_behind_a_nul(void **state)
{
	static const char in[] = "{\"answer\":\"a\"}\0,";
	char *values[2];

	(void)state;
	assert_false(ca_json_read(sp_bytes(in, sizeof(in) - 1), names, values, 2));
	assert_false(ca_json_read(sp_bytes("{\"answer\":\"a\0b\"}", 16), names, values, 2));
}

/* What is written, another reader of JSON reads, and it says what was put in. */
static void
what_is_written_is_json(void **state)
{
	struct sp_buf b = {0};
	struct ca_json j = {&b, true};
	json_error_t why;
	json_t *o;

	(void)state;
	ca_json_open(&j, NULL, '{');
	ca_json_text(&j, "text", "\"\\/\b\x1f\x7f \xc3\xa4");
	ca_json_text(&j, "none", NULL);
	ca_json_bool(&j, "yes", true);
	ca_json_number(&j, "number", -5);
	ca_json_open(&j, "list", '[');
	ca_json_open(&j, NULL, '{');
	ca_json_close(&j, '}');
	ca_json_open(&j, NULL, '{');
	ca_json_text(&j, "x", "y");
	ca_json_close(&j, '}');
	ca_json_close(&j, ']');
	ca_json_close(&j, '}');
	assert_non_null(o = json_loadb((const char *)b.p, b.n, JSON_REJECT_DUPLICATES, &why));
	assert_string_equal(json_string_value(json_object_get(o, "text")), "\"\\/\b\x1f\x7f \xc3\xa4");
	assert_null(json_object_get(o, "none"));
	assert_true(json_is_true(json_object_get(o, "yes")));
	assert_int_equal(json_integer_value(json_object_get(o, "number")), -5);
	assert_int_equal(json_array_size(json_object_get(o, "list")), 2);
	json_decref(o);
	sp_buf_free(&b);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(objects_are_read),
	    cmocka_unit_test(nothing_hides_behind_a_nul),
	    cmocka_unit_test(what_is_written_is_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
