#include "lib/asn1/payment.h"

#include "lib/base/limits.h"

#define SPEC "set-protocol 10, 12.17"
#define PAYMENT_MAX 8192

/* clang-format off */
ASN1_SEQUENCE(SP_TRANS_IDS) = {
	ASN1_SIMPLE(SP_TRANS_IDS, lid_c, ASN1_OCTET_STRING),
	ASN1_IMP_OPT(SP_TRANS_IDS, lid_m, ASN1_OCTET_STRING, 0),
	ASN1_SIMPLE(SP_TRANS_IDS, xid, ASN1_OCTET_STRING),
	ASN1_SIMPLE(SP_TRANS_IDS, date, ASN1_GENERALIZEDTIME),
	ASN1_SIMPLE(SP_TRANS_IDS, language, ASN1_VISIBLESTRING),
} ASN1_SEQUENCE_END(SP_TRANS_IDS)

ASN1_SEQUENCE(SP_CURRENCY_AMOUNT) = {
	ASN1_SIMPLE(SP_CURRENCY_AMOUNT, currency, ASN1_INTEGER),
	ASN1_SIMPLE(SP_CURRENCY_AMOUNT, amount, ASN1_INTEGER),
	ASN1_SIMPLE(SP_CURRENCY_AMOUNT, exponent, ASN1_INTEGER),
} ASN1_SEQUENCE_END(SP_CURRENCY_AMOUNT)

ASN1_SEQUENCE(SP_OI_DATA) = {
	ASN1_SIMPLE(SP_OI_DATA, ids, SP_TRANS_IDS),
	ASN1_SIMPLE(SP_OI_DATA, rrpid, ASN1_OCTET_STRING),
	ASN1_SIMPLE(SP_OI_DATA, chall_c, ASN1_OCTET_STRING),
	ASN1_SIMPLE(SP_OI_DATA, hod, SP_DIGESTED_DATA),
	ASN1_SIMPLE(SP_OI_DATA, od_salt, ASN1_OCTET_STRING),
	ASN1_OPT(SP_OI_DATA, chall_m, ASN1_OCTET_STRING),
	ASN1_SIMPLE(SP_OI_DATA, brand, SP_SETSTRING),
	ASN1_SIMPLE(SP_OI_DATA, bin, SP_NUMERIC_STRING),
} ASN1_SEQUENCE_END(SP_OI_DATA)

ASN1_SEQUENCE(SP_PI_INPUTS) = {
	ASN1_SIMPLE(SP_PI_INPUTS, hod, SP_DIGESTED_DATA),
	ASN1_SIMPLE(SP_PI_INPUTS, amount, SP_CURRENCY_AMOUNT),
} ASN1_SEQUENCE_END(SP_PI_INPUTS)

ASN1_SEQUENCE(SP_PI_HEAD) = {
	ASN1_SIMPLE(SP_PI_HEAD, ids, SP_TRANS_IDS),
	ASN1_SIMPLE(SP_PI_HEAD, inputs, SP_PI_INPUTS),
	ASN1_SIMPLE(SP_PI_HEAD, merchant, SP_SETSTRING),
	ASN1_SIMPLE(SP_PI_HEAD, trans_stain, ASN1_OCTET_STRING),
	ASN1_SIMPLE(SP_PI_HEAD, software, ASN1_VISIBLESTRING),
} ASN1_SEQUENCE_END(SP_PI_HEAD)

ASN1_SEQUENCE(SP_PI_DUAL_SIGNED) = {
	ASN1_SIMPLE(SP_PI_DUAL_SIGNED, signature, SP_SIGNED_DATA),
	ASN1_SIMPLE(SP_PI_DUAL_SIGNED, envelope, SP_DER),
} ASN1_SEQUENCE_END(SP_PI_DUAL_SIGNED)

ASN1_SEQUENCE(SP_PREQ_DUAL_SIGNED) = {
	ASN1_SIMPLE(SP_PREQ_DUAL_SIGNED, pi, SP_DER),
	ASN1_SIMPLE(SP_PREQ_DUAL_SIGNED, oi, SP_LINKAGE),
} ASN1_SEQUENCE_END(SP_PREQ_DUAL_SIGNED)
    /* clang-format on */

    static const struct sp_row rows_SP_TRANS_IDS[] = {
	SP_ROW(SP_TRANS_IDS, lid_c, "lid-C", SP_ROW_OCTETS, 1, SP_UB_LOCAL_ID),
	SP_ROW(SP_TRANS_IDS, lid_m, "lid-M", SP_ROW_OCTETS, 1, SP_UB_LOCAL_ID),
	SP_ROW(SP_TRANS_IDS, xid, "xID", SP_ROW_OCTETS, SP_NONCE_LEN, SP_NONCE_LEN),
	SP_ROW(SP_TRANS_IDS, date, "pReqDate", SP_ROW_TIME, 0, 0),
	SP_ROW(SP_TRANS_IDS, language, "language", SP_ROW_TEXT, 1, SP_UB_LANGUAGE),
};
static SP_TYPE(trans_ids, SP_TRANS_IDS, "TransIDs", SPEC, false, 256);

