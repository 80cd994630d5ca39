/* Checking what another CA sent (set-protocol 12.16): form, signature, the signer's chain, what it is about. */
#include "lib/message/interca.h"

#include "lib/base/time.h"
#include "lib/crypto/signed.h"
#include "lib/message/parts.h"
#include "lib/x509/crl.h"

#include <openssl/crypto.h>

struct reader {
	setpki_ctx *ctx;
	const struct setpki_notice_check *check;
	const struct sp_notice_row *row;
	struct sp_sdata data;
	void *tbs;
	struct sp_cert signer;
	EVP_PKEY *key;
	struct setpki_error *err;
};

static void
reader_free(struct reader *r)
{
	if (r->row != NULL)
		sp_type_free(r->row->type, r->tbs);
	EVP_PKEY_free(r->key);
	sp_sdata_free(&r->data);
	OPENSSL_free(r);
}

/* --- the signature ------------------------------------------------------------------------------------ */

/* For sp_sdata_verify_all(): the signer's certificate has to be beside. */
static EVP_PKEY *
key_of(void *arg, size_t i, const struct sp_signer *who, setpki_bytes content)
{
	struct reader *r = arg;

	(void)content;
	for (size_t k = 0; i == 0 && k < r->data.ncerts; k++) {
		if (sp_cert_parse(sp_sdata_cert(&r->data, k), &r->signer, NULL) != SETPKI_E_OK ||
		    !sp_bytes_eq(r->signer.issuer, who->issuer) ||
		    !sp_bytes_eq(r->signer.serial, sp_signer_serial(who)))
			continue;
		return sp_spki_pkey(r->ctx, &r->signer.key, &r->key, NULL) == SETPKI_E_OK ? r->key : NULL;
	}
	return NULL;
}

static enum setpki_code
open_data(struct reader *r, setpki_bytes der)
{
	const struct sp_verify_ask ask = {r->row->content, NULL, key_of, r};
	bool first;
	enum setpki_code rc = sp_sdata_read(der, &r->data, r->err);

	if (rc == SETPKI_E_OK && r->data.ncerts + r->data.ncrls > SP_ANSWER_OBJECTS_MAX)
		return sp_fail(r->err, SETPKI_E_LIMIT, "set-protocol 12.19", "%zu objects beside a %s; at most %u",
		    r->data.ncerts + r->data.ncrls, r->row->name, SP_ANSWER_OBJECTS_MAX);
	if (rc == SETPKI_E_OK)
		rc = sp_sdata_verify_all(
		    r->ctx, r->check->suite, &r->data, r->data.content, r->data.content, &ask, &first, r->err);
	return rc == SETPKI_E_OK ? sp_type_decode(r->row->type, r->data.content, &r->tbs, r->err) : rc;
}

/* --- the signer --------------------------------------------------------------------------------------- */

/* A pool of its own, with what came along; what cannot be read is left out, the chain will miss it. */
static enum setpki_code
make_pool(const struct reader *r, setpki_pool **pool)
{
	struct setpki_error why = {0};
	enum setpki_code rc = setpki_pool_copy(r->check->pool, pool, r->err);

	for (size_t i = 0; rc == SETPKI_E_OK && i < r->data.ncerts + r->data.ncrls; i++) {
		bool cert = i < r->data.ncerts;
		const struct setpki_object o = {cert ? SETPKI_OBJECT_CERT : SETPKI_OBJECT_CRL,
		    cert ? sp_sdata_cert(&r->data, i) : sp_sdata_crl(&r->data, i - r->data.ncerts)};

		if (setpki_pool_add(*pool, &o, NULL, &why) == SETPKI_E_MEMORY)
			rc = sp_fail_memory(r->err);
	}
	return rc;
}

