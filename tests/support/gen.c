#include "tests/support/gen.h"

#include "lib/base/limits.h"
#include "lib/crypto/sign.h"
#include "lib/crypto/suite.h"
#include "lib/der/writer.h"
#include "lib/x509/name.h"
#include "tests/support/gen_edit.h"
#include "tests/support/gen_inner.h"

#include <openssl/crypto.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
/* after the headers that it needs */
#include <cmocka.h>

/* The good world: who issues whom, as what, from when to when (days around GEN_NOW). */
static const struct plan {
	enum gen_slot issuer;
	enum setpki_kind kind;
	uint32_t type;
	const char *organization, *unit, *common;
	int pathlen, from, to, period;
} plans[GEN_SLOTS] = {
    [GEN_FIRST] = {GEN_NONE, SETPKI_KIND_ROOT, SETPKI_TYPE_RCA, "SET Root", NULL, "Root G1", 3, -400, 4000, 2000},
    [GEN_ROOT] = {GEN_NONE, SETPKI_KIND_ROOT, SETPKI_TYPE_RCA, "SET Root", NULL, "Root G2", 3, -360, 3600, 2000},
    [GEN_BRAND] = {GEN_ROOT, SETPKI_KIND_CA_SIGN, SETPKI_TYPE_BCA, "Testcard", NULL, "Brand G1", 2, -320, 3200, 2000},
    [GEN_BRAND_CRL] = {GEN_ROOT, SETPKI_KIND_CA_CRLSIGN, SETPKI_TYPE_BCA, "Testcard", NULL, "Brand G1", -1, -319, 3199,
	0},
    [GEN_GEO] = {GEN_BRAND, SETPKI_KIND_CA_SIGN, SETPKI_TYPE_GCA, "Testcard", "Europe", "Geo G1", 1, -280, 2800, 2000},
    [GEN_PCA] = {GEN_GEO, SETPKI_KIND_CA_SIGN, SETPKI_TYPE_PCA, "Testcard", "Bank", "Gateway CA G1", 0, -240, 2400,
	1000},
    [GEN_PCA_CRL] = {GEN_GEO, SETPKI_KIND_CA_CRLSIGN, SETPKI_TYPE_PCA, "Testcard", "Bank", "Gateway CA G1", -1, -239,
	2399, 0},
    [GEN_PCA_SIG] = {GEN_GEO, SETPKI_KIND_CA_SIG, SETPKI_TYPE_PCA, "Testcard", "Bank", "Gateway CA G1", -1, -238, 800,
	600},
    [GEN_CCA] = {GEN_GEO, SETPKI_KIND_CA_CERTSIGN, SETPKI_TYPE_CCA, "Testcard", "Bank", "Cardholder CA G1", 0, -240,
	2400, 1000},
    [GEN_CCA_CRL] = {GEN_GEO, SETPKI_KIND_CA_CRLSIGN, SETPKI_TYPE_CCA, "Testcard", "Bank", "Cardholder CA G1", -1, -239,
	2399, 0},
    [GEN_LEAF] = {GEN_PCA, SETPKI_KIND_PGWY_SIG, SETPKI_TYPE_PGWY, "Testcard", "Bank", "Gateway 1", -1, -10, 300, 200},
    [GEN_CARD] = {GEN_CCA, SETPKI_KIND_CARD_SIG, SETPKI_TYPE_CARD, "Testcard", "Bank", "k3Gd0a=", -1, -10, 300, 200},
    [GEN_NEXT] = {GEN_NONE, SETPKI_KIND_ROOT, SETPKI_TYPE_RCA, "SET Root", NULL, "Root G3", 3, -20, 4000, 2000},
};

static setpki_ctx *ctx;
static EVP_PKEY *keys[2][GEN_SLOTS];
static enum gen_keys modern_keys;

/* The algorithm of a suite's keys. */
enum sp_keyalg
gen_key_alg(enum setpki_suite suite)
{
	return suite == SETPKI_SUITE_CLASSIC || modern_keys == GEN_RSA ? SP_KEY_RSA : SP_KEY_P256;
}

setpki_ctx *
gen_ctx(void)
{
	return ctx;
}

void
gen_start(void)
{
	assert_int_equal(setpki_ctx_new(NULL, &ctx, NULL), SETPKI_E_OK);
}

