/* Homes for tests: a policy read from the repository (or from text), a home in the scratch folder, its hierarchy made.
 */
#ifndef TESTS_SUPPORT_HOME_H
#define TESTS_SUPPORT_HOME_H

#include "ca/hierarchy/init.h"

#define T_NOW INT64_C(1798761600) /* 2027-01-01T00:00:00Z */

/* One context for the program; freed at exit. */
setpki_ctx *t_ctx(void);
/* A folder under TEST_SCRATCH that is not there yet; static, good until the next call. */
const char *t_scratch(const char *name);
/* A policy of the repository ("policies/demo.yaml"), each {from, to} pair of `edits` (NULL-terminated, may be NULL)
 * replaced once; a pair that does not occur fails the test. */
struct ca_policy *t_policy(const char *path, const char *const *edits);
/* Opens a home (made new if it is not there) at time `now`; a passphrase of "passphrase for WHAT" is always at hand. */
struct ca_home *t_home_open(const char *dir, int64_t now);
/* init, whole: begin, plan, run.  The home owns the policy. */
enum setpki_code t_init(struct ca_home *h, struct ca_policy *policy, const char *only, struct ca_waiting *waiting,
    struct setpki_error *err);
/* A home with policies/demo.yaml in force and its hierarchy made. */
struct ca_home *t_demo_home(const char *name, int64_t now);
/* The number of a CA by name. */
uint16_t t_ca(struct ca_home *h, const char *name);
/* How many certificates it has issued. */
size_t t_certs(struct ca_home *h, const char *ca);
/* A new key pair's SubjectPublicKeyInfo; sp_buf_free(). */
void t_spki(enum sp_keyalg alg, unsigned bits, struct sp_buf *out);

#endif
