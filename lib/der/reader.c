#include "lib/der/reader.h"

#include "lib/base/buf.h"
#include "lib/base/time.h"

#include <setpki/text.h>
#include <string.h>

struct sp_der
sp_der(setpki_bytes s)
{
	/* adding nothing to a null pointer is undefined */
	return (struct sp_der){s.p, s.n != 0 ? s.p + s.n : s.p, false};
}

static bool
bad(struct sp_der *d)
{
	d->bad = true;
	return false;
}

/* High tag numbers (X.690 8.1.2.4): 7 bits an octet, at least 31, no leading zero octet; 28 bits are plenty. */
static bool
read_tag(const uint8_t **p, const uint8_t *end, struct sp_tlv *t)
{
	uint32_t number = 0;
	int octets = 0;

	t->tag = *(*p)++;
	t->number = t->tag & 0x1fu;
	if (t->number != 0x1f)
		return true;
	do {
		if (*p == end || ++octets > 4 || (octets == 1 && **p == 0x80))
			return false;
		number = number << 7 | (**p & 0x7fu);
	} while ((*(*p)++ & 0x80) != 0);
	t->number = number;
	return number >= 31;
}

static bool
read_length(const uint8_t **p, const uint8_t *end, size_t *len)
{
	unsigned octets;
	size_t n = 0;

	if (*p == end)
		return false;
	octets = *(*p)++;
	if (octets < 0x80) {
		*len = octets;
		return true;
	}
	octets &= 0x7f;
	if (octets == 0 || octets > 4 || (size_t)(end - *p) < octets || **p == 0)
		return false;
	while (octets-- > 0)
		n = n << 8 | *(*p)++;
	*len = n;
	return n >= 0x80;
}

/* The common case, quickly: a tag of one octet, a length of one octet, all of it there.  Anything else is judged below.
 */
static bool
short_form(const struct sp_der *d, struct sp_tlv *t)
{
	size_t left = (size_t)(d->end - d->p);

	if (d->bad || left < 2 || (d->p[0] & 0x1f) == 0x1f || d->p[1] >= 0x80 || left - 2 < d->p[1])
		return false;
	t->tag = d->p[0];
	t->number = d->p[0] & 0x1fu;
	t->value = (setpki_bytes){d->p + 2, d->p[1]};
	t->whole = (setpki_bytes){d->p, (size_t)d->p[1] + 2};
	return true;
}

bool
sp_der_any(struct sp_der *d, struct sp_tlv *t)
{
	const uint8_t *p = d->p;
	size_t len;

	if (short_form(d, t)) {
		d->p += t->whole.n;
		return true;
	}
	memset(t, 0, sizeof(*t));
	if (d->bad || d->p == d->end)
		return false;
	if (!read_tag(&p, d->end, t) || !read_length(&p, d->end, &len) || (size_t)(d->end - p) < len)
		return bad(d);
	t->value = (setpki_bytes){p, len};
	t->whole = (setpki_bytes){d->p, (size_t)(p - d->p) + len};
	d->p = p + len;
	return true;
}

uint8_t
sp_der_peek(const struct sp_der *d)
{
	return d->bad || d->p == d->end ? 0 : *d->p;
}

static bool
take(struct sp_der *d, uint8_t tag, struct sp_tlv *t)
{
	if (sp_der_peek(d) != tag || !sp_der_any(d, t)) {
		memset(t, 0, sizeof(*t));
		return bad(d);
	}
	return true;
}

bool
sp_der_take(struct sp_der *d, uint8_t tag, setpki_bytes *value)
{
	struct sp_tlv t;
	bool ok = take(d, tag, &t);

	*value = t.value;
	return ok;
}

bool
sp_der_take_whole(struct sp_der *d, uint8_t tag, setpki_bytes *whole)
{
	struct sp_tlv t;
	bool ok = take(d, tag, &t);

	*whole = t.whole;
	return ok;
}

bool
sp_der_opt(struct sp_der *d, uint8_t tag, setpki_bytes *value)
{
	*value = (setpki_bytes){NULL, 0};
	return sp_der_peek(d) == tag && sp_der_take(d, tag, value);
}

