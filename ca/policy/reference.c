/* The reference of all keys, from the tables. */
#include "ca/policy/schema.h"
#include "ca/policy/show.h"

#include <setpki/text.h>
#include <string.h>

static void
put_words(struct sp_buf *out, const char *const *words)
{
	bool first = true;

	for (; *words != NULL; words++) {
		if (**words == '\0')
			continue;
		sp_buf_printf(out, "%s`%s`", first ? "" : ", ", *words);
		first = false;
	}
}

/* GitHub's anchor of a heading: lower case, blanks to '-'. */
static void
put_link(struct sp_buf *out, const char *name)
{
	sp_buf_printf(out, "[%s](#", name);
	for (; *name != '\0'; name++)
		sp_buf_add_byte(out, *name == ' ' ? (uint8_t)'-' : (uint8_t)*name);
	sp_buf_add_str(out, ")");
}

static void
put_type(struct sp_buf *out, const struct ca_row *row)
{
	char low[SETPKI_TIME_TEXT], high[SETPKI_TIME_TEXT];

	switch (row->type) {
	case CA_V_MAP:
		put_link(out, row->sub->name);
		break;
	case CA_V_MAPS:
		sp_buf_add_str(out, "list of ");
		put_link(out, row->sub->name);
		break;
	case CA_V_LIST:
		sp_buf_printf(out, "list of %lld to %lld: ", (long long)row->min, (long long)row->max);
		if (row->of == CA_V_WORD)
			put_words(out, row->words);
		else
			sp_buf_add_str(out, ca_value_name(row->of));
		break;
	case CA_V_WORD:
		put_words(out, row->words);
		break;
	case CA_V_SPAN:
		sp_buf_printf(
		    out, "time span, %s to %s", setpki_span_text(row->min, low), setpki_span_text(row->max, high));
		break;
	case CA_V_NUMBER:
		sp_buf_printf(out, "number, %lld to %lld", (long long)row->min, (long long)row->max);
		break;
	case CA_V_TEXT:
		sp_buf_printf(out, "text, up to %lld characters", (long long)row->max);
		break;
	default:
		sp_buf_add_str(out, ca_value_name(row->type));
	}
}

static void
put_need(struct sp_buf *out, const struct ca_row *row)
{
	if (row->required)
		sp_buf_add_str(out, "required");
	else if (row->dflt_note != NULL)
		sp_buf_printf(out, "default: %s", row->dflt_note);
	else if (row->dflt != NULL)
		sp_buf_printf(out, row->type == CA_V_LIST ? "default: `[%s]`" : "default: `%s`", row->dflt);
	else if (row->inherits)
		sp_buf_add_str(out, "inherited");
	else
		sp_buf_add_str(out, "optional");
}

static void
put_table(void *arg, const struct ca_table *t)
{
	struct sp_buf *out = arg;

	sp_buf_printf(out, "\n### %s\n\n%s\n\n| key | value | | meaning |\n|---|---|---|---|\n", t->name, t->intro);
	for (size_t i = 0; i < t->n; i++) {
		const struct ca_row *row = &t->rows[i];

		sp_buf_printf(out, "| `%s` | ", row->key);
		put_type(out, row);
		sp_buf_add_str(out, " | ");
		put_need(out, row);
		sp_buf_printf(out, " | %s |\n", row->help);
	}
}

void
ca_policy_reference(struct sp_buf *out)
{
	ca_table_each(&ca_table_policy, put_table, out);
}
