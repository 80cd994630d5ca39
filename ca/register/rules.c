/* What a CertReq has to be before anybody is asked about it, in the order of set-protocol 8. */
#include "ca/register/asking.h"
#include "ca/register/decide.h"

#include <openssl/crypto.h>
#include <setpki/text.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum setpki_code
ca_deciding_refuse(struct ca_deciding *d, enum setpki_status status, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(d->why, sizeof(d->why), fmt, ap);
	va_end(ap);
	setpki_mask_pans(d->why);
	d->rec.status = (uint8_t)status;
	return SETPKI_E_OK;
}

void
ca_deciding_says(struct ca_deciding *d, const char *fmt, ...)
{
	size_t n = strlen(d->said);
	va_list ap;

	if (n != 0 && n + 2 < sizeof(d->said))
		n += (size_t)snprintf(d->said + n, sizeof(d->said) - n, "; ");
	va_start(ap, fmt);
	vsnprintf(d->said + n, sizeof(d->said) - n, fmt, ap);
	va_end(ap);
	setpki_mask_pans(d->said);
}

enum setpki_status
ca_reg_rejected(enum ca_role role)
{
	return role == CA_ROLE_CARDHOLDER ? SETPKI_STATUS_REJECTED_BY_ISSUER : SETPKI_STATUS_REJECTED_BY_ACQUIRER;
}

const struct ca_form *
ca_deciding_form_of(const struct ca_deciding *d)
{
	const struct ca_referral *referral;
	const char *bin = d->role == CA_ROLE_CARDHOLDER ? d->q->pan : d->q->id.bin;

	return bin != NULL && strlen(bin) >= SP_UB_BIN ? ca_reg_form_for(d->profile, bin, &referral) : NULL;
}

/* regFormID names the form as it is worded now, in a language that is still offered; 0 that there was none. */
enum setpki_code
ca_deciding_language(struct ca_deciding *d, struct setpki_error *err)
{
	const struct ca_form *form = ca_deciding_form_of(d);
	const struct ca_reg_form *named = ca_reg_form_by_id(d->r, d->q->form_id);
	const char *language;

	(void)err;
	if (form == NULL)
		return SETPKI_E_OK; /* the BIN is what is wrong */
	if (form->nfields == 0 ? d->q->form_id != 0 : named == NULL || named->form != form)
		return ca_deciding_refuse(d, SETPKI_STATUS_INVALID_LANGUAGE,
		    "regFormID names no form, or not the one for this BIN, as it is worded now");
	language = form->nfields == 0 ? form->terms[0].language : named->language;
	snprintf(d->rec.language, sizeof(d->rec.language), "%s", language);
	return SETPKI_E_OK;
}

enum setpki_code
ca_deciding_bin(struct ca_deciding *d, struct setpki_error *err)
{
	(void)err;
	if (ca_deciding_form_of(d) != NULL)
		return SETPKI_E_OK;
	return ca_deciding_refuse(d, SETPKI_STATUS_INVALID_BIN, "a BIN that this CA does not serve");
}

/* What was not asked for is not kept, and no card number that was typed for an account. */
static enum setpki_code
take_account(struct ca_deciding *d, const struct ca_form *form, struct setpki_error *err)
{
	const char *account = d->q->account;

	if (!form->account.present || account == NULL || account[0] == '\0')
		return SETPKI_E_OK;
	if ((d->parts.account = OPENSSL_strdup(account)) == NULL)
		return sp_fail_memory(err);
	setpki_mask_pans(d->parts.account);
	return SETPKI_E_OK;
}

/* A fault of the account, which is no item of the form, is told in eeMessage. */
enum setpki_code
ca_deciding_form(struct ca_deciding *d, struct setpki_error *err)
{
	const struct ca_form *form = ca_deciding_form_of(d);
	char room[CA_REG_FAULT];
	const char *account = ca_reg_check_account(form, d->q->account, room);
	enum setpki_code rc = ca_reg_check_form(form, d->rec.language, d->q, &d->parts, err);

	if (rc == SETPKI_E_OK)
		rc = take_account(d, form, err);
	if (rc != SETPKI_E_OK)
		return rc;
	if (account != NULL)
		snprintf(d->rec.message, sizeof(d->rec.message), "account: %s", account);
	if (d->parts.nfailed != 0)
		return ca_deciding_refuse(d, SETPKI_STATUS_FORM_MALFORMED, "item %u of the form: %s",
		    d->parts.failed[0].item, d->parts.failed[0].reason);
	return account != NULL ? ca_deciding_refuse(d, SETPKI_STATUS_FORM_MALFORMED, "%s", d->rec.message) : rc;
}

