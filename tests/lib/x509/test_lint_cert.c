/* Lint of certificates: nothing is found in what we build; each rule is broken by a row that is found for that reason
 * alone; and a rule that no row breaks fails the last test. */
#include "lib/crypto/sign.h"
#include "lib/der/reader.h"
#include "lib/x509/lint.h"
#include "tests/support/certs_edit.h"
#include "tests/support/check.h"

#include <stdio.h>

#define MODERN SETPKI_SUITE_MODERN
#define CLASSIC SETPKI_SUITE_CLASSIC
#define KIND(k) SETPKI_KIND_##k

/* --- what is built is clean --------------------------------------------------------------------------------------- */

static void
nothing_is_found(setpki_bytes der, bool whole, enum setpki_suite suite)
{
	struct setpki_findings f = {0};
	struct setpki_error err = {0};

	if (whole)
		t_ok(sp_lint_cert(certs_ctx(), der, suite, &f, &err), &err);
	else
		t_ok(sp_lint_tbs(certs_ctx(), der, suite, &f, &err), &err);
	if (f.n != 0)
		fail_msg("%s: %s: %s", f.v[0].object, f.v[0].rule->id, f.v[0].text);
	setpki_findings_free(&f);
}

static void
nothing_is_found_in_what_is_built(void **state)
{
	static const enum setpki_suite suites[] = {CLASSIC, MODERN};

	(void)state;
	for (size_t s = 0; s < NELEMS(suites); s++)
		for (int k = 1; k < SETPKI_KIND_N; k++) {
			struct setpki_error err = {0};
			struct sp_buf der = {0}, tbs = {0};
			struct certs_case c;

			certs_case(&c, suites[s], (enum setpki_kind)k);
			certs_make(&c, &der);
			t_ok(sp_cert_build(certs_ctx(), &c.spec, &tbs, &err), &err);
			nothing_is_found(sp_buf_bytes(&der), true, SETPKI_SUITE_NONE);
			nothing_is_found(sp_buf_bytes(&der), true, suites[s]);
			nothing_is_found(sp_buf_bytes(&tbs), false, suites[s]);
			sp_buf_free(&der);
			sp_buf_free(&tbs);
			certs_case_free(&c);
		}
}

static void
nothing_is_found_with_everything_optional(void **state)
{
	struct sp_buf der = {0};
	struct certs_case c;

	(void)state;
	certs_case(&c, MODERN, KIND(PGWY_ENC));
	c.spec.relax_critical = true;
	c.spec.crl_url = "http://ca.example/a.crl";
	c.spec.aia_url = "https://ca.example/a.cer";
	c.spec.policy = (struct sp_policy_text){"Statement", "http://ca.example/policy", "ca@ca.example"};
	c.spec.card_cert_required = true;
	c.oids[0] = t_hex("672a0100");
	c.spec.set_extensions = c.oids;
	c.spec.nset_extensions = 1;
	c.spec.not_after = INT64_C(2600000000); /* after 2049 */
	certs_make(&c, &der);
	nothing_is_found(sp_buf_bytes(&der), true, MODERN);
	t_hex_free();
	sp_buf_free(&der);
	certs_case_free(&c);
}

/* --- every rule, broken ------------------------------------------------------------------------------------------- */

#define O_A "310a3008060355040a130141"
#define OU_A "310a3008060355040b130141"
#define CN_A "310a30080603550403130141"
#define C_US "310b3009060355040613025553"
#define FROM "32303237303130313030303030305a" /* 20270101000000Z */
#define TO "32303237313233313233353935395a"   /* 20271231235959Z */
#define SET(ext, hex)                                                                                                  \
	{                                                                                                              \
		{                                                                                                      \
			CERTS_EXT_SET, SP_EXT_##ext, hex                                                               \
		}                                                                                                      \
	}
