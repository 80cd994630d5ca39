#include "tests/support/ask.h"

#include "lib/crypto/cipher.h"
#include "lib/crypto/enc.h"
#include "lib/der/writer.h"
#include "lib/message/challenge.h"
#include "lib/message/parts.h"
#include "tests/support/check.h"

#include <openssl/crypto.h>
#include <stdio.h>

/* --- who asks ------------------------------------------------------------------------------------- */

static bool
card(const struct ask *a)
{
	return a->row->holder == SETPKI_TYPE_CARD;
}

static EVP_PKEY *
new_key(struct ask *a, bool exchange, setpki_bytes *spki)
{
	EVP_PKEY *key = reg_new_key(a->desk->reg->ctx, a->desk->reg->suite, exchange);
	struct sp_buf b = {0};
	size_t n;

	t_ok(sp_spki_from_pkey(key, &b, NULL), NULL);
	spki->p = sp_buf_take(&b, &n);
	spki->n = n;
	return key;
}

/* A certificate that this CA issued earlier, for the key. */
static void
existing(struct ask *a, bool exchange, EVP_PKEY *key, struct sp_cert *out)
{
	static const enum setpki_kind kinds[3][2] = {{SETPKI_KIND_CARD_SIG, SETPKI_KIND_NONE},
	    {SETPKI_KIND_MER_SIG, SETPKI_KIND_MER_ENC}, {SETPKI_KIND_PGWY_SIG, SETPKI_KIND_PGWY_ENC}};
	struct reg_issue ask = {.ca = a->ca, .key = key, .common = "An old friend"};
	setpki_bytes der;

	ask.kind = kinds[card(a) ? 0 : a->row->holder == SETPKI_TYPE_MER ? 1 : 2][exchange];
	der = reg_issue(a->desk->reg, &ask, NULL);
	desk_knows(a->desk, der);
	reg_bytes_free(der);
	t_ok(sp_cert_parse(a->desk->known[a->desk->nknown - 1].der, out, NULL), NULL);
}

void
ask_open(struct ask *a, struct desk *desk, enum setpki_request_type type)
{
	setpki_ctx *ctx = desk->reg->ctx;
	EVP_PKEY *old_enc;

	memset(a, 0, sizeof(*a));
	a->desk = desk;
	a->type = type;
	a->row = setpki_request_row(type);
	a->now = REG_NOW;
	a->ca = card(a) ? REG_CCA : a->row->holder == SETPKI_TYPE_MER ? REG_MCA : REG_PCA;
	t_ok(sp_random(ctx, a->rrpid, 20, NULL), NULL);
	t_ok(sp_random(ctx, a->lid_ee, 20, NULL), NULL);
	t_ok(sp_random(ctx, a->chall, 20, NULL), NULL);
	t_ok(sp_random(ctx, a->back_key, 32, NULL), NULL);
	t_ok(sp_random(ctx, a->card_secret, 20, NULL), NULL);
	if (a->row->sig)
		a->sig_key = new_key(a, false, &a->sig_spki);
	if (a->row->enc)
		a->enc_key = new_key(a, true, &a->enc_spki);
	if (a->row->by_certificate) {
		a->old_key = reg_new_key(ctx, desk->reg->suite, false);
		existing(a, false, a->old_key, &a->old);
	}
	if (a->row->renewal && a->row->enc) {
		old_enc = reg_new_key(ctx, desk->reg->suite, true);
		existing(a, true, old_enc, &a->old_enc);
		EVP_PKEY_free(old_enc);
	}
}

void
ask_close(struct ask *a)
{
	EVP_PKEY_free(a->sig_key);
	EVP_PKEY_free(a->enc_key);
	EVP_PKEY_free(a->old_key);
	reg_bytes_free(a->sig_spki);
	reg_bytes_free(a->enc_spki);
}

/* --- parts --------------------------------------------------------------------------------------- */

static void
octets(ASN1_OCTET_STRING **field, const uint8_t *p)
{
	assert_true(sp_str_set(field, V_ASN1_OCTET_STRING, sp_bytes(p, 20)));
}

static void
id_data(const struct ask *a, SP_ID_DATA **field)
{
	struct setpki_id_data id = {a->row->holder, REG_BIN, ""};

	strcpy(id.id, a->row->holder == SETPKI_TYPE_MER ? REG_MERCHANT_ID : "");
	t_ok(sp_id_data_set(field, &id, NULL), NULL);
}

