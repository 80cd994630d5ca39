/* How the store says it stands. */
#include "ca/store/private.h"
#include "tests/support/scratch.h"

static struct setpki_error err;

/* A transaction that writes. */
static void
put(ca_store *s, uint16_t ca, uint8_t n, bool intent)
{
	uint8_t serial[] = {1, (uint8_t)ca, n};
	struct ca_cert_record r = {
	    .ca = ca, .kind = SETPKI_KIND_MER_SIG, .serial = SP_BYTES(serial), .der = SP_BYTES("x")};
	struct ca_intent_record i = {.serial = SP_BYTES(serial), .tbs = SP_BYTES("x"), .ca = 1};
	ca_txn *t;

	memcpy(r.key_identity, serial, sizeof(serial));
	t_ok(ca_txn_begin(s, true, &t, &err), &err);
	t_ok(intent ? ca_intent_put(t, &i, &err) : ca_cert_put(t, &r, &err), &err);
	t_ok(ca_txn_commit(t, &err), &err);
}

static uint64_t
issued(ca_store *s, uint16_t ca)
{
	uint64_t n = 99;
	ca_txn *t;

	t_ok(ca_txn_begin(s, false, &t, &err), &err);
	t_ok(ca_cert_count(t, ca, &n, &err), &err);
	ca_txn_abort(t);
	return n;
}

static void
counts(void **state)
{
	ca_store *s;

	(void)state;
	t_ok(ca_store_open(scratch_dir(), true, &s, &err), &err);
	assert_int_equal(issued(s, 2), 0);
	for (uint8_t i = 0; i < 3; i++)
		put(s, 2, i, false);
	put(s, 4, 0, false);
	assert_int_equal(issued(s, 1), 0);
	assert_int_equal(issued(s, 2), 3);
	assert_int_equal(issued(s, 3), 0);
	assert_int_equal(issued(s, 4), 1);
	ca_store_close(s);
}

static void
changes_and_readers(void **state)
{
	struct ca_store_stat st;
	uint64_t before, after;
	ca_txn *reader;
	ca_store *s;

	(void)state;
	t_ok(ca_store_open(scratch_dir(), true, &s, &err), &err);
	t_ok(ca_store_changes(s, &before, &err), &err);
	t_ok(ca_store_stat(s, &st, &err), &err);
	assert_int_equal(st.changes, before);
	assert_int_equal(st.readers, 0);
	assert_int_equal(st.oldest, 0);
	t_ok(ca_txn_begin(s, false, &reader, &err), &err);
	for (uint8_t i = 0; i < 5; i++)
		put(s, 1, i, i < 2);
	t_ok(ca_store_changes(s, &after, &err), &err);
	assert_int_equal(after, before + 5);
	t_ok(ca_store_stat(s, &st, &err), &err);
	assert_int_equal(st.readers, 1);
	assert_int_equal(st.oldest, 5);
	assert_int_equal(st.intents, 2);
	assert_false(st.low);
	assert_true(st.used > 0 && st.used <= st.mapped && st.left > 0);
	ca_txn_abort(reader);
	t_ok(ca_store_stat(s, &st, &err), &err);
	assert_int_equal(st.readers, 0);
	assert_int_equal(st.oldest, 0);
	ca_store_close(s);
}

static void
low(void **state)
{
	struct ca_store_plan plan = {.initial = 256 << 10, .slack = 64 << 10, .most = 1 << 20, .low_water = 1 << 20};
	struct ca_store_stat st;
	ca_store *s;

	(void)state;
	t_ok(ca_store_open_planned(scratch_dir(), true, &plan, &s, &err), &err);
	t_ok(ca_store_stat(s, &st, &err), &err);
	assert_true(st.low && st.left < plan.most);
	ca_store_close(s);
}

int
main(void)
{
	const struct CMUnitTest all[] = {
	    cmocka_unit_test(counts),
	    cmocka_unit_test(changes_and_readers),
	    cmocka_unit_test(low),
	};

	return cmocka_run_group_tests(all, NULL, NULL);
}
