/* Registration forms: what a CA asks of those who register (SET Book 2, RegTemplate; set-protocol section 3). */
#ifndef CA_POLICY_FORM_H
#define CA_POLICY_FORM_H

#include "ca/policy/policy.h"

/* One text in one language (RFC 1766 tag). */
struct ca_form_text {
	char *language, *text;
};

struct ca_form_field {
	bool present;			     /* of an account: it is asked for */
	char *name;			     /* unique in its form: what answers are filed under; NULL: an account */
	int id;				     /* SET's field id: the last arc of 2.23.42.2.n; -1: none */
	struct ca_form_text *labels, *hints; /* FieldName and FieldDesc; a label in each language of the form */
	size_t nlabels, nhints;
	bool required, invisible; /* invisible: typed without echo */
	int length;		  /* longest answer, characters */
	char *pattern;		  /* POSIX extended regular expression for the whole answer; NULL: any */
};

struct ca_form {
	char *name;
	char *brand_logo, *card_logo; /* URLs; NULL */
	struct ca_form_text *terms;   /* PolicyText; its languages are those of the form, the first is the default */
	size_t nterms;
	struct ca_form_field *fields;
	size_t nfields;
	struct ca_form_field account; /* acctDataField: what a merchant or gateway is asked for beside the form */
	const struct ca_node *node;   /* for ca/policy alone */
};

/* The text in that language, or NULL. */
const char *ca_form_text_in(const struct ca_form_text *texts, size_t n, const char *language);
/* Why a text is no pattern that a field can have, in `room` or static; NULL: it is one. */
#define CA_PATTERN_FAULT 160
const char *ca_pattern_fault(const char *pattern, char room[CA_PATTERN_FAULT]);
/* Whether the whole of a text, which is UTF-8, is what the pattern describes.  Beside characters that are not ASCII the
 * digits of a card number that are not shown count as zeros. */
bool ca_pattern_matches(const char *pattern, const char *text);
/* "full-name" for 0 ...; NULL outside 0..12. */
const char *ca_form_field_id_name(int id);

#endif
