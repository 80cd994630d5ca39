/* Answers that an end entity must not believe: each field of each altered, signed anew by whoever a row says.  Whatever
 * is wrong, the session stays as it was and can go on with the right answer (setpki/enroll.h). */
#include "lib/asn1/certreq.h"
#include "lib/crypto/enc.h"
#include "lib/der/writer.h"
#include "lib/message/parts.h"
#include "lib/message/wire.h"
#include "tests/support/check.h"
#include "tests/support/wallet.h"

#include <openssl/crypto.h>

enum answer { INIT, FORM, CERT, INQUIRY };

struct forger;

struct row {
	const char *name;
	enum answer answer;
	enum setpki_request_type type;
	void (*alter)(struct forger *f, void *tbs); /* before it is signed */
	void (*outside)(struct forger *f);	    /* how it is signed and wrapped */
	enum setpki_code code;
	enum setpki_error_code error;
};

/* One answer, taken apart. */
struct forger {
	const struct row *row;
	struct wallet *w;
	struct sp_incoming in;
	struct sp_sdata data;
	void *pdu, *tbs;
	const struct sp_type *type;
	enum sp_content content;
	/* how it is put together again */
	struct setpki_party signers[2];
	size_t nsigners;
	struct sp_outgoing out;
	bool encrypted, no_certs, plain;
	enum reg_slot with; /* a CA whose certificates come along too */
	uint8_t back_key[32];
};

static setpki_ctx *ctx;
static struct registry regs[2];
static const uint8_t other[32] = "something else, 32 octets long.";

/* --- taking apart, putting together --------------------------------------------------------------- */

static const struct {
	enum sp_arm_number arm;
	enum sp_content content;
	const struct sp_type *type;
} answers[] = {
    {SP_ARM_CARD_C_INIT_RES, SP_CT_CARD_C_INIT_RES_TBS, &sp_type_card_c_init_res_tbs},
    {SP_ARM_ME_AQ_C_INIT_RES, SP_CT_ME_AQ_C_INIT_RES_TBS, &sp_type_me_aq_c_init_res_tbs},
    {SP_ARM_REG_FORM_RES, SP_CT_REG_FORM_RES_TBS, &sp_type_reg_form_res_tbs},
    {SP_ARM_CERT_RES, SP_CT_CERT_RES_DATA, &sp_type_cert_res_data},
    {SP_ARM_CERT_INQ_RES, SP_CT_CERT_RES_DATA, &sp_type_cert_res_data},
};

static EVP_PKEY *
ca_key(void *arg, size_t i, const struct sp_signer *who, setpki_bytes content)
{
	const struct desk *d = arg;

	(void)i;
	(void)content;
	for (size_t k = 0; k < DESK_CAS; k++)
		if (sp_bytes_eq(d->cas[k].sign.serial, sp_signer_serial(who)))
			return d->cas[k].sign.key;
	return NULL;
}

static void
open_data(struct forger *f, setpki_bytes der)
{
	const struct registry *reg = f->w->desk->reg;
	const struct sp_verify_ask ask = {f->content, NULL, ca_key, f->w->desk};

	if (f->content == SP_CT_CERT_RES_DATA) {
		t_ok(sp_type_decode(&sp_type_cert_res, der, &f->pdu, NULL), NULL);
		f->encrypted = ((SP_CERT_RES *)f->pdu)->type == 0;
		der = sp_str(((SP_CERT_RES *)f->pdu)->value.s);
	}
	if (f->encrypted)
		t_ok(sp_enck_open(reg->ctx, reg->suite, SP_CT_CERT_RES_TBE, f->back_key, &ask, der, &f->data, NULL),
		    NULL);
	else
		t_ok(sp_sdata_read(der, &f->data, NULL), NULL);
	t_ok(sp_type_decode(f->type, f->data.content, &f->tbs, NULL), NULL);
}

