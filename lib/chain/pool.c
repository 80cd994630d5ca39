/* Pools: what is added, what is trusted, and how it is found. */
#include "lib/chain/pool.h"

#include "lib/chain/prefix.h"
#include "lib/chain/rfc5280.h"

#include <openssl/crypto.h>
#include <string.h>

static const struct sp_pcert *
cert_of(const void *item)
{
	return ((const struct sp_node *)item)->c;
}

static int
cmp_hash(const void *item, const void *key)
{
	return memcmp(cert_of(item)->hash, key, SP_HASH_LEN);
}

static int
cmp_subject(const void *item, const void *key)
{
	return sp_bytes_cmp(cert_of(item)->cert.subject, *(const setpki_bytes *)key);
}

static int
cmp_target(const void *item, const void *key)
{
	const struct sp_target *t = key;
	int d = sp_bytes_cmp(cert_of(item)->cert.serial, t->serial);

	return d != 0 ? d : sp_bytes_cmp(cert_of(item)->cert.issuer, t->issuer);
}

static int
cmp_crl(const void *item, const void *key)
{
	return sp_bytes_cmp(((const struct sp_pcrl *)item)->crl.issuer, *(const setpki_bytes *)key);
}

static int
cmp_bci(const void *item, const void *key)
{
	return strcmp(((const struct sp_pbci *)item)->brand, key);
}

/* For inserting: the newest of an issuer or a brand stands first. */
static int
order_crl(const void *item, const void *key)
{
	const struct sp_crl *a = &((const struct sp_pcrl *)item)->crl, *b = key;
	int d = sp_bytes_cmp(a->issuer, b->issuer);

	return d != 0 ? d : (a->number_value < b->number_value) - (a->number_value > b->number_value);
}

static int
order_bci(const void *item, const void *key)
{
	const struct sp_pbci *a = item, *b = key;
	int d = strcmp(a->brand, b->brand);

	return d != 0 ? d : (a->bci.sequence < b->bci.sequence) - (a->bci.sequence > b->bci.sequence);
}

static int
cmp_brand(const void *item, const void *key)
{
	return strcmp(((const struct sp_brand *)item)->name, key);
}

void
sp_pool_by_subject(const setpki_pool *p, setpki_bytes subject, size_t *from, size_t *to)
{
	sp_index_range(&p->by_subject, cmp_subject, &subject, from, to);
}

void
sp_pool_by_target(const setpki_pool *p, const struct sp_target *t, size_t *from, size_t *to)
{
	sp_index_range(&p->by_target, cmp_target, t, from, to);
}

void
sp_pool_crls_of(const setpki_pool *p, setpki_bytes issuer, size_t *from, size_t *to)
{
	sp_index_range(&p->crls, cmp_crl, &issuer, from, to);
}

void
sp_pool_bcis_of(const setpki_pool *p, const char *brand, size_t *from, size_t *to)
{
	sp_index_range(&p->bcis, cmp_bci, brand, from, to);
}

struct sp_brand *
sp_pool_brand(const setpki_pool *p, const char *brand)
{
	size_t i = sp_index_first(&p->brands, cmp_brand, brand);

	return i < p->brands.n && cmp_brand(p->brands.v[i], brand) == 0 ? p->brands.v[i] : NULL;
}

static struct sp_node *
find_hash(const setpki_pool *p, const uint8_t hash[SP_HASH_LEN])
{
	size_t i = sp_index_first(&p->by_hash, cmp_hash, hash);

	return i < p->by_hash.n && cmp_hash(p->by_hash.v[i], hash) == 0 ? p->by_hash.v[i] : NULL;
}

struct sp_node *
sp_pool_find(const setpki_pool *p, setpki_bytes der)
{
	uint8_t hash[SP_HASH_LEN];

	return sp_sha256(p->ctx, der, hash, NULL) == SETPKI_E_OK ? find_hash(p, hash) : NULL;
}

bool
sp_pool_trusts(const setpki_pool *p, const struct sp_node *n)
{
	const struct sp_node *in_pool = n->in_pool ? n : sp_pool_find(p, n->c->cert.der);
	size_t i;

	if (in_pool != NULL && in_pool->trusted)
		return true;
	for (i = 0; i < p->nthumbs; i++)
		if (n->c->thumb_len > 0 && n->c->thumb_len == p->thumbs[i].n &&
		    memcmp(n->c->thumb, p->thumbs[i].hash, p->thumbs[i].n) == 0)
			return true;
	return false;
}

bool
sp_pool_has_trust(const setpki_pool *p)
{
	return p->ntrusted + p->nthumbs > 0;
}

enum setpki_code
setpki_pool_new(setpki_ctx *ctx, setpki_pool **out, struct setpki_error *err)
{
	setpki_pool *p = OPENSSL_zalloc(sizeof(*p));

	*out = p;
	if (p == NULL)
		return sp_fail_memory(err);
	p->ctx = ctx;
	atomic_init(&p->refs, 1);
	return SETPKI_E_OK;
}

