/* CRLs: built as a stream, read in one pass, looked up; refusals by name; mutants against OpenSSL's reader. */
#include "lib/x509/crl.h"

#include "lib/base/limits.h"
#include "lib/crypto/sign.h"
#include "lib/der/walk.h"
#include "lib/der/writer.h"
#include "tests/support/check.h"
#include "tests/support/lists.h"

#include <openssl/err.h>
#include <openssl/x509.h>
#include <stdio.h>

#define CLASSIC SETPKI_SUITE_CLASSIC
#define MODERN SETPKI_SUITE_MODERN

/* --- built, then read ----------------------------------------------------------------------------------------------
 */

static const struct size {
	const char *name;
	enum setpki_suite suite;
	size_t n;
} sizes[] = {
    {"empty_modern", MODERN, 0},
    {"empty_classic", CLASSIC, 0},
    {"one_entry", MODERN, 1},
    {"a_few_modern", MODERN, 9},
    {"a_few_classic", CLASSIC, 9},
    {"more_than_a_piece_modern", MODERN, 5000},
    {"more_than_a_piece_classic", CLASSIC, 5000},
};

static void
check_lookups(const struct sp_crl *crl, const struct size *s)
{
	uint8_t serial[17];
	int64_t at;
	int reason;

	for (uint64_t i = 1; i <= s->n; i++) {
		lists_serial(i, serial);
		assert_true(sp_crl_lookup(crl, SP_BYTES(serial), &at, &reason));
		assert_int_equal(at, CERTS_NOW - 1000 + (int64_t)i % 1000);
		assert_int_equal(reason, s->suite == CLASSIC || i % 5 == 0 ? -1 : (int)(i % 5));
	}
	lists_serial(s->n + 1, serial);
	assert_false(sp_crl_lookup(crl, SP_BYTES(serial), NULL, NULL));
	lists_serial(0, serial);
	assert_false(sp_crl_lookup(crl, SP_BYTES(serial), NULL, NULL));
	assert_false(sp_crl_lookup(crl, sp_bytes(serial + 1, 16), NULL, NULL));
	assert_false(sp_crl_lookup(crl, sp_bytes(NULL, 0), NULL, NULL));
}

static void
check_frame(const struct sp_crl *crl, enum setpki_suite suite)
{
	const struct sp_cert *brand = certs_brand(suite);

	assert_int_equal(crl->suite, suite);
	assert_true(sp_bytes_eq(crl->issuer, brand->subject));
	assert_true(sp_bytes_eq(crl->sigalg, crl->inner_sigalg));
	assert_int_equal(crl->this_update, CERTS_NOW);
	assert_int_equal(crl->next_update, CERTS_NOW + 30 * CERTS_DAY);
	assert_int_equal(crl->number_value, 7);
	assert_true(sp_bytes_eq(crl->aki_issuer, brand->issuer));
	assert_true(sp_bytes_eq(crl->aki_serial, brand->serial));
	assert_true(sp_bytes_eq(crl->aki_keyid, suite == MODERN ? brand->ski : sp_bytes(NULL, 0)));
	assert_int_equal(crl->critical, 0);
	assert_int_equal(crl->unknown, 0);
	assert_int_equal(crl->unknown_critical.n, 0);
}

/* OpenSSL reads the same bytes, finds the same entries, and verifies the signature. */
static void
check_openssl(setpki_bytes der, const struct size *s)
{
	const unsigned char *p = der.p;
	X509_CRL *crl = d2i_X509_CRL(NULL, &p, (long)der.n);
	uint8_t serial[17];
	X509_REVOKED *entry;

	assert_non_null(crl);
	assert_ptr_equal(p, der.p + der.n);
	assert_int_equal(X509_CRL_verify(crl, certs_key(s->suite, CERTS_KEY_CA)), 1);
	assert_int_equal(sk_X509_REVOKED_num(X509_CRL_get_REVOKED(crl)), s->n == 0 ? -1 : (int)s->n);
	if (s->n != 0) {
		BIGNUM *bn;
		ASN1_INTEGER *number;

		lists_serial(s->n, serial);
		bn = BN_bin2bn(serial, sizeof(serial), NULL);
		number = BN_to_ASN1_INTEGER(bn, NULL);
		assert_int_equal(X509_CRL_get0_by_serial(crl, &entry, number), 1);
		ASN1_INTEGER_free(number);
		BN_free(bn);
	}
	X509_CRL_free(crl);
}

