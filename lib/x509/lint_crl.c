/* Lint of CRLs (RFC 5280 5; set-protocol 6, 12.14). */
#include "lib/x509/crl.h"
#include "lib/x509/lint_list.h"
#include "lib/x509/name.h"

#include <setpki/text.h>
#include <stdio.h>

static void
check_time(struct sp_list_lint *l, const char *which, int64_t t, uint8_t tag)
{
	/* 1950-01-01 to 2049-12-31 */
	bool fits = t >= INT64_C(-631152000) && t <= INT64_C(2524607999);
	char text[SETPKI_TIME_TEXT];

	if (tag == SP_GENTIME && (fits || l->suite == SETPKI_SUITE_CLASSIC))
		sp_list_lint_add(l, "crl.time.form", "%s %s is a GeneralizedTime", which, setpki_time_text(t, text));
}

static void
check_times(struct sp_list_lint *l, const struct sp_crl *c)
{
	char from[SETPKI_TIME_TEXT], to[SETPKI_TIME_TEXT];

	check_time(l, "thisUpdate", c->this_update, c->this_update_tag);
	if (c->next_update == INT64_MIN) {
		sp_list_lint_add(l, "crl.nextupdate", "nextUpdate is missing");
		return;
	}
	check_time(l, "nextUpdate", c->next_update, c->next_update_tag);
	if (c->next_update <= c->this_update)
		sp_list_lint_add(l, "crl.nextupdate", "thisUpdate is %s, nextUpdate %s",
		    setpki_time_text(c->this_update, from), setpki_time_text(c->next_update, to));
}

static void
check_extensions(struct sp_list_lint *l, const struct sp_crl *c)
{
	if (c->number.n == 0)
		sp_list_lint_add(l, "crl.number", "cRLNumber is missing");
	else if (c->number_value < 1)
		sp_list_lint_add(l, "crl.number", "cRLNumber is zero, or has %zu octets", c->number.n);
	sp_list_lint_aki(l, "crl.aki", c->aki_issuer, c->aki_serial, c->aki_keyid);
	if (c->critical != 0)
		sp_list_lint_add(l, "crl.critical", "cRLNumber or authorityKeyIdentifier is critical");
	if (c->unknown_critical.n != 0)
		sp_list_lint_add(l, "crl.critical", "an extension that SET does not know is critical");
	if (c->unknown != 0)
		sp_list_lint_add(l, "crl.unknown", "%u extensions that SET does not know", c->unknown);
	if (c->reasons != 0 && l->suite == SETPKI_SUITE_CLASSIC)
		sp_list_lint_add(l, "crl.reason", "%zu entries give a reason", c->reasons);
}

static void
check_entries(struct sp_list_lint *l, const struct sp_crl *c)
{
	if (c->entries.p != NULL && c->count == 0)
		sp_list_lint_add(l, "crl.entries.empty", "revokedCertificates stands there without an entry");
	if (c->doubles != 0)
		sp_list_lint_add(
		    l, "crl.entries.double", "%zu of %zu entries repeat a serial number", c->doubles, c->count);
}

enum setpki_code
sp_lint_crl(
    setpki_ctx *ctx, setpki_bytes der, enum setpki_suite suite, struct setpki_findings *f, struct setpki_error *err)
{
	struct sp_list_lint l = {"crl.der", suite, "CRL", f, SETPKI_E_OK, err};
	struct setpki_error why = {0};
	char issuer[200];
	struct sp_crl c;
	enum setpki_code rc = sp_crl_parse(ctx, der, &c, &why);

	if (rc != SETPKI_E_OK) {
		sp_list_lint_unreadable(&l, rc, &why);
		return l.rc;
	}
	snprintf(l.object, sizeof(l.object), "CRL of %s", sp_name_text(c.issuer, issuer, sizeof(issuer)));
	sp_list_lint_suite(&l, "crl.algorithm.suite", c.suite);
	if (!sp_bytes_eq(c.sigalg, c.inner_sigalg))
		sp_list_lint_add(&l, "crl.algorithm.match", "the two AlgorithmIdentifiers differ");
	check_times(&l, &c);
	check_entries(&l, &c);
	check_extensions(&l, &c);
	sp_crl_free(&c);
	return l.rc;
}
