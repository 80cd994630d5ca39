#include "lib/asn1/reg.h"

#include "lib/base/limits.h"

#define SPEC "set-protocol 3"

const char *const sp_request_types[SP_REQUEST_TYPES] = {NULL, "cardInitialSig", NULL, NULL, "merInitialSig",
    "merInitialEnc", "merInitialBoth", "pgwyInitialSig", "pgwyInitialEnc", "pgwyInitialBoth", "cardRenewalSig", NULL,
    NULL, "merRenewalSig", "merRenewalEnc", "merRenewalBoth", "pgwyRenewalSig", "pgwyRenewalEnc", "pgwyRenewalBoth"};

/* clang-format off */
ASN1_SEQUENCE(SP_CARD_C_INIT_REQ) = {
	ASN1_SIMPLE(SP_CARD_C_INIT_REQ, rrpid, ASN1_OCTET_STRING),
	ASN1_SIMPLE(SP_CARD_C_INIT_REQ, lid_ee, ASN1_OCTET_STRING),
	ASN1_SIMPLE(SP_CARD_C_INIT_REQ, chall_ee, ASN1_OCTET_STRING),
	ASN1_SIMPLE(SP_CARD_C_INIT_REQ, brand, SP_SETSTRING),
	ASN1_EXP_OPT(SP_CARD_C_INIT_REQ, thumbs, SP_THUMBS, 0),
} ASN1_SEQUENCE_END(SP_CARD_C_INIT_REQ)

ASN1_SEQUENCE(SP_CARD_C_INIT_RES_TBS) = {
	ASN1_SIMPLE(SP_CARD_C_INIT_RES_TBS, rrpid, ASN1_OCTET_STRING),
	ASN1_SIMPLE(SP_CARD_C_INIT_RES_TBS, lid_ee, ASN1_OCTET_STRING),
	ASN1_SIMPLE(SP_CARD_C_INIT_RES_TBS, chall_ee, ASN1_OCTET_STRING),
	ASN1_OPT(SP_CARD_C_INIT_RES_TBS, lid_ca, ASN1_OCTET_STRING),
	ASN1_EXP(SP_CARD_C_INIT_RES_TBS, cae_thumb, SP_CERT_THUMB, 0),
	ASN1_EXP_OPT(SP_CARD_C_INIT_RES_TBS, bci, SP_DER, 1),
	ASN1_EXP_OPT(SP_CARD_C_INIT_RES_TBS, thumbs, SP_THUMBS, 2),
} ASN1_SEQUENCE_END(SP_CARD_C_INIT_RES_TBS)

ASN1_SEQUENCE(SP_ME_AQ_C_INIT_REQ) = {
	ASN1_SIMPLE(SP_ME_AQ_C_INIT_REQ, rrpid, ASN1_OCTET_STRING),
	ASN1_SIMPLE(SP_ME_AQ_C_INIT_REQ, lid_ee, ASN1_OCTET_STRING),
	ASN1_SIMPLE(SP_ME_AQ_C_INIT_REQ, chall_ee, ASN1_OCTET_STRING),
	ASN1_SIMPLE(SP_ME_AQ_C_INIT_REQ, request_type, ASN1_ENUMERATED),
	ASN1_SIMPLE(SP_ME_AQ_C_INIT_REQ, id_data, SP_ID_DATA),
	ASN1_SIMPLE(SP_ME_AQ_C_INIT_REQ, brand, SP_SETSTRING),
	ASN1_SIMPLE(SP_ME_AQ_C_INIT_REQ, language, ASN1_VISIBLESTRING),
	ASN1_EXP_OPT(SP_ME_AQ_C_INIT_REQ, thumbs, SP_THUMBS, 0),
} ASN1_SEQUENCE_END(SP_ME_AQ_C_INIT_REQ)

