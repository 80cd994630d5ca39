/* What is asked of a session, checked and taken over: keys, certificates, texts. */
#include "lib/message/enroll.h"

#include <openssl/crypto.h>
#include <string.h>

/* --- keys ---------------------------------------------------------------------------------------- */

/* A part that is there already has to be this one. */
static enum setpki_code
settle(struct sp_enroll_state *s, enum sp_part part, setpki_bytes v, struct setpki_error *err)
{
	if (sp_part(s, part).n == 0)
		return sp_part_set(s, part, v, err);
	return sp_bytes_eq(sp_part(s, part), v)
	    ? SETPKI_E_OK
	    : sp_fail(err, SETPKI_E_ARGUMENT, NULL, "the %s is not the one of this session", sp_part_rows[part].name);
}

static enum setpki_code
take_key(setpki_enroll *e, EVP_PKEY *key, enum sp_part part, bool exchange, EVP_PKEY **held, struct setpki_error *err)
{
	struct sp_buf spki = {0};
	struct sp_spki k;
	enum setpki_code rc;

	if (key == NULL)
		return sp_fail(err, SETPKI_E_ARGUMENT, NULL, "%s needs a %s", e->row->name, sp_part_rows[part].name);
	if ((rc = sp_spki_from_pkey(key, &spki, err)) == SETPKI_E_OK &&
	    (rc = sp_spki_parse(sp_buf_bytes(&spki), &k, err)) == SETPKI_E_OK &&
	    (rc = sp_spki_check(&k, e->suite, exchange, err)) == SETPKI_E_OK &&
	    (rc = settle(&e->s, part, sp_buf_bytes(&spki), err)) == SETPKI_E_OK && EVP_PKEY_up_ref(key) == 1)
		*held = key;
	sp_buf_free(&spki);
	return rc == SETPKI_E_OK ? rc : sp_error_in(err, rc, "%s", sp_part_rows[part].name);
}

/* The existing signature certificate and its key. */
static enum setpki_code
take_old(setpki_enroll *e, const struct setpki_enroll_ask *ask, struct setpki_error *err)
{
	setpki_bytes der = ask->old_cert.n != 0 ? ask->old_cert : sp_part(&e->s, SP_PART_OLD_CERT);
	struct sp_buf spki = {0};
	struct sp_cert c;
	enum setpki_code rc;

	if (ask->old_key == NULL || der.n == 0)
		return sp_fail(err, SETPKI_E_ARGUMENT, "set-protocol 12.10",
		    "%s is signed with an existing signature certificate: give it and its key", e->row->name);
	if ((rc = sp_cert_parse(der, &c, err)) != SETPKI_E_OK)
		return sp_error_in(err, rc, "existing certificate");
	if (sp_cert_kind(&c) != sp_holder_kind(e->row->holder, false))
		return sp_fail(err, SETPKI_E_ARGUMENT, "set-protocol 12.10",
		    "the existing certificate is none for a %s's signatures", setpki_type_name(e->row->holder));
	if ((rc = sp_spki_from_pkey(ask->old_key, &spki, err)) == SETPKI_E_OK &&
	    !sp_bytes_eq(sp_buf_bytes(&spki), c.key.whole))
		rc = sp_fail(err, SETPKI_E_ARGUMENT, NULL, "the old key is not that of the existing certificate");
	if (rc == SETPKI_E_OK && (rc = settle(&e->s, SP_PART_OLD_CERT, der, err)) == SETPKI_E_OK &&
	    EVP_PKEY_up_ref(ask->old_key) == 1)
		e->old_key = ask->old_key;
	sp_buf_free(&spki);
	return rc;
}

