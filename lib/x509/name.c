#include "lib/x509/name.h"

#include "lib/base/limits.h"
#include "lib/der/oid.h"
#include "lib/der/writer.h"
#include "lib/x509/string.h"

#include <setpki/text.h>
#include <stdio.h>
#include <string.h>

/* The attributes of set-protocol 5, in the order of enum sp_attr. */
static const struct {
	const char *name;
	uint8_t oid[3];
} attrs[] = {
    [SP_ATTR_C] = {"C", {0x55, 0x04, 0x06}},
    [SP_ATTR_O] = {"O", {0x55, 0x04, 0x0a}},
    [SP_ATTR_OU] = {"OU", {0x55, 0x04, 0x0b}},
    [SP_ATTR_CN] = {"CN", {0x55, 0x04, 0x03}},
};
#define NATTRS (sizeof(attrs) / sizeof(attrs[0]))

/* --- building ----------------------------------------------------------------------------------------------------- */

static enum setpki_code
put_value(enum setpki_suite suite, const char *field, setpki_bytes text, struct sp_buf *out, struct setpki_error *err)
{
	struct sp_buf bmp = {0};
	enum setpki_code rc = SETPKI_E_OK;

	if (sp_der_string_ok(SP_PRINTABLE, text)) {
		sp_der_put(out, SP_PRINTABLE, text);
	} else if (suite != SETPKI_SUITE_CLASSIC) {
		sp_der_put(out, SP_UTF8, text);
	} else if (!sp_utf8_to_bmp(text, &bmp)) {
		rc = sp_fail(err, SETPKI_E_ARGUMENT, "set-protocol 12.12",
		    "%s has a character outside the Basic Multilingual Plane, which a BMPString cannot hold", field);
	} else {
		out->failed |= bmp.failed;
		sp_der_put(out, SP_BMP, sp_buf_bytes(&bmp));
	}
	sp_buf_free(&bmp);
	return rc;
}

