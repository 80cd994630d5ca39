/* Nothing secret is left in memory that is given back: libcrypto's allocator is ours, and looks at what is freed. */
#include "tests/support/check.h"
#include "tests/support/parties.h"
#include "tests/support/watch.h"

#include "lib/asn1/common.h"
#include "lib/crypto/enc.h"
#include "lib/der/writer.h"

#include <setpki/dual.h>

#define PAN "4000001234567899"
static uint8_t card_secret[20], pan_secret[20], back_key[32];

static setpki_ctx *ctx;
static const struct t_suite *suites;

static void
nothing_leaked(const char *what, enum setpki_suite suite)
{
	size_t n = watch_leaks();

	if (n != 0)
		fail_msg("%s, %s: %zu freed blocks held a secret", what, setpki_suite_name(suite), n);
}

static void
the_allocator_notices(void **state)
{
	char *p = OPENSSL_malloc(64);

	(void)state;
	memcpy(p + 7, PAN, 16);
	OPENSSL_free(p);
	assert_int_equal(watch_leaks(), 1);
	p = OPENSSL_malloc(64);
	memcpy(p + 7, PAN, 16);
	OPENSSL_clear_free(p, 64);
	assert_int_equal(watch_leaks(), 0);
}

/* PANData0 in a secret buffer. */
static void
pan_data0(struct sp_buf *b)
{
	size_t seq = sp_der_open(b, SP_SEQUENCE);

	b->secret = true;
	sp_der_put_str(b, SP_NUMERIC, PAN);
	sp_der_put_str(b, SP_NUMERIC, "203012");
	sp_der_put_octets(b, SP_BYTES(card_secret));
	sp_der_put_octets(b, SP_BYTES(card_secret));
	sp_der_close(b, seq);
}

static void
encx(const struct t_suite *s, bool good)
{
	const struct sp_enc_form form = {SP_CT_CERT_REQ_TBS, SP_CT_CERT_REQ_TBEX, SP_EXTRA_PAN_DATA0, false, 0};
	struct t_suite copy = *s;
	struct sp_verify_ask keys = {SP_CT_CERT_REQ_TBS, NULL, t_key_of, &copy};
	struct sp_buf p = {.secret = true}, t = {.secret = true}, der = {0};
	struct sp_enc_ask ask = {.to = &s->carol, .signers = good ? &s->fresh : &s->dave, .nsigners = 1};
	struct sp_enc_opened o = {0};
	size_t seq = sp_der_open(&t, SP_SEQUENCE);

	sp_der_put_octets(&t, SP_BYTES(back_key)); /* stands for caBackKeyData */
	sp_der_close(&t, seq);
	pan_data0(&p);
	ask.t = sp_buf_bytes(&t);
	ask.p = sp_buf_bytes(&p);
	t_ok(sp_enc_put(ctx, s->suite, &form, &ask, &der, NULL), NULL);
	assert_int_equal(
	    sp_enc_open(ctx, s->suite, &form, &s->carol, &keys, sp_buf_bytes(&der), &o, NULL) == SETPKI_E_OK, good);
	sp_enc_opened_free(&o);
	sp_buf_free(&p);
	sp_buf_free(&t);
	sp_buf_free(&der);
}

static void
requests_with_an_account_leave_nothing(void **state)
{
	(void)state;
	for (size_t i = 0; i < T_SUITES; i++) {
		encx(&suites[i], true);
		nothing_leaked("EncX", suites[i].suite);
		encx(&suites[i], false);
		nothing_leaked("EncX that is refused", suites[i].suite);
	}
}

static void
answers_with_a_secret_leave_nothing(void **state)
{
	(void)state;
	for (size_t i = 0; i < T_SUITES; i++) {
		struct t_suite s = suites[i];
		struct sp_verify_ask keys = {SP_CT_CERT_RES_DATA, NULL, t_key_of, &s};
		struct sp_buf t = {.secret = true}, der = {0};
		struct sp_sign_ask sign = {SP_CT_CERT_RES_DATA, {NULL, 0}, false, &s.alice, 1, NULL, NULL, 0, 0};
		struct sp_sdata sd;

		pan_data0(&t); /* stands for a CertResData with Nonce-CCA */
		sign.content = sp_buf_bytes(&t);
		t_ok(sp_enck_put(ctx, s.suite, SP_CT_CERT_RES_TBE, back_key, &sign, &der, NULL), NULL);
		t_ok(sp_enck_open(ctx, s.suite, SP_CT_CERT_RES_TBE, back_key, &keys, sp_buf_bytes(&der), &sd, NULL),
		    NULL);
		sp_sdata_free(&sd);
		sp_buf_free(&t);
		sp_buf_free(&der);
		nothing_leaked("EncK", s.suite);
	}
}

