/* The dual signature: the wallet's side. */
#include "lib/crypto/dual.h"

#include "lib/base/limits.h"
#include "lib/crypto/account.h"
#include "lib/crypto/digest.h"
#include "lib/crypto/envelope.h"
#include "lib/der/writer.h"

#include <openssl/crypto.h>

const struct sp_seal sp_dual_seal = {SP_CT_PI_DUAL_SIGNED_TBE, SP_EXTRA_PAN_DATA, true, false};

/* PI-TBS ::= SEQUENCE { DD(PIData), DD(OIData) } */
void
sp_dual_tbs_put(const struct sp_suite *suite, const uint8_t *pi_digest, const uint8_t *oi_digest, struct sp_buf *out)
{
	size_t seq = sp_der_open(out, SP_SEQUENCE);

	sp_dd_put_digest(suite, SP_CT_PI_DATA, pi_digest, out);
	sp_dd_put_digest(suite, SP_CT_OI_DATA, oi_digest, out);
	sp_der_close(out, seq);
}

static void
put_amount(struct sp_buf *out, uint32_t currency, int64_t amount, int exponent)
{
	size_t seq = sp_der_open(out, SP_SEQUENCE);

	sp_der_put_int(out, currency);
	sp_der_put_int(out, amount);
	sp_der_put_int(out, exponent);
	sp_der_close(out, seq);
}

/* HOD = DD(HODInput), HODInput ::= SEQUENCE { od OCTET STRING, purchAmt, odSalt } */
enum setpki_code
sp_dual_hod_put(setpki_ctx *ctx, enum setpki_suite suite, setpki_bytes order, const struct sp_dual_amount *a,
    setpki_bytes salt, struct sp_buf *out, struct setpki_error *err)
{
	struct sp_buf input = {0};
	size_t seq = sp_der_open(&input, SP_SEQUENCE);
	enum setpki_code rc;

	sp_der_put_octets(&input, order);
	put_amount(&input, a->currency, a->amount, a->exponent);
	sp_der_put_octets(&input, salt);
	sp_der_close(&input, seq);
	rc =
	    input.failed ? sp_fail_memory(err) : sp_dd_put(ctx, suite, SP_CT_HOD_INPUT, sp_buf_bytes(&input), out, err);
	sp_buf_free(&input);
	return rc;
}

/* VisibleString where the text allows it; the rows refuse what is too long or not of the alphabet. */
static void
put_text(struct sp_buf *out, uint8_t tag, const char *text)
{
	sp_der_put_str(out, tag, text != NULL ? text : "");
}

static void
put_ids(struct sp_buf *out, const struct setpki_purchase *p)
{
	size_t seq = sp_der_open(out, SP_SEQUENCE);

	sp_der_put_octets(out, p->lid_c);
	if (p->lid_m.n != 0)
		sp_der_put(out, SP_CTX(0), p->lid_m);
	sp_der_put_octets(out, p->xid);
	sp_der_put_gentime(out, p->date);
	put_text(out, SP_VISIBLE, p->language);
	sp_der_close(out, seq);
}

static void
put_oi_data(struct sp_buf *out, const struct setpki_purchase *p, setpki_bytes hod, setpki_bytes salt)
{
	size_t seq = sp_der_open(out, SP_SEQUENCE);

	put_ids(out, p);
	sp_der_put_octets(out, p->rrpid);
	sp_der_put_octets(out, p->chall_c);
	sp_buf_add_bytes(out, hod);
	sp_der_put_octets(out, salt);
	if (p->chall_m.n != 0)
		sp_der_put_octets(out, p->chall_m);
	put_text(out, SP_VISIBLE, p->brand);
	put_text(out, SP_NUMERIC, p->bin);
	sp_der_close(out, seq);
}

/* transStain = HMAC(xid, CardSecret), over DER as every HMAC is. */
static enum setpki_code
trans_stain(setpki_ctx *ctx, enum setpki_suite suite, setpki_bytes xid, const uint8_t *card_secret, uint8_t *out,
    struct setpki_error *err)
{
	struct sp_buf der = {0};
	enum setpki_code rc;

	sp_der_put_octets(&der, xid);
	rc = der.failed ? sp_fail_memory(err)
			: sp_hmac(ctx, suite, sp_bytes(card_secret, SP_SECRET_LEN), sp_buf_bytes(&der), out, err);
	sp_buf_free(&der);
	return rc;
}

