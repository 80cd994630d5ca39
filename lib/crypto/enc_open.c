/* Enc, EncB, EncX, EncBX and EncK: opening, with one failure (set-protocol 12.5). */
#include "lib/crypto/cipher.h"
#include "lib/crypto/digest.h"
#include "lib/crypto/enc_inner.h"
#include "lib/der/reader.h"

#include <openssl/crypto.h>
#include <string.h>

static enum setpki_code
one_failure(struct setpki_error *err)
{
	return sp_fail(err, SETPKI_E_DECRYPT, "set-protocol 12.5", "the envelope cannot be opened");
}

void
sp_enc_opened_free(struct sp_enc_opened *o)
{
	sp_sdata_free(&o->beside);
	sp_type_free(&sp_type_signed_beside, o->signed_beside);
	sp_opened_free(&o->envelope);
	memset(o, 0, sizeof(*o));
}

/* The body taken apart: *clear is t, or L(t, b).  No error record: from outside all failures are one. */
static bool
take_body(const struct sp_enc_form *form, struct sp_enc_opened *o, setpki_bytes *clear)
{
	SP_SIGNED_BESIDE *beside;

	*clear = sp_bytes(NULL, 0);
	if (form->extra == SP_EXTRA_NONE) {
		if (sp_sdata_read(o->envelope.t, &o->beside, NULL) != SETPKI_E_OK)
			return false;
		*clear = o->beside.content;
		return clear->n != 0;
	}
	if (sp_type_decode(&sp_type_signed_beside, o->envelope.t, &o->signed_beside, NULL) != SETPKI_E_OK)
		return false;
	beside = o->signed_beside;
	sp_sdata_view(beside->so, &o->beside);
	*clear = sp_str(beside->t);
	return o->beside.content.n == 0; /* SO */
}

/* t of L(t, b), and whether it links to this b. */
static bool
take_t(setpki_ctx *ctx, enum setpki_suite suite, const struct sp_enc_form *form, setpki_bytes clear,
    struct sp_enc_opened *o)
{
	struct sp_der d = sp_der(clear), seq;
	struct sp_tlv t;
	void *linkage = NULL;
	bool ok;

	o->t = clear;
	if (!form->baggage)
		return true;
	ok = sp_type_decode(&sp_type_linkage, clear, &linkage, NULL) == SETPKI_E_OK &&
	    sp_dd_check(ctx, suite, form->baggage_type, o->b, ((SP_LINKAGE *)linkage)->dd, NULL) == SETPKI_E_OK &&
	    sp_der_enter(&d, SP_SEQUENCE, &seq) && sp_der_any(&seq, &t);
	if (ok)
		o->t = t.whole;
	sp_type_free(&sp_type_linkage, linkage);
	return ok;
}

/* The signatures: over the content, or over { clear, p } for the ones beside. */
static enum setpki_code
verify(setpki_ctx *ctx, enum setpki_suite suite, const struct sp_enc_form *form, const struct sp_verify_ask *keys,
    setpki_bytes clear, const struct sp_enc_opened *o, bool *first_ok, struct setpki_error *err)
{
	struct sp_buf covered = {.secret = true};
	enum setpki_code rc;

	if (form->extra != SP_EXTRA_NONE)
		sp_enc_signed_content(form, clear, o->p, &covered);
	else
		sp_buf_add_bytes(&covered, clear);
	rc = sp_sdata_verify_all(ctx, suite, &o->beside, sp_buf_bytes(&covered), o->t, keys, first_ok, err);
	sp_buf_free(&covered);
	return rc;
}

/* As much work as verifying a signature with the recipient's own key, so that an envelope which does not open takes no
 * less time than one whose signature does not verify. */
static void
same_work(setpki_ctx *ctx, enum setpki_suite suite, const struct setpki_party *me, setpki_bytes der)
{
	uint8_t sig[SP_SIG_MAX] = {0};
	size_t n = (size_t)EVP_PKEY_get_size(me->key);
	enum setpki_code rc =
	    sp_verify(ctx, suite, me->key, der, sp_bytes(sig, n < sizeof(sig) ? n : sizeof(sig)), NULL);

	(void)rc;
}

