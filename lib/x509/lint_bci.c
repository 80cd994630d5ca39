/* Lint of BrandCRLIdentifiers (set-protocol 2, 12.14). */
#include "lib/base/limits.h"
#include "lib/x509/bci.h"
#include "lib/x509/lint_list.h"
#include "lib/x509/name.h"

#include <setpki/text.h>
#include <stdio.h>

static void
check_brand(struct sp_list_lint *l, const struct sp_bci *b)
{
	size_t n = b->brand_id_tag == SP_BMP ? b->brand_id.n / 2 : b->brand_id.n;
	struct sp_buf brand = {0};

	sp_bci_brand(b, &brand);
	if (n == 0 || n > SP_UB_BRAND_ID)
		sp_list_lint_add(l, "bci.brand", "brandID has %zu characters", n);
	else if (brand.n != 0 && (brand.p[0] == ' ' || brand.p[brand.n - 1] == ' '))
		sp_list_lint_add(l, "bci.brand", "brandID begins or ends with a blank");
	sp_buf_free(&brand);
}

static void
check_entries(struct sp_list_lint *l, const struct sp_bci *b)
{
	char issuer[200];

	if (b->n == 0)
		sp_list_lint_add(l, "bci.empty", "it names no CRL");
	for (size_t i = 1; i < b->n; i++)
		for (size_t k = 0; k < i; k++)
			if (sp_bytes_eq(b->entries[i].issuer, b->entries[k].issuer)) {
				sp_list_lint_add(l, "bci.entry.double", "it names CRLs %llu and %llu of %s",
				    (unsigned long long)b->entries[k].number, (unsigned long long)b->entries[i].number,
				    sp_name_text(b->entries[i].issuer, issuer, sizeof(issuer)));
				return;
			}
}

static void
check_extensions(struct sp_list_lint *l, const struct sp_bci *b)
{
	sp_list_lint_aki(l, "bci.aki", b->aki_issuer, b->aki_serial, b->aki_keyid);
	if (b->critical != 0 || b->unknown_critical.n != 0)
		sp_list_lint_add(l, "bci.critical", "an extension is critical");
	if (b->unknown != 0)
		sp_list_lint_add(l, "bci.unknown", "%u extensions besides authorityKeyIdentifier", b->unknown);
}

enum setpki_code
sp_lint_bci(
    setpki_ctx *ctx, setpki_bytes der, enum setpki_suite suite, struct setpki_findings *f, struct setpki_error *err)
{
	struct sp_list_lint l = {"bci.der", suite, "BCI", f, SETPKI_E_OK, err};
	char from[SETPKI_TIME_TEXT], to[SETPKI_TIME_TEXT];
	struct setpki_error why = {0};
	struct sp_bci b;
	enum setpki_code rc = sp_bci_parse(der, &b, &why);

	(void)ctx;
	if (rc != SETPKI_E_OK) {
		sp_list_lint_unreadable(&l, rc, &why);
		return l.rc;
	}
	snprintf(l.object, sizeof(l.object), "BCI number %llu", (unsigned long long)b.sequence);
	sp_list_lint_suite(&l, "bci.algorithm.suite", b.suite);
	check_brand(&l, &b);
	if (b.not_before > b.not_after)
		sp_list_lint_add(&l, "bci.time.order", "notBefore %s, notAfter %s",
		    setpki_time_text(b.not_before, from), setpki_time_text(b.not_after, to));
	check_entries(&l, &b);
	check_extensions(&l, &b);
	sp_bci_free(&b);
	return l.rc;
}
