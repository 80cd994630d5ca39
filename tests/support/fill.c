#include "tests/support/fill.h"

#include "lib/base/limits.h"

#include <string.h>

/* Long enough to tell, short enough to keep a test quick, where a bound is a megabyte. */
#define FILL_MAX 4000

/* The template of a row: at the same place in the struct, or the arm of that number. */
static const ASN1_TEMPLATE *
template_of(const struct sp_type *type, size_t row)
{
	const ASN1_TEMPLATE *t = type->item()->templates;

	if (type->choice)
		return &t[row];
	while (t->offset != type->rows[row].offset)
		t++;
	return t;
}

static bool
is_optional(const struct sp_type *type, size_t row)
{
	return !type->choice && (template_of(type, row)->flags & ASN1_TFLG_OPTIONAL) != 0;
}

static ASN1_STRING *
string(int type, int64_t n, uint8_t fill)
{
	static uint8_t octets[2 * SP_UB_POLICY_TEXT + 8];
	ASN1_STRING *s = NULL;

	memset(octets, fill, sizeof(octets));
	for (size_t i = 0; type == V_ASN1_BMPSTRING && i < sizeof(octets); i += 2)
		octets[i] = 0;
	n = type == V_ASN1_BMPSTRING ? 2 * n : n;
	return n <= (int64_t)sizeof(octets) && sp_str_set(&s, type, sp_bytes(octets, (size_t)n)) ? s : NULL;
}

/* An element that stays closed: SEQUENCE {}. */
static ASN1_STRING *
element(void)
{
	ASN1_STRING *s = NULL;

	return sp_str_set(&s, V_ASN1_SEQUENCE, sp_bytes("\x30\x00", 2)) ? s : NULL;
}

/* [0] EXPLICIT NULL, as an ANY. */
static void *
any(void)
{
	static const uint8_t der[] = {0xa0, 0x02, 0x05, 0x00};
	const unsigned char *p = der;

	return d2i_ASN1_TYPE(NULL, &p, sizeof(der));
}

static int64_t
first_name(const struct sp_row *r, enum t_fill_size size)
{
	int64_t v = size == T_FILL_LEAST ? r->min : r->max;

	while (r->names[v] == NULL)
		v += size == T_FILL_LEAST ? 1 : -1;
	return v;
}

static int
string_type(const struct sp_row *r, const struct t_fill *how)
{
	switch (r->kind) {
	case SP_ROW_TEXT:
		return V_ASN1_VISIBLESTRING;
	case SP_ROW_DIGITS:
		return V_ASN1_NUMERICSTRING;
	case SP_ROW_SETSTRING:
		return how->bmp ? V_ASN1_BMPSTRING : V_ASN1_VISIBLESTRING;
	default:
		return V_ASN1_OCTET_STRING;
	}
}

static void *
one(const struct sp_row *r, struct t_fill *how, int64_t n)
{
	ASN1_GENERALIZEDTIME *t = NULL;
	ASN1_OBJECT *o = NULL;
	ASN1_INTEGER *i = NULL;

	switch (r->kind) {
	case SP_ROW_TYPE:
		return t_fill(r->type, how);
	case SP_ROW_INT:
		return sp_int_set(&i, n) ? i : NULL;
	case SP_ROW_ENUM:
		return sp_enum_set(&i, n) ? i : NULL;
	case SP_ROW_TIME:
		return sp_time_set(&t, 1795435200) ? t : NULL;
	case SP_ROW_OID:
		return sp_obj_set(&o, sp_bytes("\x67\x2a\x02\x00", 4)) ? o : NULL;
	case SP_ROW_DER:
		return element();
	case SP_ROW_ANY:
		return any();
	default:
		return string(string_type(r, how), n, r->kind == SP_ROW_DIGITS ? '7' : 'x');
	}
}

static void *
many(const struct sp_row *r, struct t_fill *how, int64_t n, int64_t members)
{
	OPENSSL_STACK *sk = OPENSSL_sk_new_null();

	for (int64_t i = 0; sk != NULL && i < members; i++)
		if (OPENSSL_sk_push(sk, one(r, how, n)) <= 0)
			return NULL;
	return sk;
}

static void *
value(const struct sp_type *type, size_t row, struct t_fill *how)
{
	const struct sp_row *r = &type->rows[row];
	bool wrong = how->wrong_type == type && how->wrong_row == row, least = how->size == T_FILL_LEAST;
	int64_t n = least ? r->min : r->max, members = least ? r->least : r->most;

	if (r->kind == SP_ROW_ENUM)
		n = first_name(r, how->size);
	if (r->kind != SP_ROW_INT && r->kind != SP_ROW_ENUM && n > FILL_MAX && r->max > (int64_t)SP_UB_POLICY_TEXT)
		n = FILL_MAX;
	if (members > 4)
		members = 4;
	if (wrong) {
		how->hit = true;
		n = how->wrong_members ? n : how->wrong;
		members = how->wrong_members ? how->wrong : members;
	}
	return r->most != 0 ? many(r, how, n, members) : one(r, how, n);
}

void *
t_fill(const struct sp_type *type, struct t_fill *how)
{
	uint8_t *object = sp_type_new(type);
	int arm = how->arm < (int)type->nrows ? how->arm : (int)type->nrows - 1;

	if (object == NULL)
		return NULL;
	if (type->choice)
		memcpy(object, &arm, sizeof(arm));
	for (size_t i = 0; i < type->nrows; i++) {
		const struct sp_row *r = &type->rows[i];
		bool only = type->nonempty && i == 0;
		int yes = how->optional ? 0xff : 0;
		void *old = NULL, *v;

		if (r->kind == SP_ROW_BOOLEAN) {
			memcpy(object + r->offset, &yes, sizeof(yes));
			continue;
		}
		if (type->choice ? (int)i != arm : is_optional(type, i) && !how->optional && !only)
			continue;
		v = value(type, i, how);
		if (!type->choice)
			memcpy(&old, object + r->offset, sizeof(old));
		memcpy(object + r->offset, &v, sizeof(v));
		if (old != NULL && r->most != 0)
			OPENSSL_sk_free(old); /* empty: what sp_type_new() made */
		else if (old != NULL)
			ASN1_item_free(old, ASN1_ITEM_ptr(template_of(type, i)->item));
	}
	return object;
}
