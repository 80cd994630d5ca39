/* What the file leaves out: keys inherited from above, then defaults.  Afterwards the tree says everything that holds.
 */
#include "ca/policy/schema.h"

#include <openssl/crypto.h>

static const struct ca_node *
find_above(const struct ca_node *map, const char *key)
{
	const struct ca_node *found = NULL;

	for (map = map->parent; map != NULL && found == NULL; map = map->parent)
		found = ca_node_get(map, key);
	return found;
}

/* `key` NULL: an element of a list; `text` NULL: a mapping or list. */
static struct ca_node *
new_node(enum ca_node_type type, const char *key, const char *text)
{
	struct ca_node *n = ca_node_new(type, 0, 0);

	if (n == NULL)
		return NULL;
	n->origin = CA_FROM_DEFAULT;
	n->key = key != NULL ? OPENSSL_strdup(key) : NULL;
	n->text = text != NULL ? OPENSSL_strdup(text) : NULL;
	if ((n->key != NULL) == (key != NULL) && (n->text != NULL) == (text != NULL))
		return n;
	ca_node_free(n);
	return NULL;
}

static struct ca_node *
new_default(const struct ca_row *row, const char *text)
{
	struct ca_node *n, *e;

	if (row->type == CA_V_MAP) {
		if ((n = new_node(CA_NODE_MAP, row->key, NULL)) != NULL)
			n->table = row->sub;
		return n;
	}
	if (row->type != CA_V_LIST)
		return new_node(CA_NODE_SCALAR, row->key, text);
	n = new_node(CA_NODE_LIST, row->key, NULL);
	e = n != NULL ? new_node(CA_NODE_SCALAR, NULL, text) : NULL;
	if (e == NULL) {
		ca_node_free(n);
		return NULL;
	}
	ca_node_add(n, e);
	return n;
}

static const char *
default_of(const struct ca_row *row, const struct ca_node *map)
{
	return row->derive != NULL ? row->derive(map) : row->dflt;
}

static enum setpki_code
complete_row(struct ca_check *c, struct ca_node *map, const struct ca_row *row)
{
	const struct ca_node *above = row->inherits ? find_above(map, row->key) : NULL;
	const char *text = above == NULL ? default_of(row, map) : NULL;
	struct ca_node *n;

	if (above == NULL && text == NULL)
		return SETPKI_E_OK;
	n = above != NULL ? ca_node_copy(above, CA_FROM_ABOVE) : new_default(row, text);
	if (n == NULL)
		return sp_fail_memory(c->err);
	n->row = row;
	ca_node_add(map, n);
	return SETPKI_E_OK;
}

enum setpki_code
ca_complete(struct ca_check *c, struct ca_node *n)
{
	enum setpki_code rc = SETPKI_E_OK;

	for (size_t i = 0; n->table != NULL && rc == SETPKI_E_OK && i < n->table->n; i++)
		if (ca_node_get(n, n->table->rows[i].key) == NULL)
			rc = complete_row(c, n, &n->table->rows[i]);
	for (struct ca_node *child = n->first; rc == SETPKI_E_OK && child != NULL; child = child->next)
		rc = ca_complete(c, child);
	return rc;
}
