/* An authority that holds its keys open: what is committed with the certificates, and what a renewal copies. */
#include "ca/issue/issue.h"
#include "lib/x509/merchant.h"
#include "tests/support/check.h"
#include "tests/support/home.h"

#include <stdio.h>

static struct ca_home *home;
static struct ca_signer merchant_ca;
static const struct sp_mer_names names = {"en", "Demo Books", "Springfield", NULL, NULL, "United States"};
static const struct sp_merchant_data books = {"M-1", "412399", &names, 1, 840, true};

static int
start(void **state)
{
	struct setpki_error err = {0};

	(void)state;
	home = t_demo_home("with", T_NOW);
	t_ok(ca_signer_open(home, t_ca(home, "merchant"), 0, CA_PURPOSE_CERTSIGN, &merchant_ca, &err), &err);
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	ca_signer_close(&merchant_ca);
	ca_home_close(home);
	return 0;
}

/* A request of its own each time, for a key of its own. */
static struct ca_ee_request
request(struct sp_buf *key)
{
	static uint8_t n;
	struct ca_ee_request r = {.role = CA_ROLE_MERCHANT, .common_name = "Demo Books", .merchant = &books};

	t_spki(SP_KEY_P256, 256, key);
	r.sig_spki = sp_buf_bytes(key);
	r.request[0] = ++n;
	return r;
}

struct note {
	enum setpki_code rc;
	unsigned calls;
	size_t jobs;
};

static enum setpki_code
commit(void *arg, ca_txn *t, struct ca_issue_job *jobs, size_t n, struct setpki_error *err)
{
	struct note *note = arg;

	note->calls++;
	note->jobs = n;
	assert_true(jobs[0].out.der.n != 0);
	if (note->rc != SETPKI_E_OK)
		return sp_fail(err, note->rc, NULL, "not now");
	return ca_meta_put(t, "with", SP_BYTES("x"), err);
}

static bool
noted(void)
{
	struct setpki_error err = {0};
	setpki_bytes v;
	ca_txn *t;
	bool there;

	t_ok(ca_txn_begin(home->store, false, &t, &err), &err);
	there = ca_meta_get(t, "with", &v, NULL) == SETPKI_E_OK;
	ca_txn_abort(t);
	return there;
}

/* Both or neither; and once. */
static void
what_belongs_together_is_committed_together(void **state)
{
	struct note note = {.rc = SETPKI_E_STATE};
	struct setpki_error err = {0};
	struct ca_issue_job out[2];
	struct sp_buf key = {0};
	struct ca_ee_request r = request(&key);
	size_t n;

	(void)state;
	t_code(ca_issue_ee_with(home, &merchant_ca, &r, false, commit, &note, out, &n, &err), SETPKI_E_STATE, &err);
	assert_int_equal(note.calls, 1);
	assert_int_equal(n, 0);
	assert_false(noted());
	setpki_error_clear(&err);
	note.rc = SETPKI_E_OK;
	t_ok(ca_issue_ee_with(home, &merchant_ca, &r, true, commit, &note, out, &n, &err), &err); /* dry */
	ca_cert_record_free(&out[0].out);
	assert_int_equal(note.calls, 1);
	assert_false(noted());
	t_ok(ca_issue_ee_with(home, &merchant_ca, &r, false, commit, &note, out, &n, &err), &err);
	assert_int_equal(note.calls, 2);
	assert_int_equal(note.jobs, 1);
	assert_false(out[0].repeated);
	ca_cert_record_free(&out[0].out);
	assert_true(noted());
	t_ok(ca_issue_ee_with(home, &merchant_ca, &r, false, commit, &note, out, &n, &err), &err);
	assert_int_equal(note.calls, 2);
	assert_int_equal(n, 1);
	assert_true(out[0].repeated);
	ca_cert_record_free(&out[0].out);
	sp_buf_free(&key);
}

