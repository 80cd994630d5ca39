/* CertRes and CertInqRes: what was decided, and whether the certificates are the ones that were asked for (set-protocol
 * 8, 12.5, 12.9). */
#include "lib/message/enroll.h"

#include "lib/x509/merchant.h"
#include "lib/x509/name.h"
#include "lib/x509/string.h"

#include <openssl/crypto.h>

#define REFUSE(a, error, ...) sp_refuse((a)->fault, SETPKI_E_RULE, SETPKI_ERR_##error, __VA_ARGS__)

/* --- the holder's name --------------------------------------------------------------------------------- */

/* The blinded account, computed from what both sides drew. */
static enum setpki_code
check_card(struct sp_answer *a, const struct sp_cert *c, const ASN1_OCTET_STRING *nonce)
{
	const struct sp_enroll_state *s = &a->next;
	uint8_t secret[SP_SECRET_LEN];
	char want[SETPKI_ACCOUNT_NAME];
	struct sp_buf cn = {0};
	enum setpki_code rc;

	if (nonce == NULL || !a->encrypted)
		return REFUSE(
		    a, UNSPECIFIED_FAILURE, "a cardholder's certificate without Nonce-CCA, or not under the back key");
	sp_pan_secret(sp_part(s, SP_PART_CARD_SECRET).p, sp_str(nonce).p, secret);
	rc = setpki_account_name(a->e->ctx, a->e->suite, sp_part_text(s, SP_PART_PAN), sp_part_text(s, SP_PART_EXPIRY),
	    secret, want, &a->fault->why);
	if (rc == SETPKI_E_OK &&
	    (!sp_name_get(c->subject, SP_ATTR_CN, 0, &cn) || !sp_bytes_eq(sp_buf_bytes(&cn), sp_bytes_str(want))))
		rc =
		    REFUSE(a, INVALID_CERTIFICATE, "the certificate's common name is not our account under our secret");
	if (rc == SETPKI_E_OK)
		rc = sp_part_set(&a->next, SP_PART_PAN_SECRET, SP_BYTES(secret), &a->fault->why);
	OPENSSL_cleanse(secret, sizeof(secret));
	sp_buf_free(&cn);
	return rc;
}

static enum setpki_code
check_merchant(struct sp_answer *a, const struct sp_cert *c)
{
	struct sp_der d = sp_der(c->ext[SP_EXT_MERCHANT_DATA]);
	struct sp_merchant_view m;
	struct sp_buf id = {0};
	bool same = sp_merchant_read(&d, &m) && sp_string_utf8(m.mer_id_tag, m.mer_id, &id) &&
	    sp_bytes_eq(sp_buf_bytes(&id), sp_part(&a->e->s, SP_PART_ID)) &&
	    sp_bytes_eq(m.bin, sp_part(&a->e->s, SP_PART_BIN));

	sp_buf_free(&id);
	return same
	    ? SETPKI_E_OK
	    : REFUSE(a, INVALID_CERTIFICATE, "merchantData does not have the MerchantID and BIN that we asked for");
}

static enum setpki_code
check_holder(struct sp_answer *a, const struct sp_cert *c, const SP_CERT_RES_DATA *res)
{
	if (a->e->row->holder == SETPKI_TYPE_CARD)
		return check_card(a, c, res->status->nonce_cca);
	return a->e->row->holder == SETPKI_TYPE_MER ? check_merchant(a, c) : SETPKI_E_OK;
}

/* --- certificates --------------------------------------------------------------------------------------- */

/* Ours by its key: which part of the state; SP_PARTS if it is neither's. */
static enum sp_part
part_of(const struct sp_answer *a, const struct sp_cert *c)
{
	if (sp_bytes_eq(c->key.whole, sp_part(&a->e->s, SP_PART_SIG_SPKI)))
		return SP_PART_NEW_SIG;
	return sp_bytes_eq(c->key.whole, sp_part(&a->e->s, SP_PART_ENC_SPKI)) ? SP_PART_NEW_ENC : SP_PARTS;
}

static enum setpki_code
take_cert(struct sp_answer *a, setpki_bytes der, const SP_CERT_RES_DATA *res)
{
	struct sp_chain_wish wish = {.type = a->e->row->holder};
	struct sp_cert c;
	enum sp_part part;
	enum setpki_code rc = sp_cert_parse(der, &c, &a->fault->why);

	if (rc != SETPKI_E_OK)
		return sp_refused(a->fault, rc, SETPKI_ERR_INVALID_CERTIFICATE);
	if ((part = part_of(a, &c)) == SP_PARTS)
		return REFUSE(a, INVALID_CERTIFICATE, "certThumbs names a certificate for a key that is not ours");
	if (!sp_name_same_ca(c.issuer, a->signer.subject, NULL, NULL))
		return REFUSE(
		    a, INVALID_CERTIFICATE, "the certificate was issued by another CA than the one that answers");
	wish.kind = sp_holder_kind(a->e->row->holder, part == SP_PART_NEW_ENC);
	if ((rc = sp_answer_chain(a, der, &wish)) != SETPKI_E_OK || (rc = check_holder(a, &c, res)) != SETPKI_E_OK)
		return rc;
	return sp_part_set(&a->next, part, der, &a->fault->why);
}