static void
builds_and_reads(void **state)
{
	const struct size *s = *state;
	struct setpki_error err = {0};
	struct sp_buf der = {0};
	struct sp_crl crl;
	uint8_t digest[32] = {0};

	lists_crl(s->suite, s->n, &der);
	t_ok(sp_der_walk(sp_buf_bytes(&der), &err), &err);
	t_ok(sp_crl_parse(certs_ctx(), sp_buf_bytes(&der), &crl, &err), &err);
	assert_int_equal(crl.count, s->n);
	assert_int_equal(crl.reasons, s->suite == CLASSIC ? 0 : s->n - s->n / 5);
	check_frame(&crl, s->suite);
	t_ok(sp_hash(certs_ctx(), s->suite, crl.tbs, digest, &err), &err);
	assert_memory_equal(digest, crl.digest, sizeof(digest));
	check_lookups(&crl, s);
	t_ok(sp_crl_verify(certs_ctx(), &crl, certs_key(s->suite, CERTS_KEY_CA), &err), &err);
	t_code(
	    sp_crl_verify(certs_ctx(), &crl, certs_key(s->suite, CERTS_KEY_SUBJECT), &err), SETPKI_E_SIGNATURE, &err);
	setpki_error_clear(&err);
	t_code(sp_crl_verify(certs_ctx(), &crl, certs_key(s->suite == CLASSIC ? MODERN : CLASSIC, CERTS_KEY_CA), &err),
	    SETPKI_E_SIGNATURE, &err);
	assert_non_null(strstr(err.message, "does not fit"));
	check_openssl(sp_buf_bytes(&der), s);
	sp_crl_free(&crl);
	sp_crl_free(&crl);
	sp_buf_free(&der);
}

/* --- entries in their order, and in any order ------------------------------------------------------------------------
 */

struct list {
	const struct sp_crl_entry *v;
	size_t n, i, rewinds;
	size_t shrink_after; /* after so many rewinds there is one entry less */
};

static bool
list_next(void *arg, struct sp_crl_entry *e)
{
	struct list *l = arg;
	size_t n = l->shrink_after != 0 && l->rewinds > l->shrink_after ? l->n - 1 : l->n;

	if (l->i == n)
		return false;
	*e = l->v[l->i++];
	return true;
}

static void
list_rewind(void *arg)
{
	struct list *l = arg;

	l->i = 0;
	l->rewinds++;
}

static enum setpki_code
build(const struct sp_crl_spec *spec, struct list *l, struct sp_buf *out, struct setpki_error *err)
{
	struct sp_crl_source source = {list_next, list_rewind, l};
	enum setpki_suite suite = spec->suite;

	return sp_crl_build(certs_ctx(), spec, &source, lists_sign, &suite, lists_write, out, err);
}

static struct sp_crl_spec
good_spec(enum setpki_suite suite)
{
	return (struct sp_crl_spec){suite, certs_brand(suite), CERTS_NOW, CERTS_NOW + CERTS_DAY, 1};
}

static enum setpki_code
collect(void *arg, setpki_bytes serial, int64_t revoked_at, int reason, struct setpki_error *err)
{
	struct list *l = arg;
	const struct sp_crl_entry *want = &l->v[l->i++];

	(void)err;
	assert_true(sp_bytes_eq(serial, want->serial));
	assert_int_equal(revoked_at, want->revoked_at);
	assert_int_equal(reason, want->reason);
	return l->i == 3 ? SETPKI_E_STATE : SETPKI_E_OK;
}

