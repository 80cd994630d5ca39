/* Envelopes that a front has recorded, or whose inside it was told: in whatever wrapper, message or session it puts
 * them, it learns nothing and gets no certificate for a key of its own. */
#include "tests/support/check.h"
#include "tests/support/front.h"
#include "tests/support/home.h"

static struct setpki_error err;

/* --- recorded ------------------------------------------------------------------------------------ */

static void
with_an_rrpid_of_its_own(struct t_attack *a)
{
	SP_ENVELOPED_DATA *e = t_forge_envelope(setpki_enroll_request(a->p.e), T_NOW);

	t_ok(sp_random(t_ctx(), a->f.rrpid, sizeof(a->f.rrpid), &err), &err);
	t_forge_cert_req(&a->f, e, true, &a->wrapper);
	sp_type_free(&sp_type_enveloped_data, e);
}

/* The recorded envelope, its parts altered; in a wrapper with these ids. */
static void
resend(struct t_attack *a, void (*alter)(struct t_attack *, SP_ENVELOPED_DATA *), bool encx)
{
	SP_ENVELOPED_DATA *e = t_forge_envelope(setpki_enroll_request(a->p.e), T_NOW);

	if (alter != NULL)
		alter(a, e);
	t_forge_cert_req(&a->f, e, encx, &a->wrapper);
	sp_type_free(&sp_type_enveloped_data, e);
}

static void
with_a_lid_of_its_own(struct t_attack *a)
{
	a->f.lid_c = t_hex("00112233445566778899aabbccddeeff00112233");
	resend(a, NULL, true);
}

static void
without_lid(struct t_attack *a)
{
	a->f.lid_m = sp_bytes(NULL, 0);
	resend(a, NULL, false);
}

static void
as_a_merchant_s(struct t_attack *a)
{
	a->f.lid_m = a->f.lid_c;
	a->f.lid_c = sp_bytes(NULL, 0);
	resend(a, NULL, true);
}

static void
with_both_lids(struct t_attack *a)
{
	a->f.lid_m = a->f.lid_c;
	resend(a, NULL, true);
}

static void
as_enc(struct t_attack *a)
{
	resend(a, NULL, false);
}

static void
as_encx(struct t_attack *a)
{
	resend(a, NULL, true);
}

/* What the content is called stands in the clear. */
static void
call_it(SP_ENVELOPED_DATA *e, enum sp_content type)
{
	assert_true(sp_obj_set(&e->content->type, SP_CONTENT_OID(type)));
}

static void
call(struct t_attack *a, SP_ENVELOPED_DATA *e)
{
	call_it(e, a->f.row->holder == SETPKI_TYPE_CARD ? SP_CT_CERT_REQ_TBE : SP_CT_CERT_REQ_TBEX);
}

static void
called_enc(struct t_attack *a)
{
	resend(a, call, false);
}

static void
called_encx(struct t_attack *a)
{
	resend(a, call, true);
}

static void
readdress(struct t_attack *a, SP_ENVELOPED_DATA *e)
{
	const struct setpki_responder_ca *ca =
	    t_front_ca(a->h, a->f.row->holder == SETPKI_TYPE_CARD ? "merchant" : "card");
	SP_ISSUER_SERIAL *to = sk_SP_RECIPIENT_INFO_value(e->recipients, 0)->recipient;
	ASN1_INTEGER *serial = to->serial;

	assert_true(sp_str_set(&to->issuer, V_ASN1_SEQUENCE, ca->exchange.issuer));
	assert_true(ASN1_STRING_set(serial, ca->exchange.serial.p, (int)ca->exchange.serial.n));
}

static void
to_another_ca(struct t_attack *a)
{
	resend(a, readdress, true);
}

static void
to_another_ca_as_enc(struct t_attack *a)
{
	resend(a, readdress, false);
}

static void
turn(ASN1_STRING *s, size_t at)
{
	uint8_t copy[8192];
	size_t n = sp_str(s).n;

	assert_true(at < n && n <= sizeof(copy));
	memcpy(copy, sp_str(s).p, n);
	copy[at] ^= 1;
	assert_int_equal(ASN1_STRING_set(s, copy, (int)n), 1);
}

static void
turn_block(struct t_attack *a, SP_ENVELOPED_DATA *e)
{
	(void)a;
	turn(sk_SP_RECIPIENT_INFO_value(e->recipients, 0)->key, 100);
}

static void
turn_content(struct t_attack *a, SP_ENVELOPED_DATA *e)
{
	(void)a;
	turn(e->content->content, 40);
}

static void
turn_tag(struct t_attack *a, SP_ENVELOPED_DATA *e)
{
	(void)a;
	turn(e->content->content, sp_str(e->content->content).n - 1);
}

