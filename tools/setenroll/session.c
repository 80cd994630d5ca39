/* A registration from its folder's point of view: begun, saved before everything that is sent, gone on with, ended. */
#include "tools/common/clock.h"
#include "tools/common/fail.h"
#include "tools/common/secret.h"
#include "tools/setenroll/setenroll.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <string.h>
#include <unistd.h>

#define SOFTWARE "setenroll " SETPKI_VERSION

/* --- opening and closing ----------------------------------------------------------------------- */

bool
en_under_way(const struct en *en)
{
	return en->session >= 0;
}

static bool
is_there(int at, const char *name)
{
	return faccessat(at, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* What was lost of a session, or is not as it was written, does not come back. */
static enum setpki_code
damaged(struct en *en, enum setpki_code rc)
{
	return rc == SETPKI_E_PARSE || rc == SETPKI_E_NOTFOUND
	    ? tc_error_hint(EN_ERR(en), rc, "removing %.100s/" EN_SESSION " gives the registration up", en->a->dir)
	    : rc;
}

/* The session's folder without a state is one that never sent anything, or one whose results have moved up. */
static enum setpki_code
open_session(struct en *en)
{
	struct setpki_error *err = EN_ERR(en);
	enum setpki_code rc;

	if ((rc = en_folder_open(en->dir, EN_SESSION, false, &en->session, err)) != SETPKI_E_OK)
		return rc;
	if (en_file_there(en->session, EN_STATE)) {
		if ((rc = en_state_read(en->session, &en->state, err)) != SETPKI_E_OK)
			return tc_error_in(err, damaged(en, rc), EN_SESSION);
		if (!json_is_true(json_object_get(en->state, "complete")))
			return SETPKI_E_OK;
		if ((rc = en_result_move(en)) != SETPKI_E_OK)
			return rc;
		json_decref(en->state);
		en->state = NULL;
	}
	close(en->session);
	en->session = -1;
	return en_folder_remove(en->dir, EN_SESSION, err);
}

enum setpki_code
en_open(struct tc_run *run, struct en *en, bool make)
{
	const struct en_globals *g = run->globals;
	enum setpki_code rc = SETPKI_E_OK;

	*en = (struct en){.run = run, .a = run->args, .dir = -1, .session = -1};
	if (en->a->dir == NULL)
		return tc_fail(EN_ERR(en), SETPKI_E_ARGUMENT, "--dir DIR says where keys and certificates are kept");
	if ((en->out = tc_out_new(stdout, g->json)) == NULL)
		return tc_fail_memory(EN_ERR(en));
	if ((rc = en_folder_open(AT_FDCWD, en->a->dir, make, &en->dir, EN_ERR(en))) != SETPKI_E_OK)
		return rc;
	if (is_there(en->dir, EN_SESSION))
		rc = open_session(en);
	if (rc == SETPKI_E_OK && en->session < 0 && en_file_there(en->dir, EN_STATE))
		rc = en_state_read(en->dir, &en->state, EN_ERR(en));
	if (rc == SETPKI_E_OK && en->state != NULL)
		en->row = en_state_row(en->state);
	return rc == SETPKI_E_OK ? rc : tc_error_in(EN_ERR(en), rc, "%s", en->a->dir);
}

enum setpki_code
en_close(struct en *en, enum setpki_code rc)
{
	if (rc == SETPKI_E_OK)
		rc = tc_out_close(en->out, EN_ERR(en));
	else
		tc_out_free(en->out);
	en_form_forget(en);
	setpki_enroll_free(en->e);
	setpki_pool_free(en->pool);
	EVP_PKEY_free(en->sig_key);
	EVP_PKEY_free(en->enc_key);
	EVP_PKEY_free(en->old_key);
	OPENSSL_free((void *)(uintptr_t)en->old_cert.p);
	OPENSSL_free((void *)(uintptr_t)en->old_enc.p);
	OPENSSL_secure_clear_free(en->passphrase, TC_PASS_MAX);
	tc_pass_free(en->pass);
	json_decref(en->state);
	if (en->session >= 0)
		close(en->session);
	if (en->dir >= 0)
		close(en->dir);
	OPENSSL_cleanse(en, sizeof(*en));
	return rc;
}

/* --- beginning --------------------------------------------------------------------------------- */

static enum setpki_revocation
revocation(const json_t *state)
{
	static const char *const words[] = {[SETPKI_REQUIRE_CRL] = "require-crl", [SETPKI_IF_PRESENT] = "if-present"};
	const char *word = en_state_text(state, "revocation");

	for (int i = SETPKI_REQUIRE_CRL; i <= SETPKI_IF_PRESENT; i++)
		if (strcmp(word, words[i]) == 0)
			return (enum setpki_revocation)i;
	return SETPKI_REQUIRE_BCI;
}

static struct setpki_enroll_ask
ask_of(const struct en *en)
{
	return (struct setpki_enroll_ask){.suite = setpki_suite_by_name(en_state_text(en->state, "suite")),
	    .type = en->row->type,
	    .brand = en_state_text(en->state, "brand"),
	    .language = en_state_text(en->state, "language"),
	    .software = SOFTWARE,
	    .expiry = en->a->expiry,
	    .bin = en_state_text(en->state, "bin"),
	    .id = en_state_text(en->state, "id"),
	    .sig_key = en->sig_key,
	    .enc_key = en->enc_key,
	    .old_key = en->old_key,
	    .old_cert = en->old_cert,
	    .old_enc_cert = en->old_enc,
	    .pool = en->pool,
	    .revocation = revocation(en->state)};
}

static enum setpki_code
save(struct en *en, bool update)
{
	struct setpki_der sealed = {NULL, 0};
	enum setpki_code rc = setpki_enroll_save(en->e, en->seal, &sealed, EN_ERR(en));

	if (rc == SETPKI_E_OK)
		rc = (update ? en_file_update : en_file_create)(en->session, EN_SEALED, EN_BYTES(sealed), EN_ERR(en));
	setpki_der_free(&sealed);
	return rc;
}

#define TRIES 3

/* What is no card's number is asked for again, if there is somebody who typed it. */
static enum setpki_code
card_session(struct en *en, struct setpki_enroll_ask *ask, char *pan)
{
	struct setpki_error *err = EN_ERR(en);
	enum setpki_code rc;
	size_t n;

	ask->pan = pan;
	for (int i = 0;; i++) {
		if ((rc = tc_card_number(en->a->pan_fd, "pan-fd", pan, TC_PAN_MAX, &n, err)) == SETPKI_E_OK)
			rc = setpki_enroll_new(en->run->ctx, ask, tc_clock_now(), &en->e, err);
		if (rc != SETPKI_E_PARSE || en->a->pan_fd >= 0 || i + 1 == TRIES)
			return rc;
		tc_tell("%s.", err->message);
		setpki_error_clear(err);
	}
}

/* The number of a card comes last, when everything else is known to be right. */
static enum setpki_code
new_session(struct en *en)
{
	struct setpki_enroll_ask ask = ask_of(en);
	enum setpki_code rc;
	char *pan;

	if (en->row->holder != SETPKI_TYPE_CARD)
		return setpki_enroll_new(en->run->ctx, &ask, tc_clock_now(), &en->e, EN_ERR(en));
	if ((pan = OPENSSL_secure_zalloc(TC_PAN_MAX)) == NULL)
		return tc_fail_memory(EN_ERR(en));
	rc = card_session(en, &ask, pan);
	OPENSSL_secure_clear_free(pan, TC_PAN_MAX);
	return rc;
}

/* The state is written last: with it the rest is there. */
static enum setpki_code
write_session(struct en *en)
{
	enum setpki_code rc = en_folder_open(en->dir, EN_SESSION, true, &en->session, EN_ERR(en));

	if (rc == SETPKI_E_OK && (rc = en_keys_write(en)) == SETPKI_E_OK && (rc = en_trust_write(en)) == SETPKI_E_OK &&
	    (rc = save(en, false)) == SETPKI_E_OK)
		rc = en_state_write(en, false);
	return rc;
}

enum setpki_code
en_begin(struct en *en, json_t *state)
{
	enum setpki_code rc;

	json_decref(en->state);
	en->state = state;
	en->row = en_state_row(state);
	if ((rc = en_old_read(en)) == SETPKI_E_OK && (rc = en_pool_make(en)) == SETPKI_E_OK &&
	    (rc = en_keys_make(en)) == SETPKI_E_OK && (rc = new_session(en)) == SETPKI_E_OK)
		rc = write_session(en);
	return rc;
}

enum setpki_code
en_resume(struct en *en)
{
	struct setpki_der sealed = {NULL, 0};
	struct setpki_enroll_ask ask;
	enum setpki_code rc;

	en->resumed = true;
	if ((rc = en_keys_read(en)) != SETPKI_E_OK || (rc = en_old_read(en)) != SETPKI_E_OK ||
	    (rc = en_pool_make(en)) != SETPKI_E_OK ||
	    (rc = en_file_read(en->session, EN_SEALED, &sealed, EN_ERR(en))) != SETPKI_E_OK)
		return tc_error_in(EN_ERR(en), damaged(en, rc), "%s/" EN_SESSION, en->a->dir);
	ask = ask_of(en);
	rc = setpki_enroll_restore(en->run->ctx, EN_BYTES(sealed), en->seal, &ask, &en->e, EN_ERR(en));
	setpki_der_free(&sealed);
	return rc == SETPKI_E_OK ? rc
				 : tc_error_in(EN_ERR(en), damaged(en, rc), "%s/" EN_SESSION "/sealed", en->a->dir);
}

/* --- going on ---------------------------------------------------------------------------------- */

/* Between two inquiries: a second at first, half a minute in the end. */
#define PAUSE_MIN_MS 1000
#define PAUSE_MAX_MS 30000

/* One that was left waiting inquires at once. */
static enum setpki_code
step_wait(struct en *en)
{
	int64_t most = 1000 * en->a->wait, pause = en->pause < PAUSE_MIN_MS ? PAUSE_MIN_MS : en->pause;

	if (!en->resumed) {
		if (en->waited >= most) {
			en->pended = true;
			return SETPKI_E_OK;
		}
		pause = pause < most - en->waited ? pause : most - en->waited;
		en_nap(pause);
		en->waited += pause;
		en->pause = 2 * pause < PAUSE_MAX_MS ? 2 * pause : PAUSE_MAX_MS;
	}
	en->resumed = false;
	return setpki_enroll_inquire(en->e, tc_clock_now(), EN_ERR(en));
}

static enum setpki_code
next_step(struct en *en)
{
	switch (setpki_enroll_step(en->e)) {
	case SETPKI_ENROLL_SEND:
		en->resumed = false;
		return en_send(en);
	case SETPKI_ENROLL_FORM:
		return en_form(en);
	case SETPKI_ENROLL_WAIT:
		return step_wait(en);
	case SETPKI_ENROLL_REFUSED:
		en->corrected++;
		return setpki_enroll_correct(en->e, EN_ERR(en));
	default:
		return SETPKI_E_OK;
	}
}

/* After a signed Error nobody knows what the CA did with the request: keys that it was about are kept. */
static enum setpki_code
put_aside(struct en *en)
{
	char name[32];

	snprintf(name, sizeof(name), "old-%d", en_next_old(en));
	if (renameat2(en->dir, EN_SESSION, en->dir, name, RENAME_NOREPLACE) != 0)
		return tc_fail(EN_ERR(en), SETPKI_E_IO, "cannot move %s/" EN_SESSION " to %s: %s", en->a->dir, name,
		    strerror(errno));
	fprintf(stderr, "setenroll: the keys of this request are kept in %s/%s\n", en->a->dir, name);
	return SETPKI_E_OK;
}

/* `show` opens nothing that is sealed: what it says is noted. */
static enum setpki_code
note_waiting(struct en *en)
{
	const char *what = setpki_enroll_step(en->e) == SETPKI_ENROLL_FORM ? "form" : "decision";

	if (json_object_set_new(en->state, "waitsFor", json_string(what)) != 0)
		return tc_fail_memory(EN_ERR(en));
	return en_state_write(en, true);
}

/* Answers from a file are corrected there; the form stays open. */
static enum setpki_code
reopen(struct en *en)
{
	enum setpki_code rc;

	if ((rc = setpki_enroll_correct(en->e, EN_ERR(en))) == SETPKI_E_OK && (rc = save(en, true)) == SETPKI_E_OK)
		rc = note_waiting(en);
	return rc;
}

/* What is over leaves nothing but its certificates: keys that were not certified go. */
static enum setpki_code
end(struct en *en)
{
	enum setpki_enroll_step step = setpki_enroll_step(en->e);
	enum setpki_code rc;

	if (step != SETPKI_ENROLL_DONE)
		en->run->status = en_report_step(en);
	else if ((rc = en_result_write(en)) != SETPKI_E_OK || (rc = en_result_move(en)) != SETPKI_E_OK)
		return rc;
	if (en_form_malformed(en))
		return reopen(en);
	close(en->session);
	en->session = -1;
	/* the labels of a form are noted when it is answered, and then a request has been made */
	if (step == SETPKI_ENROLL_FAILED && json_object_get(en->state, "labels") != NULL)
		return put_aside(en);
	if ((rc = en_folder_remove(en->dir, EN_SESSION, EN_ERR(en))) != SETPKI_E_OK)
		return rc;
	return step == SETPKI_ENROLL_DONE ? en_report_done(en) : SETPKI_E_OK;
}

static enum setpki_code
leave_waiting(struct en *en)
{
	en->run->status = en_report_step(en);
	return note_waiting(en);
}

enum setpki_code
en_drive(struct en *en)
{
	enum setpki_code rc = SETPKI_E_OK;

	while (rc == SETPKI_E_OK && !en->pended &&
	    (setpki_enroll_step(en->e) < SETPKI_ENROLL_DONE || en_form_correctable(en))) {
		if ((rc = next_step(en)) == SETPKI_E_OK)
			rc = save(en, true);
	}
	if (rc == SETPKI_E_OK)
		rc = en->pended ? leave_waiting(en) : end(en);
	if (rc != SETPKI_E_OK && en_under_way(en))
		return tc_error_hint(EN_ERR(en), rc, "'setenroll status --dir %.100s' goes on with it", en->a->dir);
	return rc;
}
