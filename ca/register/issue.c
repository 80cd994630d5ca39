/* Issuing what was approved: by the process that holds the keys, whoever approved it. */
#include "ca/register/asking.h"
#include "ca/register/route.h"
#include "ca/register/state.h"

#include "ca/issue/hold.h"

#include <openssl/crypto.h>
#include <string.h>

struct issuing {
	struct ca_home *h;
	struct ca_request_record rec;
	struct ca_desk_parts parts;
	int64_t keep;
};

static void
issuing_free(struct issuing *i)
{
	ca_request_record_free(&i->rec);
	ca_desk_parts_free(&i->parts);
}

const struct ca_desk *
ca_desk_of(struct ca_home *h, const char *ca, const struct ca_request_record *rec)
{
	const struct setpki_request_row *row = setpki_request_row((enum setpki_request_type)rec->type);
	int i = ca_policy_find(h->policy, ca);
	enum ca_role role = row != NULL ? ca_reg_role(row->holder) : CA_ROLE_N;

	if (i < 0 || role >= CA_ROLE_N || !h->policy->cas[i].profiles[role].present ||
	    !h->policy->cas[i].profiles[role].desk.present)
		return NULL;
	return &h->policy->cas[i].profiles[role].desk;
}

/* The request, and what is sealed in it. */
static enum setpki_code
load(struct issuing *i, ca_txn *t, uint64_t number, struct setpki_error *err)
{
	const struct ca_desk *desk;
	struct ca_ca_record ca;
	uint8_t key[32];
	enum setpki_code rc;

	if ((rc = ca_request_get(t, number, &i->rec, err)) != SETPKI_E_OK)
		return rc;
	if (i->rec.state != CA_REQUEST_APPROVED)
		return sp_fail(err, SETPKI_E_STATE, "set-protocol 12.8", "request %llu is %s, not approved",
		    (unsigned long long)number, ca_request_state_name(i->rec.state));
	if ((rc = ca_ca_get(t, i->rec.ca, &ca, err)) != SETPKI_E_OK)
		return rc;
	desk = ca_desk_of(i->h, ca.name, &i->rec);
	i->keep = desk != NULL ? desk->keep : SP_DESK_KEEP_MIN_S;
	ca_ca_record_free(&ca);
	if ((rc = ca_desk_key(i->h, key, err)) == SETPKI_E_OK)
		rc = ca_desk_unseal(i->h->ctx, key, &i->rec, &i->parts, err);
	OPENSSL_cleanse(key, sizeof(key));
	return rc;
}

static enum setpki_code
note_cause(struct ca_home *h, struct ca_request_record *rec, const char *cause, struct setpki_error *err)
{
	uint8_t key[32];
	enum setpki_code rc = ca_desk_key(h, key, err);

	if (rc == SETPKI_E_OK)
		rc = ca_desk_cause(h->ctx, key, rec, cause, err);
	OPENSSL_cleanse(key, sizeof(key));
	return rc;
}

/* Another process may have been faster: what counts is what the transaction sees.  `cause`: why it is refused; NULL: it
 * is not. */
static enum setpki_code
finish(const struct issuing *i, ca_txn *t, enum ca_request_state state, enum setpki_status status, const char *cause,
    struct setpki_error *err)
{
	struct ca_request_record now;
	enum setpki_code rc;

	if ((rc = ca_request_get(t, i->rec.number, &now, err)) != SETPKI_E_OK)
		return rc;
	if (now.state != CA_REQUEST_APPROVED) {
		rc = sp_fail(err, SETPKI_E_STATE, "set-protocol 12.8", "request %llu is %s meanwhile",
		    (unsigned long long)now.number, ca_request_state_name(now.state));
	} else if (cause == NULL || (rc = note_cause(i->h, &now, cause, err)) == SETPKI_E_OK) {
		ca_desk_set(i->h, &now, state, status, i->keep);
		rc = ca_desk_put(i->h, t, &now, err);
	}
	ca_request_record_free(&now);
	return rc;
}

