#include "tests/support/parties.h"

/* Name { CN=<letter> } and a serial of 17 octets. */
#define ISSUER(letter)                                                                                                 \
	{                                                                                                              \
		0x30, 0x0c, 0x31, 0x0a, 0x30, 0x08, 0x06, 0x03, 0x55, 0x04, 0x03, 0x13, 0x01, (letter)                 \
	}
static const uint8_t issuers[4][14] = {ISSUER('A'), ISSUER('B'), ISSUER('C'), ISSUER('D')};
static const uint8_t serials[4][17] = {{1, 0xaa}, {1, 0xbb}, {1, 0xcc}, {1, 0xdd}};

static struct t_suite suites[T_SUITES];

static bool
party(setpki_ctx *ctx, struct setpki_party *p, int name, enum sp_keyalg alg, unsigned bits)
{
	if (name >= 0) {
		p->issuer = SP_BYTES(issuers[name]);
		p->serial = SP_BYTES(serials[name]);
	}
	return sp_keygen(ctx, alg, bits, &p->key, NULL) == SETPKI_E_OK;
}

static bool
make(setpki_ctx *ctx, struct t_suite *s, enum setpki_suite suite)
{
	bool classic = suite == SETPKI_SUITE_CLASSIC;
	enum sp_keyalg alg = classic ? SP_KEY_RSA : SP_KEY_P256;
	unsigned bits = classic ? 1024 : 2048;

	s->suite = suite;
	return party(ctx, &s->alice, 0, alg, bits) && party(ctx, &s->bob, 1, SP_KEY_RSA, bits) &&
	    party(ctx, &s->fresh, -1, alg, bits) && party(ctx, &s->carol, 2, SP_KEY_RSA, bits) &&
	    party(ctx, &s->dave, 3, SP_KEY_RSA, bits);
}

const struct t_suite *
t_suites(setpki_ctx *ctx)
{
	if (suites[0].alice.key == NULL &&
	    !(make(ctx, &suites[0], SETPKI_SUITE_CLASSIC) && make(ctx, &suites[1], SETPKI_SUITE_MODERN)))
		return NULL;
	return suites;
}

void
t_suites_free(void)
{
	for (size_t i = 0; i < T_SUITES; i++) {
		EVP_PKEY_free(suites[i].alice.key);
		EVP_PKEY_free(suites[i].bob.key);
		EVP_PKEY_free(suites[i].fresh.key);
		EVP_PKEY_free(suites[i].carol.key);
		EVP_PKEY_free(suites[i].dave.key);
		suites[i] = (struct t_suite){0};
	}
}

EVP_PKEY *
t_key_of(void *arg, size_t i, const struct sp_signer *who, setpki_bytes content)
{
	const struct t_suite *s = arg;

	(void)i;
	(void)content;
	if (who->uncertified)
		return s->fresh.key;
	if (sp_bytes_eq(who->issuer, s->alice.issuer) && sp_bytes_eq(sp_signer_serial(who), s->alice.serial))
		return s->alice.key;
	if (sp_bytes_eq(who->issuer, s->bob.issuer) && sp_bytes_eq(sp_signer_serial(who), s->bob.serial))
		return s->bob.key;
	return NULL;
}
