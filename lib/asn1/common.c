#include "lib/asn1/common.h"

#include "lib/base/limits.h"

#define SPEC "set-protocol 2, 3"

/* clang-format off */
ASN1_SEQUENCE(SP_THUMBS) = {
	ASN1_SIMPLE(SP_THUMBS, alg, SP_DER),
	ASN1_EXP_SEQUENCE_OF_OPT(SP_THUMBS, certs, ASN1_OCTET_STRING, 0),
	ASN1_EXP_SEQUENCE_OF_OPT(SP_THUMBS, crls, ASN1_OCTET_STRING, 1),
	ASN1_EXP_SEQUENCE_OF_OPT(SP_THUMBS, bcis, ASN1_OCTET_STRING, 2),
} ASN1_SEQUENCE_END(SP_THUMBS)

ASN1_SEQUENCE(SP_CERT_THUMB) = {
	ASN1_SIMPLE(SP_CERT_THUMB, alg, SP_DER),
	ASN1_SIMPLE(SP_CERT_THUMB, digest, ASN1_OCTET_STRING),
} ASN1_SEQUENCE_END(SP_CERT_THUMB)

ASN1_SEQUENCE_cb(SP_BACK_KEY, sp_type_cleanse) = {
	ASN1_SIMPLE(SP_BACK_KEY, alg, SP_DER),
	ASN1_SIMPLE(SP_BACK_KEY, key, ASN1_OCTET_STRING),
} ASN1_SEQUENCE_END_cb(SP_BACK_KEY, SP_BACK_KEY)

ASN1_SEQUENCE(SP_MER_ACQ_ID) = {
	ASN1_SIMPLE(SP_MER_ACQ_ID, bin, SP_NUMERIC_STRING),
	ASN1_SIMPLE(SP_MER_ACQ_ID, merchant, SP_SETSTRING),
} ASN1_SEQUENCE_END(SP_MER_ACQ_ID)

ASN1_SEQUENCE(SP_ACQ_ID) = {
	ASN1_SIMPLE(SP_ACQ_ID, bin, SP_NUMERIC_STRING),
	ASN1_OPT(SP_ACQ_ID, business, SP_NUMERIC_STRING),
} ASN1_SEQUENCE_END(SP_ACQ_ID)

ASN1_CHOICE(SP_ID_DATA) = {
	ASN1_IMP(SP_ID_DATA, value.merchant, SP_MER_ACQ_ID, 0),
	ASN1_IMP(SP_ID_DATA, value.acquirer, SP_ACQ_ID, 1),
} ASN1_CHOICE_END(SP_ID_DATA)

ASN1_SEQUENCE_cb(SP_PAN_DATA0, sp_type_cleanse) = {
	ASN1_SIMPLE(SP_PAN_DATA0, pan, SP_NUMERIC_STRING),
	ASN1_SIMPLE(SP_PAN_DATA0, expiry, SP_NUMERIC_STRING),
	ASN1_SIMPLE(SP_PAN_DATA0, card_secret, ASN1_OCTET_STRING),
	ASN1_SIMPLE(SP_PAN_DATA0, ex_nonce, ASN1_OCTET_STRING),
} ASN1_SEQUENCE_END_cb(SP_PAN_DATA0, SP_PAN_DATA0)

ASN1_SEQUENCE_cb(SP_PAN_ONLY, sp_type_cleanse) = {
	ASN1_SIMPLE(SP_PAN_ONLY, pan, SP_NUMERIC_STRING),
	ASN1_SIMPLE(SP_PAN_ONLY, ex_nonce, ASN1_OCTET_STRING),
} ASN1_SEQUENCE_END_cb(SP_PAN_ONLY, SP_PAN_ONLY)

