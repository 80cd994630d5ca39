/* End entities: decide by policy, then issue.  One request gives one or two certificates. */
#include "ca/issue/decide.h"
#include "ca/issue/hold.h"
#include "ca/issue/intent.h"
#include "lib/der/writer.h"
#include "lib/x509/merchant.h"

#include <openssl/crypto.h>
#include <string.h>

enum setpki_code
ca_ee_identity(
    setpki_ctx *ctx, const struct ca_ee_request *r, const char *ca, uint8_t out[32], struct setpki_error *err)
{
	struct sp_buf b = {0};
	enum setpki_code rc = SETPKI_E_OK;
	size_t mark = sp_der_open(&b, SP_SEQUENCE);

	sp_der_put_octets(&b, sp_bytes_str(ca));
	sp_der_put_int(&b, r->role);
	sp_der_put_octets(&b, r->sig_spki);
	sp_der_put_octets(&b, r->exch_spki);
	sp_der_put_octets(&b, sp_bytes_str(r->role == CA_ROLE_CARDHOLDER ? NULL : r->common_name));
	sp_der_put_int(&b, r->lifetime);
	sp_der_put_int(&b, r->not_after_max);
	if (r->merchant != NULL)
		rc = sp_merchant_build(r->merchant, &b, err);
	sp_der_close(&b, mark);
	if (rc == SETPKI_E_OK)
		rc = b.failed ? sp_fail_memory(err) : sp_sha256(ctx, sp_buf_bytes(&b), out, err);
	sp_buf_free(&b);
	return rc;
}

/* Requests that stand together and go to one CA. */
struct run {
	struct ca_home *h;
	struct ca_signer *signer;
	struct ca_decision *d;
	size_t n;
	struct sp_buf *ca_names;
	struct ca_issue_job *jobs;
	size_t njobs;
	bool dry_run;
	ca_issue_commit_fn *commit;
	void *arg;
};

static enum setpki_code
fill_job(struct ca_decision *d, enum setpki_kind kind, const struct sp_spki *key, struct ca_issue_job *job,
    struct setpki_error *err)
{
	struct sp_cert_spec *s = &job->spec;
	enum setpki_code rc;

	memset(job, 0, sizeof(*job));
	if ((rc = ca_spec_begin(d->h->policy, d->signer->policy_index, d->signer->generation, &d->urls, s, err)) !=
	    SETPKI_E_OK)
		return rc;
	s->kind = kind;
	s->type = ca_role_kinds[d->req->role].type;
	s->subject = sp_buf_bytes(&d->subject);
	s->not_before = s->pkup_from = d->not_before;
	s->not_after = d->not_after;
	s->pkup_to = d->usage_to;
	s->spki = key->whole;
	s->pathlen = -1;
	s->merchant_data = sp_buf_bytes(&d->merchant);
	s->card_cert_required = kind == SETPKI_KIND_PGWY_ENC && d->profile->card_cert_required;
	job->holder = d->req->common_name;
	memcpy(job->request, d->request, sizeof(job->request));
	return SETPKI_E_OK;
}

static enum setpki_code
fill_jobs(struct run *r, struct ca_decision *d, struct setpki_error *err)
{
	enum ca_role role = d->req->role;
	enum setpki_code rc = SETPKI_E_OK;

	if (d->sig.whole.n != 0)
		rc = fill_job(d, ca_role_kinds[role].sig, &d->sig, &r->jobs[r->njobs++], err);
	if (rc == SETPKI_E_OK && d->exch.whole.n != 0)
		rc = fill_job(d, ca_role_kinds[role].exch, &d->exch, &r->jobs[r->njobs++], err);
	return rc;
}

static enum setpki_code
decide_all(struct run *r, const struct ca_ee_request *reqs, const uint8_t (*ids)[32], struct ca_explain *explain,
    struct setpki_error *err)
{
	struct ca_decision *d;
	enum setpki_code rc = SETPKI_E_OK;
	size_t i;

