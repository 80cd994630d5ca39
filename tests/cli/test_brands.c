/* Two brands in one daemon, whose CAs share BINs, and two CAs of a role in one of them: who answers whom, and that
 * nothing of one brand is good in the other. */
#include "tests/support/check.h"
#include "tests/support/cli.h"
#include "tests/support/daemon.h"
#include "tests/support/enrollee.h"
#include "tests/support/http.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define POLICY "$TEST_TOP/tests/vectors/policy/brands.yaml"
#define PAN "5100000000000008"
#define GOLD "5111110000000005"

static struct t_daemon d;

#define CARD "setenroll cardholder $E --expiry 203012 --pan-fd 3 "
#define SHOP "setenroll merchant $E --merchant-id 4711 "

/* --- who answers -------------------------------------------------------------------------------- */

static const struct registered {
	const char *dir, *line, *kind, *brand, *issuer;
} registered[] = {
    {"red", CARD "--brand Red 3<pan.txt", "cardholder", "Red", "Red Card CA"},
    {"blue", CARD "--brand Blue 3<pan.txt", "cardholder", "Blue", "Blue Card CA"},
    {"gold", CARD "--brand Red:Gold 3<gold.txt", "cardholder", "Red", "Red Gold CA"},
    {"red-shop", SHOP "--brand Red --bin 520000", "merchant", "Red", "Red Shop CA"},
    {"red-mall", SHOP "--brand Red --bin 521111", "merchant", "Red", "Red Mall CA"},
    {"blue-shop", SHOP "--brand Blue --bin 520000", "merchant", "Blue", "Blue Shop CA"},
    {"blue-gw", "setenroll gateway $E --brand Blue --bin 520000", "gateway", "Blue", "Blue Gateway CA"},
};

#define VERIFY "setverify --root root.cer --kind %s --untrusted %s.p7c --bci %s.p7c --crl %s.p7c "
#define PUBLIC "setca-home/public/%s/current/"
#define PARTS "setverify --root root.cer --untrusted " PUBLIC "ca --crl " PUBLIC "crl --bci "

/* The set of another brand has the root and its list, and not the brand's; a BCI of another brand is none. */
static void
is_good_in_its_brand_alone(const struct registered *r)
{
	bool red = strcmp(r->brand, "Red") == 0;
	const char *own = red ? "red" : "blue", *other = red ? "blue" : "red";

	cli_ok(VERIFY "--brand %s %s/*.cer", r->kind, own, own, own, r->brand, r->dir);
	free(cli_expect(3, VERIFY "%s/*.cer 2>&1", r->kind, other, other, other, r->dir));
	free(cli_expect(3, PARTS "%s.bci %s/*.cer 2>&1", own, own, other, r->dir));
	cli_ok(PARTS "%s.bci %s/*.cer", own, own, own, r->dir);
	free(cli_expect(1, VERIFY "--brand %s %s/*.cer 2>&1", r->kind, own, own, own, red ? "Blue" : "Red", r->dir));
	cli_ok("setca verify --brand %s %s/*.cer", r->brand, r->dir);
}

static void
each_is_certified_by_its_ca(void **state)
{
	const struct registered *r = *state;
	char *issuer;

	cli_ok("%s --dir %s", r->line, r->dir);
	issuer = cli_expect(0, "openssl x509 -in %s/signature.cer -noout -issuer", r->dir);
	assert_non_null(strstr(issuer, r->issuer));
	free(issuer);
	is_good_in_its_brand_alone(r);
}

static const struct refused {
	const char *name, *line;
	int status;
	const char *says;
} refused[] = {
    {"a gold card that asks for no product", CARD "--brand Red 3<gold.txt", 1, "https://gold.example/register"},
    {"a product that nobody serves goes to the brand's first contact", CARD "--brand Red:Iron 3<gold.txt", 1,
	"Ask for Red Gold."},
    {"a red card that asks for gold", CARD "--brand Red:Gold 3<pan.txt", 1, "does not register these accounts"},
    {"a gold card at the other brand", CARD "--brand Blue 3<gold.txt", 1, "does not register these accounts"},
    {"a shop of another house", SHOP "--brand Red --bin 522222", 1, "https://shops.example/register"},
    {"a shop of the other brand", SHOP "--brand Blue --bin 521111", 1, "does not register these accounts"},
    {"a gateway where the brand has none", "setenroll gateway $E --brand Red --bin 520000 --timeout 1s", 3,
	"unspecifiedFailure"},
    {"a brand that is not here", CARD "--brand Green --timeout 1s 3<pan.txt", 3, "unspecifiedFailure"},
    {"a card that is in the other brand's list", CARD "--brand Blue 3<red-only.txt", 3, "requestPended"},
};

