#include "lib/der/walk.h"

#include "lib/base/buf.h"
#include "lib/base/limits.h"
#include "lib/der/reader.h"

#define UNIVERSAL_MASK 0xc0
#define CONSTRUCTED 0x20

/* NULL if the contents fit the universal primitive type, else what is wrong. */
static const char *
primitive_fault(const struct sp_tlv *t)
{
	struct sp_der d = sp_der(t->whole);
	setpki_bytes s;
	unsigned unused;
	int64_t time;
	bool b;

	switch (t->tag) {
	case SP_BOOLEAN:
		return sp_der_bool(&d, &b) ? NULL : "BOOLEAN is not 00 or FF";
	case SP_INTEGER:
	case SP_ENUMERATED:
		return sp_der_integer_ok(t->value) ? NULL : "INTEGER is not minimal";
	case SP_BIT_STRING:
		return sp_der_bits(&d, &s, &unused) ? NULL : "BIT STRING has padding that is not zero";
	case SP_OID:
		return sp_der_oid_ok(t->value) ? NULL : "OBJECT IDENTIFIER is malformed";
	case SP_NULL:
		return t->value.n == 0 ? NULL : "NULL is not empty";
	case SP_UTCTIME:
	case SP_GENTIME:
		return sp_der_time(&d, &time, NULL) ? NULL : "time is not in its DER form";
	case SP_SEQUENCE & ~CONSTRUCTED:
	case SP_SET & ~CONSTRUCTED:
	case 0:
		return "tag cannot be primitive";
	default:
		return sp_der_string_ok(t->tag, t->value) ? NULL : "string has characters its type does not";
	}
}

static const char *
tag_fault(const struct sp_tlv *t)
{
	if ((t->tag & UNIVERSAL_MASK) != 0)
		return NULL;
	if ((t->tag & CONSTRUCTED) == 0)
		return primitive_fault(t);
	return t->tag == SP_SEQUENCE || t->tag == SP_SET ? NULL : "type must be primitive in DER";
}

static enum setpki_code
fault(setpki_bytes all, const uint8_t *at, const char *what, struct setpki_error *err)
{
	return sp_fail(err, SETPKI_E_PARSE, "X.690 10, 11", "not DER: %s (byte %zu)", what, (size_t)(at - all.p));
}

struct level {
	struct sp_der d;
	bool set;
	setpki_bytes last;
};

enum setpki_code
sp_der_walk(setpki_bytes all, struct setpki_error *err)
{
	struct level stack[SP_DER_MAX_DEPTH];
	size_t depth = 0, top = 0;
	struct sp_tlv t;

	stack[0] = (struct level){sp_der(all), false, {NULL, 0}};
	for (;;) {
		struct level *l = &stack[depth];
		const uint8_t *at = l->d.p;
		const char *what;

		if (!sp_der_any(&l->d, &t)) {
			if (l->d.bad)
				return fault(all, at, "tag or length is not minimal, or runs past its end", err);
			if (depth == 0)
				break;
			depth--;
			continue;
		}
		if (depth == 0 && ++top > 1)
			return fault(all, at, "data after the end", err);
		if ((what = tag_fault(&t)) != NULL)
			return fault(all, at, what, err);
		if (l->set && sp_bytes_cmp(l->last, t.whole) > 0)
			return fault(all, at, "SET OF is not sorted", err);
		l->last = t.whole;
		if ((t.tag & CONSTRUCTED) == 0)
			continue;
		if (++depth == SP_DER_MAX_DEPTH)
			return sp_fail(err, SETPKI_E_LIMIT, NULL, "nested deeper than %d levels", SP_DER_MAX_DEPTH);
		stack[depth] = (struct level){sp_der(t.value), t.tag == SP_SET, {NULL, 0}};
	}
	return top == 1 ? SETPKI_E_OK : fault(all, all.p, "empty", err);
}
