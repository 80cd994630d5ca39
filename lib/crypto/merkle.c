#include "lib/crypto/merkle.h"

#include <string.h>

enum setpki_code
sp_merkle_leaf(setpki_ctx *ctx, setpki_bytes data, uint8_t out[SP_MERKLE_LEN], struct setpki_error *err)
{
	static const uint8_t prefix = 0x00;
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	bool ok = c != NULL && EVP_DigestInit_ex2(c, sp_ctx_md(ctx, SETPKI_SUITE_MODERN), NULL) == 1 &&
	    EVP_DigestUpdate(c, &prefix, 1) == 1 && EVP_DigestUpdate(c, data.p, data.n) == 1 &&
	    EVP_DigestFinal_ex(c, out, NULL) == 1;

	EVP_MD_CTX_free(c);
	return ok ? SETPKI_E_OK : sp_fail_crypto(err, "hash of a leaf");
}

enum setpki_code
sp_merkle_node(setpki_ctx *ctx, const uint8_t left[SP_MERKLE_LEN], const uint8_t right[SP_MERKLE_LEN],
    uint8_t out[SP_MERKLE_LEN], struct setpki_error *err)
{
	uint8_t in[1 + 2 * SP_MERKLE_LEN] = {0x01};

	memcpy(in + 1, left, SP_MERKLE_LEN);
	memcpy(in + 1 + SP_MERKLE_LEN, right, SP_MERKLE_LEN);
	return sp_sha256(ctx, SP_BYTES(in), out, err);
}

/* Appending is adding one to a binary counter: each carry joins two complete subtrees into one of the next level. */
enum setpki_code
sp_merkle_append(setpki_ctx *ctx, struct sp_merkle *m, const uint8_t leaf[SP_MERKLE_LEN], sp_merkle_node_fn *node,
    void *arg, struct setpki_error *err)
{
	uint8_t hash[SP_MERKLE_LEN];
	enum setpki_code rc = SETPKI_E_OK;
	uint64_t index = m->size;
	unsigned level = 0;

	memcpy(hash, leaf, sizeof(hash));
	if (node != NULL)
		rc = node(arg, 0, index, hash, err);
	for (; rc == SETPKI_E_OK && (index & 1) != 0; index >>= 1) {
		rc = sp_merkle_node(ctx, m->edge[level], hash, hash, err);
		level++;
		if (rc == SETPKI_E_OK && node != NULL)
			rc = node(arg, level, index >> 1, hash, err);
	}
	if (rc != SETPKI_E_OK)
		return rc;
	memcpy(m->edge[level], hash, sizeof(hash));
	m->size++;
	return SETPKI_E_OK;
}

enum setpki_code
sp_merkle_root(setpki_ctx *ctx, const struct sp_merkle *m, uint8_t out[SP_MERKLE_LEN], struct setpki_error *err)
{
	enum setpki_code rc = SETPKI_E_OK;
	bool first = true;

	if (m->size == 0)
		return sp_sha256(ctx, sp_bytes(NULL, 0), out, err);
	for (unsigned level = 0; rc == SETPKI_E_OK && level < SP_MERKLE_LEVELS; level++) {
		if ((m->size >> level & 1) == 0)
			continue;
		if (first)
			memcpy(out, m->edge[level], SP_MERKLE_LEN);
		else
			rc = sp_merkle_node(ctx, m->edge[level], out, out, err);
		first = false;
	}
	return rc;
}
