#include "lib/asn1/pkcs7.h"

#include "lib/base/limits.h"

#define SPEC "set-protocol 4, SetPKCS7Plus"

/* In the templates below, SP_DER takes one element as it stands.  [2] and [3] of SignedData are IMPLICIT over a
 * SEQUENCE OF; [2] of SignerInfo is EXPLICIT, so that the SEQUENCE which is signed stands there whole. */
/* clang-format off */
ASN1_SEQUENCE_cb(SP_CONTENT_INFO, sp_type_cleanse) = {
	ASN1_SIMPLE(SP_CONTENT_INFO, type, ASN1_OBJECT),
	ASN1_EXP_OPT(SP_CONTENT_INFO, content, SP_DER, 0),
} ASN1_SEQUENCE_END_cb(SP_CONTENT_INFO, SP_CONTENT_INFO)

ASN1_SEQUENCE(SP_ISSUER_SERIAL) = {
	ASN1_SIMPLE(SP_ISSUER_SERIAL, issuer, SP_DER),
	ASN1_SIMPLE(SP_ISSUER_SERIAL, serial, ASN1_INTEGER),
} ASN1_SEQUENCE_END(SP_ISSUER_SERIAL)

ASN1_SEQUENCE(SP_ATTRIBUTE) = {
	ASN1_SIMPLE(SP_ATTRIBUTE, type, ASN1_OBJECT),
	ASN1_SET_OF(SP_ATTRIBUTE, values, ASN1_ANY),
} ASN1_SEQUENCE_END(SP_ATTRIBUTE)

ASN1_SEQUENCE(SP_SIGNER_INFO) = {
	ASN1_SIMPLE(SP_SIGNER_INFO, version, ASN1_INTEGER),
	ASN1_SIMPLE(SP_SIGNER_INFO, signer, SP_ISSUER_SERIAL),
	ASN1_SIMPLE(SP_SIGNER_INFO, digest_alg, SP_DER),
	ASN1_EXP_SEQUENCE_OF_OPT(SP_SIGNER_INFO, attributes, SP_ATTRIBUTE, 2),
	ASN1_SIMPLE(SP_SIGNER_INFO, signature_alg, SP_DER),
	ASN1_SIMPLE(SP_SIGNER_INFO, signature, ASN1_OCTET_STRING),
	ASN1_IMP_SEQUENCE_OF_OPT(SP_SIGNER_INFO, unauthenticated, SP_ATTRIBUTE, 3),
} ASN1_SEQUENCE_END(SP_SIGNER_INFO)

ASN1_SEQUENCE(SP_SIGNED_DATA) = {
	ASN1_SIMPLE(SP_SIGNED_DATA, version, ASN1_INTEGER),
	ASN1_SEQUENCE_OF(SP_SIGNED_DATA, digest_algs, SP_DER),
	ASN1_SIMPLE(SP_SIGNED_DATA, content, SP_CONTENT_INFO),
	ASN1_IMP_SEQUENCE_OF_OPT(SP_SIGNED_DATA, certs, SP_DER, 2),
	ASN1_IMP_SEQUENCE_OF_OPT(SP_SIGNED_DATA, crls, SP_DER, 3),
	ASN1_SEQUENCE_OF(SP_SIGNED_DATA, signers, SP_SIGNER_INFO),
} ASN1_SEQUENCE_END(SP_SIGNED_DATA)

ASN1_SEQUENCE(SP_ENCRYPTED_CONTENT) = {
	ASN1_SIMPLE(SP_ENCRYPTED_CONTENT, type, ASN1_OBJECT),
	ASN1_SIMPLE(SP_ENCRYPTED_CONTENT, cipher, SP_DER),
	ASN1_IMP_OPT(SP_ENCRYPTED_CONTENT, content, ASN1_OCTET_STRING, 0),
} ASN1_SEQUENCE_END(SP_ENCRYPTED_CONTENT)

ASN1_SEQUENCE(SP_RECIPIENT_INFO) = {
	ASN1_SIMPLE(SP_RECIPIENT_INFO, version, ASN1_INTEGER),
	ASN1_SIMPLE(SP_RECIPIENT_INFO, recipient, SP_ISSUER_SERIAL),
	ASN1_SIMPLE(SP_RECIPIENT_INFO, key_alg, SP_DER),
	ASN1_SIMPLE(SP_RECIPIENT_INFO, key, ASN1_OCTET_STRING),
} ASN1_SEQUENCE_END(SP_RECIPIENT_INFO)

ASN1_SEQUENCE(SP_ENVELOPED_DATA) = {
	ASN1_SIMPLE(SP_ENVELOPED_DATA, version, ASN1_INTEGER),
	ASN1_SEQUENCE_OF(SP_ENVELOPED_DATA, recipients, SP_RECIPIENT_INFO),
	ASN1_SIMPLE(SP_ENVELOPED_DATA, content, SP_ENCRYPTED_CONTENT),
} ASN1_SEQUENCE_END(SP_ENVELOPED_DATA)

