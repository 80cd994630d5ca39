/* End entities: what the policy allows is issued, what it does not is refused with the line that says so. */
#include "ca/hierarchy/roll.h"
#include "lib/base/time.h"
#include "lib/x509/merchant.h"
#include "tests/support/check.h"
#include "tests/support/home.h"
#include "tests/support/publish.h"

#include <stdio.h>
#include <stdlib.h>

#define DAY INT64_C(86400)

static struct ca_home *home;
static struct sp_buf p256, p256_other, p384, rsa2048, rsa3072, rsa1024;

static const struct sp_mer_names names = {"en", "Demo Books", "Springfield", NULL, NULL, "United States"};
static const struct sp_merchant_data good_merchant = {"M-1", "412399", &names, 1, 840, true};

static int
start(void **state)
{
	(void)state;
	home = t_demo_home("ee", T_NOW);
	t_spki(SP_KEY_P256, 256, &p256);
	t_spki(SP_KEY_P256, 256, &p256_other);
	t_spki(SP_KEY_P384, 384, &p384);
	t_spki(SP_KEY_RSA, 2048, &rsa2048);
	t_spki(SP_KEY_RSA, 3072, &rsa3072);
	t_spki(SP_KEY_RSA, 1024, &rsa1024);
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	sp_buf_free(&p256);
	sp_buf_free(&p256_other);
	sp_buf_free(&p384);
	sp_buf_free(&rsa2048);
	sp_buf_free(&rsa3072);
	sp_buf_free(&rsa1024);
	ca_home_close(home);
	return 0;
}

/* --- refusals ---------------------------------------------------------------------------------- */

/* A row changes one thing of a request that would be granted. */
struct row {
	const char *name;
	void (*change)(struct ca_ee_request *r);
	enum ca_role role;
	enum setpki_code want;
	const char *says;
};

static struct sp_merchant_data merchant;

#define CHANGE(fn) static void fn(struct ca_ee_request *r)
CHANGE(no_key)
{
	r->sig_spki = r->exch_spki = (setpki_bytes){NULL, 0};
}
CHANGE(card_exchange)
{
	r->exch_spki = sp_buf_bytes(&rsa2048);
}
CHANGE(key_type)
{
	r->sig_spki = sp_buf_bytes(&p384);
}
CHANGE(exchange_type)
{
	r->exch_spki = sp_buf_bytes(&rsa3072);
}
CHANGE(suite_key)
{
	r->sig_spki = sp_buf_bytes(&rsa1024);
}
CHANGE(one_key_for_both)
{
	r->sig_spki = r->exch_spki = sp_buf_bytes(&rsa2048);
}
CHANGE(junk_key)
{
	r->sig_spki = sp_bytes_str("not a key");
}
CHANGE(too_long)
{
	r->lifetime = 4 * 365 * DAY;
}
CHANGE(negative_lifetime)
{
	r->lifetime = -1;
}
CHANGE(card_expired)
{
	r->not_after_max = T_NOW - 1;
}
CHANGE(no_card_month)
{
	r->not_after_max = 0;
}
CHANGE(no_name)
{
	r->common_name = NULL;
}
CHANGE(empty_name)
{
	r->common_name = "";
}
CHANGE(long_name)
{
	r->common_name = "0123456789012345678901234567890123456789012345678901234567890123456789";
}
CHANGE(foreign_bin)
{
	merchant.bin = "499999";
	r->merchant = &merchant;
}
CHANGE(foreign_pan_bin)
{
	r->bin = "499999";
}
CHANGE(foreign_country)
{
	merchant.country = 276;
	r->merchant = &merchant;
}
CHANGE(no_merchant_data)
{
	r->merchant = NULL;
}
CHANGE(long_merchant_id)
{
	merchant.mer_id = "M-0123456789012345678901234567890";
	r->merchant = &merchant;
}
CHANGE(gateway_with_merchant_data)
{
	r->merchant = &good_merchant;
}
CHANGE(unknown_ca)
{
	r->ca = "gatewy";
}
CHANGE(wrong_ca)
{
	r->ca = "card";
}

