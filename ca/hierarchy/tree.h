/* The hierarchy as it stands: what `setca tree` and `ca list | show` print. */
#ifndef CA_HIERARCHY_TREE_H
#define CA_HIERARCHY_TREE_H

#include "ca/home/hold.h"
#include "ca/issue/issue.h"
#include "lib/base/limits.h"

#include <setpki/text.h>

/* One key of a generation and its present certificate. */
struct ca_tree_key {
	bool present;	   /* the generation has this key */
	bool certified;	   /* and the rest of this is filled from its certificate */
	char uri[96];	   /* empty: the key lives in another home */
	char key_type[16]; /* "P-384" */
	enum setpki_kind kind;
	int64_t not_before, not_after;
	int64_t pkup_to; /* INT64_MAX: no privateKeyUsagePeriod */
	char serial[SETPKI_HEX_TEXT(SP_SERIAL_MAX)];
	char thumb[SETPKI_HEX_TEXT(32)]; /* SET thumb */
	uint64_t seq;			 /* under `superior`'s number in the store */
};

struct ca_tree_generation {
	uint16_t number, superior_generation;
	enum ca_generation_state state;
	char subject[256];
	struct ca_tree_key keys[CA_PURPOSE_N];
	uint64_t live, revoked, expired; /* certificates that this generation issued */
	bool keeps_crl;
	uint64_t crl_number; /* 0: no CRL yet */
	int64_t crl_this_update, crl_next_update;
};

struct ca_tree_ca {
	uint16_t id;
	const char *name;	  /* of the policy, borrowed from the home */
	int policy_index, parent; /* parent: index into ca_tree.v; -1 */
	unsigned depth;
	enum ca_level level;
	uint32_t type;
	bool here;				/* its keys live in this home */
	struct ca_tree_generation *generations; /* oldest first */
	size_t ngenerations;
	uint64_t bci_sequence; /* brands; 0: none yet */
	int64_t bci_not_after;
};

/* Top-down, parents before children, in the order of the policy. */
struct ca_tree {
	struct ca_tree_ca *v;
	size_t n;
	struct ca_hold hold; /* of the home */
};

/* Reads it in one transaction, as of h->now. */
SP_MUST_CHECK enum setpki_code ca_tree_read(struct ca_home *h, struct ca_tree *out, struct setpki_error *err);
void ca_tree_free(struct ca_tree *tree);
const char *ca_generation_state_name(enum ca_generation_state s); /* "waiting", "active", "closing", "retired" */

#endif
