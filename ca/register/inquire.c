/* What became of a request (set-protocol 12.8, 12.9). */
#include "ca/register/route.h"

#include <string.h>

/* What holders are told in each state; NONE: what was decided. */
static const enum setpki_status told[CA_REQUEST_STATES] = {
    [CA_REQUEST_IN_PROGRESS] = SETPKI_STATUS_IN_PROGRESS,
    [CA_REQUEST_PENDED] = SETPKI_STATUS_PENDED,
    [CA_REQUEST_APPROVED] = SETPKI_STATUS_IN_PROGRESS,
    [CA_REQUEST_COMPLETE] = SETPKI_STATUS_COMPLETE,
};

struct finding {
	struct ca_register *r;
	ca_txn *t;
	uint16_t ca;
	setpki_bytes lid_ee;
	size_t skip; /* how many are passed over yet */
	struct setpki_inquiry *out;
	bool found;
	enum setpki_code rc; /* what came of handing it out */
};

static enum setpki_code
hold_text(struct ca_register *r, const char *text, const char **out, struct setpki_error *err)
{
	setpki_bytes held;
	enum setpki_code rc = ca_reg_hold(r, sp_bytes(text, strlen(text) + 1), &held, err);

	*out = (const char *)held.p;
	return rc;
}

/* --- what is sealed ----------------------------------------------------------------------------- */

static enum setpki_code
hold_failed(struct ca_register *r, const struct ca_desk_parts *p, struct setpki_decision *d, struct setpki_error *err)
{
	struct setpki_failed_item items[CA_DESK_ANSWERS_MAX];
	const char *reason;
	setpki_bytes held;
	enum setpki_code rc = SETPKI_E_OK;

	if (d->status != SETPKI_STATUS_FORM_MALFORMED || p->nfailed == 0)
		return SETPKI_E_OK;
	for (size_t i = 0; rc == SETPKI_E_OK && i < p->nfailed; i++) {
		rc = hold_text(r, p->failed[i].reason, &reason, err);
		items[i] = (struct setpki_failed_item){p->failed[i].item, (char *)(uintptr_t)reason};
	}
	if (rc == SETPKI_E_OK)
		rc = ca_reg_hold(r, sp_bytes(items, p->nfailed * sizeof(items[0])), &held, err);
	if (rc == SETPKI_E_OK) {
		d->failed = (const struct setpki_failed_item *)(const void *)held.p;
		d->nfailed = p->nfailed;
	}
	return rc;
}

static enum setpki_code
hold_parts(struct finding *f, const struct ca_request_record *rec, bool card, struct setpki_error *err)
{
	struct setpki_decision *d = &f->out->decision;
	struct ca_desk_parts p;
	setpki_bytes nonce = {NULL, 0}, back_key = {NULL, 0};
	enum setpki_code rc = ca_desk_unseal(f->r->h->ctx, f->r->sealing, rec, &p, err);

	if (rc != SETPKI_E_OK)
		return rc;
	if ((rc = ca_reg_hold(f->r, p.back_key, &back_key, err)) == SETPKI_E_OK && card &&
	    d->status == SETPKI_STATUS_COMPLETE)
		rc = ca_reg_hold(f->r, SP_BYTES(p.nonce_cca), &nonce, err);
	if (rc == SETPKI_E_OK)
		rc = hold_failed(f->r, &p, d, err);
	d->back_key = back_key.p;
	d->nonce_cca = nonce.p;
	ca_desk_parts_free(&p);
	return rc;
}

/* --- certificates ------------------------------------------------------------------------------- */

struct issued {
	struct ca_register *r;
	setpki_bytes certs[2];
	size_t n;
};

static enum setpki_code
take_issued(void *arg, const struct ca_cert_record *rec, struct setpki_error *err)
{
	struct issued *x = arg;

	if (x->n == 2)
		return sp_fail(err, SETPKI_E_STORE, NULL, "more than two certificates under one request");
	return ca_reg_hold(x->r, rec->der, &x->certs[x->n++], err);
}

