/* The mappings of CAs: root, brands, geographies, issuers, and what they share. */
#include "ca/policy/schema.h"
#include "lib/base/limits.h"

#define CA(member) offsetof(struct ca_policy_ca, member)
#define KEY(member) offsetof(struct ca_keyspec, member)
#define CRL(member) offsetof(struct ca_crl_schedule, member)
#define ROWS(array) array, sizeof(array) / sizeof((array)[0])

#define MINUTE INT64_C(60)
#define DAY INT64_C(86400)
#define YEAR (365 * DAY)

/* --- what all CAs share ------------------------------------------------------------------------ */

static const struct ca_row urls_rows[] = {
    {"crl", CA_V_BASE_URL, .max = SP_UB_URL, .at = CA(crl_url), .effect = CA_EFFECT_ISSUED,
	.help = "Folder of the CRLs: each certificate names CA-GENERATION.crl there as its distribution point."},
    {"certificates", CA_V_BASE_URL, .max = SP_UB_URL, .at = CA(aia_url), .effect = CA_EFFECT_ISSUED,
	.help = "Folder of the CA certificates: each certificate names its issuer's CA-GENERATION.cer there."},
};
const struct ca_table ca_table_urls = {
    "urls", "Where relying parties fetch things (modern only).", NULL, CA_NOWHERE, ROWS(urls_rows)};

static const struct ca_row statement_rows[] = {
    {"text", CA_V_TEXT, .min = 1, .max = SP_UB_TERSE_STATEMENT, .at = CA(statement), .effect = CA_EFFECT_ISSUED,
	.help = "Terse statement that a program can show."},
    {"url", CA_V_URL, .max = SP_UB_URL, .at = CA(policy_url), .effect = CA_EFFECT_ISSUED,
	.help = "Where the whole certification practice statement can be read."},
    {"email", CA_V_EMAIL, .max = SP_UB_URL, .at = CA(policy_email), .effect = CA_EFFECT_ISSUED,
	.help = "Whom to ask about it."},
};
const struct ca_table ca_table_statement = {"statement",
    "The SET qualifier in the certificatePolicies extension (set-protocol section 5).", NULL, CA_NOWHERE,
    ROWS(statement_rows)};

static const struct ca_row crl_rows[] = {
    {"every", CA_V_SPAN, .required = true, .min = MINUTE, .max = 2 * YEAR, .at = CRL(every), .effect = CA_EFFECT_CRL,
	.help = "A new CRL is made this long after the one before."},
    {"valid", CA_V_SPAN, .required = true, .min = MINUTE, .max = 2 * YEAR, .at = CRL(valid), .effect = CA_EFFECT_CRL,
	.help = "nextUpdate stands this long after thisUpdate; longer than every, so that a delay does no harm."},
};
static const struct ca_table crl_table = {"crl", "The schedule of a CA's CRLs.", NULL, CRL(keeps), ROWS(crl_rows)};

static const struct ca_row bci_rows[] = {
    {"every", CA_V_SPAN, .required = true, .min = MINUTE, .max = YEAR, .at = CA(bci_every), .effect = CA_EFFECT_BCI,
	.help = "A new BCI is made this long after the one before, and with every new CRL."},
    {"valid", CA_V_SPAN, .required = true, .min = MINUTE, .max = YEAR, .at = CA(bci_valid), .effect = CA_EFFECT_BCI,
	.help = "notAfter stands this long after notBefore; longer than every."},
};
static const struct ca_table bci_table = {
    "bci", "The schedule of a brand's signed list of CRLs.", NULL, CA_NOWHERE, ROWS(bci_rows)};

/* --- keys ---------------------------------------------------------------------------------------- */

#define KEY_TYPE                                                                                                       \
	{                                                                                                              \
		"type", CA_V_KEYTYPE, .required = true, .at = KEY(key), .effect = CA_EFFECT_KEY,                       \
				      .help = "Type of the key pair: P-256, P-384 or RSA-2048 ... RSA-4096; in "       \
					      "classic RSA-1024 ... RSA-4096."                                         \
	}
#define KEY_LIFETIME                                                                                                   \
	{                                                                                                              \
		"lifetime", CA_V_SPAN, .required = true, .min = DAY, .max = 60 * YEAR, .at = KEY(lifetime),            \
				       .effect = CA_EFFECT_CA, .help = "Validity of its certificates."                 \
	}

