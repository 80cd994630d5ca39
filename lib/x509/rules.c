/* The table of findings: one file of rows for each kind of object, joined in the order of their ids. */
#include "lib/base/buf.h"
#include "lib/base/error.h"
#include "lib/x509/lint.h"
#include "lib/x509/rules_bci.h"
#include "lib/x509/rules_cert.h"
#include "lib/x509/rules_chain.h"
#include "lib/x509/rules_crl.h"
#include "lib/x509/rules_csr.h"

#include <openssl/crypto.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define ROW(id, severity, text, spec, applies, advice) {id, severity, text, spec, applies, advice},
static const struct setpki_rule rules[] = {
    /* clang-format off */
	SP_RULES_BCI(ROW)
	SP_RULES_CERT(ROW)
	SP_RULES_CHAIN(ROW)
	SP_RULES_CRL(ROW)
	SP_RULES_CSR(ROW)
    /* clang-format on */
};
#undef ROW

const struct setpki_rule *
setpki_rules(size_t *n)
{
	*n = sizeof(rules) / sizeof(rules[0]);
	return rules;
}

const struct setpki_rule *
setpki_rule_by_id(const char *id)
{
	size_t lo = 0, hi = sizeof(rules) / sizeof(rules[0]);

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int c = strcmp(id, rules[mid].id);

		if (c == 0)
			return &rules[mid];
		if (c < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	return NULL;
}

static struct setpki_finding *
extend(struct setpki_findings *f)
{
	size_t cap = f->cap == 0 ? 8 : 2 * f->cap;
	struct setpki_finding *v;

	if (f->n == f->cap) {
		if ((v = OPENSSL_realloc(f->v, cap * sizeof(*v))) == NULL)
			return NULL;
		f->v = v;
		f->cap = cap;
	}
	return &f->v[f->n];
}

enum setpki_code
sp_finding_add(struct setpki_findings *f, const char *id, int depth, const char *object, const char *fmt, ...)
{
	const struct setpki_rule *rule = setpki_rule_by_id(id);
	struct setpki_finding *v;
	va_list ap;

	if (rule == NULL)
		return SETPKI_E_ARGUMENT;
	if ((v = extend(f)) == NULL)
		return SETPKI_E_MEMORY;
	memset(v, 0, sizeof(*v));
	v->rule = rule;
	v->depth = depth;
	if (object != NULL)
		snprintf(v->object, sizeof(v->object), "%s", object);
	va_start(ap, fmt);
	vsnprintf(v->text, sizeof(v->text), fmt, ap);
	va_end(ap);
	f->n++;
	return SETPKI_E_OK;
}

enum setpki_severity
setpki_findings_worst(const struct setpki_findings *f)
{
	enum setpki_severity worst = SETPKI_NOTE;

	for (size_t i = 0; i < f->n; i++)
		if (f->v[i].rule->severity > worst)
			worst = f->v[i].rule->severity;
	return worst;
}

void
setpki_findings_free(struct setpki_findings *f)
{
	if (f == NULL)
		return;
	OPENSSL_free(f->v);
	*f = (struct setpki_findings){0};
}
