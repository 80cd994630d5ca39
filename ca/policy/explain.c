/* Which line decides which field of which certificate. */
#include "ca/policy/schema.h"
#include "ca/policy/show.h"
#include "lib/x509/ext.h"

#include <openssl/crypto.h>
#include <setpki/text.h>
#include <stdio.h>
#include <string.h>

/* One certificate: a CA's for a purpose, or one kind of a profile's. */
struct subject {
	const struct ca_policy *policy;
	const struct ca_policy_ca *ca, *issuer; /* whose it is, or whose profile; who signs it (the root: itself) */
	const struct ca_profile *profile;	/* NULL: a CA's own */
	enum ca_purpose purpose;
	enum setpki_kind kind;
	const char *certificate;
	struct ca_policy_fields *out;
	bool failed;
};

/* --- one field -------------------------------------------------------------------------------------- */

static struct ca_policy_field *
add(struct subject *s, const char *field)
{
	struct ca_policy_fields *f = s->out;
	size_t cap = f->cap != 0 ? 2 * f->cap : 32;
	struct ca_policy_field *v;

	if (f->n == f->cap) {
		if ((v = OPENSSL_realloc(f->v, cap * sizeof(*v))) == NULL) {
			s->failed = true;
			return NULL;
		}
		f->v = v;
		f->cap = cap;
	}
	v = memset(&f->v[f->n++], 0, sizeof(*v));
	v->certificate = s->certificate;
	v->field = field;
	return v;
}

/* Decided by a rule of the specification, not by the policy. */
__attribute__((format(printf, 4, 5))) static void
by_rule(struct subject *s, const char *field, const char *spec, const char *fmt, ...)
{
	struct ca_policy_field *f = add(s, field);
	va_list ap;

	if (f == NULL)
		return;
	va_start(ap, fmt);
	vsnprintf(f->value, sizeof(f->value), fmt, ap);
	va_end(ap);
	snprintf(f->from, sizeof(f->from), "%s", spec);
}

static void
list_text(const struct ca_node *n, char *out, size_t cap)
{
	size_t used = 0;

	out[0] = '\0';
	for (const struct ca_node *e = n->first; e != NULL && used < cap; e = e->next)
		used += (size_t)snprintf(out + used, cap - used, "%s%s", e->index > 1 ? ", " : "", e->text);
}

/* Decided by the value at `path` below `n`; nothing where there is none. */
static void
by_key(struct subject *s, const char *field, const struct ca_node *n, const char *path, const char *after)
{
	const struct ca_node *found = ca_node_at(n, path);
	struct ca_policy_field *f = found != NULL ? add(s, field) : NULL;
	char where[200], value[200];

	if (f == NULL)
		return;
	if (found->type == CA_NODE_LIST)
		list_text(found, value, sizeof(value));
	else
		snprintf(value, sizeof(value), "%s", found->text);
	snprintf(f->value, sizeof(f->value), "%s%s", value, after);
	ca_node_short_path(found, where, sizeof(where));
	if (found->origin == CA_FROM_DEFAULT) {
		snprintf(f->from, sizeof(f->from), "default: %s", where);
		return;
	}
	f->line = found->key_line;
	snprintf(f->from, sizeof(f->from), "%.80s:%d: %s%s", s->policy->file, f->line, where,
	    found->origin == CA_FROM_ABOVE ? " (inherited)" : "");
}

/* --- fields that all certificates have ------------------------------------------------------------------ */

static void
explain_organization(struct subject *s)
{
	if (s->ca->level == CA_LEVEL_ROOT)
		by_rule(s, "subject O", "set-protocol section 5", "%s", s->ca->organization);
	else
		by_key(s, "subject O", s->ca->node, "brand-id", "");
}

static void
explain_key_usage(struct subject *s)
{
	static const struct {
		uint32_t bit;
		const char *name;
	} bits[] = {
	    {SETPKI_KU_DIGITAL_SIGNATURE, "digitalSignature"},
	    {SETPKI_KU_KEY_ENCIPHERMENT, "keyEncipherment"},
	    {SETPKI_KU_DATA_ENCIPHERMENT, "dataEncipherment"},
	    {SETPKI_KU_CERT_SIGN, "keyCertSign"},
	    {SETPKI_KU_CRL_SIGN, "cRLSign"},
	};
	const struct sp_kind_row *row = sp_kind_row(s->kind);
	char text[128] = "";
	size_t used = 0;

	for (size_t i = 0; i < sizeof(bits) / sizeof(bits[0]); i++)
		if ((row->key_usage & bits[i].bit) != 0 && used < sizeof(text))
			used += (size_t)snprintf(
			    text + used, sizeof(text) - used, "%s%s", used > 0 ? ", " : "", bits[i].name);
	by_rule(s, "keyUsage", "set-protocol section 5", "%s", text);
}

