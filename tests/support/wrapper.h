/* MessageWrappers that say nothing, and the Errors that answer them: what whoever stands before the protocol needs. */
#ifndef TESTS_SUPPORT_WRAPPER_H
#define TESTS_SUPPORT_WRAPPER_H

#include "lib/asn1/arm.h"

#include <setpki/message.h>

/* A well-formed wrapper of that arm and date, rrpid `n` and zeros, around an OCTET STRING of `size` zeros; appended. */
void t_wrapper(unsigned arm, uint8_t n, int64_t date, size_t size, struct sp_buf *out);
/* `answer` is an unsigned Error of that code about `request`. */
void t_is_error(setpki_bytes answer, setpki_bytes request, int64_t now, enum setpki_error_code code);

#endif
