#include "lib/crypto/pubkey.h"

#include "lib/base/limits.h"
#include "lib/der/writer.h"

#include <openssl/core_names.h>
#include <openssl/param_build.h>
#include <stdio.h>
#include <string.h>

/* Contents octets. */
static const uint8_t oid_rsa[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01};
static const uint8_t oid_ec[] = {0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01};
static const uint8_t oid_p256[] = {0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};
static const uint8_t oid_p384[] = {0x2b, 0x81, 0x04, 0x00, 0x22};

static const struct curve {
	enum sp_keyalg alg;
	unsigned bits;
	const char *text, *group; /* ours and OpenSSL's name */
	setpki_bytes oid;
} curves[] = {
    {SP_KEY_P256, 256, "P-256", "prime256v1", {oid_p256, sizeof(oid_p256)}},
    {SP_KEY_P384, 384, "P-384", "secp384r1", {oid_p384, sizeof(oid_p384)}},
};
#define NCURVES (sizeof(curves) / sizeof(curves[0]))

static const struct curve *
curve_of(enum sp_keyalg alg)
{
	for (size_t i = 0; i < NCURVES; i++)
		if (curves[i].alg == alg)
			return &curves[i];
	return NULL;
}

static unsigned
bit_length(setpki_bytes m)
{
	unsigned bits = (unsigned)m.n * 8;

	for (uint8_t mask = 0x80; m.n != 0 && mask != 0 && (m.p[0] & mask) == 0; mask >>= 1)
		bits--;
	return bits;
}

static bool
parse_rsa(struct sp_der *alg, struct sp_spki *k)
{
	struct sp_der bits = sp_der(k->key_bits), seq;

	k->alg = SP_KEY_RSA;
	if (!sp_der_null(alg) || !sp_der_enter(&bits, SP_SEQUENCE, &seq) || !sp_der_end(&bits))
		return false;
	if (!sp_der_uint(&seq, &k->n) || !sp_der_uint(&seq, &k->e) || !sp_der_end(&seq))
		return false;
	k->bits = bit_length(k->n);
	return true;
}

static bool
parse_ec(struct sp_der *alg, struct sp_spki *k)
{
	setpki_bytes oid;

	if (!sp_der_oid(alg, &oid))
		return false;
	for (size_t i = 0; i < NCURVES; i++)
		if (sp_bytes_eq(oid, curves[i].oid)) {
			k->alg = curves[i].alg;
			k->bits = curves[i].bits;
			k->point = k->key_bits;
		}
	/* 0x04: uncompressed, the only form of 12.1 */
	return k->alg != SP_KEY_NONE && k->point.n == 1 + 2 * k->bits / 8 && k->point.p[0] == 0x04;
}

enum setpki_code
sp_spki_parse(setpki_bytes whole, struct sp_spki *out, struct setpki_error *err)
{
	struct sp_der top = sp_der(whole), seq, alg;
	setpki_bytes oid;
	unsigned unused;

	memset(out, 0, sizeof(*out));
	out->whole = whole;
	if (whole.n > SP_SPKI_MAX)
		return sp_fail(err, SETPKI_E_LIMIT, NULL, "public key of %zu bytes (at most %u)", whole.n, SP_SPKI_MAX);
	if (!sp_der_enter(&top, SP_SEQUENCE, &seq) || !sp_der_end(&top) || !sp_der_enter(&seq, SP_SEQUENCE, &alg) ||
	    !sp_der_oid(&alg, &oid) || !sp_der_bits(&seq, &out->key_bits, &unused) || unused != 0 || !sp_der_end(&seq))
		return sp_fail(err, SETPKI_E_PARSE, "RFC 5280 4.1.2.7", "not a SubjectPublicKeyInfo");
	if (sp_bytes_eq(oid, SP_BYTES(oid_rsa))) {
		if (!parse_rsa(&alg, out) || !sp_der_end(&alg))
			return sp_fail(err, SETPKI_E_PARSE, "RFC 3279 2.3.1",
			    "RSA public key is malformed, or its parameters are not NULL");
	} else if (sp_bytes_eq(oid, SP_BYTES(oid_ec))) {
		if (!parse_ec(&alg, out) || !sp_der_end(&alg))
			return sp_fail(err, SETPKI_E_SUITE, "set-protocol 12.1",
			    "EC public key is not an uncompressed point of the named curve P-256 or P-384");
	} else {
		return sp_fail(err, SETPKI_E_SUITE, "set-protocol 12.1", "public key is neither RSA nor EC");
	}
	return SETPKI_E_OK;
}

