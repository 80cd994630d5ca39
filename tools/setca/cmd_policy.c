/* setca policy check, show, explain. */
#include "ca/policy/show.h"
#include "tools/common/fail.h"
#include "tools/common/files.h"
#include "tools/setca/commands.h"
#include "tools/setca/policy.h"

#include <string.h>

enum setpki_code
setca_policy_file(struct tc_run *run, const char *path, struct ca_policy **out)
{
	struct tc_file file;
	enum setpki_code rc;

	*out = NULL;
	if ((rc = tc_file_read(path, &file, &run->err)) != SETPKI_E_OK)
		return rc;
	rc = ca_policy_read(run->ctx, file.bytes, path, out, &run->err);
	tc_file_close(&file);
	return rc;
}

/* --- check --- */

static void
report_good(struct setca *s, const char *path, const struct ca_policy *p)
{
	char hash[65];

	if (!s->json) {
		printf("%s: good: %s, %s suite, %zu CA%s%s\n", path, p->name, setpki_suite_name(p->suite), p->ncas,
		    p->ncas == 1 ? "" : "s", p->test ? ", for tests" : "");
		return;
	}
	tc_object(s->out, "setca.policy-check/1", NULL);
	tc_text(s->out, "file", path);
	tc_text(s->out, "name", p->name);
	tc_text(s->out, "suite", setpki_suite_name(p->suite));
	tc_bool(s->out, "test", p->test);
	tc_number(s->out, "cas", p->ncas);
	tc_text(s->out, "hash", setpki_hex_text((setpki_bytes){p->hash, 32}, hash));
	tc_object_end(s->out);
}

static enum setpki_code
run_check(struct tc_run *run)
{
	struct ca_policy *p;
	enum setpki_code rc;
	struct setca s;
	size_t i;

	rc = setca_begin(run, &s);
	for (i = 0; rc == SETPKI_E_OK && i < run->noperands; i++) {
		if ((rc = setca_policy_file(run, run->operands[i], &p)) == SETPKI_E_OK)
			report_good(&s, run->operands[i], p);
		ca_policy_free(p);
	}
	return setca_end(&s, rc);
}

const struct tc_command setca_policy_check = {
    .name = "policy check",
    .operands = "FILE...",
    .min = 1,
    .max = -1,
    .summary = "whether a policy can be put in force",
    .about = "Reads the file strictly and writes nothing.  What is wrong is told with file, line and column, the path "
	     "of the "
	     "key and the reason.  Needs no home.",
    .examples =
	(const struct tc_example[]){
	    {"setca policy check policies/demo.yaml", "status 0: it can be used"},
	    {0},
	},
    .run = run_check,
};

/* --- the policy of a file, or the one in force --- */

/* `path` NULL: the home's, which the home keeps; else *own is the caller's. */
static enum setpki_code
pick_policy(struct setca *s, const char *path, const struct ca_policy **out, struct ca_policy **own)
{
	enum setpki_code rc;

	*own = NULL;
	if (path != NULL) {
		rc = setca_policy_file(s->run, path, own);
		*out = *own;
		return rc;
	}
	if ((rc = tc_pass_new(-1, &s->pass, SETCA_ERR(s))) != SETPKI_E_OK ||
	    (rc = setca_open_home(s, CA_HOME_READ)) != SETPKI_E_OK)
		return rc;
	*out = s->home->policy;
	if (*out == NULL)
		return tc_fail(
		    SETCA_ERR(s), SETPKI_E_STATE, "no policy is in force here; 'setca init POLICY' puts one in force");
	return SETPKI_E_OK;
}

/* --- show --- */

static enum setpki_code
print_policy(struct setca *s, const struct ca_policy *p)
{
	struct setpki_visitor v = tc_out_visitor(s->out);
	struct sp_buf text = {0};
	enum setpki_code rc;

	if (s->json) {
		tc_object(s->out, "setca.policy/1", NULL);
		ca_policy_walk(p, &v);
		tc_object_end(s->out);
		return SETPKI_E_OK;
	}
	if ((rc = ca_policy_show(p, &text, SETCA_ERR(s))) == SETPKI_E_OK)
		rc = setca_write(NULL, sp_buf_bytes(&text), SETCA_ERR(s));
	sp_buf_free(&text);
	return rc;
}

