/* The authority's side of the seam: the registration desk (ca/register) answers; what it needs of the daemon comes from
 * here. */
#include "ca/service/authority.h"

#include "ca/register/register.h"
#include "ca/service/rate.h"
#include "ca/service/spawn.h"

#include <openssl/crypto.h>

#define SOFTWARE "setca/" SETPKI_VERSION

struct ca_authority {
	struct ca_home *home;
	struct ca_register *desk;
	const struct ca_log *log;
	struct ca_spawn spawn; /* stream.fd -1: nobody runs checks */
	ca_rate *errors, *accounts;
	bool too_often; /* the present message, about its account */
	bool together;	/* it is answered together with others, which wait for it */
};

/* --- what the desk asks for --------------------------------------------------------------------- */

static void
warn(void *arg, const char *text)
{
	const struct ca_authority *a = arg;
	struct ca_log_line l;

	ca_log_begin(&l, a->log, CA_LOG_WARNING, "registration");
	ca_log_text(&l, "cause", text);
	ca_log_end(&l);
}

/* One bucket for all: whoever has Errors made, they are signed with the same key. */
static bool
may_err(void *arg)
{
	static const uint8_t everybody[CA_RATE_KEY];
	const struct ca_authority *a = arg;
	int64_t wait_ms;

	return ca_rate_take(a->errors, everybody, ca_ticks(), &wait_ms);
}

/* Buckets count in tokens a second: here a "second" is the time in which one more try is given. */
static bool
may_try(void *arg, const uint8_t account[8])
{
	struct ca_authority *a = arg;
	int64_t wait_ms;

	a->too_often = !ca_rate_take(a->accounts, account, ca_ticks() / SP_ACCOUNT_TRY_EVERY_S, &wait_ms);
	return !a->too_often;
}

/* What a program wrote that ended well; NULL, with the cause in `err`, of any other. */
static const struct sp_buf *
output_of(const struct ca_verdict *v, struct setpki_error *err)
{
	if (v->end == CA_CHECK_DONE && v->status == 0)
		return &v->output;
	if (v->end == CA_CHECK_DONE)
		(void)sp_fail(err, SETPKI_E_IO, NULL, "it ended with status %d", v->status);
	else
		(void)sp_fail(err, SETPKI_E_IO, NULL, "%s",
		    v->end == CA_CHECK_LATE ? "it took too long and was killed" : "it could not be run, or was killed");
	return NULL;
}

static enum setpki_code
check(void *arg, const struct ca_register_check *c, struct sp_buf *answer, struct setpki_error *err)
{
	struct ca_authority *a = arg;
	const struct ca_check asked = {c->path, c->timeout, c->question, c->request};
	struct ca_verdict v = {0};
	const struct sp_buf *output;
	bool got = false;
	enum setpki_code rc;

	if (a->spawn.stream.fd < 0)
		return sp_fail(err, SETPKI_E_IO, NULL, "no process runs checks here");
	rc = ca_spawn_check(&a->spawn, &asked, a->together ? SP_CHECK_WAIT_OTHERS_MS : SP_CHECK_WAIT_MS, &v, &got, err);
	if (rc != SETPKI_E_OK || !got)
		return rc != SETPKI_E_OK ? rc : sp_fail(err, SETPKI_E_PENDING, NULL, "it is at work still");
	if ((output = output_of(&v, err)) != NULL)
		sp_buf_add_bytes(answer, sp_buf_bytes(output));
	ca_verdict_free(&v);
	return output != NULL ? SETPKI_E_OK : SETPKI_E_IO;
}

/* --- opening ------------------------------------------------------------------------------------ */

