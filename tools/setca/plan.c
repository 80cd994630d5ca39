/* Plans: shown, confirmed, carried out. */
#include "tools/setca/plan.h"

#include <string.h>

static const struct tc_column columns[] = {
    {"ca", NULL, SETPKI_VALUE_TEXT, false},
    {"generation", NULL, SETPKI_VALUE_NUMBER, false},
    {"step", NULL, SETPKI_VALUE_TEXT, false},
    {0},
};

static void
show_json(struct setca *s, const struct ca_plan *plan)
{
	char generation[8];
	size_t i;

	tc_table(s->out, "setca.plan/1", columns);
	for (i = 0; i < plan->n; i++) {
		snprintf(generation, sizeof(generation), "%u", plan->v[i].generation);
		tc_row(
		    s->out, (const char *const[]){plan->policy->cas[plan->v[i].ca].name, generation, plan->v[i].text});
	}
	tc_table_end(s->out, NULL, NULL);
}

void
setca_plan_show(struct setca *s, const struct ca_plan *plan)
{
	struct sp_buf text = {0};

	if (s->json) {
		show_json(s, plan);
		return;
	}
	ca_plan_text(plan, &text);
	fwrite(text.p, 1, text.n, stdout);
	fflush(stdout);
	sp_buf_free(&text);
}

static void
progress(void *arg, const struct ca_step *step, size_t done, size_t total)
{
	const struct ca_plan *plan = arg;
	char what[256];

	if (step == NULL) {
		tc_progress_end();
		return;
	}
	snprintf(what, sizeof(what), "%s: %s", plan->policy->cas[step->ca].name, step->text);
	tc_progress(what, done, total);
}

static void
say_waiting(struct setca *s, const struct ca_waiting *w)
{
	size_t i;

	for (i = 0; i < w->n; i++)
		fprintf(stderr,
		    "setca: waits for %s, whose keys are elsewhere: take %s (%zu request%s) to its machine,\n"
		    "  sign it there with 'setca ca sign BUNDLE --out ANSWER', and come back with 'setca ca install "
		    "ANSWER'\n",
		    w->v[i].superior, w->v[i].path, w->v[i].requests, w->v[i].requests == 1 ? "" : "s");
	s->run->status = 3;
}

static void
say_done(struct setca *s, const struct ca_plan *plan, bool waits)
{
	if (s->json || plan->n == 0 || waits)
		return;
	printf("Done: %zu step%s.  'setca tree' shows the hierarchy.\n", plan->n, plan->n == 1 ? "" : "s");
}

enum setpki_code
setca_plan_run(struct setca *s, const struct ca_plan *plan)
{
	struct ca_plan shown = *plan;
	struct ca_progress p = {progress, &shown};
	struct ca_waiting waiting = {.n = 0};
	enum setpki_code rc;

	rc = ca_plan_run(s->home, plan, &p, &waiting, SETCA_ERR(s));
	tc_progress_end();
	if (rc == SETPKI_E_PENDING && waiting.n > 0) {
		setpki_error_clear(SETCA_ERR(s));
		say_waiting(s, &waiting);
		rc = SETPKI_E_OK;
	}
	if (rc == SETPKI_E_OK)
		say_done(s, plan, waiting.n > 0);
	return rc;
}
