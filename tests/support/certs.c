#include "tests/support/certs.h"

#include "lib/base/limits.h"
#include "lib/crypto/sign.h"
#include "lib/x509/merchant.h"
#include "lib/x509/name.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
/* after the headers that it needs */
#include <cmocka.h>

/* What a kind's certificate is about, and which CA issues it. */
enum level { ROOT, BRAND, ISSUING, LEVELS };
static const struct {
	uint32_t type;
	enum level issuer;
	const char *unit, *common;
} plans[SETPKI_KIND_N] = {
    [SETPKI_KIND_CARD_SIG] = {SETPKI_TYPE_CARD, ISSUING, "First Bank", "k3Gd0aPkQ2c="},
    [SETPKI_KIND_MER_SIG] = {SETPKI_TYPE_MER, ISSUING, "First Bank", "Corner Shop"},
    [SETPKI_KIND_MER_ENC] = {SETPKI_TYPE_MER, ISSUING, "First Bank", "Corner Shop"},
    [SETPKI_KIND_PGWY_SIG] = {SETPKI_TYPE_PGWY, ISSUING, "First Bank", "Gateway 7"},
    [SETPKI_KIND_PGWY_ENC] = {SETPKI_TYPE_PGWY, ISSUING, "First Bank", "Gateway 7"},
    [SETPKI_KIND_CA_SIG] = {SETPKI_TYPE_CCA, BRAND, "First Bank", "Card CA G1"},
    [SETPKI_KIND_CA_ENC] = {SETPKI_TYPE_CCA, BRAND, "First Bank", "Card CA G1"},
    [SETPKI_KIND_CA_CERTSIGN] = {SETPKI_TYPE_CCA, BRAND, "First Bank", "Card CA G1"},
    [SETPKI_KIND_CA_CRLSIGN] = {SETPKI_TYPE_PCA, BRAND, "First Bank", "Gateway CA G1"},
    [SETPKI_KIND_CA_SIGN] = {SETPKI_TYPE_BCA, ROOT, NULL, "Other Brand G1"},
    [SETPKI_KIND_ROOT] = {SETPKI_TYPE_RCA, LEVELS, NULL, "Other Root G1"},
};

static setpki_ctx *ctx;
static struct suite_room {
	EVP_PKEY *keys[CERTS_KEYS];
	struct sp_buf der[LEVELS];
	struct sp_cert ca[LEVELS];
} rooms[2];

static struct suite_room *
room(enum setpki_suite suite)
{
	return &rooms[suite == SETPKI_SUITE_MODERN];
}

setpki_ctx *
certs_ctx(void)
{
	return ctx;
}

EVP_PKEY *
certs_key(enum setpki_suite suite, enum certs_key which)
{
	return room(suite)->keys[which];
}

const struct sp_cert *
certs_root(enum setpki_suite suite)
{
	return &room(suite)->ca[ROOT];
}

const struct sp_cert *
certs_brand(enum setpki_suite suite)
{
	return &room(suite)->ca[BRAND];
}

const struct sp_cert *
certs_issuing(enum setpki_suite suite)
{
	return &room(suite)->ca[ISSUING];
}

static void
ok(enum setpki_code rc, const struct setpki_error *err)
{
	if (rc != SETPKI_E_OK)
		fail_msg("%s: %s: %s", setpki_code_name(rc), err->object, err->message);
}

void
certs_sign(enum setpki_suite suite, EVP_PKEY *key, setpki_bytes tbs, struct sp_buf *out)
{
	enum sp_keyalg alg = EVP_PKEY_is_a(key, "RSA") == 1 ? SP_KEY_RSA : SP_KEY_P256;
	struct setpki_error err = {0};
	struct sp_buf sig = {0};

	ok(sp_sign(ctx, suite, key, tbs, &sig, &err), &err);
	sp_signed_put(out, tbs, sp_sigalg(suite, alg), sp_buf_bytes(&sig));
	sp_buf_free(&sig);
}

