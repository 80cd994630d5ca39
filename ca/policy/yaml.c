/* YAML events into a tree of nodes.  Of YAML a policy uses mappings, lists and scalars; everything that makes a file
 * mean something else than what it shows (aliases, anchors, tags, directives, merge keys, several documents) is
 * refused. */
#include "ca/policy/node.h"
#include "lib/base/limits.h"

#include <openssl/crypto.h>
#include <setpki/text.h>
#include <string.h>
#include <yaml.h>

struct reader {
	yaml_parser_t parser;
	const char *file;
	struct ca_node *root, *open[SP_POLICY_DEPTH_MAX]; /* the mappings and lists we are in */
	unsigned depth, nodes;
	char *key; /* read, its value to come */
	int key_line, key_column;
	struct setpki_error *err;
};

static int
line_of(yaml_mark_t mark)
{
	return (int)mark.line + 1;
}

static int
column_of(yaml_mark_t mark)
{
	return (int)mark.column + 1;
}

#define refuse(r, mark, code, ...)                                                                                     \
	(sp_fail((r)->err, (code), NULL, __VA_ARGS__),                                                                 \
	    sp_error_in((r)->err, (code), "%s:%d:%d", (r)->file, line_of(mark), column_of(mark)))

/* --- before YAML: the bytes ------------------------------------------------------------------ */

/* Characters that YAML takes for line ends, or that show a reader another order than the one that holds. */
static bool
misleads(setpki_bytes c)
{
	static const struct {
		const char *first, *last;
	} ranges[] = {
	    {"\xc2\x80", "\xc2\x9f"},	      /* C1 controls, with U+0085 next line */
	    {"\xe2\x80\xa8", "\xe2\x80\xae"}, /* line and paragraph separator, embeddings and overrides */
	    {"\xe2\x81\xa6", "\xe2\x81\xa9"}, /* isolates */
	    {"\xef\xbb\xbf", "\xef\xbb\xbf"}, /* byte-order mark */
	};

	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
		if (strlen(ranges[i].first) == c.n && memcmp(c.p, ranges[i].first, c.n) >= 0 &&
		    memcmp(c.p, ranges[i].last, c.n) <= 0)
			return true;
	return false;
}

static const char *
fault_of(setpki_bytes c)
{
	if (c.n == 1 && c.p[0] == '\t')
		return NULL;
	if ((c.n == 1 && (c.p[0] < 0x20 || c.p[0] == 0x7f)) || misleads(c))
		return "a control character: a policy is plain text";
	return setpki_utf8_printable(c) ? NULL : "not UTF-8: save the file as plain UTF-8 text";
}

static enum setpki_code
check_line(setpki_bytes line, const char *file, int number, struct setpki_error *err)
{
	const char *fault;
	int column = 1;

	for (size_t i = 0, n; i < line.n; i += n, column++) {
		for (n = 1; i + n < line.n && (line.p[i + n] & 0xc0) == 0x80; n++)
			;
		if ((fault = fault_of((setpki_bytes){line.p + i, n})) != NULL)
			return sp_fail(err, SETPKI_E_PARSE, NULL, "%s", fault),
			       sp_error_in(err, SETPKI_E_PARSE, "%s:%d:%d", file, number, column);
	}
	return SETPKI_E_OK;
}

enum setpki_code
ca_yaml_check_text(setpki_bytes yaml, const char *file, struct setpki_error *err)
{
	enum setpki_code rc = SETPKI_E_OK;
	int number = 1;

	if (yaml.n > SP_POLICY_MAX) {
		rc = sp_fail(err, SETPKI_E_LIMIT, NULL, "%zu bytes: a policy has at most %u", yaml.n, SP_POLICY_MAX);
		return sp_error_in(err, rc, "%s", file);
	}
	if (yaml.n >= 3 && memcmp(yaml.p, "\xef\xbb\xbf", 3) == 0) {
		rc = sp_fail(
		    err, SETPKI_E_PARSE, NULL, "begins with a byte-order mark: save the file as UTF-8 without one");
		return sp_error_in(err, rc, "%s:1:1", file);
	}
	while (rc == SETPKI_E_OK && yaml.n > 0) {
		const uint8_t *end = memchr(yaml.p, '\n', yaml.n);
		size_t n = end != NULL ? (size_t)(end - yaml.p) : yaml.n, step = n + (end != NULL);

		if (end != NULL && n > 0 && yaml.p[n - 1] == '\r')
			n--;
		rc = check_line((setpki_bytes){yaml.p, n}, file, number++, err);
		yaml = (setpki_bytes){yaml.p + step, yaml.n - step};
	}
	return rc;
}

