/* Public keys and signature checks, each done once for an object of the pool. */
#include "lib/chain/object.h"

#include <string.h>

enum { MEMO_EMPTY, MEMO_BUSY, MEMO_SET };

enum setpki_code
sp_pcert_pkey(setpki_ctx *ctx, struct sp_pcert *c, EVP_PKEY **out, struct setpki_error *err)
{
	EVP_PKEY *made, *there = atomic_load_explicit(&c->pkey, memory_order_acquire);
	enum setpki_code rc;

	*out = there;
	if (there != NULL)
		return SETPKI_E_OK;
	if ((rc = sp_spki_pkey(ctx, &c->cert.key, &made, err)) != SETPKI_E_OK)
		return rc;
	/* Another thread may have been faster: its key stays, ours goes. */
	if (atomic_compare_exchange_strong_explicit(
		&c->pkey, &there, made, memory_order_acq_rel, memory_order_acquire)) {
		*out = made;
	} else {
		EVP_PKEY_free(made);
		*out = there;
	}
	return SETPKI_E_OK;
}

static bool
remembered(struct sp_memo *m, const struct sp_pcert *issuer)
{
	return atomic_load_explicit(&m->state, memory_order_acquire) == MEMO_SET &&
	    memcmp(m->key, issuer->key_hash, SP_HASH_LEN) == 0;
}

static void
remember(struct sp_memo *m, const struct sp_pcert *issuer)
{
	int empty = MEMO_EMPTY;

	if (!atomic_compare_exchange_strong(&m->state, &empty, MEMO_BUSY))
		return;
	memcpy(m->key, issuer->key_hash, SP_HASH_LEN);
	atomic_store_explicit(&m->state, MEMO_SET, memory_order_release);
}

bool
sp_cert_signed_by(setpki_ctx *ctx, struct sp_pcert *c, struct sp_pcert *issuer, unsigned *did)
{
	EVP_PKEY *key;

	if (remembered(&c->memo, issuer))
		return true;
	++*did;
	if (sp_pcert_pkey(ctx, issuer, &key, NULL) != SETPKI_E_OK ||
	    sp_cert_verify(ctx, &c->cert, key, NULL) != SETPKI_E_OK)
		return false;
	remember(&c->memo, issuer);
	return true;
}

bool
sp_crl_signed_by(setpki_ctx *ctx, struct sp_pcrl *c, struct sp_pcert *issuer, unsigned *did)
{
	EVP_PKEY *key;

	if (remembered(&c->memo, issuer))
		return true;
	++*did;
	if (sp_pcert_pkey(ctx, issuer, &key, NULL) != SETPKI_E_OK ||
	    sp_crl_verify(ctx, &c->crl, key, NULL) != SETPKI_E_OK)
		return false;
	remember(&c->memo, issuer);
	return true;
}

bool
sp_bci_signed_by(setpki_ctx *ctx, struct sp_pbci *b, struct sp_pcert *issuer, unsigned *did)
{
	EVP_PKEY *key;

	if (remembered(&b->memo, issuer))
		return true;
	++*did;
	if (sp_pcert_pkey(ctx, issuer, &key, NULL) != SETPKI_E_OK ||
	    sp_bci_verify(ctx, &b->bci, key, NULL) != SETPKI_E_OK)
		return false;
	remember(&b->memo, issuer);
	return true;
}
