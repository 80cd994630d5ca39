/* The offline superior: requests out, certificates back, and every way in which that is refused. */
#include "ca/hierarchy/request.h"
#include "ca/hierarchy/roll.h"
#include "ca/hierarchy/tree.h"
#include "ca/publish/publish.h"
#include "tests/support/check.h"
#include "tests/support/home.h"

#include <setpki/object.h>
#include <stdio.h>

#define DAY INT64_C(86400)

#define OFFLINE "  name: root\n", "  name: root\n  offline: true\n"

static const char *const offline_root[] = {OFFLINE, NULL};

/* The offline machine with the root, the online one with the rest, and what travelled between them. */
static struct ca_home *off, *on;
static struct sp_buf bundle, answer;

static struct ca_policy *
policy(void)
{
	return t_policy("policies/demo.yaml", offline_root);
}

static int
start(void **state)
{
	struct setpki_error err = {0};
	struct ca_waiting waiting;

	(void)state;
	off = t_home_open(t_scratch("off"), T_NOW);
	on = t_home_open(t_scratch("on"), T_NOW);
	t_ok(t_init(off, policy(), "root", NULL, &err), &err);
	t_code(t_init(on, policy(), NULL, &waiting, &err), SETPKI_E_PENDING, &err);
	assert_int_equal(setpki_code_exit(err.code), 3);
	assert_int_equal(waiting.n, 1);
	assert_string_equal(waiting.v[0].superior, "root");
	assert_int_equal(waiting.v[0].requests, 1);
	setpki_error_clear(&err);
	t_ok(ca_file_read(waiting.v[0].path, 1 << 20, &bundle, &err), &err);
	return 0;
}

static int
stop(void **state)
{
	struct setpki_error err = {0};
	uint64_t size;
	uint8_t root[32];

	(void)state;
	t_ok(ca_audit_verify(on, &size, root, &err), &err);
	t_ok(ca_audit_verify(off, &size, root, &err), &err);
	ca_home_close(on);
	ca_home_close(off);
	sp_buf_free(&bundle);
	sp_buf_free(&answer);
	return 0;
}

static enum setpki_code
confirm(void *arg, const struct sp_cert *root, const char *thumb, struct setpki_error *err)
{
	(void)root;
	if (strlen(thumb) != 64)
		return sp_fail(err, SETPKI_E_ARGUMENT, NULL, "a thumb of %zu characters", strlen(thumb));
	++*(int *)arg;
	return SETPKI_E_OK;
}

static enum setpki_code
deny(void *arg, const struct sp_cert *root, const char *thumb, struct setpki_error *err)
{
	(void)arg;
	(void)root;
	(void)thumb;
	return sp_fail(err, SETPKI_E_STATE, NULL, "not the root of the ceremony");
}

/* --- ca request -------------------------------------------------------------------------------- */

static void
bundle_is_pem(void **state)
{
	struct setpki_error err = {0};
	struct setpki_objects o = {0};
	struct sp_buf again = {0};
	size_t n;

	(void)state;
	t_ok(setpki_objects_read(sp_buf_bytes(&bundle), &o, &err), &err);
	assert_int_equal(o.n, 1);
	assert_int_equal(o.v[0].type, SETPKI_OBJECT_CSR);
	setpki_objects_free(&o);
	t_ok(ca_request_bundle(on, "root", &again, &n, &err), &err);
	assert_int_equal(n, 1);
	sp_buf_free(&again);
	t_code(ca_request_bundle(on, "geo", &again, &n, &err), SETPKI_E_STATE, &err);
	setpki_error_clear(&err);
	t_code(ca_request_bundle(on, "rooot", &again, &n, &err), SETPKI_E_NOTFOUND, &err);
}

/* What waits below the offline root is not issued, and nothing is published without it. */
static void
below_waits(void **state)
{
	struct setpki_error err = {0};
	struct ca_tree tree;
	size_t i;

	(void)state;
	t_ok(ca_tree_read(on, &tree, &err), &err);
	assert_false(tree.v[0].here);
	for (i = 1; i < tree.n; i++) {
		assert_int_equal(tree.v[i].generations[0].state, CA_GEN_WAITING);
		assert_true(tree.v[i].generations[0].keys[CA_PURPOSE_CERTSIGN].present);
		assert_false(tree.v[i].generations[0].keys[CA_PURPOSE_CERTSIGN].certified);
	}
	assert_int_equal(tree.v[1].bci_sequence, 0);
	ca_tree_free(&tree);
}

/* --- ca sign: refusals ------------------------------------------------------------------------- */

/* Another home that asks the offline root for what its policy does not say. */
struct row {
	const char *name;
	const char *edits[5];
	enum setpki_code want;
	const char *says;
};

