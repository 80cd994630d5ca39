/* Revoking, and the CRLs that say so: what is refused, what is recorded, numbers, and how long an entry stays. */
#include "ca/publish/publish.h"
#include "ca/revoke/crl.h"
#include "tests/support/check.h"
#include "tests/support/home.h"

#define DAY INT64_C(86400)

static struct ca_home *home;

static int
start(void **state)
{
	(void)state;
	home = t_demo_home("revoke", T_NOW);
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	ca_home_close(home);
	return 0;
}

/* A new gateway certificate of 30 days; its serial is copied to `serial`. */
static setpki_bytes
new_gateway(const char *id, uint8_t serial[20])
{
	struct ca_ee_request r = {.role = CA_ROLE_GATEWAY, .common_name = id, .lifetime = 30 * DAY};
	struct ca_issue_job out[2];
	struct setpki_error err = {0};
	struct sp_buf spki = {0};
	size_t n;

	t_spki(SP_KEY_P256, 256, &spki);
	r.sig_spki = sp_buf_bytes(&spki);
	memcpy(r.request, spki.p + spki.n - sizeof(r.request), sizeof(r.request));
	t_ok(ca_issue_ee(home, &r, 1, false, NULL, out, &n, &err), &err);
	assert_int_equal(n, 1);
	memcpy(serial, out[0].out.serial.p, out[0].out.serial.n);
	n = out[0].out.serial.n;
	ca_cert_record_free(&out[0].out);
	sp_buf_free(&spki);
	return sp_bytes(serial, n);
}

/* Makes the gateway CA's next CRL; its number.  `at` and `reason` are those of `serial` on it; false: not listed. */
static bool
next_crl(setpki_bytes serial, uint64_t *number, int64_t *at, int *reason)
{
	struct ca_crl_record record = {0};
	struct setpki_error err = {0};
	struct sp_crl crl = {0};
	bool listed;

	t_ok(ca_crl_issue(home, t_ca(home, "gateway"), 0, NULL, &err), &err);
	t_ok(ca_crl_read(home, "gateway", 0, &record, &err), &err);
	t_ok(sp_crl_parse(t_ctx(), record.der, &crl, &err), &err);
	assert_int_equal(crl.number_value, record.number);
	assert_int_equal(crl.this_update, home->now);
	listed = sp_crl_lookup(&crl, serial, at, reason);
	*number = record.number;
	sp_crl_free(&crl);
	ca_crl_record_free(&record);
	return listed;
}

static void
an_entry_stands_on_one_crl_past_the_end(void **state)
{
	struct setpki_error err = {0};
	uint8_t octets[20];
	struct ca_revocation v = {.serial = new_gateway("one", octets), .reason = sp_reason_by_name("keyCompromise")};
	uint64_t before, number;
	int64_t at;
	int reason;

	(void)state;
	assert_false(next_crl(v.serial, &before, &at, &reason));
	t_ok(ca_revoke(home, &v, 1, &err), &err);
	assert_true(v.listed && !v.before && !v.expired && !v.retires);
	assert_int_equal(v.at, T_NOW);
	home->now = T_NOW + DAY;
	assert_true(next_crl(v.serial, &number, &at, &reason));
	assert_int_equal(number, before + 1);
	assert_int_equal(at, T_NOW);
	assert_int_equal(reason, sp_reason_by_name("keyCompromise"));
	/* the certificate has ended: one more CRL lists it, the one after that does not */
	home->now = T_NOW + 31 * DAY;
	assert_true(next_crl(v.serial, &number, &at, &reason));
	assert_int_equal(number, before + 2);
	home->now = T_NOW + 32 * DAY;
	assert_false(next_crl(v.serial, &number, &at, &reason));
	assert_int_equal(number, before + 3);
	home->now = T_NOW;
}

