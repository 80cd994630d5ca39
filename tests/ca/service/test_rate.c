/* Token buckets. */
#include "ca/service/rate.h"
#include "tests/support/check.h"

#include <malloc.h>

#define ALICE ((const uint8_t[CA_RATE_KEY]){0, 0, 0xff, 0xff, 127, 0, 0, 1})
#define BOB ((const uint8_t[CA_RATE_KEY]){0, 0, 0xff, 0xff, 127, 0, 0, 2})

static void
burst_then_rate(void **state)
{
	ca_rate *r = ca_rate_new(2, 5, 1);
	int64_t wait, now = 1000000;

	(void)state;
	for (int i = 0; i < 5; i++)
		assert_true(ca_rate_take(r, ALICE, now, &wait));
	assert_false(ca_rate_take(r, ALICE, now, &wait));
	assert_int_equal(wait, 500);
	assert_true(ca_rate_take(r, BOB, now, &wait));
	assert_false(ca_rate_take(r, ALICE, now + 499, &wait));
	assert_int_equal(wait, 1);
	assert_true(ca_rate_take(r, ALICE, now + 500, &wait));
	assert_false(ca_rate_take(r, ALICE, now + 500, &wait));
	ca_rate_free(r);
}

/* Asking without success does not make it longer, a long rest gives no more than the burst, and a clock that stands
 * still nothing. */
static void
neither_more_nor_less(void **state)
{
	ca_rate *r = ca_rate_new(1000, 3, 1);
	int64_t wait, now = 5;
	int got = 0;

	(void)state;
	for (int i = 0; i < 100; i++)
		got += ca_rate_take(r, ALICE, now, &wait);
	assert_int_equal(got, 3);
	for (int i = 0; i < 100; i++)
		got += ca_rate_take(r, ALICE, now + INT64_C(1000000000000), &wait);
	assert_int_equal(got, 6);
	for (int i = 1; i <= 100; i++)
		got += ca_rate_take(r, ALICE, now + INT64_C(1000000000000) + i, &wait);
	assert_int_equal(got, 106);
	ca_rate_free(r);
}

/* A flood from everywhere: the memory stays the same, and who comes again in between still meets a bucket. */
static void
many_addresses(void **state)
{
	ca_rate *r = ca_rate_new(1, 1, 77);
	struct mallinfo2 before = mallinfo2(), after;
	int64_t wait, now = 1;
	int twice = 0;

	(void)state;
	for (uint64_t i = 0; i < 200000; i++, now++) {
		uint8_t key[CA_RATE_KEY];

		memcpy(key, &i, sizeof(key));
		key[7] = 0x20;
		assert_true(ca_rate_take(r, key, now, &wait));
		twice += ca_rate_take(r, key, now, &wait);
	}
	assert_int_equal(twice, 0);
	after = mallinfo2();
	assert_int_equal(before.uordblks + before.hblkhd, after.uordblks + after.hblkhd);
	ca_rate_free(r);
}

int
main(void)
{
	const struct CMUnitTest all[] = {
	    cmocka_unit_test(burst_then_rate),
	    cmocka_unit_test(neither_more_nor_less),
	    cmocka_unit_test(many_addresses),
	};

	return cmocka_run_group_tests(all, NULL, NULL);
}
