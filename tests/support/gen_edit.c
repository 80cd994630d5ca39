#include "tests/support/gen_edit.h"

#include "lib/crypto/sign.h"
#include "lib/der/writer.h"
#include "lib/x509/name.h"

#include <openssl/crypto.h>
#include <setpki/text.h>
#include <string.h>

static const uint8_t unknown_oid[] = {0x2a, 0x03, 0x04}, unknown_value[] = {0x05, 0x00};

static void
put_extension(struct sp_buf *out, setpki_bytes oid, bool critical, setpki_bytes value)
{
	size_t mark = sp_der_open(out, SP_SEQUENCE);

	sp_der_put_oid(out, oid);
	if (critical)
		sp_der_put_bool(out, true);
	sp_der_put_octets(out, value);
	sp_der_close(out, mark);
}

/* PrivateKeyUsagePeriod { [0] notBefore, [1] notAfter }, both GeneralizedTime, IMPLICIT */
static void
put_period(struct sp_buf *out, const struct gen_edit *e)
{
	struct sp_buf t = {0};
	size_t mark = sp_der_open(out, SP_SEQUENCE);
	int i;

	for (i = 0; i < 2; i++) {
		sp_buf_reset(&t);
		sp_der_put_gentime(&t, GEN_NOW + (i == 0 ? e->n : e->m));
		sp_der_put(out, SP_CTX(i), sp_bytes(t.p + 2, t.n - 2));
	}
	sp_der_close(out, mark);
	sp_buf_free(&t);
}

static void
put_other_bit(struct sp_buf *out, setpki_bytes value)
{
	sp_buf_add_bytes(out, value);
	out->p[out->n - 1] ^= 1;
}

/* The first octet of keyIdentifier: [0], first in the SEQUENCE. */
static void
put_other_keyid(struct sp_buf *out, setpki_bytes value)
{
	sp_buf_add_bytes(out, value);
	out->p[(value.p[1] > 0x80 ? 3 : 2) + 2] ^= 1;
}

static void
new_value(struct sp_buf *out, setpki_bytes value, const struct gen_edit *e)
{
	uint8_t hex[512];
	size_t n = 0;

	if (e->what == GEN_PKUP) {
		put_period(out, e);
	} else if (e->what == GEN_EXT_BIT) {
		put_other_bit(out, value);
	} else if (e->what == GEN_KEYID_AKI) {
		put_other_keyid(out, value);
	} else if (e->what == GEN_EXT_SET) {
		if (setpki_hex_parse(e->hex, hex, sizeof(hex), &n, NULL) == SETPKI_E_OK)
			sp_buf_add(out, hex, n);
	} else {
		sp_buf_add_bytes(out, value);
	}
}

static enum sp_ext
which(const struct gen_edit *e)
{
	switch (e->what) {
	case GEN_PKUP:
		return SP_EXT_PKUP;
	case GEN_KEYID_AKI:
		return SP_EXT_AKI;
	case GEN_EXT_DROP:
	case GEN_EXT_SET:
	case GEN_EXT_BIT:
	case GEN_EXT_CRITICAL:
	case GEN_CRL_EXT_DROP:
		return e->ext;
	default:
		return SP_EXT_N;
	}
}

void
gen_edit_extensions(setpki_bytes extensions, const struct gen_edit *e, struct sp_buf *out)
{
	struct sp_der list = sp_der(extensions), one;
	setpki_bytes oid, value;
	struct sp_buf v = {0};
	bool critical, there = false;

	while (sp_der_enter(&list, SP_SEQUENCE, &one) && sp_der_oid(&one, &oid) &&
	    sp_der_bool_default(&one, false, &critical) && sp_der_octets(&one, &value)) {
		sp_buf_reset(&v);
		if (which(e) == SP_EXT_N || !sp_bytes_eq(oid, sp_ext_row(which(e))->oid)) {
			put_extension(out, oid, critical, value);
			continue;
		}
		there = true;
		new_value(&v, value, e);
		if (e->what != GEN_EXT_DROP && e->what != GEN_CRL_EXT_DROP)
			put_extension(out, oid, critical != (e->what == GEN_EXT_CRITICAL), sp_buf_bytes(&v));
	}
	if (e->what == GEN_EXT_SET && !there) {
		sp_buf_reset(&v);
		new_value(&v, (setpki_bytes){NULL, 0}, e);
		put_extension(out, sp_ext_row(e->ext)->oid, sp_ext_row(e->ext)->critical, sp_buf_bytes(&v));
	}
	if (e->what == GEN_EXT_ADD || e->what == GEN_CRL_EXT_ADD || e->what == GEN_BCI_EXT_ADD)
		put_extension(out, SP_BYTES(unknown_oid), e->n == 1, SP_BYTES(unknown_value));
	sp_buf_free(&v);
}

static void
put_validity(struct sp_buf *out, setpki_bytes whole, const struct gen_edit *e)
{
	struct sp_der d = sp_der(whole), v;
	size_t mark = sp_der_open(out, SP_SEQUENCE);
	int64_t from = 0, to = 0;

	if (sp_der_enter(&d, SP_SEQUENCE, &v)) {
		(void)sp_der_time(&v, &from, NULL);
		(void)sp_der_time(&v, &to, NULL);
	}
	sp_der_put_time(out, e->what == GEN_NOT_BEFORE ? GEN_NOW + e->n : from);
	sp_der_put_time(out, e->what == GEN_NOT_AFTER ? GEN_NOW + e->n : to);
	sp_der_close(out, mark);
}