static enum setpki_code
told(const struct reader *r, const struct setpki_chain_result *result)
{
	enum setpki_code rc = result->verdict == SETPKI_REFUSED ? SETPKI_E_POLICY : SETPKI_E_PENDING;
	const struct setpki_finding *f = setpki_chain_reason(result);

	if (f == NULL)
		return sp_fail(r->err, rc, "set-protocol 12.16", "the signer of the %s is not valid", r->row->name);
	return sp_fail(r->err, rc, "set-protocol 12.16", "the signer of the %s: %s: %.100s: %.180s", r->row->name,
	    f->rule->id, f->object, f->text);
}

/* A certificate for CRLs, and one that signs no certificates within its period (12.13). */
static enum setpki_code
check_use(const struct reader *r, int64_t date)
{
	const struct sp_cert *s = &r->signer;

	if ((s->key_usage & SETPKI_KU_CRL_SIGN) == 0)
		return sp_fail(r->err, SETPKI_E_RULE, "set-protocol 12.16",
		    "the certificate that signed the %s is not for signing CRLs (cRLSign)", r->row->name);
	if ((s->key_usage & SETPKI_KU_CERT_SIGN) == 0 && sp_cert_has(s, SP_EXT_PKUP) &&
	    !sp_time_within(date, s->pkup_from, s->pkup_to))
		return sp_fail(r->err, SETPKI_E_RULE, "set-protocol 12.13",
		    "the %s is dated outside its signer's privateKeyUsagePeriod", r->row->name);
	return SETPKI_E_OK;
}

static enum setpki_code
check_signer(const struct reader *r, int64_t date)
{
	/* no signed_at: that asks for digitalSignature, and here cRLSign is what counts */
	const struct setpki_chain_ask ask = {
	    .at = r->check->now, .suite = r->check->suite, .revocation = r->check->revocation};
	struct setpki_chain_result result = {0};
	setpki_pool *pool = NULL;
	enum setpki_code rc = make_pool(r, &pool);

	if (rc == SETPKI_E_OK)
		rc = setpki_chain_verify(pool, r->signer.der, &ask, &result, r->err);
	if (rc == SETPKI_E_OK && result.verdict != SETPKI_VALID)
		rc = told(r, &result);
	if (rc == SETPKI_E_OK)
		rc = check_use(r, date);
	setpki_chain_result_free(&result);
	setpki_pool_free(pool);
	return rc;
}

static enum setpki_code
check_date(const struct reader *r, int64_t date)
{
	if (date > r->check->now + SP_DATE_FUTURE_S)
		return sp_fail(r->err, SETPKI_E_RULE, "set-protocol 12.16", "the %s is dated %lld s ahead of our clock",
		    r->row->name, (long long)(date - r->check->now));
	return SETPKI_E_OK;
}

/* --- what it is about --------------------------------------------------------------------------------- */

static enum setpki_code
find_crl(const struct reader *r, const SP_CERT_THUMB *thumb, struct setpki_object *about)
{
	struct sp_crl crl;

	for (size_t i = 0; i < r->data.ncrls; i++) {
		setpki_bytes der = sp_sdata_crl(&r->data, i);

		if (!sp_cert_thumb_is(r->ctx, r->check->suite, thumb, der) ||
		    sp_crl_frame(der, &crl, NULL) != SETPKI_E_OK)
			continue;
		if (!sp_bytes_eq(crl.issuer, r->signer.subject))
			return sp_fail(r->err, SETPKI_E_RULE, "set-protocol 12.16",
			    "crlThumb names a CRL of another CA than the one that signed the %s", r->row->name);
		*about = (struct setpki_object){SETPKI_OBJECT_CRL, der};
		return SETPKI_E_OK;
	}
	return sp_fail(r->err, SETPKI_E_RULE, "set-protocol 12.16", "crlThumb names a CRL that did not come along");
}

