/* X: the extra part of a key block, packed without tags and lengths (set-protocol 12.4). */
#include "lib/crypto/keyblock.h"
#include "lib/der/writer.h"

#include <string.h>

struct field {
	uint8_t tag, width;
	bool filled; /* a PAN: as many digits as it has, then 0xFF */
};

#define PAN_FIELD                                                                                                      \
	{                                                                                                              \
		SP_NUMERIC, SP_UB_PAN, true                                                                            \
	}
#define EXPIRY_FIELD                                                                                                   \
	{                                                                                                              \
		SP_NUMERIC, 6, false                                                                                   \
	}
#define OCTETS_20                                                                                                      \
	{                                                                                                              \
		SP_OCTET_STRING, 20, false                                                                             \
	}

/* PANToken from recollection; the others as set-protocol section 3, 4 and 10 print them. */
static const struct layout {
	size_t n;
	struct field fields[4];
} layouts[SP_EXTRA_N] = {
    [SP_EXTRA_NONE] = {0, {{0, 0, false}}},
    [SP_EXTRA_PAN_DATA] = {4, {PAN_FIELD, EXPIRY_FIELD, OCTETS_20, OCTETS_20}},
    [SP_EXTRA_PAN_DATA0] = {4, {PAN_FIELD, EXPIRY_FIELD, OCTETS_20, OCTETS_20}},
    [SP_EXTRA_PAN_TOKEN] = {3, {PAN_FIELD, EXPIRY_FIELD, OCTETS_20}},
    [SP_EXTRA_PAN_ONLY] = {2, {PAN_FIELD, OCTETS_20}},
    [SP_EXTRA_ACCT_DATA] = {2, {{SP_VISIBLE, 74, false}, OCTETS_20}},
};

size_t
sp_extra_len(enum sp_extra extra)
{
	size_t n = 0;

	for (size_t i = 0; i < layouts[extra].n; i++)
		n += layouts[extra].fields[i].width;
	return n;
}

static bool
well_formed(const struct field *f, setpki_bytes v)
{
	if (v.n < (f->filled ? 1u : f->width) || v.n > f->width || !sp_der_string_ok(f->tag, v))
		return false;
	for (size_t i = 0; f->tag == SP_NUMERIC && i < v.n; i++)
		if (v.p[i] == ' ')
			return false;
	return true;
}

enum setpki_code
sp_extra_pack(enum sp_extra extra, setpki_bytes der, uint8_t x[SP_X_MAX], struct setpki_error *err)
{
	const struct layout *l = &layouts[extra];
	struct sp_der d = sp_der(der), seq = sp_der(sp_bytes(NULL, 0));
	bool ok = l->n == 0 ? der.n == 0 : sp_der_enter(&d, SP_SEQUENCE, &seq) && sp_der_end(&d);
	size_t at = 0;

	for (size_t i = 0; ok && i < l->n; i++) {
		setpki_bytes v;

		ok = sp_der_take(&seq, l->fields[i].tag, &v) && well_formed(&l->fields[i], v);
		if (!ok)
			break;
		memset(x + at, 0xff, l->fields[i].width);
		memcpy(x + at, v.p, v.n);
		at += l->fields[i].width;
	}
	if (!ok || !sp_der_end(&seq))
		return sp_fail(err, SETPKI_E_ARGUMENT, "set-protocol 12.4",
		    "the extra part of the key block does not have the form of block content %d", (int)extra);
	return SETPKI_E_OK;
}

/* Digits before the filling; *ok is cleared for anything but 1..19 digits and 0xFF. */
static size_t
pan_length(const uint8_t *p, size_t width, unsigned *ok)
{
	size_t n = 0;
	unsigned filling = 0;

	for (size_t i = 0; i < width; i++) {
		unsigned digit = p[i] >= '0' && p[i] <= '9', fill = p[i] == 0xff;

		*ok &= (digit & ~filling) | fill;
		filling |= fill;
		n += digit & ~filling & 1u;
	}
	*ok &= n != 0;
	return n;
}

unsigned
sp_extra_unpack(enum sp_extra extra, const uint8_t x[SP_X_MAX], struct sp_buf *der)
{
	const struct layout *l = &layouts[extra];
	unsigned ok = 1;
	size_t seq;

	if (l->n == 0)
		return 1;
	seq = sp_der_open(der, SP_SEQUENCE);
	for (size_t i = 0; i < l->n; i++) {
		const struct field *f = &l->fields[i];
		size_t n = f->filled ? pan_length(x, f->width, &ok) : f->width;

		ok &= well_formed(f, sp_bytes(x, n));
		sp_der_put(der, f->tag, sp_bytes(x, n));
		x += f->width;
	}
	sp_der_close(der, seq);
	return ok & !der->failed;
}
