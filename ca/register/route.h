/* Roles, profiles and forms by what a message says. */
#ifndef CA_REGISTER_ROUTE_H
#define CA_REGISTER_ROUTE_H

#include "ca/register/private.h"

/* The role of a bit of certificateType, of the holder or of the CA; CA_ROLE_N: none. */
enum ca_role ca_reg_role(uint32_t type);
/* The profile by which a CA registers in a role; NULL: it does not. */
const struct ca_profile *
ca_reg_profile(const struct ca_register *r, const struct ca_reg_generation *g, enum ca_role role);

/* What those are asked who come with this BIN (NULL: none known): the form, or NULL and, where the policy has one, the
 * referral. */
const struct ca_form *
ca_reg_form_for(const struct ca_profile *profile, const char *bin, const struct ca_referral **referral);

/* The text in the language that RFC 4647's lookup finds for what was asked, else the first. NULL: there are none. */
const struct ca_form_text *ca_reg_text(const struct ca_form_text *texts, size_t n, const char *language);

/* The forms of the policy in force with their ids: r->forms. */
SP_MUST_CHECK enum setpki_code ca_reg_forms_make(struct ca_register *r, struct setpki_error *err);
/* The form of an id as it is worded now; NULL: there is none. */
const struct ca_reg_form *ca_reg_form_by_id(const struct ca_register *r, int64_t id);

#endif
