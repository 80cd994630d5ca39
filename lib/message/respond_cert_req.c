/* CertReq: opened with one failure, checked, decided by the desk (set-protocol 3, 8, 12.5 to 12.9). */
#include "lib/message/respond.h"

#include <openssl/crypto.h>
#include <stdio.h>

/* The one octet that stands for an identifier which cannot be told (set-protocol 12.5). */
static const uint8_t nobody[1], no_challenge[SP_NONCE_LEN];

/* EncX has a PAN from a cardholder, whose id the wrapper carries as lid-C. */
static const struct sp_enc_form *
form_of(const struct setpki_responder *r)
{
	const SP_CERT_REQ *req = r->pdu;

	return sp_cert_req_form(req->type == 0, r->in.lid_c.n != 0 ? SETPKI_TYPE_CARD : 0);
}

enum setpki_code
sp_find_cert_req(struct setpki_responder *r, struct setpki_error *err)
{
	const SP_CERT_REQ *req = r->pdu;

	return sp_respond_recipient(r, sp_str(req->type == 0 ? req->value.encx : req->value.enc), err);
}

/* --- the same request, the same answer (12.7) ---------------------------------------------------- */

static enum setpki_code
kept(struct setpki_responder *r, struct sp_asked *a, struct setpki_error *err)
{
	setpki_bytes answer = {NULL, 0};
	enum setpki_code rc = sp_sha256(r->ctx, r->in.wrapper, a->request.wrapper, err);

	if (rc == SETPKI_E_OK)
		rc = r->ops->kept(r->ops->arg, a->request.wrapper, &answer, err);
	if (rc != SETPKI_E_OK)
		return rc;
	r->note->repeated = true;
	sp_buf_add_bytes(&r->out, answer);
	return r->out.failed ? sp_fail_memory(err) : SETPKI_E_OK;
}

/* --- opening (12.5) ------------------------------------------------------------------------------ */

/* For the log alone, and of one text too. */
static void
note_refused(struct setpki_responder *r, const char *why)
{
	snprintf(r->note->detail, sizeof(r->note->detail), "%s", why);
}

static enum setpki_code
decryption_error(struct setpki_responder *r, struct setpki_error *err)
{
	setpki_bytes lid = r->in.lid_c.n != 0 ? r->in.lid_c : r->in.lid_m;
	const struct setpki_decision decision = {.status = SETPKI_STATUS_DECRYPTION_ERROR};
	const struct sp_cert_res_to to = {.arm = SP_ARM_CERT_RES,
	    .lid_ee = lid.n != 0 ? lid : SP_BYTES(nobody),
	    .chall_ee3 = SP_BYTES(no_challenge),
	    .lid_ca = SP_BYTES(nobody)};

	note_refused(r, "the envelope cannot be opened");
	return sp_cert_res_put(r, &to, &decision, err);
}

/* Whom the answer goes to, and under which key: known once the envelope is open, trusted or not. */
static void
address(struct setpki_responder *r, struct sp_asked *a)
{
	const SP_CERT_REQ_DATA *d = a->signers.data;

	a->to = (struct sp_cert_res_to){.arm = SP_ARM_CERT_RES,
	    .lid_ee = sp_str(d->lid_ee),
	    .chall_ee3 = sp_str(d->chall_ee3),
	    .lid_ca = d->lid_ca != NULL ? sp_str(d->lid_ca) : SP_BYTES(nobody),
	    .row = a->signers.row};
	sp_asked_back_key(r, a);
}

static enum setpki_code
sig_validation_fail(struct setpki_responder *r, struct sp_asked *a, struct setpki_error *err)
{
	const struct setpki_decision decision = {.status = SETPKI_STATUS_SIG_VALIDATION_FAIL};

	note_refused(r, "a signature does not verify, or is not of the keys that sign such a request");
	address(r, a);
	r->thumbs = a->signers.data->thumbs; /* echoed, and not judged */
	return sp_cert_res_put(r, &a->to, &decision, err);
}

