/* The register: opened over a home, answering with the callbacks of the other files. */
#include "ca/register/route.h"

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

	if (pan == NULL)
		snprintf(text, sizeof(text), "%s/%s", id->bin, id->id);
	return ca_pan_hash(r->h->ctx, r->pan_key, pan != NULL ? pan : text, hash, err);
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
	for (size_t i = 0; i < CA_REG_CHALLENGES; i++)
		r->challenges[i].period = -1;
	if (h->policy == NULL)
		rc = sp_fail(err, SETPKI_E_STATE, NULL, "no policy is in force here; run 'setca init POLICY'");
	else if ((rc = ca_desk_key(h, r->sealing, err)) == SETPKI_E_OK && (rc = open_pan_key(r, err)) == SETPKI_E_OK &&
	    (rc = ca_reg_forms_make(r, err)) == SETPKI_E_OK)
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

static bool
may_err(void *arg)
{
	const struct ca_register *r = arg;

	return r->ask.may_err(r->ask.arg);
}

static enum setpki_code
answer_once(struct ca_register *r, setpki_bytes wrapper, struct setpki_der *out, struct setpki_responder_note *note,
    struct setpki_error *err)
{
	const struct setpki_responder_ops ops = {.ca_first = ca_reg_first,
	    .ca_recipient = ca_reg_recipient,
	    .ca_number = ca_reg_number,
	    .challenge_key = ca_reg_challenge_key,
	    .form = ca_reg_form,
	    .cert = ca_reg_cert,
	    .cert_by_thumb = ca_reg_cert_by_thumb,
	    .kept = ca_reg_kept,
	    .rrpid = ca_reg_rrpid,
	    .decide = ca_reg_decide,
	    .inquire = ca_reg_inquire,
	    .may_err = r->ask.may_err != NULL ? may_err : NULL,
	    .arg = r};
	enum setpki_code rc;

	r->again = false;
	r->why[0] = '\0';
	rc = setpki_responder_answer(
	    r->h->ctx, r->h->policy->suite, &ops, wrapper, r->h->now, r->ask.software, out, note, err);
	ca_reg_objects_free(&r->held);
	if (rc == SETPKI_E_OK && note->detail[0] == '\0')
		memcpy(note->detail, r->why, sizeof(note->detail));
	return rc;
}

enum setpki_code
ca_register_answer(struct ca_register *r, setpki_bytes wrapper, int64_t now, struct setpki_der *out,
    struct setpki_responder_note *note, struct setpki_error *err)
{
	enum setpki_code rc;

	memset(out, 0, sizeof(*out));
	memset(note, 0, sizeof(*note));
	r->h->now = now;
	if ((rc = ca_reg_refresh(r, err)) != SETPKI_E_OK)
		return rc;
	for (int i = 0; i < ATTEMPTS; i++) {
		rc = answer_once(r, wrapper, out, note, err);
		if (rc == SETPKI_E_OK || !r->again)
			break;
		if (i + 1 < ATTEMPTS)
			setpki_error_clear(err);
	}
	return rc;
}
