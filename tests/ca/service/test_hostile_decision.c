/* Forged decisions: a front that was taken over asks in the name of those who wait, and says that it is decided. */
#include "tests/support/check.h"
#include "tests/support/front.h"
#include "tests/support/home.h"

#include <stdio.h>

static struct setpki_error err;

static void
new_rrpid(struct t_attack *a)
{
	t_ok(sp_random(t_ctx(), a->f.rrpid, sizeof(a->f.rrpid), &err), &err);
}

/* Somebody whom no list knows waits for a person, and asks how it stands. */
static void
waits(struct t_attack *a)
{
	struct setpki_enroll_ask ask = {.type = a->p.ask.type};
	char text[24];

	snprintf(text, sizeof(text), "41234500%08u", 500000 + a->h->people);
	if (a->f.row->holder == SETPKI_TYPE_CARD)
		ask.pan = text;
	else
		ask.id = text;
	t_forge_close(&a->f);
	t_enrollee_close(&a->p);
	t_front_party(a->h, &a->p, &ask);
	t_attack_take(a);
	assert_int_equal(t_enrollee_run(&a->p), SETPKI_ENROLL_WAIT);
	t_ok(setpki_enroll_inquire(a->p.e, T_NOW, &err), &err);
	t_attack_take(a);
}

static void
inquired_by_another_key(struct t_attack *a)
{
	waits(a);
	a->f.signers[0].key = a->h->own;
}

static void
inquired_by_nobody(struct t_attack *a)
{
	waits(a);
	a->f.nsigners = 0;
}

static void
inquired_by_two(struct t_attack *a)
{
	waits(a);
	a->f.signers[1] = (struct setpki_party){.key = a->h->own};
	a->f.nsigners = 2;
}

static void
inquired_by_a_certificate(struct t_attack *a)
{
	waits(a);
	t_attack_by(a, MER);
	a->f.signers[0] = a->f.signers[1];
}

static void
inquired_under_another_lid(struct t_attack *a)
{
	waits(a);
	a->f.lid_c = t_hex("00112233445566778899aabbccddeeff00112233");
	assert_true(sp_str_set(&a->f.inquiry->lid_ee, V_ASN1_OCTET_STRING, a->f.lid_c));
	a->f.signers[0].key = a->h->own;
}

/* One octet of lid-CA is another one: of the CA's number, or of what was drawn. */
static void
other_lid_ca(struct t_attack *a, size_t at)
{
	uint8_t lid_ca[SETPKI_LOCAL_ID_MAX];

	waits(a);
	memcpy(lid_ca, sp_str(a->f.inquiry->lid_ca).p, sizeof(lid_ca));
	lid_ca[at]++;
	assert_true(sp_str_set(&a->f.inquiry->lid_ca, V_ASN1_OCTET_STRING, SP_BYTES(lid_ca)));
	a->f.signers[0].key = a->h->own;
}

static void
inquired_of_another_ca(struct t_attack *a)
{
	other_lid_ca(a, 1);
}

static void
inquired_of_no_ca(struct t_attack *a)
{
	other_lid_ca(a, 0);
}

static void
inquired_under_another_lid_ca(struct t_attack *a)
{
	other_lid_ca(a, 19);
}

/* As it was recorded, in another wrapper. */
static void
inquiry_under_another_rrpid(struct t_attack *a)
{
	waits(a);
	new_rrpid(a);
	t_forge_wrap(&a->f, a->f.in.m.pdu, &a->wrapper);
}

static void
inquiry_under_lid_m(struct t_attack *a)
{
	waits(a);
	a->f.lid_m = a->f.lid_c;
	a->f.lid_c = sp_bytes(NULL, 0);
	t_forge_wrap(&a->f, a->f.in.m.pdu, &a->wrapper);
}

/* What the holder signed in the clear goes into a CertReq in the holder's name. */
static void
signature_of_an_inquiry(struct t_attack *a)
{
	struct sp_sdata s = {0};
	struct t_forgery f;

	a->p.ask.pan = NULL;
	waits(a);
	t_ok(sp_sdata_read(a->f.in.m.pdu, &s, &err), &err);
	t_forge_close(&a->f);
	t_enrollee_close(&a->h->somebody);
	t_front_party(a->h, &a->h->somebody, &(const struct setpki_enroll_ask){.type = CARD});
	t_forge_open(&f, &a->h->somebody);
	t_ok(sp_type_encode(&sp_type_signed_data, s.data, &a->wrapper, &err), &err);
	ASN1_STRING_free(s.data->content->content);
	s.data->content->content = NULL;
	sp_type_free(&sp_type_signed_data, f.so);
	f.so = s.data;
	f.nsigners = 0;
	a->f = f;
	sp_buf_reset(&a->wrapper);
}

