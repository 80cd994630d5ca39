/* Messages made wrong: truncated, with other octets, lengths and tags, with pieces doubled, dropped and taken from
 * elsewhere.  What happens is told by a seed. */
#ifndef TESTS_SUPPORT_MUTATE_H
#define TESTS_SUPPORT_MUTATE_H

#include "lib/base/buf.h"

struct t_random {
	uint64_t state;
};

/* The seed of this run: of the environment (TEST_SEED), or `otherwise`; it is printed. */
struct t_random t_random_begin(uint64_t otherwise);
/* Below `n`, which is not 0. */
size_t t_random_below(struct t_random *r, size_t n);

/* One way of making a message wrong.  Most lengths stay as they were, which the first walk of DER finds out; those of
 * T_PIECE_* are put right, so that what reads the types has to. */
enum t_mutation {
	T_WHOLE, /* nothing: it is replayed */
	T_TRUNCATED,
	T_LONGER, /* something after its end */
	T_OCTETS, /* up to four other octets */
	T_LENGTH, /* another length of one element */
	T_TAG,	  /* another tag of one */
	T_DOUBLED,
	T_PIECE_DOUBLED,
	T_PIECE_DROPPED,
	T_PIECE_FOREIGN, /* another message's element in its place */
	T_PIECE_OCTETS,	 /* other contents of an element that has no elements */
	T_PIECE_EMPTY,
	T_MUTATIONS
};
extern const char *const t_mutation_names[T_MUTATIONS];

/* `der` made wrong in one way, appended to `out`; `other` is where pieces come from. */
void t_mutate(struct t_random *r, enum t_mutation how, setpki_bytes der, setpki_bytes other, struct sp_buf *out);

#endif