static enum setpki_code
open_envelope(setpki_ctx *ctx, enum setpki_suite suite, const struct sp_enc_form *form, const struct setpki_party *me,
    setpki_bytes der, struct sp_enc_opened *o, struct setpki_error *err)
{
	struct sp_der d = sp_der(der), seq;
	struct sp_seal seal;
	void *object = NULL;
	enum setpki_code rc;
	struct sp_tlv enc = {.whole = der}, b;

	sp_enc_seal_of(form, &seal);
	if (form->baggage) {
		if ((rc = sp_type_decode(&sp_type_with_baggage, der, &object, err)) != SETPKI_E_OK)
			return rc;
		sp_type_free(&sp_type_with_baggage, object);
		if (!sp_der_enter(&d, SP_SEQUENCE, &seq) || !sp_der_any(&seq, &enc) || !sp_der_any(&seq, &b))
			return sp_fail(err, SETPKI_E_PARSE, "set-protocol 4", "not { EnvelopedData, baggage }");
		o->b = b.whole;
	}
	return sp_envelope_open(ctx, suite, me, &seal, enc.whole, &o->envelope, err);
}

/* 12.5: which of the two answers a failed signature gets. */
static enum setpki_code
shown(enum setpki_suite suite, enum setpki_code rc, bool first_ok)
{
	return rc == SETPKI_E_SIGNATURE && suite == SETPKI_SUITE_CLASSIC && !first_ok ? SETPKI_E_DECRYPT : rc;
}

enum setpki_code
sp_enc_open(setpki_ctx *ctx, enum setpki_suite suite, const struct sp_enc_form *form, const struct setpki_party *me,
    const struct sp_verify_ask *keys, setpki_bytes der, struct sp_enc_opened *out, struct setpki_error *err)
{
	struct setpki_error inner = {0};
	setpki_bytes clear;
	bool first_ok = false;
	enum setpki_code rc = open_envelope(ctx, suite, form, me, der, out, &inner);

	out->p = sp_buf_bytes(&out->envelope.p);
	if (rc == SETPKI_E_OK && !(take_body(form, out, &clear) && take_t(ctx, suite, form, clear, out)))
		rc = SETPKI_E_DECRYPT;
	if (rc == SETPKI_E_DECRYPT)
		same_work(ctx, suite, me, der);
	if (rc == SETPKI_E_OK) {
		rc = verify(ctx, suite, form, keys, clear, out, &first_ok, &inner);
		rc = shown(suite, rc, first_ok);
	}
	if (rc == SETPKI_E_OK)
		return rc;
	if (rc == SETPKI_E_DECRYPT)
		rc = one_failure(err);
	else if (err != NULL && err->code == SETPKI_E_OK)
		*err = inner;
	if (rc != SETPKI_E_SIGNATURE)
		sp_enc_opened_free(out);
	return rc;
}

enum setpki_code
sp_enck_open(setpki_ctx *ctx, enum setpki_suite suite, enum sp_content tbe, const uint8_t *key,
    const struct sp_verify_ask *keys, setpki_bytes der, struct sp_sdata *out, struct setpki_error *err)
{
	struct sp_buf body = {.secret = true};
	bool first_ok;
	enum setpki_code rc = sp_ek_open(ctx, suite, tbe, key, der, &body, err);

	memset(out, 0, sizeof(*out));
	if (rc == SETPKI_E_OK && sp_sdata_read(sp_buf_bytes(&body), out, NULL) != SETPKI_E_OK)
		rc = sp_fail(err, SETPKI_E_DECRYPT, "set-protocol 12.5", "the contents cannot be decrypted");
	if (rc == SETPKI_E_OK)
		rc = sp_sdata_verify_all(ctx, suite, out, out->content, out->content, keys, &first_ok, err);
	sp_buf_free(&body);
	if (rc != SETPKI_E_OK)
		sp_sdata_free(out);
	return rc;
}
