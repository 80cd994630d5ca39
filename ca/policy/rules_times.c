/* Rules of lifetimes, usage periods and schedules. */
#include "ca/policy/rules.h"

#include <setpki/text.h>
#include <stdio.h>

/* The value at keys.PURPOSE.KEY. */
static enum setpki_code
refuse_key_at(struct ca_check *c, const struct ca_policy_ca *ca, enum ca_purpose purpose, const char *key)
{
	char path[64];

	snprintf(path, sizeof(path), "keys.%s.%s", ca_purpose_name(purpose), key);
	return ca_refuse_at(c, ca->node, path);
}

#define refuse_key(c, ca, purpose, key, spec, ...)                                                                     \
	(sp_fail((c)->err, SETPKI_E_POLICY, (spec), __VA_ARGS__), refuse_key_at((c), (ca), (purpose), (key)))

static enum setpki_code
usage_fits(struct ca_check *c, const struct ca_policy *p, const struct ca_policy_ca *ca)
{
	(void)p;
	for (int k = 0; k < CA_PURPOSE_N; k++)
		if (ca->keys[k].present && ca->keys[k].usage > ca->keys[k].lifetime)
			return refuse_key(c, ca, (enum ca_purpose)k, "usage", "set-protocol 12.13",
			    "%s is longer than the lifetime of the certificate, %s: a key does not sign beyond it",
			    SPAN(ca->keys[k].usage), SPAN(ca->keys[k].lifetime));
	return SETPKI_E_OK;
}

/* What is signed on the last day of the superior's usage period still ends within the superior's lifetime. */
static enum setpki_code
fits_into_superior(struct ca_check *c, const struct ca_policy *p, const struct ca_policy_ca *ca)
{
	const struct ca_policy_ca *above = ca->parent >= 0 ? &p->cas[ca->parent] : NULL;
	const struct ca_keyspec *key = above != NULL ? &above->keys[CA_PURPOSE_CERTSIGN] : NULL;
	int64_t room = key != NULL ? key->lifetime - key->usage : 0;

	for (int k = 0; key != NULL && k < CA_PURPOSE_N; k++) {
		if (!ca->keys[k].present || ca->keys[k].lifetime <= room)
			continue;
		if (room <= 0)
			return refuse_key(c, above, CA_PURPOSE_CERTSIGN, "usage", "set-protocol 12.13",
			    "%s of a lifetime of %s: nothing is left for what '%s' signs on the last day; shorten "
			    "usage",
			    SPAN(key->usage), SPAN(key->lifetime), above->name);
		return refuse_key(c, ca, (enum ca_purpose)k, "lifetime", "set-protocol 12.13",
		    "%s would outlive '%s', whose key signs for %s of its lifetime of %s (line %d): at most %s here",
		    SPAN(ca->keys[k].lifetime), above->name, SPAN(key->usage), SPAN(key->lifetime),
		    ca_node_at(above->node, "keys.certificate-signing")->key_line, SPAN(room));
	}
	return SETPKI_E_OK;
}

static int64_t
longest_issued(const struct ca_policy_ca *ca)
{
	int64_t longest = 0;

	for (size_t r = 0; r < CA_ROLE_N; r++)
		if (ca->profiles[r].present && ca->profiles[r].lifetime_max > longest)
			longest = ca->profiles[r].lifetime_max;
	return longest;
}

static enum setpki_code
crl_key_lasts(struct ca_check *c, const struct ca_policy *p, const struct ca_policy_ca *ca)
{
	const struct ca_keyspec *key = &ca->keys[CA_PURPOSE_CRLSIGN];
	int64_t needed = ca->keys[CA_PURPOSE_CERTSIGN].usage + longest_issued(ca);

	(void)p;
	if (!key->present || key->lifetime >= needed)
		return SETPKI_E_OK;
	return refuse_key(c, ca, CA_PURPOSE_CRLSIGN, "lifetime", "set-protocol 12.13",
	    "%s is shorter than what it may have to revoke: certificates of %s, signed for %s; at least %s",
	    SPAN(key->lifetime), SPAN(longest_issued(ca)), SPAN(ca->keys[CA_PURPOSE_CERTSIGN].usage), SPAN(needed));
}

