/* A request of the registration desk, told for people and for programs.  What came from outside is masked. */
#include "tools/setca/request.h"

#include "lib/crypto/pubkey.h"
#include "tools/common/fail.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

enum setpki_code
setca_request_number(const char *text, uint64_t *out, struct setpki_error *err)
{
	char *end;

	*out = 0;
	if (text[0] >= '1' && text[0] <= '9' && strlen(text) <= 18) {
		*out = strtoull(text, &end, 10);
		if (*end == '\0')
			return SETPKI_E_OK;
	}
	return tc_fail(
	    err, SETPKI_E_ARGUMENT, "'%.40s' is not the number of a request; 'setca request list' shows them", text);
}

const char *
setca_request_who(const struct ca_request_record *rec, char out[SETCA_REQUEST_WHO])
{
	if (rec->first_six[0] != '\0')
		snprintf(out, SETCA_REQUEST_WHO, "%s...%s %.4s-%s", rec->first_six, rec->last_four, rec->expiry,
		    strlen(rec->expiry) > 4 ? rec->expiry + 4 : "");
	else
		snprintf(out, SETCA_REQUEST_WHO, "%s%s%s", rec->bin, rec->id[0] != '\0' ? " " : "", rec->id);
	return out;
}

/* --- parts of the object ------------------------------------------------------------------------ */

/* A text from outside. */
static void
put_masked(struct setca *s, const char *name, const char *value)
{
	char *copy = value != NULL && value[0] != '\0' ? OPENSSL_strdup(value) : NULL;

	if (copy != NULL)
		setpki_mask_pans(copy);
	tc_text(s->out, name, copy);
	if (copy != NULL)
		OPENSSL_clear_free(copy, strlen(copy));
}

static void
put_key(struct setca *s, const char *name, setpki_bytes spki)
{
	struct sp_spki key;
	char type[16];

	if (spki.n != 0 && sp_spki_parse(spki, &key, NULL) == SETPKI_E_OK)
		tc_text(s->out, name, sp_keytype_text(key.alg, key.bits, type));
}

static void
put_holder(struct setca *s, const struct ca_request_record *rec)
{
	if (rec->first_six[0] != '\0') {
		tc_enter(s->out, "card", false);
		tc_text(s->out, "firstSix", rec->first_six);
		tc_text(s->out, "lastFour", rec->last_four[0] != '\0' ? rec->last_four : NULL);
		tc_text(s->out, "expiry", rec->expiry);
		tc_leave(s->out);
	}
	if (rec->bin[0] != '\0') {
		tc_enter(s->out, "acquirer", false);
		tc_text(s->out, "bin", rec->bin);
		tc_text(s->out, "id", rec->id[0] != '\0' ? rec->id : NULL);
		tc_leave(s->out);
	}
}

static enum setpki_code
put_serial(struct setca *s, ca_txn *t, const struct ca_request_record *rec, uint64_t seq, const char *name)
{
	struct ca_cert_record cert;
	enum setpki_code rc;

	if (seq == 0)
		return SETPKI_E_OK;
	if ((rc = ca_cert_get(t, rec->ca, seq, &cert, SETCA_ERR(s))) == SETPKI_E_OK)
		tc_hex(s->out, name, cert.serial);
	ca_cert_record_free(&cert);
	return rc;
}

static enum setpki_code
put_issued(void *arg, const struct ca_cert_record *rec, struct setpki_error *err)
{
	struct setca *s = arg;

	(void)err;
	tc_enter(s->out, "certificate", false);
	tc_text(s->out, "kind", setpki_kind_name((enum setpki_kind)rec->kind));
	tc_hex(s->out, "serial", rec->serial);
	tc_leave(s->out);
	return SETPKI_E_OK;
}

static void
put_votes(struct setca *s, const struct ca_request_record *rec)
{
	if (rec->nvotes == 0)
		return;
	tc_enter(s->out, "approvals", true);
	for (size_t i = 0; i < rec->nvotes; i++) {
		tc_enter(s->out, "approval", false);
		tc_text(s->out, "by", rec->votes[i].by);
		tc_time(s->out, "at", rec->votes[i].at);
		tc_leave(s->out);
	}
	tc_leave(s->out);
}

static void
put_parts(struct setca *s, const struct ca_desk_parts *p)
{
	if (p->cause != NULL)
		put_masked(s, "cause", p->cause);
	if (p->account != NULL)
		put_masked(s, "account", p->account);
	tc_enter(s->out, "answers", true);
	for (size_t i = 0; i < p->nanswers; i++) {
		tc_enter(s->out, "answer", false);
		put_masked(s, "label", p->answers[i].label);
		put_masked(s, "value", p->answers[i].value);
		tc_leave(s->out);
	}
	tc_leave(s->out);
	if (p->nfailed == 0)
		return;
	tc_enter(s->out, "failed", true);
	for (size_t i = 0; i < p->nfailed; i++) {
		tc_enter(s->out, "item", false);
		tc_number(s->out, "item", p->failed[i].item);
		tc_text(s->out, "reason", p->failed[i].reason);
		tc_leave(s->out);
	}
	tc_leave(s->out);
}

