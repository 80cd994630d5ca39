/* Growing buffers and borrowed bytes. */
#include "tests/support/check.h"

#include <openssl/crypto.h>

static void
appends_grow_and_keep_order(void **state)
{
	struct sp_buf b = {0};

	(void)state;
	for (int i = 0; i < 1000; i++)
		sp_buf_add_byte(&b, (uint8_t)i);
	sp_buf_add_str(&b, "end");
	sp_buf_printf(&b, "%d-%s", 42, "x");
	assert_false(b.failed);
	assert_int_equal(b.n, 1000 + 3 + 4);
	for (int i = 0; i < 1000; i++)
		assert_int_equal(b.p[i], (uint8_t)i);
	assert_memory_equal(b.p + 1000, "end42-x", 7);
	sp_buf_free(&b);
	assert_null(b.p);
}

static void
printf_grows_beyond_the_first_allocation(void **state)
{
	struct sp_buf b = {0};

	(void)state;
	sp_buf_printf(&b, "%0500d", 7);
	assert_int_equal(b.n, 500);
	assert_int_equal(b.p[499], '7');
	sp_buf_free(&b);
}

static void
failure_sticks_and_leaves_nothing(void **state)
{
	struct sp_buf b = {0};
	size_t n = 99;

	(void)state;
	sp_buf_add_str(&b, "before");
	assert_null(sp_buf_extend(&b, SIZE_MAX / 2));
	assert_true(b.failed);
	sp_buf_add_str(&b, "after");
	assert_int_equal(b.n, 0);
	assert_null(sp_buf_bytes(&b).p);
	assert_null(sp_buf_take(&b, &n));
	assert_int_equal(n, 0);
	assert_false(b.failed); /* taken: ready for use again */
}

static void
take_hands_the_memory_over(void **state)
{
	struct sp_buf b = {0};
	uint8_t *p;
	size_t n;

	(void)state;
	sp_buf_add_str(&b, "abc");
	p = sp_buf_take(&b, &n);
	assert_int_equal(n, 3);
	assert_memory_equal(p, "abc", 3);
	assert_null(b.p);
	assert_int_equal(b.cap, 0);
	OPENSSL_free(p);
	assert_null(sp_buf_take(&b, &n)); /* empty */
}

static void
reset_of_a_secret_buffer_wipes_it(void **state)
{
	struct sp_buf b = {.secret = true};

	(void)state;
	sp_buf_add_str(&b, "4000001234567899");
	sp_buf_reset(&b);
	assert_int_equal(b.n, 0);
	for (size_t i = 0; i < 16; i++)
		assert_int_equal(b.p[i], 0);
	sp_buf_free(&b);
}

static void
comparison_is_lexicographic_and_the_shorter_is_first(void **state)
{
	static const struct {
		const char *a, *b;
		int sign;
	} rows[] = {{"", "", 0}, {"", "a", -1}, {"a", "", 1}, {"ab", "ab", 0}, {"ab", "abc", -1}, {"b", "abc", 1},
	    {"\x7f", "\xff", -1}};

	(void)state;
	for (size_t i = 0; i < NELEMS(rows); i++) {
		int c = sp_bytes_cmp(sp_bytes_str(rows[i].a), sp_bytes_str(rows[i].b));

		assert_int_equal((c > 0) - (c < 0), rows[i].sign);
		assert_int_equal(sp_bytes_eq(sp_bytes_str(rows[i].a), sp_bytes_str(rows[i].b)), rows[i].sign == 0);
	}
}

static void
dup_copies_and_gives_nothing_for_nothing(void **state)
{
	setpki_bytes s = sp_bytes_str("copy"), d = sp_bytes_dup(s);

	(void)state;
	assert_ptr_not_equal(s.p, d.p);
	assert_true(sp_bytes_eq(s, d));
	OPENSSL_free((void *)(uintptr_t)d.p);
	assert_null(sp_bytes_dup(sp_bytes(NULL, 0)).p);
	assert_int_equal(sp_bytes_str(NULL).n, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(appends_grow_and_keep_order),
	    cmocka_unit_test(printf_grows_beyond_the_first_allocation),
	    cmocka_unit_test(failure_sticks_and_leaves_nothing),
	    cmocka_unit_test(take_hands_the_memory_over),
	    cmocka_unit_test(reset_of_a_secret_buffer_wipes_it),
	    cmocka_unit_test(comparison_is_lexicographic_and_the_shorter_is_first),
	    cmocka_unit_test(dup_copies_and_gives_nothing_for_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
