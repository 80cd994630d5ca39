/* The engine: intent -> lint -> sign -> verify -> compare -> commit, for arrays of decided jobs. */
#include "ca/issue/hold.h"
#include "ca/issue/intent.h"
#include "lib/x509/lint.h"
#include "lib/x509/name.h"

#include <openssl/crypto.h>
#include <setpki/text.h>
#include <string.h>

/* --- the same request, the same answer --------------------------------------------------------- */

struct repeat {
	struct ca_issue_job *jobs;
	size_t n;
	struct ca_home *h;
};

enum setpki_code
ca_record_copy(const struct ca_cert_record *from, struct ca_cert_record *to, struct setpki_error *err)
{
	*to = *from;
	to->serial = sp_bytes_dup(from->serial);
	to->der = sp_bytes_dup(from->der);
	to->holder = from->holder != NULL ? OPENSSL_strdup(from->holder) : NULL;
	if (to->serial.p == NULL || to->der.p == NULL || (from->holder != NULL && to->holder == NULL)) {
		ca_cert_record_free(to);
		return sp_fail_memory(err);
	}
	return SETPKI_E_OK;
}

static enum setpki_code
repeated_fn(void *arg, const struct ca_cert_record *rec, struct setpki_error *err)
{
	struct repeat *r = arg;
	struct ca_issue_job *job;
	uint8_t identity[32];
	struct sp_spki spki;
	enum setpki_code rc;
	size_t i;

	for (i = 0; i < r->n; i++) {
		job = &r->jobs[i];
		if (job->repeated || memcmp(job->request, rec->request, sizeof(rec->request)) != 0)
			continue;
		if ((rc = sp_spki_parse(job->spec.spki, &spki, err)) != SETPKI_E_OK ||
		    (rc = sp_spki_identity(r->h->ctx, &spki, identity, err)) != SETPKI_E_OK)
			return rc;
		if (memcmp(identity, rec->key_identity, sizeof(identity)) != 0)
			continue;
		if ((rc = ca_record_copy(rec, &job->out, err)) != SETPKI_E_OK)
			return rc;
		job->repeated = true;
	}
	return SETPKI_E_OK;
}

static enum setpki_code
find_repeated(struct ca_home *h, ca_txn *t, struct ca_issue_job *jobs, size_t n, struct setpki_error *err)
{
	static const uint8_t none[32];
	struct repeat r = {jobs, n, h};
	enum setpki_code rc;
	size_t i;

	for (i = 0; i < n; i++) {
		if (jobs[i].repeated || memcmp(jobs[i].request, none, sizeof(none)) == 0)
			continue;
		rc = ca_cert_by_request(t, jobs[i].request, repeated_fn, &r, err);
		if (rc != SETPKI_E_OK && rc != SETPKI_E_NOTFOUND)
			return rc;
		if (rc == SETPKI_E_NOTFOUND)
			setpki_error_clear(err);
	}
	return SETPKI_E_OK;
}

/* --- before the intent ------------------------------------------------------------------------- */

static enum setpki_code
prepare(struct ca_home *h, const struct ca_signer *signer, struct ca_work *w, struct setpki_error *err)
{
	struct sp_cert_spec *spec = &w->job->spec;
	struct sp_spki spki;
	enum setpki_code rc;

	w->serial[0] = 1; /* positive, and always SP_SERIAL_LEN octets (set-protocol 12.1) */
	if ((rc = sp_random(h->ctx, w->serial + 1, sizeof(w->serial) - 1, err)) != SETPKI_E_OK ||
	    (rc = sp_spki_parse(spec->spki, &spki, err)) != SETPKI_E_OK ||
	    (rc = sp_spki_identity(h->ctx, &spki, w->identity, err)) != SETPKI_E_OK)
		return rc;
	spec->serial = SP_BYTES(w->serial);
	spec->issuer = spec->kind == SETPKI_KIND_ROOT ? NULL : &signer->cert;
	spec->signer_alg = signer->cert.der.n != 0 ? signer->cert.key.alg : spki.alg;
	return sp_cert_build(h->ctx, spec, &w->tbs, err);
}

