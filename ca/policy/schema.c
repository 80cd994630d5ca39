/* The table of a whole policy, and what all tables have in common. */
#include "ca/policy/schema.h"

#include <string.h>

#define POLICY(member) offsetof(struct ca_policy, member)
#define ROWS(array) array, sizeof(array) / sizeof((array)[0])

/* enum setpki_suite */
static const char *const suite_words[] = {"", "classic", "modern", NULL};

static void
form_node(void *element, const struct ca_node *n)
{
	((struct ca_form *)element)->node = n;
}

static const struct ca_row policy_rows[] = {
    {"policy", CA_V_NAME, .required = true, .at = POLICY(name), .effect = CA_EFFECT_NONE,
	.help = "Its name, for people."},
    {"suite", CA_V_WORD, .dflt = "modern", .words = suite_words, .at = POLICY(suite), .effect = CA_EFFECT_HOME,
	.help = "modern, or classic: SHA-1, DES and short RSA keys as SET 1.0 had them, too weak for use today."},
    {"test", CA_V_BOOL, .dflt = "false", .at = POLICY(test), .effect = CA_EFFECT_KEY,
	.help = "true: for trying out; only then may keys be unprotected."},
    {"relaxed-criticality", CA_V_BOOL, .dflt = "false", .at = POLICY(relax_critical), .effect = CA_EFFECT_ISSUED,
	.help = "true: certificateType and hashedRootKey are not critical, so that stock validators accept the chain "
		"(modern only, set-protocol 12.19); this library enforces them all the same."},
    {"urls", CA_V_MAP, .sub = &ca_table_urls, .min = 1, .at = CA_NOWHERE, .above = true, .effect = CA_EFFECT_ISSUED,
	.help = "Where relying parties fetch CRLs and CA certificates; inherited by every CA that has none of its "
		"own."},
    {"statement", CA_V_MAP, .sub = &ca_table_statement, .min = 1, .at = CA_NOWHERE, .above = true,
	.effect = CA_EFFECT_ISSUED, .help = "What certificates say about their policy; inherited likewise."},
    {"root", CA_V_MAP, .sub = &ca_table_root, .required = true, .at = CA_NOWHERE, .element = ca_fill_ca,
	.tag = CA_LEVEL_ROOT, .effect = CA_EFFECT_NAME, .help = "The hierarchy, from the top."},
    {"forms", CA_V_MAPS, .sub = &ca_table_form, .min = 1, .max = CA_LIST_MAX, .size = sizeof(struct ca_form),
	.at = POLICY(forms), .count_at = POLICY(nforms), .init = form_node, .effect = CA_EFFECT_FORM,
	.help = "Registration forms."},
};
const struct ca_table ca_table_policy = {"policy", "The file as a whole.", NULL, CA_NOWHERE, ROWS(policy_rows)};

const struct ca_row *
ca_row_find(const struct ca_table *t, const char *key)
{
	for (size_t i = 0; i < t->n; i++)
		if (strcmp(t->rows[i].key, key) == 0)
			return &t->rows[i];
	return NULL;
}

struct seen {
	const struct ca_table *v[CA_TABLES_MAX];
	size_t n;
};

static void
collect(const struct ca_table *t, struct seen *seen)
{
	for (size_t i = 0; i < seen->n; i++)
		if (seen->v[i] == t)
			return;
	if (seen->n == CA_TABLES_MAX)
		return;
	seen->v[seen->n++] = t;
	for (size_t i = 0; i < t->n; i++)
		if (t->rows[i].sub != NULL)
			collect(t->rows[i].sub, seen);
}

void
ca_table_each(const struct ca_table *t, void (*fn)(void *arg, const struct ca_table *t), void *arg)
{
	struct seen seen = {.n = 0};

	collect(t, &seen);
	for (size_t i = 0; i < seen.n; i++)
		fn(arg, seen.v[i]);
}
