/* setenroll against a CA in memory: whole registrations, interruptions, decisions. */
#include "tests/support/applicant.h"
#include "tests/support/check.h"
#include "tests/support/cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char *const suites[] = {"classic", "modern"};

/* --- whole registrations ----------------------------------------------------------------------- */

static void
role_registers(const struct applicant_role *role, size_t suite)
{
	struct applicant a;
	char name[64], *out;

	snprintf(name, sizeof(name), "%s-%s", role->name, suites[suite]);
	applicant_begin(&a, name, &applicant_regs[suite]);
	applicant_serve(&a, NULL);
	out = cli_expect(0, "setenroll %s --suite %s " NEW, role->line, suites[suite]);
	assert_non_null(strstr(out, "notAfter                2027-03-28T11:59:59Z"));
	assert_non_null(strstr(out, "d/signature.cer"));
	free(out);
	is_tidy("d", role->files);
	cli_ok("setverify --suite %s --root root.cer --untrusted d/chain.pem --crl d/chain.pem --bci d/chain.pem "
	       "--kind %s --brand " REG_BRAND_ID " d/*.cer",
	    suites[suite], role->name);
	cli_ok("for k in d/*.key; do openssl pkey -in $k -pubout >k.pub && "
	       "openssl x509 -in ${k%%.key}.cer -pubkey -noout | cmp - k.pub || exit 1; done");
	cli_ok("cp d/signature.cer before.cer; setenroll renew --dir d --answers answers.json %s",
	    role == &applicant_roles[CARD] ? "--expiry 203012 --pan-fd 3 3<pan.txt" : "");
	is_tidy("d", role->files);
	is_tidy("d/old-1", role->files);
	cli_ok("cmp before.cer d/old-1/signature.cer && ! cmp -s before.cer d/signature.cer");
	out = cli_expect(0, "setenroll --json show --dir d");
	assert_non_null(strstr(out, "\"schema\":\"setenroll.registration/1\",\"state\":\"done\""));
	assert_non_null(strstr(out, "\"renewUntil\":\"2027-0"));
	free(out);
	cli_ok("test \"$(setenroll show --dir d)\" = \"$(setenroll status --dir d)\"");
	applicant_end(&a);
}

static void
everybody_registers(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROLES * 2; i++)
		role_registers(&applicant_roles[i / 2], i % 2);
}

/* The second certificate is signed for by the first. */
static void
one_after_the_other(void **state)
{
	struct applicant a;

	(void)state;
	applicant_begin(&a, "parts", &applicant_regs[1]);
	applicant_serve(&a, NULL);
	cli_ok("setenroll %s --signature-only " NEW, applicant_roles[MERCHANT].line);
	is_tidy("d", "chain.pem root.pem signature.cer signature.key state.json");
	cli_refused(1, "holds certificates already", "setenroll %s " NEW, applicant_roles[MERCHANT].line);
	cli_ok("setenroll %s --exchange-only " NEW, applicant_roles[MERCHANT].line);
	is_tidy("d", applicant_roles[MERCHANT].files);
	is_tidy("d/old-1", "chain.pem root.pem state.json");
	cli_refused(
	    1, "holds certificates already", "setenroll %s --exchange-only " NEW, applicant_roles[MERCHANT].line);
	cli_ok("setenroll renew --dir d --answers answers.json --exchange-only");
	is_tidy("d/old-2", "chain.pem key-exchange.cer key-exchange.key root.pem state.json");
	applicant_end(&a);
}

static void
under_a_passphrase(void **state)
{
	struct applicant a;

	(void)state;
	applicant_begin(&a, "passphrase", &applicant_regs[1]);
	applicant_serve(&a, NULL);
	write_text("wrong.txt", "of another wallet\n");
	cli_refused(2, "--passphrase-fd", "setenroll %s --url $URL --brand x --root root.cer --dir d",
	    applicant_roles[GATEWAY].line);
	cli_ok("setenroll %s --url $URL --brand " REG_BRAND_ID " --root root.cer --dir d --answers answers.json "
	       "--passphrase-fd 4 4<pass.txt",
	    applicant_roles[GATEWAY].line);
	cli_ok("grep -l 'BEGIN ENCRYPTED PRIVATE KEY' d/signature.key && "
	       "openssl pkey -in d/key-exchange.key -passin file:pass.txt -noout");
	cli_refused(1, "signature.key", "setenroll renew --dir d --answers answers.json --passphrase-fd 4 4<wrong.txt");
	cli_refused(2, "--passphrase-fd", "setenroll renew --dir d --answers answers.json");
	cli_ok("setenroll renew --dir d --answers answers.json --passphrase-fd 4 4<pass.txt");
	cli_ok("openssl pkey -in d/signature.key -passin file:pass.txt -noout && setenroll show --dir d");
	applicant_end(&a);
}

