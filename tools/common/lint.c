/* `lint`: single objects by themselves, and what a finding means. */
#include "tools/common/fail.h"
#include "tools/common/out.h"
#include "tools/common/report.h"
#include "tools/common/verify.h"
#include "tools/common/verify_inner.h"

#include <setpki/lint.h>
#include <setpki/text.h>
#include <stdlib.h>
#include <string.h>

#define AT(member) offsetof(struct tc_lint_args, member)

const struct tc_opt tc_lint_opts[] = {
    {"suite", TC_CHOICE, AT(suite), "SUITE", "judge by this suite; without it the object's algorithms say which",
	tc_suite_words},
    {"explain", TC_TEXT, AT(explain), "ID", "say what the finding ID means, where the rule stands and what to do",
	NULL},
    {"baseline", TC_TEXT, AT(baseline), "FILE", "accept the findings of an earlier report (--format json)", NULL},
    {"format", TC_CHOICE, AT(format), "FORMAT", "how to tell what was found; text without this option",
	tc_report_formats},
    {0},
};

const char tc_lint_about[] =
    "Checks certificates, CRLs, BCIs and requests one by one against the form that SET and the suite ask for: without "
    "issuers, without roots, without a clock.\n"
    "\n"
    "A warning does not change the exit status; an error makes it 1.";

struct job {
	struct tc_run *run;
	const struct tc_lint_args *a;
	struct tc_report report;
};

static enum setpki_code
check(struct job *j, const struct setpki_object *o, const char *path)
{
	enum setpki_suite suite = j->a->suite == NULL ? SETPKI_SUITE_NONE : setpki_suite_by_name(j->a->suite);
	struct tc_item *item = tc_report_add(&j->report, path, o);
	struct setpki_findings findings = {0};
	enum setpki_code rc;

	if (item == NULL)
		return tc_fail_memory(&j->run->err);
	rc = setpki_lint(j->run->ctx, o, suite, &findings, &j->run->err);
	if (rc == SETPKI_E_OK)
		rc = tc_item_findings(item, &findings, false, &j->run->err);
	setpki_findings_free(&findings);
	return rc;
}

static bool
has_lints(enum setpki_object_type type)
{
	return type == SETPKI_OBJECT_CERT || type == SETPKI_OBJECT_CRL || type == SETPKI_OBJECT_BCI ||
	    type == SETPKI_OBJECT_CSR;
}

static enum setpki_code
operand(void *arg, const char *path, const struct setpki_objects *objects, struct setpki_error *err)
{
	struct job *j = arg;
	enum setpki_code rc = SETPKI_E_OK;
	size_t i;

	(void)err;
	for (i = 0; rc == SETPKI_E_OK && i < objects->n; i++)
		if (has_lints(objects->v[i].type))
			rc = check(j, &objects->v[i], path);
	return rc;
}

static enum setpki_code
unknown_rule(const char *id, struct setpki_error *err)
{
	size_t i, n;
	const struct setpki_rule *rules = setpki_rules(&n);
	const char **ids = calloc(n + 1, sizeof(*ids)), *close = NULL;

	for (i = 0; ids != NULL && i < n; i++)
		ids[i] = rules[i].id;
	if (ids != NULL)
		close = setpki_closest(id, ids, n);
	free(ids);
	return tc_fail(err, SETPKI_E_ARGUMENT, "--explain %s: there is no such finding%s%s%s", id,
	    close == NULL ? "" : "; did you mean ", close == NULL ? "" : close, close == NULL ? "" : "?");
}

static enum setpki_code
explain_json(const struct setpki_rule *r, struct setpki_error *err)
{
	struct tc_out *o = tc_out_new(stdout, true);

	if (o == NULL)
		return tc_fail_memory(err);
	tc_object(o, "setpki.rule/1", NULL);
	tc_text(o, "id", r->id);
	tc_text(o, "severity", tc_severity_text(r->severity));
	tc_text(o, "applies", r->applies);
	tc_text(o, "rule", r->text);
	tc_text(o, "spec", r->spec);
	tc_text(o, "advice", r->advice);
	tc_object_end(o);
	return tc_out_close(o, err);
}

static enum setpki_code
explain(const struct tc_lint_args *a, struct setpki_error *err)
{
	const struct setpki_rule *r = setpki_rule_by_id(a->explain);

	if (r == NULL)
		return unknown_rule(a->explain, err);
	if (a->format != NULL && strcmp(a->format, "json") == 0)
		return explain_json(r, err);
	printf("%s (%s, about a %s)\n  rule   %s\n  stands %s\n  do     %s\n", r->id, tc_severity_text(r->severity),
	    r->applies, r->text, r->spec, r->advice);
	return SETPKI_E_OK;
}

enum setpki_code
tc_lint_run(struct tc_run *run)
{
	struct job j = {.run = run, .a = run->args};
	enum setpki_code rc = SETPKI_E_OK;
	size_t i;

	if (j.a->explain != NULL)
		return explain(j.a, &run->err);
	if (run->noperands == 0)
		return tc_fail(&run->err, SETPKI_E_ARGUMENT, "name a file to check, or a finding with --explain");
	if (j.a->suite != NULL && strcmp(j.a->suite, "classic") == 0)
		tc_warn_classic(run);
	j.report = (struct tc_report){.ctx = run->ctx, .program = run->program->name, .command = "lint", .mode = "set"};
	for (i = 0; rc == SETPKI_E_OK && i < run->noperands; i++)
		rc = tc_objects_each(run, run->operands[i], has_lints, "certificate, CRL, BCI or request", operand, &j);
	if (rc == SETPKI_E_OK)
		rc = tc_report_finish(&j.report, j.a->baseline, j.a->format, run);
	tc_report_free(&j.report);
	return rc;
}
