/* What Isabelle's SET_Protocol proves of registration (set-protocol 11), as scenarios: a test by the name of each
 * theorem, over whole registrations of both ends.  The theorems of purchase stand in tests/lib/crypto/test_dual.c; that
 * a key is certified once is the authority's to see to: tests/ca/issue. */
#include "lib/asn1/certreq.h"
#include "lib/crypto/cipher.h"
#include "lib/crypto/enc.h"
#include "lib/message/wire.h"
#include "tests/support/check.h"
#include "tests/support/wallet.h"

#include <openssl/crypto.h>

static setpki_ctx *ctx;
static struct registry regs[2];

#define MESSAGES_MAX 10

/* A registration as a spy sees it, and its secrets as the two ends know them. */
struct seen {
	struct sp_buf v[MESSAGES_MAX];
	size_t n;
	struct desk desk;
	struct wallet wallet;
	uint8_t card_secret[SETPKI_SECRET_LEN], pan_secret[SETPKI_SECRET_LEN], back_key[32], nonce_cca[20];
};

static void
post(struct seen *s)
{
	struct setpki_der answer;

	assert_true(s->n + 2 <= MESSAGES_MAX);
	sp_buf_add_bytes(&s->v[s->n++], setpki_enroll_request(s->wallet.e));
	wallet_fetch(&s->wallet, &answer);
	sp_buf_add(&s->v[s->n++], answer.p, answer.n);
	t_ok(setpki_enroll_response(s->wallet.e, sp_bytes(answer.p, answer.n), s->wallet.now, NULL), NULL);
	setpki_der_free(&answer);
}

static void
see(struct seen *s, struct registry *reg, enum setpki_request_type type)
{
	memset(s, 0, sizeof(*s));
	desk_open(&s->desk, reg);
	wallet_open(&s->wallet, &s->desk, type);
	while (setpki_enroll_step(s->wallet.e) != SETPKI_ENROLL_DONE) {
		if (setpki_enroll_step(s->wallet.e) == SETPKI_ENROLL_FORM)
			wallet_fill(&s->wallet);
		else
			post(s);
	}
	memcpy(s->back_key, s->desk.requests[0].back_key, 32);
	memcpy(s->nonce_cca, s->desk.requests[0].nonce_cca, 20);
	if (type == SETPKI_CARD_INITIAL_SIG)
		t_ok(setpki_enroll_secrets(s->wallet.e, s->card_secret, s->pan_secret, NULL), NULL);
}

static void
forget(struct seen *s)
{
	for (size_t i = 0; i < s->n; i++)
		sp_buf_free(&s->v[i]);
	wallet_close(&s->wallet);
	desk_close(&s->desk);
}

/* The envelope that a request is, or { NULL, 0 }; `form`: a RegFormReq. */
static setpki_bytes
envelope(const struct sp_buf *wrapper, struct sp_message *m, void **pdu, bool *form)
{
	t_ok(sp_message_read(sp_buf_bytes(wrapper), m, NULL), NULL);
	*form = m->arm->number == SP_ARM_REG_FORM_REQ;
	*pdu = NULL;
	if (*form)
		return m->pdu;
	if (m->arm->number != SP_ARM_CERT_REQ)
		return sp_bytes(NULL, 0);
	t_ok(sp_type_decode(&sp_type_cert_req, m->pdu, pdu, NULL), NULL);
	return sp_str(((SP_CERT_REQ *)*pdu)->value.encx);
}

/* Opens it with a key, whoever it is for. */
static enum setpki_code
open_with(const struct seen *s, setpki_bytes der, bool form, EVP_PKEY *key, struct sp_opened *o)
{
	static const struct sp_seal exh = {SP_CT_REG_FORM_REQ_TBE, SP_EXTRA_PAN_ONLY, true, true},
				    encx = {SP_CT_CERT_REQ_TBEX, SP_EXTRA_PAN_DATA0, false, false};
	struct setpki_party me = {.key = key};
	struct sp_buf issuer = {0};
	struct sp_signer to;
	enum setpki_code rc;

	t_ok(sp_envelope_recipient(der, &to, &issuer, NULL), NULL);
	me.issuer = to.issuer;
	me.serial = sp_signer_serial(&to);
	rc = sp_envelope_open(ctx, s->desk.reg->suite, &me, form ? &exh : &encx, der, o, NULL);
	sp_buf_free(&issuer);
	return rc;
}

