/* Numbers that belong to somebody and never stand on a command line: a card's, an account's. */
#ifndef TOOLS_COMMON_SECRET_H
#define TOOLS_COMMON_SECRET_H

#include <setpki/error.h>
#include <stddef.h>
#include <stdint.h>

/* Room for what may be typed as a card number, NUL included; whether it is one, the library says. */
#define TC_PAN_MAX 64

/*
 * One line from descriptor `fd` or, where that is -1 (not given), from the terminal without echo.
 * @param option  that gives `fd`, for messages: "pan-fd"
 * @param what    "card number"
 * @param out     the caller cleanses it
 * @return OK; ARGUMENT (no such descriptor, nobody to ask); what reading gives, with `what`
 */
enum setpki_code tc_secret_line(
    int64_t fd, const char *option, const char *what, char *out, size_t cap, size_t *n, struct setpki_error *err);

/* The same for the number of a card; blanks and hyphens go, for it is printed with them, and the
 * end of line of other systems. */
enum setpki_code
tc_card_number(int64_t fd, const char *option, char *out, size_t cap, size_t *n, struct setpki_error *err);

#endif
