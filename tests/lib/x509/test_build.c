/* Building certificates: every cell of the table, the bytes that the specification gives.  What is refused:
 * test_build_refuse.c. */
#include "lib/base/limits.h"
#include "lib/base/time.h"
#include "lib/crypto/sign.h"
#include "lib/der/walk.h"
#include "lib/x509/lint.h"
#include "tests/support/certs.h"
#include "tests/support/check.h"

#include <openssl/x509v3.h>
#include <stdio.h>

static const enum setpki_suite suites[] = {SETPKI_SUITE_CLASSIC, SETPKI_SUITE_MODERN};

/* Calls `fn` with a good case of every kind and suite. */
static void
each_case(void (*fn)(struct certs_case *c))
{
	for (size_t s = 0; s < NELEMS(suites); s++)
		for (int k = 1; k < SETPKI_KIND_N; k++) {
			struct certs_case c;

			certs_case(&c, suites[s], (enum setpki_kind)k);
			fn(&c);
			certs_case_free(&c);
		}
}

/* --- what is built can be read ------------------------------------------------------------------------------------ */

static void
built_fields_are_those_of_the_spec(struct certs_case *c)
{
	const struct sp_kind_row *row = sp_kind_row(c->spec.kind);
	struct setpki_error err = {0};
	struct sp_buf der = {0};
	struct sp_cert x;

	certs_make(c, &der);
	t_ok(sp_cert_parse(sp_buf_bytes(&der), &x, &err), &err);
	assert_int_equal(sp_cert_kind(&x), c->spec.kind);
	assert_int_equal(x.suite, c->spec.suite);
	assert_int_equal(x.type, c->spec.type);
	assert_int_equal(x.key_usage, row->key_usage);
	assert_int_equal(x.ca, row->ca);
	assert_int_equal(x.pathlen, row->ca ? c->spec.pathlen : -1);
	assert_int_equal(x.not_before, c->spec.not_before);
	assert_int_equal(x.not_after, c->spec.not_after);
	t_bytes(x.subject, c->spec.subject);
	t_bytes(x.issuer, c->spec.issuer != NULL ? c->spec.issuer->subject : c->spec.subject);
	t_bytes(x.serial, c->spec.serial);
	t_bytes(x.key.whole, c->spec.spki);
	t_bytes(x.sigalg, x.inner_sigalg);
	t_bytes(x.sigalg, sp_sigalg(c->spec.suite, c->spec.signer_alg));
	assert_int_equal(x.unknown, 0);
	assert_false(x.unique_ids);
	t_ok(sp_cert_verify(certs_ctx(), &x, c->signer, &err), &err);
	sp_buf_free(&der);
}

static void
parse_round_trip(void **state)
{
	(void)state;
	each_case(built_fields_are_those_of_the_spec);
}

static void
openssl_agrees(struct certs_case *c)
{
	struct sp_buf der = {0};
	const unsigned char *p;
	unsigned char *again = NULL;
	X509 *x;
	int n;

	certs_make(c, &der);
	p = der.p;
	x = d2i_X509(NULL, &p, (long)der.n);
	assert_non_null(x);
	assert_ptr_equal(p, der.p + der.n);
	assert_int_equal(X509_get_version(x), 2);
	if (c->spec.suite == SETPKI_SUITE_MODERN) /* distributions refuse SHA-1 here and there */
		assert_int_equal(X509_verify(x, c->signer), 1);
	assert_int_equal(X509_check_ca(x) == 1, sp_kind_row(c->spec.kind)->ca);
	/* a DER encoder that knows nothing of ours comes to the same bytes */
	assert_int_equal(i2d_re_X509_tbs(x, NULL) > 0, 1);
	n = i2d_X509(x, &again);
	t_bytes(sp_bytes(again, (size_t)n), sp_buf_bytes(&der));
	OPENSSL_free(again);
	X509_free(x);
	sp_buf_free(&der);
}

static void
openssl_reads_what_is_built(void **state)
{
	(void)state;
	each_case(openssl_agrees);
}

static void
building_twice_gives_equal_bytes(struct certs_case *c)
{
	struct setpki_error err = {0};
	struct sp_buf a = {0}, b = {0};

	sp_buf_add_byte(&b, 0x7e); /* appended, not written over */
	t_ok(sp_cert_build(certs_ctx(), &c->spec, &a, &err), &err);
	t_ok(sp_cert_build(certs_ctx(), &c->spec, &b, &err), &err);
	t_bytes(sp_bytes(b.p + 1, b.n - 1), sp_buf_bytes(&a));
	t_ok(sp_der_walk(sp_buf_bytes(&a), &err), &err);
	sp_buf_free(&a);
	sp_buf_free(&b);
}

