/* Every row of the doctor's table is found where it should be, and nothing in a home that is well. */
#include "ca/hierarchy/health.h"
#include "ca/issue/hold.h"
#include "ca/publish/publish.h"
#include "ca/register/accounts.h"
#include "ca/store/private.h"
#include "tests/support/check.h"
#include "tests/support/home.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define HOUR INT64_C(3600)
#define DAY (24 * HOUR)
#define YEAR (365 * DAY)

static struct ca_home *home;
static struct setpki_error err;
static struct ca_health health;
static bool seen[CA_HEALTH_N];

static int
start(void **state)
{
	(void)state;
	home = t_demo_home("health", T_NOW);
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	ca_home_close(home);
	return 0;
}

static int
setup(void **state)
{
	(void)state;
	memset(&err, 0, sizeof(err));
	home->now = T_NOW;
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	ca_health_free(&health);
	return 0;
}

static void
look(struct ca_home *h)
{
	ca_health_free(&health);
	t_ok(ca_health_read(h, &health, &err), &err);
	for (size_t i = 0; i < health.n; i++) {
		assert_true(health.v[i].text[0] != '\0');
		seen[health.v[i].id] = true;
	}
}

static const struct ca_finding *
find(enum ca_health_id id, const char *where)
{
	for (size_t i = 0; i < health.n; i++)
		if (health.v[i].id == id && strcmp(health.v[i].where, where) == 0)
			return &health.v[i];
	return NULL;
}

static void
found(enum ca_health_id id, const char *where, const char *says)
{
	for (size_t i = 0; i < health.n; i++)
		if (health.v[i].id == id && strcmp(health.v[i].where, where) == 0 &&
		    strstr(health.v[i].text, says) != NULL)
			return;
	fail_msg("no %s at '%s' that says \"%s\"", ca_health_rows[id].id, where, says);
}

static void
well(void)
{
	look(home);
	if (health.n != 0)
		fail_msg("%s (%s): %s", ca_health_rows[health.v[0].id].id, health.v[0].where, health.v[0].text);
	assert_int_equal(health.worst, CA_SEVERITY_FINE);
}

/* --- a home that is well ------------------------------------------------------------------------- */

static void
nothing_is_found_in_a_new_home(void **state)
{
	size_t certificates = 0, periods = 0, lists = 0;

	(void)state;
	well();
	assert_true(health.headroom > 0);
	for (size_t i = 0; i < health.ncoming; i++) {
		assert_true(i == 0 || health.coming[i - 1].until <= health.coming[i].until);
		assert_int_equal(health.coming[i].severity, CA_SEVERITY_FINE);
		certificates += strstr(health.coming[i].what, " certificate") != NULL;
		periods += strstr(health.coming[i].what, " key") != NULL;
		lists += strcmp(health.coming[i].what, "CRL") == 0 || strcmp(health.coming[i].what, "BCI") == 0;
	}
	/* three superiors with one key, three issuers with three; certificate signing and messages have periods */
	assert_int_equal(certificates, 12);
	assert_int_equal(periods, 9);
	assert_int_equal(lists, 5);
}

static void
rows_are_whole(void **state)
{
	(void)state;
	for (size_t i = 0; i < CA_HEALTH_N; i++) {
		assert_true(
		    strspn(ca_health_rows[i].id, "abcdefghijklmnopqrstuvwxyz-") == strlen(ca_health_rows[i].id));
		assert_true(strlen(ca_health_rows[i].advice) > 10);
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(ca_health_rows[i].id, ca_health_rows[k].id);
	}
	assert_string_equal(ca_severity_name(CA_SEVERITY_ERROR), "error");
	assert_string_equal(ca_severity_name(CA_SEVERITY_N), "unknown");
}

/* --- by the clock alone ---------------------------------------------------------------------------- */