static const struct ca_row signing_key_rows[] = {
    KEY_TYPE,
    KEY_LIFETIME,
    {"usage", CA_V_SPAN, .required = true, .min = DAY, .max = 60 * YEAR, .at = KEY(usage), .effect = CA_EFFECT_CA,
	.help = "How long the private key signs (privateKeyUsagePeriod).  For certificate signing, usage and the "
		"lifetime "
		"of what it signs fit together into its own lifetime."},
};
static const struct ca_table signing_key_table = {
    "signing key", "A key pair that signs certificates or messages.", NULL, KEY(present), ROWS(signing_key_rows)};

static const struct ca_row plain_key_rows[] = {KEY_TYPE, KEY_LIFETIME};
static const struct ca_table plain_key_table = {"other key",
    "A key pair whose private part serves as long as its certificate (set-protocol 12.13).", NULL, KEY(present),
    ROWS(plain_key_rows)};

#define PROTECTION                                                                                                     \
	{                                                                                                              \
		"protection", CA_V_PROTECT,                                                                            \
		    .dflt = "passphrase", .at = CA(passphrase), .effect = CA_EFFECT_KEY,                               \
		    .help = "passphrase: the key files are encrypted under one; none: test policies only."             \
	}
#define SIGNING_KEY                                                                                                    \
	{                                                                                                              \
		"certificate-signing", CA_V_MAP,                                                                       \
		    .sub = &signing_key_table, .required = true, .at = CA(keys[CA_PURPOSE_CERTSIGN]),                  \
		    .effect = CA_EFFECT_KEY,                                                                           \
		    .help = "Signs certificates, and CRLs where no crl-signing key is declared."                       \
	}

static const struct ca_row root_keys_rows[] = {
    PROTECTION,
    {"next-root-protection", CA_V_PROTECT, .dflt = "passphrase", .at = CA(next_key_passphrase), .effect = CA_EFFECT_KEY,
	.help = "The same for the key of the next root, which is made with this one's (hashedRootKey) and kept in a "
		"file "
		"and under a passphrase of its own."},
    SIGNING_KEY,
};
static const struct ca_table root_keys_table = {
    "root keys", "The root's key pair.", NULL, CA_NOWHERE, ROWS(root_keys_rows)};

static const struct ca_row superior_keys_rows[] = {PROTECTION, SIGNING_KEY};
static const struct ca_table superior_keys_table = {"superior keys",
    "The key pair of a brand or geographical CA, one for certificates and CRLs (set-protocol 12.12).", NULL, CA_NOWHERE,
    ROWS(superior_keys_rows)};

static const struct ca_row issuer_keys_rows[] = {
    PROTECTION,
    SIGNING_KEY,
    {"crl-signing", CA_V_MAP, .sub = &plain_key_table, .at = CA(keys[CA_PURPOSE_CRLSIGN]), .effect = CA_EFFECT_KEY,
	.help = "Signs CRLs instead of the certificate-signing key.  Valid at least as long as what it may revoke."},
    {"message-signature", CA_V_MAP, .sub = &signing_key_table, .at = CA(keys[CA_PURPOSE_SIGN]), .effect = CA_EFFECT_KEY,
	.help = "Signs the CA's answers in registrations.  Together with key-exchange, or neither."},
    {"key-exchange", CA_V_MAP, .sub = &plain_key_table, .at = CA(keys[CA_PURPOSE_EXCHANGE]), .effect = CA_EFFECT_KEY,
	.help = "Opens the envelopes of registrations; RSA always."},
};
static const struct ca_table issuer_keys_table = {"issuer keys",
    "The key pairs of an issuing CA: each purpose has a key and a certificate of its own (set-protocol 12.12).", NULL,
    CA_NOWHERE, ROWS(issuer_keys_rows)};

/* --- names ----------------------------------------------------------------------------------------- */

#define NAME                                                                                                           \
	{                                                                                                              \
		"name", CA_V_NAME, .required = true, .at = CA(name), .effect = CA_EFFECT_NAME,                         \
				   .help = "What commands, files and URLs call the CA; unique in the policy."          \
	}
