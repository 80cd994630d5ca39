/* The policy in force, and all that ever were: kept under their hashes, so that a record's policy_hash finds the bytes
 * it was decided by. */
#include "ca/home/home.h"

#include <setpki/text.h>
#include <stdio.h>
#include <string.h>

#define META_POLICY "policy" /* hash of the one in force */
#define NAME_MAX_LEN (sizeof(META_POLICY ":") + 64)

static const char *
policy_name(const uint8_t hash[32], char out[NAME_MAX_LEN])
{
	char hex[SETPKI_HEX_TEXT(32)];

	snprintf(out, NAME_MAX_LEN, META_POLICY ":%s", setpki_hex_text(sp_bytes(hash, 32), hex));
	return out;
}

enum setpki_code
ca_home_policy_apply(struct ca_home *h, ca_txn *t, struct ca_policy *policy, struct setpki_error *err)
{
	char name[NAME_MAX_LEN];
	enum setpki_code rc;

	(void)h;
	rc = ca_meta_put(t, policy_name(policy->hash, name), sp_bytes(policy->source, policy->source_len), err);
	return rc == SETPKI_E_OK ? ca_meta_put(t, META_POLICY, SP_BYTES(policy->hash), err) : rc;
}

enum setpki_code
ca_home_policy_hash(ca_txn *t, uint8_t hash[32], struct setpki_error *err)
{
	setpki_bytes v;
	enum setpki_code rc = ca_meta_get(t, META_POLICY, &v, err);

	if (rc != SETPKI_E_OK)
		return rc;
	if (v.n != 32)
		return sp_fail(err, SETPKI_E_STORE, NULL,
		    "the store does not say which policy is in force; put a backup in its place");
	memcpy(hash, v.p, 32);
	return SETPKI_E_OK;
}

enum setpki_code
ca_home_policy_get(struct ca_home *h, ca_txn *t, const uint8_t hash[32], setpki_bytes *yaml, struct setpki_error *err)
{
	char name[NAME_MAX_LEN];
	uint8_t is[32];
	enum setpki_code rc;

	if ((rc = ca_meta_get(t, policy_name(hash, name), yaml, err)) != SETPKI_E_OK ||
	    (rc = sp_sha256(h->ctx, *yaml, is, err)) != SETPKI_E_OK)
		return rc;
	if (memcmp(is, hash, sizeof(is)) != 0)
		return sp_fail(err, SETPKI_E_STORE, NULL,
		    "the bytes of %s in the store are not those of that hash; put a backup in its place", name);
	return SETPKI_E_OK;
}