void
gen_stop(void)
{
	int i, j;

	for (i = 0; i < 2; i++)
		for (j = 0; j < GEN_SLOTS; j++)
			EVP_PKEY_free(keys[i][j]);
	memset(keys, 0, sizeof(keys));
	gen_sign_forget();
	setpki_ctx_free(ctx);
}

void
gen_keys(enum gen_keys k)
{
	modern_keys = k;
}

void
gen_fails(const char *what, const struct setpki_error *err)
{
	fail_msg("%s: %s: %s", what, err->object, err->message);
}

/* RSA-2048 for roots and in modern, else RSA-1024. */
static unsigned
key_bits(enum setpki_suite suite, enum gen_slot slot)
{
	if (gen_key_alg(suite) == SP_KEY_P256)
		return 256;
	return suite == SETPKI_SUITE_MODERN || plans[slot].kind == SETPKI_KIND_ROOT ? 2048 : 1024;
}

/* GEN_NONE is the key of the other suite. */
static EVP_PKEY *
key(enum setpki_suite suite, enum gen_slot slot)
{
	enum setpki_suite of = slot != GEN_NONE ? suite
	    : suite == SETPKI_SUITE_CLASSIC	? SETPKI_SUITE_MODERN
						: SETPKI_SUITE_CLASSIC;
	EVP_PKEY **k = &keys[suite == SETPKI_SUITE_CLASSIC][slot];
	struct setpki_error err = {0};

	if (*k == NULL && sp_keygen(ctx, gen_key_alg(of), key_bits(of, slot), k, &err) != SETPKI_E_OK)
		gen_fails("key", &err);
	return *k;
}

void
gen_free_bytes(setpki_bytes s)
{
	OPENSSL_free((void *)(uintptr_t)s.p);
}

static bool
is_cert_edit(const struct gen_edit *e, enum gen_slot slot)
{
	return e->slot == slot && e->what >= GEN_EXT_DROP && e->what <= GEN_OTHER_KEY;
}

const struct gen_edit *
gen_edit_of(const struct gen_world *w, enum gen_what what, enum gen_slot slot)
{
	size_t i;

	for (i = 0; w->edits != NULL && i < GEN_EDITS && w->edits[i].what != GEN_END; i++)
		if (w->edits[i].what == what && w->edits[i].slot == slot)
			return &w->edits[i];
	return NULL;
}

enum setpki_suite
gen_other_suite(const struct gen_world *w)
{
	return w->suite == SETPKI_SUITE_MODERN ? SETPKI_SUITE_CLASSIC : SETPKI_SUITE_MODERN;
}

/* Replaces `b` by its contents after every edit of the slot. */
static void
apply_edits(const struct gen_world *w, enum gen_slot slot, struct sp_buf *b)
{
	struct sp_buf next = {0};
	size_t i;

	for (i = 0; w->edits != NULL && i < GEN_EDITS && w->edits[i].what != GEN_END; i++) {
		if (!is_cert_edit(&w->edits[i], slot))
			continue;
		gen_edit_tbs(w, sp_buf_bytes(b), &w->edits[i], &next);
		sp_buf_free(b);
		*b = next;
		next = (struct sp_buf){0};
	}
}

setpki_bytes
gen_finish(struct sp_buf *b)
{
	size_t n;
	uint8_t *p = sp_buf_take(b, &n);

	assert_non_null(p);
	return sp_bytes(p, n);
}

/* SEQUENCE { tbs, algorithm, signature } */
setpki_bytes
gen_seal(setpki_bytes tbs, setpki_bytes alg, EVP_PKEY *k, enum setpki_suite suite, bool turn_bit)
{
	struct sp_buf sig = {0}, der = {0};
	struct setpki_error err = {0};
	uint8_t digest[SP_DIGEST_MAX];

	if (sp_hash(ctx, suite, tbs, digest, &err) != SETPKI_E_OK ||
	    gen_sign_digest(suite, k, digest, &sig, &err) != SETPKI_E_OK)
		gen_fails("sign", &err);
	if (turn_bit)
		sig.p[sig.n - 1] ^= 1;
	sp_signed_put(&der, tbs, alg, sp_buf_bytes(&sig));
	sp_buf_free(&sig);
	return gen_finish(&der);
}