static const struct at {
	const char *name;
	int64_t offset;
	enum ca_health_id id;
	const char *where, *says;
} times[] = {
    {"message_certificate_in_90_days", 3 * YEAR - 90 * DAY, CA_HEALTH_CERT_LATER, "card, generation 1",
	"message-signature certificate expires at 2029-12-30T23:59:59Z"},
    {"exchange_certificate_in_14_days", 3 * YEAR - 14 * DAY, CA_HEALTH_CERT_SOON, "card, generation 1",
	"key-exchange certificate expires"},
    {"certificate_over", 3 * YEAR, CA_HEALTH_CERT_EXPIRED, "card, generation 1", "certificate expired at 2029-12-30"},
    {"root_signs_90_days_more", YEAR - 90 * DAY, CA_HEALTH_SIGNING_LATER, "root, generation 1",
	"certificate-signing key signs until 2027-12-31T23:59:59Z"},
    {"root_signs_14_days_more", YEAR - 14 * DAY, CA_HEALTH_SIGNING_SOON, "root, generation 1", "signs until"},
    {"root_signs_no_more", YEAR, CA_HEALTH_SIGNING_OVER, "root, generation 1", "signed until 2027-12-31"},
    {"messages_are_signed_no_more", 2 * YEAR, CA_HEALTH_SIGNING_OVER, "merchant, generation 1",
	"message-signature key signed until"},
    {"crl_is_due", DAY, CA_HEALTH_PUBLISH_DUE, "", "due"},
    {"crl_is_late", 36 * HOUR + 1, CA_HEALTH_CRL_LATE, "gateway, generation 1",
	"CRL 1 has no successor yet, and runs out at 2027-01-03T00:00:00Z"},
    {"crl_is_over", 2 * DAY, CA_HEALTH_CRL_OVER, "gateway, generation 1", "CRL 1 ran out at 2027-01-03T00:00:00Z"},
    {"bci_is_late", 36 * HOUR + 1, CA_HEALTH_BCI_LATE, "brand", "BCI 1 has no successor yet, and runs out at"},
    {"bci_is_over", 2 * DAY + 1, CA_HEALTH_BCI_OVER, "brand", "BCI 1 ran out at"},
    {"clock_behind_the_log", -DAY, CA_HEALTH_CLOCK_BEHIND, "", "audit log is of 2027-01-01T00:00:00Z"},
    {"clock_behind_a_certificate", -DAY, CA_HEALTH_CLOCK_BEHIND, "root, generation 1",
	"valid from 2027-01-01T00:00:00Z on"},
    {"clock_behind_a_crl", -DAY, CA_HEALTH_CLOCK_BEHIND, "gateway, generation 1",
	"CRL 1 is of 2027-01-01T00:00:00Z, and now it is earlier"},
    {"clock_behind_a_bci", -DAY, CA_HEALTH_CLOCK_BEHIND, "brand",
	"BCI 1 is of 2027-01-01T00:00:00Z, and now it is earlier"},
};

static void
time_tells(void **state)
{
	const struct at *row = *state;

	home->now = T_NOW + row->offset;
	look(home);
	found(row->id, row->where, row->says);
	assert_true(health.worst >= ca_health_rows[row->id].severity);
	for (size_t i = 1; i < health.n; i++)
		assert_true(ca_health_rows[health.v[i - 1].id].severity >= ca_health_rows[health.v[i].id].severity);
}

/* A second before each threshold it is not there yet. */
static void
thresholds_are_sharp(void **state)
{
	static const struct {
		int64_t offset;
		enum ca_health_id id;
		const char *where;
	} rows[] = {
	    {3 * YEAR - 90 * DAY - 1, CA_HEALTH_CERT_LATER, "card, generation 1"},
	    {3 * YEAR - 14 * DAY - 1, CA_HEALTH_CERT_SOON, "card, generation 1"},
	    {3 * YEAR - 1, CA_HEALTH_CERT_EXPIRED, "card, generation 1"},
	    {YEAR - 1, CA_HEALTH_SIGNING_OVER, "root, generation 1"},
	    {36 * HOUR, CA_HEALTH_CRL_LATE, "gateway, generation 1"},
	    {2 * DAY - 1, CA_HEALTH_CRL_OVER, "gateway, generation 1"},
	    {-300, CA_HEALTH_CLOCK_BEHIND, ""},
	};

	(void)state;
	for (size_t i = 0; i < NELEMS(rows); i++) {
		home->now = T_NOW + rows[i].offset;
		look(home);
		if (find(rows[i].id, rows[i].where) != NULL)
			fail_msg("row %zu is found too early", i);
	}
}

/* --- in the store -------------------------------------------------------------------------------- */