static enum setpki_code
put_pi_head(setpki_ctx *ctx, const struct sp_suite *s, const struct setpki_purchase *p, const struct setpki_card *card,
    setpki_bytes hod, struct sp_buf *out, struct setpki_error *err)
{
	uint8_t stain[SP_DIGEST_MAX];
	size_t seq = sp_der_open(out, SP_SEQUENCE), inputs;
	enum setpki_code rc = trans_stain(ctx, s->id, p->xid, card->card_secret, stain, err);

	put_ids(out, p);
	inputs = sp_der_open(out, SP_SEQUENCE);
	sp_buf_add_bytes(out, hod);
	put_amount(out, p->currency, p->amount, p->exponent);
	sp_der_close(out, inputs);
	put_text(out, SP_VISIBLE, p->merchant);
	sp_der_put_octets(out, sp_bytes(stain, s->digest_len));
	put_text(out, SP_VISIBLE, p->software);
	sp_der_close(out, seq);
	return rc;
}

static enum setpki_code
put_pan_data(setpki_ctx *ctx, const struct setpki_card *card, struct sp_buf *out, struct setpki_error *err)
{
	struct sp_account a;
	uint8_t nonce[SP_NONCE_LEN];
	enum setpki_code rc = sp_account_parse(card->pan, card->expiry, &a, err);
	size_t seq;

	if (rc == SETPKI_E_OK)
		rc = sp_random(ctx, nonce, sizeof(nonce), err);
	seq = sp_der_open(out, SP_SEQUENCE);
	sp_der_put_str(out, SP_NUMERIC, a.pan);
	sp_der_put_str(out, SP_NUMERIC, a.expiry);
	sp_der_put_octets(out, SP_BYTES(card->pan_secret));
	sp_der_put_octets(out, SP_BYTES(nonce));
	sp_der_close(out, seq);
	OPENSSL_cleanse(&a, sizeof(a));
	OPENSSL_cleanse(nonce, sizeof(nonce));
	return rc;
}

/* The parts of one dual signature, as they grow. */
struct parts {
	struct sp_buf hod, oi, head, pan, pi, tbs, link, dual;
	uint8_t oi_digest[SP_DIGEST_MAX], pi_digest[SP_DIGEST_MAX];
};

static void
parts_free(struct parts *x)
{
	struct sp_buf *all[] = {&x->hod, &x->oi, &x->head, &x->pan, &x->pi, &x->tbs, &x->link, &x->dual};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		sp_buf_free(all[i]);
	OPENSSL_cleanse(x, sizeof(*x));
}

/* What was composed is read as the other side will read it: a field outside its bounds is refused here. */
static enum setpki_code
readable(const struct sp_type *type, const struct sp_buf *b, struct setpki_error *err)
{
	void *object = NULL;
	enum setpki_code rc = b->failed ? sp_fail_memory(err) : sp_type_decode(type, sp_buf_bytes(b), &object, err);

	sp_type_free(type, object);
	return rc;
}

/* OIData, PIHead, PANData, PIData and PI-TBS. */
static enum setpki_code
compose(setpki_ctx *ctx, const struct sp_suite *s, const struct setpki_purchase *p, const struct setpki_card *card,
    struct parts *x, struct setpki_error *err)
{
	const struct sp_dual_amount amount = {p->currency, p->amount, p->exponent};
	uint8_t salt[SP_NONCE_LEN];
	enum setpki_code rc;
	size_t seq;

