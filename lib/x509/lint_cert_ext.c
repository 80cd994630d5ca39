/* What the extensions of a certificate say.  Each check looks at one that is there; whether it should be is the
 * table's (lint_cert_kind.c). */
#include "lib/base/limits.h"
#include "lib/der/oid.h"
#include "lib/der/reader.h"
#include "lib/x509/lint_inner.h"

#include <setpki/text.h>
#include <string.h>

static void
check_aki(struct sp_lint *l)
{
	const struct sp_cert *c = &l->cert;
	const struct sp_suite *suite = sp_suite(l->suite);

	if (c->aki_issuer.n == 0 || c->aki_serial.n == 0)
		sp_lint_add(l, "cert.aki.form", "%s is missing, or not one directoryName",
		    c->aki_issuer.n == 0 ? "authorityCertIssuer" : "authorityCertSerialNumber");
	if (suite != NULL && suite->keyid != (c->aki_keyid.n != 0))
		sp_lint_add(l, "cert.aki.form", "keyIdentifier is %s in the %s suite",
		    c->aki_keyid.n != 0 ? "there" : "missing", suite->name);
}

static void
check_ski(struct sp_lint *l)
{
	struct setpki_error why = {0};
	uint8_t id[20];
	enum setpki_code rc = sp_spki_keyid(l->ctx, &l->cert.key, id, &why);

	if (rc != SETPKI_E_OK)
		l->rc = sp_fail(l->err, rc, NULL, "%s", why.message);
	else if (!sp_bytes_eq(l->cert.ski, SP_BYTES(id)))
		sp_lint_add(l, "cert.ski", "it is another value of %zu octets", l->cert.ski.n);
}

static void
check_pkup(struct sp_lint *l)
{
	const struct sp_cert *c = &l->cert;
	char from[SETPKI_TIME_TEXT], to[SETPKI_TIME_TEXT];

	if (c->pkup_from == INT64_MIN || c->pkup_to == INT64_MAX)
		sp_lint_add(l, "cert.pkup.period", "one end is missing");
	else if (c->pkup_from > c->pkup_to || c->pkup_from < c->not_before || c->pkup_to > c->not_after)
		sp_lint_add(l, "cert.pkup.period", "%s to %s", setpki_time_text(c->pkup_from, from),
		    setpki_time_text(c->pkup_to, to));
	else if (l->kind != NULL && l->kind->kind == SETPKI_KIND_CA_CRLSIGN &&
	    (c->pkup_from != c->not_before || c->pkup_to != c->not_after))
		sp_lint_add(l, "cert.pkup.crlsigner", "it is %s to %s", setpki_time_text(c->pkup_from, from),
		    setpki_time_text(c->pkup_to, to));
}

/* PolicyInformation of the SET policy: no qualifier, or one of SET's own (whose inside was checked in reading). */
static void
check_qualifiers(struct sp_lint *l, struct sp_der *info)
{
	struct sp_der list, one;
	char text[SP_OID_TEXT];
	setpki_bytes id = {NULL, 0};

	if (!sp_der_enter_opt(info, SP_SEQUENCE, &list) || !sp_der_enter(&list, SP_SEQUENCE, &one))
		return;
	if (!sp_der_end(&list))
		sp_lint_add(l, "cert.policy.qualifier", "there is more than one qualifier");
	else if (sp_der_oid(&one, &id) && !sp_bytes_eq(id, sp_oid_set_qualifier))
		sp_lint_add(l, "cert.policy.qualifier", "the qualifier is %s", sp_oid_text(id, text));
}

static void
check_policies(struct sp_lint *l)
{
	struct sp_der d = sp_der(l->cert.ext[SP_EXT_POLICIES]), list, info;
	char text[SP_OID_TEXT];
	unsigned set = 0, n = 0;
	setpki_bytes oid;

	sp_der_enter(&d, SP_SEQUENCE, &list);
	for (; sp_der_enter(&list, SP_SEQUENCE, &info) && sp_der_oid(&info, &oid); n++) {
		if (!sp_bytes_eq(oid, sp_oid_policy_root)) {
			sp_lint_add(l, "cert.policy.root", "policy %s is there", sp_oid_text(oid, text));
			continue;
		}
		set++;
		check_qualifiers(l, &info);
	}
	if (set != 1)
		sp_lint_add(l, "cert.policy.root", "id-set-policy-root is there %u times", set);
}

