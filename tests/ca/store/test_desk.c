/* What the registration desk keeps: accounts, merchants, gateways; in, out, in order, and damage named. */
#include "tests/support/check.h"
#include "tests/support/store.h"

#include <stdio.h>

static ca_store *store;
static ca_txn *t;
static struct setpki_error err;

static int
setup(void **state)
{
	(void)state;
	memset(&err, 0, sizeof(err));
	t_store_open(&store, &t);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	t_store_close(&store, &t);
	return 0;
}

/* --- accounts ---------------------------------------------------------------------------------- */

static struct ca_account_record
account(uint16_t ca, uint8_t n)
{
	struct ca_account_record r = {
	    .ca = ca, .first_six = "412345", .last_four = "0008", .expiry = "203012", .imported_at = 1795435200};

	r.hash[0] = n;
	r.last_four[3] = (char)('0' + n % 10);
	return r;
}

static enum setpki_code
list_account(void *arg, const struct ca_account_record *rec, struct setpki_error *e)
{
	struct sp_buf *out = arg;

	(void)e;
	sp_buf_printf(out, "%u:%u ", rec->ca, rec->hash[0]);
	return out->n >= 40 ? SETPKI_E_STATE : SETPKI_E_OK;
}

static void
accounts_come_back_and_are_replaced(void **state)
{
	struct ca_account_record want = account(3, 7), got;

	(void)state;
	t_ok(ca_account_put(t, &want, &err), &err);
	t_ok(ca_account_get(t, 3, want.hash, &got, &err), &err);
	assert_memory_equal(&got, &want, sizeof(got));
	want.state = CA_ACCOUNT_BLOCKED;
	memcpy(want.expiry, "203112", 7);
	t_ok(ca_account_put(t, &want, &err), &err);
	t_store_next(store, &t, true);
	t_ok(ca_account_get(t, 3, want.hash, &got, &err), &err);
	assert_memory_equal(&got, &want, sizeof(got));
	t_refused(ca_account_get(t, 4, want.hash, &got, &err), SETPKI_E_NOTFOUND, "not in the account list", &err);
	t_ok(ca_account_del(t, 3, want.hash, &err), &err);
	t_refused(ca_account_del(t, 3, want.hash, &err), SETPKI_E_NOTFOUND, "not in the account list", &err);
	t_refused(ca_account_get(t, 3, want.hash, &got, &err), SETPKI_E_NOTFOUND, "not in the account list", &err);
}

static void
accounts_are_walked_in_order(void **state)
{
	struct sp_buf list = {0};

	(void)state;
	for (uint16_t ca = 3; ca > 0; ca--)
		for (uint8_t n = 12; n > 0; n--) {
			struct ca_account_record r = account(ca, n);

			t_ok(ca_account_put(t, &r, &err), &err);
		}
	t_ok(ca_account_each(t, 2, NULL, list_account, &list, &err), &err);
	t_bytes(sp_buf_bytes(&list), sp_bytes_str("2:1 2:2 2:3 2:4 2:5 2:6 2:7 2:8 2:9 2:10 "));
	sp_buf_reset(&list);
	t_ok(ca_account_each(t, 2, account(2, 9).hash, list_account, &list, &err), &err);
	t_bytes(sp_buf_bytes(&list), sp_bytes_str("2:10 2:11 2:12 "));
	sp_buf_reset(&list);
	/* one that has gone meanwhile is no obstacle */
	t_ok(ca_account_del(t, 2, account(2, 9).hash, &err), &err);
	t_ok(ca_account_each(t, 2, account(2, 9).hash, list_account, &list, &err), &err);
	t_bytes(sp_buf_bytes(&list), sp_bytes_str("2:10 2:11 2:12 "));
	sp_buf_reset(&list);
	t_ok(ca_account_each(t, 4, NULL, list_account, &list, &err), &err);
	assert_int_equal(list.n, 0);
	sp_buf_free(&list);
}

static void
accounts_without_their_digits_are_refused(void **state)
{
	struct ca_account_record r = account(1, 1);

	(void)state;
	r.first_six[5] = '\0';
	t_refused(ca_account_put(t, &r, &err), SETPKI_E_ARGUMENT, "first six", &err);
	r = account(1, 1);
	r.last_four[0] = 'x';
	t_refused(ca_account_put(t, &r, &err), SETPKI_E_ARGUMENT, "last four", &err);
	r = account(1, 1);
	r.expiry[0] = '\0';
	t_refused(ca_account_put(t, &r, &err), SETPKI_E_ARGUMENT, "expiry", &err);
	t_store_next(store, &t, false);
	r = account(1, 1);
	t_refused(ca_account_put(t, &r, &err), SETPKI_E_STATE, "only reads", &err);
}

/* --- merchants and gateways -------------------------------------------------------------------- */

