#include "tests/support/enrollee.h"

#include "ca/audit/audit.h"
#include "ca/home/pan.h"
#include "tests/support/check.h"
#include "tests/support/cli.h"
#include "tests/support/home.h"
#include "tests/support/http.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>

/* --- the registry ------------------------------------------------------------------------------- */

static enum setpki_code
check(void *arg, const struct ca_register_check *c, struct sp_buf *answer, struct setpki_error *err)
{
	struct t_registry *r = arg;

	r->checks++;
	memcpy(r->asked, c->request, sizeof(r->asked));
	assert_true(c->question.n < sizeof(r->question));
	memcpy(r->question, c->question.p, c->question.n);
	r->question[c->question.n] = '\0';
	if (r->during != NULL)
		r->during(r);
	if (r->verdict_rc != SETPKI_E_OK)
		return sp_fail(err, r->verdict_rc, NULL, "told to");
	sp_buf_add_str(answer, r->verdict != NULL ? r->verdict : "");
	return SETPKI_E_OK;
}

static void
warn(void *arg, const char *text)
{
	struct t_registry *r = arg;

	r->warnings++;
	snprintf(r->warning, sizeof(r->warning), "%s", text);
}

/* What end entities know of it. */
static void
tell(struct t_registry *r)
{
	struct setpki_error err = {0};
	struct ca_cert_record root;
	ca_txn *t;

	r->suite = r->home->policy->suite;
	r->brand = "Demo";
	t_ok(ca_txn_begin(r->home->store, false, &t, &err), &err);
	t_ok(ca_cert_get(t, 1, 1, &root, &err), &err);
	r->root = sp_bytes_dup(root.der);
	ca_cert_record_free(&root);
	ca_txn_abort(t);
}

static void
open_register(struct t_registry *r)
{
	const struct ca_register_ask ask = {.check = check, .warn = warn, .arg = r, .software = "test CA"};
	struct setpki_error err = {0};

	t_ok(ca_register_open(r->home, &ask, &r->reg, &err), &err);
	tell(r);
}

void
t_registry_start(struct t_registry *r, const char *name, const char *policy, const char *const *edits)
{
	struct setpki_error err = {0};

	memset(r, 0, sizeof(*r));
	r->now = T_NOW;
	r->home = t_home_open(t_scratch(name), r->now);
	t_ok(t_init(r->home, t_policy(policy, edits), NULL, NULL, &err), &err);
	open_register(r);
}

void
t_registry_open(struct t_registry *r, const char *dir, int64_t now)
{
	memset(r, 0, sizeof(*r));
	r->now = now;
	r->home = t_home_open(dir, now);
	open_register(r);
}

static void
post(void *arg, setpki_bytes wrapper, struct setpki_der *answer)
{
	const struct t_registry *r = arg;
	struct http_answer a;

	http_post(r->http, "application/set-registration", wrapper.p, wrapper.n, &a);
	if (a.status != 200)
		fail_msg("%s: HTTP status %u", r->http, a.status);
	*answer = (struct setpki_der){OPENSSL_memdup(a.body, a.nbody), a.nbody};
	assert_non_null(answer->p);
	http_answer_free(&a);
}

void
t_registry_remote(struct t_registry *r, enum setpki_suite suite, const char *brand, const char *root, int64_t now)
{
	size_t n;
	char *der = cli_slurp(root, &n);

	assert_non_null(der);
	*r = (struct t_registry){.suite = suite, .brand = brand, .root = sp_bytes_dup(sp_bytes(der, n)), .now = now};
	r->carry = post;
	r->carrier = r;
	free(der);
}

void
t_registry_restart(struct t_registry *r)
{
	const struct ca_passphrase pass = r->home->pass;
	char dir[1024];
	struct setpki_error err = {0};

	snprintf(dir, sizeof(dir), "%s", r->home->dir);
	t_registry_stop(r);
	t_ok(ca_home_open(t_ctx(), dir, CA_HOME_WRITE, &pass, r->now, &r->home, &err), &err);
	t_ok(ca_issue_settle(r->home, NULL, &err), &err);
	open_register(r);
}

void
t_registry_stop(struct t_registry *r)
{
	ca_register_close(r->reg);
	ca_home_close(r->home);
	OPENSSL_free((void *)(uintptr_t)r->root.p);
	r->reg = NULL;
	r->home = NULL;
	r->root = (setpki_bytes){NULL, 0};
}

void
t_registry_end(struct t_registry *r)
{
	struct setpki_error err = {0};
	uint8_t root[32];
	uint64_t size;

	t_ok(ca_audit_verify(r->home, &size, root, &err), &err);
	t_registry_stop(r);
}

/* --- lists -------------------------------------------------------------------------------------- */

static void
begin(struct ca_home *h, ca_txn **t)
{
	struct setpki_error err = {0};

	t_ok(ca_txn_begin(h->store, true, t, &err), &err);
}