/* The RSA rows of 12.1. */
static const struct rsa_bounds {
	enum setpki_suite suite;
	unsigned min_bits, max_bits;
	uint32_t min_exponent;
} rsa_bounds[] = {
    {SETPKI_SUITE_CLASSIC, 1024, 4096, 3},
    {SETPKI_SUITE_MODERN, 2048, 4096, 65537},
};

static bool
exponent_at_least(setpki_bytes e, uint32_t min)
{
	uint32_t v = 0;

	if (e.n > 4)
		return true;
	for (size_t i = 0; i < e.n; i++)
		v = v << 8 | e.p[i];
	return v >= min;
}

static enum setpki_code
check_rsa(const struct sp_spki *k, enum setpki_suite suite, struct setpki_error *err)
{
	const struct rsa_bounds *b = suite == SETPKI_SUITE_CLASSIC ? &rsa_bounds[0] : &rsa_bounds[1];

	if (k->bits < b->min_bits || k->bits > b->max_bits || k->bits % 8 != 0)
		return sp_fail(err, SETPKI_E_SUITE, "set-protocol 12.1",
		    "RSA key of %u bits: the %s suite takes %u to %u, a multiple of 8", k->bits,
		    setpki_suite_name(suite), b->min_bits, b->max_bits);
	if (k->e.n == 0 || k->e.n > k->n.n || (k->e.p[k->e.n - 1] & 1) == 0 ||
	    !exponent_at_least(k->e, b->min_exponent))
		return sp_fail(err, SETPKI_E_SUITE, "set-protocol 12.1",
		    "RSA public exponent must be odd and at least %u in the %s suite", b->min_exponent,
		    setpki_suite_name(suite));
	return (k->n.p[k->n.n - 1] & 1) != 0 ? SETPKI_E_OK
					     : sp_fail(err, SETPKI_E_SUITE, "set-protocol 12.1", "RSA modulus is even");
}

enum setpki_code
sp_spki_check(const struct sp_spki *k, enum setpki_suite suite, bool exchange, struct setpki_error *err)
{
	if (sp_suite(suite) == NULL)
		return sp_fail(err, SETPKI_E_SUITE, "set-protocol 12.1", "no suite to check the key against");
	if (k->alg == SP_KEY_RSA)
		return check_rsa(k, suite, err);
	if (suite == SETPKI_SUITE_CLASSIC)
		return sp_fail(err, SETPKI_E_SUITE, "set-protocol 12.1", "the classic suite takes RSA keys only");
	if (exchange)
		return sp_fail(err, SETPKI_E_SUITE, "set-protocol 12.1", "key exchange takes RSA keys only");
	return SETPKI_E_OK;
}

static EVP_PKEY *
from_params(setpki_ctx *ctx, const char *type, OSSL_PARAM_BLD *bld)
{
	OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(bld);
	EVP_PKEY_CTX *c = EVP_PKEY_CTX_new_from_name(sp_ctx_lib(ctx), type, NULL);
	EVP_PKEY *pkey = NULL;

	if (params == NULL || c == NULL || EVP_PKEY_fromdata_init(c) != 1 ||
	    EVP_PKEY_fromdata(c, &pkey, EVP_PKEY_PUBLIC_KEY, params) != 1)
		pkey = NULL;
	EVP_PKEY_CTX_free(c);
	OSSL_PARAM_free(params);
	return pkey;
}

