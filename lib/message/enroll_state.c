/* What a session remembers: one row a part. */
#include "lib/message/enroll.h"

#include "lib/crypto/keyblock.h"
#include "lib/der/writer.h"

#include <string.h>

const struct sp_part_row sp_part_rows[SP_PARTS] = {
    [SP_PART_BRAND] = {"brand", 1, 4 * SP_UB_BRAND_ID, false, false},
    [SP_PART_LANGUAGE] = {"language", 1, SP_UB_LANGUAGE, false, false},
    [SP_PART_SOFTWARE] = {"software", 1, SP_UB_SW_IDENT, false, false},
    [SP_PART_PAN] = {"pan", 1, SP_UB_PAN, true, true},
    [SP_PART_EXPIRY] = {"expiry", 6, 6, true, true},
    [SP_PART_BIN] = {"bin", SP_UB_BIN, SP_UB_BIN, false, false},
    [SP_PART_ID] = {"id", 1, 4 * SP_UB_MERCHANT_ID, false, false},
    [SP_PART_ACCOUNT] = {"account", 1, SP_ACCT_ID_LEN, true, true},
    [SP_PART_SIG_SPKI] = {"signature key", 2, SP_SPKI_MAX, false, false},
    [SP_PART_ENC_SPKI] = {"key-exchange key", 2, SP_SPKI_MAX, false, false},
    [SP_PART_OLD_CERT] = {"existing certificate", 2, SP_CERT_MAX, false, false},
    [SP_PART_OLD_ENC] = {"existing key-exchange certificate", 2, SP_CERT_MAX, false, false},
    [SP_PART_LID_EE] = {"lid-EE", SP_UB_LOCAL_ID, SP_UB_LOCAL_ID, false, false},
    [SP_PART_RRPID] = {"rrpid", SP_NONCE_LEN, SP_NONCE_LEN, false, false},
    [SP_PART_CHALL] = {"challenge", SP_NONCE_LEN, SP_NONCE_LEN, false, false},
    [SP_PART_THUMBS] = {"thumbs", 2, SP_MESSAGE_MAX, false, true},
    [SP_PART_REQUEST] = {"request", 2, SP_MESSAGE_MAX, false, true},
    [SP_PART_LID_CA] = {"lid-CA", 1, SP_UB_LOCAL_ID, false, false},
    [SP_PART_CHALL_CA] = {"chall-CA", SP_NONCE_LEN, SP_NONCE_LEN, false, true},
    [SP_PART_CA_SIG] = {"CA certificate", 2, SP_CERT_MAX, false, false},
    [SP_PART_CA_ENC] = {"CA key-exchange certificate", 2, SP_CERT_MAX, false, false},
    [SP_PART_OBJECTS] = {"objects", 2, SP_SESSION_OBJECTS_MAX, false, false},
    [SP_PART_FORM] = {"form", 2, SP_MESSAGE_MAX, false, false},
    [SP_PART_CARD_SECRET] = {"CardSecret", SP_SECRET_LEN, SP_SECRET_LEN, true, false},
    [SP_PART_BACK_KEY] = {"back key", 8, SP_KEY_MAX, true, true},
    [SP_PART_RESULT] = {"result", 2, SP_MESSAGE_MAX, true, false},
    [SP_PART_NEW_SIG] = {"new signature certificate", 2, SP_CERT_MAX, false, false},
    [SP_PART_NEW_ENC] = {"new key-exchange certificate", 2, SP_CERT_MAX, false, false},
    [SP_PART_PAN_SECRET] = {"PANSecret", SP_SECRET_LEN, SP_SECRET_LEN, true, false},
};

void
sp_state_free(struct sp_enroll_state *s)
{
	for (int i = 0; i < SP_PARTS; i++)
		sp_buf_free(&s->part[i]);
	memset(s, 0, sizeof(*s));
}

