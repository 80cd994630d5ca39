/* setverify on real files: options, formats, exit status. */
#include "tests/support/check.h"
#include "tests/support/cli.h"

#include <jansson.h>
#include <stdlib.h>

#define ROOT "--root root.cer"
#define SET "--untrusted brand.p7c --bci brand.p7c --crl brand.p7c"
#define ALL "setverify " ROOT " " SET " "

/* A brand's set with one gateway certificate revoked; a folder with good certificates and other things. */
static int
make_world(void **state)
{
	(void)state;
	cli_enter("setverify");
	cli_ok("setca init policies/demo.yaml");
	cli_ok("setca issue gateway --name good --out good");
	cli_ok("setca issue gateway --name bad --out bad");
	cli_ok("setca revoke --file bad/signature.cer --reason keyCompromise --yes");
	cli_ok("setca publish");
	cli_ok("cp setca-home/public/brand/current/set/brand.p7c . && cp setca-home/public/brand/current/ca/root-1.cer "
	       "root.cer");
	cli_ok("mkdir folder && cp good/*.cer folder/ && echo hello >folder/README");
	cli_ok("mkdir broken && cp good/*.cer broken/ && head -n 5 good/exchange.cer >broken/half.cer");
	cli_ok("openssl x509 -in good/signature.cer -outform DER -out good.der");
	cli_ok(
	    "openssl x509 -in root.cer -outform DER | openssl asn1parse -inform DER -strparse 4 -noout -out root.tbs");
	cli_ok("openssl dgst -sha256 -r root.tbs | cut -c 1-64 >root.thumb");
	cli_ok("cat good/signature.cer good/exchange.cer >two.pem");
	cli_ok("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout other.key -out other.cer "
	       "-subj /CN=Other -days 36500 2>/dev/null");
	/* version 1, which no SET certificate is */
	cli_ok(
	    "openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout odd.key -out odd.csr -subj /CN=Odd "
	    "2>/dev/null && openssl x509 -req -in odd.csr -signkey odd.key -out odd.cer 2>/dev/null");
	cli_ok("mkdir mixed && cp setca-home/public/brand/current/ca/*.cer odd.cer mixed/");
	cli_ok("cat good/signature.cer odd.cer >good-odd.pem");
	return 0;
}

