/* A sorted array of pointers, found by binary search.  Equal keys stand together, in the order of
 * arrival. */
#ifndef LIB_CHAIN_INDEX_H
#define LIB_CHAIN_INDEX_H

#include <stdbool.h>
#include <stddef.h>

struct sp_index {
	void **v;
	size_t n, cap;
};

/* Below, at or above zero as the item stands before, at or after the key. */
typedef int sp_index_cmp(const void *item, const void *key);

/* The first item that does not stand before the key; x->n if there is none. */
size_t sp_index_first(const struct sp_index *x, sp_index_cmp *cmp, const void *key);
/* The run of items at the key: v[*from .. *to). */
void sp_index_range(const struct sp_index *x, sp_index_cmp *cmp, const void *key, size_t *from, size_t *to);
/* Insert after all items at or before the key.  False when out of memory. */
bool sp_index_add(struct sp_index *x, sp_index_cmp *cmp, const void *key, void *item);
void sp_index_free(struct sp_index *x); /* the array, not the items */

#endif