#define ADD(hex)                                                                                                       \
	{                                                                                                              \
		{                                                                                                      \
			CERTS_EXT_ADD, 0, hex                                                                          \
		}                                                                                                      \
	}

static const struct broken {
	const char *name;
	enum setpki_suite suite;
	enum setpki_kind kind;
	struct certs_edit edits[CERTS_EDITS];
	const char *id, *also; /* findings: this one, and perhaps that one; no other */
} broken[] = {
    {"aki_without_serial", MODERN, KIND(PGWY_SIG),
	SET(AKI, "302a 8014 0101010101010101010101010101010101010101 a112 a410 300e 310c 300a 0603 550403 1303 414243"),
	"cert.aki.form", NULL},
    {"aki_without_issuer", CLASSIC, KIND(PGWY_SIG), SET(AKI, "3003820101"), "cert.aki.form", NULL},
    {"aki_with_keyid_in_classic", CLASSIC, KIND(PGWY_SIG),
	SET(AKI, "3016 800101 a10e a40c 300a 3108 3006 060101 130141 820101"), "cert.aki.form", NULL},
    {"aki_without_keyid_in_modern", MODERN, KIND(PGWY_SIG),
	SET(AKI, "3013 a10e a40c 300a 3108 3006 060101 130141 820101"), "cert.aki.form", NULL},
    {"aki_with_a_uri_for_issuer", CLASSIC, KIND(PGWY_SIG), SET(AKI, "3008 a103860161 820101"), "cert.aki.form", NULL},
    {"algorithm_of_no_suite", MODERN, KIND(PGWY_SIG), {{CERTS_SIGALG, 0, "3005 06032a0304"}}, "cert.algorithm.suite",
	NULL},
    {"algorithm_of_the_other_suite", MODERN, KIND(PGWY_SIG), {{CERTS_SIGALG, 0, "300d 0609 2a864886f70d010105 0500"}},
	"cert.algorithm.suite", NULL},
    {"end_entity_with_cA", MODERN, KIND(PGWY_SIG), SET(BASIC, "30030101ff"), "cert.basic.ca", NULL},
    {"ca_without_cA", MODERN, KIND(CA_SIGN), SET(BASIC, "3000"), "cert.basic.ca", NULL},
    {"message_signer_with_pathlen", MODERN, KIND(CA_SIG), SET(BASIC, "3003020100"), "cert.basic.ca", NULL},
    {"brand_with_pathlen_3", MODERN, KIND(CA_SIGN), SET(BASIC, "30060101ff020103"), "cert.basic.pathlen", NULL},
    {"root_without_pathlen", MODERN, KIND(ROOT), SET(BASIC, "30030101ff"), "cert.basic.pathlen", NULL},
    {"key_usage_not_critical", MODERN, KIND(PGWY_SIG), {{CERTS_EXT_FLIP, SP_EXT_KEY_USAGE, NULL}}, "cert.critical",
	NULL},
    {"aki_critical", MODERN, KIND(PGWY_SIG), {{CERTS_EXT_FLIP, SP_EXT_AKI, NULL}}, "cert.critical", NULL},
    {"type_not_critical_in_classic", CLASSIC, KIND(PGWY_SIG), {{CERTS_EXT_FLIP, SP_EXT_CERT_TYPE, NULL}},
	"cert.critical", NULL},
    {"hashed_root_not_critical_in_classic", CLASSIC, KIND(ROOT), {{CERTS_EXT_FLIP, SP_EXT_HASHED_ROOT, NULL}},
	"cert.critical", NULL},
    {"not_der", MODERN, KIND(PGWY_SIG), SET(KEY_USAGE, "03020680"), "cert.der", NULL},
    {"version_2", MODERN, KIND(PGWY_SIG), {{CERTS_VERSION, 0, "a003020101"}}, "cert.der", NULL},
    {"unknown_critical_extension", MODERN, KIND(PGWY_SIG), ADD("300c 06032a0304 0101ff 0402 0500"),
	"cert.extension.critical", NULL},
    {"unknown_extension", MODERN, KIND(PGWY_SIG), ADD("3009 06032a0304 0402 0500"), "cert.extension.unknown", NULL},
    {"crl_number_in_a_certificate", MODERN, KIND(PGWY_SIG), ADD("300a 0603 551d14 0403 020101"),
	"cert.extension.forbidden", NULL},
    {"aki_in_a_root", CLASSIC, KIND(ROOT),
	ADD("301c 0603 551d23 0415 3013 a10e a40c 300a 3108 3006 060101 130141 820101"), "cert.extension.forbidden",
	NULL},
    {"ski_in_classic", CLASSIC, KIND(CA_SIGN), {{CERTS_EXT_ADD, 0, "300a 0603 551d0e 0403 040101"}},
	"cert.extension.forbidden", "cert.ski"},
    {"pkup_in_key_exchange", CLASSIC, KIND(PGWY_ENC), ADD("302b 0603 551d10 0424 3022 800f" FROM "810f" TO),
	"cert.extension.forbidden", NULL},
    {"no_aki", MODERN, KIND(PGWY_SIG), {{CERTS_EXT_DROP, SP_EXT_AKI, NULL}}, "cert.extension.missing", NULL},
    {"no_policies", MODERN, KIND(PGWY_SIG), {{CERTS_EXT_DROP, SP_EXT_POLICIES, NULL}}, "cert.extension.missing", NULL},
    {"no_basic", MODERN, KIND(PGWY_SIG), {{CERTS_EXT_DROP, SP_EXT_BASIC, NULL}}, "cert.extension.missing", NULL},
    {"no_pkup", MODERN, KIND(CARD_SIG), {{CERTS_EXT_DROP, SP_EXT_PKUP, NULL}}, "cert.extension.missing", NULL},
    {"no_ski_in_modern", MODERN, KIND(PGWY_SIG), {{CERTS_EXT_DROP, SP_EXT_SKI, NULL}}, "cert.extension.missing", NULL},
    {"no_merchant_data", MODERN, KIND(MER_ENC), {{CERTS_EXT_DROP, SP_EXT_MERCHANT_DATA, NULL}},
	"cert.extension.missing", NULL},
    {"no_tunneling_for_a_cca", MODERN, KIND(CA_ENC), {{CERTS_EXT_DROP, SP_EXT_TUNNELING, NULL}},
	"cert.extension.missing", NULL},
    {"hashed_root_of_sha1_in_modern", MODERN, KIND(ROOT),
	SET(HASHED_ROOT,
	    "302f 302d 020100 3009 0605 2b0e03021a 0500 3007 0605 672a030000 0414 "
	    "0101010101010101010101010101010101010101"),
	"cert.hashedroot.digest", NULL},
    {"hashed_root_cut_short", CLASSIC, KIND(ROOT),
	SET(HASHED_ROOT, "301c 301a 020100 3009 0605 2b0e03021a 0500 3007 0605 672a030000 0401 01"),
	"cert.hashedroot.digest", NULL},
    {"key_of_no_suite", CLASSIC, KIND(PGWY_SIG), {{CERTS_SPKI, 0, "300c 3005 06032a0304 0303 000102"}},
	"cert.key.suite", NULL},
    {"key_usage_of_two_purposes", MODERN, KIND(PGWY_SIG), SET(KEY_USAGE, "030204b0"), "cert.keyusage", NULL},
    {"non_repudiation", MODERN, KIND(PGWY_SIG), SET(KEY_USAGE, "030206c0"), "cert.keyusage", NULL},
    {"end_entity_that_signs_certificates", MODERN, KIND(PGWY_SIG), SET(KEY_USAGE, "03020204"), "cert.keyusage", NULL},
    {"root_that_signs_no_crls", MODERN, KIND(ROOT), SET(KEY_USAGE, "03020204"), "cert.keyusage", NULL},
    {"no_key_usage", MODERN, KIND(PGWY_SIG), {{CERTS_EXT_DROP, SP_EXT_KEY_USAGE, NULL}}, "cert.keyusage", NULL},
    {"name_out_of_order", MODERN, KIND(PGWY_SIG), {{CERTS_SUBJECT, 0, "3019" O_A C_US}}, "cert.name.form", NULL},
    {"name_with_another_attribute", MODERN, KIND(PGWY_SIG), {{CERTS_SUBJECT, 0, "3018" O_A "310a30080603550407130141"}},
	"cert.name.form", NULL},
    {"name_with_two_attributes_in_an_rdn", MODERN, KIND(PGWY_SIG),
	{{CERTS_SUBJECT, 0, "3016 3114 3008060355040a130141 3008060355040b130141"}}, "cert.name.form", NULL},
    {"name_with_three_units", MODERN, KIND(PGWY_SIG), {{CERTS_SUBJECT, 0, "3030" O_A OU_A OU_A OU_A}}, "cert.name.form",
	NULL},
    {"name_with_o_twice", MODERN, KIND(PGWY_SIG), {{CERTS_SUBJECT, 0, "3018" O_A O_A}}, "cert.name.form", NULL},
    {"name_with_a_country_in_small_letters", MODERN, KIND(PGWY_SIG),
	{{CERTS_SUBJECT, 0, "3019 310b3009060355040613027573" O_A}}, "cert.name.form", NULL},
    {"name_with_an_empty_part", MODERN, KIND(PGWY_SIG), {{CERTS_SUBJECT, 0, "3017 310930070603550 40a1300" CN_A}},
	"cert.name.form", NULL},
    {"name_without_o", MODERN, KIND(PGWY_SIG), {{CERTS_SUBJECT, 0, "300c" CN_A}}, "cert.name.form", NULL},
    {"empty_name", MODERN, KIND(PGWY_SIG), {{CERTS_SUBJECT, 0, "3000"}}, "cert.name.form", NULL},
    {"issuer_out_of_order", MODERN, KIND(PGWY_SIG), {{CERTS_ISSUER, 0, "3019" O_A C_US}}, "cert.name.form", NULL},
    {"ca_without_generation", MODERN, KIND(CA_SIGN), {{CERTS_SUBJECT, 0, "3018" O_A CN_A}}, "cert.name.generation",
	NULL},
    {"root_below_another", MODERN, KIND(ROOT), {{CERTS_ISSUER, 0, "300c" O_A}}, "cert.name.self", NULL},
    {"self_issued_gateway", MODERN, KIND(PGWY_SIG), {{CERTS_ISSUER, 0, "300c" O_A}, {CERTS_SUBJECT, 0, "300c" O_A}},
	"cert.name.self", NULL},
    {"utf8_where_printable_would_do", MODERN, KIND(PGWY_SIG), {{CERTS_SUBJECT, 0, "300c 310a3008060355040a0c0141"}},
	"cert.name.string", NULL},
    {"bmp_in_modern", MODERN, KIND(PGWY_SIG), {{CERTS_SUBJECT, 0, "300d 310b3009060355040a1e0200e9"}},
	"cert.name.string", NULL},
    {"utf8_in_classic", CLASSIC, KIND(PGWY_SIG), {{CERTS_SUBJECT, 0, "300d 310b3009060355040a0c02c3a9"}},
	"cert.name.string", NULL},
    {"crl_signer_with_a_shorter_period", MODERN, KIND(CA_CRLSIGN),
	SET(PKUP, "3022 800f" FROM "810f 32303237313233303233353935395a"), "cert.pkup.crlsigner", NULL},
    {"period_with_one_end", MODERN, KIND(PGWY_SIG), SET(PKUP, "3011 800f" FROM), "cert.pkup.period", NULL},
    {"period_backwards", MODERN, KIND(PGWY_SIG), SET(PKUP, "3022 800f" TO "810f" FROM), "cert.pkup.period", NULL},
    {"period_before_validity", MODERN, KIND(CA_SIGN), SET(PKUP, "3022 800f 32303236303130313030303030305a 810f" TO),
	"cert.pkup.period", NULL},
    {"period_after_validity", MODERN, KIND(PGWY_SIG), SET(PKUP, "3022 800f" FROM "810f 32303238303130313030303030305a"),
	"cert.pkup.period", NULL},
    {"foreign_qualifier", MODERN, KIND(PGWY_SIG), SET(POLICIES, "3013 3011 0604 672a0500 3009 3007 06032a0304 0500"),
	"cert.policy.qualifier", NULL},
    {"two_set_qualifiers", MODERN, KIND(PGWY_SIG),
	SET(POLICIES, "3022 3020 0604 672a0500 3018 300a 0604 672a0706 3002 3000 300a 0604 672a0706 3002 3000"),
	"cert.policy.qualifier", NULL},
    {"another_policy", MODERN, KIND(PGWY_SIG), SET(POLICIES, "3007 3005 06032a0304"), "cert.policy.root",
	"cert.policy.root"},
    {"another_policy_beside_it", MODERN, KIND(PGWY_SIG), SET(POLICIES, "300f 3006 0604 672a0500 3005 06032a0304"),
	"cert.policy.root", NULL},
    {"the_policy_twice", MODERN, KIND(PGWY_SIG), SET(POLICIES, "3010 3006 0604 672a0500 3006 0604 672a0500"),
	"cert.policy.root", NULL},
    {"short_serial", MODERN, KIND(PGWY_SIG), {{CERTS_SERIAL, 0, "020101"}}, "cert.serial", NULL},
    {"negative_serial", MODERN, KIND(PGWY_SIG), {{CERTS_SERIAL, 0, "0211 fe01010101010101010101010101010101"}},
	"cert.serial", NULL},
    {"serial_without_01", MODERN, KIND(PGWY_SIG), {{CERTS_SERIAL, 0, "0211 0201010101010101010101010101010101"}},
	"cert.serial", NULL},
    {"ski_of_another_key", MODERN, KIND(PGWY_SIG), SET(SKI, "0414 0101010101010101010101010101010101010101"),
	"cert.ski", NULL},
    {"generalized_time_before_2050", MODERN, KIND(PGWY_SIG), {{CERTS_VALIDITY, 0, "3022 180f" FROM "180f" TO}},
	"cert.time.form", "cert.time.form"},
    {"generalized_time_in_classic", CLASSIC, KIND(PGWY_SIG),
	{{CERTS_VALIDITY, 0, "3020 170d 3237303130313030303030305a 180f 32303530303130313030303030305a"}},
	"cert.time.form", NULL},
    {"end_before_beginning", MODERN, KIND(PGWY_ENC),
	{{CERTS_VALIDITY, 0, "301e 170d 3237303130323030303030305a 170d 3237303130313030303030305a"}},
	"cert.time.order", NULL},
    {"tunneling_false", MODERN, KIND(PGWY_ENC), SET(TUNNELING, "3010 010100 300b 0609 60864801650304012e"),
	"cert.tunneling", NULL},
    {"tunneling_des_in_modern", MODERN, KIND(CA_ENC), SET(TUNNELING, "3009 3007 0605 2b0e030207"), "cert.tunneling",
	NULL},
    {"tunneling_cdmf_in_classic", CLASSIC, KIND(PGWY_ENC), SET(TUNNELING, "300c 300a 0608 2a864886f70d030a"),
	"cert.tunneling", NULL},
    {"tunneling_two_algorithms", CLASSIC, KIND(PGWY_ENC), SET(TUNNELING, "300e 300c 0605 2b0e030207 0603 2a0304"),
	"cert.tunneling", NULL},
    {"tunneling_no_algorithm", MODERN, KIND(PGWY_ENC), SET(TUNNELING, "3002 3000"), "cert.tunneling", NULL},
    {"type_of_two_end_entities", MODERN, KIND(PGWY_SIG), SET(CERT_TYPE, "03020560"), "cert.type", NULL},
    {"type_acq", MODERN, KIND(PGWY_SIG), SET(CERT_TYPE, "0303060040"), "cert.type", NULL},
    {"type_unknown_bit", MODERN, KIND(PGWY_SIG), SET(CERT_TYPE, "0303050020"), "cert.type", NULL},
    {"type_empty", MODERN, KIND(PGWY_SIG), SET(CERT_TYPE, "030100"), "cert.type", NULL},
    {"no_type", MODERN, KIND(PGWY_SIG), {{CERTS_EXT_DROP, SP_EXT_CERT_TYPE, NULL}}, "cert.type", NULL},
    {"unique_identifier", CLASSIC, KIND(PGWY_SIG), {{CERTS_SPKI, 0, "300c 3005 06032a0304 0303 000102 81020001"}},
	"cert.uniqueid", "cert.key.suite"},
    {"distribution_point_by_ldap", MODERN, KIND(PGWY_SIG),
	ADD("301b 0603 551d1f 0414 3012 3010 a00e a00c 860a 6c6461703a2f2f612f62"), "cert.url", NULL},
    {"two_distribution_points", MODERN, KIND(PGWY_SIG),
	ADD("3029 0603 551d1f 0422 3020 300e a00c a00a 8608 687474703a2f2f61 300e a00c a00a 8608 687474703a2f2f62"),
	"cert.url", NULL},
    {"ocsp_address", MODERN, KIND(PGWY_SIG),
	ADD("3024 0608 2b06010505070101 0418 3016 3014 0608 2b06010505073001 8608 687474703a2f2f61"), "cert.url", NULL},
};

