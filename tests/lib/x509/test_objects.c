/* Files taken apart: every type is known by its contents, in DER, PEM and bundles; what is refused. */
#include "lib/asn1/message.h"
#include "lib/base/limits.h"
#include "lib/crypto/signed.h"
#include "lib/x509/p7.h"
#include "lib/x509/pem.h"
#include "tests/support/check.h"
#include "tests/support/fill.h"
#include "tests/support/lists.h"

#include <openssl/pkcs12.h>
#include <openssl/x509.h>
#include <setpki/object.h>

#define CLASSIC SETPKI_SUITE_CLASSIC
#define MODERN SETPKI_SUITE_MODERN

/* --- one object of each type
 * -------------------------------------------------------------------------------------------- */

static void
cert(enum setpki_suite suite, struct sp_buf *out)
{
	sp_buf_add_bytes(out, certs_brand(suite)->der);
}

static void
crl(enum setpki_suite suite, struct sp_buf *out)
{
	lists_crl(suite, 2, out);
}

static void
pubkey(enum setpki_suite suite, struct sp_buf *out)
{
	struct setpki_error err = {0};

	t_ok(sp_spki_from_pkey(certs_key(suite, CERTS_KEY_SUBJECT), out, &err), &err);
}

/* The forms of private keys that OpenSSL writes. */
static void
pkcs8(enum setpki_suite suite, struct sp_buf *out)
{
	PKCS8_PRIV_KEY_INFO *p8 = EVP_PKEY2PKCS8(certs_key(suite, CERTS_KEY_SUBJECT));
	unsigned char *der = NULL;
	int n = i2d_PKCS8_PRIV_KEY_INFO(p8, &der);

	assert_true(n > 0);
	sp_buf_add(out, der, (size_t)n);
	OPENSSL_free(der);
	PKCS8_PRIV_KEY_INFO_free(p8);
}

static void
traditional(enum setpki_suite suite, struct sp_buf *out)
{
	unsigned char *der = NULL;
	int n = i2d_PrivateKey(certs_key(suite, CERTS_KEY_SUBJECT), &der);

	assert_true(n > 0);
	sp_buf_add(out, der, (size_t)n);
	OPENSSL_free(der);
}

static void
encrypted(enum setpki_suite suite, struct sp_buf *out)
{
	PKCS8_PRIV_KEY_INFO *p8 = EVP_PKEY2PKCS8(certs_key(suite, CERTS_KEY_SUBJECT));
	X509_SIG *sig = PKCS8_encrypt(-1, EVP_aes_128_cbc(), "pass", 4, NULL, 0, 1, p8);
	unsigned char *der = NULL;
	int n = i2d_X509_SIG(sig, &der);

	assert_true(n > 0);
	sp_buf_add(out, der, (size_t)n);
	OPENSSL_free(der);
	X509_SIG_free(sig);
	PKCS8_PRIV_KEY_INFO_free(p8);
}

/* MessageWrapper, with and without extensions. */
static void
message(enum setpki_suite suite, struct sp_buf *out)
{
	struct t_fill how = {.size = T_FILL_LEAST, .optional = suite == MODERN};
	void *wrapper = t_fill(&sp_type_message_wrapper, &how);
	struct setpki_error err = {0};

	t_ok(sp_type_encode(&sp_type_message_wrapper, wrapper, out, &err), &err);
	sp_type_free(&sp_type_message_wrapper, wrapper);
}

/* SignedData in the form of PKCS#7 1.6, with certificates and CRLs beside, and without. */
static void
signed_data(enum setpki_suite suite, struct sp_buf *out)
{
	const setpki_bytes beside = certs_root(suite)->der;
	size_t n = suite == MODERN ? 1 : 0;
	struct sp_sign_ask ask = {SP_CT_CRL_NOTIFICATION_TBS, beside, false, NULL, 0, &beside, &beside, n, n};
	struct setpki_error err = {0};

	t_ok(sp_sdata_put(certs_ctx(), suite, &ask, out, &err), &err);
}

