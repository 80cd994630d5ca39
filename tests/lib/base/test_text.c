/* Text forms: one each, one function each way, strict on input. */
#include "tests/support/check.h"

#include "lib/base/time.h"

static void
times_round_trip(void **state)
{
	static const struct {
		const char *text;
		int64_t t;
	} rows[] = {
	    {"1970-01-01T00:00:00Z", 0},
	    {"2026-11-23T12:00:00Z", 1795435200},
	    {"2000-02-29T23:59:59Z", 951868799},
	    {"1969-12-31T23:59:59Z", -1},
	    {"0000-01-01T00:00:00Z", SP_TIME_MIN},
	    {"9999-12-31T23:59:59Z", SP_TIME_MAX},
	};
	char text[SETPKI_TIME_TEXT];
	int64_t t;

	(void)state;
	for (size_t i = 0; i < NELEMS(rows); i++) {
		assert_string_equal(setpki_time_text(rows[i].t, text), rows[i].text);
		t_ok(setpki_time_parse(rows[i].text, &t, NULL), NULL);
		assert_int_equal(t, rows[i].t);
	}
	assert_string_equal(setpki_time_text(SP_TIME_MAX + 1, text), "(no time)");
	assert_string_equal(setpki_time_text(INT64_MIN, text), "(no time)");
}

static void
short_forms_of_times_are_read(void **state)
{
	int64_t t;

	(void)state;
	t_ok(setpki_time_parse("2026-11-23", &t, NULL), NULL);
	assert_int_equal(t, 1795392000);
	t_ok(setpki_time_parse("@1795435200", &t, NULL), NULL);
	assert_int_equal(t, 1795435200);
}

static void
other_times_are_refused(void **state)
{
	static const char *const rows[] = {"", "now", "2026-11-23T12:00:00", "2026-11-23 12:00:00Z", "2026-13-01",
	    "2026-02-29", "2026-00-01", "2026-01-00", "2026-11-23T24:00:00Z", "2026-11-23T12:60:00Z",
	    "2026-11-23T12:00:60Z", "26-11-23", "2026-1-3", " 2026-11-23", "2026-11-23 ", "@", "@-1", "@1.5", "@0x10",
	    "@9999999999999"};
	int64_t t;

	(void)state;
	for (size_t i = 0; i < NELEMS(rows); i++) {
		struct setpki_error err = {0};

		if (setpki_time_parse(rows[i], &t, &err) != SETPKI_E_ARGUMENT)
			fail_msg("'%s' was taken for a time", rows[i]);
		assert_non_null(strstr(err.message, "write 2026-11-23"));
	}
}

static void
spans_round_trip(void **state)
{
	static const struct {
		const char *in;
		int64_t seconds;
		const char *out;
	} rows[] = {{"1s", 1, "1s"}, {"90s", 90, "90s"}, {"2m", 120, "2m"}, {"24h", 86400, "1d"},
	    {"90d", 7776000, "90d"}, {"2w", 1209600, "14d"}, {"3y", 94608000, "3y"},
	    {"100y", INT64_C(3153600000), "100y"}, {"3153600000s", INT64_C(3153600000), "100y"}};
	char text[SETPKI_TIME_TEXT];
	int64_t v;

	(void)state;
	for (size_t i = 0; i < NELEMS(rows); i++) {
		t_ok(setpki_span_parse(rows[i].in, &v, NULL), NULL);
		assert_int_equal(v, rows[i].seconds);
		assert_string_equal(setpki_span_text(v, text), rows[i].out);
		t_ok(setpki_span_parse(text, &v, NULL), NULL);
		assert_int_equal(v, rows[i].seconds);
	}
}

static void
other_spans_are_refused(void **state)
{
	static const char *const rows[] = {"", "d", "90", "90 d", "-1d", "0d", "1.5d", "1dd", "1D", "101y",
	    "3153600001s", "99999999999s", "0x10s", "+1d"};
	int64_t v;

	(void)state;
	for (size_t i = 0; i < NELEMS(rows); i++)
		if (setpki_span_parse(rows[i], &v, NULL) != SETPKI_E_ARGUMENT)
			fail_msg("'%s' was taken for a span", rows[i]);
}

static void
hex_round_trips(void **state)
{
	uint8_t all[256], back[256];
	char text[SETPKI_HEX_TEXT(256)];
	size_t n;

	(void)state;
	for (int i = 0; i < 256; i++)
		all[i] = (uint8_t)i;
	setpki_hex_text(SP_BYTES(all), text);
	assert_memory_equal(text, "000102", 6);
	t_ok(setpki_hex_parse(text, back, sizeof(back), &n, NULL), NULL);
	assert_int_equal(n, 256);
	assert_memory_equal(back, all, 256);
	t_ok(setpki_hex_parse("AbCd", back, sizeof(back), &n, NULL), NULL);
	assert_int_equal(back[0] << 8 | back[1], 0xabcd);
	t_ok(setpki_hex_parse("", back, sizeof(back), &n, NULL), NULL);
	assert_int_equal(n, 0);
}

