/* MerchantData: written, read again, refused. */
#include "lib/der/walk.h"
#include "lib/x509/merchant.h"
#include "tests/support/check.h"

#define FORTY "1234567890123456789012345678901234567890"
static const struct sp_mer_names plain = {NULL, "A", "B", NULL, NULL, "C"};

/* --- built -------------------------------------------------------------------------------------------------------- */

static void
smallest(void **state)
{
	const struct sp_merchant_data m = {"A", "412345", &plain, 1, 840, true};
	struct setpki_error err = {0};
	struct sp_buf out = {0};

	(void)state;
	t_ok(sp_merchant_build(&m, &out, &err), &err);
	t_bytes(sp_buf_bytes(&out),
	    t_hex("3022 1a0141 1206343132333435 3011 300f a1031a0141 a2031a0142 a5031a0143 02020348"));
	t_hex_free();
	sp_buf_free(&out);
}

static void
everything(void **state)
{
	static const struct sp_mer_names names[] = {{"en", "Shop", "Springfield", "IL", "62701", "USA"},
	    {"fr", "Caf\xc3\xa9", "Ville", NULL, NULL, "\xc3\x89tats"}};
	const struct sp_merchant_data m = {"SHOP-1", "412345", names, 2, 1, false};
	struct setpki_error err = {0};
	struct sp_merchant_view v;
	struct sp_mer_names_view n;
	struct sp_buf out = {0};
	struct sp_der d;

	(void)state;
	t_ok(sp_merchant_build(&m, &out, &err), &err);
	t_ok(sp_der_walk(sp_buf_bytes(&out), &err), &err);
	d = sp_der(sp_buf_bytes(&out));
	assert_true(sp_merchant_read(&d, &v) && sp_der_end(&d));
	t_bytes(v.mer_id, sp_bytes_str("SHOP-1"));
	t_bytes(v.bin, sp_bytes_str("412345"));
	assert_int_equal(v.country, 1);
	assert_false(v.auth_flag);
	assert_int_equal(v.nnames, 2);
	assert_true(sp_mer_names_next(&v.names, &n));
	t_bytes(n.language, sp_bytes_str("en"));
	t_bytes(n.state_province.value, sp_bytes_str("IL"));
	t_bytes(n.postal_code.value, sp_bytes_str("62701"));
	assert_true(sp_mer_names_next(&v.names, &n));
	assert_int_equal(n.name.tag, SP_BMP);
	t_bytes(n.name.value, t_hex("0043 0061 0066 00e9"));
	assert_int_equal(n.city.tag, SP_VISIBLE);
	assert_int_equal(n.state_province.tag, 0);
	assert_false(sp_mer_names_next(&v.names, &n));
	t_hex_free();
	sp_buf_free(&out);
}

/* --- refused ------------------------------------------------------------------------------------------------------ */

static const struct refusal {
	const char *name, *mer_id, *bin;
	struct sp_mer_names names;
	size_t nnames;
	int country;
	const char *says;
} refusals[] = {
    {"refuses_no_identifier", NULL, "412345", {NULL, "A", "B", NULL, NULL, "C"}, 1, 840, "identifier is missing"},
    {"refuses_an_empty_identifier", "", "412345", {NULL, "A", "B", NULL, NULL, "C"}, 1, 840, "identifier is empty"},
    {"refuses_an_identifier_of_40_characters", FORTY, "412345", {NULL, "A", "B", NULL, NULL, "C"}, 1, 840,
	"40 characters; SET allows 30"},
    {"refuses_no_bin", "A", NULL, {NULL, "A", "B", NULL, NULL, "C"}, 1, 840, "6 digits"},
    {"refuses_a_bin_of_5_digits", "A", "41234", {NULL, "A", "B", NULL, NULL, "C"}, 1, 840, "6 digits"},
    {"refuses_a_bin_with_a_letter", "A", "41234x", {NULL, "A", "B", NULL, NULL, "C"}, 1, 840, "6 digits"},
    {"refuses_no_names", "A", "412345", {NULL, "A", "B", NULL, NULL, "C"}, 0, 840, "0 sets"},
    {"refuses_33_names", "A", "412345", {NULL, "A", "B", NULL, NULL, "C"}, 33, 840, "33 sets"},
    {"refuses_country_0", "A", "412345", {NULL, "A", "B", NULL, NULL, "C"}, 1, 0, "country 0"},
    {"refuses_country_1000", "A", "412345", {NULL, "A", "B", NULL, NULL, "C"}, 1, 1000, "country 1000"},
    {"refuses_no_merchant_name", "A", "412345", {NULL, NULL, "B", NULL, NULL, "C"}, 1, 840, "merchant name is missing"},
    {"refuses_a_merchant_name_of_40", "A", "412345", {NULL, FORTY, "B", NULL, NULL, "C"}, 1, 840, "SET allows 25"},
    {"refuses_no_city", "A", "412345", {NULL, "A", NULL, NULL, NULL, "C"}, 1, 840, "city is missing"},
    {"refuses_no_country_name", "A", "412345", {NULL, "A", "B", NULL, NULL, NULL}, 1, 840, "country name is missing"},
    {"refuses_a_state_of_40", "A", "412345", {NULL, "A", "B", FORTY, NULL, "C"}, 1, 840, "SET allows 25"},
    {"refuses_a_postal_code_of_40", "A", "412345", {NULL, "A", "B", NULL, FORTY, "C"}, 1, 840, "SET allows 14"},
    {"refuses_an_empty_postal_code", "A", "412345", {NULL, "A", "B", NULL, "", "C"}, 1, 840, "postal code is empty"},
    {"refuses_a_language_of_40", "A", "412345", {FORTY, "A", "B", NULL, NULL, "C"}, 1, 840, "RFC 1766"},
    {"refuses_an_empty_language", "A", "412345", {"", "A", "B", NULL, NULL, "C"}, 1, 840, "RFC 1766"},
    {"refuses_a_control_character", "A", "412345", {NULL, "A\t", "B", NULL, NULL, "C"}, 1, 840, "control characters"},
    {"refuses_an_emoji", "A", "412345", {NULL, "\xf0\x9f\x98\x80", "B", NULL, NULL, "C"}, 1, 840, "Multilingual"},
};

