/* Homes for tests. */
#include "tests/support/home.h"

#include "tests/support/check.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>

static setpki_ctx *ctx;

static void
free_ctx(void)
{
	setpki_ctx_free(ctx);
	ctx = NULL;
}

setpki_ctx *
t_ctx(void)
{
	struct setpki_error err = {0};

	if (ctx == NULL) {
		t_ok(setpki_ctx_new(NULL, &ctx, &err), &err);
		(void)atexit(free_ctx);
	}
	return ctx;
}

const char *
t_scratch(const char *name)
{
	static char path[1024];
	const char *base = getenv("TEST_SCRATCH");

	snprintf(path, sizeof(path), "%s/%s", base != NULL ? base : "/tmp", name);
	return path;
}

static void
replace_once(struct sp_buf *text, const char *from, const char *to)
{
	struct sp_buf out = {0};
	char *at;

	sp_buf_add_byte(text, 0);
	at = strstr((char *)text->p, from);
	if (at == NULL)
		fail_msg("the policy does not say \"%s\"", from);
	sp_buf_add(&out, text->p, (size_t)(at - (char *)text->p));
	sp_buf_add_str(&out, to);
	sp_buf_add_str(&out, at + strlen(from));
	sp_buf_free(text);
	*text = out;
}

struct ca_policy *
t_policy(const char *path, const char *const *edits)
{
	struct setpki_error err = {0};
	struct ca_policy *p = NULL;
	struct sp_buf text = {0};
	char full[1024];

	snprintf(full, sizeof(full), "%s/%s", getenv("TEST_TOP") != NULL ? getenv("TEST_TOP") : ".", path);
	t_ok(ca_file_read(full, 1 << 20, &text, &err), &err);
	for (; edits != NULL && edits[0] != NULL; edits += 2)
		replace_once(&text, edits[0], edits[1]);
	t_ok(ca_policy_read(t_ctx(), sp_buf_bytes(&text), path, &p, &err), &err);
	sp_buf_free(&text);
	return p;
}

static enum setpki_code
answer(void *arg, const char *what, bool confirm, char *out, size_t cap, size_t *n, struct setpki_error *err)
{
	(void)arg;
	(void)confirm;
	(void)err;
	*n = (size_t)snprintf(out, cap, "passphrase for %s", what);
	return SETPKI_E_OK;
}

struct ca_home *
t_home_open(const char *dir, int64_t now)
{
	static const struct ca_passphrase pass = {.ask = answer};
	struct setpki_error err = {0};
	struct ca_home *h = NULL;

	t_ok(ca_home_open(t_ctx(), dir, CA_HOME_CREATE, &pass, now, &h, &err), &err);
	t_ok(ca_issue_settle(h, NULL, &err), &err);
	return h;
}

enum setpki_code
t_init(
    struct ca_home *h, struct ca_policy *policy, const char *only, struct ca_waiting *waiting, struct setpki_error *err)
{
	struct ca_plan plan;
	enum setpki_code rc;

	if ((rc = ca_init_begin(h, policy, only, err)) != SETPKI_E_OK) {
		ca_policy_free(policy);
		return rc;
	}
	if ((rc = ca_init_plan(h, h->policy, only, &plan, err)) != SETPKI_E_OK)
		return rc;
	rc = ca_plan_run(h, &plan, NULL, waiting, err);
	ca_plan_free(&plan);
	return rc;
}

struct ca_home *
t_demo_home(const char *name, int64_t now)
{
	struct setpki_error err = {0};
	struct ca_home *h = t_home_open(t_scratch(name), now);

	t_ok(t_init(h, t_policy("policies/demo.yaml", NULL), NULL, NULL, &err), &err);
	return h;
}

uint16_t
t_ca(struct ca_home *h, const char *name)
{
	struct setpki_error err = {0};
	struct ca_ca_record rec = {0};
	uint16_t id;
	ca_txn *t;

	t_ok(ca_txn_begin(h->store, false, &t, &err), &err);
	t_ok(ca_ca_find(t, name, &rec, &err), &err);
	id = rec.id;
	ca_ca_record_free(&rec);
	ca_txn_abort(t);
	return id;
}

static enum setpki_code
count_cert(void *arg, const struct ca_cert_record *rec, struct setpki_error *err)
{
	(void)rec;
	(void)err;
	++*(size_t *)arg;
	return SETPKI_E_OK;
}

size_t
t_certs(struct ca_home *h, const char *ca)
{
	uint16_t number = t_ca(h, ca);
	struct setpki_error err = {0};
	size_t n = 0;
	ca_txn *t;

	t_ok(ca_txn_begin(h->store, false, &t, &err), &err);
	t_ok(ca_cert_each(t, number, 0, count_cert, &n, &err), &err);
	ca_txn_abort(t);
	return n;
}

void
t_spki(enum sp_keyalg alg, unsigned bits, struct sp_buf *out)
{
	struct setpki_error err = {0};
	EVP_PKEY *key = NULL;

	t_ok(sp_keygen(t_ctx(), alg, bits, &key, &err), &err);
	t_ok(sp_spki_from_pkey(key, out, &err), &err);
	EVP_PKEY_free(key);
}
