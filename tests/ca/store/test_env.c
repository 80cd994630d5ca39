/* The environment: growth of the map, several processes, what is not a store, room. */
#include "ca/store/private.h"
#include "tests/support/scratch.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define KIB ((size_t)1 << 10)

/* Small enough to be outgrown by a test. */
static const struct ca_store_plan small = {
    .initial = 256 * KIB, .slack = 64 * KIB, .most = (size_t)64 << 20, .low_water = 0};

static struct setpki_error err;

static int
clear(void **state)
{
	(void)state;
	memset(&err, 0, sizeof(err));
	return 0;
}

/* One durable transaction: a certificate of CA `ca` whose serial and key hold `n`. */
static enum setpki_code
put_one(ca_store *s, uint16_t ca, uint32_t n, size_t size, struct setpki_error *e)
{
	static uint8_t der[SP_CERT_MAX];
	uint8_t serial[7] = {
	    1, (uint8_t)(ca >> 8), (uint8_t)ca, (uint8_t)(n >> 24), (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n};
	struct ca_cert_record r = {
	    .ca = ca, .kind = SETPKI_KIND_MER_SIG, .serial = SP_BYTES(serial), .der = {der, size}};
	ca_txn *t;
	enum setpki_code rc = ca_txn_begin(s, true, &t, e);

	memcpy(r.key_identity, serial, sizeof(serial));
	if (rc != SETPKI_E_OK)
		return rc;
	if ((rc = ca_cert_put(t, &r, e)) == SETPKI_E_OK)
		return ca_txn_commit(t, e);
	ca_txn_abort(t);
	return rc;
}

static enum setpki_code
count_one(void *arg, const struct ca_cert_record *rec, struct setpki_error *e)
{
	uint64_t *n = arg;

	(void)e;
	assert_int_equal(rec->seq, ++*n);
	return SETPKI_E_OK;
}

static uint64_t
count(ca_store *s, uint16_t ca)
{
	ca_txn *t;
	uint64_t n = 0;

	t_ok(ca_txn_begin(s, false, &t, &err), &err);
	t_ok(ca_cert_each(t, ca, 0, count_one, &n, &err), &err);
	ca_txn_abort(t);
	return n;
}

/* --- growth ------------------------------------------------------------------------------------ */

static void
the_map_grows_by_plan(void **state)
{
	const char *dir = scratch_dir();
	ca_store *s;

	(void)state;
	t_ok(ca_store_open_planned(dir, true, &small, &s, &err), &err);
	for (uint32_t i = 0; i < 600; i++)
		t_ok(put_one(s, 1, i, 1500, &err), &err);
	assert_int_equal(count(s, 1), 600);
	assert_true(s->map_size > small.initial);
	ca_store_close(s);
	t_ok(ca_store_open(dir, false, &s, &err), &err);
	assert_int_equal(count(s, 1), 600);
	ca_store_close(s);
}

/* One transaction that needs more than the slack: refused as a whole, and the next try has more room. */
static void
a_full_map_changes_nothing_and_grows(void **state)
{
	size_t n = 400 * KIB;
	uint8_t *der = OPENSSL_zalloc(n);
	struct ca_crl_record crl = {.ca = 1, .generation = 1, .number = 1, .der = {der, n}}, got;
	ca_store *s;
	ca_txn *t;
	int tries = 0;
	enum setpki_code rc;

	(void)state;
	t_ok(ca_store_open_planned(scratch_dir(), true, &small, &s, &err), &err);
	do {
		t_ok(ca_txn_begin(s, true, &t, &err), &err);
		rc = ca_crl_put(t, &crl, &err);
		if (rc == SETPKI_E_OK) {
			t_ok(ca_txn_commit(t, &err), &err);
			continue;
		}
		t_refused(rc, SETPKI_E_STORE, "the map of", &err);
		t_code(ca_txn_commit(t, &err), SETPKI_E_STORE, &err);
		setpki_error_clear(&err);
		t_ok(ca_txn_begin(s, false, &t, &err), &err);
		t_code(ca_crl_look(t, 1, 1, &got, &err), SETPKI_E_NOTFOUND, &err);
		setpki_error_clear(&err);
		ca_txn_abort(t);
	} while (rc != SETPKI_E_OK && ++tries < 5);
	assert_in_range(tries, 1, 3);
	ca_store_close(s);
	OPENSSL_free(der);
}

/* A child's part: its exit status tells how it went. */
static pid_t
child(int (*part)(const char *dir), const char *dir)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(part(dir));
	assert_true(pid > 0);
	return pid;
}

