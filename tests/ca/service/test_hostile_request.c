/* What somebody may ask for: no request, however it is signed, gets a CA's certificate, a longer life, another brand or
 * kind, a key that is weak, or one that is somebody's already. */
#include "lib/message/parts.h"
#include "lib/x509/cert.h"
#include "lib/x509/name.h"
#include "tests/support/check.h"
#include "tests/support/front.h"
#include "tests/support/home.h"

#include <openssl/crypto.h>
#include <stdio.h>

#define BOTH SETPKI_MER_INITIAL_BOTH

static struct setpki_error err;

/* --- of another kind ---------------------------------------------------------------------------- */

static void
type_is(struct t_attack *a, enum setpki_request_type type)
{
	assert_true(sp_enum_set(&a->f.data->request_type, type));
}

static void
asks_as_a_gateway(struct t_attack *a)
{
	type_is(a, PGWY);
}

static void
asks_as_a_merchant(struct t_attack *a)
{
	type_is(a, MER);
}

/* The challenge is for one type. */
static void
asks_for_both(struct t_attack *a)
{
	struct sp_buf spki = {0};

	type_is(a, BOTH);
	t_ok(sp_spki_from_pkey(t_front_spare(), &spki, &err), &err);
	assert_true(sp_str_set(&a->f.data->keys->enc, V_ASN1_SEQUENCE, sp_buf_bytes(&spki)));
	sp_buf_free(&spki);
}

static void
asks_as_a_renewal(struct t_attack *a)
{
	type_is(a, MER_R);
	a->f.signers[1] = (struct setpki_party){.issuer = t_front_ca(a->h, "merchant")->sign.issuer,
	    .serial = t_front_ca(a->h, "merchant")->sign.serial,
	    .key = a->h->own};
	a->f.nsigners = 2;
}

static void
id_is(struct t_attack *a, uint32_t holder, const char *bin)
{
	struct setpki_id_data id = {holder, "", "1"};

	snprintf(id.bin, sizeof(id.bin), "%s", bin);
	sp_type_free(&sp_type_id_data, a->f.data->id_data);
	a->f.data->id_data = NULL;
	t_ok(sp_id_data_set(&a->f.data->id_data, &id, &err), &err);
}

static void
of_another_acquirer(struct t_attack *a)
{
	id_is(a, SETPKI_TYPE_MER, "999999");
}

static void
with_the_id_of_a_gateway(struct t_attack *a)
{
	id_is(a, SETPKI_TYPE_PGWY, "412399");
}

/* --- of another brand --------------------------------------------------------------------------- */

static void
brand_is(struct t_attack *a, const char *brand)
{
	SP_CARD_C_INIT_REQ *q = sp_type_new(&sp_type_card_c_init_req);
	struct sp_buf pdu = {0};

	assert_true(sp_octets(&q->rrpid, SP_BYTES(a->f.rrpid)) && sp_octets(&q->lid_ee, a->f.lid_c) &&
	    sp_octets(&q->chall_ee, SP_BYTES(a->f.rrpid)));
	t_ok(sp_text_set(&q->brand, brand, SP_UB_BRAND_ID, "brand", &err), &err);
	t_ok(sp_type_encode(&sp_type_card_c_init_req, q, &pdu, &err), &err);
	sp_type_free(&sp_type_card_c_init_req, q);
	a->f.arm = SP_ARM_CARD_C_INIT_REQ;
	t_forge_wrap(&a->f, sp_buf_bytes(&pdu), &a->wrapper);
	sp_buf_free(&pdu);
}

static void
of_another_brand(struct t_attack *a)
{
	brand_is(a, "Other");
}

static void
of_a_longer_brand(struct t_attack *a)
{
	brand_is(a, "Demo2:Demo");
}

static void
of_the_brand_in_small_letters(struct t_attack *a)
{
	brand_is(a, "demo");
}

/* --- with more than is asked -------------------------------------------------------------------- */