static enum setpki_code
run_show(struct tc_run *run)
{
	const struct ca_policy *p;
	struct ca_policy *own = NULL;
	enum setpki_code rc;
	struct setca s;

	if ((rc = setca_begin(run, &s)) == SETPKI_E_OK &&
	    (rc = pick_policy(&s, run->noperands > 0 ? run->operands[0] : NULL, &p, &own)) == SETPKI_E_OK)
		rc = print_policy(&s, p);
	ca_policy_free(own);
	return setca_end(&s, rc);
}

const struct tc_command setca_policy_show = {
    .name = "policy show",
    .operands = "[FILE]",
    .min = 0,
    .max = 1,
    .summary = "a policy with everything that it left to defaults",
    .about =
	"Prints the policy of the file, or the one in force in the home, whole: what the file left out stands there "
	"marked as default or inherited.  The text can be used as a policy itself.",
    .examples =
	(const struct tc_example[]){
	    {"setca policy show policies/demo.yaml", "of a file"},
	    {"setca policy show", "the one in force"},
	    {0},
	},
    .run = run_show,
};

/* --- explain --- */

struct explain_args {
	const char *role, *policy;
};

static const struct tc_column fields[] = {
    {"certificate", "CERTIFICATE", SETPKI_VALUE_TEXT, false},
    {"field", "FIELD", SETPKI_VALUE_TEXT, false},
    {"value", "VALUE", SETPKI_VALUE_TEXT, false},
    {"from", "FROM", SETPKI_VALUE_TEXT, false},
    {0},
};

static enum ca_role
role_by_name(const char *name)
{
	int r;

	for (r = 0; name != NULL && r < CA_ROLE_N; r++)
		if (strcmp(ca_role_name((enum ca_role)r), name) == 0)
			return (enum ca_role)r;
	return CA_ROLE_N;
}

static enum setpki_code
run_explain(struct tc_run *run)
{
	const struct explain_args *a = run->args;
	struct ca_policy_fields f = {0};
	struct ca_policy *own = NULL;
	const struct ca_policy *p;
	enum setpki_code rc;
	struct setca s;
	size_t i;

	if ((rc = setca_begin(run, &s)) == SETPKI_E_OK && (rc = pick_policy(&s, a->policy, &p, &own)) == SETPKI_E_OK &&
	    (rc = ca_policy_explain(p, run->operands[0], role_by_name(a->role), &f, &run->err)) == SETPKI_E_OK) {
		tc_table(s.out, "setca.policy-explain/1", fields);
		for (i = 0; i < f.n; i++)
			tc_row(
			    s.out, (const char *const[]){f.v[i].certificate, f.v[i].field, f.v[i].value, f.v[i].from});
		tc_table_end(s.out, NULL, "Nothing to explain.");
	}
	ca_policy_fields_free(&f);
	ca_policy_free(own);
	return setca_end(&s, rc);
}

static const char *const roles[] = {"cardholder", "merchant", "gateway", NULL};

const struct tc_command setca_policy_explain = {
    .name = "policy explain",
    .operands = "CA",
    .min = 1,
    .max = 1,
    .summary = "which line or rule decides each field of a CA's certificates",
    .about =
	"One line for each field of each certificate that concerns the CA: its own and those that it issues, with the "
	"line of the policy, the default or the rule of SET that decides it.",
    .opts =
	(const struct tc_opt[]){
	    {"role", TC_CHOICE, TC_AT(struct explain_args, role), "ROLE", "only what it issues in this role", roles},
	    {"policy", TC_TEXT, TC_AT(struct explain_args, policy), "FILE",
		"a policy file instead of the policy in force", NULL},
	    {0},
	},
    .args_size = sizeof(struct explain_args),
    .examples =
	(const struct tc_example[]){
	    {"setca policy explain gateway --policy policies/demo.yaml", "the demo's gateway CA"},
	    {"setca policy explain gateway --role gateway", "gateways, by the policy in force"},
	    {0},
	},
    .run = run_explain,
};