/* Rules that rows outside this table break: see the tests below. */
static const char *const elsewhere[] = {"cert.algorithm.match", "cert.hashedroot.self", "cert.signature"};

static void
check_findings(const struct setpki_findings *f, const char *id, const char *also)
{
	bool found = false;

	for (size_t i = 0; i < f->n; i++) {
		const char *got = f->v[i].rule->id;

		found |= strcmp(got, id) == 0;
		if (strcmp(got, id) != 0 && (also == NULL || strcmp(got, also) != 0))
			fail_msg("%s: %s was found too", got, f->v[i].text);
		assert_true(f->v[i].text[0] != '\0' && f->v[i].object[0] != '\0');
	}
	if (!found)
		fail_msg("%s was not found", id);
	if (also == NULL)
		assert_int_equal(f->n, 1);
}

static void
is_found(void **state)
{
	struct broken *b = *state;
	struct setpki_findings f = {0};
	struct setpki_error err = {0};
	struct sp_buf good = {0}, tbs = {0};
	struct certs_case c;

	certs_case(&c, b->suite, b->kind);
	t_ok(sp_cert_build(certs_ctx(), &c.spec, &good, &err), &err);
	certs_edit_tbs(sp_buf_bytes(&good), b->edits, &tbs);
	t_ok(sp_lint_tbs(certs_ctx(), sp_buf_bytes(&tbs), b->suite, &f, &err), &err);
	check_findings(&f, b->id, b->also);
	setpki_findings_free(&f);
	t_hex_free();
	sp_buf_free(&good);
	sp_buf_free(&tbs);
	certs_case_free(&c);
}

