/* Every kind of encoding that is not DER is refused, at the top and inside. */
#include "tests/support/check.h"

#include "lib/base/limits.h"
#include "lib/der/walk.h"
#include "lib/der/writer.h"

static const struct row {
	const char *name, *hex, *says;
} refused[] = {
    {"empty", "", "empty"},
    {"data after the end", "0500 0500", "after the end"},
    {"tag alone", "30", "runs past"},
    {"length past the end", "3003 0500", "runs past"},
    {"inner length past its surroundings", "3003 0402 00", "runs past"},
    {"indefinite length", "3080 0500 0000", "not minimal"},
    {"reserved length 0xff", "04ff", "not minimal"},
    {"long length for a short one", "048101 00", "not minimal"},
    {"leading zero in a length", "04820001 00", "not minimal"},
    {"length of five octets", "04850000000001 00", "not minimal"},
    {"high tag for a low number", "1f1e00", "not minimal"},
    {"high tag with a leading zero", "1f801f00", "not minimal"},
    {"high tag that does not end", "1fff", "not minimal"},
    {"high tag of five octets", "9f8181818101 00", "not minimal"},
    {"end of contents", "0000", "cannot be primitive"},
    {"BOOLEAN 01", "010101", "BOOLEAN"},
    {"BOOLEAN of two octets", "0102ffff", "BOOLEAN"},
    {"BOOLEAN without octets", "0100", "BOOLEAN"},
    {"INTEGER without octets", "0200", "INTEGER"},
    {"INTEGER with a leading 00", "02020001", "INTEGER"},
    {"INTEGER with a leading ff", "0202ff80", "INTEGER"},
    {"ENUMERATED with a leading 00", "0a020001", "INTEGER"},
    {"BIT STRING without octets", "0300", "BIT STRING"},
    {"BIT STRING with 8 unused bits", "03020800", "BIT STRING"},
    {"BIT STRING empty with unused bits", "030101", "BIT STRING"},
    {"BIT STRING with padding that is not zero", "03020781", "BIT STRING"},
    {"BIT STRING constructed", "2304 03020080", "primitive"},
    {"OCTET STRING constructed", "2403 040100", "primitive"},
    {"UTF8String constructed", "2c03 0c0141", "primitive"},
    {"OID without octets", "0600", "OBJECT"},
    {"OID that does not end", "060281 81", "OBJECT"},
    {"OID arc with a leading 80", "06022a80", "OBJECT"},
    {"OID arc with a leading 80, first", "06028001", "OBJECT"},
    {"NULL with contents", "050100", "NULL"},
    {"SEQUENCE primitive", "1000", "cannot be primitive"},
    {"SET primitive", "1100", "cannot be primitive"},
    {"UTCTime without seconds", "170b 323631313233313230305a", "time"},
    {"UTCTime with an offset", "1711 3236313132333132303030302b30313030", "time"},
    {"UTCTime month 13", "170d 3236313332333132303030305a", "time"},
    {"GeneralizedTime with a fraction", "1811 32303236313132333132303030302e355a", "time"},
    {"GeneralizedTime without Z", "180e 3230323631313233313230303030", "time"},
    {"GeneralizedTime February 29th", "180f 32303236303232393132303030305a", "time"},
    {"PrintableString with an at sign", "130140", "string"},
    {"NumericString with a letter", "120141", "string"},
    {"VisibleString with a control", "1a010a", "string"},
    {"IA5String above 7f", "160180", "string"},
    {"UTF8String overlong", "0c02c0af", "string"},
    {"BMPString of odd length", "1e03004100", "string"},
    {"UniversalString not of four octets", "1c0200 41", "string"},
    {"SET not sorted", "3106 020102 020101", "sorted"},
    {"SET not sorted by length", "3107 04020000 040100", "sorted"},
};

static void
wrapped(const struct row *r, enum setpki_code want, unsigned depth)
{
	struct sp_buf b = {0};
	struct setpki_error err = {0};
	size_t marks[8];

	for (unsigned i = 0; i < depth; i++)
		marks[i] = sp_der_open(&b, i % 2 == 0 ? SP_SEQUENCE : SP_CTXC(3));
	sp_buf_add_bytes(&b, t_hex(r->hex));
	for (unsigned i = depth; i-- > 0;)
		sp_der_close(&b, marks[i]);
	if (sp_der_walk(sp_buf_bytes(&b), &err) != want)
		fail_msg("%s at depth %u: %s", r->name, depth, err.message);
	if (want != SETPKI_E_OK && depth == 0)
		assert_non_null(strstr(err.message, r->says));
	sp_buf_free(&b);
}

