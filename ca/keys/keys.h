/* Private keys by URI.  Nothing else in ca or tools touches one. */
#ifndef CA_KEYS_KEYS_H
#define CA_KEYS_KEYS_H

#include "lib/crypto/party.h"

/* An opened key: knows its public half, signs.  Opaque. */
typedef struct ca_key ca_key;

/* Asked when a protected key is opened or made.  Writes at most `cap` octets and the length; `what` says whose key it
 * is ("root, certificate-signing, generation 1"); `confirm`: a new passphrase, to be typed twice.  STATE if nobody can
 * be asked. */
struct ca_passphrase {
	enum setpki_code (*ask)(
	    void *arg, const char *what, bool confirm, char *out, size_t cap, size_t *n, struct setpki_error *err);
	void *arg;
	/* The one that was given last is wrong: whether to ask again; NULL: no. */
	bool (*wrong)(void *arg);
};

/* Makes a key pair and writes it (mode 0600; aside, fsync, rename; PKCS#8, PBES2 with scrypt and AES-256 if `pass` is
 * given) to DIR/NAME.key; fails with CONFLICT if the file is there.  *uri ("file:NAME.key", relative to the key folder)
 * is the caller's (OPENSSL_free). */
SP_MUST_CHECK enum setpki_code
ca_key_make(setpki_ctx *ctx, const char *dir, const char *name, enum sp_keyalg alg, unsigned bits,
    const struct ca_passphrase *pass, const char *what, ca_key **out, char **uri, struct setpki_error *err);
/* Opens the key of a URI.  NOTFOUND; STATE (no passphrase to be had); DECRYPT (wrong passphrase). */
SP_MUST_CHECK enum setpki_code ca_key_open(setpki_ctx *ctx, const char *dir, const char *uri,
    const struct ca_passphrase *pass, const char *what, ca_key **out, struct setpki_error *err);
/* The same for a file anywhere, which somebody names: PKCS#8 in PEM, its owner's alone (mode 0600).  RULE too. */
SP_MUST_CHECK enum setpki_code ca_key_open_file(setpki_ctx *ctx, const char *path, const struct ca_passphrase *pass,
    const char *what, ca_key **out, struct setpki_error *err);
void ca_key_free(ca_key *key);
/* Its SubjectPublicKeyInfo, borrowed from the key. */
const struct sp_spki *ca_key_spki(const ca_key *key);
SP_MUST_CHECK enum setpki_code
ca_key_sign(ca_key *key, enum setpki_suite suite, setpki_bytes tbs, struct sp_buf *sig, struct setpki_error *err);
SP_MUST_CHECK enum setpki_code ca_key_sign_digest(
    ca_key *key, enum setpki_suite suite, const uint8_t *digest, struct sp_buf *sig, struct setpki_error *err);
/* The block of an envelope for this key: as setpki_key_ops' `open` (setpki/party.h). */
unsigned ca_key_open_block(ca_key *key, enum setpki_suite suite, setpki_bytes sealed, struct setpki_key_block *block);
/* The key as the library's operators take it: the public half, and operations that end here (what it signs are messages
 * alone, ca/keys/mandate.h); `key` has to outlive it.
 * Issuer and serial number are the caller's to fill in. */
void ca_key_party(ca_key *key, struct setpki_party *out);
/* Writes a key pair that was made for an end entity (`issue --out`): PKCS#8 PEM, mode 0600, never over a file. */
SP_MUST_CHECK enum setpki_code ca_key_write_new(
    setpki_ctx *ctx, const char *path, EVP_PKEY *pkey, const struct ca_passphrase *pass, struct setpki_error *err);
/* The home's symmetric keys (sealing, PAN hash, challenge MAC): 32 random octets each in DIR/NAME.secret, mode 0600,
 * made on first use. */
SP_MUST_CHECK enum setpki_code
ca_secret_open(setpki_ctx *ctx, const char *dir, const char *name, uint8_t out[32], struct setpki_error *err);

/* The same, but never made.  NOTFOUND. */
SP_MUST_CHECK enum setpki_code
ca_secret_look(const char *dir, const char *name, uint8_t out[32], struct setpki_error *err);
/* Removes the secrets whose names are `prefix` and a number below `from`.  IO. */
SP_MUST_CHECK enum setpki_code
ca_secret_prune(const char *dir, const char *prefix, long long from, struct setpki_error *err);

#endif
