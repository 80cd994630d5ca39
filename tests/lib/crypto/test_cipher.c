/* Content encryption and EK, against vectors and against themselves. */
#include "tests/support/check.h"

#include "lib/base/limits.h"
#include "lib/crypto/cipher.h"
#include "lib/der/walk.h"

static setpki_ctx *ctx;
static const enum setpki_suite both[] = {SETPKI_SUITE_CLASSIC, SETPKI_SUITE_MODERN};
static const uint8_t key[32] = {0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef, 1, 2, 3, 4, 5, 6, 7, 8, 9};
static const uint8_t other_key[32] = {0xfe, 0xdc, 0xba, 0x98, 0x76, 0x54, 0x32, 0x10};

/* FIPS 81, table C1 (the widely printed DES-CBC example, "Now is the time for all ", padded here to four blocks by
 * RFC 8018); and case 14 of the GCM document (AES-256, zero key and nonce, one zero block). */
static void
published_vectors(void **state)
{
	static const uint8_t zero[32];
	struct sp_buf alg = {0}, plain = {.secret = true};
	struct setpki_error err = {0};

	(void)state;
	sp_cipher_alg(SETPKI_SUITE_CLASSIC, t_hex("1234567890abcdef").p, &alg);
	t_bytes(sp_buf_bytes(&alg), t_hex("3011 0605 2b0e030207 0408 1234567890abcdef"));
	t_ok(sp_cipher_open(ctx, SETPKI_SUITE_CLASSIC, key, sp_buf_bytes(&alg),
		 t_hex("e5c7cdde872bf27c43e934008c389c0f683788499a7c05f662c16a27e4fcf277"), &plain, &err),
	    &err);
	t_bytes(sp_buf_bytes(&plain), sp_bytes_str("Now is the time for all "));
	sp_buf_reset(&alg);
	sp_buf_reset(&plain);
	sp_cipher_alg(SETPKI_SUITE_MODERN, zero, &alg);
	t_bytes(sp_buf_bytes(&alg), t_hex("301e 0609 60864801650304012e 3011 040c 000000000000000000000000 020110"));
	t_ok(sp_cipher_open(ctx, SETPKI_SUITE_MODERN, zero, sp_buf_bytes(&alg),
		 t_hex("cea7403d4d606b6e074ec5d3baf39d18 d0d1c8a799996bf0265b98b5d48ab919"), &plain, &err),
	    &err);
	t_bytes(sp_buf_bytes(&plain), sp_bytes(zero, 16));
	sp_buf_free(&alg);
	sp_buf_free(&plain);
}

static void
every_length_comes_back_and_ivs_differ(void **state)
{
	uint8_t text[70];

	(void)state;
	memset(text, 0x5a, sizeof(text));
	for (size_t s = 0; s < NELEMS(both); s++)
		for (size_t n = 1; n <= sizeof(text); n++) {
			struct sp_buf alg = {0}, alg2 = {0}, cipher = {0}, cipher2 = {0}, plain = {.secret = true};
			setpki_bytes in = sp_bytes(text, n);

			t_ok(sp_cipher_seal(ctx, both[s], key, in, &alg, &cipher, NULL), NULL);
			t_ok(sp_cipher_seal(ctx, both[s], key, in, &alg2, &cipher2, NULL), NULL);
			assert_false(sp_bytes_eq(sp_buf_bytes(&alg), sp_buf_bytes(&alg2)));
			assert_false(sp_bytes_eq(sp_buf_bytes(&cipher), sp_buf_bytes(&cipher2)));
			assert_true(sp_cipher_is(both[s], sp_buf_bytes(&alg)));
			assert_false(sp_cipher_is(both[1 - s], sp_buf_bytes(&alg)));
			t_ok(sp_cipher_open(ctx, both[s], key, sp_buf_bytes(&alg), sp_buf_bytes(&cipher), &plain, NULL),
			    NULL);
			t_bytes(sp_buf_bytes(&plain), in);
			sp_buf_free(&alg);
			sp_buf_free(&alg2);
			sp_buf_free(&cipher);
			sp_buf_free(&cipher2);
			sp_buf_free(&plain);
		}
}