static void
not_der_is_refused_at_every_depth(void **state)
{
	(void)state;
	for (size_t i = 0; i < NELEMS(refused); i++) {
		wrapped(&refused[i], SETPKI_E_PARSE, 0);
		if (i < 2) /* nothing and two elements are fine inside a SEQUENCE */
			continue;
		wrapped(&refused[i], SETPKI_E_PARSE, 1);
		wrapped(&refused[i], SETPKI_E_PARSE, 7);
	}
}

static void
der_is_taken_at_every_depth(void **state)
{
	static const struct row rows[] = {
	    {"NULL", "0500", NULL},
	    {"BOOLEAN", "3006 010100 0101ff", NULL},
	    {"INTEGER", "3010 020100 02017f 02020080 020180 0201ff", NULL},
	    {"BIT STRING", "300b 030100 03020780 03020001", NULL},
	    {"SET sorted, equal members", "3109 020101 020101 020102", NULL},
	    {"SET of a shorter and a longer one", "3107 040100 04020000", NULL},
	    {"high tag", "bf876702 0500", NULL},
	    {"context primitive of any contents", "8002ffff", NULL},
	    {"times", "3020 170d3236313132333132303030305a 180f32303236313132333132303030305a", NULL},
	    {"strings", "300f 120131 130141 1a0141 160141 0c0141", NULL},
	};

	(void)state;
	for (size_t i = 0; i < NELEMS(rows); i++)
		for (unsigned depth = 0; depth < 8; depth++)
			wrapped(&rows[i], SETPKI_E_OK, depth);
}

static void
nesting_has_a_limit(void **state)
{
	(void)state;
	for (size_t depth = SP_DER_MAX_DEPTH - 2; depth <= SP_DER_MAX_DEPTH + 1; depth++) {
		struct sp_buf b = {0};
		size_t marks[SP_DER_MAX_DEPTH + 2];

		for (size_t i = 0; i < depth; i++)
			marks[i] = sp_der_open(&b, SP_SEQUENCE);
		for (size_t i = depth; i-- > 0;)
			sp_der_close(&b, marks[i]);
		t_code(
		    sp_der_walk(sp_buf_bytes(&b), NULL), depth < SP_DER_MAX_DEPTH ? SETPKI_E_OK : SETPKI_E_LIMIT, NULL);
		sp_buf_free(&b);
	}
}

static void
fault_names_the_byte(void **state)
{
	struct setpki_error err = {0};

	(void)state;
	t_code(sp_der_walk(t_hex("3008 0500 3004 0500 0501"), &err), SETPKI_E_PARSE, &err);
	assert_non_null(strstr(err.message, "(byte 8)"));
}

/* Each single bit of a valid encoding turned: accepted only if the reader and the writer agree on the bytes. */
static void
turned_bits_never_make_a_second_encoding(void **state)
{
	setpki_bytes good = t_hex("301e 020102 0101ff 03020780 06032a0304 170d3236313132333132303030305a");
	uint8_t copy[64];
	size_t taken = 0;

	(void)state;
	memcpy(copy, good.p, good.n);
	t_ok(sp_der_walk(good, NULL), NULL);
	for (size_t bit = 0; bit < 8 * good.n; bit++) {
		struct sp_der d;
		struct sp_buf b = {0};
		struct sp_tlv t;

		copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
		if (sp_der_walk(sp_bytes(copy, good.n), NULL) == SETPKI_E_OK) {
			taken++;
			d = sp_der(sp_bytes(copy, good.n));
			assert_true(sp_der_any(&d, &t));
			if (t.number < 31) {
				sp_der_put(&b, t.tag, t.value);
				assert_memory_equal(b.p, copy, good.n);
			}
		}
		sp_buf_free(&b);
		copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	assert_in_range(taken, 1, 8 * good.n - 1);
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
	    cmocka_unit_test(not_der_is_refused_at_every_depth),
	    cmocka_unit_test(der_is_taken_at_every_depth),
	    cmocka_unit_test(nesting_has_a_limit),
	    cmocka_unit_test(fault_names_the_byte),
	    cmocka_unit_test(turned_bits_never_make_a_second_encoding),
	};

	return cmocka_run_group_tests(tests, NULL, done);
}
