/* The policy's answer to an end entity: a table of checks, each refusal with its rule and line. */
#include "ca/issue/decide.h"

#include "lib/base/time.h"
#include "lib/x509/merchant.h"
#include "lib/x509/name.h"

#include <openssl/crypto.h>
#include <setpki/text.h>
#include <string.h>

#define REFUSE(err, ...) sp_fail((err), SETPKI_E_POLICY, "set-protocol 12.9", __VA_ARGS__)

/* --- which CA ---------------------------------------------------------------------------------- */

static int
named_ca(const struct ca_policy *p, const char *name, enum ca_role role, struct setpki_error *err)
{
	int ca = ca_spec_find(p, name, err);

	if (ca < 0 || p->cas[ca].profiles[role].present)
		return ca;
	(void)sp_fail(err, SETPKI_E_POLICY, NULL, "%s does not certify %ss by the policy", name, ca_role_name(role));
	return -1;
}

int
ca_decide_ca(const struct ca_policy *p, const char *name, enum ca_role role, struct setpki_error *err)
{
	int found = -1;
	size_t i;

	if (name != NULL)
		return named_ca(p, name, role, err);
	for (i = 0; i < p->ncas; i++) {
		if (!p->cas[i].profiles[role].present)
			continue;
		if (found >= 0) {
			(void)sp_fail(err, SETPKI_E_ARGUMENT, NULL, "both %s and %s certify %ss; say which (--ca)",
			    p->cas[found].name, p->cas[i].name, ca_role_name(role));
			return -1;
		}
		found = (int)i;
	}
	if (found < 0)
		(void)sp_fail(err, SETPKI_E_POLICY, NULL, "no CA of the policy certifies %ss", ca_role_name(role));
	return found;
}

/* --- the checks -------------------------------------------------------------------------------- */

static enum setpki_code
check_active(struct ca_decision *d, struct setpki_error *err)
{
	if (d->signer->state != CA_GEN_ACTIVE)
		return sp_fail(err, SETPKI_E_STATE, "set-protocol 12.12",
		    "generation %u of %s is closing and issues no more; its newer one does", d->signer->generation,
		    d->ca->name);
	if (d->signer->retired_above[0] != '\0')
		return sp_fail(err, SETPKI_E_STATE, "set-protocol 7, step 10",
		    "above %s stands %s, which is revoked: nobody would accept the certificate; roll that CA, then "
		    "those below it (ca roll)",
		    d->ca->name, d->signer->retired_above);
	return SETPKI_E_OK;
}

static enum setpki_code
check_kinds(struct ca_decision *d, struct setpki_error *err)
{
	const struct ca_ee_request *r = d->req;
	char where[160];

	if (r->sig_spki.n == 0 && r->exch_spki.n == 0)
		return sp_fail(err, SETPKI_E_ARGUMENT, NULL, "no public key to certify");
	if (r->sig_spki.n != 0 && !d->profile->signature)
		return REFUSE(err, "%s issues no signature certificates to %ss (%s)", d->ca->name,
		    ca_role_name(r->role), ca_decide_where(d, "keys", where));
	if (r->exch_spki.n != 0 && !d->profile->exchange)
		return REFUSE(err, "%s issues no key-exchange certificates to %ss (%s)", d->ca->name,
		    ca_role_name(r->role), ca_decide_where(d, "keys", where));
	return SETPKI_E_OK;
}

static enum setpki_code
check_key(struct ca_decision *d, setpki_bytes spki, bool exchange, struct sp_spki *out, struct setpki_error *err)
{
	const struct ca_profile *p = d->profile;
	const struct ca_keytype *allowed = exchange ? p->exch_keys : p->sig_keys;
	size_t n = exchange ? p->nexch_keys : p->nsig_keys, i;
	const char *key = exchange ? "keys.key-exchange" : "keys.signature";
	char where[160], type[16];
	enum setpki_code rc;

	if (spki.n == 0)
		return SETPKI_E_OK;
	if ((rc = sp_spki_parse(spki, out, err)) != SETPKI_E_OK ||
	    (rc = sp_spki_check(out, d->h->policy->suite, exchange, err)) != SETPKI_E_OK)
		return sp_error_in(err, rc, "%s key", exchange ? "key-exchange" : "signature");
	for (i = 0; i < n; i++)
		if (allowed[i].alg == out->alg && allowed[i].bits == out->bits)
			return SETPKI_E_OK;
	return REFUSE(err, "%s keys are not allowed here (%s)", sp_keytype_text(out->alg, out->bits, type),
	    ca_decide_where(d, key, where));
}

