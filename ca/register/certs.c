/* What the session looks up: certificates that were issued here, answers that were given (set-protocol 12.7, 12.10). */
#include "ca/register/private.h"

#include "ca/revoke/revoke.h"
#include "lib/message/parts.h"
#include "lib/x509/cert.h"

#include <openssl/crypto.h>
#include <string.h>

/* --- certificates of end entities -------------------------------------------------------------- */

static enum setpki_code
unknown(struct setpki_error *err)
{
	return sp_fail(err, SETPKI_E_NOTFOUND, NULL, "this CA issued no such certificate");
}

/* Only what end entities hold, and under the name of the issuer that the message gives. */
static bool
is_of(const struct ca_cert_record *rec, setpki_bytes issuer, struct sp_cert *cert)
{
	return rec->subject_ca == 0 && sp_cert_parse(rec->der, cert, NULL) == SETPKI_E_OK &&
	    (issuer.n == 0 || sp_bytes_eq(cert->issuer, issuer));
}

static enum setpki_code
hand_out(struct ca_register *r, ca_txn *t, const struct ca_cert_record *rec, struct setpki_known_cert *out,
    struct setpki_error *err)
{
	enum setpki_code rc = ca_is_revoked(t, r->h->ctx, rec, &out->revoked, NULL, NULL, err);

	return rc == SETPKI_E_OK ? ca_reg_hold(r, rec->der, &out->der, err) : rc;
}

enum setpki_code
ca_reg_cert(void *arg, const struct setpki_responder_ca *ca, setpki_bytes issuer, setpki_bytes serial,
    struct setpki_known_cert *out, struct setpki_error *err)
{
	struct ca_register *r = arg;
	struct ca_cert_record rec;
	struct sp_cert cert;
	ca_txn *t;
	enum setpki_code rc;

	if (serial.n == 0 || serial.n > SP_SERIAL_MAX || issuer.n == 0)
		return unknown(err);
	if ((rc = ca_txn_begin(r->h->store, false, &t, err)) != SETPKI_E_OK)
		return rc;
	if ((rc = ca_cert_by_ca_serial(t, ca->number, serial, &rec, err)) == SETPKI_E_OK) {
		rc = is_of(&rec, issuer, &cert) ? hand_out(r, t, &rec, out, err) : unknown(err);
		ca_cert_record_free(&rec);
	}
	ca_txn_abort(t);
	return rc;
}

/* A walk over the certificates of one holder, for one with a thumb. */
struct by_thumb {
	struct ca_register *r;
	ca_txn *t;
	uint16_t ca;
	setpki_bytes thumb, subject;
	struct setpki_known_cert *out;
	bool found;
};

static enum setpki_code
compare_thumb(void *arg, const struct ca_cert_record *rec, struct setpki_error *err)
{
	struct by_thumb *b = arg;
	uint8_t thumb[SP_DIGEST_MAX];
	struct sp_cert cert;
	size_t n;
	enum setpki_code rc;

	if (rec->ca != b->ca || !is_of(rec, (setpki_bytes){NULL, 0}, &cert) || !sp_bytes_eq(cert.subject, b->subject))
		return SETPKI_E_OK;
	if ((rc = sp_cert_thumb(b->r->h->ctx, &cert, thumb, &n, err)) != SETPKI_E_OK)
		return rc;
	if (!sp_bytes_eq(sp_bytes(thumb, n), b->thumb))
		return SETPKI_E_OK;
	b->found = true;
	rc = hand_out(b->r, b->t, rec, b->out, err);
	return rc == SETPKI_E_OK ? SETPKI_E_STATE : rc; /* ends the walk */
}

static enum setpki_code
look_for_thumb(struct by_thumb *b, setpki_bytes serial, struct setpki_error *err)
{
	struct ca_cert_record rec;
	enum setpki_code rc;

	if ((rc = ca_cert_by_ca_serial(b->t, b->ca, serial, &rec, err)) != SETPKI_E_OK)
		return rc;
	if (rec.holder != NULL)
		rc = ca_cert_by_holder(b->t, rec.holder, compare_thumb, b, err);
	ca_cert_record_free(&rec);
	return rc == SETPKI_E_OK && !b->found ? unknown(err) : rc;
}

enum setpki_code
ca_reg_cert_by_thumb(void *arg, const struct setpki_responder_ca *ca, setpki_bytes thumb, setpki_bytes holder_cert,
    struct setpki_known_cert *out, struct setpki_error *err)
{
	struct by_thumb b = {.r = arg, .ca = ca->number, .thumb = thumb, .out = out};
	struct sp_cert cert;
	enum setpki_code rc;

	if (sp_cert_parse(holder_cert, &cert, NULL) != SETPKI_E_OK)
		return unknown(err);
	b.subject = cert.subject;
	if ((rc = ca_txn_begin(b.r->h->store, false, &b.t, err)) != SETPKI_E_OK)
		return rc;
	rc = look_for_thumb(&b, cert.serial, err);
	ca_txn_abort(b.t);
	return rc;
}

/* --- answers ----------------------------------------------------------------------------------- */

enum setpki_code
ca_reg_kept(void *arg, const uint8_t wrapper[32], setpki_bytes *answer, struct setpki_error *err)
{
	struct ca_register *r = arg;
	struct ca_kept_record kept;
	ca_txn *t;
	enum setpki_code rc = ca_txn_begin(r->h->store, false, &t, err);

	if (rc != SETPKI_E_OK)
		return rc;
	if ((rc = ca_kept_look(t, wrapper, &kept, err)) == SETPKI_E_OK)
		rc = ca_reg_hold(r, kept.answer, answer, err);
	ca_txn_abort(t);
	return rc;
}

enum setpki_code
ca_reg_rrpid(void *arg, const uint8_t rrpid[SETPKI_NONCE_LEN], const uint8_t key[32], const uint8_t wrapper[32],
    struct setpki_error *err)
{
	struct ca_register *r = arg;
	uint8_t used_by[32];
	ca_txn *t;
	enum setpki_code rc;

	memcpy(r->signing_key, key, sizeof(r->signing_key)); /* for the answer that will be kept */
	if ((rc = ca_txn_begin(r->h->store, false, &t, err)) != SETPKI_E_OK)
		return rc;
	rc = ca_rrpid_get(t, rrpid, key, used_by, err);
	ca_txn_abort(t);
	if (rc == SETPKI_E_NOTFOUND) {
		setpki_error_clear(err);
		return SETPKI_E_OK;
	}
	if (rc == SETPKI_E_OK && memcmp(used_by, wrapper, sizeof(used_by)) != 0)
		return sp_fail(err, SETPKI_E_CONFLICT, "set-protocol 12.7", "this RRPID was used with this key before");
	return rc;
}
