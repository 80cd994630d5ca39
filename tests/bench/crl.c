/* A CRL of a million entries. */
#include "tests/bench/bench.h"

#include "lib/crypto/sign.h"
#include "lib/x509/crl.h"
#include "tests/support/certs.h"

#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

#define ENTRIES 1000000u

struct big {
	setpki_ctx *ctx;
	EVP_PKEY *key;
	const struct sp_cert *signer;
	uint32_t at;
	uint8_t serial[17];
	struct sp_buf der;
	struct sp_crl crl;
};

static bool
next(void *arg, struct sp_crl_entry *e)
{
	struct big *b = arg;

	if (b->at == ENTRIES)
		return false;
	b->at++;
	b->serial[0] = 1;
	for (int i = 0; i < 4; i++)
		b->serial[1 + i] = (uint8_t)(b->at >> (24 - 8 * i));
	*e = (struct sp_crl_entry){SP_BYTES(b->serial), 1700000000, -1};
	return true;
}

static void
rewind_entries(void *arg)
{
	((struct big *)arg)->at = 0;
}

static enum setpki_code
sign(void *arg, const uint8_t *digest, struct sp_buf *sig, struct setpki_error *err)
{
	struct big *b = arg;

	return sp_sign_digest(b->ctx, SETPKI_SUITE_MODERN, b->key, digest, sig, err);
}

static enum setpki_code
write_piece(void *arg, setpki_bytes piece, struct setpki_error *err)
{
	struct big *b = arg;

	(void)err;
	sp_buf_add_bytes(&b->der, piece);
	return b->der.failed ? SETPKI_E_MEMORY : SETPKI_E_OK;
}

static void
build(void *arg, size_t n)
{
	struct big *b = arg;
	struct sp_crl_source source = {next, rewind_entries, b};
	struct sp_crl_spec spec = {SETPKI_SUITE_MODERN, b->signer, 1700000000, 1710000000, 7};

	while (n-- > 0) {
		sp_buf_reset(&b->der);
		b->at = 0;
		BENCH_MUST(sp_crl_build(b->ctx, &spec, &source, sign, b, write_piece, b, NULL) == SETPKI_E_OK);
	}
}

static void *
setup(setpki_ctx *ctx)
{
	struct big *b = calloc(1, sizeof(*b));

	BENCH_MUST(b != NULL);
	b->ctx = ctx;
	BENCH_MUST(certs_start(NULL) == 0);
	b->signer = certs_root(SETPKI_SUITE_MODERN);
	b->key = certs_key(SETPKI_SUITE_MODERN, CERTS_KEY_CA);
	build(b, 1);
	BENCH_MUST(sp_crl_parse(ctx, sp_buf_bytes(&b->der), &b->crl, NULL) == SETPKI_E_OK);
	return b;
}

static void
teardown(void *arg)
{
	struct big *b = arg;

	sp_crl_free(&b->crl);
	sp_buf_free(&b->der);
	free(b);
	certs_stop(NULL);
}

static void
load(void *arg, size_t n)
{
	struct big *b = arg;

	while (n-- > 0) {
		struct sp_crl crl;

		BENCH_MUST(sp_crl_parse(b->ctx, sp_buf_bytes(&b->der), &crl, NULL) == SETPKI_E_OK);
		sp_crl_free(&crl);
	}
}

static void
load_openssl(void *arg, size_t n)
{
	struct big *b = arg;

	while (n-- > 0) {
		const unsigned char *p = b->der.p;
		X509_CRL *crl = d2i_X509_CRL(NULL, &p, (long)b->der.n);

		BENCH_MUST(crl != NULL);
		X509_CRL_free(crl);
	}
}

static void
hash(void *arg, size_t n)
{
	struct big *b = arg;
	uint8_t digest[32];

	while (n-- > 0)
		BENCH_MUST(sp_sha256(b->ctx, sp_buf_bytes(&b->der), digest, NULL) == SETPKI_E_OK);
}

static void
lookup(void *arg, size_t n)
{
	struct big *b = arg;

	while (n-- > 0) {
		uint8_t serial[17] = {1, 0, 0, (uint8_t)(n * 2654435761u >> 8), (uint8_t)(n * 2654435761u)};

		(void)sp_crl_lookup(&b->crl, SP_BYTES(serial), NULL, NULL);
	}
}

static void
hash_short(void *arg, size_t n)
{
	struct big *b = arg;
	uint8_t digest[32];

	while (n-- > 0)
		BENCH_MUST(sp_sha256(b->ctx, sp_bytes(b->der.p, 17), digest, NULL) == SETPKI_E_OK);
}

const struct bench_row bench_crl[] = {{"CRL of a million entries, built and signed", "sp_crl_build", "SHA-256 over it",
					  "0.2 s", setup, build, hash, teardown},
    {"CRL of a million entries, read", "sp_crl_parse, hashed and indexed", "d2i_X509_CRL", "30 ms beyond the hash",
	setup, load, load_openssl, teardown},
    {"CRL of a million entries, read", "sp_crl_parse, hashed and indexed", "SHA-256 over it", "", setup, load, hash,
	teardown},
    {"CRL of a million entries, one lookup", "sp_crl_lookup", "SHA-256 of 17 octets", "0.6 us", setup, lookup,
	hash_short, teardown},
    {0}};
