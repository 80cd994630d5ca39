/* Keys that somebody wants certified: weak ones, none at all, somebody else's, or a CA's.  Nothing proves that he has
 * the key that others are to encrypt to. */
#include "lib/der/writer.h"
#include "lib/x509/cert.h"
#include "tests/support/check.h"
#include "tests/support/front.h"
#include "tests/support/home.h"

#define BOTH SETPKI_MER_INITIAL_BOTH

static struct setpki_error err;

static void
signature_key_is(struct t_attack *a, setpki_bytes spki)
{
	assert_true(sp_str_set(&a->f.data->keys->sig, V_ASN1_SEQUENCE, spki));
}

static void
signature_pkey_is(struct t_attack *a, EVP_PKEY *key)
{
	struct sp_buf spki = {0};

	t_ok(sp_spki_from_pkey(key, &spki, &err), &err);
	signature_key_is(a, sp_buf_bytes(&spki));
	a->f.signers[0].key = key;
	sp_buf_free(&spki);
}

/* Its holder signs with it, as well as it can. */
static void
rsa_signs(struct t_attack *a, size_t bits)
{
	static EVP_PKEY *key;

	EVP_PKEY_free(key);
	assert_non_null(key = EVP_PKEY_Q_keygen(sp_ctx_lib(t_ctx()), NULL, "RSA", bits));
	signature_pkey_is(a, key);
}

static void
signs_with_rsa_512(struct t_attack *a)
{
	rsa_signs(a, 512);
}

static void
signs_with_rsa_1024(struct t_attack *a)
{
	rsa_signs(a, 1024);
}

static void
signs_with_somebody_s_key(struct t_attack *a)
{
	t_attack_by(a, MER);
	signature_pkey_is(a, a->h->somebody.ask.sig_key); /* somebody wants another certificate for it */
}

static void
signs_with_the_exchange_key(struct t_attack *a)
{
	signature_pkey_is(a, a->p.ask.enc_key);
}

/* Of another curve, or off it; signed with a key that there is. */
static void
curve_is(struct t_attack *a, const char *oid, const char *point, size_t n)
{
	struct sp_buf b = {0}, bits = {0};
	size_t seq = sp_der_open(&b, SP_SEQUENCE), alg = sp_der_open(&b, SP_SEQUENCE);

	sp_der_put_oid(&b, t_hex("2a8648ce3d0201"));
	sp_der_put_oid(&b, t_hex(oid));
	sp_der_close(&b, alg);
	sp_buf_add_bytes(&bits, t_hex(point));
	while (bits.n < n)
		sp_buf_add_byte(&bits, (uint8_t)bits.n);
	sp_der_put_bits(&b, sp_buf_bytes(&bits));
	sp_der_close(&b, seq);
	signature_key_is(a, sp_buf_bytes(&b));
	a->f.signers[0].key = a->h->own;
	sp_buf_free(&b);
	sp_buf_free(&bits);
}

static void
is_of_p192(struct t_attack *a)
{
	curve_is(a, "2a8648ce3d030101", "04", 49);
}

static void
is_of_p521(struct t_attack *a)
{
	curve_is(a, "2b81040023", "04", 133);
}

static void
is_of_secp256k1(struct t_attack *a)
{
	curve_is(a, "2b8104000a", "04", 65);
}

static void
is_off_its_curve(struct t_attack *a)
{
	curve_is(a, "2a8648ce3d030107", "04", 65);
}

static void
is_a_compressed_point(struct t_attack *a)
{
	curve_is(a, "2a8648ce3d030107", "02", 33);
}

static void
is_ed25519(struct t_attack *a)
{
	signature_key_is(
	    a, t_hex("302a300506032b6570032100 d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"));
	a->f.signers[0].key = a->h->own;
}

static void
is_the_ca_s_own(struct t_attack *a)
{
	struct sp_cert c;

	t_ok(sp_cert_parse(t_front_ca(a->h, "merchant")->sign_cert, &c, &err), &err);
	signature_key_is(a, c.key.whole);
	a->f.signers[0].key = a->h->own;
}

/* --- key-exchange keys: nothing proves that somebody has one ------------------------------------ */

static void
rsa_is(struct t_attack *a, setpki_bytes n, setpki_bytes e)
{
	struct sp_buf b = {0}, key = {0};
	size_t seq = sp_der_open(&key, SP_SEQUENCE), alg;

	sp_der_put_uint(&key, n);
	sp_der_put_uint(&key, e);
	sp_der_close(&key, seq);
	seq = sp_der_open(&b, SP_SEQUENCE);
	alg = sp_der_open(&b, SP_SEQUENCE);
	sp_der_put_oid(&b, t_hex("2a864886f70d010101"));
	sp_der_put_null(&b);
	sp_der_close(&b, alg);
	sp_der_put_bits(&b, sp_buf_bytes(&key));
	sp_der_close(&b, seq);
	assert_true(sp_str_set(&a->f.data->keys->enc, V_ASN1_SEQUENCE, sp_buf_bytes(&b)));
	sp_buf_free(&b);
	sp_buf_free(&key);
}

/* The modulus of the session's own key, made another one. */
static void
modulus_is(struct t_attack *a, size_t n, uint8_t first, uint8_t last, const char *e)
{
	static uint8_t modulus[513];
	struct sp_spki k;

	t_ok(sp_spki_parse(sp_str(a->f.data->keys->enc), &k, &err), &err);
	memset(modulus, 0xa5, sizeof(modulus));
	memcpy(modulus, k.n.p, k.n.n < n ? k.n.n : n);
	modulus[0] = first;
	modulus[n - 1] = last;
	rsa_is(a, sp_bytes(modulus, n), t_hex(e));
}

