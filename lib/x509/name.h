/* Names: built once, from then on copied and compared as bytes (architecture, "Habits"; set-protocol 12.12). */
#ifndef LIB_X509_NAME_H
#define LIB_X509_NAME_H

#include "lib/crypto/suite.h"
#include "lib/der/reader.h"

/* The parts of a SET name in their order, C O OU [OU] CN, one attribute an RDN; NULL parts are left out. UTF-8. */
struct sp_name_parts {
	const char *country, *organization, *unit, *unit2, *common;
};

/* PrintableString where the alphabet allows, else UTF8String (modern) or BMPString (classic).  C is PrintableString(2).
 * ARGUMENT for an empty or over-long part or one with control characters. */
SP_MUST_CHECK enum setpki_code
sp_name_build(enum setpki_suite suite, const struct sp_name_parts *parts, struct sp_buf *out, struct setpki_error *err);

/* Structure of a Name: RDNs of one attribute each are SET's; others parse too, and lint complains.  PARSE. */
SP_MUST_CHECK enum setpki_code sp_name_check(setpki_bytes whole, struct setpki_error *err);
/* The n-th (0-based) value of an attribute, as UTF-8, appended to `out`; false if there is none. */
enum sp_attr { SP_ATTR_C, SP_ATTR_O, SP_ATTR_OU, SP_ATTR_CN };
bool sp_name_get(setpki_bytes whole, enum sp_attr attr, unsigned nth, struct sp_buf *out);
/* RFC 4514-like single line, in encoded order: "C=US, O=Democard, CN=Demo Brand G1"; truncated to fit, always NUL. */
const char *sp_name_text(setpki_bytes whole, char *out, size_t cap);
/* Whether two CA names are equal but for the generation number at the end of CN (12.12); *gen_a, *gen_b may be NULL. */
bool sp_name_same_ca(setpki_bytes a, setpki_bytes b, unsigned *gen_a, unsigned *gen_b);
/* The generation number at the end of CN; 0 if there is none. */
unsigned sp_name_generation(setpki_bytes whole);
unsigned sp_cn_generation(setpki_bytes cn); /* of the CN alone, UTF-8 */
/* Whether the brands agree: O up to ":" (set-protocol 7 step 8). */
bool sp_name_same_brand(setpki_bytes a, setpki_bytes b);
/* The same with a BrandID, UTF-8, "Brand" or "Brand:Product". */
bool sp_name_is_brand(setpki_bytes name, const char *brand_id);

/* Walks the attributes of a Name.  Ends early on one that is malformed; then it.rdns is bad. */
struct sp_name_iter {
	struct sp_der rdns, rdn;
	int index;
};
struct sp_ava {
	int rdn;	    /* which RDN, from 0 */
	int attr;	    /* enum sp_attr; -1: none of SET's */
	setpki_bytes oid;   /* contents octets */
	uint8_t tag;	    /* of the value */
	setpki_bytes value; /* contents octets */
};
void sp_name_iter(setpki_bytes whole, struct sp_name_iter *it);
bool sp_name_next(struct sp_name_iter *it, struct sp_ava *ava);

#endif
