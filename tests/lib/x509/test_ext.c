/* The rule table against set-protocol section 5, written down here a second time; and docs/extensions.md, which says
 * the same for readers.  "test_ext --write" writes that page anew. */
#include "lib/der/oid.h"
#include "lib/x509/ext.h"
#include "tests/support/check.h"

#include <stdio.h>
#include <stdlib.h>

/* --- the cells ---------------------------------------------------------------------------------------------------- */

/* The columns: cardholder signature; merchant signature, key exchange; gateway signature, key exchange; CA message
 * signature, key exchange, certificate signing, CRL signing, both; root.  r required, o optional, - none, c required of
 * a cca. */
static const struct cell_row {
	enum sp_ext ext;
	const char *modern, *classic;
} cell_rows[SP_EXT_N] = {
    {SP_EXT_AKI, "rrrrrrrrrr-", "rrrrrrrrrr-"},
    {SP_EXT_SKI, "rrrrrrrrrrr", "-----------"},
    {SP_EXT_KEY_USAGE, "rrrrrrrrrrr", "rrrrrrrrrrr"},
    {SP_EXT_PKUP, "rr-r-r-rrrr", "rr-r-r-rrrr"},
    {SP_EXT_POLICIES, "rrrrrrrrrrr", "rrrrrrrrrrr"},
    {SP_EXT_SAN, "ooooooooooo", "ooooooooooo"},
    {SP_EXT_IAN, "ooooooooooo", "ooooooooooo"},
    {SP_EXT_BASIC, "rrrrrrrrrrr", "rrrrrrrrrrr"},
    {SP_EXT_CRLDP, "oooooooooo-", "-----------"},
    {SP_EXT_AIA, "oooooooooo-", "-----------"},
    {SP_EXT_CRL_NUMBER, "-----------", "-----------"},
    {SP_EXT_HASHED_ROOT, "----------r", "----------r"},
    {SP_EXT_CERT_TYPE, "rrrrrrrrrrr", "rrrrrrrrrrr"},
    {SP_EXT_MERCHANT_DATA, "-rr--------", "-rr--------"},
    {SP_EXT_CARD_CERT_REQUIRED, "----r------", "----r------"},
    {SP_EXT_TUNNELING, "----r-c----", "----r-c----"},
    {SP_EXT_SET_EXTENSIONS, "----o------", "----o------"},
};

static char
cell(enum setpki_kind kind, enum sp_ext ext, enum setpki_suite suite)
{
	static const char letters[] = {[SP_FORBIDDEN] = '-', [SP_OPTIONAL] = 'o', [SP_REQUIRED] = 'r'};
	enum sp_need without = sp_ext_need(kind, ext, suite, 0), with = sp_ext_need(kind, ext, suite, SETPKI_TYPE_CCA);

	return without == with ? letters[with] : 'c';
}

static void
cells_are_those_of_the_specification(void **state)
{
	(void)state;
	for (size_t i = 0; i < SP_EXT_N; i++)
		for (int k = 1; k < SETPKI_KIND_N; k++) {
			const struct cell_row *row = &cell_rows[i];
			char modern = cell((enum setpki_kind)k, row->ext, SETPKI_SUITE_MODERN);
			char classic = cell((enum setpki_kind)k, row->ext, SETPKI_SUITE_CLASSIC);

			assert_int_equal(row->ext, i);
			if (modern != row->modern[k - 1] || classic != row->classic[k - 1])
				fail_msg("%s of %s: %c in modern, %c in classic", sp_ext_row(row->ext)->name,
				    setpki_kind_name((enum setpki_kind)k), modern, classic);
		}
}

static void
without_a_suite_nothing_modern_is_demanded(void **state)
{
	(void)state;
	assert_int_equal(sp_ext_need(SETPKI_KIND_ROOT, SP_EXT_SKI, SETPKI_SUITE_NONE, 0), SP_OPTIONAL);
	assert_int_equal(sp_ext_need(SETPKI_KIND_ROOT, SP_EXT_N, SETPKI_SUITE_NONE, 0), SP_FORBIDDEN);
	assert_int_equal(sp_ext_need(SETPKI_KIND_NONE, SP_EXT_KEY_USAGE, SETPKI_SUITE_MODERN, 0), SP_FORBIDDEN);
}

/* --- the rows ----------------------------------------------------------------------------------------------------- */

