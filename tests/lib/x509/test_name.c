/* Names: built, read, printed, compared. */
#include "lib/base/limits.h"
#include "lib/der/oid.h"
#include "lib/der/walk.h"
#include "lib/x509/name.h"

#include <setjmp.h>
#include <setpki/text.h>
#include <stdarg.h>
#include <string.h>
/* after the headers that it needs */
#include <cmocka.h>

#define SIXTY_FOUR "1234567890123456789012345678901234567890123456789012345678901234"

/* --- built names, as hex and as text ------------------------------------------------------------------------------ */

static const struct built {
	const char *name;
	enum setpki_suite suite;
	struct sp_name_parts parts;
	const char *hex, *text;
} built[] = {
    {"one_attribute_an_rdn_in_set_order", SETPKI_SUITE_MODERN, {"US", "Brand", NULL, NULL, "G 1"},
	"302b310b3009060355040613025553310e300c060355040a130542726e64"
	"21",
	NULL},
    {"printable_where_the_alphabet_allows", SETPKI_SUITE_CLASSIC, {NULL, "A+b/=?", NULL, NULL, NULL},
	"3011310f300d060355040a1306412b622f3d3f", "O=A\\+b/=?"},
    {"utf8_in_modern", SETPKI_SUITE_MODERN, {NULL, "A\xc3\xa9", NULL, NULL, NULL}, "300e310c300a060355040a0c0341c3a9",
	"O=A\xc3\xa9"},
    {"bmp_in_classic", SETPKI_SUITE_CLASSIC, {NULL, "A\xc3\xa9", NULL, NULL, NULL},
	"300f310d300b060355040a1e04004100e9", "O=A\xc3\xa9"},
    {"bmp_of_three_octet_characters", SETPKI_SUITE_CLASSIC, {NULL, "\xe2\x82\xac", NULL, NULL, NULL},
	"300d310b3009060355040a1e0220ac", "O=\xe2\x82\xac"},
    {"underscore_is_not_printable", SETPKI_SUITE_MODERN, {NULL, "a_b", NULL, NULL, NULL},
	"300e310c300a060355040a0c03615f62", "O=a_b"},
    {"two_units", SETPKI_SUITE_MODERN, {NULL, NULL, "A", "B", NULL},
	"3018310a3008060355040b130141310a3008060355040b130142", "OU=A, OU=B"},
    {"comma_and_quote_are_escaped_in_text", SETPKI_SUITE_MODERN, {NULL, NULL, NULL, NULL, "a,b\"c"},
	"3010310e300c06035504030c05612c622263", "CN=a\\,b\\\"c"},
};

static void
builds(void **state)
{
	struct built *b = *state;
	struct sp_buf out = {0};
	struct setpki_error err = {0};
	char hex[512], text[128];

	assert_int_equal(sp_name_build(b->suite, &b->parts, &out, &err), SETPKI_E_OK);
	assert_int_equal(sp_der_walk(sp_buf_bytes(&out), &err), SETPKI_E_OK);
	assert_int_equal(sp_name_check(sp_buf_bytes(&out), &err), SETPKI_E_OK);
	if (b->text != NULL) {
		assert_string_equal(setpki_hex_text(sp_buf_bytes(&out), hex), b->hex);
		assert_string_equal(sp_name_text(sp_buf_bytes(&out), text, sizeof(text)), b->text);
	} else {
		assert_string_equal(sp_name_text(sp_buf_bytes(&out), text, sizeof(text)), "C=US, O=Brand, CN=G 1");
	}
	sp_buf_free(&out);
}

/* --- refused parts ------------------------------------------------------------------------------------------------ */

