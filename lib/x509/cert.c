#include "lib/x509/cert.h"

#include "lib/base/limits.h"
#include "lib/crypto/sign.h"
#include "lib/der/oid.h"
#include "lib/der/walk.h"
#include "lib/x509/cert_ext.h"
#include "lib/x509/name.h"

#include <setpki/text.h>
#include <stdio.h>
#include <string.h>

#define SPEC "RFC 5280 4.1"

static enum setpki_code
malformed(struct setpki_error *err, const char *field, const char *what)
{
	enum setpki_code rc = sp_fail(err, SETPKI_E_PARSE, SPEC, "%s", what);

	return sp_error_in(err, rc, "%s", field);
}

/* --- extensions --------------------------------------------------------------------------------------------------- */

/* An extension outside the table: counted; its value must be DER all the same. */
static enum setpki_code
unknown_extension(struct sp_cert *c, const struct sp_ext_item *e, struct setpki_error *err)
{
	enum setpki_code rc = sp_der_walk(e->value, err);
	char oid[SP_OID_TEXT];

	if (rc != SETPKI_E_OK)
		return sp_error_in(err, rc, "extension %s", sp_oid_text(e->oid, oid));
	c->unknown++;
	if (e->critical && c->unknown_critical.n == 0)
		c->unknown_critical = e->oid;
	return SETPKI_E_OK;
}

static enum setpki_code
known_extension(struct sp_cert *c, const struct sp_ext_item *e, struct setpki_error *err)
{
	const struct sp_ext_row *row = e->row;
	enum setpki_code rc = SETPKI_E_OK;

	if (sp_cert_has(c, row->id))
		rc = sp_fail(err, SETPKI_E_PARSE, "RFC 5280 4.2", "the extension stands there twice");
	else if ((rc = sp_der_walk(e->value, err)) == SETPKI_E_OK && !sp_ext_read(row->id, e->value, c))
		rc = sp_fail(err, SETPKI_E_PARSE, row->spec, "the contents are not well formed");
	if (rc != SETPKI_E_OK)
		return sp_error_in(err, rc, "%s", row->name);
	c->present |= SP_EXT_BIT(row->id);
	if (e->critical)
		c->critical |= SP_EXT_BIT(row->id);
	c->ext[row->id] = e->value;
	return SETPKI_E_OK;
}

/* Whether an extension outside the table has an OID that stood there before. */
static bool
seen_before(setpki_bytes list, const struct sp_ext_item *e)
{
	struct sp_der d = sp_der(list);
	struct sp_ext_item other;

	while (sp_ext_next(&d, &other) && other.oid.p != e->oid.p)
		if (sp_bytes_eq(other.oid, e->oid))
			return true;
	return false;
}

static enum setpki_code
parse_extensions(struct sp_cert *c, struct setpki_error *err)
{
	struct sp_der list = sp_der(c->extensions);
	enum setpki_code rc = SETPKI_E_OK;
	struct sp_ext_item e;
	unsigned n = 0;

	while (rc == SETPKI_E_OK && sp_ext_next(&list, &e)) {
		if (++n > SP_EXT_MAX)
			return sp_fail(err, SETPKI_E_LIMIT, NULL, "more than %u extensions", SP_EXT_MAX);
		if (e.row != NULL)
			rc = known_extension(c, &e, err);
		else if (seen_before(c->extensions, &e))
			rc = malformed(err, "extensions", "an extension stands there twice");
		else
			rc = unknown_extension(c, &e, err);
	}
	if (rc == SETPKI_E_OK && (!sp_der_end(&list) || n == 0))
		rc = malformed(err, "extensions", "not a list of extensions");
	return rc;
}

/* --- TBSCertificate ----------------------------------------------------------------------------------------------- */

static enum setpki_code
parse_version_and_serial(struct sp_der *t, struct sp_cert *c, struct setpki_error *err)
{
	struct sp_der version;
	int64_t v;

	if (!sp_der_enter(t, SP_CTXC(0), &version) || !sp_der_int(&version, &v) || !sp_der_end(&version) || v != 2)
		return malformed(err, "version", "SET's certificates are X.509 version 3; this is another one");
	c->version = 3;
	if (!sp_der_integer(t, &c->serial))
		return malformed(err, "serialNumber", "not an INTEGER");
	if (c->serial.n > SP_SERIAL_MAX)
		return malformed(err, "serialNumber", "longer than 20 octets");
	return SETPKI_E_OK;
}

/* AlgorithmIdentifier: OID, and at most one element of parameters. */
static bool
take_algorithm(struct sp_der *d, setpki_bytes *whole)
{
	struct sp_der outer, alg;
	struct sp_tlv parameters;
	setpki_bytes oid;

	if (!sp_der_take_whole(d, SP_SEQUENCE, whole))
		return false;
	outer = sp_der(*whole);
	if (!sp_der_enter(&outer, SP_SEQUENCE, &alg) || !sp_der_oid(&alg, &oid))
		return false;
	return sp_der_end(&alg) || (sp_der_any(&alg, &parameters) && sp_der_end(&alg));
}

