/* Merkle tree hashing after RFC 9162 2.1. */
#include "tests/support/check.h"

#include "lib/crypto/merkle.h"

static setpki_ctx *ctx;

/* The eight inputs and nine roots of the well-known Certificate Transparency test tree, computed again with Python's
 * hashlib by the recursion of RFC 9162 2.1.1. */
static const char *const leaves[] = {
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"};
static const char *const roots[] = {
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
};

static void
roots_are_those_of_the_test_tree(void **state)
{
	struct sp_merkle m = {0};
	uint8_t hash[SP_MERKLE_LEN];

	(void)state;
	for (size_t n = 0; n <= NELEMS(leaves); n++) {
		t_ok(sp_merkle_root(ctx, &m, hash, NULL), NULL);
		t_bytes(SP_BYTES(hash), t_hex(roots[n]));
		if (n == NELEMS(leaves))
			break;
		t_ok(sp_merkle_leaf(ctx, t_hex(leaves[n]), hash, NULL), NULL);
		t_ok(sp_merkle_append(ctx, &m, hash, NULL, NULL, NULL), NULL);
		assert_int_equal(m.size, n + 1);
	}
}

#define N 100

/* MTH of RFC 9162 2.1.1, by its own recursion. */
static void
mth(uint8_t (*hashes)[SP_MERKLE_LEN], size_t n, uint8_t out[SP_MERKLE_LEN])
{
	uint8_t left[SP_MERKLE_LEN], right[SP_MERKLE_LEN];
	size_t k = 1;

	if (n == 1) {
		memcpy(out, hashes[0], SP_MERKLE_LEN);
		return;
	}
	while (2 * k < n)
		k *= 2;
	mth(hashes, k, left);
	mth(hashes + k, n - k, right);
	t_ok(sp_merkle_node(ctx, left, right, out, NULL), NULL);
}

static void
appending_gives_the_root_of_the_recursion(void **state)
{
	static uint8_t hashes[N][SP_MERKLE_LEN];
	struct sp_merkle m = {0};
	uint8_t got[SP_MERKLE_LEN], want[SP_MERKLE_LEN];

	(void)state;
	for (size_t n = 1; n <= N; n++) {
		memset(hashes[n - 1], (int)n, SP_MERKLE_LEN);
		t_ok(sp_merkle_append(ctx, &m, hashes[n - 1], NULL, NULL, NULL), NULL);
		t_ok(sp_merkle_root(ctx, &m, got, NULL), NULL);
		mth(hashes, n, want);
		assert_memory_equal(got, want, SP_MERKLE_LEN);
	}
}

struct told {
	uint8_t hash[8][N][SP_MERKLE_LEN];
	size_t n[8];
	size_t fail_at;
};

static enum setpki_code
tell(void *arg, unsigned level, uint64_t index, const uint8_t hash[SP_MERKLE_LEN], struct setpki_error *err)
{
	struct told *t = arg;

	if (t->fail_at != 0 && --t->fail_at == 0)
		return sp_fail(err, SETPKI_E_STORE, NULL, "full");
	assert_true(level < 8);
	assert_int_equal(index, t->n[level]);
	memcpy(t->hash[level][t->n[level]++], hash, SP_MERKLE_LEN);
	return SETPKI_E_OK;
}

static void
each_complete_subtree_is_told_once(void **state)
{
	static struct told t;
	struct sp_merkle m = {0};
	uint8_t leaf[SP_MERKLE_LEN], node[SP_MERKLE_LEN];

	(void)state;
	for (size_t n = 0; n < N; n++) {
		memset(leaf, (int)n, sizeof(leaf));
		t_ok(sp_merkle_append(ctx, &m, leaf, tell, &t, NULL), NULL);
	}
	for (unsigned level = 0; level < 8; level++)
		assert_int_equal(t.n[level], (size_t)N >> level);
	for (unsigned level = 1; level < 7; level++)
		for (size_t i = 0; i < t.n[level]; i++) {
			t_ok(sp_merkle_node(ctx, t.hash[level - 1][2 * i], t.hash[level - 1][2 * i + 1], node, NULL),
			    NULL);
			assert_memory_equal(node, t.hash[level][i], SP_MERKLE_LEN);
		}
}

static void
a_failing_store_leaves_the_tree_as_it_was(void **state)
{
	static struct told t;
	struct sp_merkle m = {0}, before;
	uint8_t leaf[SP_MERKLE_LEN] = {7};

	(void)state;
	for (int i = 0; i < 7; i++)
		t_ok(sp_merkle_append(ctx, &m, leaf, NULL, NULL, NULL), NULL);
	for (size_t at = 1; at <= 4; at++) { /* the eighth leaf completes four subtrees */
		before = m;
		memset(&t, 0, sizeof(t));
		t.fail_at = at;
		for (unsigned level = 0; level < 8; level++)
			t.n[level] = 7u >> level;
		t_code(sp_merkle_append(ctx, &m, leaf, tell, &t, NULL), SETPKI_E_STORE, NULL);
		assert_memory_equal(&m, &before, sizeof(m));
	}
}

static int
start(void **state)
{
	(void)state;
	return setpki_ctx_new(NULL, &ctx, NULL) == SETPKI_E_OK ? 0 : -1;
}

static int
done(void **state)
{
	(void)state;
	setpki_ctx_free(ctx);
	t_hex_free();
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(roots_are_those_of_the_test_tree),
	    cmocka_unit_test(appending_gives_the_root_of_the_recursion),
	    cmocka_unit_test(each_complete_subtree_is_told_once),
	    cmocka_unit_test(a_failing_store_leaves_the_tree_as_it_was),
	};

	return cmocka_run_group_tests(tests, start, done);
}