ASN1_SEQUENCE(SP_ENCRYPTED_DATA) = {
	ASN1_SIMPLE(SP_ENCRYPTED_DATA, version, ASN1_INTEGER),
	ASN1_SIMPLE(SP_ENCRYPTED_DATA, content, SP_ENCRYPTED_CONTENT),
} ASN1_SEQUENCE_END(SP_ENCRYPTED_DATA)

ASN1_SEQUENCE(SP_DIGESTED_DATA) = {
	ASN1_SIMPLE(SP_DIGESTED_DATA, version, ASN1_INTEGER),
	ASN1_SIMPLE(SP_DIGESTED_DATA, digest_alg, SP_DER),
	ASN1_SIMPLE(SP_DIGESTED_DATA, content, SP_CONTENT_INFO),
	ASN1_SIMPLE(SP_DIGESTED_DATA, digest, ASN1_OCTET_STRING),
} ASN1_SEQUENCE_END(SP_DIGESTED_DATA)

ASN1_SEQUENCE_cb(SP_LINKAGE, sp_type_cleanse) = {
	ASN1_SIMPLE(SP_LINKAGE, t1, SP_DER),
	ASN1_SIMPLE(SP_LINKAGE, dd, SP_DIGESTED_DATA),
} ASN1_SEQUENCE_END_cb(SP_LINKAGE, SP_LINKAGE)

ASN1_SEQUENCE_cb(SP_SIGNED_BESIDE, sp_type_cleanse) = {
	ASN1_SIMPLE(SP_SIGNED_BESIDE, t, SP_DER),
	ASN1_SIMPLE(SP_SIGNED_BESIDE, so, SP_SIGNED_DATA),
} ASN1_SEQUENCE_END_cb(SP_SIGNED_BESIDE, SP_SIGNED_BESIDE)

ASN1_SEQUENCE(SP_WITH_BAGGAGE) = {
	ASN1_SIMPLE(SP_WITH_BAGGAGE, enc, SP_ENVELOPED_DATA),
	ASN1_SIMPLE(SP_WITH_BAGGAGE, baggage, SP_DER),
} ASN1_SEQUENCE_END(SP_WITH_BAGGAGE)
    /* clang-format on */

    static const struct sp_row rows_SP_CONTENT_INFO[] = {
	SP_ROW(SP_CONTENT_INFO, type, "contentType", SP_ROW_OID, 0, 0),
	SP_ROW(SP_CONTENT_INFO, content, "content", SP_ROW_DER, 2, SP_MESSAGE_MAX),
};
SP_TYPE(sp_type_content_info, SP_CONTENT_INFO, "ContentInfo", SPEC, false, SP_MESSAGE_MAX);

/* The empty Name (30 00) stands for a key not yet certified. */
static const struct sp_row rows_SP_ISSUER_SERIAL[] = {
    SP_ROW(SP_ISSUER_SERIAL, issuer, "issuer", SP_ROW_DER, 2, SP_NAME_MAX),
    SP_ROW(SP_ISSUER_SERIAL, serial, "serialNumber", SP_ROW_OCTETS, 1, SP_SERIAL_MAX),
};
SP_TYPE(sp_type_issuer_serial, SP_ISSUER_SERIAL, "IssuerAndSerialNumber", SPEC, false, SP_NAME_MAX + 64);

static const struct sp_row rows_SP_SIGNER_INFO[] = {
    SP_ROW(SP_SIGNER_INFO, version, "version", SP_ROW_INT, 2, 2),
    SP_ROW_SUB(SP_SIGNER_INFO, signer, "issuerAndSerialNumber", &sp_type_issuer_serial),
    SP_ROW(SP_SIGNER_INFO, digest_alg, "digestAlgorithm", SP_ROW_DER, 2, SP_ALG_MAX),
    SP_ROW(SP_SIGNER_INFO, signature_alg, "digestEncryptionAlgorithm", SP_ROW_DER, 2, SP_ALG_MAX),
    SP_ROW(SP_SIGNER_INFO, signature, "encryptedDigest", SP_ROW_OCTETS, 1, SP_SIG_MAX),
};
SP_TYPE(sp_type_signer_info, SP_SIGNER_INFO, "SignerInfo", SPEC, false, SP_MESSAGE_MAX);

static const struct sp_row rows_SP_SIGNED_DATA[] = {
    SP_ROW(SP_SIGNED_DATA, version, "version", SP_ROW_INT, 2, 2),
    SP_ROW_MANY(SP_SIGNED_DATA, digest_algs, "digestAlgorithms", SP_ROW_DER, 2, SP_ALG_MAX, 1, 1),
    SP_ROW_SUB(SP_SIGNED_DATA, content, "contentInfo", &sp_type_content_info),
    SP_ROW_MANY(SP_SIGNED_DATA, certs, "certificates", SP_ROW_DER, 2, SP_CERT_MAX, 1, SP_P7_OBJECTS_MAX),
    SP_ROW_MANY(SP_SIGNED_DATA, crls, "crls", SP_ROW_DER, 2, SP_MESSAGE_MAX, 1, SP_P7_OBJECTS_MAX),
    SP_ROW_MANY_SUB(SP_SIGNED_DATA, signers, "signerInfos", &sp_type_signer_info, 0, SP_SIGNERS_MAX),
};
SP_TYPE(sp_type_signed_data, SP_SIGNED_DATA, "SignedData", SPEC, false, SP_MESSAGE_MAX);

