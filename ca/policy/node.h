/* The tree of a policy file: mappings, lists, scalars, each with its place in the file. */
#ifndef CA_POLICY_NODE_H
#define CA_POLICY_NODE_H

#include "ca/policy/policy.h"

enum ca_node_type { CA_NODE_SCALAR, CA_NODE_MAP, CA_NODE_LIST };
/* Where a node comes from: the file, a default of the schema, or the same key further up. */
enum ca_node_origin { CA_FROM_FILE, CA_FROM_DEFAULT, CA_FROM_ABOVE };

struct ca_table;
struct ca_row;

struct ca_node {
	enum ca_node_type type;
	enum ca_node_origin origin;
	struct ca_node *parent, *first, *last, *next; /* children in the order of the file */
	char *key;				      /* in a mapping: the key; else NULL */
	int key_line, key_column;		      /* of the key; 1-based */
	int line, column;			      /* of the value */
	char *text;				      /* scalars: UTF-8 without NUL */
	bool quoted;				      /* scalars: written with quotes, or as a block */
	unsigned index;				      /* in a list, from 1 */
	const struct ca_table *table;		      /* mappings: the table of its keys, once known */
	const struct ca_row *row;		      /* members of a mapping: the row of its key, once known */
};

/* Reads one YAML document.  PARSE (not YAML, or YAML that a policy may not use), LIMIT; the object is the place. */
SP_MUST_CHECK enum setpki_code
ca_yaml_read(setpki_bytes yaml, const char *file, struct ca_node **out, struct setpki_error *err);
/* The checks on bytes that come before: NULs, byte-order marks, control characters, UTF-8. */
SP_MUST_CHECK enum setpki_code ca_yaml_check_text(setpki_bytes yaml, const char *file, struct setpki_error *err);

struct ca_node *ca_node_new(enum ca_node_type type, int line, int column); /* NULL: out of memory */
void ca_node_add(struct ca_node *parent, struct ca_node *child);
void ca_node_free(struct ca_node *n); /* and all below; NULL is fine */
/* A deep copy, with the places of what it copies.  NULL: out of memory. */
struct ca_node *ca_node_copy(const struct ca_node *n, enum ca_node_origin origin);
/* The value of a key; NULL if it is not there or `map` is no mapping. */
struct ca_node *ca_node_get(const struct ca_node *map, const char *key);
/* The same for "keys.certificate-signing.lifetime"; elements of lists go by their label (see struct ca_table) or
 * number. */
struct ca_node *ca_node_at(const struct ca_node *n, const char *path);
/* What names an element of a list in paths: its name, role or language; NULL if it has none. */
const char *ca_node_label(const struct ca_node *element);
/* "root.brands[brand].keys"; at most `cap` with the NUL, cut at the end.  Returns out. */
const char *ca_node_path(const struct ca_node *n, char *out, size_t cap);
/* Whether it is the mapping of a CA. */
bool ca_node_is_ca(const struct ca_node *n);
/* The path as ca_policy_line() takes it: "brand.keys", "policy.suite". */
void ca_node_short_path(const struct ca_node *n, char *out, size_t cap);
/* "default" or "inherited" where that begins; NULL. */
const char *ca_node_origin_note(const struct ca_node *n);
/* "policies/demo.yaml:12:5: root.brands" for errors: adds the place of `n` (its key if it has one) to what `err` holds;
 * returns `code`. */
enum setpki_code
ca_node_fail(const char *file, const struct ca_node *n, enum setpki_code code, struct setpki_error *err);
/* The same for a key that is missing in the mapping `n`. */
enum setpki_code ca_node_fail_below(
    const char *file, const struct ca_node *n, const char *key, enum setpki_code code, struct setpki_error *err);
/* The same for its value rather than its key. */
enum setpki_code
ca_value_fail(const char *file, const struct ca_node *n, enum setpki_code code, struct setpki_error *err);

#endif
