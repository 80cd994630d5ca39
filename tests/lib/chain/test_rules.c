/* Every rule of chain validation broken, one at a time, in chains of both suites. */
#include "tests/support/chain_case.h"
#include "tests/support/gen.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* after the headers that it needs */
#include <cmocka.h>

/* The path of the gateway certificate: depth of each CA. */
enum { LEAF, PCA, GEO, BRAND, ROOT };

enum suites { BOTH, MODERN, CLASSIC };

struct row {
	const char *name;
	enum suites suites;
	enum setpki_verdict verdict;
	const char *id; /* that must be found; NULL: nothing at all */
	int depth;
	struct gen_edit edits[GEN_EDITS];
	/* what is asked; zero: nothing */
	enum gen_slot leaf; /* GEN_NONE: GEN_LEAF */
	int64_t at;	    /* relative to GEN_NOW */
	int64_t signed_at;  /* likewise; 0: no message */
	enum gen_slot signer_for;
	uint32_t type;
	enum setpki_kind kind;
	const char *brand;
	enum setpki_suite suite; /* NONE: the world's own */
	enum setpki_revocation revocation;
};

#define VALID .verdict = SETPKI_VALID
#define REFUSED(i, d) .verdict = SETPKI_REFUSED, .id = i, .depth = d
#define OPEN(i, d) .verdict = SETPKI_UNDECIDABLE, .id = i, .depth = d
#define EDIT(w, s) .what = w, .slot = s
#define SET(s, e, h) .what = GEN_EXT_SET, .slot = s, .ext = e, .hex = h

/* DER of extension contents */
#define KU_CRL_SIGN "03020102"
#define KU_ENCRYPT "03020430"
#define NO_CA "3000"
#define CA_PATHLEN(n) "30060101ff0201" n
#define TYPE_CARD "03020780"
#define TYPE_BCA "03020001"
#define OTHER_POLICY "3007300506032a0304"

static struct row rows[] = {
    /* --- good chains --- */
    {"five_level_gateway", BOTH, VALID},
    {"all_that_can_be_asked", BOTH, VALID, .type = SETPKI_TYPE_PGWY, .kind = SETPKI_KIND_PGWY_SIG,
	.brand = "Testcard:Gold", .signed_at = -3600},
    {"root_trusted_by_thumb", BOTH, VALID, .edits = {{.what = GEN_TRUST_THUMB}}},
    {"cardholder_without_crl_of_its_ca", BOTH, VALID, .leaf = GEN_CARD, .type = SETPKI_TYPE_CARD},
    {"cardholder_ca_with_listed_crl", BOTH, VALID,
	.edits = {{EDIT(GEN_BCI_LIST, GEN_CCA), .n = 5}, {EDIT(GEN_CRL_SIGNER, GEN_CCA), .other = GEN_CCA_CRL}},
	.leaf = GEN_CARD},
    {"crl_signer_of_its_own", BOTH, VALID, .edits = {{EDIT(GEN_CRL_SIGNER, GEN_PCA), .other = GEN_PCA_CRL}}},
    {"bci_and_brand_crl_by_crl_signer", BOTH, VALID,
	.edits = {{.what = GEN_BCI_SIGNER, .other = GEN_BRAND_CRL},
	    {EDIT(GEN_CRL_SIGNER, GEN_BRAND), .other = GEN_BRAND_CRL}}},
    {"message_signer_of_the_ca", BOTH, VALID, .leaf = GEN_PCA_SIG, .signer_for = GEN_PCA, .signed_at = -60,
	.kind = SETPKI_KIND_CA_SIG, .type = SETPKI_TYPE_PCA},
    {"ca_certificates_are_leaves_too", BOTH, VALID, .leaf = GEN_BRAND},
    {"root_by_itself", BOTH, VALID, .leaf = GEN_ROOT},
    {"crls_without_bci", BOTH, VALID, .edits = {{.what = GEN_BCI_OMIT}}, .revocation = SETPKI_REQUIRE_CRL},
    {"nothing_about_revocation", BOTH, VALID,
	.edits = {{.what = GEN_BCI_OMIT}, {EDIT(GEN_CRL_OMIT, GEN_PCA)}, {EDIT(GEN_CRL_OMIT, GEN_ROOT)}},
	.revocation = SETPKI_IF_PRESENT},
    {"relaxed_criticality", MODERN, VALID, .edits = {{.what = GEN_RELAX}}},
    {"unknown_extension_that_is_not_critical", BOTH, VALID, .edits = {{EDIT(GEN_EXT_ADD, GEN_LEAF)}}},
    {"bci_of_a_higher_number_than_seen", BOTH, VALID, .edits = {{.what = GEN_SEEN, .n = 7}}},
    {"crl_number_above_the_bci", BOTH, VALID, .edits = {{EDIT(GEN_CRL_NUMBER, GEN_PCA), .n = 9}}},
    {"revoked_elsewhere", BOTH, VALID, .edits = {{EDIT(GEN_CRL_REVOKE, GEN_PCA), .other = GEN_CARD}}},
    {"last_second_of_validity", BOTH, VALID, .edits = {{EDIT(GEN_NOT_AFTER, GEN_LEAF)}}},
    {"first_second_of_validity", BOTH, VALID, .edits = {{EDIT(GEN_NOT_BEFORE, GEN_LEAF)}}},
    {"last_second_of_the_bci", BOTH, VALID, .edits = {{.what = GEN_BCI_TO, .n = 1}}},
    {"root_succeeded", BOTH, SETPKI_VALID, "chain.root.succeeded", ROOT, .edits = {{EDIT(GEN_TRUST, GEN_FIRST)}}},
    {"root_succeeded_from_a_thumb", BOTH, SETPKI_REFUSED, "chain.root.untrusted", ROOT,
	.edits = {{EDIT(GEN_TRUST, GEN_FIRST)}, {.what = GEN_TRUST_THUMB}}}, /* whose certificate is not at hand */

