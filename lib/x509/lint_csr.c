/* Lint of PKCS#10 requests (RFC 2986; set-protocol 12.16). */
#include "lib/x509/csr.h"
#include "lib/x509/lint_list.h"
#include "lib/x509/name.h"

#include <stdio.h>

static void
check_key(struct sp_list_lint *l, const struct sp_csr *c)
{
	struct setpki_error why = {0};
	uint32_t exchange = SETPKI_KU_KEY_ENCIPHERMENT | SETPKI_KU_DATA_ENCIPHERMENT;

	if (sp_spki_check(&c->key, l->suite, (c->key_usage & exchange) != 0, &why) != SETPKI_E_OK)
		sp_list_lint_add(l, "csr.key", "%s", why.message);
}

static bool
asks(const struct sp_csr *c, enum sp_ext ext)
{
	return (c->present & SP_EXT_BIT(ext)) != 0;
}

/* Whether what is asked for fits a kind; what is left out fits any. */
static bool
fits(const struct sp_csr *c, const struct sp_kind_row *row)
{
	return (!asks(c, SP_EXT_KEY_USAGE) || c->key_usage == row->key_usage) &&
	    (!asks(c, SP_EXT_CERT_TYPE) || (sp_type_ok(c->type) && (c->type & ~row->type_mask) == 0)) &&
	    (!asks(c, SP_EXT_BASIC) || c->ca == row->ca);
}

static void
check_kind(struct sp_list_lint *l, const struct sp_csr *c)
{
	char type[SP_TYPE_TEXT];

	for (unsigned k = SETPKI_KIND_NONE + 1; k < SETPKI_KIND_N; k++)
		if (fits(c, sp_kind_row((enum setpki_kind)k)))
			return;
	sp_list_lint_add(l, "csr.kind", "keyUsage bits 0x%x, certificateType %s, cA %s are no kind's",
	    (unsigned)c->key_usage, sp_type_text(c->type, type), c->ca ? "TRUE" : "FALSE");
}

enum setpki_code
sp_lint_csr(
    setpki_ctx *ctx, setpki_bytes der, enum setpki_suite suite, struct setpki_findings *f, struct setpki_error *err)
{
	struct sp_list_lint l = {"csr.der", suite, "request", f, SETPKI_E_OK, err};
	struct setpki_error why = {0};
	char subject[200];
	struct sp_csr c;
	enum setpki_code rc = sp_csr_parse(der, &c, &why);

	if (rc == SETPKI_E_SUITE) {
		sp_list_lint_add(&l, "csr.key", "%s", why.message);
		return l.rc;
	}
	if (rc != SETPKI_E_OK) {
		sp_list_lint_unreadable(&l, rc, &why);
		return l.rc;
	}
	snprintf(l.object, sizeof(l.object), "request of %s", sp_name_text(c.subject, subject, sizeof(subject)));
	sp_list_lint_suite(&l, "csr.algorithm.suite", c.suite);
	if (c.suite != SETPKI_SUITE_NONE) {
		check_key(&l, &c);
		if (sp_csr_verify(ctx, &c, &why) != SETPKI_E_OK)
			sp_list_lint_add(&l, "csr.signature", "%s", why.message);
	}
	check_kind(&l, &c);
	if (c.unknown_attributes != 0)
		sp_list_lint_add(&l, "csr.attribute", "%u attributes besides extensionRequest", c.unknown_attributes);
	if (c.unknown != 0)
		sp_list_lint_add(&l, "csr.unknown", "%u extensions that SET does not know", c.unknown);
	return l.rc;
}