static void
other_algorithms_are_refused(void **state)
{
	static const struct {
		const char *name;
		enum setpki_suite suite;
		const char *alg;
	} rows[] = {
	    {"no suite", SETPKI_SUITE_NONE, "3011 0605 2b0e030207 0408 1234567890abcdef"},
	    {"classic, CDMF", SETPKI_SUITE_CLASSIC, "3014 0608 2a864886f70d030a 0408 1234567890abcdef"},
	    {"classic, IV of 7", SETPKI_SUITE_CLASSIC, "3010 0605 2b0e030207 0407 1234567890abcd"},
	    {"classic, no IV", SETPKI_SUITE_CLASSIC, "3007 0605 2b0e030207"},
	    {"classic, more after the IV", SETPKI_SUITE_CLASSIC, "3013 0605 2b0e030207 0408 1234567890abcdef 0500"},
	    {"modern, des-cbc", SETPKI_SUITE_MODERN, "3011 0605 2b0e030207 0408 1234567890abcdef"},
	    {"modern, AES-128-GCM", SETPKI_SUITE_MODERN,
		"301e 0609 608648016503040106 3011 040c 000000000000000000000000 020110"},
	    {"modern, icvLen left out", SETPKI_SUITE_MODERN,
		"301b 0609 60864801650304012e 300e 040c 000000000000000000000000"},
	    {"modern, icvLen 12", SETPKI_SUITE_MODERN,
		"301e 0609 60864801650304012e 3011 040c 000000000000000000000000 02010c"},
	    {"modern, nonce of 8", SETPKI_SUITE_MODERN,
		"301a 0609 60864801650304012e 300d 0408 0000000000000000 020110"},
	    {"modern, more in the parameters", SETPKI_SUITE_MODERN,
		"3020 0609 60864801650304012e 3013 040c 000000000000000000000000 020110 0500"},
	};
	struct sp_buf plain = {.secret = true};

	(void)state;
	for (size_t i = 0; i < NELEMS(rows); i++) {
		setpki_bytes alg = t_hex(rows[i].alg);

		t_ok(sp_der_walk(alg, NULL), NULL); /* only what it says is wrong */
		if (sp_cipher_open(ctx, rows[i].suite, key, alg, t_hex("0000000000000000"), &plain, NULL) !=
		    SETPKI_E_SUITE)
			fail_msg("%s", rows[i].name);
		assert_false(sp_cipher_is(rows[i].suite, alg));
	}
	sp_buf_free(&plain);
}

static void
seal(enum setpki_suite suite, const char *t, struct sp_buf *out)
{
	struct setpki_error err = {0};

	t_ok(sp_ek_put(ctx, suite, SP_CT_CERT_RES_TBE, key, t_hex(t), out, &err), &err);
	t_ok(sp_der_walk(sp_buf_bytes(out), &err), &err);
}

static void
ek_round_trips(void **state)
{
	(void)state;
	for (size_t s = 0; s < NELEMS(both); s++) {
		struct sp_buf der = {0}, t = {.secret = true};
		struct setpki_error err = {0};

		seal(both[s], "3003020105", &der);
		t_ok(sp_ek_open(ctx, both[s], SP_CT_CERT_RES_TBE, key, sp_buf_bytes(&der), &t, &err), &err);
		t_bytes(sp_buf_bytes(&t), t_hex("3003020105"));
		sp_buf_free(&der);
		sp_buf_free(&t);
	}
}

static void
ek_fails_in_one_way(void **state)
{
	static const struct {
		const char *name, *t;
		const uint8_t *key;
	} rows[] = {{"another key", "3003020105", other_key}, {"contents that are not DER", "308003020105", key},
	    {"contents with something after", "3003020105 00", key}};

	(void)state;
	for (size_t s = 0; s < NELEMS(both); s++)
		for (size_t i = 0; i < NELEMS(rows); i++) {
			struct sp_buf der = {0}, t = {.secret = true};
			struct setpki_error err = {0};

			seal(both[s], rows[i].t, &der);
			if (sp_ek_open(ctx, both[s], SP_CT_CERT_RES_TBE, rows[i].key, sp_buf_bytes(&der), &t, &err) !=
			    SETPKI_E_DECRYPT)
				fail_msg("%s", rows[i].name);
			assert_string_equal(err.message, "the contents cannot be decrypted");
			assert_int_equal(t.n, 0);
			sp_buf_free(&der);
			sp_buf_free(&t);
		}
}

static void
ek_refuses_from_outside(void **state)
{
	(void)state;
	for (size_t s = 0; s < NELEMS(both); s++) {
		struct sp_buf der = {0}, t = {.secret = true};

		seal(both[s], "3003020105", &der);
		t_code(sp_ek_open(ctx, both[1 - s], SP_CT_CERT_RES_TBE, key, sp_buf_bytes(&der), &t, NULL),
		    SETPKI_E_SUITE, NULL);
		t_code(sp_ek_open(ctx, both[s], SP_CT_CERT_REQ_TBE, key, sp_buf_bytes(&der), &t, NULL), SETPKI_E_PARSE,
		    NULL);
		t_code(sp_ek_open(ctx, both[s], SP_CT_CERT_RES_TBE, key, sp_bytes(der.p, der.n - 1), &t, NULL),
		    SETPKI_E_PARSE, NULL);
		sp_buf_free(&der);
		sp_buf_free(&t);
	}
}