static enum setpki_code
lint(struct ca_home *h, const struct ca_work *w, struct setpki_error *err)
{
	struct setpki_findings f = {0};
	char hex[SETPKI_HEX_TEXT(SP_SERIAL_LEN)];
	enum setpki_code rc;
	size_t i;

	rc = sp_lint_tbs(h->ctx, sp_buf_bytes(&w->tbs), w->job->spec.suite, &f, err);
	for (i = 0; i < f.n && rc == SETPKI_E_OK; i++)
		if (f.v[i].rule->severity == SETPKI_ERROR)
			rc = sp_fail(err, SETPKI_E_RULE, f.v[i].rule->spec,
			    "lint refused it before it was signed: %s: %s (serial %s is not used again)",
			    f.v[i].rule->id, f.v[i].text, setpki_hex_text(SP_BYTES(w->serial), hex));
	setpki_findings_free(&f);
	return rc;
}

/* --- signing, and doubting the signature ------------------------------------------------------- */

static enum setpki_code
sign(struct ca_home *h, const struct ca_signer *signer, struct ca_work *w, struct setpki_error *err)
{
	enum setpki_suite suite = w->job->spec.suite;
	struct sp_cert *cert = &w->cert;
	struct ca_mandate mandate;
	struct sp_buf sig = {0};
	enum setpki_code rc;

	ca_signer_mandate(h, signer, &mandate);
	if ((rc = ca_key_sign_cert(signer->key, &mandate, sp_buf_bytes(&w->tbs), &sig, err)) != SETPKI_E_OK)
		goto out;
	sp_signed_put(
	    &w->der, sp_buf_bytes(&w->tbs), sp_sigalg(suite, ca_key_spki(signer->key)->alg), sp_buf_bytes(&sig));
	if (w->der.failed) {
		rc = sp_fail_memory(err);
		goto out;
	}
	if ((rc = sp_cert_parse(sp_buf_bytes(&w->der), cert, err)) != SETPKI_E_OK ||
	    (rc = sp_cert_verify(h->ctx, cert, signer->public_key, err)) != SETPKI_E_OK)
		rc = sp_error_in(err, rc, "the certificate just signed");
	else if (!sp_bytes_eq(cert->tbs, sp_buf_bytes(&w->tbs)))
		rc = sp_fail(err, SETPKI_E_STATE, NULL, "the signed bytes are not the intended ones");
out:
	sp_buf_free(&sig);
	return rc;
}

/* --- commit ------------------------------------------------------------------------------------ */

static enum setpki_code
make_record(struct ca_home *h, const struct ca_signer *signer, struct ca_work *w, struct setpki_error *err)
{
	const struct ca_issue_job *job = w->job;
	struct ca_cert_record rec = {.ca = signer->ca.id,
	    .generation = signer->generation,
	    .kind = (uint8_t)job->spec.kind,
	    .purpose = job->purpose,
	    .subject_ca = job->subject_ca,
	    .subject_generation = job->subject_generation,
	    .renews_key = job->renews_key,
	    .issued_at = h->now,
	    .not_before = job->spec.not_before,
	    .not_after = job->spec.not_after,
	    .serial = SP_BYTES(w->serial),
	    .der = sp_buf_bytes(&w->der)};
	enum setpki_code rc;

	memcpy(rec.key_identity, w->identity, sizeof(rec.key_identity));
	memcpy(rec.request, job->request, sizeof(rec.request));
	memcpy(rec.policy_hash, h->policy->hash, sizeof(rec.policy_hash));
	if (job->holder != NULL && (rec.holder = OPENSSL_strdup(job->holder)) == NULL)
		return sp_fail_memory(err);
	rc = ca_record_copy(&rec, &w->job->out, err);
	OPENSSL_free(rec.holder);
	return rc;
}

