/* Character strings of names and SET fields, between their DER forms and UTF-8. */
#ifndef LIB_X509_STRING_H
#define LIB_X509_STRING_H

#include "lib/base/buf.h"
#include "lib/base/error.h"
#include "lib/der/reader.h"

/* Appends the characters of a string type (UTF8, Numeric, Printable, Teletex read as Latin-1, IA5, Visible, Universal,
 * BMP) as UTF-8; characters that cannot be printed become U+FFFD.  False for any other tag, or contents that are not of
 * that type; nothing is appended then. */
bool sp_string_utf8(uint8_t tag, setpki_bytes value, struct sp_buf *out);
/* Number of characters; of UTF-8 that is known to be well formed too. */
size_t sp_string_chars(uint8_t tag, setpki_bytes value);
/* UTF-8 (checked with setpki_utf8_printable) as BMP contents octets; false if a character lies outside the BMP. */
bool sp_utf8_to_bmp(setpki_bytes utf8, struct sp_buf *out);

/* SETString{max} (set-protocol 2): VisibleString where that holds the text, else BMPString.  Appends the element.
 * ARGUMENT, naming `field`, for text that is empty, too long, has control characters or lies outside the BMP. */
SP_MUST_CHECK enum setpki_code
sp_setstring_put(struct sp_buf *out, const char *utf8, size_t max, const char *field, struct setpki_error *err);
/* Reads one: 1..max characters of either arm. */
bool sp_setstring_take(struct sp_der *d, size_t max, uint8_t *tag, setpki_bytes *value);
/* A string of `tag` with 1..max octets (VisibleString, NumericString, IA5String ...). */
bool sp_text_take(struct sp_der *d, uint8_t tag, size_t max, setpki_bytes *value);
/* Whether ASCII text fits `tag` and 1..max. */
bool sp_text_fits(uint8_t tag, const char *text, size_t max);

#endif