ASN1_SEQUENCE_cb(SP_ACCT_DATA, sp_type_cleanse) = {
	ASN1_SIMPLE(SP_ACCT_DATA, id, ASN1_VISIBLESTRING),
	ASN1_SIMPLE(SP_ACCT_DATA, ex_nonce, ASN1_OCTET_STRING),
} ASN1_SEQUENCE_END_cb(SP_ACCT_DATA, SP_ACCT_DATA)

ASN1_CHOICE(SP_ACCT_INFO) = {
	ASN1_EXP(SP_ACCT_INFO, value.pan_data0, SP_PAN_DATA0, 0),
	ASN1_EXP(SP_ACCT_INFO, value.acct_data, SP_ACCT_DATA, 1),
} ASN1_CHOICE_END(SP_ACCT_INFO)

    /* clang-format on */

    static const struct sp_row rows_SP_THUMBS[] = {
	SP_ROW(SP_THUMBS, alg, "digestAlgorithm", SP_ROW_DER, 2, SP_ALG_MAX),
	SP_ROW_MANY(SP_THUMBS, certs, "certThumbs", SP_ROW_OCTETS, 1, SP_DIGEST_MAX, 1, SP_THUMBS_MAX),
	SP_ROW_MANY(SP_THUMBS, crls, "crlThumbs", SP_ROW_OCTETS, 1, SP_DIGEST_MAX, 1, SP_THUMBS_MAX),
	SP_ROW_MANY(SP_THUMBS, bcis, "brandCRLIdThumbs", SP_ROW_OCTETS, 1, SP_DIGEST_MAX, 1, SP_THUMBS_MAX),
};
SP_TYPE(sp_type_thumbs, SP_THUMBS, "Thumbs", SPEC, false, SP_MESSAGE_MAX);

static const struct sp_row rows_SP_CERT_THUMB[] = {
    SP_ROW(SP_CERT_THUMB, alg, "digestAlgorithm", SP_ROW_DER, 2, SP_ALG_MAX),
    SP_ROW(SP_CERT_THUMB, digest, "thumbprint", SP_ROW_OCTETS, 1, SP_DIGEST_MAX),
};
SP_TYPE(sp_type_cert_thumb, SP_CERT_THUMB, "CertThumb", SPEC, false, 256);

static const struct sp_row rows_SP_BACK_KEY[] = {
    SP_ROW(SP_BACK_KEY, alg, "backAlgID", SP_ROW_DER, 2, SP_ALG_MAX),
    SP_ROW_SECRET(SP_BACK_KEY, key, "backKey", SP_ROW_OCTETS, 1, SP_BACK_KEY_MAX, SP_TOLD_LENGTH),
};
SP_TYPE(sp_type_back_key, SP_BACK_KEY, "BackKeyData", SPEC, false, 256);

static const struct sp_row rows_SP_MER_ACQ_ID[] = {
    SP_ROW(SP_MER_ACQ_ID, bin, "merchantBIN", SP_ROW_DIGITS, SP_UB_BIN, SP_UB_BIN),
    SP_ROW(SP_MER_ACQ_ID, merchant, "merchantID", SP_ROW_SETSTRING, 1, SP_UB_MERCHANT_ID),
};
static SP_TYPE(type_mer_acq_id, SP_MER_ACQ_ID, "MerchantAcquirerID", SPEC, false, 256);

static const struct sp_row rows_SP_ACQ_ID[] = {
    SP_ROW(SP_ACQ_ID, bin, "acquirerBIN", SP_ROW_DIGITS, SP_UB_BIN, SP_UB_BIN),
    SP_ROW(SP_ACQ_ID, business, "acquirerBusinessID", SP_ROW_DIGITS, 1, SP_UB_ACQ_BUSINESS_ID),
};
static SP_TYPE(type_acq_id, SP_ACQ_ID, "AcquirerID", SPEC, false, 256);

static const struct sp_row rows_SP_ID_DATA[] = {
    SP_ROW_SUB(SP_ID_DATA, value.merchant, "merchantAcquirerID", &type_mer_acq_id),
    SP_ROW_SUB(SP_ID_DATA, value.acquirer, "acquirerID", &type_acq_id),
};
SP_TYPE(sp_type_id_data, SP_ID_DATA, "IDData", SPEC, true, 256);

