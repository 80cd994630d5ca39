/* Lints of CRLs, BCIs and requests: good objects have no finding; each rule is broken by one object at least. */
#include "lib/crypto/sign.h"
#include "lib/der/writer.h"
#include "lib/x509/lint.h"
#include "tests/support/check.h"
#include "tests/support/lists.h"

#include <setpki/lint.h>
#include <stdio.h>

#define CLASSIC SETPKI_SUITE_CLASSIC
#define MODERN SETPKI_SUITE_MODERN

/* --- objects with one fault: octets of a good one replaced, signed anew or not
 * ----------------------------------------- */

static void
make(enum setpki_object_type type, enum setpki_suite suite, size_t entries, struct sp_buf *out)
{
	if (type == SETPKI_OBJECT_CRL)
		lists_crl(suite, entries, out);
	else if (type == SETPKI_OBJECT_BCI)
		lists_bci(suite, out);
	else
		lists_csr(suite, out);
}

struct row {
	const char *name;
	enum setpki_object_type type;
	enum setpki_suite suite, asked;
	size_t entries;
	const char *from, *to; /* hex; of different lengths where the whole is put together again */
	const char *id;	       /* the one finding; NULL: none */
};

#define CRL SETPKI_OBJECT_CRL
#define BCI SETPKI_OBJECT_BCI
#define CSR SETPKI_OBJECT_CSR

static const struct row rows[] = {
    {"good_crl_modern", CRL, MODERN, 0, 5, NULL, NULL, NULL},
    {"good_crl_classic", CRL, CLASSIC, 0, 5, NULL, NULL, NULL},
    {"good_crl_without_entries", CRL, MODERN, MODERN, 0, NULL, NULL, NULL},
    {"good_bci_modern", BCI, MODERN, 0, 0, NULL, NULL, NULL},
    {"good_bci_classic", BCI, CLASSIC, CLASSIC, 0, NULL, NULL, NULL},
    {"good_request_modern", CSR, MODERN, 0, 0, NULL, NULL, NULL},
    {"good_request_classic", CSR, CLASSIC, CLASSIC, 0, NULL, NULL, NULL},

    {"crl_of_version_1", CRL, MODERN, 0, 1, "020101300a06", "020100300a06", "crl.der"},
    {"crl_of_the_other_suite", CRL, CLASSIC, MODERN, 1, NULL, NULL, "crl.algorithm.suite+crl.aki"},
    {"crl_with_two_algorithms", CRL, MODERN, 0, 1, "020101300a06082a8648ce3d040302", "020101300a06082a8648ce3d040303",
	"crl.algorithm.match"},
    {"crl_number_0", CRL, MODERN, 0, 1, "551d140403020107", "551d140403020100", "crl.number"},
    {"crl_without_a_number", CRL, MODERN, 0, 1, "0603551d140403020107", "06032a03040403020107",
	"crl.number+crl.unknown"},
    {"crl_number_critical", CRL, MODERN, 0, 1, "300a0603551d140403020107", "300d0603551d140101ff0403020107",
	"crl.critical"},
    {"crl_with_delta_indicator", CRL, MODERN, 0, 1, "300a0603551d140403020107",
	"300a0603551d140403020107300d0603551d1b0101ff0403020101", "crl.critical+crl.unknown"},
    {"crl_aki_without_serial", CRL, MODERN, 0, 1, "8211015a5a5a5a5a5a5a5a5a5a5a5a5a5a5a01", "", "crl.aki"},
    {"crl_nextUpdate_before_thisUpdate", CRL, MODERN, 0, 1, "170d3237303133313030303030305a",
	"170d3236303133313030303030305a", "crl.nextupdate"},
    {"crl_without_nextUpdate", CRL, MODERN, 0, 1, "170d3237303133313030303030305a", "", "crl.nextupdate"},
    {"crl_nextUpdate_a_GeneralizedTime", CRL, MODERN, 0, 1, "170d3237303133313030303030305a",
	"180f32303237303133313030303030305a", "crl.time.form"},
    {"crl_classic_nextUpdate_of_2050", CRL, CLASSIC, 0, 1, "170d3237303133313030303030305a",
	"180f32303530303133313030303030305a", "crl.time.form"},
    {"crl_classic_with_reasons", CRL, CLASSIC, 0, 1,
	"302202110100000000000000000000000000000001170d3236313233313233343332315a",
	"303002110100000000000000000000000000000001170d3236313233313233343332315a300c300a0603551d1504030a0101",
	"crl.reason"},
    {"crl_with_an_empty_list", CRL, CLASSIC, 0, 0, "170d3237303133313030303030305a",
	"170d3237303133313030303030305a3000", "crl.entries.empty"},
    {"crl_with_a_serial_twice", CRL, MODERN, 0, 3, "0100000000000000000000000000000003",
	"0100000000000000000000000000000001", "crl.entries.double"},

    {"bci_of_version_1", BCI, MODERN, 0, 0, "0201000201031a08", "0201010201031a08", "bci.der"},
    {"bci_of_the_other_suite", BCI, CLASSIC, MODERN, 0, NULL, NULL, "bci.algorithm.suite+bci.aki"},
    {"bci_brand_with_a_blank", BCI, MODERN, 0, 0, "1a085465737463617264", "1a085465737463617220", "bci.brand"},
    {"bci_notAfter_first", BCI, MODERN, 0, 0, "180f32303237303130313233353935395a",
	"180f32303236303130313233353935395a", "bci.time.order"},
    {"bci_names_one_twice", BCI, MODERN, 0, 0,
	"3037310b300906035504061302555331"
	"11300f060355040a130853455420526f6f7431153013060355040313"
	"0c5465737420526f6f74204731020105",
	"3038310b300906035504061302555331"
	"11300f060355040a13085465737463617264311630140603550403130d54657374204272616e64204731020105",
	"bci.entry.double"},
    {"bci_aki_without_serial", BCI, MODERN, 0, 0, "8211015a5a5a5a5a5a5a5a5a5a5a5a5a5a5a01", "", "bci.aki"},
    {"bci_with_critical_aki", BCI, CLASSIC, 0, 0, "0603551d23", "0603551d230101ff", "bci.critical"},
    {"bci_with_a_number_extension", BCI, CLASSIC, 0, 0, "0603551d23", "0603551d25", "bci.aki+bci.unknown"},

    {"request_of_version_1", CSR, MODERN, 0, 0, "0201003038310b", "0201013038310b", "csr.der"},
    {"request_of_the_other_suite", CSR, CLASSIC, MODERN, 0, NULL, NULL, "csr.algorithm.suite+csr.key"},
    {"request_altered", CSR, MODERN, 0, 0, "54657374204272616e64", "54657374204272616e65", "csr.signature"},
    {"request_with_a_challenge", CSR, MODERN, 0, 0, "06092a864886f70d01090e", "06092a864886f70d01090f",
	"csr.signature+csr.attribute"},
    {"request_with_an_odd_extension", CSR, MODERN, 0, 0, "0603551d10", "06032a0304", "csr.signature+csr.unknown"},
    {"request_for_a_brand_cardholder", CSR, MODERN, 0, 0, "0604672a07010101ff040403020001",
	"0604672a07010101ff040403020780", "csr.signature+csr.kind"},
};