static int
wait_for(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int
fill_much(const char *dir)
{
	ca_store *s;
	uint32_t i;

	if (ca_store_open_planned(dir, false, &small, &s, NULL) != SETPKI_E_OK)
		return 1;
	for (i = 0; i < 1000; i++)
		if (put_one(s, 1, i, 1500, NULL) != SETPKI_E_OK)
			return 2;
	ca_store_close(s);
	return 0;
}

/* Another process outgrew our map: the next transaction takes it over; one that is open is told to try again. */
static void
a_map_that_another_process_enlarged(void **state)
{
	const char *dir = scratch_dir();
	ca_store *s;
	ca_txn *t, *t2;

	(void)state;
	t_ok(ca_store_open_planned(dir, true, &small, &s, &err), &err);
	ca_store_close(s);
	t_ok(ca_store_open_planned(dir, false, &small, &s, &err), &err);
	t_ok(ca_txn_begin(s, false, &t, &err), &err);
	/* the child gets a copy of `s`, and leaves it alone */
	assert_int_equal(wait_for(child(fill_much, dir)), 0);
	t_refused(ca_txn_begin(s, false, &t2, &err), SETPKI_E_STORE, "try again", &err);
	ca_txn_abort(t);
	assert_int_equal(count(s, 1), 1000);
	t_ok(put_one(s, 1, 5000, 1500, &err), &err);
	assert_int_equal(count(s, 1), 1001);
	ca_store_close(s);
}

/* --- several processes ------------------------------------------------------------------------- */

static int
write_as(const char *dir, uint16_t ca)
{
	ca_store *s;

	if (ca_store_open_planned(dir, false, &small, &s, NULL) != SETPKI_E_OK)
		return 1;
	for (uint32_t i = 0; i < 150; i++)
		if (put_one(s, ca, i, 1000, NULL) != SETPKI_E_OK ||
		    put_one(s, 9, i + 1000u * ca, 1000, NULL) != SETPKI_E_OK)
			return 2;
	ca_store_close(s);
	return 0;
}

static int
write_as_1(const char *dir)
{
	return write_as(dir, 1);
}

static int
write_as_2(const char *dir)
{
	return write_as(dir, 2);
}

static void
two_processes_write_at_once(void **state)
{
	const char *dir = scratch_dir();
	ca_store *s;
	pid_t a, b;

	(void)state;
	t_ok(ca_store_open_planned(dir, true, &small, &s, &err), &err);
	ca_store_close(s);
	a = child(write_as_1, dir);
	b = child(write_as_2, dir);
	assert_int_equal(wait_for(a), 0);
	assert_int_equal(wait_for(b), 0);
	t_ok(ca_store_open(dir, false, &s, &err), &err);
	assert_int_equal(count(s, 1), 150);
	assert_int_equal(count(s, 2), 150);
	assert_int_equal(count(s, 9), 300);
	ca_store_close(s);
}

static ca_store *parents;

static int
use_the_parents(const char *dir)
{
	struct setpki_error e = {0};
	ca_txn *t;

	(void)dir;
	if (ca_txn_begin(parents, true, &t, &e) != SETPKI_E_STATE || strstr(e.message, "child") == NULL)
		return 1;
	ca_store_close(parents);
	return 0;
}

static void
a_child_does_not_use_its_parents_store(void **state)
{
	const char *dir = scratch_dir();

	(void)state;
	t_ok(ca_store_open(dir, true, &parents, &err), &err);
	assert_int_equal(wait_for(child(use_the_parents, dir)), 0);
	t_ok(put_one(parents, 1, 1, 10, &err), &err);
	ca_store_close(parents);
}

static int
die_reading(const char *dir)
{
	ca_store *s;
	ca_txn *t;

	if (ca_store_open(dir, false, &s, NULL) != SETPKI_E_OK || ca_txn_begin(s, false, &t, NULL) != SETPKI_E_OK)
		return 1;
	return 0; /* _exit() with the reader's slot taken */
}

static int
die_writing(const char *dir)
{
	ca_store *s;
	ca_txn *t;

	if (ca_store_open(dir, false, &s, NULL) != SETPKI_E_OK || ca_txn_begin(s, true, &t, NULL) != SETPKI_E_OK ||
	    ca_meta_put(t, "half", SP_BYTES("done"), NULL) != SETPKI_E_OK)
		return 1;
	return 0;
}

/* The dead hold neither pages nor locks, and what they had not committed is not there. */
static void
processes_that_died_hold_nothing(void **state)
{
	const char *dir = scratch_dir();
	setpki_bytes v;
	MDB_envinfo info;
	ca_store *s;
	ca_txn *t;

	(void)state;
	t_ok(ca_store_open(dir, true, &s, &err), &err);
	ca_store_close(s);
	t_ok(ca_store_open(dir, false, &s, &err), &err);
	assert_int_equal(wait_for(child(die_writing, dir)), 0);
	assert_int_equal(wait_for(child(die_reading, dir)), 0);
	t_ok(ca_txn_begin(s, true, &t, &err), &err);
	t_code(ca_meta_get(t, "half", &v, &err), SETPKI_E_NOTFOUND, &err);
	setpki_error_clear(&err);
	ca_txn_abort(t);
	/* more dead readers than the table has places */
	assert_int_equal(mdb_env_info(s->env, &info), 0);
	for (unsigned i = 0; i < info.me_maxreaders; i += 60) {
		for (int k = 0; k < 60; k++)
			assert_int_equal(wait_for(child(die_reading, dir)), 0);
		t_ok(ca_txn_begin(s, false, &t, &err), &err);
		ca_txn_abort(t);
	}
	ca_store_close(s);
}

/* --- what is not a store ----------------------------------------------------------------------- */

static void
no_store_is_said_so(void **state)
{
	const char *dir = scratch_dir();
	ca_store *s;

	(void)state;
	t_refused(ca_store_open(scratch_path("nowhere"), false, &s, &err), SETPKI_E_NOTFOUND, "setca init", &err);
	assert_null(s);
	t_refused(ca_store_open(dir, false, &s, &err), SETPKI_E_NOTFOUND, "setca init", &err);
	assert_int_equal(scratch_count(dir), 0);
}

static void
garbage_is_refused(void **state)
{
	const char *dir = scratch_dir(), *data = scratch_path("%s/data.mdb", strrchr(dir, '/') + 1);
	uint8_t junk[8192];
	ca_store *s;

	(void)state;
	memset(junk, 0x5a, sizeof(junk));

	scratch_write(data, SP_BYTES(junk), 0600);
	t_refused(ca_store_open(dir, false, &s, &err), SETPKI_E_STORE, "not a store", &err);
	t_refused(ca_store_open(dir, true, &s, &err), SETPKI_E_STORE, "not a store", &err);
}

static void
a_file_cut_off_is_refused(void **state)
{
	const char *dir = scratch_dir(), *data = scratch_path("%s/data.mdb", strrchr(dir, '/') + 1);
	ca_store *s;
	struct stat st;

	(void)state;
	t_ok(ca_store_open(dir, true, &s, &err), &err);
	for (uint32_t i = 0; i < 50; i++)
		t_ok(put_one(s, 1, i, 1500, &err), &err);
	ca_store_close(s);
	assert_int_equal(stat(data, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(truncate(data, st.st_size / 2), 0);
	t_refused(ca_store_open(dir, false, &s, &err), SETPKI_E_STORE, "cut off", &err);
}

static void
another_schema_is_refused(void **state)
{
	static const uint8_t newer[] = {0, 0, 0, CA_SCHEMA + 1};
	const char *dir = scratch_dir();
	ca_store *s;
	ca_txn *t;

	(void)state;
	t_ok(ca_store_open(dir, true, &s, &err), &err);
	t_ok(ca_txn_begin(s, true, &t, &err), &err);
	t_ok(ca_meta_put(t, "schema", SP_BYTES(newer), &err), &err);
	t_ok(ca_txn_commit(t, &err), &err);
	ca_store_close(s);
	t_refused(ca_store_open(dir, false, &s, &err), SETPKI_E_STATE, "version 2", &err);
	t_refused(ca_store_open(dir, true, &s, &err), SETPKI_E_STATE, "version 2", &err);
}

static void
a_store_without_a_database_is_refused(void **state)
{
	const char *dir = scratch_dir();
	MDB_txn *txn;
	ca_store *s;

	(void)state;
	t_ok(ca_store_open(dir, true, &s, &err), &err);
	assert_int_equal(mdb_txn_begin(s->env, NULL, 0, &txn), 0);
	assert_int_equal(mdb_drop(txn, s->db[CA_DB_BCI], 1), 0);
	assert_int_equal(mdb_txn_commit(txn), 0);
	ca_store_close(s);
	t_refused(ca_store_open(dir, false, &s, &err), SETPKI_E_STORE, "\"bci\"", &err);
}

/* What came later is added, empty, by whoever opens the store next, also to read it. */
static void
a_store_from_before_a_database_gets_it(void **state)
{
	struct ca_account_record account = {.ca = 1, .first_six = "412345", .last_four = "0008", .expiry = "203012"};
	const char *dir = scratch_dir();
	MDB_txn *txn;
	ca_store *s;
	ca_txn *t;

	(void)state;
	t_ok(ca_store_open(dir, true, &s, &err), &err);
	t_ok(put_one(s, 1, 1, 100, &err), &err);
	assert_int_equal(mdb_txn_begin(s->env, NULL, 0, &txn), 0);
	for (size_t i = CA_DB_LATER; i < CA_DB_N; i++)
		assert_int_equal(mdb_drop(txn, s->db[i], 1), 0);
	assert_int_equal(mdb_txn_commit(txn), 0);
	ca_store_close(s);
	t_ok(ca_store_open(dir, false, &s, &err), &err);
	assert_int_equal(count(s, 1), 1);
	t_ok(ca_txn_begin(s, true, &t, &err), &err);
	t_code(ca_account_get(t, 1, account.hash, &account, NULL), SETPKI_E_NOTFOUND, &err);
	account = (struct ca_account_record){.ca = 1, .first_six = "412345", .last_four = "0008", .expiry = "203012"};
	t_ok(ca_account_put(t, &account, &err), &err);
	t_ok(ca_txn_commit(t, &err), &err);
	ca_store_close(s);
	t_ok(ca_store_open(dir, false, &s, &err), &err);
	t_ok(ca_txn_begin(s, false, &t, &err), &err);
	t_ok(ca_account_get(t, 1, account.hash, &account, &err), &err);
	ca_txn_abort(t);
	ca_store_close(s);
}

static void
paths_have_a_limit(void **state)
{
	char path[700];
	ca_store *s;

	(void)state;
	memset(path, 'p', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	t_refused(ca_store_open(path, true, &s, &err), SETPKI_E_ARGUMENT, "too long", &err);
}

/* --- room -------------------------------------------------------------------------------------- */

static void
below_the_low_water_mark(void **state)
{
	struct ca_store_plan plan = small;
	uint64_t left;
	ca_store *s;

	(void)state;
	plan.low_water = plan.most; /* more than the empty store leaves */
	t_ok(ca_store_open_planned(scratch_dir(), true, &plan, &s, &err), &err);
	t_refused(ca_store_headroom(s, &left, &err), SETPKI_E_STATE, "nothing is issued", &err);
	assert_in_range(left, 1, plan.most - 1);
	t_ok(put_one(s, 1, 1, 100, &err), &err); /* everything else goes on */
	s->plan.low_water = left - KIB * 64;
	t_ok(ca_store_headroom(s, &left, &err), &err);
	ca_store_close(s);
}

#define TEST(f) cmocka_unit_test_setup(f, clear)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    TEST(the_map_grows_by_plan),
	    TEST(a_full_map_changes_nothing_and_grows),
	    TEST(a_map_that_another_process_enlarged),
	    TEST(two_processes_write_at_once),
	    TEST(a_child_does_not_use_its_parents_store),
	    TEST(processes_that_died_hold_nothing),
	    TEST(no_store_is_said_so),
	    TEST(garbage_is_refused),
	    TEST(a_file_cut_off_is_refused),
	    TEST(another_schema_is_refused),
	    TEST(a_store_without_a_database_is_refused),
	    TEST(a_store_from_before_a_database_gets_it),
	    TEST(paths_have_a_limit),
	    TEST(below_the_low_water_mark),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
