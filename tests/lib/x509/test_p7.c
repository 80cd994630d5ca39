/* PKCS#7 bundles: built in SET OF order, read back, read by OpenSSL; what the reader refuses. */
#include "lib/x509/p7.h"

#include "lib/base/limits.h"
#include "lib/der/walk.h"
#include "lib/der/writer.h"
#include "tests/support/check.h"
#include "tests/support/lists.h"

#include <openssl/pkcs7.h>
#include <openssl/x509.h>

#define MODERN SETPKI_SUITE_MODERN

struct bundle {
	struct sp_buf crl, bci, der;
	setpki_bytes certs[3], crls[1];
};

static void
make(struct bundle *b, bool with_bci)
{
	struct setpki_error err = {0};

	memset(b, 0, sizeof(*b));
	lists_crl(MODERN, 2, &b->crl);
	lists_bci(MODERN, &b->bci);
	b->certs[0] = certs_root(MODERN)->der;
	b->certs[1] = certs_brand(MODERN)->der;
	b->certs[2] = certs_root(MODERN)->der; /* the same again: carried once */
	b->crls[0] = sp_buf_bytes(&b->crl);
	t_ok(sp_p7_build(b->certs, 3, b->crls, 1, with_bci ? sp_buf_bytes(&b->bci) : sp_bytes(NULL, 0), CERTS_NOW,
		 &b->der, &err),
	    &err);
}

static void
drop(struct bundle *b)
{
	sp_buf_free(&b->crl);
	sp_buf_free(&b->bci);
	sp_buf_free(&b->der);
}

static bool
carries(const struct sp_p7 *p7, setpki_bytes cert)
{
	for (size_t i = 0; i < p7->ncerts; i++)
		if (sp_bytes_eq(p7->certs[i], cert))
			return true;
	return false;
}

static void
check_openssl(const struct bundle *b)
{
	const unsigned char *p = b->der.p;
	unsigned char *again = NULL;
	PKCS7 *p7 = d2i_PKCS7(NULL, &p, (long)b->der.n);

	assert_non_null(p7);
	assert_true(PKCS7_type_is_signed(p7));
	assert_int_equal(sk_X509_num(p7->d.sign->cert), 2);
	assert_int_equal(sk_X509_CRL_num(p7->d.sign->crl), 1);
	assert_int_equal(i2d_PKCS7(p7, &again), (int)b->der.n);
	assert_memory_equal(again, b->der.p, b->der.n);
	OPENSSL_free(again);
	PKCS7_free(p7);
}

static void
check(bool with_bci)
{
	struct setpki_error err = {0};
	struct bundle b;
	struct sp_p7 p7;
	setpki_bytes bci;

	make(&b, with_bci);
	t_ok(sp_der_walk(sp_buf_bytes(&b.der), &err), &err); /* sorted too */
	t_ok(sp_p7_parse(sp_buf_bytes(&b.der), &p7, &err), &err);
	assert_int_equal(p7.ncerts, 2);
	assert_true(carries(&p7, b.certs[0]) && carries(&p7, b.certs[1]));
	assert_int_equal(p7.ncrls, 1);
	t_bytes(p7.crls[0], b.crls[0]);
	t_ok(sp_p7_bci(&p7, &bci, &err), &err);
	t_bytes(bci, with_bci ? sp_buf_bytes(&b.bci) : sp_bytes(NULL, 0));
	check_openssl(&b);
	sp_p7_free(&p7);
	sp_p7_free(&p7);
	sp_p7_free(NULL);
	drop(&b);
}

static void
degenerate_bundle(void **state)
{
	(void)state;
	check(false);
}

static void
published_set(void **state)
{
	(void)state;
	check(true);
}

static void
empty_bundle_and_bundle_of_too_many(void **state)
{
	static setpki_bytes many[SP_P7_OBJECTS_MAX + 1];
	struct setpki_error err = {0};
	struct sp_buf der = {0};
	struct sp_p7 p7;

	(void)state;
	t_ok(sp_p7_build(NULL, 0, NULL, 0, sp_bytes(NULL, 0), 0, &der, &err), &err);
	t_ok(sp_p7_parse(sp_buf_bytes(&der), &p7, &err), &err);
	assert_int_equal(p7.ncerts + p7.ncrls, 0);
	sp_p7_free(&p7);
	sp_buf_reset(&der);
	for (size_t i = 0; i < NELEMS(many); i++)
		many[i] = certs_root(MODERN)->der;
	t_code(sp_p7_build(many, NELEMS(many), NULL, 0, sp_bytes(NULL, 0), 0, &der, &err), SETPKI_E_LIMIT, &err);
	sp_buf_free(&der);
}

static const struct alteration {
	const char *name, *from, *to, *where;
} alterations[] = {
    {"envelopedData", "06092a864886f70d010702", "06092a864886f70d010703", "contentType"},
    {"version_3", "020101310030", "020103310030", "version"},
    {"digestAlgorithms_a_SEQUENCE", "020101310030", "020101300030", "digestAlgorithms"},
    {"content_type_no_OID", "0604672a0052", "0404672a0052", "contentInfo"},
    {"date_in_month_00", "180f32303237303130313030303030305a308201", "180f32303237303030313030303030305a308201",
	"BCIDistributionTBS"},
};

