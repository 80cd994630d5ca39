/* Forms and referrals of lib/message/parts.h. */
#include "lib/message/parts.h"
#include "lib/x509/string.h"

#include <openssl/crypto.h>
#include <setpki/text.h>
#include <string.h>

#define FIELD_ID_PREFIX 0x67, 0x2a, 0x02 /* 2.23.42.2 */
#define FIELD_ID_LAST 127		 /* of one octet; SET has 0..12 */

void
sp_field_free(struct setpki_field *f)
{
	for (size_t i = 0; i < f->nlabels; i++)
		OPENSSL_free(f->labels[i]);
	OPENSSL_free(f->labels);
	OPENSSL_free(f->description);
	memset(f, 0, sizeof(*f));
}

void
setpki_form_free(struct setpki_form *form)
{
	if (form == NULL)
		return;
	for (size_t i = 0; i < form->nfields; i++)
		sp_field_free(&form->fields[i]);
	OPENSSL_free(form->fields);
	OPENSSL_free(form->terms);
	OPENSSL_free(form->brand_logo);
	OPENSSL_free(form->card_logo);
	memset(form, 0, sizeof(*form));
}

void
setpki_referral_free(struct setpki_referral *r)
{
	if (r == NULL)
		return;
	for (size_t i = 0; i < r->nurls; i++)
		OPENSSL_free(r->urls[i]);
	OPENSSL_free(r->urls);
	OPENSSL_free(r->reason);
	memset(r, 0, sizeof(*r));
}

/* --- to the template --------------------------------------------------------------------------- */

static enum setpki_code
push_label(SP_REG_FIELD *to, const char *label, struct setpki_error *err)
{
	ASN1_STRING *s = NULL;
	enum setpki_code rc = sp_text_set(&s, label, SP_UB_FIELD_NAME, "fieldName", err);

	if (rc == SETPKI_E_OK && sk_SP_ELEMENT_push(to->name, s) > 0)
		return rc;
	ASN1_STRING_free(s);
	return rc != SETPKI_E_OK ? rc : sp_fail_memory(err);
}

enum setpki_code
sp_field_set(SP_REG_FIELD *to, const struct setpki_field *f, struct setpki_error *err)
{
	const uint8_t oid[] = {FIELD_ID_PREFIX, (uint8_t)f->id};
	enum setpki_code rc = SETPKI_E_OK;

	if (f->id >= 0 && f->id <= FIELD_ID_LAST && !sp_obj_set(&to->id, SP_BYTES(oid)))
		return sp_fail_memory(err);
	for (size_t i = 0; i < f->nlabels && rc == SETPKI_E_OK; i++)
		rc = push_label(to, f->labels[i], err);
	if (rc == SETPKI_E_OK && f->description != NULL)
		rc = sp_text_set(&to->desc, f->description, SP_UB_FIELD_DESC, "fieldDesc", err);
	if (rc == SETPKI_E_OK && f->length != SP_UB_FIELD_VALUE && !sp_int_set(&to->len, f->length))
		rc = sp_fail_memory(err);
	to->required = f->required ? 0xff : 0;
	to->invisible = f->invisible ? 0xff : 0;
	return rc;
}

static enum setpki_code
push_field(SP_REG_TEMPLATE *t, const struct setpki_field *f, struct setpki_error *err)
{
	SP_REG_FIELD *to = (SP_REG_FIELD *)ASN1_item_new(ASN1_ITEM_rptr(SP_REG_FIELD));
	enum setpki_code rc;

	if (to == NULL || (t->fields == NULL && (t->fields = sk_SP_REG_FIELD_new_null()) == NULL))
		rc = sp_fail_memory(err);
	else
		rc = sp_field_set(to, f, err);
	if (rc == SETPKI_E_OK && sk_SP_REG_FIELD_push(t->fields, to) > 0)
		return rc;
	ASN1_item_free((ASN1_VALUE *)to, ASN1_ITEM_rptr(SP_REG_FIELD));
	return rc != SETPKI_E_OK ? rc : sp_fail_memory(err);
}