    /* --- form of each certificate --- */
    {"suite_mixed", BOTH, REFUSED("chain.suite", LEAF), .edits = {{EDIT(GEN_OTHER_ALG, GEN_LEAF)}}},
    {"suite_mixed_above", BOTH, REFUSED("chain.suite", GEO), .edits = {{EDIT(GEN_OTHER_ALG, GEN_GEO)}}},
    {"classic_not_asked_for", CLASSIC, REFUSED("chain.suite.asked", ROOT), .suite = SETPKI_SUITE_MODERN},
    {"modern_where_classic_was_asked_for", MODERN, REFUSED("chain.suite.asked", ROOT), .edits = {{0}},
	.suite = SETPKI_SUITE_CLASSIC},
    {"two_algorithms", BOTH, REFUSED("chain.algorithm", LEAF), .edits = {{EDIT(GEN_OUTER_ALG, GEN_LEAF)}}},
    {"key_of_the_other_suite", BOTH, REFUSED("chain.key", LEAF), .edits = {{EDIT(GEN_OTHER_KEY, GEN_LEAF)}}},
    {"unique_identifier", BOTH, REFUSED("chain.uniqueid", LEAF), .edits = {{EDIT(GEN_UNIQUE_ID, GEN_LEAF)}}},
    {"no_kind", BOTH, REFUSED("chain.kind", LEAF), .edits = {{SET(GEN_LEAF, SP_EXT_KEY_USAGE, KU_CRL_SIGN)}}},
    {"critical_extension_unknown", BOTH, REFUSED("chain.ext.unknown", LEAF),
	.edits = {{EDIT(GEN_EXT_ADD, GEN_LEAF), .n = 1}}},
    {"critical_extension_unknown_above", BOTH, REFUSED("chain.ext.unknown", BRAND),
	.edits = {{EDIT(GEN_EXT_ADD, GEN_BRAND), .n = 1}}},
    {"extension_missing", BOTH, REFUSED("chain.ext.missing", LEAF),
	.edits = {{EDIT(GEN_EXT_DROP, GEN_LEAF), .ext = SP_EXT_PKUP}}},
    {"extension_forbidden", BOTH, REFUSED("chain.ext.forbidden", LEAF),
	.edits = {{SET(GEN_LEAF, SP_EXT_CARD_CERT_REQUIRED, "0101ff")}}},
    {"keyusage_not_critical", BOTH, REFUSED("chain.ext.critical", LEAF),
	.edits = {{EDIT(GEN_EXT_CRITICAL, GEN_LEAF), .ext = SP_EXT_KEY_USAGE}}},
    {"period_critical", BOTH, REFUSED("chain.ext.critical", PCA),
	.edits = {{EDIT(GEN_EXT_CRITICAL, GEN_PCA), .ext = SP_EXT_PKUP}}},
    {"type_not_critical_in_classic", CLASSIC, REFUSED("chain.ext.critical", LEAF),
	.edits = {{EDIT(GEN_EXT_CRITICAL, GEN_LEAF), .ext = SP_EXT_CERT_TYPE}}},
    {"another_policy", BOTH, REFUSED("chain.policy", LEAF), .edits = {{SET(GEN_LEAF, SP_EXT_POLICIES, OTHER_POLICY)}}},
    {"another_policy_above", BOTH, REFUSED("chain.policy", BRAND),
	.edits = {{SET(GEN_BRAND, SP_EXT_POLICIES, OTHER_POLICY)}}},
    {"not_yet_valid", BOTH, REFUSED("chain.validity.notyet", LEAF),
	.edits = {{EDIT(GEN_NOT_BEFORE, GEN_LEAF), .n = 1}}},
    {"expired", BOTH, REFUSED("chain.validity.expired", LEAF), .edits = {{EDIT(GEN_NOT_AFTER, GEN_LEAF), .n = -1}}},
    {"ca_expired", BOTH, REFUSED("chain.validity.expired", GEO), .edits = {{EDIT(GEN_NOT_AFTER, GEN_GEO), .n = -1}}},
    {"root_expired", BOTH, REFUSED("chain.validity.expired", ROOT),
	.edits = {{EDIT(GEN_NOT_AFTER, GEN_ROOT), .n = -1}}},

