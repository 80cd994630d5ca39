/* SIGNED{}: every pair of suite and key, and what must not verify. */
#include "tests/support/check.h"

#include "lib/crypto/sign.h"
#include "lib/der/walk.h"
#include "lib/der/writer.h"

static setpki_ctx *ctx;
static const char tbs_text[] = "what is signed";
#define TBS sp_bytes_str(tbs_text)

static const struct row {
	const char *type;
	enum setpki_suite suite;
	enum setpki_suite other; /* in which the same key must not verify the same signature */
} rows[] = {
    {"RSA-1024", SETPKI_SUITE_CLASSIC, SETPKI_SUITE_MODERN},
    {"RSA-2048", SETPKI_SUITE_MODERN, SETPKI_SUITE_CLASSIC},
    {"P-256", SETPKI_SUITE_MODERN, SETPKI_SUITE_NONE},
    {"P-384", SETPKI_SUITE_MODERN, SETPKI_SUITE_NONE},
};
static EVP_PKEY *keys[NELEMS(rows)];

static void
signatures_verify_and_turned_bits_do_not(void **state)
{
	(void)state;
	for (size_t i = 0; i < NELEMS(rows); i++) {
		struct sp_buf sig = {0};
		struct setpki_error err = {0};

		t_ok(sp_sign(ctx, rows[i].suite, keys[i], TBS, &sig, &err), &err);
		t_ok(sp_verify(ctx, rows[i].suite, keys[i], TBS, sp_buf_bytes(&sig), &err), &err);
		t_code(sp_verify(ctx, rows[i].suite, keys[i], sp_bytes_str("what is Signed"), sp_buf_bytes(&sig), NULL),
		    SETPKI_E_SIGNATURE, NULL);
		for (size_t at = 0; at < sig.n; at += 7) {
			sig.p[at] ^= 0x10;
			t_code(sp_verify(ctx, rows[i].suite, keys[i], TBS, sp_buf_bytes(&sig), NULL),
			    SETPKI_E_SIGNATURE, NULL);
			sig.p[at] ^= 0x10;
		}
		t_code(sp_verify(ctx, rows[i].suite, keys[i], TBS, sp_bytes(sig.p, sig.n - 1), NULL),
		    SETPKI_E_SIGNATURE, NULL);
		t_code(sp_verify(ctx, rows[i].suite, keys[i], TBS, sp_bytes(NULL, 0), NULL), SETPKI_E_SIGNATURE, NULL);
		sp_buf_free(&sig);
	}
}

static void
a_signature_does_not_verify_with_another_key_or_suite(void **state)
{
	(void)state;
	for (size_t i = 0; i < NELEMS(rows); i++) {
		struct sp_buf sig = {0};

		t_ok(sp_sign(ctx, rows[i].suite, keys[i], TBS, &sig, NULL), NULL);
		for (size_t k = 0; k < NELEMS(rows); k++)
			if (k != i && rows[k].suite == rows[i].suite)
				t_code(sp_verify(ctx, rows[i].suite, keys[k], TBS, sp_buf_bytes(&sig), NULL),
				    SETPKI_E_SIGNATURE, NULL);
		if (rows[i].other != SETPKI_SUITE_NONE)
			t_code(sp_verify(ctx, rows[i].other, keys[i], TBS, sp_buf_bytes(&sig), NULL),
			    SETPKI_E_SIGNATURE, NULL);
		sp_buf_free(&sig);
	}
}

static void
keys_outside_the_suite_neither_sign_nor_verify(void **state)
{
	EVP_PKEY *ed = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	struct sp_buf sig = {0};

	(void)state;
	t_code(sp_sign(ctx, SETPKI_SUITE_CLASSIC, keys[2], TBS, &sig, NULL), SETPKI_E_SUITE, NULL);
	t_code(sp_verify(ctx, SETPKI_SUITE_CLASSIC, keys[2], TBS, TBS, NULL), SETPKI_E_SUITE, NULL);
	t_code(sp_sign(ctx, SETPKI_SUITE_MODERN, ed, TBS, &sig, NULL), SETPKI_E_SUITE, NULL);
	t_code(sp_sign(ctx, SETPKI_SUITE_NONE, keys[0], TBS, &sig, NULL), SETPKI_E_SUITE, NULL);
	assert_int_equal(sig.n, 0);
	EVP_PKEY_free(ed);
}

