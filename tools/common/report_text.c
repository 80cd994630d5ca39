/* The report for people. */
#include "tools/common/report.h"
#include "tools/common/term.h"

#include <setpki/text.h>
#include <string.h>

static enum tc_colour
colour_of(enum setpki_verdict v)
{
	return v == SETPKI_VALID ? TC_GREEN : v == SETPKI_REFUSED ? TC_RED : TC_YELLOW;
}

static void
put_findings(const struct tc_found *v, size_t n, FILE *to)
{
	size_t i;

	for (i = 0; i < n; i++) {
		fprintf(to, "  %s%s%s", tc_colour(to, TC_BOLD), v[i].f.rule->id, tc_colour(to, TC_PLAIN));
		if (v[i].f.depth >= 0)
			fprintf(to, ", depth %d", v[i].f.depth);
		fprintf(to, ", %s%s: %s\n", tc_severity_text(v[i].f.rule->severity),
		    v[i].accepted ? " (accepted by the baseline)" : "", v[i].f.object);
		fprintf(to, "    found  %s\n    rule   %s (%s)\n    do     %s\n", v[i].f.text, v[i].f.rule->text,
		    v[i].f.rule->spec, v[i].f.rule->advice);
	}
}

static void
put_path(const struct tc_item *item, FILE *to)
{
	size_t i;

	for (i = 1; i < item->npath; i++)
		fprintf(to, "  %s %s\n", i == 1 ? "issued by" : "         ", item->path[i]);
}

static void
put_until(const struct tc_item *item, FILE *to)
{
	char t[SETPKI_TIME_TEXT];

	if (item->valid_until != 0)
		fprintf(to, "  holds until %s: %s\n", setpki_time_text(item->valid_until, t), item->until_object);
	if (item->then == 0)
		return;
	fprintf(to, "  on %s: %s\n", setpki_time_text(item->then, t), tc_verdict_text(tc_item_verdict(item, true)));
	put_findings(item->found_then, item->nfound_then, to);
}

enum setpki_code
tc_report_text(const struct tc_report *r, FILE *to, struct setpki_error *err)
{
	const struct tc_item *item;
	enum setpki_verdict v;
	size_t i;

	(void)err;
	for (i = 0; i < r->n; i++) {
		item = &r->items[i];
		v = tc_item_verdict(item, false);
		fprintf(to, "%s: %s%s%s: %s\n", item->file, tc_colour(to, colour_of(v)),
		    strcmp(r->command, "lint") == 0 && v == SETPKI_VALID ? "clean" : tc_verdict_text(v),
		    tc_colour(to, TC_PLAIN), item->object);
		put_path(item, to);
		put_findings(item->found, item->nfound, to);
		put_until(item, to);
	}
	return SETPKI_E_OK;
}
