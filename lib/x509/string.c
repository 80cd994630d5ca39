#include "lib/x509/string.h"

#include "lib/der/writer.h"

#include <setpki/text.h>

static void
put_utf8(struct sp_buf *out, uint32_t c)
{
	if (c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0xd800 && c < 0xe000) || c > 0x10ffff)
		c = 0xfffd;
	if (c < 0x80) {
		sp_buf_add_byte(out, (uint8_t)c);
		return;
	}
	if (c < 0x800) {
		sp_buf_add_byte(out, (uint8_t)(0xc0 | c >> 6));
	} else if (c < 0x10000) {
		sp_buf_add_byte(out, (uint8_t)(0xe0 | c >> 12));
		sp_buf_add_byte(out, (uint8_t)(0x80 | (c >> 6 & 0x3f)));
	} else {
		sp_buf_add_byte(out, (uint8_t)(0xf0 | c >> 18));
		sp_buf_add_byte(out, (uint8_t)(0x80 | (c >> 12 & 0x3f)));
		sp_buf_add_byte(out, (uint8_t)(0x80 | (c >> 6 & 0x3f)));
	}
	sp_buf_add_byte(out, (uint8_t)(0x80 | (c & 0x3f)));
}

/* Octets of one character of a type with characters of fixed width; 0 for other types. */
static size_t
width(uint8_t tag)
{
	switch (tag) {
	case SP_NUMERIC:
	case SP_PRINTABLE:
	case SP_TELETEX:
	case SP_IA5:
	case SP_VISIBLE:
		return 1;
	case SP_BMP:
		return 2;
	case SP_UNIVERSAL:
		return 4;
	default:
		return 0;
	}
}

bool
sp_string_utf8(uint8_t tag, setpki_bytes value, struct sp_buf *out)
{
	size_t w = width(tag);

	if (!sp_der_string_ok(tag, value))
		return false;
	if (tag == SP_UTF8) {
		sp_buf_add_bytes(out, value);
		return true;
	}
	if (w == 0)
		return false;
	for (size_t i = 0; i + w <= value.n; i += w) {
		uint32_t c = 0;

		for (size_t k = 0; k < w; k++)
			c = c << 8 | value.p[i + k];
		put_utf8(out, c);
	}
	return true;
}

size_t
sp_string_chars(uint8_t tag, setpki_bytes value)
{
	size_t w = width(tag), n = 0;

	if (w != 0)
		return value.n / w;
	for (size_t i = 0; i < value.n; i++)
		n += (value.p[i] & 0xc0) != 0x80;
	return n;
}

bool
sp_utf8_to_bmp(setpki_bytes s, struct sp_buf *out)
{
	for (size_t i = 0; i < s.n; i++) {
		uint32_t c = s.p[i];

		if (c >= 0xf0)
			return false;
		if (c >= 0xe0 && i + 2 < s.n) {
			c = (c & 0x0f) << 12 | (s.p[i + 1] & 0x3fu) << 6 | (s.p[i + 2] & 0x3fu);
			i += 2;
		} else if (c >= 0xc0 && i + 1 < s.n) {
			c = (c & 0x1f) << 6 | (s.p[i + 1] & 0x3fu);
			i++;
		}
		sp_buf_add_byte(out, (uint8_t)(c >> 8));
		sp_buf_add_byte(out, (uint8_t)c);
	}
	return true;
}

static enum setpki_code
put_bmp(struct sp_buf *out, setpki_bytes text, const char *field, struct setpki_error *err)
{
	enum setpki_code rc = SETPKI_E_OK;
	struct sp_buf bmp = {0};

	if (!sp_utf8_to_bmp(text, &bmp))
		rc = sp_fail(err, SETPKI_E_ARGUMENT, "set-protocol 2",
		    "%s has a character outside the Basic Multilingual Plane, which no SET string can hold", field);
	else if (bmp.failed)
		rc = sp_fail_memory(err);
	else
		sp_der_put(out, SP_BMP, sp_buf_bytes(&bmp));
	sp_buf_free(&bmp);
	return rc;
}

enum setpki_code
sp_setstring_put(struct sp_buf *out, const char *utf8, size_t max, const char *field, struct setpki_error *err)
{
	setpki_bytes text = sp_bytes_str(utf8);
	size_t chars;

	if (text.n == 0)
		return sp_fail(err, SETPKI_E_ARGUMENT, "set-protocol 3", "%s is empty", field);
	if (!setpki_utf8_printable(text))
		return sp_fail(err, SETPKI_E_ARGUMENT, "set-protocol 2",
		    "%s is not UTF-8, or has control characters; write plain text", field);
	if ((chars = sp_string_chars(SP_UTF8, text)) > max)
		return sp_fail(err, SETPKI_E_ARGUMENT, "set-protocol 3", "%s has %zu characters; SET allows %zu", field,
		    chars, max);
	if (!sp_der_string_ok(SP_VISIBLE, text))
		return put_bmp(out, text, field, err);
	sp_der_put(out, SP_VISIBLE, text);
	return SETPKI_E_OK;
}

bool
sp_setstring_take(struct sp_der *d, size_t max, uint8_t *tag, setpki_bytes *value)
{
	size_t chars;

	*tag = sp_der_peek(d) == SP_BMP ? SP_BMP : SP_VISIBLE;
	if (!sp_der_take(d, *tag, value))
		return false;
	chars = sp_string_chars(*tag, *value);
	if (!sp_der_string_ok(*tag, *value) || chars == 0 || chars > max)
		d->bad = true;
	return !d->bad;
}

bool
sp_text_take(struct sp_der *d, uint8_t tag, size_t max, setpki_bytes *value)
{
	if (sp_der_take(d, tag, value) && (value->n == 0 || value->n > max || !sp_der_string_ok(tag, *value)))
		d->bad = true;
	return !d->bad;
}

bool
sp_text_fits(uint8_t tag, const char *text, size_t max)
{
	setpki_bytes s = sp_bytes_str(text);

	return s.n != 0 && s.n <= max && sp_der_string_ok(tag, s);
}
