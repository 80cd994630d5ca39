/* The table of findings, and lists of findings. */
#include "lib/x509/lint.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
/* after the headers that it needs */
#include <cmocka.h>

static void
rows_are_sorted_complete_and_short_enough(void **state)
{
	size_t n;
	const struct setpki_rule *r = setpki_rules(&n);

	(void)state;
	assert_true(n > 30);
	for (size_t i = 0; i < n; i++) {
		if (i > 0 && strcmp(r[i - 1].id, r[i].id) >= 0)
			fail_msg("%s is not before %s", r[i - 1].id, r[i].id);
		if (r[i].text[0] == '\0' || r[i].spec[0] == '\0' || r[i].applies[0] == '\0' || r[i].advice[0] == '\0')
			fail_msg("%s has an empty field", r[i].id);
		if (strchr(r[i].id, '.') == NULL)
			fail_msg("%s names no family", r[i].id);
		assert_ptr_equal(setpki_rule_by_id(r[i].id), &r[i]);
	}
}

static void
applies_is_one_of_the_known_words(void **state)
{
	static const char *const words[] = {"certificate", "crl", "bci", "request", "chain"};
	size_t n;
	const struct setpki_rule *r = setpki_rules(&n);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		bool known = false;

		for (size_t k = 0; k < sizeof(words) / sizeof(words[0]); k++)
			known |= strcmp(r[i].applies, words[k]) == 0;
		if (!known)
			fail_msg("%s applies to \"%s\"", r[i].id, r[i].applies);
	}
}

static void
unknown_ids_are_refused(void **state)
{
	struct setpki_findings f = {0};

	(void)state;
	assert_null(setpki_rule_by_id(""));
	assert_null(setpki_rule_by_id("cert"));
	assert_null(setpki_rule_by_id("zzz.last"));
	assert_int_equal(sp_finding_add(&f, "cert.nosuch", 0, NULL, "x"), SETPKI_E_ARGUMENT);
	assert_int_equal(f.n, 0);
}

static void
findings_keep_their_order_and_the_worst_is_told(void **state)
{
	struct setpki_findings f = {0};

	(void)state;
	assert_int_equal(setpki_findings_worst(&f), SETPKI_NOTE);
	for (int i = 0; i < 20; i++)
		assert_int_equal(sp_finding_add(&f, "cert.extension.unknown", i, "leaf", "number %d", i), SETPKI_E_OK);
	assert_int_equal(setpki_findings_worst(&f), SETPKI_WARNING);
	assert_int_equal(sp_finding_add(&f, "cert.der", -1, NULL, "cut short"), SETPKI_E_OK);
	assert_int_equal(setpki_findings_worst(&f), SETPKI_ERROR);
	assert_int_equal(f.n, 21);
	assert_int_equal(f.v[19].depth, 19);
	assert_string_equal(f.v[19].text, "number 19");
	assert_string_equal(f.v[19].object, "leaf");
	assert_string_equal(f.v[20].object, "");
	setpki_findings_free(&f);
	assert_int_equal(f.n, 0);
	setpki_findings_free(&f);
	setpki_findings_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rows_are_sorted_complete_and_short_enough),
	    cmocka_unit_test(applies_is_one_of_the_known_words),
	    cmocka_unit_test(unknown_ids_are_refused),
	    cmocka_unit_test(findings_keep_their_order_and_the_worst_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
