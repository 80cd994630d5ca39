#include "lib/chain/rfc5280.h"

#include "lib/base/limits.h"
#include "lib/base/time.h"
#include "lib/x509/lint.h"
#include "lib/x509/name.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* One certificate as OpenSSL holds it, and its bytes, to which paths point. */
struct held {
	X509 *x;
	setpki_bytes der;
	bool trusted;
};

struct sp_rfc5280 {
	setpki_ctx *ctx;
	X509_STORE *store; /* trusted roots and CRLs */
	STACK_OF(X509) * untrusted;
	STACK_OF(X509_CRL) * crls;
	struct held *held;
	size_t nheld, cap;
};

enum setpki_code
sp_rfc5280_new(setpki_ctx *ctx, struct sp_rfc5280 **out, struct setpki_error *err)
{
	struct sp_rfc5280 *r = OPENSSL_zalloc(sizeof(*r));

	*out = NULL;
	if (r == NULL)
		return sp_fail_memory(err);
	r->ctx = ctx;
	r->store = X509_STORE_new();
	r->untrusted = sk_X509_new_null();
	r->crls = sk_X509_CRL_new_null();
	if (r->store == NULL || r->untrusted == NULL || r->crls == NULL) {
		sp_rfc5280_free(r);
		return sp_fail_memory(err);
	}
	*out = r;
	return SETPKI_E_OK;
}

void
sp_rfc5280_free(struct sp_rfc5280 *r)
{
	size_t i;

	if (r == NULL)
		return;
	for (i = 0; i < r->nheld; i++) {
		X509_free(r->held[i].x);
		OPENSSL_free((void *)(uintptr_t)r->held[i].der.p);
	}
	OPENSSL_free(r->held);
	sk_X509_free(r->untrusted);
	sk_X509_CRL_pop_free(r->crls, X509_CRL_free);
	X509_STORE_free(r->store);
	OPENSSL_free(r);
}

/* With its extensions decoded: OpenSSL does that when it first needs them, but looks for the signer of a CRL before,
 * and passes over a subjectKeyIdentifier that it has not read yet, so that a second answer could be another than the
 * first.
 */
static X509 *
read_cert(setpki_ctx *ctx, setpki_bytes der, struct setpki_error *err)
{
	const unsigned char *p = der.p;
	X509 *x = X509_new_ex(sp_ctx_lib(ctx), NULL);

	if (der.n <= SP_CERT_MAX && x != NULL && d2i_X509(&x, &p, (long)der.n) != NULL && p == der.p + der.n) {
		(void)X509_check_purpose(x, -1, 0); /* what it minds, the verifier reports */
		ERR_clear_error();
		return x;
	}
	X509_free(x);
	ERR_clear_error();
	(void)sp_fail(err, SETPKI_E_PARSE, "RFC 5280 4.1", "not a certificate of %u octets at most", SP_CERT_MAX);
	return NULL;
}

/* Takes `x`; keeps its bytes. */
static enum setpki_code
hold(struct sp_rfc5280 *r, X509 *x, setpki_bytes der, struct setpki_error *err)
{
	size_t cap = r->cap == 0 ? 16 : 2 * r->cap;
	setpki_bytes copy = sp_bytes_dup(der);
	struct held *v = r->held;

	if (r->nheld == r->cap && (v = OPENSSL_realloc(r->held, cap * sizeof(*v))) != NULL) {
		r->held = v;
		r->cap = cap;
	}
	if (copy.p == NULL || v == NULL || r->nheld == r->cap) {
		OPENSSL_free((void *)(uintptr_t)copy.p);
		X509_free(x);
		return sp_fail_memory(err);
	}
	r->held[r->nheld++] = (struct held){x, copy, false};
	return SETPKI_E_OK;
}

static enum setpki_code
add_cert(struct sp_rfc5280 *r, setpki_bytes der, struct setpki_error *err)
{
	X509 *x = read_cert(r->ctx, der, err);
	enum setpki_code rc;

	if (x == NULL)
		return SETPKI_E_PARSE;
	if ((rc = hold(r, x, der, err)) != SETPKI_E_OK)
		return rc;
	return sk_X509_push(r->untrusted, x) > 0 ? SETPKI_E_OK : sp_fail_memory(err);
}

static enum setpki_code
put_crl(struct sp_rfc5280 *r, X509_CRL *crl, struct setpki_error *err)
{
	if (sk_X509_CRL_push(r->crls, crl) <= 0) {
		X509_CRL_free(crl);
		return sp_fail_memory(err);
	}
	return X509_STORE_add_crl(r->store, crl) == 1 ? SETPKI_E_OK : sp_fail_crypto(err, "X509_STORE_add_crl");
}