static void
libcrypto_verifies_what_we_sign(void **state)
{
	(void)state;
	for (size_t i = 0; i < NELEMS(rows); i++) {
		struct sp_buf sig = {0};
		EVP_MD_CTX *c = EVP_MD_CTX_new();

		t_ok(sp_sign(ctx, rows[i].suite, keys[i], TBS, &sig, NULL), NULL);
		assert_int_equal(
		    EVP_DigestVerifyInit_ex(c, NULL, sp_suite(rows[i].suite)->digest_name, NULL, NULL, keys[i], NULL),
		    1);
		assert_int_equal(EVP_DigestVerify(c, sig.p, sig.n, TBS.p, TBS.n), 1);
		EVP_MD_CTX_free(c);
		sp_buf_free(&sig);
	}
}

/* Splits an ECDSA-Sig-Value and writes it again in forms that BER would allow. */
static void
respelt(setpki_bytes sig, int how, struct sp_buf *out)
{
	struct sp_der d = sp_der(sig), seq;
	setpki_bytes r = {0}, s = {0};
	struct sp_buf in = {0};

	assert_true(sp_der_enter(&d, SP_SEQUENCE, &seq) && sp_der_integer(&seq, &r) && sp_der_integer(&seq, &s));
	if (how == 0) { /* r with a leading zero octet too many */
		sp_buf_add_byte(&in, SP_INTEGER);
		sp_buf_add_byte(&in, (uint8_t)(r.n + 1));
		sp_buf_add_byte(&in, 0);
		sp_buf_add_bytes(&in, r);
	} else {
		sp_der_put(&in, SP_INTEGER, r);
	}
	sp_der_put(&in, SP_INTEGER, s);
	if (how == 1)
		sp_der_put_int(&in, 1); /* a third number */
	sp_buf_add_byte(out, SP_SEQUENCE);
	if (how == 2) { /* a long length where a short one does */
		sp_buf_add_byte(out, 0x81);
		sp_buf_add_byte(out, (uint8_t)in.n);
	} else {
		sp_buf_add_byte(out, how == 3 ? 0x80 : (uint8_t)in.n);
	}
	sp_buf_add_bytes(out, sp_buf_bytes(&in));
	if (how == 3 || how == 4) { /* end of contents; or trailing octets */
		sp_buf_add_byte(out, 0);
		sp_buf_add_byte(out, 0);
	}
	sp_buf_free(&in);
}

static void
an_ecdsa_value_has_one_spelling(void **state)
{
	static const char *const names[] = {"leading zero", "third number", "long length", "indefinite", "trailing"};
	struct sp_buf sig = {0};

	(void)state;
	t_ok(sp_sign(ctx, SETPKI_SUITE_MODERN, keys[2], TBS, &sig, NULL), NULL);
	for (int how = 0; how < (int)NELEMS(names); how++) {
		struct sp_buf other = {0};
		struct setpki_error err = {0};

		respelt(sp_buf_bytes(&sig), how, &other);
		if (sp_verify(ctx, SETPKI_SUITE_MODERN, keys[2], TBS, sp_buf_bytes(&other), &err) != SETPKI_E_SIGNATURE)
			fail_msg("%s verified", names[how]);
		assert_non_null(strstr(err.message, "not DER"));
		sp_buf_free(&other);
	}
	sp_buf_free(&sig);
}

static void
zero_and_negative_numbers_do_not_verify(void **state)
{
	static const char *const values[] = {
	    "3006 020100 020100", "3006 020101 020100", "3006 0201ff 020101", "3000", "0500"};

	(void)state;
	for (size_t i = 0; i < NELEMS(values); i++)
		t_code(sp_verify(ctx, SETPKI_SUITE_MODERN, keys[2], TBS, t_hex(values[i]), NULL), SETPKI_E_SIGNATURE,
		    NULL);
}