static void
the_same_spec_gives_the_same_bytes(void **state)
{
	(void)state;
	each_case(building_twice_gives_equal_bytes);
}

/* --- every cell --------------------------------------------------------------------------------------------------- */

/* Puts into the spec what extension `ext` is made of; false for those that every certificate of a kind gets. */
static bool
give(struct certs_case *c, enum sp_ext ext)
{
	switch (ext) {
	case SP_EXT_HASHED_ROOT:
		if (c->spec.kind != SETPKI_KIND_ROOT) /* a root's case has one */
			c->spec.next_root_spki = certs_root(c->spec.suite)->key.whole;
		return true;
	case SP_EXT_MERCHANT_DATA:
		c->spec.merchant_data =
		    t_hex("3022 1a0141 1206343132333435 3011 300f a1031a0141 a2031a0142 a5031a0143 02020348");
		return true;
	case SP_EXT_CARD_CERT_REQUIRED:
		c->spec.card_cert_required = true;
		return true;
	case SP_EXT_SET_EXTENSIONS:
		c->oids[0] = t_hex("2a0304");
		c->oids[1] = t_hex("672a0100");
		c->spec.set_extensions = c->oids;
		c->spec.nset_extensions = 2;
		return true;
	case SP_EXT_CRLDP:
		c->spec.crl_url = "http://ca.example/crl/gateway-1.crl";
		return true;
	case SP_EXT_AIA:
		c->spec.aia_url = "http://ca.example/ca/gateway-1.cer";
		return true;
	default:
		return false;
	}
}

static bool
built_with(struct certs_case *c, enum sp_ext ext)
{
	struct setpki_error err = {0};
	struct sp_buf tbs = {0};
	struct sp_cert x;
	bool there;

	t_ok(sp_cert_build(certs_ctx(), &c->spec, &tbs, &err), &err);
	t_ok(sp_cert_parse_tbs(sp_buf_bytes(&tbs), &x, &err), &err);
	there = sp_cert_has(&x, ext);
	sp_buf_free(&tbs);
	return there;
}

static void
cells_of_one_certificate(struct certs_case *c)
{
	for (unsigned i = 0; i < SP_EXT_N; i++) {
		enum sp_ext ext = (enum sp_ext)i;
		enum sp_need need = sp_ext_need(c->spec.kind, ext, c->spec.suite, c->spec.type);
		struct sp_cert_spec before = c->spec;
		struct setpki_error err = {0};
		struct sp_buf tbs = {0};

		assert_int_equal(built_with(c, ext), need == SP_REQUIRED);
		if (give(c, ext) && need == SP_FORBIDDEN) {
			t_code(sp_cert_build(certs_ctx(), &c->spec, &tbs, &err), SETPKI_E_RULE, &err);
			assert_non_null(strstr(err.message, sp_ext_row(ext)->name));
			assert_int_equal(tbs.n, 0);
		} else if (give(c, ext)) {
			assert_true(built_with(c, ext));
		}
		c->spec = before;
	}
	t_hex_free();
}

static void
every_cell_is_built_or_refused(void **state)
{
	(void)state;
	each_case(cells_of_one_certificate);
}

static void
tunneling_follows_the_cca_bit(void **state)
{
	struct certs_case c;

	(void)state;
	certs_case(&c, SETPKI_SUITE_MODERN, SETPKI_KIND_CA_ENC);
	c.spec.type = SETPKI_TYPE_MCA | SETPKI_TYPE_PCA;
	assert_false(built_with(&c, SP_EXT_TUNNELING));
	c.spec.type = SETPKI_TYPE_ISSUING;
	assert_true(built_with(&c, SP_EXT_TUNNELING));
	certs_case_free(&c);
}

/* --- bytes that the specification gives --------------------------------------------------------------------------- */

