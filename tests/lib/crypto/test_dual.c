/* The dual signature: each side checks it, neither sees the other's half, and no half can be swapped. */
#include "tests/support/check.h"
#include "tests/support/parties.h"

#include "lib/crypto/dual.h"
#include "lib/der/walk.h"

static setpki_ctx *ctx;
static const struct t_suite *suites;

static const uint8_t id[20] = {0x51, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20};
static const uint8_t challenge[20] = {0xc4, 0xa1, 0x1e, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 9, 9, 9, 9, 9, 9};
static const char order[] = "two tickets to Lisbon, window seats";

static struct setpki_purchase
purchase(void)
{
	return (struct setpki_purchase){
	    .order = sp_bytes_str(order),
	    .currency = 978,
	    .amount = 12345,
	    .exponent = -2,
	    .lid_c = sp_bytes_str("wallet-7"),
	    .lid_m = sp_bytes_str("shop-99"),
	    .xid = SP_BYTES(id),
	    .rrpid = SP_BYTES(challenge),
	    .chall_c = SP_BYTES(challenge),
	    .chall_m = SP_BYTES(id),
	    .date = 1795435200,
	    .language = "en",
	    .brand = "Demo:Gold",
	    .bin = "400000",
	    .merchant = "M-4711",
	    .software = "a wallet 1.0",
	};
}

static struct setpki_card
card(void)
{
	struct setpki_card c = {.pan = "4000001234567899", .expiry = "203012"};

	memset(c.card_secret, 0xab, sizeof(c.card_secret));
	memset(c.pan_secret, 0xcd, sizeof(c.pan_secret));
	return c;
}

static EVP_PKEY *
key_of(void *arg, setpki_bytes issuer, setpki_bytes serial, const setpki_bytes *certs, size_t ncerts)
{
	const struct t_suite *s = arg;

	assert_int_equal(ncerts, 1);
	t_bytes(certs[0], t_hex("3003020142"));
	return sp_bytes_eq(issuer, s->alice.issuer) && sp_bytes_eq(serial, s->alice.serial) ? s->alice.key : NULL;
}

static void
sign(const struct t_suite *s, const struct setpki_purchase *p, struct setpki_der *out)
{
	struct setpki_card c = card();
	setpki_bytes certs[] = {t_hex("3003020142")};
	struct setpki_error err = {0};

	t_ok(setpki_dual_sign(ctx, s->suite, &s->alice, &s->carol, p, &c, certs, 1, out, &err), &err);
	t_ok(sp_der_walk(sp_bytes(out->p, out->n), &err), &err);
}

static enum setpki_code
merchant(const struct t_suite *s, const struct setpki_der *preq, struct setpki_dual_order *o, struct setpki_error *err)
{
	struct t_suite copy = *s;

	return setpki_dual_merchant(
	    ctx, s->suite, sp_bytes(preq->p, preq->n), sp_bytes_str(order), 978, 12345, -2, key_of, &copy, o, err);
}

static enum setpki_code
gateway(const struct t_suite *s, setpki_bytes payment, setpki_bytes oi_digest, struct setpki_dual_payment *p,
    struct setpki_error *err)
{
	struct t_suite copy = *s;

	return setpki_dual_gateway(ctx, s->suite, &s->carol, payment, oi_digest, key_of, &copy, p, err);
}

static void
both_sides_learn_their_half(void **state)
{
	(void)state;
	for (size_t i = 0; i < T_SUITES; i++) {
		const struct t_suite *s = &suites[i];
		struct setpki_purchase want = purchase();
		struct setpki_der preq;
		struct setpki_dual_order o;
		struct setpki_dual_payment p;
		struct setpki_error err = {0};

		sign(s, &want, &preq);
		t_ok(merchant(s, &preq, &o, &err), &err);
		assert_string_equal(o.brand, "Demo:Gold");
		assert_string_equal(o.bin, "400000");
		assert_string_equal(o.language, "en");
		t_bytes(o.lid_c, want.lid_c);
		t_bytes(o.lid_m, want.lid_m);
		t_bytes(o.chall_m, want.chall_m);
		t_bytes(SP_BYTES(o.xid), want.xid);
		t_bytes(SP_BYTES(o.rrpid), want.rrpid);
		assert_int_equal(o.date, want.date);
		t_ok(gateway(s, o.payment, sp_bytes(o.oi_digest, o.oi_digest_len), &p, &err), &err);
		assert_string_equal(p.pan, "4000001234567899");
		assert_string_equal(p.expiry, "203012");
		assert_string_equal(p.merchant, "M-4711");
		assert_string_equal(p.software, "a wallet 1.0");
		assert_int_equal(p.pan_secret[19], 0xcd);
		assert_int_equal(p.currency, 978);
		assert_int_equal(p.amount, 12345);
		assert_int_equal(p.exponent, -2);
		assert_int_equal(p.date, want.date);
		t_bytes(SP_BYTES(p.xid), want.xid);
		setpki_dual_payment_free(&p);
		assert_int_equal(p.pan[0], 0);
		setpki_dual_order_free(&o);
		setpki_der_free(&preq);
	}
}