/* What became of the envelope: OK, DECRYPT or SIGNATURE; RULE with a fault for what shows from outside. */
static enum setpki_code
open_request(struct setpki_responder *r, struct sp_asked *a, struct setpki_error *err)
{
	const SP_CERT_REQ *req = r->pdu;
	const struct sp_enc_form *form = form_of(r);
	const struct sp_verify_ask keys = {form->tbs, sp_signers_count, sp_signers_key, &a->signers};
	struct setpki_error why = {0};
	enum setpki_code rc;

	a->signers.r = r;
	rc = sp_enc_open(r->ctx, r->suite, form, &r->ca->exchange, &keys,
	    sp_str(req->type == 0 ? req->value.encx : req->value.enc), &a->opened, &why);
	if (a->signers.rc != SETPKI_E_OK)
		return sp_fail(err, a->signers.rc, a->signers.err.spec, "%s", a->signers.err.message);
	if (rc == SETPKI_E_SUITE)
		return sp_fault(&r->fault, SETPKI_ERR_MESSAGE_NOT_SUPPORTED, "%s", why.message);
	if (rc == SETPKI_E_PARSE || rc == SETPKI_E_LIMIT)
		return sp_fault(&r->fault, SETPKI_ERR_DECODING_FAILURE, "%s", why.message);
	if ((rc == SETPKI_E_SIGNATURE || rc == SETPKI_E_OK) && a->signers.data == NULL)
		return SETPKI_E_DECRYPT; /* inner DER: part of the one failure */
	if (rc == SETPKI_E_OK && a->signers.missing)
		return r->suite == SETPKI_SUITE_CLASSIC ? SETPKI_E_DECRYPT : SETPKI_E_SIGNATURE;
	if (rc == SETPKI_E_OK || rc == SETPKI_E_DECRYPT || rc == SETPKI_E_SIGNATURE)
		return rc;
	return sp_fail(err, rc, why.spec, "%s", why.message);
}

/* --- checks (8, 12.6, 12.7, 12.19) --------------------------------------------------------------- */

static enum setpki_code
check_challenge(
    struct setpki_responder *r, const SP_CERT_REQ_DATA *d, enum setpki_request_type type, struct setpki_error *err)
{
	setpki_bytes lid_ca = sp_str(d->lid_ca), chall_ca = sp_str(d->chall_ca);
	uint8_t want[SETPKI_NONCE_LEN];
	struct sp_lid_ca l;
	enum setpki_code rc;

	if (lid_ca.n == 0)
		return sp_fault(&r->fault, SETPKI_ERR_UNKNOWN_LID, "a CertReq without lid-CA");
	if (chall_ca.n != sizeof(want) || !sp_lid_ca_read(lid_ca, &l) || l.ca != r->ca->number || l.key_id == 0 ||
	    !sp_lid_ca_fresh(&l, r->now))
		return sp_fault(&r->fault, SETPKI_ERR_CHALLENGE_MISMATCH,
		    "no chall-CA, or a lid-CA of another CA or outside its window");
	rc = sp_respond_chall_ca(r, lid_ca, sp_str(d->lid_ee), type, want, err);
	if (rc == SETPKI_E_NOTFOUND) {
		setpki_error_clear(err);
		return sp_fault(&r->fault, SETPKI_ERR_CHALLENGE_MISMATCH, "the key of this chall-CA is gone");
	}
	if (rc == SETPKI_E_OK && CRYPTO_memcmp(want, chall_ca.p, sizeof(want)) != 0)
		rc = sp_fault(&r->fault, SETPKI_ERR_CHALLENGE_MISMATCH, "chall-CA is not the one that was given out");
	OPENSSL_cleanse(want, sizeof(want));
	return rc;
}

static enum setpki_code
check_thumbs(struct setpki_responder *r, const SP_CERT_REQ_DATA *d)
{
	enum setpki_code rc = sp_respond_thumbs(r, d->thumbs);

	if (rc == SETPKI_E_OK && !sp_thumbs_have(r->ctx, r->suite, d->thumbs, SP_THUMB_CERTS, r->ca->exchange_cert))
		rc = sp_fault(&r->fault, SETPKI_ERR_THUMBS_MISMATCH,
		    "the thumbs do not list the key-exchange certificate that this was encrypted to");
	return rc;
}

static enum setpki_code
check_rrpid(struct setpki_responder *r, struct sp_asked *a, struct setpki_error *err)
{
	uint8_t key[32];
	enum setpki_code rc = sp_sha256(r->ctx, a->signers.first, key, err);

	if (rc == SETPKI_E_OK)
		rc = r->ops->rrpid(r->ops->arg, r->in.rrpid.p, key, a->request.wrapper, err);
	if (rc != SETPKI_E_CONFLICT)
		return rc;
	setpki_error_clear(err);
	return sp_fault(
	    &r->fault, SETPKI_ERR_UNKNOWN_RRPID, "this rrpid was used for another request under the same key");
}

