/* Taking a TBSCertificate apart and putting it together again with something wrong. */
#ifndef TESTS_SUPPORT_CERTS_EDIT_H
#define TESTS_SUPPORT_CERTS_EDIT_H

#include "tests/support/certs.h"

enum certs_piece {
	CERTS_END, /* of a list of edits */
	/* whole elements of the TBS, replaced by `hex` (which may be empty, or several elements) */
	CERTS_VERSION,
	CERTS_SERIAL,
	CERTS_SIGALG,
	CERTS_ISSUER,
	CERTS_VALIDITY,
	CERTS_SUBJECT,
	CERTS_SPKI,
	CERTS_EXTENSIONS, /* the [3] */
	/* extensions: of `ext`, unless it says otherwise */
	CERTS_EXT_DROP,
	CERTS_EXT_SET,	/* contents become `hex` */
	CERTS_EXT_FLIP, /* critical, or not critical any more */
	CERTS_EXT_ADD,	/* `hex` is a whole Extension, at the end */
	CERTS_EXT_TWICE /* a second copy */
};

struct certs_edit {
	enum certs_piece piece;
	enum sp_ext ext;
	const char *hex;
};
#define CERTS_EDITS 3

/* Appends the TBS with the edits (CERTS_EDITS at most, CERTS_END ends them) made. */
void certs_edit_tbs(setpki_bytes tbs, const struct certs_edit *edits, struct sp_buf *out);

#endif