static void
is_refused(void **state)
{
	struct refusal *r = *state;
	struct sp_mer_names all[33];
	struct sp_merchant_data m = {r->mer_id, r->bin, all, r->nnames, r->country, true};
	struct setpki_error err = {0};
	struct sp_buf out = {0};

	for (size_t i = 0; i < NELEMS(all); i++)
		all[i] = r->names;
	sp_buf_add_byte(&out, 0x7e);
	t_code(sp_merchant_build(&m, &out, &err), SETPKI_E_ARGUMENT, &err);
	if (strstr(err.message, r->says) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", err.message, r->says);
	assert_int_equal(out.n, 1);
	sp_buf_free(&out);
}

/* --- read --------------------------------------------------------------------------------------------------------- */

static const struct reading {
	const char *name, *hex;
	bool ok;
} readings[] = {
    {"reads_the_smallest", "3022 1a0141 1206343132333435 3011 300f a1031a0141 a2031a0142 a5031a0143 02020348", true},
    {"bad_bin_with_a_blank", "3022 1a0141 1206343132333420 3011 300f a1031a0141 a2031a0142 a5031a0143 02020348", false},
    {"bad_bin_of_5", "3021 1a0141 12053431323334 3011 300f a1031a0141 a2031a0142 a5031a0143 02020348", false},
    {"bad_identifier_empty", "3021 1a00 1206343132333435 3011 300f a1031a0141 a2031a0142 a5031a0143 02020348", false},
    {"bad_identifier_type", "3022 130141 1206343132333435 3011 300f a1031a0141 a2031a0142 a5031a0143 02020348", false},
    {"bad_bmp_of_odd_length", "3022 1e0141 1206343132333435 3011 300f a1031a0141 a2031a0142 a5031a0143 02020348",
	false},
    {"bad_no_names", "3013 1a0141 1206343132333435 3000 02020348", false},
    {"bad_no_city", "301d 1a0141 1206343132333435 300c 300a a1031a0141 a5031a0143 02020348", false},
    {"bad_members_swapped", "3022 1a0141 1206343132333435 3011 300f a2031a0142 a1031a0141 a5031a0143 02020348", false},
    {"bad_language_empty", "3024 1a0141 1206343132333435 3013 3011 8000 a1031a0141 a2031a0142 a5031a0143 02020348",
	false},
    {"bad_two_strings_in_one_field",
	"3025 1a0141 1206343132333435 3014 3012 a1061a01411a0141 a2031a0142 a5031a0143 02020348", false},
    {"bad_country_0", "3021 1a0141 1206343132333435 3011 300f a1031a0141 a2031a0142 a5031a0143 020100", false},
    {"bad_country_1000", "3022 1a0141 1206343132333435 3011 300f a1031a0141 a2031a0142 a5031a0143 020203e8", false},
    {"bad_flag_true_encoded", "3025 1a0141 1206343132333435 3011 300f a1031a0141 a2031a0142 a5031a0143 02020348 0101ff",
	false},
    {"reads_flag_false", "3025 1a0141 1206343132333435 3011 300f a1031a0141 a2031a0142 a5031a0143 02020348 010100",
	true},
    {"bad_something_after", "3024 1a0141 1206343132333435 3011 300f a1031a0141 a2031a0142 a5031a0143 02020348 0500",
	false},
    {"bad_empty", "3000", false},
    {"bad_set", "3100", false},
};

static void
reads(void **state)
{
	struct reading *r = *state;
	struct sp_der d = sp_der(t_hex(r->hex));
	struct sp_merchant_view v;

	assert_int_equal(sp_merchant_read(&d, &v) && sp_der_end(&d), r->ok);
	t_hex_free();
}

static void
thirty_two_names_fit_and_33_are_not_read(void **state)
{
	struct sp_mer_names all[SP_MER_NAMES_MAX];
	struct sp_merchant_data m = {"A", "412345", all, SP_MER_NAMES_MAX, 840, true};
	struct setpki_error err = {0};
	struct sp_merchant_view v;
	struct sp_buf out = {0};
	struct sp_der d;

	(void)state;
	for (size_t i = 0; i < NELEMS(all); i++)
		all[i] = plain;
	t_ok(sp_merchant_build(&m, &out, &err), &err);
	d = sp_der(sp_buf_bytes(&out));
	assert_true(sp_merchant_read(&d, &v));
	assert_int_equal(v.nnames, SP_MER_NAMES_MAX);
	sp_buf_free(&out);
}

#define ROWS(test, table)                                                                                              \
	for (size_t i = 0; i < NELEMS(table); i++)                                                                     \
		tests[n++] = (struct CMUnitTest)                                                                       \
		{                                                                                                      \
			(table)[i].name, test, NULL, NULL, (void *)(uintptr_t) & (table)[i]                            \
		}
#define ONE(test) tests[n++] = (struct CMUnitTest)cmocka_unit_test(test)

int
main(void)
{
	static struct CMUnitTest tests[60];
	size_t n = 0;

	ONE(smallest);
	ONE(everything);
	ROWS(is_refused, refusals);
	ROWS(reads, readings);
	ONE(thirty_two_names_fit_and_33_are_not_read);
	return _cmocka_run_group_tests("merchant", tests, n, NULL, NULL);
}
