/* Which kind a certificate is of, and whether it has what the rule table gives to that kind. */
#include "lib/crypto/sign.h"
#include "lib/der/oid.h"
#include "lib/x509/lint_inner.h"
#include "lib/x509/name.h"

/* The row for a type and keyUsage; NULL if there is none. */
static const struct sp_kind_row *
row_of(uint32_t type, uint32_t key_usage)
{
	for (unsigned k = 1; k < SETPKI_KIND_N; k++) {
		const struct sp_kind_row *row = sp_kind_row((enum setpki_kind)k);

		if ((type & ~row->type_mask) == 0 && key_usage == row->key_usage)
			return row;
	}
	return NULL;
}

static void
find_kind(struct sp_lint *l)
{
	const struct sp_cert *c = &l->cert;
	char type[SP_TYPE_TEXT];

	if (!sp_cert_has(c, SP_EXT_CERT_TYPE))
		sp_lint_add(l, "cert.type", "there is no certificateType");
	else if (!sp_type_ok(c->type))
		sp_lint_add(l, "cert.type", "certificateType is %s (bits 0x%x)", sp_type_text(c->type, type), c->type);
	else if (!sp_cert_has(c, SP_EXT_KEY_USAGE))
		sp_lint_add(l, "cert.keyusage", "there is no keyUsage");
	else if ((l->kind = row_of(c->type, c->key_usage)) == NULL)
		sp_lint_add(l, "cert.keyusage", "keyUsage bits 0x%x belong to no certificate of type %s", c->key_usage,
		    sp_type_text(c->type, type));
}

/* --- which extensions --------------------------------------------------------------------------------------------- */

static void
check_presence(struct sp_lint *l, const struct sp_ext_row *row)
{
	enum sp_need need = sp_ext_need(l->kind->kind, row->id, l->suite, l->cert.type);
	bool there = sp_cert_has(&l->cert, row->id);

	if (there && need == SP_FORBIDDEN)
		sp_lint_add(l, "cert.extension.forbidden", "%s in a %s certificate of the %s suite (%s)", row->name,
		    l->kind->name, setpki_suite_name(l->suite), row->spec);
	if (!there && need == SP_REQUIRED)
		sp_lint_add(
		    l, "cert.extension.missing", "no %s in a %s certificate (%s)", row->name, l->kind->name, row->spec);
}

static void
check_critical(struct sp_lint *l, const struct sp_ext_row *row)
{
	bool critical = (l->cert.critical & SP_EXT_BIT(row->id)) != 0;

	if (!sp_cert_has(&l->cert, row->id) || critical == row->critical)
		return;
	if (row->relaxable && l->suite != SETPKI_SUITE_CLASSIC) /* 12.19 */
		return;
	sp_lint_add(l, "cert.critical", "%s is %scritical", row->name, critical ? "" : "not ");
}

static void
check_extensions(struct sp_lint *l)
{
	for (unsigned i = 0; i < SP_EXT_N; i++) {
		const struct sp_ext_row *row = sp_ext_row((enum sp_ext)i);

		if (l->kind != NULL)
			check_presence(l, row);
		check_critical(l, row);
	}
}

static void
check_unknown(struct sp_lint *l)
{
	const struct sp_cert *c = &l->cert;
	char oid[SP_OID_TEXT];

	if (c->unknown_critical.n != 0)
		sp_lint_add(l, "cert.extension.critical", "%s is critical", sp_oid_text(c->unknown_critical, oid));
	else if (c->unknown != 0)
		sp_lint_add(l, "cert.extension.unknown", "%u that SET does not know", c->unknown);
}

/* --- what the kind fixes ------------------------------------------------------------------------------------------ */

static void
check_basic(struct sp_lint *l)
{
	const struct sp_cert *c = &l->cert;
	char type[SP_TYPE_TEXT];

	if (!sp_cert_has(c, SP_EXT_BASIC))
		return; /* missing, or found by the table */
	if (c->ca != l->kind->ca)
		sp_lint_add(
		    l, "cert.basic.ca", "cA is %s in a %s certificate", c->ca ? "TRUE" : "FALSE", l->kind->name);
	else if (!c->ca && c->pathlen >= 0)
		sp_lint_add(l, "cert.basic.ca", "pathLen %d without cA", c->pathlen);
	else if (c->ca && c->pathlen != sp_pathlen(c->type, true) && c->pathlen != sp_pathlen(c->type, false))
		sp_lint_add(
		    l, "cert.basic.pathlen", "pathLen %d of %s (-1: none)", c->pathlen, sp_type_text(c->type, type));
}

static void
check_self(struct sp_lint *l)
{
	const struct sp_cert *c = &l->cert;
	bool self = sp_bytes_eq(c->issuer, c->subject);

	if (self != l->kind->self_signed)
		sp_lint_add(l, "cert.name.self", "issuer and subject are %s in a %s certificate",
		    self ? "equal" : "different", l->kind->name);
}

static void
check_generation(struct sp_lint *l)
{
	struct sp_buf cn = {0};

	if ((l->cert.type & SETPKI_TYPE_CA) == 0)
		return;
	sp_name_get(l->cert.subject, SP_ATTR_CN, 0, &cn);
	if (cn.failed)
		l->rc = sp_fail_memory(l->err);
	else if (sp_cn_generation(sp_buf_bytes(&cn)) == 0)
		sp_lint_add(l, "cert.name.generation", "the subject's CN has no generation number");
	sp_buf_free(&cn);
}

static void
check_key(struct sp_lint *l)
{
	const struct sp_cert *c = &l->cert;
	struct setpki_error why = {0};

	if (c->key.alg == SP_KEY_NONE)
		sp_lint_add(l, "cert.key.suite", "the key is of a type that neither suite knows");
	else if (l->suite == SETPKI_SUITE_NONE)
		return;
	else if (sp_spki_check(&c->key, l->suite, l->kind != NULL && l->kind->exchange, &why) != SETPKI_E_OK)
		sp_lint_add(l, "cert.key.suite", "%s", why.message);
	else if (l->kind != NULL && l->kind->self_signed && !sp_root_key_ok(&c->key, l->suite))
		sp_lint_add(l, "cert.key.suite", "a root's RSA key has %u bits; at least 2048 are needed", c->key.bits);
}

/* A root carries everything that checks its own signature; a TBS alone has none. */
static void
check_signature(struct sp_lint *l)
{
	const struct sp_cert *c = &l->cert;
	struct setpki_error why = {0};
	EVP_PKEY *key = NULL;
	enum setpki_code rc;

	if (c->der.n == 0 || !l->kind->self_signed || c->key.alg == SP_KEY_NONE || c->suite == SETPKI_SUITE_NONE)
		return;
	/* a point off its curve shows here */
	if (sp_spki_pkey(l->ctx, &c->key, &key, &why) != SETPKI_E_OK) {
		sp_lint_add(l, "cert.signature", "%s", why.message);
		return;
	}
	rc = sp_cert_verify(l->ctx, c, key, &why);
	if (rc == SETPKI_E_SIGNATURE || rc == SETPKI_E_SUITE)
		sp_lint_add(l, "cert.signature", "%s", why.message);
	else if (rc != SETPKI_E_OK)
		l->rc = sp_fail(l->err, rc, why.spec, "%s", why.message);
	EVP_PKEY_free(key);
}

void
sp_lint_kind(struct sp_lint *l)
{
	find_kind(l);
	check_key(l);
	check_extensions(l);
	check_unknown(l);
	if (l->kind == NULL)
		return;
	check_basic(l);
	check_self(l);
	check_generation(l);
	check_signature(l);
}
