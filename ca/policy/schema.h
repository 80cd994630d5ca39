/* What a policy may say, as tables: one table for each kind of mapping, one row for each key.  Reading, checking,
 * defaults, printing, comparing, docs/policy.md and the tests walk these rows. */
#ifndef CA_POLICY_SCHEMA_H
#define CA_POLICY_SCHEMA_H

#include "ca/policy/form.h"
#include "ca/policy/node.h"

/* What a value is, and by that how it is read and where it goes in the struct. */
enum ca_value {
	CA_V_MAP,      /* a mapping with the keys of row->sub */
	CA_V_MAPS,     /* a list of them */
	CA_V_LIST,     /* a list of scalars of row->of */
	CA_V_NAME,     /* a-z, 0-9 and '-': char * */
	CA_V_TEXT,     /* min..max characters: char * */
	CA_V_COUNTRY,  /* two capital letters: char * */
	CA_V_BRAND,    /* "Brand" or "Brand:Product": char * */
	CA_V_LANGUAGE, /* RFC 1766: char * */
	CA_V_URL,      /* http or https: char * */
	CA_V_BASE_URL, /* one that ends with '/': char * */
	CA_V_EMAIL,    /* char * */
	CA_V_BIN,      /* six digits: char * */
	CA_V_PATTERN,  /* POSIX extended regular expression: char * */
	CA_V_PATH,     /* absolute path of a file: char * */
	CA_V_BOOL,     /* true or false: bool */
	CA_V_NUMBER,   /* min..max: int */
	CA_V_SPAN,     /* min..max seconds, as 90d: int64_t */
	CA_V_WORD,     /* one of row->words: its index, an int */
	CA_V_PROTECT,  /* none or passphrase: bool */
	CA_V_KEYTYPE   /* "P-256": struct ca_keytype */
};

/* What a change of the value comes to. */
enum ca_effect {
	CA_EFFECT_NONE,
	CA_EFFECT_HOME,	  /* identity of the home */
	CA_EFFECT_NAME,	  /* names of CAs */
	CA_EFFECT_CA,	  /* the CA's own certificates */
	CA_EFFECT_KEY,	  /* keys to be made */
	CA_EFFECT_ISSUED, /* all that is issued below */
	CA_EFFECT_EE,	  /* end-entity certificates */
	CA_EFFECT_CRL,
	CA_EFFECT_BCI,
	CA_EFFECT_FORM, /* registrations */
	CA_EFFECT_DESK	/* what is decided about them */
};

#define CA_NOWHERE ((size_t)-1)
#define CA_LIST_MAX 64	     /* elements of a list */
#define CA_TABLE_ROWS_MAX 24 /* rows of a table */
#define CA_TABLES_MAX 40

struct ca_fill;

struct ca_row {
	const char *key;
	enum ca_value type, of;
	const struct ca_table *sub;
	bool required;	       /* refused when missing; `else` the default holds, if there is one */
	bool inherits;	       /* missing: the same key of an enclosing mapping holds */
	const char *dflt;      /* the default as it would be written (of a list: its one element); NULL: none */
	const char *dflt_note; /* for the reference, where the default is computed: "lifetime" */
	/* the default, computed from its mapping (defaults before it in the table are filled in); may be NULL.  Of a
	 * mapping: any text, for one that has all its defaults */
	const char *(*derive)(const struct ca_node *map);
	int64_t min, max;	  /* bounds: of the number, the seconds, the characters, the elements */
	const char *const *words; /* CA_V_WORD: NULL at the end, "" for a number that has no word */
	size_t at, count_at;	  /* where the value goes in the struct of its mapping; lists: their length */
	size_t size;		  /* CA_V_MAPS: of an element of the array at `at` */
	/* where a mapping goes, if not to `at`; NULL: out of memory */
	void *(*element)(struct ca_fill *f, const struct ca_row *row, void *base, const struct ca_node *n);
	int tag;					      /* for `element` */
	void (*init)(void *element, const struct ca_node *n); /* CA_V_MAPS: what zeros do not say; may be NULL */
	bool above; /* a mapping that is there only to be inherited: nothing is filled from it */
	enum ca_effect effect;
	const char *help;
};

