/* Deciding on a CertReq: checks, those who are asked, and one transaction for request, certificates and answer
 * (set-protocol 8, 12.7, 12.8). */
#include "ca/register/decide.h"

#include "ca/register/asking.h"
#include "ca/register/state.h"

#include <openssl/crypto.h>
#include <setpki/text.h>
#include <stdio.h>
#include <string.h>

/* --- reading ----------------------------------------------------------------------------------- */

enum setpki_code
ca_deciding_read(struct ca_deciding *d, struct setpki_error *err)
{
	return d->t != NULL ? SETPKI_E_OK : ca_txn_begin(d->r->h->store, false, &d->t, err);
}

void
ca_deciding_read_no_more(struct ca_deciding *d)
{
	ca_txn_abort(d->t);
	d->t = NULL;
}

/* --- checks ------------------------------------------------------------------------------------ */

static enum setpki_code
check_session(struct ca_deciding *d, struct setpki_error *err)
{
	(void)err;
	if (d->q->status != SETPKI_STATUS_NONE)
		return ca_deciding_refuse(d, d->q->status, "the session refuses it");
	return SETPKI_E_OK;
}

static enum setpki_code
check_desk(struct ca_deciding *d, struct setpki_error *err)
{
	(void)err;
	if (d->profile == NULL)
		return ca_deciding_refuse(
		    d, SETPKI_STATUS_REJECTED_BY_CA, "by the policy in force this CA does not register in this role");
	return SETPKI_E_OK;
}

static enum setpki_code
check_all(struct ca_deciding *d, struct setpki_error *err)
{
	static ca_deciding_fn *const checks[] = {ca_deciding_fill, check_session, check_desk, ca_deciding_language,
	    ca_deciding_bin, ca_deciding_form, ca_deciding_card, ca_deciding_renewal, ca_deciding_keys,
	    ca_deciding_policy};
	enum setpki_code rc = ca_deciding_read(d, err);

	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]) && rc == SETPKI_E_OK; i++)
		if (d->rec.status == SETPKI_STATUS_NONE)
			rc = checks[i](d, err);
	return rc;
}

/* --- who decides ------------------------------------------------------------------------------- */

static enum setpki_code
ask_persons(struct ca_deciding *d, enum ca_verdict *out, struct setpki_error *err)
{
	(void)d;
	(void)err;
	*out = CA_VERDICT_PEND;
	return SETPKI_E_OK;
}

static enum setpki_code
ask_each(struct ca_deciding *d, enum ca_verdict *out, struct setpki_error *err)
{
	static enum setpki_code (*const deciders[CA_DECIDE_N])(
	    struct ca_deciding *, enum ca_verdict *, struct setpki_error *) = {
	    [CA_DECIDE_ACCOUNTS] = ca_reg_ask_accounts,
	    [CA_DECIDE_PROGRAM] = ca_reg_ask_program,
	    [CA_DECIDE_MANUAL] = ask_persons,
	};
	const struct ca_desk *desk = &d->profile->desk;
	enum setpki_code rc = SETPKI_E_OK;

	*out = CA_VERDICT_NONE;
	for (size_t i = 0; rc == SETPKI_E_OK && *out == CA_VERDICT_NONE && i < desk->ndecide; i++) {
		rc = deciders[desk->decide[i]](d, out, err);
		snprintf(d->rec.decider, sizeof(d->rec.decider), "%s", ca_decider_name(desk->decide[i]));
	}
	if (*out == CA_VERDICT_NONE || *out == CA_VERDICT_PEND)
		d->rec.decider[0] = '\0'; /* persons will */
	return rc;
}

/* --- the transaction --------------------------------------------------------------------------- */

static void
enter(struct ca_deciding *d, enum ca_request_state state, enum setpki_status status)
{
	int64_t keep = d->profile != NULL ? d->profile->desk.keep : SP_DESK_KEEP_MIN_S;

	ca_desk_set(d->r->h, &d->rec, state, status, keep);
}

/* Another process that took the same message, or another one under the same RRPID and key, was faster. */
static enum setpki_code
overtaken(struct ca_deciding *d, struct setpki_error *err)
{
	d->r->again = true;
	return sp_fail(err, SETPKI_E_STATE, "set-protocol 12.7", "another process answers this message");
}

static enum setpki_code
put_request(struct ca_deciding *d, ca_txn *t, struct setpki_error *err)
{
	struct setpki_error why = {0};
	uint8_t used_by[32];
	enum setpki_code rc = ca_rrpid_get(t, d->q->rrpid, d->r->signing_key, used_by, &why);

	if (rc == SETPKI_E_OK)
		return overtaken(d, err);
	if (rc == SETPKI_E_NOTFOUND) {
		setpki_error_clear(&why);
		rc = ca_request_add(t, &d->rec, &why);
	}
	if (rc == SETPKI_E_CONFLICT)
		return overtaken(d, err);
	return rc == SETPKI_E_OK ? rc : sp_fail(err, rc, why.spec, "%s", why.message);
}