static void
algorithm_identifiers_are_those_of_the_table(void **state)
{
	static const struct {
		const char *hex;
		enum setpki_suite suite;
		enum sp_keyalg alg;
	} known[] = {
	    {"300d06092a864886f70d0101050500", SETPKI_SUITE_CLASSIC, SP_KEY_RSA},
	    {"300d06092a864886f70d01010b0500", SETPKI_SUITE_MODERN, SP_KEY_RSA},
	    {"300a06082a8648ce3d040302", SETPKI_SUITE_MODERN, SP_KEY_P256},
	};
	static const char *const unknown[] = {"", "300b06092a864886f70d010105", /* no NULL */
	    "300c06082a8648ce3d0403020500",					/* NULL where nothing belongs */
	    "300a06082a8648ce3d040303",						/* ecdsa-with-SHA384 */
	    "300d06092a864886f70d0101040500",					/* md5WithRSA */
	    "300d06092a864886f70d01010a0500",					/* RSASSA-PSS */
	    "300a06082a8648ce3d04030200"};
	enum setpki_suite suite;
	enum sp_keyalg alg;

	(void)state;
	for (size_t i = 0; i < NELEMS(known); i++) {
		assert_true(sp_sigalg_find(t_hex(known[i].hex), &suite, &alg));
		assert_int_equal(suite, known[i].suite);
		assert_int_equal(alg, known[i].alg);
		t_bytes(sp_sigalg(suite, alg), t_hex(known[i].hex));
	}
	for (size_t i = 0; i < NELEMS(unknown); i++)
		assert_false(sp_sigalg_find(t_hex(unknown[i]), &suite, &alg));
	t_bytes(sp_sigalg(SETPKI_SUITE_MODERN, SP_KEY_P384), t_hex(known[2].hex));
	assert_null(sp_sigalg(SETPKI_SUITE_CLASSIC, SP_KEY_P256).p);
	assert_null(sp_sigalg(SETPKI_SUITE_MODERN, SP_KEY_NONE).p);
	assert_null(sp_sigalg(SETPKI_SUITE_NONE, SP_KEY_RSA).p);
}

static void
signed_objects_are_three_parts(void **state)
{
	struct sp_buf b = {0};

	(void)state;
	sp_signed_put(&b, t_hex("3000"), t_hex("3003060100"), t_hex("aabb"));
	t_bytes(sp_buf_bytes(&b), t_hex("300c 3000 3003060100 030300aabb"));
	t_ok(sp_der_walk(sp_buf_bytes(&b), NULL), NULL);
	sp_buf_free(&b);
}

static int
start(void **state)
{
	(void)state;
	if (setpki_ctx_new(NULL, &ctx, NULL) != SETPKI_E_OK)
		return -1;
	for (size_t i = 0; i < NELEMS(rows); i++) {
		enum sp_keyalg alg;
		unsigned bits;

		if (!sp_keytype_parse(rows[i].type, &alg, &bits) ||
		    sp_keygen(ctx, alg, bits, &keys[i], NULL) != SETPKI_E_OK)
			return -1;
	}
	return 0;
}

static int
done(void **state)
{
	(void)state;
	for (size_t i = 0; i < NELEMS(rows); i++)
		EVP_PKEY_free(keys[i]);
	setpki_ctx_free(ctx);
	t_hex_free();
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(signatures_verify_and_turned_bits_do_not),
	    cmocka_unit_test(a_signature_does_not_verify_with_another_key_or_suite),
	    cmocka_unit_test(keys_outside_the_suite_neither_sign_nor_verify),
	    cmocka_unit_test(libcrypto_verifies_what_we_sign),
	    cmocka_unit_test(an_ecdsa_value_has_one_spelling),
	    cmocka_unit_test(zero_and_negative_numbers_do_not_verify),
	    cmocka_unit_test(algorithm_identifiers_are_those_of_the_table),
	    cmocka_unit_test(signed_objects_are_three_parts),
	};

	return cmocka_run_group_tests(tests, start, done);
}
