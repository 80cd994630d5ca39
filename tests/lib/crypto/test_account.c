/* The blinded account. */
#include "tests/support/check.h"

#include "lib/crypto/account.h"

#include <setpki/account.h>

static setpki_ctx *ctx;

#define CARD_SECRET "000102030405060708090a0b0c0d0e0f10111213"
#define NONCE_CCA "030a11181f262d343b424950575e656c737a8188"

/* Names computed with Python's hmac and base64 over SEQUENCE { NumericString, NumericString }. */
static const struct row {
	enum setpki_suite suite;
	const char *pan, *name;
} rows[] = {
    {SETPKI_SUITE_CLASSIC, "4000001234567899", "+e1Wcef4+/3LMg5gCBkFWKn6GUw="},
    {SETPKI_SUITE_MODERN, "4000001234567899", "1qEUKMjFyxxa1QcovBwRoONIyt+YU0RpTqyAkUAtRk0="},
    {SETPKI_SUITE_CLASSIC, "4", "1bw311HBjbIUVEd4lLNIQ3OT8/Q="},
    {SETPKI_SUITE_MODERN, "4", "sAHk9hLr+WY7Q3pLa+YBI5D5r81qfABW69YYN2SZwb4="},
    {SETPKI_SUITE_CLASSIC, "4000001234567890123", "si+UngmuOSTVZgqDsR+Rk7nBZYw="},
    {SETPKI_SUITE_MODERN, "4000001234567890123", "NWgVANqIhrjhr+1ZUoJfg9/uLxx44u0HbeG5BFWOLqo="},
};

static void
secret_of(uint8_t out[SP_SECRET_LEN])
{
	sp_pan_secret(t_hex(CARD_SECRET).p, t_hex(NONCE_CCA).p, out);
}

static void
names_are_those_computed_elsewhere(void **state)
{
	uint8_t secret[SP_SECRET_LEN];
	char name[SP_BLINDED_TEXT];

	(void)state;
	secret_of(secret);
	t_bytes(SP_BYTES(secret), t_hex("030b131b1b232b33334b435b5b536b63636b939b"));
	for (size_t i = 0; i < NELEMS(rows); i++) {
		struct sp_account a;

		t_ok(sp_account_parse(rows[i].pan, "203012", &a, NULL), NULL);
		t_ok(sp_account_blind(ctx, rows[i].suite, &a, secret, name, NULL), NULL);
		assert_string_equal(name, rows[i].name);
		t_ok(sp_account_check(ctx, rows[i].suite, &a, secret, name, NULL), NULL);
	}
}

static void
the_public_functions_give_the_same(void **state)
{
	uint8_t secret[SETPKI_SECRET_LEN];
	char name[SETPKI_ACCOUNT_NAME];
	struct setpki_error err = {0};

	(void)state;
	setpki_pan_secret(t_hex(CARD_SECRET).p, t_hex(NONCE_CCA).p, secret);
	for (size_t i = 0; i < NELEMS(rows); i++) {
		t_ok(setpki_account_name(ctx, rows[i].suite, rows[i].pan, "203012", secret, name, &err), &err);
		assert_string_equal(name, rows[i].name);
		t_ok(setpki_account_check(ctx, rows[i].suite, rows[i].pan, "203012", secret, name, &err), &err);
		t_code(setpki_account_check(ctx, rows[i].suite, rows[i].pan, "203011", secret, name, NULL),
		    SETPKI_E_SIGNATURE, NULL);
	}
	t_code(setpki_account_name(ctx, SETPKI_SUITE_MODERN, "x", "203012", secret, name, NULL), SETPKI_E_PARSE, NULL);
	assert_string_equal(name, "");
	t_code(setpki_account_check(ctx, SETPKI_SUITE_MODERN, "4", "2030", secret, name, NULL), SETPKI_E_PARSE, NULL);
	t_code(setpki_account_name(ctx, SETPKI_SUITE_NONE, "4", "203012", secret, name, NULL), SETPKI_E_SUITE, NULL);
}

