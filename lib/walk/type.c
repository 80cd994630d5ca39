#include "lib/walk/type.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Octets that are told as hex; of longer strings (ciphertexts, signatures) only the length says something. */
#define HEX_MAX 64

static const struct {
	const struct sp_type *type;
	void (*walk)(struct sp_walk *w, const char *name, void *object);
} special[] = {
    {&sp_type_signed_data, sp_walk_signed_data},
    {&sp_type_content_info, sp_walk_content_info},
    {&sp_type_signer_info, sp_walk_signer_info},
    {&sp_type_issuer_serial, sp_walk_issuer_serial},
    {&sp_type_enveloped_data, sp_walk_enveloped},
    {&sp_type_encrypted_data, sp_walk_encrypted},
    {&sp_type_linkage, sp_walk_linkage},
};

void
sp_walk_type(struct sp_walk *w, const char *name, const struct sp_type *type, void *object)
{
	for (size_t i = 0; i < sizeof(special) / sizeof(special[0]); i++)
		if (special[i].type == type) {
			special[i].walk(w, name, object);
			return;
		}
	sp_w_enter(w, name, type->name);
	sp_walk_rows(w, type, object);
	sp_w_leave(w);
}

static void
walk_string(struct sp_walk *w, const struct sp_row *r, const char *name, const ASN1_STRING *s)
{
	bool octets = r->kind == SP_ROW_OCTETS || s->type == V_ASN1_OCTET_STRING;
	setpki_bytes v = sp_str(s);
	size_t n = s->type == V_ASN1_BMPSTRING ? v.n / 2 : v.n;

	if (r->told == SP_TOLD_PAN)
		sp_w_pan(w, name, v);
	else if (r->told == SP_TOLD_LENGTH)
		sp_w_length(w, name, n, octets ? "octets, secret" : "characters, secret", NULL);
	else if (octets && n > HEX_MAX)
		sp_w_length(w, name, n, "octets", NULL);
	else if (octets)
		sp_w_hex(w, name, v, NULL);
	else
		sp_w_outside(w, name, (uint8_t)s->type, v);
}

static void
walk_name_of_number(struct sp_walk *w, const struct sp_row *r, const char *name, int64_t v)
{
	char number[32];

	snprintf(number, sizeof(number), "%" PRId64, v);
	sp_w_text(w, name, r->names[v], number);
}

static void
walk_value(struct sp_walk *w, const struct sp_row *r, const char *name, void *value)
{
	switch (r->kind) {
	case SP_ROW_OCTETS:
	case SP_ROW_TEXT:
	case SP_ROW_DIGITS:
	case SP_ROW_SETSTRING:
		walk_string(w, r, name, value);
		break;
	case SP_ROW_INT:
		sp_w_number(w, name, sp_int(value));
		break;
	case SP_ROW_ENUM:
		walk_name_of_number(w, r, name, sp_int(value));
		break;
	case SP_ROW_TIME:
		sp_w_time(w, name, sp_time(value));
		break;
	case SP_ROW_OID:
		sp_w_oid(w, name, sp_obj(value));
		break;
	case SP_ROW_DER:
		sp_walk_closed(w, r->name, name, sp_str(value));
		break;
	case SP_ROW_TYPE:
		sp_walk_type(w, name, r->type, value);
		break;
	case SP_ROW_BOOLEAN: /* no pointer: sp_walk_row() */
	case SP_ROW_ANY:     /* the wrapper's message (message.c) */
		break;
	}
}

static void
walk_many(struct sp_walk *w, const struct sp_row *r, OPENSSL_STACK *sk)
{
	sp_w_list(w, r->name, NULL);
	for (int i = 0; i < OPENSSL_sk_num(sk); i++)
		walk_value(w, r, "item", OPENSSL_sk_value(sk, i));
	sp_w_leave(w);
}

void
sp_walk_row(struct sp_walk *w, const struct sp_type *type, size_t i, void *object)
{
	const struct sp_row *r = &type->rows[i];
	const uint8_t *at = (const uint8_t *)object + r->offset;
	ASN1_BOOLEAN yes;
	void *value;

	if (w->rc != SETPKI_E_OK)
		return;
	if (r->kind == SP_ROW_BOOLEAN) {
		memcpy(&yes, at, sizeof(yes));
		sp_w_bool(w, r->name, yes != 0);
		return;
	}
	memcpy(&value, at, sizeof(value));
	if (value == NULL) /* OPTIONAL, and absent */
		return;
	if (r->most != 0)
		walk_many(w, r, value);
	else
		walk_value(w, r, r->name, value);
}

void
sp_walk_rows(struct sp_walk *w, const struct sp_type *type, void *object)
{
	int arm = 0;

	if (type->choice)
		memcpy(&arm, object, sizeof(arm));
	for (size_t i = 0; i < type->nrows; i++)
		if (!type->choice || (int)i == arm)
			sp_walk_row(w, type, i, object);
}

/* The key that is to be certified, with which its owner signs before it is. */
static void
take_fresh(const struct sp_type *type, const void *object, struct sp_buf *fresh)
{
	const SP_CERT_REQ_DATA *d = object;

	if (type == &sp_type_cert_req_data && fresh != NULL)
		sp_buf_add_bytes(fresh, sp_str(d->keys->sig));
}

void
sp_walk_der(struct sp_walk *w, const char *name, const struct sp_type *type, setpki_bytes der, struct sp_buf *fresh)
{
	struct setpki_error why = {0};
	void *object = NULL;
	enum setpki_code rc;

	if (w->rc != SETPKI_E_OK)
		return;
	if ((rc = sp_type_decode(type, der, &object, &why)) != SETPKI_E_OK) {
		sp_w_fault(w, name, der.n, rc, &why);
		return;
	}
	sp_walk_type(w, name, type, object);
	take_fresh(type, object, fresh);
	sp_type_free(type, object);
}
