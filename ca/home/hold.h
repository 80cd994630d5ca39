/* A home that is held: nothing is issued in it until it is released.  The record alone; ca/issue/hold.h holds, releases
 * and refuses. */
#ifndef CA_HOME_HOLD_H
#define CA_HOME_HOLD_H

#include "ca/store/store.h"

#define CA_HOLD_REASON_MAX 200 /* octets */

struct ca_hold {
	bool held;
	int64_t since;
	char reason[CA_HOLD_REASON_MAX + 1]; /* empty: none given */
};

SP_MUST_CHECK enum setpki_code ca_home_hold_get(ca_txn *t, struct ca_hold *out, struct setpki_error *err);
/* `held` false takes the record away.  The caller writes the audit leaf. */
SP_MUST_CHECK enum setpki_code ca_home_hold_put(ca_txn *t, const struct ca_hold *hold, struct setpki_error *err);

#endif
