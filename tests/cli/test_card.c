/* Issuing to a cardholder: the PAN goes into the blinded account and nowhere else. */
#include "lib/crypto/account.h"
#include "tests/support/check.h"
#include "tests/support/cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define PAN "4123450987654321"
#define ISSUE "setca issue cardholder --expiry 202812 --pan-fd 3 3<pan.txt"

#define WAITING "exec setca issue cardholder --expiry 202812 --out eve --pan-fd 3 3<>pipe"

static int
make_home(void **state)
{
	(void)state;
	cli_enter("card");
	cli_ok("setca init policies/demo.yaml");
	cli_ok("printf '" PAN "\\n' >pan.txt");
	return 0;
}

/* The PAN as text, in hex and in hex of its text, in every file but the one that the test made. */
static void
assert_pan_nowhere(void)
{
	char *found = cli_expect(1, "grep -rlae '" PAN "' --exclude=pan.txt .");

	assert_string_equal(found, "");
	free(found);
	free(cli_expect(
	    1, "printf '" PAN "' | od -An -tx1 | tr -d ' \\n' >../hex; grep -rlaf ../hex --exclude=pan.txt ."));
}

static void
the_pan_is_in_no_file_and_no_output(void **state)
{
	struct cli_result r;

	(void)state;
	cli_enter("card");
	cli_run(&r, ISSUE " --out alice --explain");
	if (r.status != 0)
		fail_msg("status %d: %s", r.status, r.err);
	assert_null(strstr(r.out, PAN));
	assert_null(strstr(r.err, PAN));
	cli_free(&r);
	cli_ok("setca publish");
	cli_ok("setca audit log --limit 10000 | grep -c 'certificate issued'");
	assert_pan_nowhere();
}

static void
refusals_do_not_repeat_the_pan(void **state)
{
	static const char *const lines[] = {
	    "printf '" PAN "x\\n' >pan.txt; " ISSUE " --out eve",
	    "printf '" PAN "12345\\n' >pan.txt; " ISSUE " --out eve",
	    "printf '9" PAN "\\n' >pan.txt; " ISSUE " --out eve",
	    "printf '" PAN
	    "\\n' >pan.txt; setca issue cardholder --expiry 203401 --lifetime 9y --pan-fd 3 3<pan.txt --out eve",
	    "printf '" PAN "\\n' >pan.txt; setca issue cardholder --expiry 202501 --pan-fd 3 3<pan.txt --out eve",
	    "printf '%s\\n' $(seq -s " PAN " 40) >pan.txt; " ISSUE " --out eve",
	};
	struct cli_result r;
	size_t i;

	(void)state;
	cli_enter("card");
	for (i = 0; i < NELEMS(lines); i++) {
		cli_run(&r, "%s", lines[i]);
		if (r.status == 0 || strstr(r.out, PAN) != NULL || strstr(r.err, PAN) != NULL)
			fail_msg("%s\nstatus %d\n%s%s", lines[i], r.status, r.out, r.err);
		cli_free(&r);
	}
	cli_ok("printf '" PAN "\\n' >pan.txt");
	assert_pan_nowhere();
}

/* What an issuer or gateway does when it later sees PAN and PANSecret. */
static void
pan_and_secret_give_the_name(void **state)
{
	uint8_t secret[SP_SECRET_LEN];
	struct setpki_error err = {0};
	struct sp_account a;
	setpki_ctx *ctx;
	char *hex, *cn;
	struct stat st;
	size_t n;

	(void)state;
	cli_enter("card");
	assert_int_equal(stat("alice/pan-secret", &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_non_null(hex = cli_slurp("alice/pan-secret", &n));
	hex[strcspn(hex, "\n")] = '\0';
	t_ok(setpki_hex_parse(hex, secret, sizeof(secret), &n, &err), &err);
	assert_int_equal(n, SP_SECRET_LEN);
	cn = cli_expect(0,
	    "openssl x509 -in alice/signature.cer -noout -subject -nameopt multiline | sed -n 's/.*commonName *= "
	    "//p' | tr -d '\\n'");
	t_ok(setpki_ctx_new(NULL, &ctx, &err), &err);
	t_ok(sp_account_parse(PAN, "202812", &a, &err), &err);
	t_ok(sp_account_check(ctx, SETPKI_SUITE_MODERN, &a, secret, cn, &err), &err);
	secret[0] ^= 1;
	t_code(sp_account_check(ctx, SETPKI_SUITE_MODERN, &a, secret, cn, NULL), SETPKI_E_SIGNATURE, NULL);
	setpki_ctx_free(ctx);
	free(cn);
	free(hex);
}

static void
the_same_request_again_gets_the_same_certificate(void **state)
{
	char *text;

	(void)state;
	cli_enter("card");
	cli_ok("cp alice/signature.cer first.cer; cp alice/pan-secret first.secret");
	text = cli_expect(0, ISSUE " --out alice");
	assert_non_null(strstr(text, "issued before"));
	free(text);
	cli_ok("cmp alice/signature.cer first.cer && cmp alice/pan-secret first.secret");
}

static void
the_same_key_for_another_card_is_refused(void **state)
{
	(void)state;
	cli_enter("card");
	cli_refused(1, "another card",
	    "printf '4123450000000001\\n' >pan2.txt; "
	    "setca issue cardholder --expiry 202812 --pan-fd 3 --out alice 3<pan2.txt");
}

static void
the_certificate_ends_with_the_card(void **state)
{
	char *text;

	(void)state;
	cli_enter("card");
	text = cli_expect(0, "setca issue cardholder --expiry 202702 --pan-fd 3 --out short 3<pan.txt");
	assert_non_null(strstr(text, "to 2027-02-28T23:59:59Z"));
	free(text);
}

/* While it waits for the card number: no core file. */
static void
no_core_file(void **state)
{
	(void)state;
	cli_enter("card");
	cli_ok("mkfifo pipe; ulimit -c unlimited 2>/dev/null; " WAITING " & p=$!; "
	       "for i in $(seq 200); do grep -q 'core file size *0 *0 ' /proc/$p/limits && break; sleep 0.02; done; "
	       "grep 'core file size *0 *0 ' /proc/$p/limits; found=$?; kill $p; wait $p; exit $found");
}

static void
only_the_public_folder_is_for_others(void **state)
{
	char *text;

	(void)state;
	cli_enter("card");
	text = cli_expect(0, "find setca-home alice -perm /077 -not -path '*/public*' -not -name '*.cer'");
	assert_string_equal(text, "");
	free(text);
}

static void
a_dry_run_leaves_nothing(void **state)
{
	(void)state;
	cli_enter("card");
	cli_ok("setca audit log --limit 10000 >before; " ISSUE
	       " --out dry --dry-run && test ! -e dry && setca audit log --limit 10000 | cmp before -");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_pan_is_in_no_file_and_no_output),
	    cmocka_unit_test(refusals_do_not_repeat_the_pan),
	    cmocka_unit_test(pan_and_secret_give_the_name),
	    cmocka_unit_test(the_same_request_again_gets_the_same_certificate),
	    cmocka_unit_test(the_same_key_for_another_card_is_refused),
	    cmocka_unit_test(the_certificate_ends_with_the_card),
	    cmocka_unit_test(no_core_file),
	    cmocka_unit_test(only_the_public_folder_is_for_others),
	    cmocka_unit_test(a_dry_run_leaves_nothing),
	};

	return cmocka_run_group_tests_name("card", tests, make_home, NULL);
}
