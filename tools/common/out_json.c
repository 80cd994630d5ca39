/* Results for programs: one JSON text a line; on a terminal indented. */
#include "tools/common/out_private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A JSON value of one text form; numbers too large for JSON's integers stay text. */
static json_t *
make_value(enum setpki_value value, const char *text)
{
	char *end, safe[1024];
	json_t *string;
	long long n;

	if (text == NULL)
		return json_null();
	if (value == SETPKI_VALUE_BOOL)
		return json_boolean(strcmp(text, "true") == 0);
	if (value != SETPKI_VALUE_NUMBER) {
		string = json_string(text); /* NULL: not UTF-8 */
		return string != NULL ? string : json_string(tc_printable(text, safe, sizeof(safe)));
	}
	errno = 0;
	n = strtoll(text, &end, 10);
	return errno != 0 || end == text || *end != '\0' ? json_string(text) : json_integer((json_int_t)n);
}

/* Whether an element's name says nothing that its list's does not: "item", and "generation" in "generations". */
static bool
singular(const char *element, const char *list)
{
	size_t n = strlen(element);

	return strcmp(element, "item") == 0 || (strncmp(element, list, n) == 0 && strcmp(list + n, "s") == 0);
}

/* Puts `value` (whose reference is taken) into the innermost structure.  Elements of a list are objects of one member,
 * which says what each is, or bare where the list's name says that; a name that comes twice in a structure becomes an
 * array. */
static void
put(struct tc_out *o, const char *name, json_t *value)
{
	json_t *parent = o->open[o->depth - 1], *there;
	int failed;

	if (json_is_array(parent)) {
		if (!singular(name, o->name[o->depth - 1]))
			value = json_pack("{s:o}", name, value);
		failed = json_array_append_new(parent, value);
	} else if ((there = json_object_get(parent, name)) == NULL) {
		failed = json_object_set_new(parent, name, value);
	} else if (json_is_array(there)) {
		failed = json_array_append_new(there, value);
	} else {
		failed = json_object_set_new(parent, name, json_pack("[O,o]", there, value));
	}
	o->failed |= failed != 0;
}

void
tc_json_object(struct tc_out *o, const char *schema)
{
	o->open[0] = json_pack("{s:s}", "schema", schema);
	o->failed |= o->open[0] == NULL;
}

void
tc_json_object_end(struct tc_out *o)
{
	size_t flags = isatty(fileno(o->to)) ? JSON_INDENT(2) : JSON_COMPACT;

	if (o->open[0] == NULL || json_dumpf(o->open[0], o->to, flags) != 0)
		o->failed = true;
	fputc('\n', o->to);
	json_decref(o->open[0]);
	o->open[0] = NULL;
}

void
tc_json_enter(struct tc_out *o, const char *name, bool list)
{
	json_t *inner = list ? json_array() : json_object();

	o->failed |= inner == NULL;
	o->open[o->depth] = inner;
	snprintf(o->name[o->depth], sizeof(o->name[0]), "%s", name);
	put(o, name, json_incref(inner));
}

void
tc_json_leave(struct tc_out *o)
{
	json_decref(o->open[o->depth]);
	o->open[o->depth] = NULL;
}

void
tc_json_field(struct tc_out *o, const char *name, enum setpki_value value, const char *text)
{
	put(o, name, make_value(value, text));
}

void
tc_json_table(struct tc_out *o, const char *next)
{
	size_t row, i;

	o->depth = 1;
	tc_json_enter(o, "items", true);
	o->depth = 2;
	for (row = 0; row < o->nrows; row++) {
		tc_json_enter(o, "item", false);
		o->depth = 3;
		for (i = 0; i < o->ncolumns; i++)
			if (o->columns[i].key[0] != '\0')
				tc_json_field(
				    o, o->columns[i].key, o->columns[i].value, o->cells[row * o->ncolumns + i]);
		o->depth = 2;
		tc_json_leave(o);
	}
	o->depth = 1;
	tc_json_leave(o);
	tc_json_field(o, "next", SETPKI_VALUE_TEXT, next);
}
