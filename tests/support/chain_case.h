/* Cases of chain validation as files: tests/vectors/chain/README.md says what is in them. */
#ifndef TESTS_SUPPORT_CHAIN_CASE_H
#define TESTS_SUPPORT_CHAIN_CASE_H

#include "tests/support/gen.h"

#include <stdio.h>

struct chain_case {
	const char *name;
	enum gen_slot leaf, signer_for;	    /* signer_for: GEN_NONE if nobody */
	const struct setpki_chain_ask *ask; /* all but signer_for */
	enum setpki_verdict verdict;
	const char *id; /* NULL: nothing is found */
	int depth;
};

/* Words of the table, by their value. */
extern const char *const chain_case_verdicts[3], *const chain_case_revocations[3];

/* Appends a case to `table` and writes its objects into `folder`: those that are as in the world `good` under their
 * own names, the others under the name of the case. */
void chain_case_write(FILE *table, const char *folder, const struct gen_world *w, const struct gen_world *good,
    const struct chain_case *c);

#endif
