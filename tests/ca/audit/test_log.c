/* The log: leaves as octets, the tree over them, order. */
#include "ca/audit/leaf.h"
#include "tests/support/home.h"
#include "tests/support/scratch.h"

#include <openssl/crypto.h>

static struct setpki_error err;

static int
clear(void **state)
{
	(void)state;
	memset(&err, 0, sizeof(err));
	return 0;
}

static void
fill(struct ca_audit_leaf *leaf, size_t variant)
{
	static const uint8_t serial[20] = {0x7f, 0xff};

	*leaf = (struct ca_audit_leaf){.at = T_NOW};
	if (variant == 0)
		return;
	*leaf = (struct ca_audit_leaf){.index = INT64_MAX,
	    .at = INT64_C(253402300799),
	    .event = CA_AUDIT_N - 1,
	    .ca = 0xffff,
	    .serial = SP_BYTES(serial),
	    .detail = "gr\xc3\xbc\xc3\x9f"};
	memset(leaf->policy_hash, 0xff, 32);
	memset(leaf->object, 0xfe, 32);
}

static void
leaves_come_back(void **state)
{
	struct ca_audit_leaf leaf, got;
	struct sp_buf der = {0}, again = {0};
	char text[CA_LEAF_DETAIL];

	(void)state;
	for (size_t v = 0; v < 2; v++) {
		fill(&leaf, v);
		ca_leaf_put(&leaf, &der);
		t_ok(ca_leaf_get(sp_buf_bytes(&der), &got, text, &err), &err);
		assert_int_equal(got.index, leaf.index);
		assert_int_equal(got.at, leaf.at);
		assert_int_equal(got.event, leaf.event);
		assert_int_equal(got.ca, leaf.ca);
		t_bytes(got.serial, leaf.serial);
		ca_leaf_put(&got, &again);
		t_bytes(sp_buf_bytes(&again), sp_buf_bytes(&der));
		for (size_t n = 0; n < der.n; n++)
			if (ca_leaf_get(sp_bytes(der.p, n), &got, text, NULL) == SETPKI_E_OK)
				fail_msg("%zu of %zu octets are read", n, der.n);
		sp_buf_add_byte(&der, 0);
		t_code(ca_leaf_get(sp_buf_bytes(&der), &got, text, NULL), SETPKI_E_STORE, NULL);
		sp_buf_reset(&der);
		sp_buf_reset(&again);
	}
	sp_buf_free(&der);
	sp_buf_free(&again);
}

static void
events_have_names(void **state)
{
	(void)state;
	for (unsigned i = 0; i < CA_AUDIT_N; i++) {
		assert_true(strlen(ca_audit_event_text((enum ca_audit_event)i)) > 3);
		for (unsigned k = 0; k < i; k++)
			assert_string_not_equal(
			    ca_audit_event_name((enum ca_audit_event)i), ca_audit_event_name((enum ca_audit_event)k));
	}
	assert_string_equal(ca_audit_event_text((enum ca_audit_event)CA_AUDIT_N), "unknown event");
}

/* The root by the definition of RFC 9162 2.1.1, not by the edge. */
static void
defined_root(ca_txn *t, uint64_t from, uint64_t n, uint8_t out[32])
{
	uint8_t left[32], right[32];
	setpki_bytes der;
	uint64_t k = 1;

	if (n == 1) {
		t_ok(ca_audit_get(t, from, &der, &err), &err);
		t_ok(sp_merkle_leaf(t_ctx(), der, out, &err), &err);
		return;
	}
	while (2 * k < n)
		k *= 2;
	defined_root(t, from, k, left);
	defined_root(t, from + k, n - k, right);
	t_ok(sp_merkle_node(t_ctx(), left, right, out, &err), &err);
}

static void
the_root_is_that_of_the_definition(void **state)
{
	struct ca_home *h = t_home_open(t_scratch("root"), T_NOW);
	struct ca_audit_leaf leaf = {.at = T_NOW, .event = CA_AUDIT_KEY_MADE};
	uint8_t root[32], want[32];
	uint64_t size;
	ca_txn *t;

	(void)state;
	t_ok(ca_audit_verify(h, &size, root, &err), &err);
	assert_int_equal(size, 0);
	for (uint64_t n = 1; n <= 40; n++) {
		t_ok(ca_txn_begin(h->store, true, &t, &err), &err);
		t_ok(ca_audit_append(h, t, &leaf, &err), &err);
		assert_int_equal(leaf.index, n - 1);
		t_ok(ca_txn_commit(t, &err), &err);
		t_ok(ca_txn_begin(h->store, false, &t, &err), &err);
		t_ok(ca_audit_head(h, t, &size, root, &err), &err);
		assert_int_equal(size, n);
		defined_root(t, 0, n, want);
		assert_memory_equal(root, want, sizeof(root));
		ca_txn_abort(t);
	}
	t_ok(ca_audit_verify(h, &size, root, &err), &err);
	assert_int_equal(size, 40);
	assert_memory_equal(root, want, sizeof(root));
	ca_home_close(h);
}

struct seen {
	uint64_t next, stop;
	char detail[CA_LEAF_DETAIL];
};

static enum setpki_code
see(void *arg, const struct ca_audit_leaf *leaf, struct setpki_error *e)
{
	struct seen *s = arg;

	(void)e;
	assert_int_equal(leaf->index, s->next);
	s->next++;
	if (leaf->detail != NULL)
		snprintf(s->detail, sizeof(s->detail), "%s", leaf->detail);
	return leaf->index == s->stop ? SETPKI_E_STATE : SETPKI_E_OK;
}

static void
walks_and_details(void **state)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
	    {"plain", "plain"},
	    {"card 4111111111111111 refused", "card 411111******1111 refused"},
	    {"two\nlines", "two lines"},
	};
	struct ca_home *h = t_home_open(t_scratch("walks"), T_NOW);
	struct ca_audit_leaf leaf = {.at = T_NOW, .event = CA_AUDIT_KEY_MADE};
	char long_detail[2 * CA_LEAF_DETAIL];
	struct seen s = {.stop = UINT64_MAX};
	ca_txn *t;

	(void)state;
	t_ok(ca_txn_begin(h->store, true, &t, &err), &err);
	for (size_t i = 0; i < NELEMS(rows); i++) {
		leaf.detail = rows[i].in;
		t_ok(ca_audit_append(h, t, &leaf, &err), &err);
		assert_ptr_equal(leaf.detail, rows[i].in);
		s.next = i;
		t_ok(ca_audit_each(h, t, i, see, &s, &err), &err);
		assert_string_equal(s.detail, rows[i].out);
	}
	for (size_t i = 0; i + 1 < sizeof(long_detail); i += 2)
		memcpy(long_detail + i, "\xc3\xbc", 2); /* cut in the middle of a character */
	long_detail[sizeof(long_detail) - 1] = '\0';
	leaf.detail = long_detail;
	t_ok(ca_audit_append(h, t, &leaf, &err), &err);
	s.next = leaf.index;
	t_ok(ca_audit_each(h, t, leaf.index, see, &s, &err), &err);
	assert_int_equal(strlen(s.detail), CA_LEAF_DETAIL - 2);
	s = (struct seen){.stop = 1};
	t_ok(ca_audit_each(h, t, 0, see, &s, &err), &err);
	assert_int_equal(s.next, 2);
	ca_txn_abort(t);
	ca_home_close(h);
}

#define TEST(f) cmocka_unit_test_setup(f, clear)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    TEST(leaves_come_back),
	    TEST(events_have_names),
	    TEST(the_root_is_that_of_the_definition),
	    TEST(walks_and_details),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
