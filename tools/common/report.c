/* Keeping a report, and judging it against a baseline. */
#include "tools/common/report.h"

#include "tools/common/fail.h"
#include "tools/common/files.h"

#include <jansson.h>
#include <openssl/evp.h>
#include <setpki/text.h>
#include <stdlib.h>
#include <string.h>

const char *const tc_report_formats[] = {"text", "json", "junit", "sarif", NULL};

void
tc_report_free(struct tc_report *r)
{
	size_t i;

	for (i = 0; i < r->n; i++) {
		free(r->items[i].file);
		free(r->items[i].found);
		free(r->items[i].found_then);
		free(r->items[i].path);
	}
	free(r->items);
	r->items = NULL;
	r->n = r->cap = 0;
}

static void
fingerprint(setpki_bytes der, char out[TC_PRINT_TEXT])
{
	unsigned char hash[EVP_MAX_MD_SIZE];
	unsigned n = 0;

	out[0] = '\0';
	if (EVP_Digest(der.p, der.n, hash, &n, EVP_sha256(), NULL) == 1)
		setpki_hex_text((setpki_bytes){hash, n}, out);
}

struct tc_item *
tc_report_add(struct tc_report *r, const char *file, const struct setpki_object *object)
{
	size_t cap = r->cap == 0 ? 16 : 2 * r->cap;
	struct tc_item *v;

	if (r->n == r->cap) {
		if ((v = realloc(r->items, cap * sizeof(*v))) == NULL)
			return NULL;
		r->items = v;
		r->cap = cap;
	}
	v = &r->items[r->n];
	memset(v, 0, sizeof(*v));
	if ((v->file = strdup(file)) == NULL)
		return NULL;
	setpki_object_text(r->ctx, object, v->object, sizeof(v->object));
	fingerprint(object->der, v->print);
	r->n++;
	return v;
}

enum setpki_code
tc_item_findings(struct tc_item *item, const struct setpki_findings *f, bool then, struct setpki_error *err)
{
	struct tc_found *v = calloc(f->n + 1, sizeof(*v));
	size_t i;

	if (v == NULL)
		return tc_fail_memory(err);
	for (i = 0; i < f->n; i++)
		v[i].f = f->v[i];
	*(then ? &item->found_then : &item->found) = v;
	*(then ? &item->nfound_then : &item->nfound) = f->n;
	return SETPKI_E_OK;
}

/* --- the baseline ------------------------------------------------------------------------------------------ */

static bool
listed(const json_t *findings, const struct setpki_finding *f)
{
	const json_t *one;
	size_t i;

	json_array_foreach(findings, i, one)
	{
		const char *id = json_string_value(json_object_get(one, "id"));
		const json_t *depth = json_object_get(one, "depth");

		if (id != NULL && strcmp(id, f->rule->id) == 0 &&
		    (depth == NULL ? -1 : json_integer_value(depth)) == f->depth)
			return true;
	}
	return false;
}

static void
accept_all(struct tc_found *v, size_t n, const json_t *findings)
{
	size_t i;

	for (i = 0; i < n; i++)
		v[i].accepted |= listed(findings, &v[i].f);
}

static void
accept_item(struct tc_item *item, const json_t *results)
{
	const json_t *one, *now, *then;
	const char *print;
	size_t i;

	json_array_foreach(results, i, one)
	{
		print = json_string_value(json_object_get(one, "fingerprint"));
		if (print == NULL || strcmp(print, item->print) != 0)
			continue;
		now = json_object_get(one, "findings");
		then = json_object_get(json_object_get(one, "then"), "findings");
		accept_all(item->found, item->nfound, now);
		accept_all(item->found_then, item->nfound_then, now);
		accept_all(item->found_then, item->nfound_then, then);
	}
}

enum setpki_code
tc_report_baseline(struct tc_report *r, const char *path, struct setpki_error *err)
{
	struct tc_file file = {0};
	json_error_t why;
	json_t *all = NULL;
	enum setpki_code rc;
	const json_t *results;
	size_t i;

	if ((rc = tc_file_read(path, &file, err)) != SETPKI_E_OK)
		return rc;
	all = json_loadb((const char *)file.bytes.p, file.bytes.n, 0, &why);
	results = json_object_get(all, "results");
	if (all == NULL)
		rc = tc_fail(err, SETPKI_E_PARSE, "baseline %s:%d:%d: %s", path, why.line, why.column, why.text);
	else if (!json_is_array(results))
		rc = tc_fail(err, SETPKI_E_PARSE, "baseline %s: no \"results\": give a report of --format json", path);
	for (i = 0; rc == SETPKI_E_OK && i < r->n; i++)
		accept_item(&r->items[i], results);
	json_decref(all);
	tc_file_close(&file);
	return rc;
}

/* --- judging ----------------------------------------------------------------------------------------------- */

enum setpki_verdict
tc_item_verdict(const struct tc_item *item, bool then)
{
	const struct tc_found *v = then ? item->found_then : item->found;
	size_t i, n = then ? item->nfound_then : item->nfound;
	enum setpki_verdict worst = SETPKI_VALID;

	for (i = 0; i < n; i++) {
		if (v[i].accepted)
			continue;
		if (v[i].f.rule->severity == SETPKI_ERROR)
			return SETPKI_REFUSED;
		if (v[i].f.rule->severity == SETPKI_UNDECIDED)
			worst = SETPKI_UNDECIDABLE;
	}
	return worst;
}

int
tc_report_status(const struct tc_report *r)
{
	bool undecided = false;
	size_t i;
	int then;

	for (i = 0; i < r->n; i++)
		for (then = 0; then < (r->items[i].then != 0 ? 2 : 1); then++) {
			enum setpki_verdict v = tc_item_verdict(&r->items[i], then == 1);

			if (v == SETPKI_REFUSED)
				return 1;
			undecided |= v == SETPKI_UNDECIDABLE;
		}
	return undecided ? 3 : 0;
}

const char *
tc_verdict_text(enum setpki_verdict v)
{
	return v == SETPKI_VALID ? "valid" : v == SETPKI_REFUSED ? "refused" : "undecidable";
}

const char *
tc_severity_text(enum setpki_severity s)
{
	switch (s) {
	case SETPKI_NOTE:
		return "note";
	case SETPKI_WARNING:
		return "warning";
	case SETPKI_UNDECIDED:
		return "undecided";
	default:
		return "error";
	}
}

enum setpki_code
tc_report_write(const struct tc_report *r, const char *format, FILE *to, struct setpki_error *err)
{
	if (format == NULL || strcmp(format, "text") == 0)
		return tc_report_text(r, to, err);
	if (strcmp(format, "json") == 0)
		return tc_report_json(r, to, err);
	if (strcmp(format, "junit") == 0)
		return tc_report_junit(r, to, err);
	return tc_report_sarif(r, to, err);
}