#define COUNTRY                                                                                                        \
	{                                                                                                              \
		"country", CA_V_COUNTRY, .required = true, .at = CA(country), .effect = CA_EFFECT_CA,                  \
					 .help = "C of the subject: ISO 3166, two letters."                            \
	}
#define ID                                                                                                             \
	{                                                                                                              \
		"common-name", CA_V_TEXT,                                                                              \
		    .required = true, .min = 1, .max = 50, .at = CA(id), .effect = CA_EFFECT_CA,                       \
		    .help = "CN of the subject; the generation is appended: \"Demo Root\" becomes \"Demo Root G1\"."   \
	}

static const struct ca_row root_subject_rows[] = {COUNTRY, ID};
static const struct ca_table root_subject_table = {"root subject",
    "The root's subject; its O is always \"SET Root\" (set-protocol section 5).", NULL, CA_NOWHERE,
    ROWS(root_subject_rows)};

static const struct ca_row subject_rows[] = {
    COUNTRY,
    {"unit", CA_V_TEXT, .required = true, .min = 1, .max = 64, .at = CA(unit), .effect = CA_EFFECT_CA,
	.help = "OU of the subject: a descriptive name."},
    ID,
};
static const struct ca_table subject_table = {
    "subject", "The subject of a CA below the root; its O is the brand-id.", NULL, CA_NOWHERE, ROWS(subject_rows)};

/* --- the levels -------------------------------------------------------------------------------------- */

#define OFFLINE                                                                                                        \
	{                                                                                                              \
		"offline", CA_V_BOOL,                                                                                  \
		    .dflt = "false", .at = CA(offline), .effect = CA_EFFECT_KEY,                                       \
		    .help =                                                                                            \
			"true: the CA's keys live in another home, made there with `setca init POLICY --only NAME`."   \
	}
#define PATH_LENGTH(derived, is, note)                                                                                 \
	{                                                                                                              \
		"path-length", CA_V_NUMBER,                                                                            \
		    .dflt = (is), .derive = (derived), .dflt_note = (note), .max = 3, .at = CA(pathlen),               \
		    .effect = CA_EFFECT_CA,                                                                            \
		    .help = "pathLenConstraint.  The level decides it (set-protocol 12.12); stating it is a check."    \
	}
#define URLS                                                                                                           \
	{                                                                                                              \
		"urls", CA_V_MAP, .sub = &ca_table_urls, .min = 1, .inherits = true, .at = CA_NOWHERE,                 \
				  .effect = CA_EFFECT_ISSUED,                                                          \
				  .help = "Where this CA's CRLs and certificates are fetched."                         \
	}
#define STATEMENT                                                                                                      \
	{                                                                                                              \
		"statement", CA_V_MAP, .sub = &ca_table_statement, .min = 1, .inherits = true, .at = CA_NOWHERE,       \
				       .effect = CA_EFFECT_ISSUED,                                                     \
				       .help = "What the certificates of and below this CA say about their policy."    \
	}
#define SUBJECT(table)                                                                                                 \
	{                                                                                                              \
		"subject", CA_V_MAP, .sub = (table), .required = true, .at = CA_NOWHERE, .effect = CA_EFFECT_CA,       \
				     .help = "The name in its certificates."                                           \
	}
#define KEYS(table)                                                                                                    \
	{                                                                                                              \
		"keys", CA_V_MAP, .sub = (table), .required = true, .at = CA_NOWHERE, .effect = CA_EFFECT_KEY,         \
				  .help = "Its key pairs."                                                             \
	}
#define CRLS(needed)                                                                                                   \
	{                                                                                                              \
		"crl", CA_V_MAP, .sub = &crl_table, .required = (needed), .at = CA(crl), .effect = CA_EFFECT_CA,       \
				 .help = "Schedule of its CRLs." CRLS_HELP                                             \
	}

