/* The rules of set-protocol section 7 and 12.12 to 12.15 as named checks.  Text, severity and citation of each stand in
 * lib/x509/rules_chain.h under the same id. */
#ifndef LIB_CHAIN_RULES_H
#define LIB_CHAIN_RULES_H

#include "lib/chain/check.h"

/* What a rule is applied to. */
enum sp_scope {
	SP_EACH,   /* every certificate */
	SP_LINK,   /* every certificate that has an issuer in the path */
	SP_ISSUER, /* every certificate that issued the one below it */
	SP_LEAF,   /* the lowest certificate, against what was asked */
	SP_TOP	   /* the highest certificate */
};

/* Whether the rule is kept by the certificate at depth `d`; if not, `text` says what was found. */
typedef bool sp_rule_fn(struct sp_check *c, size_t d, char text[SP_FINDING_TEXT]);

struct sp_chain_rule {
	const char *id;
	enum sp_scope scope;
	sp_rule_fn *kept;
};

/* rules_cert.c */
sp_rule_fn sp_rule_algorithm, sp_rule_suite, sp_rule_key, sp_rule_uniqueid, sp_rule_expired, sp_rule_notyet,
    sp_rule_kind, sp_rule_ext_missing, sp_rule_ext_forbidden, sp_rule_ext_critical, sp_rule_ext_unknown, sp_rule_policy;
/* rules_link.c */
sp_rule_fn sp_rule_name, sp_rule_aki, sp_rule_keyid, sp_rule_signature, sp_rule_issued_period, sp_rule_outlives,
    sp_rule_type, sp_rule_brand, sp_rule_certsign, sp_rule_ca, sp_rule_pathlen, sp_rule_pathlen_level;
/* rules_ends.c */
sp_rule_fn sp_rule_ask_type, sp_rule_ask_kind, sp_rule_ask_brand, sp_rule_message, sp_rule_signed_period,
    sp_rule_signer_ca, sp_rule_subject_ca, sp_rule_end_missing, sp_rule_end_deep, sp_rule_end_trusted,
    sp_rule_end_succeeded, sp_rule_root_kind, sp_rule_root_signature, sp_rule_suite_asked;

/* Writes the text of a rule that is broken; always false, so that `return sp_broken(text, ...)` says it. */
__attribute__((format(printf, 2, 3))) bool sp_broken(char text[SP_FINDING_TEXT], const char *fmt, ...);

#endif
