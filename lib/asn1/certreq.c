#include "lib/asn1/certreq.h"

#include "lib/base/limits.h"

#define SPEC "set-protocol 3"

const char *const sp_status_codes[SP_STATUS_CODES] = {NULL, "requestComplete", "invalidLanguage", "invalidBIN",
    "sigValidationFail", "decryptionError", "requestInProgress", "rejectedByIssuer", "requestPended",
    "rejectedByAquirer", "regFormAnswerMalformed", "rejectedByCA", "unableToEncryptCertRes"};

/* clang-format off */
ASN1_SEQUENCE_cb(SP_FORM_ITEM, sp_type_cleanse) = {
	ASN1_SEQUENCE_OF(SP_FORM_ITEM, name, SP_SETSTRING),
	ASN1_SIMPLE(SP_FORM_ITEM, value, SP_FIELD_VALUE),
} ASN1_SEQUENCE_END_cb(SP_FORM_ITEM, SP_FORM_ITEM)

ASN1_SEQUENCE(SP_PUBLIC_KEYS) = {
	ASN1_EXP_OPT(SP_PUBLIC_KEYS, sig, SP_DER, 0),
	ASN1_EXP_OPT(SP_PUBLIC_KEYS, enc, SP_DER, 1),
} ASN1_SEQUENCE_END(SP_PUBLIC_KEYS)

ASN1_SEQUENCE(SP_CERT_REQ_DATA) = {
	ASN1_SIMPLE(SP_CERT_REQ_DATA, rrpid, ASN1_OCTET_STRING),
	ASN1_SIMPLE(SP_CERT_REQ_DATA, lid_ee, ASN1_OCTET_STRING),
	ASN1_SIMPLE(SP_CERT_REQ_DATA, chall_ee3, ASN1_OCTET_STRING),
	ASN1_IMP_OPT(SP_CERT_REQ_DATA, lid_ca, ASN1_OCTET_STRING, 0),
	ASN1_IMP_OPT(SP_CERT_REQ_DATA, chall_ca, ASN1_OCTET_STRING, 1),
	ASN1_SIMPLE(SP_CERT_REQ_DATA, request_type, ASN1_ENUMERATED),
	ASN1_SIMPLE(SP_CERT_REQ_DATA, request_date, ASN1_GENERALIZEDTIME),
	ASN1_EXP_OPT(SP_CERT_REQ_DATA, id_data, SP_ID_DATA, 2),
	ASN1_SIMPLE(SP_CERT_REQ_DATA, form_id, ASN1_INTEGER),
	ASN1_IMP_SEQUENCE_OF_OPT(SP_CERT_REQ_DATA, form, SP_FORM_ITEM, 3),
	ASN1_EXP_OPT(SP_CERT_REQ_DATA, back_key, SP_BACK_KEY, 4),
	ASN1_SIMPLE(SP_CERT_REQ_DATA, keys, SP_PUBLIC_KEYS),
	ASN1_EXP_OPT(SP_CERT_REQ_DATA, ee_thumb, SP_CERT_THUMB, 5),
	ASN1_EXP_OPT(SP_CERT_REQ_DATA, thumbs, SP_THUMBS, 6),
} ASN1_SEQUENCE_END(SP_CERT_REQ_DATA)

ASN1_CHOICE(SP_CERT_REQ) = {
	ASN1_EXP(SP_CERT_REQ, value.encx, SP_DER, 0),
	ASN1_EXP(SP_CERT_REQ, value.enc, SP_DER, 1),
} ASN1_CHOICE_END(SP_CERT_REQ)

ASN1_SEQUENCE(SP_FAILED_ITEM) = {
	ASN1_SIMPLE(SP_FAILED_ITEM, number, ASN1_INTEGER),
	ASN1_SIMPLE(SP_FAILED_ITEM, reason, SP_SETSTRING),
} ASN1_SEQUENCE_END(SP_FAILED_ITEM)