static bool
is_digest(const struct sp_answer *a, const void *digest, setpki_bytes der)
{
	uint8_t thumb[SP_DIGEST_MAX];

	return sp_thumb_of(a->e->ctx, a->e->suite, der, thumb, NULL) == SETPKI_E_OK &&
	    sp_bytes_eq(sp_str(digest), sp_bytes(thumb, sp_suite(a->e->suite)->digest_len));
}

enum setpki_code
sp_take_certs(struct sp_answer *a, const SP_CERT_RES_DATA *res)
{
	const struct setpki_request_row *row = a->e->row;
	const STACK_OF(SP_ELEMENT) *sk = res->certs != NULL ? res->certs->certs : NULL;
	int n = sk != NULL ? sk_SP_ELEMENT_num(sk) : 0;
	enum setpki_code rc = SETPKI_E_OK;

	if (n != (int)row->sig + (int)row->enc ||
	    !sp_bytes_eq(sp_str(res->certs->alg), sp_suite(a->e->suite)->digest_alg))
		return REFUSE(a, MISSING_CERTIFICATE, "certThumbs names %d certificates; %d were asked for", n,
		    (int)row->sig + (int)row->enc);
	for (int i = 0; i < n && rc == SETPKI_E_OK; i++) {
		setpki_bytes der = sp_answer_find(a, is_digest, sk_SP_ELEMENT_value(sk, i));

		rc = der.n != 0
		    ? take_cert(a, der, res)
		    : REFUSE(a, MISSING_CERTIFICATE, "certThumbs names a certificate that did not come along");
	}
	if (rc == SETPKI_E_OK &&
	    ((row->sig && sp_part(&a->next, SP_PART_NEW_SIG).n == 0) ||
		(row->enc && sp_part(&a->next, SP_PART_NEW_ENC).n == 0)))
		rc = REFUSE(a, MISSING_CERTIFICATE, "one of the certificates that were asked for is missing");
	return rc;
}

/* --- the status ------------------------------------------------------------------------------------------ */

/* The one answer of a CA that could not open our request, and so knows nothing of it (set-protocol 12.5). */
static bool
knows_nothing(const struct sp_answer *a, const SP_CERT_RES_DATA *res)
{
	static const uint8_t zeros[SP_NONCE_LEN];

	return sp_int((ASN1_INTEGER *)res->status->code) == SETPKI_STATUS_DECRYPTION_ERROR && !a->encrypted &&
	    sp_bytes_eq(sp_str(res->chall_ee3), SP_BYTES(zeros));
}

static enum setpki_code
check_echo(struct sp_answer *a, const SP_CERT_RES_DATA *res)
{
	const struct sp_echo echo = {res->rrpid, res->lid_ee, res->chall_ee3, res->thumbs, NULL};
	enum setpki_code rc;

	if (knows_nothing(a, res))
		return sp_answer_rrpid(a, res->rrpid);
	if ((rc = sp_answer_echo(a, &echo)) != SETPKI_E_OK)
		return rc;
	if (!sp_bytes_eq(sp_str(res->lid_ca), sp_part(&a->e->s, SP_PART_LID_CA)))
		return REFUSE(a, UNKNOWN_LID, "lid-CA is not the one of this registration");
	return SETPKI_E_OK;
}

static enum setpki_code
take_status(struct sp_answer *a, const SP_CERT_RES_DATA *res)
{
	enum setpki_status status = (enum setpki_status)sp_int((ASN1_INTEGER *)res->status->code);
	enum setpki_code rc;

	if (status == SETPKI_STATUS_IN_PROGRESS || status == SETPKI_STATUS_PENDED) {
		a->next.step = SETPKI_ENROLL_WAIT;
		return SETPKI_E_OK;
	}
	if (status == SETPKI_STATUS_FORM_MALFORMED) { /* the form may be answered again, with all that goes along */
		a->next.step = SETPKI_ENROLL_REFUSED;
		return SETPKI_E_OK;
	}
	if (status != SETPKI_STATUS_COMPLETE) {
		sp_state_end(&a->next, SETPKI_ENROLL_REFUSED);
		return SETPKI_E_OK;
	}
	if ((rc = sp_take_certs(a, res)) == SETPKI_E_OK)
		sp_state_end(&a->next, SETPKI_ENROLL_DONE);
	return rc;
}

enum setpki_code
sp_take_cert_res(struct sp_answer *a)
{
	const SP_CERT_RES_DATA *res = a->tbs;
	enum setpki_code rc;

	a->bci = sp_str(res->bci);
	if ((rc = sp_answer_pool(a)) != SETPKI_E_OK || (rc = sp_answer_signer(a)) != SETPKI_E_OK ||
	    (rc = check_echo(a, res)) != SETPKI_E_OK || (rc = sp_answer_keep(a)) != SETPKI_E_OK ||
	    (rc = sp_part_set(&a->next, SP_PART_RESULT, a->data.content, &a->fault->why)) != SETPKI_E_OK)
		return rc;
	return take_status(a, res);
}