static enum setpki_code
set_template(SP_REG_FORM_DATA *d, const struct setpki_form *form, struct setpki_error *err)
{
	SP_REG_TEMPLATE *t = (SP_REG_TEMPLATE *)ASN1_item_new(ASN1_ITEM_rptr(SP_REG_TEMPLATE));
	enum setpki_code rc = SETPKI_E_OK;

	d->template = t;
	if (t == NULL || !sp_int_set(&t->form_id, form->id) ||
	    (form->brand_logo != NULL && !sp_ascii_set(&t->brand_logo, V_ASN1_VISIBLESTRING, form->brand_logo)) ||
	    (form->card_logo != NULL && !sp_ascii_set(&t->card_logo, V_ASN1_VISIBLESTRING, form->card_logo)))
		return sp_fail_memory(err);
	for (size_t i = 0; i < form->nfields && rc == SETPKI_E_OK; i++)
		rc = push_field(t, &form->fields[i], err);
	return rc;
}

static bool
choose(SP_FORM_OR_REFERRAL **field, int arm)
{
	if (*field == NULL &&
	    (*field = (SP_FORM_OR_REFERRAL *)ASN1_item_new(ASN1_ITEM_rptr(SP_FORM_OR_REFERRAL))) == NULL)
		return false;
	(*field)->type = arm;
	if (arm == 0)
		return ((*field)->value.form = (SP_REG_FORM_DATA *)ASN1_item_new(ASN1_ITEM_rptr(SP_REG_FORM_DATA))) !=
		    NULL;
	return ((*field)->value.referral = (SP_REFERRAL *)ASN1_item_new(ASN1_ITEM_rptr(SP_REFERRAL))) != NULL;
}

enum setpki_code
sp_form_set(SP_FORM_OR_REFERRAL **field, const struct setpki_form *form, struct setpki_error *err)
{
	enum setpki_code rc;

	if (!choose(field, 0))
		return sp_fail_memory(err);
	rc = sp_text_set(&(*field)->value.form->policy, form->terms, SP_UB_POLICY_TEXT, "policy text", err);
	return rc == SETPKI_E_OK && form->has_template ? set_template((*field)->value.form, form, err) : rc;
}

static bool
push_url(SP_REFERRAL *r, const char *url)
{
	ASN1_STRING *s = NULL;

	if (r->urls == NULL && (r->urls = sk_SP_ELEMENT_new_null()) == NULL)
		return false;
	if (sp_ascii_set(&s, V_ASN1_VISIBLESTRING, url) && sk_SP_ELEMENT_push(r->urls, s) > 0)
		return true;
	ASN1_STRING_free(s);
	return false;
}

enum setpki_code
sp_referral_set(SP_FORM_OR_REFERRAL **field, const struct setpki_referral *referral, struct setpki_error *err)
{
	enum setpki_code rc = SETPKI_E_OK;

	if (!choose(field, 1))
		return sp_fail_memory(err);
	if (referral->reason != NULL)
		rc = sp_text_set(&(*field)->value.referral->reason, referral->reason, SP_UB_REASON, "reason", err);
	for (size_t i = 0; i < referral->nurls && rc == SETPKI_E_OK; i++)
		if (!push_url((*field)->value.referral, referral->urls[i]))
			rc = sp_fail_memory(err);
	return rc;
}

/* --- from the template ------------------------------------------------------------------------- */

/* A list of texts; *n counts those that are there, whatever happens. */
static bool
take_texts(const STACK_OF(SP_ELEMENT) * sk, char ***out, size_t *n)
{
	int count = sk != NULL ? sk_SP_ELEMENT_num(sk) : 0;

	*n = 0;
	if (count == 0)
		return true;
	if ((*out = OPENSSL_zalloc((size_t)count * sizeof(**out))) == NULL)
		return false;
	for (int i = 0; i < count; i++, ++*n)
		if (((*out)[*n] = sp_text_get(sk_SP_ELEMENT_value(sk, i))) == NULL)
			return false;
	return true;
}