static void
with_another_block(struct t_attack *a)
{
	resend(a, turn_block, true);
}

static void
with_other_content(struct t_attack *a)
{
	resend(a, turn_content, true);
}

static void
with_another_tag(struct t_attack *a)
{
	resend(a, turn_tag, true);
}

/* Key block of one envelope, content of another. */
static void
mix(struct t_attack *a, SP_ENVELOPED_DATA *e)
{
	const struct setpki_enroll_ask ask = {.type = CARD};
	SP_ENVELOPED_DATA *other;
	setpki_bytes key;

	t_enrollee_close(&a->h->somebody);
	t_front_party(a->h, &a->h->somebody, &ask);
	other = t_forge_envelope(setpki_enroll_request(a->h->somebody.e), T_NOW);
	key = sp_str(sk_SP_RECIPIENT_INFO_value(other->recipients, 0)->key);
	assert_int_equal(ASN1_STRING_set(sk_SP_RECIPIENT_INFO_value(e->recipients, 0)->key, key.p, (int)key.n), 1);
	sp_type_free(&sp_type_enveloped_data, other);
}

static void
mixed_with_another(struct t_attack *a)
{
	resend(a, mix, true);
}

/* An envelope of one message type in another. */
static void
as_a_form_request(struct t_attack *a)
{
	SP_ENVELOPED_DATA *e = t_forge_envelope(setpki_enroll_request(a->p.e), T_NOW);
	struct sp_buf pdu = {0};

	call_it(e, SP_CT_REG_FORM_REQ_TBE);
	t_ok(sp_type_encode(&sp_type_enveloped_data, e, &pdu, &err), &err);
	a->f.arm = SP_ARM_REG_FORM_REQ;
	t_forge_wrap(&a->f, sp_buf_bytes(&pdu), &a->wrapper);
	sp_buf_free(&pdu);
	sp_type_free(&sp_type_enveloped_data, e);
}

static void
a_form_request_as_cert_req(struct t_attack *a)
{
	SP_ENVELOPED_DATA *e = t_forge_envelope(a->p.sent, T_NOW); /* the RegFormReq before */

	call_it(e, SP_CT_CERT_REQ_TBEX);
	t_forge_cert_req(&a->f, e, true, &a->wrapper);
	sp_type_free(&sp_type_enveloped_data, e);
}

/* The inside has leaked, the keys have not: what was signed cannot be altered. */
static void
keeping_the_signatures(struct t_attack *a)
{
	assert_non_null(a->f.so);
	a->f.nsigners = 0;
}

static void
with_another_back_key(struct t_attack *a)
{
	static const uint8_t key[32] = "the attacker's own back key";

	keeping_the_signatures(a);
	assert_true(sp_str_set(&a->f.data->back_key->key, V_ASN1_OCTET_STRING, SP_BYTES(key)));
}

static void
with_another_public_key(struct t_attack *a)
{
	struct sp_buf spki = {0};

	keeping_the_signatures(a);
	t_ok(sp_spki_from_pkey(a->h->own, &spki, &err), &err);
	assert_true(sp_str_set(&a->f.data->keys->sig, V_ASN1_SEQUENCE, sp_buf_bytes(&spki)));
	sp_buf_free(&spki);
}

static void
with_another_card(struct t_attack *a)
{
	uint8_t *pan;

	keeping_the_signatures(a);
	assert_non_null(pan = memmem(a->f.account.p, a->f.account.n, "41234500", 8));
	pan[15] ^= 1;
}

/* A wrapper with another lid-EE, and the inside to match. */
static void
in_another_session(struct t_attack *a)
{
	keeping_the_signatures(a);
	a->f.lid_c = t_hex("00112233445566778899aabbccddeeff00112233");
	assert_true(sp_str_set(&a->f.data->lid_ee, V_ASN1_OCTET_STRING, a->f.lid_c));
}

/* The attacker signs all of it with a key of its a->h->own, and cannot have the challenge that goes with its lid-EE. */
static void
with_the_challenge_of_another(struct t_attack *a)
{
	a->f.lid_c = t_hex("00112233445566778899aabbccddeeff00112233");
	assert_true(sp_str_set(&a->f.data->lid_ee, V_ASN1_OCTET_STRING, a->f.lid_c));
}

static void
with_the_lid_ca_of_another_ca(struct t_attack *a)
{
	uint8_t lid_ca[SETPKI_LOCAL_ID_MAX];

	memcpy(lid_ca, sp_str(a->f.data->lid_ca).p, sizeof(lid_ca));
	lid_ca[1]++;
	assert_true(sp_str_set(&a->f.data->lid_ca, V_ASN1_OCTET_STRING, SP_BYTES(lid_ca)));
}