static const struct row {
	const char *name;
	enum setpki_object_type type;
	enum setpki_suite suite;
	void (*make)(enum setpki_suite suite, struct sp_buf *out);
} rows[] = {
    {"certificate", SETPKI_OBJECT_CERT, MODERN, cert},
    {"crl", SETPKI_OBJECT_CRL, CLASSIC, crl},
    {"bci", SETPKI_OBJECT_BCI, MODERN, lists_bci},
    {"request", SETPKI_OBJECT_CSR, CLASSIC, lists_csr},
    {"public_key_rsa", SETPKI_OBJECT_PUBKEY, CLASSIC, pubkey},
    {"public_key_ec", SETPKI_OBJECT_PUBKEY, MODERN, pubkey},
    {"message", SETPKI_OBJECT_MESSAGE, CLASSIC, message},
    {"message_with_extensions", SETPKI_OBJECT_MESSAGE, MODERN, message},
    {"signed_data", SETPKI_OBJECT_MESSAGE, CLASSIC, signed_data},
    {"signed_data_with_lists", SETPKI_OBJECT_MESSAGE, MODERN, signed_data},
    {"pkcs8_rsa", SETPKI_OBJECT_PRIVKEY, CLASSIC, pkcs8},
    {"pkcs8_ec", SETPKI_OBJECT_PRIVKEY, MODERN, pkcs8},
    {"pkcs8_encrypted", SETPKI_OBJECT_PRIVKEY, MODERN, encrypted},
    {"pkcs1_key", SETPKI_OBJECT_PRIVKEY, CLASSIC, traditional},
    {"ec_key", SETPKI_OBJECT_PRIVKEY, MODERN, traditional},
};

static void
expect_one(setpki_bytes in, enum setpki_object_type type, setpki_bytes der)
{
	struct setpki_objects o;
	struct setpki_error err = {0};

	t_ok(setpki_objects_read(in, &o, &err), &err);
	assert_int_equal(o.n, 1);
	assert_int_equal(o.v[0].type, type);
	t_bytes(o.v[0].der, der);
	setpki_objects_free(&o);
	assert_int_equal(o.n, 0);
}

/* DER; PEM under its label; PEM under a label of nobody's, between lines of text, with CRLF. */
static void
is_known_by_its_contents(void **state)
{
	const struct row *r = *state;
	struct sp_buf der = {0}, pem = {0}, odd = {0};
	bool secret = r->type == SETPKI_OBJECT_PRIVKEY;

	r->make(r->suite, &der);
	expect_one(sp_buf_bytes(&der), r->type, sp_buf_bytes(&der));
	sp_pem_put(&pem, setpki_object_label(r->type), sp_buf_bytes(&der));
	expect_one(sp_buf_bytes(&pem), r->type, secret ? sp_bytes(NULL, 0) : sp_buf_bytes(&der));
	sp_buf_add_str(&odd, "0 a certificate, or so\r\n");
	sp_buf_reset(&pem);
	sp_pem_put(&pem, "SOMETHING", sp_buf_bytes(&der));
	for (size_t i = 0; i < pem.n; i++) {
		if (pem.p[i] == '\n')
			sp_buf_add_byte(&odd, '\r');
		sp_buf_add_byte(&odd, pem.p[i]);
	}
	expect_one(sp_buf_bytes(&odd), r->type, secret ? sp_bytes(NULL, 0) : sp_buf_bytes(&der));
	sp_buf_free(&der);
	sp_buf_free(&pem);
	sp_buf_free(&odd);
}

/* Cut short, or with an octet after it, nothing is taken. */
static void
is_refused_when_it_is_not_whole(void **state)
{
	const struct row *r = *state;
	struct setpki_objects o;
	struct sp_buf der = {0};

	r->make(r->suite, &der);
	for (size_t n = 0; n < der.n; n += n < 16 ? 1 : 13)
		assert_int_equal(setpki_objects_read(sp_bytes(der.p, n), &o, NULL), SETPKI_E_PARSE);
	sp_buf_add_byte(&der, 0);
	assert_int_equal(setpki_objects_read(sp_buf_bytes(&der), &o, NULL), SETPKI_E_PARSE);
	assert_null(o.v);
	sp_buf_free(&der);
}

/* --- several in one file
 * ------------------------------------------------------------------------------------------------ */