static enum setpki_code
open_desk(struct ca_authority *a, struct setpki_error *err)
{
	const struct ca_register_ask ask = {
	    .check = check, .may_try = may_try, .may_err = may_err, .warn = warn, .arg = a, .software = SOFTWARE};

	uint64_t seed;
	enum setpki_code rc = sp_random(a->home->ctx, (uint8_t *)&seed, sizeof(seed), err);

	if (rc != SETPKI_E_OK)
		return rc;
	a->errors = ca_rate_new(SP_ERRORS_PER_SECOND, SP_ERRORS_BURST, seed);
	a->accounts = ca_rate_new(1, SP_ACCOUNT_TRIES, seed);
	if (a->errors == NULL || a->accounts == NULL)
		return sp_fail_memory(err);
	return ca_register_open(a->home, &ask, &a->desk, err);
}

enum setpki_code
ca_authority_open(const struct ca_authority_ask *ask, struct ca_authority **out, struct setpki_error *err)
{
	struct ca_authority *a = OPENSSL_zalloc(sizeof(*a));
	enum setpki_code rc;

	*out = NULL;
	if (a == NULL)
		return sp_fail_memory(err);
	a->log = ask->log;
	ca_spawn_open(&a->spawn, ask->spawner);
	rc = ca_home_open(ask->ctx, ask->home, CA_HOME_WRITE, &ask->pass, ask->now, &a->home, err);
	if (rc == SETPKI_E_OK && a->home->policy == NULL)
		rc = sp_fail(
		    err, SETPKI_E_STATE, NULL, "no policy is in force in %s: run 'setca init POLICY'", ask->home);
	if (rc == SETPKI_E_OK)
		rc = open_desk(a, err);
	if (rc != SETPKI_E_OK) {
		ca_authority_close(a);
		return rc;
	}
	*out = a;
	return SETPKI_E_OK;
}

void
ca_authority_close(struct ca_authority *a)
{
	if (a == NULL)
		return;
	ca_register_close(a->desk);
	ca_rate_free(a->errors);
	ca_rate_free(a->accounts);
	ca_spawn_close(&a->spawn);
	ca_home_close(a->home);
	OPENSSL_free(a);
}

enum setpki_code
ca_authority_reload(struct ca_authority *a, int64_t now, struct setpki_error *err)
{
	bool changed;
	enum setpki_code rc;

	a->home->now = now;
	rc = ca_home_policy_reload(a->home, &changed, err);
	return rc == SETPKI_E_OK && changed ? ca_register_reload(a->desk, now, err) : rc;
}

/* --- answering ---------------------------------------------------------------------------------- */

/* What became of it, and why; the cause never travels (set-protocol 12.18). */
static void
log_refusal(const struct ca_authority *a, const struct setpki_responder_note *n, const char *outcome, const char *cause)
{
	struct ca_log_line l;

	ca_log_begin(&l, a->log, CA_LOG_INFO, n->silent ? "message not answered" : "message refused");
	ca_log_text(&l, "message", n->message);
	ca_log_hex(&l, "rrpid", SP_BYTES(n->rrpid));
	if (!n->silent)
		ca_log_text(&l, n->error != SETPKI_ERR_NONE ? "error" : "status", outcome);
	if (n->ca != 0)
		ca_log_number(&l, "ca", n->ca);
	ca_log_text(&l, "cause", cause);
	ca_log_end(&l);
}

static const char *
outcome_of(const struct setpki_responder_note *n)
{
	if (n->error != SETPKI_ERR_NONE)
		return setpki_error_code_name(n->error);
	return n->status != SETPKI_STATUS_NONE ? setpki_status_name(n->status) : "answered";
}

static enum ca_hint
hint_of(const struct setpki_responder_note *n)
{
	if (n->silent)
		return CA_HINT_SILENT;
	return n->too_many ? CA_HINT_TOO_MANY : CA_HINT_ANSWER;
}

struct answering {
	struct ca_authority *a;
	ca_authority_done_fn *done;
	void *arg;
};

