#include "tests/support/registry.h"

#include "lib/base/limits.h"
#include "lib/crypto/sign.h"
#include "lib/x509/build.h"
#include "lib/x509/merchant.h"
#include "lib/x509/name.h"
#include "tests/support/check.h"
#include "tests/support/registry_inner.h"

#include <openssl/crypto.h>

/* Who issues whom, as what, and until when: days after REG_NOW. */
static const struct plan {
	enum reg_slot issuer;
	enum setpki_kind kind;
	uint32_t type;
	const char *organization, *unit, *common;
	int pathlen, from, to;
} plans[REG_SLOTS] = {
    [REG_FIRST] = {REG_NONE, SETPKI_KIND_ROOT, SETPKI_TYPE_RCA, "SET Root", NULL, "Root G1", 3, -400, 4000},
    [REG_ROOT] = {REG_NONE, SETPKI_KIND_ROOT, SETPKI_TYPE_RCA, "SET Root", NULL, "Root G2", 3, -360, 3600},
    [REG_BRAND] = {REG_ROOT, SETPKI_KIND_CA_SIGN, SETPKI_TYPE_BCA, REG_BRAND_ID, NULL, "Brand G1", 2, -320, 3200},
    [REG_GEO] = {REG_BRAND, SETPKI_KIND_CA_SIGN, SETPKI_TYPE_GCA, REG_BRAND_ID, "Europe", "Geo G1", 1, -280, 2800},
#define ISSUING(slot, sign, type, unit, common)                                                                        \
	[slot] = {REG_GEO, sign, type, REG_BRAND_ID, unit, common, 0, -240, 2400},                                     \
	[(slot) + REG_SIG] = {REG_GEO, SETPKI_KIND_CA_SIG, type, REG_BRAND_ID, unit, common, -1, -100, 1000},          \
	[(slot) + REG_ENC] = {REG_GEO, SETPKI_KIND_CA_ENC, type, REG_BRAND_ID, unit, common, -1, -100, 1000}
    ISSUING(REG_CCA, SETPKI_KIND_CA_CERTSIGN, SETPKI_TYPE_CCA, "Bank", "Cardholder CA G1"),
    ISSUING(REG_MCA, SETPKI_KIND_CA_CERTSIGN, SETPKI_TYPE_MCA, "Bank", "Merchant CA G1"),
    ISSUING(REG_PCA, SETPKI_KIND_CA_SIGN, SETPKI_TYPE_PCA, "Bank", "Gateway CA G1"),
    ISSUING(REG_CCA2, SETPKI_KIND_CA_CERTSIGN, SETPKI_TYPE_CCA, "Bank", "Cardholder CA G2"),
    ISSUING(REG_CCB, SETPKI_KIND_CA_CERTSIGN, SETPKI_TYPE_CCA, "Other Bank", "Cardholder CA G1"),
#undef ISSUING
};

static EVP_PKEY *keys[2][REG_SLOTS];

static EVP_PKEY **
key_slot(enum setpki_suite suite, enum reg_slot slot)
{
	return &keys[suite == SETPKI_SUITE_CLASSIC][slot];
}

void
reg_key_set(enum setpki_suite suite, enum reg_slot slot, EVP_PKEY *key)
{
	EVP_PKEY **k = key_slot(suite, slot);

	EVP_PKEY_free(*k);
	assert_int_equal(EVP_PKEY_up_ref(key), 1);
	*k = key;
}

void
reg_stop(void)
{
	for (size_t s = 0; s < NELEMS(keys); s++)
		for (size_t i = 0; i < REG_SLOTS; i++) {
			EVP_PKEY_free(keys[s][i]);
			keys[s][i] = NULL;
		}
}

static EVP_PKEY *
new_key(setpki_ctx *ctx, bool rsa, unsigned rsa_bits)
{
	struct setpki_error err = {0};
	EVP_PKEY *key = NULL;

	t_ok(sp_keygen(ctx, rsa ? SP_KEY_RSA : SP_KEY_P256, rsa ? rsa_bits : 256, &key, &err), &err);
	return key;
}

static EVP_PKEY *given[8];
static size_t ngiven;

void
reg_new_key_give(EVP_PKEY *key)
{
	assert_true(ngiven < NELEMS(given) && EVP_PKEY_up_ref(key) == 1);
	given[ngiven++] = key;
}

EVP_PKEY *
reg_new_key(setpki_ctx *ctx, enum setpki_suite suite, bool exchange)
{
	bool classic = suite == SETPKI_SUITE_CLASSIC;
	EVP_PKEY *next = given[0];

	if (ngiven != 0) {
		memmove(given, given + 1, --ngiven * sizeof(given[0]));
		return next;
	}
	return new_key(ctx, classic || exchange, classic ? 1024 : 2048);
}