static bool
holds(const struct sp_buf *b, setpki_bytes secret)
{
	return memmem(b->p, b->n, secret.p, secret.n) != NULL;
}

/* Whether a secret stands in what the spy saw, as it went over the wire. */
static bool
seen_in_clear(const struct seen *s, setpki_bytes secret)
{
	for (size_t i = 0; i < s->n; i++)
		if (holds(&s->v[i], secret))
			return true;
	return false;
}

/* With every private key but one - those of all CAs and of the holder - no envelope opens. */
static void
nothing_opens_without(const struct seen *s, enum reg_slot slot)
{
	for (size_t i = 0; i < s->n; i++) {
		struct sp_message m;
		struct sp_opened o = {0};
		void *pdu;
		bool form;
		setpki_bytes der = envelope(&s->v[i], &m, &pdu, &form);

		for (int k = REG_NONE + 1; der.n != 0 && k < REG_SLOTS; k++) {
			EVP_PKEY *key = s->desk.reg->c[k].key;

			if (k != (int)slot && EVP_PKEY_is_a(key, "RSA"))
				assert_int_not_equal(open_with(s, der, form, key, &o), SETPKI_E_OK);
		}
		if (der.n != 0)
			t_ok(open_with(s, der, form, s->desk.reg->c[slot].key, &o), NULL);
		sp_opened_free(&o);
		sp_type_free(&sp_type_cert_req, pdu);
		sp_message_free(&m);
	}
}

#define BOTH_SUITES(body)                                                                                              \
	for (size_t i = 0; i < 2; i++) {                                                                               \
		struct seen s;                                                                                         \
		see(&s, &regs[i], SETPKI_CARD_INITIAL_SIG);                                                            \
		body;                                                                                                  \
		forget(&s);                                                                                            \
	}

/* --- cardholder registration ----------------------------------------------------------------------- */

static void
possibility_CR6(void **state)
{
	(void)state;
	BOTH_SUITES(assert_int_equal(s.n, 6); assert_int_equal(s.desk.decided, 1))
}

static void
spy_sees_no_private_key(void **state)
{
	unsigned char *der = NULL;
	int n;

	(void)state;
	BOTH_SUITES(n = i2d_PrivateKey(s.wallet.ask.sig_key, &der); assert_true(n > 64);
		    assert_false(seen_in_clear(&s, sp_bytes(der + 40, 16))); OPENSSL_free(der); der = NULL)
}

static void
symKey_secrecy_and_analz_image_priEK(void **state)
{
	(void)state;
	BOTH_SUITES(nothing_opens_without(&s, REG_CCA_ENC))
}

static void
KC2_secrecy(void **state)
{
	(void)state;
	BOTH_SUITES(assert_false(seen_in_clear(&s, sp_bytes(s.back_key, 8))))
}

static void
CardSecret_secrecy(void **state)
{
	(void)state;
	BOTH_SUITES(assert_false(seen_in_clear(&s, SP_BYTES(s.card_secret)));
		    assert_false(seen_in_clear(&s, SP_BYTES(s.pan_secret))))
}

static void
NonceCCA_secrecy(void **state)
{
	(void)state;
	BOTH_SUITES(assert_false(seen_in_clear(&s, SP_BYTES(s.nonce_cca))))
}

static void
pan_confidentiality(void **state)
{
	(void)state;
	BOTH_SUITES(assert_false(seen_in_clear(&s, sp_bytes_str(WALLET_PAN))))
}