/* --- replacing octets of another length: every length around them is corrected
 * ----------------------------------------- */

/* Copies `in`, with `from` replaced, and the lengths of what surrounds it. */
static void
rebuild(setpki_bytes in, setpki_bytes from, setpki_bytes to, struct sp_buf *out)
{
	const uint8_t *at = memmem(in.p, in.n, from.p, from.n);
	struct sp_der d = sp_der(in);
	struct sp_tlv t;
	size_t mark;

	assert_non_null(at);
	while (sp_der_any(&d, &t)) {
		const uint8_t *end = t.whole.p + t.whole.n;

		if (at >= t.whole.p && at < end && at + from.n > end) { /* several elements */
			sp_buf_add_bytes(out, to);
			while (d.p < at + from.n)
				assert_true(sp_der_any(&d, &t));
		} else if (at == t.whole.p && from.n == t.whole.n) {
			sp_buf_add_bytes(out, to);
		} else if (at >= t.value.p && at < end) {
			mark = sp_der_open(out, t.tag);
			if ((t.tag & 0x20) != 0 || t.tag == SP_OCTET_STRING) {
				rebuild(t.value, from, to, out);
			} else {
				sp_buf_add(out, t.value.p, (size_t)(at - t.value.p));
				sp_buf_add_bytes(out, to);
				sp_buf_add(out, at + from.n, (size_t)(end - at) - from.n);
			}
			sp_der_close(out, mark);
		} else {
			sp_buf_add_bytes(out, t.whole);
		}
	}
}

static void
alter(struct sp_buf *der, const struct row *r)
{
	setpki_bytes from = t_hex(r->from), to = t_hex(r->to);
	struct sp_buf out = {0};

	if (from.n == to.n) {
		uint8_t *at = memmem(der->p, der->n, from.p, from.n);

		assert_non_null(at);
		memcpy(at, to.p, to.n);
		return;
	}
	rebuild(sp_buf_bytes(der), from, to, &out);
	sp_buf_free(der);
	*der = out;
}

/* --- the rows
 * ----------------------------------------------------------------------------------------------------------- */

