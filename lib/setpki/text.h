/* The text forms of times, spans, serial numbers and digests: one form each, one function each way, strict on input. */
#ifndef SETPKI_TEXT_H
#define SETPKI_TEXT_H

#include <setpki/bytes.h>
#include <setpki/error.h>
#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Room for the longest text of setpki_time_text() and setpki_span_text(), NUL included. */
#define SETPKI_TIME_TEXT 32

/** Room for `n` bytes in hex, NUL included. */
#define SETPKI_HEX_TEXT(n) (2 * (n) + 1)

/**
 * Write a time as "2026-11-23T12:00:00Z".
 * @param t    seconds since 1970-01-01T00:00:00Z, years 0..9999; outside that "(no time)" is written
 * @param out  at least SETPKI_TIME_TEXT bytes
 * @return out
 */
const char *setpki_time_text(int64_t t, char *out);

/**
 * Read a time: "2026-11-23T12:00:00Z", "2026-11-23" (its first second) or "@SECONDS" since the epoch.
 * @return SETPKI_E_OK or SETPKI_E_ARGUMENT
 */
enum setpki_code setpki_time_parse(const char *text, int64_t *out, struct setpki_error *err);

/**
 * Read a span: decimal digits and one of s, m (minutes), h, d, w, y (365 days); "90d".
 * @param out  seconds, 1 .. 100 years
 * @return SETPKI_E_OK or SETPKI_E_ARGUMENT
 */
enum setpki_code setpki_span_parse(const char *text, int64_t *out, struct setpki_error *err);

/** Write a span in the largest unit that divides it, as setpki_span_parse() reads it. @return out (SETPKI_TIME_TEXT) */
const char *setpki_span_text(int64_t seconds, char *out);

/** Write `s` in lower-case hex. @param out at least SETPKI_HEX_TEXT(s.n) bytes. @return out */
char *setpki_hex_text(setpki_bytes s, char *out);

/**
 * Read hex, upper or lower case, an even number of digits, nothing else.
 * @param out, cap  where the bytes go, and how many fit
 * @param n         how many were written
 * @return SETPKI_E_OK; SETPKI_E_ARGUMENT (not hex, or too long)
 */
enum setpki_code setpki_hex_parse(const char *text, uint8_t *out, size_t cap, size_t *n, struct setpki_error *err);

/**
 * The word of `known` that `word` is probably a misspelling of.
 * @param known  `n` candidates, NULL entries skipped
 * @return one of `known`, or NULL if none is close (edit distance over 2, or over a third of the word)
 */
const char *setpki_closest(const char *word, const char *const *known, size_t n);

/** Mask what may be a card number in `text`, in place: all but the first six and last four digits become '*' of each
 * run of 13 to 19 digits, and of groups of digits with up to three blanks or hyphens between them that are together 13
 * to 19 digits, if they are groups of four or their check digit is right (Luhn). */
void setpki_mask_pans(char *text);

/** @return whether `s` is well-formed UTF-8 without control characters (tab and newline too). */
bool setpki_utf8_printable(setpki_bytes s);

#ifdef __cplusplus
}
#endif
#endif