static EVP_PKEY *
wallet_key(void *arg, setpki_bytes issuer, setpki_bytes serial, const setpki_bytes *certs, size_t ncerts)
{
	(void)issuer;
	(void)serial;
	(void)certs;
	(void)ncerts;
	return ((struct setpki_party *)arg)->key;
}

static void
payments_leave_nothing(void **state)
{
	static const uint8_t id[20] = {1};

	(void)state;
	for (size_t i = 0; i < T_SUITES; i++) {
		struct t_suite s = suites[i];
		struct setpki_purchase what = {.currency = 978,
		    .amount = 1,
		    .lid_c = {id, 20},
		    .xid = {id, 20},
		    .rrpid = {id, 20},
		    .chall_c = {id, 20},
		    .date = 1795435200,
		    .language = "en",
		    .brand = "Demo",
		    .bin = "400000",
		    .merchant = "M",
		    .software = "w"};
		struct setpki_card card = {.pan = PAN, .expiry = "203012"};
		struct setpki_der preq;
		struct setpki_dual_order o;
		struct setpki_dual_payment p;

		memcpy(card.card_secret, card_secret, 20);
		memcpy(card.pan_secret, pan_secret, 20);
		t_ok(setpki_dual_sign(ctx, s.suite, &s.alice, &s.carol, &what, &card, NULL, 0, &preq, NULL), NULL);
		t_ok(setpki_dual_merchant(
			 ctx, s.suite, sp_bytes(preq.p, preq.n), what.order, 978, 1, 0, wallet_key, &s.alice, &o, NULL),
		    NULL);
		t_ok(setpki_dual_gateway(ctx, s.suite, &s.carol, o.payment, sp_bytes(o.oi_digest, o.oi_digest_len),
			 wallet_key, &s.alice, &p, NULL),
		    NULL);
		setpki_dual_payment_free(&p);
		setpki_dual_order_free(&o);
		setpki_der_free(&preq);
		nothing_leaked("dual signature", s.suite);
	}
}

static void
names_and_templates_leave_nothing(void **state)
{
	(void)state;
	for (size_t i = 0; i < T_SUITES; i++) {
		struct sp_buf b = {.secret = true};
		char name[SETPKI_ACCOUNT_NAME];
		void *object;

		t_ok(setpki_account_name(ctx, suites[i].suite, PAN, "203012", pan_secret, name, NULL), NULL);
		nothing_leaked("blinded name", suites[i].suite);
		pan_data0(&b);
		t_ok(sp_type_decode(&sp_type_pan_data0, sp_buf_bytes(&b), &object, NULL), NULL);
		sp_type_free(&sp_type_pan_data0, object);
		/* one that fails halfway */
		t_code(sp_type_decode(&sp_type_pan_only, sp_buf_bytes(&b), &object, NULL), SETPKI_E_PARSE, NULL);
		sp_buf_free(&b);
		nothing_leaked("PANData0", suites[i].suite);
	}
}

static int
start(void **state)
{
	(void)state;
	if (setpki_ctx_new(NULL, &ctx, NULL) != SETPKI_E_OK || (suites = t_suites(ctx)) == NULL)
		return -1;
	memset(card_secret, 0xab, sizeof(card_secret));
	memset(pan_secret, 0xcd, sizeof(pan_secret));
	for (uint8_t i = 0; i < sizeof(back_key); i++)
		back_key[i] = (uint8_t)(0xe1 + 7 * i);
	watch_for(sp_bytes_str(PAN));
	watch_for(SP_BYTES(card_secret));
	watch_for(SP_BYTES(pan_secret));
	watch_for(sp_bytes(back_key, 8));
	(void)watch_leaks();
	return 0;
}

static int
done(void **state)
{
	(void)state;
	t_suites_free();
	setpki_ctx_free(ctx);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_allocator_notices),
	    cmocka_unit_test(requests_with_an_account_leave_nothing),
	    cmocka_unit_test(answers_with_a_secret_leave_nothing),
	    cmocka_unit_test(payments_leave_nothing),
	    cmocka_unit_test(names_and_templates_leave_nothing),
	};

	if (!watch_start())
		return 1;
	return cmocka_run_group_tests(tests, start, done);
}
