/* What the files build_*.c share: one certificate on its way. */
#ifndef LIB_X509_BUILD_INNER_H
#define LIB_X509_BUILD_INNER_H

#include "lib/x509/build.h"

struct sp_build {
	setpki_ctx *ctx;
	const struct sp_cert_spec *spec;
	const struct sp_kind_row *kind;
	struct sp_spki key;  /* of the subject */
	setpki_bytes sigalg; /* whole AlgorithmIdentifier */
	struct sp_buf *out;
};

/* Whether the spec can be satisfied; fills kind, key and sigalg. */
SP_MUST_CHECK enum setpki_code sp_build_check(struct sp_build *b, struct setpki_error *err);
/* Whether the spec brings something to put into an extension that not every certificate of a kind has. */
bool sp_build_given(const struct sp_cert_spec *spec, enum sp_ext ext);
/* Appends the SEQUENCE OF Extension. */
SP_MUST_CHECK enum setpki_code sp_build_extensions(struct sp_build *b, struct setpki_error *err);

#endif