static const struct sp_row rows_SP_CURRENCY_AMOUNT[] = {
    SP_ROW(SP_CURRENCY_AMOUNT, currency, "currency", SP_ROW_INT, 1, 999),
    SP_ROW(SP_CURRENCY_AMOUNT, amount, "amount", SP_ROW_INT, 0, INT64_MAX),
    SP_ROW(SP_CURRENCY_AMOUNT, exponent, "amtExp10", SP_ROW_INT, -9, 9),
};
static SP_TYPE(currency_amount, SP_CURRENCY_AMOUNT, "CurrencyAmount", SPEC, false, 64);

static const struct sp_row rows_SP_OI_DATA[] = {
    SP_ROW_SUB(SP_OI_DATA, ids, "transIDs", &trans_ids),
    SP_ROW(SP_OI_DATA, rrpid, "rrpid", SP_ROW_OCTETS, SP_NONCE_LEN, SP_NONCE_LEN),
    SP_ROW(SP_OI_DATA, chall_c, "chall-C", SP_ROW_OCTETS, SP_NONCE_LEN, SP_NONCE_LEN),
    SP_ROW_SUB(SP_OI_DATA, hod, "hod", &sp_type_digested_data),
    SP_ROW(SP_OI_DATA, od_salt, "odSalt", SP_ROW_OCTETS, SP_NONCE_LEN, SP_NONCE_LEN),
    SP_ROW(SP_OI_DATA, chall_m, "chall-M", SP_ROW_OCTETS, SP_NONCE_LEN, SP_NONCE_LEN),
    SP_ROW(SP_OI_DATA, brand, "brandID", SP_ROW_SETSTRING, 1, SP_UB_BRAND_ID),
    SP_ROW(SP_OI_DATA, bin, "bin", SP_ROW_DIGITS, SP_UB_BIN, SP_UB_BIN),
};
SP_TYPE(sp_type_oi_data, SP_OI_DATA, "OIData", SPEC, false, PAYMENT_MAX);

static const struct sp_row rows_SP_PI_INPUTS[] = {
    SP_ROW_SUB(SP_PI_INPUTS, hod, "hod", &sp_type_digested_data),
    SP_ROW_SUB(SP_PI_INPUTS, amount, "purchAmt", &currency_amount),
};
static SP_TYPE(pi_inputs, SP_PI_INPUTS, "Inputs", SPEC, false, 512);

static const struct sp_row rows_SP_PI_HEAD[] = {
    SP_ROW_SUB(SP_PI_HEAD, ids, "transIDs", &trans_ids),
    SP_ROW_SUB(SP_PI_HEAD, inputs, "inputs", &pi_inputs),
    SP_ROW(SP_PI_HEAD, merchant, "merchantID", SP_ROW_SETSTRING, 1, SP_UB_MERCHANT_ID),
    SP_ROW(SP_PI_HEAD, trans_stain, "transStain", SP_ROW_OCTETS, 20, SP_DIGEST_MAX),
    SP_ROW(SP_PI_HEAD, software, "swIdent", SP_ROW_TEXT, 1, SP_UB_SW_IDENT),
};
SP_TYPE(sp_type_pi_head, SP_PI_HEAD, "PIHead", SPEC, false, PAYMENT_MAX);

static const struct sp_row rows_SP_PI_DUAL_SIGNED[] = {
    SP_ROW_SUB(SP_PI_DUAL_SIGNED, signature, "piSignature", &sp_type_signed_data),
    SP_ROW(SP_PI_DUAL_SIGNED, envelope, "exPIData", SP_ROW_DER, 2, PAYMENT_MAX),
};
SP_TYPE(sp_type_pi_dual_signed, SP_PI_DUAL_SIGNED, "PIDualSigned", SPEC, false, SP_MESSAGE_MAX);

static const struct sp_row rows_SP_PREQ_DUAL_SIGNED[] = {
    SP_ROW(SP_PREQ_DUAL_SIGNED, pi, "piDualSigned", SP_ROW_DER, 2, SP_MESSAGE_MAX),
    SP_ROW_SUB(SP_PREQ_DUAL_SIGNED, oi, "oiDualSigned", &sp_type_linkage),
};
SP_TYPE(sp_type_preq_dual_signed, SP_PREQ_DUAL_SIGNED, "PReqDualSigned", SPEC, false, SP_MESSAGE_MAX);