static void
optional_parts_may_be_absent(void **state)
{
	const struct t_suite *s = &suites[1];
	struct setpki_purchase want = purchase();
	struct setpki_der preq;
	struct setpki_dual_order o;

	(void)state;
	want.lid_m = want.chall_m = sp_bytes(NULL, 0);
	sign(s, &want, &preq);
	t_ok(merchant(s, &preq, &o, NULL), NULL);
	assert_int_equal(o.lid_m.n + o.chall_m.n, 0);
	setpki_dual_order_free(&o);
	setpki_der_free(&preq);
}

static bool
contains(setpki_bytes hay, setpki_bytes needle)
{
	return memmem(hay.p, hay.n, needle.p, needle.n) != NULL;
}

static void
neither_sees_the_others_half(void **state)
{
	(void)state;
	for (size_t i = 0; i < T_SUITES; i++) {
		const struct t_suite *s = &suites[i];
		struct setpki_purchase want = purchase();
		struct setpki_card c = card();
		struct setpki_der preq;
		struct setpki_dual_order o;
		struct sp_opened inside = {0};
		void *pi;
		setpki_bytes all;

		sign(s, &want, &preq);
		all = sp_bytes(preq.p, preq.n);
		assert_false(contains(all, sp_bytes_str(c.pan)));
		assert_false(contains(all, sp_bytes_str(c.expiry)));
		assert_false(contains(all, SP_BYTES(c.pan_secret)));
		assert_false(contains(all, SP_BYTES(c.card_secret)));
		assert_false(contains(all, sp_bytes_str(want.software)));
		assert_false(contains(all, want.order));
		t_ok(merchant(s, &preq, &o, NULL), NULL);
		assert_false(contains(o.payment, SP_BYTES(challenge)));
		assert_false(contains(o.payment, sp_bytes_str(want.brand)));
		/* and all that the gateway can decrypt */
		t_ok(sp_type_decode(&sp_type_pi_dual_signed, o.payment, &pi, NULL), NULL);
		t_ok(sp_envelope_open(ctx, s->suite, &s->carol, &sp_dual_seal,
			 sp_str(((SP_PI_DUAL_SIGNED *)pi)->envelope), &inside, NULL),
		    NULL);
		assert_true(contains(sp_buf_bytes(&inside.body), sp_bytes_str(want.software)));
		assert_false(contains(sp_buf_bytes(&inside.body), want.order));
		assert_false(contains(sp_buf_bytes(&inside.body), SP_BYTES(challenge)));
		assert_false(contains(sp_buf_bytes(&inside.body), sp_bytes_str(want.brand)));
		sp_type_free(&sp_type_pi_dual_signed, pi);
		sp_opened_free(&inside);
		setpki_dual_order_free(&o);
		setpki_der_free(&preq);
	}
}

static void
the_merchant_is_told_another_order_apart(void **state)
{
	static const struct {
		const char *name, *order;
		uint32_t currency;
		int64_t amount;
		int exponent;
	} rows[] = {
	    {"another order", "two tickets to Porto, window seats", 978, 12345, -2},
	    {"another currency", order, 840, 12345, -2},
	    {"another amount", order, 978, 12346, -2},
	    {"another exponent", order, 978, 12345, -1},
	};

	(void)state;
	for (size_t i = 0; i < T_SUITES; i++) {
		struct t_suite s = suites[i];
		struct setpki_purchase p = purchase();
		struct setpki_der preq;

		sign(&s, &p, &preq);
		for (size_t r = 0; r < NELEMS(rows); r++) {
			struct setpki_dual_order o;
			struct setpki_error err = {0};

			if (setpki_dual_merchant(ctx, s.suite, sp_bytes(preq.p, preq.n), sp_bytes_str(rows[r].order),
				rows[r].currency, rows[r].amount, rows[r].exponent, key_of, &s, &o,
				&err) != SETPKI_E_SIGNATURE)
				fail_msg("%s", rows[r].name);
			assert_non_null(strstr(err.message, "another order"));
			assert_null(o.mem.p);
		}
		setpki_der_free(&preq);
	}
}