static void
extension_rows_are_consistent(void **state)
{
	/* criticality [C: ALV4] */
	static const uint32_t critical = 1u << SP_EXT_KEY_USAGE | 1u << SP_EXT_POLICIES | 1u << SP_EXT_BASIC |
	    1u << SP_EXT_HASHED_ROOT | 1u << SP_EXT_CERT_TYPE;
	char dotted[SP_OID_TEXT];

	(void)state;
	for (unsigned i = 0; i < SP_EXT_N; i++) {
		const struct sp_ext_row *row = sp_ext_row((enum sp_ext)i);

		assert_int_equal(row->id, i);
		assert_string_equal(sp_oid_text(row->oid, dotted), row->dotted);
		assert_ptr_equal(sp_ext_by_oid(row->oid), row);
		assert_int_equal(row->critical, (critical >> i & 1) != 0);
		assert_int_equal(row->relaxable, row->id == SP_EXT_HASHED_ROOT || row->id == SP_EXT_CERT_TYPE);
	}
	assert_null(sp_ext_by_oid(t_hex("551d1e")));
	assert_null(sp_ext_row(SP_EXT_N));
	t_hex_free();
}

static void
kind_rows_are_consistent(void **state)
{
	(void)state;
	for (int k = 1; k < SETPKI_KIND_N; k++) {
		const struct sp_kind_row *row = sp_kind_row((enum setpki_kind)k);

		assert_int_equal(row->kind, k);
		assert_string_equal(row->name, setpki_kind_name((enum setpki_kind)k));
		assert_int_equal(row->ca, (row->key_usage & SETPKI_KU_CERT_SIGN) != 0);
		assert_int_equal(row->exchange, (row->key_usage & SETPKI_KU_KEY_ENCIPHERMENT) != 0);
		/* two kinds never fit one certificate */
		for (int j = k + 1; j < SETPKI_KIND_N; j++)
			assert_true(row->key_usage != sp_kind_row((enum setpki_kind)j)->key_usage ||
			    (row->type_mask & sp_kind_row((enum setpki_kind)j)->type_mask) == 0);
	}
	assert_int_equal(sp_kind_row((enum setpki_kind)99)->kind, SETPKI_KIND_NONE);
	assert_string_equal(setpki_kind_name((enum setpki_kind)99), "unknown kind");
}

static void
types_and_their_issuers(void **state)
{
	static const struct {
		uint32_t type;
		bool ok;
		uint32_t issuers;
		int pathlen, flat;
		const char *text;
	} rows[] = {
	    {SETPKI_TYPE_CARD, true, SETPKI_TYPE_CCA, -1, -1, "cardholder"},
	    {SETPKI_TYPE_MER, true, SETPKI_TYPE_MCA, -1, -1, "merchant"},
	    {SETPKI_TYPE_PGWY, true, SETPKI_TYPE_PCA, -1, -1, "gateway"},
	    {SETPKI_TYPE_CCA, true, SETPKI_TYPE_GCA | SETPKI_TYPE_BCA, 0, 0, "cca"},
	    {SETPKI_TYPE_GCA, true, SETPKI_TYPE_BCA, 1, 1, "gca"},
	    {SETPKI_TYPE_BCA, true, SETPKI_TYPE_RCA, 2, 1, "bca"},
	    {SETPKI_TYPE_RCA, true, SETPKI_TYPE_RCA, 3, 3, "rca"},
	    {SETPKI_TYPE_ISSUING, true, 0, 0, 0, "cca+mca+pca"},
	    {SETPKI_TYPE_CARD | SETPKI_TYPE_MER, false, 0, -1, -1, "cardholder+merchant"},
	    {SETPKI_TYPE_CCA | SETPKI_TYPE_GCA, false, 0, 1, 1, "cca+gca"},
	    {SETPKI_TYPE_ACQ, false, 0, -1, -1, "acq"},
	    {1u << 12, false, 0, -1, -1, "none"},
	    {0, false, 0, -1, -1, "none"},
	};
	char text[SP_TYPE_TEXT];

	(void)state;
	for (size_t i = 0; i < NELEMS(rows); i++) {
		assert_int_equal(sp_type_ok(rows[i].type), rows[i].ok);
		assert_int_equal(sp_type_issuers(rows[i].type), rows[i].issuers);
		assert_int_equal(sp_pathlen(rows[i].type, true), rows[i].pathlen);
		assert_int_equal(sp_pathlen(rows[i].type, false), rows[i].flat);
		assert_string_equal(sp_type_text(rows[i].type, text), rows[i].text);
	}
	assert_string_equal(sp_type_text(0x3ff, text), "cardholder+merchant+gateway+cca+mca+pca+gca+bca+rca+acq");
}

