/* Wrong uses of setca: each ends with the stated status and says what to do; nothing is made. */
#include "tests/support/check.h"
#include "tests/support/cli.h"

#include <unistd.h>

/* One line; standard error has `text`; the home, where there is one, stays as it is. */
struct row {
	const char *name, *line;
	int status;
	const char *text;
};

/* Without any home. */
static const struct row bare[] = {
    {"no_command", "setca", 2, "no command given"},
    {"unknown_command", "setca frobnicate", 2, "there is no command"},
    {"misspelt_command", "setca cert lst", 2, "did you mean 'cert list'?"},
    {"misspelt_option", "setca tree --jsn", 2, "did you mean '--json'?"},
    {"no_home_tree", "setca tree", 3, "setca init POLICY"},
    {"no_home_named", "setca --home nowhere tree", 3, "no home at nowhere"},
    {"no_home_by_variable", "SETCA_HOME=elsewhere setca tree", 3, "no home at elsewhere"},
    {"no_home_issue", "setca issue gateway --name x --out x", 3, "setca init POLICY"},
    {"no_home_publish", "setca publish", 3, "setca init POLICY"},
    {"init_no_policy", "setca init", 2, "init needs POLICY"},
    {"init_no_file", "setca init missing.yaml", 3, "missing.yaml: there is no such file"},
    {"init_a_folder", "setca init .", 2, "is a folder"},
    {"init_empty_file", "setca init /dev/null", 1, "is empty"},
    {"init_no_yaml", "printf '{' >bad.yaml; setca init bad.yaml", 1, "bad.yaml:"},
    {"init_unknown_only", "setca init policies/demo.yaml --only gatewai", 3, "gateway"},
    {"init_needs_passphrases", "setca init policies/production.yaml", 2, "passphrase"},
    {"init_empty_passphrase", "echo >empty; setca init policies/production.yaml --passphrase-fd 3 3<empty", 2, "empty"},
    {"init_no_descriptor", "setca init policies/production.yaml --passphrase-fd 9", 3, "descriptor 9"},
    {"check_no_file", "setca policy check missing.yaml", 3, "there is no such file"},
    {"check_misspelt_key",
	"sed 's/lifetime: 10y/lifetme: 10y/' policies/demo.yaml >typo.yaml; setca policy check typo.yaml", 1,
	"typo.yaml:"},
    {"show_no_file", "setca show missing.cer", 3, "missing.cer: there is no such file"},
    {"show_text", "echo hello >hello.txt; setca show hello.txt", 1, "hello.txt"},
    {"lint_nothing", "setca lint", 2, "name a file to check, or a finding with --explain"},
    {"help_unknown_after_option", "setca --json help frobnicate", 2, "there is no command 'frobnicate'"},
    {"help_unknown", "setca help frobnicate", 2, "there is no command"},
};

