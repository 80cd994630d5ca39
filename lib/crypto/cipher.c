#include "lib/crypto/cipher.h"

#include "lib/asn1/pkcs7.h"
#include "lib/base/limits.h"
#include "lib/crypto/context.h"
#include "lib/der/walk.h"
#include "lib/der/writer.h"

#include <openssl/err.h>
#include <string.h>

#define TAG_LEN 16
#define DES_BLOCK 8

static const uint8_t oid_des_cbc[] = {0x2b, 0x0e, 0x03, 0x02, 0x07};
static const uint8_t oid_aes256_gcm[] = {0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x2e};

static const struct cipher {
	enum setpki_suite suite;
	setpki_bytes oid;
	size_t iv_len, tag_len;
} ciphers[] = {
    {SETPKI_SUITE_CLASSIC, {oid_des_cbc, sizeof(oid_des_cbc)}, 8, 0},
    {SETPKI_SUITE_MODERN, {oid_aes256_gcm, sizeof(oid_aes256_gcm)}, 12, TAG_LEN},
};
#define IV_MAX 12

static const struct cipher *
cipher_of(enum setpki_suite suite)
{
	for (size_t i = 0; i < sizeof(ciphers) / sizeof(ciphers[0]); i++)
		if (ciphers[i].suite == suite)
			return &ciphers[i];
	return NULL;
}

/* des-cbc with its IV; id-aes256-GCM with GCMParameters (RFC 5084 3.2) whose icvLen is not the default. */
void
sp_cipher_alg(enum setpki_suite suite, const uint8_t *iv, struct sp_buf *out)
{
	const struct cipher *c = cipher_of(suite);
	size_t seq = sp_der_open(out, SP_SEQUENCE), params = 0;

	sp_der_put_oid(out, c->oid);
	if (c->tag_len != 0)
		params = sp_der_open(out, SP_SEQUENCE);
	sp_der_put_octets(out, sp_bytes(iv, c->iv_len));
	if (c->tag_len != 0) {
		sp_der_put_int(out, (int64_t)c->tag_len);
		sp_der_close(out, params);
	}
	sp_der_close(out, seq);
}

static bool
read_alg(const struct cipher *c, setpki_bytes alg, setpki_bytes *iv)
{
	struct sp_der d = sp_der(alg), seq, params;
	setpki_bytes oid;
	int64_t tag_len = 0;
	bool ok;

	*iv = sp_bytes(NULL, 0);
	ok = c != NULL && sp_der_enter(&d, SP_SEQUENCE, &seq) && sp_der_end(&d) && sp_der_oid(&seq, &oid) &&
	    sp_bytes_eq(oid, c->oid);
	if (!ok)
		return false;
	if (c->tag_len == 0)
		return sp_der_octets(&seq, iv) && sp_der_end(&seq) && iv->n == c->iv_len;
	return sp_der_enter(&seq, SP_SEQUENCE, &params) && sp_der_end(&seq) && sp_der_octets(&params, iv) &&
	    sp_der_int(&params, &tag_len) && sp_der_end(&params) && iv->n == c->iv_len && (size_t)tag_len == c->tag_len;
}

bool
sp_cipher_is(enum setpki_suite suite, setpki_bytes alg)
{
	setpki_bytes iv;

	return read_alg(cipher_of(suite), alg, &iv);
}

enum setpki_code
sp_cipher_ready(setpki_ctx *ctx, enum setpki_suite suite, struct setpki_error *err)
{
	if (suite == SETPKI_SUITE_CLASSIC && sp_ctx_des(ctx) == NULL)
		return sp_fail_crypto(err, "DES: OpenSSL's legacy provider cannot be loaded; install its legacy.so");
	return SETPKI_E_OK;
}

/* A context for one message; padding of DES is ours, so that reading it has one path. */
static EVP_CIPHER_CTX *
start(setpki_ctx *ctx, const struct cipher *c, const uint8_t *key, const uint8_t *iv, int encrypt)
{
	const EVP_CIPHER *alg = c->tag_len != 0 ? ctx->aes_gcm : sp_ctx_des(ctx);
	EVP_CIPHER_CTX *x = EVP_CIPHER_CTX_new();

	if (alg == NULL || x == NULL || EVP_CipherInit_ex2(x, alg, key, iv, encrypt, NULL) != 1 ||
	    EVP_CIPHER_CTX_set_padding(x, 0) != 1) {
		EVP_CIPHER_CTX_free(x);
		return NULL;
	}
	return x;
}