static void
any_order_is_found(void **state)
{
	static const uint8_t a[] = {0x7f}, b[] = {0x01, 0x00}, c[] = {0x00, 0xff}, d[] = {0x05};
	static const uint8_t e[20] = {0x7f, 1}, f[] = {0x80}, absent[] = {0x00, 0x80};
	const struct sp_crl_entry entries[] = {
	    {SP_BYTES(e), CERTS_NOW, 1},
	    {SP_BYTES(a), CERTS_NOW - 1, -1},
	    {SP_BYTES(f), CERTS_NOW + INT64_C(40) * 365 * CERTS_DAY, 10}, /* GeneralizedTime; a negative serial */
	    {SP_BYTES(c), 0, 9},
	    {SP_BYTES(b), -1, -1},
	    {SP_BYTES(d), CERTS_NOW, 5},
	};
	struct sp_crl_spec spec = good_spec(MODERN);
	struct list l = {.v = entries, .n = NELEMS(entries)};
	struct setpki_error err = {0};
	struct sp_buf der = {0};
	struct sp_crl crl;
	int64_t at;
	int reason;

	(void)state;
	t_ok(build(&spec, &l, &der, &err), &err);
	t_ok(sp_crl_parse(certs_ctx(), sp_buf_bytes(&der), &crl, &err), &err);
	for (size_t i = 0; i < NELEMS(entries); i++) {
		assert_true(sp_crl_lookup(&crl, entries[i].serial, &at, &reason));
		assert_int_equal(at, entries[i].revoked_at);
		assert_int_equal(reason, entries[i].reason);
	}
	assert_false(sp_crl_lookup(&crl, SP_BYTES(absent), NULL, NULL));
	l.i = 0;
	t_code(sp_crl_each(&crl, collect, &l, &err), SETPKI_E_STATE, &err);
	assert_int_equal(l.i, 3);
	sp_crl_free(&crl);
	sp_buf_free(&der);
}

static void
serials_have_an_order(void **state)
{
	static const uint8_t one[] = {1}, two[] = {2}, long_one[] = {1, 0};

	(void)state;
	assert_true(sp_serial_cmp(SP_BYTES(one), SP_BYTES(two)) < 0);
	assert_true(sp_serial_cmp(SP_BYTES(two), SP_BYTES(long_one)) < 0);
	assert_true(sp_serial_cmp(SP_BYTES(long_one), SP_BYTES(one)) > 0);
	assert_int_equal(sp_serial_cmp(SP_BYTES(one), SP_BYTES(one)), 0);
}

static void
reasons_have_one_text(void **state)
{
	(void)state;
	for (int r = -2; r < 12; r++) {
		const char *name = sp_reason_name(r);

		assert_int_equal(name != NULL, r >= 0 && r <= 10 && r != 7);
		assert_int_equal(name != NULL ? sp_reason_by_name(name) : r, r);
	}
	assert_int_equal(sp_reason_by_name("keycompromise"), -1);
}

/* --- what the builder refuses
 * ------------------------------------------------------------------------------------------ */

static const uint8_t long_serial[21] = {1}, padded_serial[] = {0, 1}, good_serial[] = {1};

static const struct refusal {
	const char *name;
	enum setpki_suite suite;
	uint64_t number;
	int64_t valid;
	struct sp_crl_entry entry;
	enum setpki_code want;
} refusals[] = {
    {"refuses_number_0", MODERN, 0, CERTS_DAY, {{good_serial, 1}, 0, -1}, SETPKI_E_ARGUMENT},
    {"refuses_number_over_63_bits", MODERN, UINT64_MAX, CERTS_DAY, {{good_serial, 1}, 0, -1}, SETPKI_E_ARGUMENT},
    {"refuses_nextUpdate_at_thisUpdate", MODERN, 1, 0, {{good_serial, 1}, 0, -1}, SETPKI_E_ARGUMENT},
    {"refuses_serial_of_21_octets", MODERN, 1, CERTS_DAY, {{long_serial, 21}, 0, -1}, SETPKI_E_ARGUMENT},
    {"refuses_padded_serial", MODERN, 1, CERTS_DAY, {{padded_serial, 2}, 0, -1}, SETPKI_E_ARGUMENT},
    {"refuses_empty_serial", MODERN, 1, CERTS_DAY, {{NULL, 0}, 0, -1}, SETPKI_E_ARGUMENT},
    {"refuses_reason_7", MODERN, 1, CERTS_DAY, {{good_serial, 1}, 0, 7}, SETPKI_E_ARGUMENT},
    {"refuses_date_before_1950", MODERN, 1, CERTS_DAY, {{good_serial, 1}, -INT64_C(631152001), -1}, SETPKI_E_ARGUMENT},
    {"classic_refuses_entry_of_2050", CLASSIC, 1, CERTS_DAY, {{good_serial, 1}, INT64_C(2524608000), -1},
	SETPKI_E_SUITE},
    {"classic_refuses_nextUpdate_of_2050", CLASSIC, 1, 40 * 365 * CERTS_DAY, {{good_serial, 1}, 0, -1}, SETPKI_E_SUITE},
};