static void
any_other_part_is_another_name(void **state)
{
	static const struct {
		const char *name, *pan, *expiry;
		int turn; /* octet of PANSecret to alter, -1: none */
		enum setpki_suite suite;
	} others[] = {
	    {"another PAN", "4000001234567898", "203012", -1, SETPKI_SUITE_MODERN},
	    {"a shorter PAN", "400000123456789", "203012", -1, SETPKI_SUITE_MODERN},
	    {"another expiry", "4000001234567899", "203011", -1, SETPKI_SUITE_MODERN},
	    {"another secret, first octet", "4000001234567899", "203012", 0, SETPKI_SUITE_MODERN},
	    {"another secret, last octet", "4000001234567899", "203012", 19, SETPKI_SUITE_MODERN},
	    {"another suite", "4000001234567899", "203012", -1, SETPKI_SUITE_CLASSIC},
	};
	uint8_t secret[SP_SECRET_LEN];

	(void)state;
	for (size_t i = 0; i < NELEMS(others); i++) {
		struct sp_account a;
		struct setpki_error err = {0};

		secret_of(secret);
		if (others[i].turn >= 0)
			secret[others[i].turn] ^= 1;
		t_ok(sp_account_parse(others[i].pan, others[i].expiry, &a, NULL), NULL);
		if (sp_account_check(ctx, others[i].suite, &a, secret, rows[1].name, &err) != SETPKI_E_SIGNATURE)
			fail_msg("%s", others[i].name);
		assert_null(strstr(err.message, others[i].pan));
	}
}

static void
names_of_any_length_are_compared(void **state)
{
	static const char *const names[] = {"", "x", "1qEUKMjFyxxa1QcovBwRoONIyt+YU0RpTqyAkUAtRk0",
	    "a name that is far longer than any blinded account name can be, and then some"};
	uint8_t secret[SP_SECRET_LEN];
	struct sp_account a;

	(void)state;
	secret_of(secret);
	t_ok(sp_account_parse("4000001234567899", "203012", &a, NULL), NULL);
	for (size_t i = 0; i < NELEMS(names); i++)
		t_code(
		    sp_account_check(ctx, SETPKI_SUITE_MODERN, &a, secret, names[i], NULL), SETPKI_E_SIGNATURE, NULL);
}

static void
malformed_accounts_are_refused_without_repeating_them(void **state)
{
	static const struct {
		const char *pan, *expiry;
	} wrong[] = {{"", "203012"}, {"40000012345678901234", "203012"}, {"4000-0012", "203012"},
	    {"400000123456789x", "203012"}, {" 4000001234567899", "203012"}, {"4000001234567899", "203000"},
	    {"4000001234567899", "203013"}, {"4000001234567899", "20301"}, {"4000001234567899", "2030123"},
	    {"4000001234567899", "2030-1"}, {"4000001234567899", ""}};

	(void)state;
	for (size_t i = 0; i < NELEMS(wrong); i++) {
		struct sp_account a;
		struct setpki_error err = {0};

		t_code(sp_account_parse(wrong[i].pan, wrong[i].expiry, &a, &err), SETPKI_E_PARSE, &err);
		if (wrong[i].pan[0] != '\0')
			assert_null(strstr(err.message, wrong[i].pan));
		assert_int_equal(a.pan[0], '\0');
	}
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
	    cmocka_unit_test(names_are_those_computed_elsewhere),
	    cmocka_unit_test(the_public_functions_give_the_same),
	    cmocka_unit_test(any_other_part_is_another_name),
	    cmocka_unit_test(names_of_any_length_are_compared),
	    cmocka_unit_test(malformed_accounts_are_refused_without_repeating_them),
	};

	return cmocka_run_group_tests(tests, start, done);
}
