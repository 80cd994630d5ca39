/* Bundles that stock tools read: PKCS#7 1.5 SignedData without signers (set-protocol 12.16). */
#ifndef LIB_X509_P7_H
#define LIB_X509_P7_H

#include "lib/x509/cert.h"

struct sp_p7 {
	setpki_bytes content_type, content; /* of the inner contentInfo; content is { NULL, 0 } when degenerate */
	setpki_bytes *certs, *crls;	    /* whole DER, borrowed; the arrays are owned */
	size_t ncerts, ncrls;
};

/* Splits a bundle.  What it carries is not opened: whoever reads the certificates and CRLs checks their DER.  PARSE,
 * LIMIT. */
SP_MUST_CHECK enum setpki_code sp_p7_parse(setpki_bytes der, struct sp_p7 *out, struct setpki_error *err);
void sp_p7_free(struct sp_p7 *p7);
/* The BCI of a published brand set; { NULL, 0 } if the content is of another type.  PARSE. */
SP_MUST_CHECK enum setpki_code sp_p7_bci(const struct sp_p7 *p7, setpki_bytes *bci, struct setpki_error *err);
/* `bci` { NULL, 0 }: degenerate (content type data).  Else a published brand set: content BCIDistributionTBS
 * { date, brandCRLIdentifier }, 2.23.42.0.82.  Certificates and CRLs are written in SET OF order,
 * each once.  On failure `der` is of no use. */
SP_MUST_CHECK enum setpki_code sp_p7_build(const setpki_bytes *certs, size_t ncerts, const setpki_bytes *crls,
    size_t ncrls, setpki_bytes bci, int64_t date, struct sp_buf *der, struct setpki_error *err);

#endif