/* In a home with one gateway. */
static const struct row homely[] = {
    {"init_another_policy", "sed 's/valid: 60d/valid: 61d/' policies/demo.yaml >other.yaml; setca init other.yaml", 1,
	"policy"},
    {"ca_show_unknown", "setca ca show gatway", 3, "did you mean 'gateway'?"},
    {"ca_renew_unknown", "setca ca renew gatway --yes", 3, "gateway"},
    {"ca_renew_unasked", "setca ca renew gateway", 2, "--yes"},
    {"ca_roll_unasked", "setca ca roll gateway", 2, "--yes"},
    {"ca_roll_unknown", "setca ca roll gatway --yes", 3, "gateway"},
    {"ca_request_nothing_waits", "setca ca request root", 1, "root"},
    {"ca_sign_no_out", "setca ca sign policies/demo.yaml", 2, "--out"},
    {"ca_sign_no_bundle", "setca ca sign policies/demo.yaml --out x --yes", 1, ""},
    {"ca_install_no_answer", "setca ca install policies/demo.yaml", 1, ""},
    {"issue_no_name", "setca issue gateway --out g", 2, "needs --name"},
    {"issue_no_key", "setca issue gateway --name g", 2, "say which key"},
    {"issue_unknown_ca", "setca issue gateway --name g --out g --ca gatway", 3, "gateway"},
    {"issue_wrong_ca", "setca issue gateway --name g --out g --ca card", 1, "does not certify gateways"},
    {"issue_missing_file", "setca issue gateway --name g --signature missing.csr", 3, "there is no such file"},
    {"issue_private_key", "setca issue gateway --name g --signature gw1/signature.key", 2, "private key"},
    {"issue_certificate_as_key", "setca issue gateway --name g --signature gw1/signature.cer", 2, "is wanted"},
    {"issue_certified_key",
	"openssl pkey -in gw1/signature.key -pubout -out gw1.pub; setca issue gateway --name other --signature gw1.pub",
	1, "certified"},
    {"issue_one_key_for_both",
	"openssl genrsa 2048 2>/dev/null | openssl pkey -pubout -out one.pub; "
	"setca issue gateway --name g --signature one.pub --exchange one.pub",
	1, "two keys"},
    {"issue_ec_for_exchange",
	"openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 | openssl pkey -pubout -out ec.pub; "
	"setca issue gateway --name g --exchange ec.pub",
	1, "key"},
    {"issue_short_key",
	"openssl genrsa 1024 2>/dev/null | openssl pkey -pubout -out short.pub; "
	"setca issue gateway --name g --signature short.pub",
	1, "key"},
    {"issue_forged_request",
	"openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout f.key -subj /CN=f -outform DER "
	"-out f.csr "
	"2>/dev/null; printf '\\001' | dd of=f.csr bs=1 seek=30 conv=notrunc 2>/dev/null; "
	"setca issue gateway --name g --signature f.csr",
	1, "f.csr"},
    {"issue_too_long", "setca issue gateway --name g --out g --lifetime 50y", 1, "lifetime"},
    {"issue_lifetime_no_span", "setca issue gateway --name g --out g --lifetime soon", 2, "--lifetime"},
    {"issue_kind_with_file", "setca issue gateway --name g --signature gw1.pub --kind both", 2, "--kind"},
    {"merchant_incomplete", "setca issue merchant --name m --out m", 2, "--merchant-id"},
    {"merchant_foreign_bin",
	"setca issue merchant --name m --merchant-id 1 --city c --country-name USA --bin 999999 --out m", 1, "BIN"},
    {"merchant_country_too_large",
	"setca issue merchant --name m --merchant-id 1 --city c --country-name USA --country 1000 --out m", 2,
	"country 1000"},
    {"card_no_expiry", "setca issue cardholder --out a", 2, "--expiry"},
    {"card_no_out", "setca issue cardholder --expiry 202812", 2, "--out"},
    {"card_nobody_to_ask", "setca issue cardholder --expiry 202812 --out a", 2, "--pan-fd"},
    {"card_no_descriptor", "setca issue cardholder --expiry 202812 --out a --pan-fd 9", 3, "card number"},
    {"card_letters", "echo abc >pan; setca issue cardholder --expiry 202812 --out a --pan-fd 3 3<pan", 1, ""},
    {"card_no_month", "echo 4123450000000000 >pan; setca issue cardholder --expiry 202813 --out a --pan-fd 3 3<pan", 2,
	"--expiry takes a month"},
    {"card_foreign_bin", "echo 5999990000000000 >pan; setca issue cardholder --expiry 202812 --out a --pan-fd 3 3<pan",
	1, "599999"},
    {"card_expired", "echo 4123450000000000 >pan; setca issue cardholder --expiry 202510 --out a --pan-fd 3 3<pan", 1,
	"expired"},
    {"cert_show_unknown", "setca cert show 01ab", 3, "no certificate with the serial number 01ab"},
    {"cert_show_no_hex", "setca cert show xyz", 2, "serial number 'xyz'"},
    {"cert_find_nothing_named", "setca cert find", 2, "one of --serial, --holder and --file"},
    {"cert_find_two_named", "setca cert find --serial 01 --holder x", 2, "one of --serial, --holder and --file"},
    {"cert_find_stranger", "setca cert find --holder nobody", 3, "nobody"},
    {"cert_find_foreign_key",
	"openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 | openssl pkey -pubout -out new.pub; "
	"setca cert find --file new.pub",
	3, "no certificate of this home"},
    {"cert_list_unknown_ca", "setca cert list --ca gatway", 3, "did you mean 'gateway'?"},
    {"cert_list_wrong_place", "setca cert list --after somewhere", 2, "--after"},
    {"cert_list_wrong_place_alone", "setca cert list --after x >list.txt; r=$?; test ! -s list.txt && exit $r", 2,
	"--after"},
    {"cert_list_nothing", "setca cert list --limit 0", 2, "--limit 0 would show nothing"},
    {"audit_log_nothing", "setca audit log --limit 0", 2, "--limit 0 would show nothing"},
    {"cert_list_unknown_state", "setca cert list --state dead", 2, "--state"},
    {"cert_export_chain_der", "setca cert export 01 --der --chain", 2, "PEM"},
    {"revoke_nothing_named", "setca revoke", 2, "say which certificate"},
    {"revoke_unasked", "setca revoke --file gw1/signature.cer", 2, "--yes"},
    {"revoke_unknown_reason", "setca revoke 01ab --reason boredom --yes", 2, "--reason"},
    {"revoke_unknown_serial", "setca revoke 01ab --yes", 3, "01ab"},
    {"revoke_a_root", "setca revoke --file setca-home/public/brand/current/ca/root-1.cer --yes", 1, "root"},
    {"crl_show_no_crls", "setca crl show card", 3, ""},
    {"crl_build_no_crls", "setca crl build card", 1, "CRL"},
    {"crl_show_unknown", "setca crl show gatway", 3, ""},
    {"crl_import_own", "setca crl export gateway --out own.crl && setca crl import own.crl", 1, ""},
    {"crl_generation_beyond_16_bits", "setca crl show gateway --generation 65537", 2, "1 to 65535"},
    {"crl_generation_zero", "setca crl export gateway --generation 0", 2, "1 to 65535"},
    {"crl_import_certificate", "setca crl import gw1/signature.cer", 2, "a CRL is wanted"},
    {"bci_import_own", "setca bci export brand --out own.bci && setca bci import own.bci", 1, "live in this home"},
    {"bci_import_certificate", "setca bci import gw1/signature.cer", 2, "a BCI is wanted"},
    {"bci_unknown_brand", "setca bci build brnd", 3, "did you mean 'brand'?"},
    {"bci_show_unknown_brand", "setca bci show brnd", 3, ""},
    {"publish_unknown_brand", "setca publish --brand brnd", 3, "brnd"},
    {"policy_explain_unknown", "setca policy explain gatway", 3, "gateway"},
    {"policy_apply_unasked",
	"sed 's/valid: 60d/valid: 61d/' policies/demo.yaml >other.yaml; setca policy apply other.yaml", 2, "--yes"},
    {"policy_apply_other_suite", "setca policy apply policies/classic-1997.yaml --yes", 1, ""},
    {"policy_apply_ca_gone",
	"sed 's/- name: card$/- name: cards/' policies/demo.yaml >gone.yaml; setca policy apply gone.yaml --yes", 1,
	"'card' exists and would be gone"},
    {"policy_apply_other_name",
	"sed 's/Demo Gateway CA/Other Gateway CA/' policies/demo.yaml >name.yaml; setca policy apply name.yaml --yes",
	1, "subject.common-name of the CA 'gateway' cannot change"},
    {"policy_apply_offline",
	"sed '0,/  name: root/s//  name: root\\n  offline: true/' policies/demo.yaml >off.yaml; setca policy apply "
	"off.yaml "
	"--yes",
	1, "the keys of the CA 'root' are in this home"},
    {"account_import_no_file", "setca account import", 2, "FILE"},
    {"account_import_missing_file", "setca account import cards.txt", 3, "cards.txt: there is no such file"},
    {"account_import_unknown_ca", "echo '4123450000000008,203012' | setca account import - --ca cards", 3,
	"did you mean card?"},
    {"account_import_a_superior", "echo '4123450000000008,203012' | setca account import - --ca geo", 1, "cardholders"},
    {"account_list_limit_0", "setca account list --limit 0", 2, "--limit 0"},
    {"account_list_unknown_ca", "setca account list --ca cards", 3, "did you mean 'card'?"},
    {"account_list_after_nothing", "setca account list --after 4.17", 2, "--after"},
    {"account_list_after_half_a_place", "setca account list --after c4.00", 2, "--after"},
    {"account_remove_no_terminal", "setca account remove", 2, "--pan-fd"},
    {"account_remove_not_there", "echo 4123450000000008 | setca account remove --pan-fd 0 --yes", 3,
	"not in the account list"},
    {"account_remove_two_things", "setca account remove --all --bin 412399 --id 1 --ca merchant --yes", 2,
	"one of them"},
    {"account_remove_id_alone", "setca account remove --id 1 --yes", 2, "--bin"},
    {"account_remove_no_role", "setca account remove --bin 412399 --id 1 --yes", 2, "--role merchant"},
    {"account_remove_no_merchant", "setca account remove --bin 412399 --id 1 --role merchant --yes", 3, "no '1'"},
    {"account_remove_no_bin", "setca account remove --bin 4123 --id 1 --ca gateway --yes", 2, "6 digits"},
    {"account_remove_all_of_all", "setca account remove --all --yes", 2, "--ca"},
    {"account_remove_all_without_yes", "setca account remove --all --ca card", 2, "--yes"},
    {"release_what_is_not_held", "setca release", 1, "issuing is not held"},
    {"hold_with_a_long_reason", "setca hold --reason $(printf %0201d 1)", 2, "at most 200 octets"},
    {"hold_with_two_lines", "setca hold --reason \"$(printf 'a\\nb')\"", 2, "one line"},
    {"audit_limit_no_number", "setca audit log --limit many", 2, "takes a number"},
};

