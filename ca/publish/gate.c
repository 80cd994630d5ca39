#include "ca/publish/gate.h"

#include <setpki/text.h>

static enum setpki_code
check_signer(const struct ca_gate *g, const struct sp_crl *crl, struct setpki_error *err)
{
	EVP_PKEY *key = NULL;
	enum setpki_code rc;

	if (!sp_bytes_eq(crl->issuer, g->signer->subject))
		return sp_fail(err, SETPKI_E_RULE, "RFC 5280 5.1.2.3",
		    "the CRL's issuer is not, byte for byte, the subject of the CA's certificate");
	if (crl->suite != g->h->policy->suite)
		return sp_fail(err, SETPKI_E_SUITE, "set-protocol 12.1", "the CRL is of the %s suite",
		    setpki_suite_name(crl->suite));
	rc = sp_spki_pkey(g->h->ctx, &g->signer->key, &key, err);
	if (rc == SETPKI_E_OK)
		rc = sp_crl_verify(g->h->ctx, crl, key, err);
	EVP_PKEY_free(key);
	return rc;
}

static enum setpki_code
check_order(const struct ca_gate *g, const struct sp_crl *crl, struct setpki_error *err)
{
	const struct ca_crl_record *before = g->before;

	if (crl->number_value < 1)
		return sp_fail(err, SETPKI_E_RULE, "RFC 5280 5.2.3", "the CRL has no usable CRLNumber");
	if (crl->unknown_critical.n != 0)
		return sp_fail(err, SETPKI_E_RULE, "set-protocol 12.14", "the CRL has an unknown critical extension");
	if (crl->next_update <= crl->this_update)
		return sp_fail(
		    err, SETPKI_E_RULE, "RFC 5280 5.1.2.5", "the CRL's nextUpdate is not after its thisUpdate");
	if (crl->this_update > g->h->now || crl->next_update <= g->h->now)
		return sp_fail(err, SETPKI_E_RULE, "set-protocol 12.14",
		    "the CRL is not current: now is outside thisUpdate to nextUpdate (is the clock right?)");
	if ((uint64_t)crl->number_value <= before->number)
		return sp_fail(err, SETPKI_E_RULE, "set-protocol 6", "CRL number %lld: number %llu is here already",
		    (long long)crl->number_value, (unsigned long long)before->number);
	if (g->ours && (uint64_t)crl->number_value != before->number + 1)
		return sp_fail(err, SETPKI_E_RULE, "set-protocol 6", "CRL number %lld does not follow %llu",
		    (long long)crl->number_value, (unsigned long long)before->number);
	if (before->number != 0 && crl->this_update < before->this_update)
		return sp_fail(err, SETPKI_E_RULE, "RFC 5280 5.1.2.4",
		    "the CRL's thisUpdate is before that of CRL number %llu", (unsigned long long)before->number);
	return SETPKI_E_OK;
}

/* --- no unexpired entry lost ------------------------------------------------------------------- */

struct lost {
	const struct ca_gate *g;
	const struct sp_crl *next;
	int64_t before_at; /* thisUpdate of the CRL before */
};

/* The longest that the policy lets a certificate live which this CA issues, to CAs and to end entities. */
static int64_t
longest_life(const struct ca_gate *g)
{
	const struct ca_policy *p = g->h->policy;
	int64_t longest = 0;

	for (size_t i = 0; i < p->ncas; i++)
		for (size_t k = 0; k < CA_PURPOSE_N; k++)
			if (p->cas[i].parent >= 0 && &p->cas[p->cas[i].parent] == g->policy &&
			    p->cas[i].keys[k].present && p->cas[i].keys[k].lifetime > longest)
				longest = p->cas[i].keys[k].lifetime;
	for (size_t r = 0; r < CA_ROLE_N; r++)
		if (g->policy->profiles[r].present && g->policy->profiles[r].lifetime_max > longest)
			longest = g->policy->profiles[r].lifetime_max;
	return longest;
}

/* The end of a revoked certificate's life: from the store, or, for one that is not known here, the latest that it can
 * be, for it was issued before it was revoked. */
static int64_t
end_of(const struct ca_gate *g, setpki_bytes serial, int64_t revoked_at)
{
	struct ca_cert_record rec;
	int64_t end;

	if (ca_cert_by_serial(g->t, serial, &rec, NULL) != SETPKI_E_OK)
		return revoked_at + longest_life(g);
	end = rec.not_after;
	ca_cert_record_free(&rec);
	return end;
}

static enum setpki_code
still_there(void *arg, setpki_bytes serial, int64_t revoked_at, int reason, struct setpki_error *err)
{
	const struct lost *l = arg;
	char hex[SETPKI_HEX_TEXT(64)];

	(void)reason;
	if (sp_crl_lookup(l->next, serial, NULL, NULL) || end_of(l->g, serial, revoked_at) < l->before_at)
		return SETPKI_E_OK;
	return sp_fail(err, SETPKI_E_RULE, "set-protocol 12.14",
	    "the CRL drops serial %s, which has not stood on a CRL past its certificate's expiry yet",
	    serial.n <= 64 ? setpki_hex_text(serial, hex) : "(too long)");
}

static enum setpki_code
check_lost(const struct ca_gate *g, const struct sp_crl *crl, struct setpki_error *err)
{
	struct lost l = {g, crl, g->before->this_update};
	struct sp_crl before;
	enum setpki_code rc;

	if (g->before->der.n == 0)
		return SETPKI_E_OK;
	rc = sp_crl_parse(g->h->ctx, g->before->der, &before, err);
	if (rc != SETPKI_E_OK)
		return sp_error_in(err, rc, "the CRL before, from the store");
	rc = sp_crl_each(&before, still_there, &l, err);
	sp_crl_free(&before);
	return rc;
}

enum setpki_code
ca_gate_crl(const struct ca_gate *g, const struct sp_crl *crl, struct setpki_error *err)
{
	enum setpki_code rc = check_signer(g, crl, err);

	if (rc == SETPKI_E_OK)
		rc = check_order(g, crl, err);
	return rc == SETPKI_E_OK ? check_lost(g, crl, err) : rc;
}