static void
adds_item(struct t_attack *a, const char *label, const char *value)
{
	SP_FORM_ITEM *item = (SP_FORM_ITEM *)ASN1_item_new(ASN1_ITEM_rptr(SP_FORM_ITEM));
	ASN1_STRING *name = NULL;

	t_ok(sp_text_set(&name, label, 128, "label", &err), &err);
	t_ok(sp_text_set(&item->value, value, 128, "value", &err), &err);
	assert_true(sk_SP_ELEMENT_push(item->name, name) > 0 && sk_SP_FORM_ITEM_push(a->f.data->form, item) > 0);
}

static void
asks_for_key_cert_sign(struct t_attack *a)
{
	adds_item(a, "keyUsage", "keyCertSign, cRLSign");
}

static void
asks_for_basic_constraints(struct t_attack *a)
{
	adds_item(a, "basicConstraints", "cA TRUE");
}

static void
asks_for_a_longer_life(struct t_attack *a)
{
	adds_item(a, "lifetime", "99y");
}

static void
answers_another_form(struct t_attack *a)
{
	assert_true(sp_int_set(&a->f.data->form_id, sp_int(a->f.data->form_id) + 1));
}

static void
expiry_is(struct t_attack *a, const char *expiry)
{
	uint8_t *at = memmem(a->f.account.p, a->f.account.n, T_EXPIRY, 6);

	assert_non_null(at);
	memcpy(at, expiry, 6);
}

static void
for_a_card_of_month_13(struct t_attack *a)
{
	expiry_is(a, "203013");
}

static void
for_a_card_for_ever(struct t_attack *a)
{
	expiry_is(a, "999912");
}

/* In the wrapper, which nobody has signed. */
static void
with_an_extension(struct t_attack *a)
{
	SP_MESSAGE_WRAPPER *w = a->f.in.m.wrapper;
	SP_MSG_EXTENSION *x = (SP_MSG_EXTENSION *)ASN1_item_new(ASN1_ITEM_rptr(SP_MSG_EXTENSION));

	x->critical = 0xff;
	assert_true(
	    sp_obj_set(&x->id, t_hex("551d13")) && sp_str_set(&x->value, V_ASN1_OCTET_STRING, t_hex("3003 0101ff")));
	assert_non_null(w->extensions = sk_SP_MSG_EXTENSION_new_null());
	assert_true(sk_SP_MSG_EXTENSION_push(w->extensions, x) > 0);
	t_ok(sp_type_encode(&sp_type_message_wrapper, w, &a->wrapper, &err), &err);
}

static const struct t_attack_row rows[] = {
    {"a gateway's certificate from the cards' CA", CARD, asks_as_a_gateway, T_ERROR(WRAPPER_MSG_MISMATCH),
	"error=wrapperMsgMismatch", 0},
    {"a merchant's certificate from the cards' CA", CARD, asks_as_a_merchant, T_ERROR(WRAPPER_MSG_MISMATCH),
	"error=wrapperMsgMismatch", 0},
    {"a gateway's certificate from the merchants' CA", MER, asks_as_a_gateway, T_ERROR(DECODING_FAILURE),
	"none that this CA answers", 0},
    {"a merchant's certificate from the gateways' CA", PGWY, asks_as_a_merchant, T_ERROR(DECODING_FAILURE),
	"none that this CA answers", 0},
    {"a certificate more than the challenge was for", MER, asks_for_both, T_ERROR(CHALLENGE_MISMATCH), "chall-CA", 0},
    {"a renewal of the CA's own certificate", MER, asks_as_a_renewal, T_FORGED, 0},
    {"the BIN of another acquirer", MER, of_another_acquirer, T_REFUSED(INVALID_BIN), "BIN", 0},
    {"the idData of a gateway", MER, with_the_id_of_a_gateway, T_REFUSED(INVALID_BIN), "status=invalidBIN", 0},
    {"another brand", CARD, of_another_brand, T_ERROR(UNSPECIFIED_FAILURE), "no CA here", 0},
    {"a brand that begins with this one", CARD, of_a_longer_brand, T_ERROR(UNSPECIFIED_FAILURE), "no CA here", 0},
    {"the brand in small letters", CARD, of_the_brand_in_small_letters, T_ERROR(UNSPECIFIED_FAILURE), "no CA here", 0},
    {"keyCertSign among the answers", CARD, asks_for_key_cert_sign, T_REFUSED(FORM_MALFORMED), "not a question", 0},
    {"basicConstraints among the answers", MER, asks_for_basic_constraints, T_REFUSED(FORM_MALFORMED), "not a question",
	0},
    {"a longer life among the answers", MER, asks_for_a_longer_life, T_REFUSED(FORM_MALFORMED), "not a question", 0},
    {"answers to another form", CARD, answers_another_form, T_REFUSED(INVALID_LANGUAGE), "regFormID", 0},
    {"a card of the thirteenth month", CARD, for_a_card_of_month_13, T_REFUSED(REJECTED_BY_ISSUER), "not YYYYMM", 0},
    {"a card for ever, which the list has for less", CARD, for_a_card_for_ever, SETPKI_ERR_NONE,
	SETPKI_STATUS_REJECTED_BY_ISSUER, CA_REQUEST_REJECTED, "status=rejectedByIssuer", 0},
    {"basicConstraints as an extension of the wrapper", MER, with_an_extension, T_ERROR(UNRECOGNIZED_EXTENSION),
	"error=unrecognizedExtension", 0},
};