static enum setpki_code
commit_one(struct ca_home *h, ca_txn *t, const struct ca_signer *signer, struct ca_work *w, struct setpki_error *err)
{
	struct ca_audit_leaf leaf = {.at = h->now, .event = CA_AUDIT_CERT_ISSUED, .ca = signer->ca.id};
	char detail[320], subject[256];
	enum setpki_code rc;

	if ((rc = ca_intent_close(h, t, w, w->cert.tbs, err)) != SETPKI_E_OK ||
	    (rc = ca_key_uncertified(t, signer, w, err)) != SETPKI_E_OK ||
	    (rc = make_record(h, signer, w, err)) != SETPKI_E_OK ||
	    (rc = ca_cert_put(t, &w->job->out, err)) != SETPKI_E_OK ||
	    (rc = sp_sha256(h->ctx, w->cert.der, leaf.object, err)) != SETPKI_E_OK)
		return rc;
	snprintf(detail, sizeof(detail), "%s: %s", setpki_kind_name(w->job->spec.kind),
	    sp_name_text(w->cert.subject, subject, sizeof(subject)));
	setpki_mask_pans(detail);
	leaf.detail = detail;
	leaf.serial = w->job->out.serial;
	memcpy(leaf.policy_hash, h->policy->hash, sizeof(leaf.policy_hash));
	return ca_audit_append(h, t, &leaf, err);
}

struct batch {
	struct ca_home *h;
	const struct ca_signer *signer;
	struct ca_issue_job *jobs;
	size_t njobs;
	struct ca_work *work; /* the jobs that are not repeated */
	size_t n;
	ca_issue_commit_fn *commit;
	void *arg;
};

static enum setpki_code
commit(const struct batch *b, struct setpki_error *err)
{
	ca_txn *t;
	enum setpki_code rc;
	size_t i;

	if ((rc = ca_txn_begin(b->h->store, true, &t, err)) != SETPKI_E_OK)
		return rc;
	rc = ca_hold_check(t, err); /* held since the intent was written */
	for (i = 0; i < b->n && rc == SETPKI_E_OK; i++)
		if ((rc = commit_one(b->h, t, b->signer, &b->work[i], err)) != SETPKI_E_OK)
			rc = sp_error_in(err, rc, "%s", setpki_kind_name(b->work[i].job->spec.kind));
	if (rc == SETPKI_E_OK && b->commit != NULL)
		rc = b->commit(b->arg, t, b->jobs, b->njobs, err);
	if (rc == SETPKI_E_OK)
		return ca_txn_commit(t, err);
	ca_txn_abort(t);
	return rc;
}

/* --- the whole way ----------------------------------------------------------------------------- */

/* Looks up what was answered before, and makes the rest ready: key free, TBS built. */
static enum setpki_code
batch_prepare(struct batch *b, bool keys_must_be_free, struct setpki_error *err)
{
	struct ca_work *w;
	ca_txn *t;
	enum setpki_code rc;
	size_t i;

	if ((rc = ca_txn_begin(b->h->store, false, &t, err)) != SETPKI_E_OK)
		return rc;
	rc = find_repeated(b->h, t, b->jobs, b->njobs, err);
	for (i = 0; i < b->njobs && rc == SETPKI_E_OK; i++) {
		if (b->jobs[i].repeated)
			continue;
		w = &b->work[b->n++];
		w->job = &b->jobs[i];
		if ((rc = prepare(b->h, b->signer, w, err)) == SETPKI_E_OK && keys_must_be_free)
			rc = ca_key_uncertified(t, b->signer, w, err);
		if (rc != SETPKI_E_OK)
			rc = sp_error_in(err, rc, "%s", setpki_kind_name(w->job->spec.kind));
	}
	ca_txn_abort(t);
	return rc;
}