setpki_bytes
gen_sign(const struct gen_world *w, enum gen_slot slot, enum setpki_suite suite, setpki_bytes tbs)
{
	enum sp_keyalg alg = EVP_PKEY_is_a(w->c[slot].key, "RSA") ? SP_KEY_RSA : SP_KEY_P256;

	return gen_seal(tbs, sp_sigalg(suite, alg), w->c[slot].key, suite, false);
}

static void
fill_spec(const struct gen_world *w, enum gen_slot slot, struct sp_cert_spec *spec, uint8_t serial[SP_SERIAL_LEN])
{
	const struct plan *p = &plans[slot];

	memset(serial, (int)slot + 0x10, SP_SERIAL_LEN);
	serial[0] = 1;
	*spec = (struct sp_cert_spec){.suite = w->suite,
	    .kind = p->kind,
	    .type = p->type,
	    .serial = sp_bytes(serial, SP_SERIAL_LEN),
	    .signer_alg = gen_key_alg(w->suite),
	    .issuer = p->issuer == GEN_NONE ? NULL : &w->good[p->issuer].cert,
	    .not_before = GEN_NOW + p->from * GEN_DAY,
	    .not_after = GEN_NOW + p->to * GEN_DAY - 1,
	    .pkup_from = GEN_NOW + p->from * GEN_DAY,
	    .pkup_to = GEN_NOW + (p->period == 0 ? p->to : p->from + p->period) * GEN_DAY - 1,
	    .pathlen = p->pathlen,
	    .relax_critical = gen_edit_of(w, GEN_RELAX, GEN_NONE) != NULL,
	    .policy = {.statement = "For tests only"}};
}

/* hashedRootKey of each root is that of the next one's key, the last one's that of some other key. */
static void
spki(enum setpki_suite suite, enum gen_slot slot, struct sp_buf *out)
{
	assert_int_equal(sp_spki_from_pkey(key(suite, slot), out, NULL), SETPKI_E_OK);
}

void
gen_name(enum setpki_suite suite, enum gen_slot slot, struct sp_buf *out)
{
	const struct plan *p = &plans[slot];
	const struct sp_name_parts parts = {
	    .country = "US", .organization = p->organization, .unit = p->unit, .common = p->common};
	struct setpki_error err = {0};

	if (sp_name_build(suite, &parts, out, &err) != SETPKI_E_OK)
		gen_fails("name", &err);
}

static void
read_back(struct gen_cert *c, setpki_bytes der)
{
	struct setpki_error err = {0};

	c->der = der;
	if (sp_cert_parse(der, &c->cert, &err) != SETPKI_E_OK)
		gen_fails("built certificate", &err);
}

static void
make_cert(struct gen_world *w, enum gen_slot slot)
{
	const struct plan *p = &plans[slot];
	struct sp_buf name = {0}, own = {0}, next = {0}, tbs = {0};
	uint8_t serial[SP_SERIAL_LEN];
	struct setpki_error err = {0};
	struct sp_cert_spec spec;
	setpki_bytes alg;
	EVP_PKEY *signer = key(w->suite, p->issuer == GEN_NONE ? slot : p->issuer);

	fill_spec(w, slot, &spec, serial);
	spki(w->suite, slot, &own);
	spki(w->suite, slot == GEN_FIRST ? GEN_ROOT : slot == GEN_ROOT ? GEN_NEXT : GEN_LEAF, &next);
	gen_name(w->suite, slot, &name);
	spec.subject = sp_buf_bytes(&name);
	spec.spki = sp_buf_bytes(&own);
	if (p->kind == SETPKI_KIND_ROOT)
		spec.next_root_spki = sp_buf_bytes(&next);
	if (sp_cert_build(ctx, &spec, &tbs, &err) != SETPKI_E_OK)
		gen_fails(p->common, &err);
	read_back(&w->good[slot],
	    gen_seal(sp_buf_bytes(&tbs), sp_sigalg(w->suite, spec.signer_alg), signer, w->suite, false));
	apply_edits(w, slot, &tbs);
	w->c[slot].key = key(w->suite, slot);
	alg = gen_edit_of(w, GEN_OUTER_ALG, slot) != NULL || gen_edit_of(w, GEN_OTHER_ALG, slot) != NULL
	    ? sp_sigalg(gen_other_suite(w), SP_KEY_RSA)
	    : sp_sigalg(w->suite, spec.signer_alg);
	read_back(&w->c[slot],
	    gen_seal(sp_buf_bytes(&tbs), alg, signer, w->suite, gen_edit_of(w, GEN_SIG_BIT, slot) != NULL));
	sp_buf_free(&name);
	sp_buf_free(&own);
	sp_buf_free(&next);
	sp_buf_free(&tbs);
}

