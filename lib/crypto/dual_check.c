/* The dual signature: the merchant's and the gateway's side. */
#include "lib/base/limits.h"
#include "lib/crypto/digest.h"
#include "lib/crypto/dual.h"
#include "lib/der/writer.h"

#include <openssl/crypto.h>
#include <string.h>

#define SPEC "set-protocol 12.17"

/* The texts of these types have bounds below the room of the structs; BMPString is shown as '?'. */
static void
text(const ASN1_STRING *s, char *out, size_t cap)
{
	setpki_bytes b = sp_str(s);

	if (s->type == V_ASN1_BMPSTRING || b.n >= cap)
		b = sp_bytes_str("?");
	memcpy(out, b.p, b.n);
	out[b.n] = '\0';
}

static void
octets(const ASN1_OCTET_STRING *s, uint8_t *out)
{
	memcpy(out, ASN1_STRING_get0_data(s), (size_t)ASN1_STRING_length(s)); /* fixed by the rows */
}

/* PISignature over PI-TBS made from the two digests. */
static enum setpki_code
verify(setpki_ctx *ctx, const struct sp_suite *s, SP_SIGNED_DATA *signature, const uint8_t *pi_digest,
    const uint8_t *oi_digest, setpki_dual_key_fn *key, void *arg, struct setpki_error *err)
{
	struct sp_buf tbs = {0};
	struct sp_sdata sd;
	struct sp_signer who;
	setpki_bytes certs[SP_CHAIN_DEPTH_MAX];
	size_t n;
	enum setpki_code rc;

	sp_sdata_view(signature, &sd);
	if (sd.nsigners != 1 || sd.content.n != 0)
		return sp_fail(
		    err, SETPKI_E_SIGNATURE, SPEC, "PISignature has not exactly one signer, or holds content");
	sp_sdata_signer(&sd, 0, &who);
	for (n = 0; n < sd.ncerts && n < SP_CHAIN_DEPTH_MAX; n++)
		certs[n] = sp_sdata_cert(&sd, n);
	sp_dual_tbs_put(s, pi_digest, oi_digest, &tbs);
	rc = tbs.failed ? sp_fail_memory(err)
			: sp_sdata_verify(ctx, s->id, &sd, 0, SP_CT_PI_TBS, sp_buf_bytes(&tbs),
			      key(arg, who.issuer, sp_signer_serial(&who), certs, n), err);
	sp_buf_free(&tbs);
	return rc;
}

/* The digest of a DD whose content we do not have. */
static enum setpki_code
foreign_digest(const struct sp_suite *s, const SP_DIGESTED_DATA *dd, enum sp_content content, const uint8_t **out,
    struct setpki_error *err)
{
	setpki_bytes digest = sp_str(dd->digest);

	if (!sp_bytes_eq(sp_str(dd->digest_alg), s->digest_alg) || digest.n != s->digest_len)
		return sp_fail(
		    err, SETPKI_E_SUITE, "set-protocol 12.1", "the digest is not that of the %s suite", s->name);
	if (!sp_bytes_eq(sp_obj(dd->content->type), SP_CONTENT_OID(content)) || dd->content->content != NULL)
		return sp_fail(
		    err, SETPKI_E_PARSE, SPEC, "the digest is not one of content type 2.23.42.0.%d", (int)content);
	*out = digest.p;
	return SETPKI_E_OK;
}