	for (i = 0; i < r->n && rc == SETPKI_E_OK; i++) {
		d = &r->d[i];
		*d = (struct ca_decision){.h = r->h, .req = &reqs[i], .signer = r->signer, .ca_names = r->ca_names};
		memcpy(d->request, ids[i], sizeof(d->request));
		if ((rc = ca_decide(d, err)) == SETPKI_E_OK)
			rc = fill_jobs(r, d, err);
		if (rc == SETPKI_E_OK && explain != NULL && i == 0)
			ca_decide_explain(d, explain);
		if (rc != SETPKI_E_OK && r->n > 1)
			rc = sp_error_in(err, rc, "request for %s", reqs[i].common_name ? reqs[i].common_name : "?");
	}
	return rc;
}

/* The passphrase of a protected key is asked for only once nothing is refused any more. */
static enum setpki_code
issue_decided(struct run *r, struct setpki_error *err)
{
	enum setpki_code rc;

	if (r->dry_run)
		return ca_issue_dry(r->h, r->signer, r->jobs, r->njobs, err);
	if ((rc = ca_hold_check_now(r->h, err)) == SETPKI_E_OK && r->signer->key == NULL)
		rc = ca_signer_unlock(r->h, r->signer, err);
	return rc == SETPKI_E_OK ? ca_issue_jobs(r->h, r->signer, r->jobs, r->njobs, r->commit, r->arg, err) : rc;
}

static enum setpki_code
issue_run(struct run *r, const struct ca_ee_request *reqs, const uint8_t (*ids)[32], struct ca_explain *explain,
    struct setpki_error *err)
{
	enum setpki_code rc;
	size_t i;

	if ((r->d = OPENSSL_zalloc(r->n * sizeof(*r->d))) == NULL)
		return sp_fail_memory(err);
	if ((rc = ca_decide_names(r->h->policy, &r->ca_names, err)) == SETPKI_E_OK &&
	    (rc = decide_all(r, reqs, ids, explain, err)) == SETPKI_E_OK)
		rc = issue_decided(r, err);
	for (i = 0; i < r->n; i++)
		ca_decision_free(&r->d[i]);
	OPENSSL_free(r->d);
	ca_decide_names_free(r->h->policy, r->ca_names);
	return rc;
}

/* --- all requests of a call -------------------------------------------------------------------- */

/* What is worked out about each request before the first is decided. */
struct plan {
	struct ca_home *h;
	const struct ca_ee_request *reqs;
	size_t n;
	uint16_t *ca;
	uint8_t (*id)[32];
};

struct answers {
	struct ca_issue_job *out;
	size_t n;
};

static enum setpki_code
take_answer(void *arg, const struct ca_cert_record *rec, struct setpki_error *err)
{
	struct answers *a = arg;
	struct ca_issue_job *job = &a->out[a->n];

	if (a->n == 2)
		return sp_fail(err, SETPKI_E_STORE, NULL, "more than two certificates under one request");
	memset(job, 0, sizeof(*job));
	memcpy(job->request, rec->request, sizeof(job->request));
	job->repeated = true;
	a->n++;
	return ca_record_copy(rec, &job->out, err);
}

/* The same request gets the same answer, whatever has changed in policy and CA since. */
static enum setpki_code
answered(struct ca_home *h, const uint8_t id[32], struct ca_issue_job *out, size_t *n, struct setpki_error *err)
{
	struct answers a = {out, 0};
	ca_txn *t;
	enum setpki_code rc;

	*n = 0;
	if ((rc = ca_txn_begin(h->store, false, &t, err)) != SETPKI_E_OK)
		return rc;
	rc = ca_cert_by_request(t, id, take_answer, &a, err);
	ca_txn_abort(t);
	if (rc == SETPKI_E_NOTFOUND) {
		setpki_error_clear(err);
		rc = SETPKI_E_OK;
	}
	*n = rc == SETPKI_E_OK ? a.n : 0;
	while (rc != SETPKI_E_OK && a.n > 0)
		ca_cert_record_free(&out[--a.n].out);
	return rc;
}

