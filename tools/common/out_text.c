/* Results for people: names and values in two columns, structures indented, tables aligned. */
#include "tools/common/out_private.h"
#include "tools/common/term.h"

#include <string.h>

#define INDENT 2
#define NAME_COLUMN 24 /* where values begin, from the indentation of their structure on */
#define HEX_LINE 64    /* digits of a long value that stand on one line */

void
tc_text_object(struct tc_out *o, const char *title)
{
	if (o->objects > 0)
		fputc('\n', o->to);
	if (title != NULL)
		fprintf(o->to, "%s%s%s\n", tc_colour(o->to, TC_BOLD), title, tc_colour(o->to, TC_PLAIN));
}

static int
indentation(const struct tc_out *o)
{
	return (int)o->depth * INDENT;
}

void
tc_text_enter(struct tc_out *o, const char *name, const char *type)
{
	fprintf(o->to, "%*s%s", indentation(o), "", name);
	if (type != NULL && strcmp(type, name) != 0)
		fprintf(o->to, " %s%s%s", tc_colour(o->to, TC_DIM), type, tc_colour(o->to, TC_PLAIN));
	fputc('\n', o->to);
}

void
tc_text_field(struct tc_out *o, const char *name, enum setpki_value value, const char *text, const char *note)
{
	int indent = indentation(o), width = NAME_COLUMN;
	size_t n = strlen(text);

	if ((int)strlen(name) + 2 > width)
		width = (int)strlen(name) + 2;
	fprintf(o->to, "%*s%-*s", indent, "", width, name);
	for (; value == SETPKI_VALUE_HEX && n > HEX_LINE + HEX_LINE / 2; n -= HEX_LINE, text += HEX_LINE)
		fprintf(o->to, "%.*s\n%*s", HEX_LINE, text, indent + width, "");
	fputs(text, o->to);
	if (note != NULL)
		fprintf(o->to, "  %s(%s)%s", tc_colour(o->to, TC_DIM), note, tc_colour(o->to, TC_PLAIN));
	fputc('\n', o->to);
}

/* Columns on a screen: UTF-8 continuation octets take none. */
static int
display_width(const char *text)
{
	int n = 0;

	for (; text != NULL && *text != '\0'; text++)
		n += ((unsigned char)*text & 0xc0) != 0x80;
	return n;
}

static void
put_cell(struct tc_out *o, const char *text, int width, bool right, bool last)
{
	int pad = width - display_width(text);

	fprintf(o->to, "%*s%s%*s%s", right ? pad : 0, "", text != NULL ? text : "", right || last ? 0 : pad, "",
	    last ? "\n" : "  ");
}

static size_t
last_shown(const struct tc_out *o)
{
	size_t i = o->ncolumns;

	while (i > 0 && o->columns[i - 1].title == NULL)
		i--;
	return i;
}

static int
column_width(const struct tc_out *o, size_t column)
{
	int n = display_width(o->columns[column].title), w;
	size_t row;

	for (row = 0; row < o->nrows; row++)
		if ((w = display_width(o->cells[row * o->ncolumns + column])) > n)
			n = w;
	return n;
}

void
tc_text_table(struct tc_out *o, const char *next, const char *empty)
{
	size_t row, i, end = last_shown(o);
	int width[64] = {0};

	if (o->nrows == 0) {
		fprintf(o->to, "%s\n", empty);
		return;
	}
	for (i = 0; i < end && i < 64; i++)
		width[i] = column_width(o, i);
	fputs(tc_colour(o->to, TC_BOLD), o->to);
	for (i = 0; i < end; i++)
		if (o->columns[i].title != NULL)
			put_cell(o, o->columns[i].title, width[i], o->columns[i].right, i + 1 == end);
	fputs(tc_colour(o->to, TC_PLAIN), o->to);
	for (row = 0; row < o->nrows; row++)
		for (i = 0; i < end; i++)
			if (o->columns[i].title != NULL)
				put_cell(
				    o, o->cells[row * o->ncolumns + i], width[i], o->columns[i].right, i + 1 == end);
	if (next != NULL)
		fprintf(o->to, "more: --after %s\n", next);
}
