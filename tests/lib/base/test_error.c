/* The record of the first cause. */
#include "tests/support/check.h"

#include <openssl/err.h>
#include <openssl/evp.h>

static void
first_cause_is_kept(void **state)
{
	struct setpki_error err = {0};

	(void)state;
	assert_int_equal(sp_fail(&err, SETPKI_E_RULE, "RFC 5280 4.1.2.5", "first %d", 1), SETPKI_E_RULE);
	assert_int_equal(sp_fail(&err, SETPKI_E_STORE, NULL, "second"), SETPKI_E_STORE);
	assert_int_equal(err.code, SETPKI_E_RULE);
	assert_string_equal(err.message, "first 1");
	assert_string_equal(err.spec, "RFC 5280 4.1.2.5");
	assert_non_null(strstr(err.file, "test_error.c"));
	assert_true(err.line > 0);
}

static void
frames_add_where_it_happened_outermost_first(void **state)
{
	struct setpki_error err = {0};

	(void)state;
	assert_int_equal(sp_error_in(&err, SETPKI_E_PARSE, "nothing to add to"), SETPKI_E_PARSE);
	assert_string_equal(err.object, "");
	(void)sp_fail(&err, SETPKI_E_PARSE, NULL, "wrong");
	assert_int_equal(sp_error_in(&err, SETPKI_E_STORE, "subject"), SETPKI_E_PARSE);
	(void)sp_error_in(&err, SETPKI_E_PARSE, "request %d", 2);
	assert_string_equal(err.object, "request 2: subject");
}

static void
long_texts_are_cut_not_overrun(void **state)
{
	struct setpki_error err = {0};

	(void)state;
	(void)sp_fail(&err, SETPKI_E_PARSE, NULL, "%0900d", 1);
	assert_int_equal(strlen(err.message), sizeof(err.message) - 1);
	for (int i = 0; i < 4; i++)
		(void)sp_error_in(&err, SETPKI_E_PARSE, "%0100d", i);
	assert_int_equal(strlen(err.object), sizeof(err.object) - 1);
	assert_int_equal(err.object[99], '3');
}

static void
no_record_is_fine(void **state)
{
	(void)state;
	assert_int_equal(sp_fail(NULL, SETPKI_E_LIMIT, NULL, "x"), SETPKI_E_LIMIT);
	assert_int_equal(sp_error_in(NULL, SETPKI_E_LIMIT, "x"), SETPKI_E_LIMIT);
	setpki_error_clear(NULL);
}

static void
clear_makes_it_usable_again(void **state)
{
	struct setpki_error err = {0};

	(void)state;
	(void)sp_fail(&err, SETPKI_E_RULE, NULL, "x");
	setpki_error_clear(&err);
	assert_int_equal(err.code, SETPKI_E_OK);
	(void)sp_fail(&err, SETPKI_E_IO, NULL, "y");
	assert_string_equal(err.message, "y");
}

static void
libcrypto_gives_its_reason_and_its_queue_is_emptied(void **state)
{
	struct setpki_error err = {0};

	(void)state;
	assert_null(EVP_MD_fetch(NULL, "NO-SUCH-DIGEST", NULL));
	assert_int_equal(sp_fail_crypto(&err, "fetching"), SETPKI_E_CRYPTO);
	assert_non_null(strstr(err.message, "fetching: unsupported"));
	assert_int_equal(ERR_peek_error(), 0);
}

static void
every_code_has_name_text_and_status(void **state)
{
	(void)state;
	for (int c = 0; c < SETPKI_E_NCODES; c++) {
		assert_true(strlen(setpki_code_name((enum setpki_code)c)) > 0);
		assert_true(strlen(setpki_code_text((enum setpki_code)c)) > 0);
		assert_in_range(setpki_code_exit((enum setpki_code)c), c == 0 ? 0 : 1, c == 0 ? 0 : 3);
	}
	assert_string_equal(setpki_code_name(SETPKI_E_NCODES), "UNKNOWN");
	assert_string_equal(setpki_code_text(SETPKI_E_NCODES), "unknown error");
	assert_int_equal(setpki_code_exit(SETPKI_E_NCODES), 3);
	assert_int_equal(setpki_code_exit(SETPKI_E_ARGUMENT), 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(first_cause_is_kept),
	    cmocka_unit_test(frames_add_where_it_happened_outermost_first),
	    cmocka_unit_test(long_texts_are_cut_not_overrun),
	    cmocka_unit_test(no_record_is_fine),
	    cmocka_unit_test(clear_makes_it_usable_again),
	    cmocka_unit_test(libcrypto_gives_its_reason_and_its_queue_is_emptied),
	    cmocka_unit_test(every_code_has_name_text_and_status),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
