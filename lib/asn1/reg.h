/* SetCertMsgs: initiation and registration forms (set-protocol section 3, 12.19). */
#ifndef LIB_ASN1_REG_H
#define LIB_ASN1_REG_H

#include "lib/asn1/common.h"

/* RequestType by number; NULL where one is reserved. */
#define SP_REQUEST_TYPES 19
extern const char *const sp_request_types[SP_REQUEST_TYPES];

typedef struct {
	ASN1_OCTET_STRING *rrpid;
	ASN1_OCTET_STRING *lid_ee;
	ASN1_OCTET_STRING *chall_ee;
	ASN1_STRING *brand;
	SP_THUMBS *thumbs;
} SP_CARD_C_INIT_REQ;
DECLARE_ASN1_ITEM(SP_CARD_C_INIT_REQ)

/* CardCInitResTBS; lid-CA has no tag (12.19) */
typedef struct {
	ASN1_OCTET_STRING *rrpid;
	ASN1_OCTET_STRING *lid_ee;
	ASN1_OCTET_STRING *chall_ee;
	ASN1_OCTET_STRING *lid_ca;
	SP_CERT_THUMB *cae_thumb;
	ASN1_STRING *bci;
	SP_THUMBS *thumbs;
} SP_CARD_C_INIT_RES_TBS;
DECLARE_ASN1_ITEM(SP_CARD_C_INIT_RES_TBS)

typedef struct {
	ASN1_OCTET_STRING *rrpid;
	ASN1_OCTET_STRING *lid_ee;
	ASN1_OCTET_STRING *chall_ee;
	ASN1_ENUMERATED *request_type;
	SP_ID_DATA *id_data;
	ASN1_STRING *brand;
	ASN1_VISIBLESTRING *language;
	SP_THUMBS *thumbs;
} SP_ME_AQ_C_INIT_REQ;
DECLARE_ASN1_ITEM(SP_ME_AQ_C_INIT_REQ)

typedef struct {
	ASN1_OCTET_STRING *rrpid;
	ASN1_OCTET_STRING *lid_ee;
	ASN1_OCTET_STRING *chall_ee2;
	ASN1_OCTET_STRING *lid_ca;
	ASN1_ENUMERATED *request_type;
	ASN1_VISIBLESTRING *language;
	SP_THUMBS *thumbs;
} SP_REG_FORM_REQ_DATA;
DECLARE_ASN1_ITEM(SP_REG_FORM_REQ_DATA)

/* RegField; fieldLen has the DEFAULT ub-FieldLen, so that value is never written */
typedef struct {
	ASN1_OBJECT *id;
	STACK_OF(SP_ELEMENT) * name;
	ASN1_STRING *desc;
	ASN1_INTEGER *len;
	ASN1_BOOLEAN required;
	ASN1_BOOLEAN invisible;
} SP_REG_FIELD;
DECLARE_ASN1_ITEM(SP_REG_FIELD)
DEFINE_STACK_OF(SP_REG_FIELD)

typedef struct {
	ASN1_INTEGER *form_id;
	ASN1_VISIBLESTRING *brand_logo;
	ASN1_VISIBLESTRING *card_logo;
	STACK_OF(SP_REG_FIELD) * fields;
} SP_REG_TEMPLATE;
DECLARE_ASN1_ITEM(SP_REG_TEMPLATE)

/* RegFormData: the template is optional, the policy text is not */
typedef struct {
	SP_REG_TEMPLATE *template;
	ASN1_STRING *policy;
} SP_REG_FORM_DATA;
DECLARE_ASN1_ITEM(SP_REG_FORM_DATA)

typedef struct {
	ASN1_STRING *reason;
	STACK_OF(SP_ELEMENT) * urls;
} SP_REFERRAL;
DECLARE_ASN1_ITEM(SP_REFERRAL)

/* RegFormOrReferral ::= CHOICE { regFormData [0], referralData [1] } */
typedef struct {
	int type;
	union {
		SP_REG_FORM_DATA *form;
		SP_REFERRAL *referral;
	} value;
} SP_FORM_OR_REFERRAL;
DECLARE_ASN1_ITEM(SP_FORM_OR_REFERRAL)

typedef struct {
	ASN1_OCTET_STRING *rrpid;
	ASN1_OCTET_STRING *lid_ee;
	ASN1_OCTET_STRING *chall_ee2;
	ASN1_OCTET_STRING *lid_ca;
	ASN1_OCTET_STRING *chall_ca;
	SP_CERT_THUMB *cae_thumb;
	ASN1_ENUMERATED *request_type;
	SP_FORM_OR_REFERRAL *form;
	ASN1_STRING *bci;
	SP_THUMBS *thumbs;
} SP_REG_FORM_RES_TBS;
DECLARE_ASN1_ITEM(SP_REG_FORM_RES_TBS)

typedef struct {
	ASN1_OCTET_STRING *rrpid;
	ASN1_OCTET_STRING *lid_ee;
	ASN1_OCTET_STRING *chall_ee;
	ASN1_OCTET_STRING *lid_ca;
	ASN1_OCTET_STRING *chall_ca;
	ASN1_ENUMERATED *request_type;
	SP_FORM_OR_REFERRAL *form;
	SP_REG_FIELD *acct_field;
	SP_CERT_THUMB *cae_thumb;
	ASN1_STRING *bci;
	SP_THUMBS *thumbs;
} SP_ME_AQ_C_INIT_RES_TBS;
DECLARE_ASN1_ITEM(SP_ME_AQ_C_INIT_RES_TBS)

extern const struct sp_type sp_type_card_c_init_req, sp_type_card_c_init_res_tbs, sp_type_me_aq_c_init_req,
    sp_type_reg_form_req_data, sp_type_reg_form_res_tbs, sp_type_me_aq_c_init_res_tbs;

#endif
