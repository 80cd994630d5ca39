/* Certificates: the entry points of the lint; the rules are in lint_cert_form.c, lint_cert_kind.c, lint_cert_ext.c. */
#include "lib/x509/lint_inner.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void
sp_lint_add(struct sp_lint *l, const char *id, const char *fmt, ...)
{
	char text[sizeof(((struct setpki_finding *)0)->text)];
	enum setpki_code rc;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	rc = sp_finding_add(l->findings, id, -1, l->object, "%s", text);
	if (rc != SETPKI_E_OK && l->rc == SETPKI_E_OK)
		l->rc = rc == SETPKI_E_MEMORY ? sp_fail_memory(l->err)
					      : sp_fail(l->err, rc, NULL, "no rule is called %s", id);
}

/* What cannot be read is a finding; a failure of the reader itself is not. */
static void
unreadable(struct sp_lint *l, enum setpki_code rc, const struct setpki_error *why)
{
	if (rc == SETPKI_E_PARSE || rc == SETPKI_E_LIMIT)
		sp_lint_add(l, "cert.der", "%s%s%s", why->object, why->object[0] != '\0' ? ": " : "", why->message);
	else
		l->rc = sp_fail(l->err, rc, why->spec, "%s", why->message);
}

static enum setpki_code
run(struct sp_lint *l, enum setpki_code parsed, const struct setpki_error *why)
{
	if (parsed != SETPKI_E_OK) {
		unreadable(l, parsed, why);
		return l->rc;
	}
	sp_cert_text(&l->cert, l->object, sizeof(l->object));
	l->suite = l->asked != SETPKI_SUITE_NONE ? l->asked : l->cert.suite;
	sp_lint_form(l);
	sp_lint_kind(l);
	sp_lint_values(l);
	return l->rc;
}

enum setpki_code
sp_lint_cert(
    setpki_ctx *ctx, setpki_bytes der, enum setpki_suite suite, struct setpki_findings *f, struct setpki_error *err)
{
	struct sp_lint l = {.ctx = ctx, .asked = suite, .findings = f, .err = err, .object = "certificate"};
	struct setpki_error why = {0};
	enum setpki_code rc = sp_cert_parse(der, &l.cert, &why);

	return run(&l, rc, &why);
}

enum setpki_code
sp_lint_tbs(
    setpki_ctx *ctx, setpki_bytes tbs, enum setpki_suite suite, struct setpki_findings *f, struct setpki_error *err)
{
	struct sp_lint l = {.ctx = ctx, .asked = suite, .findings = f, .err = err, .object = "TBSCertificate"};
	struct setpki_error why = {0};
	enum setpki_code rc = sp_cert_parse_tbs(tbs, &l.cert, &why);

	return run(&l, rc, &why);
}
