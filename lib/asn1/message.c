#include "lib/asn1/message.h"

#include "lib/base/limits.h"

#define SPEC "set-protocol 2"

const char *const sp_error_codes[SP_ERROR_CODES] = {NULL, "unspecifiedFailure", "messageNotSupported",
    "decodingFailure", "invalidCertificate", "expiredCertificate", "revokedCertificate", "missingCertificate",
    "signatureFailure", "badMessageHeader", "wrapperMsgMismatch", "versionTooOld", "versionTooNew",
    "unrecognizedExtension", "messageTooBig", "signatureRequired", "messageTooOld", "messageTooNew", "thumbsMismatch",
    "unknownRRPID", "unknownXID", "unknownLID", "challengeMismatch"};

/* clang-format off */
ASN1_SEQUENCE(SP_MESSAGE_IDS) = {
	ASN1_IMP_OPT(SP_MESSAGE_IDS, lid_c, ASN1_OCTET_STRING, 0),
	ASN1_IMP_OPT(SP_MESSAGE_IDS, lid_m, ASN1_OCTET_STRING, 1),
	ASN1_IMP_OPT(SP_MESSAGE_IDS, xid, ASN1_OCTET_STRING, 2),
} ASN1_SEQUENCE_END(SP_MESSAGE_IDS)

ASN1_SEQUENCE(SP_MESSAGE_HEADER) = {
	ASN1_SIMPLE(SP_MESSAGE_HEADER, version, ASN1_INTEGER),
	ASN1_SIMPLE(SP_MESSAGE_HEADER, date, ASN1_GENERALIZEDTIME),
	ASN1_IMP_OPT(SP_MESSAGE_HEADER, ids, SP_MESSAGE_IDS, 0),
	ASN1_IMP_OPT(SP_MESSAGE_HEADER, rrpid, ASN1_OCTET_STRING, 1),
	ASN1_SIMPLE(SP_MESSAGE_HEADER, software, ASN1_VISIBLESTRING),
} ASN1_SEQUENCE_END(SP_MESSAGE_HEADER)

ASN1_SEQUENCE(SP_MSG_EXTENSION) = {
	ASN1_SIMPLE(SP_MSG_EXTENSION, id, ASN1_OBJECT),
	ASN1_OPT(SP_MSG_EXTENSION, critical, ASN1_FBOOLEAN),
	ASN1_SIMPLE(SP_MSG_EXTENSION, value, ASN1_OCTET_STRING),
} ASN1_SEQUENCE_END(SP_MSG_EXTENSION)

ASN1_SEQUENCE(SP_MESSAGE_WRAPPER) = {
	ASN1_SIMPLE(SP_MESSAGE_WRAPPER, header, SP_MESSAGE_HEADER),
	ASN1_EXP(SP_MESSAGE_WRAPPER, message, ASN1_ANY, 0),
	ASN1_IMP_SEQUENCE_OF_OPT(SP_MESSAGE_WRAPPER, extensions, SP_MSG_EXTENSION, 1),
} ASN1_SEQUENCE_END(SP_MESSAGE_WRAPPER)

ASN1_CHOICE(SP_ERROR_MSG) = {
	ASN1_IMP(SP_ERROR_MSG, value.header, SP_MESSAGE_HEADER, 0),
	ASN1_IMP(SP_ERROR_MSG, value.wrapper, ASN1_OCTET_STRING, 1),
} ASN1_CHOICE_END(SP_ERROR_MSG)

ASN1_SEQUENCE(SP_ERROR_TBS) = {
	ASN1_SIMPLE(SP_ERROR_TBS, code, ASN1_ENUMERATED),
	ASN1_SIMPLE(SP_ERROR_TBS, nonce, ASN1_OCTET_STRING),
	ASN1_IMP_OPT(SP_ERROR_TBS, oid, ASN1_OBJECT, 0),
	ASN1_EXP_OPT(SP_ERROR_TBS, thumb, SP_CERT_THUMB, 1),
	ASN1_EXP(SP_ERROR_TBS, msg, SP_ERROR_MSG, 2),
} ASN1_SEQUENCE_END(SP_ERROR_TBS)

ASN1_CHOICE(SP_ERROR) = {
	ASN1_EXP(SP_ERROR, value.signed_error, SP_DER, 0),
	ASN1_EXP(SP_ERROR, value.unsigned_error, SP_ERROR_TBS, 1),
} ASN1_CHOICE_END(SP_ERROR)

ASN1_SEQUENCE(SP_CRL_NOTIFICATION_TBS) = {
	ASN1_SIMPLE(SP_CRL_NOTIFICATION_TBS, date, ASN1_GENERALIZEDTIME),
	ASN1_SIMPLE(SP_CRL_NOTIFICATION_TBS, thumb, SP_CERT_THUMB),
} ASN1_SEQUENCE_END(SP_CRL_NOTIFICATION_TBS)

ASN1_SEQUENCE(SP_BCI_DISTRIBUTION_TBS) = {
	ASN1_SIMPLE(SP_BCI_DISTRIBUTION_TBS, date, ASN1_GENERALIZEDTIME),
	ASN1_SIMPLE(SP_BCI_DISTRIBUTION_TBS, bci, SP_DER),
} ASN1_SEQUENCE_END(SP_BCI_DISTRIBUTION_TBS)

    /* clang-format on */

    static const struct sp_row rows_SP_MESSAGE_IDS[] = {
	SP_ROW(SP_MESSAGE_IDS, lid_c, "lid-C", SP_ROW_OCTETS, 1, SP_UB_LOCAL_ID),
	SP_ROW(SP_MESSAGE_IDS, lid_m, "lid-M", SP_ROW_OCTETS, 1, SP_UB_LOCAL_ID),
	SP_ROW(SP_MESSAGE_IDS, xid, "xID", SP_ROW_OCTETS, SP_NONCE_LEN, SP_NONCE_LEN),
};
static SP_TYPE(type_message_ids, SP_MESSAGE_IDS, "MessageIDs", SPEC, false, 256);

