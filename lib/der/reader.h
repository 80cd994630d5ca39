/* A strict, zero-copy DER reader: a cursor over borrowed bytes.  A cursor that met something malformed or unexpected is
 * `bad` and stays so, every later read fails; so a run of reads is checked once, with sp_der_end(). */
#ifndef LIB_DER_READER_H
#define LIB_DER_READER_H

#include <setpki/bytes.h>
#include <stdbool.h>

struct sp_der {
	const uint8_t *p, *end;
	bool bad;
};

/* Identifier octets.  Context tags: SP_CTX(n) for primitive (IMPLICIT of a primitive), SP_CTXC(n) for constructed. */
#define SP_BOOLEAN 0x01
#define SP_INTEGER 0x02
#define SP_BIT_STRING 0x03
#define SP_OCTET_STRING 0x04
#define SP_NULL 0x05
#define SP_OID 0x06
#define SP_ENUMERATED 0x0a
#define SP_UTF8 0x0c
#define SP_NUMERIC 0x12
#define SP_PRINTABLE 0x13
#define SP_TELETEX 0x14
#define SP_IA5 0x16
#define SP_UTCTIME 0x17
#define SP_GENTIME 0x18
#define SP_VISIBLE 0x1a
#define SP_UNIVERSAL 0x1c
#define SP_BMP 0x1e
#define SP_SEQUENCE 0x30
#define SP_SET 0x31
#define SP_CTX(n) ((uint8_t)(0x80 | (n)))
#define SP_CTXC(n) ((uint8_t)(0xa0 | (n)))

struct sp_tlv {
	uint8_t tag;	    /* first identifier octet */
	uint32_t number;    /* tag number, also of multi-byte tags */
	setpki_bytes value; /* contents */
	setpki_bytes whole; /* identifier, length and contents */
};

struct sp_der sp_der(setpki_bytes s);
/* Any element.  False at the end (not bad), and when malformed: indefinite or non-minimal length, non-minimal tag, too
 * long for its surroundings (bad). */
bool sp_der_any(struct sp_der *d, struct sp_tlv *t);
/* The tag of the next element; 0 at the end or when bad. */
uint8_t sp_der_peek(const struct sp_der *d);
/* An element with this tag (single-byte tags): its contents.  Anything else is bad. */
bool sp_der_take(struct sp_der *d, uint8_t tag, setpki_bytes *value);
bool sp_der_take_whole(struct sp_der *d, uint8_t tag, setpki_bytes *whole);
/* The same if the tag is next; false without harm if another one (or the end) is: *value = { NULL, 0 }. */
bool sp_der_opt(struct sp_der *d, uint8_t tag, setpki_bytes *value);
/* A cursor over the contents of the next element.  On failure `inner` is bad too. */
bool sp_der_enter(struct sp_der *d, uint8_t tag, struct sp_der *inner);
bool sp_der_enter_opt(struct sp_der *d, uint8_t tag, struct sp_der *inner);
/* All read, nothing bad. */
bool sp_der_end(const struct sp_der *d);
/* Bytes left to read, as they stand. */
setpki_bytes sp_der_rest(const struct sp_der *d);

/* Typed reads; each refuses what is not the DER of its type. */
bool sp_der_bool(struct sp_der *d, bool *v);
bool
sp_der_bool_default(struct sp_der *d, bool dflt, bool *v); /* absent: dflt; the default encoded: bad (X.690 11.5) */
bool sp_der_int(struct sp_der *d, int64_t *v);		   /* INTEGER that fits */
bool sp_der_enum(struct sp_der *d, int64_t *v);
bool sp_der_uint(struct sp_der *d, setpki_bytes *magnitude);   /* INTEGER >= 0 of any size, big-endian, no leading 00 */
bool sp_der_integer(struct sp_der *d, setpki_bytes *contents); /* INTEGER of any sign: minimal contents octets */
bool sp_der_oid(struct sp_der *d, setpki_bytes *contents);     /* well-formed contents octets */
bool sp_der_null(struct sp_der *d);
/* BIT STRING; padding bits must be zero.  `bits` are the octets without the count, `unused` 0..7. */
bool sp_der_bits(struct sp_der *d, setpki_bytes *bits, unsigned *unused);
bool sp_der_octets(struct sp_der *d, setpki_bytes *v);
/* BIT STRING with named bits (no trailing zero bits, X.690 11.2.2): bit 0 becomes 1 << 0; 16 bits at most. */
bool sp_der_named_bits(struct sp_der *d, uint32_t *v);
/* UTCTime (YYMMDDHHMMSSZ, 1950..2049) or GeneralizedTime (YYYYMMDDHHMMSSZ); *tag says which, may be NULL. */
bool sp_der_time(struct sp_der *d, int64_t *t, uint8_t *tag);
/* The same of contents alone (IMPLICIT tags); `tag` is SP_UTCTIME or SP_GENTIME. */
bool sp_der_time_value(uint8_t tag, setpki_bytes value, int64_t *t);
/* Checks of contents octets alone. */
bool sp_der_integer_ok(setpki_bytes contents);
bool sp_der_oid_ok(setpki_bytes contents);
/* Whether `value` is well formed for the universal string type `tag` (alphabet, UTF-8, BMP length). */
bool sp_der_string_ok(uint8_t tag, setpki_bytes value);

#endif
