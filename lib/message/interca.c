/* Composing what CAs send each other (set-protocol 12.16). */
#include "lib/message/interca.h"

#include "lib/crypto/signed.h"
#include "lib/message/parts.h"

const struct sp_notice_row *
sp_notice_row(enum setpki_notice_type type)
{
	static const struct sp_notice_row rows[] = {
	    [SETPKI_CRL_NOTIFICATION] = {"CRLNotification", SP_CT_CRL_NOTIFICATION_TBS, &sp_type_crl_notification_tbs,
		SETPKI_OBJECT_CRL, true},
	    [SETPKI_CRL_NOTIFICATION_RES] = {"CRLNotificationRes", SP_CT_CRL_NOTIFICATION_RES_TBS,
		&sp_type_crl_notification_tbs, SETPKI_OBJECT_CRL, false},
	    [SETPKI_BCI_DISTRIBUTION] = {"BCIDistribution", SP_CT_BCI_DISTRIBUTION_TBS, &sp_type_bci_distribution_tbs,
		SETPKI_OBJECT_BCI, false},
	};

	return (size_t)type < sizeof(rows) / sizeof(rows[0]) ? &rows[type] : NULL;
}

static bool
is_beside(const struct setpki_notice_ask *ask)
{
	for (size_t i = 0; i < ask->ncrls; i++)
		if (sp_bytes_eq(ask->crls[i], ask->about))
			return true;
	return false;
}

static enum setpki_code
check_ask(const struct setpki_notice_ask *ask, const struct sp_notice_row *row, struct setpki_error *err)
{
	struct setpki_objects o = {0};
	enum setpki_code rc = SETPKI_E_OK;

	if (row == NULL || ask->signer == NULL)
		return sp_fail(err, SETPKI_E_ARGUMENT, NULL, "a notice without a type or a signer");
	if (row->along && !is_beside(ask))
		return sp_fail(err, SETPKI_E_ARGUMENT, "set-protocol 12.16",
		    "%s: the CRL is not among those that travel along", row->name);
	rc = setpki_objects_read(ask->about, &o, err);
	if (rc == SETPKI_E_OK && (o.n != 1 || o.v[0].type != row->about))
		rc = sp_fail(err, SETPKI_E_ARGUMENT, "set-protocol 12.16", "%s is about a %s, not about a %s",
		    row->name, setpki_object_name(row->about), setpki_object_name(o.v[0].type));
	setpki_objects_free(&o);
	return rc;
}

static enum setpki_code
put_crl_tbs(setpki_ctx *ctx, const struct setpki_notice_ask *ask, struct sp_buf *out, struct setpki_error *err)
{
	SP_CRL_NOTIFICATION_TBS *tbs = sp_type_new(&sp_type_crl_notification_tbs);
	enum setpki_code rc = SETPKI_E_OK;

	if (tbs == NULL || !sp_time_set(&tbs->date, ask->date))
		rc = sp_fail_memory(err);
	if (rc == SETPKI_E_OK)
		rc = sp_cert_thumb_set(ctx, ask->suite, &tbs->thumb, ask->about, err);
	if (rc == SETPKI_E_OK)
		rc = sp_type_encode(&sp_type_crl_notification_tbs, tbs, out, err);
	sp_type_free(&sp_type_crl_notification_tbs, tbs);
	return rc;
}

static enum setpki_code
put_bci_tbs(const struct setpki_notice_ask *ask, struct sp_buf *out, struct setpki_error *err)
{
	SP_BCI_DISTRIBUTION_TBS *tbs = sp_type_new(&sp_type_bci_distribution_tbs);
	enum setpki_code rc;

	if (tbs != NULL && sp_time_set(&tbs->date, ask->date) && sp_str_set(&tbs->bci, V_ASN1_SEQUENCE, ask->about))
		rc = sp_type_encode(&sp_type_bci_distribution_tbs, tbs, out, err);
	else
		rc = sp_fail_memory(err);
	sp_type_free(&sp_type_bci_distribution_tbs, tbs);
	return rc;
}

enum setpki_code
setpki_notice_put(
    setpki_ctx *ctx, const struct setpki_notice_ask *ask, struct setpki_der *out, struct setpki_error *err)
{
	const struct sp_notice_row *row = sp_notice_row(ask->type);
	struct sp_buf tbs = {0}, data = {0};
	struct sp_sign_ask sign = {.signers = ask->signer,
	    .nsigners = 1,
	    .certs = ask->certs,
	    .ncerts = ask->ncerts,
	    .crls = ask->crls,
	    .ncrls = ask->ncrls};
	enum setpki_code rc = check_ask(ask, row, err);

	*out = (struct setpki_der){NULL, 0};
	if (rc == SETPKI_E_OK)
		rc = row->about == SETPKI_OBJECT_BCI ? put_bci_tbs(ask, &tbs, err) : put_crl_tbs(ctx, ask, &tbs, err);
	if (rc == SETPKI_E_OK) {
		sign.type = row->content;
		sign.content = sp_buf_bytes(&tbs);
		rc = sp_sdata_put(ctx, ask->suite, &sign, &data, err);
	}
	sp_buf_free(&tbs);
	if (rc == SETPKI_E_OK && (out->p = sp_buf_take(&data, &out->n)) == NULL)
		rc = sp_fail_memory(err);
	sp_buf_free(&data);
	return rc;
}
