/* Forged renewals: with whatever certificate and key a front comes, nobody is renewed but by the holder. */
#include "ca/revoke/revoke.h"
#include "lib/message/parts.h"
#include "lib/x509/cert.h"
#include "tests/support/check.h"
#include "tests/support/front.h"
#include "tests/support/home.h"

#include <openssl/crypto.h>

static struct setpki_error err;

/* The certificate that signs is named as it should be, and another key signs. */
static void
by_another_key(struct t_attack *a)
{
	a->f.signers[1].key = a->h->own;
}

/* A certificate of a root that the attacker made: no CA here has that name. */
static void
by_a_root_of_its_own(struct t_attack *a)
{
	static const char name[] = "3024310b300906035504061302555331153013060355040313"
				   "0c44656d6f20526f6f74204731"; /* C=US, CN=Demo Root G1 */

	by_another_key(a);
	a->f.signers[1].issuer = t_hex(name);
}

static void
by_a_serial_of_its_own(struct t_attack *a)
{
	by_another_key(a);
	a->f.signers[1].serial = t_hex("01 000102030405060708090a0b0c0d0e0f");
}

/* A certificate of a name that is nearly that of the merchant CA. */
static void
by_a_similar_name(struct t_attack *a)
{
	setpki_bytes name = sp_bytes_dup(a->f.signers[1].issuer);
	static uint8_t copy[512];

	assert_true(name.n < sizeof(copy));
	memcpy(copy, name.p, name.n);
	copy[name.n - 1] = '2'; /* G1 -> G2 */
	OPENSSL_free((void *)(uintptr_t)name.p);
	by_another_key(a);
	a->f.signers[1].issuer = sp_bytes(copy, name.n);
}

/* Somebody has a good certificate, of another CA of this home. */
static void
by_a_cardholder(struct t_attack *a)
{
	t_attack_by(a, CARD);
}

static void
by_a_gateway(struct t_attack *a)
{
	t_attack_by(a, PGWY);
}

/* Genuine, of this CA, and somebody else's: it gets no further than the name. */
static void
by_another_merchant(struct t_attack *a)
{
	t_attack_by(a, MER);
}

static void
by_another_card(struct t_attack *a)
{
	t_attack_by(a, CARD);
}

static void
by_another_gateway(struct t_attack *a)
{
	t_attack_by(a, PGWY);
}

/* In the name of the CA itself. */
static void
by_the_ca(struct t_attack *a)
{
	const struct setpki_responder_ca *ca = t_front_ca(a->h, "merchant");

	a->f.signers[1] = (struct setpki_party){.issuer = ca->sign.issuer, .serial = ca->sign.serial, .key = a->h->own};
}

static void
by_the_new_key_alone(struct t_attack *a)
{
	a->f.nsigners = 1;
}

static void
by_the_old_key_alone(struct t_attack *a)
{
	a->f.signers[0] = a->f.signers[1];
	a->f.nsigners = 1;
}

static void
by_the_new_key_twice(struct t_attack *a)
{
	a->f.signers[1].key = a->f.signers[0].key;
}

static void
by_both_in_the_other_order(struct t_attack *a)
{
	struct setpki_party first = a->f.signers[0];

	a->f.signers[0] = a->f.signers[1];
	a->f.signers[1] = first;
}

static void
by_nobody(struct t_attack *a)
{
	a->f.nsigners = 0;
}

/* What its holder signed, but for a key of the attacker's. */
static void
for_another_key(struct t_attack *a)
{
	struct sp_buf spki = {0};

	t_ok(sp_spki_from_pkey(a->h->own, &spki, &err), &err);
	assert_true(sp_str_set(&a->f.data->keys->sig, V_ASN1_SEQUENCE, sp_buf_bytes(&spki)));
	sp_buf_free(&spki);
	a->f.signers[0].key = a->h->own;
	by_another_key(a);
}

static void
revoked(struct t_attack *a)
{
	struct ca_revocation revocation = {.reason = -1};
	struct sp_cert c;

	t_ok(sp_cert_parse(setpki_enroll_cert(a->victim.e, false), &c, &err), &err);
	revocation.serial = c.serial;
	t_ok(ca_revoke(a->h->r.home, &revocation, 1, &err), &err);
}

static void
dated_before_the_certificate(struct t_attack *a)
{
	assert_true(sp_time_set(&a->f.data->request_date, T_NOW - 3600));
}