/* What is trusted: by thumb, or as the successor of what is. */
static void
roots(void **state)
{
	struct applicant a;
	char *list;

	(void)state;
	applicant_begin(&a, "roots", &applicant_regs[1]);
	applicant_serve(&a, NULL);
	cli_ok("setenroll %s " COMMON "--answers answers.json --root-thumb "
	       "$(setca show root.cer | sed -n 's/^ *thumb  *\\([0-9a-f]*\\).*/\\1/p')",
	    applicant_roles[GATEWAY].line);
	cli_ok("openssl x509 -in d/root.pem -outform DER | cmp - root.cer");
	cli_ok(
	    "rm -r d; setenroll %s " COMMON "--answers answers.json --root first.cer", applicant_roles[GATEWAY].line);
	list = cli_expect(0, "grep -c BEGIN d/root.pem");
	assert_string_equal(list, "2\n");
	free(list);
	cli_refused(1, "the CA's answer",
	    "rm -r d; setenroll %s " COMMON "--answers answers.json --root-thumb $(printf %%064d 7)",
	    applicant_roles[GATEWAY].line);
	applicant_end(&a);
}

/* Whom to trust was the mistake: the same command with another root goes on. */
static void
another_root(void **state)
{
	static const char *const wrong[] = {"--root other.pem", "--root-thumb $(printf %064d 7)"};
	static const char *const right[] = {"--root-thumb $THUMB", "--root root.cer"};
	struct applicant a;

	(void)state;
	applicant_begin(&a, "another-root", &applicant_regs[1]);
	applicant_serve(&a, NULL);
	cli_ok("setca --home h init policies/demo.yaml && cp h/public/brand/current/ca/root-1.cer other.pem");
	for (size_t i = 0; i < NELEMS(wrong) * NELEMS(right); i++) {
		cli_refused(1, "chain.root.untrusted", "rm -rf d; setenroll %s " COMMON "--answers answers.json %s",
		    applicant_roles[GATEWAY].line, wrong[i / 2]);
		cli_refused(1, "chain.root.untrusted", "setenroll status --dir d");
		cli_ok("THUMB=$(setca show root.cer | sed -n 's/^ *thumb  *\\([0-9a-f]*\\).*/\\1/p'); "
		       "setenroll %s " COMMON "--answers answers.json %s",
		    applicant_roles[GATEWAY].line, right[i % 2]);
		cli_ok("openssl x509 -in d/root.pem -outform DER | cmp - root.cer && test $(grep -c BEGIN d/root.pem) "
		       "= 1");
	}
	applicant_end(&a);
}

/* So was where the CA is. */
static void
another_url(void **state)
{
	struct applicant a;

	(void)state;
	applicant_begin(&a, "another-url", &applicant_regs[1]);
	applicant_serve(&a, NULL);
	cli_refused(3, "127.0.0.1:1", "URL=http://127.0.0.1:1/; T=1s; setenroll " CARD_LINE NEW);
	cli_refused(3, "'setenroll status --dir d' goes on with it", "setenroll status --dir d --timeout 1s");
	cli_ok("setenroll " CARD_LINE NEW " && setenroll --json show --dir d | grep -q '\"url\":\"'$URL");
	is_tidy("d", applicant_roles[CARD].files);
	applicant_end(&a);
}

/* --- interruptions ------------------------------------------------------------------------------ */

