/* setpki/key.h: keys that the suite allows, and secrets, in files that come back. */
#include "lib/crypto/pubkey.h"
#include "tests/support/check.h"

#include <openssl/crypto.h>
#include <setpki/key.h>

static setpki_ctx *ctx;
static struct setpki_error err;

static const setpki_bytes right = {(const uint8_t *)"correct horse", 13}, wrong = {(const uint8_t *)"correct hors", 12},
			  empty = {(const uint8_t *)"", 0};

static int
clear(void **state)
{
	(void)state;
	setpki_error_clear(&err);
	return 0;
}

/* A type of key asked for, and what it comes to. */
struct row {
	const char *name;
	enum setpki_suite suite;
	bool exchange;
	const char *type;
	enum setpki_code rc;
	const char *made;
};

static const struct row rows[] = {
    {"modern_signature", SETPKI_SUITE_MODERN, false, NULL, SETPKI_E_OK, "P-256"},
    {"modern_exchange", SETPKI_SUITE_MODERN, true, NULL, SETPKI_E_OK, "RSA-2048"},
    {"classic_signature", SETPKI_SUITE_CLASSIC, false, NULL, SETPKI_E_OK, "RSA-1024"},
    {"classic_exchange", SETPKI_SUITE_CLASSIC, true, NULL, SETPKI_E_OK, "RSA-1024"},
    {"modern_p384", SETPKI_SUITE_MODERN, false, "P-384", SETPKI_E_OK, "P-384"},
    {"modern_rsa", SETPKI_SUITE_MODERN, false, "RSA-2048", SETPKI_E_OK, "RSA-2048"},
    {"refuse_modern_exchange_on_a_curve", SETPKI_SUITE_MODERN, true, "P-256", SETPKI_E_SUITE, NULL},
    {"refuse_modern_short_rsa", SETPKI_SUITE_MODERN, false, "RSA-1024", SETPKI_E_SUITE, NULL},
    {"refuse_classic_curve", SETPKI_SUITE_CLASSIC, false, "P-256", SETPKI_E_SUITE, NULL},
    {"refuse_another_curve", SETPKI_SUITE_MODERN, false, "P-521", SETPKI_E_ARGUMENT, NULL},
    {"refuse_no_type", SETPKI_SUITE_MODERN, false, "strong", SETPKI_E_ARGUMENT, NULL},
    {"refuse_rsa_of_no_suite", SETPKI_SUITE_MODERN, false, "RSA-9999", SETPKI_E_SUITE, NULL},
};

static void
spki_of(EVP_PKEY *key, struct sp_buf *out, struct sp_spki *spki)
{
	t_ok(sp_spki_from_pkey(key, out, &err), &err);
	t_ok(sp_spki_parse(sp_buf_bytes(out), spki, &err), &err);
}

static void
key_of_the_row(void **state)
{
	const struct row *r = *state;
	struct sp_buf der = {0};
	struct sp_spki spki;
	char made[16];
	EVP_PKEY *key;

	t_code(setpki_key_new(ctx, r->suite, r->exchange, r->type, &key, &err), r->rc, &err);
	if (r->rc != SETPKI_E_OK) {
		assert_null(key);
		return;
	}
	spki_of(key, &der, &spki);
	assert_string_equal(sp_keytype_text(spki.alg, spki.bits, made), r->made);
	sp_buf_free(&der);
	EVP_PKEY_free(key);
}

static void
a_key_comes_back(void **state)
{
	const setpki_bytes *const passes[] = {NULL, &right, &empty};
	struct sp_buf one = {0}, two = {0};
	struct sp_spki spki;
	struct setpki_der pem;
	EVP_PKEY *key, *again;

	(void)state;
	t_ok(setpki_key_new(ctx, SETPKI_SUITE_MODERN, false, NULL, &key, &err), &err);
	spki_of(key, &one, &spki);
	for (size_t i = 0; i < NELEMS(passes); i++) {
		t_ok(setpki_key_write(ctx, key, passes[i], &pem, &err), &err);
		assert_int_equal(setpki_key_protected((setpki_bytes){pem.p, pem.n}), passes[i] != NULL);
		t_ok(setpki_key_read(ctx, (setpki_bytes){pem.p, pem.n}, passes[i], &again, &err), &err);
		spki_of(again, &two, &spki);
		t_bytes(sp_buf_bytes(&two), sp_buf_bytes(&one));
		sp_buf_reset(&two);
		EVP_PKEY_free(again);
		setpki_der_free(&pem);
	}
	sp_buf_free(&one);
	sp_buf_free(&two);
	EVP_PKEY_free(key);
}

static void
a_protected_key_needs_its_passphrase(void **state)
{
	struct setpki_der pem;
	EVP_PKEY *key, *again;

	(void)state;
	t_ok(setpki_key_new(ctx, SETPKI_SUITE_MODERN, false, NULL, &key, &err), &err);
	t_ok(setpki_key_write(ctx, key, &right, &pem, &err), &err);
	t_code(setpki_key_read(ctx, (setpki_bytes){pem.p, pem.n}, NULL, &again, NULL), SETPKI_E_STATE, NULL);
	t_code(setpki_key_read(ctx, (setpki_bytes){pem.p, pem.n}, &wrong, &again, NULL), SETPKI_E_DECRYPT, NULL);
	assert_null(again);
	t_code(setpki_key_read(ctx, (setpki_bytes){pem.p, pem.n / 2}, &right, &again, NULL), SETPKI_E_PARSE, NULL);
	assert_false(setpki_key_protected((setpki_bytes){pem.p, pem.n / 2}));
	setpki_der_free(&pem);
	EVP_PKEY_free(key);
}