static void
urls(void **state)
{
	static const struct {
		const char *url;
		bool ok;
	} rows[] = {
	    {"http://a", true},
	    {"https://a/b.crl", true},
	    {"http://", false},
	    {"ftp://a", false},
	    {"ldap://a", false},
	    {"http://a b", false},
	    {"http://\xc3\xa9", false},
	    {"", false},
	};
	static uint8_t longest[513] = "http://";

	(void)state;
	for (size_t i = 0; i < NELEMS(rows); i++)
		assert_int_equal(sp_url_ok(sp_bytes_str(rows[i].url)), rows[i].ok);
	memset(longest + 7, 'a', sizeof(longest) - 7);
	assert_true(sp_url_ok(sp_bytes(longest, 512)));
	assert_false(sp_url_ok(sp_bytes(longest, 513)));
}

static void
tunnel_algorithms(void **state)
{
	char text[SP_OID_TEXT];

	(void)state;
	assert_string_equal(sp_oid_text(sp_tunnel_oid(SETPKI_SUITE_CLASSIC), text), "1.3.14.3.2.7");
	assert_string_equal(sp_oid_text(sp_tunnel_oid(SETPKI_SUITE_MODERN), text), "2.16.840.1.101.3.4.1.46");
	assert_int_equal(sp_tunnel_oid(SETPKI_SUITE_NONE).n, 0);
	assert_string_equal(sp_oid_text(sp_oid_policy_root, text), "2.23.42.5.0");
	assert_string_equal(sp_oid_text(sp_oid_set_qualifier, text), "2.23.42.7.6");
	assert_string_equal(sp_oid_text(sp_oid_root_thumb, text), "2.23.42.3.0.0");
	assert_string_equal(sp_oid_text(sp_oid_ca_issuers, text), "1.3.6.1.5.5.7.48.2");
}

/* --- docs/extensions.md ------------------------------------------------------------------------------------------- */

static const char head[] =
    "# Extensions and kinds of certificate\n\n"
    "This page is written from the rule table in `lib/x509/ext.c` (`test_ext --write`); `tests/lib/x509/test_ext.c`\n"
    "fails when the two differ. The same rows drive building (`build_*.c`), linting (`lint_*.c`), the chain rules and\n"
    "printing. Sources name sections of the protocol description; what in them is confirmed and what is our reading\n"
    "stands in [conformance.md](conformance.md).\n\n"
    "## Extensions\n\n"
    "| extension | OID | critical | suites | source |\n|---|---|---|---|---|\n";

static const char kinds_head[] =
    "\nThe modern suite lets a policy make the two marked extensions non-critical, so that stock validators accept "
    "the\n"
    "chain (`relax_critical`); the library enforces them all the same.\n\n"
    "## Kinds\n\n"
    "| kind | certificateType | keyUsage | basicConstraints | key |\n|---|---|---|---|---|\n";

static const char cells_head[] =
    "\npathLen is 3 for a root, 2 for a brand CA (1 without a geopolitical level), 1 for a geopolitical CA, 0 for an\n"
    "issuing CA.\n\n"
    "## Which extension in which certificate\n\n"
    "**r** required, **o** optional, **–** none, **c** required where certificateType has cca. Extensions of the "
    "modern\n"
    "suite alone are absent in classic. subjectAltName and issuerAltName are read, never built; cRLNumber belongs to\n"
    "CRLs.\n\n"
    "| |";

static void
key_usage_words(struct sp_buf *out, uint32_t bits)
{
	static const struct {
		uint32_t bit;
		const char *word;
	} words[] = {
	    {SETPKI_KU_DIGITAL_SIGNATURE, "digitalSignature"},
	    {SETPKI_KU_KEY_ENCIPHERMENT, "keyEncipherment"},
	    {SETPKI_KU_DATA_ENCIPHERMENT, "dataEncipherment"},
	    {SETPKI_KU_CERT_SIGN, "keyCertSign"},
	    {SETPKI_KU_CRL_SIGN, "cRLSign"},
	};
	const char *comma = "";

	for (size_t i = 0; i < NELEMS(words); i++)
		if ((bits & words[i].bit) != 0) {
			sp_buf_printf(out, "%s%s", comma, words[i].word);
			comma = ", ";
		}
}

