/* What the tables say of a document: first the keys of all of it, then values, then what is missing.  A misspelt key
 * is thereby complained of at its own line, not as a missing one somewhere else. */
#include "ca/policy/schema.h"

#include <setpki/text.h>
#include <string.h>

#define refuse_key(c, n, ...)                                                                                          \
	(sp_fail((c)->err, SETPKI_E_POLICY, NULL, __VA_ARGS__), ca_node_fail((c)->file, (n), SETPKI_E_POLICY, (c)->err))
#define refuse_value(c, n, ...)                                                                                        \
	(sp_fail((c)->err, SETPKI_E_POLICY, NULL, __VA_ARGS__),                                                        \
	    ca_value_fail((c)->file, (n), SETPKI_E_POLICY, (c)->err))

/* --- keys ----------------------------------------------------------------------------------------- */

/* "every, valid" */
static void
list_keys(const struct ca_table *t, struct sp_buf *out)
{
	for (size_t i = 0; i < t->n; i++)
		sp_buf_printf(out, "%s%s", i > 0 ? ", " : "", t->rows[i].key);
}

/* A word with its end cut off, or with too much of it, is that word before it is another one of three letters. */
static const char *
meant(const char *word, const struct ca_table *t)
{
	const char *keys[CA_TABLE_ROWS_MAX] = {NULL};
	size_t n = strlen(word);

	for (size_t i = 0; i < t->n && i < CA_TABLE_ROWS_MAX; i++) {
		size_t k = strlen(t->rows[i].key), less = k < n ? k : n;

		keys[i] = t->rows[i].key;
		if (less >= 2 && k + n - 2 * less == 1 && memcmp(keys[i], word, less) == 0)
			return keys[i];
	}
	return setpki_closest(word, keys, CA_TABLE_ROWS_MAX);
}

static enum setpki_code
unknown_key(struct ca_check *c, const struct ca_node *n, const struct ca_table *t)
{
	const char *close = meant(n->key, t);
	struct sp_buf known = {0};
	enum setpki_code rc;

	list_keys(t, &known);
	if (close != NULL)
		rc = refuse_key(c, n, "unknown key '%.60s': did you mean '%s'?", n->key, close);
	else
		rc = refuse_key(
		    c, n, "unknown key '%.60s': here stand %.*s", n->key, (int)known.n, (const char *)known.p);
	sp_buf_free(&known);
	return rc;
}

static enum setpki_code
check_key(struct ca_check *c, const struct ca_table *t, struct ca_node *n)
{
	if ((n->row = ca_row_find(t, n->key)) == NULL)
		return unknown_key(c, n, t);
	for (const struct ca_node *other = n->parent->first; other != n; other = other->next)
		if (other->row == n->row)
			return refuse_key(
			    c, n, "'%s' is already set at line %d: remove one of the two", n->key, other->key_line);
	return SETPKI_E_OK;
}

static enum setpki_code check_map_keys(struct ca_check *c, const struct ca_table *t, struct ca_node *map);

static enum setpki_code
check_below(struct ca_check *c, const struct ca_row *row, struct ca_node *n)
{
	enum setpki_code rc = SETPKI_E_OK;

	if (row->type == CA_V_MAP && n->type == CA_NODE_MAP)
		return check_map_keys(c, row->sub, n);
	if (row->type != CA_V_MAPS || n->type != CA_NODE_LIST)
		return SETPKI_E_OK;
	for (struct ca_node *e = n->first; rc == SETPKI_E_OK && e != NULL; e = e->next)
		if (e->type == CA_NODE_MAP)
			rc = check_map_keys(c, row->sub, e);
	return rc;
}

static enum setpki_code
check_map_keys(struct ca_check *c, const struct ca_table *t, struct ca_node *map)
{
	enum setpki_code rc = SETPKI_E_OK;

	map->table = t;
	for (struct ca_node *n = map->first; rc == SETPKI_E_OK && n != NULL; n = n->next)
		if ((rc = check_key(c, t, n)) == SETPKI_E_OK)
			rc = check_below(c, n->row, n);
	return rc;
}

enum setpki_code
ca_check_keys(struct ca_check *c, struct ca_node *root)
{
	if (root->type != CA_NODE_MAP)
		return refuse_value(c, root, "a policy is a mapping: begin with 'policy: NAME'");
	return check_map_keys(c, &ca_table_policy, root);
}

/* --- values --------------------------------------------------------------------------------------- */

static const char *
type_name(const struct ca_node *n)
{
	if (n->type == CA_NODE_MAP)
		return "a mapping";
	if (n->type == CA_NODE_LIST)
		return "a list";
	return n->text[0] == '\0' && !n->quoted ? "nothing" : "a single value";
}

/* `element`: of a list, rather than the list itself. */
static enum setpki_code
wrong_type(struct ca_check *c, const struct ca_row *row, const struct ca_node *n, bool element)
{
	const char *there = type_name(n), *needed = "a single value is needed: ";
	struct sp_buf what = {0};
	enum setpki_code rc;

	if (row->sub != NULL)
		list_keys(row->sub, &what);
	else
		ca_value_hint(row, &what);
	if (row->type == CA_V_MAP || (row->type == CA_V_MAPS && element))
		needed = "a mapping is needed, with some of: ";
	else if (row->type == CA_V_MAPS)
		needed = "a list is needed: begin each entry with '- ', then some of: ";
	else if (row->type == CA_V_LIST && !element)
		needed = row->of == CA_V_WORD ? "a list is needed: [VALUE, VALUE], each "
					      : "a list is needed: [VALUE, VALUE], each a ";
	rc = refuse_value(c, n, "%s stands where %s%.*s", there, needed, (int)what.n, (const char *)what.p);
	sp_buf_free(&what);
	return rc;
}