/* Contents of an extension of a built certificate. */
static const struct golden {
	const char *name;
	enum setpki_suite suite;
	enum setpki_kind kind;
	uint32_t type; /* 0: the case's own */
	enum sp_ext ext;
	const char *hex;
} goldens[] = {
    {"keyusage_of_a_signature", SETPKI_SUITE_CLASSIC, SETPKI_KIND_CARD_SIG, 0, SP_EXT_KEY_USAGE, "03020780"},
    {"keyusage_of_key_exchange", SETPKI_SUITE_CLASSIC, SETPKI_KIND_MER_ENC, 0, SP_EXT_KEY_USAGE, "03020430"},
    {"keyusage_of_certificate_signing", SETPKI_SUITE_MODERN, SETPKI_KIND_CA_CERTSIGN, 0, SP_EXT_KEY_USAGE, "03020204"},
    {"keyusage_of_crl_signing", SETPKI_SUITE_MODERN, SETPKI_KIND_CA_CRLSIGN, 0, SP_EXT_KEY_USAGE, "03020102"},
    {"keyusage_of_both", SETPKI_SUITE_MODERN, SETPKI_KIND_CA_SIGN, 0, SP_EXT_KEY_USAGE, "03020106"},
    {"keyusage_of_a_root", SETPKI_SUITE_CLASSIC, SETPKI_KIND_ROOT, 0, SP_EXT_KEY_USAGE, "03020106"},
    {"type_card", SETPKI_SUITE_CLASSIC, SETPKI_KIND_CARD_SIG, 0, SP_EXT_CERT_TYPE, "03020780"},
    {"type_mer", SETPKI_SUITE_CLASSIC, SETPKI_KIND_MER_SIG, 0, SP_EXT_CERT_TYPE, "03020640"},
    {"type_pgwy", SETPKI_SUITE_CLASSIC, SETPKI_KIND_PGWY_ENC, 0, SP_EXT_CERT_TYPE, "03020520"},
    {"type_cca", SETPKI_SUITE_CLASSIC, SETPKI_KIND_CA_SIG, 0, SP_EXT_CERT_TYPE, "03020410"},
    {"type_pca", SETPKI_SUITE_MODERN, SETPKI_KIND_CA_CRLSIGN, 0, SP_EXT_CERT_TYPE, "03020204"},
    {"type_cca_mca_pca", SETPKI_SUITE_MODERN, SETPKI_KIND_CA_SIG, SETPKI_TYPE_ISSUING, SP_EXT_CERT_TYPE, "0302021c"},
    {"type_bca", SETPKI_SUITE_CLASSIC, SETPKI_KIND_CA_SIGN, 0, SP_EXT_CERT_TYPE, "03020001"},
    {"type_rca", SETPKI_SUITE_CLASSIC, SETPKI_KIND_ROOT, 0, SP_EXT_CERT_TYPE, "0303070080"},
    {"basic_of_an_end_entity", SETPKI_SUITE_CLASSIC, SETPKI_KIND_CARD_SIG, 0, SP_EXT_BASIC, "3000"},
    {"basic_of_a_message_signer", SETPKI_SUITE_MODERN, SETPKI_KIND_CA_SIG, 0, SP_EXT_BASIC, "3000"},
    {"basic_of_a_crl_signer", SETPKI_SUITE_MODERN, SETPKI_KIND_CA_CRLSIGN, 0, SP_EXT_BASIC, "3000"},
    {"basic_of_a_root", SETPKI_SUITE_MODERN, SETPKI_KIND_ROOT, 0, SP_EXT_BASIC, "30060101ff020103"},
    {"basic_of_a_brand", SETPKI_SUITE_MODERN, SETPKI_KIND_CA_SIGN, 0, SP_EXT_BASIC, "30060101ff020102"},
    {"basic_of_an_issuing_ca", SETPKI_SUITE_MODERN, SETPKI_KIND_CA_CERTSIGN, 0, SP_EXT_BASIC, "30060101ff020100"},
    {"policy_without_qualifier", SETPKI_SUITE_CLASSIC, SETPKI_KIND_CARD_SIG, 0, SP_EXT_POLICIES,
	"300830060604672a0500"},
    {"usage_period", SETPKI_SUITE_CLASSIC, SETPKI_KIND_CARD_SIG, 0, SP_EXT_PKUP,
	"3022 800f 32303237303130313030303030305a 810f 32303237313233313233353935395a"},
    {"tunneling_classic", SETPKI_SUITE_CLASSIC, SETPKI_KIND_PGWY_ENC, 0, SP_EXT_TUNNELING, "300930070605 2b0e030207"},
    {"tunneling_modern", SETPKI_SUITE_MODERN, SETPKI_KIND_CA_ENC, 0, SP_EXT_TUNNELING,
	"300d300b0609 60864801650304012e"},
    {"card_certificate_not_required", SETPKI_SUITE_MODERN, SETPKI_KIND_PGWY_ENC, 0, SP_EXT_CARD_CERT_REQUIRED,
	"010100"},
};

static void
is_golden(void **state)
{
	struct golden *g = *state;
	struct setpki_error err = {0};
	struct sp_buf tbs = {0};
	struct certs_case c;
	struct sp_cert x;

	certs_case(&c, g->suite, g->kind);
	if (g->type != 0)
		c.spec.type = g->type;
	t_ok(sp_cert_build(certs_ctx(), &c.spec, &tbs, &err), &err);
	t_ok(sp_cert_parse_tbs(sp_buf_bytes(&tbs), &x, &err), &err);
	t_bytes(x.ext[g->ext], t_hex(g->hex));
	t_hex_free();
	sp_buf_free(&tbs);
	certs_case_free(&c);
}