static enum setpki_code
check_part(enum sp_attr attr, setpki_bytes text, struct setpki_error *err)
{
	const char *field = attrs[attr].name;
	size_t chars;

	if (text.n == 0)
		return sp_fail(
		    err, SETPKI_E_ARGUMENT, "set-protocol 5", "%s of the name is empty; leave it out", field);
	if (!setpki_utf8_printable(text))
		return sp_fail(err, SETPKI_E_ARGUMENT, "set-protocol 5",
		    "%s of the name is not UTF-8, or has control characters; write plain text", field);
	if (attr == SP_ATTR_C && (text.n != 2 || strspn((const char *)text.p, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != 2))
		return sp_fail(err, SETPKI_E_ARGUMENT, "set-protocol 5; ISO 3166",
		    "C of the name is \"%.20s\"; it must be two capital letters", (const char *)text.p);
	if ((chars = sp_string_chars(SP_UTF8, text)) > SP_UB_NAME_PART)
		return sp_fail(err, SETPKI_E_ARGUMENT, "X.520 upper bounds",
		    "%s of the name has %zu characters; at most %u are allowed", field, chars, SP_UB_NAME_PART);
	return SETPKI_E_OK;
}

static enum setpki_code
put_part(enum setpki_suite suite, enum sp_attr attr, const char *utf8, struct sp_buf *out, struct setpki_error *err)
{
	setpki_bytes text = sp_bytes_str(utf8);
	enum setpki_code rc;
	size_t set, ava;

	if (utf8 == NULL)
		return SETPKI_E_OK;
	if ((rc = check_part(attr, text, err)) != SETPKI_E_OK)
		return rc;
	set = sp_der_open(out, SP_SET);
	ava = sp_der_open(out, SP_SEQUENCE);
	sp_der_put_oid(out, SP_BYTES(attrs[attr].oid));
	rc = put_value(suite, attrs[attr].name, text, out, err);
	sp_der_close(out, ava);
	sp_der_close(out, set);
	return rc;
}

enum setpki_code
sp_name_build(enum setpki_suite suite, const struct sp_name_parts *p, struct sp_buf *out, struct setpki_error *err)
{
	size_t before = out->n, name = sp_der_open(out, SP_SEQUENCE);
	enum setpki_code rc;

	if ((rc = put_part(suite, SP_ATTR_C, p->country, out, err)) == SETPKI_E_OK &&
	    (rc = put_part(suite, SP_ATTR_O, p->organization, out, err)) == SETPKI_E_OK &&
	    (rc = put_part(suite, SP_ATTR_OU, p->unit, out, err)) == SETPKI_E_OK &&
	    (rc = put_part(suite, SP_ATTR_OU, p->unit2, out, err)) == SETPKI_E_OK)
		rc = put_part(suite, SP_ATTR_CN, p->common, out, err);
	if (rc == SETPKI_E_OK && !out->failed && out->n == name)
		rc = sp_fail(err, SETPKI_E_ARGUMENT, "set-protocol 5", "a name needs at least one part");
	if (rc != SETPKI_E_OK) {
		out->n = out->failed ? 0 : before;
		return rc;
	}
	sp_der_close(out, name);
	return out->failed ? sp_fail_memory(err) : SETPKI_E_OK;
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

void
sp_name_iter(setpki_bytes whole, struct sp_name_iter *it)
{
	struct sp_der d = sp_der(whole);

	memset(it, 0, sizeof(*it));
	sp_der_enter(&d, SP_SEQUENCE, &it->rdns);
	it->rdns.bad |= !sp_der_end(&d);
	it->rdn = sp_der((setpki_bytes){NULL, 0});
	it->index = -1;
}

bool
sp_name_next(struct sp_name_iter *it, struct sp_ava *ava)
{
	struct sp_der pair;
	struct sp_tlv value;

	if (sp_der_end(&it->rdn)) {
		if (sp_der_end(&it->rdns) || !sp_der_enter(&it->rdns, SP_SET, &it->rdn))
			return false;
		it->index++;
		it->rdn.bad |= it->rdn.p == it->rdn.end;
	}
	if (!sp_der_enter(&it->rdn, SP_SEQUENCE, &pair) || !sp_der_oid(&pair, &ava->oid) ||
	    !sp_der_any(&pair, &value) || !sp_der_end(&pair) || !sp_der_string_ok(value.tag, value.value)) {
		it->rdns.bad = true;
		return false;
	}
	ava->rdn = it->index;
	ava->tag = value.tag;
	ava->value = value.value;
	ava->attr = -1;
	for (size_t i = 0; i < NATTRS; i++)
		if (sp_bytes_eq(ava->oid, SP_BYTES(attrs[i].oid)))
			ava->attr = (int)i;
	return true;
}

/* DirectoryString, and what X.520 has beside it in attributes of a DN; other types no reader takes (RFC 5280 A.1). */
static bool
value_type_ok(uint8_t tag)
{
	static const uint8_t tags[] = {
	    SP_BIT_STRING, SP_UTF8, SP_NUMERIC, SP_PRINTABLE, SP_TELETEX, SP_IA5, SP_UNIVERSAL, SP_BMP};

	return memchr(tags, tag, sizeof(tags)) != NULL;
}

enum setpki_code
sp_name_check(setpki_bytes whole, struct setpki_error *err)
{
	struct sp_name_iter it;
	struct sp_ava ava;

	if (whole.n > SP_NAME_MAX)
		return sp_fail(
		    err, SETPKI_E_LIMIT, NULL, "a name of %zu bytes; at most %u are read", whole.n, SP_NAME_MAX);
	sp_name_iter(whole, &it);
	while (sp_name_next(&it, &ava))
		if (!value_type_ok(ava.tag))
			return sp_fail(err, SETPKI_E_PARSE, "RFC 5280 4.1.2.4",
			    "an attribute is of ASN.1 type 0x%02x, which is none for names", ava.tag);
	if (!sp_der_end(&it.rdns))
		return sp_fail(err, SETPKI_E_PARSE, "RFC 5280 4.1.2.4", "not a well-formed Name");
	return SETPKI_E_OK;
}

bool
sp_name_get(setpki_bytes whole, enum sp_attr attr, unsigned nth, struct sp_buf *out)
{
	struct sp_name_iter it;
	struct sp_ava ava;

	sp_name_iter(whole, &it);
	while (sp_name_next(&it, &ava))
		if (ava.attr == (int)attr && nth-- == 0)
			return sp_string_utf8(ava.tag, ava.value, out);
	return false;
}

/* --- text --------------------------------------------------------------------------------------------------------- */

static void
put_escaped(struct sp_buf *out, const struct sp_ava *ava)
{
	struct sp_buf text = {0};

	if (!sp_string_utf8(ava->tag, ava->value, &text))
		sp_buf_add_str(&text, "?");
	for (size_t i = 0; i < text.n; i++) {
		if (strchr(",+\"\\<>;", text.p[i]) != NULL)
			sp_buf_add_byte(out, '\\');
		sp_buf_add_byte(out, text.p[i]);
	}
	out->failed |= text.failed;
	sp_buf_free(&text);
}

/* Cuts at `cap`, never inside a UTF-8 sequence. */
static void
copy_cut(setpki_bytes text, char *out, size_t cap)
{
	size_t n = text.n < cap ? text.n : cap - 1;

	while (n > 0 && n < text.n && (text.p[n] & 0xc0) == 0x80)
		n--;
	if (n != 0)
		memcpy(out, text.p, n);
	out[n] = '\0';
}

const char *
sp_name_text(setpki_bytes whole, char *out, size_t cap)
{
	struct sp_buf text = {0};
	struct sp_name_iter it;
	struct sp_ava ava;
	char oid[SP_OID_TEXT];
	int rdn = -1;

	if (cap == 0)
		return out;
	sp_name_iter(whole, &it);
	while (sp_name_next(&it, &ava)) {
		if (text.n != 0)
			sp_buf_add_str(&text, ava.rdn == rdn ? "+" : ", ");
		rdn = ava.rdn;
		sp_buf_add_str(&text, ava.attr >= 0 ? attrs[ava.attr].name : sp_oid_text(ava.oid, oid));
		sp_buf_add_str(&text, "=");
		put_escaped(&text, &ava);
	}
	if (text.n == 0 && !text.failed)
		sp_buf_add_str(&text, sp_der_end(&it.rdns) ? "(empty name)" : "(malformed name)");
	copy_cut(sp_buf_bytes(&text), out, cap);
	sp_buf_free(&text);
	return out;
}

/* --- comparing ---------------------------------------------------------------------------------------------------- */

/* Splits "Demo Brand G12" into the length of "Demo Brand" and 12; 0 if it does not end in a generation. */
static unsigned
generation(setpki_bytes cn, size_t *front)
{
	size_t at = cn.n;
	unsigned gen = 0;

	*front = cn.n;
	while (at > 0 && cn.p[at - 1] >= '0' && cn.p[at - 1] <= '9')
		at--;
	if (at == cn.n || cn.n - at > 5 || cn.p[at] == '0' || at < 3 || cn.p[at - 1] != 'G' || cn.p[at - 2] != ' ')
		return 0;
	for (size_t i = at; i < cn.n; i++)
		gen = 10 * gen + (unsigned)(cn.p[i] - '0');
	*front = at - 2;
	return gen;
}

unsigned
sp_cn_generation(setpki_bytes cn)
{
	size_t front;

	return generation(cn, &front);
}

unsigned
sp_name_generation(setpki_bytes whole)
{
	struct sp_buf cn = {0};
	unsigned gen = 0;

	if (sp_name_get(whole, SP_ATTR_CN, 0, &cn))
		gen = sp_cn_generation(sp_buf_bytes(&cn));
	sp_buf_free(&cn);
	return gen;
}

/* The same string type, and the same text but for the generation. */
static bool
same_but_generation(const struct sp_ava *a, const struct sp_ava *b)
{
	struct sp_buf ta = {0}, tb = {0};
	size_t fa = 0, fb = 0;
	bool ok = a->tag == b->tag && sp_string_utf8(a->tag, a->value, &ta) && sp_string_utf8(b->tag, b->value, &tb);

	if (ta.failed || tb.failed) /* no memory: not known to be the same */
		ok = false;
	if (ok) {
		bool gen_a = generation(sp_buf_bytes(&ta), &fa) != 0, gen_b = generation(sp_buf_bytes(&tb), &fb) != 0;

		ok = gen_a == gen_b && sp_bytes_eq(sp_bytes(ta.p, fa), sp_bytes(tb.p, fb));
	}
	sp_buf_free(&ta);
	sp_buf_free(&tb);
	return ok;
}

bool
sp_name_same_ca(setpki_bytes a, setpki_bytes b, unsigned *gen_a, unsigned *gen_b)
{
	struct sp_name_iter ia, ib;
	struct sp_ava va, vb;
	bool same = true;

	sp_name_iter(a, &ia);
	sp_name_iter(b, &ib);
	while (same && sp_name_next(&ia, &va)) {
		same = sp_name_next(&ib, &vb) && sp_bytes_eq(va.oid, vb.oid) && va.rdn == vb.rdn;
		if (!same)
			break;
		if (va.attr == SP_ATTR_CN && sp_der_end(&ia.rdn) && sp_der_end(&ia.rdns))
			same = same_but_generation(&va, &vb);
		else
			same = va.tag == vb.tag && sp_bytes_eq(va.value, vb.value);
	}
	if (gen_a != NULL)
		*gen_a = sp_name_generation(a);
	if (gen_b != NULL)
		*gen_b = sp_name_generation(b);
	return same && sp_der_end(&ia.rdns) && sp_der_end(&ib.rdns) && sp_der_end(&ib.rdn);
}

static bool
brand_of(setpki_bytes name, struct sp_buf *out)
{
	const uint8_t *colon;

	if (!sp_name_get(name, SP_ATTR_O, 0, out) || out->failed)
		return false;
	if (out->n != 0 && (colon = memchr(out->p, ':', out->n)) != NULL)
		out->n = (size_t)(colon - out->p);
	return out->n != 0;
}

bool
sp_name_same_brand(setpki_bytes a, setpki_bytes b)
{
	struct sp_buf ba = {0}, bb = {0};
	bool same = brand_of(a, &ba) && brand_of(b, &bb) && sp_bytes_eq(sp_buf_bytes(&ba), sp_buf_bytes(&bb));

	sp_buf_free(&ba);
	sp_buf_free(&bb);
	return same;
}

bool
sp_name_is_brand(setpki_bytes name, const char *brand_id)
{
	struct sp_buf b = {0};
	bool same = brand_of(name, &b) && sp_bytes_eq(sp_buf_bytes(&b), sp_bytes(brand_id, strcspn(brand_id, ":")));

	sp_buf_free(&b);
	return same;
}