static const struct ca_row issuer_rows[] = {
    NAME,
    {"brand-id", CA_V_BRAND, .inherits = true, .max = SP_UB_BRAND_ID, .at = CA(brand_id), .effect = CA_EFFECT_CA,
	.help = "BrandID of what it issues, if it serves one product alone: \"Brand:Product\"."},
    SUBJECT(&subject_table),
    OFFLINE,
    PATH_LENGTH(NULL, "0", NULL),
    KEYS(&issuer_keys_table),
#define CRLS_HELP "  Required of CAs for gateways; without it a CA keeps no CRLs and revocations are only recorded."
    CRLS(false),
#undef CRLS_HELP
    URLS,
    STATEMENT,
    {"issues", CA_V_MAPS, .sub = &ca_table_profile, .required = true, .min = 1, .max = CA_ROLE_N, .at = CA_NOWHERE,
	.element = ca_fill_profile, .effect = CA_EFFECT_EE, .help = "What it certifies, one entry a role."},
};
static const struct ca_table issuer_table = {
    "issuer", "An issuing CA: certifies cardholders, merchants or gateways.", "name", CA_NOWHERE, ROWS(issuer_rows)};

#define CRLS_HELP ""
#define ISSUERS(needed)                                                                                                \
	{                                                                                                              \
		"issuers", CA_V_MAPS, .sub = &issuer_table, .required = (needed), .min = 1, .max = CA_LIST_MAX,        \
				      .at = CA_NOWHERE, .element = ca_fill_ca, .tag = CA_LEVEL_ISSUER,                 \
				      .effect = CA_EFFECT_NAME, .help = "The issuing CAs right below."                 \
	}

static const struct ca_row geography_rows[] = {
    NAME,
    {"brand-id", CA_V_BRAND, .inherits = true, .max = SP_UB_BRAND_ID, .at = CA(brand_id), .effect = CA_EFFECT_CA,
	.help = "BrandID of what is below, if it is one product alone: \"Brand:Product\"."},
    SUBJECT(&subject_table),
    OFFLINE,
    PATH_LENGTH(NULL, "1", NULL),
    KEYS(&superior_keys_table),
    CRLS(true),
    URLS,
    STATEMENT,
    ISSUERS(true),
};
static const struct ca_table geography_table = {"geography",
    "A geopolitical CA: stands between the brand and its issuing CAs of one region.", "name", CA_NOWHERE,
    ROWS(geography_rows)};

/* set-protocol 12.12: without a geopolitical level the brand has 1 */
static const char *
brand_path_length(const struct ca_node *map)
{
	return ca_node_get(map, "geographies") != NULL ? "2" : "1";
}

static const struct ca_row brand_rows[] = {
    NAME,
    {"brand-id", CA_V_BRAND, .required = true, .max = SP_UB_BRAND_ID, .at = CA(brand_id), .effect = CA_EFFECT_CA,
	.help = "BrandID: O of every subject of the brand."},
    SUBJECT(&subject_table),
    OFFLINE,
    PATH_LENGTH(brand_path_length, NULL, "2, or 1 without geographies"),
    KEYS(&superior_keys_table),
    CRLS(true),
    {"bci", CA_V_MAP, .sub = &bci_table, .required = true, .at = CA_NOWHERE, .effect = CA_EFFECT_BCI,
	.help = "Schedule of its BrandCRLIdentifier."},
    URLS,
    STATEMENT,
    {"geographies", CA_V_MAPS, .sub = &geography_table, .min = 1, .max = CA_LIST_MAX, .at = CA_NOWHERE,
	.element = ca_fill_ca, .tag = CA_LEVEL_GEO, .effect = CA_EFFECT_NAME,
	.help = "Geopolitical CAs, if the brand has that level."},
    ISSUERS(false),
};
static const struct ca_table brand_table = {
    "brand", "A brand CA and all below it.", "name", CA_NOWHERE, ROWS(brand_rows)};

static const struct ca_row root_rows[] = {
    NAME,
    SUBJECT(&root_subject_table),
    OFFLINE,
    PATH_LENGTH(NULL, "3", NULL),
    KEYS(&root_keys_table),
    CRLS(true),
    URLS,
    STATEMENT,
    {"brands", CA_V_MAPS, .sub = &brand_table, .required = true, .min = 1, .max = CA_LIST_MAX, .at = CA_NOWHERE,
	.element = ca_fill_ca, .tag = CA_LEVEL_BRAND, .effect = CA_EFFECT_NAME,
	.help = "The brands that it certifies."},
};
const struct ca_table ca_table_root = {"root", "The root CA and all below it.", NULL, CA_NOWHERE, ROWS(root_rows)};
