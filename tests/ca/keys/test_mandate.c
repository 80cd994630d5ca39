/* What a key signs, whoever asks: each row of the table, by what it keeps from being signed. */
#include "ca/keys/mandate.h"
#include "lib/crypto/signed_inner.h"
#include "tests/support/check.h"
#include "tests/support/gen.h"
#include "tests/support/scratch.h"

#include <stdio.h>

#define ALL (~0u)
#define ENDS                                                                                                           \
	(1u << SETPKI_KIND_CARD_SIG | 1u << SETPKI_KIND_MER_SIG | 1u << SETPKI_KIND_MER_ENC |                          \
	    1u << SETPKI_KIND_PGWY_SIG | 1u << SETPKI_KIND_PGWY_ENC)

static int
start(void **state)
{
	(void)state;
	gen_start();
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	gen_stop();
	return 0;
}

/* --- certificates ------------------------------------------------------------------------------- */

static const struct row {
	const char *name;
	enum gen_slot slot, by; /* what is to be signed, with whose key; GEN_NONE: a root in the making signs itself */
	struct gen_edit edits[GEN_EDITS];
	uint32_t kinds;
	const char *says;    /* NULL: it is signed */
	int64_t until;	     /* of the mandate, from the end of the certificate; */
	int64_t now;	     /* from its beginning; */
	int64_t longest;     /* from how long it is valid; 0: no such limit */
	enum gen_slot other; /* the certificate of the key that signs; GEN_NONE: that of `by` */
} rows[] = {
    {"a gateway's", GEN_LEAF, GEN_PCA, .kinds = ENDS},
    {"a cardholder's", GEN_CARD, GEN_CCA, .kinds = ENDS},
    {"a gateway CA's", GEN_PCA, GEN_GEO, .kinds = ALL},
    {"a geopolitical CA's", GEN_GEO, GEN_BRAND, .kinds = ALL},
    {"a brand CA's", GEN_BRAND, GEN_ROOT, .kinds = ALL},
    {"a brand CA's of any brand", GEN_BRAND, GEN_ROOT, .edits = {{GEN_BRAND_NAME, GEN_BRAND, .text = "Othercard"}},
	.kinds = ALL},
    {"a root's", GEN_ROOT, GEN_NONE, .kinds = 1u << SETPKI_KIND_ROOT},
    {"a root's once more", GEN_ROOT, GEN_ROOT, .kinds = ALL, .until = -1000},
    {"as long as the policy allows", GEN_LEAF, GEN_PCA, .kinds = ENDS, .longest = 1},

    {"a kind that is not certified here", GEN_LEAF, GEN_PCA, .kinds = 1u << SETPKI_KIND_PGWY_ENC, .says = "kind"},
    {"a CA's by a CA that certifies end entities", GEN_PCA, GEN_PCA, .kinds = ENDS, .says = "kind"},
    {"a root's by a CA that certifies end entities", GEN_ROOT, GEN_PCA, .kinds = ENDS, .says = "kind"},
    {"no kind at all", GEN_LEAF, GEN_PCA,
	.edits = {{GEN_EXT_SET, GEN_LEAF, .ext = SP_EXT_KEY_USAGE, .hex = "03020106"}}, .kinds = ALL, .says = "kind"},
    {"a gateway's with keyCertSign", GEN_LEAF, GEN_PCA,
	.edits = {{GEN_EXT_SET, GEN_LEAF, .ext = SP_EXT_KEY_USAGE, .hex = "03020204"}}, .kinds = ALL, .says = "kind"},
    {"a root in the making certifies another CA", GEN_BRAND, GEN_NONE, .kinds = ALL, .says = "signs no certificates"},
    {"with a message-signature key", GEN_LEAF, GEN_PCA_SIG, .kinds = ENDS, .says = "signs no certificates"},
    {"with a CRL-signing key", GEN_LEAF, GEN_PCA_CRL, .kinds = ENDS, .says = "signs no certificates"},
    {"a gateway's by the cardholder CA", GEN_LEAF, GEN_CCA, .kinds = ENDS, .says = "no CA of this role"},
    {"a cardholder's by the gateway CA", GEN_CARD, GEN_PCA, .kinds = ENDS, .says = "no CA of this role"},
    {"a gateway's by the brand CA", GEN_LEAF, GEN_BRAND, .kinds = ALL, .says = "no CA of this role"},
    {"a brand CA's by a geopolitical CA", GEN_BRAND, GEN_GEO, .kinds = ALL, .says = "no CA of this role"},
    {"a gateway CA's by itself", GEN_PCA, GEN_PCA, .kinds = ALL, .says = "no CA of this role"},
    {"the name of another issuer", GEN_LEAF, GEN_PCA, .edits = {{GEN_ISSUER_OF, GEN_LEAF, .other = GEN_CCA}},
	.kinds = ENDS, .says = "names another issuer"},
    {"another root's", GEN_NEXT, GEN_ROOT, .kinds = ALL, .says = "names another issuer"},
    {"another root's under this name", GEN_NEXT, GEN_ROOT,
	.edits = {{GEN_SUBJECT_OF, GEN_NEXT, .other = GEN_ROOT}, {GEN_ISSUER_OF, GEN_NEXT, .other = GEN_ROOT}},
	.kinds = ALL, .says = "no other root"},
    {"another brand", GEN_LEAF, GEN_PCA, .edits = {{GEN_BRAND_NAME, GEN_LEAF, .text = "Othercard"}}, .kinds = ENDS,
	.says = "of another brand"},
    {"another brand's CA", GEN_GEO, GEN_BRAND, .edits = {{GEN_BRAND_NAME, GEN_GEO, .text = "Othercard"}}, .kinds = ALL,
	.says = "of another brand"},
    {"began minutes ago, when it was decided", GEN_LEAF, GEN_PCA, .kinds = ENDS, .now = CA_MANDATE_SLACK_S},
    {"began earlier", GEN_LEAF, GEN_PCA, .kinds = ENDS, .says = "begins before now", .now = CA_MANDATE_SLACK_S + 1},
    {"begins when the key that signs may not be used", GEN_LEAF, GEN_PCA,
	.edits = {{GEN_PKUP, .slot = GEN_PCA, .n = -900 * GEN_DAY, .m = -800 * GEN_DAY}}, .kinds = ENDS,
	.says = "privateKeyUsagePeriod"},
    {"a second longer than the policy allows", GEN_LEAF, GEN_PCA, .kinds = ENDS, .says = "longer than the policy",
	.longest = -1},
    {"ends a second after its issuer", GEN_LEAF, GEN_PCA, .kinds = ENDS, .says = "outlives", .until = -1},
    {"path length that of the issuer", GEN_GEO, GEN_BRAND,
	.edits = {{GEN_EXT_SET, GEN_GEO, .ext = SP_EXT_BASIC, .hex = "30060101ff020102"}}, .kinds = ALL,
	.says = "path length"},
    {"no path length", GEN_GEO, GEN_BRAND, .edits = {{GEN_EXT_SET, GEN_GEO, .ext = SP_EXT_BASIC, .hex = "30030101ff"}},
	.kinds = ALL, .says = "path length"},
    {"another suite", GEN_LEAF, GEN_PCA, .edits = {{GEN_OTHER_ALG, .slot = GEN_LEAF}}, .kinds = ENDS,
	.says = "another suite"},
    {"the key of another CA", GEN_LEAF, GEN_CCA, .kinds = ENDS, .says = "not that of the issuer", .other = GEN_PCA},
};

