#include "ca/register/asking.h"

#include "ca/register/route.h"
#include "ca/revoke/revoke.h"
#include "lib/base/time.h"
#include "lib/x509/name.h"

#include <string.h>

void
ca_asking_free(struct ca_asking *a)
{
	if (a == NULL)
		return;
	ca_holder_record_free(&a->holder);
	ca_cert_record_free(&a->old);
	sp_buf_free(&a->common);
	memset(a, 0, sizeof(*a));
}

bool
ca_asking_refused(enum setpki_code rc)
{
	switch (rc) {
	case SETPKI_E_PARSE:
	case SETPKI_E_LIMIT:
	case SETPKI_E_SUITE:
	case SETPKI_E_RULE:
	case SETPKI_E_POLICY:
	case SETPKI_E_SIGNATURE:
	case SETPKI_E_CONFLICT:
	case SETPKI_E_ARGUMENT:
		return true;
	default:
		return false;
	}
}

int64_t
ca_card_ends(const char *expiry)
{
	int month = (expiry[4] - '0') * 10 + (expiry[5] - '0'), year = 0;
	int64_t end = 0;

	for (int i = 0; i < 4; i++)
		year = year * 10 + (expiry[i] - '0');
	return sp_month_end(year, month, &end) ? end : 0;
}

static enum setpki_code
ask_cardholder(const struct ca_request_record *rec, struct ca_asking *a)
{
	a->req.common_name = rec->name;
	a->req.bin = rec->first_six;
	a->req.not_after_max = ca_card_ends(rec->expiry);
	return SETPKI_E_OK;
}

/* What the certificate before says stays as it is: the name always, the data unless the acquirer's record has it. */
static enum setpki_code
copy_old(ca_txn *t, const struct ca_request_record *rec, struct ca_asking *a, struct setpki_error *err)
{
	struct sp_cert cert;
	enum setpki_code rc;

	if ((rc = ca_cert_get(t, rec->ca, rec->old_seq, &a->old, err)) != SETPKI_E_OK ||
	    (rc = sp_cert_parse(a->old.der, &cert, err)) != SETPKI_E_OK)
		return rc;
	a->req.subject = cert.subject;
	if (a->req.role == CA_ROLE_MERCHANT && a->req.merchant == NULL)
		a->req.merchant_data = cert.ext[SP_EXT_MERCHANT_DATA];
	if (!sp_name_get(cert.subject, SP_ATTR_CN, 0, &a->common))
		return sp_fail(err, SETPKI_E_RULE, NULL, "the certificate to be renewed has no common name");
	sp_buf_add_byte(&a->common, '\0');
	if (a->common.failed)
		return sp_fail_memory(err);
	a->req.common_name = (const char *)a->common.p;
	return SETPKI_E_OK;
}

static void
take_holder(struct ca_asking *a)
{
	const struct ca_holder_record *h = &a->holder;

	a->req.common_name = h->name;
	if (a->req.role != CA_ROLE_MERCHANT)
		return;
	a->merchant = (struct sp_merchant_data){.mer_id = h->id,
	    .bin = h->bin,
	    .names = h->names,
	    .nnames = h->nnames,
	    .country = h->country,
	    .auth_flag = h->auth_flag};
	a->req.merchant = &a->merchant;
	if (h->nnames != 0)
		a->req.common_name = h->names[0].name;
}

static enum setpki_code
ask_holder(
    ca_txn *t, const struct ca_request_record *rec, const char *id, struct ca_asking *a, struct setpki_error *err)
{
	struct setpki_error absent = {0};
	enum setpki_code rc = ca_holder_get(t, rec->ca, (uint8_t)a->req.role, rec->bin, id, &a->holder, &absent);

	if (rc == SETPKI_E_OK)
		take_holder(a);
	else if (rc != SETPKI_E_NOTFOUND)
		return sp_fail(err, rc, absent.spec, "%s", absent.message);
	else if (rec->old_seq == 0)
		return sp_fail(err, rc, absent.spec,
		    "the account list has no '%.40s' of the acquirer with BIN %s: import it first (setca account "
		    "import)",
		    rec->id, rec->bin);
	return rec->old_seq != 0 ? copy_old(t, rec, a, err) : SETPKI_E_OK;
}