ASN1_SEQUENCE(SP_REG_FORM_REQ_DATA) = {
	ASN1_SIMPLE(SP_REG_FORM_REQ_DATA, rrpid, ASN1_OCTET_STRING),
	ASN1_SIMPLE(SP_REG_FORM_REQ_DATA, lid_ee, ASN1_OCTET_STRING),
	ASN1_SIMPLE(SP_REG_FORM_REQ_DATA, chall_ee2, ASN1_OCTET_STRING),
	ASN1_IMP_OPT(SP_REG_FORM_REQ_DATA, lid_ca, ASN1_OCTET_STRING, 0),
	ASN1_SIMPLE(SP_REG_FORM_REQ_DATA, request_type, ASN1_ENUMERATED),
	ASN1_SIMPLE(SP_REG_FORM_REQ_DATA, language, ASN1_VISIBLESTRING),
	ASN1_EXP_OPT(SP_REG_FORM_REQ_DATA, thumbs, SP_THUMBS, 1),
} ASN1_SEQUENCE_END(SP_REG_FORM_REQ_DATA)

ASN1_SEQUENCE(SP_REG_FIELD) = {
	ASN1_IMP_OPT(SP_REG_FIELD, id, ASN1_OBJECT, 0),
	ASN1_SEQUENCE_OF(SP_REG_FIELD, name, SP_SETSTRING),
	ASN1_EXP_OPT(SP_REG_FIELD, desc, SP_SETSTRING, 1),
	ASN1_OPT(SP_REG_FIELD, len, ASN1_INTEGER),
	ASN1_IMP_OPT(SP_REG_FIELD, required, ASN1_FBOOLEAN, 2),
	ASN1_IMP_OPT(SP_REG_FIELD, invisible, ASN1_FBOOLEAN, 3),
} ASN1_SEQUENCE_END(SP_REG_FIELD)

ASN1_SEQUENCE(SP_REG_TEMPLATE) = {
	ASN1_SIMPLE(SP_REG_TEMPLATE, form_id, ASN1_INTEGER),
	ASN1_IMP_OPT(SP_REG_TEMPLATE, brand_logo, ASN1_VISIBLESTRING, 0),
	ASN1_IMP_OPT(SP_REG_TEMPLATE, card_logo, ASN1_VISIBLESTRING, 1),
	ASN1_SEQUENCE_OF_OPT(SP_REG_TEMPLATE, fields, SP_REG_FIELD),
} ASN1_SEQUENCE_END(SP_REG_TEMPLATE)

ASN1_SEQUENCE(SP_REG_FORM_DATA) = {
	ASN1_OPT(SP_REG_FORM_DATA, template, SP_REG_TEMPLATE),
	ASN1_SIMPLE(SP_REG_FORM_DATA, policy, SP_SETSTRING),
} ASN1_SEQUENCE_END(SP_REG_FORM_DATA)

ASN1_SEQUENCE(SP_REFERRAL) = {
	ASN1_EXP_OPT(SP_REFERRAL, reason, SP_SETSTRING, 0),
	ASN1_IMP_SEQUENCE_OF_OPT(SP_REFERRAL, urls, ASN1_VISIBLESTRING, 1),
} ASN1_SEQUENCE_END(SP_REFERRAL)

ASN1_CHOICE(SP_FORM_OR_REFERRAL) = {
	ASN1_IMP(SP_FORM_OR_REFERRAL, value.form, SP_REG_FORM_DATA, 0),
	ASN1_IMP(SP_FORM_OR_REFERRAL, value.referral, SP_REFERRAL, 1),
} ASN1_CHOICE_END(SP_FORM_OR_REFERRAL)