static enum setpki_code
commit(void *arg, ca_txn *t, struct ca_issue_job *jobs, size_t n, struct setpki_error *err)
{
	const struct issuing *i = arg;
	enum setpki_code rc = ca_asking_stands(i->h, t, &i->rec, i->parts.id, err);

	(void)jobs;
	(void)n;
	return rc == SETPKI_E_OK ? finish(i, t, CA_REQUEST_COMPLETE, SETPKI_STATUS_COMPLETE, NULL, err) : rc;
}

/* What policy or engine refuse for good, the holder is told. */
static enum setpki_code
refuse(const struct issuing *i, const struct setpki_error *why, struct setpki_error *err)
{
	ca_txn *t;
	enum setpki_code rc;

	if ((rc = ca_txn_begin(i->h->store, true, &t, err)) != SETPKI_E_OK)
		return rc;
	if ((rc = finish(i, t, CA_REQUEST_REFUSED, SETPKI_STATUS_REJECTED_BY_CA, why->message, err)) == SETPKI_E_OK)
		return ca_txn_commit(t, err);
	ca_txn_abort(t);
	return rc;
}

static enum setpki_code
issue(struct issuing *i, struct ca_signer *signer, const struct ca_asking *a, size_t *issued, struct setpki_error *err)
{
	struct ca_signer own;
	struct ca_issue_job jobs[2];
	size_t n = 0;
	enum setpki_code rc = SETPKI_E_OK;

	memset(&own, 0, sizeof(own));
	if (signer == NULL && (rc = ca_hold_check_now(i->h, err)) == SETPKI_E_OK)
		rc = ca_signer_load(i->h, i->rec.ca, 0, CA_PURPOSE_CERTSIGN, &own, err);
	if (rc == SETPKI_E_OK)
		rc = ca_issue_ee_with(i->h, signer != NULL ? signer : &own, &a->req, false, commit, i, jobs, &n, err);
	for (size_t k = 0; k < n; k++) {
		*issued += rc == SETPKI_E_OK && !jobs[k].repeated;
		ca_cert_record_free(&jobs[k].out);
	}
	ca_signer_close(&own);
	return rc;
}

/* Reads, makes what is asked, issues. */
static enum setpki_code
work(struct issuing *i, uint64_t number, struct ca_signer *signer, size_t *issued, struct setpki_error *err)
{
	struct setpki_error store = {0};
	struct ca_asking a;
	ca_txn *t;
	enum setpki_code rc;

	memset(&a, 0, sizeof(a));
	if ((rc = ca_txn_begin(i->h->store, false, &t, err)) != SETPKI_E_OK)
		return rc;
	if ((rc = load(i, t, number, err)) == SETPKI_E_OK &&
	    (rc = ca_asking_stands(i->h, t, &i->rec, i->parts.id, err)) == SETPKI_E_OK)
		rc = ca_asking_make(t, &i->rec, i->parts.id, &a, err);
	ca_txn_abort(t);
	if (rc == SETPKI_E_OK)
		rc = issue(i, signer, &a, issued, err);
	ca_asking_free(&a);
	if (i->rec.number != 0 && ca_asking_refused(rc) && refuse(i, err, &store) == SETPKI_E_STORE) {
		setpki_error_clear(err);
		return sp_fail(err, SETPKI_E_STORE, store.spec, "%s", store.message);
	}
	return rc;
}

enum setpki_code
ca_desk_issue(struct ca_home *h, uint64_t number, struct ca_signer *signer, size_t *issued,
    struct ca_request_record *out, struct setpki_error *err)
{
	struct issuing i = {.h = h};
	struct ca_request_record now = {0};
	ca_txn *t;
	size_t n = 0;
	enum setpki_code rc = work(&i, number, signer, &n, err);

	issuing_free(&i);
	if (issued != NULL)
		*issued = n;
	/* What it is now: whoever was faster, there is an answer. */
	if (rc != SETPKI_E_STORE && ca_txn_begin(h->store, false, &t, NULL) == SETPKI_E_OK) {
		if (ca_request_get(t, number, &now, NULL) == SETPKI_E_OK && now.state == CA_REQUEST_COMPLETE) {
			setpki_error_clear(err);
			rc = SETPKI_E_OK;
		}
		ca_txn_abort(t);
	}
	if (out != NULL)
		*out = now;
	else
		ca_request_record_free(&now);
	return rc;
}