static void
reader_refuses(void **state)
{
	const struct alteration *a = *state;
	struct setpki_error err = {0};
	struct bundle b;
	struct sp_p7 p7;
	setpki_bytes bci;
	enum setpki_code rc;

	make(&b, true);
	lists_patch(&b.der, t_hex(a->from), t_hex(a->to));
	if ((rc = sp_p7_parse(sp_buf_bytes(&b.der), &p7, &err)) == SETPKI_E_OK)
		rc = sp_p7_bci(&p7, &bci, &err);
	t_code(rc, SETPKI_E_PARSE, &err);
	if (strstr(err.object, a->where) == NULL)
		fail_msg("the error is about \"%s\", not \"%s\": %s", err.object, a->where, err.message);
	sp_p7_free(&p7);
	drop(&b);
	t_hex_free();
}

/* The smallest bundle, with one element of its SignedData in another form. */
static const struct contents {
	const char *name, *hex, *where; /* where NULL: it is read */
} contents[] = {
    {"nothing_in_it", "020101 3100 300b06092a864886f70d010701 3100", NULL},
    {"empty_sets", "020101 3100 300b06092a864886f70d010701 a000 a100 3100", NULL},
    {"a_NULL_among_certificates", "020101 3100 300b06092a864886f70d010701 a0020500 3100", "certificates"},
    {"a_NULL_among_crls", "020101 3100 300b06092a864886f70d010701 a104 3000 0500 3100", "crls"},
    {"crls_before_certificates", "020101 3100 300b06092a864886f70d010701 a1023000 a0023000 3100", "signerInfos"},
    {"signerInfos_a_SEQUENCE", "020101 3100 300b06092a864886f70d010701 3000", "signerInfos"},
    {"no_signerInfos", "020101 3100 300b06092a864886f70d010701", "signerInfos"},
    {"something_after_signerInfos", "020101 3100 300b06092a864886f70d010701 3100 0500", "signerInfos"},
    {"content_of_nothing", "020101 3100 300d06092a864886f70d010701a000 3100", "contentInfo"},
    {"content_of_two", "020101 3100 301106092a864886f70d010701a00405000500 3100", "contentInfo"},
    {"something_after_the_content", "020101 3100 301106092a864886f70d010701a00205000500 3100", "contentInfo"},
    {"no_contentInfo", "020101 3100 3100", "contentInfo"},
};

static void
contents_are_read(void **state)
{
	static const char signed_data[] = "06092a864886f70d010702";
	const struct contents *c = *state;
	struct setpki_error err = {0};
	struct sp_buf der = {0};
	struct sp_p7 p7;
	size_t info = sp_der_open(&der, SP_SEQUENCE), wrap, seq;

	sp_buf_add_bytes(&der, t_hex(signed_data));
	wrap = sp_der_open(&der, SP_CTXC(0));
	seq = sp_der_open(&der, SP_SEQUENCE);
	sp_buf_add_bytes(&der, t_hex(c->hex));
	sp_der_close(&der, seq);
	sp_der_close(&der, wrap);
	sp_der_close(&der, info);
	t_code(sp_p7_parse(sp_buf_bytes(&der), &p7, &err), c->where == NULL ? SETPKI_E_OK : SETPKI_E_PARSE, &err);
	if (c->where != NULL && strstr(err.object, c->where) == NULL)
		fail_msg("the error is about \"%s\", not \"%s\": %s", err.object, c->where, err.message);
	assert_int_equal(p7.ncerts + p7.ncrls, 0);
	sp_p7_free(&p7);
	sp_buf_free(&der);
	t_hex_free();
}

static void
refuses_every_truncation(void **state)
{
	struct bundle b;
	struct sp_p7 p7;

	(void)state;
	make(&b, true);
	for (size_t n = 0; n < b.der.n; n++)
		assert_int_equal(sp_p7_parse(sp_bytes(b.der.p, n), &p7, NULL), SETPKI_E_PARSE);
	sp_buf_add_byte(&b.der, 0);
	assert_int_equal(sp_p7_parse(sp_buf_bytes(&b.der), &p7, NULL), SETPKI_E_PARSE);
	assert_int_equal(sp_p7_parse(sp_bytes(b.der.p, SP_FILE_MAX + 1), &p7, NULL), SETPKI_E_LIMIT);
	drop(&b);
}

int
main(void)
{
	struct CMUnitTest tests[NELEMS(alterations) + NELEMS(contents) + 4] = {
	    cmocka_unit_test(degenerate_bundle),
	    cmocka_unit_test(published_set),
	    cmocka_unit_test(empty_bundle_and_bundle_of_too_many),
	    cmocka_unit_test(refuses_every_truncation),
	};
	size_t n = 4;

	for (size_t i = 0; i < NELEMS(alterations); i++)
		tests[n++] = (struct CMUnitTest){
		    alterations[i].name, reader_refuses, NULL, NULL, (void *)(uintptr_t)&alterations[i]};
	for (size_t i = 0; i < NELEMS(contents); i++)
		tests[n++] = (struct CMUnitTest){
		    contents[i].name, contents_are_read, NULL, NULL, (void *)(uintptr_t)&contents[i]};
	return _cmocka_run_group_tests("p7", tests, n, certs_start, certs_stop);
}