static void
other_hex_is_refused(void **state)
{
	static const struct {
		const char *text, *says;
	} rows[] = {{"abc", "odd number"}, {"0g", "position 2"}, {"g0", "position 1"}, {"00 11 ", "position 3"},
	    {"0x12", "position 2"}, {"001122334455", "at most 8 fit"}};
	uint8_t out[4];
	size_t n;

	(void)state;
	for (size_t i = 0; i < NELEMS(rows); i++) {
		struct setpki_error err = {0};

		t_code(setpki_hex_parse(rows[i].text, out, sizeof(out), &n, &err), SETPKI_E_ARGUMENT, &err);
		assert_non_null(strstr(err.message, rows[i].says));
		assert_int_equal(n, 0);
	}
}

static void
closest_word(void **state)
{
	static const char *const known[] = {"lifetime", "keyUsage", NULL, "brand", "geo", "schedule"};
	static const struct {
		const char *word, *found;
	} rows[] = {{"lifetim", "lifetime"}, {"lifetiem", "lifetime"}, {"brnad", "brand"}, {"schedules", "schedule"},
	    {"gea", "geo"}, {"xyz", NULL}, {"", NULL}, {"keyusge", "keyUsage"}, {"br", NULL},
	    {"a-word-that-is-much-longer-than-forty-letters", NULL}};

	(void)state;
	for (size_t i = 0; i < NELEMS(rows); i++) {
		const char *found = setpki_closest(rows[i].word, known, NELEMS(known));

		if (rows[i].found == NULL)
			assert_null(found);
		else
			assert_string_equal(found, rows[i].found);
	}
}

static void
pans_are_masked(void **state)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
	    {"4000001234567899", "400000******7899"},
	    {"pan 4000001234567 and 4000001234567890123.", "pan 400000***4567 and 400000*********0123."},
	    {"400000123456", "400000123456"},		      /* 12 digits */
	    {"40000012345678901234", "40000012345678901234"}, /* 20 */
	    {"4000-0012-3456-7899", "4000-00**-****-7899"},
	    {"my card: 4000 0012 3456 7899, 12 30", "my card: 4000 00** **** 7899, 12 30"},
	    {"4000 - 0012 - 3456 - 7899", "4000 - 00** - **** - 7899"},
	    {"4 0 0 0 0 0 1 2 3 4 5 6 7 8 9 9", "4 0 0 0 0 0 * * * * * * 7 8 9 9"},
	    {"1970-01-31 4000 0012 3456 7899 1970", "1970-01-31 4000 00** **** 7899 1970"},
	    {"3782 822463 10005", "3782 82**** *0005"},
	    {"1 4000001234567899 1", "1 400000******7899 1"},
	    {"4000 0012 3456 7898", "4000 00** **** 7898"}, /* mistyped */
	    {"400000 123456 7898", "400000 123456 7898"},   /* a telephone number, as likely */
	    {"400000 123456 7899", "400000 ****** 7899"},
	    {"4000    0012 3456 7899", "4000    0012 3456 7899"}, /* four blanks are two columns */
	    {"4000.0012.3456.7899", "4000.0012.3456.7899"},
	    {"40000012345678901234 4000 0012 3456 7899", "40000012345678901234 4000 00** **** 7899"},
	    {"2026-11-23 12:00:00", "2026-11-23 12:00:00"},
	    {"", ""},
	};
	char text[80];

	(void)state;
	for (size_t i = 0; i < NELEMS(rows); i++) {
		memcpy(text, rows[i].in, strlen(rows[i].in) + 1);
		setpki_mask_pans(text);
		assert_string_equal(text, rows[i].out);
	}
}

static void
utf8(void **state)
{
	static const struct {
		const char *name, *text;
		bool ok;
	} rows[] = {
	    {"empty", "", true},
	    {"ascii", "Bank of A.", true},
	    {"two octets", "caf\xc3\xa9", true},
	    {"three octets", "\xe2\x82\xac", true},
	    {"four octets", "\xf0\x9f\x8f\xa6", true},
	    {"last code point", "\xf4\x8f\xbf\xbf", true},
	    {"newline", "a\nb", false},
	    {"tab", "a\tb", false},
	    {"delete", "\x7f", false},
	    {"C1 control", "\xc2\x80", false},
	    {"lone continuation", "\x80", false},
	    {"overlong slash", "\xc0\xaf", false},
	    {"overlong three", "\xe0\x80\xaf", false},
	    {"overlong four", "\xf0\x80\x80\xaf", false},
	    {"surrogate", "\xed\xa0\x80", false},
	    {"beyond the last code point", "\xf4\x90\x80\x80", false},
	    {"cut short", "\xe2\x82", false},
	    {"not a start octet", "\xff", false},
	};

	(void)state;
	for (size_t i = 0; i < NELEMS(rows); i++)
		if (setpki_utf8_printable(sp_bytes_str(rows[i].text)) != rows[i].ok)
			fail_msg("%s", rows[i].name);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(times_round_trip),
	    cmocka_unit_test(short_forms_of_times_are_read),
	    cmocka_unit_test(other_times_are_refused),
	    cmocka_unit_test(spans_round_trip),
	    cmocka_unit_test(other_spans_are_refused),
	    cmocka_unit_test(hex_round_trips),
	    cmocka_unit_test(other_hex_is_refused),
	    cmocka_unit_test(closest_word),
	    cmocka_unit_test(pans_are_masked),
	    cmocka_unit_test(utf8),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
