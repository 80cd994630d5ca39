/* Token buckets, one for each address, in memory that does not grow: where there are more addresses than buckets, the
 * one that was used longest ago is given away, full again. */
#ifndef CA_SERVICE_RATE_H
#define CA_SERVICE_RATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct ca_rate ca_rate; /* opaque */

/* Of an IPv4 address all of it, of an IPv6 address its first 64 bits: what one customer is given. */
#define CA_RATE_KEY 8

/* `per_second` tokens come back each second, up to `burst` (both at least 1); `seed` makes the places of addresses hard
 * to foresee.  NULL when out of memory; ca_rate_free(). */
ca_rate *ca_rate_new(unsigned per_second, unsigned burst, uint64_t seed);
void ca_rate_free(ca_rate *r); /* NULL is fine */
/* Takes a token at `now` (milliseconds, never backwards).  False: there is none; *wait_ms says when there will be. */
bool ca_rate_take(ca_rate *r, const uint8_t key[CA_RATE_KEY], int64_t now, int64_t *wait_ms);

#endif
