/* `verify` and `lint`, the same code in setverify and in setca. */
#ifndef TOOLS_COMMON_VERIFY_H
#define TOOLS_COMMON_VERIFY_H

#include "tools/common/opt.h"

#include <setpki/chain.h>

struct tc_verify_args {
	struct tc_list root, root_thumb, untrusted, bci, crl;
	const char *revocation, *kind, *brand, *suite, *format, *baseline;
	int64_t at, until;
	bool rfc5280;
};

struct tc_lint_args {
	const char *suite, *format, *baseline, *explain;
};

extern const struct tc_opt tc_verify_opts[], tc_lint_opts[];

/* Paragraphs and examples for the tables of commands. */
extern const char tc_verify_about[], tc_lint_about[];

/* What a caller knows without being told: a home's roots and public set. */
struct tc_verify_defaults {
	/* Adds to the pool what no option gave.  `roots`: no root was given, so trust the home's. */
	enum setpki_code (*fill)(void *arg, setpki_pool *pool, bool roots, struct setpki_error *err);
	void *arg;
	enum setpki_suite suite; /* where no --suite was given; NONE: modern */
};

/* The commands.  Operands are files and folders; results go to standard output in the format asked for.  run->status is
 * 0 (all valid or accepted by the baseline), 1 (something refused), 3 (something could not be decided).
 * `defaults` may be NULL.  NOTFOUND: no root was given. */
enum setpki_code tc_verify_run(struct tc_run *run, const struct tc_verify_defaults *defaults);
enum setpki_code tc_lint_run(struct tc_run *run);

#endif