static void
bundles_give_their_members(void **state)
{
	const setpki_bytes certs[2] = {certs_root(MODERN)->der, certs_brand(MODERN)->der};
	struct sp_buf list = {0}, bci = {0}, p7 = {0}, pem = {0};
	struct setpki_objects o;
	struct setpki_error err = {0};
	setpki_bytes crls[1];

	(void)state;
	lists_crl(MODERN, 1, &list);
	lists_bci(MODERN, &bci);
	crls[0] = sp_buf_bytes(&list);
	t_ok(sp_p7_build(certs, 2, crls, 1, sp_buf_bytes(&bci), CERTS_NOW, &p7, &err), &err);
	sp_pem_put(&pem, "PKCS7", sp_buf_bytes(&p7));
	sp_pem_put(&pem, "CERTIFICATE", certs[0]);
	for (int as_pem = 0; as_pem < 2; as_pem++) {
		t_ok(setpki_objects_read(sp_buf_bytes(as_pem ? &pem : &p7), &o, &err), &err);
		assert_int_equal(o.n, as_pem ? 5 : 4);
		assert_int_equal(o.v[0].type, SETPKI_OBJECT_CERT);
		assert_int_equal(o.v[1].type, SETPKI_OBJECT_CERT);
		assert_int_equal(o.v[2].type, SETPKI_OBJECT_CRL);
		t_bytes(o.v[2].der, crls[0]);
		assert_int_equal(o.v[3].type, SETPKI_OBJECT_BCI);
		t_bytes(o.v[3].der, sp_buf_bytes(&bci));
		setpki_objects_free(&o);
	}
	sp_buf_free(&list);
	sp_buf_free(&bci);
	sp_buf_free(&p7);
	sp_buf_free(&pem);
}

static void
a_bundle_of_wrong_members_is_refused(void **state)
{
	struct sp_buf list = {0}, p7 = {0};
	struct setpki_objects o;
	struct setpki_error err = {0};
	setpki_bytes crls[1];

	(void)state;
	t_ok(sp_p7_build(NULL, 0, NULL, 0, sp_bytes(NULL, 0), 0, &p7, &err), &err);
	t_code(setpki_objects_read(sp_buf_bytes(&p7), &o, &err), SETPKI_E_PARSE, &err);
	sp_buf_reset(&p7);
	setpki_error_clear(&err);
	lists_crl(MODERN, 1, &list);
	crls[0] = sp_buf_bytes(&list);
	t_ok(sp_p7_build(crls, 1, NULL, 0, sp_bytes(NULL, 0), 0, &p7, &err), &err); /* a CRL among certificates */
	t_code(setpki_objects_read(sp_buf_bytes(&p7), &o, &err), SETPKI_E_PARSE, &err);
	sp_buf_free(&list);
	sp_buf_free(&p7);
}

/* --- PEM
 * ---------------------------------------------------------------------------------------------------------------- */

