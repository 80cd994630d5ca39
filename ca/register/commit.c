/* What was decided goes into the store: requests, certificates, answers and log in one transaction (set-protocol 12.7,
 * 12.8); several requests in the same one, as long as none of them is in the way of the others. */
#include "ca/register/decide.h"

#include "ca/register/asking.h"
#include "ca/register/state.h"

#include <setpki/text.h>
#include <stdio.h>
#include <string.h>

/* --- the transaction --------------------------------------------------------------------------- */

void
ca_deciding_enter(struct ca_deciding *d, enum ca_request_state state, enum setpki_status status)
{
	int64_t keep = d->profile != NULL ? d->profile->desk.keep : SP_DESK_KEEP_MIN_S;

	ca_desk_set(d->r->h, &d->rec, state, status, keep);
}

/* Another process that took the same message, or another one under the same RRPID and key, was faster. */
static enum setpki_code
overtaken(struct ca_deciding *d, struct setpki_error *err)
{
	d->message->again = true;
	return sp_fail(err, SETPKI_E_STATE, "set-protocol 12.7", "another process answers this message");
}

static enum setpki_code
put_request(struct ca_deciding *d, ca_txn *t, struct setpki_error *err)
{
	struct setpki_error why = {0};
	uint8_t used_by[32];
	enum setpki_code rc = ca_rrpid_get(t, d->q->rrpid, d->signing_key, used_by, &why);

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
	memcpy(kept.key, d->signing_key, sizeof(kept.key));
	return ca_kept_put(t, &kept, err);
}

/* The request, with its leaf. */
static enum setpki_code
put(struct ca_deciding *d, ca_txn *t, struct setpki_error *err)
{
	enum setpki_code rc = put_request(d, t, err);

	return rc == SETPKI_E_OK ? ca_desk_audit(d->r->h, t, &d->rec, ca_audit_request_event(d->rec.state), err) : rc;
}

static enum setpki_code
compose(struct ca_deciding *d, ca_txn *t, const setpki_bytes *certs, size_t ncerts, struct setpki_error *err)
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

	d->composed = true;
	rc = setpki_responder_compose(d->session, &decision, &answer, err);
	return rc == SETPKI_E_OK ? keep_answer(d, t, answer, err) : rc;
}

static size_t
certs_of(const struct ca_deciding *d)
{
	return (size_t)(d->rec.sig_key.n != 0) + (size_t)(d->rec.enc_key.n != 0);
}

/* Requests, log and answers; answers are composed when nothing but the store can fail any more, for that is done but
 * once.  `jobs`: their certificates, in their order; NULL: there are none. */
static enum setpki_code
record(struct ca_deciding *const *d, size_t n, ca_txn *t, const struct ca_issue_job *jobs, struct setpki_error *err)
{
	setpki_bytes certs[2];
	size_t ncerts, next = 0;
	enum setpki_code rc = SETPKI_E_OK;

	for (size_t i = 0; i < n && rc == SETPKI_E_OK; i++)
		if (jobs == NULL ||
		    (rc = ca_asking_stands(d[i]->r->h, t, &d[i]->rec, d[i]->parts.id, err)) == SETPKI_E_OK)
			rc = put(d[i], t, err);
	for (size_t i = 0; i < n && rc == SETPKI_E_OK; i++) {
		for (ncerts = 0; jobs != NULL && ncerts < certs_of(d[i]); ncerts++)
			certs[ncerts] = jobs[next++].out.der;
		rc = compose(d[i], t, certs, ncerts, err);
	}
	return rc;
}

/* What needs no certificate. */
static enum setpki_code
record_alone(struct ca_deciding *const *d, size_t n, struct setpki_error *err)
{
	ca_txn *t;
	enum setpki_code rc;

	if ((rc = ca_txn_begin(d[0]->r->h->store, true, &t, err)) != SETPKI_E_OK)
		return rc;
	if ((rc = record(d, n, t, NULL, err)) == SETPKI_E_OK)
		return ca_txn_commit(t, err);
	ca_txn_abort(t);
	return rc;
}

/* --- issuing ----------------------------------------------------------------------------------- */

