/* The payment types that the dual signature is over (set-protocol section 10, 12.17; from recollection of SET Book 3).
 */
#ifndef LIB_ASN1_PAYMENT_H
#define LIB_ASN1_PAYMENT_H

#include "lib/asn1/pkcs7.h"

typedef struct {
	ASN1_OCTET_STRING *lid_c;
	ASN1_OCTET_STRING *lid_m; /* [0] OPTIONAL */
	ASN1_OCTET_STRING *xid;
	ASN1_GENERALIZEDTIME *date;
	ASN1_VISIBLESTRING *language;
} SP_TRANS_IDS;
DECLARE_ASN1_ITEM(SP_TRANS_IDS)

typedef struct {
	ASN1_INTEGER *currency, *amount, *exponent;
} SP_CURRENCY_AMOUNT;
DECLARE_ASN1_ITEM(SP_CURRENCY_AMOUNT)

/* OIData ::= SEQUENCE { transIDs, rrpid, chall-C, hod HOD, odSalt Nonce, chall-M OPTIONAL, brandID, bin }; HOD is
 * DD(HODInput) */
typedef struct {
	SP_TRANS_IDS *ids;
	ASN1_OCTET_STRING *rrpid, *chall_c;
	SP_DIGESTED_DATA *hod;
	ASN1_OCTET_STRING *od_salt;
	ASN1_OCTET_STRING *chall_m;
	ASN1_STRING *brand;
	ASN1_STRING *bin;
} SP_OI_DATA;
DECLARE_ASN1_ITEM(SP_OI_DATA)

/* PIHead ::= SEQUENCE { transIDs, inputs SEQUENCE { hod, purchAmt }, merchantID, transStain, swIdent } */
typedef struct {
	SP_DIGESTED_DATA *hod;
	SP_CURRENCY_AMOUNT *amount;
} SP_PI_INPUTS;
DECLARE_ASN1_ITEM(SP_PI_INPUTS)

typedef struct {
	SP_TRANS_IDS *ids;
	SP_PI_INPUTS *inputs;
	ASN1_STRING *merchant;
	ASN1_OCTET_STRING *trans_stain;
	ASN1_VISIBLESTRING *software;
} SP_PI_HEAD;
DECLARE_ASN1_ITEM(SP_PI_HEAD)

/* PIDualSigned ::= SEQUENCE { piSignature SO, exPIData EX } */
typedef struct {
	SP_SIGNED_DATA *signature;
	ASN1_STRING *envelope;
} SP_PI_DUAL_SIGNED;
DECLARE_ASN1_ITEM(SP_PI_DUAL_SIGNED)

/* PReqDualSigned ::= SEQUENCE { piDualSigned, oiDualSigned L(OIData, PIData) } */
typedef struct {
	ASN1_STRING *pi;
	SP_LINKAGE *oi;
} SP_PREQ_DUAL_SIGNED;
DECLARE_ASN1_ITEM(SP_PREQ_DUAL_SIGNED)

extern const struct sp_type sp_type_oi_data, sp_type_pi_head, sp_type_pi_dual_signed, sp_type_preq_dual_signed;

#endif
