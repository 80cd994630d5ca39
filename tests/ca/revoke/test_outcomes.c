/* What a revocation says of itself, and what it does to CAs. */
#include "ca/revoke/revoke.h"

#include "lib/x509/crl.h"
#include "tests/support/check.h"
#include "tests/support/publish.h"

#define LIFE INT64_C(86400)

static struct ca_home *h;

static int
start(void **state)
{
	(void)state;
	h = t_demo_home("outcomes", T_NOW);
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	ca_home_close(h);
	return 0;
}

static bool
revoked(const uint8_t serial[17], int64_t *at, int *reason)
{
	struct setpki_error err = {0};
	struct ca_cert_record cert;
	bool yes;
	ca_txn *t;

	t_ok(ca_txn_begin(h->store, false, &t, &err), &err);
	t_ok(ca_cert_by_serial(t, sp_bytes(serial, 17), &cert, &err), &err);
	t_ok(ca_is_revoked(t, t_ctx(), &cert, &yes, at, reason, &err), &err);
	ca_cert_record_free(&cert);
	ca_txn_abort(t);
	return yes;
}

static enum setpki_code
count(void *arg, const struct ca_audit_leaf *leaf, struct setpki_error *err)
{
	(void)err;
	*(size_t *)arg += leaf->event == CA_AUDIT_REVOKED;
	return SETPKI_E_OK;
}

static size_t
leaves(void)
{
	struct setpki_error err = {0};
	size_t n = 0;
	ca_txn *t;

	t_ok(ca_txn_begin(h->store, false, &t, &err), &err);
	t_ok(ca_audit_each(h, t, 0, count, &n, &err), &err);
	ca_txn_abort(t);
	return n;
}

static void
records_once_with_its_reason(void **state)
{
	struct ca_revocation v;
	uint8_t serial[17];
	size_t before = leaves();
	int64_t at = 0;
	int reason = 0;

	(void)state;
	t_gateway(h, 0, serial);
	assert_false(revoked(serial, NULL, NULL));
	v = t_revoke(h, serial, 1);
	assert_false(v.before);
	assert_true(v.listed);
	assert_false(v.expired);
	assert_false(v.retires);
	assert_int_equal(v.at, T_NOW);
	assert_int_equal(v.ca, t_ca(h, "gateway"));
	assert_int_equal(v.generation, 1);
	assert_string_equal(v.ca_name, "gateway");
	assert_true(v.seq != 0 && v.not_after > T_NOW);
	assert_true(revoked(serial, &at, &reason));
	assert_int_equal(at, T_NOW);
	assert_int_equal(reason, 1);
	assert_int_equal(leaves(), before + 1);

	h->now += 100;
	v = t_revoke(h, serial, 5); /* said, not an error, and nothing changes */
	assert_true(v.before);
	assert_int_equal(v.at, T_NOW);
	assert_int_equal(v.reason, 1);
	assert_int_equal(leaves(), before + 1);
	h->now = T_NOW;
}

static void
without_a_reason(void **state)
{
	uint8_t serial[17];
	int reason = 0;

	(void)state;
	t_gateway(h, 0, serial);
	assert_int_equal(t_revoke(h, serial, -1).reason, -1);
	assert_true(revoked(serial, NULL, &reason));
	assert_int_equal(reason, -1);
}

/* Under a CA without CRLs it is recorded, and the result says so. */
static void
under_a_ca_without_crls(void **state)
{
	struct ca_ee_request r = {.role = CA_ROLE_CARDHOLDER, .common_name = "blinded", .not_after_max = INT64_MAX};
	struct setpki_error err = {0};
	struct ca_revocation v;
	struct ca_issue_job out[2];
	struct sp_buf key = {0};
	size_t n;

	(void)state;
	t_spki(SP_KEY_P256, 256, &key);
	r.sig_spki = sp_buf_bytes(&key);
	t_ok(ca_issue_ee(h, &r, 1, false, NULL, out, &n, &err), &err);
	v = t_revoke(h, out[0].out.serial.p, 1);
	assert_false(v.listed);
	assert_false(v.before);
	assert_true(revoked(out[0].out.serial.p, NULL, NULL));
	ca_cert_record_free(&out[0].out);
	sp_buf_free(&key);
}

