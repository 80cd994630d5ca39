#include "ca/audit/sets.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

/* --- digests ----------------------------------------------------------------------------------- */

static int
compare(const void *a, const void *b)
{
	return memcmp(a, b, 32);
}

void
ca_digests_add(struct ca_digests *s, const uint8_t digest[32])
{
	sp_buf_add(&s->b, digest, 32);
}

void
ca_digests_sort(struct ca_digests *s)
{
	if (s->b.n != 0)
		qsort(s->b.p, s->b.n / 32, 32, compare);
}

bool
ca_digests_has(const struct ca_digests *s, const uint8_t digest[32])
{
	return s->b.n != 0 && bsearch(digest, s->b.p, s->b.n / 32, 32, compare) != NULL;
}

void
ca_digests_free(struct ca_digests *s)
{
	sp_buf_free(&s->b);
}

/* --- sequence numbers -------------------------------------------------------------------------- */

static struct ca_seen_ca *
of_ca(const struct ca_seen *s, uint16_t ca)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		if (s->v[i].ca == ca)
			return &s->v[i];
	return NULL;
}

static struct ca_seen_ca *
add_ca(struct ca_seen *s, uint16_t ca)
{
	struct ca_seen_ca *v = OPENSSL_realloc(s->v, (s->n + 1) * sizeof(*v));

	if (v == NULL)
		return NULL;
	s->v = v;
	v[s->n] = (struct ca_seen_ca){.ca = ca};
	return &v[s->n++];
}

enum ca_seen_answer
ca_seen_mark(struct ca_seen *s, uint16_t ca, uint64_t seq)
{
	struct ca_seen_ca *c = of_ca(s, ca);
	uint8_t bit = (uint8_t)(1u << (seq & 7)), *more;
	size_t at = (size_t)(seq >> 3), n;

	if (c == NULL && (c = add_ca(s, ca)) == NULL)
		return CA_SEEN_NO_MEMORY;
	if (at >= c->bits.n) {
		n = at + 1 - c->bits.n;
		if ((more = sp_buf_extend(&c->bits, n)) == NULL)
			return CA_SEEN_NO_MEMORY;
		memset(more, 0, n);
	}
	if ((c->bits.p[at] & bit) != 0)
		return CA_SEEN_BEFORE;
	c->bits.p[at] |= bit;
	return CA_SEEN_NEW;
}

bool
ca_seen_has(const struct ca_seen *s, uint16_t ca, uint64_t seq)
{
	const struct ca_seen_ca *c = of_ca(s, ca);

	return c != NULL && seq >> 3 < c->bits.n && (c->bits.p[seq >> 3] >> (seq & 7) & 1) != 0;
}

void
ca_seen_free(struct ca_seen *s)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		sp_buf_free(&s->v[i].bits);
	OPENSSL_free(s->v);
	s->v = NULL;
	s->n = 0;
}
