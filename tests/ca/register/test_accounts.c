/* The account lists: whole imports or none, hashes and no numbers, and what could be certified alone. */
#include "ca/home/pan.h"
#include "ca/register/accounts_inner.h"
#include "tests/support/fault.h"
#include "tests/support/home.h"
#include "tests/support/scratch.h"

#include <stdio.h>
#include <unistd.h>

static struct ca_home *h;
static struct setpki_error err;
static struct ca_accounts *import;
static struct ca_accounts_result result;

enum setpki_code __real_ca_txn_commit(ca_txn *t, struct setpki_error *e);
enum setpki_code __wrap_ca_txn_commit(ca_txn *t, struct setpki_error *e);
enum setpki_code
__wrap_ca_txn_commit(ca_txn *t, struct setpki_error *e)
{
	if (!fault_now())
		return __real_ca_txn_commit(t, e);
	ca_txn_abort(t);
	return sp_fail(e, SETPKI_E_STORE, NULL, "the disk is full");
}

static int
start(void **state)
{
	(void)state;
	h = t_demo_home("accounts", T_NOW);
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	ca_home_close(h);
	return 0;
}

/* Each test begins with empty lists. */
static int
setup(void **state)
{
	static const char *const cas[] = {"card", "merchant", "gateway"};
	size_t n;

	(void)state;
	memset(&err, 0, sizeof(err));
	for (size_t i = 0; i < NELEMS(cas); i++)
		t_ok(ca_accounts_clear(h, t_ca(h, cas[i]), &n, &err), &err);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	ca_accounts_free(import);
	import = NULL;
	return 0;
}

static void
begin(const char *ca, enum ca_role role)
{
	ca_accounts_free(import);
	t_ok(ca_accounts_begin(h, ca, role, &import, &err), &err);
}

static void
commit(size_t added, size_t changed, size_t same)
{
	t_ok(ca_accounts_commit(import, &result, &err), &err);
	assert_int_equal(result.added, added);
	assert_int_equal(result.changed, changed);
	assert_int_equal(result.same, same);
}

static void
card(const char *pan, const char *expiry, enum ca_account_state state)
{
	static uint32_t place;

	t_ok(ca_accounts_card(import, pan, expiry, state, ++place, &err), &err);
}

/* "4123450000000008" and on */
static void
cards(unsigned from, unsigned to)
{
	char pan[24];

	for (unsigned i = from; i < to; i++) {
		snprintf(pan, sizeof(pan), "41234500%08u", i);
		card(pan, "203012", CA_ACCOUNT_ACTIVE);
	}
}

static enum setpki_code
count_card(void *arg, const struct ca_account_record *rec, struct setpki_error *e)
{
	(void)rec;
	(void)e;
	++*(size_t *)arg;
	return SETPKI_E_OK;
}

static size_t
listed(void)
{
	size_t n = 0;
	ca_txn *t;

	t_ok(ca_txn_begin(h->store, false, &t, &err), &err);
	t_ok(ca_account_each(t, t_ca(h, "card"), NULL, count_card, &n, &err), &err);
	ca_txn_abort(t);
	return n;
}

static uint64_t
log_size(void)
{
	uint8_t root[32];
	uint64_t n;

	t_ok(ca_audit_verify(h, &n, root, &err), &err);
	return n;
}

/* --- cards --------------------------------------------------------------------------------------- */

static void
a_card_is_found_by_its_number(void **state)
{
	struct ca_account_record rec;

	(void)state;
	begin("card", CA_ROLE_CARDHOLDER);
	assert_string_equal(ca_accounts_ca(import), "card");
	card("4123450000000008", "203012", CA_ACCOUNT_ACTIVE);
	card("4123461234567890123", "203101", CA_ACCOUNT_BLOCKED);
	commit(2, 0, 0);
	t_ok(ca_accounts_find_card(h, NULL, "4123461234567890123", &rec, &err), &err);
	assert_int_equal(rec.ca, t_ca(h, "card"));
	assert_string_equal(rec.first_six, "412346");
	assert_string_equal(rec.last_four, "0123");
	assert_string_equal(rec.expiry, "203101");
	assert_int_equal(rec.state, CA_ACCOUNT_BLOCKED);
	assert_int_equal(rec.imported_at, T_NOW);
	t_refused(
	    ca_accounts_find_card(h, "card", "4123461234567890124", &rec, &err), SETPKI_E_NOTFOUND, "not in the", &err);
	t_refused(ca_accounts_find_card(h, "geo", "4123461234567890123", &rec, &err), SETPKI_E_POLICY, "geo", &err);
}