    /* --- links --- */
    {"issuer_name_of_nobody", BOTH, REFUSED("chain.name", LEAF),
	.edits = {{EDIT(GEN_ISSUER_OF, GEN_LEAF), .other = GEN_FIRST}}},
    {"aki_of_another_serial", BOTH, REFUSED("chain.aki", LEAF),
	.edits = {{EDIT(GEN_EXT_BIT, GEN_LEAF), .ext = SP_EXT_AKI}}},
    {"aki_of_another_serial_above", BOTH, REFUSED("chain.aki", GEO),
	.edits = {{EDIT(GEN_EXT_BIT, GEN_GEO), .ext = SP_EXT_AKI}}},
    {"aki_without_issuer_and_serial", MODERN, REFUSED("chain.aki", LEAF),
	.edits = {{SET(GEN_LEAF, SP_EXT_AKI, "301680140102030405060708090a0b0c0d0e0f1011121314")}}},
    {"aki_of_another_key", MODERN, REFUSED("chain.aki.keyid", LEAF), .edits = {{EDIT(GEN_KEYID_AKI, GEN_LEAF)}}},
    {"signature_of_leaf", BOTH, REFUSED("chain.signature", LEAF), .edits = {{EDIT(GEN_SIG_BIT, GEN_LEAF)}}},
    {"signature_of_gateway_ca", BOTH, REFUSED("chain.signature", PCA), .edits = {{EDIT(GEN_SIG_BIT, GEN_PCA)}}},
    {"signature_of_geopolitical_ca", BOTH, REFUSED("chain.signature", GEO), .edits = {{EDIT(GEN_SIG_BIT, GEN_GEO)}}},
    {"signature_of_brand_ca", BOTH, REFUSED("chain.signature", BRAND), .edits = {{EDIT(GEN_SIG_BIT, GEN_BRAND)}}},
    {"signature_of_root_known_by_thumb", BOTH, REFUSED("chain.signature", ROOT),
	.edits = {{EDIT(GEN_SIG_BIT, GEN_ROOT)}, {.what = GEN_TRUST_THUMB}}},
    {"type_not_below_this_ca", BOTH, REFUSED("chain.type", LEAF),
	.edits = {{SET(GEN_LEAF, SP_EXT_CERT_TYPE, TYPE_CARD)}}},
    {"brand_ca_below_a_brand_ca", BOTH, REFUSED("chain.type", GEO),
	.edits = {{SET(GEN_GEO, SP_EXT_CERT_TYPE, TYPE_BCA)}}},
    {"another_brand", BOTH, REFUSED("chain.brand", LEAF),
	.edits = {{EDIT(GEN_BRAND_NAME, GEN_LEAF), .text = "Othercard"}}},
    {"issued_before_the_key_was_in_use", BOTH, REFUSED("chain.period.issued", LEAF),
	.edits = {{EDIT(GEN_PKUP, GEN_PCA), .n = -GEN_DAY, .m = 100 * GEN_DAY}}},
    {"issued_after_the_key_was_in_use", BOTH, REFUSED("chain.period.issued", LEAF),
	.edits = {{EDIT(GEN_PKUP, GEN_PCA), .n = -200 * GEN_DAY, .m = -100 * GEN_DAY}}},
    {"outlives_its_ca", BOTH, REFUSED("chain.outlives", LEAF),
	.edits = {{EDIT(GEN_NOT_AFTER, GEN_LEAF), .n = 2500 * GEN_DAY}}},
    {"outlives_its_crl_signer", BOTH, REFUSED("chain.outlives", LEAF),
	.edits = {{EDIT(GEN_CRL_SIGNER, GEN_PCA), .other = GEN_PCA_CRL},
	    {EDIT(GEN_NOT_AFTER, GEN_PCA_CRL), .n = 200 * GEN_DAY}}},
    {"issuer_without_certsign", BOTH, REFUSED("chain.keyusage.certsign", PCA),
	.edits = {{SET(GEN_PCA, SP_EXT_KEY_USAGE, KU_CRL_SIGN)}}},
    {"issuer_that_is_no_ca", BOTH, REFUSED("chain.basic.ca", PCA), .edits = {{SET(GEN_PCA, SP_EXT_BASIC, NO_CA)}}},
    {"pathlen_passed", BOTH, REFUSED("chain.pathlen", BRAND),
	.edits = {{SET(GEN_BRAND, SP_EXT_BASIC, CA_PATHLEN("01"))}}},
    {"pathlen_of_another_level", BOTH, REFUSED("chain.pathlen.level", ROOT),
	.edits = {{SET(GEN_ROOT, SP_EXT_BASIC, CA_PATHLEN("04"))}}},