static enum setpki_code
take_name(struct sp_der *t, setpki_bytes *whole, const char *field, struct setpki_error *err)
{
	enum setpki_code rc;

	if (!sp_der_take_whole(t, SP_SEQUENCE, whole))
		return malformed(err, field, "not a Name");
	rc = sp_name_check(*whole, err);
	return rc == SETPKI_E_OK ? rc : sp_error_in(err, rc, "%s", field);
}

static enum setpki_code
parse_names_and_validity(struct sp_der *t, struct sp_cert *c, struct setpki_error *err)
{
	struct sp_der validity;
	enum setpki_code rc;

	if ((rc = take_name(t, &c->issuer, "issuer", err)) != SETPKI_E_OK)
		return rc;
	if (!sp_der_enter(t, SP_SEQUENCE, &validity) || !sp_der_time(&validity, &c->not_before, &c->not_before_tag) ||
	    !sp_der_time(&validity, &c->not_after, &c->not_after_tag) || !sp_der_end(&validity))
		return malformed(err, "validity", "not two times in their DER form");
	return take_name(t, &c->subject, "subject", err);
}

/* A key outside both suites is well formed: alg NONE, left to lint and chain. */
static enum setpki_code
parse_key(struct sp_der *t, struct sp_cert *c, struct setpki_error *err)
{
	struct setpki_error why = {0};
	struct sp_spki key;
	setpki_bytes whole;
	enum setpki_code rc;

	if (!sp_der_take_whole(t, SP_SEQUENCE, &whole))
		return malformed(err, "subjectPublicKeyInfo", "not a SubjectPublicKeyInfo");
	rc = sp_spki_parse(whole, &key, &why);
	c->key = key;
	if (rc == SETPKI_E_SUITE)
		c->key = (struct sp_spki){.whole = whole, .key_bits = key.key_bits};
	else if (rc != SETPKI_E_OK)
		return sp_error_in(err, sp_fail(err, rc, why.spec, "%s", why.message), "subjectPublicKeyInfo");
	return SETPKI_E_OK;
}

static bool
take_unique_id(struct sp_der *t, uint8_t tag, bool *there)
{
	setpki_bytes id;

	if (!sp_der_opt(t, tag, &id))
		return !t->bad;
	*there = true;
	return id.n >= 1 && id.p[0] <= 7 && (id.n > 1 || id.p[0] == 0) &&
	    (id.n == 1 || (id.p[id.n - 1] & ((1u << id.p[0]) - 1)) == 0);
}

static enum setpki_code
parse_tail(struct sp_der *t, struct sp_cert *c, struct setpki_error *err)
{
	struct sp_der wrap;

	if (!take_unique_id(t, SP_CTX(1), &c->unique_ids) || !take_unique_id(t, SP_CTX(2), &c->unique_ids))
		return malformed(err, "issuerUniqueID or subjectUniqueID", "not a BIT STRING");
	if (sp_der_enter_opt(t, SP_CTXC(3), &wrap)) {
		if (!sp_der_take(&wrap, SP_SEQUENCE, &c->extensions) || !sp_der_end(&wrap))
			return malformed(err, "extensions", "not a list of extensions");
		return sp_der_end(t) ? parse_extensions(c, err)
				     : malformed(err, "tbsCertificate", "something stands after the extensions");
	}
	return sp_der_end(t) ? SETPKI_E_OK
			     : malformed(err, "tbsCertificate", "something is there that does not belong");
}

static enum setpki_code
parse_tbs(setpki_bytes tbs, struct sp_cert *c, struct setpki_error *err)
{
	struct sp_der d = sp_der(tbs), t;
	enum setpki_code rc;

	c->tbs = tbs;
	if (!sp_der_enter(&d, SP_SEQUENCE, &t) || !sp_der_end(&d))
		return malformed(err, "tbsCertificate", "not a SEQUENCE");
	if ((rc = parse_version_and_serial(&t, c, err)) != SETPKI_E_OK)
		return rc;
	if (!take_algorithm(&t, &c->inner_sigalg))
		return malformed(err, "signature", "not an AlgorithmIdentifier");
	sp_sigalg_find(c->inner_sigalg, &c->suite, &c->sig_keyalg);
	if ((rc = parse_names_and_validity(&t, c, err)) == SETPKI_E_OK && (rc = parse_key(&t, c, err)) == SETPKI_E_OK)
		rc = parse_tail(&t, c, err);
	return rc;
}