static void
others_are_not(void **state)
{
	const struct refused *r = *state;
	char *text = cli_expect(r->status, "(rm -rf none; %s --dir none) 2>&1", r->line);

	if (strstr(text, r->says) == NULL)
		fail_msg("\"%s\" is not in: %s", r->says, text);
	free(text);
	free(cli_expect(2, "ls none/*.cer 2>&1"));
}

/* --- from one brand into the other -------------------------------------------------------------- */

/* A holder of one brand, and whoever asks the other brand's CA in this holder's name. */
static void
crossed(const char *brand, const struct setpki_enroll_ask *first, enum setpki_request_type second)
{
	struct setpki_error err = {0};
	struct t_registry r, other;
	struct t_enrollee p, q;
	int64_t now;

	t_ok(setpki_time_parse(CLI_NOW, &now, &err), &err);
	t_registry_remote(&r, SETPKI_SUITE_MODERN, "Red", "root.cer", now);
	t_registry_remote(&other, SETPKI_SUITE_MODERN, brand, "root.cer", now);
	r.http = other.http = d.http;
	t_enrollee_open(&p, &r, first);
	assert_int_equal(t_enrollee_run(&p), SETPKI_ENROLL_DONE);
	p.r = &other;
	t_enrollee_renew(&q, &p, second, &(const struct setpki_enroll_ask){.pan = first->pan, .bin = first->bin});
	assert_int_equal(t_enrollee_run(&q), SETPKI_ENROLL_REFUSED);
	assert_int_equal(t_enrollee_status(&q), SETPKI_STATUS_SIG_VALIDATION_FAIL);
	t_enrollee_close(&q);
	t_enrollee_close(&p);
	t_registry_stop(&other);
	t_registry_stop(&r);
}

static void
a_certificate_is_not_renewed_in_the_other_brand(void **state)
{
	(void)state;
	crossed("Blue", &(const struct setpki_enroll_ask){.type = SETPKI_CARD_INITIAL_SIG, .pan = PAN},
	    SETPKI_CARD_RENEWAL_SIG);
	crossed("Blue", &(const struct setpki_enroll_ask){.type = SETPKI_MER_INITIAL_BOTH, .bin = "520000"},
	    SETPKI_MER_RENEWAL_BOTH);
}

static void
nor_does_it_sign_for_one_there(void **state)
{
	(void)state;
	crossed("Blue", &(const struct setpki_enroll_ask){.type = SETPKI_MER_INITIAL_SIG, .bin = "520000"},
	    SETPKI_MER_INITIAL_ENC);
}

/* --- what is published -------------------------------------------------------------------------- */

static void
save(const char *target, const char *file)
{
	struct http_answer a;
	FILE *f = fopen(file, "wb");

	http_get(d.http, target, &a);
	assert_int_equal(a.status, 200);
	assert_true(f != NULL && fwrite(a.body, 1, a.nbody, f) == a.nbody && fclose(f) == 0);
	http_answer_free(&a);
}

/* A CA's files are in its own brand's set, and the root's in both. */
static void
both_sets_are_served(void **state)
{
	static const char *const targets[] = {"/set/red.p7c", "/set/blue.p7c", "/bci/red.bci", "/bci/blue.bci",
	    "/crl/root.crl", "/crl/red.crl", "/crl/blue.crl", "/crl/blue-gateway-1.crl", "/ca/root-1.cer",
	    "/ca/red-gold-1.cer", "/ca/blue-card-1.cer"};

	(void)state;
	for (size_t i = 0; i < NELEMS(targets); i++) {
		save(targets[i], "served");
		cli_ok(
		    "for b in red blue; do f=setca-home/public/$b/current%s; ! test -e $f || cmp $f served || exit 1; "
		    "found=1; done; test $found = 1",
		    targets[i]);
	}
}

