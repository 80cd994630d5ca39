/* Files read piece by piece: lines of any file, whatever the pieces, and nothing longer than asked for. */
#include "tests/support/check.h"
#include "tools/common/input.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static struct setpki_error err;
static struct tc_input in;
static char path[4096];

static int
setup(void **state)
{
	(void)state;
	memset(&err, 0, sizeof(err));
	snprintf(path, sizeof(path), "%s/input", getenv("TEST_SCRATCH"));
	return 0;
}

static void
open_with(const char *p, size_t n)
{
	FILE *f = fopen(path, "wb");

	assert_non_null(f);
	assert_int_equal(fwrite(p, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
	t_ok(tc_input_open(path, &in, &err), &err);
}

static void
next_is(const char *want, uint32_t number)
{
	char line[32];

	t_ok(tc_input_line(&in, line, sizeof(line), &err), &err);
	assert_string_equal(line, want);
	assert_int_equal(in.line, number);
}

static void
ends(void)
{
	char line[32];

	assert_int_equal(tc_input_line(&in, line, sizeof(line), &err), SETPKI_E_NOTFOUND);
	assert_int_equal(err.code, SETPKI_E_OK);
	tc_input_close(&in);
}

static void
lines_end_in_every_way(void **state)
{
	static const char text[] = "one\n\ntwo\r\n\r\nthree\rfour\n last";

	(void)state;
	open_with(text, sizeof(text) - 1);
	next_is("one", 1);
	next_is("", 2);
	next_is("two", 3);
	next_is("", 4);
	next_is("three\rfour", 5);
	next_is(" last", 6);
	ends();
	open_with("x\n", 2);
	next_is("x", 1);
	ends();
	open_with("", 0);
	ends();
}

/* Lines lie across the ends of what is read at once. */
static void
pieces_do_not_show(void **state)
{
	size_t n = 3 * sizeof(in.buf), lines = n / 7;
	char *text = malloc(n), want[8];

	(void)state;
	assert_non_null(text);
	for (size_t i = 0; i < lines; i++) {
		snprintf(want, sizeof(want), "%06zu\n", i);
		memcpy(text + 7 * i, want, 7);
	}
	open_with(text, 7 * lines);
	for (size_t i = 0; i < lines; i++) {
		snprintf(want, sizeof(want), "%06zu", i);
		next_is(want, (uint32_t)i + 1);
	}
	ends();
	free(text);
}

static void
what_is_no_line_is_refused(void **state)
{
	char line[8];

	(void)state;
	open_with("1234567\n12345678\n", 17);
	t_ok(tc_input_line(&in, line, sizeof(line), &err), &err);
	assert_string_equal(line, "1234567");
	t_code(tc_input_line(&in, line, sizeof(line), &err), SETPKI_E_LIMIT, &err);
	assert_non_null(strstr(err.message, "line 2"));
	assert_null(strstr(err.message, "12345"));
	setpki_error_clear(&err);
	tc_input_close(&in);
	open_with("ab\0c\n", 5);
	t_code(tc_input_line(&in, line, sizeof(line), &err), SETPKI_E_PARSE, &err);
	tc_input_close(&in);
}

static void
a_peek_takes_nothing_but_blanks(void **state)
{
	char first;

	(void)state;
	open_with("\n \t\r\n [1]\n", 10);
	t_ok(tc_input_peek(&in, &first, &err), &err);
	assert_int_equal(first, '[');
	t_ok(tc_input_peek(&in, &first, &err), &err);
	assert_int_equal(first, '[');
	next_is("[1]", 3);
	t_ok(tc_input_peek(&in, &first, &err), &err);
	assert_int_equal(first, '\0');
	ends();
}

static void
octets_come_as_they_are(void **state)
{
	uint8_t got[16];
	char first;
	size_t n;

	(void)state;
	open_with(" [\0\n]", 5);
	t_ok(tc_input_peek(&in, &first, &err), &err);
	t_ok(tc_input_read(&in, got, 2, &n, &err), &err);
	assert_int_equal(n, 2);
	assert_memory_equal(got, "[\0", 2);
	t_ok(tc_input_read(&in, got, sizeof(got), &n, &err), &err);
	assert_int_equal(n, 2);
	assert_memory_equal(got, "\n]", 2);
	t_ok(tc_input_read(&in, got, sizeof(got), &n, &err), &err);
	assert_int_equal(n, 0);
	tc_input_close(&in);
}

static void
what_cannot_be_read_is_told(void **state)
{
	char line[8], first;

	(void)state;
	snprintf(path, sizeof(path), "%s/missing", getenv("TEST_SCRATCH"));
	t_code(tc_input_open(path, &in, &err), SETPKI_E_NOTFOUND, &err);
	assert_non_null(strstr(err.message, "missing"));
	setpki_error_clear(&err);
	t_ok(tc_input_open(getenv("TEST_SCRATCH"), &in, &err), &err); /* a folder opens, and cannot be read */
	t_code(tc_input_line(&in, line, sizeof(line), &err), SETPKI_E_IO, &err);
	setpki_error_clear(&err);
	t_code(tc_input_peek(&in, &first, &err), SETPKI_E_IO, &err);
	tc_input_close(&in);
}

static void
nothing_stays_behind(void **state)
{
	static const char zeros[sizeof(in.buf)];

	(void)state;
	open_with("4123450000000008\n", 17);
	next_is("4123450000000008", 1);
	tc_input_close(&in);
	assert_memory_equal(in.buf, zeros, sizeof(zeros));
}

#define TEST(f) cmocka_unit_test_setup(f, setup)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    TEST(lines_end_in_every_way),
	    TEST(pieces_do_not_show),
	    TEST(what_is_no_line_is_refused),
	    TEST(a_peek_takes_nothing_but_blanks),
	    TEST(octets_come_as_they_are),
	    TEST(what_cannot_be_read_is_told),
	    TEST(nothing_stays_behind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