static void
take_apart(struct forger *f, const struct setpki_der *answer)
{
	const struct desk *d = f->w->desk;
	size_t i = 0;

	t_ok(sp_wire_read(sp_bytes(answer->p, answer->n), f->w->now, &f->in, &(struct sp_fault){0}), NULL);
	while ((unsigned)answers[i].arm != f->in.m.arm->number)
		assert_true(++i < NELEMS(answers));
	f->content = answers[i].content;
	f->type = answers[i].type;
	if (d->nrequests != 0)
		memcpy(f->back_key, d->requests[0].back_key, 32);
	open_data(f, f->in.m.pdu);
	for (size_t k = 0; k < DESK_CAS; k++) {
		struct sp_signer who;

		sp_sdata_signer(&f->data, 0, &who);
		if (sp_bytes_eq(d->cas[k].sign.serial, sp_signer_serial(&who)))
			f->signers[0] = d->cas[k].sign;
	}
	f->nsigners = 1;
	f->out = (struct sp_outgoing){.now = f->in.date,
	    .rrpid = f->in.rrpid,
	    .lid_c = f->in.lid_c,
	    .lid_m = f->in.lid_m,
	    .software = "forger",
	    .arm = answers[i].arm};
}

static void
sign(struct forger *f, struct sp_buf *pdu)
{
	const struct registry *reg = f->w->desk->reg;
	setpki_bytes certs[20], crls[20];
	struct sp_buf content = {0};
	struct sp_sign_ask ask = {
	    .type = f->content, .signers = f->signers, .nsigners = f->nsigners, .certs = certs, .crls = crls};
	size_t tagged = 0;

	for (ask.ncerts = 0; ask.ncerts < f->data.ncerts && !f->no_certs; ask.ncerts++)
		certs[ask.ncerts] = sp_sdata_cert(&f->data, ask.ncerts);
	if (f->with != REG_NONE)
		ask.ncerts += reg_chain(reg, f->with, &certs[ask.ncerts]);
	for (ask.ncrls = 0; ask.ncrls < f->data.ncrls; ask.ncrls++)
		crls[ask.ncrls] = sp_sdata_crl(&f->data, ask.ncrls);
	t_ok(sp_type_encode(f->type, f->tbs, &content, NULL), NULL);
	ask.content = sp_buf_bytes(&content);
	if (f->pdu != NULL)
		tagged = sp_der_open(pdu, f->encrypted && !f->plain ? SP_CTXC(0) : SP_CTXC(1));
	if (f->encrypted && !f->plain)
		t_ok(sp_enck_put(reg->ctx, reg->suite, SP_CT_CERT_RES_TBE, f->back_key, &ask, pdu, NULL), NULL);
	else
		t_ok(sp_sdata_put(reg->ctx, reg->suite, &ask, pdu, NULL), NULL);
	if (f->pdu != NULL)
		sp_der_close(pdu, tagged);
	sp_buf_free(&content);
}

/* The answer as the row wants it. */
static void
forge(const struct row *r, struct wallet *w, const struct setpki_der *answer, struct sp_buf *out)
{
	struct forger f = {.row = r, .w = w};
	struct sp_buf pdu = {0};

	take_apart(&f, answer);
	if (r->alter != NULL)
		r->alter(&f, f.tbs);
	if (r->outside != NULL)
		r->outside(&f);
	sign(&f, &pdu);
	t_ok(sp_wire_put(&f.out, sp_buf_bytes(&pdu), out, NULL), NULL);
	sp_buf_free(&pdu);
	sp_type_free(f.type, f.tbs);
	sp_type_free(&sp_type_cert_res, f.pdu);
	sp_sdata_free(&f.data);
	sp_incoming_free(&f.in);
}

/* --- alterations ----------------------------------------------------------------------------------- */

#define OCTETS(fn, T, field)                                                                                           \
	static void fn(struct forger *f, void *tbs)                                                                    \
	{                                                                                                              \
		(void)f;                                                                                               \
		assert_true(sp_str_set(&((T *)tbs)->field, V_ASN1_OCTET_STRING, sp_bytes(other, 20)));                 \
	}
