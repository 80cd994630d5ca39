/* SubjectPublicKeyInfo: what is read, and what each suite of 12.1 allows. */
#include "tests/support/check.h"

#include "lib/crypto/pubkey.h"
#include "lib/der/writer.h"

#include <openssl/core_names.h>
#include <openssl/x509.h>

static setpki_ctx *ctx;

#define P256                                                                                                           \
	"3059301306072a8648ce3d020106082a8648ce3d0301070342000407aec9bcbf26f60c45ada3b9b5999d0c7cb82b3eaa66dff0cfae1d" \
	"c41d192f1fb8718816962277cb33fc73b68c0f50d0c7e9540ae48dab17edbd1e1eee3807cf"
#define P384                                                                                                           \
	"3076301006072a8648ce3d020106052b8104002203620004eda46a91e5f0bb4c40ff9750650955cf2914b4857f06ad3f703508f94888" \
	"cbb943ea1933a7a546615e3c756098f2682e2ffaea716e30d78a2503a5c3b2a494985e52594357f316ca33220df02c6597e578fc1daa" \
	"7aa809733eebb5ca8770e78f"

/* A SubjectPublicKeyInfo of any modulus length and exponent; only its form matters here. */
static void
rsa_spki(struct sp_buf *out, unsigned bits, const char *exponent, bool odd)
{
	uint8_t n[520];
	size_t len = (bits + 7) / 8, spki, alg, seq;
	struct sp_buf key = {0};

	memset(n, 0x5a, sizeof(n));
	n[0] = (uint8_t)(1u << (bits - 1) % 8);
	n[len - 1] = (uint8_t)(0x10 | odd);
	seq = sp_der_open(&key, SP_SEQUENCE);
	sp_der_put_uint(&key, sp_bytes(n, len));
	sp_der_put_uint(&key, t_hex(exponent));
	sp_der_close(&key, seq);
	spki = sp_der_open(out, SP_SEQUENCE);
	alg = sp_der_open(out, SP_SEQUENCE);
	sp_der_put_oid(out, t_hex("2a864886f70d010101"));
	sp_der_put_null(out);
	sp_der_close(out, alg);
	sp_der_put_bits(out, sp_buf_bytes(&key));
	sp_der_close(out, spki);
	sp_buf_free(&key);
}

static void
bounds_of_the_suites(void **state)
{
	static const struct {
		const char *name;
		enum setpki_suite suite;
		unsigned bits;
		const char *exponent;
		bool odd, ok;
		const char *says;
	} rows[] = {
	    {"classic, shortest", SETPKI_SUITE_CLASSIC, 1024, "03", true, true, NULL},
	    {"classic, longest", SETPKI_SUITE_CLASSIC, 4096, "010001", true, true, NULL},
	    {"classic, 1016 bits", SETPKI_SUITE_CLASSIC, 1016, "010001", true, false, "1024 to 4096"},
	    {"classic, 4104 bits", SETPKI_SUITE_CLASSIC, 4104, "010001", true, false, "1024 to 4096"},
	    {"classic, 1025 bits", SETPKI_SUITE_CLASSIC, 1025, "010001", true, false, "multiple of 8"},
	    {"classic, exponent 1", SETPKI_SUITE_CLASSIC, 1024, "01", true, false, "at least 3"},
	    {"classic, exponent 0", SETPKI_SUITE_CLASSIC, 1024, "00", true, false, "at least 3"},
	    {"classic, even exponent", SETPKI_SUITE_CLASSIC, 1024, "010000", true, false, "odd"},
	    {"classic, even modulus", SETPKI_SUITE_CLASSIC, 1024, "03", false, false, "modulus is even"},
	    {"modern, shortest", SETPKI_SUITE_MODERN, 2048, "010001", true, true, NULL},
	    {"modern, longest", SETPKI_SUITE_MODERN, 4096, "010001", true, true, NULL},
	    {"modern, longer exponent", SETPKI_SUITE_MODERN, 3072, "0100000001", true, true, NULL},
	    {"modern, 2040 bits", SETPKI_SUITE_MODERN, 2040, "010001", true, false, "2048 to 4096"},
	    {"modern, 1024 bits", SETPKI_SUITE_MODERN, 1024, "010001", true, false, "2048 to 4096"},
	    {"modern, 4104 bits", SETPKI_SUITE_MODERN, 4104, "010001", true, false, "2048 to 4096"},
	    {"modern, 2047 bits", SETPKI_SUITE_MODERN, 2047, "010001", true, false, "2048 to 4096"},
	    {"modern, 2049 bits", SETPKI_SUITE_MODERN, 2049, "010001", true, false, "multiple of 8"},
	    {"modern, exponent 3", SETPKI_SUITE_MODERN, 2048, "03", true, false, "at least 65537"},
	    {"modern, exponent 65535", SETPKI_SUITE_MODERN, 2048, "ffff", true, false, "at least 65537"},
	    {"modern, even exponent", SETPKI_SUITE_MODERN, 2048, "010002", true, false, "odd"},
	    {"modern, even modulus", SETPKI_SUITE_MODERN, 2048, "010001", false, false, "modulus is even"},
	    {"no suite", SETPKI_SUITE_NONE, 2048, "010001", true, false, "no suite"},
	};

	(void)state;
	for (size_t i = 0; i < NELEMS(rows); i++)
		for (int exchange = 0; exchange < 2; exchange++) {
			struct sp_buf b = {0};
			struct sp_spki k;
			struct setpki_error err = {0};
			enum setpki_code rc;

			rsa_spki(&b, rows[i].bits, rows[i].exponent, rows[i].odd);
			t_ok(sp_spki_parse(sp_buf_bytes(&b), &k, &err), &err);
			assert_int_equal(k.bits, rows[i].bits);
			rc = sp_spki_check(&k, rows[i].suite, exchange != 0, &err);
			if (rc != (rows[i].ok ? SETPKI_E_OK : SETPKI_E_SUITE))
				fail_msg("%s: %s", rows[i].name, err.message);
			if (!rows[i].ok && strstr(err.message, rows[i].says) == NULL)
				fail_msg("%s says: %s", rows[i].name, err.message);
			sp_buf_free(&b);
		}
}

