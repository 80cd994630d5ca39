/* The extensions that a certificate gets: what the rule table asks of its kind, each written by one function. */
#include "lib/base/limits.h"
#include "lib/der/writer.h"
#include "lib/x509/build_inner.h"
#include "lib/x509/string.h"

typedef enum setpki_code put_fn(struct sp_build *b, struct setpki_error *err);

/* --- X.509's ------------------------------------------------------------------------------------------------------ */

/* Modern only: the issuer's own subjectKeyIdentifier, else the one that its key has. */
static enum setpki_code
put_issuer_keyid(struct sp_build *b, struct setpki_error *err)
{
	const struct sp_cert *issuer = b->spec->issuer;
	uint8_t id[20];
	enum setpki_code rc;

	if (sp_cert_has(issuer, SP_EXT_SKI)) {
		sp_der_put(b->out, SP_CTX(0), issuer->ski);
		return SETPKI_E_OK;
	}
	if ((rc = sp_spki_keyid(b->ctx, &issuer->key, id, err)) == SETPKI_E_OK)
		sp_der_put(b->out, SP_CTX(0), SP_BYTES(id));
	return rc;
}

/* Issuer and serial number *of* the issuing CA's certificate: they point at exactly one (set-protocol 5). */
static enum setpki_code
put_aki(struct sp_build *b, struct setpki_error *err)
{
	const struct sp_cert *issuer = b->spec->issuer;
	size_t seq = sp_der_open(b->out, SP_SEQUENCE), names, name;
	enum setpki_code rc = SETPKI_E_OK;

	if (sp_suite(b->spec->suite)->keyid)
		rc = put_issuer_keyid(b, err);
	names = sp_der_open(b->out, SP_CTXC(1));
	name = sp_der_open(b->out, SP_CTXC(4));
	sp_buf_add_bytes(b->out, issuer->issuer);
	sp_der_close(b->out, name);
	sp_der_close(b->out, names);
	sp_der_put(b->out, SP_CTX(2), issuer->serial);
	sp_der_close(b->out, seq);
	return rc;
}

static enum setpki_code
put_ski(struct sp_build *b, struct setpki_error *err)
{
	uint8_t id[20];
	enum setpki_code rc = sp_spki_keyid(b->ctx, &b->key, id, err);

	if (rc == SETPKI_E_OK)
		sp_der_put_octets(b->out, SP_BYTES(id));
	return rc;
}

static enum setpki_code
put_key_usage(struct sp_build *b, struct setpki_error *err)
{
	(void)err;
	sp_der_put_named_bits(b->out, b->kind->key_usage);
	return SETPKI_E_OK;
}

/* [n] IMPLICIT GeneralizedTime */
static void
put_gentime(struct sp_buf *out, unsigned n, int64_t t)
{
	size_t at = out->n;

	sp_der_put_gentime(out, t);
	if (!out->failed)
		out->p[at] = SP_CTX(n);
}

static enum setpki_code
put_pkup(struct sp_build *b, struct setpki_error *err)
{
	size_t seq = sp_der_open(b->out, SP_SEQUENCE);

	(void)err;
	put_gentime(b->out, 0, b->spec->pkup_from);
	put_gentime(b->out, 1, b->spec->pkup_to);
	sp_der_close(b->out, seq);
	return SETPKI_E_OK;
}

/* SetPolicyQualifier with a rootQualifier alone. */
static enum setpki_code
put_qualifier(struct sp_build *b, const struct sp_policy_text *p, struct setpki_error *err)
{
	size_t list = sp_der_open(b->out, SP_SEQUENCE), info = sp_der_open(b->out, SP_SEQUENCE), set, root;
	enum setpki_code rc = SETPKI_E_OK;

	sp_der_put_oid(b->out, sp_oid_set_qualifier);
	set = sp_der_open(b->out, SP_SEQUENCE);
	root = sp_der_open(b->out, SP_SEQUENCE);
	if (p->statement != NULL)
		rc = sp_setstring_put(b->out, p->statement, SP_UB_TERSE_STATEMENT, "terseStatement", err);
	if (p->url != NULL)
		sp_der_put_str(b->out, SP_CTX(0), p->url);
	if (p->email != NULL)
		sp_der_put_str(b->out, SP_CTX(1), p->email);
	sp_der_close(b->out, root);
	sp_der_close(b->out, set);
	sp_der_close(b->out, info);
	sp_der_close(b->out, list);
	return rc;
}

