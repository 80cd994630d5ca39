/* While a home is held nothing is issued, not even what is being signed; everything else goes on. */
#include "ca/hierarchy/roll.h"
#include "ca/issue/hold.h"
#include "ca/publish/publish.h"
#include "ca/revoke/revoke.h"
#include "tests/support/check.h"
#include "tests/support/home.h"

#include <stdio.h>

static struct ca_home *home;
static struct setpki_error err;
static struct ca_hold hold;
static bool hold_while_signing;

enum setpki_code
__real_ca_key_sign(ca_key *key, enum setpki_suite suite, setpki_bytes tbs, struct sp_buf *sig, struct setpki_error *e);
enum setpki_code
__wrap_ca_key_sign(ca_key *key, enum setpki_suite suite, setpki_bytes tbs, struct sp_buf *sig, struct setpki_error *e);
enum setpki_code
__wrap_ca_key_sign(ca_key *key, enum setpki_suite suite, setpki_bytes tbs, struct sp_buf *sig, struct setpki_error *e)
{
	if (hold_while_signing) {
		hold_while_signing = false;
		t_ok(ca_hold(home, "meanwhile", NULL, e), e);
	}
	return __real_ca_key_sign(key, suite, tbs, sig, e);
}

static int
start(void **state)
{
	(void)state;
	home = t_demo_home("hold", T_NOW);
	return 0;
}

static int
stop(void **state)
{
	uint8_t root[32];
	uint64_t size;

	(void)state;
	t_ok(ca_audit_verify(home, &size, root, &err), &err);
	ca_home_close(home);
	return 0;
}

static int
setup(void **state)
{
	(void)state;
	memset(&err, 0, sizeof(err));
	return 0;
}

static enum setpki_code
issue(const char *name, const struct sp_buf *spki, bool dry_run, struct ca_issue_job *job)
{
	struct ca_ee_request r = {.role = CA_ROLE_GATEWAY, .sig_spki = sp_buf_bytes(spki), .common_name = name};
	size_t n;

	memset(job, 0, sizeof(*job));
	return ca_issue_ee(home, &r, 1, dry_run, NULL, job, &n, &err);
}

static void
a_hold_says_since_when_and_why(void **state)
{
	char long_reason[CA_HOLD_REASON_MAX + 2];
	ca_txn *t;

	(void)state;
	t_refused(ca_release(home, &hold, &err), SETPKI_E_STATE, "not held", &err);
	memset(long_reason, 'r', sizeof(long_reason) - 1);
	long_reason[sizeof(long_reason) - 1] = '\0';
	t_refused(ca_hold(home, long_reason, &hold, &err), SETPKI_E_ARGUMENT, "200 octets", &err);
	t_refused(ca_hold(home, "two\nlines", &hold, &err), SETPKI_E_ARGUMENT, "one line", &err);
	t_ok(ca_hold(home, "lost 4123450000000008", &hold, &err), &err);
	assert_true(hold.held);
	assert_int_equal(hold.since, T_NOW);
	assert_string_equal(hold.reason, "lost 412345******0008");
	t_refused(ca_hold(home, NULL, &hold, &err), SETPKI_E_STATE, "since 2027-01-01T00:00:00Z: lost 412345******0008",
	    &err);
	t_ok(ca_txn_begin(home->store, false, &t, &err), &err);
	t_ok(ca_home_hold_get(t, &hold, &err), &err);
	assert_true(hold.held);
	ca_txn_abort(t);
	t_ok(ca_release(home, &hold, &err), &err);
	assert_string_equal(hold.reason, "lost 412345******0008");
	t_refused(ca_release(home, &hold, &err), SETPKI_E_STATE, "not held", &err);
	long_reason[CA_HOLD_REASON_MAX] = '\0';
	t_ok(ca_hold(home, long_reason, &hold, &err), &err);
	assert_string_equal(hold.reason, long_reason);
	t_ok(ca_release(home, &hold, &err), &err);
	t_ok(ca_hold(home, "", NULL, &err), &err);
	t_ok(ca_release(home, &hold, &err), &err);
	assert_string_equal(hold.reason, "");
}