static void
row_is_refused(void **state)
{
	const struct row *r = *state;

	cli_refused(r->status, r->text, "%s", r->line);
}

static int
make_home(void **state)
{
	(void)state;
	cli_enter("usage");
	cli_ok("setca init policies/demo.yaml");
	cli_ok("setca issue gateway --name gw1 --out gw1");
	cli_ok("setca audit log --limit 10000 >log.before");
	return 0;
}

static int
enter_bare(void **state)
{
	(void)state;
	cli_enter("bare");
	return 0;
}

static void
nothing_was_made(void **state)
{
	(void)state;
	assert_int_not_equal(access("setca-home", F_OK), 0);
	assert_int_not_equal(access("nowhere", F_OK), 0);
	assert_int_not_equal(access("elsewhere", F_OK), 0);
}

static void
nothing_was_changed(void **state)
{
	(void)state;
	cli_ok("setca audit log --limit 10000 >log.after; grep -v 'serial burnt' log.after | diff log.before -");
	cli_ok("setca audit verify");
}

static int
run_rows(const char *name, const struct row *rows, size_t n, CMFixtureFunction setup, CMUnitTestFunction after)
{
	struct CMUnitTest all[128];
	size_t i;

	for (i = 0; i < n; i++)
		all[i] = (struct CMUnitTest){rows[i].name, row_is_refused, NULL, NULL, (void *)(uintptr_t)&rows[i]};
	all[n] = (struct CMUnitTest){"nothing_came_of_it", after, NULL, NULL, NULL};
	return _cmocka_run_group_tests(name, all, n + 1, setup, NULL);
}

int
main(void)
{
	int failed = run_rows("usage without a home", bare, NELEMS(bare), enter_bare, nothing_was_made);

	return failed + run_rows("usage in a home", homely, NELEMS(homely), make_home, nothing_was_changed);
}