bool
sp_der_enter(struct sp_der *d, uint8_t tag, struct sp_der *inner)
{
	setpki_bytes value;
	bool ok = sp_der_take(d, tag, &value);

	*inner = sp_der(value);
	inner->bad = !ok;
	return ok;
}

bool
sp_der_enter_opt(struct sp_der *d, uint8_t tag, struct sp_der *inner)
{
	*inner = (struct sp_der){NULL, NULL, false};
	return sp_der_peek(d) == tag && sp_der_enter(d, tag, inner);
}

bool
sp_der_end(const struct sp_der *d)
{
	return !d->bad && d->p == d->end;
}

setpki_bytes
sp_der_rest(const struct sp_der *d)
{
	return d->bad ? (setpki_bytes){NULL, 0} : (setpki_bytes){d->p, (size_t)(d->end - d->p)};
}

bool
sp_der_bool(struct sp_der *d, bool *v)
{
	setpki_bytes s;

	*v = false;
	if (!sp_der_take(d, SP_BOOLEAN, &s) || s.n != 1 || (s.p[0] != 0 && s.p[0] != 0xff))
		return bad(d);
	*v = s.p[0] != 0;
	return true;
}

bool
sp_der_bool_default(struct sp_der *d, bool dflt, bool *v)
{
	*v = dflt;
	if (sp_der_peek(d) != SP_BOOLEAN)
		return !d->bad;
	if (!sp_der_bool(d, v) || *v == dflt)
		return bad(d);
	return true;
}

bool
sp_der_integer_ok(setpki_bytes s)
{
	if (s.n == 0)
		return false;
	return s.n == 1 || !((s.p[0] == 0 && s.p[1] < 0x80) || (s.p[0] == 0xff && s.p[1] >= 0x80));
}

static bool
small_int(struct sp_der *d, uint8_t tag, int64_t *v)
{
	setpki_bytes s;
	uint64_t u;

	*v = 0;
	if (!sp_der_take(d, tag, &s) || !sp_der_integer_ok(s) || s.n > 8)
		return bad(d);
	u = s.p[0] >= 0x80 ? UINT64_MAX : 0;
	for (size_t i = 0; i < s.n; i++)
		u = u << 8 | s.p[i];
	memcpy(v, &u, sizeof(*v));
	return true;
}

bool
sp_der_int(struct sp_der *d, int64_t *v)
{
	return small_int(d, SP_INTEGER, v);
}

bool
sp_der_enum(struct sp_der *d, int64_t *v)
{
	return small_int(d, SP_ENUMERATED, v);
}

bool
sp_der_integer(struct sp_der *d, setpki_bytes *contents)
{
	if (!sp_der_take(d, SP_INTEGER, contents) || !sp_der_integer_ok(*contents))
		return bad(d);
	return true;
}

bool
sp_der_uint(struct sp_der *d, setpki_bytes *magnitude)
{
	setpki_bytes s;

	*magnitude = (setpki_bytes){NULL, 0};
	if (!sp_der_integer(d, &s) || s.p[0] >= 0x80)
		return bad(d);
	if (s.p[0] == 0 && s.n > 1)
		s = (setpki_bytes){s.p + 1, s.n - 1};
	*magnitude = s;
	return true;
}

bool
sp_der_oid_ok(setpki_bytes s)
{
	bool start = true;

	if (s.n == 0 || (s.p[s.n - 1] & 0x80) != 0)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (start && s.p[i] == 0x80)
			return false;
		start = (s.p[i] & 0x80) == 0;
	}
	return true;
}

bool
sp_der_oid(struct sp_der *d, setpki_bytes *contents)
{
	if (!sp_der_take(d, SP_OID, contents) || !sp_der_oid_ok(*contents))
		return bad(d);
	return true;
}

bool
sp_der_null(struct sp_der *d)
{
	setpki_bytes s;

	return sp_der_take(d, SP_NULL, &s) && (s.n == 0 || bad(d));
}

bool
sp_der_octets(struct sp_der *d, setpki_bytes *v)
{
	return sp_der_take(d, SP_OCTET_STRING, v);
}