static void
commit(ca_txn *t)
{
	struct setpki_error err = {0};

	t_ok(ca_txn_commit(t, &err), &err);
}

void
t_list_card(struct ca_home *h, const char *pan, const char *expiry, bool blocked)
{
	t_list_card_of(h, "card", pan, expiry, blocked);
}

void
t_list_card_of(struct ca_home *h, const char *ca, const char *pan, const char *expiry, bool blocked)
{
	struct ca_account_record a = {.ca = t_ca(h, ca),
	    .last_four = "0000",
	    .state = blocked ? CA_ACCOUNT_BLOCKED : CA_ACCOUNT_ACTIVE,
	    .imported_at = h->now};
	struct setpki_error err = {0};
	uint8_t key[32];
	ca_txn *t;

	memcpy(a.first_six, pan, 6);
	memcpy(a.last_four, pan + strlen(pan) - 4, 4);
	memcpy(a.expiry, expiry, sizeof(a.expiry));
	begin(h, &t);
	t_ok(ca_pan_key(h, t, key, &err), &err);
	t_ok(ca_pan_hash(h->ctx, key, pan, a.hash, &err), &err);
	t_ok(ca_account_put(t, &a, &err), &err);
	commit(t);
}

void
t_list_merchant(struct ca_home *h, const char *id, const char *name, bool blocked)
{
	struct sp_mer_names names = {"en", name, "Springfield", NULL, NULL, "United States"};
	struct ca_holder_record m = {.ca = t_ca(h, "merchant"),
	    .role = CA_ROLE_MERCHANT,
	    .bin = "412399",
	    .state = blocked ? CA_ACCOUNT_BLOCKED : CA_ACCOUNT_ACTIVE,
	    .names = &names,
	    .nnames = 1,
	    .country = 840,
	    .auth_flag = true};
	struct setpki_error err = {0};
	ca_txn *t;

	snprintf(m.id, sizeof(m.id), "%s", id);
	begin(h, &t);
	t_ok(ca_holder_put(t, &m, &err), &err);
	commit(t);
}

void
t_list_gateway(struct ca_home *h, const char *id, const char *name, bool blocked)
{
	struct ca_holder_record g = {.ca = t_ca(h, "gateway"),
	    .role = CA_ROLE_GATEWAY,
	    .bin = "412399",
	    .state = blocked ? CA_ACCOUNT_BLOCKED : CA_ACCOUNT_ACTIVE,
	    .name = name};
	struct setpki_error err = {0};
	ca_txn *t;

	snprintf(g.id, sizeof(g.id), "%s", id);
	begin(h, &t);
	t_ok(ca_holder_put(t, &g, &err), &err);
	commit(t);
}

/* --- end entities ------------------------------------------------------------------------------- */

static EVP_PKEY *
make_key(const struct t_registry *r, bool exchange)
{
	bool rsa = exchange || r->suite == SETPKI_SUITE_CLASSIC;
	unsigned bits = r->suite == SETPKI_SUITE_CLASSIC ? 1024 : 2048;
	struct setpki_error err = {0};
	EVP_PKEY *key;

	t_ok(sp_keygen(t_ctx(), rsa ? SP_KEY_RSA : SP_KEY_P256, rsa ? bits : 256, &key, &err), &err);
	return key;
}

/* A pool that trusts the root, and knows nothing else. */
static setpki_pool *
trusting_pool(const struct t_registry *r)
{
	struct setpki_error err = {0};
	setpki_pool *pool;

	t_ok(setpki_pool_new(t_ctx(), &pool, &err), &err);
	t_ok(setpki_pool_trust(pool, r->root, NULL, &err), &err);
	return pool;
}

static const char *const card_answers[] = {"Alice", "1970-01-31", NULL}, *const other_answers[] = {"Bert", NULL};

static void
fill_ask(struct t_enrollee *p, const struct setpki_request_row *row)
{
	struct setpki_enroll_ask *a = &p->ask;
	bool card = row->holder == SETPKI_TYPE_CARD;

	a->suite = p->r->suite;
	a->brand = a->brand != NULL ? a->brand : p->r->brand;
	a->language = a->language != NULL ? a->language : "en";
	a->software = "test wallet";
	if (card && a->pan == NULL)
		a->pan = T_PAN;
	if (card && a->expiry == NULL)
		a->expiry = T_EXPIRY;
	if (!card && a->bin == NULL)
		a->bin = "412399";
	if (row->holder == SETPKI_TYPE_MER && a->id == NULL)
		a->id = "4711";
	if (row->sig && a->sig_key == NULL)
		a->sig_key = make_key(p->r, false);
	if (row->enc && a->enc_key == NULL)
		a->enc_key = make_key(p->r, true);
	a->pool = p->pool;
	a->revocation = SETPKI_REQUIRE_BCI;
	for (size_t i = 0; i < (card ? 3 : 2); i++)
		p->answers[i] = card ? card_answers[i] : other_answers[i];
}

