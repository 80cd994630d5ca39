/* SubjectPublicKeyInfo: read without OpenSSL's decoder (marks: seven verifications), turned into an EVP_PKEY on demand.
 */
#ifndef LIB_CRYPTO_PUBKEY_H
#define LIB_CRYPTO_PUBKEY_H

#include "lib/crypto/suite.h"

enum sp_keyalg { SP_KEY_NONE, SP_KEY_RSA, SP_KEY_P256, SP_KEY_P384 };

/* Borrowed from the DER it was read from. */
struct sp_spki {
	enum sp_keyalg alg;
	unsigned bits;	       /* of the modulus or the field */
	setpki_bytes whole;    /* SubjectPublicKeyInfo */
	setpki_bytes key_bits; /* octets of the BIT STRING */
	setpki_bytes n, e;     /* RSA, magnitudes */
	setpki_bytes point;    /* EC, uncompressed */
};

/* Structure, algorithm, named curve and uncompressed point; not yet what a suite allows.  PARSE or SUITE. */
SP_MUST_CHECK enum setpki_code sp_spki_parse(setpki_bytes whole, struct sp_spki *out, struct setpki_error *err);
/* Whether `suite` allows this key for signatures (`exchange` false) or key exchange: lengths, exponents, curves, the
 * modulus a multiple of 8 bits.  SUITE, with the rule. */
SP_MUST_CHECK enum setpki_code
sp_spki_check(const struct sp_spki *k, enum setpki_suite suite, bool exchange, struct setpki_error *err);
/* A new EVP_PKEY (EVP_PKEY_free).  SIGNATURE-free: fails with CRYPTO if the point is not on the curve. */
SP_MUST_CHECK enum setpki_code
sp_spki_pkey(setpki_ctx *ctx, const struct sp_spki *k, EVP_PKEY **out, struct setpki_error *err);
/* What makes two keys the same key, whatever certificate holds them: SHA-256 over (n) or (curve, point) (12.11). */
SP_MUST_CHECK enum setpki_code
sp_spki_identity(setpki_ctx *ctx, const struct sp_spki *k, uint8_t out[32], struct setpki_error *err);
/* subjectKeyIdentifier: leftmost 160 bits of SHA-256 of the key bits (RFC 7093 method 1). */
SP_MUST_CHECK enum setpki_code
sp_spki_keyid(setpki_ctx *ctx, const struct sp_spki *k, uint8_t out[20], struct setpki_error *err);
/* SubjectPublicKeyInfo DER of a key pair or public key, in the form of 12.1. */
SP_MUST_CHECK enum setpki_code sp_spki_from_pkey(const EVP_PKEY *pkey, struct sp_buf *out, struct setpki_error *err);
/* "RSA-2048", "P-256": the one text form of key types, also in policies. */
const char *sp_keytype_text(enum sp_keyalg alg, unsigned bits, char out[16]);
bool sp_keytype_parse(const char *text, enum sp_keyalg *alg, unsigned *bits);
/* A new key pair (EVP_PKEY_free).  CRYPTO or SUITE. */
SP_MUST_CHECK enum setpki_code
sp_keygen(setpki_ctx *ctx, enum sp_keyalg alg, unsigned bits, EVP_PKEY **out, struct setpki_error *err);

#endif
