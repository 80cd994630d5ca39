#include "ca/keys/mandate.h"

#include "lib/base/time.h"
#include "lib/crypto/signed_inner.h"
#include "lib/x509/name.h"

/* --- certificates ------------------------------------------------------------------------------- */

/* Each says what is wrong, NULL if nothing is.  Rows are looked at in their order: those behind `kind` may rely on it.
 */
typedef const char *row_fn(const struct ca_mandate *m, const struct sp_cert *c);

static bool
is_root(const struct sp_cert *c)
{
	return sp_cert_kind(c) == SETPKI_KIND_ROOT;
}

static const char *
suite(const struct ca_mandate *m, const struct sp_cert *c)
{
	return c->suite == m->suite ? NULL : "it is of another suite";
}

static const char *
kind(const struct ca_mandate *m, const struct sp_cert *c)
{
	enum setpki_kind is = sp_cert_kind(c);

	if (is == SETPKI_KIND_NONE || (m->kinds & 1u << is) == 0)
		return "it is of a kind that is not certified here";
	return is == SETPKI_KIND_ROOT || (m->self != NULL && (m->self->key_usage & SETPKI_KU_CERT_SIGN) != 0)
	    ? NULL
	    : "this key signs no certificates";
}

/* For every bit of its type the signer has one that issues it. */
static const char *
role(const struct ca_mandate *m, const struct sp_cert *c)
{
	for (uint32_t bit = 1; bit <= SETPKI_TYPE_ACQ; bit <<= 1)
		if ((c->type & bit) != 0 && !is_root(c) && (sp_type_issuers(bit) & m->self->type) == 0)
			return "no CA of this role issues it";
	return NULL;
}

static const char *
issuer(const struct ca_mandate *m, const struct sp_cert *c)
{
	setpki_bytes name = m->self != NULL ? m->self->subject : c->subject;

	if (!sp_bytes_eq(c->issuer, name) || (is_root(c) && !sp_bytes_eq(c->subject, name)))
		return "it names another issuer";
	if (is_root(c) && m->self != NULL && !sp_bytes_eq(c->key.whole, m->self->key.whole))
		return "a root certifies no other root";
	return NULL;
}

static const char *
brand(const struct ca_mandate *m, const struct sp_cert *c)
{
	if (m->self == NULL || (m->self->type & SETPKI_TYPE_RCA) != 0)
		return NULL; /* above all brands */
	return sp_name_same_brand(c->subject, m->self->subject) ? NULL : "it is of another brand";
}

static const char *
lifetime(const struct ca_mandate *m, const struct sp_cert *c)
{
	int64_t longest = m->longest[sp_cert_kind(c)];

	if (c->not_before < m->now - CA_MANDATE_SLACK_S)
		return "it begins before now";
	if (longest != 0 && c->not_after > sp_time_last(c->not_before, longest))
		return "it is valid for longer than the policy allows";
	if (is_root(c))
		return NULL;
	if (!sp_time_within(c->not_before, m->self->pkup_from, m->self->pkup_to))
		return "it begins outside the privateKeyUsagePeriod of the key that signs";
	return c->not_after <= m->until ? NULL : "it outlives its issuer";
}

static const char *
path_length(const struct ca_mandate *m, const struct sp_cert *c)
{
	if (!c->ca || is_root(c) || m->self->pathlen < 0 || (c->pathlen >= 0 && c->pathlen < m->self->pathlen))
		return NULL;
	return "its path length is not below that of its issuer";
}

static enum setpki_code
check(const struct ca_mandate *m, setpki_bytes tbs, struct setpki_error *err)
{
	static row_fn *const rows[] = {suite, kind, role, issuer, brand, lifetime, path_length};
	struct sp_cert c;
	const char *why = NULL;
	enum setpki_code rc = sp_cert_parse_tbs(tbs, &c, err);

	for (size_t i = 0; rc == SETPKI_E_OK && why == NULL && i < sizeof(rows) / sizeof(rows[0]); i++)
		why = rows[i](m, &c);
	if (why != NULL)
		return sp_fail(err, SETPKI_E_RULE, "architecture, \"setcad\"", "the key does not sign this: %s", why);
	return rc;
}

enum setpki_code
ca_key_sign_cert(
    ca_key *key, const struct ca_mandate *m, setpki_bytes tbs, struct sp_buf *sig, struct setpki_error *err)
{
	enum setpki_code rc = check(m, tbs, err);

	if (rc != SETPKI_E_OK)
		return rc;
	if (m->self != NULL && !sp_bytes_eq(m->self->key.whole, ca_key_spki(key)->whole))
		return sp_fail(
		    err, SETPKI_E_RULE, "architecture, \"setcad\"", "the key is not that of the issuer's certificate");
	return ca_key_sign(key, m->suite, tbs, sig, err);
}

/* --- messages ----------------------------------------------------------------------------------- */

static const enum sp_content answers[] = {SP_CT_CARD_C_INIT_RES_TBS, SP_CT_ME_AQ_C_INIT_RES_TBS, SP_CT_REG_FORM_RES_TBS,
    SP_CT_CERT_RES_DATA, SP_CT_ERROR_TBS};

/* Whether these are the attributes of such a content: made again around the digest, with which they end. */
static bool
are_of(enum setpki_suite suite_id, enum sp_content type, setpki_bytes attributes)
{
	size_t n = sp_suite(suite_id)->digest_len;
	struct sp_buf made = {0};
	bool same;

	if (attributes.n < n)
		return false;
	sp_signed_attributes(&made, type, sp_bytes(attributes.p + attributes.n - n, n));
	same = sp_bytes_eq(sp_buf_bytes(&made), attributes);
	sp_buf_free(&made);
	return same;
}

enum setpki_code
ca_key_sign_message(
    ca_key *key, enum setpki_suite suite_id, setpki_bytes attributes, struct sp_buf *sig, struct setpki_error *err)
{
	for (size_t i = 0; sp_suite(suite_id) != NULL && i < sizeof(answers) / sizeof(answers[0]); i++)
		if (are_of(suite_id, answers[i], attributes))
			return ca_key_sign(key, suite_id, attributes, sig, err);
	return sp_fail(err, SETPKI_E_RULE, "architecture, \"setcad\"",
	    "the key does not sign this: it is no answer of a CA to a registration");
}
