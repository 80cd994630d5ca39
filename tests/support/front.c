#include "tests/support/front.h"

#include "ca/audit/audit.h"
#include "ca/register/private.h"
#include "tests/support/check.h"
#include "tests/support/home.h"
#include "tests/support/scratch.h"

#include <openssl/crypto.h>
#include <stdio.h>

struct t_front the_front;
/* Exchange keys take long to make; one that is never certified serves many. */
static EVP_PKEY *spare;

/* --- the worker --------------------------------------------------------------------------------- */

void
t_front_hear(struct t_front *h, struct ca_answer_read *a)
{
	struct setpki_error err = {0};
	struct ca_frame f;

	assert_true(t_worker_hear(&h->worker, &f));
	assert_int_equal(f.id, h->id);
	t_ok(ca_answer_get(f.contents, a, &err), &err);
}

void
t_front_post(struct t_front *h, setpki_bytes wrapper, struct setpki_der *answer)
{
	struct ca_answer_read a;

	t_worker_ask(&h->worker, ++h->id, wrapper);
	t_front_hear(h, &a);
	assert_int_equal(a.hint, CA_HINT_ANSWER);
	*answer = (struct setpki_der){OPENSSL_memdup(a.body.p, a.body.n), a.body.n};
}

static void
carry(void *arg, setpki_bytes wrapper, struct setpki_der *answer)
{
	t_front_post(arg, wrapper, answer);
}

static void
use_demo(struct t_front *h)
{
	static const char *const edits[] = {
	    "decide: [manual]\n                    approvals: 2", "decide: [accounts, manual]", NULL};

	h->policy = "policies/demo.yaml";
	h->edits = edits;
	h->brand = "Demo";
	h->cards = "card";
	h->bank = "41234500";
}

int
t_front_start(void **state)
{
	static unsigned count;
	struct t_front *h = &the_front;
	struct setpki_error err = {0};
	char dir[1024];
	bool classic;

	(void)state;
	if (h->policy == NULL)
		use_demo(h);
	snprintf(dir, sizeof(dir), "front-%u", count++);
	t_registry_start(&h->r, dir, h->policy, h->edits);
	snprintf(dir, sizeof(dir), "%s", h->r.home->dir);
	t_registry_stop(&h->r);
	t_worker_start(&h->worker, dir, T_NOW);
	t_registry_open(&h->r, dir, T_NOW);
	h->r.carry = carry;
	h->r.carrier = h;
	classic = h->r.home->policy->suite == SETPKI_SUITE_CLASSIC;
	t_ok(sp_keygen(t_ctx(), classic ? SP_KEY_RSA : SP_KEY_P256, classic ? 1024 : 256, &h->own, &err), &err);
	return 0;
}

int
t_front_stop(void **state)
{
	struct t_front *h = &the_front;
	struct setpki_error err = {0};
	setpki_bytes log;
	uint8_t root[32];
	uint64_t size;

	(void)state;
	EVP_PKEY_free(h->own);
	t_enrollee_close(&h->somebody);
	assert_int_equal(t_worker_end(&h->worker), 0);
	log = scratch_read(h->worker.log);
	assert_null(memmem(log.p, log.n, h->bank, 8));
	t_ok(ca_audit_verify(h->r.home, &size, root, &err), &err);
	t_registry_stop(&h->r);
	EVP_PKEY_free(spare);
	spare = NULL;
	*h = (struct t_front){.policy = NULL};
	return 0;
}

/* --- people ------------------------------------------------------------------------------------- */

EVP_PKEY *
t_front_spare(void)
{
	struct setpki_error err = {0};

	if (spare == NULL)
		t_ok(sp_keygen(t_ctx(), SP_KEY_RSA, 2048, &spare, &err), &err);
	return spare;
}

void
t_front_name(const struct t_front *h, const struct setpki_request_row *row, unsigned n, char out[24])
{
	if (row->holder == SETPKI_TYPE_CARD)
		snprintf(out, 24, "%s%08u", h->bank, 1000 + n);
	else
		snprintf(out, 24, "%u", 1000 + n);
}

void
t_front_party(struct t_front *h, struct t_enrollee *p, const struct setpki_enroll_ask *ask)
{
	const struct setpki_request_row *row = setpki_request_row(ask->type);
	struct setpki_enroll_ask a = *ask;
	char text[24];

	t_front_name(h, row, ++h->people, text);
	a.brand = h->brand;
	if (row->holder == SETPKI_TYPE_CARD && a.pan == NULL)
		t_list_card_of(h->r.home, h->cards, a.pan = text, T_EXPIRY, false);
	else if (row->holder == SETPKI_TYPE_MER && a.id == NULL)
		t_list_merchant(h->r.home, a.id = text, text, false);
	else if (row->holder == SETPKI_TYPE_PGWY && a.id == NULL)
		t_list_gateway(h->r.home, a.id = text, text, false);
	t_enrollee_open(p, &h->r, &a);
	p->ask.id = p->ask.pan = NULL; /* they were copied, and `text` goes */
	t_enrollee_until_cert_req(p);
}

/* --- the store ---------------------------------------------------------------------------------- */

struct counting {
	ca_txn *t;
	uint64_t n;
};

static enum setpki_code
count_certs(void *arg, const struct ca_ca_record *ca, struct setpki_error *err)
{
	struct counting *c = arg;
	uint64_t n;
	enum setpki_code rc = ca_cert_count(c->t, ca->id, &n, err);

	c->n += n;
	return rc;
}

void
t_census(struct t_front *h, struct t_census *out)
{
	struct setpki_error err = {0};
	struct ca_store_stat stat;
	struct counting c = {0};

	t_ok(ca_store_stat(h->r.home->store, &stat, &err), &err);
	t_ok(ca_txn_begin(h->r.home->store, false, &c.t, &err), &err);
	t_ok(ca_ca_each(c.t, count_certs, &c, &err), &err);
	for (int i = 0; i < CA_REQUEST_STATES; i++)
		t_ok(ca_request_count(c.t, (enum ca_request_state)i, &out->requests[i], &err), &err);
	ca_txn_abort(c.t);
	out->certs = c.n;
	out->intents = stat.intents;
}

const struct setpki_responder_ca *
t_front_ca(struct t_front *h, const char *name)
{
	for (size_t i = 0; i < h->r.reg->ng; i++)
		if (strcmp(h->r.reg->g[i].name, name) == 0)
			return &h->r.reg->g[i].v[0];
	fail_msg("no CA %s answers", name);
	return NULL;
}