static enum setpki_code
check_keys(struct ca_decision *d, struct setpki_error *err)
{
	enum setpki_code rc;

	if ((rc = check_key(d, d->req->sig_spki, false, &d->sig, err)) != SETPKI_E_OK ||
	    (rc = check_key(d, d->req->exch_spki, true, &d->exch, err)) != SETPKI_E_OK)
		return rc;
	if (d->sig.whole.n != 0 && sp_bytes_eq(d->sig.key_bits, d->exch.key_bits))
		return sp_fail(err, SETPKI_E_RULE, "set-protocol 12.11",
		    "signature and key exchange take two keys; this is one key for both");
	return SETPKI_E_OK;
}

static enum setpki_code
check_lifetime(struct ca_decision *d, struct setpki_error *err)
{
	const struct ca_profile *p = d->profile;
	int64_t span = d->req->lifetime != 0 ? d->req->lifetime : p->lifetime;
	char where[160], a[SETPKI_TIME_TEXT], b[SETPKI_TIME_TEXT];

	if (span <= 0)
		return sp_fail(err, SETPKI_E_ARGUMENT, NULL, "a lifetime has to be longer than nothing");
	if (span > p->lifetime_max)
		return REFUSE(err, "a lifetime of %s is longer than the %s allowed (%s)", setpki_span_text(span, a),
		    setpki_span_text(p->lifetime_max, b), ca_decide_where(d, "longest", where));
	d->not_before = d->h->now;
	d->not_after = sp_time_last(d->not_before, span);
	return SETPKI_E_OK;
}

/* A cardholder's certificate ends with the card's month at the latest (set-protocol 12.12). */
static enum setpki_code
check_card(struct ca_decision *d, struct setpki_error *err)
{
	int64_t end = d->req->not_after_max;
	char a[SETPKI_TIME_TEXT];

	if (d->req->role != CA_ROLE_CARDHOLDER)
		return SETPKI_E_OK;
	if (end == 0)
		return sp_fail(err, SETPKI_E_ARGUMENT, "set-protocol 12.12",
		    "a cardholder certificate needs the card's expiry month");
	if (end < d->not_before)
		return sp_fail(
		    err, SETPKI_E_POLICY, "set-protocol 12.12", "the card expired at %s", setpki_time_text(end, a));
	if (d->not_after > end)
		d->not_after = end;
	return SETPKI_E_OK;
}

static enum setpki_code
check_issuer_period(struct ca_decision *d, struct setpki_error *err)
{
	const struct sp_cert *c = &d->signer->cert;
	char a[SETPKI_TIME_TEXT], b[SETPKI_TIME_TEXT];

	if (!sp_time_within(d->not_before, c->not_before, c->not_after))
		return sp_fail(err, SETPKI_E_POLICY, "set-protocol 7, step 4",
		    "the certificate of %s is valid from %s to %s, not now; renew it (ca renew)", d->ca->name,
		    setpki_time_text(c->not_before, a), setpki_time_text(c->not_after, b));
	if (!sp_time_within(d->not_before, c->pkup_from, c->pkup_to))
		return sp_fail(err, SETPKI_E_POLICY, "set-protocol 7, step 4",
		    "the private key of %s may sign certificates until %s; roll it to a new generation (ca roll)",
		    d->ca->name, setpki_time_text(c->pkup_to, b));
	if (d->not_after > d->signer->covers_to)
		return sp_fail(err, SETPKI_E_POLICY, "set-protocol 7, step 4; 12.13",
		    "it would end at %s, after the %s of %s (%s); ask for a shorter lifetime, or roll the CA",
		    setpki_time_text(d->not_after, a),
		    d->signer->covers_to < c->not_after ? "CRL-signing certificate" : "certificate", d->ca->name,
		    setpki_time_text(d->signer->covers_to, b));
	d->usage_to = sp_time_last(d->not_before, d->profile->usage);
	if (d->usage_to > d->not_after)
		d->usage_to = d->not_after;
	return SETPKI_E_OK;
}