	if ((rc = sp_random(ctx, salt, sizeof(salt), err)) != SETPKI_E_OK ||
	    (rc = sp_dual_hod_put(ctx, s->id, p->order, &amount, SP_BYTES(salt), &x->hod, err)) != SETPKI_E_OK)
		return rc;
	put_oi_data(&x->oi, p, sp_buf_bytes(&x->hod), SP_BYTES(salt));
	if ((rc = put_pi_head(ctx, s, p, card, sp_buf_bytes(&x->hod), &x->head, err)) != SETPKI_E_OK ||
	    (rc = put_pan_data(ctx, card, &x->pan, err)) != SETPKI_E_OK ||
	    (rc = readable(&sp_type_oi_data, &x->oi, err)) != SETPKI_E_OK ||
	    (rc = readable(&sp_type_pi_head, &x->head, err)) != SETPKI_E_OK)
		return rc;
	seq = sp_der_open(&x->pi, SP_SEQUENCE);
	sp_buf_add_bytes(&x->pi, sp_buf_bytes(&x->head));
	sp_buf_add_bytes(&x->pi, sp_buf_bytes(&x->pan));
	sp_der_close(&x->pi, seq);
	if ((rc = sp_hash(ctx, s->id, sp_buf_bytes(&x->pi), x->pi_digest, err)) != SETPKI_E_OK ||
	    (rc = sp_hash(ctx, s->id, sp_buf_bytes(&x->oi), x->oi_digest, err)) != SETPKI_E_OK)
		return rc;
	sp_dual_tbs_put(s, x->pi_digest, x->oi_digest, &x->tbs);
	return SETPKI_E_OK;
}

/* PIDualSigned ::= SEQUENCE { SO(wallet, PI-TBS), EX(gateway, L(PIHead, OIData), PANData) } */
static enum setpki_code
put_pi_dual(setpki_ctx *ctx, enum setpki_suite suite, const struct sp_sign_ask *sign,
    const struct setpki_party *gateway, struct parts *x, struct setpki_error *err)
{
	size_t seq = sp_der_open(&x->dual, SP_SEQUENCE);
	enum setpki_code rc = sp_sdata_put(ctx, suite, sign, &x->dual, err);

	if (rc == SETPKI_E_OK)
		rc = sp_linkage_put(
		    ctx, suite, sp_buf_bytes(&x->head), SP_CT_OI_DATA, sp_buf_bytes(&x->oi), &x->link, err);
	if (rc == SETPKI_E_OK)
		rc = sp_envelope_put(
		    ctx, suite, gateway, &sp_dual_seal, sp_buf_bytes(&x->link), sp_buf_bytes(&x->pan), &x->dual, err);
	sp_der_close(&x->dual, seq);
	return rc;
}

static enum setpki_code
put_request(const struct sp_suite *s, const struct parts *x, struct setpki_der *out, struct setpki_error *err)
{
	struct sp_buf b = {0};
	size_t seq = sp_der_open(&b, SP_SEQUENCE), link;

	sp_buf_add_bytes(&b, sp_buf_bytes(&x->dual));
	link = sp_der_open(&b, SP_SEQUENCE); /* L(OIData, PIData) */
	sp_buf_add_bytes(&b, sp_buf_bytes(&x->oi));
	sp_dd_put_digest(s, SP_CT_PI_DATA, x->pi_digest, &b);
	sp_der_close(&b, link);
	sp_der_close(&b, seq);
	out->p = sp_buf_take(&b, &out->n);
	return out->p != NULL ? SETPKI_E_OK : sp_fail_memory(err);
}

enum setpki_code
setpki_dual_sign(setpki_ctx *ctx, enum setpki_suite suite, const struct setpki_party *wallet,
    const struct setpki_party *gateway, const struct setpki_purchase *purchase, const struct setpki_card *card,
    const setpki_bytes *certs, size_t ncerts, struct setpki_der *out, struct setpki_error *err)
{
	const struct sp_suite *s = sp_suite(suite);
	struct parts x = {.pan.secret = true, .pi.secret = true, .link.secret = true, .head.secret = true};
	struct sp_sign_ask sign = {SP_CT_PI_TBS, {NULL, 0}, true, wallet, 1, certs, NULL, ncerts, 0};
	enum setpki_code rc;

	*out = (struct setpki_der){NULL, 0};
	if (s == NULL || wallet->issuer.n == 0)
		return sp_fail(err, SETPKI_E_ARGUMENT, "set-protocol 12.17",
		    "a suite, and issuer and serial number of the wallet's certificate, are needed");
	rc = compose(ctx, s, purchase, card, &x, err);
	sign.content = sp_buf_bytes(&x.tbs);
	if (rc == SETPKI_E_OK)
		rc = put_pi_dual(ctx, suite, &sign, gateway, &x, err);
	if (rc == SETPKI_E_OK)
		rc = put_request(s, &x, out, err);
	parts_free(&x);
	return rc;
}
