/* A growing byte buffer, and copies of borrowed bytes. */
#ifndef LIB_BASE_BUF_H
#define LIB_BASE_BUF_H

#include <setpki/bytes.h>
#include <stdbool.h>

/* Zero-initialise ({0}) before use.  After the first failed growth it stays empty and `failed`, so that a run of
 * appends is checked once, at the end.  `secret` makes it cleanse memory it leaves behind. */
struct sp_buf {
	uint8_t *p;
	size_t n, cap;
	bool failed, secret;
};

void sp_buf_add(struct sp_buf *b, const void *p, size_t n);
void sp_buf_add_bytes(struct sp_buf *b, setpki_bytes s);
void sp_buf_add_byte(struct sp_buf *b, uint8_t c);
void sp_buf_add_str(struct sp_buf *b, const char *s);
__attribute__((format(printf, 2, 3))) void sp_buf_printf(struct sp_buf *b, const char *fmt, ...);
/* `n` uninitialised bytes at the end, NULL on failure; the pointer lives until the next growth. */
uint8_t *sp_buf_extend(struct sp_buf *b, size_t n);
/* The contents, borrowed; { NULL, 0 } once it has failed. */
setpki_bytes sp_buf_bytes(const struct sp_buf *b);
/* Hands the memory (OPENSSL_free) to the caller and empties the buffer; NULL if it has failed or is empty. */
uint8_t *sp_buf_take(struct sp_buf *b, size_t *n);
void sp_buf_reset(struct sp_buf *b); /* empty again, memory kept (cleansed if secret) */
void sp_buf_free(struct sp_buf *b);

/* Byte strings. */
#define SP_BYTES(array) ((setpki_bytes){(const uint8_t *)(array), sizeof(array)})
setpki_bytes sp_bytes(const void *p, size_t n);
setpki_bytes sp_bytes_str(const char *s);	  /* without the NUL; NULL gives the empty string */
bool sp_bytes_eq(setpki_bytes a, setpki_bytes b); /* public data only: secrets use CRYPTO_memcmp */
int sp_bytes_cmp(setpki_bytes a, setpki_bytes b); /* lexicographic, the shorter first */
/* A copy in OPENSSL_malloc memory; { NULL, 0 } when out of memory or when `s` is empty. */
setpki_bytes sp_bytes_dup(setpki_bytes s);

#endif
