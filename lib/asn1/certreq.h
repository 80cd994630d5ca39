/* SetCertMsgs: certificate requests, answers and inquiries (set-protocol section 3, 12.9). */
#ifndef LIB_ASN1_CERTREQ_H
#define LIB_ASN1_CERTREQ_H

#include "lib/asn1/reg.h"

/* CertStatusCode by number, from 1 (rejectedByAquirer is spelt so) */
#define SP_STATUS_CODES 13
extern const char *const sp_status_codes[SP_STATUS_CODES];

/* A form answer; what a person typed: secret */
typedef struct {
	STACK_OF(SP_ELEMENT) * name;
	ASN1_STRING *value;
} SP_FORM_ITEM;
DECLARE_ASN1_ITEM(SP_FORM_ITEM)
DEFINE_STACK_OF(SP_FORM_ITEM)

typedef struct {
	ASN1_STRING *sig;
	ASN1_STRING *enc;
} SP_PUBLIC_KEYS;
DECLARE_ASN1_ITEM(SP_PUBLIC_KEYS)

typedef struct {
	ASN1_OCTET_STRING *rrpid;
	ASN1_OCTET_STRING *lid_ee;
	ASN1_OCTET_STRING *chall_ee3;
	ASN1_OCTET_STRING *lid_ca;
	ASN1_OCTET_STRING *chall_ca;
	ASN1_ENUMERATED *request_type;
	ASN1_GENERALIZEDTIME *request_date;
	SP_ID_DATA *id_data;
	ASN1_INTEGER *form_id;
	STACK_OF(SP_FORM_ITEM) * form;
	SP_BACK_KEY *back_key;
	SP_PUBLIC_KEYS *keys;
	SP_CERT_THUMB *ee_thumb;
	SP_THUMBS *thumbs;
} SP_CERT_REQ_DATA;
DECLARE_ASN1_ITEM(SP_CERT_REQ_DATA)

/* CertReq ::= CHOICE { encx [0] EXPLICIT EncX, enc [1] EXPLICIT Enc } */
typedef struct {
	int type;
	union {
		ASN1_STRING *encx;
		ASN1_STRING *enc;
	} value;
} SP_CERT_REQ;
DECLARE_ASN1_ITEM(SP_CERT_REQ)

typedef struct {
	ASN1_INTEGER *number;
	ASN1_STRING *reason;
} SP_FAILED_ITEM;
DECLARE_ASN1_ITEM(SP_FAILED_ITEM)
DEFINE_STACK_OF(SP_FAILED_ITEM)

typedef struct {
	ASN1_VISIBLESTRING *card_logo;
	ASN1_VISIBLESTRING *brand_logo;
	ASN1_INTEGER *currency;
	ASN1_STRING *msg;
} SP_CA_MSG;
DECLARE_ASN1_ITEM(SP_CA_MSG)

/* CertStatus; Nonce-CCA is secret */
typedef struct {
	ASN1_ENUMERATED *code;
	ASN1_OCTET_STRING *nonce_cca;
	ASN1_STRING *ee_message;
	SP_CA_MSG *ca_msg;
	STACK_OF(SP_FAILED_ITEM) * failed;
} SP_CERT_STATUS;
DECLARE_ASN1_ITEM(SP_CERT_STATUS)

typedef struct {
	ASN1_OCTET_STRING *rrpid;
	ASN1_OCTET_STRING *lid_ee;
	ASN1_OCTET_STRING *chall_ee3;
	ASN1_OCTET_STRING *lid_ca;
	SP_CERT_STATUS *status;
	SP_THUMBS *certs;
	ASN1_STRING *bci;
	SP_THUMBS *thumbs;
} SP_CERT_RES_DATA;
DECLARE_ASN1_ITEM(SP_CERT_RES_DATA)

/* CertRes, and CertInqRes ::= CHOICE { [0] EXPLICIT EncK, [1] EXPLICIT S } (12.9) */
typedef struct {
	int type;
	union {
		ASN1_STRING *enck;
		ASN1_STRING *s;
	} value;
} SP_CERT_RES;
DECLARE_ASN1_ITEM(SP_CERT_RES)

/* CertInqReqTBS, in the order of 12.9 */
typedef struct {
	ASN1_OCTET_STRING *rrpid;
	ASN1_OCTET_STRING *lid_ee;
	ASN1_OCTET_STRING *chall_ee3;
	ASN1_OCTET_STRING *lid_ca;
} SP_CERT_INQ_REQ_TBS;
DECLARE_ASN1_ITEM(SP_CERT_INQ_REQ_TBS)

extern const struct sp_type sp_type_cert_req_data, sp_type_cert_req, sp_type_cert_res_data, sp_type_cert_res,
    sp_type_cert_inq_req_tbs;

#endif