/* A PReqDualSigned from the payment of one request and the order of another one. */
static void
join(setpki_bytes payment, const struct setpki_der *other, struct setpki_der *out)
{
	void *theirs;
	unsigned char *der = NULL;
	int n;

	t_ok(sp_type_decode(&sp_type_preq_dual_signed, sp_bytes(other->p, other->n), &theirs, NULL), NULL);
	assert_true(sp_str_set(&((SP_PREQ_DUAL_SIGNED *)theirs)->pi, V_ASN1_SEQUENCE, payment));
	n = ASN1_item_i2d(theirs, &der, ASN1_ITEM_rptr(SP_PREQ_DUAL_SIGNED));
	assert_true(n > 0);
	*out = (struct setpki_der){der, (size_t)n};
	sp_type_free(&sp_type_preq_dual_signed, theirs);
}

static void
halves_of_two_purchases_do_not_go_together(void **state)
{
	(void)state;
	for (size_t i = 0; i < T_SUITES; i++) {
		const struct t_suite *s = &suites[i];
		struct setpki_purchase p = purchase();
		struct setpki_der first, second, mixed;
		struct setpki_dual_order a, b, c;
		struct setpki_dual_payment pay;
		struct setpki_error err = {0};

		sign(s, &p, &first);
		sign(s, &p, &second); /* the same, but for exNonce and odSalt */
		t_ok(merchant(s, &first, &a, NULL), NULL);
		t_ok(merchant(s, &second, &b, NULL), NULL);
		assert_memory_not_equal(a.oi_digest, b.oi_digest, a.oi_digest_len);
		t_code(gateway(s, a.payment, sp_bytes(b.oi_digest, b.oi_digest_len), &pay, &err), SETPKI_E_SIGNATURE,
		    &err);
		assert_int_equal(pay.pan[0], 0);
		join(a.payment, &second, &mixed);
		t_code(merchant(s, &mixed, &c, NULL), SETPKI_E_SIGNATURE, NULL);
		setpki_der_free(&mixed);
		setpki_dual_order_free(&a);
		setpki_dual_order_free(&b);
		setpki_der_free(&first);
		setpki_der_free(&second);
	}
}

static void
other_keys_suites_and_recipients_are_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < T_SUITES; i++) {
		struct t_suite s = suites[i], stranger = s, elsewhere = s;
		struct setpki_purchase p = purchase();
		struct setpki_der preq;
		struct setpki_dual_order o, none;
		struct setpki_dual_payment pay;
		setpki_bytes digest;

		stranger.alice.key = s.fresh.key;
		elsewhere.carol = s.dave;
		sign(&s, &p, &preq);
		t_ok(merchant(&s, &preq, &o, NULL), NULL);
		digest = sp_bytes(o.oi_digest, o.oi_digest_len);
		t_code(merchant(&stranger, &preq, &none, NULL), SETPKI_E_SIGNATURE, NULL);
		t_code(gateway(&stranger, o.payment, digest, &pay, NULL), SETPKI_E_SIGNATURE, NULL);
		t_code(gateway(&elsewhere, o.payment, digest, &pay, NULL), SETPKI_E_NOTFOUND, NULL);
		elsewhere.carol =
		    (struct setpki_party){.issuer = s.carol.issuer, .serial = s.carol.serial, .key = s.dave.key};
		t_code(gateway(&elsewhere, o.payment, digest, &pay, NULL), SETPKI_E_DECRYPT, NULL);
		elsewhere = s;
		elsewhere.suite = suites[1 - i].suite;
		t_code(merchant(&elsewhere, &preq, &none, NULL), SETPKI_E_SUITE, NULL);
		t_code(gateway(&elsewhere, o.payment, digest, &pay, NULL), SETPKI_E_SUITE, NULL);
		elsewhere.suite = SETPKI_SUITE_NONE;
		t_code(merchant(&elsewhere, &preq, &none, NULL), SETPKI_E_ARGUMENT, NULL);
		t_code(gateway(&elsewhere, o.payment, digest, &pay, NULL), SETPKI_E_ARGUMENT, NULL);
		setpki_dual_order_free(&o);
		setpki_der_free(&preq);
	}
}