enum setpki_code
sp_part_set(struct sp_enroll_state *s, enum sp_part part, setpki_bytes v, struct setpki_error *err)
{
	struct sp_buf b = {.secret = sp_part_rows[part].secret};

	if (v.n == 0) {
		sp_part_drop(s, part);
		return SETPKI_E_OK;
	}
	sp_buf_add_bytes(&b, v);
	sp_buf_add_byte(&b, '\0');
	if (b.failed)
		return sp_fail_memory(err);
	b.n--;
	sp_buf_free(&s->part[part]);
	s->part[part] = b;
	return SETPKI_E_OK;
}

void
sp_part_drop(struct sp_enroll_state *s, enum sp_part part)
{
	sp_buf_free(&s->part[part]);
}

enum setpki_code
sp_part_random(setpki_ctx *ctx, struct sp_enroll_state *s, enum sp_part part, size_t n, struct setpki_error *err)
{
	struct sp_buf b = {.secret = true};
	uint8_t *p = sp_buf_extend(&b, n);
	enum setpki_code rc = p != NULL ? sp_random(ctx, p, n, err) : sp_fail_memory(err);

	if (rc == SETPKI_E_OK)
		rc = sp_part_set(s, part, sp_buf_bytes(&b), err);
	sp_buf_free(&b);
	return rc;
}

setpki_bytes
sp_part(const struct sp_enroll_state *s, enum sp_part part)
{
	return sp_buf_bytes(&s->part[part]);
}

const char *
sp_part_text(const struct sp_enroll_state *s, enum sp_part part)
{
	return s->part[part].n != 0 ? (const char *)s->part[part].p : "";
}

enum setpki_code
sp_state_copy(const struct sp_enroll_state *from, struct sp_enroll_state *to, struct setpki_error *err)
{
	enum setpki_code rc = SETPKI_E_OK;

	memset(to, 0, sizeof(*to));
	to->step = from->step;
	to->arm = from->arm;
	for (int i = 0; i < SP_PARTS && rc == SETPKI_E_OK; i++)
		rc = sp_part_set(to, (enum sp_part)i, sp_part(from, (enum sp_part)i), err);
	if (rc != SETPKI_E_OK)
		sp_state_free(to);
	return rc;
}

void
sp_state_end(struct sp_enroll_state *s, enum setpki_enroll_step step)
{
	s->step = step;
	for (int i = 0; i < SP_PARTS; i++)
		if (sp_part_rows[i].passing)
			sp_part_drop(s, (enum sp_part)i);
}

/* --- objects ----------------------------------------------------------------------------------- */

static const struct {
	enum setpki_object_type type;
	size_t most;
} kept[] = {
    {SETPKI_OBJECT_CERT, SP_THUMBS_MAX},
    {SETPKI_OBJECT_CRL, SP_THUMBS_MAX},
    {SETPKI_OBJECT_BCI, SP_SESSION_BCIS_MAX},
};

bool
sp_object_next(struct sp_der *d, struct setpki_object *out)
{
	struct sp_tlv t;

	if (!sp_der_any(d, &t))
		return false;
	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
		if (t.tag == SP_CTXC(kept[i].type)) {
			*out = (struct setpki_object){kept[i].type, t.value};
			return true;
		}
	d->bad = true;
	return false;
}

static size_t
most_of(enum setpki_object_type type)
{
	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
		if (kept[i].type == type)
			return kept[i].most;
	return 0;
}

void
sp_object_add(struct sp_buf *objects, const struct setpki_object *o)
{
	struct sp_der d = sp_der(sp_buf_bytes(objects));
	struct setpki_object have;
	size_t n = 0;

	while (sp_object_next(&d, &have)) {
		n += have.type == o->type;
		if (have.type == o->type && sp_bytes_eq(have.der, o->der))
			return;
	}
	if (n < most_of(o->type) && objects->n + o->der.n + 16 <= SP_SESSION_OBJECTS_MAX)
		sp_der_put(objects, SP_CTXC(o->type), o->der);
}