/* The holder's own message came first. */
static void
delivered_and_dated_anew(struct t_attack *a)
{
	SP_ENVELOPED_DATA *e = t_forge_envelope(setpki_enroll_request(a->p.e), T_NOW);
	struct setpki_der answer;

	t_front_post(a->h, setpki_enroll_request(a->p.e), &answer);
	setpki_der_free(&answer);
	a->f.date++;
	t_forge_cert_req(&a->f, e, true, &a->wrapper);
	sp_type_free(&sp_type_enveloped_data, e);
}

/* --- RegFormReq, which holds a card number and is not signed ------------------------------------- */

/* The one that a->p has sent, its parts altered; in a wrapper with these ids. */
static void
ask_form(struct t_attack *a, void (*alter)(struct t_attack *, SP_ENVELOPED_DATA *))
{
	SP_ENVELOPED_DATA *e = t_forge_envelope(a->p.sent, T_NOW);
	struct sp_fault fault = {0};
	struct sp_incoming sent;
	struct sp_buf pdu = {0};

	t_ok(sp_wire_read(a->p.sent, T_NOW, &sent, &fault), &fault.why);
	memcpy(a->f.rrpid, sent.rrpid.p, sizeof(a->f.rrpid));
	sp_incoming_free(&sent);
	a->f.arm = SP_ARM_REG_FORM_REQ;
	alter(a, e);
	t_ok(sp_type_encode(&sp_type_enveloped_data, e, &pdu, &err), &err);
	t_forge_wrap(&a->f, sp_buf_bytes(&pdu), &a->wrapper);
	sp_buf_free(&pdu);
	sp_type_free(&sp_type_enveloped_data, e);
}

static void
other_rrpid(struct t_attack *a, SP_ENVELOPED_DATA *e)
{
	(void)e;
	a->f.rrpid[0] ^= 1;
}

static void
other_lid(struct t_attack *a, SP_ENVELOPED_DATA *e)
{
	(void)e;
	a->f.lid_c = t_hex("00112233445566778899aabbccddeeff00112233");
}

static void
lid_m(struct t_attack *a, SP_ENVELOPED_DATA *e)
{
	(void)e;
	a->f.lid_m = a->f.lid_c;
	a->f.lid_c = sp_bytes(NULL, 0);
}

/* The key block, with the card number and the hash that binds it, of somebody else's form request. */
static void
other_card(struct t_attack *a, SP_ENVELOPED_DATA *e)
{
	struct t_enrollee *somebody = &a->h->somebody;
	SP_ENVELOPED_DATA *other;
	setpki_bytes key;

	t_enrollee_close(somebody);
	t_front_party(a->h, somebody, &(const struct setpki_enroll_ask){.type = CARD});
	other = t_forge_envelope(somebody->sent, T_NOW);
	key = sp_str(sk_SP_RECIPIENT_INFO_value(other->recipients, 0)->key);
	assert_int_equal(ASN1_STRING_set(sk_SP_RECIPIENT_INFO_value(e->recipients, 0)->key, key.p, (int)key.n), 1);
	sp_type_free(&sp_type_enveloped_data, other);
}

#define FORM(fn, alter)                                                                                                \
	static void fn(struct t_attack *a)                                                                             \
	{                                                                                                              \
		ask_form(a, alter);                                                                                    \
	}
FORM(form_under_another_rrpid, other_rrpid)
FORM(form_under_another_lid, other_lid)
FORM(form_under_lid_m, lid_m)
FORM(form_to_another_ca, readdress)
FORM(form_with_another_card, other_card)
FORM(form_with_another_block, turn_block)
FORM(form_with_other_content, turn_content)

#define T_UNOPENED T_ERROR(DECODING_FAILURE), "the envelope cannot be opened"