static void
wrap(struct ask *a, enum sp_arm_number arm, struct sp_buf *pdu, struct sp_buf *out)
{
	setpki_bytes lid = a->no_lid ? sp_bytes(NULL, 0) : SP_BYTES(a->lid_ee), none = sp_bytes(NULL, 0);
	bool as_card = card(a) != a->lid_elsewhere;
	struct sp_outgoing o = {.now = a->now,
	    .rrpid = a->wrapper_rrpid != NULL ? sp_bytes(a->wrapper_rrpid, 20) : SP_BYTES(a->rrpid),
	    .lid_c = as_card ? lid : none,
	    .lid_m = as_card ? none : lid,
	    .software = "by hand",
	    .arm = arm};

	t_ok(sp_wire_put(&o, sp_buf_bytes(pdu), out, NULL), NULL);
	sp_buf_free(pdu);
}

static void
encode(struct ask *a, const struct sp_type *type, void *tbs, struct sp_buf *out)
{
	struct setpki_error err = {0};

	if (a->alter != NULL)
		a->alter(a, tbs, a->arg);
	t_ok(sp_type_encode(type, tbs, out, &err), &err);
	sp_type_free(type, tbs);
}

static struct setpki_party
recipient(const struct ask *a)
{
	return a->to != NULL ? *a->to : reg_party(a->desk->reg, a->ca + REG_ENC);
}

/* Who signs, as set-protocol 8 says. */
static size_t
signers(const struct ask *a, struct setpki_party out[2])
{
	size_t n = 0;

	if (a->row->sig)
		out[n++] = (struct setpki_party){.key = a->sig_key};
	if (a->row->by_certificate)
		out[n++] = (struct setpki_party){.issuer = a->old.issuer, .serial = a->old.serial, .key = a->old_key};
	return n;
}

/* --- messages ------------------------------------------------------------------------------------- */

static void
card_init(struct ask *a, struct sp_buf *pdu)
{
	SP_CARD_C_INIT_REQ *q = sp_type_new(&sp_type_card_c_init_req);

	octets(&q->rrpid, a->rrpid);
	octets(&q->lid_ee, a->lid_ee);
	octets(&q->chall_ee, a->chall);
	t_ok(sp_text_set(&q->brand, REG_BRAND_ID, 40, "brand", NULL), NULL);
	encode(a, &sp_type_card_c_init_req, q, pdu);
}

static void
me_aq_init(struct ask *a, struct sp_buf *pdu)
{
	SP_ME_AQ_C_INIT_REQ *q = sp_type_new(&sp_type_me_aq_c_init_req);

	octets(&q->rrpid, a->rrpid);
	octets(&q->lid_ee, a->lid_ee);
	octets(&q->chall_ee, a->chall);
	assert_true(sp_enum_set(&q->request_type, a->type) && sp_ascii_set(&q->language, V_ASN1_VISIBLESTRING, "en"));
	id_data(a, &q->id_data);
	t_ok(sp_text_set(&q->brand, REG_BRAND_ID, 40, "brand", NULL), NULL);
	encode(a, &sp_type_me_aq_c_init_req, q, pdu);
}

void
ask_init(struct ask *a, struct sp_buf *out)
{
	struct sp_buf pdu = {0};

	if (card(a))
		card_init(a, &pdu);
	else
		me_aq_init(a, &pdu);
	wrap(a, card(a) ? SP_ARM_CARD_C_INIT_REQ : SP_ARM_ME_AQ_C_INIT_REQ, &pdu, out);
}

void
ask_form(struct ask *a, struct sp_buf *out)
{
	static const struct sp_seal seal = {SP_CT_REG_FORM_REQ_TBE, SP_EXTRA_PAN_ONLY, true, true};
	SP_REG_FORM_REQ_DATA *q = sp_type_new(&sp_type_reg_form_req_data);
	struct setpki_party to = recipient(a);
	struct sp_buf t = {0}, p = {0}, pdu = {0};
	size_t seq = sp_der_open(&p, SP_SEQUENCE);

	sp_der_put_str(&p, SP_NUMERIC, ASK_PAN);
	sp_der_put_octets(&p, SP_BYTES(a->chall));
	sp_der_close(&p, seq);
	octets(&q->rrpid, a->rrpid);
	octets(&q->lid_ee, a->lid_ee);
	octets(&q->chall_ee2, a->chall);
	assert_true(sp_enum_set(&q->request_type, a->type) && sp_ascii_set(&q->language, V_ASN1_VISIBLESTRING, "en"));
	encode(a, &sp_type_reg_form_req_data, q, &t);
	t_ok(sp_envelope_put(
		 a->desk->reg->ctx, a->desk->reg->suite, &to, &seal, sp_buf_bytes(&t), sp_buf_bytes(&p), &pdu, NULL),
	    NULL);
	sp_buf_free(&t);
	sp_buf_free(&p);
	wrap(a, SP_ARM_REG_FORM_REQ, &pdu, out);
}

