/* Refuses a spec that no certificate of its kind can satisfy, naming the field. */
#include "lib/base/limits.h"
#include "lib/base/time.h"
#include "lib/crypto/sign.h"
#include "lib/x509/build_inner.h"
#include "lib/x509/merchant.h"
#include "lib/x509/name.h"
#include "lib/x509/string.h"

#include <setpki/text.h>
#include <string.h>

#define LAST_UTCTIME INT64_C(2524607999) /* 2049-12-31T23:59:59Z */
#define FIRST_UTCTIME INT64_C(-631152000)

typedef enum setpki_code check_fn(struct sp_build *b, struct setpki_error *err);

static enum setpki_code
check_kind(struct sp_build *b, struct setpki_error *err)
{
	const struct sp_cert_spec *s = b->spec;
	char text[SP_TYPE_TEXT];

	b->kind = sp_kind_row(s->kind);
	if (b->kind->kind == SETPKI_KIND_NONE)
		return sp_fail(err, SETPKI_E_ARGUMENT, NULL, "no kind of certificate was asked for");
	if (sp_suite(s->suite) == NULL)
		return sp_fail(err, SETPKI_E_ARGUMENT, "set-protocol 12.1", "no suite was asked for");
	if (!sp_type_ok(s->type) || (s->type & ~b->kind->type_mask) != 0)
		return sp_fail(err, SETPKI_E_RULE, "set-protocol 5, 12.12", "a %s certificate cannot be of type %s",
		    b->kind->name, sp_type_text(s->type, text));
	if (s->relax_critical && s->suite != SETPKI_SUITE_MODERN)
		return sp_fail(err, SETPKI_E_SUITE, "set-protocol 12.19",
		    "certificateType and hashedRootKey stay critical in the %s suite; only modern may relax them",
		    setpki_suite_name(s->suite));
	return SETPKI_E_OK;
}

/* The certificate whose key will sign. */
static enum setpki_code
check_issuer(struct sp_build *b, struct setpki_error *err)
{
	const struct sp_cert_spec *s = b->spec;
	const struct sp_cert *issuer = s->issuer;

	if ((issuer == NULL) != b->kind->self_signed)
		return sp_fail(err, SETPKI_E_ARGUMENT, NULL,
		    issuer == NULL ? "a certificate below the root needs its issuer's certificate"
				   : "a root is its own issuer; none can be given");
	if (issuer == NULL)
		return SETPKI_E_OK;
	if (!issuer->ca || (issuer->key_usage & SETPKI_KU_CERT_SIGN) == 0)
		return sp_fail(err, SETPKI_E_RULE, "set-protocol 7 steps 5, 6",
		    "the issuer's certificate is not one for signing certificates");
	if (issuer->suite != s->suite)
		return sp_fail(err, SETPKI_E_SUITE, "set-protocol 12.1",
		    "the issuer is of the %s suite, the certificate of %s; a chain is of one suite",
		    setpki_suite_name(issuer->suite), setpki_suite_name(s->suite));
	if (issuer->key.alg != s->signer_alg)
		return sp_fail(
		    err, SETPKI_E_ARGUMENT, NULL, "the key that will sign is not of the issuer's certificate's type");
	return SETPKI_E_OK;
}

static enum setpki_code
check_serial(struct sp_build *b, struct setpki_error *err)
{
	setpki_bytes serial = b->spec->serial;

	if (serial.n != SP_SERIAL_LEN || serial.p[0] != 0x01)
		return sp_fail(err, SETPKI_E_RULE, "set-protocol 12.1",
		    "a serial number is 0x01 and 16 random octets, not %zu octets", serial.n);
	return SETPKI_E_OK;
}

static enum setpki_code
check_subject(struct sp_build *b, struct setpki_error *err)
{
	const struct sp_cert_spec *s = b->spec;
	struct sp_name_iter it;
	struct sp_ava ava;
	enum setpki_code rc;

	if ((rc = sp_name_check(s->subject, err)) != SETPKI_E_OK)
		return rc;
	sp_name_iter(s->subject, &it);
	if (!sp_name_next(&it, &ava))
		return sp_fail(err, SETPKI_E_RULE, "set-protocol 5", "the name is empty");
	if (s->issuer != NULL && sp_bytes_eq(s->subject, s->issuer->subject))
		return sp_fail(err, SETPKI_E_RULE, "set-protocol 12.12",
		    "the name is the issuing CA's own; whatever it certifies has another, a new generation a new "
		    "number");
	return SETPKI_E_OK;
}

