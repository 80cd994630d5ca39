/* The octets of records: big-endian numbers, byte strings behind a length of four octets.  Writing goes to an sp_buf;
 * reading is a cursor that turns `bad` and stays so, checked once at the end. */
#ifndef CA_STORE_CODEC_H
#define CA_STORE_CODEC_H

#include "lib/base/buf.h"

void ca_put_u8(struct sp_buf *b, uint8_t v);
void ca_put_u16(struct sp_buf *b, uint16_t v);
void ca_put_u32(struct sp_buf *b, uint32_t v);
void ca_put_u64(struct sp_buf *b, uint64_t v);
void ca_put_i64(struct sp_buf *b, int64_t v);
void ca_put_bytes(struct sp_buf *b, setpki_bytes v);
/* With its NUL, so that a reader may borrow it; NULL is the empty byte string. */
void ca_put_str(struct sp_buf *b, const char *s);

struct ca_reader {
	const uint8_t *p, *end;
	bool bad;
};

struct ca_reader ca_reader(setpki_bytes s);
uint8_t ca_get_u8(struct ca_reader *r);
uint8_t ca_get_enum(struct ca_reader *r, unsigned n); /* below n, else bad */
bool ca_get_bool(struct ca_reader *r);		      /* 0 or 1, else bad */
uint16_t ca_get_u16(struct ca_reader *r);
uint32_t ca_get_u32(struct ca_reader *r);
uint64_t ca_get_u64(struct ca_reader *r);
int64_t ca_get_i64(struct ca_reader *r);
void ca_get_raw(struct ca_reader *r, uint8_t *out, size_t n);
setpki_bytes ca_get_bytes(struct ca_reader *r); /* borrowed */
const char *ca_get_str(struct ca_reader *r);	/* borrowed, NUL at its end and nowhere else; NULL for none */
/* A string into an array of `cap` octets; too long is bad. */
void ca_get_text(struct ca_reader *r, char *out, size_t cap);
bool ca_get_end(const struct ca_reader *r); /* all read, nothing bad */

#endif