static enum setpki_code
add_crl(struct sp_rfc5280 *r, setpki_bytes der, struct setpki_error *err)
{
	const unsigned char *p = der.p;
	X509_CRL *crl = X509_CRL_new_ex(sp_ctx_lib(r->ctx), NULL);

	if (crl == NULL || d2i_X509_CRL(&crl, &p, (long)der.n) == NULL || p != der.p + der.n) {
		X509_CRL_free(crl);
		ERR_clear_error();
		return sp_fail(err, SETPKI_E_PARSE, "RFC 5280 5.1", "not a CRL");
	}
	return put_crl(r, crl, err);
}

enum setpki_code
sp_rfc5280_add(struct sp_rfc5280 *r, const struct setpki_object *o, struct setpki_error *err)
{
	switch (o->type) {
	case SETPKI_OBJECT_CERT:
		return add_cert(r, o->der, err);
	case SETPKI_OBJECT_CRL:
		return add_crl(r, o->der, err);
	case SETPKI_OBJECT_BCI:
		return SETPKI_E_OK;
	default:
		return sp_fail(err, SETPKI_E_ARGUMENT, NULL, "a pool holds certificates and CRLs; this is a %s",
		    setpki_object_name(o->type));
	}
}

enum setpki_code
sp_rfc5280_trust(struct sp_rfc5280 *r, setpki_bytes der, struct setpki_error *err)
{
	X509 *x = read_cert(r->ctx, der, err);
	enum setpki_code rc;

	if (x == NULL)
		return SETPKI_E_PARSE;
	if (X509_NAME_cmp(X509_get_subject_name(x), X509_get_issuer_name(x)) != 0) {
		X509_free(x);
		return sp_fail(err, SETPKI_E_RULE, "RFC 5280 6.1.1 (d)",
		    "only a root can be trusted, and this certificate was issued by another CA: give that one's root");
	}
	if ((rc = hold(r, x, der, err)) != SETPKI_E_OK)
		return rc;
	r->held[r->nheld - 1].trusted = true;
	return X509_STORE_add_cert(r->store, x) == 1 ? SETPKI_E_OK : sp_fail_crypto(err, "X509_STORE_add_cert");
}

enum setpki_code
sp_rfc5280_copy(const struct sp_rfc5280 *from, struct sp_rfc5280 **out, struct setpki_error *err)
{
	enum setpki_code rc = sp_rfc5280_new(from->ctx, out, err);
	X509_CRL *crl;
	size_t i;
	int k;

	for (i = 0; rc == SETPKI_E_OK && i < from->nheld; i++)
		rc = from->held[i].trusted ? sp_rfc5280_trust(*out, from->held[i].der, err)
					   : add_cert(*out, from->held[i].der, err);
	for (k = 0; rc == SETPKI_E_OK && k < sk_X509_CRL_num(from->crls); k++) {
		crl = sk_X509_CRL_value(from->crls, k);
		X509_CRL_up_ref(crl);
		rc = put_crl(*out, crl, err);
	}
	return rc;
}

/* --- one verification -------------------------------------------------------------------------------------- */

/* What the callback needs to know and to tell. */
struct job {
	struct sp_rfc5280 *r;
	const struct setpki_chain_ask *ask;
	struct setpki_findings *findings;
	enum setpki_code rc;
};

static void
name_of(const X509 *x, char *out, size_t cap)
{
	const unsigned char *der = NULL;
	size_t n = 0;

	out[0] = '\0';
	if (x != NULL && X509_NAME_get0_der(X509_get_subject_name(x), &der, &n) == 1)
		sp_name_text(sp_bytes(der, n), out, cap);
}

/* Notes every error and goes on, so that all of them are told; the verdict comes from what was noted. */
static int
note(int ok, X509_STORE_CTX *ctx)
{
	struct job *j = X509_STORE_CTX_get_app_data(ctx);
	int error = X509_STORE_CTX_get_error(ctx);
	char object[256];
	enum setpki_code rc;

	if (ok || j == NULL)
		return ok;
	if (error == X509_V_ERR_UNABLE_TO_GET_CRL && j->ask->revocation == SETPKI_IF_PRESENT)
		return 1;
	name_of(X509_STORE_CTX_get_current_cert(ctx), object, sizeof(object));
	rc = sp_finding_add(j->findings, sp_rfc5280_id(error), X509_STORE_CTX_get_error_depth(ctx), object, "%s",
	    X509_verify_cert_error_string(error));
	if (j->rc == SETPKI_E_OK)
		j->rc = rc;
	return 1;
}