static bool
run(EVP_CIPHER_CTX *x, const uint8_t *in, size_t n, uint8_t *out)
{
	int len = 0;

	return n <= INT32_MAX && EVP_CipherUpdate(x, out, &len, in, (int)n) == 1 && (size_t)len == n;
}

static bool
finish(EVP_CIPHER_CTX *x)
{
	uint8_t none[EVP_MAX_BLOCK_LENGTH];
	int len = 0;

	return EVP_CipherFinal_ex(x, none, &len) == 1 && len == 0;
}

/* PKCS padding to whole blocks (RFC 8018 6.1.1); GCM takes any length. */
static void
pad(const struct cipher *c, setpki_bytes plain, struct sp_buf *out)
{
	uint8_t n = (uint8_t)(DES_BLOCK - plain.n % DES_BLOCK);

	sp_buf_add_bytes(out, plain);
	for (uint8_t i = 0; c->tag_len == 0 && i < n; i++)
		sp_buf_add_byte(out, n);
}

enum setpki_code
sp_cipher_seal(setpki_ctx *ctx, enum setpki_suite suite, const uint8_t *key, setpki_bytes plain, struct sp_buf *alg,
    struct sp_buf *out, struct setpki_error *err)
{
	const struct cipher *c = cipher_of(suite);
	struct sp_buf padded = {.secret = true};
	EVP_CIPHER_CTX *x = NULL;
	uint8_t iv[IV_MAX], *to;
	enum setpki_code rc;
	bool ok;

	if (c == NULL || plain.n > SP_MESSAGE_MAX)
		return sp_fail(err, SETPKI_E_LIMIT, "set-protocol 12.1", "%zu bytes to encrypt (at most %u)", plain.n,
		    SP_MESSAGE_MAX);
	if ((rc = sp_random(ctx, iv, c->iv_len, err)) != SETPKI_E_OK)
		return rc;
	pad(c, plain, &padded);
	to = sp_buf_extend(out, padded.n + c->tag_len);
	ok = !padded.failed && to != NULL && (x = start(ctx, c, key, iv, 1)) != NULL &&
	    run(x, padded.p, padded.n, to) && finish(x) &&
	    (c->tag_len == 0 || EVP_CIPHER_CTX_ctrl(x, EVP_CTRL_AEAD_GET_TAG, (int)c->tag_len, to + padded.n) == 1);
	sp_buf_free(&padded);
	EVP_CIPHER_CTX_free(x);
	if (!ok)
		return sp_fail_crypto(err, "content encryption (classic needs OpenSSL's legacy provider)");
	sp_cipher_alg(suite, iv, alg);
	return alg->failed ? sp_fail_memory(err) : SETPKI_E_OK;
}

unsigned
sp_des_unpad(const uint8_t *plain, size_t len, size_t *n)
{
	unsigned last = plain[len - 1], bad = ((last - 1) >> 3) != 0;

	for (unsigned i = 0; i < DES_BLOCK; i++) {
		unsigned within = (i - last) >> 31; /* 1 for i < last */

		bad |= within & (unsigned)((plain[len - 1 - i] ^ last) != 0);
	}
	*n = last & (bad - 1u);
	return bad ^ 1u;
}

static unsigned
decrypt(EVP_CIPHER_CTX *x, const struct cipher *c, setpki_bytes cipher, struct sp_buf *plain)
{
	size_t n = cipher.n - c->tag_len, padding = 0;
	uint8_t tag[TAG_LEN], *to = sp_buf_extend(plain, n);
	unsigned ok = to != NULL && run(x, cipher.p, n, to);

	if (c->tag_len != 0) {
		memcpy(tag, cipher.p + n, TAG_LEN);
		ok &= EVP_CIPHER_CTX_ctrl(x, EVP_CTRL_AEAD_SET_TAG, TAG_LEN, tag) == 1;
		ok &= finish(x);
	} else if (to != NULL) {
		ok &= sp_des_unpad(to, n, &padding);
		plain->n -= padding;
	}
	return ok;
}