static void
what_is_as_before_is_left_alone(void **state)
{
	uint64_t size;

	(void)state;
	begin(NULL, CA_ROLE_CARDHOLDER);
	cards(0, 3);
	commit(3, 0, 0);
	size = log_size();
	begin(NULL, CA_ROLE_CARDHOLDER);
	cards(0, 3);
	commit(0, 0, 3);
	assert_int_equal(log_size(), size);
	begin(NULL, CA_ROLE_CARDHOLDER);
	cards(2, 4);
	card("4123450000000000", "203112", CA_ACCOUNT_ACTIVE);
	card("4123450000000001", "203012", CA_ACCOUNT_BLOCKED);
	commit(1, 2, 1);
	assert_int_equal(log_size(), size + 1);
	assert_int_equal(listed(), 4);
}

static const struct {
	const char *pan, *expiry, *says;
	enum setpki_code code;
} bad_cards[] = {
    {"", "203012", "13 to 19 digits", SETPKI_E_PARSE},
    {"412345000000", "203012", "13 to 19 digits", SETPKI_E_PARSE},
    {"41234500000000080000", "203012", "PAN", SETPKI_E_PARSE},
    {"412345000000000x", "203012", "PAN", SETPKI_E_PARSE},
    {"4123450000000008", "203013", "YYYYMM", SETPKI_E_PARSE},
    {"4123450000000008", "", "YYYYMM", SETPKI_E_PARSE},
    {"4123470000000008", "203012", "begin with 412347", SETPKI_E_POLICY},
};

static void
bad_cards_are_refused_without_their_number(void **state)
{
	(void)state;
	begin(NULL, CA_ROLE_CARDHOLDER);
	for (size_t i = 0; i < NELEMS(bad_cards); i++) {
		enum setpki_code rc =
		    ca_accounts_card(import, bad_cards[i].pan, bad_cards[i].expiry, CA_ACCOUNT_ACTIVE, 1, &err);

		if (strlen(bad_cards[i].pan) > 6 && strstr(err.message, bad_cards[i].pan) != NULL)
			fail_msg("row %zu repeats the number: %s", i, err.message);
		t_refused(rc, bad_cards[i].code, bad_cards[i].says, &err);
	}
	commit(0, 0, 0);
}

static void
a_card_that_stands_twice_changes_nothing(void **state)
{
	(void)state;
	begin(NULL, CA_ROLE_CARDHOLDER);
	t_ok(ca_accounts_card(import, "4123450000000001", "203012", CA_ACCOUNT_ACTIVE, 7, &err), &err);
	t_ok(ca_accounts_card(import, "4123450000000002", "203012", CA_ACCOUNT_ACTIVE, 8, &err), &err);
	t_ok(ca_accounts_card(import, "4123450000000001", "203112", CA_ACCOUNT_ACTIVE, 9, &err), &err);
	t_refused(ca_accounts_commit(import, &result, &err), SETPKI_E_CONFLICT, "lines 7 and 9", &err);
	assert_int_equal(result.before, 7);
	assert_int_equal(result.again, 9);
	assert_int_equal(listed(), 0);
}

static void
many_cards_take_some_transactions(void **state)
{
	uint64_t size = log_size();
	size_t n;

	(void)state;
	begin(NULL, CA_ROLE_CARDHOLDER);
	cards(0, 2 * CA_ACCOUNTS_BATCH + 1);
	commit(2 * CA_ACCOUNTS_BATCH + 1, 0, 0);
	assert_int_equal(listed(), 2 * CA_ACCOUNTS_BATCH + 1);
	assert_int_equal(log_size(), size + 3);
	t_ok(ca_accounts_clear(h, t_ca(h, "card"), &n, &err), &err);
	assert_int_equal(n, 2 * CA_ACCOUNTS_BATCH + 1);
	assert_int_equal(listed(), 0);
	assert_int_equal(log_size(), size + 6);
	t_ok(ca_accounts_clear(h, t_ca(h, "card"), &n, &err), &err);
	assert_int_equal(n, 0);
	assert_int_equal(log_size(), size + 6);
}