OCTETS(card_rrpid, SP_CARD_C_INIT_RES_TBS, rrpid)
OCTETS(card_lid, SP_CARD_C_INIT_RES_TBS, lid_ee)
OCTETS(card_chall, SP_CARD_C_INIT_RES_TBS, chall_ee)
OCTETS(card_cae, SP_CARD_C_INIT_RES_TBS, cae_thumb->digest)
OCTETS(me_rrpid, SP_ME_AQ_C_INIT_RES_TBS, rrpid)
OCTETS(me_lid, SP_ME_AQ_C_INIT_RES_TBS, lid_ee)
OCTETS(me_chall, SP_ME_AQ_C_INIT_RES_TBS, chall_ee)
OCTETS(form_rrpid, SP_REG_FORM_RES_TBS, rrpid)
OCTETS(form_lid, SP_REG_FORM_RES_TBS, lid_ee)
OCTETS(form_chall, SP_REG_FORM_RES_TBS, chall_ee2)
OCTETS(cert_rrpid, SP_CERT_RES_DATA, rrpid)
OCTETS(cert_lid, SP_CERT_RES_DATA, lid_ee)
OCTETS(cert_chall, SP_CERT_RES_DATA, chall_ee3)
OCTETS(cert_lid_ca, SP_CERT_RES_DATA, lid_ca)
OCTETS(cert_nonce, SP_CERT_RES_DATA, status->nonce_cca)

#define DROP(fn, T, field, release)                                                                                    \
	static void fn(struct forger *f, void *tbs)                                                                    \
	{                                                                                                              \
		(void)f;                                                                                               \
		release;                                                                                               \
		((T *)tbs)->field = NULL;                                                                              \
	}
DROP(me_no_lid_ca, SP_ME_AQ_C_INIT_RES_TBS, lid_ca, ASN1_STRING_free(((SP_ME_AQ_C_INIT_RES_TBS *)tbs)->lid_ca))
DROP(me_no_cae, SP_ME_AQ_C_INIT_RES_TBS, cae_thumb,
    sp_type_free(&sp_type_cert_thumb, ((SP_ME_AQ_C_INIT_RES_TBS *)tbs)->cae_thumb))
DROP(form_no_lid_ca, SP_REG_FORM_RES_TBS, lid_ca, ASN1_STRING_free(((SP_REG_FORM_RES_TBS *)tbs)->lid_ca))
DROP(form_no_thumbs, SP_REG_FORM_RES_TBS, thumbs, sp_type_free(&sp_type_thumbs, ((SP_REG_FORM_RES_TBS *)tbs)->thumbs))
DROP(cert_no_nonce, SP_CERT_RES_DATA, status->nonce_cca, ASN1_STRING_free(((SP_CERT_RES_DATA *)tbs)->status->nonce_cca))
DROP(cert_no_thumbs, SP_CERT_RES_DATA, certs, sp_type_free(&sp_type_thumbs, ((SP_CERT_RES_DATA *)tbs)->certs))

static void
form_thumbs(struct forger *f, void *tbs)
{
	t_ok(sp_thumbs_add(ctx, f->w->desk->reg->suite, &((SP_REG_FORM_RES_TBS *)tbs)->thumbs, SP_THUMB_CERTS,
		 f->w->desk->reg->c[REG_CCB].der, NULL),
	    NULL);
}

static void
card_thumbs(struct forger *f, void *tbs)
{
	t_ok(sp_thumbs_add(ctx, f->w->desk->reg->suite, &((SP_CARD_C_INIT_RES_TBS *)tbs)->thumbs, SP_THUMB_CERTS,
		 f->w->desk->reg->c[REG_CCB].der, NULL),
	    NULL);
}

static void
form_type(struct forger *f, void *tbs)
{
	(void)f;
	assert_true(sp_enum_set(&((SP_REG_FORM_RES_TBS *)tbs)->request_type, SETPKI_CARD_RENEWAL_SIG));
}

static void
me_type(struct forger *f, void *tbs)
{
	(void)f;
	assert_true(sp_enum_set(&((SP_ME_AQ_C_INIT_RES_TBS *)tbs)->request_type, SETPKI_MER_INITIAL_ENC));
}

/* Key exchange with another bank's CA. */
static void
cae_of_another_ca(struct forger *f, void *tbs)
{
	t_ok(sp_cert_thumb_set(ctx, f->w->desk->reg->suite, &((SP_REG_FORM_RES_TBS *)tbs)->cae_thumb,
		 f->w->desk->reg->c[REG_CCB_ENC].der, NULL),
	    NULL);
}

