/* The list of accounts as one of those who decide. */
#include "ca/register/decide.h"

#include <string.h>

static enum ca_verdict
by_state(struct ca_deciding *d, enum ca_account_state state, bool same)
{
	if (state == CA_ACCOUNT_ACTIVE && same)
		return CA_VERDICT_ACCEPT;
	(void)ca_deciding_refuse(d, ca_reg_rejected(d->role), "%s",
	    same ? "blocked in the account list" : "the account list has another expiry for this card");
	return CA_VERDICT_REJECT;
}

static enum setpki_code
ask_cards(struct ca_deciding *d, enum ca_verdict *out, struct setpki_error *err)
{
	struct ca_account_record a;
	enum setpki_code rc = ca_account_get(d->t, d->rec.ca, d->rec.account_hash, &a, err);

	if (rc == SETPKI_E_OK)
		*out = by_state(d, a.state, strcmp(a.expiry, d->rec.expiry) == 0);
	return rc;
}

static enum setpki_code
ask_holders(struct ca_deciding *d, enum ca_verdict *out, struct setpki_error *err)
{
	struct ca_holder_record holder;
	enum setpki_code rc = ca_holder_get(d->t, d->rec.ca, (uint8_t)d->role, d->q->id.bin, d->q->id.id, &holder, err);

	if (rc == SETPKI_E_OK)
		*out = by_state(d, holder.state, true);
	ca_holder_record_free(&holder);
	return rc;
}

enum setpki_code
ca_reg_ask_accounts(struct ca_deciding *d, enum ca_verdict *out, struct setpki_error *err)
{
	struct setpki_error absent = {0};
	enum setpki_code rc = ca_deciding_read(d, &absent);

	if (rc == SETPKI_E_OK)
		rc = d->role == CA_ROLE_CARDHOLDER ? ask_cards(d, out, &absent) : ask_holders(d, out, &absent);
	if (rc == SETPKI_E_NOTFOUND)
		ca_deciding_says(d, "accounts: not in the list");
	if (rc == SETPKI_E_NOTFOUND || rc == SETPKI_E_OK)
		return SETPKI_E_OK;
	return sp_fail(err, rc, absent.spec, "%s", absent.message);
}