static enum setpki_code
check_validity(struct sp_build *b, struct setpki_error *err)
{
	const struct sp_cert_spec *s = b->spec;
	char from[SETPKI_TIME_TEXT], to[SETPKI_TIME_TEXT];

	if (s->not_before > s->not_after)
		return sp_fail(err, SETPKI_E_RULE, "RFC 5280 4.1.2.5", "notBefore %s is after notAfter %s",
		    setpki_time_text(s->not_before, from), setpki_time_text(s->not_after, to));
	if (s->not_before < FIRST_UTCTIME || s->not_after > SP_TIME_MAX)
		return sp_fail(err, SETPKI_E_RULE, "RFC 5280 4.1.2.5", "%s to %s is outside the years 1950 to 9999",
		    setpki_time_text(s->not_before, from), setpki_time_text(s->not_after, to));
	if (s->suite == SETPKI_SUITE_CLASSIC && s->not_after > LAST_UTCTIME)
		return sp_fail(err, SETPKI_E_RULE, "set-protocol 12.1",
		    "notAfter %s: classic certificates have UTCTime, which ends with 2049; choose a shorter lifetime",
		    setpki_time_text(s->not_after, to));
	return SETPKI_E_OK;
}

static enum setpki_code
check_usage_period(struct sp_build *b, struct setpki_error *err)
{
	const struct sp_cert_spec *s = b->spec;
	char from[SETPKI_TIME_TEXT], to[SETPKI_TIME_TEXT];

	if (sp_ext_need(s->kind, SP_EXT_PKUP, s->suite, s->type) == SP_FORBIDDEN)
		return SETPKI_E_OK;
	if (s->pkup_from > s->pkup_to || s->pkup_from < s->not_before || s->pkup_to > s->not_after)
		return sp_fail(err, SETPKI_E_RULE, "set-protocol 5; RFC 3280 4.2.1.4",
		    "%s to %s does not lie, in this order, within the validity", setpki_time_text(s->pkup_from, from),
		    setpki_time_text(s->pkup_to, to));
	if (s->kind == SETPKI_KIND_CA_CRLSIGN && (s->pkup_from != s->not_before || s->pkup_to != s->not_after))
		return sp_fail(err, SETPKI_E_RULE, "set-protocol 12.13",
		    "%s to %s: the period of a certificate for CRL signing alone equals its validity",
		    setpki_time_text(s->pkup_from, from), setpki_time_text(s->pkup_to, to));
	return SETPKI_E_OK;
}

static enum setpki_code
check_key(struct sp_build *b, struct setpki_error *err)
{
	const struct sp_cert_spec *s = b->spec;
	enum setpki_code rc;

	if ((rc = sp_spki_parse(s->spki, &b->key, err)) != SETPKI_E_OK ||
	    (rc = sp_spki_check(&b->key, s->suite, b->kind->exchange, err)) != SETPKI_E_OK)
		return rc;
	if (s->kind == SETPKI_KIND_ROOT && !sp_root_key_ok(&b->key, s->suite))
		return sp_fail(err, SETPKI_E_SUITE, "set-protocol 12.1",
		    "RSA key of %u bits: a root's has at least 2048", b->key.bits);
	if (s->issuer == NULL && b->key.alg != s->signer_alg)
		return sp_fail(err, SETPKI_E_ARGUMENT, NULL, "the key that will sign is not the root's own type");
	b->sigalg = sp_sigalg(s->suite, s->signer_alg);
	if (b->sigalg.n == 0)
		return sp_fail(err, SETPKI_E_SUITE, "set-protocol 12.1",
		    "the key that will sign is of no type that the %s suite signs with", setpki_suite_name(s->suite));
	return SETPKI_E_OK;
}

static enum setpki_code
check_pathlen(struct sp_build *b, struct setpki_error *err)
{
	const struct sp_cert_spec *s = b->spec;
	char type[SP_TYPE_TEXT];

	if (!b->kind->ca || s->pathlen == sp_pathlen(s->type, true) || s->pathlen == sp_pathlen(s->type, false))
		return SETPKI_E_OK;
	return sp_fail(err, SETPKI_E_RULE, "set-protocol 12.12", "pathLen %d does not fit %s, which has %d", s->pathlen,
	    sp_type_text(s->type, type), sp_pathlen(s->type, true));
}

static enum setpki_code
check_policy(struct sp_build *b, struct setpki_error *err)
{
	const struct sp_policy_text *p = &b->spec->policy;
	struct sp_buf scratch = {0};
	enum setpki_code rc = SETPKI_E_OK;

	if (p->statement != NULL)
		rc = sp_setstring_put(&scratch, p->statement, SP_UB_TERSE_STATEMENT, "terseStatement", err);
	if (rc == SETPKI_E_OK && scratch.failed)
		rc = sp_fail_memory(err);
	sp_buf_free(&scratch);
	if (rc != SETPKI_E_OK)
		return rc;
	if ((p->url != NULL && !sp_text_fits(SP_VISIBLE, p->url, SP_UB_URL)) ||
	    (p->email != NULL && !sp_text_fits(SP_VISIBLE, p->email, SP_UB_URL)))
		return sp_fail(err, SETPKI_E_ARGUMENT, "set-protocol 5, SETQualifier",
		    "%s must be 1 to %u ASCII characters",
		    p->url != NULL && !sp_text_fits(SP_VISIBLE, p->url, SP_UB_URL) ? "policyURL" : "policyEmail",
		    SP_UB_URL);
	return SETPKI_E_OK;
}

/* --- material for extensions that not every certificate has ------------------------------------------------------- */