static void
explain_type(struct subject *s)
{
	static const uint32_t roles[] = {SETPKI_TYPE_CARD, SETPKI_TYPE_MER, SETPKI_TYPE_PGWY};
	uint32_t type = s->profile != NULL ? roles[s->profile->role] : s->ca->type;
	char text[64] = "";
	size_t used = 0;

	for (uint32_t bit = 1; bit <= SETPKI_TYPE_ACQ && used < sizeof(text); bit <<= 1)
		if ((type & bit) != 0)
			used += (size_t)snprintf(
			    text + used, sizeof(text) - used, "%s%s", used > 0 ? ", " : "", setpki_type_name(bit));
	by_rule(s, "certificateType", s->profile != NULL ? "the role" : "the CA's place and roles", "%s%s", text,
	    s->policy->relax_critical ? " (not critical)" : "");
}

static void
explain_issuer(struct subject *s)
{
	const struct ca_node *n = s->issuer->node;

	by_key(s, "signed by", n, "name", "");
	by_key(s, "signature", n, "keys.certificate-signing.type",
	    s->policy->suite == SETPKI_SUITE_CLASSIC ? " with SHA-1" : " with SHA-256");
	by_key(s, "certificatePolicies statement", n, "statement.text", "");
	by_key(s, "certificatePolicies URL", n, "statement.url", "");
	by_key(s, "certificatePolicies e-mail", n, "statement.email", "");
	/* a root's would point at itself */
	if (s->kind == SETPKI_KIND_ROOT)
		return;
	if (s->issuer->crl.keeps)
		by_key(s, "cRLDistributionPoints", n, "urls.crl", "");
	by_key(s, "authorityInfoAccess", n, "urls.certificates", "");
}

/* --- a CA's own ------------------------------------------------------------------------------------------- */

static void
explain_key(struct subject *s)
{
	const struct ca_node *key = ca_node_get(ca_node_get(s->ca->node, "keys"), ca_purpose_name(s->purpose));

	by_key(s, "key", key, "type", "");
	by_key(s, "validity", key, "lifetime", "");
	by_key(s, "privateKeyUsagePeriod", key, "usage", "");
	if (s->purpose == CA_PURPOSE_CRLSIGN)
		by_rule(s, "privateKeyUsagePeriod", "set-protocol 12.13", "the validity");
}

static void
explain_own(struct subject *s)
{
	by_key(s, "subject C", s->ca->node, "subject.country", "");
	explain_organization(s);
	by_key(s, "subject OU", s->ca->node, "subject.unit", "");
	by_key(s, "subject CN", s->ca->node, "subject.common-name", " G and the generation's number");
	explain_key(s);
	explain_key_usage(s);
	explain_type(s);
	if (s->purpose == CA_PURPOSE_CERTSIGN)
		by_key(s, "basicConstraints pathLen", s->ca->node, "path-length", "");
	else
		by_rule(s, "basicConstraints", "set-protocol 12.12", "no CA");
	if (s->kind == SETPKI_KIND_ROOT)
		by_rule(s, "hashedRootKey", "set-protocol 12.15", "the next root's key%s",
		    s->policy->relax_critical ? " (not critical)" : "");
	if (s->purpose == CA_PURPOSE_EXCHANGE && (s->ca->type & SETPKI_TYPE_CCA) != 0)
		by_rule(s, "tunneling", "set-protocol 12.1", "the suite's content cipher");
	explain_issuer(s);
}

/* --- what it issues ------------------------------------------------------------------------------------------ */

static void
explain_role_fields(struct subject *s)
{
	const struct ca_node *n = s->profile->node;
	bool merchant = s->profile->role == CA_ROLE_MERCHANT;

	if (merchant) {
		by_key(s, "merchantData merAcquirerBIN", n, "bins", ": the one asked for");
		by_key(s, "merchantData merCountry", n, "merchant.country", "");
		by_key(s, "merchantData merAuthFlag", n, "merchant.authorization", "");
	}
	if (s->kind == SETPKI_KIND_PGWY_ENC) {
		by_key(s, "cardCertRequired", n, "gateway.cardholder-certificate-required", "");
		by_rule(s, "tunneling", "set-protocol 12.1", "the suite's content cipher");
	}
}