ASN1_SEQUENCE(SP_CA_MSG) = {
	ASN1_IMP_OPT(SP_CA_MSG, card_logo, ASN1_VISIBLESTRING, 0),
	ASN1_IMP_OPT(SP_CA_MSG, brand_logo, ASN1_VISIBLESTRING, 1),
	ASN1_IMP_OPT(SP_CA_MSG, currency, ASN1_INTEGER, 2),
	ASN1_EXP_OPT(SP_CA_MSG, msg, SP_SETSTRING, 3),
} ASN1_SEQUENCE_END(SP_CA_MSG)

ASN1_SEQUENCE_cb(SP_CERT_STATUS, sp_type_cleanse) = {
	ASN1_SIMPLE(SP_CERT_STATUS, code, ASN1_ENUMERATED),
	ASN1_IMP_OPT(SP_CERT_STATUS, nonce_cca, ASN1_OCTET_STRING, 0),
	ASN1_OPT(SP_CERT_STATUS, ee_message, SP_SETSTRING),
	ASN1_IMP_OPT(SP_CERT_STATUS, ca_msg, SP_CA_MSG, 1),
	ASN1_IMP_SEQUENCE_OF_OPT(SP_CERT_STATUS, failed, SP_FAILED_ITEM, 2),
} ASN1_SEQUENCE_END_cb(SP_CERT_STATUS, SP_CERT_STATUS)

ASN1_SEQUENCE(SP_CERT_RES_DATA) = {
	ASN1_SIMPLE(SP_CERT_RES_DATA, rrpid, ASN1_OCTET_STRING),
	ASN1_SIMPLE(SP_CERT_RES_DATA, lid_ee, ASN1_OCTET_STRING),
	ASN1_SIMPLE(SP_CERT_RES_DATA, chall_ee3, ASN1_OCTET_STRING),
	ASN1_SIMPLE(SP_CERT_RES_DATA, lid_ca, ASN1_OCTET_STRING),
	ASN1_SIMPLE(SP_CERT_RES_DATA, status, SP_CERT_STATUS),
	ASN1_EXP_OPT(SP_CERT_RES_DATA, certs, SP_THUMBS, 0),
	ASN1_EXP_OPT(SP_CERT_RES_DATA, bci, SP_DER, 1),
	ASN1_EXP_OPT(SP_CERT_RES_DATA, thumbs, SP_THUMBS, 2),
} ASN1_SEQUENCE_END(SP_CERT_RES_DATA)

ASN1_CHOICE(SP_CERT_RES) = {
	ASN1_EXP(SP_CERT_RES, value.enck, SP_DER, 0),
	ASN1_EXP(SP_CERT_RES, value.s, SP_DER, 1),
} ASN1_CHOICE_END(SP_CERT_RES)

ASN1_SEQUENCE(SP_CERT_INQ_REQ_TBS) = {
	ASN1_SIMPLE(SP_CERT_INQ_REQ_TBS, rrpid, ASN1_OCTET_STRING),
	ASN1_SIMPLE(SP_CERT_INQ_REQ_TBS, lid_ee, ASN1_OCTET_STRING),
	ASN1_SIMPLE(SP_CERT_INQ_REQ_TBS, chall_ee3, ASN1_OCTET_STRING),
	ASN1_SIMPLE(SP_CERT_INQ_REQ_TBS, lid_ca, ASN1_OCTET_STRING),
} ASN1_SEQUENCE_END(SP_CERT_INQ_REQ_TBS)

    /* clang-format on */

    static const struct sp_row rows_SP_FORM_ITEM[] = {
	SP_ROW_MANY(SP_FORM_ITEM, name, "fieldName", SP_ROW_SETSTRING, 1, SP_UB_FIELD_NAME, 1, SP_FIELD_LABELS_MAX),
	SP_ROW_SECRET(SP_FORM_ITEM, value, "fieldValue", SP_ROW_SETSTRING, 1, SP_UB_FIELD_VALUE, SP_TOLD_LENGTH),
};
static SP_TYPE(type_form_item, SP_FORM_ITEM, "RegFormItems", SPEC, false, SP_MESSAGE_MAX);

static const struct sp_row rows_SP_PUBLIC_KEYS[] = {
    SP_ROW(SP_PUBLIC_KEYS, sig, "publicKeyS", SP_ROW_DER, 2, SP_SPKI_MAX),
    SP_ROW(SP_PUBLIC_KEYS, enc, "publicKeyE", SP_ROW_DER, 2, SP_SPKI_MAX),
};
static SP_TYPE_NONEMPTY(type_public_keys, SP_PUBLIC_KEYS, "PublicKeySorE", SPEC, SP_MESSAGE_MAX);