static void
put_key(struct sp_buf *out, EVP_PKEY *key)
{
	struct setpki_error err = {0};

	sp_buf_reset(out);
	ok(sp_spki_from_pkey(key, out, &err), &err);
}

void
certs_subject(struct certs_case *c, const struct sp_name_parts *parts)
{
	struct setpki_error err = {0};

	sp_buf_reset(&c->subject);
	ok(sp_name_build(c->spec.suite, parts, &c->subject, &err), &err);
	c->spec.subject = sp_buf_bytes(&c->subject);
}

static void
put_merchant(struct sp_buf *out)
{
	static const struct sp_mer_names names = {"en", "Corner Shop", "Springfield", NULL, "12345", "USA"};
	const struct sp_merchant_data m = {"SHOP-1", "412345", &names, 1, 840, true};
	struct setpki_error err = {0};

	ok(sp_merchant_build(&m, out, &err), &err);
}

static void
put_times(struct sp_cert_spec *s)
{
	s->not_before = CERTS_NOW;
	s->not_after = s->pkup_to = CERTS_NOW + 365 * CERTS_DAY - 1;
	s->pkup_from = CERTS_NOW;
}

void
certs_case(struct certs_case *c, enum setpki_suite suite, enum setpki_kind kind)
{
	const struct sp_kind_row *row = sp_kind_row(kind);
	struct suite_room *r = room(suite);
	struct sp_name_parts name = {
	    "US", kind == SETPKI_KIND_ROOT ? "SET Root" : "Testcard", plans[kind].unit, NULL, plans[kind].common};
	bool root = kind == SETPKI_KIND_ROOT;

	memset(c, 0, sizeof(*c));
	c->spec.suite = suite;
	c->spec.kind = kind;
	c->spec.type = plans[kind].type;
	memset(c->serial, 0x5a, sizeof(c->serial));
	c->serial[0] = 0x01;
	c->spec.serial = SP_BYTES(c->serial);
	c->signer = r->keys[CERTS_KEY_CA];
	c->spec.signer_alg = suite == SETPKI_SUITE_MODERN ? SP_KEY_P256 : SP_KEY_RSA;
	c->spec.issuer = root ? NULL : &r->ca[plans[kind].issuer];
	c->spec.pathlen = row->ca ? sp_pathlen(c->spec.type, true) : -1;
	certs_subject(c, &name);
	put_times(&c->spec);
	put_key(&c->spki, r->keys[root ? CERTS_KEY_CA : row->exchange ? CERTS_KEY_EXCHANGE : CERTS_KEY_SUBJECT]);
	c->spec.spki = sp_buf_bytes(&c->spki);
	if (root) {
		put_key(&c->next_spki, r->keys[CERTS_KEY_NEXT]);
		c->spec.next_root_spki = sp_buf_bytes(&c->next_spki);
	}
	if (row->need[SP_EXT_MERCHANT_DATA] == SP_REQUIRED) {
		put_merchant(&c->merchant);
		c->spec.merchant_data = sp_buf_bytes(&c->merchant);
	}
}

void
certs_case_free(struct certs_case *c)
{
	sp_buf_free(&c->subject);
	sp_buf_free(&c->spki);
	sp_buf_free(&c->next_spki);
	sp_buf_free(&c->merchant);
}

void
certs_make(struct certs_case *c, struct sp_buf *out)
{
	struct setpki_error err = {0};
	struct sp_buf tbs = {0};

	ok(sp_cert_build(ctx, &c->spec, &tbs, &err), &err);
	certs_sign(c->spec.suite, c->signer, sp_buf_bytes(&tbs), out);
	assert_false(out->failed);
	sp_buf_free(&tbs);
}