#define MODULUS(fn, n, first, last, e)                                                                                 \
	static void fn(struct t_attack *a)                                                                             \
	{                                                                                                              \
		modulus_is(a, n, first, last, e);                                                                      \
	}
MODULUS(exchange_rsa_512, 64, 0xc1, 0x01, "010001")
MODULUS(exchange_rsa_1024, 128, 0xc1, 0x01, "010001")
MODULUS(exchange_rsa_2047, 256, 0x41, 0x01, "010001")
MODULUS(exchange_rsa_4104, 513, 0xc1, 0x01, "010001")
MODULUS(exchange_even_modulus, 256, 0xc1, 0x02, "010001")
MODULUS(exchange_even_exponent, 256, 0xc1, 0x01, "010002")
MODULUS(exchange_exponent_1, 256, 0xc1, 0x01, "01")
MODULUS(exchange_exponent_3, 256, 0xc1, 0x01, "03")

static void
exchange_is_of_a_curve(struct t_attack *a)
{
	assert_true(sp_str_set(&a->f.data->keys->enc, V_ASN1_SEQUENCE, sp_str(a->f.data->keys->sig)));
}

static void
exchange_is_somebody_s(struct t_attack *a)
{
	struct sp_cert c;

	t_attack_by(a, BOTH);
	t_ok(sp_cert_parse(setpki_enroll_cert(a->h->somebody.e, true), &c, &err), &err);
	assert_true(sp_str_set(&a->f.data->keys->enc, V_ASN1_SEQUENCE, c.key.whole));
}

static void
exchange_is_the_ca_s(struct t_attack *a)
{
	struct sp_cert c;

	t_ok(sp_cert_parse(t_front_ca(a->h, "card")->exchange_cert, &c, &err), &err);
	assert_true(sp_str_set(&a->f.data->keys->enc, V_ASN1_SEQUENCE, c.key.whole));
}

static void
exchange_is_nearly_the_ca_s(struct t_attack *a)
{
	struct sp_cert c;

	t_ok(sp_cert_parse(t_front_ca(a->h, "card")->exchange_cert, &c, &err), &err);
	rsa_is(a, c.key.n, t_hex("010003"));
}

static void
with_good_keys(struct t_attack *a)
{
	struct sp_buf spki = {0};
	EVP_PKEY *key;

	t_ok(sp_keygen(t_ctx(), SP_KEY_RSA, 2048, &key, &err), &err);
	t_ok(sp_spki_from_pkey(key, &spki, &err), &err);
	assert_true(sp_str_set(&a->f.data->keys->enc, V_ASN1_SEQUENCE, sp_buf_bytes(&spki)));
	EVP_PKEY_free(key);
	sp_buf_free(&spki);
}

#define WEAK T_REFUSED(REJECTED_BY_CA), "status=rejectedByCA"
#define CERTIFIED T_REFUSED(REJECTED_BY_CA), "certified already"

static const struct t_attack_row rows[] = {
    {"two good keys", BOTH, with_good_keys, T_FINE, 2},
    {"an RSA key of 512 bits", MER, signs_with_rsa_512, T_FORGED, 0},
    {"an RSA key of 1024 bits", MER, signs_with_rsa_1024, T_FORGED, 0},
    {"a key of P-192", MER, is_of_p192, T_FORGED, 0},
    {"a key of P-521", MER, is_of_p521, T_FORGED, 0},
    {"a key of secp256k1", MER, is_of_secp256k1, T_FORGED, 0},
    {"a key off its curve", MER, is_off_its_curve, T_FORGED, 0},
    {"a compressed point", MER, is_a_compressed_point, T_FORGED, 0},
    {"an Ed25519 key", MER, is_ed25519, T_FORGED, 0},
    {"the CA's own signature key", MER, is_the_ca_s_own, T_FORGED, 0},
    {"a key that has a certificate", MER, signs_with_somebody_s_key, CERTIFIED, 0},
    {"one key for signature and exchange", BOTH, signs_with_the_exchange_key, T_REFUSED(REJECTED_BY_CA),
	"one key for both", 0},
    {"an exchange key of 512 bits", BOTH, exchange_rsa_512, WEAK, 0},
    {"an exchange key of 1024 bits", BOTH, exchange_rsa_1024, WEAK, 0},
    {"an exchange key of 2047 bits", BOTH, exchange_rsa_2047, WEAK, 0},
    {"an exchange key of 4104 bits", BOTH, exchange_rsa_4104, WEAK, 0},
    {"an exchange key with an even modulus", BOTH, exchange_even_modulus, WEAK, 0},
    {"an exchange key with an even exponent", BOTH, exchange_even_exponent, WEAK, 0},
    {"an exchange key with exponent 1", BOTH, exchange_exponent_1, WEAK, 0},
    {"an exchange key with exponent 3", BOTH, exchange_exponent_3, WEAK, 0},
    {"an exchange key of a curve", BOTH, exchange_is_of_a_curve, WEAK, 0},
    {"somebody else's exchange key", BOTH, exchange_is_somebody_s, CERTIFIED, 0},
    {"the exchange key of a CA", BOTH, exchange_is_the_ca_s, CERTIFIED, 0},
    {"the exchange key of a CA with another exponent", BOTH, exchange_is_nearly_the_ca_s, CERTIFIED, 0},
};

int
main(void)
{
	return t_attack_run("ca/service/hostile_keys", rows, NELEMS(rows), NULL, 0);
}