/* The signature certificate for key exchange. */
static void
cae_that_signs(struct forger *f, void *tbs)
{
	t_ok(sp_cert_thumb_set(ctx, f->w->desk->reg->suite, &((SP_REG_FORM_RES_TBS *)tbs)->cae_thumb,
		 f->w->desk->reg->c[REG_CCA_SIG].der, NULL),
	    NULL);
}

static void
certs_of_nobody(struct forger *f, void *tbs)
{
	SP_CERT_RES_DATA *d = tbs;

	assert_true(ASN1_STRING_set(sk_SP_ELEMENT_value(d->certs->certs, 0), other,
			(int)sp_suite(f->w->desk->reg->suite)->digest_len) == 1);
}

/* The CA's own certificate as ours. */
static void
certs_of_another(struct forger *f, void *tbs)
{
	SP_CERT_RES_DATA *d = tbs;

	sp_type_free(&sp_type_thumbs, d->certs);
	d->certs = NULL;
	t_ok(sp_thumbs_add(
		 ctx, f->w->desk->reg->suite, &d->certs, SP_THUMB_CERTS, f->w->desk->reg->c[REG_CCA].der, NULL),
	    NULL);
}

/* One more than was asked for. */
static void
certs_too_many(struct forger *f, void *tbs)
{
	t_ok(sp_thumbs_add(ctx, f->w->desk->reg->suite, &((SP_CERT_RES_DATA *)tbs)->certs, SP_THUMB_CERTS,
		 f->w->desk->reg->c[REG_CCA].der, NULL),
	    NULL);
}

static void
certs_too_few(struct forger *f, void *tbs)
{
	(void)f;
	ASN1_STRING_free(sk_SP_ELEMENT_pop(((SP_CERT_RES_DATA *)tbs)->certs->certs));
}

static void
cert_says_decryption_error(struct forger *f, void *tbs)
{
	SP_CERT_RES_DATA *d = tbs;

	(void)f;
	memset(d->chall_ee3->data, 0, (size_t)d->chall_ee3->length);
	assert_true(sp_enum_set(&d->status->code, SETPKI_STATUS_REJECTED_BY_CA));
	cert_no_nonce(f, tbs);
	cert_no_thumbs(f, tbs);
}

/* --- outside ---------------------------------------------------------------------------------------- */

static void
other_content(struct forger *f)
{
	f->content = SP_CT_ERROR_TBS;
}

static void
two_signers(struct forger *f)
{
	f->signers[1] = f->signers[0];
	f->nsigners = 2;
}

static void
no_signer(struct forger *f)
{
	f->nsigners = 0;
}

static void
signed_with_another_key(struct forger *f)
{
	f->signers[0].key = f->w->desk->reg->c[REG_CCB_SIG].key;
}

static void
signed_by(struct forger *f, enum reg_slot slot)
{
	f->signers[0] = reg_party(f->w->desk->reg, slot);
}

static void
by_another_bank(struct forger *f)
{
	signed_by(f, REG_CCB_SIG);
}

/* A good CA, but not the one that answered first. */
static void
by_another_bank_with_its_chain(struct forger *f)
{
	signed_by(f, REG_CCB_SIG);
	f->with = REG_CCB;
}

static void
by_a_cardholder_ca_with_its_chain(struct forger *f)
{
	signed_by(f, REG_CCA_SIG);
	f->with = REG_CCA;
}

static void
with_another_bank(struct forger *f)
{
	f->with = REG_CCB;
}

static void
by_a_merchant_ca(struct forger *f)
{
	signed_by(f, REG_MCA_SIG);
}

static void
by_the_certificate_key(struct forger *f)
{
	signed_by(f, REG_CCA);
}

static void
wrapper_rrpid(struct forger *f)
{
	f->out.rrpid = sp_bytes(other, 20);
}

static void
wrapper_lid(struct forger *f)
{
	f->out.lid_c = f->out.lid_m = sp_bytes(other, 20);
}

static void
old_wrapper(struct forger *f)
{
	f->out.now -= SP_DATE_PAST_S + 1;
}

static void
new_wrapper(struct forger *f)
{
	f->out.now += SP_DATE_FUTURE_S + 1;
}

