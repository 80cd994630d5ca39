/* An append-only DER writer on top of sp_buf.  Failure (memory) shows in the buffer; lengths are patched when an
 * element is closed. */
#ifndef LIB_DER_WRITER_H
#define LIB_DER_WRITER_H

#include "lib/base/buf.h"
#include "lib/der/reader.h"

/* Open a constructed (or wrapping) element; close it with the mark that this gave. */
size_t sp_der_open(struct sp_buf *b, uint8_t tag);
void sp_der_close(struct sp_buf *b, size_t mark);
/* An element with these contents. */
void sp_der_put(struct sp_buf *b, uint8_t tag, setpki_bytes contents);
void sp_der_put_bool(struct sp_buf *b, bool v);
void sp_der_put_int(struct sp_buf *b, int64_t v);
void sp_der_put_enum(struct sp_buf *b, int64_t v);
void sp_der_put_uint(struct sp_buf *b, setpki_bytes magnitude); /* INTEGER >= 0 from big-endian octets */
void sp_der_put_oid(struct sp_buf *b, setpki_bytes contents);
void sp_der_put_null(struct sp_buf *b);
void sp_der_put_octets(struct sp_buf *b, setpki_bytes v);
void sp_der_put_bits(struct sp_buf *b, setpki_bytes v);	  /* whole octets */
void sp_der_put_named_bits(struct sp_buf *b, uint32_t v); /* bit 0 = 1 << 0; trailing zeros dropped; 16 bits */
void sp_der_put_utctime(struct sp_buf *b, int64_t t);
void sp_der_put_gentime(struct sp_buf *b, int64_t t);
void sp_der_put_time(struct sp_buf *b, int64_t t); /* RFC 5280 4.1.2.5: UTCTime to 2049, then GeneralizedTime */
void sp_der_put_str(struct sp_buf *b, uint8_t tag, const char *s);
/* Bytes that identifier and length of an element with `n` contents octets take (single-byte tag). */
size_t sp_der_header_len(size_t n);
/* Identifier and length alone, for contents that are streamed after it.  Returns the bytes written (at most 6). */
size_t sp_der_header(uint8_t tag, size_t n, uint8_t out[6]);

#endif