enum setpki_code
setpki_pool_new_rfc5280(setpki_ctx *ctx, setpki_pool **out, struct setpki_error *err)
{
	enum setpki_code rc = setpki_pool_new(ctx, out, err);

	if (rc == SETPKI_E_OK && (rc = sp_rfc5280_new(ctx, &(*out)->rfc5280, err)) != SETPKI_E_OK) {
		setpki_pool_free(*out);
		*out = NULL;
	}
	return rc;
}

setpki_pool *
setpki_pool_hold(setpki_pool *p)
{
	atomic_fetch_add(&p->refs, 1);
	return p;
}

void
setpki_pool_free(setpki_pool *p)
{
	size_t i;

	if (p == NULL || atomic_fetch_sub(&p->refs, 1) != 1)
		return;
	sp_prefixes_forget(p);
	sp_rfc5280_free(p->rfc5280);
	for (i = 0; i < p->by_hash.n; i++) {
		sp_pcert_drop(((struct sp_node *)p->by_hash.v[i])->c);
		OPENSSL_free(p->by_hash.v[i]);
	}
	for (i = 0; i < p->crls.n; i++)
		sp_pcrl_drop(p->crls.v[i]);
	for (i = 0; i < p->bcis.n; i++)
		sp_pbci_drop(p->bcis.v[i]);
	for (i = 0; i < p->brands.n; i++)
		OPENSSL_free(p->brands.v[i]);
	sp_index_free(&p->by_hash);
	sp_index_free(&p->by_subject);
	sp_index_free(&p->by_target);
	sp_index_free(&p->roots);
	sp_index_free(&p->crls);
	sp_index_free(&p->bcis);
	sp_index_free(&p->brands);
	OPENSSL_free(p->thumbs);
	OPENSSL_free(p);
}

/* Puts a certificate into all indexes; takes the reference.  A failure half way leaves it in the first index, which is
 * the one that owns. */
enum setpki_code
sp_pool_put_cert(setpki_pool *p, struct sp_pcert *c, struct sp_node **out, struct setpki_error *err)
{
	const struct sp_target t = {c->cert.issuer, c->cert.serial};
	struct sp_node *n = OPENSSL_zalloc(sizeof(*n));

	if (n == NULL || !sp_index_add(&p->by_hash, cmp_hash, c->hash, n)) {
		OPENSSL_free(n);
		sp_pcert_drop(c);
		return sp_fail_memory(err);
	}
	n->c = c;
	n->in_pool = true;
	*out = n;
	if (!sp_index_add(&p->by_subject, cmp_subject, &c->cert.subject, n) ||
	    !sp_index_add(&p->by_target, cmp_target, &t, n) ||
	    (sp_self_issued(&c->cert) && !sp_index_add(&p->roots, cmp_subject, &c->cert.subject, n)))
		return sp_fail_memory(err);
	return SETPKI_E_OK;
}

static enum setpki_code
add_cert(setpki_pool *p, setpki_bytes der, const char *origin, struct sp_node **out, struct setpki_error *err)
{
	struct sp_pcert *c;
	enum setpki_code rc;

	if ((*out = sp_pool_find(p, der)) != NULL)
		return SETPKI_E_OK;
	if ((rc = sp_pcert_new(p->ctx, der, origin, &c, err)) != SETPKI_E_OK)
		return rc;
	return sp_pool_put_cert(p, c, out, err);
}

enum setpki_code
sp_pool_put_crl(setpki_pool *p, struct sp_pcrl *c, struct setpki_error *err)
{
	if (sp_index_add(&p->crls, order_crl, &c->crl, c))
		return SETPKI_E_OK;
	sp_pcrl_drop(c);
	return sp_fail_memory(err);
}

static enum setpki_code
add_crl(setpki_pool *p, setpki_bytes der, bool borrow, const char *origin, struct setpki_error *err)
{
	struct sp_pcrl *c;
	enum setpki_code rc = sp_pcrl_new(p->ctx, der, borrow, origin, &c, err);

	return rc != SETPKI_E_OK ? rc : sp_pool_put_crl(p, c, err);
}

static enum setpki_code
brand_record(setpki_pool *p, const char *name, struct sp_brand **out, struct setpki_error *err)
{
	struct sp_brand *b = sp_pool_brand(p, name);

	if (b == NULL) {
		if ((b = OPENSSL_zalloc(sizeof(*b))) == NULL)
			return sp_fail_memory(err);
		sp_brand_cut(sp_bytes_str(name), b->name);
		if (!sp_index_add(&p->brands, cmp_brand, b->name, b)) {
			OPENSSL_free(b);
			return sp_fail_memory(err);
		}
	}
	*out = b;
	return SETPKI_E_OK;
}

