/* Holding: from then on nothing is issued, to end entities or CAs, until the home is released; revoking and publishing
 * go on, and requests that were answered before get their answer again. */
#ifndef CA_ISSUE_HOLD_H
#define CA_ISSUE_HOLD_H

#include "ca/home/hold.h"
#include "ca/home/home.h"

/* Holds this home; `reason` may be NULL or empty.  STATE: it is held already; ARGUMENT: no text of at most
 * CA_HOLD_REASON_MAX octets.  *out (may be NULL): what is in force afterwards. */
SP_MUST_CHECK enum setpki_code
ca_hold(struct ca_home *h, const char *reason, struct ca_hold *out, struct setpki_error *err);
/* Releases it; *was: the hold that ended.  STATE: it is not held. */
SP_MUST_CHECK enum setpki_code ca_release(struct ca_home *h, struct ca_hold *was, struct setpki_error *err);

/* STATE while the home is held, with since when, why, and what to do.  The engine asks in the transaction of the intent
 * and in that of the commit. */
SP_MUST_CHECK enum setpki_code ca_hold_check(ca_txn *t, struct setpki_error *err);
/* The same beforehand, so that nobody is asked for a passphrase in vain. */
SP_MUST_CHECK enum setpki_code ca_hold_check_now(struct ca_home *h, struct setpki_error *err);

#endif
