/* Chain validation: five-level gateway chains, with what is known from before and without, against the bare signature
 * checks and against OpenSSL's verifier. */
#include "lib/chain/object.h"
#include "lib/crypto/sign.h"
#include "tests/bench/bench.h"
#include "tests/support/gen.h"
#include "tests/support/lists.h"

#include <openssl/x509_vfy.h>
#include <setpki/chain.h>
#include <stdlib.h>

/* How many certificates of one CA are checked in turn, so that nothing about a leaf can be remembered. */
#define LEAVES 64

struct chains {
	struct gen_world w;
	setpki_pool *pool;
	setpki_bytes leaf[LEAVES];
	struct sp_cert parsed[LEAVES];
	EVP_PKEY *issuer;
	struct setpki_chain_ask ask;
	/* OpenSSL's side */
	X509 *x[LEAVES];
	X509_STORE *store;
	STACK_OF(X509) * untrusted;
	size_t at;
};

static const enum gen_slot cas[] = {GEN_BRAND, GEN_GEO, GEN_PCA};

static X509 *
x509(setpki_bytes der)
{
	const unsigned char *p = der.p;
	X509 *x = d2i_X509(NULL, &p, (long)der.n);

	BENCH_MUST(x != NULL);
	return x;
}

static void
add_crl(X509_STORE *store, setpki_bytes der)
{
	const unsigned char *p = der.p;
	X509_CRL *crl = d2i_X509_CRL(NULL, &p, (long)der.n);

	BENCH_MUST(crl != NULL && X509_STORE_add_crl(store, crl) == 1);
	X509_CRL_free(crl);
}

static void
fill_openssl(struct chains *c)
{
	X509 *root = x509(c->w.c[GEN_ROOT].der);
	size_t i;

	c->store = X509_STORE_new();
	c->untrusted = sk_X509_new_null();
	BENCH_MUST(X509_STORE_add_cert(c->store, root) == 1);
	X509_free(root);
	add_crl(c->store, c->w.crl[GEN_ROOT]);
	for (i = 0; i < sizeof(cas) / sizeof(cas[0]); i++) {
		BENCH_MUST(sk_X509_push(c->untrusted, x509(c->w.c[cas[i]].der)) > 0);
		add_crl(c->store, c->w.crl[cas[i]]);
	}
}

/* The four CA certificates of the chain and nothing else. */
static setpki_pool *
bare_pool(const struct chains *c)
{
	struct setpki_object o = {.type = SETPKI_OBJECT_CERT};
	setpki_pool *pool;
	size_t i;

	BENCH_MUST(setpki_pool_new(c->w.ctx, &pool, NULL) == SETPKI_E_OK);
	BENCH_MUST(setpki_pool_trust(pool, c->w.c[GEN_ROOT].der, NULL, NULL) == SETPKI_E_OK);
	for (i = 0; i < sizeof(cas) / sizeof(cas[0]); i++) {
		o.der = c->w.c[cas[i]].der;
		BENCH_MUST(setpki_pool_add(pool, &o, NULL, NULL) == SETPKI_E_OK);
	}
	return pool;
}

/* --- CRLs at size ------------------------------------------------------------------------------ */

#define BIG_CRL 100000u

struct entries {
	uint32_t at;
	uint8_t serial[17];
};

static bool
next_entry(void *arg, struct sp_crl_entry *e)
{
	struct entries *s = arg;

	if (s->at == BIG_CRL)
		return false;
	s->at++;
	s->serial[0] = 1;
	for (int i = 0; i < 4; i++)
		s->serial[1 + i] = (uint8_t)(s->at >> (24 - 8 * i));
	*e = (struct sp_crl_entry){SP_BYTES(s->serial), GEN_NOW - GEN_DAY, -1};
	return true;
}

static void
rewind_entries(void *arg)
{
	((struct entries *)arg)->at = 0;
}

static enum setpki_code
sign_crl(void *arg, const uint8_t *digest, struct sp_buf *sig, struct setpki_error *err)
{
	return sp_sign_digest(gen_ctx(), SETPKI_SUITE_MODERN, arg, digest, sig, err);
}