static enum setpki_code
put_policies(struct sp_build *b, struct setpki_error *err)
{
	const struct sp_policy_text *p = &b->spec->policy;
	size_t list = sp_der_open(b->out, SP_SEQUENCE), info = sp_der_open(b->out, SP_SEQUENCE);
	enum setpki_code rc = SETPKI_E_OK;

	sp_der_put_oid(b->out, sp_oid_policy_root);
	if (p->statement != NULL || p->url != NULL || p->email != NULL)
		rc = put_qualifier(b, p, err);
	sp_der_close(b->out, info);
	sp_der_close(b->out, list);
	return rc;
}

/* Empty for everything that signs no certificates (12.12). */
static enum setpki_code
put_basic(struct sp_build *b, struct setpki_error *err)
{
	size_t seq = sp_der_open(b->out, SP_SEQUENCE);

	(void)err;
	if (b->kind->ca) {
		sp_der_put_bool(b->out, true);
		sp_der_put_int(b->out, b->spec->pathlen);
	}
	sp_der_close(b->out, seq);
	return SETPKI_E_OK;
}

/* One DistributionPoint with one URL as its fullName. */
static enum setpki_code
put_crldp(struct sp_build *b, struct setpki_error *err)
{
	size_t list = sp_der_open(b->out, SP_SEQUENCE), point = sp_der_open(b->out, SP_SEQUENCE);
	size_t name = sp_der_open(b->out, SP_CTXC(0)), full = sp_der_open(b->out, SP_CTXC(0));

	(void)err;
	sp_der_put_str(b->out, SP_CTX(6), b->spec->crl_url);
	sp_der_close(b->out, full);
	sp_der_close(b->out, name);
	sp_der_close(b->out, point);
	sp_der_close(b->out, list);
	return SETPKI_E_OK;
}

static enum setpki_code
put_aia(struct sp_build *b, struct setpki_error *err)
{
	size_t list = sp_der_open(b->out, SP_SEQUENCE), access = sp_der_open(b->out, SP_SEQUENCE);

	(void)err;
	sp_der_put_oid(b->out, sp_oid_ca_issuers);
	sp_der_put_str(b->out, SP_CTX(6), b->spec->aia_url);
	sp_der_close(b->out, access);
	sp_der_close(b->out, list);
	return SETPKI_E_OK;
}

/* --- SET's own ---------------------------------------------------------------------------------------------------- */

/* SEQUENCE { DigestedData { 0, digest algorithm, { id-set-rootKeyThumb }, digest } }, content absent. */
static enum setpki_code
put_hashed_root(struct sp_build *b, struct setpki_error *err)
{
	const struct sp_suite *suite = sp_suite(b->spec->suite);
	uint8_t digest[SP_DIGEST_MAX];
	enum setpki_code rc = sp_hash(b->ctx, suite->id, b->spec->next_root_spki, digest, err);
	size_t seq, data, info;

	if (rc != SETPKI_E_OK)
		return rc;
	seq = sp_der_open(b->out, SP_SEQUENCE);
	data = sp_der_open(b->out, SP_SEQUENCE);
	sp_der_put_int(b->out, 0);
	sp_buf_add_bytes(b->out, suite->digest_alg);
	info = sp_der_open(b->out, SP_SEQUENCE);
	sp_der_put_oid(b->out, sp_oid_root_thumb);
	sp_der_close(b->out, info);
	sp_der_put_octets(b->out, sp_bytes(digest, suite->digest_len));
	sp_der_close(b->out, data);
	sp_der_close(b->out, seq);
	return SETPKI_E_OK;
}

