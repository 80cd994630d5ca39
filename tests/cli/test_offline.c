/* An offline root: two homes, files between them; renewing, rolling, a new root (set-protocol 12.11, 12.12, 12.16). */
#include "tests/support/check.h"
#include "tests/support/cli.h"

#include <stdlib.h>

#define ROOT "setca --home root-home "
#define THUMB "$(" ROOT "--json tree | grep -o '\"thumb\":\"[0-9a-f]*\"' | head -n 1 | cut -d '\"' -f 4)"

static void
assert_says(char *text, const char *piece)
{
	if (strstr(text, piece) == NULL)
		fail_msg("'%s' is not in:\n%s", piece, text);
	free(text);
}

/* The demo's policy with its root elsewhere. */
static int
make_policy(void **state)
{
	(void)state;
	cli_enter("offline");
	cli_ok("sed '0,/  name: root/s//  name: root\\n  offline: true/' policies/demo.yaml >offline.yaml; "
	       "setca policy check offline.yaml");
	return 0;
}

static void
the_root_is_made_on_its_machine(void **state)
{
	(void)state;
	cli_enter("offline");
	cli_ok(ROOT "init offline.yaml --only root");
	cli_ok(ROOT "audit verify");
	cli_ok("test ! -e root-home/keys/brand-1-certificate-signing.key");
}

static void
the_other_home_waits_with_a_bundle(void **state)
{
	(void)state;
	cli_enter("offline");
	cli_refused(3, "waits for root", "setca init offline.yaml");
	cli_ok("test ! -e setca-home/keys/root-1-certificate-signing.key");
	/* again: the same wait, and nothing new */
	cli_refused(3, "waits for root", "setca init offline.yaml");
	cli_ok("setca ca request root --out for-root.pem && openssl req -in for-root.pem -noout -verify");
	cli_refused(1, "", "setca issue gateway --name early --out early");
}

static void
the_root_signs_what_its_policy_allows(void **state)
{
	(void)state;
	cli_enter("offline");
	cli_refused(2, "--yes", ROOT "ca sign for-root.pem --out answer.p7b");
	cli_ok("test ! -e answer.p7b");
	assert_says(cli_expect(0, ROOT "ca sign for-root.pem --out answer.p7b --yes"), "would be signed");
	/* the same bundle again gets the same certificates */
	assert_says(cli_expect(0, ROOT "ca sign for-root.pem --out again.p7b --yes"), "signed before");
	cli_ok("openssl pkcs7 -inform DER -in answer.p7b -print_certs -noout || openssl pkcs7 -in answer.p7b "
	       "-print_certs -noout");
}

static void
a_foreign_bundle_is_refused(void **state)
{
	(void)state;
	cli_enter("offline");
	cli_ok("openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-384 -nodes -keyout eve.key -subj /CN=Eve -out "
	       "eve.pem "
	       "2>/dev/null");
	free(cli_expect(1, ROOT "ca sign eve.pem --out eve.p7b --yes"));
	cli_ok("test ! -e eve.p7b");
}

/* What this home revoked it does not sign again, and says what to do instead. */
static void
a_revoked_ca_is_not_signed_again(void **state)
{
	(void)state;
	cli_enter("revoked");
	cli_ok("cp -r ../offline/* . && setca --home root-home revoke --request for-root.pem --yes");
	cli_refused(1, "'setca ca roll'", "setca --home root-home ca sign for-root.pem --out late.p7b --yes");
	cli_ok("test ! -e late.p7b");
}

static void
an_unknown_root_is_taken_only_when_compared(void **state)
{
	(void)state;
	cli_enter("offline");
	cli_refused(2, "--root-thumb", "setca ca install answer.p7b");
	cli_refused(1, "thumb", "setca ca install answer.p7b --root-thumb 00ff");
	assert_says(cli_expect(0, "setca ca install answer.p7b --root-thumb " THUMB), "Taken: ");
	assert_says(cli_expect(0, "setca tree"), "active");
	/* taken before: nothing is taken twice */
	cli_ok("setca ca install answer.p7b --root-thumb " THUMB);
}

static void
the_whole_hierarchy_works(void **state)
{
	(void)state;
	cli_enter("offline");
	cli_ok("setca issue gateway --name gw1 --out gw1 && setca publish && setca verify gw1/signature.cer "
	       "gw1/exchange.cer");
	cli_ok("setca audit verify && " ROOT "audit verify");
}

static void
the_roots_later_crls_come_by_file(void **state)
{
	(void)state;
	cli_enter("offline");
	cli_clock("2026-12-20T12:00:00Z");
	cli_ok(ROOT "crl build root && " ROOT "crl export root --out root.crl && setca crl import root.crl");
	assert_says(cli_expect(0, "setca crl import root.crl"), "was here already");
	cli_refused(1, "", "setca crl import setca-home/public/brand/current/crl/root-1.crl");
	cli_ok("setca publish && setca verify gw1/signature.cer");
	assert_says(cli_expect(0, "setca crl list"), "elsewhere");
	cli_refused(1, "", "setca crl build root");
}

static void
a_ca_is_renewed_with_its_key(void **state)
{
	(void)state;
	cli_enter("offline");
	cli_clock("2026-12-20T12:00:00Z");
	assert_says(cli_expect(0, "setca ca renew gateway --plan"), "gateway");
	cli_ok("setca ca renew gateway --yes && setca publish && setca verify gw1/signature.cer");
	cli_ok("setca audit verify");
}