/* Builds and parses; the views live in `tbs`. */
static void
build(struct certs_case *c, struct sp_buf *tbs, struct sp_cert *x)
{
	struct setpki_error err = {0};

	t_ok(sp_cert_build(certs_ctx(), &c->spec, tbs, &err), &err);
	t_ok(sp_cert_parse_tbs(sp_buf_bytes(tbs), x, &err), &err);
}

static void
hashed_root_key_in_its_published_form(void **state)
{
	/* set-protocol 5: the octets before the digest [C: CL] */
	static const char front[] =
	    "30 2F 30 2D 02 01 00 30 09 06 05 2B 0E 03 02 1A 05 00 30 07 06 05 67 2A 03 00 00 04 14";
	struct setpki_error err = {0};
	uint8_t digest[32];
	struct sp_buf tbs = {0};
	struct certs_case c;
	struct sp_cert x;

	(void)state;
	certs_case(&c, SETPKI_SUITE_CLASSIC, SETPKI_KIND_ROOT);
	build(&c, &tbs, &x);
	t_bytes(sp_bytes(x.ext[SP_EXT_HASHED_ROOT].p, 29), t_hex(front));
	t_ok(sp_hash(certs_ctx(), SETPKI_SUITE_CLASSIC, c.spec.next_root_spki, digest, &err), &err);
	t_bytes(x.hashed_root, sp_bytes(digest, 20));
	t_hex_free();
	sp_buf_free(&tbs);
	certs_case_free(&c);
}

static void
hashed_root_key_in_modern_is_sha256(void **state)
{
	struct setpki_error err = {0};
	uint8_t digest[32];
	struct sp_buf tbs = {0};
	struct certs_case c;
	struct sp_cert x;

	(void)state;
	certs_case(&c, SETPKI_SUITE_MODERN, SETPKI_KIND_ROOT);
	build(&c, &tbs, &x);
	t_ok(sp_sha256(certs_ctx(), c.spec.next_root_spki, digest, &err), &err);
	t_bytes(x.hashed_root, SP_BYTES(digest));
	t_bytes(x.hashed_root_alg, t_hex("300d 0609 608648016503040201 0500"));
	t_hex_free();
	sp_buf_free(&tbs);
	certs_case_free(&c);
}

static void
authority_key_identifier_points_at_one_certificate(void **state)
{
	(void)state;
	for (size_t s = 0; s < NELEMS(suites); s++) {
		const struct sp_cert *issuer = certs_issuing(suites[s]);
		struct sp_buf tbs = {0};
		struct certs_case c;
		struct sp_cert x;

		certs_case(&c, suites[s], SETPKI_KIND_PGWY_SIG);
		build(&c, &tbs, &x);
		/* the issuer of the issuer's certificate, not its subject */
		t_bytes(x.aki_issuer, certs_brand(suites[s])->subject);
		t_bytes(x.aki_serial, issuer->serial);
		t_bytes(x.aki_keyid, issuer->ski); /* empty in classic */
		assert_int_equal(x.aki_keyid.n, suites[s] == SETPKI_SUITE_MODERN ? 20 : 0);
		sp_buf_free(&tbs);
		certs_case_free(&c);
	}
}

static void
key_identifier_is_computed_where_the_issuer_has_none(void **state)
{
	struct sp_cert issuer = *certs_issuing(SETPKI_SUITE_MODERN);
	struct sp_buf tbs = {0};
	struct certs_case c;
	struct sp_cert x;

	(void)state;
	issuer.present &= ~SP_EXT_BIT(SP_EXT_SKI);
	certs_case(&c, SETPKI_SUITE_MODERN, SETPKI_KIND_PGWY_SIG);
	c.spec.issuer = &issuer;
	build(&c, &tbs, &x);
	t_bytes(x.aki_keyid, certs_issuing(SETPKI_SUITE_MODERN)->ski);
	sp_buf_free(&tbs);
	certs_case_free(&c);
}