enum setpki_code
sp_spki_pkey(setpki_ctx *ctx, const struct sp_spki *k, EVP_PKEY **out, struct setpki_error *err)
{
	OSSL_PARAM_BLD *bld = OSSL_PARAM_BLD_new();
	BIGNUM *n = NULL, *e = NULL;
	bool ok = bld != NULL;

	*out = NULL;
	if (ok && k->alg == SP_KEY_RSA) {
		n = BN_bin2bn(k->n.p, (int)k->n.n, NULL);
		e = BN_bin2bn(k->e.p, (int)k->e.n, NULL);
		ok = n != NULL && e != NULL && OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_RSA_N, n) == 1 &&
		    OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_RSA_E, e) == 1;
		if (ok)
			*out = from_params(ctx, "RSA", bld);
	} else if (ok && curve_of(k->alg) != NULL) {
		ok =
		    OSSL_PARAM_BLD_push_utf8_string(bld, OSSL_PKEY_PARAM_GROUP_NAME, curve_of(k->alg)->group, 0) == 1 &&
		    OSSL_PARAM_BLD_push_octet_string(bld, OSSL_PKEY_PARAM_PUB_KEY, k->point.p, k->point.n) == 1;
		if (ok)
			*out = from_params(ctx, "EC", bld);
	}
	BN_free(n);
	BN_free(e);
	OSSL_PARAM_BLD_free(bld);
	return *out != NULL ? SETPKI_E_OK : sp_fail_crypto(err, "public key is not usable (a point off its curve?)");
}

enum setpki_code
sp_spki_identity(setpki_ctx *ctx, const struct sp_spki *k, uint8_t out[32], struct setpki_error *err)
{
	const struct curve *c = curve_of(k->alg);
	struct sp_buf b = {0};
	enum setpki_code rc;

	if (c != NULL)
		sp_der_put_oid(&b, c->oid);
	sp_der_put_octets(&b, c != NULL ? k->point : k->n);
	rc = b.failed ? sp_fail_memory(err) : sp_sha256(ctx, sp_buf_bytes(&b), out, err);
	sp_buf_free(&b);
	return rc;
}

enum setpki_code
sp_spki_keyid(setpki_ctx *ctx, const struct sp_spki *k, uint8_t out[20], struct setpki_error *err)
{
	uint8_t hash[32];
	enum setpki_code rc = sp_sha256(ctx, k->key_bits, hash, err);

	memcpy(out, hash, 20);
	return rc;
}

static void
put_spki(struct sp_buf *out, const struct curve *c, setpki_bytes key)
{
	size_t spki = sp_der_open(out, SP_SEQUENCE), alg = sp_der_open(out, SP_SEQUENCE);

	sp_der_put_oid(out, c != NULL ? SP_BYTES(oid_ec) : SP_BYTES(oid_rsa));
	if (c != NULL)
		sp_der_put_oid(out, c->oid);
	else
		sp_der_put_null(out);
	sp_der_close(out, alg);
	sp_der_put_bits(out, key);
	sp_der_close(out, spki);
}

static bool
rsa_key_der(const EVP_PKEY *pkey, struct sp_buf *out)
{
	BIGNUM *n = NULL, *e = NULL;
	uint8_t octets[SP_SIG_MAX];
	bool ok = EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_RSA_N, &n) == 1 &&
	    EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_RSA_E, &e) == 1 && (size_t)BN_num_bytes(n) <= sizeof(octets) &&
	    (size_t)BN_num_bytes(e) <= sizeof(octets);

	if (ok) {
		size_t seq = sp_der_open(out, SP_SEQUENCE);

		sp_der_put_uint(out, sp_bytes(octets, (size_t)BN_bn2bin(n, octets)));
		sp_der_put_uint(out, sp_bytes(octets, (size_t)BN_bn2bin(e, octets)));
		sp_der_close(out, seq);
	}
	BN_free(n);
	BN_free(e);
	return ok;
}

