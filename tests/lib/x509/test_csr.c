/* PKCS#10 requests: built and read; OpenSSL's requests; what is refused. */
#include "lib/x509/csr.h"

#include "lib/base/limits.h"
#include "lib/crypto/sign.h"
#include "lib/der/walk.h"
#include "lib/der/writer.h"
#include "tests/support/check.h"
#include "tests/support/lists.h"

#include <openssl/err.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#define CLASSIC SETPKI_SUITE_CLASSIC
#define MODERN SETPKI_SUITE_MODERN

static enum setpki_suite suites[] = {CLASSIC, MODERN};

static void
builds_and_reads(void **state)
{
	const enum setpki_suite suite = *(const enum setpki_suite *)*state;
	struct setpki_error err = {0};
	struct sp_buf der = {0};
	const unsigned char *p;
	struct sp_csr csr;
	X509_REQ *req;

	lists_csr(suite, &der);
	t_ok(sp_csr_parse(sp_buf_bytes(&der), &csr, &err), &err);
	assert_int_equal(csr.suite, suite);
	assert_true(sp_bytes_eq(csr.subject, certs_brand(suite)->subject));
	assert_int_equal(csr.present,
	    SP_EXT_BIT(SP_EXT_KEY_USAGE) | SP_EXT_BIT(SP_EXT_PKUP) | SP_EXT_BIT(SP_EXT_BASIC) |
		SP_EXT_BIT(SP_EXT_CERT_TYPE));
	assert_int_equal(
	    csr.critical, SP_EXT_BIT(SP_EXT_KEY_USAGE) | SP_EXT_BIT(SP_EXT_BASIC) | SP_EXT_BIT(SP_EXT_CERT_TYPE));
	assert_int_equal(csr.key_usage, SETPKI_KU_CERT_SIGN | SETPKI_KU_CRL_SIGN);
	assert_int_equal(csr.type, SETPKI_TYPE_BCA);
	assert_true(csr.ca);
	assert_int_equal(csr.pathlen, 2);
	assert_int_equal(csr.pkup_from, CERTS_NOW);
	assert_int_equal(csr.pkup_to, CERTS_NOW + CERTS_DAY - 1);
	t_ok(sp_csr_verify(certs_ctx(), &csr, &err), &err);

	p = der.p;
	assert_non_null(req = d2i_X509_REQ(NULL, &p, (long)der.n));
	assert_int_equal(X509_REQ_verify(req, certs_key(suite, CERTS_KEY_SUBJECT)), 1);
	X509_REQ_free(req);
	sp_buf_free(&der);
}

static void
only_what_the_kind_has_is_asked_for(void **state)
{
	struct sp_csr_spec spec = {.suite = MODERN,
	    .kind = SETPKI_KIND_CA_ENC,
	    .type = SETPKI_TYPE_CCA,
	    .subject = certs_brand(MODERN)->subject,
	    .key = certs_key(MODERN, CERTS_KEY_EXCHANGE)};
	struct setpki_error err = {0};
	struct sp_buf der = {0};
	struct sp_csr csr;

	(void)state;
	t_ok(sp_csr_build(certs_ctx(), &spec, &der, &err), &err);
	t_ok(sp_csr_parse(sp_buf_bytes(&der), &csr, &err), &err);
	assert_int_equal(csr.present & SP_EXT_BIT(SP_EXT_PKUP), 0);
	assert_int_equal(csr.pkup_from, INT64_MIN);
	assert_int_equal(csr.pkup_to, INT64_MAX);
	assert_false(csr.ca);
	assert_int_equal(csr.pathlen, -1);
	sp_buf_free(&der);
}

static void
builder_refuses(void **state)
{
	struct sp_csr_spec good = {.suite = MODERN,
	    .kind = SETPKI_KIND_CA_SIGN,
	    .type = SETPKI_TYPE_BCA,
	    .subject = certs_brand(MODERN)->subject,
	    .key = certs_key(MODERN, CERTS_KEY_SUBJECT)};
	struct sp_csr_spec bad[5];
	const enum setpki_code want[5] = {
	    SETPKI_E_ARGUMENT, SETPKI_E_ARGUMENT, SETPKI_E_ARGUMENT, SETPKI_E_ARGUMENT, SETPKI_E_SUITE};

	(void)state;
	for (size_t i = 0; i < NELEMS(bad); i++)
		bad[i] = good;
	bad[0].kind = SETPKI_KIND_NONE;
	bad[1].type = SETPKI_TYPE_CARD;
	bad[2].type = 0;
	bad[3].subject.n = 0;
	bad[4].kind = SETPKI_KIND_CA_ENC; /* key exchange takes RSA */
	bad[4].type = SETPKI_TYPE_CCA;
	for (size_t i = 0; i < NELEMS(bad); i++) {
		struct setpki_error err = {0};
		struct sp_buf der = {0};

		t_code(sp_csr_build(certs_ctx(), &bad[i], &der, &err), want[i], &err);
		assert_int_equal(der.n, 0);
	}
}