static void
end_entities_wait(void **state)
{
	struct ca_issue_job job, again;
	struct sp_buf first = {0}, second = {0};

	(void)state;
	t_spki(SP_KEY_P256, 256, &first);
	t_spki(SP_KEY_P256, 256, &second);
	t_ok(issue("gw1", &first, false, &job), &err);
	t_ok(ca_hold(home, "looking into it", NULL, &err), &err);
	t_refused(issue("gw2", &second, false, &again), SETPKI_E_STATE, "looking into it; 'setca release'", &err);
	/* the same answer again, and a look at what would be */
	t_ok(issue("gw1", &first, false, &again), &err);
	assert_true(again.repeated);
	assert_true(sp_bytes_eq(again.out.serial, job.out.serial));
	ca_cert_record_free(&again.out);
	t_ok(issue("gw2", &second, true, &again), &err);
	ca_cert_record_free(&again.out);
	t_ok(ca_release(home, &hold, &err), &err);
	t_ok(issue("gw2", &second, false, &again), &err);
	ca_cert_record_free(&again.out);
	ca_cert_record_free(&job.out);
	sp_buf_free(&first);
	sp_buf_free(&second);
}

static enum setpki_code
count_intent(void *arg, const struct ca_intent_record *rec, struct setpki_error *e)
{
	(void)rec;
	(void)e;
	++*(size_t *)arg;
	return SETPKI_E_OK;
}

static enum setpki_code
see_burnt(void *arg, const struct ca_audit_leaf *leaf, struct setpki_error *e)
{
	(void)e;
	if (leaf->event == CA_AUDIT_SERIAL_BURNT && leaf->detail != NULL && strstr(leaf->detail, "meanwhile") != NULL)
		++*(size_t *)arg;
	return SETPKI_E_OK;
}

/* A hold that comes between intent and commit: the signature is thrown away. */
static void
what_is_being_signed_is_not_issued(void **state)
{
	struct ca_issue_job job;
	struct sp_buf spki = {0};
	size_t burnt = 0, intents = 0;
	ca_txn *t;

	(void)state;
	t_spki(SP_KEY_P256, 256, &spki);
	hold_while_signing = true;
	t_refused(issue("gw3", &spki, false, &job), SETPKI_E_STATE, "meanwhile", &err);
	t_ok(ca_txn_begin(home->store, false, &t, &err), &err);
	t_ok(ca_audit_each(home, t, 0, see_burnt, &burnt, &err), &err);
	t_ok(ca_intent_each(t, count_intent, &intents, &err), &err);
	ca_txn_abort(t);
	assert_int_equal(burnt, 1);
	assert_int_equal(intents, 0);
	t_ok(ca_release(home, &hold, &err), &err);
	t_ok(issue("gw3", &spki, false, &job), &err);
	ca_cert_record_free(&job.out);
	sp_buf_free(&spki);
}

static void
cas_wait_before_a_key_is_made(void **state)
{
	struct ca_plan plan = {0};
	char path[1100];
	FILE *f;

	(void)state;
	t_ok(ca_hold(home, NULL, NULL, &err), &err);
	t_ok(ca_roll_plan(home, "card", &plan, &err), &err);
	t_refused(ca_plan_run(home, &plan, NULL, NULL, &err), SETPKI_E_STATE, "held since", &err);
	snprintf(path, sizeof(path), "%s/card-2-certificate-signing.key", home->keys_dir);
	assert_null(f = fopen(path, "r"));
	ca_plan_free(&plan);
	t_ok(ca_renew_plan(home, "gateway", CA_PURPOSE_N, &plan, &err), &err);
	t_refused(ca_plan_run(home, &plan, NULL, NULL, &err), SETPKI_E_STATE, "held since", &err);
	ca_plan_free(&plan);
	t_ok(ca_release(home, &hold, &err), &err);
	t_ok(ca_roll_plan(home, "card", &plan, &err), &err);
	t_ok(ca_plan_run(home, &plan, NULL, NULL, &err), &err);
	assert_non_null(f = fopen(path, "r"));
	fclose(f);
	ca_plan_free(&plan);
}

