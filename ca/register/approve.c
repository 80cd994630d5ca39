/* What persons do with a request: for it, alone or as one of two, or against it. */
#include "ca/register/asking.h"
#include "ca/register/decide.h"
#include "ca/register/state.h"

#include <openssl/crypto.h>
#include <setpki/text.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* --- one request and its desk ------------------------------------------------------------------- */

struct voting {
	struct ca_home *h;
	struct ca_request_record rec;
	const struct ca_desk *desk; /* NULL: its CA registers no more in this role */
	const char *by;
};

static enum setpki_code
check_name(const char *by, struct setpki_error *err)
{
	if (by != NULL && by[0] != '\0' && strlen(by) <= CA_PERSON_MAX && setpki_utf8_printable(sp_bytes_str(by)))
		return SETPKI_E_OK;
	return sp_fail(err, SETPKI_E_ARGUMENT, NULL, "who decides needs a name of at most %d octets", CA_PERSON_MAX);
}

static enum setpki_code
load(struct voting *v, ca_txn *t, uint64_t number, struct setpki_error *err)
{
	struct ca_ca_record ca;
	enum setpki_code rc;

	if (v->h->policy == NULL)
		return sp_fail(err, SETPKI_E_STATE, NULL, "no policy is in force here; run init first");
	if ((rc = ca_request_get(t, number, &v->rec, err)) != SETPKI_E_OK ||
	    (rc = ca_ca_get(t, v->rec.ca, &ca, err)) != SETPKI_E_OK)
		return rc;
	v->desk = ca_desk_of(v->h, ca.name, &v->rec);
	ca_ca_record_free(&ca);
	return SETPKI_E_OK;
}

static enum setpki_code
wrong_state(const struct voting *v, const char *wanted, struct setpki_error *err)
{
	return sp_fail(err, SETPKI_E_STATE, "set-protocol 12.8",
	    "request %llu is %s; only one that is %s can still be decided", (unsigned long long)v->rec.number,
	    ca_request_state_name(v->rec.state), wanted);
}

/* A name as it is kept: masked, like all that comes from outside. */
static void
copy_name(char to[CA_PERSON_MAX + 1], const char *by)
{
	snprintf(to, CA_PERSON_MAX + 1, "%s", by);
	setpki_mask_pans(to);
}

/* --- could it be issued? ------------------------------------------------------------------------ */

static enum setpki_code
try_issue(const struct voting *v, const struct ca_asking *a, struct setpki_error *err)
{
	struct setpki_error why = {0};
	struct ca_issue_job jobs[2];
	struct ca_signer signer;
	size_t n = 0;
	enum setpki_code rc = ca_signer_load(v->h, v->rec.ca, 0, CA_PURPOSE_CERTSIGN, &signer, &why);

	if (rc == SETPKI_E_OK)
		rc = ca_issue_ee_with(v->h, &signer, &a->req, true, NULL, NULL, jobs, &n, &why);
	for (size_t i = 0; i < n; i++)
		ca_cert_record_free(&jobs[i].out);
	ca_signer_close(&signer);
	if (rc == SETPKI_E_STATE) /* on hold, or the keys are elsewhere: it waits, approved */
		return SETPKI_E_OK;
	return rc == SETPKI_E_OK ? rc : sp_fail(err, rc, why.spec, "%s", why.message);
}

/* What would be asked of the engine. */
static enum setpki_code
make_asking(struct voting *v, ca_txn *t, struct ca_asking *a, struct setpki_error *err)
{
	struct ca_desk_parts parts = {0};
	uint8_t key[32];
	enum setpki_code rc = ca_desk_key(v->h, key, err);

	if (rc == SETPKI_E_OK)
		rc = ca_desk_unseal(v->h->ctx, key, &v->rec, &parts, err);
	OPENSSL_cleanse(key, sizeof(key));
	if (rc == SETPKI_E_OK && (rc = ca_asking_stands(v->h, t, &v->rec, parts.id, err)) == SETPKI_E_OK)
		rc = ca_asking_make(t, &v->rec, parts.id, a, err);
	ca_desk_parts_free(&parts);
	return rc;
}

