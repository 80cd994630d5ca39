#include "ca/issue/hold.h"

#include "ca/audit/audit.h"

#include <setpki/text.h>
#include <stdio.h>
#include <string.h>

enum setpki_code
ca_hold_check(ca_txn *t, struct setpki_error *err)
{
	struct ca_hold hold;
	char since[SETPKI_TIME_TEXT];
	enum setpki_code rc = ca_home_hold_get(t, &hold, err);

	if (rc != SETPKI_E_OK || !hold.held)
		return rc;
	return sp_fail(err, SETPKI_E_STATE, NULL, "issuing is held since %s%s%s; 'setca release' resumes it",
	    setpki_time_text(hold.since, since), hold.reason[0] != '\0' ? ": " : "", hold.reason);
}

enum setpki_code
ca_hold_check_now(struct ca_home *h, struct setpki_error *err)
{
	enum setpki_code rc;
	ca_txn *t;

	if ((rc = ca_txn_begin(h->store, false, &t, err)) != SETPKI_E_OK)
		return rc;
	rc = ca_hold_check(t, err);
	ca_txn_abort(t);
	return rc;
}

static enum setpki_code
take_reason(const char *reason, struct ca_hold *out, struct setpki_error *err)
{
	size_t n = reason != NULL ? strlen(reason) : 0;

	if (n > CA_HOLD_REASON_MAX || !setpki_utf8_printable(sp_bytes_str(reason)))
		return sp_fail(
		    err, SETPKI_E_ARGUMENT, NULL, "a reason is one line of at most %d octets", CA_HOLD_REASON_MAX);
	if (n > 0)
		memcpy(out->reason, reason, n);
	setpki_mask_pans(out->reason);
	return SETPKI_E_OK;
}

static enum setpki_code
put_with_leaf(struct ca_home *h, ca_txn *t, const struct ca_hold *hold, const char *detail, struct setpki_error *err)
{
	struct ca_audit_leaf leaf = {
	    .at = h->now, .event = hold->held ? CA_AUDIT_HELD : CA_AUDIT_RELEASED, .detail = detail};
	enum setpki_code rc = ca_home_hold_put(t, hold, err);

	if (rc != SETPKI_E_OK)
		return rc;
	if (h->policy != NULL)
		memcpy(leaf.policy_hash, h->policy->hash, sizeof(leaf.policy_hash));
	return ca_audit_append(h, t, &leaf, err);
}

/* `hold` comes into force, if the home is not as it says already; *was: what was in force. */
static enum setpki_code
change(struct ca_home *h, const struct ca_hold *hold, struct ca_hold *was, struct setpki_error *err)
{
	char since[SETPKI_TIME_TEXT], detail[64];
	enum setpki_code rc;
	ca_txn *t;

	if ((rc = ca_txn_begin(h->store, true, &t, err)) != SETPKI_E_OK)
		return rc;
	rc = hold->held ? ca_hold_check(t, err) : SETPKI_E_OK;
	if (rc == SETPKI_E_OK && (rc = ca_home_hold_get(t, was, err)) == SETPKI_E_OK && !hold->held && !was->held)
		rc = sp_fail(err, SETPKI_E_STATE, NULL, "issuing is not held: there is nothing to release");
	snprintf(detail, sizeof(detail), "held since %s", setpki_time_text(was->since, since));
	if (rc == SETPKI_E_OK &&
	    (rc = put_with_leaf(h, t, hold,
		 !hold->held		       ? detail
		     : hold->reason[0] != '\0' ? hold->reason
					       : NULL,
		 err)) == SETPKI_E_OK)
		return ca_txn_commit(t, err);
	ca_txn_abort(t);
	return rc;
}

enum setpki_code
ca_hold(struct ca_home *h, const char *reason, struct ca_hold *out, struct setpki_error *err)
{
	struct ca_hold hold = {.held = true, .since = h->now}, was = {0};
	enum setpki_code rc = take_reason(reason, &hold, err);

	if (rc == SETPKI_E_OK)
		rc = change(h, &hold, &was, err);
	if (rc == SETPKI_E_OK && out != NULL)
		*out = hold;
	return rc;
}

enum setpki_code
ca_release(struct ca_home *h, struct ca_hold *was, struct setpki_error *err)
{
	static const struct ca_hold none;

	memset(was, 0, sizeof(*was));
	return change(h, &none, was, err);
}
