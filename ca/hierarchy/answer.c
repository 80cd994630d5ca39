/* ca sign, second half: signing what was judged, and the answer: new certificates, superiors, their CRLs. */
#include "ca/hierarchy/pass.h"
#include "ca/hierarchy/sign.h"
#include "ca/issue/hold.h"
#include "ca/publish/publish.h"
#include "lib/x509/p7.h"

#include <openssl/crypto.h>
#include <string.h>
#include <unistd.h>

#define SUPERIORS_MAX SP_CHAIN_DEPTH_MAX

/* What goes into the PKCS#7; every byte string is owned. */
struct answer {
	setpki_bytes certs[CA_SIGN_REQUESTS_MAX + SUPERIORS_MAX], crls[SUPERIORS_MAX];
	size_t ncerts, ncrls;
};

static void
answer_free(struct answer *a)
{
	size_t i;

	for (i = 0; i < a->ncerts; i++)
		OPENSSL_free((void *)(uintptr_t)a->certs[i].p);
	for (i = 0; i < a->ncrls; i++)
		OPENSSL_free((void *)(uintptr_t)a->crls[i].p);
	OPENSSL_free(a);
}

static enum setpki_code
add(setpki_bytes *list, size_t *n, size_t cap, setpki_bytes der, struct setpki_error *err)
{
	if (*n == cap)
		return sp_fail(err, SETPKI_E_LIMIT, NULL, "too many objects for one answer");
	if ((list[*n] = sp_bytes_dup(der)).p == NULL)
		return sp_fail_memory(err);
	++*n;
	return SETPKI_E_OK;
}

static enum setpki_code
add_cert(struct answer *a, setpki_bytes der, struct setpki_error *err)
{
	return add(a->certs, &a->ncerts, sizeof(a->certs) / sizeof(a->certs[0]), der, err);
}

/* --- the superiors ----------------------------------------------------------------------------- */

static enum setpki_code
add_crl(struct answer *a, ca_txn *t, const struct ca_ca_record *rec, uint16_t generation, struct setpki_error *err)
{
	struct ca_crl_record crl = {0};
	enum setpki_code rc = ca_crl_get(t, rec->id, generation, &crl, err);

	if (rc == SETPKI_E_OK && crl.der.n != 0)
		rc = add(a->crls, &a->ncrls, sizeof(a->crls) / sizeof(a->crls[0]), crl.der, err);
	if (rc == SETPKI_E_NOTFOUND) {
		setpki_error_clear(err); /* keeps none, or the waiting home has it from elsewhere */
		rc = SETPKI_E_OK;
	}
	ca_crl_record_free(&crl);
	return rc;
}

/* Certificate and CRL of one superior; then `*ca` and `*generation` are those of its own. */
static enum setpki_code
add_superior(struct answer *a, ca_txn *t, uint16_t *ca, uint16_t *generation, struct setpki_error *err)
{
	struct ca_ca_record rec = {0};
	struct ca_cert_record cert = {0};
	const struct ca_generation *g;
	enum setpki_code rc;

	if ((rc = ca_ca_get(t, *ca, &rec, err)) != SETPKI_E_OK)
		goto out;
	g = ca_state_generation(&rec, *generation);
	if (g == NULL || g->keys[CA_PURPOSE_CERTSIGN].seq == 0) {
		rc = sp_fail(
		    err, SETPKI_E_STATE, NULL, "%s, generation %u, has no certificate here", rec.name, *generation);
		goto out;
	}
	if ((rc = ca_cert_get(t, rec.parent != 0 ? rec.parent : rec.id, g->keys[CA_PURPOSE_CERTSIGN].seq, &cert,
		 err)) == SETPKI_E_OK &&
	    (rc = add_cert(a, cert.der, err)) == SETPKI_E_OK)
		rc = add_crl(a, t, &rec, *generation, err);
	*ca = rec.parent;
	*generation = g->superior_generation;
out:
	ca_cert_record_free(&cert);
	ca_ca_record_free(&rec);
	return rc;
}

static enum setpki_code
add_superiors(struct ca_signing *sg, struct answer *a, struct setpki_error *err)
{
	uint16_t ca = sg->signer.ca.id, generation = sg->signer.generation;
	ca_txn *t;
	enum setpki_code rc;

	if ((rc = ca_txn_begin(sg->h->store, false, &t, err)) != SETPKI_E_OK)
		return rc;
	while (ca != 0 && rc == SETPKI_E_OK)
		rc = add_superior(a, t, &ca, &generation, err);
	ca_txn_abort(t);
	return rc;
}

