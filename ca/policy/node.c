#include "ca/policy/node.h"

#include "ca/policy/schema.h"

#include <openssl/crypto.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct ca_node *
ca_node_new(enum ca_node_type type, int line, int column)
{
	struct ca_node *n = OPENSSL_zalloc(sizeof(*n));

	if (n == NULL)
		return NULL;
	n->type = type;
	n->line = n->key_line = line;
	n->column = n->key_column = column;
	return n;
}

void
ca_node_add(struct ca_node *parent, struct ca_node *child)
{
	child->parent = parent;
	child->next = NULL;
	child->index = parent->last != NULL ? parent->last->index + 1 : 1;
	if (parent->last != NULL)
		parent->last->next = child;
	else
		parent->first = child;
	parent->last = child;
}

/* As deep as the tree, which SP_POLICY_DEPTH_MAX bounds. */
void
ca_node_free(struct ca_node *n)
{
	struct ca_node *child, *next;

	if (n == NULL)
		return;
	for (child = n->first; child != NULL; child = next) {
		next = child->next;
		ca_node_free(child);
	}
	OPENSSL_free(n->key);
	OPENSSL_free(n->text);
	OPENSSL_free(n);
}

static bool
copy_strings(struct ca_node *to, const struct ca_node *from)
{
	if (from->key != NULL && (to->key = OPENSSL_strdup(from->key)) == NULL)
		return false;
	return from->text == NULL || (to->text = OPENSSL_strdup(from->text)) != NULL;
}

struct ca_node *
ca_node_copy(const struct ca_node *n, enum ca_node_origin origin)
{
	struct ca_node *copy = ca_node_new(n->type, n->line, n->column), *child;

	if (copy == NULL || !copy_strings(copy, n)) {
		ca_node_free(copy);
		return NULL;
	}
	copy->origin = n->origin == CA_FROM_DEFAULT ? CA_FROM_DEFAULT : origin;
	copy->key_line = n->key_line;
	copy->key_column = n->key_column;
	copy->quoted = n->quoted;
	copy->table = n->table;
	copy->row = n->row;
	for (const struct ca_node *c = n->first; c != NULL; c = c->next) {
		if ((child = ca_node_copy(c, origin)) == NULL) {
			ca_node_free(copy);
			return NULL;
		}
		ca_node_add(copy, child);
	}
	return copy;
}

struct ca_node *
ca_node_get(const struct ca_node *map, const char *key)
{
	if (map == NULL || map->type != CA_NODE_MAP)
		return NULL;
	for (struct ca_node *c = map->first; c != NULL; c = c->next)
		if (strcmp(c->key, key) == 0)
			return c;
	return NULL;
}

const char *
ca_node_label(const struct ca_node *element)
{
	const struct ca_node *label = NULL;

	if (element->table != NULL && element->table->label != NULL)
		label = ca_node_get(element, element->table->label);
	/* what stands there may be anything: only words name */
	if (label == NULL || label->text == NULL || !ca_word_ok(label->text))
		return NULL;
	return label->text;
}

static bool
is_named(const struct ca_node *n, const char *word)
{
	const char *label;

	if (n->key != NULL)
		return strcmp(n->key, word) == 0;
	if ((label = ca_node_label(n)) != NULL && strcmp(label, word) == 0)
		return true;
	return strspn(word, "0123456789") == strlen(word) && strtoul(word, NULL, 10) == n->index;
}

struct ca_node *
ca_node_at(const struct ca_node *n, const char *path)
{
	struct ca_node *found = NULL, *c;
	char word[64];

	while (n != NULL && *path != '\0') {
		size_t len = strcspn(path, ".");

		if (len == 0 || len >= sizeof(word))
			return NULL;
		memcpy(word, path, len);
		word[len] = '\0';
		for (c = n->first; c != NULL && !is_named(c, word); c = c->next)
			;
		n = found = c;
		path += len + (path[len] == '.');
	}
	return found;
}

/* Appends to a text of at most `cap` with its NUL; what does not fit is left out. */
__attribute__((format(printf, 3, 4))) static void
text_add(char *out, size_t cap, const char *fmt, ...)
{
	size_t used = strlen(out);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(out + used, cap - used, fmt, ap);
	va_end(ap);
}

static void
path_add(char *out, size_t cap, const struct ca_node *n)
{
	const char *label;

	if (n->parent == NULL)
		return;
	path_add(out, cap, n->parent);
	if (n->key != NULL)
		text_add(out, cap, "%s%s", out[0] != '\0' ? "." : "", n->key);
	else if ((label = ca_node_label(n)) != NULL)
		text_add(out, cap, "[%s]", label);
	else
		text_add(out, cap, "[%u]", n->index);
}

const char *
ca_node_path(const struct ca_node *n, char *out, size_t cap)
{
	out[0] = '\0';
	path_add(out, cap, n);
	return out;
}

bool
ca_node_is_ca(const struct ca_node *n)
{
	return n->table != NULL && n->type == CA_NODE_MAP && ca_row_find(n->table, "path-length") != NULL;
}

static void
short_path_add(char *out, size_t cap, const struct ca_node *n)
{
	const char *label;

	if (n->parent == NULL) {
		text_add(out, cap, "policy");
		return;
	}
	if (ca_node_is_ca(n)) {
		text_add(out, cap, "%s", ca_node_get(n, "name")->text);
		return;
	}
	short_path_add(out, cap, n->parent);
	label = n->key != NULL ? n->key : ca_node_label(n);
	if (label != NULL)
		text_add(out, cap, ".%s", label);
	else
		text_add(out, cap, ".%u", n->index);
}

void
ca_node_short_path(const struct ca_node *n, char *out, size_t cap)
{
	out[0] = '\0';
	short_path_add(out, cap, n);
}

/* `below`: a key of `n` that is not there; may be empty. */
static enum setpki_code
fail_at(const char *file, const struct ca_node *n, const char *below, enum setpki_code code, struct setpki_error *err,
    int line, int column)
{
	char path[224];
	const char *dot;

	ca_node_path(n, path, sizeof(path));
	dot = path[0] != '\0' && below[0] != '\0' ? "." : "";
	/* what the file does not say stands, for its reader, where the mapping around it begins */
	for (; line == 0 && n->parent != NULL; n = n->parent) {
		line = n->parent->line;
		column = n->parent->column;
	}
	return sp_error_in(err, code, "%s:%d:%d%s%s%s%s", file, line, column,
	    path[0] != '\0' || below[0] != '\0' ? ": " : "", path, dot, below);
}

enum setpki_code
ca_node_fail(const char *file, const struct ca_node *n, enum setpki_code code, struct setpki_error *err)
{
	return fail_at(file, n, "", code, err, n->key_line, n->key_column);
}

enum setpki_code
ca_node_fail_below(
    const char *file, const struct ca_node *n, const char *key, enum setpki_code code, struct setpki_error *err)
{
	return fail_at(file, n, key, code, err, n->key_line, n->key_column);
}

enum setpki_code
ca_value_fail(const char *file, const struct ca_node *n, enum setpki_code code, struct setpki_error *err)
{
	/* a mapping or list that begins on a line below its key is looked for at the key */
	if (n->type != CA_NODE_SCALAR && n->key != NULL && n->line != n->key_line)
		return ca_node_fail(file, n, code, err);
	return fail_at(file, n, "", code, err, n->line, n->column);
}
