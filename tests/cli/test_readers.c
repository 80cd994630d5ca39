/* Stock readers read what we make: OpenSSL, GnuTLS's certtool, dumpasn1; and OpenSSL validates a gateway's chain. */
#include "tests/support/check.h"
#include "tests/support/cli.h"

#include <stdlib.h>

static int
make_everything(void **state)
{
	(void)state;
	cli_enter("readers");
	cli_ok("setca init policies/demo.yaml");
	cli_ok("setca issue gateway --name gw1 --out gw1 && setca issue gateway --name gw2 --out gw2");
	cli_ok("setca issue merchant --name 'Corner Books' --merchant-id 4711 --city Springfield --country-name USA "
	       "--out books");
	cli_ok("printf '4123450987654321\\n' >pan.txt; setca issue cardholder --expiry 202812 --pan-fd 3 --out alice "
	       "3<pan.txt");
	cli_ok("setca revoke --file gw1/signature.cer --reason keyCompromise --yes && setca publish");
	cli_ok("mkdir all; cp setca-home/public/brand/current/ca/* setca-home/public/brand/current/crl/* "
	       "setca-home/public/brand/current/bci/* setca-home/public/brand/current/set/* all/; "
	       "for s in $(setca --json cert list --limit 1000 | grep -o '\"serial\":\"[0-9a-f]*\"' | cut -d '\"' -f "
	       "4); do "
	       "setca cert export $s --der --out all/$s.cer || exit 1; done; ls all | wc -l");
	return 0;
}

static void
openssl_reads_everything(void **state)
{
	(void)state;
	cli_enter("readers");
	cli_ok("for f in all/*.cer; do openssl x509 -inform DER -in $f -noout -text >/dev/null || exit 1; done");
	cli_ok("for f in all/*.crl; do openssl crl -inform DER -in $f -noout -text >/dev/null || exit 1; done");
	cli_ok("openssl pkcs7 -inform DER -in all/brand.p7c -print_certs -noout");
	cli_ok("openssl pkey -in gw1/signature.key -noout && openssl pkey -in gw1/exchange.key -noout");
}

static void
openssl_sees_the_revocation(void **state)
{
	(void)state;
	cli_enter("readers");
	cli_ok("openssl crl -inform DER -in all/gateway.crl -noout -text | grep -q 'Key Compromise'");
}

static void
certtool_reads_everything(void **state)
{
	(void)state;
	cli_enter("readers");
	if (!cli_have("certtool"))
		skip();
	cli_ok("for f in all/*.cer; do certtool --inder -i --infile $f >/dev/null 2>certtool.err || { cat certtool.err "
	       ">&2; exit 1; "
	       "}; done");
	cli_ok("for f in all/*.crl; do certtool --inder -l --infile $f >/dev/null 2>certtool.err || { cat certtool.err "
	       ">&2; exit 1; "
	       "}; done");
}

static void
dumpasn1_finds_no_error(void **state)
{
	char *text;

	(void)state;
	cli_enter("readers");
	if (!cli_have("dumpasn1"))
		skip();
	/* The demo's dates stay within its 32-bit clock.  dumpasn1 guesses which octets hold ASN.1, and at times takes
	 * the random ones of a signature for it: one object may be faulted that is clean without guessing (-e). */
	text = cli_expect(0, "for f in all/*; do dumpasn1 -a -e $f 2>&1 | grep 'Error:' && echo $f; done; true");
	assert_string_equal(text, "");
	free(text);
	text = cli_expect(0,
	    "for f in all/*; do dumpasn1 -a $f 2>&1 | grep -q 'Error:' && echo $f; done >faulted; "
	    "sed -n '2,$p' faulted");
	assert_string_equal(text, "");
	free(text);
}

/* Five levels: gateway, gateway CA, geopolitical CA, brand, root; every CRL on the way (docs/conformance.md). */
static void
openssl_validates_a_gateways_chain(void **state)
{
	(void)state;
	cli_enter("readers");
	cli_ok("for f in geo gateway brand root; do openssl x509 -inform DER -in all/$f-1.cer -out $f.pem && "
	       "openssl crl -inform DER -in all/$f.crl -out $f.crl.pem || exit 1; done; "
	       "cat geo.pem gateway.pem brand.pem >between.pem; cat *.crl.pem >crls.pem");
	cli_ok("openssl verify -attime 1795435200 -ignore_critical -crl_check_all -CAfile root.pem -untrusted "
	       "between.pem -CRLfile "
	       "crls.pem gw2/signature.cer gw2/exchange.cer");
	cli_refused(2, "revoked",
	    "openssl verify -attime 1795435200 -ignore_critical -crl_check_all -CAfile root.pem -untrusted between.pem "
	    "-CRLfile "
	    "crls.pem gw1/signature.cer");
}

/* The demo's policy leaves SET's own extensions non-critical, so that they need not even be ignored. */
static void
the_demo_needs_no_ignore_critical(void **state)
{
	(void)state;
	cli_enter("readers");
	cli_ok("openssl verify -attime 1795435200 -crl_check_all -CAfile root.pem -untrusted between.pem -CRLfile "
	       "crls.pem "
	       "gw2/signature.cer");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(openssl_reads_everything),
	    cmocka_unit_test(openssl_sees_the_revocation),
	    cmocka_unit_test(certtool_reads_everything),
	    cmocka_unit_test(dumpasn1_finds_no_error),
	    cmocka_unit_test(openssl_validates_a_gateways_chain),
	    cmocka_unit_test(the_demo_needs_no_ignore_critical),
	};

	return cmocka_run_group_tests_name("readers", tests, make_everything, NULL);
}
