/* SET's messages as OpenSSL templates, and how they are decoded (set-protocol 12.2): the walk of lib/der, the template,
 * re-encoding and comparing, then rows of bounds.  One table of rows a type: bounds and field names in one place. */
#ifndef LIB_ASN1_TYPE_H
#define LIB_ASN1_TYPE_H

#include "lib/base/buf.h"
#include "lib/base/error.h"

#include <openssl/asn1t.h>
#include <setpki/bytes.h>
#include <stddef.h>

/* What a row checks beyond what the template does.  min..max counts octets, characters, bytes of DER, or is the range
 * of the number. */
enum sp_row_kind {
	SP_ROW_OCTETS,	  /* OCTET STRING */
	SP_ROW_TEXT,	  /* VisibleString */
	SP_ROW_DIGITS,	  /* NumericString, digits alone */
	SP_ROW_SETSTRING, /* VisibleString or BMPString; as FieldValue an OCTET STRING too */
	SP_ROW_INT,	  /* INTEGER */
	SP_ROW_ENUM,	  /* ENUMERATED; `names` has a NULL where a number is reserved */
	SP_ROW_TIME,	  /* GeneralizedTime in its DER form (the walk has seen to it) */
	SP_ROW_OID,	  /* any OBJECT IDENTIFIER */
	SP_ROW_BOOLEAN,	  /* a BOOLEAN with a DEFAULT, which the re-encoding keeps from being written */
	SP_ROW_ANY,	  /* whatever stands there, opened by what comes after */
	SP_ROW_DER, /* an element that stays closed: certificate, Name, key, AlgorithmIdentifier, signed content */
	SP_ROW_TYPE /* a type with rows of its own */
};

/* What printing may tell of a value (set-protocol 12.8). */
enum sp_row_told {
	SP_TOLD,       /* as it stands, but for long runs of digits in texts */
	SP_TOLD_PAN,   /* secret: first six and last four digits at most */
	SP_TOLD_LENGTH /* secret: how long it is */
};

struct sp_type;

struct sp_row {
	const char *name; /* as the document spells it */
	size_t offset;
	enum sp_row_kind kind;
	int64_t min, max;
	uint32_t least, most; /* members, of a SEQUENCE OF; 0, 0: it is none */
	const struct sp_type *type;
	const char *const *names;
	enum sp_row_told told;
};

/* `rows` of a CHOICE stand in the order of its arms, one each, and `choice` is set. */
struct sp_type {
	const char *name, *spec;
	const ASN1_ITEM *(*item)(void);
	const struct sp_row *rows;
	size_t nrows;
	bool choice;
	size_t max;    /* bytes of one encoding */
	bool nonempty; /* all parts are OPTIONAL, one must be there */
};

#define SP_ROW(T, field, name, kind, min, max)                                                                         \
	{                                                                                                              \
		(name), offsetof(T, field), (kind), (min), (max), 0, 0, NULL, NULL, SP_TOLD                            \
	}
/* A secret; `told` says what may be printed of it. */
#define SP_ROW_SECRET(T, field, name, kind, min, max, told)                                                            \
	{                                                                                                              \
		(name), offsetof(T, field), (kind), (min), (max), 0, 0, NULL, NULL, (told)                             \
	}
#define SP_ROW_ENUMERATED(T, field, name, names)                                                                       \
	{                                                                                                              \
		(name), offsetof(T, field), SP_ROW_ENUM, 0, sizeof(names) / sizeof((names)[0]) - 1, 0, 0, NULL,        \
		    (names), SP_TOLD                                                                                   \
	}
#define SP_ROW_SUB(T, field, name, type)                                                                               \
	{                                                                                                              \
		(name), offsetof(T, field), SP_ROW_TYPE, 0, 0, 0, 0, (type), NULL, SP_TOLD                             \
	}
#define SP_ROW_MANY(T, field, name, kind, min, max, least, most)                                                       \
	{                                                                                                              \
		(name), offsetof(T, field), (kind), (min), (max), (least), (most), NULL, NULL, SP_TOLD                 \
	}
#define SP_ROW_MANY_SUB(T, field, name, type, least, most)                                                             \
	{                                                                                                              \
		(name), offsetof(T, field), SP_ROW_TYPE, 0, 0, (least), (most), (type), NULL, SP_TOLD                  \
	}
/* struct sp_type NAME for the template T with the rows T_rows. */
#define SP_TYPE(NAME, T, text, spec, choice, max)                                                                      \
	const struct sp_type NAME = {                                                                                  \
	    (text), (spec), T##_it, rows_##T, sizeof(rows_##T) / sizeof(rows_##T[0]), (choice), (max), false}
/* The same, for a type all of whose parts are OPTIONAL and one of which must be there. */
#define SP_TYPE_NONEMPTY(NAME, T, text, spec, max)                                                                     \
	const struct sp_type NAME = {                                                                                  \
	    (text), (spec), T##_it, rows_##T, sizeof(rows_##T) / sizeof(rows_##T[0]), false, (max), true}

/* A new object, all pointers NULL where the template says OPTIONAL; NULL when out of memory. */
void *sp_type_new(const struct sp_type *type);
/* NULL is fine.  Types with secrets cleanse them. */
void sp_type_free(const struct sp_type *type, void *object);
/* All of `der`, strictly; *out is NULL on failure.  PARSE, LIMIT, MEMORY; the record names the field. */
SP_MUST_CHECK enum setpki_code
sp_type_decode(const struct sp_type *type, setpki_bytes der, void **out, struct setpki_error *err);
/* Appends the DER.  The rows are checked on the way out too: what we could not read we do not write (ARGUMENT). */
SP_MUST_CHECK enum setpki_code
sp_type_encode(const struct sp_type *type, const void *object, struct sp_buf *out, struct setpki_error *err);

/* Free callback for templates of types with secrets (ASN1_SEQUENCE_cb, ASN1_CHOICE_cb): cleanses every string. */
int sp_type_cleanse(int op, ASN1_VALUE **value, const ASN1_ITEM *item, void *arg);

/* Fields.  An element that stays closed is an ASN1_STRING holding tag, length and contents (SP_DER in templates). */
#define SP_DER ASN1_SEQUENCE
typedef ASN1_STRING SP_ELEMENT;
/* NumericString; SETString ::= CHOICE { visibleString, bmpString } (under a context tag it is EXPLICIT); FieldValue ::=
 * CHOICE { SETString, OCTET STRING }.  All are ASN1_STRINGs that know their type. */
DECLARE_ASN1_ITEM(SP_NUMERIC_STRING)
DECLARE_ASN1_ITEM(SP_SETSTRING)
DECLARE_ASN1_ITEM(SP_FIELD_VALUE)
setpki_bytes sp_str(const ASN1_STRING *s); /* { NULL, 0 } for NULL */
setpki_bytes sp_obj(const ASN1_OBJECT *o); /* contents octets */
/* Fill a field by copy; false when out of memory. */
bool sp_str_set(ASN1_STRING **field, int type, setpki_bytes s);
bool sp_obj_set(ASN1_OBJECT **field, setpki_bytes contents);
bool sp_int_set(ASN1_INTEGER **field, int64_t v);
bool sp_enum_set(ASN1_ENUMERATED **field, int64_t v);
bool sp_time_set(ASN1_GENERALIZEDTIME **field, int64_t t);
/* 0 when absent; the rows have checked that it fits. */
int64_t sp_int(const ASN1_INTEGER *i);
int64_t sp_time(const ASN1_GENERALIZEDTIME *t);

#endif