static ca_key *
open_key(EVP_PKEY *pkey)
{
	static unsigned count;
	const char *path = scratch_path("key-%u", count++);
	struct setpki_error err = {0};
	ca_key *key;

	t_ok(ca_key_write_new(gen_ctx(), path, pkey, NULL, &err), &err);
	t_ok(ca_key_open_file(gen_ctx(), path, NULL, path, &key, &err), &err);
	return key;
}

static void
signs(void **state)
{
	const struct row *r = *state;
	struct gen_world w = {.suite = SETPKI_SUITE_MODERN};
	const struct sp_cert *c;
	struct ca_mandate m = {.suite = SETPKI_SUITE_MODERN, .kinds = r->kinds};
	struct setpki_error err = {0};
	struct sp_buf sig = {0};
	ca_key *key;

	gen_make(&w, SETPKI_SUITE_MODERN, r->edits);
	c = &w.c[r->slot].cert;
	if (r->by != GEN_NONE)
		m.self = &w.c[r->other != GEN_NONE ? r->other : r->by].cert;
	m.until = c->not_after + r->until;
	m.now = c->not_before + r->now;
	for (int k = 0; r->longest != 0 && k < SETPKI_KIND_N; k++)
		m.longest[k] = c->not_after - c->not_before + 1 + (r->longest < 0 ? r->longest : 0);
	key = open_key(w.c[r->by != GEN_NONE ? r->by : GEN_ROOT].key);
	t_code(ca_key_sign_cert(key, &m, c->tbs, &sig, &err), r->says != NULL ? SETPKI_E_RULE : SETPKI_E_OK, &err);
	if (r->says != NULL && strstr(err.message, r->says) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", err.message, r->says);
	assert_int_equal(sig.n != 0, r->says == NULL);
	sp_buf_free(&sig);
	ca_key_free(key);
	gen_free(&w);
}

static void
what_is_no_certificate(void **state)
{
	static const char *const others[] = {"", "3000", "3003020101", "04023000", "0500"};
	struct gen_world w = {.suite = SETPKI_SUITE_MODERN};
	struct ca_mandate m = {.suite = SETPKI_SUITE_MODERN, .kinds = ALL};
	struct sp_buf sig = {0}, attributes = {0};
	uint8_t digest[32] = {1};
	ca_key *key;

	(void)state;
	gen_make(&w, SETPKI_SUITE_MODERN, (const struct gen_edit[]){{.what = GEN_END}});
	m.self = &w.good[GEN_PCA].cert;
	key = open_key(w.c[GEN_PCA].key);
	for (size_t i = 0; i < NELEMS(others); i++)
		t_code(ca_key_sign_cert(key, &m, t_hex(others[i]), &sig, NULL), SETPKI_E_PARSE, NULL);
	sp_signed_attributes(&attributes, SP_CT_CERT_RES_DATA, SP_BYTES(digest));
	t_code(ca_key_sign_cert(key, &m, sp_buf_bytes(&attributes), &sig, NULL), SETPKI_E_PARSE, NULL);
	t_code(ca_key_sign_cert(key, &m, w.good[GEN_LEAF].der, &sig, NULL), SETPKI_E_PARSE, NULL);
	assert_int_equal(sig.n, 0);
	sp_buf_free(&attributes);
	ca_key_free(key);
	gen_free(&w);
}

/* --- messages ----------------------------------------------------------------------------------- */

static bool
is_answer(int type)
{
	static const int types[] = {SP_CT_CARD_C_INIT_RES_TBS, SP_CT_ME_AQ_C_INIT_RES_TBS, SP_CT_REG_FORM_RES_TBS,
	    SP_CT_CERT_RES_DATA, SP_CT_ERROR_TBS};

	for (size_t i = 0; i < NELEMS(types); i++)
		if (types[i] == type)
			return true;
	return false;
}

static void
messages_of_a_ca(void **state)
{
	struct gen_world w = {.suite = SETPKI_SUITE_MODERN};
	struct sp_buf b = {0}, sig = {0};
	uint8_t digest[32] = {1};
	enum setpki_code want;
	ca_key *key;

	(void)state;
	gen_make(&w, SETPKI_SUITE_MODERN, (const struct gen_edit[]){{.what = GEN_END}});
	key = open_key(w.c[GEN_PCA_SIG].key);
	for (int type = 0; type < 100; type++) {
		want = is_answer(type) ? SETPKI_E_OK : SETPKI_E_RULE;
		sp_buf_reset(&b);
		sp_signed_attributes(&b, (enum sp_content)type, SP_BYTES(digest));
		t_code(ca_key_sign_message(key, SETPKI_SUITE_MODERN, sp_buf_bytes(&b), &sig, NULL), want, NULL);
	}
	sp_buf_reset(&sig);
	sp_buf_reset(&b);
	sp_signed_attributes(&b, SP_CT_CERT_RES_DATA, sp_bytes(digest, 20)); /* of the other suite */
	t_code(ca_key_sign_message(key, SETPKI_SUITE_MODERN, sp_buf_bytes(&b), &sig, NULL), SETPKI_E_RULE, NULL);
	sp_buf_reset(&b);
	sp_signed_attributes(&b, SP_CT_CERT_RES_DATA, SP_BYTES(digest));
	sp_buf_add_byte(&b, 0);
	t_code(ca_key_sign_message(key, SETPKI_SUITE_MODERN, sp_buf_bytes(&b), &sig, NULL), SETPKI_E_RULE, NULL);
	t_code(
	    ca_key_sign_message(key, SETPKI_SUITE_MODERN, w.good[GEN_LEAF].cert.tbs, &sig, NULL), SETPKI_E_RULE, NULL);
	t_code(ca_key_sign_message(key, SETPKI_SUITE_MODERN, t_hex("00"), &sig, NULL), SETPKI_E_RULE, NULL);
	t_code(ca_key_sign_message(key, SETPKI_SUITE_NONE, sp_buf_bytes(&b), &sig, NULL), SETPKI_E_RULE, NULL);
	assert_int_equal(sig.n, 0);
	sp_buf_free(&b);
	sp_buf_free(&sig);
	ca_key_free(key);
	gen_free(&w);
}

int
main(void)
{
	struct CMUnitTest all[NELEMS(rows) + 2];
	size_t n = 0;
	int rc;

	for (; n < NELEMS(rows); n++)
		all[n] = (struct CMUnitTest){rows[n].name, signs, NULL, NULL, (void *)(uintptr_t)&rows[n]};
	all[n++] = (struct CMUnitTest)cmocka_unit_test(what_is_no_certificate);
	all[n++] = (struct CMUnitTest)cmocka_unit_test(messages_of_a_ca);
	rc = _cmocka_run_group_tests("ca/keys/mandate", all, n, start, stop);
	t_hex_free();
	return rc;
}