static void
request_arm(struct forger *f)
{
	f->out.arm = SP_ARM_CARD_C_INIT_REQ;
}

static void
without_certs(struct forger *f)
{
	f->no_certs = true;
}

static void
not_encrypted(struct forger *f)
{
	f->plain = true;
}

static void
under_another_key(struct forger *f)
{
	f->back_key[0] ^= 2; /* the lowest bit is DES's parity */
}

/* --- rows ------------------------------------------------------------------------------------------ */

#define CARD SETPKI_CARD_INITIAL_SIG
#define MER SETPKI_MER_INITIAL_BOTH
#define R(error) SETPKI_E_RULE, SETPKI_ERR_##error
#define C(code, error) SETPKI_E_##code, SETPKI_ERR_##error

static struct row rows[] = {
    {"CardCInitRes with another rrpid", INIT, CARD, card_rrpid, NULL, R(UNKNOWN_RRPID)},
    {"CardCInitRes with another rrpid in the wrapper", INIT, CARD, NULL, wrapper_rrpid, R(UNKNOWN_RRPID)},
    {"CardCInitRes with another lid-EE", INIT, CARD, card_lid, NULL, R(UNKNOWN_LID)},
    {"CardCInitRes with another lid-C in the wrapper", INIT, CARD, NULL, wrapper_lid, R(WRAPPER_MSG_MISMATCH)},
    {"CardCInitRes with another chall-EE", INIT, CARD, card_chall, NULL, R(CHALLENGE_MISMATCH)},
    {"CardCInitRes with thumbs that we did not send", INIT, CARD, card_thumbs, NULL, R(THUMBS_MISMATCH)},
    {"CardCInitRes with a caeThumb of nobody", INIT, CARD, card_cae, NULL, R(MISSING_CERTIFICATE)},
    {"CardCInitRes of another content type", INIT, CARD, NULL, other_content, C(SIGNATURE, SIGNATURE_FAILURE)},
    {"CardCInitRes with two SignerInfos", INIT, CARD, NULL, two_signers, C(SIGNATURE, SIGNATURE_FAILURE)},
    {"CardCInitRes without SignerInfo", INIT, CARD, NULL, no_signer, C(SIGNATURE, SIGNATURE_FAILURE)},
    {"CardCInitRes signed with another key", INIT, CARD, NULL, signed_with_another_key,
	C(SIGNATURE, SIGNATURE_FAILURE)},
    {"CardCInitRes without its certificates", INIT, CARD, NULL, without_certs, C(SIGNATURE, MISSING_CERTIFICATE)},
    {"CardCInitRes signed by a CA whose certificate is missing", INIT, CARD, NULL, by_a_merchant_ca,
	C(SIGNATURE, MISSING_CERTIFICATE)},
    {"CardCInitRes signed with the key for certificates", INIT, CARD, NULL, by_the_certificate_key,
	C(POLICY, INVALID_CERTIFICATE)},
    {"CardCInitRes a day old", INIT, CARD, NULL, old_wrapper, R(MESSAGE_TOO_OLD)},
    {"CardCInitRes from the future", INIT, CARD, NULL, new_wrapper, R(MESSAGE_TOO_NEW)},
    {"a request for an answer", INIT, CARD, NULL, request_arm, R(MESSAGE_NOT_SUPPORTED)},

    {"Me-AqCInitRes with another rrpid", INIT, MER, me_rrpid, NULL, R(UNKNOWN_RRPID)},
    {"Me-AqCInitRes with another lid-EE", INIT, MER, me_lid, NULL, R(UNKNOWN_LID)},
    {"Me-AqCInitRes with another lid-M in the wrapper", INIT, MER, NULL, wrapper_lid, R(WRAPPER_MSG_MISMATCH)},
    {"Me-AqCInitRes with another chall-EE", INIT, MER, me_chall, NULL, R(CHALLENGE_MISMATCH)},
    {"Me-AqCInitRes for another request type", INIT, MER, me_type, NULL, R(WRAPPER_MSG_MISMATCH)},
    {"Me-AqCInitRes without lid-CA", INIT, MER, me_no_lid_ca, NULL, R(UNKNOWN_LID)},
    {"Me-AqCInitRes without caeThumb", INIT, MER, me_no_cae, NULL, R(MISSING_CERTIFICATE)},
    {"Me-AqCInitRes signed by a CA for cardholders", INIT, MER, NULL, by_another_bank,
	C(SIGNATURE, MISSING_CERTIFICATE)},
    {"Me-AqCInitRes signed by a CA for cardholders, with its chain", INIT, MER, NULL, by_a_cardholder_ca_with_its_chain,
	C(POLICY, INVALID_CERTIFICATE)},

