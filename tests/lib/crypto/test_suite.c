/* Suites and contexts, and the words of types.h. */
#include "tests/support/check.h"

#include "lib/crypto/suite.h"
#include "lib/der/walk.h"

#include <openssl/provider.h>

static setpki_ctx *ctx;

static void
suites_have_names_both_ways(void **state)
{
	static const enum setpki_suite ids[] = {SETPKI_SUITE_CLASSIC, SETPKI_SUITE_MODERN};

	(void)state;
	for (size_t i = 0; i < NELEMS(ids); i++) {
		const struct sp_suite *s = sp_suite(ids[i]);

		assert_non_null(s);
		assert_string_equal(setpki_suite_name(ids[i]), s->name);
		assert_int_equal(setpki_suite_by_name(s->name), ids[i]);
		t_ok(sp_der_walk(s->digest_alg, NULL), NULL);
		assert_int_equal(EVP_MD_get_size(sp_ctx_md(ctx, ids[i])), s->digest_len);
	}
	assert_null(sp_suite(SETPKI_SUITE_NONE));
	assert_string_equal(setpki_suite_name(SETPKI_SUITE_NONE), "unknown");
	assert_int_equal(setpki_suite_by_name("Modern"), SETPKI_SUITE_NONE);
	assert_int_equal(setpki_suite_by_name(""), SETPKI_SUITE_NONE);
}

static void
digests_are_fips_180(void **state)
{
	uint8_t out[32];

	(void)state;
	t_ok(sp_hash(ctx, SETPKI_SUITE_CLASSIC, sp_bytes_str("abc"), out, NULL), NULL);
	t_bytes(sp_bytes(out, 20), t_hex("a9993e364706816aba3e25717850c26c9cd0d89d"));
	t_ok(sp_hash(ctx, SETPKI_SUITE_MODERN, sp_bytes_str("abc"), out, NULL), NULL);
	t_bytes(sp_bytes(out, 32), t_hex("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
	t_ok(sp_sha256(ctx, sp_bytes(NULL, 0), out, NULL), NULL);
	t_bytes(sp_bytes(out, 32), t_hex("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
}

static void
random_numbers_differ(void **state)
{
	uint8_t a[32] = {0}, b[32] = {0};

	(void)state;
	t_ok(sp_random(ctx, a, sizeof(a), NULL), NULL);
	t_ok(sp_random(ctx, b, sizeof(b), NULL), NULL);
	assert_memory_not_equal(a, b, sizeof(a));
}

static void
a_context_takes_the_callers_library_context(void **state)
{
	OSSL_LIB_CTX *lib = OSSL_LIB_CTX_new();
	OSSL_PROVIDER *dflt = OSSL_PROVIDER_load(lib, "default");
	setpki_ctx *own = NULL;

	(void)state;
	t_ok(setpki_ctx_new(lib, &own, NULL), NULL);
	assert_ptr_equal(sp_ctx_lib(own), lib);
	setpki_ctx_free(own);
	OSSL_PROVIDER_unload(dflt);
	OSSL_LIB_CTX_free(lib);
	setpki_ctx_free(NULL);
}

static void
a_library_context_without_digests_is_an_error(void **state)
{
	OSSL_LIB_CTX *lib = OSSL_LIB_CTX_new();
	OSSL_PROVIDER *null = OSSL_PROVIDER_load(lib, "null");
	struct setpki_error err = {0};
	setpki_ctx *own = NULL;

	(void)state;
	t_code(setpki_ctx_new(lib, &own, &err), SETPKI_E_CRYPTO, &err);
	assert_null(own);
	OSSL_PROVIDER_unload(null);
	OSSL_LIB_CTX_free(lib);
}

static void
types_have_words_both_ways(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 10; i++) {
		const char *word = setpki_type_name(1u << i);

		assert_non_null(word);
		assert_int_equal(setpki_type_by_name(word), 1u << i);
	}
	assert_null(setpki_type_name(0));
	assert_null(setpki_type_name(3));
	assert_null(setpki_type_name(1u << 10));
	assert_int_equal(setpki_type_by_name("card"), SETPKI_TYPE_CARD);
	assert_int_equal(setpki_type_by_name("pgwy"), SETPKI_TYPE_PGWY);
	assert_int_equal(setpki_type_by_name("Card"), 0);
	assert_int_equal(setpki_type_by_name(""), 0);
	for (int k = 0; k < SETPKI_KIND_N; k++)
		for (int other = 0; other < k; other++)
			assert_string_not_equal(
			    setpki_kind_name((enum setpki_kind)k), setpki_kind_name((enum setpki_kind)other));
}

static int
start(void **state)
{
	(void)state;
	return setpki_ctx_new(NULL, &ctx, NULL) == SETPKI_E_OK ? 0 : -1;
}

static int
done(void **state)
{
	(void)state;
	setpki_ctx_free(ctx);
	t_hex_free();
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(suites_have_names_both_ways),
	    cmocka_unit_test(digests_are_fips_180),
	    cmocka_unit_test(random_numbers_differ),
	    cmocka_unit_test(a_context_takes_the_callers_library_context),
	    cmocka_unit_test(a_library_context_without_digests_is_an_error),
	    cmocka_unit_test(types_have_words_both_ways),
	};

	return cmocka_run_group_tests(tests, start, done);
}
