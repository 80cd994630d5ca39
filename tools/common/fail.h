/* Errors of the tools: raising them with the public record alone, and printing them for people. */
#ifndef TOOLS_COMMON_FAIL_H
#define TOOLS_COMMON_FAIL_H

#include <setpki/error.h>
#include <stdio.h>

/* Keeps the first cause, like the library's own: does nothing but return `code` when `err` holds one already. */
__attribute__((format(printf, 5, 6))) enum setpki_code
tc_error_set(struct setpki_error *err, enum setpki_code code, const char *file, int line, const char *fmt, ...);
#define tc_fail(err, code, ...) tc_error_set((err), (code), __FILE__, __LINE__, __VA_ARGS__)
#define tc_fail_memory(err) tc_fail((err), SETPKI_E_MEMORY, "out of memory")

/* Puts "<text>: " before the object; returns `code`. */
__attribute__((format(printf, 3, 4))) enum setpki_code
tc_error_in(struct setpki_error *err, enum setpki_code code, const char *fmt, ...);

/* Puts "; <text>" behind the message: what to do; returns `code`. */
__attribute__((format(printf, 3, 4))) enum setpki_code
tc_error_hint(struct setpki_error *err, enum setpki_code code, const char *fmt, ...);

/* "setca: OBJECT: MESSAGE" and, indented below, the rule; PANs masked.  @return the exit status of the code */
int tc_error_print(const char *program, const struct setpki_error *err, FILE *to);

#endif
