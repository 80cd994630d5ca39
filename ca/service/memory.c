#include "ca/service/memory.h"

#include <event2/event.h>
#include <malloc.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* --- what is given back ------------------------------------------------------------------------- */

static void
cleanse_free(void *p)
{
	if (p != NULL)
		OPENSSL_cleanse(p, malloc_usable_size(p));
	free(p);
}

/* Never in place: what moves would leave the old block behind as it was. */
static void *
cleanse_realloc(void *p, size_t n)
{
	size_t old = p != NULL ? malloc_usable_size(p) : 0;
	void *q = n != 0 ? malloc(n) : NULL;

	if (q != NULL && old != 0)
		memcpy(q, p, old < n ? old : n);
	if (q != NULL || n == 0)
		cleanse_free(p);
	return q;
}

static void *
crypto_malloc(size_t n, const char *file, int line)
{
	(void)file;
	(void)line;
	return n != 0 ? malloc(n) : NULL;
}

static void *
crypto_realloc(void *p, size_t n, const char *file, int line)
{
	(void)file;
	(void)line;
	return cleanse_realloc(p, n);
}

static void
crypto_free(void *p, const char *file, int line)
{
	(void)file;
	(void)line;
	cleanse_free(p);
}

bool
ca_memory_cleanse(void)
{
	event_set_mem_functions(malloc, cleanse_realloc, cleanse_free);
	return CRYPTO_set_mem_functions(crypto_malloc, crypto_realloc, crypto_free) == 1;
}

/* --- what must not be swapped -------------------------------------------------------------------- */

/* The mapping that holds an address: libcrypto does not say where its memory for secrets begins. */
static bool
mapping_of(const void *p, uintptr_t *from, uintptr_t *to)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	uintptr_t at = (uintptr_t)p;
	unsigned long first, end;
	char line[512];
	bool found = false;

	while (maps != NULL && !found && fgets(line, sizeof(line), maps) != NULL)
		if (sscanf(line, "%lx-%lx ", &first, &end) == 2 && first <= at && at < end) {
			*from = first;
			*to = end;
			found = true;
		}
	if (maps != NULL)
		fclose(maps);
	return found;
}

bool
ca_memory_lock(void)
{
	void *p = OPENSSL_secure_malloc(1);
	uintptr_t from = 0, to = 0;
	bool locked = true;

	if (p != NULL && CRYPTO_secure_allocated(p) == 1)
		locked = mapping_of(p, &from, &to) && mlock2((void *)from, to - from, 0) == 0;
	OPENSSL_secure_free(p);
	return locked;
}