/* What is sealed; a request whose secrets are erased, or whose key is not here, is shown without. */
static void
put_sealed(struct setca *s, const struct ca_request_record *rec)
{
	struct ca_desk_parts parts;
	struct setpki_error why = {0};
	uint8_t key[32];

	if (rec->sealed.n == 0)
		return;
	if (ca_desk_key(s->home, key, &why) == SETPKI_E_OK &&
	    ca_desk_unseal(s->home->ctx, key, rec, &parts, &why) == SETPKI_E_OK) {
		put_parts(s, &parts);
		ca_desk_parts_free(&parts);
	} else {
		tc_text(s->out, "sealed", why.message);
	}
	OPENSSL_cleanse(key, sizeof(key));
}

/* What the checks say to a request that waits for persons. */
static void
put_check(struct setca *s, const struct ca_request_record *rec)
{
	char name[CA_DESK_NAME];
	struct setpki_error why = {0};
	int needed = 1;

	if (rec->state != CA_REQUEST_PENDED)
		return;
	if (ca_desk_approvals(s->home, rec, &needed, NULL) == SETPKI_E_OK)
		tc_number(s->out, "approvalsNeeded", (uint64_t)needed);
	if (ca_desk_try(s->home, rec->number, name, &why) == SETPKI_E_OK)
		tc_text(s->out, "check", "it can be issued");
	else
		put_masked(s, "check", why.message);
	if (rec->first_six[0] == '\0') /* a card's tells nobody anything */
		tc_text(s->out, "commonName", name[0] != '\0' ? name : NULL);
}

/* --- the object --------------------------------------------------------------------------------- */

static enum setpki_code
put_fields(struct setca *s, ca_txn *t, const struct ca_request_record *rec)
{
	const struct setpki_request_row *row = setpki_request_row((enum setpki_request_type)rec->type);
	char ca[CA_NAME_MAX];
	enum setpki_code rc;

	if ((rc = setca_ca_name(s, t, rec->ca, ca)) != SETPKI_E_OK)
		return rc;
	tc_number(s->out, "number", rec->number);
	tc_text(s->out, "state", ca_request_state_name(rec->state));
	tc_text(s->out, "status", setpki_status_name((enum setpki_status)rec->status));
	tc_text(s->out, "ca", ca);
	tc_text(s->out, "type", row != NULL ? row->name : NULL);
	tc_time(s->out, "receivedAt", rec->received_at);
	tc_time(s->out, "changedAt", rec->changed_at);
	put_holder(s, rec);
	tc_text(s->out, "language", rec->language[0] != '\0' ? rec->language : NULL);
	put_key(s, "signatureKey", rec->sig_key);
	put_key(s, "exchangeKey", rec->enc_key);
	if ((rc = put_serial(s, t, rec, rec->old_seq, "renews")) != SETPKI_E_OK ||
	    (rc = put_serial(s, t, rec, rec->old_enc_seq, "renewsExchange")) != SETPKI_E_OK)
		return rc;
	put_votes(s, rec);
	tc_text(s->out, "decidedBy", rec->decider[0] != '\0' ? rec->decider : NULL);
	put_masked(s, "message", rec->message);
	return SETPKI_E_OK;
}

static enum setpki_code
put_certificates(struct setca *s, ca_txn *t, const struct ca_request_record *rec)
{
	enum setpki_code rc;

	if (rec->state != CA_REQUEST_COMPLETE)
		return SETPKI_E_OK;
	tc_enter(s->out, "certificates", true);
	rc = ca_cert_by_request(t, rec->wrapper, put_issued, s, SETCA_ERR(s));
	tc_leave(s->out);
	return rc;
}

enum setpki_code
setca_request_put(struct setca *s, const struct ca_request_record *rec)
{
	ca_txn *t;
	enum setpki_code rc;

	if ((rc = ca_txn_begin(s->home->store, false, &t, SETCA_ERR(s))) != SETPKI_E_OK)
		return rc;
	tc_object(s->out, "setca.request/1", NULL);
	rc = put_fields(s, t, rec);
	if (rc == SETPKI_E_OK)
		put_check(s, rec);
	if (rc == SETPKI_E_OK)
		rc = put_certificates(s, t, rec);
	if (rc == SETPKI_E_OK)
		put_sealed(s, rec);
	tc_hex(s->out, "identity", SP_BYTES(rec->wrapper));
	tc_object_end(s->out);
	ca_txn_abort(t);
	return rc;
}