static void
builder_refuses(void **state)
{
	const struct refusal *r = *state;
	struct sp_crl_spec spec = {r->suite, certs_brand(r->suite), CERTS_NOW, CERTS_NOW + r->valid, r->number};
	struct list l = {.v = &r->entry, .n = 1};
	struct setpki_error err = {0};
	struct sp_buf der = {0};

	t_code(build(&spec, &l, &der, &err), r->want, &err);
	assert_int_equal(der.n, 0);
}

static void
refuses_a_signer_without_cRLSign(void **state)
{
	struct sp_crl_spec spec = good_spec(MODERN);
	struct list l = {0};
	struct setpki_error err = {0};
	struct sp_buf der = {0}, out = {0};
	struct certs_case c;
	struct sp_cert cert;

	(void)state;
	certs_case(&c, MODERN, SETPKI_KIND_CA_CERTSIGN);
	certs_make(&c, &out);
	t_ok(sp_cert_parse(sp_buf_bytes(&out), &cert, &err), &err);
	spec.signer = &cert;
	t_code(build(&spec, &l, &der, &err), SETPKI_E_RULE, &err);
	sp_buf_free(&out);
	certs_case_free(&c);
}

static void
refuses_another_suites_signer(void **state)
{
	struct sp_crl_spec spec = good_spec(CLASSIC);
	struct list l = {0};
	struct setpki_error err = {0};
	struct sp_buf der = {0};

	(void)state;
	spec.signer = certs_brand(MODERN);
	t_code(build(&spec, &l, &der, &err), SETPKI_E_SUITE, &err);
}

/* An entry that vanishes between two passes never gives a CRL with the length of before. */
static void
notices_entries_that_change(void **state)
{
	const struct sp_crl_entry entries[] = {{SP_BYTES(good_serial), 0, -1}, {SP_BYTES(good_serial), 1, -1}};
	const enum setpki_suite suites[] = {CLASSIC, MODERN};

	(void)state;
	for (size_t s = 0; s < 2; s++)
		for (size_t after = 1; after <= s + 1; after++) {
			struct sp_crl_spec spec = good_spec(suites[s]);
			struct list l = {.v = entries, .n = 2, .shrink_after = after};
			struct setpki_error err = {0};
			struct sp_buf der = {0};

			t_code(build(&spec, &l, &der, &err), SETPKI_E_STATE, &err);
			sp_buf_free(&der);
		}
}

/* --- what the reader refuses
 * ------------------------------------------------------------------------------------------- */

/* One octet string of a good CRL replaced by another one of the same length, given in hex. */
static const struct alteration {
	const char *name, *from, *to, *where;
	enum setpki_code want;
} alterations[] = {
    {"version_1", "020101300a06", "020100300a06", "version", SETPKI_E_PARSE},
    {"version_3", "020101300a06", "020102300a06", "version", SETPKI_E_PARSE},
    {"thisUpdate_in_local_time", "170d3237303130313030303030305a170d", "170d3237303130313030303030302b170d",
	"thisUpdate", SETPKI_E_PARSE},
    {"thisUpdate_in_month_13", "170d3237303130313030303030305a170d", "170d3237313330313030303030305a170d", "thisUpdate",
	SETPKI_E_PARSE},
    {"nextUpdate_on_february_30", "170d3237303133313030303030305a", "170d3237303233303030303030305a", "nextUpdate",
	SETPKI_E_PARSE},
    {"CRLNumber_padded", "0603551d140403020107", "0603551d140403020200", "cRLNumber", SETPKI_E_PARSE},
    {"CRLNumber_negative", "0603551d140403020107", "0603551d1404030201ff", "cRLNumber", SETPKI_E_PARSE},
    {"critical_encoded_FALSE_as_01", "0603551d140403020107", "0603551d140101010107", "extensions", SETPKI_E_PARSE},
    {"AKI_and_number_alike", "0603551d140403020107", "0603551d230403020107", "2.5.29.35", SETPKI_E_PARSE},
    {"reason_7", "0603551d1504030a0101", "0603551d1504030a0107", "entry 1", SETPKI_E_PARSE},
    {"reason_an_INTEGER", "0603551d1504030a0101", "0603551d150403020101", "entry 1", SETPKI_E_PARSE},
    {"serial_padded", "02110100000000000000000000000000000003", "02110000000000000000000000000000000003", "entry 3",
	SETPKI_E_PARSE},
    {"serial_an_OCTET_STRING", "02110100000000000000000000000000000003", "04110100000000000000000000000000000003",
	"entry 3", SETPKI_E_PARSE},
    {"entry_date_at_hour_24", "05170d3236313233313233343332355a", "05170d3236313233313234343332355a", "entry 5",
	SETPKI_E_PARSE},
    {"entry_date_without_Z", "05170d3236313233313233343332355a", "05170d3236313233313233343332352b", "entry 5",
	SETPKI_E_PARSE},
};