static void
revoking_and_publishing_go_on(void **state)
{
	struct ca_revocation revocation = {.reason = -1};
	struct ca_publish_ask ask = {0};
	struct ca_issue_job job;
	struct sp_buf spki = {0};

	(void)state;
	t_spki(SP_KEY_P256, 256, &spki);
	t_ok(issue("gw4", &spki, false, &job), &err);
	t_ok(ca_hold(home, NULL, NULL, &err), &err);
	revocation.serial = job.out.serial;
	t_ok(ca_revoke(home, &revocation, 1, &err), &err);
	t_ok(ca_publish(home, &ask, &err), &err);
	t_ok(ca_release(home, &hold, &err), &err);
	ca_cert_record_free(&job.out);
	sp_buf_free(&spki);
}

/* The record and the log say the same, or the check of the log says that they do not. */
static void
a_hold_without_its_leaf_is_found(void **state)
{
	struct ca_hold forged = {.held = true, .since = T_NOW};
	uint8_t root[32];
	uint64_t size;
	ca_txn *t;

	(void)state;
	for (int held = 0; held < 2; held++) {
		if (held != 0)
			t_ok(ca_hold(home, NULL, NULL, &err), &err);
		forged.held = held == 0;
		t_ok(ca_txn_begin(home->store, true, &t, &err), &err);
		t_ok(ca_home_hold_put(t, &forged, &err), &err);
		t_ok(ca_txn_commit(t, &err), &err);
		t_refused(
		    ca_audit_verify(home, &size, root, &err), SETPKI_E_RULE, "held, the audit log that it is", &err);
		forged.held = held != 0;
		t_ok(ca_txn_begin(home->store, true, &t, &err), &err);
		t_ok(ca_home_hold_put(t, &forged, &err), &err);
		t_ok(ca_txn_commit(t, &err), &err);
		t_ok(ca_audit_verify(home, &size, root, &err), &err);
	}
	t_ok(ca_release(home, &hold, &err), &err);
}

static void
a_damaged_record_is_refused(void **state)
{
	static const char *const damaged[] = {"", "\1", "\2\0\0\0\0\0\0\0\0\0\0\0\0"};
	static const size_t lengths[] = {0, 1, 13};
	struct ca_issue_job job;
	struct sp_buf spki = {0};
	ca_txn *t;

	(void)state;
	t_spki(SP_KEY_P256, 256, &spki);
	for (size_t i = 0; i < NELEMS(damaged); i++) {
		t_ok(ca_txn_begin(home->store, true, &t, &err), &err);
		t_ok(ca_meta_put(t, "hold", sp_bytes(damaged[i], lengths[i]), &err), &err);
		t_ok(ca_txn_commit(t, &err), &err);
		t_refused(issue("gw5", &spki, false, &job), SETPKI_E_STORE, "\"hold\" is damaged", &err);
	}
	t_ok(ca_txn_begin(home->store, true, &t, &err), &err);
	t_ok(ca_meta_del(t, "hold", &err), &err);
	t_ok(ca_txn_commit(t, &err), &err);
	sp_buf_free(&spki);
}

#define TEST(f) cmocka_unit_test_setup(f, setup)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    TEST(a_hold_says_since_when_and_why),
	    TEST(end_entities_wait),
	    TEST(what_is_being_signed_is_not_issued),
	    TEST(cas_wait_before_a_key_is_made),
	    TEST(revoking_and_publishing_go_on),
	    TEST(a_hold_without_its_leaf_is_found),
	    TEST(a_damaged_record_is_refused),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
