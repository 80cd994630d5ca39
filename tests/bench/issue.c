/* The issuing engine, every proof step and both durable transactions of a batch included. */
#include "tests/bench/bench.h"

#include "ca/issue/issue.h"
#include "tests/support/home.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BATCH 64u

struct engine {
	struct ca_home *h;
	struct sp_buf spki;
	uint64_t next;
	setpki_ctx *ctx;
	EVP_PKEY *key;
};

static void *
setup(setpki_ctx *ctx)
{
	static unsigned runs;
	struct engine *e = calloc(1, sizeof(*e));
	char name[32];

	BENCH_MUST(e != NULL && bench_scratch() != NULL);
	snprintf(name, sizeof(name), "issue-%u", runs++);
	e->ctx = ctx;
	e->h = t_demo_home(name, T_NOW);
	BENCH_MUST(sp_keygen(ctx, SP_KEY_P256, 256, &e->key, NULL) == SETPKI_E_OK);
	BENCH_MUST(sp_spki_from_pkey(e->key, &e->spki, NULL) == SETPKI_E_OK);
	return e;
}

static void
teardown(void *arg)
{
	struct engine *e = arg;

	ca_home_close(e->h);
	sp_buf_free(&e->spki);
	EVP_PKEY_free(e->key);
	free(e);
}

/* A key that was never certified: making real ones would cost more than certifying them, and the engine never computes
 * with the subject's key. */
static void
fresh_spki(struct engine *e, uint8_t *out)
{
	memcpy(out, e->spki.p, e->spki.n);
	e->next++;
	for (size_t i = 0; i < 8; i++)
		out[e->spki.n - 1 - i] = (uint8_t)(e->next >> (8 * i));
}

static void
issue_batch(struct engine *e, size_t n)
{
	struct ca_ee_request reqs[BATCH] = {0};
	struct ca_issue_job jobs[2 * BATCH] = {0};
	uint8_t keys[BATCH][128];
	char names[BATCH][32];
	struct setpki_error err = {0};
	size_t made = 0;

	for (size_t i = 0; i < n; i++) {
		fresh_spki(e, keys[i]);
		snprintf(names[i], sizeof(names[i]), "gateway %llu", (unsigned long long)e->next);
		reqs[i].role = CA_ROLE_GATEWAY;
		reqs[i].sig_spki = sp_bytes(keys[i], e->spki.n);
		reqs[i].common_name = names[i];
	}
	if (ca_issue_ee(e->h, reqs, n, false, NULL, jobs, &made, &err) != SETPKI_E_OK)
		fprintf(stderr, "%s\n", err.message);
	BENCH_MUST(made == n);
	for (size_t i = 0; i < made; i++)
		ca_cert_record_free(&jobs[i].out);
}

static void
issue(void *arg, size_t n)
{
	for (size_t batch; n > 0; n -= batch) {
		batch = n < BATCH ? n : BATCH;
		issue_batch(arg, batch);
	}
}

static void
raw(void *arg, size_t n)
{
	struct engine *e = arg;
	uint8_t tbs[900] = {0x30};

	while (n-- > 0) {
		struct sp_buf sig = {0};

		BENCH_MUST(sp_sign(e->ctx, SETPKI_SUITE_MODERN, e->key, SP_BYTES(tbs), &sig, NULL) == SETPKI_E_OK);
		BENCH_MUST(sp_verify(e->ctx, SETPKI_SUITE_MODERN, e->key, SP_BYTES(tbs), sp_buf_bytes(&sig), NULL) ==
		    SETPKI_E_OK);
		sp_buf_free(&sig);
	}
}

const struct bench_row bench_issue[] = {
    {"P-256 certificates issued, batches of 64", "ca_issue_ee, durable", "a signature and its verification, one core",
	"0.60 with both cores", setup, issue, raw, teardown},
    {0}};
