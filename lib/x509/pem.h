/* PEM (RFC 7468), strictly: whole blocks, one base64 text for each content. */
#ifndef LIB_X509_PEM_H
#define LIB_X509_PEM_H

#include "lib/base/buf.h"
#include "lib/base/error.h"

#define SP_PEM_LABEL_MAX 40

struct sp_pem_block {
	char label[SP_PEM_LABEL_MAX + 1]; /* "CERTIFICATE" */
	setpki_bytes text;		  /* between the BEGIN and the END line, borrowed */
	size_t line;			  /* of the BEGIN line, from 1 */
};

/* Where reading stands: set `rest` to the text and `line` to 0. */
struct sp_pem {
	setpki_bytes rest;
	size_t line;
};

/* The next block; text outside of blocks is passed over.  NOTFOUND at the end (err stays empty); PARSE for a block that
 * does not end, or ends under another label. */
SP_MUST_CHECK enum setpki_code sp_pem_next(struct sp_pem *p, struct sp_pem_block *out, struct setpki_error *err);
/* Decodes a block's text into `out`, which has room for text.n bytes.  Lines of one length (at most 76) but for the
 * last one; the alphabet, full padding, no stray bits.  PARSE with the line. */
SP_MUST_CHECK enum setpki_code
sp_pem_decode(const struct sp_pem_block *b, uint8_t *out, size_t *n, struct setpki_error *err);
/* Appends a block, lines of 64 characters. */
void sp_pem_put(struct sp_buf *out, const char *label, setpki_bytes der);

#endif
