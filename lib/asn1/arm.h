/* The arms of the Message CHOICE (set-protocol section 2): which message stands in a wrapper. */
#ifndef LIB_ASN1_ARM_H
#define LIB_ASN1_ARM_H

#include "lib/asn1/message.h"

enum sp_arm_number {
	SP_ARM_CARD_C_INIT_REQ = 22,
	SP_ARM_CARD_C_INIT_RES,
	SP_ARM_ME_AQ_C_INIT_REQ,
	SP_ARM_ME_AQ_C_INIT_RES,
	SP_ARM_REG_FORM_REQ,
	SP_ARM_REG_FORM_RES,
	SP_ARM_CERT_REQ,
	SP_ARM_CERT_RES,
	SP_ARM_CERT_INQ_REQ,
	SP_ARM_CERT_INQ_RES,
	SP_ARM_ERROR = 999
};

/* One arm; `type` is what its PDU is read as, NULL for the payment messages, which only have a name here. */
struct sp_arm {
	unsigned number;
	const char *name;
	const struct sp_type *type;
};

/* NULL for a number that the CHOICE does not have. */
const struct sp_arm *sp_arm(unsigned number);

/* A wrapper that was read; sp_message_free(). */
struct sp_message {
	SP_MESSAGE_WRAPPER *wrapper;
	const struct sp_arm *arm;
	setpki_bytes pdu; /* whole DER of the PDU, in the wrapper's memory; not read further */
};

/* PARSE (not a MessageWrapper, or an arm that does not exist) or LIMIT. */
SP_MUST_CHECK enum setpki_code sp_message_read(setpki_bytes der, struct sp_message *out, struct setpki_error *err);
void sp_message_free(struct sp_message *m);
/* Appends a MessageWrapper with this header around the PDU. */
SP_MUST_CHECK enum setpki_code sp_message_put(const SP_MESSAGE_HEADER *header, enum sp_arm_number arm, setpki_bytes pdu,
    struct sp_buf *out, struct setpki_error *err);

#endif
