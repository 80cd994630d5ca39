/* Results: the same facts as text for people and as JSON for programs.
 *
 * A record is written by the calls of struct setpki_visitor, so that what commands report and what setpki_walk() tells
 * are rendered by one piece of code; a table is written row by row. */
#ifndef TOOLS_COMMON_OUT_H
#define TOOLS_COMMON_OUT_H

#include <setpki/walk.h>
#include <stdio.h>

struct tc_out; /* opaque */

/* `json`: JSON, written at tc_out_close(); else text, written at once.  NULL when out of memory. */
struct tc_out *tc_out_new(FILE *to, bool json);
/* Ends the output: writes what is pending.  IO when the stream or MEMORY when the JSON could not be written. */
enum setpki_code tc_out_close(struct tc_out *o, struct setpki_error *err);
void tc_out_free(struct tc_out *o); /* without writing what is pending; NULL is fine */

/* One top-level object of the output.  `schema`: "setca.ca/1", in JSON the member "schema".  Several objects follow one
 * another: JSON texts on lines of their own, in text separated by an empty line. `title`: its first line in text, or
 * NULL. */
void tc_object(struct tc_out *o, const char *schema, const char *title);
void tc_object_end(struct tc_out *o);
/* Inside an object: structures and lists (enter), values (field), the end of the innermost structure (leave). */
void tc_enter(struct tc_out *o, const char *name, bool list);
void tc_leave(struct tc_out *o);
void tc_text(struct tc_out *o, const char *name, const char *value); /* NULL: nothing is written, null in JSON */
__attribute__((format(printf, 3, 4))) void tc_textf(struct tc_out *o, const char *name, const char *fmt, ...);
void tc_number(struct tc_out *o, const char *name, uint64_t value);
void tc_bool(struct tc_out *o, const char *name, bool value);
void tc_time(struct tc_out *o, const char *name, int64_t value);
void tc_hex(struct tc_out *o, const char *name, setpki_bytes value);
/* For setpki_walk(): renders into the object that is open. */
struct setpki_visitor tc_out_visitor(struct tc_out *o);

/* `text` if it is printable UTF-8, else a copy in `out` with every other octet as \xNN; cut to fit. */
const char *tc_printable(const char *text, char *out, size_t cap);

/* A table: one object with the list "items".  In text aligned columns under their titles; every cell is text. */
struct tc_column {
	const char *key;   /* member in JSON; "": only in text */
	const char *title; /* heading in text; NULL: only in JSON */
	enum setpki_value value;
	bool right; /* aligned to the right */
};
/* `columns` ends with a row whose key is NULL, and lives until tc_table_end(). */
void tc_table(struct tc_out *o, const char *schema, const struct tc_column *columns);
void tc_row(struct tc_out *o, const char *const *cells); /* as many as columns; NULL: empty, null in JSON */
/* `next`: what to give as --after for the rest, NULL when this was all.  `empty`: the line for a table without rows. */
void tc_table_end(struct tc_out *o, const char *next, const char *empty);

#endif
