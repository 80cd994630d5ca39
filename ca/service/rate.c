#include "ca/service/rate.h"

#include <openssl/crypto.h>
#include <string.h>

#define SETS 1024u
#define WAYS 8u
#define TOKEN 1000u /* parts of one: what a rate of 1 gives in a millisecond is one part */

struct bucket {
	uint8_t key[CA_RATE_KEY];
	int64_t used; /* when; 0: never */
	uint64_t parts;
};

struct ca_rate {
	uint64_t per_ms, most, seed;
	struct bucket buckets[SETS][WAYS];
};

ca_rate *
ca_rate_new(unsigned per_second, unsigned burst, uint64_t seed)
{
	ca_rate *r = OPENSSL_zalloc(sizeof(*r));

	if (r == NULL)
		return NULL;
	r->per_ms = per_second;
	r->most = (uint64_t)burst * TOKEN;
	r->seed = seed;
	return r;
}

void
ca_rate_free(ca_rate *r)
{
	OPENSSL_free(r);
}

/* FNV-1a.  Whoever makes addresses meet in one set wins full buckets for them, which as many addresses would have
 * anyway. */
static size_t
place(const ca_rate *r, const uint8_t key[CA_RATE_KEY])
{
	uint64_t h = UINT64_C(14695981039346656037) ^ r->seed;

	for (size_t i = 0; i < CA_RATE_KEY; i++)
		h = (h ^ key[i]) * UINT64_C(1099511628211);
	return (size_t)((h ^ h >> 32) % SETS);
}

static struct bucket *
find(ca_rate *r, const uint8_t key[CA_RATE_KEY])
{
	struct bucket *set = r->buckets[place(r, key)], *oldest = &set[0];

	for (size_t i = 0; i < WAYS; i++) {
		if (set[i].used != 0 && memcmp(set[i].key, key, CA_RATE_KEY) == 0)
			return &set[i];
		if (set[i].used < oldest->used)
			oldest = &set[i];
	}
	memcpy(oldest->key, key, CA_RATE_KEY);
	oldest->used = 0;
	return oldest;
}

static uint64_t
refilled(const ca_rate *r, const struct bucket *b, int64_t now)
{
	uint64_t passed = now > b->used ? (uint64_t)(now - b->used) : 0;

	if (b->used == 0 || passed > r->most / r->per_ms)
		return r->most;
	return b->parts + passed * r->per_ms < r->most ? b->parts + passed * r->per_ms : r->most;
}

bool
ca_rate_take(ca_rate *r, const uint8_t key[CA_RATE_KEY], int64_t now, int64_t *wait_ms)
{
	struct bucket *b = find(r, key);

	b->parts = refilled(r, b, now);
	b->used = now;
	*wait_ms = 0;
	if (b->parts >= TOKEN) {
		b->parts -= TOKEN;
		return true;
	}
	*wait_ms = (int64_t)((TOKEN - b->parts + r->per_ms - 1) / r->per_ms);
	return false;
}
