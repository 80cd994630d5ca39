/* Intents: a serial and the exact bytes to be signed, on disk before the signature exists. */
#include "ca/issue/intent.h"

#include "ca/issue/hold.h"

#include <openssl/crypto.h>
#include <setpki/text.h>
#include <string.h>

enum setpki_code
ca_intents_open(
    struct ca_home *h, const struct ca_signer *signer, const struct ca_work *work, size_t n, struct setpki_error *err)
{
	struct ca_intent_record rec;
	ca_txn *t;
	enum setpki_code rc;
	uint64_t left;
	size_t i;

	/* Below the low-water mark what room is left is for revocation and publication. */
	if ((rc = ca_store_headroom(h->store, &left, err)) != SETPKI_E_OK ||
	    (rc = ca_txn_begin(h->store, true, &t, err)) != SETPKI_E_OK)
		return rc;
	rc = ca_hold_check(t, err);
	for (i = 0; i < n && rc == SETPKI_E_OK; i++) {
		rec = (struct ca_intent_record){.serial = SP_BYTES(work[i].serial),
		    .tbs = sp_buf_bytes(&work[i].tbs),
		    .ca = signer->ca.id,
		    .generation = signer->generation,
		    .writer = h->slot,
		    .writer_epoch = h->epoch,
		    .at = h->now};
		memcpy(rec.key_identity, work[i].identity, sizeof(rec.key_identity));
		memcpy(rec.request, work[i].job->request, sizeof(rec.request));
		rc = ca_intent_put(t, &rec, err);
	}
	if (rc == SETPKI_E_OK)
		return ca_txn_commit(t, err);
	ca_txn_abort(t);
	return rc;
}

static bool
ours(const struct ca_home *h, const struct ca_intent_record *rec)
{
	return rec->writer == h->slot && rec->writer_epoch == h->epoch;
}

enum setpki_code
ca_intent_close(
    struct ca_home *h, ca_txn *t, const struct ca_work *w, setpki_bytes signed_tbs, struct setpki_error *err)
{
	struct ca_intent_record rec = {0};
	char hex[SETPKI_HEX_TEXT(SP_SERIAL_LEN)];
	enum setpki_code rc;

	setpki_hex_text(SP_BYTES(w->serial), hex);
	rc = ca_intent_get(t, SP_BYTES(w->serial), &rec, err);
	if (rc == SETPKI_E_NOTFOUND) {
		setpki_error_clear(err);
		return sp_fail(err, SETPKI_E_STATE, NULL,
		    "the intent for serial %s was settled by another process; nothing was issued, try again", hex);
	}
	if (rc != SETPKI_E_OK)
		return rc;
	if (!ours(h, &rec) || !sp_bytes_eq(rec.tbs, signed_tbs))
		rc = sp_fail(err, SETPKI_E_STATE, NULL,
		    "what was signed under serial %s is not, byte for byte, what was intended; nothing was issued",
		    hex);
	ca_intent_record_free(&rec);
	return rc == SETPKI_E_OK ? ca_intent_del(t, SP_BYTES(w->serial), err) : rc;
}

static enum setpki_code
burn(struct ca_home *h, ca_txn *t, uint16_t ca, setpki_bytes serial, const char *why, struct setpki_error *err)
{
	struct ca_audit_leaf leaf = {
	    .at = h->now, .event = CA_AUDIT_SERIAL_BURNT, .ca = ca, .serial = serial, .detail = why};
	enum setpki_code rc;

	if (h->policy != NULL)
		memcpy(leaf.policy_hash, h->policy->hash, sizeof(leaf.policy_hash));
	if ((rc = ca_intent_del(t, serial, err)) != SETPKI_E_OK)
		return rc;
	return ca_audit_append(h, t, &leaf, err);
}

/* Burns one intent if `mine` agrees that it is to be; one that is gone already is nobody's. */
static enum setpki_code
burn_if_open(struct ca_home *h, ca_txn *t, setpki_bytes serial, bool dead_writers_only, const char *why, size_t *count,
    struct setpki_error *err)
{
	struct ca_intent_record rec = {0};
	enum setpki_code rc = ca_intent_get(t, serial, &rec, err);

	if (rc == SETPKI_E_NOTFOUND) {
		setpki_error_clear(err);
		return SETPKI_E_OK;
	}
	if (rc != SETPKI_E_OK)
		return rc;
	if (dead_writers_only ? !ca_home_writer_alive(h, rec.writer, rec.writer_epoch) : ours(h, &rec)) {
		rc = burn(h, t, rec.ca, serial, why, err);
		++*count;
	}
	ca_intent_record_free(&rec);
	return rc;
}

