#include "lib/asn1/arm.h"

#include "lib/asn1/certreq.h"
#include "lib/base/limits.h"
#include "lib/der/writer.h"

#include <string.h>

#define SPEC "set-protocol 2"

static const struct sp_arm arms[] = {
    {0, "PInitReq", NULL},
    {1, "PInitRes", NULL},
    {2, "PReq", NULL},
    {3, "PRes", NULL},
    {4, "InqReq", NULL},
    {5, "InqRes", NULL},
    {6, "AuthReq", NULL},
    {7, "AuthRes", NULL},
    {8, "AuthRevReq", NULL},
    {9, "AuthRevRes", NULL},
    {10, "CapReq", NULL},
    {11, "CapRes", NULL},
    {12, "CapRevReq", NULL},
    {13, "CapRevRes", NULL},
    {14, "CredReq", NULL},
    {15, "CredRes", NULL},
    {16, "CredRevReq", NULL},
    {17, "CredRevRes", NULL},
    {18, "PCertReq", NULL},
    {19, "PCertRes", NULL},
    {20, "BatchAdminReq", NULL},
    {21, "BatchAdminRes", NULL},
    {SP_ARM_CARD_C_INIT_REQ, "CardCInitReq", &sp_type_card_c_init_req},
    {SP_ARM_CARD_C_INIT_RES, "CardCInitRes", &sp_type_signed_data},
    {SP_ARM_ME_AQ_C_INIT_REQ, "Me-AqCInitReq", &sp_type_me_aq_c_init_req},
    {SP_ARM_ME_AQ_C_INIT_RES, "Me-AqCInitRes", &sp_type_signed_data},
    {SP_ARM_REG_FORM_REQ, "RegFormReq", &sp_type_enveloped_data},
    {SP_ARM_REG_FORM_RES, "RegFormRes", &sp_type_signed_data},
    {SP_ARM_CERT_REQ, "CertReq", &sp_type_cert_req},
    {SP_ARM_CERT_RES, "CertRes", &sp_type_cert_res},
    {SP_ARM_CERT_INQ_REQ, "CertInqReq", &sp_type_signed_data},
    {SP_ARM_CERT_INQ_RES, "CertInqRes", &sp_type_cert_res},
    {SP_ARM_ERROR, "Error", &sp_type_error},
};

const struct sp_arm *
sp_arm(unsigned number)
{
	for (size_t i = 0; i < sizeof(arms) / sizeof(arms[0]); i++)
		if (arms[i].number == number)
			return &arms[i];
	return NULL;
}

/* Identifier octets of [n] EXPLICIT: class context, constructed. */
static void
put_tag(struct sp_buf *out, unsigned n)
{
	if (n < 31) {
		sp_buf_add_byte(out, SP_CTXC(n));
		return;
	}
	sp_buf_add_byte(out, SP_CTXC(31));
	if (n >= 128)
		sp_buf_add_byte(out, (uint8_t)(0x80 | n >> 7));
	sp_buf_add_byte(out, (uint8_t)(n & 0x7f));
}

static void
put_arm(struct sp_buf *out, unsigned n, setpki_bytes pdu)
{
	uint8_t header[6];
	size_t len = sp_der_header(0, pdu.n, header);

	put_tag(out, n);
	sp_buf_add(out, header + 1, len - 1);
	sp_buf_add_bytes(out, pdu);
}

enum setpki_code
sp_message_put(const SP_MESSAGE_HEADER *header, enum sp_arm_number arm, setpki_bytes pdu, struct sp_buf *out,
    struct setpki_error *err)
{
	size_t seq = sp_der_open(out, SP_SEQUENCE), tagged;
	enum setpki_code rc = sp_type_encode(&sp_type_message_header, header, out, err);

	tagged = sp_der_open(out, SP_CTXC(0));
	put_arm(out, arm, pdu);
	sp_der_close(out, tagged);
	sp_der_close(out, seq);
	return rc != SETPKI_E_OK || !out->failed ? rc : sp_fail_memory(err);
}

/* The one element that [n] EXPLICIT holds. */
static enum setpki_code
open_arm(struct sp_message *m, struct setpki_error *err)
{
	const ASN1_TYPE *any = m->wrapper->message;
	struct sp_der d, inner;
	struct sp_tlv arm, pdu;

	if (any->type != V_ASN1_OTHER)
		return sp_fail(err, SETPKI_E_PARSE, SPEC, "the message is not an arm of the Message CHOICE");
	d = sp_der(sp_str(any->value.asn1_string));
	if (!sp_der_any(&d, &arm) || (arm.tag & 0xe0) != 0xa0 || (m->arm = sp_arm(arm.number)) == NULL)
		return sp_fail(err, SETPKI_E_PARSE, SPEC, "the message is not an arm of the Message CHOICE");
	inner = sp_der(arm.value);
	if (!sp_der_any(&inner, &pdu) || !sp_der_end(&inner))
		return sp_fail(err, SETPKI_E_PARSE, SPEC, "%s is not one element", m->arm->name);
	m->pdu = pdu.whole;
	return SETPKI_E_OK;
}

enum setpki_code
sp_message_read(setpki_bytes der, struct sp_message *out, struct setpki_error *err)
{
	void *wrapper = NULL;
	enum setpki_code rc;

	memset(out, 0, sizeof(*out));
	if ((rc = sp_type_decode(&sp_type_message_wrapper, der, &wrapper, err)) != SETPKI_E_OK)
		return rc;
	out->wrapper = wrapper;
	if ((rc = open_arm(out, err)) != SETPKI_E_OK)
		sp_message_free(out);
	return rc;
}

void
sp_message_free(struct sp_message *m)
{
	sp_type_free(&sp_type_message_wrapper, m->wrapper);
	memset(m, 0, sizeof(*m));
}