static void
explain_issued(struct subject *s)
{
	static const char *const names[] = {[CA_ROLE_CARDHOLDER] = "the blinded account",
	    [CA_ROLE_MERCHANT] = "the merchant's name",
	    [CA_ROLE_GATEWAY] = "the gateway's identifier"};
	const struct ca_node *n = s->profile->node;
	bool exchange = sp_kind_row(s->kind)->exchange;

	by_key(s, "subject C", n, "subject.country", "");
	explain_organization(s);
	by_key(s, "subject OU", n, "subject.unit", "");
	by_key(s, "subject OU (2)", n, "subject.promotion", "");
	by_rule(s, "subject CN", "the request", "%s", names[s->profile->role]);
	by_key(s, "key", n, exchange ? "keys.key-exchange" : "keys.signature", "");
	by_key(s, "validity", n, "lifetime", "");
	by_key(s, "validity at most", n, "longest", "");
	if (!exchange)
		by_key(s, "privateKeyUsagePeriod", n, "usage", "");
	explain_key_usage(s);
	explain_type(s);
	by_rule(s, "basicConstraints", "set-protocol section 5", "no CA");
	explain_role_fields(s);
	explain_issuer(s);
}

static void
explain_profile(struct subject *s, const struct ca_profile *profile)
{
	static const enum setpki_kind kinds[][2] = {[CA_ROLE_CARDHOLDER] = {SETPKI_KIND_CARD_SIG, SETPKI_KIND_NONE},
	    [CA_ROLE_MERCHANT] = {SETPKI_KIND_MER_SIG, SETPKI_KIND_MER_ENC},
	    [CA_ROLE_GATEWAY] = {SETPKI_KIND_PGWY_SIG, SETPKI_KIND_PGWY_ENC}};

	s->profile = profile;
	s->issuer = s->ca;
	for (int exchange = 0; exchange < 2; exchange++) {
		if (!(exchange != 0 ? profile->exchange : profile->signature))
			continue;
		s->kind = kinds[profile->role][exchange];
		s->certificate = setpki_kind_name(s->kind);
		explain_issued(s);
	}
}

static enum setpki_code
find_ca(const struct ca_policy *p, const char *name, const struct ca_policy_ca **out, struct setpki_error *err)
{
	const char *names[CA_LIST_MAX] = {NULL}, *close;
	int i = ca_policy_find(p, name);

	for (size_t k = 0; k < p->ncas && k < CA_LIST_MAX; k++)
		names[k] = p->cas[k].name;
	*out = i >= 0 ? &p->cas[i] : NULL;
	if (i >= 0)
		return SETPKI_E_OK;
	close = setpki_closest(name, names, CA_LIST_MAX);
	return sp_fail(err, SETPKI_E_NOTFOUND, NULL, "the policy has no CA '%.60s'%s%s%s", name,
	    close != NULL ? ": did you mean '" : "", close != NULL ? close : "", close != NULL ? "'?" : "");
}

enum setpki_code
ca_policy_explain(const struct ca_policy *p, const char *ca, enum ca_role role, struct ca_policy_fields *out,
    struct setpki_error *err)
{
	struct subject s = {.policy = p, .out = out};
	enum setpki_code rc;

	memset(out, 0, sizeof(*out));
	if ((rc = find_ca(p, ca, &s.ca, err)) != SETPKI_E_OK)
		return rc;
	if (role < CA_ROLE_N && !s.ca->profiles[role].present)
		return sp_fail(
		    err, SETPKI_E_NOTFOUND, NULL, "'%s' does not issue in the role %s", ca, ca_role_name(role));
	s.issuer = s.ca->parent >= 0 ? &p->cas[s.ca->parent] : s.ca;
	for (int k = 0; role == CA_ROLE_N && k < CA_PURPOSE_N; k++) {
		s.purpose = (enum ca_purpose)k;
		s.kind = ca_policy_kind(s.ca, s.purpose);
		s.certificate = ca_purpose_name(s.purpose);
		if (s.kind != SETPKI_KIND_NONE)
			explain_own(&s);
	}
	for (int r = 0; r < CA_ROLE_N; r++)
		if (s.ca->profiles[r].present && (role == CA_ROLE_N || (int)role == r))
			explain_profile(&s, &s.ca->profiles[r]);
	if (!s.failed)
		return SETPKI_E_OK;
	ca_policy_fields_free(out);
	return sp_fail_memory(err);
}

void
ca_policy_fields_free(struct ca_policy_fields *f)
{
	OPENSSL_free(f->v);
	memset(f, 0, sizeof(*f));
}