/* A fault leaves whole transactions behind, says so, and doing it again ends well. */
static void
a_fault_leaves_whole_transactions(void **state)
{
	(void)state;
	begin(NULL, CA_ROLE_CARDHOLDER);
	cards(0, CA_ACCOUNTS_BATCH + 10);
	fault_at(1);
	t_code(ca_accounts_commit(import, &result, &err), SETPKI_E_STORE, &err);
	assert_int_equal(listed(), 0);
	setpki_error_clear(&err);
	fault_at(2);
	t_code(ca_accounts_commit(import, &result, &err), SETPKI_E_STORE, &err);
	fault_at(0);
	assert_non_null(strstr(err.object, "4096 of 4106"));
	setpki_error_clear(&err);
	assert_int_equal(listed(), CA_ACCOUNTS_BATCH);
	log_size();
	commit(10, 0, CA_ACCOUNTS_BATCH);
	assert_int_equal(listed(), CA_ACCOUNTS_BATCH + 10);
}

static void
another_secret_is_refused(void **state)
{
	char path[600], away[600];
	struct ca_account_record rec;

	(void)state;
	begin(NULL, CA_ROLE_CARDHOLDER);
	cards(0, 1);
	commit(1, 0, 0);
	ca_accounts_free(import);
	import = NULL;
	snprintf(path, sizeof(path), "%s/pan-hash.secret", h->keys_dir);
	snprintf(away, sizeof(away), "%s/pan-hash.away", h->keys_dir);
	assert_int_equal(rename(path, away), 0);
	t_refused(
	    ca_accounts_begin(h, NULL, CA_ROLE_CARDHOLDER, &import, &err), SETPKI_E_STATE, "pan-hash.secret", &err);
	assert_null(import);
	t_refused(
	    ca_accounts_find_card(h, NULL, "4123450000000000", &rec, &err), SETPKI_E_STATE, "pan-hash.secret", &err);
	assert_int_equal(rename(away, path), 0);
	t_ok(ca_accounts_find_card(h, NULL, "4123450000000000", &rec, &err), &err);
}

static void
a_removed_card_is_gone_once(void **state)
{
	struct ca_account_record rec;
	uint64_t size;

	(void)state;
	begin(NULL, CA_ROLE_CARDHOLDER);
	cards(0, 2);
	commit(2, 0, 0);
	size = log_size();
	t_ok(ca_accounts_find_card(h, NULL, "4123450000000001", &rec, &err), &err);
	t_ok(ca_accounts_remove_card(h, &rec, &err), &err);
	t_refused(ca_accounts_remove_card(h, &rec, &err), SETPKI_E_NOTFOUND, "not in the account list", &err);
	assert_int_equal(log_size(), size + 1);
	assert_int_equal(listed(), 1);
}

/* --- merchants and gateways ---------------------------------------------------------------------- */

static struct sp_mer_names names[] = {
    {"en", "Corner Books", "Springfield", "Ohio", "45501", "USA"}, {"de", "Eckbuch", "Springfield", NULL, NULL, "USA"}};

static struct ca_holder_record
merchant(const char *id)
{
	struct ca_holder_record r = {
	    .role = CA_ROLE_MERCHANT, .bin = "412399", .names = names, .nnames = 2, .country = 840, .auth_flag = true};

	snprintf(r.id, sizeof(r.id), "%s", id);
	return r;
}

static struct ca_holder_record
gateway(const char *id, const char *name)
{
	struct ca_holder_record r = {.role = CA_ROLE_GATEWAY, .bin = "412399", .name = name};

	snprintf(r.id, sizeof(r.id), "%s", id);
	return r;
}