/* The CA is away from the k-th message on, or its answer gets lost: the same bytes go out the next time. */
static void
interrupted(void **state)
{
	static const enum counter_act ways[] = {COUNTER_BUSY, COUNTER_LOSE};
	struct applicant a;
	char name[64];

	(void)state;
	for (unsigned i = 0; i < 6; i++) {
		enum counter_act acts[16] = {0};
		unsigned k = i / 2, n = 0;

		snprintf(name, sizeof(name), "interrupted-%u", i);
		applicant_begin(&a, name, &applicant_regs[1]);
		while (n < k)
			acts[n++] = COUNTER_CHARSET;
		while (n < k + 3) /* tried again after a quarter of a second, and after a half */
			acts[n++] = ways[i % 2];
		applicant_serve(&a, acts);
		cli_refused(3, "http://127.0.0.1", "T=1s; setenroll " CARD_LINE NEW);
		has_posts(k + 3);
		cli_ok(
		    "setenroll show --dir d | grep 'under way' && test -d d/session && ! grep -rq %s d", APPLICANT_PAN);
		cli_refused(1, "differs in --language ('en')", "setenroll " CARD_LINE NEW "--language de");
		cli_refused(1, "a registration (cardInitialSig) is under way in d, and a renewal comes after it",
		    "setenroll renew --dir d --answers answers.json");
		cli_ok(k == 1 ? "setenroll " CARD_LINE NEW : "setenroll status --dir d --answers answers.json");
		assert_true(same_posts(k + 1, k + 2) && same_posts(k + 1, k + 4));
		has_posts(6);
		is_tidy("d", applicant_roles[CARD].files);
		applicant_end(&a);
	}
}

static void
tries_again(void **state)
{
	static const enum counter_act acts[] = {
	    COUNTER_DROP, COUNTER_UNSIGNED, COUNTER_BUSY, COUNTER_CHARSET, COUNTER_LOSE, COUNTER_ANSWER};
	struct applicant a;

	(void)state;
	applicant_begin(&a, "again", &applicant_regs[1]);
	applicant_serve(&a, acts);
	cli_ok("T=20s; setenroll %s " NEW, applicant_roles[MERCHANT].line);
	assert_true(same_posts(1, 2) && same_posts(1, 3) && same_posts(1, 4) && !same_posts(4, 5) && same_posts(5, 6));
	has_posts(6);
	applicant_end(&a);
}

/* The results had moved up in part when the process was killed. */
static void
half_moved(void **state)
{
	struct applicant a;

	(void)state;
	applicant_begin(&a, "half", &applicant_regs[1]);
	applicant_serve(&a, NULL);
	cli_ok("setenroll %s " NEW " && cp -r d done", applicant_roles[MERCHANT].line);
	cli_ok("mkdir -m 700 d/session && mv d/key-exchange.cer d/root.pem d/state.json d/session && "
	       "ln d/chain.pem d/session && touch d/session/sealed");
	cli_ok("setenroll show --dir d && diff -r d done");
	/* never begun: no state */
	cli_ok("mkdir -m 700 d/session && cp d/signature.key d/session && setenroll status --dir d && diff -r d done");
	applicant_end(&a);
}

/* --- decisions ---------------------------------------------------------------------------------- */

static void
pended(void **state)
{
	/* two messages and CertReq; inquiries: not yet, decided */
	static const enum counter_act acts[] = {
	    COUNTER_CHARSET, COUNTER_CHARSET, COUNTER_CHARSET, COUNTER_CHARSET, COUNTER_DECIDE, COUNTER_ANSWER};
	struct applicant a;

	(void)state;
	applicant_begin(&a, "pended", &applicant_regs[1]);
	a.desk.status = SETPKI_STATUS_PENDED;
	applicant_serve(&a, acts);
	cli_refused(3, "setenroll status --dir d", "setenroll " CARD_LINE NEW);
	cli_ok("setenroll status --dir d | { grep 'status  *requestPended'; }");
	cli_ok("setenroll status --dir d | grep 'state  *done'");
	is_tidy("d", applicant_roles[CARD].files);
	applicant_end(&a);
}

static void
waited_for(void **state)
{
	static const enum counter_act acts[] = {
	    COUNTER_CHARSET, COUNTER_CHARSET, COUNTER_CHARSET, COUNTER_DECIDE, COUNTER_ANSWER};
	struct applicant a;

	(void)state;
	applicant_begin(&a, "waited", &applicant_regs[1]);
	a.desk.status = SETPKI_STATUS_IN_PROGRESS;
	applicant_serve(&a, acts);
	cli_ok("setenroll %s --wait 20s " NEW, applicant_roles[MERCHANT].line);
	is_tidy("d", applicant_roles[MERCHANT].files);
	applicant_end(&a);
}