static enum setpki_code
hold_certs(struct finding *f, const struct ca_request_record *rec, struct setpki_error *err)
{
	struct issued x = {.r = f->r};
	setpki_bytes held;
	enum setpki_code rc;

	if (rec->state != CA_REQUEST_COMPLETE)
		return SETPKI_E_OK;
	if ((rc = ca_cert_by_request(f->t, rec->wrapper, take_issued, &x, err)) == SETPKI_E_OK)
		rc = ca_reg_hold(f->r, sp_bytes(x.certs, x.n * sizeof(x.certs[0])), &held, err);
	if (rc == SETPKI_E_OK) {
		f->out->decision.certs = (const setpki_bytes *)(const void *)held.p;
		f->out->decision.ncerts = x.n;
	}
	return rc == SETPKI_E_NOTFOUND ? SETPKI_E_STORE : rc;
}

static enum setpki_code
hold_old(struct finding *f, const struct ca_request_record *rec, struct setpki_error *err)
{
	struct ca_cert_record old;
	enum setpki_code rc;

	if (rec->old_seq == 0)
		return SETPKI_E_OK;
	if ((rc = ca_cert_get(f->t, rec->ca, rec->old_seq, &old, err)) != SETPKI_E_OK)
		return rc;
	rc = ca_reg_hold(f->r, old.der, &f->out->old_cert, err);
	ca_cert_record_free(&old);
	return rc;
}

/* --- the request -------------------------------------------------------------------------------- */

static enum setpki_code
hand_out(struct finding *f, const struct ca_request_record *rec, struct setpki_error *err)
{
	struct setpki_decision *d = &f->out->decision;
	enum setpki_code rc;

	if ((f->out->row = setpki_request_row((enum setpki_request_type)rec->type)) == NULL)
		return sp_fail(err, SETPKI_E_STORE, NULL, "a request without a type");
	d->status = told[rec->state] != SETPKI_STATUS_NONE ? told[rec->state] : (enum setpki_status)rec->status;
	if (rec->message[0] != '\0' && (rc = hold_text(f->r, rec->message, &d->message, err)) != SETPKI_E_OK)
		return rc;
	if ((rc = hold_parts(f, rec, f->out->row->holder == SETPKI_TYPE_CARD, err)) != SETPKI_E_OK ||
	    (rc = ca_reg_hold(f->r, rec->sig_key, &f->out->sig_key, err)) != SETPKI_E_OK ||
	    (rc = hold_old(f, rec, err)) != SETPKI_E_OK)
		return rc;
	return hold_certs(f, rec, err);
}

/* The n-th of this lid-EE, the newest first: whoever corrects what was refused asks again under the same identifiers.
 * What is erased is passed over: an older one may wait still. */
static enum setpki_code
look_at(void *arg, const struct ca_request_record *rec, struct setpki_error *err)
{
	struct finding *f = arg;

	if (rec->ca != f->ca || !sp_bytes_eq(sp_bytes(rec->lid_ee, rec->nlid_ee), f->lid_ee) || rec->sealed.n == 0 ||
	    f->skip-- > 0)
		return SETPKI_E_OK;
	f->found = true;
	f->rc = hand_out(f, rec, err);
	return SETPKI_E_STATE; /* ends the walk */
}

enum setpki_code
ca_reg_inquire(void *arg, const struct setpki_responder_ca *ca, const uint8_t lid_ca[SETPKI_LOCAL_ID_MAX],
    setpki_bytes lid_ee, size_t n, struct setpki_inquiry *out, struct setpki_error *err)
{
	struct finding f = {.r = arg, .ca = ca->number, .lid_ee = lid_ee, .skip = n, .out = out};
	enum setpki_code rc = ca_txn_begin(f.r->h->store, false, &f.t, err);

	if (rc != SETPKI_E_OK)
		return rc;
	rc = ca_request_by_lid(f.t, lid_ca, look_at, &f, err);
	ca_txn_abort(f.t);
	if (rc == SETPKI_E_OK && !f.found)
		return sp_fail(err, SETPKI_E_NOTFOUND, NULL, "no request of these identifiers");
	return rc == SETPKI_E_OK ? f.rc : rc;
}
