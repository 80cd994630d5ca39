/* A home: the folder of one installation, opened.  Store, policy in force, key folder, writer slot, clock reading. */
#ifndef CA_HOME_HOME_H
#define CA_HOME_HOME_H

#include "ca/file/file.h"
#include "ca/keys/keys.h"
#include "ca/policy/policy.h"
#include "ca/store/store.h"

struct ca_home {
	setpki_ctx *ctx; /* borrowed */
	char *dir;	 /* the folder */
	char *keys_dir, *public_dir, *run_dir;
	ca_store *store;
	struct ca_policy *policy; /* in force; NULL before init */
	struct ca_passphrase pass;
	int slot_fd; /* writer slot: run/slot-N, locked while open; -1: read only */
	uint16_t slot;
	uint64_t epoch;
	int64_t now; /* the clock, read once by the tool */
};

enum ca_home_mode { CA_HOME_READ, CA_HOME_WRITE, CA_HOME_CREATE };

/* Opens a home.  CREATE makes folders (0700) and store.  WRITE and CREATE take a writer slot and settle intents of
 * writers that are gone (ca/issue does that: see ca_issue_settle()).  NOTFOUND: no home there, "run setca init". */
SP_MUST_CHECK enum setpki_code ca_home_open(setpki_ctx *ctx, const char *dir, enum ca_home_mode mode,
    const struct ca_passphrase *pass, int64_t now, struct ca_home **out, struct setpki_error *err);
void ca_home_close(struct ca_home *h);
/* Whether a writer slot is held by a live process. */
bool ca_home_writer_alive(const struct ca_home *h, uint16_t slot, uint64_t epoch);
/* run/NAME.lock, held until the descriptor is closed; `wait` false: STATE with the pid of the holder. */
SP_MUST_CHECK enum setpki_code
ca_home_lock(const struct ca_home *h, const char *name, bool wait, int *fd, struct setpki_error *err);
/* The same, without waiting, for a home that is not opened yet: the daemon takes its lock before it opens anything.
 * NOTFOUND: no home there. */
SP_MUST_CHECK enum setpki_code
ca_home_lock_unopened(const char *dir, const char *name, int *fd, struct setpki_error *err);
/* Takes the policy in force from the store anew; h->policy stays as it is on failure. */
SP_MUST_CHECK enum setpki_code ca_home_policy_reload(struct ca_home *h, bool *changed, struct setpki_error *err);
/* Policy history: ca_home_policy_apply puts new bytes in force in an open transaction (the caller writes the audit
 * leaf).  h->policy stays as it is: the caller swaps it once the transaction has committed. */
SP_MUST_CHECK enum setpki_code
ca_home_policy_apply(struct ca_home *h, ca_txn *t, struct ca_policy *policy, struct setpki_error *err);
/* The hash of the policy in force (NOTFOUND before init), and the bytes of any policy that ever was, by its hash:
 * borrowed from the store (NOTFOUND; STORE when they are not those of the hash). */
SP_MUST_CHECK enum setpki_code ca_home_policy_hash(ca_txn *t, uint8_t hash[32], struct setpki_error *err);
SP_MUST_CHECK enum setpki_code
ca_home_policy_get(struct ca_home *h, ca_txn *t, const uint8_t hash[32], setpki_bytes *yaml, struct setpki_error *err);
/* What tells this home from every other one: 16 random octets, drawn when it was made.  It names its audit log. */
#define CA_HOME_INSTANCE 16
SP_MUST_CHECK enum setpki_code ca_home_instance(ca_txn *t, uint8_t out[CA_HOME_INSTANCE], struct setpki_error *err);

#endif
