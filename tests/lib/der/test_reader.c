/* The cursor: typed reads, and `bad` that sticks. */
#include "tests/support/check.h"

#include "lib/der/reader.h"

static bool
one(const char *hex, bool (*read)(struct sp_der *))
{
	struct sp_der d = sp_der(t_hex(hex));
	bool ok = read(&d);

	assert_true(ok == !d.bad); /* the answer and the state agree */
	return ok && sp_der_end(&d);
}

static bool
as_bool(struct sp_der *d)
{
	bool v;

	return sp_der_bool(d, &v);
}

static bool
as_int(struct sp_der *d)
{
	int64_t v;

	return sp_der_int(d, &v);
}

static bool
as_enum(struct sp_der *d)
{
	int64_t v;

	return sp_der_enum(d, &v);
}

static bool
as_uint(struct sp_der *d)
{
	setpki_bytes v;

	return sp_der_uint(d, &v);
}

static bool
as_oid(struct sp_der *d)
{
	setpki_bytes v;

	return sp_der_oid(d, &v);
}

static bool
as_bits(struct sp_der *d)
{
	setpki_bytes v;
	unsigned unused;

	return sp_der_bits(d, &v, &unused);
}

static bool
as_named_bits(struct sp_der *d)
{
	uint32_t v;

	return sp_der_named_bits(d, &v);
}

static bool
as_time(struct sp_der *d)
{
	int64_t t;

	return sp_der_time(d, &t, NULL);
}

static void
typed_reads_take_der_alone(void **state)
{
	static const struct {
		const char *name, *hex;
		bool (*read)(struct sp_der *);
		bool ok;
	} rows[] = {
	    {"boolean", "0101ff", as_bool, true},
	    {"boolean 01", "010101", as_bool, false},
	    {"boolean of another tag", "020101", as_bool, false},
	    {"integer of 8 octets", "02087fffffffffffffff", as_int, true},
	    {"integer of 9 octets", "0209007fffffffffffffff", as_int, false},
	    {"integer padded", "02020001", as_int, false},
	    {"integer read as enumerated", "020101", as_enum, false},
	    {"enumerated", "0a0103", as_enum, true},
	    {"uint zero", "020100", as_uint, true},
	    {"uint negative", "0201ff", as_uint, false},
	    {"oid", "06042a030401", as_oid, true},
	    {"oid cut", "06022a83", as_oid, false},
	    {"bits", "03020780", as_bits, true},
	    {"bits with dirty padding", "030207ff", as_bits, false},
	    {"named bits", "03020780", as_named_bits, true},
	    {"named bits of nothing", "030100", as_named_bits, true},
	    {"named bits with a trailing zero", "03020680", as_named_bits, false},
	    {"named bits of 17", "0304078080 80", as_named_bits, false},
	    {"named bits 03 02 00 00", "03020000", as_named_bits, false},
	    {"null", "0500", sp_der_null, true},
	    {"null with contents", "050100", sp_der_null, false},
	    {"UTCTime", "170d3236313132333132303030305a", as_time, true},
	    {"GeneralizedTime", "180f32303236313132333132303030305a", as_time, true},
	    {"time of another tag", "1a0d3236313132333132303030305a", as_time, false},
	    {"time with a letter", "170d323631313233313230304f305a", as_time, false},
	    {"nothing there", "", as_int, false},
	};

	(void)state;
	for (size_t i = 0; i < NELEMS(rows); i++)
		if (one(rows[i].hex, rows[i].read) != rows[i].ok)
			fail_msg("%s", rows[i].name);
}

static void
values_are_what_they_say(void **state)
{
	struct sp_der d = sp_der(t_hex("0201ff 02020080 0a0117 02050080000000 03030700 80 0101ff"));
	int64_t v;
	uint32_t bits;
	setpki_bytes m;
	bool b;

	(void)state;
	assert_true(sp_der_int(&d, &v) && v == -1);
	assert_true(sp_der_int(&d, &v) && v == 128);
	assert_true(sp_der_enum(&d, &v) && v == 23);
	assert_true(sp_der_uint(&d, &m) && m.n == 4 && m.p[0] == 0x80);
	assert_true(sp_der_named_bits(&d, &bits) && bits == 1u << 8); /* rca of certificateType */
	assert_true(sp_der_bool(&d, &b) && b);
	assert_true(sp_der_end(&d));
}