static const struct sp_row rows_SP_ENCRYPTED_CONTENT[] = {
    SP_ROW(SP_ENCRYPTED_CONTENT, type, "contentType", SP_ROW_OID, 0, 0),
    SP_ROW(SP_ENCRYPTED_CONTENT, cipher, "contentEncryptionAlgorithm", SP_ROW_DER, 2, SP_ALG_MAX),
    SP_ROW(SP_ENCRYPTED_CONTENT, content, "encryptedContent", SP_ROW_OCTETS, 1, SP_MESSAGE_MAX),
};
static SP_TYPE(encrypted_content, SP_ENCRYPTED_CONTENT, "EncryptedContentInfo", SPEC, false, SP_MESSAGE_MAX);

static const struct sp_row rows_SP_RECIPIENT_INFO[] = {
    SP_ROW(SP_RECIPIENT_INFO, version, "version", SP_ROW_INT, 0, 0),
    SP_ROW_SUB(SP_RECIPIENT_INFO, recipient, "issuerAndSerialNumber", &sp_type_issuer_serial),
    SP_ROW(SP_RECIPIENT_INFO, key_alg, "keyEncryptionAlgorithm", SP_ROW_DER, 2, SP_ALG_MAX),
    SP_ROW(SP_RECIPIENT_INFO, key, "encryptedKey", SP_ROW_OCTETS, 1, SP_SIG_MAX),
};
static SP_TYPE(recipient_info, SP_RECIPIENT_INFO, "RecipientInfo", SPEC, false, SP_MESSAGE_MAX);

static const struct sp_row rows_SP_ENVELOPED_DATA[] = {
    SP_ROW(SP_ENVELOPED_DATA, version, "version", SP_ROW_INT, 1, 1),
    SP_ROW_MANY_SUB(SP_ENVELOPED_DATA, recipients, "recipientInfos", &recipient_info, 1, 1),
    SP_ROW_SUB(SP_ENVELOPED_DATA, content, "encryptedContentInfo", &encrypted_content),
};
SP_TYPE(sp_type_enveloped_data, SP_ENVELOPED_DATA, "EnvelopedData", SPEC, false, SP_MESSAGE_MAX);

static const struct sp_row rows_SP_ENCRYPTED_DATA[] = {
    SP_ROW(SP_ENCRYPTED_DATA, version, "version", SP_ROW_INT, 0, 0),
    SP_ROW_SUB(SP_ENCRYPTED_DATA, content, "encryptedContentInfo", &encrypted_content),
};
SP_TYPE(sp_type_encrypted_data, SP_ENCRYPTED_DATA, "EncryptedData", SPEC, false, SP_MESSAGE_MAX);

/* SIZE(1..32), checked to be the suite's 20 or 32 by whoever knows the suite (set-protocol 12.1). */
static const struct sp_row rows_SP_DIGESTED_DATA[] = {
    SP_ROW(SP_DIGESTED_DATA, version, "version", SP_ROW_INT, 0, 0),
    SP_ROW(SP_DIGESTED_DATA, digest_alg, "digestAlgorithm", SP_ROW_DER, 2, SP_ALG_MAX),
    SP_ROW_SUB(SP_DIGESTED_DATA, content, "contentInfo", &sp_type_content_info),
    SP_ROW(SP_DIGESTED_DATA, digest, "digest", SP_ROW_OCTETS, 1, SP_DIGEST_MAX),
};
SP_TYPE(sp_type_digested_data, SP_DIGESTED_DATA, "DigestedData", SPEC, false, 256);

static const struct sp_row rows_SP_LINKAGE[] = {
    SP_ROW(SP_LINKAGE, t1, "t1", SP_ROW_DER, 2, SP_MESSAGE_MAX),
    SP_ROW_SUB(SP_LINKAGE, dd, "t2", &sp_type_digested_data),
};
SP_TYPE(sp_type_linkage, SP_LINKAGE, "linkage", SPEC, false, SP_MESSAGE_MAX);

static const struct sp_row rows_SP_SIGNED_BESIDE[] = {
    SP_ROW(SP_SIGNED_BESIDE, t, "t", SP_ROW_DER, 2, SP_MESSAGE_MAX),
    SP_ROW_SUB(SP_SIGNED_BESIDE, so, "signature", &sp_type_signed_data),
};
SP_TYPE(sp_type_signed_beside, SP_SIGNED_BESIDE, "body of EncX", SPEC, false, SP_MESSAGE_MAX);

static const struct sp_row rows_SP_WITH_BAGGAGE[] = {
    SP_ROW_SUB(SP_WITH_BAGGAGE, enc, "enc", &sp_type_enveloped_data),
    SP_ROW(SP_WITH_BAGGAGE, baggage, "baggage", SP_ROW_DER, 2, SP_MESSAGE_MAX),
};
SP_TYPE(sp_type_with_baggage, SP_WITH_BAGGAGE, "EncB", SPEC, false, SP_MESSAGE_MAX);