/* PEM blocks that hold no key. */
static const struct pem {
	const char *name, *text;
	bool is_protected;
} pems[] = {
    {"refuse_damaged_key", "-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n", false},
    {"refuse_damaged_protected_key",
	"-----BEGIN ENCRYPTED PRIVATE KEY-----\nMAA=\n-----END ENCRYPTED PRIVATE KEY-----\n", true},
    {"refuse_key_of_an_old_form", "-----BEGIN RSA PRIVATE KEY-----\nMAA=\n-----END RSA PRIVATE KEY-----\n", false},
    {"refuse_certificate", "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n", false},
    {"refuse_no_base64", "-----BEGIN PRIVATE KEY-----\n****\n-----END PRIVATE KEY-----\n", false},
    {"refuse_no_end", "-----BEGIN PRIVATE KEY-----\nMAA=\n", false},
    {"refuse_nothing", "", false},
};

static void
no_key_is_read(void **state)
{
	const struct pem *p = *state;
	setpki_bytes text = sp_bytes_str(p->text);
	uint8_t secret[SETPKI_SEAL_LEN];
	EVP_PKEY *key;

	assert_int_equal(setpki_key_protected(text), p->is_protected);
	t_code(setpki_key_read(ctx, text, &right, &key, &err), SETPKI_E_PARSE, &err);
	assert_null(key);
	t_code(setpki_seal_read(ctx, text, &right, secret, NULL), SETPKI_E_PARSE, NULL);
}

static void
a_secret_comes_back(void **state)
{
	const setpki_bytes *const passes[] = {NULL, &right};
	uint8_t secret[SETPKI_SEAL_LEN], again[SETPKI_SEAL_LEN];
	struct setpki_der pem;

	(void)state;
	for (size_t i = 0; i < sizeof(secret); i++)
		secret[i] = (uint8_t)(i * 7);
	for (size_t i = 0; i < NELEMS(passes); i++) {
		t_ok(setpki_seal_write(ctx, secret, passes[i], &pem, &err), &err);
		t_ok(setpki_seal_read(ctx, (setpki_bytes){pem.p, pem.n}, passes[i], again, &err), &err);
		assert_memory_equal(secret, again, sizeof(secret));
		if (passes[i] != NULL)
			t_code(setpki_seal_read(ctx, (setpki_bytes){pem.p, pem.n}, &wrong, again, NULL),
			    SETPKI_E_DECRYPT, NULL);
		setpki_der_free(&pem);
	}
}

/* A key is no secret, and a secret no key. */
static void
the_two_are_not_confused(void **state)
{
	uint8_t secret[SETPKI_SEAL_LEN] = {1}, none[SETPKI_SEAL_LEN] = {0};
	struct setpki_der pem;
	EVP_PKEY *key;

	(void)state;
	t_ok(setpki_seal_write(ctx, secret, NULL, &pem, &err), &err);
	t_code(setpki_key_read(ctx, (setpki_bytes){pem.p, pem.n}, NULL, &key, NULL), SETPKI_E_PARSE, NULL);
	assert_null(key);
	setpki_der_free(&pem);
	t_ok(setpki_key_new(ctx, SETPKI_SUITE_MODERN, false, NULL, &key, &err), &err);
	t_ok(setpki_key_write(ctx, key, NULL, &pem, &err), &err);
	t_code(setpki_seal_read(ctx, (setpki_bytes){pem.p, pem.n}, NULL, secret, NULL), SETPKI_E_PARSE, NULL);
	assert_memory_equal(secret, none, sizeof(none));
	setpki_der_free(&pem);
	EVP_PKEY_free(key);
}

#define TEST(f)                                                                                                        \
	{                                                                                                              \
#f, f, clear, NULL, NULL                                                                               \
	}

int
main(void)
{
	struct CMUnitTest all[NELEMS(rows) + NELEMS(pems) + 4] = {
	    TEST(a_key_comes_back),
	    TEST(a_protected_key_needs_its_passphrase),
	    TEST(a_secret_comes_back),
	    TEST(the_two_are_not_confused),
	};
	int failed;

	for (size_t i = 0; i < NELEMS(rows); i++)
		all[4 + i] =
		    (struct CMUnitTest){rows[i].name, key_of_the_row, clear, NULL, (void *)(uintptr_t)&rows[i]};
	for (size_t i = 0; i < NELEMS(pems); i++)
		all[4 + NELEMS(rows) + i] =
		    (struct CMUnitTest){pems[i].name, no_key_is_read, clear, NULL, (void *)(uintptr_t)&pems[i]};
	CRYPTO_secure_malloc_init(65536, 32);
	if (setpki_ctx_new(NULL, &ctx, NULL) != SETPKI_E_OK)
		return 1;
	failed = cmocka_run_group_tests_name("key", all, NULL, NULL);
	setpki_ctx_free(ctx);
	return failed;
}
