/* Each shipped policy makes its hierarchy, offline root and passphrases included. */
#include "ca/hierarchy/request.h"
#include "ca/hierarchy/tree.h"
#include "tests/support/check.h"
#include "tests/support/home.h"

#include <stdio.h>

static enum setpki_code
confirm(void *arg, const struct sp_cert *root, const char *thumb, struct setpki_error *err)
{
	(void)arg;
	(void)root;
	(void)thumb;
	(void)err;
	return SETPKI_E_OK;
}

/* To the offline root's home and back. */
static void
travel(struct ca_home *on, struct ca_home *off)
{
	struct setpki_error err = {0};
	struct sp_buf pem = {0}, p7 = {0};
	struct ca_confirm_root yes = {confirm, NULL};
	struct ca_install_result r;
	struct ca_plan plan;
	size_t n;

	t_ok(ca_request_bundle(on, "root", &pem, &n, &err), &err);
	t_ok(ca_sign_run(off, sp_buf_bytes(&pem), &p7, &err), &err);
	t_ok(ca_install(on, sp_buf_bytes(&p7), &yes, &r, &err), &err);
	assert_int_equal(r.certificates, n);
	assert_int_equal(r.superiors, 1);
	t_ok(ca_init_plan(on, on->policy, NULL, &plan, &err), &err);
	t_ok(ca_plan_run(on, &plan, NULL, NULL, &err), &err);
	ca_plan_free(&plan);
	sp_buf_free(&pem);
	sp_buf_free(&p7);
}

static void
check_all(struct ca_home *h)
{
	struct setpki_error err = {0};
	struct ca_tree tree;
	uint64_t size;
	uint8_t root[32];
	size_t i;

	t_ok(ca_tree_read(h, &tree, &err), &err);
	for (i = 0; i < tree.n; i++) {
		assert_int_equal(tree.v[i].generations[0].state, CA_GEN_ACTIVE);
		if (tree.v[i].level == CA_LEVEL_BRAND)
			assert_int_equal(tree.v[i].bci_sequence, 1);
	}
	ca_tree_free(&tree);
	t_ok(ca_audit_verify(h, &size, root, &err), &err);
}

static void
makes_its_hierarchy(void **state)
{
	const char *path = *state;
	struct setpki_error err = {0};
	struct ca_policy *p = t_policy(path, NULL);
	bool offline = p->cas[0].offline;
	struct ca_home *on, *off;
	char name[64];

	snprintf(name, sizeof(name), "%s-on", strrchr(path, '/') + 1);
	on = t_home_open(t_scratch(name), T_NOW);
	t_code(t_init(on, p, NULL, NULL, &err), offline ? SETPKI_E_PENDING : SETPKI_E_OK, &err);
	setpki_error_clear(&err);
	if (offline) {
		snprintf(name, sizeof(name), "%s-off", strrchr(path, '/') + 1);
		off = t_home_open(t_scratch(name), T_NOW);
		t_ok(t_init(off, t_policy(path, NULL), "root", NULL, &err), &err);
		travel(on, off);
		ca_home_close(off);
	}
	check_all(on);
	ca_home_close(on);
}

int
main(void)
{
	static char demo[] = "policies/demo.yaml", production[] = "policies/production.yaml",
		    classic[] = "policies/classic-1997.yaml";
	const struct CMUnitTest tests[] = {
	    {"demo", makes_its_hierarchy, NULL, NULL, demo},
	    {"production", makes_its_hierarchy, NULL, NULL, production},
	    {"classic_1997", makes_its_hierarchy, NULL, NULL, classic},
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