static enum setpki_code
check_scalar(struct ca_check *c, const struct ca_row *row, const struct ca_node *n)
{
	enum setpki_code rc;

	if (n->type != CA_NODE_SCALAR || (n->text[0] == '\0' && !n->quoted))
		return wrong_type(c, row, n, row->type == CA_V_LIST);
	rc = ca_value_check(row, n, c->err);
	return rc != SETPKI_E_OK ? ca_value_fail(c->file, n, rc, c->err) : SETPKI_E_OK;
}

static enum setpki_code
empty_mapping(struct ca_check *c, const struct ca_node *map)
{
	struct sp_buf keys = {0};
	enum setpki_code rc;

	list_keys(map->table, &keys);
	rc = refuse_value(c, map, "empty: give at least one of %.*s", (int)keys.n, (const char *)keys.p);
	sp_buf_free(&keys);
	return rc;
}

static enum setpki_code check_map_values(struct ca_check *c, const struct ca_node *map);

static enum setpki_code
check_repeated(struct ca_check *c, const struct ca_node *e)
{
	for (const struct ca_node *o = e->parent->first; o != e; o = o->next)
		if (strcmp(o->text, e->text) == 0)
			return refuse_value(c, e, "stands in this list already: remove it");
	return SETPKI_E_OK;
}

static enum setpki_code
check_element(struct ca_check *c, const struct ca_row *row, const struct ca_node *e)
{
	enum setpki_code rc;

	if (row->type == CA_V_LIST) {
		rc = check_scalar(c, row, e);
		return rc == SETPKI_E_OK ? check_repeated(c, e) : rc;
	}
	return e->type == CA_NODE_MAP ? check_map_values(c, e) : wrong_type(c, row, e, true);
}

static enum setpki_code
check_list(struct ca_check *c, const struct ca_row *row, const struct ca_node *n)
{
	enum setpki_code rc = SETPKI_E_OK;
	unsigned count = n->last != NULL ? n->last->index : 0;

	for (const struct ca_node *e = n->first; rc == SETPKI_E_OK && e != NULL; e = e->next)
		rc = check_element(c, row, e);
	if (rc == SETPKI_E_OK && (count < row->min || count > row->max))
		rc = refuse_value(
		    c, n, "%u entries: %lld to %lld fit here", count, (long long)row->min, (long long)row->max);
	return rc;
}

static enum setpki_code
check_value(struct ca_check *c, const struct ca_node *n)
{
	const struct ca_row *row = n->row;

	if (row->type == CA_V_MAP)
		return n->type == CA_NODE_MAP ? check_map_values(c, n) : wrong_type(c, row, n, false);
	if (row->type == CA_V_MAPS || row->type == CA_V_LIST)
		return n->type == CA_NODE_LIST ? check_list(c, row, n) : wrong_type(c, row, n, false);
	return check_scalar(c, row, n);
}

static enum setpki_code
check_map_values(struct ca_check *c, const struct ca_node *map)
{
	enum setpki_code rc = SETPKI_E_OK;

	if (map->first == NULL && map->row != NULL && map->row->min > 0)
		return empty_mapping(c, map);
	for (const struct ca_node *n = map->first; rc == SETPKI_E_OK && n != NULL; n = n->next)
		rc = check_value(c, n);
	return rc;
}

enum setpki_code
ca_check_values(struct ca_check *c, const struct ca_node *root)
{
	return check_map_values(c, root);
}

/* --- what is missing -------------------------------------------------------------------------------- */

static enum setpki_code
check_map_missing(struct ca_check *c, const struct ca_node *map)
{
	for (size_t i = 0; i < map->table->n; i++) {
		const struct ca_row *row = &map->table->rows[i];

		if (row->required && ca_node_get(map, row->key) == NULL)
			return sp_fail(c->err, SETPKI_E_POLICY, NULL, "'%s' is missing.  %s", row->key, row->help),
			       ca_node_fail_below(c->file, map, row->key, SETPKI_E_POLICY, c->err);
	}
	return SETPKI_E_OK;
}

enum setpki_code
ca_check_missing(struct ca_check *c, const struct ca_node *n)
{
	enum setpki_code rc = n->type == CA_NODE_MAP ? check_map_missing(c, n) : SETPKI_E_OK;

	for (const struct ca_node *child = n->first; rc == SETPKI_E_OK && child != NULL; child = child->next)
		rc = ca_check_missing(c, child);
	return rc;
}

static enum setpki_code
check_label(struct ca_check *c, const struct ca_node *e)
{
	const char *label = ca_node_label(e), *other;

	for (const struct ca_node *o = e->parent->first; label != NULL && o != e; o = o->next)
		if ((other = ca_node_label(o)) != NULL && strcmp(other, label) == 0)
			return refuse_value(c, ca_node_get(e, e->table->label),
			    "'%s' is already the %s of the entry at line %d", label, e->table->label, o->line);
	return SETPKI_E_OK;
}

enum setpki_code
ca_check_labels(struct ca_check *c, const struct ca_node *n)
{
	enum setpki_code rc = SETPKI_E_OK;

	for (const struct ca_node *child = n->first; rc == SETPKI_E_OK && child != NULL; child = child->next) {
		if (n->type == CA_NODE_LIST && child->table != NULL)
			rc = check_label(c, child);
		if (rc == SETPKI_E_OK)
			rc = ca_check_labels(c, child);
	}
	return rc;
}