enum setpki_code
ca_desk_try(struct ca_home *h, uint64_t number, char name[CA_DESK_NAME], struct setpki_error *err)
{
	struct voting v = {.h = h};
	struct ca_asking a;
	ca_txn *t;
	enum setpki_code rc;

	memset(&a, 0, sizeof(a));
	if ((rc = ca_txn_begin(h->store, false, &t, err)) != SETPKI_E_OK)
		return rc;
	if ((rc = load(&v, t, number, err)) == SETPKI_E_OK)
		rc = make_asking(&v, t, &a, err);
	ca_txn_abort(t);
	if (name != NULL)
		snprintf(name, CA_DESK_NAME, "%s", a.req.common_name != NULL ? a.req.common_name : "");
	if (rc == SETPKI_E_OK)
		rc = try_issue(&v, &a, err);
	ca_asking_free(&a);
	ca_request_record_free(&v.rec);
	return rc;
}

enum setpki_code
ca_desk_approvals(struct ca_home *h, const struct ca_request_record *rec, int *out, struct setpki_error *err)
{
	const struct ca_desk *desk;
	struct ca_ca_record ca;
	ca_txn *t;
	enum setpki_code rc;

	if ((rc = ca_txn_begin(h->store, false, &t, err)) != SETPKI_E_OK)
		return rc;
	rc = ca_ca_get(t, rec->ca, &ca, err);
	ca_txn_abort(t);
	if (rc != SETPKI_E_OK)
		return rc;
	desk = ca_desk_of(h, ca.name, rec);
	*out = desk != NULL ? desk->approvals : 1;
	ca_ca_record_free(&ca);
	return rc;
}

/* --- approving ---------------------------------------------------------------------------------- */

static enum setpki_code
vote(struct voting *v, ca_txn *t, struct setpki_error *err)
{
	struct ca_request_record *rec = &v->rec;
	int needed;
	char by[CA_PERSON_MAX + 1];
	bool voted = false;
	enum setpki_code rc;

	copy_name(by, v->by);
	if (rec->state != CA_REQUEST_PENDED)
		return wrong_state(v, "pended", err);
	if (v->desk == NULL) /* nor is it known how many have to */
		return sp_fail(err, SETPKI_E_POLICY, NULL,
		    "by the policy in force the CA of request %llu does not register in this role: it can be rejected",
		    (unsigned long long)rec->number);
	needed = v->desk->approvals;
	for (size_t i = 0; i < rec->nvotes; i++)
		voted = voted || strcasecmp(rec->votes[i].by, by) == 0;
	if (voted && rec->nvotes < needed)
		return sp_fail(err, SETPKI_E_CONFLICT, NULL,
		    "%s has approved request %llu already; another person has to", by, (unsigned long long)rec->number);
	if (!voted && rec->nvotes < CA_REQUEST_VOTES) {
		memcpy(rec->votes[rec->nvotes].by, by, sizeof(by));
		rec->votes[rec->nvotes++].at = v->h->now;
	}
	memcpy(rec->decider, by, sizeof(by));
	if (rec->nvotes < needed) {
		rec->changed_at = v->h->now;
		rc = ca_request_put(t, rec, err);
		return rc == SETPKI_E_OK ? ca_desk_audit(v->h, t, rec, CA_AUDIT_REQUEST_VOTE, err) : rc;
	}
	rec->message[0] = '\0'; /* what was said of the waiting is over */
	ca_desk_set(v->h, rec, CA_REQUEST_APPROVED, SETPKI_STATUS_IN_PROGRESS, 0);
	return ca_desk_put(v->h, t, rec, err);
}

/* Loads, changes, commits. */
static enum setpki_code
change(struct voting *v, uint64_t number, enum setpki_code (*how)(struct voting *, ca_txn *, struct setpki_error *),
    struct ca_request_record *out, struct setpki_error *err)
{
	ca_txn *t;
	enum setpki_code rc;