    {"RegFormRes with another rrpid", FORM, CARD, form_rrpid, NULL, R(UNKNOWN_RRPID)},
    {"RegFormRes with another lid-EE", FORM, CARD, form_lid, NULL, R(UNKNOWN_LID)},
    {"RegFormRes with another chall-EE2", FORM, CARD, form_chall, NULL, R(CHALLENGE_MISMATCH)},
    {"RegFormRes for another request type", FORM, CARD, form_type, NULL, R(WRAPPER_MSG_MISMATCH)},
    {"RegFormRes without lid-CA", FORM, CARD, form_no_lid_ca, NULL, R(UNKNOWN_LID)},
    {"RegFormRes without our thumbs", FORM, CARD, form_no_thumbs, NULL, R(THUMBS_MISMATCH)},
    {"RegFormRes with a thumb too many", FORM, CARD, form_thumbs, NULL, R(THUMBS_MISMATCH)},
    {"RegFormRes with another CA's caeThumb", FORM, CARD, cae_of_another_ca, NULL, R(MISSING_CERTIFICATE)},
    {"RegFormRes with another CA's caeThumb, and its certificates", FORM, CARD, cae_of_another_ca, with_another_bank,
	R(INVALID_CERTIFICATE)},
    {"RegFormRes with a caeThumb for signatures", FORM, CARD, cae_that_signs, NULL, C(POLICY, INVALID_CERTIFICATE)},
    {"RegFormRes of another content type", FORM, CARD, NULL, other_content, C(SIGNATURE, SIGNATURE_FAILURE)},
    {"RegFormRes with two SignerInfos", FORM, CARD, NULL, two_signers, C(SIGNATURE, SIGNATURE_FAILURE)},
    {"RegFormRes signed by another bank, with its chain", FORM, CARD, NULL, by_another_bank_with_its_chain,
	R(SIGNATURE_FAILURE)},

    {"CertRes with another rrpid", CERT, CARD, cert_rrpid, NULL, R(UNKNOWN_RRPID)},
    {"CertRes with another lid-EE", CERT, CARD, cert_lid, NULL, R(UNKNOWN_LID)},
    {"CertRes with another chall-EE3", CERT, CARD, cert_chall, NULL, R(CHALLENGE_MISMATCH)},
    {"CertRes with another lid-CA", CERT, CARD, cert_lid_ca, NULL, R(UNKNOWN_LID)},
    {"CertRes with another Nonce-CCA", CERT, CARD, cert_nonce, NULL, R(INVALID_CERTIFICATE)},
    {"CertRes without Nonce-CCA", CERT, CARD, cert_no_nonce, NULL, R(UNSPECIFIED_FAILURE)},
    {"CertRes without certThumbs", CERT, CARD, cert_no_thumbs, NULL, R(MISSING_CERTIFICATE)},
    {"CertRes that names nobody's certificate", CERT, CARD, certs_of_nobody, NULL, R(MISSING_CERTIFICATE)},
    {"CertRes that names another's certificate", CERT, CARD, certs_of_another, NULL, R(INVALID_CERTIFICATE)},
    {"CertRes that names a certificate too many", CERT, CARD, certs_too_many, NULL, R(MISSING_CERTIFICATE)},
    {"CertRes that names one certificate instead of two", CERT, MER, certs_too_few, NULL, R(MISSING_CERTIFICATE)},
    {"CertRes of another content type", CERT, CARD, NULL, other_content, C(SIGNATURE, SIGNATURE_FAILURE)},
    {"CertRes with two SignerInfos", CERT, CARD, NULL, two_signers, C(SIGNATURE, SIGNATURE_FAILURE)},
    {"CertRes signed by another bank, with its chain", CERT, CARD, NULL, by_another_bank_with_its_chain,
	R(SIGNATURE_FAILURE)},
    {"CertRes in the clear", CERT, CARD, NULL, not_encrypted, R(UNSPECIFIED_FAILURE)},
    {"CertRes under another key", CERT, CARD, NULL, under_another_key, C(DECRYPT, DECODING_FAILURE)},
    {"CertRes with a zero challenge that refuses", CERT, CARD, cert_says_decryption_error, not_encrypted,
	R(CHALLENGE_MISMATCH)},
    {"CertRes signed with another key", CERT, CARD, NULL, signed_with_another_key, C(SIGNATURE, SIGNATURE_FAILURE)},
    {"CertRes of a merchant with another lid-CA", CERT, MER, cert_lid_ca, NULL, R(UNKNOWN_LID)},
    {"CertInqRes with another chall-EE3", INQUIRY, CARD, cert_chall, NULL, R(CHALLENGE_MISMATCH)},
    {"CertInqRes with another Nonce-CCA", INQUIRY, CARD, cert_nonce, NULL, R(INVALID_CERTIFICATE)},
};