static void
fill_answer(struct ca_authority *a, struct ca_register_message *m, struct ca_answer *answer)
{
	const struct setpki_responder_note *note = &m->note;

	answer->message = note->message != NULL && note->message[0] != '?' ? note->message : "MessageWrapper";
	if (m->rc == SETPKI_E_OK) {
		answer->hint = hint_of(note);
		answer->outcome = outcome_of(note);
		sp_buf_add(&answer->body, m->out.p, m->out.n);
		if (note->detail[0] != '\0')
			log_refusal(a, note, answer->outcome, note->detail);
	} else if (m->rc == SETPKI_E_LIMIT && a->too_often) {
		answer->hint = CA_HINT_TOO_OFTEN;
		answer->outcome = "tooOften";
		log_refusal(a, note, answer->outcome, m->err.message);
		m->rc = SETPKI_E_OK;
	}
}

/* may_try() is asked while a message is read, and whom it refuses is heard of at once. */
static void
answered(void *arg, struct ca_register_message *m)
{
	const struct answering *w = arg;
	struct ca_answer answer = {.hint = CA_HINT_ANSWER};

	fill_answer(w->a, m, &answer);
	w->a->too_often = false;
	setpki_der_free(&m->out);
	if (m->rc == SETPKI_E_OK && answer.body.failed)
		m->rc = sp_fail_memory(&m->err);
	w->done(w->arg, m->id, &answer, m->rc, &m->err);
}

void
ca_authority_answer(struct ca_authority *a, const struct ca_authority_request *requests, size_t n, int64_t now,
    ca_authority_done_fn *done, void *arg)
{
	struct answering w = {a, done, arg};
	struct ca_register_message m[SP_DESK_TOGETHER_MAX] = {0};

	for (size_t i = 0; i < n; i++) {
		m[i].id = requests[i].id;
		m[i].wrapper = requests[i].wrapper;
	}
	a->together = n > 1;
	ca_register_answer_all(a->desk, m, n, now, answered, &w);
}

void
ca_authority_waiting(struct ca_authority *a, int fd)
{
	a->spawn.others = fd;
}

/* --- between requests --------------------------------------------------------------------------- */

/* What goes wrong between requests is tried again with the next tick; only the store ends the process. */
static enum setpki_code
unless_grave(
    const struct ca_authority *a, enum setpki_code rc, const struct setpki_error *why, struct setpki_error *err)
{
	if (rc == SETPKI_E_OK)
		return rc;
	if (rc == SETPKI_E_STORE)
		return sp_fail(err, rc, why->spec, "%s", why->message);
	ca_log_error(a->log, CA_LOG_ERROR, "registration", why);
	return SETPKI_E_OK;
}

static enum setpki_code
take_verdict(struct ca_authority *a, const struct ca_verdict *v, int64_t now, struct setpki_error *err)
{
	struct setpki_error why = {0}, failed = {0};
	const struct sp_buf *output = output_of(v, &why);
	enum setpki_code rc;

	if (output == NULL)
		ca_log_error(a->log, CA_LOG_WARNING, "a check gave no answer", &why);
	rc = ca_register_checked(
	    a->desk, v->tag, output != NULL ? sp_buf_bytes(output) : sp_bytes(NULL, 0), now, &failed);
	return unless_grave(a, rc, &failed, err);
}

enum setpki_code
ca_authority_checked(struct ca_authority *a, int64_t now, struct setpki_error *err)
{
	struct ca_verdict v = {0};
	bool got = true;
	enum setpki_code rc = SETPKI_E_OK;

	while (rc == SETPKI_E_OK && got && (rc = ca_spawn_next(&a->spawn, &v, &got, err)) == SETPKI_E_OK && got) {
		rc = take_verdict(a, &v, now, err);
		ca_verdict_free(&v);
	}
	return rc;
}

enum setpki_code
ca_authority_tick(struct ca_authority *a, int64_t now, struct setpki_error *err)
{
	struct setpki_error why = {0};
	/* Verdicts that were kept while another was waited for do not make the descriptor readable. */
	enum setpki_code rc = a->spawn.nkept != 0 ? ca_authority_checked(a, now, err) : SETPKI_E_OK;

	if (rc != SETPKI_E_OK)
		return rc;
	rc = ca_register_tick(a->desk, now, &why);
	return unless_grave(a, rc, &why, err);
}