static enum setpki_code
crls_overlap(struct ca_check *c, const struct ca_policy *p, const struct ca_policy_ca *ca)
{
	int64_t lifetime =
	    ca->keys[ca->keys[CA_PURPOSE_CRLSIGN].present ? CA_PURPOSE_CRLSIGN : CA_PURPOSE_CERTSIGN].lifetime;

	(void)p;
	if (!ca->crl.keeps)
		return SETPKI_E_OK;
	if (ca->crl.valid <= ca->crl.every)
		return ca_refuse(c, ca->node, "crl.valid", NULL,
		    "%s: a CRL has to be valid for longer than until the next one is made (every %s)",
		    SPAN(ca->crl.valid), SPAN(ca->crl.every));
	if (ca->crl.valid > lifetime)
		return ca_refuse(c, ca->node, "crl.valid", NULL,
		    "%s is longer than the certificate that signs CRLs lives, %s", SPAN(ca->crl.valid), SPAN(lifetime));
	return SETPKI_E_OK;
}

static enum setpki_code
bcis_overlap(struct ca_check *c, const struct ca_policy *p, const struct ca_policy_ca *ca)
{
	(void)p;
	if (ca->level != CA_LEVEL_BRAND || ca->bci_valid > ca->bci_every)
		return SETPKI_E_OK;
	return ca_refuse(c, ca->node, "bci.valid", NULL,
	    "%s: a BCI has to be valid for longer than until the next one is made (every %s)", SPAN(ca->bci_valid),
	    SPAN(ca->bci_every));
}

ca_ca_rule *const ca_time_rules[] = {usage_fits, fits_into_superior, crl_key_lasts, crls_overlap, bcis_overlap, NULL};

/* --- profiles ---------------------------------------------------------------------------------------- */

static enum setpki_code
longest_is_longest(
    struct ca_check *c, const struct ca_policy *p, const struct ca_policy_ca *ca, const struct ca_profile *profile)
{
	(void)p;
	(void)ca;
	if (profile->lifetime_max >= profile->lifetime)
		return SETPKI_E_OK;
	return ca_refuse(c, profile->node, "longest", NULL, "%s is shorter than the usual lifetime, %s",
	    SPAN(profile->lifetime_max), SPAN(profile->lifetime));
}

static enum setpki_code
profile_usage_fits(
    struct ca_check *c, const struct ca_policy *p, const struct ca_policy_ca *ca, const struct ca_profile *profile)
{
	(void)p;
	(void)ca;
	if (profile->usage <= profile->lifetime)
		return SETPKI_E_OK;
	return ca_refuse(c, profile->node, "usage", "set-protocol 12.13",
	    "%s is longer than the lifetime of the certificate, %s: a key does not sign beyond it",
	    SPAN(profile->usage), SPAN(profile->lifetime));
}

static enum setpki_code
fits_into_issuer(
    struct ca_check *c, const struct ca_policy *p, const struct ca_policy_ca *ca, const struct ca_profile *profile)
{
	const struct ca_keyspec *key = &ca->keys[CA_PURPOSE_CERTSIGN];
	int64_t room = key->lifetime - key->usage;
	const struct ca_node *longest = ca_node_get(profile->node, "longest");

	(void)p;
	if (profile->lifetime_max <= room)
		return SETPKI_E_OK;
	if (room <= 0)
		return ca_refuse(c, ca->node, "keys.certificate-signing.usage", "set-protocol 12.13",
		    "%s of a lifetime of %s: nothing is left for what '%s' signs on the last day; shorten usage",
		    SPAN(key->usage), SPAN(key->lifetime), ca->name);
	return ca_refuse(c, profile->node, longest->origin == CA_FROM_FILE ? "longest" : "lifetime",
	    "set-protocol 12.13",
	    "%s would outlive '%s', whose key signs for %s of its lifetime of %s (line %d): at most %s here",
	    SPAN(profile->lifetime_max), ca->name, SPAN(key->usage), SPAN(key->lifetime),
	    ca_node_at(ca->node, "keys.certificate-signing")->key_line, SPAN(room));
}

ca_profile_rule *const ca_profile_time_rules[] = {longest_is_longest, profile_usage_fits, fits_into_issuer, NULL};