/* Identifiers are no secrets: nobody's requests under them may become so many that an inquiry does not find all. */
static enum setpki_code
check_room(struct setpki_responder *r, const SP_CERT_REQ_DATA *d, struct setpki_error *err)
{
	struct setpki_inquiry found = {0};
	enum setpki_code rc = r->ops->inquire(
	    r->ops->arg, r->ca, sp_str(d->lid_ca).p, sp_str(d->lid_ee), SP_LID_REQUESTS_MAX - 1, &found, err);

	if (rc == SETPKI_E_OK)
		return sp_fault(&r->fault, SETPKI_ERR_UNKNOWN_LID,
		    "%u requests came under this lid-CA and lid-EE; the next one needs others", SP_LID_REQUESTS_MAX);
	if (rc != SETPKI_E_NOTFOUND)
		return rc;
	setpki_error_clear(err);
	return SETPKI_E_OK;
}

/* Which keys and which account the type calls for. */
static enum setpki_code
check_shape(struct setpki_responder *r, const struct sp_asked *a)
{
	const SP_CERT_REQ_DATA *d = a->signers.data;
	const struct setpki_request_row *row = a->signers.row;

	if ((d->keys->sig != NULL) != row->sig || (d->keys->enc != NULL) != row->enc)
		return sp_fault(&r->fault, SETPKI_ERR_DECODING_FAILURE,
		    "publicKeySorE does not hold the keys that %s asks for", row->name);
	if (row->holder == SETPKI_TYPE_CARD && form_of(r)->extra != SP_EXTRA_PAN_DATA0)
		return sp_fault(&r->fault, SETPKI_ERR_DECODING_FAILURE, "a cardholder's CertReq without an account");
	return SETPKI_E_OK;
}

static enum setpki_code
check(struct setpki_responder *r, struct sp_asked *a, struct setpki_error *err)
{
	const SP_CERT_REQ_DATA *d = a->signers.data;
	const struct setpki_request_row *row;
	enum setpki_code rc;

	if ((rc = sp_respond_ids(r, d->rrpid, SETPKI_ERR_WRAPPER_MSG_MISMATCH, d->lid_ee, a->signers.row->holder)) !=
		SETPKI_E_OK ||
	    (rc = sp_respond_type(r, d->request_type, &row)) != SETPKI_E_OK ||
	    (rc = check_shape(r, a)) != SETPKI_E_OK || (rc = check_challenge(r, d, row->type, err)) != SETPKI_E_OK ||
	    (rc = check_rrpid(r, a, err)) != SETPKI_E_OK || (rc = check_room(r, d, err)) != SETPKI_E_OK ||
	    (rc = check_thumbs(r, d)) != SETPKI_E_OK)
		return rc;
	return sp_asked_renewal(r, a, err);
}

/* --- deciding ------------------------------------------------------------------------------------ */

static enum setpki_code
decide(struct setpki_responder *r, struct sp_asked *a, struct setpki_error *err)
{
	enum setpki_code rc;

	address(r, a);
	if ((rc = check(r, a, err)) != SETPKI_E_OK || (rc = sp_asked_request(r, a, err)) != SETPKI_E_OK)
		return rc;
	a->deciding = true;
	rc = r->ops->decide(r->ops->arg, &a->request, r, err);
	if (rc == SETPKI_E_OK && !a->composed)
		rc = sp_fail(err, SETPKI_E_STATE, "set-protocol 12.7", "the desk decided without composing the answer");
	return rc;
}

static enum setpki_code
answer(struct setpki_responder *r, struct sp_asked *a, struct setpki_error *err)
{
	enum setpki_code rc = kept(r, a, err);

	if (rc != SETPKI_E_NOTFOUND)
		return rc;
	setpki_error_clear(err);
	rc = open_request(r, a, err);
	if (rc == SETPKI_E_OK)
		return decide(r, a, err);
	if (rc == SETPKI_E_DECRYPT)
		return decryption_error(r, err);
	return rc == SETPKI_E_SIGNATURE ? sig_validation_fail(r, a, err) : rc;
}

void
sp_asked_end(struct setpki_responder *r)
{
	if (r->asked == NULL)
		return;
	r->thumbs = NULL; /* they go with the request */
	sp_asked_free(r->asked);
	OPENSSL_free(r->asked);
	r->asked = NULL;
}

enum setpki_code
sp_answer_cert_req(struct setpki_responder *r, struct setpki_error *err)
{
	enum setpki_code rc;

	if ((r->asked = OPENSSL_zalloc(sizeof(*r->asked))) == NULL)
		return sp_fail_memory(err);
	rc = answer(r, r->asked, err);
	if (rc != SETPKI_E_PENDING || !r->asked->deciding)
		sp_asked_end(r);
	return rc;
}
