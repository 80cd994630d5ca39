#include "lib/chain/object.h"

#include "lib/x509/name.h"

#include <openssl/crypto.h>
#include <string.h>

void
sp_brand_cut(setpki_bytes text, char out[SP_BRAND_TEXT])
{
	const uint8_t *colon = text.n > 0 ? memchr(text.p, ':', text.n) : NULL;
	size_t n = colon == NULL ? text.n : (size_t)(colon - text.p);

	if (n >= SP_BRAND_TEXT || (n > 0 && memchr(text.p, '\0', n) != NULL))
		n = 0;
	if (n > 0)
		memcpy(out, text.p, n);
	out[n] = '\0';
}

static void
brand_of_name(setpki_bytes name, char out[SP_BRAND_TEXT])
{
	struct sp_buf o = {0};

	out[0] = '\0';
	if (sp_name_get(name, SP_ATTR_O, 0, &o))
		sp_brand_cut(sp_buf_bytes(&o), out);
	sp_buf_free(&o);
}

bool
sp_self_issued(const struct sp_cert *c)
{
	if (!sp_bytes_eq(c->issuer, c->subject))
		return false;
	return !sp_cert_has(c, SP_EXT_AKI) ||
	    (sp_bytes_eq(c->aki_issuer, c->issuer) && sp_bytes_eq(c->aki_serial, c->serial));
}

enum setpki_code
sp_pcert_open(setpki_ctx *ctx, setpki_bytes der, struct sp_pcert *c, struct setpki_error *err)
{
	enum setpki_code rc;

	memset(c, 0, sizeof(*c));
	atomic_init(&c->refs, 1);
	if ((rc = sp_cert_parse(der, &c->cert, err)) != SETPKI_E_OK)
		return rc;
	c->kind = sp_cert_kind(&c->cert);
	brand_of_name(c->cert.subject, c->brand);
	/* A leaf issues nothing but, if it is a root, itself: then its key is compared and its thumb may be trusted. */
	if (!sp_self_issued(&c->cert) || c->cert.suite == SETPKI_SUITE_NONE)
		return SETPKI_E_OK;
	if ((rc = sp_sha256(ctx, c->cert.key.whole, c->key_hash, err)) != SETPKI_E_OK)
		return rc;
	return sp_cert_thumb(ctx, &c->cert, c->thumb, &c->thumb_len, err);
}

static void
free_own(setpki_bytes own)
{
	union {
		const uint8_t *from;
		void *to;
	} u = {own.p};

	OPENSSL_free(u.to);
}

void
sp_pcert_close(struct sp_pcert *c)
{
	EVP_PKEY_free(atomic_load(&c->pkey));
	OPENSSL_free(c->origin);
	free_own(c->own);
}

/* Copies of the bytes and of the origin.  An empty object is left to the parser to refuse. */
static bool
keep(setpki_bytes der, bool borrow, const char *origin, setpki_bytes *own, char **name)
{
	if (!borrow && der.n > 0 && (*own = sp_bytes_dup(der)).p == NULL)
		return false;
	return origin == NULL || (*name = OPENSSL_strdup(origin)) != NULL;
}

enum setpki_code
sp_pcert_new(setpki_ctx *ctx, setpki_bytes der, const char *origin, struct sp_pcert **out, struct setpki_error *err)
{
	struct sp_pcert *c = OPENSSL_zalloc(sizeof(*c));
	setpki_bytes own = {NULL, 0};
	char *name = NULL;
	enum setpki_code rc;

	*out = NULL;
	if (c == NULL || !keep(der, false, origin, &own, &name)) {
		rc = sp_fail_memory(err);
		goto out;
	}
	if ((rc = sp_pcert_open(ctx, own, c, err)) != SETPKI_E_OK ||
	    (rc = sp_sha256(ctx, own, c->hash, err)) != SETPKI_E_OK ||
	    (rc = sp_sha256(ctx, c->cert.key.whole, c->key_hash, err)) != SETPKI_E_OK)
		goto out;
	c->own = own;
	c->origin = name;
	*out = c;
	return SETPKI_E_OK;
out:
	free_own(own);
	OPENSSL_free(name);
	OPENSSL_free(c);
	return rc;
}

enum setpki_code
sp_pcrl_new(
    setpki_ctx *ctx, setpki_bytes der, bool borrow, const char *origin, struct sp_pcrl **out, struct setpki_error *err)
{
	struct sp_pcrl *c = OPENSSL_zalloc(sizeof(*c));
	enum setpki_code rc;

	*out = NULL;
	if (c == NULL)
		return sp_fail_memory(err);
	atomic_init(&c->refs, 1);
	if (!keep(der, borrow, origin, &c->own, &c->origin))
		rc = sp_fail_memory(err);
	else
		rc = sp_crl_parse(ctx, borrow ? der : c->own, &c->crl, err);
	if (rc != SETPKI_E_OK) {
		sp_pcrl_drop(c);
		return rc;
	}
	*out = c;
	return SETPKI_E_OK;
}

enum setpki_code
sp_pbci_new(setpki_bytes der, const char *origin, struct sp_pbci **out, struct setpki_error *err)
{
	struct sp_pbci *b = OPENSSL_zalloc(sizeof(*b));
	struct sp_buf brand = {0};
	enum setpki_code rc;

	*out = NULL;
	if (b == NULL)
		return sp_fail_memory(err);
	atomic_init(&b->refs, 1);
	if (!keep(der, false, origin, &b->own, &b->origin))
		rc = sp_fail_memory(err);
	else
		rc = sp_bci_parse(b->own, &b->bci, err);
	if (rc != SETPKI_E_OK) {
		sp_pbci_drop(b);
		return rc;
	}
	sp_bci_brand(&b->bci, &brand);
	sp_brand_cut(sp_buf_bytes(&brand), b->brand);
	sp_buf_free(&brand);
	*out = b;
	return SETPKI_E_OK;
}

void
sp_pcert_drop(struct sp_pcert *c)
{
	if (c == NULL || atomic_fetch_sub(&c->refs, 1) != 1)
		return;
	sp_pcert_close(c);
	OPENSSL_free(c);
}

void
sp_pcrl_drop(struct sp_pcrl *c)
{
	if (c == NULL || atomic_fetch_sub(&c->refs, 1) != 1)
		return;
	sp_crl_free(&c->crl);
	OPENSSL_free(c->origin);
	free_own(c->own);
	OPENSSL_free(c);
}

void
sp_pbci_drop(struct sp_pbci *b)
{
	if (b == NULL || atomic_fetch_sub(&b->refs, 1) != 1)
		return;
	sp_bci_free(&b->bci);
	OPENSSL_free(b->origin);
	free_own(b->own);
	OPENSSL_free(b);
}