static ca_txn *
begin(void)
{
	ca_txn *t;

	t_ok(ca_txn_begin(home->store, true, &t, &err), &err);
	return t;
}

static void
commit(ca_txn *t)
{
	t_ok(ca_txn_commit(t, &err), &err);
}

/* Takes a record out while the doctor looks, and puts it back. */
static void
without(enum ca_db db, uint16_t ca, uint16_t generation, enum ca_health_id id, const char *where)
{
	struct sp_buf kept = {0};
	struct ca_dbkey k;
	setpki_bytes v;
	ca_txn *t = begin();

	ca_key_start(&k);
	ca_key_u16(&k, ca);
	if (generation != 0)
		ca_key_u16(&k, generation);
	t_ok(ca_db_get(t, db, &k, &v, &err), &err);
	sp_buf_add_bytes(&kept, v);
	t_ok(ca_db_del(t, db, &k, &err), &err);
	commit(t);
	look(home);
	found(id, where, "");
	t = begin();
	t_ok(ca_db_put(t, db, &k, sp_buf_bytes(&kept), 0, &err), &err);
	commit(t);
	sp_buf_free(&kept);
}

static void
missing_lists(void **state)
{
	(void)state;
	without(CA_DB_CRL, t_ca(home, "gateway"), 1, CA_HEALTH_CRL_MISSING, "gateway, generation 1");
	without(CA_DB_BCI, t_ca(home, "brand"), 0, CA_HEALTH_BCI_MISSING, "brand");
	well();
}

static void
a_set_that_is_not_the_stores(void **state)
{
	struct ca_publish_ask ask = {0};
	struct ca_bci_record bci;
	char link[1200], aside[1200];

	(void)state;
	snprintf(link, sizeof(link), "%s/brand/current", home->public_dir);
	snprintf(aside, sizeof(aside), "%s/brand/away", home->public_dir);
	assert_int_equal(rename(link, aside), 0);
	look(home);
	found(CA_HEALTH_SET_BEHIND, "brand", "the one in public/ number 0");
	assert_int_equal(symlink("9", link), 0);
	look(home);
	found(CA_HEALTH_STORE_BEHIND, "brand", "public/ holds set 9, and the store knows 1 as the last");
	assert_int_equal(unlink(link), 0);
	assert_int_equal(rename(aside, link), 0);
	well();
	home->now++;
	t_ok(ca_bci_issue(home, t_ca(home, "brand"), &bci, &err), &err);
	ca_bci_record_free(&bci);
	look(home);
	found(CA_HEALTH_SET_BEHIND, "brand", "BCI is number 2, the one in public/ number 1");
	found(CA_HEALTH_PUBLISH_DUE, "", "due");
	t_ok(ca_publish(home, &ask, &err), &err);
	well();
}

static void
a_ca_without_a_policy(void **state)
{
	struct ca_ca_record stray = {.name = "stray", .here = true};
	struct ca_dbkey k;
	ca_txn *t = begin();

	(void)state;
	t_ok(ca_ca_put(t, &stray, &err), &err);
	commit(t);
	look(home);
	found(CA_HEALTH_CA_UNKNOWN, "stray", "the policy in force has not");
	t = begin();
	ca_key_start(&k);
	ca_key_u16(&k, stray.id);
	t_ok(ca_db_del(t, CA_DB_CA, &k, &err), &err);
	commit(t);
}

static void
a_ca_that_waits_for_its_superior(void **state)
{
	static const char *const edits[] = {"  name: root\n", "  name: root\n  offline: true\n", NULL};
	struct ca_home *h = t_home_open(t_scratch("waiting"), T_NOW);

	(void)state;
	t_code(t_init(h, t_policy("policies/demo.yaml", edits), NULL, NULL, &err), SETPKI_E_PENDING, &err);
	setpki_error_clear(&err);
	look(h);
	found(CA_HEALTH_CA_WAITING, "brand, generation 1", "not all its keys");
	assert_null(find(CA_HEALTH_CA_WAITING, "root, generation 1"));
	assert_int_equal(health.worst, CA_SEVERITY_ERROR); /* no CRL of the brand, whose set there cannot be */
	ca_home_close(h);
}

