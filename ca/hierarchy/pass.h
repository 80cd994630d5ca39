/* Passphrases kept for the length of one run, so that each protected key is asked for once. */
#ifndef CA_HIERARCHY_PASS_H
#define CA_HIERARCHY_PASS_H

#include "ca/home/home.h"

struct ca_pass_cache;

/* Puts itself before h->pass; without effect (and *out NULL) where nobody can be asked. */
SP_MUST_CHECK enum setpki_code
ca_pass_cache_open(struct ca_home *h, struct ca_pass_cache **out, struct setpki_error *err);
/* Gives h->pass back and cleanses what was kept.  NULL is fine. */
void ca_pass_cache_close(struct ca_home *h, struct ca_pass_cache *c);
/* While `own` is set a passphrase that was given for another key of this run is refused (set-protocol 12.15: the next
 * root's key is under a passphrase of its own).  NULL is fine. */
void ca_pass_cache_own(struct ca_pass_cache *c, bool own);
/* How often somebody was asked for, or the cache answered with, a passphrase. */
size_t ca_pass_cache_used(const struct ca_pass_cache *c);

#endif