	if ((rc = ca_txn_begin(v->h->store, true, &t, err)) != SETPKI_E_OK)
		return rc;
	if ((rc = load(v, t, number, err)) == SETPKI_E_OK)
		rc = how(v, t, err);
	if (rc == SETPKI_E_OK)
		rc = ca_txn_commit(t, err);
	else
		ca_txn_abort(t);
	if (rc == SETPKI_E_OK && out != NULL) {
		*out = v->rec;
		return rc;
	}
	ca_request_record_free(&v->rec);
	return rc;
}

static enum setpki_code
check_pended(struct voting *v, uint64_t number, struct setpki_error *err)
{
	ca_txn *t;
	enum setpki_code rc;

	if ((rc = ca_txn_begin(v->h->store, false, &t, err)) != SETPKI_E_OK)
		return rc;
	if ((rc = load(v, t, number, err)) == SETPKI_E_OK && v->rec.state != CA_REQUEST_PENDED)
		rc = wrong_state(v, "pended", err);
	ca_txn_abort(t);
	ca_request_record_free(&v->rec);
	return rc;
}

enum setpki_code
ca_desk_approve(
    struct ca_home *h, uint64_t number, const char *by, struct ca_request_record *out, struct setpki_error *err)
{
	struct voting v = {.h = h, .by = by};
	enum setpki_code rc;

	if (out != NULL)
		memset(out, 0, sizeof(*out));
	if ((rc = check_name(by, err)) != SETPKI_E_OK || (rc = check_pended(&v, number, err)) != SETPKI_E_OK ||
	    (rc = ca_desk_try(h, number, NULL, err)) != SETPKI_E_OK) /* nobody approves what would be refused */
		return rc;
	return change(&v, number, vote, out, err);
}

/* --- rejecting ---------------------------------------------------------------------------------- */

struct rejecting {
	struct voting v;
	enum setpki_status status;
	const char *message;
};

static enum setpki_code
reject(struct voting *v, ca_txn *t, struct setpki_error *err)
{
	const struct rejecting *r = (const struct rejecting *)(const void *)v;
	const struct setpki_request_row *row = setpki_request_row((enum setpki_request_type)v->rec.type);
	struct ca_request_record *rec = &v->rec;
	enum setpki_status status = r->status;

	if (rec->state != CA_REQUEST_PENDED && rec->state != CA_REQUEST_APPROVED)
		return wrong_state(v, "pended, or approved and not issued yet,", err);
	if (status == SETPKI_STATUS_NONE)
		status = ca_reg_rejected(row != NULL ? ca_reg_role(row->holder) : CA_ROLE_N);
	copy_name(rec->decider, v->by);
	snprintf(rec->message, sizeof(rec->message), "%s", r->message != NULL ? r->message : "");
	setpki_mask_pans(rec->message);
	ca_desk_set(v->h, rec, CA_REQUEST_REJECTED, status, v->desk != NULL ? v->desk->keep : SP_DESK_KEEP_MIN_S);
	return ca_desk_put(v->h, t, rec, err);
}

enum setpki_code
ca_desk_reject(struct ca_home *h, uint64_t number, const char *by, enum setpki_status status, const char *message,
    struct ca_request_record *out, struct setpki_error *err)
{
	struct rejecting r = {.v = {.h = h, .by = by}, .status = status, .message = message};
	enum setpki_code rc;

	if (out != NULL)
		memset(out, 0, sizeof(*out));
	if ((rc = check_name(by, err)) != SETPKI_E_OK)
		return rc;
	if (status != SETPKI_STATUS_NONE && ca_desk_rejection(setpki_status_name(status)) != status)
		return sp_fail(err, SETPKI_E_ARGUMENT, "set-protocol 3, CertStatusCode",
		    "%s is no way to reject a request", setpki_status_name(status));
	if (message != NULL && !ca_reg_message_fits(message))
		return sp_fail(err, SETPKI_E_ARGUMENT, "set-protocol 3, CertStatus",
		    "the message has to be a text of 1 to %u characters", SP_UB_MESSAGE_TEXT);
	return change(&r.v, number, reject, out, err);
}
