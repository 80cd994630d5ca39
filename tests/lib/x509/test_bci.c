/* BCIs: built, read, verified; what builder and reader refuse. */
#include "lib/x509/bci.h"

#include "lib/base/limits.h"
#include "lib/crypto/sign.h"
#include "lib/der/walk.h"
#include "lib/der/writer.h"
#include "tests/support/check.h"
#include "tests/support/lists.h"

#include <stdlib.h>

#define CLASSIC SETPKI_SUITE_CLASSIC
#define MODERN SETPKI_SUITE_MODERN

static enum setpki_suite suites[] = {CLASSIC, MODERN};

static void
builds_and_reads(void **state)
{
	const enum setpki_suite suite = *(const enum setpki_suite *)*state;
	const struct sp_cert *brand = certs_brand(suite);
	struct setpki_error err = {0};
	struct sp_buf der = {0}, name = {0};
	struct sp_bci bci;

	lists_bci(suite, &der);
	t_ok(sp_der_walk(sp_buf_bytes(&der), &err), &err);
	t_ok(sp_bci_parse(sp_buf_bytes(&der), &bci, &err), &err);
	assert_int_equal(bci.suite, suite);
	assert_int_equal(bci.sequence, 3);
	assert_int_equal(bci.not_before, CERTS_NOW);
	assert_int_equal(bci.not_after, CERTS_NOW + CERTS_DAY - 1);
	assert_int_equal(bci.n, 2);
	assert_true(sp_bytes_eq(bci.entries[0].issuer, certs_root(suite)->subject));
	assert_int_equal(bci.entries[0].number, 5);
	assert_true(sp_bytes_eq(bci.entries[1].issuer, brand->subject));
	assert_int_equal(bci.entries[1].number, 7);
	assert_true(sp_bytes_eq(bci.aki_issuer, brand->issuer));
	assert_true(sp_bytes_eq(bci.aki_serial, brand->serial));
	assert_int_equal(bci.aki_keyid.n, suite == MODERN ? 20 : 0);
	assert_int_equal(bci.critical | bci.unknown | bci.unknown_critical.n, 0);
	sp_bci_brand(&bci, &name);
	t_bytes(sp_buf_bytes(&name), sp_bytes_str("Testcard"));
	t_ok(sp_bci_verify(certs_ctx(), &bci, certs_key(suite, CERTS_KEY_CA), &err), &err);
	t_code(sp_bci_verify(certs_ctx(), &bci, certs_key(suite, CERTS_KEY_SUBJECT), &err), SETPKI_E_SIGNATURE, &err);
	sp_bci_free(&bci);
	sp_bci_free(&bci);
	sp_bci_free(NULL);
	sp_buf_free(&name);
	sp_buf_free(&der);
}

/* The octets of section 2, written out once: version 0, sequence 3, VisibleString, GeneralizedTimes, [0] and [1]. */
static void
stands_as_the_specification_says(void **state)
{
	struct setpki_error err = {0};
	struct sp_buf der = {0};
	struct sp_bci bci;
	struct sp_der d;
	setpki_bytes contents, want;

	(void)state;
	lists_bci(CLASSIC, &der);
	t_ok(sp_bci_parse(sp_buf_bytes(&der), &bci, &err), &err);
	d = sp_der(bci.tbs);
	assert_true(sp_der_take(&d, SP_SEQUENCE, &contents));
	want = t_hex("020100 020103 1a085465737463617264 180f32303237303130313030303030305a"
		     "180f32303237303130313233353935395a a0");
	t_bytes(sp_bytes(contents.p, want.n), want);
	sp_bci_free(&bci);
	sp_buf_free(&der);
	t_hex_free();
}

static void
brand_outside_of_ascii_is_a_BMPString(void **state)
{
	struct sp_bci_spec spec = {
	    .suite = MODERN, .signer = certs_brand(MODERN), .sequence = 1, .brand_id = "Caf\xc3\xa9"};
	struct setpki_error err = {0};
	struct sp_buf tbs = {0}, der = {0}, name = {0};
	struct sp_bci bci;

	(void)state;
	t_ok(sp_bci_build(&spec, &tbs, &err), &err);
	lists_resign(MODERN, sp_buf_bytes(&tbs), &der);
	t_ok(sp_bci_parse(sp_buf_bytes(&der), &bci, &err), &err);
	assert_int_equal(bci.brand_id_tag, SP_BMP);
	assert_int_equal(bci.n, 0);
	sp_bci_brand(&bci, &name);
	t_bytes(sp_buf_bytes(&name), sp_bytes_str("Caf\xc3\xa9"));
	sp_bci_free(&bci);
	sp_buf_free(&tbs);
	sp_buf_free(&der);
	sp_buf_free(&name);
}

/* --- what the builder refuses
 * ------------------------------------------------------------------------------------------ */

