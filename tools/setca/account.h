/* What the account commands share. */
#ifndef TOOLS_SETCA_ACCOUNT_H
#define TOOLS_SETCA_ACCOUNT_H

#include "ca/register/accounts.h"
#include "tools/common/input.h"
#include "tools/setca/setca.h"

/* "active", "blocked", and NULL at the end: in the order of enum ca_account_state. */
extern const char *const setca_account_states[];
/* A state's word; false if it is none. */
bool setca_account_state(const char *word, enum ca_account_state *out);

/* An import from a file of cards, a line each, or from a JSON file of merchants and gateways; `ca` NULL: the only CA
 * with that role.  *name: the CA (CA_NAME_MAX).  Nothing is changed unless the whole file is good. */
enum setpki_code
setca_import_cards(struct setca *s, struct tc_input *in, const char *ca, char *name, struct ca_accounts_result *out);
enum setpki_code
setca_import_holders(struct setca *s, struct tc_input *in, const char *ca, char *name, struct ca_accounts_result *out);

#endif