static const struct t_attack_row envelopes[] = {
    {"a CertReq that nobody has altered", CARD, NULL, T_FINE, 1},
    {"a recorded envelope under another rrpid", CARD, with_an_rrpid_of_its_own, T_ERROR(WRAPPER_MSG_MISMATCH),
	"the rrpid is not the wrapper's", 0},
    {"a recorded envelope under another lid-C", CARD, with_a_lid_of_its_own, T_ERROR(WRAPPER_MSG_MISMATCH),
	"lid-EE is not the lid-C", 0},
    {"a recorded envelope without lid-M", MER, without_lid, T_ERROR(WRAPPER_MSG_MISMATCH), "lid-EE is not the lid-M",
	0},
    {"a recorded envelope with lid-C and lid-M", CARD, with_both_lids, T_ERROR(WRAPPER_MSG_MISMATCH),
	"not the only lid", 0},
    {"a card's envelope as a merchant's", CARD, as_a_merchant_s, T_SEALED, 0},
    {"a card's envelope as Enc", CARD, as_enc, T_ERROR(DECODING_FAILURE), "error=decodingFailure", 0},
    {"a merchant's envelope as EncX", MER, as_encx, T_ERROR(DECODING_FAILURE), "error=decodingFailure", 0},
    {"a card's envelope as Enc, and called so", CARD, called_enc, T_SEALED, 0},
    {"a merchant's envelope as EncX, and called so", MER, called_encx, T_SEALED, 0},
    {"a card's envelope for the merchants' CA", CARD, to_another_ca, T_SEALED, 0},
    {"a merchant's envelope for the cards' CA", MER, to_another_ca_as_enc, T_SEALED, 0},
    {"a bit of the key block turned", CARD, with_another_block, T_SEALED, 0},
    {"a bit of the content turned", CARD, with_other_content, T_SEALED, 0},
    {"a bit of its tag turned", CARD, with_another_tag, T_SEALED, 0},
    {"the key block of another envelope", CARD, mixed_with_another, T_SEALED, 0},
    {"a CertReq's envelope as a RegFormReq", CARD, as_a_form_request, T_ERROR(DECODING_FAILURE),
	"error=decodingFailure", 0},
    {"a RegFormReq's envelope as a CertReq", CARD, a_form_request_as_cert_req, T_SEALED, 0},
    {"a RegFormReq under another rrpid", CARD, form_under_another_rrpid, T_ERROR(WRAPPER_MSG_MISMATCH),
	"the rrpid is not the wrapper's", 0},
    {"a RegFormReq under another lid-C", CARD, form_under_another_lid, T_ERROR(WRAPPER_MSG_MISMATCH),
	"lid-EE is not the lid-C", 0},
    {"a RegFormReq under lid-M", CARD, form_under_lid_m, T_ERROR(WRAPPER_MSG_MISMATCH), "lid-EE is not the lid-C", 0},
    {"a RegFormReq for the merchants' CA", CARD, form_to_another_ca, T_UNOPENED, 0},
    {"a RegFormReq with the card of another", CARD, form_with_another_card, T_UNOPENED, 0},
    {"a RegFormReq with a bit of the key block turned", CARD, form_with_another_block, T_UNOPENED, 0},
    {"a RegFormReq with a bit of the content turned", CARD, form_with_other_content, T_UNOPENED, 0},
    {"sealed anew, to be answered under another back key", CARD, with_another_back_key, T_FORGED, 0},
    {"sealed anew, for another public key", CARD, with_another_public_key, T_FORGED, 0},
    {"sealed anew, for another card", CARD, with_another_card, T_FORGED, 0},
    {"sealed anew, in another session", CARD, in_another_session, T_FORGED, 0},
    {"with the challenge of another session", CARD, with_the_challenge_of_another, T_ERROR(CHALLENGE_MISMATCH),
	"chall-CA is not the one", 0},
    {"with the lid-CA of another CA", CARD, with_the_lid_ca_of_another_ca, T_ERROR(CHALLENGE_MISMATCH), "another CA",
	0},
    {"a CertReq that was answered, dated anew", CARD, delivered_and_dated_anew, T_ERROR(UNKNOWN_RRPID),
	"this rrpid was used", 0},
};

/* --- repeated ------------------------------------------------------------------------------------ */

/* A CertReq that was answered brings the same answer again, and nothing else; under another date, or any other header,
 * it is another message. */
static void
a_recorded_request_again(void **state)
{
	const struct setpki_enroll_ask ask = {.type = CARD};
	struct setpki_der first, again;
	struct t_attack a = {.h = &the_front};
	struct t_census before, after;
	setpki_bytes request;

	(void)state;
	t_front_party(&the_front, &a.p, &ask);
	t_attack_take(&a);
	request = setpki_enroll_request(a.p.e);
	t_front_post(&the_front, request, &first);
	t_census(&the_front, &before);
	for (int i = 0; i < 5; i++) {
		t_front_post(&the_front, request, &again);
		t_bytes(sp_bytes(again.p, again.n), sp_bytes(first.p, first.n));
		setpki_der_free(&again);
	}
	t_census(&the_front, &after);
	assert_memory_equal(&after, &before, sizeof(after));
	setpki_der_free(&first);
	t_forge_close(&a.f);
	t_enrollee_close(&a.p);
}

int
main(void)
{
	static t_attack_fn *const first[] = {
	    with_another_back_key, with_another_public_key, with_another_card, in_another_session};
	static const struct CMUnitTest more[] = {
	    cmocka_unit_test(a_recorded_request_again),
	};

	return t_attack_run("ca/service/hostile_envelope", envelopes, NELEMS(envelopes), more, NELEMS(more)) +
	    t_attack_run_classic(
		"ca/service/hostile_envelope, classic", envelopes, NELEMS(envelopes), first, NELEMS(first));
}