static struct row rows[] = {
    {"no_key", no_key, CA_ROLE_GATEWAY, SETPKI_E_ARGUMENT, "no public key"},
    {"cardholder_key_exchange", card_exchange, CA_ROLE_CARDHOLDER, SETPKI_E_POLICY, "card.issues.cardholder.keys"},
    {"key_type_not_allowed", key_type, CA_ROLE_CARDHOLDER, SETPKI_E_POLICY, "card.issues.cardholder.keys.signature"},
    {"exchange_key_not_allowed", exchange_type, CA_ROLE_GATEWAY, SETPKI_E_POLICY,
	"gateway.issues.gateway.keys.key-exchange"},
    {"key_too_short_for_the_suite", suite_key, CA_ROLE_GATEWAY, SETPKI_E_SUITE, "1024"},
    {"one_key_for_both_purposes", one_key_for_both, CA_ROLE_GATEWAY, SETPKI_E_RULE, "two keys"},
    {"junk_key", junk_key, CA_ROLE_GATEWAY, SETPKI_E_PARSE, ""},
    {"lifetime_too_long", too_long, CA_ROLE_GATEWAY, SETPKI_E_POLICY, "gateway.issues.gateway.longest"},
    {"lifetime_negative", negative_lifetime, CA_ROLE_GATEWAY, SETPKI_E_ARGUMENT, "longer than nothing"},
    {"card_expired", card_expired, CA_ROLE_CARDHOLDER, SETPKI_E_POLICY, "the card expired"},
    {"no_card_month", no_card_month, CA_ROLE_CARDHOLDER, SETPKI_E_ARGUMENT, "expiry month"},
    {"no_common_name", no_name, CA_ROLE_GATEWAY, SETPKI_E_ARGUMENT, "common name"},
    {"empty_common_name", empty_name, CA_ROLE_GATEWAY, SETPKI_E_ARGUMENT, "common name"},
    {"long_common_name", long_name, CA_ROLE_GATEWAY, SETPKI_E_ARGUMENT, "64"},
    {"foreign_bin", foreign_bin, CA_ROLE_MERCHANT, SETPKI_E_POLICY, "merchant.issues.merchant.bins"},
    {"foreign_pan_bin", foreign_pan_bin, CA_ROLE_CARDHOLDER, SETPKI_E_POLICY, "card.issues.cardholder.bins"},
    {"foreign_country", foreign_country, CA_ROLE_MERCHANT, SETPKI_E_POLICY,
	"merchant.issues.merchant.merchant.country"},
    {"no_merchant_data", no_merchant_data, CA_ROLE_MERCHANT, SETPKI_E_ARGUMENT, "needs merchant data"},
    {"merchant_id_too_long", long_merchant_id, CA_ROLE_MERCHANT, SETPKI_E_ARGUMENT, "30"},
    {"merchant_data_for_a_gateway", gateway_with_merchant_data, CA_ROLE_GATEWAY, SETPKI_E_ARGUMENT, "for merchants"},
    {"unknown_ca", unknown_ca, CA_ROLE_GATEWAY, SETPKI_E_NOTFOUND, "did you mean gateway?"},
    {"ca_of_another_role", wrong_ca, CA_ROLE_GATEWAY, SETPKI_E_POLICY, "does not certify gateways"},
};

static struct ca_ee_request
good_request(enum ca_role role)
{
	struct ca_ee_request r = {.role = role, .sig_spki = sp_buf_bytes(&p256), .common_name = "T-1"};

	if (role == CA_ROLE_CARDHOLDER)
		r.not_after_max = T_NOW + 400 * DAY;
	if (role == CA_ROLE_MERCHANT)
		r.merchant = &good_merchant;
	return r;
}