/* HOD is the digest of what the merchant sells, at the price it asks. */
static enum setpki_code
same_order(setpki_ctx *ctx, const struct sp_suite *s, const SP_OI_DATA *oi, setpki_bytes order,
    const struct sp_dual_amount *amount, struct setpki_error *err)
{
	struct sp_buf hod = {0};
	unsigned char *got = NULL;
	int n = ASN1_item_i2d((const ASN1_VALUE *)oi->hod, &got, ASN1_ITEM_rptr(SP_DIGESTED_DATA));
	enum setpki_code rc = sp_dual_hod_put(ctx, s->id, order, amount, sp_str(oi->od_salt), &hod, err);

	if (rc == SETPKI_E_OK && (n < 0 || !sp_bytes_eq(sp_bytes(got, (size_t)n), sp_buf_bytes(&hod))))
		rc = sp_fail(err, SETPKI_E_SIGNATURE, SPEC, "what was signed is another order, or another amount");
	OPENSSL_free(got);
	sp_buf_free(&hod);
	return rc;
}

/* The two parts of a PReqDualSigned and of its OI half, as they stand. */
static bool
split(setpki_bytes preq, setpki_bytes *pi, setpki_bytes *oi)
{
	struct sp_der d = sp_der(preq), seq, link;

	return sp_der_enter(&d, SP_SEQUENCE, &seq) && sp_der_take_whole(&seq, SP_SEQUENCE, pi) &&
	    sp_der_enter(&seq, SP_SEQUENCE, &link) && sp_der_take_whole(&link, SP_SEQUENCE, oi);
}

static void
fill_order(const SP_OI_DATA *oi, struct setpki_dual_order *out)
{
	text(oi->brand, out->brand, sizeof(out->brand));
	text(oi->bin, out->bin, sizeof(out->bin));
	text(oi->ids->language, out->language, sizeof(out->language));
	octets(oi->ids->xid, out->xid);
	octets(oi->rrpid, out->rrpid);
	octets(oi->chall_c, out->chall_c);
	out->date = sp_time(oi->ids->date);
}

/* Where the optional parts stand in our copy of the request. */
static void
place(struct setpki_dual_order *out, setpki_bytes oi)
{
	struct sp_der d = sp_der(oi), seq, ids, hod;
	setpki_bytes skip;

	if (!sp_der_enter(&d, SP_SEQUENCE, &seq) || !sp_der_enter(&seq, SP_SEQUENCE, &ids) ||
	    !sp_der_octets(&ids, &out->lid_c))
		return;
	(void)sp_der_opt(&ids, SP_CTX(0), &out->lid_m);
	if (sp_der_octets(&seq, &skip) && sp_der_octets(&seq, &skip) && sp_der_enter(&seq, SP_SEQUENCE, &hod) &&
	    sp_der_octets(&seq, &skip))
		(void)sp_der_opt(&seq, SP_OCTET_STRING, &out->chall_m);
}

static enum setpki_code
merchant_checks(setpki_ctx *ctx, const struct sp_suite *s, const SP_PREQ_DUAL_SIGNED *preq, setpki_bytes order,
    const struct sp_dual_amount *amount, setpki_dual_key_fn *key, void *arg, struct setpki_dual_order *out,
    struct setpki_error *err)
{
	void *oi = NULL, *pi = NULL;
	const uint8_t *pi_digest = NULL;
	enum setpki_code rc;

	if ((rc = sp_type_decode(&sp_type_oi_data, sp_str(preq->oi->t1), &oi, err)) != SETPKI_E_OK ||
	    (rc = sp_type_decode(&sp_type_pi_dual_signed, sp_str(preq->pi), &pi, err)) != SETPKI_E_OK ||
	    (rc = foreign_digest(s, preq->oi->dd, SP_CT_PI_DATA, &pi_digest, err)) != SETPKI_E_OK ||
	    (rc = sp_hash(ctx, s->id, sp_str(preq->oi->t1), out->oi_digest, err)) != SETPKI_E_OK)
		goto out;
	out->oi_digest_len = s->digest_len;
	rc = verify(ctx, s, ((SP_PI_DUAL_SIGNED *)pi)->signature, pi_digest, out->oi_digest, key, arg, err);
	if (rc == SETPKI_E_OK)
		rc = same_order(ctx, s, oi, order, amount, err);
	if (rc == SETPKI_E_OK)
		fill_order(oi, out);
out:
	sp_type_free(&sp_type_oi_data, oi);
	sp_type_free(&sp_type_pi_dual_signed, pi);
	return rc;
}

