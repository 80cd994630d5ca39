/* The authority's side of the seam: which protocol answers. */
#include "ca/service/authority.h"

#include "ca/service/spawn.h"
#include "lib/message/wire.h"

#include <openssl/crypto.h>
#include <string.h>

#define SOFTWARE "setca/" SETPKI_VERSION

struct ca_authority {
	struct ca_home *home;
	const struct ca_log *log;
	struct ca_spawn spawn; /* stream.fd -1: nobody runs checks */
};

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
	ca_spawn_close(&a->spawn);
	ca_home_close(a->home);
	OPENSSL_free(a);
}

enum setpki_code
ca_authority_reload(struct ca_authority *a, int64_t now, struct setpki_error *err)
{
	bool changed;

	a->home->now = now;
	return ca_home_policy_reload(a->home, &changed, err);
}

/* Which message it is, in SET's words; "MessageWrapper" of what has no known one in it. */
static const char *
message_name(const struct sp_incoming *in)
{
	return in->m.arm != NULL ? in->m.arm->name : "MessageWrapper";
}

static void
log_refusal(const struct ca_authority *a, const struct sp_incoming *in, const struct sp_fault *fault)
{
	struct ca_log_line l;

	ca_log_begin(&l, a->log, CA_LOG_INFO, "message refused");
	ca_log_text(&l, "message", message_name(in));
	ca_log_hex(&l, "rrpid", in->rrpid);
	ca_log_text(&l, "error", setpki_error_code_name(fault->code));
	ca_log_text(&l, "cause", fault->why.message);
	ca_log_end(&l);
}

/* An Error without a signature: where no CA can be told, nobody can sign one. */
static enum setpki_code
refuse(struct ca_authority *a, const struct sp_incoming *in, const struct sp_fault *fault, int64_t now,
    struct ca_answer *out, struct setpki_error *err)
{
	struct sp_error_ask ask = {.suite = a->home->policy->suite, .now = now, .software = SOFTWARE};

	log_refusal(a, in, fault);
	out->outcome = setpki_error_code_name(fault->code);
	return sp_error_put(a->home->ctx, &ask, in, fault, &out->body, err);
}

enum setpki_code
ca_authority_answer(
    struct ca_authority *a, setpki_bytes wrapper, int64_t now, struct ca_answer *out, struct setpki_error *err)
{
	struct sp_fault fault = {0};
	struct sp_incoming in;
	enum setpki_code rc = sp_wire_read(wrapper, now, &in, &fault);

	a->home->now = now;
	*out = (struct ca_answer){.message = message_name(&in), .outcome = "answered"};
	if (rc != SETPKI_E_OK && rc != SETPKI_E_RULE) {
		if (err != NULL)
			*err = fault.why;
	} else if (in.m.arm != NULL && in.m.arm->number == SP_ARM_ERROR) {
		out->hint = CA_HINT_SILENT;
		rc = SETPKI_E_OK;
	} else {
		if (rc == SETPKI_E_OK)
			(void)sp_fault(
			    &fault, SETPKI_ERR_MESSAGE_NOT_SUPPORTED, "%s is not answered here", message_name(&in));
		rc = refuse(a, &in, &fault, now, out, err);
	}
	sp_incoming_free(&in);
	return rc;
}

enum setpki_code
ca_authority_checked(struct ca_authority *a, int64_t now, struct setpki_error *err)
{
	struct ca_verdict v = {0};
	bool got = true;
	enum setpki_code rc = SETPKI_E_OK;

	a->home->now = now;
	while (rc == SETPKI_E_OK && got && (rc = ca_spawn_next(&a->spawn, &v, &got, err)) == SETPKI_E_OK && got) {
		ca_log_event(a->log, CA_LOG_WARNING, "a verdict that nobody waits for");
		ca_verdict_free(&v);
	}
	return rc;
}

enum setpki_code
ca_authority_tick(struct ca_authority *a, int64_t now, struct setpki_error *err)
{
	/* Verdicts that were kept while another was waited for do not make the descriptor readable. */
	return a->spawn.nkept != 0 ? ca_authority_checked(a, now, err) : SETPKI_E_OK;
}
