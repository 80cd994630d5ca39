/* What checking found in each object of each file, and the formats in which it is told (docs/ci.md). */
#ifndef TOOLS_COMMON_REPORT_H
#define TOOLS_COMMON_REPORT_H

#include <setpki/chain.h>
#include <setpki/object.h>
#include <stdio.h>

/* Room for one line about an object. */
#define TC_OBJECT_TEXT 256
/* SHA-256 in hex, and NUL */
#define TC_PRINT_TEXT 65

/* One finding, and whether the baseline has it. */
struct tc_found {
	struct setpki_finding f;
	bool accepted;
};

/* One object that was checked. */
struct tc_item {
	char *file;
	char object[TC_OBJECT_TEXT];
	char print[TC_PRINT_TEXT]; /* SHA-256 of its DER: what a baseline knows it by */
	enum setpki_verdict verdict;
	struct tc_found *found;
	size_t nfound;
	char (*path)[TC_OBJECT_TEXT]; /* from the object to its root */
	size_t npath;
	int64_t valid_until; /* 0: not told */
	char until_object[TC_OBJECT_TEXT];
	/* with --until: the same check at that time */
	int64_t then;
	enum setpki_verdict verdict_then;
	struct tc_found *found_then;
	size_t nfound_then;
};

/* All of one run. */
struct tc_report {
	setpki_ctx *ctx;
	const char *program, *command; /* "setverify", "verify" or "lint" */
	const char *mode;	       /* "set" or "rfc5280" */
	int64_t at;		       /* of a verification; 0 for lint */
	struct tc_item *items;
	size_t n, cap;
};

void tc_report_free(struct tc_report *r);
/* A new, empty item of this file; NULL when out of memory.  The pointer lives until the next one. */
struct tc_item *tc_report_add(struct tc_report *r, const char *file, const struct setpki_object *object);
/* Takes findings over into the item (`then`: into those of --until).  MEMORY. */
enum setpki_code
tc_item_findings(struct tc_item *item, const struct setpki_findings *f, bool then, struct setpki_error *err);

/* Marks the findings that an earlier report, given in JSON, has too: same object, id and depth. */
enum setpki_code tc_report_baseline(struct tc_report *r, const char *path, struct setpki_error *err);

/* The verdict after the baseline: what is accepted no longer counts. */
enum setpki_verdict tc_item_verdict(const struct tc_item *item, bool then);
/* 0, 1 or 3, as product and docs/ci.md say. */
int tc_report_status(const struct tc_report *r);
const char *tc_verdict_text(enum setpki_verdict v);   /* "valid", "refused", "undecidable" */
const char *tc_severity_text(enum setpki_severity s); /* "note" ... "error" */

/* The writers; each writes the whole report. */
enum setpki_code tc_report_text(const struct tc_report *r, FILE *to, struct setpki_error *err);
enum setpki_code tc_report_json(const struct tc_report *r, FILE *to, struct setpki_error *err);
enum setpki_code tc_report_junit(const struct tc_report *r, FILE *to, struct setpki_error *err);
enum setpki_code tc_report_sarif(const struct tc_report *r, FILE *to, struct setpki_error *err);
/* By the word of --format; NULL is text. */
enum setpki_code tc_report_write(const struct tc_report *r, const char *format, FILE *to, struct setpki_error *err);
extern const char *const tc_report_formats[];

#endif
