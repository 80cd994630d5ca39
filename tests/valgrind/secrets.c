/*
 * No branch and no address depends on what an envelope holds before the one verdict is out (set-protocol 12.5): what
 * the RSA operation gives, and padding, are marked undefined, and valgrind's memcheck reports whatever looks at them.
 * Run by `make test-valgrind`; with the argument "leak" it does what it must not, to show that such a thing is found.
 */
#include "lib/crypto/cipher.h"
#include "lib/crypto/keyblock.h"
#include "lib/crypto/pubkey.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>
#include <valgrind/memcheck.h>

/* The linker puts this before libcrypto's (-Wl,--wrap). */
int __real_EVP_PKEY_decrypt(EVP_PKEY_CTX *c, unsigned char *out, size_t *n, const unsigned char *in, size_t len);
int __wrap_EVP_PKEY_decrypt(EVP_PKEY_CTX *c, unsigned char *out, size_t *n, const unsigned char *in, size_t len);

int
__wrap_EVP_PKEY_decrypt(EVP_PKEY_CTX *c, unsigned char *out, size_t *n, const unsigned char *in, size_t len)
{
	int rc = __real_EVP_PKEY_decrypt(c, out, n, in, len);

	VALGRIND_MAKE_MEM_UNDEFINED(out, *n);
	return rc;
}

/* A block that opens only where `spoil` is 0: 1 another content code, 2 another recipient's. */
static bool
open_one(setpki_ctx *ctx, enum setpki_suite suite, EVP_PKEY *key, EVP_PKEY *other, int spoil)
{
	struct sp_keyblock in = {.extra = SP_EXTRA_PAN_ONLY, .has_hd = true}, out = in;
	struct sp_buf sealed = {0};
	unsigned ok;

	memset(in.x, '4', 19);
	if (spoil == 1)
		in.extra = SP_EXTRA_PAN_TOKEN, out.extra = SP_EXTRA_PAN_ONLY;
	if (sp_keyblock_seal(ctx, suite, spoil == 2 ? other : key, &in, &sealed, NULL) != SETPKI_E_OK)
		return false;
	ok = sp_keyblock_open(ctx, suite, key, sp_buf_bytes(&sealed), &out);
	VALGRIND_MAKE_MEM_DEFINED(&ok, sizeof(ok));
	VALGRIND_MAKE_MEM_DEFINED(&out, sizeof(out));
	sp_buf_free(&sealed);
	return ok == (spoil == 0);
}

static bool
key_blocks(setpki_ctx *ctx, enum setpki_suite suite, unsigned bits)
{
	EVP_PKEY *key = NULL, *other = NULL;
	bool good = sp_keygen(ctx, SP_KEY_RSA, bits, &key, NULL) == SETPKI_E_OK &&
	    sp_keygen(ctx, SP_KEY_RSA, bits, &other, NULL) == SETPKI_E_OK;

	for (int spoil = 0; spoil <= 2; spoil++)
		good = good && open_one(ctx, suite, key, other, spoil);
	EVP_PKEY_free(key);
	EVP_PKEY_free(other);
	return good;
}

/* PKCS padding: good ones, and every value of the last octet. */
static bool
padding(void)
{
	bool good = true;

	for (unsigned last = 0; last < 256; last++) {
		uint8_t plain[16];
		size_t n;
		unsigned ok;

		memset(plain, (int)last, sizeof(plain));
		VALGRIND_MAKE_MEM_UNDEFINED(plain, sizeof(plain));
		ok = sp_des_unpad(plain, sizeof(plain), &n);
		VALGRIND_MAKE_MEM_DEFINED(&ok, sizeof(ok));
		VALGRIND_MAKE_MEM_DEFINED(&n, sizeof(n));
		good = good && ok == (last >= 1 && last <= 8) && n == (ok ? last : 0);
	}
	return good;
}

/* How secrets are compared. */
static bool
comparison(void)
{
	uint8_t a[32] = {1}, b[32] = {1};
	int differs;

	VALGRIND_MAKE_MEM_UNDEFINED(a, sizeof(a));
	differs = CRYPTO_memcmp(a, b, sizeof(a));
	VALGRIND_MAKE_MEM_DEFINED(&differs, sizeof(differs));
	return differs == 0;
}

static bool
leak(void)
{
	volatile uint8_t secret[4] = {1, 2, 3, 4};

	VALGRIND_MAKE_MEM_UNDEFINED(secret, sizeof(secret));
	if (secret[2] == 3)
		puts("looked at a secret");
	return true;
}

int
main(int argc, char **argv)
{
	setpki_ctx *ctx = NULL;
	bool good;

	if (argc > 1 && strcmp(argv[1], "leak") == 0)
		return leak() ? 0 : 1;
	good = setpki_ctx_new(NULL, &ctx, NULL) == SETPKI_E_OK && key_blocks(ctx, SETPKI_SUITE_CLASSIC, 1024) &&
	    key_blocks(ctx, SETPKI_SUITE_MODERN, 2048) && padding() && comparison();
	setpki_ctx_free(ctx);
	puts(good ? "key blocks, padding and comparison: as they should be" : "a result is not as it should be");
	return good ? 0 : 1;
}