/* One CA of the room, with the key that all its CAs have. */
static void
make_ca(struct suite_room *r, enum setpki_suite suite, enum level level)
{
	static const struct {
		enum setpki_kind kind;
		uint32_t type;
		struct sp_name_parts name;
	} cas[LEVELS] = {
	    [ROOT] = {SETPKI_KIND_ROOT, SETPKI_TYPE_RCA, {"US", "SET Root", NULL, NULL, "Test Root G1"}},
	    [BRAND] = {SETPKI_KIND_CA_SIGN, SETPKI_TYPE_BCA, {"US", "Testcard", NULL, NULL, "Test Brand G1"}},
	    [ISSUING] = {SETPKI_KIND_CA_SIGN, SETPKI_TYPE_ISSUING,
		{"US", "Testcard", "First Bank", NULL, "Issuing CA G1"}},
	};
	struct setpki_error err = {0};
	struct certs_case c;

	certs_case(&c, suite, cas[level].kind);
	c.spec.type = cas[level].type;
	c.spec.issuer = level == ROOT ? NULL : &r->ca[level - 1];
	c.spec.pathlen = sp_pathlen(c.spec.type, false);
	c.serial[16] = (uint8_t)level;
	certs_subject(&c, &cas[level].name);
	put_key(&c.spki, r->keys[CERTS_KEY_CA]);
	c.spec.spki = sp_buf_bytes(&c.spki);
	c.spec.not_after += 3650 * CERTS_DAY;
	certs_make(&c, &r->der[level]);
	ok(sp_cert_parse(sp_buf_bytes(&r->der[level]), &r->ca[level], &err), &err);
	certs_case_free(&c);
}

int
certs_start(void **state)
{
	static const struct {
		enum sp_keyalg alg;
		unsigned bits;
	} types[2][CERTS_KEYS] = {
	    {{SP_KEY_RSA, 2048}, {SP_KEY_RSA, 1024}, {SP_KEY_RSA, 1024}, {SP_KEY_RSA, 2048}},
	    {{SP_KEY_P256, 256}, {SP_KEY_P384, 384}, {SP_KEY_RSA, 2048}, {SP_KEY_P256, 256}},
	};
	struct setpki_error err = {0};

	(void)state;
	ok(setpki_ctx_new(NULL, &ctx, &err), &err);
	for (int s = 0; s < 2; s++) {
		enum setpki_suite suite = s == 1 ? SETPKI_SUITE_MODERN : SETPKI_SUITE_CLASSIC;

		for (int k = 0; k < CERTS_KEYS; k++)
			ok(sp_keygen(ctx, types[s][k].alg, types[s][k].bits, &rooms[s].keys[k], &err), &err);
		for (int level = ROOT; level < LEVELS; level++)
			make_ca(&rooms[s], suite, (enum level)level);
	}
	return 0;
}

int
certs_stop(void **state)
{
	(void)state;
	for (int s = 0; s < 2; s++) {
		for (int k = 0; k < CERTS_KEYS; k++)
			EVP_PKEY_free(rooms[s].keys[k]);
		for (int level = 0; level < LEVELS; level++)
			sp_buf_free(&rooms[s].der[level]);
	}
	setpki_ctx_free(ctx);
	return 0;
}

void
certs_stored(const uint8_t serial[17], struct sp_buf *out, struct sp_cert *parsed)
{
	static uint8_t made[2048];
	static size_t n, at;
	struct certs_case c;
	struct sp_buf der = {0};

	if (n == 0) {
		certs_case(&c, SETPKI_SUITE_MODERN, SETPKI_KIND_MER_SIG);
		certs_make(&c, &der);
		ok(sp_cert_parse(sp_buf_bytes(&der), parsed, NULL), NULL);
		assert_int_equal(parsed->serial.n, 17);
		assert_true(der.n <= sizeof(made));
		at = (size_t)(parsed->serial.p - der.p);
		n = der.n;
		memcpy(made, der.p, n);
		sp_buf_free(&der);
		certs_case_free(&c);
	}
	memcpy(made + at, serial, 17);
	sp_buf_add(out, made, n);
	ok(sp_cert_parse(sp_buf_bytes(out), parsed, NULL), NULL);
}