/* The key-exchange key of its holder signs; it is certified for something else. */
static void
by_the_exchange_certificate(struct t_attack *a)
{
	static struct sp_cert cert;

	t_ok(sp_cert_parse(setpki_enroll_cert(a->victim.e, true), &cert, &err), &err);
	a->f.signers[0] =
	    (struct setpki_party){.issuer = cert.issuer, .serial = cert.serial, .key = a->victim.ask.enc_key};
}

static void
with_the_thumb_of_another(struct t_attack *a)
{
	const struct setpki_responder_ca *ca = t_front_ca(a->h, "merchant");

	sp_type_free(&sp_type_cert_thumb, a->f.data->ee_thumb);
	a->f.data->ee_thumb = NULL;
	t_ok(sp_cert_thumb_set(t_ctx(), ca->suite, &a->f.data->ee_thumb, ca->exchange_cert, &err), &err);
}

static const struct t_attack_row renewals[] = {
    {"a renewal that nobody has altered", MER_R, NULL, T_FINE, 1},
    {"a card's renewal that nobody has altered", CARD_R, NULL, T_FINE, 1},
    {"a gateway's renewal that nobody has altered", PGWY_R, NULL, T_FINE, 1},
    {"renewed by a certificate of a root of its own", MER_R, by_a_root_of_its_own, T_FORGED, 0},
    {"renewed by a certificate that nobody issued", MER_R, by_a_serial_of_its_own, T_FORGED, 0},
    {"renewed by a certificate of a CA with a similar name", MER_R, by_a_similar_name, T_FORGED, 0},
    {"renewed by the right certificate and another key", MER_R, by_another_key, T_FORGED, 0},
    {"a card renewed by the right certificate and another key", CARD_R, by_another_key, T_FORGED, 0},
    {"a gateway renewed by the right certificate and another key", PGWY_R, by_another_key, T_FORGED, 0},
    {"a merchant renewed by a cardholder", MER_R, by_a_cardholder, T_FORGED, 0},
    {"a merchant renewed by a gateway", MER_R, by_a_gateway, T_FORGED, 0},
    {"a gateway renewed by a merchant", PGWY_R, by_another_merchant, T_FORGED, 0},
    {"a merchant renewed by another merchant", MER_R, by_another_merchant, T_REFUSED(REJECTED_BY_ACQUIRER),
	"not the card, acquirer, merchant", 0},
    {"a card renewed by another card", CARD_R, by_another_card, T_REFUSED(REJECTED_BY_ISSUER),
	"not the card, acquirer, merchant", 0},
    {"a gateway renewed by another gateway", PGWY_R, by_another_gateway, T_REFUSED(REJECTED_BY_ACQUIRER),
	"not the card, acquirer, merchant", 0},
    {"renewed in the name of the CA", MER_R, by_the_ca, T_FORGED, 0},
    {"stripped to the new key's signature", MER_R, by_the_new_key_alone, T_FORGED, 0},
    {"stripped to the old key's signature", MER_R, by_the_old_key_alone, T_FORGED, 0},
    {"signed by the new key twice", MER_R, by_the_new_key_twice, T_FORGED, 0},
    {"signed in the other order", MER_R, by_both_in_the_other_order, T_FORGED, 0},
    {"stripped of all signatures", MER_R, by_nobody, T_FORGED, 0},
    {"for a key of the attacker's", CARD_R, for_another_key, T_FORGED, 0},
    {"by a revoked certificate", MER_R, revoked, T_ERROR(REVOKED_CERTIFICATE), "error=revokedCertificate", 0},
    {"dated before the certificate that signs", MER_R, dated_before_the_certificate, T_ERROR(EXPIRED_CERTIFICATE),
	"error=expiredCertificate", 0},
    {"signed with a key-exchange key", MER_RE, by_the_exchange_certificate, T_ERROR(INVALID_CERTIFICATE),
	"of another kind", 0},
    {"renews the CA's own key-exchange certificate", MER_RE, with_the_thumb_of_another, T_ERROR(MISSING_CERTIFICATE),
	"eeThumb", 0},
};

int
main(void)
{
	static t_attack_fn *const first[] = {by_nobody, by_the_old_key_alone, by_both_in_the_other_order};

	return t_attack_run("ca/service/hostile_renewal", renewals, NELEMS(renewals), NULL, 0) +
	    t_attack_run_classic(
		"ca/service/hostile_renewal, classic", renewals, NELEMS(renewals), first, NELEMS(first));
}
