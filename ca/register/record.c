/* The record of a request (set-protocol 12.8): what is kept of a CertReq, its states, and the log of them. */
#include "ca/register/decide.h"
#include "ca/register/state.h"

#include "ca/audit/audit.h"
#include "lib/crypto/account.h"

#include <openssl/crypto.h>
#include <setpki/account.h>
#include <setpki/text.h>
#include <stdio.h>
#include <string.h>

/* --- states ------------------------------------------------------------------------------------ */

void
ca_desk_set(struct ca_home *h, struct ca_request_record *rec, enum ca_request_state state, enum setpki_status status,
    int64_t keep)
{
	rec->state = state;
	rec->status = (uint8_t)status;
	rec->changed_at = h->now;
	rec->writer = state == CA_REQUEST_IN_PROGRESS ? h->slot : 0;
	rec->writer_epoch = state == CA_REQUEST_IN_PROGRESS ? h->epoch : 0;
	rec->erase_at = CA_REQUEST_FINAL(state) ? h->now + keep : 0;
}

enum setpki_code
ca_desk_audit(struct ca_home *h, ca_txn *t, const struct ca_request_record *rec, enum ca_audit_event event,
    struct setpki_error *err)
{
	const struct setpki_request_row *row = setpki_request_row((enum setpki_request_type)rec->type);
	struct ca_audit_leaf leaf = {.at = h->now, .event = event, .ca = rec->ca};
	char detail[320];

	snprintf(detail, sizeof(detail), "request %llu: %s, %s%s%s", (unsigned long long)rec->number,
	    row != NULL ? row->name : "?", setpki_status_name((enum setpki_status)rec->status),
	    rec->decider[0] != '\0' ? ", by " : "", rec->decider);
	leaf.detail = detail;
	memcpy(leaf.object, rec->wrapper, sizeof(leaf.object));
	memcpy(leaf.policy_hash, h->policy->hash, sizeof(leaf.policy_hash));
	return ca_audit_append(h, t, &leaf, err);
}

enum setpki_code
ca_desk_put(struct ca_home *h, ca_txn *t, const struct ca_request_record *rec, struct setpki_error *err)
{
	enum setpki_code rc = ca_request_put(t, rec, err);

	return rc == SETPKI_E_OK ? ca_desk_audit(h, t, rec, ca_audit_request_event(rec->state), err) : rc;
}

/* --- what is kept of a CertReq ------------------------------------------------------------------ */

static char *
copy_text(const char *from, bool *failed)
{
	char *to = from != NULL ? OPENSSL_strdup(from) : NULL;

	if (from != NULL && to == NULL)
		*failed = true;
	return to;
}

/* A card number that was typed where it does not belong is not kept, not even sealed. */
static char *
copy_masked(const char *from, bool *failed)
{
	char *to = copy_text(from, failed);

	if (to != NULL)
		setpki_mask_pans(to);
	return to;
}

static enum setpki_code
fill_parts(struct ca_deciding *d, struct setpki_error *err)
{
	const struct setpki_cert_request *q = d->q;
	struct ca_desk_parts *p = &d->parts;
	bool failed = false;

	p->id = copy_text(q->id.holder != 0 ? q->id.id : NULL, &failed);
	p->back_key = sp_bytes_dup(q->back_key);
	if (q->back_key.n != 0 && p->back_key.p == NULL)
		failed = true;
	for (size_t i = 0; i < q->nanswers && i < CA_DESK_ANSWERS_MAX; i++) {
		p->answers[i].label = copy_masked(q->answers[i].label, &failed);
		p->answers[i].value = copy_masked(q->answers[i].value, &failed);
		p->nanswers = i + 1;
	}
	return failed ? sp_fail_memory(err) : SETPKI_E_OK;
}

/* Blinded name, and the digits that may be shown; the session cleanses the rest. */
static enum setpki_code
fill_card(struct ca_deciding *d, struct setpki_error *err)
{
	struct ca_request_record *rec = &d->rec;
	const struct setpki_cert_request *q = d->q;
	struct setpki_error why = {0};
	uint8_t pan_secret[SP_SECRET_LEN];
	size_t n = strlen(q->pan);
	enum setpki_code rc;

	if ((rc = sp_random(d->r->h->ctx, d->parts.nonce_cca, sizeof(d->parts.nonce_cca), err)) != SETPKI_E_OK)
		return rc;
	sp_pan_secret(q->card_secret, d->parts.nonce_cca, pan_secret);
	rc = setpki_account_name(d->r->h->ctx, d->r->h->policy->suite, q->pan, q->expiry, pan_secret, rec->name, &why);
	OPENSSL_cleanse(pan_secret, sizeof(pan_secret));
	if (rc == SETPKI_E_PARSE) /* a month that does not exist; what the session came to goes before it */
		return ca_deciding_refuse(d,
		    q->status != SETPKI_STATUS_NONE ? q->status : SETPKI_STATUS_REJECTED_BY_ISSUER, "%s", why.message);
	if (rc != SETPKI_E_OK)
		return sp_fail(err, rc, why.spec, "%s", why.message);
	memcpy(rec->first_six, q->pan, n < 6 ? n : 6);
	if (n >= 13) /* of a shorter one these would be too much */
		memcpy(rec->last_four, q->pan + n - 4, 4);
	memcpy(rec->expiry, q->expiry, sizeof(rec->expiry));
	return SETPKI_E_OK;
}

enum setpki_code
ca_deciding_fill(struct ca_deciding *d, struct setpki_error *err)
{
	const struct setpki_cert_request *q = d->q;
	struct ca_request_record *rec = &d->rec;
	enum setpki_code rc;

	*rec = (struct ca_request_record){.ca = q->ca->number,
	    .type = (uint8_t)q->row->type,
	    .received_at = d->r->h->now,
	    .nlid_ee = (uint8_t)q->lid_ee.n,
	    .sig_key = q->sig_key,
	    .enc_key = q->enc_key};
	memcpy(rec->wrapper, q->wrapper, sizeof(rec->wrapper));
	memcpy(rec->lid_ca, q->lid_ca, sizeof(rec->lid_ca));
	memcpy(rec->lid_ee, q->lid_ee.p, q->lid_ee.n);
	if (q->id.holder != 0) {
		memcpy(rec->bin, q->id.bin, sizeof(rec->bin));
		memcpy(rec->id, q->id.id, sizeof(rec->id));
		setpki_mask_pans(rec->id);
	}
	if ((rc = fill_parts(d, err)) == SETPKI_E_OK)
		rc = ca_reg_account_hash(d->r, q->pan, &q->id, rec->account_hash, err);
	return rc == SETPKI_E_OK && q->pan != NULL ? fill_card(d, err) : rc;
}
