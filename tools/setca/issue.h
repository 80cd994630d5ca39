/* The three issue commands: what they share, and the parts that differ. */
#ifndef TOOLS_SETCA_ISSUE_H
#define TOOLS_SETCA_ISSUE_H

#include "ca/issue/issue.h"
#include "lib/x509/merchant.h"
#include "tools/setca/setca.h"

struct issue_args {
	/* every role */
	const char *ca, *name, *signature, *exchange, *kind, *out;
	int64_t lifetime, passphrase_fd;
	bool dry_run, explain;
	/* merchants */
	const char *merchant_id, *bin, *city, *state, *postal_code, *country_name, *language;
	int64_t country;
	/* cardholders */
	int64_t pan_fd;
	const char *expiry;
};

/* One request for certificates, and what it borrows from. */
struct issue {
	struct setca *s;
	const struct issue_args *a;
	const struct ca_policy_ca *ca;
	const struct ca_profile *profile;
	struct sp_buf spki[2]; /* signature, key exchange; empty: not asked for */
	bool made[2];	       /* the key is a file in --out */
	struct ca_ee_request req;
	struct sp_mer_names names;
	struct sp_merchant_data merchant;
	char common_name[64];
	char bin[8];
};

/* The words of a key's place: files are called signature.key, exchange.cer. */
const char *issue_word(size_t which);
/* Fills spki[]: from the files that were given, or with keys in --out, made or found there (issue_keys.c). */
enum setpki_code issue_keys(struct issue *i);
/* Fills the merchant's data from the options and the policy (issue_merchant.c). */
enum setpki_code issue_merchant_data(struct issue *i);
/* Asks for the card, draws the secrets or takes those of an earlier run from --out, and fills the common name and the
 * card's last second (issue_card.c). */
enum setpki_code issue_card(struct issue *i);

#endif