bool
sp_der_bits(struct sp_der *d, setpki_bytes *bits, unsigned *unused)
{
	setpki_bytes s;

	*bits = (setpki_bytes){NULL, 0};
	*unused = 0;
	if (!sp_der_take(d, SP_BIT_STRING, &s) || s.n == 0 || s.p[0] > 7 || (s.n == 1 && s.p[0] != 0))
		return bad(d);
	if ((s.p[s.n - 1] & ((1u << s.p[0]) - 1)) != 0 && s.n > 1)
		return bad(d);
	*unused = s.p[0];
	*bits = (setpki_bytes){s.p + 1, s.n - 1};
	return true;
}

bool
sp_der_named_bits(struct sp_der *d, uint32_t *v)
{
	setpki_bytes s;
	unsigned unused;

	*v = 0;
	if (!sp_der_bits(d, &s, &unused) || s.n > 2)
		return bad(d);
	if (s.n != 0 && (s.p[s.n - 1] >> unused & 1) == 0)
		return bad(d);
	for (unsigned i = 0; i < 8 * s.n; i++)
		if ((s.p[i / 8] & (0x80u >> i % 8)) != 0)
			*v |= 1u << i;
	return true;
}

static bool
two_digits(const uint8_t *p, int *v)
{
	if (p[0] < '0' || p[0] > '9' || p[1] < '0' || p[1] > '9')
		return false;
	*v = (p[0] - '0') * 10 + (p[1] - '0');
	return true;
}

bool
sp_der_time_value(uint8_t tag, setpki_bytes s, int64_t *t)
{
	struct sp_civil c = {0};
	size_t at = tag == SP_GENTIME ? 2 : 0;
	int century = 0, year;

	*t = 0;
	if (s.n != 13 + at || s.p[12 + at] != 'Z' || (at != 0 && !two_digits(s.p, &century)))
		return false;
	if (!two_digits(s.p + at, &year) || !two_digits(s.p + at + 2, &c.month) || !two_digits(s.p + at + 4, &c.day) ||
	    !two_digits(s.p + at + 6, &c.hour) || !two_digits(s.p + at + 8, &c.minute) ||
	    !two_digits(s.p + at + 10, &c.second))
		return false;
	if (at == 0)
		century = year >= 50 ? 19 : 20;
	c.year = century * 100 + year;
	return sp_civil_to_time(&c, t);
}

bool
sp_der_time(struct sp_der *d, int64_t *t, uint8_t *tag)
{
	uint8_t next = sp_der_peek(d);
	setpki_bytes s;

	*t = 0;
	if (tag != NULL)
		*tag = next;
	if ((next != SP_UTCTIME && next != SP_GENTIME) || !sp_der_take(d, next, &s) || !sp_der_time_value(next, s, t))
		return bad(d);
	return true;
}

static bool
printable_char(uint8_t c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
	    (c != '\0' && strchr(" '()+,-./:=?", c) != NULL);
}

static bool
all_of(setpki_bytes s, bool (*ok)(uint8_t))
{
	for (size_t i = 0; i < s.n; i++)
		if (!ok(s.p[i]))
			return false;
	return true;
}

static bool
numeric_char(uint8_t c)
{
	return c == ' ' || (c >= '0' && c <= '9');
}

static bool
visible_char(uint8_t c)
{
	return c >= 0x20 && c <= 0x7e;
}

static bool
ia5_char(uint8_t c)
{
	return c < 0x80;
}

/* Big-endian characters of `width` octets: code points of ISO 10646, no surrogates. */
static bool
ucs_ok(setpki_bytes s, size_t width)
{
	for (size_t i = 0; i + width <= s.n; i += width) {
		uint32_t c = 0;

		for (size_t k = 0; k < width; k++)
			c = c << 8 | s.p[i + k];
		if (c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
			return false;
	}
	return s.n % width == 0;
}

bool
sp_der_string_ok(uint8_t tag, setpki_bytes s)
{
	switch (tag) {
	case SP_NUMERIC:
		return all_of(s, numeric_char);
	case SP_PRINTABLE:
		return all_of(s, printable_char);
	case SP_VISIBLE:
		return all_of(s, visible_char);
	case SP_IA5:
		return all_of(s, ia5_char);
	case SP_UTF8:
		return setpki_utf8_printable(s);
	case SP_BMP:
		return ucs_ok(s, 2);
	case SP_UNIVERSAL:
		return ucs_ok(s, 4);
	default:
		return true;
	}
}
