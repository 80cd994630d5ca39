/* What the values of a policy mean together: all rules, in their order. */
#include "ca/policy/rules.h"

#include <string.h>

enum setpki_code
ca_refuse_at(struct ca_check *c, const struct ca_node *n, const char *path)
{
	const struct ca_node *found;
	char parent[128];
	size_t len = strlen(path);

	if (len == 0 || len >= sizeof(parent))
		return ca_value_fail(c->file, n, SETPKI_E_POLICY, c->err);
	if ((found = ca_node_at(n, path)) != NULL)
		return ca_value_fail(c->file, found, SETPKI_E_POLICY, c->err);
	/* a key that is not there: by the mapping that lacks it */
	while (len > 0 && path[len - 1] != '.')
		len--;
	memcpy(parent, path, len);
	parent[len > 0 ? len - 1 : 0] = '\0';
	found = len > 0 ? ca_node_at(n, parent) : n;
	return ca_node_fail_below(c->file, found != NULL ? found : n, path + len, SETPKI_E_POLICY, c->err);
}

static enum setpki_code
run_policy_rules(struct ca_check *c, const struct ca_policy *p, ca_policy_rule *const *rules)
{
	enum setpki_code rc = SETPKI_E_OK;

	for (; rc == SETPKI_E_OK && *rules != NULL; rules++)
		rc = (*rules)(c, p);
	return rc;
}

static enum setpki_code
run_ca_rules(struct ca_check *c, const struct ca_policy *p, ca_ca_rule *const *rules)
{
	enum setpki_code rc = SETPKI_E_OK;

	for (size_t i = 0; i < p->ncas; i++)
		for (ca_ca_rule *const *r = rules; rc == SETPKI_E_OK && *r != NULL; r++)
			rc = (*r)(c, p, &p->cas[i]);
	return rc;
}

static enum setpki_code
run_profile_rules(struct ca_check *c, const struct ca_policy *p, ca_profile_rule *const *rules)
{
	enum setpki_code rc = SETPKI_E_OK;

	for (size_t i = 0; i < p->ncas; i++)
		for (size_t r = 0; r < CA_ROLE_N; r++) {
			const struct ca_profile *profile = &p->cas[i].profiles[r];

			for (size_t k = 0; rc == SETPKI_E_OK && profile->present && rules[k] != NULL; k++)
				rc = rules[k](c, p, &p->cas[i], profile);
		}
	return rc;
}

enum setpki_code
ca_check_rules(struct ca_check *c, const struct ca_policy *p)
{
	enum setpki_code rc = run_policy_rules(c, p, ca_name_rules);

	if (rc == SETPKI_E_OK)
		rc = run_ca_rules(c, p, ca_level_rules);
	if (rc == SETPKI_E_OK)
		rc = run_ca_rules(c, p, ca_key_rules);
	if (rc == SETPKI_E_OK)
		rc = run_profile_rules(c, p, ca_profile_rules);
	if (rc == SETPKI_E_OK)
		rc = run_profile_rules(c, p, ca_desk_rules);
	if (rc == SETPKI_E_OK)
		rc = run_ca_rules(c, p, ca_time_rules);
	if (rc == SETPKI_E_OK)
		rc = run_profile_rules(c, p, ca_profile_time_rules);
	if (rc == SETPKI_E_OK)
		rc = run_policy_rules(c, p, ca_role_rules);
	if (rc == SETPKI_E_OK)
		rc = run_policy_rules(c, p, ca_form_rules);
	return rc;
}
