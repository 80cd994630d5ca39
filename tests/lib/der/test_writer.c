/* The writer: fixed encodings, and the property that whatever it writes the walk accepts and the reader gives back. */
#include "tests/support/check.h"

#include "lib/base/time.h"
#include "lib/der/walk.h"
#include "lib/der/writer.h"

static void
fixed_encodings(void **state)
{
	struct sp_buf b = {0};

	(void)state;
	sp_der_put_bool(&b, true);
	sp_der_put_bool(&b, false);
	t_bytes(sp_buf_bytes(&b), t_hex("0101ff 010100"));
	sp_buf_reset(&b);
	sp_der_put_int(&b, 0);
	sp_der_put_int(&b, 127);
	sp_der_put_int(&b, 128);
	sp_der_put_int(&b, -1);
	sp_der_put_int(&b, -128);
	sp_der_put_int(&b, -129);
	sp_der_put_int(&b, INT64_MIN);
	t_bytes(sp_buf_bytes(&b), t_hex("020100 02017f 02020080 0201ff 020180 0202ff7f 02088000000000000000"));
	sp_buf_reset(&b);
	sp_der_put_uint(&b, t_hex("000080"));
	sp_der_put_uint(&b, t_hex("7f"));
	sp_der_put_uint(&b, t_hex(""));
	sp_der_put_uint(&b, t_hex("0000"));
	t_bytes(sp_buf_bytes(&b), t_hex("02020080 02017f 020100 020100"));
	sp_buf_reset(&b);
	sp_der_put_named_bits(&b, 0);
	sp_der_put_named_bits(&b, 1u << 0);
	sp_der_put_named_bits(&b, 1u << 5 | 1u << 6);
	sp_der_put_named_bits(&b, 1u << 7);
	sp_der_put_named_bits(&b, 1u << 8);
	t_bytes(sp_buf_bytes(&b), t_hex("030100 03020780 03020106 03020001 0303070080"));
	sp_buf_reset(&b);
	sp_der_put_enum(&b, 22);
	sp_der_put_null(&b);
	sp_der_put_octets(&b, t_hex("aabb"));
	sp_der_put_bits(&b, t_hex("aa"));
	sp_der_put_oid(&b, t_hex("672a0700"));
	sp_der_put_str(&b, SP_VISIBLE, "en");
	t_bytes(sp_buf_bytes(&b), t_hex("0a0116 0500 0402aabb 030200aa 0604672a0700 1a02656e"));
	sp_buf_free(&b);
}

static void
times_change_form_in_2050(void **state)
{
	struct sp_buf b = {0};

	(void)state;
	sp_der_put_time(&b, INT64_C(2524607999));
	sp_der_put_time(&b, INT64_C(2524608000));
	sp_der_put_time(&b, INT64_C(-631152000));
	t_bytes(sp_buf_bytes(&b),
	    t_hex("170d3439313233313233353935395a 180f32303530303130313030303030305a 170d3530303130313030303030305a"));
	sp_buf_reset(&b);
	sp_der_put_gentime(&b, 1795435200);
	sp_der_put_utctime(&b, 1795435200);
	t_bytes(sp_buf_bytes(&b), t_hex("180f32303236313132333132303030305a 170d3236313132333132303030305a"));
	sp_der_put_time(&b, SP_TIME_MAX + 1); /* no such year */
	assert_true(b.failed);
	sp_buf_free(&b);
}

static void
lengths_are_minimal_whatever_the_size(void **state)
{
	static const size_t sizes[] = {0, 1, 127, 128, 255, 256, 65535, 65536, 70000};
	static uint8_t zeros[70000];

	(void)state;
	for (size_t i = 0; i < NELEMS(sizes); i++) {
		struct sp_buf put = {0}, opened = {0};
		uint8_t header[6];
		size_t mark;

		sp_der_put(&put, SP_OCTET_STRING, sp_bytes(zeros, sizes[i]));
		mark = sp_der_open(&opened, SP_OCTET_STRING);
		sp_buf_add(&opened, zeros, sizes[i]);
		sp_der_close(&opened, mark);
		t_bytes(sp_buf_bytes(&opened), sp_buf_bytes(&put));
		t_ok(sp_der_walk(sp_buf_bytes(&put), NULL), NULL);
		assert_int_equal(put.n, sp_der_header_len(sizes[i]) + sizes[i]);
		assert_int_equal(sp_der_header(SP_OCTET_STRING, sizes[i], header), sp_der_header_len(sizes[i]));
		assert_memory_equal(header, put.p, sp_der_header_len(sizes[i]));
		sp_buf_free(&put);
		sp_buf_free(&opened);
	}
}

