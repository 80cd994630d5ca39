/* Results: the calls of commands, handed to one of the two renderers. */
#include "tools/common/out.h"

#include "tools/common/fail.h"
#include "tools/common/out_private.h"

#include <errno.h>
#include <setpki/text.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

struct tc_out *
tc_out_new(FILE *to, bool json)
{
	struct tc_out *o = calloc(1, sizeof(*o));

	if (o != NULL) {
		o->to = to;
		o->json = json;
	}
	return o;
}

static void
drop_rows(struct tc_out *o)
{
	size_t i;

	for (i = 0; i < o->nrows * o->ncolumns; i++)
		free(o->cells[i]);
	free(o->cells);
	o->cells = NULL;
	o->nrows = o->ncolumns = 0;
	o->columns = NULL;
}

void
tc_out_free(struct tc_out *o)
{
	if (o == NULL)
		return;
	drop_rows(o);
	while (o->json && o->depth > 0)
		json_decref(o->open[--o->depth]);
	free(o);
}

enum setpki_code
tc_out_close(struct tc_out *o, struct setpki_error *err)
{
	bool failed = o->failed;

	while (o->depth > 0)
		tc_object_end(o);
	tc_out_free(o);
	if (failed)
		return tc_fail(err, SETPKI_E_MEMORY, "the output could not be put together");
	return SETPKI_E_OK;
}

const char *
tc_printable(const char *text, char *out, size_t cap)
{
	size_t n = strlen(text), used = 0;

	if (setpki_utf8_printable((setpki_bytes){(const uint8_t *)text, n}))
		return text;
	for (; *text != '\0' && used + 5 < cap; text++) {
		if (*text >= ' ' && *text < 0x7f)
			out[used++] = *text;
		else
			used += (size_t)snprintf(out + used, cap - used, "\\x%02x", (unsigned)(unsigned char)*text);
	}
	out[used] = '\0';
	return out;
}

void
tc_object(struct tc_out *o, const char *schema, const char *title)
{
	if (o->json)
		tc_json_object(o, schema);
	else
		tc_text_object(o, title);
	o->objects++;
	o->depth = 1;
	o->list[0] = false;
}

void
tc_object_end(struct tc_out *o)
{
	if (o->json && o->depth > 0)
		tc_json_object_end(o);
	o->depth = 0;
}

static void
enter(void *arg, const char *name, const char *type, bool list)
{
	struct tc_out *o = arg;

	if (o->depth >= TC_OUT_DEPTH) {
		o->failed = true;
		return;
	}
	if (o->json)
		tc_json_enter(o, name, list);
	else
		tc_text_enter(o, name, type);
	o->list[o->depth++] = list;
}

static void
leave(void *arg)
{
	struct tc_out *o = arg;

	if (o->depth <= 1)
		return;
	o->depth--;
	if (o->json)
		tc_json_leave(o);
}

static void
field(void *arg, const char *name, enum setpki_value value, const char *text, const char *note)
{
	struct tc_out *o = arg;
	char safe[4096];

	if (o->json)
		tc_json_field(o, name, value, text);
	else if (text != NULL)
		tc_text_field(
		    o, name, value, value == SETPKI_VALUE_TEXT ? tc_printable(text, safe, sizeof(safe)) : text, note);
}

struct setpki_visitor
tc_out_visitor(struct tc_out *o)
{
	return (struct setpki_visitor){enter, field, leave, o};
}

void
tc_enter(struct tc_out *o, const char *name, bool list)
{
	enter(o, name, NULL, list);
}

void
tc_leave(struct tc_out *o)
{
	leave(o);
}

void
tc_text(struct tc_out *o, const char *name, const char *value)
{
	field(o, name, SETPKI_VALUE_TEXT, value, NULL);
}

void
tc_textf(struct tc_out *o, const char *name, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	tc_text(o, name, text);
}

void
tc_number(struct tc_out *o, const char *name, uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)value);
	field(o, name, SETPKI_VALUE_NUMBER, text, NULL);
}

void
tc_bool(struct tc_out *o, const char *name, bool value)
{
	field(o, name, SETPKI_VALUE_BOOL, value ? "true" : "false", NULL);
}

void
tc_time(struct tc_out *o, const char *name, int64_t value)
{
	char text[SETPKI_TIME_TEXT];

	field(o, name, SETPKI_VALUE_TIME, setpki_time_text(value, text), NULL);
}

void
tc_hex(struct tc_out *o, const char *name, setpki_bytes value)
{
	char *text = malloc(SETPKI_HEX_TEXT(value.n));

	if (text == NULL) {
		o->failed = true;
		return;
	}
	field(o, name, SETPKI_VALUE_HEX, setpki_hex_text(value, text), NULL);
	free(text);
}

void
tc_table(struct tc_out *o, const char *schema, const struct tc_column *columns)
{
	o->columns = columns;
	for (o->ncolumns = 0; o->ncolumns < TC_COLUMNS && columns[o->ncolumns].key != NULL; o->ncolumns++)
		;
	if (o->json)
		tc_json_object(o, schema);
	o->depth = o->json ? 1 : 0;
}

void
tc_row(struct tc_out *o, const char *const *cells)
{
	char **more = realloc(o->cells, (o->nrows + 1) * o->ncolumns * sizeof(*more)), safe[1024];
	size_t i;

	if (more == NULL) {
		o->failed = true;
		return;
	}
	o->cells = more;
	more += o->nrows++ * o->ncolumns;
	for (i = 0; i < o->ncolumns; i++) {
		more[i] = cells[i] == NULL ? NULL : strdup(tc_printable(cells[i], safe, sizeof(safe)));
		o->failed |= cells[i] != NULL && more[i] == NULL;
	}
}

void
tc_table_end(struct tc_out *o, const char *next, const char *empty)
{
	if (o->json)
		tc_json_table(o, next);
	else
		tc_text_table(o, next, empty);
	drop_rows(o);
	if (o->json)
		tc_object_end(o);
	o->objects++;
}