enum setpki_code
ca_decide_names(const struct ca_policy *p, struct sp_buf **out, struct setpki_error *err)
{
	struct sp_buf *names = OPENSSL_zalloc(p->ncas * sizeof(*names));
	enum setpki_code rc = names != NULL ? SETPKI_E_OK : sp_fail_memory(err);
	size_t i;

	for (i = 0; i < p->ncas && rc == SETPKI_E_OK; i++)
		rc = ca_spec_ca_subject(p, (int)i, 1, &names[i], err);
	if (rc == SETPKI_E_OK)
		*out = names;
	else
		ca_decide_names_free(p, names);
	return rc;
}

void
ca_decide_names_free(const struct ca_policy *p, struct sp_buf *names)
{
	size_t i;

	for (i = 0; names != NULL && i < p->ncas; i++)
		sp_buf_free(&names[i]);
	OPENSSL_free(names);
}

/* A copied Name stays as it is, in the brand it was made for. */
static enum setpki_code
copy_subject(struct ca_decision *d, struct setpki_error *err)
{
	enum setpki_code rc = sp_name_check(d->req->subject, err);

	if (rc == SETPKI_E_OK && !sp_name_is_brand(d->req->subject, d->ca->organization))
		rc = sp_fail(err, SETPKI_E_RULE, "set-protocol 12.10", "the subject to be renewed is of another brand");
	sp_buf_add_bytes(&d->subject, d->req->subject);
	return rc == SETPKI_E_OK && d->subject.failed ? sp_fail_memory(err) : rc;
}

static enum setpki_code
make_subject(struct ca_decision *d, struct setpki_error *err)
{
	const struct ca_profile *p = d->profile;
	struct sp_name_parts parts = {.country = p->country,
	    .organization = d->ca->organization,
	    .unit = p->unit,
	    .unit2 = p->unit2,
	    .common = d->req->common_name};

	if (parts.common == NULL || parts.common[0] == '\0')
		return sp_fail(
		    err, SETPKI_E_ARGUMENT, NULL, "a %s certificate needs a common name", ca_role_name(d->req->role));
	return sp_name_build(d->h->policy->suite, &parts, &d->subject, err);
}

static enum setpki_code
check_subject(struct ca_decision *d, struct setpki_error *err)
{
	const struct ca_policy *policy = d->h->policy;
	enum setpki_code rc = d->req->subject.n != 0 ? copy_subject(d, err) : make_subject(d, err);
	size_t i;

	if (rc != SETPKI_E_OK)
		return sp_error_in(err, rc, "subject");
	for (i = 0; i < policy->ncas; i++)
		if (sp_name_same_ca(sp_buf_bytes(&d->subject), sp_buf_bytes(&d->ca_names[i]), NULL, NULL))
			return sp_fail(err, SETPKI_E_POLICY, "set-protocol 12.12",
			    "this subject is the name of the CA %s; choose another common name", policy->cas[i].name);
	return SETPKI_E_OK;
}

/* Merchants name an acquirer BIN in their data; for the others it comes beside the request, if at all. */
static enum setpki_code
check_bin(struct ca_decision *d, struct setpki_error *err)
{
	const char *bin = d->req->merchant != NULL ? d->req->merchant->bin : d->req->bin;
	char where[160];

	if (bin == NULL || ca_profile_takes_bin(d->profile, bin))
		return SETPKI_E_OK;
	return REFUSE(err, "the BIN %s is not one of those that %s serves (%s)", bin, d->ca->name,
	    ca_decide_where(d, "bins", where));
}