/* "MAMCAQA=" is SEQUENCE { INTEGER 0 }: DER, but none of ours, so that good base64 comes as far as that complaint. */
#define NONE_OF_OURS "no certificate"
static const struct pem {
	const char *name, *text, *says;
} pems[] = {
    {"good_base64", "-----BEGIN X-----\nMAMCAQA=\n-----END X-----\n", NONE_OF_OURS},
    {"last_line_without_end", "-----BEGIN X-----\nMAMCAQA=\n-----END X-----", NONE_OF_OURS},
    {"lines_of_four", "-----BEGIN X-----\nMAMC\nAQA=\n-----END X-----\n", NONE_OF_OURS},
    {"nothing_at_all", "", "empty"},
    {"plain_text", "hello\n", "BEGIN"},
    {"no_end", "-----BEGIN X-----\nMAMCAQA=\n", "no END"},
    {"begin_inside", "-----BEGIN X-----\n-----BEGIN X-----\nMAMCAQA=\n-----END X-----\n", "no END"},
    {"ends_as_another", "-----BEGIN X-----\nMAMCAQA=\n-----END Y-----\n", "ends as Y"},
    {"empty_block", "-----BEGIN X-----\n-----END X-----\n", "is empty"},
    {"empty_line_inside", "-----BEGIN X-----\n\nMAMCAQA=\n-----END X-----\n", "line 2"},
    {"a_blank", "-----BEGIN X-----\nMAMC AQA=\n-----END X-----\n", "line 2"},
    {"a_blank_at_the_end", "-----BEGIN X-----\nMAMCAQA= \n-----END X-----\n", "line 2"},
    {"a_strange_character", "-----BEGIN X-----\nMAMCAQ-=\n-----END X-----\n", "line 2"},
    {"no_padding", "-----BEGIN X-----\nMAMCAQA\n-----END X-----\n", "line 2"},
    {"stray_bits", "-----BEGIN X-----\nMAMCAQB=\n-----END X-----\n", "line 2"},
    {"stray_bits_before_two_signs", "-----BEGIN X-----\nMAMCAR==\n-----END X-----\n", "line 2"},
    {"padding_in_the_middle", "-----BEGIN X-----\nMA==\nAQA=\n-----END X-----\n", "line 3"},
    {"one_sign_before_a_letter", "-----BEGIN X-----\nMAMCAQ=A\n-----END X-----\n", "line 2"},
    {"a_longer_line", "-----BEGIN X-----\nMAMC\nAQAAAQA=\n-----END X-----\n", "line 3"},
    {"a_short_line_then_more", "-----BEGIN X-----\nMAMCAQAA\nAQAA\nAQAA\n-----END X-----\n", "line 4"},
    {"a_line_of_80",
	"-----BEGIN X-----\nMAMCAQAAMAMCAQAAMAMCAQAAMAMCAQAAMAMCAQAAMAMCAQAAMAMCAQAAMAMCAQAAMAMCAQAAMAMCAQAA\n"
	"-----END X-----\n",
	"line 2"},
    {"label_against_contents", "-----BEGIN CERTIFICATE-----\nMAMCAQA=\n-----END CERTIFICATE-----\n", "CERTIFICATE"},
    {"only_ec_parameters", "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n", "BEGIN"},
};

