#include "lib/asn1/type.h"

#include "lib/base/time.h"
#include "lib/der/walk.h"
#include "lib/der/writer.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <string.h>

IMPLEMENT_ASN1_MSTRING(SP_NUMERIC_STRING, B_ASN1_NUMERICSTRING)
IMPLEMENT_ASN1_MSTRING(SP_SETSTRING, B_ASN1_VISIBLESTRING | B_ASN1_BMPSTRING)
IMPLEMENT_ASN1_MSTRING(SP_FIELD_VALUE, B_ASN1_VISIBLESTRING | B_ASN1_BMPSTRING | B_ASN1_OCTET_STRING)

void *
sp_type_new(const struct sp_type *type)
{
	return ASN1_item_new(type->item());
}

void
sp_type_free(const struct sp_type *type, void *object)
{
	ASN1_item_free(object, type->item());
}

static enum setpki_code check(const struct sp_type *type, const uint8_t *object, struct setpki_error *err);

static enum setpki_code
wrong(const struct sp_type *type, const struct sp_row *r, const char *what, int64_t got, struct setpki_error *err)
{
	return sp_fail(err, SETPKI_E_PARSE, type->spec, "%s.%s has %lld %s; %lld to %lld are allowed", type->name,
	    r->name, (long long)got, what, (long long)r->min, (long long)r->max);
}

static enum setpki_code
check_number(const struct sp_type *type, const struct sp_row *r, const ASN1_STRING *s, struct setpki_error *err)
{
	bool enumerated = r->kind == SP_ROW_ENUM;
	int64_t v = 0;
	int fits = enumerated ? ASN1_ENUMERATED_get_int64(&v, s) : ASN1_INTEGER_get_int64(&v, s);

	if (fits != 1)
		ERR_clear_error();
	if (fits != 1 || v < r->min || v > r->max)
		return sp_fail(err, SETPKI_E_PARSE, type->spec, "%s.%s is outside %lld..%lld", type->name, r->name,
		    (long long)r->min, (long long)r->max);
	if (enumerated && r->names[v] == NULL)
		return sp_fail(err, SETPKI_E_PARSE, type->spec, "%s.%s has the value %lld, which stands for nothing",
		    type->name, r->name, (long long)v);
	return SETPKI_E_OK;
}

static bool
all_digits(const ASN1_STRING *s)
{
	for (int i = 0; i < s->length; i++)
		if (s->data[i] < '0' || s->data[i] > '9')
			return false;
	return true;
}

static enum setpki_code
check_string(const struct sp_type *type, const struct sp_row *r, const ASN1_STRING *s, struct setpki_error *err)
{
	int64_t n = s->type == V_ASN1_BMPSTRING ? s->length / 2 : s->length;

	if (n < r->min || n > r->max)
		return wrong(type, r,
		    r->kind == SP_ROW_OCTETS	? "octets"
			: r->kind == SP_ROW_DER ? "bytes"
						: "characters",
		    n, err);
	if (r->kind == SP_ROW_DIGITS && !all_digits(s))
		return sp_fail(
		    err, SETPKI_E_PARSE, type->spec, "%s.%s has characters that are not digits", type->name, r->name);
	return SETPKI_E_OK;
}

static enum setpki_code
check_one(const struct sp_type *type, const struct sp_row *r, const void *value, struct setpki_error *err)
{
	switch (r->kind) {
	case SP_ROW_OCTETS:
	case SP_ROW_TEXT:
	case SP_ROW_DIGITS:
	case SP_ROW_SETSTRING:
	case SP_ROW_DER:
		return check_string(type, r, value, err);
	case SP_ROW_INT:
	case SP_ROW_ENUM:
		return check_number(type, r, value, err);
	case SP_ROW_TYPE:
		return check(r->type, value, err);
	case SP_ROW_TIME:
	case SP_ROW_OID:
	case SP_ROW_ANY:
	case SP_ROW_BOOLEAN:
		break;
	}
	return SETPKI_E_OK;
}

static enum setpki_code
check_many(const struct sp_type *type, const struct sp_row *r, const OPENSSL_STACK *sk, struct setpki_error *err)
{
	int n = OPENSSL_sk_num(sk);

	if (n < (int)r->least || n > (int)r->most)
		return sp_fail(err, SETPKI_E_PARSE, type->spec, "%s.%s has %d members; %u to %u are allowed",
		    type->name, r->name, n, r->least, r->most);
	for (int i = 0; i < n; i++) {
		enum setpki_code rc = check_one(type, r, OPENSSL_sk_value(sk, i), err);

		if (rc != SETPKI_E_OK)
			return sp_error_in(err, rc, "%s %d", r->name, i + 1);
	}
	return SETPKI_E_OK;
}