void
ca_intents_burn(struct ca_home *h, const struct ca_work *work, size_t n, const struct setpki_error *why)
{
	struct setpki_error err = {0};
	char detail[200];
	size_t i, count = 0;
	enum setpki_code rc;
	ca_txn *t;

	snprintf(detail, sizeof(detail), "%.190s", why != NULL && why->message[0] ? why->message : "not issued");
	setpki_mask_pans(detail);
	if (ca_txn_begin(h->store, true, &t, &err) != SETPKI_E_OK)
		return;
	for (i = 0, rc = SETPKI_E_OK; i < n && rc == SETPKI_E_OK; i++)
		rc = burn_if_open(h, t, SP_BYTES(work[i].serial), false, detail, &count, &err);
	if (rc != SETPKI_E_OK || count == 0)
		ca_txn_abort(t);
	else if (ca_txn_commit(t, &err) != SETPKI_E_OK)
		return;
}

/* --- settling ---------------------------------------------------------------------------------- */

struct serials {
	uint8_t (*v)[SP_SERIAL_MAX];
	uint8_t *len;
	size_t n, cap;
};

static enum setpki_code
serials_grow(struct serials *s, struct setpki_error *err)
{
	size_t cap = s->cap ? 2 * s->cap : 64;
	void *v = OPENSSL_realloc(s->v, cap * sizeof(*s->v)), *len;

	if (v == NULL)
		return sp_fail_memory(err);
	s->v = v;
	if ((len = OPENSSL_realloc(s->len, cap)) == NULL)
		return sp_fail_memory(err);
	s->len = len;
	s->cap = cap;
	return SETPKI_E_OK;
}

static enum setpki_code
collect(void *arg, const struct ca_intent_record *rec, struct setpki_error *err)
{
	struct serials *s = arg;
	enum setpki_code rc;

	if (s->n == s->cap && (rc = serials_grow(s, err)) != SETPKI_E_OK)
		return rc;
	if (rec->serial.n > SP_SERIAL_MAX)
		return sp_fail(err, SETPKI_E_STORE, NULL, "an intent with a serial of %zu octets", rec->serial.n);
	memcpy(s->v[s->n], rec->serial.p, rec->serial.n);
	s->len[s->n++] = (uint8_t)rec->serial.n;
	return SETPKI_E_OK;
}

enum setpki_code
ca_issue_settle(struct ca_home *h, size_t *settled, struct setpki_error *err)
{
	struct serials s = {0};
	ca_txn *t = NULL;
	enum setpki_code rc;
	size_t i, count = 0;

	if ((rc = ca_txn_begin(h->store, true, &t, err)) != SETPKI_E_OK)
		return rc;
	rc = ca_intent_each(t, collect, &s, err);
	for (i = 0; i < s.n && rc == SETPKI_E_OK; i++)
		rc = burn_if_open(
		    h, t, sp_bytes(s.v[i], s.len[i]), true, "its writer ended between intent and commit", &count, err);
	if (rc == SETPKI_E_OK && count != 0)
		rc = ca_txn_commit(t, err);
	else
		ca_txn_abort(t);
	OPENSSL_free(s.v);
	OPENSSL_free(s.len);
	if (settled != NULL)
		*settled = rc == SETPKI_E_OK ? count : 0;
	return rc;
}

/* --- a key is certified once ------------------------------------------------------------------- */

static bool
renewal_of(const struct ca_cert_record *old, const struct ca_signer *signer, const struct ca_issue_job *job)
{
	return job->renews_key && old->subject_ca != 0 && old->subject_ca == job->subject_ca &&
	    old->subject_generation == job->subject_generation && old->purpose == job->purpose &&
	    old->ca == signer->ca.id && old->generation == signer->generation;
}

enum setpki_code
ca_key_uncertified(ca_txn *t, const struct ca_signer *signer, const struct ca_work *w, struct setpki_error *err)
{
	struct ca_cert_record old = {0};
	char hex[SETPKI_HEX_TEXT(SP_SERIAL_MAX)];
	enum setpki_code rc = ca_cert_by_key(t, w->identity, &old, err);

	if (rc == SETPKI_E_NOTFOUND) {
		setpki_error_clear(err);
		return SETPKI_E_OK;
	}
	if (rc == SETPKI_E_OK && !renewal_of(&old, signer, w->job))
		rc = sp_fail(err, SETPKI_E_CONFLICT, "set-protocol 12.11",
		    "this public key is certified already, in the certificate with serial %s; make a new key",
		    setpki_hex_text(old.serial, hex));
	ca_cert_record_free(&old);
	return rc;
}