void
ask_challenge(struct ask *a)
{
	const struct desk *d = a->desk;
	uint16_t number = card(a) ? 1 : a->row->holder == SETPKI_TYPE_MER ? 2 : 3;

	t_ok(sp_lid_ca_make(d->reg->ctx, number, d->challenge_id, a->now, a->lid_ca, NULL), NULL);
	t_ok(sp_chall_ca(d->reg->ctx, d->challenge[0], number, SP_BYTES(a->lid_ee), SP_BYTES(a->lid_ca), a->type,
		 a->chall_ca, NULL),
	    NULL);
}

static void
form_answer(SP_CERT_REQ_DATA *q)
{
	SP_FORM_ITEM *item = (SP_FORM_ITEM *)ASN1_item_new(ASN1_ITEM_rptr(SP_FORM_ITEM));
	ASN1_STRING *label = NULL;

	q->form = sk_SP_FORM_ITEM_new_null();
	t_ok(sp_text_set(&label, "Name on the card", 128, "label", NULL), NULL);
	t_ok(sp_text_set(&item->value, "Alice", 128, "value", NULL), NULL);
	assert_true(sk_SP_ELEMENT_push(item->name, label) > 0 && sk_SP_FORM_ITEM_push(q->form, item) > 0);
}

static void
back_key(const struct ask *a, SP_CERT_REQ_DATA *q)
{
	enum setpki_suite suite = a->desk->reg->suite;
	static const uint8_t iv[12];
	struct sp_buf alg = {0};

	sp_cipher_alg(suite, iv, &alg);
	q->back_key = (SP_BACK_KEY *)ASN1_item_new(ASN1_ITEM_rptr(SP_BACK_KEY));
	assert_true(sp_str_set(&q->back_key->alg, V_ASN1_SEQUENCE, sp_buf_bytes(&alg)) &&
	    sp_str_set(&q->back_key->key, V_ASN1_OCTET_STRING, sp_bytes(a->back_key, sp_suite(suite)->key_len)));
	sp_buf_free(&alg);
}

static SP_CERT_REQ_DATA *
cert_req_data(struct ask *a)
{
	SP_CERT_REQ_DATA *q = sp_type_new(&sp_type_cert_req_data);
	setpki_ctx *ctx = a->desk->reg->ctx;
	enum setpki_suite suite = a->desk->reg->suite;

	octets(&q->rrpid, a->rrpid);
	octets(&q->lid_ee, a->lid_ee);
	octets(&q->chall_ee3, a->chall);
	octets(&q->lid_ca, a->lid_ca);
	octets(&q->chall_ca, a->chall_ca);
	assert_true(sp_enum_set(&q->request_type, a->type) && sp_time_set(&q->request_date, a->now) &&
	    sp_int_set(&q->form_id, 8));
	if (!card(a))
		id_data(a, &q->id_data);
	form_answer(q);
	if (card(a))
		back_key(a, q);
	if (a->sig_spki.n != 0)
		assert_true(sp_str_set(&q->keys->sig, V_ASN1_SEQUENCE, a->sig_spki));
	if (a->enc_spki.n != 0)
		assert_true(sp_str_set(&q->keys->enc, V_ASN1_SEQUENCE, a->enc_spki));
	if (a->old_enc.der.n != 0)
		t_ok(sp_cert_thumb_set(ctx, suite, &q->ee_thumb, a->old_enc.der, NULL), NULL);
	t_ok(sp_thumbs_add(ctx, suite, &q->thumbs, SP_THUMB_CERTS, a->desk->reg->c[a->ca + REG_ENC].der, NULL), NULL);
	return q;
}

