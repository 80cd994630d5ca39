/* Error: composed, read, and matched to what it is about. */
#include "lib/message/wire.h"

#include "lib/der/writer.h"

#include <string.h>

#define BAD_WRAPPER_MAX 1024u /* what we repeat of a message that cannot be read (set-protocol 12.18) */

/* --- composing --------------------------------------------------------------------------------- */

static bool
set_thumb(const struct sp_suite *s, const struct sp_fault *f, SP_ERROR_TBS *tbs)
{
	if (f->nthumb == 0)
		return true;
	if ((tbs->thumb = (SP_CERT_THUMB *)ASN1_item_new(ASN1_ITEM_rptr(SP_CERT_THUMB))) == NULL)
		return false;
	return sp_str_set(&tbs->thumb->alg, V_ASN1_SEQUENCE, s->digest_alg) &&
	    sp_str_set(&tbs->thumb->digest, V_ASN1_OCTET_STRING, sp_bytes(f->thumb, f->nthumb));
}

/* The header goes over from the message, as it stands there. */
static bool
set_message(const struct sp_incoming *in, SP_ERROR_MSG *msg)
{
	setpki_bytes start = sp_bytes(in->wrapper.p, in->wrapper.n < BAD_WRAPPER_MAX ? in->wrapper.n : BAD_WRAPPER_MAX);

	if (in->has_header) {
		msg->type = 0;
		msg->value.header = ASN1_item_dup(ASN1_ITEM_rptr(SP_MESSAGE_HEADER), in->m.wrapper->header);
		return msg->value.header != NULL;
	}
	msg->type = 1;
	msg->value.wrapper = NULL;
	return sp_str_set(&msg->value.wrapper, V_ASN1_OCTET_STRING, start.n != 0 ? start : sp_bytes("", 1));
}

static enum setpki_code
make_tbs(setpki_ctx *ctx, enum setpki_suite suite, const struct sp_incoming *in, const struct sp_fault *f,
    struct sp_buf *out, struct setpki_error *err)
{
	SP_ERROR_TBS *tbs = sp_type_new(&sp_type_error_tbs);
	uint8_t nonce[SP_NONCE_LEN];
	enum setpki_code rc = sp_random(ctx, nonce, sizeof(nonce), err);

	if (rc == SETPKI_E_OK && tbs != NULL && sp_enum_set(&tbs->code, f->code) &&
	    sp_str_set(&tbs->nonce, V_ASN1_OCTET_STRING, SP_BYTES(nonce)) &&
	    (f->noid == 0 || sp_obj_set(&tbs->oid, sp_bytes(f->oid, f->noid))) && set_thumb(sp_suite(suite), f, tbs) &&
	    set_message(in, tbs->msg))
		rc = sp_type_encode(&sp_type_error_tbs, tbs, out, err);
	else if (rc == SETPKI_E_OK)
		rc = sp_fail_memory(err);
	sp_type_free(&sp_type_error_tbs, tbs);
	return rc;
}

static enum setpki_code
make_pdu(
    setpki_ctx *ctx, const struct sp_error_ask *ask, setpki_bytes tbs, struct sp_buf *pdu, struct setpki_error *err)
{
	struct sp_sign_ask sign = {.type = SP_CT_ERROR_TBS,
	    .content = tbs,
	    .signers = ask->signer,
	    .nsigners = 1,
	    .certs = ask->certs,
	    .ncerts = ask->ncerts};
	size_t tagged = sp_der_open(pdu, ask->signer != NULL ? SP_CTXC(0) : SP_CTXC(1));
	enum setpki_code rc = SETPKI_E_OK;

	if (ask->signer != NULL)
		rc = sp_sdata_put(ctx, ask->suite, &sign, pdu, err);
	else
		sp_buf_add_bytes(pdu, tbs);
	sp_der_close(pdu, tagged);
	return rc != SETPKI_E_OK || !pdu->failed ? rc : sp_fail_memory(err);
}

enum setpki_code
sp_error_put(setpki_ctx *ctx, const struct sp_error_ask *ask, const struct sp_incoming *in,
    const struct sp_fault *fault, struct sp_buf *out, struct setpki_error *err)
{
	struct sp_outgoing o = {.now = ask->now,
	    .rrpid = in->rrpid,
	    .lid_c = in->lid_c,
	    .lid_m = in->lid_m,
	    .software = ask->software,
	    .arm = SP_ARM_ERROR};
	struct sp_buf tbs = {0}, pdu = {0};
	enum setpki_code rc = make_tbs(ctx, ask->suite, in, fault, &tbs, err);

	if (rc == SETPKI_E_OK)
		rc = make_pdu(ctx, ask, sp_buf_bytes(&tbs), &pdu, err);
	if (rc == SETPKI_E_OK)
		rc = sp_wire_put(&o, sp_buf_bytes(&pdu), out, err);
	sp_buf_free(&tbs);
	sp_buf_free(&pdu);
	return rc;
}

/* --- reading ----------------------------------------------------------------------------------- */

static enum setpki_code
read_signed(SP_ERROR *pdu, struct sp_error_got *out, struct setpki_error *err)
{
	enum setpki_code rc = sp_sdata_read(sp_str(pdu->value.signed_error), &out->data, err);

	out->is_signed = true;
	if (rc == SETPKI_E_OK)
		rc = sp_type_decode(&sp_type_error_tbs, out->data.content, &out->owned, err);
	out->tbs = out->owned;
	return rc;
}

enum setpki_code
sp_error_read(const struct sp_incoming *in, struct sp_error_got *out, struct setpki_error *err)
{
	SP_ERROR *pdu;
	enum setpki_code rc;

	memset(out, 0, sizeof(*out));
	if ((rc = sp_type_decode(&sp_type_error, in->m.pdu, &out->pdu, err)) != SETPKI_E_OK)
		return rc;
	pdu = out->pdu;
	if (pdu->type == 0)
		rc = read_signed(pdu, out, err);
	else
		out->tbs = pdu->value.unsigned_error;
	if (rc == SETPKI_E_OK)
		out->code = (enum setpki_error_code)sp_int((ASN1_INTEGER *)out->tbs->code);
	else
		sp_error_got_free(out);
	return rc;
}

bool
sp_error_about(const struct sp_error_got *e, setpki_bytes sent, setpki_bytes rrpid)
{
	const SP_ERROR_MSG *msg = e->tbs->msg;
	setpki_bytes part;

	if (msg->type == 0)
		return rrpid.n != 0 && sp_bytes_eq(sp_str(msg->value.header->rrpid), rrpid);
	/* All messages begin alike: short of the RRPID it could be about any. */
	part = sp_str(msg->value.wrapper);
	if (rrpid.n != 0 && memmem(part.p, part.n, rrpid.p, rrpid.n) == NULL)
		return false;
	return part.n != 0 && part.n <= sent.n && sp_bytes_eq(part, sp_bytes(sent.p, part.n));
}

void
sp_error_got_free(struct sp_error_got *e)
{
	sp_type_free(&sp_type_error_tbs, e->owned);
	sp_sdata_free(&e->data);
	sp_type_free(&sp_type_error, e->pdu);
	memset(e, 0, sizeof(*e));
}
