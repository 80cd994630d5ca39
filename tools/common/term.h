/* The terminal: questions, secrets, passphrases, colour, progress. */
#ifndef TOOLS_COMMON_TERM_H
#define TOOLS_COMMON_TERM_H

#include <setpki/error.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Room for a passphrase, NUL included. */
#define TC_PASS_MAX 1024

/* Whether there is a terminal to ask at (/dev/tty opens). */
bool tc_can_ask(void);
/* A line for whoever is asked, where the questions are; lost where there is no terminal. */
__attribute__((format(printf, 1, 2))) void tc_tell(const char *fmt, ...);
/* Asks at the terminal, never at standard input.  STATE when there is none, or nothing is typed (Ctrl-D); LIMIT. */
enum setpki_code tc_ask_line(const char *prompt, char *out, size_t cap, struct setpki_error *err);
/* The same without echo.  The caller cleanses `out`. */
enum setpki_code tc_ask_secret(const char *prompt, char *out, size_t cap, size_t *n, struct setpki_error *err);
/* OK when `yes` or when the answer at the terminal is "yes" or "y"; STATE otherwise ("nothing was changed"), and where
 * there is no terminal, saying to give --yes. */
enum setpki_code tc_confirm(bool yes, const char *question, struct setpki_error *err);

/* Where passphrases come from: a descriptor if one is given, else the systemd credential "passphrase" (either gives
 * one line, the passphrase for every key, and maybe a second one for questions that say TC_PASS_SECOND), else the
 * terminal, where Enter alone gives the one that was typed before. */
#define TC_PASS_SECOND "the next root's key"
struct tc_pass;
enum setpki_code tc_pass_new(int64_t fd, struct tc_pass **out, struct setpki_error *err);
void tc_pass_free(struct tc_pass *p);
/* Whether a question can be answered at all. */
bool tc_pass_available(const struct tc_pass *p);
/* `arg` is the struct tc_pass *.  `what`: whose key.  `confirm`: a new passphrase, typed twice at a terminal and not
 * empty.  The signature is that of struct ca_passphrase. */
enum setpki_code
tc_pass_ask(void *arg, const char *what, bool confirm, char *out, size_t cap, size_t *n, struct setpki_error *err);
/* The passphrase that was given last is wrong: forgets it and, if another one can be typed, says so.  `arg` as above;
 * the signature is that of struct ca_passphrase, too. */
bool tc_pass_wrong(void *arg);

/* Colour: escape sequences where `to` is a terminal and NO_COLOR is not set, else "". */
enum tc_colour { TC_PLAIN, TC_BOLD, TC_DIM, TC_RED, TC_GREEN, TC_YELLOW };
const char *tc_colour(FILE *to, enum tc_colour colour);

/* A bar on standard error, where that is a terminal; nothing elsewhere.  `what` replaces the text at its right. */
void tc_progress(const char *what, size_t done, size_t total);
/* Takes the bar away again, if it is there: so does every question. */
void tc_progress_end(void);

#endif
