/* setca policy diff, apply: what a change changes, and putting it in force. */
#include "ca/hierarchy/apply.h"
#include "ca/policy/show.h"
#include "tools/common/fail.h"
#include "tools/setca/commands.h"
#include "tools/setca/policy.h"

#include <string.h>

static const struct tc_column columns[] = {
    {"change", "CHANGE", SETPKI_VALUE_TEXT, false},
    {"path", "WHAT", SETPKI_VALUE_TEXT, false},
    {"old", "OLD", SETPKI_VALUE_TEXT, false},
    {"new", "NEW", SETPKI_VALUE_TEXT, false},
    {"oldLine", NULL, SETPKI_VALUE_NUMBER, false},
    {"newLine", "LINE", SETPKI_VALUE_NUMBER, true},
    {"effect", "EFFECT", SETPKI_VALUE_TEXT, false},
    {0},
};

static void
change_row(struct setca *s, const struct ca_policy_change *c)
{
	static const char *const what[] = {"added", "removed", "changed"};
	char old_line[16], new_line[16];

	snprintf(old_line, sizeof(old_line), "%d", c->old_line);
	snprintf(new_line, sizeof(new_line), "%d", c->new_line);
	tc_row(s->out,
	    (const char *const[]){what[c->what], c->path, c->old, c->new, c->old_line != 0 ? old_line : NULL,
		c->new_line != 0 ? new_line : NULL, c->effect});
}

/* Shows the differences; *n: how many. */
static enum setpki_code
show_changes(struct setca *s, const struct ca_policy *old, const struct ca_policy *new, size_t *n)
{
	struct ca_policy_changes changes = {0};
	enum setpki_code rc;
	size_t i;

	if ((rc = ca_policy_diff(old, new, &changes, SETCA_ERR(s))) == SETPKI_E_OK) {
		tc_table(s->out, "setca.policy-diff/1", columns);
		for (i = 0; i < changes.n; i++)
			change_row(s, &changes.v[i]);
		tc_table_end(s->out, NULL, "No difference in effect.");
		fflush(stdout);
	}
	*n = changes.n;
	ca_policy_changes_free(&changes);
	return rc;
}

static enum setpki_code
policy_in_force(struct setca *s)
{
	if (s->home->policy == NULL)
		return tc_fail(
		    SETCA_ERR(s), SETPKI_E_STATE, "no policy is in force here; 'setca init POLICY' puts one in force");
	return SETPKI_E_OK;
}

/* --- diff --- */

static enum setpki_code
diff_with_home(struct setca *s, const struct ca_policy *new)
{
	enum setpki_code rc;
	size_t n;

	if ((rc = tc_pass_new(-1, &s->pass, SETCA_ERR(s))) != SETPKI_E_OK ||
	    (rc = setca_open_home(s, CA_HOME_READ)) != SETPKI_E_OK || (rc = policy_in_force(s)) != SETPKI_E_OK)
		return rc;
	return show_changes(s, s->home->policy, new, &n);
}

static enum setpki_code
run_diff(struct tc_run *run)
{
	struct ca_policy *old = NULL, *new = NULL;
	enum setpki_code rc;
	struct setca s;
	size_t n;

	if ((rc = setca_begin(run, &s)) == SETPKI_E_OK &&
	    (rc = setca_policy_file(run, run->operands[run->noperands - 1], &new)) == SETPKI_E_OK) {
		if (run->noperands == 1)
			rc = diff_with_home(&s, new);
		else if ((rc = setca_policy_file(run, run->operands[0], &old)) == SETPKI_E_OK)
			rc = show_changes(&s, old, new, &n);
	}
	ca_policy_free(old);
	ca_policy_free(new);
	return setca_end(&s, rc);
}

const struct tc_command setca_policy_diff = {
    .name = "policy diff",
    .operands = "[OLD] NEW",
    .min = 1,
    .max = 2,
    .summary = "what a changed policy would change",
    .about = "Compares two policy files, or one with the policy in force, by what they mean: one line a difference, "
	     "with what "
	     "becomes of it.",
    .examples =
	(const struct tc_example[]){
	    {"setca policy diff policies/demo.yaml policies/production.yaml", "two files"},
	    {"setca policy diff policies/demo.yaml", "a file and the policy in force"},
	    {0},
	},
    .run = run_diff,
};

/* --- apply --- */

struct apply_args {
	bool yes;
};

static enum setpki_code
apply(struct setca *s, struct ca_policy **policy, bool yes)
{
	size_t n, before, after = (*policy)->ncas;
	enum setpki_code rc;

	if ((rc = ca_apply_check(s->home, *policy, SETCA_ERR(s))) != SETPKI_E_OK ||
	    (rc = show_changes(s, s->home->policy, *policy, &n)) != SETPKI_E_OK)
		return rc;
	before = s->home->policy->ncas;
	if (memcmp((*policy)->hash, s->home->policy->hash, 32) == 0)
		return SETPKI_E_OK;
	if ((rc = tc_confirm(yes, "Put this policy in force?", SETCA_ERR(s))) != SETPKI_E_OK ||
	    (rc = ca_apply(s->home, *policy, SETCA_ERR(s))) != SETPKI_E_OK)
		return rc;
	*policy = NULL; /* the home's now */
	if (!s->json)
		printf("In force: %s.%s\n", s->home->policy->name,
		    after > before ? "  'setca init' with the same file makes the new CAs." : "");
	return SETPKI_E_OK;
}

static enum setpki_code
run_apply(struct tc_run *run)
{
	const struct apply_args *a = run->args;
	struct ca_policy *policy = NULL;
	enum setpki_code rc;
	struct setca s = {0};

	if ((rc = setca_policy_file(run, run->operands[0], &policy)) == SETPKI_E_OK &&
	    (rc = setca_open(run, CA_HOME_WRITE, -1, &s)) == SETPKI_E_OK)
		rc = apply(&s, &policy, a->yes);
	ca_policy_free(policy);
	return setca_end(&s, rc);
}

const struct tc_command setca_policy_apply = {
    .name = "policy apply",
    .operands = "FILE",
    .min = 1,
    .max = 1,
    .summary = "put a changed policy in force",
    .about =
	"Checks the file, shows what it changes, asks, and records it in one audited transaction.  Certificates that "
	"exist stay as they are.  A hierarchy keeps its suite and its CAs; new CAs are made by running init again.",
    .opts =
	(const struct tc_opt[]){
	    {"yes", TC_FLAG, TC_AT(struct apply_args, yes), NULL, "do not ask", NULL},
	    {0},
	},
    .args_size = sizeof(struct apply_args),
    .examples =
	(const struct tc_example[]){
	    {"setca policy apply policies/demo.yaml --yes", "after the file was edited"},
	    {0},
	},
    .run = run_apply,
};