static struct sp_mer_names both[] = {{"en", "Corner Books", "Springfield", "Ohio", "45501", "USA"},
    {"de", "Eckbuchhandlung", "Springfield", NULL, NULL, "USA"}};

static struct ca_holder_record
merchant(const char *id)
{
	struct ca_holder_record r = {.ca = 5,
	    .role = 1,
	    .bin = "412399",
	    .state = CA_ACCOUNT_ACTIVE,
	    .imported_at = 1795435200,
	    .names = both,
	    .nnames = NELEMS(both),
	    .country = 840,
	    .auth_flag = true};

	snprintf(r.id, sizeof(r.id), "%s", id);
	return r;
}

static struct ca_holder_record
gateway(const char *bin, const char *id, const char *name)
{
	struct ca_holder_record r = {.ca = 5, .role = 2, .state = CA_ACCOUNT_BLOCKED, .name = name};

	snprintf(r.bin, sizeof(r.bin), "%s", bin);
	snprintf(r.id, sizeof(r.id), "%s", id);
	return r;
}

static void
put(const struct ca_holder_record *r)
{
	t_ok(ca_holder_put(t, r, &err), &err);
}

static void
a_merchants_names_come_back(void **state)
{
	struct ca_holder_record want = merchant("4711"), got;

	(void)state;
	put(&want);
	t_store_next(store, &t, true);
	t_ok(ca_holder_get(t, 5, 1, "412399", "4711", &got, &err), &err);
	/* the record is its own: what is written meanwhile does not reach it */
	for (int i = 0; i < 200; i++) {
		struct ca_holder_record other = merchant("");

		snprintf(other.id, sizeof(other.id), "m%d", i);
		put(&other);
	}
	assert_string_equal(got.id, "4711");
	assert_string_equal(got.bin, "412399");
	assert_int_equal(got.state, CA_ACCOUNT_ACTIVE);
	assert_int_equal(got.country, 840);
	assert_true(got.auth_flag);
	assert_null(got.name);
	assert_int_equal(got.nnames, 2);
	assert_string_equal(got.names[0].postal_code, "45501");
	assert_string_equal(got.names[1].language, "de");
	assert_string_equal(got.names[1].name, "Eckbuchhandlung");
	assert_null(got.names[1].state_province);
	ca_holder_record_free(&got);
	assert_null(got.names);
	ca_holder_record_free(&got);
	ca_holder_record_free(NULL);
}

static void
gateways_stand_beside_merchants(void **state)
{
	struct ca_holder_record m = merchant("1"), g = gateway("412399", "1", "gw1"),
				plain = gateway("412399", "", "gw2"), got;

	(void)state;
	put(&m);
	put(&g);
	put(&plain);
	t_ok(ca_holder_get(t, 5, 2, "412399", "", &got, &err), &err);
	assert_string_equal(got.name, "gw2");
	assert_int_equal(got.state, CA_ACCOUNT_BLOCKED);
	assert_int_equal(got.nnames, 0);
	ca_holder_record_free(&got);
	t_ok(ca_holder_get(t, 5, 2, "412399", "1", &got, &err), &err);
	assert_string_equal(got.name, "gw1");
	ca_holder_record_free(&got);
	t_refused(ca_holder_get(t, 5, 2, "412398", "1", &got, &err), SETPKI_E_NOTFOUND, "412398", &err);
	t_ok(ca_holder_del(t, 5, 2, "412399", "1", &err), &err);
	t_refused(ca_holder_del(t, 5, 2, "412399", "1", &err), SETPKI_E_NOTFOUND, "no '1'", &err);
	t_ok(ca_holder_get(t, 5, 1, "412399", "1", &got, &err), &err);
	ca_holder_record_free(&got);
}

static enum setpki_code
list_holder(void *arg, const struct ca_holder_record *rec, struct setpki_error *e)
{
	struct sp_buf *out = arg;

	(void)e;
	sp_buf_printf(out, "%u/%s/%s ", rec->role, rec->bin, rec->id);
	return strcmp(rec->id, "stop") == 0 ? SETPKI_E_STATE : SETPKI_E_OK;
}

static void
holders_are_walked_in_order(void **state)
{
	struct ca_holder_record g = gateway("412399", "b", "x"), m = merchant("z");
	struct sp_buf list = {0};

	(void)state;
	put(&g);
	g = gateway("412398", "c", "x");
	put(&g);
	put(&m);
	m = merchant("ab");
	put(&m);
	m = merchant("a");
	put(&m);
	t_ok(ca_holder_each(t, 5, NULL, list_holder, &list, &err), &err);
	t_bytes(sp_buf_bytes(&list), sp_bytes_str("1/412399/a 1/412399/ab 1/412399/z 2/412398/c 2/412399/b "));
	sp_buf_reset(&list);
	t_ok(ca_holder_each(t, 5, &m, list_holder, &list, &err), &err);
	t_bytes(sp_buf_bytes(&list), sp_bytes_str("1/412399/ab 1/412399/z 2/412398/c 2/412399/b "));
	sp_buf_reset(&list);
	m = merchant("stop");
	put(&m);
	t_ok(ca_holder_each(t, 5, NULL, list_holder, &list, &err), &err);
	t_bytes(sp_buf_bytes(&list), sp_bytes_str("1/412399/a 1/412399/ab 1/412399/stop "));
	sp_buf_free(&list);
}

