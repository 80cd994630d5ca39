/* Rules of registration desks: who can decide what, where those go who come with a BIN, who has an account. */
#include "ca/policy/rules.h"

static const struct ca_node *
desk_node(const struct ca_profile *profile)
{
	return ca_node_get(profile->node, "desk");
}

static bool
asks(const struct ca_desk *desk, enum ca_decider who)
{
	for (size_t i = 0; i < desk->ndecide; i++)
		if (desk->decide[i] == who)
			return true;
	return false;
}

static enum setpki_code
desk_has_a_form(
    struct ca_check *c, const struct ca_policy *p, const struct ca_policy_ca *ca, const struct ca_profile *profile)
{
	(void)p;
	(void)ca;
	if (!profile->desk.present || profile->form != NULL)
		return SETPKI_E_OK;
	return ca_refuse(c, profile->node, "desk", NULL,
	    "unused: without 'form' nobody registers here; name the form of those whom no route names, or remove the "
	    "desk");
}

static enum setpki_code
program_is_asked(
    struct ca_check *c, const struct ca_policy *p, const struct ca_policy_ca *ca, const struct ca_profile *profile)
{
	const struct ca_desk *desk = &profile->desk;
	bool asked = asks(desk, CA_DECIDE_PROGRAM);

	(void)p;
	(void)ca;
	if (asked && !desk->program.present)
		return ca_refuse(c, desk_node(profile), "program", NULL,
		    "'program' is missing, which 'decide' names: give it the path of one");
	if (!asked && desk->program.present)
		return ca_refuse(
		    c, desk_node(profile), "program", NULL, "unused: 'decide' does not name it; remove it");
	if (desk->program.pan && profile->role != CA_ROLE_CARDHOLDER)
		return ca_refuse(c, desk_node(profile), "program.pan", NULL,
		    "unused in role %s: card numbers come with cardholders alone; remove it",
		    ca_role_name(profile->role));
	return SETPKI_E_OK;
}

/* Persons always decide in the end; whoever stands behind them is never asked. */
static enum setpki_code
manual_stands_last(
    struct ca_check *c, const struct ca_policy *p, const struct ca_policy_ca *ca, const struct ca_profile *profile)
{
	const struct ca_desk *desk = &profile->desk;

	(void)p;
	(void)ca;
	for (size_t i = 0; i + 1 < desk->ndecide; i++)
		if (desk->decide[i] == CA_DECIDE_MANUAL)
			return ca_refuse(c, desk_node(profile), "decide", NULL,
			    "'%s' is never asked: 'manual' before it leaves nothing open; put 'manual' last",
			    ca_decider_name(desk->decide[i + 1]));
	if (desk->approvals > 1 && !asks(desk, CA_DECIDE_MANUAL))
		return ca_refuse(
		    c, desk_node(profile), "approvals", NULL, "unused: 'decide' never comes to 'manual'; remove it");
	return SETPKI_E_OK;
}

/* --- routes --------------------------------------------------------------------------------------------- */

static const struct ca_node *
route_node(const struct ca_profile *profile, size_t i)
{
	return ca_node_at(ca_node_get(desk_node(profile), "routes"), profile->desk.routes[i].name);
}

static enum setpki_code
check_target(struct ca_check *c, const struct ca_policy *p, const struct ca_desk_route *route, const struct ca_node *n)
{
	bool form = route->form_name != NULL;

	if (form && route->referral.present)
		return ca_refuse(c, n, "referral", NULL, "'form' stands there already: a route has one of the two");
	if (!form && !route->referral.present)
		return ca_refuse(c, n, "form", NULL, "'form' or 'referral' is missing: say what happens to these BINs");
	if (form && route->form == NULL)
		return ca_refuse_form(c, p, n, "form", route->form_name);
	return SETPKI_E_OK;
}

static enum setpki_code
routes_lead_somewhere(
    struct ca_check *c, const struct ca_policy *p, const struct ca_policy_ca *ca, const struct ca_profile *profile)
{
	enum setpki_code rc = SETPKI_E_OK;

	(void)ca;
	for (size_t i = 0; rc == SETPKI_E_OK && i < profile->desk.nroutes; i++)
		rc = check_target(c, p, &profile->desk.routes[i], route_node(profile, i));
	return rc;
}

static enum setpki_code
check_route_bin(struct ca_check *c, const struct ca_profile *profile, size_t i, const struct ca_node *bin)
{
	const struct ca_desk_route *first = ca_desk_route(&profile->desk, bin->text), *route = &profile->desk.routes[i];

	if (first != route)
		return ca_refuse(c, bin, "", NULL, "route '%s' has this BIN already: a BIN has one route", first->name);
	if (route->form_name != NULL && !ca_profile_takes_bin(profile, bin->text))
		return ca_refuse(c, bin, "", NULL,
		    "not one of the 'bins' of the profile: add it there, or refer those who come with it elsewhere");
	return SETPKI_E_OK;
}

static enum setpki_code
bins_have_one_route(
    struct ca_check *c, const struct ca_policy *p, const struct ca_policy_ca *ca, const struct ca_profile *profile)
{
	enum setpki_code rc = SETPKI_E_OK;

	(void)p;
	(void)ca;
	for (size_t i = 0; i < profile->desk.nroutes; i++) {
		const struct ca_node *bins = ca_node_get(route_node(profile, i), "bins");

		for (const struct ca_node *b = bins->first; rc == SETPKI_E_OK && b != NULL; b = b->next)
			rc = check_route_bin(c, profile, i, b);
	}
	return rc;
}

/* --- the account ---------------------------------------------------------------------------------------- */

static enum setpki_code
check_asks_no_account(struct ca_check *c, const struct ca_form *form, const struct ca_node *n)
{
	if (form == NULL || !form->account.present)
		return SETPKI_E_OK;
	return ca_refuse(c, n, "form", "set-protocol 3",
	    "'%s' asks for an account: cardholders have a card number in its place; name a form without 'account'",
	    form->name);
}

static enum setpki_code
accounts_are_of_businesses(
    struct ca_check *c, const struct ca_policy *p, const struct ca_policy_ca *ca, const struct ca_profile *profile)
{
	enum setpki_code rc;

	(void)p;
	(void)ca;
	if (profile->role != CA_ROLE_CARDHOLDER)
		return SETPKI_E_OK;
	rc = check_asks_no_account(c, profile->form, profile->node);
	for (size_t i = 0; rc == SETPKI_E_OK && i < profile->desk.nroutes; i++)
		rc = check_asks_no_account(c, profile->desk.routes[i].form, route_node(profile, i));
	return rc;
}

ca_profile_rule *const ca_desk_rules[] = {desk_has_a_form, program_is_asked, manual_stands_last, routes_lead_somewhere,
    bins_have_one_route, accounts_are_of_businesses, NULL};
