/* The certificates that an end entity has already: the one that signs, and the one that is renewed
 * (set-protocol 12.10). */
#include "lib/message/respond.h"

#include "lib/base/time.h"
#include "lib/x509/cert.h"

/* A refusal that names the certificate. */
static enum setpki_code
refuse(struct setpki_responder *r, enum setpki_error_code code, setpki_bytes der, const char *why)
{
	struct sp_fault *f = &r->fault;

	if (f->code == SETPKI_ERR_NONE && sp_thumb_of(r->ctx, r->suite, der, f->thumb, NULL) == SETPKI_E_OK)
		f->nthumb = sp_suite(r->suite)->digest_len;
	return sp_fault(f, code, "%s", why);
}

/* The certificate that signs: of the right kind, good now and when the request was made. */
static enum setpki_code
check_signer(struct setpki_responder *r, const struct sp_asked *a, const struct sp_cert *c)
{
	int64_t date = sp_time(a->signers.data->request_date);

	if (sp_cert_kind(c) != sp_holder_kind(a->signers.row->holder, false))
		return refuse(
		    r, SETPKI_ERR_INVALID_CERTIFICATE, c->der, "the certificate that signs is of another kind");
	if (a->signers.old.revoked)
		return refuse(r, SETPKI_ERR_REVOKED_CERTIFICATE, c->der, "the certificate that signs is revoked");
	if (!sp_time_within(r->now, c->not_before, c->not_after) || !sp_time_within(date, c->not_before, c->not_after))
		return refuse(r, SETPKI_ERR_EXPIRED_CERTIFICATE, c->der,
		    "the certificate that signs is not valid now, or was not at requestDate");
	if (!sp_time_within(r->now, c->pkup_from, c->pkup_to) || !sp_time_within(date, c->pkup_from, c->pkup_to))
		return refuse(r, SETPKI_ERR_INVALID_CERTIFICATE, c->der,
		    "the key of the certificate that signs is past its privateKeyUsagePeriod");
	return SETPKI_E_OK;
}

/* The key-exchange certificate that eeThumb names: unrevoked, of the same holder. */
static enum setpki_code
check_renewed(struct setpki_responder *r, const struct sp_asked *a, const struct sp_cert *signer)
{
	struct sp_cert c;

	if (sp_cert_parse(a->old_enc.der, &c, NULL) != SETPKI_E_OK ||
	    sp_cert_kind(&c) != sp_holder_kind(a->signers.row->holder, true) ||
	    !sp_bytes_eq(c.subject, signer->subject))
		return refuse(r, SETPKI_ERR_INVALID_CERTIFICATE, a->old_enc.der,
		    "eeThumb names no key-exchange certificate of the holder that signs");
	if (a->old_enc.revoked)
		return refuse(
		    r, SETPKI_ERR_REVOKED_CERTIFICATE, c.der, "the certificate that eeThumb names is revoked");
	return SETPKI_E_OK;
}

static enum setpki_code
find_renewed(struct setpki_responder *r, struct sp_asked *a, struct setpki_error *err)
{
	const SP_CERT_THUMB *t = a->signers.data->ee_thumb;
	enum setpki_code rc = SETPKI_E_NOTFOUND;

	if (t != NULL && sp_bytes_eq(sp_str(t->alg), sp_suite(r->suite)->digest_alg))
		rc = r->ops->cert_by_thumb(r->ops->arg, r->ca, sp_str(t->digest), a->signers.old.der, &a->old_enc, err);
	if (rc != SETPKI_E_NOTFOUND)
		return rc;
	setpki_error_clear(err);
	return sp_fault(&r->fault, SETPKI_ERR_MISSING_CERTIFICATE,
	    "eeThumb is missing, or names no certificate that this CA issued");
}

enum setpki_code
sp_asked_renewal(struct setpki_responder *r, struct sp_asked *a, struct setpki_error *err)
{
	const struct setpki_request_row *row = a->signers.row;
	struct sp_cert c;
	enum setpki_code rc;

	if (!row->by_certificate)
		return SETPKI_E_OK;
	if ((rc = sp_cert_parse(a->signers.old.der, &c, err)) != SETPKI_E_OK ||
	    (rc = check_signer(r, a, &c)) != SETPKI_E_OK || !(row->renewal && row->enc && !row->sig))
		return rc;
	rc = find_renewed(r, a, err);
	return rc == SETPKI_E_OK ? check_renewed(r, a, &c) : rc;
}
