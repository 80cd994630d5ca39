#include "ca/revoke/revoke.h"

#include "ca/revoke/covered.h"
#include "lib/base/limits.h"
#include "lib/x509/crl.h"

#include <setpki/text.h>
#include <stdio.h>
#include <string.h>

/* The certificate and its issuer, from the serial; refuses what this home cannot revoke. */
static enum setpki_code
find(ca_txn *t, const struct ca_revocation *v, struct ca_cert_record *cert, struct ca_ca_record *issuer,
    struct setpki_error *err)
{
	char hex[SETPKI_HEX_TEXT(SP_SERIAL_MAX)];
	enum setpki_code rc;

	if (v->serial.n == 0 || v->serial.n > SP_SERIAL_MAX)
		return sp_fail(err, SETPKI_E_ARGUMENT, "RFC 5280 4.1.2.2", "a serial of %zu octets", v->serial.n);
	rc = ca_cert_by_serial(t, v->serial, cert, NULL);
	if (rc == SETPKI_E_NOTFOUND)
		return sp_fail(err, SETPKI_E_NOTFOUND, NULL,
		    "this home issued no certificate with serial %s: 'setca cert list' shows what it issued",
		    setpki_hex_text(v->serial, hex));
	if (rc != SETPKI_E_OK)
		return sp_fail(err, rc, NULL, "the store cannot be read");
	rc = ca_ca_get(t, cert->ca, issuer, err);
	if (rc != SETPKI_E_OK)
		return rc;
	if (cert->kind == SETPKI_KIND_ROOT)
		return sp_fail(err, SETPKI_E_RULE, "set-protocol 12.12",
		    "a root's own certificate stands on no CRL: replace the root with 'setca ca roll', and tell "
		    "relying parties");
	if (!issuer->here)
		return sp_fail(err, SETPKI_E_STATE, "set-protocol 12.16",
		    "%s, which issued it, lives in another home: revoke it there, and bring the CRL here with 'setca "
		    "crl import'",
		    issuer->name);
	return SETPKI_E_OK;
}

static enum setpki_code
audit(struct ca_home *h, ca_txn *t, const struct ca_revocation *v, struct setpki_error *err)
{
	const char *reason = sp_reason_name(v->reason);
	struct ca_audit_leaf leaf = {.at = h->now, .event = CA_AUDIT_REVOKED, .ca = v->ca, .serial = v->serial};
	char detail[128];

	snprintf(
	    detail, sizeof(detail), "%s%s%s", v->ca_name, reason != NULL ? ", " : "", reason != NULL ? reason : "");
	leaf.detail = detail;
	memcpy(leaf.policy_hash, h->policy->hash, sizeof(leaf.policy_hash));
	return ca_audit_append(h, t, &leaf, err);
}

enum setpki_code
ca_retire_revoked(ca_txn *t, const struct ca_cert_record *cert, bool *retires, struct setpki_error *err)
{
	struct ca_ca_record ca;
	enum setpki_code rc;

	*retires = false;
	if (cert->subject_ca == 0 || cert->purpose != CA_PURPOSE_CERTSIGN)
		return SETPKI_E_OK;
	if ((rc = ca_ca_get(t, cert->subject_ca, &ca, err)) != SETPKI_E_OK)
		return rc;
	for (uint16_t i = 0; i < ca.ngenerations; i++) {
		struct ca_generation *g = &ca.generations[i];

		/* after a renewal the generation stands on another certificate than the one revoked */
		if (g->number != cert->subject_generation || g->keys[CA_PURPOSE_CERTSIGN].seq != cert->seq ||
		    g->state == CA_GEN_RETIRED)
			continue;
		g->state = CA_GEN_RETIRED;
		*retires = true;
	}
	if (*retires)
		rc = ca_ca_put(t, &ca, err);
	ca_ca_record_free(&ca);
	return rc;
}

static enum setpki_code
record(
    struct ca_home *h, ca_txn *t, const struct ca_cert_record *cert, struct ca_revocation *v, struct setpki_error *err)
{
	struct ca_revoked_record rec = {.ca = cert->ca,
	    .generation = cert->generation,
	    .serial = v->serial,
	    .at = h->now,
	    .not_after = cert->not_after,
	    .reason = v->reason};
	enum setpki_code rc = ca_revoked_put(t, &rec, err);

	v->at = h->now;
	if (rc == SETPKI_E_OK)
		rc = ca_revocations_add(t, cert->ca, cert->generation, err);
	if (rc == SETPKI_E_OK)
		rc = ca_retire_revoked(t, cert, &v->retires, err);
	return rc == SETPKI_E_OK ? audit(h, t, v, err) : rc;
}

