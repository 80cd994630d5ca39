/* Between out.c and its two renderers. */
#ifndef TOOLS_COMMON_OUT_PRIVATE_H
#define TOOLS_COMMON_OUT_PRIVATE_H

#include "tools/common/out.h"

#include <jansson.h>

/* How deep structures nest in one object; what lies deeper is left out and the output fails. */
#define TC_OUT_DEPTH 48
/* Columns of the widest table. */
#define TC_COLUMNS 24

struct tc_out {
	FILE *to;
	bool json, failed;
	size_t objects; /* begun so far */
	size_t depth;	/* structures open, the object included */
	json_t *open[TC_OUT_DEPTH];
	bool list[TC_OUT_DEPTH];
	char name[TC_OUT_DEPTH][64];	 /* of each open structure */
	const struct tc_column *columns; /* of the open table */
	size_t ncolumns, nrows;
	char **cells; /* nrows * ncolumns, owned; NULL: empty */
};

void tc_text_object(struct tc_out *o, const char *title);
void tc_text_enter(struct tc_out *o, const char *name, const char *type);
void tc_text_field(struct tc_out *o, const char *name, enum setpki_value value, const char *text, const char *note);
void tc_text_table(struct tc_out *o, const char *next, const char *empty);

void tc_json_object(struct tc_out *o, const char *schema);
void tc_json_object_end(struct tc_out *o);
void tc_json_enter(struct tc_out *o, const char *name, bool list);
void tc_json_leave(struct tc_out *o);
void tc_json_field(struct tc_out *o, const char *name, enum setpki_value value, const char *text);
void tc_json_table(struct tc_out *o, const char *next);

#endif
