#include "tests/support/gen.h"

#include "lib/base/limits.h"
#include "lib/crypto/sign.h"
#include "lib/der/writer.h"
#include "lib/x509/name.h"
#include "tests/support/gen_edit.h"

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
static enum sp_keyalg
key_alg(enum setpki_suite suite)
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
	setpki_ctx_free(ctx);
}

void
gen_keys(enum gen_keys k)
{
	modern_keys = k;
}

static void
fails(const char *what, const struct setpki_error *err)
{
	fail_msg("%s: %s: %s", what, err->object, err->message);
}

/* RSA-2048 for roots and in modern, else RSA-1024. */
static unsigned
key_bits(enum setpki_suite suite, enum gen_slot slot)
{
	if (key_alg(suite) == SP_KEY_P256)
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

	if (*k == NULL && sp_keygen(ctx, key_alg(of), key_bits(of, slot), k, &err) != SETPKI_E_OK)
		fails("key", &err);
	return *k;
}

static void
free_bytes(setpki_bytes s)
{
	OPENSSL_free((void *)(uintptr_t)s.p);
}

static bool
is_cert_edit(const struct gen_edit *e, enum gen_slot slot)
{
	return e->slot == slot && e->what >= GEN_EXT_DROP && e->what <= GEN_OTHER_KEY;
}

static const struct gen_edit *
edit(const struct gen_world *w, enum gen_what what, enum gen_slot slot)
{
	size_t i;

	for (i = 0; w->edits != NULL && i < GEN_EDITS && w->edits[i].what != GEN_END; i++)
		if (w->edits[i].what == what && w->edits[i].slot == slot)
			return &w->edits[i];
	return NULL;
}

static enum setpki_suite
other_suite(const struct gen_world *w)
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

static setpki_bytes
finish(struct sp_buf *b)
{
	size_t n;
	uint8_t *p = sp_buf_take(b, &n);

	assert_non_null(p);
	return sp_bytes(p, n);
}

/* SEQUENCE { tbs, algorithm, signature } */
static setpki_bytes
seal(setpki_bytes tbs, setpki_bytes alg, EVP_PKEY *k, enum setpki_suite suite, bool turn_bit)
{
	struct sp_buf sig = {0}, der = {0};
	struct setpki_error err = {0};

	if (sp_sign(ctx, suite, k, tbs, &sig, &err) != SETPKI_E_OK)
		fails("sign", &err);
	if (turn_bit)
		sig.p[sig.n - 1] ^= 1;
	sp_signed_put(&der, tbs, alg, sp_buf_bytes(&sig));
	sp_buf_free(&sig);
	return finish(&der);
}

setpki_bytes
gen_sign(const struct gen_world *w, enum gen_slot slot, enum setpki_suite suite, setpki_bytes tbs)
{
	enum sp_keyalg alg = EVP_PKEY_is_a(w->c[slot].key, "RSA") ? SP_KEY_RSA : SP_KEY_P256;

	return seal(tbs, sp_sigalg(suite, alg), w->c[slot].key, suite, false);
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
	    .signer_alg = key_alg(w->suite),
	    .issuer = p->issuer == GEN_NONE ? NULL : &w->good[p->issuer].cert,
	    .not_before = GEN_NOW + p->from * GEN_DAY,
	    .not_after = GEN_NOW + p->to * GEN_DAY - 1,
	    .pkup_from = GEN_NOW + p->from * GEN_DAY,
	    .pkup_to = GEN_NOW + (p->period == 0 ? p->to : p->from + p->period) * GEN_DAY - 1,
	    .pathlen = p->pathlen,
	    .relax_critical = edit(w, GEN_RELAX, GEN_NONE) != NULL,
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
		fails("name", &err);
}

static void
read_back(struct gen_cert *c, setpki_bytes der)
{
	struct setpki_error err = {0};

	c->der = der;
	if (sp_cert_parse(der, &c->cert, &err) != SETPKI_E_OK)
		fails("built certificate", &err);
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
		fails(p->common, &err);
	read_back(
	    &w->good[slot], seal(sp_buf_bytes(&tbs), sp_sigalg(w->suite, spec.signer_alg), signer, w->suite, false));
	apply_edits(w, slot, &tbs);
	w->c[slot].key = key(w->suite, slot);
	alg = edit(w, GEN_OUTER_ALG, slot) != NULL || edit(w, GEN_OTHER_ALG, slot) != NULL
	    ? sp_sigalg(other_suite(w), SP_KEY_RSA)
	    : sp_sigalg(w->suite, spec.signer_alg);
	read_back(&w->c[slot], seal(sp_buf_bytes(&tbs), alg, signer, w->suite, edit(w, GEN_SIG_BIT, slot) != NULL));
	sp_buf_free(&name);
	sp_buf_free(&own);
	sp_buf_free(&next);
	sp_buf_free(&tbs);
}

/* --- CRLs -------------------------------------------------------------------------------------------------- */

struct entries {
	struct sp_crl_entry e;
	bool have, told;
};

