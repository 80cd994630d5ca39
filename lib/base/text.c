#include <setpki/text.h>

#include "lib/base/error.h"
#include "lib/base/time.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

const char *
setpki_time_text(int64_t t, char *out)
{
	struct sp_civil c;

	if (!sp_time_to_civil(t, &c))
		memcpy(out, "(no time)", sizeof("(no time)"));
	else
		snprintf(out, SETPKI_TIME_TEXT, "%04u-%02u-%02uT%02u:%02u:%02uZ", (unsigned)c.year % 10000,
		    (unsigned)c.month % 100, (unsigned)c.day % 100, (unsigned)c.hour % 100, (unsigned)c.minute % 100,
		    (unsigned)c.second % 100);
	return out;
}

/* `pattern` has 'd' for a digit; every other character stands for itself. */
static bool
looks_like(const char *text, const char *pattern)
{
	for (; *pattern != '\0'; pattern++, text++)
		if (*pattern == 'd' ? !isdigit((unsigned char)*text) : *text != *pattern)
			return false;
	return *text == '\0';
}

static int
digits(const char *p, int n)
{
	int v = 0;

	while (n-- > 0)
		v = v * 10 + (*p++ - '0');
	return v;
}

static bool
epoch_seconds(const char *p, int64_t *out)
{
	int64_t v = 0;

	if (*p == '\0' || strlen(p) > 12 || strspn(p, "0123456789") != strlen(p))
		return false;
	for (; *p != '\0'; p++)
		v = v * 10 + (*p - '0');
	*out = v;
	return v <= SP_TIME_MAX;
}

enum setpki_code
setpki_time_parse(const char *text, int64_t *out, struct setpki_error *err)
{
	struct sp_civil c = {0};
	bool day = looks_like(text, "dddd-dd-dd"), full = looks_like(text, "dddd-dd-ddTdd:dd:ddZ");

	if (text[0] == '@' && epoch_seconds(text + 1, out))
		return SETPKI_E_OK;
	if (day || full) {
		c.year = digits(text, 4);
		c.month = digits(text + 5, 2);
		c.day = digits(text + 8, 2);
	}
	if (full) {
		c.hour = digits(text + 11, 2);
		c.minute = digits(text + 14, 2);
		c.second = digits(text + 17, 2);
	}
	if ((day || full) && sp_civil_to_time(&c, out))
		return SETPKI_E_OK;
	return sp_fail(err, SETPKI_E_ARGUMENT, NULL,
	    "'%.40s' is not a time: write 2026-11-23, 2026-11-23T12:00:00Z or @SECONDS", text);
}

static const struct unit {
	char letter;
	int64_t seconds;
} units[] = {{'y', 365 * 86400}, {'w', 7 * 86400}, {'d', 86400}, {'h', 3600}, {'m', 60}, {'s', 1}};

#define SPAN_MAX (INT64_C(100) * 365 * 86400)

enum setpki_code
setpki_span_parse(const char *text, int64_t *out, struct setpki_error *err)
{
	size_t n = strspn(text, "0123456789");
	int64_t v = 0;

	for (size_t i = 0; n <= 10 && i < n; i++)
		v = v * 10 + (text[i] - '0');
	for (size_t u = 0; n >= 1 && n <= 10 && u < sizeof(units) / sizeof(units[0]); u++) {
		if (text[n] != units[u].letter || text[n + 1] != '\0')
			continue;
		if (v < 1 || v > SPAN_MAX / units[u].seconds)
			break;
		*out = v * units[u].seconds;
		return SETPKI_E_OK;
	}
	return sp_fail(err, SETPKI_E_ARGUMENT, NULL,
	    "'%.40s' is not a time span: write a number and s, m, h, d, w or y, such as 90d (100y at most)", text);
}

const char *
setpki_span_text(int64_t seconds, char *out)
{
	size_t u = 0;

	/* weeks are read but not written: 14d says more to most readers */
	while (units[u].letter == 'w' || seconds % units[u].seconds != 0)
		u++;
	snprintf(out, SETPKI_TIME_TEXT, "%lld%c", (long long)(seconds / units[u].seconds), units[u].letter);
	return out;
}

char *
setpki_hex_text(setpki_bytes s, char *out)
{
	static const char hex[] = "0123456789abcdef";

	for (size_t i = 0; i < s.n; i++) {
		out[2 * i] = hex[s.p[i] >> 4];
		out[2 * i + 1] = hex[s.p[i] & 15];
	}
	out[2 * s.n] = '\0';
	return out;
}