static void
merchants_come_and_change(void **state)
{
	struct ca_holder_record one = merchant("4711"), two = merchant("4712"), got;
	uint64_t size;

	(void)state;
	begin(NULL, CA_ROLE_MERCHANT);
	t_ok(ca_accounts_holder(import, &one, 0, &err), &err);
	t_ok(ca_accounts_holder(import, &two, 1, &err), &err);
	commit(2, 0, 0);
	size = log_size();
	two.nnames = 1;
	begin("merchant", CA_ROLE_MERCHANT);
	t_ok(ca_accounts_holder(import, &two, 0, &err), &err);
	t_ok(ca_accounts_holder(import, &one, 1, &err), &err);
	commit(0, 1, 1);
	assert_int_equal(log_size(), size + 1);
	t_ok(ca_accounts_find_holder(h, NULL, CA_ROLE_MERCHANT, "412399", "4712", &got, &err), &err);
	assert_int_equal(got.nnames, 1);
	assert_int_equal(got.imported_at, T_NOW);
	t_ok(ca_accounts_remove_holder(h, &got, &err), &err);
	t_refused(ca_accounts_remove_holder(h, &got, &err), SETPKI_E_NOTFOUND, "4712", &err);
	ca_holder_record_free(&got);
	t_refused(ca_accounts_find_holder(h, NULL, CA_ROLE_MERCHANT, "412399", "4712", &got, &err), SETPKI_E_NOTFOUND,
	    "4712", &err);
}

/* One field at a time: each is noticed. */
static void
every_difference_is_a_change(void **state)
{
	struct ca_holder_record r = merchant("4711");
	struct sp_mer_names other[2];

	(void)state;
	begin(NULL, CA_ROLE_MERCHANT);
	t_ok(ca_accounts_holder(import, &r, 0, &err), &err);
	commit(1, 0, 0);
	for (int i = 0; i < 8; i++) {
		memcpy(other, names, sizeof(other));
		r = merchant("4711");
		r.names = other;
		r.state = i == 0 ? CA_ACCOUNT_BLOCKED : CA_ACCOUNT_ACTIVE;
		r.auth_flag = i != 1;
		other[1].language = i == 2 ? "fr" : "de";
		other[1].name = i == 3 ? "x" : "Eckbuch";
		other[1].city = i == 4 ? "x" : "Springfield";
		other[1].state_province = i == 5 ? "Ohio" : NULL;
		other[0].postal_code = i == 6 ? NULL : "45501";
		other[0].country_name = i == 7 ? "x" : "USA";
		begin(NULL, CA_ROLE_MERCHANT);
		t_ok(ca_accounts_holder(import, &r, 0, &err), &err);
		commit(0, 1, 0);
	}
	r = gateway("", "gw1");
	begin(NULL, CA_ROLE_GATEWAY);
	t_ok(ca_accounts_holder(import, &r, 0, &err), &err);
	commit(1, 0, 0);
	r.name = "gw2";
	begin(NULL, CA_ROLE_GATEWAY);
	t_ok(ca_accounts_holder(import, &r, 0, &err), &err);
	commit(0, 1, 0);
}

static void
one_that_stands_twice_changes_nothing(void **state)
{
	struct ca_holder_record one = merchant("4711"), again = merchant("4711"), got;

	(void)state;
	again.country = 840;
	again.nnames = 1;
	begin(NULL, CA_ROLE_MERCHANT);
	t_ok(ca_accounts_holder(import, &one, 3, &err), &err);
	t_ok(ca_accounts_holder(import, &again, 5, &err), &err);
	t_refused(ca_accounts_commit(import, &result, &err), SETPKI_E_CONFLICT, "[3] and [5]", &err);
	t_refused(ca_accounts_find_holder(h, NULL, CA_ROLE_MERCHANT, "412399", "4711", &got, &err), SETPKI_E_NOTFOUND,
	    "4711", &err);
}