static bool
next_entry(void *arg, struct sp_crl_entry *e)
{
	struct entries *s = arg;

	if (!s->have || s->told)
		return false;
	s->told = true;
	*e = s->e;
	return true;
}

static void
rewind_entries(void *arg)
{
	((struct entries *)arg)->told = false;
}

struct crl_job {
	enum setpki_suite suite;
	EVP_PKEY *key;
	struct sp_buf der;
};

static enum setpki_code
sign_crl(void *arg, const uint8_t *digest, struct sp_buf *sig, struct setpki_error *err)
{
	const struct crl_job *j = arg;

	return sp_sign_digest(ctx, j->suite, j->key, digest, sig, err);
}

static enum setpki_code
write_crl(void *arg, setpki_bytes piece, struct setpki_error *err)
{
	(void)err;
	sp_buf_add_bytes(&((struct crl_job *)arg)->der, piece);
	return SETPKI_E_OK;
}

static int64_t
value(const struct gen_world *w, enum gen_what what, enum gen_slot slot, int64_t good)
{
	const struct gen_edit *e = edit(w, what, slot);

	return e == NULL ? good : e->n;
}

/* Rewrites the TBS of a CRL, or turns a bit of its signature. */
static void
edit_crl(const struct gen_world *w, enum gen_slot slot, struct crl_job *j)
{
	const struct gen_edit *add = edit(w, GEN_CRL_EXT_ADD, slot), *drop = edit(w, GEN_CRL_EXT_DROP, slot);
	struct sp_buf tbs = {0};
	setpki_bytes der;
	struct sp_crl crl;

	if (edit(w, GEN_CRL_SIG_BIT, slot) != NULL)
		j->der.p[j->der.n - 1] ^= 1;
	if (add == NULL && drop == NULL)
		return;
	assert_int_equal(sp_crl_parse(ctx, sp_buf_bytes(&j->der), &crl, NULL), SETPKI_E_OK);
	gen_edit_crl(crl.tbs, add != NULL ? add : drop, &tbs);
	der = seal(sp_buf_bytes(&tbs), crl.sigalg, j->key, j->suite, false);
	sp_buf_reset(&j->der);
	sp_buf_add_bytes(&j->der, der);
	sp_crl_free(&crl);
	sp_buf_free(&tbs);
	free_bytes(der);
}

static void
make_crl(struct gen_world *w, enum gen_slot slot)
{
	const struct gen_edit *revoke = edit(w, GEN_CRL_REVOKE, slot), *by = edit(w, GEN_CRL_SIGNER, slot);
	enum gen_slot signer = by == NULL ? slot : by->other;
	struct crl_job job = {
	    .suite = edit(w, GEN_CRL_OTHER_SUITE, slot) != NULL ? other_suite(w) : w->suite, .key = w->c[signer].key};
	struct sp_cert as = w->c[signer].cert;
	struct sp_crl_spec spec = {.suite = job.suite,
	    .signer = &as,
	    .this_update = GEN_NOW + value(w, GEN_CRL_THIS, slot, -GEN_DAY),
	    .next_update = GEN_NOW + value(w, GEN_CRL_NEXT, slot, 6 * GEN_DAY),
	    .number = (uint64_t)value(w, GEN_CRL_NUMBER, slot, 5)};
	struct entries entries = {.have = revoke != NULL};
	struct sp_crl_source source = {next_entry, rewind_entries, &entries};
	struct setpki_error err = {0};

	as.subject = w->c[slot].cert.subject;
	as.key_usage |= SETPKI_KU_CRL_SIGN; /* the builder would refuse what the test is about */
	if (revoke != NULL)
		entries.e = (struct sp_crl_entry){
		    w->c[revoke->other].cert.serial, GEN_NOW - 2 * GEN_DAY, w->suite == SETPKI_SUITE_MODERN ? 1 : -1};
	if (sp_crl_build(ctx, &spec, &source, sign_crl, &job, write_crl, &job, &err) != SETPKI_E_OK)
		fails("CRL", &err);
	edit_crl(w, slot, &job);
	w->crl[slot] = finish(&job.der);
}

/* --- the BCI ----------------------------------------------------------------------------------------------- */

static const enum gen_slot crl_issuers[] = {GEN_ROOT, GEN_BRAND, GEN_GEO, GEN_PCA};
#define NCRLS (sizeof(crl_issuers) / sizeof(crl_issuers[0]))

static size_t
list_crls(const struct gen_world *w, struct sp_bci_entry *entries)
{
	const struct gen_edit *more = edit(w, GEN_BCI_LIST, GEN_CCA);
	size_t i, n = 0;

	for (i = 0; i < NCRLS; i++)
		if (edit(w, GEN_BCI_UNLIST, crl_issuers[i]) == NULL)
			entries[n++] = (struct sp_bci_entry){
			    w->c[crl_issuers[i]].cert.subject, (uint64_t)value(w, GEN_BCI_LIST, crl_issuers[i], 5)};
	if (more != NULL)
		entries[n++] = (struct sp_bci_entry){w->c[GEN_CCA].cert.subject, (uint64_t)more->n};
	return n;
}