static const struct refused {
	const char *name;
	enum setpki_suite suite;
	struct sp_name_parts parts;
	const char *says;
} refused[] = {
    {"refuses_no_part_at_all", SETPKI_SUITE_MODERN, {NULL, NULL, NULL, NULL, NULL}, "at least one part"},
    {"refuses_an_empty_part", SETPKI_SUITE_MODERN, {"US", "", NULL, NULL, NULL}, "O of the name is empty"},
    {"refuses_a_country_in_small_letters", SETPKI_SUITE_MODERN, {"us", NULL, NULL, NULL, NULL}, "two capital letters"},
    {"refuses_a_country_of_three_letters", SETPKI_SUITE_MODERN, {"USA", NULL, NULL, NULL, NULL}, "two capital letters"},
    {"refuses_65_characters", SETPKI_SUITE_MODERN, {NULL, NULL, NULL, NULL, SIXTY_FOUR "5"}, "65 characters"},
    {"refuses_a_control_character", SETPKI_SUITE_MODERN, {NULL, NULL, "a\nb", NULL, NULL}, "control characters"},
    {"refuses_what_is_not_utf8", SETPKI_SUITE_MODERN, {NULL, "\xff", NULL, NULL, NULL}, "not UTF-8"},
    {"refuses_an_emoji_in_classic", SETPKI_SUITE_CLASSIC, {NULL, "\xf0\x9f\x98\x80", NULL, NULL, NULL},
	"Basic Multilingual Plane"},
};

static void
refuses(void **state)
{
	struct refused *r = *state;
	struct sp_buf out = {0};
	struct setpki_error err = {0};

	sp_buf_add_byte(&out, 0x2a);
	assert_int_equal(sp_name_build(r->suite, &r->parts, &out, &err), SETPKI_E_ARGUMENT);
	assert_non_null(strstr(err.message, r->says));
	assert_int_equal(out.n, 1);
	sp_buf_free(&out);
}

static void
sixty_four_characters_fit(void **state)
{
	struct sp_name_parts p = {NULL, NULL, NULL, NULL, SIXTY_FOUR};
	struct sp_buf out = {0};
	struct setpki_error err = {0};

	(void)state;
	assert_int_equal(sp_name_build(SETPKI_SUITE_MODERN, &p, &out, &err), SETPKI_E_OK);
	sp_buf_free(&out);
}

/* --- reading foreign names ---------------------------------------------------------------------------------------- */

static const struct read_row {
	const char *name, *hex;
	enum setpki_code code;
	const char *text;
} reads[] = {
    {"empty_name", "3000", SETPKI_E_OK, "(empty name)"},
    {"two_attributes_in_one_rdn", "301631143008060355040313014130080603550 40b130142", SETPKI_E_OK, "CN=A+OU=B"},
    {"unknown_attribute_by_its_oid", "300c310a30080603550407130141", SETPKI_E_OK, "2.5.4.7=A"},
    {"teletex_is_latin_1", "300c310a300806035504031401e9", SETPKI_E_OK, "CN=\xc3\xa9"},
    {"bmp_control_character_is_replaced",
	"300d310b30090603550403"
	"1e02000a",
	SETPKI_E_OK, "CN=\xef\xbf\xbd"},
    {"universal_string", "300f310d300b06035504031c040001f600", SETPKI_E_OK, "CN=\xf0\x9f\x98\x80"},
    {"refuses_universal_above_10ffff", "300f310d300b06035504031c0400110000", SETPKI_E_PARSE, NULL},
    {"refuses_universal_cut_short", "300e310c300a06035504031c030001f6", SETPKI_E_PARSE, NULL},
    {"refuses_a_surrogate_in_bmp",
	"300d310b30090603550403"
	"1e02d800",
	SETPKI_E_PARSE, NULL},
    {"refuses_trailing_octets", "300000", SETPKI_E_PARSE, NULL},
    {"refuses_an_empty_rdn", "30023100", SETPKI_E_PARSE, NULL},
    {"refuses_a_pair_without_value", "3009310730050603550403", SETPKI_E_PARSE, NULL},
    {"refuses_a_third_member", "300f310d300b06035504031301410500", SETPKI_E_PARSE, NULL},
    {"refuses_what_printable_string_cannot_hold",
	"300c310a30080603550403"
	"13015f",
	SETPKI_E_PARSE, NULL},
    {"refuses_a_malformed_oid",
	"300c310a3008060355048013"
	"0141",
	SETPKI_E_PARSE, NULL},
    {"refuses_a_set", "3100", SETPKI_E_PARSE, NULL},
    {"refuses_nothing", "", SETPKI_E_PARSE, NULL},
};

static setpki_bytes
unhex(const char *text, uint8_t *out, size_t cap)
{
	char clean[1024];
	struct setpki_error err = {0};
	size_t n = 0, k = 0;

	for (; *text != '\0'; text++)
		if (*text != ' ')
			clean[k++] = *text;
	clean[k] = '\0';
	assert_int_equal(setpki_hex_parse(clean, out, cap, &n, &err), SETPKI_E_OK);
	return sp_bytes(out, n);
}

