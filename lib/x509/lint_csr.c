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
	if (c.unknown_attributes != 0)
		sp_list_lint_add(&l, "csr.attribute", "%u attributes besides extensionRequest", c.unknown_attributes);
	if (c.unknown != 0)
		sp_list_lint_add(&l, "csr.unknown", "%u extensions that SET does not know", c.unknown);
	return l.rc;
}
