/* Types that several messages share (set-protocol section 2, 3). */
#ifndef LIB_ASN1_COMMON_H
#define LIB_ASN1_COMMON_H

#include "lib/asn1/pkcs7.h"

/* Thumbs: what the sender holds already; each [n] is EXPLICIT */
typedef struct {
	ASN1_STRING *alg;
	STACK_OF(SP_ELEMENT) * certs;
	STACK_OF(SP_ELEMENT) * crls;
	STACK_OF(SP_ELEMENT) * bcis;
} SP_THUMBS;
DECLARE_ASN1_ITEM(SP_THUMBS)

/* CertThumb: one certificate (or CRL) by the digest of its unsigned part */
typedef struct {
	ASN1_STRING *alg;
	ASN1_OCTET_STRING *digest;
} SP_CERT_THUMB;
DECLARE_ASN1_ITEM(SP_CERT_THUMB)

/* BackKeyData: the key that the answer comes back under; secret */
typedef struct {
	ASN1_STRING *alg;
	ASN1_OCTET_STRING *key;
} SP_BACK_KEY;
DECLARE_ASN1_ITEM(SP_BACK_KEY)

typedef struct {
	ASN1_STRING *bin;
	ASN1_STRING *merchant;
} SP_MER_ACQ_ID;
DECLARE_ASN1_ITEM(SP_MER_ACQ_ID)

typedef struct {
	ASN1_STRING *bin;
	ASN1_STRING *business;
} SP_ACQ_ID;
DECLARE_ASN1_ITEM(SP_ACQ_ID)

/* IDData ::= CHOICE { merchantAcquirerID [0], acquirerID [1] } */
typedef struct {
	int type;
	union {
		SP_MER_ACQ_ID *merchant;
		SP_ACQ_ID *acquirer;
	} value;
} SP_ID_DATA;
DECLARE_ASN1_ITEM(SP_ID_DATA)

/* PANData0, and PANData, which has PANSecret in its third place: a cardholder's account; travels only in the key block;
 * secret */
typedef struct {
	ASN1_STRING *pan;
	ASN1_STRING *expiry;
	ASN1_OCTET_STRING *card_secret;
	ASN1_OCTET_STRING *ex_nonce;
} SP_PAN_DATA0;
DECLARE_ASN1_ITEM(SP_PAN_DATA0)

/* PANOnly: of a RegFormReq; secret */
typedef struct {
	ASN1_STRING *pan;
	ASN1_OCTET_STRING *ex_nonce;
} SP_PAN_ONLY;
DECLARE_ASN1_ITEM(SP_PAN_ONLY)

/* AcctData: a merchant's or acquirer's account; secret */
typedef struct {
	ASN1_VISIBLESTRING *id;
	ASN1_OCTET_STRING *ex_nonce;
} SP_ACCT_DATA;
DECLARE_ASN1_ITEM(SP_ACCT_DATA)

/* AcctInfo ::= CHOICE { panData0 [0] EXPLICIT, acctData [1] EXPLICIT } */
typedef struct {
	int type;
	union {
		SP_PAN_DATA0 *pan_data0;
		SP_ACCT_DATA *acct_data;
	} value;
} SP_ACCT_INFO;
DECLARE_ASN1_ITEM(SP_ACCT_INFO)

extern const struct sp_type sp_type_thumbs, sp_type_cert_thumb, sp_type_back_key, sp_type_id_data, sp_type_pan_data0,
    sp_type_pan_data, sp_type_pan_only, sp_type_acct_data, sp_type_acct_info;

#endif