ASN1_SEQUENCE(SP_REG_FORM_RES_TBS) = {
	ASN1_SIMPLE(SP_REG_FORM_RES_TBS, rrpid, ASN1_OCTET_STRING),
	ASN1_SIMPLE(SP_REG_FORM_RES_TBS, lid_ee, ASN1_OCTET_STRING),
	ASN1_SIMPLE(SP_REG_FORM_RES_TBS, chall_ee2, ASN1_OCTET_STRING),
	ASN1_IMP_OPT(SP_REG_FORM_RES_TBS, lid_ca, ASN1_OCTET_STRING, 0),
	ASN1_SIMPLE(SP_REG_FORM_RES_TBS, chall_ca, ASN1_OCTET_STRING),
	ASN1_EXP_OPT(SP_REG_FORM_RES_TBS, cae_thumb, SP_CERT_THUMB, 1),
	ASN1_SIMPLE(SP_REG_FORM_RES_TBS, request_type, ASN1_ENUMERATED),
	ASN1_SIMPLE(SP_REG_FORM_RES_TBS, form, SP_FORM_OR_REFERRAL),
	ASN1_EXP_OPT(SP_REG_FORM_RES_TBS, bci, SP_DER, 2),
	ASN1_EXP_OPT(SP_REG_FORM_RES_TBS, thumbs, SP_THUMBS, 3),
} ASN1_SEQUENCE_END(SP_REG_FORM_RES_TBS)

ASN1_SEQUENCE(SP_ME_AQ_C_INIT_RES_TBS) = {
	ASN1_SIMPLE(SP_ME_AQ_C_INIT_RES_TBS, rrpid, ASN1_OCTET_STRING),
	ASN1_SIMPLE(SP_ME_AQ_C_INIT_RES_TBS, lid_ee, ASN1_OCTET_STRING),
	ASN1_SIMPLE(SP_ME_AQ_C_INIT_RES_TBS, chall_ee, ASN1_OCTET_STRING),
	ASN1_IMP_OPT(SP_ME_AQ_C_INIT_RES_TBS, lid_ca, ASN1_OCTET_STRING, 0),
	ASN1_SIMPLE(SP_ME_AQ_C_INIT_RES_TBS, chall_ca, ASN1_OCTET_STRING),
	ASN1_SIMPLE(SP_ME_AQ_C_INIT_RES_TBS, request_type, ASN1_ENUMERATED),
	ASN1_SIMPLE(SP_ME_AQ_C_INIT_RES_TBS, form, SP_FORM_OR_REFERRAL),
	ASN1_IMP_OPT(SP_ME_AQ_C_INIT_RES_TBS, acct_field, SP_REG_FIELD, 1),
	ASN1_EXP_OPT(SP_ME_AQ_C_INIT_RES_TBS, cae_thumb, SP_CERT_THUMB, 2),
	ASN1_EXP_OPT(SP_ME_AQ_C_INIT_RES_TBS, bci, SP_DER, 3),
	ASN1_EXP_OPT(SP_ME_AQ_C_INIT_RES_TBS, thumbs, SP_THUMBS, 4),
} ASN1_SEQUENCE_END(SP_ME_AQ_C_INIT_RES_TBS)

    /* clang-format on */

    static const struct sp_row rows_SP_CARD_C_INIT_REQ[] = {
	SP_ROW(SP_CARD_C_INIT_REQ, rrpid, "rrpid", SP_ROW_OCTETS, SP_NONCE_LEN, SP_NONCE_LEN),
	SP_ROW(SP_CARD_C_INIT_REQ, lid_ee, "lid-EE", SP_ROW_OCTETS, 1, SP_UB_LOCAL_ID),
	SP_ROW(SP_CARD_C_INIT_REQ, chall_ee, "chall-EE", SP_ROW_OCTETS, SP_NONCE_LEN, SP_NONCE_LEN),
	SP_ROW(SP_CARD_C_INIT_REQ, brand, "brandID", SP_ROW_SETSTRING, 1, SP_UB_BRAND_ID),
	SP_ROW_SUB(SP_CARD_C_INIT_REQ, thumbs, "thumbs", &sp_type_thumbs),
};
SP_TYPE(sp_type_card_c_init_req, SP_CARD_C_INIT_REQ, "CardCInitReq", SPEC, false, SP_MESSAGE_MAX);

