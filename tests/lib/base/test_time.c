/* Calendar arithmetic, against libc's where libc can. */
#include "tests/support/check.h"

#include "lib/base/time.h"

#include <time.h>

static void
agrees_with_libc_and_goes_back(void **state)
{
	(void)state;
	/* A step that is no multiple of a day, an hour or a minute, from 1583 to 2600. */
	for (int64_t t = INT64_C(-12212553600); t < INT64_C(19880899200); t += 1234567) {
		struct sp_civil c;
		struct tm tm;
		time_t libc = (time_t)t;
		int64_t back;

		assert_true(sp_time_to_civil(t, &c));
		assert_non_null(gmtime_r(&libc, &tm));
		assert_int_equal(c.year, tm.tm_year + 1900);
		assert_int_equal(c.month, tm.tm_mon + 1);
		assert_int_equal(c.day, tm.tm_mday);
		assert_int_equal(
		    c.hour * 3600 + c.minute * 60 + c.second, tm.tm_hour * 3600 + tm.tm_min * 60 + tm.tm_sec);
		assert_true(sp_civil_to_time(&c, &back));
		assert_int_equal(back, t);
	}
}

static void
fields_out_of_range_are_refused(void **state)
{
	static const struct sp_civil rows[] = {{-1, 1, 1, 0, 0, 0}, {10000, 1, 1, 0, 0, 0}, {2026, 0, 1, 0, 0, 0},
	    {2026, 13, 1, 0, 0, 0}, {2026, 4, 31, 0, 0, 0}, {2026, 1, 0, 0, 0, 0}, {1900, 2, 29, 0, 0, 0},
	    {2026, 2, 29, 0, 0, 0}, {2026, 1, 1, 24, 0, 0}, {2026, 1, 1, 0, 60, 0}, {2026, 1, 1, 0, 0, 60},
	    {2026, 1, 1, -1, 0, 0}, {2026, 1, 1, 0, -1, 0}, {2026, 1, 1, 0, 0, -1}};
	struct sp_civil c;
	int64_t t;

	(void)state;
	for (size_t i = 0; i < NELEMS(rows); i++)
		assert_false(sp_civil_to_time(&rows[i], &t));
	assert_false(sp_time_to_civil(SP_TIME_MIN - 1, &c));
	assert_false(sp_time_to_civil(SP_TIME_MAX + 1, &c));
	assert_true(sp_time_to_civil(SP_TIME_MIN, &c));
	assert_true(sp_time_to_civil(SP_TIME_MAX, &c));
}

static void
a_card_expires_with_the_last_second_of_its_month(void **state)
{
	static const struct {
		int year, month;
		const char *text;
	} rows[] = {{2026, 11, "2026-11-30T23:59:59Z"}, {2028, 2, "2028-02-29T23:59:59Z"},
	    {2027, 2, "2027-02-28T23:59:59Z"}, {2026, 12, "2026-12-31T23:59:59Z"}, {2000, 2, "2000-02-29T23:59:59Z"}};
	char text[SETPKI_TIME_TEXT];
	int64_t t;

	(void)state;
	for (size_t i = 0; i < NELEMS(rows); i++) {
		assert_true(sp_month_end(rows[i].year, rows[i].month, &t));
		assert_string_equal(setpki_time_text(t, text), rows[i].text);
	}
	assert_false(sp_month_end(2026, 0, &t));
	assert_false(sp_month_end(2026, 13, &t));
	assert_false(sp_month_end(10000, 1, &t));
}

static void
lifetimes_include_their_last_second(void **state)
{
	(void)state;
	assert_int_equal(sp_time_last(1000, 1), 1000);
	assert_int_equal(sp_time_last(1000, 60), 1059);
	assert_int_equal(sp_time_last(SP_TIME_MAX - 10, 100), SP_TIME_MAX);
	assert_true(sp_time_within(5, 5, 5));
	assert_false(sp_time_within(4, 5, 6));
	assert_false(sp_time_within(7, 5, 6));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(agrees_with_libc_and_goes_back),
	    cmocka_unit_test(fields_out_of_range_are_refused),
	    cmocka_unit_test(a_card_expires_with_the_last_second_of_its_month),
	    cmocka_unit_test(lifetimes_include_their_last_second),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
