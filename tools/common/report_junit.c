/* The report as JUnit XML: one test case for each object; refused is a failure, undecidable an error. */
#include "tools/common/report.h"

#include <string.h>

static void
put_escaped(FILE *to, const char *s)
{
	for (; *s != '\0'; s++) {
		const char *name = *s == '&' ? "&amp;"
		    : *s == '<'		     ? "&lt;"
		    : *s == '>'		     ? "&gt;"
		    : *s == '"'		     ? "&quot;"
					     : NULL;

		if (name != NULL)
			fputs(name, to);
		else if ((unsigned char)*s >= ' ' || *s == '\n')
			fputc(*s, to);
		else
			fputc('?', to); /* XML 1.0 has no form for it */
	}
}

static void
put_attribute(FILE *to, const char *name, const char *value)
{
	fprintf(to, " %s=\"", name);
	put_escaped(to, value);
	fputc('"', to);
}

static void
put_findings(FILE *to, const struct tc_found *v, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (v[i].accepted)
			continue;
		put_escaped(to, v[i].f.rule->id);
		fprintf(to, " depth %d: ", v[i].f.depth);
		put_escaped(to, v[i].f.object);
		fputs(": ", to);
		put_escaped(to, v[i].f.text);
		fputs(" (", to);
		put_escaped(to, v[i].f.rule->spec);
		fputs(")\n", to);
	}
}

/* The first finding that counts. */
static const char *
reason(const struct tc_found *v, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (!v[i].accepted && v[i].f.rule->severity >= SETPKI_UNDECIDED)
			return v[i].f.rule->id;
	return "";
}

static void
put_case(FILE *to, const struct tc_report *r, const struct tc_item *item, bool then)
{
	enum setpki_verdict v = tc_item_verdict(item, then);
	const struct tc_found *found = then ? item->found_then : item->found;
	size_t n = then ? item->nfound_then : item->nfound;
	const char *element = v == SETPKI_REFUSED ? "failure" : "error";

	fputs("  <testcase", to);
	put_attribute(to, "classname", then ? "until" : r->command);
	fputs(" name=\"", to);
	put_escaped(to, item->file);
	fputs(": ", to);
	put_escaped(to, item->object);
	fputs("\">", to);
	if (v != SETPKI_VALID) {
		fprintf(to, "<%s", element);
		put_attribute(to, "type", reason(found, n));
		put_attribute(to, "message", tc_verdict_text(v));
		fputc('>', to);
		put_findings(to, found, n);
		fprintf(to, "</%s>", element);
	}
	fputs("</testcase>\n", to);
}

static void
count(const struct tc_report *r, size_t n[3])
{
	size_t i;

	for (i = 0; i < r->n; i++) {
		n[tc_item_verdict(&r->items[i], false)]++;
		if (r->items[i].then != 0)
			n[tc_item_verdict(&r->items[i], true)]++;
	}
}

enum setpki_code
tc_report_junit(const struct tc_report *r, FILE *to, struct setpki_error *err)
{
	size_t i, n[3] = {0};

	(void)err;
	count(r, n);
	fprintf(to,
	    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"%s %s\" tests=\"%zu\" failures=\"%zu\""
	    " errors=\"%zu\">\n",
	    r->program, r->command, n[0] + n[1] + n[2], n[SETPKI_REFUSED], n[SETPKI_UNDECIDABLE]);
	for (i = 0; i < r->n; i++) {
		put_case(to, r, &r->items[i], false);
		if (r->items[i].then != 0)
			put_case(to, r, &r->items[i], true);
	}
	fputs("</testsuite>\n", to);
	return SETPKI_E_OK;
}
