#include "lib/chain/rules.h"

#include <stdarg.h>
#include <stdio.h>

/* In the order in which a reader wants to hear of it: form, then links, then what was asked. */
static const struct sp_chain_rule table[] = {
    {"chain.issuer.missing", SP_TOP, sp_rule_end_missing},
    {"chain.depth", SP_TOP, sp_rule_end_deep},
    {"chain.root.untrusted", SP_TOP, sp_rule_end_trusted},
    {"chain.root.succeeded", SP_TOP, sp_rule_end_succeeded},
    {"chain.root.kind", SP_TOP, sp_rule_root_kind},
    {"chain.suite.asked", SP_TOP, sp_rule_suite_asked},
    {"chain.signature", SP_TOP, sp_rule_root_signature},
    {"chain.suite", SP_EACH, sp_rule_suite},
    {"chain.algorithm", SP_EACH, sp_rule_algorithm},
    {"chain.key", SP_EACH, sp_rule_key},
    {"chain.uniqueid", SP_EACH, sp_rule_uniqueid},
    {"chain.kind", SP_EACH, sp_rule_kind},
    {"chain.ext.unknown", SP_EACH, sp_rule_ext_unknown},
    {"chain.ext.missing", SP_EACH, sp_rule_ext_missing},
    {"chain.ext.forbidden", SP_EACH, sp_rule_ext_forbidden},
    {"chain.ext.critical", SP_EACH, sp_rule_ext_critical},
    {"chain.policy", SP_EACH, sp_rule_policy},
    {"chain.validity.notyet", SP_EACH, sp_rule_notyet},
    {"chain.validity.expired", SP_EACH, sp_rule_expired},
    {"chain.name", SP_LINK, sp_rule_name},
    {"chain.aki", SP_LINK, sp_rule_aki},
    {"chain.aki.keyid", SP_LINK, sp_rule_keyid},
    {"chain.signature", SP_LINK, sp_rule_signature},
    {"chain.type", SP_LINK, sp_rule_type},
    {"chain.brand", SP_LINK, sp_rule_brand},
    {"chain.period.issued", SP_LINK, sp_rule_issued_period},
    {"chain.outlives", SP_LINK, sp_rule_outlives},
    {"chain.keyusage.certsign", SP_ISSUER, sp_rule_certsign},
    {"chain.basic.ca", SP_ISSUER, sp_rule_ca},
    {"chain.pathlen", SP_ISSUER, sp_rule_pathlen},
    {"chain.pathlen.level", SP_ISSUER, sp_rule_pathlen_level},
    {"chain.subject.ca", SP_LEAF, sp_rule_subject_ca},
    {"chain.ask.type", SP_LEAF, sp_rule_ask_type},
    {"chain.ask.kind", SP_LEAF, sp_rule_ask_kind},
    {"chain.ask.brand", SP_LEAF, sp_rule_ask_brand},
    {"chain.keyusage.message", SP_LEAF, sp_rule_message},
    {"chain.period.signed", SP_LEAF, sp_rule_signed_period},
    {"chain.signer.ca", SP_LEAF, sp_rule_signer_ca},
};

bool
sp_broken(char text[SP_FINDING_TEXT], const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, SP_FINDING_TEXT, fmt, ap);
	va_end(ap);
	return false;
}

static bool
applies(const struct sp_check *c, enum sp_scope scope, size_t d, bool leaf)
{
	switch (scope) {
	case SP_EACH:
		return true;
	case SP_LINK:
		return d + 1 < c->path.n;
	case SP_ISSUER:
		return d > 0;
	case SP_LEAF:
		return leaf && d == 0;
	case SP_TOP:
		return d + 1 == c->path.n;
	}
	return false;
}

static void
run(struct sp_check *c, size_t depth, unsigned scopes, bool leaf)
{
	char text[SP_FINDING_TEXT];
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if ((scopes >> table[i].scope & 1) != 0 && applies(c, table[i].scope, depth, leaf) &&
		    !table[i].kept(c, depth, text))
			sp_found(c, table[i].id, depth, "%s", text);
}

void
sp_rules_run(struct sp_check *c, bool leaf)
{
	size_t d;

	for (d = 0; d < c->path.n; d++) {
		run(c, d, ~0u, leaf);
		if (d > 0)
			sp_hold_cert(&c->window, sp_at(c, d));
	}
}

void
sp_rules_lowest(struct sp_check *c, bool leaf)
{
	run(c, 0, 1u << SP_EACH | 1u << SP_LINK | 1u << SP_LEAF, leaf);
}