/* Subject with another O: C and CN stay. */
static void
put_brand(struct sp_buf *out, enum setpki_suite suite, setpki_bytes name, const char *brand)
{
	struct sp_buf c = {0}, cn = {0};

	if (!sp_name_get(name, SP_ATTR_C, 0, &c) || !sp_name_get(name, SP_ATTR_CN, 0, &cn))
		out->failed = true;
	sp_buf_add_byte(&c, 0);
	sp_buf_add_byte(&cn, 0);
	if (!out->failed &&
	    sp_name_build(suite,
		&(struct sp_name_parts){.country = (char *)c.p, .organization = brand, .common = (char *)cn.p}, out,
		NULL) != SETPKI_E_OK)
		out->failed = true;
	sp_buf_free(&c);
	sp_buf_free(&cn);
}

static void
put_field(const struct gen_world *w, struct sp_buf *out, int field, setpki_bytes whole, const struct gen_edit *e)
{
	enum setpki_suite other = w->suite == SETPKI_SUITE_MODERN ? SETPKI_SUITE_CLASSIC : SETPKI_SUITE_MODERN;

	/* version, serial, signature, issuer, validity, subject, subjectPublicKeyInfo */
	if (field == 2 && e->what == GEN_OTHER_ALG)
		sp_buf_add_bytes(out, sp_sigalg(other, SP_KEY_RSA));
	else if (field == 3 && e->what == GEN_ISSUER_OF)
		gen_name(w->suite, e->other, out);
	else if (field == 4 && (e->what == GEN_NOT_BEFORE || e->what == GEN_NOT_AFTER))
		put_validity(out, whole, e);
	else if (field == 5 && e->what == GEN_SUBJECT_OF)
		gen_name(w->suite, e->other, out);
	else if (field == 5 && e->what == GEN_BRAND_NAME)
		put_brand(out, w->suite, whole, e->text);
	else if (field == 6 && e->what == GEN_OTHER_KEY)
		out->failed |= sp_spki_from_pkey(w->c[GEN_NONE].key, out, NULL) != SETPKI_E_OK;
	else
		sp_buf_add_bytes(out, whole);
}

static void
put_extensions(struct sp_buf *out, setpki_bytes explicit_tag, const struct gen_edit *e)
{
	struct sp_der d = sp_der(explicit_tag);
	size_t mark = sp_der_open(out, SP_CTXC(3)), list = sp_der_open(out, SP_SEQUENCE);
	setpki_bytes contents = {NULL, 0};

	(void)sp_der_take(&d, SP_SEQUENCE, &contents);
	gen_edit_extensions(contents, e, out);
	sp_der_close(out, list);
	sp_der_close(out, mark);
}

void
gen_edit_tbs(const struct gen_world *w, setpki_bytes tbs, const struct gen_edit *e, struct sp_buf *out)
{
	static const uint8_t uid[] = {0x81, 0x02, 0x00, 0x55};
	struct sp_der d = sp_der(tbs), in;
	struct sp_tlv t;
	size_t mark = sp_der_open(out, SP_SEQUENCE);
	int field = 0;

	(void)sp_der_enter(&d, SP_SEQUENCE, &in);
	for (; sp_der_any(&in, &t); field++) {
		if (t.tag != SP_CTXC(3)) {
			put_field(w, out, field, t.whole, e);
			continue;
		}
		if (e->what == GEN_UNIQUE_ID)
			sp_buf_add(out, uid, sizeof(uid));
		put_extensions(out, t.value, e);
	}
	sp_der_close(out, mark);
}

/* `tag` holds the extensions: EXPLICIT around a SEQUENCE in a CRL, IMPLICIT in a BCI. */
static void
edit_list(setpki_bytes tbs, uint8_t tag, bool is_explicit, const struct gen_edit *e, struct sp_buf *out)
{
	struct sp_der d = sp_der(tbs), in, list;
	struct sp_tlv t;
	size_t mark = sp_der_open(out, SP_SEQUENCE), outer, inner = 0;
	setpki_bytes contents;

	(void)sp_der_enter(&d, SP_SEQUENCE, &in);
	while (sp_der_any(&in, &t)) {
		if (t.tag != tag) {
			sp_buf_add_bytes(out, t.whole);
			continue;
		}
		contents = t.value;
		list = sp_der(t.value);
		outer = sp_der_open(out, tag);
		if (is_explicit) {
			(void)sp_der_take(&list, SP_SEQUENCE, &contents);
			inner = sp_der_open(out, SP_SEQUENCE);
		}
		gen_edit_extensions(contents, e, out);
		if (is_explicit)
			sp_der_close(out, inner);
		sp_der_close(out, outer);
	}
	sp_der_close(out, mark);
}

void
gen_edit_crl(setpki_bytes tbs, const struct gen_edit *e, struct sp_buf *out)
{
	edit_list(tbs, SP_CTXC(0), true, e, out);
}

void
gen_edit_bci(setpki_bytes tbs, const struct gen_edit *e, struct sp_buf *out)
{
	edit_list(tbs, SP_CTXC(1), false, e, out);
}