/* --- requests from elsewhere
 * ------------------------------------------------------------------------------------------- */

static void
openssl_request(EVP_PKEY *key, const EVP_MD *md, bool challenge, struct sp_buf *out)
{
	X509_REQ *req = X509_REQ_new();
	unsigned char *der = NULL;
	int n;

	assert_non_null(req);
	assert_int_equal(X509_REQ_set_version(req, 0), 1);
	assert_int_equal(X509_NAME_add_entry_by_txt(X509_REQ_get_subject_name(req), "CN", MBSTRING_UTF8,
			     (const unsigned char *)"Corner Shop", -1, -1, 0),
	    1);
	assert_int_equal(X509_REQ_set_pubkey(req, key), 1);
	if (challenge)
		assert_int_equal(X509_REQ_add1_attr_by_txt(
				     req, "challengePassword", MBSTRING_UTF8, (const unsigned char *)"secret", -1),
		    1);
	assert_true(X509_REQ_sign(req, key, md) > 0);
	assert_true((n = i2d_X509_REQ(req, &der)) > 0);
	sp_buf_add(out, der, (size_t)n);
	OPENSSL_free(der);
	X509_REQ_free(req);
}

static void
reads_requests_of_openssl(void **state)
{
	(void)state;
	for (int challenge = 0; challenge < 2; challenge++) {
		struct setpki_error err = {0};
		struct sp_buf der = {0};
		struct sp_csr csr;

		openssl_request(certs_key(MODERN, CERTS_KEY_SUBJECT), EVP_sha256(), challenge != 0, &der);
		t_ok(sp_csr_parse(sp_buf_bytes(&der), &csr, &err), &err);
		assert_int_equal(csr.unknown_attributes, challenge);
		assert_null(csr.extensions.p);
		assert_int_equal(csr.present, 0);
		t_ok(sp_csr_verify(certs_ctx(), &csr, &err), &err);
		sp_buf_free(&der);
	}
}

static void
refuses_a_signature_of_no_suite(void **state)
{
	struct setpki_error err = {0};
	struct sp_buf der = {0};
	struct sp_csr csr;

	(void)state;
	openssl_request(certs_key(MODERN, CERTS_KEY_SUBJECT), EVP_sha512(), false, &der);
	t_ok(sp_csr_parse(sp_buf_bytes(&der), &csr, &err), &err);
	t_code(sp_csr_verify(certs_ctx(), &csr, &err), SETPKI_E_SUITE, &err);
	sp_buf_free(&der);
}

/* --- what the reader refuses
 * ------------------------------------------------------------------------------------------- */

static const struct alteration {
	const char *name, *from, *to, *where;
} alterations[] = {
    {"version_1", "0201003038310b", "0201013038310b", "version"},
    {"extension_twice", "0603551d13", "0603551d0f", "keyUsage"},
    {"keyUsage_with_trailing_zero_bits", "0603551d0f0101ff040403020106", "0603551d0f0101ff040403020006", "keyUsage"},
    {"critical_01", "0603551d0f0101ff", "0603551d0f010101", ""},
    {"pkup_with_a_blank", "800f32303237303130313030303030305a", "800f32303237303130313030303030205a",
	"privateKeyUsagePeriod"},
    {"curve_unknown", "06052b81040022", "06052b81040023", "subjectPKInfo"},
};

static void
reader_refuses(void **state)
{
	const struct alteration *a = *state;
	struct setpki_error err = {0};
	struct sp_buf der = {0};
	struct sp_csr csr;
	enum setpki_code rc;

	lists_csr(MODERN, &der);
	lists_patch(&der, t_hex(a->from), t_hex(a->to));
	rc = sp_csr_parse(sp_buf_bytes(&der), &csr, &err);
	if (rc != SETPKI_E_PARSE && rc != SETPKI_E_SUITE)
		fail_msg("%s", setpki_code_name(rc));
	if (strstr(err.object, a->where) == NULL)
		fail_msg("the error is about \"%s\", not \"%s\": %s", err.object, a->where, err.message);
	sp_buf_free(&der);
	t_hex_free();
}

