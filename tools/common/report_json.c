/* The report for programs: schema "setpki.report/1", described in docs/ci.md. */
#include "tools/common/fail.h"
#include "tools/common/out.h"
#include "tools/common/report.h"

static void
put_findings(struct tc_out *o, const struct tc_found *v, size_t n)
{
	size_t i;

	tc_enter(o, "findings", true);
	for (i = 0; i < n; i++) {
		tc_enter(o, "finding", false);
		tc_text(o, "id", v[i].f.rule->id);
		tc_text(o, "severity", tc_severity_text(v[i].f.rule->severity));
		if (v[i].f.depth >= 0)
			tc_number(o, "depth", (uint64_t)v[i].f.depth);
		tc_text(o, "object", v[i].f.object);
		tc_text(o, "found", v[i].f.text);
		tc_text(o, "rule", v[i].f.rule->text);
		tc_text(o, "spec", v[i].f.rule->spec);
		tc_text(o, "advice", v[i].f.rule->advice);
		tc_bool(o, "accepted", v[i].accepted);
		tc_leave(o);
	}
	tc_leave(o);
}

static void
put_item(struct tc_out *o, const struct tc_item *item)
{
	size_t i;

	tc_enter(o, "result", false);
	tc_text(o, "file", item->file);
	tc_text(o, "object", item->object);
	tc_text(o, "fingerprint", item->print);
	tc_text(o, "verdict", tc_verdict_text(tc_item_verdict(item, false)));
	if (item->valid_until != 0) {
		tc_time(o, "holds_until", item->valid_until);
		tc_text(o, "holds_until_object", item->until_object);
	}
	tc_enter(o, "path", true);
	for (i = 0; i < item->npath; i++)
		tc_text(o, "item", item->path[i]);
	tc_leave(o);
	put_findings(o, item->found, item->nfound);
	if (item->then != 0) {
		tc_enter(o, "then", false);
		tc_time(o, "at", item->then);
		tc_text(o, "verdict", tc_verdict_text(tc_item_verdict(item, true)));
		put_findings(o, item->found_then, item->nfound_then);
		tc_leave(o);
	}
	tc_leave(o);
}

enum setpki_code
tc_report_json(const struct tc_report *r, FILE *to, struct setpki_error *err)
{
	struct tc_out *o = tc_out_new(to, true);
	size_t i;

	if (o == NULL)
		return tc_fail_memory(err);
	tc_object(o, "setpki.report/1", NULL);
	tc_text(o, "program", r->program);
	tc_text(o, "version", SETPKI_VERSION);
	tc_text(o, "command", r->command);
	tc_text(o, "mode", r->mode);
	if (r->at != 0)
		tc_time(o, "at", r->at);
	tc_number(o, "status", (uint64_t)tc_report_status(r));
	tc_enter(o, "results", true);
	for (i = 0; i < r->n; i++)
		put_item(o, &r->items[i]);
	tc_leave(o);
	tc_object_end(o);
	return tc_out_close(o, err);
}