/* Roots known by the thumb of their TBS only. */
static enum setpki_code
trust_thumbs(const setpki_pool *pool, struct sp_rfc5280 *r, struct setpki_error *err)
{
	uint8_t digest[SP_DIGEST_MAX];
	unsigned char *tbs = NULL;
	size_t i, k;
	int n;

	for (i = 0; i < r->nheld && pool->nthumbs > 0; i++) {
		if ((n = i2d_re_X509_tbs(r->held[i].x, &tbs)) <= 0)
			return sp_fail_crypto(err, "i2d_re_X509_tbs");
		for (k = 0; k < pool->nthumbs; k++)
			if (sp_hash(pool->ctx, pool->thumbs[k].n == 20 ? SETPKI_SUITE_CLASSIC : SETPKI_SUITE_MODERN,
				sp_bytes(tbs, (size_t)n), digest, NULL) == SETPKI_E_OK &&
			    memcmp(digest, pool->thumbs[k].hash, pool->thumbs[k].n) == 0 &&
			    X509_STORE_add_cert(r->store, r->held[i].x) != 1)
				return sp_fail_crypto(err, "X509_STORE_add_cert");
		OPENSSL_free(tbs);
		tbs = NULL;
	}
	return SETPKI_E_OK;
}

/* Whoever wants none wants any (6.1.1 c), and says so: to OpenSSL an empty set is one in which no policy is. */
static enum setpki_code
add_policies(X509_VERIFY_PARAM *param, const struct setpki_x509_ask *x, struct setpki_error *err)
{
	static const char *const any[] = {"2.5.29.32.0"};
	bool none = x == NULL || x->npolicies == 0;
	const char *const *policies = none ? any : x->policies;
	size_t i, n = none ? 1 : x->npolicies;
	ASN1_OBJECT *oid;

	for (i = 0; i < n; i++) {
		if ((oid = OBJ_txt2obj(policies[i], 1)) == NULL)
			return sp_fail(err, SETPKI_E_ARGUMENT, "RFC 5280 6.1.1 (c)", "\"%s\" is no object identifier",
			    policies[i]);
		if (X509_VERIFY_PARAM_add0_policy(param, oid) != 1) {
			ASN1_OBJECT_free(oid);
			return sp_fail_memory(err);
		}
	}
	return SETPKI_E_OK;
}

static enum setpki_code
set_params(X509_STORE_CTX *ctx, const struct setpki_chain_ask *ask, struct setpki_error *err)
{
	X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(ctx);
	const struct setpki_x509_ask *x = ask->x509;
	unsigned long flags = X509_V_FLAG_POLICY_CHECK | X509_V_FLAG_EXTENDED_CRL_SUPPORT | X509_V_FLAG_USE_DELTAS |
	    X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL;

	if (x != NULL)
		flags |= (x->explicit_policy ? X509_V_FLAG_EXPLICIT_POLICY : 0) |
		    (x->inhibit_mapping ? X509_V_FLAG_INHIBIT_MAP : 0) | (x->inhibit_any ? X509_V_FLAG_INHIBIT_ANY : 0);
	X509_VERIFY_PARAM_set_time(param, (time_t)ask->at);
	X509_VERIFY_PARAM_set_depth(param, SP_RFC5280_DEPTH_MAX);
	if (X509_VERIFY_PARAM_set_flags(param, flags) != 1)
		return sp_fail_crypto(err, "X509_VERIFY_PARAM_set_flags");
	return add_policies(param, x, err);
}

static int64_t
time_of(const ASN1_TIME *t)
{
	struct sp_civil c;
	int64_t out;
	struct tm tm;

	if (t == NULL || ASN1_TIME_to_tm(t, &tm) != 1)
		return INT64_MAX;
	c = (struct sp_civil){tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec};
	return sp_civil_to_time(&c, &out) ? out : INT64_MAX;
}

/* The last nextUpdate of this issuer's CRLs that are in force: when the newest of them has run out, none is left. */
static int64_t
crl_until(const struct sp_rfc5280 *r, const X509_NAME *issuer, int64_t at)
{
	int64_t end = INT64_MIN, next;
	X509_CRL *crl;
	int i;

	for (i = 0; i < sk_X509_CRL_num(r->crls); i++) {
		crl = sk_X509_CRL_value(r->crls, i);
		next = time_of(X509_CRL_get0_nextUpdate(crl));
		if (X509_NAME_cmp(X509_CRL_get_issuer(crl), issuer) == 0 && next > at && next > end)
			end = next;
	}
	return end == INT64_MIN ? INT64_MAX : end;
}

