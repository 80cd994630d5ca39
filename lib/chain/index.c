#include "lib/chain/index.h"

#include <openssl/crypto.h>
#include <string.h>

size_t
sp_index_first(const struct sp_index *x, sp_index_cmp *cmp, const void *key)
{
	size_t lo = 0, hi = x->n, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (cmp(x->v[mid], key) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

void
sp_index_range(const struct sp_index *x, sp_index_cmp *cmp, const void *key, size_t *from, size_t *to)
{
	*from = sp_index_first(x, cmp, key);
	for (*to = *from; *to < x->n && cmp(x->v[*to], key) == 0;)
		++*to;
}

static bool
grow(struct sp_index *x)
{
	size_t cap = x->cap == 0 ? 16 : 2 * x->cap;
	void **v;

	if (x->n < x->cap)
		return true;
	if ((v = OPENSSL_realloc(x->v, cap * sizeof(*v))) == NULL)
		return false;
	x->v = v;
	x->cap = cap;
	return true;
}

bool
sp_index_add(struct sp_index *x, sp_index_cmp *cmp, const void *key, void *item)
{
	size_t from, to;

	if (!grow(x))
		return false;
	sp_index_range(x, cmp, key, &from, &to);
	memmove(x->v + to + 1, x->v + to, (x->n - to) * sizeof(*x->v));
	x->v[to] = item;
	x->n++;
	return true;
}

void
sp_index_free(struct sp_index *x)
{
	OPENSSL_free(x->v);
	*x = (struct sp_index){0};
}