static bool
keeps_crls(const struct ca_home *h, const char *name)
{
	int i = ca_policy_find(h->policy, name);

	return i >= 0 && h->policy->cas[i].crl.keeps;
}

static enum setpki_code
revoke_one(struct ca_home *h, ca_txn *t, struct ca_revocation *v, struct setpki_error *err)
{
	struct ca_cert_record cert = {0};
	struct ca_ca_record issuer = {0};
	struct ca_revoked_record old;
	enum setpki_code rc;

	if (v->reason != -1 && sp_reason_name(v->reason) == NULL)
		return sp_fail(err, SETPKI_E_ARGUMENT, "RFC 5280 5.3.1", "%d is no reason for a revocation", v->reason);
	rc = find(t, v, &cert, &issuer, err);
	if (rc == SETPKI_E_OK) {
		v->ca = cert.ca;
		v->generation = cert.generation;
		v->seq = cert.seq;
		v->not_after = cert.not_after;
		v->expired = cert.not_after < h->now;
		v->listed = keeps_crls(h, issuer.name);
		memcpy(v->ca_name, issuer.name, sizeof(v->ca_name));
		rc = ca_revoked_get(t, cert.ca, v->serial, &old, NULL);
		v->before = rc == SETPKI_E_OK;
		if (v->before) {
			v->at = old.at;
			v->reason = old.reason;
		} else if (rc == SETPKI_E_NOTFOUND) {
			rc = record(h, t, &cert, v, err);
		} else {
			rc = sp_fail(err, rc, NULL, "the revocations in the store cannot be read");
		}
	}
	ca_cert_record_free(&cert);
	ca_ca_record_free(&issuer);
	return rc;
}

enum setpki_code
ca_revoke(struct ca_home *h, struct ca_revocation *v, size_t n, struct setpki_error *err)
{
	ca_txn *t;
	enum setpki_code rc;

	if (n > CA_REVOKE_MAX)
		return sp_fail(err, SETPKI_E_ARGUMENT, NULL, "%zu certificates at once (at most %d)", n, CA_REVOKE_MAX);
	rc = ca_txn_begin(h->store, true, &t, err);
	if (rc != SETPKI_E_OK)
		return rc;
	for (size_t i = 0; rc == SETPKI_E_OK && i < n; i++)
		rc = revoke_one(h, t, &v[i], err);
	if (rc != SETPKI_E_OK) {
		ca_txn_abort(t);
		return rc;
	}
	return ca_txn_commit(t, err);
}

/* A CA that lives elsewhere: its current CRL here says. */
static enum setpki_code
listed_on_crl(ca_txn *t, setpki_ctx *ctx, const struct ca_cert_record *cert, bool *revoked, int64_t *at, int *reason,
    struct setpki_error *err)
{
	struct ca_crl_record rec;
	struct sp_crl crl;
	enum setpki_code rc = ca_crl_get(t, cert->ca, cert->generation, &rec, NULL);

	if (rc == SETPKI_E_NOTFOUND)
		return SETPKI_E_OK;
	if (rc != SETPKI_E_OK)
		return sp_fail(err, rc, NULL, "the CRLs in the store cannot be read");
	if (rec.der.n != 0 && (rc = sp_crl_parse(ctx, rec.der, &crl, err)) == SETPKI_E_OK) {
		*revoked = sp_crl_lookup(&crl, cert->serial, at, reason);
		sp_crl_free(&crl);
	}
	ca_crl_record_free(&rec);
	return rc;
}

enum setpki_code
ca_is_revoked(ca_txn *t, setpki_ctx *ctx, const struct ca_cert_record *cert, bool *revoked, int64_t *at, int *reason,
    struct setpki_error *err)
{
	struct ca_revoked_record rec;
	struct ca_ca_record issuer;
	bool here;
	enum setpki_code rc = ca_revoked_get(t, cert->ca, cert->serial, &rec, NULL);

	*revoked = rc == SETPKI_E_OK;
	if (*revoked && at != NULL)
		*at = rec.at;
	if (*revoked && reason != NULL)
		*reason = rec.reason;
	if (rc != SETPKI_E_NOTFOUND)
		return rc == SETPKI_E_OK ? rc : sp_fail(err, rc, NULL, "the revocations in the store cannot be read");
	rc = ca_ca_get(t, cert->ca, &issuer, err);
	if (rc != SETPKI_E_OK)
		return rc;
	here = issuer.here;
	ca_ca_record_free(&issuer);
	return here ? SETPKI_E_OK : listed_on_crl(t, ctx, cert, revoked, at, reason, err);
}
