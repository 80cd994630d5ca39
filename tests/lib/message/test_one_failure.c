/* One failure (set-protocol 12.5): with randomness and time fixed, whatever was wrong inside an envelope is answered
 * with the same bytes. */
#include "lib/crypto/cipher.h"
#include "lib/crypto/digest.h"
#include "lib/crypto/enc.h"
#include "lib/crypto/signed_inner.h"
#include "lib/der/writer.h"
#include "lib/message/parts.h"
#include "tests/support/ask.h"
#include "tests/support/check.h"
#include "tests/support/fixed.h"

static setpki_ctx *ctx; /* of everything but the answers: keys take more random numbers than a fixed stream has */
static struct registry regs[2];

/* --- forged envelopes ----------------------------------------------------------------------------- */

enum wrong {
	RSA_NOISE,     /* a ciphertext of nothing */
	RSA_SHORT,     /* a ciphertext of another length */
	OTHER_KEY,     /* encrypted to another key of ours */
	OTHER_CONTENT, /* BC says something else */
	OTHER_PAN,     /* X holds no PAN */
	CIPHER_NOISE,  /* padding or tag */
	CIPHER_CUT,    /* an octet is missing at the end */
	NOT_DER,       /* what is inside is not DER */
	NOT_THE_TYPE,  /* or not what it should be */
	OTHER_HD,      /* RegFormReq */
	NO_HD,
	OTHER_DD,
	OTHER_T,       /* DER, but no CertReqData */
	NEW_SIGNATURE, /* classic: the new key's signature */
	NO_SIGNATURE
};

struct forger {
	struct ask *ask;
	enum wrong wrong;
	bool form; /* RegFormReq, else CertReq */
};

static setpki_ctx *
context(const struct forger *f)
{
	return f->ask->desk->reg->ctx;
}

/* SO of the new key over { t, p }. */
static void
signature(struct forger *f, setpki_bytes t, setpki_bytes p, struct sp_buf *out)
{
	const struct registry *reg = f->ask->desk->reg;
	struct setpki_party who = {.key = f->wrong == NEW_SIGNATURE ? reg->c[REG_CCB_SIG].key : f->ask->sig_key};
	struct sp_buf covered = {0};
	struct sp_sign_ask sign = {.type = SP_CT_CERT_REQ_TBS, .detached = true, .signers = &who};
	size_t seq = sp_der_open(&covered, SP_SEQUENCE);

	sp_buf_add_bytes(&covered, t);
	sp_buf_add_bytes(&covered, p);
	sp_der_close(&covered, seq);
	sign.content = sp_buf_bytes(&covered);
	sign.nsigners = f->wrong == NO_SIGNATURE ? 0 : 1;
	t_ok(sp_sdata_put(context(f), reg->suite, &sign, out, NULL), NULL);
	sp_buf_free(&covered);
}

/* RegFormReqTBE or CertReqTBEX, wrong as told. */
static void
body(struct forger *f, setpki_bytes t, setpki_bytes p, struct sp_buf *out)
{
	enum setpki_suite suite = f->ask->desk->reg->suite;
	size_t seq;

	if (f->wrong == NOT_DER) {
		sp_buf_add(out, "this is no DER at all, it is plain text", 39);
		return;
	}
	seq = sp_der_open(out, SP_SEQUENCE);
	sp_buf_add_bytes(out, f->wrong == OTHER_T ? t_hex("3003020101") : t);
	if (f->wrong == NOT_THE_TYPE)
		sp_der_put_int(out, 1);
	else if (f->form)
		t_ok(sp_dd_put(context(f), suite, SP_CT_PAN_ONLY, f->wrong == OTHER_DD ? t : p, out, NULL), NULL);
	else
		signature(f, t, p, out);
	sp_der_close(out, seq);
}

static void
block(struct forger *f, setpki_bytes t, setpki_bytes p, struct sp_keyblock *b)
{
	enum sp_extra extra = f->form ? SP_EXTRA_PAN_ONLY : SP_EXTRA_PAN_DATA0;

	memset(b, 0, sizeof(*b));
	memset(b->key, 0x5a, sizeof(b->key));
	b->extra = f->wrong == OTHER_CONTENT ? SP_EXTRA_PAN_TOKEN : extra;
	b->has_hd = f->form && f->wrong != NO_HD;
	t_ok(sp_hash(context(f), f->ask->desk->reg->suite, f->wrong == OTHER_HD ? p : t, b->hd, NULL), NULL);
	t_ok(sp_extra_pack(extra, p, b->x, NULL), NULL);
	if (f->wrong == OTHER_PAN)
		memset(b->x, 'x', 19);
}

/* The two ciphertexts, spoilt where that is what is wrong. */
static void
spoil(const struct forger *f, struct sp_buf *sealed, struct sp_buf *content)
{
	if (f->wrong == RSA_NOISE)
		memset(sealed->p + 1, 0x17, sealed->n - 1);
	if (f->wrong == RSA_SHORT)
		sealed->n--;
	if (f->wrong == CIPHER_NOISE)
		memset(content->p, 0x17, content->n);
	if (f->wrong == CIPHER_CUT)
		content->n--;
}

