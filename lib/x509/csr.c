#include "lib/x509/csr.h"

#include "lib/base/limits.h"
#include "lib/crypto/sign.h"
#include "lib/der/oid.h"
#include "lib/der/walk.h"
#include "lib/der/writer.h"
#include "lib/x509/name.h"
#include "lib/x509/signed.h"

#include <string.h>

#define SPEC "RFC 2986 4.1"

/* PKCS#9 extensionRequest, 1.2.840.113549.1.9.14 (RFC 2985 5.4.2) */
static const uint8_t oid_extension_request[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x0e};
const setpki_bytes sp_oid_extension_request = {oid_extension_request, sizeof(oid_extension_request)};

static enum setpki_code
malformed(struct setpki_error *err, const char *field, const char *what)
{
	enum setpki_code rc = sp_fail(err, SETPKI_E_PARSE, SPEC, "%s", what);

	return sp_error_in(err, rc, "%s", field);
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

static enum setpki_code
read_extension(const struct sp_ext_item *e, struct sp_csr *out, struct sp_cert *decoded, struct setpki_error *err)
{
	char oid[SP_OID_TEXT];

	if (e->row == NULL) {
		out->unknown++;
		if (sp_der_walk(e->value, err) != SETPKI_E_OK)
			return malformed(err, sp_oid_text(e->oid, oid), "the contents are not DER");
		return SETPKI_E_OK;
	}
	if ((out->present & SP_EXT_BIT(e->row->id)) != 0)
		return malformed(err, e->row->name, "the extension is asked for twice");
	if (sp_der_walk(e->value, err) != SETPKI_E_OK || !sp_ext_read(e->row->id, e->value, decoded))
		return malformed(err, e->row->name, "the contents are not well formed");
	out->present |= SP_EXT_BIT(e->row->id);
	out->critical |= e->critical ? SP_EXT_BIT(e->row->id) : 0;
	return SETPKI_E_OK;
}

static enum setpki_code
read_extensions(struct sp_csr *out, struct setpki_error *err)
{
	struct sp_cert decoded = {.pathlen = -1, .pkup_from = INT64_MIN, .pkup_to = INT64_MAX};
	struct sp_der list = sp_der(out->extensions);
	struct sp_ext_item e;
	enum setpki_code rc;
	unsigned n = 0;

	while (sp_ext_next(&list, &e)) {
		if (++n > SP_EXT_MAX)
			return sp_fail(err, SETPKI_E_LIMIT, NULL, "more than %u extensions", SP_EXT_MAX);
		if ((rc = read_extension(&e, out, &decoded, err)) != SETPKI_E_OK)
			return rc;
	}
	if (!sp_der_end(&list))
		return malformed(err, "extensionRequest", "not a list of extensions");
	out->key_usage = decoded.key_usage;
	out->type = decoded.type;
	out->ca = decoded.ca;
	out->pathlen = decoded.pathlen;
	out->pkup_from = decoded.pkup_from;
	out->pkup_to = decoded.pkup_to;
	return SETPKI_E_OK;
}

/* Attribute ::= SEQUENCE { type, values SET SIZE (1..MAX) OF ANY } */
static enum setpki_code
read_attribute(struct sp_der *list, struct sp_csr *out, struct setpki_error *err)
{
	struct sp_der attribute, values;
	setpki_bytes type;
	struct sp_tlv t;

	if (!sp_der_enter(list, SP_SEQUENCE, &attribute) || !sp_der_oid(&attribute, &type) ||
	    !sp_der_enter(&attribute, SP_SET, &values) || !sp_der_end(&attribute) || sp_der_end(&values))
		return malformed(err, "attributes", "not an Attribute with values");
	if (!sp_bytes_eq(type, sp_oid_extension_request)) {
		out->unknown_attributes++;
		return SETPKI_E_OK;
	}
	if (out->extensions.p != NULL)
		return malformed(err, "extensionRequest", "the attribute stands there twice");
	if (!sp_der_any(&values, &t) || t.tag != SP_SEQUENCE || !sp_der_end(&values))
		return malformed(err, "extensionRequest", "not one list of extensions");
	out->extensions = t.value;
	return read_extensions(out, err);
}

static enum setpki_code
read_info(struct sp_csr *out, struct setpki_error *err)
{
	struct sp_der d = sp_der(out->info), t, list;
	setpki_bytes spki;
	enum setpki_code rc;
	int64_t version;

	if (!sp_der_enter(&d, SP_SEQUENCE, &t) || !sp_der_int(&t, &version) || version != 0)
		return malformed(err, "version", "not version 0, or no PKCS#10 request");
	if (!sp_der_take_whole(&t, SP_SEQUENCE, &out->subject) || out->subject.n > SP_NAME_MAX)
		return malformed(err, "subject", "not a Name, or too long");
	if ((rc = sp_name_check(out->subject, err)) != SETPKI_E_OK)
		return sp_error_in(err, rc, "subject");
	if (!sp_der_take_whole(&t, SP_SEQUENCE, &spki))
		return malformed(err, "subjectPKInfo", "not a SubjectPublicKeyInfo");
	if ((rc = sp_spki_parse(spki, &out->key, err)) != SETPKI_E_OK)
		return sp_error_in(err, rc, "subjectPKInfo");
	if (sp_der_enter_opt(&t, SP_CTXC(0), &list)) {
		out->attributes = sp_der_rest(&list);
		while (!sp_der_end(&list))
			if ((rc = read_attribute(&list, out, err)) != SETPKI_E_OK)
				return rc;
	}
	return sp_der_end(&t) ? SETPKI_E_OK
			      : malformed(err, "attributes", "not a SET OF, or something stands after it");
}

enum setpki_code
sp_csr_parse(setpki_bytes der, struct sp_csr *out, struct setpki_error *err)
{
	enum setpki_code rc;

	memset(out, 0, sizeof(*out));
	out->pathlen = -1;
	out->pkup_from = INT64_MIN;
	out->pkup_to = INT64_MAX;
	out->der = der;
	if (der.n > SP_CSR_MAX)
		return sp_fail(
		    err, SETPKI_E_LIMIT, NULL, "request of %zu bytes; at most %u are read", der.n, SP_CSR_MAX);
	if ((rc = sp_der_walk(der, err)) != SETPKI_E_OK ||
	    (rc = sp_signed_read(der, &out->info, &out->sigalg, &out->sig, err)) != SETPKI_E_OK)
		return rc;
	sp_sigalg_find(out->sigalg, &out->suite, &out->sig_keyalg);
	return read_info(out, err);
}

enum setpki_code
sp_csr_verify(setpki_ctx *ctx, const struct sp_csr *csr, struct setpki_error *err)
{
	EVP_PKEY *key = NULL;
	enum setpki_code rc;

	if (csr->suite == SETPKI_SUITE_NONE)
		return sp_fail(err, SETPKI_E_SUITE, "set-protocol 12.1",
		    "the request is signed with an algorithm of no suite; make it again with SHA-256");
	if ((csr->sig_keyalg == SP_KEY_RSA) != (csr->key.alg == SP_KEY_RSA))
		return sp_fail(
		    err, SETPKI_E_SIGNATURE, "RFC 2986 4.2", "the signature algorithm does not fit the request's key");
	if ((rc = sp_spki_pkey(ctx, &csr->key, &key, err)) == SETPKI_E_OK)
		rc = sp_verify(ctx, csr->suite, key, csr->info, csr->sig, err);
	EVP_PKEY_free(key);
	return rc == SETPKI_E_OK ? rc : sp_error_in(err, rc, "proof of possession");
}

/* --- building ----------------------------------------------------------------------------------------------------- */

static size_t
open_extension(struct sp_buf *out, enum sp_ext id, size_t *value)
{
	const struct sp_ext_row *row = sp_ext_row(id);
	size_t ext = sp_der_open(out, SP_SEQUENCE);

	sp_der_put_oid(out, row->oid);
	if (row->critical)
		sp_der_put_bool(out, true);
	*value = sp_der_open(out, SP_OCTET_STRING);
	return ext;
}

static void
put_bits(struct sp_buf *out, enum sp_ext id, uint32_t bits)
{
	size_t value, ext = open_extension(out, id, &value);

	sp_der_put_named_bits(out, bits);
	sp_der_close(out, value);
	sp_der_close(out, ext);
}

static void
put_basic(struct sp_buf *out, bool ca, int pathlen)
{
	size_t value, ext = open_extension(out, SP_EXT_BASIC, &value), seq = sp_der_open(out, SP_SEQUENCE);

	if (ca)
		sp_der_put_bool(out, true);
	if (ca && pathlen >= 0)
		sp_der_put_int(out, pathlen);
	sp_der_close(out, seq);
	sp_der_close(out, value);
	sp_der_close(out, ext);
}

/* PrivateKeyUsagePeriod: GeneralizedTimes under implicit tags. */
static void
put_pkup(struct sp_buf *out, int64_t from, int64_t to)
{
	size_t value, ext = open_extension(out, SP_EXT_PKUP, &value), seq = sp_der_open(out, SP_SEQUENCE), at;

	at = out->n;
	sp_der_put_gentime(out, from);
	if (!out->failed)
		out->p[at] = SP_CTX(0);
	at = out->n;
	sp_der_put_gentime(out, to);
	if (!out->failed)
		out->p[at] = SP_CTX(1);
	sp_der_close(out, seq);
	sp_der_close(out, value);
	sp_der_close(out, ext);
}

static void
put_extensions(struct sp_buf *out, const struct sp_csr_spec *spec)
{
	const struct sp_kind_row *row = sp_kind_row(spec->kind);
	size_t list = sp_der_open(out, SP_SEQUENCE);

	put_bits(out, SP_EXT_KEY_USAGE, row->key_usage);
	if (sp_ext_need(spec->kind, SP_EXT_PKUP, spec->suite, spec->type) != SP_FORBIDDEN)
		put_pkup(out, spec->pkup_from, spec->pkup_to);
	put_basic(out, row->ca, spec->pathlen);
	put_bits(out, SP_EXT_CERT_TYPE, spec->type);
	sp_der_close(out, list);
}

static enum setpki_code
check_spec(const struct sp_csr_spec *spec, const struct sp_spki *key, struct setpki_error *err)
{
	const struct sp_kind_row *row = sp_kind_row(spec->kind);

	if (row->kind == SETPKI_KIND_NONE || spec->type == 0 || (spec->type & ~row->type_mask) != 0)
		return sp_fail(err, SETPKI_E_ARGUMENT, "set-protocol 5",
		    "a %s certificate cannot have this certificateType", row->name);
	if (spec->subject.n == 0 || spec->subject.n > SP_NAME_MAX)
		return sp_fail(
		    err, SETPKI_E_ARGUMENT, SPEC, "a request needs a subject of at most %u bytes", SP_NAME_MAX);
	return sp_spki_check(key, spec->suite, row->exchange, err);
}

enum setpki_code
sp_csr_info(setpki_ctx *ctx, const struct sp_csr_spec *spec, struct sp_buf *info, struct setpki_error *err)
{
	size_t seq, attributes, attribute, values;
	struct sp_spki key;
	enum setpki_code rc;

	(void)ctx;
	if ((rc = sp_spki_parse(spec->spki, &key, err)) != SETPKI_E_OK ||
	    (rc = check_spec(spec, &key, err)) != SETPKI_E_OK)
		return rc;
	seq = sp_der_open(info, SP_SEQUENCE);
	sp_der_put_int(info, 0);
	sp_buf_add_bytes(info, spec->subject);
	sp_buf_add_bytes(info, spec->spki);
	attributes = sp_der_open(info, SP_CTXC(0));
	attribute = sp_der_open(info, SP_SEQUENCE);
	sp_der_put_oid(info, sp_oid_extension_request);
	values = sp_der_open(info, SP_SET);
	put_extensions(info, spec);
	sp_der_close(info, values);
	sp_der_close(info, attribute);
	sp_der_close(info, attributes);
	sp_der_close(info, seq);
	return info->failed ? sp_fail_memory(err) : SETPKI_E_OK;
}

enum setpki_code
sp_csr_build(setpki_ctx *ctx, const struct sp_csr_spec *spec, struct sp_buf *der, struct setpki_error *err)
{
	struct sp_buf spki = {0}, info = {0}, sig = {0};
	struct sp_csr_spec with_key = *spec;
	struct sp_spki key;
	enum setpki_code rc;

	if ((rc = sp_spki_from_pkey(spec->key, &spki, err)) != SETPKI_E_OK ||
	    (rc = sp_spki_parse(sp_buf_bytes(&spki), &key, err)) != SETPKI_E_OK)
		goto out;
	with_key.spki = key.whole;
	if ((rc = sp_csr_info(ctx, &with_key, &info, err)) != SETPKI_E_OK ||
	    (rc = sp_sign(ctx, spec->suite, spec->key, sp_buf_bytes(&info), &sig, err)) != SETPKI_E_OK)
		goto out;
	sp_signed_put(der, sp_buf_bytes(&info), sp_sigalg(spec->suite, key.alg), sp_buf_bytes(&sig));
	rc = der->failed ? sp_fail_memory(err) : SETPKI_E_OK;
out:
	sp_buf_free(&spki);
	sp_buf_free(&info);
	sp_buf_free(&sig);
	return rc;
}