static enum setpki_code
keep_answer(struct ca_deciding *d, ca_txn *t, setpki_bytes answer, struct setpki_error *err)
{
	struct ca_kept_record kept = {
	    .expires = d->r->h->now + SP_DATE_PAST_S + SP_DATE_FUTURE_S + 60, .answer = answer};

	memcpy(kept.wrapper, d->rec.wrapper, sizeof(kept.wrapper));
	memcpy(kept.rrpid, d->q->rrpid, sizeof(kept.rrpid));
	memcpy(kept.key, d->r->signing_key, sizeof(kept.key));
	return ca_kept_put(t, &kept, err);
}

/* Request, log and answer; the answer is composed when nothing but the store can fail any more. */
static enum setpki_code
record(struct ca_deciding *d, ca_txn *t, const setpki_bytes *certs, size_t ncerts, struct setpki_error *err)
{
	bool complete = d->rec.state == CA_REQUEST_COMPLETE;
	struct setpki_decision decision = {.status = (enum setpki_status)d->rec.status,
	    .message = d->rec.message[0] != '\0' ? d->rec.message : NULL,
	    .failed = d->parts.failed,
	    .nfailed = d->rec.status == SETPKI_STATUS_FORM_MALFORMED ? d->parts.nfailed : 0,
	    .nonce_cca = complete && d->role == CA_ROLE_CARDHOLDER ? d->parts.nonce_cca : NULL,
	    .certs = certs,
	    .ncerts = ncerts};
	setpki_bytes answer;
	enum setpki_code rc;

	if ((rc = put_request(d, t, err)) != SETPKI_E_OK ||
	    (rc = ca_desk_audit(d->r->h, t, &d->rec, ca_audit_request_event(d->rec.state), err)) != SETPKI_E_OK)
		return rc;
	d->composed = true;
	rc = setpki_responder_compose(d->session, &decision, &answer, err);
	return rc == SETPKI_E_OK ? keep_answer(d, t, answer, err) : rc;
}

static enum setpki_code
record_alone(struct ca_deciding *d, struct setpki_error *err)
{
	ca_txn *t;
	enum setpki_code rc;

	ca_deciding_read_no_more(d);
	if ((rc = ca_txn_begin(d->r->h->store, true, &t, err)) != SETPKI_E_OK)
		return rc;
	if ((rc = record(d, t, NULL, 0, err)) == SETPKI_E_OK)
		return ca_txn_commit(t, err);
	ca_txn_abort(t);
	return rc;
}

/* --- issuing ----------------------------------------------------------------------------------- */

static enum setpki_code
commit(void *arg, ca_txn *t, struct ca_issue_job *jobs, size_t n, struct setpki_error *err)
{
	struct ca_deciding *d = arg;
	setpki_bytes certs[2];
	enum setpki_code rc = ca_asking_stands(d->r->h, t, &d->rec, err);

	for (size_t i = 0; i < n && i < 2; i++)
		certs[i] = jobs[i].out.der;
	return rc == SETPKI_E_OK ? record(d, t, certs, n, err) : rc;
}

/* Issues within the transaction that records.  *done false: not now, or not at all; d->why says it. */
static enum setpki_code
issue(struct ca_deciding *d, struct ca_asking *a, bool *done, bool *refused, struct setpki_error *err)
{
	struct ca_reg_generation *g = ca_reg_newest(d->r, d->rec.ca);
	struct setpki_error why = {0};
	struct ca_issue_job jobs[2];
	size_t n = 0;
	enum setpki_code rc = SETPKI_E_STATE;

	*refused = false;
	enter(d, CA_REQUEST_COMPLETE, SETPKI_STATUS_COMPLETE);
	if (g != NULL)
		rc = ca_issue_ee_with(d->r->h, &g->signer, &a->req, false, commit, d, jobs, &n, &why);
	*done = rc == SETPKI_E_OK;
	if (*done && jobs[0].repeated)
		rc = overtaken(d, err);
	for (size_t i = 0; i < n; i++)
		ca_cert_record_free(&jobs[i].out);
	if (*done)
		return rc;
	if (d->r->again || d->composed || (rc != SETPKI_E_STATE && !ca_asking_refused(rc)))
		return sp_fail(err, rc, why.spec, "%s", why.message);
	*refused = rc != SETPKI_E_STATE;
	snprintf(d->why, sizeof(d->why), "%.300s", why.message);
	setpki_mask_pans(d->why);
	return SETPKI_E_OK;
}

/* A merchant or gateway that was accepted and is not in the list: nobody knows what to call it (issue 4: from the
 * acquirer's record, not from what it typed). */
