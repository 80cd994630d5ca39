/* A registration as it costs a CA: setcad itself, all its processes and its store, beside the same cores doing nothing
 * but the key operations that such a registration takes.  Only the service is timed: wallets think while the clock
 * stands, and each of the three messages is then posted for all of them. */
#include "tests/bench/bench.h"

#include "lib/crypto/pubkey.h"
#include "lib/crypto/sign.h"
#include "tests/support/cli.h"
#include "tests/support/daemon.h"
#include "tests/support/http.h"

#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <pthread.h>
#include <setpki/enroll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define CONNECTIONS 64u
#define CARDS 100000u
#define CORES 2u
#define WALLETS 256u /* at once: an operation of the row */

struct wallet {
	setpki_enroll *e;
	EVP_PKEY *key;
	setpki_bytes answer; /* owned */
};

struct service {
	setpki_ctx *ctx;
	setpki_pool *pool;
	struct t_daemon daemon;
	struct http http[CONNECTIONS];
	unsigned cards;		     /* used up */
	EVP_PKEY *ca, *wallet, *rsa; /* whose operations are the reference */
	struct sp_buf sig;	     /* the wallet's */
	uint8_t sealed[512];
	size_t nsealed;
};

/* --- the service ------------------------------------------------------------------------------- */

/* Cards of a BIN that the demo policy serves. */
static void
card_number(unsigned i, char pan[17])
{
	snprintf(pan, 17, "412345%010u", i);
}

static void
list_cards(void)
{
	FILE *f = fopen("cards", "w");
	char pan[17];

	BENCH_MUST(f != NULL);
	for (unsigned i = 0; i < CARDS; i++) {
		card_number(i, pan);
		fprintf(f, "%s,203012\n", pan);
	}
	BENCH_MUST(fclose(f) == 0);
	cli_ok("setca account import cards --ca card");
}

static void
start_service(struct service *s, bool rsa)
{
	cli_enter("register");
	unsetenv("TEST_CLOCK"); /* the real time */
	cli_ok("sed '%s' policies/demo.yaml >policy.yaml", rsa ? "s/type: P-256/type: RSA-2048/" : "");
	cli_ok("rm -rf setca-home && setca init policy.yaml");
	list_cards();
	t_daemon_start(&s->daemon, "--rate 0 --workers %u", CORES);
	for (size_t i = 0; i < CONNECTIONS; i++)
		http_open(&s->http[i], s->daemon.http, NULL);
}

static void
trust_root(struct service *s)
{
	size_t n;
	char *root = cli_slurp("setca-home/public/brand/current/ca/root-1.cer", &n);

	BENCH_MUST(root != NULL && setpki_pool_new(s->ctx, &s->pool, NULL) == SETPKI_E_OK);
	BENCH_MUST(setpki_pool_trust(s->pool, sp_bytes(root, n), NULL, NULL) == SETPKI_E_OK);
	free(root);
}

/* --- wallets ----------------------------------------------------------------------------------- */

static void
wallet_begin(struct service *s, struct wallet *w)
{
	struct setpki_enroll_ask ask = {.suite = SETPKI_SUITE_MODERN,
	    .type = SETPKI_CARD_INITIAL_SIG,
	    .brand = "Demo",
	    .language = "en",
	    .software = "bench",
	    .expiry = "203012",
	    .pool = s->pool,
	    .revocation = SETPKI_REQUIRE_BCI};
	char pan[17];

	BENCH_MUST(s->cards < CARDS);
	card_number(s->cards++, pan);
	BENCH_MUST(sp_keygen(s->ctx, SP_KEY_P256, 256, &w->key, NULL) == SETPKI_E_OK);
	ask.pan = pan;
	ask.sig_key = w->key;
	BENCH_MUST(setpki_enroll_new(s->ctx, &ask, time(NULL), &w->e, NULL) == SETPKI_E_OK);
}

