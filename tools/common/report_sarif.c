/* The report in SARIF 2.1.0 (OASIS), for code-scanning services. */
#include "tools/common/fail.h"
#include "tools/common/report.h"

#include <jansson.h>
#include <string.h>

static const char *
level(enum setpki_severity s)
{
	return s == SETPKI_NOTE ? "note" : s == SETPKI_WARNING ? "warning" : "error";
}

/* Every rule of the library, so that ruleIndex is its place in the table. */
static json_t *
rules(void)
{
	size_t i, n;
	const struct setpki_rule *v = setpki_rules(&n);
	json_t *all = json_array();

	for (i = 0; i < n; i++)
		json_array_append_new(all,
		    json_pack("{s:s, s:{s:s}, s:{s:s}, s:{s:s}}", "id", v[i].id, "shortDescription", "text", v[i].text,
			"help", "text", v[i].advice, "properties", "specification", v[i].spec));
	return all;
}

static json_t *
result(const struct tc_item *item, const struct tc_found *found)
{
	json_t *one =
	    json_pack("{s:s, s:s, s:{s:s++}, s:[{s:{s:{s:s}}}], s:{s:s}, s:{s:i, s:s}}", "ruleId", found->f.rule->id,
		"level", level(found->f.rule->severity), "message", "text", found->f.object, ": ", found->f.text,
		"locations", "physicalLocation", "artifactLocation", "uri", item->file, "partialFingerprints",
		"certificate/v1", item->print, "properties", "depth", found->f.depth, "object", item->object);

	if (one != NULL && found->accepted)
		json_object_set_new(one, "suppressions",
		    json_pack("[{s:s, s:s}]", "kind", "external", "justification", "accepted by the baseline"));
	return one;
}

static json_t *
results(const struct tc_report *r)
{
	json_t *all = json_array();
	size_t i, j;

	for (i = 0; i < r->n; i++) {
		for (j = 0; j < r->items[i].nfound; j++)
			json_array_append_new(all, result(&r->items[i], &r->items[i].found[j]));
		for (j = 0; j < r->items[i].nfound_then; j++)
			json_array_append_new(all, result(&r->items[i], &r->items[i].found_then[j]));
	}
	return all;
}

enum setpki_code
tc_report_sarif(const struct tc_report *r, FILE *to, struct setpki_error *err)
{
	json_t *all = json_pack("{s:s, s:s, s:[{s:{s:{s:s, s:s, s:o}}, s:o}]}", "$schema",
	    "https://json.schemastore.org/sarif-2.1.0.json", "version", "2.1.0", "runs", "tool", "driver", "name",
	    r->program, "version", SETPKI_VERSION, "rules", rules(), "results", results(r));
	int bad = all == NULL || json_dumpf(all, to, JSON_INDENT(2)) != 0 || fputc('\n', to) == EOF;

	json_decref(all);
	return bad ? tc_fail(err, SETPKI_E_MEMORY, "the report could not be put together") : SETPKI_E_OK;
}