static enum setpki_code
begin(setpki_bytes der, struct sp_cert *out, struct setpki_error *err)
{
	memset(out, 0, sizeof(*out));
	out->pathlen = -1;
	out->pkup_from = INT64_MIN;
	out->pkup_to = INT64_MAX;
	if (der.n > SP_CERT_MAX)
		return sp_fail(
		    err, SETPKI_E_LIMIT, NULL, "certificate of %zu bytes; at most %u are read", der.n, SP_CERT_MAX);
	return sp_der_walk(der, err);
}

enum setpki_code
sp_cert_parse_tbs(setpki_bytes tbs, struct sp_cert *out, struct setpki_error *err)
{
	enum setpki_code rc = begin(tbs, out, err);

	return rc == SETPKI_E_OK ? parse_tbs(tbs, out, err) : rc;
}

enum setpki_code
sp_cert_parse(setpki_bytes der, struct sp_cert *out, struct setpki_error *err)
{
	enum setpki_code rc = begin(der, out, err);
	struct sp_der d = sp_der(der), seq;
	setpki_bytes tbs;
	unsigned unused;

	if (rc != SETPKI_E_OK)
		return rc;
	out->der = der;
	if (!sp_der_enter(&d, SP_SEQUENCE, &seq) || !sp_der_take_whole(&seq, SP_SEQUENCE, &tbs))
		return malformed(err, "tbsCertificate", "not a certificate");
	if (!take_algorithm(&seq, &out->sigalg))
		return malformed(err, "signatureAlgorithm", "not an AlgorithmIdentifier");
	if (!sp_der_bits(&seq, &out->sig, &unused) || unused != 0 || !sp_der_end(&seq))
		return malformed(
		    err, "signatureValue", "not a BIT STRING of whole octets, or something stands after it");
	return parse_tbs(tbs, out, err);
}

/* --- what it is --------------------------------------------------------------------------------------------------- */

bool
sp_cert_has(const struct sp_cert *c, enum sp_ext ext)
{
	return (c->present & SP_EXT_BIT(ext)) != 0;
}

enum setpki_kind
sp_cert_kind(const struct sp_cert *c)
{
	if (!sp_cert_has(c, SP_EXT_CERT_TYPE) || !sp_cert_has(c, SP_EXT_KEY_USAGE) || !sp_type_ok(c->type))
		return SETPKI_KIND_NONE;
	for (unsigned k = 1; k < SETPKI_KIND_N; k++) {
		const struct sp_kind_row *row = sp_kind_row((enum setpki_kind)k);

		if ((c->type & ~row->type_mask) == 0 && c->key_usage == row->key_usage && c->ca == row->ca &&
		    sp_bytes_eq(c->issuer, c->subject) == row->self_signed)
			return row->kind;
	}
	return SETPKI_KIND_NONE;
}

const char *
sp_cert_text(const struct sp_cert *c, char *out, size_t cap)
{
	char name[160], serial[SETPKI_HEX_TEXT(SP_SERIAL_MAX)];
	enum setpki_kind kind = sp_cert_kind(c);

	snprintf(out, cap, "%s %s, serial %s", kind == SETPKI_KIND_NONE ? "certificate" : setpki_kind_name(kind),
	    sp_name_text(c->subject, name, sizeof(name)), setpki_hex_text(c->serial, serial));
	return out;
}

/* --- signature and thumb ------------------------------------------------------------------------------------------ */

enum setpki_code
sp_cert_verify(setpki_ctx *ctx, const struct sp_cert *c, EVP_PKEY *issuer_key, struct setpki_error *err)
{
	if (!sp_bytes_eq(c->sigalg, c->inner_sigalg))
		return sp_fail(err, SETPKI_E_SIGNATURE, "RFC 5280 4.1.1.2",
		    "the signature algorithm inside and outside the signed part differ");
	if (c->suite == SETPKI_SUITE_NONE)
		return sp_fail(err, SETPKI_E_SIGNATURE, "set-protocol 12.1",
		    "the signature algorithm is of no suite that is known here");
	if ((c->sig_keyalg == SP_KEY_RSA) != (EVP_PKEY_is_a(issuer_key, "RSA") == 1))
		return sp_fail(err, SETPKI_E_SIGNATURE, "RFC 5280 4.1.1.2",
		    "the signature algorithm does not fit the issuer's key");
	return sp_verify(ctx, c->suite, issuer_key, c->tbs, c->sig, err);
}

enum setpki_code
sp_cert_thumb(setpki_ctx *ctx, const struct sp_cert *c, uint8_t out[32], size_t *n, struct setpki_error *err)
{
	const struct sp_suite *suite = sp_suite(c->suite);

	if (suite == NULL)
		return sp_fail(
		    err, SETPKI_E_SUITE, "set-protocol 12.1", "a certificate of no known suite has no thumb");
	*n = suite->digest_len;
	return sp_hash(ctx, c->suite, c->tbs, out, err);
}