/* RSA where the suite or the use asks for it; roots of the classic suite have 2048 bits. */
static EVP_PKEY *
ca_key(setpki_ctx *ctx, enum setpki_suite suite, enum reg_slot slot)
{
	EVP_PKEY **k = key_slot(suite, slot);
	bool classic = suite == SETPKI_SUITE_CLASSIC;
	enum setpki_kind kind = plans[slot].kind;

	if (*k == NULL)
		*k = new_key(
		    ctx, classic || kind == SETPKI_KIND_CA_ENC, classic && kind != SETPKI_KIND_ROOT ? 1024 : 2048);
	return *k;
}

setpki_bytes
reg_finish(struct sp_buf *b)
{
	size_t n;
	uint8_t *p = sp_buf_take(b, &n);

	assert_non_null(p);
	return sp_bytes(p, n);
}

void
reg_bytes_free(setpki_bytes der)
{
	OPENSSL_free((void *)(uintptr_t)der.p);
}

setpki_bytes
reg_seal(const struct registry *r, EVP_PKEY *key, setpki_bytes tbs)
{
	enum sp_keyalg alg = EVP_PKEY_is_a(key, "RSA") ? SP_KEY_RSA : SP_KEY_P256;
	struct sp_buf sig = {0}, der = {0};
	struct setpki_error err = {0};

	t_ok(sp_sign(r->ctx, r->suite, key, tbs, &sig, &err), &err);
	sp_signed_put(&der, tbs, sp_sigalg(r->suite, alg), sp_buf_bytes(&sig));
	sp_buf_free(&sig);
	return reg_finish(&der);
}

static enum sp_keyalg
alg_of(const struct registry *r)
{
	return r->suite == SETPKI_SUITE_CLASSIC ? SP_KEY_RSA : SP_KEY_P256;
}

/* Builds and signs what `spec` lacks nothing of but serial and names. */
static setpki_bytes
make(const struct registry *r, struct sp_cert_spec *spec, const struct sp_name_parts *name, uint32_t serial,
    EVP_PKEY *signer)
{
	uint8_t octets[SP_SERIAL_LEN] = {1};
	struct sp_buf subject = {0}, tbs = {0};
	struct setpki_error err = {0};
	setpki_bytes der;

	for (size_t i = 0; i < 4; i++)
		octets[SP_SERIAL_LEN - 1 - i] = (uint8_t)(serial >> 8 * i);
	t_ok(sp_name_build(r->suite, name, &subject, &err), &err);
	spec->suite = r->suite;
	spec->serial = SP_BYTES(octets);
	spec->signer_alg = alg_of(r);
	spec->subject = sp_buf_bytes(&subject);
	spec->policy = (struct sp_policy_text){.statement = "For tests only"};
	t_ok(sp_cert_build(r->ctx, spec, &tbs, &err), &err);
	der = reg_seal(r, signer, sp_buf_bytes(&tbs));
	sp_buf_free(&subject);
	sp_buf_free(&tbs);
	return der;
}

/* hashedRootKey of the first root is that of the second one's key, the second one's that of some other key. */
static void
make_ca(struct registry *r, enum reg_slot slot)
{
	const struct plan *p = &plans[slot];
	struct reg_cert *c = &r->c[slot];
	struct sp_name_parts name = {"US", p->organization, p->unit, NULL, p->common};
	struct sp_buf spki = {0}, next = {0};
	struct setpki_error err = {0};
	struct sp_cert_spec spec = {.kind = p->kind,
	    .type = p->type,
	    .issuer = p->issuer == REG_NONE ? NULL : &r->c[p->issuer].cert,
	    .not_before = REG_NOW + p->from * REG_DAY,
	    .not_after = REG_NOW + p->to * REG_DAY - 1,
	    .pkup_from = REG_NOW + p->from * REG_DAY,
	    .pkup_to = REG_NOW + p->to * REG_DAY - 1,
	    .pathlen = p->pathlen};

	c->key = ca_key(r->ctx, r->suite, slot);
	t_ok(sp_spki_from_pkey(c->key, &spki, &err), &err);
	t_ok(sp_spki_from_pkey(ca_key(r->ctx, r->suite, slot == REG_FIRST ? REG_ROOT : REG_GEO), &next, &err), &err);
	spec.spki = sp_buf_bytes(&spki);
	if (p->kind == SETPKI_KIND_ROOT)
		spec.next_root_spki = sp_buf_bytes(&next);
	c->der = make(r, &spec, &name, slot, p->issuer == REG_NONE ? c->key : r->c[p->issuer].key);
	t_ok(sp_cert_parse(c->der, &c->cert, &err), &err);
	sp_buf_free(&spki);
	sp_buf_free(&next);
}

void
reg_make(struct registry *r, setpki_ctx *ctx, enum setpki_suite suite)
{
	*r = (struct registry){.ctx = ctx, .suite = suite, .sequence = 7, .serial = 1000};
	for (int slot = REG_FIRST; slot < REG_SLOTS; slot++)
		make_ca(r, (enum reg_slot)slot);
	reg_make_lists(r);
}