/* --- running them ---------------------------------------------------------------------------------- */

/* Up to the answer that the row is about. */
static void
until(const struct row *r, struct wallet *w)
{
	if (r->answer == INQUIRY)
		w->desk->status = SETPKI_STATUS_PENDED;
	if (r->answer == INIT)
		return;
	wallet_post(w);
	if (r->answer == FORM)
		return;
	if (r->type == CARD)
		wallet_post(w);
	wallet_fill(w);
	if (r->answer == CERT)
		return;
	wallet_post(w);
	desk_decide(w->desk, SETPKI_STATUS_COMPLETE);
	t_ok(setpki_enroll_inquire(w->e, w->now, NULL), NULL);
}

static void
run(const struct row *r, struct registry *reg)
{
	struct desk d;
	struct wallet w;
	struct setpki_der answer, complaint;
	struct setpki_error err = {0};
	struct sp_buf forged = {0}, before = {0};

	desk_open(&d, reg);
	wallet_open(&w, &d, r->type);
	until(r, &w);
	sp_buf_add_bytes(&before, setpki_enroll_request(w.e));
	wallet_fetch(&w, &answer);
	forge(r, &w, &answer, &forged);
	t_code(setpki_enroll_response(w.e, sp_buf_bytes(&forged), w.now, &err), r->code, &err);
	assert_string_equal(setpki_error_code_name(setpki_enroll_error(w.e)), setpki_error_code_name(r->error));
	assert_true(err.message[0] != '\0');
	/* as it was */
	assert_int_equal(setpki_enroll_step(w.e), SETPKI_ENROLL_SEND);
	t_bytes(setpki_enroll_request(w.e), sp_buf_bytes(&before));
	t_ok(setpki_enroll_complain(w.e, w.now, &complaint, &err), NULL);
	assert_true(complaint.n != 0);
	/* and goes on with the right one */
	t_ok(setpki_enroll_response(w.e, sp_bytes(answer.p, answer.n), w.now, NULL), NULL);
	assert_int_equal(setpki_enroll_error(w.e), SETPKI_ERR_NONE);
	assert_int_equal(wallet_run(&w), SETPKI_ENROLL_DONE);
	setpki_der_free(&complaint);
	setpki_der_free(&answer);
	sp_buf_free(&forged);
	sp_buf_free(&before);
	wallet_close(&w);
	desk_close(&d);
}

static void
refuse_row(void **state)
{
	for (size_t i = 0; i < 2; i++) {
		print_message("%s\n", setpki_suite_name(regs[i].suite));
		run(*state, &regs[i]);
	}
}

/* --- answers from elsewhere ------------------------------------------------------------------------ */

