/* What OpenSSL's verifier finds, under the ids of the table of findings. */
#include "lib/chain/rfc5280.h"

#include <openssl/x509_vfy.h>

static const struct {
	int error;
	const char *id;
} rows[] = {
    {X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, "chain.issuer.missing"},
    {X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, "chain.issuer.missing"},
    {X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, "chain.issuer.missing"},
    {X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, "chain.root.untrusted"},
    {X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, "chain.root.untrusted"},
    {X509_V_ERR_CERT_UNTRUSTED, "chain.root.untrusted"},
    {X509_V_ERR_CERT_REJECTED, "chain.root.untrusted"},
    {X509_V_ERR_CERT_CHAIN_TOO_LONG, "chain.depth"},
    {X509_V_ERR_CERT_SIGNATURE_FAILURE, "chain.signature"},
    {X509_V_ERR_UNABLE_TO_DECRYPT_CERT_SIGNATURE, "chain.signature"},
    {X509_V_ERR_UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY, "chain.signature"},
    {X509_V_ERR_SIGNATURE_ALGORITHM_MISMATCH, "chain.algorithm"},
    {X509_V_ERR_CERT_NOT_YET_VALID, "chain.validity.notyet"},
    {X509_V_ERR_ERROR_IN_CERT_NOT_BEFORE_FIELD, "chain.validity.notyet"},
    {X509_V_ERR_CERT_HAS_EXPIRED, "chain.validity.expired"},
    {X509_V_ERR_ERROR_IN_CERT_NOT_AFTER_FIELD, "chain.validity.expired"},
    {X509_V_ERR_SUBJECT_ISSUER_MISMATCH, "chain.name"},
    {X509_V_ERR_AKID_SKID_MISMATCH, "chain.aki.keyid"},
    {X509_V_ERR_AKID_ISSUER_SERIAL_MISMATCH, "chain.aki"},
    {X509_V_ERR_INVALID_CA, "chain.basic.ca"},
    {X509_V_ERR_NO_ISSUER_PUBLIC_KEY, "chain.key"},
    {X509_V_ERR_PATH_LENGTH_EXCEEDED, "chain.pathlen"},
    {X509_V_ERR_KEYUSAGE_NO_CERTSIGN, "chain.keyusage.certsign"},
    {X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION, "chain.ext.unknown"},
    {X509_V_ERR_CERT_REVOKED, "chain.revoked"},
    {X509_V_ERR_UNABLE_TO_GET_CRL, "chain.crl.missing"},
    {X509_V_ERR_UNABLE_TO_GET_CRL_ISSUER, "chain.crl.signer.missing"},
    {X509_V_ERR_CRL_PATH_VALIDATION_ERROR, "chain.crl.signer"},
    {X509_V_ERR_KEYUSAGE_NO_CRL_SIGN, "chain.crl.signer"},
    {X509_V_ERR_CRL_SIGNATURE_FAILURE, "chain.crl.signature"},
    {X509_V_ERR_UNABLE_TO_DECRYPT_CRL_SIGNATURE, "chain.crl.signature"},
    {X509_V_ERR_CRL_NOT_YET_VALID, "chain.crl.notyet"},
    {X509_V_ERR_ERROR_IN_CRL_LAST_UPDATE_FIELD, "chain.crl.notyet"},
    {X509_V_ERR_CRL_HAS_EXPIRED, "chain.crl.expired"},
    {X509_V_ERR_ERROR_IN_CRL_NEXT_UPDATE_FIELD, "chain.crl.expired"},
    {X509_V_ERR_UNHANDLED_CRITICAL_CRL_EXTENSION, "chain.crl.critical"},
    {X509_V_ERR_DIFFERENT_CRL_SCOPE, "chain.rfc5280.scope"},
    {X509_V_ERR_NO_EXPLICIT_POLICY, "chain.rfc5280.policy"},
    {X509_V_ERR_INVALID_POLICY_EXTENSION, "chain.rfc5280.policy"},
    {X509_V_ERR_PERMITTED_VIOLATION, "chain.rfc5280.names"},
    {X509_V_ERR_EXCLUDED_VIOLATION, "chain.rfc5280.names"},
    {X509_V_ERR_SUBTREE_MINMAX, "chain.rfc5280.names"},
    {X509_V_ERR_UNSUPPORTED_CONSTRAINT_TYPE, "chain.rfc5280.names"},
    {X509_V_ERR_UNSUPPORTED_CONSTRAINT_SYNTAX, "chain.rfc5280.names"},
    {X509_V_ERR_UNSUPPORTED_NAME_SYNTAX, "chain.rfc5280.names"},
};

const char *
sp_rfc5280_id(int error)
{
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].error == error)
			return rows[i].id;
	return "chain.rfc5280.other";
}
