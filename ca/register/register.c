/* The register: opened over a home, answering with the callbacks of the other files. */
#include "ca/register/decide.h"

#include "ca/home/pan.h"

#include <openssl/crypto.h>
#include <setpki/text.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define ATTEMPTS 3 /* at one message: another process can be faster with it, and then has answered it */

void
ca_reg_warn(const struct ca_register *r, const char *fmt, ...)
{
	char text[640];
	va_list ap;

	if (r->ask.warn == NULL)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	setpki_mask_pans(text);
	r->ask.warn(r->ask.arg, text);
}

enum setpki_code
ca_reg_hold(struct ca_register *r, setpki_bytes from, setpki_bytes *out, struct setpki_error *err)
{
	*out = (setpki_bytes){NULL, 0};
	return from.n != 0 ? ca_reg_keep(&r->held, from, out, err) : SETPKI_E_OK;
}

enum setpki_code
ca_reg_account_hash(
    struct ca_register *r, const char *pan, const struct setpki_id_data *id, uint8_t hash[32], struct setpki_error *err)
{
	char text[sizeof(id->bin) + sizeof(id->id) + 1];
	enum setpki_code rc;

	if (pan == NULL)
		snprintf(text, sizeof(text), "%s/%s", id->bin, id->id);
	rc = ca_pan_hash(r->h->ctx, r->pan_key, pan != NULL ? pan : text, hash, err);
	OPENSSL_cleanse(text, sizeof(text)); /* somebody may have typed a card number for an id */
	return rc;
}

/* Named by the home's own secret, so that whoever counts them learns no card number. */
enum setpki_code
ca_reg_may_try(struct ca_register *r, const char *pan, const struct setpki_id_data *id, struct setpki_error *err)
{
	uint8_t hash[32];
	enum setpki_code rc;

	if (r->ask.may_try == NULL || (pan == NULL && (id == NULL || id->holder == 0)))
		return SETPKI_E_OK;
	rc = ca_reg_account_hash(r, pan, id, hash, err);
	if (rc == SETPKI_E_OK && !r->ask.may_try(r->ask.arg, hash))
		rc = sp_fail(err, SETPKI_E_LIMIT, NULL, "too many messages about one account");
	return rc;
}

static bool
may_err(void *arg)
{
	const struct ca_register *r = arg;

	return r->ask.may_err(r->ask.arg);
}

static const struct setpki_responder_ops callbacks = {.ca_first = ca_reg_first,
    .ca_recipient = ca_reg_recipient,
    .ca_number = ca_reg_number,
    .challenge_key = ca_reg_challenge_key,
    .form = ca_reg_form,
    .cert = ca_reg_cert,
    .cert_by_thumb = ca_reg_cert_by_thumb,
    .kept = ca_reg_kept,
    .rrpid = ca_reg_rrpid,
    .decide = ca_reg_decide,
    .inquire = ca_reg_inquire};

/* --- opening ------------------------------------------------------------------------------------ */

/* The secret behind the hashes is noted down with the first that is made (ca/home/pan.h). */
static enum setpki_code
open_pan_key(struct ca_register *r, struct setpki_error *err)
{
	ca_txn *t;
	enum setpki_code rc;

	if ((rc = ca_txn_begin(r->h->store, true, &t, err)) != SETPKI_E_OK)
		return rc;
	if ((rc = ca_pan_key(r->h, t, r->pan_key, err)) == SETPKI_E_OK)
		return ca_txn_commit(t, err);
	ca_txn_abort(t);
	return rc;
}

static enum setpki_code
try_seal(void *arg, const struct ca_request_record *rec, struct setpki_error *err)
{
	const struct ca_register *r = arg;
	struct setpki_error why = {0};
	struct ca_desk_parts parts;

	(void)err;
	if (ca_desk_unseal(r->h->ctx, r->sealing, rec, &parts, &why) == SETPKI_E_STATE)
		ca_reg_warn(r, "%s", why.message);
	ca_desk_parts_free(&parts);
	return SETPKI_E_STATE; /* one tells for all */
}

/* Whether the secret is the one that what waits was sealed under: a lost one was made anew. */
static enum setpki_code
try_sealing(struct ca_register *r, struct setpki_error *err)
{
	ca_txn *t;
	enum setpki_code rc;

	if ((rc = ca_txn_begin(r->h->store, false, &t, err)) != SETPKI_E_OK)
		return rc;
	rc = ca_request_each(t, CA_REQUEST_PENDED, 0, try_seal, r, err);
	ca_txn_abort(t);
	return rc;
}

enum setpki_code
ca_register_open(
    struct ca_home *h, const struct ca_register_ask *ask, struct ca_register **out, struct setpki_error *err)
{
	struct ca_register *r = OPENSSL_zalloc(sizeof(*r));
	enum setpki_code rc;

	*out = NULL;
	if (r == NULL)
		return sp_fail_memory(err);
	r->h = h;
	r->ask = *ask;
	r->ops = callbacks;
	r->ops.may_err = ask->may_err != NULL ? may_err : NULL;
	r->ops.arg = r;
	for (size_t i = 0; i < CA_REG_CHALLENGES; i++)
		r->challenges[i].period = -1;
	if (h->policy == NULL)
		rc = sp_fail(err, SETPKI_E_STATE, NULL, "no policy is in force here; run 'setca init POLICY'");
	else if ((rc = ca_desk_key(h, r->sealing, err)) == SETPKI_E_OK && (rc = open_pan_key(r, err)) == SETPKI_E_OK &&
	    (rc = ca_reg_forms_make(r, err)) == SETPKI_E_OK && (rc = try_sealing(r, err)) == SETPKI_E_OK)
		rc = ca_reg_refresh(r, err);
	if (rc != SETPKI_E_OK) {
		ca_register_close(r);
		return rc;
	}
	*out = r;
	return SETPKI_E_OK;
}