static void
envelope(struct forger *f, setpki_bytes t, setpki_bytes p, struct sp_buf *out)
{
	const struct registry *reg = f->ask->desk->reg;
	struct setpki_party to = reg_party(reg, REG_CCA_ENC);
	struct sp_buf inner = {0}, sealed = {0}, alg = {0}, content = {0};
	struct sp_keyblock b;
	size_t seq, list, one, info;

	body(f, t, p, &inner);
	block(f, t, p, &b);
	t_ok(sp_keyblock_seal(
		 context(f), reg->suite, f->wrong == OTHER_KEY ? reg->c[REG_CCB_ENC].key : to.key, &b, &sealed, NULL),
	    NULL);
	t_ok(sp_cipher_seal(context(f), reg->suite, b.key, sp_buf_bytes(&inner), &alg, &content, NULL), NULL);
	spoil(f, &sealed, &content);
	seq = sp_der_open(out, SP_SEQUENCE);
	sp_der_put_int(out, 1);
	list = sp_der_open(out, SP_SEQUENCE);
	one = sp_der_open(out, SP_SEQUENCE);
	sp_der_put_int(out, 0);
	sp_party_put(out, &to);
	sp_buf_add_bytes(out, sp_keyblock_alg(reg->suite));
	sp_der_put_octets(out, sp_buf_bytes(&sealed));
	sp_der_close(out, one);
	sp_der_close(out, list);
	info = sp_der_open(out, SP_SEQUENCE);
	sp_der_put_oid(out, SP_CONTENT_OID(f->form ? SP_CT_REG_FORM_REQ_TBE : SP_CT_CERT_REQ_TBEX));
	sp_buf_add_bytes(out, sp_buf_bytes(&alg));
	sp_der_put(out, SP_CTX(0), sp_buf_bytes(&content));
	sp_der_close(out, info);
	sp_der_close(out, seq);
	sp_buf_free(&inner);
	sp_buf_free(&sealed);
	sp_buf_free(&alg);
	sp_buf_free(&content);
}

/* --- a request around it -------------------------------------------------------------------------- */

/* The body that an honest request would have: taken from one, opened with the CA's key. */
static void
honest(struct forger *f, struct sp_buf *t, struct sp_buf *p)
{
	static const struct sp_seal form = {SP_CT_REG_FORM_REQ_TBE, SP_EXTRA_PAN_ONLY, true, true},
				    cert = {SP_CT_CERT_REQ_TBEX, SP_EXTRA_PAN_DATA0, false, false};
	const struct registry *reg = f->ask->desk->reg;
	struct setpki_party me = reg_party(reg, REG_CCA_ENC);
	struct sp_buf out = {0};
	struct sp_opened o = {0};
	struct sp_incoming in;
	struct sp_der d, seq;
	struct sp_tlv first;
	void *req = NULL;
	setpki_bytes der;

	(f->form ? ask_form : ask_cert)(f->ask, &out);
	t_ok(sp_wire_read(sp_buf_bytes(&out), f->ask->now, &in, &(struct sp_fault){0}), NULL);
	der = in.m.pdu;
	if (!f->form) {
		t_ok(sp_type_decode(&sp_type_cert_req, der, &req, NULL), NULL);
		der = sp_str(((SP_CERT_REQ *)req)->value.encx);
	}
	t_ok(sp_envelope_open(reg->ctx, reg->suite, &me, f->form ? &form : &cert, der, &o, NULL), NULL);
	d = sp_der(sp_buf_bytes(&o.body));
	assert_true(sp_der_enter(&d, SP_SEQUENCE, &seq) && sp_der_any(&seq, &first));
	sp_buf_add_bytes(t, first.whole);
	sp_buf_add_bytes(p, sp_buf_bytes(&o.p));
	sp_type_free(&sp_type_cert_req, req);
	sp_opened_free(&o);
	sp_incoming_free(&in);
	sp_buf_free(&out);
}

static void
request(struct forger *f, struct sp_buf *out)
{
	struct sp_outgoing o = {.now = f->ask->now,
	    .rrpid = SP_BYTES(f->ask->rrpid),
	    .lid_c = SP_BYTES(f->ask->lid_ee),
	    .software = "forger",
	    .arm = f->form ? SP_ARM_REG_FORM_REQ : SP_ARM_CERT_REQ};
	struct sp_buf t = {0}, p = {0}, pdu = {0};
	size_t tagged = 0;

	honest(f, &t, &p);
	if (!f->form)
		tagged = sp_der_open(&pdu, SP_CTXC(0));
	envelope(f, sp_buf_bytes(&t), sp_buf_bytes(&p), &pdu);
	if (!f->form)
		sp_der_close(&pdu, tagged);
	t_ok(sp_wire_put(&o, sp_buf_bytes(&pdu), out, NULL), NULL);
	sp_buf_free(&t);
	sp_buf_free(&p);
	sp_buf_free(&pdu);
}