static enum setpki_code
put_cert_type(struct sp_build *b, struct setpki_error *err)
{
	(void)err;
	sp_der_put_named_bits(b->out, b->spec->type);
	return SETPKI_E_OK;
}

static enum setpki_code
put_merchant(struct sp_build *b, struct setpki_error *err)
{
	(void)err;
	sp_buf_add_bytes(b->out, b->spec->merchant_data);
	return SETPKI_E_OK;
}

static enum setpki_code
put_card_cert_required(struct sp_build *b, struct setpki_error *err)
{
	(void)err;
	sp_der_put_bool(b->out, b->spec->card_cert_required);
	return SETPKI_E_OK;
}

/* tunneling is TRUE, its default, and so not encoded. */
static enum setpki_code
put_tunneling(struct sp_build *b, struct setpki_error *err)
{
	size_t seq = sp_der_open(b->out, SP_SEQUENCE), algs = sp_der_open(b->out, SP_SEQUENCE);

	(void)err;
	sp_der_put_oid(b->out, sp_tunnel_oid(b->spec->suite));
	sp_der_close(b->out, algs);
	sp_der_close(b->out, seq);
	return SETPKI_E_OK;
}

static enum setpki_code
put_set_extensions(struct sp_build *b, struct setpki_error *err)
{
	size_t seq = sp_der_open(b->out, SP_SEQUENCE);

	(void)err;
	for (size_t i = 0; i < b->spec->nset_extensions; i++)
		sp_der_put_oid(b->out, b->spec->set_extensions[i]);
	sp_der_close(b->out, seq);
	return SETPKI_E_OK;
}

/* Rows without a writer are never built: subjectAltName and issuerAltName are read, cRLNumber is a CRL's. */
static put_fn *const writers[SP_EXT_N] = {
    [SP_EXT_AKI] = put_aki,
    [SP_EXT_SKI] = put_ski,
    [SP_EXT_KEY_USAGE] = put_key_usage,
    [SP_EXT_PKUP] = put_pkup,
    [SP_EXT_POLICIES] = put_policies,
    [SP_EXT_BASIC] = put_basic,
    [SP_EXT_CRLDP] = put_crldp,
    [SP_EXT_AIA] = put_aia,
    [SP_EXT_HASHED_ROOT] = put_hashed_root,
    [SP_EXT_CERT_TYPE] = put_cert_type,
    [SP_EXT_MERCHANT_DATA] = put_merchant,
    [SP_EXT_CARD_CERT_REQUIRED] = put_card_cert_required,
    [SP_EXT_TUNNELING] = put_tunneling,
    [SP_EXT_SET_EXTENSIONS] = put_set_extensions,
};

static enum setpki_code
put_extension(struct sp_build *b, const struct sp_ext_row *row, struct setpki_error *err)
{
	size_t seq = sp_der_open(b->out, SP_SEQUENCE), value;
	enum setpki_code rc;

	sp_der_put_oid(b->out, row->oid);
	if (row->critical && !(row->relaxable && b->spec->relax_critical)) /* FALSE is the default */
		sp_der_put_bool(b->out, true);
	value = sp_der_open(b->out, SP_OCTET_STRING);
	rc = writers[row->id](b, err);
	sp_der_close(b->out, value);
	sp_der_close(b->out, seq);
	return rc == SETPKI_E_OK ? rc : sp_error_in(err, rc, "%s", row->name);
}

enum setpki_code
sp_build_extensions(struct sp_build *b, struct setpki_error *err)
{
	size_t list = sp_der_open(b->out, SP_SEQUENCE);
	enum setpki_code rc = SETPKI_E_OK;

	for (unsigned i = 0; i < SP_EXT_N && rc == SETPKI_E_OK; i++) {
		enum sp_ext ext = (enum sp_ext)i;
		enum sp_need need = sp_ext_need(b->spec->kind, ext, b->spec->suite, b->spec->type);

		if (need == SP_REQUIRED || (need == SP_OPTIONAL && sp_build_given(b->spec, ext)))
			rc = put_extension(b, sp_ext_row(ext), err);
	}
	sp_der_close(b->out, list);
	return rc;
}