/* Requests that one CA certifies. */
struct group {
	struct ca_deciding *d[SP_DESK_TOGETHER_MAX];
	size_t n;
	struct ca_asking asking[SP_DESK_TOGETHER_MAX];
};

static enum setpki_code
commit(void *arg, ca_txn *t, struct ca_issue_job *jobs, size_t n, struct setpki_error *err)
{
	const struct group *g = arg;

	for (size_t i = 0; i < n; i++)
		if (jobs[i].repeated)
			return sp_fail(err, SETPKI_E_CONFLICT, "set-protocol 12.7", "this message has its certificate");
	return record(g->d, g->n, t, jobs, err);
}

/* All or none; OK: all have their answers. */
static enum setpki_code
issue(struct group *g, struct setpki_error *err)
{
	struct ca_register *r = g->d[0]->r;
	struct ca_reg_generation *ca = ca_reg_newest(r, g->d[0]->rec.ca);
	struct ca_ee_request reqs[SP_DESK_TOGETHER_MAX];
	struct ca_issue_job jobs[2 * SP_DESK_TOGETHER_MAX];
	size_t n = 0;
	enum setpki_code rc;

	if (ca == NULL)
		return sp_fail(err, SETPKI_E_STATE, NULL, "the keys of this CA are not here");
	for (size_t i = 0; i < g->n; i++) {
		ca_deciding_enter(g->d[i], CA_REQUEST_COMPLETE, SETPKI_STATUS_COMPLETE);
		reqs[i] = g->asking[i].req;
	}
	rc = ca_issue_ee_together(r->h, &ca->signer, reqs, g->n, commit, g, jobs, &n, err);
	if (rc == SETPKI_E_OK && jobs[0].repeated) /* `commit` does not see them if all are */
		rc = overtaken(g->d[0], err);
	for (size_t i = 0; i < n; i++)
		ca_cert_record_free(&jobs[i].out);
	return rc;
}

/* --- one by one -------------------------------------------------------------------------------- */

/* A merchant or gateway that was accepted and is not in the list: nobody knows what to call it (issue 4: from the
 * acquirer's record, not from what it typed). */
static enum setpki_code
pend_unlisted(struct ca_deciding *d, const struct setpki_error *why, struct setpki_error *err)
{
	ca_reg_warn(d->r, "a request was accepted and cannot be issued yet; it is pended: %s", why->message);
	d->rec.decider[0] = '\0';
	ca_deciding_enter(d, CA_REQUEST_PENDED, SETPKI_STATUS_PENDED);
	return record_alone(&d, 1, err);
}

/* Not issued, and `why`: for good, or not now. */
static enum setpki_code
put_off(struct ca_deciding *d, enum setpki_code rc, const struct setpki_error *why, struct setpki_error *err)
{
	if (d->message->again || d->composed || (rc != SETPKI_E_STATE && !ca_asking_refused(rc)))
		return sp_fail(err, rc, why->spec, "%s", why->message);
	snprintf(d->why, sizeof(d->why), "%.300s", why->message);
	setpki_mask_pans(d->why);
	if (rc == SETPKI_E_STATE) {
		ca_deciding_enter(d, CA_REQUEST_APPROVED, SETPKI_STATUS_IN_PROGRESS);
		return record_alone(&d, 1, err);
	}
	ca_deciding_enter(d, CA_REQUEST_REFUSED, SETPKI_STATUS_REJECTED_BY_CA);
	rc = ca_desk_cause(d->r->h->ctx, d->r->sealing, &d->rec, d->why, err);
	return rc == SETPKI_E_OK ? record_alone(&d, 1, err) : rc;
}

static enum setpki_code
make_asking(struct ca_deciding *d, struct ca_asking *a, struct setpki_error *err)
{
	enum setpki_code rc = ca_deciding_read(d, err);

	memset(a, 0, sizeof(*a));
	if (rc == SETPKI_E_OK)
		rc = ca_asking_make(d->t, &d->rec, d->parts.id, a, err);
	ca_deciding_read_no_more(d);
	return rc;
}

