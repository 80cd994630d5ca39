/* The lists that automatic decisions go by (a desk's `decide: [accounts]`): an issuer's cards, an acquirer's merchants
 * and gateways.  An import is read and checked as a whole before anything is written; what it does not name stays. */
#ifndef CA_REGISTER_ACCOUNTS_H
#define CA_REGISTER_ACCOUNTS_H

#include "ca/audit/audit.h"

/* An import under way.  Opaque; nothing is written before ca_accounts_commit(). */
struct ca_accounts;

/* Begins an import into the list of a CA, by name (NULL: the only one with that role).  NOTFOUND, POLICY, ARGUMENT: no
 * such CA, or several; STATE: the store has no room, or hashes of card numbers under another secret. */
SP_MUST_CHECK enum setpki_code ca_accounts_begin(
    struct ca_home *h, const char *ca, enum ca_role role, struct ca_accounts **out, struct setpki_error *err);
const char *ca_accounts_ca(const struct ca_accounts *a); /* the CA's name */

/* One card: the number is hashed, and only its first six and last four digits stay; the caller cleanses it.  `place` is
 * its line in the file.  PARSE: not 13 to 19 digits, not a month; POLICY: not a BIN of the CA; LIMIT. */
SP_MUST_CHECK enum setpki_code ca_accounts_card(struct ca_accounts *a, const char *pan, const char *expiry,
    enum ca_account_state state, uint32_t place, struct setpki_error *err);
/* One merchant or gateway: rec->role, bin, id, state, and names, country and auth_flag or name; all of them are
 * borrowed until the commit.  Refused is what could not be certified.  ARGUMENT, POLICY, LIMIT; the message names the
 * field. */
SP_MUST_CHECK enum setpki_code
ca_accounts_holder(struct ca_accounts *a, const struct ca_holder_record *rec, uint32_t place, struct setpki_error *err);

struct ca_accounts_result {
	size_t added, changed, same;
	size_t again, before; /* CONFLICT: the places of the two that are one */
};

/* Writes what was taken, some thousands a transaction, each with its audit leaf; those that the list has like this
 * already are left alone.  CONFLICT, with nothing written: one stands there twice. */
SP_MUST_CHECK enum setpki_code
ca_accounts_commit(struct ca_accounts *a, struct ca_accounts_result *out, struct setpki_error *err);
void ca_accounts_free(struct ca_accounts *a); /* NULL is fine */

/* The record of a card, by its number, which the caller cleanses.  NOTFOUND: not in the list of that CA (`ca` as
 * above). */
SP_MUST_CHECK enum setpki_code ca_accounts_find_card(
    struct ca_home *h, const char *ca, const char *pan, struct ca_account_record *out, struct setpki_error *err);
/* The same of a merchant or gateway; ca_holder_record_free(). */
SP_MUST_CHECK enum setpki_code ca_accounts_find_holder(struct ca_home *h, const char *ca, enum ca_role role,
    const char *bin, const char *id, struct ca_holder_record *out, struct setpki_error *err);
/* "merchant 4711 of the acquirer with BIN 412399"; returns out. */
#define CA_HOLDER_TEXT (CA_HOLDER_ID_MAX + 64)
const char *ca_holder_text(const struct ca_holder_record *rec, char out[CA_HOLDER_TEXT]);
/* Take one out of the list; certificates that were issued stay.  NOTFOUND: not there (any more). */
SP_MUST_CHECK enum setpki_code
ca_accounts_remove_card(struct ca_home *h, const struct ca_account_record *rec, struct setpki_error *err);
SP_MUST_CHECK enum setpki_code
ca_accounts_remove_holder(struct ca_home *h, const struct ca_holder_record *rec, struct setpki_error *err);
/* The whole list of a CA, by its number; *n: how many were taken out. */
SP_MUST_CHECK enum setpki_code ca_accounts_clear(struct ca_home *h, uint16_t ca, size_t *n, struct setpki_error *err);

#endif
