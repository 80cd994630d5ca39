/* SetMessage: wrapper, header, Error, and the bodies between CAs (set-protocol section 2, 12.16). */
#ifndef LIB_ASN1_MESSAGE_H
#define LIB_ASN1_MESSAGE_H

#include "lib/asn1/common.h"

/* ErrorCode by number, from 1 */
#define SP_ERROR_CODES 23
extern const char *const sp_error_codes[SP_ERROR_CODES];

typedef struct {
	ASN1_OCTET_STRING *lid_c;
	ASN1_OCTET_STRING *lid_m;
	ASN1_OCTET_STRING *xid;
} SP_MESSAGE_IDS;
DECLARE_ASN1_ITEM(SP_MESSAGE_IDS)

/* MessageHeader; revision has the DEFAULT 0 and no other value, so it is never there */
typedef struct {
	ASN1_INTEGER *version;
	ASN1_GENERALIZEDTIME *date;
	SP_MESSAGE_IDS *ids;
	ASN1_OCTET_STRING *rrpid;
	ASN1_VISIBLESTRING *software;
} SP_MESSAGE_HEADER;
DECLARE_ASN1_ITEM(SP_MESSAGE_HEADER)

typedef struct {
	ASN1_OBJECT *id;
	ASN1_BOOLEAN critical;
	ASN1_OCTET_STRING *value;
} SP_MSG_EXTENSION;
DECLARE_ASN1_ITEM(SP_MSG_EXTENSION)
DEFINE_STACK_OF(SP_MSG_EXTENSION)

/* MessageWrapper; `message` is one arm of the Message CHOICE with its [n] EXPLICIT tag (lib/asn1/arm.h) */
typedef struct {
	SP_MESSAGE_HEADER *header;
	ASN1_TYPE *message;
	STACK_OF(SP_MSG_EXTENSION) * extensions;
} SP_MESSAGE_WRAPPER;
DECLARE_ASN1_ITEM(SP_MESSAGE_WRAPPER)

/* ErrorMsg ::= CHOICE { messageHeader [0], badWrapper [1] }: what was refused */
typedef struct {
	int type;
	union {
		SP_MESSAGE_HEADER *header;
		ASN1_OCTET_STRING *wrapper;
	} value;
} SP_ERROR_MSG;
DECLARE_ASN1_ITEM(SP_ERROR_MSG)

typedef struct {
	ASN1_ENUMERATED *code;
	ASN1_OCTET_STRING *nonce;
	ASN1_OBJECT *oid;
	SP_CERT_THUMB *thumb;
	SP_ERROR_MSG *msg;
} SP_ERROR_TBS;
DECLARE_ASN1_ITEM(SP_ERROR_TBS)

/* Error ::= CHOICE { signedError [0] EXPLICIT S, unsignedError [1] EXPLICIT ErrorTBS } */
typedef struct {
	int type;
	union {
		ASN1_STRING *signed_error;
		SP_ERROR_TBS *unsigned_error;
	} value;
} SP_ERROR;
DECLARE_ASN1_ITEM(SP_ERROR)

/* CRLNotificationTBS, and CRLNotificationResTBS, which is the same (12.16) */
typedef struct {
	ASN1_GENERALIZEDTIME *date;
	SP_CERT_THUMB *thumb;
} SP_CRL_NOTIFICATION_TBS;
DECLARE_ASN1_ITEM(SP_CRL_NOTIFICATION_TBS)

typedef struct {
	ASN1_GENERALIZEDTIME *date;
	ASN1_STRING *bci;
} SP_BCI_DISTRIBUTION_TBS;
DECLARE_ASN1_ITEM(SP_BCI_DISTRIBUTION_TBS)

extern const struct sp_type sp_type_message_header, sp_type_message_wrapper, sp_type_error_tbs, sp_type_error,
    sp_type_crl_notification_tbs, sp_type_bci_distribution_tbs;

#endif
