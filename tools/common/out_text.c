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
	/* what an element of a list is, its type says better */
	if (type != NULL && strcmp(name, "item") == 0)
		name = type;
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

/* One line of a table: cells padded to their columns, two blanks between, none at the end. */
static void
put_line(struct tc_out *o, const char *const *cells, const int *width, size_t end)
{
	char line[8192] = "";
	size_t i, n = 0;
	int pad;

	for (i = 0; i < end && n < sizeof(line); i++) {
		const char *text = cells[i] != NULL ? cells[i] : "";

		if (o->columns[i].title == NULL)
			continue;
		pad = width[i] - display_width(text);
		n += (size_t)snprintf(line + n, sizeof(line) - n, "%*s%s%*s  ", o->columns[i].right ? pad : 0, "", text,
		    o->columns[i].right ? 0 : pad, "");
	}
	n = n < sizeof(line) ? n : sizeof(line) - 1;
	while (n > 0 && line[n - 1] == ' ')
		n--;
	fprintf(o->to, "%.*s", (int)n, line);
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
	const char *titles[TC_COLUMNS];
	int width[TC_COLUMNS];

	if (o->nrows == 0) {
		fprintf(o->to, "%s\n", empty);
		return;
	}
	for (i = 0; i < end; i++) {
		titles[i] = o->columns[i].title;
		width[i] = titles[i] != NULL ? column_width(o, i) : 0;
	}
	fputs(tc_colour(o->to, TC_BOLD), o->to);
	put_line(o, titles, width, end);
	fprintf(o->to, "%s\n", tc_colour(o->to, TC_PLAIN));
	for (row = 0; row < o->nrows; row++) {
		put_line(o, (const char *const *)(void *)(o->cells + row * o->ncolumns), width, end);
		fputc('\n', o->to);
	}
	if (next != NULL)
		fprintf(o->to, "more: --after %s\n", next);
}