/* The CA's signature, with random numbers of its own: how many the envelope took is none of its business. */
static enum setpki_code
sign(void *arg, enum setpki_suite suite, setpki_bytes attributes, struct setpki_der *sig, struct setpki_error *err)
{
	struct sp_buf b = {0};
	enum setpki_code rc;

	fixed_rewind();
	rc = sp_sign(fixed_ctx(), suite, arg, attributes, &b, err);
	sig->p = sp_buf_take(&b, &sig->n);
	return rc;
}

/* --- the answers ---------------------------------------------------------------------------------- */

static struct setpki_der
answer(struct forger *f, enum setpki_error_code *error, enum setpki_status *status)
{
	struct desk *d = f->ask->desk;
	struct setpki_responder_note note;
	struct setpki_der out;
	struct setpki_error err = {0};
	struct sp_buf wrapper = {0};

	request(f, &wrapper);
	fixed_rewind();
	d->calls = 0;
	t_ok(setpki_responder_answer(
		 fixed_ctx(), d->reg->suite, &d->ops, sp_buf_bytes(&wrapper), f->ask->now, "setca", &out, &note, &err),
	    &err);
	*error = note.error;
	*status = note.status;
	assert_int_equal(d->decided, 0);
	sp_buf_free(&wrapper);
	return out;
}

static struct row {
	const char *name;
	enum wrong wrong;
	bool form, cert; /* of which request */
	bool classic_only;
} rows[] = {
    {"a ciphertext of nothing", RSA_NOISE, true, true, false},
    {"a ciphertext of another length", RSA_SHORT, true, true, false},
    {"encrypted to another key", OTHER_KEY, true, true, false},
    {"another block content", OTHER_CONTENT, true, true, false},
    {"no PAN where one belongs", OTHER_PAN, true, true, false},
    {"contents of noise: padding or tag", CIPHER_NOISE, true, true, false},
    {"contents an octet short", CIPHER_CUT, true, true, false},
    {"no DER inside", NOT_DER, true, true, false},
    {"another type inside", NOT_THE_TYPE, true, true, false},
    {"another HD", OTHER_HD, true, false, false},
    {"no HD", NO_HD, true, false, false},
    {"DD of something else", OTHER_DD, true, false, false},
    {"no request data", OTHER_T, true, true, false},
    {"the new key's signature is another key's", NEW_SIGNATURE, false, true, true},
    {"no signature", NO_SIGNATURE, false, true, true},
};

static struct ask asks[2];
static struct desk desks[2];
static struct setpki_key_ops signs[2];
static struct setpki_der first[2][2]; /* suite, message: the answer to the first cause */

static void
one_answer(const struct row *r, size_t suite, bool form)
{
	struct forger f = {&asks[suite], r->wrong, form};
	enum setpki_error_code error;
	enum setpki_status status;
	struct setpki_der got;

	if ((form ? !r->form : !r->cert) || (r->classic_only && regs[suite].suite != SETPKI_SUITE_CLASSIC))
		return;
	got = answer(&f, &error, &status);
	assert_string_equal(setpki_error_code_name(error), form ? "decodingFailure" : "none");
	assert_string_equal(setpki_status_name(status), form ? "none" : "decryptionError");
	if (first[suite][form].p == NULL) {
		first[suite][form] = got;
		return;
	}
	if (!sp_bytes_eq(sp_bytes(got.p, got.n), sp_bytes(first[suite][form].p, first[suite][form].n)))
		fail_msg("another answer than to '%s'", rows[0].name);
	setpki_der_free(&got);
}

static void
failure_row(void **state)
{
	for (size_t suite = 0; suite < 2; suite++)
		for (int form = 0; form < 2; form++)
			one_answer(*state, suite, form != 0);
}

static int
start(void **state)
{
	(void)state;
	if (setpki_ctx_new(NULL, &ctx, NULL) != SETPKI_E_OK)
		return -1;
	for (size_t i = 0; i < 2; i++) {
		reg_make(&regs[i], ctx, i == 0 ? SETPKI_SUITE_CLASSIC : SETPKI_SUITE_MODERN);
		desk_open(&desks[i], &regs[i]);
		signs[i] = (struct setpki_key_ops){.sign = sign, .arg = fixed_key(desks[i].cas[0].sign.key)};
		desks[i].cas[0].sign.ops = &signs[i];
		ask_open(&asks[i], &desks[i], SETPKI_CARD_INITIAL_SIG);
		ask_challenge(&asks[i]);
	}
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		setpki_der_free(&first[i][0]);
		setpki_der_free(&first[i][1]);
		EVP_PKEY_free(signs[i].arg);
		ask_close(&asks[i]);
		desk_close(&desks[i]);
		reg_free(&regs[i]);
	}
	reg_stop();
	fixed_stop();
	setpki_ctx_free(ctx);
	t_hex_free();
	return 0;
}

int
main(void)
{
	struct CMUnitTest tests[NELEMS(rows)];

	for (size_t n = 0; n < NELEMS(rows); n++)
		tests[n] = (struct CMUnitTest){rows[n].name, failure_row, NULL, NULL, &rows[n]};
	return _cmocka_run_group_tests("one failure", tests, NELEMS(rows), start, stop);
}