static int
field_id(const ASN1_OBJECT *o)
{
	static const uint8_t prefix[] = {FIELD_ID_PREFIX};
	setpki_bytes oid = sp_obj(o);

	if (oid.n != sizeof(prefix) + 1 || memcmp(oid.p, prefix, sizeof(prefix)) != 0 ||
	    oid.p[sizeof(prefix)] > FIELD_ID_LAST)
		return -1;
	return oid.p[sizeof(prefix)];
}

enum setpki_code
sp_field_get(const SP_REG_FIELD *from, struct setpki_field *out, struct setpki_error *err)
{
	memset(out, 0, sizeof(*out));
	out->id = field_id(from->id);
	out->length = from->len != NULL ? (unsigned)sp_int(from->len) : SP_UB_FIELD_VALUE;
	out->required = from->required != 0;
	out->invisible = from->invisible != 0;
	if (take_texts(from->name, &out->labels, &out->nlabels) && sp_text_dup(from->desc, &out->description))
		return SETPKI_E_OK;
	sp_field_free(out);
	return sp_fail_memory(err);
}

static enum setpki_code
take_template(const SP_REG_TEMPLATE *t, struct setpki_form *out, struct setpki_error *err)
{
	int n = t->fields != NULL ? sk_SP_REG_FIELD_num(t->fields) : 0;
	enum setpki_code rc = SETPKI_E_OK;

	out->has_template = true;
	out->id = sp_int(t->form_id);
	if (!sp_text_dup(t->brand_logo, &out->brand_logo) || !sp_text_dup(t->card_logo, &out->card_logo) ||
	    (n != 0 && (out->fields = OPENSSL_zalloc((size_t)n * sizeof(*out->fields))) == NULL))
		return sp_fail_memory(err);
	for (int i = 0; i < n && rc == SETPKI_E_OK; i++)
		rc = sp_field_get(sk_SP_REG_FIELD_value(t->fields, i), &out->fields[out->nfields++], err);
	return rc;
}

enum setpki_code
sp_form_get(const SP_REG_FORM_DATA *from, struct setpki_form *out, struct setpki_error *err)
{
	enum setpki_code rc;

	memset(out, 0, sizeof(*out));
	rc = sp_text_dup(from->policy, &out->terms) ? SETPKI_E_OK : sp_fail_memory(err);
	if (rc == SETPKI_E_OK && from->template != NULL)
		rc = take_template(from->template, out, err);
	if (rc != SETPKI_E_OK)
		setpki_form_free(out);
	return rc;
}

enum setpki_code
sp_referral_get(const SP_REFERRAL *from, struct setpki_referral *out, struct setpki_error *err)
{
	memset(out, 0, sizeof(*out));
	if (sp_text_dup(from->reason, &out->reason) && take_texts(from->urls, &out->urls, &out->nurls))
		return SETPKI_E_OK;
	setpki_referral_free(out);
	return sp_fail_memory(err);
}

/* --- answers ------------------------------------------------------------------------------------- */

enum setpki_code
setpki_field_check(const struct setpki_field *field, const char *answer, struct setpki_error *err)
{
	setpki_bytes v = sp_bytes_str(answer);

	if (v.n == 0)
		return field->required
		    ? sp_fail(err, SETPKI_E_ARGUMENT, "set-protocol 3", "\"%s\" has to be filled in", field->labels[0])
		    : SETPKI_E_OK;
	if (!setpki_utf8_printable(v) || sp_string_chars(SP_UTF8, v) > field->length)
		return sp_fail(err, SETPKI_E_ARGUMENT, "set-protocol 3", "\"%s\": at most %u characters of plain text",
		    field->labels[0], field->length);
	return SETPKI_E_OK;
}