    /* --- ends --- */
    {"issuer_not_at_hand", BOTH, OPEN("chain.issuer.missing", LEAF), .edits = {{EDIT(GEN_OMIT, GEN_PCA)}}},
    {"superior_not_at_hand", BOTH, OPEN("chain.issuer.missing", GEO), .edits = {{EDIT(GEN_OMIT, GEN_BRAND)}}},
    {"in_a_circle", BOTH, REFUSED("chain.depth", BRAND), .edits = {{EDIT(GEN_ISSUER_OF, GEN_BRAND), .other = GEN_GEO}}},
    {"root_not_trusted", BOTH, REFUSED("chain.root.untrusted", ROOT),
	.edits = {{EDIT(GEN_TRUST, GEN_FIRST)}, {EDIT(GEN_EXT_DROP, GEN_FIRST), .ext = SP_EXT_HASHED_ROOT}}},
    {"successor_with_another_key", BOTH, REFUSED("chain.root.untrusted", ROOT),
	.edits = {{EDIT(GEN_TRUST, GEN_FIRST)}, {EDIT(GEN_EXT_BIT, GEN_FIRST), .ext = SP_EXT_HASHED_ROOT}}},
    {"successor_expired", BOTH, REFUSED("chain.validity.expired", ROOT),
	.edits = {{EDIT(GEN_TRUST, GEN_FIRST)}, {EDIT(GEN_NOT_AFTER, GEN_ROOT), .n = -1}}},
    {"successor_not_signed_by_itself", BOTH, REFUSED("chain.signature", ROOT),
	.edits = {{EDIT(GEN_TRUST, GEN_FIRST)}, {EDIT(GEN_SIG_BIT, GEN_ROOT)}}},
    {"successor_that_is_no_root", BOTH, REFUSED("chain.root.kind", ROOT),
	.edits = {{EDIT(GEN_TRUST, GEN_FIRST)}, {SET(GEN_ROOT, SP_EXT_CERT_TYPE, TYPE_BCA)}}},
    {"subject_of_its_ca", BOTH, REFUSED("chain.subject.ca", LEAF),
	.edits = {{EDIT(GEN_SUBJECT_OF, GEN_LEAF), .other = GEN_PCA}}},
    {"subject_of_another_ca", BOTH, REFUSED("chain.subject.ca", LEAF),
	.edits = {{EDIT(GEN_SUBJECT_OF, GEN_LEAF), .other = GEN_CCA}}},
    {"another_type_asked_for", BOTH, REFUSED("chain.ask.type", LEAF), .type = SETPKI_TYPE_MER},
    {"another_kind_asked_for", BOTH, REFUSED("chain.ask.kind", LEAF), .kind = SETPKI_KIND_PGWY_ENC},
    {"another_brand_asked_for", BOTH, REFUSED("chain.ask.brand", LEAF), .brand = "Othercard"},
    {"message_signed_without_digitalsignature", BOTH, REFUSED("chain.keyusage.message", LEAF), .edits = {{0}},
	.leaf = GEN_PCA_CRL, .signed_at = -60},
    {"message_signed_after_the_period", BOTH, REFUSED("chain.period.signed", LEAF), .signed_at = 195 * GEN_DAY},
    {"message_signed_before_the_period", BOTH, REFUSED("chain.period.signed", LEAF), .signed_at = -20 * GEN_DAY},
    {"signer_for_another_ca", BOTH, REFUSED("chain.signer.ca", LEAF), .leaf = GEN_PCA_SIG, .signer_for = GEN_CCA},
    {"signer_of_another_superior", BOTH, REFUSED("chain.signer.ca", LEAF),
	.edits = {{EDIT(GEN_SUBJECT_OF, GEN_PCA_SIG), .other = GEN_GEO}}, .leaf = GEN_PCA_SIG, .signer_for = GEN_GEO},