static const struct curve *
curve_of_pkey(const EVP_PKEY *pkey)
{
	char group[32];

	if (EVP_PKEY_get_utf8_string_param(pkey, OSSL_PKEY_PARAM_GROUP_NAME, group, sizeof(group), NULL) != 1)
		return NULL;
	for (size_t i = 0; i < NCURVES; i++)
		if (strcmp(group, curves[i].group) == 0)
			return &curves[i];
	return NULL;
}

/* OpenSSL gives the point in whatever form the key was read in; x and y make the one form of 12.1. */
static bool
ec_point(const EVP_PKEY *pkey, const struct curve *c, struct sp_buf *out)
{
	size_t len = c->bits / 8;
	BIGNUM *x = NULL, *y = NULL;
	uint8_t *p;
	bool ok = EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_EC_PUB_X, &x) == 1 &&
	    EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_EC_PUB_Y, &y) == 1;

	sp_buf_add_byte(out, 0x04);
	p = sp_buf_extend(out, 2 * len);
	ok = ok && p != NULL && BN_bn2binpad(x, p, (int)len) >= 0 && BN_bn2binpad(y, p + len, (int)len) >= 0;
	BN_free(x);
	BN_free(y);
	return ok;
}

enum setpki_code
sp_spki_from_pkey(const EVP_PKEY *pkey, struct sp_buf *out, struct setpki_error *err)
{
	struct sp_buf key = {0};
	const struct curve *c = NULL;
	bool ok = false;

	if (EVP_PKEY_is_a(pkey, "RSA"))
		ok = rsa_key_der(pkey, &key);
	else if (EVP_PKEY_is_a(pkey, "EC") && (c = curve_of_pkey(pkey)) != NULL)
		ok = ec_point(pkey, c, &key);
	else
		return sp_fail(err, SETPKI_E_SUITE, "set-protocol 12.1",
		    "key is neither RSA nor EC on P-256 or P-384: make another");
	if (ok && !key.failed)
		put_spki(out, c, sp_buf_bytes(&key));
	sp_buf_free(&key);
	if (!ok)
		return sp_fail_crypto(err, "public key cannot be read");
	return out->failed ? sp_fail_memory(err) : SETPKI_E_OK;
}

const char *
sp_keytype_text(enum sp_keyalg alg, unsigned bits, char out[16])
{
	const struct curve *c = curve_of(alg);

	if (c != NULL)
		snprintf(out, 16, "%s", c->text);
	else
		snprintf(out, 16, "RSA-%u", bits % 100000);
	return out;
}

bool
sp_keytype_parse(const char *text, enum sp_keyalg *alg, unsigned *bits)
{
	for (size_t i = 0; i < NCURVES; i++)
		if (strcmp(text, curves[i].text) == 0) {
			*alg = curves[i].alg;
			*bits = curves[i].bits;
			return true;
		}
	if (strncmp(text, "RSA-", 4) != 0 || strlen(text) != 8 || strspn(text + 4, "0123456789") != 4 || text[4] == '0')
		return false;
	*alg = SP_KEY_RSA;
	*bits = 0;
	for (const char *p = text + 4; *p != '\0'; p++)
		*bits = *bits * 10 + (unsigned)(*p - '0');
	return true;
}

enum setpki_code
sp_keygen(setpki_ctx *ctx, enum sp_keyalg alg, unsigned bits, EVP_PKEY **out, struct setpki_error *err)
{
	const struct curve *c = curve_of(alg);

	*out = NULL;
	if (c != NULL)
		*out = EVP_PKEY_Q_keygen(sp_ctx_lib(ctx), NULL, "EC", c->group);
	else if (alg == SP_KEY_RSA && bits >= 1024 && bits <= 4096 && bits % 8 == 0)
		*out = EVP_PKEY_Q_keygen(sp_ctx_lib(ctx), NULL, "RSA", (size_t)bits);
	else
		return sp_fail(err, SETPKI_E_SUITE, "set-protocol 12.1", "no suite has RSA keys of %u bits", bits);
	return *out != NULL ? SETPKI_E_OK : sp_fail_crypto(err, "key generation");
}
