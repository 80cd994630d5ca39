/* The whole policy as YAML again, in the order of the tables, with what was left out. */
#include "ca/policy/show.h"

#include "ca/policy/schema.h"

#include <string.h>

static void show_members(struct sp_buf *out, const struct ca_node *map, unsigned indent, bool in_list);

static void
put_indent(struct sp_buf *out, unsigned indent)
{
	for (unsigned i = 0; i < indent; i++)
		sp_buf_add_byte(out, ' ');
}

/* Plain where any YAML reader takes it for the same text, else in double quotes. */
static bool
plain_is_safe(const char *text)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
	static const char others[] = " -_./:@+";
	size_t n = strlen(text);

	for (size_t i = 0; i < n; i++) {
		bool letter = strchr(letters, text[i]) != NULL;

		if (!letter && strchr(others, text[i]) == NULL)
			return false;
		if (!letter && (i == 0 || i + 1 == n) && text[i] != '/')
			return false;
		if (text[i] == ':' && text[i + 1] == ' ')
			return false;
	}
	return n > 0 && text[0] != '/' && !ca_value_is_typed(text);
}

static void
show_scalar(struct sp_buf *out, const struct ca_row *row, const char *text)
{
	if (!ca_value_is_string(row) || plain_is_safe(text)) {
		sp_buf_add_str(out, text);
		return;
	}
	sp_buf_add_byte(out, '"');
	for (; *text != '\0'; text++) {
		if (*text == '"' || *text == '\\')
			sp_buf_add_byte(out, '\\');
		sp_buf_add_byte(out, (uint8_t)*text);
	}
	sp_buf_add_byte(out, '"');
}

const char *
ca_node_origin_note(const struct ca_node *n)
{
	static const char *const notes[] = {
	    [CA_FROM_FILE] = NULL, [CA_FROM_DEFAULT] = "default", [CA_FROM_ABOVE] = "inherited"};

	/* said once, for the mapping as a whole */
	return n->parent != NULL && n->parent->origin == n->origin ? NULL : notes[n->origin];
}

static void
end_line(struct sp_buf *out, const struct ca_node *n)
{
	const char *note = ca_node_origin_note(n);

	if (note != NULL)
		sp_buf_printf(out, "  # %s", note);
	sp_buf_add_byte(out, '\n');
}

static void
show_list(struct sp_buf *out, const struct ca_node *n)
{
	sp_buf_add_str(out, " [");
	for (const struct ca_node *e = n->first; e != NULL; e = e->next) {
		show_scalar(out, n->row, e->text);
		sp_buf_add_str(out, e->next != NULL ? ", " : "]");
	}
	end_line(out, n);
}

static void
show_elements(struct sp_buf *out, const struct ca_node *n, unsigned indent)
{
	end_line(out, n);
	for (const struct ca_node *e = n->first; e != NULL; e = e->next) {
		put_indent(out, indent + 2);
		sp_buf_add_str(out, "- ");
		show_members(out, e, indent + 4, true);
	}
}

static void
show_value(struct sp_buf *out, const struct ca_node *n, unsigned indent)
{
	if (n->row->type == CA_V_LIST) {
		show_list(out, n);
	} else if (n->row->type == CA_V_MAPS) {
		show_elements(out, n, indent);
	} else if (n->row->type == CA_V_MAP) {
		end_line(out, n);
		show_members(out, n, indent + 2, false);
	} else {
		sp_buf_add_byte(out, ' ');
		show_scalar(out, n->row, n->text);
		end_line(out, n);
	}
}

/* `in_list`: the first one stands behind the dash of its element. */
static void
show_members(struct sp_buf *out, const struct ca_node *map, unsigned indent, bool in_list)
{
	for (size_t i = 0; i < map->table->n; i++) {
		const struct ca_node *n = ca_node_get(map, map->table->rows[i].key);

		if (n == NULL)
			continue;
		if (!in_list)
			put_indent(out, indent);
		in_list = false;
		sp_buf_printf(out, "%s:", n->key);
		show_value(out, n, indent);
	}
}

enum setpki_code
ca_policy_show(const struct ca_policy *p, struct sp_buf *out, struct setpki_error *err)
{
	show_members(out, p->document, 0, false);
	return out->failed ? sp_fail_memory(err) : SETPKI_E_OK;
}

/* --- for a writer ----------------------------------------------------------------------------------- */

static enum setpki_value
value_kind(const struct ca_row *row)
{
	if (row->type == CA_V_BOOL)
		return SETPKI_VALUE_BOOL;
	return row->type == CA_V_NUMBER ? SETPKI_VALUE_NUMBER : SETPKI_VALUE_TEXT;
}

static void walk_members(const struct setpki_visitor *v, const struct ca_node *map);

static void
walk_elements(const struct setpki_visitor *v, const struct ca_node *n)
{
	v->enter(v->arg, n->key, NULL, true);
	for (const struct ca_node *e = n->first; e != NULL; e = e->next) {
		if (e->type == CA_NODE_SCALAR) {
			v->field(v->arg, "item", SETPKI_VALUE_TEXT, e->text, NULL);
			continue;
		}
		v->enter(v->arg, "item", NULL, false);
		walk_members(v, e);
		v->leave(v->arg);
	}
	v->leave(v->arg);
}

static void
walk_members(const struct setpki_visitor *v, const struct ca_node *map)
{
	for (size_t i = 0; i < map->table->n; i++) {
		const struct ca_node *n = ca_node_get(map, map->table->rows[i].key);

		if (n == NULL)
			continue;
		if (n->type == CA_NODE_LIST) {
			walk_elements(v, n);
		} else if (n->type == CA_NODE_MAP) {
			v->enter(v->arg, n->key, NULL, false);
			walk_members(v, n);
			v->leave(v->arg);
		} else {
			v->field(v->arg, n->key, value_kind(n->row), n->text, ca_node_origin_note(n));
		}
	}
}

void
ca_policy_walk(const struct ca_policy *p, const struct setpki_visitor *visitor)
{
	walk_members(visitor, p->document);
}