enum setpki_code
setpki_dual_merchant(setpki_ctx *ctx, enum setpki_suite suite, setpki_bytes preq, setpki_bytes order, uint32_t currency,
    int64_t amount, int exponent, setpki_dual_key_fn *key, void *arg, struct setpki_dual_order *out,
    struct setpki_error *err)
{
	const struct sp_dual_amount asked = {currency, amount, exponent};
	const struct sp_suite *s = sp_suite(suite);
	setpki_bytes oi;
	void *object = NULL;
	enum setpki_code rc;

	memset(out, 0, sizeof(*out));
	if (s == NULL)
		return sp_fail(err, SETPKI_E_ARGUMENT, SPEC, "no suite");
	if ((rc = sp_type_decode(&sp_type_preq_dual_signed, preq, &object, err)) != SETPKI_E_OK)
		return rc;
	rc = merchant_checks(ctx, s, object, order, &asked, key, arg, out, err);
	if (rc == SETPKI_E_OK && (out->mem.p = OPENSSL_memdup(preq.p, preq.n)) == NULL)
		rc = sp_fail_memory(err);
	if (rc == SETPKI_E_OK) {
		out->mem.n = preq.n;
		if (split(sp_bytes(out->mem.p, preq.n), &out->payment, &oi))
			place(out, oi);
	} else {
		setpki_dual_order_free(out);
	}
	sp_type_free(&sp_type_preq_dual_signed, object);
	return rc;
}

void
setpki_dual_order_free(struct setpki_dual_order *o)
{
	setpki_der_free(&o->mem);
	memset(o, 0, sizeof(*o));
}

/* PIHead and DD(OIData) of the link, PANData of the key block. */
static void
fill_payment(const SP_PI_HEAD *head, setpki_bytes pan_data, struct setpki_dual_payment *out)
{
	struct sp_der d = sp_der(pan_data), seq;
	setpki_bytes pan, expiry, secret;

	text(head->merchant, out->merchant, sizeof(out->merchant));
	text(head->software, out->software, sizeof(out->software));
	text(head->ids->language, out->language, sizeof(out->language));
	octets(head->ids->xid, out->xid);
	octets(head->inputs->hod->digest, out->hod);
	octets(head->trans_stain, out->trans_stain);
	out->currency = (uint32_t)sp_int(head->inputs->amount->currency);
	out->amount = sp_int(head->inputs->amount->amount);
	out->exponent = (int)sp_int(head->inputs->amount->exponent);
	out->date = sp_time(head->ids->date);
	/* rebuilt from the key block by sp_extra_unpack(): the widths are fixed */
	if (sp_der_enter(&d, SP_SEQUENCE, &seq) && sp_der_take(&seq, SP_NUMERIC, &pan) &&
	    sp_der_take(&seq, SP_NUMERIC, &expiry) && sp_der_octets(&seq, &secret)) {
		memcpy(out->pan, pan.p, pan.n);
		memcpy(out->expiry, expiry.p, expiry.n);
		memcpy(out->pan_secret, secret.p, sizeof(out->pan_secret));
	}
}

static enum setpki_code
pi_digest_of(setpki_ctx *ctx, const struct sp_suite *s, setpki_bytes head, setpki_bytes pan_data, uint8_t *out,
    struct setpki_error *err)
{
	struct sp_buf pi = {.secret = true};
	size_t seq = sp_der_open(&pi, SP_SEQUENCE);
	enum setpki_code rc;

	sp_buf_add_bytes(&pi, head);
	sp_buf_add_bytes(&pi, pan_data);
	sp_der_close(&pi, seq);
	rc = pi.failed ? sp_fail_memory(err) : sp_hash(ctx, s->id, sp_buf_bytes(&pi), out, err);
	sp_buf_free(&pi);
	return rc;
}