static struct row {
	const char *name, *line;
	int status;
	const char *says;      /* in standard output; NULL: anything */
	const char *complains; /* in standard error; NULL: anything */
} rows[] = {
    {"valid", ALL "good/signature.cer", 0, "good/signature.cer: valid: gateway signature", ""},
    {"valid_der_and_folder", ALL "good.der folder", 0, "folder/exchange.cer: valid", ""},
    {"two_in_one_file", ALL "two.pem", 0, "gateway key exchange", ""},
    {"standard_input", ALL "- <good.der", 0, "-: valid", ""},
    {"root_by_thumb", "setverify --root-thumb $(cat root.thumb) " SET " good.der", 0, ": valid", ""},
    {"the_set_as_root", "setverify --root brand.p7c good.der", 0, ": valid", ""},
    {"kind_and_brand", ALL "--kind gateway --brand Demo good.der", 0, ": valid", ""},
    {"a_ca_by_its_role", ALL "--kind root root.cer", 0, ": valid: root", ""},
    {"revoked", ALL "bad/signature.cer", 1, "chain.revoked", ""},
    {"one_of_several_revoked", ALL "good.der bad/signature.cer", 1, "good.der: valid", ""},
    {"another_kind", ALL "--kind merchant good.der", 1, "chain.ask.type", ""},
    {"another_brand", ALL "--brand Other good.der", 1, "chain.ask.brand", ""},
    {"another_suite", ALL "--suite classic good.der", 1, "chain.suite.asked", "too weak"},
    {"another_root", "setverify --root root.cer good.der other.cer --untrusted brand.p7c --revocation if-present", 1,
	"other.cer: refused", ""},
    {"past_the_end", ALL "--at 2040-01-01 good.der", 1, "chain.validity.expired", ""},
    {"will_run_out", ALL "--until 300d good.der", 1, "chain.bci.expired", ""},
    {"will_last", ALL "--until 1h good.der", 0, "on 2026-11-23T13:00:00Z: valid", ""},
    {"no_bci", "setverify " ROOT " --untrusted setca-home/public/brand/current/ca good.der", 3, "chain.bci.missing",
	""},
    {"no_bci_wanted",
	"setverify " ROOT " --untrusted setca-home/public/brand/current/ca --revocation if-present good.der", 0,
	": valid", ""},
    {"crls_without_bci",
	"setverify " ROOT " --untrusted setca-home/public/brand/current/ca --crl "
	"setca-home/public/brand/current/crl --revocation require-crl good.der",
	0, ": valid", ""},
    {"no_issuers", "setverify " ROOT " good.der", 3, "chain.issuer.missing", ""},
    {"no_root", "setverify good.der", 3, "", "no root is given"},
    {"no_such_file", ALL "nothing.cer", 3, "", "nothing.cer"},
    {"no_certificate_in_it", ALL "good/signature.key", 2, "", "holds no certificate"},
    {"half_a_certificate_in_a_folder", ALL "broken", 1, "", "broken/half.cer"},
    {"foreign_certificate_in_a_folder", "setverify " ROOT " --untrusted mixed --revocation if-present good.der", 0,
	": valid", "odd.cer: a certificate in it is passed over"},
    {"foreign_certificate_by_name", ALL "--untrusted odd.cer good.der", 1, "", "odd.cer"},
    {"foreign_certificate_beside_the_checked_one", ALL "good-odd.pem", 1, "good-odd.pem: valid", ""},
    {"no_operand", "setverify " ROOT, 2, "", "usage: setverify"},
    {"unknown_kind", ALL "--kind wallet good.der", 2, "", "--kind wallet"},
    {"thumb_of_odd_length", "setverify --root-thumb abcd good.der", 2, "", "--root-thumb abcd"},
    {"x509_chain", "setverify --rfc5280 " ROOT " --untrusted brand.p7c --crl brand.p7c good.der", 0, ": valid", ""},
    {"x509_revoked", "setverify --rfc5280 " ROOT " --untrusted brand.p7c --crl brand.p7c bad/signature.cer", 1,
	"chain.revoked", ""},
    {"x509_crl_missing", "setverify --rfc5280 " ROOT " --untrusted setca-home/public/brand/current/ca good.der", 3,
	"chain.crl.missing", ""},
    {"x509_of_no_set_hierarchy",
	"setverify --rfc5280 --root other.cer --revocation if-present --at 2060-01-01 other.cer", 0, "other.cer: valid",
	""},
    {"x509_knows_no_bci", "setverify --rfc5280 --revocation require-bci " ROOT " good.der", 2, "", "--rfc5280"},
    {"junit", ALL "--format junit good.der bad/signature.cer", 1, "tests=\"2\" failures=\"1\" errors=\"0\"", ""},
    {"lint_clean", "setverify lint good.der brand.p7c", 0, "good.der: clean", ""},
    {"lint_finds", "setverify lint other.cer", 1, "error", ""},
    {"version_of_a_command", "setverify lint --version", 0, "setverify ", ""},
    {"version_after_an_option", "setca --json --version", 0, "setca ", ""},
    {"lint_explains", "setverify lint --explain chain.bci.sequence", 0, "12.14 (c)", ""},
    {"lint_explains_as_json", "setverify lint --explain chain.revoked --format json", 0,
	"\"schema\":\"setpki.rule/1\",\"id\":\"chain.revoked\"", ""},
    {"lint_explains_what_was_meant", "setverify lint --explain chain.revokd", 2, "", "did you mean chain.revoked?"},
    {"lint_of_nothing", "setverify lint", 2, "", "name a file"},
};

static void
run_row(void **state)
{
	const struct row *r = *state;
	struct cli_result got;

	cli_run(&got, "%s", r->line);
	if (got.status != r->status || (r->says != NULL && strstr(got.out, r->says) == NULL) ||
	    (r->complains != NULL && strstr(got.err, r->complains) == NULL))
		fail_msg("%s: status %d, wanted %d\n%s%s", r->line, got.status, r->status, got.out, got.err);
	cli_free(&got);
}

static json_t *
json_of(const char *text)
{
	json_error_t why;
	json_t *all = json_loads(text, 0, &why);

	if (all == NULL)
		fail_msg("line %d: %s\n%s", why.line, why.text, text);
	return all;
}

