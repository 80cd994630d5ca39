/* Which revocations a generation's CRL covers: two counters in the store's meta, so that "something is pending" is one
 * comparison and never a scan. */
#ifndef CA_REVOKE_COVERED_H
#define CA_REVOKE_COVERED_H

#include "ca/store/store.h"

/* Revocations recorded for a generation until now, and those that its CRL was built from. */
SP_MUST_CHECK enum setpki_code ca_revocations_read(
    ca_txn *t, uint16_t ca, uint16_t generation, uint64_t *recorded, uint64_t *covered, struct setpki_error *err);
SP_MUST_CHECK enum setpki_code
ca_revocations_add(ca_txn *t, uint16_t ca, uint16_t generation, struct setpki_error *err);
SP_MUST_CHECK enum setpki_code
ca_revocations_cover(ca_txn *t, uint16_t ca, uint16_t generation, uint64_t covered, struct setpki_error *err);

#endif
