/* Raising errors.  Inside lib, ca and tools every failure goes through sp_fail(). */
#ifndef LIB_BASE_ERROR_H
#define LIB_BASE_ERROR_H

#include <setpki/error.h>

#define SP_MUST_CHECK __attribute__((warn_unused_result))

/* Keeps the first cause: does nothing but return `code` when `err` already holds one.  `spec` is static or NULL. */
__attribute__((format(printf, 6, 7))) enum setpki_code sp_error_set(struct setpki_error *err, enum setpki_code code,
    const char *file, int line, const char *spec, const char *fmt, ...);

/* Puts "<text>: " before the object of the error that `err` holds; each frame adds what it knows.  Returns err->code
 * (`code` if err is NULL), so that `return sp_error_in(err, rc, "request %zu", i);` hands a failure on. */
__attribute__((format(printf, 3, 4))) enum setpki_code
sp_error_in(struct setpki_error *err, enum setpki_code code, const char *fmt, ...);

#define sp_fail(err, code, spec, ...) sp_error_set((err), (code), __FILE__, __LINE__, (spec), __VA_ARGS__)
#define sp_fail_memory(err) sp_fail((err), SETPKI_E_MEMORY, NULL, "out of memory")

/* libcrypto failed where it should not have: takes libcrypto's own reason, and empties its queue. */
enum setpki_code sp_error_crypto(struct setpki_error *err, const char *file, int line, const char *what);
#define sp_fail_crypto(err, what) sp_error_crypto((err), __FILE__, __LINE__, (what))

#endif