static enum setpki_code
take_old_enc(setpki_enroll *e, const struct setpki_enroll_ask *ask, struct setpki_error *err)
{
	struct sp_cert c;
	enum setpki_code rc;

	if (ask->old_enc_cert.n == 0 && sp_part(&e->s, SP_PART_OLD_ENC).n != 0)
		return SETPKI_E_OK;
	if (ask->old_enc_cert.n == 0)
		return e->row->sig ? SETPKI_E_OK
				   : sp_fail(err, SETPKI_E_ARGUMENT, "set-protocol 12.10",
					 "%s renews a key-exchange certificate: give it", e->row->name);
	if ((rc = sp_cert_parse(ask->old_enc_cert, &c, err)) != SETPKI_E_OK)
		return sp_error_in(err, rc, "existing key-exchange certificate");
	return settle(&e->s, SP_PART_OLD_ENC, ask->old_enc_cert, err);
}

enum setpki_code
sp_enroll_keys(setpki_enroll *e, const struct setpki_enroll_ask *ask, struct setpki_error *err)
{
	const struct setpki_request_row *row = e->row;
	enum setpki_code rc = SETPKI_E_OK;

	if (row->sig)
		rc = take_key(e, ask->sig_key, SP_PART_SIG_SPKI, false, &e->sig_key, err);
	if (rc == SETPKI_E_OK && row->enc)
		rc = take_key(e, ask->enc_key, SP_PART_ENC_SPKI, true, &e->enc_key, err);
	if (rc == SETPKI_E_OK && row->by_certificate)
		rc = take_old(e, ask, err);
	if (rc == SETPKI_E_OK && row->renewal && row->enc)
		rc = take_old_enc(e, ask, err);
	if (rc == SETPKI_E_OK && row->sig && row->enc &&
	    sp_bytes_eq(sp_part(&e->s, SP_PART_SIG_SPKI), sp_part(&e->s, SP_PART_ENC_SPKI)))
		rc = sp_fail(err, SETPKI_E_ARGUMENT, "set-protocol 12.11", "signature and key exchange take two keys");
	return rc;
}

enum setpki_code
sp_enroll_again(setpki_ctx *ctx, enum setpki_suite suite, enum setpki_request_type type, struct sp_enroll_state *s,
    const struct setpki_enroll_ask *ask, setpki_enroll **out, struct setpki_error *err)
{
	const struct setpki_request_row *row = setpki_request_row(type);
	setpki_enroll *e;
	enum setpki_code rc;

	*out = NULL;
	if (sp_suite(suite) == NULL || row == NULL || ask->pool == NULL)
		return sp_fail(err, SETPKI_E_ARGUMENT, NULL,
		    "a registration needs a suite, a request type and a pool with a root");
	if ((e = OPENSSL_zalloc(sizeof(*e))) == NULL)
		return sp_fail_memory(err);
	e->ctx = ctx;
	e->suite = suite;
	e->row = row;
	e->pool = setpki_pool_hold(ask->pool);
	e->revocation = ask->revocation;
	e->s = *s;
	memset(s, 0, sizeof(*s));
	if ((rc = sp_enroll_keys(e, ask, err)) != SETPKI_E_OK) {
		setpki_enroll_free(e);
		return rc;
	}
	*out = e;
	return SETPKI_E_OK;
}

enum setpki_code
sp_enroll_make(setpki_ctx *ctx, enum setpki_suite suite, enum setpki_request_type type,
    const struct setpki_enroll_ask *ask, setpki_enroll **out, struct setpki_error *err)
{
	struct sp_enroll_state s = {0};

	return sp_enroll_again(ctx, suite, type, &s, ask, out, err);
}

/* --- texts --------------------------------------------------------------------------------------- */

static enum setpki_code
take_text(struct sp_enroll_state *s, enum sp_part part, const char *text, uint8_t tag, struct setpki_error *err)
{
	const struct sp_part_row *row = &sp_part_rows[part];
	setpki_bytes v = sp_bytes_str(text);

	if (v.n < row->min || v.n > row->max || !sp_der_string_ok(tag, v))
		return sp_fail(err, SETPKI_E_ARGUMENT, "set-protocol 2",
		    "%s is missing, too long, or has characters that do not go there", row->name);
	return sp_part_set(s, part, v, err);
}