/* Each octet of the ciphertext altered.  Modern: never taken.  Classic has no tag: where padding and DER survive, the
 * contents differ, and the signature inside (EncK) is what refuses them. */
static void
altered_ciphertexts(void **state)
{
	(void)state;
	for (size_t s = 0; s < NELEMS(both); s++) {
		struct sp_buf der = {0};

		seal(both[s], "300c 040a 00112233445566778899", &der);
		for (size_t at = 0; at < der.n; at++) {
			struct sp_buf t = {.secret = true};

			der.p[at] ^= 0x04;
			if (sp_ek_open(ctx, both[s], SP_CT_CERT_RES_TBE, key, sp_buf_bytes(&der), &t, NULL) ==
			    SETPKI_E_OK) {
				assert_int_equal(both[s], SETPKI_SUITE_CLASSIC);
				assert_false(sp_bytes_eq(sp_buf_bytes(&t), t_hex("300c 040a 00112233445566778899")));
			}
			sp_buf_free(&t);
			der.p[at] ^= 0x04;
		}
		sp_buf_free(&der);
	}
}

/* A last block whose padding is every possible octet, made by encrypting without padding: only the proper ones pass. */
static void
every_padding(void **state)
{
	(void)state;
	for (unsigned last = 0; last < 256; last++)
		for (unsigned wrong = 0; wrong < 2; wrong++) {
			uint8_t block[8] = {1, 1, 1, 1, 1, 1, 1, 1};
			struct sp_buf alg = {0}, cipher = {0}, plain = {.secret = true};
			bool good = last >= 1 && last <= 8 && !(wrong && last >= 2);

			for (unsigned i = 0; i < 8 && i < last; i++)
				block[7 - i] = (uint8_t)last;
			block[7] = (uint8_t)last;
			if (wrong && last >= 2)
				block[last <= 8 ? 8 - last : 6] ^= 0x80; /* the padding octet farthest from the end */
			/* sealing adds a ninth to sixteenth octet of padding, which is cut off */
			t_ok(
			    sp_cipher_seal(ctx, SETPKI_SUITE_CLASSIC, key, SP_BYTES(block), &alg, &cipher, NULL), NULL);
			assert_int_equal(cipher.n, 16);
			if ((sp_cipher_open(ctx, SETPKI_SUITE_CLASSIC, key, sp_buf_bytes(&alg), sp_bytes(cipher.p, 8),
				 &plain, NULL) == SETPKI_E_OK) != good)
				fail_msg("last octet %u%s", last, wrong ? ", another one wrong" : "");
			if (good)
				assert_int_equal(plain.n, 8 - last);
			sp_buf_free(&alg);
			sp_buf_free(&cipher);
			sp_buf_free(&plain);
		}
}

static void
what_is_too_long_is_not_sealed(void **state)
{
	static const uint8_t long_text[SP_MESSAGE_MAX + 1];
	struct sp_buf alg = {0}, cipher = {0};

	(void)state;
	for (size_t s = 0; s < NELEMS(both); s++)
		t_code(
		    sp_cipher_seal(ctx, both[s], key, SP_BYTES(long_text), &alg, &cipher, NULL), SETPKI_E_LIMIT, NULL);
	t_code(sp_cipher_seal(ctx, SETPKI_SUITE_NONE, key, t_hex("00"), &alg, &cipher, NULL), SETPKI_E_LIMIT, NULL);
	assert_int_equal(alg.n + cipher.n, 0);
}

static int
start(void **state)
{
	(void)state;
	return setpki_ctx_new(NULL, &ctx, NULL) == SETPKI_E_OK ? 0 : -1;
}

static int
done(void **state)
{
	(void)state;
	setpki_ctx_free(ctx);
	t_hex_free();
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(published_vectors),
	    cmocka_unit_test(every_length_comes_back_and_ivs_differ),
	    cmocka_unit_test(other_algorithms_are_refused),
	    cmocka_unit_test(ek_round_trips),
	    cmocka_unit_test(ek_fails_in_one_way),
	    cmocka_unit_test(ek_refuses_from_outside),
	    cmocka_unit_test(altered_ciphertexts),
	    cmocka_unit_test(every_padding),
	    cmocka_unit_test(what_is_too_long_is_not_sealed),
	};

	return cmocka_run_group_tests(tests, start, done);
}