static enum setpki_code
accept(struct ca_deciding *d, struct setpki_error *err)
{
	struct setpki_error why = {0};
	struct group g = {.n = 1};
	enum setpki_code rc;

	g.d[0] = d;
	rc = make_asking(d, &g.asking[0], &why);
	if (rc == SETPKI_E_NOTFOUND)
		rc = pend_unlisted(d, &why, err);
	else if (rc != SETPKI_E_OK)
		rc = sp_fail(err, rc, why.spec, "%s", why.message);
	else if ((rc = issue(&g, &why)) != SETPKI_E_OK)
		rc = put_off(d, rc, &why, err);
	ca_asking_free(&g.asking[0]);
	return rc;
}

static bool
accepted(const struct ca_deciding *d)
{
	return d->rec.state == CA_REQUEST_COMPLETE;
}

static void
carry_out(struct ca_deciding *d)
{
	struct ca_register_message *m = d->message;

	m->rc = accepted(d) ? accept(d, &m->err) : record_alone(&d, 1, &m->err);
	d->done = true;
}

/* --- together ---------------------------------------------------------------------------------- */

/* A message that came twice, or another one under its RRPID: it is answered when the first has its answer, with which
 * the store knows of an RRPID. */
static bool
repeats(const struct ca_deciding *d, struct ca_deciding *const *before, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (memcmp(before[i]->q->rrpid, d->q->rrpid, sizeof(d->q->rrpid)) == 0 &&
		    memcmp(before[i]->signing_key, d->signing_key, sizeof(d->signing_key)) == 0)
			return true;
	return false;
}

/* An attempt at several ended: with all of them done, or with nothing that cannot be tried again one by one, or in the
 * middle of their answers. */
static void
attempted(struct ca_deciding *const *d, size_t n, enum setpki_code rc, const struct setpki_error *why)
{
	bool composed = false;

	for (size_t i = 0; i < n; i++)
		composed = composed || d[i]->composed;
	for (size_t i = 0; i < n; i++) {
		d[i]->message->again = false;
		d[i]->done = rc == SETPKI_E_OK || rc == SETPKI_E_STORE || composed;
		if (!d[i]->done)
			continue;
		d[i]->message->rc = rc;
		if (rc != SETPKI_E_OK)
			(void)sp_fail(&d[i]->message->err, rc, why->spec, "%s", why->message);
	}
}

/* All that need no certificate. */
static void
record_together(struct ca_register *r)
{
	struct ca_deciding *d[SP_DESK_TOGETHER_MAX];
	struct setpki_error why = {0};
	size_t n = 0;

	for (size_t i = 0; i < r->ndeciding; i++)
		if (!accepted(r->deciding[i]) && !repeats(r->deciding[i], d, n))
			d[n++] = r->deciding[i];
	if (n > 1)
		attempted(d, n, record_alone(d, n, &why), &why);
}

/* All that the CA of the i-th certifies. */
static void
issue_together(struct ca_register *r, size_t i)
{
	struct group g = {.n = 0};
	struct setpki_error why = {0};
	uint16_t ca = r->deciding[i]->rec.ca;

	for (; i < r->ndeciding; i++) {
		struct ca_deciding *d = r->deciding[i];

		if (d->tried || !accepted(d) || d->rec.ca != ca)
			continue;
		d->tried = true;
		if (repeats(d, g.d, g.n))
			continue;
		if (make_asking(d, &g.asking[g.n], NULL) == SETPKI_E_OK)
			g.d[g.n++] = d;
		else
			ca_asking_free(&g.asking[g.n]);
	}
	if (g.n > 1)
		attempted(g.d, g.n, issue(&g, &why), &why);
	for (i = 0; i < g.n; i++)
		ca_asking_free(&g.asking[i]);
}

void
ca_reg_carry_out(struct ca_register *r)
{
	record_together(r);
	for (size_t i = 0; i < r->ndeciding; i++)
		if (accepted(r->deciding[i]) && !r->deciding[i]->tried)
			issue_together(r, i);
	for (size_t i = 0; i < r->ndeciding; i++)
		if (!r->deciding[i]->done)
			carry_out(r->deciding[i]);
}
