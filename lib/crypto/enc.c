/* Enc, EncB, EncX, EncBX and EncK: making. */
#include "lib/crypto/enc.h"

#include "lib/crypto/cipher.h"
#include "lib/crypto/digest.h"
#include "lib/crypto/enc_inner.h"
#include "lib/der/writer.h"

void
sp_enc_seal_of(const struct sp_enc_form *form, struct sp_seal *out)
{
	*out = (struct sp_seal){.type = form->tbe, .extra = form->extra, .linked = false, .hd = false};
}

void
sp_enc_signed_content(const struct sp_enc_form *form, setpki_bytes clear, setpki_bytes p, struct sp_buf *out)
{
	size_t seq = sp_der_open(out, SP_SEQUENCE), arm;

	sp_buf_add_bytes(out, clear);
	if (form->tbs == SP_CT_CERT_REQ_TBS) {
		arm = sp_der_open(out, form->extra == SP_EXTRA_PAN_DATA0 ? SP_CTXC(0) : SP_CTXC(1));
		sp_buf_add_bytes(out, p);
		sp_der_close(out, arm);
	} else {
		sp_buf_add_bytes(out, p);
	}
	sp_der_close(out, seq);
}

/* S(s, clear), or { clear, SO(s, { clear, p }) }. */
static enum setpki_code
put_body(setpki_ctx *ctx, enum setpki_suite suite, const struct sp_enc_form *form, const struct sp_enc_ask *ask,
    setpki_bytes clear, struct sp_buf *body, struct setpki_error *err)
{
	struct sp_sign_ask sign = {
	    form->tbs, clear, false, ask->signers, ask->nsigners, ask->certs, ask->crls, ask->ncerts, ask->ncrls};
	struct sp_buf covered = {.secret = true};
	enum setpki_code rc;
	size_t seq;

	if (form->extra == SP_EXTRA_NONE)
		return sp_sdata_put(ctx, suite, &sign, body, err);
	sp_enc_signed_content(form, clear, ask->p, &covered);
	sign.content = sp_buf_bytes(&covered);
	sign.detached = true;
	seq = sp_der_open(body, SP_SEQUENCE);
	sp_buf_add_bytes(body, clear);
	rc = sp_sdata_put(ctx, suite, &sign, body, err);
	sp_der_close(body, seq);
	sp_buf_free(&covered);
	return rc;
}

enum setpki_code
sp_enc_put(setpki_ctx *ctx, enum setpki_suite suite, const struct sp_enc_form *form, const struct sp_enc_ask *ask,
    struct sp_buf *out, struct setpki_error *err)
{
	struct sp_buf linkage = {.secret = true}, body = {.secret = true};
	setpki_bytes clear = ask->t;
	enum setpki_code rc = SETPKI_E_OK;
	struct sp_seal seal;
	size_t seq = 0;

	sp_enc_seal_of(form, &seal);
	if (form->baggage) {
		rc = sp_linkage_put(ctx, suite, ask->t, form->baggage_type, ask->b, &linkage, err);
		clear = sp_buf_bytes(&linkage);
		seq = sp_der_open(out, SP_SEQUENCE);
	}
	if (rc == SETPKI_E_OK)
		rc = put_body(ctx, suite, form, ask, clear, &body, err);
	if (rc == SETPKI_E_OK && body.failed)
		rc = sp_fail_memory(err);
	if (rc == SETPKI_E_OK)
		rc = sp_envelope_put(ctx, suite, ask->to, &seal, sp_buf_bytes(&body), ask->p, out, err);
	if (form->baggage) {
		sp_buf_add_bytes(out, ask->b);
		sp_der_close(out, seq);
	}
	sp_buf_free(&linkage);
	sp_buf_free(&body);
	return rc != SETPKI_E_OK || !out->failed ? rc : sp_fail_memory(err);
}

enum setpki_code
sp_enck_put(setpki_ctx *ctx, enum setpki_suite suite, enum sp_content tbe, const uint8_t *key,
    const struct sp_sign_ask *sign, struct sp_buf *out, struct setpki_error *err)
{
	struct sp_buf body = {.secret = true};
	enum setpki_code rc = sp_sdata_put(ctx, suite, sign, &body, err);

	if (rc == SETPKI_E_OK)
		rc = sp_ek_put(ctx, suite, tbe, key, sp_buf_bytes(&body), out, err);
	sp_buf_free(&body);
	return rc;
}