/* The answer carries a CRL that is current when it is written. */
static enum setpki_code
freshen_crl(struct ca_signing *sg, struct setpki_error *err)
{
	struct ca_crl_record crl = {0};
	bool fresh;
	ca_txn *t;
	enum setpki_code rc;

	if (!sg->h->policy->cas[sg->signer.policy_index].crl.keeps)
		return SETPKI_E_OK;
	if ((rc = ca_txn_begin(sg->h->store, false, &t, err)) != SETPKI_E_OK)
		return rc;
	rc = ca_crl_get(t, sg->signer.ca.id, sg->signer.generation, &crl, err);
	fresh = rc == SETPKI_E_OK && crl.der.n != 0 && crl.next_update > sg->h->now;
	ca_crl_record_free(&crl);
	ca_txn_abort(t);
	if (rc == SETPKI_E_NOTFOUND)
		setpki_error_clear(err);
	else if (rc != SETPKI_E_OK)
		return rc;
	return fresh ? SETPKI_E_OK : ca_crl_issue(sg->h, sg->signer.ca.id, sg->signer.generation, NULL, err);
}

/* --- signing ----------------------------------------------------------------------------------- */

static enum setpki_code
refuse(const struct ca_signing *sg, struct setpki_error *err)
{
	size_t i;

	for (i = 0; i < sg->n; i++)
		if (sg->v[i].item.verdict != SETPKI_E_OK)
			return sp_fail(err, sg->v[i].item.verdict, "set-protocol 12.16", "request %zu (%s): %s", i + 1,
			    sg->v[i].item.subject, sg->v[i].item.reason);
	return SETPKI_E_OK;
}

static enum setpki_code
issue(struct ca_signing *sg, struct answer *a, struct setpki_error *err)
{
	struct ca_issue_job *jobs = OPENSSL_zalloc((sg->n + 1) * sizeof(*jobs));
	enum setpki_code rc;
	size_t i;

	if (jobs == NULL)
		return sp_fail_memory(err);
	for (i = 0; i < sg->n; i++)
		jobs[i] = sg->v[i].c.job;
	rc = ca_issue_jobs(sg->h, &sg->signer, jobs, sg->n, ca_certify_commit, sg->h, err);
	for (i = 0; i < sg->n && rc == SETPKI_E_OK; i++)
		rc = add_cert(a, jobs[i].out.der, err);
	for (i = 0; i < sg->n; i++)
		ca_cert_record_free(&jobs[i].out);
	OPENSSL_free(jobs);
	return rc;
}

/* While the home is held, what was answered before is answered again. */
static enum setpki_code
check_hold(const struct ca_signing *sg, struct setpki_error *err)
{
	for (size_t i = 0; i < sg->n; i++)
		if (!sg->v[i].item.repeated)
			return ca_hold_check_now(sg->h, err);
	return SETPKI_E_OK;
}

static enum setpki_code
sign(struct ca_signing *sg, struct answer *a, struct sp_buf *p7, struct setpki_error *err)
{
	static const setpki_bytes no_bci = {NULL, 0};
	enum setpki_code rc;
	size_t refused;

	if ((rc = ca_signing_judge(sg, &refused, err)) != SETPKI_E_OK || (rc = refuse(sg, err)) != SETPKI_E_OK)
		return rc;
	if (sg->n == 0)
		return sp_fail(err, SETPKI_E_PARSE, "set-protocol 12.16", "no request in the bundle");
	if ((rc = check_hold(sg, err)) != SETPKI_E_OK ||
	    (rc = ca_signer_unlock(sg->h, &sg->signer, err)) != SETPKI_E_OK ||
	    (rc = issue(sg, a, err)) != SETPKI_E_OK || (rc = freshen_crl(sg, err)) != SETPKI_E_OK ||
	    (rc = add_superiors(sg, a, err)) != SETPKI_E_OK)
		return rc;
	return sp_p7_build(a->certs, a->ncerts, a->crls, a->ncrls, no_bci, sg->h->now, p7, err);
}

static enum setpki_code
open_and_sign(struct ca_home *h, setpki_bytes bundle, struct answer *a, struct sp_buf *p7, struct setpki_error *err)
{
	struct ca_pass_cache *pass = NULL;
	struct ca_signing sg;
	enum setpki_code rc;

	if ((rc = ca_signing_open(h, bundle, &sg, err)) == SETPKI_E_OK &&
	    (rc = ca_pass_cache_open(h, &pass, err)) == SETPKI_E_OK)
		rc = sign(&sg, a, p7, err);
	ca_pass_cache_close(h, pass);
	ca_signing_close(&sg);
	return rc;
}

enum setpki_code
ca_sign_run(struct ca_home *h, setpki_bytes bundle, struct sp_buf *p7, struct setpki_error *err)
{
	struct answer *a;
	enum setpki_code rc;
	int lock;

	if ((rc = ca_home_lock(h, "hierarchy", false, &lock, err)) != SETPKI_E_OK)
		return rc;
	if ((a = OPENSSL_zalloc(sizeof(*a))) == NULL)
		rc = sp_fail_memory(err);
	else
		rc = open_and_sign(h, bundle, a, p7, err);
	if (a != NULL)
		answer_free(a);
	close(lock);
	return rc;
}
