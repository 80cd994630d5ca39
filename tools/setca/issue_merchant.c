/* MerchantData from the command line and the policy. */
#include "tools/common/fail.h"
#include "tools/setca/issue.h"

/* The only BIN of the policy need not be said. */
static enum setpki_code
choose_bin(struct issue *i)
{
	if (i->a->bin != NULL)
		i->merchant.bin = i->a->bin;
	else if (i->profile->nbins == 1)
		i->merchant.bin = i->profile->bins[0];
	else
		return tc_fail(SETCA_ERR(i->s), SETPKI_E_ARGUMENT, "say which acquirer BIN (--bin): the policy has %zu",
		    i->profile->nbins);
	return SETPKI_E_OK;
}

static enum setpki_code
choose_country(struct issue *i)
{
	if (i->a->country >= 0)
		i->merchant.country = (int)(i->a->country > 1000 ? 1000 : i->a->country); /* refused below */
	else if (i->profile->mer_country != 0)
		i->merchant.country = i->profile->mer_country;
	else
		return tc_fail(SETCA_ERR(i->s), SETPKI_E_ARGUMENT,
		    "say in which country the merchant is (--country, ISO 3166 numeric: 840)");
	return SETPKI_E_OK;
}

enum setpki_code
issue_merchant_data(struct issue *i)
{
	const struct issue_args *a = i->a;
	enum setpki_code rc;

	if (a->name == NULL || a->merchant_id == NULL || a->city == NULL || a->country_name == NULL)
		return tc_fail(SETCA_ERR(i->s), SETPKI_E_ARGUMENT,
		    "a merchant needs --name, --merchant-id, --city and --country-name");
	i->names = (struct sp_mer_names){a->language, a->name, a->city, a->state, a->postal_code, a->country_name};
	i->merchant.mer_id = a->merchant_id;
	i->merchant.names = &i->names;
	i->merchant.nnames = 1;
	i->merchant.auth_flag = i->profile->auth_flag;
	if ((rc = choose_bin(i)) != SETPKI_E_OK || (rc = choose_country(i)) != SETPKI_E_OK)
		return rc;
	i->req.merchant = &i->merchant;
	return SETPKI_E_OK;
}