static struct row rows[] = {
    {"another_name", {OFFLINE, "common-name: Demo Brand CA", "common-name: Dame Brand CA"}, SETPKI_E_POLICY,
	"no CA of the policy in force here has this name"},
    {"another_key_type",
	{OFFLINE, "          type: P-384\n          lifetime: 9y", "          type: P-256\n          lifetime: 9y"},
	SETPKI_E_POLICY, "its key is P-256; the policy asks for P-384"},
};

static void
sign_refuses(void **state)
{
	const struct row *row = *state;
	struct setpki_error err = {0};
	struct ca_home *h = t_home_open(t_scratch(row->name), T_NOW);
	struct ca_sign_preview preview;
	struct sp_buf pem = {0}, p7 = {0};
	size_t n;

	t_code(t_init(h, t_policy("policies/demo.yaml", row->edits), NULL, NULL, &err), SETPKI_E_PENDING, &err);
	setpki_error_clear(&err);
	t_ok(ca_request_bundle(h, "root", &pem, &n, &err), &err);
	t_ok(ca_sign_preview(off, sp_buf_bytes(&pem), &preview, &err), &err);
	assert_int_equal(preview.refused, 1);
	assert_int_equal(preview.v[0].verdict, row->want);
	if (strstr(preview.v[0].reason, row->says) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", preview.v[0].reason, row->says);
	ca_sign_preview_free(&preview);
	t_code(ca_sign_run(off, sp_buf_bytes(&pem), &p7, &err), row->want, &err);
	assert_int_equal(p7.n, 0);
	sp_buf_free(&pem);
	ca_home_close(h);
}

static void
sign_needs_the_key_here(void **state)
{
	struct setpki_error err = {0};
	struct ca_sign_preview preview;

	(void)state;
	t_ok(ca_sign_preview(on, sp_buf_bytes(&bundle), &preview, &err), &err);
	assert_int_equal(preview.refused, 1);
	assert_non_null(strstr(preview.v[0].reason, "has its keys in another home"));
	ca_sign_preview_free(&preview);
}

static void
sign_refuses_junk(void **state)
{
	struct setpki_error err = {0};
	struct sp_buf p7 = {0};

	(void)state;
	t_code(ca_sign_run(off, sp_bytes_str("nothing in here"), &p7, &err), SETPKI_E_PARSE, &err);
	assert_int_equal(p7.n, 0);
}

/* --- ca sign: the answer ----------------------------------------------------------------------- */

static void
sign_shows_and_signs(void **state)
{
	struct setpki_error err = {0};
	struct ca_sign_preview preview;
	struct sp_buf again = {0};
	const struct ca_sign_item *it;

	(void)state;
	t_ok(ca_sign_preview(off, sp_buf_bytes(&bundle), &preview, &err), &err);
	assert_int_equal(preview.n, 1);
	assert_int_equal(preview.refused, 0);
	it = &preview.v[0];
	assert_int_equal(it->kind, SETPKI_KIND_CA_SIGN);
	assert_string_equal(it->key_type, "P-384");
	assert_non_null(strstr(it->subject, "Demo Brand CA G1"));
	assert_int_equal(it->pathlen, 2);
	assert_false(it->renews || it->repeated);
	ca_sign_preview_free(&preview);
	t_ok(ca_sign_run(off, sp_buf_bytes(&bundle), &answer, &err), &err);
	t_ok(ca_sign_run(off, sp_buf_bytes(&bundle), &again, &err), &err);
	assert_true(sp_bytes_eq(sp_buf_bytes(&answer), sp_buf_bytes(&again)));
	sp_buf_free(&again);
	t_ok(ca_sign_preview(off, sp_buf_bytes(&bundle), &preview, &err), &err);
	assert_true(preview.v[0].repeated);
	ca_sign_preview_free(&preview);
}

/* --- ca install -------------------------------------------------------------------------------- */

static void
install_refuses_unconfirmed(void **state)
{
	struct setpki_error err = {0};
	struct ca_confirm_root no = {deny, NULL};
	struct ca_install_result r;

	(void)state;
	t_code(ca_install(on, sp_buf_bytes(&answer), NULL, &r, &err), SETPKI_E_ARGUMENT, &err);
	assert_non_null(strstr(err.message, "compare its thumb"));
	setpki_error_clear(&err);
	t_code(ca_install(on, sp_buf_bytes(&answer), &no, &r, &err), SETPKI_E_STATE, &err);
	setpki_error_clear(&err);
	below_waits(state);
}

/* An answer for another home's keys. */
static void
install_refuses_foreign_keys(void **state)
{
	struct setpki_error err = {0};
	struct ca_home *h = t_home_open(t_scratch("foreign"), T_NOW);
	struct ca_install_result r;
	int asked = 0;
	struct ca_confirm_root yes = {confirm, &asked};

	(void)state;
	t_code(t_init(h, policy(), NULL, NULL, &err), SETPKI_E_PENDING, &err);
	setpki_error_clear(&err);
	t_code(ca_install(h, sp_buf_bytes(&answer), &yes, &r, &err), SETPKI_E_POLICY, &err);
	assert_non_null(strstr(err.message, "that this home made and asked for"));
	ca_home_close(h);
}

static void
install_refuses_another_time(void **state)
{
	struct setpki_error err = {0};
	struct ca_install_result r;
	int asked = 0;
	struct ca_confirm_root yes = {confirm, &asked};

	(void)state;
	on->now = T_NOW - DAY;
	t_code(ca_install(on, sp_buf_bytes(&answer), &yes, &r, &err), SETPKI_E_STATE, &err);
	on->now = T_NOW;
	assert_non_null(strstr(err.message, "not now"));
}

/* All or nothing: with a CRL that does not verify, no certificate is taken either. */
static void
install_refuses_a_broken_crl(void **state)
{
	struct setpki_error err = {0};
	struct ca_install_result r;
	int asked = 0;
	struct ca_confirm_root yes = {confirm, &asked};
	uint8_t *last = answer.p + answer.n - 3; /* of the CRL's signature: an empty set of signers follows */

	*last ^= 1;
	t_code(ca_install(on, sp_buf_bytes(&answer), &yes, &r, &err), SETPKI_E_SIGNATURE, &err);
	*last ^= 1;
	assert_non_null(strstr(err.object, "the superior's CRL"));
	below_waits(state);
}

static void
continue_init(struct ca_home *h)
{
	struct setpki_error err = {0};
	struct ca_plan plan;

	t_ok(ca_init_plan(h, h->policy, NULL, &plan, &err), &err);
	t_ok(ca_plan_run(h, &plan, NULL, NULL, &err), &err);
	ca_plan_free(&plan);
}

static void
install_takes_it(void **state)
{
	struct setpki_error err = {0};
	struct ca_install_result r;
	struct ca_tree tree;
	int asked = 0;
	struct ca_confirm_root yes = {confirm, &asked};
	size_t i;

	(void)state;
	t_ok(ca_install(on, sp_buf_bytes(&answer), &yes, &r, &err), &err);
	assert_int_equal(asked, 1);
	assert_int_equal(r.certificates, 1);
	assert_int_equal(r.superiors, 1);
	assert_int_equal(r.crls, 1);
	continue_init(on);
	t_ok(ca_tree_read(on, &tree, &err), &err);
	for (i = 0; i < tree.n; i++)
		assert_int_equal(tree.v[i].generations[0].state, CA_GEN_ACTIVE);
	assert_int_equal(tree.v[0].generations[0].crl_number, 1);
	assert_int_equal(tree.v[1].bci_sequence, 1);
	ca_tree_free(&tree);
	t_ok(ca_install(on, sp_buf_bytes(&answer), NULL, &r, &err), &err);
	assert_int_equal(r.certificates + r.superiors + r.crls, 0);
}

/* --- afterwards -------------------------------------------------------------------------------- */

static void
travel(const char *superior, size_t want)
{
	struct setpki_error err = {0};
	struct sp_buf pem = {0}, p7 = {0};
	struct ca_install_result r;
	size_t n;

	t_ok(ca_request_bundle(on, superior, &pem, &n, &err), &err);
	assert_int_equal(n, want);
	t_ok(ca_sign_run(off, sp_buf_bytes(&pem), &p7, &err), &err);
	t_ok(ca_install(on, sp_buf_bytes(&p7), NULL, &r, &err), &err);
	assert_int_equal(r.certificates, want);
	sp_buf_free(&pem);
	sp_buf_free(&p7);
}

static void
renew_travels(void **state)
{
	struct setpki_error err = {0};
	struct ca_plan plan;
	struct ca_tree before, after;

	(void)state;
	on->now = off->now = T_NOW + DAY;
	t_ok(ca_tree_read(on, &before, &err), &err);
	t_ok(ca_renew_plan(on, "brand", CA_PURPOSE_N, &plan, &err), &err);
	assert_int_equal(plan.v[0].type, CA_STEP_REQUEST);
	t_code(ca_plan_run(on, &plan, NULL, NULL, &err), SETPKI_E_PENDING, &err);
	setpki_error_clear(&err);
	ca_plan_free(&plan);
	travel("root", 1);
	t_ok(ca_tree_read(on, &after, &err), &err);
	assert_string_not_equal(before.v[1].generations[0].keys[0].serial, after.v[1].generations[0].keys[0].serial);
	assert_int_equal(after.v[1].ngenerations, 1);
	ca_tree_free(&before);
	ca_tree_free(&after);
	/* the set lacks the new certificate: it is due */
	t_ok(ca_init_plan(on, on->policy, NULL, &plan, &err), &err);
	assert_int_equal(plan.n, 2);
	assert_int_equal(plan.v[1].type, CA_STEP_PUBLISH);
	ca_plan_free(&plan);
	continue_init(on);
}

static void
carry_root_crl(void)
{
	struct setpki_error err = {0};
	struct ca_crl_record crl = {0};
	uint16_t root = t_ca(off, "root");
	ca_txn *t;

	t_ok(ca_crl_issue(off, root, 0, NULL, &err), &err);
	t_ok(ca_txn_begin(off->store, false, &t, &err), &err);
	t_ok(ca_crl_get(t, root, 1, &crl, &err), &err);
	ca_txn_abort(t);
	t_ok(ca_crl_import(on, crl.der, NULL, NULL, &err), &err);
	ca_crl_record_free(&crl);
}

/* A CRL that came through the gate while the answer was under way is newer than the one in the answer. */
static void
answer_is_overtaken_by_a_crl(void **state)
{
	struct setpki_error err = {0};
	struct sp_buf pem = {0}, p7 = {0};
	struct ca_install_result r;
	struct ca_plan plan;
	size_t n;

	(void)state;
	on->now = off->now = T_NOW + 2 * DAY;
	t_ok(ca_renew_plan(on, "brand", CA_PURPOSE_N, &plan, &err), &err);
	t_code(ca_plan_run(on, &plan, NULL, NULL, &err), SETPKI_E_PENDING, &err);
	setpki_error_clear(&err);
	ca_plan_free(&plan);
	t_ok(ca_request_bundle(on, "root", &pem, &n, &err), &err);
	t_ok(ca_sign_run(off, sp_buf_bytes(&pem), &p7, &err), &err);
	carry_root_crl();
	carry_root_crl();
	t_ok(ca_install(on, sp_buf_bytes(&p7), NULL, &r, &err), &err);
	assert_int_equal(r.certificates, 1);
	assert_int_equal(r.crls, 0);
	sp_buf_free(&pem);
	sp_buf_free(&p7);
	continue_init(on);
}

static void
roll_travels(void **state)
{
	struct setpki_error err = {0};
	struct ca_plan plan;
	struct ca_tree tree;

	(void)state;
	t_ok(ca_roll_plan(on, "brand", &plan, &err), &err);
	t_code(ca_plan_run(on, &plan, NULL, NULL, &err), SETPKI_E_PENDING, &err);
	setpki_error_clear(&err);
	ca_plan_free(&plan);
	travel("root", 1);
	continue_init(on);
	t_ok(ca_tree_read(on, &tree, &err), &err);
	assert_int_equal(tree.v[1].generations[0].state, CA_GEN_CLOSING);
	assert_int_equal(tree.v[1].generations[1].state, CA_GEN_ACTIVE);
	ca_tree_free(&tree);
}

/* The next root is known by the hash that the old one carries: nobody is asked. */
static void
root_succession_travels(void **state)
{
	struct setpki_error err = {0};
	struct ca_plan plan;
	struct ca_tree tree;

	(void)state;
	t_ok(ca_roll_plan(off, "root", &plan, &err), &err);
	t_ok(ca_plan_run(off, &plan, NULL, NULL, &err), &err);
	ca_plan_free(&plan);
	t_ok(ca_roll_plan(on, "brand", &plan, &err), &err);
	t_code(ca_plan_run(on, &plan, NULL, NULL, &err), SETPKI_E_PENDING, &err);
	setpki_error_clear(&err);
	ca_plan_free(&plan);
	travel("root", 1);
	continue_init(on);
	t_ok(ca_tree_read(on, &tree, &err), &err);
	assert_int_equal(tree.v[0].ngenerations, 2);
	assert_int_equal(tree.v[0].generations[1].state, CA_GEN_ACTIVE);
	assert_int_equal(tree.v[1].generations[2].superior_generation, 2);
	ca_tree_free(&tree);
}

int
main(void)
{
	struct CMUnitTest tests[NELEMS(rows) + 15];
	size_t n = 0, i;

	tests[n++] = (struct CMUnitTest)cmocka_unit_test(bundle_is_pem);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(below_waits);
	for (i = 0; i < NELEMS(rows); i++)
		tests[n++] = (struct CMUnitTest){rows[i].name, sign_refuses, NULL, NULL, &rows[i]};
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(sign_needs_the_key_here);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(sign_refuses_junk);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(sign_shows_and_signs);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(install_refuses_unconfirmed);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(install_refuses_foreign_keys);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(install_refuses_another_time);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(install_refuses_a_broken_crl);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(install_takes_it);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(renew_travels);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(answer_is_overtaken_by_a_crl);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(roll_travels);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(root_succession_travels);
	return _cmocka_run_group_tests("hierarchy/offline", tests, n, start, stop);
}