static void
a_ca_rolls_and_the_old_generation_publishes(void **state)
{
	(void)state;
	cli_enter("offline");
	cli_clock("2026-12-21T12:00:00Z");
	cli_ok("setca ca roll gateway --yes && setca issue gateway --name gw2 --out gw2 && setca publish");
	assert_says(cli_expect(0, "setca tree"), "closing");
	cli_ok("setca verify gw1/signature.cer gw2/signature.cer");
	cli_ok("setca revoke --file gw1/signature.cer --yes && setca publish");
	assert_says(cli_expect(1, "setca verify gw1/signature.cer"), "chain.revoked");
	cli_ok("setca verify gw2/signature.cer && setca audit verify");
}

/* A brand under an offline root renews and rolls through requests as well. */
static void
a_brand_rolls_through_a_request(void **state)
{
	(void)state;
	cli_enter("offline");
	cli_clock("2026-12-22T12:00:00Z");
	cli_refused(3, "waits for root", "setca ca roll brand --yes");
	cli_ok("setca ca request root --out roll.pem && " ROOT
	       "ca sign roll.pem --out roll.p7b --yes && setca ca install roll.p7b");
	cli_ok("setca publish && setca verify gw2/signature.cer && setca audit verify");
}

/* Relying parties that trust the first root follow its hashedRootKey to the second. */
static void
a_new_root_is_followed(void **state)
{
	(void)state;
	cli_enter("succession");
	cli_ok("setca init policies/demo.yaml && cp setca-home/public/brand/current/ca/root-1.cer first.cer");
	cli_clock("2027-06-01T12:00:00Z");
	cli_ok("setca publish --due && setca ca roll root --yes && setca ca roll brand --yes && setca ca roll geo "
	       "--yes && "
	       "setca ca roll gateway --yes && setca publish && setca issue gateway --name gw9 --out gw9");
	assert_says(cli_expect(0,
			"s=setca-home/public/brand/current/set/brand.p7c; "
			"setverify --root first.cer --untrusted $s --bci $s --crl $s gw9/signature.cer"),
	    "chain.root.succeeded");
	cli_ok("setca audit verify");
}

/* The shipped policy for earnest: every key under a passphrase, the next root's under one of its own. */
static void
production_keys_are_under_passphrases(void **state)
{
	(void)state;
	cli_enter("production");
	cli_ok("printf 'one for all\\n' >one; printf 'one for all\\nanother safe\\n' >two; printf 'wrong\\n' >wrong");
	cli_refused(
	    1, "a passphrase of its own", ROOT "init policies/production.yaml --only root --passphrase-fd 3 3<one");
	cli_ok(ROOT "init policies/production.yaml --only root --passphrase-fd 3 3<two");
	cli_ok("for k in root-home/keys/*.key; do grep -q 'ENCRYPTED PRIVATE KEY' $k || exit 1; done");
	cli_ok("openssl pkey -in root-home/keys/root-1-certificate-signing.key -passin 'pass:one for all' -noout && "
	       "openssl pkey -in root-home/keys/root-2-certificate-signing.key -passin 'pass:another safe' -noout");
	cli_refused(2, "passphrase", ROOT "crl build root");
	cli_refused(1, "passphrase", ROOT "crl build root --passphrase-fd 3 3<wrong");
	cli_ok(ROOT "crl build root --passphrase-fd 3 3<one");
	cli_ok("mkdir cred && cp one cred/passphrase && CREDENTIALS_DIRECTORY=cred " ROOT "crl build root");
}

/* No new key may end up under a passphrase that the others do not have. */
static void
a_wrong_passphrase_makes_nothing(void **state)
{
	(void)state;
	cli_enter("wrong-passphrase");
	cli_ok("printf 'one for all\n' >one; printf 'wrong\n' >wrong; "
	       "sed 's/ protection: none/ protection: passphrase/' policies/demo.yaml >p.yaml");
	cli_ok("setca init p.yaml --passphrase-fd 3 3<one && ls setca-home/keys >before");
	cli_refused(1, "nothing was made: geo, certificate-signing, generation 1",
	    "setca ca roll card --yes --passphrase-fd 3 3<wrong");
	cli_ok("ls setca-home/keys | cmp - before && setca ca roll card --yes --passphrase-fd 3 3<one");
	cli_ok("for k in setca-home/keys/card-2-*.key; do openssl pkey -in $k -passin file:one -noout || exit 1; done");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_root_is_made_on_its_machine),
	    cmocka_unit_test(the_other_home_waits_with_a_bundle),
	    cmocka_unit_test(the_root_signs_what_its_policy_allows),
	    cmocka_unit_test(a_foreign_bundle_is_refused),
	    cmocka_unit_test(a_revoked_ca_is_not_signed_again),
	    cmocka_unit_test(an_unknown_root_is_taken_only_when_compared),
	    cmocka_unit_test(the_whole_hierarchy_works),
	    cmocka_unit_test(the_roots_later_crls_come_by_file),
	    cmocka_unit_test(a_ca_is_renewed_with_its_key),
	    cmocka_unit_test(a_ca_rolls_and_the_old_generation_publishes),
	    cmocka_unit_test(a_brand_rolls_through_a_request),
	    cmocka_unit_test(a_new_root_is_followed),
	    cmocka_unit_test(production_keys_are_under_passphrases),
	    cmocka_unit_test(a_wrong_passphrase_makes_nothing),
	};

	return cmocka_run_group_tests_name("offline", tests, make_policy, NULL);
}
