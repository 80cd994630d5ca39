/* Rules of profiles and forms: what belongs to which role, who answers, what nothing uses. */
#include "ca/policy/rules.h"

#include <setpki/text.h>
#include <string.h>

/* What a role needs, and what only it can use. */
static const struct role_key {
	const char *path;
	unsigned needed, allowed; /* bits 1 << role */
	const char *why;
} role_keys[] = {
    {"keys.key-exchange", 0, 1u << CA_ROLE_MERCHANT | 1u << CA_ROLE_GATEWAY,
	"cardholders have signature certificates alone (set-protocol section 5)"},
    {"subject.promotion", 0, 1u << CA_ROLE_CARDHOLDER, "the promotional name is a card's"},
    {"bins", 1u << CA_ROLE_MERCHANT, 1u << CA_ROLE_MERCHANT | 1u << CA_ROLE_GATEWAY | 1u << CA_ROLE_CARDHOLDER,
	"MerchantData names the acquirer by its BIN"},
    {"merchant", 1u << CA_ROLE_MERCHANT, 1u << CA_ROLE_MERCHANT, "it says what MerchantData may say"},
    {"gateway", 1u << CA_ROLE_GATEWAY, 1u << CA_ROLE_GATEWAY, "it says what gateway certificates say"},
};

static enum setpki_code
role_has_its_keys(
    struct ca_check *c, const struct ca_policy *p, const struct ca_policy_ca *ca, const struct ca_profile *profile)
{
	unsigned bit = 1u << profile->role;

	(void)p;
	(void)ca;
	for (size_t i = 0; i < sizeof(role_keys) / sizeof(role_keys[0]); i++) {
		const struct role_key *k = &role_keys[i];
		const struct ca_node *n = ca_node_at(profile->node, k->path);

		if (n == NULL && (k->needed & bit) != 0)
			return ca_refuse(c, profile->node, k->path, NULL, "\'%s\' is missing, which role %s needs: %s",
			    k->path, ca_role_name(profile->role), k->why);
		if (n != NULL && (k->allowed & bit) == 0)
			return ca_refuse(c, profile->node, k->path, NULL, "unused in role %s: %s; remove it",
			    ca_role_name(profile->role), k->why);
	}
	return SETPKI_E_OK;
}

static enum setpki_code
usage_goes_with_signatures(
    struct ca_check *c, const struct ca_policy *p, const struct ca_policy_ca *ca, const struct ca_profile *profile)
{
	bool usage = ca_node_get(profile->node, "usage") != NULL;

	(void)p;
	(void)ca;
	if (profile->signature && !usage)
		return ca_refuse(c, profile->node, "usage", "set-protocol section 5",
		    "'usage' is missing: signature certificates say how long their key signs (privateKeyUsagePeriod)");
	if (!profile->signature && usage)
		return ca_refuse(c, profile->node, "usage", "set-protocol section 5",
		    "unused: key-exchange certificates have no privateKeyUsagePeriod; remove it");
	return SETPKI_E_OK;
}

static enum setpki_code
check_key_list(struct ca_check *c, enum setpki_suite suite, const struct ca_profile *profile, bool exchange)
{
	const struct ca_node *list = ca_node_at(profile->node, exchange ? "keys.key-exchange" : "keys.signature");
	const struct ca_keytype *types = exchange ? profile->exch_keys : profile->sig_keys;
	enum setpki_code rc = SETPKI_E_OK;

	for (const struct ca_node *e = list != NULL ? list->first : NULL; rc == SETPKI_E_OK && e != NULL; e = e->next)
		rc = ca_check_keytype(c, suite, &types[e->index - 1], exchange, e);
	return rc;
}

static enum setpki_code
suite_allows_key_lists(
    struct ca_check *c, const struct ca_policy *p, const struct ca_policy_ca *ca, const struct ca_profile *profile)
{
	enum setpki_code rc = check_key_list(c, p->suite, profile, false);

	(void)ca;
	return rc == SETPKI_E_OK ? check_key_list(c, p->suite, profile, true) : rc;
}

enum setpki_code
ca_refuse_form(
    struct ca_check *c, const struct ca_policy *p, const struct ca_node *n, const char *path, const char *name)
{
	const char *names[CA_LIST_MAX] = {NULL}, *close;

	for (size_t i = 0; i < p->nforms; i++)
		names[i] = p->forms[i].name;
	close = setpki_closest(name, names, CA_LIST_MAX);
	return ca_refuse(c, n, path, NULL, "there is no form '%s'%s%s%s", name,
	    close != NULL ? ": did you mean '" : ": name one of 'forms'", close != NULL ? close : "",
	    close != NULL ? "'?" : "");
}

static enum setpki_code
form_is_there(
    struct ca_check *c, const struct ca_policy *p, const struct ca_policy_ca *ca, const struct ca_profile *profile)
{
	if (profile->form_name == NULL)
		return SETPKI_E_OK;
	if (profile->form == NULL)
		return ca_refuse_form(c, p, profile->node, "form", profile->form_name);
	if (!ca->keys[CA_PURPOSE_SIGN].present)
		return ca_refuse(c, profile->node, "form", NULL,
		    "unused: without message-signature and key-exchange keys '%s' takes no registrations", ca->name);
	return SETPKI_E_OK;
}

ca_profile_rule *const ca_profile_rules[] = {
    role_has_its_keys, usage_goes_with_signatures, suite_allows_key_lists, form_is_there, NULL};

/* --- who answers --------------------------------------------------------------------------------------- */