/* --- worlds ------------------------------------------------------------------------------------------------ */

void
gen_make(struct gen_world *w, enum setpki_suite suite, const struct gen_edit *edits)
{
	size_t i;
	int slot;

	*w = (struct gen_world){.ctx = ctx, .suite = suite, .edits = edits};
	w->c[GEN_NONE].key = key(suite, GEN_NONE);
	for (slot = GEN_FIRST; slot < GEN_SLOTS; slot++)
		make_cert(w, (enum gen_slot)slot);
	for (i = 0; i < GEN_CRLS; i++)
		gen_make_crl(w, gen_crl_issuers[i]);
	if (gen_edit_of(w, GEN_BCI_LIST, GEN_CCA) != NULL)
		gen_make_crl(w, GEN_CCA);
	gen_make_bci(w);
}

void
gen_free(struct gen_world *w)
{
	int i;

	for (i = 0; i < GEN_SLOTS; i++) {
		gen_free_bytes(w->c[i].der);
		gen_free_bytes(w->good[i].der);
		gen_free_bytes(w->crl[i]);
	}
	gen_free_bytes(w->bci);
}

static void
put(setpki_pool *pool, enum setpki_object_type type, setpki_bytes der, const char *origin)
{
	const struct setpki_object o = {type, der};
	struct setpki_error err = {0};

	if (der.p != NULL && setpki_pool_add(pool, &o, origin, &err) != SETPKI_E_OK)
		gen_fails(origin, &err);
}

enum gen_slot
gen_trusted(const struct gen_world *w)
{
	enum gen_slot root;

	for (root = GEN_SLOTS; root-- > GEN_FIRST;)
		if (gen_edit_of(w, GEN_TRUST, root) != NULL)
			return root;
	return GEN_ROOT;
}

static void
trust(const struct gen_world *w, setpki_pool *pool)
{
	struct setpki_error err = {0};
	enum gen_slot root = gen_trusted(w);
	uint8_t thumb[32];
	size_t n;

	if (gen_edit_of(w, GEN_TRUST_THUMB, GEN_NONE) != NULL) {
		assert_int_equal(sp_cert_thumb(ctx, &w->c[root].cert, thumb, &n, NULL), SETPKI_E_OK);
		assert_int_equal(setpki_pool_trust_thumb(pool, sp_bytes(thumb, n), &err), SETPKI_E_OK);
	} else if (setpki_pool_trust(pool, w->c[root].der, "root", &err) != SETPKI_E_OK) {
		gen_fails("trust", &err);
	}
}

/* Roots and certificates. */
static setpki_pool *
pool_of_certs(const struct gen_world *w)
{
	setpki_pool *pool;
	int i;

	assert_int_equal(setpki_pool_new(ctx, &pool, NULL), SETPKI_E_OK);
	trust(w, pool);
	for (i = GEN_ROOT; i < GEN_LEAF; i++)
		if (gen_edit_of(w, GEN_OMIT, (enum gen_slot)i) == NULL)
			put(pool, SETPKI_OBJECT_CERT, w->c[i].der, "cert");
	return pool;
}

setpki_pool *
gen_pool(const struct gen_world *w)
{
	const struct gen_edit *seen = gen_edit_of(w, GEN_SEEN, GEN_NONE);
	setpki_pool *pool = pool_of_certs(w);
	int i;

	for (i = 0; i < GEN_SLOTS; i++)
		if (gen_edit_of(w, GEN_CRL_OMIT, (enum gen_slot)i) == NULL)
			put(pool, SETPKI_OBJECT_CRL, w->crl[i], "crl");
	if (gen_edit_of(w, GEN_BCI_OMIT, GEN_NONE) == NULL)
		put(pool, SETPKI_OBJECT_BCI, w->bci, "bci");
	if (seen != NULL)
		assert_int_equal(setpki_pool_set_sequence(pool, "Testcard", (uint64_t)seen->n, NULL), SETPKI_E_OK);
	return pool;
}
