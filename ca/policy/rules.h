/* Rules across values: one function a rule, in tables by what they look at; run in this order, the first complaint
 * ends it. */
#ifndef CA_POLICY_RULES_H
#define CA_POLICY_RULES_H

#include "ca/policy/schema.h"

typedef enum setpki_code ca_policy_rule(struct ca_check *c, const struct ca_policy *p);
typedef enum setpki_code ca_ca_rule(struct ca_check *c, const struct ca_policy *p, const struct ca_policy_ca *ca);
typedef enum setpki_code ca_profile_rule(
    struct ca_check *c, const struct ca_policy *p, const struct ca_policy_ca *ca, const struct ca_profile *profile);

/* NULL at the end of each. */
extern ca_policy_rule *const ca_name_rules[], *const ca_form_rules[], *const ca_role_rules[];
extern ca_ca_rule *const ca_level_rules[], *const ca_key_rules[], *const ca_time_rules[];
extern ca_profile_rule *const ca_profile_rules[], *const ca_desk_rules[], *const ca_profile_time_rules[];

/* Whether the suite allows such keys for signatures (`exchange` false) or key exchange (set-protocol 12.1).  The place
 * of a refusal is `at`. */
SP_MUST_CHECK enum setpki_code ca_check_keytype(
    struct ca_check *c, enum setpki_suite suite, const struct ca_keytype *key, bool exchange, const struct ca_node *at);

/* Refuses the name of a form, at `path` below `n`, that is none of the policy's. */
enum setpki_code ca_refuse_form(
    struct ca_check *c, const struct ca_policy *p, const struct ca_node *n, const char *path, const char *name);

/* The place of the error: the value at `path` below `n` ("": n itself); a key that is missing, by the mapping that
 * lacks it. */
enum setpki_code ca_refuse_at(struct ca_check *c, const struct ca_node *n, const char *path);
#define ca_refuse(c, n, path, spec, ...)                                                                               \
	(sp_fail((c)->err, SETPKI_E_POLICY, (spec), __VA_ARGS__), ca_refuse_at((c), (n), (path)))

/* Room for setpki_span_text(). */
struct ca_span {
	char text[32];
};
#define SPAN(seconds) setpki_span_text((seconds), (struct ca_span){{0}}.text)

#endif
