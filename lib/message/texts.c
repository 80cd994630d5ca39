/* Texts, thumbs and idData of lib/message/parts.h. */
#include "lib/message/parts.h"

#include "lib/der/reader.h"
#include "lib/x509/string.h"

#include <openssl/crypto.h>
#include <string.h>

/* --- texts ------------------------------------------------------------------------------------- */

enum setpki_code
sp_text_set(ASN1_STRING **field, const char *utf8, size_t max, const char *name, struct setpki_error *err)
{
	struct sp_buf b = {.secret = true}; /* an answer to a form may be */
	enum setpki_code rc = sp_setstring_put(&b, utf8, max, name, err);
	struct sp_der d = sp_der(sp_buf_bytes(&b));
	struct sp_tlv t;

	if (rc == SETPKI_E_OK &&
	    (!sp_der_any(&d, &t) ||
		!sp_str_set(field, t.tag == SP_BMP ? V_ASN1_BMPSTRING : V_ASN1_VISIBLESTRING, t.value)))
		rc = sp_fail_memory(err);
	sp_buf_free(&b);
	return rc;
}

bool
sp_ascii_set(ASN1_STRING **field, int type, const char *text)
{
	return sp_str_set(field, type, sp_bytes_str(text));
}

/* The UTF-8 of a string, NUL behind it. */
static bool
utf8(const ASN1_STRING *s, struct sp_buf *out)
{
	bool good = sp_string_utf8((uint8_t)ASN1_STRING_type(s), sp_str(s), out);

	sp_buf_add_byte(out, '\0');
	return good && !out->failed;
}

char *
sp_text_get(const ASN1_STRING *s)
{
	struct sp_buf b = {.secret = true};
	size_t n;

	if (!utf8(s, &b)) {
		bool memory = b.failed;

		sp_buf_free(&b);
		return memory ? NULL : OPENSSL_strdup("");
	}
	return (char *)sp_buf_take(&b, &n);
}

bool
sp_text_dup(const ASN1_STRING *s, char **out)
{
	return s == NULL || (*out = sp_text_get(s)) != NULL;
}

bool
sp_octets(ASN1_OCTET_STRING **field, setpki_bytes v)
{
	return sp_str_set(field, V_ASN1_OCTET_STRING, v);
}

bool
sp_text_copy(const ASN1_STRING *s, char *out, size_t cap)
{
	struct sp_buf b = {.secret = true};
	bool good = utf8(s, &b) && b.n <= cap;

	if (good)
		memcpy(out, b.p, b.n);
	else
		out[0] = '\0';
	sp_buf_free(&b);
	return good;
}

/* --- idData ------------------------------------------------------------------------------------ */

static enum setpki_code
set_merchant(SP_ID_DATA *f, const struct setpki_id_data *id, struct setpki_error *err)
{
	f->type = 0;
	f->value.merchant = (SP_MER_ACQ_ID *)ASN1_item_new(ASN1_ITEM_rptr(SP_MER_ACQ_ID));
	if (f->value.merchant == NULL || !sp_ascii_set(&f->value.merchant->bin, V_ASN1_NUMERICSTRING, id->bin))
		return sp_fail_memory(err);
	return sp_text_set(&f->value.merchant->merchant, id->id, SP_UB_MERCHANT_ID, "merchantID", err);
}

static enum setpki_code
set_acquirer(SP_ID_DATA *f, const struct setpki_id_data *id, struct setpki_error *err)
{
	f->type = 1;
	f->value.acquirer = (SP_ACQ_ID *)ASN1_item_new(ASN1_ITEM_rptr(SP_ACQ_ID));
	if (f->value.acquirer == NULL || !sp_ascii_set(&f->value.acquirer->bin, V_ASN1_NUMERICSTRING, id->bin) ||
	    (id->id[0] != '\0' && !sp_ascii_set(&f->value.acquirer->business, V_ASN1_NUMERICSTRING, id->id)))
		return sp_fail_memory(err);
	return SETPKI_E_OK;
}

enum setpki_code
sp_id_data_set(SP_ID_DATA **field, const struct setpki_id_data *id, struct setpki_error *err)
{
	if (*field == NULL && (*field = (SP_ID_DATA *)ASN1_item_new(ASN1_ITEM_rptr(SP_ID_DATA))) == NULL)
		return sp_fail_memory(err);
	return id->holder == SETPKI_TYPE_MER ? set_merchant(*field, id, err) : set_acquirer(*field, id, err);
}

void
sp_id_data_get(const SP_ID_DATA *f, struct setpki_id_data *out)
{
	memset(out, 0, sizeof(*out));
	if (f == NULL)
		return;
	if (f->type == 0) {
		out->holder = SETPKI_TYPE_MER;
		(void)sp_text_copy(f->value.merchant->bin, out->bin, sizeof(out->bin));
		(void)sp_text_copy(f->value.merchant->merchant, out->id, sizeof(out->id));
	} else {
		out->holder = SETPKI_TYPE_PGWY;
		(void)sp_text_copy(f->value.acquirer->bin, out->bin, sizeof(out->bin));
		if (f->value.acquirer->business != NULL)
			(void)sp_text_copy(f->value.acquirer->business, out->id, sizeof(out->id));
	}
}