static char seen[4096];

static void
mark_seen(const char *id)
{
	size_t n = strlen(seen);

	snprintf(seen + n, sizeof(seen) - n, "|%s|", id);
}

static void
lints(void **state)
{
	const struct row *r = *state;
	struct setpki_findings f = {0};
	struct setpki_object object = {.type = r->type};
	struct setpki_error err = {0};
	struct sp_buf der = {0};
	char ids[512] = "";

	make(r->type, r->suite, r->entries, &der);
	if (r->from != NULL)
		alter(&der, r);
	object.der = sp_buf_bytes(&der);
	t_ok(setpki_lint(certs_ctx(), &object, r->asked, &f, &err), &err);
	for (size_t i = 0; i < f.n; i++) {
		size_t n = strlen(ids);

		snprintf(ids + n, sizeof(ids) - n, "%s%s", n != 0 ? "+" : "", f.v[i].rule->id);
		assert_true(f.v[i].text[0] != '\0');
		mark_seen(f.v[i].rule->id);
	}
	if (strcmp(ids, r->id != NULL ? r->id : "") != 0)
		fail_msg("found \"%s\", not \"%s\"%s%s", ids, r->id != NULL ? r->id : "", f.n != 0 ? ": " : "",
		    f.n != 0 ? f.v[0].text : "");
	setpki_findings_free(&f);
	sp_buf_free(&der);
	t_hex_free();
}

/* Objects that no replacement of octets gives. */
static void
a_bci_without_crls(void **state)
{
	struct sp_bci_spec spec = {.suite = MODERN,
	    .signer = certs_brand(MODERN),
	    .sequence = 1,
	    .brand_id = "Testcard",
	    .not_before = CERTS_NOW,
	    .not_after = CERTS_NOW};
	struct setpki_findings f = {0};
	struct setpki_error err = {0};
	struct sp_buf tbs = {0}, der = {0};

	(void)state;
	t_ok(sp_bci_build(&spec, &tbs, &err), &err);
	lists_resign(MODERN, sp_buf_bytes(&tbs), &der);
	t_ok(sp_lint_bci(certs_ctx(), sp_buf_bytes(&der), SETPKI_SUITE_NONE, &f, &err), &err);
	assert_int_equal(f.n, 1);
	assert_string_equal(f.v[0].rule->id, "bci.empty");
	mark_seen(f.v[0].rule->id);
	setpki_findings_free(&f);
	sp_buf_free(&tbs);
	sp_buf_free(&der);
}

/* The one entry for every kind of object. */
static void
a_certificate_is_linted_by_its_type(void **state)
{
	struct setpki_object object = {SETPKI_OBJECT_CERT, certs_root(SETPKI_SUITE_MODERN)->der};
	struct setpki_findings f = {0};
	struct setpki_error err = {0};

	(void)state;
	t_ok(setpki_lint(certs_ctx(), &object, SETPKI_SUITE_MODERN, &f, &err), &err);
	assert_int_equal(f.n, 0);
	t_ok(setpki_lint(certs_ctx(), &object, SETPKI_SUITE_CLASSIC, &f, &err), &err);
	assert_true(f.n != 0);
	setpki_findings_free(&f);
	object.type = SETPKI_OBJECT_PUBKEY;
	t_code(setpki_lint(certs_ctx(), &object, SETPKI_SUITE_MODERN, &f, &err), SETPKI_E_ARGUMENT, &err);
	assert_int_equal(f.n, 0);
}

/* Runs last: every rule on CRLs, BCIs and requests was broken above. */
static void
every_rule_was_broken(void **state)
{
	size_t n;
	const struct setpki_rule *rules = setpki_rules(&n);
	char id[64];

	(void)state;
	for (size_t i = 0; i < n; i++) {
		if (strncmp(rules[i].id, "crl.", 4) != 0 && strncmp(rules[i].id, "bci.", 4) != 0 &&
		    strncmp(rules[i].id, "csr.", 4) != 0)
			continue;
		snprintf(id, sizeof(id), "|%s|", rules[i].id);
		if (strstr(seen, id) == NULL)
			fail_msg("no row yields %s", rules[i].id);
	}
}

int
main(void)
{
	struct CMUnitTest tests[NELEMS(rows) + 3];
	size_t n = 0;

	for (size_t i = 0; i < NELEMS(rows); i++)
		tests[n++] = (struct CMUnitTest){rows[i].name, lints, NULL, NULL, (void *)(uintptr_t)&rows[i]};
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(a_bci_without_crls);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(a_certificate_is_linted_by_its_type);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(every_rule_was_broken);
	return _cmocka_run_group_tests("lint_lists", tests, n, certs_start, certs_stop);
}
