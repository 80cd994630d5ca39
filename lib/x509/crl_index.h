/* The sorted serial index of a CRL. */
#ifndef LIB_X509_CRL_INDEX_H
#define LIB_X509_CRL_INDEX_H

#include "lib/x509/crl.h"

/* Reads the entries of `crl`, which was framed, into an index, and hashes the TBS on the way, piece by piece while it
 * is in the cache.  Fills index, count, reasons, unknown and digest. */
SP_MUST_CHECK enum setpki_code sp_crl_index_build(setpki_ctx *ctx, struct sp_crl *crl, struct setpki_error *err);
void sp_crl_index_free(struct sp_crl_index *index);
/* The entry with this serial: { NULL, 0 } if there is none; else what stands in `entries` from it on. */
setpki_bytes sp_crl_index_find(const struct sp_crl_index *index, setpki_bytes entries, setpki_bytes serial);

#endif
