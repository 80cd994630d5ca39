/* Verified prefixes: what was found valid above an issuing CA, with everything that it rests on.  A later certificate
 * of the same CA then costs its own signature and a few lookups. */
#ifndef LIB_CHAIN_PREFIX_H
#define LIB_CHAIN_PREFIX_H

#include "lib/chain/check.h"

/* Drops all of them: something was added.  Only while nobody verifies. */
void sp_prefixes_forget(setpki_pool *p);
/* Remember what `c` found, if it found nothing to say, and the path has an issuing CA below a brand CA.  The limit
 * SP_CHAIN_PREFIXES_MAX holds for the pool. */
void sp_prefix_keep(const struct sp_check *c);
/* Check `leaf` under a remembered prefix that holds now.  False: there is none, or the leaf is not valid under it; `c`
 * is then as it was, and a full search has to tell. */
bool sp_prefix_use(struct sp_run *run, struct sp_node *leaf, struct sp_check *c);

#endif