static void
answer_of_the_ca(struct t_attack *a)
{
	struct setpki_der answer;

	t_front_post(a->h, setpki_enroll_request(a->p.e), &answer);
	sp_buf_add(&a->wrapper, answer.p, answer.n);
	setpki_der_free(&answer);
}

/* "It is decided", says the front. */
static void
says(struct t_attack *a, enum sp_arm_number arm)
{
	a->f.arm = arm;
	t_forge_wrap(&a->f, a->f.in.m.pdu, &a->wrapper);
}

static void
says_cert_res(struct t_attack *a)
{
	says(a, SP_ARM_CERT_RES);
}

static void
says_inq_res(struct t_attack *a)
{
	waits(a);
	says(a, SP_ARM_CERT_INQ_RES);
}

static void
says_form_res(struct t_attack *a)
{
	says(a, SP_ARM_REG_FORM_RES);
}

static void
says_card_init_res(struct t_attack *a)
{
	says(a, SP_ARM_CARD_C_INIT_RES);
}

static void
says_me_aq_init_res(struct t_attack *a)
{
	says(a, SP_ARM_ME_AQ_C_INIT_RES);
}

/* An order for a gateway; the numbers of payment messages are known, and that is all. */
static void
says_payment(struct t_attack *a)
{
	says(a, (enum sp_arm_number)6);
}

#define PENDED SETPKI_ERR_NONE, SETPKI_STATUS_PENDED, T_NO_RECORD, NULL
#define NOT_A_REQUEST T_ERROR(MESSAGE_NOT_SUPPORTED), "is not a request"

static const struct t_attack_row decisions[] = {
    {"an inquiry that nobody has altered", CARD, waits, PENDED, 0},
    {"an inquiry of a merchant that nobody has altered", MER, waits, PENDED, 0},
    {"an inquiry signed by another key", CARD, inquired_by_another_key, T_ERROR(SIGNATURE_FAILURE),
	"error=signatureFailure", 0},
    {"an inquiry signed by nobody", CARD, inquired_by_nobody, T_ERROR(SIGNATURE_REQUIRED), "error=signatureRequired",
	0},
    {"an inquiry signed by its holder and another key", CARD, inquired_by_two, T_ERROR(SIGNATURE_FAILURE),
	"error=signatureFailure", 0},
    {"an inquiry signed by another merchant", MER, inquired_by_a_certificate, T_ERROR(SIGNATURE_FAILURE),
	"error=signatureFailure", 0},
    {"an inquiry under another lid-EE", CARD, inquired_under_another_lid, T_ERROR(UNKNOWN_LID), "no request under", 0},
    {"an inquiry under another lid-CA", CARD, inquired_under_another_lid_ca, T_ERROR(UNKNOWN_LID), "no request under",
	0},
    {"an inquiry at another CA", CARD, inquired_of_another_ca, T_ERROR(UNKNOWN_LID), "no request under", 0},
    {"an inquiry at a CA that is not there", CARD, inquired_of_no_ca, T_ERROR(UNKNOWN_LID), "no CA here", 0},
    {"a recorded inquiry under another rrpid", CARD, inquiry_under_another_rrpid, T_ERROR(WRAPPER_MSG_MISMATCH),
	"the rrpid is not the wrapper's", 0},
    {"a recorded inquiry under lid-M", CARD, inquiry_under_lid_m, T_ERROR(WRAPPER_MSG_MISMATCH),
	"lid-EE is not the lid-C", 0},
    {"the signature of an inquiry in a CertReq", CARD, signature_of_an_inquiry, T_FORGED, 0},
    {"the CA's own CertRes comes back", MER, answer_of_the_ca, NOT_A_REQUEST, 0},
    {"a CertRes of the front's", CARD, says_cert_res, NOT_A_REQUEST, 0},
    {"a CertInqRes of the front's for somebody who waits", CARD, says_inq_res, NOT_A_REQUEST, 0},
    {"a RegFormRes of the front's", CARD, says_form_res, NOT_A_REQUEST, 0},
    {"a CardCInitRes of the front's", CARD, says_card_init_res, NOT_A_REQUEST, 0},
    {"a Me-AqCInitRes of the front's", MER, says_me_aq_init_res, NOT_A_REQUEST, 0},
    {"an AuthReq", MER, says_payment, T_ERROR(MESSAGE_NOT_SUPPORTED), "error=messageNotSupported", 0},
};

int
main(void)
{
	return t_attack_run("ca/service/hostile_decision", decisions, NELEMS(decisions), NULL, 0);
}