/* Keys of other runs open nothing of this one: neither content keys nor back keys are used twice. */
static void
symKey_compromise_and_unique_KC1_KC2(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct seen a, b;
		struct sp_message m;
		struct sp_buf t = {.secret = true};
		void *res;

		see(&a, &regs[i], SETPKI_CARD_INITIAL_SIG);
		see(&b, &regs[i], SETPKI_CARD_INITIAL_SIG);
		assert_memory_not_equal(a.back_key, b.back_key, 8);
		assert_memory_not_equal(a.card_secret, b.card_secret, 20);
		assert_memory_not_equal(a.nonce_cca, b.nonce_cca, 20);
		t_ok(sp_message_read(sp_buf_bytes(&a.v[a.n - 1]), &m, NULL), NULL);
		t_ok(sp_type_decode(&sp_type_cert_res, m.pdu, &res, NULL), NULL);
		t_code(sp_ek_open(ctx, regs[i].suite, SP_CT_CERT_RES_TBE, b.back_key,
			   sp_str(((SP_CERT_RES *)res)->value.enck), &t, NULL),
		    SETPKI_E_DECRYPT, NULL);
		t_ok(sp_ek_open(ctx, regs[i].suite, SP_CT_CERT_RES_TBE, a.back_key,
			 sp_str(((SP_CERT_RES *)res)->value.enck), &t, NULL),
		    NULL);
		assert_true(holds(&t, SP_BYTES(a.nonce_cca)));
		sp_buf_free(&t);
		sp_type_free(&sp_type_cert_res, res);
		sp_message_free(&m);
		forget(&a);
		forget(&b);
	}
}

/* Nonce_compromise: each message's nonces are its own. */
static void
new_keys_and_nonces_are_not_used_before(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct seen s;
		struct sp_incoming in[MESSAGES_MAX];

		see(&s, &regs[i], SETPKI_CARD_INITIAL_SIG);
		for (size_t k = 0; k < s.n; k++)
			t_ok(sp_wire_read(sp_buf_bytes(&s.v[k]), REG_NOW, &in[k], &(struct sp_fault){0}), NULL);
		for (size_t k = 0; k < s.n; k += 2)
			for (size_t j = 0; j < k; j += 2) {
				assert_false(sp_bytes_eq(in[k].rrpid, in[j].rrpid));
				assert_true(sp_bytes_eq(in[k].lid_c, in[j].lid_c));
			}
		for (size_t k = 0; k < s.n; k++)
			sp_incoming_free(&in[k]);
		forget(&s);
	}
}

/* CA_Says_2, 4, 6: what a CA signed in another run, for another request, counts for nothing in this one. */
static void
CA_Says(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct seen s;
		struct wallet w;

		see(&s, &regs[i], SETPKI_CARD_INITIAL_SIG);
		wallet_open(&w, &s.desk, SETPKI_CARD_INITIAL_SIG);
		while (setpki_enroll_step(w.e) != SETPKI_ENROLL_DONE) {
			if (setpki_enroll_step(w.e) == SETPKI_ENROLL_FORM) {
				wallet_fill(&w);
				continue;
			}
			for (size_t k = 1; k < s.n; k += 2)
				assert_int_not_equal(
				    setpki_enroll_response(w.e, sp_buf_bytes(&s.v[k]), w.now, NULL), SETPKI_E_OK);
			wallet_post(&w);
		}
		wallet_close(&w);
		forget(&s);
	}
}

/* A CA certificate binds the CA's key of the right kind: one for signatures is not encrypted to, and the other way
 * round; the rows stand in tests/lib/message/test_enroll_refuse.c.  Here: what is certified is ours, under our name. */
static void
certificates_bind_key_and_name(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct seen s;
		struct sp_cert c;
		struct sp_buf spki = {0};

		see(&s, &regs[i], SETPKI_CARD_INITIAL_SIG);
		t_ok(sp_cert_parse(setpki_enroll_cert(s.wallet.e, false), &c, NULL), NULL);
		t_ok(sp_spki_from_pkey(s.wallet.ask.sig_key, &spki, NULL), NULL);
		t_bytes(c.key.whole, sp_buf_bytes(&spki));
		assert_int_equal(sp_cert_kind(&c), SETPKI_KIND_CARD_SIG);
		t_bytes(c.issuer, regs[i].c[REG_CCA].cert.subject);
		sp_buf_free(&spki);
		forget(&s);
	}
}