/* --- rules that need a whole certificate or another spec ---------------------------------------------------------- */

static void
lint_whole(setpki_bytes der, enum setpki_suite suite, const char *id)
{
	struct setpki_findings f = {0};
	struct setpki_error err = {0};

	t_ok(sp_lint_cert(certs_ctx(), der, suite, &f, &err), &err);
	check_findings(&f, id, NULL);
	setpki_findings_free(&f);
}

static void
two_different_algorithms(void **state)
{
	const struct sp_cert *root = certs_brand(MODERN);
	struct sp_buf der = {0};

	(void)state;
	sp_signed_put(&der, root->tbs, sp_sigalg(MODERN, SP_KEY_RSA), root->sig);
	lint_whole(sp_buf_bytes(&der), MODERN, "cert.algorithm.match");
	sp_buf_free(&der);
}

static void
a_roots_wrong_signature(void **state)
{
	struct sp_buf der = {0};

	(void)state;
	certs_sign(MODERN, certs_key(MODERN, CERTS_KEY_NEXT), certs_root(MODERN)->tbs, &der);
	lint_whole(sp_buf_bytes(&der), MODERN, "cert.signature");
	sp_buf_free(&der);
}

static void
a_root_that_succeeds_itself(void **state)
{
	struct setpki_error err = {0};
	struct certs_edit edits[CERTS_EDITS] = {{CERTS_EXT_SET, SP_EXT_HASHED_ROOT, NULL}};
	struct setpki_findings f = {0};
	struct sp_buf good = {0}, tbs = {0};
	struct certs_case c;
	uint8_t digest[32];
	char hex[256], all[512];

	(void)state;
	certs_case(&c, MODERN, KIND(ROOT));
	t_ok(sp_cert_build(certs_ctx(), &c.spec, &good, &err), &err);
	t_ok(sp_sha256(certs_ctx(), c.spec.spki, digest, &err), &err);
	snprintf(all, sizeof(all), "303f 303d 020100 300d 0609 608648016503040201 0500 3007 0605 672a030000 0420 %s",
	    setpki_hex_text(SP_BYTES(digest), hex));
	edits[0].hex = all;
	certs_edit_tbs(sp_buf_bytes(&good), edits, &tbs);
	t_ok(sp_lint_tbs(certs_ctx(), sp_buf_bytes(&tbs), MODERN, &f, &err), &err);
	check_findings(&f, "cert.hashedroot.self", NULL);
	setpki_findings_free(&f);
	t_hex_free();
	sp_buf_free(&good);
	sp_buf_free(&tbs);
	certs_case_free(&c);
}