/* --- addresses ---------------------------------------------------------------------------------------------------- */

/* The only member of a list, entered; false (and the finding's business) otherwise. */
static bool
only(struct sp_der *d, uint8_t tag, struct sp_der *inner)
{
	return sp_der_enter(d, tag, inner) && sp_der_end(d);
}

static bool
sole_url(struct sp_der *d)
{
	setpki_bytes url;

	return sp_der_take(d, SP_CTX(6), &url) && sp_der_end(d) && sp_url_ok(url);
}

static void
check_crldp(struct sp_lint *l)
{
	struct sp_der d = sp_der(l->cert.ext[SP_EXT_CRLDP]), list, point, name, full;

	if (!only(&d, SP_SEQUENCE, &list) || !only(&list, SP_SEQUENCE, &point) || !only(&point, SP_CTXC(0), &name) ||
	    !only(&name, SP_CTXC(0), &full) || !sole_url(&full))
		sp_lint_add(l, "cert.url", "cRLDistributionPoints is not one point with one URL");
}

static void
check_aia(struct sp_lint *l)
{
	struct sp_der d = sp_der(l->cert.ext[SP_EXT_AIA]), list, access;
	setpki_bytes method;

	if (!only(&d, SP_SEQUENCE, &list) || !only(&list, SP_SEQUENCE, &access) || !sp_der_oid(&access, &method) ||
	    !sp_bytes_eq(method, sp_oid_ca_issuers) || !sole_url(&access))
		sp_lint_add(l, "cert.url", "authorityInfoAccess is not one caIssuers URL");
}

/* --- SET's own ---------------------------------------------------------------------------------------------------- */

static void
check_hashed_root(struct sp_lint *l)
{
	const struct sp_suite *suite = sp_suite(l->suite);
	const struct sp_cert *c = &l->cert;
	uint8_t own[SP_DIGEST_MAX];
	enum setpki_code rc;

	if (suite == NULL)
		return;
	if (!sp_bytes_eq(c->hashed_root_alg, suite->digest_alg) || c->hashed_root.n != suite->digest_len) {
		sp_lint_add(l, "cert.hashedroot.digest", "a digest of %zu octets in the %s suite", c->hashed_root.n,
		    suite->name);
		return;
	}
	if ((rc = sp_hash(l->ctx, suite->id, c->key.whole, own, l->err)) != SETPKI_E_OK)
		l->rc = rc;
	else if (sp_bytes_eq(c->hashed_root, sp_bytes(own, suite->digest_len)))
		sp_lint_add(l, "cert.hashedroot.self", "it is the hash of this root's own key");
}

static void
check_tunneling(struct sp_lint *l)
{
	struct sp_der d = sp_der(l->cert.ext[SP_EXT_TUNNELING]), seq, algs;
	setpki_bytes oid = {NULL, 0};
	bool tunneling = false, ok;

	if (sp_suite(l->suite) == NULL)
		return;
	ok = only(&d, SP_SEQUENCE, &seq) && sp_der_bool_default(&seq, true, &tunneling) &&
	    only(&seq, SP_SEQUENCE, &algs) && sp_der_oid(&algs, &oid) && sp_der_end(&algs);
	if (!ok || !tunneling || !sp_bytes_eq(oid, sp_tunnel_oid(l->suite)))
		sp_lint_add(l, "cert.tunneling", "tunneling %s, %s", tunneling ? "TRUE" : "FALSE",
		    ok ? "another algorithm" : "not exactly one algorithm");
}

static const struct {
	enum sp_ext ext;
	void (*check)(struct sp_lint *l);
} checks[] = {
    {SP_EXT_AKI, check_aki},
    {SP_EXT_SKI, check_ski},
    {SP_EXT_PKUP, check_pkup},
    {SP_EXT_POLICIES, check_policies},
    {SP_EXT_CRLDP, check_crldp},
    {SP_EXT_AIA, check_aia},
    {SP_EXT_HASHED_ROOT, check_hashed_root},
    {SP_EXT_TUNNELING, check_tunneling},
};

void
sp_lint_values(struct sp_lint *l)
{
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++)
		if (sp_cert_has(&l->cert, checks[i].ext))
			checks[i].check(l);
}