static void
intents(void **state)
{
	static const uint8_t one[] = {1}, two[] = {2};
	struct ca_intent_record mine = {.serial = SP_BYTES(one), .tbs = SP_BYTES(one)}, left = mine;
	ca_txn *t = begin();

	(void)state;
	mine.writer = home->slot;
	mine.writer_epoch = home->epoch;
	left.serial = SP_BYTES(two);
	left.writer = home->slot;
	left.writer_epoch = home->epoch - 1;
	t_ok(ca_intent_put(t, &mine, &err), &err);
	t_ok(ca_intent_put(t, &left, &err), &err);
	commit(t);
	look(home);
	found(CA_HEALTH_INTENTS_OPEN, "", "now: 1");
	found(CA_HEALTH_INTENTS_LEFT, "", "signed: 1");
	t = begin();
	t_ok(ca_intent_del(t, mine.serial, &err), &err);
	t_ok(ca_intent_del(t, left.serial, &err), &err);
	commit(t);
	well();
}

static void
a_hold(void **state)
{
	struct ca_hold was;

	(void)state;
	t_ok(ca_hold(home, "a key may be lost", NULL, &err), &err);
	look(home);
	found(CA_HEALTH_HELD, "", "since 2027-01-01T00:00:00Z: a key may be lost");
	t_ok(ca_release(home, &was, &err), &err);
	well();
}

static void
put_request(struct ca_request_record *rec, enum ca_request_state state)
{
	ca_txn *t = begin();

	rec->state = state;
	if (rec->number == 0)
		t_ok(ca_request_add(t, rec, &err), &err);
	else
		t_ok(ca_request_put(t, rec, &err), &err);
	commit(t);
}

static void
requests_wait(void **state)
{
	struct ca_request_record rec = {.ca = 1, .nlid_ee = 1};

	(void)state;
	put_request(&rec, CA_REQUEST_PENDED);
	look(home);
	found(CA_HEALTH_REQUESTS_PENDED, "", "wait for persons: 1");
	put_request(&rec, CA_REQUEST_APPROVED);
	look(home);
	found(CA_HEALTH_REQUESTS_APPROVED, "", "not issued yet: 1");
	put_request(&rec, CA_REQUEST_COMPLETE);
	well();
}

static void
little_room(void **state)
{
	const struct ca_store_plan plan = home->store->plan;

	(void)state;
	home->store->plan.most = (size_t)512 << 20;
	look(home);
	found(CA_HEALTH_STORE_LOW, "", "MiB more");
	assert_true(health.headroom < (UINT64_C(512) << 20));
	home->store->plan.low_water = UINT64_C(512) << 20;
	look(home);
	found(CA_HEALTH_STORE_FULL, "", "nothing is issued");
	assert_null(find(CA_HEALTH_STORE_LOW, ""));
	home->store->plan = plan;
	well();
}

/* --- files --------------------------------------------------------------------------------------- */

static void
a_key_that_is_gone(void **state)
{
	char path[1200], away[1200];

	(void)state;
	snprintf(path, sizeof(path), "%s/gateway-1-message-signature.key", home->keys_dir);
	snprintf(away, sizeof(away), "%s/away", home->public_dir);
	assert_int_equal(rename(path, away), 0);
	look(home);
	found(CA_HEALTH_KEY_MISSING, "gateway, generation 1", "message-signature key is not there");
	assert_int_equal(rename(away, path), 0);
	well();
}

static void
rights_of_others(void **state)
{
	static const struct {
		const char *file;
		unsigned was, mode;
	} rows[] = {{"keys", 0700, 0750}, {"keys/root-1-certificate-signing.key", 0600, 0604}, {"store", 0700, 0711},
	    {"store/data.mdb", 0600, 0640}, {"run", 0700, 0701}, {"public", 0700, 0720}, {"", 0700, 0702}};
	char path[1200];

	(void)state;
	for (size_t i = 0; i < NELEMS(rows); i++) {
		snprintf(path, sizeof(path), "%s%s%s", home->dir, rows[i].file[0] != '\0' ? "/" : "", rows[i].file);
		assert_int_equal(chmod(path, rows[i].mode), 0);
		look(home);
		found(CA_HEALTH_PERMISSIONS, path, "others have rights to it");
		assert_int_equal(health.n, 1);
		assert_int_equal(chmod(path, rows[i].was), 0);
	}
	/* a web server may read the sets */
	assert_int_equal(chmod(home->dir, 0755), 0);
	assert_int_equal(chmod(home->public_dir, 0755), 0);
	well();
	assert_int_equal(chmod(home->dir, 0700), 0);
	assert_int_equal(chmod(home->public_dir, 0700), 0);
}