static void
curves_sign_in_modern_alone(void **state)
{
	static const struct {
		const char *hex;
		enum sp_keyalg alg;
		unsigned bits;
	} rows[] = {{P256, SP_KEY_P256, 256}, {P384, SP_KEY_P384, 384}};

	(void)state;
	for (size_t i = 0; i < NELEMS(rows); i++) {
		struct sp_spki k;
		struct setpki_error err = {0};

		t_ok(sp_spki_parse(t_hex(rows[i].hex), &k, &err), &err);
		assert_int_equal(k.alg, rows[i].alg);
		assert_int_equal(k.bits, rows[i].bits);
		t_ok(sp_spki_check(&k, SETPKI_SUITE_MODERN, false, &err), &err);
		t_code(sp_spki_check(&k, SETPKI_SUITE_MODERN, true, &err), SETPKI_E_SUITE, &err);
		assert_non_null(strstr(err.message, "key exchange takes RSA"));
		setpki_error_clear(&err);
		t_code(sp_spki_check(&k, SETPKI_SUITE_CLASSIC, false, &err), SETPKI_E_SUITE, &err);
		assert_non_null(strstr(err.message, "classic"));
	}
}

static void
other_keys_are_refused(void **state)
{
	static const struct {
		const char *name, *hex;
		enum setpki_code want;
	} rows[] = {
	    {"nothing", "", SETPKI_E_PARSE},
	    {"not a SEQUENCE", "0500", SETPKI_E_PARSE},
	    {"trailing octet", P256 "00", SETPKI_E_PARSE},
	    {"cut short", "3059301306072a8648ce3d020106082a8648ce3d030107", SETPKI_E_PARSE},
	    {"compressed point",
		"3039301306072a8648ce3d020106082a8648ce3d0301070322000307aec9bcbf26f60c45ada3b9b5999d0c7cb82b3eaa66df"
		"f0cfae1dc41d192f1f",
		SETPKI_E_SUITE},
	    {"secp256k1",
		"3056301006072a8648ce3d020106052b8104000a034200048f0758c9e2564c19e177adf46405c699a46fcdd633adefd786e2"
		"54c4016eb94f86f7378866279ec48e14d6ddc46c6b96ed88479ccb8cbadfe5d4d8866fd39e56",
		SETPKI_E_SUITE},
	    {"Ed25519", "302a300506032b6570032100bb1b9d56d7ab4b6dda088604122f0a0dbfe25084786e6732af7e798b11c587f5",
		SETPKI_E_SUITE},
	    {"EC without a curve", "301106092a8648ce3d0201 0304 000401", SETPKI_E_PARSE},
	    {"EC with NULL parameters", "3014 300b 06072a8648ce3d0201 0500 0305 0004010203", SETPKI_E_SUITE},
	    {"EC with explicit parameters", "3014 300b 06072a8648ce3d0201 3000 0305 0004010203", SETPKI_E_SUITE},
	    {"RSA without parameters", "3017 300b 06092a864886f70d010101 0308 00 3005 020105 0201", SETPKI_E_PARSE},
	    {"RSA without NULL", "3018 300b 06092a864886f70d010101 0309 003006 020105 020103", SETPKI_E_PARSE},
	    {"RSA with a negative modulus", "301a 300d 06092a864886f70d010101 0500 0309 003006 0201ff 020103",
		SETPKI_E_PARSE},
	    {"RSA with a padded modulus", "301b 300d 06092a864886f70d010101 0500 030a 003007 02020005 020103",
		SETPKI_E_PARSE},
	    {"RSA with a third number", "301d 300d 06092a864886f70d010101 0500 030c 003009 020105 020103 020101",
		SETPKI_E_PARSE},
	    {"unused bits", "301a 300d 06092a864886f70d010101 0500 0309 013006 020105 020102", SETPKI_E_PARSE},
	};

	(void)state;
	for (size_t i = 0; i < NELEMS(rows); i++) {
		struct sp_spki k;
		struct setpki_error err = {0};

		if (sp_spki_parse(t_hex(rows[i].hex), &k, &err) != rows[i].want)
			fail_msg("%s: %s: %s", rows[i].name, setpki_code_name(err.code), err.message);
	}
}

