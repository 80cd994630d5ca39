/* The walk that refuses what is not DER, at every depth (set-protocol 12.2). */
#ifndef LIB_DER_WALK_H
#define LIB_DER_WALK_H

#include "lib/base/error.h"

#include <setpki/bytes.h>

/* Exactly one DER element, nothing after it.  Refuses indefinite and non-minimal lengths, BOOLEAN other than 00 or FF,
 * non-minimal INTEGER and ENUMERATED, BIT STRING padding that is not zero, malformed OID, NULL, time and string types,
 * constructed strings, unsorted SET (OF), and nesting beyond SP_DER_MAX_DEPTH.  SETPKI_E_PARSE with the offset, or
 * SETPKI_E_LIMIT. */
SP_MUST_CHECK enum setpki_code sp_der_walk(setpki_bytes der, struct setpki_error *err);

#endif
