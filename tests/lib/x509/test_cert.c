/* Reading certificates: what is refused for its form, what every damaged octet does, kinds, signatures, thumbs. */
#include "lib/base/limits.h"
#include "lib/crypto/sign.h"
#include "lib/der/walk.h"
#include "lib/der/writer.h"
#include "lib/x509/cert_ext.h"
#include "tests/support/certs_edit.h"
#include "tests/support/check.h"

#include <stdlib.h>

#define MODERN SETPKI_SUITE_MODERN
#define KIND(k) SETPKI_KIND_##k

/* --- what is malformed -------------------------------------------------------------------------------------------- */

#define NAME_A "300c310a3008060355040a130141" /* O=A */
#define SET(ext, hex)                                                                                                  \
	{                                                                                                              \
		{                                                                                                      \
			CERTS_EXT_SET, SP_EXT_##ext, hex                                                               \
		}                                                                                                      \
	}

static const struct malformed {
	const char *name;
	enum setpki_kind kind;
	struct certs_edit edits[CERTS_EDITS];
	const char *object; /* PARSE if it is not NULL */
} malformed[] = {
    {"version_1_is_refused", KIND(PGWY_SIG), {{CERTS_VERSION, 0, ""}}, "version"},
    {"version_2_is_refused", KIND(PGWY_SIG), {{CERTS_VERSION, 0, "a003020101"}}, "version"},
    {"version_4_is_refused", KIND(PGWY_SIG), {{CERTS_VERSION, 0, "a003020103"}}, "version"},
    {"negative_serial_is_read", KIND(PGWY_SIG), {{CERTS_SERIAL, 0, "0201ff"}}, NULL},
    {"serial_not_minimal_is_refused", KIND(PGWY_SIG), {{CERTS_SERIAL, 0, "02020001"}}, ""},
    {"serial_of_20_octets_is_read", KIND(PGWY_SIG),
	{{CERTS_SERIAL, 0, "0214 0101010101010101010101010101010101010101"}}, NULL},
    {"serial_of_21_octets_is_refused", KIND(PGWY_SIG),
	{{CERTS_SERIAL, 0, "0215 010101010101010101010101010101010101010101"}}, "serialNumber"},
    {"serial_as_octet_string_is_refused", KIND(PGWY_SIG), {{CERTS_SERIAL, 0, "040101"}}, "serialNumber"},
    {"algorithm_with_two_parameters_is_refused", KIND(PGWY_SIG), {{CERTS_SIGALG, 0, "3009 06032a0304 0500 0500"}},
	"signature"},
    {"algorithm_without_oid_is_refused", KIND(PGWY_SIG), {{CERTS_SIGALG, 0, "3000"}}, "signature"},
    {"unknown_algorithm_is_read", KIND(PGWY_SIG), {{CERTS_SIGALG, 0, "3005 06032a0304"}}, NULL},
    {"malformed_issuer_is_refused", KIND(PGWY_SIG), {{CERTS_ISSUER, 0, "30023100"}}, "issuer"},
    {"malformed_subject_is_refused", KIND(PGWY_SIG), {{CERTS_SUBJECT, 0, "0500"}}, "subject"},
    {"empty_subject_is_read", KIND(PGWY_SIG), {{CERTS_SUBJECT, 0, "3000"}}, NULL},
    {"time_without_seconds_is_refused", KIND(PGWY_SIG),
	{{CERTS_VALIDITY, 0, "301c 170b 323730313031303030305a 170d 3237303130313030303030305a"}}, ""},
    {"thirteenth_month_is_refused", KIND(PGWY_SIG),
	{{CERTS_VALIDITY, 0, "301e 170d 3237313330313030303030305a 170d 3237303130313030303030305a"}}, ""},
    {"one_time_is_refused", KIND(PGWY_SIG), {{CERTS_VALIDITY, 0, "300f 170d 3237303130313030303030305a"}}, "validity"},
    {"malformed_key_is_refused", KIND(PGWY_SIG), {{CERTS_SPKI, 0, "3000"}}, "subjectPublicKeyInfo"},
    {"key_of_no_suite_is_read", KIND(PGWY_SIG), {{CERTS_SPKI, 0, "300c 3005 06032a0304 0303 000102"}}, NULL},
    {"unique_ids_are_read", KIND(PGWY_SIG), {{CERTS_SPKI, 0, "300c 3005 06032a0304 0303 000102 81020001 82020780"}},
	NULL},
    {"unique_id_with_padding_not_zero", KIND(PGWY_SIG), {{CERTS_SPKI, 0, "300c 3005 06032a0304 0303 000102 81020101"}},
	"issuerUniqueID or subjectUniqueID"},
    {"no_extensions_are_read", KIND(PGWY_SIG), {{CERTS_EXTENSIONS, 0, ""}}, NULL},
    {"empty_extensions_are_refused", KIND(PGWY_SIG), {{CERTS_EXTENSIONS, 0, "a3023000"}}, "extensions"},
    {"elements_after_the_extensions_are_refused", KIND(PGWY_SIG),
	{{CERTS_EXTENSIONS, 0, "a30f 300d 300b 0603 551d0f 0404 03020780 0500"}}, "tbsCertificate"},
    {"an_extension_twice_is_refused", KIND(PGWY_SIG), {{CERTS_EXT_TWICE, SP_EXT_KEY_USAGE, NULL}}, "keyUsage"},
    {"an_unknown_extension_twice_is_refused", KIND(PGWY_SIG),
	{{CERTS_EXT_ADD, 0, "3009 06032a0304 0402 0500 3009 06032a0304 0402 0500"}}, "extensions"},
    {"an_unknown_extension_is_read", KIND(PGWY_SIG), {{CERTS_EXT_ADD, 0, "3009 06032a0304 0402 0500"}}, NULL},
    {"an_unknown_extension_that_is_not_der_is_refused", KIND(PGWY_SIG),
	{{CERTS_EXT_ADD, 0, "3009 06032a0304 0402 0501"}}, "extension 1.2.3.4"},
    {"criticality_false_is_refused", KIND(PGWY_SIG), {{CERTS_EXT_ADD, 0, "300c 06032a0304 010100 0402 0500"}},
	"extensions"},
    {"criticality_after_the_value_is_refused", KIND(PGWY_SIG), {{CERTS_EXT_ADD, 0, "300c 06032a0304 0402 0500 0101ff"}},
	"extensions"},
    /* extensions */
    {"aki_with_octets_after_it", KIND(PGWY_SIG), SET(AKI, "30000500"), "authorityKeyIdentifier"},
    {"aki_with_an_unknown_member", KIND(PGWY_SIG), SET(AKI, "30028300"), "authorityKeyIdentifier"},
    {"aki_with_no_general_name", KIND(PGWY_SIG), SET(AKI, "3002a100"), "authorityKeyIdentifier"},
    {"aki_with_a_directory_name_that_is_none", KIND(PGWY_SIG), SET(AKI, "3006a104a4023100"), "authorityKeyIdentifier"},
    {"aki_with_a_serial_not_minimal", KIND(PGWY_SIG), SET(AKI, "300482020001"), "authorityKeyIdentifier"},
    {"aki_empty_is_read", KIND(PGWY_SIG), SET(AKI, "3000"), NULL},
    {"aki_with_a_uri_is_read", KIND(PGWY_SIG), SET(AKI, "3005a103860161"), NULL},
    {"ski_empty", KIND(PGWY_SIG), SET(SKI, "0400"), "subjectKeyIdentifier"},
    {"keyusage_with_a_trailing_zero_bit", KIND(PGWY_SIG), SET(KEY_USAGE, "03020680"), "keyUsage"},
    {"keyusage_with_padding_not_zero", KIND(PGWY_SIG), SET(KEY_USAGE, "03020781"), "keyUsage"},
    {"keyusage_as_integer", KIND(PGWY_SIG), SET(KEY_USAGE, "020101"), "keyUsage"},
    {"pkup_in_utctime", KIND(PGWY_SIG), SET(PKUP, "300f 800d 3237303130313030303030305a"), "privateKeyUsagePeriod"},
    {"pkup_members_swapped", KIND(PGWY_SIG),
	SET(PKUP, "3022 810f 32303237303130313030303030305a 800f 32303237303130313030303030305a"),
	"privateKeyUsagePeriod"},
    {"pkup_empty_is_read", KIND(PGWY_SIG), SET(PKUP, "3000"), NULL},
    {"policies_empty", KIND(PGWY_SIG), SET(POLICIES, "3000"), "certificatePolicies"},
    {"policies_with_empty_qualifiers", KIND(PGWY_SIG), SET(POLICIES, "300a 3008 0604 672a0500 3000"),
	"certificatePolicies"},
    {"foreign_qualifier_is_read", KIND(PGWY_SIG), SET(POLICIES, "3013 3011 0604 672a0500 3009 3007 06032a0304 0500"),
	NULL},
    {"set_qualifier_that_is_none", KIND(PGWY_SIG),
	SET(POLICIES, "3014 3012 0604 672a0500 300a 3008 0604 672a0706 0500"), "certificatePolicies"},
    {"basic_with_explicit_false", KIND(PGWY_SIG), SET(BASIC, "3003010100"), "basicConstraints"},
    {"basic_with_true_as_01", KIND(PGWY_SIG), SET(BASIC, "3003010101"), "basicConstraints"},
    {"basic_with_negative_pathlen", KIND(PGWY_SIG), SET(BASIC, "30060101ff0201ff"), "basicConstraints"},
    {"basic_with_a_pathlen_of_five_octets", KIND(PGWY_SIG), SET(BASIC, "300a0101ff02050100000000"), "basicConstraints"},
    {"hashed_root_without_outer_sequence", KIND(ROOT), SET(HASHED_ROOT, "020100"), "hashedRootKey"},
    {"hashed_root_of_another_content_type", KIND(ROOT),
	SET(HASHED_ROOT, "301b 3019 020100 3009 0605 2b0e03021a 0500 3006 0604 672a0300 0401 00"), "hashedRootKey"},
    {"hashed_root_version_1", KIND(ROOT),
	SET(HASHED_ROOT, "301c 301a 020101 3009 0605 2b0e03021a 0500 3007 0605 672a030000 0401 00"), "hashedRootKey"},
    {"hashed_root_of_33_octets", KIND(ROOT),
	SET(HASHED_ROOT,
	    "303c 303a 020100 3009 0605 2b0e03021a 0500 3007 0605 672a030000 0421 "
	    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20"),
	"hashedRootKey"},
    {"hashed_root_with_content_null_is_read", KIND(ROOT),
	SET(HASHED_ROOT, "3020 301e 020100 3009 0605 2b0e03021a 0500 300b 0605 672a030000 a002 0500 0401 00"), NULL},
    {"hashed_root_with_other_content", KIND(ROOT),
	SET(HASHED_ROOT, "3021 301f 020100 3009 0605 2b0e03021a 0500 300c 0605 672a030000 a003 020101 0401 00"),
	"hashedRootKey"},
    {"type_with_a_trailing_zero_bit", KIND(PGWY_SIG), SET(CERT_TYPE, "03020420"), "certificateType"},
    {"type_of_17_bits", KIND(PGWY_SIG), SET(CERT_TYPE, "030407000080"), "certificateType"},
    {"merchant_data_empty", KIND(MER_SIG), SET(MERCHANT_DATA, "3000"), "merchantData"},
    {"card_cert_required_as_01", KIND(PGWY_ENC), SET(CARD_CERT_REQUIRED, "010101"), "cardCertRequired"},
    {"tunneling_with_explicit_true", KIND(PGWY_ENC), SET(TUNNELING, "3005 0101ff 3000"), "tunneling"},
    {"tunneling_without_algorithms", KIND(PGWY_ENC), SET(TUNNELING, "3000"), "tunneling"},
    {"tunneling_with_a_malformed_oid", KIND(PGWY_ENC), SET(TUNNELING, "3005 3003 060180"), "tunneling"},
    {"set_extensions_of_integers", KIND(PGWY_ENC), {{CERTS_EXT_ADD, 0, "300d 0604 672a0705 0405 3003 020101"}},
	"setExtensions"},
    {"set_extensions_are_read", KIND(PGWY_ENC), {{CERTS_EXT_ADD, 0, "300e 0604 672a0705 0406 3004 06022a03"}}, NULL},
    {"alternative_names_empty", KIND(PGWY_SIG), {{CERTS_EXT_ADD, 0, "3009 0603 551d11 0402 3000"}}, "subjectAltName"},
    {"alternative_name_of_an_unknown_form", KIND(PGWY_SIG), {{CERTS_EXT_ADD, 0, "300b 0603 551d12 0404 3002 8900"}},
	"issuerAltName"},
    {"alternative_name_with_8_bit_ia5", KIND(PGWY_SIG), {{CERTS_EXT_ADD, 0, "300c 0603 551d11 0405 3003 8101e9"}},
	"subjectAltName"},
    {"alternative_names_of_every_form_are_read", KIND(PGWY_SIG),
	{{CERTS_EXT_ADD, 0, "3022 0603 551d11 041b 3019 a000 810161 820161 a300 a4023000 a500 860161 870100 88012a"}},
	NULL},
    {"crl_number_negative", KIND(PGWY_SIG), {{CERTS_EXT_ADD, 0, "300a 0603 551d14 0403 0201ff"}}, "cRLNumber"},
    {"distribution_points_empty", KIND(PGWY_SIG), {{CERTS_EXT_ADD, 0, "3009 0603 551d1f 0402 3000"}},
	"cRLDistributionPoints"},
    {"distribution_point_with_an_empty_name", KIND(PGWY_SIG),
	{{CERTS_EXT_ADD, 0, "300d 0603 551d1f 0406 3004 3002 a000"}}, "cRLDistributionPoints"},
    {"distribution_point_with_no_full_name", KIND(PGWY_SIG),
	{{CERTS_EXT_ADD, 0, "300f 0603 551d1f 0408 3006 3004 a002 a000"}}, "cRLDistributionPoints"},
    {"distribution_point_of_every_member_is_read", KIND(PGWY_SIG),
	{{CERTS_EXT_ADD, 0, "3018 0603 551d1f 0411 300f 300d a002 a100 81020780 a203 860161"}}, NULL},
    {"access_descriptions_empty", KIND(PGWY_SIG), {{CERTS_EXT_ADD, 0, "300e 0608 2b06010505070101 0402 3000"}},
	"authorityInfoAccess"},
    {"access_description_without_place", KIND(PGWY_SIG),
	{{CERTS_EXT_ADD, 0, "3014 0608 2b06010505070101 0408 3006 3004 06022a03"}}, "authorityInfoAccess"},
};

static void
is_malformed(void **state)
{
	struct malformed *m = *state;
	struct setpki_error err = {0};
	struct sp_buf good = {0}, tbs = {0};
	struct certs_case c;
	struct sp_cert x;

	certs_case(&c, MODERN, m->kind);
	t_ok(sp_cert_build(certs_ctx(), &c.spec, &good, &err), &err);
	certs_edit_tbs(sp_buf_bytes(&good), m->edits, &tbs);
	t_code(sp_cert_parse_tbs(sp_buf_bytes(&tbs), &x, &err), m->object == NULL ? SETPKI_E_OK : SETPKI_E_PARSE, &err);
	if (m->object != NULL) {
		assert_string_equal(err.object, m->object);
		assert_true(err.message[0] != '\0');
	}
	t_hex_free();
	sp_buf_free(&good);
	sp_buf_free(&tbs);
	certs_case_free(&c);
}

/* --- sizes -------------------------------------------------------------------------------------------------------- */

static void
certificates_over_the_limit_are_refused(void **state)
{
	static const uint8_t big[SP_CERT_MAX + 1] = {0x30};
	struct setpki_error err = {0};
	struct sp_cert x;

	(void)state;
	t_code(sp_cert_parse(SP_BYTES(big), &x, &err), SETPKI_E_LIMIT, &err);
}

static void
more_than_32_extensions_are_refused(void **state)
{
	struct setpki_error err = {0};
	struct sp_buf good = {0}, tbs = {0}, list = {0}, hex = {0};
	struct certs_edit edits[CERTS_EDITS] = {{CERTS_EXT_ADD, 0, NULL}};
	struct certs_case c;
	struct sp_cert x;

	(void)state;
	for (unsigned i = 0; i < SP_EXT_MAX; i++)
		sp_buf_printf(&hex, "3009 06032a03%02x 0402 0500", i);
	sp_buf_add_byte(&hex, 0);
	edits[0].hex = (const char *)hex.p;
	certs_case(&c, MODERN, KIND(PGWY_SIG));
	t_ok(sp_cert_build(certs_ctx(), &c.spec, &good, &err), &err);
	certs_edit_tbs(sp_buf_bytes(&good), edits, &tbs);
	t_code(sp_cert_parse_tbs(sp_buf_bytes(&tbs), &x, &err), SETPKI_E_LIMIT, &err);
	t_hex_free();
	sp_buf_free(&good);
	sp_buf_free(&tbs);
	sp_buf_free(&list);
	sp_buf_free(&hex);
	certs_case_free(&c);
}

/* --- every octet -------------------------------------------------------------------------------------------------- */

/* What was accepted is DER, inside the extensions too. */
static void
accepted_is_der(const struct sp_cert *x)
{
	struct sp_der list = sp_der(x->extensions);
	struct setpki_error err = {0};
	struct sp_ext_item e;

	t_ok(sp_der_walk(x->der, &err), &err);
	while (sp_ext_next(&list, &e))
		t_ok(sp_der_walk(e.value, &err), &err);
	assert_true(sp_der_end(&list));
}

/* A copy of its own size, so that reading past the end is seen. */
static bool
parses(const uint8_t *der, size_t n)
{
	uint8_t *exact = malloc(n != 0 ? n : 1);
	struct setpki_error err = {0};
	struct sp_cert x;
	enum setpki_code rc;

	assert_non_null(exact);
	memcpy(exact, der, n);
	rc = sp_cert_parse(sp_bytes(exact, n), &x, &err);
	if (rc == SETPKI_E_OK)
		accepted_is_der(&x);
	else
		assert_true(rc == SETPKI_E_PARSE || rc == SETPKI_E_LIMIT);
	free(exact);
	return rc == SETPKI_E_OK;
}

static void
damage(enum setpki_suite suite, enum setpki_kind kind)
{
	struct sp_buf der = {0};
	struct certs_case c;
	size_t accepted = 0;

	certs_case(&c, suite, kind);
	c.spec.policy.statement = "Test";
	certs_make(&c, &der);
	for (size_t i = 0; i < der.n; i++)
		for (unsigned v = 1; v < 256; v = 2 * v + (v == 64)) {
			der.p[i] ^= (uint8_t)v;
			accepted += parses(der.p, der.n);
			der.p[i] ^= (uint8_t)v;
		}
	assert_true(accepted > 0); /* serial numbers, keys, times: other values are well formed */
	for (size_t i = 0; i < der.n; i++)
		assert_false(parses(der.p, i));
	sp_buf_add_byte(&der, 0);
	assert_false(parses(der.p, der.n));
	sp_buf_free(&der);
	certs_case_free(&c);
}

static void
every_damaged_octet_is_refused_or_still_der(void **state)
{
	(void)state;
	damage(MODERN, KIND(ROOT));
	damage(MODERN, KIND(PGWY_ENC));
	damage(SETPKI_SUITE_CLASSIC, KIND(MER_SIG));
}

/* --- kinds -------------------------------------------------------------------------------------------------------- */

static const struct no_kind {
	const char *name;
	enum setpki_kind kind;
	struct certs_edit edits[CERTS_EDITS];
} no_kinds[] = {
    {"no_kind_without_type", KIND(PGWY_SIG), {{CERTS_EXT_DROP, SP_EXT_CERT_TYPE, NULL}}},
    {"no_kind_without_key_usage", KIND(PGWY_SIG), {{CERTS_EXT_DROP, SP_EXT_KEY_USAGE, NULL}}},
    {"no_kind_of_two_types", KIND(PGWY_SIG), SET(CERT_TYPE, "03020560")},
    {"no_kind_with_two_usages", KIND(PGWY_SIG), SET(KEY_USAGE, "030204b0")},
    {"no_kind_of_an_end_entity_that_signs", KIND(PGWY_SIG), SET(KEY_USAGE, "03020106")},
    {"no_kind_of_an_end_entity_with_ca", KIND(PGWY_SIG), SET(BASIC, "30030101ff")},
    {"no_kind_of_a_ca_without_ca", KIND(CA_SIGN), SET(BASIC, "3000")},
    {"no_kind_of_a_root_below_another", KIND(ROOT), {{CERTS_ISSUER, 0, NAME_A}}},
    {"no_kind_of_a_self_issued_brand", KIND(CA_SIGN), {{CERTS_ISSUER, 0, NAME_A}, {CERTS_SUBJECT, 0, NAME_A}}},
};

static void
is_of_no_kind(void **state)
{
	struct no_kind *r = *state;
	struct setpki_error err = {0};
	struct sp_buf good = {0}, tbs = {0};
	struct certs_case c;
	struct sp_cert x;
	char text[256];

	certs_case(&c, MODERN, r->kind);
	t_ok(sp_cert_build(certs_ctx(), &c.spec, &good, &err), &err);
	certs_edit_tbs(sp_buf_bytes(&good), r->edits, &tbs);
	t_ok(sp_cert_parse_tbs(sp_buf_bytes(&tbs), &x, &err), &err);
	assert_int_equal(sp_cert_kind(&x), SETPKI_KIND_NONE);
	assert_memory_equal(sp_cert_text(&x, text, sizeof(text)), "certificate ", 12);
	t_hex_free();
	sp_buf_free(&good);
	sp_buf_free(&tbs);
	certs_case_free(&c);
}

/* --- signatures, thumbs, text ------------------------------------------------------------------------------------- */

static void
signatures(void **state)
{
	struct setpki_error err = {0};
	struct sp_buf der = {0};
	struct certs_case c;
	struct sp_cert x;
	EVP_PKEY *key;

	(void)state;
	certs_case(&c, MODERN, KIND(PGWY_SIG));
	key = certs_key(MODERN, CERTS_KEY_CA);
	certs_make(&c, &der);
	t_ok(sp_cert_parse(sp_buf_bytes(&der), &x, &err), &err);
	t_ok(sp_cert_verify(certs_ctx(), &x, key, &err), &err);
	t_code(sp_cert_verify(certs_ctx(), &x, certs_key(MODERN, CERTS_KEY_NEXT), NULL), SETPKI_E_SIGNATURE, &err);
	/* an RSA key under an ECDSA algorithm */
	t_code(sp_cert_verify(certs_ctx(), &x, certs_key(MODERN, CERTS_KEY_EXCHANGE), NULL), SETPKI_E_SIGNATURE, &err);
	x.sigalg = sp_sigalg(MODERN, SP_KEY_RSA);
	t_code(sp_cert_verify(certs_ctx(), &x, key, &err), SETPKI_E_SIGNATURE, &err);
	assert_non_null(strstr(err.message, "differ"));
	x.sigalg = x.inner_sigalg;
	x.suite = SETPKI_SUITE_NONE;
	t_code(sp_cert_verify(certs_ctx(), &x, key, NULL), SETPKI_E_SIGNATURE, &err);
	sp_buf_free(&der);
	certs_case_free(&c);
}

static void
thumbs_are_of_the_tbs(void **state)
{
	uint8_t thumb[32], want[32];
	struct setpki_error err = {0};
	struct sp_cert x;
	size_t n = 0;

	(void)state;
	x = *certs_root(SETPKI_SUITE_CLASSIC);
	t_ok(sp_cert_thumb(certs_ctx(), &x, thumb, &n, &err), &err);
	t_ok(sp_hash(certs_ctx(), SETPKI_SUITE_CLASSIC, x.tbs, want, &err), &err);
	t_bytes(sp_bytes(thumb, n), sp_bytes(want, 20));
	x = *certs_root(MODERN);
	t_ok(sp_cert_thumb(certs_ctx(), &x, thumb, &n, &err), &err);
	t_ok(sp_sha256(certs_ctx(), x.tbs, want, &err), &err);
	t_bytes(sp_bytes(thumb, n), SP_BYTES(want));
	x.suite = SETPKI_SUITE_NONE;
	t_code(sp_cert_thumb(certs_ctx(), &x, thumb, &n, &err), SETPKI_E_SUITE, &err);
}

static void
one_line_of_text(void **state)
{
	char text[200], small[12];

	(void)state;
	assert_string_equal(sp_cert_text(certs_brand(MODERN), text, sizeof(text)),
	    "CA certificate and CRL signing C=US, O=Testcard, CN=Test Brand G1, serial "
	    "015a5a5a5a5a5a5a5a5a5a5a5a5a5a5a01");
	assert_string_equal(sp_cert_text(certs_brand(MODERN), small, sizeof(small)), "CA certific");
}

static void
suite_and_key_algorithm_are_read(void **state)
{
	(void)state;
	assert_int_equal(certs_root(MODERN)->sig_keyalg, SP_KEY_P256);
	assert_int_equal(certs_root(MODERN)->version, 3);
	assert_int_equal(certs_root(SETPKI_SUITE_CLASSIC)->sig_keyalg, SP_KEY_RSA);
	assert_int_equal(certs_root(SETPKI_SUITE_CLASSIC)->suite, SETPKI_SUITE_CLASSIC);
	assert_int_equal(certs_root(MODERN)->pkup_from, CERTS_NOW);
}

/* --- SetPolicyQualifier ------------------------------------------------------------------------------------------- */

static void
set_qualifiers(void **state)
{
	static const struct {
		const char *hex;
		bool ok;
	} rows[] = {
	    {"3002 3000", true},
	    {"3004 3000 3000", false},		    /* no additional policy */
	    {"300a 3000 3006 3004 03020410", true}, /* added by a cca */
	    {"3010 3000 300c 3004 03020410 3004 03020410", true},
	    {"301c 3000 3018 3004 03020410 3004 03020410 3004 03020410 3004 03020410", false}, /* four */
	    {"3011 3000 300d 300b 06032a0304 3000 03020410", true},			       /* OID, qualifier */
	    {"300f 3000 300b 3009 3000 06032a0304 03020410", false},			       /* swapped */
	    {"3008 3006 1a0141 800161", true},
	    {"3008 3006 800161 1a0141", false},
	    {"3005 3003 1a0141", true},
	    {"3004 3002 1a00", false},
	    {"3006 3004 1e020041", true},
	    {"3004 3002 8000", false}, /* empty URL */
	    {"3005 3003 8101e9", false},
	    {"3005 3003 820161", false},
	    {"301d 301b 3019 020100 3009 06052b0e03021a0500 3006 0604672a0300 0401 00", true}, /* policyDigest */
	    {"3002 3100", false},
	    {"3000", false},
	};

	(void)state;
	for (size_t i = 0; i < NELEMS(rows); i++)
		if (sp_set_qualifier_ok(t_hex(rows[i].hex)) != rows[i].ok)
			fail_msg("%s: %s expected", rows[i].hex, rows[i].ok ? "true" : "false");
	t_hex_free();
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
	static struct CMUnitTest tests[120];
	size_t n = 0;

	ROWS(is_malformed, malformed);
	ONE(certificates_over_the_limit_are_refused);
	ONE(more_than_32_extensions_are_refused);
	ONE(every_damaged_octet_is_refused_or_still_der);
	ROWS(is_of_no_kind, no_kinds);
	ONE(signatures);
	ONE(thumbs_are_of_the_tbs);
	ONE(one_line_of_text);
	ONE(suite_and_key_algorithm_are_read);
	ONE(set_qualifiers);
	return _cmocka_run_group_tests("cert", tests, n, certs_start, certs_stop);
}
