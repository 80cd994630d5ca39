/* Patterns of form fields: POSIX extended regular expressions, bounded in what they cost. */
#include "ca/policy/form.h"

#include <locale.h>
#include <openssl/crypto.h>
#include <regex.h>
#include <setpki/text.h>
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
static const char utf8[] = "C.UTF-8";
/* A text in ASCII is the same in both; but of a locale with characters of several octets regexec() copies it into
 * memory that it gives back as it is, and a card number may have been typed. */
static const char ascii[] = "C";

static locale_t
read_in(const char *locale, locale_t *before)
{
	locale_t l = newlocale(LC_CTYPE_MASK, locale, (locale_t)0);

	if (l != (locale_t)0)
		*before = uselocale(l);
	return l;
}

static void
read_as(locale_t l, locale_t before)
{
	if (l == (locale_t)0)
		return;
	(void)uselocale(before);
	freelocale(l);
}

static bool
is_ascii(const char *text)
{
	while (*text != '\0' && (unsigned char)*text < 0x80)
		text++;
	return *text == '\0';
}

/* For what is copied all the same: zeros for the digits that setpki_mask_pans() would not show.  NULL: MEMORY. */
static char *
hide_pans(const char *text)
{
	char *hidden = OPENSSL_strdup(text);

	if (hidden == NULL)
		return NULL;
	setpki_mask_pans(hidden);
	for (size_t i = 0; hidden[i] != '\0'; i++)
		if (hidden[i] != text[i])
			hidden[i] = '0';
	return hidden;
}

/* --- compiling and matching ------------------------------------------------------------------------ */

static const char *
compile_fault(const char *pattern, const char *locale, char room[CA_PATTERN_FAULT])
{
	char reason[100];
	regex_t re;
	locale_t before, l = read_in(locale, &before);
	int r = regcomp(&re, pattern, REG_EXTENDED | REG_NOSUB);

	read_as(l, before);
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
	const char *fault;

	if (repeats_too_much(pattern)) {
		snprintf(room, CA_PATTERN_FAULT, "the counted repetitions of this pattern multiply to more than %d",
		    SP_POLICY_PATTERN_REPEAT);
		return room;
	}
	if (refers_back(pattern))
		return "a reference back (\\1 to \\9) is no part of POSIX extended regular expressions: leave it out";
	fault = compile_fault(pattern, utf8, room);
	return fault != NULL ? fault : compile_fault(pattern, ascii, room);
}

/* POSIX takes the leftmost and then the longest match: the whole text, if the pattern can match it. */
static bool
matches(const char *pattern, const char *locale, const char *text)
{
	regmatch_t m;
	regex_t re;
	bool whole = false;
	locale_t before, l = read_in(locale, &before);

	if (regcomp(&re, pattern, REG_EXTENDED) == 0) { /* the policy was checked: else out of memory */
		whole = regexec(&re, text, 1, &m, 0) == 0 && m.rm_so == 0 && text[m.rm_eo] == '\0';
		regfree(&re);
	}
	read_as(l, before);
	return whole;
}

bool
ca_pattern_matches(const char *pattern, const char *text)
{
	char *hidden;
	bool whole;

	if (is_ascii(text))
		return matches(pattern, ascii, text);
	hidden = hide_pans(text);
	whole = hidden != NULL && matches(pattern, utf8, hidden);
	OPENSSL_free(hidden);
	return whole;
}