static void
render_extensions(struct sp_buf *out)
{
	for (unsigned i = 0; i < SP_EXT_N; i++) {
		const struct sp_ext_row *row = sp_ext_row((enum sp_ext)i);

		sp_buf_printf(out, "| %s | %s | %s%s | %s | %s |\n", row->name, row->dotted,
		    row->critical ? "yes" : "no", row->relaxable ? " (may be relaxed)" : "",
		    row->modern_only ? "modern" : "both", row->spec);
	}
}

static void
render_kinds(struct sp_buf *out)
{
	char type[SP_TYPE_TEXT];

	for (int k = 1; k < SETPKI_KIND_N; k++) {
		const struct sp_kind_row *row = sp_kind_row((enum setpki_kind)k);

		sp_buf_printf(
		    out, "| %s | %s%s | ", row->name, row->one_type ? "" : "of ", sp_type_text(row->type_mask, type));
		key_usage_words(out, row->key_usage);
		sp_buf_printf(out, " | %s | %s%s |\n", row->ca ? "cA, pathLen" : "empty",
		    row->exchange ? "key exchange" : "signature", row->self_signed ? ", self-signed" : "");
	}
}

static void
render_cells(struct sp_buf *out)
{
	for (int k = 1; k < SETPKI_KIND_N; k++)
		sp_buf_printf(out, " %s |", setpki_kind_name((enum setpki_kind)k));
	sp_buf_add_str(out, "\n|---|");
	for (int k = 1; k < SETPKI_KIND_N; k++)
		sp_buf_add_str(out, "---|");
	for (unsigned i = 0; i < SP_EXT_N; i++) {
		sp_buf_printf(out, "\n| %s |", sp_ext_row((enum sp_ext)i)->name);
		for (int k = 1; k < SETPKI_KIND_N; k++) {
			char c = cell((enum setpki_kind)k, (enum sp_ext)i, SETPKI_SUITE_MODERN);

			sp_buf_printf(out, " %s |", c == '-' ? "–" : (char[]){c, '\0'});
		}
	}
	sp_buf_add_str(out, "\n");
}

static void
render(struct sp_buf *out)
{
	sp_buf_add_str(out, head);
	render_extensions(out);
	sp_buf_add_str(out, kinds_head);
	render_kinds(out);
	sp_buf_add_str(out, cells_head);
	render_cells(out);
}

static FILE *
open_page(const char *mode)
{
	const char *top = getenv("TEST_TOP");
	char path[4096];

	snprintf(path, sizeof(path), "%s/docs/extensions.md", top != NULL ? top : ".");
	return fopen(path, mode);
}

static void
the_page_says_what_the_rows_say(void **state)
{
	static char page[65536];
	struct sp_buf want = {0};
	FILE *f = open_page("rb");
	size_t n;

	(void)state;
	assert_non_null(f);
	n = fread(page, 1, sizeof(page), f);
	fclose(f);
	render(&want);
	assert_false(want.failed);
	if (!sp_bytes_eq(sp_bytes(page, n), sp_buf_bytes(&want)))
		fail_msg("docs/extensions.md is not what the rule table says; write it anew with test_ext --write");
	sp_buf_free(&want);
}

static int
write_page(void)
{
	struct sp_buf page = {0};
	FILE *f = open_page("wb");
	bool ok;

	render(&page);
	ok = f != NULL && !page.failed && fwrite(page.p, 1, page.n, f) == page.n;
	if (f != NULL && fclose(f) != 0)
		ok = false;
	sp_buf_free(&page);
	return ok ? 0 : 1;
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(cells_are_those_of_the_specification),
	    cmocka_unit_test(without_a_suite_nothing_modern_is_demanded),
	    cmocka_unit_test(extension_rows_are_consistent),
	    cmocka_unit_test(kind_rows_are_consistent),
	    cmocka_unit_test(types_and_their_issuers),
	    cmocka_unit_test(urls),
	    cmocka_unit_test(tunnel_algorithms),
	    cmocka_unit_test(the_page_says_what_the_rows_say),
	};

	if (argc > 1 && strcmp(argv[1], "--write") == 0)
		return write_page();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
