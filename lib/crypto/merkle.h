/* Merkle tree hashing after RFC 9162 2.1, SHA-256: leaf = H(0x00 || data), node = H(0x01 || left || right). */
#ifndef LIB_CRYPTO_MERKLE_H
#define LIB_CRYPTO_MERKLE_H

#include "lib/crypto/suite.h"

#define SP_MERKLE_LEN 32
#define SP_MERKLE_LEVELS 64

/* The right edge of a tree of `size` leaves: the roots of its complete subtrees, one for each set bit of `size`, at the
 * index of that bit.  Zeroed, it is the empty tree.  The store keeps it beside the nodes. */
struct sp_merkle {
	uint64_t size;
	uint8_t edge[SP_MERKLE_LEVELS][SP_MERKLE_LEN];
};

SP_MUST_CHECK enum setpki_code
sp_merkle_leaf(setpki_ctx *ctx, setpki_bytes data, uint8_t out[SP_MERKLE_LEN], struct setpki_error *err);
SP_MUST_CHECK enum setpki_code sp_merkle_node(setpki_ctx *ctx, const uint8_t left[SP_MERKLE_LEN],
    const uint8_t right[SP_MERKLE_LEN], uint8_t out[SP_MERKLE_LEN], struct setpki_error *err);
/* Append a leaf hash.  `node` (may be NULL) is told each complete subtree that this finishes: level 0 is the leaf;
 * `index` counts the subtrees of that level from the left. */
typedef enum setpki_code sp_merkle_node_fn(
    void *arg, unsigned level, uint64_t index, const uint8_t hash[SP_MERKLE_LEN], struct setpki_error *err);
SP_MUST_CHECK enum setpki_code sp_merkle_append(setpki_ctx *ctx, struct sp_merkle *m, const uint8_t leaf[SP_MERKLE_LEN],
    sp_merkle_node_fn *node, void *arg, struct setpki_error *err);
/* The root of the tree; SHA-256 of nothing for the empty one. */
SP_MUST_CHECK enum setpki_code
sp_merkle_root(setpki_ctx *ctx, const struct sp_merkle *m, uint8_t out[SP_MERKLE_LEN], struct setpki_error *err);

#endif