void
ca_register_close(struct ca_register *r)
{
	if (r == NULL)
		return;
	ca_reg_generations_free(r);
	ca_reg_objects_free(&r->held);
	OPENSSL_free(r->forms);
	OPENSSL_clear_free(r, sizeof(*r));
}

enum setpki_code
ca_register_reload(struct ca_register *r, int64_t now, struct setpki_error *err)
{
	enum setpki_code rc;

	r->h->now = now;
	r->log_size = 0; /* policy indexes, desks and forms may all be others now */
	OPENSSL_free(r->forms);
	r->forms = NULL;
	r->nforms = 0;
	rc = ca_reg_forms_make(r, err);
	return rc == SETPKI_E_OK ? ca_reg_refresh(r, err) : rc;
}

/* --- answering ---------------------------------------------------------------------------------- */

/* Reads one; *later: the session of what is to be recorded. */
static void
begin(struct ca_register *r, struct ca_register_message *m, setpki_responder **later)
{
	r->message = m;
	m->again = false;
	m->rc = setpki_responder_begin(r->h->ctx, r->h->policy->suite, &r->ops, m->wrapper, r->h->now, r->ask.software,
	    &m->out, &m->note, later, &m->err);
	r->message = NULL;
}

static void
end(setpki_responder *session, const struct ca_deciding *d)
{
	struct ca_register_message *m = d->message;
	struct setpki_error dropped = {0};

	if (m->rc == SETPKI_E_OK)
		m->rc = setpki_responder_end(session, &m->out, &m->err);
	else if (setpki_responder_end(session, &m->out, &dropped) == SETPKI_E_OK)
		setpki_der_free(&m->out);
	if (m->rc == SETPKI_E_OK && m->note.detail[0] == '\0')
		memcpy(m->note.detail, d->why, sizeof(m->note.detail));
}

/* As many as go together, and how many that is: SP_DESK_TOGETHER_MAX that are to be recorded, and up to one for which a
 * program was asked, as others of these may take as long, and nobody is to wait for all of them. */
static size_t
answer_some(struct ca_register *r, struct ca_register_message *m, size_t n, ca_register_done_fn *done, void *arg)
{
	setpki_responder *later[SP_DESK_TOGETHER_MAX];
	size_t k = 0, i;

	r->waited = false;
	for (i = 0; i < n && k < SP_DESK_TOGETHER_MAX && !r->waited; i++) {
		begin(r, &m[i], &later[k]);
		if (later[k] != NULL)
			k++;
		else
			done(arg, &m[i]);
	}
	ca_reg_carry_out(r);
	for (size_t j = 0; j < k; j++) {
		end(later[j], r->deciding[j]);
		if (!r->deciding[j]->message->again)
			done(arg, r->deciding[j]->message);
		ca_deciding_free(r->deciding[j]);
	}
	r->ndeciding = 0;
	ca_reg_objects_free(&r->held);
	return i;
}

/* All of them once.  Messages that another process was faster with are `again` afterwards; of the others `done` has
 * heard. */
static void
answer_once(struct ca_register *r, struct ca_register_message *m, size_t n, ca_register_done_fn *done, void *arg)
{
	for (size_t some; n > 0; m += some, n -= some)
		some = answer_some(r, m, n, done, arg);
}

/* What another process answered meanwhile is found answered now. */
static void
look_again(struct ca_register *r, struct ca_register_message *m, ca_register_done_fn *done, void *arg)
{
	for (int i = 1; i < ATTEMPTS && m->again; i++) {
		setpki_error_clear(&m->err);
		answer_once(r, m, 1, done, arg);
	}
	if (m->again)
		done(arg, m);
}

void
ca_register_answer_all(
    struct ca_register *r, struct ca_register_message *m, size_t n, int64_t now, ca_register_done_fn *done, void *arg)
{
	struct setpki_error err = {0};
	enum setpki_code rc;

	r->h->now = now;
	if ((rc = ca_reg_refresh(r, &err)) == SETPKI_E_OK)
		answer_once(r, m, n, done, arg);
	for (size_t i = 0; i < n; i++)
		if (rc != SETPKI_E_OK) {
			m[i].rc = sp_fail(&m[i].err, rc, err.spec, "%s", err.message);
			done(arg, &m[i]);
		} else if (m[i].again)
			look_again(r, &m[i], done, arg);
}

static void
keep(void *arg, struct ca_register_message *m)
{
	*(struct ca_register_message *)arg = *m;
}

enum setpki_code
ca_register_answer(struct ca_register *r, setpki_bytes wrapper, int64_t now, struct setpki_der *out,
    struct setpki_responder_note *note, struct setpki_error *err)
{
	struct ca_register_message m = {.wrapper = wrapper}, answered;

	ca_register_answer_all(r, &m, 1, now, keep, &answered);
	*out = answered.out;
	*note = answered.note;
	return answered.rc == SETPKI_E_OK ? answered.rc
					  : sp_fail(err, answered.rc, answered.err.spec, "%s", answered.err.message);
}
