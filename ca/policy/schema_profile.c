/* What an issuing CA certifies in one role. */
#include "ca/policy/schema.h"

#define PROFILE(member) offsetof(struct ca_profile, member)
#define ROWS(array) array, sizeof(array) / sizeof((array)[0])
#define DAY INT64_C(86400)
#define YEAR (365 * DAY)

const char *const ca_role_words[] = {"cardholder", "merchant", "gateway", NULL};

static const struct ca_row keys_rows[] = {
    {"signature", CA_V_LIST, .of = CA_V_KEYTYPE, .min = 1, .max = CA_PROFILE_KEYS_MAX, .at = PROFILE(sig_keys),
	.count_at = PROFILE(nsig_keys), .effect = CA_EFFECT_EE,
	.help = "Key types that a signature certificate may have; keys made on the spot are of the first."},
    {"key-exchange", CA_V_LIST, .of = CA_V_KEYTYPE, .min = 1, .max = CA_PROFILE_KEYS_MAX, .at = PROFILE(exch_keys),
	.count_at = PROFILE(nexch_keys), .effect = CA_EFFECT_EE,
	.help = "The same for key-exchange certificates; not for cardholders, who have none."},
};
static const struct ca_table keys_table = {"profile keys",
    "Which certificates are issued in the role, and for which keys: a kind that is not listed is not issued.", NULL,
    CA_NOWHERE, ROWS(keys_rows)};

static const struct ca_row subject_rows[] = {
    {"country", CA_V_COUNTRY, .required = true, .at = PROFILE(country), .effect = CA_EFFECT_EE,
	.help = "C: country of the issuer (cardholders) or acquirer."},
    {"unit", CA_V_TEXT, .required = true, .min = 1, .max = 64, .at = PROFILE(unit), .effect = CA_EFFECT_EE,
	.help = "OU: the issuing or acquiring institution."},
    {"promotion", CA_V_TEXT, .min = 1, .max = 64, .at = PROFILE(unit2), .effect = CA_EFFECT_EE,
	.help = "Second OU, cardholders only: promotional name of the card."},
};
static const struct ca_table subject_table = {"profile subject",
    "What the policy fixes of the subject; O is the brand-id, CN comes with the request.", NULL, CA_NOWHERE,
    ROWS(subject_rows)};

static const struct ca_row merchant_rows[] = {
    {"country", CA_V_NUMBER, .min = 1, .max = 999, .at = PROFILE(mer_country), .effect = CA_EFFECT_EE,
	.help = "The only country (ISO 3166 numeric) that MerchantData may name; left out: any."},
    {"authorization", CA_V_BOOL, .dflt = "true", .at = PROFILE(auth_flag), .effect = CA_EFFECT_EE,
	.help = "merAuthFlag of MerchantData: whether merchants may ask for authorizations; a merchant's own record "
		"may "
		"say that it may not."},
};
static const struct ca_table merchant_table = {
    "merchant", "What MerchantData may say (role merchant).", NULL, CA_NOWHERE, ROWS(merchant_rows)};

static const struct ca_row gateway_rows[] = {
    {"cardholder-certificate-required", CA_V_BOOL, .required = true, .at = PROFILE(card_cert_required),
	.effect = CA_EFFECT_EE,
	.help = "cardCertRequired: whether the gateway takes only cardholders with certificates."},
};
static const struct ca_table gateway_table = {
    "gateway", "What gateway certificates say (role gateway).", NULL, CA_NOWHERE, ROWS(gateway_rows)};

/* without a word about it, nobody can ask for more than the usual lifetime */
static const char *
usual_lifetime(const struct ca_node *map)
{
	const struct ca_node *n = ca_node_get(map, "lifetime");

	return n != NULL ? n->text : NULL;
}

/* where people register somebody decides */
static const char *
desk_of_form(const struct ca_node *map)
{
	return ca_node_get(map, "form") != NULL ? "" : NULL;
}

static const struct ca_row profile_rows[] = {
    {"role", CA_V_WORD, .required = true, .words = ca_role_words, .at = PROFILE(role), .effect = CA_EFFECT_EE,
	.help = "Whom it certifies."},
    {"first-contact", CA_V_BOOL, .dflt = "false", .at = PROFILE(first_contact), .effect = CA_EFFECT_FORM,
	.help = "true: this CA answers registrations of its brand and role that name no BIN yet.  Needed only where "
		"several CAs of a brand have the role."},
    {"keys", CA_V_MAP, .sub = &keys_table, .min = 1, .required = true, .at = CA_NOWHERE, .effect = CA_EFFECT_EE,
	.help = "Kinds of certificate and types of key."},
    {"lifetime", CA_V_SPAN, .required = true, .min = DAY, .max = 20 * YEAR, .at = PROFILE(lifetime),
	.effect = CA_EFFECT_EE, .help = "Validity of a certificate when the request does not say."},
    {"longest", CA_V_SPAN, .min = DAY, .max = 20 * YEAR, .derive = usual_lifetime, .dflt_note = "lifetime",
	.at = PROFILE(lifetime_max), .effect = CA_EFFECT_EE,
	.help = "The longest validity that a request may ask for."},
    {"usage", CA_V_SPAN, .min = DAY, .max = 20 * YEAR, .at = PROFILE(usage), .effect = CA_EFFECT_EE,
	.help = "privateKeyUsagePeriod of signature certificates; required with them."},
    {"subject", CA_V_MAP, .sub = &subject_table, .required = true, .at = CA_NOWHERE, .effect = CA_EFFECT_EE,
	.help = "The fixed parts of the name."},
    {"bins", CA_V_LIST, .of = CA_V_BIN, .min = 1, .max = CA_PROFILE_BINS_MAX, .at = PROFILE(bins),
	.count_at = PROFILE(nbins), .effect = CA_EFFECT_EE,
	.help = "BINs that it serves: the acquirer's for merchants (required, MerchantData names one) and gateways, "
		"the "
		"first six digits of the PAN for cardholders; left out: any."},
    {"merchant", CA_V_MAP, .sub = &merchant_table, .at = CA_NOWHERE, .effect = CA_EFFECT_EE,
	.help = "Required for role merchant, and only there."},
    {"gateway", CA_V_MAP, .sub = &gateway_table, .at = CA_NOWHERE, .effect = CA_EFFECT_EE,
	.help = "Required for role gateway, and only there."},
    {"form", CA_V_NAME, .at = PROFILE(form_name), .effect = CA_EFFECT_FORM,
	.help = "The registration form (one of forms) that those who register fill in."},
    {"desk", CA_V_MAP, .sub = &ca_table_desk, .min = 1, .derive = desk_of_form,
	.dflt_note = "with a form, one with all its defaults", .at = PROFILE(desk), .effect = CA_EFFECT_DESK,
	.help = "Who decides registrations, and who is asked what."},
};
const struct ca_table ca_table_profile = {
    "profile", "What an issuing CA certifies in one role.", "role", PROFILE(present), ROWS(profile_rows)};