static enum setpki_code
pend_unlisted(struct ca_deciding *d, const struct setpki_error *why, struct setpki_error *err)
{
	ca_reg_warn(d->r, "a request was accepted and cannot be issued yet; it is pended: %s", why->message);
	d->rec.decider[0] = '\0';
	enter(d, CA_REQUEST_PENDED, SETPKI_STATUS_PENDED);
	return record_alone(d, err);
}

static enum setpki_code
accept(struct ca_deciding *d, struct setpki_error *err)
{
	struct setpki_error why = {0};
	struct ca_asking a;
	bool done = false, refused = false;
	enum setpki_code rc;

	memset(&a, 0, sizeof(a));
	if ((rc = ca_deciding_read(d, &why)) == SETPKI_E_OK)
		rc = ca_asking_make(d->t, &d->rec, d->parts.id, &a, &why);
	ca_deciding_read_no_more(d);
	if (rc == SETPKI_E_OK)
		rc = issue(d, &a, &done, &refused, err);
	else if (rc == SETPKI_E_NOTFOUND)
		rc = pend_unlisted(d, &why, err);
	else
		rc = sp_fail(err, rc, why.spec, "%s", why.message);
	ca_asking_free(&a);
	if (rc != SETPKI_E_OK || done || d->rec.state == CA_REQUEST_PENDED)
		return rc;
	if (refused)
		enter(d, CA_REQUEST_REFUSED, SETPKI_STATUS_REJECTED_BY_CA);
	else
		enter(d, CA_REQUEST_APPROVED, SETPKI_STATUS_IN_PROGRESS);
	return record_alone(d, err);
}

/* --- the whole --------------------------------------------------------------------------------- */

static enum setpki_code
seal_parts(struct ca_deciding *d, struct setpki_error *err)
{
	return ca_desk_seal(d->r->h->ctx, d->r->sealing, d->rec.wrapper, &d->parts, &d->rec.sealed, err);
}

static enum setpki_code
carry_out(struct ca_deciding *d, enum ca_verdict verdict, struct setpki_error *err)
{
	static const struct {
		enum ca_request_state state;
		enum setpki_status status; /* NONE: the one that was given */
	} states[] = {
	    [CA_VERDICT_NONE] = {CA_REQUEST_PENDED, SETPKI_STATUS_PENDED},
	    [CA_VERDICT_PEND] = {CA_REQUEST_PENDED, SETPKI_STATUS_PENDED},
	    [CA_VERDICT_WAIT] = {CA_REQUEST_IN_PROGRESS, SETPKI_STATUS_IN_PROGRESS},
	    [CA_VERDICT_REJECT] = {CA_REQUEST_REJECTED, SETPKI_STATUS_NONE},
	};

	if (verdict == CA_VERDICT_ACCEPT)
		return accept(d, err);
	enter(d, states[verdict].state,
	    states[verdict].status != SETPKI_STATUS_NONE ? states[verdict].status : (enum setpki_status)d->rec.status);
	return record_alone(d, err);
}

static enum setpki_code
decide(struct ca_deciding *d, struct setpki_error *err)
{
	enum ca_verdict verdict = CA_VERDICT_NONE;
	enum setpki_code rc;

	if ((rc = check_all(d, err)) != SETPKI_E_OK)
		return rc;
	if (d->rec.status != SETPKI_STATUS_NONE) {
		snprintf(d->rec.decider, sizeof(d->rec.decider), "policy");
		if ((rc = seal_parts(d, err)) != SETPKI_E_OK)
			return rc;
		enter(d, CA_REQUEST_REFUSED, (enum setpki_status)d->rec.status);
		return record_alone(d, err);
	}
	if ((rc = ask_each(d, &verdict, err)) != SETPKI_E_OK || (rc = seal_parts(d, err)) != SETPKI_E_OK)
		return rc;
	return carry_out(d, verdict, err);
}

enum setpki_code
ca_reg_decide(void *arg, const struct setpki_cert_request *request, setpki_responder *session, struct setpki_error *err)
{
	struct ca_deciding d = {.r = arg, .q = request, .session = session, .role = ca_reg_role(request->row->holder)};
	uint64_t left;
	enum setpki_code rc;

	if ((d.g = ca_reg_of(d.r, request->ca)) == NULL)
		return sp_fail(err, SETPKI_E_STATE, NULL, "the CA that was asked is gone");
	/* below the low-water mark what room is left is for revocation and publication */
	if ((rc = ca_store_headroom(d.r->h->store, &left, err)) != SETPKI_E_OK ||
	    (rc = ca_reg_may_try(d.r, request->pan, &request->id, err)) != SETPKI_E_OK)
		return rc;
	d.profile = ca_reg_profile(d.r, d.g, d.role);
	rc = decide(&d, err);
	ca_deciding_read_no_more(&d);
	memcpy(d.r->why, d.why, sizeof(d.r->why));
	OPENSSL_free((void *)(uintptr_t)d.rec.sealed.p);
	ca_desk_parts_free(&d.parts);
	OPENSSL_cleanse(&d.rec, sizeof(d.rec));
	return rc;
}
