/* Patterns of form fields: POSIX extended regular expressions, bounded in what they cost. */
#include "ca/policy/form.h"

#include <locale.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DIGITS "0123456789"

/* Counted repetitions multiply the size of the compiled expression. */
static bool
repeats_too_much(const char *p)
{
	unsigned long product = 1;

	while ((p = strchr(p, '{')) != NULL) {
		unsigned long low = strtoul(p + 1, NULL, 10), high = low;
		const char *comma = p + 1 + strspn(p + 1, DIGITS);

		if (*comma == ',')
			high = strtoul(comma + 1, NULL, 10);
		if (low > SP_POLICY_PATTERN_REPEAT || high > SP_POLICY_PATTERN_REPEAT)
			return true;
		product *= high > low ? high : low > 0 ? low : 1;
		if (product > SP_POLICY_PATTERN_REPEAT)
			return true;
		p++;
	}
	return false;
}

/* An extension of some libraries, with which an answer can be made to cost any amount of time. */
static bool
refers_back(const char *p)
{
	while ((p = strchr(p, '\\')) != NULL) {
		if (p[1] >= '1' && p[1] <= '9')
			return true;
		p += p[1] != '\0' ? 2 : 1;
	}
	return false;
}

/* --- characters ---------------------------------------------------------------------------------- */

/* Texts are UTF-8, whatever the locale of the process: a '.' is a character, and not one of its octets. */
static locale_t
read_utf8(locale_t *before)
{
	locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);

	if (utf8 != (locale_t)0)
		*before = uselocale(utf8);
	return utf8;
}

static void
read_as(locale_t utf8, locale_t before)
{
	if (utf8 == (locale_t)0)
		return;
	(void)uselocale(before);
	freelocale(utf8);
}

/* --- compiling and matching ------------------------------------------------------------------------ */

static const char *
compile_fault(const char *pattern, char room[CA_PATTERN_FAULT])
{
	char reason[100];
	regex_t re;
	int r = regcomp(&re, pattern, REG_EXTENDED | REG_NOSUB);

	if (r == 0) {
		regfree(&re);
		return NULL;
	}
	if (r == REG_ECOLLATE)
		return "a range goes from one ASCII character to another: write the others one by one, or [[:alpha:]]";
	regerror(r, &re, reason, sizeof(reason));
	snprintf(room, CA_PATTERN_FAULT, "not a POSIX extended regular expression: %s", reason);
	return room;
}

const char *
ca_pattern_fault(const char *pattern, char room[CA_PATTERN_FAULT])
{
	locale_t before, utf8;
	const char *fault;

	if (repeats_too_much(pattern)) {
		snprintf(room, CA_PATTERN_FAULT, "the counted repetitions of this pattern multiply to more than %d",
		    SP_POLICY_PATTERN_REPEAT);
		return room;
	}
	if (refers_back(pattern))
		return "a reference back (\\1 to \\9) is no part of POSIX extended regular expressions: leave it out";
	utf8 = read_utf8(&before);
	fault = compile_fault(pattern, room);
	read_as(utf8, before);
	return fault;
}

/* POSIX takes the leftmost and then the longest match: the whole text, if the pattern can match it. */
static bool
matches(const char *pattern, const char *text)
{
	regmatch_t m;
	regex_t re;
	bool whole;

	if (regcomp(&re, pattern, REG_EXTENDED) != 0)
		return false; /* the policy was checked: out of memory */
	whole = regexec(&re, text, 1, &m, 0) == 0 && m.rm_so == 0 && text[m.rm_eo] == '\0';
	regfree(&re);
	return whole;
}

bool
ca_pattern_matches(const char *pattern, const char *text)
{
	locale_t before, utf8 = read_utf8(&before);
	bool whole = matches(pattern, text);

	read_as(utf8, before);
	return whole;
}