static void
until(const struct job *j, const STACK_OF(X509) * chain, struct setpki_chain_result *out)
{
	char name[200];
	int64_t end;
	X509 *x;
	int i;

	out->valid_until = INT64_MAX;
	for (i = 0; i < sk_X509_num(chain); i++) {
		x = sk_X509_value(chain, i);
		name_of(x, name, sizeof(name));
		if ((end = time_of(X509_get0_notAfter(x))) < out->valid_until) {
			out->valid_until = end + 1;
			snprintf(out->until_object, sizeof(out->until_object), "certificate %s", name);
		}
		if ((end = crl_until(j->r, X509_get_subject_name(x), j->ask->at)) < out->valid_until) {
			out->valid_until = end;
			snprintf(out->until_object, sizeof(out->until_object), "CRL of %s", name);
		}
	}
}

static setpki_bytes
bytes_of(const struct sp_rfc5280 *r, const X509 *x)
{
	size_t i;

	for (i = 0; i < r->nheld; i++)
		if (X509_cmp(r->held[i].x, x) == 0)
			return r->held[i].der;
	return (setpki_bytes){NULL, 0};
}

static enum setpki_code
answer(struct job *j, X509_STORE_CTX *ctx, int valid, setpki_bytes leaf, struct setpki_chain_result *out,
    struct setpki_error *err)
{
	STACK_OF(X509) *chain = X509_STORE_CTX_get0_chain(ctx);
	int i, n = sk_X509_num(chain);

	if (j->rc == SETPKI_E_OK && valid != 1 && out->findings.n == 0)
		j->rc = sp_finding_add(&out->findings, sp_rfc5280_id(X509_STORE_CTX_get_error(ctx)), 0, NULL, "%s",
		    X509_verify_cert_error_string(X509_STORE_CTX_get_error(ctx)));
	if (j->rc != SETPKI_E_OK || (out->path = OPENSSL_zalloc((size_t)(n < 1 ? 1 : n) * sizeof(*out->path))) == NULL)
		return sp_fail(err, j->rc == SETPKI_E_OK ? SETPKI_E_MEMORY : j->rc, NULL, "no room for the answer");
	out->path[0] = leaf;
	out->npath = 1;
	for (i = 1; i < n; i++)
		out->path[out->npath++] = bytes_of(j->r, sk_X509_value(chain, i));
	switch (setpki_findings_worst(&out->findings)) {
	case SETPKI_ERROR:
		out->verdict = SETPKI_REFUSED;
		break;
	case SETPKI_UNDECIDED:
		out->verdict = SETPKI_UNDECIDABLE;
		break;
	default:
		out->verdict = SETPKI_VALID;
		until(j, chain, out);
	}
	return SETPKI_E_OK;
}

enum setpki_code
sp_rfc5280_verify(setpki_pool *pool, setpki_bytes leaf, const struct setpki_chain_ask *ask,
    struct setpki_chain_result *out, struct setpki_error *err)
{
	struct sp_rfc5280 *r = pool->rfc5280;
	struct job job = {.r = r, .ask = ask, .findings = &out->findings};
	X509 *x = read_cert(pool->ctx, leaf, err);
	X509_STORE_CTX *ctx = NULL;
	enum setpki_code rc = SETPKI_E_PARSE;
	int valid;

	if (x == NULL || (rc = trust_thumbs(pool, r, err)) != SETPKI_E_OK)
		goto out;
	ctx = X509_STORE_CTX_new_ex(sp_ctx_lib(pool->ctx), NULL);
	if (ctx == NULL || X509_STORE_CTX_init(ctx, r->store, x, r->untrusted) != 1) {
		rc = sp_fail_crypto(err, "X509_STORE_CTX_init");
		goto out;
	}
	if ((rc = set_params(ctx, ask, err)) != SETPKI_E_OK)
		goto out;
	/* All of them, not only those of the issuer's name: a CRL may be an indirect one (RFC 5280 5.2.5). */
	X509_STORE_CTX_set0_crls(ctx, r->crls);
	X509_STORE_CTX_set_verify_cb(ctx, note);
	X509_STORE_CTX_set_app_data(ctx, &job);
	valid = X509_verify_cert(ctx);
	rc = answer(&job, ctx, valid, leaf, out, err);
out:
	ERR_clear_error();
	X509_STORE_CTX_free(ctx);
	X509_free(x);
	return rc;
}