static void
a_link_for_a_key(void **state)
{
	char path[1200], away[1200];

	(void)state;
	snprintf(path, sizeof(path), "%s/card-1-key-exchange.key", home->keys_dir);
	snprintf(away, sizeof(away), "%s/away", home->public_dir);
	assert_int_equal(rename(path, away), 0);
	assert_int_equal(symlink(away, path), 0);
	look(home);
	found(CA_HEALTH_PERMISSIONS, path, "a link");
	assert_int_equal(rename(away, path), 0);
	well();
}

static void
another_secret(void **state)
{
	struct ca_accounts_result result;
	struct ca_accounts *import;
	char path[1200], away[1200];

	(void)state;
	t_ok(ca_accounts_begin(home, NULL, CA_ROLE_CARDHOLDER, &import, &err), &err);
	t_ok(ca_accounts_card(import, "4123450000000008", "203012", CA_ACCOUNT_ACTIVE, 1, &err), &err);
	t_ok(ca_accounts_commit(import, &result, &err), &err);
	ca_accounts_free(import);
	well();
	snprintf(path, sizeof(path), "%s/pan-hash.secret", home->keys_dir);
	snprintf(away, sizeof(away), "%s/away", home->public_dir);
	assert_int_equal(rename(path, away), 0);
	look(home);
	found(CA_HEALTH_SECRET_CHANGED, "", "pan-hash.secret");
	assert_int_not_equal(access(path, F_OK), 0); /* looking makes none */
	assert_int_equal(rename(away, path), 0);
	well();
}

static void
what_cannot_be_looked_at(void **state)
{
	char away[1200];

	(void)state;
	snprintf(away, sizeof(away), "%s-away", home->run_dir);
	assert_int_equal(rename(home->run_dir, away), 0);
	look(home);
	found(CA_HEALTH_UNDECIDED, "permissions", home->run_dir);
	assert_int_equal(health.worst, CA_SEVERITY_UNDECIDED);
	assert_int_equal(rename(away, home->run_dir), 0);
	well();
}

static void
before_init_there_is_nothing_to_look_at(void **state)
{
	struct ca_home *h = t_home_open(t_scratch("empty"), T_NOW);

	(void)state;
	t_code(ca_health_read(h, &health, &err), SETPKI_E_STATE, &err);
	ca_home_close(h);
}

static void
every_row_was_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < CA_HEALTH_N; i++)
		if (!seen[i])
			fail_msg("no test finds '%s'", ca_health_rows[i].id);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	static const struct CMUnitTest plain[] = {
	    TEST(nothing_is_found_in_a_new_home),
	    TEST(rows_are_whole),
	    TEST(thresholds_are_sharp),
	    TEST(missing_lists),
	    TEST(a_set_that_is_not_the_stores),
	    TEST(a_ca_without_a_policy),
	    TEST(a_ca_that_waits_for_its_superior),
	    TEST(intents),
	    TEST(a_hold),
	    TEST(requests_wait),
	    TEST(little_room),
	    TEST(a_key_that_is_gone),
	    TEST(rights_of_others),
	    TEST(a_link_for_a_key),
	    TEST(another_secret),
	    TEST(what_cannot_be_looked_at),
	    TEST(before_init_there_is_nothing_to_look_at),
	};
	struct CMUnitTest all[NELEMS(times) + NELEMS(plain) + 1];
	size_t n = 0;

	for (size_t i = 0; i < NELEMS(times); i++)
		all[n++] =
		    (struct CMUnitTest){times[i].name, time_tells, setup, teardown, (void *)(uintptr_t)&times[i]};
	for (size_t i = 0; i < NELEMS(plain); i++)
		all[n++] = plain[i];
	all[n++] = (struct CMUnitTest)cmocka_unit_test(every_row_was_found);
	return _cmocka_run_group_tests("health", all, n, start, stop);
}