static enum setpki_code
batch_issue(struct batch *b, struct setpki_error *err)
{
	enum setpki_code rc;
	size_t i;

	if (b->n == 0)
		return SETPKI_E_OK;
	if ((rc = ca_intents_open(b->h, b->signer, b->work, b->n, err)) != SETPKI_E_OK)
		return rc;
	for (i = 0; i < b->n && rc == SETPKI_E_OK; i++)
		if ((rc = lint(b->h, &b->work[i], err)) != SETPKI_E_OK ||
		    (rc = sign(b->h, b->signer, &b->work[i], err)) != SETPKI_E_OK)
			rc = sp_error_in(err, rc, "%s", setpki_kind_name(b->work[i].job->spec.kind));
	if (rc == SETPKI_E_OK)
		rc = commit(b, err);
	if (rc != SETPKI_E_OK && rc != SETPKI_E_STORE) /* after a store error nothing more is written */
		ca_intents_burn(b->h, b->work, b->n, err);
	return rc;
}

static enum setpki_code
batch_open(struct batch *b, struct setpki_error *err)
{
	size_t i;

	for (i = 0; i < b->njobs; i++) {
		memset(&b->jobs[i].out, 0, sizeof(b->jobs[i].out));
		b->jobs[i].repeated = false;
	}
	if (b->njobs == 0)
		return sp_fail(err, SETPKI_E_ARGUMENT, NULL, "nothing to issue");
	if ((b->work = OPENSSL_zalloc(b->njobs * sizeof(*b->work))) == NULL)
		return sp_fail_memory(err);
	return SETPKI_E_OK;
}

static void
batch_close(struct batch *b, bool failed)
{
	size_t i;

	for (i = 0; i < b->n; i++) {
		sp_buf_free(&b->work[i].tbs);
		sp_buf_free(&b->work[i].der);
	}
	for (i = 0; i < b->njobs; i++) {
		memset(&b->jobs[i].spec, 0, sizeof(b->jobs[i].spec));
		if (failed) {
			ca_cert_record_free(&b->jobs[i].out);
			memset(&b->jobs[i].out, 0, sizeof(b->jobs[i].out));
		}
	}
	OPENSSL_free(b->work);
}

enum setpki_code
ca_issue_jobs(struct ca_home *h, struct ca_signer *signer, struct ca_issue_job *jobs, size_t n,
    ca_issue_commit_fn *commit_fn, void *arg, struct setpki_error *err)
{
	struct batch b = {.h = h, .signer = signer, .jobs = jobs, .njobs = n, .commit = commit_fn, .arg = arg};
	enum setpki_code rc;

	if ((rc = batch_open(&b, err)) == SETPKI_E_OK && (rc = batch_prepare(&b, true, err)) == SETPKI_E_OK)
		rc = batch_issue(&b, err);
	batch_close(&b, rc != SETPKI_E_OK);
	return rc;
}

/* A dry run shows the TBS, so its record has that for DER. */
static enum setpki_code
dry_one(struct ca_home *h, const struct ca_signer *signer, struct ca_work *w, struct setpki_error *err)
{
	enum setpki_code rc;

	if ((rc = lint(h, w, err)) != SETPKI_E_OK)
		return rc;
	sp_buf_add_bytes(&w->der, sp_buf_bytes(&w->tbs));
	return make_record(h, signer, w, err);
}

enum setpki_code
ca_issue_dry(
    struct ca_home *h, const struct ca_signer *signer, struct ca_issue_job *jobs, size_t n, struct setpki_error *err)
{
	struct batch b = {.h = h, .signer = signer, .jobs = jobs, .njobs = n};
	enum setpki_code rc;
	size_t i;

	if ((rc = batch_open(&b, err)) == SETPKI_E_OK)
		rc = batch_prepare(&b, true, err);
	for (i = 0; i < b.n && rc == SETPKI_E_OK; i++)
		rc = dry_one(h, signer, &b.work[i], err);
	batch_close(&b, rc != SETPKI_E_OK);
	return rc;
}