static const struct sp_row rows_SP_CERT_REQ_DATA[] = {
    SP_ROW(SP_CERT_REQ_DATA, rrpid, "rrpid", SP_ROW_OCTETS, SP_NONCE_LEN, SP_NONCE_LEN),
    SP_ROW(SP_CERT_REQ_DATA, lid_ee, "lid-EE", SP_ROW_OCTETS, 1, SP_UB_LOCAL_ID),
    SP_ROW(SP_CERT_REQ_DATA, chall_ee3, "chall-EE3", SP_ROW_OCTETS, SP_NONCE_LEN, SP_NONCE_LEN),
    SP_ROW(SP_CERT_REQ_DATA, lid_ca, "lid-CA", SP_ROW_OCTETS, 1, SP_UB_LOCAL_ID),
    SP_ROW(SP_CERT_REQ_DATA, chall_ca, "chall-CA", SP_ROW_OCTETS, SP_NONCE_LEN, SP_NONCE_LEN),
    SP_ROW_ENUMERATED(SP_CERT_REQ_DATA, request_type, "requestType", sp_request_types),
    SP_ROW(SP_CERT_REQ_DATA, request_date, "requestDate", SP_ROW_TIME, 0, 0),
    SP_ROW_SUB(SP_CERT_REQ_DATA, id_data, "idData", &sp_type_id_data),
    SP_ROW(SP_CERT_REQ_DATA, form_id, "regFormID", SP_ROW_INT, 0, INT64_MAX),
    SP_ROW_MANY_SUB(SP_CERT_REQ_DATA, form, "regForm", &type_form_item, 1, SP_UB_FORM_FIELDS),
    SP_ROW_SUB(SP_CERT_REQ_DATA, back_key, "caBackKeyData", &sp_type_back_key),
    SP_ROW_SUB(SP_CERT_REQ_DATA, keys, "publicKeySorE", &type_public_keys),
    SP_ROW_SUB(SP_CERT_REQ_DATA, ee_thumb, "eeThumb", &sp_type_cert_thumb),
    SP_ROW_SUB(SP_CERT_REQ_DATA, thumbs, "thumbs", &sp_type_thumbs),
};
SP_TYPE(sp_type_cert_req_data, SP_CERT_REQ_DATA, "CertReqData", SPEC, false, SP_MESSAGE_MAX);

static const struct sp_row rows_SP_CERT_REQ[] = {
    SP_ROW(SP_CERT_REQ, value.encx, "encx", SP_ROW_DER, 2, SP_MESSAGE_MAX),
    SP_ROW(SP_CERT_REQ, value.enc, "enc", SP_ROW_DER, 2, SP_MESSAGE_MAX),
};
SP_TYPE(sp_type_cert_req, SP_CERT_REQ, "CertReq", SPEC, true, SP_MESSAGE_MAX);

static const struct sp_row rows_SP_FAILED_ITEM[] = {
    SP_ROW(SP_FAILED_ITEM, number, "itemNumber", SP_ROW_INT, 1, SP_UB_FORM_FIELDS),
    SP_ROW(SP_FAILED_ITEM, reason, "itemReason", SP_ROW_SETSTRING, 1, SP_UB_REASON),
};
static SP_TYPE(type_failed_item, SP_FAILED_ITEM, "FailedItem", SPEC, false, SP_MESSAGE_MAX);

static const struct sp_row rows_SP_CA_MSG[] = {
    SP_ROW(SP_CA_MSG, card_logo, "cardLogoURL", SP_ROW_TEXT, 1, SP_UB_URL),
    SP_ROW(SP_CA_MSG, brand_logo, "brandLogoURL", SP_ROW_TEXT, 1, SP_UB_URL),
    SP_ROW(SP_CA_MSG, currency, "cardCurrency", SP_ROW_INT, 1, 999),
    SP_ROW(SP_CA_MSG, msg, "cardholderMsg", SP_ROW_SETSTRING, 1, SP_UB_MESSAGE_TEXT),
};
static SP_TYPE(type_ca_msg, SP_CA_MSG, "CAMsg", SPEC, false, SP_MESSAGE_MAX);