/* --- events ---------------------------------------------------------------------------------- */

static enum setpki_code
check_plain(struct reader *r, const yaml_char_t *anchor, const yaml_char_t *tag, yaml_mark_t mark)
{
	if (anchor != NULL)
		return refuse(r, mark, SETPKI_E_PARSE,
		    "anchor '&%.40s': a policy says everything where it holds; remove it", (const char *)anchor);
	if (tag != NULL)
		return refuse(r, mark, SETPKI_E_PARSE, "tag '%.60s': types come from the keys of a policy; remove it",
		    (const char *)tag);
	return SETPKI_E_OK;
}

static enum setpki_code
take_key(struct reader *r, const yaml_event_t *e)
{
	const char *text = (const char *)e->data.scalar.value;

	if (e->data.scalar.length == 0)
		return refuse(r, e->start_mark, SETPKI_E_PARSE, "a key without a name");
	if (strcmp(text, "<<") == 0)
		return refuse(r, e->start_mark, SETPKI_E_PARSE,
		    "merge key '<<': a policy says everything where it holds; write the keys out");
	if ((r->key = OPENSSL_strdup(text)) == NULL)
		return sp_fail_memory(r->err);
	r->key_line = line_of(e->start_mark);
	r->key_column = column_of(e->start_mark);
	return SETPKI_E_OK;
}

static bool
wants_key(const struct reader *r)
{
	return r->depth > 0 && r->open[r->depth - 1]->type == CA_NODE_MAP && r->key == NULL;
}

/* Puts a node where the document is. */
static enum setpki_code
put(struct reader *r, enum ca_node_type type, yaml_mark_t mark, struct ca_node **out)
{
	struct ca_node *n;

	if (++r->nodes > SP_POLICY_NODES_MAX)
		return refuse(r, mark, SETPKI_E_LIMIT, "more than %u values: a policy has at most that many",
		    SP_POLICY_NODES_MAX);
	if ((n = ca_node_new(type, line_of(mark), column_of(mark))) == NULL)
		return sp_fail_memory(r->err);
	if (r->key != NULL) {
		n->key = r->key;
		n->key_line = r->key_line;
		n->key_column = r->key_column;
		r->key = NULL;
	}
	if (r->depth > 0)
		ca_node_add(r->open[r->depth - 1], n);
	else
		r->root = n;
	*out = n;
	return SETPKI_E_OK;
}

static enum setpki_code
open_node(struct reader *r, enum ca_node_type type, const yaml_char_t *anchor, const yaml_char_t *tag, yaml_mark_t mark)
{
	enum setpki_code rc = check_plain(r, anchor, tag, mark);
	struct ca_node *n;

	if (rc != SETPKI_E_OK)
		return rc;
	if (wants_key(r))
		return refuse(r, mark, SETPKI_E_PARSE, "a mapping or list cannot be a key");
	if (r->depth == SP_POLICY_DEPTH_MAX)
		return refuse(r, mark, SETPKI_E_LIMIT, "nested deeper than %u levels", SP_POLICY_DEPTH_MAX);
	rc = put(r, type, mark, &n);
	if (rc == SETPKI_E_OK)
		r->open[r->depth++] = n;
	return rc;
}

static enum setpki_code
scalar(struct reader *r, const yaml_event_t *e)
{
	enum setpki_code rc = check_plain(r, e->data.scalar.anchor, e->data.scalar.tag, e->start_mark);
	struct ca_node *n;

	if (rc != SETPKI_E_OK)
		return rc;
	/* "\0" in double quotes */
	if (strlen((const char *)e->data.scalar.value) != e->data.scalar.length)
		return refuse(r, e->start_mark, SETPKI_E_PARSE, "a NUL character in a text");
	if (wants_key(r))
		return take_key(r, e);
	if ((rc = put(r, CA_NODE_SCALAR, e->start_mark, &n)) != SETPKI_E_OK)
		return rc;
	n->quoted = e->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
	if ((n->text = OPENSSL_strdup((const char *)e->data.scalar.value)) == NULL)
		return sp_fail_memory(r->err);
	/* a value that is not there stands, for YAML, at the end of what precedes it */
	if (n->text[0] == '\0' && !n->quoted && n->key != NULL) {
		n->line = n->key_line;
		n->column = n->key_column;
	}
	return SETPKI_E_OK;
}

