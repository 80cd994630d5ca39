#include "tests/support/caller.h"

#include "lib/asn1/arm.h"
#include "lib/crypto/pubkey.h"
#include "tests/support/check.h"
#include "tests/support/cli.h"
#include "tests/support/home.h"
#include "tests/support/http.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdlib.h>

#define ROOT "setca-home/public/brand/current/ca/root-1.cer"

/* --- what was said ------------------------------------------------------------------------------- */

static void
write_down(struct t_said *s, setpki_bytes request, setpki_bytes answer)
{
	struct sp_message m;
	struct setpki_error err = {0};

	if (s == NULL)
		return;
	assert_true(s->n < T_SAID_MAX);
	t_ok(sp_message_read(request, &m, &err), &err);
	s->v[s->n].request = sp_bytes_dup(request);
	s->v[s->n].answer = sp_bytes_dup(answer);
	s->v[s->n++].kept = m.arm->number == SP_ARM_CERT_REQ;
	sp_message_free(&m);
}

void
t_said_free(struct t_said *s)
{
	for (size_t i = 0; i < s->n; i++) {
		OPENSSL_free((void *)(uintptr_t)s->v[i].request.p);
		OPENSSL_free((void *)(uintptr_t)s->v[i].answer.p);
	}
	memset(s, 0, sizeof(*s));
}

static void
post(const struct t_caller *c, setpki_bytes request, unsigned status, struct http_answer *a)
{
	struct http h;

	http_open(&h, c->address, c->from);
	http_say(&h,
	    "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/set-registration\r\nContent-Length: %zu\r\n"
	    "Connection: close\r\n\r\n",
	    request.n);
	http_send(&h, request.p, request.n);
	assert_true(http_hear(&h, false, a));
	assert_int_equal(a->status, status);
	write_down(c->said, request, sp_bytes(a->body, a->nbody));
	http_close(&h);
}

/* --- beginning and ending ------------------------------------------------------------------------ */

static EVP_PKEY *
make_key(bool exchange)
{
	struct setpki_error err = {0};
	EVP_PKEY *key;

	t_ok(sp_keygen(t_ctx(), exchange ? SP_KEY_RSA : SP_KEY_P256, exchange ? 2048 : 256, &key, &err), &err);
	return key;
}

static setpki_pool *
trusting_pool(void)
{
	struct setpki_error err = {0};
	setpki_pool *pool;
	size_t n;
	char *root = cli_slurp(ROOT, &n);

	assert_non_null(root);
	t_ok(setpki_pool_new(t_ctx(), &pool, &err), &err);
	t_ok(setpki_pool_trust(pool, sp_bytes(root, n), NULL, &err), &err);
	free(root);
	return pool;
}

static void
fill_ask(struct setpki_enroll_ask *a, const struct setpki_request_row *row)
{
	bool card = row->holder == SETPKI_TYPE_CARD;

	a->suite = SETPKI_SUITE_MODERN;
	a->brand = "Demo";
	a->language = "en";
	a->software = "test caller";
	if (card && a->expiry == NULL)
		a->expiry = "203012";
	if (!card)
		a->bin = "412399";
	if (row->sig)
		a->sig_key = make_key(false);
	if (row->enc)
		a->enc_key = make_key(true);
	a->revocation = SETPKI_REQUIRE_BCI;
}

void
t_caller_open(
    struct t_caller *c, const char *address, const struct setpki_enroll_ask *ask, int64_t now, struct t_said *said)
{
	struct setpki_error err = {0};

	*c = (struct t_caller){.address = address, .said = said, .ask = *ask, .now = now};
	c->ask.pool = c->pool = trusting_pool();
	fill_ask(&c->ask, setpki_request_row(ask->type));
	t_ok(setpki_enroll_new(t_ctx(), &c->ask, now, &c->e, &err), &err);
}

void
t_caller_renew(struct t_caller *c, const struct t_caller *old, enum setpki_request_type type)
{
	const struct setpki_enroll_ask ask = {.suite = old->ask.suite,
	    .type = type,
	    .pan = old->ask.pan,
	    .id = old->ask.id,
	    .old_cert = setpki_enroll_cert(old->e, false),
	    .old_enc_cert = setpki_enroll_cert(old->e, true),
	    .old_key = old->ask.sig_key};

	assert_int_equal(EVP_PKEY_up_ref(ask.old_key), 1);
	t_caller_open(c, old->address, &ask, old->now, old->said);
}

void
t_caller_close(struct t_caller *c)
{
	setpki_enroll_free(c->e);
	setpki_pool_free(c->pool);
	EVP_PKEY_free(c->ask.sig_key);
	EVP_PKEY_free(c->ask.enc_key);
	EVP_PKEY_free(c->ask.old_key);
	memset(c, 0, sizeof(*c));
}

/* --- going on ------------------------------------------------------------------------------------ */

static void
send_request(struct t_caller *c)
{
	struct setpki_error err = {0};
	struct http_answer a;

	post(c, setpki_enroll_request(c->e), 200, &a);
	t_ok(setpki_enroll_response(c->e, sp_bytes(a.body, a.nbody), c->now, &err), &err);
	http_answer_free(&a);
}

static void
fill_form(struct t_caller *c)
{
	static const char *const card[] = {"Alice", "1970-01-31", NULL}, *const other[] = {"Bert", NULL};
	const struct setpki_form *form = setpki_enroll_form(c->e);
	struct setpki_error err = {0};

	t_ok(setpki_enroll_answer(c->e, c->ask.pan != NULL ? card : other, form->nfields, c->now, &err), &err);
}

enum setpki_enroll_step
t_caller_run(struct t_caller *c, bool to_form)
{
	for (;;) {
		enum setpki_enroll_step step = setpki_enroll_step(c->e);

		if (step == SETPKI_ENROLL_SEND)
			send_request(c);
		else if (step == SETPKI_ENROLL_FORM && !to_form)
			fill_form(c);
		else
			return step;
	}
}

enum setpki_enroll_step
t_caller_inquire(struct t_caller *c)
{
	struct setpki_error err = {0};

	t_ok(setpki_enroll_inquire(c->e, c->now, &err), &err);
	return t_caller_run(c, false);
}

void
t_caller_complain(struct t_caller *c)
{
	struct setpki_error err = {0};
	struct setpki_der error;
	struct http_answer a;

	post(c, setpki_enroll_request(c->e), 200, &a);
	a.body[a.nbody - 1] ^= 1;
	assert_int_not_equal(setpki_enroll_response(c->e, sp_bytes(a.body, a.nbody), c->now, &err), SETPKI_E_OK);
	http_answer_free(&a);
	setpki_error_clear(&err);
	t_ok(setpki_enroll_complain(c->e, c->now, &error, &err), &err);
	post(c, sp_bytes(error.p, error.n), 204, &a);
	http_answer_free(&a);
	setpki_der_free(&error);
}