void
t_enrollee_open(struct t_enrollee *p, struct t_registry *r, const struct setpki_enroll_ask *ask)
{
	struct setpki_error err = {0};

	memset(p, 0, sizeof(*p));
	p->r = r;
	p->ask = *ask;
	p->pool = trusting_pool(r);
	fill_ask(p, setpki_request_row(ask->type));
	t_ok(setpki_enroll_new(t_ctx(), &p->ask, r->now, &p->e, &err), &err);
}

void
t_enrollee_renew(
    struct t_enrollee *p, struct t_enrollee *old, enum setpki_request_type type, const struct setpki_enroll_ask *ask)
{
	struct setpki_enroll_ask a = *ask;

	a.type = type;
	a.old_cert = setpki_enroll_cert(old->e, false);
	a.old_enc_cert = setpki_enroll_cert(old->e, true);
	assert_int_equal(EVP_PKEY_up_ref(old->ask.sig_key), 1);
	a.old_key = old->ask.sig_key;
	t_enrollee_open(p, old->r, &a);
}

void
t_enrollee_close(struct t_enrollee *p)
{
	setpki_enroll_free(p->e);
	setpki_pool_free(p->pool);
	EVP_PKEY_free(p->ask.sig_key);
	EVP_PKEY_free(p->ask.enc_key);
	EVP_PKEY_free(p->ask.old_key);
	OPENSSL_free((void *)(uintptr_t)p->sent.p);
	memset(p, 0, sizeof(*p));
}

void
t_enrollee_fetch(struct t_enrollee *p, struct setpki_der *out)
{
	setpki_bytes request = setpki_enroll_request(p->e);
	struct setpki_error err = {0};

	OPENSSL_free((void *)(uintptr_t)p->sent.p);
	p->sent = sp_bytes_dup(request);
	p->posts++;
	if (p->r->carry != NULL)
		p->r->carry(p->r->carrier, request, out);
	else
		t_ok(ca_register_answer(p->r->reg, request, p->r->now, out, &p->r->note, &err), &err);
}

void
t_enrollee_take(struct t_enrollee *p, struct setpki_der *answer)
{
	struct setpki_error err = {0};

	t_ok(setpki_enroll_response(p->e, sp_bytes(answer->p, answer->n), p->r->now, &err), &err);
	setpki_der_free(answer);
}

void
t_enrollee_post(struct t_enrollee *p)
{
	struct setpki_der answer;

	t_enrollee_fetch(p, &answer);
	t_enrollee_take(p, &answer);
}

void
t_enrollee_fill(struct t_enrollee *p)
{
	const struct setpki_form *form = setpki_enroll_form(p->e);
	struct setpki_error err = {0};

	assert_non_null(form);
	t_ok(setpki_enroll_answer(p->e, p->answers, form->nfields, p->r->now, &err), &err);
}

enum setpki_enroll_step
t_enrollee_run(struct t_enrollee *p)
{
	for (;;) {
		enum setpki_enroll_step step = setpki_enroll_step(p->e);

		if (step == SETPKI_ENROLL_SEND)
			t_enrollee_post(p);
		else if (step == SETPKI_ENROLL_FORM)
			t_enrollee_fill(p);
		else
			return step;
	}
}

void
t_enrollee_until_cert_req(struct t_enrollee *p)
{
	while (setpki_enroll_step(p->e) == SETPKI_ENROLL_SEND)
		t_enrollee_post(p);
	assert_int_equal(setpki_enroll_step(p->e), SETPKI_ENROLL_FORM);
	t_enrollee_fill(p);
}

enum setpki_enroll_step
t_enrollee_inquire(struct t_enrollee *p)
{
	struct setpki_error err = {0};

	assert_int_equal(setpki_enroll_step(p->e), SETPKI_ENROLL_WAIT);
	t_ok(setpki_enroll_inquire(p->e, p->r->now, &err), &err);
	t_enrollee_post(p);
	return setpki_enroll_step(p->e);
}

struct ca_request_record
t_enrollee_request(const struct t_enrollee *p)
{
	struct setpki_error err = {0};
	struct ca_request_record rec;
	uint8_t wrapper[32];
	ca_txn *t;

	t_ok(sp_sha256(t_ctx(), p->sent, wrapper, &err), &err);
	t_ok(ca_txn_begin(p->r->home->store, false, &t, &err), &err);
	t_ok(ca_request_by_wrapper(t, wrapper, &rec, &err), &err);
	ca_txn_abort(t);
	return rec;
}

enum setpki_status
t_enrollee_status(const struct t_enrollee *p)
{
	struct setpki_enroll_result result;

	setpki_enroll_result(p->e, &result);
	return result.status;
}