    /* --- revocation, in the order of 12.14 --- */
    {"revoked_leaf", BOTH, REFUSED("chain.revoked", LEAF),
	.edits = {{EDIT(GEN_CRL_REVOKE, GEN_PCA), .other = GEN_LEAF}}},
    {"revoked_gateway_ca", BOTH, REFUSED("chain.revoked", PCA),
	.edits = {{EDIT(GEN_CRL_REVOKE, GEN_GEO), .other = GEN_PCA}}},
    {"revoked_geopolitical_ca", BOTH, REFUSED("chain.revoked", GEO),
	.edits = {{EDIT(GEN_CRL_REVOKE, GEN_BRAND), .other = GEN_GEO}}},
    {"revoked_brand_ca", BOTH, REFUSED("chain.revoked", BRAND),
	.edits = {{EDIT(GEN_CRL_REVOKE, GEN_ROOT), .other = GEN_BRAND}}},
    {"revoked_root", BOTH, REFUSED("chain.revoked", ROOT),
	.edits = {{EDIT(GEN_CRL_REVOKE, GEN_ROOT), .other = GEN_ROOT}}},
    {"revoked_though_the_bci_is_missing", BOTH, REFUSED("chain.revoked", LEAF),
	.edits = {{EDIT(GEN_CRL_REVOKE, GEN_PCA), .other = GEN_LEAF}, {.what = GEN_BCI_OMIT}}},
    {"revoked_if_present", BOTH, REFUSED("chain.revoked", LEAF),
	.edits = {{EDIT(GEN_CRL_REVOKE, GEN_PCA), .other = GEN_LEAF}, {.what = GEN_BCI_OMIT}},
	.revocation = SETPKI_IF_PRESENT},
    {"a_root_crl_missing", BOTH, OPEN("chain.crl.missing", ROOT), .edits = {{EDIT(GEN_CRL_OMIT, GEN_ROOT)}}},
    {"a_root_crl_expired", BOTH, REFUSED("chain.crl.expired", ROOT), .edits = {{EDIT(GEN_CRL_NEXT, GEN_ROOT)}}},
    {"a_root_crl_forged", BOTH, REFUSED("chain.crl.signature", ROOT), .edits = {{EDIT(GEN_CRL_SIG_BIT, GEN_ROOT)}}},
    {"b_bci_signer_no_brand_ca", BOTH, REFUSED("chain.bci.signer", -1),
	.edits = {{.what = GEN_BCI_SIGNER, .other = GEN_GEO}}},
    {"b_bci_signer_of_another_brand", BOTH, REFUSED("chain.bci.signer", -1),
	.edits = {{.what = GEN_BCI_SIGNER, .other = GEN_BRAND_CRL},
	    {EDIT(GEN_BRAND_NAME, GEN_BRAND_CRL), .text = "Othercard"}}},
    {"b_bci_signer_without_crlsign", BOTH, REFUSED("chain.bci.signer", -1),
	.edits = {{.what = GEN_BCI_SIGNER, .other = GEN_BRAND_CRL},
	    {SET(GEN_BRAND_CRL, SP_EXT_KEY_USAGE, KU_ENCRYPT)}}},
    {"b_bci_signer_not_at_hand", BOTH, OPEN("chain.bci.signer.missing", -1),
	.edits = {{.what = GEN_BCI_SIGNER, .other = GEN_BRAND_CRL}, {EDIT(GEN_OMIT, GEN_BRAND_CRL)}}},
    {"b_bci_signer_breaks_a_rule", BOTH, REFUSED("chain.bci.signer.chain", -1),
	.edits = {{.what = GEN_BCI_SIGNER, .other = GEN_BRAND_CRL}, {EDIT(GEN_SIG_BIT, GEN_BRAND_CRL)}}},
    {"b_bci_signer_revoked", BOTH, REFUSED("chain.bci.signer.revoked", -1),
	.edits = {{.what = GEN_BCI_SIGNER, .other = GEN_BRAND_CRL},
	    {EDIT(GEN_CRL_REVOKE, GEN_ROOT), .other = GEN_BRAND_CRL}}},
    {"c_bci_missing", BOTH, OPEN("chain.bci.missing", BRAND), .edits = {{.what = GEN_BCI_OMIT}}},
    {"c_bci_of_another_brand", BOTH, OPEN("chain.bci.missing", BRAND),
	.edits = {{.what = GEN_BCI_BRAND, .text = "Othercard"}}},
    {"c_bci_forged", BOTH, REFUSED("chain.bci.signature", -1), .edits = {{.what = GEN_BCI_SIG_BIT}}},
    {"c_bci_not_yet", BOTH, REFUSED("chain.bci.notyet", -1), .edits = {{.what = GEN_BCI_FROM, .n = 1}}},
    {"c_bci_expired", BOTH, REFUSED("chain.bci.expired", -1), .edits = {{.what = GEN_BCI_TO}}},
    {"c_bci_older_than_one_seen", BOTH, REFUSED("chain.bci.sequence", -1), .edits = {{.what = GEN_SEEN, .n = 8}}},
    {"c_bci_critical_extension", BOTH, REFUSED("chain.bci.critical", -1), .edits = {{.what = GEN_BCI_EXT_ADD, .n = 1}}},
    {"c_bci_of_the_other_suite", CLASSIC, REFUSED("chain.bci.suite", -1), .edits = {{.what = GEN_BCI_OTHER_SUITE}}},
    {"c_bci_outside_its_signers_period", BOTH, REFUSED("chain.bci.period", -1),
	.edits = {{.what = GEN_BCI_SIGNER, .other = GEN_BRAND_CRL},
	    {EDIT(GEN_PKUP, GEN_BRAND_CRL), .n = -3600, .m = GEN_DAY}}},
    {"d_crl_missing", BOTH, OPEN("chain.crl.missing", PCA), .edits = {{EDIT(GEN_CRL_OMIT, GEN_PCA)}}},
    {"d_crl_missing_without_bci", BOTH, OPEN("chain.crl.missing", PCA),
	.edits = {{EDIT(GEN_CRL_OMIT, GEN_PCA)}, {.what = GEN_BCI_OMIT}}, .revocation = SETPKI_REQUIRE_CRL},
    {"d_crl_not_yet", BOTH, REFUSED("chain.crl.notyet", PCA), .edits = {{EDIT(GEN_CRL_THIS, GEN_PCA), .n = 1}}},
    {"d_crl_expired", BOTH, REFUSED("chain.crl.expired", PCA), .edits = {{EDIT(GEN_CRL_NEXT, GEN_PCA)}}},
    {"d_crl_expired_if_present", BOTH, REFUSED("chain.crl.expired", PCA),
	.edits = {{EDIT(GEN_CRL_NEXT, GEN_PCA)}, {.what = GEN_BCI_OMIT}}, .revocation = SETPKI_IF_PRESENT},
    {"d_crl_older_than_the_bci_says", BOTH, REFUSED("chain.crl.number", PCA),
	.edits = {{EDIT(GEN_BCI_LIST, GEN_PCA), .n = 6}}},
    {"d_root_crl_older_than_the_bci_says", BOTH, REFUSED("chain.crl.number", ROOT),
	.edits = {{EDIT(GEN_BCI_LIST, GEN_ROOT), .n = 6}}},
    {"d_crl_without_number", BOTH, REFUSED("chain.crl.form", PCA),
	.edits = {{EDIT(GEN_CRL_EXT_DROP, GEN_PCA), .ext = SP_EXT_CRL_NUMBER}}},
    {"d_crl_critical_extension", BOTH, REFUSED("chain.crl.critical", PCA),
	.edits = {{EDIT(GEN_CRL_EXT_ADD, GEN_PCA), .n = 1}}},
    {"d_crl_of_the_other_suite", CLASSIC, REFUSED("chain.crl.suite", PCA),
	.edits = {{EDIT(GEN_CRL_OTHER_SUITE, GEN_PCA)}}},
    {"d_crl_forged", BOTH, REFUSED("chain.crl.signature", PCA), .edits = {{EDIT(GEN_CRL_SIG_BIT, GEN_PCA)}}},
    {"d_crl_without_aki", BOTH, REFUSED("chain.crl.signer", PCA),
	.edits = {{EDIT(GEN_CRL_EXT_DROP, GEN_PCA), .ext = SP_EXT_AKI}}},
    {"d_crl_signed_by_another_ca", BOTH, REFUSED("chain.crl.signer", PCA),
	.edits = {{EDIT(GEN_CRL_SIGNER, GEN_PCA), .other = GEN_GEO}}},
    {"d_crl_signed_by_the_message_key", BOTH, REFUSED("chain.crl.signer", PCA),
	.edits = {{EDIT(GEN_CRL_SIGNER, GEN_PCA), .other = GEN_PCA_SIG}}},
    {"d_crl_signer_forged", BOTH, REFUSED("chain.crl.signer", PCA),
	.edits = {{EDIT(GEN_CRL_SIGNER, GEN_PCA), .other = GEN_PCA_CRL}, {EDIT(GEN_SIG_BIT, GEN_PCA_CRL)}}},
    {"d_crl_signer_expired", BOTH, REFUSED("chain.crl.signer", PCA),
	.edits = {{EDIT(GEN_CRL_SIGNER, GEN_PCA), .other = GEN_PCA_CRL}, {EDIT(GEN_NOT_AFTER, GEN_PCA_CRL), .n = -1}}},
    {"d_crl_signer_not_at_hand", BOTH, OPEN("chain.crl.signer.missing", PCA),
	.edits = {{EDIT(GEN_CRL_SIGNER, GEN_PCA), .other = GEN_PCA_CRL}, {EDIT(GEN_OMIT, GEN_PCA_CRL)}}},
    {"d_crl_signer_revoked", BOTH, REFUSED("chain.crl.signer.revoked", PCA),
	.edits = {{EDIT(GEN_CRL_SIGNER, GEN_PCA), .other = GEN_PCA_CRL},
	    {EDIT(GEN_CRL_REVOKE, GEN_GEO), .other = GEN_PCA_CRL}}},
    {"d_crl_outside_its_signers_period", BOTH, REFUSED("chain.crl.period", PCA),
	.edits = {{EDIT(GEN_CRL_SIGNER, GEN_PCA), .other = GEN_PCA_CRL},
	    {EDIT(GEN_PKUP, GEN_PCA_CRL), .n = -3600, .m = GEN_DAY}}},
    {"e_ca_not_on_the_bci", BOTH, REFUSED("chain.bci.unlisted", GEO), .edits = {{EDIT(GEN_BCI_UNLIST, GEN_GEO)}}},
    {"e_gateway_ca_not_on_the_bci", BOTH, REFUSED("chain.bci.unlisted", PCA),
	.edits = {{EDIT(GEN_BCI_UNLIST, GEN_PCA)}}},
    {"e_root_not_on_the_bci", BOTH, REFUSED("chain.bci.unlisted", ROOT), .edits = {{EDIT(GEN_BCI_UNLIST, GEN_ROOT)}}},
    {"e_cardholder_ca_listed", BOTH, OPEN("chain.crl.missing", PCA),
	.edits = {{EDIT(GEN_BCI_LIST, GEN_CCA), .n = 5}, {EDIT(GEN_CRL_OMIT, GEN_CCA)}}, .leaf = GEN_CARD},
};
#define NROWS (sizeof(rows) / sizeof(rows[0]))