enum setpki_code
sp_cipher_open(setpki_ctx *ctx, enum setpki_suite suite, const uint8_t *key, setpki_bytes alg, setpki_bytes cipher,
    struct sp_buf *plain, struct setpki_error *err)
{
	const struct cipher *c = cipher_of(suite);
	EVP_CIPHER_CTX *x;
	setpki_bytes iv;
	unsigned ok;

	if (!read_alg(c, alg, &iv))
		return sp_fail(err, SETPKI_E_SUITE, "set-protocol 12.1",
		    "content encryption is not that of the %s suite", setpki_suite_name(suite));
	if (cipher.n > SP_MESSAGE_MAX || cipher.n < c->tag_len + 1 || (c->tag_len == 0 && cipher.n % DES_BLOCK != 0))
		return sp_fail(err, SETPKI_E_DECRYPT, "set-protocol 12.5", "the contents cannot be decrypted");
	if ((x = start(ctx, c, key, iv.p, 0)) == NULL)
		return sp_fail_crypto(err, "content decryption (classic needs OpenSSL's legacy provider)");
	ok = decrypt(x, c, cipher, plain);
	EVP_CIPHER_CTX_free(x);
	ERR_clear_error();
	return ok ? SETPKI_E_OK
		  : sp_fail(err, SETPKI_E_DECRYPT, "set-protocol 12.5", "the contents cannot be decrypted");
}

enum setpki_code
sp_encrypted_put(setpki_ctx *ctx, enum setpki_suite suite, enum sp_content type, const uint8_t *key, setpki_bytes plain,
    struct sp_buf *out, struct setpki_error *err)
{
	struct sp_buf alg = {0}, cipher = {0};
	enum setpki_code rc = sp_cipher_seal(ctx, suite, key, plain, &alg, &cipher, err);
	size_t seq = sp_der_open(out, SP_SEQUENCE);

	sp_der_put_oid(out, SP_CONTENT_OID(type));
	sp_buf_add_bytes(out, sp_buf_bytes(&alg));
	sp_der_put(out, SP_CTX(0), sp_buf_bytes(&cipher));
	sp_der_close(out, seq);
	sp_buf_free(&alg);
	sp_buf_free(&cipher);
	return rc;
}

enum setpki_code
sp_ek_put(setpki_ctx *ctx, enum setpki_suite suite, enum sp_content type, const uint8_t *key, setpki_bytes t,
    struct sp_buf *out, struct setpki_error *err)
{
	size_t seq = sp_der_open(out, SP_SEQUENCE);
	enum setpki_code rc;

	sp_der_put_int(out, 0);
	rc = sp_encrypted_put(ctx, suite, type, key, t, out, err);
	sp_der_close(out, seq);
	return rc != SETPKI_E_OK || !out->failed ? rc : sp_fail_memory(err);
}

enum setpki_code
sp_ek_open(setpki_ctx *ctx, enum setpki_suite suite, enum sp_content type, const uint8_t *key, setpki_bytes der,
    struct sp_buf *t, struct setpki_error *err)
{
	SP_ENCRYPTED_DATA *ed;
	void *object = NULL;
	enum setpki_code rc;

	if ((rc = sp_type_decode(&sp_type_encrypted_data, der, &object, err)) != SETPKI_E_OK)
		return rc;
	ed = object;
	if (!sp_bytes_eq(sp_obj(ed->content->type), SP_CONTENT_OID(type)) || ed->content->content == NULL)
		rc = sp_fail(err, SETPKI_E_PARSE, "set-protocol 1", "EncryptedData must hold content type 2.23.42.0.%d",
		    (int)type);
	else
		rc = sp_cipher_open(ctx, suite, key, sp_str(ed->content->cipher), sp_str(ed->content->content), t, err);
	if (rc == SETPKI_E_OK && sp_der_walk(sp_buf_bytes(t), NULL) != SETPKI_E_OK)
		rc = sp_fail(err, SETPKI_E_DECRYPT, "set-protocol 12.5", "the contents cannot be decrypted");
	if (rc != SETPKI_E_OK)
		sp_buf_reset(t);
	sp_type_free(&sp_type_encrypted_data, object);
	return rc;
}