static enum setpki_code
document_start(struct reader *r, const yaml_event_t *e)
{
	if (e->data.document_start.version_directive != NULL ||
	    e->data.document_start.tag_directives.start != e->data.document_start.tag_directives.end)
		return refuse(r, e->start_mark, SETPKI_E_PARSE, "a %% directive: a policy has none; remove the line");
	if (r->root != NULL)
		return refuse(
		    r, e->start_mark, SETPKI_E_PARSE, "a second document begins here: one file is one policy");
	return SETPKI_E_OK;
}

static enum setpki_code
take(struct reader *r, const yaml_event_t *e)
{
	switch (e->type) {
	case YAML_DOCUMENT_START_EVENT:
		return document_start(r, e);
	case YAML_ALIAS_EVENT:
		return refuse(r, e->start_mark, SETPKI_E_PARSE,
		    "alias '*%.40s': a policy says everything where it holds; write the value out",
		    (const char *)e->data.alias.anchor);
	case YAML_SCALAR_EVENT:
		return scalar(r, e);
	case YAML_MAPPING_START_EVENT:
		return open_node(
		    r, CA_NODE_MAP, e->data.mapping_start.anchor, e->data.mapping_start.tag, e->start_mark);
	case YAML_SEQUENCE_START_EVENT:
		return open_node(
		    r, CA_NODE_LIST, e->data.sequence_start.anchor, e->data.sequence_start.tag, e->start_mark);
	case YAML_MAPPING_END_EVENT:
	case YAML_SEQUENCE_END_EVENT:
		r->depth--;
		return SETPKI_E_OK;
	default:
		return SETPKI_E_OK;
	}
}

/* libyaml's own complaint, with its place. */
static enum setpki_code
not_yaml(struct reader *r)
{
	const yaml_parser_t *p = &r->parser;
	const char *problem = p->problem != NULL ? p->problem : "no reason given";

	if (p->error == YAML_MEMORY_ERROR)
		return sp_fail_memory(r->err);
	if (p->context != NULL)
		return refuse(r, p->problem_mark, SETPKI_E_PARSE,
		    "not YAML: %s, %s (begun at line %d): look at the indentation and the "
		    "colons here and just above",
		    problem, p->context, line_of(p->context_mark));
	return refuse(r, p->problem_mark, SETPKI_E_PARSE,
	    "not YAML: %s: look at the indentation and the colons here and just above", problem);
}

static enum setpki_code
read_events(struct reader *r)
{
	enum setpki_code rc = SETPKI_E_OK;
	bool end = false;
	yaml_event_t e;

	while (rc == SETPKI_E_OK && !end) {
		if (!yaml_parser_parse(&r->parser, &e))
			return not_yaml(r);
		end = e.type == YAML_STREAM_END_EVENT;
		rc = take(r, &e);
		yaml_event_delete(&e);
	}
	return rc;
}

enum setpki_code
ca_yaml_read(setpki_bytes yaml, const char *file, struct ca_node **out, struct setpki_error *err)
{
	struct reader r = {.file = file, .err = err};
	enum setpki_code rc;

	*out = NULL;
	if ((rc = ca_yaml_check_text(yaml, file, err)) != SETPKI_E_OK)
		return rc;
	if (!yaml_parser_initialize(&r.parser))
		return sp_fail_memory(err);
	yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&r.parser, yaml.p, yaml.n);
	rc = read_events(&r);
	if (rc == SETPKI_E_OK && r.root == NULL) {
		rc = sp_fail(err, SETPKI_E_PARSE, NULL, "empty: policies/demo.yaml shows what a policy looks like");
		sp_error_in(err, rc, "%s", file);
	}
	yaml_parser_delete(&r.parser);
	OPENSSL_free(r.key);
	if (rc == SETPKI_E_OK)
		*out = r.root;
	else
		ca_node_free(r.root);
	return rc;
}
