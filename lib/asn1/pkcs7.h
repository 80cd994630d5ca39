/* PKCS#7 1.6 in the SEQUENCE forms that SET uses (set-protocol section 4), never in the 1.5 forms of stock tools. */
#ifndef LIB_ASN1_PKCS7_H
#define LIB_ASN1_PKCS7_H

#include "lib/asn1/type.h"

DEFINE_STACK_OF(SP_ELEMENT)

/* ContentInfo ::= SEQUENCE { contentType OID, content [0] EXPLICIT <type> OPTIONAL }; SET's contents are SEQUENCEs */
typedef struct {
	ASN1_OBJECT *type;
	ASN1_STRING *content;
} SP_CONTENT_INFO;
DECLARE_ASN1_ITEM(SP_CONTENT_INFO)

typedef struct {
	ASN1_STRING *issuer; /* Name */
	ASN1_INTEGER *serial;
} SP_ISSUER_SERIAL;
DECLARE_ASN1_ITEM(SP_ISSUER_SERIAL)

/* Attribute ::= SEQUENCE { type OID, values SET OF ANY } */
typedef struct {
	ASN1_OBJECT *type;
	STACK_OF(ASN1_TYPE) * values;
} SP_ATTRIBUTE;
DECLARE_ASN1_ITEM(SP_ATTRIBUTE)
DEFINE_STACK_OF(SP_ATTRIBUTE)

typedef struct {
	ASN1_INTEGER *version; /* 2 */
	SP_ISSUER_SERIAL *signer;
	ASN1_STRING *digest_alg;
	STACK_OF(SP_ATTRIBUTE) * attributes; /* [2] EXPLICIT */
	ASN1_STRING *signature_alg;
	ASN1_OCTET_STRING *signature;
	STACK_OF(SP_ATTRIBUTE) * unauthenticated; /* [3] IMPLICIT */
} SP_SIGNER_INFO;
DECLARE_ASN1_ITEM(SP_SIGNER_INFO)
DEFINE_STACK_OF(SP_SIGNER_INFO)

typedef struct {
	ASN1_INTEGER *version; /* 2 */
	STACK_OF(SP_ELEMENT) * digest_algs;
	SP_CONTENT_INFO *content;
	STACK_OF(SP_ELEMENT) * certs; /* [2] IMPLICIT */
	STACK_OF(SP_ELEMENT) * crls;  /* [3] IMPLICIT */
	STACK_OF(SP_SIGNER_INFO) * signers;
} SP_SIGNED_DATA;
DECLARE_ASN1_ITEM(SP_SIGNED_DATA)

typedef struct {
	ASN1_OBJECT *type;
	ASN1_STRING *cipher;
	ASN1_OCTET_STRING *content; /* [0] IMPLICIT */
} SP_ENCRYPTED_CONTENT;
DECLARE_ASN1_ITEM(SP_ENCRYPTED_CONTENT)

typedef struct {
	ASN1_INTEGER *version; /* 0 */
	SP_ISSUER_SERIAL *recipient;
	ASN1_STRING *key_alg;
	ASN1_OCTET_STRING *key;
} SP_RECIPIENT_INFO;
DECLARE_ASN1_ITEM(SP_RECIPIENT_INFO)
DEFINE_STACK_OF(SP_RECIPIENT_INFO)

typedef struct {
	ASN1_INTEGER *version; /* 1 */
	STACK_OF(SP_RECIPIENT_INFO) * recipients;
	SP_ENCRYPTED_CONTENT *content;
} SP_ENVELOPED_DATA;
DECLARE_ASN1_ITEM(SP_ENVELOPED_DATA)

typedef struct {
	ASN1_INTEGER *version; /* 0 */
	SP_ENCRYPTED_CONTENT *content;
} SP_ENCRYPTED_DATA;
DECLARE_ASN1_ITEM(SP_ENCRYPTED_DATA)

typedef struct {
	ASN1_INTEGER *version; /* 0 */
	ASN1_STRING *digest_alg;
	SP_CONTENT_INFO *content; /* content absent: DD() */
	ASN1_OCTET_STRING *digest;
} SP_DIGESTED_DATA;
DECLARE_ASN1_ITEM(SP_DIGESTED_DATA)

/* L(t1, t2) ::= SEQUENCE { t1, DD(t2) } */
typedef struct {
	ASN1_STRING *t1;
	SP_DIGESTED_DATA *dd;
} SP_LINKAGE;
DECLARE_ASN1_ITEM(SP_LINKAGE)

/* The body of EncX: SEQUENCE { t, SO(s, { t, p }) } */
typedef struct {
	ASN1_STRING *t;
	SP_SIGNED_DATA *so;
} SP_SIGNED_BESIDE;
DECLARE_ASN1_ITEM(SP_SIGNED_BESIDE)

/* EncB, EncBX ::= SEQUENCE { enc EnvelopedData, baggage } */
typedef struct {
	SP_ENVELOPED_DATA *enc;
	ASN1_STRING *baggage;
} SP_WITH_BAGGAGE;
DECLARE_ASN1_ITEM(SP_WITH_BAGGAGE)

extern const struct sp_type sp_type_content_info, sp_type_issuer_serial, sp_type_signer_info, sp_type_signed_data,
    sp_type_enveloped_data, sp_type_encrypted_data, sp_type_digested_data, sp_type_linkage, sp_type_signed_beside,
    sp_type_with_baggage;

#endif
