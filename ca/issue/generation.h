/* When generations became active: the one before closes then, and finishes what was begun with it for a while
 * (set-protocol 12.12). */
#ifndef CA_ISSUE_GENERATION_H
#define CA_ISSUE_GENERATION_H

#include "ca/store/store.h"

SP_MUST_CHECK enum setpki_code
ca_generation_active_put(ca_txn *t, uint16_t ca, uint16_t generation, int64_t at, struct setpki_error *err);
/* INT64_MIN: it is not, or nobody noted when. */
SP_MUST_CHECK enum setpki_code
ca_generation_active_at(ca_txn *t, uint16_t ca, uint16_t generation, int64_t *at, struct setpki_error *err);

#endif
