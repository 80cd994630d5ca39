#include "lib/x509/lint_list.h"

#include <stdarg.h>
#include <stdio.h>

void
sp_list_lint_add(struct sp_list_lint *l, const char *id, const char *fmt, ...)
{
	char text[sizeof(((struct setpki_finding *)0)->text)];
	enum setpki_code rc;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	rc = sp_finding_add(l->findings, id, -1, l->object, "%s", text);
	if (rc != SETPKI_E_OK && l->rc == SETPKI_E_OK)
		l->rc = sp_fail(l->err, rc, NULL, "finding %s cannot be noted", id);
}

void
sp_list_lint_unreadable(struct sp_list_lint *l, enum setpki_code rc, const struct setpki_error *why)
{
	if (rc == SETPKI_E_PARSE || rc == SETPKI_E_LIMIT)
		sp_list_lint_add(
		    l, l->der_rule, "%s%s%s", why->object, why->object[0] != '\0' ? ": " : "", why->message);
	else
		l->rc = sp_fail(l->err, rc, why->spec, "%s", why->message);
}

void
sp_list_lint_suite(struct sp_list_lint *l, const char *id, enum setpki_suite found)
{
	if (found == SETPKI_SUITE_NONE)
		sp_list_lint_add(l, id, "the signature algorithm is of neither suite");
	else if (l->suite != SETPKI_SUITE_NONE && found != l->suite)
		sp_list_lint_add(l, id, "the signature algorithm is of the %s suite, not of %s",
		    setpki_suite_name(found), setpki_suite_name(l->suite));
	if (l->suite == SETPKI_SUITE_NONE)
		l->suite = found;
}

void
sp_list_lint_aki(struct sp_list_lint *l, const char *id, setpki_bytes issuer, setpki_bytes serial, setpki_bytes keyid)
{
	const struct sp_suite *suite = sp_suite(l->suite);

	if (issuer.n == 0 || serial.n == 0)
		sp_list_lint_add(l, id, "issuer and serial number of the signer's certificate are missing");
	else if (suite != NULL && suite->keyid != (keyid.n != 0))
		sp_list_lint_add(
		    l, id, "the keyIdentifier %s", keyid.n != 0 ? "has no place in the classic suite" : "is missing");
}
