/* A file of certificates, CRLs and BCIs, each certificate checked in a pool of them all.  Checking ends; the answer is
 * the same when asked again, when prefixes are remembered; and of a valid path every signature holds for OpenSSL too,
 * and its end is a root that was trusted.
 *
 * Input: one octet (bits 0-1: policy of revocation; bit 2: RFC 5280 mode; bit 3: the first root is known by its thumb
 * alone; bit 4: the classic suite is asked for), four octets of time, and the file. */
#include "tests/fuzz/fuzz.h"

#include "lib/base/limits.h"
#include "lib/x509/cert.h"

#include <openssl/x509.h>
#include <setpki/chain.h>
#include <string.h>

#define HEAD 5
#define LEAVES 8 /* how many certificates are checked */

enum { BITS_REVOCATION = 3, BIT_RFC5280 = 4, BIT_THUMB = 8, BIT_CLASSIC = 16 };

static bool
same(setpki_bytes a, setpki_bytes b)
{
	return a.n == b.n && memcmp(a.p, b.p, a.n) == 0;
}

static bool
issues_itself(setpki_bytes der, struct sp_cert *cert)
{
	return sp_cert_parse(der, cert, NULL) == SETPKI_E_OK && same(cert->issuer, cert->subject);
}

/* The first certificate that names itself as its issuer is trusted. @return whether there is one */
static bool
trust_first(setpki_pool *pool, const struct setpki_objects *list, bool by_thumb, setpki_bytes *root)
{
	uint8_t thumb[SP_DIGEST_MAX];
	struct sp_cert cert;
	size_t i, n;

	for (i = 0; i < list->n; i++)
		if (list->v[i].type == SETPKI_OBJECT_CERT && issues_itself(list->v[i].der, &cert))
			break;
	if (i == list->n)
		return false;
	*root = list->v[i].der;
	if (!by_thumb)
		return setpki_pool_trust(pool, *root, "root", NULL) == SETPKI_E_OK;
	return sp_cert_thumb(fuzz_ctx(), &cert, thumb, &n, NULL) == SETPKI_E_OK &&
	    setpki_pool_trust_thumb(pool, (setpki_bytes){thumb, n}, NULL) == SETPKI_E_OK;
}

static X509 *
x509(setpki_bytes der)
{
	const uint8_t *p = der.p;
	X509 *x = d2i_X509(NULL, &p, (long)der.n);

	FUZZ_MUST(x != NULL && p == der.p + der.n);
	return x;
}

/* Whoever issued the last but one is the root that was trusted, or one that succeeded it. */
static void
path_holds(const struct setpki_chain_result *res, setpki_bytes leaf, setpki_bytes root)
{
	struct sp_cert end;
	X509 *child, *issuer;
	size_t i;

	FUZZ_MUST(res->npath > 0 && same(res->path[0], leaf));
	FUZZ_MUST(same(res->path[res->npath - 1], root) || issues_itself(res->path[res->npath - 1], &end));
	for (i = 0; i + 1 < res->npath; i++) {
		child = x509(res->path[i]);
		issuer = x509(res->path[i + 1]);
		FUZZ_MUST(X509_verify(child, X509_get0_pubkey(issuer)) == 1);
		X509_free(child);
		X509_free(issuer);
	}
}

static void
check_leaf(setpki_pool *pool, setpki_bytes leaf, const struct setpki_chain_ask *ask, setpki_bytes root)
{
	struct setpki_chain_result first = {0}, again = {0};
	enum setpki_code rc = setpki_chain_verify(pool, leaf, ask, &first, NULL);

	FUZZ_MUST(setpki_chain_verify(pool, leaf, ask, &again, NULL) == rc);
	if (rc == SETPKI_E_OK) {
		FUZZ_MUST(first.verdict == again.verdict && first.findings.n == again.findings.n);
		FUZZ_MUST(first.verdict == SETPKI_VALID || first.findings.n > 0);
		FUZZ_MUST(first.verdict != SETPKI_VALID || first.valid_until > ask->at);
		if (first.verdict == SETPKI_VALID)
			path_holds(&first, leaf, root);
	}
	setpki_chain_result_free(&first);
	setpki_chain_result_free(&again);
}

static void
check_all(const struct setpki_objects *list, unsigned bits, struct setpki_chain_ask *ask)
{
	setpki_pool *pool;
	setpki_bytes root;
	size_t i, leaves = 0;

	FUZZ_MUST(((bits & BIT_RFC5280) != 0 ? setpki_pool_new_rfc5280(fuzz_ctx(), &pool, NULL)
					     : setpki_pool_new(fuzz_ctx(), &pool, NULL)) == SETPKI_E_OK);
	if (!trust_first(pool, list, (bits & BIT_THUMB) != 0, &root))
		goto out;
	for (i = 0; i < list->n; i++)
		(void)setpki_pool_add(pool, &list->v[i], "object", NULL);
	for (i = 0; i < list->n && leaves < LEAVES; i++) {
		if (list->v[i].type != SETPKI_OBJECT_CERT)
			continue;
		check_leaf(pool, list->v[i].der, ask, root);
		leaves++;
	}
out:
	setpki_pool_free(pool);
}

static int64_t
time_of(const uint8_t p[4])
{
	return (int64_t)((uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3]);
}

void
fuzz_chain(const uint8_t *data, size_t size)
{
	struct setpki_objects list = {0};
	struct setpki_chain_ask ask = {0};
	unsigned policy;

	if (size < HEAD)
		return;
	policy = data[0] & BITS_REVOCATION;
	ask.revocation = policy == 0 ? SETPKI_REQUIRE_BCI : policy == 1 ? SETPKI_REQUIRE_CRL : SETPKI_IF_PRESENT;
	ask.at = time_of(data + 1);
	ask.suite = (data[0] & BIT_CLASSIC) != 0 ? SETPKI_SUITE_CLASSIC : SETPKI_SUITE_NONE;
	if (setpki_objects_read((setpki_bytes){data + HEAD, size - HEAD}, &list, NULL) == SETPKI_E_OK)
		check_all(&list, data[0], &ask);
	setpki_objects_free(&list);
}
