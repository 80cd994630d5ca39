/* Card numbers, as a home keeps them: keyed hashes, under a secret that lies with the keys and in no store or backup of
 * it (docs/architecture.md, "A home"). */
#ifndef CA_HOME_PAN_H
#define CA_HOME_PAN_H

#include "ca/home/home.h"

/* Opens the secret (made on first use) and makes sure that it is the one that this store's hashes were made with; a
 * transaction that may write notes it down when it is the first.  The caller cleanses `key`.  STATE: it is another one,
 * or gone; what ca_secret_open() gives. */
SP_MUST_CHECK enum setpki_code ca_pan_key(struct ca_home *h, ca_txn *t, uint8_t key[32], struct setpki_error *err);
/* The same, for whoever only looks: makes and notes nothing. */
SP_MUST_CHECK enum setpki_code ca_pan_key_check(struct ca_home *h, ca_txn *t, struct setpki_error *err);
/* HMAC-SHA256 over the digits of `pan` (set-protocol 12.8), which the caller cleanses. */
SP_MUST_CHECK enum setpki_code
ca_pan_hash(setpki_ctx *ctx, const uint8_t key[32], const char *pan, uint8_t hash[32], struct setpki_error *err);

#endif