static enum setpki_code
check(const struct sp_type *type, const uint8_t *object, struct setpki_error *err)
{
	bool found = false;
	int arm = 0;

	if (type->choice)
		memcpy(&arm, object, sizeof(arm));
	for (size_t i = 0; i < type->nrows; i++) {
		const struct sp_row *r = &type->rows[i];
		const void *value;
		enum setpki_code rc;

		if (r->kind == SP_ROW_BOOLEAN || (type->choice && (int)i != arm))
			continue;
		memcpy(&value, object + r->offset, sizeof(value));
		if (value == NULL) /* OPTIONAL and absent: the template has seen to the rest */
			continue;
		found = true;
		rc = r->most != 0 ? check_many(type, r, value, err) : check_one(type, r, value, err);
		if (rc != SETPKI_E_OK)
			return sp_error_in(err, rc, "%s", r->name);
	}
	if (type->nonempty && !found)
		return sp_fail(err, SETPKI_E_PARSE, type->spec, "%s has none of its parts", type->name);
	return SETPKI_E_OK;
}

/* What the template takes and the DER does not is found by writing it again: trailing data, encoded defaults. */
static enum setpki_code
same_again(const struct sp_type *type, const void *object, setpki_bytes der, struct setpki_error *err)
{
	unsigned char *again = NULL;
	int n = ASN1_item_i2d(object, &again, type->item());
	bool same = n >= 0 && sp_bytes_eq(sp_bytes(again, (size_t)n), der);

	OPENSSL_clear_free(again, n > 0 ? (size_t)n : 0);
	return same ? SETPKI_E_OK
		    : sp_fail(err, SETPKI_E_PARSE, type->spec,
			  "%s is not in its DER form (trailing data, or a default that is encoded)", type->name);
}

enum setpki_code
sp_type_decode(const struct sp_type *type, setpki_bytes der, void **out, struct setpki_error *err)
{
	const unsigned char *p = der.p;
	enum setpki_code rc;
	void *object = NULL;

	*out = NULL;
	if (der.n > type->max)
		return sp_fail(
		    err, SETPKI_E_LIMIT, type->spec, "%s of %zu bytes (at most %zu)", type->name, der.n, type->max);
	if ((rc = sp_der_walk(der, err)) != SETPKI_E_OK)
		return sp_error_in(err, rc, "%s", type->name);
	object = ASN1_item_d2i(NULL, &p, (long)der.n, type->item());
	if (object == NULL) {
		ERR_clear_error();
		return sp_fail(err, SETPKI_E_PARSE, type->spec, "not a %s", type->name);
	}
	rc = same_again(type, object, der, err);
	if (rc == SETPKI_E_OK)
		rc = check(type, object, err);
	if (rc != SETPKI_E_OK) {
		sp_type_free(type, object);
		return rc;
	}
	*out = object;
	return SETPKI_E_OK;
}

enum setpki_code
sp_type_encode(const struct sp_type *type, const void *object, struct sp_buf *out, struct setpki_error *err)
{
	struct setpki_error inner = {0};
	unsigned char *der = NULL;
	int n;

	if (check(type, object, &inner) != SETPKI_E_OK)
		return sp_fail(err, SETPKI_E_ARGUMENT, type->spec, "%s", inner.message);
	n = ASN1_item_i2d(object, &der, type->item());
	if (n < 0) {
		ERR_clear_error();
		return sp_fail(err, SETPKI_E_ARGUMENT, type->spec, "%s lacks a part that is not optional", type->name);
	}
	sp_buf_add(out, der, (size_t)n);
	OPENSSL_clear_free(der, (size_t)n);
	return out->failed ? sp_fail_memory(err) : SETPKI_E_OK;
}

/* An ASN1_STRING of some kind; not OBJECT, NULL, BOOLEAN or ANY. */
static bool
holds_string(const ASN1_TEMPLATE *t)
{
	const ASN1_ITEM *it = ASN1_ITEM_ptr(t->item);

	if ((t->flags & ASN1_TFLG_SK_MASK) != 0)
		return false;
	return it->itype == ASN1_ITYPE_MSTRING ||
	    (it->itype == ASN1_ITYPE_PRIMITIVE && it->utype != V_ASN1_OBJECT && it->utype != V_ASN1_NULL &&
		it->utype != V_ASN1_BOOLEAN && it->utype != V_ASN1_ANY);
}

int
sp_type_cleanse(int op, ASN1_VALUE **value, const ASN1_ITEM *item, void *arg)
{
	const uint8_t *object;
	int arm = 0;

	(void)arg;
	if (op != ASN1_OP_FREE_PRE || *value == NULL)
		return 1;
	object = (const uint8_t *)*value;
	if (item->itype == ASN1_ITYPE_CHOICE)
		memcpy(&arm, object + item->utype, sizeof(arm));
	for (long i = 0; i < item->tcount; i++) {
		ASN1_STRING *s;

		if (!holds_string(&item->templates[i]) || (item->itype == ASN1_ITYPE_CHOICE && i != arm))
			continue;
		memcpy(&s, object + item->templates[i].offset, sizeof(s));
		if (s != NULL && s->data != NULL)
			OPENSSL_cleanse(s->data, (size_t)s->length);
	}
	return 1;
}