static void
an_expired_certificate_is_said_to_be(void **state)
{
	uint8_t serial[17];

	(void)state;
	t_gateway(h, LIFE, serial);
	h->now = T_NOW + LIFE;
	assert_true(t_revoke(h, serial, 4).expired);
	h->now = T_NOW;
}

static const struct refusal {
	const char *name;
	size_t serial_len; /* of an unknown serial; 0: a root's own */
	int reason;
	size_t n;
	enum setpki_code want;
} refusals[] = {
    {"unknown_serial", 17, -1, 1, SETPKI_E_NOTFOUND},
    {"serial_too_long", 21, -1, 1, SETPKI_E_ARGUMENT},
    {"unknown_reason", 17, 7, 1, SETPKI_E_ARGUMENT},
    {"a_roots_own_certificate", 0, -1, 1, SETPKI_E_RULE},
    {"too_many", 17, -1, CA_REVOKE_MAX + 1, SETPKI_E_ARGUMENT},
};

static void
refuses(void **state)
{
	static struct ca_revocation v[CA_REVOKE_MAX + 1];
	const struct refusal *r = *state;
	struct setpki_error err = {0};
	uint8_t good[17], bad[21] = {1, 2, 3};
	size_t before = leaves();

	t_gateway(h, 0, good);
	if (r->serial_len == 0)
		t_ca_serial(h, "root", bad);
	v[0] = (struct ca_revocation){.serial = SP_BYTES(good), .reason = -1};
	v[1] = (struct ca_revocation){.serial = {bad, r->serial_len != 0 ? r->serial_len : 17}, .reason = r->reason};
	t_code(ca_revoke(h, v, r->n + 1, &err), r->want, &err);
	assert_true(err.message[0] != '\0');
	/* the good one beside it neither */
	assert_false(revoked(good, NULL, NULL));
	assert_int_equal(leaves(), before);
}

/* The generation whose certificate-signing certificate is revoked issues nothing more. */
static void
a_revoked_ca_is_retired(void **state)
{
	struct setpki_error err = {0};
	struct ca_signer signer;
	uint8_t serial[17];

	(void)state;
	t_ca_serial(h, "merchant", serial);
	assert_true(t_revoke(h, serial, 2).retires);
	t_code(ca_signer_load(h, t_ca(h, "merchant"), 1, CA_PURPOSE_CERTSIGN, &signer, &err), SETPKI_E_STATE, &err);
	assert_false(t_revoke(h, serial, 2).retires);
}

/* Runs last: whatever was done above, log and store agree. */
static void
the_log_agrees(void **state)
{
	struct setpki_error err = {0};
	uint64_t size;
	uint8_t root[32];

	(void)state;
	t_ok(ca_audit_verify(h, &size, root, &err), &err);
}

int
main(void)
{
	struct CMUnitTest tests[NELEMS(refusals) + 6] = {
	    cmocka_unit_test(records_once_with_its_reason),
	    cmocka_unit_test(without_a_reason),
	    cmocka_unit_test(under_a_ca_without_crls),
	    cmocka_unit_test(an_expired_certificate_is_said_to_be),
	    cmocka_unit_test(a_revoked_ca_is_retired),
	};
	size_t n = 5;

	for (size_t i = 0; i < NELEMS(refusals); i++)
		tests[n++] =
		    (struct CMUnitTest){refusals[i].name, refuses, NULL, NULL, (void *)(uintptr_t)&refusals[i]};
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(the_log_agrees);
	return _cmocka_run_group_tests("outcomes", tests, n, start, stop);
}