enum setpki_code
ca_asking_make(
    ca_txn *t, const struct ca_request_record *rec, const char *id, struct ca_asking *out, struct setpki_error *err)
{
	const struct setpki_request_row *row = setpki_request_row((enum setpki_request_type)rec->type);

	memset(out, 0, sizeof(*out));
	if (row == NULL)
		return sp_fail(err, SETPKI_E_STORE, NULL, "request %llu has no type", (unsigned long long)rec->number);
	out->req = (struct ca_ee_request){.role = ca_reg_role(row->holder),
	    .sig_spki = rec->sig_key,
	    .exch_spki = rec->enc_key,
	    .bin = rec->bin[0] != '\0' ? rec->bin : NULL};
	memcpy(out->req.request, rec->wrapper, sizeof(out->req.request));
	if (out->req.role == CA_ROLE_CARDHOLDER)
		return ask_cardholder(rec, out);
	return ask_holder(t, rec, id, out, err);
}

/* --- does it stand? ----------------------------------------------------------------------------- */

static enum setpki_code
check_unrevoked(
    struct ca_home *h, ca_txn *t, const struct ca_request_record *rec, uint64_t seq, struct setpki_error *err)
{
	struct ca_cert_record old;
	bool revoked;
	enum setpki_code rc;

	if (seq == 0)
		return SETPKI_E_OK;
	if ((rc = ca_cert_get(t, rec->ca, seq, &old, err)) != SETPKI_E_OK)
		return rc;
	rc = ca_is_revoked(t, h->ctx, &old, &revoked, NULL, NULL, err);
	if (rc == SETPKI_E_OK && revoked)
		rc = sp_fail(err, SETPKI_E_POLICY, "set-protocol 12.10",
		    "a certificate that this renewal rests on is revoked: its holder has to register anew");
	ca_cert_record_free(&old);
	return rc;
}

/* What the list says, whoever it is that decides. */
static enum setpki_code
listed_state(ca_txn *t, const struct ca_request_record *rec, const char *id, enum ca_account_state *state,
    struct setpki_error *err)
{
	const struct setpki_request_row *row = setpki_request_row((enum setpki_request_type)rec->type);
	enum ca_role role = row != NULL ? ca_reg_role(row->holder) : CA_ROLE_N;
	struct ca_account_record account;
	struct ca_holder_record holder;
	enum setpki_code rc;

	if (role == CA_ROLE_CARDHOLDER) {
		rc = ca_account_get(t, rec->ca, rec->account_hash, &account, err);
		*state = account.state;
		return rc;
	}
	rc = ca_holder_get(t, rec->ca, (uint8_t)role, rec->bin, id, &holder, err);
	*state = holder.state;
	ca_holder_record_free(&holder);
	return rc;
}

static enum setpki_code
check_unblocked(ca_txn *t, const struct ca_request_record *rec, const char *id, struct setpki_error *err)
{
	struct setpki_error absent = {0};
	bool card = rec->first_six[0] != '\0';
	enum ca_account_state state;
	enum setpki_code rc = listed_state(t, rec, id, &state, &absent);

	if (rc == SETPKI_E_NOTFOUND || (rc == SETPKI_E_OK && state == CA_ACCOUNT_ACTIVE))
		return SETPKI_E_OK;
	if (rc != SETPKI_E_OK)
		return sp_fail(err, rc, absent.spec, "%s", absent.message);
	return sp_fail(err, SETPKI_E_POLICY, NULL, "%s%s%s is blocked in the account list",
	    card ? rec->first_six : rec->id, card ? "..." : "", card ? rec->last_four : "");
}

enum setpki_code
ca_asking_stands(
    struct ca_home *h, ca_txn *t, const struct ca_request_record *rec, const char *id, struct setpki_error *err)
{
	enum setpki_code rc;

	if ((rc = check_unrevoked(h, t, rec, rec->old_seq, err)) != SETPKI_E_OK ||
	    (rc = check_unrevoked(h, t, rec, rec->old_enc_seq, err)) != SETPKI_E_OK)
		return rc;
	return check_unblocked(t, rec, id, err);
}
