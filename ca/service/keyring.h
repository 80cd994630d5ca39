/* Passphrases of a daemon: asked for once, before its processes are forked, and kept for them.  At the start every key
 * that lives in the home is opened once, so that a passphrase that is missing or wrong is known then, and not at night
 * when a CRL is due. */
#ifndef CA_SERVICE_KEYRING_H
#define CA_SERVICE_KEYRING_H

#include "ca/home/home.h"
#include "ca/service/log.h"

struct ca_keyring; /* opaque */

/* `source` is asked for what the ring does not hold yet; NULL when out of memory. */
struct ca_keyring *ca_keyring_new(const struct ca_passphrase *source);
/* Cleanses it; NULL is fine. */
void ca_keyring_free(struct ca_keyring *k);
/* What a home is to be opened with; borrows the ring. */
struct ca_passphrase ca_keyring_passphrase(struct ca_keyring *k);

/* Opens each key of the home (which was opened with the ring's passphrase), and logs those that cannot be opened: what
 * needs them will not be done.  STORE. */
SP_MUST_CHECK enum setpki_code
ca_keyring_try(struct ca_keyring *k, struct ca_home *h, const struct ca_log *log, struct setpki_error *err);
/* Whether that opened not a single one. */
bool ca_keyring_is_useless(const struct ca_keyring *k);

#endif