/* The CRLs of the chain become lists of 100,000 strangers. */
static void
grow_crls(struct chains *c)
{
	static const enum gen_slot issuers[] = {GEN_ROOT, GEN_BRAND, GEN_GEO, GEN_PCA};
	struct entries entries = {0};
	struct sp_crl_source source = {next_entry, rewind_entries, &entries};
	size_t i, n;

	for (i = 0; i < sizeof(issuers) / sizeof(issuers[0]); i++) {
		const struct gen_cert *ca = &c->w.c[issuers[i]];
		struct sp_crl_spec spec = {
		    SETPKI_SUITE_MODERN, &ca->cert, GEN_NOW - GEN_DAY, GEN_NOW + 10 * GEN_DAY, 1000};
		struct sp_buf der = {0};

		entries.at = 0;
		BENCH_MUST(
		    sp_crl_build(c->w.ctx, &spec, &source, sign_crl, ca->key, lists_write, &der, NULL) == SETPKI_E_OK);
		OPENSSL_free((void *)(uintptr_t)c->w.crl[issuers[i]].p);
		c->w.crl[issuers[i]].p = sp_buf_take(&der, &n);
		c->w.crl[issuers[i]].n = n;
	}
}

static void
verify_one(struct chains *c, setpki_bytes leaf)
{
	struct setpki_chain_result res;

	BENCH_MUST(setpki_chain_verify(c->pool, leaf, &c->ask, &res, NULL) == SETPKI_E_OK);
	BENCH_MUST(res.verdict == SETPKI_VALID);
	setpki_chain_result_free(&res);
}

/* A certificate like the good leaf, under a serial number of its own. */
static setpki_bytes
make_leaf(const struct chains *c, size_t i)
{
	const struct sp_cert *like = &c->w.c[GEN_LEAF].cert;
	setpki_bytes tbs = sp_bytes_dup(like->tbs), der;
	uint8_t *p = (uint8_t *)(uintptr_t)tbs.p;

	BENCH_MUST(p != NULL);
	p[like->serial.p - like->tbs.p + (ptrdiff_t)like->serial.n - 1] = (uint8_t)i;
	der = gen_sign(&c->w, GEN_PCA, SETPKI_SUITE_MODERN, tbs);
	OPENSSL_free(p);
	return der;
}

static void *
setup_with(enum gen_keys keys, enum setpki_revocation revocation, bool big)
{
	static const struct gen_edit relaxed[GEN_EDITS] = {{.what = GEN_RELAX}};
	struct chains *c = calloc(1, sizeof(*c));
	size_t i;

	BENCH_MUST(c != NULL);
	gen_start();
	gen_keys(keys);
	gen_make(&c->w, SETPKI_SUITE_MODERN, relaxed);
	if (big)
		grow_crls(c);
	c->pool = revocation == SETPKI_IF_PRESENT ? bare_pool(c) : gen_pool(&c->w);
	c->ask = (struct setpki_chain_ask){.at = GEN_NOW, .revocation = revocation};
	c->issuer = c->w.c[GEN_PCA].key;
	for (i = 0; i < LEAVES; i++) {
		c->leaf[i] = make_leaf(c, i);
		BENCH_MUST(sp_cert_parse(c->leaf[i], &c->parsed[i], NULL) == SETPKI_E_OK);
		c->x[i] = x509(c->leaf[i]);
	}
	fill_openssl(c);
	verify_one(c, c->leaf[0]);
	return c;
}

static void
teardown(void *arg)
{
	struct chains *c = arg;
	size_t i;

	for (i = 0; i < LEAVES; i++) {
		OPENSSL_free((void *)(uintptr_t)c->leaf[i].p);
		X509_free(c->x[i]);
	}
	sk_X509_pop_free(c->untrusted, X509_free);
	X509_STORE_free(c->store);
	setpki_pool_free(c->pool);
	gen_free(&c->w);
	gen_stop();
	free(c);
}

static void
warm(void *arg, size_t n)
{
	struct chains *c = arg;

	while (n-- > 0)
		verify_one(c, c->leaf[c->at++ % LEAVES]);
}

/* The reference: nothing but the signature check of one certificate. */
static void
raw_one(void *arg, size_t n)
{
	struct chains *c = arg;

	while (n-- > 0)
		BENCH_MUST(sp_cert_verify(c->w.ctx, &c->parsed[c->at++ % LEAVES], c->issuer, NULL) == SETPKI_E_OK);
}

static void
raw_four(void *arg, size_t n)
{
	raw_one(arg, 4 * n);
}