static void
refused(void **state)
{
	static char why[] = "is not a name";
	static const struct setpki_failed_item failed[] = {{1, why}};
	struct applicant a;
	char *out;

	(void)state;
	applicant_begin(&a, "refused", &applicant_regs[1]);
	a.desk.status = SETPKI_STATUS_REJECTED_BY_ISSUER;
	a.desk.message = "Please call us";
	applicant_serve(&a, NULL);
	out = cli_expect(1, "setenroll " CARD_LINE NEW);
	assert_non_null(strstr(out, "rejectedByIssuer"));
	assert_non_null(strstr(out, "Please call us"));
	free(out);
	is_tidy("d", "");
	counter_close(&a.counter);
	a.desk.status = SETPKI_STATUS_FORM_MALFORMED;
	a.desk.failed = failed;
	a.desk.nfailed = 1;
	applicant_serve(&a, NULL);
	out = cli_expect(1, "setenroll --json " CARD_LINE NEW);
	assert_non_null(
	    strstr(out, "\"failed\":[{\"number\":1,\"label\":\"Name on the card\",\"reason\":\"is not a name\"}]"));
	free(out);
	/* the form stays open for a better file, in this registration; what is wrong again is told again */
	cli_refused(1, "'setenroll status --dir d --answers FILE' answers its form anew",
	    "setenroll status --dir d --answers answers.json");
	has_posts(4);
	cli_ok("setenroll show --dir d | grep 'waitsFor  *form'");
	counter_close(&a.counter);
	a.desk.status = SETPKI_STATUS_COMPLETE;
	applicant_serve(&a, NULL);
	cli_ok("setenroll " CARD_LINE NEW);
	applicant_end(&a);
}

/* Whatever a CertRes refuses for, it is told by SET's own name, and nothing stays. */
static void
each_refusal(void **state)
{
	static const enum setpki_status statuses[] = {SETPKI_STATUS_INVALID_LANGUAGE, SETPKI_STATUS_INVALID_BIN,
	    SETPKI_STATUS_SIG_VALIDATION_FAIL, SETPKI_STATUS_DECRYPTION_ERROR, SETPKI_STATUS_REJECTED_BY_ISSUER,
	    SETPKI_STATUS_REJECTED_BY_ACQUIRER, SETPKI_STATUS_FORM_MALFORMED, SETPKI_STATUS_REJECTED_BY_CA,
	    SETPKI_STATUS_UNABLE_TO_ENCRYPT};
	struct applicant a;
	char text[64];

	(void)state;
	applicant_begin(&a, "each-refusal", &applicant_regs[1]);
	for (size_t i = 0; i < NELEMS(statuses); i++) {
		a.desk.status = statuses[i];
		applicant_serve(&a, NULL);
		snprintf(text, sizeof(text), "the CA refused the request: %s", setpki_status_name(statuses[i]));
		cli_refused(1, text, "setenroll " CARD_LINE NEW);
		is_tidy("d", "");
		counter_close(&a.counter);
	}
	applicant_serve(&a, NULL);
	applicant_end(&a);
}

static void
referred(void **state)
{
	struct applicant a;

	(void)state;
	applicant_begin(&a, "referred", &applicant_regs[1]);
	a.desk.refer = true;
	applicant_serve(&a, NULL);
	cli_refused(1, "http://other.example/", "setenroll " CARD_LINE NEW " >&2");
	is_tidy("d", "");
	applicant_end(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(everybody_registers),
	    cmocka_unit_test(one_after_the_other),
	    cmocka_unit_test(under_a_passphrase),
	    cmocka_unit_test(roots),
	    cmocka_unit_test(another_root),
	    cmocka_unit_test(another_url),
	    cmocka_unit_test(interrupted),
	    cmocka_unit_test(tries_again),
	    cmocka_unit_test(half_moved),
	    cmocka_unit_test(pended),
	    cmocka_unit_test(waited_for),
	    cmocka_unit_test(refused),
	    cmocka_unit_test(each_refusal),
	    cmocka_unit_test(referred),
	};

	return cmocka_run_group_tests_name("cli/enroll_alone", tests, applicant_setup, applicant_teardown);
}