static void
policy_qualifier_carries_the_texts(void **state)
{
	struct sp_buf tbs = {0};
	struct certs_case c;
	struct sp_cert x;

	(void)state;
	certs_case(&c, SETPKI_SUITE_CLASSIC, SETPKI_KIND_CARD_SIG);
	c.spec.policy = (struct sp_policy_text){"Hi", "http://p", "a@b"};
	build(&c, &tbs, &x);
	t_bytes(x.ext[SP_EXT_POLICIES],
	    t_hex("3029 3027 0604 672a0500 301f 301d 0604 672a0706 3015 3013 1a02 4869"
		  "8008 687474703a2f2f70 8103 614062"));
	sp_buf_reset(&tbs);
	c.spec.policy = (struct sp_policy_text){"\xc3\xa9", NULL, NULL};
	build(&c, &tbs, &x);
	t_bytes(x.ext[SP_EXT_POLICIES], t_hex("301a 3018 0604 672a0500 3010 300e 0604 672a0706 3006 3004 1e02 00e9"));
	t_hex_free();
	sp_buf_free(&tbs);
	certs_case_free(&c);
}

static void
addresses_in_modern(void **state)
{
	struct sp_buf tbs = {0};
	struct certs_case c;
	struct sp_cert x;

	(void)state;
	certs_case(&c, SETPKI_SUITE_MODERN, SETPKI_KIND_PGWY_SIG);
	c.spec.crl_url = "http://c";
	c.spec.aia_url = "http://i";
	build(&c, &tbs, &x);
	t_bytes(x.ext[SP_EXT_CRLDP], t_hex("3010 300e a00c a00a 8608 687474703a2f2f63"));
	t_bytes(x.ext[SP_EXT_AIA], t_hex("3016 3014 0608 2b06010505073002 8608 687474703a2f2f69"));
	assert_int_equal(x.critical & (SP_EXT_BIT(SP_EXT_CRLDP) | SP_EXT_BIT(SP_EXT_AIA)), 0);
	t_hex_free();
	sp_buf_free(&tbs);
	certs_case_free(&c);
}

static void
only_the_relaxable_extensions_are_relaxed(void **state)
{
	struct sp_buf a = {0}, b = {0};
	struct certs_case c;
	struct sp_cert strict, relaxed;

	(void)state;
	certs_case(&c, SETPKI_SUITE_MODERN, SETPKI_KIND_ROOT);
	build(&c, &a, &strict);
	c.spec.relax_critical = true;
	build(&c, &b, &relaxed);
	assert_int_equal(
	    strict.critical & ~relaxed.critical, SP_EXT_BIT(SP_EXT_CERT_TYPE) | SP_EXT_BIT(SP_EXT_HASHED_ROOT));
	assert_int_equal(relaxed.critical & ~strict.critical, 0);
	sp_buf_free(&a);
	sp_buf_free(&b);
	certs_case_free(&c);
}

static void
times_after_2049_are_generalized_in_modern(void **state)
{
	struct sp_buf tbs = {0};
	struct certs_case c;
	struct sp_cert x;

	(void)state;
	certs_case(&c, SETPKI_SUITE_MODERN, SETPKI_KIND_ROOT);
	c.spec.not_after = INT64_C(2524607999);
	build(&c, &tbs, &x);
	assert_int_equal(x.not_after_tag, SP_UTCTIME);
	sp_buf_reset(&tbs);
	c.spec.not_after = INT64_C(2524608000);
	build(&c, &tbs, &x);
	assert_int_equal(x.not_before_tag, SP_UTCTIME);
	assert_int_equal(x.not_after_tag, SP_GENTIME);
	sp_buf_free(&tbs);
	certs_case_free(&c);
}

#define ROWS(test, table)                                                                                              \
	for (size_t i = 0; i < NELEMS(table); i++)                                                                     \
		tests[n++] = (struct CMUnitTest)                                                                       \
		{                                                                                                      \
			(table)[i].name, test, NULL, NULL, (void *)(uintptr_t) & (table)[i]                            \
		}
#define ONE(test) tests[n++] = (struct CMUnitTest)cmocka_unit_test(test)

int
main(void)
{
	static struct CMUnitTest tests[60];
	size_t n = 0;

	ONE(parse_round_trip);
	ONE(openssl_reads_what_is_built);
	ONE(the_same_spec_gives_the_same_bytes);
	ONE(every_cell_is_built_or_refused);
	ONE(tunneling_follows_the_cca_bit);
	ROWS(is_golden, goldens);
	ONE(hashed_root_key_in_its_published_form);
	ONE(hashed_root_key_in_modern_is_sha256);
	ONE(authority_key_identifier_points_at_one_certificate);
	ONE(key_identifier_is_computed_where_the_issuer_has_none);
	ONE(policy_qualifier_carries_the_texts);
	ONE(addresses_in_modern);
	ONE(only_the_relaxable_extensions_are_relaxed);
	ONE(times_after_2049_are_generalized_in_modern);
	return _cmocka_run_group_tests("build", tests, n, certs_start, certs_stop);
}
