/* Card numbers are kept as hashes under the home's own secret, and under no other one. */
#include "ca/home/pan.h"
#include "tests/support/home.h"
#include "tests/support/scratch.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <unistd.h>

static struct setpki_error err;
static struct ca_home *h;
static ca_txn *t;

static int
setup(void **state)
{
	(void)state;
	memset(&err, 0, sizeof(err));
	t_ok(ca_home_open(t_ctx(), scratch_dir(), CA_HOME_CREATE, NULL, T_NOW, &h, &err), &err);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	ca_home_close(h);
	return 0;
}

static enum setpki_code
open_key(bool write, uint8_t key[32])
{
	enum setpki_code rc;

	t_ok(ca_txn_begin(h->store, write, &t, &err), &err);
	rc = ca_pan_key(h, t, key, &err);
	if (write && rc == SETPKI_E_OK)
		t_ok(ca_txn_commit(t, &err), &err);
	else
		ca_txn_abort(t);
	return rc;
}

static void
the_hash_is_an_hmac_over_the_digits(void **state)
{
	static const char pan[] = "4123450000000008";
	uint8_t key[32], hash[32], want[32];
	unsigned n = 0;

	(void)state;
	t_ok(open_key(true, key), &err);
	t_ok(ca_pan_hash(t_ctx(), key, pan, hash, &err), &err);
	assert_non_null(HMAC(EVP_sha256(), key, 32, (const uint8_t *)pan, sizeof(pan) - 1, want, &n));
	assert_int_equal(n, 32);
	assert_memory_equal(hash, want, 32);
}

static void
the_secret_stays_the_same(void **state)
{
	uint8_t a[32], b[32];

	(void)state;
	/* a reader makes it, too, but notes nothing down */
	t_ok(open_key(false, a), &err);
	t_ok(open_key(true, b), &err);
	assert_memory_equal(a, b, 32);
	t_ok(open_key(false, b), &err);
	assert_memory_equal(a, b, 32);
}

static void
another_secret_is_refused(void **state)
{
	char path[600];
	uint8_t key[32], other[32];

	(void)state;
	t_ok(open_key(true, key), &err);
	snprintf(path, sizeof(path), "%s/pan-hash.secret", h->keys_dir);
	assert_int_equal(unlink(path), 0);
	for (int write = 0; write < 2; write++) {
		t_code(open_key(write != 0, other), SETPKI_E_STATE, &err);
		assert_non_null(strstr(err.message, "pan-hash.secret"));
		setpki_error_clear(&err);
		assert_int_not_equal(access(path, F_OK), 0); /* and none is made in its place */
	}
	scratch_write(path, SP_BYTES(key), 0600);
	t_ok(open_key(false, other), &err);
	key[0] ^= 1;
	scratch_write(path, SP_BYTES(key), 0600);
	t_code(open_key(true, other), SETPKI_E_STATE, &err);
}

static enum setpki_code
check(void)
{
	enum setpki_code rc;

	t_ok(ca_txn_begin(h->store, false, &t, &err), &err);
	rc = ca_pan_key_check(h, t, &err);
	ca_txn_abort(t);
	return rc;
}

static void
looking_makes_nothing(void **state)
{
	char path[600];
	uint8_t key[32];

	(void)state;
	snprintf(path, sizeof(path), "%s/pan-hash.secret", h->keys_dir);
	t_ok(check(), &err);
	assert_int_not_equal(access(path, F_OK), 0);
	t_ok(open_key(true, key), &err);
	t_ok(check(), &err);
	assert_int_equal(unlink(path), 0);
	t_code(check(), SETPKI_E_STATE, &err);
	assert_int_not_equal(access(path, F_OK), 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    TEST(the_hash_is_an_hmac_over_the_digits),
	    TEST(the_secret_stays_the_same),
	    TEST(another_secret_is_refused),
	    TEST(looking_makes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
