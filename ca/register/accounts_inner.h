/* What the files of an import share. */
#ifndef CA_REGISTER_ACCOUNTS_INNER_H
#define CA_REGISTER_ACCOUNTS_INNER_H

#include "ca/register/accounts.h"

#define CA_ACCOUNTS_BATCH 4096 /* records of one transaction */

struct ca_accounts_card {
	struct ca_account_record rec;
	uint32_t place;
};

struct ca_accounts_holder {
	const struct ca_holder_record *rec;
	uint32_t place;
};

struct ca_accounts {
	struct ca_home *h;
	const struct ca_policy_ca *ca;
	uint16_t id;
	uint8_t key[32]; /* of hashes of card numbers; cardholder CAs */
	bool has_key;
	struct ca_accounts_card *cards;
	struct ca_accounts_holder *holders;
	size_t ncards, cap_cards, nholders, cap_holders;
};

/* Room for one more element of `size` in an array that holds at most `most`; LIMIT. */
SP_MUST_CHECK enum setpki_code
ca_accounts_grow(void **array, size_t n, size_t *cap, size_t size, size_t most, struct setpki_error *err);

/* Sorted by key; CONFLICT with the places of two that are one. */
SP_MUST_CHECK enum setpki_code
ca_accounts_sort_cards(struct ca_accounts *a, struct ca_accounts_result *out, struct setpki_error *err);
SP_MUST_CHECK enum setpki_code
ca_accounts_sort_holders(struct ca_accounts *a, struct ca_accounts_result *out, struct setpki_error *err);
/* Number `i` into an open transaction; counts in `out` what came of it. */
typedef enum setpki_code ca_accounts_put_fn(
    struct ca_accounts *a, ca_txn *t, size_t i, struct ca_accounts_result *out, struct setpki_error *err);
ca_accounts_put_fn ca_accounts_put_card, ca_accounts_put_holder;

/* Appends the leaf of a change to the list of CA number `ca`. */
SP_MUST_CHECK enum setpki_code ca_accounts_log(
    struct ca_home *h, ca_txn *t, enum ca_audit_event event, uint16_t ca, const char *detail, struct setpki_error *err);
/* Which CA of the policy it is, and its number in the store. */
SP_MUST_CHECK enum setpki_code ca_accounts_which(struct ca_home *h, const char *name, enum ca_role role,
    const struct ca_policy_ca **ca, uint16_t *id, struct setpki_error *err);

#endif