static enum setpki_code
gateway_checks(setpki_ctx *ctx, const struct sp_suite *s, const struct sp_opened *o, SP_SIGNED_DATA *signature,
    setpki_bytes oi_digest, setpki_dual_key_fn *key, void *arg, struct setpki_dual_payment *out,
    struct setpki_error *err)
{
	void *link = NULL, *head = NULL;
	uint8_t pi_digest[SP_DIGEST_MAX];
	const uint8_t *linked = NULL;
	enum setpki_code rc;
	setpki_bytes t1;

	if ((rc = sp_type_decode(&sp_type_linkage, o->t, &link, err)) != SETPKI_E_OK)
		return rc;
	t1 = sp_str(((SP_LINKAGE *)link)->t1);
	if ((rc = sp_type_decode(&sp_type_pi_head, t1, &head, err)) != SETPKI_E_OK ||
	    (rc = foreign_digest(s, ((SP_LINKAGE *)link)->dd, SP_CT_OI_DATA, &linked, err)) != SETPKI_E_OK ||
	    (rc = pi_digest_of(ctx, s, t1, sp_buf_bytes(&o->p), pi_digest, err)) != SETPKI_E_OK)
		goto out;
	if (((SP_PI_HEAD *)head)->trans_stain->length != (int)s->digest_len ||
	    ((SP_PI_HEAD *)head)->inputs->hod->digest->length != (int)s->digest_len)
		rc = sp_fail(err, SETPKI_E_SUITE, "set-protocol 12.1", "a digest in PIHead is not that of the %s suite",
		    s->name);
	else if (oi_digest.n != s->digest_len || CRYPTO_memcmp(oi_digest.p, linked, s->digest_len) != 0)
		rc = sp_fail(err, SETPKI_E_SIGNATURE, SPEC, "the payment belongs to another order than the merchant's");
	else
		rc = verify(ctx, s, signature, pi_digest, linked, key, arg, err);
	if (rc == SETPKI_E_OK)
		fill_payment(head, sp_buf_bytes(&o->p), out);
	out->digest_len = s->digest_len;
out:
	OPENSSL_cleanse(pi_digest, sizeof(pi_digest));
	sp_type_free(&sp_type_linkage, link);
	sp_type_free(&sp_type_pi_head, head);
	return rc;
}

enum setpki_code
setpki_dual_gateway(setpki_ctx *ctx, enum setpki_suite suite, const struct setpki_party *gateway, setpki_bytes payment,
    setpki_bytes oi_digest, setpki_dual_key_fn *key, void *arg, struct setpki_dual_payment *out,
    struct setpki_error *err)
{
	const struct sp_suite *s = sp_suite(suite);
	struct sp_opened o = {0};
	void *object = NULL;
	enum setpki_code rc;

	memset(out, 0, sizeof(*out));
	if (s == NULL)
		return sp_fail(err, SETPKI_E_ARGUMENT, SPEC, "no suite");
	if ((rc = sp_type_decode(&sp_type_pi_dual_signed, payment, &object, err)) != SETPKI_E_OK)
		return rc;
	rc = sp_envelope_open(
	    ctx, suite, gateway, &sp_dual_seal, sp_str(((SP_PI_DUAL_SIGNED *)object)->envelope), &o, err);
	if (rc == SETPKI_E_OK)
		rc =
		    gateway_checks(ctx, s, &o, ((SP_PI_DUAL_SIGNED *)object)->signature, oi_digest, key, arg, out, err);
	if (rc != SETPKI_E_OK)
		setpki_dual_payment_free(out);
	sp_opened_free(&o);
	sp_type_free(&sp_type_pi_dual_signed, object);
	return rc;
}

void
setpki_dual_payment_free(struct setpki_dual_payment *p)
{
	OPENSSL_cleanse(p, sizeof(*p));
}