static void
reader_refuses(void **state)
{
	const struct alteration *a = *state;
	struct setpki_error err = {0};
	struct sp_buf der = {0};
	struct sp_crl crl;

	lists_crl(MODERN, 5, &der);
	lists_patch(&der, t_hex(a->from), t_hex(a->to));
	t_code(sp_crl_parse(certs_ctx(), sp_buf_bytes(&der), &crl, &err), a->want, &err);
	if (strstr(err.object, a->where) == NULL)
		fail_msg("the error is about \"%s\", not \"%s\": %s", err.object, a->where, err.message);
	assert_null(crl.index);
	sp_buf_free(&der);
	t_hex_free();
}

static void
refuses_every_truncation(void **state)
{
	struct setpki_error err = {0};
	struct sp_buf der = {0};
	struct sp_crl crl;

	(void)state;
	lists_crl(MODERN, 3, &der);
	for (size_t n = 0; n < der.n; n++) {
		setpki_error_clear(&err);
		t_code(sp_crl_parse(certs_ctx(), sp_bytes(der.p, n), &crl, &err), SETPKI_E_PARSE, &err);
	}
	sp_buf_add_byte(&der, 0);
	setpki_error_clear(&err);
	t_code(sp_crl_parse(certs_ctx(), sp_buf_bytes(&der), &crl, &err), SETPKI_E_PARSE, &err);
	sp_buf_free(&der);
}

static void
refuses_what_is_too_large(void **state)
{
	struct setpki_error err = {0};
	struct sp_crl crl;
	const uint8_t octet = 0x30;

	(void)state;
	t_code(sp_crl_frame(sp_bytes(&octet, SP_CRL_MAX + 1u), &crl, &err), SETPKI_E_LIMIT, &err);
}

/* A CRL with one more extension in its list. */
static void
with_extension(setpki_bytes der, setpki_bytes extension, struct sp_buf *out)
{
	struct setpki_error err = {0};
	struct sp_crl crl;
	struct sp_buf tbs = {0};
	size_t seq, wrap, list;
	struct sp_der d;
	setpki_bytes all;

	t_ok(sp_crl_frame(der, &crl, &err), &err);
	d = sp_der(crl.tbs);
	assert_true(sp_der_take(&d, SP_SEQUENCE, &all));
	seq = sp_der_open(&tbs, SP_SEQUENCE);
	/* up to [0] { SEQUENCE { list */
	sp_buf_add(&tbs, all.p,
	    all.n - crl.extensions.n - sp_der_header_len(crl.extensions.n) -
		sp_der_header_len(crl.extensions.n + sp_der_header_len(crl.extensions.n)));
	wrap = sp_der_open(&tbs, SP_CTXC(0));
	list = sp_der_open(&tbs, SP_SEQUENCE);
	sp_buf_add_bytes(&tbs, crl.extensions);
	sp_buf_add_bytes(&tbs, extension);
	sp_der_close(&tbs, list);
	sp_der_close(&tbs, wrap);
	sp_der_close(&tbs, seq);
	lists_resign(MODERN, sp_buf_bytes(&tbs), out);
	sp_buf_free(&tbs);
}

static const struct extension {
	const char *name, *extension;
	enum setpki_code want;
	unsigned unknown;
	size_t critical_len;
} extensions[] = {
    {"deltaCRLIndicator_shows", "300d0603551d1b0101ff0403020101", SETPKI_E_OK, 1, 3},
    {"harmless_extension_is_counted", "300b06022a0304050c03616263", SETPKI_E_OK, 1, 0},
    {"refuses_a_second_CRLNumber", "300a0603551d140403020108", SETPKI_E_PARSE, 0, 0},
    {"refuses_an_empty_extnValue", "30070603551d1b0400", SETPKI_E_PARSE, 0, 0},
    {"refuses_FALSE_written_out", "300d0603551d1b0101000403020101", SETPKI_E_PARSE, 0, 0},
    {"refuses_a_NULL_among_extensions", "0500", SETPKI_E_PARSE, 0, 0},
};