static void
reads_names(void **state)
{
	struct read_row *r = *state;
	uint8_t der[512];
	setpki_bytes s = unhex(r->hex, der, sizeof(der));
	struct setpki_error err = {0};
	char text[128];

	assert_int_equal(sp_name_check(s, &err), r->code);
	if (r->text != NULL)
		assert_string_equal(sp_name_text(s, text, sizeof(text)), r->text);
	if (r->code != SETPKI_E_OK)
		assert_string_equal(sp_name_text(s, text, 4), "(ma");
}

static void
refuses_a_name_over_the_limit(void **state)
{
	static uint8_t big[SP_NAME_MAX + 1] = {0x30};
	struct setpki_error err = {0};

	(void)state;
	assert_int_equal(sp_name_check(SP_BYTES(big), &err), SETPKI_E_LIMIT);
}

static void
text_is_cut_between_characters(void **state)
{
	struct sp_name_parts p = {NULL, "\xc3\xa9\xc3\xa9", NULL, NULL, NULL};
	struct sp_buf out = {0};
	struct setpki_error err = {0};
	char text[6];

	(void)state;
	assert_int_equal(sp_name_build(SETPKI_SUITE_MODERN, &p, &out, &err), SETPKI_E_OK);
	assert_string_equal(sp_name_text(sp_buf_bytes(&out), text, 6), "O=\xc3\xa9");
	assert_string_equal(sp_name_text(sp_buf_bytes(&out), text, 4), "O=");
	sp_buf_free(&out);
}

static void
values_by_attribute_and_place(void **state)
{
	struct sp_name_parts p = {"US", "Brand", "One", "Two", "Me"};
	struct sp_buf out = {0}, v = {0};
	struct setpki_error err = {0};

	(void)state;
	assert_int_equal(sp_name_build(SETPKI_SUITE_MODERN, &p, &out, &err), SETPKI_E_OK);
	assert_true(sp_name_get(sp_buf_bytes(&out), SP_ATTR_OU, 0, &v));
	assert_true(sp_name_get(sp_buf_bytes(&out), SP_ATTR_OU, 1, &v));
	assert_true(sp_name_get(sp_buf_bytes(&out), SP_ATTR_CN, 0, &v));
	assert_memory_equal(v.p, "OneTwoMe", 8);
	assert_false(sp_name_get(sp_buf_bytes(&out), SP_ATTR_OU, 2, &v));
	assert_false(sp_name_get(sp_buf_bytes(&out), SP_ATTR_C, 1, &v));
	sp_buf_free(&out);
	sp_buf_free(&v);
}

/* --- comparing ---------------------------------------------------------------------------------------------------- */

static const struct pair {
	const char *name;
	enum setpki_suite suite;
	const char *oa, *cna, *ob, *cnb;
	bool same_ca;
	unsigned gen_a, gen_b;
	bool same_brand;
} pairs[] = {
    {"generations_of_one_ca", SETPKI_SUITE_MODERN, "B", "CA G1", "B", "CA G12", true, 1, 12, true},
    {"same_generation", SETPKI_SUITE_MODERN, "B", "CA G1", "B", "CA G1", true, 1, 1, true},
    {"other_identifier", SETPKI_SUITE_MODERN, "B", "CA G1", "B", "CB G1", false, 1, 1, true},
    {"longer_identifier", SETPKI_SUITE_MODERN, "B", "CA G1", "B", "CA X G1", false, 1, 1, true},
    {"other_organization", SETPKI_SUITE_MODERN, "B", "CA G1", "C", "CA G1", false, 1, 1, false},
    {"no_generation_on_one_side", SETPKI_SUITE_MODERN, "B", "CA", "B", "CA G1", false, 0, 1, true},
    {"equal_without_generation", SETPKI_SUITE_MODERN, "B", "CA", "B", "CA", true, 0, 0, true},
    {"leading_zero_is_no_generation", SETPKI_SUITE_MODERN, "B", "CA G01", "B", "CA G1", false, 0, 1, true},
    {"six_digits_are_no_generation", SETPKI_SUITE_MODERN, "B", "CA G123456", "B", "CA G1", false, 0, 1, true},
    {"without_blank_no_generation", SETPKI_SUITE_MODERN, "B", "CAG1", "B", "CAG2", false, 0, 0, true},
    {"one_side_without_cn", SETPKI_SUITE_MODERN, "B", "CA G1", "B", NULL, false, 1, 0, true},
    {"other_side_without_cn", SETPKI_SUITE_MODERN, "B", NULL, "B", "CA G1", false, 0, 1, true},
    {"bmp_generations", SETPKI_SUITE_CLASSIC, "B", "C\xc3\xa9 G1", "B", "C\xc3\xa9 G9", true, 1, 9, true},
    {"string_types_differ", SETPKI_SUITE_MODERN, "B", "C_ G1", "B", "C- G1", false, 1, 1, true},
    {"brand_up_to_the_colon", SETPKI_SUITE_MODERN, "Brand:Gold", "x", "Brand", "x", false, 0, 0, true},
    {"products_of_one_brand", SETPKI_SUITE_MODERN, "Brand:Gold", "x", "Brand:Blue", "x", false, 0, 0, true},
    {"brand_is_not_a_prefix", SETPKI_SUITE_MODERN, "Brand", "x", "Brands", "x", false, 0, 0, false},
    {"no_brand_on_one_side", SETPKI_SUITE_MODERN, "Brand", "x", NULL, "x", false, 0, 0, false},
    {"empty_brand_is_none", SETPKI_SUITE_MODERN, ":a", "x", ":a", "x", true, 0, 0, false},
};