static const struct refusal {
	const char *name;
	uint64_t sequence, number;
	int64_t lasts;
	const char *brand;
	bool end_entity;
	enum setpki_code want;
} refusals[] = {
    {"refuses_sequence_0", 0, 1, 1, "Testcard", false, SETPKI_E_ARGUMENT},
    {"refuses_sequence_over_63_bits", UINT64_MAX, 1, 1, "Testcard", false, SETPKI_E_ARGUMENT},
    {"refuses_crl_number_over_63_bits", 1, UINT64_MAX, 1, "Testcard", false, SETPKI_E_ARGUMENT},
    {"refuses_notAfter_before_notBefore", 1, 1, -1, "Testcard", false, SETPKI_E_ARGUMENT},
    {"refuses_an_empty_brand", 1, 1, 1, "", false, SETPKI_E_ARGUMENT},
    {"refuses_a_brand_of_41", 1, 1, 1, "12345678901234567890123456789012345678901", false, SETPKI_E_ARGUMENT},
    {"refuses_a_signer_without_cRLSign", 1, 1, 1, "Testcard", true, SETPKI_E_RULE},
};

static void
builder_refuses(void **state)
{
	const struct refusal *r = *state;
	const struct sp_bci_entry entry = {certs_root(MODERN)->subject, r->number};
	struct sp_cert signer = *certs_brand(MODERN);
	struct sp_bci_spec spec = {.suite = MODERN,
	    .signer = &signer,
	    .sequence = r->sequence,
	    .brand_id = r->brand,
	    .not_before = CERTS_NOW,
	    .not_after = CERTS_NOW + r->lasts,
	    .entries = &entry,
	    .n = 1};
	struct setpki_error err = {0};
	struct sp_buf tbs = {0};

	if (r->end_entity)
		signer.key_usage = SETPKI_KU_DIGITAL_SIGNATURE;
	t_code(sp_bci_build(&spec, &tbs, &err), r->want, &err);
	assert_int_equal(tbs.n, 0);
}

/* --- what the reader refuses
 * ------------------------------------------------------------------------------------------- */

static const struct alteration {
	const char *name, *from, *to, *where;
} alterations[] = {
    {"version_1", "0201000201031a08", "0201010201031a08", "version"},
    {"sequence_negative", "0201000201031a08", "0201000201831a08", "sequenceNum"},
    {"brand_a_UTF8String", "0201031a08", "0201030c08", "brandID"},
    {"brand_with_a_control_character", "1a085465737463617264", "1a085465737463617207", ""},
    {"notBefore_a_UTCTime", "180f32303237303130313030303030305a", "170f32303237303130313030303030305a", ""},
    {"notBefore_on_the_32nd", "180f32303237303130313030303030305a", "180f32303237303133323030303030305a", ""},
    {"entry_number_negative", "20526f6f74204731020105", "20526f6f74204731020185", "crlNumber"},
    {"entry_number_an_OCTET_STRING", "20526f6f74204731020105", "20526f6f74204731040105", "crlNumber"},
    {"aki_is_no_sequence", "0603551d2304683066", "0603551d2304680466", "authorityKeyIdentifier"},
};

static void
reader_refuses(void **state)
{
	const struct alteration *a = *state;
	struct setpki_error err = {0};
	struct sp_buf der = {0};
	struct sp_bci bci;

	lists_bci(MODERN, &der);
	lists_patch(&der, t_hex(a->from), t_hex(a->to));
	t_code(sp_bci_parse(sp_buf_bytes(&der), &bci, &err), SETPKI_E_PARSE, &err);
	if (strstr(err.object, a->where) == NULL)
		fail_msg("the error is about \"%s\", not \"%s\": %s", err.object, a->where, err.message);
	assert_null(bci.entries);
	sp_buf_free(&der);
	t_hex_free();
}

/* A BCI without entries, given a crlIdentifierSeq of `n` empty ones. */
static void
with_entries(size_t n, struct sp_buf *out)
{
	struct sp_bci_spec spec = {
	    .suite = MODERN, .signer = certs_brand(MODERN), .sequence = 1, .brand_id = "Testcard"};
	struct sp_buf tbs = {0}, more = {0};
	struct setpki_error err = {0};
	struct sp_der d, seq;
	struct sp_tlv t;
	size_t whole, list;

	t_ok(sp_bci_build(&spec, &tbs, &err), &err);
	d = sp_der(sp_buf_bytes(&tbs));
	assert_true(sp_der_enter(&d, SP_SEQUENCE, &seq));
	whole = sp_der_open(&more, SP_SEQUENCE);
	while (sp_der_any(&seq, &t)) {
		if (t.tag == SP_CTXC(1)) { /* bCRLExtensions */
			list = sp_der_open(&more, SP_CTXC(0));
			for (size_t i = 0; i < n; i++)
				sp_der_close(&more, sp_der_open(&more, SP_SEQUENCE));
			sp_der_close(&more, list);
		}
		sp_buf_add_bytes(&more, t.whole);
	}
	sp_der_close(&more, whole);
	lists_resign(MODERN, sp_buf_bytes(&more), out);
	sp_buf_free(&tbs);
	sp_buf_free(&more);
}