struct ca_table {
	const char *name; /* "signing key": what the reference calls such a mapping */
	const char *intro;
	const char *label; /* the key that names a mapping in a list; NULL: none */
	size_t present;	   /* offset of a bool that is set when the mapping is there; CA_NOWHERE */
	const struct ca_row *rows;
	size_t n;
};

/* The table of a whole policy. */
extern const struct ca_table ca_table_policy;
extern const struct ca_table ca_table_root, ca_table_urls, ca_table_statement; /* schema_ca.c */
extern const struct ca_table ca_table_profile;				       /* schema_profile.c */
extern const struct ca_table ca_table_desk;				       /* schema_desk.c */
extern const struct ca_table ca_table_form;				       /* schema_form.c */

const struct ca_row *ca_row_find(const struct ca_table *t, const char *key); /* NULL */
/* Calls `fn` once for each table below `t`, itself first. */
void ca_table_each(const struct ca_table *t, void (*fn)(void *arg, const struct ca_table *t), void *arg);
const char *ca_value_name(enum ca_value type); /* "time span", for the reference and complaints */
/* What a value of the row looks like: "time span, such as 90d", "one of classic, modern"; appended to `out`. */
void ca_value_hint(const struct ca_row *row, struct sp_buf *out);
size_t ca_value_size(enum ca_value type); /* of one in an array of them; 0: not a scalar */

/* --- values (value.c) ------------------------------------------------------------------------- */

/* Letters, digits and '-': what can stand in a path. */
bool ca_word_ok(const char *text);
/* Whether `text` is a value of the row (or of its elements).  POLICY with the reason, without a place. */
SP_MUST_CHECK enum setpki_code
ca_value_check(const struct ca_row *row, const struct ca_node *scalar, struct setpki_error *err);
/* Writes a checked value to `to`; false: out of memory. */
bool ca_value_set(const struct ca_row *row, const char *text, void *to);
/* The index of a word; -1. */
int ca_word_index(const char *const *words, const char *text);

/* Whether a value is a text of some form, to be quoted where YAML would take it for something else. */
bool ca_value_is_string(const struct ca_row *row);
/* Whether YAML takes plain `text` for a number, a boolean or nothing. */
bool ca_value_is_typed(const char *text);

/* --- passes, in this order (check.c, complete.c, fill.c, rules.c) --------------------------------- */

struct ca_check {
	const char *file;
	struct setpki_error *err;
};

/* Gives each mapping its table; refuses unknown and duplicate keys, anywhere. */
SP_MUST_CHECK enum setpki_code ca_check_keys(struct ca_check *c, struct ca_node *root);
/* Types, forms and bounds of all values. */
SP_MUST_CHECK enum setpki_code ca_check_values(struct ca_check *c, const struct ca_node *root);
/* Required keys. */
SP_MUST_CHECK enum setpki_code ca_check_missing(struct ca_check *c, const struct ca_node *root);
/* No two elements of a list under one name, role or language. */
SP_MUST_CHECK enum setpki_code ca_check_labels(struct ca_check *c, const struct ca_node *root);
/* Adds what is inherited, then what has a default. */
SP_MUST_CHECK enum setpki_code ca_complete(struct ca_check *c, struct ca_node *root);
/* The tree into the struct. */
SP_MUST_CHECK enum setpki_code ca_fill(struct ca_check *c, const struct ca_node *root, struct ca_policy *p);
/* What the values mean together. */
SP_MUST_CHECK enum setpki_code ca_check_rules(struct ca_check *c, const struct ca_policy *p);

/* For ca_row.element: a CA of level `tag`; a profile by its role. */
void *ca_fill_ca(struct ca_fill *f, const struct ca_row *row, void *base, const struct ca_node *n);
void *ca_fill_profile(struct ca_fill *f, const struct ca_row *row, void *base, const struct ca_node *n);

extern const char *const ca_role_words[];
extern const char *const ca_field_id_words[];
extern const char *const ca_decider_words[];

#endif