static void
refused(void **state)
{
	const struct row *row = *state;
	struct ca_ee_request r = good_request(row->role);
	struct ca_issue_job out[2];
	struct setpki_error err = {0};
	char *line;
	size_t n = 7;

	merchant = good_merchant;
	row->change(&r);
	t_code(ca_issue_ee(home, &r, 1, false, NULL, out, &n, &err), row->want, &err);
	assert_int_equal(n, 0);
	if (strstr(err.message, row->says) == NULL && strstr(err.object, row->says) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", err.message, row->says);
	if (row->want == SETPKI_E_POLICY && strstr(row->says, ".issues.") != NULL) {
		line = strstr(err.message, "policy line ");
		assert_non_null(line);
		assert_true(atol(line + 12) > 0);
	}
}

/* --- grants ------------------------------------------------------------------------------------ */

static void
free_jobs(struct ca_issue_job *jobs, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		ca_cert_record_free(&jobs[i].out);
}

static void
gateway_gets_two(void **state)
{
	struct ca_ee_request r = good_request(CA_ROLE_GATEWAY);
	struct ca_issue_job out[2], again[2];
	struct setpki_error err = {0};
	struct sp_cert sig, enc;
	size_t n, m;

	(void)state;
	r.exch_spki = sp_buf_bytes(&rsa2048);
	t_ok(ca_issue_ee(home, &r, 1, false, NULL, out, &n, &err), &err);
	assert_int_equal(n, 2);
	t_ok(sp_cert_parse(out[0].out.der, &sig, &err), &err);
	t_ok(sp_cert_parse(out[1].out.der, &enc, &err), &err);
	assert_int_equal(sp_cert_kind(&sig), SETPKI_KIND_PGWY_SIG);
	assert_int_equal(sp_cert_kind(&enc), SETPKI_KIND_PGWY_ENC);
	assert_true(sp_bytes_eq(sig.subject, enc.subject));
	assert_int_equal(sig.not_after, sp_time_last(T_NOW, 365 * DAY));
	assert_true(sp_cert_has(&enc, SP_EXT_CARD_CERT_REQUIRED));

	t_ok(ca_issue_ee(home, &r, 1, false, NULL, again, &m, &err), &err);
	assert_int_equal(m, 2);
	assert_true(again[0].repeated && again[1].repeated);
	assert_true(sp_bytes_eq(again[0].out.der, out[0].out.der) && sp_bytes_eq(again[1].out.der, out[1].out.der));
	free_jobs(again, m);

	r.common_name = "another";
	t_code(ca_issue_ee(home, &r, 1, false, NULL, again, &m, &err), SETPKI_E_CONFLICT, &err);
	assert_non_null(strstr(err.message, "certified already"));
	free_jobs(out, n);
}

static void
card_month_cuts(void **state)
{
	struct ca_ee_request r = good_request(CA_ROLE_CARDHOLDER);
	struct ca_issue_job out[2];
	struct ca_explain why;
	struct setpki_error err = {0};
	size_t n, i, found = 0;

	(void)state;
	r.sig_spki = sp_buf_bytes(&p256_other);
	t_ok(ca_issue_ee(home, &r, 1, true, &why, out, &n, &err), &err);
	assert_int_equal(out[0].out.not_after, T_NOW + 400 * DAY);
	for (i = 0; i < why.n; i++)
		if (strcmp(why.v[i].field, "notAfter") == 0)
			found += strstr(why.v[i].from, "card's month") != NULL;
	assert_int_equal(found, 1);
	free_jobs(out, n);
}

static void
explain_names_lines(void **state)
{
	struct ca_ee_request r = good_request(CA_ROLE_MERCHANT);
	struct ca_issue_job out[2];
	struct ca_explain why;
	struct setpki_error err = {0};
	size_t n, i, lines = 0, links = 0;

	(void)state;
	r.sig_spki = sp_buf_bytes(&p256_other);
	t_ok(ca_issue_ee(home, &r, 1, true, &why, out, &n, &err), &err);
	free_jobs(out, n);
	for (i = 0; i < why.n; i++) {
		assert_true(why.v[i].value[0] != '\0');
		assert_true(why.v[i].from[0] != '\0');
		lines += strstr(why.v[i].from, "policy line ") != NULL;
		links +=
		    strstr(why.v[i].from, "statement.url") != NULL || strstr(why.v[i].from, "statement.email") != NULL;
	}
	assert_int_equal(links, 2);
	assert_true(lines >= 8);
}

/* The policy allows authorizations; the record of a merchant may forbid them. */
static void
a_merchant_may_have_less_than_the_policy(void **state)
{
	struct ca_ee_request r = good_request(CA_ROLE_MERCHANT);
	struct ca_issue_job out[2];
	struct ca_explain why;
	struct setpki_error err = {0};
	struct sp_buf der = {0};
	size_t n, i, found = 0;

	(void)state;
	merchant = good_merchant;
	merchant.auth_flag = false;
	r.merchant = &merchant;
	r.sig_spki = sp_buf_bytes(&p256_other);
	t_ok(ca_issue_ee(home, &r, 1, true, &why, out, &n, &err), &err);
	t_ok(sp_merchant_build(&merchant, &der, &err), &err);
	assert_non_null(memmem(out[0].out.der.p, out[0].out.der.n, der.p, der.n));
	for (i = 0; i < why.n; i++)
		if (strcmp(why.v[i].field, "merchantData merAuthFlag") == 0 && strcmp(why.v[i].value, "false") == 0)
			found += strcmp(why.v[i].from, "the request") == 0;
	assert_int_equal(found, 1);
	sp_buf_free(&der);
	free_jobs(out, n);
}

static void
dry_run_writes_nothing(void **state)
{
	struct ca_ee_request r = good_request(CA_ROLE_CARDHOLDER);
	struct ca_issue_job out[2];
	struct setpki_error err = {0};
	uint64_t before, after;
	uint8_t root[32];
	ca_txn *t;
	size_t n;

	(void)state;
	r.sig_spki = sp_buf_bytes(&p256_other);
	t_ok(ca_txn_begin(home->store, false, &t, &err), &err);
	t_ok(ca_audit_head(home, t, &before, root, &err), &err);
	ca_txn_abort(t);
	t_ok(ca_issue_ee(home, &r, 1, true, NULL, out, &n, &err), &err);
	assert_int_equal(n, 1);
	free_jobs(out, n);
	t_ok(ca_txn_begin(home->store, false, &t, &err), &err);
	t_ok(ca_audit_head(home, t, &after, root, &err), &err);
	ca_txn_abort(t);
	assert_int_equal(before, after);
}

/* One call, several requests and CAs; all of one CA share a transaction. */
static void
many_at_once(void **state)
{
	struct ca_ee_request r[4] = {good_request(CA_ROLE_GATEWAY), good_request(CA_ROLE_GATEWAY),
	    good_request(CA_ROLE_MERCHANT), good_request(CA_ROLE_CARDHOLDER)};
	struct sp_buf keys[4] = {{0}};
	struct ca_issue_job out[8];
	struct setpki_error err = {0};
	size_t n, i;

	(void)state;
	for (i = 0; i < 4; i++) {
		t_spki(SP_KEY_P256, 256, &keys[i]);
		r[i].sig_spki = sp_buf_bytes(&keys[i]);
	}
	t_ok(ca_issue_ee(home, r, 4, false, NULL, out, &n, &err), &err);
	assert_int_equal(n, 4);
	assert_int_equal(out[2].out.kind, SETPKI_KIND_MER_SIG);
	free_jobs(out, n);
	r[1].lifetime = 100 * 365 * DAY;
	t_ok(ca_issue_ee(home, r, 1, false, NULL, out, &n, &err), &err);
	assert_true(out[0].repeated);
	free_jobs(out, n);
	for (i = 0; i < 4; i++)
		sp_buf_free(&keys[i]);
}

/* --- the issuer's own time --------------------------------------------------------------------- */

static void
at(int64_t now, int64_t lifetime, const char *says)
{
	struct ca_ee_request r = good_request(CA_ROLE_GATEWAY);
	struct ca_issue_job out[2];
	struct setpki_error err = {0};
	size_t n;

	r.sig_spki = sp_buf_bytes(&p384);
	r.lifetime = lifetime;
	home->now = now;
	t_code(ca_issue_ee(home, &r, 1, false, NULL, out, &n, &err), SETPKI_E_POLICY, &err);
	home->now = T_NOW;
	if (strstr(err.message, says) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", err.message, says);
}

static void
issuer_time(void **state)
{
	(void)state;
	at(T_NOW + 3 * 365 * DAY + 1, 0, "private key of gateway may sign certificates until");
	at(T_NOW + 7 * 365 * DAY, 0, "not now; renew it");
	at(T_NOW - DAY, 0, "not now; renew it");
}

/* Where another key signs its CRLs, a CA certifies for as long as that certificate lives (set-protocol 12.13), however
 * long its own may be renewed. */
static void
crl_signing_ends_first(void **state)
{
	static const char *const edits[] = {"Demo Gateway CA\n              keys:\n                protection: none\n",
	    "Demo Gateway CA\n              keys:\n                protection: none\n                crl-signing:\n"
	    "                  type: P-256\n                  lifetime: 6y\n",
	    "longest: 2y\n                  usage: 1y\n                  subject:\n                    country: US\n"
	    "                    unit: Demo Acquirer\n                  bins: [\"412399\"]\n                  gateway:",
	    "longest: 3y\n                  usage: 1y\n                  subject:\n                    country: US\n"
	    "                    unit: Demo Acquirer\n                  bins: [\"412399\"]\n                  gateway:",
	    NULL};
	struct ca_home *h = t_home_open(t_scratch("crl-signing"), T_NOW), *shared = home;
	struct setpki_error err = {0};
	struct ca_plan plan;

	(void)state;
	t_ok(t_init(h, t_policy("policies/demo.yaml", edits), NULL, NULL, &err), &err);
	h->now = T_NOW + 300 * DAY;
	t_ok(ca_renew_plan(h, "gateway", CA_PURPOSE_CERTSIGN, &plan, &err), &err);
	t_ok(ca_plan_run(h, &plan, NULL, NULL, &err), &err);
	ca_plan_free(&plan);
	home = h;
	at(T_NOW + 1200 * DAY, 3 * 365 * DAY, "after the CRL-signing certificate of gateway");
	home = shared;
	ca_home_close(h);
}

/* Under a revoked superior nothing is issued, and no CA certificate either. */
static void
superior_is_revoked(void **state)
{
	struct ca_home *h = t_demo_home("superior", T_NOW);
	struct ca_ee_request r = good_request(CA_ROLE_GATEWAY);
	struct ca_issue_job out[2];
	struct setpki_error err = {0};
	struct ca_plan plan;
	uint8_t serial[17];
	size_t n;

	(void)state;
	r.sig_spki = sp_buf_bytes(&p384);
	t_ca_serial(h, "brand", serial);
	assert_true(t_revoke(h, serial, 2).retires);
	t_code(ca_issue_ee(h, &r, 1, true, NULL, out, &n, &err), SETPKI_E_STATE, &err);
	assert_non_null(strstr(err.message, "above gateway stands brand, generation 1, which is revoked"));
	t_ok(ca_roll_plan(h, "gateway", &plan, &err), &err);
	t_code(ca_plan_run(h, &plan, NULL, NULL, &err), SETPKI_E_STATE, &err);
	assert_non_null(strstr(err.message, "above geo, generation 1, stands brand, generation 1"));
	ca_plan_free(&plan);
	ca_home_close(h);
}

int
main(void)
{
	struct CMUnitTest tests[NELEMS(rows) + 9];
	size_t n = 0, i;

	for (i = 0; i < NELEMS(rows); i++)
		tests[n++] = (struct CMUnitTest){rows[i].name, refused, NULL, NULL, &rows[i]};
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(card_month_cuts);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(explain_names_lines);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(a_merchant_may_have_less_than_the_policy);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(dry_run_writes_nothing);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(issuer_time);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(crl_signing_ends_first);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(superior_is_revoked);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(gateway_gets_two);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(many_at_once);
	return _cmocka_run_group_tests("issue/ee", tests, n, start, stop);
}
