/* Registration forms. */
#include "ca/policy/schema.h"
#include "lib/base/limits.h"

#define FORM(member) offsetof(struct ca_form, member)
#define FIELD(member) offsetof(struct ca_form_field, member)
#define TEXT(member) offsetof(struct ca_form_text, member)
#define ROWS(array) array, sizeof(array) / sizeof((array)[0])

/* arcs of 2.23.42.2, in their order (set-protocol section 1) */
const char *const ca_field_id_words[] = {"full-name", "given-name", "family-name", "birth-family-name", "place-name",
    "identification-number", "month", "date", "address", "telephone", "amount", "account-number", "pass-phrase", NULL};

#define LANGUAGE                                                                                                       \
	{                                                                                                              \
		"language", CA_V_LANGUAGE, .required = true, .max = SP_UB_LANGUAGE, .at = TEXT(language),              \
					   .effect = CA_EFFECT_FORM, .help = "RFC 1766 tag: en, de, pt-BR."            \
	}
#define IN_LANGUAGE(longest)                                                                                           \
	{                                                                                                              \
		"text", CA_V_TEXT, .required = true, .min = 1, .max = (longest), .at = TEXT(text),                     \
				   .effect = CA_EFFECT_FORM, .help = "The words."                                      \
	}
static const struct ca_row terms_rows[] = {LANGUAGE, IN_LANGUAGE(SP_UB_POLICY_TEXT)};
static const struct ca_table terms_table = {
    "terms", "The policy text in one language.", "language", CA_NOWHERE, ROWS(terms_rows)};

static const struct ca_row label_rows[] = {LANGUAGE, IN_LANGUAGE(SP_UB_FIELD_NAME)};
static const struct ca_table label_table = {
    "label", "The name of a field in one language.", "language", CA_NOWHERE, ROWS(label_rows)};

static const struct ca_row hint_rows[] = {LANGUAGE, IN_LANGUAGE(SP_UB_FIELD_DESC)};
static const struct ca_table hint_table = {
    "hint", "What to fill in, in one language.", "language", CA_NOWHERE, ROWS(hint_rows)};

/* The rows of every RegField. */
#define FIELD_ID                                                                                                       \
	{                                                                                                              \
		"field-id", CA_V_WORD, .words = ca_field_id_words, .at = FIELD(id), .effect = CA_EFFECT_FORM,          \
				       .help = "SET's field id (2.23.42.2.n), by which a wallet can fill the field "   \
					       "in by itself."                                                         \
	}
#define FIELD_LABELS                                                                                                   \
	{                                                                                                              \
		"labels", CA_V_MAPS, .sub = &label_table, .required = true, .min = 1, .max = CA_LIST_MAX,              \
				     .size = sizeof(struct ca_form_text), .at = FIELD(labels),                         \
				     .count_at = FIELD(nlabels), .effect = CA_EFFECT_FORM,                             \
				     .help = "Its name in every language of the form."                                 \
	}
#define FIELD_HINTS                                                                                                    \
	{                                                                                                              \
		"hints", CA_V_MAPS, .sub = &hint_table, .min = 1, .max = CA_LIST_MAX,                                  \
				    .size = sizeof(struct ca_form_text), .at = FIELD(hints),                           \
				    .count_at = FIELD(nhints), .effect = CA_EFFECT_FORM,                               \
				    .help = "A longer description, in any of the form's languages."                    \
	}
#define FIELD_FLAGS                                                                                                    \
	{"required", CA_V_BOOL, .dflt = "false", .at = FIELD(required), .effect = CA_EFFECT_FORM,                      \
	    .help = "Whether it has to be filled in."},                                                                \
	{                                                                                                              \
		"invisible", CA_V_BOOL, .dflt = "false", .at = FIELD(invisible), .effect = CA_EFFECT_FORM,             \
					.help = "Whether it is typed unseen, as a pass phrase is."                     \
	}