static const struct sp_row rows_SP_MESSAGE_HEADER[] = {
    SP_ROW(SP_MESSAGE_HEADER, version, "version", SP_ROW_INT, 0, INT32_MAX),
    SP_ROW(SP_MESSAGE_HEADER, date, "date", SP_ROW_TIME, 0, 0),
    SP_ROW_SUB(SP_MESSAGE_HEADER, ids, "messageIDs", &type_message_ids),
    SP_ROW(SP_MESSAGE_HEADER, rrpid, "rrpid", SP_ROW_OCTETS, SP_NONCE_LEN, SP_NONCE_LEN),
    SP_ROW(SP_MESSAGE_HEADER, software, "swIdent", SP_ROW_TEXT, 1, SP_UB_SW_IDENT),
};
SP_TYPE(sp_type_message_header, SP_MESSAGE_HEADER, "MessageHeader", SPEC, false, 1024);

static const struct sp_row rows_SP_MSG_EXTENSION[] = {
    SP_ROW(SP_MSG_EXTENSION, id, "extnID", SP_ROW_OID, 0, 0),
    SP_ROW(SP_MSG_EXTENSION, critical, "critical", SP_ROW_BOOLEAN, 0, 0),
    SP_ROW(SP_MSG_EXTENSION, value, "extnValue", SP_ROW_OCTETS, 0, SP_MSG_EXTENSION_MAX),
};
static SP_TYPE(type_msg_extension, SP_MSG_EXTENSION, "MsgExtension", SPEC, false, SP_MESSAGE_MAX);

static const struct sp_row rows_SP_MESSAGE_WRAPPER[] = {
    SP_ROW_SUB(SP_MESSAGE_WRAPPER, header, "messageHeader", &sp_type_message_header),
    SP_ROW(SP_MESSAGE_WRAPPER, message, "message", SP_ROW_ANY, 0, 0),
    SP_ROW_MANY_SUB(SP_MESSAGE_WRAPPER, extensions, "mwExtensions", &type_msg_extension, 1, SP_MSG_EXTENSIONS_MAX),
};
SP_TYPE(sp_type_message_wrapper, SP_MESSAGE_WRAPPER, "MessageWrapper", SPEC, false, SP_MESSAGE_MAX);

static const struct sp_row rows_SP_ERROR_MSG[] = {
    SP_ROW_SUB(SP_ERROR_MSG, value.header, "messageHeader", &sp_type_message_header),
    SP_ROW(SP_ERROR_MSG, value.wrapper, "badWrapper", SP_ROW_OCTETS, 1, SP_UB_BAD_WRAPPER),
};
static SP_TYPE(type_error_msg, SP_ERROR_MSG, "ErrorMsg", SPEC, true, SP_MESSAGE_MAX);

static const struct sp_row rows_SP_ERROR_TBS[] = {
    SP_ROW_ENUMERATED(SP_ERROR_TBS, code, "errorCode", sp_error_codes),
    SP_ROW(SP_ERROR_TBS, nonce, "errorNonce", SP_ROW_OCTETS, SP_NONCE_LEN, SP_NONCE_LEN),
    SP_ROW(SP_ERROR_TBS, oid, "errorOID", SP_ROW_OID, 0, 0),
    SP_ROW_SUB(SP_ERROR_TBS, thumb, "errorThumb", &sp_type_cert_thumb),
    SP_ROW_SUB(SP_ERROR_TBS, msg, "errorMsg", &type_error_msg),
};
SP_TYPE(sp_type_error_tbs, SP_ERROR_TBS, "ErrorTBS", SPEC, false, SP_MESSAGE_MAX);

static const struct sp_row rows_SP_ERROR[] = {
    SP_ROW(SP_ERROR, value.signed_error, "signedError", SP_ROW_DER, 2, SP_MESSAGE_MAX),
    SP_ROW_SUB(SP_ERROR, value.unsigned_error, "unsignedError", &sp_type_error_tbs),
};
SP_TYPE(sp_type_error, SP_ERROR, "Error", SPEC, true, SP_MESSAGE_MAX);

static const struct sp_row rows_SP_CRL_NOTIFICATION_TBS[] = {
    SP_ROW(SP_CRL_NOTIFICATION_TBS, date, "date", SP_ROW_TIME, 0, 0),
    SP_ROW_SUB(SP_CRL_NOTIFICATION_TBS, thumb, "crlThumb", &sp_type_cert_thumb),
};
SP_TYPE(sp_type_crl_notification_tbs, SP_CRL_NOTIFICATION_TBS, "CRLNotificationTBS", SPEC, false, 512);

static const struct sp_row rows_SP_BCI_DISTRIBUTION_TBS[] = {
    SP_ROW(SP_BCI_DISTRIBUTION_TBS, date, "date", SP_ROW_TIME, 0, 0),
    SP_ROW(SP_BCI_DISTRIBUTION_TBS, bci, "brandCRLIdentifier", SP_ROW_DER, 2, SP_BCI_MAX),
};
SP_TYPE(sp_type_bci_distribution_tbs, SP_BCI_DISTRIBUTION_TBS, "BCIDistributionTBS", SPEC, false, SP_MESSAGE_MAX);