/* Takes the answer; answers the form that may be in it. */
static void
wallet_thinks(struct wallet *w)
{
	static const char *const answers[] = {"Alice", "1970-01-31", NULL};
	struct setpki_error err = {0};
	int64_t now = time(NULL);

	if (setpki_enroll_response(w->e, w->answer, now, &err) != SETPKI_E_OK)
		fprintf(stderr, "%s\n", err.message);
	BENCH_MUST(err.code == SETPKI_E_OK);
	free((void *)(uintptr_t)w->answer.p);
	w->answer = (setpki_bytes){NULL, 0};
	if (setpki_enroll_step(w->e) == SETPKI_ENROLL_FORM)
		BENCH_MUST(setpki_enroll_answer(w->e, answers, 3, now, NULL) == SETPKI_E_OK);
}

static void
wallet_end(struct wallet *w)
{
	BENCH_MUST(setpki_enroll_step(w->e) == SETPKI_ENROLL_DONE);
	setpki_enroll_free(w->e);
	EVP_PKEY_free(w->key);
}

static void
post(struct http *h, const struct wallet *w)
{
	setpki_bytes message = setpki_enroll_request(w->e);

	BENCH_MUST(http_say(h,
	    "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/set-registration\r\n"
	    "Content-Length: %zu\r\n\r\n",
	    message.n));
	BENCH_MUST(http_send(h, message.p, message.n));
}

static void
hear(struct http *h, struct wallet *w)
{
	struct http_answer a;

	BENCH_MUST(http_hear(h, false, &a) && a.status == 200);
	w->answer = sp_bytes(a.body, a.nbody);
	free(a.head);
}

/* The present request of each, on all connections at once; each goes on as soon as it is answered. */
static void
post_all(struct service *s, struct wallet *w, size_t n)
{
	for (size_t i = 0; i < n && i < CONNECTIONS; i++)
		post(&s->http[i], &w[i]);
	for (size_t i = 0; i < n; i++) {
		hear(&s->http[i % CONNECTIONS], &w[i]);
		if (i + CONNECTIONS < n)
			post(&s->http[i % CONNECTIONS], &w[i + CONNECTIONS]);
	}
}

static void
register_all(struct service *s, struct wallet w[WALLETS])
{
	size_t i;

	for (i = 0; i < WALLETS; i++)
		wallet_begin(s, &w[i]);
	for (int message = 0; message < 3; message++) {
		bench_go();
		post_all(s, w, WALLETS);
		bench_stop();
		for (i = 0; i < WALLETS; i++)
			wallet_thinks(&w[i]);
	}
	for (i = 0; i < WALLETS; i++)
		wallet_end(&w[i]);
}

static void
run_ours(void *arg, size_t n)
{
	struct wallet w[WALLETS] = {0};

	bench_stop();
	while (n-- > 0)
		register_all(arg, w);
	bench_go();
}

/* --- its key operations ------------------------------------------------------------------------ */

static const uint8_t tbs[1000] = {0x30};

static void
sign(const struct service *s, bool verify)
{
	struct sp_buf sig = {0};

	BENCH_MUST(sp_sign(s->ctx, SETPKI_SUITE_MODERN, s->ca, SP_BYTES(tbs), &sig, NULL) == SETPKI_E_OK);
	if (verify)
		BENCH_MUST(sp_verify(s->ctx, SETPKI_SUITE_MODERN, s->ca, SP_BYTES(tbs), sp_buf_bytes(&sig), NULL) ==
		    SETPKI_E_OK);
	sp_buf_free(&sig);
}

static void
verify(const struct service *s)
{
	BENCH_MUST(sp_verify(s->ctx, SETPKI_SUITE_MODERN, s->wallet, SP_BYTES(tbs), sp_buf_bytes(&s->sig), NULL) ==
	    SETPKI_E_OK);
}

static void
open_envelope(const struct service *s)
{
	EVP_PKEY_CTX *c = EVP_PKEY_CTX_new_from_pkey(sp_ctx_lib(s->ctx), s->rsa, NULL);
	uint8_t out[512];
	size_t n = sizeof(out);

	BENCH_MUST(c != NULL && EVP_PKEY_decrypt_init(c) == 1);
	BENCH_MUST(EVP_PKEY_CTX_set_rsa_padding(c, RSA_PKCS1_OAEP_PADDING) == 1);
	BENCH_MUST(EVP_PKEY_decrypt(c, out, &n, s->sealed, s->nsealed) == 1);
	EVP_PKEY_CTX_free(c);
}