/* What the certificate before says is copied byte for byte, whatever name is given now. */
static void
a_renewal_copies(void **state)
{
	static const struct sp_mer_names moved = {"en", "Elsewhere", "Shelbyville", NULL, NULL, "United States"};
	static const struct sp_merchant_data other = {"M-2", "412399", &moved, 1, 840, true};
	struct setpki_error err = {0};
	struct ca_issue_job first[2], second[2];
	struct sp_buf key = {0}, key2 = {0};
	struct ca_ee_request r = request(&key), again = request(&key2);
	struct sp_cert before, after;
	size_t n;

	(void)state;
	t_ok(ca_issue_ee_with(home, &merchant_ca, &r, false, NULL, NULL, first, &n, &err), &err);
	t_ok(sp_cert_parse(first[0].out.der, &before, &err), &err);
	again.common_name = "Elsewhere";
	again.merchant = &other;
	again.subject = before.subject;
	again.merchant_data = before.ext[SP_EXT_MERCHANT_DATA];
	t_ok(ca_issue_ee_with(home, &merchant_ca, &again, false, NULL, NULL, second, &n, &err), &err);
	t_ok(sp_cert_parse(second[0].out.der, &after, &err), &err);
	t_bytes(after.subject, before.subject);
	t_bytes(after.ext[SP_EXT_MERCHANT_DATA], before.ext[SP_EXT_MERCHANT_DATA]);
	assert_false(sp_bytes_eq(after.key.whole, before.key.whole));
	ca_cert_record_free(&first[0].out);
	ca_cert_record_free(&second[0].out);
	sp_buf_free(&key);
	sp_buf_free(&key2);
}

static const uint8_t not_merchant_data[] = {0x30, 0x00};
/* C=US, O=Other, CN=x */
static const uint8_t other_brand[] = {0x30, 0x29, 0x31, 0x0b, 0x30, 0x09, 0x06, 0x03, 0x55, 0x04, 0x06, 0x13, 0x02, 'U',
    'S', 0x31, 0x0e, 0x30, 0x0c, 0x06, 0x03, 0x55, 0x04, 0x0a, 0x13, 0x05, 'O', 't', 'h', 'e', 'r', 0x31, 0x0a, 0x30,
    0x08, 0x06, 0x03, 0x55, 0x04, 0x03, 0x13, 0x01, 'x'};

static void
copies_of_something_else_are_refused(void **state)
{
	static const struct {
		setpki_bytes subject, data;
		enum setpki_code rc;
		const char *text;
	} rows[] = {
	    {SP_BYTES(not_merchant_data), {NULL, 0}, SETPKI_E_RULE, "another brand"},
	    {SP_BYTES(other_brand), {NULL, 0}, SETPKI_E_RULE, "another brand"},
	    {{(const uint8_t *)"x", 1}, {NULL, 0}, SETPKI_E_PARSE, ""},
	    {{NULL, 0}, SP_BYTES(not_merchant_data), SETPKI_E_ARGUMENT, "MerchantData"},
	};
	struct setpki_error err = {0};
	struct ca_issue_job out[2];
	struct sp_buf key = {0};
	struct ca_ee_request r = request(&key);
	size_t n;

	(void)state;
	for (size_t i = 0; i < NELEMS(rows); i++) {
		r.subject = rows[i].subject;
		r.merchant_data = rows[i].data;
		setpki_error_clear(&err);
		t_code(ca_issue_ee_with(home, &merchant_ca, &r, true, NULL, NULL, out, &n, &err), rows[i].rc, &err);
		assert_non_null(strstr(err.message, rows[i].text));
	}
	sp_buf_free(&key);
}

/* What the policy of that day allowed is not for ever. */
static void
copies_are_held_to_the_policy_of_today(void **state)
{
	struct ca_profile *profile =
	    &home->policy->cas[ca_policy_find(home->policy, "merchant")].profiles[CA_ROLE_MERCHANT];
	const struct ca_profile before = *profile;
	struct setpki_error err = {0};
	struct ca_issue_job out[2];
	struct sp_buf key = {0}, data = {0};
	struct ca_ee_request r = request(&key);
	size_t n;

	(void)state;
	t_ok(sp_merchant_build(&books, &data, &err), &err);
	r.merchant = NULL;
	r.merchant_data = sp_buf_bytes(&data);
	t_ok(ca_issue_ee_with(home, &merchant_ca, &r, true, NULL, NULL, out, &n, &err), &err);
	ca_cert_record_free(&out[0].out);
	profile->mer_country = 276;
	t_refused(ca_issue_ee_with(home, &merchant_ca, &r, true, NULL, NULL, out, &n, &err), SETPKI_E_POLICY,
	    "merchant country 840 is not 276", &err);
	*profile = before;
	profile->auth_flag = false;
	t_refused(ca_issue_ee_with(home, &merchant_ca, &r, true, NULL, NULL, out, &n, &err), SETPKI_E_POLICY,
	    "authorizations, which are not allowed any more", &err);
	*profile = before;
	sp_buf_free(&key);
	sp_buf_free(&data);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_belongs_together_is_committed_together),
	    cmocka_unit_test(a_renewal_copies),
	    cmocka_unit_test(copies_of_something_else_are_refused),
	    cmocka_unit_test(copies_are_held_to_the_policy_of_today),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