static struct setpki_chain_ask
ask_of(const struct row *r, const struct gen_world *w)
{
	return (struct setpki_chain_ask){.at = GEN_NOW + r->at,
	    .signed_at = r->signed_at == 0 ? 0 : GEN_NOW + r->signed_at,
	    .signer_for = w->c[r->signer_for].der,
	    .type = r->type,
	    .kind = r->kind,
	    .brand = r->brand,
	    .suite = r->suite == SETPKI_SUITE_NONE ? w->suite : r->suite,
	    .revocation = r->revocation};
}

static const struct setpki_finding *
find(const struct setpki_chain_result *res, const char *id, int depth)
{
	size_t i;

	for (i = 0; i < res->findings.n; i++)
		if (strcmp(res->findings.v[i].rule->id, id) == 0 && res->findings.v[i].depth == depth)
			return &res->findings.v[i];
	return NULL;
}

static void
print_findings(const struct setpki_chain_result *res)
{
	size_t i;

	for (i = 0; i < res->findings.n; i++)
		print_message("  %s depth %d: %s: %s\n", res->findings.v[i].rule->id, res->findings.v[i].depth,
		    res->findings.v[i].object, res->findings.v[i].text);
}

static void
check(const struct row *r, const struct setpki_chain_result *res)
{
	bool good =
	    res->verdict == r->verdict && (r->id == NULL ? res->findings.n == 0 : find(res, r->id, r->depth) != NULL);

	if (!good) {
		print_findings(res);
		fail_msg("verdict %d, wanted %d with %s", res->verdict, r->verdict, r->id == NULL ? "nothing" : r->id);
	}
	assert_int_equal(res->valid_until != 0, res->verdict == SETPKI_VALID);
}

