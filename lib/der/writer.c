#include "lib/der/writer.h"

#include "lib/base/time.h"

#include <string.h>

size_t
sp_der_header(uint8_t tag, size_t n, uint8_t out[6])
{
	size_t octets = 1, at = 2;

	out[0] = tag;
	if (n < 0x80) {
		out[1] = (uint8_t)n;
		return 2;
	}
	while (octets < 4 && n >> (8 * octets) != 0)
		octets++;
	out[1] = (uint8_t)(0x80 | octets);
	for (size_t i = octets; i-- > 0;)
		out[at++] = (uint8_t)(n >> (8 * i));
	return at;
}

size_t
sp_der_header_len(size_t n)
{
	uint8_t header[6];

	return sp_der_header(0, n, header);
}

size_t
sp_der_open(struct sp_buf *b, uint8_t tag)
{
	uint8_t *p = sp_buf_extend(b, 2);

	if (p != NULL) {
		p[0] = tag;
		p[1] = 0;
	}
	return b->n;
}

void
sp_der_close(struct sp_buf *b, size_t mark)
{
	uint8_t header[6];
	size_t n, len;

	if (b->failed)
		return;
	n = b->n - mark;
	len = sp_der_header(b->p[mark - 2], n, header);
	if (len > 2 && sp_buf_extend(b, len - 2) == NULL)
		return;
	memmove(b->p + mark - 2 + len, b->p + mark, n);
	memcpy(b->p + mark - 2, header, len);
}

void
sp_der_put(struct sp_buf *b, uint8_t tag, setpki_bytes contents)
{
	uint8_t header[6];
	size_t len = sp_der_header(tag, contents.n, header);
	uint8_t *p = sp_buf_extend(b, len + contents.n);

	if (p == NULL)
		return;
	memcpy(p, header, len);
	if (contents.n != 0)
		memcpy(p + len, contents.p, contents.n);
}

void
sp_der_put_bool(struct sp_buf *b, bool v)
{
	uint8_t c = v ? 0xff : 0;

	sp_der_put(b, SP_BOOLEAN, sp_bytes(&c, 1));
}

static void
put_int(struct sp_buf *b, uint8_t tag, int64_t v)
{
	uint8_t octets[8];
	uint64_t u = (uint64_t)v;
	size_t at = 0;

	for (int i = 0; i < 8; i++)
		octets[i] = (uint8_t)(u >> (56 - 8 * i));
	while (at < 7 && !sp_der_integer_ok(sp_bytes(octets + at, 8 - at)))
		at++;
	sp_der_put(b, tag, sp_bytes(octets + at, 8 - at));
}

void
sp_der_put_int(struct sp_buf *b, int64_t v)
{
	put_int(b, SP_INTEGER, v);
}

void
sp_der_put_enum(struct sp_buf *b, int64_t v)
{
	put_int(b, SP_ENUMERATED, v);
}

void
sp_der_put_uint(struct sp_buf *b, setpki_bytes m)
{
	uint8_t header[6];
	bool pad;

	while (m.n > 1 && m.p[0] == 0)
		m = sp_bytes(m.p + 1, m.n - 1);
	pad = m.n == 0 || m.p[0] >= 0x80;
	sp_buf_add(b, header, sp_der_header(SP_INTEGER, m.n + pad, header));
	if (pad)
		sp_buf_add_byte(b, 0);
	sp_buf_add_bytes(b, m);
}

void
sp_der_put_oid(struct sp_buf *b, setpki_bytes contents)
{
	sp_der_put(b, SP_OID, contents);
}

void
sp_der_put_null(struct sp_buf *b)
{
	sp_der_put(b, SP_NULL, sp_bytes(NULL, 0));
}

void
sp_der_put_octets(struct sp_buf *b, setpki_bytes v)
{
	sp_der_put(b, SP_OCTET_STRING, v);
}

void
sp_der_put_bits(struct sp_buf *b, setpki_bytes v)
{
	uint8_t header[6];

	sp_buf_add(b, header, sp_der_header(SP_BIT_STRING, v.n + 1, header));
	sp_buf_add_byte(b, 0);
	sp_buf_add_bytes(b, v);
}

void
sp_der_put_named_bits(struct sp_buf *b, uint32_t v)
{
	uint8_t octets[3] = {0};
	size_t n = 1;

	for (unsigned i = 0; i < 16; i++)
		if ((v >> i & 1) != 0) {
			octets[1 + i / 8] |= (uint8_t)(0x80u >> i % 8);
			octets[0] = (uint8_t)(7 - i % 8);
			n = 2 + i / 8;
		}
	sp_der_put(b, SP_BIT_STRING, sp_bytes(octets, n));
}

static uint8_t *
two_digits(uint8_t *p, int v)
{
	*p++ = (uint8_t)('0' + v / 10 % 10);
	*p++ = (uint8_t)('0' + v % 10);
	return p;
}

static void
put_time(struct sp_buf *b, uint8_t tag, int64_t t)
{
	struct sp_civil c;
	uint8_t text[15], *p = text;

	if (!sp_time_to_civil(t, &c)) {
		sp_buf_free(b);
		b->failed = true;
		return;
	}
	if (tag == SP_GENTIME)
		p = two_digits(p, c.year / 100);
	p = two_digits(p, c.year % 100);
	p = two_digits(p, c.month);
	p = two_digits(p, c.day);
	p = two_digits(p, c.hour);
	p = two_digits(p, c.minute);
	p = two_digits(p, c.second);
	*p++ = 'Z';
	sp_der_put(b, tag, sp_bytes(text, (size_t)(p - text)));
}

void
sp_der_put_utctime(struct sp_buf *b, int64_t t)
{
	put_time(b, SP_UTCTIME, t);
}

void
sp_der_put_gentime(struct sp_buf *b, int64_t t)
{
	put_time(b, SP_GENTIME, t);
}

void
sp_der_put_time(struct sp_buf *b, int64_t t)
{
	/* 1950-01-01 .. 2049-12-31 */
	bool utc = sp_time_within(t, INT64_C(-631152000), INT64_C(2524607999));

	put_time(b, utc ? SP_UTCTIME : SP_GENTIME, t);
}

void
sp_der_put_str(struct sp_buf *b, uint8_t tag, const char *s)
{
	sp_der_put(b, tag, sp_bytes_str(s));
}