static void
keys_too_short_for_their_use(void **state)
{
	static const struct {
		enum setpki_suite suite, key_suite;
		enum setpki_kind kind;
		enum certs_key key;
	} rows[] = {
	    {CLASSIC, CLASSIC, KIND(ROOT), CERTS_KEY_SUBJECT},	  /* 1024 bits */
	    {MODERN, CLASSIC, KIND(PGWY_ENC), CERTS_KEY_SUBJECT}, /* 1024 bits */
	    {MODERN, MODERN, KIND(PGWY_ENC), CERTS_KEY_SUBJECT},  /* EC */
	    {CLASSIC, MODERN, KIND(PGWY_SIG), CERTS_KEY_SUBJECT}, /* EC */
	};

	(void)state;
	for (size_t i = 0; i < NELEMS(rows); i++) {
		struct setpki_findings f = {0};
		struct setpki_error err = {0};
		struct sp_buf good = {0}, spki = {0}, tbs = {0};
		struct certs_edit edits[CERTS_EDITS] = {{CERTS_SPKI, 0, NULL}, {CERTS_EXT_DROP, SP_EXT_SKI, NULL}};
		struct certs_case c;
		char hex[2048];

		certs_case(&c, rows[i].suite, rows[i].kind);
		t_ok(sp_cert_build(certs_ctx(), &c.spec, &good, &err), &err);
		t_ok(sp_spki_from_pkey(certs_key(rows[i].key_suite, rows[i].key), &spki, &err), &err);
		edits[0].hex = setpki_hex_text(sp_buf_bytes(&spki), hex);
		certs_edit_tbs(sp_buf_bytes(&good), edits, &tbs);
		t_ok(sp_lint_tbs(certs_ctx(), sp_buf_bytes(&tbs), rows[i].suite, &f, &err), &err);
		check_findings(&f, "cert.key.suite", "cert.extension.missing");
		setpki_findings_free(&f);
		t_hex_free();
		sp_buf_free(&good);
		sp_buf_free(&spki);
		sp_buf_free(&tbs);
		certs_case_free(&c);
	}
}

