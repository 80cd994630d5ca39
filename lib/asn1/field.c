/* Single fields of templates, both ways. */
#include "lib/asn1/type.h"
#include "lib/der/writer.h"

#include <openssl/objects.h>
#include <string.h>

setpki_bytes
sp_str(const ASN1_STRING *s)
{
	return s != NULL ? sp_bytes(ASN1_STRING_get0_data(s), (size_t)ASN1_STRING_length(s)) : sp_bytes(NULL, 0);
}

setpki_bytes
sp_obj(const ASN1_OBJECT *o)
{
	return o != NULL ? sp_bytes(OBJ_get0_data(o), OBJ_length(o)) : sp_bytes(NULL, 0);
}

bool
sp_str_set(ASN1_STRING **field, int type, setpki_bytes s)
{
	if (s.n > INT32_MAX || (*field == NULL && (*field = ASN1_STRING_type_new(type)) == NULL))
		return false;
	(*field)->type = type;
	return ASN1_STRING_set(*field, s.p != NULL ? (const void *)s.p : "", (int)s.n) == 1;
}

bool
sp_obj_set(ASN1_OBJECT **field, setpki_bytes contents)
{
	struct sp_buf b = {0};
	const unsigned char *p;
	ASN1_OBJECT *o = NULL;

	sp_der_put_oid(&b, contents);
	p = b.p;
	if (!b.failed)
		o = d2i_ASN1_OBJECT(NULL, &p, (long)b.n);
	sp_buf_free(&b);
	if (o == NULL)
		return false;
	ASN1_OBJECT_free(*field);
	*field = o;
	return true;
}

bool
sp_int_set(ASN1_INTEGER **field, int64_t v)
{
	if (*field == NULL && (*field = ASN1_INTEGER_new()) == NULL)
		return false;
	return ASN1_INTEGER_set_int64(*field, v) == 1;
}

bool
sp_enum_set(ASN1_ENUMERATED **field, int64_t v)
{
	if (*field == NULL && (*field = ASN1_ENUMERATED_new()) == NULL)
		return false;
	return ASN1_ENUMERATED_set_int64(*field, v) == 1;
}

bool
sp_time_set(ASN1_GENERALIZEDTIME **field, int64_t t)
{
	struct sp_buf b = {0};
	struct sp_der d;
	setpki_bytes text;
	bool ok;

	sp_der_put_gentime(&b, t);
	d = sp_der(sp_buf_bytes(&b));
	ok = !b.failed && sp_der_take(&d, SP_GENTIME, &text) && sp_str_set(field, V_ASN1_GENERALIZEDTIME, text);
	sp_buf_free(&b);
	return ok;
}

int64_t
sp_int(const ASN1_INTEGER *i)
{
	int64_t v = 0;

	if (i == NULL || (i->type & ~V_ASN1_NEG) == V_ASN1_ENUMERATED)
		return i != NULL && ASN1_ENUMERATED_get_int64(&v, i) == 1 ? v : 0;
	return ASN1_INTEGER_get_int64(&v, i) == 1 ? v : 0;
}

int64_t
sp_time(const ASN1_GENERALIZEDTIME *t)
{
	int64_t v = 0;

	return t != NULL && sp_der_time_value(SP_GENTIME, sp_str(t), &v) ? v : 0;
}