static enum setpki_code
ca_number(struct ca_home *h, int index, uint16_t *out, struct setpki_error *err)
{
	struct ca_ca_record rec = {0};
	ca_txn *t;
	enum setpki_code rc;

	if ((rc = ca_txn_begin(h->store, false, &t, err)) != SETPKI_E_OK)
		return rc;
	rc = ca_ca_find(t, h->policy->cas[index].name, &rec, err);
	*out = rec.id;
	ca_ca_record_free(&rec);
	ca_txn_abort(t);
	return rc;
}

static enum setpki_code
plan_open(struct plan *p, struct setpki_error *err)
{
	static const uint8_t none[32];
	const struct ca_ee_request *r;
	enum setpki_code rc = SETPKI_E_OK;
	size_t i;
	int ca;

	if (p->h->policy == NULL)
		return sp_fail(err, SETPKI_E_STATE, NULL, "no policy is in force here; run init first");
	p->ca = OPENSSL_zalloc(p->n * sizeof(*p->ca));
	p->id = OPENSSL_zalloc(p->n * sizeof(*p->id));
	if (p->ca == NULL || p->id == NULL)
		return sp_fail_memory(err);
	for (i = 0; i < p->n && rc == SETPKI_E_OK; i++) {
		r = &p->reqs[i];
		if ((ca = ca_decide_ca(p->h->policy, r->ca, r->role, err)) < 0)
			return err != NULL ? err->code : SETPKI_E_POLICY;
		if ((rc = ca_number(p->h, ca, &p->ca[i], err)) != SETPKI_E_OK)
			break;
		if (memcmp(r->request, none, sizeof(none)) == 0)
			rc = ca_ee_identity(p->h->ctx, r, p->h->policy->cas[ca].name, p->id[i], err);
		else
			memcpy(p->id[i], r->request, sizeof(p->id[i]));
	}
	return rc;
}

/* The requests from `i` on that go to one CA and have no answer yet; `answers` for request i if it has. */
static enum setpki_code
next_run(
    const struct plan *p, size_t i, size_t *len, struct ca_issue_job *out, size_t *answers, struct setpki_error *err)
{
	struct ca_issue_job seen[2] = {0};
	enum setpki_code rc;
	size_t n, k;

	*len = 0;
	if ((rc = answered(p->h, p->id[i], out, answers, err)) != SETPKI_E_OK || *answers != 0)
		return rc;
	for (*len = 1; i + *len < p->n && p->ca[i + *len] == p->ca[i]; ++*len) {
		rc = answered(p->h, p->id[i + *len], seen, &n, err);
		for (k = 0; k < n; k++)
			ca_cert_record_free(&seen[k].out);
		if (rc != SETPKI_E_OK || n != 0)
			break;
	}
	return rc;
}

/* Whether another process answered one of these requests while this one was at work on it. */
static bool
answered_meanwhile(const struct plan *p, size_t i, size_t len)
{
	struct ca_issue_job seen[2] = {0};
	struct setpki_error err = {0};
	bool any = false;
	size_t n, k;

	for (; len > 0 && !any; i++, len--) {
		any = answered(p->h, p->id[i], seen, &n, &err) == SETPKI_E_OK && n != 0;
		for (k = 0; k < n; k++)
			ca_cert_record_free(&seen[k].out);
	}
	return any;
}

/* Answers request i, or issues the run that begins with it; `took` says how many requests that were: none if another
 * process was faster with one of them, and the run has to be looked at again. */
