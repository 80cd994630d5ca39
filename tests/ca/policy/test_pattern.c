/* Patterns of form fields: which ones a policy may have, and what they match. */
#include "ca/policy/form.h"
#include "tests/support/check.h"

#include <regex.h>
#include <stdlib.h>
#include <string.h>

#define O_UMLAUT "\xc3\xb6"
#define U_UMLAUT "\xc3\xbc"
#define EURO "\xe2\x82\xac"
#define PAN "4123458391742602"
#define PAN_GROUPS "4123 4583 9174 2602"

/* --- what is refused ------------------------------------------------------------------------------- */

static const struct {
	const char *pattern, *fault; /* NULL: there is none */
} patterns[] = {
    {"[0-9]+", NULL},
    {"a{512}", NULL},
    {"(a{16}){32}", NULL},
    {"\\{\\(\\\\1", NULL},
    {"[" O_UMLAUT U_UMLAUT "]", NULL},
    {"(", "not a POSIX extended regular expression: "},
    {"a{513}", "multiply to more than 512"},
    {"a{0,513}", "multiply to more than 512"},
    {"(a{20}){30}", "multiply to more than 512"},
    {"a{99999999999999999999}", "multiply to more than 512"},
    {"(a*)*\\1", "a reference back"},
    {"\\\\\\1", "a reference back"},
    {"[a-" U_UMLAUT "]", "a range goes from one ASCII character to another"},
};

static void
some_patterns_are_refused(void **state)
{
	char room[CA_PATTERN_FAULT];
	const char *fault;

	(void)state;
	for (size_t i = 0; i < NELEMS(patterns); i++) {
		fault = ca_pattern_fault(patterns[i].pattern, room);
		if ((fault == NULL) != (patterns[i].fault == NULL) ||
		    (fault != NULL && strstr(fault, patterns[i].fault) == NULL))
			fail_msg("%s: \"%s\"", patterns[i].pattern, fault != NULL ? fault : "none");
	}
}

/* --- what matches ---------------------------------------------------------------------------------- */

static const struct {
	const char *pattern, *text;
	bool matches;
} matches[] = {
    {"[0-9]{4}", "1970", true},
    {"[0-9]{4}", "x1970", false},
    {"[0-9]{4}", "1970x", false},
    {"a|ab|abc", "abc", true},
    {"^a$", "a", true},
    {"x*", "ax", false},
    {"", "a", false},
    {".{3}", O_UMLAUT "r" U_UMLAUT, true},
    {".{3}", EURO, false},
    {"[" O_UMLAUT "]", U_UMLAUT, false},
    {"[[:alpha:]]+", "sch" O_UMLAUT "n", true},
    {"[[:upper:]]", O_UMLAUT, false},
    {"[" O_UMLAUT "0-9]{16}", PAN, true},
    {"4123[0-9 ]+ " O_UMLAUT, PAN_GROUPS " " O_UMLAUT, true},
    {"[0-9]{16}", PAN O_UMLAUT, false},
};

/* Of a text with characters of several octets it keeps a copy that nobody cleanses. */
int __real_regexec(const regex_t *re, const char *text, size_t n, regmatch_t m[], int flags);
int __wrap_regexec(const regex_t *re, const char *text, size_t n, regmatch_t m[], int flags);
int
__wrap_regexec(const regex_t *re, const char *text, size_t n, regmatch_t m[], int flags)
{
	if (MB_CUR_MAX > 1 && (strstr(text, PAN) != NULL || strstr(text, PAN_GROUPS) != NULL))
		fail_msg("a card number would stay in memory: %s", text);
	return __real_regexec(re, text, n, m, flags);
}

static void
whole_texts_match(void **state)
{
	(void)state;
	for (size_t i = 0; i < NELEMS(matches); i++)
		if (ca_pattern_matches(matches[i].pattern, matches[i].text) != matches[i].matches)
			fail_msg("%s: %s", matches[i].pattern, matches[i].text);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(some_patterns_are_refused),
	    cmocka_unit_test(whole_texts_match),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