static void
a_huge_key_is_refused_unread(void **state)
{
	static uint8_t huge[1025];
	struct sp_spki k;

	(void)state;
	t_code(sp_spki_parse(SP_BYTES(huge), &k, NULL), SETPKI_E_LIMIT, NULL);
}

static void
a_point_off_its_curve_makes_no_key(void **state)
{
	char hex[sizeof(P256)];
	struct sp_spki k;
	struct setpki_error err = {0};
	EVP_PKEY *pkey;

	(void)state;
	memcpy(hex, P256, sizeof(hex));
	hex[sizeof(hex) - 2] = hex[sizeof(hex) - 2] == '0' ? '1' : '0';
	t_ok(sp_spki_parse(t_hex(hex), &k, NULL), NULL);
	t_code(sp_spki_pkey(ctx, &k, &pkey, &err), SETPKI_E_CRYPTO, &err);
	assert_null(pkey);
}

/* Made by OpenSSL's encoder, read by ours, turned into a key, written again: the same bytes, the same key. */
static void
round_trip(const char *type)
{
	enum sp_keyalg alg;
	unsigned bits;
	EVP_PKEY *pair, *again;
	unsigned char *der = NULL;
	struct sp_spki k;
	struct sp_buf out = {0};
	struct setpki_error err = {0};
	int n;

	assert_true(sp_keytype_parse(type, &alg, &bits));
	t_ok(sp_keygen(ctx, alg, bits, &pair, &err), &err);
	assert_true((n = i2d_PUBKEY(pair, &der)) > 0);
	t_ok(sp_spki_parse(sp_bytes(der, (size_t)n), &k, &err), &err);
	assert_int_equal(k.alg, alg);
	assert_int_equal(k.bits, bits);
	t_ok(sp_spki_pkey(ctx, &k, &again, &err), &err);
	assert_int_equal(EVP_PKEY_eq(pair, again), 1);
	t_ok(sp_spki_from_pkey(pair, &out, &err), &err);
	t_bytes(sp_buf_bytes(&out), k.whole);
	sp_buf_reset(&out);
	t_ok(sp_spki_from_pkey(again, &out, &err), &err);
	t_bytes(sp_buf_bytes(&out), k.whole);
	sp_buf_free(&out);
	OPENSSL_free(der);
	EVP_PKEY_free(pair);
	EVP_PKEY_free(again);
}

static void
keys_round_trip_against_libcrypto(void **state)
{
	(void)state;
	round_trip("P-256");
	round_trip("P-384");
	round_trip("RSA-1024");
	round_trip("RSA-2048");
}

static void
a_compressed_key_is_written_uncompressed(void **state)
{
	EVP_PKEY *pair = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "prime256v1");
	struct sp_buf out = {0};
	struct sp_spki k;

	(void)state;
	assert_int_equal(
	    EVP_PKEY_set_utf8_string_param(pair, OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT, "compressed"), 1);
	t_ok(sp_spki_from_pkey(pair, &out, NULL), NULL);
	t_ok(sp_spki_parse(sp_buf_bytes(&out), &k, NULL), NULL);
	sp_buf_free(&out);
	EVP_PKEY_free(pair);
}

static void
keys_of_no_suite_are_not_written(void **state)
{
	EVP_PKEY *ed = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"),
		 *koblitz = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "secp256k1");
	struct sp_buf out = {0};

	(void)state;
	t_code(sp_spki_from_pkey(ed, &out, NULL), SETPKI_E_SUITE, NULL);
	t_code(sp_spki_from_pkey(koblitz, &out, NULL), SETPKI_E_SUITE, NULL);
	assert_int_equal(out.n, 0);
	EVP_PKEY_free(ed);
	EVP_PKEY_free(koblitz);
}