static const struct sp_row rows_SP_CARD_C_INIT_RES_TBS[] = {
    SP_ROW(SP_CARD_C_INIT_RES_TBS, rrpid, "rrpid", SP_ROW_OCTETS, SP_NONCE_LEN, SP_NONCE_LEN),
    SP_ROW(SP_CARD_C_INIT_RES_TBS, lid_ee, "lid-EE", SP_ROW_OCTETS, 1, SP_UB_LOCAL_ID),
    SP_ROW(SP_CARD_C_INIT_RES_TBS, chall_ee, "chall-EE", SP_ROW_OCTETS, SP_NONCE_LEN, SP_NONCE_LEN),
    SP_ROW(SP_CARD_C_INIT_RES_TBS, lid_ca, "lid-CA", SP_ROW_OCTETS, 1, SP_UB_LOCAL_ID),
    SP_ROW_SUB(SP_CARD_C_INIT_RES_TBS, cae_thumb, "caeThumb", &sp_type_cert_thumb),
    SP_ROW(SP_CARD_C_INIT_RES_TBS, bci, "brandCRLIdentifier", SP_ROW_DER, 2, SP_BCI_MAX),
    SP_ROW_SUB(SP_CARD_C_INIT_RES_TBS, thumbs, "thumbs", &sp_type_thumbs),
};
SP_TYPE(sp_type_card_c_init_res_tbs, SP_CARD_C_INIT_RES_TBS, "CardCInitResTBS", SPEC, false, SP_MESSAGE_MAX);

static const struct sp_row rows_SP_ME_AQ_C_INIT_REQ[] = {
    SP_ROW(SP_ME_AQ_C_INIT_REQ, rrpid, "rrpid", SP_ROW_OCTETS, SP_NONCE_LEN, SP_NONCE_LEN),
    SP_ROW(SP_ME_AQ_C_INIT_REQ, lid_ee, "lid-EE", SP_ROW_OCTETS, 1, SP_UB_LOCAL_ID),
    SP_ROW(SP_ME_AQ_C_INIT_REQ, chall_ee, "chall-EE", SP_ROW_OCTETS, SP_NONCE_LEN, SP_NONCE_LEN),
    SP_ROW_ENUMERATED(SP_ME_AQ_C_INIT_REQ, request_type, "requestType", sp_request_types),
    SP_ROW_SUB(SP_ME_AQ_C_INIT_REQ, id_data, "idData", &sp_type_id_data),
    SP_ROW(SP_ME_AQ_C_INIT_REQ, brand, "brandID", SP_ROW_SETSTRING, 1, SP_UB_BRAND_ID),
    SP_ROW(SP_ME_AQ_C_INIT_REQ, language, "language", SP_ROW_TEXT, 1, SP_UB_LANGUAGE),
    SP_ROW_SUB(SP_ME_AQ_C_INIT_REQ, thumbs, "thumbs", &sp_type_thumbs),
};
SP_TYPE(sp_type_me_aq_c_init_req, SP_ME_AQ_C_INIT_REQ, "Me-AqCInitReq", SPEC, false, SP_MESSAGE_MAX);

static const struct sp_row rows_SP_REG_FORM_REQ_DATA[] = {
    SP_ROW(SP_REG_FORM_REQ_DATA, rrpid, "rrpid", SP_ROW_OCTETS, SP_NONCE_LEN, SP_NONCE_LEN),
    SP_ROW(SP_REG_FORM_REQ_DATA, lid_ee, "lid-EE", SP_ROW_OCTETS, 1, SP_UB_LOCAL_ID),
    SP_ROW(SP_REG_FORM_REQ_DATA, chall_ee2, "chall-EE2", SP_ROW_OCTETS, SP_NONCE_LEN, SP_NONCE_LEN),
    SP_ROW(SP_REG_FORM_REQ_DATA, lid_ca, "lid-CA", SP_ROW_OCTETS, 1, SP_UB_LOCAL_ID),
    SP_ROW_ENUMERATED(SP_REG_FORM_REQ_DATA, request_type, "requestType", sp_request_types),
    SP_ROW(SP_REG_FORM_REQ_DATA, language, "language", SP_ROW_TEXT, 1, SP_UB_LANGUAGE),
    SP_ROW_SUB(SP_REG_FORM_REQ_DATA, thumbs, "thumbs", &sp_type_thumbs),
};
SP_TYPE(sp_type_reg_form_req_data, SP_REG_FORM_REQ_DATA, "RegFormReqData", SPEC, false, SP_MESSAGE_MAX);