static enum setpki_code
next_answer(const struct plan *p, size_t i, bool dry_run, struct ca_explain *explain, struct ca_issue_job *out,
    size_t *nout, size_t *took, struct setpki_error *err)
{
	struct ca_signer signer;
	struct run r = {.h = p->h, .signer = &signer, .jobs = out, .dry_run = dry_run};
	enum setpki_code rc;

	if ((rc = next_run(p, i, &r.n, out, nout, err)) != SETPKI_E_OK)
		return rc;
	*took = r.n != 0 ? r.n : 1;
	if (r.n == 0)
		return SETPKI_E_OK;
	if ((rc = ca_signer_load(p->h, p->ca[i], 0, CA_PURPOSE_CERTSIGN, &signer, err)) == SETPKI_E_OK)
		rc = issue_run(&r, p->reqs + i, (const uint8_t(*)[32])(p->id + i), i == 0 ? explain : NULL, err);
	ca_signer_close(&signer);
	if (rc == SETPKI_E_OK)
		*nout = r.njobs;
	if (rc == SETPKI_E_CONFLICT && answered_meanwhile(p, i, r.n)) {
		setpki_error_clear(err);
		*took = 0;
		rc = SETPKI_E_OK;
	}
	return rc;
}

enum setpki_code
ca_issue_ee(struct ca_home *h, const struct ca_ee_request *reqs, size_t n, bool dry_run, struct ca_explain *explain,
    struct ca_issue_job *out, size_t *nout, struct setpki_error *err)
{
	struct plan p = {.h = h, .reqs = reqs, .n = n};
	enum setpki_code rc;
	size_t i, done = 0, got, took = 1;

	*nout = 0;
	if (explain != NULL)
		explain->n = 0;
	if (n == 0)
		return sp_fail(err, SETPKI_E_ARGUMENT, NULL, "nothing to issue");
	rc = plan_open(&p, err);
	for (i = 0; i < n && rc == SETPKI_E_OK; i += took) {
		got = 0;
		rc = next_answer(&p, i, dry_run, explain, out + done, &got, &took, err);
		done += got;
	}
	if (rc == SETPKI_E_OK)
		*nout = done;
	else
		for (i = 0; i < done; i++)
			ca_cert_record_free(&out[i].out);
	OPENSSL_free(p.ca);
	OPENSSL_free(p.id);
	return rc;
}

enum setpki_code
ca_issue_ee_with(struct ca_home *h, struct ca_signer *signer, const struct ca_ee_request *req, bool dry_run,
    ca_issue_commit_fn *commit, void *arg, struct ca_issue_job out[2], size_t *nout, struct setpki_error *err)
{
	struct run r = {
	    .h = h, .signer = signer, .n = 1, .jobs = out, .dry_run = dry_run, .commit = commit, .arg = arg};
	enum setpki_code rc;

	*nout = 0;
	if ((rc = answered(h, req->request, out, nout, err)) != SETPKI_E_OK || *nout != 0)
		return rc;
	if ((rc = issue_run(&r, req, &req->request, NULL, err)) == SETPKI_E_OK)
		*nout = r.njobs;
	return rc;
}

enum setpki_code
ca_issue_ee_together(struct ca_home *h, struct ca_signer *signer, const struct ca_ee_request *reqs, size_t n,
    ca_issue_commit_fn *commit, void *arg, struct ca_issue_job *out, size_t *nout, struct setpki_error *err)
{
	struct run r = {.h = h, .signer = signer, .n = n, .jobs = out, .commit = commit, .arg = arg};
	uint8_t(*ids)[32] = OPENSSL_malloc(n * sizeof(*ids));
	enum setpki_code rc;

	*nout = 0;
	if (ids == NULL)
		return sp_fail_memory(err);
	for (size_t i = 0; i < n; i++)
		memcpy(ids[i], reqs[i].request, sizeof(ids[i]));
	if ((rc = issue_run(&r, reqs, (const uint8_t(*)[32])ids, NULL, err)) == SETPKI_E_OK)
		*nout = r.njobs;
	OPENSSL_free(ids);
	return rc;
}
