#include "ca/store/codec.h"

#include <string.h>

/* --- writing ----------------------------------------------------------------------------------- */

static void
put_be(struct sp_buf *b, uint64_t v, size_t n)
{
	uint8_t *to = sp_buf_extend(b, n);

	for (; to != NULL && n > 0; v >>= 8)
		to[--n] = (uint8_t)v;
}

void
ca_put_u8(struct sp_buf *b, uint8_t v)
{
	sp_buf_add_byte(b, v);
}

void
ca_put_u16(struct sp_buf *b, uint16_t v)
{
	put_be(b, v, 2);
}

void
ca_put_u32(struct sp_buf *b, uint32_t v)
{
	put_be(b, v, 4);
}

void
ca_put_u64(struct sp_buf *b, uint64_t v)
{
	put_be(b, v, 8);
}

void
ca_put_i64(struct sp_buf *b, int64_t v)
{
	put_be(b, (uint64_t)v, 8);
}

void
ca_put_bytes(struct sp_buf *b, setpki_bytes v)
{
	put_be(b, v.n, 4);
	sp_buf_add_bytes(b, v);
}

void
ca_put_str(struct sp_buf *b, const char *s)
{
	ca_put_bytes(b, sp_bytes(s, s != NULL ? strlen(s) + 1 : 0));
}

/* --- reading ----------------------------------------------------------------------------------- */

struct ca_reader
ca_reader(setpki_bytes s)
{
	return (struct ca_reader){.p = s.p, .end = s.n != 0 ? s.p + s.n : s.p};
}

static const uint8_t *
take(struct ca_reader *r, size_t n)
{
	const uint8_t *p = r->p;

	if (r->bad || n > (size_t)(r->end - r->p)) {
		r->bad = true;
		return NULL;
	}
	r->p += n;
	return p;
}

static uint64_t
get_be(struct ca_reader *r, size_t n)
{
	const uint8_t *p = take(r, n);
	uint64_t v = 0;
	size_t i;

	for (i = 0; p != NULL && i < n; i++)
		v = v << 8 | p[i];
	return v;
}

uint8_t
ca_get_u8(struct ca_reader *r)
{
	return (uint8_t)get_be(r, 1);
}

uint8_t
ca_get_enum(struct ca_reader *r, unsigned n)
{
	uint8_t v = ca_get_u8(r);

	if (v >= n)
		r->bad = true;
	return r->bad ? 0 : v;
}

bool
ca_get_bool(struct ca_reader *r)
{
	return ca_get_enum(r, 2) == 1;
}

uint16_t
ca_get_u16(struct ca_reader *r)
{
	return (uint16_t)get_be(r, 2);
}

uint32_t
ca_get_u32(struct ca_reader *r)
{
	return (uint32_t)get_be(r, 4);
}

uint64_t
ca_get_u64(struct ca_reader *r)
{
	return get_be(r, 8);
}

int64_t
ca_get_i64(struct ca_reader *r)
{
	return (int64_t)get_be(r, 8);
}

void
ca_get_raw(struct ca_reader *r, uint8_t *out, size_t n)
{
	const uint8_t *p = take(r, n);

	if (p != NULL)
		memcpy(out, p, n);
	else
		memset(out, 0, n);
}

setpki_bytes
ca_get_bytes(struct ca_reader *r)
{
	size_t n = ca_get_u32(r);
	const uint8_t *p = take(r, n);

	return p != NULL && n != 0 ? (setpki_bytes){p, n} : (setpki_bytes){NULL, 0};
}

const char *
ca_get_str(struct ca_reader *r)
{
	setpki_bytes s = ca_get_bytes(r);

	if (s.n == 0)
		return NULL;
	if (memchr(s.p, 0, s.n) != s.p + s.n - 1) {
		r->bad = true;
		return NULL;
	}
	return (const char *)s.p;
}

void
ca_get_text(struct ca_reader *r, char *out, size_t cap)
{
	const char *s = ca_get_str(r);
	size_t n = s != NULL ? strlen(s) : 0;

	if (n >= cap) {
		r->bad = true;
		n = 0;
	}
	if (n != 0)
		memcpy(out, s, n);
	memset(out + n, 0, cap - n);
}

bool
ca_get_end(const struct ca_reader *r)
{
	return !r->bad && r->p == r->end;
}