static enum setpki_code
check_first_contact(struct ca_check *c, const struct ca_policy *p, size_t i, enum ca_role role)
{
	const struct ca_policy_ca *ca = &p->cas[i];
	const struct ca_profile *mine = &ca->profiles[role];

	for (size_t k = 0; k < i; k++) {
		const struct ca_profile *other = &p->cas[k].profiles[role];

		if (p->cas[k].brand != ca->brand || !other->present)
			continue;
		if (mine->first_contact && other->first_contact)
			return ca_refuse(c, mine->node, "first-contact", NULL,
			    "'%s' is this already for the role %s: one CA of a brand can be", p->cas[k].name,
			    ca_role_name(role));
		if (ca_policy_first_contact(p, ca->brand, role) < 0)
			return ca_refuse(c, mine->node, "role", NULL,
			    "'%s' and '%s' both have the role %s: mark one of them 'first-contact: true', which "
			    "answers "
			    "registrations that name no BIN yet",
			    p->cas[k].name, ca->name, ca_role_name(role));
	}
	return SETPKI_E_OK;
}

static enum setpki_code
one_first_contact(struct ca_check *c, const struct ca_policy *p)
{
	enum setpki_code rc = SETPKI_E_OK;

	for (size_t i = 0; i < p->ncas; i++)
		for (int r = 0; rc == SETPKI_E_OK && r < CA_ROLE_N; r++)
			if (p->cas[i].profiles[r].present)
				rc = check_first_contact(c, p, i, (enum ca_role)r);
	return rc;
}

ca_policy_rule *const ca_role_rules[] = {one_first_contact, NULL};

/* --- forms ----------------------------------------------------------------------------------------------- */

static bool
has_form(const struct ca_profile *profile, const struct ca_form *form)
{
	for (size_t i = 0; i < profile->desk.nroutes; i++)
		if (profile->desk.routes[i].form == form)
			return true;
	return profile->form == form;
}

static bool
is_used(const struct ca_policy *p, const struct ca_form *form)
{
	for (size_t i = 0; i < p->ncas; i++)
		for (size_t r = 0; r < CA_ROLE_N; r++)
			if (has_form(&p->cas[i].profiles[r], form))
				return true;
	return false;
}

static enum setpki_code
forms_are_used(struct ca_check *c, const struct ca_policy *p)
{
	for (size_t i = 0; i < p->nforms; i++)
		if (!is_used(p, &p->forms[i]))
			return ca_refuse(c, p->forms[i].node, "name", NULL,
			    "unused: no profile or route has 'form: %s'; name it there, or remove the form",
			    p->forms[i].name);
	return SETPKI_E_OK;
}

/* Every label in every language of the form; hints in no other. */
static enum setpki_code
check_languages(struct ca_check *c, const struct ca_form *form, const struct ca_form_field *f, const struct ca_node *n)
{
	for (size_t k = 0; k < form->nterms; k++)
		if (ca_form_text_in(f->labels, f->nlabels, form->terms[k].language) == NULL)
			return ca_refuse(c, n, "labels", NULL, "no label in language '%s', which the form's terms have",
			    form->terms[k].language);
	for (size_t k = 0; k < f->nlabels; k++)
		if (ca_form_text_in(form->terms, form->nterms, f->labels[k].language) == NULL)
			return ca_refuse(c, ca_node_at(ca_node_get(n, "labels"), f->labels[k].language), "language",
			    NULL, "unused: the form has no terms in language '%s'", f->labels[k].language);
	for (size_t k = 0; k < f->nhints; k++)
		if (ca_form_text_in(form->terms, form->nterms, f->hints[k].language) == NULL)
			return ca_refuse(c, ca_node_at(ca_node_get(n, "hints"), f->hints[k].language), "language", NULL,
			    "unused: the form has no terms in language '%s'", f->hints[k].language);
	return SETPKI_E_OK;
}

/* Answers come under the label of their field, and under nothing else. */
static enum setpki_code
check_label_is_new(struct ca_check *c, const struct ca_form *form, size_t k, const struct ca_node *n)
{
	const struct ca_form_field *f = &form->fields[k], *other;
	const char *text;

	for (size_t i = 0; i < f->nlabels; i++)
		for (other = form->fields; other < f; other++) {
			text = ca_form_text_in(other->labels, other->nlabels, f->labels[i].language);
			if (text != NULL && strcmp(text, f->labels[i].text) == 0)
				return ca_refuse(c, ca_node_at(ca_node_get(n, "labels"), f->labels[i].language), "text",
				    NULL, "the label of field '%s' already: answers are told apart by it", other->name);
		}
	return SETPKI_E_OK;
}

static enum setpki_code
check_form_languages(struct ca_check *c, const struct ca_form *form)
{
	const struct ca_node *fields = ca_node_get(form->node, "fields");
	enum setpki_code rc = SETPKI_E_OK;

	for (size_t k = 0; rc == SETPKI_E_OK && k < form->nfields; k++) {
		const struct ca_node *n = ca_node_at(fields, form->fields[k].name);

		if ((rc = check_languages(c, form, &form->fields[k], n)) == SETPKI_E_OK)
			rc = check_label_is_new(c, form, k, n);
	}
	if (rc == SETPKI_E_OK && form->account.present)
		rc = check_languages(c, form, &form->account, ca_node_get(form->node, "account"));
	return rc;
}

static enum setpki_code
forms_speak_their_languages(struct ca_check *c, const struct ca_policy *p)
{
	enum setpki_code rc = SETPKI_E_OK;

	for (size_t i = 0; rc == SETPKI_E_OK && i < p->nforms; i++)
		rc = check_form_languages(c, &p->forms[i]);
	return rc;
}

ca_policy_rule *const ca_form_rules[] = {forms_are_used, forms_speak_their_languages, NULL};
