/* Rules that one certificate keeps or breaks by itself. */
#include "lib/chain/rules.h"

#include "lib/der/oid.h"
#include "lib/der/reader.h"

#include <setpki/text.h>

bool
sp_rule_algorithm(struct sp_check *c, size_t d, char text[SP_FINDING_TEXT])
{
	if (sp_bytes_eq(sp_at(c, d)->sigalg, sp_at(c, d)->inner_sigalg))
		return true;
	return sp_broken(text, "the algorithm that is signed is not the one beside the signature");
}

bool
sp_rule_suite(struct sp_check *c, size_t d, char text[SP_FINDING_TEXT])
{
	enum setpki_suite suite = sp_at(c, d)->suite;

	if (suite == c->suite && suite != SETPKI_SUITE_NONE)
		return true;
	if (suite == SETPKI_SUITE_NONE)
		return sp_broken(text, "the signature algorithm belongs to no suite");
	return sp_broken(text, "the certificate is of suite %s, its root of %s", setpki_suite_name(suite),
	    setpki_suite_name(c->suite));
}

bool
sp_rule_key(struct sp_check *c, size_t d, char text[SP_FINDING_TEXT])
{
	const struct sp_kind_row *row = sp_kind_row(c->path.v[d]->c->kind);
	struct setpki_error why = {0};

	/* A key outside its suite says the same as chain.suite does. */
	if (c->suite == SETPKI_SUITE_NONE || sp_at(c, d)->suite != c->suite)
		return true;
	if (sp_spki_check(&sp_at(c, d)->key, c->suite, row != NULL && row->exchange, &why) == SETPKI_E_OK)
		return true;
	return sp_broken(text, "%s", why.message);
}

bool
sp_rule_uniqueid(struct sp_check *c, size_t d, char text[SP_FINDING_TEXT])
{
	return !sp_at(c, d)->unique_ids || sp_broken(text, "a unique identifier is present");
}

bool
sp_rule_expired(struct sp_check *c, size_t d, char text[SP_FINDING_TEXT])
{
	char end[SETPKI_TIME_TEXT], now[SETPKI_TIME_TEXT];

	if (c->run->ask->at <= sp_at(c, d)->not_after)
		return true;
	return sp_broken(text, "expired on %s; checked for %s", setpki_time_text(sp_at(c, d)->not_after, end),
	    setpki_time_text(c->run->ask->at, now));
}

bool
sp_rule_notyet(struct sp_check *c, size_t d, char text[SP_FINDING_TEXT])
{
	char begin[SETPKI_TIME_TEXT], now[SETPKI_TIME_TEXT];

	if (c->run->ask->at >= sp_at(c, d)->not_before)
		return true;
	return sp_broken(text, "valid only from %s; checked for %s", setpki_time_text(sp_at(c, d)->not_before, begin),
	    setpki_time_text(c->run->ask->at, now));
}

bool
sp_rule_kind(struct sp_check *c, size_t d, char text[SP_FINDING_TEXT])
{
	const struct sp_cert *cert = sp_at(c, d);
	char type[SP_TYPE_TEXT];

	if (c->path.v[d]->c->kind != SETPKI_KIND_NONE)
		return true;
	return sp_broken(text, "certificateType %s, keyUsage %#x and cA %s make no kind of SET certificate",
	    sp_type_text(cert->type, type), cert->key_usage, cert->ca ? "TRUE" : "FALSE");
}

/* The first extension whose presence disagrees with the table: `want` SP_REQUIRED looks for absent ones, SP_FORBIDDEN
 * for present ones. */
static const struct sp_ext_row *
first_wrong(const struct sp_check *c, size_t d, enum sp_need want)
{
	const struct sp_cert *cert = sp_at(c, d);
	enum setpki_kind kind = c->path.v[d]->c->kind;
	int e;

	if (kind == SETPKI_KIND_NONE)
		return NULL;
	for (e = 0; e < SP_EXT_N; e++)
		if (sp_ext_need(kind, (enum sp_ext)e, c->suite, cert->type) == want &&
		    sp_cert_has(cert, (enum sp_ext)e) == (want == SP_FORBIDDEN))
			return sp_ext_row((enum sp_ext)e);
	return NULL;
}

bool
sp_rule_ext_missing(struct sp_check *c, size_t d, char text[SP_FINDING_TEXT])
{
	const struct sp_ext_row *row = first_wrong(c, d, SP_REQUIRED);

	return row == NULL || sp_broken(text, "%s is absent (%s)", row->name, row->spec);
}

bool
sp_rule_ext_forbidden(struct sp_check *c, size_t d, char text[SP_FINDING_TEXT])
{
	const struct sp_ext_row *row = first_wrong(c, d, SP_FORBIDDEN);

	return row == NULL ||
	    sp_broken(text, "%s is present and must not be in a %s certificate (%s)", row->name,
		setpki_kind_name(c->path.v[d]->c->kind), row->spec);
}

bool
sp_rule_ext_critical(struct sp_check *c, size_t d, char text[SP_FINDING_TEXT])
{
	const struct sp_cert *cert = sp_at(c, d);
	const struct sp_ext_row *row;
	bool critical;
	int e;

	for (e = 0; e < SP_EXT_N; e++) {
		if (!sp_cert_has(cert, (enum sp_ext)e))
			continue;
		row = sp_ext_row((enum sp_ext)e);
		critical = (cert->critical & SP_EXT_BIT(e)) != 0;
		if (critical == row->critical || (row->relaxable && c->suite == SETPKI_SUITE_MODERN))
			continue;
		return sp_broken(text, "%s is %scritical (%s)", row->name, critical ? "" : "not ", row->spec);
	}
	return true;
}

bool
sp_rule_ext_unknown(struct sp_check *c, size_t d, char text[SP_FINDING_TEXT])
{
	char oid[SP_OID_TEXT];

	return sp_at(c, d)->unknown_critical.p == NULL ||
	    sp_broken(text, "the critical extension %s is unknown", sp_oid_text(sp_at(c, d)->unknown_critical, oid));
}

bool
sp_rule_policy(struct sp_check *c, size_t d, char text[SP_FINDING_TEXT])
{
	const struct sp_cert *cert = sp_at(c, d);
	struct sp_der all, list, one;
	setpki_bytes oid;

	if (!sp_cert_has(cert, SP_EXT_POLICIES))
		return true; /* chain.ext.missing says so */
	all = sp_der(cert->ext[SP_EXT_POLICIES]);
	if (sp_der_enter(&all, SP_SEQUENCE, &list))
		while (sp_der_enter(&list, SP_SEQUENCE, &one))
			if (sp_der_oid(&one, &oid) && sp_bytes_eq(oid, sp_oid_policy_root))
				return true;
	return sp_broken(text, "id-set-policy-root (2.23.42.5.0) is not among its policies");
}