/* Twice with one pool: what is remembered must not change an answer. */
static void
run_in(const struct row *r, enum setpki_suite suite)
{
	struct gen_world w;
	struct setpki_chain_ask ask;
	struct setpki_chain_result res;
	struct setpki_error err = {0};
	setpki_pool *pool;
	int again;

	gen_make(&w, suite, r->edits);
	pool = gen_pool(&w);
	ask = ask_of(r, &w);
	for (again = 0; again < 2; again++) {
		assert_int_equal(
		    setpki_chain_verify(pool, w.c[r->leaf == GEN_NONE ? GEN_LEAF : r->leaf].der, &ask, &res, &err),
		    SETPKI_E_OK);
		check(r, &res);
		setpki_chain_result_free(&res);
	}
	setpki_pool_free(pool);
	gen_free(&w);
}

static void
run_row(void **state)
{
	const struct row *r = *state;

	if (r->suites != CLASSIC)
		run_in(r, SETPKI_SUITE_MODERN);
	if (r->suites != MODERN)
		run_in(r, SETPKI_SUITE_CLASSIC);
}

/* "chain.limit" is yielded in test_paths.c, the others of the table here. */
static void
every_id_has_a_row(void **state)
{
	const struct setpki_rule *rules;
	size_t i, j, n;

	(void)state;
	rules = setpki_rules(&n);
	for (i = 0; i < n; i++) {
		if (strncmp(rules[i].id, "chain.", 6) != 0 || strcmp(rules[i].id, "chain.limit") == 0 ||
		    strncmp(rules[i].id, "chain.rfc5280.", 14) == 0)
			continue;
		for (j = 0; j < NROWS; j++)
			if (rows[j].id != NULL && strcmp(rows[j].id, rules[i].id) == 0)
				break;
		if (j == NROWS)
			fail_msg("no row yields %s", rules[i].id);
	}
}