enum setpki_code
ca_deciding_card(struct ca_deciding *d, struct setpki_error *err)
{
	(void)err;
	if (d->role != CA_ROLE_CARDHOLDER || ca_card_ends(d->rec.expiry) >= d->r->h->now)
		return SETPKI_E_OK;
	return ca_deciding_refuse(d, SETPKI_STATUS_REJECTED_BY_ISSUER, "the card has expired");
}

static enum setpki_code
check_key(struct ca_deciding *d, setpki_bytes spki, struct setpki_error *err)
{
	struct setpki_error absent = {0};
	struct ca_cert_record rec;
	struct sp_spki key;
	uint8_t identity[32];
	enum setpki_code rc;

	if (spki.n == 0 || d->rec.status != SETPKI_STATUS_NONE)
		return SETPKI_E_OK;
	if (sp_spki_parse(spki, &key, NULL) != SETPKI_E_OK)
		return ca_deciding_refuse(d, SETPKI_STATUS_REJECTED_BY_CA, "a key that cannot be read");
	if ((rc = sp_spki_identity(d->r->h->ctx, &key, identity, err)) != SETPKI_E_OK)
		return rc;
	rc = ca_cert_by_key(d->t, identity, &rec, &absent);
	if (rc == SETPKI_E_NOTFOUND)
		return SETPKI_E_OK;
	if (rc != SETPKI_E_OK)
		return sp_fail(err, rc, absent.spec, "%s", absent.message);
	ca_cert_record_free(&rec);
	return ca_deciding_refuse(d, SETPKI_STATUS_REJECTED_BY_CA, "a key that is certified already (12.11)");
}

enum setpki_code
ca_deciding_keys(struct ca_deciding *d, struct setpki_error *err)
{
	enum setpki_code rc = check_key(d, d->q->sig_key, err);

	return rc == SETPKI_E_OK ? check_key(d, d->q->enc_key, err) : rc;
}

static enum setpki_code
try_policy(struct ca_deciding *d, const struct ca_asking *a, struct setpki_error *err)
{
	struct ca_reg_generation *g = ca_reg_newest(d->r, d->rec.ca);
	struct setpki_error why = {0};
	struct ca_issue_job jobs[2];
	size_t n;
	enum setpki_code rc;

	if (g == NULL)
		return SETPKI_E_OK; /* not now */
	rc = ca_issue_ee_with(d->r->h, &g->signer, &a->req, true, NULL, NULL, jobs, &n, &why);
	for (size_t i = 0; i < n; i++)
		ca_cert_record_free(&jobs[i].out);
	if (rc == SETPKI_E_OK || rc == SETPKI_E_STATE)
		return SETPKI_E_OK; /* what stands in the way now may pass */
	if (ca_asking_refused(rc))
		return ca_deciding_refuse(d, SETPKI_STATUS_REJECTED_BY_CA, "%s", why.message);
	return sp_fail(err, rc, why.spec, "%s", why.message);
}

/* Whether policy and engine would issue it, as far as that can be told before somebody has decided: nobody is troubled
 * with what would be refused in the end. */
enum setpki_code
ca_deciding_policy(struct ca_deciding *d, struct setpki_error *err)
{
	struct setpki_error why = {0};
	struct ca_asking a;
	enum setpki_code rc = SETPKI_E_OK;

	memset(&a, 0, sizeof(a));
	if (d->role != CA_ROLE_CARDHOLDER) /* of cards the list itself decides, if it is asked */
		rc = ca_asking_stands(d->r->h, d->t, &d->rec, d->parts.id, &why);
	if (rc == SETPKI_E_OK)
		rc = ca_asking_make(d->t, &d->rec, d->parts.id, &a, &why);
	if (rc == SETPKI_E_OK)
		rc = try_policy(d, &a, err);
	else if (rc == SETPKI_E_NOTFOUND)
		rc = SETPKI_E_OK; /* a merchant or gateway that is not listed yet */
	else if (rc == SETPKI_E_POLICY)
		rc = ca_deciding_refuse(d, ca_reg_rejected(d->role), "%s", why.message);
	else
		rc = sp_fail(err, rc, why.spec, "%s", why.message);
	ca_asking_free(&a);
	return rc;
}