/* [0] of the request replaced by these attributes. */
#define EXT_REQ "06092a864886f70d01090e"
static const struct attributes {
	const char *name, *hex;
	enum setpki_code rc;
	const char *where;
} attributes[] = {
    {"attributes_of_none", "", SETPKI_E_OK, NULL},
    {"attribute_without_values", "300d" EXT_REQ "3100", SETPKI_E_PARSE, "attributes"},
    {"attribute_no_sequence", "0500", SETPKI_E_PARSE, "attributes"},
    {"extensions_of_none", "300f" EXT_REQ "31023000", SETPKI_E_OK, NULL},
    {"extensions_twice", "300f" EXT_REQ "31023000 300f" EXT_REQ "31023000", SETPKI_E_PARSE, "extensionRequest"},
    {"extensions_in_two_values", "3011" EXT_REQ "310430003000", SETPKI_E_PARSE, "extensionRequest"},
    {"extensions_a_NULL", "300f" EXT_REQ "31020500", SETPKI_E_PARSE, "extensionRequest"},
    {"extension_a_NULL", "3011" EXT_REQ "310430020500", SETPKI_E_PARSE, "extensionRequest"},
    {"unknown_extension", "301b" EXT_REQ "310e 300c 300a 06032a0304 0403 020100", SETPKI_E_OK, NULL},
    {"unknown_extension_no_DER", "301b" EXT_REQ "310e 300c 300a 06032a0304 0403 020200", SETPKI_E_PARSE, "1.2.3.4"},
};

static void
attributes_are_read(void **state)
{
	const struct attributes *a = *state;
	struct setpki_error err = {0};
	struct sp_buf der = {0}, info = {0};
	struct sp_der d, seq;
	struct sp_csr csr;
	struct sp_tlv t;
	size_t whole, list;

	lists_csr(MODERN, &der);
	t_ok(sp_csr_parse(sp_buf_bytes(&der), &csr, &err), &err);
	d = sp_der(csr.info);
	assert_true(sp_der_enter(&d, SP_SEQUENCE, &seq));
	whole = sp_der_open(&info, SP_SEQUENCE);
	while (sp_der_any(&seq, &t) && t.tag != SP_CTXC(0))
		sp_buf_add_bytes(&info, t.whole);
	list = sp_der_open(&info, SP_CTXC(0));
	sp_buf_add_bytes(&info, t_hex(a->hex));
	sp_der_close(&info, list);
	sp_der_close(&info, whole);
	sp_buf_reset(&der);
	certs_sign(MODERN, certs_key(MODERN, CERTS_KEY_SUBJECT), sp_buf_bytes(&info), &der);
	t_code(sp_csr_parse(sp_buf_bytes(&der), &csr, &err), a->rc, &err);
	if (a->where != NULL && strstr(err.object, a->where) == NULL)
		fail_msg("the error is about \"%s\", not \"%s\": %s", err.object, a->where, err.message);
	sp_buf_free(&der);
	sp_buf_free(&info);
	t_hex_free();
}

static void
mutants_agree_with_openssl(void **state)
{
	struct sp_buf der = {0};
	struct sp_csr csr;

	(void)state;
	lists_csr(MODERN, &der);
	for (size_t n = 0; n < der.n; n++)
		assert_int_not_equal(sp_csr_parse(sp_bytes(der.p, n), &csr, NULL), SETPKI_E_OK);
	for (size_t at = 0; at < der.n; at++)
		for (unsigned bit = 0; bit < 8; bit++) {
			const unsigned char *p = der.p;
			X509_REQ *req;

			der.p[at] ^= (uint8_t)(1u << bit);
			if (sp_csr_parse(sp_buf_bytes(&der), &csr, NULL) == SETPKI_E_OK) {
				if ((req = d2i_X509_REQ(NULL, &p, (long)der.n)) == NULL)
					fail_msg("octet %zu: we accept it, OpenSSL does not", at);
				X509_REQ_free(req);
				assert_int_not_equal(sp_csr_verify(certs_ctx(), &csr, NULL), SETPKI_E_OK);
			}
			der.p[at] ^= (uint8_t)(1u << bit);
		}
	ERR_clear_error();
	assert_int_equal(sp_csr_parse(sp_bytes(der.p, SP_CSR_MAX + 1), &csr, NULL), SETPKI_E_LIMIT);
	sp_buf_free(&der);
}

int
main(void)
{
	struct CMUnitTest tests[NELEMS(alterations) + NELEMS(attributes) + 7] = {
	    {"builds_and_reads_classic", builds_and_reads, NULL, NULL, &suites[0]},
	    {"builds_and_reads_modern", builds_and_reads, NULL, NULL, &suites[1]},
	    cmocka_unit_test(only_what_the_kind_has_is_asked_for),
	    cmocka_unit_test(builder_refuses),
	    cmocka_unit_test(reads_requests_of_openssl),
	    cmocka_unit_test(refuses_a_signature_of_no_suite),
	    cmocka_unit_test(mutants_agree_with_openssl),
	};
	size_t n = 7;

	for (size_t i = 0; i < NELEMS(alterations); i++)
		tests[n++] = (struct CMUnitTest){
		    alterations[i].name, reader_refuses, NULL, NULL, (void *)(uintptr_t)&alterations[i]};
	for (size_t i = 0; i < NELEMS(attributes); i++)
		tests[n++] = (struct CMUnitTest){
		    attributes[i].name, attributes_are_read, NULL, NULL, (void *)(uintptr_t)&attributes[i]};
	return _cmocka_run_group_tests("csr", tests, n, certs_start, certs_stop);
}
