/* What most test programs share: cmocka with what it needs, bytes from hex, and checks of codes that print the error.
 */
#ifndef TESTS_SUPPORT_CHECK_H
#define TESTS_SUPPORT_CHECK_H

#include "lib/base/buf.h"
#include "lib/base/error.h"

#include <setjmp.h>
#include <setpki/text.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
/* after the headers that it needs */
#include <cmocka.h>

#define NELEMS(array) (sizeof(array) / sizeof((array)[0]))

/* The bytes of a hex text (blanks between octets are fine), kept until t_hex_free(); a wrong text fails the test. */
setpki_bytes t_hex(const char *text);
void t_hex_free(void);

/* `rc` is `want`; on a surprise the record of the error is printed. */
void t_code_at(enum setpki_code rc, enum setpki_code want, const struct setpki_error *err, const char *file, int line);
#define t_code(rc, want, err) t_code_at((rc), (want), (err), __FILE__, __LINE__)
#define t_ok(rc, err) t_code_at((rc), SETPKI_E_OK, (err), __FILE__, __LINE__)

/* The same of what is refused with words that hold `text`; the error is cleared. */
void t_refused_at(
    enum setpki_code rc, enum setpki_code want, const char *text, struct setpki_error *err, const char *file, int line);
#define t_refused(rc, want, text, err) t_refused_at((rc), (want), (text), (err), __FILE__, __LINE__)

/* Bytes are those of `hex`; on a difference both are printed. */
void t_bytes_at(setpki_bytes got, setpki_bytes want, const char *file, int line);
#define t_bytes(got, want) t_bytes_at((got), (want), __FILE__, __LINE__)

#endif