/* Both computed beforehand with sha256sum over the octets of the BIT STRING, and over curve and point. */
static void
identifiers_are_those_computed_elsewhere(void **state)
{
	struct sp_spki k;
	uint8_t id[32];

	(void)state;
	t_ok(sp_spki_parse(t_hex(P256), &k, NULL), NULL);
	t_ok(sp_spki_keyid(ctx, &k, id, NULL), NULL);
	t_bytes(sp_bytes(id, 20), t_hex("bfa80272b1e8deafd640f610c045251b432bbcbc"));
	t_ok(sp_spki_parse(t_hex(P384), &k, NULL), NULL);
	t_ok(sp_spki_keyid(ctx, &k, id, NULL), NULL);
	t_bytes(sp_bytes(id, 20), t_hex("c91b701a89b53b3de7f5d182b534c01db6d1854c"));
}

static void
an_rsa_key_is_its_modulus(void **state)
{
	struct sp_buf a = {0}, b = {0};
	struct sp_spki ka, kb;
	uint8_t ia[32], ib[32];

	(void)state;
	rsa_spki(&a, 2048, "010001", true);
	rsa_spki(&b, 2048, "0100000001", true);
	t_ok(sp_spki_parse(sp_buf_bytes(&a), &ka, NULL), NULL);
	t_ok(sp_spki_parse(sp_buf_bytes(&b), &kb, NULL), NULL);
	t_ok(sp_spki_identity(ctx, &ka, ia, NULL), NULL);
	t_ok(sp_spki_identity(ctx, &kb, ib, NULL), NULL);
	assert_memory_equal(ia, ib, 32); /* 12.11: over (n) */
	t_ok(sp_spki_keyid(ctx, &ka, ia, NULL), NULL);
	t_ok(sp_spki_keyid(ctx, &kb, ib, NULL), NULL);
	assert_memory_not_equal(ia, ib, 20); /* RFC 7093: over the key bits, exponent too */
	sp_buf_free(&a);
	sp_buf_free(&b);
}

static void
key_types_have_one_text(void **state)
{
	static const char *const good[] = {"P-256", "P-384", "RSA-1024", "RSA-2048", "RSA-4096"};
	static const char *const wrong[] = {"", "P256", "p-256", "P-521", "RSA", "RSA-", "RSA-204", "RSA-0204",
	    "RSA-20480", "rsa-2048", "RSA-2O48", "RSA-2048 "};
	enum sp_keyalg alg;
	unsigned bits;
	char text[16];

	(void)state;
	for (size_t i = 0; i < NELEMS(good); i++) {
		assert_true(sp_keytype_parse(good[i], &alg, &bits));
		assert_string_equal(sp_keytype_text(alg, bits, text), good[i]);
	}
	for (size_t i = 0; i < NELEMS(wrong); i++)
		if (sp_keytype_parse(wrong[i], &alg, &bits))
			fail_msg("'%s' was taken for a key type", wrong[i]);
}

static void
key_lengths_of_no_suite_are_not_made(void **state)
{
	static const unsigned rows[] = {0, 512, 1016, 1025, 4104};
	EVP_PKEY *k;

	(void)state;
	for (size_t i = 0; i < NELEMS(rows); i++) {
		t_code(sp_keygen(ctx, SP_KEY_RSA, rows[i], &k, NULL), SETPKI_E_SUITE, NULL);
		assert_null(k);
	}
	t_code(sp_keygen(ctx, SP_KEY_NONE, 2048, &k, NULL), SETPKI_E_SUITE, NULL);
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
	    cmocka_unit_test(bounds_of_the_suites),
	    cmocka_unit_test(curves_sign_in_modern_alone),
	    cmocka_unit_test(other_keys_are_refused),
	    cmocka_unit_test(a_huge_key_is_refused_unread),
	    cmocka_unit_test(a_point_off_its_curve_makes_no_key),
	    cmocka_unit_test(keys_round_trip_against_libcrypto),
	    cmocka_unit_test(a_compressed_key_is_written_uncompressed),
	    cmocka_unit_test(keys_of_no_suite_are_not_written),
	    cmocka_unit_test(identifiers_are_those_computed_elsewhere),
	    cmocka_unit_test(an_rsa_key_is_its_modulus),
	    cmocka_unit_test(key_types_have_one_text),
	    cmocka_unit_test(key_lengths_of_no_suite_are_not_made),
	};

	return cmocka_run_group_tests(tests, start, done);
}