static const struct sp_row rows_SP_CERT_STATUS[] = {
    SP_ROW_ENUMERATED(SP_CERT_STATUS, code, "certStatusCode", sp_status_codes),
    SP_ROW_SECRET(SP_CERT_STATUS, nonce_cca, "nonceCCA", SP_ROW_OCTETS, SP_NONCE_LEN, SP_NONCE_LEN, SP_TOLD_LENGTH),
    SP_ROW(SP_CERT_STATUS, ee_message, "eeMessage", SP_ROW_SETSTRING, 1, SP_UB_MESSAGE_TEXT),
    SP_ROW_SUB(SP_CERT_STATUS, ca_msg, "caMsg", &type_ca_msg),
    SP_ROW_MANY_SUB(SP_CERT_STATUS, failed, "failedItemSeq", &type_failed_item, 1, SP_UB_FORM_FIELDS),
};
static SP_TYPE(type_cert_status, SP_CERT_STATUS, "CertStatus", SPEC, false, SP_MESSAGE_MAX);

static const struct sp_row rows_SP_CERT_RES_DATA[] = {
    SP_ROW(SP_CERT_RES_DATA, rrpid, "rrpid", SP_ROW_OCTETS, SP_NONCE_LEN, SP_NONCE_LEN),
    SP_ROW(SP_CERT_RES_DATA, lid_ee, "lid-EE", SP_ROW_OCTETS, 1, SP_UB_LOCAL_ID),
    SP_ROW(SP_CERT_RES_DATA, chall_ee3, "chall-EE3", SP_ROW_OCTETS, SP_NONCE_LEN, SP_NONCE_LEN),
    SP_ROW(SP_CERT_RES_DATA, lid_ca, "lid-CA", SP_ROW_OCTETS, 1, SP_UB_LOCAL_ID),
    SP_ROW_SUB(SP_CERT_RES_DATA, status, "certStatus", &type_cert_status),
    SP_ROW_SUB(SP_CERT_RES_DATA, certs, "certThumbs", &sp_type_thumbs),
    SP_ROW(SP_CERT_RES_DATA, bci, "brandCRLIdentifier", SP_ROW_DER, 2, SP_BCI_MAX),
    SP_ROW_SUB(SP_CERT_RES_DATA, thumbs, "thumbs", &sp_type_thumbs),
};
SP_TYPE(sp_type_cert_res_data, SP_CERT_RES_DATA, "CertResData", SPEC, false, SP_MESSAGE_MAX);

static const struct sp_row rows_SP_CERT_RES[] = {
    SP_ROW(SP_CERT_RES, value.enck, "enck", SP_ROW_DER, 2, SP_MESSAGE_MAX),
    SP_ROW(SP_CERT_RES, value.s, "s", SP_ROW_DER, 2, SP_MESSAGE_MAX),
};
SP_TYPE(sp_type_cert_res, SP_CERT_RES, "CertRes", SPEC, true, SP_MESSAGE_MAX);

static const struct sp_row rows_SP_CERT_INQ_REQ_TBS[] = {
    SP_ROW(SP_CERT_INQ_REQ_TBS, rrpid, "rrpid", SP_ROW_OCTETS, SP_NONCE_LEN, SP_NONCE_LEN),
    SP_ROW(SP_CERT_INQ_REQ_TBS, lid_ee, "lid-EE", SP_ROW_OCTETS, 1, SP_UB_LOCAL_ID),
    SP_ROW(SP_CERT_INQ_REQ_TBS, chall_ee3, "chall-EE3", SP_ROW_OCTETS, SP_NONCE_LEN, SP_NONCE_LEN),
    SP_ROW(SP_CERT_INQ_REQ_TBS, lid_ca, "lid-CA", SP_ROW_OCTETS, 1, SP_UB_LOCAL_ID),
};
SP_TYPE(sp_type_cert_inq_req_tbs, SP_CERT_INQ_REQ_TBS, "CertInqReqTBS", SPEC, false, 256);
