#include "lib/base/buf.h"

#include <openssl/crypto.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void
fail(struct sp_buf *b)
{
	sp_buf_free(b);
	b->failed = true;
}

static bool
grow(struct sp_buf *b, size_t more)
{
	size_t cap = b->cap < 64 ? 64 : b->cap;
	uint8_t *p;

	if (b->failed || more > SIZE_MAX / 2 - b->n) {
		fail(b);
		return false;
	}
	if (b->n + more <= b->cap)
		return true;
	while (cap < b->n + more)
		cap *= 2;
	if (b->secret)
		p = OPENSSL_clear_realloc(b->p, b->cap, cap);
	else
		p = OPENSSL_realloc(b->p, cap);
	if (p == NULL) {
		fail(b);
		return false;
	}
	b->p = p;
	b->cap = cap;
	return true;
}

uint8_t *
sp_buf_extend(struct sp_buf *b, size_t n)
{
	/* nearly always there is room: cap is 0 once the buffer has failed */
	if (n > b->cap - b->n && !grow(b, n))
		return NULL;
	b->n += n;
	return b->p + b->n - n;
}

void
sp_buf_add(struct sp_buf *b, const void *p, size_t n)
{
	uint8_t *to;

	if (n != 0 && (to = sp_buf_extend(b, n)) != NULL)
		memcpy(to, p, n);
}

void
sp_buf_add_bytes(struct sp_buf *b, setpki_bytes s)
{
	sp_buf_add(b, s.p, s.n);
}

void
sp_buf_add_byte(struct sp_buf *b, uint8_t c)
{
	sp_buf_add(b, &c, 1);
}

void
sp_buf_add_str(struct sp_buf *b, const char *s)
{
	sp_buf_add(b, s, strlen(s));
}

void
sp_buf_printf(struct sp_buf *b, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0 || !grow(b, (size_t)n + 1)) {
		fail(b);
		return;
	}
	va_start(ap, fmt);
	vsnprintf((char *)b->p + b->n, (size_t)n + 1, fmt, ap);
	va_end(ap);
	b->n += (size_t)n;
}

setpki_bytes
sp_buf_bytes(const struct sp_buf *b)
{
	return b->failed ? (setpki_bytes){NULL, 0} : (setpki_bytes){b->p, b->n};
}

uint8_t *
sp_buf_take(struct sp_buf *b, size_t *n)
{
	uint8_t *p = b->failed || b->n == 0 ? NULL : b->p;

	*n = p != NULL ? b->n : 0;
	if (p == NULL)
		sp_buf_free(b);
	b->p = NULL;
	b->n = b->cap = 0;
	return p;
}

void
sp_buf_reset(struct sp_buf *b)
{
	if (b->secret && b->p != NULL)
		OPENSSL_cleanse(b->p, b->cap);
	b->n = 0;
	b->failed = false;
}

void
sp_buf_free(struct sp_buf *b)
{
	if (b->secret)
		OPENSSL_clear_free(b->p, b->cap);
	else
		OPENSSL_free(b->p);
	b->p = NULL;
	b->n = b->cap = 0;
	b->failed = false;
}

setpki_bytes
sp_bytes(const void *p, size_t n)
{
	return (setpki_bytes){p, n};
}

setpki_bytes
sp_bytes_str(const char *s)
{
	return (setpki_bytes){(const uint8_t *)s, s != NULL ? strlen(s) : 0};
}

bool
sp_bytes_eq(setpki_bytes a, setpki_bytes b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

int
sp_bytes_cmp(setpki_bytes a, setpki_bytes b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int c = n == 0 ? 0 : memcmp(a.p, b.p, n);

	return c != 0 ? c : (a.n > b.n) - (a.n < b.n);
}

setpki_bytes
sp_bytes_dup(setpki_bytes s)
{
	uint8_t *p = s.n == 0 ? NULL : OPENSSL_memdup(s.p, s.n);

	return (setpki_bytes){p, p != NULL ? s.n : 0};
}
