#include "tests/support/watch.h"

#include <malloc.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

static setpki_bytes secrets[8];
static size_t nsecrets, leaks;

static void
look(const void *p)
{
	size_t n = p != NULL ? malloc_usable_size((void *)(uintptr_t)p) : 0;
	bool found = false;

	for (size_t i = 0; n != 0 && i < nsecrets; i++)
		found = found || memmem(p, n, secrets[i].p, secrets[i].n) != NULL;
	leaks += found;
}

static void *
our_malloc(size_t n, const char *file, int line)
{
	(void)file;
	(void)line;
	return calloc(1, n); /* no old contents beyond what is asked for */
}

static void
our_free(void *p, const char *file, int line)
{
	(void)file;
	(void)line;
	look(p);
	free(p);
}

static void *
our_realloc(void *p, size_t n, const char *file, int line)
{
	void *q = our_malloc(n, file, line);
	size_t old = p != NULL ? malloc_usable_size(p) : 0;

	if (q != NULL && p != NULL)
		memcpy(q, p, old < n ? old : n);
	if (q != NULL)
		our_free(p, file, line);
	return q;
}

bool
watch_start(void)
{
	return CRYPTO_set_mem_functions(our_malloc, our_realloc, our_free) == 1;
}

void
watch_for(setpki_bytes secret)
{
	if (nsecrets < sizeof(secrets) / sizeof(secrets[0]))
		secrets[nsecrets++] = secret;
}

void
watch_none(void)
{
	nsecrets = 0;
}

size_t
watch_leaks(void)
{
	size_t n = leaks;

	leaks = 0;
	return n;
}