/* CR6_Says_imp_Notes, cardholder_key_unicity: what was certified was recorded, once, with its nonces and keys; the same
 * request again changes nothing. */
static void
CR6_Says_imp_Notes(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct seen s;
		struct setpki_der again;
		struct setpki_responder_note note;
		const struct desk_request *q;

		see(&s, &regs[i], SETPKI_CARD_INITIAL_SIG);
		q = &s.desk.requests[0];
		assert_int_equal(s.desk.nrequests, 1);
		t_bytes(q->certs[0], setpki_enroll_cert(s.wallet.e, false));
		t_ok(desk_answer(&s.desk, sp_buf_bytes(&s.v[4]), REG_NOW, &again, &note, NULL), NULL);
		assert_true(note.repeated);
		t_bytes(sp_bytes(again.p, again.n), sp_buf_bytes(&s.v[5]));
		assert_int_equal(s.desk.nrequests, 1);
		setpki_der_free(&again);
		forget(&s);
	}
}

/* --- merchant registration -------------------------------------------------------------------------- */

static void
merchant_symKey_secrecy(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct seen s;

		see(&s, &regs[i], SETPKI_MER_INITIAL_BOTH);
		/* the CertReq is Enc here: its form row is not tried, but the key block is */
		for (size_t k = 0; k < s.n; k++) {
			struct sp_message m;
			struct sp_opened o = {0};
			const struct sp_seal enc = {SP_CT_CERT_REQ_TBE, SP_EXTRA_NONE, false, false};
			struct setpki_party me;
			void *pdu;
			bool form;
			setpki_bytes der = envelope(&s.v[k], &m, &pdu, &form);

			for (int c = REG_NONE + 1; der.n != 0 && c < REG_SLOTS; c++) {
				me = reg_party(&regs[i], REG_MCA_ENC);
				me.key = regs[i].c[c].key;
				if (EVP_PKEY_is_a(me.key, "RSA"))
					assert_int_equal(sp_envelope_open(ctx, regs[i].suite, &me, &enc, der, &o,
							     NULL) == SETPKI_E_OK,
					    c == REG_MCA_ENC);
				sp_opened_free(&o);
			}
			sp_type_free(&sp_type_cert_req, pdu);
			sp_message_free(&m);
		}
		forget(&s);
	}
}

/* msg4_Says_imp_Notes, merSK_unicity, merEK_unicity, certificate_merSK_valid, certificate_merEK_valid. */
static void
merchant_certificates_were_issued_together(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct seen s;
		struct sp_cert sig, enc;
		const struct desk_request *q;

		see(&s, &regs[i], SETPKI_MER_INITIAL_BOTH);
		q = &s.desk.requests[0];
		assert_int_equal(q->ncerts, 2);
		t_ok(sp_cert_parse(setpki_enroll_cert(s.wallet.e, false), &sig, NULL), NULL);
		t_ok(sp_cert_parse(setpki_enroll_cert(s.wallet.e, true), &enc, NULL), NULL);
		t_bytes(sig.key.whole, q->sig_key);
		t_bytes(enc.key.whole, q->enc_key);
		t_bytes(sig.subject, enc.subject);
		forget(&s);
	}
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
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(possibility_CR6),
	    cmocka_unit_test(spy_sees_no_private_key),
	    cmocka_unit_test(certificates_bind_key_and_name),
	    cmocka_unit_test(new_keys_and_nonces_are_not_used_before),
	    cmocka_unit_test(CA_Says),
	    cmocka_unit_test(symKey_secrecy_and_analz_image_priEK),
	    cmocka_unit_test(symKey_compromise_and_unique_KC1_KC2),
	    cmocka_unit_test(KC2_secrecy),
	    cmocka_unit_test(CardSecret_secrecy),
	    cmocka_unit_test(NonceCCA_secrecy),
	    cmocka_unit_test(pan_confidentiality),
	    cmocka_unit_test(CR6_Says_imp_Notes),
	    cmocka_unit_test(merchant_symKey_secrecy),
	    cmocka_unit_test(merchant_certificates_were_issued_together),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