static const struct sp_row rows_SP_PAN_DATA0[] = {
    SP_ROW_SECRET(SP_PAN_DATA0, pan, "pan", SP_ROW_DIGITS, 1, SP_UB_PAN, SP_TOLD_PAN),
    SP_ROW(SP_PAN_DATA0, expiry, "cardExpiry", SP_ROW_DIGITS, 6, 6),
    SP_ROW_SECRET(SP_PAN_DATA0, card_secret, "cardSecret", SP_ROW_OCTETS, SP_NONCE_LEN, SP_NONCE_LEN, SP_TOLD_LENGTH),
    SP_ROW_SECRET(SP_PAN_DATA0, ex_nonce, "exNonce", SP_ROW_OCTETS, SP_NONCE_LEN, SP_NONCE_LEN, SP_TOLD_LENGTH),
};
SP_TYPE(sp_type_pan_data0, SP_PAN_DATA0, "PANData0", SPEC, false, 128);

/* PANData has PANSecret where PANData0 has CardSecret. */
static const struct sp_row rows_pan_data[] = {
    SP_ROW_SECRET(SP_PAN_DATA0, pan, "pan", SP_ROW_DIGITS, 1, SP_UB_PAN, SP_TOLD_PAN),
    SP_ROW(SP_PAN_DATA0, expiry, "cardExpiry", SP_ROW_DIGITS, 6, 6),
    SP_ROW_SECRET(SP_PAN_DATA0, card_secret, "panSecret", SP_ROW_OCTETS, SP_NONCE_LEN, SP_NONCE_LEN, SP_TOLD_LENGTH),
    SP_ROW_SECRET(SP_PAN_DATA0, ex_nonce, "exNonce", SP_ROW_OCTETS, SP_NONCE_LEN, SP_NONCE_LEN, SP_TOLD_LENGTH),
};
const struct sp_type sp_type_pan_data = {"PANData", SPEC, SP_PAN_DATA0_it, rows_pan_data,
    sizeof(rows_pan_data) / sizeof(rows_pan_data[0]), false, 128, false};

static const struct sp_row rows_SP_PAN_ONLY[] = {
    SP_ROW_SECRET(SP_PAN_ONLY, pan, "pan", SP_ROW_DIGITS, 1, SP_UB_PAN, SP_TOLD_PAN),
    SP_ROW_SECRET(SP_PAN_ONLY, ex_nonce, "exNonce", SP_ROW_OCTETS, SP_NONCE_LEN, SP_NONCE_LEN, SP_TOLD_LENGTH),
};
SP_TYPE(sp_type_pan_only, SP_PAN_ONLY, "PANOnly", SPEC, false, 128);

static const struct sp_row rows_SP_ACCT_DATA[] = {
    SP_ROW_SECRET(SP_ACCT_DATA, id, "acctIdentification", SP_ROW_TEXT, SP_ACCT_ID_LEN, SP_ACCT_ID_LEN, SP_TOLD_LENGTH),
    SP_ROW_SECRET(SP_ACCT_DATA, ex_nonce, "exNonce", SP_ROW_OCTETS, SP_NONCE_LEN, SP_NONCE_LEN, SP_TOLD_LENGTH),
};
SP_TYPE(sp_type_acct_data, SP_ACCT_DATA, "AcctData", SPEC, false, 128);

static const struct sp_row rows_SP_ACCT_INFO[] = {
    SP_ROW_SUB(SP_ACCT_INFO, value.pan_data0, "panData0", &sp_type_pan_data0),
    SP_ROW_SUB(SP_ACCT_INFO, value.acct_data, "acctData", &sp_type_acct_data),
};
SP_TYPE(sp_type_acct_info, SP_ACCT_INFO, "AcctInfo", SPEC, true, 160);