/* PANData0 or AcctData. */
static void
account(const struct ask *a, struct sp_buf *p)
{
	size_t seq = sp_der_open(p, SP_SEQUENCE);

	if (card(a)) {
		sp_der_put_str(p, SP_NUMERIC, ASK_PAN);
		sp_der_put_str(p, SP_NUMERIC, ASK_EXPIRY);
		sp_der_put_octets(p, SP_BYTES(a->card_secret));
	} else {
		char text[75];

		snprintf(text, sizeof(text), "%-74s", "account 0815");
		sp_der_put_str(p, SP_VISIBLE, text);
	}
	sp_der_put_octets(p, SP_BYTES(a->chall));
	sp_der_close(p, seq);
}

void
ask_cert(struct ask *a, struct sp_buf *out)
{
	bool encx = !a->enc && !a->no_account;
	struct sp_enc_form form = {.tbs = encx ? SP_CT_CERT_REQ_TBS : SP_CT_CERT_REQ_DATA,
	    .tbe = encx ? SP_CT_CERT_REQ_TBEX : SP_CT_CERT_REQ_TBE,
	    .extra = !encx ? SP_EXTRA_NONE
		: card(a)  ? SP_EXTRA_PAN_DATA0
			   : SP_EXTRA_ACCT_DATA};
	struct setpki_party who[2], to = recipient(a);
	struct sp_buf t = {0}, p = {0}, pdu = {0};
	struct sp_enc_ask ask = {.to = &to};
	size_t tagged;

	encode(a, &sp_type_cert_req_data, cert_req_data(a), &t);
	if (encx)
		account(a, &p);
	ask.signers = a->signers != NULL ? a->signers : who;
	ask.nsigners = a->signers != NULL ? a->nsigners : signers(a, who);
	if (a->unsigned_)
		ask.nsigners = 0;
	ask.t = sp_buf_bytes(&t);
	ask.p = sp_buf_bytes(&p);
	tagged = sp_der_open(&pdu, encx ? SP_CTXC(0) : SP_CTXC(1));
	t_ok(sp_enc_put(a->desk->reg->ctx, a->desk->reg->suite, &form, &ask, &pdu, NULL), NULL);
	sp_der_close(&pdu, tagged);
	sp_buf_free(&t);
	sp_buf_free(&p);
	wrap(a, SP_ARM_CERT_REQ, &pdu, out);
}

void
ask_inquiry(struct ask *a, struct sp_buf *out)
{
	SP_CERT_INQ_REQ_TBS *q = sp_type_new(&sp_type_cert_inq_req_tbs);
	struct setpki_party who[2];
	struct sp_buf tbs = {0}, pdu = {0};
	struct sp_sign_ask sign = {.type = SP_CT_CERT_INQ_REQ_TBS};

	octets(&q->rrpid, a->rrpid);
	octets(&q->lid_ee, a->lid_ee);
	octets(&q->chall_ee3, a->chall);
	octets(&q->lid_ca, a->lid_ca);
	encode(a, &sp_type_cert_inq_req_tbs, q, &tbs);
	sign.content = sp_buf_bytes(&tbs);
	sign.signers = a->signers != NULL ? a->signers : who;
	sign.nsigners = a->signers != NULL ? a->nsigners : signers(a, who);
	if (a->unsigned_)
		sign.nsigners = 0;
	t_ok(sp_sdata_put(a->desk->reg->ctx, a->desk->reg->suite, &sign, &pdu, NULL), NULL);
	sp_buf_free(&tbs);
	wrap(a, SP_ARM_CERT_INQ_REQ, &pdu, out);
}

/* --- answers -------------------------------------------------------------------------------------- */

static const struct {
	enum sp_arm_number arm;
	enum sp_content content;
	const struct sp_type *tbs;
} answers[] = {
    {SP_ARM_CARD_C_INIT_RES, SP_CT_CARD_C_INIT_RES_TBS, &sp_type_card_c_init_res_tbs},
    {SP_ARM_ME_AQ_C_INIT_RES, SP_CT_ME_AQ_C_INIT_RES_TBS, &sp_type_me_aq_c_init_res_tbs},
    {SP_ARM_REG_FORM_RES, SP_CT_REG_FORM_RES_TBS, &sp_type_reg_form_res_tbs},
    {SP_ARM_CERT_RES, SP_CT_CERT_RES_DATA, &sp_type_cert_res_data},
    {SP_ARM_CERT_INQ_RES, SP_CT_CERT_RES_DATA, &sp_type_cert_res_data},
};

/* The key of whichever CA signed. */
static EVP_PKEY *
ca_key(void *arg, size_t i, const struct sp_signer *who, setpki_bytes content)
{
	const struct desk *d = arg;

	(void)i;
	(void)content;
	for (size_t k = 0; k < DESK_CAS; k++)
		if (sp_bytes_eq(d->cas[k].sign.issuer, who->issuer) &&
		    sp_bytes_eq(d->cas[k].sign.serial, sp_signer_serial(who)))
			return d->cas[k].sign.key;
	return NULL;
}

