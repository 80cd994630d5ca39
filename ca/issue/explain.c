/* Where the value of each field comes from: --explain. */
#include "ca/issue/decide.h"
#include "lib/x509/merchant.h"

#include <setpki/text.h>
#include <stdarg.h>
#include <string.h>

static const char *
where(const struct ca_policy *p, const char *path, char out[160])
{
	int line = ca_policy_line(p, path);

	if (line != 0)
		snprintf(out, 160, "policy line %d, %s", line, path);
	else
		snprintf(out, 160, "the default of %s", path);
	return out;
}

const char *
ca_decide_where(const struct ca_decision *d, const char *key, char out[160])
{
	char path[128];

	snprintf(path, sizeof(path), "%s.issues.%s.%s", d->ca->name, ca_role_name(d->req->role), key);
	return where(d->h->policy, path, out);
}

/* The same for a key of a CA itself. */
static const char *
where_ca(const struct ca_decision *d, int ca, const char *key, char out[160])
{
	char path[128];

	snprintf(path, sizeof(path), "%s.%s", d->h->policy->cas[ca].name, key);
	return where(d->h->policy, path, out);
}

__attribute__((format(printf, 4, 5))) static void
row(struct ca_explain *e, const char *field, const char *from, const char *fmt, ...)
{
	va_list ap;

	if (e->n == sizeof(e->v) / sizeof(e->v[0]))
		return;
	snprintf(e->v[e->n].field, sizeof(e->v[e->n].field), "%s", field);
	snprintf(e->v[e->n].from, sizeof(e->v[e->n].from), "%.95s", from);
	va_start(ap, fmt);
	vsnprintf(e->v[e->n].value, sizeof(e->v[e->n].value), fmt, ap);
	va_end(ap);
	setpki_mask_pans(e->v[e->n].value);
	e->n++;
}

static void
explain_subject(const struct ca_decision *d, struct ca_explain *e)
{
	const struct ca_profile *p = d->profile;
	char w[160];

	row(e, "subject C", ca_decide_where(d, "subject.country", w), "%s", p->country);
	row(e, "subject O", where_ca(d, d->ca->brand, "brand-id", w), "%s", d->ca->organization);
	if (p->unit != NULL)
		row(e, "subject OU", ca_decide_where(d, "subject.unit", w), "%s", p->unit);
	if (p->unit2 != NULL)
		row(e, "subject OU (2)", ca_decide_where(d, "subject.promotion", w), "%s", p->unit2);
	row(e, "subject CN", d->req->role == CA_ROLE_CARDHOLDER ? "the blinded account" : "the request", "%s",
	    d->req->common_name);
}

static void
explain_keys(const struct ca_decision *d, struct ca_explain *e)
{
	char w[160], type[16];

	if (d->sig.whole.n != 0)
		row(e, "signature key", ca_decide_where(d, "keys.signature", w), "%s",
		    sp_keytype_text(d->sig.alg, d->sig.bits, type));
	if (d->exch.whole.n != 0)
		row(e, "key-exchange key", ca_decide_where(d, "keys.key-exchange", w), "%s",
		    sp_keytype_text(d->exch.alg, d->exch.bits, type));
}

static void
explain_times(const struct ca_decision *d, struct ca_explain *e)
{
	bool by_card = d->req->not_after_max != 0 && d->not_after == d->req->not_after_max;
	char w[160], t[SETPKI_TIME_TEXT];

	row(e, "notBefore", "now", "%s", setpki_time_text(d->not_before, t));
	row(e, "notAfter",
	    by_card			? "the last second of the card's month"
		: d->req->lifetime != 0 ? "the lifetime asked for"
					: ca_decide_where(d, "lifetime", w),
	    "%s", setpki_time_text(d->not_after, t));
	if (d->sig.whole.n != 0)
		row(e, "privateKeyUsagePeriod", ca_decide_where(d, "usage", w), "until %s",
		    setpki_time_text(d->usage_to, t));
}

static void
explain_role(const struct ca_decision *d, struct ca_explain *e)
{
	const struct sp_merchant_data *m = d->req->merchant;
	char w[160];

	if (d->req->role == CA_ROLE_MERCHANT) {
		row(e, "merchantData merID", "the request", "%s", m->mer_id);
		row(e, "merchantData merAcquirerBIN", ca_decide_where(d, "bins", w), "%s", m->bin);
		row(e, "merchantData merCountry", ca_decide_where(d, "merchant.country", w), "%03d", m->country);
		row(e, "merchantData merAuthFlag",
		    m->auth_flag ? ca_decide_where(d, "merchant.authorization", w) : "the request", "%s",
		    m->auth_flag && d->profile->auth_flag ? "true" : "false");
	}
	if (d->req->role == CA_ROLE_GATEWAY && d->exch.whole.n != 0)
		row(e, "cardCertRequired", ca_decide_where(d, "gateway.cardholder-certificate-required", w), "%s",
		    d->profile->card_cert_required ? "true" : "false");
	if (d->req->role == CA_ROLE_GATEWAY && d->exch.whole.n != 0)
		row(e, "tunneling", "set-protocol 12.1", "the content cipher of suite %s",
		    setpki_suite_name(d->h->policy->suite));
}

static void
explain_statement(const struct ca_decision *d, struct ca_explain *e)
{
	int self = d->signer->policy_index;
	char w[160];

	if (d->ca->statement != NULL)
		row(e, "certificatePolicies statement", where_ca(d, self, "statement.text", w), "%s", d->ca->statement);
	if (d->ca->policy_url != NULL)
		row(e, "certificatePolicies URL", where_ca(d, self, "statement.url", w), "%s", d->ca->policy_url);
	if (d->ca->policy_email != NULL)
		row(e, "certificatePolicies e-mail", where_ca(d, self, "statement.email", w), "%s",
		    d->ca->policy_email);
}

void
ca_decide_explain(const struct ca_decision *d, struct ca_explain *e)
{
	int self = d->signer->policy_index;
	char w[160];

	e->n = 0;
	row(e, "issuer", "the policy's CA for this role", "%s, generation %u", d->ca->name, d->signer->generation);
	row(e, "suite", where(d->h->policy, "policy.suite", w), "%s", setpki_suite_name(d->h->policy->suite));
	explain_subject(d, e);
	explain_keys(d, e);
	explain_times(d, e);
	explain_role(d, e);
	row(e, "certificateType", "the role", "%s", ca_role_name(d->req->role));
	explain_statement(d, e);
	if (d->urls.crl[0] != '\0')
		row(e, "CRL distribution point", where_ca(d, self, "urls.crl", w), "%s", d->urls.crl);
	if (d->urls.aia[0] != '\0')
		row(e, "authority information", where_ca(d, self, "urls.certificates", w), "%s", d->urls.aia);
}