static int
nibble(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

enum setpki_code
setpki_hex_parse(const char *text, uint8_t *out, size_t cap, size_t *n, struct setpki_error *err)
{
	size_t len = strlen(text);

	*n = 0;
	if (len % 2 != 0)
		return sp_fail(err, SETPKI_E_ARGUMENT, NULL, "an odd number of hex digits (%zu)", len);
	if (len / 2 > cap)
		return sp_fail(err, SETPKI_E_ARGUMENT, NULL, "%zu hex digits where at most %zu fit", len, 2 * cap);
	for (size_t i = 0; i < len; i += 2) {
		int hi = nibble(text[i]), lo = nibble(text[i + 1]);

		if (hi < 0 || lo < 0)
			return sp_fail(
			    err, SETPKI_E_ARGUMENT, NULL, "not a hex digit at position %zu", i + (hi >= 0) + 1);
		out[i / 2] = (uint8_t)(hi << 4 | lo);
	}
	*n = len / 2;
	return SETPKI_E_OK;
}

#define CLOSEST_MAX 40u

static size_t
min3(size_t a, size_t b, size_t c)
{
	size_t m = a < b ? a : b;

	return m < c ? m : c;
}

/* Levenshtein distance of two words of at most CLOSEST_MAX letters, swapped neighbours counted as one edit. */
static size_t
distance(const char *a, size_t na, const char *b, size_t nb)
{
	size_t d[CLOSEST_MAX + 1][CLOSEST_MAX + 1];

	for (size_t i = 0; i <= na; i++)
		d[i][0] = i;
	for (size_t j = 0; j <= nb; j++)
		d[0][j] = j;
	for (size_t i = 1; i <= na; i++)
		for (size_t j = 1; j <= nb; j++) {
			d[i][j] = min3(d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && d[i - 2][j - 2] < d[i][j])
				d[i][j] = d[i - 2][j - 2] + 1;
		}
	return d[na][nb];
}

const char *
setpki_closest(const char *word, const char *const *known, size_t n)
{
	size_t len = strlen(word), best = 3;
	const char *found = NULL;

	if (len == 0 || len > CLOSEST_MAX)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		size_t k = known[i] != NULL ? strlen(known[i]) : 0, d;

		if (k == 0 || k > CLOSEST_MAX)
			continue;
		d = distance(word, len, known[i], k);
		if (d < best && 3 * d <= (len > k ? len : k)) {
			best = d;
			found = known[i];
		}
	}
	return found;
}

/* --- card numbers ------------------------------------------------------------------------------ */

#define PAN_LEAST 13u
#define PAN_MOST 19u
#define SEPARATORS_MAX 3u /* between two groups: "4000 - 0012" */

/* ISO/IEC 7812: every other digit from the right counts twice. */
static bool
is_luhn(const char *const *digits, size_t n)
{
	unsigned sum = 0;

	for (size_t i = 0; i < n; i++) {
		unsigned d = (unsigned)(*digits[n - 1 - i] - '0');

		sum += i % 2 == 0 ? d : 2 * d - (d > 4 ? 9 : 0);
	}
	return sum % 10 == 0;
}

static size_t
digits_at(const char *text)
{
	return strspn(text, "0123456789");
}

/* Groups of digits from `text` on, a few blanks or hyphens between them: how many of the digits are a card number that
 * begins and ends with a group, the longest there is; 0: none.  One in groups of four is one whatever its check digit:
 * who copies what stands on the card mistypes it that way. */
static size_t
grouped_pan(char *text, char *digits[PAN_MOST])
{
	size_t n = 0, found = 0;
	bool fours = true;

	for (size_t run = digits_at(text), gap; run != 0 && run <= PAN_MOST - n; run = digits_at(text)) {
		for (size_t i = 0; i < run; i++)
			digits[n++] = text++;
		if (n >= PAN_LEAST && ((fours && run <= 4) || is_luhn((const char *const *)digits, n)))
			found = n;
		fours = fours && run == 4;
		gap = strspn(text, " -");
		text += gap <= SEPARATORS_MAX ? gap : 0;
	}
	return found;
}

/* A run by its length alone, so that a mistyped number is masked too; other groups only where the check digit fits:
 * dates and telephone numbers stay readable. */
void
setpki_mask_pans(char *text)
{
	char *digits[PAN_MOST];

	while (*text != '\0') {
		size_t run = digits_at(text), n = 0;

		if (run != 0 && run < PAN_LEAST)
			n = grouped_pan(text, digits);
		if (run >= PAN_LEAST && run <= PAN_MOST)
			memset(text + 6, '*', run - 10);
		for (size_t i = 6; i + 4 < n; i++)
			*digits[i] = '*';
		if (n != 0)
			text = digits[n - 1] + 1;
		else
			text += run != 0 ? run : 1;
	}
}

/* Length of the sequence that starts with `c`; 0 for a byte that cannot start one. */
static size_t
utf8_length(uint8_t c)
{
	if (c < 0x80)
		return 1;
	if (c >= 0xc2 && c <= 0xdf)
		return 2;
	if (c >= 0xe0 && c <= 0xef)
		return 3;
	return c >= 0xf0 && c <= 0xf4 ? 4 : 0;
}

static bool
utf8_tail_ok(const uint8_t *p, size_t n)
{
	for (size_t i = 1; i < n; i++)
		if ((p[i] & 0xc0) != 0x80)
			return false;
	/* overlong forms, surrogates, above U+10FFFF; and the C1 controls */
	return !(p[0] == 0xe0 && p[1] < 0xa0) && !(p[0] == 0xed && p[1] > 0x9f) && !(p[0] == 0xf0 && p[1] < 0x90) &&
	    !(p[0] == 0xf4 && p[1] > 0x8f) && !(p[0] == 0xc2 && p[1] < 0xa0);
}

bool
setpki_utf8_printable(setpki_bytes s)
{
	for (size_t i = 0, n; i < s.n; i += n) {
		n = utf8_length(s.p[i]);
		if (n == 0 || n > s.n - i || s.p[i] < 0x20 || s.p[i] == 0x7f)
			return false;
		if (n > 1 && !utf8_tail_ok(s.p + i, n))
			return false;
	}
	return true;
}