static void
utc_times_have_a_window_of_a_century(void **state)
{
	struct sp_der d = sp_der(t_hex("170d3439313233313233353935395a 170d3530303130313030303030305a"));
	int64_t t;
	uint8_t tag;

	(void)state;
	assert_true(sp_der_time(&d, &t, &tag));
	assert_int_equal(t, INT64_C(2524607999)); /* 2049 */
	assert_int_equal(tag, SP_UTCTIME);
	assert_true(sp_der_time(&d, &t, NULL));
	assert_int_equal(t, INT64_C(-631152000)); /* 1950 */
}

static void
defaults_must_not_be_encoded(void **state)
{
	struct sp_der d = sp_der(t_hex("0500"));
	bool v;

	(void)state;
	assert_true(sp_der_bool_default(&d, false, &v) && !v);
	assert_true(sp_der_bool_default(&d, true, &v) && v);
	d = sp_der(t_hex("0101ff"));
	assert_true(sp_der_bool_default(&d, false, &v) && v);
	d = sp_der(t_hex("010100"));
	assert_false(sp_der_bool_default(&d, false, &v));
	assert_true(d.bad);
}

static void
bad_sticks(void **state)
{
	struct sp_der d = sp_der(t_hex("0500 0500")), inner;
	struct sp_tlv t;
	setpki_bytes v;
	bool b;

	(void)state;
	assert_false(sp_der_bool(&d, &b));
	assert_false(sp_der_null(&d)); /* what would have fitted */
	assert_false(sp_der_any(&d, &t));
	assert_false(sp_der_opt(&d, SP_NULL, &v));
	assert_false(sp_der_end(&d));
	assert_int_equal(sp_der_peek(&d), 0);
	assert_int_equal(sp_der_rest(&d).n, 0);
	assert_false(sp_der_enter(&d, SP_SEQUENCE, &inner));
	assert_true(inner.bad);
}

static void
optional_elements_leave_others_alone(void **state)
{
	struct sp_der d = sp_der(t_hex("a0020500 020101")), inner;
	setpki_bytes v;

	(void)state;
	assert_false(sp_der_enter_opt(&d, SP_CTXC(1), &inner));
	assert_true(sp_der_end(&inner));
	assert_true(sp_der_enter_opt(&d, SP_CTXC(0), &inner));
	assert_true(sp_der_null(&inner) && sp_der_end(&inner));
	assert_false(sp_der_opt(&d, SP_BOOLEAN, &v));
	assert_null(v.p);
	assert_false(d.bad);
	assert_true(sp_der_opt(&d, SP_INTEGER, &v));
	assert_true(sp_der_end(&d));
	assert_false(sp_der_opt(&d, SP_INTEGER, &v));
	assert_true(sp_der_end(&d));
}

static void
elements_come_with_their_header(void **state)
{
	setpki_bytes in = t_hex("bf876703020105");
	struct sp_der d = sp_der(in);
	struct sp_tlv t;

	(void)state;
	assert_true(sp_der_any(&d, &t));
	assert_int_equal(t.tag, 0xbf);
	assert_int_equal(t.number, 999);
	assert_int_equal(t.value.n, 3);
	assert_true(sp_bytes_eq(t.whole, in));
	assert_false(sp_der_any(&d, &t));
	assert_false(d.bad); /* the end is not an error */
}

static int
done(void **state)
{
	(void)state;
	t_hex_free();
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(typed_reads_take_der_alone),
	    cmocka_unit_test(values_are_what_they_say),
	    cmocka_unit_test(utc_times_have_a_window_of_a_century),
	    cmocka_unit_test(defaults_must_not_be_encoded),
	    cmocka_unit_test(bad_sticks),
	    cmocka_unit_test(optional_elements_leave_others_alone),
	    cmocka_unit_test(elements_come_with_their_header),
	};

	return cmocka_run_group_tests(tests, NULL, done);
}
