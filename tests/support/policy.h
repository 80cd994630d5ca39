/* Policy files for tests: their text, changed texts, what reading them gives. */
#ifndef TESTS_SUPPORT_POLICY_H
#define TESTS_SUPPORT_POLICY_H

#include "ca/policy/policy.h"
#include "tests/support/check.h"

/* The shipped policies, below policies/; NULL at the end. */
extern const char *const t_shipped[];

/* A file below the top of the repository, read whole; NUL-terminated, free(). */
char *t_file(const char *path);
/* Reads `text` as a policy called "p.yaml". */
enum setpki_code t_policy_text(const char *text, size_t n, struct ca_policy **out, struct setpki_error *err);
/* The same of text that is to be read. */
struct ca_policy *t_policy_good(const char *text);
/* "POLICY 3:1: suite: message": the error without the name of the file. */
const char *t_policy_refusal(const struct setpki_error *err, char *out, size_t cap);
/* `text` with the first `from` replaced by `to`; free().  The test fails if there is none. */
char *t_replaced(const char *text, const char *from, const char *to);

#endif