static enum setpki_code
check_mer_country(struct ca_decision *d, int country, struct setpki_error *err)
{
	char where[160];

	if (d->profile->mer_country == 0 || country == d->profile->mer_country)
		return SETPKI_E_OK;
	return REFUSE(err, "merchant country %03d is not %03d, the one allowed (%s)", country, d->profile->mer_country,
	    ca_decide_where(d, "merchant.country", where));
}

/* MerchantData is in a merchant's certificate, and was checked before it got there, by the policy of that day. */
static enum setpki_code
copy_merchant(struct ca_decision *d, struct setpki_error *err)
{
	struct sp_der der = sp_der(d->req->merchant_data);
	struct sp_merchant_view m;
	char where[160], bin[SP_UB_BIN + 1];
	enum setpki_code rc;

	if (d->req->role != CA_ROLE_MERCHANT || !sp_merchant_read(&der, &m) || m.bin.n != SP_UB_BIN)
		return sp_fail(
		    err, SETPKI_E_ARGUMENT, "set-protocol 5, MerchantData", "the MerchantData to be copied is none");
	memcpy(bin, m.bin.p, SP_UB_BIN);
	bin[SP_UB_BIN] = '\0';
	if (!ca_profile_takes_bin(d->profile, bin))
		return REFUSE(err, "the BIN %s is not one of those that %s serves (%s)", bin, d->ca->name,
		    ca_decide_where(d, "bins", where));
	if ((rc = check_mer_country(d, m.country, err)) != SETPKI_E_OK)
		return rc;
	if (m.auth_flag && !d->profile->auth_flag)
		return REFUSE(err,
		    "the certificate to be renewed allows authorizations, which are not allowed any more (%s); put the "
		    "merchant into the account list",
		    ca_decide_where(d, "merchant.authorization", where));
	sp_buf_add_bytes(&d->merchant, d->req->merchant_data);
	return d->merchant.failed ? sp_fail_memory(err) : SETPKI_E_OK;
}

static enum setpki_code
check_merchant(struct ca_decision *d, struct setpki_error *err)
{
	const struct sp_merchant_data *given = d->req->merchant;
	struct sp_merchant_data m;
	enum setpki_code rc;

	if (d->req->merchant_data.n != 0)
		return copy_merchant(d, err);
	if (d->req->role != CA_ROLE_MERCHANT)
		return given == NULL ? SETPKI_E_OK
				     : sp_fail(err, SETPKI_E_ARGUMENT, "set-protocol 5, MerchantData",
					   "merchant data is for merchants, not for a %s", ca_role_name(d->req->role));
	if (given == NULL || given->bin == NULL)
		return sp_fail(err, SETPKI_E_ARGUMENT, "set-protocol 5, MerchantData",
		    "a merchant certificate needs merchant data: id, acquirer BIN, names, country");
	m = *given;
	m.auth_flag = given->auth_flag && d->profile->auth_flag;
	if ((rc = check_mer_country(d, m.country, err)) != SETPKI_E_OK)
		return rc;
	rc = sp_merchant_build(&m, &d->merchant, err);
	return rc == SETPKI_E_OK ? rc : sp_error_in(err, rc, "merchant data");
}

enum setpki_code
ca_decide(struct ca_decision *d, struct setpki_error *err)
{
	static enum setpki_code (*const checks[])(struct ca_decision *, struct setpki_error *) = {check_active,
	    check_kinds, check_keys, check_lifetime, check_card, check_issuer_period, check_subject, check_bin,
	    check_merchant};
	enum setpki_code rc = SETPKI_E_OK;
	size_t i;

	d->ca = &d->h->policy->cas[d->signer->policy_index];
	d->profile = &d->ca->profiles[d->req->role];
	for (i = 0; i < sizeof(checks) / sizeof(checks[0]) && rc == SETPKI_E_OK; i++)
		rc = checks[i](d, err);
	return rc;
}

void
ca_decision_free(struct ca_decision *d)
{
	sp_buf_free(&d->subject);
	sp_buf_free(&d->merchant);
}