static void
holders_have_their_limits(void **state)
{
	static struct sp_mer_names many[SP_MER_NAMES_MAX + 1];
	struct ca_holder_record r = merchant("1"), got;
	char id[CA_HOLDER_ID_MAX + 2];

	(void)state;
	r.names = many;
	r.nnames = NELEMS(many);
	t_refused(ca_holder_put(t, &r, &err), SETPKI_E_ARGUMENT, "33 names", &err);
	r = gateway("41239", "1", "x");
	t_refused(ca_holder_put(t, &r, &err), SETPKI_E_ARGUMENT, "BIN", &err);
	memset(id, 'i', sizeof(id) - 1);
	id[sizeof(id) - 1] = '\0';
	t_refused(ca_holder_get(t, 5, 1, "412399", id, &got, &err), SETPKI_E_ARGUMENT, "121 octets", &err);
	t_refused(ca_holder_get(t, 5, 1, "41239x", "1", &got, &err), SETPKI_E_ARGUMENT, "BIN", &err);
	id[CA_HOLDER_ID_MAX] = '\0';
	r = merchant(id);
	put(&r);
	t_ok(ca_holder_get(t, 5, 1, "412399", id, &got, &err), &err);
	ca_holder_record_free(&got);
}

/* --- damage ------------------------------------------------------------------------------------ */

static enum setpki_code
read_account(void)
{
	struct ca_account_record r;

	return ca_account_get(t, 3, account(3, 7).hash, &r, &err);
}

static enum setpki_code
walk_accounts(void)
{
	struct sp_buf list = {0};
	enum setpki_code rc = ca_account_each(t, 3, NULL, list_account, &list, &err);

	sp_buf_free(&list);
	return rc;
}

static enum setpki_code
read_holder(void)
{
	struct ca_holder_record r;

	return ca_holder_get(t, 5, 1, "412399", "4711", &r, &err);
}

static enum setpki_code
walk_holders(void)
{
	struct sp_buf list = {0};
	enum setpki_code rc = ca_holder_each(t, 5, NULL, list_holder, &list, &err);

	sp_buf_free(&list);
	return rc;
}

static void
damage_is_named(void **state)
{
	static const struct {
		enum ca_db db;
		const char *key;
		enum setpki_code (*read)(void);
	} spoilt[] = {
	    {CA_DB_ACCOUNT, "00030700000000000000000000000000000000000000000000000000000000000000", read_account},
	    {CA_DB_ACCOUNT, "00030700000000000000000000000000000000000000000000000000000000000000", walk_accounts},
	    {CA_DB_HOLDER, "00050134313233393934373131", read_holder},
	    {CA_DB_HOLDER, "00050134313233393934373131", walk_holders},
	};
	struct ca_account_record a = account(3, 7);
	struct ca_holder_record m = merchant("4711");
	struct ca_dbkey k;
	setpki_bytes key;

	(void)state;
	t_ok(ca_account_put(t, &a, &err), &err);
	put(&m);
	for (size_t i = 0; i < NELEMS(spoilt); i++) {
		t_store_next(store, &t, true);
		key = t_hex(spoilt[i].key);
		ca_key_start(&k);
		ca_key_raw(&k, key.p, key.n);
		t_ok(ca_db_put(t, spoilt[i].db, &k, sp_bytes_str("\1junk"), 0, &err), &err);
		assert_int_equal(spoilt[i].read(), SETPKI_E_STORE);
		if (strstr(err.message, ca_db_names[spoilt[i].db]) == NULL ||
		    strstr(err.message, spoilt[i].key) == NULL)
			fail_msg("row %zu: \"%s\" names neither database nor key", i, err.message);
		setpki_error_clear(&err);
		t_code(ca_txn_commit(t, &err), SETPKI_E_STORE, &err);
		setpki_error_clear(&err);
		t_ok(ca_txn_begin(store, true, &t, &err), &err);
	}
	t_hex_free();
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    TEST(accounts_come_back_and_are_replaced),
	    TEST(accounts_are_walked_in_order),
	    TEST(accounts_without_their_digits_are_refused),
	    TEST(a_merchants_names_come_back),
	    TEST(gateways_stand_beside_merchants),
	    TEST(holders_are_walked_in_order),
	    TEST(holders_have_their_limits),
	    TEST(damage_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