static void
a_second_revocation_changes_nothing(void **state)
{
	struct setpki_error err = {0};
	uint8_t octets[20];
	struct ca_revocation v = {.serial = new_gateway("two", octets), .reason = -1};

	(void)state;
	t_ok(ca_revoke(home, &v, 1, &err), &err);
	assert_false(v.before);
	home->now = T_NOW + DAY;
	v.reason = sp_reason_by_name("superseded");
	t_ok(ca_revoke(home, &v, 1, &err), &err);
	home->now = T_NOW;
	assert_true(v.before);
	assert_int_equal(v.at, T_NOW);
	assert_int_equal(v.reason, -1);
}

static void
below_a_ca_without_crls_it_is_recorded(void **state)
{
	struct setpki_error err = {0};
	struct ca_issue_job out[2];
	struct ca_ee_request r = {
	    .role = CA_ROLE_CARDHOLDER, .common_name = "k3Gd0aPkQ2c=", .not_after_max = T_NOW + 400 * DAY};
	struct ca_revocation v = {.reason = -1};
	struct sp_buf spki = {0};
	size_t n;

	(void)state;
	t_spki(SP_KEY_P256, 256, &spki);
	r.sig_spki = sp_buf_bytes(&spki);
	t_ok(ca_issue_ee(home, &r, 1, false, NULL, out, &n, &err), &err);
	v.serial = out[0].out.serial;
	t_ok(ca_revoke(home, &v, 1, &err), &err);
	assert_false(v.listed);
	assert_string_equal(v.ca_name, "card");
	ca_cert_record_free(&out[0].out);
	sp_buf_free(&spki);
}

/* --- refused ------------------------------------------------------------------------------------------------------ */

static void
an_unknown_serial(void **state)
{
	static const uint8_t octets[17] = {0x01, 0xff};
	struct setpki_error err = {0};
	struct ca_revocation v = {.serial = SP_BYTES(octets), .reason = -1};

	(void)state;
	t_code(ca_revoke(home, &v, 1, &err), SETPKI_E_NOTFOUND, &err);
}

static void
an_unknown_reason(void **state)
{
	struct setpki_error err = {0};
	uint8_t octets[20];
	struct ca_revocation v = {.serial = new_gateway("three", octets), .reason = 99};
	int64_t at;
	uint64_t number;
	int reason;

	(void)state;
	t_code(ca_revoke(home, &v, 1, &err), SETPKI_E_ARGUMENT, &err);
	assert_false(next_crl(v.serial, &number, &at, &reason));
}

static void
a_roots_own_certificate(void **state)
{
	struct ca_signer root;
	struct setpki_error err = {0};
	struct ca_revocation v = {.reason = -1};

	(void)state;
	t_ok(ca_signer_open(home, t_ca(home, "root"), 0, CA_PURPOSE_CERTSIGN, &root, &err), &err);
	v.serial = root.cert.serial;
	t_code(ca_revoke(home, &v, 1, &err), SETPKI_E_RULE, &err);
	ca_signer_close(&root);
}

/* One bad member of a batch leaves the others as they were. */
static void
all_or_none(void **state)
{
	static const uint8_t unknown[17] = {0x01, 0xfe};
	struct setpki_error err = {0};
	uint8_t octets[20];
	struct ca_revocation v[2] = {
	    {.serial = new_gateway("four", octets), .reason = -1}, {.serial = SP_BYTES(unknown), .reason = -1}};
	int64_t at;
	uint64_t number;
	int reason;

	(void)state;
	t_code(ca_revoke(home, v, 2, &err), SETPKI_E_NOTFOUND, &err);
	assert_false(next_crl(v[0].serial, &number, &at, &reason));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_second_revocation_changes_nothing),
	    cmocka_unit_test(below_a_ca_without_crls_it_is_recorded),
	    cmocka_unit_test(an_unknown_serial),
	    cmocka_unit_test(an_unknown_reason),
	    cmocka_unit_test(a_roots_own_certificate),
	    cmocka_unit_test(all_or_none),
	    cmocka_unit_test(an_entry_stands_on_one_crl_past_the_end),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