bool
sp_build_given(const struct sp_cert_spec *s, enum sp_ext ext)
{
	switch (ext) {
	case SP_EXT_HASHED_ROOT:
		return s->next_root_spki.n != 0;
	case SP_EXT_MERCHANT_DATA:
		return s->merchant_data.n != 0;
	case SP_EXT_CARD_CERT_REQUIRED:
		return s->card_cert_required;
	case SP_EXT_SET_EXTENSIONS:
		return s->nset_extensions != 0;
	case SP_EXT_CRLDP:
		return s->crl_url != NULL;
	case SP_EXT_AIA:
		return s->aia_url != NULL;
	default:
		return false;
	}
}

static enum setpki_code
check_given(struct sp_build *b, struct setpki_error *err)
{
	/* those that are made of something in the spec; without it the first two cannot be built */
	static const enum sp_ext made[] = {SP_EXT_HASHED_ROOT, SP_EXT_MERCHANT_DATA, SP_EXT_CARD_CERT_REQUIRED,
	    SP_EXT_SET_EXTENSIONS, SP_EXT_CRLDP, SP_EXT_AIA};
	const struct sp_cert_spec *s = b->spec;

	for (size_t i = 0; i < sizeof(made) / sizeof(made[0]); i++) {
		const struct sp_ext_row *row = sp_ext_row(made[i]);
		enum sp_need need = sp_ext_need(s->kind, row->id, s->suite, s->type);
		bool given = sp_build_given(s, row->id);

		if (given && need == SP_FORBIDDEN)
			return sp_fail(err, SETPKI_E_RULE, row->spec,
			    "%s does not belong into a %s certificate of the %s suite", row->name, b->kind->name,
			    setpki_suite_name(s->suite));
		if (!given && need == SP_REQUIRED && i < 2)
			return sp_fail(err, SETPKI_E_RULE, row->spec,
			    "a %s certificate needs %s; nothing to put there was given", b->kind->name, row->name);
	}
	return SETPKI_E_OK;
}

static enum setpki_code
check_next_root(struct sp_build *b, struct setpki_error *err)
{
	const struct sp_cert_spec *s = b->spec;
	struct sp_spki next;
	enum setpki_code rc;

	if (s->next_root_spki.n == 0)
		return SETPKI_E_OK;
	if ((rc = sp_spki_parse(s->next_root_spki, &next, err)) != SETPKI_E_OK ||
	    (rc = sp_spki_check(&next, s->suite, false, err)) != SETPKI_E_OK)
		return rc;
	if (sp_bytes_eq(s->next_root_spki, s->spki))
		return sp_fail(err, SETPKI_E_RULE, "set-protocol 5, 12.15",
		    "the next root's key is this root's own; it must be another one");
	return SETPKI_E_OK;
}

static enum setpki_code
check_set_values(struct sp_build *b, struct setpki_error *err)
{
	const struct sp_cert_spec *s = b->spec;
	struct sp_der d = sp_der(s->merchant_data);
	struct sp_merchant_view view;

	if (s->merchant_data.n != 0 && (!sp_merchant_read(&d, &view) || !sp_der_end(&d)))
		return sp_fail(err, SETPKI_E_ARGUMENT, "set-protocol 5", "merchantData is not a MerchantDataSyntax");
	for (size_t i = 0; i < s->nset_extensions; i++)
		if (!sp_der_oid_ok(s->set_extensions[i]))
			return sp_fail(
			    err, SETPKI_E_ARGUMENT, "set-protocol 5", "setExtensions: number %zu is no OID", i + 1);
	return SETPKI_E_OK;
}

static enum setpki_code
check_urls(struct sp_build *b, struct setpki_error *err)
{
	const char *const urls[] = {b->spec->crl_url, b->spec->aia_url};

	for (size_t i = 0; i < 2; i++)
		if (urls[i] != NULL && !sp_url_ok(sp_bytes_str(urls[i])))
			return sp_fail(err, SETPKI_E_ARGUMENT, "set-protocol 12.1",
			    "%s must be an http or https URL of at most %u ASCII characters",
			    i == 0 ? "the CRL's address" : "the issuer's address", SP_UB_URL);
	return SETPKI_E_OK;
}

/* In the order in which somebody who fixes a spec wants to hear of them. */
static const struct {
	const char *field;
	check_fn *check;
} checks[] = {
    {"kind", check_kind},
    {"issuer", check_issuer},
    {"serialNumber", check_serial},
    {"subject", check_subject},
    {"validity", check_validity},
    {"privateKeyUsagePeriod", check_usage_period},
    {"subjectPublicKeyInfo", check_key},
    {"basicConstraints", check_pathlen},
    {"certificatePolicies", check_policy},
    {"extensions", check_given},
    {"hashedRootKey", check_next_root},
    {"extensions", check_set_values},
    {"extensions", check_urls},
};

enum setpki_code
sp_build_check(struct sp_build *b, struct setpki_error *err)
{
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		enum setpki_code rc = checks[i].check(b, err);

		if (rc != SETPKI_E_OK)
			return sp_error_in(err, rc, "%s", checks[i].field);
	}
	return SETPKI_E_OK;
}
