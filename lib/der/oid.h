/* The dotted text of an OBJECT IDENTIFIER. */
#ifndef LIB_DER_OID_H
#define LIB_DER_OID_H

#include <setpki/bytes.h>

/* Room that holds every identifier of SET and X.509; longer ones are cut off with "...". */
#define SP_OID_TEXT 96

/* "2.23.42.7.0" from contents octets; "(malformed OID)" if they are not well formed.  Returns `out`. */
const char *sp_oid_text(setpki_bytes contents, char out[SP_OID_TEXT]);

#endif