static void
read_signed(struct ask *a, enum sp_content content, setpki_bytes der, struct ask_got *g)
{
	const struct registry *reg = a->desk->reg;
	const struct sp_verify_ask ask = {content, NULL, ca_key, a->desk};
	struct setpki_error err = {0};
	bool first;

	if (g->pdu != NULL && ((SP_CERT_RES *)g->pdu)->type == 0) {
		g->encrypted = true;
		t_ok(sp_enck_open(reg->ctx, reg->suite, SP_CT_CERT_RES_TBE, a->back_key, &ask, der, &g->data, &err),
		    &err);
		return;
	}
	t_ok(sp_sdata_read(der, &g->data, &err), &err);
	t_ok(sp_sdata_verify_all(reg->ctx, reg->suite, &g->data, g->data.content, g->data.content, &ask, &first, &err),
	    &err);
}

static void
read_error(struct ask *a, struct ask_got *g)
{
	const struct registry *reg = a->desk->reg;
	const struct sp_verify_ask ask = {SP_CT_ERROR_TBS, NULL, ca_key, a->desk};
	struct setpki_error err = {0};
	bool first;

	t_ok(sp_error_read(&g->in, &g->error, &err), &err);
	if (g->error.is_signed)
		t_ok(sp_sdata_verify_all(reg->ctx, reg->suite, &g->error.data, g->error.data.content,
			 g->error.data.content, &ask, &first, &err),
		    &err);
}

void
ask_read(struct ask *a, const struct setpki_der *answer, struct ask_got *g)
{
	struct sp_fault f = {0};
	setpki_bytes der;
	size_t i = 0;

	memset(g, 0, sizeof(*g));
	t_ok(sp_wire_read(sp_bytes(answer->p, answer->n), a->now, &g->in, &f), &f.why);
	g->arm = (enum sp_arm_number)g->in.m.arm->number;
	if (g->arm == SP_ARM_ERROR) {
		read_error(a, g);
		return;
	}
	while (answers[i].arm != g->arm)
		assert_true(++i < NELEMS(answers));
	der = g->in.m.pdu;
	if (answers[i].content == SP_CT_CERT_RES_DATA) {
		t_ok(sp_type_decode(&sp_type_cert_res, der, &g->pdu, NULL), NULL);
		der = sp_str(((SP_CERT_RES *)g->pdu)->value.s);
	}
	read_signed(a, answers[i].content, der, g);
	t_ok(sp_type_decode(answers[i].tbs, g->data.content, &g->tbs, NULL), NULL);
}

void
ask_got_free(struct ask_got *g)
{
	for (size_t i = 0; i < NELEMS(answers); i++)
		if (answers[i].arm == g->arm)
			sp_type_free(answers[i].tbs, g->tbs);
	sp_type_free(&sp_type_cert_res, g->pdu);
	sp_sdata_free(&g->data);
	sp_error_got_free(&g->error);
	sp_incoming_free(&g->in);
	memset(g, 0, sizeof(*g));
}

void
ask_post(struct ask *a, const struct sp_buf *request, struct ask_got *got, struct setpki_responder_note *note)
{
	struct setpki_error err = {0};
	struct setpki_der answer;

	t_ok(desk_answer(a->desk, sp_buf_bytes(request), a->now, &answer, note, &err), &err);
	ask_read(a, &answer, got);
	setpki_der_free(&answer);
}

void
ask_make(struct ask *a, enum ask_message message, struct sp_buf *out)
{
	static void (*const makers[ASK_MESSAGES])(struct ask * a, struct sp_buf * out) = {
	    [ASK_INIT] = ask_init, [ASK_FORM] = ask_form, [ASK_CERT] = ask_cert, [ASK_INQUIRY] = ask_inquiry};

	makers[message](a, out);
}

void
ask_first(struct ask *a)
{
	struct sp_buf out = {0};
	struct setpki_responder_note note;
	struct ask_got got;

	ask_cert(a, &out);
	ask_post(a, &out, &got, &note);
	ask_got_free(&got);
	sp_buf_free(&out);
	t_ok(sp_random(a->desk->reg->ctx, a->rrpid, sizeof(a->rrpid), NULL), NULL);
}