static void
lists_of_none_and_of_too_many(void **state)
{
	static const struct {
		size_t n;
		enum setpki_code rc;
		const char *where;
	} lists[] = {{0, SETPKI_E_PARSE, "crlIdentifierSeq"}, {1, SETPKI_E_PARSE, "issuerName"},
	    {SP_BCI_ENTRIES_MAX + 1, SETPKI_E_LIMIT, ""}};

	(void)state;
	for (size_t i = 0; i < NELEMS(lists); i++) {
		struct setpki_error err = {0};
		struct sp_buf der = {0};
		struct sp_bci bci;

		with_entries(lists[i].n, &der);
		t_code(sp_bci_parse(sp_buf_bytes(&der), &bci, &err), lists[i].rc, &err);
		assert_non_null(strstr(err.object, lists[i].where));
		sp_buf_free(&der);
	}
}

/* A key of another kind than the signature's algorithm has. */
static void
a_key_that_does_not_fit_verifies_nothing(void **state)
{
	struct setpki_error err = {0};
	struct sp_buf der = {0};
	struct sp_bci bci;

	(void)state;
	for (size_t i = 0; i < NELEMS(suites); i++) {
		lists_bci(suites[i], &der);
		t_ok(sp_bci_parse(sp_buf_bytes(&der), &bci, &err), &err);
		t_code(sp_bci_verify(certs_ctx(), &bci, certs_key(suites[1 - i], CERTS_KEY_CA), &err),
		    SETPKI_E_SIGNATURE, &err);
		assert_non_null(strstr(err.message, "does not fit"));
		setpki_error_clear(&err);
		sp_bci_free(&bci);
		sp_buf_reset(&der);
	}
	sp_buf_free(&der);
}

static void
refuses_every_truncation(void **state)
{
	struct sp_buf der = {0};
	struct sp_bci bci;

	(void)state;
	lists_bci(MODERN, &der);
	for (size_t n = 0; n < der.n; n++)
		assert_int_equal(sp_bci_parse(sp_bytes(der.p, n), &bci, NULL), SETPKI_E_PARSE);
	sp_buf_add_byte(&der, 0);
	assert_int_equal(sp_bci_parse(sp_buf_bytes(&der), &bci, NULL), SETPKI_E_PARSE);
	assert_int_equal(sp_bci_parse(sp_bytes(der.p, SP_BCI_MAX + 1), &bci, NULL), SETPKI_E_LIMIT);
	sp_buf_free(&der);
}

/* What a mutant is read as is what its octets say: built again from it, they are the same. */
static void
mutants_never_verify(void **state)
{
	struct sp_buf der = {0};
	struct sp_bci bci;

	(void)state;
	lists_bci(MODERN, &der);
	for (size_t at = 0; at < der.n; at++) {
		der.p[at] ^= 0x04;
		if (sp_bci_parse(sp_buf_bytes(&der), &bci, NULL) == SETPKI_E_OK) {
			assert_int_not_equal(
			    sp_bci_verify(certs_ctx(), &bci, certs_key(MODERN, CERTS_KEY_CA), NULL), SETPKI_E_OK);
			sp_bci_free(&bci);
		}
		der.p[at] ^= 0x04;
	}
	sp_buf_free(&der);
}

int
main(void)
{
	struct CMUnitTest tests[NELEMS(refusals) + NELEMS(alterations) + 8] = {
	    {"builds_and_reads_classic", builds_and_reads, NULL, NULL, &suites[0]},
	    {"builds_and_reads_modern", builds_and_reads, NULL, NULL, &suites[1]},
	    cmocka_unit_test(stands_as_the_specification_says),
	    cmocka_unit_test(brand_outside_of_ascii_is_a_BMPString),
	    cmocka_unit_test(refuses_every_truncation),
	    cmocka_unit_test(mutants_never_verify),
	    cmocka_unit_test(lists_of_none_and_of_too_many),
	    cmocka_unit_test(a_key_that_does_not_fit_verifies_nothing),
	};
	size_t n = 8;

	for (size_t i = 0; i < NELEMS(refusals); i++)
		tests[n++] =
		    (struct CMUnitTest){refusals[i].name, builder_refuses, NULL, NULL, (void *)(uintptr_t)&refusals[i]};
	for (size_t i = 0; i < NELEMS(alterations); i++)
		tests[n++] = (struct CMUnitTest){
		    alterations[i].name, reader_refuses, NULL, NULL, (void *)(uintptr_t)&alterations[i]};
	return _cmocka_run_group_tests("bci", tests, n, certs_start, certs_stop);
}