static void
relaxed_criticality_is_fine_in_modern(void **state)
{
	static const enum sp_ext both[] = {SP_EXT_CERT_TYPE, SP_EXT_HASHED_ROOT};

	(void)state;
	for (size_t i = 0; i < NELEMS(both); i++) {
		struct certs_edit edits[CERTS_EDITS] = {{CERTS_EXT_FLIP, both[i], NULL}};
		struct setpki_error err = {0};
		struct sp_buf good = {0}, tbs = {0};
		struct certs_case c;

		certs_case(&c, MODERN, KIND(ROOT));
		t_ok(sp_cert_build(certs_ctx(), &c.spec, &good, &err), &err);
		certs_edit_tbs(sp_buf_bytes(&good), edits, &tbs);
		nothing_is_found(sp_buf_bytes(&tbs), false, MODERN);
		sp_buf_free(&good);
		sp_buf_free(&tbs);
		certs_case_free(&c);
	}
}

static void
asked_for_another_suite(void **state)
{
	struct setpki_findings f = {0};
	struct setpki_error err = {0};

	(void)state;
	t_ok(sp_lint_cert(certs_ctx(), certs_root(MODERN)->der, CLASSIC, &f, &err), &err);
	assert_true(f.n > 1);
	assert_string_equal(f.v[0].rule->id, "cert.algorithm.suite");
	assert_non_null(strstr(f.v[0].text, "of the modern suite, not of classic"));
	setpki_findings_free(&f);
}

