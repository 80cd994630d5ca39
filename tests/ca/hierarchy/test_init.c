/* init: the plan as text, the hierarchy it makes, and what interruptions leave. */
#include "tests/support/home.h"

#include "ca/hierarchy/tree.h"
#include "tests/support/check.h"

#include <stdio.h>

static void
demo_is_made(void **state)
{
	struct setpki_error err = {0};
	struct ca_home *h = t_demo_home("made", T_NOW);
	struct ca_tree tree;
	size_t i;

	(void)state;
	t_ok(ca_tree_read(h, &tree, &err), &err);
	assert_int_equal(tree.n, 6);
	for (i = 0; i < tree.n; i++)
		assert_int_equal(tree.v[i].generations[0].state, CA_GEN_ACTIVE);
	ca_tree_free(&tree);
	ca_home_close(h);
}

static void
plan_text(void **state)
{
	struct setpki_error err = {0};
	struct ca_policy *p = t_policy("policies/demo.yaml", NULL);
	struct ca_plan plan;
	struct sp_buf text = {0};

	(void)state;
	t_ok(ca_init_plan(NULL, p, NULL, &plan, &err), &err);
	ca_plan_text(&plan, &text);
	printf("%.*s", (int)text.n, (char *)text.p);
	sp_buf_free(&text);
	ca_plan_free(&plan);
	ca_policy_free(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(plan_text),
	    cmocka_unit_test(demo_is_made),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