static void
write_row(FILE *table, const char *folder, const struct gen_world *good, const struct row *r)
{
	struct setpki_chain_ask ask;
	struct gen_world w;

	gen_make(&w, good->suite, r->edits);
	ask = ask_of(r, &w);
	chain_case_write(table, folder, &w, good,
	    &(struct chain_case){
		r->name, r->leaf == GEN_NONE ? GEN_LEAF : r->leaf, r->signer_for, &ask, r->verdict, r->id, r->depth});
	gen_free(&w);
}

/* tests/vectors/chain/ anew: a case for each row. */
static void
write_suite(enum setpki_suite suite, const char *name, enum suites not_in)
{
	char folder[512], path[600];
	struct gen_world good;
	FILE *table;
	size_t i;

	snprintf(folder, sizeof(folder), "%s/tests/vectors/chain/%s", getenv("TEST_TOP"), name);
	snprintf(path, sizeof(path), "%s/cases.txt", folder);
	assert_non_null(table = fopen(path, "w"));
	fprintf(table, "# ../README.md says what this is and how it was made.\n");
	gen_make(&good, suite, NULL);
	for (i = 0; i < NROWS; i++)
		if (rows[i].suites != not_in)
			write_row(table, folder, &good, &rows[i]);
	gen_free(&good);
	assert_int_equal(fclose(table), 0);
}

static void
write_vectors(void **state)
{
	(void)state;
	write_suite(SETPKI_SUITE_MODERN, "modern", CLASSIC);
	write_suite(SETPKI_SUITE_CLASSIC, "classic", MODERN);
}

static int
start(void **state)
{
	(void)state;
	gen_start();
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	gen_stop();
	return 0;
}

int
main(void)
{
	const struct CMUnitTest writing[] = {cmocka_unit_test(write_vectors)};
	struct CMUnitTest t[NROWS + 1];
	size_t i;

	if (getenv("SETPKI_WRITE_VECTORS") != NULL)
		return cmocka_run_group_tests_name("chain_vectors", writing, start, stop);
	for (i = 0; i < NROWS; i++)
		t[i] = (struct CMUnitTest){rows[i].name, run_row, NULL, NULL, &rows[i]};
	t[NROWS] = (struct CMUnitTest){"every_id_has_a_row", every_id_has_a_row, NULL, NULL, NULL};
	return _cmocka_run_group_tests("chain_rules", t, sizeof(t) / sizeof(t[0]), start, stop);
}