static enum setpki_code
check_about(const struct reader *r, struct setpki_notice *out)
{
	if (r->row->about == SETPKI_OBJECT_BCI) {
		struct setpki_objects o = {0};
		setpki_bytes der = sp_str(((const SP_BCI_DISTRIBUTION_TBS *)r->tbs)->bci);
		enum setpki_code rc = setpki_objects_read(der, &o, r->err);

		if (rc == SETPKI_E_OK && (o.n != 1 || o.v[0].type != SETPKI_OBJECT_BCI))
			rc = sp_fail(r->err, SETPKI_E_PARSE, "set-protocol 12.16", "brandCRLIdentifier is a %s",
			    setpki_object_name(o.v[0].type));
		out->about = (struct setpki_object){SETPKI_OBJECT_BCI, der};
		setpki_objects_free(&o);
		return rc;
	}
	if (r->row->along)
		return find_crl(r, ((const SP_CRL_NOTIFICATION_TBS *)r->tbs)->thumb, &out->about);
	if (!sp_cert_thumb_is(
		r->ctx, r->check->suite, ((const SP_CRL_NOTIFICATION_TBS *)r->tbs)->thumb, r->check->about))
		return sp_fail(
		    r->err, SETPKI_E_RULE, "set-protocol 12.16", "crlThumb is not that of the CRL that we told of");
	return SETPKI_E_OK;
}

/* --- all of it ---------------------------------------------------------------------------------------- */

static enum setpki_code
list_objects(const struct reader *r, struct setpki_notice *out)
{
	bool bci = out->about.type == SETPKI_OBJECT_BCI;
	size_t n = 0;

	out->objects = OPENSSL_zalloc((r->data.ncerts + r->data.ncrls + 1) * sizeof(*out->objects));
	if (out->objects == NULL)
		return sp_fail_memory(r->err);
	for (size_t i = 0; i < r->data.ncerts; i++)
		out->objects[n++] = (struct setpki_object){SETPKI_OBJECT_CERT, sp_sdata_cert(&r->data, i)};
	for (size_t i = 0; i < r->data.ncrls; i++)
		out->objects[n++] = (struct setpki_object){SETPKI_OBJECT_CRL, sp_sdata_crl(&r->data, i)};
	if (bci)
		out->objects[n++] = out->about;
	out->nobjects = n;
	return SETPKI_E_OK;
}

static int64_t
date_of(const struct reader *r)
{
	return r->row->about == SETPKI_OBJECT_BCI ? sp_time(((const SP_BCI_DISTRIBUTION_TBS *)r->tbs)->date)
						  : sp_time(((const SP_CRL_NOTIFICATION_TBS *)r->tbs)->date);
}

static enum setpki_code
read_all(struct reader *r, setpki_bytes der, struct setpki_notice *out)
{
	enum setpki_code rc = open_data(r, der);

	if (rc != SETPKI_E_OK)
		return rc;
	out->date = date_of(r);
	if ((rc = check_date(r, out->date)) == SETPKI_E_OK)
		rc = check_signer(r, out->date);
	if (rc == SETPKI_E_OK)
		rc = check_about(r, out);
	out->signer = (struct setpki_object){SETPKI_OBJECT_CERT, r->signer.der};
	return rc == SETPKI_E_OK ? list_objects(r, out) : rc;
}

enum setpki_code
setpki_notice_read(setpki_ctx *ctx, const struct setpki_notice_check *check, setpki_bytes der,
    struct setpki_notice *out, struct setpki_error *err)
{
	struct reader *r = OPENSSL_zalloc(sizeof(*r));
	enum setpki_code rc;

	*out = (struct setpki_notice){0};
	if (r == NULL)
		return sp_fail_memory(err);
	*r = (struct reader){.ctx = ctx, .check = check, .row = sp_notice_row(check->type), .err = err};
	out->held = r;
	rc = r->row != NULL ? read_all(r, der, out)
			    : sp_fail(err, SETPKI_E_ARGUMENT, NULL, "no type of notice: %d", (int)check->type);
	if (rc != SETPKI_E_OK)
		setpki_notice_free(out);
	return rc;
}

void
setpki_notice_free(struct setpki_notice *n)
{
	if (n == NULL)
		return;
	OPENSSL_free(n->objects);
	if (n->held != NULL)
		reader_free(n->held);
	*n = (struct setpki_notice){0};
}