static void
what_could_not_be_certified_is_refused(void **state)
{
	static char long_name[80];
	struct ca_holder_record r;

	(void)state;
	begin(NULL, CA_ROLE_MERCHANT);
	r = merchant("");
	t_refused(ca_accounts_holder(import, &r, 0, &err), SETPKI_E_ARGUMENT, "merchant", &err);
	r = merchant("4711");
	snprintf(r.bin, sizeof(r.bin), "41239");
	t_refused(ca_accounts_holder(import, &r, 0, &err), SETPKI_E_ARGUMENT, "six digits", &err);
	snprintf(r.bin, sizeof(r.bin), "412398");
	t_refused(ca_accounts_holder(import, &r, 0, &err), SETPKI_E_POLICY, "412398", &err);
	r = merchant("4711");
	r.country = 276;
	t_refused(ca_accounts_holder(import, &r, 0, &err), SETPKI_E_POLICY, "840", &err);
	r = merchant("4711");
	r.nnames = 0;
	t_refused(ca_accounts_holder(import, &r, 0, &err), SETPKI_E_ARGUMENT, "names", &err);
	r = gateway("1", "gw");
	t_refused(ca_accounts_holder(import, &r, 0, &err), SETPKI_E_POLICY, "does not certify gateways", &err);
	r.role = CA_ROLE_CARDHOLDER;
	t_refused(ca_accounts_holder(import, &r, 0, &err), SETPKI_E_ARGUMENT, "neither", &err);
	begin(NULL, CA_ROLE_GATEWAY);
	r = gateway("12x", "gw");
	t_refused(ca_accounts_holder(import, &r, 0, &err), SETPKI_E_ARGUMENT, "id:", &err);
	r = gateway("12", NULL);
	t_refused(ca_accounts_holder(import, &r, 0, &err), SETPKI_E_ARGUMENT, "name:", &err);
	memset(long_name, 'x', sizeof(long_name) - 1);
	r = gateway("12", long_name);
	t_code(ca_accounts_holder(import, &r, 0, &err), SETPKI_E_ARGUMENT, &err);
	setpki_error_clear(&err);
	commit(0, 0, 0);
}

/* A policy that allows no authorizations, and one CA for merchants and gateways. */
static void
the_policy_bounds_the_records(void **state)
{
	static const char *const edits[] = {"authorization: true", "authorization: false", NULL};
	struct ca_policy *kept = h->policy;
	struct ca_holder_record r = merchant("4711");

	(void)state;
	h->policy = t_policy("policies/demo.yaml", edits);
	begin(NULL, CA_ROLE_MERCHANT);
	t_refused(ca_accounts_holder(import, &r, 0, &err), SETPKI_E_POLICY, "authorization", &err);
	r.auth_flag = false;
	t_ok(ca_accounts_holder(import, &r, 0, &err), &err);
	ca_accounts_free(import);
	import = NULL;
	ca_policy_free(h->policy);
	h->policy = kept;
}

static void
nobody_else_has_a_list(void **state)
{
	(void)state;
	t_refused(ca_accounts_begin(h, "nobody", CA_ROLE_CARDHOLDER, &import, &err), SETPKI_E_NOTFOUND, "nobody", &err);
	t_refused(
	    ca_accounts_begin(h, "merchant", CA_ROLE_CARDHOLDER, &import, &err), SETPKI_E_POLICY, "cardholders", &err);
	assert_null(import);
}

static void
texts(void **state)
{
	struct ca_holder_record r = gateway("", "gw1");
	char text[CA_HOLDER_TEXT];

	(void)state;
	assert_string_equal(ca_holder_text(&r, text), "gateway of the acquirer with BIN 412399");
	r = merchant("4711");
	assert_string_equal(ca_holder_text(&r, text), "merchant 4711 of the acquirer with BIN 412399");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    TEST(a_card_is_found_by_its_number),
	    TEST(what_is_as_before_is_left_alone),
	    TEST(bad_cards_are_refused_without_their_number),
	    TEST(a_card_that_stands_twice_changes_nothing),
	    TEST(many_cards_take_some_transactions),
	    TEST(a_fault_leaves_whole_transactions),
	    TEST(another_secret_is_refused),
	    TEST(a_removed_card_is_gone_once),
	    TEST(merchants_come_and_change),
	    TEST(every_difference_is_a_change),
	    TEST(one_that_stands_twice_changes_nothing),
	    TEST(what_could_not_be_certified_is_refused),
	    TEST(the_policy_bounds_the_records),
	    TEST(nobody_else_has_a_list),
	    TEST(texts),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