/* --- what is issued is as the policy says ------------------------------------------------------- */

static enum setpki_code
take(void *arg, const struct ca_cert_record *rec, struct setpki_error *e)
{
	setpki_bytes *der = arg;

	(void)e;
	assert_null(der->p);
	*der = sp_bytes_dup(rec->der);
	return SETPKI_E_OK;
}

static setpki_bytes
issued_for(setpki_bytes wrapper)
{
	setpki_bytes der = {NULL, 0};
	uint8_t id[32];
	ca_txn *t;

	t_ok(sp_sha256(t_ctx(), wrapper, id, &err), &err);
	t_ok(ca_txn_begin(the_front.r.home->store, false, &t, &err), &err);
	t_ok(ca_cert_by_request(t, id, take, &der, &err), &err);
	ca_txn_abort(t);
	return der;
}

/* Dated years away, and for a card that nearly never ends: it begins now, and lasts as long as the policy has it. */
static void
dates_of_a_request_change_nothing(void **state)
{
	static const int64_t dates[] = {T_NOW - INT64_C(5) * 365 * 86400, T_NOW + INT64_C(5) * 365 * 86400};
	struct setpki_enroll_ask ask = {.type = CARD, .expiry = "999912"};
	struct setpki_der answer;
	struct t_attack a;
	struct sp_cert c;
	setpki_bytes der;
	char pan[24];

	(void)state;
	for (size_t i = 0; i < NELEMS(dates); i++) {
		a = (struct t_attack){.h = &the_front};
		snprintf(pan, sizeof(pan), "4123450088888%03zu", i);
		t_list_card(the_front.r.home, pan, ask.expiry, false);
		ask.pan = pan;
		t_front_party(&the_front, &a.p, &ask);
		t_attack_take(&a);
		assert_true(sp_time_set(&a.f.data->request_date, dates[i]));
		t_forge_put(&a.f, &a.wrapper);
		t_front_post(&the_front, sp_buf_bytes(&a.wrapper), &answer);
		der = issued_for(sp_buf_bytes(&a.wrapper));
		t_ok(sp_cert_parse(der, &c, &err), &err);
		assert_int_equal(sp_cert_kind(&c), SETPKI_KIND_CARD_SIG);
		assert_int_equal(c.not_before, T_NOW);
		assert_int_equal(c.not_after, T_NOW + INT64_C(2) * 365 * 86400 - 1);
		assert_int_equal(c.key_usage, SETPKI_KU_DIGITAL_SIGNATURE);
		assert_false(c.ca);
		assert_true(sp_name_is_brand(c.subject, "Demo"));
		OPENSSL_free((void *)(uintptr_t)der.p);
		setpki_der_free(&answer);
		sp_buf_free(&a.wrapper);
		t_forge_close(&a.f);
		t_enrollee_close(&a.p);
	}
}

int
main(void)
{
	static const struct CMUnitTest more[] = {
	    cmocka_unit_test(dates_of_a_request_change_nothing),
	};

	return t_attack_run("ca/service/hostile_request", rows, NELEMS(rows), more, NELEMS(more));
}