/* A new pool each time: five certificates read, four signatures checked. */
static void
cold(void *arg, size_t n)
{
	struct chains *c = arg;
	setpki_pool *kept = c->pool;

	while (n-- > 0) {
		c->pool = bare_pool(c);
		verify_one(c, c->leaf[c->at++ % LEAVES]);
		setpki_pool_free(c->pool);
	}
	c->pool = kept;
}

static void
openssl_verify(struct chains *c, X509 *leaf, unsigned long flags)
{
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();

	BENCH_MUST(ctx != NULL && X509_STORE_CTX_init(ctx, c->store, leaf, c->untrusted) == 1);
	X509_STORE_CTX_set_flags(ctx, flags);
	X509_STORE_CTX_set_time(ctx, 0, (time_t)GEN_NOW);
	BENCH_MUST(X509_verify_cert(ctx) == 1);
	X509_STORE_CTX_free(ctx);
}

/* OpenSSL with its CAs and CRLs known; the leaf is read each time, as ours is. */
static void
openssl_warm(void *arg, size_t n)
{
	struct chains *c = arg;
	X509 *leaf;

	while (n-- > 0) {
		leaf = x509(c->leaf[c->at++ % LEAVES]);
		openssl_verify(c, leaf,
		    c->ask.revocation == SETPKI_IF_PRESENT ? 0 : X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
		X509_free(leaf);
	}
}

static void
openssl_cold(void *arg, size_t n)
{
	struct chains *c = arg;
	X509_STORE *store = c->store;
	STACK_OF(X509) *untrusted = c->untrusted;

	while (n-- > 0) {
		fill_openssl(c);
		openssl_warm(c, 1);
		sk_X509_pop_free(c->untrusted, X509_free);
		X509_STORE_free(c->store);
	}
	c->store = store;
	c->untrusted = untrusted;
}

static void *
setup_rsa(setpki_ctx *ctx)
{
	(void)ctx;
	return setup_with(GEN_RSA, SETPKI_IF_PRESENT, false);
}

static void *
setup_rsa_bci(setpki_ctx *ctx)
{
	(void)ctx;
	return setup_with(GEN_RSA, SETPKI_REQUIRE_BCI, false);
}

static void *
setup_p256(setpki_ctx *ctx)
{
	(void)ctx;
	return setup_with(GEN_P256, SETPKI_IF_PRESENT, false);
}

static void *
setup_p256_bci(setpki_ctx *ctx)
{
	(void)ctx;
	return setup_with(GEN_P256, SETPKI_REQUIRE_BCI, false);
}

static void *
setup_rsa_big(setpki_ctx *ctx)
{
	(void)ctx;
	return setup_with(GEN_RSA, SETPKI_REQUIRE_BCI, true);
}

#define WARM "five-level chain, CAs known"
#define WARM_BCI "five-level chain, CAs, CRLs and BCI known"
#define COLD "five-level chain, nothing known"
#define SAME "X509_verify_cert, the same known"

const struct bench_row bench_chain[] = {
    {"RSA-2048 chain, warm", WARM, "one signature", "speed >= 0.77", setup_rsa, warm, raw_one, teardown},
    {"RSA-2048 chain, warm, revocation", WARM_BCI, "one signature", "speed >= 0.77", setup_rsa_bci, warm, raw_one,
	teardown},
    {"RSA-2048 chain, cold", COLD, "four signatures", "speed >= 0.75", setup_rsa, cold, raw_four, teardown},
    {"P-256 chain, warm", WARM, "one signature", "speed >= 0.77", setup_p256, warm, raw_one, teardown},
    {"P-256 chain, warm, revocation", WARM_BCI, "one signature", "speed >= 0.77", setup_p256_bci, warm, raw_one,
	teardown},
    {"P-256 chain, cold", COLD, "four signatures", "speed >= 0.75", setup_p256, cold, raw_four, teardown},
    {"RSA-2048 chain, warm, OpenSSL", WARM, SAME, "speed >= 20", setup_rsa, warm, openssl_warm, teardown},
    {"RSA-2048 chain, revocation, OpenSSL", WARM_BCI, SAME, "speed >= 20", setup_rsa_bci, warm, openssl_warm, teardown},
    {"RSA-2048 chain, CRLs of 100,000, OpenSSL", WARM_BCI, SAME, "speed >= 250", setup_rsa_big, warm, openssl_warm,
	teardown},
    {"RSA-2048 chain, cold, OpenSSL", COLD, "X509_verify_cert, cold", "speed >= 8", setup_rsa, cold, openssl_cold,
	teardown},
    {0},
};
