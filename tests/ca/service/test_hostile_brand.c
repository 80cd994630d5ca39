/* Two brands in one home, and two CAs of one brand: nothing that a front takes over from one is good in the other. */
#include "tests/support/check.h"
#include "tests/support/front.h"
#include "tests/support/home.h"

/* From now on people are of this brand. */
static void
are_of(struct t_front *h, const char *brand, const char *cards)
{
	h->brand = brand;
	h->cards = cards;
}

static void
sealed_for(struct t_attack *a, const char *ca)
{
	assert_non_null(a->f.so);
	a->f.nsigners = 0; /* what its holder signed */
	a->f.to = t_front_ca(a->h, ca)->exchange;
}

static void
sealed_for_the_other_brand(struct t_attack *a)
{
	sealed_for(a, "blue-card");
}

static void
sealed_for_another_ca_of_the_brand(struct t_attack *a)
{
	sealed_for(a, "red-gold");
}

static void
sealed_for_the_merchants(struct t_attack *a)
{
	sealed_for(a, "blue-shop");
}

static void
readdressed(struct t_attack *a)
{
	const struct setpki_party *to = &t_front_ca(a->h, "blue-card")->exchange;
	SP_ENVELOPED_DATA *e = t_forge_envelope(setpki_enroll_request(a->p.e), T_NOW);
	SP_ISSUER_SERIAL *who = sk_SP_RECIPIENT_INFO_value(e->recipients, 0)->recipient;

	assert_true(sp_str_set(&who->issuer, V_ASN1_SEQUENCE, to->issuer));
	assert_int_equal(ASN1_STRING_set(who->serial, to->serial.p, (int)to->serial.n), 1);
	t_forge_cert_req(&a->f, e, true, &a->wrapper);
	sp_type_free(&sp_type_enveloped_data, e);
}

/* A challenge that the other brand's CA gave to the attacker itself. */
static void
with_the_challenge_of_the_other_brand(struct t_attack *a)
{
	struct t_forgery f;

	are_of(a->h, "Blue", "blue-card");
	t_front_party(a->h, &a->h->somebody, &(const struct setpki_enroll_ask){.type = CARD});
	are_of(a->h, "Red", "red-card");
	t_forge_open(&f, &a->h->somebody);
	assert_true(sp_str_set(&a->f.data->lid_ca, V_ASN1_OCTET_STRING, sp_str(f.data->lid_ca)) &&
	    sp_str_set(&a->f.data->chall_ca, V_ASN1_OCTET_STRING, sp_str(f.data->chall_ca)));
	t_forge_close(&f);
	t_enrollee_close(&a->h->somebody);
}

/* The same, with the number of the right CA written into lid-CA. */
static void
with_that_challenge_renumbered(struct t_attack *a)
{
	uint8_t lid_ca[SETPKI_LOCAL_ID_MAX], number[2];

	memcpy(number, sp_str(a->f.data->lid_ca).p, sizeof(number));
	with_the_challenge_of_the_other_brand(a);
	memcpy(lid_ca, sp_str(a->f.data->lid_ca).p, sizeof(lid_ca));
	memcpy(lid_ca, number, sizeof(number));
	assert_true(sp_str_set(&a->f.data->lid_ca, V_ASN1_OCTET_STRING, SP_BYTES(lid_ca)));
}

static void
renewed_by(struct t_attack *a, const char *brand, const char *cards)
{
	are_of(a->h, brand, cards);
	t_attack_by(a, CARD);
	are_of(a->h, "Red", "red-card");
}

static void
renewed_by_the_other_brand(struct t_attack *a)
{
	renewed_by(a, "Blue", "blue-card");
}

static void
renewed_by_another_holder(struct t_attack *a)
{
	renewed_by(a, "Red", "red-card");
}

static const struct t_attack_row rows[] = {
    {"a card that nobody has altered", CARD, NULL, T_FINE, 1},
    {"sealed anew for the other brand's CA", CARD, sealed_for_the_other_brand, T_ERROR(CHALLENGE_MISMATCH),
	"another CA", 0},
    {"sealed anew for another CA of the brand", CARD, sealed_for_another_ca_of_the_brand, T_ERROR(CHALLENGE_MISMATCH),
	"another CA", 0},
    {"sealed anew for the other brand's merchants", CARD, sealed_for_the_merchants, T_ERROR(DECODING_FAILURE),
	"none that this CA answers", 0},
    {"readdressed to the other brand's CA", CARD, readdressed, T_SEALED, 0},
    {"with the challenge of the other brand", CARD, with_the_challenge_of_the_other_brand, T_ERROR(CHALLENGE_MISMATCH),
	"another CA", 0},
    {"with that challenge, renumbered", CARD, with_that_challenge_renumbered, T_ERROR(CHALLENGE_MISMATCH),
	"chall-CA is not the one", 0},
    {"renewed by a certificate of the other brand", CARD_R, renewed_by_the_other_brand, T_FORGED, 0},
    {"renewed by another certificate of the brand", CARD_R, renewed_by_another_holder, T_REFUSED(REJECTED_BY_ISSUER),
	"not the card, acquirer, merchant", 0},
};

int
main(void)
{
	the_front.policy = "tests/vectors/policy/brands.yaml";
	the_front.bank = "51000000";
	are_of(&the_front, "Red", "red-card");
	return t_attack_run("ca/service/hostile_brand", rows, NELEMS(rows), NULL, 0);
}