/* A small generator, so that a failure can be repeated. */
static uint32_t
next(uint32_t *s)
{
	*s ^= *s << 13;
	*s ^= *s >> 17;
	return *s ^= *s << 5;
}

#define VALUES 12

struct value {
	unsigned type;
	int64_t i;
	uint32_t bits;
	uint8_t octets[40];
	size_t n;
};

static void
put(struct sp_buf *b, const struct value *v)
{
	setpki_bytes s = sp_bytes(v->octets, v->n);

	switch (v->type) {
	case 0:
		sp_der_put_int(b, v->i);
		break;
	case 1:
		sp_der_put_bool(b, v->i & 1);
		break;
	case 2:
		sp_der_put_named_bits(b, v->bits);
		break;
	case 3:
		sp_der_put_uint(b, s);
		break;
	case 4:
		sp_der_put_time(b, v->i % INT64_C(9000000000));
		break;
	default:
		sp_der_put_octets(b, s);
		break;
	}
}

static bool
same(struct sp_der *d, const struct value *v)
{
	setpki_bytes s = sp_bytes(v->octets, v->n), got;
	int64_t i;
	uint32_t bits;
	bool b;

	switch (v->type) {
	case 0:
		return sp_der_int(d, &i) && i == v->i;
	case 1:
		return sp_der_bool(d, &b) && b == (v->i & 1);
	case 2:
		return sp_der_named_bits(d, &bits) && bits == v->bits;
	case 3:
		while (s.n > 1 && s.p[0] == 0)
			s = sp_bytes(s.p + 1, s.n - 1);
		return sp_der_uint(d, &got) && (sp_bytes_eq(got, s) || (s.n == 0 && got.n == 1 && got.p[0] == 0));
	case 4:
		return sp_der_time(d, &i, NULL) && i == v->i % INT64_C(9000000000);
	default:
		return sp_der_octets(d, &got) && sp_bytes_eq(got, s);
	}
}

static void
draw(struct value *v, uint32_t *seed)
{
	v->type = next(seed) % 6;
	v->i = (int64_t)((uint64_t)next(seed) << 32 | next(seed)) >> next(seed) % 64;
	v->bits = next(seed) & 0xffff;
	v->n = next(seed) % sizeof(v->octets);
	for (size_t k = 0; k < v->n; k++)
		v->octets[k] = (uint8_t)(next(seed) >> (next(seed) % 4 * 8));
}

static void
what_is_written_is_read_back(void **state)
{
	uint32_t seed = 0x5e7ca;

	(void)state;
	for (int round = 0; round < 2000; round++) {
		struct value v[VALUES];
		struct sp_buf b = {0};
		struct sp_der d, inner;
		size_t outer = sp_der_open(&b, SP_SEQUENCE), n = next(&seed) % VALUES;

		for (size_t i = 0; i < n; i++) {
			size_t mark = sp_der_open(&b, SP_CTXC(i));

			draw(&v[i], &seed);
			put(&b, &v[i]);
			sp_der_close(&b, mark);
		}
		sp_der_close(&b, outer);
		t_ok(sp_der_walk(sp_buf_bytes(&b), NULL), NULL);
		d = sp_der(sp_buf_bytes(&b));
		assert_true(sp_der_enter(&d, SP_SEQUENCE, &inner) && sp_der_end(&d));
		for (size_t i = 0; i < n; i++) {
			struct sp_der one;

			assert_true(sp_der_enter(&inner, SP_CTXC(i), &one));
			if (!same(&one, &v[i]) || !sp_der_end(&one))
				fail_msg("round %d, value %zu of type %u", round, i, v[i].type);
		}
		assert_true(sp_der_end(&inner));
		sp_buf_free(&b);
	}
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
	    cmocka_unit_test(fixed_encodings),
	    cmocka_unit_test(times_change_form_in_2050),
	    cmocka_unit_test(lengths_are_minimal_whatever_the_size),
	    cmocka_unit_test(what_is_written_is_read_back),
	};

	return cmocka_run_group_tests(tests, NULL, done);
}
