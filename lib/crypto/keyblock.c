#include "lib/crypto/keyblock.h"

#include "lib/crypto/context.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/rsa.h>
#include <string.h>

#define BT 0x03
#define V_LEN 7
#define DB_HEAD (2 + V_LEN)
#define SALT_LEN 16
#define DB_MAX (DB_HEAD + SP_KEY_MAX + SP_DIGEST_MAX + SP_X_MAX)

/* rsaOAEPEncryptionSET NULL; id-RSAES-OAEP { SHA-256 NULL, MGF1 { SHA-256 NULL } }, label absent */
static const uint8_t alg_set[] = {
    0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x06, 0x05, 0x00};
static const uint8_t alg_oaep[] = {0x30, 0x3c, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x07, 0x30,
    0x2f, 0xa0, 0x0f, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0xa1,
    0x1c, 0x30, 0x1a, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x08, 0x30, 0x0d, 0x06, 0x09, 0x60,
    0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00};

setpki_bytes
sp_keyblock_alg(enum setpki_suite suite)
{
	return suite == SETPKI_SUITE_CLASSIC ? SP_BYTES(alg_set) : SP_BYTES(alg_oaep);
}

static size_t
db_len(const struct sp_suite *s, const struct sp_keyblock *b)
{
	return DB_HEAD + s->key_len + (b->has_hd ? s->digest_len : 0) + sp_extra_len(b->extra);
}

static void
put_db(const struct sp_suite *s, const struct sp_keyblock *b, uint8_t *db)
{
	memset(db, 0, DB_HEAD);
	db[0] = BT;
	db[1] = (uint8_t)b->extra;
	db += DB_HEAD;
	memcpy(db, b->key, s->key_len);
	db += s->key_len;
	if (b->has_hd)
		memcpy(db, b->hd, s->digest_len);
	db += b->has_hd ? s->digest_len : 0;
	memcpy(db, b->x, sp_extra_len(b->extra));
}

static EVP_PKEY_CTX *
rsa(setpki_ctx *ctx, enum setpki_suite suite, EVP_PKEY *key, int (*init)(EVP_PKEY_CTX *))
{
	EVP_PKEY_CTX *c = EVP_PKEY_CTX_new_from_pkey(sp_ctx_lib(ctx), key, NULL);
	bool oaep = suite != SETPKI_SUITE_CLASSIC, ok;

	ok = c != NULL && init(c) == 1 &&
	    EVP_PKEY_CTX_set_rsa_padding(c, oaep ? RSA_PKCS1_OAEP_PADDING : RSA_NO_PADDING) == 1;
	if (ok && oaep)
		ok = EVP_PKEY_CTX_set_rsa_oaep_md(c, ctx->sha256) == 1 &&
		    EVP_PKEY_CTX_set_rsa_mgf1_md(c, ctx->sha256) == 1;
	if (ok)
		return c;
	EVP_PKEY_CTX_free(c);
	return NULL;
}

/* `p` xor MGF1-SHA1(seed) (RFC 8017 B.2.1). */
static bool
mgf1_xor(setpki_ctx *ctx, const uint8_t *seed, uint8_t *p, size_t n)
{
	uint8_t in[SALT_LEN + 4], mask[20];
	bool ok = true;

	memcpy(in, seed, SALT_LEN);
	for (size_t at = 0; ok && at < n; at += sizeof(mask)) {
		size_t counter = at / sizeof(mask);

		for (size_t i = 0; i < 4; i++)
			in[SALT_LEN + i] = (uint8_t)(counter >> (24 - 8 * i));
		ok = EVP_Digest(in, sizeof(in), mask, NULL, ctx->sha1, NULL) == 1;
		for (size_t i = 0; i < sizeof(mask) && at + i < n; i++)
			p[at + i] ^= mask[i];
	}
	OPENSSL_cleanse(mask, sizeof(mask));
	OPENSSL_cleanse(in, sizeof(in));
	return ok;
}

/* `salt` xor the last 16 octets of SHA-1(A). */
static bool
salt_xor(setpki_ctx *ctx, const uint8_t *a, size_t n, uint8_t *salt)
{
	uint8_t hash[20];

	if (EVP_Digest(a, n, hash, NULL, ctx->sha1, NULL) != 1)
		return false;
	for (size_t i = 0; i < SALT_LEN; i++)
		salt[i] ^= hash[sizeof(hash) - SALT_LEN + i];
	return true;
}

/* R = I, A, B (12.4 classic); `r` has k octets, of which the first db_n after I are DB already. */
static enum setpki_code
classic_mask(setpki_ctx *ctx, uint8_t *r, size_t k, struct setpki_error *err)
{
	uint8_t *a = r + 1, *b = r + k - SALT_LEN;
	size_t n = k - 1 - SALT_LEN;
	enum setpki_code rc;

	do {
		rc = sp_random(ctx, r, 1, err);
		r[0] &= 0x7f;
	} while (rc == SETPKI_E_OK && r[0] == 0);
	if (rc == SETPKI_E_OK)
		rc = sp_random(ctx, b, SALT_LEN, err);
	if (rc == SETPKI_E_OK && (!mgf1_xor(ctx, b, a, n) || !salt_xor(ctx, a, n, b)))
		rc = sp_fail_crypto(err, "key block");
	return rc;
}