/* Of another run, another CA, another request type. */
static void
an_answer_to_somebody_else_is_refused(void **state)
{
	static const enum setpki_request_type types[] = {CARD, SETPKI_CARD_RENEWAL_SIG, MER, SETPKI_PGWY_INITIAL_SIG};

	(void)state;
	for (size_t t = 0; t < NELEMS(types); t++) {
		struct desk d;
		struct wallet mine, theirs;
		struct setpki_der answer;

		desk_open(&d, &regs[1]);
		wallet_open(&mine, &d, CARD);
		wallet_open(&theirs, &d, types[t]);
		for (;;) {
			bool forms = setpki_enroll_step(mine.e) == SETPKI_ENROLL_FORM;

			if (forms && setpki_enroll_step(theirs.e) == SETPKI_ENROLL_FORM) {
				wallet_fill(&theirs);
				wallet_fill(&mine);
			}
			if (setpki_enroll_step(theirs.e) != SETPKI_ENROLL_SEND ||
			    setpki_enroll_step(mine.e) != SETPKI_ENROLL_SEND)
				break;
			wallet_fetch(&theirs, &answer);
			assert_int_not_equal(
			    setpki_enroll_response(mine.e, sp_bytes(answer.p, answer.n), mine.now, NULL), SETPKI_E_OK);
			t_ok(setpki_enroll_response(theirs.e, sp_bytes(answer.p, answer.n), theirs.now, NULL), NULL);
			setpki_der_free(&answer);
			wallet_post(&mine);
		}
		wallet_close(&mine);
		wallet_close(&theirs);
		desk_close(&d);
	}
}

/* --- mutants --------------------------------------------------------------------------------------- */

/* Octets altered or cut anywhere.  Certificates and CRLs that nobody needs may change, for no signature covers them;
 * then the session goes on as it would have. */
static void
mutate(struct wallet *w, struct setpki_der *answer, enum setpki_enroll_step next)
{
	struct setpki_der saved;

	wallet_save(w, &saved);
	for (size_t at = 3; at < answer->n; at += 61) {
		answer->p[at] ^= 0x08;
		if (setpki_enroll_response(w->e, sp_bytes(answer->p, answer->n), w->now, NULL) == SETPKI_E_OK) {
			assert_int_equal(setpki_enroll_step(w->e), next);
			wallet_load(w, &saved);
		}
		answer->p[at] ^= 0x08;
		assert_int_equal(setpki_enroll_step(w->e), SETPKI_ENROLL_SEND);
		assert_int_not_equal(setpki_enroll_response(w->e, sp_bytes(answer->p, at), w->now, NULL), SETPKI_E_OK);
	}
	setpki_der_free(&saved);
	t_ok(setpki_enroll_response(w->e, sp_bytes(answer->p, answer->n), w->now, NULL), NULL);
	assert_int_equal(setpki_enroll_step(w->e), next);
}

static void
mutants_are_refused(void **state)
{
	static const enum setpki_enroll_step next[] = {SETPKI_ENROLL_SEND, SETPKI_ENROLL_FORM, SETPKI_ENROLL_DONE};
	struct desk d;
	struct wallet w;
	struct setpki_der answer;

	(void)state;
	desk_open(&d, &regs[1]);
	wallet_open(&w, &d, CARD);
	for (size_t step = 0; step < NELEMS(next); step++) {
		if (setpki_enroll_step(w.e) == SETPKI_ENROLL_FORM)
			wallet_fill(&w);
		wallet_fetch(&w, &answer);
		mutate(&w, &answer, next[step]);
		setpki_der_free(&answer);
	}
	wallet_close(&w);
	desk_close(&d);
}

static int
start(void **state)
{
	(void)state;
	return reg_open_both(&ctx, regs);
}

static int
stop(void **state)
{
	(void)state;
	return reg_close_both(ctx, regs);
}

int
main(void)
{
	static const struct CMUnitTest rest[] = {
	    cmocka_unit_test(an_answer_to_somebody_else_is_refused),
	    cmocka_unit_test(mutants_are_refused),
	};
	struct CMUnitTest tests[NELEMS(rows) + NELEMS(rest)];
	size_t n;

	for (n = 0; n < NELEMS(rows); n++)
		tests[n] = (struct CMUnitTest){rows[n].name, refuse_row, NULL, NULL, &rows[n]};
	memcpy(&tests[n], rest, sizeof(rest));
	return _cmocka_run_group_tests("enroll refuses", tests, n + NELEMS(rest), start, stop);
}