static void
compares(void **state)
{
	struct pair *p = *state;
	struct sp_name_parts a = {NULL, p->oa, NULL, NULL, p->cna}, b = {NULL, p->ob, NULL, NULL, p->cnb};
	struct sp_buf da = {0}, db = {0};
	struct setpki_error err = {0};
	unsigned ga = 99, gb = 99;

	assert_int_equal(sp_name_build(p->suite, &a, &da, &err), SETPKI_E_OK);
	assert_int_equal(sp_name_build(p->suite, &b, &db, &err), SETPKI_E_OK);
	assert_int_equal(sp_name_same_ca(sp_buf_bytes(&da), sp_buf_bytes(&db), &ga, &gb), p->same_ca);
	assert_int_equal(ga, p->gen_a);
	assert_int_equal(gb, p->gen_b);
	assert_int_equal(sp_name_same_ca(sp_buf_bytes(&da), sp_buf_bytes(&db), NULL, NULL), p->same_ca);
	assert_int_equal(sp_name_same_brand(sp_buf_bytes(&da), sp_buf_bytes(&db)), p->same_brand);
	if (p->ob != NULL)
		assert_int_equal(sp_name_is_brand(sp_buf_bytes(&da), p->ob), p->same_brand);
	sp_buf_free(&da);
	sp_buf_free(&db);
}

/* --- identifiers -------------------------------------------------------------------------------------------------- */

static void
dotted_identifiers(void **state)
{
	static const struct {
		const char *hex, *text;
	} rows[] = {
	    {"672a0700", "2.23.42.7.0"},
	    {"2b0601050507", "1.3.6.1.5.5.7"},
	    {"883703", "2.999.3"},
	    {"00", "0.0"},
	    {"27", "0.39"},
	    {"80", "(malformed OID)"},
	    {"", "(malformed OID)"},
	    {"2affffffffffffffffffff7f", "1.2..."},
	};
	uint8_t der[64];
	char text[SP_OID_TEXT];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(sp_oid_text(unhex(rows[i].hex, der, sizeof(der)), text), rows[i].text);
}

#define ROWS(test, table)                                                                                              \
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)                                                  \
		tests[n++] = (struct CMUnitTest)                                                                       \
		{                                                                                                      \
			(table)[i].name, test, NULL, NULL, (void *)(uintptr_t) & (table)[i]                            \
		}

int
main(void)
{
	static struct CMUnitTest tests[80];
	size_t n = 0;

	ROWS(builds, built);
	ROWS(refuses, refused);
	ROWS(reads_names, reads);
	ROWS(compares, pairs);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(sixty_four_characters_fit);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(refuses_a_name_over_the_limit);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(text_is_cut_between_characters);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(values_by_attribute_and_place);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(dotted_identifiers);
	return _cmocka_run_group_tests("name", tests, n, NULL, NULL);
}