void
reg_free(struct registry *r)
{
	for (size_t i = 0; i < REG_SLOTS; i++) {
		reg_bytes_free(r->c[i].der);
		reg_bytes_free(r->crl[i]);
	}
	reg_bytes_free(r->bci);
	*r = (struct registry){0};
}

/* --- end entities ------------------------------------------------------------------------------ */

static void
put_merchant(const struct reg_issue *ask, struct sp_buf *out)
{
	static const struct sp_mer_names names = {"en", "Corner Shop", "Springfield", NULL, "12345", "USA"};
	const struct sp_merchant_data m = {ask->merchant == NULL ? REG_MERCHANT_ID : ask->merchant,
	    ask->bin == NULL ? REG_BIN : ask->bin, &names, 1, 840, true};
	struct setpki_error err = {0};

	t_ok(sp_merchant_build(&m, out, &err), &err);
}

setpki_bytes
reg_issue(struct registry *r, const struct reg_issue *ask, struct sp_cert *parsed)
{
	int64_t from = ask->from == 0 ? REG_NOW : ask->from, to = ask->to == 0 ? from + 300 * REG_DAY - 1 : ask->to;
	struct sp_name_parts name = {
	    "US", ask->brand == NULL ? REG_BRAND_ID : ask->brand, plans[ask->ca].unit, NULL, ask->common};
	const struct sp_kind_row *row = sp_kind_row(ask->kind);
	struct sp_buf spki = {0}, merchant = {0};
	struct setpki_error err = {0};
	struct sp_cert_spec spec = {.kind = ask->kind,
	    .type = row->type_mask,
	    .issuer = &r->c[ask->ca].cert,
	    .not_before = from,
	    .not_after = to,
	    .pkup_from = from,
	    .pkup_to = ask->usage_to != 0 ? ask->usage_to : to,
	    .spki = ask->spki};
	setpki_bytes der;

	if (ask->spki.n == 0) {
		t_ok(sp_spki_from_pkey(ask->key, &spki, &err), &err);
		spec.spki = sp_buf_bytes(&spki);
	}
	if (row->need[SP_EXT_MERCHANT_DATA] == SP_REQUIRED) {
		put_merchant(ask, &merchant);
		spec.merchant_data = sp_buf_bytes(&merchant);
	}
	der = make(r, &spec, &name, r->serial++, r->c[ask->ca].key);
	if (parsed != NULL)
		t_ok(sp_cert_parse(der, parsed, &err), &err);
	sp_buf_free(&spki);
	sp_buf_free(&merchant);
	return der;
}

/* --- what travels ------------------------------------------------------------------------------ */

struct setpki_party
reg_party(const struct registry *r, enum reg_slot slot)
{
	const struct reg_cert *c = &r->c[slot];

	return (struct setpki_party){.issuer = c->cert.issuer, .serial = c->cert.serial, .key = c->key};
}

size_t
reg_chain(const struct registry *r, enum reg_slot ca, setpki_bytes out[REG_CHAIN_MAX])
{
	size_t n = 0;

	out[n++] = r->c[ca + REG_SIG].der;
	out[n++] = r->c[ca + REG_ENC].der;
	for (; ca != REG_NONE; ca = plans[ca].issuer)
		out[n++] = r->c[ca].der;
	return n;
}

static void
put(setpki_pool *pool, enum setpki_object_type type, setpki_bytes der)
{
	const struct setpki_object o = {type, der};
	struct setpki_error err = {0};

	if (der.n > 0)
		t_ok(setpki_pool_add(pool, &o, NULL, &err), &err);
}

setpki_pool *
reg_pool(const struct registry *r, enum reg_slot root)
{
	struct setpki_error err = {0};
	setpki_pool *pool = NULL;

	t_ok(setpki_pool_new(r->ctx, &pool, &err), &err);
	t_ok(setpki_pool_trust(pool, r->c[root].der, "root", &err), &err);
	return pool;
}

setpki_pool *
reg_pool_full(const struct registry *r, enum reg_slot root)
{
	setpki_pool *pool = reg_pool(r, root);

	for (size_t i = REG_ROOT; i < REG_SLOTS; i++) {
		put(pool, SETPKI_OBJECT_CERT, r->c[i].der);
		put(pool, SETPKI_OBJECT_CRL, r->crl[i]);
	}
	put(pool, SETPKI_OBJECT_BCI, r->bci);
	return pool;
}

int
reg_open_both(setpki_ctx **ctx, struct registry regs[2])
{
	struct setpki_error err = {0};

	t_ok(setpki_ctx_new(NULL, ctx, &err), &err);
	reg_make(&regs[0], *ctx, SETPKI_SUITE_CLASSIC);
	reg_make(&regs[1], *ctx, SETPKI_SUITE_MODERN);
	return 0;
}

int
reg_close_both(setpki_ctx *ctx, struct registry regs[2])
{
	reg_free(&regs[0]);
	reg_free(&regs[1]);
	reg_stop();
	setpki_ctx_free(ctx);
	t_hex_free();
	return 0;
}
