/* Renewals, and whatever else an existing certificate signs (set-protocol 12.10): what it says, and what is recorded of
 * it, has to be what is said now.  That it is good was checked by the session. */
#include "ca/register/decide.h"

#include "lib/x509/cert.h"
#include "lib/x509/merchant.h"
#include "lib/x509/name.h"
#include "lib/x509/string.h"

#include <openssl/crypto.h>
#include <setpki/text.h>

/* What is recorded of the certificate that signs. */
struct renewed {
	struct ca_cert_record cert;
	struct ca_request_record request; /* that it was issued for; number 0: it was not asked for by a message */
};

static void
renewed_free(struct renewed *r)
{
	ca_cert_record_free(&r->cert);
	ca_request_record_free(&r->request);
}

static enum setpki_code
find_renewed(struct ca_deciding *d, const struct sp_cert *cert, struct renewed *out, struct setpki_error *err)
{
	struct setpki_error absent = {0};
	enum setpki_code rc;

	if ((rc = ca_cert_by_ca_serial(d->t, d->rec.ca, cert->serial, &out->cert, err)) != SETPKI_E_OK)
		return rc;
	rc = ca_request_by_wrapper(d->t, out->cert.request, &out->request, &absent);
	if (rc == SETPKI_E_OK || rc == SETPKI_E_NOTFOUND)
		return SETPKI_E_OK;
	return sp_fail(err, rc, absent.spec, "%s", absent.message);
}

/* --- is it the same holder? -------------------------------------------------------------------- */

static bool
same_account(const struct ca_deciding *d, const struct renewed *old)
{
	return old->request.number != 0 &&
	    CRYPTO_memcmp(old->request.account_hash, d->rec.account_hash, sizeof(d->rec.account_hash)) == 0;
}

static bool
same_merchant(const struct ca_deciding *d, const struct sp_cert *cert)
{
	struct sp_der der = sp_der(cert->ext[SP_EXT_MERCHANT_DATA]);
	struct sp_merchant_view m;
	struct sp_buf id = {0};
	bool same;

	if (!sp_merchant_read(&der, &m) || !sp_string_utf8(m.mer_id_tag, m.mer_id, &id))
		return false;
	same =
	    sp_bytes_eq(sp_buf_bytes(&id), sp_bytes_str(d->q->id.id)) && sp_bytes_eq(m.bin, sp_bytes_str(d->q->id.bin));
	sp_buf_free(&id);
	return same;
}

/* A gateway's certificate does not say who its acquirer is: the request that it was issued for does, or the list. */
static enum setpki_code
same_gateway(
    struct ca_deciding *d, const struct sp_cert *cert, const struct renewed *old, bool *same, struct setpki_error *err)
{
	struct setpki_error absent = {0};
	struct ca_holder_record holder;
	struct sp_buf cn = {0};
	enum setpki_code rc;

	*same = same_account(d, old);
	if (old->request.number != 0)
		return SETPKI_E_OK;
	rc = ca_holder_get(d->t, d->rec.ca, CA_ROLE_GATEWAY, d->q->id.bin, d->q->id.id, &holder, &absent);
	if (rc == SETPKI_E_NOTFOUND)
		return SETPKI_E_OK;
	if (rc != SETPKI_E_OK)
		return sp_fail(err, rc, absent.spec, "%s", absent.message);
	*same = sp_name_get(cert->subject, SP_ATTR_CN, 0, &cn) && holder.name != NULL &&
	    sp_bytes_eq(sp_buf_bytes(&cn), sp_bytes_str(holder.name));
	sp_buf_free(&cn);
	ca_holder_record_free(&holder);
	return SETPKI_E_OK;
}

static enum setpki_code
check_holder(struct ca_deciding *d, const struct sp_cert *cert, const struct renewed *old, struct setpki_error *err)
{
	const struct ca_policy_ca *ca = &d->r->h->policy->cas[d->g->policy_index];
	bool same = false;
	enum setpki_code rc = SETPKI_E_OK;

	if (d->role == CA_ROLE_CARDHOLDER)
		same = same_account(d, old);
	else if (d->role == CA_ROLE_MERCHANT)
		same = same_merchant(d, cert);
	else
		rc = same_gateway(d, cert, old, &same, err);
	if (rc == SETPKI_E_OK && (!same || !sp_name_is_brand(cert->subject, ca->organization)))
		return ca_deciding_refuse(d, ca_reg_rejected(d->role),
		    "not the card, acquirer, merchant or brand that the certificate to be renewed was issued for");
	return rc;
}

/* --- the check --------------------------------------------------------------------------------- */

/* One of the certificates that the request names; empty: it names none.  *seq: its number. */
static enum setpki_code
check_cert(struct ca_deciding *d, setpki_bytes der, uint64_t *seq, struct setpki_error *err)
{
	struct renewed old = {0};
	struct sp_cert cert;
	enum setpki_code rc;

	if (der.n == 0 || d->rec.status != SETPKI_STATUS_NONE)
		return SETPKI_E_OK;
	if ((rc = sp_cert_parse(der, &cert, err)) != SETPKI_E_OK)
		return rc;
	if ((rc = find_renewed(d, &cert, &old, err)) == SETPKI_E_OK)
		rc = check_holder(d, &cert, &old, err);
	*seq = old.cert.seq;
	renewed_free(&old);
	return rc;
}

enum setpki_code
ca_deciding_renewal(struct ca_deciding *d, struct setpki_error *err)
{
	enum setpki_code rc = check_cert(d, d->q->old_cert, &d->rec.old_seq, err);

	/* of the same holder: two may have one name */
	return rc == SETPKI_E_OK ? check_cert(d, d->q->old_enc_cert, &d->rec.old_enc_seq, err) : rc;
}
