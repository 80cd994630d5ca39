/* CertInqReq: the state of a request, for whoever made it (set-protocol 3, 8, 12.8, 12.9). */
#include "lib/message/respond.h"

#include "lib/x509/cert.h"

#include <string.h>

static void
free_tbs(SP_CERT_INQ_REQ_TBS *tbs)
{
	sp_type_free(&sp_type_cert_inq_req_tbs, tbs);
}

static enum setpki_code
read_tbs(struct setpki_responder *r, struct sp_sdata *s, SP_CERT_INQ_REQ_TBS **out)
{
	void *tbs = NULL;
	enum setpki_code rc;

	sp_sdata_view(r->pdu, s);
	rc = sp_respond_decode(r, &sp_type_cert_inq_req_tbs, s->content, &tbs);
	*out = tbs;
	return rc;
}

enum setpki_code
sp_find_inquiry(struct setpki_responder *r, struct setpki_error *err)
{
	SP_CERT_INQ_REQ_TBS *tbs = NULL;
	struct sp_lid_ca l;
	struct sp_sdata s;
	enum setpki_code rc = read_tbs(r, &s, &tbs);

	if (rc == SETPKI_E_OK && !sp_lid_ca_read(sp_str(tbs->lid_ca), &l))
		rc = sp_fault(&r->fault, SETPKI_ERR_UNKNOWN_LID, "a lid-CA that is none of ours");
	if (rc == SETPKI_E_OK)
		rc =
		    sp_respond_found(r, r->ops->ca_number(r->ops->arg, l.ca, &r->ca, err), SETPKI_ERR_UNKNOWN_LID, err);
	free_tbs(tbs);
	return rc;
}

/* --- who asks: the keys that signed the request --------------------------------------------------- */

struct asker {
	struct setpki_responder *r;
	const struct setpki_inquiry *found;
	EVP_PKEY *keys[SP_SIGNERS_MAX];
};

static size_t
count(void *arg, setpki_bytes content)
{
	const struct asker *a = arg;

	(void)content;
	return a->found->row->signers;
}

static EVP_PKEY *
old_key(const struct asker *a, const struct sp_signer *who)
{
	struct sp_cert c;

	if (sp_cert_parse(a->found->old_cert, &c, NULL) != SETPKI_E_OK || !sp_bytes_eq(who->issuer, c.issuer) ||
	    !sp_bytes_eq(sp_signer_serial(who), c.serial))
		return NULL;
	return sp_signing_key(a->r, c.key.whole);
}

static EVP_PKEY *
key(void *arg, size_t i, const struct sp_signer *who, setpki_bytes content)
{
	struct asker *a = arg;

	(void)content;
	if (i >= SP_SIGNERS_MAX || a->keys[i] != NULL)
		return NULL;
	if (i == 0 && a->found->row->sig)
		a->keys[i] = who->uncertified ? sp_signing_key(a->r, a->found->sig_key) : NULL;
	else
		a->keys[i] = old_key(a, who);
	return a->keys[i];
}

static enum setpki_code
check_signature(struct setpki_responder *r, const struct sp_sdata *s, const struct setpki_inquiry *found)
{
	struct asker a = {.r = r, .found = found};
	const struct sp_verify_ask ask = {SP_CT_CERT_INQ_REQ_TBS, count, key, &a};
	struct setpki_error why = {0};
	bool first;
	enum setpki_code rc = sp_sdata_verify_all(r->ctx, r->suite, s, s->content, s->content, &ask, &first, &why);

	for (size_t i = 0; i < SP_SIGNERS_MAX; i++)
		EVP_PKEY_free(a.keys[i]);
	if (rc == SETPKI_E_SIGNATURE)
		return sp_fault(&r->fault, SETPKI_ERR_SIGNATURE_FAILURE, "%s", why.message);
	return rc;
}

/* Among the requests under these identifiers the one that the asker's keys signed. */
static enum setpki_code
find(struct setpki_responder *r, const struct sp_sdata *s, const SP_CERT_INQ_REQ_TBS *tbs, struct setpki_inquiry *found,
    struct setpki_error *err)
{
	struct sp_fault first = {0};
	enum setpki_code rc;

	for (size_t n = 0; n < SP_INQUIRY_REQUESTS_MAX; n++) {
		*found = (struct setpki_inquiry){0};
		rc = r->ops->inquire(r->ops->arg, r->ca, sp_str(tbs->lid_ca).p, sp_str(tbs->lid_ee), n, found, err);
		if (rc == SETPKI_E_NOTFOUND) {
			setpki_error_clear(err);
			break;
		}
		if (rc != SETPKI_E_OK || (rc = check_signature(r, s, found)) != SETPKI_E_RULE)
			return rc;
		if (n == 0)
			first = r->fault;
		r->fault = (struct sp_fault){0};
	}
	if (first.code == SETPKI_ERR_NONE)
		return sp_fault(&r->fault, SETPKI_ERR_UNKNOWN_LID, "no request under this lid-CA and lid-EE");
	r->fault = first;
	return SETPKI_E_RULE;
}

/* --- the answer ----------------------------------------------------------------------------------- */

static enum setpki_code
check(struct setpki_responder *r, const struct sp_sdata *s, const SP_CERT_INQ_REQ_TBS *tbs,
    struct setpki_inquiry *found, struct setpki_error *err)
{
	enum setpki_code rc;

	if (s->nsigners == 0)
		return sp_fault(&r->fault, SETPKI_ERR_SIGNATURE_REQUIRED, "a CertInqReq without a SignerInfo");
	if ((rc = find(r, s, tbs, found, err)) != SETPKI_E_OK)
		return rc;
	return sp_respond_ids(r, tbs->rrpid, SETPKI_ERR_WRAPPER_MSG_MISMATCH, tbs->lid_ee, found->row->holder);
}

static enum setpki_code
answer(struct setpki_responder *r, const struct sp_sdata *s, const SP_CERT_INQ_REQ_TBS *tbs, struct setpki_error *err)
{
	struct setpki_inquiry found = {0};
	struct sp_cert_res_to to = {.arm = SP_ARM_CERT_INQ_RES,
	    .lid_ee = sp_str(tbs->lid_ee),
	    .chall_ee3 = sp_str(tbs->chall_ee3),
	    .lid_ca = sp_str(tbs->lid_ca)};
	enum setpki_code rc = check(r, s, tbs, &found, err);

	if (rc != SETPKI_E_OK)
		return rc;
	to.row = found.row;
	to.back_key = found.decision.back_key;
	return sp_cert_res_put(r, &to, &found.decision, err);
}

enum setpki_code
sp_answer_inquiry(struct setpki_responder *r, struct setpki_error *err)
{
	SP_CERT_INQ_REQ_TBS *tbs = NULL;
	struct sp_sdata s;
	enum setpki_code rc = read_tbs(r, &s, &tbs);

	if (rc == SETPKI_E_OK)
		rc = answer(r, &s, tbs, err);
	free_tbs(tbs);
	return rc;
}