/* A gateway of one brand is revoked: its brand's list tells, and the other brand's stays as it was. */
static void
a_revocation_is_the_brands_own(void **state)
{
	struct cli_result same = {0};

	(void)state;
	cli_ok("setca revoke --file blue-gw/signature.cer --reason keyCompromise --yes");
	for (int i = 0; same.status == 0 && i < 500; i++) {
		cli_free(&same);
		usleep(10000);
		save("/set/blue.p7c", "blue.new");
		cli_run(&same, "cmp -s blue.p7c blue.new");
	}
	assert_int_equal(same.status, 1);
	cli_free(&same);
	save("/set/red.p7c", "red.new");
	cli_ok("cmp red.p7c red.new");
	free(cli_expect(1,
	    "setverify --root root.cer --untrusted blue.new --bci blue.new --crl blue.new "
	    "blue-gw/signature.cer"));
	cli_ok("setverify --root root.cer --untrusted blue.new --bci blue.new --crl blue.new blue-gw/key-exchange.cer");
}

/* --- the home ----------------------------------------------------------------------------------- */

static void
list_shop(const char *ca, const char *bin)
{
	cli_ok("echo '[{\"bin\":\"%s\",\"merchant-id\":\"4711\",\"names\":[{\"name\":\"%s\",\"city\":\"Springfield\","
	       "\"country-name\":\"USA\"}]}]' | setca account import - --ca %s",
	    bin, ca, ca);
}

static int
make_home(void **state)
{
	char text[256];

	(void)state;
	cli_enter("brands");
	cli_ok("setca init " POLICY " && cp setca-home/public/red/current/ca/root-1.cer root.cer");
	cli_ok("echo " PAN " >pan.txt; echo " GOLD " >gold.txt; echo 5100000000000016 >red-only.txt; "
	       "printf '" PAN ",203012\n5100000000000016,203012\n' | setca account import - --ca red-card && "
	       "echo " GOLD ",203012 | setca account import - --ca red-gold && "
	       "echo " PAN ",203012 | setca account import - --ca blue-card");
	list_shop("red-shop", "520000");
	list_shop("red-mall", "521111");
	list_shop("blue-shop", "520000");
	cli_ok("echo '[{\"bin\":\"520000\",\"name\":\"gw1\"}]' | setca account import - --ca blue-gateway");
	cli_ok("echo '{\"agree\":true,\"fields\":{\"fullName\":\"Alice\"}}' >a.json");
	t_daemon_start(&d, "%s", "--rate 0");
	snprintf(text, sizeof(text), "--url http://%s/ --no-passphrase --root root.cer --answers a.json", d.http);
	setenv("E", text, 1);
	save("/set/red.p7c", "red.p7c");
	save("/set/blue.p7c", "blue.p7c");
	save("/bci/red.bci", "red.bci");
	save("/bci/blue.bci", "blue.bci");
	return 0;
}

static int
end(void **state)
{
	(void)state;
	assert_int_equal(t_daemon_end(&d, SIGTERM), 0);
	cli_ok("setca audit verify");
	return 0;
}

int
main(void)
{
	struct CMUnitTest tests[NELEMS(registered) + NELEMS(refused) + 4];
	size_t n = 0;

	for (size_t i = 0; i < NELEMS(registered); i++)
		tests[n++] = (struct CMUnitTest){
		    registered[i].issuer, each_is_certified_by_its_ca, NULL, NULL, (void *)(uintptr_t)&registered[i]};
	for (size_t i = 0; i < NELEMS(refused); i++)
		tests[n++] =
		    (struct CMUnitTest){refused[i].name, others_are_not, NULL, NULL, (void *)(uintptr_t)&refused[i]};
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(a_certificate_is_not_renewed_in_the_other_brand);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(nor_does_it_sign_for_one_there);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(both_sets_are_served);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(a_revocation_is_the_brands_own);
	return _cmocka_run_group_tests("cli/brands", tests, n, make_home, end);
}