static const struct sp_row rows_SP_REG_FIELD[] = {
    SP_ROW(SP_REG_FIELD, id, "fieldID", SP_ROW_OID, 0, 0),
    SP_ROW_MANY(SP_REG_FIELD, name, "fieldName", SP_ROW_SETSTRING, 1, SP_UB_FIELD_NAME, 1, SP_FIELD_LABELS_MAX),
    SP_ROW(SP_REG_FIELD, desc, "fieldDesc", SP_ROW_SETSTRING, 1, SP_UB_FIELD_DESC),
    SP_ROW(SP_REG_FIELD, len, "fieldLen", SP_ROW_INT, 1, SP_UB_FIELD_VALUE - 1),
    SP_ROW(SP_REG_FIELD, required, "fieldRequired", SP_ROW_BOOLEAN, 0, 0),
    SP_ROW(SP_REG_FIELD, invisible, "fieldInvisible", SP_ROW_BOOLEAN, 0, 0),
};
static SP_TYPE(type_reg_field, SP_REG_FIELD, "RegField", SPEC, false, SP_MESSAGE_MAX);

static const struct sp_row rows_SP_REG_TEMPLATE[] = {
    SP_ROW(SP_REG_TEMPLATE, form_id, "regFormID", SP_ROW_INT, 0, INT64_MAX),
    SP_ROW(SP_REG_TEMPLATE, brand_logo, "brandLogoURL", SP_ROW_TEXT, 1, SP_UB_URL),
    SP_ROW(SP_REG_TEMPLATE, card_logo, "cardLogoURL", SP_ROW_TEXT, 1, SP_UB_URL),
    SP_ROW_MANY_SUB(SP_REG_TEMPLATE, fields, "regFieldSeq", &type_reg_field, 1, SP_UB_FORM_FIELDS),
};
static SP_TYPE(type_reg_template, SP_REG_TEMPLATE, "RegTemplate", SPEC, false, SP_MESSAGE_MAX);

static const struct sp_row rows_SP_REG_FORM_DATA[] = {
    SP_ROW_SUB(SP_REG_FORM_DATA, template, "regTemplate", &type_reg_template),
    SP_ROW(SP_REG_FORM_DATA, policy, "policy", SP_ROW_SETSTRING, 1, SP_UB_POLICY_TEXT),
};
static SP_TYPE(type_reg_form_data, SP_REG_FORM_DATA, "RegFormData", SPEC, false, SP_MESSAGE_MAX);

static const struct sp_row rows_SP_REFERRAL[] = {
    SP_ROW(SP_REFERRAL, reason, "reason", SP_ROW_SETSTRING, 1, SP_UB_REASON),
    SP_ROW_MANY(SP_REFERRAL, urls, "referralURLSeq", SP_ROW_TEXT, 1, SP_UB_URL, 1, SP_REFERRAL_URLS_MAX),
};
static SP_TYPE(type_referral, SP_REFERRAL, "ReferralData", SPEC, false, SP_MESSAGE_MAX);

static const struct sp_row rows_SP_FORM_OR_REFERRAL[] = {
    SP_ROW_SUB(SP_FORM_OR_REFERRAL, value.form, "regFormData", &type_reg_form_data),
    SP_ROW_SUB(SP_FORM_OR_REFERRAL, value.referral, "referralData", &type_referral),
};
static SP_TYPE(type_form_or_referral, SP_FORM_OR_REFERRAL, "RegFormOrReferral", SPEC, true, SP_MESSAGE_MAX);