#define FIELD_LENGTH(dflt_, longest)                                                                                   \
	{                                                                                                              \
		"length", CA_V_NUMBER, .dflt = (dflt_), .min = 1, .max = (longest), .at = FIELD(length),               \
				       .effect = CA_EFFECT_FORM, .help = "The most characters it takes."               \
	}
#define FIELD_PATTERN                                                                                                  \
	{                                                                                                              \
		"pattern", CA_V_PATTERN,                                                                               \
		    .min = 1, .max = SP_POLICY_PATTERN_MAX, .at = FIELD(pattern), .effect = CA_EFFECT_FORM,            \
		    .help =                                                                                            \
			"POSIX extended regular expression, without references back, that the whole answer has to "    \
			"match; left out: any text."                                                                   \
	}

static const struct ca_row field_rows[] = {
    {"name", CA_V_NAME, .required = true, .at = FIELD(name), .effect = CA_EFFECT_FORM,
	.help = "What answers are filed under; unique in the form."},
    FIELD_ID, FIELD_LABELS, FIELD_HINTS, FIELD_FLAGS, FIELD_LENGTH("128", SP_UB_FIELD_VALUE), FIELD_PATTERN};
static const struct ca_table field_table = {
    "field", "One question of a form.", "name", FIELD(present), ROWS(field_rows)};

/* AcctIdentification is filled up with blanks to SP_ACCT_ID_LEN. */
static const struct ca_row account_rows[] = {
    FIELD_LABELS, FIELD_ID, FIELD_HINTS, FIELD_FLAGS, FIELD_LENGTH("74", SP_ACCT_ID_LEN), FIELD_PATTERN};
static const struct ca_table account_table = {"account",
    "The account that a merchant or gateway is asked for beside the form; it travels encrypted as card numbers do "
    "(set-protocol section 3, acctDataField and AcctData).",
    NULL, FIELD(present), ROWS(account_rows)};

static void
no_field_id(void *element, const struct ca_node *n)
{
	(void)n;
	((struct ca_form_field *)element)->id = -1;
}

static void *
account_of(struct ca_fill *f, const struct ca_row *row, void *base, const struct ca_node *n)
{
	struct ca_form *form = base;

	(void)f;
	(void)row;
	no_field_id(&form->account, n);
	return &form->account;
}

static const struct ca_row form_rows[] = {
    {"name", CA_V_NAME, .required = true, .at = FORM(name), .effect = CA_EFFECT_FORM,
	.help = "What profiles call it; unique among the forms."},
    {"brand-logo", CA_V_URL, .max = SP_UB_URL, .at = FORM(brand_logo), .effect = CA_EFFECT_FORM,
	.help = "Picture of the brand."},
    {"card-logo", CA_V_URL, .max = SP_UB_URL, .at = FORM(card_logo), .effect = CA_EFFECT_FORM,
	.help = "Picture of the card."},
    {"terms", CA_V_MAPS, .sub = &terms_table, .required = true, .min = 1, .max = CA_LIST_MAX,
	.size = sizeof(struct ca_form_text), .at = FORM(terms), .count_at = FORM(nterms), .effect = CA_EFFECT_FORM,
	.help = "The policy text to be agreed to; its languages are those of the form, the first is the default."},
    {"fields", CA_V_MAPS, .sub = &field_table, .min = 1, .max = SP_UB_FORM_FIELDS, .size = sizeof(struct ca_form_field),
	.at = FORM(fields), .count_at = FORM(nfields), .init = no_field_id, .effect = CA_EFFECT_FORM,
	.help = "The questions; left out: the terms alone are shown."},
    {"account", CA_V_MAP, .sub = &account_table, .min = 1, .element = account_of, .at = CA_NOWHERE,
	.effect = CA_EFFECT_FORM,
	.help = "Merchants and gateways only: the account that is asked for with the form; left out: none is."},
};
const struct ca_table ca_table_form = {
    "form", "A registration form (set-protocol section 3, RegTemplate).", "name", CA_NOWHERE, ROWS(form_rows)};