/* A SETString: what it may be is known where it is made. */
static enum setpki_code
take_setstring(struct sp_enroll_state *s, enum sp_part part, const char *text, size_t max, struct setpki_error *err)
{
	ASN1_STRING *probe = NULL;
	enum setpki_code rc = sp_text_set(&probe, text, max, sp_part_rows[part].name, err);

	ASN1_STRING_free(probe);
	return rc == SETPKI_E_OK ? sp_part_set(s, part, sp_bytes_str(text), err) : rc;
}

static enum setpki_code
take_card(struct sp_enroll_state *s, const struct setpki_enroll_ask *ask, struct setpki_error *err)
{
	struct sp_account a = {{0}, {0}};
	enum setpki_code rc;

	if (ask->pan == NULL || ask->expiry == NULL)
		return sp_fail(err, SETPKI_E_ARGUMENT, NULL, "a cardholder needs a card: number and expiry");
	if ((rc = sp_account_parse(ask->pan, ask->expiry, &a, err)) == SETPKI_E_OK &&
	    (rc = sp_part_set(s, SP_PART_PAN, sp_bytes_str(a.pan), err)) == SETPKI_E_OK)
		rc = sp_part_set(s, SP_PART_EXPIRY, sp_bytes_str(a.expiry), err);
	OPENSSL_cleanse(&a, sizeof(a));
	return rc;
}

static bool
digits(const char *text, size_t min, size_t max)
{
	size_t n = text != NULL ? strlen(text) : 0;

	return n >= min && n <= max && (n == 0 || strspn(text, "0123456789") == n);
}

static enum setpki_code
take_business(struct sp_enroll_state *s, uint32_t holder, const struct setpki_enroll_ask *ask, struct setpki_error *err)
{
	enum setpki_code rc;

	if (!digits(ask->bin, SP_UB_BIN, SP_UB_BIN))
		return sp_fail(err, SETPKI_E_ARGUMENT, "set-protocol 3", "the acquirer's BIN has six digits");
	if ((rc = sp_part_set(s, SP_PART_BIN, sp_bytes_str(ask->bin), err)) != SETPKI_E_OK)
		return rc;
	if (holder == SETPKI_TYPE_MER)
		return take_setstring(s, SP_PART_ID, ask->id != NULL ? ask->id : "", SP_UB_MERCHANT_ID, err);
	if (!digits(ask->id, 0, SP_UB_ACQ_BUSINESS_ID))
		return sp_fail(err, SETPKI_E_ARGUMENT, "set-protocol 3",
		    "an acquirer's business id has at most %u digits", SP_UB_ACQ_BUSINESS_ID);
	return sp_part_set(s, SP_PART_ID, sp_bytes_str(ask->id), err);
}

enum setpki_code
sp_enroll_set_account(struct sp_enroll_state *s, const char *account, struct setpki_error *err)
{
	if (account == NULL) {
		sp_part_drop(s, SP_PART_ACCOUNT);
		return SETPKI_E_OK;
	}
	return take_text(s, SP_PART_ACCOUNT, account, SP_VISIBLE, err);
}

enum setpki_code
sp_enroll_texts(setpki_enroll *e, const struct setpki_enroll_ask *ask, struct setpki_error *err)
{
	struct sp_enroll_state *s = &e->s;
	enum setpki_code rc;

	if ((rc = take_setstring(s, SP_PART_BRAND, ask->brand != NULL ? ask->brand : "", SP_UB_BRAND_ID, err)) !=
		SETPKI_E_OK ||
	    (rc = take_text(s, SP_PART_LANGUAGE, ask->language, SP_VISIBLE, err)) != SETPKI_E_OK ||
	    (rc = take_text(s, SP_PART_SOFTWARE, ask->software, SP_VISIBLE, err)) != SETPKI_E_OK)
		return rc;
	if (e->row->holder == SETPKI_TYPE_CARD)
		return take_card(s, ask, err);
	if ((rc = take_business(s, e->row->holder, ask, err)) != SETPKI_E_OK)
		return rc;
	return sp_enroll_set_account(s, ask->account, err);
}