static const struct sp_row rows_SP_REG_FORM_RES_TBS[] = {
    SP_ROW(SP_REG_FORM_RES_TBS, rrpid, "rrpid", SP_ROW_OCTETS, SP_NONCE_LEN, SP_NONCE_LEN),
    SP_ROW(SP_REG_FORM_RES_TBS, lid_ee, "lid-EE", SP_ROW_OCTETS, 1, SP_UB_LOCAL_ID),
    SP_ROW(SP_REG_FORM_RES_TBS, chall_ee2, "chall-EE2", SP_ROW_OCTETS, SP_NONCE_LEN, SP_NONCE_LEN),
    SP_ROW(SP_REG_FORM_RES_TBS, lid_ca, "lid-CA", SP_ROW_OCTETS, 1, SP_UB_LOCAL_ID),
    SP_ROW(SP_REG_FORM_RES_TBS, chall_ca, "chall-CA", SP_ROW_OCTETS, SP_NONCE_LEN, SP_NONCE_LEN),
    SP_ROW_SUB(SP_REG_FORM_RES_TBS, cae_thumb, "caeThumb", &sp_type_cert_thumb),
    SP_ROW_ENUMERATED(SP_REG_FORM_RES_TBS, request_type, "requestType", sp_request_types),
    SP_ROW_SUB(SP_REG_FORM_RES_TBS, form, "formOrReferral", &type_form_or_referral),
    SP_ROW(SP_REG_FORM_RES_TBS, bci, "brandCRLIdentifier", SP_ROW_DER, 2, SP_BCI_MAX),
    SP_ROW_SUB(SP_REG_FORM_RES_TBS, thumbs, "thumbs", &sp_type_thumbs),
};
SP_TYPE(sp_type_reg_form_res_tbs, SP_REG_FORM_RES_TBS, "RegFormResTBS", SPEC, false, SP_MESSAGE_MAX);

static const struct sp_row rows_SP_ME_AQ_C_INIT_RES_TBS[] = {
    SP_ROW(SP_ME_AQ_C_INIT_RES_TBS, rrpid, "rrpid", SP_ROW_OCTETS, SP_NONCE_LEN, SP_NONCE_LEN),
    SP_ROW(SP_ME_AQ_C_INIT_RES_TBS, lid_ee, "lid-EE", SP_ROW_OCTETS, 1, SP_UB_LOCAL_ID),
    SP_ROW(SP_ME_AQ_C_INIT_RES_TBS, chall_ee, "chall-EE", SP_ROW_OCTETS, SP_NONCE_LEN, SP_NONCE_LEN),
    SP_ROW(SP_ME_AQ_C_INIT_RES_TBS, lid_ca, "lid-CA", SP_ROW_OCTETS, 1, SP_UB_LOCAL_ID),
    SP_ROW(SP_ME_AQ_C_INIT_RES_TBS, chall_ca, "chall-CA", SP_ROW_OCTETS, SP_NONCE_LEN, SP_NONCE_LEN),
    SP_ROW_ENUMERATED(SP_ME_AQ_C_INIT_RES_TBS, request_type, "requestType", sp_request_types),
    SP_ROW_SUB(SP_ME_AQ_C_INIT_RES_TBS, form, "regFormOrReferral", &type_form_or_referral),
    SP_ROW_SUB(SP_ME_AQ_C_INIT_RES_TBS, acct_field, "acctDataField", &type_reg_field),
    SP_ROW_SUB(SP_ME_AQ_C_INIT_RES_TBS, cae_thumb, "caeThumb", &sp_type_cert_thumb),
    SP_ROW(SP_ME_AQ_C_INIT_RES_TBS, bci, "brandCRLIdentifier", SP_ROW_DER, 2, SP_BCI_MAX),
    SP_ROW_SUB(SP_ME_AQ_C_INIT_RES_TBS, thumbs, "thumbs", &sp_type_thumbs),
};
SP_TYPE(sp_type_me_aq_c_init_res_tbs, SP_ME_AQ_C_INIT_RES_TBS, "Me-AqCInitResTBS", SPEC, false, SP_MESSAGE_MAX);
