/* Deciding on a CertReq: checks, and those who are asked (set-protocol 8). */
#include "ca/register/decide.h"

#include <openssl/crypto.h>
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

/* --- the whole --------------------------------------------------------------------------------- */

static enum setpki_code
seal_parts(struct ca_deciding *d, struct setpki_error *err)
{
	const char *cause = d->why[0] != '\0' ? d->why : d->said;

	if (cause[0] != '\0' && (d->parts.cause = OPENSSL_strdup(cause)) == NULL)
		return sp_fail_memory(err);
	return ca_desk_seal(d->r->h->ctx, d->r->sealing, d->rec.wrapper, &d->parts, &d->rec.sealed, err);
}

static void
take_verdict(struct ca_deciding *d, enum ca_verdict verdict)
{
	static const struct {
		enum ca_request_state state;
		enum setpki_status status; /* NONE: the one that was given */
	} states[] = {
	    [CA_VERDICT_NONE] = {CA_REQUEST_PENDED, SETPKI_STATUS_PENDED},
	    [CA_VERDICT_PEND] = {CA_REQUEST_PENDED, SETPKI_STATUS_PENDED},
	    [CA_VERDICT_WAIT] = {CA_REQUEST_IN_PROGRESS, SETPKI_STATUS_IN_PROGRESS},
	    [CA_VERDICT_ACCEPT] = {CA_REQUEST_COMPLETE, SETPKI_STATUS_COMPLETE},
	    [CA_VERDICT_REJECT] = {CA_REQUEST_REJECTED, SETPKI_STATUS_NONE},
	};

	ca_deciding_enter(d, states[verdict].state,
	    states[verdict].status != SETPKI_STATUS_NONE ? states[verdict].status : (enum setpki_status)d->rec.status);
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
		ca_deciding_enter(d, CA_REQUEST_REFUSED, (enum setpki_status)d->rec.status);
	} else if ((rc = ask_each(d, &verdict, err)) == SETPKI_E_OK)
		take_verdict(d, verdict);
	return rc == SETPKI_E_OK ? seal_parts(d, err) : rc;
}

void
ca_deciding_free(struct ca_deciding *d)
{
	ca_deciding_read_no_more(d);
	OPENSSL_free((void *)(uintptr_t)d->rec.sealed.p);
	ca_desk_parts_free(&d->parts);
	OPENSSL_clear_free(d, sizeof(*d));
}

enum setpki_code
ca_reg_decide(void *arg, const struct setpki_cert_request *request, setpki_responder *session, struct setpki_error *err)
{
	struct ca_register *r = arg;
	struct ca_reg_generation *g = ca_reg_of(r, request->ca);
	struct ca_deciding *d;
	uint64_t left;
	enum setpki_code rc;

	if (g == NULL)
		return sp_fail(err, SETPKI_E_STATE, NULL, "the CA that was asked is gone");
	/* below the low-water mark what room is left is for revocation and publication */
	if ((rc = ca_store_headroom(r->h->store, &left, err)) != SETPKI_E_OK ||
	    (rc = ca_reg_may_try(r, request->pan, &request->id, err)) != SETPKI_E_OK)
		return rc;
	if ((d = OPENSSL_zalloc(sizeof(*d))) == NULL)
		return sp_fail_memory(err);
	d->r = r;
	d->q = request;
	d->session = session;
	d->message = r->message;
	d->g = g;
	d->role = ca_reg_role(request->row->holder);
	d->profile = ca_reg_profile(r, g, d->role);
	memcpy(d->signing_key, r->signing_key, sizeof(d->signing_key));
	rc = decide(d, err);
	ca_deciding_read_no_more(d);
	if (rc != SETPKI_E_OK) {
		ca_deciding_free(d);
		return rc;
	}
	r->deciding[r->ndeciding++] = d;
	return SETPKI_E_PENDING;
}