enum setpki_code
sp_pool_put_bci(setpki_pool *p, struct sp_pbci *b, struct setpki_error *err)
{
	struct sp_brand *record;
	enum setpki_code rc = brand_record(p, b->brand, &record, err);

	if (rc == SETPKI_E_OK && !sp_index_add(&p->bcis, order_bci, b, b))
		rc = sp_fail_memory(err);
	if (rc != SETPKI_E_OK)
		sp_pbci_drop(b);
	return rc;
}

static enum setpki_code
add_bci(setpki_pool *p, setpki_bytes der, const char *origin, struct setpki_error *err)
{
	struct sp_pbci *b;
	enum setpki_code rc = sp_pbci_new(der, origin, &b, err);

	return rc != SETPKI_E_OK ? rc : sp_pool_put_bci(p, b, err);
}

enum setpki_code
setpki_pool_add(setpki_pool *p, const struct setpki_object *o, const char *origin, struct setpki_error *err)
{
	struct sp_node *n;

	sp_prefixes_forget(p);
	if (p->rfc5280 != NULL)
		return sp_rfc5280_add(p->rfc5280, o, err);
	switch (o->type) {
	case SETPKI_OBJECT_CERT:
		return add_cert(p, o->der, origin, &n, err);
	case SETPKI_OBJECT_CRL:
		return add_crl(p, o->der, false, origin, err);
	case SETPKI_OBJECT_BCI:
		return add_bci(p, o->der, origin, err);
	default:
		return sp_fail(err, SETPKI_E_ARGUMENT, NULL, "a pool holds certificates, CRLs and BCIs; this is a %s",
		    setpki_object_name(o->type));
	}
}

enum setpki_code
setpki_pool_add_crl_borrowed(setpki_pool *p, setpki_bytes der, const char *origin, struct setpki_error *err)
{
	sp_prefixes_forget(p);
	if (p->rfc5280 != NULL)
		return sp_rfc5280_add(p->rfc5280, &(struct setpki_object){SETPKI_OBJECT_CRL, der}, err);
	return add_crl(p, der, true, origin, err);
}

enum setpki_code
setpki_pool_trust(setpki_pool *p, setpki_bytes der, const char *origin, struct setpki_error *err)
{
	struct sp_node *n;
	enum setpki_code rc;

	sp_prefixes_forget(p);
	if (p->rfc5280 != NULL) {
		rc = sp_rfc5280_trust(p->rfc5280, der, err);
		p->ntrusted += rc == SETPKI_E_OK;
		return rc;
	}
	if ((rc = add_cert(p, der, origin, &n, err)) != SETPKI_E_OK)
		return rc;
	if (!sp_self_issued(&n->c->cert))
		return sp_fail(err, SETPKI_E_RULE, "set-protocol 7 step 11",
		    "only a root can be trusted, and this certificate was issued by another CA: give that one's root");
	p->ntrusted += !n->trusted;
	n->trusted = true;
	return SETPKI_E_OK;
}

enum setpki_code
setpki_pool_trust_thumb(setpki_pool *p, setpki_bytes thumb, struct setpki_error *err)
{
	struct sp_thumb *more;

	sp_prefixes_forget(p);
	if (thumb.n != 20 && thumb.n != 32)
		return sp_fail(err, SETPKI_E_ARGUMENT, "set-protocol 2, 12.1",
		    "a thumb has 20 octets (classic) or 32 (modern), not %zu", thumb.n);
	if (p->nthumbs >= SP_POOL_THUMBS_MAX)
		return sp_fail(err, SETPKI_E_LIMIT, NULL, "more than %u trusted thumbs", SP_POOL_THUMBS_MAX);
	if ((more = OPENSSL_realloc(p->thumbs, (p->nthumbs + 1) * sizeof(*more))) == NULL)
		return sp_fail_memory(err);
	p->thumbs = more;
	memcpy(more[p->nthumbs].hash, thumb.p, thumb.n);
	more[p->nthumbs++].n = thumb.n;
	return SETPKI_E_OK;
}

uint64_t
setpki_pool_sequence(const setpki_pool *p, const char *brand)
{
	char name[SP_BRAND_TEXT];
	struct sp_brand *b;

	sp_brand_cut(sp_bytes_str(brand), name);
	b = sp_pool_brand(p, name);
	return b == NULL ? 0 : atomic_load(&b->highest);
}

enum setpki_code
setpki_pool_set_sequence(setpki_pool *p, const char *brand, uint64_t sequence, struct setpki_error *err)
{
	char name[SP_BRAND_TEXT];
	struct sp_brand *b;
	enum setpki_code rc;

	sp_brand_cut(sp_bytes_str(brand), name);
	if ((rc = brand_record(p, name, &b, err)) == SETPKI_E_OK)
		atomic_store(&b->highest, sequence);
	return rc;
}