/* set-protocol 3: the three answers are signed, RegFormReq and CertReq come in envelopes, CertReq is signed with the
 * new key; and the certificate is signed, and verified before anybody sees it. */
static void
one_registration(const struct service *s)
{
	sign(s, false);
	open_envelope(s);
	sign(s, false);
	open_envelope(s);
	verify(s);
	sign(s, true);
	sign(s, false);
}

struct share {
	const struct service *s;
	size_t n;
};

static void *
run_share(void *arg)
{
	const struct share *share = arg;

	for (size_t i = 0; i < share->n; i++)
		one_registration(share->s);
	return NULL;
}

static void
run_reference(void *arg, size_t n)
{
	struct share shares[CORES];
	pthread_t threads[CORES];

	for (size_t i = 0; i < CORES; i++) {
		shares[i] = (struct share){arg, n * WALLETS / CORES};
		BENCH_MUST(pthread_create(&threads[i], NULL, run_share, &shares[i]) == 0);
	}
	for (size_t i = 0; i < CORES; i++)
		BENCH_MUST(pthread_join(threads[i], NULL) == 0);
}

static void
make_keys(struct service *s, bool rsa)
{
	static const uint8_t block[100];
	EVP_PKEY_CTX *c;

	BENCH_MUST(sp_keygen(s->ctx, SP_KEY_P256, 256, &s->wallet, NULL) == SETPKI_E_OK);
	BENCH_MUST(sp_keygen(s->ctx, SP_KEY_RSA, 2048, &s->rsa, NULL) == SETPKI_E_OK);
	s->ca = rsa ? s->rsa : s->wallet;
	BENCH_MUST(EVP_PKEY_up_ref(s->ca) == 1);
	BENCH_MUST(sp_sign(s->ctx, SETPKI_SUITE_MODERN, s->wallet, SP_BYTES(tbs), &s->sig, NULL) == SETPKI_E_OK);
	BENCH_MUST((c = EVP_PKEY_CTX_new_from_pkey(sp_ctx_lib(s->ctx), s->rsa, NULL)) != NULL);
	BENCH_MUST(EVP_PKEY_encrypt_init(c) == 1);
	BENCH_MUST(EVP_PKEY_CTX_set_rsa_padding(c, RSA_PKCS1_OAEP_PADDING) == 1);
	s->nsealed = sizeof(s->sealed);
	BENCH_MUST(EVP_PKEY_encrypt(c, s->sealed, &s->nsealed, block, sizeof(block)) == 1);
	EVP_PKEY_CTX_free(c);
}

/* --- the row ----------------------------------------------------------------------------------- */

static void *
setup(setpki_ctx *ctx, bool rsa)
{
	struct service *s = calloc(1, sizeof(*s));
	char top[4096];

	BENCH_MUST(s != NULL && bench_scratch() != NULL && getcwd(top, sizeof(top)) != NULL);
	s->ctx = ctx;
	start_service(s, rsa);
	trust_root(s);
	make_keys(s, rsa);
	BENCH_MUST(chdir(top) == 0);
	return s;
}

static void *
setup_p256(setpki_ctx *ctx)
{
	return setup(ctx, false);
}

static void *
setup_rsa(setpki_ctx *ctx)
{
	return setup(ctx, true);
}

static void
teardown(void *arg)
{
	struct service *s = arg;

	for (size_t i = 0; i < CONNECTIONS; i++)
		http_close(&s->http[i]);
	BENCH_MUST(t_daemon_end(&s->daemon, SIGTERM) == 0);
	setpki_pool_free(s->pool);
	EVP_PKEY_free(s->ca);
	EVP_PKEY_free(s->wallet);
	EVP_PKEY_free(s->rsa);
	sp_buf_free(&s->sig);
	free(s);
}

const struct bench_row bench_register[] = {
    {"256 cardholders register over HTTP, RSA-2048", "setcad, CardCInitReq to CertRes, two workers, durable",
	"its key operations alone, on two cores", "speed >= 0.70", setup_rsa, run_ours, run_reference, teardown},
    {"256 cardholders register over HTTP, P-256", "the same", "the same", "speed >= 0.70", setup_p256, run_ours,
	run_reference, teardown},
    {0},
};