static const char *
text_at(const json_t *object, const char *name)
{
	const char *s = json_string_value(json_object_get(object, name));

	return s == NULL ? "" : s;
}

static void
json_says_what_text_says(void **state)
{
	char *text = cli_expect(1, ALL "--format json --until 2d good.der bad/signature.cer");
	json_t *all = json_of(text), *results = json_object_get(all, "results");
	const json_t *good = json_array_get(results, 0), *bad = json_array_get(results, 1),
		     *found = json_array_get(json_object_get(bad, "findings"), 0);

	(void)state;
	assert_string_equal(text_at(all, "schema"), "setpki.report/1");
	assert_string_equal(text_at(all, "at"), CLI_NOW);
	assert_int_equal(json_integer_value(json_object_get(all, "status")), 1);
	assert_int_equal(json_array_size(results), 2);
	assert_string_equal(text_at(good, "verdict"), "valid");
	assert_int_equal(json_array_size(json_object_get(good, "path")), 5);
	assert_int_equal(strlen(text_at(good, "fingerprint")), 64);
	assert_string_equal(text_at(json_object_get(good, "then"), "at"), "2026-11-25T12:00:00Z");
	assert_string_equal(text_at(bad, "verdict"), "refused");
	assert_string_equal(text_at(found, "id"), "chain.revoked");
	assert_string_equal(text_at(found, "severity"), "error");
	assert_int_equal(json_integer_value(json_object_get(found, "depth")), 0);
	json_decref(all);
	free(text);
}

static void
sarif_names_rule_and_file(void **state)
{
	char *text = cli_expect(1, ALL "--format sarif bad/signature.cer");
	json_t *all = json_of(text), *run = json_array_get(json_object_get(all, "runs"), 0);
	const json_t *result = json_array_get(json_object_get(run, "results"), 0);

	(void)state;
	assert_string_equal(text_at(all, "version"), "2.1.0");
	assert_string_equal(text_at(result, "ruleId"), "chain.revoked");
	assert_string_equal(text_at(result, "level"), "error");
	assert_non_null(strstr(text, "\"uri\": \"bad/signature.cer\""));
	json_decref(all);
	free(text);
}

static void
baseline_accepts_what_it_lists_and_nothing_else(void **state)
{
	(void)state;
	free(cli_expect(1, ALL "--format json bad/signature.cer >base.json"));
	free(cli_expect(0,
	    ALL "--baseline base.json bad/signature.cer | grep -q accepted && " ALL "--baseline base.json "
		"bad/signature.cer"));
	free(cli_expect(1, ALL "--baseline base.json --kind merchant bad/signature.cer"));
	free(cli_expect(3, "setverify " ROOT " --baseline base.json good.der"));
	cli_ok(
	    "setverify " ROOT " --baseline base.json " SET " --format sarif bad/signature.cer | grep -q suppressions");
	cli_refused(1, "no \"results\"", "echo '{}' >empty.json; " ALL "--baseline empty.json good.der");
	cli_refused(1, "base", "echo '[' >base2.json; " ALL "--baseline base2.json good.der");
}

static void
setca_verify_is_the_same_code_with_the_homes_roots(void **state)
{
	(void)state;
	cli_ok("setca verify good.der");
	free(cli_expect(1, "setca verify bad/signature.cer"));
	cli_ok("setca lint good.der");
}

int
main(void)
{
	struct CMUnitTest t[NELEMS(rows) + 4];
	size_t i;

	for (i = 0; i < NELEMS(rows); i++)
		t[i] = (struct CMUnitTest){rows[i].name, run_row, NULL, NULL, &rows[i]};
	t[i++] = (struct CMUnitTest)cmocka_unit_test(json_says_what_text_says);
	t[i++] = (struct CMUnitTest)cmocka_unit_test(sarif_names_rule_and_file);
	t[i++] = (struct CMUnitTest)cmocka_unit_test(baseline_accepts_what_it_lists_and_nothing_else);
	t[i++] = (struct CMUnitTest)cmocka_unit_test(setca_verify_is_the_same_code_with_the_homes_roots);
	return _cmocka_run_group_tests("setverify", t, i, make_world, NULL);
}
