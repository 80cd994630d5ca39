/* RFC 5280 mode: any X.509 chain, by OpenSSL's verifier, behind the same pool and with the same finding ids. */
#ifndef LIB_CHAIN_RFC5280_H
#define LIB_CHAIN_RFC5280_H

#include "lib/chain/pool.h"

SP_MUST_CHECK enum setpki_code sp_rfc5280_new(setpki_ctx *ctx, struct sp_rfc5280 **out, struct setpki_error *err);
/* The same certificates, trust and CRLs; the CRLs shared. */
SP_MUST_CHECK enum setpki_code
sp_rfc5280_copy(const struct sp_rfc5280 *from, struct sp_rfc5280 **out, struct setpki_error *err);
void sp_rfc5280_free(struct sp_rfc5280 *r);
/* Certificates and CRLs; a BCI means nothing here and is passed over. */
SP_MUST_CHECK enum setpki_code
sp_rfc5280_add(struct sp_rfc5280 *r, const struct setpki_object *object, struct setpki_error *err);
/* RULE when the certificate is not self-issued. */
SP_MUST_CHECK enum setpki_code sp_rfc5280_trust(struct sp_rfc5280 *r, setpki_bytes der, struct setpki_error *err);
SP_MUST_CHECK enum setpki_code sp_rfc5280_verify(setpki_pool *pool, setpki_bytes leaf,
    const struct setpki_chain_ask *ask, struct setpki_chain_result *out, struct setpki_error *err);

/* The finding that an X509_V_ERR_ stands for. */
const char *sp_rfc5280_id(int error);

#endif