static void
no_octet_of_a_request_can_be_altered(void **state)
{
	const struct t_suite *s = &suites[1];
	struct setpki_purchase p = purchase();
	struct setpki_der preq;
	size_t beside;
	const uint8_t *found;

	(void)state;
	sign(s, &p, &preq);
	found = memmem(preq.p, preq.n, "\xa2\x05\x30\x03\x02\x01\x42", 7); /* the certificate: no signature covers it */
	assert_non_null(found);
	beside = (size_t)(found - preq.p);
	for (size_t at = 0; at < preq.n; at++) {
		struct setpki_dual_order m;
		struct setpki_dual_payment pay;
		enum setpki_code rc;

		if (at >= beside && at < beside + 7)
			continue;
		preq.p[at] ^= 0x08;
		rc = merchant(s, &preq, &m, NULL);
		if (rc == SETPKI_E_OK) { /* the envelope is the gateway's to check */
			rc = gateway(s, m.payment, sp_bytes(m.oi_digest, m.oi_digest_len), &pay, NULL);
			setpki_dual_order_free(&m);
		}
		if (rc == SETPKI_E_OK)
			fail_msg("octet %zu", at);
		preq.p[at] ^= 0x08;
	}
	setpki_der_free(&preq);
}

static void
fields_outside_their_bounds_are_not_signed(void **state)
{
	static const uint8_t long_id[21];
	const struct t_suite *s = &suites[1];
	const struct row {
		const char *name;
		enum setpki_code want;
	} rows[] = {{"xid of 19", SETPKI_E_PARSE}, {"lid-C of 21", SETPKI_E_PARSE}, {"no lid-C", SETPKI_E_PARSE},
	    {"currency 0", SETPKI_E_PARSE}, {"negative amount", SETPKI_E_PARSE}, {"empty brand", SETPKI_E_PARSE},
	    {"BIN of 5", SETPKI_E_PARSE}, {"control in the software", SETPKI_E_PARSE},
	    {"PAN with a letter", SETPKI_E_PARSE}, {"wallet without a certificate", SETPKI_E_ARGUMENT},
	    {"merchant of 31", SETPKI_E_PARSE}};

	(void)state;
	for (size_t i = 0; i < NELEMS(rows); i++) {
		struct setpki_purchase p = purchase();
		struct setpki_card c = card();
		struct setpki_party wallet = s->alice;
		struct setpki_der out;
		struct setpki_error err = {0};

		switch (i) {
		case 0:
			p.xid.n = 19;
			break;
		case 1:
			p.lid_c = SP_BYTES(long_id);
			break;
		case 2:
			p.lid_c.n = 0;
			break;
		case 3:
			p.currency = 0;
			break;
		case 4:
			p.amount = -1;
			break;
		case 5:
			p.brand = "";
			break;
		case 6:
			p.bin = "40000";
			break;
		case 7:
			p.software = "a\nb";
			break;
		case 8:
			c.pan = "400000123456789x";
			break;
		case 9:
			wallet = s->fresh;
			break;
		default:
			p.merchant = "M234567890123456789012345678901";
			break;
		}
		if (setpki_dual_sign(ctx, s->suite, &wallet, &s->carol, &p, &c, NULL, 0, &out, &err) != rows[i].want)
			fail_msg("%s: %s: %s", rows[i].name, setpki_code_name(err.code), err.message);
		assert_null(out.p);
		assert_null(strstr(err.message, "40000012345678"));
	}
}

static int
start(void **state)
{
	(void)state;
	return setpki_ctx_new(NULL, &ctx, NULL) == SETPKI_E_OK && (suites = t_suites(ctx)) != NULL ? 0 : -1;
}

static int
done(void **state)
{
	(void)state;
	t_suites_free();
	setpki_ctx_free(ctx);
	t_hex_free();
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(both_sides_learn_their_half),
	    cmocka_unit_test(optional_parts_may_be_absent),
	    cmocka_unit_test(neither_sees_the_others_half),
	    cmocka_unit_test(the_merchant_is_told_another_order_apart),
	    cmocka_unit_test(halves_of_two_purchases_do_not_go_together),
	    cmocka_unit_test(other_keys_suites_and_recipients_are_refused),
	    cmocka_unit_test(no_octet_of_a_request_can_be_altered),
	    cmocka_unit_test(fields_outside_their_bounds_are_not_signed),
	};

	return cmocka_run_group_tests(tests, start, done);
}