static void
garbage_is_a_finding(void **state)
{
	(void)state;
	lint_whole(sp_bytes(NULL, 0), SETPKI_SUITE_NONE, "cert.der");
	lint_whole(t_hex("3000"), SETPKI_SUITE_NONE, "cert.der");
	lint_whole(t_hex("308000"), SETPKI_SUITE_NONE, "cert.der");
	t_hex_free();
}

/* --- no rule without a row ---------------------------------------------------------------------------------------- */

static bool
is_broken_by_a_row(const char *id)
{
	for (size_t i = 0; i < NELEMS(broken); i++)
		if (strcmp(broken[i].id, id) == 0)
			return true;
	for (size_t i = 0; i < NELEMS(elsewhere); i++)
		if (strcmp(elsewhere[i], id) == 0)
			return true;
	return false;
}

static void
every_rule_is_broken_by_a_row(void **state)
{
	size_t n;
	const struct setpki_rule *r = setpki_rules(&n);

	(void)state;
	for (size_t i = 0; i < n; i++)
		if (strncmp(r[i].id, "cert.", 5) == 0 && !is_broken_by_a_row(r[i].id))
			fail_msg("no row breaks %s", r[i].id);
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
	static struct CMUnitTest tests[140];
	size_t n = 0;

	ONE(nothing_is_found_in_what_is_built);
	ONE(nothing_is_found_with_everything_optional);
	ROWS(is_found, broken);
	ONE(two_different_algorithms);
	ONE(a_roots_wrong_signature);
	ONE(a_root_that_succeeds_itself);
	ONE(keys_too_short_for_their_use);
	ONE(relaxed_criticality_is_fine_in_modern);
	ONE(asked_for_another_suite);
	ONE(garbage_is_a_finding);
	ONE(every_rule_is_broken_by_a_row);
	return _cmocka_run_group_tests("lint_cert", tests, n, certs_start, certs_stop);
}
