/* Rules of names and brands, and of what the suite has no place for. */
#include "ca/policy/rules.h"

#include <ctype.h>
#include <string.h>

static enum setpki_code
ca_names_are_unique(struct ca_check *c, const struct ca_policy *p)
{
	for (size_t i = 0; i < p->ncas; i++)
		for (size_t k = 0; k < i; k++)
			if (strcmp(p->cas[i].name, p->cas[k].name) == 0)
				return ca_refuse(c, p->cas[i].node, "name", NULL,
				    "'%s' is already the name of the CA at line %d: every CA of a policy has one of "
				    "its own",
				    p->cas[i].name, p->cas[k].node->line);
	return SETPKI_E_OK;
}

static bool
same(const char *a, const char *b)
{
	return (a == NULL && b == NULL) || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static enum setpki_code
subjects_are_unique(struct ca_check *c, const struct ca_policy *p)
{
	for (size_t i = 0; i < p->ncas; i++)
		for (size_t k = 0; k < i; k++) {
			const struct ca_policy_ca *a = &p->cas[i], *b = &p->cas[k];

			if (same(a->country, b->country) && same(a->organization, b->organization) &&
			    same(a->unit, b->unit) && same(a->id, b->id))
				return ca_refuse(c, a->node, "subject.common-name", "set-protocol 12.12",
				    "'%s' would have the same subject as '%s' (line %d): choose another common-name",
				    a->name, b->name, ca_node_at(b->node, "subject")->key_line);
		}
	return SETPKI_E_OK;
}

/* The part of a BrandID before the colon. */
static size_t
brand_length(const char *brand_id)
{
	return strcspn(brand_id, ":");
}

static bool
same_brand(const char *a, const char *b)
{
	return brand_length(a) == brand_length(b) && memcmp(a, b, brand_length(a)) == 0;
}

static enum setpki_code
brands_differ(struct ca_check *c, const struct ca_policy *p)
{
	for (size_t i = 0; i < p->ncas; i++)
		for (size_t k = 0; k < i; k++)
			if (p->cas[i].level == CA_LEVEL_BRAND && p->cas[k].level == CA_LEVEL_BRAND &&
			    same_brand(p->cas[i].brand_id, p->cas[k].brand_id))
				return ca_refuse(c, p->cas[i].node, "brand-id", "set-protocol 12.14",
				    "'%s' has this brand already: a brand has one CA and one list of CRLs; products go "
				    "below it",
				    p->cas[k].name);
	return SETPKI_E_OK;
}

static enum setpki_code
modern_only(struct ca_check *c, const struct ca_policy *p)
{
	if (p->suite != SETPKI_SUITE_CLASSIC)
		return SETPKI_E_OK;
	if (p->relax_critical)
		return ca_refuse(c, p->document, "relaxed-criticality", "set-protocol 12.19",
		    "suite classic has SET's own criticality: remove the key, or set it to false");
	if (ca_node_get(p->document, "urls") != NULL)
		return ca_refuse(c, p->document, "urls", "set-protocol 12.1",
		    "suite classic has no distribution points: nothing would carry these URLs; remove them");
	return SETPKI_E_OK;
}

ca_policy_rule *const ca_name_rules[] = {ca_names_are_unique, subjects_are_unique, brands_differ, modern_only, NULL};

/* --- one CA ------------------------------------------------------------------------------------------- */

static enum setpki_code
brand_matches(struct ca_check *c, const struct ca_policy *p, const struct ca_policy_ca *ca)
{
	const char *brand = ca->brand >= 0 ? p->cas[ca->brand].brand_id : NULL;

	if (brand == NULL || same_brand(ca->brand_id, brand))
		return SETPKI_E_OK;
	return ca_refuse(c, ca->node, "brand-id", "set-protocol 7, step 8",
	    "'%s' is not of the brand above, '%s': write \"%.*s\" or \"%.*s:PRODUCT\"", ca->brand_id, brand,
	    (int)brand_length(brand), brand, (int)brand_length(brand), brand);
}

/* CA-GENERATION.crl is published beside CA.crl, and messages say "policy.suite" beside "root.keys". */
static enum setpki_code
name_is_free(struct ca_check *c, const struct ca_policy *p, const struct ca_policy_ca *ca)
{
	size_t n = strlen(ca->name), end = n;

	(void)p;
	if (strcmp(ca->name, "policy") == 0)
		return ca_refuse(
		    c, ca->node, "name", NULL, "'policy' stands for the policy itself: choose another name");
	while (end > 0 && isdigit((unsigned char)ca->name[end - 1]))
		end--;
	if (end == n || end == 0 || ca->name[end - 1] != '-')
		return SETPKI_E_OK;
	return ca_refuse(c, ca->node, "name", NULL,
	    "'%s' ends like the file name of a generation (card-2): join the number, or put it elsewhere", ca->name);
}

/* " G" and a number at the end of a CN is the generation's (set-protocol 12.12). */
static enum setpki_code
id_leaves_room(struct ca_check *c, const struct ca_policy *p, const struct ca_policy_ca *ca)
{
	size_t n = strlen(ca->id), end = n;

	(void)p;
	while (end > 0 && isdigit((unsigned char)ca->id[end - 1]))
		end--;
	if (end == n || end < 2 || memcmp(ca->id + end - 2, " G", 2) != 0)
		return SETPKI_E_OK;
	return ca_refuse(c, ca->node, "subject.common-name", "set-protocol 12.12",
	    "'%s' ends like a generation, which is appended to it: leave '%s' out", ca->id, ca->id + end - 1);
}

static enum setpki_code
own_urls(struct ca_check *c, const struct ca_policy *p, const struct ca_policy_ca *ca)
{
	if (p->suite != SETPKI_SUITE_CLASSIC || (ca->crl_url == NULL && ca->aia_url == NULL))
		return SETPKI_E_OK;
	return ca_refuse(c, ca->node, "urls", "set-protocol 12.1",
	    "suite classic has no distribution points: nothing would carry these URLs; remove them");
}

static bool
has_level_below(const struct ca_policy *p, const struct ca_policy_ca *ca, enum ca_level level)
{
	for (size_t i = 0; i < p->ncas; i++)
		if (p->cas[i].level == level && p->cas[i].parent == (int)(ca - p->cas))
			return true;
	return false;
}

static enum setpki_code
brand_has_issuers(struct ca_check *c, const struct ca_policy *p, const struct ca_policy_ca *ca)
{
	if (ca->level != CA_LEVEL_BRAND || has_level_below(p, ca, CA_LEVEL_GEO) ||
	    has_level_below(p, ca, CA_LEVEL_ISSUER))
		return SETPKI_E_OK;
	return ca_refuse(
	    c, ca->node, "issuers", NULL, "a brand with nothing below it: give it 'issuers' or 'geographies'");
}

static enum setpki_code
path_length_holds(struct ca_check *c, const struct ca_policy *p, const struct ca_policy_ca *ca)
{
	static const char *const below[] = {
	    "end entities alone", "issuing CAs", "geographical and issuing CAs", "brand, geographical and issuing CAs"};
	int right = 3 - (int)ca->level;

	if (ca->level == CA_LEVEL_BRAND && !has_level_below(p, ca, CA_LEVEL_GEO))
		right = 1;
	if (ca->pathlen == right)
		return SETPKI_E_OK;
	return ca_refuse(c, ca->node, "path-length", "set-protocol 12.12",
	    "%d %s: below stand %s, which asks for %d; leave the key out", ca->pathlen,
	    ca->pathlen < right ? "cannot hold" : "is too much", below[right], right);
}

ca_ca_rule *const ca_level_rules[] = {
    name_is_free, brand_matches, id_leaves_room, own_urls, brand_has_issuers, path_length_holds, NULL};