static void
make_bci(struct gen_world *w)
{
	const struct gen_edit *by = edit(w, GEN_BCI_SIGNER, GEN_NONE), *brand = edit(w, GEN_BCI_BRAND, GEN_NONE),
			      *add = edit(w, GEN_BCI_EXT_ADD, GEN_NONE);
	enum gen_slot signer = by == NULL ? GEN_BRAND : by->other;
	enum setpki_suite suite = edit(w, GEN_BCI_OTHER_SUITE, GEN_NONE) != NULL ? other_suite(w) : w->suite;
	struct sp_bci_entry entries[NCRLS + 1];
	struct sp_cert as = w->c[signer].cert;
	struct sp_bci_spec spec = {.suite = suite,
	    .signer = &as,
	    .sequence = (uint64_t)value(w, GEN_BCI_SEQUENCE, GEN_NONE, 7),
	    .brand_id = brand == NULL ? "Testcard" : brand->text,
	    .not_before = GEN_NOW + value(w, GEN_BCI_FROM, GEN_NONE, -GEN_DAY),
	    .not_after = GEN_NOW + value(w, GEN_BCI_TO, GEN_NONE, 2 * GEN_DAY) - 1,
	    .entries = entries,
	    .n = list_crls(w, entries)};
	struct sp_buf tbs = {0}, edited = {0};
	struct setpki_error err = {0};

	as.key_usage |= SETPKI_KU_CRL_SIGN;
	as.type |= SETPKI_TYPE_BCA;
	if (sp_bci_build(&spec, &tbs, &err) != SETPKI_E_OK)
		fails("BCI", &err);
	if (add != NULL)
		gen_edit_bci(sp_buf_bytes(&tbs), add, &edited);
	w->bci = seal(sp_buf_bytes(add != NULL ? &edited : &tbs), sp_sigalg(suite, key_alg(w->suite)), w->c[signer].key,
	    suite, edit(w, GEN_BCI_SIG_BIT, GEN_NONE) != NULL);
	sp_buf_free(&tbs);
	sp_buf_free(&edited);
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
	for (i = 0; i < NCRLS; i++)
		make_crl(w, crl_issuers[i]);
	if (edit(w, GEN_BCI_LIST, GEN_CCA) != NULL)
		make_crl(w, GEN_CCA);
	make_bci(w);
}

void
gen_free(struct gen_world *w)
{
	int i;

	for (i = 0; i < GEN_SLOTS; i++) {
		free_bytes(w->c[i].der);
		free_bytes(w->good[i].der);
		free_bytes(w->crl[i]);
	}
	free_bytes(w->bci);
}

static void
put(setpki_pool *pool, enum setpki_object_type type, setpki_bytes der, const char *origin)
{
	const struct setpki_object o = {type, der};
	struct setpki_error err = {0};

	if (der.p != NULL && setpki_pool_add(pool, &o, origin, &err) != SETPKI_E_OK)
		fails(origin, &err);
}

static void
trust(const struct gen_world *w, setpki_pool *pool)
{
	struct setpki_error err = {0};
	uint8_t thumb[32];
	enum gen_slot root;
	size_t n;

	for (root = GEN_SLOTS; root-- > GEN_FIRST;)
		if (edit(w, GEN_TRUST, root) != NULL)
			break;
	if (root < GEN_FIRST)
		root = GEN_ROOT;
	if (edit(w, GEN_TRUST_THUMB, GEN_NONE) != NULL) {
		assert_int_equal(sp_cert_thumb(ctx, &w->c[root].cert, thumb, &n, NULL), SETPKI_E_OK);
		assert_int_equal(setpki_pool_trust_thumb(pool, sp_bytes(thumb, n), &err), SETPKI_E_OK);
	} else if (setpki_pool_trust(pool, w->c[root].der, "root", &err) != SETPKI_E_OK) {
		fails("trust", &err);
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
		if (edit(w, GEN_OMIT, (enum gen_slot)i) == NULL)
			put(pool, SETPKI_OBJECT_CERT, w->c[i].der, "cert");
	return pool;
}

setpki_pool *
gen_pool(const struct gen_world *w)
{
	const struct gen_edit *seen = edit(w, GEN_SEEN, GEN_NONE);
	setpki_pool *pool = pool_of_certs(w);
	int i;

	for (i = 0; i < GEN_SLOTS; i++)
		if (edit(w, GEN_CRL_OMIT, (enum gen_slot)i) == NULL)
			put(pool, SETPKI_OBJECT_CRL, w->crl[i], "crl");
	if (edit(w, GEN_BCI_OMIT, GEN_NONE) == NULL)
		put(pool, SETPKI_OBJECT_BCI, w->bci, "bci");
	if (seen != NULL)
		assert_int_equal(setpki_pool_set_sequence(pool, "Testcard", (uint64_t)seen->n, NULL), SETPKI_E_OK);
	return pool;
}