static void
reads_extensions(void **state)
{
	const struct extension *e = *state;
	struct setpki_error err = {0};
	struct sp_buf der = {0}, more = {0};
	struct sp_crl crl;

	lists_crl(MODERN, 2, &der);
	with_extension(sp_buf_bytes(&der), t_hex(e->extension), &more);
	t_code(sp_crl_parse(certs_ctx(), sp_buf_bytes(&more), &crl, &err), e->want, &err);
	if (e->want == SETPKI_E_OK) {
		assert_int_equal(crl.unknown, e->unknown);
		assert_int_equal(crl.unknown_critical.n, e->critical_len);
		t_ok(sp_crl_verify(certs_ctx(), &crl, certs_key(MODERN, CERTS_KEY_CA), &err), &err);
		sp_crl_free(&crl);
	}
	sp_buf_free(&der);
	sp_buf_free(&more);
	t_hex_free();
}

/* --- mutants
 * ------------------------------------------------------------------------------------------------------------ */

/* Whatever we accept, OpenSSL accepts, and its encoding is the bytes that we read. */
static void
check_mutant(setpki_bytes der, size_t at)
{
	struct setpki_error err = {0};
	const unsigned char *p = der.p;
	unsigned char *again = NULL;
	struct sp_crl crl;
	X509_CRL *o;
	int n;

	if (sp_crl_parse(certs_ctx(), der, &crl, &err) != SETPKI_E_OK)
		return;
	o = d2i_X509_CRL(NULL, &p, (long)der.n);
	if (o == NULL)
		fail_msg("octet %zu: we accept it, OpenSSL does not", at);
	n = i2d_X509_CRL(o, &again);
	if (n < 0 || (size_t)n != der.n || memcmp(again, der.p, der.n) != 0)
		fail_msg("octet %zu: what we accepted was not DER", at);
	OPENSSL_free(again);
	X509_CRL_free(o);
	sp_crl_free(&crl);
	ERR_clear_error();
}

static void
mutants_agree_with_openssl(void **state)
{
	static const uint8_t flips[] = {0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80, 0xff};
	struct sp_buf der = {0};

	(void)state;
	lists_crl(MODERN, 3, &der);
	for (size_t at = 0; at < der.n; at++)
		for (size_t f = 0; f < sizeof(flips); f++) {
			der.p[at] ^= flips[f];
			check_mutant(sp_buf_bytes(&der), at);
			der.p[at] ^= flips[f];
		}
	sp_buf_free(&der);
}

int
main(void)
{
	struct CMUnitTest tests[NELEMS(sizes) + NELEMS(refusals) + NELEMS(alterations) + NELEMS(extensions) + 16];
	size_t n = 0;

	for (size_t i = 0; i < NELEMS(sizes); i++)
		tests[n++] =
		    (struct CMUnitTest){sizes[i].name, builds_and_reads, NULL, NULL, (void *)(uintptr_t)&sizes[i]};
	for (size_t i = 0; i < NELEMS(refusals); i++)
		tests[n++] =
		    (struct CMUnitTest){refusals[i].name, builder_refuses, NULL, NULL, (void *)(uintptr_t)&refusals[i]};
	for (size_t i = 0; i < NELEMS(alterations); i++)
		tests[n++] = (struct CMUnitTest){
		    alterations[i].name, reader_refuses, NULL, NULL, (void *)(uintptr_t)&alterations[i]};
	for (size_t i = 0; i < NELEMS(extensions); i++)
		tests[n++] = (struct CMUnitTest){
		    extensions[i].name, reads_extensions, NULL, NULL, (void *)(uintptr_t)&extensions[i]};
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(any_order_is_found);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(serials_have_an_order);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(reasons_have_one_text);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(refuses_a_signer_without_cRLSign);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(refuses_another_suites_signer);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(notices_entries_that_change);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(refuses_every_truncation);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(refuses_what_is_too_large);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(mutants_agree_with_openssl);
	return _cmocka_run_group_tests("crl", tests, n, certs_start, certs_stop);
}