static enum setpki_code
room_for(const struct sp_suite *s, const EVP_PKEY *to, const struct sp_keyblock *b, struct setpki_error *err)
{
	size_t k = (size_t)EVP_PKEY_get_size(to);
	size_t takes = s->id == SETPKI_SUITE_CLASSIC ? 1 + SALT_LEN : 2 * s->digest_len + 2;

	if (!EVP_PKEY_is_a(to, "RSA") || k > SP_SIG_MAX)
		return sp_fail(err, SETPKI_E_SUITE, "set-protocol 12.1", "key exchange takes an RSA key of the suite");
	if (k < takes + db_len(s, b))
		return sp_fail(err, SETPKI_E_SUITE, "set-protocol 12.4",
		    "a key block of %zu octets does not fit an RSA key of %zu", db_len(s, b), 8 * k);
	return SETPKI_E_OK;
}

enum setpki_code
sp_keyblock_seal(setpki_ctx *ctx, enum setpki_suite suite, EVP_PKEY *to, const struct sp_keyblock *b,
    struct sp_buf *out, struct setpki_error *err)
{
	const struct sp_suite *s = sp_suite(suite);
	uint8_t plain[SP_SIG_MAX] = {0}, sealed[SP_SIG_MAX];
	size_t n, len = sizeof(sealed);
	EVP_PKEY_CTX *c = NULL;
	enum setpki_code rc;

	if ((rc = room_for(s, to, b, err)) != SETPKI_E_OK)
		return rc;
	if (suite == SETPKI_SUITE_CLASSIC) {
		n = (size_t)EVP_PKEY_get_size(to);
		put_db(s, b, plain + 1);
		rc = classic_mask(ctx, plain, n, err);
	} else {
		n = db_len(s, b);
		put_db(s, b, plain);
	}
	if (rc == SETPKI_E_OK) {
		c = rsa(ctx, suite, to, EVP_PKEY_encrypt_init);
		if (c == NULL || EVP_PKEY_encrypt(c, sealed, &len, plain, n) != 1)
			rc = sp_fail_crypto(err, "encrypting the key block");
	}
	EVP_PKEY_CTX_free(c);
	OPENSSL_cleanse(plain, sizeof(plain));
	if (rc == SETPKI_E_OK)
		sp_buf_add(out, sealed, len);
	return rc != SETPKI_E_OK || !out->failed ? rc : sp_fail_memory(err);
}

/* 0 if a is 0, else 1; without a branch. */
static unsigned
nonzero(unsigned a)
{
	return (a | (0u - a)) >> 31;
}

/* 1 if DB has the head that it must have, and zeros behind it up to `filled`. */
static unsigned
head_ok(const struct sp_keyblock *b, const uint8_t *db, size_t n, size_t filled)
{
	unsigned wrong = (unsigned)(db[0] ^ BT) | (unsigned)(db[1] ^ (uint8_t)b->extra);

	for (size_t i = 2; i < DB_HEAD; i++)
		wrong |= db[i];
	for (size_t i = n; i < filled; i++)
		wrong |= db[i];
	return nonzero(wrong) ^ 1u;
}

/* What the RSA operation gave, as DB at `plain` with *filled octets; 0 if the padding is wrong. */
static unsigned
unmask(setpki_ctx *ctx, enum setpki_suite suite, uint8_t *plain, size_t k, size_t len, size_t n, size_t *filled)
{
	if (suite != SETPKI_SUITE_CLASSIC) {
		*filled = n;
		return len == n;
	}
	*filled = k - 1 - SALT_LEN;
	/* I is not checked (12.4) */
	if (!salt_xor(ctx, plain + 1, *filled, plain + k - SALT_LEN) ||
	    !mgf1_xor(ctx, plain + k - SALT_LEN, plain + 1, *filled))
		return 0;
	memmove(plain, plain + 1, *filled);
	return len == k;
}

static void
take_or_random(const struct sp_suite *s, const uint8_t *db, const uint8_t *random, unsigned ok, struct sp_keyblock *b)
{
	uint8_t mask = (uint8_t)(0u - ok);

	db += DB_HEAD;
	for (size_t i = 0; i < s->key_len; i++)
		b->key[i] = (uint8_t)((db[i] & mask) | (random[i] & (uint8_t)~mask));
	db += s->key_len;
	for (size_t i = 0; b->has_hd && i < s->digest_len; i++)
		b->hd[i] = db[i] & mask;
	db += b->has_hd ? s->digest_len : 0;
	for (size_t i = 0; i < sp_extra_len(b->extra); i++)
		b->x[i] = db[i] & mask;
}

unsigned
sp_keyblock_open(setpki_ctx *ctx, enum setpki_suite suite, EVP_PKEY *key, setpki_bytes sealed, struct sp_keyblock *b)
{
	const struct sp_suite *s = sp_suite(suite);
	uint8_t plain[SP_SIG_MAX] = {0}, random[SP_KEY_MAX] = {0};
	size_t k = (size_t)EVP_PKEY_get_size(key), len = sizeof(plain), n = db_len(s, b), filled = 0;
	EVP_PKEY_CTX *c = rsa(ctx, suite, key, EVP_PKEY_decrypt_init);
	unsigned ok;

	ok = sp_random(ctx, random, s->key_len, NULL) == SETPKI_E_OK && room_for(s, key, b, NULL) == SETPKI_E_OK;
	ok &= c != NULL && EVP_PKEY_decrypt(c, plain, &len, sealed.p, sealed.n) == 1;
	if (k <= sizeof(plain) && k > 1 + SALT_LEN)
		ok &= unmask(ctx, suite, plain, k, len, n, &filled);
	else
		ok = 0;
	ok &= head_ok(b, plain, n, filled < n ? n : filled);
	take_or_random(s, plain, random, ok, b);
	EVP_PKEY_CTX_free(c);
	ERR_clear_error();
	OPENSSL_cleanse(plain, sizeof(plain));
	OPENSSL_cleanse(random, sizeof(random));
	return ok;
}