static void
pem_is_read_strictly(void **state)
{
	const struct pem *p = *state;
	struct setpki_objects o;
	struct setpki_error err = {0};

	t_code(setpki_objects_read(sp_bytes_str(p->text), &o, &err), SETPKI_E_PARSE, &err);
	if (strstr(err.message, p->says) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", err.message, p->says);
}

static void
writes_what_it_reads(void **state)
{
	static const char want[] = "-----BEGIN X-----\n"
				   "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\nAAA=\n"
				   "-----END X-----\n";
	const uint8_t zeros[50] = {0};
	struct sp_buf out = {0};
	struct setpki_error err = {0};
	struct sp_pem p;
	struct sp_pem_block b;
	uint8_t der[100];
	size_t n;

	(void)state;
	sp_pem_put(&out, "X", SP_BYTES(zeros));
	t_bytes(sp_buf_bytes(&out), sp_bytes_str(want));
	p = (struct sp_pem){sp_buf_bytes(&out), 0};
	t_ok(sp_pem_next(&p, &b, &err), &err);
	assert_string_equal(b.label, "X");
	assert_int_equal(b.line, 1);
	t_ok(sp_pem_decode(&b, der, &n, &err), &err);
	t_bytes(sp_bytes(der, n), SP_BYTES(zeros));
	t_code(sp_pem_next(&p, &b, &err), SETPKI_E_NOTFOUND, &err);
	sp_buf_free(&out);
}

static void
an_old_encrypted_key_is_recognised(void **state)
{
	static const char pem[] = "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n"
				  "-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n"
				  "AAAA\n-----END EC PRIVATE KEY-----\n";

	(void)state;
	expect_one(sp_bytes_str(pem), SETPKI_OBJECT_PRIVKEY, sp_bytes(NULL, 0));
}

static void
a_mislabelled_private_key_is_refused(void **state)
{
	struct sp_buf der = {0}, pem = {0};
	struct setpki_objects o;
	struct setpki_error err = {0};

	(void)state;
	pkcs8(MODERN, &der);
	sp_pem_put(&pem, "PUBLIC KEY", sp_buf_bytes(&der));
	t_code(setpki_objects_read(sp_buf_bytes(&pem), &o, &err), SETPKI_E_PARSE, &err);
	sp_buf_free(&der);
	sp_buf_free(&pem);
}

static void
sizes_and_numbers_have_limits(void **state)
{
	static const char pem[] = "-----BEGIN CERTIFICATE-----\nMAMCAQA=\n-----END CERTIFICATE-----\n";
	struct setpki_error err = {0};
	struct setpki_objects o;
	struct sp_buf many = {0};

	(void)state;
	t_code(setpki_objects_read(sp_bytes((const uint8_t *)pem, SP_FILE_MAX + 1u), &o, &err), SETPKI_E_LIMIT, &err);
	setpki_error_clear(&err);
	t_code(setpki_objects_read(sp_bytes(NULL, 0), &o, &err), SETPKI_E_PARSE, &err);
	setpki_error_clear(&err);
	for (unsigned i = 0; i <= SP_P7_OBJECTS_MAX; i++)
		sp_pem_put(&many, "CERTIFICATE", certs_root(MODERN)->der);
	t_code(setpki_objects_read(sp_buf_bytes(&many), &o, &err), SETPKI_E_LIMIT, &err);
	assert_int_equal(o.n, 0);
	sp_buf_free(&many);
}

/* One line for people; what cannot be read has its type alone. */
static void
objects_have_a_line_of_text(void **state)
{
	struct sp_buf csr = {0};
	struct setpki_object told[] = {
	    {SETPKI_OBJECT_CSR, {NULL, 0}},
	    {SETPKI_OBJECT_CSR, certs_root(MODERN)->der},
	    {SETPKI_OBJECT_CRL, certs_root(MODERN)->der},
	    {SETPKI_OBJECT_BCI, certs_root(MODERN)->der},
	    {SETPKI_OBJECT_CERT, t_hex("3000")},
	    {SETPKI_OBJECT_MESSAGE, t_hex("3000")},
	};
	char text[256];

	(void)state;
	lists_csr(MODERN, &csr);
	told[0].der = sp_buf_bytes(&csr);
	for (size_t i = 0; i < NELEMS(told); i++)
		assert_string_equal(setpki_object_text(certs_ctx(), &told[i], text, sizeof(text)),
		    i == 0 ? "request of C=US, O=Testcard, CN=Test Brand G1" : setpki_object_name(told[i].type));
	sp_buf_free(&csr);
	t_hex_free();
}

static void
types_have_names_and_labels(void **state)
{
	(void)state;
	for (int t = SETPKI_OBJECT_UNKNOWN; t <= SETPKI_OBJECT_PRIVKEY; t++) {
		assert_true(setpki_object_name((enum setpki_object_type)t)[0] != '\0');
		assert_int_equal(setpki_object_label((enum setpki_object_type)t) != NULL, t != SETPKI_OBJECT_UNKNOWN);
	}
}

int
main(void)
{
	struct CMUnitTest tests[2 * NELEMS(rows) + NELEMS(pems) + 8] = {
	    cmocka_unit_test(bundles_give_their_members),
	    cmocka_unit_test(a_bundle_of_wrong_members_is_refused),
	    cmocka_unit_test(writes_what_it_reads),
	    cmocka_unit_test(an_old_encrypted_key_is_recognised),
	    cmocka_unit_test(a_mislabelled_private_key_is_refused),
	    cmocka_unit_test(types_have_names_and_labels),
	    cmocka_unit_test(sizes_and_numbers_have_limits),
	    cmocka_unit_test(objects_have_a_line_of_text),
	};
	char names[NELEMS(rows)][64];
	size_t n = 8;

	for (size_t i = 0; i < NELEMS(rows); i++) {
		void *row = (void *)(uintptr_t)&rows[i];

		snprintf(names[i], sizeof(names[i]), "%s_not_whole", rows[i].name);
		tests[n++] = (struct CMUnitTest){rows[i].name, is_known_by_its_contents, NULL, NULL, row};
		tests[n++] = (struct CMUnitTest){names[i], is_refused_when_it_is_not_whole, NULL, NULL, row};
	}
	for (size_t i = 0; i < NELEMS(pems); i++)
		tests[n++] =
		    (struct CMUnitTest){pems[i].name, pem_is_read_strictly, NULL, NULL, (void *)(uintptr_t)&pems[i]};
	return _cmocka_run_group_tests("objects", tests, n, certs_start, certs_stop);
}
